"""Judge a function beside the solution, and say why it is wrong."""

from torch import Tensor

from ..language import Text
from ..lessons.errors import FAMILIES
from ..lessons.model import Exercise
from ..sandbox import LONG_IMPORT, PATIENCE, STILL_IMPORTING, StillImporting, TooSlow
from ..verdict import Verdict
from ..wording import name_thing
from .answers import (
    HOW,
    LONGEST,
    Outcome,
    Raised,
    describe_difference,
    is_same,
    write_answer,
    write_input,
)
from .clues import read_source
from .diagnosis import agree, recognise_mistake
from .trial import accepts, describe_raised, list_parameters, run_cases

WRITE_FIRST = Text(
    "Replace the ... with your code, then run the cell again.",
    "请把 ... 换成你的代码，再运行一次。",
)
NOT_A_FUNCTION = Text(
    "This exercise expects a function, but {came} came; pass the function by its name, "
    "without ().",
    "这道练习需要一个函数，收到的却是：{came}；请直接传函数名，不要加 ()。",
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


# ---- functions --------------------------------------------------------------


def judge_function(exercise: Exercise, answer: object) -> Verdict:
    """Run a function on random inputs beside the solution and the known mistakes."""
    if answer is ...:
        return Verdict("waiting", WRITE_FIRST())
    if not callable(answer):
        return Verdict("wrong", NOT_A_FUNCTION(came=name_thing(answer)))
    given = list_parameters(exercise.solution)
    if not accepts(answer, len(given)):
        taken = ", ".join(list_parameters(answer))
        return Verdict("wrong", OTHER_INPUTS(taken=taken, given=", ".join(given)))
    try:
        got = run_cases(exercise, answer)
        if any(outcome.seen is ... for outcome in got):
            return Verdict("waiting", WRITE_FIRST())
        wanted = run_cases(exercise, exercise.solution)
        return compare_function(exercise, got, wanted, read_source(answer))
    except RuntimeError as problem:  # its own threads leave no room for another
        return judge_error(describe_raised(problem))
    except StillImporting:
        return Verdict("wrong", STILL_IMPORTING(seconds=LONG_IMPORT))
    except TooSlow:
        return judge_endless(exercise)


def judge_endless(exercise: Exercise) -> Verdict:
    """Say that a function was stopped, and what that means here, if it is known."""
    said, known = TOO_SLOW(seconds=PATIENCE), exercise.endless
    if known is None:
        return Verdict("wrong", said)
    return Verdict("wrong", known.hint(), known.tag, said)


# ---- verdicts on functions --------------------------------------------------


def compare_function(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome], text: list[str]
) -> Verdict:
    """Judge a function by its outcomes; name the mistake that behaves alike."""
    pairs = list(zip(got, wanted, strict=True))
    wrong = [n for n, (g, w) in enumerate(pairs) if not agree(g, w, exercise.tolerance)]
    if not wrong:
        return Verdict("right", exercise.lesson())
    first, right = pairs[wrong[0]]
    seen = write_evidence(exercise, wrong[0], first, right)
    mistake = recognise_mistake(exercise, got, wanted, wrong, text)
    if mistake is not None:
        return Verdict("wrong", mistake.hint(), mistake.tag, seen)
    if isinstance(first.seen, Raised):
        return judge_error(first.seen)
    cut = right.tracked and not first.tracked
    kind = "graph" if cut else describe_difference(right.seen, first.seen)
    return Verdict("wrong", HOW[kind](), seen=seen)


def judge_error(error: Raised) -> Verdict:
    """Report an error as the learner's own, with what it means."""
    said = YOURS_RAISED(what=write_error(error))
    family = next((each for each in FAMILIES if each.tag == error.family), None)
    if family is None:
        return Verdict("wrong", said)
    return Verdict("wrong", family.hint(), family.tag, said)


def write_error(error: Raised) -> str:
    """Write an error with the line that raised it."""
    what = str(error).rstrip(".")
    return AT(what=what, line=error.line[:LONGEST]) if error.line else what


def write_evidence(exercise: Exercise, case: int, got: Outcome, wanted: Outcome) -> str:
    """Say what gave a function away, on the first case that it got wrong."""
    if isinstance(got.seen, Raised):
        return YOURS_RAISED(what=write_error(got.seen))
    inputs = list(exercise.cases())[case]
    pairs = zip(
        list_parameters(exercise.solution), map(write_input, inputs), strict=True
    )
    names = ", ".join(f"{name} = {text}" for name, text in pairs if text)
    one, other = tell_apart(*find_first_difference(wanted.seen, got.seen))
    said = FOR_INPUTS if names else IN_A_CASE
    return said(inputs=names, wanted=one, got=other)


def tell_apart(one: object, other: object) -> tuple[str, str]:
    """Write two answers with as many digits as it takes to see that they differ."""
    pair = write_answer(one), write_answer(other)
    numbers = isinstance(one, Tensor) and isinstance(other, Tensor)
    if pair[0] == pair[1] and numbers and one.numel() == other.numel() == 1:
        return repr(one.item()), repr(other.item())
    return pair


def find_first_difference(wanted: object, got: object) -> tuple[object, object]:
    """Return the first two parts that differ."""
    if not isinstance(wanted, tuple):
        return wanted, got
    if not isinstance(got, tuple):  # something that could not be observed
        return wanted[0], got
    pairs = zip(wanted, got, strict=False)
    return next((pair for pair in pairs if not is_same(*pair)), (wanted, got))
