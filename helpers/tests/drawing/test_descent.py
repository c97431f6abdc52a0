"""Paths, turns and pixels: what is drawn and said is what came; bad input is told."""

import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from helpers import load_digits, show_path, show_pixels, show_turns
from helpers.drawing import theme
from helpers.drawing.descent import measure_heights, read_numbers, shade
from helpers.drawing.picture import CannotDraw

LAND = torch.tensor([[0.0, 10.0, 20.0], [10.0, 20.0, 30.0]])

PATH = """\
A map of 2 × 3 heights from 0 to 30. ball: 2 turns, from 20 to 5, lowest 5, highest 20.
turn  ball      height
0     1.0, 1.0  20
1     0.5, 0.5  10
2     0.5, 0.0  5"""

TURNS = """\
Numbers over turns.
w: 2 turns, from 9 to 3, lowest 3, highest 9; loss: 3 turns, from 1, ended by inf in \
turn 2.
turn  w  loss
0     9  1
1     5  1000
2     3  inf
3        nan"""

PIXELS = """\
Pixels: grey where positive, red with a minus where negative. w: 2 × 2, from -0.5 to \
0.25; image: 1 × 1, from 16 to 16.
w
 0.250   0.000
-0.500  -0.001
image
16"""


@pytest.fixture
def figure(monkeypatch):
    """Return what gives the figure of a picture, as matplotlib holds it."""
    figures = []

    def kept(**how):
        figures.append(Figure(**how))
        return figures[-1]

    monkeypatch.setattr("helpers.drawing.curves.Figure", kept)
    return lambda picture: picture.png and figures[-1]


# ---- what is said -----------------------------------------------------------


def test_pictures_read_as_text():
    path = [torch.tensor([1.0, 1.0]), [0.5, 0.5], (0.5, 0)]
    assert str(show_path(LAND, ball=path)) == PATH
    turns = show_turns(w=[9, 5, torch.tensor(3.0)], loss=[1, 1e3, math.inf, math.nan])
    assert str(turns) == TURNS
    w = torch.tensor([0.25, -1e-9, -0.5, -0.001], requires_grad=True)
    assert str(show_pixels(w=w, image=torch.tensor(16).byte())) == PIXELS


def test_chinese_is_spoken_too(chinese):
    pictures = show_path(LAND, a=[[0, 0]]), show_turns(a=[1.0]), show_pixels(a=[1.0])
    assert all(
        word in str(it)
        for it, word in zip(pictures, ("高度", "轮", "像素图"), strict=True)
    )
    with pytest.raises(CannotDraw, match="这里需要"):
        show_turns(loss="no numbers")


@pytest.mark.parametrize(
    "draw",
    [
        lambda: show_path(LAND, a=[[0, 0], [2, 1]], b=[[1, 1]] * 40),
        lambda: show_turns(a=[1.0, 2.0], b=[3.0], c=[0.1], d=[1e9]),
        lambda: show_pixels(a=torch.randn(64), b=torch.zeros(3, 3)),
    ],
    ids=["path", "turns", "pixels"],
)
def test_a_picture_is_the_same_each_time_and_fits_a_notebook(draw, tmp_path):
    with torch.random.fork_rng():
        one, other = (torch.manual_seed(0) and draw() for _ in "12")
    one.save(tmp_path / "one.svg")
    assert b"<svg" in (tmp_path / "one.svg").read_bytes()
    assert str(one) == str(other) and one.png == other.png
    assert one.alt.startswith(str(one).splitlines()[0])
    image = Image.open(io.BytesIO(one.png))
    assert image.width / 200 * 72 <= 660 and len(one.png) < 60_000


@pytest.mark.parametrize(
    ("largest", "said"),
    [(16, "16"), (0.5, "0.500"), (12.5, "12.5"), (1e-9, "1.00e-09"), (2e7, "20000000")],
)
def test_pixels_are_written_to_three_digits_of_the_largest(largest, said):
    *_, first, _ = str(show_pixels(w=[largest, 0, 0, 0])).splitlines()
    assert first.split()[0] == said


@pytest.mark.parametrize("height", [0.0, -5.0, 1e30, 1e-30])
def test_a_plain_can_be_drawn(height):
    assert show_path(torch.full((9, 9), height), ball=[[1, 1], [2, 2]]).png


def test_of_many_turns_the_first_and_the_last_are_told():
    rows = str(show_turns(loss=range_list(1000))).splitlines()[3:]
    assert rows[0].split() == ["0", "0"] and rows[-1].split() == ["999", "999"]
    assert len(rows) <= 11


def range_list(count):
    return [float(number) for number in range(count)]


# ---- what is drawn ----------------------------------------------------------


def test_each_line_goes_through_its_numbers_until_one_is_not_finite(figure):
    (plot,) = figure(show_turns(w=[9, -5, 3], loss=[1, 2, math.nan, 4])).axes
    assert [list(line.get_ydata()) for line in plot.lines] == [[9, -5, 3], [1, 2]]
    assert plot.get_yscale() == "linear"
    looks = {(line.get_linestyle(), line.get_marker()) for line in plot.lines}
    assert len(looks) == 2  # told apart without colours


@pytest.mark.parametrize("end", [math.inf, -math.inf, math.nan, 1e300, 10**300])
def test_a_line_ends_where_a_number_is_lost_or_too_large(figure, end):
    picture = show_turns(loss=[1.0, 1e30, end, 5.0])
    (plot,) = figure(picture).axes
    assert len(plot.lines[0].get_ydata()) == 2 and "in turn 2." in picture.alt


def test_positive_numbers_of_all_sizes_get_a_logarithmic_scale(figure):
    (plot,) = figure(show_turns(loss=[1000.0, 1.0])).axes
    assert plot.get_yscale() == "log"


def test_a_path_is_drawn_at_its_places_on_the_part_of_the_map_around_it(figure):
    land = torch.arange(10_000.0).reshape(100, 100)
    plot, *_ = figure(show_path(land, ball=[[50, 20], [60, 24]])).axes
    (line,) = plot.lines
    assert [list(xy) for xy in line.get_xydata()] == [[50, 20], [60, 24]]
    assert plot.get_xlim() == (42, 68)
    assert plot.get_ylim() == (32, 12)  # row 0 is at the top


def test_a_path_that_leaves_the_map_is_told_and_drawn(figure):
    picture = show_path(LAND, ball=[[1, 1], [5, 0], [1, 0], [math.nan, 0]])
    assert "ball: 3 turns, from 20, off the map in turn 1" in picture.alt
    rows = str(picture).splitlines()[2:]
    assert [row.split(maxsplit=1)[1] for row in rows[1:]] == ["off the map"] * 3
    assert figure(picture).axes


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 2), st.floats(0, 1))
def test_heights_between_the_cells_are_mixed_from_the_four_around(across, down):
    (found,) = measure_heights(LAND.double().numpy(), np.array([[across, down]]))
    assert math.isclose(found, 10 * across + 10 * down, abs_tol=1e-9)  # a plane


def test_a_pixel_is_as_dark_as_its_number_is_large():
    greys = shade(np.array([[4.0, 2.0], [0.0, -4.0]]))
    assert np.allclose(greys[0, 0], to_rgb(theme.GREY))
    assert np.allclose(greys[1, 0], 1)
    assert np.allclose(greys[1, 1], to_rgb(theme.RED))
    assert (greys[0, 0] < greys[0, 1]).all() and (greys[0, 1] < 1).all()


def test_negative_pixels_are_marked_for_who_cannot_see_red(figure):
    (plot,) = figure(show_pixels(w=[[1.0, -1.0], [-0.4, -0.01]])).axes
    marked = sorted(text.get_position() for text in plot.texts)
    assert marked == [(0, 1), (1, 0)]  # the last is as good as white


def test_a_matrix_is_drawn_as_it_is_and_a_vector_as_a_square(figure):
    wide, column = torch.arange(36.0).reshape(2, 18), torch.arange(36.0)[:, None]
    picture = show_pixels(wide=wide, column=column, strip=[[1.0, 2.0, 3.0]])
    assert "wide: 2 × 18, from 0 to 35; column: 6 × 6, from" in picture.alt
    assert "strip: 1 × 3, from 1 to 3" in picture.alt
    shapes = [plot.images[0].get_array().shape[:2] for plot in figure(picture).axes]
    assert shapes == [(2, 18), (6, 6), (1, 3)]


def test_what_is_not_finite_is_marked_counted_and_explained(figure, chinese):
    gradient = [[math.nan, 1.0, -math.inf], [math.inf, -2.0, math.nan]]
    picture = show_pixels(gradient=gradient)
    assert (
        "gradient：2 × 3，从 -2 到 1，2 nan，2 inf。× 表示 nan。∞ 表示 inf。"
        in picture.alt
    )
    assert [line.split() for line in str(picture).splitlines()[2:]] == [
        ["nan", "1", "-inf"],
        ["inf", "-2", "nan"],
    ]
    (plot,) = figure(picture).axes
    signs = {text.get_position(): text.get_text() for text in plot.texts}
    assert signs == {(0, 0): "×", (2, 0): "−∞", (0, 1): "∞", (1, 1): "−", (2, 1): "×"}
    assert np.allclose(plot.images[0].get_array()[0, 0], 1)
    assert np.allclose(plot.images[0].get_array()[0, 2], to_rgb(theme.RED))


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_where_nothing_is_finite_no_range_is_said(value):
    picture = show_pixels(w=[[value, value]])
    assert "w: 1 × 2, 2 " in picture.alt and "from" not in picture.alt and picture.png


@pytest.mark.thorough
@pytest.mark.parametrize("shape", [(2, 2), (8, 8), (32, 32), (3, 64)])
@pytest.mark.parametrize(("number", "count"), [(-1, 4), (-math.inf, 1)])
def test_a_sign_fits_into_its_pixel(figure, shape, number, count):
    squares = {f"w{n}": torch.full(shape, float(number)) for n in range(count)}
    drawn = figure(show_pixels(**squares))
    for plot in drawn.axes:
        renderer = drawn.canvas.get_renderer()
        pixel = plot.get_window_extent(renderer).width / shape[1]
        assert len(plot.texts) == shape[0] * shape[1]
        assert plot.texts[0].get_window_extent(renderer).width <= pixel


# ---- what came --------------------------------------------------------------


def test_nothing_of_a_learners_is_changed():
    w = torch.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    losses = [(w**2).sum()]
    show_pixels(w=w), show_turns(loss=losses)
    assert w.grad is None and torch.equal(w, torch.arange(1.0, 5.0))
    losses[0].backward()  # its graph is whole


HOLDS_ITSELF = []
HOLDS_ITSELF.append(HOLDS_ITSELF)
ODD = {
    "nothing": None,
    "a text": "1.0",
    "a model": torch.nn.Linear(8, 8),
    "a function": len,
    "texts": ["1", "2"],
    "of many kinds": [1.0, "2", None, 4.0],
    "complex": torch.ones(4, dtype=torch.complex64),
    "ragged": [[1, 2], [3]],
    "empty": [],
    "itself": HOLDS_ITSELF,
    "sparse": torch.eye(3).to_sparse(),
    "on no device": torch.ones(4, device="meta"),
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_what_cannot_be_drawn_is_told_in_a_sentence(odd):
    for verb, example, given_to in (
        (show_turns, "show_turns(loss=losses)", {"mine": odd}),
        (show_pixels, "show_pixels(w=w", {"mine": odd}),
        (lambda mine: show_path(LAND, mine=mine), "show_path(land", {"mine": odd}),
        (lambda land: show_path(land, a=[[0, 0]]), "show_path(land", {"land": odd}),
    ):
        with pytest.raises(CannotDraw) as told:
            verb(**given_to)
        said = str(told.value)
        assert said.startswith(f"{next(iter(given_to))} is ") and example in said


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (lambda: show_turns([1.0]), "0 came with one and 1 without"),
        (lambda: show_turns(), "0 came with one and 0 without"),
        (lambda: show_pixels(a=1, b=1, c=1, d=1, e=1), "5 came with one"),
        (lambda: show_path(LAND, [[0, 0]]), "write show_path"),
        (lambda: show_path(LAND, a=[[7, 7]]), "a is a list, but a list of places"),
        (lambda: show_path(torch.ones(3), a=[[0, 0]]), "land is a tensor of shape"),
        (lambda: show_turns(loss=torch.ones(2, 2)), "loss is a tensor of shape"),
        (lambda: show_turns(loss=[math.nan, 1.0]), "the first of them finite"),
        (lambda: show_pixels(w=torch.ones(63)), "64 for example"),
        (lambda: show_pixels(w=torch.ones(65, 65)), "64 × 64 at most are drawn"),
        (lambda: show_pixels(w=torch.ones(2, 65)), r"write show_pixels\(w=w\[:64, :64"),
        (lambda: show_pixels(w=torch.ones(5_000)), r"write show_pixels\(w=w\[:64\]"),
        (lambda: show_pixels(w=torch.ones(1).expand(10**6, 10**6)), "64 × 64 at most"),
        (lambda: show_pixels(w=torch.ones(9, 99, 99)), r"write show_pixels\(w=w\[0\]"),
        (lambda: show_pixels(w=[[1.0] * 70] * 2), "64 × 64 at most are drawn"),
        (lambda: show_pixels(w=torch.ones(2, 3, 2)), "a matrix of numbers"),
        (lambda: show_pixels(w=[[1e200, 1.0]]), "up to 1e100"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(verb, said):
    with pytest.raises(CannotDraw, match=said):
        verb()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(width=32), max_size=5), st.booleans())
def test_numbers_are_read_wherever_they_are(numbers, tracked):
    tensor = torch.tensor(numbers, requires_grad=tracked)
    for thing in (numbers, tuple(numbers), tensor, list(tensor), tensor.tolist()):
        assert np.array_equal(read_numbers(thing), np.array(numbers), equal_nan=True)


# ---- the digits -------------------------------------------------------------


def test_the_digits_are_fives_and_sixes_and_new_each_time():
    images, labels = load_digits()
    assert images.shape == (363, 8, 8) and images.dtype == torch.uint8
    assert images.max() == 16 and set(labels.tolist()) == {5, 6}
    assert labels.bincount().tolist()[5:] == [182, 181]
    images.zero_()
    assert load_digits()[0].any()
