"""Keep small records of what ran, also where the graph ends: who, from what, where."""

import sysconfig
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Mapping
from types import CodeType, FrameType
from typing import NamedTuple

import torch
from torch import Tensor

from .private import calls_module, passes_calls_on, plain_tensor

MOST_RECORDS = 20_000  # the newest stay; some 10 MB
MOST_WALKS = 16
MOST_CODES = 5_000
DEEPEST_FRAMES = 4  # of the learner's, from the innermost outwards
LIBRARY, OPTIMIZER, OURS = 1, 2, 3

Spot = tuple[CodeType, int]  # code of the learner's, and the instruction that runs
Flow = Mapping[tuple[int, int], float]  # (sequence number, route): largest number sent


class Record(NamedTuple):
    """Hold what is remembered of one call; tensors are tokens, which keep none alive.

    `kind` is "call", "exit" (the value left torch), "walk", "step", "flag" or "clear".
    `asked` says of each input whether it required grad then, `kept` of each output.
    """

    turn: int
    kind: str
    name: str
    spots: tuple[Spot, ...]
    ins: tuple[int, ...] = ()
    asked: tuple[bool, ...] = ()
    outs: tuple[int, ...] = ()
    kept: tuple[bool, ...] = ()
    wrote: tuple[int, ...] = ()
    recording: bool = True  # whether autograd was
    fractions: tuple[bool, ...] = ()  # of each output: whether it could require grad
    sequence: int = 0  # autograd's, when it began
    until: int = 0  # and when it ended
    library: CodeType | None = None  # what the learner called, if not torch itself
    problem: str = ""  # what it raised

    @property
    def line(self) -> int:
        return line_of(self.spots[0]) if self.spots else 0


class Walk(NamedTuple):
    """Hold what one walk back sent, and which leaves it reached."""

    turn: int
    leaves: frozenset[int]
    flow: Flow
    order: tuple[int, ...]  # sequence numbers, as the engine called the functions
    whole: bool  # whether all of the graph was looked at


class Handle(weakref.ref):
    """Refer weakly to a tensor or array, by a token that no other ever bears."""

    __slots__ = ("key", "token")

    token: int
    key: int


class Journal:
    """Remember the newest calls of one thread, and the tensors by tokens, weakly."""

    def __init__(self, most: int = MOST_RECORDS):
        self.records: deque[Record] = deque(maxlen=most)
        self.walks: deque[Walk] = deque(maxlen=MOST_WALKS)
        self.handles: dict[int, Handle] = {}
        self.memories: dict[int, int] = {}  # of each token that shares another's
        self.turn = 0
        self.tokens = 0
        self.blocks = 0
        self.forgotten = 0  # the newest token of what was let go

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing had to be let go."""
        return self.turn == len(self.records)

    def knows(self, token: int) -> bool:
        """Tell whether all that ever was recorded of a tensor is still here."""
        return token > self.forgotten

    def token(self, thing: object, memory: int = 0) -> int:
        """Return the token of a tensor or array, a new one at first sight."""
        key = id(thing)
        known = self.handles.get(key)
        if known is not None and known() is thing:
            return known.token
        handle = Handle(thing, self._forget)
        inner = plain_tensor(thing) if isinstance(thing, Tensor) else thing
        handle.token, handle.key = self.token(inner) if inner is not thing else 0, key
        if not handle.token:
            self.tokens += 1
            handle.token = self.tokens
        self.handles[key] = handle
        if memory:
            self.memories[handle.token] = memory
            if len(self.memories) > (self.records.maxlen or MOST_RECORDS):
                del self.memories[next(iter(self.memories))]
        return handle.token

    def find(self, thing: object) -> int:
        """Return the token of what was seen; 0 for all else."""
        known = self.handles.get(id(thing))
        return known.token if known is not None and known() is thing else 0

    def thing(self, token: int) -> object:
        """Return what a token stands for, while it lives."""
        found = (h for h in list(self.handles.values()) if h.token == token)
        handle = next(found, None)
        return None if handle is None else handle()

    def memory(self, token: int) -> int:
        return self.memories.get(token, token)

    def add(self, kind: str, name: str, **more) -> Record:
        """Append a record; the oldest goes where there are too many."""
        self.turn += 1
        if len(self.records) == self.records.maxlen:
            old = self.records[0]
            self.forgotten = max(self.forgotten, *old.ins, *old.outs, *old.wrote, 0)
        record = Record(self.turn, kind, name, **more)
        self.records.append(record)
        return record

    def _forget(self, handle: Handle) -> None:
        if self.handles.get(handle.key) is handle:
            del self.handles[handle.key]


_own = threading.local()


def current_journal() -> Journal:
    """Return the journal of this thread: autograd counts in each of its own."""
    if not hasattr(_own, "journal"):
        _own.journal = Journal()
    return _own.journal


def clear_journal() -> None:
    """Begin anew, with nothing remembered."""
    _own.journal = Journal()


# Whose code it is

_HOMES = tuple(
    {path for path in map(sysconfig.get_path, ("stdlib", "platstdlib")) if path}
)
_TORCH = torch.__path__[0]
_HELPERS = __file__.rpartition("graph")[0]
# By address, as the hash of code is slow; it stays alive here, so none comes again.
_kinds: dict[int, tuple[CodeType, int]] = {}


def kind_of(code: CodeType) -> int:
    """Tell a learner's code, 0, from a library's, an optimizer's and ours."""
    known = _kinds.get(id(code))
    if known is None:
        if len(_kinds) >= MOST_CODES:  # a loop may compile more and more
            _kinds.clear()
        known = _kinds[id(code)] = code, judge_file(code.co_filename)
    return known[1]


def judge_file(name: str) -> int:
    """Tell whose a file is: torch's optimizers work in a room of their own."""
    if name.startswith(_TORCH):
        room = name[len(_TORCH) + 1 :]
        if passes_calls_on(room):
            return OURS
        return OPTIMIZER if room.startswith("optim") else LIBRARY
    if name.startswith(_HELPERS) and not name.startswith(f"{_HELPERS}tests"):
        return OURS
    foreign = "site-packages" in name or "dist-packages" in name
    return int(foreign or name.startswith((*_HOMES, "<frozen")))


def find_caller(frame: FrameType | None) -> int:
    """Return whose code has called, by way of those who listen."""
    while frame is not None and kind_of(frame.f_code) == OURS:
        frame = frame.f_back
    return LIBRARY if frame is None else kind_of(frame.f_code)


def find_spots(frame: FrameType | None) -> tuple[tuple[Spot, ...], CodeType | None]:
    """Return the learner's own places, innermost first, and what they called."""
    inner = outer = None
    while frame is not None and (kind := kind_of(frame.f_code)):
        if kind != OURS:
            inner, outer = inner or frame.f_code, frame.f_code
        frame = frame.f_back
    of_module = outer is not None and calls_module(outer.co_name)
    library = inner if of_module else outer
    found: list[Spot] = []
    while frame is not None and len(found) < DEEPEST_FRAMES:
        if not kind_of(frame.f_code):
            found.append((frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return tuple(found), library


def line_of(spot: Spot) -> int:
    """Return the line of an instruction."""
    code, last = spot
    found = 0
    for start, end, line in code.co_lines():
        if start <= last < end and line is not None:
            found = line
    return found or code.co_firstlineno


def list_tensors(things: Iterable, found: list, depth: int = 0) -> list:
    """Collect tensors and NumPy's arrays among arguments, also in lists of lists."""
    for thing in things:
        kind = type(thing)
        if kind is Tensor or issubclass(kind, Tensor) or kind.__name__ == "ndarray":
            found.append(thing)
        elif kind in (list, tuple) or issubclass(kind, list | tuple):
            if depth < 4:
                list_tensors(thing, found, depth + 1)
        elif kind is dict and depth < 4:
            list_tensors(thing.values(), found, depth + 1)
    return found
