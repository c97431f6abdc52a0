"""How values, things and errors are said, and that what they are is not trusted."""

import math

import pytest
import torch

from helpers.wording import (
    describe_error,
    describe_thing,
    name_thing,
    write_number,
    write_value,
)

LONG_KIND = type("K" * 80, (), {})
ENDLESS = []
ENDLESS.append(ENDLESS)


class OfItsOwn(list):
    """Be a list of which nobody knows what it does."""


def noted(problem):
    problem.add_note("And a note.")
    return problem


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ValueError("no such slope\nand more"), "ValueError: no such slope"),
        (ValueError(), "ValueError"),
        (KeyError("w"), "KeyError: 'w'"),
        (ValueError("a" * 999), "ValueError: " + "a" * 148),
        (noted(ValueError("steep")), "ValueError: steep"),
        (SyntaxError("odd", ("a.py", 1, 1, "a b")), "SyntaxError: odd"),
    ],
)
def test_an_error_is_its_name_and_the_beginning_of_its_message(problem, words):
    assert describe_error(problem) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (True, "True"),
        (0, "0"),
        (-7.0, "-7"),
        (999_999, "999999"),
        (-1_000_000, "-1e+06"),
        (1_234_567, "1.235e+06"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (0.5, "0.5"),
        (1 / 3, "0.3333"),
        (-1.00001, "-1.00001"),
        (1.0000001, "1"),
        (0.0010002, "0.0010002"),
        (1.00012e-9, "1.0001e-09"),
        (1.5 - 2j, "1.5-2j"),
        (complex(1 / 3, 1.0001), "0.3333+1.0001j"),
        (complex(math.inf, -0.0), "inf+0j"),
    ],
)
def test_a_number_is_as_long_as_it_has_to_be(value, words):
    assert write_number(value) == words


@pytest.mark.parametrize(
    ("value", "digits", "most", "words"),
    [
        (2 / 3, 3, 7, "0.667"),
        (1.0001, 3, 4, "1"),
        (1.0001, 3, 5, "1.0001"),
        (1.0001, 6, 3, "1.0001"),
        (1.00000001, 4, 9, "1.00000001"),
        (complex(1.0001, 2 / 3), 3, 4, "1+0.667j"),
        (complex(2 / 3, 1.0001), 3, 5, "0.667+1.0001j"),
    ],
)
def test_a_number_has_the_digits_that_are_asked_for(value, digits, most, words):
    assert write_number(value, digits, most) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.1234567, "0.1234567"),
        (0.12345678, "0.1235"),
        (100_000.5, "100000.5"),
        (1e-300, "1e-300"),
        (5e-324, "5e-324"),  # the least there is
        (1.00000000000001, "1.00000000000001"),
        (1_234_567_890.0, "1.235e+09"),
        (math.nan, "nan"),
        (0.25 + 1j, "0.25+1j"),
        (1.00000001j, "0+1.00000001j"),
    ],
)
def test_a_number_of_a_learner_is_written_as_it_was_typed(value, words):
    assert write_value(value) == words


MANY = torch.ones(9, 9)


@pytest.mark.parametrize(
    ("value", "plain", "brief"),
    [
        (MANY, "9×9 ±1", "shape 9×9"),
        ((MANY, None), "9×9 ±1 | gone", "9×9 ±1 | gone"),
        (((None, MANY), 1), "gone | 9×9 ±1 | 1", "gone | 9×9 ±1 | 1"),
        ("torch.float32", "torch.float32", "torch.float32"),
        (None, "?", "?"),
        (torch.ones(2), "[1 1]", "[1 1]"),
    ],
)
def test_a_shape_alone_does_where_it_is_to_be_brief(value, plain, brief):
    assert write_value(value, "gone") == plain
    assert write_value(value, "gone", brief=True) == brief


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested")
def test_of_a_nested_tensor_each_part_is_written():
    parts = torch.nested.nested_tensor([torch.ones(7), torch.ones(2)])
    assert write_value(parts) == "shape 7 ±1 | [1 1]"
    assert describe_thing(parts) == "a Tensor"  # it has no shape
    long = torch.nested.nested_tensor([torch.full((7,), 1 / 3 * 1e-9)] * 5)
    assert write_value(long) == " | ".join(["shape 7"] * 5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.tensor([[1.0, 2.0], [3.0, 4.0]]), "[[1 2][3 4]]"),
        (torch.ones(2, 3), "[[1 1 1][1 1 1]]"),
        (torch.ones(3, 2), "3×2 ±1"),
        (torch.tensor([1 / 3, -2 / 3]), "[0.333 -0.667]"),
        (torch.tensor([1 / 3, -2 / 3]).double(), "[0.333 -0.667]"),
        (torch.tensor(1.00001), "1.00001"),
        (torch.tensor([0.3, 1.0001]).half(), "[0.3 1]"),  # 0.30005, as it is kept
        (torch.tensor([1_000_001, 2]), "[1e+06 2]"),
        (torch.tensor([1.0001 + 1j]).to(torch.complex128), "[1.0001+1j]"),
    ],
)
def test_a_small_tensor_is_written_in_full(value, words):
    assert write_value(value) == words


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (torch.ones(2, 3), "a tensor of shape (2, 3)"),
        (torch.nn.Parameter(torch.ones(2)), "a tensor of shape (2,)"),
        ("x", "'x'"),
        ("x" * 99, "'" + "x" * 59),
        (True, "True"),
        (-3, "-3"),
        (0.25, "0.25"),
        (2j, "2j"),
        (None, "a NoneType"),
        ([1], "a list"),
        (LONG_KIND(), "a " + "K" * 60),
    ],
)
def test_a_thing_is_described_by_its_value_or_its_kind(thing, words):
    assert describe_thing(thing) == words


def test_a_number_that_python_refuses_to_write_is_described_by_its_kind():
    assert describe_thing(10**5000) == "an int"


@pytest.mark.parametrize(
    ("thing", "words"),
    [
        (3, "an int"),
        (None, "a NoneType"),
        ("x", "'x'"),
        ("x" * 99, f"'{'x' * 60}'"),
        ([], "a list"),
        ((1, 2.0), "a tuple"),
        (OfItsOwn([None]), "an OfItsOwn"),
        ([1, None], "a list with None in it"),
        ((1, "a"), "a list with 'a' in it"),
        ([1.0, True], "a list with a bool in it"),
        ([True, {}, "a"], "a list with a dict in it"),
        ([[1, "a"]], "a list with a list with 'a' in it in it"),
        ([[[None]]], "a list with a list with a list in it in it"),
        (ENDLESS, "a list with a list with a list in it in it"),
    ],
)
def test_a_list_is_named_by_what_does_not_belong_in_it(thing, words):
    assert name_thing(thing) == words


def test_things_are_named_in_the_language_of_the_edition(chinese):
    assert name_thing([1, None]) == "里面有 None 的列表"
    assert name_thing([[None]]) == "里面有里面有 None 的列表的列表"
    assert describe_thing(torch.ones(2)) == "一个形状为 (2,) 的张量"
    assert describe_thing([]) == "一个 list"
