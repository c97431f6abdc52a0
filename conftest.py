"""Make plain `pytest --nbval` strict.

nbval runs every cell and compares the text of its outputs. This file adds one
environment for all machines, the order and kind of the outputs, and rules that each
notebook keeps: one test per rule, without a kernel.
"""

import importlib.util
import json
import os
import re
import statistics
import sys
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import nbval.plugin
import pytest
from nbformat.validator import iter_validate
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell

ROOT = Path(__file__).resolve().parent

# Loaded by its path: `import helpers` would start torch before its environment is set.
REFRESH = importlib.util.spec_from_file_location("_", ROOT / "helpers" / "refresh.py")
refresh = importlib.util.module_from_spec(REFRESH)
REFRESH.loader.exec_module(refresh)

# ---------------------------------------------------------------- the run


def pytest_configure(config):
    if config.option.nbval_lax:
        raise pytest.UsageError("--nbval-lax compares no outputs; use --nbval.")
    put_our_helpers_first()
    fix_the_environment(config)
    compare_outputs_in_order()
    config.option.nbval_current_env = True  # elsewhere, `python3` may be another Python
    config.option.nbval_cell_timeout = refresh.CELL_TIMEOUT
    if config.args_source is pytest.Config.ArgsSource.INVOCATION_DIR:
        # The bare command means the same in every folder.
        config.args = [str(ROOT / name) for name in config.getini("testpaths")]


def put_our_helpers_first():
    sys.path.insert(0, str(ROOT))
    spec = importlib.util.find_spec("helpers")
    found = list(spec.submodule_search_locations or [spec.origin]) if spec else []
    if found != [str(ROOT / "helpers")]:
        raise pytest.UsageError(
            f"`helpers` is {found or 'nowhere'}, not {ROOT / 'helpers'}: another "
            "package has that name; uninstall it, or use a new virtual environment."
        )


def fix_the_environment(config):
    empty = tempfile.TemporaryDirectory(prefix="ipython-")  # no start-up files
    config.add_cleanup(empty.cleanup)
    os.environ.update(refresh.KERNEL_ENVIRONMENT, IPYTHONDIR=empty.name)


def compare_outputs_in_order():
    """Keep nbval from pooling a stream's chunks; let `;` and Out work (history)."""
    nbval.plugin.coalesce_streams = refresh.merge_streams
    RunningKernel.execute_cell_input = lambda kernel, source, allow_stdin=None: (
        kernel.kc.execute(source, allow_stdin=allow_stdin, stop_on_error=False)
    )


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    if getattr(config.option, "numprocesses", None):
        config.option.dist = "loadfile"  # the cells of a notebook share a kernel


def pytest_report_header(config):
    if not config.option.nbval:
        return "notebooks: only their rules; `pytest --nbval` also runs every cell"


def pytest_itemcollected(item):
    if isinstance(item, IPyNbCell):
        item.output_timeout = 30  # nbval's 5 seconds are few on a busy machine
        item.options.update(skip=False, check=True)  # whatever a marker asks for


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    result = yield
    if isinstance(item, IPyNbCell):
        compare_kinds(item)
    return result


def compare_kinds(item):
    """Compare what nbval leaves out: which outputs there are, in which order."""
    fresh, stored = item.test_outputs, refresh.merge_streams(item.cell.outputs)
    for new, old in zip(fresh, stored, strict=False):
        if refresh.WIDGET_VIEW in new.get("data", {}):
            old.output_type = new.output_type  # it depends on ipywidgets' version
    now, before = list(map(kind, fresh)), list(map(kind, stored))
    if now != before:
        item.raise_cell_error(f"Outputs differ in kind: stored {before}, now {now}")


def kind(output):
    mimes = sorted(set(output.get("data", {})) - {refresh.WIDGET_VIEW})
    return output.output_type, output.get("name"), mimes, output.get("metadata")


# ---------------------------------------------------------------- the rules


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".ipynb":
        return RuleFile.from_parent(parent, path=file_path)


class RuleFile(pytest.File):
    def collect(self):
        for check in RULES:
            name = check.__name__.replace("_", " ").replace(" ", ": ", 1)
            item = RuleItem.from_parent(self, name=name)
            item.check = check
            yield item


class RuleItem(pytest.Item):
    def runtest(self):
        book = open_notebook(self.path)
        found = [f"  {book.locate(cell)} {what}" for cell, what in self.check(book)]
        if found:
            title = f"{self.path.name} breaks the {self.name}"
            pytest.fail("\n".join([title, *found]), pytrace=False)

    def reportinfo(self):
        return self.path, None, f"{self.path.name}::{self.name}"


MEND = "run `python -m helpers.refresh`"
SETUP = "# @title Setup: run me first"
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
MIMES = {"text/plain", "text/html", "text/markdown", "text/latex", "image/png"}
FOREIGN = {
    "a control character": re.compile(r"[\x00-\x08\x0b-\x1f\x7f]"),
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a path of one machine": re.compile(r"(?<![\w.:/<])/[\w.-]+/[\w.-]+|\b[A-Z]:\\"),
}
# A cell magic can hide outputs (%%capture) or keep a cell from running (%%script), and
# nbval does not see what is replaced after it was shown.
SWITCH = re.compile(
    r"(?im)nbval[_-]|pytest_validate_|skip-execution|^\s*%%"
    r"|clear_output|update_display|display_id"
)
TITLE = re.compile(r"(?m)^# |^=+$|<h1")
LINK = re.compile(r"\]\(\s*([^)\s]+)|(?:href|src)=[\"']([^\"']+)")
COLAB = "https://colab.research.google.com/github/"


class Notebook:
    """A notebook as data. A `rule_` yields what it finds: (cell or None, sentence)."""

    def __init__(self, path):
        self.path, self.text = path, path.read_text("utf-8")
        self.data = refresh.read(self.text)
        self.cells = self.data.cells
        self.code = [cell for cell in self.cells if cell.cell_type == "code"]
        self.prose = [cell for cell in self.cells if cell.cell_type == "markdown"]
        self.outputs = [(cell, output) for cell in self.code for output in cell.outputs]

    def locate(self, cell):
        if cell is None:
            return "The notebook"
        number = next(n for n, each in enumerate(self.cells, 1) if each is cell)
        first = cell.source.partition("\n")[0][:60]
        return f"Cell {number} (id {cell.get('id')}, first line `{first}`)"

    def rule_the_notebook_is_valid_and_its_ids_are_unique(self):
        for error in iter_validate(self.data):
            key, number, *_ = [*error.absolute_path, None, None]
            cell = self.cells[number] if key == "cells" and number is not None else None
            yield cell, f"is no valid notebook: {error.message.splitlines()[0][:200]}"
        ids = Counter(cell.get("id") for cell in self.cells)
        for cell in self.cells:
            if ids[cell.get("id")] > 1:
                yield cell, f"shares its id with another cell; {MEND}"

    def rule_every_cell_has_run_in_order(self):
        for number, cell in enumerate(self.code, 1):
            if cell.execution_count != number:
                yield cell, f"ran as [{cell.execution_count}], not [{number}]; {MEND}"

    def rule_the_tag_raises_exception_stands_where_an_error_is_stored(self):
        for cell in self.code:
            tagged = "raises-exception" in cell.metadata.get("tags", [])
            raised = any(output.output_type == "error" for output in cell.outputs)
            if tagged and not raised:
                yield cell, "is tagged raises-exception, but raises nothing"
            if raised and not tagged:
                yield cell, "raises; mend it, or tag it raises-exception"

    def rule_nothing_switches_a_comparison_off(self):
        for cell in self.code:
            for word in SWITCH.findall(f"{cell.source}\n{json.dumps(cell.metadata)}"):
                yield cell, f"holds `{word.strip()}`, which can hide outputs; remove it"

    def rule_the_file_is_as_refresh_leaves_it(self):
        tidy = refresh.tidy(self.data)
        for key in differing(self.data.metadata, tidy.metadata):
            yield None, f"has untidy metadata `{key}`; {MEND}"
        for cell, clean in zip(self.cells, tidy.cells, strict=True):
            for key in differing(cell, clean):
                yield cell, f"has untidy `{key}`; {MEND}"
        if self.data == tidy and self.text != refresh.write(tidy):
            yield None, f"is not formatted as nbformat writes it; {MEND}"

    def rule_stored_text_says_nothing_about_one_machine_or_moment(self):
        for cell, output in self.outputs:
            for what, pattern in FOREIGN.items():
                if match := pattern.search(text_of(output)):
                    yield cell, f"stores {what}, {match.group()!r}; show something else"
            if output.get("name") == "stderr":
                yield cell, "writes to stderr; mend what it warns of"

    def rule_a_picture_is_a_png_with_a_text_beside_it(self):
        for cell, output in self.outputs:
            data = output.get("data", {})
            for mime in sorted(set(data) - MIMES):
                yield cell, f"stores {mime}, which not all readers show; use image/png"
            if "image/png" in data and not data.get("text/plain", "").strip():
                yield cell, "stores a picture without text/plain; only text is compared"

    def rule_the_setup_cell_is_first_and_folded_and_everywhere_the_same(self):
        for cell in self.code[:1]:
            if cell.source.partition("\n")[0] != SETUP:
                yield cell, f"is the first code cell, but does not begin with `{SETUP}`"
            if cell.metadata != FOLDED:
                yield cell, f"is not folded: its metadata must be {json.dumps(FOLDED)}"
            if len(cell.source.splitlines()) > 12:
                yield cell, "has more than 12 lines of setup; move them into helpers"
            if cell.source != usual_setup(self.path.parent):
                yield cell, "differs from the setup cell of the notebooks beside it"

    def rule_the_notebook_keeps_its_budgets(self):
        lengths = [len(re.findall(r"\S.*", cell.source)) for cell in self.code[1:]]
        prose = "\n".join(cell.source for cell in self.prose)
        words = re.findall(r"\w[\w'’.-]*", re.sub(r"<[^>]*>|\]\([^)]*\)", " ", prose))
        for what, amount, low, high in (
            ("cells", len(self.cells), 25, 55),
            ("words of prose", len(words), 700, 1900),
            ("lines of code", sum(lengths), 40, 130),
            ("lines in its median code cell", statistics.median(lengths or [0]), 1, 3),
            ("bytes", len(self.text.encode()), 1, 250_000),
        ):
            if not low <= amount <= high:
                yield None, f"has {amount} {what}; the budget is {low} to {high}"

    def rule_no_cell_is_empty_or_too_large(self):
        for cell in self.cells:
            lines = cell.source.splitlines() if cell.cell_type == "code" else []
            if not cell.source.strip():
                yield cell, "is empty; delete it"
            if len(lines) > 15:
                yield cell, f"has {len(lines)} lines, 15 fit; split it, or use helpers"
            for line in lines:
                if len(line) > 88:
                    yield cell, f"has a line of {len(line)} columns, 88 fit: `{line}`"

    def rule_the_first_cell_holds_the_only_title(self):
        titles = [
            cell for cell in self.prose for _ in TITLE.findall(without_code(cell))
        ]
        if titles != self.cells[:1]:
            for cell in titles[1:] or self.cells[:1]:
                yield cell, "is wrong: one H1, `# …`, belongs in the first cell"

    def rule_links_lead_somewhere(self):
        for cell in self.prose:
            for target in map("".join, LINK.findall(without_code(cell))):
                if not leads_somewhere(target, self.path.parent):
                    yield cell, f"links to `{target}`, which does not exist"


RULES = [check for name, check in vars(Notebook).items() if name.startswith("rule_")]
open_notebook = cache(Notebook)


def differing(one, other):
    return [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]


def text_of(output):
    data = output.get("data", {})
    texts = [output.get(key, "") for key in ("text", "ename", "evalue")]
    texts += [data[mime] for mime in data if mime.startswith("text/")]
    return "\n".join(texts + output.get("traceback", []))


def without_code(cell):
    return re.sub(r"```.*?```|`[^`\n]*`", "", cell.source, flags=re.DOTALL)


@cache
def usual_setup(folder):
    books = [open_notebook(path) for path in sorted(folder.glob("*.ipynb"))]
    return statistics.mode(book.code[0].source for book in books if book.code)


def leads_somewhere(target, folder):
    file = unquote(re.split(r"[#?]", target)[0])
    if target.startswith(COLAB) and "/notebooks/" in file:
        return (ROOT / "notebooks" / file.split("/notebooks/", 1)[1]).exists()
    return bool(re.match(r"[a-z]+:", target)) or not file or (folder / file).exists()
