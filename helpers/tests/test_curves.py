"""Curves: the slope that is drawn is the true one, and every jump is found."""

import io
import math
import random

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from helpers.curves import show_slopes, show_tangent
from helpers.language import set_language
from helpers.picture import CannotDraw
from helpers.sampling import VISIBLE, curve_of, patience, probe_for

TANGENT = """\
Curve of f(x) from 1 to 3, with its tangent at x = 2: slope 12. \
Beside it the secant from 1.5 to 2.5: slope 12.25.
x = 2: f(x) = 8, slope by autograd 12
from 1.5 to 2.5: slope by trying 12.25, off by 0.25
x     f(x)   slope  tangent  secant
1     1      3      -4       -2.75
1.25  1.953  4.688  -1       0.3125
1.5   3.375  6.75   2        3.375
1.75  5.359  9.188  5        6.438
2     8      12     8        9.5
2.25  11.39  15.19  11       12.56
2.5   15.62  18.75  14       15.62
2.75  20.8   22.69  17       18.69
3     27     27     20       21.75"""

DOUBLED = """\
doubled(a) above and its slope below, from a = 0.3 to 1.2: 3 piece(s), 2 break(s).
a from 0.3 to 0.4883: doubled from 1229 to 2000, slope 4096
at a = 0.4883: doubled goes from 2000 to 1000, slope goes from 4096 to 2048; \
the place belongs to the right
a from 0.4883 to 0.9766: doubled from 1000 to 2000, slope 2048
at a = 0.9766: doubled goes from 2000 to 1000, slope goes from 2048 to 1024; \
the place belongs to the right
a from 0.9766 to 1.2: doubled from 1000 to 1229, slope 1024"""


def cube(x):
    return x**3


def doubled(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def curve(f, start, stop, points=100):
    probe = probe_for(f)
    with patience(probe):
        return curve_of(probe, start, stop, points)


def jumps(f, start, stop, points=100):
    return [jump.place for jump in curve(f, start, stop, points).breaks]


# ---- what is said -----------------------------------------------------------


def test_a_tangent_reads_as_text():
    assert str(show_tangent(lambda x: x**3, 2.0, h=0.5)) == TANGENT


def test_slopes_read_as_text():
    assert str(show_slopes(doubled, 0.3, 1.2)) == DOUBLED


@pytest.mark.parametrize(
    "draw",
    [
        lambda: show_tangent(cube, 2),
        lambda: show_tangent(torch.sin, -1, h=0.5, span=3),
        lambda: show_tangent(doubled, 1000 / 1024, h=0.05, span=0.2),
        lambda: show_slopes(doubled, -2, 2),
        lambda: show_slopes(lambda x: x.abs() + x * x, -1, 1, points=21),
    ],
)
def test_a_picture_is_the_same_each_time_and_fits_a_notebook(draw):
    one, other = draw(), draw()
    assert str(one) == str(other)
    assert one.png == other.png
    assert one.alt == str(one).splitlines()[0]
    image = Image.open(io.BytesIO(one.png))
    assert image.width / 200 * 72 <= 660
    assert len(one.png) < 60_000
    data, metadata = one._repr_mimebundle_()
    assert list(data) == ["image/png", "text/plain"]
    assert metadata["image/png"]["width"] == image.width // 2


def test_an_svg_is_the_same_each_time(tmp_path):
    for name in ("one.svg", "two.svg"):
        show_slopes(doubled, 0.3, 3).save(tmp_path / name)
    one, two = ((tmp_path / name).read_bytes() for name in ("one.svg", "two.svg"))
    assert one == two and b"<svg" in one


def test_chinese_is_spoken_too():
    set_language("zh")
    try:
        text = str(show_slopes(doubled, 0.3, 1.2))
    finally:
        set_language("en")
    assert "斜率 4096" in text and "slope" not in text


def test_nothing_is_drawn_between_the_two_sides_of_a_jump():
    def column(picture):
        image = Image.open(io.BytesIO(picture.png)).convert("L")
        dark = np.asarray(image)[: image.height // 2] < 60
        return dark[:, 200:-60].sum(0)

    step = column(show_slopes(lambda x: 3 * (x > 0.5) + 0 * x, 0, 1))
    ramp = column(show_slopes(lambda x: 3 * torch.sigmoid(900 * (x - 0.5)), 0, 1))
    assert step.max() < ramp.max() / 2  # discs at the ends, against a tall flank


# ---- what is true -----------------------------------------------------------

PLACES = st.floats(-3, 3)


@given(PLACES, st.floats(0.01, 1))
@settings(max_examples=30)
def test_the_slope_is_the_derivative_and_the_secant_misses_by_h_squared(x0, h):
    probe = probe_for(cube)
    assert probe.at(x0).slope == pytest.approx(3 * x0**2)
    words = str(show_tangent(cube, x0, h=h)).splitlines()
    assert words[2].endswith(f"off by {float(h * h):.4g}") or h * h < 1e-9 * x0**2


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
    assert [jump.place for jump in found.breaks] == pytest.approx(cuts, abs=1e-12)
    assert all(jump.sharp for jump in found.breaks)
    for jump, step in zip(found.breaks, steps, strict=False):
        assert jump.after.value - jump.before.value == pytest.approx(step)


@given(st.floats(-2.9, 2.9), st.integers(1, 9))
@settings(max_examples=40)
def test_a_bend_is_found_where_only_the_slope_jumps(place, bend):
    found = curve(lambda x: bend * torch.relu(x - place) + x, -3, 3)
    assert [jump.place for jump in found.breaks] == pytest.approx([place], abs=1e-9)
    (jump,) = found.breaks
    assert not found.scale.values_differ(jump) and found.scale.slopes_differ(jump)


@pytest.mark.parametrize(
    "f",
    [
        torch.sin,
        torch.exp,
        torch.tanh,
        lambda x: torch.tanh(1000 * x),
        lambda x: 1 / (0.001 + x * x),
        lambda x: 1 - torch.cos(x),
        lambda x: x**5 - 3 * x,
        lambda x: 7 * x - 2,
        lambda x: x.clamp(-9, 9),
        lambda x: (x * torch.tensor([0.1, 0.7])).sum(),
    ],
)
def test_what_is_smooth_has_no_break(f):
    assert curve(f, -2, 2).breaks == ()


@pytest.mark.parametrize(
    ("f", "side"),
    [
        (lambda x: x if x > 1 else x + 5, "left"),
        (lambda x: x if x >= 1 else x + 5, "right"),
        (lambda x: x + torch.sign(x - 1), "alone"),
        (lambda x: x if x * x > 2 else x + 5, ""),
    ],
)
def test_the_place_of_a_jump_belongs_to_a_side_if_that_can_be_known(f, side):
    (jump,) = curve(f, 0, 2, 101).breaks
    assert jump.side == side
    assert jump.after.place - jump.before.place < 1e-9


def test_the_picture_shows_to_which_side_a_jump_belongs():
    left = show_slopes(lambda x: x if x > 1 else x + 5, 0, 2)
    right = show_slopes(lambda x: x if x >= 1 else x + 5, 0, 2)
    assert left.png != right.png


def test_several_jumps_within_a_step_are_all_found():
    def f(x):
        return x + sum(1 for place in (0.501, 0.502, 0.504) if x > place)

    assert jumps(f, 0, 1, 11) == pytest.approx([0.501, 0.502, 0.504])


@pytest.mark.parametrize("f", [doubled, lambda x: 1 / x, lambda x: x.abs().sqrt()])
def test_where_jumps_crowd_or_a_slope_has_no_bound_the_curve_is_left_open(f):
    gaps = [gap for gap in curve(f, -1, 1).breaks if not gap.sharp]
    assert len(gaps) == 1
    assert gaps[0].before.place < 0 < gaps[0].after.place
    assert "left open" in str(show_slopes(f, -1, 1))


def test_what_is_smaller_than_rounding_is_no_jump():
    def f(x, size):
        return x + size * (x > 0.3)

    assert len(jumps(lambda x: f(x, 10 * VISIBLE), 0, 1)) == 1
    assert jumps(lambda x: f(x, VISIBLE / 10), 0, 1) == []


def test_a_function_that_needs_float32_gets_it():
    layer = torch.nn.Linear(1, 1)
    found = curve_with_type(lambda x: torch.relu(layer(x.reshape(1)) - layer.bias))
    assert found.dtype == torch.float32
    assert curve_with_type(torch.sin).dtype == torch.float64


def curve_with_type(f):
    probe = probe_for(f)
    probe.choose_type(1.0)
    assert len(curve_of(probe, -1, 1, 100).breaks) == (f is not torch.sin)
    return probe


def test_a_narrower_picture_is_drawn_where_the_function_ends():
    assert "from 0.25 to 0.75" in show_tangent(torch.log, 0.5).alt
    with pytest.raises(CannotDraw, match=r"log\(-0.5\) is nan"):
        show_tangent(torch.log, 0.5, span=1)


# ---- what the learner has ---------------------------------------------------


def test_the_learners_state_is_untouched():
    weight = torch.tensor(2.0, requires_grad=True)
    weight.grad = torch.tensor(7.0)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    matplotlib.rcParams["lines.linewidth"] = 9.5
    try:
        with torch.no_grad():
            picture = show_tangent(noisy(weight), 1.0)
            assert not torch.is_grad_enabled()
        assert picture.png
        assert matplotlib.rcParams["lines.linewidth"] == 9.5
    finally:
        matplotlib.rcParams["lines.linewidth"] = matplotlib.rcParamsDefault[
            "lines.linewidth"
        ]
    now = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    assert torch.equal(now[0], before[0]) and now[1:] == before[1:]
    assert weight.grad == 7


def noisy(weight):
    def f(x):
        print("hello")
        return x * weight * torch.rand(()) + random.random() + np.random.rand()

    return f


def test_a_learners_style_changes_nothing():
    plain = show_slopes(doubled, 0.3, 3).png
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        assert show_slopes(doubled, 0.3, 3).png == plain


def test_noise_is_drawn_as_one_function(capsys):
    found = curve(noisy(torch.tensor(1.0)), 0, 1)
    assert found.breaks == () and found.pieces[0].is_straight
    assert capsys.readouterr().out == ""


def test_inference_mode_is_no_obstacle():
    with torch.inference_mode():
        assert "slope 12" in show_tangent(cube, 2).alt


# ---- what cannot be drawn ---------------------------------------------------


def hang(x):
    while True:
        x = x * 1


def give_up(x):
    raise SystemExit("no")


@pytest.mark.parametrize(
    ("f", "sentence"),
    [
        (3, "3 came where a function is expected"),
        (lambda x: 3.0, r"f\(1\) returned 3.0"),
        (lambda x: None, "returned a NoneType"),
        (lambda x: x * torch.ones(2), r"tensor of shape \(2,\)"),
        (lambda x: x * 1j, "complex"),
        (lambda x: torch.tensor(5.0), "does not depend on its input"),
        (lambda x: x.detach() * 2, "does not depend on its input"),
        (lambda x: x.item() / 0, "raised ZeroDivisionError: float division by zero;"),
        (give_up, "raised SystemExit: no"),
        (lambda: 1, "raised TypeError"),
        (lambda x: x.log() - math.inf, "is -inf"),
        (lambda x: (x - 1).sqrt(), "its slope is inf"),
        (lambda x: x * torch.nan, "is nan"),
    ],
)
def test_a_function_that_cannot_be_drawn_is_told_so_in_one_sentence(f, sentence):
    for draw in (lambda: show_tangent(f, 1, h=0.1), lambda: show_slopes(f, 1, 2)):
        with pytest.raises(CannotDraw, match=sentence) as caught:
            draw()
        assert "\n" not in str(caught.value)
        assert len(caught.value._render_traceback_()) == 1


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: show_slopes(cube, 2, 1), "from 2 to 1"),
        (lambda: show_slopes(cube, 1, 1), "from 1 to 1"),
        (lambda: show_slopes(cube, math.nan, 1), "start is nan"),
        (lambda: show_slopes(cube, 0, math.inf), "stop is inf"),
        (lambda: show_slopes(cube, "0", 1), "start is '0'"),
        (lambda: show_slopes(cube, torch.ones(2), 1), "start is a tensor of shape"),
        (lambda: show_slopes(cube, 0, 1, points=1), "points is 1"),
        (lambda: show_slopes(cube, 0, 1, points=2.5), "points is 2.5"),
        (lambda: show_tangent(cube, None), "x0 is a NoneType"),
        (lambda: show_tangent(cube, 1, h=0), "h is 0"),
        (lambda: show_tangent(cube, 1, h=-1), "h is -1"),
        (lambda: show_tangent(cube, 1, span=math.inf), "span is inf"),
        (lambda: show_tangent(cube, 1, h=1e-30), "give a larger h"),
        (lambda: show_slopes(lambda x: x + (90 * x).floor(), 0, 1), "more than 64"),
    ],
)
def test_bad_arguments_are_told_so_in_one_sentence(draw, sentence):
    with pytest.raises(CannotDraw, match=sentence):
        draw()


@pytest.mark.parametrize("f", [hang, doubled])
def test_an_endless_loop_is_stopped_and_named(f, monkeypatch):
    monkeypatch.setattr("helpers.sampling.PATIENCE", 0.5)
    with pytest.raises(CannotDraw, match=r"after 0.5 seconds, at \w+\(0\); does one"):
        show_slopes(f, 0, 1)
    with pytest.raises(CannotDraw, match=r"at \w+\(0\)"):
        show_tangent(f, 0)


def test_a_tensor_is_a_place_too():
    x0 = torch.tensor(2.0, requires_grad=True)
    assert str(show_tangent(cube, x0)) == str(show_tangent(cube, 2.0))
