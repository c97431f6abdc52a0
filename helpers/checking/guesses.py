"""Judge a guess against what PyTorch computed, and say why it is wrong."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import torch
from torch import Tensor

from .. import sandbox
from ..language import Text
from ..lessons.model import Prediction
from ..verdict import Verdict
from ..wording import name_thing
from .answers import HOW, Odd, describe_difference, is_near, is_same, make_plain
from .explain import explain, next_step
from .machine import Program

Result = TypeVar("Result")
UNTOLD = ("none", "factor", "value")  # differences of which the next step tells more
CLOSE = 1e-3  # a guess may be rounded to three digits
ERROR_GUESSED = re.compile("error|exception|raise|错", re.IGNORECASE)

GUESS_FIRST = Text(
    "Replace the ... with your guess, then run the cell again.",
    "请把 ... 换成你的猜测，再运行一次。",
)
NO_TRUTH = Text(
    "A guess is judged against what PyTorch computed: check(name, guess, truth); "
    "give the truth as well.",
    "猜测要与 PyTorch 算出的结果比较：check(name, guess, truth)；请把 truth 也传入。",
)
NOT_A_GUESS = Text(
    "A guess is a number, a list of numbers, True, False or None, but {came} came; "
    "write it so.",
    "猜测应是数、数的列表、True、False 或 None，收到的却是：{came}；请改写。",
)
HOW_MANY = Text(
    "How many numbers are asked for? You gave {count}.",
    "题目问的是几个数？你给了 {count} 个。",
)
PARTLY = Text(
    "Right so far: {right} of the {all} numbers.", "{all} 个数里有 {right} 个是对的。"
)
AN_ERROR = Text(
    "No error comes: the cell runs to its end. Guess what it leaves behind.",
    "不会报错：这个单元格会一直运行到最后。请猜猜它留下了什么。",
)
NOTHING = Text(
    "A number does arrive there: the walk back ends at the leaf, and the leaf's .grad "
    "keeps what it brings. (It is the result's own .grad that stays None.)",
    "那里确实有数到达：反向传播的终点是叶子，叶子的 .grad 会留住它带来的数。（一直是 "
    "None 的是结果自己的 .grad。）",
)
A_TABLE = Text(
    "That is a whole table; what comes back has the shape of its leaf, one number for "
    "each of the leaf's.",
    "那是一整张表；而传回来的梯度与叶子形状相同，叶子有几个数，它就有几个数。",
)
ONE_NUMBER = Text(
    "One number for each entry is asked for: a gradient has the shape of its leaf.",
    "每个元素都要有一个数：梯度的形状与它的叶子相同。",
)
A_MEAN = Text(
    "That would be the gradient of a mean; what arrives is summed, and nothing divides "
    "it.",
    "那是平均值的梯度；到达的数只相加，不会再除以个数。",
)
ONCE_MORE = Text(
    "That is not what came out. Walk back along the arrows once more, one step at a "
    "time.",
    "结果不是这样。请沿着箭头再往回走一遍，一步一步来。",
)


def judge_guess(
    question: Prediction, guess: object, truth: object, tries: int = 0
) -> Verdict:
    """Compare a guess with what PyTorch computed, then with each known mistake.

    Where no mistake gives it, a changed walk may, or else the next step is told: one
    more with each of the `tries` before.
    """
    if guess is ...:
        return Verdict("waiting", GUESS_FIRST())
    if truth is None and not question.may_be_none:
        return Verdict("wrong", NO_TRUTH())
    with sandbox.keep_undisturbed(), sandbox.limit_memory():
        try:
            answer, wanted = sandbox.run_within(
                sandbox.PATIENCE, lambda: (make_plain(guess), make_plain(truth))
            )
        except (
            sandbox.TooSlow
        ):  # a foreign object that computes for ever while it is read
            answer = wanted = Odd("")
        return compare_guess(question, answer, wanted, name_thing(guess), tries)


def compare_guess(
    question: Prediction, answer: object, wanted: object, came: str, tries: int
) -> Verdict:
    """Judge a plain guess."""
    if type(answer) is str and ERROR_GUESSED.search(answer):
        answer = "error"
    elif type(answer) in (Odd, str, tuple):
        return Verdict("wrong", NOT_A_GUESS(came=came))
    if type(wanted) in (Odd, str, tuple):
        return Verdict("wrong", NO_TRUTH())
    if is_same(answer, wanted, CLOSE):
        return Verdict("right", question.lesson())
    for mistake in question.mistakes:
        if any(is_same(answer, make_plain(each), CLOSE) for each in mistake.guesses()):
            return Verdict("wrong", mistake.hint(), mistake.tag)
    if answer == "error":
        return Verdict("wrong", AN_ERROR(), "EXPECTS-AN-ERROR")
    explained = ask_walk(question, explain, answer, wanted)
    if explained is not None:
        return Verdict("wrong", explained.sentence, explained.tags[0])
    belief = name_belief(wanted, answer)
    if belief is not None:
        return Verdict("wrong", *belief)
    said = describe_guess_difference(wanted, answer)
    step = ask_walk(question, next_step, tries, wanted) or ""
    untold = said in {ONCE_MORE(), *(HOW[kind]() for kind in UNTOLD)}
    return (
        Verdict("wrong", step) if step and untold else Verdict("wrong", said, "", step)
    )


def ask_walk(
    question: Prediction, tell: Callable[..., Result], *inputs: object
) -> Result | None:
    """Return what a walk through the question's program tells, if it has one."""
    if not question.program:
        return None
    program = Program(question.program)
    with suppress(sandbox.TooSlow):
        return sandbox.run_within(sandbox.PATIENCE, lambda: tell(program, *inputs))
    return None


def name_belief(wanted: object, answer: object) -> tuple[str, str] | None:
    """Name what may be believed of any gradient, where the question knows no better."""
    if not isinstance(wanted, Tensor) or wanted.dtype == torch.bool:
        return None
    if answer is None:
        return NOTHING(), "GRAD-ON-OUTPUT"
    if not isinstance(answer, Tensor):
        return None
    if answer.dim() > max(wanted.dim(), 1):
        return A_TABLE(), "JACOBIAN"
    if wanted.numel() > 1 and answer.numel() == 1:
        return ONE_NUMBER(), "ONE-NUMBER-COMES-BACK"
    several = wanted.shape == answer.shape and wanted.numel() > 1
    averaged = several and is_near(answer * wanted.numel(), wanted, CLOSE)
    return (A_MEAN(), "SUM=MEAN") if averaged else None


def describe_guess_difference(wanted: object, answer: object) -> str:
    """Say how a guess differs, without giving the answer away."""
    kind, right = describe_difference(wanted, answer), 0
    if isinstance(wanted, Tensor) and isinstance(answer, Tensor):
        if kind == "shape":
            return HOW_MANY(count=answer.numel())
        pairs = zip(wanted.flatten(), answer.flatten(), strict=True)
        right = sum(is_near(*pair, CLOSE) for pair in pairs)
        if kind == "value" and right:
            return PARTLY(right=right, all=wanted.numel())
    return ONCE_MORE() if kind == "value" else HOW[kind]()
