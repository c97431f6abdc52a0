"""A function whose numbers follow from the right ones by a rule is told which."""

import random
from dataclasses import replace

import pytest
import torch

from helpers.checking.answers import Odd, Outcome, is_same, make_plain
from helpers.checking.functions import compare_function, judge_function
from helpers.checking.relations import (
    FEWEST,
    NEARLY,
    OF_CALLS,
    OF_NUMBERS,
    Case,
    find_relation,
    list_cases,
    of_flags,
    of_numbers,
)
from helpers.checking.trial import attempt, run_cases
from helpers.language import Text
from helpers.lessons import LESSONS, Exercise
from helpers.lessons import relations as told
from helpers.sandbox import TooSlow

EXERCISES = {name: it for name, it in LESSONS.items() if isinstance(it, Exercise)}
RULES = (*OF_CALLS, *OF_NUMBERS)


def follow(exercise, make, wanted, cases):
    """Return what a function does that is off by a rule in some cases; None if none is.

    A part that the rule does not apply to is right.
    """
    got = list(wanted)
    for case in list_cases(exercise, wanted, wanted):
        made, problem = attempt(make, case)
        told = problem is None and not isinstance(made, Odd)  # else as what it is
        if told and case.number in cases:
            seen = got[case.number].seen
            whole = made if case.part is None else put(seen, case.part, made)
            got[case.number] = replace(got[case.number], seen=whole)
    return got if count_wrong(got, wanted) >= FEWEST else None


def put(parts, number, part):
    return (*parts[:number], part, *parts[number + 1 :])


def count_wrong(got, wanted):
    pairs = zip(got, wanted, strict=True)
    return sum(not is_same(one.seen, other.seen, NEARLY) for one, other in pairs)


def applies(exercise, make, wanted):
    cases = list_cases(exercise, wanted, wanted)
    return all(attempt(make, case)[1] is None for case in cases)


@pytest.mark.thorough
@pytest.mark.parametrize("name", EXERCISES)
def test_each_rule_is_named_in_each_exercise(name):
    exercise = EXERCISES[name]
    wanted, named = run_cases(exercise, exercise.solution), 0
    for meaning, make in OF_NUMBERS if exercise.parts else RULES:
        got = follow(exercise, make, wanted, range(len(wanted)))
        if got is not None and (exercise.parts or applies(exercise, make, wanted)):
            found = find_relation(exercise, got, wanted)
            verdict = compare_function(exercise, got, wanted, [])
            assert found is not None, meaning.tag
            assert verdict.misconception, meaning.tag
            named += 1
    assert named > 2


@pytest.mark.thorough
@pytest.mark.parametrize("name", EXERCISES)
def test_a_rule_that_holds_in_some_cases_is_named_and_the_others_counted(name):
    exercise = EXERCISES[name]
    wanted = run_cases(exercise, exercise.solution)
    half, bare = range(len(wanted) // 2), replace(exercise, mistakes=())
    for meaning, make in OF_NUMBERS:
        got = follow(exercise, make, wanted, half)
        if got is not None and applies(exercise, make, wanted):
            verdict = compare_function(bare, got, wanted, [])
            assert verdict.misconception, meaning.tag
            assert f" of {len(wanted)} cases. " in verdict.seen


@pytest.mark.parametrize("name", EXERCISES)
def test_numbers_that_follow_no_rule_are_given_none(name):
    exercise, chance = EXERCISES[name], random.Random(1)
    wanted = run_cases(exercise, exercise.solution)

    def disturb(case):
        noise = [chance.gauss(2, 1) for _ in range(case.right.numel())]
        return case.right * torch.tensor(noise).reshape(case.right.shape) + noise[0]

    got = follow(exercise, disturb, wanted, range(len(wanted)))
    assert got is None or find_relation(exercise, got, wanted) is None


def test_what_is_left_over_from_the_call_before_is_named():
    kept = []

    def stale(f, x0):
        kept.append(EXERCISES["backward/derivative"].solution(f, x0))
        return kept[max(len(kept) - 2, 0)]

    verdict = judge_function(EXERCISES["backward/derivative"], stale)
    assert verdict.misconception == "FROM-THE-CALL-BEFORE"


def test_inputs_that_changed_places_are_named():
    product = EXERCISES["vector/vjp"]

    def square_cases():
        return (it for it in product.cases() if len(it[1]) == len(it[2]))

    asked = replace(product, mistakes=(), cases=square_cases)
    verdict = judge_function(asked, lambda f, x, v: product.solution(f, v, x))
    assert verdict.misconception == "OTHER-INPUT"


def test_a_whole_path_is_told_from_its_end_and_an_empty_list_from_both():
    def path(f, x0, rate, steps):
        turns = range(1, steps + 1)
        return [
            EXERCISES["accumulation/descend"].solution(f, x0, rate, n) for n in turns
        ]

    descend = EXERCISES["accumulation/descend"]
    assert judge_function(descend, path).misconception == "WHOLE-PATH"
    assert judge_function(descend, lambda *_: []).misconception == "EMPTY-LIST"


def test_a_return_inside_the_loop_is_seen_in_the_text():
    def early(f, x0, rate, steps):
        x = x0
        for _ in range(steps):
            x = EXERCISES["accumulation/descend"].solution(f, x, rate / 2, 1)
            return x
        return x0

    verdict = judge_function(EXERCISES["accumulation/descend"], early)
    assert verdict.misconception == "RETURN-IN-THE-LOOP"


def test_what_is_no_number_is_told_as_what_it_is():
    derivative = EXERCISES["backward/derivative"]
    verdict = judge_function(derivative, lambda f, x0: lambda: x0)
    assert verdict.sentence.startswith("Your function gave back a function; ")
    assert not verdict.misconception


# ---- rule by rule --------------------------------------------------------------------

SILENT = Text("", "")
NAN, INF = float("nan"), float("inf")
A, B, C = [1.0, 2.0], [3.0, 5.0], [[1.0, 2.0], [3.0, 5.0]]


def relate(wanted, got, inputs=None, solution=None, **more):
    """Return what it means that a function gave `got`, case by case."""
    inputs = inputs or [()] * len(wanted)
    exercise = Exercise(SILENT, SILENT, (), lambda: iter(inputs), solution, (), **more)
    sides = ([Outcome(make_plain(it)) for it in side] for side in (got, wanted))
    return find_relation(exercise, *sides)


def times(factor, numbers):
    return [factor * number for number in numbers]


@pytest.mark.parametrize(
    ("wanted", "got", "meaning"),
    [
        ([A, B], [None, None], told.NOTHING),
        ([C, C], [[None, None], [None, None]], told.NOTHING),
        ([A, B], [None, B], told.NOTHING),
        ([A, B], [times(2, A), times(2, B)], told.DOUBLE),
        ([A, B], [times(2, A), B], told.DOUBLE),
        ([A, 7.0], [A, 14.0], None),  # one number alone may be anything
        ([A, 7.0, 8.0], [A, 14.0, 16.0], told.DOUBLE),
        ([True, False], [False, True], told.TURNED_ROUND),
        ([True, False], [True, True], None),
        ([[True, False], [False, False]], [[True, True]] * 2, told.ALL_TRUE),
        ([[True, False], [True, True]], [[False, False]] * 2, told.ALL_FALSE),
        ([A, B], [[True, True], [True, True]], None),
        ([C, C], [[[1.0, 2.0], [0.0, 0.0]]] * 2, told.ONLY_THE_FIRST),
        ([A, B], [[], []], told.EMPTY),
        ([2.0, 3.0, 5.0], [[], [1.0, 3.0], [1.0, 3.0, 5.0]], told.WHOLE_PATH),
        ([2.0, 3.0], [[1.0, 2.0 + 1e-6], [1.0, 3.0]], told.WHOLE_PATH),
        ([2.0, 3.0], [[1.0, 2.0], [1.0, 3.1]], None),
        ([2.0, 3.0], [[], [1.0, 3.1]], None),
        ([A, B], [(1.0, "a"), (3.0, "a")], None),
    ],
)
def test_a_rule_is_found_by_the_numbers(wanted, got, meaning):
    assert relate(wanted, got) is meaning


@pytest.mark.parametrize(
    ("wanted", "got", "meaning"),
    [
        ([A, B], [[7.0, 7.0], [7.0, 7.0]], told.ALWAYS),
        ([A, [3.0]], [[7.0, 7.0], [7.0]], told.ALWAYS),
        ([A, B], [[7.0, 7.0], B], None),  # something else for other inputs
        ([A, B, [7.0, 7.0]], [[7.0, 7.0]] * 3, told.ALWAYS),
        ([A, B], [[NAN, NAN], [NAN, NAN]], None),
        ([A, B], [[INF, INF], [INF, INF]], None),
        ([A, B], [[INF, 2.0], B], None),
        ([A, B], [[1.3, 2.3], [3.3, 5.3]], told.SHIFTED),
        ([A, B], [[1.3, 2.3], [3.3, 5.4]], None),
        ([A, B], [times(1.7, A), times(1.7, B)], told.FACTOR),
        ([A, B], [times(1.7, A), B], told.FACTOR),
        ([A, B], [times(1.7, A), times(1.7000002, B)], told.FACTOR),
        ([A, B], [times(1.7, A), times(1.8, B)], None),
        ([A, B], [times(1.0005, A), times(1.0005, B)], None),  # as good as right
        ([[0.0, 2.0], B], [[0.0, 3.4], times(1.7, B)], told.FACTOR),
        ([[0.0, 2.0], B], [[0.1, 3.4], times(1.7, B)], None),
        ([[0.0, 0.0], [0.0, 0.0]], [[1.0, 2.0], [0.0, 5.0]], None),
        ([[1.0, 2.0], [1j, 2.0]], [[1.3, 2.3], [1.3, 2.3]], None),
        ([A, B], [[1.3, 2.3, 3.3], [3.3, 5.3]], None),
        ([A, B], [A[:1], [3.3, 5.3]], None),
        ([[True, False], [False, False]], [[True, True], [False, False]], None),
        ([A, B], [None, [3.3, 5.3]], None),
    ],
)
def test_one_amount_or_factor_is_found_by_the_numbers(wanted, got, meaning):
    assert relate(wanted, got) is meaning


def test_what_is_off_by_its_rounding_follows_no_rule():
    """Guards against a hint at a square where 1 was computed in float32."""
    ones = [1.0, 1.0]
    assert relate([ones, ones], [[1 + 5e-7, 1 + 5e-7], ones]) is None
    assert relate([ones, ones], [[1 + 5e-7, 1 + 5e-7]] * 2) is None
    almost, square = [1 + 1e-7, 1 + 1e-7], [1 + 2e-7, 1 + 2e-7]
    assert relate([almost, almost], [square, square]) is None
    assert relate([A, A], [times(2 + 5e-7, A)] * 2) is told.DOUBLE
    assert relate([A, A], [times(2.00001, A)] * 2) is told.FACTOR


def test_a_case_within_the_tolerance_is_right():
    wanted, got = [[10.0, 10.0], A], [[10.5, 10.0], times(2, A)]
    assert relate(wanted, got, tolerance=0.1) is told.DOUBLE
    assert relate(wanted, got) is None


TWO_PARTS = (SILENT, SILENT)


@pytest.mark.parametrize(
    ("got", "meaning"),
    [
        ([(times(2, A), "one"), (times(2, B), "two")], told.DOUBLE),
        ([(times(2, A), "two"), (times(2, B), "two")], told.DOUBLE),
        ([(A, None), (B, None)], told.NOTHING),
        ([(times(2, A), "one"), (B, "two")], told.DOUBLE),
        ([([7.0, 7.0], "one"), ([7.0, 7.0], "two")], None),  # perhaps of the inputs
        ([None, None], told.NOTHING),
        ([(None, None), (None, None)], told.NOTHING),
        ([(times(2, A), "one", 1.0), (times(2, B), "two", 1.0)], None),
    ],
)
def test_a_rule_is_found_part_by_part(got, meaning):
    wanted = [(A, "one"), (B, "two")]
    assert relate(wanted, got, parts=TWO_PARTS) is meaning


def test_lists_may_grow_from_case_to_case():
    """Guards against a check that ends in an error of its own."""
    wanted = [(A, 1.0), (A, [1.0], 3.0)]
    assert (
        relate(wanted, [(times(2, A), 2.0), (times(2, A), [2.0], 6.0)]) == told.DOUBLE
    )


# ---- what else came in ---------------------------------------------------------------


def square(x, *_):
    return x * x


def product(x, y, *_):
    return x * x * y


PAIRS = [(2.0, 3.0), (3.0, 7.0), (5.0, 4.0)]


@pytest.mark.parametrize(
    ("solution", "function", "meaning"),
    [
        (product, lambda x, y: x, told.UNCHANGED),
        (product, lambda x, y: y, told.UNCHANGED),
        (product, lambda x, y: y * y * x, told.EXCHANGED),
        (product, lambda x, y: x**3 * y, told.TIMES_INPUT),
        (product, lambda x, y: x * y, told.OVER_INPUT),
        (product, lambda x, y: x * x, told.OVER_INPUT),
        (product, lambda x, y: x * x * y**3, None),
        (product, lambda x, y: x * y + 1, None),
    ],
)
def test_a_rule_is_found_by_the_inputs(solution, function, meaning):
    wanted, got = ([f(*pair) for pair in PAIRS] for f in (solution, function))
    assert relate(wanted, got, PAIRS, solution) is meaning
    assert relate(wanted, got, PAIRS, solution, parts=TWO_PARTS) is None


def give_value(f, x):
    return f(x)


def slope_of(f, x):
    leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return torch.autograd.grad(f(leaf), leaf)[0]


def cube(x):
    return x**3 / 2


@pytest.mark.parametrize("inputs", [(2.0, 5.0), (1e60, 2e60), (2, 5)])
def test_the_value_of_a_function_that_came_in_is_found(inputs):
    """Guards against a value that only fits into more than float32."""
    cases = [(cube, float(x)) for x in inputs]
    given = [(cube, x) for x in inputs]
    wanted, got = ([f(*case) for case in cases] for f in (slope_of, give_value))
    assert relate(wanted, got, given, slope_of) is told.VALUE


def test_inputs_of_two_kinds_do_not_change_places():
    def divide(x, y):
        return x / y

    pairs = [(torch.tensor([2.0, 4.0]), 3.0), (torch.tensor([5.0, 7.0]), 4.0)]
    wanted, got = [divide(*pair) for pair in pairs], [y / x for x, y in pairs]
    assert relate(wanted, got, pairs, divide) is None
    pairs = [(x, torch.tensor(y)) for x, y in pairs]
    assert relate(wanted, got, pairs, divide) is told.EXCHANGED


def test_inputs_that_changed_places_are_observed_as_they_are_then():
    def observe(result, x, y):
        return result * x, result + y, "a"

    def power(x, y):
        return x**y

    inputs = [(2.0, 3.0), (3.0, 5.0)]
    wanted = [observe(power(x, y), x, y) for x, y in inputs]
    got = [observe(power(y, x), y, x) for x, y in inputs]
    assert relate(wanted, got, inputs, power, observe=observe) is told.EXCHANGED


@pytest.mark.parametrize(
    ("wanted", "got", "meaning"),
    [
        ([A, B, [6.0, 4.0]], [A, A, B], told.CASE_BEFORE),
        ([A, B, [6.0, 4.0]], [[4.0, 4.0], A, B], None),
        ([A, B, [6.0, 4.0]], [A, A, A], None),
        ([A, B, [6.0, 4.0]], [A, [4.0, 7.0], [10.0, 11.0]], told.SO_FAR),
        ([A, B, [6.0, 4.0]], [A, [4.0, 7.0], [9.0, 9.0]], None),
        ([(A, 1.0), (B, 2.0)], [(A, 1.0), (A, 1.0)], told.CASE_BEFORE),
        ([(A, 1.0), (B, 2.0)], [(A, 1.0), ([4.0, 7.0], 3.0)], told.SO_FAR),
    ],
)
def test_what_outlives_a_call_is_found(wanted, got, meaning):
    assert relate(wanted, got) is meaning


def test_a_function_that_came_in_says_nothing_aloud_and_may_take_too_long(capfd):
    def shout(x):
        print("loud")
        return torch.as_tensor(x)

    def endless(x):
        raise TooSlow

    inputs = [(shout, 3.0), (shout, 5.0)]
    assert relate([1.0, 2.0], [3.0, 5.0], inputs) is told.VALUE
    assert capfd.readouterr().out == ""
    inputs = [(endless, 3.0), (endless, 5.0)]
    assert relate([1.0, 2.0], [2.0, 4.0], inputs) is None


def test_a_rule_of_numbers_is_for_numbers_alone():
    def case(right):
        return Case(make_plain(right), None, (), None, None, 0)

    assert of_numbers(torch.neg)(case(2.0)) == -2
    assert of_flags(torch.logical_not)(case(True)) is False
    assert of_flags(torch.logical_not)(case([True, False])).tolist() == [False, True]
    odd = [(of_numbers, it) for it in (True, [True, False], None, "a")]
    for rule, right in (*odd, *((of_flags, it) for it in (2.0, A, None, "a"))):
        with pytest.raises((TypeError, RuntimeError)):
            rule(torch.neg)(case(right))
