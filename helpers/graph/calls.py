"""Know which module is running, so that each operation can tell where it was made."""

import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.nn.modules.module import (
    register_module_forward_hook,
    register_module_forward_pre_hook,
)

from .functions import list_attributes
from .private import bypass_torch_function, next_sequence_number, registered_members

MOST_LAYERS = 10_000  # that one thread remembers


@dataclass(eq=False)
class Layer:
    """Hold what is remembered of a module: nothing that keeps it alive.

    The rest is filled in once the outermost call is over: a lazy module has no
    parameters before that, and another class.
    """

    module: Callable[[], Module | None]
    kind: str
    path: str = ""  # from its root, as in named_modules
    root: "Layer | None" = None
    parameters: int | None = None
    members: frozenset[int] = frozenset()  # its parameters and buffers, by id


@dataclass(frozen=True, eq=False)
class Call:
    """Hold one call of a module, and the call inside of which it was made."""

    layer: Layer
    parent: "Call | None"
    start: int  # the sequence number that autograd would give next

    def chain(self) -> tuple["Call", ...]:
        """Return the calls around this one and itself, the outermost first."""
        found, call = [self], self.parent
        while call is not None:
            found.append(call)
            call = call.parent
        return tuple(reversed(found))


class Tracker:
    """Follow the calls of modules in one thread, while any watch() runs there."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.current: Call | None = None
        self.running: list[FrameType] = []  # who runs each of the calls around here
        self.blocks = 0
        self.layers: dict[int, Layer] = {}
        self.fresh: list[Layer] = []
        self.hooks: list[Any] = []

    def start(self) -> None:
        """Begin to follow; blocks within a block share what is known."""
        self.blocks += 1
        if self.blocks == 1:
            self.layers.clear()  # since then they may have got other parameters
            after = register_module_forward_hook(self.close, always_call=True)
            self.hooks = [register_module_forward_pre_hook(self.open), after]

    def stop(self) -> None:
        """End it with the outermost block, also where a call was left open."""
        self.blocks -= 1
        if self.blocks == 0:
            for hook in self.hooks:
                hook.remove()
            if self.fresh:  # the outermost of them was met first
                self.describe(self.fresh[0])
            self.current = None
            self.running.clear()

    def open(self, module: Module, args: tuple) -> None:
        """Note that a module has been called; other threads have trackers of their own.

        What runs until it returns belongs to this call, whoever wrote it.
        """
        if threading.get_ident() == self.thread:
            layer = self.layers.get(id(module))
            if layer is None or layer.module() is not module:
                layer = self.meet(module)
            self.drop_interrupted(frame := sys._getframe(1))
            self.running.append(frame)
            self.current = Call(layer, self.current, next_sequence_number())

    def close(self, module: Module, args: tuple, result: Any) -> None:
        """Note that a module has returned, or raised, and so all that it called."""
        call = self.current if threading.get_ident() == self.thread else None
        depth = len(self.running)
        while call is not None and call.layer.module() is not module:
            call, depth = call.parent, depth - 1
        if call is not None:
            self.current = call.parent
            del self.running[depth - 1 :]
            if self.fresh and call.parent is None:
                self.describe(call.layer)

    def drop_interrupted(self, frame: FrameType | None) -> None:
        """Forget calls that are over though nobody said so: an interrupt is silent."""
        while self.current is not None:
            above, last = frame, self.running[-1]
            while above is not None and above is not last:
                above = above.f_back
            if above is not None:
                return
            self.current = self.current.parent
            self.running.pop()

    def meet(self, module: Module) -> Layer:
        if len(self.layers) >= MOST_LAYERS:
            self.layers.clear()
        layer = Layer(weakref.ref(module), type(module).__name__)
        self.layers[id(module)] = layer
        self.fresh.append(layer)
        return layer

    def describe(self, root: Layer) -> None:
        """Write down the path and the parameters of all modules that are new."""
        if torch.jit.is_tracing():  # it would take down that sizes are asked for
            return
        fresh, self.fresh = self.fresh, []
        found: dict[int, tuple[str, dict]] = {}
        # A class may have anything in the place of what torch puts there.
        with suppress(Exception), bypass_torch_function():
            gather_members(root.module(), "", found)
            for layer in fresh:
                module = layer.module()
                if module is None:
                    continue
                if id(module) not in found:  # kept in a plain list, or called by itself
                    gather_members(module, "", found)
                else:
                    layer.root = root
                layer.path, members = found[id(module)]
                layer.kind = type(module).__name__
                layer.members = frozenset(members)
                layer.parameters = sum(members.values())


def gather_members(module: Any, path: str, found: dict) -> dict[int, int]:
    """Collect the parameters and buffers of a module and its parts, by id.

    Of each, how many numbers it adds to the parameters: of a buffer none.
    """
    if id(module) not in found:
        members: dict[int, int] = {}
        found[id(module)] = path, members
        member: Any
        for name, member in registered_members(list_attributes(module)):
            if issubclass(type(member), Module):
                within = f"{path}.{name}" if path else name
                members |= gather_members(member, within, found)
            elif issubclass(type(member), Tensor):
                counts = issubclass(type(member), Parameter)
                members[id(member)] = member.numel() if counts else 0
    return found[id(module)][1]


_own = threading.local()


def current_tracker() -> Tracker:
    """Return the tracker of this thread."""
    if not hasattr(_own, "tracker"):
        _own.tracker = Tracker()
    return _own.tracker
