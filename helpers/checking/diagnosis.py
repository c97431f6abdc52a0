"""Name the misconception behind a wrong function: by imitation, and by clues."""

from collections.abc import Iterable, Iterator
from itertools import chain

from torch import Tensor

from ..lessons.clues import BREAKS, HABITS, SLIPS
from ..lessons.model import Exercise, Meaning, Mistake
from .answers import Outcome, Raised, is_same
from .trial import run_known

EXACTLY, NEARLY = 1e-13, 1e-6  # two mistakes may differ by their rounding alone

OF_NONE = ("FORGOT-FLAG", "NONE-IS-ZERO", "GRAD-STARTS-AT-ZERO")

Imitation = tuple[Mistake, list[Outcome]]  # a known mistake, and what it does


def recognise_mistake(
    exercise: Exercise,
    got: list[Outcome],
    wanted: list[Outcome],
    wrong: list[int],
    text: list[str],
) -> Meaning | None:
    """Return the known mistake behind a function, or what a clue beside it means.

    The most telling comes first; what is alike only where the function is wrong, and
    the clues that count anywhere, come last.
    """
    believed = imitate_mistakes(exercise)
    nearly = find_alike(believed, got, range(len(got)), NEARLY)
    twins = find_alike(believed, got, range(len(got)), EXACTLY) + nearly
    first, left = wrong[0], find_unusual(got, wanted)
    clues = find_unusual([got[first]], wanted).union(text)
    silent = is_silent(got[first], wanted[first])
    candidates = chain(
        list_meanings(SLIPS, clues, nearly),
        (it for it, results in twins if find_unusual(results, wanted) == left),
        (it for it, _ in nearly if it.tag in clues),
        list_meanings(BREAKS if silent else (), clues, nearly),
        (it for it, _ in twins),
        (it for it in exercise.mistakes if resembles(it, got, wanted)),
        (it for it, _ in find_alike(believed, got, wrong, NEARLY)),
        list_meanings(HABITS, clues, nearly),
    )
    return next(candidates, None)


def imitate_mistakes(exercise: Exercise) -> list[Imitation]:
    """Return what each known mistake does."""
    return [
        (mistake, run_known(exercise, code))
        for mistake in exercise.mistakes
        for code in mistake.codes
    ]


def find_alike(
    believed: list[Imitation],
    got: list[Outcome],
    cases: Iterable[int],
    tolerance: float,
) -> list[Imitation]:
    """Return the mistakes that give the same in these cases."""
    return [
        (mistake, results)
        for mistake, results in believed
        if all(is_same(got[n].seen, results[n].seen, tolerance) for n in cases)
    ]


def find_unusual(outcomes: list[Outcome], wanted: list[Outcome]) -> set[str]:
    """Return the clues that the solution does not leave."""
    usual = {clue for outcome in wanted for clue in outcome.clues}
    return {clue for outcome in outcomes for clue in outcome.clues} - usual


def is_silent(got: Outcome, wanted: Outcome) -> bool:
    """Tell whether nothing came back where something should."""
    if isinstance(got.seen, Raised):
        return got.seen.family in OF_NONE
    return (wanted.tracked and not got.tracked) or is_empty(got.seen, wanted.seen)


def is_empty(got: object, wanted: object) -> bool:
    """Tell None or zeros from what should be there, part by part."""
    if isinstance(got, tuple) and isinstance(wanted, tuple):
        return any(map(is_empty, got, wanted))
    if isinstance(got, Tensor) and isinstance(wanted, Tensor):
        return not got.any() and bool(wanted.any())
    if isinstance(got, tuple):  # a list of rows
        return any(part is None for part in got)
    return got is None and wanted is not None


def list_meanings(
    known: tuple[Meaning, ...], clues: set[str], twins: list[Imitation]
) -> Iterator[Meaning]:
    """Yield what the clues mean, in the words of a mistake that behaves alike, if any.

    A mistake of that name that behaves otherwise may say what is not true here.
    """
    for meaning in known:
        if meaning.tag in clues:
            own = (mistake for mistake, _ in twins if mistake.tag == meaning.tag)
            yield next(own, meaning)


def resembles(mistake: Mistake, got: list[Outcome], wanted: list[Outcome]) -> bool:
    """Ask a mistake whether it knows these outcomes."""
    sides = ([outcome.seen for outcome in side] for side in (got, wanted))
    try:
        return mistake.resembles is not None and bool(mistake.resembles(*sides))
    except Exception:  # outcomes of a kind that it did not expect
        return False
