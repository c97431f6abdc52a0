"""Find out which modules a graph's operations ran in, as plain data."""

import math
from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from torch import Tensor

from ..sizes import find_size
from .calls import Layer
from .contract import Calls, ModuleCall
from .data import Trace
from .names import Way, find_ways
from .private import bypass_torch_function


def read_calls(trace: Trace, names: Mapping[str, Any]) -> Calls:
    """Read which calls of modules each box was made in, and what each module owns."""
    chains = {box: call.chain() for box, call in trace.homes.items()}
    calls = list(dict.fromkeys(call for chain in chains.values() for call in chain))
    layers = list(dict.fromkeys(call.layer for call in calls))
    places = {call: place for place, call in enumerate(calls)}
    said = name_layers(layers, names)
    found = tuple(
        ModuleCall(
            layers.index(call.layer), call.layer.kind, said[call.layer],
            call.layer.path, call.layer.parameters,
        )
        for call in calls
    )  # fmt: skip
    owners = {
        box: frozenset(
            n for n, layer in enumerate(layers) if id(thing) in layer.members
        )
        for box, thing in trace.things.items()
    }
    homes = {box: tuple(places[c] for c in chain) for box, chain in chains.items()}
    steepest = {box: find_steepest(leaf.grad) for box, leaf in trace.leaves.items()}
    return Calls(found, homes, owners, steepest)


def name_layers(layers: list[Layer], names: Mapping[str, Any]) -> dict[Layer, str]:
    """Name each module: its path, behind the variable of the outermost one."""
    given = names.maps[0] if isinstance(names, ChainMap) else {}
    rest = {name: thing for name, thing in names.items() if name not in given}
    ways = choose_ways(find_ways(rest)) | choose_ways(find_ways(given))

    def say(layer: Layer | None) -> str:
        module = None if layer is None else layer.module()
        return ways.get(id(module), "") if module is not None else ""

    found = {}
    for layer in layers:
        root = say(layer.root) if layer.path else ""
        found[layer] = f"{root}.{layer.path}" if root else say(layer) or layer.path
    return found


def choose_ways(found: list[Way]) -> dict[int, str]:
    """Return the way to each thing; one in a module wins: a loop leaves variables."""
    ways: dict[int, Way] = {}
    for way in found:
        known = ways.setdefault(id(way.thing), way)
        if way.in_module and not known.in_module:
            ways[id(way.thing)] = way
    return {key: way.name for key, way in ways.items()}


def find_steepest(grad: Tensor | None) -> float | None:
    """Return the largest absolute number of a gradient, as far as it has one."""
    if grad is None:
        return None
    with bypass_torch_function():
        size = find_size(grad)
    if size is None or size.nans or not size.total:
        return math.nan
    return math.inf if size.infs else size.largest
