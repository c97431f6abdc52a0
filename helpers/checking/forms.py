"""Read what a learner wrote as a kind teacher would: as numbers, flags, None or words.

Nothing of a text is run: it is read as an expression of numbers, lists and a few words.
"""

import ast
import math
import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Set
from itertools import islice
from typing import Any

import numpy as np
from torch import Tensor

from ..lessons.errors import family_of
from .answers import DEEPEST, MOST

LONGEST = 1_000  # characters of a text that is read
AN_ERROR = "error"  # what a guess is that expects one
OF_AN_ERROR = re.compile("error|exception|raise", re.IGNORECASE)

WORDS = {
    "none": None,
    "nan": math.nan,
    "inf": math.inf,
    "infinity": math.inf,
    **dict.fromkeys(("true", "t", "yes", "是", "对", "真"), True),
    **dict.fromkeys(("false", "f", "no", "否", "不是", "错", "假"), False),
}
OPERATIONS: dict[type, Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
WRAPPERS = {"tensor", "array", "float", "list", "tuple"}  # as printed: tensor([1., 2.])

# Signs that look like those of Python; what is full-width is 0xfee0 beyond its twin.
TWINS = str.maketrans(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {ord(sign): "-" for sign in "−–—﹣"}
    | {ord(sign): "*" for sign in "×·∙"}
    | {"÷": "/", "⁄": "/", "∞": "inf", "、": ",", "。": ".", "【": "[", "】": "]"}
    | {"²": "**2", "³": "**3", "½": "(1/2)", "¼": "(1/4)", "¾": "(3/4)"}
)
ASIDE = re.compile(r",\s*(?:dtype|device|grad_fn|requires_grad)\s*=[^,)]*")
NAMED = re.compile(r"^[^\W\d][\w.'/\[\] ]*?(?:\s*(?:==?|:|≈)|\s+is)\s*")
ABOUT = re.compile(r"^(?:=|≈|~)\s*")
APART = re.compile(r"(?<=[\w.\])])\s+(?=[-+]?[\w.\[(])")  # as NumPy prints: [1. -2.]
AROUND = " \n\t`'\"“”‘’"
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[ ,]\d{3})+(?:\.\d*)?")
DECIMAL = re.compile(r"[-+]?\d+,\d+")
PAIR = re.compile(r"(\w+)\W*[:=]\s*(\w+)")
NAME = re.compile(r"(?<![^\W和与])(?!and\b)[^\W和与]+")  # a, b and d
UNREAD = (SyntaxError, ArithmeticError, LookupError, TypeError, ValueError)


class Unreadable(Exception):
    """Carry what is no number, flag, None or list of such."""

    def __init__(self, part: object):
        super().__init__()
        self.part = part


class Unordered(Unreadable):
    """Carry several things that have no order."""


def read_guess(guess: object, names: tuple[str, ...] = (), single: bool = True) -> Any:
    """Return what a guess says: None, a bool, a number, a list of such, or AN_ERROR.

    `names` are those of the flags that are asked for; `single` tells that it is one
    number, where a comma may be a decimal one. Raise Unreadable with what is no guess.
    """
    flags = read_names(guess, names) if names else None
    return read_anything(guess, single) if flags is None else flags


def read_names(guess: Any, names: tuple[str, ...]) -> list | None:
    """Read the names of what is true, or each name with its flag; None if it is not."""
    if type(guess) is str and len(guess) <= LONGEST:
        guess = dict(PAIR.findall(guess)) or NAME.findall(guess)
    if not isinstance(guess, list | tuple | Set | Mapping):
        return None
    if isinstance(guess, Mapping) and set(guess) == set(names):
        return [read_anything(guess[name]) for name in names]
    whole = len(guess) and not isinstance(guess, Mapping)
    known = whole and all(type(each) is str and each in names for each in guess)
    return [name in guess for name in names] if known else None


def read_anything(thing: Any, single: bool = False, depth: int = 0) -> Any:
    """Turn whatever it is into a number, a flag, None, AN_ERROR or a list of such."""
    kind = type(thing)
    too_large = issubclass(kind, np.ndarray) and thing.size > MOST
    if depth > DEEPEST or too_large:
        raise Unreadable(thing)
    if thing is None or kind in (bool, int, float, complex) or issubclass(kind, Tensor):
        return thing
    if kind is str:
        return read_text(thing, single)
    if issubclass(kind, np.longdouble):
        return float(thing)
    if issubclass(kind, np.ndarray | np.generic):
        return read_anything(thing.tolist(), single, depth + 1)
    if hasattr(kind, "__float__"):
        return float(thing)  # a Fraction, a Decimal
    return [read_anything(part, False, depth + 1) for part in list_parts(thing)]


def list_parts(thing: Any) -> list:
    """List what is in a collection or a generator; raise where that has no order."""
    kind = type(thing)
    if issubclass(kind, str | bytes | type) or not issubclass(kind, Iterable):
        raise Unreadable(thing)
    whole = thing.values() if issubclass(kind, Mapping) else thing
    parts = list(islice(whole, MOST + 1))
    if len(parts) > MOST:
        raise Unreadable(thing)
    if issubclass(kind, Mapping | set | frozenset) and len(parts) > 1:
        raise Unordered(thing)
    return parts


def read_text(text: str, single: bool) -> Any:
    """Read a text as an expression of numbers and words; raise Unreadable."""
    if len(text) > LONGEST:
        raise Unreadable(text)
    if OF_AN_ERROR.search(text):
        return AN_ERROR
    try:
        return evaluate(ast.parse(write_plainly(text, single), mode="eval").body)
    except (*UNREAD, RecursionError, MemoryError):
        if "错" in text or (" " in text and family_of(text)):
            return AN_ERROR
        raise Unreadable(text) from None


def write_plainly(text: str, single: bool) -> str:
    """Write a text as Python would: its digits, signs and commas, without its name."""
    text = "".join(str(unicodedata.decimal(sign, sign)) for sign in text)
    text = ASIDE.sub("", text.translate(TWINS)).strip(AROUND).rstrip(".")
    text = ABOUT.sub("", NAMED.sub("", text))
    if single and GROUPED.fullmatch(text):
        return re.sub("[ ,]", "", text)
    if single and DECIMAL.fullmatch(text):
        return text.replace(",", ".")
    spread = "," not in text and ("[" in text or not single)
    return APART.sub(", ", text) if spread else text


def evaluate(node: ast.AST) -> Any:
    """Return the value of an expression of numbers, lists and WORDS; else raise."""
    match node:
        case ast.Constant(value=None | bool() as value):
            return value
        case ast.Constant(value=int() | float() as value):
            return float(value)  # so that no power takes for ever
        case ast.Constant(value=complex() as value):
            return value
        case ast.Constant(value=str() as word) | ast.Name(id=word):
            return WORDS[word.casefold()]
        case ast.Attribute(value=ast.Name(id="torch" | "np" | "math"), attr=word):
            return WORDS[word]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [evaluate(part) for part in parts]
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inside]):
            if name in WRAPPERS:
                return evaluate(inside)
        case ast.UnaryOp(op=sign, operand=one):
            return OPERATIONS[type(sign)](as_number(one))
        case ast.BinOp(left=one, op=sign, right=other):
            return OPERATIONS[type(sign)](as_number(one), as_number(other))
    raise SyntaxError


def as_number(node: ast.AST) -> float | complex:
    """Evaluate what is calculated with; raise where it is a flag or a list."""
    value = evaluate(node)
    if type(value) not in (float, complex):
        raise TypeError
    return value
