"""Why a walk back failed, or went through numbers that had been changed."""

from collections.abc import Iterable
from math import inf

from ..graph.journal import Record
from ..graph.private import Function, is_damaged, names_of_saved, sequence_number
from .causes import Finding
from .flows import Behind
from .history import History

RESULTS = {"result", "result0", "result1", "output", "indices"}


def judge_failed_walk(
    history: History, behind: Behind, failed: Record
) -> Finding | None:
    """Say why a walk failed, as far as its message tells a cause."""
    if "a second time" in failed.problem:
        return judge_second_walk(history, behind, failed)
    if "by an inplace operation" in failed.problem:
        return find_raised_damage(history, behind, failed)
    return None


def judge_second_walk(history: History, behind: Behind, failed: Record) -> Finding:
    """Tell what was walked twice from what was built before the loop."""
    own = set(behind.by_number())
    for walk in reversed(history.journal.walks):  # what came before kept the graph
        shared = own & set(walk.order)
        if walk.turn >= failed.turn or not shared:
            continue
        first = next((r for r in history.records if r.turn == walk.turn), None)
        fresh = {n for n in own if n > max(walk.order)}
        again = first is not None and first.spots == failed.spots
        if not (fresh and again):
            return Finding("freed-graph/second-walk", first or failed)
        return judge_shared(history, max(shared), walk.turn)
    return Finding("freed-graph/second-walk", failed)


def judge_shared(history: History, number: int, turn: int) -> Finding:
    """Tell whether what two turns of a loop share was made in the loop."""
    record = history.record_of(number)
    if record is None:
        return Finding("built-outside-loop")
    later = (r for r in history.records if r.turn > turn and r.kind == "call")
    if any(r.spots[:1] == record.spots[:1] for r in later):
        return Finding("freed-graph/second-walk", record, key="carried")
    return Finding("built-outside-loop", record)


def find_raised_damage(history: History, behind: Behind, failed: Record) -> Finding:
    """Find the write that spoilt what a function had saved."""
    damaged = [f for f in behind.within if is_damaged(f)]
    for function in sorted(damaged, key=sequence_number, reverse=True):
        if (write := find_write(history, function, failed.turn)) is not None:
            return Finding("in-place-damage", write, {"call": call_of(write)})
    return Finding("in-place-damage", None, {"call": "?"})


def find_damage(
    history: History, behind: Behind, walk: Record | None
) -> Finding | None:
    """Find a write through .data, which autograd does not count and so not refuse."""
    until = inf if walk is None else walk.turn
    for function in behind.within:
        write = find_write(history, function, until, hidden=True)
        if write is not None:
            return Finding("in-place-damage", write, {"call": call_of(write)})
    return None


def call_of(write: Record) -> str:
    return f"{write.name}.step" if write.kind == "step" else write.name


def find_write(
    history: History, function: Function, until: float, hidden: bool = False
) -> Record | None:
    """Return the first write into what a function saved, after it was saved."""
    names = set(names_of_saved(function))
    call = history.record_of(sequence_number(function)) if names else None
    if call is None:
        return None
    memory = history.journal.memory
    tokens: Iterable[int] = (*call.ins, *call.outs)
    if RESULTS.issuperset(names):
        tokens = call.outs
    elif not names & RESULTS:
        tokens = call.ins
    wanted = {memory(t) for t in tokens}
    for record in history.records:
        later = call.turn < record.turn < until and record.kind in ("call", "step")
        hit = later and any(memory(t) in wanted for t in record.wrote)
        if hit and (not hidden or is_hidden(history, record)):
            return record
    return None


def is_hidden(history: History, write: Record) -> bool:
    """Tell a write through .data from all that autograd counts."""
    makers = map(history.made, write.wrote)
    return write.kind == "call" and any(m and m.name == "data" for m in makers)
