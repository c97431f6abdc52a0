"""Laws of frames: what is drawn in a frame lies in it, and no arrow strikes a title."""

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import show_graph
from helpers.drawing import scene as module
from helpers.drawing.fonts import width_of
from helpers.drawing.layout import Box, Link
from helpers.drawing.nest import FrameBox, arrange_nested
from helpers.drawing.shapes import paper_size
from helpers.graph.contract import list_frames
from helpers.tests.drawing.geometry import distance, enters, rectangle, samples
from helpers.tests.drawing.test_geometry import (
    GAP,
    all_lies_on_the_paper,
    arrows_join_two_boxes_and_enter_none,
    boxes_and_labels_stand_apart,
    texts_lie_in_their_box_or_outside_of_all,
    within,
)
from helpers.tests.graph.networks import NETWORKS, run_network

OTHERS = [
    all_lies_on_the_paper,
    arrows_join_two_boxes_and_enter_none,
    boxes_and_labels_stand_apart,
    texts_lie_in_their_box_or_outside_of_all,
]


def areas(shapes):
    return [rectangle(*shape[:4]) for shape in shapes]


def words_of(scene, size):
    return [
        rectangle(t.x, t.y, width_of(t.words, t.size), t.size)
        for t in scene.texts
        if t.size == size
    ]


def frames_hold_or_avoid_each_other_and_all_boxes(scene):
    """Guards against a box that seems to be in a module that it is not in."""
    frames = areas(scene.frames)
    for one, other in combinations(frames, 2):
        apart = distance(one, other)
        assert within(one, other) or within(other, one) or apart >= GAP
    for frame in frames:
        for box in areas(scene.boxes):
            assert within(box, frame) or distance(box, frame) >= GAP


def a_title_has_no_arrow_and_a_label_has_one(scene):
    """Guards against words that are struck out."""
    paths = [samples(curve.points) for curve in scene.curves]
    titles = [t for t in scene.texts if any(is_title(t, f) for f in scene.frames)]
    assert len(titles) == len(scene.frames)
    for t in titles:
        area = rectangle(t.x, t.y, width_of(t.words, t.size), t.size)
        assert not any(enters(path, area) for path in paths)
    for label in words_of(scene, 8):
        assert sum(enters(path, label) for path in paths) == 1


def is_title(text, frame):
    """Tell whether a text is in the upper left corner of a frame."""
    left, top, *_ = rectangle(*frame[:4])
    begins = text.x - width_of(text.words, text.size) / 2
    return abs(begins - left - 8) < 1 and 0 < text.y - top < 17


LAWS = [
    *OTHERS,
    frames_hold_or_avoid_each_other_and_all_boxes,
    a_title_has_no_arrow_and_a_label_has_one,
]
ALL = [(name, level) for name in NETWORKS for level in (True, 1, 9)]


@pytest.mark.parametrize(("name", "level"), ALL)
def test_networks_keep_the_laws_at_every_level(name, level):
    loss, names = run_network(name)
    graph = show_graph(loss, modules=level, **names).graph
    scene = module.draw_scene(graph)
    for law in LAWS:
        law(scene)
    assert len(scene.frames) == len(list_frames(graph))
    assert (level is True) == (not scene.frames)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_which_each_module_is_one_box_fits_a_screen(name):
    """The measure: 1,000 × 1,200 pixels; 0.72 points are a pixel."""
    loss, names = run_network(name)
    scene = module.draw_scene(show_graph(loss, modules=True, **names).graph)
    width, height = paper_size(scene)
    assert width <= 720 and height <= 864


def test_a_walk_shows_the_same_frames_at_each_step():
    loss, names = run_network("residual")
    scenes = module.draw_walk(show_graph(loss, modules=1, **names).graph)
    assert len({scene.frames for scene in scenes}) == 1 and scenes[0].frames
    page = module.compose_page(scenes)
    assert len(page.frames) == len(scenes)


def test_the_boxes_of_a_module_stand_in_its_frame_and_no_others():
    loss, names = run_network("residual")
    graph = show_graph(loss, modules=1, **names).graph
    scene = module.draw_scene(graph)
    (frame,) = areas(scene.frames)
    nodes, _ = module.drawn_parts(graph)
    for node, box in zip(nodes, areas(scene.boxes), strict=True):
        assert bool(within(box, frame)) is bool(node.within)
    assert {n.op for n in nodes if not n.within} == {"constant", "Conv2d", "Mean"}


# ---- any frames -------------------------------------------------------------


@st.composite
def nests(draw):
    """Draw boxes in a row of frames, some in others, and links between any two.

    Boxes of a frame follow each other, so that no frame leads in a circle.
    """
    count = draw(st.integers(2, 12))
    widths = st.sampled_from([20.0, 90.0])
    boxes = [Box(draw(widths), 30.0) for _ in range(count)]
    pairs = list(combinations(range(count), 2))
    chosen = draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=16))
    links = [Link(*pair, draw(st.sampled_from([0.0, 40.0]))) for pair in chosen]
    frames, start = [], 0
    while start < count - 1 and draw(st.booleans()):
        stop = draw(st.integers(start + 1, count))
        frames.append(FrameBox(60.0, frozenset(range(start, stop)), None))
        if draw(st.booleans()):
            inner = frozenset(range(start, draw(st.integers(start + 1, stop))))
            frames.append(FrameBox(40.0, inner, len(frames) - 1))
        start = stop
    return boxes, links, frames


@pytest.mark.thorough
@settings(max_examples=60)
@given(nest=nests(), widest=st.sampled_from([200.0, math.inf]))
def test_any_boxes_stand_in_their_frames_and_any_link_joins_two(nest, widest):
    boxes, links, frames = nest
    done, placed = arrange_nested(boxes, links, frames, widest)
    middles = [
        rectangle(x, y, box.width, box.height)
        for box, (x, y) in zip(boxes, done.boxes, strict=True)
    ]
    for frame, area in zip(frames, areas(placed), strict=True):
        for number, box in enumerate(middles):
            assert bool(within(box, area)) is (number in frame.boxes)
            assert number in frame.boxes or distance(box, area) >= GAP
    for link, path in zip(links, done.paths, strict=True):
        (x, top), (onward, low) = path[0], path[-1]
        assert abs(top - middles[link.source][3]) < 1e-6
        assert abs(low - middles[link.target][1]) < 1e-6
        assert middles[link.source][0] < x < middles[link.source][2]
        assert middles[link.target][0] < onward < middles[link.target][2]
        assert not any(enters(samples(path), box) for box in middles)
