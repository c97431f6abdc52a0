"""A kernel that is forked knows no more, and ends no later, than one that is new."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from helpers.authoring import kernels
from helpers.authoring.execute import KERNEL_ENVIRONMENT, execute_notebook
from helpers.authoring.notebook import NOTEBOOKS

ROOT = NOTEBOOKS.parent
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="asks about forks")


@pytest.fixture(autouse=True)
def forks_are_allowed(monkeypatch):
    """Ask about forks, also where all the other tests do without them."""
    monkeypatch.delenv(kernels.COLD, raising=False)


def ask(source, folder=NOTEBOOKS):
    """Return what an expression is in the first cell of a fresh kernel."""
    book = new_notebook(cells=[new_code_cell(source)])
    (cell,) = execute_notebook(book, folder).cells
    return ast.literal_eval(cell.outputs[-1].data["text/plain"])


# What a notebook can see of its kernel before it has done anything.
SIGHT = """\
import gc, os, signal, sys, threading
own = ("IPYTHONDIR", "JPY_PARENT_PID")
dict(
    environment=sorted(it for it in os.environ.items() if it[0] not in own),
    folder=os.getcwd(),
    path=sys.path,
    flags=(*sys.flags,),
    arguments=(len(sys.argv), sys.argv[1]),
    names=sorted(name for name in globals() if not name.startswith("_i")),
    hash=hash("a"),
    threads=sorted(type(thread).__name__ for thread in threading.enumerate()),
    signals=[str(signal.getsignal(it)) for it in (signal.SIGINT, signal.SIGTERM)],
    limits=(sys.getrecursionlimit(), gc.get_threshold(), gc.isenabled()),
    ours=sorted(it for it in sys.modules if it.split(".")[0] == "helpers"),
    tests=sorted({"pytest", "nbval", "nbclient", "nbformat"} & {*sys.modules}),
    group=os.getpgid(0) == os.getpid(),
    streams=(sys.stdin.encoding, sys.stdout.encoding, os.read(0, 1)),
)"""


def test_a_fork_sees_what_a_new_kernel_sees(monkeypatch):
    forked = ask(SIGHT)
    monkeypatch.setenv(kernels.COLD, "1")
    new = ask(SIGHT)
    new["environment"].remove((kernels.COLD, "1"))
    for name in new:
        assert forked[name] == new[name], name
    assert forked["ours"] == forked["tests"] == []
    assert "PYTEST_CURRENT_TEST" not in dict(forked["environment"])


def test_what_is_right_is_kept_where_the_fork_began():
    begin = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    where = "from helpers.checking import progress; str(progress._START)"
    assert ask(f"{begin}; {where}") == str(NOTEBOOKS)


def test_forks_share_no_dice():
    dice = "import random, numpy; (random.random(), numpy.random.random())"
    assert not {*ask(f"{dice}")} & {*ask(dice)}


def test_what_programs_print_is_an_output_of_a_fork(tmp_path):
    book = new_notebook(cells=[new_code_cell("import os\n_ = os.system('echo said')")])
    (cell,) = execute_notebook(book, tmp_path).cells
    assert [output.text for output in cell.outputs] == ["said\n"]


def test_the_helpers_are_found_only_where_a_new_kernel_would_find_them(tmp_path):
    find = (
        "from importlib.util import find_spec; getattr(find_spec('helpers'), {!r}, 0)"
    )
    assert ask(find.format("origin"), tmp_path) == 0
    (tmp_path / "helpers.py").touch()
    assert ask(find.format("origin"), tmp_path) == str(tmp_path / "helpers.py")
    ours = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import helpers.lessons as it"
    )
    home = str(ROOT / "helpers" / "lessons" / "__init__.py")
    assert ask(f"{ours}; it.__file__", tmp_path) == home


# ---------------------------------------------------------------- its process


@pytest.fixture
def start(monkeypatch):
    """Give what starts a kernel, and end them all."""
    for name, value in KERNEL_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    managers = []

    def start_kernel():
        managers.append(kernels.OurPython())
        managers[-1].start_kernel(stderr=subprocess.DEVNULL)
        return managers[-1]

    yield start_kernel
    for manager in managers:
        manager.shutdown_kernel(now=True)


def warm_of(manager):
    return manager.provisioner.process.warm


def is_running(process):
    """Tell whether a process is there and no zombie."""
    said = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(process)], text=True, capture_output=True
    )
    return said.stdout.strip()[:1] not in ("", "Z")


def wait_for_end(*processes):
    for _ in range(200):
        if not any(map(is_running, processes)):
            return
        time.sleep(0.1)
    pytest.fail(f"{processes} go on")


@pytest.mark.thorough
def test_one_warm_process_serves_all_kernels_of_an_environment(start, monkeypatch):
    first, second = start(), start()
    assert warm_of(first) is warm_of(second)
    monkeypatch.setenv("PYTHONHASHSEED", "1")
    assert warm_of(start()) is not warm_of(first)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_the_warm_process_has_one_thread(start):
    warm = warm_of(start()).process.pid
    assert len([*Path(f"/proc/{warm}/task").iterdir()]) == 1


def test_a_fork_that_is_ended_or_ends_itself_leaves_nothing_behind(start):
    ended, killed = start(), start()
    pids = [manager.provisioner.pid for manager in (ended, killed)]
    assert all(manager.is_alive() for manager in (ended, killed))
    os.kill(pids[1], signal.SIGKILL)
    ended.shutdown_kernel(now=True)
    assert not ended.is_alive()
    wait_for_end(*pids)
    assert not killed.is_alive()
    assert killed.provisioner.process.returncode == -signal.SIGKILL


SLEEPS = """\
import subprocess
asleep = subprocess.Popen(["sleep", "99"])
print(asleep.pid)
asleep.wait()
"""


def test_a_fork_is_interrupted_with_what_it_has_started(start):
    manager = start()
    client = manager.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    asked = client.execute(SLEEPS)
    while (message := client.get_iopub_msg(timeout=60))["msg_type"] != "stream":
        pass
    asleep = int(message["content"]["text"])
    assert is_running(asleep)
    manager.interrupt_kernel()
    replies = iter(lambda: client.get_shell_msg(timeout=60), None)
    # On a busy machine, answers to whether it is ready come late.
    reply = next(it for it in replies if it["parent_header"]["msg_id"] == asked)
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    assert not is_running(asleep)
    client.stop_channels()


ORPHANS = """\
import sys, time
from helpers.authoring import kernels
manager = kernels.OurPython()
manager.start_kernel()
print(manager.provisioner.pid, manager.provisioner.process.warm.process.pid)
sys.stdout.flush()
time.sleep(99)
"""


@pytest.mark.thorough
def test_when_we_are_killed_the_forks_and_the_warm_process_end():
    command = [sys.executable, "-c", ORPHANS]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as us:
        forked, warm = map(int, us.stdout.readline().split())
        assert is_running(forked) and is_running(warm)
        us.kill()
    wait_for_end(forked, warm)


FORKLESS = {
    "has no fork": "import os\ndel os.fork",
    "refuses to fork": "import os\ndef fork(): raise OSError\nos.fork = fork",
    "breaks what it forks": (
        "import os\nreal = os.fork\n"
        "def fork():\n    return real() or os.abort()\n"
        "os.fork = fork"
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("program", FORKLESS.values(), ids=FORKLESS)
def test_where_forking_does_not_work_a_kernel_is_a_new_process(
    program, start, tmp_path, monkeypatch
):
    (tmp_path / "sitecustomize.py").write_text(program)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert isinstance(start().provisioner.process, subprocess.Popen)


def test_a_variable_forbids_forks(start, monkeypatch):
    monkeypatch.setenv(kernels.COLD, "1")
    assert isinstance(start().provisioner.process, subprocess.Popen)
