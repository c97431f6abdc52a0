"""What a judge says of a guess and of a function, sentence by sentence."""

import math
import time

import pytest
import torch

from helpers.checking.answers import Outcome, Raised
from helpers.checking.functions import (
    compare_function,
    find_first_difference,
    judge_error,
    judge_function,
    tell_apart,
    write_error,
    write_evidence,
)
from helpers.checking.guesses import judge_guess
from helpers.language import Text
from helpers.lessons.model import Exercise, Meaning, Mistake, Prediction
from helpers.wording import name_thing


def text(words):
    return Text(words, words)


TITLE, LESSON = text("A title"), text("Well done.")


def mistake(tag, hint, behave, *variants):
    return Mistake(tag, behave, variants, en=hint, zh=hint)


def question(*mistakes, **more):
    return Prediction(TITLE, LESSON, (), mistakes, **{"truth": 1.0, **more})


def exercise(solution, *cases, mistakes=(), **more):
    """Return an exercise that has these inputs."""
    return Exercise(TITLE, LESSON, (), lambda: iter(cases), solution, mistakes, **more)


def told_of(guess, truth, asked=None):
    verdict = judge_guess(asked or question(), guess, truth)
    return verdict.state, verdict.misconception, verdict.sentence


# ---- guesses ----------------------------------------------------------------

TWO, TABLE = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])
WITHOUT_TRUTH = (
    "A guess is judged against what PyTorch computed: check(name, guess, truth); "
    "give the truth as well."
)
NO_GUESS = (
    "A guess is a number, a list of numbers, True, False or None, but {} came; "
    "write it so."
)
ONCE_MORE = (
    "That is not what came out. Walk back along the arrows once more, one step at a "
    "time."
)


def test_a_guess_waits_is_right_or_lacks_its_truth():
    waits = "Replace the ... with your guess, then run the cell again."
    assert told_of(..., None) == ("waiting", "", waits)
    assert told_of([1, 2], TWO) == ("right", "", "Well done.")
    assert told_of([1, 2], None) == ("wrong", "", WITHOUT_TRUTH)
    assert told_of(None, None) == ("wrong", "", WITHOUT_TRUTH)
    for truth in ("text", {}, [1, None]):
        assert told_of([1, 2], truth) == ("wrong", "", WITHOUT_TRUTH)


def test_none_may_be_the_truth_where_the_question_says_so():
    asked = question(truth=None)
    assert told_of(None, None, asked)[0] == "right"
    none = "One is None, your answer or the right one; the other is not."
    assert told_of(1, None, asked) == ("wrong", "", none)
    assert told_of(None, True, asked) == ("wrong", "", none)
    assert told_of(None, TWO > 1, asked) == ("wrong", "", none)


def test_a_guess_may_be_off_by_one_in_a_thousand():
    assert told_of(1000.9, 1000.0)[0] == told_of([1, 1.9981], TWO)[0] == "right"
    assert told_of(1001.1, 1000.0)[0] == told_of([1, 1.9979], TWO)[0] == "wrong"


@pytest.mark.parametrize(
    ("guess", "came"),
    [
        ("text", "'text'"),
        ("w" * 70, "'" + "w" * 60 + "'"),
        ({}, "a dict"),
        ([1, None, "b"], "a list with None in it"),
        ((1.5, True, "b"), "a list with 'b' in it"),
        ([1, True], "a list with a bool in it"),
        ([[1], [1, 2]], "a list with a list in it"),
        ([1, [2, {}]], "a list with a list with a dict in it in it"),
    ],
)
def test_what_is_no_guess_is_told_what_came(guess, came):
    assert told_of(guess, TWO) == ("wrong", "", NO_GUESS.format(came))


def test_what_came_is_named_without_a_word_too_much():
    assert [name_thing(thing) for thing in ([], (), [1, 2.5], [True])] == [
        "a list",
        "a tuple",
        "a list",
        "a list with a bool in it",
    ]
    assert name_thing(None) == "a NoneType" and name_thing("") == "''"


class Foreign(torch.Tensor):
    """Run code of the learner's whenever it is read."""

    code = staticmethod(lambda: None)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.code()
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_list_that_holds_itself_is_named_in_one_sentence():
    itself = []
    itself.append(itself)
    came = "a list with a list with a list in it in it"
    assert told_of(itself, TWO) == ("wrong", "", NO_GUESS.format(came))


def test_a_guess_that_is_read_for_ever_is_none(monkeypatch):
    monkeypatch.setattr("helpers.checking.guesses.PATIENCE", 0.05)
    monkeypatch.setattr(Foreign, "code", staticmethod(lambda: time.sleep(0.1)))
    guess = TWO.as_subclass(Foreign)
    assert told_of(guess, TWO) == ("wrong", "", NO_GUESS.format("a Foreign"))


def test_reading_a_guess_prints_nothing_and_draws_no_number(monkeypatch, capsys):
    def code():
        print("loud", torch.rand(1))

    monkeypatch.setattr(Foreign, "code", staticmethod(code))
    guess, before = TWO.as_subclass(Foreign), torch.get_rng_state()
    assert told_of(guess, TWO)[0] == "right"
    assert torch.equal(torch.get_rng_state(), before)
    assert capsys.readouterr().out == ""


def test_a_known_mistake_is_answered_by_its_hint():
    doubled = mistake("DOUBLED", "Not twice.", [2, 4], lambda: 7, "error")
    asked = question(mistake("OTHER", "No.", lambda: [5, 5]), doubled)
    for guess in ([2, 4], [2.001, 3.999], 7, "an ERROR", "RuntimeError: no"):
        assert told_of(guess, TWO, asked) == ("wrong", "DOUBLED", "Not twice.")


@pytest.mark.parametrize("guess", ["error", "An Exception", "it raises", "会报错"])
def test_who_expects_an_error_is_told_that_none_comes(guess):
    ends = "No error comes: the cell runs to its end. Guess what it leaves behind."
    assert told_of(guess, TWO) == ("wrong", "EXPECTS-AN-ERROR", ends)


NOTHING = (
    "A number does arrive there: the walk back ends at the leaf, and the leaf's .grad "
    "keeps what it brings. (It is the result's own .grad that stays None.)"
)
WHOLE_TABLE = (
    "That is a whole table; what comes back has the shape of its leaf, one number for "
    "each of the leaf's."
)
ONE_EACH = (
    "One number for each entry is asked for: a gradient has the shape of its leaf."
)
MEAN = (
    "That would be the gradient of a mean; what arrives is summed, and nothing "
    "divides it."
)


@pytest.mark.parametrize(
    ("guess", "truth", "tag", "sentence"),
    [
        (None, TWO, "GRAD-ON-OUTPUT", NOTHING),
        (None, 5.0, "GRAD-ON-OUTPUT", NOTHING),
        ([[1, 0], [0, 2]], TWO, "JACOBIAN", WHOLE_TABLE),
        ([[1, 2]], 5.0, "JACOBIAN", WHOLE_TABLE),
        (3, TWO, "ONE-NUMBER-COMES-BACK", ONE_EACH),
        ([3], TABLE, "ONE-NUMBER-COMES-BACK", ONE_EACH),
        ([0.5, 1], TWO, "SUM=MEAN", MEAN),
        ((TABLE / 4).tolist(), TABLE, "SUM=MEAN", MEAN),
    ],
)
def test_a_belief_about_any_gradient_is_named(guess, truth, tag, sentence):
    assert told_of(guess, truth) == ("wrong", tag, sentence)


@pytest.mark.parametrize(
    ("guess", "truth", "sentence"),
    [
        ([1, 2], 5.0, "How many numbers are asked for? You gave 2."),
        (
            [0.5, 0.5],
            torch.full((4,), 2.0),
            "How many numbers are asked for? You gave 2.",
        ),
        ([[1, 2, 3]], TABLE, "How many numbers are asked for? You gave 3."),
        (True, TWO, "That is another kind of thing than what is asked for."),
        (False, True, ONCE_MORE),
        (9, 5.0, ONCE_MORE),
        ([[9, 9], [9, 8]], TABLE, ONCE_MORE),
        ([[1, 2], [3, 9]], TABLE, "Right so far: 3 of the 4 numbers."),
        ([1, 9], TWO, "Right so far: 1 of the 2 numbers."),
        ([-1, -2], TWO, "The size is right, the sign is not."),
    ],
)
def test_another_guess_is_told_how_it_differs(guess, truth, sentence):
    assert told_of(guess, truth) == ("wrong", "", sentence)


# ---- functions --------------------------------------------------------------

THREE = exercise(lambda x, y: 3 * x, (2.0, 0), (torch.tensor(5.0), 0))


def said(verdict):
    return verdict.state, verdict.misconception, verdict.sentence, verdict.seen


@pytest.mark.parametrize(
    ("answer", "state", "sentence"),
    [
        (..., "waiting", "Replace the ... with your code, then run the cell again."),
        (
            lambda x, y: 6.0 if type(x) is float else ...,
            "waiting",
            "Replace the ... with your code, then run the cell again.",
        ),
        (lambda x, y: x + x + x, "right", "Well done."),
        (
            6.0,
            "wrong",
            "This exercise expects a function, but a float came; pass the function by "
            "its name, without ().",
        ),
        (
            lambda a: a,
            "wrong",
            "Your function takes (a), but it is called with (x, y); change its first "
            "line.",
        ),
    ],
)
def test_a_function_waits_is_right_or_is_none(answer, state, sentence):
    assert said(judge_function(THREE, answer)) == (state, "", sentence, "")


def test_a_wrong_number_stands_beside_the_right_one():
    seen = "For x = 5, y = 0: wanted 15, got 6."
    wrong = ("wrong", "", "The value differs.", seen)
    assert said(judge_function(THREE, lambda x, y: 6.0)) == wrong


def test_a_function_that_behaves_like_a_mistake_gets_its_hint():
    twice = mistake("DOUBLED", "Not twice.", lambda x: 2 * x)
    asked = exercise(lambda x: 3 * x, (2.0,), (1.0,), mistakes=(twice,))
    seen = "For x = 2: wanted 6, got 4."
    wrong = ("wrong", "DOUBLED", "Not twice.", seen)
    assert said(judge_function(asked, lambda x: x + x)) == wrong


@pytest.mark.parametrize(
    ("known", "tag", "sentence", "seen"),
    [
        (None, "", True, ""),
        (
            Meaning("ENDLESS", en="It grows.", zh="它在增长。"),
            "ENDLESS",
            "It grows.",
            True,
        ),
    ],
    ids=["unknown", "known"],
)
def test_what_never_ends_is_told_so(monkeypatch, known, tag, sentence, seen):
    slow = (
        "Your function was still running after 0.05 seconds and was stopped; does one "
        "of its loops never end?"
    )
    monkeypatch.setattr("helpers.checking.functions.PATIENCE", 0.05)
    monkeypatch.setattr("helpers.checking.trial.PATIENCE", 0.05)
    asked = exercise(lambda x: x, (1.0,), endless=known)
    wanted = [slow if part is True else part for part in (sentence, seen)]
    verdict = judge_function(asked, lambda x: time.sleep(0.1))
    assert said(verdict) == ("wrong", tag, *wanted)


@pytest.mark.parametrize(
    ("tracked", "sentence"),
    [
        ((True, False), "The result has no graph: something on the way cut it off."),
        ((True, True), "The value differs."),
        ((False, False), "The value differs."),
        ((False, True), "The value differs."),
    ],
)
def test_a_wrong_result_without_a_graph_is_told_so(tracked, sentence):
    right, wrong = map(Outcome, (TWO[0], TWO[1]), tracked)
    verdict = compare_function(exercise(lambda: 1, ()), [wrong], [right], [])
    assert said(verdict) == ("wrong", "", sentence, "Wanted 1, got 2.")


def test_an_error_is_told_with_its_line_and_what_it_means():
    free = Raised("RuntimeError", "Trying twice.", "GRAPH-FREED", "y.backward()")
    words = "RuntimeError: Trying twice at `y.backward()`"
    state, tag, sentence, seen = said(judge_error(free))
    assert (state, tag, seen) == (
        "wrong",
        "GRAPH-FREED",
        f"Your function raised {words}.",
    )
    assert sentence.startswith("The first walk back frees what the graph had saved")
    other = Raised("ValueError", "", line="")
    assert said(judge_error(other)) == (
        "wrong",
        "",
        "Your function raised ValueError.",
        "",
    )
    assert (
        write_error(Raised("A", "b..", line="w" * 130)) == "A: b at `" + "w" * 120 + "`"
    )
    seen = write_evidence(THREE, 0, Outcome(free), Outcome(TWO))
    assert seen == f"Your function raised {words}."


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (torch.tensor(1.0), torch.tensor(2.0), ("1", "2")),
        (
            torch.tensor(1.0, dtype=torch.double),
            torch.tensor(1 + 1e-9, dtype=torch.double),
            ("1.0", "1.000000001"),
        ),
        (TWO, TWO.double() + 1e-9, ("[1 2]", "[1 2]")),
        (torch.tensor(1.0), "1", ("1", "1")),
        ("1", torch.tensor(1.0), ("1", "1")),
        (None, True, ("None", "True")),
    ],
)
def test_two_numbers_are_told_apart_by_their_digits(one, other, words):
    assert tell_apart(one, other) == words


def test_the_first_part_that_differs_is_shown():
    assert find_first_difference(1, (1, 2)) == (1, (1, 2))
    assert find_first_difference(("a", "b"), "c") == ("a", "c")
    assert find_first_difference(("a", "b", "c"), ("a", "x", "y")) == ("b", "x")
    assert find_first_difference(("a", "b"), ("a",)) == (("a", "b"), ("a",))
    assert math.isnan(find_first_difference((math.nan,), (1,))[0])
