"""Where the links of a notebook lead."""

import re
from pathlib import Path
from urllib.parse import unquote

from nbformat import NotebookNode

from .notebook import NOTEBOOKS, Notebook, open_notebook, remove_code
from .publish import COLAB

LINK = re.compile(r"\]\(\s*([^)\s]+)|(?:href|src)=[\"']([^\"']+)")


def list_dead_links(book: Notebook) -> list[tuple[NotebookNode, str]]:
    """Return the links that lead nowhere, each with its cell."""
    return [
        (cell, target)
        for cell in book.prose
        for target in map("".join, LINK.findall(remove_code(cell.source)))
        if not leads_somewhere(target, book.path)
    ]


def leads_somewhere(target: str, origin: Path) -> bool:
    """Tell whether a link's file and heading exist; the web is not asked."""
    file, _, anchor = unquote(target).partition("#")
    file = file.partition("?")[0]
    path = origin.parent / file if file else origin
    if target.startswith(COLAB) and "/notebooks/" in file:
        path = NOTEBOOKS / file.partition("/notebooks/")[2]
    elif re.match(r"[a-z]+:", target):
        return True
    return path.exists() and (not anchor or make_slug(anchor) in list_slugs(path))


def list_slugs(path: Path) -> list[str]:
    text = path.read_text("utf-8") if path.is_file() else ""
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in open_notebook(path).prose)
    return list(map(make_slug, re.findall(r"(?m)^#+ (.*)$", text)))


def make_slug(heading: str) -> str:
    return re.sub(r"[^\w]", "", heading).lower()
