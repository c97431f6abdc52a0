"""A scene becomes outlines of one look each: which, where, and in which order."""

import numpy as np
import pytest
from matplotlib.backend_bases import GraphicsContextBase
from matplotlib.colors import to_hex
from matplotlib.path import Path

from helpers.drawing.fonts import glyph, width_of
from helpers.drawing.scene import BoxShape, CurveShape, Scene, Style, TextShape
from helpers.drawing.shapes import (
    LONGEST_PATH,
    Layer,
    arrow_head,
    bezier,
    layers_of,
    layers_of_words,
    paint_layers,
    paper_size,
    rounded_rectangle,
    text_outline,
)
from helpers.drawing.theme import CUT, GREY, INK, MARGIN, NOTE, RED, SIZE, SMALL, WHITE

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole

PLAIN, DARK = Style("#f0f0f0"), Style("#d6e6fb", heavy=True)
DASHED = Style(dashed=True)


class Canvas:
    """Write down what is painted, with which look."""

    height = 300.0
    new_gc = GraphicsContextBase

    def __init__(self):
        self.painted = []

    def draw_path(self, look, path, upwards, ink):
        """Write one path down."""
        line = look.get_linewidth(), to_hex(look.get_rgb()), look.get_dashes()
        self.painted.append((*line, path, upwards, ink and to_hex(ink)))


def paint(layer, scale=2.0):
    canvas = Canvas()
    upwards = paint_layers(canvas, [layer], scale)
    return canvas.painted, upwards


def area(path):
    """Return left, top, right and low."""
    return [*path.get_extents().extents]


SHAPES = [rounded_rectangle(20, 10, 8, 6), rounded_rectangle(50, 10, 8, 6)]


@pytest.mark.parametrize(
    ("style", "has_line", "line", "dashes", "ink"),
    [
        (Style("#f0f0f0"), True, (0.9, GREY), None, "#f0f0f0"),
        (Style(None, heavy=True), True, (1.6, INK), None, None),
        (Style(dashed=True), True, (0.9, GREY), [2.7, 1.8], None),
        (Style("#b00020"), False, (0, GREY), None, "#b00020"),
        (Style("#b00020", heavy=True), False, (0, INK), None, "#b00020"),
    ],
)
def test_shapes_of_one_look_are_painted_as_one_path(style, has_line, line, dashes, ink):
    [(width, colour, (offset, pattern), path, _, fill)], _ = paint(
        Layer(SHAPES, style, has_line)
    )
    assert ((width, colour), fill) == (line, ink)
    assert pattern == dashes if dashes is None else [*pattern] == dashes
    assert offset == 0
    assert len(path.vertices) == sum(len(shape.vertices) for shape in SHAPES)


def test_layers_are_painted_in_their_order():
    canvas = Canvas()
    paint_layers(canvas, [Layer(SHAPES, PLAIN), Layer(SHAPES[:1], DARK)], 1.0)
    assert [it[-1] for it in canvas.painted] == [PLAIN.fill, DARK.fill]


@pytest.mark.parametrize("scale", [1.0, 2.5])
def test_a_place_becomes_a_pixel_above_the_margin_and_upwards(scale):
    [(*_, upwards, _)], returned = paint(Layer(SHAPES, PLAIN), scale)
    assert returned == upwards
    assert [*upwards.transform((0, 0))] == [MARGIN * scale, 300 - MARGIN * scale]
    x, y = upwards.transform((10, 20))
    assert (x, y) == ((10 + MARGIN) * scale, 300 - (20 + MARGIN) * scale)


@pytest.mark.parametrize(("scale", "count"), [(0.999, 1), (1.0, 3), (0.5, 1), (2.0, 3)])
def test_paths_that_cross_too_many_pixels_are_painted_one_by_one(scale, count):
    """Guard against Agg, which refuses them as one."""
    third = LONGEST_PATH / 3
    zigzag = [(0.0, 0.0), (third / 4, third / 4), (0.0, third / 2)]
    painted, _ = paint(Layer([Path(zigzag)] * 3, DASHED), scale)
    assert [len(it[3].vertices) for it in painted] == [9 // count] * count


def test_the_paper_has_a_margin_on_all_sides():
    assert paper_size(Scene(100, 40)) == (112, 52)


def test_an_arrow_is_a_curve_and_a_small_head_that_points_down():
    curve = bezier(((0.0, 0.0), (0.0, 5.0), (9.0, 5.0), (9.0, 9.0)))
    assert curve.codes.tolist() == [Path.MOVETO] + 3 * [Path.CURVE4]
    head = arrow_head(10, 20)
    assert head.vertices.tolist() == [[10, 20], [7, 13.5], [13, 13.5], [10, 20]]
    assert head.codes[-1] == Path.CLOSEPOLY


@pytest.mark.parametrize(
    ("width", "height", "radius"), [(40, 20, 3), (40, 4, 2), (5, 20, 2.5), (40, 6, 3)]
)
def test_a_box_has_round_corners_where_there_is_room(width, height, radius):
    box = rounded_rectangle(100, 50, width, height)
    left, top = 100 - width / 2, 50 - height / 2
    assert area(box) == [left, top, left + width, top + height]
    assert box.vertices[0].tolist() == pytest.approx([left + radius, top])


def scene():
    """Return a scene with two things of each kind, of different looks."""
    arrow = ((60.0, 0.0), (60.0, 3.0), (60.0, 6.0), (60.0, 9.0))
    along = ((80.0, 0.0), (80.0, 3.0), (80.0, 6.0), (80.0, 9.0))
    return Scene(
        300,
        100,
        boxes=(
            BoxShape(60, 20, 30, 22, DARK),
            BoxShape(160, 20, 40, 22, PLAIN),
            BoxShape(260, 20, 50, 22, DARK),
        ),
        curves=(CurveShape(arrow, DASHED), CurveShape(along, Style(heavy=True))),
        texts=(
            TextShape(60, 20, SIZE, INK, "box"),
            TextShape(60, 50, SMALL, RED, "label"),
            TextShape(90, 50, CUT, INK, "x"),
            TextShape(90, 80, NOTE, RED, "note"),
        ),
        frames=(BoxShape(150, 50, 200, 90, PLAIN), BoxShape(150, 50, 100, 40, DARK)),
    )


def test_what_is_behind_comes_first():
    found = [
        (layer.style, layer.has_line, len(layer.shapes)) for layer in layers_of(scene())
    ]
    assert found == [
        (PLAIN, True, 1),  # a frame around a module
        (DARK, True, 1),
        (DASHED, True, 1),  # arrows
        (Style(heavy=True), True, 1),
        (Style(GREY), False, 2),  # their heads
        (DARK, True, 2),  # boxes
        (PLAIN, True, 1),
        (Style(WHITE), False, 2),  # the grounds of labels
    ]


def test_each_shape_lies_where_the_scene_has_it():
    frame, _, curve, _, heads, boxes, _, grounds = layers_of(scene())
    assert area(frame.shapes[0]) == [50, 5, 250, 95]
    assert curve.shapes[0].vertices.tolist() == [[60, 0], [60, 3], [60, 6], [60, 9]]
    assert [area(it) for it in heads.shapes] == [[57, 2.5, 63, 9], [77, 2.5, 83, 9]]
    assert [area(it) for it in boxes.shapes] == [[45, 9, 75, 31], [235, 9, 285, 31]]
    label, cut = ((width_of(*it) + 3) / 2 for it in (("label", SMALL), ("x", CUT)))
    assert [area(it) for it in grounds.shapes] == [
        pytest.approx([60 - label, 50 - 5, 60 + label, 50 + 5]),
        pytest.approx([90 - cut, 50 - 8.5, 90 + cut, 50 + 8.5]),
    ]


def test_words_of_one_colour_are_one_layer():
    found = [
        (layer.style, layer.has_line, len(layer.shapes))
        for layer in layers_of_words(scene())
    ]
    assert found == [(Style(INK), False, 2), (Style(RED), False, 2)]


@pytest.mark.parametrize("size", [SIZE, CUT])
def test_words_stand_around_their_middle_side_by_side(size):
    outline = text_outline(TextShape(100, 50, size, INK, "x x"))
    left, base = 100 - width_of("x x", size) / 2, 50 + 0.35 * size
    letter, onward = glyph("x").vertices * size, width_of("xx", size)
    letters = [np.add(letter, (x, base)) for x in (left, left + onward)]
    assert outline.vertices == pytest.approx(np.concatenate(letters))
