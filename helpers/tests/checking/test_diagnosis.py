"""A misconception is named only where a function did what it says."""

from dataclasses import replace

import pytest
import torch

from helpers.checking.answers import Outcome, Raised
from helpers.checking.diagnosis import is_silent, recognise_mistake, resembles
from helpers.checking.trial import run_cases
from helpers.language import Text
from helpers.lessons.clues import BREAKS, HABITS, SLIPS
from helpers.lessons.model import Exercise, ExerciseBuilder, Mistake

SILENT = Text("", "")


def numbers(*parts):
    return torch.tensor(parts)


def error(family):
    return Raised("RuntimeError", "so it is", family)


@pytest.mark.parametrize(
    ("got", "wanted", "silent"),
    [
        (error("FORGOT-FLAG"), numbers(1.0), True),
        (error("NONE-IS-ZERO"), numbers(1.0), True),
        (error("IN-PLACE"), numbers(1.0), False),
        (error(""), numbers(1.0), False),
        (None, numbers(1.0), True),
        (None, None, False),
        (None, (numbers(1.0), numbers(2.0)), True),
        (numbers(1.0), None, False),
        (numbers(1.0), (numbers(1.0), None), False),
        (numbers(0.0, 0.0), numbers(0.0, 1.0), True),
        (numbers(0.0, 1.0), numbers(1.0, 1.0), False),
        (numbers(0.0, 0.0), numbers(0.0, 0.0), False),
        ((None, numbers(2.0)), (numbers(1.0), numbers(2.0)), True),
        ((numbers(0.0), numbers(2.0)), (numbers(1.0), numbers(2.0)), True),
        ((None, numbers(2.0)), (None, numbers(3.0)), False),
        ((numbers(3.0), numbers(2.0)), (numbers(1.0), numbers(2.0)), False),
        ((numbers(1.0, 2.0), None), numbers(1.0, 2.0), True),
        ((numbers(1.0), numbers(1.0, 2.0)), numbers(1.0, 2.0), False),
    ],
)
def test_silence_is_nothing_where_there_should_be_something(got, wanted, silent):
    assert is_silent(Outcome(got), Outcome(wanted)) is silent


@pytest.mark.parametrize("got", [True, False])
@pytest.mark.parametrize("wanted", [True, False])
def test_a_result_without_its_graph_is_silence(got, wanted):
    one = numbers(1.0)
    silent = is_silent(Outcome(one, tracked=got), Outcome(one, tracked=wanted))
    assert silent is (wanted and not got)


def double(x):
    return 2 * x


def exercise_of(*mistakes):
    cases = [(numbers(1.0).double(),), (numbers(2.0).double(),)]
    return Exercise(SILENT, SILENT, (), lambda: iter(cases), double, mistakes)


def test_an_exercise_is_built_mistake_by_mistake():
    parts = {"title": SILENT, "lesson": SILENT, "hints": (), "cases": list}
    asked = ExerciseBuilder(solution=double, **parts)

    @asked.mistake("THREE", en="Three.", zh="三倍。")
    def three(x):
        return 3 * x

    @asked.variant
    def three_by_adding(x):
        return x + x + x

    asked.mistake("SQUARE", torch.square, en="Squared.", zh="平方。")
    assert asked.build().mistakes == (
        Mistake("THREE", three, (three_by_adding,), en="Three.", zh="三倍。"),
        Mistake("SQUARE", torch.square, en="Squared.", zh="平方。"),
    )
    assert three(2) == three_by_adding(2) == 6


def close_to(tag, factor):
    return Mistake(tag, lambda x: x * factor, en="", zh="")


@pytest.mark.parametrize(
    ("factor", "tag"),
    [(3 + 1e-9, "THREE"), (3 + 1e-4, None), (3.5, None), (5 + 1e-9, "NEARLY FIVE")],
)
def test_a_mistake_is_told_from_its_neighbours_but_for_rounding(factor, tag):
    mistakes = [("THREE", 3), ("FIVE", 5), ("NEARLY FIVE", 5 + 1e-9)]
    exercise = exercise_of(*(close_to(*mistake) for mistake in mistakes))
    sides = [run_cases(exercise, code) for code in (lambda x: x * factor, double)]
    found = recognise_mistake(exercise, *sides, [0, 1], [])
    assert (found and found.tag) == tag


def test_a_mistake_that_is_alike_in_one_case_of_two_is_not_named():
    exercise = exercise_of(Mistake("SQUARE", lambda x: x * x, en="", zh=""))
    sides = [run_cases(exercise, code) for code in (lambda x: x**3, double)]
    assert sides[0][0].seen == exercise.mistakes[0].behave(numbers(1.0))
    assert recognise_mistake(exercise, *sides, [0, 1], []) is None


def with_clues(results, *clues):
    return [replace(result, clues=clues) for result in results]


@pytest.mark.parametrize(
    ("left", "usual", "tag"),
    [((), (), "ONE"), (("OTHER",), (), "OTHER"), (("OTHER",), ("OTHER",), "ONE")],
)
def test_of_two_mistakes_alike_an_unusual_clue_tells_which(left, usual, tag):
    one, other = close_to("ONE", 3), close_to("OTHER", 3)
    exercise = exercise_of(one, other)
    got = with_clues(run_cases(exercise, one.behave), *left)
    wanted = with_clues(run_cases(exercise, double), *usual)
    assert recognise_mistake(exercise, got, wanted, [0, 1], []).tag == tag


def cut(x):
    return (3 * x.clone().requires_grad_()).detach()


def name(exercise, code, wrong=(0, 1), text=(), clues=None):
    """Return the name of what is behind a function."""
    got, wanted = run_cases(exercise, code), run_cases(exercise, double)
    got = got if clues is None else with_clues(got, *clues)
    found = recognise_mistake(exercise, got, wanted, list(wrong), list(text))
    return found and found.tag


def test_of_two_mistakes_alike_the_one_that_leaves_the_same_clues_is_named():
    """No clue bears its name, and it comes second."""
    exercise = exercise_of(close_to("THREE", 3), Mistake("CUT", cut, en="", zh=""))
    assert name(exercise, cut) == "CUT"
    assert name(exercise, cut, clues=()) == "THREE"


@pytest.mark.parametrize(("factor", "tag"), [(3, "THREE"), (7, "LARGER"), (-1, None)])
def test_a_mistake_that_knows_the_outcomes_comes_after_one_that_gives_them(factor, tag):
    """The clue is of neither of them."""
    larger = Mistake("LARGER", abs, resembles=all_larger, en="", zh="")
    exercise = exercise_of(larger, close_to("THREE", 3))
    assert name(exercise, lambda x: factor * x, clues=("OTHER",)) == tag


def all_larger(got, wanted):
    return all(one > other for one, other in zip(got, wanted, strict=True))


@pytest.mark.parametrize(
    ("wrong", "text", "tag"),
    [
        ([0], [], "SAME"),
        ([0], [HABITS[0].tag], "SAME"),
        ([0, 1], [HABITS[0].tag], HABITS[0].tag),
        ([0, 1], [], None),
    ],
)
def test_last_counts_what_is_alike_in_the_wrong_cases_and_then_a_habit(
    wrong, text, tag
):
    """The function squares: 1 for 1, where 2 is right, but 4 for 2 is right."""
    exercise = exercise_of(close_to("SAME", 1))
    assert name(exercise, lambda x: x * x, wrong, text) == tag


@pytest.mark.parametrize("tags", [("THREE",), ("THREE", SLIPS[0].tag)])
def test_a_slip_is_said_in_the_words_of_a_mistake_of_its_name(tags):
    mistakes = [close_to(tag, 3) for tag in tags]
    exercise = exercise_of(*mistakes)
    got = run_cases(exercise, mistakes[0].behave)
    wanted = run_cases(exercise, double)
    found = recognise_mistake(exercise, got, wanted, [0, 1], [SLIPS[0].tag])
    assert found is (mistakes[1] if len(mistakes) > 1 else SLIPS[0])


@pytest.mark.parametrize(("seen", "found"), [(None, BREAKS[0]), (numbers(5.0), None)])
def test_a_break_in_the_graph_counts_where_nothing_comes_back(seen, found):
    exercise = exercise_of()
    got, wanted = [Outcome(seen)] * 2, [Outcome(numbers(2.0))] * 2
    assert recognise_mistake(exercise, got, wanted, [0, 1], [BREAKS[0].tag]) is found


@pytest.mark.parametrize(
    ("setting", "value", "usual"),
    [
        (torch.set_default_dtype, torch.float64, torch.float32),
        (torch.set_default_device, "meta", None),
    ],
)
def test_a_mistake_is_known_under_every_default_of_torch(setting, value, usual):
    def cases():
        place = torch.get_default_device().type
        yield (torch.tensor(float(len(place)), device="cpu"),)

    def sized(x):
        return x * torch.tensor(1.0).element_size()

    mistakes = (Mistake("SIZED", sized, en="", zh=""),)
    exercise = Exercise(SILENT, SILENT, (), cases, double, mistakes)
    for default in (usual, value, usual):
        setting(default)
        try:
            sides = [run_cases(exercise, code) for code in (sized, double)]
            found = recognise_mistake(exercise, *sides, [0], [])
        finally:
            setting(usual)
        assert found.tag == "SIZED"


def test_a_mistake_does_not_know_what_it_cannot_read():
    def first_is_larger(got, wanted):
        return got[0] > wanted[0]

    mistake = Mistake("LARGER", double, resembles=first_is_larger, en="", zh="")
    one, two, none = [Outcome(1)], [Outcome(2)], [Outcome(None)]
    assert resembles(mistake, two, one) is True
    assert resembles(mistake, none, one) is False
    assert resembles(close_to("TWICE", 2), two, one) is False
