"""A notebook as data: what is read, what is kept, and how its cells are named."""

import subprocess
from hashlib import sha256

import pytest
from nbformat.v4 import (
    new_code_cell,
    new_markdown_cell,
    new_notebook,
    new_output,
    new_raw_cell,
)

from helpers.authoring import notebook
from helpers.authoring.notebook import UNTRANSLATED, Notebook, write_notebook
from helpers.live import WIDGET_VIEW

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole


def save(path, *cells):
    """Write a notebook of these cells, and give its path back."""
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(write_notebook(new_notebook(cells=list(cells))), "utf-8")
    return path


# ---- files


@pytest.mark.parametrize("text", ["{}", "[]", '{"nbformat": 4}', "no notebook", "5"])
def test_what_is_no_notebook_is_refused_as_a_wrong_value(text):
    with pytest.raises(ValueError):
        notebook.parse_notebook(text)


def test_what_a_file_lacks_is_said():
    with pytest.raises(ValueError, match=r"^cells or metadata are missing$"):
        notebook.parse_notebook('{"cells": [{}]}')


def test_a_notebook_is_read_as_it_was_written(tmp_path, other_locale):
    book = new_notebook(cells=[new_markdown_cell("梯度")])
    text = write_notebook(book)
    assert text.endswith("}\n") and not text.endswith("\n\n")
    (tmp_path / "a.ipynb").write_text(text, "utf-8")
    assert notebook.read_notebook(tmp_path / "a.ipynb") == book
    assert Notebook(tmp_path / "a.ipynb").data == book
    assert notebook.read_notebook(tmp_path / "b.ipynb").cells == []


def test_the_lessons_of_a_folder_come_in_their_order_without_the_playground(tmp_path):
    for name in ("02_b.ipynb", "playground.ipynb", "01_a.ipynb", "a.txt", "z/3.ipynb"):
        save(tmp_path / name)
    names = [path.name for path in notebook.list_lessons(tmp_path)]
    assert names == ["01_a.ipynb", "02_b.ipynb"]
    for path in tmp_path.glob("*.ipynb"):
        assert Notebook(path).is_lesson is (path.name in names)


def test_all_notebooks_below_a_folder_are_listed_but_not_jupyters_copies(tmp_path):
    for name in ("b.ipynb", "zh/a.ipynb", ".ipynb_checkpoints/b.ipynb", "b.txt"):
        save(tmp_path / name)
    listed = notebook.list_notebooks(tmp_path)
    assert listed == [tmp_path / "b.ipynb", tmp_path / "zh" / "a.ipynb"]


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path):
    path = save(tmp_path / "a.ipynb")
    notebook.replace_file(path, b"new")
    assert path.read_bytes() == b"new" and list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    def fail(source, target):
        assert source == tmp_path / "a.ipynb.tmp" and target == path
        raise PermissionError

    path = save(tmp_path / "a.ipynb")
    before = path.read_bytes()
    monkeypatch.setattr(notebook.os, "replace", fail)
    with pytest.raises(PermissionError):
        notebook.replace_file(path, b"new")
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def list_tracked(folder):
    return notebook.list_tracked.__wrapped__(folder)  # which asks git again


def test_git_tells_which_files_of_a_folder_it_tracks(tmp_path):
    inner = save(tmp_path / "in" / "梯度 1.ipynb").parent
    save(inner / "untracked.ipynb")
    save(tmp_path / "outer.ipynb")
    for command in (["init", "-q"], ["add", "in/梯度 1.ipynb", "outer.ipynb"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    assert list_tracked(inner) == ["梯度 1.ipynb", ""]


@pytest.mark.parametrize("has_git", [True, False])
def test_outside_of_a_repository_nobody_knows_what_is_tracked(
    tmp_path, monkeypatch, capfd, has_git
):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    if not has_git:
        monkeypatch.setenv("PATH", str(tmp_path))
    assert list_tracked(tmp_path) is None
    assert capfd.readouterr() == ("", "")


# ---- what is kept


def tidy(*cells, **metadata):
    """Tidy a notebook of these cells, valid or not."""
    book = new_notebook()
    book.cells, book.metadata = list(cells), metadata
    return notebook.tidy_notebook(book)


def test_what_a_notebook_tells_of_the_machine_is_dropped():
    book = tidy(new_markdown_cell("a"), language_info={"version": "3.9"}, author="me")
    assert (book.nbformat, book.nbformat_minor) == (4, 5)
    assert book.metadata == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        },
        "language_info": {"name": "python"},
    }


@pytest.mark.parametrize(
    ("metadata", "kept"),
    [
        ({}, {}),
        ({"tags": [], "cellView": ""}, {}),
        ({"tags": ["a"], "cellView": "form", "id": "x"}, None),
        ({"jupyter": {"source_hidden": True, "other": True}}, None),
        ({"jupyter": {"outputs_hidden": True, "source_hidden": False}}, None),
        ({"jupyter": {"source_hidden": False}, "collapsed": True}, {}),
    ],
)
def test_of_a_cells_metadata_what_hides_or_tags_is_kept(metadata, kept):
    if kept is None:
        kept = {key: metadata[key] for key in ("tags", "cellView") if key in metadata}
        hidden = metadata.get("jupyter", {})
        shown = {key: True for key in hidden if key != "other" and hidden[key]}
        kept |= {"jupyter": shown} if shown else {}
    for make in (new_code_cell, new_markdown_cell, new_raw_cell):
        (cell,) = tidy(make("x", id="name", metadata=metadata)).cells
        assert (cell.metadata, cell.source, cell.id) == (kept, "x", "name")
        assert ("outputs" in cell) is (make is new_code_cell)


def test_of_outputs_what_they_show_is_kept():
    plain = {"text/plain": "a"}
    cell = new_code_cell("x", execution_count=7)
    cell.outputs = [
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stdout", text="b"),
        new_output("error", ename="E", evalue="why", traceback=["/home/me"]),
        new_output("execute_result", plain | {WIDGET_VIEW: {}}, execution_count=3),
        new_output("display_data", plain),
        new_output("display_data", {WIDGET_VIEW: {}}),
    ]
    (tidied,) = tidy(cell).cells
    assert tidied.execution_count == 7
    assert tidied.outputs == [
        new_output("stream", name="stdout", text="ab"),
        new_output("error", ename="E", evalue="why", traceback=["E: why"]),
        new_output("execute_result", plain, execution_count=7),
        new_output("display_data", plain),
    ]


def test_a_cell_of_code_that_stores_nothing_has_no_outputs():
    cell = new_code_cell("x")
    del cell["outputs"], cell["execution_count"]
    (tidied,) = tidy(cell).cells
    assert tidied.outputs == [] and tidied.execution_count is None


# ---- names of cells


def test_a_cell_that_asks_is_named_after_its_question_and_others_keep_their_names():
    cells = [
        new_markdown_cell("a", id="own"),
        new_code_cell("guess = 1\ncheck( 'topic/Some_thing/x', guess)", id="b"),
        new_code_cell('check("topic/again", 1)\ncheck("topic/more", 1)', id="c"),
        new_markdown_cell('check("topic/prose", 1)', id="d"),
        new_code_cell('check("topic", 1)', id="e"),
        new_code_cell(' check("topic/indented", 1)', id="f"),
        new_code_cell(f'check("topic/{"long" * 20}", 1)', id="g"),
    ]
    names = ["own", "ask-Some-thing-x", "ask-again", "d", "e", "f"]
    assert notebook.choose_ids(cells) == [*names, f"ask-{'long' * 15}"]
    assert tidy(*cells).cells[2].id == "ask-again"
    assert notebook.find_questions(cells[2]) == ["topic/again", "topic/more"]


def test_missing_and_repeated_names_are_derived_and_no_two_are_the_same():
    asks = 'check("topic/one", 1)'
    cells = [
        new_markdown_cell("a", id="own"),
        new_markdown_cell("b", id="own"),
        new_code_cell(asks, id="own"),
        new_code_cell(asks, id="twice"),
        new_markdown_cell("c", id="ask-one"),
        new_markdown_cell("d"),
        new_markdown_cell("e"),
    ]
    cells[-2].id = ""
    del cells[-1]["id"]
    names = notebook.choose_ids(cells)
    assert names[0] == "own" and names[2:4] == ["ask-one", "twice"]
    assert len({*names}) == len(names) == 7
    assert names == notebook.choose_ids(cells)  # not by chance
    derived = [sha256(it).hexdigest()[:8] for it in (b"1 b", b"5 d", b"6 e")]
    assert [names[1], *names[5:]] == derived


def test_a_name_that_is_derived_is_never_one_that_is_taken():
    first, second = (notebook.derive_id("a", taken) for taken in ((), {"ca978112"}))
    assert first == "ca978112"
    assert len(second) == 8 and second == notebook.derive_id(first, set())
    cells = [new_markdown_cell("a"), new_markdown_cell("b", id="own")]
    cells[0].id = ""
    cells[1].id = notebook.choose_ids(cells)[0]
    names = notebook.choose_ids(cells)
    assert names[1] == cells[1].id and len({*names}) == 2


# ---- what is asked of a notebook


PICTURE = new_output("display_data", {"image/png": "AAAA"})


@pytest.fixture
def book(tmp_path):
    """Return a notebook with some of everything."""
    hidden = "<details>\n<summary>{}</summary>\n</details>"
    return Notebook(
        save(
            tmp_path / "zh" / "01_one.ipynb",
            new_markdown_cell("title"),
            new_code_cell("guess = ...\nx"),
            new_code_cell("x\nguess = ..."),
            new_code_cell("y", outputs=[PICTURE, new_output("stream", text="a")]),
            new_code_cell("z", outputs=[PICTURE, PICTURE]),
            new_markdown_cell(hidden.format("Solution")),
            new_markdown_cell(hidden.format("参考答案")),
            new_markdown_cell(hidden.format("Hint")),
            new_raw_cell("raw"),
        )
    )


def test_a_notebook_counts_what_it_has_to_prove(book):
    assert book.counts() == {
        "cells": 4,
        "outputs": 4,
        "pictures": 3,
        "guesses": 1,
        "solutions": 2,
    }
    assert notebook.count_shown(book.code[2]) == {
        "cells": 1,
        "outputs": 2,
        "pictures": 1,
    }


def test_a_notebook_without_cells_proves_nothing(tmp_path):
    counts = Notebook(save(tmp_path / "01_one.ipynb")).counts()
    names = ("cells", "outputs", "pictures", "guesses", "solutions")
    assert counts == dict.fromkeys(names, 0)


def test_a_notebook_has_its_cells_by_their_kind_and_its_language(book, tmp_path):
    assert [cell.source for cell in book.code][1:] == ["x\nguess = ...", "y", "z"]
    assert len(book.prose) == 4 and len(book.cells) == 9
    assert [cell.source for cell, _ in book.outputs] == ["y", "y", "z", "z"]
    assert book.outputs[0][1] == PICTURE
    assert book.language == "zh"
    assert Notebook(save(tmp_path / "01_one.ipynb")).language == "en"


def test_a_cell_is_told_by_its_place_its_name_and_its_first_line(book):
    book.cells[2].source = f"{'long ' * 20}\nsecond"
    book.cells[2].id = "name"
    first = ("long " * 20)[:60]
    assert book.locate(None) == "The notebook"
    told = f"Cell 3 (id name, first line `{first}`)"
    assert book.locate(book.cells[2]) == told
    book.cells[3].source = "first\nsecond"
    assert book.locate(book.cells[3]).endswith(", first line `first`)")
    book.cells[0] = book.cells[1].copy()  # it looks like the next one
    assert book.locate(book.cells[1]).startswith("Cell 2 ")
    del book.cells[0]["source"], book.cells[0]["id"]
    assert book.locate(book.cells[0]) == "Cell 1 (id None, first line `None`)"


def test_each_lesson_leads_on_to_the_next_and_the_last_to_the_first(tmp_path):
    names = ["01_a.ipynb", "02_b.ipynb", "03_c.ipynb"]
    paths = [save(tmp_path / name) for name in names]
    assert [Notebook(it).next_name() for it in paths] == [*names[1:], names[0]]


def test_the_usual_setup_is_the_first_cell_of_code_of_most(tmp_path):
    for name, source in zip(
        "abcde", ("odd", "usual", "last", "usual", ""), strict=True
    ):
        cells = [new_markdown_cell("title"), new_code_cell(source)]
        save(tmp_path / f"{name}.ipynb", *cells, new_code_cell("last"))
    (tmp_path / "b0.ipynb").write_text("no notebook")
    save(tmp_path / "f.ipynb", new_markdown_cell("no code"))
    assert Notebook(tmp_path / "a.ipynb").usual_setup() == "usual"


def test_of_two_setups_that_are_as_usual_the_first_notebooks_counts(tmp_path):
    for name in ("01", "02"):
        save(tmp_path / f"{name}.ipynb", new_code_cell(name))
    assert Notebook(tmp_path / "02.ipynb").usual_setup() == "01"


def test_code_is_removed_from_prose():
    text = "a `b` c\n\n```\nd `e\n```\n`f\ng` h"
    assert notebook.remove_code(text) == "a  c\n\n\n`f\ng` h"


@pytest.mark.parametrize(
    ("cell", "is_so"),
    [
        (new_markdown_cell(f"a\n\n{UNTRANSLATED}"), True),
        (new_markdown_cell(f"a {UNTRANSLATED}"), False),
        (new_markdown_cell("a"), False),
        (new_code_cell(f"a\n{UNTRANSLATED}"), False),
    ],
)
def test_a_cell_of_prose_is_flagged_by_a_line_of_its_own(cell, is_so):
    assert notebook.is_untranslated(cell) is is_so
