"""Plant wrong notebooks; `pytest --nbval` must name the rule and the cell."""

import base64
import copy
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from nbval.plugin import IPyNbFile
from PIL import Image

from helpers.authoring import execute, kernels, outputs, plugin, questions
from helpers.authoring.notebook import write_notebook
from helpers.tests.authoring.plants import (
    BUDGET,
    BY_ZERO,
    KNOWN,
    LESSON,
    LINKS,
    PLANTS,
    PNG,
    SETUP,
    SHOW,
    TWINS,
    code,
    code_that_raises,
    numbered,
    picture,
    result,
    right_notebook,
    share_an_id,
    shown,
    stdout,
)

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[3]
CELLS = sum(cell.cell_type == "code" for cell in right_notebook().cells)
KNOWN_WRONG = numbered([code("6 * 7", result("42")), code("6 * 7", result("43"))])

# ---------------------------------------------------------------- running pytest


# What pytester sets: as it was, the process that is forked for us serves a course too.
OURS = {
    name: os.environ.get(name, "")
    for name in ("HOME", "USERPROFILE", "PY_COLORS", "PYTEST_DEBUG_TEMPROOT")
}


@pytest.fixture
def course(pytester, monkeypatch):
    """Give an empty course; pytest runs in this process there."""
    for name, value in OURS.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    pytester.makeconftest('pytest_plugins = ["helpers.authoring.plugin"]')
    for folder in ("helpers", "notebooks"):
        pytester.mkdir(folder)
    lessons = pytester.mkdir("lessons")
    (lessons / "demo.py").write_text(LESSON, "utf-8")
    monkeypatch.setattr(questions, "LESSONS", lessons)
    shutil.copy(ROOT / ".pytest.ini", pytester.path)
    return pytester


def save(folder, books):
    """Store notebooks, or bytes; the last link of each leads to the next file."""
    for name, book in books.items():
        data = book if type(book) is bytes else write_notebook(book).encode()
        (folder / f"{name}.ipynb").write_bytes(data)
    paths = sorted(folder.glob("*.ipynb"))
    for path, following in zip(paths, [*paths[1:], paths[0]], strict=True):
        door = f"[Once more]({following.name})".encode()
        data = path.read_bytes().replace(b"[Once more](right.ipynb)", door)
        path.write_bytes(data)


def run(course, *options):
    """Run pytest; return {notebook: {test: failure, or ""}} and the lines it shows."""
    ran = course.runpytest_inprocess("-n0", *options)
    found = defaultdict(dict)
    for report in ran.reprec.getreports("pytest_runtest_logreport"):
        file, _, test = report.nodeid.partition("::")
        said = found[Path(file).stem].setdefault(test, "")
        found[Path(file).stem][test] = said + report.longreprtext * report.failed
    assert ran.ret == pytest.ExitCode.TESTS_FAILED
    return found, ran.outlines


@pytest.mark.thorough
def test_each_planted_mistake_breaks_its_rule_and_no_other(course, subtests):
    right = write_notebook(right_notebook()).encode()
    books = {"right": right}
    for name, plant in PLANTS.items():
        book = right_notebook()
        books[name] = plant.spoil(book) or book
    save(course.path / "notebooks", books)
    save(course.mkdir("notebooks/.ipynb_checkpoints"), {"copy": right})
    found, _ = run(course, "notebooks")
    assert set(found) == {*books}
    assert set(found["right"].values()) == {""}
    rules = {KNOWN, TWINS, *(plant.broken[0] for plant in PLANTS.values())}
    assert set(found["right"]) == {f"rule: {rule}" for rule in rules}
    for name, plant in PLANTS.items():
        with subtests.test(name):
            failures = {test: said for test, said in found[name].items() if said}
            assert set(failures) == {f"rule: {rule}" for rule in plant.broken}
            for part in (f"{name}.ipynb", plant.broken[0], *plant.said):
                assert part in failures[f"rule: {plant.broken[0]}"]


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


def encoded(pixels, kind="PNG"):
    stream = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


DOT = outputs.read_pixels(PNG)[..., :3]
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
    "ignored": code("# NBVAL_IGNORE_OUTPUT\n6 * 7", result("43")),
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
    """Show in which Python and in which environment it runs."""
    ours = f"import os\n{execute.KERNEL_ENVIRONMENT}.items() <= os.environ.items()"
    where = code("import sys\nsys.executable", result(repr(sys.executable)))
    book = numbered([where, code(ours, result("True"))])
    book.metadata.kernelspec.name = "nowhere"
    return book


@pytest.mark.thorough
def test_a_wrong_output_fails_and_a_right_one_passes(course, monkeypatch, subtests):
    startup = course.path / "mine" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("poison = 1")
    mine = dict.fromkeys(execute.KERNEL_ENVIRONMENT, "7")
    mine["IPYTHONDIR"] = str(course.path / "mine")
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
    assert set(found["right"].values()) == {""} and len(cells["right"]) == CELLS
    assert cells["offline"] == {"Cell 1": "", "Cell 2": ""}
    assert cells["elsewhere"] == {"Cell 1": "", "Cell 2": ""}
    assert cells["wrong"].pop("Cell 1") == ""
    for (test, said), name in zip(cells["wrong"].items(), WRONG, strict=True):
        with subtests.test(name):
            number = test.removeprefix("Cell ")
            assert f"wrong.ipynb: {test} (id cell-{number:>02}, first line `" in said
    whole = [f"{CELLS}/{CELLS}", "13/13", "1/1", "–", "–"]
    assert row(lines, "right") == [*whole, "what ran is well"]
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
        "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "while True: time.sleep(1)",
        "Timeout of 3 seconds exceeded while executing cell. "
        "Failed to interrupt kernel in 6 seconds",
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("cold", ["", "1"], ids=["forked", "new"])
def test_a_cell_that_ends_its_kernel_or_never_ends_fails_and_holds_nobody_up(
    cold, course, monkeypatch, subtests
):
    if cold:
        monkeypatch.setenv(kernels.COLD, cold)
    assert (execute.CELL_TIMEOUT, plugin.OUTPUT_TIMEOUT) == (50, 20)
    monkeypatch.setattr("helpers.authoring.execute.CELL_TIMEOUT", 3)
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

WHOLE = write_notebook(right_notebook())
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


@pytest.mark.thorough
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
    assert cells == [""] * CELLS
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


def chosen(monkeypatch, cores=8, **options):
    """Return how many workers there will be, and how they share the tests."""
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    known = {"numprocesses": None, "nbval": True, "usepdb": False, "dist": "no"}
    option = SimpleNamespace(**known | options)
    plugin.pytest_cmdline_main(SimpleNamespace(option=option))
    return option.numprocesses, option.dist


def test_cells_are_run_by_up_to_four_workers(monkeypatch):
    for cores, workers in ((8, 4), (2, 2), (1, 0), (None, 0)):
        shared = "loadfile" if workers else "no"
        assert chosen(monkeypatch, cores) == (workers, shared)
    assert chosen(monkeypatch, usepdb=True) == (None, "no")
    assert chosen(monkeypatch, nbval=False) == (None, "no")


@pytest.mark.parametrize("nbval", [True, False])
def test_a_number_of_workers_that_is_given_stays(monkeypatch, nbval):
    assert chosen(monkeypatch, numprocesses=0, nbval=nbval) == (0, "no")
    assert chosen(monkeypatch, numprocesses=3, nbval=nbval) == (3, "loadfile")


@pytest.mark.parametrize("dist", ["load", "loadscope", "worksteal"])
def test_workers_share_no_notebook(monkeypatch, dist):
    assert chosen(monkeypatch, numprocesses=2, dist=dist) == (2, "loadfile")


def test_without_xdist_nothing_is_shared():
    plugin.pytest_cmdline_main(SimpleNamespace(option=SimpleNamespace(nbval=True)))


@pytest.mark.thorough
def test_workers_find_what_one_process_finds(course, monkeypatch):
    monkeypatch.setenv(kernels.COLD, "1")  # else each process imports torch
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    save(course.path / "notebooks", {"right": right_notebook(), "wrong": KNOWN_WRONG})
    found = [
        sorted(set(course.runpytest_subprocess("--nbval", "-rA", *how).outlines))
        for how in (["-n0"], ["-n2"])
    ]
    one, two = ([it for it in lines if it[:4] in ("PASS", "FAIL")] for lines in found)
    assert one == two and len(one) > 40


# ---------------------------------------------------------------- the two tiers


THOROUGH = "import pytest\n\n@pytest.mark.thorough\ndef test():\n    pass\n"


def test_a_quick_run_says_what_it_leaves_out_and_a_whole_one_does_not(course):
    (course.path / "helpers" / "test_it.py").write_text(THOROUGH)
    said = f"not run: the thorough tests; `{plugin.WHOLE}` runs all"
    for command, outcome in (
        ("pytest --nbval", "deselected"),
        (plugin.WHOLE, "passed"),
    ):
        ran = course.runpytest_inprocess("-n0", *shlex.split(command)[1:])
        assert ran.parseoutcomes() == {outcome: 1}
        assert (said in ran.outlines) == (outcome == "deselected")


# ---------------------------------------------------------------- nbval's next release


class CountsFromOne(IPyNbFile):
    """What nbval collects since its commit that counts cells from 1."""

    def collect(self):
        for cell in super().collect():
            cell.cell_num += 1
            cell.name = f"Cell {cell.cell_num}"
            yield cell


@pytest.mark.thorough
def test_our_names_and_verdicts_do_not_depend_on_how_nbval_counts(course, monkeypatch):
    save(course.path / "notebooks", {"right": right_notebook(), "wrong": KNOWN_WRONG})
    found, lines = run(course, "--nbval", "notebooks")
    monkeypatch.setattr("nbval.plugin.IPyNbFile.collect", CountsFromOne.collect)
    again, lines_again = run(course, "--nbval", "notebooks")
    assert again == found and found["wrong"]["Cell 2"]
    assert row(lines, "right") == row(lines_again, "right")


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
    """Run pytest with folders on Python's path; no cell there needs torch."""
    paths = os.pathsep.join(map(str, path))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": paths, kernels.COLD: "1"},
        capture_output=True,
        text=True,
    )


@pytest.mark.thorough
def test_in_a_clone_ours_come_before_a_foreign_package(clone):
    wrong = numbered([code("6 * 7", result("43")), code("6 * 7", result("42"))])
    save(clone / "notebooks", {"wrong": wrong})
    path = [clone.parent / "elsewhere", clone]
    # One worker, as there is one file; importlib leaves sys.path alone.
    options = "--nbval", "-rA", "-n1", "--import-mode=importlib"
    done = run_in_a_process(clone / "helpers", *options, path=path)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout + done.stderr
    assert "FAILED ../notebooks/wrong.ipynb::Cell 1" in done.stdout
    assert "PASSED ../notebooks/wrong.ipynb::Cell 2" in done.stdout
    assert f"FAILED ../notebooks/wrong.ipynb::rule: {BUDGET}" in done.stdout
    assert f"PASSED ../notebooks/wrong.ipynb::rule: {LINKS}" in done.stdout


@pytest.mark.thorough
def test_another_package_called_helpers_is_refused(clone):
    (clone / "helpers" / "__init__.py").unlink()
    other = clone.parent / "elsewhere"
    done = run_in_a_process(clone, path=[other])
    assert done.returncode == 1
    assert str(other / "helpers") in done.stderr and "Traceback" not in done.stderr


@pytest.mark.thorough
def test_who_runs_a_notebook_alone_does_not_wait_for_hypothesis():
    command = [sys.executable, "-X", "importtime", "-m", "pytest", "-q"]
    done = subprocess.run(
        [*command, "notebooks/01_requires_grad.ipynb"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    loaded = re.findall(r"\| +(\w\S*)$", done.stderr, re.M)
    assert "nbval.kernel" in loaded and "hypothesis" not in loaded
