"""Share trials among the cores, each in a child of its own."""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from helpers.tests.notebooks.replay import in_a_child

WORKERS = os.cpu_count() or 1
LONGEST = 6 * 3600  # seconds for a share
PATIENCE = 1  # seconds beyond three times what a cell takes; most take 0.03


def shared(trial: Callable[[list], list], things: list) -> list:
    """Deal things out to as many children as there are cores; join their answers."""
    shares = [things[worker::WORKERS] for worker in range(WORKERS)]
    tasks = [partial(trial, share) for share in shares if share]
    with ThreadPoolExecutor(WORKERS) as pool:
        lists = pool.map(partial(in_a_child, seconds=LONGEST), tasks)
        return [each for answers in lists for each in answers]


def limit_own_time(usual: float) -> None:
    """Let a signal end this process when it works for too long from now on.

    The clock on the wall would also end a harmless mutant on a busy machine, and call
    it noticed.
    """
    signal.setitimer(signal.ITIMER_PROF, PATIENCE + 3 * usual)


def forget_helpers() -> None:
    """Let helpers be imported afresh, in a child."""
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        del sys.modules[name]
