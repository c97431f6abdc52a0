"""Judge a guess or a function, and say why it is right or wrong."""

import re

import torch
from torch import Tensor

from .answers import (
    HOW,
    LONGEST,
    Odd,
    Outcome,
    Raised,
    kind_of_difference,
    near,
    plain,
    same,
    spoken,
    spoken_input,
)
from .clues import written
from .language import Text, with_article
from .lessons.errors import FAMILIES
from .lessons.model import Exercise, Prediction
from .limits import (
    LONG_IMPORT,
    PATIENCE,
    STILL_IMPORTING,
    StillImporting,
    TooSlow,
    memory_limit,
    undisturbed,
    within,
)
from .naming import agree, recognised
from .trial import outcomes, parameters, raised, takes
from .verdict import Verdict

CLOSE = 1e-3  # a guess may be rounded to three digits
ERROR_GUESSED = re.compile("error|exception|raise|错", re.IGNORECASE)

GUESS_FIRST = Text(
    "Replace the ... with your guess, then run the cell again.",
    "请把 ... 换成你的猜测，再运行一次。",
)
WRITE_FIRST = Text(
    "Replace the ... with your code, then run the cell again.",
    "请把 ... 换成你的代码，再运行一次。",
)
NO_TRUTH = Text(
    "A guess is judged against what PyTorch computed: check(name, guess, truth); "
    "give the truth as well.",
    "猜测要与 PyTorch 算出的结果比较：check(name, guess, truth)；请把 truth 也传入。",
)
NOT_A_FUNCTION = Text(
    "This exercise expects a function, but {came} came; pass the function by its name, "
    "without ().",
    "这道练习需要一个函数，收到的却是：{came}；请直接传函数名，不要加 ()。",
)
NOT_A_GUESS = Text(
    "A guess is a number, a list of numbers, True, False or None, but {came} came; "
    "write it so.",
    "猜测应是数、数的列表、True、False 或 None，收到的却是：{came}；请改写。",
)
OTHER_INPUTS = Text(
    "Your function takes ({taken}), but it is called with ({given}); change its first "
    "line.",
    "你的函数接受的参数是 ({taken})，而调用时传入 ({given})；请修改函数的第一行。",
)
TOO_SLOW = Text(
    "Your function was still running after {seconds} seconds and was stopped; does "
    "one of its loops never end?",
    "你的函数运行了 {seconds} 秒仍未结束，已被停止；是不是有循环永远不会结束？",
)
YOURS_RAISED = Text("Your function raised {what}.", "你的函数抛出了 {what}。")
AT = Text("{what} at `{line}`", "{what}（在 `{line}`）")
FOR_INPUTS = Text(
    "For {inputs}: wanted {wanted}, got {got}.",
    "当 {inputs} 时，应为 {wanted}，得到 {got}。",
)
IN_A_CASE = Text("Wanted {wanted}, got {got}.", "应为 {wanted}，得到 {got}。")
HOW_MANY = Text(
    "How many numbers are asked for? You gave {count}.",
    "题目问的是几个数？你给了 {count} 个。",
)
PARTLY = Text(
    "Right so far: {right} of the {all} numbers.", "{all} 个数里有 {right} 个是对的。"
)
LIST_WITH = Text("a list with {part} in it", "里面有 {part} 的列表")
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


def brief(thing: object, depth: int = 0) -> str:
    """Name a thing without trusting its repr, a list by what does not belong there."""
    if type(thing) in (list, tuple) and depth < 2:  # it may hold itself
        for known in ((int, float, bool), (int, float)):
            for part in thing:
                if type(part) not in known:
                    named = "None" if part is None else brief(part, depth + 1)
                    return LIST_WITH(part=named)
    if type(thing) is str:
        return f"'{thing[:60]}'"
    return with_article(type(thing).__name__)


# ---- guesses ----------------------------------------------------------------


def judge_guess(question: Prediction, guess: object, truth: object) -> Verdict:
    """Compare a guess with what PyTorch computed, then with each known mistake."""
    if guess is ...:
        return Verdict("waiting", GUESS_FIRST())
    if truth is None and not question.may_be_none:
        return Verdict("wrong", NO_TRUTH())
    try:
        with undisturbed(), memory_limit():
            answer, wanted = within(PATIENCE, lambda: (plain(guess), plain(truth)))
            return compare_guess(question, answer, wanted, brief(guess))
    except TooSlow:  # a foreign object that computes for ever while it is read
        return Verdict("wrong", NOT_A_GUESS(came=brief(guess)))


def compare_guess(
    question: Prediction, answer: object, wanted: object, came: str
) -> Verdict:
    """Judge a plain guess."""
    if type(answer) is str and ERROR_GUESSED.search(answer):
        answer = "error"
    elif type(answer) in (Odd, str, tuple):
        return Verdict("wrong", NOT_A_GUESS(came=came))
    if type(wanted) in (Odd, str, tuple):
        return Verdict("wrong", NO_TRUTH())
    if same(answer, wanted, CLOSE):
        return Verdict("right", question.lesson())
    for mistake in question.mistakes:
        if any(same(answer, plain(each), CLOSE) for each in mistake.guesses()):
            return Verdict("wrong", mistake.hint(), mistake.tag)
    if answer == "error":
        return Verdict("wrong", AN_ERROR(), "EXPECTS-AN-ERROR")
    belief = general_belief(wanted, answer)
    return Verdict("wrong", *(belief or [guess_differs(wanted, answer)]))


def general_belief(wanted: object, answer: object) -> tuple[str, str] | None:
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
    averaged = several and near(answer * wanted.numel(), wanted, CLOSE)
    return (A_MEAN(), "SUM=MEAN") if averaged else None


def guess_differs(wanted: object, answer: object) -> str:
    """Say how a guess differs, without giving the answer away."""
    kind = kind_of_difference(wanted, answer)
    if kind == "shape":
        return HOW_MANY(count=answer.numel())
    if kind != "value":
        return HOW[kind]()
    if isinstance(wanted, Tensor):
        pairs = zip(wanted.flatten(), answer.flatten(), strict=True)
        right = sum(near(*pair, CLOSE) for pair in pairs)
        if right:
            return PARTLY(right=right, all=wanted.numel())
    return ONCE_MORE()


# ---- functions --------------------------------------------------------------


def judge_function(exercise: Exercise, answer: object) -> Verdict:
    """Run a function on random inputs beside the solution and the known mistakes."""
    if answer is ...:
        return Verdict("waiting", WRITE_FIRST())
    if not callable(answer):
        return Verdict("wrong", NOT_A_FUNCTION(came=brief(answer)))
    given = parameters(exercise.solution)
    if not takes(answer, len(given)):
        taken = ", ".join(parameters(answer))
        return Verdict("wrong", OTHER_INPUTS(taken=taken, given=", ".join(given)))
    try:
        got = outcomes(exercise, answer)
        if any(outcome.seen is ... for outcome in got):
            return Verdict("waiting", WRITE_FIRST())
        wanted = outcomes(exercise, exercise.solution)
        return compare(exercise, got, wanted, written(answer))
    except RuntimeError as problem:  # its own threads leave no room for another
        return from_error(raised(problem))
    except StillImporting:
        return Verdict("wrong", STILL_IMPORTING(seconds=LONG_IMPORT))
    except TooSlow:
        return never_ended(exercise)


def never_ended(exercise: Exercise) -> Verdict:
    """Say that a function was stopped, and what that means here, if it is known."""
    said, known = TOO_SLOW(seconds=PATIENCE), exercise.endless
    if known is None:
        return Verdict("wrong", said)
    return Verdict("wrong", known.hint(), known.tag, said)


# ---- verdicts on functions --------------------------------------------------


def compare(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome], text: list[str]
) -> Verdict:
    """Judge a function by its outcomes; name the mistake that behaves alike."""
    pairs = list(zip(got, wanted, strict=True))
    wrong = [n for n, (g, w) in enumerate(pairs) if not agree(g, w, exercise.tolerance)]
    if not wrong:
        return Verdict("right", exercise.lesson())
    first, right = pairs[wrong[0]]
    seen = evidence(exercise, wrong[0], first, right)
    mistake = recognised(exercise, got, wanted, wrong, text)
    if mistake is not None:
        return Verdict("wrong", mistake.hint(), mistake.tag, seen)
    if isinstance(first.seen, Raised):
        return from_error(first.seen)
    cut = right.tracked and not first.tracked
    kind = "graph" if cut else kind_of_difference(right.seen, first.seen)
    return Verdict("wrong", HOW[kind](), seen=seen)


def from_error(error: Raised) -> Verdict:
    """Report an error as the learner's own, with what it means."""
    said = YOURS_RAISED(what=told(error))
    family = next((each for each in FAMILIES if each.tag == error.family), None)
    if family is None:
        return Verdict("wrong", said)
    return Verdict("wrong", family.hint(), family.tag, said)


def told(error: Raised) -> str:
    """Write an error with the line that raised it."""
    what = str(error).rstrip(".")
    return AT(what=what, line=error.line[:LONGEST]) if error.line else what


def evidence(exercise: Exercise, case: int, got: Outcome, wanted: Outcome) -> str:
    """Say what gave a function away, on the first case that it got wrong."""
    if isinstance(got.seen, Raised):
        return YOURS_RAISED(what=told(got.seen))
    inputs = list(exercise.cases())[case]
    pairs = zip(parameters(exercise.solution), map(spoken_input, inputs), strict=True)
    names = ", ".join(f"{name} = {text}" for name, text in pairs if text)
    one, other = told_apart(*first_difference(wanted.seen, got.seen))
    said = FOR_INPUTS if names else IN_A_CASE
    return said(inputs=names, wanted=one, got=other)


def told_apart(one: object, other: object) -> tuple[str, str]:
    """Write two answers with as many digits as it takes to see that they differ."""
    pair = spoken(one), spoken(other)
    numbers = isinstance(one, Tensor) and isinstance(other, Tensor)
    if pair[0] == pair[1] and numbers and one.numel() == other.numel() == 1:
        return repr(one.item()), repr(other.item())
    return pair


def first_difference(wanted: object, got: object) -> tuple[object, object]:
    """Return the first two parts that differ."""
    if not isinstance(wanted, tuple):
        return wanted, got
    if not isinstance(got, tuple):  # something that could not be observed
        return wanted[0], got
    pairs = zip(wanted, got, strict=False)
    return next((pair for pair in pairs if not same(*pair)), (wanted, got))
