"""One real backward pass: every number on every edge, the learner's state untouched."""

import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.autograd.graph import GradientEdge

from .graph import Edge, Graph, Trace, inputs_of, is_leaf, snapshot, tensors_in


class GraphFreed(RuntimeError):
    """Say that an earlier backward() or an in-place change spoilt the graph."""


@dataclass
class Recording:
    """Collect what one walk brings to, and takes from, each operation."""

    received: dict[str, tuple] = field(default_factory=dict)  # in the walk's order
    sent: dict[str, tuple] = field(default_factory=dict)


@contextmanager
def recording(trace: Trace) -> Iterator[Recording]:
    """Listen to every operation of the graph while the block runs."""
    record = Recording()
    handles = [
        function.register_hook(listener(record, node_id))
        for node_id, function in trace.functions.items()
        if not is_leaf(function)
    ]
    try:
        yield record
    finally:
        for handle in handles:
            handle.remove()


def listener(record: Recording, node_id: str):
    """Return a hook that copies what it hears: autograd reuses the storage."""

    def listen(sent, received):
        record.received[node_id] = tuple(map(snapshot, received))
        record.sent[node_id] = tuple(map(snapshot, sent))

    return listen


@contextmanager
def undisturbed(tensors: Sequence[Tensor]) -> Iterator[None]:
    """Give every .grad and the random state back as they were.

    Even torch.autograd.grad writes the .grad of tensors that retain_grad() marked.
    """
    marked = [t for t in tensors if t.retains_grad and not t.is_leaf]
    before = [(t, t.grad, None if t.grad is None else t.grad.clone()) for t in marked]
    try:
        with torch.random.fork_rng(devices=[]), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for tensor, grad, copy in before:
            if grad is not None:
                grad.copy_(copy)
            tensor.grad = grad


def flow(
    trace: Trace,
    weights: Sequence[Tensor | None],
    names: Mapping[str, object],
) -> Graph:
    """Run one backward pass and write its numbers into the graph.

    `weights` has one entry per root, as `backward(gradient=...)` takes them; None
    stands for ones. Raises GraphFreed when the saved values are gone.
    """
    leaves = {i: f.variable for i, f in trace.functions.items() if is_leaf(f)}
    ends = [*leaves.values(), *(GradientEdge(*place) for place in trace.beyond)]
    tensors = [tensor for _, tensor in tensors_in(names)]
    with undisturbed(tensors), recording(trace) as record:
        arrived = run(trace.roots, ends, weights)
    totals = dict(zip(leaves, arrived, strict=False))
    return filled(trace, record, totals)


def run(roots, ends, weights) -> tuple[Tensor | None, ...]:
    """Walk back from the roots to the ends, freeing nothing."""
    given = [
        torch.ones_like(root) if weight is None else weight
        for root, weight in zip(roots, weights, strict=True)
    ]
    try:
        return torch.autograd.grad(
            roots, ends, given, retain_graph=True, allow_unused=True
        )
    except RuntimeError as problem:
        raise GraphFreed(str(problem)) from None


def filled(trace: Trace, record: Recording, totals: Mapping) -> Graph:
    """Return the graph with its gradients and the order of the walk."""
    edges = tuple(with_gradients(trace, record))
    nodes = tuple(
        replace(node, grad=one_or_all(record.received.get(node.id)))
        if node.id not in totals
        else replace(node, grad=snapshot(totals[node.id]))
        for node in trace.graph.nodes
    )
    walk = tuple(walk_order(record, edges, totals))
    return replace(trace.graph, nodes=nodes, edges=edges, walk=walk)


def one_or_all(received: tuple | None) -> object:
    """Return one output's gradient, or the tuple where there are several."""
    if received is None:
        return None
    return received[0] if len(received) == 1 else received


def with_gradients(trace: Trace, record: Recording) -> Iterator[Edge]:
    """Yield every arrow with what was sent back along it."""
    ids = {function: node_id for node_id, function in trace.functions.items()}
    pending = {}
    for node_id, function in trace.functions.items():
        sent = record.sent.get(node_id, ())
        pending[node_id] = iter(
            [
                sent[slot] if slot < len(sent) else None
                for slot, source, _ in inputs_of(function)
                if source in ids
            ]
        )
    tracked = set(trace.functions)
    for edge in trace.graph.edges:
        if edge.source in tracked:
            edge = replace(edge, grad=next(pending[edge.target], None))
        yield edge


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


def after(graph: Graph, step: int) -> Graph:
    """Return the graph as it stands after so many steps of the walk."""
    done = graph.walk[:step]
    reached = {e.source for e in graph.edges if e.target in done} | {*done}
    nodes = tuple(
        node
        if node.id in done or (node.op != "leaf" and node.id in reached)
        else replace(node, grad=None)
        for node in graph.nodes
    )
    edges = tuple(e if e.target in done else replace(e, grad=None) for e in graph.edges)
    return replace(graph, nodes=nodes, edges=edges, walk=done)
