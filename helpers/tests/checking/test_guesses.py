"""A guess at what a program leaves behind is explained by a walk through it."""

from dataclasses import replace

import pytest
import torch

from helpers import sandbox
from helpers.checking import guesses
from helpers.checking.answers import HOW
from helpers.checking.guesses import judge_guess
from helpers.checking.machine import Program
from helpers.language import Text
from helpers.lessons.model import Mistake, Prediction

TITLE, LESSON = Text("A title", "标题"), Text("Well done.", "做得好。")
ONE = """
x = torch.tensor(3.0, requires_grad=True)
y = x * x
z = y * 5
z.backward()
x.grad
"""
TWO = """
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = x * x
z = 5 * y.sum()
z.backward()
x.grad
"""
BOTH = torch.tensor([10.0, 20.0])


def question(program, *mistakes):
    return Prediction(TITLE, LESSON, (), mistakes, truth=30.0, program=program)


def said_of(guess, truth, program=ONE, **more):
    """Return the tag and the lines with which a wrong guess is answered."""
    verdict = judge_guess(question(program), guess, truth, **more)
    assert (verdict.state, verdict.counts) == ("wrong", True)
    return verdict.misconception, *verdict.lines()


STARTS = "The walk starts at `z` with 1. What does `z` send on?"
SENDS = "`z` sends 5 to `y`. And `y`?"
ARROWS = "2 arrows lead from `y` to `x`: what comes along each?"


def test_what_a_changed_walk_gives_is_explained_by_it():
    tag, sentence = said_of(5, 30.0)
    assert tag == "LAST-STEP-ONLY"
    assert sentence.startswith("5 is what arrives at `y`; from there the walk goes on")
    assert said_of(45, 30.0)[0] == "GRAD-IS-VALUE"
    assert said_of([100, 200], BOTH, TWO)[0] == "POINT-MOVED"


def test_with_each_try_the_true_walk_is_told_one_step_further():
    assert said_of(99, 30.0) == ("", STARTS)
    told = [said_of(99, 30.0, tries=tries) for tries in range(4)]
    assert told == [("", STARTS), ("", SENDS), ("", ARROWS), ("", ARROWS)]


def test_a_step_stands_beside_what_tells_more_of_the_guess_and_else_alone():
    assert said_of([10, 98], BOTH, TWO) == ("", "Right so far: 1 of 2.", STARTS)
    count = "How many numbers are asked for? You gave 2."
    assert said_of([99, 98], 30.0) == ("", count, STARTS)
    assert said_of([20, 10], BOTH, TWO) == ("", STARTS)
    assert said_of([7, 14], BOTH, TWO) == ("", STARTS)
    assert said_of([7, 14], BOTH, "") == ("", HOW["factor"].en)
    assert said_of(99, 30.0, "") == ("", guesses.ONCE_MORE.en)


@pytest.mark.parametrize(
    ("guess", "truth", "sentence"),
    [
        (1001.0005, 1000.0, guesses.ONCE_MORE.en),
        ([1001.0005, 5], [1000.0, 5.0], "Right so far: 1 of 2."),
        ([999.0005, 9], [1000.0, 5.0], "Right so far: 1 of 2."),
    ],
)
def test_what_is_counted_as_right_so_far_is_what_would_be_right(guess, truth, sentence):
    """Guards against «2 of 2» of a wrong guess, where it is just not near enough."""
    assert said_of(guess, torch.tensor(truth), "") == ("", sentence)


@pytest.mark.parametrize("flags", [[False, True], [True, True], [False, False]])
def test_0_and_1_are_read_as_false_and_true_where_these_are_asked_for(flags):
    truth = torch.tensor(flags)
    for guess in ([0, 1], [1, 1], [0, 0]):
        verdict = judge_guess(question(""), guess, truth)
        assert verdict.state == ("right" if guess == flags else "wrong")
        assert verdict.counts


@pytest.mark.parametrize(
    ("guess", "truth", "names"),
    [
        ("b", torch.tensor([False, True]), ("a", "b")),
        ("0,5", torch.tensor(0.5), ()),
        ("0,5", torch.tensor([0.0, 5.0]), ()),
        ("0,5", torch.tensor([[0.5]]), ()),
        ("1 2 3", torch.tensor([1.0, 2.0, 3.0]), ()),
    ],
)
def test_a_guess_is_read_as_what_is_asked_for(guess, truth, names):
    asked = replace(question(""), names=names)
    assert judge_guess(asked, guess, truth).state == "right"


class Hostile:
    """Raise whatever is done with it."""

    def __iter__(self):
        raise OSError

    __float__ = __len__ = __iter__


def test_what_raises_when_it_is_read_is_named():
    verdict = judge_guess(question(""), Hostile(), 30.0)
    said = guesses.NOT_A_GUESS(came="a Hostile")
    assert (verdict.sentence, verdict.counts) == (said, False)


def test_a_walk_of_the_learners_own_is_asked_instead_of_the_question():
    other = Program(ONE.replace("5", "7"))
    assert said_of(5, 42.0, asked=other) == ("", STARTS)
    assert said_of(7, 42.0, asked=other)[0] == "LAST-STEP-ONLY"


def test_of_a_walk_that_gives_something_else_than_came_out_nothing_is_told():
    assert said_of(99, 31.0) == said_of(5, 31.0) == ("", guesses.ONCE_MORE.en)


def test_a_known_mistake_comes_before_what_a_walk_would_explain():
    own = Mistake("OWN", 5, en="Not five.", zh="不是五。")
    verdict = judge_guess(question(ONE, own), 5, 30.0)
    assert (verdict.misconception, verdict.sentence) == ("OWN", "Not five.")


class Endless:
    """Be a program whose walk takes too long."""

    def run(self, changes=()):
        raise sandbox.TooSlow


@pytest.mark.parametrize(
    ("guess", "tag", "sentence"),
    [
        (99, "", guesses.ONCE_MORE.en),
        (None, "GRAD-ON-OUTPUT", guesses.NOTHING.en),
    ],
)
def test_a_guess_is_judged_also_where_the_walk_takes_too_long(guess, tag, sentence):
    assert said_of(guess, 30.0, asked=Endless()) == (tag, sentence)
