"""Show where a wrong function went another way than the solution."""

from functools import partial
from operator import indexOf
from typing import Any

import numpy as np
from torch import Tensor

from ..language import Text
from ..lessons.model import Exercise
from .answers import is_near, is_same, write_answer, write_input
from .trial import list_parameters

FOR_INPUTS = Text("For {inputs}: {said}", "当 {inputs} 时，{said}")
WANTED_GOT = Text("wanted {wanted}, got {got}.", "应为 {wanted}，得到 {got}。")
PART = Text(
    "{part} should be {wanted}, not {got}.", "{part}应为 {wanted}，得到 {got}。"
)
GOT = Text("got {got}.", "得到 {got}。")
A_NUMBER = Text("the number", "数")
AT_PLACE = Text("{part} at {place}", "{place} 处的{part}")

Place = tuple[int, ...]  # of a number in a tensor


def write_evidence(exercise: Exercise, case: int, wanted: object, got: object) -> str:
    """Say what gave a function away, on the first case that it got wrong."""
    part, one, other = find_part(exercise, wanted, got)
    place = find_place(one, other, exercise.tolerance)
    inputs = name_inputs(exercise, case, one, place)
    if place:
        part = AT_PLACE(part=part or A_NUMBER(), place=list(place))
        one, other = one[place], other[place]
    said = describe_pair(part, one, other)
    if inputs:
        return FOR_INPUTS(inputs=", ".join(inputs), said=said)
    return said[0].upper() + said[1:]


def find_part(exercise: Exercise, wanted: object, got: object) -> tuple:
    """Return what the first part that differs is called, if anything, and that part."""
    if not isinstance(wanted, tuple):
        return "", wanted, got
    same = partial(is_same, tolerance=exercise.tolerance)
    if not isinstance(got, tuple):  # something that could not be observed
        alike = isinstance(wanted[0], Tensor) and isinstance(got, Tensor)
        first = wanted[0] if alike and not same(got, wanted[0]) else ...
        return "", first, got
    if len(wanted) != len(got):
        return "", wanted, got
    number = indexOf(map(same, got, wanted), False)  # in the order of the judge
    name = exercise.parts[number]() if exercise.parts else ""
    return name, wanted[number], got[number]


def find_place(one: object, other: object, tolerance: float) -> Place:
    """Return where two tensors differ first, if as a whole they look the same."""
    if not isinstance(one, Tensor) or not isinstance(other, Tensor):
        return ()
    if one.shape != other.shape or write_answer(one) != write_answer(other):
        return ()
    near = partial(is_near, tolerance=tolerance)
    first = indexOf(map(near, other.flatten(), one.flatten()), False)
    return tuple(map(int, np.unravel_index(first, one.shape)))


def name_inputs(exercise: Exercise, case: int, answer: Any, place: Place) -> list[str]:
    """Write the inputs of a case; of those with the answer's shape, what is there."""
    inputs, said = list(exercise.cases())[case], []
    for name, thing in zip(list_parameters(exercise.solution), inputs, strict=True):
        if place and isinstance(thing, Tensor) and thing.shape == answer.shape:
            name, thing = f"{name}{list(place)}", thing[place]
        if text := write_input(thing):
            said.append(f"{name} = {text}")
    return said


def describe_pair(part: str, wanted: object, got: object) -> str:
    """Say what was wanted and what came; only that, where the two are no pair."""
    if wanted is ...:
        return GOT(got=write_answer(got))
    one, other = tell_apart(wanted, got)
    said = PART if part else WANTED_GOT
    return said(part=part, wanted=one, got=other)


def tell_apart(one: object, other: object) -> tuple[str, str]:
    """Write two answers alike, with as many digits as tell them apart."""
    both = [it for it in (one, other) if isinstance(it, Tensor) and it.numel() == 1]
    first, second = write_answer(one), write_answer(other)
    unlike = first == second or ("e+" in first) != ("e+" in second)
    if unlike and len(both) == 2:
        first, second = (repr(number.item()) for number in both)
    return first, second
