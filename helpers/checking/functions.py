"""Judge a function beside the solution, and say why it is wrong."""

from torch import Tensor

from .. import sandbox
from ..language import Text
from ..lessons.errors import FAMILIES
from ..lessons.model import Exercise, Meaning
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
from .diagnosis import recognise_mistake
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
        return explain_error(describe_raised(problem.with_traceback(None)))
    except sandbox.StillImporting:
        said = sandbox.STILL_IMPORTING(seconds=sandbox.LONG_IMPORT)
        return Verdict("wrong", said)
    except sandbox.TooSlow:
        return explain(TOO_SLOW(seconds=sandbox.PATIENCE), exercise.endless)


def compare_function(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome], text: list[str]
) -> Verdict:
    """Judge a function by its outcomes; name the mistake that behaves alike."""
    pairs = [(it.seen, right.seen) for it, right in zip(got, wanted, strict=True)]
    alike = [is_same(*pair, exercise.tolerance) for pair in pairs]
    if all(alike):
        return Verdict("right", exercise.lesson())
    wrong = [case for case, right in enumerate(alike) if not right]
    first, right = got[wrong[0]], wanted[wrong[0]]
    mistake = recognise_mistake(exercise, got, wanted, wrong, text)
    if mistake is None and isinstance(first.seen, Raised):
        return explain_error(first.seen)
    seen = write_evidence(exercise, wrong[0], right.seen, first.seen)
    if mistake is not None:
        return explain(seen, mistake)
    cut = right.tracked and not first.tracked
    kind = "graph" if cut else describe_difference(right.seen, first.seen)
    return Verdict("wrong", HOW[kind](), seen=seen)


def explain(seen: str, meaning: Meaning | None) -> Verdict:
    """Say what something means and, beside it, what was seen; that alone if unknown."""
    if meaning is None:
        return Verdict("wrong", seen)
    return Verdict("wrong", meaning.hint(), meaning.tag, seen)


def explain_error(error: Raised) -> Verdict:
    """Report an error as the learner's own, with what it means."""
    family = next((each for each in FAMILIES if each.tag == error.family), None)
    return explain(tell_error(error), family)


def tell_error(error: Raised) -> str:
    """Say what was raised, with the line that raised it."""
    what = str(error).rstrip(".")
    if error.line:
        what = AT(what=what, line=error.line[:LONGEST])
    return YOURS_RAISED(what=what)


def write_evidence(exercise: Exercise, case: int, wanted: object, got: object) -> str:
    """Say what gave a function away, on the first case that it got wrong."""
    if isinstance(got, Raised):
        return tell_error(got)
    parameters = list_parameters(exercise.solution)
    texts = map(write_input, list(exercise.cases())[case])
    pairs = zip(parameters, texts, strict=True)
    names = ", ".join(f"{name} = {text}" for name, text in pairs if text)
    one, other = tell_apart(*find_first_difference(wanted, got))
    said = FOR_INPUTS if names else IN_A_CASE
    return said(inputs=names, wanted=one, got=other)


def tell_apart(one: object, other: object) -> tuple[str, str]:
    """Write two answers with as many digits as it takes to see that they differ."""
    both = [it for it in (one, other) if isinstance(it, Tensor) and it.numel() == 1]
    first, second = write_answer(one), write_answer(other)
    if first == second and len(both) == 2:
        first, second = (repr(number.item()) for number in both)
    return first, second


def find_first_difference(wanted: object, got: object) -> tuple[object, object]:
    """Return the first two parts that differ."""
    if not isinstance(wanted, tuple):
        return wanted, got
    if not isinstance(got, tuple):  # something that could not be observed
        return wanted[0], got
    pairs = zip(wanted, got, strict=False)
    return next((pair for pair in pairs if not is_same(*pair)), (wanted, got))
