"""Try every mutant of a notebook's cells, in forks of one warm process."""

import re
import time
from collections.abc import Collection
from functools import partial

from nbformat import NotebookNode

from helpers.authoring.notebook import find_questions
from helpers.authoring.outputs import describe_difference
from helpers.checking.diagnosis import imitate_mistakes
from helpers.checking.trial import run_known
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise
from helpers.tests.mutants.changes import Mutant, mutants_of
from helpers.tests.mutants.work import limit_own_time, shared
from helpers.tests.notebooks.pages import code, sections, solved
from helpers.tests.notebooks.replay import (
    DiedOrStopped,
    in_a_child,
    new_shell,
)


def survivors_among_cells(
    stem: str, book, known: Collection[str] = ()
) -> tuple[int, list[Mutant]]:
    """Return how many mutants of a notebook's cells there are, and which survive.

    Those that are known to survive count as survivors, and are not tried again: each
    would run the whole notebook in every order.

    The notebook has every question answered, so that a changed question shows in the
    verdict on the right answer.
    """
    cells = code(solved(book))
    mutants = numbered_mutants(stem, cells)
    run_lessons(book)
    survivors = [each for each in mutants if str(each[1]) not in known]
    untried = [mutant for _, mutant in mutants if str(mutant) in known]
    for order in orders(book):
        todo = [each for each in survivors if each[0] in order]
        noticed = {*todo} - {*survivors_in(order, todo, cells)}
        survivors = [each for each in survivors if each not in noticed]
    return len(mutants), untried + [mutant for _, mutant in survivors]


def run_lessons(book) -> None:
    """Run what the checks of functions compare with, and keep it.

    Else each fork that hands in a wrong one would do so anew, for up to a second.
    """
    asked = [LESSONS[name] for cell in book.cells for name in find_questions(cell)]
    for exercise in asked:
        if isinstance(exercise, Exercise):
            run_known(exercise, exercise.solution)
            imitate_mistakes(exercise)


def mutants_in(stem: str, book) -> list[Mutant]:
    """Return every mutant of a notebook's cells."""
    return [mutant for _, mutant in numbered_mutants(stem, code(solved(book)))]


def numbered_mutants(stem: str, cells) -> list[tuple[int, Mutant]]:
    return [
        (number, mutant)
        for number, cell in enumerate(cells)
        if number  # the setup cell has its own trial
        for mutant in mutants_of(without_guess(cell.source), f"{stem}/{cell.id}")
    ]


def orders(book) -> list[list[int]]:
    """Return the orders in which the tests run the code cells, by their numbers."""
    numbers = range(len(code(book)))
    twice = [number for number in numbers for _ in range(2)]
    return [[*numbers], twice, *([0, *each] for each in numbered_sections(book))]


def numbered_sections(book) -> list[list[int]]:
    position = {id(cell): number for number, cell in enumerate(code(book))}
    return [[position[id(cell)] for cell in cells] for cells in sections(book)]


def survivors_in(order: list[int], mutants, cells) -> list[tuple[int, Mutant]]:
    """Try mutants in one order of the cells; return the survivors."""
    if not mutants:
        return []
    sources = [cell.source for cell in cells]
    expected = in_a_child(partial(run_timed, [sources[number] for number in order]))
    trial = partial(tried, order=order, sources=sources, expected=expected)
    return [mutants[at] for at in shared(trial, [*enumerate(mutants)])]


def tried(share, *, order: list[int], sources, expected) -> list[int]:
    """Run the cells in order; before each, try its mutants in forks.

    Takes them numbered, with their cells, and returns the survivors' numbers: a whole
    program is slow to send.
    """
    shell, survivors, ran = new_shell(), [], 0
    for at, (number, mutant) in sorted(share, key=lambda it: order.index(it[1][0])):
        place = order.index(number)
        for earlier in order[ran:place]:
            shell.run(sources[earlier])
        ran = place
        changed = {number: guess_of(sources[number]) + mutant.source}
        rest = [changed.get(each, sources[each]) for each in order[place:]]
        if not is_noticed(shell, rest, expected[place:]):
            survivors.append(at)
    return survivors


def run_timed(sources: list[str]) -> list[tuple[list[NotebookNode], float]]:
    """Return what each cell shows, and the seconds of work that it takes."""
    shell, found, start = new_shell(), [], time.process_time()
    for source in sources:
        shown, end = shell.run(source), time.process_time()
        found.append((shown, end - start))
        start = end
    return found


def guess_of(source: str) -> str:
    """Return the line that holds a learner's answer, if there is one."""
    return re.match(r"(?:guess = .*\n)?", source)[0]


def without_guess(source: str) -> str:
    return source.removeprefix(guess_of(source))


def is_noticed(shell, sources: list[str], expected) -> bool:
    """Tell whether some cell shows something else than expected, or goes on and on."""

    def differs(source: str, usual) -> bool:
        shown, seconds = usual
        limit_own_time(seconds)
        return bool(describe_difference(shown, shell.run(source)))

    def some_differ() -> bool:
        return any(map(differs, sources, expected))

    try:
        return in_a_child(some_differ)
    except DiedOrStopped:
        return True
