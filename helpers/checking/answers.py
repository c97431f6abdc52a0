"""Turn whatever a learner hands in into plain data, and compare it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeGuard

import numpy as np
import torch
from torch import Tensor

from ..graph.engines import is_recorded
from ..language import Text
from ..sandbox import TooSlow
from ..wording import add_article, write_value

MOST = 100_000  # numbers in an answer
DEEPEST = 8  # lists inside lists
LONGEST = 120  # characters of a message
WIDE = (torch.float64, torch.complex128)  # for real and for complex numbers
EXACT = 1e-9
ROUNDED = 1e-6  # what float32 may do to a right number

LARGE = Text("tensor with {count} numbers", "含 {count} 个数的张量")
HOW = {
    "none": Text(
        "One is None, your answer or the right one; the other is not.",
        "你的答案和正确答案，一个是 None，另一个不是。",
    ),
    "shape": Text("The shape differs.", "形状不同。"),
    "transposed": Text("Rows and columns have changed places.", "行和列的位置对调了。"),
    "sign": Text("The size is right, the sign is not.", "大小对了，符号反了。"),
    "factor": Text(
        "All numbers are off by one and the same factor: what was counted too often, "
        "or left out?",
        "所有数都差同一个倍数：是什么多算了，或者漏算了？",
    ),
    "rounded": Text(
        "Nearly: about six digits are right. Was it rounded on the way, or computed in "
        "float32?",
        "差一点：大约前六位是对的。是途中舍入过，还是用 float32 算的？",
    ),
    "nan": Text(
        "There is a nan or an infinity in it: was 0 divided by 0, or multiplied by "
        "infinity?",
        "结果里有 nan 或无穷大：是不是出现了 0 除以 0，或 0 乘以无穷大？",
    ),
    "dtype": Text("The dtype differs.", "dtype 不同。"),
    "graph": Text(
        "The result has no graph: something on the way cut it off.",
        "结果没有计算图：途中有一步把回去的路切断了。",
    ),
    "kind": Text(
        "That is another kind of thing than what is asked for.",
        "这和题目要的不是同一类东西。",
    ),
    "value": Text("The value differs.", "数值不同。"),
}


@dataclass(frozen=True)
class Raised:
    """Hold an error: what it is, the misconception it stands for, its line of code."""

    kind: str
    message: str
    family: str = ""
    line: str = field(default="", compare=False)
    later: bool = field(default=False, compare=False)  # in the walk back from a result

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}" if self.message else self.kind


@dataclass(frozen=True)
class Odd:
    """Stand for an answer that is no number, list, tensor, truth value or None."""

    kind: str


@dataclass(frozen=True)
class Outcome:
    """Hold what a function did with one case, as far as it counts."""

    seen: object
    tracked: bool = False  # whether its result has a graph
    clues: tuple[str, ...] = ()  # what else it did, see clues.py
    misfit: str = ""  # what its result is, if not of the kind that is asked for


def make_plain(thing: Any, depth: int = 0) -> object:
    """Turn an answer into None, a bool, a tensor, a str, a tuple of such, or Odd.

    Never raises; lists and tuples of numbers become one tensor.
    """
    if thing is None or type(thing) in (bool, Raised, Odd):
        return thing
    if type(thing) is str:
        return thing[:LONGEST]
    if type(thing) in (tuple, list) and depth < DEEPEST and len(thing) <= MOST:
        return join_parts(tuple(make_plain(part, depth + 1) for part in thing))
    try:
        return read_numbers(thing)
    except TooSlow:
        raise
    except BaseException:  # whatever a foreign object raises while it is read
        return Odd(type(thing).__name__)


def join_parts(parts: tuple) -> object:
    """Join the parts of a list into one tensor, where they fit."""
    if not parts or all(type(part) is bool for part in parts):
        return torch.tensor(parts)
    whole = all(isinstance(part, Tensor) for part in parts)
    if whole and len({(part.shape, part.dtype) for part in parts}) == 1:
        return torch.stack(parts)
    return parts


def read_numbers(thing: Any) -> object:
    """Copy numbers with as many digits as there are; a single truth value is a bool."""
    if type(thing) in (int, float, complex):
        return torch.tensor(thing, dtype=WIDE[type(thing) is complex])
    if issubclass(type(thing), np.ndarray | np.generic) and thing.size <= MOST:
        thing = torch.tensor(thing)
    elif not issubclass(type(thing), Tensor):
        raise TypeError
    tensor = thing.detach()
    if tensor.numel() > MOST or tensor.is_meta:
        return Odd(LARGE(count=tensor.numel()))
    if tensor.is_quantized:
        tensor = tensor.dequantize()
    if tensor.dtype == torch.bool:
        return tensor.item() if tensor.dim() == 0 else tensor.clone()
    return tensor.to_dense().to(WIDE[tensor.is_complex()], copy=True)


def is_same(one: object, other: object, tolerance: float = EXACT) -> bool:
    """Tell whether two plain answers are the same, nested ones part by part.

    Errors of one family are the same, unless it must be more than exact.
    """
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        fits = fits_kind(one, other)
        return fits and is_near(one, other.reshape(one.shape), tolerance)
    if isinstance(one, tuple) and isinstance(other, tuple):
        alike = map(is_same, one, other, repeat(tolerance))
        return len(one) == len(other) and all(alike)
    if isinstance(one, Raised) and one.family and tolerance >= EXACT:
        return isinstance(other, Raised) and one.family == other.family
    return type(one) is type(other) and one == other


def fits_kind(one: Tensor, other: Tensor) -> bool:
    """Tell whether two shapes agree; a single number may stand in brackets."""
    return one.shape == other.shape or one.numel() == other.numel() == 1


def is_flags(thing: object) -> TypeGuard[Tensor]:
    """Tell truth values from numbers."""
    return isinstance(thing, Tensor) and thing.dtype == torch.bool


def is_near(one: Tensor, other: Tensor, tolerance: float) -> bool:
    """Tell whether all numbers agree, nan with nan; truth values count as 0 and 1."""
    wide = WIDE[one.is_complex() or other.is_complex()]
    one, other = one.to(wide), other.to(wide)
    return torch.allclose(one, other, rtol=tolerance, atol=1e-12, equal_nan=True)


def describe_difference(wanted: object, got: object) -> str:
    """Name what kind of difference there is: a key of HOW."""
    if isinstance(wanted, tuple) and isinstance(got, tuple):
        pairs = zip(wanted, got, strict=False)
        kinds = (describe_difference(*pair) for pair in pairs if not is_same(*pair))
        return next(kinds, "value") if len(wanted) == len(got) else "shape"
    if got is None or wanted is None:
        return "none"
    if isinstance(wanted, str) and isinstance(got, str) and "torch." in wanted + got:
        return "dtype"
    if not (isinstance(wanted, Tensor) and isinstance(got, Tensor)):
        return "value" if type(wanted) is type(got) else "kind"
    if not fits_kind(wanted, got):
        return "transposed" if is_transposed(wanted, got) else "shape"
    pair = [part.to(WIDE[part.is_complex()]) for part in (wanted, got)]
    pair[1] = pair[1].reshape(wanted.shape)
    return next((kind for kind, holds in RELATIONS.items() if holds(*pair)), "value")


def is_transposed(wanted: Tensor, got: Tensor) -> bool:
    return wanted.dim() == got.dim() == 2 and is_same(wanted.T, got, ROUNDED)


def is_finite(numbers: Tensor) -> bool:
    return bool(numbers.isfinite().all())


def is_scaled(wanted: Tensor, got: Tensor) -> bool:
    """Tell whether one factor turns all numbers into the wanted ones."""
    at = wanted.abs().argmax()
    factor = got.flatten()[at] / wanted.flatten()[at]
    usable = factor.isfinite() and factor != 0 and wanted.count_nonzero() > 1
    return bool(usable) and is_near(got, wanted * factor, ROUNDED)


RELATIONS: dict[str, Callable[[Tensor, Tensor], bool]] = {
    "rounded": lambda wanted, got: is_near(wanted, got, ROUNDED),
    "sign": lambda wanted, got: is_near(wanted, -got, ROUNDED),
    "transposed": is_transposed,
    "nan": lambda wanted, got: is_finite(wanted) and not is_finite(got),
    "factor": is_scaled,
}


def write_answer(thing: object) -> str:
    """Write a plain answer in a few words."""
    if isinstance(thing, tuple):
        parts = [write_answer(part) for part in thing[:6]]
        return "(" + ", ".join(parts + ["…"] * (len(thing) > 6)) + ")"
    if isinstance(thing, Tensor):
        return write_value(thing)
    if isinstance(thing, Odd):
        return add_article(thing.kind)
    return str(thing)[:LONGEST]


def write_input(thing: Any) -> str:
    """Write an input of a case, or nothing if it is too long or nameless."""
    if is_recorded(thing):
        thing = thing.value
    if callable(thing):
        name = getattr(thing, "__name__", "<")
        return "" if name.startswith("<") else name
    thing = make_plain(thing)
    text = "" if isinstance(thing, Odd | tuple) else write_answer(thing)
    return text if len(text) <= 40 else ""
