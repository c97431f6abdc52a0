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

from ..live import WIDGET_VIEW
from .numbers import FENCE
from .outputs import merge_streams

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
SOLUTION = re.compile("<summary>(?:Solution|参考答案)</summary>")
PLAYGROUND = "playground"  # a notebook that lies beside the course's
QUESTION = re.compile(r"""(?m)^check\(\s*["']([^"']*)["']""")
UNTRANSLATED = "🌐 not translated yet / 尚未翻译"  # in a line of its own
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
HIDEABLE = "source_hidden", "outputs_hidden"
CELL_METADATA = ("tags", "cellView")


def list_lessons(folder: Path) -> list[Path]:
    """Return the notebooks of the course in a folder, in their order."""
    return sorted(path for path in folder.glob("*.ipynb") if path.stem != PLAYGROUND)


def parse_notebook(text: str) -> NotebookNode:
    """Parse a notebook as it stands; nbformat.read would invent missing ids.

    Raises ValueError if it is none.
    """
    try:
        return nbformat.v4.reads(text)
    except (AttributeError, TypeError):
        raise ValueError("cells or metadata are missing") from None


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook; one that is not there yet has no cells."""
    if not path.exists():
        return nbformat.v4.new_notebook()
    return parse_notebook(path.read_text("utf-8"))


def write_notebook(notebook: NotebookNode) -> str:
    return nbformat.v4.writes(notebook) + "\n"


def replace_file(path: Path, content: bytes) -> None:
    """Swap the whole file at once, so that nothing is ever half written."""
    unfinished = path.with_suffix(".ipynb.tmp")
    try:
        unfinished.write_bytes(content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def list_notebooks(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, but not Jupyter's own copies of them."""
    paths = sorted(folder.rglob("*.ipynb"))
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]


@cache
def list_tracked(folder: Path) -> list[str] | None:
    """Return the names that git tracks in a folder; None outside of a repository."""
    command = ["git", "ls-files", "-z", "."]
    try:
        listed = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError:
        return None
    return listed.stdout.split("\0") if listed.returncode == 0 else None


def tidy_notebook(notebook: NotebookNode) -> NotebookNode:
    """Keep what teaches; drop what only says where and how the notebook was run."""
    return nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": NOTEBOOK_METADATA,
            "cells": list(map(tidy_cell, notebook.cells, choose_ids(notebook.cells))),
        }
    )


def choose_ids(cells: list[NotebookNode]) -> list[str]:
    """Name the cell of a question after it, and let each other cell keep its id.

    Missing and repeated ids are derived from place and content.
    """
    names = list(map(name_asking_cell, cells))
    asking = {name: names.index(name) for name in names if name}
    taken = {*asking, *(cell.get("id") for cell in cells)}
    ids: list[str] = []
    for position, cell in enumerate(cells):
        name = cell.get("id")
        if asking.get(names[position]) == position:
            name = names[position]
        elif not name or name in ids or name in asking:
            name = derive_id(f"{position} {cell.source}", {*taken, *ids})
        ids.append(name)
    return ids


def derive_id(content: str, taken: set) -> str:
    name = hashlib.sha256(content.encode()).hexdigest()[:8]
    return derive_id(name, taken) if name in taken else name


def name_asking_cell(cell: NotebookNode) -> str:
    """Return the id by which the scoreboard finds a question; "" if none is asked."""
    name = "".join(find_questions(cell)[:1]).partition("/")[2]
    return f"ask-{re.sub('[^A-Za-z0-9]', '-', name)}"[:64] if name else ""


def find_questions(cell: NotebookNode) -> list[str]:
    return QUESTION.findall(cell.source) if cell.cell_type == "code" else []


def tidy_cell(cell: NotebookNode, name: str) -> dict:
    metadata = {
        key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)
    }
    shown = cell.metadata.get("jupyter", {})
    if hidden := [key for key in HIDEABLE if shown.get(key)]:
        metadata["jupyter"] = dict.fromkeys(hidden, True)
    tidied = {**cell, "id": name, "metadata": metadata}
    if cell.cell_type == "code":
        count = tidied["execution_count"] = cell.get("execution_count")
        tidied["outputs"] = tidy_outputs(cell.get("outputs", []), count)
    return tidied


def tidy_outputs(outputs: list[NotebookNode], count: int | None) -> list[dict]:
    tidied = [tidy_output(output, count) for output in merge_streams(outputs)]
    return [output for output in tidied if output.get("data") != {}]


def tidy_output(output: NotebookNode, count: int | None) -> dict:
    tidied = dict(output)
    if output.output_type == "error":
        # The real traceback holds paths and colour codes.
        tidied["traceback"] = [f"{output.ename}: {output.evalue}"]
    if output.output_type == "execute_result":
        tidied["execution_count"] = count
    if "data" in output:
        shown = output.data.items()
        tidied["data"] = {mime: it for mime, it in shown if mime != WIDGET_VIEW}
    return tidied


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
        shown = Counter(cells=0, outputs=0, pictures=0)
        for cell in self.code:
            shown.update(count_shown(cell))
        return {
            **shown,
            "guesses": sum(c.source.startswith("guess = ...") for c in self.code),
            "solutions": sum(map(self.holds_a_solution, self.prose)),
        }

    def holds_a_solution(self, cell: NotebookNode) -> bool:
        return bool(SOLUTION.search(cell.source))

    @property
    def is_lesson(self) -> bool:
        return self.path.stem != PLAYGROUND

    def next_name(self) -> str:
        """Return the next file's name; after the last one, the first one's."""
        names = [path.name for path in list_lessons(self.path.parent)]
        return (names + names)[names.index(self.path.name) + 1]

    def usual_setup(self) -> str:
        """Return the first code cell that most notebooks of the folder have."""
        setups = []
        for path in sorted(self.path.parent.glob("*.ipynb")):
            with contextlib.suppress(Exception):  # that notebook's own rules tell why
                setups += [cell.source for cell in open_notebook(path).code[:1]]
        return statistics.mode(setups)


open_notebook = cache(Notebook)


def count_shown(cell: NotebookNode) -> dict[str, int]:
    pictures = ("image/png" in output.get("data", {}) for output in cell.outputs)
    return {"cells": 1, "outputs": len(cell.outputs), "pictures": sum(pictures)}


def remove_code(source: str) -> str:
    return re.sub(r"`[^`\n]*`", "", FENCE.sub("", source))


def is_untranslated(cell: NotebookNode) -> bool:
    """Tell whether a Chinese cell still says what its English twin says."""
    return cell.cell_type == "markdown" and UNTRANSLATED in cell.source.splitlines()
