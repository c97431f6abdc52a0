"""Try every mutant of the setup cell: in a clone, elsewhere, on Colab."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from types import ModuleType

from helpers import publish, refresh
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.work import PATIENCE, forget_helpers
from helpers.tests.pages import code
from helpers.tests.replay import in_a_child

REPO = "someone/somewhere"
ROOT = refresh.NOTEBOOKS.parent


@dataclass(frozen=True)
class World:
    """Hold where a setup cell runs, and what it meets there."""

    folder: Path
    colab: bool = False
    published: bool = False
    remote: str = os.devnull  # the folder that stands for GitHub
    site: str = ""  # a folder with another package called helpers
    early: bool = False  # whether that was imported before


def survivors_among_setups(book) -> tuple[int, list[Mutant]]:
    """Try the mutants of the setup cell, which is the same in every notebook."""
    source = publish.SETUP.sub('REPO, REF = "", ""', code(book)[0].source)
    there = publish.SETUP.sub(f'REPO, REF = "{REPO}", "v1"', source)
    mutants, published = mutants_of(source, "setup"), mutants_of(there, "setup")
    with tempfile.TemporaryDirectory() as folder:
        worlds = list(worlds_in(Path(folder)))
        expected = [outcome(world, source, there) for world in worlds]

        def survives(here: Mutant, there: Mutant) -> bool:
            sources = here.source, there.source
            pairs = zip(worlds, expected, strict=True)
            return all(outcome(world, *sources) == said for world, said in pairs)

        pairs = zip(mutants, published, strict=True)
        return len(mutants), [pair[0] for pair in pairs if survives(*pair)]


def worlds_in(folder: Path) -> Iterator[World]:
    """Yield the worlds in which learners run the cell."""
    empty, foreign = folder / "empty", folder / "site" / "helpers"
    empty.mkdir()
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("answer = 42")
    site, remote = str(foreign.parent), str(course(folder / "github"))
    for place in (ROOT, refresh.NOTEBOOKS, ROOT / "helpers" / "tests", empty):
        yield World(place)
    for place, early in product((refresh.NOTEBOOKS, empty), (False, True)):
        yield World(place, site=site, early=early)
    yield World(empty, published=True, remote=remote)
    yield World(empty, colab=True)
    yield World(empty, colab=True, remote=remote)
    yield World(empty, colab=True, published=True)
    yield World(empty, colab=True, published=True, remote=remote)
    yield World(refresh.NOTEBOOKS, colab=True, published=True, remote=remote)


def course(remote: Path) -> Path:
    """Put the helpers into a repository as GitHub would hold them."""
    work = remote / f"{REPO}.git"
    shutil.copytree(ROOT / "helpers", work / "helpers")
    who = ("-c", "user.name=a", "-c", "user.email=a@localhost")
    who += ("-c", "commit.gpgsign=false")
    for words in (("init", "-b", "v1"), ("add", "."), (*who, "commit", "-m", "a")):
        subprocess.run(["git", *words], cwd=work, check=True, capture_output=True)
    return remote


def outcome(world: World, source: str, published: str) -> object:
    chosen = published if world.published else source
    return in_a_child(partial(run_setup, world, chosen), PATIENCE)


def run_setup(world: World, source: str) -> object:
    """Return what the cell leaves behind, or what it says at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # git tells why it fails
    forget_helpers()
    sites = [world.site] if world.site else []
    sys.path[:] = sites + [
        path for path in sys.path if path not in ("", ".", str(ROOT))
    ]
    os.chdir(world.folder)
    before = {*Path.cwd().iterdir()}
    os.environ |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{world.remote}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }
    if world.colab:
        sys.modules["google"] = ModuleType("google")
        sys.modules["google.colab"] = sys.modules["google"].colab = ModuleType("colab")
    if world.early:
        importlib.import_module("helpers")
    try:
        return left_behind(source)
    finally:
        for path in {*Path.cwd().iterdir()} - before:
            shutil.rmtree(path)


def left_behind(source: str) -> object:
    """Return the cell's names, what is fetched, and where the helpers come from."""
    names: dict = {}
    said = None
    try:
        exec(source, names)
        said = spoken_again(source, names)
    except Exception as problem:
        said = rendered(problem)
    home = getattr(sys.modules.get("helpers"), "__file__", None)
    kept = sorted(path.name for path in Path.cwd().iterdir())
    return sorted(names), said, home, kept


def spoken_again(source: str, names: dict) -> str:
    """Run the cell a second time, after another language, and return its language."""
    language = importlib.import_module("helpers.language")
    language.set_language("zh")
    exec(source, names)
    return str(language.Text("en", "zh")())


def rendered(problem: Exception) -> object:
    """Return what IPython would show of an exception."""
    try:
        return problem._render_traceback_()
    except Exception:
        return repr(problem)
