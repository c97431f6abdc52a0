"""Run a learner's function: not for ever, in silence, and without a trace."""

import atexit
import contextlib
import ctypes
import os
import random
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, _base
from functools import wraps
from importlib import _bootstrap
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

import numpy as np
import torch
from torch.autograd import forward_ad

from .language import Text

with contextlib.suppress(ImportError):  # only where there is MAPPED it is needed
    import resource

PATIENCE = 4  # seconds for one call of a helper
LONG_IMPORT = 60  # seconds for all that it imports
GRACE = 1  # seconds more, in which it may end
AGAIN = 0.05  # seconds between two tries to stop it, at first
BRIEFLY = 0.02  # seconds to wait at least
MEMORY = 512 * 2**20  # bytes that a learner's function may ask for
HERE = os.path.dirname(__file__)
ROOMS = {HERE, *(os.path.join(HERE, name) for name in ("graph", "drawing", "checking"))}
# It stands between a learner and torch.
WITNESS = os.path.join(HERE, "checking", "clues.py")
LIBRARIES = (os.path.dirname(os.__file__) + os.sep, "<frozen ")
INSTALLED = tuple(f"{os.sep}{kind}-packages{os.sep}" for kind in ("site", "dist"))
# Every import of a module that is not there yet passes the first; whatever runs the
# code of one, be it imported, reloaded or loaded by hand, the second; and who waits for
# an import of another thread, the third.
NAMES = ("_find_and_load", "_call_with_frames_removed", "_lock_unlock_module")
WAYS_IN = {name: getattr(_bootstrap, name) for name in NAMES}
TIMED: set[threading.Thread] = set()
TIMING = threading.Lock()  # of TIMED and of the ways in
OF_THREAD = threading.local()  # .clock, if it is timed; .end, if it is stopped
LEFT_BEHIND: weakref.WeakSet[threading.Thread] = weakref.WeakSet()
MAPPED = Path("/proc/self/statm")  # its first number: pages of memory, on Linux

STILL_IMPORTING = Text(
    "A module was still being imported after {seconds} seconds, and that must not be "
    "broken off; restart the kernel, then run the cells again.",
    "导入模块用了 {seconds} 秒仍未完成，而导入不能中途打断；请重启内核，再重新运行各"
    "单元格。",
)

INTERRUPTED = Text(
    "You stopped this while it ran; nothing was counted. Run the cell again when you "
    "like.",
    "你中途停止了它；这次什么也没有计入。需要时再运行一次即可。",
)

Result = TypeVar("Result")
Settings = tuple[tuple[Callable, Callable], ...]


# ---- torch's private parts -------------------------------------------------------
# As in graph.private, which stands above this file; nothing else here touches them.


def find_file_of_modes() -> str:
    """Return where torch enters and leaves its dispatch modes.

    Seen on torch 2.6 to 2.15.
    """
    return torch.utils._python_dispatch.__file__


def print_options() -> dict[str, object]:
    """Return how torch writes tensors, as set_printoptions takes it.

    Seen on torch 2.6 to 2.15.
    """
    return dict(vars(torch._tensor_str.PRINT_OPTS))


def forward_level() -> int:
    """Return how many forward-mode derivatives are open, less one.

    Seen on torch 2.6 to 2.15.
    """
    return forward_ad._current_level


# ---- a thread that can be stopped ------------------------------------------------

TIDY = {module.__file__ for module in (contextlib, threading, _base, torch.overrides)}
TIDY |= {find_file_of_modes()}


class TooSlow(BaseException):
    """Leave a learner's endless loop; `except Exception` does not catch it."""


class Interrupted(KeyboardInterrupt):
    """Say in one line that the learner has stopped what ran; show no code of ours."""

    def _render_traceback_(self) -> list[str]:
        return [INTERRUPTED()]


class StillImporting(TooSlow):
    """Leave an import alone that takes longer than LONG_IMPORT."""


class Stop(TooSlow):
    """Strike once more, where a bare `except:` of the learner's has caught the first.

    Made in the thread that it stops, as it is caught. Whatever is left then has some
    time to end whole: a `with`, a `finally`, and all that a library does.
    """

    def __init__(self):
        frame = sys._getframe().f_back
        OF_THREAD.end = getattr(OF_THREAD, "end", time.monotonic() + AGAIN)
        sys.settrace(strike)  # of this thread alone
        while frame is not None:
            frame.f_trace = strike if is_own(frame) else None
            frame = frame.f_back


def strike(frame: FrameType, event: str, detail: object) -> Callable | None:
    """Raise TooSlow at the next line of a function that runs; leave new ones alone."""
    if event == "line" and time.monotonic() > OF_THREAD.end:
        raise TooSlow
    return None if event == "call" else strike


class Clock:
    """Tell the time that a thread works; stand still while it imports.

    Whoever strikes the thread must hold `idle`, which the thread itself holds while it
    imports. What was thrown before it got hold of that arrives no later than it enters
    the next function: before anything of the import is done. Whoever wants to strike
    holds `turn` as well, or a thread that imports without end would always be first.
    """

    def __init__(self):
        self.turn = threading.RLock()
        self.idle = threading.RLock()  # an import may want another
        self.since: float | None = None
        self.imported = 0.0  # seconds, but for an import that runs

    def importing(self) -> float:
        """Return for how many seconds the thread has imported."""
        since = self.since
        running = 0.0 if since is None else time.monotonic() - since
        return self.imported + running

    def now(self) -> float:
        """Return the time, less that of all imports."""
        return time.monotonic() - self.importing()


def keep_uninterrupted(way_in: Callable) -> Callable:
    """Let a part of importlib stop the clock of a timed thread, and run whole."""

    @wraps(way_in)
    def run_whole(*inputs, **named):
        clock = getattr(OF_THREAD, "clock", None)
        if clock is None or clock.since is not None:
            return way_in(*inputs, **named)
        with clock.turn:
            pass
        with clock.idle:
            clock.since = time.monotonic()  # what was thrown before arrives here
            try:
                return way_in(*inputs, **named)
            finally:
                clock.imported += time.monotonic() - clock.since
                clock.since = None

    return run_whole


AT_A_WAY_IN = keep_uninterrupted(len).__code__


def start_timing(thread: threading.Thread) -> None:
    """Notice the imports of a thread, and of all others that are timed."""
    with TIMING:
        TIMED.add(thread)
        for name, way_in in WAYS_IN.items():
            setattr(_bootstrap, name, keep_uninterrupted(way_in))


def stop_timing(thread: threading.Thread) -> None:
    """Leave importlib as it was, as soon as no thread is timed any more."""
    with TIMING:
        TIMED.discard(thread)
        for name, way_in in WAYS_IN.items() if not TIMED else ():
            setattr(_bootstrap, name, way_in)


def run_within(
    seconds: float, work: Callable[[], Result], clock: Clock | None = None
) -> Result:
    """Return what `work` returns, run in a thread of its own; raise TooSlow if late.

    Where the learner interrupts the kernel, raise Interrupted.

    The caller only waits, so nothing can strike it, early or late. The thread is then
    stopped; one that does not come back to Python is left to itself after GRACE. Only
    a call that keeps Python's lock for ever cannot be left. To import takes no time,
    up to LONG_IMPORT for all works with the same clock: then raise StillImporting.
    """
    done: Future[Result] = Future()
    clock = clock or Clock()
    thread = threading.Thread(target=do_work, args=(work, done, clock), daemon=True)
    start_timing(thread)
    try:
        thread.start()
        wait_for(thread, seconds, clock)
    except KeyboardInterrupt:
        raise Interrupted from None
    finally:
        late = let_go(thread, clock)
    if late and clock.importing() > LONG_IMPORT:
        raise StillImporting
    if late:
        thread.join(GRACE)
        raise TooSlow
    return done.result()


def let_go(thread: threading.Thread, clock: Clock) -> bool:
    """Stop a thread that still works, from one of its own; return whether it did."""
    late = thread.is_alive()
    if late:
        LEFT_BEHIND.add(thread)
        threading.Thread(target=stop, args=(thread, clock), daemon=True).start()
    else:
        stop_timing(thread)
    return late


def do_work(work: Callable[[], Result], done: Future[Result], clock: Clock) -> None:
    """Do a work in the thread that is timed by a clock."""
    OF_THREAD.clock = clock
    with contextlib.suppress(TooSlow):  # one more may come as it ends
        try:
            done.set_result(work())
        except BaseException as problem:
            done.set_exception(problem)


def wait_for(thread: threading.Thread, seconds: float, clock: Clock) -> None:
    """Wait until a thread ends, has worked for so long, or imports too much."""
    end, left = clock.now() + seconds, seconds
    while True:
        thread.join(max(left, BRIEFLY))
        left = end - clock.now()
        if not thread.is_alive() or left <= 0 or clock.importing() > LONG_IMPORT:
            return


@atexit.register
def wait_for_left_behind() -> None:
    """Let threads end before Python does: torch aborts if one is inside of it then."""
    for thread in list(LEFT_BEHIND):
        thread.join(GRACE)


def stop(thread: threading.Thread, clock: Clock) -> None:
    """Raise Stop in a thread until it ends, ever more seldom: it may sleep on."""
    pause, patient_until = AGAIN, time.monotonic() + GRACE / 2
    with pass_over_stops():
        while thread.is_alive():
            with clock.turn, clock.idle:
                throw(thread, time.monotonic() < patient_until)
            thread.join(pause)
            pause = min(1.02 * pause, 1)
    stop_timing(thread)


@contextlib.contextmanager
def pass_over_stops() -> Iterator[None]:
    """Let Python not report a Stop that a callback or `__del__` has swallowed."""
    report = sys.unraisablehook

    def report_others(problem: Any) -> None:
        if not issubclass(problem.exc_type, TooSlow):
            report(problem)

    sys.unraisablehook = report_others
    try:
        yield
    finally:
        if sys.unraisablehook is report_others:  # not where another stop has begun
            sys.unraisablehook = report


def throw(thread: threading.Thread, patient: bool) -> None:
    """Raise Stop in a thread where it does no harm; who is patient spares libraries."""
    ident = thread.ident or 0
    frame = sys._current_frames().get(ident)
    if frame is None:
        return
    own = is_own(frame) or frame.f_code is AT_A_WAY_IN
    if own or not (patient or tidies_up(frame)):
        kind = ctypes.py_object(Stop)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), kind)


def is_own(frame: FrameType) -> bool:
    """Tell the learner's code, or the witness of it, from what others have written."""
    file = frame.f_code.co_filename
    library = file.startswith(LIBRARIES) or any(part in file for part in INSTALLED)
    return not (library or tidies_up(frame))


def tidies_up(frame: FrameType) -> bool:
    """Tell whether a frame may be leaving a `with` of ours, which must end whole."""
    file = frame.f_code.co_filename
    return file in TIDY or (os.path.dirname(file) in ROOMS and file != WITNESS)


# ---- what is given back ----------------------------------------------------------


@contextlib.contextmanager
def limit_memory(extra: int = MEMORY) -> Iterator[None]:
    """Refuse memory beyond `extra` more bytes, where the system can (Linux)."""
    if not MAPPED.exists():
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


def remember(settings: Settings) -> Callable[[], None]:
    """Read with the first of each pair; return what sets it back with the second."""
    before = [(write, read()) for read, write in settings]

    def give_back() -> None:
        for write, value in before:
            write(value)

    return give_back


@contextlib.contextmanager
def keep(settings: Settings) -> Iterator[None]:
    """Give settings back as they were."""
    give_back = remember(settings)
    try:
        yield
    finally:
        give_back()


def working_folder() -> str | None:
    with contextlib.suppress(OSError):  # where that folder is gone
        return os.getcwd()
    return None


def go_to(place: str | None) -> None:
    if place is not None and os.path.isdir(place):
        os.chdir(place)


def close_forward_levels(before: int) -> None:
    """Close what was opened since: torch opens no second one while there is one."""
    while forward_level() > before:
        forward_ad.exit_dual_level()


RANDOM: Settings = (
    (random.getstate, random.setstate),
    (np.random.get_state, np.random.set_state),
    (torch.get_rng_state, torch.set_rng_state),
)
# What all threads share. The rest of torch's switches ends with the thread: grad mode,
# default device, autocast, hooks for saved tensors, and numpy's error mode. Not given
# back: the environment, files, whatever is patched, and what a thread does that is left
# behind.
SETTINGS: Settings = (
    (sys.getrecursionlimit, sys.setrecursionlimit),
    (working_folder, go_to),
    (torch.get_default_dtype, torch.set_default_dtype),
    (torch.get_deterministic_debug_mode, torch.set_deterministic_debug_mode),
    (torch.get_num_threads, torch.set_num_threads),
    (torch.is_warn_always_enabled, torch.set_warn_always),
    (
        lambda: (torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()),
        lambda before: torch.autograd.set_detect_anomaly(*before),
    ),
    (print_options, lambda before: torch.set_printoptions(**before)),
    (forward_level, close_forward_levels),
)


@contextlib.contextmanager
def keep_undisturbed() -> Iterator[None]:
    """Keep all settings, switch autograd on, and let nothing be printed."""
    with (
        open(os.devnull, "w", encoding="utf-8", errors="ignore") as sink,
        keep(RANDOM),
        torch.inference_mode(False),
        torch.enable_grad(),
        contextlib.redirect_stdout(sink),
        contextlib.redirect_stderr(sink),
        warnings.catch_warnings(),
        keep(SETTINGS),
    ):
        warnings.simplefilter("ignore")
        yield
