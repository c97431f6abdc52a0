"""Run a notebook's cells in one process, as a kernel would, and fork to try variants.

A fork costs a hundredth of a second where a kernel costs two. Whatever a cell does, it
does to the child: it may end it, or be stopped.
"""

import base64
import contextlib
import ctypes
import gc
import os
import pickle
import select
import signal
import sys
import time
import warnings
from collections.abc import Callable

import torch
import torch._dynamo  # which every optimizer would import anew in its child
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode, from_dict
from traitlets.config import Config

from helpers.authoring.notebook import NOTEBOOKS
from helpers.checking import progress
from helpers.language import set_language

with warnings.catch_warnings(action="ignore"):  # an old one's of a new pyparsing
    import matplotlib.figure  # noqa: F401 - and every curve this

SECONDS = 120  # for all that one child does


class DiedOrStopped(Exception):
    """Say that a child ended without an answer, or went on for too long."""


def in_a_child(task: Callable, seconds: float = SECONDS):
    """Run a task in a fork of this process and return what it returns.

    Raises DiedOrStopped, or what the task raises.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of threads: none of them holds our locks
        child = os.fork()
    if child == 0:
        answer_and_end(task, writer)
    os.close(writer)
    try:
        return loaded(received(reader, seconds))
    finally:
        os.close(reader)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def answer_and_end(task: Callable, writer: int) -> None:
    """Be the child: write the answer, and end without any cleaning up."""
    gc.freeze()  # its collector would copy all that the parent has
    end_with_the_parent()
    torch.set_num_threads(1)  # it would wait for the parent's, which are not in a fork
    try:
        answer = True, task()
    except BaseException as problem:
        answer = False, f"{type(problem).__name__}: {problem}"
    with os.fdopen(writer, "wb") as stream:
        pickle.dump(answer, stream)
    os._exit(0)


def end_with_the_parent() -> None:
    """Let Linux end this child when its parent is stopped, which had to stop it."""
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def received(reader: int, seconds: float) -> bytes:
    """Read until the child closes its end or the time is over."""
    until, parts = time.monotonic() + seconds, []
    while select.select([reader], [], [], max(until - time.monotonic(), 0))[0]:
        parts.append(os.read(reader, 1 << 20))
        if not parts[-1]:
            return b"".join(parts)
    raise DiedOrStopped(f"A cell goes on for more than {seconds} seconds.")


def loaded(answer: bytes):
    if not answer:
        raise DiedOrStopped("A cell has ended its process.")
    good, value = pickle.loads(answer)
    if not good:
        raise RuntimeError(value)
    return value


# ---------------------------------------------------------------- a kernel of sorts


class Recorder:
    """Collect the outputs of the cell that runs, in order; a file to print to."""

    def __init__(self):
        self.outputs: list[NotebookNode] = []

    def write(self, text: str) -> int:
        self.keep("stream", name="stdout", text=text)
        return len(text)

    def flush(self) -> None:
        pass

    def show(self, kind: str, data: dict, metadata: dict | None) -> None:
        plain = {key: as_text(value) for key, value in data.items()}
        self.keep(kind, data=plain, metadata=metadata or {})

    def fail(self, problem: type, value: BaseException) -> None:
        self.keep("error", ename=problem.__name__, evalue=str(value), traceback=[])

    def keep(self, kind: str, **fields: object) -> None:
        # Not by nbformat's new_output, which validates each: that is slow here.
        self.outputs.append(from_dict({"output_type": kind, **fields}))


def as_text(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


class Publisher(DisplayPublisher):
    """Hand what is displayed to the recorder."""

    def publish(self, data, metadata=None, **_):
        self.shell.recorder.show("display_data", data, metadata)


class Hook(DisplayHook):
    """Hand a cell's result to the recorder."""

    def write_output_prompt(self):
        pass

    def finish_displayhook(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.recorder.show("execute_result", format_dict, md_dict)


class Shell(InteractiveShell):
    """Run cells and record their outputs."""

    display_pub_class = Publisher
    displayhook_class = Hook

    def __init__(self):
        self.recorder = Recorder()
        settings = Config()
        settings.HistoryManager.hist_file = ":memory:"
        settings.HistoryManager.enabled = False
        # Nobody reads a traceback here; to write one takes longer than most cells.
        settings.InteractiveShell.xmode = "Minimal"
        super().__init__(config=settings)

    def _showtraceback(self, etype, evalue, stb):
        self.recorder.fail(etype, evalue)

    def run(self, source: str) -> list[NotebookNode]:
        """Run one cell and return what it shows."""
        self.recorder.outputs = []
        kept = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = self.recorder
        try:
            self.run_cell(source, store_history=True)
        finally:
            sys.stdout, sys.stderr = kept
        return self.recorder.outputs


def new_shell(folder=NOTEBOOKS) -> Shell:
    """Start afresh in a folder, for the rest of this process."""
    os.chdir(folder)
    progress.forget_all()
    set_language("en")
    return Shell.instance()


def outputs_of(
    sources: list[str], seconds: float = SECONDS
) -> list[list[NotebookNode]]:
    """Return what each of these cells shows, run one after the other in a child."""

    def run():
        shell = new_shell()
        return [shell.run(source) for source in sources]

    return in_a_child(run, seconds)
