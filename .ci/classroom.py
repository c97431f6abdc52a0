"""Let twelve learners run a notebook at once on one JupyterHub, and weigh each of them.

`python .ci/classroom.py [--learners 12] [--notebook 02_backward]` needs what
.ci/requirements.txt and requirements.txt install, `pip install jupyterhub psutil`, and
npm, for the hub's proxy. All stays on 127.0.0.1 and in a temporary folder.
"""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
PROXY = "configurable-http-proxy@5"
PATIENCE = 600  # seconds for the whole class
SETTINGS = """\
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.cleanup_servers = True
c.Authenticator.allow_all = True
c.SimpleLocalProcessSpawner.home_dir_template = "{homes}/{{username}}"
c.Spawner.cmd = ["{python}", "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"]
c.Spawner.http_timeout = c.Spawner.start_timeout = 300
c.JupyterHub.services = [{{"name": "teacher", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [{{
    "name": "teacher",
    "services": ["teacher"],
    "scopes": ["admin:users", "admin:servers", "access:servers"],
}}]
"""


@dataclass(frozen=True)
class Weight:
    """Hold what one learner costs: seconds to the last output, megabytes at the end."""

    seconds: float
    kernel: float
    server: float


@dataclass(frozen=True)
class Hub:
    """Hold where a hub is, and the token that may do everything there."""

    address: str
    token: str
    process: int

    async def ask(self, method: str, path: str, body: dict | None = None) -> object:
        request = HTTPRequest(
            f"http://{self.address}{path}",
            method=method,
            headers={"Authorization": f"token {self.token}"},
            body=json.dumps(body or {}) if method == "POST" else None,
            request_timeout=PATIENCE,
        )
        answer = await AsyncHTTPClient(max_clients=100).fetch(request)
        return json.loads(answer.body or "null")

    async def connect(self, path: str) -> WebSocketClientConnection:
        headers = {"Authorization": f"token {self.token}"}
        request = HTTPRequest(f"ws://{self.address}{path}", headers=headers)
        return await websocket_connect(request, max_message_size=1 << 28)


# ---------------------------------------------------------------- the hub


@contextlib.contextmanager
def hub(folder: Path, learners: list[str]) -> Iterator[Hub]:
    """Serve a hub where every learner has a clone of the course."""
    proxy = installed_proxy(folder)
    for name in learners:
        home = folder / "homes" / name
        ignored = shutil.ignore_patterns(".*", "venv", "__pycache__")
        shutil.copytree(ROOT, home / "course", ignore=ignored)
    port, inner, api = free_ports(3)
    token = secrets.token_hex(16)
    (folder / "config.py").write_text(
        SETTINGS.format(
            port=port,
            hub=inner,
            api=api,
            proxy=proxy,
            homes=folder / "homes",
            python=sys.executable,
            token=token,
        )
    )
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", "config.py"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
    try:
        yield Hub(f"127.0.0.1:{port}", token, process.pid)
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        for child in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        process.kill()


def installed_proxy(folder: Path) -> Path:
    if shutil.which("npm") is None:
        sys.exit("npm is missing, which brings the hub's proxy; install Node.js.")
    command = ["npm", "install", "--silent", "--prefix", str(folder / "npm"), PROXY]
    subprocess.run(command, check=True)
    return folder / "npm" / "node_modules" / ".bin" / "configurable-http-proxy"


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


async def answers(place: Hub) -> None:
    """Wait until the hub answers."""
    for _ in range(300):
        with contextlib.suppress(OSError, HTTPClientError):
            await place.ask("GET", "/hub/api/")
            return
        await asyncio.sleep(0.2)
    raise TimeoutError("the hub does not answer")


# ---------------------------------------------------------------- a learner


async def learn(place: Hub, name: str, cells: list, seen) -> Weight:
    """Start a learner's server, run all cells in one kernel, and weigh both."""
    await place.ask("POST", f"/hub/api/users/{name}")
    await place.ask("POST", f"/hub/api/users/{name}/server")
    while (
        not (await place.ask("GET", f"/hub/api/users/{name}"))["servers"]
        .get("", {})
        .get("ready")
    ):
        await asyncio.sleep(0.2)
    started = time.monotonic()
    session = {
        "path": "course/notebooks/02_backward.ipynb",
        "name": "lesson",
        "type": "notebook",
        "kernel": {"name": "python3"},
    }
    made = await place.ask("POST", f"/user/{name}/api/sessions", session)
    channel = f"/user/{name}/api/kernels/{made['kernel']['id']}/channels"
    connection = await place.connect(channel)
    for cell in cells:
        await run(connection, name, cell)
        seen.update()
    seconds = time.monotonic() - started
    return Weight(seconds, *megabytes(place, name, made["kernel"]["id"]))


async def run(connection, name: str, cell) -> None:
    """Run one cell to its end; an error must be an announced one."""
    message = {
        "header": {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "username": name,
            "session": name,
            "version": "5.3",
        },
        "parent_header": {},
        "metadata": {},
        "channel": "shell",
        "content": {
            "code": cell.source,
            "silent": False,
            "store_history": True,
            "allow_stdin": False,
            "stop_on_error": False,
        },
    }
    await connection.write_message(json.dumps(message))
    replied = idle = False
    while not (replied and idle):
        heard = json.loads(await connection.read_message())
        if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        kind, content = heard["msg_type"], heard["content"]
        idle |= kind == "status" and content["execution_state"] == "idle"
        if kind == "execute_reply":
            replied = True
            announced = "raises-exception" in cell.metadata.get("tags", [])
            if (content["status"] == "error") != announced:
                raise RuntimeError(f"{name}, cell {cell.id}: {content}")


def megabytes(place: Hub, name: str, kernel: str) -> tuple[float, float]:
    """Return the proportional share of memory of a learner's kernel and server."""
    found = {"kernel": 0.0, "server": 0.0}
    for process in psutil.Process(place.process).children(recursive=True):
        with contextlib.suppress(psutil.ZombieProcess, psutil.NoSuchProcess):
            words = " ".join(process.cmdline())
            own = process.environ().get("JUPYTERHUB_USER") == name
            part = "kernel" if kernel in words else "server" if own else ""
            if part and (part == "kernel" or "singleuser" in words):
                found[part] += process.memory_full_info().pss / 1e6
    return found["kernel"], found["server"]


# ---------------------------------------------------------------- the class


async def lesson(place: Hub, learners: list[str], cells: list, what: str) -> None:
    """Let all learners run the cells at once, and print what that costs."""
    await answers(place)
    with tqdm(total=len(cells) * len(learners), desc=what, disable=None) as seen:
        tasks = [learn(place, name, cells, seen) for name in learners]
        weights = await asyncio.wait_for(asyncio.gather(*tasks), PATIENCE)
    seconds = [weight.seconds for weight in weights]
    kernel = statistics.median(weight.kernel for weight in weights)
    server = statistics.median(weight.server for weight in weights)
    print(
        f"{what:16} {len(weights)} of {len(learners)} learners finish; "
        f"seconds each: median {statistics.median(seconds):.1f}, "
        f"longest {max(seconds):.1f}; "
        f"MB each: kernel {kernel:.0f}, Jupyter server {server:.0f}"
    )


def main() -> int:
    options = parsed()
    path = ROOT / "notebooks" / f"{options.notebook}.ipynb"
    book = nbformat.read(path, 4)
    lessons = {
        "import torch": [nbformat.v4.new_code_cell("import torch")],
        options.notebook: [cell for cell in book.cells if cell.cell_type == "code"],
    }
    learners = [f"learner{number}" for number in range(options.learners)]
    for what, cells in lessons.items():
        with (
            tempfile.TemporaryDirectory() as folder,
            hub(Path(folder), learners) as place,
        ):
            asyncio.run(lesson(place, learners, cells, what))
    return 0


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--learners", type=int, default=12)
    parser.add_argument("--notebook", default="02_backward")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
