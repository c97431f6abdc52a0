"""Follow names through a learner's code, to see where a number goes that left torch.

A value that became a plain number cannot be followed by itself, but the names that it
is bound to can: they stand in the compiled code, also where no source is kept.
"""

import dis
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType

from ..graph.journal import Spot

ENDS = ("STORE_NAME", "STORE_FAST", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR")
DROPS = ("STORE_SUBSCR", "POP_TOP", "RETURN_VALUE", "RETURN_CONST", "LIST_APPEND")
YIELDS = ("YIELD_VALUE", "MAP_ADD", "SET_ADD")
ADDING = {"append", "extend", "add", "insert", "update", "appendleft", "put"}
INNER = {"<listcomp>", "<genexpr>", "<lambda>", "<dictcomp>", "<setcomp>"}


@dataclass(frozen=True, eq=False)
class Segment:
    """Hold a statement, or a part of one: which names it reads and which it binds."""

    code: CodeType
    start: int
    loads: frozenset[str]
    stores: frozenset[str]
    returns: bool

    @property
    def binds_again(self) -> bool:
        """Tell whether a name is bound to what is made from it, as in x = x.cpu()."""
        return bool(self.loads & self.stores)


@lru_cache(maxsize=256)
def split_code(code: CodeType) -> tuple[tuple[int, Segment], ...]:
    """Split compiled code where a value is bound, dropped or returned."""
    found: list[tuple[int, Segment]] = []
    part: list[dis.Instruction] = []
    steps = list(dis.get_instructions(code))
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        part.append(step)
        ends = ends_part(step)
        goes_on = following is not None and ends_part(following)
        if ends and not goes_on:
            found.append((step.offset, make_segment(code, part)))
            part = []
    return tuple(found)


def ends_part(step: dis.Instruction) -> bool:
    return step.opname.startswith((*ENDS, *DROPS, *YIELDS))


def make_segment(code: CodeType, part: list[dis.Instruction]) -> Segment:
    loads: set[str] = set()
    stores: set[str] = set()
    returns = False
    for step, before in zip(part, [None, *part], strict=False):
        name = str(step.argval)
        if step.opname.startswith(("STORE_NAME", "STORE_FAST", "STORE_GL", "STORE_DE")):
            stores.update(step.argval if type(step.argval) is tuple else [name])
        elif step.opname == "STORE_ATTR":
            stores.add(f".{name}")
        elif step.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
            if name in ADDING and before is not None and is_name(before):
                stores.update(names_of(before))
            loads.add(f".{name}")
        elif is_name(step):
            loads.update(names_of(step))
        returns |= step.opname.startswith(("RETURN", "LIST_APPEND", "YIELD", "MAP_ADD"))
    if any(step.opname == "STORE_SUBSCR" for step in part):
        stores.update(names_of(next(filter(is_name, reversed(part)), part[0])))
        places = [names_of(step) for step in part if is_name(step)][-2:]
        stores.update(*places)
    return Segment(code, part[0].offset, frozenset(loads), frozenset(stores), returns)


def is_name(step: dis.Instruction) -> bool:
    return step.opname.startswith(
        ("LOAD_NAME", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_DEREF")
    )


def names_of(step: dis.Instruction) -> list[str]:
    if not is_name(step):
        return []
    return list(step.argval) if type(step.argval) is tuple else [str(step.argval)]


_found: dict[tuple[int, int], tuple[CodeType, Segment | None]] = {}


def find_segment(spot: Spot) -> Segment | None:
    """Return the segment that an instruction belongs to."""
    code, last = spot
    key = id(code), last
    if key not in _found:
        parts = split_code(code)
        _found[key] = code, next((part for end, part in parts if last <= end), None)
    return _found[key][1]


def find_segments(spots: Iterable[Spot]) -> Iterator[Segment]:
    return (part for part in map(find_segment, spots) if part is not None)


def first_segment(spots: tuple[Spot, ...]) -> Segment | None:
    """Return the segment of the innermost place, if that is known."""
    return find_segment(spots[0]) if spots else None


def spread(spots: tuple[Spot, ...]) -> frozenset[Segment]:
    """Return all segments that may see a value which was made at some place."""
    tainted: set[Segment] = set()
    for spot in spots:
        segment = find_segment(spot)
        if segment is None:
            break
        reached = spread_names(segment)
        tainted |= reached
        if spot[0].co_name not in INNER and not any(part.returns for part in reached):
            break
    return frozenset(tainted)


@lru_cache(maxsize=1024)
def spread_names(first: Segment) -> frozenset[Segment]:
    """Return the segments of one piece of code that a segment's result can reach."""
    parts = [segment for _, segment in split_code(first.code)]
    tainted, names = {first}, set(first.stores)
    growing = True
    while growing:
        fresh = {part for part in parts if part.loads & names} - tainted
        tainted |= fresh
        growing = bool(fresh)
        names |= {name for part in fresh for name in part.stores}
    return frozenset(tainted)
