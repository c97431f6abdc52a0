"""What a notebook that is opened in a browser should show, by what is stored."""

from pathlib import Path

import pytest

from helpers.authoring.notebook import NOTEBOOKS, find_questions, parse_notebook
from helpers.lessons import LESSONS
from helpers.lessons.model import Prediction
from helpers.tests.browser.server import ROOT
from helpers.tests.notebooks.pages import BOOKS, code

THEMES = ("light", "dark")
FILES = sorted(path.relative_to(ROOT) for path in NOTEBOOKS.rglob("*.ipynb"))
NARROW = 1000  # CSS pixels: a small laptop's window beside its bars
WALK = Path("notebooks/02_backward.ipynb")
CHINESE = Path("notebooks/zh/02_backward.ipynb")


def name_of(place) -> str:
    return place.stem + "-zh" * (place.parent.name == "zh")


both_editions = pytest.mark.parametrize("place", FILES, ids=name_of)
course = pytest.mark.parametrize(
    "place", [it for it in FILES if it.stem in BOOKS], ids=name_of
)
themes = pytest.mark.parametrize("theme", THEMES)


def read(place):
    return parse_notebook((ROOT / place).read_text("utf-8"))


def is_player(cell) -> bool:
    texts = (output.get("data", {}).get("text/plain", "") for output in cell.outputs)
    return any(text.startswith("▷") for text in texts)


def is_hidden(cell) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


def stored_pictures(cell) -> int:
    return sum("image/png" in output.get("data", {}) for output in cell.outputs)


def look_right(book, seen) -> None:
    """Check what a reader sees of each code cell of a notebook that has run."""
    for number, (cell, shown) in enumerate(zip(code(book), seen, strict=True), 1):
        assert shown["id"] == cell.id and shown["count"], cell.id
        assert not shown["hidden"], cell.id
        announced = "raises-exception" in cell.metadata.get("tags", [])
        assert ("error" in shown["kinds"]) == announced, cell.id
        assert "stderr" not in shown["kinds"] and not shown["broken"], cell.id
        assert shown["pictures"] >= stored_pictures(cell), cell.id
        assert bool(shown["sliders"]) == is_player(cell), (number, cell.id)


def predictions(cells):
    """Yield the name of each prediction, and its cell."""
    for cell in cells:
        for name in find_questions(cell):
            if isinstance(LESSONS[name], Prediction):
                yield name, cell


def question(book):
    """Return the first prediction that knows a mistake: its name, its cell, that."""
    asked = predictions(book.cells)
    name, cell = next(each for each in asked if LESSONS[each[0]].mistakes)
    return name, cell, LESSONS[name].mistakes[0]


def board_of(book):
    return next(each for each in code(book) if "show_scoreboard(" in each.source)


def players_move(book, lab) -> None:
    for player in filter(is_player, code(book)):
        lab.cell(player.id).locator("input").focus()
        assert lab.changes_picture(
            player.id, lambda: lab.page.keyboard.press("ArrowRight")
        ), player.id
        button = lab.cell(player.id).locator("[data-player] button").last
        assert lab.changes_picture(player.id, button.click), player.id
