"""Find the rule by which a function's numbers follow from the right ones."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import combinations
from typing import Any

import torch
from torch import Tensor

from .. import sandbox
from ..lessons import relations as told
from ..lessons.model import Exercise, Meaning
from .answers import Outcome, is_same, make_plain
from .trial import attempt, observe_call

NEARLY, CLOSE = 1e-6, 1e-3  # what float32 may do to a number, and a quotient
FEWEST = 2  # numbers that a rule has to give, before it is said


@dataclass(frozen=True, eq=False)
class Case:
    """Hold a part of what a case asks for, with what came and what else may come."""

    right: Any
    got: object
    before: tuple  # what is right in the cases before, with all parts
    part: int | None  # of the outcome, if it has parts
    exercise: Exercise
    number: int

    def inputs(self) -> tuple:
        """Return the inputs afresh, as a function may change them."""
        return list(self.exercise.cases())[self.number]


Make = Callable[[Case], object]
Relation = tuple[Meaning, Make]


def find_relation(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome]
) -> Meaning | None:
    """Return what it means that all numbers follow by one rule, or all wrong ones."""
    cases = list(list_cases(exercise, got, wanted))
    with sandbox.keep_undisturbed(), suppress(sandbox.TooSlow):
        return sandbox.run_within(sandbox.PATIENCE, partial(find_rule, cases))
    return None


def find_rule(cases: list[Case]) -> Meaning | None:
    """Return the first rule that gives all; else the first that gives what is wrong."""
    odd = [case for case in cases if not is_right(case)]
    parts = {case.part for case in odd}
    alike = [case for case in cases if case.part in parts]
    if sum(count_numbers(case.right) for case in odd) < FEWEST:
        return None
    of_calls = () if odd[0].exercise.parts else OF_CALLS
    of_part = [case for case in alike if case.part == odd[0].part]
    return (
        find_first((*of_calls, *OF_NUMBERS), alike, always=bool(of_calls))
        or find_first(OF_NUMBERS, odd)
        or find_first(OF_NUMBERS, of_part)
    )


def find_first(
    rules: tuple[Relation, ...], cases: list[Case], always: bool = False
) -> Meaning | None:
    """Return the first rule that gives all; `always`: also that all is the same."""
    found = (meaning for meaning, make in rules if holds(make, cases))
    return next(found, None) or find_constant(cases, always)


def list_cases(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome]
) -> Iterator[Case]:
    """Yield each case, part by part where outcomes have as many parts."""
    for number, (one, other) in enumerate(zip(got, wanted, strict=True)):
        seen: Any = one.seen
        right: Any = other.seen
        before = tuple(it.seen for it in wanted[:number])
        both = isinstance(seen, tuple) and isinstance(right, tuple)
        for part in range(len(right)) if both and len(seen) == len(right) else [None]:
            yield Case(
                take(right, part), take(seen, part), before, part, exercise, number
            )


def take(seen: Any, part: int | None) -> Any:
    return seen if part is None else seen[part]


def is_right(case: Case) -> bool:
    return is_same(case.got, case.right, case.exercise.tolerance)


def count_numbers(right: object) -> int:
    return right.numel() if isinstance(right, Tensor) else 1


def holds(make: Make, cases: list[Case]) -> bool:
    """Tell whether a rule gives what came, in all cases, and not what is right."""
    near = False
    for case in cases:
        made, problem = attempt(make, case)
        if problem is not None or not is_same(made, case.got, NEARLY):
            return False
        near = near or not is_same(made, case.right, NEARLY)
    return near


# ---- the rules -------------------------------------------------------------------


def of_numbers(make: Callable[[Tensor], object]) -> Make:
    """Return a rule that needs only the right numbers."""
    return lambda case: make(as_numbers(case.right))


def as_numbers(right: object) -> Tensor:
    if not isinstance(right, Tensor) or right.dtype == torch.bool:
        raise TypeError
    return right


def of_flags(make: Callable[[Tensor], Tensor]) -> Make:
    """Return a rule that needs only the right truth values."""
    return lambda case: make_plain(make(as_flags(case.right)))


def as_flags(right: object) -> Tensor:
    flags = torch.as_tensor(right)
    if flags.dtype != torch.bool:
        raise TypeError
    return flags


def nothing(case: Case) -> object:
    """Return None, or a None for each row."""
    rows = case.got if isinstance(case.got, tuple) else ()
    return (None,) * len(rows) or None


def whole_path(case: Case) -> object:
    """Return what came, if its last part alone is right; no step leaves none."""
    got: Any = case.got
    return choose(len(got) == 0 or is_same(got[-1], case.right, NEARLY), got)


def empty_list(case: Case) -> object:
    got: Any = case.got
    return choose(len(got) == 0, got)


def choose(fits: bool, got: object) -> object:
    if not fits:
        raise LookupError
    return got


def first_row_alone(table: Tensor) -> Tensor:
    return torch.cat([table[:1], torch.zeros_like(table[1:])])


def value(case: Case) -> object:
    """Return what a function among the inputs makes of the next one."""
    f, x, *_ = case.inputs()
    return make_plain(f(torch.as_tensor(x, dtype=torch.float64)))


def an_input(number: int, case: Case) -> Any:
    return make_plain(case.inputs()[number])


def times(number: int, power: int, case: Case) -> Tensor:
    return as_numbers(case.right) * an_input(number, case) ** power


def exchanged(one: int, other: int, case: Case) -> object:
    """Return what would be right if two inputs changed places."""
    inputs = list(case.inputs())
    if type(inputs[one]) is not type(inputs[other]):
        raise TypeError
    inputs[one], inputs[other] = inputs[other], inputs[one]
    seen = observe_call(case.exercise, case.exercise.solution(*inputs), tuple(inputs))
    return take(seen, case.part)


def the_case_before(case: Case) -> object:
    return take(case.before[-1], case.part) if case.before else case.right


def sum_so_far(case: Case) -> object:
    return sum(take(right, case.part) for right in case.before) + case.right


MOST_INPUTS = 4
OF_CALLS: tuple[Relation, ...] = (
    (told.VALUE, value),
    *((told.UNCHANGED, partial(an_input, at)) for at in range(MOST_INPUTS)),
    (told.CASE_BEFORE, the_case_before),
    (told.SO_FAR, sum_so_far),
    (told.TURNED_ROUND, of_flags(torch.logical_not)),
    (told.ALL_TRUE, of_flags(torch.ones_like)),
    (told.ALL_FALSE, of_flags(torch.zeros_like)),
    *((told.TIMES_INPUT, partial(times, at, 1)) for at in range(MOST_INPUTS)),
    *((told.OVER_INPUT, partial(times, at, -1)) for at in range(MOST_INPUTS)),
    *(
        (told.EXCHANGED, partial(exchanged, *pair))
        for pair in combinations(range(MOST_INPUTS), 2)
    ),
)
OF_NUMBERS: tuple[Relation, ...] = (
    (told.NOTHING, nothing),
    (told.ZEROS, of_numbers(torch.zeros_like)),
    (told.DOUBLE, of_numbers(lambda right: 2 * right)),
    (told.HALF, of_numbers(lambda right: right / 2)),
    (told.SIGN, of_numbers(torch.neg)),
    (told.TRANSPOSED, of_numbers(lambda right: right.mT)),
    (told.ONLY_THE_FIRST, of_numbers(first_row_alone)),
    (told.PILED_UP, of_numbers(lambda right: right.cumsum(0))),
    (told.ALL_THE_LAST, of_numbers(lambda right: right[-1:].expand_as(right))),
    (told.ALL_THE_SUM, of_numbers(lambda right: right.sum(0).expand_as(right))),
    (told.EMPTY, empty_list),
    (told.WHOLE_PATH, whole_path),
    (told.PLAIN_SUM, of_numbers(lambda right: right.sum(0))),
    (told.PLAIN_SUM, of_numbers(torch.sum)),
    (told.MEAN, of_numbers(lambda right: right.mean(0))),
    (told.MEAN, of_numbers(torch.mean)),
    (told.MEAN, of_numbers(lambda right: right / len(right))),
    (told.MEAN, of_numbers(lambda right: right.mean(0).expand_as(right))),
    (told.NO_MEAN, of_numbers(lambda right: right * len(right))),
    (told.ONE_ROW, of_numbers(lambda right: right[0])),
    (told.ONE_ROW, of_numbers(lambda right: right[-1])),
    (told.DIAGONAL, of_numbers(lambda right: right * torch.eye(*right.shape))),
    (told.DIAGONAL, of_numbers(lambda right: right.diag())),
    (told.IN_ONE_LINE, of_numbers(torch.flatten)),
    (told.SIZE_ONLY, of_numbers(torch.abs)),
    (told.SQUARED, of_numbers(torch.square)),
    (told.REVERSED, of_numbers(lambda right: right.flip(0))),
    (told.SORTED, of_numbers(lambda right: right.sort(0).values)),
    (told.SORTED, of_numbers(lambda right: right.sort(0, descending=True).values)),
    *(
        (told.ROUNDED, of_numbers(partial(torch.round, decimals=digits)))
        for digits in range(6)
    ),
)


# ---- one factor, one amount ----------------------------------------------------


def find_constant(cases: list[Case], always: bool) -> Meaning | None:
    """Return what it means that all numbers are the same, or off by the same."""
    pairs: list[Any] = [(case.got, case.right) for case in cases]
    if not all(is_pair(*pair) for pair in pairs):
        return None
    got = torch.cat([got.flatten() for got, _ in pairs])
    right = torch.cat([right.flatten() for _, right in pairs])
    if is_same(got, right, CLOSE):
        return None
    if always and is_constant(got):
        return told.ALWAYS
    if is_constant(got - right):
        return told.SHIFTED
    there = right != 0  # if nowhere, something came that is not 0
    alike = is_constant((got / right)[there]) and not got[~there].any()
    return told.FACTOR if alike else None


def is_pair(got: Any, right: Any) -> bool:
    """Tell whether both are numbers, as many of them."""
    both = isinstance(got, Tensor) and isinstance(right, Tensor)
    return both and got.shape == right.shape and got.dtype == right.dtype != torch.bool


def is_constant(numbers: Tensor) -> bool:
    first = numbers[:1].expand_as(numbers)
    return bool(numbers.isfinite().all()) and is_same(numbers, first, NEARLY)
