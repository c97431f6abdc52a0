"""Touch autograd's functions and the learner's tensors with care."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import chain, islice, zip_longest
from types import ModuleType
from typing import Any, TypeGuard

import torch
from torch import Tensor

from ..sizes import find_size, keep_size
from .private import (
    Function,
    bypass_torch_dispatch,
    bypass_torch_function,
    defining_module,
    has_unpack_hook,
    is_custom,
    output_metadata,
)

MOST_ITEMS = 10_000  # of the learner's things that are looked through
LARGEST_KEPT = 1_000  # elements; of a bigger tensor a picture keeps the size alone

Inputs = list[tuple[int, Function, int]]  # (route, function, output number)


def is_leaf(function: Function) -> bool:
    return hasattr(function, "variable")


def inputs_of(function: Function) -> Inputs:
    return [
        (route, source, number)
        for route, (source, number) in enumerate(function.next_functions)
        if source is not None
    ]


def function_of(tensor: Tensor) -> Function:
    return torch.autograd.graph.get_gradient_edge(tensor).node


def runs_code_again(function: Function) -> bool:
    """Tell whether a function computes with what hooks or checkpoints restore."""
    return is_checkpoint(function) or has_unpack_hook(function)


def is_checkpoint(function: Function) -> bool:
    """Tell whether a function hides a reentrant checkpoint."""
    home = defining_module(function) if is_custom(function) else ""
    return home.startswith("torch.utils.checkpoint")


def make_tuple(given: object) -> tuple:
    return given if isinstance(given, tuple) else (given,)


def send_back(function: Function, received: tuple) -> list[Tensor | None]:
    """Call a function by hand, so that no hook runs; return what each input gets."""
    with torch.no_grad():
        if is_custom(function):
            sent = call_custom(function, received)
        else:
            sent = make_tuple(function(*received))
        pairs = zip_longest(sent, function.next_functions)
        return [fit_to_input(grad, *place) for grad, place in pairs]


def call_custom(function: Function, received: tuple) -> tuple:
    """Call the backward of a torch.autograd.Function, which is written in Python.

    As autograd does it: zeros stand for what has not arrived, and what is no tensor
    gets nothing. It may let go of what its `ctx` holds, so that is put back.
    """
    given = [
        torch.zeros(kind.shape, dtype=kind.dtype, device=kind.device)
        if grad is None
        else grad
        for grad, kind in zip(received, output_metadata(function), strict=True)
    ]
    with keep_attributes(vars(function)):
        sent = make_tuple(function.apply(*given))
    needed = function.needs_input_grad
    if len(sent) < len(needed):
        said = f"backward returned {len(sent)} gradients for {len(needed)} inputs"
        raise RuntimeError(said)
    grads = [grad for grad, wanted in zip(sent, needed, strict=False) if wanted]
    for odd in (grad for grad in grads if not isinstance(grad, Tensor | None)):
        raise RuntimeError(f"backward returned {type(odd).__name__}, not a tensor")
    rest, places = iter(grads), function.next_functions
    return tuple(None if source is None else next(rest, None) for source, _ in places)


def fit_to_input(
    grad: Tensor | None, source: Function | None, number: int
) -> Tensor | None:
    """Fit a gradient's shape and kind to its output, as autograd's engine does."""
    if grad is None or source is None:
        return None
    wanted = output_metadata(source)[number]
    if not wanted.is_nested_tensor and tuple(grad.shape) != tuple(wanted.shape):
        grad = grad.sum_to_size(wanted.shape)
    if grad.dtype != wanted.dtype:
        grad = grad.to(wanted.dtype)
    return grad.to(wanted.device) if grad.dim() == 0 else grad


@contextmanager
def keep_attributes(holder: Any) -> Iterator[None]:
    """Give a dict back with what it holds now, and dicts, lists and sets in it too."""
    copies: dict[int, tuple] = {}
    queue: list = [holder]
    for each in queue:
        if type(each) in (dict, list, set) and id(each) not in copies:
            copies[id(each)] = each, each.copy()
            queue += each.values() if type(each) is dict else each
    try:
        yield
    finally:
        for each, before in copies.values():
            each.clear()
            (each.extend if type(each) is list else each.update)(before)


def is_tensor(thing: object) -> TypeGuard[Tensor]:
    """Tell a tensor, without running code of the thing's class."""
    return issubclass(type(thing), Tensor)


def is_result(tensor: Tensor) -> bool:
    """Tell whether a tensor was computed and recorded; its function stays untouched."""
    try:
        return tensor.requires_grad and not tensor.is_leaf
    except RuntimeError:  # a view that was spoilt in place has no function any more
        return False


def output_place(tensor: Tensor) -> tuple[Any, int]:
    """Return what identifies a tensor in a graph: (function or itself, output)."""
    if is_result(tensor):
        with suppress(RuntimeError):
            return tensor.grad_fn, tensor.output_nr
    return id(tensor), 0


def is_unchanged(copy: Tensor, leaf: Tensor) -> bool:
    """Tell whether a leaf still is what a copy of it says, as far as that is known."""
    try:
        return copy.is_meta or torch.allclose(copy, leaf.detach(), 0, 0, equal_nan=True)
    except RuntimeError:  # kinds of tensors that cannot be compared
        return True


def find_reachable(things: Iterable[object]) -> Iterator[Tensor]:
    """Yield tensors among things, and in containers and objects some levels deep."""
    level = list(things)
    for _ in range(4):
        yield from filter(is_tensor, level)
        level = list(islice(chain.from_iterable(map(list_contents, level)), MOST_ITEMS))


def list_contents(thing: Any) -> list[object]:
    """List what a container or an object holds, without running its code."""
    kind = type(thing)
    if kind is list or kind is tuple or kind is set:
        held = thing
    else:
        held = (thing if kind is dict else list_attributes(thing)).values()
    return list(islice(held, MOST_ITEMS))


def list_attributes(thing: object) -> Mapping[str, object]:
    """Return an object's own attributes, without running its code."""
    kind = type(thing)
    if not kind.__dictoffset__ or issubclass(kind, Tensor | type | ModuleType):
        return {}
    try:
        held = object.__getattribute__(thing, "__dict__")
    except Exception:  # its class has put something else there
        return {}
    return held if type(held) is dict else {}


def take_snapshot(value: Any, largest: int = LARGEST_KEPT) -> Any:
    """Copy a tensor without its history; of a giant one keep its shape and size.

    Where a class computes in Python, the shape alone: all else would run its code.
    """
    kind = type(value)
    if not issubclass(kind, Tensor):
        return value
    with torch.no_grad(), bypass_torch_function():
        try:
            plain = kind.__torch_dispatch__ is Tensor.__torch_dispatch__
            if plain and (value.is_nested or value.numel() <= largest):
                return keep_size(value.clone())
            shape = take_shape(value)
            if plain:
                with bypass_torch_dispatch():
                    keep_size(shape, find_size(value))
            return shape
        except Exception:  # a class may refuse anything, sizes may be no numbers
            return None


def take_shape(value: Tensor) -> Tensor:
    """Return a tensor without numbers, of the same shape and kind."""
    return torch.empty(value.shape, dtype=value.dtype, device="meta")
