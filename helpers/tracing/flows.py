"""What went back along a graph: where it became zero, or no number."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from ..graph.backward import GraphFreed, WalkStopped, walk_back
from ..graph.flow import MOST_FOLLOWED, find_functions, find_largest
from ..graph.functions import Inputs, function_of, is_checkpoint, is_leaf, is_result
from ..graph.inputs import name_operation
from ..graph.journal import Flow, Walk
from ..graph.private import Function, sequence_number
from ..graph.trace import trace_functions


@dataclass(frozen=True, eq=False)
class Behind:
    """Hold the functions behind a result; nothing where it has no graph."""

    within: Mapping[Function, Inputs]
    root: Function | None
    whole: bool = True

    def leads_to(self, tensor: Tensor) -> bool:
        return self.end_of(tensor) is not None

    def end_of(self, tensor: Tensor) -> Function | None:
        """Return the function at which a tensor stands in the graph."""
        if is_result(tensor):
            own = function_of(tensor)
            return own if own in self.within else None
        found = (f for f in self.within if is_leaf(f) and f.variable is tensor)
        return next(found, None)

    def roads_to(self, end: Function) -> set[Function]:
        """Return the functions on the roads from the result to one of them."""
        users: dict[Function, list[Function]] = {}
        for function, inputs in self.within.items():
            for _, source, _ in inputs:
                users.setdefault(source, []).append(function)
        found, queue = {end}, [end]
        for function in queue:
            fresh = [user for user in users.get(function, []) if user not in found]
            found.update(fresh)
            queue.extend(fresh)
        return found

    @property
    def runs_again(self) -> bool:
        """Tell whether a checkpoint hides what it computed, and walks by itself."""
        return any(map(is_checkpoint, self.within))

    def by_number(self) -> dict[int, Function]:
        return {sequence_number(f): f for f in self.within if not is_leaf(f)}


def look_behind(result: object) -> Behind:
    """Read the functions behind a tensor."""
    if not isinstance(result, Tensor) or not result.requires_grad:
        return Behind({}, None)
    try:
        root = function_of(result)
        within = find_functions([root])
        return Behind(within, root, len(within) < MOST_FOLLOWED)
    except RuntimeError:  # spoilt in place, or from inside of a transform
        return Behind({}, None)


def measure(result: Tensor, walk: Walk | None) -> tuple[Flow, Sequence[int]]:
    """Return what a walk sent; run one where none was seen, and the graph is whole."""
    if walk is not None and walk.flow:
        return walk.flow, walk.order
    try:
        trace = trace_functions([result])
        graph, _ = walk_back(trace, [None])
    except (GraphFreed, WalkStopped, RuntimeError):
        return {}, ()
    numbers = {box: sequence_number(f) for box, f in trace.functions.items()}
    flow = {
        (numbers[edge.target], edge.route or 0): find_largest(edge.grad)
        for edge in graph.edges
        if edge.grad is not None
    }
    order = [numbers[box] for box in graph.walk]
    return flow, order


def find_dead(behind: Behind, end: Function, flow: Flow) -> list[Function]:
    """Return the boxes that received something and sent 0 on every road to the end."""
    road = behind.roads_to(end)
    received, sent = {behind.root}, set()
    for function in road - {end}:
        number = sequence_number(function)
        for route, source, _ in behind.within[function]:
            if source in road and flow.get((number, route)):
                received.add(source)
                sent.add(function)
    return sorted((received & road) - {end} - sent, key=sequence_number)


def find_first(
    behind: Behind, flow: Flow, order: Sequence[int], is_odd: Callable[[float], bool]
) -> tuple[int, str] | None:
    """Return the first function of a walk that sent such a number, and its name."""
    odd = {number for (number, _), size in flow.items() if is_odd(size)}
    for number in order:
        if number in odd:
            function = behind.by_number().get(number)
            return number, "" if function is None else name_operation(function)
    return None
