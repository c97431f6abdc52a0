"""Execute the notebooks afresh and store them tidily.

`python -m helpers.refresh` does all of them, `python -m helpers.refresh 03` one.
`python -m helpers.refresh README` draws the picture in README.md, with the code there.
`--check` writes nothing and lists what would change.
"""

import argparse
import base64
import copy
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

import nbformat
from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from tqdm import tqdm

from helpers.live import STILL, WIDGET_VIEW
from helpers.outputs import merge_streams
from helpers.verdict import SIGN

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)

# authoring/plugin.py reads these too: what is stored here is compared there.
KERNEL_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # two threads add the same numbers in another order
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",  # IPython runs that file in every kernel
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns on stderr
    STILL: "1",  # nobody moves a slider here: see player.py
}
CELL_TIMEOUT = 50  # seconds

# IPython's start-up file in our kernels: what a notebook shows is not fetched.
OFFLINE = """\
def _offline():
    import sys

    def refuse(event, arguments):
        if event == "socket.connect":
            host = arguments[1][0] if type(arguments[1]) is tuple else "localhost"
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if str(host) not in ("localhost", "127.0.0.1", "::1"):
            raise OSError(f"Notebooks are run offline, so {host} is not reached.")

    sys.addaudithook(refuse)


_offline()
del _offline
"""

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


class CannotRefresh(Exception):
    """Say in one sentence why a notebook stays as it is."""


class ThisPython(AsyncKernelManager):
    """Start kernels in our own interpreter, whatever `python3` is elsewhere."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


def read(text: str) -> NotebookNode:
    """Parse a notebook as it stands; nbformat.read would invent missing ids.

    Raises ValueError if it is none.
    """
    try:
        return nbformat.v4.reads(text)
    except (AttributeError, TypeError):
        raise ValueError("cells or metadata are missing") from None


def write(notebook: NotebookNode) -> str:
    """Give the one text that stands for a notebook."""
    return nbformat.v4.writes(notebook) + "\n"


# ---------------------------------------------------------------- execute


def execute(
    notebook: NotebookNode,
    folder: Path = NOTEBOOKS,
    progress: Callable[[list], Iterable] = iter,
) -> NotebookNode:
    """Run all cells in order in a fresh kernel that works in `folder`.

    Raises CannotRefresh at the first error in a cell without the tag raises-exception.
    """
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        kernel_manager_class=ThisPython,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        shutdown_kernel="immediate",
    )
    with tempfile.TemporaryDirectory() as profile:
        environment = os.environ | kernel_environment(Path(profile))
        # What a cell writes to stderr is an output; the rest is the kernel's own log.
        place = {"cwd": str(folder), "env": environment, "stderr": subprocess.DEVNULL}
        with client.setup_kernel(**place):
            for position, cell in enumerate(progress(executed.cells)):
                run_cell(client, cell, position)
    return executed


def kernel_environment(folder: Path) -> dict[str, str]:
    """Return what decides what a kernel shows, with an IPython profile in `folder`.

    The author's own profile and its start-up files stay out.
    """
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "offline.py").write_text(OFFLINE, "utf-8")
    return KERNEL_ENVIRONMENT | {"IPYTHONDIR": str(folder)}


def place(cell: NotebookNode, position: int) -> str:
    """Say which cell it is."""
    return f"cell {position + 1} (id {cell.get('id')})"


def run_cell(client: NotebookClient, cell: NotebookNode, position: int) -> None:
    """Run one cell, and turn what may go wrong into a sentence."""
    where = place(cell, position)
    try:
        client.execute_cell(cell, position)
    except CellExecutionError as error:
        last = f"{error.ename}: {error.evalue}".splitlines()[-1]
        raise CannotRefresh(
            f"{where} raises «{last}»; mend it, or tag it raises-exception if the "
            "error is the lesson."
        ) from None
    except CellTimeoutError:
        raise CannotRefresh(
            f"{where} runs longer than {CELL_TIMEOUT} seconds; make it shorter."
        ) from None
    except DeadKernelError:
        raise CannotRefresh(f"{where} killed the kernel; mend it.") from None


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
                    f"{place(cell, position)} shows «{said}»; mend it, because what is "
                    "stored has to wait for the learner's answer."
                )


# ---------------------------------------------------------------- two editions


def in_step(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Give a Chinese notebook the code of its English twin, cell by cell."""
    twin = path.parents[1] / path.name
    if path.parent.name != "zh" or not twin.exists():
        return notebook
    english = {cell.id: cell for cell in read(twin.read_text("utf-8")).cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.get("id") in english:
            cell.source = in_chinese(english[cell.id].source)
            cell.metadata = english[cell.id].metadata
    return notebook


def in_chinese(source: str) -> str:
    """Return the code of an English cell as the Chinese edition has it."""
    return source.replace("from helpers.en import", "from helpers.zh import")


# ---------------------------------------------------------------- README


def drawn(readme: str) -> list[bytes]:
    """Run the first Python code of a README as one cell; return the pictures it shows.

    Raises CannotRefresh if there are none.
    """
    (code, *_) = EXAMPLE.findall(readme) or [""]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (cell,) = execute(book, NOTEBOOKS.parent).cells
    shown = [output.get("data", {}).get("image/png") for output in cell.outputs]
    if not any(shown):
        raise CannotRefresh("its first Python code shows no picture; mend it.")
    return [base64.b64decode(png) for png in shown if png]


# ---------------------------------------------------------------- tidy


def tidy(notebook: NotebookNode) -> NotebookNode:
    """Keep what teaches; drop what only says where and how the notebook was run."""
    ids = unique_ids(notebook.cells)
    return nbformat.from_dict(
        {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": NOTEBOOK_METADATA,
            "cells": list(map(tidy_cell, notebook.cells, ids)),
        }
    )


def unique_ids(cells: list[NotebookNode]) -> list[str]:
    """Keep every id; derive the missing and repeated ones from place and content."""
    taken = {cell.get("id") for cell in cells}
    ids: list[str] = []
    for position, cell in enumerate(cells):
        name = cell.get("id")
        if not name or name in ids:
            name = derived_id(f"{position} {cell.source}", taken)
            taken.add(name)
        ids.append(name)
    return ids


def derived_id(content: str, taken: set[str]) -> str:
    name = hashlib.sha256(content.encode()).hexdigest()[:8]
    return derived_id(name, taken) if name in taken else name


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


# ---------------------------------------------------------------- the command


def main(arguments: list[str] | None = None) -> int:
    """Refresh the notebooks that are named, or all; give the exit status."""
    options = parse(arguments)
    try:
        paths = chosen(options.names)
        changed = [path for path in paths if refresh(path, options.check)]
    except CannotRefresh as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped; the notebook that was running is untouched.", file=sys.stderr)
        return 130
    return int(options.check and bool(changed))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.refresh",
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


def notebooks(folder: Path) -> list[Path]:
    """Return the notebooks below a folder, but not Jupyter's own copies of them."""
    paths = sorted(folder.rglob("*.ipynb"))
    return [path for path in paths if ".ipynb_checkpoints" not in path.parts]


def chosen(names: list[str]) -> list[Path]:
    readme = NOTEBOOKS.parent / "README.md"
    known = [*notebooks(NOTEBOOKS), *([readme] if readme.exists() else [])]
    found = [path for name in names for path in matching(name, known)]
    return list(dict.fromkeys(found)) if names else known


def matching(name: str, known: list[Path]) -> list[Path]:
    """Find the notebook at a path, or what `03` or a whole name stands for."""
    if name.endswith(".ipynb") and Path(name).is_file():
        return [Path(name).resolve()]
    stem = name.removesuffix(".ipynb")
    found = [
        path
        for path in known
        if stem in (path.stem, label(path)) or path.stem.startswith(f"{stem}_")
    ]
    if not found:
        names = ", ".join(map(label, known)) or "none"
        raise CannotRefresh(f"No notebook is called {name!r}; known are: {names}.")
    return found


def label(path: Path) -> str:
    for home in (NOTEBOOKS, NOTEBOOKS.parent):
        if path.is_relative_to(home):
            path = path.relative_to(home)
    return str(path.with_suffix(""))


def refresh(path: Path, check: bool = False) -> bool:
    """Write one file anew, report it in one line, say whether it changed."""
    if path.suffix == ".md":
        file, after = path.parent / ".github" / "walk.png", redrawn(path)
    else:
        file, after = path, refreshed(path.read_text("utf-8"), path).encode()
    changed = not file.exists() or file.read_bytes() != after
    if changed and not check:
        replace(file, after)
    verdict = "would change" if check else "rewritten"
    print(f"{label(path)}: {verdict if changed else 'unchanged'}")
    return changed


def redrawn(readme: Path) -> bytes:
    """Give the picture that README ought to show: the last one that its code shows."""
    try:
        return drawn(readme.read_text("utf-8"))[-1]
    except CannotRefresh as problem:
        raise CannotRefresh(f"{label(readme)}: {problem}") from None


def refreshed(text: str, path: Path) -> str:
    """Give the text that a notebook ought to have."""

    def progress(cells: list) -> Iterable:
        # disable=None: silent unless somebody watches
        return tqdm(cells, desc=label(path), unit="cell", leave=False, disable=None)

    try:
        notebook = in_step(read(text), path)
        notebook = tidy(execute(notebook, path.parent, progress))
        refuse_verdicts(notebook)
        nbformat.validate(notebook)
    except CannotRefresh as problem:
        raise CannotRefresh(f"{label(path)}, {problem}") from None
    except (ValueError, nbformat.ValidationError) as problem:
        reason = str(problem).splitlines()[0]
        raise CannotRefresh(f"{label(path)} is not a notebook: {reason}.") from None
    return write(notebook)


def replace(path: Path, content: str | bytes) -> None:
    """Swap the whole file at once, so that nothing is ever half written."""
    unfinished = path.with_suffix(".ipynb.tmp")
    try:
        unfinished.write_bytes(content.encode() if type(content) is str else content)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
