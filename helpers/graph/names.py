"""Find what the learner calls a tensor: `w`, `net.0.weight`, `params["w"]`."""

import json
from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, islice
from types import FunctionType, ModuleType

import torch
from torch import Tensor

from .functions import MOST_ITEMS, is_result, list_attributes, output_place
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
    thing: object
    variable: str
    in_module: bool = False
    in_list: bool = False  # the last step is a number in a list

    @property
    def is_variable(self) -> bool:
        """Tell whether the thing is a variable of its own."""
        return self.name == self.variable

    @property
    def is_tensor(self) -> bool:
        """Tell a tensor from what holds some."""
        return issubclass(type(self.thing), Tensor)


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
    given, variables = {}, names
    if isinstance(names, ChainMap):
        given, variables = names.maps[0], names.parents
    rest = {name: thing for name, thing in variables.items() if name not in given}
    found: dict[tuple, tuple[str, Tensor]] = {}
    first = (way for way in find_ways(given) if way.is_tensor)
    for way in chain(first, most_telling(find_ways(rest))):
        found.setdefault(output_place(way.thing), (way.name, way.thing))
    return found


# ---- the ways to a tensor ---------------------------------------------------


def find_ways(variables: Mapping[str, object]) -> list[Way]:
    """List the ways to tensors and what holds them, the shortest first."""
    first: dict[int, Way] = {}
    for name, thing in list(variables.items()):
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
        level = chain.from_iterable(
            list_steps(way) for way in fresh if not way.is_tensor
        )
    return found


def is_wanted(way: Way) -> bool:
    """Tell what may have a name, or hold what may, from all else."""
    if not way.is_tensor:
        kind = type(way.thing)
        return issubclass(kind, list | tuple | dict) or kind.__dictoffset__ != 0
    if way.is_variable:
        return True
    is_constant = not way.thing.requires_grad
    return not is_result(way.thing) and not (is_constant and way.in_list)


def list_steps(way: Way) -> Iterator[Way]:
    """Yield what is one step further."""
    kind = type(way.thing)
    in_module = way.in_module or issubclass(kind, torch.nn.Module)
    in_list = issubclass(kind, list | tuple)
    for step, part in list_parts(way.thing):
        if type(part) not in PLAIN:
            yield Way(f"{way.name}{step}", part, way.variable, in_module, in_list)


def list_parts(thing: object) -> list[tuple[str, object]]:
    """List what a container or an object holds, and how it is got from there."""
    kind = type(thing)
    for base in (list, tuple):
        if issubclass(kind, base):
            items = islice(base.__iter__(thing), MOST_PARTS)
            return [(f"[{number}]", part) for number, part in enumerate(items)]
    if issubclass(kind, dict):
        pairs = list(islice(dict.items(thing), MOST_PARTS))
        return [(f"[{write_way(key)}]", part) for key, part in pairs if is_short(key)]
    held = list_attributes(thing)
    pairs = [pair for pair in list(held.items())[:MOST_PARTS] if is_public(pair[0])]
    if issubclass(kind, torch.nn.Module):
        pairs += registered_members(held)
    return [(f".{name}", part) for name, part in pairs]


def is_public(name: object) -> bool:
    """Tell the names that a learner writes from those that nobody should."""
    return type(name) is str and name.isidentifier() and not name.startswith("_")


def is_short(key: object) -> bool:
    """Tell a key that can be written."""
    return type(key) is str or (type(key) is int and abs(key) < LARGEST_KEY)


def write_way(key: str | int) -> str:
    """Write a key in one line, of a long one both ends."""
    if type(key) is int:
        return str(key)
    half = LONGEST_KEY // 2
    short = key if len(key) <= LONGEST_KEY else f"{key[:half]}…{key[-half:]}"
    return json.dumps(short, ensure_ascii=not short.isprintable())


# ---- which of them tells most -----------------------------------------------


def most_telling(found: list[Way]) -> list[Way]:
    """Choose the variables that tell more than the way to what they hold, and ways."""
    own = {id(way.thing): way for way in found if way.is_tensor and way.is_variable}
    spare = find_spare_variables(found, own)
    inner = [way for way in found if way.is_tensor and not way.is_variable]
    homes: dict[int, Way] = {}
    for way in sorted(inner, key=lambda way: (way.variable in spare, way.in_list)):
        homes.setdefault(id(way.thing), way)
    nameless = {
        home.variable
        for key, home in homes.items()
        if key not in own and home.thing.requires_grad
    }
    telling = [way for way in own.values() if tells_more(way, homes, nameless)]
    return [*telling, *homes.values()]


def tells_more(way: Way, homes: Mapping[int, Way], nameless: set[str]) -> bool:
    """Tell a variable that the learner wrote for a tensor from what a loop left."""
    home = homes.get(id(way.thing))
    if home is None:
        return True
    is_left = way.thing.requires_grad and home.variable in nameless
    return not home.in_module and not is_left


def find_spare_variables(found: list[Way], own: Mapping[int, Way]) -> set[str]:
    """Return variables that hold only what others do, or that a loop left over.

    Of a list of layers and a variable for a layer: the list, if there is a variable for
    each, or else the variable.
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
    spare = set()
    for whole, some in within.items():
        together = set().union(*(leaves[part] for part in some))
        spare |= {whole} if leaves[whole] <= together else some
    return spare
