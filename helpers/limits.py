"""Run a learner's function: not for ever, in silence, and without a trace."""

import contextlib
import io
import random
import signal
import threading
import warnings
from collections.abc import Iterator

import numpy as np
import torch

PATIENCE = 5  # seconds for one call of a helper


class TooSlow(BaseException):
    """Leave a learner's endless loop; `except Exception` does not catch it."""


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TooSlow in the main thread when the time is up, and again each second.

    Without SIGALRM (Windows), or in another thread, nothing can be interrupted.
    """
    main = threading.current_thread() is threading.main_thread()
    if not (main and hasattr(signal, "SIGALRM")):
        yield
        return

    def stop(number, frame):
        raise TooSlow

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
def undisturbed() -> Iterator[None]:
    """Keep the random state, switch autograd on, and let nothing be printed."""
    sink = Sink()
    with (
        same_random_state(),
        torch.inference_mode(False),
        torch.enable_grad(),
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
