"""Name the misconception behind a wrong function: by imitation, and by clues."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain

import torch
from torch import Tensor

from ..lessons.clues import BREAKS, HABITS, SLIPS
from ..lessons.model import Exercise, Meaning, Mistake
from .answers import Outcome, Raised, is_same
from .trial import run_cases

EXACTLY, NEARLY = 1e-13, 1e-6  # two mistakes may differ by their rounding alone


def agree(one: Outcome, other: Outcome, tolerance: float) -> bool:
    return is_same(one.seen, other.seen, tolerance)


def recognise_mistake(
    exercise: Exercise,
    got: list[Outcome],
    wanted: list[Outcome],
    wrong: list[int],
    text: list[str],
) -> Mistake | Meaning | None:
    """Return the known mistake behind a function, or what a clue beside it means.

    First a slip of the pen; then the mistake that behaves alike in every case and
    leaves the same clues. Where nothing comes back, a clue says more than what came
    out. Then the mistake that behaves alike; that knows these outcomes; or that is
    alike where the function is wrong. At last a clue that counts anywhere.
    """
    believed = imitate_mistakes(
        exercise, torch.get_default_dtype(), torch.get_default_device()
    )
    seen = [[outcome.seen for outcome in side] for side in (got, wanted)]
    everywhere, first, left = range(len(got)), wrong[0], set(find_unusual(got, wanted))
    at_first = find_unusual([got[first]], wanted) + text
    nearly = list(are_alike(believed, got, everywhere, NEARLY))
    twins = [*are_alike(believed, got, everywhere, EXACTLY), *nearly]
    candidates = chain(
        list_meanings(SLIPS, at_first, nearly),
        (it for it, results in twins if set(find_unusual(results, wanted)) == left),
        (it for it, _ in nearly if it.tag in at_first),
        list_meanings(BREAKS, at_first, nearly)
        if is_silent(got[first], wanted[first])
        else (),
        (it for it, _ in twins),
        (it for it in exercise.mistakes if resembles(it, *seen)),
        (it for it, _ in are_alike(believed, got, wrong, NEARLY)),
        list_meanings(HABITS, at_first, nearly),
    )
    return next(iter(candidates), None)


@cache
def imitate_mistakes(
    exercise: Exercise, dtype: torch.dtype, device: torch.device
) -> list[tuple[Mistake, list[Outcome]]]:
    """Return what each known mistake does; kept, because it takes up to two seconds.

    It may do something else under another default `dtype` or `device` of torch.
    """
    return [
        (mistake, run_cases(exercise, code))
        for mistake in exercise.mistakes
        for code in mistake.codes
    ]


def are_alike(
    believed: list[tuple[Mistake, list[Outcome]]],
    got: list[Outcome],
    cases: Iterable[int],
    tolerance: float,
) -> Iterator[tuple[Mistake, list[Outcome]]]:
    """Yield the mistakes that give the same in these cases, with what they did."""
    for mistake, results in believed:
        if all(agree(got[n], results[n], tolerance) for n in cases):
            yield mistake, results


def find_unusual(outcomes: list[Outcome], wanted: list[Outcome]) -> list[str]:
    """Return the clues that the solution does not leave."""
    usual = {clue for outcome in wanted for clue in outcome.clues}
    found = {clue: None for outcome in outcomes for clue in outcome.clues}
    return [clue for clue in found if clue not in usual]


def is_silent(got: Outcome, wanted: Outcome) -> bool:
    """Tell whether nothing came back where something should."""
    if isinstance(got.seen, Raised):
        return got.seen.family in ("FORGOT-FLAG", "NONE-IS-ZERO")
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
    known: tuple[Meaning, ...], clues: list[str], twins: list[tuple[Mistake, list]]
) -> Iterator[Mistake | Meaning]:
    """Yield what the clues mean, in the words of a mistake that behaves alike, if any.

    A mistake of that name that behaves otherwise may say what is not true here.
    """
    for meaning in known:
        if meaning.tag in clues:
            own = (mistake for mistake, _ in twins if mistake.tag == meaning.tag)
            yield next(own, meaning)


def resembles(mistake: Mistake, got: list, wanted: list) -> bool:
    """Ask a mistake whether it knows these outcomes."""
    try:
        return mistake.resembles is not None and bool(mistake.resembles(got, wanted))
    except Exception:  # outcomes of a kind that it did not expect
        return False
