"""Try mutants of the helpers: in the tests of the helper, and in all notebooks.

The tests are collected once. For each mutant a fork changes the helper where it is and
runs tests until one fails: first those that have noticed other mutants of the helper,
then the quick ones.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

from helpers.outputs import difference
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.patch import patch
from helpers.tests.mutants.reviewed import Score
from helpers.tests.mutants.work import shared
from helpers.tests.pages import BOOKS, code, solved
from helpers.tests.replay import DiedOrStopped, in_a_child, new_shell, outputs_of

HELPERS = Path(__file__).resolve().parents[2]
# What no notebook calls.
AUTHORS = {"book", "outputs", "prose", "refresh", "rules", "summary"}
MODULES = sorted({path.stem for path in HELPERS.glob("*.py")} - AUTHORS)
QUICK = 3  # seconds for one test; slower ones are not asked
BUDGET = 30  # seconds for the tests of one mutant
PATIENCE = 120  # seconds until a mutant counts as one that never ends

DRAWING = {"tape", "graph", "player", "hostile", "fold", "geometry", "operations"}
JUDGING = {"progress", "answers", "clues", "check"}
TESTS = {
    "curves": {"curves"},
    "glyphs": {"paint", "geometry", "curves"},
    "layout": {"layout", "geometry", "fold"},
    "lettering": {"paint", "geometry"},
    "limits": {"limits", "check"},
    "paint": {"paint", "geometry", "curves"},
    "player": {"player"},
    "sampling": {"curves", "player"},
    "scene": {"paint", "layout", *DRAWING},
} | dict.fromkeys(
    ("flow", "fold", "functions", "graph", "inputs", "picture", "tape", "watcher"),
    DRAWING,
)


def score(share: int, progress: Callable = iter) -> Score:
    """Try one of `share` mutants of the helpers."""
    trial = Trial(sampled(share), progress)
    names = sorted(set().union(JUDGING, *TESTS.values()))
    files = [str(HELPERS / "tests" / f"test_{name}.py") for name in names]
    pytest.main(["-q", "--no-header", "-p", "no:xdist", *files], plugins=[trial])
    what = f"helpers: code, one of {share}"
    return Score(what, len(trial.mutants), sorted(trial.survivors), 0.95)


def sampled(share: int) -> list[tuple[str, Mutant]]:
    """Return one of `share` mutants of all modules, by their names: always the same."""
    return chosen(
        lambda name: int(hashlib.sha256(name.encode()).hexdigest(), 16) % share == 0
    )


def chosen(wanted: Callable[[str], bool]) -> list[tuple[str, Mutant]]:
    """Return mutants with their modules; sentences are data, and left alone."""
    return [
        (module, mutant)
        for module in MODULES
        for mutant in mutants_of(source_of(module), module, False, wanted)
    ]


def source_of(module: str) -> str:
    return (HELPERS / f"{module}.py").read_text("utf-8")


class Trial:
    """A plugin for pytest that runs what was collected against mutants."""

    def __init__(self, mutants: list[tuple[str, Mutant]], progress: Callable):
        self.mutants, self.progress = mutants, progress
        self.survivors: list[str] = []

    def pytest_runtestloop(self, session) -> bool:
        items = [item for item in session.items if isinstance(item, pytest.Function)]
        pages = [Page(stem, book) for stem, book in BOOKS.items()]
        numbers = shared(partial(timed, items), list(range(len(items))))
        quick = [Test(items[at], seconds) for at, seconds in numbers if seconds < QUICK]
        self.survivors = shared(partial(self.left, [*quick, *pages]), self.mutants)
        return True

    def left(self, tests: list, share: list[tuple[str, Mutant]]) -> list[str]:
        """Return the mutants of a share that nothing notices."""
        noticed: Counter = Counter()
        found = []
        for module, mutant in self.progress(share):
            mine = [test for test in tests if test.is_about(module)]
            mine.sort(key=lambda test: (-noticed[module, test.name], test.seconds))
            try:
                name = in_a_child(partial(who_notices, mine, module, mutant), PATIENCE)
            except DiedOrStopped:
                name = "the end of time"
            noticed[module, name] += 1
            found += [] if name else [str(mutant)]
        return found


def timed(items: list, numbers: list[int]) -> list[tuple[int, float]]:
    """Return how long each test takes; one that fails takes for ever."""
    found = []
    for number in numbers:
        started = time.monotonic()
        passes = Test(items[number], 0).passes()
        seconds = time.monotonic() - started
        found.append((number, seconds if passes else float("inf")))
    return found


def who_notices(tests: list, module: str, mutant: Mutant) -> str | None:
    """Return the name of the first test that fails when a helper is changed."""
    try:
        patch(f"helpers.{module}", mutant.source)
    except Exception:
        return "the import"
    until = time.monotonic() + BUDGET
    for test in tests:
        if not test.passes():
            return test.name
        if time.monotonic() > until:
            return None
    return None


class Test:
    """A unit test that was collected."""

    __test__ = False  # for pytest

    def __init__(self, item: pytest.Function, seconds: float):
        self.item, self.name, self.seconds = item, item.nodeid, seconds
        self.about = item.path.stem.removeprefix("test_")

    def is_about(self, module: str) -> bool:
        return self.about in TESTS.get(module, JUDGING)

    def passes(self) -> bool:
        reports = runtestprotocol(self.item, log=False, nextitem=None)
        return all(report.passed for report in reports)


class Page:
    """A notebook with every question answered."""

    seconds = 0  # asked first: it notices most

    def __init__(self, stem: str, book):
        self.name = stem
        self.sources = [cell.source for cell in code(solved(book))]
        self.expected = outputs_of(self.sources)

    def is_about(self, module: str) -> bool:
        return True

    def passes(self) -> bool:
        """Run in a child of its own: a shell is once in a process."""
        try:
            return in_a_child(self.shows_the_same, PATIENCE)
        except (DiedOrStopped, RuntimeError):
            return False

    def shows_the_same(self) -> bool:
        shell = new_shell()
        pairs = zip(self.sources, self.expected, strict=True)
        return not any(difference(shown, shell.run(source)) for source, shown in pairs)
