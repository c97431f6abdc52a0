"""Run a learner's function: not for ever, in silence, and without a trace."""

import contextlib
import ctypes
import io
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import torch

try:
    import resource
except ImportError:  # Windows
    resource = None

PATIENCE = 4  # seconds for one call of a helper
AGAIN = 0.02  # seconds between reminders: a bare `except:` may swallow the first
MEMORY = 512 * 2**20  # bytes that a learner's function may ask for
HERE = Path(__file__).parent
MAPPED = Path("/proc/self/statm")  # its first number: pages of memory, on Linux


class TooSlow(BaseException):
    """Leave a learner's endless loop; `except Exception` does not catch it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlow in this thread when the time is up, and until it is left.

    Nothing can stop a single call that never comes back to Python.
    """
    main = threading.current_thread() is threading.main_thread()
    alarm = hasattr(signal, "SIGALRM")  # which wakes a sleeper too, but not on Windows
    with signalled(seconds) if main and alarm else watched(seconds):
        yield


@contextlib.contextmanager
def signalled(seconds: float) -> Iterator[None]:
    """Let the system's clock raise TooSlow in the main thread."""

    def stop(number, frame):
        insist(frame)
        raise TooSlow

    tracer = sys.gettrace()
    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)

    def disarm():
        sys.settrace(tracer)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

    try:
        yield
    finally:
        until_it_is_done(disarm)


def insist(frame: FrameType | None) -> None:
    """Raise TooSlow again at the next line, even if that is an `except:` of theirs."""

    def trace(frame, event, argument):
        if event == "exception":  # here it would only stand for the swallowed one
            return trace
        raise TooSlow

    while frame is not None and Path(frame.f_code.co_filename).parent != HERE:
        frame.f_trace = trace
        frame = frame.f_back
    sys.settrace(trace)


@contextlib.contextmanager
def watched(seconds: float) -> Iterator[None]:
    """Let another thread raise TooSlow in this one."""
    here, over = ctypes.c_ulong(threading.get_ident()), threading.Event()
    throw = ctypes.pythonapi.PyThreadState_SetAsyncExc

    def watch():
        wait = seconds
        while not over.wait(wait):
            throw(here, ctypes.py_object(TooSlow))
            wait = AGAIN

    watcher = threading.Thread(target=watch, daemon=True)

    def disarm():
        over.set()
        watcher.join()
        throw(here, None)  # forget the one that is on its way

    watcher.start()
    try:
        yield
    finally:
        until_it_is_done(disarm)


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
