"""Ask about a learner's own graph, in words or with a field for the answer."""

import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor

from .. import sandbox
from ..graph.names import list_variables
from ..graph.private import bypass_modes
from ..language import Sentence, Text
from ..verdict import Verdict, ask_again
from ..wording import describe_error, describe_thing, write_value
from .form import show_form
from .inquiry import (
    STOPPED,
    SUBJECTS,
    Asked,
    CannotAsk,
    NamedGraph,
    check_root,
    choose,
)

HOW = Text(
    "Run this cell, and answer in the field that appears; or write `{judge}`. "
    "`{other}` draws the questions anew.",
    "运行这个单元格，在出现的输入框里作答；也可以写 `{judge}`。`{other}` 会重新抽题。",
)
VALUES = Text("The values: {values}.", "各个值：{values}。")
NO_SUBJECT = Text(
    "about={came} came, but quiz asks about one of {known}; write one of them, or "
    "leave it out.",
    "about 收到的是：{came}；但 quiz 只会问 {known} 之一；请写其中一个，或者省去。",
)
NO_SEED = Text(
    "seed={came} came, but a seed is a whole number; write seed=1, for example.",
    "seed 收到的是：{came}；但 seed 应是整数，例如 seed=1。",
)
ENDLESS = Text("still running after {seconds} seconds", "运行了 {seconds} 秒仍未结束")


@dataclass(frozen=True)
class Quiz:
    """Show the first of some questions, or all of them in a form."""

    questions: Sequence[Asked]
    values: Sentence  # of the learner's tensors, to work with
    how: Sentence  # to answer

    def show(self) -> Verdict:
        """Return what is shown where there is no form."""
        words = self.questions[0].words
        return Verdict("waiting", words, seen=self.values, hint=self.how)

    def __repr__(self) -> str:
        return repr(self.show())

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return self.show()._repr_mimebundle_()

    def _ipython_display_(self) -> None:
        """Show a form; IPython takes NotImplementedError for «as you like»."""
        if not show_form(self.questions, self.values, self._repr_mimebundle_()):
            raise NotImplementedError


def quiz(
    y: Tensor, guess: object = ..., /, *, about: str | None = None, seed: int = 0
) -> Quiz | Verdict:
    """Ask about the graph of `y`: who gets what, and what if something were otherwise.

        quiz(y)
        quiz(y, 6.0)
        quiz(y, about="detach", seed=1)

    In a live notebook one question comes after the other, above a field for the answer;
    `guess` answers the first of them in code. They are `about` one of "walk",
    "accumulation", "weights" and "detach", or all four, and `seed` chooses them. The
    tensors need variables, and the graph has at most 20 operations and leaves. A wrong
    answer is told which misconception it comes from, as in check, or the next step of
    the walk. Never raises, runs no hook, and changes neither `.grad` nor the random
    state.
    """
    variables = list_variables(sys._getframe(1))
    with sandbox.keep_undisturbed():
        try:
            work = partial(make_quiz, y, variables, about, seed)
            made = sandbox.run_within(sandbox.PATIENCE, work)
        except CannotAsk as problem:
            return ask_again(str(problem))
        except sandbox.TooSlow:
            return ask_again(STOPPED(problem=ENDLESS(seconds=sandbox.PATIENCE)))
        except Exception as problem:  # of foreign tensors
            return ask_again(STOPPED(problem=describe_error(problem)))
    return made if guess is ... else made.questions[0].judge(guess)


def make_quiz(y: Any, variables: Mapping[str, object], about: Any, seed: Any) -> Quiz:
    """Choose the questions; raise CannotAsk where there is none."""
    check_options(about, seed)
    with bypass_modes():
        check_root(y)
        named = NamedGraph(y, variables)
        subjects = SUBJECTS if about is None else [about]
        questions = choose(named, subjects, random.Random(seed))
    begin = f"quiz({named.variable}"
    more = f', about="{about}"' if about else ""
    judge = f"{begin}, guess{more}{f', seed={seed}' if seed else ''})"
    other = f"{begin}{more}, seed={seed + 1})"
    return Quiz(questions, write_values(named), HOW(judge=judge, other=other))


def write_values(named: NamedGraph) -> Sentence:
    """Say what each of the learner's tensors holds, in forward order."""
    pairs = (f"`{name} = {write_value(it)}`" for name, it in named.tensors.items())
    return VALUES(values=", ".join(pairs))


def check_options(about: Any, seed: Any) -> None:
    """Raise CannotAsk for what is no subject, or no seed."""
    if not (about is None or (type(about) is str and about in SUBJECTS)):
        known = ", ".join(f'"{it}"' for it in SUBJECTS)
        raise CannotAsk(NO_SUBJECT(came=describe_thing(about), known=known))
    if type(seed) is not int:
        raise CannotAsk(NO_SEED(came=describe_thing(seed)))
