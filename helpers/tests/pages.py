"""The notebooks as data, and what their questions ask."""

import re

from helpers import refresh as author

PATHS = sorted(author.NOTEBOOKS.glob("*.ipynb"))
BOOKS = {path.stem: author.read(path.read_text("utf-8")) for path in PATHS}
CHECK = re.compile(r'^check\("([^"]+)", (\w+)', re.MULTILINE)


def code(book):
    return [cell for cell in book.cells if cell.cell_type == "code"]


def checks(book):
    """Yield (name, answer's name, cell, number of the cell) for each check."""
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "code":
            for name, answer in CHECK.findall(cell.source):
                yield name, answer, cell, number


def truths(book):
    """Run the notebook's cells in one world and note each prediction's truth."""
    found = {}

    def note(name, answer, *truth):
        if truth:
            found[name] = truth[0]

    world = {}
    setup, *cells = code(book)
    exec(setup.source, world)
    world["check"] = note
    for cell in cells:
        if "raises-exception" not in cell.metadata.get("tags", []):
            exec(cell.source, world)
    return found
