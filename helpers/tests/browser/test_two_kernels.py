"""What two notebooks share, and what stays when a kernel dies."""

import json
from pathlib import Path

import pytest

from helpers.checking import progress
from helpers.lessons import LESSONS
from helpers.tests.browser.expected import WALK, board_of, question
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


def test_kernels_share_what_is_right_and_one_that_is_killed_loses_nothing(
    servers, pages, open_lab
):
    """Two notebooks at once; then the second kernel dies in the middle of a check."""
    first, second = WALK, Path("notebooks/01_requires_grad.ipynb")
    servers["light"].begin_afresh(second)
    labs = {first: open_lab(first)}
    labs[second] = Lab(pages(), servers["light"].address)
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
    kept = (servers["light"].course / "notebooks" / progress.NAME).read_text()
    lines = [line for line in kept.splitlines() if line]
    assert len(lines) > 20 and sum(not is_json(line) for line in lines) <= 1

    lab.cell(boards[second]).locator("a", has_text=first.stem).click()
    lab.page.wait_for_function(f"() => {PANEL}?.context?.path === '{first.name}'")


def is_json(line) -> bool:
    try:
        return bool(json.loads(line))
    except ValueError:
        return False
