"""One backward pass, called by hand: every number on every arrow, no hook run."""

import ctypes
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from heapq import heappop, heappush
from itertools import chain

import torch
from torch import Tensor

from ..wording import describe_error
from .data import Edge, Graph, Place, Trace, join_outputs
from .functions import (
    fit_to_input,
    function_of,
    make_tuple,
    runs_code_again,
    send_back,
    take_shape,
    take_snapshot,
)
from .private import output_metadata, sequence_number, stored_values

SPOILT = re.compile("a second time|by an inplace operation")  # what torch says then
LARGEST_ROOT = 10_000_000  # elements of a result whose weights get a place each


class GraphFreed(RuntimeError):
    """Say that an earlier backward() or an in-place change spoilt the graph."""


class WalkStopped(RuntimeError):
    """Say what an operation's own backward raised."""


def walk_back(
    trace: Trace, weights: Sequence[Tensor | None]
) -> tuple[Graph, list[str]]:
    """Run one backward pass; return the graph with its numbers, and what was not run.

    `weights` has one entry per root, as `backward(gradient=...)` takes them; None
    stands for ones. Raises GraphFreed when the saved values are gone, WalkStopped when
    something else raises.
    """
    ids = {function: node_id for node_id, function in trace.functions.items()}
    places = [(ids[function_of(root)], root.output_nr) for root in trace.roots]
    given = [
        make_ones(root) if weight is None else weight
        for root, weight in zip(trace.roots, weights, strict=True)
    ]
    starts = list(zip(places, given, strict=True))
    walk = Walk(trace)
    try:
        with keep_state(trace.leaves.values()):
            walk.run(starts)
    except Exception as problem:
        said = describe_error(problem)
        raise (GraphFreed if SPOILT.search(said) else WalkStopped)(said) from None
    copies = chain.from_iterable(walk.received.values())
    if any(grad is not None and grad.is_meta for grad in copies):  # too large to keep
        give_memory_back()
    return fill_graph(walk, starts), walk.refused


def make_ones(root: Tensor) -> Tensor:
    """Return the weights of a plain sum; of very many, all in one place."""
    if root.layout == torch.sparse_coo:
        ones = root.detach().clone()
        stored_values(ones).fill_(1)
        return ones
    if root.layout == torch.strided and root.numel() > LARGEST_ROOT:
        return torch.ones((), dtype=root.dtype, device=root.device).expand(root.shape)
    return torch.ones_like(root)


@contextmanager
def keep_state(tensors: Iterable[Tensor]) -> Iterator[None]:
    """Give every .grad and the random state back, whatever a backward does to them."""
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


def give_memory_back() -> None:
    """Return the room of large gradients to the system, as glibc itself would not."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


class Walk:
    """Walk back through a graph as autograd's engine does.

    Of the functions that all has reached, it calls the newest first.
    """

    def __init__(self, trace: Trace):
        self.trace = trace
        self.arrows: dict[str, list[Edge]] = defaultdict(list)  # by target
        self.waiting: Counter[str] = Counter()  # for so many arrows
        for edge in trace.graph.edges:
            if edge.route is not None:
                self.arrows[edge.target].append(edge)
                self.waiting[edge.source] += 1
        self.brought: dict[Place, Tensor] = {}  # so far
        frozen = {i for i, leaf in trace.leaves.items() if not leaf.requires_grad}
        self.unknown = {*trace.uncertain, *frozen}
        self.ready: list[tuple[int, int, str]] = []
        # What is written down, in the order of the walk.
        self.received: dict[str, tuple] = {}
        self.sent: dict[tuple[str, int | None], Tensor | None] = {}
        self.refused: list[str] = []

    def run(self, starts: Iterable[tuple[Place, Tensor]]) -> None:
        for (box, output), weight in starts:
            fitted = fit_to_input(weight, self.trace.functions[box], output)
            self.bring((box, output), fitted)
        for root in self.trace.graph.roots:
            if root not in self.trace.leaves:
                self.put_if_ready(root)
        while self.ready:
            self.visit(heappop(self.ready)[-1])
        for leaf in self.trace.leaves:
            if leaf not in self.received:  # because no arrow starts there
                self.visit(leaf)

    def put_if_ready(self, box: str) -> None:
        """Put a box in line once all its arrows have delivered; leaves go first."""
        if self.waiting[box] == 0:
            turn = sequence_number(self.trace.functions[box])
            heappush(self.ready, (-turn, len(self.sent), box))

    def visit(self, box: str) -> None:
        """Bring what a box sends to where its arrows lead, if that can be known."""
        function = self.trace.functions[box]
        sent: dict[int | None, Tensor | None] | None = None
        outputs = range(len(output_metadata(function)))
        received = tuple(self.brought.pop((box, output), None) for output in outputs)
        if box not in self.unknown:
            self.received[box] = tuple(map(self.note, received))
            if box not in self.trace.leaves and runs_code_again(function):
                self.refused.append(box)
            elif box not in self.trace.leaves:
                sent = dict(enumerate(self.send(box, received)))
        for edge in self.arrows[box]:
            if sent is None:
                self.unknown.add(edge.source)
            else:
                grad = sent[edge.route]
                self.sent[box, edge.route] = self.note(grad)
                self.bring((edge.source, edge.output), grad)
            self.waiting[edge.source] -= 1
            self.put_if_ready(edge.source)

    def note(self, grad: Tensor | None) -> Tensor | None:
        """Return what is written down of a gradient: it may yet be changed in place."""
        return take_snapshot(grad)

    def send(self, box: str, received: tuple) -> list[Tensor | None]:
        """Return what an operation sends to each of its inputs."""
        return send_back(self.trace.functions[box], received)

    def bring(self, place: Place, grad: Tensor | None) -> None:
        """Let a gradient arrive at a place, where others may have arrived before."""
        add_gradient(self.brought, place, grad)


def fill_graph(walk: Walk, starts: Iterable[tuple[Place, Tensor]]) -> Graph:
    """Return the graph with its gradients and the order of the walk."""
    graph, sent, leaves = walk.trace.graph, walk.sent, walk.trace.leaves
    grads = {box: join_outputs(grads) for box, grads in walk.received.items()}
    return replace(
        graph,
        nodes=tuple(replace(n, grad=grads.get(n.id)) for n in graph.nodes),
        edges=tuple(
            replace(e, grad=sent.get((e.target, e.route))) for e in graph.edges
        ),
        walk=tuple(
            i for i, grad in grads.items() if not (i in leaves and grad is None)
        ),
        starts=tuple((place, take_snapshot(weight)) for place, weight in starts),
    )


def add_gradient(totals: dict, place: Place, grad: Tensor | None) -> None:
    """Add to what had arrived before, as autograd does: never sparse to dense.

    Of large ones no more than the shape is known of a sum; to add those would import
    the compiler.
    """
    total = totals.get(place)
    if total is not None and total.is_meta:
        totals[place] = take_shape(total)
        return
    if total is not None and grad is not None:
        grad = grad + total if total.is_sparse else total + grad
    if grad is not None:
        totals[place] = grad


def list_arrivals(
    starts: Iterable, edges: Iterable[Edge], walk: Iterable[str]
) -> Mapping[Place, Tensor]:
    """Add up what reaches each output, in the order of the walk, as autograd does."""
    turn = {node_id: turn for turn, node_id in enumerate(walk)}
    arrows = [e for e in edges if e.route is not None and e.target in turn]
    arrows.sort(key=lambda edge: (turn[edge.target], edge.route))
    totals: dict[Place, Tensor] = {}
    sent = (((edge.source, edge.output), edge.grad) for edge in arrows)
    for place, grad in (*starts, *sent):
        add_gradient(totals, place, grad)
    return totals


def show_until_step(graph: Graph, step: int) -> Graph:
    """Return the graph as it stands after so many steps of the walk.

    Until it runs, an operation holds the sum of what has arrived by then, where the
    whole sum is known. A leaf waits: only the whole is added to its `.grad`.
    """
    walk = graph.walk[:step]
    done = {*walk}
    edges = tuple(e if e.target in done else replace(e, grad=None) for e in graph.edges)
    reached = {edge.source for edge in edges if edge.grad is not None}
    sums = list_arrivals(graph.starts, edges, walk)
    nodes = []
    for node in graph.nodes:
        if node.id not in done:
            outputs = range(len(make_tuple(node.grad)))
            arrived = [sums.get((node.id, output)) for output in outputs]
            told = node.id in reached and node.op != "leaf" and node.grad is not None
            node = replace(node, grad=join_outputs(arrived) if told else None)
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes), edges=edges, walk=walk)
