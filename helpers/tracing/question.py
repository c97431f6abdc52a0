"""Hold what is asked, and ask the journal and the graph about it."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from ..graph.journal import Record, Walk
from .causes import Finding
from .flows import (
    Behind,
    look_behind,
)
from .history import (
    Cut,
    History,
    Road,
)


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
    def reached(self) -> bool:
        """Tell whether the graph of y leads to x."""
        return self.behind.leads_to(self.x)

    @cached_property
    def last_walk(self) -> Record | None:
        """Return the last walk that brought something to x; from y, if there is one."""
        walks = self.history.walks(self.token)
        own = [walk for walk in walks if self.end in walk.ins]
        last = own or walks
        return last[-1] if last else None

    @property
    def walk(self) -> Walk | None:
        return self.last_walk and self.history.walk_of(self.last_walk)


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


def name_cut(cut: Cut) -> Finding:
    library = cut.record.library
    again = library is not None and "checkpoint" in library.co_filename
    key = "checkpoint" if again and cut.kind == "no_grad" else ""
    return Finding(f"cut:{cut.kind}", cut.record, {"call": cut.record.name}, key)


def list_uses(asked: Question) -> list[tuple[Record, bool]]:
    """List the calls on the road that took x, and whether it required grad then."""
    return [
        (r, asked_then)
        for r in asked.road.records
        for token, asked_then in zip(r.ins, r.asked, strict=True)
        if token == asked.token
    ]


def changes(asked: Question, record: Record) -> bool:
    if asked.token not in record.wrote or record.kind not in ("call", "step"):
        memory = asked.history.journal.memory
        same = any(memory(t) == memory(asked.token) for t in record.wrote)
        return record.kind == "call" and same and record.turn > 0 and bool(record.wrote)
    return True


def is_clear(record: Record, token: int, grad: int) -> bool:
    if record.kind == "clear":
        return token in record.ins
    zeroes = record.name in ("zero_", "_foreach_zero_", "fill_", "mul_")
    return zeroes and bool(grad) and grad in record.wrote


def list_clears(asked: Question) -> Iterator[Record]:
    grad = asked.history.token(asked.grad) if asked.grad is not None else 0
    for record in asked.history.records:
        if is_clear(record, asked.token, grad):
            yield record


def judge_clearing(asked: Question, clear: Record) -> Finding:
    """Tell a gradient that was cleared after its use from one that was lost."""
    between = [
        r
        for r in asked.history.records
        if asked.last_walk is not None and asked.last_walk.turn < r.turn < clear.turn
    ]
    if any(changes(asked, record) for record in between):
        return Finding("none", clear, key="used")
    return Finding("overwritten", clear, key="cleared")
