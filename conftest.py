"""Make plain `pytest --nbval` strict.

nbval runs every cell and compares the text of its outputs. This file adds one
environment for all machines, all that a cell shows (helpers/outputs.py), the rules
that each notebook keeps (helpers/rules.py: one test per rule) and a summary.
"""

import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path
from queue import Empty
from unittest import mock

import nbval.plugin
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

spec = importlib.util.find_spec("helpers")
if spec is None or spec.origin != str(ROOT / "helpers" / "__init__.py"):
    # SystemExit, because pytest wraps any other exception in a long traceback.
    sys.exit(
        f"`helpers` is {spec.origin if spec else 'nowhere'}, not {ROOT / 'helpers'}: "
        "another package has that name; uninstall it, or use a new virtual environment."
    )

from helpers import outputs, refresh, rules  # noqa: E402

# ---------------------------------------------------------------- the run


def pytest_configure(config):
    for option in ("nbval_lax", "nbval_sanitize_with", "sanitize_with"):
        if getattr(config.option, option, None):
            name = f"--{option.replace('_', '-')}"
            raise pytest.UsageError(f"{name} hides differences; use --nbval alone.")
    empty = tempfile.TemporaryDirectory(prefix="ipython-")  # no start-up files
    config.add_cleanup(empty.cleanup)
    os.environ.update(refresh.kernel_environment(Path(empty.name)))
    config.option.nbval_current_env = True  # elsewhere, `python3` may be another Python
    config.option.nbval_cell_timeout = refresh.CELL_TIMEOUT
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        # The bare command means the same in every folder.
        config.args = [str(ROOT / name) for name in config.getini("testpaths")]


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if getattr(config.option, "numprocesses", None):
        config.option.dist = "loadfile"  # the cells of a notebook share a kernel


def pytest_report_header(config):
    if not config.option.nbval:
        return "notebooks: only their rules; `pytest --nbval` also runs every cell"


# ---------------------------------------------------------------- cells, with a kernel


def pytest_itemcollected(item):
    if isinstance(item, IPyNbCell):
        item.output_timeout = 20  # nbval's 5 seconds are few on a busy machine
        item.options.update(skip=False, check=True)  # whatever a marker asks for


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if isinstance(item, IPyNbCell):
        differs = outputs.difference(item.cell.outputs, item.test_outputs)
        if differs:
            item.raise_cell_error(differs)
    return result


def start_an_unbiased_kernel(notebook):
    """Hide from the kernel that this is a test, or it drops what programs print."""
    with mock.patch.dict(os.environ):
        os.environ.pop("PYTEST_CURRENT_TEST", None)
        start_kernel(notebook)


def execute_with_history(kernel, source, allow_stdin=None):
    """Let `;` hide a result and `Out` find one, as they do in JupyterLab."""
    return kernel.kc.execute(source, allow_stdin=allow_stdin, stop_on_error=False)


def await_reply_or_death(kernel, msg_id, timeout):
    """Wait as nbval does, but not for a kernel that has died."""
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        alive = kernel.is_alive()  # asked first: its last words may be on the way
        try:
            return await_reply(kernel, msg_id, timeout=1)
        except Empty:
            if not alive:
                raise RuntimeError("The kernel died while this cell ran.") from None
    raise Empty


def name_the_cell(item, problem):
    book = rules.open_notebook(item.path)
    said = f"{item.path.name}: {book.locate(book.code[item.cell_num])}"
    if isinstance(problem.value, NbCellError):
        return f"{said}\n{repr_failure(item, problem)}"
    return f"{said}: {problem.value}"


start_kernel, IPyNbFile.setup = IPyNbFile.setup, start_an_unbiased_kernel
await_reply, RunningKernel.await_reply = RunningKernel.await_reply, await_reply_or_death
repr_failure, IPyNbCell.repr_failure = IPyNbCell.repr_failure, name_the_cell
RunningKernel.execute_cell_input = execute_with_history
nbval.plugin.coalesce_streams = outputs.merge_streams  # nbval pools them all

# ---------------------------------------------------------------- rules, without one


def pytest_collect_file(file_path, parent):
    if file_path.suffix.lower() == ".ipynb":
        return RuleFile.from_parent(parent, path=file_path)


class RuleFile(pytest.File):
    def collect(self):
        for rule in rules.RULES:
            name = rule.__name__.replace("_", " ").replace(" ", ": ", 1)
            item = RuleItem.from_parent(self, name=name)
            item.rule = rule
            yield item


class RuleItem(pytest.Item):
    def runtest(self):
        book = rules.open_notebook(self.path)
        found = [f"  {book.locate(cell)} {what}" for cell, what in self.rule(book)]
        if found:
            title = f"{self.path.name} breaks the {self.name}"
            pytest.fail("\n".join([title, *found]), pytrace=False)

    def reportinfo(self):
        return self.path, None, f"{self.path.name}::{self.name}"


# ---------------------------------------------------------------- the summary


def pytest_terminal_summary(terminalreporter):
    """Say at a glance what each notebook holds, and how much of it was proved."""
    reports = [each for kind in terminalreporter.stats.values() for each in kind]
    reports = [each for each in reports if getattr(each, "when", None) == "call"]
    row = "{:28}{:>9}{:>9}{:>10}{:>9}{:>11}  {}".format
    title = row("notebook", "cells", "outputs", "pictures", "guesses", "solutions", "")
    lines = [
        row(path.stem, *tally(path, reports))
        for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))
        if any(path.stem in each.nodeid for each in reports)
    ]
    for line in [title, *lines] if lines else []:
        terminalreporter.write_line(line.rstrip())


def tally(path, reports):
    """Return a notebook's columns: proved of all, for each kind of thing."""
    mine = [each for each in reports if path.stem in each.nodeid]
    good = [each.nodeid for each in mine if each.passed]
    bad = sum(each.failed for each in mine)
    book = rules.open_notebook(path)
    cells = sum("::Cell " in name for name in good)
    pictures = sum("image/png" in output.get("data", {}) for _, output in book.outputs)
    for test, parts in (
        (None, [len(book.code)]),
        (cells == len(book.code), [len(book.outputs), pictures]),
        (any("each_prediction" in name for name in good), [book.guesses]),
        (any("the_solution" in name for name in good), [book.solutions]),
    ):
        for part in parts:
            yield f"{cells if test is None else part * test}/{part}"
    yield f"{bad} failed" if bad else "all is well"
