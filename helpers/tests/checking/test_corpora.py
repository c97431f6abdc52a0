"""Answers of learners are judged fairly; most wrong ones are named."""

import linecache
import re
from functools import cache

import pytest
import torch

from helpers import check
from helpers.checking import progress
from helpers.checking.answers import HOW
from helpers.checking.guesses import ONCE_MORE
from helpers.lessons import LESSONS, Exercise
from helpers.tests.answers import ANSWERS
from helpers.tests.answers.fresh import FUNCTIONS, GUESSES
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


# ---- answers with the belief behind them ---------------------------------------

SAYS_NOTHING = {
    ONCE_MORE(),
    *(HOW[kind]() for kind in ("value", "kind", "shape", "none")),
}


def define(question, number, text):
    """Return the function that somebody wrote, with its text at hand as in a cell."""
    file, world = f"<{question} {number}>", {"torch": torch}
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file
    exec(compile(text, file, "exec"), world)
    return next(it for name, it in reversed(world.items()) if name != "torch")


def judge_fresh():
    """Yield what is said of each answer, at the first try."""
    for question, answers in GUESSES.items():
        for text, belief in answers:
            yield question, text, belief, eval(text)
    for question, answers in FUNCTIONS.items():
        for number, (text, belief) in enumerate(answers):
            yield question, text, belief, define(question, number, text)


@pytest.fixture(scope="module")
def fresh():
    found = []
    for question, text, belief, answer in judge_fresh():
        progress._TRIES.clear()
        verdict = check(question, answer, known().get(question))
        found.append((question, text, belief, verdict))
    return found


def test_no_fresh_answer_passes_and_hardly_any_gets_a_reply_that_says_nothing(fresh):
    assert len(fresh) >= 150
    assert not [it for it in fresh if it[-1].state == "right"]
    empty = [it for it in fresh if it[-1].sentence in SAYS_NOTHING]
    assert len(empty) <= 0.08 * len(fresh), empty


def test_nine_in_ten_fresh_answers_get_a_name_or_a_word_about_their_form(fresh):
    told = [
        verdict
        for *_, verdict in fresh
        if verdict.misconception or not verdict.counts or "gave" in verdict.sentence
    ]
    assert len(told) >= 0.9 * len(fresh)
