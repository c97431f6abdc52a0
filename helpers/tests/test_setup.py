"""The setup cell finds the helpers in a clone, and fetches them where Colab opens it.

Colab is an empty folder with one notebook in it, a module `google.colab`, and a
repository to fetch from: here a local one, so nothing is asked of the network.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from helpers import publish, refresh
from helpers.outputs import WIDGET_VIEW, difference
from helpers.tests.pages import BOOKS, PATHS, code

ROOT = refresh.NOTEBOOKS.parent
MISSING = "The course's helpers are not here (No module named 'helpers'): "
FOREIGN = "The course's helpers are not here (cannot import name 'check' from 'helpers'"
SETUP = publish.SETUP.sub(
    'REPO, REF = "", ""', code(BOOKS["01_requires_grad"])[0].source
)
PLAINLY = ("--colors=NoColor", "--TerminalInteractiveShell.term_title=False")
REPO = "someone/somewhere"
AGAIN = f"see whether git can reach github.com/{REPO}, and run this cell again"


def git(*arguments, cwd):
    subprocess.run(["git", *arguments], cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def github(tmp_path_factory):
    """Return a folder with the published course in a bare repository, as a remote."""
    work = tmp_path_factory.mktemp("work")
    shutil.copy(ROOT / "README.md", work)
    for name in ("notebooks", "helpers"):
        unwanted = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "tests")
        shutil.copytree(ROOT / name, work / name, ignore=unwanted)
    assert publish.main([REPO, "--ref", "v1"], work) == 0
    git("init", "-b", "main", cwd=work)
    git("add", "--all", cwd=work)
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    git(*who, "-c", "commit.gpgsign=false", "commit", "-m", "a", cwd=work)
    git("tag", "v1", cwd=work)
    remote = tmp_path_factory.mktemp("github")
    git("clone", "--bare", str(work), str(remote / f"{REPO}.git"), cwd=work)
    return remote


@pytest.fixture(scope="module")
def colab(tmp_path_factory):
    """Return a folder with a stand-in for Colab's own package."""
    site = tmp_path_factory.mktemp("colab")
    (site / "google" / "colab").mkdir(parents=True)
    (site / "google" / "colab" / "__init__.py").touch()
    return site


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """Return a folder with another package called helpers."""
    site = tmp_path_factory.mktemp("foreign")
    (site / "helpers").mkdir()
    (site / "helpers" / "__init__.py").write_text("answer = 42\n")
    return site


def world(*sites: Path, remote: Path | None = None) -> dict[str, str]:
    """Return an environment with packages on the path and GitHub in a folder.

    Without such a folder, GitHub is out of reach.
    """
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, sites)),
        "PYTHONSAFEPATH": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{remote or os.devnull}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }


def published(cell: str = SETUP, ref: str = "v1") -> str:
    changed, count = publish.SETUP.subn(f'REPO, REF = "{REPO}", "{ref}"', cell)
    assert count == 1
    return changed


def run(folder: Path, environment: dict, *cells: str) -> list[str]:
    """Return the lines that IPython prints for these cells, and for what follows."""
    known = "print(getattr(globals().get('check'), '__module__', None))"
    script = "\n".join(
        f"_ = get_ipython().run_cell({cell!r}, store_history=True)"
        for cell in (*cells, known)
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", *PLAINLY, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [line for line in done.stdout.splitlines() if line.strip()]


@pytest.mark.parametrize("place", ["notebooks", ".", "helpers/tests"])
def test_in_a_clone_ours_come_before_a_foreign_package(place, foreign):
    assert run(ROOT / place, world(foreign), SETUP) == ["helpers.checking"]


def test_elsewhere_the_setup_says_so_in_one_sentence(tmp_path):
    said, known = run(tmp_path, world(), SETUP)
    assert (
        said.startswith(f"{MISSING}open this file in a clone, or ") and known == "None"
    )


def test_a_foreign_package_is_noticed_and_named(tmp_path, foreign):
    said, known = run(tmp_path, world(foreign), SETUP)
    assert said.startswith(FOREIGN) and str(foreign) in said and known == "None"


def test_a_foreign_package_that_was_imported_first_gives_way_the_second_time(foreign):
    environment = world(foreign)
    said, known = run(refresh.NOTEBOOKS, environment, "import helpers", SETUP, SETUP)
    assert said.startswith(FOREIGN) and known == "helpers.checking"


def test_on_colab_an_unpublished_notebook_names_the_missing_command(colab, tmp_path):
    said, known = run(tmp_path, world(colab), SETUP)
    assert "`python -m helpers.publish` it for Colab." in said and known == "None"
    assert list(tmp_path.iterdir()) == []


def test_on_colab_the_helpers_are_fetched_once(colab, github, tmp_path):
    assert run(tmp_path, world(colab, remote=github), published()) == [
        "helpers.checking"
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["autograd_course"]
    assert run(tmp_path, world(colab), published()) == ["helpers.checking"]


def test_only_colab_is_asked_to_fetch(github, tmp_path):
    said, known = run(tmp_path, world(remote=github), published())
    assert said.startswith(f"{MISSING}open this file in a clone") and known == "None"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ref", ["v1", "no-such-branch"])
def test_what_cannot_be_fetched_is_told(ref, colab, github, tmp_path):
    remote = None if ref == "v1" else github
    *_, said, known = run(tmp_path, world(colab, remote=remote), published(ref=ref))
    assert said == f"{MISSING}{AGAIN}."
    assert known == "None" and list(tmp_path.iterdir()) == []


def test_on_colab_a_foreign_package_is_in_nobodys_way(colab, foreign, github, tmp_path):
    *_, said, known = run(tmp_path, world(colab, foreign), published())
    assert said.startswith(FOREIGN) and known == "None"
    environment = world(colab, foreign, remote=github)
    early = run(tmp_path, environment, "import helpers", published(), published())
    assert early[0].startswith(FOREIGN) and early[1:] == ["helpers.checking"]


@pytest.mark.parametrize("name", ["half", "autograd_course"])
def test_a_clone_that_was_interrupted_is_fetched_again(name, colab, github, tmp_path):
    git("init", name, cwd=tmp_path)
    (tmp_path / name / "helpers").mkdir()
    (tmp_path / name / "helpers" / "__init__.py").touch()
    *_, said, known = run(tmp_path, world(colab), published())
    assert AGAIN in said and known == "None"
    assert run(tmp_path, world(colab, remote=github), published()) == [
        "helpers.checking"
    ]


# ---------------------------------------------------------------- whole notebooks


def executed(book, folder: Path, environment: dict):
    """Run all cells in a fresh kernel, with sliders, as a learner would."""
    book = nbformat.from_dict(book)
    client = NotebookClient(book, kernel_manager_class=refresh.ThisPython, timeout=60)
    client.execute(cwd=str(folder), env=environment)
    return code(book)


@pytest.mark.colab
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_alone_on_colab_shows_what_is_stored(path, colab, github, tmp_path):
    place = path.relative_to(ROOT).as_posix()
    origin = publish.Origin(REPO, "v1")
    text = publish.published_notebook(path.read_text("utf-8"), place, origin)
    (tmp_path / path.name).write_text(text, "utf-8")
    book = refresh.read(text)
    for remote in (github, None):  # the second time nothing is fetched
        environment = world(colab, remote=remote) | refresh.KERNEL_ENVIRONMENT
        environment.pop("AUTOGRAD_COURSE_STILL")
        environment.pop("PYTEST_CURRENT_TEST")
        for stored, cell in zip(
            code(book), executed(book, tmp_path, environment), strict=True
        ):
            if not any(WIDGET_VIEW in each.get("data", {}) for each in cell.outputs):
                assert difference(stored.outputs, cell.outputs) is None, cell.id
