"""Laws of frames: what is drawn in a frame lies in it, and no arrow strikes a title."""

import math
import random
from itertools import combinations, pairwise

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from helpers import show_graph, watch
from helpers.drawing import scene as module
from helpers.drawing.fonts import width_of
from helpers.drawing.layout import Box, Link, arrange
from helpers.drawing.nest import Area, FrameBox, Nest, arrange_nested
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
from helpers.tests.drawing.test_layout import some_graph, told
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
    frames = list_frames(graph)
    nodes, _ = module.drawn_parts(graph)
    for frame, area in zip(frames, areas(scene.frames), strict=True):
        for node, box in zip(nodes, areas(scene.boxes), strict=True):
            assert bool(within(box, area)) is (node.id in frame.boxes)
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


def test_a_module_in_a_module_has_its_frame_in_the_other_frame():
    """Guards against an inner module that seems to stand beside the outer one."""
    net = nn.Sequential(nn.Sequential(nn.Linear(1, 1), nn.ReLU()), nn.Linear(1, 1))
    with watch():
        loss = net(torch.ones(1, 1)).sum()
    scene = module.draw_scene(show_graph(loss, modules=2, net=net).graph)
    outer, inner = areas(scene.frames)
    assert within(inner, outer) and not within(outer, inner)


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


def keeps_the_laws(boxes, links, frames, widest):
    """Check one arrangement; return it with its frames."""
    done, placed = arrange_nested(boxes, links, frames, widest)
    middles = [
        rectangle(x, y, box.width, box.height)
        for box, (x, y) in zip(boxes, done.boxes, strict=True)
    ]
    paths = [samples(path) for path in done.paths]
    for frame, area in zip(frames, areas(placed), strict=True):
        title = area[0] + 8, area[1], area[0] + 8 + frame.title, area[1] + 17
        assert within(title, area) and not any(enters(path, title) for path in paths)
        for number, box in enumerate(middles):
            assert bool(within(box, area)) is (number in frame.boxes)
            assert number in frame.boxes or distance(box, area) >= GAP
    for link, path in zip(links, done.paths, strict=True):
        (x, top), (onward, low) = path[0], path[-1]
        assert abs(top - middles[link.source][3]) < 1e-6
        assert abs(low - middles[link.target][1]) < 1e-6
        assert middles[link.source][0] < x < middles[link.source][2]
        assert middles[link.target][0] < onward < middles[link.target][2]
        assert all(one[1] <= other[1] for one, other in pairwise(path))
    assert not any(enters(path, box) for path in paths for box in middles)
    for one, other in combinations(areas(placed), 2):
        held = within(one, other) or within(other, one)
        assert held or distance(one, other) >= GAP
    return done, placed


@pytest.mark.thorough
@settings(max_examples=60)
@given(nest=nests(), widest=st.sampled_from([200.0, math.inf]))
def test_any_boxes_stand_in_their_frames_and_any_link_joins_two(nest, widest):
    keeps_the_laws(*nest, widest)


def some_nest(seed):
    """Return boxes and links with frames, some in others; the same on every machine."""
    boxes, links = some_graph(seed)
    throw, frames, start = random.Random(seed).random, [], 0
    while start < len(boxes):
        stop = start + 1 + int((len(boxes) - start) * throw())
        frames.append(FrameBox(20 + 60 * throw(), frozenset(range(start, stop)), None))
        if throw() < 0.7:
            inner = frozenset(range(start, start + 1 + int((stop - start) * throw())))
            frames.append(FrameBox(20 + 40 * throw(), inner, len(frames) - 1))
            if throw() < 0.5:
                frames.append(FrameBox(10.0, inner, len(frames) - 1))
        start = stop + int(2 * throw())
    return boxes, links, frames


@pytest.mark.parametrize("widest", [math.inf, 180])
def test_without_frames_boxes_stand_as_ever(widest):
    boxes, links = some_graph(0)
    expected = arrange(boxes, links, widest=widest)
    assert arrange_nested(boxes, links, [], widest) == (expected, [])


def test_what_is_moved_keeps_its_size():
    start, end, area = (1.0, 2.0), (3.0, 4.0), Area(5.0, 6.0, 7.0, 8.0)
    nest = Nest(20.0, 30.0, {1: start}, {2: end}, {3: (start, end)}, {4: area})
    to, onto = (11.0, 102.0), (13.0, 104.0)
    moved = Area(15.0, 106.0, 7.0, 8.0)
    assert nest.shift(10, 100) == Nest(
        20.0, 30.0, {1: to}, {2: onto}, {3: (to, onto)}, {4: moved}
    )


@pytest.mark.parametrize(
    ("seed", "widest", "numbers", "around"),
    [
        (
            0,
            math.inf,
            "389.0 594.9 600.3 90930.5 9299.0 19725.6 11924.0 26725.5",
            [400.5, 616.4, 705.0, 1034.9],
        ),
        (
            1,
            math.inf,
            "222.3 561.4 258.0 52970.0 1140.0 4007.6 590.0 2962.7",
            [454.0, 1038.0, 736.7, 949.0],
        ),
        (
            2,
            math.inf,
            "561.5 283.0 201.8 25065.5 16027.8 12308.5 8035.0 7437.0",
            [613.0, 220.5, 744.3, 375.0],
        ),
        (
            2,
            240,
            "240.0 457.0 287.9 41561.5 6776.6 18017.5 4399.0 10407.0",
            [252.6, 307.5, 422.8, 549.0],
        ),
        (
            3,
            240,
            "209.6 636.0 301.3 104959.0 1489.7 6820.0 2346.5 10225.5",
            [524.1, 1433.0, 888.2, 1248.0],
        ),
        (
            4,
            math.inf,
            "223.8 714.0 380.1 104531.5 1799.1 7218.5 2306.4 10716.5",
            [671.5, 2089.5, 957.8, 1329.0],
        ),
        (
            5,
            math.inf,
            "422.2 469.0 739.2 54680.0 7292.9 10624.5 7780.1 7513.0",
            [590.2, 895.5, 949.9, 559.0],
        ),
        (
            6,
            240,
            "240.0 586.0 3.5 29300.0 4983.0 17619.5 1919.5 4744.5",
            [387.5, 918.0, 553.8, 768.0],
        ),
        (
            7,
            240,
            "240.0 732.0 269.0 84793.5 2651.8 11625.5 2431.6 11216.5",
            [698.8, 1795.0, 856.7, 1178.0],
        ),
        (
            8,
            math.inf,
            "335.7 744.7 732.7 144700.9 2112.3 6692.4 3817.8 15416.7",
            [942.1, 1969.4, 1125.1, 1372.6],
        ),
        (
            9,
            240,
            "240.0 742.3 613.7 132157.8 3035.6 11256.2 2139.4 8405.0",
            [706.8, 2407.2, 1169.8, 1096.0],
        ),
        (
            10,
            math.inf,
            "460.7 690.8 344.4 94926.9 8172.9 12278.9 15356.1 16785.7",
            [1951.3, 3160.0, 1324.5, 1224.0],
        ),
        (
            10,
            240,
            "240.0 857.5 720.6 108197.6 3844.4 13147.3 7142.3 18296.1",
            [885.2, 3554.5, 1324.5, 1224.0],
        ),
        (
            11,
            math.inf,
            "246.8 667.5 715.0 117481.8 3629.9 10198.4 4996.1 15418.9",
            [515.5, 1516.6, 796.5, 779.0],
        ),
        (
            12,
            240,
            "240.0 760.2 598.1 126991.6 3477.0 14769.3 4780.7 14679.3",
            [674.0, 2189.1, 1156.0, 1425.2],
        ),
        (
            13,
            math.inf,
            "269.5 846.0 209.6 176899.5 2334.3 8929.5 1587.0 7076.0",
            [1053.5, 3380.0, 1538.2, 1632.0],
        ),
    ],
)
def test_a_nest_keeps_the_laws_and_its_picture(seed, widest, numbers, around):
    """Guards against pictures in old notebooks that change without a reason."""
    done, placed = keeps_the_laws(*some_nest(seed), widest)
    assert told(done) == numbers
    assert [round(sum(sizes), 1) for sizes in zip(*placed, strict=True)] == around
