"""Share trials among the cores, each in a child of its own."""

import math
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from helpers.tests.notebooks.replay import in_a_child

WORKERS = os.cpu_count() or 1
LONGEST = 6 * 3600  # seconds for a share
PATIENCE = 3  # seconds for a cell; none of the course takes more than one and a half


def shared(trial: Callable[[list], list], things: list) -> list:
    """Deal things out to as many children as there are cores; join their answers."""
    shares = [things[worker::WORKERS] for worker in range(WORKERS)]
    tasks = [partial(trial, share) for share in shares if share]
    with ThreadPoolExecutor(WORKERS) as pool:
        lists = pool.map(partial(in_a_child, seconds=LONGEST), tasks)
        return [each for answers in lists for each in answers]


def limit_own_time() -> None:
    """Let Linux end this process when it works for too long from now on.

    The clock on the wall would also end a harmless mutant on a busy machine, and call
    it noticed.
    """
    until = math.ceil(time.process_time()) + PATIENCE
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def forget_helpers() -> None:
    """Let helpers be imported afresh, in a child."""
    for name in [name for name in sys.modules if name.split(".")[0] == "helpers"]:
        del sys.modules[name]
