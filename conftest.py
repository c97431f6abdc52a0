"""Make plain `pytest --nbval` strict.

nbval runs every cell and compares the text of its outputs. This file adds one
environment for all machines, all that a cell shows (helpers/outputs.py), the rules
that each notebook keeps (helpers/rules.py: one test per rule) and a summary.
"""

import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from queue import Empty
from unittest import mock

import nbval.plugin
import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

import helpers  # noqa: E402

if helpers.__file__ != str(ROOT / "helpers" / "__init__.py"):
    # SystemExit, because pytest wraps any other exception in a long traceback.
    sys.exit(
        f"`helpers` is {helpers.__file__}, not {ROOT / 'helpers'}: another package "
        "has that name; uninstall it, or use a new virtual environment."
    )

from helpers import book, outputs, refresh, rules, summary  # noqa: E402

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


def collect_or_say_why_not(notebook):
    """Let a file that nbval cannot read fail by itself, and no longer stop the run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the rules know them as well
        try:
            return list(collect_cells(notebook))
        except Exception as problem:
            item = RuleItem.from_parent(notebook, name="rule: nbval can read it")
            said = f"is unreadable: {problem!r:.200}"
            item.rule = lambda _: [(None, said)]
            return [item]


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


def get_final_message(kernel, stream, timeout=None):
    """Refuse what nbval does not see: an output that is changed after it was shown."""
    message = get_message(kernel, stream, timeout)
    if message["msg_type"] in ("update_display_data", "clear_output"):
        raise RuntimeError(f"It sends {message['msg_type']}; show each thing once.")
    return message


def name_the_cell(item, problem):
    notebook = book.open_notebook(item.path)
    said = f"{item.path.name}: {notebook.locate(notebook.code[item.cell_num])}"
    if isinstance(problem.value, NbCellError):
        return f"{said}\n{repr_failure(item, problem)}"
    return f"{said}: {problem.value}"


collect_cells, IPyNbFile.collect = IPyNbFile.collect, collect_or_say_why_not
start_kernel, IPyNbFile.setup = IPyNbFile.setup, start_an_unbiased_kernel
get_message, RunningKernel.get_message = RunningKernel.get_message, get_final_message
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
        try:
            notebook = book.open_notebook(self.path)
            where = notebook.locate
            found = [f"  {where(cell)} {what}" for cell, what in self.rule(notebook)]
        except Exception as problem:
            found = [f"  The notebook cannot be read: {problem!r:.300}"]
        if found:
            title = f"{self.path.name} breaks the {self.name}"
            pytest.fail("\n".join([title, *found]), pytrace=False)

    def reportinfo(self):
        return self.path, None, f"{self.path.name}::{self.name}"


# ---------------------------------------------------------------- the summary


def pytest_terminal_summary(terminalreporter):
    for line in summary.table(ROOT / "notebooks", terminalreporter.stats):
        terminalreporter.write_line(line)
