"""The notebooks as learners use them: JupyterLab, keyboard, quiz.

Run by `pytest -m browser`; a folder named in SCREENSHOTS keeps what was seen.
"""

import json
from pathlib import Path

import pytest

from helpers.lessons import LESSONS
from helpers.live import WIDGET_VIEW
from helpers.tests.browser.axe import violations
from helpers.tests.browser.expected import (
    CHINESE,
    NARROW,
    WALK,
    is_player,
    look_right,
    question,
    themes,
)
from helpers.tests.drawing.test_contrast import contrast
from helpers.tests.notebooks.pages import BOOKS, code, plain

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("edition", ["", "zh"])
def test_a_verdict_leads_into_the_notebook_that_treats_the_mistake(edition, open_lab):
    lab = open_lab(Path("notebooks", edition, "03_gradient_accumulation.ipynb"))
    lab.run("setup")
    assert lab.answer("ask-used-twice", "guess = ...", "guess = 2").startswith("✗")
    link = lab.cell("ask-used-twice").locator("a")
    section = link.get_attribute("href").partition("#cell-id=")[2]
    link.click()
    lab.wait_until_open(Path(edition, "02_backward.ipynb"))
    # JupyterLab opens a notebook at its top; the link names the section.
    assert lab.source(section).startswith("## ")


def test_a_whole_question_can_be_answered_by_the_keyboard_alone(open_lab):
    lab = open_lab(WALK)
    press = lab.page.keyboard.press
    lab.clear()
    lab.page.evaluate("() => document.activeElement.blur()")
    lab.select(BOOKS[WALK.stem].cells[0].id)
    lab.watch_mouse()
    for _ in BOOKS[WALK.stem].cells[1:]:
        press("Shift+Enter")
    press("Control+Enter")  # after the last one, Shift+Enter would make another cell
    lab.wait_for_the_last_cell()
    look_right(BOOKS[WALK.stem], lab.seen())
    name, cell, mistake = question(BOOKS[WALK.stem])
    wrong = f"guess = {plain(mistake.guesses()[0])}"
    said = lab.answer(cell.id, "guess = ...", wrong)
    assert said.startswith("✗")
    assert lab.answer(
        cell.id, wrong, f"guess = {plain(LESSONS[name].truth)}"
    ).startswith("✓")
    player = next(filter(is_player, code(BOOKS[WALK.stem])))
    lab.select(player.id)
    lab.tab_to("[data-player] input")
    assert lab.changes_picture(player.id, lambda: press("ArrowRight"))
    lab.tab_to("[data-player] button:last-child")
    assert lab.changes_picture(player.id, lambda: press("Enter"))
    assert not lab.was_moused()


# Every text in an output of ours, its colour and the colour behind it, from 0 to 1.
COLOURS = """() => {
    const parts = colour => colour.match(/[\\d.]+/g).map(Number);
    const ground = node => {
        const [r, g, b, a = 1] = parts(getComputedStyle(node).backgroundColor);
        return a === 1 ? [r, g, b] : ground(node.parentElement);
    };
    const own = node => [...node.childNodes].filter(each => each.nodeType === 3)
        .map(each => each.textContent.trim()).join('');
    return [...document.querySelectorAll('.jp-RenderedHTML *')].filter(own)
        .map(node => [own(node), parts(getComputedStyle(node).color), ground(node)])
        .map(([words, ...colours]) =>
            [words, ...colours.map(colour => colour.slice(0, 3).map(x => x / 255))]);
}"""


@themes
def test_axe_finds_nothing_wrong_in_what_our_cells_show(theme, open_lab):
    lab = open_lab(WALK, theme)
    lab.run_all()
    _, cell, mistake = question(BOOKS[WALK.stem])
    lab.answer(cell.id, "guess = ...", f"guess = {plain(mistake.guesses()[0])}")
    assert violations(lab.page, ".jp-Notebook .jp-OutputArea") == []
    # axe-core measures no contrast inside of JupyterLab's cells.
    seen = lab.page.evaluate(COLOURS)
    assert len(seen) > 20
    for words, colour, ground in seen:
        assert contrast(colour, ground) >= (3 if len(words) == 1 else 4.5), words


# ---------------------------------------------------------------- the quiz


OF_QUIZ = {
    "en": ("Question 1 of 3", "is a value of v itself", "Question 2 of 3"),
    "zh": ("第 1 题，共 3 题", "是 v 自己取过的值", "第 2 题，共 3 题"),
}
SENDS = {"en": "result sends 1 to Mul", "zh": "result 把 1 送给 Mul"}
FIELD, BUTTON = ".widget-text input", ".widget-button:last-child"


@pytest.fixture
def quiz(open_lab):
    """Return a function that runs the quiz of a notebook, in a narrow window."""

    def open_quiz(place, theme):
        lab = open_lab(place, theme, NARROW)
        for cell in ("setup", "claim-code", "quiz"):
            lab.run(cell)
        lab.cell("quiz").locator(FIELD).wait_for()
        return lab

    return open_quiz


@pytest.mark.parametrize(
    ("language", "place", "theme"),
    [("en", WALK, "light"), ("zh", CHINESE, "light"), ("en", WALK, "dark")],
)
def test_a_quiz_is_answered_by_the_keyboard_alone(
    language, place, theme, quiz, server, album
):
    lab = quiz(place, theme)
    first, named, second = OF_QUIZ[language]
    shown = lab.cell("quiz").locator(".jp-OutputArea-output")
    press = lab.page.keyboard.press
    lab.watch_mouse()

    def answer(given, *expected):
        press("Control+a")
        lab.page.keyboard.insert_text(given)
        press("Enter")
        for words in expected:
            shown.filter(has_text=words).wait_for()
        album.keep(lab.page, f"quiz-{language}-{theme}-{given}")

    lab.select("quiz")
    lab.tab_to(FIELD)
    answer("10", first, "✗", named)
    answer("77", "✗", SENDS[language])
    answer("4", "✓")
    assert violations(lab.page, ".jp-OutputArea .widget-vbox") == []
    assert lab.too_wide() == []
    lab.tab_to(BUTTON)
    press("Enter")
    shown.filter(has_text=second).wait_for()
    assert "✓" not in shown.inner_text()
    assert not lab.was_moused()

    lab.run("scoreboard")
    shown.filter(has_text="✓").wait_for()
    assert lab.cell("quiz").locator(FIELD).count() == 0
    lab.save()
    stored = (server.course / place).read_text("utf-8")
    assert WIDGET_VIEW not in stored and "widgets" not in json.loads(stored)["metadata"]
