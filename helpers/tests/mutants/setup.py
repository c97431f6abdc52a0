"""Try every mutant of the setup cell: in a clone, elsewhere, with foreign helpers."""

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from helpers import refresh
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.work import PATIENCE, forget_helpers
from helpers.tests.pages import code
from helpers.tests.replay import in_a_child


def survivors_among_setups(book) -> tuple[int, list[Mutant]]:
    """Try the mutants of the setup cell, which is the same in every notebook."""
    source = code(book)[0].source
    mutants = mutants_of(source, "setup")
    with tempfile.TemporaryDirectory() as elsewhere:
        foreign = Path(elsewhere, "site", "helpers")
        foreign.mkdir(parents=True)
        (foreign / "__init__.py").write_text("answer = 42")
        expected = [run(source) for run in setup_runs(Path(elsewhere))]

        def survives(mutant: Mutant) -> bool:
            pairs = zip(setup_runs(Path(elsewhere)), expected, strict=True)
            return all(run(mutant.source) == shown for run, shown in pairs)

        return len(mutants), list(filter(survives, mutants))


def setup_runs(elsewhere: Path) -> list[Callable]:
    """Return ways to run a setup cell: in a clone, elsewhere, with foreign helpers."""

    def way(folder: Path, paths: list[Path], early: bool) -> Callable:
        task = partial(run_setup, folder, [str(path) for path in paths], early)
        return lambda source: in_a_child(partial(task, source), PATIENCE)

    site = elsewhere / "site"
    return [
        way(folder, paths, early)
        for folder in (refresh.NOTEBOOKS, elsewhere)
        for paths, early in (([], False), ([site], False), ([site], True))
    ]


def run_setup(folder: Path, paths: list[str], early: bool, source: str) -> object:
    """Return the names that the cell made, or what it said at the end."""
    forget_helpers()
    root = str(refresh.NOTEBOOKS.parent)
    sys.path[:] = paths + [path for path in sys.path if path not in ("", ".", root)]
    os.chdir(folder)
    if early:
        importlib.import_module("helpers")
    world: dict = {}
    try:
        exec(source, world)
    except (SystemExit, Exception) as problem:
        return str(problem)
    return sorted(world), getattr(world.get("check"), "__module__", None)
