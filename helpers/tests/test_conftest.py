"""Plant wrong notebooks; `pytest --nbval` must name the rule and the cell."""

import base64
import copy
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import IPyNbCell
from PIL import Image

from helpers import outputs, refresh
from helpers.live import WIDGET_VIEW
from helpers.publish import COLAB

ROOT = Path(__file__).parents[2]
# By its path: the folder of the tests has a conftest.py as well.
SPEC = importlib.util.spec_from_file_location("_", ROOT / "conftest.py")
conftest = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(conftest)
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
SECTIONS = 17
PROSE = "Guess what the product will be before you run the next cell. " * 5
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def result(text):
    return new_output("execute_result", {"text/plain": text})


def stdout(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def picture():
    return new_output("display_data", dict(PICTURE), metadata=copy.deepcopy(ALT))


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


BY_ZERO = "division by zero"


def code_that_raises(source, name, said):
    cell = code(source, tags=["raises-exception"])
    cell.outputs = [new_output("error", ename=name, evalue=said)]
    return cell


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
    cells[5] = code("display(dot, raw=True, metadata=alt)", picture())
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
    return numbered(new_notebook(cells=cells))


def numbered(notebook):
    """Give ids and counts as refresh would, and leave out noise."""
    for position, cell in enumerate(notebook.cells):
        cell.id = f"cell-{position + 1:02}"
    runs = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(runs, 1):
        cell.execution_count = count
    return refresh.tidy(notebook)


# ---------------------------------------------------------------- rules, no kernel

PLANTS = {}


def plant(rule, *fragments, also=()):
    """Register a notebook that breaks `rule`, and what the failure must say."""

    def keep(spoil):
        PLANTS[spoil.__name__] = (spoil, rule, fragments, {rule, *also})
        return spoil

    return keep


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


@plant(VALID, "cell-04", "surprise", also=[])
def unknown_key(book):
    book.cells[3].surprise = 1


@plant(VALID, "Cell 4", "shares its id", also=[TIDY])
def repeated_id(book):
    book.cells[3].id = book.cells[5].id


@plant(RUN, "cell-04", "first line `x = 3`", "[None], not [2]", also=[TIDY])
def unrun_cell(book):
    book.cells[3].execution_count = None


@plant(RUN, "cell-02", "[9], not [1]")
def late_count(book):
    book.cells[1].execution_count = 9


@plant(RUN, "cell-06", "[2], not [3]")
def moved_cell(book):
    book.cells[3], book.cells[5] = book.cells[5], book.cells[3]


@plant(RUN, "cell-06", "[3], not [2]", also=[SAID, BUDGET])
def code_turned_into_words(book):
    words = new_markdown_cell(book.cells[3].source, id="cell-04")
    book.cells[3] = words


@plant(TAG, "cell-04", "raises nothing")
def needless_tag(book):
    book.cells[3].metadata.tags = ["raises-exception"]


@plant(TAG, "cell-08", "first line `1 / 0`", "tag it")
def untagged_error(book):
    del book.cells[7].metadata["tags"]


@plant(SWITCH, "cell-04", "NBVAL_")
def marker_in_a_comment(book):
    book.cells[3].source = "# NBVAL_IGNORE_OUTPUT\nx = 3\nx"


@plant(SWITCH, "cell-04", "NBVAL_")
def marker_in_a_string(book):
    book.cells[3].source = 'x = """\n# NBVAL_SKIP\n"""\nx'


@plant(SWITCH, "cell-04", "PYTEST_VALIDATE_")
def old_marker(book):
    book.cells[3].source = "# PYTEST_VALIDATE_IGNORE_OUTPUT\nx = 3\nx"


@plant(SWITCH, "cell-04", "nbval-")
def marker_in_a_tag(book):
    book.cells[3].metadata.tags = ["nbval-ignore-output"]


@plant(SWITCH, "cell-04", "skip-execution")
def skipped_by_refresh(book):
    book.cells[3].metadata.tags = ["skip-execution"]


@plant(SWITCH, "cell-04", "%%")
def hidden_by_a_magic(book):
    book.cells[3].source = "%%capture\nx = 3\nx"


@plant(SWITCH, "cell-04", "`exit(`")
def early_end(book):
    book.cells[3].source = "x = 3\nexit()"


@plant(SWITCH, "cell-04", "%time")
def timed_cell(book):
    book.cells[3].source = "x = 3\n%timeit x"


@plant(SWITCH, "cell-04", "helpers.play")
def slider_that_nobody_moves(book):
    book.cells[3].source = "import ipywidgets as w\nw.IntSlider().observe(print)"


@plant(SWITCH, "cell-04", "`interact`")
def slider_of_a_function(book):
    book.cells[3].source = "from helpers import interact\ninteract(print, x=3)"


@plant(SWITCH, "cell-04", "clear_output")
def cleared_output(book):
    book.cells[3].source = "from IPython.display import clear_output\nx = 3\nx"


@plant(TIDY, "The notebook", "`kernelspec`")
def foreign_kernel(book):
    book.metadata.kernelspec.name = "my-env"


@plant(TIDY, "The notebook", "`kernelspec`")
def no_kernel(book):
    del book.metadata["kernelspec"]


@plant(TIDY, "The notebook", "`kernelspec`")
def kernel_of_another_language(book):
    book.metadata.kernelspec.language = "julia"


@plant(TIDY, "cell-04", "`metadata`", also=[FIRST])
def hidden_output(book):
    book.cells[3].metadata.jupyter = {"outputs_hidden": True}


@plant(TIDY, "cell-08", "`outputs`")
def invented_traceback(book):
    book.cells[7].outputs[0].traceback = ["ZeroDivisionError: modulo by zero"]


@plant(TIDY, "The notebook", "`widgets`")
def widget_state(book):
    book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}


@plant(TIDY, "The notebook", "`colab`")
def colab_notebook(book):
    book.metadata.colab = {"provenance": []}


@plant(TIDY, "The notebook", "not formatted")
def other_indentation(book):
    return json.dumps(book, indent=2)


@plant(TIDY, "cell-04", "`metadata`", also=[FIRST])
def colab_cell(book):
    book.cells[3].metadata.outputId = "9f"


@plant(TIDY, "cell-04", "`outputs`", also=[PICTURES])
def widget_view(book):
    book.cells[3].outputs[0].data[WIDGET_VIEW] = {"model_id": "7"}


@plant(PORTABLE, "cell-04", "'\\r'")
def carriage_return(book):
    book.cells[3].outputs = [stdout("grad = 7 wrong\rok\n")]


@plant(PORTABLE, "cell-04", "'\\x1b'")
def colour_code(book):
    book.cells[3].outputs = [stdout("\x1b[31mred\n")]


@plant(PORTABLE, "cell-04", "0x7f3a5c0b1d60")
def memory_address(book):
    book.cells[3].outputs[0].data["text/plain"] = "<object at 0x7f3a5c0b1d60>"


@plant(PORTABLE, "cell-08", "'/home/ada'")
def path_in_an_error(book):
    book.cells[7].outputs[0].evalue = "no file /home/ada"
    book.cells[7].outputs[0].traceback = ["ZeroDivisionError: no file /home/ada"]


@plant(PORTABLE, "cell-04", "stderr")
def warning(book):
    book.cells[3].outputs.append(stdout("mind the gap\n", "stderr"))


@plant(PICTURES, "cell-06", "without text/plain")
def picture_without_words(book):
    del book.cells[5].outputs[0].data["text/plain"]


@plant(PICTURES, "cell-06", "without alt")
def picture_for_the_eyes_alone(book):
    book.cells[5].outputs[0].metadata.clear()


@plant(PICTURES, "cell-06", "image/jpeg")
def jpeg(book):
    book.cells[5].outputs[0].data["image/jpeg"] = PNG


@plant(PICTURES, "cell-06", "image/svg+xml")
def svg(book):
    book.cells[5].outputs[0].data["image/svg+xml"] = "<svg/>"


@plant(FIRST, "cell-02", "differs")
def other_setup(book):
    book.cells[1].source += "\nimport math"


@plant(FIRST, "cell-02", "does not begin")
def untitled_setup(book):
    book.cells[1].source = book.cells[1].source.partition("\n")[2]


@plant(FIRST, "cell-02", "not folded")
def open_setup(book):
    del book.cells[1].metadata["jupyter"]


@plant(SIZE, "cell-02", "16 lines, 15 fit", also=[FIRST])
def long_setup(book):
    lines = len(book.cells[1].source.splitlines())
    book.cells[1].source += "\n1" * (16 - lines)


@plant(BUDGET, "0 cells; the budget")
def no_cells(book):
    book.cells.clear()


@plant(BUDGET, "0 lines of code", also=[SAID])
def only_words(book):
    book.cells = [cell for cell in book.cells if cell.cell_type == "markdown"]


@plant(BUDGET, "64 cells; the budget is 25 to 55")
def many_cells(book):
    extra = [new_markdown_cell("More.", id=f"extra-{n}") for n in range(27)]
    book.cells[-1:-1] = extra


@plant(BUDGET, "words of prose; the budget is 700 to 1900")
def long_prose(book):
    book.cells[2].source += " word" * 1200


@plant(BUDGET, "lines of code; the budget is 40 to 130")
def little_code(book):
    book.cells[3].source = "0"
    book.cells[17].source = "21"
    book.cells[19].source = "24"


@plant(BUDGET, "lines in its median code cell")
def long_median(book):
    for cell in book.cells[13::2]:
        cell.source = f"z = 1\n{cell.source}"


@plant(BUDGET, "bytes")
def heavy_file(book):
    book.cells[5].outputs[0].data["image/png"] = PNG * 3000


@plant(SIZE, "cell-04", "18 lines, 15 fit")
def long_cell(book):
    book.cells[3].source = "x = 3\n" + "\n" * 15 + "x = 0\nx"


@plant(SIZE, "cell-04", "columns, 88 fit")
def wide_cell(book):
    book.cells[3].source = f"x = 3\ny = {' + '.join('0' * 30)}\ny"


@plant(SIZE, "cell-05", "is empty")
def empty_cell(book):
    book.cells[4].source = " \n"


@plant(TITLE, "cell-03", "one H1")
def second_title(book):
    book.cells[2].source = f"# Too loud\n{PROSE}"


@plant(TITLE, "cell-01", "one H1")
def no_title(book):
    book.cells[0].source = book.cells[0].source.replace("# ", "`# not a title` ", 1)


@plant(TITLE, "cell-01", "*Takes*")
def no_promise(book):
    book.cells[0].source = book.cells[0].source.replace("*Needs*", "Wants")


@plant(TITLE, "cell-37", "must lead on to no_promise.ipynb")
def no_next_one(book):
    book.cells[-1].source = "[Again](right.ipynb)."


@plant(TITLE, "cell-37", "must lead on to")
def no_door(book):
    book.cells[-1].source = "The end."


@plant(SOLUTIONS, "cell-03", "never runs")
def code_in_words(book):
    book.cells[2].source += "\n```\nx = 43\n```"


@plant(PICTURES, "cell-03", "no code draws")
def attached_picture(book):
    book.cells[2].attachments = {"a.png": {"image/png": PNG}}


@plant(PICTURES, "cell-03", "no code draws")
def picture_in_words(book):
    book.cells[2].source += f"\n<img src='data:image/png;base64,{PNG}'>"


@plant(FIRST, "cell-04", "only the setup cell")
def folded_lesson(book):
    book.cells[3].metadata.jupyter = {"source_hidden": True}


@plant(TIDY, "The notebook", "not formatted")
def line_ends_of_another_system(book):
    return refresh.write(book).replace("\n", "\r\n").encode()


@plant(LINKS, "cell-03", "`00_missing.ipynb`")
def dead_link(book):
    book.cells[2].source += "\n[back](00_missing.ipynb)"


@plant(LINKS, "cell-03", "`right.ipynb#Section-x`")
def dead_anchor(book):
    book.cells[2].source += "\n[there](right.ipynb#Section-x)"


@plant(LINKS, "cell-03", "/main/notebooks/00_missing.ipynb")
def dead_badge(book):
    target = COLAB + "ada/course/blob/main/notebooks/00_missing.ipynb"
    book.cells[2].source += f'\n<a href="{target}">open</a>'


@plant(SIZE, "cell-05", "empty or raw")
def raw_cell(book):
    book.cells[4].cell_type = "raw"


def claim(name, words, said):
    """Plant a sentence that says something which its section does not show."""

    def spoil(book):
        book.cells[16].source += f"\n\n{words}\n"

    spoil.__name__ = f"claim_{name}"
    plant(SAID, "cell-17", f"says {said},", "constants")(spoil)


claim("number", "It is 43.", "43")
claim("sign", "It is −42.", "−42")
claim("decimal", "It is 4.2.", "4.2")
claim("list", "It is `[0, 42, 7]`.", "0, 42, 7")
claim("words", "They are 7, 0 and 42.", "7, 0 and 42")
claim("code", "It is `43`.", "43")
claim("grown", "Now `.grad += [4 3]`.", "4 3")
claim("product", "Now 2 · 21 = 43.", "2 · 21 = 43")
claim("sum", "Now 21 + 2 · 21 = 42.", "21 + 2 · 21 = 42")
claim("folded", "<details><summary>Why?</summary>\n\nIt is 43.\n\n</details>", "43")
claim("table", "| a | b |\n| --- | --- |\n| 43 | 42 |", "43")


@plant(SAID, "cell-19", "says 21")
def constant_of_another_cell(book):
    book.cells[18].source += "\n\nIt is 21."


@plant(SAID, "cell-19", "says 7")
def output_of_another_section(book):
    book.cells[18].source += "\n\nIt is 7."


# ---------------------------------------------------------------- running pytest


def project(folder):
    """Lay out a small project with our conftest.py."""
    (folder / "helpers").mkdir()
    (folder / "helpers" / "__init__.py").touch()
    (folder / "notebooks" / ".ipynb_checkpoints").mkdir(parents=True)
    modules = ("book", "language", "live", "outputs", "parity", "prose")
    modules += ("publish", "refresh", "rules", "summary", "theme", "verdict")
    names = ["conftest.py", ".pytest.ini", "requirements.txt"]
    for name in [*names, *(f"helpers/{module}.py" for module in modules)]:
        shutil.copy(ROOT / name, folder / name)
    return folder


def other_helpers(folder):
    """Put a package of the same name elsewhere; give the place."""
    package = folder / "elsewhere" / "helpers"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return package.parent


def lead_on(notebooks):
    """Let the last link of each right notebook lead to the next file."""
    paths = sorted(notebooks.glob("*.ipynb"))
    for path, following in zip(paths, [*paths[1:], paths[0]], strict=True):
        text = path.read_bytes()
        door = f"[Once more]({following.name})"
        path.write_bytes(text.replace(b"[Once more](right.ipynb)", door.encode()))


def save(book, path):
    path.write_text(refresh.write(book), "utf-8")


def run(folder, *options, **environment):
    """Run pytest in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


def verdicts(folder, *options, **environment):
    """Give {notebook: {item: failure, or "" if it passed}}."""
    report = folder / "report.xml"
    shown = run(folder, f"--junitxml={report}", *options, **environment)
    (folder / "shown.txt").write_text(shown.stdout)
    assert shown.returncode == 1, shown.stdout + shown.stderr
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        book = case.get("classname").split(".")[-2]
        texts = "".join(problem.text or "" for problem in case)
        found.setdefault(book, {})[case.get("name")] = texts
    return found


@pytest.fixture(scope="module")
def ruled(tmp_path_factory):
    """Give the verdicts on all plants, from a bare run in a sub-directory."""
    notebooks = project(tmp_path_factory.mktemp("ruled")) / "notebooks"
    save(right_notebook(), notebooks / "right.ipynb")
    save(right_notebook(), notebooks / ".ipynb_checkpoints" / "copy.ipynb")
    for name, (spoil, *_) in PLANTS.items():
        spoilt = right_notebook()
        text = spoil(spoilt) or refresh.write(spoilt)
        data = text if type(text) is bytes else text.encode()
        (notebooks / f"{name}.ipynb").write_bytes(data)
    lead_on(notebooks)
    path = os.pathsep.join(
        map(str, [other_helpers(notebooks.parent), notebooks.parent])
    )
    option = "--import-mode=importlib"  # which leaves sys.path alone
    return verdicts(notebooks.parent / "helpers", option, PYTHONPATH=path)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_mistake_breaks_its_rule_and_no_other(ruled, name):
    _, rule, fragments, broken = PLANTS[name]
    failures = {item: text for item, text in ruled[name].items() if text}
    assert set(failures) == {f"rule: {each}" for each in broken}
    for fragment in (f"{name}.ipynb", rule, *fragments):
        assert fragment in failures[f"rule: {rule}"]


def test_the_right_notebook_keeps_every_rule(ruled):
    assert set(ruled["right"].values()) == {""}
    planted = {rule for _, rule, *_ in PLANTS.values()}
    assert set(ruled["right"]) == {f"rule: {rule}" for rule in {KNOWN, TWINS, *planted}}


def test_checkpoints_are_not_collected(ruled):
    assert set(ruled) == {"right", *PLANTS}


# ---------------------------------------------------------------- with a kernel


def wrong_outputs():
    """Give cells whose stored outputs are wrong, by what is wrong with them."""
    show = "display(dot, raw=True, metadata=alt)"
    both = f'print("a")\n{show}\nprint("b")'
    return {
        "another number": code("6 * 7", result("43")),
        "text after the picture": code(both, picture(), stdout("a\nb\n")),
        "text before the picture": code(both, stdout("a\nb\n"), picture()),
        "one picture for two": code(f"{show}\n{show}", picture()),
        "result shown as display": code(
            "7", new_output("display_data", {"text/plain": "7"})
        ),
        "picture that never was": code(
            'display({"text/plain": "a dot"}, raw=True)', picture()
        ),
        "picture that is gone": code(
            show, new_output("display_data", {"text/plain": "a dot"})
        ),
        "other size": code(
            show,
            new_output(
                "display_data",
                PICTURE,
                metadata={"image/png": {"alt": "a dot", "width": 9}},
            ),
        ),
        "changed after it was shown": code(
            "from IPython import display as d\n"
            "h = getattr(d, 'Display' + 'Handle')()\nh.display(1)\nh.update(2)",
            new_output("display_data", {"text/plain": "1"}),
        ),
        "cleared after it was shown": code(
            "print(43)\nfrom IPython import display as d\n"
            "getattr(d, 'clear' + '_output')()",
            stdout("43\n"),
        ),
        "cleared": code("6 * 7"),
        "output of a silent cell": code("x = 6 * 7", result("42")),
        "html of the other output": code(
            "display({'text/html': 'a', 'text/plain': 'a'}, raw=True)\n"
            "display({'text/plain': 'b'}, raw=True)",
            new_output("display_data", {"text/plain": "a"}),
            new_output("display_data", {"text/plain": "b", "text/html": "a"}),
        ),
        "streams the other way round": code(
            "import sys\nprint(1, flush=True)\nprint(2, file=sys.stderr)",
            stdout("2\n", "stderr"),
            stdout("1\n"),
        ),
        "other error": code_that_raises("1 / 0", "ZeroDivisionError", "by nothing"),
        "other kind of error": code_that_raises("1 / 0", "ValueError", BY_ZERO),
        "no error": code("1 / 0", tags=["raises-exception"]),
        "skipped": code("# NBVAL_SKIP\n1 / 0"),
        "ignored": code("# NBVAL_IGNORE_OUTPUT\n6 * 7", result("43")),
    }


def spoilt_pictures():
    """Give PNGs that are not what the setup cell shows, by what is wrong with them."""
    dot = outputs.pixels(PNG)
    return {
        "another colour": encoded(255 - dot[..., :3]),
        "another size": encoded(np.repeat(dot[..., :3], 2, axis=0)),
        "no picture": base64.b64encode(b"nonsense").decode(),
        "a gif": encoded(dot[..., :3], "GIF"),
    }


def encoded(pixels, kind="PNG"):
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


def wrong_pictures():
    return {
        name: code(
            "display(dot, raw=True, metadata=alt)",
            new_output("display_data", {**PICTURE, "image/png": png}, metadata=ALT),
        )
        for name, png in spoilt_pictures().items()
    }


OFFLINE = """\
import socket
try:
    socket.create_connection((HOST, 80), timeout=0.1)
except OSError as problem:
    print(problem)"""


def refused_hosts():
    """Give cells that show how a connection is refused, for each kind of address."""
    said = "Notebooks are run offline, so {} is not reached.\n"
    return [
        code(OFFLINE.replace("HOST", repr(host)), stdout(said.format(host)))
        for host in ("example.org", "192.0.2.1")
    ]


FATAL = {
    "dies": ("import os\nos._exit(1)", "The kernel died while this cell ran"),
    "crashes": ("import ctypes\nctypes.string_at(0)", "The kernel died while"),
    "never_ends": ("while True: pass", "Timeout of 3 seconds exceeded"),
    "is_deaf": (
        "while True:\n    try:\n        while True: pass\n"
        "    except KeyboardInterrupt: pass",
        "Timeout of 3 seconds exceeded",
    ),
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = project(tmp_path_factory.mktemp("executed"))
    impatient = folder / "helpers" / "refresh.py"
    text = impatient.read_text("utf-8").replace("CELL_TIMEOUT = 50", "CELL_TIMEOUT = 3")
    impatient.write_text(text, "utf-8")
    startup = folder / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    books = {
        "right": right_notebook(),
        "offline": [code(SETUP), *refused_hosts()],
        "wrong": [code(SETUP), *wrong_outputs().values(), *wrong_pictures().values()],
    }
    for name, (source, _) in FATAL.items():
        books[name] = [code(SETUP), code(source), code("2", result("2"))]
    for name, book in books.items():
        book = numbered(new_notebook(cells=book)) if type(book) is list else book
        save(book, folder / "notebooks" / f"{name}.ipynb")
    lead_on(folder / "notebooks")
    (folder / "temporary").mkdir()
    environment = {"IPYTHONDIR": str(startup.parents[1]), "OMP_NUM_THREADS": "7"}
    environment["TMPDIR"] = str(folder / "temporary")
    started = time.monotonic()
    found = verdicts(folder, "--nbval", **environment)
    found["seconds"] = time.monotonic() - started
    found["summary"] = (folder / "shown.txt").read_text()
    return found | {"left over": list(folder.glob("temporary/ipython-*"))}


WRONG = [*wrong_outputs(), *wrong_pictures()]


@pytest.mark.parametrize(("number", "name"), [*enumerate(WRONG, 1)])
def test_a_wrong_output_fails(executed, number, name):
    said = f"wrong.ipynb: Cell {number + 1} (id cell-{number + 1:02}, first line `"
    assert said in executed["wrong"][f"Cell {number}"]


def test_the_right_outputs_pass(executed):
    cells = [item for item in executed["right"] if item.startswith("Cell")]
    assert len(cells) == SECTIONS + 1
    assert set(executed["right"].values()) == {""}
    cells = [text for item, text in executed["offline"].items() if "Cell" in item]
    assert cells == ["", "", ""]


@pytest.mark.parametrize("name", FATAL)
def test_a_cell_that_ends_its_kernel_or_never_ends_fails_and_says_so(executed, name):
    _, said = FATAL[name]
    assert executed[name]["Cell 0"] == ""
    assert f"{name}.ipynb: Cell 2 (id cell-02" in executed[name]["Cell 1"]
    assert said in executed[name]["Cell 1"]


def test_such_cells_hold_nobody_up(executed):
    """A limit of 3 seconds, 20 for what an interrupted cell has still to say."""
    assert executed["seconds"] < 90


def test_the_summary_says_what_was_proved(executed):
    lines = {
        line.split()[0]: line.split()
        for line in executed["summary"].splitlines()
        if "/" in line and not line.startswith("FAILED")
    }
    wrong = len(WRONG)
    assert lines["right"][1:4] == ["18/18", "17/17", "1/1"]
    assert lines["wrong"][1] == f"1/{wrong + 1}"
    assert lines["wrong"][2].startswith("0/")
    assert lines["wrong"][-1] == "failed" and int(lines["wrong"][-2]) >= wrong


def test_nothing_is_left_over(executed):
    assert executed["left over"] == []


# ---------------------------------------------------------------- broken files

WHOLE = refresh.write(right_notebook())
BROKEN = {
    "truncated": WHOLE[:5000].encode(),
    "empty": b"",
    "list": b"[]",
    "latin": WHOLE.encode("utf-16"),
    "marked": b"\xef\xbb\xbf" + WHOLE.encode(),
    "null": refresh.write(right_notebook())
    .replace('"source": [', '"source": null, "x": [', 1)
    .encode(),
    "old": b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
}


def test_a_broken_file_fails_by_name_and_holds_nobody_up(tmp_path):
    folder = project(tmp_path)
    save(right_notebook(), folder / "notebooks" / "right.ipynb")
    twins = right_notebook()
    twins.cells[3].id = twins.cells[5].id
    save(twins, folder / "notebooks" / "twins.ipynb")
    for name, data in BROKEN.items():
        (folder / "notebooks" / f"{name}.ipynb").write_bytes(data)
    found = verdicts(folder, "--nbval")
    assert set(found) == {"right", "twins", *BROKEN}
    for name in BROKEN:
        said = "".join(found[name].values())
        assert f"{name}.ipynb breaks the rule" in said
        assert "cannot be read" in said or "no valid notebook" in said
    cells = [found["right"][f"Cell {number}"] for number in range(SECTIONS + 1)]
    assert not any(cells)
    assert "Cell 6" in "".join(found["twins"].values())


# ---------------------------------------------------------------- git


def git(folder, *arguments):
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_collected_are_exactly_the_notebooks_that_git_knows(tmp_path):
    folder = project(tmp_path) / "notebooks"
    hidden = [folder / part / "kept.ipynb" for part in ("build", "venv", ".hidden")]
    for path in [*hidden, folder / "kept.ipynb"]:
        path.parent.mkdir(exist_ok=True)
        save(right_notebook(), path)
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "notebooks")
    save(right_notebook(), folder / "new.ipynb")
    save(right_notebook(), folder / "LOUD.IPYNB")
    shown = run(tmp_path, "-rA", "-k", "git").stdout
    for part in ("", "build/", "venv/", ".hidden/"):
        assert f"PASSED notebooks/{part}kept.ipynb::rule: {KNOWN}" in shown
    for name, said in (("new.ipynb", "not tracked"), ("LOUD.IPYNB", "end in .ipynb")):
        assert f"FAILED notebooks/{name}::rule: {KNOWN}" in shown
        assert said in shown


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize("option", ["--nbval-lax", "--nbval-sanitize-with=no.cfg"])
def test_an_option_that_hides_differences_is_refused(tmp_path, option):
    shown = run(project(tmp_path), "--nbval", option)
    assert shown.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"{option.partition('=')[0]} hides differences" in shown.stderr


def test_another_package_called_helpers_is_refused(tmp_path):
    folder = project(tmp_path)
    other = other_helpers(tmp_path)
    (folder / "helpers" / "__init__.py").unlink()
    shown = run(folder, PYTHONPATH=str(other))
    assert shown.returncode == 1
    assert str(other / "helpers") in shown.stderr and "Traceback" not in shown.stderr


def test_workers_share_no_notebook():
    option = SimpleNamespace(numprocesses=2, dist="load")
    conftest.pytest_cmdline_main(SimpleNamespace(option=option))
    assert option.dist == "loadfile"


def test_cells_run_in_this_python_and_not_for_ever(pytestconfig):
    assert pytestconfig.option.nbval_current_env
    assert pytestconfig.option.nbval_cell_timeout == refresh.CELL_TIMEOUT == 50


def test_a_slow_output_is_awaited_and_no_marker_is_obeyed():
    item = IPyNbCell.__new__(IPyNbCell)
    item.options = {"skip": True, "check": False}
    conftest.pytest_itemcollected(item)
    assert item.output_timeout == 20
    assert item.options == {"skip": False, "check": True}
