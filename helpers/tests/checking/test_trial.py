"""What is noted of a function that runs on every case."""

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from helpers import sandbox
from helpers.checking.answers import LONGEST, Raised
from helpers.checking.trial import (
    accepts,
    describe_raised,
    is_of_kind,
    list_parameters,
    run_cases,
    run_known,
)
from helpers.language import Text
from helpers.lessons.model import Exercise, as_it_is
from helpers.sandbox import TooSlow

SILENT, WHY = Text("", ""), "No way.\nNot at all."


def leaf():
    return torch.tensor([1.0, 2.0], requires_grad=True)


def asked(observe=as_it_is, cases=1):
    """Return an exercise whose every case is one leaf."""
    inputs = [(leaf(),) for _ in range(cases)]
    return Exercise(SILENT, SILENT, (), lambda: iter(inputs), two, (), observe)


def noted(function, observe=as_it_is):
    """Return what one case shows of a function."""
    (found,) = run_cases(asked(observe), function)
    return found


def fail(*inputs):
    raise ValueError(WHY)


def two(*inputs):
    return 2.0


def stopped(*inputs):
    raise TooSlow


# ---- running ----------------------------------------------------------------


@pytest.mark.skipif(not sandbox.MAPPED.exists(), reason="only Linux limits memory")
def test_no_case_may_ask_for_all_memory():
    seen = noted(lambda x: np.empty(2**30, np.uint8).size).seen
    assert isinstance(seen, Raised) and seen.family == "TOO-MUCH-MEMORY"


@pytest.mark.thorough
def test_all_cases_together_have_the_time_of_one_call(monkeypatch):
    def slow(x):
        return time.sleep(0.3)

    assert len(run_cases(asked(cases=2), slow)) == 2
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.5)
    with pytest.raises(TooSlow):
        run_cases(asked(cases=2), slow)


def test_what_one_case_switches_and_says_is_gone_before_the_next(capfd):
    def switch(x):
        print("loud")
        before = torch.get_default_dtype() == torch.float64
        torch.set_default_dtype(torch.float64)
        return before

    assert [each.seen for each in run_cases(asked(cases=2), switch)] == [False, False]
    assert torch.get_default_dtype() == torch.float32
    assert capfd.readouterr().out == ""


def test_whoever_is_stopped_has_not_raised():
    """The time may be up in a function, while it is observed, or in an error's text."""

    class Endless(Exception):
        __str__ = stopped

    def fail_endlessly(x):
        raise Endless

    for function, observe in ((stopped, two), (two, stopped), (fail_endlessly, two)):
        with pytest.raises(TooSlow):
            noted(function, observe)


def test_the_cases_share_one_clock_and_what_time_it_leaves(monkeypatch):
    """Guards against a module whose import takes the time of the cases after it."""
    hours, given = iter([10, 11, 13]), []

    class Hours:
        def now(self):
            return next(hours)

    def run_within(seconds, work, clock):
        given.append((seconds, type(clock)))
        return work()

    monkeypatch.setattr("helpers.sandbox.Clock", Hours)
    monkeypatch.setattr("helpers.sandbox.run_within", run_within)
    assert [it.seen for it in run_cases(asked(cases=2), two)] == [2, 2]
    assert given == [(sandbox.PATIENCE - 1, Hours), (sandbox.PATIENCE - 3, Hours)]


def test_what_a_lesson_does_is_kept_for_each_default_of_torch():
    """Guards against mistakes that are compared in a dtype of another cell."""

    def name_dtype(x):
        return str(torch.ones(1).dtype)

    exercise = asked()
    (first,) = known = run_known(exercise, name_dtype)
    assert first.seen == "torch.float32"
    assert run_known(exercise, name_dtype) is known
    torch.set_default_dtype(torch.float64)
    try:
        assert run_known(exercise, name_dtype)[0].seen == "torch.float64"
    finally:
        torch.set_default_dtype(torch.float32)


# ---- the call ---------------------------------------------------------------


class Unsigned:
    """Be called, with nobody knows how many inputs."""

    __signature__ = "?"

    def __call__(self, *inputs):
        return inputs


@pytest.mark.parametrize(
    ("function", "counts"),
    [
        (lambda: 0, {0}),
        (lambda x, y: 0, {2}),
        (lambda x, y=1: 0, {1, 2}),
        (lambda x, *others: 0, {1, 2, 3}),
        (lambda x, *, y: 0, set()),
        (Unsigned(), {0, 1, 2, 3}),
    ],
)
def test_how_many_inputs_a_function_accepts(function, counts):
    assert {count for count in range(4) if accepts(function, count)} == counts


def test_parameters_are_listed_by_name():
    assert list_parameters(lambda x, rate=0.1: 0) == ["x", "rate"]


@pytest.mark.parametrize(
    ("result", "kind", "fits"),
    [
        (1.0, float, True),
        (1, float, True),
        ("1", float, False),
        (torch.tensor(1.0), float, False),
        (torch.tensor(1.0), torch.Tensor, True),
        (torch.nn.Parameter(torch.ones(1)), torch.Tensor, True),
        (1, torch.Tensor, False),
        (1.0, int, False),
        (None, object, True),
    ],
)
def test_a_result_is_of_the_kind_that_is_asked_for(result, kind, fits):
    assert is_of_kind(result, kind) is fits


# ---- what is noted ----------------------------------------------------------


def test_a_result_has_a_graph_if_it_was_recorded():
    class Secret(torch.Tensor):
        requires_grad = property(fail)

    assert noted(lambda x: 2 * x).tracked is True
    assert noted(lambda x: 2 * x.detach()).tracked is False
    assert noted(two).tracked is False
    assert noted(lambda x: torch.ones(2).as_subclass(Secret)).tracked is False


def test_a_function_leaves_clues_whether_it_ends_or_raises():
    def switched_off(x):
        torch.set_grad_enabled(False)
        return x.detach()

    def raises(x):
        return fail(x.detach())

    assert noted(switched_off).clues == ("DETACH-TOO-MUCH", "NO_GRAD-IS-A-SWITCH")

    def flagged_alone(x):
        return torch.ones(2).requires_grad_()

    assert noted(raises).clues == ("DETACH-TOO-MUCH",)
    assert noted(flagged_alone).clues == ("FLAG-MAKES-GRAPH",)
    assert noted(two).clues == ()


def test_what_is_observed_is_one_thing_or_several():
    pair = noted(two, observe=lambda result, x: (x, result * x)).seen
    assert [part.tolist() for part in pair] == [[1, 2], [2, 4]]
    assert type(pair) is tuple
    assert noted(lambda x: (1.0, 2.0)).seen.tolist() == [1, 2]


def test_an_error_while_observing_counts_if_it_is_a_known_one():
    def walk(result, x):
        result.backward()

    seen = noted(lambda x: 2 * x, observe=walk).seen
    assert isinstance(seen, Raised) and seen.family == "JACOBIAN"
    assert noted(two, observe=fail).seen == 2


def test_an_error_is_noted_with_the_line_of_the_function_that_raised_it():
    def passes_on(x):
        return fail(x)

    wanted = Raised("ValueError", "No way.")
    for code, line in ((fail, "raise ValueError(WHY)"), (passes_on, "return fail(x)")):
        seen = noted(code).seen
        assert (seen, seen.line) == (wanted, line)


def test_an_error_that_no_line_of_a_function_raised_is_noted_without_one():
    seen = noted(lambda: 1).seen
    assert (seen.kind, seen.line) == ("TypeError", "")
    assert describe_raised(ValueError(WHY)) == Raised("ValueError", "No way.")
    assert describe_raised(ValueError(WHY)).line == ""


class Wordless(Exception):
    def __str__(self):
        raise KeyError


@pytest.mark.parametrize(
    ("problem", "kind", "message", "family"),
    [
        (ValueError(), "ValueError", "", ""),
        (ValueError("\n"), "ValueError", "", ""),
        (ValueError("a" * LONGEST + "b"), "ValueError", "a" * LONGEST, ""),
        (Wordless(), "Wordless", "", ""),
        (MemoryError("no room"), "MemoryError", "no room", "TOO-MUCH-MEMORY"),
        (
            RuntimeError("grad can be implicitly created only for scalar outputs"),
            "RuntimeError",
            "grad can be implicitly created only for scalar outputs",
            "JACOBIAN",
        ),
        (SystemExit(3), "SystemExit", "3", ""),
    ],
)
def test_an_error_is_its_kind_and_the_first_line_it_says(
    problem, kind, message, family
):
    found = describe_raised(problem)
    assert (found.kind, found.message, found.family) == (kind, message, family)
    assert not found.later


def test_an_error_in_the_walk_back_has_no_line_of_the_function():
    def walk(result, x):
        result.backward()

    seen = noted(lambda x: 2 * x, observe=walk).seen
    assert (seen.kind, seen.line, seen.later) == ("RuntimeError", "", True)
    assert not noted(fail).seen.later


def test_what_came_is_kept_with_what_it_is_and_what_it_was_not():
    """Guards against a result of the wrong kind that is taken for right."""
    wanted = replace(asked(), returns=float)
    misfits = [
        run_cases(wanted, function)[0].misfit
        for function in (two, lambda x: x[0].detach(), lambda x: None)
    ]
    assert misfits == ["", "a Tensor", "a NoneType"]


def test_a_call_that_is_not_written_yet_is_noted_as_that():
    found = noted(lambda x: ...)
    assert found.seen is ... and found.clues == () and not found.tracked
