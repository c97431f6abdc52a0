"""The notebooks as they are stored, opened in JupyterLab and not run."""

import json
from pathlib import Path

import nbformat
import pytest
import torch

from helpers.authoring.spoilers import (
    Seen,
    find_followers,
    find_predictions,
    find_told,
    write_plainly,
)
from helpers.drawing.player import play, read_image
from helpers.lessons import LESSONS
from helpers.live import STILL
from helpers.tests.browser.expected import (
    FILES,
    NARROW,
    THEMES,
    WALK,
    both_editions,
    is_hidden,
    is_player,
    name_of,
    predictions,
    read,
    stored_pictures,
    themes,
)
from helpers.tests.browser.server import ROOT
from helpers.tests.notebooks.pages import BOOKS, code

pytestmark = pytest.mark.browser

WIDE = """\
from helpers import play
x = torch.ones(2, requires_grad=True)
{show}(torch.stack([x[k % 2] * k for k in range(2, 32)]).sum(), fold=False)
"""


@both_editions
def test_a_notebook_that_was_only_opened_shows_all_but_the_answers(
    place, open_lab, album, subtests
):
    lab, book = open_lab(place, width=NARROW), read(place)
    for theme in THEMES:
        with subtests.test(theme):
            lab.wear(theme)
            see_all_but_the_answers(lab, book)
            album.keep_notebook(lab, f"{name_of(place)}-unrun-{theme}")


def see_all_but_the_answers(lab, book):
    for cell, shown in zip(code(book), lab.seen(), strict=True):
        assert len(shown["kinds"]) == len(cell.outputs) and not shown["broken"]
        assert shown["hidden"] == is_hidden(cell), cell.id
        pictures = 0 if is_hidden(cell) else stored_pictures(cell)
        assert shown["pictures"] == pictures, cell.id
        words = has_words(cell) and not is_hidden(cell)
        assert bool(shown["text"].strip()) == words, cell.id
    assert lab.too_wide() == []
    assert list(tell_answers(book.cells, lab.visible())) == []


def tell_answers(cells, visible):
    """Yield each question that is answered before the next one, and by what."""
    truths = {name: LESSONS[name].truth for name, *_ in predictions(cells)}
    for asked in find_predictions(cells, truths):
        following = find_followers(cells, asked)
        for number in range(asked.at + 1, asked.until):
            cell, near = cells[number], number < asked.end
            follows = any(cell is it for it in following)
            seen = Seen(cell, write_plainly(visible[number]), near, follows)
            if told := find_told(seen, asked):
                yield asked.name, told


def test_what_a_reader_sees_is_searched_for_answers(open_lab):
    """Guards against a search that finds nothing: once run, a page tells."""
    lab, book = open_lab(WALK), BOOKS[WALK.stem]
    lab.run_all()
    told = {name for name, _ in tell_answers(book.cells, lab.visible())}
    assert {"backward/middle", "backward/live"} <= told


def has_words(cell) -> bool:
    return any("image/png" not in output.get("data", {}) for output in cell.outputs)


# ---------------------------------------------------------------- the player


@pytest.fixture
def player(monkeypatch):
    """Return a player as a learner's kernel shows it."""
    monkeypatch.delenv(STILL, raising=False)
    x = torch.arange(4.0, requires_grad=True)
    return play(2 * torch.dot(x, x))


@themes
def test_a_player_of_a_stranger_is_a_picture_without_controls(
    theme, player, open_lab, album
):
    """JupyterLab runs no script in a notebook that this user has not run."""
    shown = nbformat.v4.new_output("execute_result", player._repr_mimebundle_())
    cell = nbformat.v4.new_code_cell("play(y)", id="p", outputs=[shown])
    metadata = BOOKS[WALK.stem].metadata
    book = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    lab = open_lab(Path("notebooks/stranger.ipynb"), theme, book=book)
    album.keep_notebook(lab, f"stranger-{theme}")
    assert [(each["pictures"], each["broken"]) for each in lab.seen()] == [(1, 0)]
    still = read_image(player.still())
    assert lab.picture("p") == still.src
    picture = lab.cell("p").locator("img")
    assert picture.get_attribute("alt") == still.alt
    assert round(picture.bounding_box()["width"]) == still.width
    controls = ".jp-OutputArea :is(input, button:not(.jp-Button), output)"
    assert lab.cell("p").locator(controls).count() == 0
    assert lab.visible() == [""]  # the text of the script neither


@themes
def test_a_wide_picture_and_its_player_fit_the_page(theme, open_lab, album):
    lab = open_lab(WALK, theme, NARROW)
    lab.run(code(BOOKS[WALK.stem])[0].id)
    cell = next(filter(is_player, code(BOOKS[WALK.stem])))
    for name, show in (("player", "play"), ("still", "show_graph")):
        lab.answer(cell.id, lab.source(cell.id), WIDE.format(show=show))
        lab.wait_for_pictures()
        album.keep(lab.page, f"wide-{name}-{theme}")
        picture = lab.cell(cell.id).locator(".jp-OutputArea-output img")
        assert picture.evaluate("it => it.naturalWidth > 2.2 * it.clientWidth")
        assert lab.too_wide() == []


# ---------------------------------------------------------------- the files


def test_no_notebook_holds_a_widget():
    for place in FILES:
        stored = (ROOT / place).read_text("utf-8")
        assert "widgets" not in json.loads(stored)["metadata"]
        assert "application/vnd.jupyter.widget" not in stored


def test_nbformat_finds_every_notebook_valid():
    for place in FILES:
        nbformat.validate(nbformat.read(ROOT / place, 4))
