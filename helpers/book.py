"""A notebook as data: its cells, what they store, where its links lead."""

import contextlib
import re
import statistics
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode

from helpers import refresh
from helpers.prose import without_fences
from helpers.publish import COLAB, ROOT

LINK = re.compile(r"\]\(\s*([^)\s]+)|(?:href|src)=[\"']([^\"']+)")
SOLUTION = {"en": "Solution", "zh": "参考答案"}


class Notebook:
    """Hold a notebook's parts; an invalid one, too, as far as it goes.

    Raises ValueError if the file is no notebook at all.
    """

    def __init__(self, path: Path):
        self.path, self.text = path, path.read_bytes().decode("utf-8")
        self.language = "zh" if path.parent.name == "zh" else "en"
        self.data = refresh.read(self.text)
        self.cells = self.data.cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = [cell for cell in self.cells if cell.cell_type == "markdown"]
        self.outputs = [(cell, output) for cell in self.code for output in cell.outputs]

    def locate(self, cell: NotebookNode | None) -> str:
        """Say which cell it is, so that it can be found in JupyterLab and in git."""
        if cell is None:
            return "The notebook"
        number = next(n for n, each in enumerate(self.cells, 1) if each is cell)
        first = f"{cell.get('source')}".partition("\n")[0][:60]  # it may have none
        return f"Cell {number} (id {cell.get('id')}, first line `{first}`)"

    def counts(self) -> dict[str, int]:
        """Count what a notebook has to prove."""
        shown: Counter[str] = Counter()
        for cell in self.code:
            shown.update(count_shown(cell))
        return {
            **{name: shown[name] for name in ("cells", "outputs", "pictures")},
            "guesses": sum(c.source.startswith("guess = ...") for c in self.code),
            "solutions": sum(map(self.holds_a_solution, self.prose)),
        }

    def holds_a_solution(self, cell: NotebookNode) -> bool:
        return f"<summary>{SOLUTION[self.language]}</summary>" in cell.source

    def dead_links(self) -> list[tuple[NotebookNode, str]]:
        """Return the links that lead nowhere, each with its cell."""
        return [
            (cell, target)
            for cell in self.prose
            for target in map("".join, LINK.findall(without_code(cell.source)))
            if not leads_somewhere(target, self.path)
        ]

    def next_name(self) -> str:
        """Return the file name of the next notebook; after the last, of the first."""
        names = sorted(path.name for path in self.path.parent.glob("*.ipynb"))
        return dict(zip(names, [*names[1:], names[0]], strict=True))[self.path.name]

    def usual_setup(self) -> str:
        """Return the first code cell that most notebooks of the folder have."""
        return usual_setup(self.path.parent)


open_notebook = cache(Notebook)


def count_shown(cell: NotebookNode) -> dict[str, int]:
    """Count what a code cell has to prove."""
    pictures = ("image/png" in output.get("data", {}) for output in cell.outputs)
    return {"cells": 1, "outputs": len(cell.outputs), "pictures": sum(pictures)}


def without_code(source: str) -> str:
    return re.sub(r"`[^`\n]*`", "", without_fences(source))


@cache
def usual_setup(folder: Path) -> str:
    setups = []
    for path in sorted(folder.glob("*.ipynb")):
        with contextlib.suppress(Exception):  # that notebook's own rules tell why
            setups += [cell.source for cell in open_notebook(path).code[:1]]
    return statistics.mode(setups)


@cache
def tracked(folder: Path) -> list[str] | None:
    """Return the names that git tracks in a folder; None outside of a repository."""
    command = ["git", "ls-files", "-z", "."]
    try:
        listed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError:
        return None
    return listed.stdout.split("\0") if listed.returncode == 0 else None


def leads_somewhere(target: str, origin: Path) -> bool:
    """Tell whether a link's file and heading exist; the web is not asked."""
    file, _, anchor = unquote(target).partition("#")
    file = file.partition("?")[0]
    if target.startswith(COLAB) and "/notebooks/" in file:
        return (ROOT / "notebooks" / file.split("/notebooks/", 1)[1]).exists()
    if re.match(r"[a-z]+:", target):
        return True
    path = origin.parent / file if file else origin
    return path.exists() and (not anchor or slug(anchor) in headings(path))


def slug(heading: str) -> str:
    return re.sub(r"[^\w]", "", heading).lower()


def headings(path: Path) -> set[str]:
    text = path.read_text("utf-8") if path.is_file() else ""
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in open_notebook(path).prose)
    return {slug(each) for each in re.findall(r"(?m)^#+ (.*)$", text)}
