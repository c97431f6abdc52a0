"""Run a learner's function: not for ever, in silence, and without a trace."""

import atexit
import contextlib
import ctypes
import os
import random
import sys
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, _base
from pathlib import Path
from types import FrameType
from typing import TypeVar

import numpy as np
import torch
from torch.utils import _python_dispatch

try:
    import resource
except ImportError:  # Windows
    resource = None

PATIENCE = 4  # seconds for one call of a helper
GRACE = 1  # seconds more, in which it may end
AGAIN = 0.02  # seconds between two tries to stop it, at first
MEMORY = 512 * 2**20  # bytes that a learner's function may ask for
HERE = os.path.dirname(__file__)
WITNESS = os.path.join(HERE, "clues.py")  # it stands between a learner and torch
TIDY = {
    module.__file__
    for module in (contextlib, threading, _base, torch.overrides, _python_dispatch)
}
LEFT_BEHIND: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
MAPPED = Path("/proc/self/statm")  # its first number: pages of memory, on Linux

Result = TypeVar("Result")


class TooSlow(BaseException):
    """Leave a learner's endless loop; `except Exception` does not catch it."""


class Stop(TooSlow):
    """Strike once more, where a bare `except:` of the learner's has caught the first.

    Made in the thread that it stops, as it is caught.
    """

    def __init__(self):
        frame = sys._getframe()
        sys.settrace(strike)  # of this thread alone
        while (frame := frame.f_back) is not None:
            frame.f_trace = None if tidies_up(frame) else strike


def strike(frame: FrameType, event: str, detail: object) -> Callable | None:
    """Raise TooSlow at the next line of a function that runs; leave new ones alone."""
    if event == "line":
        raise TooSlow
    return None if event == "call" else strike


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns, run in a thread of its own; raise TooSlow if late.

    The caller only waits, so nothing can strike it, early or late. The thread is then
    stopped; one that does not come back to Python is left to itself after GRACE. Only
    a call that keeps Python's lock for ever cannot be left.
    """
    done: Future[Result] = Future()

    def run():
        with contextlib.suppress(TooSlow):  # one more may come as it ends
            try:
                done.set_result(work())
            except BaseException as problem:
                done.set_exception(problem)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        thread.join(max(seconds, AGAIN))
    finally:  # also where the learner interrupts the kernel
        late = thread.is_alive()
        if late:
            LEFT_BEHIND.add(thread)
            threading.Thread(target=stop, args=(thread,), daemon=True).start()
    if late:
        thread.join(GRACE)
        raise TooSlow
    return done.result()


@atexit.register
def wait_for_those_left_behind() -> None:
    """Let threads end before Python does: torch aborts if one is inside of it then."""
    for thread in LEFT_BEHIND:
        thread.join(GRACE)


def stop(thread: threading.Thread) -> None:
    """Raise Stop in a thread until it ends, ever more seldom: it may sleep on."""
    throw, pause = ctypes.pythonapi.PyThreadState_SetAsyncExc, AGAIN
    while thread.is_alive():
        frame = sys._current_frames().get(thread.ident)
        if frame is not None and not tidies_up(frame):
            throw(ctypes.c_ulong(thread.ident), ctypes.py_object(Stop))
        thread.join(pause)
        pause = min(1.02 * pause, 1)


def tidies_up(frame: FrameType) -> bool:
    """Tell whether a frame may be leaving a `with` of ours, which must end whole."""
    file = frame.f_code.co_filename
    return file in TIDY or (os.path.dirname(file) == HERE and file != WITNESS)


@contextlib.contextmanager
def memory_limit(extra: int = MEMORY) -> Iterator[None]:
    """Refuse memory beyond `extra` more bytes, where the system can (Linux)."""
    if resource is None or not MAPPED.exists():
        yield
        return
    mapped = int(MAPPED.read_text("ascii").split()[0]) * resource.getpagesize()
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    bounds = [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min([mapped + extra, *bounds]), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextlib.contextmanager
def same_random_state() -> Iterator[None]:
    """Give the random state of torch, numpy and Python back as it was."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextlib.contextmanager
def same_dtype() -> Iterator[None]:
    """Give torch's default dtype back as it was."""
    before = torch.get_default_dtype()
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the random state, switch autograd on, and let nothing be printed."""
    with (
        open(os.devnull, "w", encoding="utf-8", errors="ignore") as sink,
        same_random_state(),
        same_dtype(),
        torch.inference_mode(False),
        torch.enable_grad(),
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
