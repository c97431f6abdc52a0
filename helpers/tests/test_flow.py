"""The walk: what it brings to each box, in which order, and what it leaves alone."""

import warnings

import pytest
import torch

from helpers import show_graph
from helpers.flow import after, ones_for, reason


def leaf(*numbers):
    return torch.tensor(numbers or (1.0, 2.0, 3.0), requires_grad=True)


def labels(graph, walk):
    return [graph.node(i).name or graph.node(i).op for i in walk]


# ---- where it starts --------------------------------------------------------


def test_the_weights_of_a_sparse_result_are_ones_of_their_own():
    root = torch.tensor([0.0, 5.0, 0.0, 7.0]).to_sparse().requires_grad_()
    ones = ones_for(root)
    assert ones.to_dense().tolist() == [0, 1, 0, 1] and not ones.requires_grad
    assert root.to_dense().tolist() == [0, 5, 0, 7]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_very_many_weights_take_no_room(device):
    root = torch.zeros((), dtype=torch.float64, device=device).expand(10_000_001)
    ones = ones_for(root)
    assert (ones.shape, ones.dtype, ones.device) == (
        root.shape,
        root.dtype,
        root.device,
    )
    size = ones.untyped_storage().nbytes()
    assert size == 8
    assert device == "meta" or ones[-1] == 1


def test_a_few_weights_can_be_written_to_by_a_learners_own_operation():
    ones = ones_for(torch.zeros(3))
    ones[0] = 5
    assert ones.tolist() == [5, 1, 1]


# ---- in which order ---------------------------------------------------------


def test_a_leaf_has_its_turn_when_its_last_arrow_has_delivered():
    x, w, b = leaf(), leaf(), leaf()
    y = (x * w).sin() * w + b
    graph = show_graph(y).graph
    assert labels(graph, graph.walk) == ["y", "b", "Mul", "Sin", "Mul", "x", "w"]


def test_a_leaf_that_is_only_a_result_has_its_turn_at_the_end():
    x, w = leaf(), leaf()
    graph = show_graph([x, w * 2]).graph
    assert labels(graph, graph.walk) == ["Mul", "w", "x"]


def test_after_some_steps_only_what_has_arrived_by_then_is_known():
    x, w = leaf(), leaf()
    y = (x * w).exp()
    graph = show_graph(y).graph
    known = []
    for step in range(len(graph.walk) + 1):
        so_far = after(graph, step)
        assert so_far.walk == graph.walk[:step]
        boxes = [n.name or n.op for n in so_far.nodes if n.grad is not None]
        known.append((boxes, sum(e.grad is not None for e in so_far.edges)))
    assert known == [
        ([], 0),
        (["Mul", "y"], 1),
        (["Mul", "y"], 3),
        (["x", "Mul", "y"], 3),
        (["x", "w", "Mul", "y"], 3),
    ]


# ---- what arrives -----------------------------------------------------------


def test_what_arrives_is_added_up_in_the_order_of_the_walk():
    """In another order rounding would leave another number."""
    h = leaf(1.0) * 1
    y = (h * 1e30 + h * -1e30) + h
    nodes = show_graph(y).graph.nodes
    assert [n.grad.item() for n in nodes if n.name == "h"] == [0]


# ---- what it leaves alone, and what stops it ----------------------------------


class Warns(torch.autograd.Function):
    def forward(ctx, x):
        return x.clone()

    def backward(ctx, grad):
        warnings.warn("steep", stacklevel=1)
        return grad


def test_a_warning_on_the_way_is_not_passed_on():
    x = leaf()
    y = Warns.apply(x)
    assert show_graph(y).graph.node("%0").grad.tolist() == [1, 1, 1]


def test_a_gpu_that_nobody_used_is_not_woken(monkeypatch):
    def woken():
        raise AssertionError

    monkeypatch.setattr("torch.cuda.device_count", woken)
    y = leaf() * 2
    assert show_graph(y).graph.node("%0").grad.tolist() == [2, 2, 2]


def noted(problem):
    problem.add_note("And a note.")
    return problem


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ValueError("no such slope\nand more"), "ValueError: no such slope"),
        (ValueError(), "ValueError"),
        (ValueError("a" * 999), "ValueError: " + "a" * 148),
        (noted(ValueError("steep")), "ValueError: steep"),
        (torch.cuda.OutOfMemoryError("full"), "torch.OutOfMemoryError: full"),
        (SyntaxError("odd", ("a.py", 1, 1, "a b")), "SyntaxError: odd"),
    ],
    ids=["lines", "none", "long", "note", "module", "syntax"],
)
def test_a_reason_is_a_name_and_the_beginning_of_its_message(problem, words):
    assert reason(problem) == words
