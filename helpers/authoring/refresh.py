"""Execute the notebooks afresh and store them tidily, and draw README's picture."""

import base64
import re
import sys
from functools import partial
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from tqdm import tqdm

from ..verdict import SIGN
from .command import make_parser
from .editions import pair_editions, prepare_notebook
from .execute import CannotRefresh, describe_place, execute_notebook
from .notebook import (
    NOTEBOOKS,
    ROOT,
    is_untranslated,
    list_notebooks,
    replace_file,
    tidy_notebook,
    write_notebook,
)
from .questions import report_questions

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def main(arguments: list[str]) -> int:
    """Refresh the notebooks that are named, or all; give the exit status."""
    what = "03, 03_gradient_accumulation, a path or README; all if none is given"
    check = "write nothing; fail and list what would change"
    options = make_parser("refresh", __doc__, what, check=check).parse_args(arguments)
    try:
        paths = choose_files(options.names)
        changed = [path for path in paths if refresh_file(path, options.check)]
    except CannotRefresh as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the notebook that was running is untouched.", file=sys.stderr)
        return 130
    for said in report_questions():
        print(said)
    return int(options.check and bool(changed))


def choose_files(names: list[str]) -> list[Path]:
    """Return what names stand for; a Chinese notebook may still have to be made."""
    twins = [chinese for _, chinese in pair_editions() if chinese.parent.exists()]
    known = sorted({*list_notebooks(NOTEBOOKS), *twins})
    known += [path for path in [NOTEBOOKS.parent / "README.md"] if path.exists()]
    found = [path for name in names for path in find_matching(name, known)]
    return list(dict.fromkeys(found)) if names else known


def find_matching(name: str, known: list[Path]) -> list[Path]:
    """Find the notebook at a path, or what `03` or a whole name stands for."""
    if name.endswith(".ipynb") and Path(name).is_file():
        return [Path(name).resolve()]
    stem = name.removesuffix(".ipynb")
    found = [it for it in known if it.stem.startswith(f"{stem}_")]
    found += [it for it in known if stem in (it.stem, write_label(it))]
    if not found:
        names = ", ".join(map(write_label, known)) or "none"
        raise CannotRefresh(f"No notebook is called {name!r}; known are: {names}.")
    return found


def write_label(path: Path) -> str:
    for home in (NOTEBOOKS, ROOT):
        if path.is_relative_to(home):
            path = path.relative_to(home)
    return str(path.with_suffix(""))


def refresh_file(path: Path, check: bool) -> bool:
    """Write one file anew, report it in one line, say whether it changed."""
    label, file, more = write_label(path), path, ""
    try:
        if path.suffix == ".md":
            file = path.parent / ".github" / "walk.png"
            after = run_readme(path.read_text("utf-8"))[-1]
        else:
            book = refresh_notebook(path, label)
            after = write_notebook(book).encode()
            waiting = sum(map(is_untranslated, book.cells))
            more = f"; not translated yet: {waiting}" if waiting else ""
    except CannotRefresh as problem:
        raise CannotRefresh(f"{label}: {problem}") from None
    changed = not file.exists() or file.read_bytes() != after
    if changed and not check:
        replace_file(file, after)
    verdict = "would change" if check else "rewritten"
    print(f"{label}: {verdict if changed else 'unchanged'}{more}")
    return changed


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


def refresh_notebook(path: Path, label: str) -> NotebookNode:
    # disable=None: silent unless somebody watches
    progress = partial(tqdm, desc=label, unit="cell", leave=False, disable=None)
    try:
        book = execute_notebook(prepare_notebook(path), path.parent, progress)
        book = tidy_notebook(book)
        refuse_verdicts(book)
        nbformat.validate(book)
    except (ValueError, nbformat.ValidationError) as problem:
        reason = str(problem).splitlines()[0]
        raise CannotRefresh(f"it is not a notebook: {reason}.") from None
    return book


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
