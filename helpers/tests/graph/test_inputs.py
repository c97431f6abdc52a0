"""What an operation computed with, read from what it saved for the walk alone."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from helpers.graph.inputs import (
    Constant,
    find_unwatched_inputs,
    is_index,
    order_inputs,
)
from helpers.graph.private import saved_values

X = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
ONES, INDEX, MASK = torch.ones(3), torch.tensor([0, 1]), torch.tensor([True, False])
LAST = torch.tensor([False, False, True])
END = torch.tensor(2.0, requires_grad=True)


def plain(inputs):
    """Return inputs as plain data: an arrow as X, a constant as its value."""
    values = [it.value if isinstance(it, Constant) else "X" for it in inputs]
    return [v.tolist() if isinstance(v, Tensor) else v for v in values]


FOUND = [
    ("a number", lambda: X**2, ["X", 2]),
    ("a number first", lambda: 2**X, [2, "X"]),
    ("a constant", lambda: X / ONES, ["X", [1, 1, 1]]),
    ("a constant first", lambda: torch.eye(1) @ X[None, :1], [[[1]], "X"]),
    ("two arrows", lambda: X * X, ["X", "X"]),
    ("an index", lambda: X[INDEX], ["X", [0, 1]]),
    ("a mask", lambda: X[LAST], ["X", [False, False, True]]),
    ("a number as by default", lambda: X.clamp(min=1.5), ["X", 1.5]),
    ("both numbers", lambda: X.clamp(0, 2), ["X", 0, 2]),
    ("a number nobody saved", lambda: X.masked_fill(LAST, 7), ["X", [0, 0, 1], None]),
    (
        "an arrow more",
        lambda: X.masked_fill(LAST, END),
        ["X", [0, 0, 1], "X"],
    ),
    ("no weights", lambda: functional.layer_norm(X, (3,)), ["X"]),
    (
        "weights",
        lambda: functional.layer_norm(X, (3,), ONES, -ONES),
        ["X", [1, 1, 1], [-1, -1, -1]],
    ),
    ("no such operation", lambda: functional.interpolate(X[None, None], 4), ["X"]),
]


@pytest.mark.parametrize(
    ("compute", "wanted"),
    [pytest.param(compute, wanted, id=name) for name, compute, wanted in FOUND],
)
def test_inputs_are_rebuilt_from_what_was_saved(compute, wanted):
    function = compute().grad_fn
    assert plain(find_unwatched_inputs(function, saved_values(function))) == wanted


def test_an_operation_of_the_learners_is_never_taken_for_torchs():
    class Pow(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, other):
            ctx.save_for_backward(x)
            return x.clone()

        @staticmethod
        def backward(ctx, gradient):
            return gradient, None

    y = Pow.apply(X, ONES)
    inputs = find_unwatched_inputs(y.grad_fn, saved_values(y.grad_fn))
    assert plain(inputs) == ["X", None]


@pytest.mark.parametrize(
    ("compute", "turned"), [(lambda: 1 - X, True), (lambda: X - 1, False)]
)
def test_one_minus_x_is_turned_round(compute, turned):
    """It is Rsub(x, 1) in torch."""
    function, arrow = compute().grad_fn, (0, object(), 0)
    inputs = order_inputs(function, saved_values(function), [arrow])
    assert inputs.index(arrow) == turned and len(inputs) == 2


def test_indices_are_tensors_that_have_no_gradient():
    assert is_index([INDEX, MASK]) and is_index(INDEX)
    for other in ([INDEX, X], [X, INDEX], X * 1j, [], None, 5):
        assert not is_index(other)
