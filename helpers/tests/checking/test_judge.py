"""What a judge says of a guess and of a function, sentence by sentence."""

import math
import re
import threading
import time
from dataclasses import replace
from itertools import count
from types import ModuleType

import numpy as np
import pytest
import torch

from helpers import sandbox
from helpers.checking import functions, guesses
from helpers.checking.answers import HOW, Outcome
from helpers.checking.functions import compare_function, judge_function, serves
from helpers.checking.guesses import judge_guess
from helpers.language import Text
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise, Meaning, Mistake, Prediction
from helpers.verdict import ask_again
from helpers.wording import name_thing

MANY = torch.arange(8.0)

TITLE, LESSON = Text("A title", "标题"), Text("Well done.", "做得好。")
TWO, TABLE = torch.tensor([1.0, 2.0]), torch.tensor([[1.0, 2.0], [3.0, 4.0]])


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


def asked_again(guess, truth, asked=None):
    """Return what is said of a guess that was not judged."""
    verdict = judge_guess(asked or question(), guess, truth)
    assert (verdict.state, verdict.counts) == ("waiting", False)
    return verdict.sentence


# ---- guesses ----------------------------------------------------------------


def test_a_guess_waits_is_right_or_lacks_its_truth():
    assert told_of(..., None) == ("waiting", "", guesses.GUESS_FIRST.en)
    assert told_of([1, 2], TWO) == ("right", "", "Well done.")
    for guess, truth in ((None, None), *(([1, 2], it) for it in (None, "a", {}, [{}]))):
        assert asked_again(guess, truth) == guesses.NO_TRUTH.en


def test_none_may_be_the_truth_where_the_question_says_so():
    asked = question(truth=None)
    assert told_of(None, None, asked)[0] == "right"
    for guess, truth in ((1, None), ([1, 2], None)):
        assert told_of(guess, truth, asked) == ("wrong", "", guesses.ONCE_MORE.en)


def test_a_guess_may_be_off_by_one_in_a_thousand():
    assert told_of(1000.9, 1000.0)[0] == told_of([1, 1.9981], TWO)[0] == "right"
    assert told_of(1001.1, 1000.0)[0] == told_of([1, 1.9979], TWO)[0] == "wrong"


ITSELF = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("guess", "came"),
    [
        ("text", "'text'"),
        ("w" * 70, "'" + "w" * 60 + "'"),
        (b"1 2", "a bytes"),
        (lambda x: x, "a function"),
        (type(None), "a type"),
        ([1, None, "b"], "a list with 'b' in it"),
        ((1.5, True, [2, "b"]), "a list with 'b' in it"),
        ([None, None], "a list with None in it"),
        ([1, True], "a list with a bool in it"),
        ([[1], [1, 2]], "a list with a list in it"),
        ([1, [2, object()]], "a list with an object in it"),
        (ITSELF, "a list with a list with a list in it in it"),
        (count(), "a count"),
    ],
)
def test_what_is_no_guess_is_told_what_came(guess, came):
    for truth in (TWO, 3.0):
        assert asked_again(guess, truth) == guesses.NOT_A_GUESS(came=came)


@pytest.mark.parametrize(
    ("guess", "truth", "sentence"),
    [
        ([1, ...], TWO, guesses.GUESS_FIRST.en),
        ([True, ...], TWO > 1, guesses.GUESS_FIRST.en),
        ({1, 2}, TWO, guesses.NO_ORDER(came="a set")),
        ([{"x": 1, "y": 2}], TWO, guesses.NO_ORDER(came="a dict")),
        ((0, 5), 0.5, guesses.NO_COMMA(came="0,5")),
        (True, TWO, guesses.NO_FLAG.en),
        (True, 1.0, guesses.NO_FLAG.en),
        (False, 0.0, guesses.NO_FLAG.en),
        ([True, True], torch.ones(2), guesses.NO_FLAG.en),
        ("yes", 1.0, guesses.NO_FLAG.en),
        (2, True, guesses.ONE_FLAG.en),
        (None, True, guesses.ONE_FLAG.en),
        ([True, False], True, guesses.ONE_FLAG.en),
        (None, TWO > 1, guesses.FLAGS(count=2)),
        (True, TWO > 1, guesses.FLAGS(count=2)),
        ([0, 2], TWO > 1, guesses.FLAGS(count=2)),
        ([0, math.nan], TWO > 1, guesses.FLAGS(count=2)),
        ([True, None], TWO > 1, guesses.FLAGS(count=2)),
        ([TWO, TWO], TWO > 1, guesses.FLAGS(count=2)),
        ({"a": True, "b": False}, TWO > 1, guesses.FLAGS(count=2)),
    ],
)
def test_another_form_is_no_try_and_is_told_how_it_is_written(guess, truth, sentence):
    assert asked_again(guess, truth) == sentence


def test_a_flag_for_a_question_that_may_be_none_tells_nothing_of_it():
    asked = question(truth=None)
    assert asked_again(False, None, asked) == asked_again(False, 3.0, asked)


@pytest.mark.parametrize(
    ("thing", "name"),
    [([], "a list"), ((), "a tuple"), ([1, 2.5], "a list"), (None, "a NoneType")],
)
def test_what_came_is_named_without_a_word_too_much(thing, name):
    assert name_thing(thing) == name


class Foreign(torch.Tensor):
    """Run code of the learner's whenever it is read."""

    code = staticmethod(lambda: None)

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.code()
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_guess_that_is_read_for_ever_is_none(monkeypatch):
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.05)
    monkeypatch.setattr(Foreign, "code", staticmethod(lambda: time.sleep(0.1)))
    guess = TWO.as_subclass(Foreign)
    assert asked_again(guess, TWO) == guesses.NOT_A_GUESS(came="a Foreign")


def test_reading_a_guess_prints_nothing_and_draws_no_number(monkeypatch, capsys):
    def code():
        print("loud", torch.rand(1))

    monkeypatch.setattr(Foreign, "code", staticmethod(code))
    guess, before = TWO.as_subclass(Foreign), torch.get_rng_state()
    assert told_of(guess, TWO)[0] == "right"
    assert torch.equal(torch.get_rng_state(), before)
    assert capsys.readouterr().out == ""


def test_a_known_mistake_is_answered_by_its_hint():
    doubled = mistake("DOUBLED", "Not twice.", [2, 4], lambda: 7, "error", True)
    asked = question(mistake("OTHER", "No.", lambda: [5, 5]), doubled)
    for guess in ([2, 4], [2.001, 3.999], 7, "an ERROR", "RuntimeError: no", True):
        assert told_of(guess, TWO, asked) == ("wrong", "DOUBLED", "Not twice.")


FOUR = torch.tensor([0.0, 0.0, 8.0, 3.0])


@pytest.mark.parametrize(
    ("guess", "truth", "tag", "sentence"),
    [
        ("error", TWO, "EXPECTS-AN-ERROR", guesses.NO_ERROR),
        ("An Exception", TWO, "EXPECTS-AN-ERROR", guesses.NO_ERROR),
        ("it raises", TWO, "EXPECTS-AN-ERROR", guesses.NO_ERROR),
        ("会报错", TWO, "EXPECTS-AN-ERROR", guesses.NO_ERROR),
        (None, TWO, "GRAD-ON-OUTPUT", guesses.NOTHING),
        (None, 5.0, "GRAD-ON-OUTPUT", guesses.NOTHING),
        ([[1, 0], [0, 2]], TWO, "JACOBIAN", guesses.A_TABLE),
        ("leaf Variable that requires grad", TWO, "EXPECTS-AN-ERROR", guesses.NO_ERROR),
        (3, TWO, "ONE-NUMBER-COMES-BACK", guesses.ONE_NUMBER),
        ([3], TABLE, "ONE-NUMBER-COMES-BACK", guesses.ONE_NUMBER),
        ([0.5, 1], TWO, "SUM=MEAN", guesses.A_MEAN),
        ((TABLE / 4).tolist(), TABLE, "SUM=MEAN", guesses.A_MEAN),
        ([1, 2], 5.0, "", "How many numbers are asked for? You gave 2."),
        (
            [0.5, 0.5],
            torch.full((4,), 2.0),
            "",
            "How many numbers are asked for? You gave 2.",
        ),
        ([[1, 2, 3]], TABLE, "", "How many numbers are asked for? You gave 3."),
        ([[1, 2]], 5.0, "", "How many numbers are asked for? You gave 2."),
        (False, True, "", guesses.ONCE_MORE),
        ([True, False], torch.tensor([True, True]), "", "Right so far: 1 of 2."),
        (9, 5.0, "", guesses.ONCE_MORE),
        ([[9, 9], [9, 8]], TABLE, "", guesses.ONCE_MORE),
        ([[1, 2], [3, 9]], TABLE, "", "Right so far: 3 of 4."),
        ([1, 9], TWO, "", "Right so far: 1 of 2."),
        ([-1, -2], TWO, "", guesses.ONCE_MORE),
        (TABLE.T.tolist(), TABLE, "", HOW["transposed"]),
        ([0, 0, 800, 300], FOUR, "", HOW["factor"]),
        ([0, 0, math.nan, 3], FOUR, "", HOW["nan"]),
    ],
)
def test_a_wrong_guess_is_told_the_belief_behind_it_or_how_it_differs(
    guess, truth, tag, sentence
):
    assert told_of(guess, truth) == ("wrong", tag, getattr(sentence, "en", sentence))


# ---- functions --------------------------------------------------------------

THREE = exercise(lambda x, y: 3 * x, (2.0, 0), (torch.tensor(5.0), 0))


def said(verdict):
    return verdict.state, verdict.misconception, verdict.sentence, verdict.seen


@pytest.mark.parametrize(
    ("answer", "state", "sentence", "seen"),
    [
        (..., "waiting", functions.WRITE_FIRST, ""),
        (
            lambda x, y: 6.0 if type(x) is float else ...,
            "waiting",
            functions.WRITE_FIRST,
            "",
        ),
        (lambda x, y: x + x + x, "right", LESSON, ""),
        (6.0, "waiting", functions.NOT_A_FUNCTION(came="a float"), ""),
        (
            lambda a: a,
            "waiting",
            functions.OTHER_INPUTS(taken="a", given="x, y"),
            "",
        ),
        (
            lambda a, b, c: a,
            "waiting",
            functions.OTHER_INPUTS(taken="a, b, c", given="x, y"),
            "",
        ),
        (
            lambda x, y: x * x + 2,
            "wrong",
            HOW["value"],
            "Right in 1 of 2 cases. For x = 5, y = 0: wanted 15, got 27.",
        ),
        (
            lambda x, y: 3 * x + 1e-8 * x,
            "wrong",
            HOW["rounded"],
            "Right in 1 of 2 cases. For x = 2, y = 0: wanted 6.0, got 6.00000002.",
        ),
    ],
)
def test_a_function_waits_is_right_or_is_told_what_is_wrong(
    answer, state, sentence, seen
):
    sentence = getattr(sentence, "en", sentence)
    assert said(judge_function(THREE, answer)) == (state, "", sentence, seen)


def test_an_exercise_says_how_near_a_right_answer_has_to_be():
    def near(x, y):
        return 3 * x * 1.0001

    assert judge_function(THREE, near).state == "wrong"
    assert judge_function(replace(THREE, tolerance=1e-3), near).state == "right"


@pytest.mark.parametrize(
    ("wanted", "got", "came"),
    [
        (1.0, True, "a bool"),
        (1.0, len, "a builtin_function_or_method"),
        (TWO, lambda x: x, "a function"),
        (None, {}, "a dict"),
    ],
)
def test_what_is_no_number_is_named(wanted, got, came):
    verdict = judge_function(exercise(lambda: wanted, ()), lambda: got)
    assert verdict.state == "wrong" and not verdict.misconception
    assert verdict.sentence == functions.OTHER_THING(came=came)


@pytest.mark.parametrize(
    ("wanted", "got", "kind"), [(True, False, "value"), (False, {}, "kind")]
)
def test_a_truth_value_may_be_what_is_asked_for(wanted, got, kind):
    verdict = judge_function(exercise(lambda: wanted, ()), lambda: got)
    assert verdict.sentence == HOW[kind].en


def test_a_wrong_function_is_told_the_rule_by_which_it_follows_from_the_right_one():
    seen = "For x = 2, y = 0: wanted 6, got -6."
    verdict = judge_function(THREE, lambda x, y: -3 * x)
    assert (verdict.misconception, verdict.seen) == ("TURNED-ROUND", seen)


def forget_brackets(x, y):
    torch.ones(1).sum  # noqa: B018
    return 2 * x


def test_a_slip_in_the_text_of_a_function_is_seen():
    verdict = judge_function(THREE, forget_brackets)
    assert verdict.misconception == "TYPO-ACCEPTED"
    assert verdict.seen == "For x = 2, y = 0: wanted 6, got 4."


def test_a_function_that_behaves_like_a_mistake_gets_its_hint():
    twice = mistake("DOUBLED", "Not twice.", lambda x: 2 * x)
    asked = exercise(lambda x: 3 * x, (2.0,), (1.0,), mistakes=(twice,))
    seen = "For x = 2: wanted 6, got 4."
    wrong = ("wrong", "DOUBLED", "Not twice.", seen)
    assert said(judge_function(asked, lambda x: x + x)) == wrong


SLOW = functions.TOO_SLOW(seconds=0.05)


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (None, ("", SLOW, "")),
        (Meaning("GROWS", en="It grows.", zh="长"), ("GROWS", "It grows.", SLOW)),
    ],
)
def test_what_never_ends_is_told_so(monkeypatch, known, words):
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.05)
    asked = exercise(lambda x: x, (1.0,), endless=known)
    verdict = judge_function(asked, lambda x: time.sleep(0.1))
    assert said(verdict) == ("wrong", *words)


@pytest.mark.parametrize(
    ("tracked", "kind"),
    [
        ((True, False), "graph"),
        ((True, True), "value"),
        ((False, False), "value"),
        ((False, True), "value"),
    ],
)
def test_a_wrong_result_without_a_graph_is_told_so(tracked, kind):
    right, wrong = map(Outcome, (TWO[0], TWO[1]), tracked)
    verdict = compare_function(exercise(lambda: 1, ()), [wrong], [right], [])
    assert said(verdict) == ("wrong", "", HOW[kind].en, "Wanted 1, got 2.")


def walk_twice(x, y):
    z = torch.ones(1, requires_grad=True).exp()
    return z.backward(), z.backward()


def fail(x, y):
    raise ValueError


def test_an_error_is_told_with_its_line_and_what_it_means():
    state, tag, sentence, seen = said(judge_function(THREE, walk_twice))
    assert (state, tag) == ("wrong", "GRAPH-FREED")
    assert sentence.startswith("The first walk back frees what the graph had saved")
    assert seen.endswith(" at `return z.backward(), z.backward()`.")
    words = "Your function raised ValueError at `raise ValueError`."
    assert said(judge_function(THREE, fail)) == ("wrong", "", words, "")


@pytest.mark.parametrize("message", ["Not here", "...too large for MAX", "a  b "])
def test_the_full_stop_of_a_message_is_not_written_twice(message):
    def end(x, y):
        raise ValueError(message + ".")

    words = f"Your function raised ValueError: {message} at `raise ValueError(message"
    assert judge_function(THREE, end).sentence.startswith(words)


def test_an_error_outside_of_every_line_is_told_without_one(monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    words = "Your function raised RuntimeError: can't start new thread."
    assert said(judge_function(THREE, fail)) == ("wrong", "", words, "")


def test_an_import_that_takes_too_long_is_no_try(monkeypatch):
    def still_import(*inputs):
        raise sandbox.StillImporting

    monkeypatch.setattr(sandbox, "run_within", still_import)
    words = sandbox.STILL_IMPORTING(seconds=sandbox.LONG_IMPORT)
    assert judge_function(THREE, fail) == ask_again(words)


def test_what_the_walk_back_from_a_result_raises_is_not_laid_to_the_function():
    def half_product(f, g, x):
        z = (f(x) * g(x).detach()).sum()
        z.backward()
        return z

    seen = judge_function(LESSONS["detach/half_product"], half_product).seen
    assert seen.startswith("The walk back from your result raised RuntimeError: ")
    assert "backward()" not in seen  # no line of the function raised


@pytest.mark.parametrize(
    ("wanted", "got", "seen"),
    [
        ((1.0, 2.0, 3.0), (1.0, 7.0, 8.0), "Wanted 2, got 7."),
        ((1.0, 2.0), (1.0,), "Wanted (1, 2), got (1)."),
        ((TWO, 2.0), (math.nan, 2.0), "Wanted [1 2], got nan."),
        ((1.0, 2.0), 3.0, "Wanted 1, got 3."),
        ((1.0, 2.0), 1.0, "Got 1."),
        ((TWO, 2.0), TWO, "Got [1 2]."),
        (TWO, TWO * TWO + 1, "Wanted [1 2], got [2 5]."),
        ((1.0, 2.0), "text", "Got text."),
        (("float32", 2.0), "no leaf", "Got no leaf."),
        (102400.0, 102400.001, "Wanted 102400.0, got 102400.001."),
        (1e6, 999_998.0, "Wanted 1000000.0, got 999998.0."),
        (999_998.0, 1e6, "Wanted 999998.0, got 1000000.0."),
        (1e6, 3e6, "Wanted 1e+06, got 3e+06."),
        (MANY, MANY + (MANY == 2), "The number at [2] should be 2, not 3."),
        ((1.0, MANY), (1.0, -MANY), "The number at [1] should be 1, not -1."),
        ("1", 1.0, "Wanted 1, got 1."),
        (None, True, "Wanted None, got True."),
    ],
)
def test_the_first_part_that_differs_is_shown(wanted, got, seen):
    asked = exercise(lambda: wanted, (), observe=lambda result: result)
    assert judge_function(asked, lambda: got).seen == seen


def test_a_part_is_called_by_its_name_and_an_input_shown_where_it_differs():
    parts = Text("the value", "值"), Text("the gradient", "梯度")
    asked = exercise(
        lambda x: x,
        (MANY,),
        observe=lambda result, x: (1.0, result),
        parts=parts,
    )
    seen = "For x[3] = 3: the gradient at [3] should be 3, not 4."
    assert judge_function(asked, lambda x: x + (x == 3)).seen == seen
    asked = exercise(lambda: (1.0, True), (), observe=lambda it: it, parts=parts)
    seen = "The gradient should be True, not False."
    assert judge_function(asked, lambda: (1.0, False)).seen == seen
    seen = "The value should be 1, not 2."
    assert judge_function(asked, lambda: (2.0, False)).seen == seen


def test_what_is_shown_differs_by_more_than_the_exercise_allows():
    asked = exercise(lambda: (1.0, MANY), (), observe=lambda it: it, tolerance=1e-3)
    off = MANY + (MANY == 4) * 0.001 + (MANY == 6)
    verdict = judge_function(asked, lambda: (1.0001, off))
    assert verdict.seen == "The number at [6] should be 6, not 7."


def test_of_several_results_the_only_one_that_came_back_is_not_called_wrong(
    monkeypatch,
):
    """Its numbers are right, so none is shown as if it were not."""
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 60)  # a busy machine is no fault

    def weights_alone(*inputs):
        return LESSONS["gradient_descent/learn"].solution(*inputs)[0]

    verdict = judge_function(LESSONS["gradient_descent/learn"], weights_alone)
    assert verdict.misconception == "ONE-RETURNED"
    assert re.search(r"turns = 4: got \[\S+ \S+\]\.$", verdict.seen)


@pytest.mark.parametrize("slow", ["solution", "mistake"])
def test_nobody_is_blamed_for_a_check_that_takes_too_long(monkeypatch, slow):
    def wait(x):
        time.sleep(0.1)

    known = mistake("SLOW", "Slow.", wait if slow == "mistake" else abs)
    solution = wait if slow == "solution" else abs
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.05)
    asked = exercise(solution, (1.0,), mistakes=(known,))
    verdict = judge_function(asked, lambda x: 3.0)
    assert verdict == ask_again(functions.BUSY(seconds=0.05))


def missing(x, y):
    return unheard_of  # noqa: F821


def test_a_name_that_is_missing_is_no_try():
    verdict = judge_function(THREE, missing)
    assert verdict.sentence == functions.NO_SUCH_NAME.en and not verdict.counts
    assert "name 'unheard_of' is not defined at `return unheard_of" in verdict.seen


def as_number(result, x):
    return float(result)


@pytest.mark.parametrize(
    ("answer", "came"),
    [
        (lambda x: torch.tensor(x), "a Tensor"),
        (lambda x: f"{x}", "'2.0'"),
        (lambda x: np.float32(x), "a float32"),
        (lambda x: x, ""),
        (lambda x: 2, ""),
        (lambda x: np.float64(x), ""),
    ],
)
def test_a_right_value_of_another_kind_is_told_how_it_is_returned(answer, came):
    asked = exercise(lambda x: x, (2.0,), observe=as_number, returns=float)
    verdict = judge_function(asked, answer)
    if not came:
        assert verdict.state == "right"
        return
    first = functions.OTHER_KIND(came=came, wanted="a float")
    assert verdict == ask_again(f"{first} {functions.BY_ITEM.en}")


def test_a_wrong_value_is_wrong_whatever_its_kind():
    asked = exercise(lambda x: x, (2.0,), observe=as_number, returns=float)
    verdict = judge_function(asked, lambda x: torch.tensor(3.0))
    assert verdict.state == "wrong" and verdict.counts


# ---- what follows on the page -------------------------------------------------


def squared(x):
    return x * x


@pytest.mark.parametrize(
    ("used", "later", "answer", "serving"),
    [
        (False, None, abs, False),
        (False, (1.0,), abs, False),
        (True, None, abs, True),
        (True, (1.0,), squared, True),
        (True, (2.0,), squared, False),
        (True, (2.0,), abs, True),
    ],
)
def test_a_right_answer_serves_where_it_is_used_if_it_is_right_there_too(
    used, later, answer, serving
):
    asked = exercise(
        abs,
        (1.0,),
        used_in=ModuleType("page") if used else None,
        used_with=later and (lambda: iter([later])),
    )
    assert judge_function(asked, answer).state == "right"
    assert serves(asked, answer) is serving


def test_no_name_is_sought_for_what_does_not_serve():
    """To try all the known mistakes would take long, and nobody is told."""
    calls = []
    known = mistake("KNOWN", "Known.", calls.append)
    page = {"used_in": ModuleType("page"), "used_with": lambda: iter([(2.0,)])}
    asked = exercise(abs, (1.0,), mistakes=(known,), **page)
    assert not serves(asked, squared) and not calls


EDGE = 1 + 1e-3 * (1 + 5e-4)  # right only if the tolerance were of what came
TENSORS = torch.tensor([2.0, 1.0]).double(), torch.tensor([2.0, EDGE]).double()


@pytest.mark.parametrize(
    ("right", "wrong"), [(1.0, EDGE), ((0.0, 1.0), (0.0, EDGE)), TENSORS]
)
def test_a_number_at_the_very_edge_of_the_tolerance_is_shown(right, wrong):
    """Guards against two ways to compare, of which one finds nothing wrong."""
    asked = exercise(lambda: right, (), observe=lambda it: it, tolerance=1e-3)
    verdict = judge_function(asked, lambda: wrong)
    assert verdict.state == "wrong" and "1" in verdict.seen
