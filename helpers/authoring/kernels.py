"""Start kernels in our own Python: forks of a warm process, or new processes.

A new kernel imports PyTorch and the helpers for a second or two; a fork of a process
that has done so is there at once, and knows no more than a new one (see warm.py).
Where there is no fork, or where COLD is set in the environment, each kernel is new.
"""

import atexit
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ipykernel.kernelspec import get_kernel_dict
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import LocalProvisioner

from ..live import STILL

COLD = "AUTOGRAD_COURSE_COLD_KERNELS"
WARM = Path(__file__).with_name("warm.py")
LAUNCHER = "ipykernel_launcher"  # as in `python -m ipykernel_launcher -f …`
# What is set for one kernel alone, and read when it starts, or later.
OF_ONE_KERNEL = ("IPYTHONDIR", "JPY_SESSION_NAME", "PYTEST_CURRENT_TEST", STILL)


class WarmProcess:
    """Hold the process to be forked, and the pipe to it."""

    def __init__(self, python: tuple[str, ...], environment: dict[str, str]):
        self.process = subprocess.Popen(
            [*python, str(WARM)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,  # Ctrl-C is for us alone
        )
        atexit.register(self.process.communicate)  # the pipe's end is its end
        assert self.process.stdin and self.process.stdout
        self.orders, self.answers = self.process.stdin, self.process.stdout

    @cache  # noqa: B019 - one for each environment, until we end
    def can_fork(self) -> bool:
        return self.read_answer() is True

    def read_answer(self) -> Any:
        """Return the next answer, or None where none will come."""
        return json.loads(self.answers.readline() or "null")

    def ask(self, order: object) -> Any:
        self.orders.write(f"{json.dumps(order)}\n")
        self.orders.flush()
        return self.read_answer()


@cache
def start_warm_process(
    owner: int, python: tuple[str, ...], environment: frozenset[tuple[str, str]]
) -> WarmProcess:
    """Start one for this process and this environment; it gets ready by itself."""
    return WarmProcess(python, dict(environment))


def find_warm_process(
    command: list[str], environment: Mapping[str, str]
) -> WarmProcess | None:
    """Return the one whose environment differs in nothing that an import reads."""
    if environment.get(COLD):
        return None
    python = command[: command.index(LAUNCHER) - 1]  # with its options, without -m
    shared = {*environment.items()}
    shared -= {(name, environment.get(name)) for name in OF_ONE_KERNEL}
    return start_warm_process(os.getpid(), tuple(python), frozenset(shared))


def prepare_forks(environment: Mapping[str, str]) -> None:
    """Let the imports begin, so that the first kernel need not wait for them."""
    find_warm_process(get_kernel_dict()["argv"], environment)


class Fork:
    """Be to jupyter_client what the `subprocess.Popen` of a new kernel would be."""

    stdin = stdout = stderr = None
    returncode: int | None = None

    def __init__(self, warm: WarmProcess, **order: object):
        self.warm, self.pid = warm, warm.ask(order)

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                self.returncode = self.warm.ask(self.pid)
            except OSError:  # the warm process has ended, and its forks with it
                self.returncode = -signal.SIGKILL
        return self.returncode

    def wait(self) -> None:
        while self.poll() is None:
            time.sleep(0.005)

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Provisioner(LocalProvisioner):
    """Fork a kernel where that works; else start a process, as its parent does."""

    process: subprocess.Popen | Fork | None = None  # type: ignore[assignment]

    async def launch_kernel(
        self, cmd: list[str], **options: Any
    ) -> KernelConnectionInfo:
        environment = {**options["env"]}
        # A kernel that knows of a test drops what programs print.
        environment.pop("PYTEST_CURRENT_TEST", None)
        warm = find_warm_process(cmd, environment)
        if warm is None or not warm.can_fork():
            return await super().launch_kernel(cmd, **options | {"env": environment})
        folder = self.cwd = str(options.get("cwd") or Path.cwd())
        self.process = Fork(
            warm, cwd=folder, env=environment, argv=cmd[cmd.index(LAUNCHER) + 1 :]
        )
        self.pid = self.pgid = self.process.pid
        return self.connection_info

    async def kill(self, restart: bool = False) -> None:
        """Kill, and wait here: our parents look only each tenth of a second."""
        await super().kill(restart)
        if self.process:
            self.process.wait()

    async def wait(self) -> int | None:
        """Wait without the tenth of a second that the parent sleeps."""
        if self.process:
            self.process.wait()
        return await super().wait()


class OurPython(KernelManager):
    """Start kernels for nbval in our interpreter, whatever `python3` is elsewhere."""

    def __init__(self, **traits: Any):
        super().__init__(**traits)
        self.provisioner = Provisioner(kernel_spec=self.kernel_spec, parent=self)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(**get_kernel_dict())


class OurPythonAsync(OurPython, AsyncKernelManager):
    """Start them for nbclient."""
