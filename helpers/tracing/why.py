"""Say why a tensor, a parameter or a module has no gradient."""

import linecache
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from ..drawing.arguments import read_caller_names
from ..graph.journal import Record, current_journal
from ..graph.names import choose_telling, find_ways
from ..graph.private import bypass_modes, hooks_on, is_transformed
from ..language import Text, join_sentences
from ..wording import describe_error, describe_thing
from .answer import Answer
from .causes import NOWHERE, Finding
from .diagnosis import find_cause
from .history import History
from .problems import find_walked, read_problem
from .question import Question, name_cut
from .road import draw_road
from .segments import forget_code

MOST_PARAMETERS = 200  # of one module
LINE = Text("line {line}", "第 {line} 行")
LINE_OF = Text("line {line} of {file}", "第 {line} 行（{file}）")
A_RESULT = Text("the result", "结果")
THE_TENSOR = Text("the tensor", "这个张量")
NOT_WATCHED = Text(
    "It was not seen inside `with watch():` in this thread; run it there, and the line "
    "is named.",
    "在本线程的 `with watch():` 中没有看到它；放到里面运行，就能指出是哪一行。",
)
LET_GO = Text(
    "Of {count} calls inside `with watch():`, the newest {kept} are remembered; watch "
    "a shorter part to see the others.",
    "`with watch():` 中有 {count} 个调用，只记得最近的 {kept} 个；要看到其余的，请观察"
    "较短的一段。",
)
NO_PROBLEM = Text(
    "No error is known in this session; give the tensor that has no gradient, as in "
    "why(w, loss), or the exception, as in why(problem).",
    "这次会话中没有已知的错误；请给出没有梯度的张量，例如 why(w, loss)，"
    "或者给出异常，例如 why(problem)。",
)
NOT_ASKABLE = Text(
    "{came} came where a tensor, a module or an exception is expected; ask, for "
    "example, why(w, loss).",
    "这里需要张量、模块或异常，收到的却是：{came}；例如可以问 why(w, loss)。",
)
NOT_A_RESULT = Text(
    "{came} came as the result, where a tensor is expected; ask, for example, "
    "why(w, loss).",
    "结果应当是张量，收到的却是：{came}；例如可以问 why(w, loss)。",
)
TRANSFORMED = Text(
    "A tensor from inside torch.func came, which keeps a graph of its own; ask about "
    "the same computation outside of grad, vmap and the like.",
    "收到的张量来自 torch.func 内部，那里另有一套计算图；请在 grad、vmap 等之外做同样"
    "的计算，再来问。",
)
ON_META = Text(
    "{x} is on the device meta, where tensors have no numbers and so no gradients; "
    "make it on a real device.",
    "{x} 在 meta 设备上，那里的张量没有数值，也就没有梯度；请在真实的设备上创建它。",
)
TOO_MANY = Text(
    "{count} things came, but one is asked about, maybe with its result; ask, for "
    "example, why(w, loss).",
    "收到 {count} 个参数，但一次只问一个（可以带上它的结果）；例如 why(w, loss)。",
)
INSIDE = Text(
    "It happens inside of `{library}`, a library's, which that line calls.",
    "它发生在库函数 `{library}` 里，由那一行调用。",
)
HOOKS = Text(
    "Hooks on it: {count}; they may change its gradient, and asking ran none of them.",
    "它上面的钩子（hook）有 {count} 个；它们可能会改变梯度，而这里一个也没有运行。",
)
SAME_FOR = Text(
    "It is the same for {count} more of its parameters.",
    "另外还有 {count} 个参数也是如此。",
)
ALL_FINE = Text(
    "No fault: all {count} parameters have a gradient.",
    "没有问题：全部 {count} 个参数都有梯度。",
)
NO_PARAMETERS = Text(
    "{came} has no parameters; ask about a tensor, as in why(w, loss).",
    "{came}没有参数；请问某个张量，例如 why(w, loss)。",
)


def why(*things: object) -> Answer:
    """Say why a tensor, parameter or module has no gradient, or an odd one.

        with watch():
            h = (3 * w).detach()
            loss = (h - 1) ** 2
        why(w, loss)

    The first of the `things` is what has no gradient, the second the result that it was
    expected from; a single exception is explained as it stands, and `why()` explains
    the last error. The answer names the cause, the line of your own code and the
    smallest cure, which `.cause`, `.line` and `.cure` hold as data. Lines are known of
    what ran inside `with watch():`; of all else it says what the graph tells. Never
    raises, and changes no gradient, tensor or random state.
    """
    names = read_caller_names({})
    try:
        with bypass_modes(), warnings.catch_warnings(action="ignore"):
            return answer(things, names)
    except Exception as problem:
        return refuse(NOT_ASKABLE(came=describe_error(problem)))
    finally:
        forget_code()


def refuse(sentence: str) -> Answer:
    return Answer("waiting", begin(sentence), counts=False)


def begin(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def answer(things: tuple, names: Mapping[str, object]) -> Answer:
    """Check what came, and ask about it."""
    if len(things) > 2:
        return refuse(TOO_MANY(count=len(things)))
    history = History(current_journal())
    thing = things[0] if things else find_last_problem(history)
    if thing is None and not things:
        return refuse(NO_PROBLEM())
    if isinstance(thing, BaseException | Record):
        return explain_problem(thing, history, names)
    if len(things) == 2 and not issubclass(type(things[1]), Tensor):
        return explain_number(thing, things[1], history, names)
    result: Any = things[1] if len(things) == 2 else find_walked(history)
    if issubclass(type(thing), torch.nn.Module):
        return explain_module(thing, result, history, names)
    if not issubclass(type(thing), Tensor):
        return refuse(NOT_ASKABLE(came=describe_thing(thing)))
    return explain_tensor(thing, result, history, names)


def explain_tensor(
    x: Any, y: Tensor | None, history: History, names: Mapping
) -> Answer:
    if is_transformed(x) or (y is not None and is_transformed(y)):
        return refuse(TRANSFORMED())
    if x.is_meta:
        return refuse(ON_META(x=name_of(x, names, THE_TENSOR)))
    asked = Question(x, None if y is x else y, history)
    return write_answer(asked, find_cause(asked), names)


def explain_number(x: object, y: object, history: History, names: Mapping) -> Answer:
    """Say where a result stopped to be a tensor, if it came from x."""
    cut = history.last_exit(history.token(x)) if is_number(y) else None
    if cut is None or not isinstance(x, Tensor):
        return refuse(NOT_A_RESULT(came=describe_thing(y)))
    return write_answer(Question(x, None, history), name_cut(cut), names)


def is_number(thing: object) -> bool:
    kind = type(thing)
    return kind in (int, float, complex, list) or kind.__module__ == "numpy"


def explain_module(
    module: Any, y: Tensor | None, history: History, names: Mapping
) -> Answer:
    """Ask about each parameter, and say what ails the first that is ill."""
    parameters = list(torch.nn.Module.parameters(module))[:MOST_PARAMETERS]
    if not parameters:
        return refuse(NO_PARAMETERS(came=describe_thing(module)))
    if any(p.is_meta for p in parameters):
        return refuse(ON_META(x=describe_thing(module)))
    found = [(q := Question(p, y, history), find_cause(q)) for p in parameters]
    ill = [pair for pair in found if pair[1].word != "none"]
    if not ill:
        said = ALL_FINE(count=len(parameters))
        return Answer("right", said, cause="none", causes=("none",))
    first, rest = ill[0], len([p for p in ill if p[1].word == ill[0][1].word]) - 1
    return write_answer(*first, names, [SAME_FOR(count=rest)] if rest else [])


def explain_problem(
    problem: BaseException | Record, history: History, names: Mapping
) -> Answer:
    found, x, y = read_problem(problem, history)
    if found.word == "unknown" and isinstance(problem, BaseException):
        values = {"problem": describe_error(problem)}
        found = Finding("unknown", None, values, "foreign")
    asked = Question(x, y, history)  # type: ignore[arg-type]
    return write_answer(asked, found, names)


def find_last_problem(history: History) -> BaseException | Record | None:
    """Return the last error of the session, as far as anybody kept it."""
    known = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if known is not None:
        return known
    return next((r for r in reversed(history.records) if r.problem), None)


def name_of(thing: object, names: Mapping, unnamed: Text) -> str:
    """Return what the learner calls a tensor, marked as code."""
    ways = choose_telling(find_ways(names))
    found = [way.name for way in ways if way.thing is thing]
    return f"`{found[0]}`" if found else unnamed()


def name_both(x: object, y: object, names: Mapping) -> dict[str, str]:
    """Return how sentences call the tensor that is asked about, and the result."""
    first, last = name_of(x, names, THE_TENSOR), name_of(y, names, A_RESULT)
    result = last.strip("`") if "`" in last else "loss"
    return {"x": first, "y": last, "result": result}


def needs_watching(asked: Question, found: Finding) -> bool:
    """Tell whether more would be known had it run inside `watch`, and say so."""
    if found.record is not None or found.word == "none":
        return False
    if found.key in ("hooked", "foreign"):  # no line would tell more
        return False
    return not (asked.history.is_whole and "watch()" in found.cause.cure.en)


def write_answer(
    asked: Question, found: Finding, names: Mapping, more: Sequence[str] = ()
) -> Answer:
    """Put what was found into words."""
    values = name_both(asked.x, asked.y, names)
    sentences = [say(each, values) for each in (found, *found.others)]
    sentences += [found.remark] if found.remark else []
    if (count := count_hooks(asked.x)) and found.word != "none":
        sentences.append(HOOKS(count=count))
    state = {"none": "right", "unknown": "waiting"}.get(found.word, "wrong")
    line, text = place_of(found.record)
    cure = found.cause.cure(**{**values, **found.values})
    picture = draw_road(asked, found, values)
    return Answer(
        state,
        join_sentences([*sentences, *more]),
        cause=found.word,
        causes=(found.word, *(each.word for each in found.others)),
        line=line,
        text=text,
        cure=cure,
        seen=say_library(found),
        hint=say_unseen(asked) if needs_watching(asked, found) else "",
        road="" if picture is None else repr(picture),
        picture=picture,
    )


def say_unseen(asked: Question) -> str:
    """Say what is remembered where a line is not: too little, or nothing."""
    history, journal = asked.history, asked.history.journal
    seen = asked.token or asked.x is None
    if seen and not history.is_whole and not history.knows(asked.token):
        return LET_GO(count=journal.turn, kept=len(journal.records))
    return NOT_WATCHED()


def say_library(found: Finding) -> str:
    """Name the library's function in which it happened, if it is one to be seen."""
    library = None if found.record is None else found.record.library
    happens = found.word.startswith(("cut:", "nan:", "zero", "in-place"))
    if not happens or library is None or found.key == "copy":
        return ""
    if library.co_filename.endswith(("_tensor.py", "_ops.py")):
        return ""
    return INSIDE(library=library.co_qualname)


def count_hooks(x: Tensor | None) -> int:
    return 0 if x is None else hooks_on(x)


def say(found: Finding, values: Mapping) -> str:
    where = say_place(found.record)
    return begin(found.cause.said(**{"where": where, **values, **found.values}))


def say_place(record: Record | None) -> str:
    line, _ = place_of(record)
    if not line or record is None:
        return NOWHERE()
    file = record.spots[0][0].co_filename
    own = file.endswith(".py") and "ipykernel" not in file
    name = file.replace("\\", "/").rpartition("/")[2]
    return LINE_OF(line=line, file=name) if own else LINE(line=line)


def place_of(record: Record | None) -> tuple[int, str]:
    """Return the line of a call, and its text if the source is kept."""
    if record is None or not record.spots:
        return 0, ""
    file = record.spots[0][0].co_filename
    return record.line, linecache.getline(file, record.line).strip()
