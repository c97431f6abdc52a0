"""Begin a new notebook: both editions, its lesson, and all that leads to it.

`python -m helpers new 11_name "What it earns"` writes everything or nothing; then
`pytest -q notebooks` names what is still to be written.
"""

import keyword
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nbformat import NotebookNode

from . import scaffold
from .command import make_parser
from .execute import CannotRefresh
from .notebook import (
    ROOT,
    list_lessons,
    list_tracked,
    read_notebook,
    replace_file,
    write_notebook,
)
from .publish import withdraw
from .refresh import refresh_file
from .rules import PENCIL

NAME = re.compile(r"\d\d_[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.A)
ROW = re.compile(r"(?m)^\| \[(\w+)\]\(.*\n")
LISTED = re.compile(r"- A file per notebook \((.*?)\).*?(?=\n- )", re.DOTALL)
IMPORTS = re.compile(r"from \. import \((.*?)\)", re.DOTALL)
TOPICS = re.compile(r"TOPICS = \{\n(.*?)\n\}", re.DOTALL)


class CannotCreate(Exception):
    """Say in one sentence why nothing is created."""


# ---------------------------------------------------------------- what is asked


def check_name(name: str, root: Path) -> str:
    """Return the topic of a new notebook, the word in its name.

    Raises CannotCreate if there cannot be a notebook of that name.
    """
    number, _, topic = name.partition("_")
    if not NAME.fullmatch(name) or keyword.iskeyword(topic):
        raise CannotCreate(
            f"{name!r} is no name for a notebook; give two digits and a word that "
            "Python can import, as in 11_name."
        )
    taken = [*(root / "notebooks").rglob(f"{number}_*.ipynb")]
    taken += [*(root / "helpers" / "lessons").glob(f"{topic}.py")]
    if taken:
        raise CannotCreate(
            f"{taken[0].relative_to(root).as_posix()} exists already; choose another "
            f"{'word' if taken[0].suffix == '.py' else 'number'} than {name} has."
        )
    return topic


def check_claim(claim: str) -> str:
    """Return a claim on one line.

    Raises CannotCreate if it is empty, or would break a table or a link.
    """
    claim = " ".join(claim.split())
    if not claim or set("|[]<>") & set(claim):
        raise CannotCreate(
            f"{claim!r} is no claim; say in one sentence, without | [ ] < >, what the "
            "notebook earns."
        )
    return claim


def check_clone(root: Path) -> None:
    """Raise CannotCreate where git does not know the course."""
    if not any(list_tracked(root / "notebooks") or []):
        raise CannotCreate(
            f"{root} is not a clone of the course that git knows; run `git clone` and "
            "begin the notebook there."
        )


# ---------------------------------------------------------------- the new texts


def plan_files(name: str, topic: str, claim: str, root: Path) -> dict[Path, str]:
    """Return all files that a new notebook needs or changes, with their new texts."""
    registry = root / "helpers" / "lessons" / "__init__.py"
    return {
        registry.with_name(f"{topic}.py"): scaffold.write_lesson(name, topic),
        registry: register_topic(registry.read_text("utf-8"), name, topic),
        **plan_notebooks(name, topic, claim, root / "notebooks"),
        **plan_tables(name, claim, root),
    }


def plan_notebooks(name: str, topic: str, claim: str, home: Path) -> dict[Path, str]:
    """Return the new notebook, and both editions of the one that leads to it."""
    before, after = find_neighbours(name, home)
    old = {
        path: lead_on(read_notebook(path), after, name, claim)
        for path in (home / before, home / "zh" / before)
    }
    setup = next(it.source for it in old[home / before].cells if it.cell_type == "code")
    names = {"name": name, "topic": topic, "claim": claim, "following": after}
    books = {home / f"{name}.ipynb": scaffold.build_notebook(setup, names), **old}
    return {path: write_notebook(book) for path, book in books.items()}


def find_neighbours(name: str, home: Path) -> tuple[str, str]:
    """Return the files that come before and after a new notebook, in their circle."""
    files = sorted({path.name for path in list_lessons(home)} | {f"{name}.ipynb"})
    place = files.index(f"{name}.ipynb")
    return files[place - 1], files[(place + 1) % len(files)]


def lead_on(book: NotebookNode, after: str, name: str, claim: str) -> NotebookNode:
    """Let the last cell of a notebook lead to the new one.

    Raises CannotCreate if it did not lead on before.
    """
    door = book.cells[-1]
    link = re.compile(rf"\[[^\]]*\]\({re.escape(after)}\)")
    new = f"[{PENCIL} {claim}]({name}.ipynb)"
    door.source, count = link.subn(lambda _: new, withdraw(door.source))
    if not count:
        raise CannotCreate(
            f"The last cell of the notebook before {name} does not lead on to {after}; "
            "mend that first."
        )
    return book


def plan_tables(name: str, claim: str, root: Path) -> dict[Path, str]:
    """Return both READMEs with a row for the new notebook."""
    cells = {
        root / "README.md": f"[{name}](notebooks/{name}.ipynb) | {claim}",
        root / "notebooks/zh/README.md": f"[{name}]({name}.ipynb) | {PENCIL} {claim}",
    }
    return {
        path: insert_row(path.read_text("utf-8"), name, f"| {row} |\n")
        for path, row in cells.items()
    }


def insert_row(text: str, name: str, row: str) -> str:
    """Return a text with a new row in its table of notebooks, at its place."""
    rows = [*ROW.finditer(text)]
    if not rows:
        raise CannotCreate("A README has no table of notebooks; mend that first.")
    at = next((each.start() for each in rows if each[1] > name), rows[-1].end())
    return text[:at] + row + text[at:]


def register_topic(text: str, name: str, topic: str) -> str:
    """Return the page of the lessons with one more topic: told, imported, listed."""

    def tell(found: re.Match) -> str:
        told = found[0].replace(found[1], f"{found[1]}, `{topic}`")
        return textwrap.fill(" ".join(told.split()), 88, subsequent_indent="  ")

    def load(found: re.Match) -> str:
        topics = sorted([*found[1].replace(",", " ").split(), topic])
        return "".join(["from . import (\n", *(f"    {it},\n" for it in topics), ")"])

    def enlist(found: re.Match) -> str:
        rows = sorted([*found[1].splitlines(), f'    "{name}": {topic},'])
        return "\n".join(["TOPICS = {", *rows, "}"])

    for pattern, change in ((LISTED, tell), (IMPORTS, load), (TOPICS, enlist)):
        text, count = pattern.subn(change, text, count=1)
        if not count:
            raise CannotCreate("helpers/lessons/__init__.py lists no topics.")
    return text


# ---------------------------------------------------------------- writing


@contextmanager
def undo_on_failure(paths: Iterable[Path]) -> Iterator[None]:
    """Give each file what it held before, should anything go wrong."""
    before = {path: path.read_bytes() if path.exists() else None for path in paths}
    try:
        yield
    except BaseException:
        for path, content in before.items():
            restore_file(path, content)
        raise


def restore_file(path: Path, content: bytes | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    elif path.read_bytes() != content:
        replace_file(path, content)


def create(name: str, claim: str, root: Path) -> list[Path]:
    """Write all that a new notebook needs, executed; return the files.

    Raises CannotCreate or CannotRefresh, and leaves everything as it was.
    """
    topic, claim = check_name(name, root), check_claim(claim)
    check_clone(root)
    texts = plan_files(name, topic, claim, root)
    editions = [root / f"notebooks/{folder}{name}.ipynb" for folder in ("", "zh/")]
    files = list(dict.fromkeys([*texts, *editions]))
    with undo_on_failure(files):
        for path, text in texts.items():
            replace_file(path, text.encode())
        for path in editions:  # the second is copied from the first
            refresh_file(path, False)
        tell_git(files, root)
    return files


def tell_git(paths: Iterable[Path], root: Path) -> None:
    """Let git know of new files, but not yet of what is in them."""
    command = ["git", "add", "--intent-to-add", "--", *map(str, paths)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]
        raise CannotCreate(f"git does not take the new files: {said}.")


# ---------------------------------------------------------------- the command


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Begin a notebook, or say why not; give the exit status."""
    parser = make_parser("new", "Begin a new notebook, in both editions.")
    # Both may be left out, so that what is missing gets a sentence of ours.
    parser.add_argument("name", nargs="?", default="", metavar="NN_word")
    earns = "what it earns, in a sentence"
    parser.add_argument("claim", nargs="?", default="", metavar='"CLAIM"', help=earns)
    options = parser.parse_args(arguments)
    try:
        created = create(options.name, options.claim, root)
    except (CannotCreate, CannotRefresh) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; everything is as it was.", file=sys.stderr)
        return 130
    for path in created:
        print(path.relative_to(root).as_posix())
    print(f"Now write what stands after each {PENCIL}: `pytest -q notebooks` names it.")
    return 0
