"""A function whose numbers follow from the right ones by a rule is told which."""

import random
from dataclasses import replace

import pytest
import torch

from helpers.checking.answers import Odd, is_same
from helpers.checking.functions import compare_function, judge_function
from helpers.checking.relations import (
    FEWEST,
    NEARLY,
    OF_CALLS,
    OF_NUMBERS,
    find_relation,
    list_cases,
)
from helpers.checking.trial import attempt, run_cases
from helpers.lessons import LESSONS, Exercise

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
