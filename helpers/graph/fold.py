"""Draw a step that repeats many times as one box, «(Mul ×2) × 46»."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from itertools import groupby, takewhile

from .backward import add_gradients, list_arrivals
from .data import Edge, Graph, Node, equation, is_number, is_plain_number

LONGEST_STEP = 32  # operations; a longer loop body is not looked for
SHOWN = 2  # repetitions that stay visible at either end
FEWEST = 8  # repetitions that are worth a fold


@dataclass
class Operations:
    """Hold a graph's operations in order, with their inputs at hand."""

    graph: Graph

    @cached_property
    def nodes(self) -> list[Node]:
        """List the operations, without leaves and constants."""
        return [n for n in self.graph.nodes if n.op not in ("leaf", "constant")]

    @cached_property
    def place(self) -> dict[str, int]:
        """Return where each operation stands, by node id."""
        return {node.id: place for place, node in enumerate(self.nodes)}

    def alike(self, first: int, second: int) -> bool:
        """Tell whether the second operation repeats the first, one step later."""
        a, b = self.nodes[first], self.nodes[second]
        arrows, later = map(self.graph.arrows_into, (a.id, b.id))
        hideable = not (a.name or b.name) and {a.id, b.id}.isdisjoint(self.graph.roots)
        return (
            a.op == b.op
            and hideable
            and len(arrows) == len(later)
            and all(map(self.same, arrows, later, [second - first] * len(arrows)))
        )

    def same(self, edge: Edge, later: Edge, distance: int) -> bool:
        """Tell whether an arrow comes from the same place, or from one step later."""
        if edge.slot != later.slot or edge.output != later.output:
            return False
        if edge.source == later.source:
            return True
        if edge.source in self.place and later.source in self.place:
            return self.place[later.source] - self.place[edge.source] == distance
        return are_exchangeable(*map(self.graph.node, (edge.source, later.source)))


def are_exchangeable(a: Node, b: Node) -> bool:
    """Tell whether two constants are the same number, or tensors of the same shape."""
    if not a.op == b.op == "constant" or a.name or b.name:
        return False
    if is_number(a.value) and is_number(b.value):
        return a.value is b.value or bool(a.value == b.value)
    return getattr(a.value, "shape", a.id) == getattr(b.value, "shape", b.id)


# ---- what repeats -----------------------------------------------------------


def find_repeats(ops: Operations) -> Iterator[list[list[Node]]]:
    """Yield the steps to hide, each a list of operations; the shortest step wins."""
    taken: set[int] = set()
    for length in range(1, min(LONGEST_STEP, len(ops.nodes) // FEWEST) + 1):
        for start, stop in find_runs(ops, length, taken):
            # Where a step begins is open; best where the fewest arrows pass by.
            ranges = [list_inner(start + k, stop, length) for k in range(length)]
            closed = [h for h in ranges if h and is_closed(ops, h, length)]
            hidden = min(
                closed, key=lambda h: len(list_exits(ops, h)), default=range(0)
            )
            if hidden:
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
            start -= count_agreeing(
                reversed(kinds[max(0, start - length) : start]),
                reversed(kinds[start : start + length]),
            )
            stop += count_agreeing(
                kinds[stop : stop + length], kinds[stop - length : stop]
            )
            yield start, stop


def count_agreeing(some: Iterable[str], others: Iterable[str]) -> int:
    """Count how many of two lists agree from the beginning on."""
    pairs = zip(some, others, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def list_exits(ops: Operations, hidden: range) -> set[tuple[str, int]]:
    """Return the outputs of hidden operations that are used from outside."""
    within = {ops.nodes[i].id for i in hidden}
    return {
        (edge.source, edge.output)
        for edge in ops.graph.edges
        if edge.source in within and edge.target not in within
    }


def is_closed(ops: Operations, hidden: range, length: int) -> bool:
    """Tell whether only the last hidden step is used from outside."""
    last = {ops.nodes[i].id for i in hidden[-length:]}
    return all(source in last for source, _ in list_exits(ops, hidden))


def list_ids(steps: Iterable[Iterable[Node]]) -> set[str]:
    """Return the ids of all operations of some steps."""
    return {node.id for step in steps for node in step}


# ---- one box for many -------------------------------------------------------


def fold_graph(graph: Graph) -> Graph:
    """Return the graph with every long repetition as one box.

    An arrow into that box stands for all arrows from the same place: its gradient is
    their sum, added in the order of the walk.
    """
    for steps in list(find_repeats(Operations(graph))):
        graph = fold_steps(graph, steps)
    return graph


def fold_steps(graph: Graph, steps: list[list[Node]]) -> Graph:
    """Return the graph with one box in place of some steps."""
    hidden = list_ids(steps)
    leaving = [e for e in graph.edges if e.source in hidden and e.target not in hidden]
    ways_out = list(dict.fromkeys((e.source, e.output) for e in leaving))
    arrived = list_arrivals((), leaving, graph.walk)
    box = make_box(graph, steps, ways_out, [arrived.get(way) for way in ways_out])
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
    graph: Graph, steps: list[list[Node]], ways_out: list, grads: list
) -> Node:
    """Describe the box: what one step does, and what the last one gives away.

    It receives `grads`, what comes from outside: an operation of the last step may
    receive more, from another one of that step.
    """
    first, *_, last = steps
    body = ", ".join(equation(graph, node) for node in first)
    values = [find_output(graph.node(i).value, n) for i, n in ways_out]
    several = len(ways_out) > 1
    return Node(
        f"{first[0].id}…{last[-1].id}",
        "",
        f"({body}) × {len(steps)}",
        tuple(values) if several else values[0],
        tuple(grads) if several else grads[0],
        count=len(steps) * len(first),
    )


def find_output(given: object, number: int) -> object:
    """Return one output's part of a value."""
    return given[number] if isinstance(given, tuple) else given


def join_arrows(
    graph: Graph, steps: list[list[Node]], box: str
) -> tuple[list[Node], list[Edge]]:
    """Join the arrows into the steps: one from each place, and no plain numbers.

    Returns the constants that stand for many, and the arrows.
    """
    turn = {node_id: turn for turn, node_id in enumerate(graph.walk)}
    constants, arrows = [], []
    for slot, group in enumerate(group_arrows(graph, steps)):
        source = graph.node(group[0].source)
        if any(edge.source != source.id for edge in group):
            source = merge_constants(source, len(group))
            constants.append(source)
        sent = [edge for edge in group if edge.grad is not None]
        sent.sort(key=lambda edge: turn[edge.target])
        grad = reduce(add_gradients, [edge.grad for edge in sent]) if sent else None
        arrow = replace(group[0], source=source.id, target=box, slot=slot, grad=grad)
        arrows.append(replace(arrow, count=len(group)))
    return constants, arrows


def group_arrows(graph: Graph, steps: list[list[Node]]) -> list[list[Edge]]:
    """Group the arrows into the steps by where they come from."""
    hidden = list_ids(steps)
    groups: dict[object, list[Edge]] = {}
    for step in steps:
        for place, node in enumerate(step):
            for edge in graph.arrows_into(node.id):
                source = graph.node(edge.source)
                if source.id not in hidden and not is_plain_number(source):
                    loose = source.op == "constant" and not source.name
                    key = (place, edge.slot) if loose else (source.id, edge.output)
                    groups.setdefault(key, []).append(edge)
    return list(groups.values())


def merge_constants(one: Node, count: int) -> Node:
    """Describe different constants of one shape as one: «46 × shape 3»."""
    value = one.value.to("meta") if hasattr(one.value, "to") else None
    return replace(one, id=f"{one.id}…", name=f"{count} ×", value=value)
