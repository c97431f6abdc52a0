"""Find what the learner calls a tensor: `w`, `net.0.weight`, `params["w"]`."""

import inspect
import json
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import FrameType, FunctionType, ModuleType
from typing import Any

import torch
from torch import Tensor

from .functions import MOST_ITEMS, is_result, is_tensor, list_attributes, output_place
from .private import registered_members

MOST_PARTS = 1_000  # of one list or object that are looked at
DEEPEST = 12  # steps from a variable
LONGEST_KEY = 20  # characters; of a longer one both ends are written
LARGEST_KEY = 10**9
# Most of what lies around; long lists of it must not use up what is looked through.
PLAIN = {bool, int, float, complex, str, bytes, type(None), ModuleType, FunctionType}


@dataclass(frozen=True, eq=False)
class Way:
    """Hold a thing of the learner's, and the way to it from a variable."""

    name: str
    thing: Any
    variable: str
    in_module: bool = False
    in_list: bool = False  # by its last step

    @property
    def is_variable(self) -> bool:
        return self.name == self.variable

    @property
    def is_tensor(self) -> bool:
        return is_tensor(self.thing)


def list_variables(frame: FrameType) -> dict[str, object]:
    """Return the variables that a frame sees, but for those of Python and IPython."""
    local = frame.f_locals
    variables = {**local, **frame.f_globals, **local}
    if type(local) is dict and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        local.clear()  # Python 3.11 and 3.12 keep this copy, and all that is in it
    return {
        name: thing
        for name, thing in variables.items()
        if type(name) is str and not name.startswith("_") and name not in ("In", "Out")
    }


def name_values(names: Mapping[str, object]) -> dict[tuple, tuple[str, Tensor]]:
    """Index the learner's tensors by their place, each with its most telling name.

    In a ChainMap, the first names were given for this picture, and win. Otherwise a
    result has the name of its variable, and a leaf that of its variable or the way to
    it from one: `net.0.weight`, `neuron.w`, `params["w"]`, `params[0]`. The way wins in
    a module, and where some leaves beside it are no variables: then a loop has left the
    variable over, as in `for p in params`. If all are, as in `params = [w, b]`, the
    variables win. A constant of a list stays without a name of its own, so that a loop
    over data is still folded.
    """
    given = names.maps[0] if isinstance(names, ChainMap) else {}
    rest = {name: thing for name, thing in names.items() if name not in given}
    found: dict[tuple, tuple[str, Tensor]] = {}
    for way in (*find_ways(given), *choose_telling(find_ways(rest))):
        if way.is_tensor:
            found.setdefault(output_place(way.thing), (way.name, way.thing))
    return found


def find_ways(variables: Mapping[str, object]) -> list[Way]:
    """List the ways to tensors and what holds them, the shortest first."""
    first: dict[int, Way] = {}
    for name, thing in variables.items():
        if type(thing) not in PLAIN:
            first.setdefault(id(thing), Way(name, thing, name))
    found: list[Way] = []
    seen: set[tuple[str, int]] = set()
    level: Iterable[Way] = first.values()
    for _ in range(DEEPEST):
        fresh = []
        for way in filter(is_wanted, islice(level, MOST_ITEMS - len(found))):
            if (way.variable, id(way.thing)) not in seen:
                seen.add((way.variable, id(way.thing)))
                fresh.append(way)
        found += fresh
        level = chain.from_iterable(map(list_steps, fresh))
    return found


def is_wanted(way: Way) -> bool:
    """Tell what may have a name, or hold what may, from all else."""
    if not way.is_tensor:
        kind = type(way.thing)
        return issubclass(kind, list | tuple | dict) or kind.__dictoffset__ != 0
    in_data = way.in_list and not way.thing.requires_grad
    return way.is_variable or not (is_result(way.thing) or in_data)


def list_steps(way: Way) -> Iterator[Way]:
    kind = type(way.thing)
    in_module = way.in_module or issubclass(kind, torch.nn.Module)
    in_list = issubclass(kind, list | tuple)
    for step, part in [] if way.is_tensor else list_parts(way.thing):
        if type(part) not in PLAIN:
            yield Way(f"{way.name}{step}", part, way.variable, in_module, in_list)


def list_parts(thing: Any) -> list[tuple[str, object]]:
    """List what is held, and how it is got from there, without running its code."""
    kind = type(thing)
    if issubclass(kind, list | tuple):
        iterate = list.__iter__ if issubclass(kind, list) else tuple.__iter__
        parts = enumerate(islice(iterate(thing), MOST_PARTS))
        return [(f"[{number}]", part) for number, part in parts]
    if issubclass(kind, dict):
        items = [(write_key(k), v) for k, v in islice(dict.items(thing), MOST_PARTS)]
        return [(f"[{key}]", part) for key, part in items if key]
    held = list_attributes(thing)
    pairs = [it for it in list(held.items())[:MOST_PARTS] if is_public(it[0])]
    if issubclass(kind, torch.nn.Module):
        pairs += registered_members(held)
    return [(f".{name}", part) for name, part in pairs]


def is_public(name: object) -> bool:
    return type(name) is str and name.isidentifier() and not name.startswith("_")


def write_key(key: Any) -> str:
    """Write a key in one line, of a long one both ends; nothing for other kinds."""
    if type(key) is not str:
        return str(key) if type(key) is int and abs(key) < LARGEST_KEY else ""
    half = LONGEST_KEY // 2
    short = key if len(key) <= LONGEST_KEY else f"{key[:half]}…{key[-half:]}"
    return json.dumps(short, ensure_ascii=not short.isprintable())


def choose_telling(found: list[Way]) -> list[Way]:
    """Choose the variables that tell more than the way to what they hold, and ways."""
    tensors = [way for way in found if way.is_tensor]
    own = {id(way.thing): way for way in tensors if way.is_variable}
    spare = find_spare_variables(found, own)
    inner = [way for way in tensors if not way.is_variable]
    homes: dict[int, Way] = {}
    for way in sorted(inner, key=lambda way: (way.variable in spare, way.in_list)):
        homes.setdefault(id(way.thing), way)
    nameless = {
        home.variable
        for key, home in homes.items()
        if key not in own and home.thing.requires_grad
    }
    for key, way in own.items():
        home = homes.get(key, way)
        is_left = way.thing.requires_grad and home.variable in nameless
        if home is way or not (home.in_module or is_left):
            homes[key] = way
    return list(homes.values())


def find_spare_variables(found: list[Way], own: Mapping[int, Way]) -> set[str]:
    """Return variables that hold only what others do, or that a loop left over.

    Of a list of layers and a variable for a layer: the list, if each has a variable.
    """
    holders = {
        id(way.thing): way.variable
        for way in found
        if way.is_variable and not way.is_tensor
    }
    leaves, within = defaultdict(set), defaultdict(set)
    for way in found:
        key = id(way.thing)
        if way.is_tensor and way.thing.requires_grad:
            if way.in_module or key not in own:
                leaves[way.variable].add(key)
        elif key in holders and not way.is_variable:
            within[way.variable].add(holders[key])
    spare: set[str] = set()
    for whole, some in within.items():
        together = set().union(*(leaves[part] for part in some))
        spare |= {whole} if leaves[whole] <= together else some
    return spare
