"""Watch a computation: keep the numbers that autograd forgets."""

import weakref
from collections import deque
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.autograd.graph import Node as Function

from .depth import DepthRecord, find_marked, note_depth, stack_room
from .functions import inputs_of, is_leaf, is_same_function, output_place, take_snapshot
from .inputs import LARGEST_WATCHED, TRACKED, find_operands, make_constant
from .private import UncompiledMode, base_of, bypass_torch_function, schema_of

MOST_VALUES = 2_000  # in one block
# Of the operations that must not be touched any more, the latest results.
_missed: deque[weakref.ref[Tensor]] = deque(maxlen=MOST_VALUES)


class watch(UncompiledMode):
    """Write down the value of every operation in the block, for show_graph.

    PyTorch records the graph by itself; this only keeps the numbers in between,
    which it would otherwise forget. At most `limit` values are kept, the newest.
    """

    def __init__(self, limit: int = MOST_VALUES):
        super().__init__()
        self.limit = limit
        self._kept: deque[tuple[weakref.ref[DepthRecord], int]] = (
            deque()
        )  # the oldest first
        self._waiting: list[tuple[Tensor, Tensor, list]] = []
        self._leaves: dict[int, Tensor | None] = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation; its function exists only once this has returned."""
        self._settle()
        inputs = find_arguments(func, args)
        result = func(*args, **(kwargs or {}))
        with bypass_torch_function():
            outputs = result if isinstance(result, list | tuple) else [result]
            for output in outputs:
                if is_mutable(func) and find_base(output) is not output:
                    # A write into a view is recorded for what it is a part of.
                    self._wait(find_base(output), inputs)
                    inputs = []
                self._wait(output, inputs)
        return result

    def __exit__(self, *problem):
        """Keep what the last operation computed, then stop watching."""
        super().__exit__(*problem)
        self._settle()

    def _wait(self, output, inputs):
        if issubclass(type(output), Tensor):
            value = take_snapshot(output, LARGEST_WATCHED)
            self._waiting.append((output, value, inputs))

    def _settle(self):
        waiting, self._waiting = self._waiting, []
        with bypass_torch_function():
            for output, value, inputs in waiting:
                if stack_room() > 0:
                    self._keep(output, value, inputs)
                else:
                    _missed.append(weakref.ref(output))

    def _keep(self, output, value, inputs):
        function, number = output_place(output)
        if isinstance(function, Function):
            record = find_marked(function)
            record.inputs[:] = record.inputs or inputs
            record.values[number] = value
            note_depth(function)
            for _, source, _ in inputs_of(function):
                if is_leaf(source):
                    record.leaves[source] = self._as_it_is(source.variable)
            self._kept.append((weakref.ref(record), number))
            while len(self._kept) > max(0, self.limit):
                let_go(*self._kept.popleft())

    def _as_it_is(self, leaf: Tensor) -> Tensor | None:
        """Return a copy of a leaf, the same one as long as nobody changes it."""
        known = self._leaves.get(id(leaf))
        if known is None or not is_same_function(known, leaf):
            self._leaves[id(leaf)] = known = take_snapshot(leaf, LARGEST_WATCHED)
        return known


def let_go(seen: "weakref.ref[DepthRecord]", number: int) -> None:
    """Forget one output of an operation, and with the last one its inputs."""
    if (record := seen()) is not None:
        record.values.pop(number, None)
        record.gone.add(number)
        if not record.values:
            record.inputs.clear()


def was_let_go(record: DepthRecord) -> bool:
    """Tell whether the value of an output was let go."""
    return len(record.gone) > 0


def is_missed(output: Tensor) -> bool:
    """Tell whether a tensor was computed in a block that had to leave it out."""
    return any(missed() is output for missed in _missed)


def find_base(given: object) -> object:
    """Return the tensor that a view shows a part of, or else what was given."""
    base = base_of(given)
    return given if base is None else base


def is_mutable(func) -> bool:
    """Tell whether an operation writes into its first input."""
    schema = schema_of(func)
    return schema is not None and schema.is_mutable


def find_arguments(func, args: Sequence[object]) -> list[object]:
    """List what an operation computes with; nothing where autograd does not look."""
    found = []
    if not torch.is_grad_enabled():
        return found
    with bypass_torch_function():
        for place, _, kind, default in find_operands(func):
            given = args[place] if place < len(args) else None
            given = find_base(given) if place == 0 and is_mutable(func) else given
            for thing in given if "List" in kind and given else [given]:
                tracked = issubclass(type(thing), Tensor) and thing.requires_grad
                if thing is not None and ("Tensor" in kind or thing != default):
                    found.append(TRACKED if tracked else make_constant(thing))
    return found
