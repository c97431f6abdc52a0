"""Collect answers: right ones, and wrong ones with the name of their misconception."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    """Hold what somebody handed in; without a tag it is right."""

    name: str
    tag: str | None
    given: object


FUNCTIONS: list[Answer] = []
GUESSES: list[Answer] = []


def right(name: str) -> Callable[[Callable], Callable]:
    """Collect a function that solves an exercise."""
    return wrong(name, None)


def wrong(name: str, tag: str | None) -> Callable[[Callable], Callable]:
    """Collect a function that comes from a misconception."""

    def collect(function):
        FUNCTIONS.append(Answer(name, tag, function))
        return function

    return collect


def guess(name: str, tag: str | None, value: object) -> None:
    """Collect a guess."""
    GUESSES.append(Answer(name, tag, value))
