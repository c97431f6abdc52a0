"""Follow names through a learner's code, to see where a number goes that left torch.

A value that became a plain number cannot be followed by itself, but the names that it
is bound to can: they stand in the compiled code, also where no source is kept.
"""

import dis
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise, takewhile
from types import CodeType

from ..graph.journal import Spot

ENDS = ("STORE_NAME", "STORE_FAST", "STORE_GLOBAL", "STORE_DEREF", "STORE_ATTR")
DROPS = ("STORE_SUBSCR", "POP_TOP", "RETURN_VALUE", "RETURN_CONST", "LIST_APPEND")
YIELDS = ("YIELD_VALUE", "MAP_ADD", "SET_ADD")
SAVES, GIVES = "LOAD_FAST_AND_CLEAR", "STORE_FAST"
ADDING = {"append", "extend", "add", "insert", "update", "appendleft", "put"}
INNER = {"<listcomp>", "<genexpr>", "<lambda>", "<dictcomp>", "<setcomp>"}


@dataclass(frozen=True, eq=False)
class Segment:
    """Hold a statement, or a part of one: which names it reads and which it binds."""

    code: CodeType
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
    ends = [
        ends_part(step) and not inside
        for step, inside in zip(steps, find_inlined(steps), strict=True)
    ]
    for step, ended, goes_on in zip(steps, ends, [*ends[1:], False], strict=True):
        part.append(step)
        if ended and not goes_on:
            found += divide_part(code, part)
            part = []
    return tuple(found)


def find_inlined(steps: Sequence[dis.Instruction]) -> Iterator[bool]:
    """Tell which instructions are of a comprehension within the code around it.

    There Python puts them from 3.12 on; it saves the names that they bind, and gives
    them back where the loop has ended.
    """
    saved: list[int] = []  # of each name, in how many loops it was saved
    loops = 0
    for step in steps:
        saved += [loops] * (step.opname == SAVES)
        if saved:
            loops += (step.opname == "FOR_ITER") - (step.opname == "END_FOR")
        given_back = 0
        while saved and saved[-1] == loops and given_back < step.opname.count(GIVES):
            saved.pop()
            given_back += 1
        # An instruction may give back one name and bind another.
        yield bool(saved) or 0 < given_back == step.opname.count(GIVES)


def divide_part(
    code: CodeType, part: list[dis.Instruction]
) -> list[tuple[int, Segment]]:
    """Divide `a, b = x, y`, where each name is bound to its own value alone."""
    whole = [(part[-1].offset, make_segment(code, part))]
    count = len([*takewhile(binds, reversed(part))])
    names = [name for step in part[len(part) - count :] for name in list_names(step)]
    body = part[: len(part) - count]  # something is there, since no part begins so
    turned = body[-1].opname.startswith(("SWAP", "UNPACK_SEQ"))
    while body and body[-1].opname.startswith(("UNPACK_SEQ", "BUILD_T")):
        body.pop()
    starts = find_starts(body, len(names))
    inlined = any(step.opname == SAVES for step in part)
    if len(names) < 2 or not starts or inlined or body[-1].opname.startswith("COPY"):
        return whole
    found = []
    ordered = names if turned else names[::-1]
    ends = [*starts[1:], len(body)]
    for start, end, name in zip(starts, ends, ordered, strict=True):
        value = make_segment(code, body[start:end])
        segment = replace(value, stores=value.stores | {name})
        found.append((body[end - 1].offset, segment))
    return [*found[:-1], (part[-1].offset, found[-1][1])]


def binds(step: dis.Instruction) -> bool:
    return step.opname.startswith(("STORE_NAME", "STORE_FAST", "STORE_GL", "STORE_DE"))


def list_names(step: dis.Instruction) -> list[str]:
    """Return the names that an instruction reads or binds; some do so with two."""
    return list(step.argval) if type(step.argval) is tuple else [str(step.argval)]


def find_starts(body: Sequence[dis.Instruction], count: int) -> list[int]:
    """Return where each of so many values begins that a part leaves on the stack.

    Nothing, where that cannot be told, as in `a, b = f(x)` or with a condition.
    """
    depth, starts = 0, {}
    for place, step in enumerate(body):
        starts[depth] = place
        depth += dis.stack_effect(step.opcode, step.arg, jump=False)
    found = [starts[level] for level in range(count) if level in starts]
    return found if depth == count == len(found) and found[:1] == [0] else []


def ends_part(step: dis.Instruction) -> bool:
    return step.opname.startswith((*ENDS, *DROPS, *YIELDS))


def make_segment(code: CodeType, part: list[dis.Instruction]) -> Segment:
    loads: set[str] = set()
    stores: set[str] = set()
    for before, step in pairwise([part[0], *part]):
        name = str(step.argval)
        if binds(step):
            stores.update(list_names(step))
        elif step.opname == "STORE_ATTR":
            stores.add(f".{name}")
        elif step.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
            if name in ADDING:
                stores.update(list_named(before))
            loads.add(f".{name}")
        elif is_name(step):
            loads.update(list_names(step))
    if any(step.opname == "STORE_SUBSCR" for step in part):
        stores.update(*[list_names(step) for step in part if is_name(step)][-2:])
    gives = ("RETURN", "LIST_APPEND", "YIELD", "MAP_ADD")
    returns = part[-1].opname.startswith(gives)
    return Segment(code, frozenset(loads), frozenset(stores), returns)


def list_named(step: dis.Instruction) -> list[str]:
    """Return by which names a thing is fetched: of an attribute, with a dot."""
    of_thing = step.opname.startswith("LOAD_ATTR")
    return [f".{step.argval}"] if of_thing else list_names(step) * is_name(step)


def is_name(step: dis.Instruction) -> bool:
    return step.opname.startswith(
        ("LOAD_NAME", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_DEREF")
    )


_found: dict[tuple[int, int], tuple[CodeType, Segment | None]] = {}


def find_segment(spot: Spot) -> Segment | None:
    """Return the segment that an instruction belongs to."""
    code, last = spot
    key = id(code), last
    if key not in _found:
        parts = split_code(code)
        _found[key] = code, next((part for end, part in parts if last <= end), None)
    return _found[key][1]


def forget_code() -> None:
    """Let go of a learner's code, which else would be kept as long as the kernel."""
    split_code.cache_clear()
    spread_names.cache_clear()
    _found.clear()


def find_segments(spots: Iterable[Spot]) -> Iterator[Segment]:
    return (part for part in map(find_segment, spots) if part is not None)


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
