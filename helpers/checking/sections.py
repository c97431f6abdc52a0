"""Find the section of the course that treats a misconception."""

import json
import re
from functools import lru_cache
from pathlib import Path

from ..lessons import NOTEBOOKS
from ..lessons.sections import PLACES
from ..verdict import Link

HEADING = re.compile(r"^#{2,} (.+)", re.MULTILINE)


def find_section(question: str, misconception: str) -> Link | None:
    """Return a link to the section that treats a misconception, if it leads elsewhere.

    Of the question's own notebook only what stands above it: below are its answers. It
    needs the notebooks beside the one that runs, as they are in a clone.
    """
    if misconception not in PLACES:
        return None
    notebook, cell = PLACES[misconception]
    headings = read_headings(f"{notebook}.ipynb")
    if cell not in headings:
        return None
    if notebook != NOTEBOOKS[question.partition("/")[0]]:
        title = f"{headings[cell]} ({notebook})"
        return Link(title, f"{notebook}.ipynb#cell-id={cell}")
    above = list(headings)[
        : [*headings, name_cell(question)].index(name_cell(question))
    ]
    elsewhere = headings[cell] != headings.get(name_cell(question))
    return (
        Link(headings[cell], f"#cell-id={cell}")
        if cell in above and elsewhere
        else None
    )


def name_cell(question: str) -> str:
    """Return the id of the cell that asks a question."""
    return f"ask-{question.partition('/')[2].replace('_', '-')}"


@lru_cache(maxsize=16)
def read_headings(file: str) -> dict[str, str]:
    """Return for each cell of a notebook, by its id, the heading that it stands under.

    A file that is missing, or no notebook, has none.
    """
    try:
        cells = json.loads(Path(file).read_text("utf-8"))["cells"]
        return dict(list_headings(cells))
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def list_headings(cells: list[dict]) -> list[tuple[str, str]]:
    found, heading = [], ""
    for cell in cells:
        if cell["cell_type"] == "markdown":
            headings = HEADING.findall("".join(cell["source"]))
            heading = headings[-1] if headings else heading
        found.append((cell["id"], heading))
    return found
