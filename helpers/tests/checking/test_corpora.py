"""Answers of learners are judged fairly; most wrong ones are named."""

import re
from functools import cache

import pytest

from helpers import check
from helpers.lessons import LESSONS, Exercise
from helpers.tests.answers import ANSWERS
from helpers.tests.notebooks.pages import BOOKS, truths

pytestmark = pytest.mark.thorough

# Names for one idea, where no behaviour can tell them apart or the hint says both.
ONE_IDEA = (
    {"INT_DTYPE", "FLOAT32"},  # a dtype does not matter
    {"GRAPH_FREED", "GRAPH_IS_REUSABLE"},
    {"GRAD_STARTS_AT_ZERO", "NONE_IS_ZERO"},
    {"SPREADSHEET", "VALUE_IS_LIVE"},
    {"DETACH_COPIES", "NUMPY_COPIES"},
    {"DETACH_COPIES", "GRAD_IS_A_SNAPSHOT"},
    {"BACKWARD_RETURNS", "NO_RETURN", "NOTHING_RETURNED"},
)


@cache
def known():
    """Return what PyTorch answers to each question."""
    return {
        name: truth for book in BOOKS.values() for name, truth in truths(book).items()
    }


@pytest.fixture(scope="module", params=ANSWERS.values(), ids=ANSWERS)
def judged(request):
    """Judge the answers to one notebook."""
    return [
        (it, check(it.question, it.given, known().get(it.question)))
        for it in request.param
    ]


def told(pairs):
    return "\n".join(
        f"{it.question} {getattr(it.given, '__name__', it.given)}: {it.expected} ->"
        f" {verdict!r} [{verdict.misconception}]"
        for it, verdict in pairs
    )


def is_named(pair):
    """Tell whether a wrong answer got the name of its misconception."""
    wanted, got = pair[0].expected, re.sub("[-=]", "_", pair[1].misconception)
    return wanted == got or any({wanted, got} <= idea for idea in ONE_IDEA)


def test_each_exercise_has_right_and_wrong_answers():
    """Of a prediction, the lesson's own mistakes are tried by test_stored.py anyway."""
    answers = [it for answers in ANSWERS.values() for it in answers]
    wanted = {name for name, it in LESSONS.items() if isinstance(it, Exercise)}
    for right in (True, False):
        had = {it.question for it in answers if (it.expected == "right") is right}
        assert wanted <= had, wanted - had


def test_no_right_answer_is_refused_and_no_wrong_one_passes(judged):
    unfair = [
        (it, verdict)
        for it, verdict in judged
        if verdict.state != ("right" if it.expected == "right" else "wrong")
    ]
    assert not unfair, told(unfair)


def test_eleven_in_twelve_get_the_right_name(judged):
    wrong = [pair for pair in judged if pair[0].expected != "right"]
    missed = [pair for pair in wrong if not is_named(pair)]
    assert len(missed) <= len(wrong) / 12, told(missed)
