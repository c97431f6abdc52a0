"""Plant wrong notebooks; `pytest --nbval` must name the rule and the cell."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbval.plugin import IPyNbCell

from helpers import refresh

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
SETUP = f"""\
# @title Setup: run me first
from IPython.display import display
dot = {{"text/plain": "a dot"}}
dot["image/png"] = (
    "{PNG[:60]}"
    "{PNG[60:]}"
)"""
SECTIONS = 17
PROSE = "Guess what the product will be before you run the next cell. " * 5


def result(text):
    return new_output("execute_result", {"text/plain": text})


def stdout(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def picture():
    return new_output("display_data", dict(PICTURE))


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def right_notebook():
    """Build a notebook that keeps all rules, and whose outputs are true."""
    cells = [
        new_markdown_cell("# Numbers multiply\n[again](right.ipynb#numbers)"),
        code(SETUP, cellView="form", jupyter={"source_hidden": True}),
    ]
    for number in range(SECTIONS):
        cells.append(new_markdown_cell(f"## Section {number}\n{PROSE}"))
        cells.append(code(f"x = 3\ny = x * {number}\ny", result(f"{3 * number}")))
    cells[5] = code("display(dot, raw=True)", picture())
    cells[7] = code("1 / 0", tags=["raises-exception"])
    cells[7].outputs = [
        new_output("error", ename="ZeroDivisionError", evalue="division by zero")
    ]
    cells[9] = code('print("a")\nprint("b")\n"hidden";', stdout("a\nb\n"))
    cells[11] = code(
        'import os\n"poison" in globals(), os.environ["OMP_NUM_THREADS"]',
        result("(False, '1')"),
    )
    cells[13] = code(
        "from ipywidgets import IntSlider\nIntSlider(3)",
        result("IntSlider(value=3)"),
    )
    cells[15] = code(  # as ipywidgets 7 shows it
        "IntSlider(4)", new_output("display_data", {"text/plain": "IntSlider(value=4)"})
    )
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
SIZE = "no cell is empty or too large"
TITLE = "the first cell holds the only title"
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


@plant(SWITCH, "cell-04", "clear_output")
def cleared_output(book):
    book.cells[3].source = "from IPython.display import clear_output\nx = 3\nx"


@plant(TIDY, "The notebook", "`kernelspec`")
def foreign_kernel(book):
    book.metadata.kernelspec.name = "my-env"


@plant(TIDY, "The notebook", "`widgets`")
def widget_state(book):
    book.metadata.widgets = {"application/vnd.jupyter.widget-state+json": {}}


@plant(TIDY, "The notebook", "`colab`")
def colab_notebook(book):
    book.metadata.colab = {"provenance": []}


@plant(TIDY, "The notebook", "not formatted")
def other_indentation(book):
    return json.dumps(book, indent=2)


@plant(TIDY, "cell-04", "`metadata`")
def colab_cell(book):
    book.cells[3].metadata.outputId = "9f"


@plant(TIDY, "cell-04", "`outputs`", also=[PICTURES])
def widget_view(book):
    book.cells[3].outputs[0].data[refresh.WIDGET_VIEW] = {"model_id": "7"}


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


@plant(FIRST, "cell-02", "more than 12 lines")
def long_setup(book):
    book.cells[1].source += "\n1" * 6


@plant(BUDGET, "63 cells; the budget is 25 to 55")
def many_cells(book):
    extra = [new_markdown_cell("More.", id=f"extra-{n}") for n in range(27)]
    book.cells += extra


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
    book.cells[0].source = "Numbers multiply\n\n`# not a title`"


@plant(LINKS, "cell-03", "`00_missing.ipynb`")
def dead_link(book):
    book.cells[2].source += "\n[back](00_missing.ipynb)"


@plant(LINKS, "cell-03", "/main/notebooks/00_missing.ipynb")
def dead_badge(book):
    target = conftest.COLAB + "ada/course/blob/main/notebooks/00_missing.ipynb"
    book.cells[2].source += f'\n<a href="{target}">open</a>'


# ---------------------------------------------------------------- running pytest


def project(folder):
    """Lay out a small project with our conftest.py."""
    (folder / "helpers").mkdir()
    (folder / "helpers" / "__init__.py").touch()
    (folder / "notebooks" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("conftest.py", ".pytest.ini", "helpers/refresh.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def other_helpers(folder):
    """Put a package of the same name elsewhere; give the place."""
    package = folder / "elsewhere" / "helpers"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    return package.parent


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
        (notebooks / f"{name}.ipynb").write_text(text, "utf-8")
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
    assert set(ruled["right"]) == {f"rule: {rule}" for _, rule, *_ in PLANTS.values()}


def test_checkpoints_are_not_collected(ruled):
    assert set(ruled) == {"right", *PLANTS}


# ---------------------------------------------------------------- with a kernel


def wrong_outputs():
    """Give cells whose stored outputs are wrong, by what is wrong with them."""
    show = "display(dot, raw=True)"
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
            show, new_output("display_data", PICTURE, metadata={"width": 9})
        ),
        "skipped": code("# NBVAL_SKIP\n1 / 0"),
        "ignored": code("# NBVAL_IGNORE_OUTPUT\n6 * 7", result("43")),
    }


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = project(tmp_path_factory.mktemp("executed"))
    startup = folder / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    cells = [code(SETUP), *wrong_outputs().values()]
    save(right_notebook(), folder / "notebooks" / "right.ipynb")
    save(numbered(new_notebook(cells=cells)), folder / "notebooks" / "wrong.ipynb")
    (folder / "temporary").mkdir()
    environment = {"IPYTHONDIR": str(startup.parents[1]), "OMP_NUM_THREADS": "7"}
    environment["TMPDIR"] = str(folder / "temporary")
    found = verdicts(folder, "--nbval", **environment)
    return found | {"left over": list(folder.glob("temporary/ipython-*"))}


@pytest.mark.parametrize(("number", "name"), [*enumerate(wrong_outputs(), 1)])
def test_a_wrong_output_fails(executed, number, name):
    assert f"Cell {number}" in executed["wrong"][f"Cell {number}"]


def test_the_right_outputs_pass(executed):
    cells = [item for item in executed["right"] if item.startswith("Cell")]
    assert len(cells) == SECTIONS + 1
    assert set(executed["right"].values()) == {""}


def test_nothing_is_left_over(executed):
    assert executed["left over"] == []


# ---------------------------------------------------------------- the command


def test_lax_comparison_is_refused(tmp_path):
    shown = run(project(tmp_path), "--nbval-lax")
    assert shown.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--nbval-lax compares no outputs" in shown.stderr


def test_another_package_called_helpers_is_refused(tmp_path):
    folder = project(tmp_path)
    other = other_helpers(tmp_path)
    (folder / "helpers" / "__init__.py").unlink()
    shown = run(folder, PYTHONPATH=str(other))
    assert shown.returncode == pytest.ExitCode.USAGE_ERROR
    assert str(other / "helpers") in shown.stderr


def test_workers_share_no_notebook():
    option = SimpleNamespace(numprocesses=2, dist="load")
    conftest.pytest_cmdline_main(SimpleNamespace(option=option))
    assert option.dist == "loadfile"


def test_cells_run_in_this_python_and_not_for_ever(pytestconfig):
    assert pytestconfig.option.nbval_current_env
    assert pytestconfig.option.nbval_cell_timeout == refresh.CELL_TIMEOUT == 60


def test_a_slow_output_is_awaited_and_no_marker_is_obeyed():
    item = IPyNbCell.__new__(IPyNbCell)
    item.options = {"skip": True, "check": False}
    conftest.pytest_itemcollected(item)
    assert item.output_timeout == 30
    assert item.options == {"skip": False, "check": True}
