"""Read the graph that autograd recorded, as plain data."""

import re
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor
from torch.autograd.graph import Node as Function
from torch.utils._python_dispatch import TorchDispatchMode

# Touching each of some 41,000 functions of a chain from Python makes torch overflow
# the C stack when it frees them (5,000 where the stack is 1 MB), so every walk stops.
LIMIT = 500
LARGEST_COPY = 1_000_000  # elements; a bigger value is shown by its shape alone
_KEY = "autograd course"  # where a function's metadata keeps what watch() saw


@dataclass(frozen=True, eq=False)
class Node:
    """Describe one box: a leaf, an operation or a constant.

    `value` is what it computed, `grad` what one walk back brings to it; a tuple
    where an operation has several outputs. `held` is a leaf's own `.grad`, now.
    """

    id: str
    name: str
    op: str
    value: object = None
    grad: object = None
    held: Tensor | None = None
    count: int = 1  # how many operations a folded box stands for

    @property
    def label(self) -> str:
        """Return the learner's name for it, or else its id."""
        return self.name or self.id


@dataclass(frozen=True, eq=False)
class Edge:
    """Describe one arrow: `source` is input number `slot` of `target`.

    `grad` is what one walk sends back along it, `output` says which output of the
    source is meant. A folded arrow stands for `count` arrows, and carries
    their sum.
    """

    source: str
    target: str
    slot: int
    grad: Tensor | None = None
    output: int = 0
    count: int = 1


@dataclass(frozen=True, eq=False)
class Graph:
    """Hold boxes in forward order, arrows, and the order of one walk back."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[str, ...]
    walk: tuple[str, ...] = ()
    cut_off: int = 0  # arrows that come from beyond the limit

    def node(self, node_id: str) -> Node:
        """Return the node of that id."""
        return self._by_id[node_id]

    def arrows_into(self, node_id: str) -> tuple[Edge, ...]:
        """Return the arrows into a box, in the order of its inputs."""
        return self._into[node_id]

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _into(self) -> dict[str, tuple[Edge, ...]]:
        found = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {target: tuple(edges) for target, edges in found.items()}


@dataclass(frozen=True, eq=False)
class Trace:
    """Hold a graph beside the live functions it was read from."""

    graph: Graph
    roots: tuple[Tensor, ...]
    functions: Mapping[str, Function]  # by node id, leaves included
    beyond: tuple[tuple[Function, int], ...]  # first ones past the limit


@dataclass(frozen=True)
class Seen:
    """Hold what watch() saw of one operation."""

    values: dict[int, Tensor]  # by output number
    inputs: tuple[object, ...]  # TRACKED, or a Constant, in the operation's order


@dataclass(frozen=True, eq=False)
class Constant:
    """Hold an input that autograd does not track."""

    value: object
    origin: object = None  # weak reference to the learner's tensor, for its name


TRACKED = object()


# ---- the walk ---------------------------------------------------------------


def inputs_of(function: Function) -> list[tuple[int, Function, int]]:
    """List (slot, function, output number) of the tracked inputs."""
    return [
        (slot, source, number)
        for slot, (source, number) in enumerate(function.next_functions)
        if source is not None
    ]


def nearest(starts: Iterable[Function], limit: int) -> dict[Function, None]:
    """Collect at most `limit` functions, breadth first from the result."""
    found: dict[Function, None] = {}
    queue = [start for start in starts if start is not None]
    for function in queue:
        if len(found) == limit:
            break
        if function not in found:
            found[function] = None
            queue.extend(source for _, source, _ in inputs_of(function))
    return found


def forward_order(within: Iterable[Function]) -> list[Function]:
    """Sort functions as they were recorded, each leaf right before its first use.

    A function's sequence number says when it was made, but is no proof that its
    inputs come first, so nothing is listed before its inputs are.
    """
    age = {function: function._sequence_nr() for function in within}
    order: dict[Function, None] = {}
    for start in sorted(age, key=age.__getitem__):
        stack = [start]
        while stack:
            sources = [source for _, source, _ in inputs_of(stack[-1])]
            missing = [s for s in sources if s in age and s not in order]
            if missing:
                stack.append(missing[0])
            else:
                order[stack.pop()] = None
    return list(order)


def function_of(tensor: Tensor) -> Function:
    """Return the function behind a tensor: its own, or a leaf's accumulator."""
    return torch.autograd.graph.get_gradient_edge(tensor).node


# ---- names ------------------------------------------------------------------


def tensors_in(names: Mapping[str, object]) -> Iterator[tuple[str, Tensor]]:
    """Yield each named tensor, then the parameters of each named module."""
    modules = []
    for name, thing in list(names.items()):
        if issubclass(type(thing), Tensor):
            yield name, thing
        elif issubclass(type(thing), torch.nn.Module):
            modules.append((name, thing))
    for name, module in modules:
        for inner, parameter in module.named_parameters():
            yield f"{name}.{inner}", parameter


def place_of(tensor: Tensor) -> tuple[object, int]:
    """Return what identifies a tensor in a graph: (function or itself, output)."""
    if tensor.grad_fn is not None:
        return tensor.grad_fn, tensor.output_nr
    return id(tensor), 0


@dataclass(frozen=True, eq=False)
class Named:
    """Look up the learner's tensors, and their names, by place."""

    tensors: dict[tuple[object, int], tuple[str, Tensor]] = field(default_factory=dict)

    def at(self, function: object, number: int = 0) -> tuple[str, Tensor | None]:
        """Return the name and tensor there, or ("", None)."""
        return self.tensors.get((function, number), ("", None))


def named(names: Mapping[str, object], within: Mapping[Function, None]) -> Named:
    """Index the learner's tensors that lie in the graph; the first name wins."""
    found: dict[tuple[object, int], tuple[str, Tensor]] = {}
    for name, tensor in tensors_in(names):
        place = place_of(tensor)
        if tensor.grad_fn is None or place[0] in within:
            found.setdefault(place, (name, tensor))
    return Named(found)


# ---- values -----------------------------------------------------------------


def snapshot(value: object) -> object:
    """Copy a tensor without its history; give a giant one's shape instead."""
    if not isinstance(value, Tensor):
        return value
    if value.numel() > LARGEST_COPY:
        return torch.empty(value.shape, dtype=value.dtype, device="meta")
    with torch.no_grad():
        return value.detach().clone()


def saved(function: Function) -> dict[str, object]:
    """Return what a function saved for the walk; freed or damaged values are left out.

    Reading one raises RuntimeError after backward() has freed it, and when an
    in-place operation has changed it since.
    """
    found = {}
    for name in dir(function):
        if name.startswith("_saved_"):
            try:
                found[name.removeprefix("_saved_")] = getattr(function, name)
            except RuntimeError:
                continue
    return found


def seen(function: Function) -> Seen | None:
    """Return what watch() saw of a function, if it was watched."""
    return function.metadata.get(_KEY)


def known_values(functions: Iterable[Function]) -> dict[tuple[Function, int], Tensor]:
    """Collect values that functions saved: of their inputs, or their own result."""
    values = {}
    for function in functions:
        for name, tensor in saved(function).items():
            if not isinstance(tensor, Tensor):
                continue
            if name == "result":
                values.setdefault((function, 0), tensor)
            elif tensor.grad_fn is not None:
                values.setdefault(place_of(tensor), tensor)
        if (record := seen(function)) is not None:
            values |= {(function, number): t for number, t in record.values.items()}
    return values


# Which saved value stands in an untracked slot, where torch keeps it.
SAVED_IN_SLOT = {
    "Mul": ("self", "other"),
    "Div": ("self", "other"),
    "Dot": ("self", "tensor"),
    "Mv": ("self", "vec"),
    "Mm": ("self", "mat2"),
    "Bmm": ("self", "mat2"),
}
EXTRA_NUMBER = {"Pow": "exponent"}  # saved numbers that have no slot


def unwatched_inputs(function: Function, op: str) -> list[object]:
    """Rebuild an operation's inputs from what it saved for the walk."""
    kept = saved(function)
    slots = SAVED_IN_SLOT.get(op, ())
    inputs: list[object] = []
    for slot, (source, _) in enumerate(function.next_functions):
        value = kept.get(slots[slot]) if slot < len(slots) else None
        inputs.append(TRACKED if source is not None else constant(value))
    extra = kept.get(EXTRA_NUMBER.get(op, ""))
    if isinstance(extra, int | float):
        inputs.append(Constant(extra))
    return inputs


def constant(value: object) -> Constant:
    """Wrap an untracked input, remembering weakly which tensor it was."""
    if not isinstance(value, Tensor):
        return Constant(value)
    return Constant(snapshot(value), weakref.ref(value))


def inputs_in_order(function: Function, op: str) -> list[object]:
    """List an operation's inputs: TRACKED where an arrow comes in, or a Constant."""
    record = seen(function)
    tracked = len(inputs_of(function))
    if record is not None and record.inputs.count(TRACKED) == tracked:
        return list(record.inputs)
    return unwatched_inputs(function, op)


# ---- nodes and edges --------------------------------------------------------


def operation(function: Function) -> str:
    """Name an operation as a learner would: 'MulBackward0' is 'Mul'."""
    name = function.name().rpartition("::")[2]
    return re.sub(r"Backward\d*$", "", name) or name


def is_leaf(function: Function) -> bool:
    """Tell whether a function is the accumulator in front of a leaf."""
    return hasattr(function, "variable")


def value_of(outputs: Mapping[int, Tensor]) -> object:
    """Return one output's value, or a tuple where there are several."""
    copies = tuple(snapshot(outputs[number]) for number in sorted(outputs))
    return copies[0] if len(copies) == 1 else copies or None


def leaf_node(node_id: str, leaf: Tensor, names: Named) -> Node:
    """Describe a leaf."""
    name = names.at(id(leaf))[0]
    held = None if leaf.grad is None else snapshot(leaf.grad)
    return Node(node_id, name, "leaf", snapshot(leaf), held=held)


def operation_node(
    node_id: str, function: Function, names: Named, values: Mapping
) -> Node:
    """Describe an operation, with as many of its outputs as are known."""
    outputs, labels = {}, []
    for number in range(max(1, len(function._input_metadata))):
        name, tensor = names.at(function, number)
        labels.append(name)
        tensor = values.get((function, number)) if tensor is None else tensor
        if tensor is not None:
            outputs[number] = tensor
    name = ", ".join(label for label in labels if label)
    return Node(node_id, name, operation(function), value_of(outputs))


@dataclass
class Drawing:
    """Collect nodes and edges while a graph is read."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    beyond: dict[tuple[Function, int], None] = field(default_factory=dict)
    constants: dict[int, str] = field(default_factory=dict)


def add_constant(drawing: Drawing, given: Constant, names: Named) -> str:
    """Add a constant's node, one for all uses of the same tensor, and return its id."""
    origin = given.origin() if given.origin is not None else None
    if origin is not None and id(origin) in drawing.constants:
        return drawing.constants[id(origin)]
    node_id = f"({sum(node.op == 'constant' for node in drawing.nodes) + 1})"
    name = names.at(id(origin))[0] if origin is not None else ""
    drawing.nodes.append(Node(node_id, name, "constant", given.value))
    if origin is not None:
        drawing.constants[id(origin)] = node_id
    return node_id


def add_edges(drawing: Drawing, target: str, function: Function, ids, names) -> None:
    """Add the arrows into an operation, in the order of its inputs."""
    arrows = iter(inputs_of(function))
    for slot, given in enumerate(inputs_in_order(function, operation(function))):
        if given is not TRACKED:
            source, number = add_constant(drawing, given, names), 0
        else:
            _, source_function, number = next(arrows)
            source = ids.get(source_function)
            if source is None:
                drawing.beyond[source_function, number] = None
                continue
        drawing.edges.append(Edge(source, target, slot, output=number))


def trace(
    roots: Sequence[Tensor], names: Mapping[str, object], limit: int = LIMIT
) -> Trace:
    """Read the graph behind tensors that require grad.

    At most `limit` functions are touched, those nearest to the roots.
    """
    starts = [function_of(root) for root in roots]
    within = nearest(starts, limit)
    order = forward_order(within)
    known = named(names, within)
    values = known_values(order)
    ids = {function: f"%{row}" for row, function in enumerate(order)}
    drawing = Drawing()
    for function, node_id in ids.items():
        if is_leaf(function):
            drawing.nodes.append(leaf_node(node_id, function.variable, known))
            continue
        add_edges(drawing, node_id, function, ids, known)
        drawing.nodes.append(operation_node(node_id, function, known, values))
    graph = Graph(
        tuple(drawing.nodes),
        tuple(drawing.edges),
        tuple(dict.fromkeys(ids[start] for start in starts)),
        cut_off=len(drawing.beyond),
    )
    by_id = {node_id: function for function, node_id in ids.items()}
    return Trace(graph, tuple(roots), by_id, tuple(drawing.beyond))


# ---- the watcher ------------------------------------------------------------


def operands(schema, args: Sequence[object]) -> Iterator[object]:
    """Yield the tensors and numbers that an operation computes with.

    Dimensions, sizes and flags are no operands: the schema tells them apart.
    """
    for declared, given in zip(schema.arguments, args, strict=False):
        kind = str(declared.type)
        if isinstance(given, list | tuple) and "Tensor" in kind:
            yield from given
        elif given is not None and ("Tensor" in kind or kind == "number"):
            yield given


class watch(TorchDispatchMode):
    """Write down the value of every operation in the block, for show_graph.

    PyTorch records the graph by itself; this only keeps the numbers in between,
    which it would otherwise forget. At most `limit` operations are kept.
    """

    def __init__(self, limit: int = 4 * LIMIT):
        super().__init__()
        self.left = limit
        self._waiting: list[tuple[Tensor, Tensor, tuple]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation; its function exists only once this has returned."""
        self._settle()
        given = tuple(
            TRACKED if isinstance(thing, Tensor) and thing.requires_grad else thing
            for thing in operands(func._schema, args)
        )
        inputs = tuple(g if g is TRACKED else constant(g) for g in given)
        result = func(*args, **(kwargs or {}))
        self._wait(result, inputs)
        return result

    def __exit__(self, *problem):
        """Keep what the last operation computed, then stop watching."""
        super().__exit__(*problem)
        self._settle()

    def _wait(self, result, inputs):
        outputs = result if isinstance(result, list | tuple) else [result]
        for output in outputs:
            if isinstance(output, Tensor) and self.left > 0:
                self._waiting.append((output, snapshot(output), inputs))

    def _settle(self):
        waiting, self._waiting = self._waiting, []
        for output, value, inputs in waiting:
            function = output.grad_fn
            if function is None or self.left <= 0:
                continue
            self.left -= 1
            record = function.metadata.setdefault(_KEY, Seen({}, inputs))
            record.values[output.output_nr] = value
