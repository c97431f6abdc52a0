"""Find out what an operation computed with: from what it saved, or from watch()."""

import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor

from .calls import Call
from .data import Value
from .depth import find_marked
from .functions import Inputs, find_reachable, is_tensor, output_place, take_snapshot
from .private import Function, base_of, is_custom, schema_of

LARGEST_WATCHED = 10_000  # elements; watch() keeps many values
# Where torch's name for an operation is not what a learner would say.
PUZZLING = {
    "AsStrided": "View",
    "CopySlices": "Write",
    "Rsub": "Sub",
    "ToCopy": "To",
    "UnsafeView": "View",
}
TRACKED = object()
Operand = tuple[int, str, str, object]  # place, name, type, default
NONE = type(None)  # a reference to nothing


@dataclass(frozen=True, eq=False)
class Constant:
    """Hold an input that autograd does not track."""

    value: Value
    origin: Callable[[], Tensor | None] = NONE  # weakly, to the learner's tensor
    call: Call | None = None  # of the module that made it
    whole: Callable[[], Tensor | None] = NONE  # what it is a view of, or itself


def collect_values(kept: Mapping[Function, Mapping]) -> dict[tuple, Tensor]:
    """Collect, by place, values that functions saved or that watch() saw."""
    values: dict[tuple, Tensor] = {}
    for function, things in kept.items():
        for tensor in find_reachable(things.values()):
            values.setdefault(output_place(tensor), tensor)
        for number, tensor in find_marked(function).values.items():
            values[function, number] = tensor
    return values


def torch_name(function: Function) -> str:
    """Return torch's name for an operation: 'MulBackward0' is 'Mul'."""
    return re.sub(r".*::|Backwards?\d*$", "", function.name())


def name_operation(function: Function) -> str:
    """Return what a learner would call an operation."""
    name = torch_name(function)
    return PUZZLING.get(name, name)


@cache
def find_operands(func) -> list[Operand]:
    """List the tensors and numbers that a computation takes, no sizes and flags."""
    schema = schema_of(func)
    return [
        (place, argument.name, str(argument.type), argument.default_value)
        for place, argument in enumerate(schema.arguments if schema else ())
        if re.search("Tensor|number", str(argument.type)) and not argument.kwarg_only
    ]


@cache
def list_signatures(name: str) -> list[list[Operand]]:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    found = (getattr(torch.ops.aten, n, None) for n in (snake, f"_{snake}"))
    packet = next(filter(None, found), None)
    variants = packet.overloads() if packet else []
    return [find_operands(getattr(packet, variant)) for variant in variants]


def find_unwatched_inputs(function: Function, kept: Mapping) -> list:
    """Rebuild an operation's inputs from what it saved for the walk."""
    slots = [source is not None for source, _ in function.next_functions]
    own = is_custom(function)  # of the learner's, with any name
    for strict in (True, False):
        for signature in () if own else list_signatures(torch_name(function)):
            inputs = match_inputs(signature, slots, kept, strict)
            if inputs is not None:
                return inputs
    return [TRACKED if tracked else Constant(None) for tracked in slots]


def match_inputs(
    signature: Sequence[Operand], slots: Sequence[bool], kept: Mapping, strict: bool
) -> list | None:
    """List what stands at the operands of a signature; return None if it cannot be.

    Indices and masks have no slot. Unless `strict`, a number may be unknown.
    """
    tensors = [name for _, name, kind, _ in signature if "Tensor" in kind]
    spare = len(tensors) > len(slots)
    indices = [name for name in tensors if spare and is_index(kept.get(name))]
    if len(tensors) != len(slots) + len(indices):
        return None
    slot = iter(slots)
    inputs: list[object] = []
    for _, name, kind, default in signature:
        value = kept.get(name)
        if name in indices:
            inputs += map(make_constant, find_reachable([value]))
        elif "Tensor" in kind:
            tracked = next(slot)
            if tracked or value is not None or "Optional" not in kind:
                inputs.append(TRACKED if tracked else make_constant(value))
        elif (strict and name not in kept) or isinstance(value, Tensor):
            return None
        elif name not in kept or value != default:
            inputs.append(Constant(value))
    return inputs


def is_index(value: object) -> bool:
    """Tell whether a value is made of tensors that have no gradient."""
    kinds = {tensor.dtype for tensor in find_reachable([value])}
    return bool(kinds) and not any(k.is_floating_point or k.is_complex for k in kinds)


def make_constant(value: Value, call: Call | None = None) -> Constant:
    """Wrap an untracked input, remembering weakly which tensor it was."""
    if not is_tensor(value):
        return Constant(value)
    base, seen = base_of(value), take_snapshot(value, LARGEST_WATCHED)
    whole = weakref.ref(value if base is None else base)
    return Constant(seen, weakref.ref(value), call, whole)


def order_inputs(function: Function, kept: Mapping, arrows: Inputs) -> list:
    """List an operation's inputs: arrows, and Constants in between.

    `1 - x` is Rsub(x, 1) in torch, so its inputs are turned round.
    """
    given = find_marked(function).inputs
    if given.count(TRACKED) != len(arrows):
        given = find_unwatched_inputs(function, kept)
    arrow = iter(arrows)
    inputs = [next(arrow) if thing is TRACKED else thing for thing in given]
    return inputs[::-1] if torch_name(function) == "Rsub" else inputs
