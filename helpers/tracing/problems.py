"""Read an exception: which tensor of whose line it is about."""

from types import TracebackType
from typing import Any

from torch import Tensor

from ..graph.functions import is_tensor
from ..graph.journal import Record, kind_of
from ..language import Text
from .absent import explain_unreached
from .causes import NOWHERE, Finding
from .cutting import Cut, find_cut, kind_of_exit, merge_cuts
from .diagnosis import find_cause
from .flows import look_behind
from .history import History
from .question import Question, merge, name_cut
from .segments import Segment, find_segment, spread
from .walks import judge_failed_walk

LINE = Text("line {line}", "第 {line} 行")
UNWATCHED = Record(0, "call", "", ())
UNUSED = "have been used in the graph"
Read = tuple[Finding, Tensor | None, Tensor | None]


def read_problem(problem: BaseException | Record, history: History) -> Read:
    """Return what an error comes from, with x and y as far as they are known."""
    record = problem if isinstance(problem, Record) else find_record(problem, history)
    if record is not None and record.problem:
        found = read_record(problem, record, history)
        if found is not None:
            return found
    if isinstance(problem, BaseException):
        return read_message(problem) or read_traceback(problem, history)
    return Finding("unknown"), None, None


def read_message(problem: BaseException) -> Read | None:
    """Read an error that nobody watched: torch's own words tell the cause."""
    said = str(problem)
    if "through the graph a second time" in said:
        outside = Finding("built-outside-loop")
        return Finding("freed-graph/second-walk", others=(outside,)), None, None
    if "modified by an inplace operation" in said:
        return Finding("in-place-damage", values={"call": "?"}), None, None
    if UNUSED in said:
        return Finding("not-in-graph", key="unlinked"), None, None
    places = list_places(problem.__traceback__)
    record = UNWATCHED._replace(
        spots=tuple((frame.f_code, last) for frame, last in reversed(places))
    )
    if "leaf Variable that requires grad" in said:
        return Finding("in-place-on-leaf", record), None, None
    if "floating point" in said and "require gradients" in said:
        word = "cut:integer/argmax/comparison"
        return Finding(word, record, key="integers"), None, None
    return None


def find_record(problem: BaseException, history: History) -> Record | None:
    said = str(problem)[:2_000]
    return next(
        (r for r in reversed(history.records) if r.problem and r.problem == said), None
    )


def read_record(
    problem: BaseException | Record, record: Record, history: History
) -> Read | None:
    """Read an error that a call of torch has raised while it was watched."""
    first: Any = next(map(history.journal.thing, record.ins), None)
    if "leaf Variable that requires grad" in record.problem:
        return Finding("in-place-on-leaf", record), first, None
    if "call numpy() on Tensor that requires grad" in record.problem:
        values = {"call": record.name}
        return Finding("cut:numpy", record, values), first, None
    if record.kind != "walk":
        return None
    if UNUSED in record.problem:
        return read_unused(problem, record, first, history)
    found = judge_failed_walk(history, look_behind(first), record)
    if found is None and "does not require grad" in record.problem:
        found = explain_no_graph(record.ins[0], history)
    return (found or Finding("unknown"), None, first)


def read_unused(
    problem: BaseException | Record, record: Record, y: Tensor | None, history: History
) -> Read:
    """Say why autograd.grad finds no way from its outputs to one of its inputs."""
    _, named = read_line(getattr(problem, "__traceback__", None))
    for thing in named.values():
        if is_tensor(thing) and thing is not y:
            asked = Question(thing, y, history)
            if not asked.reached:
                return explain_unreached(asked), thing, y
    return Finding("not-in-graph", record), None, y


def explain_no_graph(token: int, history: History) -> Finding:
    """Say why a result has no graph: what is nearest to it, or that nobody asked."""
    wanted = history.slice_back(token)
    calls = [r for r in history.records if r.turn in wanted]
    cuts = [find_cut(r) for r in calls if any(r.asked) and not any(r.kept)]
    found = [(cut.record.turn, name_cut(cut)) for cut in merge_cuts(cuts, calls)]
    flags = {t: r for r in history.records if r.kind == "flag" for t in r.ins}
    for record in calls:
        for t in record.ins:
            if t in flags:
                word = "frozen" if flags[t].name == "freeze" else "late-flag"
                found.append((record.turn, Finding(word, flags[t])))
    if found:
        return merge([finding for _, finding in sorted(found, key=lambda it: -it[0])])
    made = {t for r in calls if r.ins for t in r.outs}
    used = {token, *(t for r in calls for t in r.ins)}
    leaves = [r for t in sorted(used - made) if (r := history.made(t))]
    lines = dict.fromkeys(LINE(line=r.line) for r in leaves) or [NOWHERE()]
    values = {"leaves": ", ".join(lines)}
    return Finding("never-asked", next(iter(leaves), None), values, "nobody-asked")


# An error that Python has raised


def read_traceback(problem: BaseException, history: History) -> Read:
    """Look at the tensors that the learner's last line speaks of."""
    segment, named = read_line(problem.__traceback__)
    for name, thing in named.items():
        if type(thing) in (int, float, bool) and (
            cut := find_number(segment, name, history)
        ):
            return name_cut(cut), None, None
    for thing in named.values():
        if is_tensor(thing):
            asked = Question(thing, find_walked(history), history)
            if asked.grad is None and (found := find_cause(asked)).word != "none":
                return found, thing, asked.y
    return Finding("unknown"), None, None


def list_places(trace: TracebackType | None) -> list[tuple[Any, int]]:
    """List the learner's frames, each with its instruction that failed; inner last."""
    found: list[tuple[Any, int]] = []
    while trace is not None:
        if not kind_of(trace.tb_frame.f_code):
            found.append((trace.tb_frame, trace.tb_lasti))
        trace = trace.tb_next
    return found


def read_line(trace: TracebackType | None) -> tuple[Segment | None, dict[str, object]]:
    """Return what has stopped, and what the names stand for that it reads."""
    for frame, last in list_places(trace)[-1:]:
        if (segment := find_segment((frame.f_code, last))) is not None:
            variables = {**frame.f_globals, **frame.f_locals}
            return segment, {
                name: variables.get(name) for name in sorted(segment.loads)
            }
    return None, {}


def find_number(segment: Segment | None, name: str, history: History) -> Cut | None:
    """Return the call that made a number of a tensor, which now has this name."""
    for record in reversed(history.records):
        if record.kind == "exit" and any(record.asked):
            parts = spread(record.spots)
            if segment in parts and any(name in part.stores for part in parts):
                return Cut(kind_of_exit(record), record)
    return None


def find_walked(history: History) -> Tensor | None:
    """Return what was walked back from last, if it is still alive."""
    for record in reversed(history.records):
        if record.kind == "walk" and record.ins:
            found: Any = history.journal.thing(record.ins[0])
            return found
    return None
