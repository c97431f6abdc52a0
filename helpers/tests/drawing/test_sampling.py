"""Sampling: every jump of a function or its slope is found, and nothing else."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.drawing.curves import read_curve
from helpers.drawing.picture import CannotDraw
from helpers.drawing.sampling import VISIBLE, Number


def curve(f, start, stop):
    found, *_ = read_curve(f, start, stop)
    return found


def jumps(f, start, stop):
    return [jump.after.place for jump in curve(f, start, stop).breaks]


@pytest.mark.thorough
@given(st.lists(st.integers(-19, 19), unique=True, max_size=4), st.data())
@settings(max_examples=40)
def test_every_jump_between_pieces_is_found_and_nothing_else(cuts, data):
    cuts = sorted(k / 7 for k in cuts)
    steps = data.draw(st.lists(st.integers(1, 9), min_size=4, max_size=4))
    bends = data.draw(st.lists(st.integers(0, 9), min_size=4, max_size=4))

    def f(x):
        y = x.sin()
        for place, step, bend in zip(cuts, steps, bends, strict=False):
            if x >= place:
                y = y + step + bend * (x - place)
        return y

    found = curve(f, -3, 3)
    places = [jump.after.place for jump in found.breaks]
    assert places == pytest.approx(cuts, abs=1e-12)
    assert all(jump.changes for jump in found.breaks)
    for jump, step in zip(found.breaks, steps, strict=False):
        assert jump.after.value - jump.before.value == pytest.approx(step)


@pytest.mark.thorough
@given(st.floats(-2.9, 2.9), st.integers(1, 9))
@settings(max_examples=40)
def test_a_bend_is_found_where_only_the_slope_jumps(place, bend):
    found = curve(lambda x: bend * torch.relu(x - place) + x, -3, 3)
    (jump,) = found.breaks
    assert jump.after.place == pytest.approx(place, abs=1e-9)
    assert jump.changes == ("slope",)


@pytest.mark.parametrize(
    "f",
    [
        torch.exp,
        lambda x: torch.tanh(1000 * x),
        lambda x: 1 / (0.001 + x * x),
        lambda x: x**5 - 3 * x,
        lambda x: 7 * x - 2,
        lambda x: x.clamp(-9, 9),
        lambda x: (x * torch.tensor([0.1, 0.7])).sum(),
    ],
)
def test_what_is_smooth_has_no_break(f):
    assert jumps(f, -2, 2) == []


@pytest.mark.thorough
@given(st.floats(0.1, 60), st.floats(-3, 3), st.floats(-3, 0), st.floats(0.1, 6))
@settings(max_examples=40)
def test_a_wave_has_no_break_wherever_the_samples_fall(k, phase, start, length):
    assert jumps(lambda x: (k * x + phase).sin(), start, start + length) == []


@pytest.mark.parametrize(
    ("f", "places"),
    [
        (torch.floor, [0]),
        (torch.relu, [0]),
        (
            lambda x: x + sum(x > p for p in (0.501, 0.502, 0.504)),
            [0.501, 0.502, 0.504],
        ),
        (lambda x: 100 * (x + 10 * VISIBLE * (x > 0.3)), [0.3]),
        (lambda x: 0.01 * (x + 10 * VISIBLE * (x > 0.3)), [0.3]),
        (lambda x: 100 * (x + VISIBLE / 10 * (x > 0.3)), []),
        (lambda x: 0.01 * (x + VISIBLE / 10 * (x > 0.3)), []),
    ],
)
def test_jumps_are_found_by_their_size_in_what_surrounds_them(f, places):
    assert jumps(f, -0.7, 0.8) == pytest.approx(places)


def test_a_small_jump_of_the_value_is_found_in_a_steep_curve():
    assert jumps(lambda x: 100 * x + 1e-5 * (x >= 0.003), 0, 0.01) == [0.003]


@pytest.mark.parametrize(
    ("place", "round_place"),
    [(0.125, 0.125), (0.12345678901234, 0.12345678901234), (0.123456789012345, None)],
)
def test_only_a_jump_at_a_number_of_few_digits_is_at_a_place(place, round_place):
    (jump,) = curve(lambda x: x if x >= place else x + 5, 0, 1).breaks
    assert jump.after.place == place
    assert (jump.at and jump.at.place) == round_place


def test_a_jump_with_a_value_of_its_own_changes_what_both_sides_of_it_change():
    def f(x):
        return x * 0 if x < 1 else x * 0 + 1 if x == 1 else 3 * x

    (jump,) = curve(f, 0, 2).breaks
    assert set(jump.changes) == {"value", "slope"}
    assert (jump.before.value, jump.at.value, jump.after.slope) == (0, 1, 3)


@pytest.mark.parametrize("trained", [False, True])
def test_a_branch_that_returns_a_constant_has_slope_0(trained):
    constant = torch.tensor(0.0, requires_grad=trained)
    found = curve(lambda x: x if x > 0 else constant, -1, 1)
    assert [piece[0].slope for piece in found.pieces] == [0, 1]


@pytest.mark.parametrize(
    ("size", "written"),
    [
        (1999.9999999999998, "2000"),
        (123456.0000001, "123456"),
        (123456.000001, "1.235e+05"),
        (3e-13, "0"),
        (3e-12, "3e-12"),
    ],
)
def test_a_number_is_written_without_its_rounding(size, written):
    assert f"{Number(size)}" == written


@pytest.mark.thorough
@pytest.mark.parametrize(
    "f", [lambda x: x + (90 * x).floor(), lambda x: (1e9 * x).sin()]
)
def test_what_jumps_or_bends_too_often_is_told_so(f):
    with pytest.raises(CannotDraw, match="f jumps or bends too often there to be"):
        curve(f, 0, 1)
