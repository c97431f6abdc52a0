"""Read the graph that autograd recorded, as plain data."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .calls import Call
from .data import Edge, Graph, Node, Trace, join_outputs
from .depth import LIMIT, find_marked, find_nearest, note_depth, sort_forward
from .functions import (
    Inputs,
    find_reachable,
    function_of,
    is_leaf,
    is_unchanged,
    output_place,
    take_snapshot,
)
from .inputs import Constant, collect_values, name_operation, order_inputs
from .names import name_values
from .private import (
    Function,
    hooks_on,
    module_hooks_on,
    output_metadata,
    saved_values,
    sequence_number,
)
from .watch import is_missed


def trace_graph(
    roots: Sequence[Tensor], names: Mapping[str, Any], limit: int = LIMIT
) -> Trace:
    """Read the graph behind tensors, at most `limit` functions nearest to them."""
    starts = [function_of(root) for root in roots]
    within = sort_forward(find_nearest(starts, limit))
    for function in within:
        note_depth(function)
    reader = GraphReader(within, roots, names)
    records = map(find_marked, within)
    graph = Graph(
        tuple(reader.nodes),
        tuple(reader.edges),
        tuple(dict.fromkeys(reader.ids[start] for start in starts)),
        cut_off=len(reader.beyond),
        let_go=any(map(is_missed, roots)) or any(record.let_go for record in records),
    )
    return Trace(
        graph,
        tuple(roots),
        {node_id: function for function, node_id in reader.ids.items()},
        frozenset(reader.ids[function] for function in reader.list_uncertain()),
        count_hooks(names, within),
        reader.homes,
        reader.things,
    )


def trace_functions(roots: Sequence[Tensor], limit: int = LIMIT) -> Trace:
    """Read who sends to whom, and no value or name: all that a walk needs."""
    starts = [function_of(root) for root in roots]
    within = sort_forward(find_nearest(starts, limit))
    ids = {function: f"%{row}" for row, function in enumerate(within)}
    arrows = [(ids[f], *each) for f, inputs in within.items() for each in inputs]
    edges = tuple(
        Edge(ids[source], target, route, None, number, route=route)
        for target, route, source, number in arrows
        if source in ids
    )
    nearest = tuple(dict.fromkeys(ids[start] for start in starts))
    graph = Graph((), edges, nearest, cut_off=len(arrows) - len(edges))
    functions = {node_id: function for function, node_id in ids.items()}
    return Trace(graph, tuple(roots), functions, frozenset(), 0)


class GraphReader:
    """Read functions, inputs first, into boxes and arrows."""

    def __init__(
        self,
        within: Mapping[Function, Inputs],
        roots: Sequence[Tensor],
        names: Mapping[str, Any],
    ):
        self.within = within
        self.ids = {function: f"%{row}" for row, function in enumerate(within)}
        self.names = name_values(names)
        self.kept = {function: saved_values(function) for function in within}
        self.values = collect_values(self.kept) | {output_place(r): r for r in roots}
        self.used = defaultdict(list)  # what watch() saw each leaf used with
        for function in within:
            for leaf, was in find_marked(function).leaves.items():
                self.used[leaf].append(was)
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self.beyond: set[tuple[Function, int]] = set()
        self.constants: dict[object, str] = {}
        self.homes: dict[str, Call] = {}
        self.things: dict[str, Tensor] = {}
        for function in within:
            if is_leaf(function):
                self.add_leaf(function)
            else:
                self.add_arrows(function)
                self.add_operation(function)

    def add_leaf(self, function: Function) -> None:
        leaf = function.variable
        others = [leaf]
        for was in self.used[function]:
            if was is not None and not any(is_unchanged(was, each) for each in others):
                others.append(was)
        name, _ = self.names.get(output_place(leaf), ("", None))
        value, *used = map(take_snapshot, others)
        held = take_snapshot(leaf.grad)
        node_id = self.ids[function]
        self.things[node_id] = leaf
        self.nodes.append(Node(node_id, name, "leaf", value, held=held, used=(*used,)))

    def add_operation(self, function: Function) -> None:
        outputs = range(max(1, len(output_metadata(function))))
        named = [self.names.get((function, n), ("", None)) for n in outputs]
        values = [
            take_snapshot(self.values.get((function, n)) if tensor is None else tensor)
            for n, (_, tensor) in enumerate(named)
        ]
        value = join_outputs(values if any(v is not None for v in values) else [None])
        names, op = tuple(name for name, _ in named), name_operation(function)
        name = ", ".join(filter(None, names))
        self.nodes.append(Node(self.ids[function], name, op, value, names=names))
        self.note_home(self.ids[function], find_marked(function).call)

    def note_home(self, box: str, call: Call | None) -> None:
        if call is not None:
            self.homes[box] = call

    def add_arrows(self, function: Function) -> None:
        target, arrows = self.ids[function], self.within[function]
        inputs = order_inputs(function, self.kept[function], arrows)
        for slot, given in enumerate(inputs):
            if isinstance(given, Constant):
                self.edges.append(Edge(self.add_constant(given), target, slot))
            elif given[1] in self.ids:
                route, source, output = given
                arrow = Edge(self.ids[source], target, slot, None, output, route=route)
                self.edges.append(arrow)
            else:
                self.beyond.add(given[1:])

    def add_constant(self, given: Constant) -> str:
        """Add a constant's box, one for all uses of the same tensor; return its id."""
        origin = given.origin()
        key = given if origin is None else id(origin)
        if key not in self.constants:
            node_id = self.constants[key] = f"({len(self.constants) + 1})"
            name, _ = self.names.get((key, 0), ("", None))
            value = take_snapshot(given.value)
            self.nodes.append(Node(node_id, name, "constant", value))
            self.note_home(node_id, given.call)
            if (whole := given.whole()) is not None:
                self.things[node_id] = whole
        return self.constants[key]

    def list_uncertain(self) -> list[Function]:
        """List functions that may be used by one beyond the limit, unseen.

        Who uses a function was made after it, so what is newer than all beyond is not.
        """
        beyond = [sequence_number(f) for f, _ in self.beyond if not is_leaf(f)]
        newest = max(beyond, default=-1)
        older = [f for f in self.within if is_leaf(f) or sequence_number(f) <= newest]
        return older if beyond else []


def count_hooks(names: Mapping[str, Any], functions: Mapping[Function, Inputs]) -> int:
    """Count the learner's hooks on tensors and modules; none tells of a function's."""
    hooked = {id(t): t for t in find_reachable(names.values()) if hooks_on(t)}
    # Only of these may the function be asked for: a list may hold a long chain.
    tensors = {i: t for i, t in hooked.items() if output_place(t)[0] in functions}
    tensors |= {id(f.variable): f.variable for f in functions if is_leaf(f)}
    found = sum(map(hooks_on, tensors.values()))
    if not any("BackwardHookFunction" in f.name() for f in functions):
        return found
    modules = [m for m in names.values() if issubclass(type(m), torch.nn.Module)]
    parts = {part for module in modules for part in torch.nn.Module.modules(module)}
    return found + max(sum(map(module_hooks_on, parts)), 1)
