"""The walk: what it brings to each box, in which order, and what it leaves alone."""

import math
import warnings

import pytest
import torch

from helpers import show_graph
from helpers.flow import after, differ, is_one, ones_for, reason


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


ONES = {
    "one": (torch.tensor(1.0), True),
    "another number": (torch.tensor(2.0), False),
    "a list of one": (torch.tensor([1.0]), False),
    "a shape alone": (torch.tensor(1.0, device="meta"), False),
    "a complex one": (torch.tensor(1 + 0j), False),
    "a class of its own": (torch.nn.Parameter(torch.tensor(1.0)), False),
}


@pytest.mark.parametrize(("weight", "told"), ONES.values(), ids=ONES)
def test_torch_is_left_to_start_with_a_lone_one_by_itself(weight, told):
    assert is_one(weight) is told


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


def test_one_of_several_outputs_that_a_hook_changed_is_told():
    first, second = leaf().reshape(3, 1).unbind(1)[0].split(2)
    first.register_hook(lambda grad: grad * 10)
    y = (first.sum() + second.sum()) * 2
    (split,) = (n for n in show_graph(y).graph.nodes if n.op == "Split")
    assert [grad.tolist() for grad in split.arrived] == [[2, 2], [2]]
    assert [grad.tolist() for grad in split.grad] == [[20, 20], [2]]


def test_what_arrives_is_added_up_in_the_order_of_the_walk():
    """In another order rounding would leave another number, as if by a hook."""
    h = leaf(1.0) * 1
    y = (h * 1e30 + h * -1e30) + h
    nodes = show_graph(y).graph.nodes
    assert [n.grad.item() for n in nodes if n.name == "h"] == [0]
    assert all(n.arrived is None for n in nodes)


SAME, OTHER = False, True
NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("arrived", "received", "told"),
    [
        ([1.0, 2.0], [1.0, 2.0], SAME),
        ([-1.0, 1e-9], [-1.00001, 2e-9], SAME),
        ([1.0, 2.0], [1.01, 2.0], OTHER),
        ([-1.0], [-2.0], OTHER),
        ([0.0], [1.0], OTHER),
        ([1.0], [0.0], OTHER),
        ([NAN, INF, -INF, 1e-9], [NAN, INF, -INF, 1e-9], SAME),
        ([NAN, 1e-9], [NAN, 2e-9], OTHER),
        ([INF, 1e-9], [INF, 2e-9], OTHER),
        ([INF], [-INF], OTHER),
        ([complex(NAN, 1)], [complex(NAN, 1)], SAME),
        ([complex(NAN, 1)], [complex(NAN, 2)], OTHER),
    ],
)
def test_rounding_alone_makes_no_other_gradient(arrived, received, told):
    assert differ(torch.tensor(arrived), torch.tensor(received)) is told


@pytest.mark.parametrize(
    ("arrived", "received", "told"),
    [
        (None, torch.ones(1), SAME),
        (torch.ones(1), None, SAME),
        (torch.ones(1, device="meta"), torch.zeros(1, device="meta"), SAME),
        (torch.ones(2).to_sparse(), torch.ones(2), SAME),
        (torch.ones(2).to_sparse(), torch.zeros(2), OTHER),
        (torch.ones(2).double(), torch.ones(2), SAME),
        (torch.ones(2).double(), torch.zeros(2), OTHER),
    ],
)
def test_gradients_of_any_kind_are_compared_as_far_as_they_are_known(
    arrived, received, told
):
    assert differ(arrived, received) is told


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
