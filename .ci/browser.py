"""Run every notebook in JupyterLab, in a real browser, as a reader would.

`python .ci/browser.py [notebook ...] [--screenshots DIR] [--theme dark]` needs
chromium and playwright. It works on a copy, so the stored notebooks stay as they are.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Error, Page, TimeoutError, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
SIZE = {"width": 1200, "height": 1000}
SECONDS = 120  # for one notebook
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SETTINGS = {
    # Cells that are out of sight have pictures, too.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

# Running cells before the kernel answers opens a dialogue and waits for ever.
KERNEL_IS_READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return panel?.content?.model?.cells?.length > 0 && panel.context.isReady
        && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
# Not awaited: the command ends early where a cell raises, even if the tag allows it.
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
PROGRESS = """() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const cells = panel.content.widgets.filter(cell => cell.model.type === 'code');
    return {
        idle: panel.sessionContext.session.kernel.status === 'idle',
        left: cells.filter(cell => cell.model.executionCount === null).length,
    };
}"""
# The stored numbers would say at once that every cell has run.
CLEAR_ALL = """async () => {
    await window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs');
    await window.jupyterapp.commands.execute('application:toggle-left-area');
}"""
SHUT_DOWN = "() => window.jupyterapp?.serviceManager.sessions.shutdownAll()"
# What a reader sees of each code cell.
SEEN = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => {
        const pictures = [...cell.node.querySelectorAll('.jp-OutputArea-output img')];
        const kinds = cell.model.sharedModel.getOutputs().map(output =>
            output.output_type === 'stream' ? output.name : output.output_type);
        return {
            count: cell.model.executionCount,
            kinds: kinds,
            pictures: pictures.filter(picture => picture.naturalWidth > 0).length,
            broken: pictures.filter(picture => picture.naturalWidth === 0).length,
            sliders: cell.node.querySelectorAll('.widget-slider').length,
            moved: window.movedPlayers?.has(cell.model.id) ?? false,
        };
    })"""
# Each player's «next» button must change its picture.
PLAYERS = """() => window.jupyterapp.shell.currentWidget.content.widgets
    .filter(cell => cell.node.querySelector('.widget-slider'))
    .map(cell => cell.model.id)"""
PRESS_NEXT = """id => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets
        .find(cell => cell.model.id === id);
    window.pictureBefore = cell.node.querySelector('.jp-OutputArea-output img').src;
    [...cell.node.querySelectorAll('button')].at(-1).click();
}"""
HAS_MOVED = """id => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets
        .find(cell => cell.model.id === id);
    const moved = cell.node.querySelector('.jp-OutputArea-output img').src
        !== window.pictureBefore;
    if (moved) (window.movedPlayers ??= new Set()).add(id);
    return moved;
}"""
# A line of the scoreboard leads back to its question.
LINK = "a[href^='#cell-id=']"
IS_IN_SIGHT = """id => {
    const cell = window.jupyterapp.shell.currentWidget.content.widgets
        .find(cell => cell.model.id === id);
    const {top, bottom} = cell.node.getBoundingClientRect();
    return top < window.innerHeight && bottom > 0;
}"""
PICTURES_ARE_LOADED = """() => [...document.querySelectorAll(
    '.jp-OutputArea-output img')].every(picture => picture.complete)"""
SCROLL_TO = """top => {
    const area = document.querySelector(
        '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
    area.scrollTop = top;
    return [area.scrollTop, area.clientHeight, area.scrollHeight];
}"""


class NotAsStored(Exception):
    """Say in one sentence what a reader would see."""


# ---------------------------------------------------------------- the server


@contextlib.contextmanager
def jupyter_lab(project: Path, theme: str) -> Iterator[str]:
    """Serve a project as README says, with settings of its own; give the address."""
    address = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        with log.open("w") as output:
            server = subprocess.Popen(
                command(address),
                cwd=project,
                env=environment(Path(folder), theme),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        try:
            wait_for(address, server, log)
            yield address
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


def environment(folder: Path, theme: str) -> dict[str, str]:
    settings = folder / "settings" / "@jupyterlab"
    themes = {"apputils-extension/themes": {"theme": THEMES[theme]}}
    for name, values in (SETTINGS | themes).items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    return os.environ | {
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


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
    raise NotAsStored(f"JupyterLab did not start; it said:\n{log.read_text()[-2000:]}")


def stop(server: subprocess.Popen) -> None:
    """Interrupt our own server twice, which ends its kernels, too."""
    for _ in range(2):
        server.send_signal(signal.SIGINT)
        time.sleep(0.3)
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


# ---------------------------------------------------------------- the browser


@contextlib.contextmanager
def chromium(theme: str) -> Iterator[Page]:
    """Open an empty profile in the chromium that is installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise NotAsStored("chromium is not installed; install the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        try:
            yield browser.new_page(viewport=SIZE, color_scheme=theme)
        finally:
            browser.close()


def visit(page: Page, address: str, notebook: Path) -> list[dict]:
    """Open a notebook, run all its cells, tell what is seen of each code cell."""
    # The folder of the notebook that README opens is the server's root.
    place = notebook.relative_to("notebooks").as_posix()
    try:
        page.goto(f"{address}/lab/tree/{place}?reset")
        page.wait_for_function(KERNEL_IS_READY, timeout=60_000)
        page.evaluate(CLEAR_ALL)
        page.evaluate(RUN_ALL)
        wait_for_the_last_cell(page)
        page.wait_for_function(PICTURES_ARE_LOADED, timeout=10_000)
        for player in page.evaluate(PLAYERS):
            move(page, player)
        follow_the_first_link(page)
        return page.evaluate(SEEN)
    except Error as problem:
        reason = problem.message.splitlines()[0].rstrip(".")
        raise NotAsStored(f"the notebook did not run to its end: {reason}") from None


def move(page: Page, player: str) -> None:
    """Press a player's last button, and wait a while for another picture."""
    page.evaluate(PRESS_NEXT, player)
    with contextlib.suppress(TimeoutError):  # then it has not moved, and SEEN says so
        page.wait_for_function(HAS_MOVED, arg=player, timeout=10_000)


def follow_the_first_link(page: Page) -> None:
    """Click the scoreboard's first line, and wait until its question is in sight."""
    link = page.locator(LINK).first
    question = link.get_attribute("href").partition("=")[2]
    link.click()
    try:
        page.wait_for_function(IS_IN_SIGHT, arg=question, timeout=10_000)
    except TimeoutError:
        problem = f"the scoreboard's link does not lead to the cell {question}"
        raise NotAsStored(problem) from None


def wait_for_the_last_cell(page: Page) -> None:
    """Wait until all cells have run, or none has begun while the kernel was idle."""
    start, before, since = time.monotonic(), None, 0.0
    while time.monotonic() < start + SECONDS:
        now = page.evaluate(PROGRESS)
        if now != before:
            before, since = now, time.monotonic()
        patience = 3 if now["left"] else 0
        if now["idle"] and time.monotonic() >= since + patience:
            return
        page.wait_for_timeout(100)
    raise NotAsStored(f"the notebook runs longer than {SECONDS} seconds")


def photograph(page: Page, name: str, folder: Path) -> int:
    """Save the whole notebook in slices, `name-1.png` and so on; count them."""
    top, height, whole = page.evaluate(SCROLL_TO, 0)
    number = 0
    while True:
        number += 1
        page.screenshot(path=folder / f"{name}-{number}.png")
        if top + height >= whole - 1:
            return number
        top, height, whole = page.evaluate(SCROLL_TO, top + height - 40)


# ---------------------------------------------------------------- the comparison


def code_cells(file: Path) -> list[dict]:
    cells = json.loads(file.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def compare(cells: list[dict], seen: list[dict]) -> Iterator[str]:
    """Yield one sentence for each cell that looks wrong to a reader."""
    if len(cells) != len(seen):
        yield f"{len(seen)} code cells are shown instead of {len(cells)}"
    for number, (cell, shown) in enumerate(zip(cells, seen, strict=False), 1):
        where = f"code cell {number} (id {cell['id']})"
        if not shown["count"]:
            yield f"{where} was not executed, nor what follows"
            return
        for problem in problems(cell, shown):
            yield f"{where} {problem}"


def problems(cell: dict, shown: dict) -> Iterator[str]:
    stored = sum("image/png" in output.get("data", {}) for output in cell["outputs"])
    if "error" in shown["kinds"] and "raises-exception" not in tags(cell):
        yield "raises an error"
    if "stderr" in shown["kinds"]:
        yield "writes to stderr"
    if shown["broken"]:
        yield f"shows {shown['broken']} broken pictures"
    if is_player(cell) and not shown["sliders"]:
        yield "shows no slider"
    if is_player(cell) and not shown["moved"]:
        yield "shows the same picture when its player is moved"
    if shown["pictures"] < stored:
        yield f"shows {shown['pictures']} pictures instead of {stored}"


def is_player(cell: dict) -> bool:
    texts = (output.get("data", {}).get("text/plain", "") for output in cell["outputs"])
    return any("".join(text).startswith("▷") for text in texts)


def tags(cell: dict) -> list[str]:
    return cell["metadata"].get("tags", [])


# ---------------------------------------------------------------- the command


def main() -> int:
    """Visit the notebooks, print a line for each; give the exit status."""
    options = parse()
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        project = copy_of_project(Path(folder) / "course")
        try:
            with (
                jupyter_lab(project, options.theme) as address,
                chromium(options.theme) as page,
            ):
                for notebook in options.notebooks:
                    failures += report(page, address, project, notebook, options)
        except NotAsStored as problem:
            print(problem, file=sys.stderr)
            return 1
    return int(failures > 0)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("notebooks", nargs="*", metavar="notebook")
    parser.add_argument("--screenshots", type=Path, metavar="DIR")
    parser.add_argument("--theme", choices=THEMES, default="light")
    options = parser.parse_args()
    known = [
        path.relative_to(ROOT)
        for path in sorted((ROOT / "notebooks").rglob("*.ipynb"))
        if ".ipynb_checkpoints" not in path.parts
    ]
    options.notebooks = [
        path
        for path in known
        if not options.notebooks or path.stem in map(stem, options.notebooks)
    ]
    if not options.notebooks:
        names = ", ".join(path.stem for path in known) or "none"
        parser.error(f"no such notebook; known are: {names}")
    return options


def stem(name: str) -> str:
    return Path(name).name.removesuffix(".ipynb")


def copy_of_project(target: Path) -> Path:
    """Copy the files that a reader gets; what is hidden stays behind."""
    return shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".*", "venv"))


def report(
    page: Page,
    address: str,
    project: Path,
    notebook: Path,
    options: argparse.Namespace,
) -> int:
    """Visit one notebook, print what is wrong with it or that it is right."""
    start = time.monotonic()
    cells = code_cells(project / notebook)
    name = "-".join(notebook.with_suffix("").parts[1:])
    try:
        found = list(compare(cells, visit(page, address, notebook)))
    except NotAsStored as problem:
        found = [str(problem)]
    slices = save_slices(page, name, options.screenshots)
    page.evaluate(SHUT_DOWN)
    for problem in found:
        print(f"{notebook}: {problem}.", file=sys.stderr, flush=True)
    verdict = "wrong" if found else "right"
    seconds = time.monotonic() - start
    summary = f"{len(cells)} code cells, {slices} screenshots, {seconds:.0f} s"
    print(f"{name}: {verdict}, {summary}", flush=True)
    return len(found)


def save_slices(page: Page, name: str, folder: Path | None) -> int:
    if folder is None:
        return 0
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return photograph(page, name, folder)
    except Error:  # the page shows no notebook; then what it shows is the evidence
        page.screenshot(path=folder / f"{name}-1.png")
        return 1


if __name__ == "__main__":
    sys.exit(main())
