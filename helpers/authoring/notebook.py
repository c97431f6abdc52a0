"""A notebook as data: read, tidied and written, its cells and what they store."""

import contextlib
import hashlib
import os
import re
import statistics
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from ..drawing.live import WIDGET_VIEW
from .numbers import remove_fences
from .outputs import merge_streams

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOLUTION = {"en": "Solution", "zh": "参考答案"}
# All that GitHub, Colab, JupyterLab and nbconvert need to colour the code as Python.
# A version would change with every machine.
NOTEBOOK_METADATA = {
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
CELL_METADATA = ("tags", "cellView", "course")


def parse_notebook(text: str) -> NotebookNode:
    """Parse a notebook as it stands; nbformat.read would invent missing ids.

    Raises ValueError if it is none.
    """
    try:
        return nbformat.v4.reads(text)
    except (AttributeError, TypeError):
        raise ValueError("cells or metadata are missing") from None


def write_notebook(notebook: NotebookNode) -> str:
    """Give the one text that stands for a notebook."""
    return nbformat.v4.writes(notebook) + "\n"


# ---------------------------------------------------------------- tidy


def tidy_notebook(notebook: NotebookNode) -> NotebookNode:
    """Keep what teaches; drop what only says where and how the notebook was run."""
    ids = make_ids_unique(notebook.cells)
    return nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": NOTEBOOK_METADATA,
            "cells": list(map(tidy_cell, notebook.cells, ids)),
        }
    )


def make_ids_unique(cells: list[NotebookNode]) -> list[str]:
    """Keep every id; derive the missing and repeated ones from place and content."""
    taken = {cell.get("id") for cell in cells}
    ids: list[str] = []
    for position, cell in enumerate(cells):
        name = cell.get("id")
        if not name or name in ids:
            name = derive_id(f"{position} {cell.source}", taken)
            taken.add(name)
        ids.append(name)
    return ids


def derive_id(content: str, taken: set[str]) -> str:
    name = hashlib.sha256(content.encode()).hexdigest()[:8]
    return derive_id(name, taken) if name in taken else name


def tidy_cell(cell: NotebookNode, name: str) -> dict:
    tidied = {**cell, "id": name, "metadata": tidy_metadata(cell.metadata)}
    if cell.cell_type == "code":
        count = cell.get("execution_count")
        tidied["execution_count"] = count
        tidied["outputs"] = tidy_outputs(cell.get("outputs", []), count)
    return tidied


def tidy_metadata(metadata: dict) -> dict:
    kept = {key: metadata[key] for key in CELL_METADATA if metadata.get(key)}
    if metadata.get("jupyter", {}).get("source_hidden"):
        kept["jupyter"] = {"source_hidden": True}
    return kept


def tidy_outputs(outputs: list[NotebookNode], count: int | None) -> list[dict]:
    tidied = [tidy_output(output, count) for output in merge_streams(outputs)]
    return [output for output in tidied if output.get("data") != {}]


def tidy_output(output: NotebookNode, count: int | None) -> dict:
    if output.output_type == "error":
        # The real traceback holds paths and colour codes.
        return {**output, "traceback": [f"{output.ename}: {output.evalue}"]}
    if output.output_type == "execute_result":
        output = {**output, "execution_count": count}
    if "data" in output:
        shown = {**output["data"]}
        shown.pop(WIDGET_VIEW, None)
        return {**output, "data": shown}
    return output


def list_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, but not Jupyter's own copies of them."""
    paths = sorted(folder.rglob("*.ipynb"))
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]


def write_label(path: Path) -> str:
    for home in (NOTEBOOKS, ROOT):
        if path.is_relative_to(home):
            path = path.relative_to(home)
    return str(path.with_suffix(""))


def replace_file(path: Path, content: str | bytes) -> None:
    """Swap the whole file at once, so that nothing is ever half written."""
    unfinished = path.with_suffix(".ipynb.tmp")
    try:
        unfinished.write_bytes(content.encode() if type(content) is str else content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


class Notebook:
    """Hold a notebook's parts; an invalid one, too, as far as it goes.

    Raises ValueError if the file is no notebook at all.
    """

    def __init__(self, path: Path):
        self.path, self.text = path, path.read_bytes().decode("utf-8")
        self.language = "zh" if path.parent.name == "zh" else "en"
        self.data = parse_notebook(self.text)
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

    def next_name(self) -> str:
        """Return the file name of the next notebook; after the last, of the first."""
        names = sorted(path.name for path in self.path.parent.glob("*.ipynb"))
        return dict(zip(names, [*names[1:], names[0]], strict=True))[self.path.name]

    def usual_setup(self) -> str:
        """Return the first code cell that most notebooks of the folder have."""
        return find_usual_setup(self.path.parent)


open_notebook = cache(Notebook)


def count_shown(cell: NotebookNode) -> dict[str, int]:
    """Count what a code cell has to prove."""
    pictures = ("image/png" in output.get("data", {}) for output in cell.outputs)
    return {"cells": 1, "outputs": len(cell.outputs), "pictures": sum(pictures)}


def remove_code(source: str) -> str:
    return re.sub(r"`[^`\n]*`", "", remove_fences(source))


@cache
def find_usual_setup(folder: Path) -> str:
    setups = []
    for path in sorted(folder.glob("*.ipynb")):
        with contextlib.suppress(Exception):  # that notebook's own rules tell why
            setups += [cell.source for cell in open_notebook(path).code[:1]]
    return statistics.mode(setups)


@cache
def list_tracked(folder: Path) -> list[str] | None:
    """Return the names that git tracks in a folder; None outside of a repository."""
    command = ["git", "ls-files", "-z", "."]
    try:
        listed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError:
        return None
    return listed.stdout.split("\0") if listed.returncode == 0 else None
