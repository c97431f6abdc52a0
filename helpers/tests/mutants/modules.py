"""Try mutants of the helpers: in all notebooks, then in the tests of the helper."""

import hashlib
import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from helpers.outputs import difference
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.reviewed import Score
from helpers.tests.mutants.work import forget_helpers, shared
from helpers.tests.pages import BOOKS, code, solved
from helpers.tests.replay import DiedOrStopped, in_a_child, new_shell, outputs_of

HELPERS = Path(__file__).resolve().parents[2]
# What no notebook calls.
AUTHORS = {"book", "outputs", "prose", "refresh", "rules", "summary"}
PATIENCE = 300  # seconds for all tests of one mutant

# Which tests to ask, the quick ones first.
DRAWING = ["tape", "graph", "player", "hostile", "fold", "geometry"]
READING = [*DRAWING, "operations"]
JUDGING = ["progress", "answers", "clues", "check"]
TESTS = {
    "curves": ["curves"],
    "flow": READING,
    "fold": ["fold", "geometry", "tape", "graph"],
    "functions": READING,
    "glyphs": ["paint", "geometry", "curves"],
    "graph": READING,
    "inputs": READING,
    "layout": ["layout", "geometry", "fold"],
    "lettering": ["paint", "geometry"],
    "limits": ["limits", "check"],
    "paint": ["paint", "geometry", "curves"],
    "picture": DRAWING,
    "player": ["player"],
    "sampling": ["curves", "player"],
    "scene": ["geometry", "paint", "layout", *DRAWING],
    "tape": DRAWING,
    "watcher": READING,
}


def score(share: int, progress) -> Score:
    """Try one of `share` mutants of the helpers."""
    mutants = sampled(share)
    survivors = survivors_among(
        mutants, partial(progress, desc="helpers", disable=None)
    )
    what = f"helpers: code, one of {share}"
    return Score(what, len(mutants), sorted(map(str, survivors)), 0.95)


def sampled(share: int) -> list[tuple[str, Mutant]]:
    """Return one of `share` mutants of all modules, by their names: always the same."""
    return chosen(
        lambda name: int(hashlib.sha256(name.encode()).hexdigest(), 16) % share == 0
    )


def chosen(wanted: Callable[[str], bool]) -> list[tuple[str, Mutant]]:
    """Return mutants with their modules; sentences are data, and left alone."""
    return [
        (path.stem, mutant)
        for path in sorted(HELPERS.glob("*.py"))
        if path.stem not in AUTHORS
        for mutant in mutants_of(path.read_text("utf-8"), path.stem, False, wanted)
    ]


def survivors_among(mutants: list, progress=iter) -> list[Mutant]:
    """Return the mutants that neither a notebook nor a test notices."""
    books = {stem: code(solved(book)) for stem, book in BOOKS.items()}
    pages = {stem: [cell.source for cell in cells] for stem, cells in books.items()}
    expected = {stem: outputs_of(sources) for stem, sources in pages.items()}
    trial = partial(tried, pages=pages, expected=expected, progress=progress)
    return shared(trial, mutants)


def tried(share: list, *, pages, expected, progress) -> list[Mutant]:
    return [
        mutant
        for module, mutant in progress(share)
        if not is_noticed(partial(shows_otherwise, module, mutant, pages, expected), 60)
        and not is_noticed(partial(fails_a_test, module, mutant), PATIENCE)
    ]


def is_noticed(trial, seconds: float) -> bool:
    """Tell whether a trial in a child notices a mutant, or does not survive it."""
    try:
        return in_a_child(trial, seconds)
    except (DiedOrStopped, RuntimeError):
        return True


def shows_otherwise(module: str, mutant: Mutant, pages, expected) -> bool:
    """Tell whether some notebook shows something else with a changed helper."""
    put_in_place(module, mutant)
    return any(
        in_a_child(partial(differs, sources, expected[stem]))
        for stem, sources in pages.items()
    )


def differs(sources: list[str], expected) -> bool:
    shell = new_shell()
    pairs = zip(sources, expected, strict=True)
    return any(difference(shown, shell.run(source)) for source, shown in pairs)


def fails_a_test(module: str, mutant: Mutant) -> bool:
    """Tell whether a unit test fails with a changed helper."""
    put_in_place(module, mutant)
    os.chdir(HELPERS.parent)
    names = TESTS.get(module, JUDGING)
    files = [str(HELPERS / "tests" / f"test_{name}.py") for name in names]
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
        return pytest.main(["-x", "-q", "-p", "no:xdist", *files]) != 0


def put_in_place(module: str, mutant: Mutant) -> None:
    """Let the next import of a helper find the mutant."""
    forget_helpers()
    sys.meta_path.insert(0, Finder(f"helpers.{module}", mutant.source))


class Finder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Find one module, whose source is a mutant's."""

    def __init__(self, name: str, source: str):
        self.name, self.source = name, source

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def get_source(self, fullname):
        return self.source
