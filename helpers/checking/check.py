"""Judge what a learner hands in, and say what helps next."""

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from ..language import Text
from ..verdict import Verdict

UNKNOWN_NAME = Text(
    "No question is called {came}; the name that is most like it is {nearest!r}.",
    "没有名为 {came} 的题目；最接近的名字是 {nearest!r}。",
)


def check(
    name: str, answer: object, truth: object = None, hint: bool = False
) -> Verdict:
    """Judge an answer: a guess against the truth, or a function against a law.

        check("backward/factor", guess, x.grad)
        check("accumulation/descend", descend)

    `name` is that of the question, `answer` a guess, which needs the `truth` that it is
    compared with, or a function. A wrong answer is told which misconception it comes
    from; a second wrong try, or `hint=True`, gets a hint as well. Never raises, and
    changes neither the learner's tensors nor the random state.
    """
    # At the first check, not at every import: the lessons take a while to load.
    from ..lessons import LESSONS
    from ..wording import name_thing
    from .progress import count_wrong, note_verdict
    from .sections import find_section

    lesson = LESSONS.get(name) if type(name) is str else None
    if lesson is None:
        came = name_thing(name)
        (nearest,) = get_close_matches(came, LESSONS, n=1, cutoff=0)
        # No matter of form: an author has misspelt it, and must not store it.
        said = UNKNOWN_NAME(came=came, nearest=nearest)
        return Verdict("wrong", said, counts=False)
    verdict = judge(lesson, answer, truth, count_wrong(name))
    link = find_section(name, verdict.misconception)
    return note_verdict(name, replace(verdict, link=link), lesson.hints, hint is True)


def judge(lesson: Any, answer: object, truth: object, tries: int) -> Verdict:
    """Judge a guess or a function; hand a right one over to the rest of the page."""
    from ..lessons import Prediction

    if isinstance(lesson, Prediction):
        from .guesses import judge_guess

        return judge_guess(lesson, answer, truth, tries)
    from .functions import judge_function, serves

    verdict = judge_function(lesson, answer)
    if verdict.state == "right" and serves(lesson, answer):
        setattr(lesson.used_in, lesson.solution.__name__, answer)
    return verdict
