"""Whatever a learner's function does, a check ends in a sentence and a live kernel."""

import contextlib
import itertools
import subprocess
import sys
import threading
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import check, limits
from helpers.limits import TooSlow, memory_limit, within

NAME = "accumulation/descend"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("helpers.judge.PATIENCE", 0.3)
    monkeypatch.setattr("helpers.trial.PATIENCE", 0.3)
    monkeypatch.setattr("helpers.limits.GRACE", 0.3)


class Hostile:
    def __repr__(self):
        raise OSError

    __str__ = __len__ = __float__ = __iter__ = __eq__ = __array__ = __repr__
    __hash__ = None


class HostileError(Exception):
    def __str__(self):
        raise OSError


def for_ever(*inputs):
    while True:
        pass


def for_ever_asleep(*inputs):
    while True:
        try:
            time.sleep(10)
        except BaseException:
            continue


def for_ever_busily(*inputs):
    while True:
        try:
            torch.ones(100, 100) @ torch.ones(100, 100)
        except:  # noqa: E722 - as a learner may write it
            continue


def for_ever_in_torch(*inputs):
    x = torch.ones(1000, 1000)
    while True:
        x = x @ x


def for_ever_aloud(*inputs):
    while True:
        print("x" * 10_000)


class HangingError(Exception):
    __str__ = for_ever


def raise_what_hangs(*inputs):
    raise HangingError


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "answer",
    [
        for_ever,
        for_ever_asleep,
        for_ever_busily,
        for_ever_in_torch,
        for_ever_aloud,
        raise_what_hangs,
    ],
    ids=lambda answer: answer.__name__,
)
def test_what_never_ends_is_stopped_for_good(answer, capfd):
    threads = threading.active_count()
    verdict = check(NAME, answer)
    assert verdict.state == "wrong" and "still running" in verdict.sentence
    assert soon(lambda: threading.active_count() <= threads)
    assert capfd.readouterr() == ("", "")


def give_up(*inputs):
    sys.exit()


def interrupt(*inputs):
    raise KeyboardInterrupt


def raise_hostile_error(*inputs):
    raise HostileError


def shout(*inputs):
    raise RuntimeError("x" * 10**7 + "\nlast line")


def call_itself(*inputs):
    return call_itself(*inputs)


RAISE = {
    give_up: "SystemExit",
    interrupt: "KeyboardInterrupt",
    raise_hostile_error: "HostileError",
    shout: "RuntimeError: xxx",
    call_itself: "RecursionError: maximum recursion depth",
    lambda *inputs: 1 / 0: "ZeroDivisionError: division by zero",
}


@pytest.mark.parametrize("answer", RAISE, ids=RAISE.values())
def test_what_raises_is_reported_as_theirs(answer):
    verdict = check(NAME, answer)
    assert verdict.sentence.startswith(f"Your function raised {RAISE[answer]}")
    assert len(verdict.sentence + verdict.seen) < 300


def contains_itself(*inputs):
    found = []
    found.append(found)
    return found


def generator(*inputs):
    yield 1


async def coroutine(*inputs):
    return 1


ODD = [Hostile(), object(), {}, print, b"1", "1", range(10**10), itertools.count()]
ODD += [torch.ones(1, device="meta"), np.array(["a"]), torch.tensor(1j), 10**400]
ODD += [
    torch.zeros(1).expand(10**12),
    (n for n in range(3)),
    [Hostile()],
    torch.ones(0),
]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_whatever_is_returned_gets_a_sentence(odd):
    verdict = check(NAME, lambda *inputs: odd)
    assert verdict.state == "wrong"
    assert 0 < len(verdict.sentence + verdict.seen) < 300


class Untold:
    __signature__ = 5

    def __call__(self, *inputs):
        return 1.0


class HostileTensor(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, inputs=(), names=None):
        raise OSError


def foreign_tensor(*inputs):
    return torch.ones(()).as_subclass(HostileTensor)


class HostileWarning(UserWarning):
    __str__ = Hostile.__repr__


def warn(*inputs):
    warnings.warn(HostileWarning(), stacklevel=1)
    return 1.0


STRANGE = [contains_itself, generator, coroutine, Untold(), foreign_tensor, warn]


@pytest.mark.parametrize("answer", STRANGE, ids=lambda answer: type(answer).__name__)
def test_odd_functions_get_a_sentence(answer):
    assert check(NAME, answer).state == "wrong"


@pytest.mark.parametrize("answer", [lambda: 1, lambda a: 1, lambda *, a: 1])
def test_a_function_with_other_inputs_is_told_so(answer):
    sentence = check(NAME, answer).sentence
    assert "it is called with (f, x0, rate, steps)" in sentence


HUGE = {
    "torch": lambda *inputs: torch.ones(10**10),
    "numpy": lambda *inputs: np.ones(10**10),
    "list": lambda *inputs: [0] * 10**10,
    "text": lambda *inputs: "a" * 10**10,
}


@pytest.mark.skipif(not limits.MAPPED.exists(), reason="only Linux limits memory")
@pytest.mark.parametrize("answer", HUGE.values(), ids=HUGE)
def test_what_would_eat_all_memory_is_refused(answer):
    assert check(NAME, answer).misconception == "TOO-MUCH-MEMORY"
    torch.ones(10**6)  # and afterwards there is memory again


@pytest.mark.skipif(not limits.MAPPED.exists(), reason="only Linux limits memory")
def test_the_memory_limit_is_lifted_again():
    before = limits.resource.getrlimit(limits.resource.RLIMIT_AS)
    with pytest.raises(MemoryError), memory_limit(2**20):
        bytearray(2**30)
    assert limits.resource.getrlimit(limits.resource.RLIMIT_AS) == before


def spoil(*inputs):
    torch.set_grad_enabled(False)
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(0)
    return 1.0


def test_what_a_function_switches_is_switched_back():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    check(NAME, spoil)
    assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
    assert torch.equal(torch.get_rng_state(), before)


def stopped(seconds, work):
    try:
        within(seconds, work)
    except TooSlow:
        return True
    return False


def in_a_thread(work):
    ended = []
    thread = threading.Thread(target=lambda: ended.append(work()))
    thread.start()
    thread.join()
    return ended[0]


def at_once(work):
    return work()


EVERYWHERE = pytest.mark.parametrize("timed", [at_once, in_a_thread])


@EVERYWHERE
def test_time_is_limited_in_every_thread_and_nothing_comes_later(timed):
    def work():
        return stopped(0.1, for_ever), sum(range(10**6))

    assert timed(work) == (True, 499999500000)


@EVERYWHERE
def test_what_ends_as_the_time_ends_leaves_nothing_behind(timed):
    """Work of about the allowed time is stopped, or not; either way it is over."""
    threads = threading.active_count()
    opened, closed = [], []

    @contextlib.contextmanager
    def around():
        opened.append(1)
        try:
            yield
        finally:
            closed.append(1)

    def work():
        results = []
        for milliseconds in np.linspace(10, 40, 100):
            with around():
                results.append(stopped(0.02, partial(for_a_while, milliseconds / 1000)))
        return results

    assert set(timed(work)) == {True, False}
    assert len(opened) == len(closed) == 100
    assert soon(lambda: threading.active_count() <= threads)


def for_a_while(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(Exception):  # so that it may be hit while leaving one
            pass


def soon(holds):
    """Wait until something holds; give up after a long while."""
    end = time.monotonic() + 30
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    return holds()


def test_stopping_again_and_again_leaves_nothing_behind(monkeypatch):
    def state():
        memory = limits.resource and limits.resource.getrlimit(
            limits.resource.RLIMIT_AS
        )
        modes = torch.is_grad_enabled(), torch.get_default_dtype()
        return sys.stdout, sys.gettrace(), list(warnings.filters), memory, modes

    monkeypatch.setattr("helpers.limits.AGAIN", 0.001)
    before, threads = state(), threading.active_count()
    for milliseconds in range(1, 31):
        monkeypatch.setattr("helpers.judge.PATIENCE", milliseconds / 1000)
        monkeypatch.setattr("helpers.trial.PATIENCE", milliseconds / 1000)
        for endless in (for_ever, for_ever_busily, for_ever_aloud):
            assert check(NAME, endless).state == "wrong"
            assert state() == before
    assert soon(lambda: threading.active_count() <= threads)


def test_what_does_not_come_back_is_left_behind():
    """A thread that sleeps, or is inside one long operation, is not waited for."""
    started, threads = time.monotonic(), threading.active_count()
    assert stopped(0.1, lambda: time.sleep(6))
    assert time.monotonic() - started < 5
    assert sum(range(10**6)) == 499999500000
    assert soon(lambda: threading.active_count() <= threads)


def test_python_ends_well_with_a_thread_left_behind():
    """Torch aborts where Python ends while a thread is inside one of its operations."""
    program = (
        "import torch; from helpers.limits import TooSlow, within\n"
        "def work():\n"
        "    x = torch.ones(1000, 1000)\n"
        "    while True: x = x @ x\n"
        "try: within(0.1, work)\n"
        "except TooSlow: print('stopped')"
    )
    root = Path(limits.__file__).parents[1]
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "stopped\n"), done.stderr


def test_who_interrupts_the_kernel_stops_the_work_as_well(monkeypatch):
    threads = threading.active_count()

    def interrupted(thread, timeout):
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        monkeypatch.setattr(threading.Thread, "join", interrupted)
        within(60, for_ever)
    assert soon(lambda: threading.active_count() <= threads)


@pytest.mark.parametrize("error", [TimeoutError, ValueError, SystemExit, GeneratorExit])
def test_what_the_work_raises_is_raised(error):
    def work():
        raise error

    with pytest.raises(error):
        within(60, work)


def test_a_limit_within_a_limit_gives_the_outer_one_back():
    inner = []
    assert stopped(0.3, lambda: (inner.append(stopped(0.1, for_ever)), for_ever()))
    assert inner == [True]


def test_the_outer_limit_is_the_shorter_one():
    started = time.monotonic()
    assert stopped(0.1, lambda: within(4, for_a_while_longer))
    assert time.monotonic() - started < 3.5


def for_a_while_longer():
    return for_a_while(10)
