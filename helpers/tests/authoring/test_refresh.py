"""Refreshing a notebook is repeatable, keeps what teaches, and never half happens."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import execute, notebook, refresh
from helpers.authoring.execute import execute_notebook
from helpers.authoring.notebook import (
    parse_notebook,
    replace_file,
    tidy_notebook,
    write_label,
    write_notebook,
)
from helpers.drawing.live import WIDGET_VIEW

ROOT = Path(refresh.__file__).parents[2]
VIEW = {WIDGET_VIEW: {"model_id": "7"}}


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    (folder / "zh").mkdir(parents=True)
    for module in ("refresh", "notebook"):
        monkeypatch.setattr(f"helpers.authoring.{module}.NOTEBOOKS", folder)
    monkeypatch.setattr("helpers.authoring.notebook.ROOT", folder.parent)
    return folder


def cells(*sources):
    return [new_code_cell(source, id=f"c{n}") for n, source in enumerate(sources)]


def book_of(*found, **metadata):
    book = new_notebook()  # which would refuse or repair what is not tidy yet
    book.cells = list(found)
    book.metadata.update(metadata)
    return book


def save(path, *found, **metadata):
    path.write_text(write_notebook(book_of(*found, **metadata)))
    return path


def load(path):
    return parse_notebook(path.read_text("utf-8"))


# ---------------------------------------------------------------- tidy


def tidied(*found, **metadata):
    return tidy_notebook(book_of(*found, **metadata))


def outputs_of(*outputs):
    return tidied(new_code_cell(outputs=list(outputs))).cells[0].outputs


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_metadata_is_the_same_for_all_notebooks():
    book = tidied(widgets={}, colab={}, language_info={"version": "3.13.15"})
    assert book.metadata == notebook.NOTEBOOK_METADATA
    assert (book.nbformat, book.nbformat_minor) == (4, 5)


def test_a_cell_keeps_only_what_teaches():
    noise = {"execution": {}, "collapsed": True, "outputId": "1", "editable": True}
    kept = {"tags": ["raises-exception"], "cellView": "form", "course": {"twin": "a"}}
    folded = {"jupyter": {"source_hidden": True, "outputs_hidden": True}}
    cell = new_code_cell(metadata=noise | kept | folded)
    assert tidied(cell).cells[0].metadata == {
        **kept,
        "jupyter": {"source_hidden": True},
    }


def test_empty_metadata_is_dropped():
    empty = {"tags": [], "cellView": "", "jupyter": {"source_hidden": False}}
    assert tidied(new_code_cell(metadata=empty)).cells[0].metadata == {}


def test_widget_views_go_and_their_text_stays():
    shown = new_output("display_data", {"text/plain": "Slider(3)", **VIEW})
    assert [o.data for o in outputs_of(shown)] == [{"text/plain": "Slider(3)"}]
    assert outputs_of(new_output("display_data", VIEW)) == []


def test_a_traceback_becomes_one_line_without_paths():
    error = new_output("error", ename="KeyError", evalue="'x'")
    error.traceback = ["\x1b[31mFile /home/ada/x.py"]
    assert outputs_of(error)[0].traceback == ["KeyError: 'x'"]
    assert (outputs_of(error)[0].ename, outputs_of(error)[0].evalue) == (
        "KeyError",
        "'x'",
    )


def test_only_neighbouring_chunks_of_one_stream_are_joined():
    picture = new_output("display_data", {"text/plain": "a dot"})
    chunks = [stream("a"), stream("b"), picture, stream("c"), stream("d", "stderr")]
    texts = [output.get("text", "picture") for output in outputs_of(*chunks)]
    assert texts == ["ab", "picture", "c", "d"]


def test_a_result_has_the_number_of_its_cell():
    result = new_output("execute_result", {"text/plain": "1"}, execution_count=9)
    cell = new_code_cell(outputs=[result], execution_count=4)
    assert tidied(cell).cells[0].outputs[0].execution_count == 4


names = st.sampled_from(["", "a", "b", "c"])
sources = st.sampled_from(["x", "y"])


def cell_called(name, source):
    cell = new_code_cell(source)
    cell.id = name
    if not name:
        del cell["id"]
    return cell


@given(st.lists(st.tuples(names, sources)))
def test_ids_become_unique_and_then_stay(found):
    book = book_of(*(cell_called(name, source) for name, source in found))
    once = tidy_notebook(book)
    ids = [cell.id for cell in once.cells]
    assert len(set(ids)) == len(ids)
    assert write_notebook(tidy_notebook(once)) == write_notebook(once)
    assert tidy_notebook(book) == once
    first = {name: n for n, (name, _) in reversed([*enumerate(found)]) if name}
    assert all(ids[n] == name for name, n in first.items())
    nbformat.validate(once)


def test_tidying_leaves_its_argument_alone():
    book = book_of(new_code_cell(outputs=[stream("a"), stream("b")]))
    before = write_notebook(book)
    tidy_notebook(book)
    assert write_notebook(book) == before


# ---------------------------------------------------------------- execute and write


def test_a_second_run_changes_no_byte(notebooks, capsys):
    tests = [*cells("1 / 0", "import sys\nprint(1)", "sys.executable", "len(In);")]
    tests[0].metadata.tags = ["raises-exception"]
    words = new_markdown_cell("# Title", id="title")
    path = save(notebooks / "01_first.ipynb", words, *tests, kernelspec={"name": "R"})
    assert refresh.main([]) == 0
    text, book = path.read_text(), load(path)
    assert [cell.get("execution_count") for cell in book.cells] == [None, 1, 2, 3, 4]
    assert book.cells[3].outputs[0].data["text/plain"] == repr(sys.executable)
    assert book.cells[4].outputs == []
    assert refresh.main(["--check"]) == 0
    assert refresh.main([]) == 0
    assert path.read_text() == text
    assert capsys.readouterr().out == "01_first: rewritten\n" + 2 * (
        "01_first: unchanged\n"
    )


def test_the_kernel_sees_the_environment_of_the_tests(notebooks, monkeypatch):
    startup = notebooks / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    monkeypatch.setenv("IPYTHONDIR", str(startup.parents[1]))
    keys = sorted(execute.KERNEL_ENVIRONMENT)
    source = (
        f"import os\nprint({{k: os.environ[k] for k in {keys}}}, 'poison' in dir())"
    )
    book = execute_notebook(book_of(*cells(source)), notebooks)
    expected = {key: execute.KERNEL_ENVIRONMENT[key] for key in keys}
    assert book.cells[0].outputs[0].text == f"{expected} False\n"


def test_the_kernel_works_beside_the_notebook(notebooks):
    book = execute_notebook(book_of(*cells("import os\nos.getcwd()")), notebooks)
    assert book.cells[0].outputs[0].data["text/plain"] == repr(str(notebooks))


def test_check_writes_nothing(notebooks, capsys):
    path = save(notebooks / "01_first.ipynb", *cells("1"))
    before = path.read_text()
    assert refresh.main(["--check"]) == 1
    assert path.read_text() == before
    assert capsys.readouterr().out == "01_first: would change\n"


def test_an_error_stops_with_a_sentence(notebooks, capsys):
    path = save(notebooks / "01_first.ipynb", *cells("1", "1 / 0", "2"))
    before = path.read_text()
    assert refresh.main(["01"]) == 1
    assert path.read_text() == before
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == (
        "01_first, cell 2 (id c1) raises «ZeroDivisionError: division by zero»; mend "
        "it, or tag it raises-exception if the error is the lesson.\n"
    )


ROOTED = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
ASKS = ROOTED + "from helpers import check, show_scoreboard\n"
MISSPELT = "No question is called 'backward/factr'; the name that is most like it is"
ANSWERED = {
    'check("backward/factr", ...)': f"✗ {MISSPELT} 'backward/factor'.",
    'check("backward/factor", 3, 30.0)': "✗ ",
    'check("backward/factor", 30, 30.0)': "✓ ",
    'show_scoreboard("backwards")': "✗ No lesson is called 'backwards'; the lessons ",
}


@pytest.mark.parametrize(("source", "said"), ANSWERED.items())
def test_a_question_that_does_not_wait_for_its_answer_is_refused(
    notebooks, capsys, source, said
):
    path = save(notebooks / "01_first.ipynb", *cells("1", ASKS + source))
    before = path.read_text()
    assert refresh.main(["01"]) == 1
    assert path.read_text() == before
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith(f"01_first, cell 2 (id c1) shows «{said}")
    assert shown.err.endswith("has to wait for the learner's answer.\n")


def test_a_question_that_waits_is_stored_and_so_is_a_plain_sign(notebooks):
    waiting = ASKS + 'check("backward/factor", ...)'
    path = save(notebooks / "01_first.ipynb", *cells(waiting, "print('✗ no')"))
    assert refresh.main(["01"]) == 0
    assert load(path).cells[0].outputs[0].data["text/plain"].startswith("○ ")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import os; os._exit(1)", "killed the kernel"),
        ("while True: pass", "runs longer than 1 seconds"),
    ],
)
def test_a_cell_that_never_ends_well(notebooks, capsys, monkeypatch, source, why):
    monkeypatch.setattr("helpers.authoring.execute.CELL_TIMEOUT", 1)
    save(notebooks / "01_first.ipynb", *cells(source))
    assert refresh.main([]) == 1
    assert f"01_first, cell 1 (id c0) {why}" in capsys.readouterr().err


def test_the_file_keeps_its_mode_and_leaves_nothing_beside_it(notebooks):
    path = save(notebooks / "01_first.ipynb", *cells("1"))
    mode = stat.S_IMODE(path.stat().st_mode)
    replace_file(path, "{}\n")
    assert path.read_text() == "{}\n"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [p.name for p in notebooks.iterdir() if p.is_file()] == [path.name]


def test_a_failed_write_keeps_the_old_file(notebooks, monkeypatch):
    def refuse(*_):
        raise OSError("no space")

    path = save(notebooks / "01_first.ipynb", *cells("1"))
    before = path.read_text()
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no space"):
        replace_file(path, "{}")
    assert path.read_text() == before
    assert not list(notebooks.glob("*.tmp"))


@pytest.mark.parametrize("text", ["not json", '{"cells": []}', "[]"])
def test_a_broken_file_is_reported(notebooks, capsys, text):
    (notebooks / "01_first.ipynb").write_text(text)
    assert refresh.main([]) == 1
    assert "01_first is not a notebook" in capsys.readouterr().err


@pytest.mark.thorough
def test_interrupting_leaves_the_notebook_alone(tmp_path):
    source = "import time; open('started', 'w').close(); time.sleep(60)"
    path = save(tmp_path / "slow.ipynb", *cells(source))
    before = path.read_text()
    command = [sys.executable, "-m", "helpers", "refresh", str(path)]
    running = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # A shell may have told its background jobs to ignore interrupts.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
    )
    while not (tmp_path / "started").exists() and running.poll() is None:
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=30)[1] == (
        "Stopped; the notebook that was running is untouched.\n"
    )
    assert running.returncode == 130
    assert path.read_text() == before
    assert {each.name for each in tmp_path.iterdir()} == {path.name, "started"}


# ---------------------------------------------------------------- README

PNG = "iVBORw0KGgo="
SHOWS = f"""\
from IPython.display import display
display({{"image/png": "AAAA", "text/plain": "."}}, raw=True)
display({{"image/png": "{PNG}", "text/plain": "."}}, raw=True)
"""


@pytest.fixture
def readme(notebooks):
    (notebooks.parent / ".github").mkdir()
    path = notebooks.parent / "README.md"
    path.write_text(f"# Title\n\n```python\n{SHOWS}```\n\n```python\n1 / 0\n```\n")
    return path


def test_the_picture_of_readme_is_the_last_that_its_example_shows(readme, capsys):
    picture = readme.parent / ".github" / "walk.png"
    assert refresh.main(["README", "--check"]) == 1
    assert not picture.exists()
    assert refresh.main([]) == 0
    assert picture.read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert refresh.main(["README", "--check"]) == 0
    said = ["would change", "rewritten", "unchanged"]
    assert capsys.readouterr().out == "".join(f"README: {each}\n" for each in said)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Title\n", "its first Python code shows no picture; mend it."),
        ("```python\n1 / 0\n```\n", "cell 1 (id "),
    ],
)
def test_a_readme_without_a_picture_is_told(readme, capsys, text, why):
    readme.write_text(text)
    assert refresh.main(["README"]) == 1
    assert capsys.readouterr().err.startswith(f"README: {why}")
    assert not [*(readme.parent / ".github").iterdir()]


# ---------------------------------------------------------------- names


@pytest.fixture
def known(notebooks):
    for name in ("01_first", "03_second", "zh/03_second", ".ipynb_checkpoints/03_x"):
        path = notebooks / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        save(path)
    return notebooks


@pytest.mark.parametrize(
    ("given_names", "expected"),
    [
        ([], ["01_first", "03_second", "zh/03_second"]),
        (["03"], ["03_second", "zh/03_second"]),
        (["03_second"], ["03_second", "zh/03_second"]),
        (["zh/03_second"], ["zh/03_second"]),
        (["01_first.ipynb", "01"], ["01_first"]),
    ],
)
def test_names_stand_for_notebooks(known, given_names, expected):
    assert list(map(write_label, refresh.choose_files(given_names))) == expected


def test_a_path_is_a_name_too(known, monkeypatch):
    monkeypatch.chdir(known / "zh")
    assert refresh.choose_files(["03_second.ipynb"]) == [
        known / "zh" / "03_second.ipynb"
    ]


def test_an_unknown_name_lists_the_known_ones(known, capsys):
    assert refresh.main(["3"]) == 1
    assert capsys.readouterr().err == (
        "No notebook is called '3'; known are: 01_first, 03_second, zh/03_second.\n"
    )


def test_stored_metadata_is_enough_to_colour_the_code():
    exporter = pytest.importorskip("nbconvert").HTMLExporter()
    html = exporter.from_notebook_node(tidied(new_code_cell("import torch")))[0]
    assert '<span class="kn">import</span>' in html
    assert json.loads(write_notebook(tidied()))["metadata"]["language_info"]
