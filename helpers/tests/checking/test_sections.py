"""A named mistake leads to the section that treats it, and never to an answer."""

import pytest
import torch

from helpers import check
from helpers.authoring.notebook import NOTEBOOKS
from helpers.checking.sections import find_section, name_cell, read_headings
from helpers.lessons import LESSONS
from helpers.lessons import NOTEBOOKS as LESSON_BOOKS
from helpers.lessons.sections import PLACES, TREATED

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
