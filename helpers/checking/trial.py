"""Run a learner's function on every case, and note what it did."""

import inspect
import linecache
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from ..lessons.errors import family_of
from ..lessons.model import Exercise
from ..sandbox import PATIENCE, Clock, TooSlow, memory_limit, undisturbed, within
from .answers import LONGEST, Outcome, Raised, plain
from .clues import Witness


def parameters(function: Callable) -> list[str]:
    """Return the names of what a function takes."""
    return list(inspect.signature(function).parameters)


def takes(function: Callable, count: int) -> bool:
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


def outcomes(exercise: Exercise, function: Callable) -> list[Outcome]:
    """Run a function on every case, each time with fresh inputs; raise TooSlow."""
    clock = Clock()
    end = clock.now() + PATIENCE
    with memory_limit():
        return [
            outcome_in_time(end, clock, partial(outcome, exercise, function, inputs))
            for inputs in exercise.cases()
        ]


def outcome_in_time(end: float, clock: Clock, run: Callable[[], Outcome]) -> Outcome:
    """Run one case undisturbed; raise TooSlow."""
    with undisturbed():
        return within(end - clock.now(), run, clock)


def outcome(exercise: Exercise, function: Callable, inputs: tuple) -> Outcome:
    """Return what a function did, as far as the exercise observes it."""
    witness = Witness()
    try:
        with witness:
            result = function(*inputs)
            recording = torch.is_grad_enabled()
    except TooSlow:
        raise
    except BaseException as problem:
        return Outcome(raised(problem), clues=tuple(witness.clues))
    if result is ...:
        return Outcome(...)
    witness.note(witness.at_the_end, result, recording)
    clues = tuple(witness.clues)
    return Outcome(observed(exercise, result, inputs), has_graph(result), clues)


def has_graph(result: object) -> bool:
    """Tell whether a result was recorded; a foreign tensor may not tell."""
    try:
        return isinstance(result, Tensor) and result.requires_grad is True
    except Exception:
        return False


def observed(exercise: Exercise, result: object, inputs: tuple) -> object:
    """Return what counts of a result; a walk back from it may raise, too."""
    try:
        seen = exercise.observe(result, *inputs)
        return tuple(map(plain, seen)) if type(seen) is tuple else plain(seen)
    except TooSlow:
        raise
    except BaseException as problem:
        error = raised(problem)
        return error if error.family else plain(result)


def raised(problem: BaseException) -> Raised:
    """Note an error: its kind, the first line of its message, and the line it is at."""
    kind = type(problem).__name__
    message = next(iter(text_of(problem).splitlines()), "")[:LONGEST]
    family = family_of(f"{kind}: {message}")
    return Raised(kind, message, family.tag if family else "", line_of(problem))


def text_of(message: object) -> str:
    """Return what an error or a warning says; its own __str__ may raise as well."""
    try:
        return str(message)
    except TooSlow:
        raise
    except BaseException:
        return ""


def line_of(problem: BaseException) -> str:
    """Return the line of the learner's code that raised."""
    step = problem.__traceback__
    own = step.tb_next if step else None  # the first step is ours, the next theirs
    if own is None:
        return ""
    return linecache.getline(own.tb_frame.f_code.co_filename, own.tb_lineno).strip()
