"""The one command line for authors: whatever comes, one sentence answers."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import helpers
from helpers.__main__ import COMMANDS, main
from helpers.tests.notebooks.pages import pass_for_translated

ROOT = Path(helpers.__file__).parents[1]


@pytest.fixture
def clone(tmp_path):
    """Return a copy of the course without git and without its tests."""
    unwanted = shutil.ignore_patterns("tests", "__pycache__", ".ipynb_checkpoints")
    for name in ("helpers", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=unwanted)
    for name in ("README.md", "requirements.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def run(*arguments, cwd):
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment | {"PATH": ""},  # so without git
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("asked", [["--help"], ["-h"]])
def test_help_lists_every_command_with_what_it_does(asked, capsys):
    assert main(asked) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("usage: python -m helpers COMMAND")
    for name, (_, does) in COMMANDS.items():
        assert any(line.split() == [name, *does.split()] for line in lines)


def test_without_a_command_help_comes_and_it_counts_as_a_mistake(capsys):
    assert main([]) == 2
    assert "refresh" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("came", "meant"),
    [("refrehs", "refresh"), ("parity", "agree"), ("pubish", "publish")],
)
def test_an_unknown_command_gets_a_sentence_with_the_nearest(came, meant, capsys):
    assert main([came]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"No command is called {came!r}; did you mean ")
    assert meant in said and said.count("\n") == 1


@pytest.mark.thorough
@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_tells_about_itself_and_loads_no_torch(name):
    program = (
        "import sys\nfrom helpers.__main__ import main\n"
        f"try: main([{name!r}, '--help'])\nexcept SystemExit: pass\n"
        "assert not {'torch', 'matplotlib', 'pytest'} & {*sys.modules}, 'loaded'"
    )
    done = run("-c", program, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"usage: python -m helpers {name}")


@pytest.mark.thorough
@pytest.mark.parametrize("folder", ["notebooks", "notebooks/zh", "helpers/graph", "."])
def test_from_any_folder_of_the_clone(folder, clone):
    command = os.path.relpath(clone / "helpers", clone / folder)
    done = run(command, "agree", cwd=clone / folder)
    assert done.returncode == 0
    assert done.stdout.endswith("Both editions are in step.\n")
    done = run(command, "refresh", "99", cwd=clone / folder)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith("No notebook is called '99'; known are: 01_")


@pytest.mark.thorough
def test_what_cannot_be_written_gets_a_sentence_and_changes_nothing(clone, monkeypatch):
    pass_for_translated(clone)
    before = {path: path.read_bytes() for path in clone.rglob("*") if path.is_file()}
    program = (
        "import os, sys\nfrom helpers.__main__ import main\n"
        "def refuse(*paths):\n"
        "    raise PermissionError(13, 'Permission denied', paths[-1])\n"
        "os.replace = refuse\n"  # root may write into a read-only folder, too
        "sys.exit(main(['publish', 'ada/course']))"
    )
    done = run("-c", program, cwd=clone)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "cannot be read or written (Permission denied)" in done.stderr
    after = {
        p: p.read_bytes()
        for p in clone.rglob("*")
        if p.suffix != ".pyc" and p.is_file()
    }
    assert after == {p: text for p, text in before.items() if p.suffix != ".pyc"}


@pytest.mark.parametrize("name", COMMANDS)
def test_without_the_requirements_a_sentence_names_what_is_missing(name):
    done = run("-S", "helpers", name, cwd=ROOT)  # without installed packages
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "nbformat is not installed" in done.stderr
    assert "`pip install -r requirements.txt`" in done.stderr


def test_a_module_of_ours_that_is_missing_is_no_matter_of_installing(clone):
    (clone / "helpers" / "authoring" / "command.py").unlink()
    done = run("helpers", "new", cwd=clone)
    assert "No module named 'helpers.authoring.command'" in done.stderr


@pytest.mark.thorough
def test_a_lesson_with_a_syntax_error_is_named(clone):
    lesson = clone / "helpers" / "lessons" / "detach.py"
    text = lesson.read_text("utf-8")
    lesson.write_text(f"{text}x = (\n", "utf-8")
    done = run("helpers", "agree", cwd=clone)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    where = f"{lesson}, line {text.count(chr(10)) + 1}, is no Python ("
    assert where in done.stderr and "mend it" in done.stderr
