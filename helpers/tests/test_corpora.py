"""Answers of learners are judged fairly; most wrong ones are named."""

import pytest

from helpers import check
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise
from helpers.tests import blind, ranked
from helpers.tests.pages import BOOKS, truths

# Names for one idea, where no behaviour can tell them apart or the hint says both.
ONE_IDEA = (
    {"INT-DTYPE", "FLOAT32"},  # a dtype does not matter
    {"GRAPH-FREED", "GRAPH-IS-REUSABLE"},
    {"GRAD-STARTS-AT-ZERO", "NONE-IS-ZERO"},
    {"SPREADSHEET", "VALUE-IS-LIVE"},
    {"DETACH-COPIES", "NUMPY-COPIES"},
)
SETS = {"blind": blind, "ranked": ranked}


def names_the_idea(wanted: str, got: str) -> bool:
    """Tell whether a name stands for the wanted misconception."""
    return wanted == got or any({wanted, got} <= idea for idea in ONE_IDEA)


def judge(corpus):
    """Return each answer with its verdict."""
    known = {}
    for book in BOOKS.values():
        known |= truths(book)
    return [(it, check(it.name, it.given, known.get(it.name))) for it in corpus.answers]


@pytest.fixture(scope="module", params=SETS.values(), ids=SETS)
def judged(request):
    """Judge one set of answers."""
    return judge(request.param.CORPUS)


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


def test_no_right_answer_is_refused(judged):
    right = [pair for pair in judged if pair[0].tag is None]
    refused = [(it, verdict) for it, verdict in right if verdict.state != "right"]
    assert len(right) > 150 and not refused, told(refused)
    exercises = {name for name, it in LESSONS.items() if isinstance(it, Exercise)}
    assert exercises <= {it.name for it, _ in right}


def test_no_wrong_answer_passes(judged):
    wrong = [pair for pair in judged if pair[0].tag]
    passed = [(it, verdict) for it, verdict in wrong if verdict.state != "wrong"]
    assert len(wrong) > 500 and not passed, told(passed)


def test_nine_in_ten_get_the_right_name(judged):
    missed = misnamed(judged)
    assert len(missed) <= how_many_wrong(judged) / 10, told(missed)
