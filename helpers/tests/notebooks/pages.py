"""The notebooks as data, and what their questions ask."""

import contextlib
import copy
import re

from helpers import check
from helpers.authoring.notebook import (
    NOTEBOOKS,
    UNTRANSLATED,
    list_lessons,
    parse_notebook,
)
from helpers.lessons import LESSONS
from helpers.lessons.model import Prediction
from helpers.tests.notebooks.replay import in_a_child, new_shell

PATHS = list_lessons(NOTEBOOKS)
BOOKS = {}
for path in PATHS:
    with contextlib.suppress(ValueError):  # the rules of the notebook tell why
        BOOKS[path.stem] = parse_notebook(path.read_text("utf-8"))
# What the setup cell says before the course is published.
UNPUBLISHED = (
    'GET = "a clone; for Colab, `python -m helpers publish OWNER/REPO` comes first"'
)
CHECK = re.compile(r'^check\("([^"]+)", (\w+)', re.MULTILINE)
SOLUTION = re.compile(r"<summary>Solution</summary>\s*```python\n(.*?)```", re.DOTALL)


def pass_for_translated(folder):
    """Take away the flags of what is not translated yet, in a copy of the course."""
    for path in folder.rglob("*.ipynb"):
        text = path.read_text("utf-8")
        path.write_text(text.replace(UNTRANSLATED, "…"), "utf-8")


def code(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def sections(book):
    """Return the code cells of each section, from one `## …` to the next."""
    found = [[]]
    for cell in book.cells:
        if cell.cell_type == "markdown":
            found += [[] for _ in re.findall(r"(?m)^## ", cell.source)]
        else:
            found[-1].append(cell)
    return [cells for cells in found if cells]


def checks(book):
    """Yield (name, answer's name, cell, number of the cell) for each check."""
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            for name, answer in CHECK.findall(cell.source):
                assert name in LESSONS, f"Cell {cell.id}: {check(name, ...).sentence}"
                yield name, answer, cell, number


def truths(book, again=False):
    """Run the notebook's cells in one world and note each prediction's truth.

    Note it `again`: when somebody goes back to the questions after the last cell.
    """
    found = {}

    def note(name, answer, *truth):
        if truth:
            found[name] = truth[0]

    def run():
        shell = new_shell()
        setup, *cells = code(book)
        shell.run(setup.source)
        shell.user_ns["check"] = note
        for cell in cells:
            shell.run(cell.source)
        if again:
            found.clear()
            for _, _, cell, _ in checks(book):
                shell.run(cell.source)
        return found

    return in_a_child(run)


def plain(truth):
    """Return a truth as a learner would type it, so that nan equals nan."""
    value = truth.tolist() if hasattr(truth, "tolist") else truth
    return re.sub(r"\b(nan|inf)\b", r"torch.\1", repr(value))


def solved(book):
    """Return a notebook where each guess is right and no stub is left."""
    book = copy.deepcopy(book)
    for name, _, cell, number in checks(book):
        if isinstance(LESSONS[name], Prediction):
            right = f"guess = {plain(LESSONS[name].truth)}"
            cell.source = cell.source.replace("guess = ...", right)
        else:
            solution = SOLUTION.search(book.cells[number + 1].source)[1]
            call = cell.source[cell.source.index("\ncheck(") :]
            cell.source = f"{solution}\n{call}"
    return book
