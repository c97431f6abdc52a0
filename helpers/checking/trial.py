"""Run a learner's function on every case, and note what it did."""

import inspect
import linecache
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from typing import Any

import torch

from .. import sandbox
from ..lessons.errors import family_of
from ..lessons.model import Exercise
from ..wording import name_thing
from .answers import LONGEST, Outcome, Raised, make_plain
from .clues import Witness, is_tracked


def list_parameters(function: Callable) -> list[str]:
    return list(inspect.signature(function).parameters)


def accepts(function: Callable, count: int) -> bool:
    """Tell whether a function can be called with so many inputs; True if unknown."""
    signature, unknown = attempt(inspect.signature, function)
    return unknown is not None or attempt(signature.bind, *range(count))[1] is None


def run_cases(exercise: Exercise, function: Callable) -> list[Outcome]:
    """Run a function on every case, each time with fresh inputs; raise TooSlow."""
    clock, outcomes = sandbox.Clock(), []
    end = clock.now() + sandbox.PATIENCE
    with sandbox.limit_memory():
        for inputs in exercise.cases():
            run = partial(run_case, exercise, function, inputs)
            with sandbox.keep_undisturbed():
                outcomes.append(sandbox.run_within(end - clock.now(), run, clock))
    return outcomes


def run_known(exercise: Exercise, code: Callable) -> list[Outcome]:
    """Return what a lesson's own code does in every case; raise TooSlow."""
    defaults = torch.get_default_dtype(), torch.get_default_device()
    return _run_known(exercise, code, *defaults)


@cache
def _run_known(
    exercise: Exercise, code: Callable, dtype: torch.dtype, device: torch.device
) -> list[Outcome]:
    """Keep it, because all mistakes of an exercise take up to two seconds.

    It may do something else under another default `dtype` or `device` of torch.
    """
    return run_cases(exercise, code)


def run_case(exercise: Exercise, function: Callable, inputs: tuple) -> Outcome:
    """Return what a function did, as far as the exercise observes it."""
    with Witness() as witness:
        result, error = attempt(function, *inputs)
        recording = torch.is_grad_enabled()
    if error is not None:
        return Outcome(error, clues=tuple(witness.clues))
    if result is ...:
        return Outcome(...)
    witness.note(witness.at_the_end, result, recording)
    seen = observe_call(exercise, result, inputs)
    tracked, _ = attempt(is_tracked, result)  # a foreign tensor may not tell
    misfit = "" if is_of_kind(result, exercise.returns) else name_thing(result)
    return Outcome(seen, tracked is True, tuple(witness.clues), misfit)


def is_of_kind(result: object, kind: type) -> bool:
    """Tell whether a result is what an exercise asks for; whole numbers are floats."""
    return issubclass(type(result), (float, int) if kind is float else kind)


def observe_call(exercise: Exercise, result: object, inputs: tuple) -> object:
    """Return what counts of a result; a walk back from it may raise, too."""
    seen, error = attempt(exercise.observe, result, *inputs)
    if error is not None:
        later = replace(error, line="", later=True)
        return later if error.family else make_plain(result)
    return tuple(map(make_plain, seen)) if type(seen) is tuple else make_plain(seen)


def attempt(work: Callable, *inputs: object) -> tuple[Any, Raised | None]:
    """Return what foreign code returns, and what it raises; TooSlow passes through."""
    try:
        return work(*inputs), None
    except sandbox.TooSlow:
        raise
    except BaseException as problem:
        return None, describe_raised(problem)


def describe_raised(problem: BaseException) -> Raised:
    """Note an error: its kind, the first line of its message, and the line it is at."""
    kind = type(problem).__name__
    try:
        told = str(problem)
    except sandbox.TooSlow:
        raise
    except BaseException:  # its own __str__ may raise as well
        told = ""
    message = next(iter(told.splitlines()), "")[:LONGEST]
    family = family_of(f"{kind}: {message}")
    return Raised(kind, message, family.tag if family else "", find_line(problem))


def find_line(problem: BaseException) -> str:
    """Return the line of the learner's code that raised."""
    step = problem.__traceback__
    own = step.tb_next if step else None  # the first step is ours, the next theirs
    if own is None:
        return ""
    return linecache.getline(own.tb_frame.f_code.co_filename, own.tb_lineno).strip()
