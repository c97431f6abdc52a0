"""How a value, a thing or an error is said, in pictures and in verdicts alike."""

import re
import traceback
from collections.abc import Sequence
from math import inf, log10
from typing import Any

import torch
from torch import Tensor

from .language import Sentence, Text
from .sizes import find_size

MOST_WORDS = 160  # characters of somebody else's message
MOST_NUMBERS = 6  # in a vector; more are shown as a shape
MOST_PARTS = 6  # outputs of one operation
LONGEST = 60  # characters of several outputs side by side
LARGEST_MATRIX = 2, 3  # rows, columns; with more it would be wider than its box
MANY_ZEROS = 75  # per cent; half of what comes out of a relu is 0 anyhow
UPTO = "±"  # before the largest absolute value
MOST_DIGITS, ALL_DIGITS = 7, 15  # of what was computed, of a number in Python
UNKNOWN = "?"

# What came, where its value says less than its kind does.
A, AN = Text("a {kind}", "一个 {kind}"), Text("an {kind}", "一个 {kind}")
A_TENSOR = Text("a tensor of shape {shape}", "一个形状为 {shape} 的张量")
LIST_WITH = Text("a list with {part} in it", "里面有 {part} 的列表")
# A kind that is said with a vowel first: letter by letter, like LSTM, or as a word, but
# not one like «you».
SPELLED = r"[AEFHILMNORSX](?![a-z])|nd"
SPOKEN = r"(?!U(?![a-z])|(?i:u(?:int|ni[^mn]|se|func)))[AEIOUaeiou]"
VOWEL = re.compile(f"_*(?:{SPELLED}|{SPOKEN})")


def add_article(kind: str) -> Sentence:
    """Say that it is one thing of some kind, as in «an ndarray» and «a list»."""
    return (AN if VOWEL.match(kind) else A)(kind=kind)


def describe_error(problem: BaseException) -> str:
    """Return an exception's name and the beginning of its message, without notes."""
    told = traceback.TracebackException(type(problem), problem, None)
    told.__notes__ = None
    *_, words = told.format_exception_only()
    return words.splitlines()[0][:MOST_WORDS]


def write_number(value: complex, digits: int = 4, most: int = MOST_DIGITS) -> str:
    """Write a number: whole ones in full, others with `digits` digits, never -0.

    One that would look rounder than it is gets more digits, up to `most`: 1.0001 is
    not 1, but 0.33333 is 0.3333.
    """
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, complex):
        imaginary = write_number(value.imag, digits, most)
        sign = "" if imaginary.startswith("-") else "+"
        return f"{write_number(value.real, digits, most)}{sign}{imaginary}j"
    if is_whole(value) and abs(value) < 1_000_000:
        return str(int(value))
    rounded = [f"{float(value):.{n}g}" for n in range(digits, max(digits, most) + 1)]
    if float(rounded[0]) == value:
        return rounded[0]
    full = (text for n, text in enumerate(rounded, digits) if count_digits(text) == n)
    return next(full, rounded[0])


def is_whole(value: float) -> bool:
    return abs(value) < inf and value == int(value)


def count_digits(text: str) -> int:
    """Count the significant digits of a number that is not 0."""
    mantissa, *_ = text.split("e")
    return len(re.sub(r"\D", "", mantissa).lstrip("0"))


def write_python_number(value: complex) -> str:
    """Write a number of Python's: as a learner wrote it, unless that is long."""
    plain = write_number(value, most=ALL_DIGITS)
    if isinstance(value, complex) or is_whole(value):
        return plain
    short = (f"{value:.{n}g}" for n in range(1, MOST_DIGITS + 1))
    return next((text for text in short if float(text) == value), plain)


def write_value(value: object, missing: str = "None", brief: bool = False) -> str:
    """Write a value: a number, a short vector, a small matrix, or else its size.

    If it is to be `brief`, a shape alone does for a size.
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, tuple):
        return write_outputs(value, missing)
    if isinstance(value, int | float | complex):
        return write_python_number(value)
    if not isinstance(value, Tensor):
        return str(value)
    if value.is_nested:
        return write_value(value.unbind())
    if value.is_meta or not is_small(value.shape) or value.shape[:-1].numel() == 0:
        return write_shape(value.shape) if brief else write_size(value)
    numbers = value.dequantize() if value.is_quantized else value.to_dense()
    return write_rows(numbers.tolist(), reliable_digits(numbers.dtype))


def write_outputs(values: Sequence[object], missing: str) -> str:
    """Write what an operation with several outputs gives; how many, if it is long."""
    for brief in (False, True):
        parts = [
            missing if value is None else write_value(value, missing, brief)
            for value in values[:MOST_PARTS]
        ]
        together = " | ".join(parts + ["…"] * (len(values) > MOST_PARTS))
        if len(together) <= LONGEST:
            return together
    return f"{len(values)} outputs"


def write_shape(shape: Sequence[int]) -> str:
    return "shape " + "×".join(map(str, shape))


def write_size(value: Tensor) -> str:
    """Write a shape and the largest absolute value: «24×8 ±0.031, 3 nan».

    Of truths, how many; of a tensor whose numbers nobody knows, the shape alone.
    """
    size, shape = find_size(value), write_shape(value.shape)
    if size is None or size.total == 0:
        return shape
    shape = shape.removeprefix("shape ") if len(value.shape) > 1 else shape
    zeros = size.zeros or 0
    if value.dtype == torch.bool:
        return f"{shape}, {size.total - zeros} True"
    if size.largest is not None:
        shape += f" {UPTO}{write_number(size.largest, most=4)}"
    share = 100 * zeros // size.total  # rounded down: 100 % means all
    odd = {"nan": size.nans, "inf": size.infs}
    told = [f"{count} {kind}" for kind, count in odd.items() if count]
    told += [f"{share}% zero"] if size.largest and share >= MANY_ZEROS else []
    return ", ".join([shape, *told])


def is_small(shape: Sequence[int]) -> bool:
    """Tell whether there is room for all the numbers."""
    if len(shape) < 2:
        return sum(shape) <= MOST_NUMBERS
    rows, columns = LARGEST_MATRIX
    return len(shape) == 2 and shape[0] <= rows and shape[1] <= columns


def reliable_digits(dtype: torch.dtype) -> int:
    """Return how many digits a kind of number is good for: 6 of a float32."""
    if not (dtype.is_floating_point or dtype.is_complex):
        return 0
    return min(MOST_DIGITS, round(-log10(torch.finfo(dtype).resolution)))


def write_rows(values: Any, most: int) -> str:
    """Write a number, or nested lists of numbers as [1 2][3 4]."""
    if not isinstance(values, list):
        return write_number(values, most=most)
    if values and isinstance(values[0], list):
        return "[" + "".join(write_rows(row, most) for row in values) + "]"
    return "[" + " ".join(write_number(value, 3, most) for value in values) + "]"


def describe_thing(thing: Any) -> str:
    """Say what a thing is, without trusting its repr."""
    try:
        if issubclass(type(thing), Tensor):
            return A_TENSOR(shape=tuple(thing.shape))
        if type(thing) in (str, bool, int, float, complex):
            return f"{thing!r:.60}"
    except (RuntimeError, ValueError):  # no shape if nested, no digits if too many
        pass
    return add_article(type(thing).__name__[:60])


def name_thing(thing: Any, depth: int = 0) -> str:
    """Name a thing without trusting its repr, a list by what does not belong there."""
    if type(thing) in (list, tuple) and depth < 2:  # it may hold itself
        odd = [part for part in thing if type(part) not in (int, float, bool)]
        odd += [part for part in thing if type(part) is bool]
        if odd:
            named = "None" if odd[0] is None else name_thing(odd[0], depth + 1)
            return LIST_WITH(part=named)
    if type(thing) is str:
        return f"'{thing[:60]}'"
    return add_article(type(thing).__name__)
