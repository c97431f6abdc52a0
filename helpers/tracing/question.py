"""Hold what is asked, and ask the journal and the graph about it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from ..graph.flow import find_largest
from ..graph.inputs import name_operation
from ..graph.journal import Flow, Record
from ..graph.private import Function, is_zeroing, sequence_number
from .causes import Finding
from .cutting import Cut, Road, list_given
from .flows import Behind, find_dead, look_behind, measure
from .history import History


@dataclass(eq=False)
class Question:
    """Hold what is asked about: x, which has no gradient or an odd one, from y."""

    x: Tensor
    y: Tensor | None
    history: History

    @cached_property
    def token(self) -> int:
        return self.history.token(self.x)

    @cached_property
    def end(self) -> int:
        return self.history.token(self.y) if self.y is not None else 0

    @cached_property
    def grad(self) -> Tensor | None:
        with warnings.catch_warnings(action="ignore"):
            return self.x.grad

    @cached_property
    def behind(self) -> Behind:
        return look_behind(self.y)

    @cached_property
    def road(self) -> Road:
        if not (self.token and self.end):
            return Road()
        return self.history.road(self.token, self.end)

    @cached_property
    def made(self) -> Record | None:
        return self.history.made(self.token)

    @cached_property
    def end_made(self) -> Record | None:
        return self.history.last_made(self.end)

    @cached_property
    def reached(self) -> bool:
        """Tell whether the graph of y leads to x, maybe through a checkpoint.

        Of a very large graph that is only known where it was watched.
        """
        if not self.behind.whole and not self.road.cuts:
            return True
        inside = self.behind.runs_again and all(map(is_in_checkpoint, self.road.cuts))
        return self.behind.leads_to(self.x) or (inside and self.road.arrives)

    @cached_property
    def last_walk(self) -> Record | None:
        """Return the last walk that brought something to x; from y, if there is one."""
        walks = self.history.walks(self.token)
        own = [walk for walk in walks if self.end in walk.ins]
        last = own or walks
        return last[-1] if last else None

    @cached_property
    def size(self) -> float:
        """Return the largest number of the gradient; 0 where there is none."""
        return 0.0 if self.grad is None else find_largest(self.grad)

    @cached_property
    def sent(self) -> tuple[Flow, Sequence[int]]:
        """Return what a walk from y has sent, and in which order."""
        walk = self.history.last_walk(self.end)
        return ({}, ()) if self.y is None else measure(self.y, walk)

    @cached_property
    def brought(self) -> tuple[Flow, Sequence[int]]:
        """Return what the last walk to x has sent, maybe from another result."""
        walk = self.last_walk and self.history.walk_of(self.last_walk)
        return (walk.flow, walk.order) if walk and walk.flow else self.sent

    def find_dead(self) -> list[Finding]:
        """Name the boxes that have no slope, if they are on all roads to x."""
        flow, _ = self.sent
        end = self.behind.end_of(self.x)
        dead = find_dead(self.behind, end, flow) if end is not None and flow else []
        return list(map(self.name_dead, dead))

    def name_dead(self, function: Function) -> Finding:
        """Name a box that sends nothing on."""
        record = self.history.record_of(sequence_number(function))
        return Finding("zero-slope", record, {"call": name_operation(function)})


def merge(found: list[Finding]) -> Finding:
    """Return the first of several findings, with those that lie elsewhere."""
    first, *rest = found
    lines = {(first.word, first.record and first.record.line)}
    others = []
    for each in rest:
        key = each.word, each.record and each.record.line
        if key not in lines:
            lines.add(key)
            others.append(each)
    return Finding(first.word, first.record, first.values, first.key, tuple(others[:2]))


# Kinds of cuts that have a sentence of their own, and the cause that they belong to.
WORDS = {"parameter": "cut:detach", "copy": "cut:torch.tensor"}


def name_cut(cut: Cut) -> Finding:
    record = cut.record
    if cut.kind in WORDS:
        return Finding(WORDS[cut.kind], record, {"call": "nn.Parameter"}, cut.kind)
    key = find_switch(cut) if cut.kind == "no_grad" else ""
    return Finding(f"cut:{cut.kind}", record, {"call": record.name}, key)


def find_switch(cut: Cut) -> str:
    """Tell which call of a library has switched the recording off, if it is known."""
    if is_in_checkpoint(cut):
        return "checkpoint"
    library = cut.record.library
    if library is None or "distributions" not in library.co_filename:
        return ""
    return "sampled" if library.co_qualname.endswith(".sample") else ""


def is_in_checkpoint(cut: Cut) -> bool:
    library = cut.record.library
    return library is not None and "checkpoint" in library.co_filename


def list_uses(asked: Question) -> list[tuple[Record, bool]]:
    """List the calls on the road that took x, and whether it required grad then."""
    return [
        (r, asked_then)
        for r in asked.road.records
        for token, asked_then in list_given(r)
        if token == asked.token
    ]


def last_boundary(asked: Question) -> int:
    """Return when the last walk or step before y ended: what is older is history."""
    turns = [
        r.turn
        for r in asked.history.records
        if r.kind in ("walk", "step")
        and asked.end_made is not None
        and r.turn < asked.end_made.turn
        and not r.problem
    ]
    return max(turns, default=0)


def changes(asked: Question, record: Record) -> bool:
    """Tell a step, and a write into x, or into what shares its memory."""
    memory = asked.history.journal.memory
    same = any(memory(t) == memory(asked.token) for t in record.wrote)
    return same and record.kind in ("call", "step")


def is_clear(record: Record, token: int, grad: int) -> bool:
    if record.kind == "clear":
        return token in record.ins
    zeroes = is_zeroing(record.name) or record.name in ("fill_", "mul_")
    return zeroes and grad in record.wrote


def last_clear(asked: Question) -> Record | None:
    """Return the call that cleared the gradient after the last walk."""
    grad = asked.history.token(asked.grad)
    for record in reversed(asked.history.records):
        if record.kind == "walk" and asked.token in record.wrote:
            return None
        if is_clear(record, asked.token, grad):
            return record
    return None


def judge_clearing(asked: Question, clear: Record) -> Finding:
    """Tell a gradient that was cleared after its use from one that was lost."""
    walk = asked.last_walk
    between = [r for r in asked.history.records if walk and walk.turn < r.turn]
    if any(changes(asked, record) for record in between if record.turn < clear.turn):
        return Finding("none", clear, key="used")
    return Finding("overwritten", clear, key="cleared")
