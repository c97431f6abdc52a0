"""Say why there is no gradient."""

import torch
from torch import Tensor

from ..graph.functions import is_result
from ..graph.journal import Record
from ..language import Text
from .causes import NO_LEAF, Finding
from .cutting import find_cut, list_given
from .history import rebinds, same_names
from .question import (
    Question,
    judge_clearing,
    last_boundary,
    last_clear,
    list_uses,
    merge,
    name_cut,
)

LEAF = Text("; the leaf was made at line {line}", "；叶子张量是在第 {line} 行创建的")


def judge_absence(asked: Question) -> Finding | None:
    """Say why there is no gradient at all."""
    if asked.grad is not None:
        return None
    if is_result(asked.x) and not asked.x.retains_grad:
        return judge_result(asked)
    if not asked.x.requires_grad:
        return judge_unasked(asked)
    if asked.y is None:
        return judge_leaf_alone(asked)
    if asked.reached:
        return judge_unwalked(asked)
    return explain_unreached(asked)


def judge_result(asked: Question) -> Finding:
    """Say that x is no leaf, unless the road from it is cut."""
    if asked.road.cuts and not asked.reached:
        return merge(list(map(name_cut, asked.road.cuts)))
    made = asked.history.recorded(asked.token)
    return Finding(NO_LEAF, made, {"leaf": say_leaf(asked, made)})


def say_leaf(asked: Question, made: Record | None) -> str:
    """Say where the leaf was made that a result comes from, if there is but one."""
    history, token = asked.history, 0
    while made is not None and made.ins:
        leaves = {t for t, then in list_given(made) if then}
        if len(leaves) != 1:
            return ""
        (token,) = leaves
        made = history.recorded(token)
    first = history.made(token)
    return LEAF(line=first.line) if first is not None else ""


def judge_unasked(asked: Question) -> Finding:
    """Say why a tensor does not require grad."""
    flags = asked.history.flags(asked.token)
    if any(then for _, then in list_uses(asked)) and not flags:
        return Finding("none", key="transformed")
    if flags and flags[-1].name == "freeze":
        return Finding("frozen", flags[-1])
    made, cut = asked.history.last_made(asked.token), None
    if made is not None and any(made.asked) and not any(made.kept):
        cut = find_cut(made)
    if cut is not None and rebinds(cut.record) and cut.kind == "no_grad":
        return Finding(NO_LEAF, made, {"leaf": say_leaf(asked, made)}, "rebound")
    known = asked.history.knows(asked.token)
    if asked.end_made and known and not asked.road.arrives:
        return explain_unused(asked)
    if cut is not None:
        return name_cut(cut)
    if isinstance(asked.x, torch.nn.Parameter):
        return Finding("frozen", asked.made)
    return Finding("never-asked", asked.made)


def explain_unused(asked: Question) -> Finding:
    """Say that y does not come from x; name the use of what x was made from, or y."""
    history = asked.history
    wanted = history.slice_back(asked.end)
    near, todo = {asked.token}, [asked.token]
    for token in todo:
        made = history.last_made(token)
        fresh = [t for t in (made.ins if made else ()) if t not in near]
        near.update(fresh)
        todo.extend(fresh)
    used = [r for r in history.records if near & set(r.ins) and is_compute(r)]
    inside = [r for r in used if not wanted or r.turn in wanted]
    late = [r for r in inside or used if asked.made and r.turn > asked.made.turn]
    if len(near) > 1 and late:
        return Finding("not-in-graph", late[-1], key="relative")
    return Finding("not-in-graph", asked.end_made)


def is_compute(record: Record) -> bool:
    return record.kind == "call" and record.name not in ("detach", "clone", "data")


def explain_unreached(asked: Question) -> Finding:
    """Say where the road from x to y ends."""
    history = asked.history
    if not asked.token and is_closed(asked):
        return Finding("not-in-graph", asked.end_made)
    if not asked.token or asked.end_made is None:
        key = "unlinked" if asked.behind.root is not None else "no-graph"
        return Finding("not-in-graph", key=key)
    late = find_late_flag(asked)
    if late is not None:
        return late
    if asked.road.cuts:
        return merge(list(map(name_cut, asked.road.cuts)))
    if not history.knows(asked.token) and not asked.road.arrives:
        return Finding("unknown")
    if not asked.road.arrives:
        return find_overwritten(asked) or find_left_out(asked) or explain_unused(asked)
    several = any(len(record.outs) > 1 for record in asked.road.records)
    if asked.behind.root is not None and several:  # each comes of an input of its own
        return Finding("not-in-graph", asked.end_made)
    return Finding("unknown")


def is_closed(asked: Question) -> bool:
    """Tell whether all that y came from was seen, so that nothing else was used."""
    history = asked.history
    wanted = history.slice_back(asked.end)
    calls = [r for r in history.records if r.turn in wanted]
    made = {t for r in calls for t in r.outs}
    given = {t for r in calls for t, then in list_given(r) if then}
    things = [history.journal.thing(token) for token in given - made]
    return bool(calls) and all(isinstance(t, Tensor) and t.is_leaf for t in things)


def find_late_flag(asked: Question) -> Finding | None:
    """Look for a flag that was set after the first use on the road to y."""
    flags = [r for r in asked.history.flags(asked.token) if r.name == "ask"]
    uses = list_uses(asked)
    unasked = [r for r, asked_then in uses if not asked_then]
    if flags and unasked and all(not then for _, then in uses):
        after = [flag for flag in flags if flag.turn > unasked[0].turn]
        if after:
            frozen = [f for f in asked.history.flags(asked.token) if f.name == "freeze"]
            before = [f for f in frozen if f.turn < unasked[0].turn]
            others = [Finding("frozen", flag) for flag in before[-1:]]
            return Finding("late-flag", after[-1], others=tuple(others))
    if uses and not flags and all(not then for _, then in uses):
        return Finding("late-flag")
    return None


def find_overwritten(asked: Question) -> Finding | None:
    """Look for what was computed from x, and then lost its name to y."""
    last, start, reached = asked.end_made, last_boundary(asked), {asked.token}
    for record in asked.history.records:
        if last is not None and record.turn < last.turn and reached & {*record.ins}:
            reached |= {*record.outs}
            again = record.spots[:1] == last.spots[:1] or same_names(record, last)
            if again and any(record.kept) and record.turn > start:
                return Finding("overwritten", last)
    return None


def find_left_out(asked: Question) -> Finding | None:
    """Look for what was computed from x on a line whose other results came into y."""
    history, start = asked.history, last_boundary(asked)
    wanted = history.slice_back(asked.end)
    came = {record.spots for record in wanted.values()}
    reached, found = {asked.token}, None
    for record in history.records:
        if reached & {*record.ins} and any(record.kept) and record.turn > start:
            reached |= {*record.outs}
            alike = record.spots in came and record.turn not in wanted
            found = record if alike else found
    return Finding("not-in-graph", found, key="left-out") if found else None


def judge_unwalked(asked: Question) -> Finding:
    """Say why a leaf that the graph leads to has no gradient."""
    history = asked.history
    if asked.last_walk is not None:
        if (clear := last_clear(asked)) is not None:
            return judge_clearing(asked, clear)
        if asked.y is None or asked.end in asked.last_walk.ins:
            taken = Finding("overwritten", asked.last_walk, key="taken")
            return merge(asked.find_dead() or [taken])
    returned = [
        r
        for r in history.records
        if r.kind == "walk"
        and asked.end in r.ins
        and r.name == "grad"
        and not r.problem
    ]
    if returned:
        return Finding("no-backward-yet", returned[-1], key="returned")
    return find_unwalked(asked)


def find_unwalked(asked: Question) -> Finding:
    """Say that no walk came to x, as far as that is known."""
    known = not asked.token or asked.history.knows(asked.token)
    key = "" if known else "no-walk-known"
    return Finding("no-backward-yet", first_need(asked), key=key)


def first_need(asked: Question) -> Record | None:
    """Return where the gradient was wanted first: a step, a look at it, or y itself."""
    made = asked.end_made
    since = made.turn if made else 0
    for kind in ("step", "read"):
        for record in asked.history.records:
            if (
                record.kind == kind
                and record.turn > since
                and asked.token in record.ins
            ):
                return record
    return made


def judge_leaf_alone(asked: Question) -> Finding:
    """Say what is known of a leaf, where no result came along."""
    walk = asked.last_walk
    if walk is not None:
        return judge_unwalked(asked)
    return find_unwalked(asked)
