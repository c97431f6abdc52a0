"""Whatever is handed in becomes plain data; a difference is named for what it is."""

import functools
import math
import warnings
from dataclasses import FrozenInstanceError
from decimal import Decimal

import numpy as np
import pytest
import torch

from helpers.checking.answers import (
    Odd,
    Outcome,
    Raised,
    describe_difference,
    is_same,
    make_plain,
    write_answer,
    write_input,
)

FOUR = torch.tensor([1.0, -2.0, 3.0, 4.0], dtype=torch.float64)
TABLE = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    "written",
    [
        [1, -2, 3, 4],
        (1.0, -2.0, 3.0, 4.0),
        FOUR.float(),
        FOUR.clone().requires_grad_(),
        FOUR.to_sparse(),
        FOUR.numpy(),
        [torch.tensor(1), np.float32(-2), 3, 4.0],
        [torch.tensor(n, requires_grad=True) for n in FOUR.tolist()],
    ],
    ids=["ints", "tuple", "float32", "tracked", "sparse", "array", "mixed", "leaves"],
)
def test_the_same_numbers_may_be_written_in_many_ways(written):
    assert is_same(make_plain(written), FOUR)


def test_what_is_no_number_stays_what_it_is():
    assert (
        make_plain(True) is True and make_plain(None) is None and make_plain("a") == "a"
    )
    assert (
        make_plain(np.bool_(True)) is True and make_plain(torch.tensor(False)) is False
    )
    assert make_plain(Decimal(1)) == Odd("Decimal") and make_plain({}) == Odd("dict")
    assert make_plain([True, False]).tolist() == make_plain((1, 0)).bool().tolist()
    assert make_plain([]).numel() == 0 and make_plain(1 / 3).item() == 1 / 3
    ragged = make_plain([[1], [1, 2]])
    assert type(ragged) is tuple and [part.numel() for part in ragged] == [1, 2]


@pytest.mark.parametrize(
    "x", [torch.ones(3, requires_grad=True), FOUR.clone(), FOUR > 0]
)
def test_reading_an_answer_takes_nothing_from_it(x):
    before, tracked = x.tolist(), x.requires_grad
    copy = make_plain(x)
    copy.zero_()
    assert x.tolist() == before
    assert x.requires_grad == tracked and not copy.requires_grad


def test_sameness():
    assert is_same(make_plain(2.0), make_plain([2])) and not is_same(
        make_plain([2, 2]), make_plain(2)
    )
    assert not is_same(make_plain(True), make_plain(1.0)) and not is_same(
        None, make_plain(0.0)
    )
    assert is_same(make_plain(math.nan), make_plain(torch.nan))
    assert is_same((None, FOUR), (None, FOUR)) and not is_same(
        (None, FOUR), (FOUR, None)
    )
    assert is_same(Raised("A", "x", "FAMILY"), Raised("B", "y", "FAMILY"))
    assert not is_same(Raised("A", "x", "FAMILY"), Raised("B", "y", "FAMILY"), 1e-13)
    assert not is_same(Raised("A", "x"), Raised("A", "y"))
    assert is_same(Raised("A", "x", line="1"), Raised("A", "x", line="2"))


@pytest.mark.parametrize(
    ("wanted", "got", "kind"),
    [
        (FOUR, None, "none"),
        (None, FOUR, "none"),
        (FOUR, FOUR[:3], "shape"),
        (FOUR, FOUR[:, None], "shape"),
        (TABLE, TABLE.T, "transposed"),
        (TABLE[:1], TABLE[:1].T, "transposed"),
        (FOUR, -FOUR, "sign"),
        (FOUR, 3 * FOUR, "factor"),
        (FOUR, FOUR / 4, "factor"),
        (FOUR, FOUR * (1 + 1e-7), "rounded"),
        (FOUR, FOUR * torch.nan, "nan"),
        (FOUR, FOUR + 1, "value"),
        (FOUR[0], FOUR[1], "value"),
        (0 * FOUR, FOUR, "value"),
        (FOUR, 0 * FOUR, "value"),
        (FOUR * torch.nan, FOUR, "value"),
        (FOUR / (FOUR - 3), 1 + FOUR / (FOUR - 3), "value"),
        (torch.tensor([-2.0, 0.0, -1.0]), torch.tensor([-6.0, 0.0, -3.0]), "factor"),
        (FOUR, True, "kind"),
        (FOUR, Odd("dict"), "kind"),
        ("torch.float32", "torch.int64", "dtype"),
        ((True, FOUR), (True, -FOUR), "sign"),
        ((True, FOUR), (True,), "shape"),
        ((True, FOUR), (True, None), "none"),
    ],
)
def test_a_difference_is_named(wanted, got, kind):
    assert describe_difference(wanted, got) == kind


def test_lists_inside_lists_are_read_to_a_depth():
    def nested(depth):
        return [nested(depth - 1)] if depth else 7.0

    assert make_plain(nested(8)).shape == (1,) * 8
    deeper = make_plain(nested(9))
    for _ in range(8):
        (deeper,) = deeper
    assert deeper == Odd("list")


def test_real_and_complex_numbers_can_be_told_apart():
    assert describe_difference(FOUR, FOUR * 1j) == "factor"
    assert describe_difference(FOUR.float(), -FOUR) == "sign"
    assert describe_difference(FOUR > 0, FOUR < 0) == "value"


def test_numbers_agree_to_nine_digits_unless_more_is_asked_for():
    assert is_same(FOUR, FOUR * (1 + 1e-10)) and not is_same(FOUR, FOUR * (1 + 1e-8))
    assert not is_same(FOUR, FOUR * (1 + 1e-10), 1e-13)


@pytest.mark.thorough
def test_an_answer_may_be_as_long_as_that():
    assert (
        make_plain([1.0] * 100_000).numel()
        == make_plain(np.ones(100_000)).numel()
        == 100_000
    )
    assert make_plain([1.0] * 100_001) == Odd("list")
    assert make_plain(np.ones(100_001)) == Odd("ndarray")
    assert make_plain(torch.ones(100_000)).numel() == 100_000
    assert make_plain(torch.ones(100_001)) == Odd("tensor with 100001 numbers")
    assert len(make_plain("a" * 200)) == len(write_answer("a" * 200)) == 120


def test_truth_values_beside_numbers_stay_apart():
    assert [type(part) for part in make_plain([True, 2.0])] == [bool, torch.Tensor]


def test_few_digits_of_a_quantized_tensor_are_numbers_as_well():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch gives quantized tensors up
        coarse = torch.quantize_per_tensor(FOUR.float(), 0.5, 0, torch.qint8)
    assert make_plain(coarse).tolist() == FOUR.tolist()
    assert make_plain(coarse).dtype == torch.float64


@pytest.mark.parametrize("thing", [Raised("A", "x"), Odd("dict"), Outcome(1.0)])
def test_what_was_found_out_cannot_be_changed(thing):
    for name in vars(thing):
        with pytest.raises(FrozenInstanceError):
            setattr(thing, name, None)


def test_a_result_has_no_graph_unless_it_is_said():
    assert Outcome(1.0) == Outcome(1.0, tracked=False, clues=())


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (None, "None"),
        (True, "True"),
        ("torch.float32", "torch.float32"),
        (FOUR, "[1 -2 3 4]"),
        (Odd("dict"), "a dict"),
        ((None, True), "(None, True)"),
        ((True,) * 6, "(True, True, True, True, True, True)"),
        ((True,) * 7, "(True, True, True, True, True, True, …)"),
    ],
)
def test_an_answer_is_told_in_a_few_words(thing, words):
    assert write_answer(thing) == words


def named(x):
    return x


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (named, "named"),
        (lambda x: x, ""),
        (functools.partial(named), ""),
        (3, "3"),
        ([1, 2], "[1 2]"),
        (object(), ""),
        ([1, None], ""),
        ("a" * 40, "a" * 40),
        ("a" * 41, ""),
    ],
)
def test_an_input_is_told_if_it_is_short(thing, words):
    assert write_input(thing) == words
