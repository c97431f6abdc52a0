"""Whatever a learner's function does, a check ends in a sentence and a live kernel."""

import contextlib
import importlib
import importlib.util
import itertools
import os
import pickle
import subprocess
import sys
import threading
import time
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch.autograd import forward_ad

from helpers import check, sandbox, show_slopes
from helpers.checking import clues, guesses
from helpers.drawing import player
from helpers.drawing.picture import CannotDraw
from helpers.lessons import detach
from helpers.sandbox import (
    TooSlow,
    keep_undisturbed,
    limit_memory,
    run_within,
    tidies_up,
)

NAME = "accumulation/descend"


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.3)
    monkeypatch.setattr("helpers.sandbox.GRACE", 0.3)


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
            time.sleep(2)
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


@pytest.mark.thorough
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


@pytest.mark.skipif(not sandbox.MAPPED.exists(), reason="only Linux limits memory")
@pytest.mark.parametrize("answer", HUGE.values(), ids=HUGE)
def test_what_would_eat_all_memory_is_refused(answer):
    assert check(NAME, answer).misconception == "TOO-MUCH-MEMORY"
    torch.ones(10**6)  # and afterwards there is memory again


@pytest.mark.skipif(not sandbox.MAPPED.exists(), reason="only Linux limits memory")
def test_the_memory_limit_is_lifted_again():
    before = sandbox.resource.getrlimit(sandbox.resource.RLIMIT_AS)
    with pytest.raises(MemoryError), limit_memory(2**20):
        bytearray(2**30)
    assert sandbox.resource.getrlimit(sandbox.resource.RLIMIT_AS) == before


@pytest.mark.skipif(not sandbox.MAPPED.exists(), reason="only Linux limits memory")
def test_a_function_may_have_half_a_gigabyte():
    with limit_memory():
        assert np.empty(448 * 2**20, np.uint8).size  # reserved, and never touched
        with pytest.raises(MemoryError):
            np.empty(576 * 2**20, np.uint8)


INFINITY = -1


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        ((INFINITY, INFINITY), (100 * 4096 + 1000, INFINITY)),
        ((10**9, 10**9), (100 * 4096 + 1000, 10**9)),
        ((INFINITY, 5000), (5000, 5000)),
        ((5000, 10**9), (5000, 10**9)),
    ],
)
def test_a_limit_that_is_there_is_never_lifted(
    before, meanwhile, monkeypatch, tmp_path
):
    bounds = [before]
    system = SimpleNamespace(
        RLIMIT_AS=9,
        RLIM_INFINITY=INFINITY,
        getpagesize=lambda: 4096,
        getrlimit=lambda what: bounds[-1],
        setrlimit=lambda what, pair: bounds.append(pair),
    )
    monkeypatch.setattr(sandbox, "resource", system)
    monkeypatch.setattr(sandbox, "MAPPED", tmp_path / "statm")
    sandbox.MAPPED.write_text("100 3 3\n", "ascii")
    with limit_memory(1000):
        pass
    assert bounds == [before, meanwhile, before]


def test_where_memory_cannot_be_limited_a_function_runs_all_the_same(monkeypatch):
    monkeypatch.setattr(sandbox, "MAPPED", Path("/there/is/no/such/file"))
    monkeypatch.delattr(sandbox, "resource", raising=False)
    with limit_memory(0):
        assert np.empty(2**26, np.uint8).size


SWITCHES = {
    "grad mode": (torch.set_grad_enabled, False, torch.is_grad_enabled),
    "dtype": (torch.set_default_dtype, torch.float64, torch.get_default_dtype),
    "device": (torch.set_default_device, "meta", torch.get_default_device),
    "threads": (torch.set_num_threads, 7, lambda: in_a_thread(torch.get_num_threads)),
    "deterministic": (
        torch.use_deterministic_algorithms,
        True,
        torch.get_deterministic_debug_mode,
    ),
    "anomaly": (torch.set_anomaly_enabled, True, torch.is_anomaly_enabled),
    "warnings": (torch.set_warn_always, True, torch.is_warn_always_enabled),
    "printing": (
        lambda digits: torch.set_printoptions(precision=digits),
        1,
        lambda: str(torch.tensor(1 / 3)),
    ),
    "forward mode": (
        lambda _: forward_ad.enter_dual_level(),
        None,
        lambda: forward_ad._current_level,
    ),
    "seed": (torch.manual_seed, 0, lambda: torch.get_rng_state().tolist()),
    "recursion": (sys.setrecursionlimit, 500, sys.getrecursionlimit),
    "folder": (os.chdir, os.sep, os.getcwd),
    "output": (lambda value: setattr(sys, "stdout", value), None, lambda: sys.stdout),
}


@pytest.mark.thorough
@pytest.mark.parametrize(("switch", "to", "read"), SWITCHES.values(), ids=SWITCHES)
def test_what_a_function_switches_is_switched_back(switch, to, read, impatient):
    def spoil(*inputs):
        switch(to)

    def spoil_for_ever(*inputs):
        switch(to)
        for_ever()

    before = read()
    for answer in (spoil, spoil_for_ever):
        assert check(NAME, answer).state == "wrong"
        assert read() == before


def test_who_closes_the_output_closes_nobody_elses(capfd):
    check(NAME, lambda *inputs: sys.stdout.close())
    print("here")
    assert capfd.readouterr().out == "here\n"


def test_a_folder_that_is_gone_is_not_gone_back_to(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    check(NAME, lambda *inputs: (os.chdir(tmp_path), os.rmdir("gone")))
    assert os.getcwd() == str(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="there, no folder in use can go")
def test_a_check_needs_no_folder(tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    os.rmdir(tmp_path / "gone")
    assert "2" in check(NAME, lambda *inputs: 2.0).seen


def test_whatever_is_said_is_said_to_nobody(capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with keep_undisturbed():
            print("损失 \ud800")  # half a character, which no file can hold
            print("é", file=sys.stderr)
            warnings.warn("look out", stacklevel=1)
    assert capfd.readouterr() == ("", "")


def test_who_waits_in_vain_is_told_how_long(monkeypatch):
    def late(*inputs):
        raise TooSlow

    monkeypatch.setattr("helpers.sandbox.run_within", late)
    assert "after 4 seconds" in check(NAME, for_ever).sentence


def stopped(seconds, work):
    try:
        run_within(seconds, work)
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


def left_running():
    return {thread for thread in sandbox.LEFT_BEHIND if thread.is_alive()}


def for_ever_in_functions(*inputs):
    def step():
        return 1

    while True:
        try:
            while step():
                pass
        except:  # noqa: E722 - as a learner may write it
            pass


STUBBORN = [for_ever, for_ever_busily, for_ever_in_functions]


@pytest.mark.parametrize("work", STUBBORN, ids=lambda work: work.__name__)
def test_what_is_stopped_has_ended_when_the_check_goes_on(work):
    before = left_running()
    assert stopped(0.03, work) and left_running() <= before


def test_what_is_stopped_leaves_every_with_as_a_whole():
    closed = []

    @contextlib.contextmanager
    def around():
        try:
            yield
        finally:
            closed.append(1)
            closed.append(2)

    def work():
        with around():
            for_ever()

    assert stopped(0.03, work) and closed == [1, 2]


def test_whoever_sleeps_on_is_left_and_keeps_nobody(monkeypatch):
    """Python must be able to end, and waits a moment for what is inside of torch."""
    monkeypatch.setattr(sandbox, "GRACE", 0.02)
    before = set(threading.enumerate())
    assert stopped(0.02, lambda: time.sleep(0.5))
    mine = set(threading.enumerate()) - before
    (sleeper,) = mine & left_running()
    assert len(mine) == 2 and all(thread.daemon for thread in mine)
    monkeypatch.setattr(sandbox, "GRACE", 9)
    sandbox.wait_for_left_behind()
    assert not sleeper.is_alive()


def test_a_sleeper_is_called_ever_more_seldom_but_at_least_once_a_second():
    class Sleeper:
        ident, pauses = -1, []

        def is_alive(self):
            return len(self.pauses) < 300

        def join(self, pause):
            self.pauses.append(pause)

    sandbox.stop(Sleeper(), sandbox.Clock())
    assert Sleeper.pauses[:3] == pytest.approx([0.05, 0.051, 0.05202])
    assert Sleeper.pauses[-1] == 1
    assert Sleeper.pauses == sorted(Sleeper.pauses)


def test_one_more_stop_as_the_work_ends_is_kept_quiet(monkeypatch):
    class Struck(sandbox.Future):
        def set_result(self, result):
            super().set_result(result)
            raise TooSlow

        def set_exception(self, problem):
            raise TooSlow

    heard = []
    monkeypatch.setattr(threading, "excepthook", heard.append)
    monkeypatch.setattr(sandbox, "Future", Struck)
    assert run_within(60, lambda: 5) == 5 and heard == []


@pytest.mark.parametrize(
    ("file", "ours"),
    [
        (contextlib.__file__, True),
        (threading.__file__, True),
        (sandbox.__file__, True),
        (guesses.__file__, True),
        (player.__file__, True),
        (clues.__file__, False),  # it stands between a learner and torch
        (detach.__file__, False),
        (__file__, False),
        (torch.__file__, False),
        ("<a cell>", False),
    ],
)
def test_nothing_strikes_while_we_tidy_up(file, ours):
    program = compile("import sys; frame = sys._getframe()", file, "exec")
    scope = {}
    exec(program, scope)
    assert tidies_up(scope["frame"]) is ours


@EVERYWHERE
def test_time_is_limited_in_every_thread_and_nothing_comes_later(timed):
    def work():
        return stopped(0.1, for_ever), sum(range(10**6))

    assert timed(work) == (True, 499999500000)


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_stopping_again_and_again_leaves_nothing_behind(monkeypatch):
    def state():
        memory = sandbox.MAPPED.exists() and sandbox.resource.getrlimit(
            sandbox.resource.RLIMIT_AS
        )
        modes = torch.is_grad_enabled(), torch.get_default_dtype()
        return sys.stdout, sys.gettrace(), list(warnings.filters), memory, modes

    monkeypatch.setattr("helpers.sandbox.AGAIN", 0.001)
    before, threads = state(), threading.active_count()
    for milliseconds in range(1, 31):
        monkeypatch.setattr("helpers.sandbox.PATIENCE", milliseconds / 1000)
        for endless in (for_ever, for_ever_busily, for_ever_aloud):
            assert check(NAME, endless).state == "wrong"
            assert state() == before
    assert soon(lambda: threading.active_count() <= threads)


@pytest.mark.thorough
def test_what_does_not_come_back_is_left_behind():
    """A thread that sleeps, or is inside one long operation, is not waited for."""
    started, threads = time.monotonic(), threading.active_count()
    assert stopped(0.1, lambda: time.sleep(6))
    assert time.monotonic() - started < 5
    assert sum(range(10**6)) == 499999500000
    assert soon(lambda: threading.active_count() <= threads)


@pytest.mark.thorough
def test_python_ends_well_with_a_thread_left_behind():
    """Torch aborts where Python ends while a thread is inside one of its operations."""
    program = (
        "import torch; from helpers.sandbox import TooSlow, run_within\n"
        "def work():\n"
        "    x = torch.ones(1000, 1000)\n"
        "    while True: x = x @ x\n"
        "try: run_within(0.1, work)\n"
        "except TooSlow: print('stopped')"
    )
    root = Path(sandbox.__file__).parents[1]
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "stopped\n"), done.stderr


def test_who_interrupts_the_kernel_stops_the_work_as_well(monkeypatch):
    threads = threading.active_count()

    def interrupted(thread, timeout):
        monkeypatch.undo()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        monkeypatch.setattr(threading.Thread, "join", interrupted)
        run_within(60, for_ever)
    (shown,) = caught.value._render_traceback_()
    assert shown.startswith("You stopped this while it ran") and "\n" not in shown
    assert soon(lambda: threading.active_count() <= threads)


@pytest.mark.parametrize("error", [TimeoutError, ValueError, SystemExit, GeneratorExit])
def test_what_the_work_raises_is_raised(error):
    def work():
        raise error

    with pytest.raises(error):
        run_within(60, work)


def test_a_limit_within_a_limit_gives_the_outer_one_back():
    inner = []
    assert stopped(0.3, lambda: (inner.append(stopped(0.1, for_ever)), for_ever()))
    assert inner == [True]


@pytest.mark.thorough
def test_the_outer_limit_is_the_shorter_one():
    started = time.monotonic()
    # Asleep, since the inner thread outlives the outer one, and would slow others.
    assert stopped(0.1, lambda: run_within(4, lambda: time.sleep(5)))
    assert time.monotonic() - started < 3.5


# ---- imports ----------------------------------------------------------------

BUSY = "import time\nend = time.monotonic() + {}\nwhile time.monotonic() < end: pass\n"
SLOW = BUSY.format(0.3) + "whole = True\n"
SLOWER = BUSY.format(1) + "whole = True\n"
ENDLESS = "import os\nwhile 'LET_GO' not in os.environ: pass\nwhole = True\n"


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write modules that can be imported in one test, none of them before it."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)

    def write(**modules):
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text, "utf-8")

    yield write
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", "").startswith(str(tmp_path)):
            del sys.modules[name]


def whole(name):
    return getattr(sys.modules[name], "whole", False)


def by_statement():
    import slow

    return slow.whole


def by_name():
    return importlib.import_module("slow").whole


def in_c():
    return pickle.loads(b"cslow\nwhole\n.")


def by_a_lazy_attribute():
    import lazy

    return lazy.slow.whole


def one_in_another():
    import outer

    return outer.slow.whole


def once_more():
    import quick

    Path(quick.__file__).write_text(SLOWER + "# longer", "utf-8")
    return importlib.reload(quick).whole


def by_hand():
    spec = importlib.util.find_spec("slow")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.whole


WAYS = [by_statement, by_name, in_c, by_a_lazy_attribute, one_in_another]
WAYS += [once_more, by_hand]


@pytest.mark.thorough
@pytest.mark.parametrize("work", WAYS, ids=lambda work: work.__name__)
def test_an_import_takes_no_time(work, write):
    write(slow=SLOWER, outer="import slow", quick="")
    write(lazy="def __getattr__(name):\n    import slow\n    return slow")
    # To find a module takes time, too: on a busy machine more than a tenth of a second.
    assert run_within(0.5, work) is True


def test_an_import_takes_no_time_of_the_cases_that_follow(write, impatient):
    write(slow=SLOW, later=SLOW)

    def solution(f, x0):
        import later  # noqa: F401
        import slow  # noqa: F401

        x = torch.tensor(x0, dtype=torch.float64, requires_grad=True)
        f(x).backward()
        return x.grad.item()

    assert check("backward/derivative", solution).state == "right"


@pytest.mark.thorough
@pytest.mark.parametrize("milliseconds", range(1, 60, 7))
def test_a_module_is_there_as_a_whole_or_not_at_all(milliseconds, write):
    write(slow=BUSY.format(0.05) + "import inner\nwhole = True", inner=SLOW)

    def work():
        for_a_while(milliseconds / 1000)
        by_statement()
        for_ever()

    threads = threading.active_count()
    assert stopped(0.03, work)
    assert soon(lambda: threading.active_count() <= threads)
    assert all(whole(name) for name in ("slow", "inner") if name in sys.modules)


@pytest.mark.thorough
@pytest.mark.parametrize("delay", np.linspace(0.02, 0.05, 9))
def test_nothing_strikes_as_an_import_begins_or_ends(delay, write):
    """All the time is spent on ways in and out, so every strike is close to one."""
    write(**{f"small_{n}": "whole = False\nwhole = True" for n in range(9)})
    names, clock, broken = [f"small_{n}" for n in range(9)], sandbox.Clock(), []

    def work():
        while True:
            for name in names:
                if name in sys.modules:
                    broken.extend([name] * (not whole(name)))
                    del sys.modules[name]
                importlib.import_module(name)

    with pytest.raises(TooSlow):
        run_within(delay - clock.importing(), work, clock)
    threads = threading.enumerate()
    assert soon(lambda: not any(each in sandbox.TIMED for each in threads))
    assert broken == [] and clock.since is None and clock.idle.acquire(blocking=False)
    assert all(whole(name) for name in names if name in sys.modules)


@pytest.mark.thorough
def test_an_import_that_never_ends_asks_for_a_restart(write, monkeypatch, impatient):
    monkeypatch.setattr("helpers.sandbox.LONG_IMPORT", 0.2)
    write(endless=ENDLESS)

    def answer(*inputs):
        import endless  # noqa: F401

        for_ever()

    threads, before = threading.active_count(), time.monotonic()
    verdict = check(NAME, answer)
    assert verdict.state == "waiting" and "restart the kernel" in verdict.sentence
    assert "still running" not in str(verdict) and time.monotonic() - before < 3
    assert "still running" in check(NAME, for_ever).sentence  # the kernel lives
    with pytest.raises(CannotDraw, match="restart the kernel"):
        show_slopes(lambda x: answer(), 0, 1)
    assert not whole("endless") and threading.active_count() > threads
    monkeypatch.setenv("LET_GO", "")
    assert soon(lambda: threading.active_count() <= threads) and whole("endless")


def test_who_restarts_is_told_why_in_both_languages(chinese):
    assert "60 秒" in sandbox.STILL_IMPORTING(seconds=sandbox.LONG_IMPORT)


def test_an_import_that_raises_is_over(write):
    write(bad=BUSY.format(0.2) + "1 / 0")

    def work():
        with contextlib.suppress(ZeroDivisionError):
            importlib.import_module("bad")
        for_ever()

    with pytest.raises(ZeroDivisionError):
        run_within(0.1, lambda: importlib.import_module("bad"))
    before = left_running()
    assert stopped(0.1, work) and left_running() <= before


def test_where_no_thread_can_start_there_is_a_sentence(monkeypatch):
    def full(thread):
        raise RuntimeError("can't start new thread")

    assert soon(lambda: not sandbox.TIMED)
    monkeypatch.setattr(threading.Thread, "start", full)
    said = "Your function raised RuntimeError: can't start new thread"
    assert check(NAME, for_ever).sentence.startswith(said) and not sandbox.TIMED


def test_what_another_thread_imports_ends_whole(write):
    write(slow=SLOW)

    def work():
        thread = threading.Thread(target=by_statement)
        thread.start()
        for_ever()

    threads = threading.active_count()
    assert stopped(0.1, work)
    assert soon(lambda: threading.active_count() <= threads) and whole("slow")


def test_importlib_is_as_before_when_nobody_is_timed():
    assert soon(lambda: not sandbox.TIMED)
    before = importlib._bootstrap._find_and_load
    assert run_within(60, lambda: importlib._bootstrap._find_and_load) is not before
    assert stopped(0.02, for_ever) and soon(lambda: not sandbox.TIMED)
    assert importlib._bootstrap._find_and_load is before


# ---- what is left ends whole ------------------------------------------------


class Around:
    def __init__(self, log):
        self.log = log

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.log.append("left")
        self.log.append("whole")


def leave_a_with(log):
    with Around(log):
        for_ever()


def leave_a_with_at_once(log):
    with Around(log):
        while True:
            pass


def leave_a_finally(log):
    try:
        while True:
            pass
    finally:
        log.append("left")
        log.append("whole")


@pytest.mark.parametrize("leave", [leave_a_with, leave_a_with_at_once, leave_a_finally])
def test_whatever_is_left_ends_whole(leave):
    log = []
    assert stopped(0.03, partial(leave, log)) and log == ["left", "whole"]


def derive(f):
    zero, one = torch.tensor(0.0), torch.tensor(1.0)
    return torch.func.jvp(f, (zero,), (one,))[1].item()


def test_forward_mode_can_be_used_after_a_strike_in_it():
    with keep_undisturbed():  # torch warns of what it imports
        assert derive(torch.sin) == 1
    assert stopped(0.03, lambda: derive(for_ever))
    assert derive(torch.sin) == 1


def as_a_library(name, text):
    """Return a function that is written in a file of Python's library."""
    file = str(Path(threading.__file__).with_name("made_up.py"))
    scope = {"time": time}
    exec(compile(text, file, "exec"), scope)
    return scope[name]


def test_a_library_is_spared_where_the_learners_code_comes_up_again(monkeypatch):
    monkeypatch.setattr(sandbox, "GRACE", 9)
    change = as_a_library(
        "change",
        "def change(log):\n"
        "    log.append('half')\n"
        "    end = time.monotonic() + 0.02\n"
        "    while time.monotonic() < end: pass\n"
        "    log.append('whole')",
    )

    def work(log):
        while True:
            change(log)
            end = time.monotonic() + 0.02
            while time.monotonic() < end:
                pass

    for seconds in np.linspace(0.03, 0.07, 5):
        log, before = [], left_running()
        assert stopped(seconds, partial(work, log)) and left_running() <= before
        assert log.count("half") == log.count("whole")


def test_what_never_leaves_a_library_is_stopped_all_the_same():
    spin = as_a_library("spin", "def spin():\n    while True: pass")
    before = left_running()
    assert stopped(0.03, spin) and left_running() <= before


def test_a_strike_that_a_finaliser_swallows_is_not_reported(monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)

    class Endless:
        def __del__(self):
            while True:
                pass

    with pytest.raises(sandbox.TooSlow):
        sandbox.run_within(0.2, lambda: [Endless()].clear())
    for thread in list(sandbox.LEFT_BEHIND):
        thread.join(10)
    assert reported == []
