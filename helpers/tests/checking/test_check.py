"""The judge is fair: every solution passes, every mistake gets its own hint."""

import math
import random
import re
from types import ModuleType

import pytest
import torch

from helpers import check, explore, show_graph, show_slopes
from helpers.checking import answers, progress
from helpers.checking.guesses import NO_TRUTH
from helpers.checking.trial import run_cases
from helpers.language import Text
from helpers.lessons import LESSONS
from helpers.lessons.model import Exercise, Prediction
from helpers.verdict import ask_again

EXERCISES = [name for name, it in LESSONS.items() if isinstance(it, Exercise)]
PREDICTIONS = [name for name, it in LESSONS.items() if isinstance(it, Prediction)]


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_is_right_and_the_stub_waits(name):
    assert check(name, LESSONS[name].solution).state == "right"
    assert check(name, lambda *inputs: ...).state == "waiting"
    assert check(name, ...).state == "waiting"


@pytest.mark.thorough
@pytest.mark.parametrize("name", EXERCISES)
def test_each_known_mistake_gets_its_own_name_and_hint(name):
    exercise = LESSONS[name]
    assert len(exercise.mistakes) >= 3
    for mistake in exercise.mistakes:
        for code in mistake.codes:
            verdict = check(name, code)
            named = verdict.state, verdict.misconception, verdict.sentence
            assert named == ("wrong", mistake.tag, mistake.hint.en), code


def test_a_hint_speaks_only_of_what_was_done():
    """The exercise knows a plain number by that name; this is a tensor made of one."""

    def rebuilt(f, g, x):
        return torch.tensor((f(x) * g(x)).sum().item())

    verdict = check("detach/half_product", rebuilt)
    assert verdict.misconception == "NUMBERS-CARRY-GRAD"
    assert "turned into plain numbers on the way" in verdict.sentence


@pytest.mark.parametrize("name", LESSONS)
def test_no_hint_is_given_for_two_different_mistakes(name):
    hints = [mistake.hint.en for mistake in LESSONS[name].mistakes]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("name", LESSONS)
def test_every_sentence_is_there_in_both_languages(name):
    lesson = LESSONS[name]
    for text in (lesson.lesson, *(mistake.hint for mistake in lesson.mistakes)):
        assert text.en.strip() and any("一" <= c <= "鿿" for c in text.zh)


@pytest.mark.parametrize("name", LESSONS)
def test_what_a_lesson_names_is_all_that_there_is(name):
    lesson = LESSONS[name]
    if isinstance(lesson, Prediction):
        assert not lesson.names or len(lesson.names) == len(lesson.truth)
    elif lesson.parts:
        outcomes = run_cases(lesson, lesson.solution)
        assert {len(outcome.seen) for outcome in outcomes} == {len(lesson.parts)}


@pytest.mark.parametrize("name", PREDICTIONS)
def test_an_open_question_waits(name):
    assert check(name, ..., torch.tensor(1.0)).state == "waiting"


def hang(*inputs):
    while True:
        pass


def give_up(*inputs):
    raise SystemExit


OTHERS = [give_up, 5, "parameter", None, print, lambda: 1, lambda *i: (n for n in i)]


@pytest.mark.parametrize(
    "answer",
    [pytest.param(hang, marks=pytest.mark.thorough), *OTHERS],
    ids=["hang", "exit", "5", "text", "None", "print", "arity", "generator"],
)
def test_nothing_that_a_learner_hands_in_breaks_the_check(answer):
    verdict = check(EXERCISES[0], answer)
    assert verdict.state == ("wrong" if verdict.counts else "waiting")
    assert verdict.sentence.endswith((".", "?"))


class Hostile:
    def __len__(self):
        raise OSError

    __float__ = __getitem__ = __repr__ = __len__


ODD = ["text", object(), [[1], [1, 2]], {}, print, 10**400, 1j, torch.tensor(1j)]
ODD += [Hostile(), [Hostile()], torch.ones(1).to_sparse(), torch.ones(0), math.nan]


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: type(odd).__name__)
def test_an_odd_guess_or_truth_gets_a_sentence(odd):
    for pair in ((odd, torch.tensor(2.0)), (3.0, odd)):
        verdict = check("accumulation/used_twice", *pair)
        sign = "✗ " if verdict.counts else "○ "
        assert verdict.state != "right" and str(verdict).startswith(sign)


@pytest.mark.parametrize(
    ("name", "came"),
    [("nonsense", "'nonsense'"), (3, "an int"), ([], "a list"), ("{x}", "'{x}'")],
)
def test_an_unknown_name_gets_a_sentence_with_a_known_one(name, came):
    verdict = check(name, 1)
    said = verdict.sentence
    assert (verdict.state, verdict.counts) == ("wrong", False)
    assert said.startswith(f"No question is called {came}; ")
    assert any(f"{known!r}" in said for known in LESSONS)


@pytest.mark.parametrize("name", ["accumulation/used_twise", "Accumulation/usedtwice"])
def test_a_misspelt_name_gets_the_one_that_was_meant(name):
    assert check(name, 1).sentence.endswith(" is 'accumulation/used_twice'.")


def test_a_guess_may_be_rounded_but_not_wrong():
    truth = torch.tensor(math.e)
    assert check("backward/factor", 2.718, truth).state == "right"
    assert check("backward/factor", 2.71, truth).state == "wrong"


def test_a_check_changes_nothing():
    torch.manual_seed(3)
    random.seed(3)
    before = torch.get_rng_state(), random.getstate()
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    check("accumulation/used_twice", x, x)
    for name in EXERCISES:
        check(name, LESSONS[name].solution)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert x.grad is None and x.requires_grad


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: explore(abs), "收到的是：一个参数也没有；但这里需要一列数"),
        (
            lambda: show_slopes(lambda x: x.detach() * 2, 0, 1),
            "返回的是：一个与输入断开的张量；",
        ),
        (lambda: show_graph({}), "收到的却是：一个 dict；"),
    ],
)
def test_what_came_is_named_in_chinese_too(chinese, draw, said):
    with pytest.raises(TypeError, match=said):
        draw()


def test_a_long_answer_is_named_in_chinese_too(chinese):
    many = answers.make_plain(torch.ones(3_000_000))
    assert answers.write_answer(many) == "一个含 3000000 个数的张量"


def test_a_check_speaks_the_language_of_the_edition(chinese):
    assert "预测" in check("accumulation/used_twice", ..., 1).sentence


@pytest.mark.parametrize(
    ("guess", "sentence"),
    [
        ([0, 0, 8, 99], "Right so far: 3 of 4."),
        ([99, 99, 99, 98], "That is not what came out. Go through the cell once more"),
        ([99, 99, -8, -3], "That is not what came out. Go through the cell once more"),
        ([0, 0, 800, 300], "All numbers are off by one and the same factor"),
        ([0, 0, math.nan, 3], "There is a nan or an infinity in it"),
        ([1, 2, 3], "How many numbers are asked for? You gave 3."),
    ],
)
def test_a_guess_that_nobody_foresaw_is_told_how_it_differs(guess, sentence):
    verdict = check("vector/weights", guess, torch.tensor([0.0, 0.0, 8.0, 3.0]))
    assert verdict.state == "wrong" and not verdict.misconception
    assert verdict.sentence.startswith(sentence)


def test_a_wrong_number_is_set_beside_the_right_one():
    verdict = check("backward/derivative", lambda f, x0: 7.0)
    assert re.fullmatch(r"For .*x0 = -?[\d.]+: wanted -?[\d.]+, got 7\.", verdict.seen)


def test_a_stub_that_is_half_written_still_waits():
    calls = []

    def half(f, x0):
        calls.append(x0)
        return ... if len(calls) > 1 else 7.0

    assert check("backward/derivative", half).state == "waiting"


@pytest.mark.parametrize("truth", [object(), "text", [1, None]])
def test_a_truth_that_was_overwritten_is_told(truth):
    verdict = check("backward/factor", 30, truth)
    assert verdict == ask_again(NO_TRUTH.en)


@pytest.fixture
def afresh():
    """Count no try that another test has made, and leave none."""
    progress.forget_all()
    yield
    progress.forget_all()


def test_the_tries_at_a_question_lead_further_and_to_its_own_hints(afresh):
    name, guess = "vector/weights", [99, 99, 99, 98]
    truth = torch.tensor(LESSONS[name].truth)
    assert check("accumulation/used_twice", 6, 2.0).state == "wrong"
    first, second = (check(name, guess, truth) for _ in range(2))
    assert first.sentence.startswith("The walk starts at `y` with [3")
    assert second.sentence.startswith("2 arrows lead from `y` to `x`: ")
    assert first.hint == ""
    assert second.hint == f"Hint 1 of 2: {LESSONS[name].hints[0].en}"
    third = check(name, guess, truth, hint=True)
    assert third.hint == f"Hint 2 of 2: {LESSONS[name].hints[1].en}"


def test_a_hint_is_told_where_it_is_asked_for_and_nothing_else_asks(afresh):
    name = "vector/weights"
    told = f"Hint 1 of 2: {LESSONS[name].hints[0].en}"
    for asked, hint in ((False, ""), (torch.ones(2), ""), (True, told)):
        assert check(name, ..., torch.tensor(LESSONS[name].truth), asked).hint == hint


def double(x):
    return 2 * x


def thrice_if_large(x):
    return x + x if x < 3 else 3 * x


@pytest.mark.parametrize(
    ("answer", "later", "handed_over"),
    [
        (thrice_if_large, None, True),
        (thrice_if_large, [1.0], True),
        (thrice_if_large, [5.0], False),
        (abs, None, False),
    ],
)
def test_what_follows_uses_a_right_function_that_serves_there(
    monkeypatch, afresh, answer, later, handed_over
):
    page, title = ModuleType("page"), Text("A title", "标题")
    page.double = double
    exercise = Exercise(
        *(title, title, (), lambda: iter([(2.0,)]), double, ()),
        used_in=page,
        used_with=later and (lambda: iter([(x,) for x in later])),
    )
    monkeypatch.setitem(LESSONS, "a_page/double", exercise)
    state = check("a_page/double", answer).state
    assert state == ("wrong" if answer is abs else "right")
    assert page.double is (answer if handed_over else double)
