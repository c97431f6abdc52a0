"""Execute the notebooks afresh and store them tidily."""

import argparse
import base64
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from ..verdict import SIGN
from .editions import copy_code
from .execute import CannotRefresh, describe_place, execute_notebook
from .notebook import (
    NOTEBOOKS,
    list_notebooks,
    parse_notebook,
    replace_file,
    tidy_notebook,
    write_label,
    write_notebook,
)

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def refuse_verdicts(notebook: NotebookNode) -> None:
    """Raise CannotRefresh at the first question that does not wait for its answer.

    Then its name is misspelt, say, or the author's own answer was left in the cell.
    """
    for position, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            said = shown.get("text/plain", "").partition("\n")[0]
            if "text/html" in shown and said.startswith((SIGN["right"], SIGN["wrong"])):
                raise CannotRefresh(
                    f"{describe_place(cell, position)} shows «{said}»; mend it, "
                    "because what is stored has to wait for the learner's answer."
                )


# ---------------------------------------------------------------- README


def run_readme(readme: str) -> list[bytes]:
    """Run the first Python code of a README as one cell; return the pictures it shows.

    Raises CannotRefresh if there are none.
    """
    (code, *_) = EXAMPLE.findall(readme) or [""]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (cell,) = execute_notebook(book, NOTEBOOKS.parent).cells
    shown = [output.get("data", {}).get("image/png") for output in cell.outputs]
    if not any(shown):
        raise CannotRefresh("its first Python code shows no picture; mend it.")
    return [base64.b64decode(png) for png in shown if png]


# ---------------------------------------------------------------- the command


def main(arguments: list[str] | None = None) -> int:
    """Refresh the notebooks that are named, or all; give the exit status."""
    options = parse_arguments(arguments)
    try:
        paths = choose_files(options.names)
        changed = [path for path in paths if refresh_file(path, options.check)]
    except CannotRefresh as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the notebook that was running is untouched.", file=sys.stderr)
        return 130
    return int(options.check and bool(changed))


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m helpers refresh",
        description="Execute notebooks afresh and store them tidily, and draw README's "
        "picture.",
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="name",
        help="03, 03_gradient_accumulation, a path or README; all if none is given",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail and list what would change",
    )
    return parser.parse_args(arguments)


def choose_files(names: list[str]) -> list[Path]:
    readme = NOTEBOOKS.parent / "README.md"
    known = [*list_notebooks(NOTEBOOKS), *([readme] if readme.exists() else [])]
    found = [path for name in names for path in find_matching(name, known)]
    return list(dict.fromkeys(found)) if names else known


def find_matching(name: str, known: list[Path]) -> list[Path]:
    """Find the notebook at a path, or what `03` or a whole name stands for."""
    if name.endswith(".ipynb") and Path(name).is_file():
        return [Path(name).resolve()]
    stem = name.removesuffix(".ipynb")
    found = [
        path
        for path in known
        if stem in (path.stem, write_label(path)) or path.stem.startswith(f"{stem}_")
    ]
    if not found:
        names = ", ".join(map(write_label, known)) or "none"
        raise CannotRefresh(f"No notebook is called {name!r}; known are: {names}.")
    return found


def refresh_file(path: Path, check: bool = False) -> bool:
    """Write one file anew, report it in one line, say whether it changed."""
    if path.suffix == ".md":
        file, after = path.parent / ".github" / "walk.png", redraw_readme(path)
    else:
        file, after = path, refresh_notebook(path.read_text("utf-8"), path).encode()
    changed = not file.exists() or file.read_bytes() != after
    if changed and not check:
        replace_file(file, after)
    verdict = "would change" if check else "rewritten"
    print(f"{write_label(path)}: {verdict if changed else 'unchanged'}")
    return changed


def redraw_readme(readme: Path) -> bytes:
    """Give the picture that README ought to show: the last one that its code shows."""
    try:
        return run_readme(readme.read_text("utf-8"))[-1]
    except CannotRefresh as problem:
        raise CannotRefresh(f"{write_label(readme)}: {problem}") from None


def refresh_notebook(text: str, path: Path) -> str:
    """Give the text that a notebook ought to have."""

    def progress(cells: list) -> Iterable:
        # disable=None: silent unless somebody watches
        return tqdm(
            cells, desc=write_label(path), unit="cell", leave=False, disable=None
        )

    try:
        notebook = copy_code(parse_notebook(text), path)
        notebook = tidy_notebook(execute_notebook(notebook, path.parent, progress))
        refuse_verdicts(notebook)
        nbformat.validate(notebook)
    except CannotRefresh as problem:
        raise CannotRefresh(f"{write_label(path)}, {problem}") from None
    except (ValueError, nbformat.ValidationError) as problem:
        reason = str(problem).splitlines()[0]
        raise CannotRefresh(
            f"{write_label(path)} is not a notebook: {reason}."
        ) from None
    return write_notebook(notebook)
