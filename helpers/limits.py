"""Run a learner's function: not for ever, in silence, and without a trace."""

import contextlib
import ctypes
import io
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
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
AGAIN = 0.02  # seconds between reminders: a bare `except:` may swallow the first
MEMORY = 512 * 2**20  # bytes that a learner's function may ask for
HERE = Path(__file__).parent
TIDY = {module.__file__ for module in (contextlib, torch.overrides, _python_dispatch)}
MAPPED = Path("/proc/self/statm")  # its first number: pages of memory, on Linux

Result = TypeVar("Result")


class TooSlow(BaseException):
    """Leave a learner's endless loop; `except Exception` does not catch it."""


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """Return what `work` returns; raise TooSlow in it when the time is up.

    TooSlow is raised until `work` is left, and never outside of it, so a `with` around
    this call is always closed. Nothing can stop a single call that never comes back to
    Python.
    """
    main = threading.current_thread() is threading.main_thread()
    alarm = hasattr(signal, "SIGALRM")  # which wakes a sleeper too, but not on Windows
    return (signalled if main and alarm else watched)(max(seconds, AGAIN), work)


def signalled(seconds: float, work: Callable[[], Result]) -> Result:
    """Let the system's clock raise TooSlow in the main thread."""
    guard, leaving, started = sys._getframe(), False, time.monotonic()

    def stop(number, frame):
        if leaving or frame is guard:  # it has ended by itself
            return
        busy = tidies_up(frame)  # asked before every call is traced
        insist(frame)
        if not busy:
            raise TooSlow

    def trace(frame, event, argument):
        if leaving or frame.f_code is stop.__code__ or tidies_up(frame):
            return None
        if event == "exception":  # here it would only stand for the swallowed one
            return trace
        raise TooSlow

    def insist(frame):  # at the next line too, even if that is an `except:` of theirs
        while frame is not None and frame is not guard:
            if not tidies_up(frame):
                frame.f_trace = trace
            frame = frame.f_back
        sys.settrace(trace)

    tracer = sys.gettrace()
    before = signal.signal(signal.SIGALRM, stop)
    outer, _ = signal.getitimer(signal.ITIMER_REAL)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, outer or seconds), AGAIN)
    try:
        return work()
    finally:
        leaving = True
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if outer:  # a check within a check: the outer clock goes on
            left = outer - (time.monotonic() - started)
            signal.setitimer(signal.ITIMER_REAL, max(left, AGAIN), AGAIN)


def tidies_up(frame: FrameType) -> bool:
    """Tell whether a frame may be leaving a `with` of ours, which must end whole."""
    file = frame.f_code.co_filename
    return file in TIDY or Path(file).parent == HERE


def watched(seconds: float, work: Callable[[], Result]) -> Result:
    """Let another thread raise TooSlow in this one."""
    here, running = ctypes.c_ulong(threading.get_ident()), threading.Lock()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch():
        wait = seconds
        while not running.acquire(timeout=wait):
            throw(here, ctypes.py_object(TooSlow))
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)

    def disarm():
        if running.locked() and watcher.is_alive():
            running.release()
        watcher.join()
        throw(here, None)  # forget the one that is on its way

    running.acquire()
    watcher.start()
    try:
        try:
            return work()
        finally:
            until_it_is_done(disarm)
    except TooSlow:  # which may have come a moment before disarming began
        until_it_is_done(disarm)
        raise


def until_it_is_done(disarm: Callable[[], None]) -> None:
    """Stop the reminders, though one more may come while they are being stopped."""
    while True:
        try:
            return disarm()
        except TooSlow:
            continue


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


class Sink(io.TextIOBase):
    """Swallow what a learner's function prints, however much it is."""

    def write(self, text: str) -> int:
        """Take the text and forget it."""
        return len(text)


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
    sink = Sink()
    with (
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
