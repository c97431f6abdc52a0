"""Read the graph of an engine that is not torch's: any objects that tell their slopes.

What it asks of them: `value`, a number or an array, and `slopes`, a list of pairs
(input, slope), empty for a leaf, where `slope * gradient` is what the input gets. `op`
says what an operation is called, and `grad` what a leaf holds; both may be missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..language import Text
from ..wording import UNKNOWN, describe_error, describe_thing
from .backward import WalkStopped
from .data import Edge, Graph, Node, Summary
from .depth import LIMIT
from .functions import is_tensor, take_snapshot
from .summary import count_kinds, measure_depth

BAD_SLOPES = Text(
    "`slopes` must be a list of pairs (input, slope), but of one object it holds "
    "{came}; write [(a, 2.0), (b, 3.0)], for example.",
    "`slopes` 应当是由（输入，斜率）这样的对组成的列表，而有一个对象的 slopes 里是："
    "{came}；例如写成 [(a, 2.0), (b, 3.0)]。",
)
CIRCLE = Text(
    "The slopes lead round in a circle, back to an object that they came from; what "
    "is computed needs an object of its own.",
    "沿着 slopes 走会绕一圈回到出发的对象；计算出的结果应当是一个新的对象。",
)


class BadRecord(ValueError):
    """Say in one sentence why an engine's objects make no graph."""


def is_recorded(thing: Any) -> bool:
    """Tell whether a thing is no tensor and has a value and slopes; never raises."""
    try:
        own = not is_tensor(thing) and not isinstance(thing, type)
        return own and hasattr(thing, "value") and hasattr(thing, "slopes")
    except Exception:  # a foreign object may raise anything when it is asked
        return False


def list_slopes(thing: Any) -> list[tuple[Any, Any]]:
    """Return the pairs of an object; raise BadRecord if they are none."""
    slopes = thing.slopes
    if not isinstance(slopes, list | tuple):
        raise BadRecord(BAD_SLOPES(came=describe_thing(slopes)))
    for pair in slopes:
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise BadRecord(BAD_SLOPES(came=describe_thing(pair)))
        if not is_recorded(pair[0]):
            raise BadRecord(BAD_SLOPES(came=describe_thing(pair[0])))
    return [(source, slope) for source, slope in slopes]


def sort_recorded(root: Any) -> list[Any]:
    """Return a result and all that led to it, inputs first; raise BadRecord."""
    done: dict[int, Any] = {}
    begun, stack = {id(root)}, [root]
    while stack:
        sources = [source for source, _ in list_slopes(stack[-1])]
        missing = next((it for it in sources if id(it) not in done), None)
        if missing is None:
            thing = stack.pop()
            done[id(thing)] = thing
        elif id(missing) in begun:
            raise BadRecord(CIRCLE())
        else:
            begun.add(id(missing))
            stack.append(missing)
    return list(done.values())


def find_nearest(root: Any, limit: int) -> set[int]:
    """Return the ids of at most `limit` objects, breadth first from the result."""
    queue, found = [root], {id(root)}
    for thing in queue:
        for source, _ in list_slopes(thing):
            if id(source) not in found and len(found) < limit:
                found.add(id(source))
                queue.append(source)
    return found


def trace_recorded(
    root: Any, names: Mapping[str, Any], limit: int = LIMIT
) -> "RecordedTrace":
    """Read the graph behind a result, at most `limit` objects nearest to it.

    Raises BadRecord where the objects make no graph.
    """
    things = sort_recorded(root)
    nearest = find_nearest(root, limit)
    shown = [thing for thing in things if id(thing) in nearest]
    ids = {id(thing): f"%{row}" for row, thing in enumerate(shown)}
    called = name_recorded(names)
    arrows = [
        (ids.get(id(source)), ids[id(thing)], slot)
        for thing in shown
        for slot, (source, _) in enumerate(list_slopes(thing))
    ]
    edges = [Edge(it[0], *it[1:], route=it[2]) for it in arrows if it[0] is not None]
    graph = Graph(
        tuple(make_node(it, ids[id(it)], called.get(id(it), "")) for it in shown),
        tuple(edges),
        (ids[id(root)],),
        cut_off=len(arrows) - len(edges),
    )
    summary = summarize_recorded(things) if graph.cut_off else None
    return RecordedTrace(replace(graph, summary=summary), things, ids)


def summarize_recorded(things: Sequence[Any]) -> Summary:
    """Count what there is in all, inputs first."""
    sources = {id(it): [id(source) for source, _ in list_slopes(it)] for it in things}
    return Summary(
        count_kinds(name_recorded_operation(it) for it in things if sources[id(it)]),
        leaves=sum(not inputs for inputs in sources.values()),
        parameters=0,
        numbers=0,
        depth=measure_depth(sources),
        whole=True,
    )


@dataclass(frozen=True)
class RecordedTrace:
    """Hold a graph beside the objects that it was read from, inputs first."""

    graph: Graph
    things: list[Any]
    ids: Mapping[int, str]  # of the objects that are shown

    def walk_back(self, weights: Any = None) -> Graph:
        """Return the graph with the numbers of one walk by the objects' own slopes.

        Raises WalkStopped with what a slope raises.
        """
        root = self.things[-1]
        start = make_ones(root.value) if weights is None else weights
        try:
            with np.errstate(all="ignore"):
                grads, sent = self.send_all(start)
                return self.fill(grads, sent, copy_value(start))
        except Exception as problem:
            raise WalkStopped(describe_error(problem)) from None

    def send_all(self, start: Any) -> tuple[dict, dict]:
        """Return what each object receives, and what is sent along each arrow shown."""
        brought: dict[int, Any] = {id(self.things[-1]): start}
        grads: dict[int, Tensor] = {}
        sent: dict[tuple[str, int], Tensor] = {}
        for thing in reversed(self.things):
            box, arrived = self.ids.get(id(thing)), brought.pop(id(thing))
            if box is not None:
                grads[id(thing)] = copy_value(arrived)
            for slot, (source, slope) in enumerate(list_slopes(thing)):
                gradient, key = slope * arrived, id(source)
                brought[key] = brought[key] + gradient if key in brought else gradient
                if box is not None:
                    sent[box, slot] = copy_value(gradient)
        return grads, sent

    def fill(self, grads: Mapping, sent: Mapping, start: Tensor) -> Graph:
        """Return the graph with gradients on its boxes and arrows."""
        mine = {box: grads[key] for key, box in self.ids.items()}
        return replace(
            self.graph,
            nodes=tuple(replace(it, grad=mine[it.id]) for it in self.graph.nodes),
            edges=tuple(
                replace(it, grad=sent[it.target, it.slot]) for it in self.graph.edges
            ),
            walk=tuple(node.id for node in reversed(self.graph.nodes)),
            starts=(((self.graph.roots[0], 0), start),),
        )


def make_node(thing: Any, box: str, name: str) -> Node:
    value = copy_value(thing.value)
    if not list_slopes(thing):
        held = getattr(thing, "grad", None)
        held = None if held is None else copy_value(held)
        return Node(box, name, "leaf", value, held=held)
    return Node(box, name, name_recorded_operation(thing), value)


def name_recorded_operation(thing: Any) -> str:
    """Return what an operation is called, if it says so."""
    op = getattr(thing, "op", None)
    return op if isinstance(op, str) and op else UNKNOWN


def name_recorded(names: Mapping[str, Any]) -> dict[int, str]:
    """Name what the variables hold, and what lies in their lists; by the object's id.

    In a ChainMap, the first names were given for this picture, and win.
    """
    maps = getattr(names, "maps", [names])
    pairs = [pair for each in maps for pair in each.items()]
    found: dict[int, str] = {}
    for name, thing in pairs:
        if not isinstance(thing, list | tuple):
            found.setdefault(id(thing), name)
    for name, thing in pairs:
        if isinstance(thing, list | tuple):
            for number, part in enumerate(thing[:LIMIT]):
                found.setdefault(id(part), f"{name}[{number}]")
    return found


def make_ones(value: Any) -> Any:
    """Return the weights of a plain sum."""
    return torch.ones_like(value) if is_tensor(value) else np.ones(np.shape(value))[()]


def copy_value(value: Any) -> Tensor:
    """Copy a number or an array into a tensor; raises for anything else."""
    if is_tensor(value):
        return take_snapshot(value)
    return torch.tensor(np.array(value, dtype=float))
