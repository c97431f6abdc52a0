"""Every differentiable operation of torch, on the inputs of torch's own tests."""

import warnings

import pytest
import torch

from helpers import show_graph
from helpers.graph.backward import make_ones
from helpers.graph.functions import function_of, take_snapshot
from helpers.tests.graph.operations import (
    ALL,
    SAMPLES,
    among_few_names,
    computed,
    list_operations,
    samples,
    state,
    tensors_of,
    try_each,
)

pytestmark = pytest.mark.thorough

PAINTED = 1 if ALL else 10  # every so many operations also the picture itself


def same(one, other):
    """Tell whether two gradients are equal, bit for bit; nan is nan."""
    if one is None or other is None:
        return one is other
    one, other = one.to_dense().resolve_conj(), other.to_dense().resolve_conj()
    if one.dtype != other.dtype or one.shape != other.shape:
        return False
    return bool(((one == other) | (one.isnan() & other.isnan())).all())


def added(graph, roots, weights):
    """Add up what the arrows bring to each output, in the order of the walk."""
    ids = dict(zip(dict.fromkeys(map(function_of, roots)), graph.roots, strict=True))
    turn = {node_id: turn for turn, node_id in enumerate(graph.walk)}
    arrows = [edge for edge in graph.edges if edge.grad is not None]
    arrows.sort(key=lambda edge: (turn[edge.target], edge.route))
    brought = [
        ((ids[function_of(root)], root.output_nr), weight)
        for root, weight in zip(roots, weights, strict=True)
    ]
    brought += [((edge.source, edge.output), edge.grad) for edge in arrows]
    totals = {}
    for place, grad in brought:
        totals[place] = totals[place] + grad if place in totals else grad
    return totals


def received(graph):
    """Return what each output received."""
    return {
        (node.id, number): grad
        for node in graph.nodes
        if node.grad is not None
        for number, grad in enumerate(
            node.grad if isinstance(node.grad, tuple) else (node.grad,)
        )
        if grad is not None
    }


def walked(roots, leaves, weights):
    """Return the gradients of autograd.grad and of backward; None if they raise."""
    try:
        grads = torch.autograd.grad(
            roots, leaves, weights, retain_graph=True, allow_unused=True
        )
        torch.autograd.backward(roots, weights, inputs=leaves)
    except RuntimeError:
        return None
    held = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = None
    return grads, held


def compare(op, sample, watched, painted):
    """Draw what an operation did, and compare every number with autograd's own."""
    roots = computed(op, sample, watched)
    leaves = [t for t in tensors_of(sample) if t.requires_grad and t.is_leaf]
    if not roots or not leaves:
        return
    before = state(tensors_of(sample))
    names = {f"leaf{number}": leaf for number, leaf in enumerate(leaves)}
    with warnings.catch_warnings(action="error"):
        picture = among_few_names(show_graph, roots, fold=False, **names)
        assert str(picture) and (not painted or picture.png)
    assert state(tensors_of(sample)) == before
    graph, weights = picture.graph, list(map(make_ones, roots))
    truth = walked(roots, leaves, weights)
    if truth is None:
        assert graph.walk == () and "No gradients" in str(picture)
        return
    assert "hook" not in str(picture)
    if all(root.is_leaf for root in roots):
        return
    sums, grads = added(graph, roots, weights), received(graph)
    assert all(same(sums[place], grads[place]) for place in sums.keys() | grads.keys())
    drawn = {node.name: node.grad for node in graph.nodes if node.op == "leaf"}
    for name, *given in zip(names, *truth, strict=True):
        assert all(same(drawn.get(name), grad) for grad in given)


@pytest.fixture(autouse=True)
def every_number(monkeypatch):
    """Keep all numbers of large tensors as well, so that they can be compared."""
    monkeypatch.setattr(take_snapshot, "__defaults__", (10_000_000,))


@pytest.mark.parametrize("watched", [False, True], ids=["", "watched"])
def test_each_operation_is_drawn_with_autograds_own_numbers(watched):
    few = {*list(list_operations())[::PAINTED]}
    assert len(list_operations()) > 400
    try_each(lambda op: draw(op, watched, op.formatted_name in few))


def draw(op, watched, painted):
    """Draw an operation on its samples, and compare the numbers."""
    with warnings.catch_warnings(action="ignore"):
        kinds = op.supported_backward_dtypes("cpu")
        for dtype in (dtype for dtype in SAMPLES if dtype in kinds):
            for sample in samples(op, dtype):
                compare(op, sample, watched, painted)
                painted = False


def test_an_operation_that_fails_is_named():
    def fail(op):
        assert op.formatted_name != "sin"

    with pytest.raises(ExceptionGroup) as caught:
        try_each(fail)
    (failed,) = caught.value.exceptions
    assert failed.__notes__[-1] == "sin"
