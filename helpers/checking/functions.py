"""Judge a function beside the solution, and say why it is wrong."""

from dataclasses import replace
from typing import Any

from .. import sandbox
from ..language import Text, join_sentences
from ..lessons.errors import FAMILIES
from ..lessons.model import Exercise, Meaning
from ..verdict import Verdict, ask_again
from ..wording import add_article, name_thing
from .answers import HOW, LONGEST, Odd, Outcome, Raised, describe_difference, is_same
from .clues import read_source
from .diagnosis import recognise_mistake
from .evidence import write_evidence
from .relations import find_relation
from .trial import accepts, describe_raised, list_parameters, run_cases, run_known

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
BUSY = Text(
    "Nothing can be said yet: this machine is so busy that the check itself took more "
    "than {seconds} seconds; run the cell again.",
    "现在还无法判断：这台机器太忙，检查程序自己就用了 {seconds} 秒以上；请再运行一次。",
)
IN_SOME = Text(
    "Right in {right} of {count} cases.", "{count} 种情形里，对了 {right} 种。"
)
YOURS_RAISED = Text("Your function raised {what}.", "你的函数抛出了 {what}。")
WALK_RAISED = Text(
    "The walk back from your result raised {what}.",
    "从你的结果反向传播时抛出了 {what}。",
)
AT = Text("{what} at `{line}`", "{what}（在 `{line}`）")
NO_SUCH_NAME = Text(
    "Python does not know that name: is it misspelt, or does a line such as `import "
    "numpy as np` come first?",
    "Python 不认识这个名字：是不是拼错了，或者前面要先写一行 `import numpy as np` 之类"
    "的导入？",
)
OTHER_KIND = Text(
    "The value is right, but {came} came back; return {wanted}.",
    "值是对的，但返回的是：{came}；请返回{wanted}。",
)
OTHER_THING = Text(
    "Your function gave back {came}; asked for are the numbers themselves, not what "
    "says something of them or would make them.",
    "你的函数返回的是：{came}；要的是数本身，而不是关于它们的判断，也不是能造出它们的"
    "东西。",
)
BY_ITEM = Text("`.item()` makes one of a tensor.", "张量用 `.item()` 就能得到。")


def judge_function(exercise: Exercise, answer: Any) -> Verdict:
    """Run a function on random inputs beside the solution and the known mistakes."""
    if answer is ...:
        return Verdict("waiting", WRITE_FIRST())
    if refusal := refuse_call(exercise, answer):
        return ask_again(refusal)
    try:
        got = run_cases(exercise, answer)
        return judge_outcomes(exercise, got, read_source(answer))
    except RuntimeError as problem:  # its own threads leave no room for another
        return explain_error(describe_raised(problem.with_traceback(None)))
    except sandbox.StillImporting:
        return ask_again(sandbox.STILL_IMPORTING(seconds=sandbox.LONG_IMPORT))
    except sandbox.TooSlow:
        return explain(TOO_SLOW(seconds=sandbox.PATIENCE), exercise.endless)


def serves(exercise: Exercise, answer: Any) -> bool:
    """Tell whether what follows can use a right answer in place of the solution."""
    if exercise.used_in is None or exercise.used_with is None:
        return exercise.used_in is not None
    later = replace(exercise, cases=exercise.used_with, mistakes=())
    return judge_function(later, answer).state == "right"


def refuse_call(exercise: Exercise, answer: Any) -> str:
    """Say why something cannot be called with the inputs, or nothing."""
    if not callable(answer):
        return NOT_A_FUNCTION(came=name_thing(answer))
    given = list_parameters(exercise.solution)
    if accepts(answer, len(given)):
        return ""
    taken = ", ".join(list_parameters(answer))
    return OTHER_INPUTS(taken=taken, given=", ".join(given))


def judge_outcomes(exercise: Exercise, got: list[Outcome], text: list[str]) -> Verdict:
    """Judge what a function did, which needs the time of the solution, not its own."""
    if any(outcome.seen is ... for outcome in got):
        return Verdict("waiting", WRITE_FIRST())
    try:
        wanted = run_known(exercise, exercise.solution)
        return compare_function(exercise, got, wanted, text)
    except sandbox.TooSlow:
        return ask_again(BUSY(seconds=sandbox.PATIENCE))


def compare_function(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome], text: list[str]
) -> Verdict:
    """Judge a function by its outcomes; name the mistake that behaves alike."""
    pairs = [(it.seen, right.seen) for it, right in zip(got, wanted, strict=True)]
    alike = [is_same(*pair, exercise.tolerance) for pair in pairs]
    if all(alike):
        return approve(exercise, got)
    wrong = [case for case, right in enumerate(alike) if not right]
    first, right = got[wrong[0]], wanted[wrong[0]]
    mistake = recognise_mistake(exercise, got, wanted, wrong, text)
    if mistake is None and isinstance(first.seen, Raised):
        return explain_error(first.seen)
    seen = (
        tell_error(first.seen)
        if isinstance(first.seen, Raised)
        else write_evidence(exercise, wrong[0], right.seen, first.seen)
    )
    if mistake is not None:
        return explain(seen, mistake)
    count = [IN_SOME(right=sum(alike), count=len(alike))] * any(alike)
    return explain_outcome(
        exercise, got, wanted, wrong[0], join_sentences([*count, seen])
    )


def explain_outcome(
    exercise: Exercise, got: list[Outcome], wanted: list[Outcome], case: int, seen: str
) -> Verdict:
    """Say what kind of thing a wrong outcome is, or how it follows from the right."""
    first, right = got[case], wanted[case]
    if isinstance(first.seen, Odd | bool) and not isinstance(right.seen, bool):
        return Verdict("wrong", OTHER_THING(came=describe_odd(first.seen)), seen=seen)
    if right.tracked and not first.tracked and first.seen is not None:
        return Verdict("wrong", HOW["graph"](), seen=seen)
    relation = find_relation(exercise, got, wanted)
    if relation:
        return explain(seen, relation)
    kind = describe_difference(right.seen, first.seen)
    return Verdict("wrong", HOW[kind](), seen=seen)


def describe_odd(thing: object) -> str:
    return add_article(thing.kind if isinstance(thing, Odd) else "bool")


def approve(exercise: Exercise, got: list[Outcome]) -> Verdict:
    """Accept right values, if they are of the kind that is asked for."""
    odd = next((outcome for outcome in got if outcome.misfit), None)
    if odd is None:
        return Verdict("right", exercise.lesson())
    wanted = add_article(exercise.returns.__name__)
    said = [OTHER_KIND(came=odd.misfit, wanted=wanted)]
    return ask_again(join_sentences(said + [BY_ITEM()] * (exercise.returns is float)))


def explain(seen: str, meaning: Meaning | None) -> Verdict:
    """Say what something means and, beside it, what was seen; that alone if unknown."""
    if meaning is None:
        return Verdict("wrong", seen)
    return Verdict("wrong", meaning.hint(), meaning.tag, seen)


def explain_error(error: Raised) -> Verdict:
    """Report an error as the learner's own, with what it means."""
    seen = tell_error(error)
    if error.kind == "NameError":
        return replace(ask_again(NO_SUCH_NAME()), seen=seen)
    family = next((each for each in FAMILIES if each.tag == error.family), None)
    return explain(seen, family)


def tell_error(error: Raised) -> str:
    """Say what was raised, with the line that raised it."""
    what = str(error).rstrip(".")
    if error.line:
        what = AT(what=what, line=error.line[:LONGEST])
    return (WALK_RAISED if error.later else YOURS_RAISED)(what=what)
