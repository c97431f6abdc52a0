"""Read how large the gradients of parameters are, as plain data."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from torch import Tensor
from torch.nn.parameter import is_lazy

from ..sizes import Size, find_size
from .functions import is_result


@dataclass(frozen=True)
class Gradient:
    """Hold what is known of one parameter's .grad.

    `kind` is "number" or "zero"; "nan" or "inf", where some are; "empty"; "none" where
    there is no gradient, "frozen" where none is asked for either; "result" where it is
    not kept; "lazy" or "meta" where the parameter holds no numbers; else "unreadable".
    """

    name: str
    shape: tuple[int, ...] | None  # None: it has none yet
    kind: str
    largest: float = 0.0  # absolute value, if it is a number
    count: int = 0  # of its numbers, and of those that are nan, or infinite
    nans: int = 0
    infinite: int = 0
    frozen: bool = False
    also: tuple[str, ...] = ()  # other names of the same parameter


def read_gradients(named: Iterable[tuple[str, Tensor]]) -> list[Gradient]:
    """Read the gradient of each parameter once; what is shared keeps all its names."""
    found: dict[int, Gradient] = {}
    named = list(named)  # while they live, each has an id of its own
    for name, parameter in named:
        known = found.get(id(parameter))
        if known is None:
            found[id(parameter)] = read_gradient(name, parameter)
        elif name not in (known.name, *known.also):
            found[id(parameter)] = replace(known, also=(*known.also, name))
    return list(found.values())


def read_gradient(name: str, parameter: Tensor) -> Gradient:
    """Say what .grad is, without a trace."""
    if is_lazy(parameter):
        return Gradient(name, None, "lazy")
    known = Gradient(name, tuple(parameter.shape), "", frozen=not asks(parameter))
    if parameter.is_meta:
        return replace(known, kind="meta")
    if is_result(parameter) and not parameter.retains_grad:
        return replace(known, kind="result")  # looking at its .grad would warn
    if parameter.grad is None:
        return replace(known, kind="frozen" if known.frozen else "none")
    size = find_size(parameter.grad)
    return replace(known, kind="unreadable") if size is None else measured(known, size)


def asks(parameter: Tensor) -> bool:
    return parameter.requires_grad


def measured(known: Gradient, size: Size) -> Gradient:
    """Return what is known of a gradient, with what its numbers tell."""
    if size.nans or size.infs:
        kind, largest = "nan" if size.nans else "inf", 0.0
    else:
        kind, largest = "number" if size.largest else "zero", size.largest or 0.0
    return replace(
        known,
        kind=kind if size.total else "empty",
        largest=largest,
        count=size.total,
        nans=size.nans,
        infinite=size.infs,
    )
