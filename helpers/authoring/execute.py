"""Run a notebook in a fresh kernel, offline, the same way on every machine."""

import copy
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from ..checking.progress import PLACE
from ..live import STILL
from .kernels import OurPythonAsync
from .notebook import NOTEBOOKS

# authoring/plugin.py reads these too: what is stored here is compared there.
KERNEL_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",  # two threads add the same numbers in another order
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONSTARTUP": "",  # IPython runs that file in every kernel
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger warns on stderr
    STILL: "1",  # nobody moves a slider here: see player.py
    PLACE: "",  # and nobody learns: see progress.py
}
CELL_TIMEOUT = 50  # seconds

# IPython's start-up file in our kernels: what a notebook shows is not fetched.
OFFLINE = """\
def _offline():
    import sys

    def refuse(event, arguments):
        if event == "socket.connect":
            host = arguments[1][0] if type(arguments[1]) is tuple else "localhost"
        elif event == "socket.getaddrinfo":
            host = arguments[0]
        else:
            return
        if str(host) not in ("localhost", "127.0.0.1", "::1"):
            raise OSError(f"Notebooks are run offline, so {host} is not reached.")

    sys.addaudithook(refuse)


_offline()
del _offline
"""


class CannotRefresh(Exception):
    """Say in one sentence why a notebook stays as it is."""


# ---------------------------------------------------------------- execute


def execute_notebook(
    notebook: NotebookNode,
    folder: Path = NOTEBOOKS,
    progress: Callable[[list], Iterable] = iter,
) -> NotebookNode:
    """Run all cells in order in a fresh kernel that works in `folder`.

    Raises CannotRefresh at the first error in a cell without the tag raises-exception.
    """
    executed = copy.deepcopy(notebook)
    client = NotebookClient(
        executed,
        kernel_manager_class=OurPythonAsync,
        timeout=CELL_TIMEOUT,
        record_timing=False,
        store_widget_state=False,
        shutdown_kernel="immediate",
    )
    with tempfile.TemporaryDirectory() as profile:
        environment = os.environ | kernel_environment(Path(profile))
        # What a cell writes to stderr is an output; the rest is the kernel's own log.
        place = {"cwd": str(folder), "env": environment, "stderr": subprocess.DEVNULL}
        with client.setup_kernel(**place):
            for position, cell in enumerate(progress(executed.cells)):
                run_cell(client, cell, position)
    return executed


def kernel_environment(folder: Path) -> dict[str, str]:
    """Return what decides what a kernel shows, with an IPython profile in `folder`.

    The author's own profile and its start-up files stay out.
    """
    startup = folder / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "offline.py").write_text(OFFLINE, "utf-8")
    return KERNEL_ENVIRONMENT | {"IPYTHONDIR": str(folder)}


def describe_place(cell: NotebookNode, position: int) -> str:
    """Say which cell it is."""
    return f"cell {position + 1} (id {cell.get('id')})"


def run_cell(client: NotebookClient, cell: NotebookNode, position: int) -> None:
    """Run one cell, and turn what may go wrong into a sentence."""
    where = describe_place(cell, position)
    try:
        client.execute_cell(cell, position)
    except CellExecutionError as error:
        last = f"{error.ename}: {error.evalue}".splitlines()[-1]
        raise CannotRefresh(
            f"{where} raises «{last}»; mend it, or tag it raises-exception if the "
            "error is the lesson."
        ) from None
    except CellTimeoutError:
        raise CannotRefresh(
            f"{where} runs longer than {CELL_TIMEOUT} seconds; make it shorter."
        ) from None
    except DeadKernelError:
        raise CannotRefresh(f"{where} killed the kernel; mend it.") from None
