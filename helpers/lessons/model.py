"""What a lesson is made of: predictions and exercises, as data."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import Any

import torch

from ..language import Text


@dataclass(frozen=True)
class Meaning:
    """Hold the name of a misconception, and the hint that answers it."""

    tag: str
    en: str = field(kw_only=True)
    zh: str = field(kw_only=True)

    @property
    def hint(self) -> Text:
        """Return the hint in both languages."""
        return Text(self.en, self.zh)


@dataclass(frozen=True)
class Mistake(Meaning):
    """Hold a misconception as code.

    For a prediction `behave` is what somebody who believes it would guess, or a
    function that returns it; for an exercise it is the function that such a person
    would write. `variants` are further codes of the same belief. Where no code can
    stand for all of them, `resembles(got, wanted)` tells it from the outcomes.
    """

    behave: object
    variants: tuple = ()
    resembles: Callable[[list, list], bool] | None = None

    @property
    def codes(self) -> tuple:
        """Return every code of this belief."""
        return (self.behave, *self.variants)

    def guesses(self) -> list:
        """Return what those who believe it would guess."""
        return [code() if callable(code) else code for code in self.codes]


@dataclass(frozen=True)
class Prediction:
    """Hold a question; PyTorch computes the answer in the learner's own cell."""

    title: Text  # a few words for the scoreboard
    lesson: Text  # the sentence worth remembering
    hints: tuple[Text, ...]  # from a nudge to nearly the answer
    mistakes: tuple[Mistake, ...] = ()  # those that no changed walk gives
    # What PyTorch answered when the sentences about it were written. Nobody is judged
    # by it; a test tells when it is true no more.
    truth: object = field(kw_only=True)
    # Where several truth values are asked for: what each is about, so that "a, b" says
    # as much as [True, True, False].
    names: tuple[str, ...] = ()
    # What it asks about: the code of its cell, and as its last line what is judged. Where
    # there is one, checking walks it back with one rule changed after the other.
    program: str = field(default="", kw_only=True)

    @property
    def may_be_none(self) -> bool:
        """Tell whether None is an answer, not the lack of one."""
        return self.truth is None


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
    parts: tuple[Text, ...] = ()  # what each of the things that `observe` returns is
    returns: type = object  # of what kind a right result must be; an int is a float
    # Where what follows uses the solution: a right answer takes its place there, if it
    # is right in the cases `used_with` as well, which nobody is judged by.
    used_in: ModuleType | None = None
    used_with: Callable[[], Iterator[tuple]] | None = None


class ExerciseBuilder:
    """Collect an exercise piece by piece: what it asks, then each mistake by its code.

    The mistakes are compared in the order in which they were added.
    """

    def __init__(self, **parts: Any):
        self.parts = parts
        self.mistakes: list[Mistake] = []

    def mistake(
        self, tag: str, behave: Callable | None = None, **more: Any
    ) -> Callable:
        """Add a mistake, by decorating its function or by passing its code."""
        if behave is None:
            return partial(self.mistake, tag, **more)
        self.mistakes.append(Mistake(tag, behave, **more))
        return behave

    def variant(self, code: Callable) -> Callable:
        """Add a further code of the mistake above."""
        last = self.mistakes[-1]
        self.mistakes[-1] = replace(last, variants=(*last.variants, code))
        return code

    def build(self) -> Exercise:
        """Return the exercise, complete and frozen."""
        return Exercise(**self.parts, mistakes=tuple(self.mistakes))


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
