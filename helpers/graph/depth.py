"""Note how deep the chains are that Python has touched: torch may die of long ones."""

import math
import threading
import weakref
from dataclasses import dataclass, field

from torch import Tensor
from torch.autograd.graph import Node as Function

from .functions import inputs_of, is_leaf

try:
    import resource
except ImportError:  # Windows
    resource = None

LIMIT = 500  # functions in one picture
# When torch frees a chain of functions that Python has touched, each needs 204 bytes of
# C stack, and where they lack the kernel dies: 41,000 fill 8 MB, 5,000 a stack of 1 MB.
SAFE_PER_MB = 3_000  # functions of one chain
KEY = "autograd course"  # where a function's metadata keeps what we know of it


@dataclass(eq=False)
class DepthRecord:
    """Hold what watch() saw of one operation; nothing if it was only touched."""

    values: dict[int, Tensor] = field(default_factory=dict)  # by output number
    inputs: list[object] = field(default_factory=list)  # TRACKED, or a Constant
    gone: set[int] = field(default_factory=set)  # outputs whose value was let go
    leaves: dict[Function, Tensor] = field(default_factory=dict)  # as they were then
    depth: float = math.inf  # functions in the longest chain behind it


_at_risk: "weakref.WeakSet[DepthRecord]" = (
    weakref.WeakSet()
)  # in chains of unknown length


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
    sizes = [8 * 2**20 if resource else 2**20, of_new_threads]
    if resource:
        sizes.append(resource.getrlimit(resource.RLIMIT_STACK)[0])
    return min(size for size in sizes if size > 0)


def find_marked(function: Function) -> DepthRecord:
    """Return what is known of a function that Python has touched."""
    return function.metadata.setdefault(KEY, DepthRecord())


def is_touched(function: Function) -> bool:
    """Tell whether a function is among the touched ones already."""
    return KEY in function.metadata


def note_depth(function: Function) -> None:
    """Note how long the chain behind a function is; call it for its inputs first."""
    record = find_marked(function)
    depths = [measure_depth(source) for _, source, _ in inputs_of(function)]
    record.depth = min(record.depth, 1 + max(depths, default=0))
    (_at_risk.add if record.depth > LIMIT else _at_risk.discard)(record)


def measure_depth(function: Function) -> float:
    """Return the length of the chain behind a function, infinity if it is unknown."""
    if is_leaf(function):
        return 0
    return function.metadata[KEY].depth if is_touched(function) else math.inf
