"""Refreshing a notebook is repeatable, keeps what teaches, and never half happens."""

import os
import signal
import subprocess
import sys
import time
from functools import partial

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import editions, execute, notebook, questions, refresh
from helpers.authoring.execute import execute_notebook
from helpers.authoring.notebook import (
    ROOT,
    UNTRANSLATED,
    read_notebook,
    replace_file,
    tidy_notebook,
    write_notebook,
)
from helpers.live import WIDGET_VIEW

VIEW = {WIDGET_VIEW: {"model_id": "7"}}


@pytest.fixture
def notebooks(tmp_path, monkeypatch):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for module in (refresh, notebook, editions, questions):
        monkeypatch.setattr(module, "NOTEBOOKS", folder)
    for module in (refresh, notebook):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(questions, "LESSONS", tmp_path / "helpers" / "lessons")
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


# ---------------------------------------------------------------- tidy


def tidied(*found, **metadata):
    return tidy_notebook(book_of(*found, **metadata))


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def test_metadata_is_the_same_for_all_notebooks():
    book = tidied(widgets={}, colab={}, language_info={"version": "3.13.15"})
    assert book == tidied()


NOISE = {"execution": {}, "collapsed": True, "outputId": "1", "editable": True}
KEPT = {"tags": ["raises-exception"], "cellView": "form"}
FOLDED = {"jupyter": {"source_hidden": True}}
OPEN = {"jupyter": {"source_hidden": False}}


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        (NOISE | KEPT | FOLDED, KEPT | FOLDED),
        ({"jupyter": {"source_hidden": True, "other": True}}, FOLDED),
        ({"tags": [], "cellView": "", **OPEN}, {}),
    ],
)
def test_a_cell_keeps_only_what_teaches(metadata, kept):
    assert tidied(new_code_cell(metadata=metadata)).cells[0].metadata == kept


TEXT = {"text/plain": "Slider(3)"}
WORDS, WIDGET = new_output("display_data", TEXT), new_output("display_data", VIEW)
ERROR = partial(new_output, "error", ename="KeyError", evalue="'x'")
OUTPUTS = {
    "a widget's text stays": ([new_output("display_data", TEXT | VIEW)], [WORDS]),
    "its view goes": ([WIDGET], []),
    "a traceback becomes one line without paths": (
        [ERROR(traceback=["\x1b[31mFile /home/ada/x.py"])],
        [ERROR(traceback=["KeyError: 'x'"])],
    ),
    "only neighbouring chunks of one stream are joined": (
        [stream("a"), stream("b"), WORDS, stream("c"), stream("d", "stderr")],
        [stream("ab"), WORDS, stream("c"), stream("d", "stderr")],
    ),
    "a result has the number of its cell": (
        [new_output("execute_result", TEXT, execution_count=9)],
        [new_output("execute_result", TEXT, execution_count=4)],
    ),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_outputs_are_tidied(name):
    outputs, expected = OUTPUTS[name]
    book = book_of(new_code_cell(outputs=outputs, execution_count=4))
    before = write_notebook(book)
    assert tidy_notebook(book).cells[0].outputs == expected
    assert write_notebook(book) == before


names = st.sampled_from(["", "a", "b", "ask-a", "ask-b-c"])
sources = st.sampled_from(["x", "y", 'check("t/a", 1)', 'x\ncheck("t/b_c", ...)'])
ASKING = {'check("t/a", 1)': "ask-a", 'x\ncheck("t/b_c", ...)': "ask-b-c"}


def cell_called(name, source):
    cell = new_code_cell(source)
    cell.id = name
    if not name:
        del cell["id"]
    return cell


@given(st.lists(st.tuples(names, sources)))
def test_ids_become_unique_and_then_stay_and_questions_have_their_own(found):
    book = book_of(*(cell_called(name, source) for name, source in found))
    once = tidy_notebook(book)
    ids = [cell.id for cell in once.cells]
    assert len(set(ids)) == len(ids)
    assert write_notebook(tidy_notebook(once)) == write_notebook(once)
    assert tidy_notebook(book) == once
    nbformat.validate(once)
    said = [source for _, source in found]
    asking = {
        ask: said.index(source) for source, ask in ASKING.items() if source in said
    }
    others = {name: n for n, (name, _) in reversed([*enumerate(found)]) if name}
    for name, n in {**others, **asking}.items():
        assert ids[n] == name or n in asking.values()


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('guess = ...\ncheck("a/two_walks", guess, x)', "ask-two-walks"),
        ("check(\n    'a/é b', f\n)", "ask---b"),
        ('check("a/' + "n" * 99 + '")', "ask-" + "n" * 60),
        ('check("a")', "own"),
        ('print(check("a/b", 1))', "own"),
    ],
)
def test_a_cell_is_named_after_its_question(source, name):
    book = tidied(cell_called("own", source), new_markdown_cell(source, id="b"))
    assert [cell.id for cell in book.cells] == [name, "b"]


# ---------------------------------------------------------------- execute and write


def test_a_second_run_changes_no_byte_and_a_check_none_at_all(notebooks, capsys):
    tests = [*cells("1 / 0", "import sys\nprint(1)", "sys.executable", "len(In);")]
    tests[0].metadata.tags = ["raises-exception"]
    words = new_markdown_cell("# Title", id="title")
    path = save(notebooks / "01_first.ipynb", words, *tests, kernelspec={"name": "R"})
    before = path.read_text()
    assert refresh.main(["--check"]) == 1
    assert path.read_text() == before
    assert refresh.main([]) == 0
    text, book = path.read_text(), read_notebook(path)
    assert [cell.get("execution_count") for cell in book.cells] == [None, 1, 2, 3, 4]
    assert book.cells[3].outputs[0].data["text/plain"] == repr(sys.executable)
    assert book.cells[4].outputs == []
    assert refresh.main(["--check"]) == refresh.main([]) == 0
    assert path.read_text() == text
    said = ["would change", "rewritten", "unchanged", "unchanged"]
    assert capsys.readouterr().out == "".join(f"01_first: {each}\n" for each in said)


def test_the_kernel_has_the_environment_of_the_tests_and_works_beside_the_notebook(
    notebooks, monkeypatch
):
    startup = notebooks / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    monkeypatch.setenv("IPYTHONDIR", str(startup.parents[1]))
    keys = sorted(execute.KERNEL_ENVIRONMENT)
    source = f"""\
import os
print({{k: os.environ[k] for k in {keys}}}, 'poison' in dir(), os.getcwd())"""
    book = execute_notebook(book_of(*cells(source)), notebooks)
    expected = {key: execute.KERNEL_ENVIRONMENT[key] for key in keys}
    assert book.cells[0].outputs[0].text == f"{expected} False {notebooks}\n"


ASKS = f"""\
import sys; sys.path.insert(0, {str(ROOT)!r})
from helpers import check, show_scoreboard
"""
MISSPELT = "No question is called 'backward/factr'; the name that is most like it is"
WAITS = "; mend it, because what is stored has to wait for the learner's answer."
REFUSED = {
    "1 / 0": "cell 2 (id c1) raises «ZeroDivisionError: division by zero»; mend it, or "
    "tag it raises-exception if the error is the lesson.",
    "import os; os._exit(1)": "cell 2 (id c1) killed the kernel; mend it.",
    "while True: pass": "cell 2 (id c1) runs longer than 1 seconds; make it shorter.",
    f'{ASKS}check("backward/factr", ...)': (
        f"cell 2 (id ask-factr) shows «✗ {MISSPELT} 'backward/factor'.»{WAITS}"
    ),
    f'{ASKS}check("backward/factor", 30, 30.0)': "cell 2 (id ask-factor) shows «✓ ",
    f'{ASKS}check("backward/factor", 3, 30.0)': "cell 2 (id ask-factor) shows «✗ ",
    f'{ASKS}show_scoreboard("no")': "cell 2 (id c1) shows «✗ No lesson is called 'no'",
}


@pytest.mark.thorough
@pytest.mark.parametrize("source", REFUSED)
def test_what_cannot_be_stored_stops_with_a_sentence(
    notebooks, capsys, monkeypatch, source
):
    if source.startswith("while"):
        monkeypatch.setattr(execute, "CELL_TIMEOUT", 1)
    path = save(notebooks / "01_first.ipynb", *cells("1", source, "2"))
    before = path.read_text()
    assert refresh.main(["01"]) == 1
    assert path.read_text() == before
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert shown.err.startswith(f"01_first: {REFUSED[source]}")


def test_a_question_that_waits_is_stored_and_so_is_a_plain_sign(notebooks):
    waiting = ASKS + 'check("backward/factor", ...)'
    path = save(notebooks / "01_first.ipynb", *cells(waiting, "print('✗ no')"))
    assert refresh.main(["01"]) == 0
    assert read_notebook(path).cells[0].outputs[0].data["text/plain"].startswith("○ ")


def test_a_file_is_written_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError("no space")

    path = save(tmp_path / "a.ipynb", *cells("1"))
    mode = path.stat().st_mode
    replace_file(path, b"new")
    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OSError, match="no space"):
        replace_file(path, b"newer")
    assert (path.read_text(), path.stat().st_mode) == ("new", mode)
    assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize("text", ["not json", '{"cells": []}', "[]"])
def test_a_broken_file_is_reported(notebooks, capsys, text):
    (notebooks / "01_first.ipynb").write_text(text)
    assert refresh.main([]) == 1
    assert "01_first: it is not a notebook" in capsys.readouterr().err


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


# ---------------------------------------------------------------- a new question

LESSON = "LESSONS = {'a/one': ONE, 'a/two': TWO.build(), 'b/other': OTHER}"


def test_a_new_question_gets_its_id_its_chinese_copy_and_a_word_on_what_is_missing(
    notebooks, capsys
):
    (notebooks / "zh").mkdir()
    questions.LESSONS.mkdir(parents=True)
    (questions.LESSONS / "a.py").write_text(LESSON)
    path = notebooks / "01_first.ipynb"
    asks = "check = print\ncheck('a/one', 1)"
    save(path, new_markdown_cell("Guess.", id="q"), *cells(asks, "2"))
    assert refresh.main([]) == 0
    said = capsys.readouterr().out.splitlines()
    twin = notebooks / "zh" / path.name
    assert [(cell.id, cell.source) for cell in read_notebook(twin).cells] == [
        ("q", f"Guess.\n\n{UNTRANSLATED}"),
        ("ask-one", asks),
        ("c1", "2"),
    ]
    assert [cell.id for cell in read_notebook(path).cells] == ["q", "ask-one", "c1"]
    assert said == [
        "01_first: rewritten",
        "zh/01_first: rewritten; not translated yet: 1",
        '01_first: The notebook does not ask a/two; write check("a/two", …), or take '
        "a/two out of LESSONS.",
        'No notebook asks b/other; write check("b/other", …), or take b/other out of '
        "LESSONS.",
    ]
    stored = path.read_bytes(), twin.read_bytes()
    assert refresh.main([]) == 0
    assert (path.read_bytes(), twin.read_bytes()) == stored


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


NAMES = {
    "": "01_first 03_second zh/01_first zh/03_second",  # one is still to be made
    "03": "03_second zh/03_second",
    "03_second": "03_second zh/03_second",
    "zh/03_second": "zh/03_second",
    "01_first.ipynb zh/01_first": "01_first zh/01_first",
    "03_second.ipynb": "zh/03_second",  # a path, seen from there
}


@pytest.fixture
def known(notebooks, monkeypatch):
    for name in ("01_first", "03_second", "zh/03_second", ".ipynb_checkpoints/03_x"):
        path = notebooks / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        save(path)
    monkeypatch.chdir(notebooks / "zh")


@pytest.mark.parametrize("names", NAMES)
def test_names_stand_for_notebooks(known, names):
    found = map(refresh.write_label, refresh.choose_files(names.split()))
    assert " ".join(found) == NAMES[names]


def test_an_unknown_name_lists_the_known_ones(known, capsys):
    assert refresh.main(["3"]) == 1
    said = "No notebook is called '3'; known are: 01_first, 03_second, zh/01_first, "
    assert capsys.readouterr().err == f"{said}zh/03_second.\n"


def test_stored_metadata_is_enough_to_colour_the_code():
    exporter = pytest.importorskip("nbconvert").HTMLExporter()
    html = exporter.from_notebook_node(tidied(new_code_cell("import torch")))[0]
    assert '<span class="kn">import</span>' in html
