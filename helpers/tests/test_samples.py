"""Answers beyond the known mistakes: none is refused wrongly, most are named."""

import pytest

from helpers import check
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise
from helpers.tests.pages import BOOKS, truths
from helpers.tests.samples import FUNCTIONS, GUESSES, names_the_idea


@pytest.fixture(scope="module")
def verdicts():
    """Return each answer with its verdict."""
    known = {}
    for book in BOOKS.values():
        known |= truths(book)
    answers = FUNCTIONS + GUESSES
    return [(it, check(it.name, it.given, known.get(it.name))) for it in answers]


def lines(found):
    return "\n".join(
        f"{it.name} {getattr(it.given, '__name__', it.given)}: {it.tag} -> {verdict!r}"
        f" [{verdict.misconception}]"
        for it, verdict in found
    )


def test_no_right_answer_is_refused(verdicts):
    right = [(it, verdict) for it, verdict in verdicts if it.tag is None]
    refused = [(it, verdict) for it, verdict in right if verdict.state != "right"]
    assert not refused, lines(refused)
    exercises = {name for name, it in LESSONS.items() if isinstance(it, Exercise)}
    assert exercises <= {it.name for it, _ in right}


def test_no_wrong_answer_passes(verdicts):
    passed = [pair for pair in verdicts if pair[0].tag and pair[1].state != "wrong"]
    assert not passed, lines(passed)


def test_nine_in_ten_wrong_answers_get_the_right_name(verdicts):
    wrong = [(it, verdict) for it, verdict in verdicts if it.tag]
    missed = [
        (it, verdict)
        for it, verdict in wrong
        if not names_the_idea(it.tag, verdict.misconception)
    ]
    assert wrong and len(missed) <= len(wrong) / 10, lines(missed)
