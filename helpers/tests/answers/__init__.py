"""Answers of learners: a module for each notebook, in it a class for each question.

Some are of people who never saw the known mistakes, some of those who knew a catalogue
of them, but not the checker. Each stands under what shall be said of it: `right`, or a
misconception with _ for - and =; there is a list of guesses, or a class of functions.
"""

from dataclasses import dataclass

from helpers.lessons import LESSONS

from . import (
    accumulation,
    backward,
    build_autograd,
    control_flow,
    detach,
    gradient_descent,
    requires_grad,
    vector,
)

MODULES = (
    requires_grad,
    backward,
    accumulation,
    vector,
    detach,
    control_flow,
    gradient_descent,
    build_autograd,
)


@dataclass(frozen=True)
class Answer:
    """Hold what somebody handed in, and what shall be said of it."""

    question: str
    expected: str
    given: object


def collect(module):
    """Return the answers to the questions of a notebook."""
    lesson = module.__name__.rpartition(".")[2]
    return [
        Answer(f"{lesson}/{question}", expected, given)
        for question, answers in members(module)
        if f"{lesson}/{question}" in LESSONS
        for expected, group in members(answers)
        for given in (group if type(group) is list else dict(members(group)).values())
    ]


def members(thing):
    """Return what a module or a class defines, by name."""
    return [(key, it) for key, it in vars(thing).items() if not key.startswith("_")]


ANSWERS = {module.__name__.rpartition(".")[2]: collect(module) for module in MODULES}
