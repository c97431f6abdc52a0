"""Read the graph that autograd recorded, as plain data."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.autograd.graph import Node as Function

from .data import Edge, Graph, Node, Trace
from .depth import LIMIT, find_marked, is_touched, note_depth, stack_room
from .functions import (
    Inputs,
    find_reachable,
    function_of,
    inputs_of,
    is_leaf,
    is_same_function,
    output_place,
    take_snapshot,
)
from .inputs import Constant, collect_values, name_operation, order_inputs
from .names import name_values
from .private import (
    hooks_on,
    module_hooks_on,
    output_metadata,
    saved_values,
    sequence_number,
)
from .watch import is_missed, was_let_go

LARGEST_KEPT = 1_000  # elements; of a bigger tensor a picture keeps the shape alone


# ---- the walk ---------------------------------------------------------------


def find_nearest(starts: Iterable[Function], limit: int) -> dict[Function, Inputs]:
    """Collect at most `limit` functions, breadth first from the result.

    Where many long graphs are alive, fewer new ones each time, so that room is left.
    """
    found: dict[Function, Inputs] = {}
    queue = list(dict.fromkeys(starts))
    first, new = {*queue}, min(limit, stack_room() // 4)
    for function in queue:
        if len(found) == limit:
            break
        known = function in first or is_touched(function)
        if function not in found and (known or new > 0):
            new -= not known
            find_marked(function)
            found[function] = inputs_of(function)
            queue.extend(source for _, source, _ in found[function])
    return found


def sort_forward(within: Mapping[Function, Inputs]) -> list[Function]:
    """Sort functions as they were recorded, each leaf right before its first use.

    A function's sequence number says when it was made, but is no proof that its
    inputs come first, so nothing is listed before its inputs are.
    """
    order: dict[Function, None] = {}
    for start in sorted(within, key=sequence_number):
        stack = [(start, iter(within[start]))]
        while stack:
            function, inputs = stack[-1]
            sources = (s for _, s, _ in inputs if s in within and s not in order)
            source = next(sources, None)
            if source is None:
                order[function] = None
                stack.pop()
            else:
                stack.append((source, iter(within[source])))
    return list(order)


# ---- nodes and edges --------------------------------------------------------


@dataclass
class TracedGraph:
    """Collect nodes and edges while a graph is read."""

    within: Mapping[Function, Inputs]
    ids: Mapping[Function, str]
    names: Mapping[tuple, tuple[str, Tensor]]
    kept: Mapping[Function, Mapping[str, object]]  # what each saved
    values: Mapping[tuple, Tensor]
    watched: Mapping[Function, Sequence[Tensor]]  # leaves, as they were when used
    largest: int
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    beyond: set[tuple[Function, int]] = field(default_factory=set)
    constants: dict[object, str] = field(default_factory=dict)

    def add_leaf(self, function: Function) -> None:
        """Add a leaf's box."""
        leaf = function.variable
        name, _ = self.names.get(output_place(leaf), ("", None))
        value, held = (take_snapshot(t, self.largest) for t in (leaf, leaf.grad))
        changed = [
            was for was in self.watched[function] if not is_same_function(was, leaf)
        ]
        used = tuple(take_snapshot(was, self.largest) for was in changed)
        node = Node(self.ids[function], name, "leaf", value, held=held, used=used)
        self.nodes.append(node)

    def add_operation(self, function: Function) -> None:
        """Add an operation's box, with as many of its outputs as are known."""
        names, values = [], []
        for number in range(max(1, len(output_metadata(function)))):
            name, tensor = self.names.get((function, number), ("", None))
            names.append(name)
            known = self.values.get((function, number)) if tensor is None else tensor
            values.append(take_snapshot(known, self.largest))
        several = len(values) > 1 and any(value is not None for value in values)
        value = tuple(values) if several else values[0]
        name, op = ", ".join(filter(None, names)), name_operation(function)
        node = Node(self.ids[function], name, op, value, names=tuple(names))
        self.nodes.append(node)

    def add_arrows(self, function: Function) -> None:
        """Add the arrows into an operation, in the order of its inputs."""
        target, arrows = self.ids[function], self.within[function]
        inputs = order_inputs(function, self.kept[function], arrows)
        for slot, given in enumerate(inputs):
            if isinstance(given, Constant):
                self.edges.append(Edge(self.add_constant(given), target, slot))
                continue
            route, source, number = given
            if source in self.ids:
                arrow = Edge(self.ids[source], target, slot, None, number, route=route)
                self.edges.append(arrow)
            else:
                self.beyond.add((source, number))

    def add_constant(self, given: Constant) -> str:
        """Add a constant's box, one for all uses of the same tensor; return its id."""
        origin = given.origin() if given.origin is not None else None
        key = given if origin is None else id(origin)
        if key not in self.constants:
            node_id = self.constants[key] = f"({len(self.constants) + 1})"
            name, _ = self.names.get((key, 0), ("", None))
            value = take_snapshot(given.value, self.largest)
            self.nodes.append(Node(node_id, name, "constant", value))
        return self.constants[key]


def trace_graph(
    roots: Sequence[Tensor], names: Mapping[str, object], limit: int = LIMIT
) -> Trace:
    """Read the graph behind tensors that require grad.

    At most `limit` functions are touched, those nearest to the roots.
    """
    starts = [function_of(root) for root in roots]
    within = find_nearest(starts, limit)
    order = sort_forward(within)
    for function in order:
        note_depth(function)
    ids = {function: f"%{row}" for row, function in enumerate(order)}
    kept = {function: saved_values(function) for function in order}
    values = collect_values(kept) | {output_place(root): root for root in roots}
    watched = find_leaves_as_used(order)
    drawing = TracedGraph(
        within, ids, name_values(names), kept, values, watched, LARGEST_KEPT
    )
    for function in order:
        if is_leaf(function):
            drawing.add_leaf(function)
        else:
            drawing.add_arrows(function)
            drawing.add_operation(function)
    graph = Graph(
        tuple(drawing.nodes),
        tuple(drawing.edges),
        tuple(dict.fromkeys(ids[start] for start in starts)),
        cut_off=len(drawing.beyond),
        let_go=any(map(is_missed, roots))
        or any(map(was_let_go, map(find_marked, order))),
    )
    by_id = {node_id: function for function, node_id in ids.items()}
    beyond = [source for source, _ in drawing.beyond]
    uncertain = frozenset(ids[function] for function in find_other_uses(order, beyond))
    hooks = count_hooks(names, order)
    return Trace(graph, tuple(roots), by_id, uncertain, hooks, LARGEST_KEPT)


def find_leaves_as_used(order: Iterable[Function]) -> dict[Function, list[Tensor]]:
    """List by leaf, each once, the values that watch() saw it used with."""
    found = defaultdict(list)
    for function in order:
        for leaf, was in find_marked(function).leaves.items():
            if was is not None and not any(
                is_same_function(was, each) for each in found[leaf]
            ):
                found[leaf].append(was)
    return found


def count_hooks(names: Mapping[str, object], order: Iterable[Function]) -> int:
    """Count the learner's hooks on a graph, as far as they can be found.

    PyTorch tells which hooks a tensor or a module has, but not those of a function.
    """
    functions = set(order)
    hooked = {id(t): t for t in find_reachable(names.values()) if hooks_on(t)}
    # Only of these may the function be asked for: a list may hold a long chain.
    tensors = {i: t for i, t in hooked.items() if output_place(t)[0] in functions}
    tensors |= {id(f.variable): f.variable for f in functions if is_leaf(f)}
    found = sum(map(hooks_on, tensors.values()))
    boxes = [f for f in functions if "BackwardHookFunction" in f.name()]
    if not boxes:
        return found
    modules = [m for m in names.values() if issubclass(type(m), torch.nn.Module)]
    parts = {part for module in modules for part in torch.nn.Module.modules(module)}
    of_modules = sum(map(module_hooks_on, parts))
    return found + max(of_modules, 1)


def find_other_uses(
    order: Iterable[Function], beyond: Iterable[Function]
) -> list[Function]:
    """List functions that may be used by one beyond the limit, unseen.

    Who uses a function was made after it, so only what is newer than all beyond is
    certain, where those have the newest operation among them in front.
    """
    made = [sequence_number(each) for each in beyond if not is_leaf(each)]
    newest = max(made, default=-1)
    return [f for f in order if made and (is_leaf(f) or sequence_number(f) <= newest)]
