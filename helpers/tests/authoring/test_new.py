"""A new notebook needs nothing but its words; where it cannot be, nothing changes."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from helpers.authoring import editions, new, publish, scaffold
from helpers.authoring.execute import CannotRefresh
from helpers.authoring.notebook import NOTEBOOKS, ROOT, Notebook, read_notebook
from helpers.authoring.rules import PENCIL, RULES
from helpers.tests.notebooks.pages import pass_for_translated

# A word that nobody chooses: a course may well get a notebook about hooks.
NAME, CLAIM = "97_unwritten", "A hook hears what `backward` says"


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path):
    """Return a copy of the course, without its tests, which git knows."""
    unwanted = shutil.ignore_patterns("tests", "__pycache__", ".ipynb_checkpoints")
    for name in ("helpers", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=unwanted)
    for name in ("README.md", "conftest.py", ".pytest.ini", ".gitignore"):
        shutil.copy(ROOT / name, tmp_path)
    for arguments in (["init", "-q"], ["add", "-A"]):
        assert run("git", *arguments, cwd=tmp_path) == (0, "")
    return tmp_path


def texts(root):
    return {
        path: path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".git", "__pycache__"} & {*path.parts}
    }


@pytest.mark.thorough
def test_only_rules_fail_that_name_what_is_still_to_be_written(clone):
    before = texts(clone)
    status, said = run(sys.executable, "-m", "helpers", "new", NAME, CLAIM, cwd=clone)
    *names, last = [line for line in said.splitlines() if "rewritten" not in line]
    assert status == 0 and "`pytest -q notebooks`" in last, said
    changed = [path for path, text in texts(clone).items() if before.get(path) != text]
    assert sorted(clone / name for name in names) == sorted(changed)
    status, said = run(
        sys.executable, "-m", "pytest", "-q", "-rN", "notebooks", cwd=clone
    )
    failed = {*re.findall(r"(?m)^(\S+) breaks the rule: (.*)$", said)}
    (last,) = sorted(NOTEBOOKS.glob("??_*.ipynb"))[-1:]
    # The words of the door that leads on may round up what the last one takes.
    failed.discard((last.name, "the minutes are those that it takes"))
    assert failed == {
        (f"{NAME}.ipynb", "nothing is left to write"),
        (f"{NAME}.ipynb", "the notebook keeps its budgets"),
        (f"{NAME}.ipynb", "the minutes are those that it takes"),
        (last.name, "nothing is left to write"),
        (last.name, "the chinese edition is in step with the english one"),
    }
    odd = re.findall(r"differs from the English cell: (.*);", said)
    assert odd == ["one of the two has changed"]  # the door that leads here
    budgets = re.findall(r"(?m)^  The notebook has \d+ (.*);", said)
    assert {*budgets} == {"words of prose"}


def test_a_new_guess_is_answered_below_it_and_its_lesson_holds_its_program():
    names = {"name": NAME, "topic": "unwritten", "claim": CLAIM, "following": ""}
    cells = scaffold.build_notebook("", names).cells
    lesson = scaffold.write_lesson(NAME, "unwritten")
    asking = [n for n, it in enumerate(cells) if it.source.startswith("guess = ")]
    assert len(asking) == 3
    for number in asking:
        assert cells[number + 1].source.startswith("<details><summary>Why?</summary>")
        lines = cells[number].source.partition("\n\n")[2].splitlines()[:-1]
        assert "\n".join(['program="""', *lines, "x.grad", '""",']) in lesson


@pytest.fixture
def unexecuted(monkeypatch):
    """Leave the kernels out: what they do is tested above and with refresh."""

    def copy(path, check):
        if not path.exists():
            shutil.copy(path.parents[1] / path.name, path)

    monkeypatch.setattr(new, "refresh_file", copy)


@pytest.mark.parametrize("name", ["00_first", NAME])
def test_every_notebook_leads_on_and_every_table_has_a_row(name, clone, unexecuted):
    assert new.main([name, CLAIM], clone) == 0
    doors = next(each for each in RULES if "leads on" in each.title)
    for path in sorted((clone / "notebooks").rglob("*.ipynb")):
        said = [what for _, what in doors.find(Notebook(path))]
        assert [what for what in said if not what.startswith("must say")] == []
    for readme in (clone / "README.md", clone / "notebooks" / "zh" / "README.md"):
        rows = re.findall(r"(?m)^\| \[(\d\d_\w+)\]", readme.read_text("utf-8"))
        assert rows == sorted(rows) and name in rows


def test_in_a_published_course_the_door_leads_nowhere_else(clone, unexecuted):
    last = sorted((clone / "notebooks").glob("??_*.ipynb"))[-1]
    doors = [last, last.parent / "zh" / last.name]
    pass_for_translated(clone)
    assert publish.main(["someone/somewhere"], clone) == 0
    assert all("/01_" in read_notebook(path).cells[-1].source for path in doors)
    assert new.main([NAME, CLAIM], clone) == 0
    for path in doors:
        door = read_notebook(path).cells[-1].source
        assert f"]({NAME}.ipynb)" in door and "01_" not in door


BAD = {
    "nothing": ([], "'' is no name"),
    "no_number": (["hooks", CLAIM], "'hooks' is no name"),
    "no_word": (["97_", CLAIM], "'97_' is no name"),
    "a_path": ([f"../{NAME}", CLAIM], "is no name"),
    "capitals": (["97_Hooks", CLAIM], "is no name"),
    "a_keyword": (["97_class", CLAIM], "is no name"),
    "a_number_that_is_taken": (
        ["02_hooks", CLAIM],
        "notebooks/02_backward.ipynb exists already; choose another number",
    ),
    "a_lesson_that_exists": (
        ["97_detach", CLAIM],
        "helpers/lessons/detach.py exists already; choose another word",
    ),
    "no_claim": ([NAME], "'' is no claim"),
    "an_empty_claim": ([NAME, " \n"], "'' is no claim"),
    "a_claim_that_breaks_a_table": ([NAME, "a | b"], "'a | b' is no claim"),
}


def refused(arguments, root, capsys):
    """Return the sentence that says why nothing was created."""
    before = texts(root)
    assert new.main(arguments, root) == 1
    assert texts(root) == before
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


@pytest.mark.parametrize("case", BAD)
def test_bad_input_gets_a_sentence(case, clone, capsys):
    arguments, said = BAD[case]
    assert said in refused(arguments, clone, capsys)


def test_outside_of_a_clone_nothing_is_begun(clone, capsys):
    shutil.rmtree(clone / ".git")
    assert "not a clone" in refused([NAME, CLAIM], clone, capsys)


def test_in_a_clone_of_something_else_nothing_is_begun(clone, capsys):
    assert run("git", "rm", "-rq", "--cached", ".", cwd=clone) == (0, "")
    assert "not a clone" in refused([NAME, CLAIM], clone, capsys)


@pytest.mark.parametrize(
    "folder", [".", "helpers/lessons", "notebooks", "notebooks/zh"]
)
def test_where_one_folder_is_read_only_all_stays(
    folder, clone, unexecuted, monkeypatch
):
    replace = os.replace

    def refuse(source, target):
        if target.parent == clone / folder:  # root may write everywhere
            raise PermissionError(13, "Permission denied", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse)
    before = texts(clone)
    with pytest.raises(PermissionError):
        new.main([NAME, CLAIM], clone)
    assert texts(clone) == before


@pytest.mark.parametrize("problem", [CannotRefresh("No."), KeyboardInterrupt()])
def test_where_it_cannot_be_executed_all_stays(problem, clone, monkeypatch):
    def fail(path, check):
        raise problem

    monkeypatch.setattr(new, "refresh_file", fail)
    before = texts(clone)
    assert new.main([NAME, CLAIM], clone) in (1, 130)
    assert texts(clone) == before


def test_where_git_is_busy_all_stays(clone, unexecuted, capsys):
    (clone / ".git" / "index.lock").touch()
    assert "git does not take" in refused([NAME, CLAIM], clone, capsys)


def test_where_a_readme_lacks_its_table_all_stays(clone, capsys):
    readme = clone / "README.md"
    rows = re.compile(r"(?m)^\| \[\d\d_.*\n")
    readme.write_text(rows.sub("", readme.read_text("utf-8")), "utf-8")
    assert "has no table of notebooks" in refused([NAME, CLAIM], clone, capsys)


def test_where_the_last_door_leads_elsewhere_all_stays(clone, capsys):
    path = sorted((clone / "notebooks").glob("??_*.ipynb"))[-1]
    path.write_text(path.read_text("utf-8").replace("](01_", "](02_"), "utf-8")
    assert "does not lead on to 01_" in refused([NAME, CLAIM], clone, capsys)


def test_no_sentence_of_the_helpers_and_no_readme_is_left_to_write():
    said = {
        pair.name: pair.english + pair.chinese for pair in editions.find_sentences()
    }
    for path in (ROOT / "README.md", NOTEBOOKS / "zh" / "README.md"):
        said[path.name] = path.read_text("utf-8")
    left = [name for name, text in said.items() if PENCIL in text]
    if left:
        pytest.fail(f"Still to be written where {PENCIL} stands: {left}", pytrace=False)
