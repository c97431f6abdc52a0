"""Make plain `pytest --nbval` strict.

nbval runs every cell and compares the text of its outputs. This plugin for pytest adds
one environment for all machines, all that a cell shows, in its order (outputs.py), the
rules that each notebook keeps (rules.py: one test per rule) and a summary.
"""

import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from queue import Empty

import pytest
from nbformat.v4 import output_from_msg
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from . import execute, kernels, outputs, report, rules
from .execute import kernel_environment
from .notebook import count_shown, open_notebook

OUTPUT_TIMEOUT = 20  # nbval's 5 seconds are few on a busy machine
WHOLE = "pytest --nbval -m 'not colab and not browser'"
MOST_WORKERS = 4  # each of them imports and collects all anew

# ---------------------------------------------------------------- the run


def pytest_configure(config):
    for option in ("nbval_lax", "nbval_sanitize_with", "sanitize_with"):
        if getattr(config.option, option, None):
            name = f"--{option.replace('_', '-')}"
            raise pytest.UsageError(f"{name} hides differences; use --nbval alone.")
    set_environment(config)
    config.option.nbval_cell_timeout = execute.CELL_TIMEOUT
    if config.option.nbval and not is_for_others(config):
        kernels.prepare_forks(os.environ)  # while the tests are collected
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        # The bare command means the same in every folder.
        places = config.getini("testpaths")
        config.args = [str(config.rootpath / place) for place in places]


def set_environment(config):
    """Set what decides what a kernel shows, until the run is over."""
    empty = tempfile.TemporaryDirectory(prefix="ipython-")  # no start-up files
    config.add_cleanup(empty.cleanup)
    environment = pytest.MonkeyPatch()
    config.add_cleanup(environment.undo)
    for name, value in kernel_environment(Path(empty.name)).items():
        environment.setenv(name, value)


@pytest.hookimpl(tryfirst=True)  # before xdist's own
def pytest_cmdline_main(config):
    """Share the files out among some workers, where xdist is there to do it."""
    option = config.option
    if not hasattr(option, "numprocesses") or hasattr(config, "workerinput"):
        return
    if option.numprocesses is None and option.nbval and not option.usepdb:
        cores = os.cpu_count() or 1
        option.numprocesses = min(cores, MOST_WORKERS) if cores > 1 else 0
    if option.numprocesses or option.dist != "no":
        option.dist = "loadfile"  # the cells of a notebook share a kernel
        # A file of few tests may take minutes: it should not be left to the end.
        option.loadscopereorder = False


def is_for_others(config):
    """Tell whether this process runs no test itself: xdist's workers do."""
    alone = getattr(config.option, "dist", "no") == "no"
    return config.option.collectonly or not (alone or hasattr(config, "workerinput"))


def pytest_report_header(config):
    if not config.option.nbval:
        return "notebooks: only their rules; `pytest --nbval` also runs every cell"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path, parent):
    """Collect a notebook's rules, and our strict cells in place of nbval's."""
    collected = yield
    if file_path.suffix.lower() != ".ipynb":
        return collected
    kinds = [RuleFile, *(StrictFile for it in collected if type(it) is IPyNbFile)]
    others = [it for it in collected if type(it) is not IPyNbFile]
    return [*(kind.from_parent(parent, path=file_path) for kind in kinds), *others]


# ---------------------------------------------------------------- cells, with a kernel


class StrictFile(IPyNbFile):
    def collect(self):
        try:
            self.notebook = open_notebook(self.path)
        except Exception:  # every rule fails, and says why
            return
        for number, cell in enumerate(self.notebook.cells, 1):
            if cell.cell_type == "code":
                name = f"Cell {number}"
                yield StrictCell.from_parent(
                    self, name=name, cell_num=number, cell=cell, options={}
                )

    def setup(self):
        patience = self.config.option.nbval_kernel_startup_timeout
        self.kernel = StrictKernel(str(self.path.parent), patience)

    def teardown(self):
        """Close the channels of a kernel that has died, too."""
        if self.kernel is not None:
            self.kernel.stop()


class StrictCell(IPyNbCell):
    def __init__(self, **parts):
        super().__init__(**parts)
        self.output_timeout = OUTPUT_TIMEOUT
        self.user_properties.append(report.mark_notebook(self.path))

    def runtest(self):
        """Run the cell as nbval does, whatever a marker asks for, and compare all."""
        self.user_properties.extend(count_shown(self.cell).items())
        self.options = {
            "skip": False,
            "check": False,  # nbval pools the outputs; we compare them in their order
            "check_exception": "raises-exception" in self.cell.metadata.get("tags", []),
        }
        super().runtest()
        differs = outputs.describe_difference(
            self.cell.outputs, self.parent.kernel.shown
        )
        if differs:
            self.raise_cell_error(differs)

    def repr_failure(self, problem):
        said = f"{self.path.name}: {self.parent.notebook.locate(self.cell)}"
        if isinstance(problem.value, NbCellError):
            return f"{said}\n{super().repr_failure(problem)}"
        return f"{said}: {problem.value}"


class StrictKernel(RunningKernel):
    request = None  # the id of the cell that was sent last

    def __init__(self, folder, patience):
        """Start a kernel of this Python, whatever `python3` is elsewhere."""
        self.shown = []
        self.km = kernels.OurPython()
        # Of the kernel itself: what a cell writes to stderr is an output.
        self.km.start_kernel(cwd=folder, stderr=subprocess.DEVNULL)
        self.kc = self.km.client()
        self.kc.start_channels()
        self.await_start(patience)

    def await_start(self, patience):
        """Wait until both channels answer; jupyter_client would wait for silence, too.

        The second one loses what is sent before it is connected, so we ask again.
        """
        until = time.monotonic() + patience
        while time.monotonic() < until:
            with suppress(Empty):
                request = self.kc.kernel_info()
                self.await_reply(request, timeout=until - time.monotonic())
                return self.await_idle(request, timeout=0.05)
        raise RuntimeError(f"The kernel has not started after {patience} seconds.")

    def execute_cell_input(self, source, allow_stdin=None):
        """Let `;` hide a result and `Out` find one, as they do in JupyterLab."""
        self.shown = []
        self.request = self.kc.execute(
            source, allow_stdin=allow_stdin, stop_on_error=False
        )
        return self.request

    def await_reply(self, msg_id, timeout=None):
        """Wait as nbval does, but not for a kernel that has died."""
        until = time.monotonic() + timeout
        while time.monotonic() < until:
            alive = self.is_alive()  # asked first: its last words may be on the way
            try:
                return super().await_reply(msg_id, timeout=1)
            except Empty:
                if not alive:
                    raise RuntimeError("The kernel died while this cell ran.") from None
        raise Empty

    def get_message(self, stream, timeout=None):
        """Keep each output; refuse one that is changed after it was shown."""
        message = super().get_message(stream, timeout)
        if message["msg_type"] in ("update_display_data", "clear_output"):
            raise RuntimeError(f"It sends {message['msg_type']}; show each thing once.")
        if message["parent_header"].get("msg_id") == self.request:
            with suppress(ValueError):  # it is no output
                self.shown.append(output_from_msg(message))
        return message


# ---------------------------------------------------------------- rules, without one


class RuleFile(pytest.File):
    def collect(self):
        for rule in rules.RULES:
            yield RuleItem.from_parent(self, name=f"rule: {rule.title}", find=rule.find)


class RuleItem(pytest.Item):
    def __init__(self, find, **parts):
        super().__init__(**parts)
        self.find = find
        self.user_properties.append(report.mark_notebook(self.path))

    def runtest(self):
        try:
            notebook = open_notebook(self.path)
            where = notebook.locate
            found = [f"  {where(cell)} {what}" for cell, what in self.find(notebook)]
        except Exception as problem:
            found = [f"  The notebook cannot be read: {problem!r:.300}"]
        if found:
            title = f"{self.path.name} breaks the {self.name}"
            pytest.fail("\n".join([title, *found]), pytrace=False)

    def reportinfo(self):
        return self.path, None, f"{self.path.name}::{self.name}"


# ---------------------------------------------------------------- the summary


def pytest_itemcollected(item):
    """Note which lessons a test of the helpers is about, by its parameters."""
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    stems = {Path(it).stem for it in parameters if isinstance(it, (str, Path))}
    for stem in stems & lessons(item.config.rootpath / "notebooks"):
        item.user_properties.append(report.mark_lesson(stem))


@cache
def lessons(folder):
    return {path.stem for path in folder.glob("*.ipynb")}


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session):
    """Spare whoever runs notebooks alone the second in which hypothesis is imported.

    Its plugin does so in the end, even if it has nothing to say.
    """
    if "hypothesis" not in sys.modules and not session.testsfailed:
        session.config.pluginmanager.unregister(name="hypothesispytest")


def pytest_terminal_summary(terminalreporter, config):
    reports = [each for kind in terminalreporter.stats.values() for each in kind]
    lines = report.write_table(config.rootpath / "notebooks", reports)
    if config.option.nbval and "not thorough" in config.option.markexpr:
        lines.append(f"not run: the thorough tests; `{WHOLE}` runs all")
    for line in lines:
        terminalreporter.write_line(line)
