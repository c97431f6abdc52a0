"""Whole notebooks, run and opened again the next day; and a kernel that dies."""

import json
from pathlib import Path

import pytest

from helpers.checking import progress
from helpers.lessons import LESSONS
from helpers.tests.browser.expected import (
    WALK,
    board_of,
    course,
    look_right,
    name_of,
    players_move,
    question,
    read,
)
from helpers.tests.browser.lab import PANEL, Lab
from helpers.tests.notebooks.pages import BOOKS, code, plain

pytestmark = pytest.mark.browser

ALL_SCORES = "show_scoreboard()"
DIE = """\
import os, signal, threading, torch
guess, x = 3, torch.ones(1)
threading.Timer(1, os.kill, (os.getpid(), signal.SIGKILL)).start()
while True:
    {check}
"""
SCORES = {"en": ("0 of", "1 of"), "zh": ("答对 0 题", "答对 1 题")}
READY = {"en": "Ready.", "zh": "准备好了。"}
# Every Chinese character and sign on the page that is drawn as one that no font has.
# U+0378 is assigned to nothing.
WITHOUT_A_FONT = """() => {
    const drawn = character => {
        const canvas = document.createElement('canvas');
        const pen = canvas.getContext('2d', {willReadFrequently: true});
        pen.font = '24px ' + getComputedStyle(document.body).fontFamily;
        pen.fillText(character, 10, 40);
        return pen.getImageData(0, 0, 60, 60).data.join();
    };
    const nobody = drawn('\u0378');
    const chinese = document.body.innerText.match(/[\u3000-\u9fff\uff00-\uffef]/g);
    return [...new Set(chinese)].filter(each => each.trim() && drawn(each) === nobody);
}"""


@course
def test_a_learner_runs_all_guesses_moves_sliders_and_comes_back_the_next_day(
    place, open_lab, album
):
    """The next day all is as it was left: without a kernel at first, then with one."""
    book, language = read(place), "zh" if place.parent.name == "zh" else "en"
    nothing, one = SCORES[language]
    lab = open_lab(place)
    look_right(book, lab.run_all())
    album.keep_notebook(lab, name_of(place))

    name, cell, mistake = question(book)
    hint, title = (
        getattr(text, language) for text in (mistake.hint, LESSONS[name].title)
    )
    board = board_of(book)
    assert nothing in lab.run(board.id)
    said = lab.answer(cell.id, "guess = ...", f"guess = {plain(mistake.guesses()[0])}")
    assert said.startswith("✗") and hint.replace("`", "") in said
    album.keep_notebook(lab, f"{name_of(place)}-wrong")
    right = f"guess = {plain(LESSONS[name].truth)}"
    wrong = next(
        line for line in lab.source(cell.id).splitlines() if line.startswith("guess =")
    )
    assert lab.answer(cell.id, wrong, right).startswith("✓")
    scored = lab.run(board.id)
    assert one in scored and f"✓ {title}" in scored
    assert lab.page.evaluate(WITHOUT_A_FONT) == []

    lab.cell(board.id).locator(f"a[href='#cell-id={cell.id}']").click()
    assert lab.is_in_sight(cell.id)

    left = lab.seen()  # tomorrow the players are at their beginning again
    players_move(book, lab)

    lab.save()
    lab.leave()
    lab = open_lab(place, again=True)
    lab.stop_kernel()
    found = lab.seen()
    for before, after in zip(left, found, strict=True):
        assert after["text"] == before["text"] and not after["broken"], after["id"]
        assert after["pictures"] == before["pictures"], after["id"]
    assert "rror displ" not in str(found) and "not found" not in str(found)
    players_move(book, lab)

    lab.restart()  # there is none: a new one is started
    lab.run(code(book)[0].id)
    assert f"✓ {title}" in lab.run(board.id)
    lab.restart()
    assert "NameError" in lab.run(board.id)  # of which the how-to of notebook 1 speaks
    assert lab.run(code(book)[0].id).strip().endswith(READY[language])
    scored = lab.run(board.id)
    assert one in scored and f"✓ {title}" in scored
    look_right(book, lab.run_all())


def test_kernels_share_what_is_right_and_one_that_is_killed_loses_nothing(
    server, pages, open_lab
):
    """Two notebooks at once; then the second kernel dies in the middle of a check."""
    first, second = WALK, Path("notebooks/01_requires_grad.ipynb")
    server.begin_afresh(second)
    labs = {first: open_lab(first)}
    labs[second] = Lab(pages(), server.address)
    labs[second].open(second)
    boards = {place: board_of(BOOKS[place.stem]).id for place in labs}
    for place, lab in labs.items():
        lab.run(code(BOOKS[place.stem])[0].id)
        name, cell, _ = question(BOOKS[place.stem])
        right = f"guess = {plain(LESSONS[name].truth)}"
        assert lab.answer(cell.id, "guess = ...", right).startswith("✓")
    for place, lab in labs.items():
        shown = lab.answer(boards[place], lab.source(boards[place]), ALL_SCORES)
        assert shown.startswith("2 of")
        assert f"○ {first.stem} (1 of" in shown and f"○ {second.stem} (1 of" in shown

    lab = labs[second]
    _, cell, _ = question(BOOKS[second.stem])
    lab.die(cell.id, DIE.format(check=lab.source(cell.id).splitlines()[-1]))
    lab.run(code(BOOKS[second.stem])[0].id)
    assert lab.run(boards[second]).startswith("2 of")
    kept = (server.course / "notebooks" / progress.NAME).read_text()
    lines = [line for line in kept.splitlines() if line]
    assert len(lines) > 20 and sum(not is_json(line) for line in lines) <= 1

    lab.cell(boards[second]).locator("a", has_text=first.stem).click()
    lab.page.wait_for_function(f"() => {PANEL}?.context?.path === '{first.name}'")


def is_json(line) -> bool:
    try:
        return bool(json.loads(line))
    except ValueError:
        return False
