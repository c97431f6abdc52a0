"""Answers of learners are judged fairly; most wrong ones are named."""

import pytest

from helpers import check
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise
from helpers.tests import blind, samples
from helpers.tests.pages import BOOKS, truths

# Names for one idea, where no behaviour can tell them apart or the hint says both.
ONE_IDEA = (
    {"FLAG-MAKES-LEAF", "LEAF=REQUIRES-GRAD"},  # what is tracked is a leaf
    {"FORGOT-FLAG", "TYPO-ACCEPTED", "RETROACTIVE"},  # the flag is not there in time
    {"INT-DTYPE", "FLOAT32"},  # a dtype does not matter
    {"GRAD-IS-LIVE", "GRADIENT-FROZEN"},
    {"GRAD-IS-VALUE", "RETURNS-THE-VALUE"},
    {"GRAD-STARTS-AT-ZERO", "NONE-IS-ZERO"},
    {"SECOND-OVERWRITES-FIRST", "SECOND-DERIVATIVE"},
    {"SPREADSHEET", "VALUE-IS-LIVE"},
    {"DETACH-COPIES", "NUMPY-COPIES", "SHARED-MEMORY"},
)


def names_the_idea(wanted: str, got: str) -> bool:
    """Tell whether a name stands for the wanted misconception."""
    return wanted == got or any({wanted, got} <= idea for idea in ONE_IDEA)


def judge(corpus):
    """Return each answer with its verdict."""
    known = {}
    for book in BOOKS.values():
        known |= truths(book)
    return [(it, check(it.name, it.given, known.get(it.name))) for it in corpus.answers]


@pytest.fixture(scope="module")
def of_samples():
    return judge(samples.CORPUS)


@pytest.fixture(scope="module")
def of_the_blind():
    return judge(blind.CORPUS)


def told(pairs):
    return "\n".join(
        f"{it.name} {getattr(it.given, '__name__', it.given)}: {it.tag} -> {verdict!r}"
        f" [{verdict.misconception}]"
        for it, verdict in pairs
    )


def misnamed(judged):
    """Return the wrong answers whose misconception got another name, or none."""
    return [
        (it, verdict)
        for it, verdict in judged
        if it.tag and not names_the_idea(it.tag, verdict.misconception)
    ]


def how_many_wrong(judged):
    return sum(it.tag is not None for it, _ in judged)


def test_no_right_answer_is_refused(of_samples, of_the_blind):
    right = [pair for pair in of_samples + of_the_blind if pair[0].tag is None]
    refused = [(it, verdict) for it, verdict in right if verdict.state != "right"]
    assert len(right) > 200 and not refused, told(refused)
    exercises = {name for name, it in LESSONS.items() if isinstance(it, Exercise)}
    assert exercises <= {it.name for it, _ in right}


def test_no_wrong_answer_passes(of_samples, of_the_blind):
    wrong = [pair for pair in of_samples + of_the_blind if pair[0].tag]
    passed = [(it, verdict) for it, verdict in wrong if verdict.state != "wrong"]
    assert len(wrong) > 600 and not passed, told(passed)


def test_nine_in_ten_samples_get_the_right_name(of_samples):
    missed = misnamed(of_samples)
    assert len(missed) <= how_many_wrong(of_samples) / 10, told(missed)


@pytest.mark.xfail(reason="too many beliefs have no name yet, or another one")
def test_nine_in_ten_of_the_blind_get_the_right_name(of_the_blind):
    missed = misnamed(of_the_blind)
    assert len(missed) <= how_many_wrong(of_the_blind) / 10, told(missed)
