"""What a lesson is made of: predictions and exercises, as data."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch

from ..language import Text


@dataclass(frozen=True)
class Mistake:
    """Hold a misconception as code, with the hint that answers it.

    For a prediction `behave()` returns what somebody who believes it would guess; for
    an exercise it is the function that such a person would write. `variants` are
    further codes of the same belief. Where no code can stand for all of them,
    `resembles(got, wanted)` tells it from the outcomes, case by case.
    """

    tag: str
    behave: Callable
    hint: Text
    variants: tuple[Callable, ...] = ()
    resembles: Callable[[list, list], bool] | None = None


@dataclass(frozen=True)
class Meaning:
    """Hold what a clue means in any exercise."""

    tag: str
    hint: Text


@dataclass(frozen=True)
class Prediction:
    """Hold a question; PyTorch computes the answer in the learner's own cell."""

    title: Text  # a few words for the scoreboard
    lesson: Text  # the sentence worth remembering
    hints: tuple[Text, ...]  # from a nudge to nearly the answer
    mistakes: tuple[Mistake, ...]
    may_be_none: bool = False


def as_it_is(result: object, *inputs: object) -> object:
    """Observe a function by its result; a tuple counts as a list."""
    return list(result) if type(result) is tuple else result


@dataclass(frozen=True)
class Exercise:
    """Hold an exercise: its law is that a function does what the solution does.

    `cases` yields fresh random inputs, the same each time; `observe` says what
    counts of what a function did with them: one thing, or a tuple of several.
    """

    title: Text
    lesson: Text
    hints: tuple[Text, ...]
    cases: Callable[[], Iterator[tuple]]
    solution: Callable
    mistakes: tuple[Mistake, ...]
    observe: Callable = as_it_is
    endless: Meaning | None = None  # what it means if a function does not end
    tolerance: float = 1e-9


def dice(seed: int) -> random.Random:
    """Return random numbers of Python's own, so that torch's stay as they are."""
    return random.Random(seed)


def vector(chance: random.Random, size: int, tracked: bool = False) -> torch.Tensor:
    """Return a float64 vector of normal random numbers."""
    numbers = [chance.gauss(0, 1) for _ in range(size)]
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=tracked)


def named(name: str, function: Callable) -> Callable:
    """Give a function of the cases the name by which a verdict speaks of it."""
    function.__name__ = name
    return function
