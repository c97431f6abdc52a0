"""One backward pass, called by hand: every number on every arrow, no hook run."""

import ctypes
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush

import torch
from torch import Tensor

from ..wording import describe_error
from .data import Edge, Graph, Node, Trace
from .functions import (
    fit_to_input,
    function_of,
    runs_code_again,
    send_back,
    take_snapshot,
)
from .private import output_metadata, sequence_number, stored_values

LARGEST_ROOT = 10_000_000  # elements of a result whose weights get a place each


class GraphFreed(RuntimeError):
    """Say that an earlier backward() or an in-place change spoilt the graph."""


class WalkStopped(RuntimeError):
    """Say what an operation's own backward raised."""


@dataclass
class Recording:
    """Collect what one walk brings to, and takes from, each box."""

    received: dict[str, tuple] = field(default_factory=dict)  # in the walk's order
    sent: dict[tuple[str, int], Tensor] = field(default_factory=dict)  # by route
    totals: dict[str, Tensor | None] = field(default_factory=dict)  # of leaves
    refused: list[str] = field(default_factory=list)  # boxes that were not run


@contextmanager
def keep_state(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give every .grad and the random state back as they were.

    The backward of a learner's own operation may do what it likes.
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


def walk_back(
    trace: Trace, weights: Sequence[Tensor | None]
) -> tuple[Graph, list[str]]:
    """Run one backward pass; return the graph with its numbers, and what was not run.

    `weights` has one entry per root, as `backward(gradient=...)` takes them; None
    stands for ones. Raises GraphFreed when the saved values are gone, WalkStopped when
    something else raises.
    """
    given = [
        make_ones(root) if weight is None else weight
        for root, weight in zip(trace.roots, weights, strict=True)
    ]
    walk = Walk(trace)
    try:
        with keep_state(list(trace.leaves.values())):
            walk.run(given)
    except Exception as problem:
        spoilt = re.search(
            "a second time|by an inplace operation", describe_error(problem)
        )
        raise (GraphFreed if spoilt else WalkStopped)(describe_error(problem)) from None
    if walk.was_large:
        give_memory_back()
    return fill_graph(trace, walk.record, given), walk.record.refused


class Walk:
    """Walk back through a graph, calling each function once all has reached it.

    The functions are autograd's own, in the order in which its engine calls them: of
    those that wait for nothing, the newest first.
    """

    def __init__(self, trace: Trace):
        self.trace, self.record = trace, Recording()
        self.arrows: dict[str, list[Edge]] = defaultdict(list)  # by target
        for edge in trace.graph.edges:
            if edge.route is not None:
                self.arrows[edge.target].append(edge)
        self.waiting = Counter(e.source for each in self.arrows.values() for e in each)
        self.brought: dict[tuple[str, int], Tensor] = {}  # so far, by box and output
        self.unknown = set(trace.uncertain)
        self.ready: list[tuple[int, str]] = []
        self.was_large = False  # whether any gradient was too large to be kept

    def run(self, weights: Sequence[Tensor]) -> None:
        """Walk back from the roots with these weights, and fill the record."""
        ids = {function: box for box, function in self.trace.functions.items()}
        for root, weight in zip(self.trace.roots, weights, strict=True):
            place = function_of(root), root.output_nr
            self.add((ids[place[0]], place[1]), fit_to_input(weight, *place))
        for root in self.trace.graph.roots:
            self.put_if_ready(root)
        while self.ready:
            _, box = heappop(self.ready)
            self.deliver(box, self.visit(box))
        for leaf, tensor in self.trace.leaves.items():
            known = tensor.requires_grad and leaf not in self.unknown
            arrived = self.brought.pop((leaf, 0), None)
            total = arrived if known else None
            self.record.totals[leaf] = take_snapshot(total, self.trace.largest)

    def add(self, place: tuple[str, int], grad: Tensor | None) -> None:
        """Add what has arrived at an output to what had arrived before."""
        if grad is not None:
            self.was_large |= grad.numel() > self.trace.largest
            before = self.brought.get(place)
            self.brought[place] = (
                grad if before is None else add_gradients(before, grad)
            )

    def put_if_ready(self, box: str) -> None:
        """Put an operation in line once all its arrows have delivered."""
        if self.waiting[box] == 0 and box not in self.trace.leaves:
            turn = sequence_number(self.trace.functions[box])
            heappush(self.ready, (-turn, box))

    def visit(self, box: str) -> list[Tensor | None] | None:
        """Return what a box sends along its arrows; None if that cannot be known.

        What it received is let go, as autograd does, so that memory stays small.
        """
        if box in self.unknown:
            return None
        function = self.trace.functions[box]
        outputs = range(len(output_metadata(function)))
        received = tuple(self.brought.pop((box, output), None) for output in outputs)
        copies = (take_snapshot(grad, self.trace.largest) for grad in received)
        self.record.received[box] = tuple(copies)
        if runs_code_again(function):
            self.record.refused.append(box)
            return None
        return send_back(function, received)

    def deliver(self, box: str, sent: list[Tensor | None] | None) -> None:
        """Bring what a box sends to where its arrows lead."""
        for edge in self.arrows[box]:
            if sent is None:
                self.unknown.add(edge.source)
            else:
                grad = sent[edge.route]
                copy = take_snapshot(grad, self.trace.largest)
                self.record.sent[box, edge.route] = copy
                self.add((edge.source, edge.output), grad)
            self.waiting[edge.source] -= 1
            self.put_if_ready(edge.source)


def give_memory_back() -> None:
    """Return the room of large gradients to the system, where that is glibc's.

    What a picture keeps lies between them, so that glibc itself would not.
    """
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def make_ones(root: Tensor) -> Tensor:
    """Return the weights of a plain sum; of very many, all in one place."""
    if root.layout == torch.sparse_coo:
        ones = root.detach().clone()
        stored_values(ones).fill_(1)
        return ones
    if root.layout == torch.strided and root.numel() > LARGEST_ROOT:
        return torch.ones((), dtype=root.dtype, device=root.device).expand(root.shape)
    return torch.ones_like(root)


def fill_graph(trace: Trace, record: Recording, weights: Sequence[Tensor]) -> Graph:
    """Return the graph with its gradients and the order of the walk."""
    edges = tuple(add_to_edges(trace.graph.edges, record))
    grads = record.received | {leaf: (grad,) for leaf, grad in record.totals.items()}
    nodes = tuple(
        replace(node, grad=choose_one_or_all(grads.get(node.id, (None,))))
        for node in trace.graph.nodes
    )
    return replace(
        trace.graph,
        nodes=nodes,
        edges=edges,
        walk=tuple(order_walk(record, edges)),
        starts=find_starts(trace, weights),
    )


def choose_one_or_all(received: Sequence) -> object:
    """Return one output's gradient, or a tuple where there are several."""
    return received[0] if len(received) == 1 else tuple(received)


def add_to_edges(edges: Sequence[Edge], record: Recording) -> Iterator[Edge]:
    """Yield every arrow with what was sent back along it."""
    for edge in edges:
        sent = record.sent.get((edge.target, edge.route))
        yield edge if sent is None else replace(edge, grad=sent)


def find_starts(trace: Trace, weights: Sequence[Tensor]) -> tuple:
    """Return the weights of the roots, each with the output where it enters."""
    ids = {function: node_id for node_id, function in trace.functions.items()}
    return tuple(
        ((ids[function_of(root)], root.output_nr), take_snapshot(weight, trace.largest))
        for root, weight in zip(trace.roots, weights, strict=True)
    )


def add_gradients(total: Tensor, grad: Tensor) -> Tensor:
    """Add as autograd does, which cannot add dense numbers to sparse ones."""
    return grad + total if total.is_sparse else total + grad


def order_walk(record: Recording, edges: Sequence[Edge]) -> Iterator[str]:
    """Yield operations as they ran, each leaf when its last arrow has delivered."""
    waiting, incoming, totals = Counter(), defaultdict(list), record.totals
    for edge in edges:
        incoming[edge.target].append(edge.source)
        waiting[edge.source] += edge.target in record.received
    for node_id in record.received:
        yield node_id
        for source in incoming[node_id]:
            waiting[source] -= 1
            if waiting[source] == 0 and totals.get(source) is not None:
                yield source
    for leaf, total in totals.items():
        if leaf not in waiting and total is not None:
            yield leaf


def list_arrivals(
    starts: Iterable, edges: Iterable[Edge], walk: Iterable[str]
) -> Mapping:
    """Add up what reaches each output, in the order of the walk, as autograd does."""
    turn = {node_id: turn for turn, node_id in enumerate(walk)}
    arrows = [e for e in edges if e.route is not None and e.target in turn]
    arrows.sort(key=lambda edge: (turn[edge.target], edge.route))
    totals: dict[tuple[str, int], Tensor] = {}
    sent = (((edge.source, edge.output), edge.grad) for edge in arrows)
    for place, grad in (*starts, *sent):
        if grad is not None:
            before = totals.get(place)
            totals[place] = grad if before is None else add_gradients(before, grad)
    return totals


def show_until_step(graph: Graph, step: int) -> Graph:
    """Return the graph as it stands after so many steps of the walk.

    Until it runs, an operation holds the sum of what has arrived by then. A leaf waits:
    only what it receives in all is added to its `.grad`.
    """
    walk = graph.walk[:step]
    done = {*walk}
    edges = tuple(e if e.target in done else replace(e, grad=None) for e in graph.edges)
    reached = {edge.source for edge in edges if edge.grad is not None}
    sums = list_arrivals(graph.starts, edges, walk)
    nodes = tuple(
        node
        if node.id in done
        else sum_until_step(node, sums if node.id in reached else {})
        for node in graph.nodes
    )
    return replace(graph, nodes=nodes, edges=edges, walk=walk)


def sum_until_step(node: Node, sums: Mapping[tuple[str, int], Tensor]) -> Node:
    """Return a box that has not run yet, with what has arrived at its outputs.

    Where the whole sum is not known, no part of it is given either.
    """
    outputs = len(node.grad) if isinstance(node.grad, tuple) else 1
    arrived = [sums.get((node.id, number)) for number in range(outputs)]
    whole = node.op != "leaf" and node.grad is not None
    known = whole and any(grad is not None for grad in arrived)
    return replace(node, grad=choose_one_or_all(arrived) if known else None)
