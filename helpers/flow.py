"""One real backward pass: every number on every edge, the learner's state untouched."""

import ctypes
import re
import traceback
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

from .functions import function_of, snapshot
from .graph import Edge, Graph, Node, Trace

LARGEST_ROOT = 10_000_000  # elements of a result whose weights get a place each
MOST_WORDS = 160  # characters of somebody else's message


class GraphFreed(RuntimeError):
    """Say that an earlier backward() or an in-place change spoilt the graph."""


class WalkStopped(RuntimeError):
    """Say what a hook, or an operation's own backward, raised."""


@dataclass
class Recording:
    """Collect what one walk brings to, and takes from, each operation."""

    received: dict[str, tuple] = field(default_factory=dict)  # in the walk's order
    sent: dict[tuple[str, int], Tensor] = field(default_factory=dict)  # by route


@contextmanager
def recording(trace: Trace) -> Iterator[Recording]:
    """Listen to every operation of the graph while the block runs."""
    record, routes = Recording(), defaultdict(list)
    for edge in trace.graph.edges:
        if edge.route is not None:
            routes[edge.target].append(edge.route)
    with ExitStack() as stack:
        for node_id, function in trace.functions.items():
            if node_id not in trace.leaves:
                copy = partial(snapshot, largest=trace.largest)
                hook = listener(record, node_id, routes[node_id], copy)
                stack.callback(function.register_hook(hook).remove)
        yield record


def listener(record: Recording, node_id: str, routes: Sequence[int], copy: Callable):
    """Return a hook that copies what it hears: autograd reuses the storage."""

    def listen(sent, received):
        record.received[node_id] = tuple(map(copy, received))
        for route in routes:
            record.sent[node_id, route] = copy(sent[route])

    return listen


@contextmanager
def as_before(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give every .grad and the random state back as they were.

    Even torch.autograd.grad writes the .grad of tensors that retain_grad() marked.
    """
    held = [(tensor, tensor.grad) for tensor in tensors]
    devices = range(torch.cuda.device_count() if torch.cuda.is_initialized() else 0)
    try:
        with torch.random.fork_rng(devices), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for tensor, grad in held:
            if tensor.grad is not grad:
                tensor.grad = grad


def flow(trace: Trace, weights: Sequence[Tensor | None]) -> Graph:
    """Run one backward pass and write its numbers into the graph.

    `weights` has one entry per root, as `backward(gradient=...)` takes them; None
    stands for ones. Raises GraphFreed when the saved values are gone, WalkStopped when
    something else raises.
    """
    given = [
        ones_for(root) if weight is None else weight
        for root, weight in zip(trace.roots, weights, strict=True)
    ]
    leaves = trace.leaves
    ends = [*leaves.values(), *(GradientEdge(*place) for place in trace.ends)]
    kept = [tensor for tensor in trace.tensors if tensor.retains_grad]
    with as_before([*leaves.values(), *kept]), recording(trace) as record:
        arrived = run(trace.roots, ends, given)
        copies = [snapshot(grad, trace.largest) for grad in arrived]
        del arrived
    totals = dict(zip(leaves, copies, strict=False))
    if any(total is not None and total.is_meta for total in copies):
        give_memory_back()
    return filled(trace, record, totals, given)


def give_memory_back() -> None:
    """Return the room of large gradients to the system, where that is glibc's.

    What a picture keeps lies between them, so that glibc itself would not.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def ones_for(root: Tensor) -> Tensor:
    """Return the weights of a plain sum; of very many, all in one place."""
    if root.layout == torch.sparse_coo:
        ones = root.detach().clone()
        ones._values().fill_(1)
        return ones
    if root.layout == torch.strided and root.numel() > LARGEST_ROOT:
        return torch.ones((), dtype=root.dtype, device=root.device).expand(root.shape)
    return torch.ones_like(root)


def run(roots, ends, weights) -> tuple[Tensor | None, ...]:
    """Walk back from the roots to the ends, freeing nothing."""
    # Given any weights, torch imports sympy: so a lone 1 is left to torch itself.
    given = [None if is_one(weight) else weight for weight in weights]
    try:
        return torch.autograd.grad(
            roots, ends, given, retain_graph=True, allow_unused=True
        )
    except Exception as problem:
        spoilt = re.search("a second time|by an inplace operation", reason(problem))
        raise (GraphFreed if spoilt else WalkStopped)(reason(problem)) from None


def is_one(weight: Tensor) -> bool:
    """Tell whether a weight is what torch starts a walk with by itself."""
    if type(weight) is not Tensor or weight.dim() > 0 or weight.is_meta:
        return False
    return weight.is_floating_point() and weight.item() == 1


def reason(problem: Exception) -> str:
    """Return an exception's name and the beginning of its message, without notes."""
    told = traceback.TracebackException(type(problem), problem, None)
    told.__notes__ = None
    *_, words = told.format_exception_only()
    return words.splitlines()[0][:MOST_WORDS]


def filled(trace: Trace, record: Recording, totals: Mapping, weights) -> Graph:
    """Return the graph with its gradients and the order of the walk."""
    edges = tuple(with_gradients(trace.graph.edges, record))
    starts = started(trace, weights)
    brought = {} if trace.ends else arrivals(starts, edges, record.received)
    nodes = []
    for node in trace.graph.nodes:
        received = record.received.get(node.id, (totals.get(node.id),))
        reached = [brought.get((node.id, number)) for number in range(len(received))]
        changed = any(map(differ, reached, received))
        arrived = one_or_all(reached) if changed else None
        nodes.append(replace(node, grad=one_or_all(received), arrived=arrived))
    walk = tuple(walk_order(record, edges, totals))
    nodes = tuple(nodes)
    return replace(trace.graph, nodes=nodes, edges=edges, walk=walk, starts=starts)


def one_or_all(received: Sequence) -> object:
    """Return one output's gradient, or a tuple where there are several."""
    return received[0] if len(received) == 1 else tuple(received)


def with_gradients(edges: Sequence[Edge], record: Recording) -> Iterator[Edge]:
    """Yield every arrow with what was sent back along it."""
    for edge in edges:
        sent = record.sent.get((edge.target, edge.route))
        yield edge if sent is None else replace(edge, grad=sent)


def started(trace: Trace, weights: Sequence[Tensor]) -> tuple:
    """Return the weights of the roots, each with the output where it enters."""
    ids = {function: node_id for node_id, function in trace.functions.items()}
    return tuple(
        ((ids[function_of(root)], root.output_nr), snapshot(weight, trace.largest))
        for root, weight in zip(trace.roots, weights, strict=True)
    )


def added(total: Tensor, grad: Tensor) -> Tensor:
    """Add as autograd does, which cannot add dense numbers to sparse ones."""
    return grad + total if total.is_sparse else total + grad


def differ(arrived: Tensor | None, received: Tensor | None) -> bool:
    """Tell whether a hook made something else of a gradient; rounding is none."""
    if arrived is None or received is None:
        return False
    try:
        pair = [t.to_dense() for t in (arrived, received)]
        if torch.equal(*pair):
            return False
        pair = [torch.view_as_real(t.to(torch.complex128)) for t in pair]
        slack = torch.finfo(received.dtype).eps ** 0.5
        largest = pair[1].abs().nan_to_num(0, 0).max()
        return not torch.allclose(*pair, slack, slack * largest, equal_nan=True)
    except RuntimeError:  # shapes alone are known, or this kind cannot be compared
        return False


def walk_order(record: Recording, edges, totals: Mapping) -> Iterator[str]:
    """Yield operations as they ran, each leaf when its last arrow has delivered."""
    waiting = defaultdict(int)
    incoming = defaultdict(list)
    for edge in edges:
        incoming[edge.target].append(edge.source)
        waiting[edge.source] += edge.target in record.received
    for node_id in record.received:
        yield node_id
        for source in incoming[node_id]:
            waiting[source] -= 1
            if waiting[source] == 0 and totals.get(source) is not None:
                yield source
    yield from (leaf for leaf in totals if leaf not in waiting)


def arrivals(starts: Iterable, edges: Iterable[Edge], walk: Iterable[str]) -> Mapping:
    """Add up what reaches each output, in the order of the walk, as autograd does."""
    turn = {node_id: turn for turn, node_id in enumerate(walk)}
    arrows = [e for e in edges if e.route is not None and e.target in turn]
    arrows.sort(key=lambda edge: (turn[edge.target], edge.route))
    totals: dict[tuple[str, int], Tensor] = {}
    sent = (((edge.source, edge.output), edge.grad) for edge in arrows)
    for place, grad in (*starts, *sent):
        if grad is not None:
            before = totals.get(place)
            totals[place] = grad if before is None else added(before, grad)
    return totals


def after(graph: Graph, step: int) -> Graph:
    """Return the graph as it stands after so many steps of the walk.

    Until it runs, an operation holds the sum of what has arrived by then. A leaf waits:
    only what it receives in all is added to its `.grad`.
    """
    walk = graph.walk[:step]
    done = {*walk}
    edges = tuple(e if e.target in done else replace(e, grad=None) for e in graph.edges)
    reached = {edge.source for edge in edges if edge.grad is not None}
    sums = arrivals(graph.starts, edges, walk)
    nodes = tuple(
        node if node.id in done else so_far(node, sums if node.id in reached else {})
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes, edges=edges, walk=walk)


def so_far(node: Node, sums: Mapping[tuple[str, int], Tensor]) -> Node:
    """Return a box that has not run yet, with what has arrived at its outputs."""
    outputs = len(node.grad) if isinstance(node.grad, tuple) else 1
    arrived = [sums.get((node.id, number)) for number in range(outputs)]
    known = node.op != "leaf" and any(grad is not None for grad in arrived)
    return replace(node, grad=one_or_all(arrived) if known else None)
