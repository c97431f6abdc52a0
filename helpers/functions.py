"""Touch autograd's functions and the learner's tensors with care."""

import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import chain, islice
from types import ModuleType

import torch
from torch import Tensor
from torch.autograd.graph import Node as Function
from torch.utils._python_dispatch import _disable_current_modes

# When torch frees a chain of functions that Python has touched, each needs 204 bytes of
# C stack, and where they lack the kernel dies: 41,000 fill 8 MB, 5,000 a stack of 1 MB.
MOST_TOUCHED = 3_000  # functions, as long as they live
MOST_ITEMS = 10_000  # of the learner's things that are looked through
KEY = "autograd course"  # where a function's metadata keeps what we know of it

Inputs = list[tuple[int, Function, int]]  # (route, function, output number)


@dataclass(frozen=True, eq=False)
class Seen:
    """Hold what watch() saw of one operation; nothing if it was only touched."""

    values: dict[int, Tensor] = field(default_factory=dict)  # by output number
    inputs: list[object] = field(default_factory=list)  # TRACKED, or a Constant
    gone: set[int] = field(default_factory=set)  # outputs whose value was let go
    tensors: list[weakref.ref] = field(default_factory=list)


@contextmanager
def without_modes() -> Iterator[None]:
    """Keep the learner's modes and tensor classes out of what we do."""
    classes = torch._C.DisableTorchFunctionSubclass()
    watched = torch._C._len_torch_dispatch_stack() > 0
    modes = _disable_current_modes() if watched else nullcontext()  # a slow import
    with modes, classes, torch.inference_mode(False):
        yield


# ---- functions -----------------------------------------------------------------

_touched: "weakref.WeakSet[Seen]" = weakref.WeakSet()


def there_is_room() -> bool:
    """Tell whether one more function may be touched."""
    return len(_touched) < MOST_TOUCHED


def marked(function: Function) -> Seen:
    """Return what is known of a function, and count it among the touched ones."""
    record = function.metadata.setdefault(KEY, Seen())
    _touched.add(record)
    return record


def is_touched(function: Function) -> bool:
    """Tell whether a function is among the touched ones already."""
    return KEY in function.metadata


def inputs_of(function: Function) -> Inputs:
    """List the tracked inputs of a function."""
    return [
        (route, source, number)
        for route, (source, number) in enumerate(function.next_functions)
        if source is not None
    ]


def function_of(tensor: Tensor) -> Function:
    """Return the function behind a tensor: its own, or a leaf's accumulator."""
    return torch.autograd.graph.get_gradient_edge(tensor).node


# ---- tensors -------------------------------------------------------------------


def place_of(tensor: Tensor) -> tuple[object, int]:
    """Return what identifies a tensor in a graph: (function or itself, output)."""
    try:
        if tensor.requires_grad and not tensor.is_leaf:
            return tensor.grad_fn, tensor.output_nr
    except RuntimeError:  # a view that was spoilt in place has no function any more
        pass
    return id(tensor), 0


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


def snapshot(value: object, largest: int) -> object:
    """Copy a tensor without its history; give a giant one's shape instead.

    So it is where a class computes in Python: a copy would run the learner's code.
    """
    if not issubclass(type(value), Tensor):
        return value
    with torch.no_grad(), torch._C.DisableTorchFunction():
        try:
            plain = type(value).__torch_dispatch__ is Tensor.__torch_dispatch__
            if plain and (value.is_nested or value.numel() <= largest):
                return value.clone()
            return torch.empty(value.shape, dtype=value.dtype, device="meta")
        except Exception:  # a class may refuse anything, sizes may be no numbers
            return None
