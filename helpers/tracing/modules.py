"""Find modules that no other module knows of, though one holds them in a list."""

import gc
from collections.abc import Iterator

from torch import Tensor
from torch.nn import Module

from ..graph.functions import list_attributes, list_contents
from ..graph.private import registered_members


def is_forgotten(parameter: Tensor) -> bool:
    """Tell whether a parameter lies in a plain list or dict of some module."""
    modules = [thing for thing in gc.get_objects() if issubclass(type(thing), Module)]
    homes = {id(m) for m in modules if holds(m, parameter)}
    return any(
        id(part) in homes or part is parameter
        for module in modules
        for part in list_hidden(module)
    )


def holds(module: Module, parameter: Tensor) -> bool:
    """Tell whether a module knows a parameter, at any depth."""
    try:
        return any(each is parameter for each in Module.parameters(module))
    except AttributeError:  # a part whose class forgot super().__init__()
        return False


def list_hidden(module: Module) -> Iterator[object]:
    """Yield what a module holds in plain lists and dicts: it registers none of it."""
    attributes = list_attributes(module)
    known = {id(part) for _, part in registered_members(attributes)}
    for name, held in attributes.items():
        if not name.startswith("_") and type(held) in (list, tuple, dict):
            yield from (p for p in list_contents(held) if id(p) not in known)
