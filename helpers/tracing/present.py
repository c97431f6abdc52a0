"""Say what is odd about a gradient that is there."""

from collections.abc import Iterable, Sequence
from itertools import takewhile
from math import inf, isinf, isnan
from operator import eq

from ..graph.journal import Record, Spot
from ..graph.private import hooks_on
from ..language import Text
from .absent import explain_unreached
from .causes import Finding
from .cutting import ON_PURPOSE
from .flows import find_first
from .modules import is_forgotten
from .question import (
    Question,
    changes,
    is_clear,
    judge_clearing,
    last_boundary,
    last_clear,
    merge,
    name_cut,
)
from .walks import find_damage

INFINITE = Text(
    "Before that, infinity came from `{call}`, line {line}.",
    "在那之前，第 {line} 行的 `{call}` 给出了无穷大。",
)


def judge_gradient(asked: Question) -> Finding | None:
    """Look for what is odd about a gradient that is there."""
    if asked.grad is None:
        return None
    odd, zero = isnan(asked.size) or asked.size == inf, asked.size == 0
    looks = (
        find_replaced,
        find_odd if odd else find_silent_damage,
        find_zero if zero else find_partial_cut,
        find_late_use,
        find_dropped,
        find_sum,
        find_stranger,
        find_hoard,
    )
    return next((found for look in looks if (found := look(asked))), None)


def find_replaced(asked: Question) -> Finding | None:
    """Look for a gradient that was set, or cleared, after the walk."""
    walk, found = asked.last_walk, None
    for record in asked.history.records:
        if record.kind == "clear" and asked.token in record.ins:
            found = record if walk and record.turn > walk.turn else None
    if found is not None and found.name == "set":
        return Finding("overwritten", found, key="replaced")
    return None


def find_odd(asked: Question) -> Finding | None:
    """Find where nan first appeared on the way back."""
    values = {"grad": "nan" if isnan(asked.size) else "inf"}
    nan = find_first(asked.behind, *asked.brought, isnan)
    first = nan or find_first(asked.behind, *asked.brought, isinf)
    record = asked.history.record_of(first[0]) if first is not None else None
    call = (first and first[1]) or (record and record.name)
    if not call:
        return find_unseen(asked, values["grad"])
    values |= {"call": call}
    remark = say_infinite(asked) if isnan(asked.size) else ""
    return Finding(f"nan:{call.lower()}", record, values, remark=remark)


def find_unseen(asked: Question, grad: str) -> Finding:
    """Say that no step is known to have made the gradient what it is."""
    flow, _ = asked.sent
    hooked = flow and hooks_on(asked.x)
    return Finding("unknown", None, {"grad": grad}, "hooked" if hooked else "unseen")


def say_infinite(asked: Question) -> str:
    """Say where infinity appeared on the way back, which times 0 makes nan."""
    first = find_first(asked.behind, *asked.brought, isinf)
    record = asked.history.record_of(first[0]) if first is not None else None
    if first is None or record is None:
        return ""
    return INFINITE(call=first[1] or record.name, line=record.line)


def find_silent_damage(asked: Question) -> Finding | None:
    if asked.y is None:
        return None
    return find_damage(asked.history, asked.behind, asked.last_walk)


def find_dropped(asked: Question) -> Finding | None:
    """Look for earlier values of y that nothing used, in a loop without a walk."""
    history, start = asked.history, last_boundary(asked)
    last = asked.end_made
    if last is None or not any(
        r.kind == "walk" and asked.end in r.ins for r in history.records
    ):
        return None
    used = {t for r in history.records for t in r.ins}
    dropped = [
        r
        for r in history.records
        if r.spots == last.spots and start < r.turn < last.turn and any(r.kept)
    ]
    lost = [r for r in dropped if not used & {*r.outs}]
    alike = [r for r in lost if r.name == last.name]
    if alike and history.road(asked.token, alike[0].outs[0]).arrives:
        return Finding("overwritten", last)
    return None


def find_late_use(asked: Question) -> Finding | None:
    """Look for a gradient that was there only before y: y is not what brought it."""
    if asked.y is None or asked.reached or asked.behind.runs_again:
        return None
    return explain_unreached(asked)


def find_zero(asked: Question) -> Finding | None:
    """Find the boxes that have no slope, on all roads."""
    if asked.y is None:
        return None
    if asked.last_walk and (clear := last_clear(asked)) is not None:
        return judge_clearing(asked, clear)
    if not asked.behind.leads_to(asked.x):
        return None
    if dead := asked.find_dead():
        return merge(dead)
    flow, _ = asked.sent
    if hooks_on(asked.x) or not flow:
        return find_unseen(asked, "0")
    return find_partial_cut(asked)


def find_partial_cut(asked: Question) -> Finding | None:
    """Look for a second road that is cut, though not on purpose."""
    if not asked.reached:
        return None
    start = last_boundary(asked)
    cuts = [
        cut
        for cut in asked.road.cuts
        if cut.kind not in ON_PURPOSE and cut.record.turn > start
    ]
    return merge(list(map(name_cut, cuts))) if cuts else None


def find_sum(asked: Question) -> Finding | None:
    """Look for a walk that added to what a step had used already."""
    stale = has = read = False
    found, last = None, None
    grad = asked.history.token(asked.grad)
    for record in asked.history.records:
        if record.kind == "walk" and asked.token in record.wrote:
            again = stale or (read and last and not are_parts(asked, last, record))
            found = record if has and again else found
            has, stale, read, last = True, False, False, record
        elif is_clear(record, asked.token, grad):
            has = stale = read = False
            found = None
        elif changes(asked, record):
            stale = has
        elif record.kind == "read" and asked.token in record.ins and record.outs:
            read = True
    return Finding("forgot-clear", found) if found else None


def are_parts(asked: Question, *walks: Record) -> bool:
    """Tell whether walks are those of one line, or share a road, which adds them up."""
    if len({walk.spots[:1] for walk in walks}) == 1:
        return True
    known = map(asked.history.walk_of, walks)
    orders = [walk.order for walk in known if walk is not None and walk.order]
    if len(orders) < 2:
        return False
    first, second = orders
    return first[0] != second[0] and not set(first).isdisjoint(second)


def find_hoard(asked: Question) -> Finding | None:
    """Look for a total over the turns of a loop, which keeps the graph of each."""
    records = asked.history.records
    walks = [r for r in records if r.kind == "walk" and not r.problem]
    roots = {t for walk in walks for t in walk.ins}
    makers: dict[int, tuple[Spot, ...]] = {}
    held: dict[int, set[tuple[Spot, ...]]] = {}  # where the roots in it were made
    found = None
    for record in records:
        if not any(record.kept):
            continue
        makers |= dict.fromkeys(roots & {*record.outs}, record.spots)
        before = {spots for t in record.ins for spots in held.get(t, ())}
        fresh = {makers[t] for t in record.ins if t in makers}
        held |= dict.fromkeys(record.outs, before | fresh)
        if before & fresh and roots.isdisjoint(record.outs):
            found = record
    if found is None:
        return None
    return Finding("graph-kept", found, key="" if asked.end in found.outs else "hoard")


def find_stranger(asked: Question) -> Finding | None:
    """Look for an optimizer that does not hold x."""
    steps = [r for r in asked.history.records if r.kind == "step"]
    if not steps or not asked.last_walk or steps[-1].turn < asked.last_walk.turn:
        return None
    if any(asked.token in step.ins for step in steps):
        return None
    step = steps[-1]
    idle = set(step.ins) - set(step.wrote)  # held, but without a gradient
    if idle or is_forgotten(asked.x):
        held = [made for t in step.ins if (made := asked.history.made(t))]
        return Finding("wrong-object", leave_shared(asked.made, held))
    return None


def leave_shared(record: Record | None, others: Iterable[Record]) -> Record | None:
    """Go out of what made others as well, to the line that made this alone."""
    if record is None:
        return None
    shared = max([0, *(count_shared(record.spots, it.spots) for it in others)])
    return record._replace(spots=record.spots[shared:] or record.spots)


def count_shared(one: Sequence[Spot], other: Sequence[Spot]) -> int:
    return sum(takewhile(bool, map(eq, one, other)))
