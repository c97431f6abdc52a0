"""Answers that were written blind measure how fair the judge is, and how wise."""

import pytest

from helpers import check
from helpers.tests.blind import FUNCTIONS, GUESSES
from helpers.tests.pages import BOOKS, truths
from helpers.tests.samples import names_the_idea


@pytest.fixture(scope="module")
def verdicts():
    """Return each answer with its verdict."""
    known = {}
    for book in BOOKS.values():
        known |= truths(book)
    answers = FUNCTIONS + GUESSES
    return [(it, check(it.name, it.given, known.get(it.name))) for it in answers]


def told(pairs):
    return "\n".join(
        f"{it.name} {it.given!r}: {it.tag} -> {said}" for it, said in pairs
    )


def test_no_right_answer_is_refused(verdicts):
    right = [(it, said) for it, said in verdicts if it.tag is None]
    refused = [(it, said) for it, said in right if said.state != "right"]
    assert len(right) > 150 and not refused, told(refused)


@pytest.mark.xfail(reason="a few shortcuts still pass: the cases are too kind to them")
def test_no_wrong_answer_passes(verdicts):
    passed = [(it, said) for it, said in verdicts if it.tag and said.state != "wrong"]
    assert not passed, told(passed)


@pytest.mark.xfail(reason="too many beliefs have no name yet, or another one")
def test_nine_in_ten_wrong_answers_get_the_right_name(verdicts):
    wrong = [(it, said) for it, said in verdicts if it.tag]
    missed = [
        pair for pair in wrong if not names_the_idea(pair[0].tag, pair[1].misconception)
    ]
    assert len(missed) <= len(wrong) / 10, f"{len(missed)}/{len(wrong)}\n{told(missed)}"
