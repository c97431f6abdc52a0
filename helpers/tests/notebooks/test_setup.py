"""The setup cell finds the helpers in a clone, and fetches them on Colab and Kaggle.

Colab is an empty folder with one notebook in it, a module `google.colab`, and a
repository to fetch from: here a local one, so nothing is asked of the network. Kaggle
has no such module, but says in its environment how a notebook is run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from helpers.authoring import execute, publish
from helpers.authoring.kernels import COLD, OurPythonAsync
from helpers.authoring.notebook import NOTEBOOKS, parse_notebook
from helpers.authoring.outputs import describe_difference
from helpers.language import READY
from helpers.live import STILL
from helpers.tests.mutants.work import forget_helpers
from helpers.tests.notebooks.pages import (
    BOOKS,
    PATHS,
    UNPUBLISHED,
    code,
    pass_for_translated,
)
from helpers.tests.notebooks.replay import in_a_child, new_shell

pytestmark = pytest.mark.thorough

ROOT = NOTEBOOKS.parent
SAID = "UsageError: The course's helpers are not here ("
NOWHERE = f"{SAID}No module named 'helpers'); they come with "
FOREIGN = f"{SAID}No module named 'helpers.en'); they come with "
COMMAND = "a clone; for Colab, `python -m helpers publish OWNER/REPO` comes first."
SETUP = publish.SETUP.sub(UNPUBLISHED, code(BOOKS["01_requires_grad"])[0].source)
PLAINLY = ("--colors=NoColor", "--TerminalInteractiveShell.term_title=False")
REPO = "someone/somewhere"
KAGGLE = {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}
HERE = [*READY.en.splitlines(), "helpers.checking.check"]
CLONE = f"git clone --depth 1 -b v1 https://github.com/{REPO}."


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
    pass_for_translated(work)
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


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """Return a folder with an empty PyTorch, which is imported in no time.

    It is for the places where no helpers come that would use it.
    """
    site = tmp_path_factory.mktemp("light")
    (site / "torch.py").touch()
    return site


def world(*sites: Path, remote: Path | None = None) -> dict[str, str]:
    """Return an environment with packages on the path and GitHub in a folder.

    Without such a folder, GitHub is out of reach.
    """
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, sites)),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{remote or os.devnull}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }


def published(ref: str = "v1") -> str:
    """Return the setup cell as it is published."""
    changed, count = publish.SETUP.subn(publish.Origin(REPO, ref).setup(), SETUP)
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
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # where IPython puts a sentence without a traceback
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return [line for line in done.stdout.splitlines() if line.strip()]


@pytest.mark.parametrize("place", ["notebooks", "notebooks/zh", "helpers/tests"])
def test_in_a_clone_ours_come_before_a_foreign_package(place, foreign):
    assert run(ROOT / place, world(foreign), SETUP) == HERE


def test_in_the_root_of_a_clone_ours_are_beside(foreign):
    assert run(ROOT, world(foreign), SETUP) == HERE


def test_elsewhere_the_setup_says_so_in_one_sentence(light, tmp_path):
    said, known = run(tmp_path, world(light), SETUP)
    assert said == f"{NOWHERE}{COMMAND}" and known == "None"


def test_a_foreign_package_is_noticed(tmp_path, light, foreign):
    said, known = run(tmp_path, world(light, foreign), SETUP)
    assert said == f"{FOREIGN}{COMMAND}" and known == "None"


def test_a_foreign_package_that_was_imported_first_is_noticed(light, foreign):
    early = f"import sys; sys.path.insert(0, {str(foreign)!r}); import helpers"
    said, known = run(NOTEBOOKS, world(light), early, SETUP)
    assert said == f"{FOREIGN}{COMMAND}" and known == "None"


@pytest.mark.colab
def test_on_colab_an_unpublished_notebook_names_the_missing_command(
    light, colab, tmp_path
):
    said, known = run(tmp_path, world(light, colab), SETUP)
    assert said == f"{NOWHERE}{COMMAND}" and known == "None"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.colab
def test_on_colab_the_helpers_are_fetched_once(colab, github, tmp_path):
    environment = world(colab, remote=github)
    assert run(tmp_path, environment, published()) == HERE
    assert {path.name for path in tmp_path.iterdir()} == {"helpers", ".new"}
    assert run(tmp_path, world(colab), published()) == HERE


@pytest.mark.colab
def test_on_kaggle_the_helpers_are_fetched_once(github, tmp_path):
    environment = world(remote=github) | KAGGLE
    assert run(tmp_path, environment, published()) == HERE
    assert {path.name for path in tmp_path.iterdir()} == {"helpers", ".new"}
    assert run(tmp_path, world() | KAGGLE, published()) == HERE


@pytest.mark.colab
def test_on_kaggle_without_internet_a_sentence_comes(light, tmp_path):
    *reasons, said, known = run(tmp_path, world(light) | KAGGLE, published())
    assert reasons and all(each.startswith("fatal: ") for each in reasons)
    assert said == f"{NOWHERE}{CLONE}" and known == "None"


@pytest.mark.colab
def test_on_kaggle_an_unpublished_notebook_names_the_missing_command(light, tmp_path):
    said, known = run(tmp_path, world(light) | KAGGLE, SETUP)
    assert said == f"{NOWHERE}{COMMAND}" and known == "None"
    assert list(tmp_path.iterdir()) == []


def test_nowhere_else_are_they_fetched(light, github, tmp_path):
    said, known = run(tmp_path, world(light, remote=github), published())
    assert said == f"{NOWHERE}{CLONE}" and known == "None"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.colab
@pytest.mark.parametrize("ref", ["v1", "no-such-branch"])
def test_what_cannot_be_fetched_is_told(ref, light, colab, github, tmp_path):
    environment = world(light, colab, remote=None if ref == "v1" else github)
    *reasons, said, known = run(tmp_path, environment, published(ref))
    assert reasons and all(each.startswith("fatal: ") for each in reasons)
    assert known == "None"
    assert said == f"{NOWHERE}{CLONE}".replace("-b v1", f"-b {ref}")
    assert run(tmp_path, world(colab, remote=github), published()) == HERE


@pytest.mark.colab
def test_on_colab_a_foreign_package_is_in_nobodys_way(
    light, colab, foreign, github, tmp_path
):
    *_, said, known = run(tmp_path, world(light, colab, foreign), published())
    assert said == f"{FOREIGN}{CLONE}" and known == "None"
    environment = world(colab, foreign, remote=github)
    assert run(tmp_path, environment, published()) == HERE


@pytest.mark.colab
def test_a_clone_that_was_interrupted_is_fetched_again(light, colab, github, tmp_path):
    git("init", ".new", cwd=tmp_path)
    (tmp_path / ".new" / "helpers").mkdir()
    *_, said, known = run(tmp_path, world(light, colab), published())
    assert said == f"{NOWHERE}{CLONE}" and known == "None"
    git("init", ".new", cwd=tmp_path)
    environment = world(colab, remote=github)
    assert run(tmp_path, environment, published()) == HERE


@pytest.mark.colab
def test_a_learners_own_folder_called_helpers_stays(light, colab, github, tmp_path):
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers" / "mine.py").write_text("kept = 1\n")
    said, known = run(tmp_path, world(light, colab, remote=github), published())
    assert said == f"{FOREIGN}{CLONE}" and known == "None"
    assert (tmp_path / "helpers" / "mine.py").read_text() == "kept = 1\n"


@pytest.mark.parametrize("languages", [["en"], ["zh"], ["en", "zh"], ["zh", "en"]])
def test_each_edition_speaks_its_language(languages):
    """Also where a program has spoken the other one before."""
    setups = [SETUP.replace("helpers.en", f"helpers.{code}") for code in languages]
    ask = "from helpers.language import Text; print(Text('en', 'zh')())"
    ready = [getattr(READY, code) for code in languages]

    def show():
        shell = new_shell()
        forget_helpers()
        return [output.text for cell in (*setups, ask) for output in shell.run(cell)]

    assert "".join(in_a_child(show)) == "\n".join([*ready, languages[-1], ""])


# ---------------------------------------------------------------- whole notebooks


def executed(book, folder: Path, environment: dict):
    """Run all cells in a fresh kernel, with sliders, as a learner would."""
    book = nbformat.from_dict(book)
    client = NotebookClient(book, kernel_manager_class=OurPythonAsync, timeout=60)
    client.execute(cwd=str(folder), env=environment)
    return code(book)


@pytest.mark.colab
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_a_notebook_alone_on_colab_shows_what_is_stored(path, colab, github, tmp_path):
    place = path.relative_to(ROOT).as_posix()
    origin = publish.Origin(REPO, "v1")
    text = publish.publish_notebook(path.read_text("utf-8"), place, origin)
    (tmp_path / path.name).write_text(text, "utf-8")
    book = parse_notebook(text)
    # A fork, too, imports all that was fetched; the next day nothing is.
    new = "1" if path == PATHS[0] else ""
    for remote, cold in ((github, new), (None, "")):
        environment = world(colab, remote=remote) | execute.KERNEL_ENVIRONMENT
        environment[COLD] = cold
        environment.pop(STILL)
        for stored, cell in zip(
            code(book), executed(book, tmp_path, environment), strict=True
        ):
            for output in cell.outputs:  # players are not stored
                if "data-player" in output.get("data", {}).get("text/html", ""):
                    del output.data["text/html"]
                if "quiz(" in cell.source:  # words that took the place of its form
                    output.output_type = "execute_result"
            assert describe_difference(stored.outputs, cell.outputs) is None, cell.id
