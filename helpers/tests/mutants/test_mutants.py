"""Make small wrong changes; the tests must notice them, or somebody must say why not.

`pytest -m thorough` also tries the notebooks' code, which takes some minutes, and
`python -m helpers.tests.mutants` prints all scores.
"""

import ast

import pytest

from helpers.authoring.outputs import compare_pictures, is_pinned_matplotlib
from helpers.tests.mutants import pages
from helpers.tests.mutants.changes import mutants_of
from helpers.tests.mutants.reviewed import Score, reasons, surprises, together
from helpers.tests.mutants.stored import altered_pictures
from helpers.tests.notebooks.pages import BOOKS, code


@pytest.mark.thorough
@pytest.mark.parametrize("stem", BOOKS)
def test_a_changed_output_picture_or_number_is_noticed(stem):
    scores = pages.stored_scores(stem)
    assert [line for score in scores for line in surprises(score)] == []
    characters, blocks, _ = scores
    assert characters.count > 1000 and not characters.survivors
    assert blocks.count >= 18 and not blocks.survivors
    assert is_pinned_matplotlib()


@pytest.mark.thorough
@pytest.mark.parametrize("stem", BOOKS)
def test_a_changed_picture_is_given_away_by_its_pixels_alone(stem):
    for cell in code(BOOKS[stem]):
        for output in cell.outputs:
            for png, place in altered_pictures(output):
                said = compare_pictures(png, output.data["image/png"])
                assert said.startswith("differs most at pixel ("), place


@pytest.mark.thorough
def test_a_changed_setup_cell_is_noticed():
    score = pages.setup_score()
    assert score.count >= 10 and not score.survivors


@pytest.mark.thorough
@pytest.mark.parametrize("stem", BOOKS)
def test_changed_code_is_noticed_or_reviewed(stem):
    assert surprises(pages.code_score(stem, reasons())) == []


def test_each_reviewed_survivor_is_a_mutant_of_today_with_a_reason_and_there_are_few():
    today = {
        str(mutant)
        for stem, book in BOOKS.items()
        for mutant in pages.cells.mutants_in(stem, book)
    }
    for name, reason in reasons().items():
        assert name in today, f"{name} is no mutant; take it off the list"
        assert len(reason) > 10, name
    assert len(today) > 1000 and len(reasons()) <= 0.05 * len(today)


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
