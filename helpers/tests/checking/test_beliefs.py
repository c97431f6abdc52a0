"""What would be answered if one rule of the walk were another, and what is said then.

believed.txt holds it, word for word, for each prediction of the course and for each
program of test_walks.py: the steps that may be told; the answers of one changed rule,
with the words for the first of each kind; and for the latter programs those of two.
`python -m helpers.tests.checking` writes it anew.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.checking.answers import is_same, write_answer
from helpers.checking.explain import (
    CLOSE,
    Belief,
    list_alone,
    list_likely,
    list_others,
    list_slips,
    run_once,
    say,
)
from helpers.checking.machine import Run
from helpers.checking.steps import list_steps
from helpers.lessons import LESSONS
from helpers.tests.checking.test_walks import NAMED, anew

PLACE = Path(__file__).with_name("believed.txt")
BELIEVED = dict(
    re.findall(r"^== (.+)\n((?:(?!== ).*\n)+)", PLACE.read_text("utf-8"), re.M)
)
ASKED = {name: it.program for name, it in LESSONS.items() if hasattr(it, "program")}
ASKED = {name: text for name, text in (ASKED | NAMED).items() if text}


def write_beliefs(name: str) -> str:
    """Write down all that a program's walk is misread as."""
    asked = anew(ASKED[name])
    run, alone = run_once(asked), [*list_alone(asked), *list_slips(asked)]
    pairs = [*list_likely(asked), *list_others(asked)] if name in NAMED else []
    alone, pairs = ([it for it in found if tells(run, it)] for found in (alone, pairs))
    lines = [*list_steps(run), *write_alone(run, alone), *write_pairs(pairs)]
    return "".join(f"{line}\n" for line in lines)


def tells(run: Run, belief: Belief) -> bool:
    """Tell whether a belief would give another answer than the right one."""
    return not all(is_same(answer, run.answer, CLOSE) for answer in belief.answers)


def write_alone(run: Run, beliefs: list[Belief]) -> Iterator[str]:
    for meaning, same in group(beliefs, lambda it: it.parts[0][0].meaning):
        yield f"{meaning.tag}: {'; '.join(dict.fromkeys(map(write_answers, same)))}"
        answer = same[0].answers[0]
        yield f"  {say(run, answer, same[:1]).sentence}"


def write_pairs(beliefs: list[Belief]) -> Iterator[str]:
    for tags, same in group(beliefs, lambda it: " + ".join(it.tags)):
        halfway = dict.fromkeys(write_answer(it.halfway) for it in same)
        answers = dict.fromkeys(map(write_answers, same))
        yield f"{tags}: {', '.join(halfway)} -> {'; '.join(answers)}"


def group(beliefs: list[Belief], key: Callable[[Belief], Any]) -> Iterable[tuple]:
    found: dict[Any, list[Belief]] = {}
    for belief in beliefs:
        found.setdefault(key(belief), []).append(belief)
    return found.items()


def write_answers(belief: Belief) -> str:
    return " or ".join(dict.fromkeys(map(write_answer, belief.answers)))


def test_beliefs_are_written_down_for_these_programs_and_no_others():
    assert [*BELIEVED] == [*ASKED]


@pytest.mark.parametrize("name", ASKED)
def test_what_a_misread_walk_gives_and_what_is_said_of_it(name):
    assert write_beliefs(name) == BELIEVED[name]


def test_no_word_is_missing_in_what_is_said():
    """Guards against a name that nothing has: `x.grad` says how fast  changes."""
    missing = r"(?m)^.*(?:\S  |``| [.,;:](?!\w)).*$"
    assert not re.findall(missing, PLACE.read_text("utf-8"))
