"""Draw a step that repeats many times as one box, «(Mul ×2) × 46»."""

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, takewhile

from .backward import list_arrivals
from .data import (
    Edge,
    Graph,
    Node,
    Place,
    equation,
    is_plain_number,
    join_outputs,
)
from .functions import is_tensor, take_shape

LONGEST_STEP = 32  # operations; a longer loop body is not looked for
SHOWN = 2  # repetitions that stay visible at either end
FEWEST = 8  # repetitions that are worth a fold


class Operations:
    """Hold a graph's operations in order, each with where its arrows come from."""

    def __init__(self, graph: Graph):
        self.graph = graph
        self.nodes = [n for n in graph.nodes if n.op not in ("leaf", "constant")]
        self.places = {node.id: place for place, node in enumerate(self.nodes)}
        arrows = (graph.arrows_into(node.id) for node in self.nodes)
        self.sources = [list(map(self.locate, each)) for each in arrows]

    def locate(self, edge: Edge) -> tuple:
        """Return an arrow's place, its source, and what else would be like this one.

        That is as many operations back, the same number, a tensor of the same shape.
        """
        source = self.graph.node(edge.source)
        like: tuple = (source.id,)
        if source.id in self.places:
            like = "back", self.places[edge.target] - self.places[source.id]
        elif is_plain_number(source):
            like = "number", source.value
        elif source.op == "constant" and not source.name:
            like = "shape", getattr(source.value, "shape", source.id)
        return (edge.slot, edge.output), source.id, like

    def alike(self, first: int, second: int) -> bool:
        """Tell whether the second operation repeats the first, one step later."""
        a, b = self.nodes[first], self.nodes[second]
        hideable = not (a.name or b.name) and {a.id, b.id}.isdisjoint(self.graph.roots)
        arrows, later = self.sources[first], self.sources[second]
        same = a.op == b.op and which_module(a) == which_module(b)
        if not same or not hideable or len(arrows) != len(later):
            return False
        pairs = zip(arrows, later, strict=True)
        return all(x[0] == y[0] and (x[1] == y[1] or x[2] == y[2]) for x, y in pairs)


def which_module(node: Node) -> int | None:
    return None if node.module is None else node.module.layer


def find_repeats(ops: Operations) -> Iterator[list[list[Node]]]:
    """Yield the steps to hide, each a list of operations; the shortest step wins."""
    taken: set[int] = set()
    for length in range(1, min(LONGEST_STEP, len(ops.nodes) // FEWEST) + 1):
        for start, stop in find_runs(ops, length, taken):
            # Where a step begins is open; best where the fewest arrows pass by.
            ranges = [list_inner(start + k, stop, length) for k in range(length)]
            exits = [count_exits(ops, hidden, length) for hidden in ranges]
            if min(exits) < math.inf:
                hidden = ranges[exits.index(min(exits))]
                taken.update(hidden)
                yield [ops.nodes[i : i + length] for i in hidden[::length]]


def list_inner(start: int, stop: int, length: int) -> range:
    """Return what is hidden of a run: whole steps, without the first and last ones."""
    whole = (stop - start) // length - 2 * SHOWN
    first = start + SHOWN * length
    return range(first, first + whole * length if whole >= FEWEST else first)


def find_runs(
    ops: Operations, length: int, taken: Container[int]
) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) where steps of that length follow each other.

    The first step takes its input from elsewhere and the last one may have a name, so
    on either side up to a step counts where just the operations are the same.
    """
    kinds = [node.op for node in ops.nodes]
    places = range(len(kinds) - length)
    for matches, group in groupby(
        places, lambda i: i not in taken and ops.alike(i, i + length)
    ):
        stretch = list(group)
        if matches:
            start, stop = stretch[0], stretch[-1] + length + 1
            first, last = max(0, start - length), min(len(kinds), stop + length)
            while start > first and kinds[start - 1] == kinds[start - 1 + length]:
                start -= 1
            while stop < last and kinds[stop] == kinds[stop - length]:
                stop += 1
            yield start, stop


def count_exits(ops: Operations, hidden: range, length: int) -> float:
    """Count the outputs used from outside; infinity if not all are of the last step."""
    within = {ops.nodes[i].id for i in hidden}
    exits = {
        (edge.source, edge.output)
        for edge in ops.graph.edges
        if edge.source in within and edge.target not in within
    }
    last = {ops.nodes[i].id for i in hidden[-length:]}
    closed = hidden and all(source in last for source, _ in exits)
    return len(exits) if closed else math.inf


def fold_graph(graph: Graph) -> Graph:
    """Return the graph with every long repetition as one box."""
    for steps in list(find_repeats(Operations(graph))):
        graph = fold_steps(graph, steps)
    return graph


def fold_steps(graph: Graph, steps: list[list[Node]]) -> Graph:
    hidden = {node.id for step in steps for node in step}
    leaving = [e for e in graph.edges if e.source in hidden and e.target not in hidden]
    ways_out = list(dict.fromkeys((e.source, e.output) for e in leaving))
    box = make_box(graph, steps, ways_out, leaving)
    out = [
        replace(e, source=box.id, output=ways_out.index((e.source, e.output)))
        for e in leaving
    ]
    constants, arrows = join_arrows(graph, steps, box.id)
    rest = [e for e in graph.edges if not {e.source, e.target} & hidden]
    edges = (*arrows, *out, *rest)
    used = {edge.source for edge in edges}
    nodes = []
    for node in graph.nodes:
        if node is steps[0][0]:
            nodes += [*constants, box]
        elif node.id not in hidden and (node.op != "constant" or node.id in used):
            nodes.append(node)
    walk = dict.fromkeys(box.id if i in hidden else i for i in graph.walk)
    return replace(graph, nodes=tuple(nodes), edges=edges, walk=tuple(walk))


def make_box(
    graph: Graph,
    steps: list[list[Node]],
    ways_out: Sequence[Place],
    leaving: Sequence[Edge],
) -> Node:
    """Describe the box: what one step does, and what comes and goes at the last."""
    first, *_, last = steps
    body = ", ".join(equation(graph, node) for node in first)
    known = [(graph.node(node_id).value, number) for node_id, number in ways_out]
    values = [v[number] if isinstance(v, tuple) else v for v, number in known]
    arrived = list_arrivals((), leaving, graph.walk)
    return Node(
        f"{first[0].id}…{last[-1].id}",
        "",
        f"({body}) × {len(steps)}",
        join_outputs(values),
        join_outputs([arrived.get(way) for way in ways_out]),
        count=sum(node.count for step in steps for node in step),
        within=share_within([node.within for step in steps for node in step]),
    )


def share_within(chains: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the opened modules around all boxes."""
    levels = takewhile(lambda level: len({*level}) == 1, zip(*chains, strict=False))
    return tuple(level[0] for level in levels)


def join_arrows(
    graph: Graph, steps: list[list[Node]], box: str
) -> tuple[list[Node], list[Edge]]:
    """Return constants that stand for many, «46 × shape 3», and an arrow per source."""
    constants, arrows = [], []
    for slot, group in enumerate(group_arrows(graph, steps)):
        source, count = graph.node(group[0].source), len(group)
        if any(edge.source != source.id for edge in group):
            value = source.value
            value = take_shape(value) if is_tensor(value) else value
            source = replace(source, id=f"{source.id}…", name=f"{count} ×", value=value)
            constants.append(source)
        arrow = replace(group[0], source=source.id, target=box, slot=slot, count=count)
        sums = list_arrivals((), group, graph.walk).values()
        arrows.append(replace(arrow, grad=next(iter(sums), None)))
    return constants, arrows


def group_arrows(graph: Graph, steps: list[list[Node]]) -> list[list[Edge]]:
    """Group the arrows into the steps by where they come from."""
    hidden = {node.id for step in steps for node in step}
    groups: dict[tuple, list[Edge]] = {}
    for place, node in (pair for step in steps for pair in enumerate(step)):
        for edge in graph.arrows_into(node.id):
            source = graph.node(edge.source)
            if source.id not in hidden and not is_plain_number(source):
                loose = source.op == "constant" and not source.name
                key = (place, edge.slot) if loose else (source.id, edge.output)
                groups.setdefault(key, []).append(edge)
    return list(groups.values())
