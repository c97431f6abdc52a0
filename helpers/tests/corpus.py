"""Collect answers: right ones, and wrong ones with the name of their misconception."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """Hold what somebody handed in; without a tag it is right."""

    name: str
    tag: str | None
    given: object


@dataclass(frozen=True)
class Corpus:
    """Hold answers in the order in which they were collected."""

    answers: list[Answer] = field(default_factory=list)

    def right(self, name: str) -> Callable[[Callable], Callable]:
        """Collect a function that solves an exercise."""
        return self.wrong(name, None)

    def wrong(self, name: str, tag: str | None) -> Callable[[Callable], Callable]:
        """Collect a function that comes from a misconception."""

        def collect(function):
            self.guess(name, tag, function)
            return function

        return collect

    def guess(self, name: str, tag: str | None, value: object) -> None:
        """Collect a guess."""
        self.answers.append(Answer(name, tag, value))
