"""Run the notebooks otherwise than from top to bottom; they must show the same."""

import base64
import io
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest
import torch
from PIL import Image

from helpers.authoring.outputs import describe_difference
from helpers.drawing.player import Player
from helpers.live import STILL
from helpers.tests.notebooks.pages import BOOKS, code, sections
from helpers.tests.notebooks.replay import (
    DiedOrStopped,
    in_a_child,
    new_shell,
    outputs_of,
)

# What shows something else when it runs again, and why.
CHANGES_WHEN_RUN_AGAIN = {
    "rerun-again": "the lesson: each run is three more walks to the same leaf",
}


def assert_same(cells, setup=()):
    """Run cells after a setup; each must show what it has stored."""
    shown = outputs_of([cell.source for cell in [*setup, *cells]])[len(setup) :]
    wrong = {
        cell.id: describe_difference(cell.outputs, outputs)
        for cell, outputs in zip(cells, shown, strict=True)
        if describe_difference(cell.outputs, outputs)
    }
    assert not wrong


@pytest.mark.thorough
@pytest.mark.parametrize("stem", BOOKS)
def test_a_notebook_runs_twice_in_one_kernel(stem):
    assert_same(code(BOOKS[stem]) * 2)


@pytest.mark.thorough
@pytest.mark.parametrize("stem", BOOKS)
def test_every_cell_runs_twice_in_a_row(stem):
    cells = code(BOOKS[stem])
    again = [cell for cell in cells if cell.id not in CHANGES_WHEN_RUN_AGAIN]
    twice = [cell for cell in cells for _ in range(1 + (cell in again))]
    assert_same(twice)


def test_the_cells_that_change_are_there_and_do():
    cells = {cell.id: cell for book in BOOKS.values() for cell in code(book)}
    for name in CHANGES_WHEN_RUN_AGAIN:
        (book,) = (book for book in BOOKS.values() if cells[name] in book.cells)
        before = code(book)[: code(book).index(cells[name]) + 1]
        *_, once, again = outputs_of([c.source for c in [*before, cells[name]]])
        assert describe_difference(once, again)


SECTIONS = [(stem, cells) for stem, book in BOOKS.items() for cells in sections(book)]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("stem", "cells"),
    SECTIONS,
    ids=[f"{stem}-{cells[0].id}" for stem, cells in SECTIONS],
)
def test_every_section_runs_alone_after_the_setup(stem, cells):
    setup = code(BOOKS[stem])[:1]
    assert_same([cell for cell in cells if cell not in setup], setup)


# ---------------------------------------------------------------- players


def played(book):
    """Run a notebook where somebody looks; give what each player shows at each place.

    {cell: [(label, words, (alt, png), twin)]}, from the first to the last.
    """

    def run():
        os.environ.pop(STILL, None)
        shell, found = new_shell(), {}
        for cell in code(book):
            shell.run(cell.source)
            if isinstance(shell.user_ns.get("_"), Player) and "▷" in str(cell.outputs):
                found[cell.id] = moved(shell.user_ns["_"])
        return found

    return in_a_child(run)


def moved(player):
    """Read each frame that the slider of a player's page shows."""
    page = player._repr_mimebundle_()["text/html"]
    frames = json.loads(re.search(r"const frames = (\[.*\]), names = ", page)[1])
    assert [frame["label"] for frame in frames] == list(player.labels)
    return [
        (
            frame["label"],
            frame["words"],
            seen(**frame["image"]),
            str(player.frame(place).picture),
        )
        for place, frame in enumerate(frames)
    ]


def seen(src, alt, width):
    """Return an image's alt text and its bytes, once they are known to be a PNG."""
    png = src.removeprefix("data:image/png;base64,")
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        image.verify()
        assert image.format == "PNG" and 0 < width <= 2 * image.width
    return alt, png


PLAYERS = [
    (stem, cell.id)
    for stem, book in BOOKS.items()
    for cell in code(book)
    if "▷" in str(cell.outputs)
]


@pytest.mark.thorough
@pytest.mark.parametrize(("stem", "name"), PLAYERS)
def test_a_player_shows_the_right_words_and_twin_at_every_place(stem, name):
    places = played(BOOKS[stem])[name]
    assert len({png for _, _, (_, png), _ in places}) == len(places) > 1
    for number, (label, words, _, text) in enumerate(places):
        if words.startswith(f"{number}. "):  # a walk, step by step
            assert label == str(number)
            steps = re.findall(r"(?m)^\d+\. .*$", text)
            assert len(steps) == number
        else:  # a run for each value
            value, grad = re.search(
                r"^a = (\S+) gives .* and (\S+) comes", words
            ).groups()
            assert label == value
            assert re.search(rf"(?m)^0 +a +leaf +{value} +{grad}$", text)
            assert f"a: .grad += {grad}" in text


# ---------------------------------------------------------------- the replay itself


def test_a_child_that_dies_or_goes_on_is_noticed():
    with pytest.raises(DiedOrStopped, match="ended its process"):
        outputs_of(["import os; os._exit(0)"])
    with pytest.raises(DiedOrStopped, match=r"more than 0\.5 seconds"):
        outputs_of(["while True: pass"], seconds=0.5)
    with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
        in_a_child(lambda: 1 / 0)


def test_a_child_computes_though_its_parent_has_used_threads():
    def total():
        return torch.ones(1_000_000).sum().item()

    used = torch.get_num_threads()
    torch.set_num_threads(2)
    assert total() == in_a_child(total, 30) == 1_000_000
    torch.set_num_threads(used)


@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_child_of_a_stopped_child_is_stopped():
    reader, writer = os.pipe()

    def endless():
        os.write(writer, b"%d" % os.getpid())
        while True:
            pass

    with pytest.raises(DiedOrStopped):
        in_a_child(lambda: in_a_child(endless), seconds=1)
    grandchild = int(os.read(reader, 99))
    status = Path(f"/proc/{grandchild}/stat")
    for _ in range(100):
        if not status.exists() or ") Z " in status.read_text():
            return
        time.sleep(0.05)
    os.kill(grandchild, signal.SIGKILL)
    pytest.fail("the grandchild goes on")


def test_a_replay_records_what_a_kernel_would():
    sources = [
        "print(1)\nprint(2)\n3",
        "3;",
        "Out[1]",
        "1 / 0",
        "display({'text/plain': 'a'}, raw=True)",
    ]
    kinds = [
        [(each.output_type, each.get("text") or each.get("data")) for each in outputs]
        for outputs in outputs_of(sources)
    ]
    *printed, result = kinds[0]
    assert "".join(text for _, text in printed) == "1\n2\n"
    assert result == ("execute_result", {"text/plain": "3"})
    assert kinds[1:3] == [[], [result]]
    assert kinds[3] == [("error", None)]
    assert kinds[4] == [("display_data", {"text/plain": "a"})]
