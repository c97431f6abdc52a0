"""Import all that a notebook needs once, then be forked into one kernel after another.

`kernels` starts this file as a program of its own, which has neither pytest nor a
client nor a second thread in it. Both sides write one line of JSON at a time:

    {"cwd": …, "env": …, "argv": …}    start a kernel; the answer is its process id
    4711                               has it ended? its exit status, or null

The first line that comes back says whether forking works here. Where the pipe ends,
the kernels end.
"""

import gc
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

ROOT = str(Path(__file__).resolve().parents[2])
# What a kernel, its first cell and its first picture import.
MODULES = (
    "torch",
    "torch._dynamo",  # by the first optimizer
    "ipywidgets",  # by the first quiz
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "matplotlib_inline.backend_inline",
    "helpers.en",
    "helpers.lessons",
)


def main() -> None:
    sys.path[0] = ROOT  # for our own imports alone
    # What ipykernel reads when it is imported: a kernel ends when we have.
    os.environ["JPY_PARENT_PID"] = str(os.getpid())
    can_fork = try_fork()
    reply(can_fork)
    if can_fork:
        become_kernel(**serve())


def import_modules() -> None:
    for name in MODULES:
        import_module(name)
    import helpers

    for name in helpers.__all__:
        getattr(helpers, name)


def try_fork() -> bool:
    """Import all, and tell whether a fork can go on with it."""
    if not hasattr(os, "fork"):
        return False
    import_modules()
    gc.freeze()  # a fork that ends would go through all that was imported
    try:
        child = os.fork()
    except OSError:
        return False
    if child == 0:
        os._exit(int(sys.modules["torch"].ones(2).sum()) - 2)
    return os.waitpid(child, 0)[1] == 0


# ---------------------------------------------------------------- the parent


def reply(answer: object) -> None:
    print(json.dumps(answer), flush=True)


def serve() -> dict:
    """Answer until the pipe ends; return only in a child, with what was asked for."""
    running: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if isinstance(order, int):
            reply(exit_status(order, running))
            continue
        child = os.fork()
        if child == 0:
            return order
        with suppress(OSError):  # it has ended already
            os.setpgid(child, child)  # what it starts is interrupted and ended with it
        running.add(child)
        reply(child)
    for child in running:
        os.killpg(child, signal.SIGKILL)
    sys.exit()


def exit_status(child: int, running: set[int]) -> int | None:
    """Return how a child ended, or None while it runs."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if not ended:
        return None
    running.discard(child)
    return os.waitstatus_to_exitcode(status)


# ---------------------------------------------------------------- the child


def become_kernel(cwd: str, env: dict[str, str], argv: list[str]) -> None:
    """Go on as `python -m ipykernel_launcher` would in this folder and environment."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    del sys.path[0]
    sys.meta_path.insert(0, Imported())
    sys.modules["numpy"].random.seed()  # Python's own is seeded afresh by itself
    sys.argv = ["ipykernel_launcher", *argv]
    sys.modules["ipykernel.kernelapp"].launch_new_instance()


class Imported(MetaPathFinder, Loader):
    """Give our helpers without running them again, where the notebook would find them.

    A notebook that fails to put the course on its path is to fail here as well.
    """

    def __init__(self):
        ours = [name for name in sys.modules if name.partition(".")[0] == "helpers"]
        self.modules = {name: sys.modules.pop(name) for name in ours}
        # What is right is kept where a kernel begins: read as this module is imported.
        self.modules["helpers.checking.progress"].__dict__["_START"] = Path.cwd()

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: object = None
    ) -> ModuleSpec | None:
        if name not in self.modules:
            return None
        found = PathFinder.find_spec(name, path)
        if found and found.origin == self.modules[name].__file__:
            found.loader = self
            return found
        return None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return self.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """Do nothing: it has run."""


if __name__ == "__main__":
    main()
