"""Make small wrong changes; the tests must notice them, or somebody must say why not.

`pytest -m mutants` also tries the notebooks' code, which takes some minutes, and
`python -m helpers.tests.mutants` prints all scores.
"""

import ast
import sys
import time
from types import ModuleType, SimpleNamespace

import pytest

from helpers.authoring.outputs import matplotlib_is_the_pinned_one, picture_differs
from helpers.tests.mutants import modules, pages
from helpers.tests.mutants.changes import mutants_of
from helpers.tests.mutants.modules import MODULES, Test, Trial, chosen, sampled
from helpers.tests.mutants.patch import patch
from helpers.tests.mutants.reviewed import Score, reasons, surprises, together
from helpers.tests.mutants.stored import altered_pictures
from helpers.tests.notebooks.pages import BOOKS, code
from helpers.verdict import Verdict


@pytest.mark.parametrize("stem", BOOKS)
def test_a_changed_output_picture_or_number_is_noticed(stem):
    scores = pages.stored_scores(stem)
    assert [line for score in scores for line in surprises(score)] == []
    characters, blocks, _ = scores
    assert characters.count > 1000 and not characters.survivors
    assert blocks.count >= 18 and not blocks.survivors
    assert matplotlib_is_the_pinned_one()


@pytest.mark.parametrize("stem", BOOKS)
def test_a_changed_picture_is_given_away_by_its_pixels_alone(stem):
    for cell in code(BOOKS[stem]):
        for output in cell.outputs:
            for png, place in altered_pictures(output):
                said = picture_differs(png, output.data["image/png"])
                assert said.startswith("differs most at pixel ("), place


def test_a_changed_setup_cell_is_noticed():
    score = pages.setup_score()
    assert score.count >= 10 and not score.survivors


@pytest.mark.mutants
def test_changed_code_is_noticed_or_reviewed():
    scores = list(map(pages.code_score, BOOKS))
    whole = together("all code of notebooks", scores)
    assert [line for score in scores for line in surprises(score)] == []
    assert whole.count > 1000 and whole.noticed >= 0.95, str(whole)


def test_each_reviewed_survivor_is_a_mutant_of_today_with_a_reason():
    today = {str(mutant) for _, mutant in chosen(reasons().__contains__)}
    for stem, book in BOOKS.items():
        today |= {str(mutant) for mutant in pages.cells.mutants_in(stem, book)}
    for name, reason in reasons().items():
        assert name in today, f"{name} is no mutant; take it off the list"
        assert len(reason) > 10, name


# ---------------------------------------------------------------- the changes


PROGRAM = '''
def f(a, most: int = 3) -> int:
    """Say 1."""
    with g() as h:
        b = a.detach() + 1
    if not b > 2 and a is None:
        b -= x.sum(dim=1)
    return [-c for c in b]
'''


def changed():
    return {
        (mutant.before, mutant.after): mutant.source
        for mutant in mutants_of(PROGRAM, "m")
    }


def test_every_kind_of_change_is_made():
    found = changed()
    assert set(found) == {
        ("3", "4"),
        ("with g() as h: b = a.detach() + 1", "b = a.detach() + 1"),
        ("with g() as h: b = a.detach() + 1", "pass"),
        ("b = a.detach() + 1", "pass"),
        ("a.detach() + 1", "a.detach() - 1"),
        ("a.detach()", "a"),
        ("1", "2"),
        ("if not b > 2 and a is None: b -= x.sum(dim=1)", NEGATED),
        ("if not b > 2 and a is None: b -= x.sum(dim=1)", "pass"),
        ("not b > 2 and a is None", "not b > 2 or a is None"),
        ("not b > 2", "b > 2"),
        ("b > 2", "b <= 2"),
        ("2", "3"),
        ("a is None", "a is not None"),
        ("b -= x.sum(dim=1)", "b += x.sum(dim=1)"),
        ("b -= x.sum(dim=1)", "pass"),
        ("x.sum(dim=1)", "x"),
        ("x.sum(dim=1)", "x.mean(dim=1)"),
        ("x.sum(dim=1)", "x.sum()"),
        ("return [-c for c in b]", "pass"),
        ("-c", "c"),
    }


NEGATED = "if not (not b > 2 and a is None): b -= x.sum(dim=1)"


def test_a_mutant_is_the_program_but_for_one_change():
    whole = ast.unparse(ast.parse(PROGRAM))
    for (before, after), source in changed().items():
        assert source != whole
        assert ast.unparse(ast.parse(source)) == source, (before, after)
    assert changed()["a.detach()", "a"] == whole.replace("a.detach()", "a")
    assert mutants_of(PROGRAM, "m")[-1].place == "m.f"


def test_words_are_changed_where_they_show():
    assert [m.after for m in mutants_of("print('a')")] == ["pass", "'ax'"]
    assert [m.after for m in mutants_of("print('a')", words=False)] == ["pass"]


# ---------------------------------------------------------------- the scores


def test_a_score_says_what_is_wrong_with_it():
    listed = next(iter(reasons()))
    assert surprises(Score("it", 20, [listed], 0.95)) == []
    assert surprises(Score("it", 10, [listed], 0.95)) == [
        "it: less than 95% is noticed"
    ]
    assert surprises(Score("it", 100, ["odd"], 0.95)) == [
        "odd: nobody has reviewed this survivor"
    ]
    assert surprises(Score("it", 100, ["odd"], 0.95, reviewed=False)) == []
    both = together("both", [Score("a", 20, [], 0.5), Score("b", 20, ["odd"], 0.5)])
    assert (both.count, both.noticed, both.survivors) == (40, 0.975, ["odd"])


def test_an_empty_notebook_has_nothing_to_notice():
    assert Score("it", 0, [], 1.0).noticed == 1
    assert code(next(iter(BOOKS.values())))


# ---------------------------------------------------------------- a change in place

BEFORE = """
from functools import cache, cached_property
from dataclasses import dataclass

LIMIT = 3

def plain(a, by=2):
    return a * by + LIMIT

@cache
def kept(a):
    return a + 1

@dataclass(frozen=True)
class Point:
    x: int = 0

    @property
    def twice(self):
        return 2 * self.x

    @cached_property
    def thrice(self):
        return 3 * self.x

    @classmethod
    def at(cls, x):
        return cls(x + 1)
"""
CHANGES = [
    ("a * by", "a - by", "plain(5)", 13, 6),
    ("by=2", "by=3", "plain(5)", 13, 18),
    ("LIMIT = 3", "LIMIT = 4", "plain(5)", 13, 14),
    ("a + 1", "a + 2", "kept(5)", 6, 7),
    ("2 * self.x", "5 * self.x", "point.twice", 8, 20),
    ("3 * self.x", "5 * self.x", "Point(2).thrice", 6, 10),
    ("cls(x + 1)", "cls(x + 2)", "Point.at(1).x", 2, 3),
    ("x: int = 0", "x: int = 9", "Point().x", 0, 9),
]


@pytest.fixture
def living(monkeypatch):
    """Give a module of ours, and another that has imported its parts."""
    live, user = ModuleType("helpers.living"), ModuleType("helpers.user")
    live.__package__, live.__file__ = "helpers", "living.py"
    for module in (live, user):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(BEFORE, vars(live))
    exec("from helpers.living import *\npoint = Point(4)", vars(user))
    return user


@pytest.mark.parametrize(("old", "new", "ask", "before", "after"), CHANGES)
def test_a_module_is_changed_wherever_its_parts_have_gone(
    living, old, new, ask, before, after
):
    assert BEFORE.count(old) == 1
    assert eval(ask, vars(living)) == before
    patch("helpers.living", BEFORE.replace(old, new))
    assert eval(ask, vars(living)) == after


def test_another_number_of_the_same_size_stays(living):
    living.other = living.LIMIT
    patch("helpers.living", BEFORE.replace("LIMIT = 3", "LIMIT = 4"))
    assert (living.LIMIT, living.other) == (4, 3)


def test_what_a_change_deletes_is_gone(living):
    patch("helpers.living", BEFORE.replace("LIMIT = 3", "pass"))
    with pytest.raises(NameError):
        living.plain(5)


def test_a_deleted_part_of_a_class_is_gone(living):
    kept = "    @property\n    def twice(self):\n        return 2 * self.x\n"
    assert BEFORE.count(kept) == 1
    patch("helpers.living", BEFORE.replace(kept, "").replace("x: int = 0", "x: int"))
    with pytest.raises(AttributeError):
        assert living.point.twice
    with pytest.raises(TypeError):
        living.Point()


def test_a_class_that_is_no_longer_frozen_can_be_changed(living):
    patch("helpers.living", BEFORE.replace("(frozen=True)", ""))
    living.point.x = 5
    assert living.point.twice == 10


def test_what_a_change_deletes_cannot_be_imported(living):
    changed = BEFORE.replace("class Point", "class Spot")
    with pytest.raises(ImportError, match="user imports Point"):
        patch("helpers.living", changed)


def test_what_cannot_run_is_told(living):
    with pytest.raises(ZeroDivisionError):
        patch("helpers.living", BEFORE + "\n1 / 0")


def test_a_share_is_always_the_same_and_only_of_the_chosen_helpers():
    chosen_ones = "naming", "verdict"
    every, tenth = (
        {str(mutant) for _, mutant in sampled(share, chosen_ones)} for share in (1, 10)
    )
    assert tenth < every and len(every) / 20 < len(tenth) < len(every) / 5
    assert {module for module, _ in sampled(10, chosen_ones)} == {*chosen_ones}


class Witness:
    """Stand for a test that passes or not."""

    def __init__(self, name, passes=None, seconds=0, worth=1, knows=()):
        self.name, self.passes, self.seconds = name, passes, seconds
        self.kind = name.partition("[")[0]
        self.worth = {"verdict": worth}.get
        self.knows = knows.__contains__


def test_each_test_is_asked_once_before_its_other_parameters():
    trial = Trial([], iter)
    tests = [
        Witness("slow[1]", seconds=4),
        Witness("slow[2]", seconds=3),
        Witness("quick", seconds=2),
        Witness("own[1]", seconds=7, worth=5),
        Witness("own[2]", seconds=8, worth=5),
    ]
    asked = [test.name for test in trial.in_turn(tests, "verdict")]
    assert asked == ["own[1]", "own[2]", "quick", "slow[2]", "slow[1]"]


def test_where_nothing_runs_what_is_changed_all_that_know_the_helper_are_asked():
    """Guard what no line shows: that an object is frozen, and its defaults."""
    tests = [Witness("user"), Witness("knower", knows=["m"]), Witness("stranger")]
    trial = Trial([], iter)
    trial.tests = tests
    trial.lines = {"user": {"m": 1 << 7}, "knower": {}, "stranger": {}}

    def asked(lines):
        return [it.name for it in trial.reaching("m", SimpleNamespace(lines=lines))]

    assert (asked([7]), asked([8])) == (["user"], ["user", "knower"])


def test_what_a_module_does_for_any_name_is_changed_as_well(living):
    before = "def __getattr__(name):\n    return name"
    patch("helpers.living", BEFORE + before)
    assert sys.modules["helpers.living"].odd == "odd"
    patch("helpers.living", BEFORE + before + " + '!'\n__all__ = ['odd']")
    assert sys.modules["helpers.living"].odd == "odd!"
    patch("helpers.living", BEFORE)
    assert sys.modules["helpers.living"].__file__ == "living.py"
    assert not hasattr(sys.modules["helpers.living"], "__all__")


@pytest.mark.parametrize("thing", [Verdict, sys.modules["helpers.verdict"]])
def test_a_test_knows_what_its_file_imports(thing):
    file = ModuleType("test_it")
    file.one, file.other, file.number = pytest, thing, 5
    test = Test(SimpleNamespace(nodeid="it", module=file))
    assert [name for name in MODULES if test.knows(name)] == ["verdict"]


def says_right():
    try:
        return str(Verdict("right", "Yes.")) == "✓ Yes."
    except TypeError:
        return False


@pytest.mark.parametrize(
    ("witnesses", "who"),
    [
        ([Witness("sceptic", lambda: False), Witness("eye", says_right)], "eye"),
        ([Witness("eye", says_right), Witness("sceptic", lambda: False)], "eye"),
        ([Witness("sceptic", lambda: False)], None),
        ([Witness("blind", lambda: True)], None),
        ([Witness("sleeper", lambda: time.sleep(9))], "the end of time"),
        ([Witness("waiter", lambda: not time.sleep(1.2), seconds=1)], None),
        ([], None),
    ],
)
def test_who_is_never_content_notices_nothing(monkeypatch, witnesses, who):
    monkeypatch.setattr(modules, "PATIENCE", 1)
    (module, mutant), *_ = chosen(
        lambda name: name.startswith("verdict.Verdict.__repr")
    )
    trial = Trial([(module, mutant)], iter)
    assert trial.witness(witnesses, module, mutant) == who
    assert says_right()
