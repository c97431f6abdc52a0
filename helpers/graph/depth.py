"""Note how deep the chains are that Python has touched: torch may die of long ones."""

import math
import sys
import threading
import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from .calls import Call
from .functions import Inputs, inputs_of, is_leaf
from .private import Function, sequence_number

if sys.platform != "win32":
    import resource

LIMIT = 500  # functions in one picture
# When torch frees a chain of functions that Python has touched, each needs 204 bytes of
# C stack, and where they lack the kernel dies: 41,000 fill 8 MB, 5,000 a stack of 1 MB.
SAFE_PER_MB = 3_000  # functions of one chain
KEY = "autograd course"  # where a function's metadata keeps what we know of it


@dataclass(eq=False, slots=True, weakref_slot=True)  # one for each that is alive
class DepthRecord:
    """Hold what watch() saw of one operation; nothing if it was only touched."""

    values: dict[int, Tensor] = field(default_factory=dict)  # by output number
    inputs: list[object] = field(default_factory=list)  # TRACKED, or a Constant
    let_go: bool = False  # whether the value of any output was
    leaves: dict[Function, Tensor | None] = field(default_factory=dict)  # as then
    depth: float = math.inf  # functions in the longest chain behind it
    call: Call | None = None  # of the module that was running


# In chains of unknown length.
_at_risk: "weakref.WeakSet[DepthRecord]" = weakref.WeakSet()


def stack_room() -> int:
    """Return how many functions of unknown depth may still be touched.

    Only a long chain is at risk. A graph that was read whole is none: it has at most
    LIMIT functions, so it may be touched whatever was touched before.
    """
    return int(stack_size() / 2**20 * SAFE_PER_MB) - len(_at_risk)


def stack_size() -> int:
    """Return the bytes of C stack of a thread that may free a graph, 8 MB at most."""
    of_new_threads = threading.stack_size()
    threading.stack_size(of_new_threads)  # asking for it has set it to the default
    sizes = [2**20, of_new_threads]
    if sys.platform != "win32":
        of_this_one, _ = resource.getrlimit(resource.RLIMIT_STACK)
        sizes = [8 * 2**20, of_new_threads, of_this_one]
    return min(size for size in sizes if size > 0)


def find_marked(function: Function) -> DepthRecord:
    return function.metadata.setdefault(KEY, DepthRecord())


def is_touched(function: Function) -> bool:
    return KEY in function.metadata


def note_depth(function: Function) -> None:
    """Note how long the chain behind a function is; call it for its inputs first."""
    record, deepest = find_marked(function), 0.0
    for _, source, _ in inputs_of(function):
        if not is_leaf(source):
            known = is_touched(source)
            deepest = max(deepest, find_marked(source).depth if known else math.inf)
    record.depth = min(record.depth, 1 + deepest)
    (_at_risk.add if record.depth > LIMIT else _at_risk.discard)(record)


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


def sort_forward(within: Mapping[Function, Inputs]) -> dict[Function, Inputs]:
    """Sort functions as they were recorded, each leaf right before its first use.

    A sequence number alone is no proof that the inputs come first.
    """
    order: dict[Function, Inputs] = {}
    stack = sorted(within, key=sequence_number, reverse=True)
    sources = {
        function: [source for _, source, _ in inputs if source in within]
        for function, inputs in within.items()
    }
    while stack:
        function = stack[-1]
        missing = next((it for it in sources[function] if it not in order), None)
        if missing is None:
            order.setdefault(stack.pop(), within[function])
        else:
            stack.append(missing)
    return order
