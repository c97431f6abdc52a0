"""Try every mutant of the setup cell: in a clone, elsewhere, on Colab, on Kaggle."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from IPython.core.inputtransformer2 import TransformerManager

from helpers.authoring import publish
from helpers.authoring.notebook import NOTEBOOKS
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.work import forget_helpers
from helpers.tests.notebooks.pages import UNPUBLISHED, code
from helpers.tests.notebooks.replay import Shell, in_a_child, new_shell

SECONDS = 10  # for one world
REPO = "someone/somewhere"
ROOT = NOTEBOOKS.parent


@dataclass(frozen=True)
class World:
    """Hold where a setup cell runs, and what it meets there."""

    folder: Path
    colab: str = ""  # a folder with Colab's own package
    kaggle: bool = False
    published: bool = False
    remote: str = os.devnull  # the folder that stands for GitHub
    site: str = ""  # a folder with another package called helpers
    early: bool = False  # whether that was imported before


def survivors_among_setups(book) -> tuple[int, list[Mutant]]:
    """Try the mutants of the setup cell, which is the same in every notebook."""
    plain = TransformerManager().transform_cell(code(book)[0].source)  # of its `!`
    source = publish.SETUP.sub(UNPUBLISHED, plain)
    there = publish.SETUP.sub(publish.Origin(REPO, "v1").setup(), plain)
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
    """Yield the worlds in which learners run the cell.

    First those where no helpers are found: they take a quarter of the time.
    """
    empty, foreign = folder / "empty", folder / "site" / "helpers"
    empty.mkdir()
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("answer = 42")
    (folder / "colab" / "google" / "colab").mkdir(parents=True)
    site, remote = str(foreign.parent), str(course(folder / "github"))
    colab = str(folder / "colab")
    yield World(empty)
    for place, early in ((NOTEBOOKS, True), (empty, True), (empty, False)):
        yield World(place, site=site, early=early)
    yield World(empty, colab=colab)
    yield World(empty, colab=colab, remote=remote)
    yield World(empty, colab=colab, published=True)
    yield World(empty, kaggle=True, remote=remote)
    yield World(empty, published=True, remote=remote)
    for place in (NOTEBOOKS, ROOT, ROOT / "helpers" / "tests"):
        yield World(place)
    yield World(NOTEBOOKS, site=site)
    yield World(empty, colab=colab, published=True, remote=remote)
    yield World(empty, kaggle=True, published=True, remote=remote)
    yield World(NOTEBOOKS, colab=colab, published=True, remote=remote)


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
    return in_a_child(partial(run_setup, world, chosen), SECONDS)


def run_setup(world: World, source: str) -> object:
    """Return what the cell leaves behind, or what it says at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # git tells why it fails
    forget_helpers()
    sites = [site for site in (world.site, world.colab) if site]
    kept = [path for path in sys.path if path not in ("", ".", str(ROOT))]
    shell = new_shell(world.folder)
    forget_helpers()
    sys.path[:] = ["", *sites, *kept]  # a kernel's first place is where it works
    before = {*Path.cwd().iterdir()}
    os.environ |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.file://{world.remote}/.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/",
    }
    if world.kaggle:
        os.environ["KAGGLE_KERNEL_RUN_TYPE"] = "Interactive"
    if world.early:
        shell.run(f"import sys; sys.path.insert(0, {world.site!r}); import helpers")
    try:
        return left_behind(shell, source)
    finally:
        for path in {*Path.cwd().iterdir()} - before:
            shutil.rmtree(path)


def left_behind(shell: Shell, source: str) -> object:
    """Return the cell's names, what it says and fetches, and whose the helpers are."""
    hidden = {*shell.user_ns}
    said = [output.get("text") for output in shell.run(source)]
    names = sorted({*shell.user_ns} - hidden)
    home = getattr(sys.modules.get("helpers"), "__file__", None)
    kept = sorted(path.name for path in Path.cwd().iterdir())
    language = getattr(sys.modules.get("helpers.language"), "_current", None)
    again = [output.get("text") for output in shell.run(source)]
    return names, said, home, kept, language, again, sys.path[:3]
