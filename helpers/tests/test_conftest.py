"""Plant wrong notebooks; `pytest --nbval` must name the rule and the cell."""

import base64
import copy
import io
import json
import operator
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from helpers import outputs, refresh
from helpers.authoring import plugin
from helpers.book import COLAB

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YA"
    "AAAASUVORK5CYII="
)
PICTURE = {"image/png": PNG, "text/plain": "a dot"}
ALT = {"image/png": {"alt": "a dot"}}
SETUP = f"""\
# @title Setup: run me first
from IPython.display import display
dot = {{"text/plain": "a dot"}}
dot["image/png"] = (
    "{PNG[:60]}"
    "{PNG[60:]}"
)
alt = {ALT}"""
SHOW = "display(dot, raw=True, metadata=alt)"
SECTIONS = 17
PROSE = "Guess what the product will be before you run the next cell. " * 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BY_ZERO = "division by zero"


def result(text):
    return new_output("execute_result", {"text/plain": text})


def stdout(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    """Return an output that `display` makes; HTML is called html."""
    return new_output("display_data", {f"text/{mime}": data[mime] for mime in data})


def picture(png=PNG, **metadata):
    metadata = {"image/png": {"alt": "a dot", **metadata}}
    return new_output("display_data", PICTURE | {"image/png": png}, metadata=metadata)


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def code_that_raises(source, name, said):
    error = new_output("error", ename=name, evalue=said)
    return code(source, error, tags=["raises-exception"])


def right_notebook():
    """Build a notebook that keeps all rules, and whose outputs are true."""
    cells = [
        new_markdown_cell(
            "# Numbers multiply\n*Needs*: nothing. *Takes*: 5 minutes.\n"
            "[on](right.ipynb#Section-c) <!-- constants: 5 -->"
        ),
        code(SETUP, cellView="form", jupyter={"source_hidden": True}),
    ]
    for number in range(SECTIONS):
        title = f"## Section {LETTERS[number]}"
        cells.append(new_markdown_cell(f"{title}\n{PROSE}"))
        cells.append(code(f"x = 3\ny = x * {number}\ny", result(f"{3 * number}")))
    cells[5] = code(SHOW, picture())
    cells[7] = code_that_raises("1 / 0", "ZeroDivisionError", BY_ZERO)
    cells[9] = code('print("a")\nprint("b")\n"hidden";', stdout("a\nb\n"))
    cells[11] = code(
        'import os\n"poison" in globals(), os.environ["OMP_NUM_THREADS"]',
        result("(False, '1')"),
    )
    cells[13] = code('import os\nos.system("echo seen");', stdout("seen\n"))
    cells[15] = code("6 * 7;\nOut[2]", result("0"))
    cells[16].source += (
        "\nTwice 21 is 42, and 2 · 3 + 1 = 7. `[4, 2]` and `x[9]`, $x^5$.\n"
        "1. The rows are 0, 7 and 42.\n\n<!-- constants: 2\n21 -->"
    )
    cells[17] = code("42, [0, 7, 42], [4, 2]", result("(42, [0, 7, 42], [4, 2])"))
    cells.append(new_markdown_cell("[Once more](right.ipynb)."))
    return numbered(cells)


def numbered(cells):
    """Make a notebook with the ids and counts that refresh gives, without noise."""
    notebook = new_notebook(cells=cells)
    for position, cell in enumerate(cells, 1):
        cell.id = f"cell-{position:02}"
    runs = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(runs, 1):
        cell.execution_count = count
    return refresh.tidy(notebook)


# ---------------------------------------------------------------- plants, for the rules

VALID = "the notebook is valid and its ids are unique"
RUN = "every cell has run in order"
TAG = "the tag raises exception stands where an error is stored"
SWITCH = "nothing switches a comparison off"
TIDY = "the file is as refresh leaves it"
PORTABLE = "stored text says nothing about one machine or moment"
PICTURES = "a picture is a png with a text beside it"
FIRST = "the setup cell is first and folded and everywhere the same"
BUDGET = "the notebook keeps its budgets"
SIZE = "no cell is empty or raw or too large"
TITLE = "the first cell opens and the last one leads on"
KNOWN = "git knows the notebook"
TWINS = "the chinese edition is in step with the english one"  # see test_parity.py
SOLUTIONS = "code in a sentence is a solution which is tested"
SAID = "a number in a sentence is shown by its section"
LINKS = "links lead somewhere"


class Plant(NamedTuple):
    rule: str  # that is broken
    said: tuple[str, ...]  # by its failure
    spoil: Callable  # breaks it in a right notebook; may return the file instead
    also: tuple[str, ...] = ()  # the rules that break with it


def put(number, *path):
    """Put the last of `path` where its other steps lead, in a cell or the notebook."""
    *steps, key, value = path

    def spoil(book):
        place = book.cells[number - 1] if number else book
        reduce(operator.getitem, steps, place)[key] = value

    return spoil


def drop(number, *path):
    *steps, key = path

    def spoil(book):
        place = book.cells[number - 1] if number else book
        del reduce(operator.getitem, steps, place)[key]

    return spoil


def write(number, source):
    return put(number, "source", source)


def add(number, more):
    def spoil(book):
        book.cells[number - 1].source += more

    return spoil


def show(number, *outputs):
    return put(number, "outputs", list(outputs))


def share_an_id(book):
    book.cells[3].id = book.cells[5].id


def swap_cells(book):
    book.cells[3], book.cells[5] = book.cells[5], book.cells[3]


def turn_code_into_words(book):
    book.cells[3] = new_markdown_cell(book.cells[3].source, id="cell-04")


def name_a_path_in_an_error(book):
    book.cells[7].outputs[0].evalue = "no file /home/ada"
    book.cells[7].outputs[0].traceback = ["ZeroDivisionError: no file /home/ada"]


def keep_the_words_alone(book):
    book.cells = [cell for cell in book.cells if cell.cell_type == "markdown"]


def add_27_cells(book):
    extra = [new_markdown_cell("More.", id=f"extra-{n}") for n in range(27)]
    book.cells[-1:-1] = extra


def shorten_the_code(book):
    for number, source in ((3, "0"), (17, "21"), (19, "24")):
        book.cells[number].source = source


def lengthen_most_code(book):
    for cell in book.cells[13::2]:
        cell.source = f"z = 1\n{cell.source}"


def untitle_the_setup(book):
    book.cells[1].source = book.cells[1].source.partition("\n")[2]


def lengthen_the_setup(book):
    lines = len(book.cells[1].source.splitlines())
    book.cells[1].source += "\n1" * (16 - lines)


def hide_the_title(book):
    book.cells[0].source = book.cells[0].source.replace("# ", "`# not a title` ", 1)


def promise_nothing(book):
    book.cells[0].source = book.cells[0].source.replace("*Needs*", "Wants")


def end_lines_as_another_system(book):
    return refresh.write(book).replace("\n", "\r\n").encode()


WIDGETS = {"application/vnd.jupyter.widget-state+json": {}}
ERASE = "from IPython.display import clear_output\nx = 3\nx"
SLIDER = "import ipywidgets as w\nw.IntSlider().observe(print)"
BADGE = f"{COLAB}ada/course/blob/main/notebooks/00_missing.ipynb"
PLANTS = {
    "unknown_key": Plant(VALID, ("cell-04", "surprise"), put(4, "surprise", 1)),
    "repeated_id": Plant(VALID, ("Cell 4", "shares its id"), share_an_id, (TIDY,)),
    "unrun_cell": Plant(
        RUN,
        ("cell-04", "first line `x = 3`", "[None], not [2]"),
        put(4, "execution_count", None),
        (TIDY,),
    ),
    "late_count": Plant(RUN, ("cell-02", "[9], not [1]"), put(2, "execution_count", 9)),
    "moved_cell": Plant(RUN, ("cell-06", "[2], not [3]"), swap_cells),
    "code_turned_into_words": Plant(
        RUN, ("cell-06", "[3], not [2]"), turn_code_into_words, (SAID, BUDGET)
    ),
    "needless_tag": Plant(
        TAG,
        ("cell-04", "raises nothing"),
        put(4, "metadata", "tags", ["raises-exception"]),
    ),
    "untagged_error": Plant(
        TAG, ("cell-08", "first line `1 / 0`", "tag it"), drop(8, "metadata", "tags")
    ),
    "marker_in_a_comment": Plant(
        SWITCH, ("cell-04", "NBVAL_"), write(4, "# NBVAL_IGNORE_OUTPUT\nx = 3\nx")
    ),
    "marker_in_a_string": Plant(
        SWITCH, ("cell-04", "NBVAL_"), write(4, 'x = """\n# NBVAL_SKIP\n"""\nx')
    ),
    "old_marker": Plant(
        SWITCH,
        ("cell-04", "PYTEST_VALIDATE_"),
        write(4, "# PYTEST_VALIDATE_IGNORE_OUTPUT\nx = 3\nx"),
    ),
    "marker_in_a_tag": Plant(
        SWITCH, ("cell-04", "nbval-"), put(4, "metadata", "tags", ["nbval-skip"])
    ),
    "skipped_by_refresh": Plant(
        SWITCH,
        ("cell-04", "skip-execution"),
        put(4, "metadata", "tags", ["skip-execution"]),
    ),
    "hidden_by_a_magic": Plant(
        SWITCH, ("cell-04", "%%"), write(4, "%%capture\nx = 3\nx")
    ),
    "early_end": Plant(SWITCH, ("cell-04", "`exit(`"), write(4, "x = 3\nexit()")),
    "timed_cell": Plant(SWITCH, ("cell-04", "%time"), write(4, "x = 3\n%timeit x")),
    "slider_that_nobody_moves": Plant(
        SWITCH, ("cell-04", "helpers.play"), write(4, SLIDER)
    ),
    "slider_of_a_function": Plant(
        SWITCH,
        ("cell-04", "`interact`"),
        write(4, "from helpers import interact\ninteract(print, x=3)"),
    ),
    "cleared_output": Plant(SWITCH, ("cell-04", "clear_output"), write(4, ERASE)),
    "foreign_kernel": Plant(
        TIDY,
        ("The notebook", "`kernelspec`"),
        put(None, "metadata", "kernelspec", "name", "my-env"),
    ),
    "no_kernel": Plant(
        TIDY, ("The notebook", "`kernelspec`"), drop(None, "metadata", "kernelspec")
    ),
    "kernel_of_another_language": Plant(
        TIDY,
        ("The notebook", "`kernelspec`"),
        put(None, "metadata", "kernelspec", "language", "julia"),
    ),
    "hidden_output": Plant(
        TIDY,
        ("cell-04", "`metadata`"),
        put(4, "metadata", "jupyter", {"outputs_hidden": True}),
        (FIRST,),
    ),
    "invented_traceback": Plant(
        TIDY,
        ("cell-08", "`outputs`"),
        put(8, "outputs", 0, "traceback", ["ZeroDivisionError: modulo by zero"]),
    ),
    "widget_state": Plant(
        TIDY, ("The notebook", "`widgets`"), put(None, "metadata", "widgets", WIDGETS)
    ),
    "colab_notebook": Plant(
        TIDY,
        ("The notebook", "`colab`"),
        put(None, "metadata", "colab", {"provenance": []}),
    ),
    "other_indentation": Plant(
        TIDY,
        ("The notebook", "not formatted"),
        lambda book: json.dumps(book, indent=2).encode(),
    ),
    "line_ends_of_another_system": Plant(
        TIDY, ("The notebook", "not formatted"), end_lines_as_another_system
    ),
    "colab_cell": Plant(
        TIDY, ("cell-04", "`metadata`"), put(4, "metadata", "outputId", "9f"), (FIRST,)
    ),
    "widget_view": Plant(
        TIDY,
        ("cell-04", "`outputs`"),
        put(4, "outputs", 0, "data", outputs.WIDGET_VIEW, {"model_id": "7"}),
        (PICTURES,),
    ),
    "carriage_return": Plant(
        PORTABLE, ("cell-04", "'\\r'"), show(4, stdout("grad = 7 wrong\rok\n"))
    ),
    "colour_code": Plant(
        PORTABLE, ("cell-04", "'\\x1b'"), show(4, stdout("\x1b[31mred\n"))
    ),
    "memory_address": Plant(
        PORTABLE,
        ("cell-04", "0x7f3a5c0b1d60"),
        put(4, "outputs", 0, "data", "text/plain", "<object at 0x7f3a5c0b1d60>"),
    ),
    "path_in_an_error": Plant(
        PORTABLE, ("cell-08", "'/home/ada'"), name_a_path_in_an_error
    ),
    "warning": Plant(
        PORTABLE,
        ("cell-04", "stderr"),
        show(4, result("0"), stdout("mind the gap\n", "stderr")),
        (TIDY,),
    ),
    "picture_without_words": Plant(
        PICTURES,
        ("cell-06", "without text/plain"),
        drop(6, "outputs", 0, "data", "text/plain"),
    ),
    "picture_for_the_eyes_alone": Plant(
        PICTURES, ("cell-06", "without alt"), put(6, "outputs", 0, "metadata", {})
    ),
    "jpeg": Plant(
        PICTURES,
        ("cell-06", "image/jpeg"),
        put(6, "outputs", 0, "data", "image/jpeg", PNG),
    ),
    "svg": Plant(
        PICTURES,
        ("cell-06", "image/svg+xml"),
        put(6, "outputs", 0, "data", "image/svg+xml", "<svg/>"),
    ),
    "attached_picture": Plant(
        PICTURES,
        ("cell-03", "no code draws"),
        put(3, "attachments", {"a.png": {"image/png": PNG}}),
    ),
    "picture_in_words": Plant(
        PICTURES,
        ("cell-03", "no code draws"),
        add(3, f"\n<img src='data:image/png;base64,{PNG}'>"),
    ),
    "other_setup": Plant(FIRST, ("cell-02", "differs"), add(2, "\nimport math")),
    "untitled_setup": Plant(FIRST, ("cell-02", "does not begin"), untitle_the_setup),
    "open_setup": Plant(
        FIRST, ("cell-02", "not folded"), drop(2, "metadata", "jupyter")
    ),
    "folded_lesson": Plant(
        FIRST,
        ("cell-04", "only the setup cell"),
        put(4, "metadata", "jupyter", {"source_hidden": True}),
    ),
    "no_cells": Plant(BUDGET, ("0 cells; the budget",), put(None, "cells", [])),
    "only_words": Plant(BUDGET, ("0 lines of code",), keep_the_words_alone, (SAID,)),
    "many_cells": Plant(BUDGET, ("64 cells; the budget is 25 to 55",), add_27_cells),
    "long_prose": Plant(
        BUDGET,
        ("words of prose; the budget is 700 to 1900",),
        add(3, " word" * 1200),
    ),
    "little_code": Plant(
        BUDGET, ("lines of code; the budget is 40 to 130",), shorten_the_code
    ),
    "long_median": Plant(
        BUDGET, ("lines in its median code cell",), lengthen_most_code
    ),
    "heavy_file": Plant(
        BUDGET, ("bytes",), put(6, "outputs", 0, "data", "image/png", PNG * 3000)
    ),
    "long_setup": Plant(
        SIZE, ("cell-02", "16 lines, 15 fit"), lengthen_the_setup, (FIRST,)
    ),
    "long_cell": Plant(
        SIZE,
        ("cell-04", "18 lines, 15 fit"),
        write(4, "x = 3\n" + "\n" * 15 + "x = 0\nx"),
    ),
    "wide_cell": Plant(
        SIZE,
        ("cell-04", "columns, 88 fit"),
        write(4, f"x = 3\ny = {' + '.join('0' * 30)}\ny"),
    ),
    "empty_cell": Plant(SIZE, ("cell-05", "is empty"), write(5, " \n")),
    "raw_cell": Plant(SIZE, ("cell-05", "empty or raw"), put(5, "cell_type", "raw")),
    "second_title": Plant(
        TITLE, ("cell-03", "one H1"), write(3, f"# Too loud\n{PROSE}")
    ),
    "no_title": Plant(TITLE, ("cell-01", "one H1"), hide_the_title),
    "no_promise": Plant(TITLE, ("cell-01", "*Takes*"), promise_nothing),
    "no_next_one": Plant(
        TITLE,
        ("cell-37", "must lead on to no_promise.ipynb"),
        write(37, "[Again](right.ipynb)."),
    ),
    "no_door": Plant(TITLE, ("cell-37", "must lead on to"), write(37, "The end.")),
    "code_in_words": Plant(
        SOLUTIONS, ("cell-03", "never runs"), add(3, "\n```\nx = 43\n```")
    ),
    "dead_link": Plant(
        LINKS, ("cell-03", "`00_missing.ipynb`"), add(3, "\n[back](00_missing.ipynb)")
    ),
    "dead_anchor": Plant(
        LINKS,
        ("cell-03", "`right.ipynb#Section-x`"),
        add(3, "\n[there](right.ipynb#Section-x)"),
    ),
    "dead_badge": Plant(
        LINKS,
        ("cell-03", "/main/notebooks/00_missing.ipynb"),
        add(3, f'\n<a href="{BADGE}">open</a>'),
    ),
    "constant_of_another_cell": Plant(
        SAID, ("cell-19", "says 21"), add(19, "\n\nIt is 21.")
    ),
    "output_of_another_section": Plant(
        SAID, ("cell-19", "says 7"), add(19, "\n\nIt is 7.")
    ),
}
CLAIMS = {
    "number": ("It is 43.", "43"),
    "sign": ("It is −42.", "−42"),
    "decimal": ("It is 4.2.", "4.2"),
    "list": ("It is `[0, 42, 7]`.", "0, 42, 7"),
    "words": ("They are 7, 0 and 42.", "7, 0 and 42"),
    "code": ("It is `43`.", "43"),
    "grown": ("Now `.grad += [4 3]`.", "4 3"),
    "product": ("Now 2 · 21 = 43.", "2 · 21 = 43"),
    "sum": ("Now 21 + 2 · 21 = 42.", "21 + 2 · 21 = 42"),
    "folded": (
        "<details><summary>Why?</summary>\n\nIt is 43.\n\n</details>",
        "43",
    ),
    "table": ("| a | b |\n| --- | --- |\n| 43 | 42 |", "43"),
}
PLANTS |= {
    f"claim_{name}": Plant(
        SAID, ("cell-17", f"says {said},", "constants"), add(17, f"\n\n{words}\n")
    )
    for name, (words, said) in CLAIMS.items()
}

# ---------------------------------------------------------------- running pytest


@pytest.fixture
def course(pytester):
    """Give an empty course; pytest runs in this process there."""
    pytester.makeconftest('pytest_plugins = ["helpers.authoring.plugin"]')
    for folder in ("helpers", "notebooks"):
        pytester.mkdir(folder)
    shutil.copy(ROOT / ".pytest.ini", pytester.path)
    return pytester


def save(folder, books):
    """Store notebooks, or bytes; the last link of each leads to the next file."""
    for name, book in books.items():
        data = book if type(book) is bytes else refresh.write(book).encode()
        (folder / f"{name}.ipynb").write_bytes(data)
    paths = sorted(folder.glob("*.ipynb"))
    for path, following in zip(paths, [*paths[1:], paths[0]], strict=True):
        door = f"[Once more]({following.name})".encode()
        data = path.read_bytes().replace(b"[Once more](right.ipynb)", door)
        path.write_bytes(data)


def run(course, *options):
    """Run pytest; return {notebook: {test: failure, or ""}} and the lines it shows."""
    ran = course.runpytest_inprocess(*options)
    found = defaultdict(dict)
    for report in ran.reprec.getreports("pytest_runtest_logreport"):
        file, _, test = report.nodeid.partition("::")
        said = found[Path(file).stem].setdefault(test, "")
        found[Path(file).stem][test] = said + report.longreprtext * report.failed
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    return found, ran.outlines


def test_each_planted_mistake_breaks_its_rule_and_no_other(course, subtests):
    right = refresh.write(right_notebook()).encode()
    books = {"right": right}
    for name, plant in PLANTS.items():
        book = right_notebook()
        books[name] = plant.spoil(book) or book
    save(course.path / "notebooks", books)
    save(course.mkdir("notebooks/.ipynb_checkpoints"), {"copy": right})
    found, _ = run(course, "notebooks")
    assert set(found) == {*books}
    assert set(found["right"].values()) == {""}
    rules = {KNOWN, TWINS, *(plant.rule for plant in PLANTS.values())}
    assert set(found["right"]) == {f"rule: {rule}" for rule in rules}
    for name, plant in PLANTS.items():
        with subtests.test(name):
            failures = {test: said for test, said in found[name].items() if said}
            broken = (plant.rule, *plant.also)
            assert set(failures) == {f"rule: {rule}" for rule in broken}
            for part in (f"{name}.ipynb", plant.rule, *plant.said):
                assert part in failures[f"rule: {plant.rule}"]


# ---------------------------------------------------------------- with a kernel

BOTH = f'print("a")\n{SHOW}\nprint("b")'
HANDLE = """\
from IPython import display as d
h = getattr(d, 'Display' + 'Handle')()
h.display(1)
h.update(2)"""
CLEAR = "print(43)\nfrom IPython import display as d\ngetattr(d, 'clear' + '_output')()"
HTML = """\
display({'text/html': 'a', 'text/plain': 'a'}, raw=True)
display({'text/plain': 'b'}, raw=True)"""
STREAMS = "import sys\nprint(1, flush=True)\nprint(2, file=sys.stderr)"
JUST_WORDS = 'display({"text/plain": "a dot"}, raw=True)'
IGNORED = "# NBVAL_IGNORE_OUTPUT\n6 * 7"


def encoded(pixels, kind="PNG"):
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


DOT = outputs.pixels(PNG)[..., :3]
NONSENSE = base64.b64encode(b"nonsense").decode()
WRONG = {
    "another number": code("6 * 7", result("43")),
    "text after the picture": code(BOTH, picture(), stdout("a\nb\n")),
    "text before the picture": code(BOTH, stdout("a\nb\n"), picture()),
    "one picture for two": code(f"{SHOW}\n{SHOW}", picture()),
    "result shown as display": code("7", shown(plain="7")),
    "picture that never was": code(JUST_WORDS, picture()),
    "picture that is gone": code(SHOW, shown(plain="a dot")),
    "other size": code(SHOW, picture(width=9)),
    "changed after it was shown": code(HANDLE, shown(plain="1")),
    "cleared after it was shown": code(CLEAR, stdout("43\n")),
    "cleared": code("6 * 7"),
    "never run": code("6 * 7"),
    "output of a silent cell": code("x = 6 * 7", result("42")),
    "html of the other output": code(
        HTML, shown(plain="a"), shown(plain="b", html="a")
    ),
    "streams the other way round": code(
        STREAMS, stdout("2\n", "stderr"), stdout("1\n")
    ),
    "other error": code_that_raises("1 / 0", "ZeroDivisionError", "by nothing"),
    "other kind of error": code_that_raises("1 / 0", "ValueError", BY_ZERO),
    "no error": code("1 / 0", tags=["raises-exception"]),
    "error without its tag": code("1 / 0", *code_that_raises("", "", "").outputs),
    "skipped": code("# NBVAL_SKIP\n1 / 0"),
    "skipped by a tag": code("6 * 7", result("43"), tags=["nbval-skip"]),
    "ignored": code(IGNORED, result("43")),
    "ignored by a tag": code("6 * 7", result("43"), tags=["nbval-ignore-output"]),
    "another colour": code(SHOW, picture(encoded(255 - DOT))),
    "another size": code(SHOW, picture(encoded(np.repeat(DOT, 2, axis=0)))),
    "no picture": code(SHOW, picture(NONSENSE)),
    "a gif": code(SHOW, picture(encoded(DOT, "GIF"))),
}


def wrong_notebook():
    """Build a notebook of nothing but wrong outputs."""
    book = numbered(copy.deepcopy([code(SETUP), *WRONG.values()]))
    book.cells[[*WRONG].index("never run") + 1].execution_count = None
    return book


REFUSED = """\
import socket
try:
    socket.create_connection(({!r}, 80), timeout=0.1)
except OSError as problem:
    print(problem)"""
SAID_OFFLINE = "Notebooks are run offline, so {} is not reached.\n"


def offline_notebook():
    """Show how a connection is refused, for each kind of address."""
    hosts = ("example.org", "192.0.2.1")
    cells = [
        code(REFUSED.format(host), stdout(SAID_OFFLINE.format(host))) for host in hosts
    ]
    return numbered(cells)


def notebook_of_another_python():
    where = code("import sys\nsys.executable", result(repr(sys.executable)))
    book = numbered([where])
    book.metadata.kernelspec.name = "nowhere"
    return book


def test_a_wrong_output_fails_and_a_right_one_passes(course, monkeypatch, subtests):
    startup = course.path / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    mine = {"IPYTHONDIR": str(course.path / "mine"), "OMP_NUM_THREADS": "7"}
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    temporary = course.mkdir("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    books = {
        "right": right_notebook(),
        "offline": offline_notebook(),
        "elsewhere": notebook_of_another_python(),
        "wrong": wrong_notebook(),
    }
    save(course.path / "notebooks", books)
    option = "--nbval-kernel-name=nowhere"
    found, lines = run(course, "--nbval", option, "notebooks")
    cells = {
        name: {test: said for test, said in tests.items() if test.startswith("Cell ")}
        for name, tests in found.items()
    }
    assert set(found["right"].values()) == {""} and len(cells["right"]) == SECTIONS + 1
    assert cells["offline"] == {"Cell 1": "", "Cell 2": ""}
    assert cells["elsewhere"] == {"Cell 1": ""}
    assert cells["wrong"].pop("Cell 1") == ""
    for (test, said), name in zip(cells["wrong"].items(), WRONG, strict=True):
        with subtests.test(name):
            number = test.removeprefix("Cell ")
            assert f"wrong.ipynb: {test} (id cell-{number:>02}, first line `" in said
    whole = ["18/18", "17/17", "1/1", "0/0", "0/0"]
    assert row(lines, "right") == [*whole, "all is well"]
    counts, *_, verdict = row(lines, "wrong")
    assert counts == f"1/{len(WRONG) + 1}"
    assert verdict == f"{sum(map(bool, found['wrong'].values()))} failed"
    assert list(temporary.glob("ipython-*")) == []
    assert {name: os.environ[name] for name in mine} == mine


def row(lines, notebook):
    """Return a notebook's row of the table at the end: five columns and the verdict."""
    rows = [line.split(maxsplit=6) for line in lines]
    (row,) = (row[1:] for row in rows if row[:1] == [notebook])
    return row


FATAL = {
    "dies": ("import os\nos._exit(1)", "The kernel died while this cell ran"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "The kernel died while"),
    "never_ends": ("while True: pass", "Timeout of 3 seconds exceeded"),
    "is_deaf": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: pass",
        "Timeout of 3 seconds exceeded while executing cell. "
        "Failed to interrupt kernel in 6 seconds",
    ),
}


def test_a_cell_that_ends_its_kernel_or_never_ends_fails_and_holds_nobody_up(
    course, monkeypatch, subtests
):
    assert (refresh.CELL_TIMEOUT, plugin.OUTPUT_TIMEOUT) == (50, 20)
    monkeypatch.setattr(refresh, "CELL_TIMEOUT", 3)
    monkeypatch.setattr(plugin, "OUTPUT_TIMEOUT", 6)
    books = {
        name: numbered([code(SETUP), code(source), code("2", result("2"))])
        for name, (source, _) in FATAL.items()
    }
    save(course.path / "notebooks", books)
    started = time.monotonic()
    found, _ = run(course, "--nbval", "notebooks")
    assert time.monotonic() - started < 75
    for name, (_, said) in FATAL.items():
        with subtests.test(name):
            assert found[name]["Cell 1"] == ""
            assert f"{name}.ipynb: Cell 2 (id cell-02" in found[name]["Cell 2"]
            assert said in found[name]["Cell 2"]


# ---------------------------------------------------------------- broken files

WHOLE = refresh.write(right_notebook())
BROKEN = {
    "truncated": WHOLE[:5000].encode(),
    "empty": b"",
    "list": b"[]",
    "latin": WHOLE.encode("utf-16"),
    "marked": b"\xef\xbb\xbf" + WHOLE.encode(),
    "null": WHOLE.replace('"source": [', '"source": null, "x": [', 1).encode(),
    "no_source": WHOLE.replace('"source": [', '"x": [').encode(),
    "no_tags": WHOLE.replace('"metadata": {}', '"metadata": {"tags": 5}').encode(),
    "old": b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
}


def test_a_broken_file_fails_by_name_and_holds_nobody_up(course):
    twins = right_notebook()
    share_an_id(twins)
    books = {"right": WHOLE.encode(), "twins": twins, **BROKEN}
    save(course.path / "notebooks", books)
    found, _ = run(course, "--nbval", "notebooks")
    assert set(found) == {*books}
    for name in BROKEN:
        said = "".join(found[name].values())
        assert f"{name}.ipynb breaks the rule" in said
        assert "cannot be read" in said or "no valid notebook" in said
    cells = [said for test, said in found["right"].items() if "Cell" in test]
    assert cells == [""] * (SECTIONS + 1)
    assert found["twins"]["Cell 4"] == found["twins"]["Cell 6"] == ""
    assert "Cell 6" in "".join(found["twins"].values())


# ---------------------------------------------------------------- git


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_collected_are_exactly_the_notebooks_that_git_knows(course):
    tracked = [
        f"notebooks{part}/kept.ipynb" for part in ("", "/build", "/venv", "/.no")
    ]
    said = {f"{place}::rule: {KNOWN}": "" for place in tracked}
    for place in tracked:
        (course.path / place).parent.mkdir(exist_ok=True)
        (course.path / place).write_text(WHOLE, "utf-8")
    git(course.path, "init", "--quiet")
    git(course.path, "add", "notebooks")
    for name, problem in (
        ("new.ipynb", "not tracked"),
        ("LOUD.IPYNB", "end in .ipynb"),
    ):
        (course.path / "notebooks" / name).write_text(WHOLE, "utf-8")
        said[f"notebooks/{name}::rule: {KNOWN}"] = problem
    reports = course.inline_run("notebooks", "-k", "git").getreports()
    found = {it.nodeid: it.longreprtext for it in reports if it.when == "call"}
    assert set(found) == set(said)
    for test, problem in said.items():
        assert problem in found[test] if problem else not found[test]


# ---------------------------------------------------------------- the summary

LESSONS = """\
import pytest

@pytest.mark.parametrize("stem", ["asked", "failed"])
def test_whatever(stem, record_property):
    record_property("guesses", 1)
    record_property("guesses", 1)
    assert stem == "asked"
"""


def test_the_summary_counts_what_tests_record_and_shows_what_was_not_run(course):
    asked = [code("guess = ..."), code("guess = ... * 2"), code("2", result("2"))]
    for place in ("notebooks", "notebooks/zh"):
        (course.path / place).mkdir(exist_ok=True)
        books = {name: numbered(asked) for name in ("asked", "failed")}
        save(course.path / place, books)
    course.makepyfile(test_lessons=LESSONS)
    ran = course.runpytest_inprocess("test_lessons.py")
    for edition in ("", "zh/"):
        well = row(ran.outlines, f"{edition}asked")
        assert well == ["–", "–", "0/0", "2/2", "0/0", "what ran is well"]
        ill = row(ran.outlines, f"{edition}failed")
        assert ill == ["–", "–", "0/0", "0/2", "0/0", "1 failed"]


# ---------------------------------------------------------------- the command


def test_a_bare_command_means_the_same_in_each_folder(course, monkeypatch):
    save(course.path / "notebooks", {"right": right_notebook()})
    found = []
    for folder in ("", "helpers", "notebooks"):
        monkeypatch.chdir(course.path / folder)
        reports = course.inline_run().getreports("pytest_runtest_logreport")
        found.append([(report.nodeid, report.outcome) for report in reports])
    assert found[0] and found[0] == found[1] == found[2]


@pytest.mark.parametrize("option", ["--nbval-lax", "--nbval-sanitize-with=no.cfg"])
def test_an_option_that_hides_differences_is_refused(course, option):
    ran = course.runpytest_inprocess("--nbval", option)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{option.partition('=')[0]} hides differences" in ran.stderr.str()


@pytest.mark.parametrize("dist", ["load", "loadscope", "worksteal"])
def test_workers_share_no_notebook(dist):
    option = SimpleNamespace(dist=dist)
    plugin.pytest_cmdline_main(SimpleNamespace(option=option))
    assert option.dist == "loadfile"


# ---------------------------------------------------------------- a whole clone


@pytest.fixture
def clone(tmp_path):
    """Give a clone of what authors need, beside a foreign package called helpers."""
    folder = tmp_path / "clone"
    ignore = shutil.ignore_patterns("tests", "lessons", "__pycache__")
    shutil.copytree(ROOT / "helpers", folder / "helpers", ignore=ignore)
    for name in ("conftest.py", ".pytest.ini", "requirements.txt"):
        shutil.copy(ROOT / name, folder)
    (folder / "notebooks").mkdir()
    (tmp_path / "elsewhere" / "helpers").mkdir(parents=True)
    (tmp_path / "elsewhere" / "helpers" / "__init__.py").touch()
    return folder


def run_in_a_process(folder, *options, path):
    """Run pytest with folders on Python's path."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
    )


def test_in_a_clone_ours_come_before_a_foreign_package(clone):
    wrong = numbered([code("6 * 7", result("43")), code("6 * 7", result("42"))])
    save(clone / "notebooks", {"wrong": wrong})
    path = [clone.parent / "elsewhere", clone]
    option = "--import-mode=importlib"  # which leaves sys.path alone
    done = run_in_a_process(clone / "helpers", "--nbval", "-rA", option, path=path)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "FAILED ../notebooks/wrong.ipynb::Cell 1" in done.stdout
    assert "PASSED ../notebooks/wrong.ipynb::Cell 2" in done.stdout
    assert f"FAILED ../notebooks/wrong.ipynb::rule: {BUDGET}" in done.stdout
    assert f"PASSED ../notebooks/wrong.ipynb::rule: {LINKS}" in done.stdout


def test_another_package_called_helpers_is_refused(clone):
    (clone / "helpers" / "__init__.py").unlink()
    other = clone.parent / "elsewhere"
    done = run_in_a_process(clone, path=[other])
    assert done.returncode == 1
    assert str(other / "helpers") in done.stderr and "Traceback" not in done.stderr
