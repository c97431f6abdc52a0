"""Judge a guess against what PyTorch computed, and say why it is wrong."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import repeat
from typing import Any, TypeVar

import torch
from torch import Tensor

from .. import sandbox
from ..language import Text
from ..lessons.model import Prediction
from ..verdict import Verdict, ask_again
from ..wording import LIST_WITH, name_thing
from .answers import (
    HOW,
    Odd,
    describe_difference,
    is_flags,
    is_near,
    is_same,
    make_plain,
)
from .explain import Question, explain
from .forms import AN_ERROR, Unordered, Unreadable, read_guess
from .machine import Program
from .steps import next_step

Result = TypeVar("Result")
CLOSE = 1e-3  # a guess may be rounded to three digits

GUESS_FIRST = Text(
    "Replace the ... with your guess, then run the cell again.",
    "请把 ... 换成你的预测，再运行一次。",
)
NO_TRUTH = Text(
    "A guess is judged against what PyTorch computed: check(name, guess, truth); "
    "give the truth as well.",
    "预测要与 PyTorch 算出的结果比较：check(name, guess, truth)；请把 truth 也传入。",
)
NOT_A_GUESS = Text(
    "A guess is a number, a list of numbers, True, False, None or 'error', but {came} "
    "came; write it so.",
    "预测应是数、数的列表、True、False、None 或 'error'，收到的却是：{came}；请改写。",
)
NO_ORDER = Text(
    "Written as {came}, your answer has no order; write a list, in square brackets.",
    "写成 {came}，你的答案就没有顺序；请用方括号写成列表。",
)
NO_FLAG = Text(
    "True and False are no numbers; write a number, a list of numbers, or None.",
    "True 和 False 不是数；请写一个数、数的列表，或 None。",
)
FLAGS = Text(
    "True or False is asked for, {count} in all; write a list of them, in the order of "
    "the question.",
    "题目要的是 True 或 False，共 {count} 个；请按题目的顺序写成列表。",
)
ONE_FLAG = Text(
    "True or False is asked for; write one of the two.",
    "题目要的是 True 或 False；请写其中一个。",
)
NO_COMMA = Text(
    "`{came}` is two numbers to Python, and one is asked for; write a decimal point, "
    "and nothing between thousands.",
    "在 Python 里 `{came}` 是两个数，而题目只要一个数；小数请用小数点，千位之间什么也不"
    "要写。",
)
HOW_MANY = Text(
    "How many numbers are asked for? You gave {count}.",
    "题目问的是几个数？你给了 {count} 个。",
)
PARTLY = Text("Right so far: {right} of {all}.", "{all} 个里有 {right} 个是对的。")
NO_ERROR = Text(
    "No error comes: the cell runs to its end. Guess what it leaves behind.",
    "不会报错：这个单元格会一直运行到最后。请预测它留下了什么。",
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
    "那是一整个矩阵；而传回来的梯度与叶子形状相同，叶子有几个数，它就有几个数。",
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
    "That is not what came out. Go through the cell once more, line by line: what does "
    "each of them do, and where does it leave what it computes?",
    "结果不是这样。请把这个单元格再逐行看一遍：每一行做了什么，算出的东西留在哪里？",
)


def judge_guess(
    question: Prediction,
    guess: object,
    truth: object,
    tries: int = 0,
    asked: Question | None = None,
) -> Verdict:
    """Compare a guess with what PyTorch computed, then with each known mistake.

    Where no mistake gives it, a changed walk may, through what is `asked` about or the
    question's own program; or else the next step is told: one more with each of the
    `tries` before.
    """
    if asked is None and question.program:
        asked = Program(question.program)
    if guess is ...:
        return Verdict("waiting", GUESS_FIRST())
    if truth is None and not question.may_be_none:
        return ask_again(NO_TRUTH())
    with sandbox.keep_undisturbed(), sandbox.limit_memory():
        answer, wanted = read_in_time(guess, truth, question.names)
        if isinstance(answer, Unreadable):
            return ask_again(explain_form(answer, guess, wanted))
        if type(wanted) in (Odd, str, tuple):
            return ask_again(NO_TRUTH())
        return compare_guess(question, answer, wanted, guess, tries, asked)


def read_in_time(guess: object, truth: object, names: tuple[str, ...]) -> tuple:
    """Read both, but no longer than a learner may wait."""
    read = partial(read_both, guess, truth, names)
    try:
        return sandbox.run_within(sandbox.PATIENCE, read)
    except sandbox.TooSlow:  # a foreign object computes for ever while it is read
        return Unreadable(guess), None


def read_both(guess: object, truth: object, names: tuple[str, ...]) -> tuple:
    """Read a guess, Unreadable if it is none, and the truth, as plain answers."""
    wanted = drop_brackets(make_plain(truth))
    single = not isinstance(wanted, Tensor) or wanted.numel() == 1
    try:
        answer = drop_brackets(make_plain(read_guess(guess, names, single)))
    except sandbox.TooSlow:
        raise
    except BaseException as problem:  # whatever a foreign object raises
        return problem if isinstance(problem, Unreadable) else Unreadable(guess), wanted
    if type(answer) in (Odd, tuple):
        return Unreadable(guess), wanted
    if is_flags(wanted) and isinstance(answer, Tensor) and is_binary(answer):
        answer = answer.bool()  # 0 and 1 are what many write for False and True
    return answer, wanted


def is_binary(numbers: Tensor) -> bool:
    return set(numbers.flatten().tolist()) <= {0, 1}


def drop_brackets(plain: object) -> object:
    """Take those away that hold one thing alone; a truth value becomes a tensor."""
    if type(plain) is bool:
        return torch.tensor(plain)
    return plain.squeeze() if isinstance(plain, Tensor) else plain


def explain_form(problem: Unreadable, guess: object, wanted: Any) -> str:
    """Say why something is no guess, and how one is written."""
    if problem.part is ...:
        return GUESS_FIRST()
    if is_flags(wanted):
        return ask_for_flags(wanted)
    came = name_thing(problem.part)
    if isinstance(problem, Unordered):
        return NO_ORDER(came=came)
    return NOT_A_GUESS(came=came if problem.part is guess else LIST_WITH(part=came))


def ask_for_flags(wanted: Tensor) -> str:
    return FLAGS(count=wanted.numel()) if wanted.dim() else ONE_FLAG()


def compare_guess(
    question: Prediction,
    answer: object,
    wanted: object,
    guess: object,
    tries: int,
    asked: Question | None,
) -> Verdict:
    """Judge a plain answer; `guess` is how it was written."""
    if is_alike(answer, wanted):
        return Verdict("right", question.lesson())
    for mistake in question.mistakes:
        believed = map(drop_brackets, map(make_plain, mistake.guesses()))
        if any(is_alike(answer, each) for each in believed):
            return Verdict("wrong", mistake.hint(), mistake.tag)
    if answer == AN_ERROR:
        return Verdict("wrong", NO_ERROR(), "EXPECTS-AN-ERROR")
    if misfit := find_misfit(wanted, answer, guess):
        return ask_again(misfit)
    explained = ask_walk(asked, explain, answer, wanted)
    if explained is not None:
        return Verdict("wrong", explained.sentence, explained.tags[0])
    belief = name_belief(wanted, answer)
    if belief is not None:
        return Verdict("wrong", *belief)
    said = describe_guess_difference(wanted, answer)
    step = ask_walk(asked, next_step, tries, wanted) or ""
    if step and said in (ONCE_MORE(), HOW["factor"]()):  # the step tells more
        said, step = step, ""
    return Verdict("wrong", said, "", step)


def ask_walk(
    asked: Question | None, tell: Callable[..., Result], *inputs: object
) -> Result | None:
    """Return what a walk tells, if there is one to walk."""
    if asked is None:
        return None
    with suppress(sandbox.TooSlow):
        return sandbox.run_within(sandbox.PATIENCE, lambda: tell(asked, *inputs))
    return None


def is_alike(one: object, other: object) -> bool:
    """Tell whether two plain answers are nearly the same; True is no 1."""
    return is_flags(one) == is_flags(other) and is_same(one, other, CLOSE)


def find_misfit(wanted: Any, answer: Any, guess: object) -> str:
    """Say how to write what was asked for, where another kind of thing came."""
    if is_flags(wanted):
        fits = is_flags(answer) and answer.shape == wanted.shape
        return "" if fits else ask_for_flags(wanted)
    if is_flags(answer):
        return NO_FLAG()
    single = isinstance(wanted, Tensor) and wanted.numel() == 1
    if single and type(guess) is tuple and list(map(type, guess)) == [int, int]:
        return NO_COMMA(came=",".join(map(str, guess)))
    return ""


def name_belief(wanted: object, answer: object) -> tuple[str, str] | None:
    """Name what may be believed of any gradient, where the question knows no better."""
    if not isinstance(wanted, Tensor):
        return None
    if not isinstance(answer, Tensor):
        return NOTHING(), "GRAD-ON-OUTPUT"
    if answer.dim() > max(wanted.dim(), 1):
        return A_TABLE(), "JACOBIAN"
    if wanted.numel() > 1 and answer.numel() == 1:
        return ONE_NUMBER(), "ONE-NUMBER-COMES-BACK"
    fits = wanted.shape == answer.shape
    averaged = fits and is_near(answer * wanted.numel(), wanted, CLOSE)
    return (A_MEAN(), "SUM=MEAN") if averaged else None


def describe_guess_difference(wanted: object, answer: object) -> str:
    """Say how a guess differs, without giving the answer away."""
    if not isinstance(wanted, Tensor) or not isinstance(answer, Tensor):
        return ONCE_MORE()
    kind = describe_difference(wanted, answer)
    if kind == "shape":
        return HOW_MANY(count=answer.numel())
    if kind in ("factor", "nan", "transposed"):
        return HOW[kind]()
    near = map(is_near, answer.flatten(), wanted.flatten(), repeat(CLOSE))
    if right := sum(near):
        return PARTLY(right=right, all=wanted.numel())
    return ONCE_MORE()
