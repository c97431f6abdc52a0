"""A JupyterLab of our own, as README starts it, with settings of its own."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

from helpers.checking import progress
from helpers.live import STILL

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = {
    # Cells that are out of sight have pictures, too.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# For the copy's own kernels, which find the helpers where its notebooks do.
WARM = """\
import sys
sys.path.insert(0, {course!r})
c.AsyncMappingKernelManager.kernel_manager_class = (
    "helpers.tests.browser.forks.WarmKernelManager"
)
"""


class CannotStart(Exception):
    """Say why there is no JupyterLab."""


class Server(NamedTuple):
    """Hold where JupyterLab answers, and the copy of the project that it serves."""

    address: str
    course: Path

    def begin_afresh(self, notebook: Path, book: NotebookNode | None = None) -> None:
        """Serve a notebook as it is stored, or a given one, to who comes anew."""
        if book is None:
            shutil.copy(ROOT / notebook, self.course / notebook)
        else:
            nbformat.write(book, self.course / notebook)
        (self.course / "notebooks" / progress.NAME).unlink(missing_ok=True)


@contextlib.contextmanager
def jupyter_lab() -> Iterator[Server]:
    """Serve a copy of the project."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        hidden = shutil.ignore_patterns(".*", "venv", "__pycache__")
        shutil.copytree(ROOT, place / "course", ignore=hidden)
        (place / "config").mkdir()
        settings = WARM.format(course=str(place / "course"))
        (place / "config" / "jupyter_server_config.py").write_text(settings)
        address = f"http://127.0.0.1:{free_port()}"
        with (place / "log").open("w") as output:
            server = subprocess.Popen(
                command(address),
                cwd=place / "course",
                env=environment(place),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_for(address, server, place / "log")
            yield Server(address, place / "course")
        finally:
            stop(server)


def command(address: str) -> list[str]:
    return [
        *(sys.executable, "-m", "jupyter", "lab", "notebooks/01_requires_grad.ipynb"),
        *("--no-browser", "--allow-root", "--expose-app-in-browser"),
        *("--ip=127.0.0.1", f"--port={address.rpartition(':')[2]}"),
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
    ]


def environment(folder: Path) -> dict[str, str]:
    settings = folder / "settings" / "@jupyterlab"
    for name, values in SETTINGS.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    own = {
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
    }
    # authoring/plugin.py's settings are for kernels in which nobody learns.
    foreign = (STILL, progress.PLACE, "PYTEST_CURRENT_TEST")
    kept = {key: value for key, value in os.environ.items() if key not in foreign}
    return kept | {key: str(folder / name) for key, name in own.items()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/api", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise CannotStart(f"JupyterLab did not start; it said:\n{log.read_text()[-2000:]}")


def stop(server: subprocess.Popen) -> None:
    """Ask our own server to end, which ends its kernels, too."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
