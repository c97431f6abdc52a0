"""Run a learner's function on every case, and note what it did."""

import inspect
import linecache
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from ..lessons.errors import family_of
from ..lessons.model import Exercise
from ..sandbox import (
    PATIENCE,
    Clock,
    TooSlow,
    keep_undisturbed,
    limit_memory,
    run_within,
)
from .answers import LONGEST, Outcome, Raised, make_plain
from .clues import Witness


def list_parameters(function: Callable) -> list[str]:
    """Return the names of what a function takes."""
    return list(inspect.signature(function).parameters)


def accepts(function: Callable, count: int) -> bool:
    """Tell whether a function can be called with so many inputs; True if unknown."""
    try:
        signature = inspect.signature(function)
    except Exception:  # a builtin, or a foreign object that does not tell
        return True
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True


def run_cases(exercise: Exercise, function: Callable) -> list[Outcome]:
    """Run a function on every case, each time with fresh inputs; raise TooSlow."""
    clock = Clock()
    end = clock.now() + PATIENCE
    with limit_memory():
        return [
            run_case_in_time(end, clock, partial(run_case, exercise, function, inputs))
            for inputs in exercise.cases()
        ]


def run_case_in_time(end: float, clock: Clock, run: Callable[[], Outcome]) -> Outcome:
    """Run one case undisturbed; raise TooSlow."""
    with keep_undisturbed():
        return run_within(end - clock.now(), run, clock)


def run_case(exercise: Exercise, function: Callable, inputs: tuple) -> Outcome:
    """Return what a function did, as far as the exercise observes it."""
    witness = Witness()
    try:
        with witness:
            result = function(*inputs)
            recording = torch.is_grad_enabled()
    except TooSlow:
        raise
    except BaseException as problem:
        return Outcome(describe_raised(problem), clues=tuple(witness.clues))
    if result is ...:
        return Outcome(...)
    witness.note(witness.at_the_end, result, recording)
    clues = tuple(witness.clues)
    return Outcome(observe_call(exercise, result, inputs), has_graph(result), clues)


def has_graph(result: object) -> bool:
    """Tell whether a result was recorded; a foreign tensor may not tell."""
    try:
        return isinstance(result, Tensor) and result.requires_grad is True
    except Exception:
        return False


def observe_call(exercise: Exercise, result: object, inputs: tuple) -> object:
    """Return what counts of a result; a walk back from it may raise, too."""
    try:
        seen = exercise.observe(result, *inputs)
        return tuple(map(make_plain, seen)) if type(seen) is tuple else make_plain(seen)
    except TooSlow:
        raise
    except BaseException as problem:
        error = describe_raised(problem)
        return error if error.family else make_plain(result)


def describe_raised(problem: BaseException) -> Raised:
    """Note an error: its kind, the first line of its message, and the line it is at."""
    kind = type(problem).__name__
    message = next(iter(read_line(problem).splitlines()), "")[:LONGEST]
    family = family_of(f"{kind}: {message}")
    return Raised(kind, message, family.tag if family else "", find_line(problem))


def read_line(message: object) -> str:
    """Return what an error or a warning says; its own __str__ may raise as well."""
    try:
        return str(message)
    except TooSlow:
        raise
    except BaseException:
        return ""


def find_line(problem: BaseException) -> str:
    """Return the line of the learner's code that raised."""
    step = problem.__traceback__
    own = step.tb_next if step else None  # the first step is ours, the next theirs
    if own is None:
        return ""
    return linecache.getline(own.tb_frame.f_code.co_filename, own.tb_lineno).strip()
