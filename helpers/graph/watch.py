"""Watch a computation: keep the numbers that autograd forgets."""

import weakref
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from .calls import Call, current_tracker
from .depth import DepthRecord, find_marked, note_depth, stack_room
from .functions import (
    inputs_of,
    is_leaf,
    is_tensor,
    is_unchanged,
    output_place,
    take_snapshot,
)
from .inputs import LARGEST_WATCHED, TRACKED, find_operands, make_constant
from .listener import Listener
from .private import (
    UncompiledMode,
    base_of,
    bypass_torch_function,
    is_walking,
    schema_of,
    sequence_number,
)

MOST_VALUES = 2_000  # in one block
# Of the operations that must not be touched any more, the latest results.
_missed: deque[weakref.ref[Tensor]] = deque(maxlen=MOST_VALUES)


class watch(UncompiledMode):
    """Write down the value of every operation in the block, for show_graph.

    PyTorch records the graph by itself; this only keeps the numbers in between,
    which it would otherwise forget. At most `limit` values are kept, the newest.

        with watch():
            y = 2 * torch.dot(x, x)
        show_graph(y)
    """

    def __init__(self, limit: int = MOST_VALUES):
        super().__init__()
        self.limit = limit
        self._listener = Listener()
        # The oldest first.
        self._kept: deque[tuple[weakref.ref[DepthRecord], int]] = deque()
        self._waiting: list[tuple[Tensor, Tensor, list, Call | None]] = []
        self._tracker = current_tracker()
        # What modules made that is not recorded: a mask, say.
        self._made: dict[int, tuple[weakref.ref[Tensor], Call]] = {}
        self._leaves: dict[int, Tensor | None] = {}

    def __enter__(self):
        """Listen to the calls as well, for `why`, and follow those of modules."""
        self._tracker = current_tracker()
        self._tracker.start()
        self._listener.__enter__()
        return super().__enter__()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run one operation; its function exists only once this has returned."""
        self._settle()
        if not torch.is_grad_enabled() and is_walking():
            return func(*args, **(kwargs or {}))  # nothing of a walk is recorded
        schema = schema_of(func)
        writes = schema is not None and schema.is_mutable  # into the first input
        inputs = find_arguments(func, args, writes, self._made)
        result = func(*args, **(kwargs or {}))
        with bypass_torch_function():
            for output in result if isinstance(result, list | tuple) else [result]:
                if writes and find_whole(output) is not output:
                    # A write into a view is recorded for what it is a part of.
                    self._wait(find_whole(output), inputs)
                    inputs = []
                self._wait(output, inputs)
        return result

    def __exit__(self, *problem):
        """Keep what the last operation computed, then stop watching."""
        super().__exit__(*problem)
        self._listener.__exit__(*problem)
        self._settle()
        self._made.clear()
        self._tracker.stop()

    def _wait(self, output, inputs):
        if is_tensor(output):
            value = take_snapshot(output, LARGEST_WATCHED)
            self._waiting.append((output, value, inputs, self._tracker.current))

    def _settle(self):
        waiting, self._waiting = self._waiting, []
        with bypass_torch_function():
            for output, value, inputs, call in waiting:
                if stack_room() > 0:
                    self._keep(output, value, inputs, call)
                else:
                    _missed.append(weakref.ref(output))

    def _keep(self, output, value, inputs, call):
        function, number = output_place(output)
        if isinstance(function, int):  # a tensor that nothing recorded
            if call is not None and self.limit > 0:
                self._made[function] = weakref.ref(output), call
                if len(self._made) > self.limit:
                    del self._made[next(iter(self._made))]
            return
        record = find_marked(function)
        # A reentrant checkpoint has its function before it calls the module.
        while call is not None and sequence_number(function) < call.start:
            call = call.parent
        record.call = record.call or call
        record.inputs[:] = record.inputs or inputs
        record.values[number] = value
        note_depth(function)
        for _, source, _ in inputs_of(function):
            if is_leaf(source):
                record.leaves[source] = self._as_it_is(source.variable)
        self._kept.append((weakref.ref(record), number))
        while len(self._kept) > max(0, self.limit):
            seen, number = self._kept.popleft()
            if (oldest := seen()) is not None:
                oldest.let_go = True
                oldest.values.pop(number, None)
                if not oldest.values:
                    oldest.values.clear()  # an empty dict keeps the room that it had
                    oldest.inputs.clear()

    def _as_it_is(self, leaf: Tensor) -> Tensor | None:
        known = self._leaves.get(id(leaf))
        if known is None or not is_unchanged(known, leaf):
            self._leaves[id(leaf)] = known = take_snapshot(leaf, LARGEST_WATCHED)
            if len(self._leaves) > MOST_VALUES:  # a loop may make more and more
                del self._leaves[next(iter(self._leaves))]
        return known


def is_missed(output: Tensor) -> bool:
    """Tell whether a block had to leave out a tensor."""
    return any(missed() is output for missed in _missed)


def find_whole(given: Any) -> Any:
    """Return the tensor that a view shows a part of, or else what was given."""
    base = base_of(given)
    return given if base is None else base


def find_arguments(func, args: Sequence, writes: bool, made: Mapping) -> list[object]:
    """List what an operation computes with; nothing where autograd does not look."""
    found: list[object] = []
    if not torch.is_grad_enabled():
        return found
    with bypass_torch_function():
        for place, _, kind, default in find_operands(func):
            given = args[place] if place < len(args) else None
            given = find_whole(given) if writes and place == 0 else given
            for thing in given if "List" in kind and given else [given]:
                tracked = is_tensor(thing) and thing.requires_grad
                if thing is not None and ("Tensor" in kind or thing != default):
                    call = find_maker(thing, made) if made and not tracked else None
                    found.append(TRACKED if tracked else make_constant(thing, call))
    return found


def find_maker(thing: Any, made: Mapping) -> Call | None:
    """Return the call of a module in which a tensor was made that nothing recorded."""
    whole = find_whole(thing)
    known = made.get(id(whole))
    return known[1] if known and known[0]() is whole else None
