"""Judge a guess or a function, and name the misconception behind a wrong one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from .language import Text
from .limits import PATIENCE, TooSlow, time_limit, undisturbed
from .tape import number, show

if TYPE_CHECKING:
    from .lessons.model import Exercise, Mistake, Prediction

SIGN = {"waiting": "○", "right": "✓", "wrong": "✗"}
CLOSE = 1e-3  # a guess may be rounded to three digits


@dataclass(frozen=True, eq=False)
class Verdict:
    """Hold a judgement: `state` is "waiting", "right" or "wrong"; it shows itself."""

    state: str
    sentence: str

    def __repr__(self) -> str:
        return f"{SIGN[self.state]} {self.sentence}"


GUESS_FIRST = Text(
    "Replace the ... with your guess, then run the cell again.",
    "请把 ... 换成你的猜测，再运行一次。",
)
WRITE_FIRST = Text(
    "Replace the ... with your code, then run the cell again.",
    "请把 ... 换成你的代码，再运行一次。",
)
UNKNOWN_NAME = Text(
    "No question is called {came!r}; this lesson's names are {known}.",
    "没有名为 {came!r} 的问题；现有的名字是 {known}。",
)
NO_TRUTH = Text(
    "A guess is judged against what PyTorch computed: check(name, guess, truth); "
    "give the truth as well.",
    "猜测要与 PyTorch 算出的结果比较：check(name, guess, truth)；请把 truth 也传入。",
)
NOT_A_FUNCTION = Text(
    "This exercise expects a function, but {came} came; pass the function by its name, "
    "without ().",
    "这道练习需要一个函数，收到的却是 {came}；请直接传函数名，不要加 ()。",
)
NOT_A_GUESS = Text(
    "A guess is a number, a list of numbers, True, False or None, but {came} came; "
    "write it so.",
    "猜测应是数、数的列表、True、False 或 None，收到的却是 {came}；请改写。",
)
TOO_SLOW = Text(
    "Your function was still running after {seconds} seconds and was stopped; does "
    "one of its loops never end?",
    "你的函数运行了 {seconds} 秒仍未结束，已被停止；是不是有循环永远不会结束？",
)
YOURS_RAISED = Text("Your function raised {what}.", "你的函数抛出了 {what}。")
DIFFERS = Text(
    "{how}: wanted {wanted}, got {got}.", "{how}：应为 {wanted}，得到 {got}。"
)
HOW = {
    "none": Text("One of the two is None", "其中一个是 None"),
    "shape": Text("The shape differs", "形状不同"),
    "sign": Text("The sign is turned round", "符号反了"),
    "factor": Text("It is {factor} times too large", "大了 {factor} 倍"),
    "value": Text("The value differs", "数值不同"),
    "kind": Text("It is another kind of thing", "类型不同"),
}


# ---- the front --------------------------------------------------------------


def check(name: str, answer: object, truth: object = None) -> Verdict:
    """Judge an answer: a guess against the truth, or a function against a law.

    Never raises, and changes neither the learner's tensors nor the random state.
    """
    from .lessons import LESSONS, Prediction  # at the first check, not at every import

    lesson = LESSONS.get(name) if type(name) is str else None
    if lesson is None:
        known = ", ".join(LESSONS)
        return Verdict("wrong", UNKNOWN_NAME(came=brief(name), known=known))
    if isinstance(lesson, Prediction):
        return judge_guess(lesson, answer, truth)
    return judge_function(lesson, answer)


def brief(thing: object) -> str:
    """Name a thing without trusting its repr."""
    return thing[:60] if type(thing) is str else f"a {type(thing).__name__}"


# ---- guesses ----------------------------------------------------------------


def judge_guess(question: Prediction, guess: object, truth: object) -> Verdict:
    """Compare a guess with what PyTorch computed, then with each known mistake."""
    if guess is ...:
        return Verdict("waiting", GUESS_FIRST())
    if truth is None and not question.may_be_none:
        return Verdict("wrong", NO_TRUTH())
    answer = plain(guess)
    if answer is UNFIT:
        return Verdict("wrong", NOT_A_GUESS(came=brief(guess)))
    wanted = plain(truth)
    if wanted is UNFIT:
        return Verdict("wrong", NO_TRUTH())
    if same(answer, wanted, CLOSE):
        return Verdict("right", question.lesson())
    for mistake in question.mistakes:
        believed = plain(mistake.behave())
        if same(answer, believed, CLOSE) and not same(believed, wanted, CLOSE):
            return Verdict("wrong", mistake.hint())
    return Verdict("wrong", difference(wanted, answer))


UNFIT = object()


def plain(thing: object) -> object:
    """Turn an answer into None, a bool, or a float64 tensor; UNFIT for all else."""
    if thing is None or type(thing) is bool:
        return thing
    try:
        if not issubclass(type(thing), Tensor):
            return torch.tensor(thing, dtype=torch.float64)
        return plain_tensor(thing.detach().to_dense())
    except Exception:  # whatever the learner's own object raises while it is read
        return UNFIT


def plain_tensor(tensor: Tensor) -> object:
    """Return a tensor's bool, or its numbers as float64; UNFIT if they are complex."""
    if tensor.is_complex() or tensor.is_meta:
        return UNFIT
    if tensor.dtype == torch.bool and tensor.dim() == 0:
        return tensor.item()
    return tensor.double()


def same(one: object, other: object, tolerance: float = 1e-9) -> bool:
    """Tell whether two outcomes are the same, nested ones part by part."""
    if isinstance(one, Tensor) and isinstance(other, Tensor):
        return one.shape == other.shape and torch.allclose(
            one.double(), other.double(), rtol=tolerance, atol=1e-12, equal_nan=True
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b, tolerance) for a, b in pairs)
    if type(one) is float and type(other) is float:
        return math.isclose(one, other, rel_tol=tolerance) or one is other
    return type(one) is type(other) and one == other


def difference(wanted: object, got: object) -> str:
    """Say what kind of difference there is between two outcomes."""
    how, factor = kind_of_difference(wanted, got)
    words = HOW[how](factor=factor)
    return DIFFERS(how=words, wanted=spoken(wanted), got=spoken(got))


def kind_of_difference(wanted: object, got: object) -> tuple[str, str]:
    """Name the difference: None, kind, shape, sign, factor or value."""
    if wanted is None or got is None:
        return "none", ""
    if not (isinstance(wanted, Tensor) and isinstance(got, Tensor)):
        return ("value" if type(wanted) is type(got) else "kind"), ""
    if wanted.shape != got.shape:
        return "shape", ""
    if same(wanted.double(), -got.double(), CLOSE):
        return "sign", ""
    ratios = got.double() / wanted.double()
    ratios = ratios[torch.isfinite(ratios)].flatten()
    factor = ratios[0].item() if len(ratios) else 0
    if factor > 1 and same(got.double(), wanted.double() * factor, CLOSE):
        return "factor", number(factor)
    return "value", ""


def spoken(outcome: object) -> str:
    """Write an outcome in a few words."""
    if isinstance(outcome, tuple):
        return "(" + ", ".join(map(spoken, outcome)) + ")"
    if isinstance(outcome, Tensor | float):
        return show(outcome)
    return str(outcome)


# ---- functions --------------------------------------------------------------


def judge_function(exercise: Exercise, answer: object) -> Verdict:
    """Run a function on random inputs beside the solution and the known mistakes."""
    if answer is ...:
        return Verdict("waiting", WRITE_FIRST())
    if not callable(answer):
        return Verdict("wrong", NOT_A_FUNCTION(came=brief(answer)))
    try:
        with undisturbed(), time_limit(PATIENCE):
            return compare(exercise, answer)
    except TooSlow:
        return Verdict("wrong", TOO_SLOW(seconds=PATIENCE))


def compare(exercise: Exercise, answer: Callable) -> Verdict:
    """Compare outcomes case by case; name the mistake that behaves alike."""
    got = outcomes(exercise, answer)
    if any(outcome is ... for outcome in got):
        return Verdict("waiting", WRITE_FIRST())
    wanted = outcomes(exercise, exercise.solution)
    if all(same(g, w, exercise.tolerance) for g, w in zip(got, wanted, strict=True)):
        return Verdict("right", exercise.lesson())
    if (mistake := alike(exercise, got)) is not None:
        return Verdict("wrong", mistake.hint())
    pairs = zip(wanted, got, strict=True)
    first = next(p for p in pairs if not same(*p, exercise.tolerance))
    if isinstance(first[1], str):
        return Verdict("wrong", YOURS_RAISED(what=first[1]))
    return Verdict("wrong", difference(*first))


def alike(exercise: Exercise, got: list[object]) -> Mistake | None:
    """Return the known mistake that behaves as the learner's function did.

    To the last digits first: two mistakes may differ by their rounding alone.
    """
    believed = [(m, outcomes(exercise, m.behave)) for m in exercise.mistakes]
    for tolerance in (1e-13, 1e-6):
        for mistake, results in believed:
            pairs = zip(got, results, strict=True)
            if all(same(g, b, tolerance) for g, b in pairs):
                return mistake
    return None


def outcomes(exercise: Exercise, function: Callable) -> list[object]:
    """Run a function on every case, each time with fresh inputs."""
    return [outcome(exercise, function, inputs) for inputs in exercise.cases()]


def outcome(exercise: Exercise, function: Callable, inputs: tuple) -> object:
    """Return what a function did: what we observe of it, or the error as a string."""
    try:
        result = function(*inputs)
        return ... if result is ... else exercise.observe(result, *inputs)
    except (Exception, SystemExit) as problem:
        lines = f"{type(problem).__name__}: {problem}".splitlines()
        return lines[0][:120]
