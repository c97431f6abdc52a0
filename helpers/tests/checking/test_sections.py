"""A named mistake leads to the section that treats it, and never to an answer."""

import json
from pathlib import Path

import pytest
import torch

from helpers import check
from helpers.authoring.notebook import NOTEBOOKS
from helpers.checking.sections import find_section, name_cell, read_headings
from helpers.lessons import LESSONS
from helpers.lessons import NOTEBOOKS as LESSON_BOOKS
from helpers.lessons.sections import PLACES, TREATED
from helpers.verdict import Link

EDITIONS = [NOTEBOOKS, NOTEBOOKS / "zh"]


@pytest.fixture(params=EDITIONS, ids=["en", "zh"])
def beside(request, monkeypatch):
    """Stand in the folder of an edition, as a kernel does."""
    monkeypatch.chdir(request.param)
    read_headings.cache_clear()
    yield request.param
    read_headings.cache_clear()


def test_each_section_is_there_in_both_editions_and_named_once(beside):
    for notebook, cell in TREATED:
        assert read_headings(f"{notebook}.ipynb").get(cell), (notebook, cell)
    assert len(PLACES) == sum(map(len, TREATED.values()))


def test_what_a_link_leads_to_stands_above_the_question_or_in_another_notebook(beside):
    for question in LESSONS:
        here = LESSON_BOOKS[question.partition("/")[0]]
        order = list(read_headings(f"{here}.ipynb"))
        for misconception in PLACES:
            link = find_section(question, misconception)
            if link is not None and link.place.startswith("#cell-id="):
                cell = link.place.removeprefix("#cell-id=")
                assert order.index(cell) < order.index(name_cell(question))
            elif link is not None:
                assert not link.place.startswith(here)


def test_a_verdict_shows_where_it_leads(beside):
    verdict = check("vector/mixed", [2, 6], torch.tensor([2.0, 51.0]))
    page = verdict._repr_mimebundle_()["text/html"]
    assert f"\n  → {verdict.link.title}" in repr(verdict)
    assert '<a href="#cell-id=other-weights">' in page
    other = check("vector/mixed", [5, 5], torch.tensor([2.0, 51.0]))
    assert other.link is None and "<a " not in other._repr_mimebundle_()["text/html"]


def test_away_from_the_notebooks_nothing_leads_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    read_headings.cache_clear()
    (tmp_path / "04_vector_backward.ipynb").write_text("no notebook")
    assert find_section("vector/mixed", "WEIGHTS-IGNORED") is None
    assert check("vector/mixed", [2, 6], torch.tensor([2.0, 51.0])).link is None
    read_headings.cache_clear()


# ---- in small notebooks ----------------------------------------------------------

QUESTION = "vector/mixed"
HERE, ELSEWHERE = "04_vector_backward", "05_detach"
ASKS = ("ask-mixed", "code", "check('vector/mixed', ...)")


def write(folder, notebook, *cells):
    keys = "id", "cell_type", "source"
    page = {"cells": [dict(zip(keys, cell, strict=True)) for cell in cells]}
    text = json.dumps(page, ensure_ascii=False)
    (folder / f"{notebook}.ipynb").write_text(text, "utf-8")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Stand in an empty folder, for notebooks."""
    monkeypatch.chdir(tmp_path)
    read_headings.cache_clear()
    yield tmp_path
    read_headings.cache_clear()


def test_a_cell_stands_under_the_last_heading_above_it_or_in_it(folder):
    write(
        folder,
        HERE,
        ("first", "markdown", "# The title\nis no section."),
        ("early", "code", "## no heading, but a comment"),
        ("one", "markdown", ["## One\n", "text\n", "### Two, in the same\n", "end"]),
        ("text", "markdown", "It has #no heading, nor ## this one"),
        ("code", "code", ["1 + 1"]),
        ("three", "markdown", "before\n\n#### Three `x`"),
        ("last", "raw", "## neither"),
    )
    assert read_headings(f"{HERE}.ipynb") == {
        "first": "",
        "early": "",
        "one": "Two, in the same",
        "text": "Two, in the same",
        "code": "Two, in the same",
        "three": "Three `x`",
        "last": "Three `x`",
    }


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"cells": 3}', '{"cells": [3]}', '{"cells": [{"id": "a"}]}'],
)
def test_what_is_no_notebook_has_no_headings(folder, text):
    (folder / "x.ipynb").write_text(text)
    assert read_headings("x.ipynb") == {}


WEIGHTS = ("other-weights", "markdown", "## Other weights")
MORE = ("more", "markdown", "## More")


@pytest.mark.parametrize(
    ("cells", "leads"),
    [
        ([WEIGHTS, MORE, ASKS], Link("Other weights", "#cell-id=other-weights")),
        ([WEIGHTS, MORE], Link("Other weights", "#cell-id=other-weights")),
        ([WEIGHTS, ASKS], None),  # the learner is there already
        ([ASKS, WEIGHTS], None),  # the answer stands below
        ([MORE, ASKS, WEIGHTS], None),
        ([MORE, ASKS], None),
        ([], None),
    ],
)
def test_in_its_own_notebook_a_question_leads_up_to_another_section(
    folder, cells, leads
):
    write(folder, HERE, *cells)
    assert find_section(QUESTION, "WEIGHTS-IGNORED") == leads


def test_another_notebook_is_named_and_all_of_it_may_be_led_to(folder):
    write(folder, ELSEWHERE, MORE, ("factor", "markdown", "## 一个因子"))
    write(folder, HERE, ASKS)
    link = Link("一个因子 (05_detach)", "05_detach.ipynb#cell-id=factor")
    assert find_section(QUESTION, "NEW-LEAF") == link
    assert find_section("detach/other", "NEW-LEAF").place == "#cell-id=factor"
    assert find_section(QUESTION, "DETACH-COPIES") is None  # the cell is not there
    assert find_section(QUESTION, "NAMED-NOWHERE") is None
    assert find_section(QUESTION, "") is None


def test_a_notebook_is_read_as_utf_8_on_every_system(folder, monkeypatch):
    """Guards against Windows, whose own encoding is another one."""
    read = Path.read_text

    def read_on_windows(file, encoding=None):
        return read(file, encoding or "cp1252")

    monkeypatch.setattr(Path, "read_text", read_on_windows)
    write(folder, HERE, ("one", "markdown", "## 一个因子"))
    assert read_headings(f"{HERE}.ipynb") == {"one": "一个因子"}


@pytest.mark.parametrize(
    ("question", "cell"),
    [
        ("vector/mixed", "ask-mixed"),
        ("vector/one_for_all", "ask-one-for-all"),
        ("a/b/c", "ask-b/c"),
        ("vector", "ask-"),
    ],
)
def test_the_cell_of_a_question_is_named_after_it(question, cell):
    assert name_cell(question) == cell
