"""Try mutants of the helpers: in the tests that reach them, and in all notebooks.

The tests are collected once, and each is watched for the lines that it runs. For each
mutant a fork changes the helper where it is and runs the tests that run what is changed
until one fails: first those that have noticed most, then the quick ones, and a test
once before its other parameters. What fails where a helper is put in place unchanged
has noticed nothing.
"""

import contextlib
import hashlib
import importlib
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from math import ceil
from pathlib import Path
from types import ModuleType

import pytest
from _pytest.runner import runtestprotocol
from _pytest.warnings import catch_warnings_for_item
from tqdm import tqdm

from helpers.authoring.outputs import difference
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.patch import is_ours, patch
from helpers.tests.mutants.reviewed import Score, reasons
from helpers.tests.mutants.work import shared
from helpers.tests.notebooks.pages import BOOKS, code, solved
from helpers.tests.notebooks.replay import (
    DiedOrStopped,
    in_a_child,
    new_shell,
    outputs_of,
)

HELPERS = Path(__file__).resolve().parents[2]
# What no notebook calls.
AUTHORS = {"book", "outputs", "parity", "prose", "publish", "refresh", "rules"}
AUTHORS |= {"summary"}
MODULES = sorted({path.stem for path in HELPERS.glob("*.py")} - AUTHORS)
# What would take too long, or is about the authors' tools.
OTHERS = AUTHORS | {"browser", "conftest", "corpora", "mutants", "notebooks"}
OTHERS |= {"readme", "replays", "setup"}
BUDGET = 300  # seconds for the tests of one mutant; few need so many
REVIEWED = 10  # seconds for one that may live
PATIENCE = 15  # seconds more than usual for one test: then it would never end
SLOWER = 3  # times as long is as usual
LAST = 600  # seconds for a fork, which is long over then
Lines = dict[str, int]  # by module: a bit for each line
ANY = -1  # all lines
THE_IMPORT = "the import"
HOMES = "__module__", "__name__"  # of a part of a module, of a whole one


def score(share: int, only: Iterable[str] = (), progress: Callable = iter) -> Score:
    """Try one of `share` mutants of the helpers, or `only` of some of them."""
    trial = Trial(sampled(share, only), progress)
    files = [
        str(path)
        for path in sorted((HELPERS / "tests").glob("test_*.py"))
        if path.stem.removeprefix("test_") not in OTHERS
    ]
    pytest.main(["-q", "--no-header", "-p", "no:xdist", *files], plugins=[trial])
    if trial.survivors is None:
        raise RuntimeError("The tests of the helpers could not be run.")
    what = ", ".join(only) or "helpers"
    return Score(
        f"{what}: code, one of {share}",
        len(trial.mutants),
        sorted(trial.survivors),
        0.95,
    )


def sampled(share: int, only: Iterable[str] = ()) -> list[tuple[str, Mutant]]:
    """Return one of `share` mutants of the modules, by their names: always the same."""
    return chosen(
        lambda name: int(hashlib.sha256(name.encode()).hexdigest(), 16) % share == 0,
        only or MODULES,
    )


def chosen(
    wanted: Callable[[str], bool], modules: Iterable[str] = MODULES
) -> list[tuple[str, Mutant]]:
    """Return mutants with their modules; sentences are data, and left alone."""
    return [
        (module, mutant)
        for module in modules
        for mutant in mutants_of(source_of(module), module, False, wanted)
    ]


def source_of(module: str) -> str:
    return (HELPERS / f"{module}.py").read_text("utf-8")


def name_of(module: str) -> str:
    return "helpers" if module == "__init__" else f"helpers.{module}"


class Trial:
    """A plugin for pytest that runs what was collected against mutants."""

    def __init__(self, mutants: list[tuple[str, Mutant]], progress: Callable):
        self.mutants, self.progress = mutants, progress
        self.survivors: list[str] | None = None
        self.may_live = reasons()
        self.fair: dict[tuple[str, str], bool] = {}  # by module and name of a test

    def pytest_runtestloop(self, session) -> bool:
        items = [each for each in session.items if isinstance(each, pytest.Function)]
        pages = [Page(stem, book) for stem, book in BOOKS.items()]
        self.tests = [*map(Test, items), *pages]
        seen = shared(self.watched, [*range(len(self.tests))])
        self.lines = {name: lines for name, _, lines in seen}
        seconds = {name: seconds for name, seconds, _ in seen}
        for test in self.tests:
            test.seconds = seconds[test.name]
        self.survivors = shared(self.left, self.mutants)
        return True

    def watched(self, share: list[int]) -> list[tuple[str, float, Lines]]:
        """Return the names of a share's tests, how long they take, what they run."""
        return [watched(self.tests[number]) for number in self.progress(share)]

    def left(self, share: list[tuple[str, Mutant]]) -> list[str]:
        """Return the mutants of a share that nothing notices."""
        noticed: Counter = Counter()
        found = []
        for module, mutant in self.progress(share):
            mine = self.in_turn(self.reaching(module, mutant), module)
            inside = bits(mutant.inside)  # of an `if`: whoever gets there sees more
            most = {
                it.name: (-noticed[module, it.name], not self.runs(it, module, inside))
                for it in mine
            }
            mine.sort(key=lambda each: most[each.name])
            name = self.witness(mine, module, mutant)
            noticed[module, name] += 1
            if not name:
                found.append(str(mutant))
                tqdm.write(f"not noticed: {mutant}")  # the whole list may take an hour
        return found

    def in_turn(self, tests: list["Test | Page"], module: str) -> list["Test | Page"]:
        """Return the quick tests first, and each kind once before its variants.

        Of a helper's own tests, more variants are asked at once.
        """
        tests = sorted(tests, key=lambda it: it.seconds / it.worth(module))
        seen: Counter = Counter()
        turns = {}
        for test in tests:
            turns[test.name] = seen[test.kind] // test.worth(module)
            seen[test.kind] += 1
        return sorted(tests, key=lambda each: turns[each.name])

    def witness(self, tests: list, module: str, mutant: Mutant) -> str | None:
        """Return who notices a mutant and is content with the helper as it is."""
        budget = REVIEWED if str(mutant) in self.may_live else BUDGET
        while name := noticing(tests, module, mutant.source, budget):
            if self.is_fair(name, tests, module):
                return name
            tests = [test for test in tests if test.name != name]
        return None

    def is_fair(self, name: str, tests: list, module: str) -> bool:
        """Tell whether who notices is content with a module put in place unchanged.

        Raises RuntimeError where it cannot be put in place: no mutant could either.
        """
        if (module, name) not in self.fair:
            asked = [test for test in tests if test.name == name]
            told = noticing(asked, module, source_of(module))
            if told == THE_IMPORT:
                raise RuntimeError(
                    f"{module}.py cannot be put in place, even unchanged"
                )
            self.fair[module, name] = not told
        return self.fair[module, name]

    def reaching(self, module: str, mutant: Mutant) -> list["Test | Page"]:
        """Return what runs the changed lines; or who knows the module, if nothing does.

        A constant, for example, is made when the module is imported, and no line of
        it runs when an object turns out to be frozen.
        """
        changed = bits(mutant.lines)
        mine = [each for each in self.tests if self.runs(each, module, changed)]
        return mine or [
            each
            for each in self.tests
            if each.knows(module) or self.runs(each, module, ANY)
        ]

    def runs(self, test: "Test | Page", module: str, lines: int) -> bool:
        """Tell whether a test runs some of these lines of a module."""
        return bool(self.lines[test.name].get(module, 0) & lines)


def watched(test: "Test | Page") -> tuple[str, float, Lines]:
    """Return a test's name, how long it takes, and what it runs."""
    forget_results()
    started = time.monotonic()
    lines = test.lines()
    return test.name, time.monotonic() - started, lines


def forget_results() -> None:
    """Empty the helpers' caches, so that what they keep is called for again."""
    for module in filter(is_ours, [*sys.modules.values()]):
        for thing in vars(module).values():
            getattr(thing, "cache_clear", int)()


def noticing(
    tests: list, module: str, source: str, budget: float = BUDGET
) -> str | None:
    """Return who notices, in a fork, that a helper says something else."""
    trial = partial(who_notices, tests, module, source, budget)
    try:
        return in_a_child(trial, LAST)
    except DiedOrStopped:
        return "the end of time"


def who_notices(tests: list, module: str, source: str, budget: float) -> str | None:
    """Return the first test that fails when a helper is changed, in so many seconds."""
    forget_results()
    importlib.import_module(name := name_of(module))  # nobody may have asked for it
    try:
        patch(name, source)
    except Exception:
        return THE_IMPORT
    until = time.monotonic() + budget
    for test in tests:
        signal.alarm(PATIENCE + ceil(SLOWER * test.seconds))  # ends this fork
        if not test.passes():
            return test.name
        if time.monotonic() > until:
            return None
    return None


@contextlib.contextmanager
def reached() -> Iterator[Lines]:
    """Collect the lines of the helpers that run meanwhile."""
    from coverage import Coverage  # of .ci/requirements.txt; nobody else needs it

    lines: Lines = {}
    watcher = Coverage(data_file=None, config_file=False, include=f"{HELPERS}/*.py")
    watcher.start()
    try:
        yield lines
    finally:
        watcher.stop()
        data = watcher.get_data()
        for file in data.measured_files():
            lines[Path(file).stem] = bits(data.lines(file) or ())


def bits(numbers: Iterable[int]) -> int:
    """Return a set of numbers as one, with a bit for each: there are millions."""
    return sum(1 << number for number in numbers)


@cache
def known_to(file: ModuleType) -> set[str]:
    """Return the names of the modules that a file imports, or parts of them."""
    things = vars(file).values()
    homes = [getattr(it, home, "") for it in things for home in HOMES]
    return {home for home in homes if isinstance(home, str)}


class Test:
    """A unit test that was collected."""

    __test__ = False  # for pytest
    seconds = 0.0  # that it takes as a rule

    def __init__(self, item: pytest.Function):
        self.item, self.name = item, item.nodeid
        self.kind = item.nodeid.partition("[")[0]

    def worth(self, module: str) -> int:
        """Return how many other tests it is worth: more, where it is about a module."""
        if self.item.path.stem == f"test_{module}":
            return 10
        return 3 if self.knows(module) else 1

    def knows(self, module: str) -> bool:
        """Tell whether its file imports a module of the helpers, or a part of it."""
        return name_of(module) in known_to(self.item.module)

    def passes(self) -> bool:
        item = self.item
        with catch_warnings_for_item(
            item.config, item.ihook, when="runtest", item=item
        ):
            reports = runtestprotocol(item, log=False, nextitem=None)
        return all(report.passed for report in reports)

    def lines(self) -> Lines:
        with reached() as lines:
            self.passes()  # or not: being watched, it may be too slow
        return lines


class Page:
    """A notebook with every question answered."""

    seconds = 0.0  # that it takes as a rule

    def __init__(self, stem: str, book):
        self.name = self.kind = stem
        self.sources = [cell.source for cell in code(solved(book))]
        self.expected = outputs_of(self.sources)

    def worth(self, module: str) -> int:
        """Return how many tests it is worth: it looks at much of every module."""
        return 100

    def knows(self, module: str) -> bool:
        return False  # what it uses of a module, it runs

    def passes(self) -> bool:
        """Run in a child of its own: a shell is once in a process."""
        try:
            return in_a_child(self.shows_the_same)
        except (DiedOrStopped, RuntimeError):
            return False

    def lines(self) -> Lines:
        def run() -> Lines:
            with reached() as lines:
                self.shows_the_same()
            return lines

        return in_a_child(run)

    def shows_the_same(self) -> bool:
        shell = new_shell()
        pairs = zip(self.sources, self.expected, strict=True)
        return not any(difference(shown, shell.run(source)) for source, shown in pairs)
