"""Whatever is handed in becomes plain data; a difference is named for what it is."""

import functools
import math
import warnings
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from helpers.checking.answers import (
    Odd,
    Raised,
    describe_difference,
    is_same,
    make_plain,
    write_answer,
    write_input,
)

FOUR = torch.tensor([1.0, -2.0, 3.0, 4.0], dtype=torch.float64)
TABLE = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)


def coarse():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # PyTorch gives quantized tensors up
        return torch.quantize_per_tensor(FOUR.float(), 0.5, 0, torch.qint8)


WAYS = {
    "ints": [1, -2, 3, 4],
    "tuple": (1.0, -2.0, 3.0, 4.0),
    "float32": FOUR.float(),
    "tracked": FOUR.clone().requires_grad_(),
    "sparse": FOUR.to_sparse(),
    "quantized": coarse(),
    "array": FOUR.numpy(),
    "mixed": [torch.tensor(1), np.float32(-2), 3, 4.0],
    "leaves": [torch.tensor(n, requires_grad=True) for n in FOUR.tolist()],
}


@pytest.mark.parametrize("written", WAYS.values(), ids=WAYS)
def test_the_same_numbers_may_be_written_in_many_ways(written):
    read = make_plain(written)
    assert is_same(read, FOUR) and read.dtype == torch.float64


def test_complex_numbers_stay_complex():
    for written in (1 + 2j, np.complex64(1 + 2j), torch.tensor(1 + 2j)):
        read = make_plain(written)
        assert read.dtype == torch.complex128 and read.item() == 1 + 2j


class Exiting(torch.Tensor):
    @classmethod
    def __torch_function__(cls, *call):
        raise SystemExit


@pytest.mark.parametrize(
    ("thing", "plain"),
    [
        (True, True),
        (np.bool_(True), True),
        (torch.tensor(False), False),
        (None, None),
        ("a" * 200, "a" * 120),
        (Decimal(1), Odd("Decimal")),
        ({}, Odd("dict")),
        ([1.0] * 100_001, Odd("list")),
        (np.ones(100_001), Odd("ndarray")),
        (torch.ones(100_001), Odd("tensor with 100001 numbers")),
        (torch.ones(1).as_subclass(Exiting), Odd("Exiting")),
    ],
)
def test_what_is_no_number_stays_what_it_is(thing, plain):
    assert make_plain(thing) == plain and type(make_plain(thing)) is type(plain)


@pytest.mark.thorough
def test_lists_are_joined_where_their_parts_are_alike():
    assert make_plain([True, False]).tolist() == [True, False]
    assert [type(part) for part in make_plain([True, 2.0])] == [bool, torch.Tensor]
    assert [part.numel() for part in make_plain([[1], [1, 2]])] == [1, 2]
    assert make_plain([]).numel() == 0 and make_plain(1 / 3).item() == 1 / 3
    for many in ([1.0] * 100_000, np.ones(100_000), torch.ones(100_000)):
        assert make_plain(many).numel() == 100_000


def test_lists_inside_lists_are_read_to_a_depth():
    def nested(depth):
        return [nested(depth - 1)] if depth else 7.0

    assert make_plain(nested(8)).shape == (1,) * 8
    deeper = make_plain(nested(9))
    for _ in range(8):
        (deeper,) = deeper
    assert deeper == Odd("list")


@pytest.mark.parametrize(
    "x", [torch.ones(3, requires_grad=True), FOUR.clone(), FOUR > 0]
)
def test_reading_an_answer_takes_nothing_from_it(x):
    before, tracked = x.tolist(), x.requires_grad
    copy = make_plain(x)
    copy.zero_()
    assert x.tolist() == before
    assert x.requires_grad == tracked and not copy.requires_grad


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (make_plain(2.0), make_plain([2]), True),
        (make_plain([2, 2]), make_plain(2), False),
        (True, make_plain(1.0), False),
        (None, make_plain(0.0), False),
        (make_plain(math.nan), make_plain(torch.nan), True),
        ((None, FOUR), (None, FOUR), True),
        ((None, FOUR), (FOUR, None), False),
        ((None, FOUR), (None,), False),
        (FOUR, FOUR * (1 + 1e-10), True),
        (FOUR, FOUR * (1 + 1e-8), False),
        (Raised("A", "x", "FAMILY"), Raised("B", "y", "FAMILY"), True),
        (Raised("A", "x"), Raised("A", "y"), False),
        (Raised("A", "x", line="1"), Raised("A", "x", line="2"), True),
    ],
)
def test_sameness(one, other, same):
    assert is_same(one, other) is same


def test_where_more_than_nine_digits_count_errors_must_be_alike_too():
    assert not is_same(FOUR, FOUR * (1 + 1e-10), 1e-13)
    assert not is_same((None, FOUR), (None, FOUR * (1 + 1e-10)), 1e-13)
    assert not is_same(Raised("A", "x", "FAMILY"), Raised("B", "y", "FAMILY"), 1e-13)


@pytest.mark.parametrize(
    ("wanted", "got", "kind"),
    [
        (FOUR, None, "none"),
        (None, FOUR, "none"),
        (FOUR, FOUR[:3], "shape"),
        (FOUR, FOUR[:, None], "shape"),
        (TABLE, TABLE.T, "transposed"),
        (TABLE, TABLE.T * (1 + 1e-7), "transposed"),
        (TABLE[:1], TABLE[:1].T, "transposed"),
        (FOUR, -FOUR, "sign"),
        (FOUR.float(), -FOUR, "sign"),
        (FOUR, 3 * FOUR, "factor"),
        (FOUR, FOUR / 4, "factor"),
        (FOUR, FOUR * 1j, "factor"),
        (FOUR, FOUR * (1 + 1e-7), "rounded"),
        (FOUR, FOUR * torch.nan, "nan"),
        (FOUR, FOUR + 1, "value"),
        (FOUR[0], FOUR[1], "value"),
        (0 * FOUR, FOUR, "value"),
        (FOUR, 0 * FOUR, "value"),
        (FOUR > 0, FOUR < 0, "value"),
        (FOUR * torch.nan, FOUR, "value"),
        (FOUR / (FOUR - 3), 1 + FOUR / (FOUR - 3), "value"),
        (torch.tensor([-2.0, 0.0, -1.0]), torch.tensor([-6.0, 0.0, -3.0]), "factor"),
        (FOUR, True, "kind"),
        (FOUR, Odd("dict"), "kind"),
        ("text", True, "kind"),
        ("text", "other", "value"),
        (True, False, "value"),
        (Odd("dict"), Odd("set"), "value"),
        ("torch.float32", "torch.int64", "dtype"),
        ((True, FOUR), (True, -FOUR), "sign"),
        ((True, FOUR), (True,), "shape"),
        ((True, FOUR), (True, None), "none"),
        ((True, FOUR), (True, FOUR), "value"),
    ],
)
def test_a_difference_is_named(wanted, got, kind):
    assert describe_difference(wanted, got) == kind


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (None, "None"),
        (True, "True"),
        ("torch.float32", "torch.float32"),
        ("a" * 200, "a" * 120),
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
        (None, "None"),
        (SimpleNamespace(value=2.5, slopes=(1.0,)), "2.5"),
        (object(), ""),
        ([1, None], ""),
        ("a" * 40, "a" * 40),
        ("a" * 41, ""),
    ],
)
def test_an_input_is_told_if_it_is_short(thing, words):
    assert write_input(thing) == words
