"""What the journal knows of one tensor: where it was made, used, changed, and cut."""

from collections.abc import Iterable
from functools import cached_property

from ..graph.journal import Journal, Record, Walk
from ..graph.private import is_transform
from .cutting import (
    LEAVES,
    Cut,
    Road,
    find_cut,
    is_update,
    kind_of_exit,
    list_given,
    list_lost,
    merge_cuts,
)
from .segments import Segment, find_segments, spread


class History:
    """Ask the journal; all answers are empty where nothing was recorded."""

    def __init__(self, journal: Journal):
        self.journal = journal
        self.records = list(journal.records)

    @cached_property
    def is_whole(self) -> bool:
        return self.journal.is_whole

    def knows(self, token: int) -> bool:
        """Tell whether nothing of a tensor that was seen had to be let go."""
        return self.journal.knows(token)

    def token(self, tensor: object) -> int:
        return self.journal.find(tensor)

    def made(self, token: int) -> Record | None:
        """Return the call that made a tensor, if it was seen."""
        return next((r for r in self.records if token in r.outs), None)

    def last_made(self, token: int) -> Record | None:
        """Return the last call that a tensor came out of, fresh or changed."""
        found = (r for r in reversed(self.records) if r.kind == "call")
        return next((r for r in found if token in r.outs), None)

    def recorded(self, token: int) -> Record | None:
        """Return the first call that a tensor came out of with a graph."""
        found = (r for r in self.records if r.kind == "call" and token in r.outs)
        return next((r for r in found if r.kept[r.outs.index(token)]), None)

    def flags(self, token: int) -> list[Record]:
        """Return who set a tensor's requires_grad, transforms of torch.func apart."""
        return [
            r
            for r in self.records
            if r.kind == "flag" and token in r.ins and not is_in_transform(r)
        ]

    def walks(self, token: int) -> list[Record]:
        """Return the walks that brought something to a leaf."""
        return [r for r in self.records if r.kind == "walk" and token in r.wrote]

    def last_walk(self, root: int) -> Walk | None:
        """Return what the last walk from a result has sent, whatever it reached."""
        turns = [r.turn for r in self.records if root in r.ins]
        found = (w for w in reversed(self.journal.walks) if w.turn in turns)
        return next(found, None)

    def walk_of(self, record: Record) -> Walk | None:
        return next((w for w in self.journal.walks if w.turn == record.turn), None)

    def record_of(self, sequence: int) -> Record | None:
        """Return the call in which autograd made the function with this number.

        A torch.autograd.Function is no call of torch, but the first that it does
        inside is, unrecorded; all else that has no call was made where nobody watched.
        """
        for record in self.records:
            if record.sequence <= sequence < record.until:
                return record
            if record.sequence == sequence + 1 and not record.recording:
                return record._replace(spots=record.spots[1:] or record.spots)
        return None

    def road(self, start: int, end: int) -> Road:
        """Follow a value from one tensor into another, through numbers and arrays."""
        return Follower(self, start, end).follow()

    def is_lost(self, record: Record, token: int, cut: Cut) -> bool:
        """Tell whether a value without a graph has none where it is used.

        What a torch.autograd.Function computes gets its graph only afterwards.
        """
        if cut.record.name in LEAVES:
            return True
        asked = record.asked[record.ins.index(token)]
        return not asked or any(r.name == "ask" for r in self.flags(token))

    def last_exit(self, start: int) -> Cut | None:
        """Return the last call that made a number of what came from a tensor."""
        reached, last = {start}, None
        for record in self.records:
            if record.kind in ("call", "exit") and reached & {*record.ins}:
                reached |= {*record.outs}
                last = record if record.kind == "exit" else last
        return None if last is None else Cut(kind_of_exit(last), last)

    def same_memory(self, record: Record) -> Iterable[int]:
        """Return what was changed as well by a recorded write into a view."""
        if not (record.wrote and record.recording and any(record.asked)):
            return record.wrote
        memory = self.journal.memory
        wanted = {memory(t) for t in record.wrote}
        return [*record.wrote, *wanted]

    def slice_back(self, end: int) -> dict[int, Record]:
        """Return the calls that led to a tensor, by way of numbers as well."""
        needed = {end, self.journal.memory(end)}
        found: dict[int, Record] = {}
        sinks: set[Segment] = set()
        for record in reversed(self.records):
            if record.kind not in ("call", "exit") or record.problem:
                continue
            made = (*record.outs, *self.same_memory(record))
            taken = any(t in needed for t in made) and not is_update(record)
            if record.kind == "exit" and not taken:
                taken = bool(sinks) and not sinks.isdisjoint(spread(record.spots))
            if taken:
                found[record.turn] = record
                needed.update(record.ins)
                needed.update(self.journal.memory(t) for t in record.ins)
                sinks.update(find_segments(record.spots))
        return found


class Follower:
    """Go once through what was recorded, with what a value has come into so far."""

    def __init__(self, history: History, start: int, end: int):
        self.history, self.end = history, end
        self.reached = {start}
        # Lines that hold it as a plain number, and what made that of it.
        self.tainted: dict[Segment, Record] = {}
        self.lost: dict[int, Cut] = {}  # results of what cuts, not used yet
        self.road = Road()

    def follow(self) -> Road:
        wanted = self.history.slice_back(self.end)
        for record in self.history.records:
            if record.turn in wanted and not is_update(record):
                self.pass_call(record)
        road = self.road
        road.arrives = self.end in self.reached
        road.cuts += [self.lost[self.end]] if self.end in self.lost else []
        road.cuts = merge_cuts(road.cuts, road.records)
        return road

    def pass_call(self, record: Record) -> None:
        """Let the value pass a call that it comes into, as a tensor or a number."""
        hit = [(t, then) for t, then in list_given(record) if t in self.reached]
        sources = [t for t, _ in hit] or self.find_numbers(record)
        if not sources:
            return
        self.road.records.append(record)
        self.road.cuts += [self.lost.pop(t) for t in self.find_lost(record)]
        cut = find_cut(record) if any(then for _, then in hit) else None
        if cut is not None:
            self.lost |= dict.fromkeys(list_lost(record), cut)
        for token in (*record.outs, *self.history.same_memory(record)):
            if token not in self.reached:
                self.road.origins[token] = record, sources[0]
                self.reached.add(token)
        if record.kind == "exit":
            self.leave(record, cut)

    def find_numbers(self, record: Record) -> list[int]:
        """Return of what the numbers were made that the line of a call may take up."""
        parts = [*find_segments(record.spots)]
        return [made.ins[0] for part, made in self.tainted.items() if part in parts]

    def find_lost(self, record: Record) -> list[int]:
        """Return the inputs of a call that were cut before, and are used here."""
        known = set(record.ins) & self.lost.keys()
        return [t for t in known if self.history.is_lost(record, t, self.lost[t])]

    def leave(self, record: Record, cut: Cut | None) -> None:
        """Remember the lines that hold the value once it is no tensor any more."""
        self.road.cuts += [cut] if cut and not record.outs else []
        for part in spread(record.spots):
            self.tainted.setdefault(part, record)


def is_in_transform(record: Record) -> bool:
    return record.library is not None and is_transform(record.library.co_filename)


def rebinds(record: Record) -> bool:
    """Tell whether a call's result takes the name of what it was made from."""
    return any(part.binds_again for part in find_segments(record.spots[:1]))


def same_names(one: Record, other: Record) -> bool:
    """Tell whether what one call made is bound to a name that the other binds again."""
    parts = [*find_segments((*one.spots[:1], *other.spots[:1]))]
    if len(parts) < 2 or parts[0].code is not parts[1].code:
        return False
    first, second = parts
    plain = {name for name in second.stores if not name.startswith(".")}
    return bool(first.stores & plain) and not (second.loads & first.stores & plain)
