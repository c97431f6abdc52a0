"""Laws of what is drawn, on random programs and real networks; one small in full."""

import math
from dataclasses import replace
from functools import cache, partial
from itertools import combinations
from unittest.mock import patch

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers import set_language, show_graph, watch
from helpers.drawing import picture, theme
from helpers.drawing import scene as module
from helpers.drawing.fonts import width_of
from helpers.drawing.scene import BoxShape, CurveShape, Style, TextShape
from helpers.tests.drawing.geometry import (
    ROUNDING,
    distance,
    enters,
    rectangle,
    samples,
)

GAP = 10.0  # points between two boxes or numbers, at least

# ---- real graphs --------------------------------------------------------------


def detached():
    x = torch.arange(4.0, requires_grad=True)
    y = x * x
    u = y.detach()
    z = u * x
    return show_graph([y, z])


def loop():
    a = torch.tensor(0.3, requires_grad=True)
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    d = b if b.sum() > 0 else 100 * b
    return show_graph(d)


def perceptron():
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.Linear(8, 1))
    loss = nn.functional.mse_loss(net(torch.ones(5, 4)), torch.zeros(5, 1))
    return show_graph(loss)


def recurrent_by_hand():
    W, U, b = (torch.randn(*size, requires_grad=True) for size in ((3, 3), (3, 2), [3]))
    h = torch.zeros(3)
    for x in torch.randn(6, 2):
        h = torch.tanh(W @ h + U @ x + b)
    return show_graph(h.sum())


def long_short_term_memory():
    net = nn.LSTM(2, 3)
    out, _ = net(torch.randn(3, 1, 2))
    return show_graph(out.sum())


def attention():
    net = nn.MultiheadAttention(4, 2, batch_first=True)
    x = torch.randn(1, 3, 4, requires_grad=True)
    out, _ = net(x, x, x)
    return show_graph(out.sum())


def residual_block():
    first, second = (nn.Conv2d(2, 2, 3, padding=1) for _ in range(2))
    one, other = nn.BatchNorm2d(2), nn.BatchNorm2d(2)
    x = torch.randn(1, 2, 4, 4, requires_grad=True)
    y = torch.relu(other(second(torch.relu(one(first(x))))) + x)
    return show_graph(y.mean())


def spoilt():
    """Have all that can be said of a size on one arrow."""
    x = torch.eye(40)[:, :30].mul(-1.234e-30).requires_grad_()
    w = torch.ones(30, 20, requires_grad=True)
    odd = torch.zeros(40, 20)
    odd[0, :2], odd[1] = torch.tensor([math.nan, math.inf]), 1.234e-30
    return show_graph((torch.relu(x @ w) * odd + (x @ w).sigmoid()).sum())


def stack_of(count):
    leaves = {f"t{k}": torch.randn(2, requires_grad=True) for k in range(count)}
    return show_graph(torch.stack(list(leaves.values())).sum(), **leaves)


def double_backward():
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (g,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    z = (g * g).sum()
    return show_graph(z)


REAL = {
    make.__name__: make
    for make in (
        detached,
        loop,
        perceptron,
        recurrent_by_hand,
        long_short_term_memory,
        attention,
        residual_block,
        spoilt,
        double_backward,
    )
} | {f"stack_of_{count}": partial(stack_of, count) for count in (12, 30)}


@cache
def graph_of(name):
    torch.manual_seed(0)
    with watch():
        return REAL[name]().graph


# ---- random programs ----------------------------------------------------------

ONE = [
    torch.tanh,
    torch.relu,
    torch.sum,
    torch.detach,
    lambda t: t * 2,
    lambda t: t**2,
    lambda t: torch.var_mean(t, correction=0)[1],  # an operation with two results
]
TWO = [torch.add, torch.mul, torch.sub, torch.atan2]


def all_in_one(tensors):
    return torch.stack(torch.broadcast_tensors(*tensors)).sum(0)


@st.composite
def programs(draw):
    """Draw tensors of which each is computed from some before it, and a name of each.

    The names are empty, short or long, as learners' are.
    """
    leaves = draw(st.integers(1, 4))
    shape = draw(st.sampled_from([(), (2,), (2, 2), (3, 4)]))
    tensors = [torch.randn(shape, requires_grad=True) for _ in range(leaves)]
    for _ in range(draw(st.integers(1, 14))):
        some = st.sampled_from(tensors[-6:])
        kind = draw(st.sampled_from(["one", "two", "two", "all"]))
        if kind == "one":
            tensors.append(draw(st.sampled_from(ONE))(draw(some)))
        elif kind == "two":
            tensors.append(draw(st.sampled_from(TWO))(draw(some), draw(some)))
        else:
            count = draw(st.integers(2, 9))
            tensors.append(all_in_one([draw(some) for _ in range(count)]))
    form = draw(st.sampled_from(["", "t{}", "a_name_as_long_as_some_learners_like_{}"]))
    names = {form.format(k): tensor for k, tensor in enumerate(tensors) if form}
    return tensors, names


@st.composite
def graphs(draw):
    """Draw the graph behind some tensors of a random program, watched or not."""
    torch.manual_seed(draw(st.integers(0, 9)))
    if draw(st.booleans()):
        with watch():
            tensors, names = draw(programs())
    else:
        tensors, names = draw(programs())
    tracked = [tensor for tensor in tensors if tensor.requires_grad]
    roots = tracked[-draw(st.integers(1, 3)) :]
    return show_graph(roots, gradients=draw(st.booleans()), **names).graph


def drawn(graph, widest=theme.PAPER):
    """Return the scene of a graph on paper of some width."""
    with patch.object(theme, "PAPER", widest):
        return module.draw_scene(graph)


# ---- geometry -----------------------------------------------------------------


def box_areas(scene):
    return [rectangle(b.x, b.y, b.width, b.height) for b in scene.boxes]


def text_areas(scene):
    return [
        rectangle(text.x, text.y, width_of(text.words, text.size), text.size)
        for text in scene.texts
    ]


def within(inner, outer):
    stick_out = np.subtract(outer[:2] + inner[2:], inner[:2] + outer[2:])
    return (stick_out <= ROUNDING).all()


def near(one, other):
    return math.isclose(one, other, abs_tol=ROUNDING)


def labels(scene):
    """Return the areas of the texts that stand in no box."""
    boxes = box_areas(scene)
    return [t for t in text_areas(scene) if all(distance(t, b) >= 0 for b in boxes)]


# ---- laws ---------------------------------------------------------------------


def boxes_and_labels_stand_apart(scene):
    """Guards against boxes that look glued, and numbers that are read as one."""
    for areas in (box_areas(scene), labels(scene)):
        assert all(distance(*pair) >= GAP for pair in combinations(areas, 2))


def texts_lie_in_their_box_or_outside_of_all(scene):
    """Guards against words that stick out of their box."""
    boxes, outside = box_areas(scene), labels(scene)
    for text in text_areas(scene):
        assert text in outside or any(within(text, box) for box in boxes)


def arrows_join_two_boxes_and_enter_none(scene):
    """Guards against arrows in mid-air, or hidden behind a box that is not theirs."""
    boxes = box_areas(scene)
    for curve in scene.curves:
        (x, top), (onward, low) = curve.points[0], curve.points[-1]
        above = [b for b in boxes if b[0] < x < b[2] and near(b[3], top)]
        below = [b for b in boxes if b[0] < onward < b[2] and near(b[1], low)]
        assert len(above) == len(below) == 1
        assert not any(enters(samples(curve.points), box) for box in boxes)


def a_label_has_one_arrow(scene):
    """Guards against a number that seems to belong to another arrow."""
    paths = [samples(curve.points) for curve in scene.curves]
    for label in labels(scene):
        assert sum(enters(path, label) for path in paths) == 1


def all_lies_on_the_paper(scene):
    """Guards against cut edges."""
    paper = (0.0, 0.0, scene.width, scene.height)
    paths = [samples(curve.points) for curve in scene.curves]
    areas = [(*path.min(axis=0), *path.max(axis=0)) for path in paths]
    assert all(within(it, paper) for it in areas + box_areas(scene) + text_areas(scene))


LAWS = [
    boxes_and_labels_stand_apart,
    texts_lie_in_their_box_or_outside_of_all,
    arrows_join_two_boxes_and_enter_none,
    a_label_has_one_arrow,
    all_lies_on_the_paper,
]


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("name", REAL)
def test_real_networks_keep_the_law_and_fit_a_page(name, law):
    """Guards against a layout that is good for small graphs, on a page that scrolls."""
    scene = drawn(graph_of(name))
    law(scene)
    assert scene.width <= 708 + ROUNDING  # 1,000 pixels


@pytest.mark.thorough
@pytest.mark.parametrize("law", LAWS)
@settings(max_examples=40)
@given(graph=graphs(), widest=st.sampled_from([200.0, theme.PAPER, math.inf]))
def test_random_programs_keep_the_law(law, graph, widest):
    """Guards against a graph that nobody has thought of."""
    law(drawn(graph, widest))


# ---- one small graph ----------------------------------------------------------

INK, DARK, RED = "#1a1a1a", "#3a3a3a", "#b00020"
BLUE, GREY, GREEN, YELLOW = "#d6e6fb", "#f0f0f0", "#d9f2d4", "#fff3b0"
WHITE = "#ffffff"
COLUMN = 9 * 0.602  # points: the width of a character in a box


def small():
    """Return the graph of x -> Mul by a constant c -> Mul by 2 -> Sum."""
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    c = torch.tensor([3.0, 4.0])
    with watch():
        z = (x * c * 2).sum()
    return show_graph(z).graph


def test_words_have_their_size_and_colour():
    """Guards against words too small to read, and gradients that look like values."""
    texts = module.draw_scene(small()).texts
    written = [(text.size, text.colour, text.words) for text in texts]
    assert written == [
        (9, INK, "x = [1 2]"),
        (9, DARK, ".grad None"),
        (9, INK, "c [3 4]"),
        (9, INK, "Mul"),
        (9, DARK, "[3 8]"),
        (9, INK, "Mul ×2"),
        (9, DARK, "[6 16]"),
        (9, INK, "z = Sum"),
        (9, DARK, "22"),
        (9, RED, "↑1"),
        (8, RED, "↑[6 8]"),
        (8, RED, "↑[2 2]"),
        (8, RED, "↑[1 1]"),
    ]


def test_a_box_is_as_large_as_its_lines_and_a_margin():
    """Guards against words that touch the frame, and boxes that are mostly empty."""
    boxes = module.draw_scene(small()).boxes
    widest = [".grad None", "c [3 4]", "[3 8]", "Mul ×2", "z = Sum"]
    widths = [14 + len(line) * COLUMN for line in widest]
    assert [box.width for box in boxes] == pytest.approx(widths)
    assert [box.height for box in boxes] == [8 + n * 13 for n in (2, 1, 2, 2, 3)]


@pytest.mark.parametrize(
    ("step", "fills", "heavy"),
    [
        (None, [BLUE, WHITE, GREY, GREY, GREEN], 4),
        (0, [BLUE, WHITE, GREY, GREY, GREEN], 4),
        (1, [BLUE, WHITE, GREY, GREY, YELLOW], 4),
        (2, [BLUE, WHITE, GREY, YELLOW, GREEN], 3),
        (4, [YELLOW, WHITE, GREY, GREY, GREEN], 0),
    ],
)
def test_a_box_shows_what_it_is_and_whether_the_walk_is_there(step, fills, heavy):
    """Guards against a reader who cannot find the box that a step is about."""
    boxes = module.draw_scene(small(), step).boxes
    assert [box.style.fill for box in boxes] == fills
    assert [k for k, box in enumerate(boxes) if box.style.dashed] == [1]
    assert [k for k, box in enumerate(boxes) if box.style.heavy] == [heavy]


@pytest.mark.parametrize(
    ("step", "heavy"), [(None, []), (0, []), (1, [3]), (2, [2]), (3, [0]), (4, [])]
)
def test_arrows_from_constants_are_dashed_and_those_of_a_step_are_heavy(step, heavy):
    """Guards against an arrow that seems to carry a gradient to a constant."""
    styles = [curve.style for curve in module.draw_scene(small(), step).curves]
    assert [style.dashed for style in styles] == [False, True, False, False]
    found = [k for k, style in enumerate(styles) if style.heavy and not style.dashed]
    assert found == heavy


def test_a_walk_has_a_frame_for_each_step_that_says_what_is_known_by_then():
    frames = module.draw_walk(small())
    written = [[text.words for text in frame.texts] for frame in frames]
    sent = [[words for words in each if words.startswith("↑")] for each in written]
    assert sent == [
        ["↑1", "↑[1 1]"],
        ["↑1", "↑[2 2]", "↑[1 1]"],
        ["↑1", "↑[6 8]", "↑[2 2]", "↑[1 1]"],
        ["↑1", "↑[6 8]", "↑[2 2]", "↑[1 1]"],
    ]
    held = [words for each in written for words in each if words.startswith(".")]
    assert held == [".grad None"] * 3 + [".grad += [6 8]"]
    texts_lie_in_their_box_or_outside_of_all(frames[-1])


# ---- room ---------------------------------------------------------------------


def test_a_box_has_room_for_the_heads_of_all_its_arrows():
    """Guards against heads on top of each other, or on a corner."""
    leaves = {f"t{k}": torch.ones(1, requires_grad=True) for k in range(12)}
    graph = show_graph(torch.stack([*leaves.values()]), **leaves).graph
    assert module.draw_scene(graph).boxes[-1].width == 11 * 8 + 2 * 6


def test_a_walk_keeps_room_for_a_gradient_from_before():
    """Guards against a box that fits what it gets, and not what it held."""
    x = torch.ones(3, requires_grad=True)
    x.grad = torch.full((3,), 1 / 3)
    before = module.draw_scene(show_graph((x * 2).sum()).graph, 0)
    assert before.texts[1].words == ".grad [0.333 0.333 0.333]"
    texts_lie_in_their_box_or_outside_of_all(before)
    assert before.boxes[0].width == pytest.approx(14 + 25 * COLUMN)


def test_a_walk_keeps_room_for_a_sum_that_is_shorter_in_the_end():
    """Guards against words that stick out of a box in the middle of a walk."""
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    one, other = y.relu(), y.abs()
    graph = show_graph([y, one / 3 + other * 2 / 3]).graph
    frames = module.draw_walk(graph)
    told = [[it.words for it in each.texts if it.size == 9] for each in frames]
    sums = [words[4] for words in told if words[4].startswith("↑")]
    assert [*dict.fromkeys(sums)] == ["↑[1.67 1.67 1.67]", "↑[2 2 2]"]
    for each in frames:
        texts_lie_in_their_box_or_outside_of_all(each)
        assert each.boxes[1].width == pytest.approx(14 + 17 * COLUMN)
    assert module.draw_scene(graph).boxes[1].width < 90


def test_the_lines_of_a_box_stand_around_its_middle():
    """Guards against words that are too high in their box, or beside its middle."""
    scene = module.draw_scene(small())
    texts = iter(scene.texts)
    for box, lines in zip(scene.boxes, (2, 1, 2, 2, 3), strict=True):
        rows = [next(texts) for _ in range(lines)]
        first = box.y - 13 * (lines - 1) / 2
        places = [(box.x, pytest.approx(first + 13 * row)) for row in range(lines)]
        assert [(text.x, text.y) for text in rows] == places


@pytest.mark.parametrize(("output", "told"), [(0, "1 | ?"), (1, "? | 2")])
def test_an_output_that_nobody_has_seen_is_a_question_mark(output, told):
    x = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    texts = module.draw_scene(show_graph(torch.var_mean(x)[output]).graph).texts
    assert [text.words for text in texts][2:4] == ["VarMean", told]


@pytest.mark.parametrize(
    ("gradients", "size", "boxes", "labels"),
    [
        (
            True,
            (223.3, 118.6),
            [(89.2, 17), (58.2, 95.1), (186.5, 17), (151.4, 95.1)],
            [(27.1, 50.5), (89.2, 50.5), (151.4, 50.5)],
        ),
        (
            False,
            (187.7, 95),
            [(57.9, 17), (31.4, 78), (150.9, 17), (110.9, 78)],
            [],
        ),
    ],
)
def test_a_small_graph_in_numbers(gradients, size, boxes, labels):
    """Guards against arrows without room for what is written on them, or with more."""
    x = torch.arange(4.0, requires_grad=True)
    with watch():
        y = x * x
        u = y.detach()
        z = u * x
    shown = show_graph([y, z], gradients=gradients, x=x, y=y, u=u, z=z)
    scene = module.draw_scene(shown.graph)
    assert (round(scene.width, 1), round(scene.height, 1)) == size
    assert [(round(it.x, 1), round(it.y, 1)) for it in scene.boxes] == boxes
    small = [text for text in scene.texts if text.size == 8]
    assert [(round(it.x, 1), round(it.y, 1)) for it in small] == labels


def test_a_constant_does_not_bend_the_column_of_its_graph():
    x, c = torch.tensor(2.0, requires_grad=True), torch.ones(9, 9)
    with watch():
        y = (c * x * c).sum()
    scene = module.draw_scene(show_graph(y, x=x, c=c).graph)
    xs = [box.x for box in scene.boxes if not box.style.dashed]
    assert len(xs) == 4 and max(xs) - min(xs) < 0.01


def test_without_a_step_all_gradients_are_shown():
    """Guards against a picture without a walk that hides what it holds."""
    graph = small()
    assert module.draw_scene(replace(graph, walk=())) == module.draw_scene(graph)


@pytest.mark.parametrize("step", [None, 4])
def test_a_road_that_ends_has_scissors_on_a_dashed_arrow(step):
    """Guards against a cut that looks like an arrow that carries a gradient."""
    graph = small()
    first, *others = graph.edges
    graph = replace(graph, edges=(replace(first, cut=True), *others))
    scene = module.draw_scene(graph, step)
    (cut,) = (text for text in scene.texts if text.words == "✂")
    assert (cut.size, cut.colour) == (15, RED)
    assert [curve.style.dashed for curve in scene.curves] == [True, True, False, False]
    left, top, right, low = rectangle(cut.x, cut.y, 15, 15)
    assert enters(samples(scene.curves[0].points), (left, top, right, low))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("n" * 40, "n" * 40),
        ("a" * 20 + "m" + "z" * 20, "a" * 20 + "…" + "z" * 20),
        ("a" * 99 + "z" * 99, "a" * 20 + "…" + "z" * 20),
    ],
)
def test_of_a_long_name_both_ends_are_written(name, written):
    """Guards against boxes as wide as the paper, and names cut to the same start."""
    leaf = torch.tensor(1.0, requires_grad=True)
    graph = show_graph([leaf * 2], **{name: leaf}).graph
    assert module.draw_scene(graph).texts[0].words == f"{written} = 1"


# ---- rows of frames -----------------------------------------------------------


def frame(width, height):
    """Return a drawing with something of each kind in its upper left corner."""
    box, text = BoxShape(4, 3, 8, 6, Style(WHITE)), TextShape(5, 6, 9, INK, "t")
    curve = CurveShape(((1, 2), (3, 4)), Style(heavy=True))
    return module.Scene(width, height, (box,), (curve,), (text,))


def test_what_is_moved_stays_on_the_same_paper():
    moved = frame(100, 50).shift(3, 4)
    assert (moved.width, moved.height) == (100, 50)
    assert moved.texts == (TextShape(8, 10, 9, INK, "t"),)


def test_frames_stand_side_by_side_with_their_numbers_above():
    paper = module.compose_page(
        [frame(100, 50), frame(538, 30), frame(638, 20), frame(700, 9)]
    )
    assert paper.width == 700
    assert paper.height == (16 + 50) + 22 + (16 + 20) + 22 + (16 + 9)
    corners = [(0, 16), (122, 16), (0, 104), (0, 162)]
    assert paper.boxes == tuple(
        BoxShape(x + 4, y + 3, 8, 6, Style(WHITE)) for x, y in corners
    )
    assert paper.curves == tuple(
        CurveShape(((x + 1, y + 2), (x + 3, y + 4)), Style(heavy=True))
        for x, y in corners
    )
    assert [text for text in paper.texts if text.words == "t"] == [
        (x + 5, y + 6, 9, INK, "t") for x, y in corners
    ]
    assert [text for text in paper.texts if text.words != "t"] == [
        (50, 5, 9, "#6b6b6b", "1."),
        (122 + 269, 5, 9, "#6b6b6b", "2."),
        (319, 93, 9, "#6b6b6b", "3."),
        (350, 151, 9, "#6b6b6b", "4."),
    ]


@pytest.mark.parametrize(("second", "rows"), [(538.0, 1), (538.5, 2)])
def test_frames_share_a_row_that_fits_a_column_of_660_points(second, rows):
    """Guards against a strip that a notebook shows smaller than its words are."""
    paper = module.compose_page([frame(100, 50), frame(second, 50)])
    assert len({box.y for box in paper.boxes}) == rows


def test_each_frame_of_a_row_stands_right_of_all_before():
    """Guards against a third step that is drawn over the second."""
    paper = module.compose_page([frame(100, 50)] * 4)
    assert [box.x for box in paper.boxes] == [4 + 122 * k for k in range(4)]
    assert (paper.width, paper.height) == (3 * 122 + 100, 16 + 50)


def test_one_frame_has_no_number():
    assert module.compose_page([frame(100, 50)]) == frame(100, 50)


# ---- notes ------------------------------------------------------------------


def test_notes_stand_below_the_drawing_line_by_line_in_the_middle():
    drawing = module.draw_scene(small())
    notes = ["A first sentence that is far too wide for one line. " * 4, "A second."]
    paper = module.compose_page([drawing], notes)
    written = [text for text in paper.texts if text.size == 8.5]
    lines = [text.words for text in written]
    assert " ".join(lines) == " ".join(" ".join(notes).split())
    heights = [text.y - drawing.height for text in written]
    assert heights == pytest.approx([13 * k for k in range(1, len(lines) + 1)])
    assert near(paper.height - drawing.height, 13 * (len(lines) + 1)) and len(lines) > 3
    assert {text.colour for text in written} == {"#6b6b6b"}
    for text in written:
        assert text.x == width_of(text.words, text.size) / 2 <= paper.width / 2
    assert near(paper.width, max(2 * text.x for text in written))
    aside = (paper.width - drawing.width) / 2  # the drawing stays in the middle
    assert aside > 0
    assert paper.boxes == drawing.shift(aside, 0).boxes
    assert paper.curves == drawing.shift(aside, 0).curves


@pytest.mark.parametrize("below", [[], ["Below."]])
def test_what_stands_above_has_room_and_moves_the_drawing_down(below):
    drawing = module.draw_scene(small())
    above = ["A large graph of which there is much to be said. " * 3, "A second line."]
    paper = module.compose_page([drawing], below, above)
    written = [text for text in paper.texts if text.size == 8.5]
    told = " ".join(text.words for text in sorted(written, key=lambda text: text.y))
    assert told == " ".join(" ".join(above + below).split())
    areas = [t for t in text_areas(paper) if t[1] < min(b[1] for b in box_areas(paper))]
    assert len(areas) == len(written) - len(below)
    assert all(distance(*pair) > 0 for pair in combinations(text_areas(paper), 2))
    assert min(text.y for text in written) == 6.5  # half a line
    all_lies_on_the_paper(paper)
    lower = min(box.y for box in paper.boxes) - min(box.y for box in drawing.boxes)
    assert paper.height == pytest.approx(drawing.height + lower + 26 * len(below))


@pytest.mark.parametrize(
    ("letter", "width", "longest"),
    [("n", 9, 84), ("n", 500, 97), ("n", 900, 128), ("字n", 9, 42), ("字", 900, 64)],
)
def test_notes_are_about_as_wide_as_the_drawing(letter, width, longest):
    """Guards against a column of single words, and against a notebook that scrolls."""
    paper = module.compose_page([module.Scene(width, 50)], [letter * 200])
    assert len(paper.texts[0].words) == longest
    assert "".join(text.words for text in paper.texts) == letter * 200


@pytest.fixture
def shown(monkeypatch):
    """Return a function that draws with a font that can write some texts."""

    def draw(can_write, picture_of):
        pages = []
        for part in (picture, module):
            monkeypatch.setattr(part, "can_write", can_write)
        compose = module.compose_page
        monkeypatch.setattr(
            picture, "compose_page", lambda *of: pages.append(compose(*of))
        )
        twin = str(picture_of())
        return twin, [text.words for page in pages for text in page.texts]

    return draw


def test_a_name_that_no_font_can_write_gives_way_to_the_id(shown):
    x = torch.tensor(3.0, requires_grad=True)
    y = x * 2
    for can_write, names in ((str.isascii, "%0 %1"), (lambda name: True, "输入 输出")):
        twin, words = shown(can_write, lambda: show_graph(y, 输入=x, 输出=y))
        assert "0  输入  leaf" in twin and "1  输出  Mul" in twin
        assert "No font" not in twin
        first, second = names.split()
        assert {f"{first} = 3", f"{second} = Mul ×2"} <= {*words}
        note = "every name; print the picture to see the names behind %0, %1."
        assert " ".join(words).endswith(note) is (first == "%0")


def test_a_note_that_no_font_can_write_is_english(shown):
    x = torch.tensor(1.0, requires_grad=True)
    y = x * 2
    y.backward()
    set_language("zh")
    try:
        texts = [
            " ".join(shown(can, lambda: show_graph(y))[1])
            for can in (str.isascii, lambda text: True)
        ]
    finally:
        set_language("en")
    for text, is_english in zip(texts, (True, False), strict=True):
        assert ("Compute the result again" in text) is is_english
        assert ("请重新计算结果" in text) is not is_english
