"""Curves: what is drawn and said is what was found; the learner's stays as it is."""

import io
import math
import random
import sys
import warnings

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from helpers.drawing.curves import is_straight, show_slopes, show_tangent
from helpers.drawing.picture import CannotDraw
from helpers.drawing.sampling import Probe
from helpers.tests.drawing.test_sampling import curve

TANGENT = """\
f(x) from 1 to 3 with its tangent at 2: value 8, slope by autograd 12. \
Secant, 1.5 to 2.5: slope by trying 12.25, off by 0.25.
x     f(x)   slope
1     1      3
1.25  1.953  4.688
1.5   3.375  6.75
1.75  5.359  9.188
2     8      12
2.25  11.39  15.19
2.5   15.62  18.75
2.75  20.8   22.69
3     27     27"""

DOUBLED = """\
doubled(a) above, its slope below, from 0.3 to 1.2: 3 pieces, 2 jumps.
a                  doubled(a)  slope
0.3                1229        4096
just below 0.4883  2000        4096
0.4883             1000        2048
just below 0.9766  2000        2048
0.9766             1000        1024
1.2                1229        1024"""


def cube(x):
    return x**3


def doubled(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def rows(picture):
    """Return the first cell of each row of the twin's table."""
    return [line.split("  ")[0] for line in str(picture).splitlines()[2:]]


@pytest.fixture
def axes(monkeypatch):
    """Return what gives the axes of a picture, as matplotlib holds them."""
    figures = []

    def kept(**how):
        figures.append(Figure(**how))
        return figures[-1]

    monkeypatch.setattr("helpers.drawing.curves.Figure", kept)
    return lambda picture: picture.png and figures[-1].axes


# ---- what is said -----------------------------------------------------------


def test_curves_read_as_text():
    assert str(show_tangent(lambda x: x**3, 2.0, h=0.5)) == TANGENT
    assert str(show_slopes(doubled, 0.3, 1.2)) == DOUBLED


@pytest.mark.thorough
@pytest.mark.parametrize(
    "draw",
    [
        lambda: show_tangent(torch.sin, -1, h=0.5),
        lambda: show_slopes(doubled, -2, 2),
    ],
)
def test_a_picture_is_the_same_each_time_and_fits_a_notebook(draw, tmp_path):
    one, other = draw(), draw()
    for picture, name in ((one, "one.svg"), (other, "other.svg")):
        picture.save(tmp_path / name)
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()
    assert b"<svg" in (tmp_path / "one.svg").read_bytes()
    assert str(one) == str(other) and one.png == other.png
    assert one.alt == str(one).splitlines()[0]
    image = Image.open(io.BytesIO(one.png))
    assert image.width / 200 * 72 <= 660 and len(one.png) < 60_000


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("f", "counts"),
    [
        (torch.sin, "1 piece."),
        (torch.relu, "2 pieces, 1 jump."),
        (torch.floor, "4 pieces, 3 jumps."),
        (lambda x: 1 / x, "2 pieces, 1 gap."),
        (lambda x: 1 / x + torch.relu(x - 1), "3 pieces, 1 jump, 1 gap."),
        (lambda x: 1 / (x * x - 1), "3 pieces, 2 gaps."),
    ],
)
def test_pieces_jumps_and_gaps_are_counted_in_words(f, counts):
    assert show_slopes(f, -1.9, 1.9).alt.endswith(f": {counts}")


def test_chinese_is_spoken_too(chinese):
    text = str(show_slopes(doubled, 0.3, 1.2))
    assert "3 段，2 处跳跃" in text and "略小于 0.9766" in text and "slope" not in text


def test_a_tangent_is_thin_and_marked_where_it_meets_the_curve(axes):
    (plot,) = axes(show_tangent(cube, 2, h=0.5))
    curve, *lines = plot.lines
    marked = [line.get_xdata()[line.get_markevery()] for line in lines]
    assert [list(places) for places in marked] == [[2], [1.5, 2.5]]
    assert all(2 * curve.get_lw() > 3 * line.get_lw() for line in lines)


def test_a_legend_names_a_curve_in_pieces_once(axes):
    (plot,) = axes(show_tangent(torch.abs, 0.5, h=1))
    (legend,) = plot.figure.legends
    entries = [entry.get_text() for entry in legend.get_texts()]
    assert entries == ["abs(x)", "abs\u2032(0.5) = 1", "\u0394abs/\u0394x = 0.5"]


def test_slopes_are_labelled_and_written_where_there_is_room(axes):
    def f(x):
        return x * (1 + sum(x >= place for place in (3, 3.03, 3.11)))

    above, below = axes(show_slopes(f, 1, 5))
    labels = below.get_xlabel(), above.get_ylabel(), below.get_ylabel()
    assert labels == ("x", "f(x)", "f\u2032(x)")
    assert [text.get_text() for text in below.texts] == ["1", "3", "4"]
    middles = [text.xy[0] for text in below.texts]
    assert middles == pytest.approx([2, 3.07, 4.055], abs=0.01)
    low, high = below.get_ylim()
    assert high - 4 > 0.1 * (high - low)


def test_a_jump_is_a_grey_line_behind_the_curve_and_discs_before_it(axes):
    above, _ = axes(show_slopes(torch.floor, 0.5, 1.5))
    (jump,) = (line for line in above.lines if line.is_dashed())
    discs = [line for line in above.lines if line.get_marker() == "o"]
    assert [*jump.get_xdata()] == [1, 1] and len(discs) == 2
    assert len({*to_rgb(jump.get_color())}) == 1  # as much red as green and blue
    layers = [line.get_zorder() for line in (jump, above.lines[0], *discs)]
    assert layers == sorted(layers) and len({*layers}) == 3


def test_nothing_is_drawn_between_the_two_sides_of_a_jump():
    def column(picture):
        image = Image.open(io.BytesIO(picture.png)).convert("L")
        dark = np.asarray(image)[: image.height // 2] < 60
        return dark[:, 200:-60].sum(0)

    step = column(show_slopes(lambda x: 3 * (x > 0.5) + 0 * x, 0, 1))
    ramp = column(show_slopes(lambda x: 3 * torch.sigmoid(900 * (x - 0.5)), 0, 1))
    assert step.max() < ramp.max() / 2  # discs at the ends, against a tall flank


# ---- what is true -----------------------------------------------------------


@pytest.mark.thorough
@given(st.floats(-3, 3), st.floats(0.01, 1))
@settings(max_examples=30)
def test_the_slope_is_the_derivative_and_the_secant_misses_by_h_squared(x0, h):
    assert Probe(cube).at(x0).slope == pytest.approx(3 * x0**2)
    off = show_tangent(cube, x0, h=h).alt.split("off by ")[1]
    assert float(off.rstrip(".")) == pytest.approx(h * h, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize(
    ("f", "shown"),
    [
        (lambda x: x if x > 1 else x + 5, ["1", "just above 1"]),
        (lambda x: x if x >= 1 else x + 5, ["just below 1", "1"]),
        (lambda x: x + torch.sign(x - 1), ["just below 1", "1", "just above 1"]),
        (lambda x: x if x * x > 2 else x + 5, ["just below 1.414", "just above 1.414"]),
    ],
)
def test_what_holds_in_the_very_place_of_a_jump_is_told_if_it_can_be(f, shown):
    assert rows(show_slopes(f, 0, 2))[1:-1] == shown


def test_the_picture_shows_to_which_side_a_jump_belongs():
    left = show_slopes(lambda x: x if x > 1 else x + 5, 0, 2)
    right = show_slopes(lambda x: x if x >= 1 else x + 5, 0, 2)
    assert left.png != right.png


@pytest.mark.thorough
@pytest.mark.parametrize(
    "f",
    [
        doubled,
        lambda x: x.abs().sqrt(),
        lambda x: x / x.abs(),
        lambda x: (3 * x + torch.pi / 2).tan(),
    ],
)
def test_where_jumps_crowd_or_nothing_is_finite_the_curve_is_left_open(f):
    gaps = [gap for gap in curve(f, -1, 1).breaks if not gap.changes]
    (gap,) = (gap for gap in gaps if gap.before.place < 0 < gap.after.place)
    assert f"after a gap, {gap.after.place}" in str(show_slopes(f, -1, 1))


def test_a_gap_at_the_very_beginning_leaves_the_rest():
    picture = show_slopes(lambda x: 1 / (x - 0.001), 0, 1)
    assert "after a gap" in rows(picture)[1] and picture.png


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("f", "scale"),
    [
        (torch.exp, "linear"),
        (lambda x: 2 + x * 0, "linear"),
        (lambda x: x * (1, 100)[x >= 1], "linear"),
        (lambda x: x * (1, 100.5)[x >= 1], "log"),
    ],
)
def test_only_slopes_in_steps_over_two_decades_are_logarithmic(f, scale, axes):
    _, below = axes(show_slopes(f, 0.01, 9))
    assert below.get_yscale() == scale


@pytest.mark.thorough
def test_the_picture_reaches_as_far_as_the_place_allows():
    assert "from 0.25 to 0.75" in show_tangent(torch.log, 0.5).alt
    assert "from 0.1 to 0.9" in show_tangent(torch.log, 0.5, h=0.2).alt
    assert "from -1 to 1" in show_tangent(torch.sin, 0).alt
    with pytest.raises(CannotDraw, match=r"log\(-0.1\) is nan"):
        show_tangent(torch.log, 0.5, h=0.3)


# ---- what the learner has ---------------------------------------------------


def test_the_learners_state_is_untouched(capsys):
    weight = torch.tensor(2.0, requires_grad=True)
    weight.grad = torch.tensor(7.0)
    before = states()
    with matplotlib.rc_context({"lines.linewidth": 9.5}), torch.no_grad():
        picture = show_tangent(noisy(weight), 1.0)
        assert picture.png and not torch.is_grad_enabled()
        assert matplotlib.rcParams["lines.linewidth"] == 9.5
    assert states() == before and weight.grad == 7
    assert capsys.readouterr().out == ""


def states():
    numpy_state = np.random.get_state()[1].tolist()
    return torch.get_rng_state().tolist(), random.getstate(), numpy_state


def noisy(weight):
    def f(x):
        print("hello")
        return x * weight * torch.rand(()) + random.random() + np.random.rand()

    return f


@pytest.mark.thorough
def test_a_learners_style_changes_nothing():
    plain = show_slopes(doubled, 0.3, 3).png
    with matplotlib.rc_context({"axes.facecolor": "black", "font.size": 30}):
        assert show_slopes(doubled, 0.3, 3).png == plain


def test_noise_is_drawn_as_one_function():
    found = curve(noisy(torch.tensor(1.0)), 0, 1)
    assert found.breaks == [] and is_straight(found.pieces[0])


# ---- what cannot be drawn ---------------------------------------------------


@pytest.mark.parametrize(
    ("f", "sentence"),
    [
        (3, "^3 came where a function is expected"),
        (lambda x: x.detach() * 2, "returned a tensor cut off from it; return one"),
        (lambda x: torch.tensor(5.0), "returned a tensor cut off from it; return one"),
        (lambda x: x.item() / 0, "raised ZeroDivisionError: float division by zero;"),
        (lambda x: sys.exit("no"), "raised SystemExit: no"),
        (lambda: 1, "raised TypeError"),
        (lambda x: 3.0, r"f\(.*\) returned 3.0"),
        (lambda x: None, "returned a NoneType"),
        (lambda x: x * torch.ones(2), r"tensor of shape \(2,\)"),
        (lambda x: x * 1j, "complex"),
        (lambda x: x.log() - math.inf, "is -inf"),
        (lambda x: (x - 1).sqrt(), "its slope inf"),
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
        (lambda: show_slopes(cube, 2, 1), "stop is 1, but a finite number above 2"),
        (lambda: show_slopes(cube, 1, 1), "stop is 1, but a finite number above 1"),
        (lambda: show_slopes(cube, math.nan, 1), "start is nan"),
        (lambda: show_slopes(cube, 0, math.inf), "stop is inf"),
        (lambda: show_slopes(cube, "0", 1), "start is '0'"),
        (lambda: show_slopes(cube, torch.ones(2), 1), "start is a tensor of shape"),
        (lambda: show_tangent(cube, None), "x0 is a NoneType, but a finite number is"),
        (lambda: show_tangent(cube, 1, h=0), "h is 0"),
        (lambda: show_tangent(cube, 1, h=-1), "h is -1"),
        (lambda: show_tangent(cube, 1, h=math.inf), "h is inf"),
        (lambda: show_tangent(cube, -math.inf), "x0 is -inf, but a finite number"),
        (lambda: show_tangent(cube, 1, h=1e-30), "h is 1e-30, but .* above 1e-12"),
    ],
)
def test_bad_arguments_are_told_so_in_one_sentence(draw, sentence):
    with pytest.raises(CannotDraw, match=sentence):
        draw()


@pytest.mark.thorough
def test_an_endless_loop_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.5)
    for draw in (lambda: show_slopes(doubled, 0, 1), lambda: show_tangent(doubled, 0)):
        with pytest.raises(
            CannotDraw, match=r"at doubled\(0\) after 0.5 seconds; does"
        ):
            draw()


def test_a_tensor_is_a_place_too():
    x0 = torch.tensor(2.0, requires_grad=True)
    torch.set_warn_always(True)  # or torch would warn once in a process
    try:
        assert str(show_tangent(cube, x0)) == str(show_tangent(cube, 2.0))
    finally:
        torch.set_warn_always(False)


def test_what_matplotlib_warns_of_is_no_error_and_not_on_the_page(monkeypatch):
    def plot_with_warning(axes, *given, **look):
        warnings.warn("oneOf is deprecated", DeprecationWarning, stacklevel=1)
        return plot(axes, *given, **look)

    plot, plain = Axes.plot, show_tangent(cube, 2).png
    monkeypatch.setattr(Axes, "plot", plot_with_warning)
    with warnings.catch_warnings(record=True, action="always") as seen:
        assert show_tangent(cube, 2).png == plain
    assert seen == []
    with warnings.catch_warnings(action="error"):
        assert show_tangent(cube, 2).png == plain
