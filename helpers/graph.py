"""Read the graph that autograd recorded, as plain data."""

import re
import sys
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import chain, islice
from types import ModuleType

import torch
from torch import Tensor
from torch.autograd.function import BackwardCFunction
from torch.autograd.graph import Node as Function
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

LIMIT = 500  # functions in one picture
# When torch frees a chain of functions that Python has touched, each needs 204 bytes of
# C stack, and where they lack the kernel dies: 41,000 fill 8 MB, 5,000 a stack of 1 MB.
MOST_TOUCHED = 3_000  # functions, as long as they live
LARGEST_COPY = 10_000_000  # elements; a bigger value is shown by its shape alone
ALL_COPIES = 100_000_000  # elements, of all the values in one picture
LARGEST_WATCHED = 10_000  # elements; watch() keeps many values
MOST_ITEMS = 10_000  # of the learner's things that are looked through
_KEY = "autograd course"  # where a function's metadata keeps what we know of it


@dataclass(frozen=True, eq=False)
class Node:
    """Describe one box: a leaf, an operation or a constant.

    `value` is what it computed, `grad` what one walk back brings to it; a tuple
    where an operation has several outputs, with None for what is not known. `held` is
    a leaf's own `.grad`, now. `arrived` is what the arrows brought, where a hook of the
    learner's has made another `grad` of it.
    """

    id: str
    name: str
    op: str
    value: object = None
    grad: object = None
    held: Tensor | None = None
    count: int = 1  # how many operations a folded box stands for
    arrived: object = None
    names: tuple[str, ...] = ()  # of its outputs, where there are several

    @property
    def label(self) -> str:
        """Return the learner's name for it, or else its id."""
        return self.name or self.id

    def label_of(self, output: int) -> str:
        """Return the learner's name for one output, or else its id and number."""
        if len(self.names) < 2:
            return self.label
        return self.names[output] or f"{self.id}[{output}]"


@dataclass(frozen=True, eq=False)
class Edge:
    """Describe one arrow: `source` is input number `slot` of `target`.

    `grad` is what one walk sends back along it, `output` says which output of the
    source is meant. A folded arrow stands for `count` arrows, and carries
    their sum. `route` is its place among autograd's own, None for a constant.
    """

    source: str
    target: str
    slot: int
    grad: Tensor | None = None
    output: int = 0
    count: int = 1
    route: int | None = None


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
    ends: tuple[tuple[Function, int], ...]  # past the limit, where the walk may stop
    tensors: tuple[Tensor, ...]  # the learner's, as far as they can be found
    largest: int  # elements of a gradient that is copied

    @cached_property
    def leaves(self) -> dict[str, Tensor]:
        """Return the leaves by node id."""
        found = self.functions.items()
        return {i: f.variable for i, f in found if hasattr(f, "variable")}


@dataclass(frozen=True, eq=False)
class Seen:
    """Hold what watch() saw of one operation; nothing if it was only touched."""

    values: dict[int, Tensor] = field(default_factory=dict)  # by output number
    inputs: list[object] = field(default_factory=list)  # TRACKED, or a Constant
    tensors: list[weakref.ref] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Constant:
    """Hold an input that autograd does not track."""

    value: object
    origin: object = None  # weak reference to the learner's tensor, for its name


TRACKED = object()
Inputs = list[tuple[int, Function, int]]  # (route, function, output number)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the learner's modes and tensor classes out of what we do."""
    classes = torch._C.DisableTorchFunctionSubclass()
    watched = torch._C._len_torch_dispatch_stack() > 0
    modes = _disable_current_modes() if watched else nullcontext()  # a slow import
    with modes, classes, torch.inference_mode(False):
        yield


# ---- the walk ---------------------------------------------------------------

_touched: "weakref.WeakSet[Seen]" = weakref.WeakSet()


def there_is_room() -> bool:
    """Tell whether one more function may be touched."""
    return len(_touched) < MOST_TOUCHED


def marked(function: Function) -> Seen:
    """Return what is known of a function, and count it among the touched ones."""
    record = function.metadata.setdefault(_KEY, Seen())
    _touched.add(record)
    return record


def inputs_of(function: Function) -> Inputs:
    """List the tracked inputs of a function."""
    return [
        (route, source, number)
        for route, (source, number) in enumerate(function.next_functions)
        if source is not None
    ]


def nearest(starts: Iterable[Function], limit: int) -> dict[Function, Inputs]:
    """Collect at most `limit` functions, breadth first from the result."""
    found: dict[Function, Inputs] = {}
    queue = list(dict.fromkeys(starts))
    first = {*queue}
    for function in queue:
        if len(found) == limit:
            break
        known = function in first or _KEY in function.metadata
        if function not in found and (known or there_is_room()):
            marked(function)
            found[function] = inputs_of(function)
            queue.extend(source for _, source, _ in found[function])
    return found


def forward_order(within: Mapping[Function, Inputs]) -> list[Function]:
    """Sort functions as they were recorded, each leaf right before its first use.

    A function's sequence number says when it was made, but is no proof that its
    inputs come first, so nothing is listed before its inputs are.
    """
    order: dict[Function, None] = {}
    for start in sorted(within, key=lambda function: function._sequence_nr()):
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


def function_of(tensor: Tensor) -> Function:
    """Return the function behind a tensor: its own, or a leaf's accumulator."""
    return torch.autograd.graph.get_gradient_edge(tensor).node


# ---- the learner's tensors --------------------------------------------------


def tensors_in(names: Mapping[str, object]) -> Iterator[tuple[str, Tensor]]:
    """Yield each named tensor, then the parameters of each named module."""
    modules = []
    for name, thing in list(names.items()):
        if issubclass(type(thing), Tensor):
            yield name, thing
        elif issubclass(type(thing), torch.nn.Module):
            modules.append((name, thing))
    for name, module in modules:
        for inner, parameter in torch.nn.Module.named_parameters(module):
            yield f"{name}.{inner}", parameter


def place_of(tensor: Tensor) -> tuple[object, int]:
    """Return what identifies a tensor in a graph: (function or itself, output)."""
    try:
        if tensor.requires_grad and not tensor.is_leaf:
            return tensor.grad_fn, tensor.output_nr
    except RuntimeError:  # a view that was spoilt in place has no function any more
        pass
    return id(tensor), 0


def named(names: Mapping[str, object]) -> dict[tuple, tuple[str, Tensor]]:
    """Index the learner's tensors by their place; the first name wins."""
    found: dict[tuple, tuple[str, Tensor]] = {}
    for name, tensor in tensors_in(names):
        found.setdefault(place_of(tensor), (name, tensor))
    return found


def reachable(things: Iterable[object]) -> Iterator[Tensor]:
    """Yield tensors among things, and in containers and objects some levels deep."""
    level = list(things)
    for _ in range(4):
        yield from (thing for thing in level if issubclass(type(thing), Tensor))
        level = list(islice(chain.from_iterable(map(contents, level)), MOST_ITEMS))


def contents(thing: object) -> Iterable[object]:
    """List what a container or an object holds, without running its code."""
    kind = type(thing)
    if kind is list or kind is tuple or kind is set:
        return list(islice(thing, MOST_ITEMS))
    if not kind.__dictoffset__ and kind is not dict:
        return ()
    if issubclass(kind, Tensor | type | ModuleType):
        return ()
    try:
        held = thing if kind is dict else object.__getattribute__(thing, "__dict__")
        return list(held.values())[:MOST_ITEMS]
    except Exception:  # its class has put something else there
        return ()


# ---- values -----------------------------------------------------------------


def snapshot(value: object, largest: int) -> object:
    """Copy a tensor without its history; give a giant one's shape instead.

    So it is where a class computes in Python: a copy would run the learner's code.
    """
    if not issubclass(type(value), Tensor):
        return value
    with torch.no_grad(), torch._C.DisableTorchFunction():
        try:
            plain = type(value).__torch_dispatch__ is Tensor.__torch_dispatch__
            if plain and value.numel() <= largest:
                return value.detach().clone()
            return torch.empty(value.shape, dtype=value.dtype, device="meta")
        except Exception:  # a class may refuse anything, sizes may be no numbers
            return None


def saved(function: Function) -> dict[str, object]:
    """Return what a function saved for the walk.

    Freed or damaged values are left out: reading one raises RuntimeError. So are those
    that saved_tensors_hooks look after: reading one runs the learner's code.
    """
    found = {}
    for name in dir(function):
        if name.startswith(("_saved_", "saved_tensors")):
            try:
                raw = getattr(function, f"_raw_{name.lstrip('_')}", ())
                if not any(map(has_hook, raw if isinstance(raw, tuple) else [raw])):
                    found[name.removeprefix("_saved_")] = getattr(function, name)
            except RuntimeError:
                continue
    return found


def has_hook(raw: object) -> bool:
    """Tell whether a saved tensor is in the care of saved_tensors_hooks."""
    return getattr(raw, "unpack_hook", None) is not None


def known_values(kept: Mapping[Function, Mapping]) -> dict[tuple, Tensor]:
    """Collect, by place, values that functions saved or that watch() saw."""
    values = {}
    for function, things in kept.items():
        for tensor in reachable(things.values()):
            values.setdefault(place_of(tensor), tensor)
        for number, tensor in marked(function).values.items():
            values[function, number] = tensor
    return values


# ---- inputs -----------------------------------------------------------------

PUZZLING = {
    "AsStrided": "View",
    "CopySlices": "Write",
    "Rsub": "Sub",
    "ToCopy": "To",
    "UnsafeView": "View",
}


def torch_name(function: Function) -> str:
    """Return torch's name for an operation: 'MulBackward0' is 'Mul'."""
    return re.sub(r".*::|Backwards?\d*$", "", function.name())


def operation(function: Function) -> str:
    """Name an operation as a learner would."""
    return PUZZLING.get(torch_name(function), torch_name(function))


@cache
def operands(func) -> list[tuple[int, str, str, object]]:
    """List place, name, type and default of the tensors and numbers in a computation.

    Dimensions, sizes and flags are no operands: the schema tells them apart.
    """
    schema = getattr(func, "_schema", None)
    return [
        (place, argument.name, str(argument.type), argument.default_value)
        for place, argument in enumerate(schema.arguments if schema else ())
        if re.search("Tensor|number", str(argument.type)) and not argument.kwarg_only
    ]


@cache
def signatures(name: str) -> list[list[tuple[int, str, str, object]]]:
    """List the operands of every variant of an operation."""
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    found = (getattr(torch.ops.aten, n, None) for n in (snake, f"_{snake}"))
    packet = next(filter(None, found), None)
    variants = packet.overloads() if packet else []
    return [operands(getattr(packet, variant)) for variant in variants]


def unwatched_inputs(function: Function, kept: Mapping[str, object]) -> list[object]:
    """Rebuild an operation's inputs from what it saved for the walk."""
    slots = [source is not None for source, _ in function.next_functions]
    own = isinstance(function, BackwardCFunction)  # of the learner's, with any name
    for strict in (True, False):
        for signature in () if own else signatures(torch_name(function)):
            inputs = fitted(signature, slots, kept, strict)
            if inputs is not None:
                return inputs
    return [TRACKED if tracked else Constant(None) for tracked in slots]


def fitted(signature, slots: Sequence[bool], kept: Mapping, strict: bool):
    """List what stands at the operands of a signature; return None if it cannot be.

    Indices and masks have no slot. Unless `strict`, a number may be unknown.
    """
    tensors = [name for _, name, kind, _ in signature if "Tensor" in kind]
    spare = len(tensors) > len(slots)
    indices = [name for name in tensors if spare and is_index(kept.get(name))]
    if len(tensors) != len(slots) + len(indices):
        return None
    slot, inputs = iter(slots), []
    for _, name, kind, default in signature:
        value = kept.get(name)
        if name in indices:
            inputs += map(constant, reachable([value]))
        elif "Tensor" in kind:
            given = TRACKED if next(slot) else constant(value)
            absent = given is not TRACKED and value is None and "Optional" in kind
            inputs += [] if absent else [given]
        elif (strict and name not in kept) or isinstance(value, Tensor):
            return None
        elif name not in kept or value != default:
            inputs.append(Constant(value))
    return inputs


def is_index(value: object) -> bool:
    """Tell whether a value is made of tensors that have no gradient."""
    found = list(reachable([value]))
    return bool(found) and not any(
        t.is_floating_point() or t.is_complex() for t in found
    )


def constant(value: object) -> Constant:
    """Wrap an untracked input, remembering weakly which tensor it was."""
    if not issubclass(type(value), Tensor):
        return Constant(value)
    return Constant(snapshot(value, LARGEST_WATCHED), weakref.ref(value))


def inputs_in_order(function: Function, kept: Mapping, arrows: Inputs) -> list[object]:
    """List an operation's inputs: arrows, and Constants in between.

    `1 - x` is Rsub(x, 1) in torch, so its inputs are turned round.
    """
    given = marked(function).inputs
    if given.count(TRACKED) != len(arrows):
        given = unwatched_inputs(function, kept)
    arrow = iter(arrows)
    inputs = [next(arrow) if thing is TRACKED else thing for thing in given]
    return inputs[::-1] if torch_name(function) == "Rsub" else inputs


# ---- nodes and edges --------------------------------------------------------


@dataclass
class Drawing:
    """Collect nodes and edges while a graph is read."""

    within: Mapping[Function, Inputs]
    ids: Mapping[Function, str]
    names: Mapping[tuple, tuple[str, Tensor]]
    kept: Mapping[Function, Mapping[str, object]]  # what each saved
    values: Mapping[tuple, Tensor]
    largest: int
    nodes: list[Node] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    beyond: set[tuple[Function, int]] = field(default_factory=set)
    ends: dict[Function, tuple[Function, int]] = field(default_factory=dict)
    constants: dict[object, str] = field(default_factory=dict)

    def add_leaf(self, function: Function) -> None:
        """Add a leaf's box."""
        leaf = function.variable
        name, _ = self.names.get(place_of(leaf), ("", None))
        value, held = (snapshot(t, self.largest) for t in (leaf, leaf.grad))
        self.nodes.append(Node(self.ids[function], name, "leaf", value, held=held))

    def add_operation(self, function: Function) -> None:
        """Add an operation's box, with as many of its outputs as are known."""
        names, values = [], []
        for number in range(max(1, len(function._input_metadata))):
            name, tensor = self.names.get((function, number), ("", None))
            names.append(name)
            known = self.values.get((function, number)) if tensor is None else tensor
            values.append(snapshot(known, self.largest))
        several = len(values) > 1 and any(value is not None for value in values)
        value = tuple(values) if several else values[0]
        name, op = ", ".join(filter(None, names)), operation(function)
        node = Node(self.ids[function], name, op, value, names=tuple(names))
        self.nodes.append(node)

    def add_arrows(self, function: Function) -> None:
        """Add the arrows into an operation, in the order of its inputs."""
        target, arrows = self.ids[function], self.within[function]
        inputs = inputs_in_order(function, self.kept[function], arrows)
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
                self.ends[function] = (source, number)

    def add_constant(self, given: Constant) -> str:
        """Add a constant's box, one for all uses of the same tensor; return its id."""
        origin = given.origin() if given.origin is not None else None
        key = given if origin is None else id(origin)
        if key not in self.constants:
            node_id = self.constants[key] = f"({len(self.constants) + 1})"
            name, _ = self.names.get((key, 0), ("", None))
            self.nodes.append(Node(node_id, name, "constant", given.value))
        return self.constants[key]


def trace(
    roots: Sequence[Tensor], names: Mapping[str, object], limit: int = LIMIT
) -> Trace:
    """Read the graph behind tensors that require grad.

    At most `limit` functions are touched, those nearest to the roots.
    """
    starts = [function_of(root) for root in roots]
    within = nearest(starts, limit)
    order = forward_order(within)
    ids = {function: f"%{row}" for row, function in enumerate(order)}
    kept = {function: saved(function) for function in order}
    largest = min(LARGEST_COPY, ALL_COPIES // len(order))
    drawing = Drawing(within, ids, named(names), kept, known_values(kept), largest)
    for function in order:
        if hasattr(function, "variable"):
            drawing.add_leaf(function)
        else:
            drawing.add_arrows(function)
            drawing.add_operation(function)
    graph = Graph(
        tuple(drawing.nodes),
        tuple(drawing.edges),
        tuple(dict.fromkeys(ids[start] for start in starts)),
        cut_off=len(drawing.beyond),
    )
    watched = (ref() for function in order for ref in marked(function).tensors)
    tensors = tuple(reachable([*names.values(), *kept.values(), *watched]))
    by_id = {node_id: function for function, node_id in ids.items()}
    ends = tuple(drawing.ends.values())
    return Trace(graph, tuple(roots), by_id, ends, tensors, largest)


# ---- the watcher ------------------------------------------------------------


class watch(TorchDispatchMode):
    """Write down the value of every operation in the block, for show_graph.

    PyTorch records the graph by itself; this only keeps the numbers in between,
    which it would otherwise forget. At most `limit` values are kept.
    """

    supports_higher_order_operators = True

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # else the first block imports the compiler, which takes seconds

    def __enter__(self):
        """Begin to watch, out of the compiler's sight if there is one."""
        if "torch._dynamo" in sys.modules and not hasattr(watch, "_plain"):
            watch._plain = watch.__torch_dispatch__
            watch.__torch_dispatch__ = torch._disable_dynamo(watch._plain)
        return super().__enter__()

    def __init__(self, limit: int = 4 * LIMIT):
        super().__init__()
        self.left = limit
        self._waiting: list[tuple[Tensor, Tensor, list]] = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation; its function exists only once this has returned."""
        self._settle()
        inputs = given_to(func, args) if self.left > 0 else []
        result = func(*args, **(kwargs or {}))
        with torch._C.DisableTorchFunction():
            outputs = result if isinstance(result, list | tuple) else [result]
            for output in outputs if self.left > 0 else ():
                if is_mutable(func) and whole(output) is not output:
                    # A write into a view is recorded for what it is a part of.
                    self._wait(whole(output), inputs)
                    inputs = []
                self._wait(output, inputs)
        return result

    def __exit__(self, *problem):
        """Keep what the last operation computed, then stop watching."""
        super().__exit__(*problem)
        self._settle()

    def _wait(self, output, inputs):
        if issubclass(type(output), Tensor):
            value = snapshot(output, LARGEST_WATCHED)
            self._waiting.append((output, value, inputs))

    def _settle(self):
        waiting, self._waiting = self._waiting, []
        with torch._C.DisableTorchFunction():
            for output, value, inputs in waiting:
                if self.left > 0 and there_is_room():
                    self._keep(output, value, inputs)

    def _keep(self, output, value, inputs):
        function, number = place_of(output)
        if isinstance(function, Function):
            self.left -= 1
            record = marked(function)
            record.inputs[:] = record.inputs or inputs
            record.values[number] = value
            record.tensors.append(weakref.ref(output))


def whole(given: object) -> object:
    """Return the tensor that a view shows a part of, or else what was given."""
    base = getattr(given, "_base", None)
    return given if base is None else base


def is_mutable(func) -> bool:
    """Tell whether an operation writes into its first input."""
    return hasattr(func, "_schema") and func._schema.is_mutable


def given_to(func, args: Sequence[object]) -> list[object]:
    """List what an operation computes with; nothing where autograd does not look."""
    found = []
    if not torch.is_grad_enabled():
        return found
    with torch._C.DisableTorchFunction():
        for place, _, kind, default in operands(func):
            given = args[place] if place < len(args) else None
            given = whole(given) if place == 0 and is_mutable(func) else given
            for thing in given if "List" in kind and given else [given]:
                tracked = issubclass(type(thing), Tensor) and thing.requires_grad
                if thing is not None and ("Tensor" in kind or thing != default):
                    found.append(TRACKED if tracked else constant(thing))
    return found
