"""Judge what a learner hands in, and say what helps next."""

from .language import Text
from .verdict import Verdict

UNKNOWN_NAME = Text(
    "No question is called {came}; this course's names are {known}.",
    "没有名为 {came} 的题目；本课程的题目有：{known}。",
)


def check(
    name: str, answer: object, truth: object = None, hint: bool = False
) -> Verdict:
    """Judge an answer: a guess against the truth, or a function against a law.

    A wrong answer is told which misconception it comes from; a second wrong try, or
    `hint=True`, gets a hint as well. Never raises, and changes neither the learner's
    tensors nor the random state.
    """
    # At the first check, not at every import: the lessons take a while to load.
    from .judge import brief, judge_function, judge_guess
    from .lessons import LESSONS, Prediction
    from .progress import noted

    lesson = LESSONS.get(name) if type(name) is str else None
    if lesson is None:
        known = ", ".join(LESSONS)
        return Verdict("wrong", UNKNOWN_NAME(came=brief(name), known=known))
    if isinstance(lesson, Prediction):
        verdict = judge_guess(lesson, answer, truth)
    else:
        verdict = judge_function(lesson, answer)
    return noted(name, verdict, lesson.hints, hint is True)
