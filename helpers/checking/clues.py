"""Collect clues beside the results: what a function does, and how it is written.

A clue bears the name of the misconception that it points to. It proves nothing by
itself: a right function may leave the same one.
"""

import ast
import difflib
import inspect
import math
import textwrap
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

OF_A_TRACKED = {
    "item": "NUMBERS-CARRY-GRAD",
    "tolist": "NUMBERS-CARRY-GRAD",
    "__float__": "NUMBERS-CARRY-GRAD",
    "detach": "DETACH-TOO-MUCH",
    "data.__get__": "DATA-IS-SAFE",
}
ALONE_ON_A_LINE = {
    "detach": "DETACH-IN-PLACE",
    "no_grad": "NO_GRAD-IS-A-SWITCH",
    "enable_grad": "NO_GRAD-IS-A-SWITCH",
    "inference_mode": "NO_GRAD-IS-A-SWITCH",
}
SPELLED = ("requires_grad", "grad", "data")
COPIES = ("tensor", "new_tensor", "as_tensor")
CASTS = ("float", "double", "to", "type", "type_as")
PRODUCTS = ("mul", "mul_", "__mul__", "__rmul__")
ACCESS = ("__get__", "__set__")
MOST = 10_000  # tensors to remember at once


class Memory(dict[int, weakref.ref]):
    """Know tensors again without keeping them alive.

    Nothing is called when one dies: that might be struck as the time is up.
    """

    def add(self, tensor: Tensor) -> None:
        """Remember a tensor; all others are forgotten where they are too many."""
        if len(self) >= MOST:
            self.clear()
        self[id(tensor)] = weakref.ref(tensor)

    def __contains__(self, thing: object) -> bool:
        known = self.get(id(thing))
        return known is not None and known() is thing


class Witness(TorchFunctionMode):
    """Note what is done with tensors while it is entered, in `clues`."""

    def __init__(self):
        super().__init__()
        self.clues: list[str] = []
        self.looks = math.nan  # at a .grad since the last walk; nan before the first
        self.leaf_was_read = False
        self.roots = Memory()  # what a walk started from
        self.used = Memory()  # what was computed with, untracked
        self.flagged = Memory()  # what got its flag after it was made
        # What was zeroed, if not read anew since; the .grad that was read last.
        self.zeroed = self.grad = None

    def __torch_function__(self, function, types, inputs=(), named=None):
        """Do what was asked for, and note it."""
        named = named or {}
        given = (*inputs, *named.values())
        self.note(self.before, function, given, named)
        result = function(*inputs, **named)
        self.note(self.after, function, given, result)
        return result

    def note(self, rule: Callable[..., Iterator[str]], *what: object) -> None:
        """Take the clues of a rule; a foreign tensor may raise anything when read."""
        with suppress(Exception):
            self.clues.extend(rule(*what))

    def before(self, function: Any, inputs: tuple, named: dict) -> Iterator[str]:
        """Yield the clues of a call that is about to run, if it has an input."""
        name, first = find_name(function), inputs[0]
        if name in OF_A_TRACKED and is_tracked(first):
            yield OF_A_TRACKED[name]
        elif name == "detach" and first is self.grad:
            yield "DETACH-COPIES"
        elif name in COPIES and not (name == "as_tensor" and isinstance(first, Tensor)):
            if any(map(is_tracked, list_tensors(inputs))):
                yield "TENSOR-KEEPS-GRAPH"
        elif name in ("backward", "grad"):
            yield from self.walk(inputs, named)
        elif name == "grad.__get__":
            yield from self.look(first)
        elif name == "zero_" or (name == "grad.__set__" and inputs[1] is None):
            self.zeroed = first if name == "zero_" else None
            if self.looks == (name == "zero_"):
                yield "ZEROED-TOO-EARLY"
        elif name in ("requires_grad_", "requires_grad.__set__"):
            self.flagged.add(first)
            if "DETACH-TOO-MUCH" in self.clues:
                yield "NEW-LEAF"
            if first in self.used and False not in inputs[1:]:
                yield "RETROACTIVE"
        elif is_mask(first) and name in CASTS:
            yield "MASK-MULTIPLIES"

    def after(self, function: Any, inputs: tuple, result: object) -> Iterator[str]:
        """Yield the clues of a call that has run."""
        name = find_name(function)
        if name == "grad.__get__":
            self.grad = result
        if not isinstance(result, Tensor) or name.endswith(ACCESS) or name == "detach":
            return
        given = list(list_tensors(inputs))
        if any(each is self.zeroed for each in given) and name != "zero_":
            yield "GRAD-IS-A-SNAPSHOT"
        if any(map(is_mask, given)) and name in PRODUCTS:
            yield "MASK-MULTIPLIES"
        if any(result is each for each in given) or not result.is_floating_point():
            return
        for each in given:
            if not each.requires_grad:
                self.used.add(each)
        if any(map(is_tracked, given)) and not torch.is_grad_enabled():
            quiet = torch.is_inference_mode_enabled()
            yield "NO_GRAD=INFERENCE" if quiet else "NO_GRAD-STILL-FLOWS"

    def at_the_end(self, result: object, recording: bool) -> Iterator[str]:
        """Yield the clues of what a function leaves behind."""
        if not recording:
            yield "NO_GRAD-IS-A-SWITCH"
        if self.is_flag_alone(result):
            yield "FLAG-MAKES-GRAPH"

    def walk(self, inputs: tuple, named: dict) -> Iterator[str]:
        """Yield the clues of a walk back."""
        root = next(list_tensors(inputs[:1]))
        self.looks = 0
        self.roots.add(root)
        if self.is_flag_alone(root):
            yield "FLAG-MAKES-GRAPH"
        if named.get("retain_graph"):
            yield "RETAIN-RECOMPUTES"
        weights = named.get("gradient")
        if isinstance(weights, Tensor):
            same = weights.data_ptr() == root.data_ptr()
            if weights.requires_grad or same:
                yield "GRADIENT-ARG-IS-A-NAME"

    def look(self, tensor: Tensor) -> Iterator[str]:
        """Yield the clues of reading a .grad."""
        self.looks, self.zeroed = self.looks + 1, None
        if tensor.is_leaf:
            self.leaf_was_read |= tensor.grad is not None
        elif tensor in self.roots:
            yield "GRAD-ON-OUTPUT"
        elif not tensor.retains_grad:
            yield "REBIND" if self.leaf_was_read else "FLAG-MAKES-LEAF"

    def is_flag_alone(self, result: Any) -> bool:
        """Tell a result that requires grad only because somebody set its flag."""
        return is_tracked(result) and result.is_leaf and result in self.flagged


def find_name(function: Any) -> str:
    """Name what was called: `item`, or `grad.__get__` for an attribute."""
    name = function.__name__
    return f"{function.__self__.__name__}.{name}" if name in ACCESS else name


def list_tensors(inputs: tuple) -> Iterator[Tensor]:
    """Yield the tensors among some inputs, and in lists among them."""
    for each in inputs:
        if isinstance(each, Tensor):
            yield each
        elif type(each) in (list, tuple):
            yield from (part for part in each if isinstance(part, Tensor))


def is_tracked(thing: object) -> bool:
    return isinstance(thing, Tensor) and thing.requires_grad


def is_mask(thing: object) -> bool:
    return isinstance(thing, Tensor) and thing.dtype == torch.bool


def read_source(function: Callable) -> list[str]:
    """Return the clues in a function's text, if it has one; nothing of it is run."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except Exception:  # a lambda in the middle of a line, or a foreign object
        return []
    return [clue for node in ast.walk(tree) for clue in find_clues(node)]


def find_clues(node: ast.AST) -> Iterator[str]:
    """Yield the clues of one piece of text."""
    match node:
        case ast.Expr(value=ast.Attribute(attr=name)) if is_method(name):
            yield "TYPO-ACCEPTED"  # named, but not called
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))):
            if name in ALONE_ON_A_LINE:
                yield ALONE_ON_A_LINE[name]
            return  # what a statement returns is not used
        case ast.Assign(targets=[ast.Attribute(attr=name)]):
            if is_method(name) or is_misspelt(name):
                yield "TYPO-ACCEPTED"
        case ast.With(items=[block, *_]) if "no_grad" in ast.dump(block):
            if any(map(is_rebound, node.body)):
                yield "REBIND"
        case ast.For() | ast.While() if isinstance(node.body[-1], ast.Return):
            yield "RETURN-IN-THE-LOOP"
    if any(map(is_call_of_backward, ast.iter_child_nodes(node))):
        yield "BACKWARD-RETURNS"


def is_call_of_backward(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=name)):
            return name == "backward"
    return False


def is_rebound(node: ast.AST) -> bool:
    """Tell `x = x - …` and `x = x * …`."""
    match node:
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=same), op=ast.Sub() | ast.Mult()),
        ):
            return name == same
    return False


def is_method(name: str) -> bool:
    return callable(getattr(Tensor, name, None))


def is_misspelt(name: str) -> bool:
    """Tell a name that looks like an attribute of a tensor, and is none."""
    alike = difflib.get_close_matches(name, SPELLED)
    return bool(alike) and not hasattr(Tensor, name)
