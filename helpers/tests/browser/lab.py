"""One notebook in JupyterLab, as a learner sees and uses it."""

import os
import time
from pathlib import Path

SECONDS = 120  # for one notebook

PANEL = "window.jupyterapp.shell.currentWidget"
CELL = f"{PANEL}.content.widgets.find(cell => cell.model.id === id)"
# Running cells before the kernel answers opens a dialogue and waits for ever.
KERNEL_IS_READY = """() => {
    const panel = window.jupyterapp?.shell.currentWidget;
    const kernel = panel?.sessionContext?.session?.kernel;
    return panel?.content?.model?.cells?.length > 0 && panel.context.isReady
        && kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
# Not awaited: the command ends early where a cell raises, even if the tag allows it.
RUN_ALL = "() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }"
PROGRESS = f"""() => {{
    const cells = {PANEL}.content.widgets.filter(cell => cell.model.type === 'code');
    return {{
        idle: {PANEL}.sessionContext.session.kernel.status === 'idle',
        all: cells.length,
        left: cells.filter(cell => cell.model.executionCount === null).length,
    }};
}}"""
HIDE_FILES = "() => window.jupyterapp.commands.execute('application:toggle-left-area')"
# The stored numbers would say at once that every cell has run.
CLEAR = "() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
# As the menu does: where no kernel is left, a new one is started.
RESTART = f"""() => {{
    const context = {PANEL}.sessionContext;
    return context.session?.kernel
        ? context.restartKernel()
        : context.changeKernel({{name: context.prevKernelName}});
}}"""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WORN = "() => document.body.dataset.jpThemeName"
# As the menu of settings does.
WEAR = """theme => {
    window.jupyterapp.commands.execute('apputils:change-theme', {theme});
}"""
STOP = f"() => {PANEL}.sessionContext.shutdown()"
SAVE = f"() => {PANEL}.context.save()"
SHUT_DOWN = "() => window.jupyterapp?.serviceManager.sessions.shutdownAll()"
# What was merely opened counts as changed: each asks whether to save it.
LEAVE = """() => {
    for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
        if (widget.context) widget.context.model.dirty = false;
        widget.close();
    }
}"""
IS_LEFT = """() => ![...window.jupyterapp.shell.widgets('main')]
    .some(widget => widget.context) && !document.querySelector('.jp-Dialog')"""
OPEN = """path => {
    window.jupyterapp.commands.execute('docmanager:open', {path});
}"""
SHOWN = "[...cell.node.querySelectorAll('.jp-OutputArea-output')]"
SHOWN += ".map(output => output.innerText).join('\\n')"
# What a reader sees of every cell besides its code: prose, outputs, and the first line
# of a hidden output. Closed <details> show their summary alone.
PARTS = ".jp-RenderedMarkdown, .jp-OutputArea-output, .jp-Placeholder-content"
VISIBLE = f"""() => {PANEL}.content.widgets.map(cell =>
    [...cell.node.querySelectorAll('{PARTS}')]
        .map(part => part.innerText).join('\\n'))"""
# What a reader sees of each code cell.
SEEN = f"""() => {PANEL}.content.widgets
    .filter(cell => cell.model.type === 'code')
    .map(cell => {{
        const pictures = [...cell.node.querySelectorAll('.jp-OutputArea-output img')];
        return {{
            id: cell.model.id,
            count: cell.model.executionCount,
            kinds: cell.model.sharedModel.getOutputs().map(output =>
                output.output_type === 'stream' ? output.name : output.output_type),
            pictures: pictures.filter(picture => picture.naturalWidth > 0).length,
            broken: pictures.filter(picture => picture.naturalWidth === 0).length,
            sliders: cell.node.querySelectorAll('[data-player] input').length,
            text: {SHOWN},
            hidden: cell.outputHidden,
        }};
    }})"""
PICTURES_ARE_LOADED = """() => [...document.querySelectorAll(
    '.jp-OutputArea-output img')].every(picture => picture.complete)"""
SELECT = f"""id => {{
    const content = {PANEL}.content;
    content.activeCellIndex = content.widgets.findIndex(cell => cell.model.id === id);
    content.mode = 'command';
    content.node.focus();
}}"""
SOURCE = f"id => {CELL}.model.sharedModel.getSource()"
COUNT = f"id => {CELL}.model.executionCount"
FORGET_COUNT = f"id => {{ {CELL}.model.executionCount = null; }}"
RUNS = f"""id => {CELL}.node.querySelector('.jp-InputPrompt').innerText.includes('*')"""
TEXT = f"id => {{ const cell = {CELL}; return {SHOWN}; }}"
PICTURE = f"id => {CELL}.node.querySelector('.jp-OutputArea-output img').src"
IS_IN_SIGHT = f"""id => {{
    const {{top, bottom}} = {CELL}.node.getBoundingClientRect();
    return top < window.innerHeight && bottom > 0;
}}"""
SCROLL_TO = """top => {
    const area = document.querySelector(
        '.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
    area.scrollTop = top;
    return [area.scrollTop, area.clientHeight, area.scrollHeight];
}"""
WATCH_MOUSE = """() => {
    window.moused = false;
    document.addEventListener('mousedown', () => { window.moused = true; });
}"""
DIALOG = "() => document.querySelector('.jp-Dialog')?.innerText"
# What is wider than its place, so that a reader would have to scroll sideways.
TOO_WIDE = f"""() => [...{PANEL}.content.node.querySelectorAll('*')]
    .filter(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0
        && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX)
        && !node.closest('.jp-InputArea-editor'))
    .map(node => node.className + ': ' + node.innerText.slice(0, 80))"""


class Lab:
    """Hold a page with JupyterLab in it."""

    def __init__(self, page, address: str):
        self.page, self.address = page, address

    def open(self, notebook: Path) -> None:
        """Open a notebook of the served copy, and wait for its kernel."""
        # The folder of the notebook that README opens is the server's root.
        place = notebook.relative_to("notebooks").as_posix()
        self.page.goto(f"{self.address}/lab/tree/{place}?reset")
        self.page.wait_for_function(KERNEL_IS_READY, timeout=60_000)
        self.page.evaluate(HIDE_FILES)
        self.wait_for_pictures()

    def wait_until_open(self, place: Path) -> None:
        """Wait until a notebook, named from the server's root, is in front."""
        in_front = f"place => {PANEL}?.context?.path === place"
        self.page.wait_for_function(in_front, arg=place.as_posix(), timeout=30_000)
        self.page.wait_for_function(KERNEL_IS_READY, timeout=60_000)

    def open_beside(self, notebook: Path) -> None:
        """Open a notebook as a click on its file does, without loading the page."""
        place = notebook.relative_to("notebooks")
        self.page.evaluate(OPEN, place.as_posix())
        self.wait_until_open(place)
        self.wait_for_pictures()

    def wear(self, theme: str) -> None:
        """Put on a theme, if the page does not wear it."""
        name = THEMES[theme]
        if self.page.evaluate(WORN) != name:
            self.page.emulate_media(color_scheme=theme)
            self.page.evaluate(WEAR, name)
            self.page.wait_for_function(f"name => ({WORN})() === name", arg=name)

    def leave(self) -> None:
        """Close all notebooks, unsaved, and end their kernels."""
        self.page.evaluate(LEAVE)
        self.page.wait_for_function(IS_LEFT, timeout=10_000)
        self.page.evaluate(SHUT_DOWN)

    def run_all(self) -> list[dict]:
        """Clear what is shown, run all cells, return what is seen of each."""
        self.clear()
        self.page.evaluate(RUN_ALL)
        self.wait_for_the_last_cell()
        self.wait_for_pictures()
        return self.seen()

    def clear(self) -> None:
        self.page.evaluate(CLEAR)

    def restart(self) -> None:
        self.page.evaluate(RESTART)
        self.page.wait_for_function(KERNEL_IS_READY, timeout=60_000)

    def save(self) -> None:
        self.page.evaluate(SAVE)

    def stop_kernel(self) -> None:
        self.page.evaluate(STOP)

    def seen(self) -> list[dict]:
        return self.page.evaluate(SEEN)

    def visible(self) -> list[str]:
        return self.page.evaluate(VISIBLE)

    def too_wide(self) -> list[str]:
        return self.page.evaluate(TOO_WIDE)

    def wait_for_pictures(self) -> None:
        self.page.wait_for_function(PICTURES_ARE_LOADED, timeout=10_000)

    def wait_for_the_last_cell(self) -> None:
        """Wait until all cells that were cleared have run, or one ended the run.

        Nothing ends a run that has not begun: on a busy machine the first cell reaches
        the kernel late.
        """
        start, before, since = time.monotonic(), None, 0.0
        while time.monotonic() < start + SECONDS:
            now = self.page.evaluate(PROGRESS)
            if now != before:
                before, since = now, time.monotonic()
            rests = now["left"] < now["all"] and time.monotonic() >= since + 10
            if now["idle"] and (rests or not now["left"]):
                return
            self.page.wait_for_timeout(100)
        dialog = self.page.evaluate(DIALOG) or "without a dialog"
        raise TimeoutError(f"after {SECONDS} seconds {before} of the cells: {dialog}")

    # ------------------------------------------------------------ one cell

    def select(self, name: str) -> None:
        """Put the keyboard's focus on a cell, as the arrow keys do."""
        self.page.evaluate(SELECT, name)

    def source(self, name: str) -> str:
        return self.page.evaluate(SOURCE, name)

    def answer(self, name: str, old: str, new: str) -> str:
        """Type a cell anew with one part replaced, run it, return what it shows."""
        source = self.source(name)
        assert source.count(old) == 1, source
        self.type(name, source.replace(old, new))
        return self.run(name, "Shift+Enter")

    def type(self, name: str, source: str) -> None:
        self.select(name)
        self.page.keyboard.press("Enter")
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)

    def run(self, name: str, keys: str = "") -> str:
        """Run one cell by the keyboard, and return what it shows."""
        if not keys:
            self.select(name)
        # A new kernel counts from 1, and may come to the same number.
        self.page.evaluate(FORGET_COUNT, name)
        self.page.keyboard.press(keys or "Shift+Enter")
        ready = f"id => ({COUNT})(id) !== null && !({RUNS})(id)"
        self.page.wait_for_function(ready, arg=name, timeout=30_000)
        return self.page.evaluate(TEXT, name)

    def die(self, name: str, source: str) -> None:
        """Run in a cell what kills the kernel, and wait for the next kernel."""
        self.type(name, source)
        self.page.keyboard.press("Control+Enter")
        self.page.locator(".jp-Dialog-button").click(timeout=30_000)
        self.page.wait_for_function(KERNEL_IS_READY, timeout=60_000)

    def watch_mouse(self) -> None:
        self.page.evaluate(WATCH_MOUSE)

    def was_moused(self) -> bool:
        """Tell whether the mouse was pressed since it is watched."""
        return self.page.evaluate("() => window.moused")

    def tab_to(self, selector: str) -> None:
        """Press the tabulator until the focus is there."""
        there = f"() => document.activeElement.matches('{selector}')"
        for _ in range(30):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(there):
                return
        raise AssertionError(f"the tabulator does not lead to {selector}")

    def cell(self, name: str):
        """Return the cell on the page."""
        number = self.page.evaluate(
            f"id => {PANEL}.content.widgets.findIndex(cell => cell.model.id === id)",
            name,
        )
        notebook = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook"
        return self.page.locator(f"{notebook} .jp-Cell").nth(number)

    def picture(self, name: str) -> str:
        return self.page.evaluate(PICTURE, name)

    def changes_picture(self, name: str, act) -> bool:
        """Tell whether the picture of a cell is another one soon after an act."""
        from playwright.sync_api import TimeoutError

        before = self.picture(name)
        act()
        changed = f"([id, before]) => ({PICTURE})(id) !== before"
        try:
            self.page.wait_for_function(changed, arg=[name, before], timeout=10_000)
        except TimeoutError:
            return False
        return True

    def is_in_sight(self, name: str) -> bool:
        from playwright.sync_api import TimeoutError

        try:
            self.page.wait_for_function(IS_IN_SIGHT, arg=name, timeout=10_000)
        except TimeoutError:
            return False
        return True


class Album:
    """Keep pictures of what was seen, in the folder that SCREENSHOTS names, if any."""

    def __init__(self):
        self.folder = os.environ.get("SCREENSHOTS")

    def keep(self, page, name: str, **options) -> None:
        """Keep what a page shows."""
        if self.folder:
            page.screenshot(path=Path(self.folder, f"{name}.png"), **options)

    def keep_notebook(self, lab: Lab, name: str) -> None:
        """Keep a whole notebook in slices, `name-1.png` and so on."""
        if not self.folder:
            return
        top, height, whole = lab.page.evaluate(SCROLL_TO, 0)
        number = 1
        self.keep(lab.page, f"{name}-{number}")
        while top + height < whole - 1:
            number += 1
            top, height, whole = lab.page.evaluate(SCROLL_TO, top + height - 40)
            self.keep(lab.page, f"{name}-{number}")
