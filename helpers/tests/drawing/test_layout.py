"""Laws that every arrangement keeps, and pictures that must not get uglier."""

import math
import random
from itertools import chain, combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.drawing.layout import Box, Link, arrange, keep_distances
from helpers.drawing.theme import (
    BOX_GAP,
    HEAD,
    LABEL_HEIGHT,
    LINE_GAP,
    PORT_GAP,
    ROW_GAP,
    TALLEST_GAP,
)
from helpers.tests.drawing.geometry import (
    ROUNDING,
    distance,
    enters,
    rectangle,
    samples,
)

widths = st.floats(0, 220)
label_widths = st.just(0.0) | st.floats(15, 110)


@st.composite
def graphs(draw):
    """Draw boxes and links: parallel, long or without a label; boxes may be lonely."""
    sizes = draw(st.lists(st.tuples(widths, st.floats(0, 60)), min_size=2, max_size=9))
    boxes = [Box(*size) for size in sizes]
    ends = st.lists(st.integers(0, len(boxes) - 1), min_size=2, max_size=2, unique=True)
    count = draw(st.integers(0, 14))
    pairs = draw(st.lists(ends.map(sorted), min_size=count, max_size=count))
    weights = st.sampled_from([0.0, 1.0])
    return boxes, [Link(*p, draw(label_widths), draw(weights)) for p in pairs]


@st.composite
def drawings(draw):
    """Draw a graph and arrange it, as wide as it likes or as narrow as it can."""
    boxes, links = draw(graphs())
    widest = draw(st.just(math.inf) | st.floats(50, 700))
    return boxes, links, arrange(boxes, links, widest=widest)


def box_rectangles(boxes, done):
    return [
        rectangle(*centre, box.width, box.height)
        for box, centre in zip(boxes, done.boxes, strict=True)
    ]


def label_rectangles(links, done):
    return {
        number: rectangle(*centre, link.label_width, LABEL_HEIGHT)
        for number, (link, centre) in enumerate(zip(links, done.labels, strict=True))
        if link.label_width
    }


def on_edge(x, area):
    return area[0] - ROUNDING <= x <= area[2] + ROUNDING


def segments(path):
    return [path[k : k + 4] for k in range(0, len(path) - 1, 3)]


# Laws


@given(drawings())
def test_boxes_and_labels_stand_apart(drawing):
    """Guards against numbers printed over each other, and boxes that look glued."""
    boxes, links, done = drawing
    areas = box_rectangles(boxes, done)
    for one, other in combinations(sorted(areas), 2):
        if math.isclose(one[1] + one[3], other[1] + other[3]):
            assert other[0] - one[2] >= BOX_GAP - ROUNDING
    areas += label_rectangles(links, done).values()
    assert all(distance(*pair) > -ROUNDING for pair in combinations(areas, 2))


@pytest.mark.thorough
@given(drawings())
def test_no_link_enters_a_box_or_a_foreign_label(drawing):
    """Guards against a link behind a box, and a number of another arrow."""
    boxes, links, done = drawing
    labels = label_rectangles(links, done)
    for number, path in enumerate(done.paths):
        foreign = [area for owner, area in labels.items() if owner != number]
        areas, points = box_rectangles(boxes, done) + foreign, samples(path)
        assert not any(enters(points, area) for area in areas)


@given(drawings())
def test_a_link_touches_its_own_boxes_only_at_its_ends(drawing):
    """Guards against arrows that start in mid-air or slide along a box."""
    boxes, links, done = drawing
    areas = box_rectangles(boxes, done)
    for link, path in zip(links, done.paths, strict=True):
        source, target = areas[link.source], areas[link.target]
        (start, top), (end, bottom) = path[0], path[-1]
        assert on_edge(start, source) and top == pytest.approx(source[3])
        assert on_edge(end, target) and bottom == pytest.approx(target[1])
        heights = samples(path)[:, 1]
        assert top <= heights.min() + ROUNDING and heights.max() <= bottom + ROUNDING


@given(drawings())
def test_a_label_sits_on_its_own_link(drawing):
    """Guards against labels given to the wrong arrow."""
    *_, done = drawing
    for label, path in zip(done.labels, done.paths, strict=True):
        assert np.hypot(*(samples(path) - label).T).min() < ROUNDING


@given(drawings())
def test_links_fall_with_vertical_joints_and_straight_beside_boxes_and_labels(drawing):
    """Guards against slanted heads, kinks, and curves that sweep over neighbours."""
    boxes, links, done = drawing
    areas = [*box_rectangles(boxes, done), *label_rectangles(links, done).values()]
    for (x, top), one, other, (onward, low) in chain(*map(segments, done.paths)):
        assert top < one[1] < low and top < other[1] < low
        assert (one[0], other[0]) == (x, onward)
        beside = [it for it in areas if min(low, it[3]) - max(top, it[1]) > ROUNDING]
        assert not beside or x == pytest.approx(onward)


@given(drawings())
def test_the_drawing_is_as_large_as_what_is_in_it(drawing):
    """Guards against cut edges and against empty margins."""
    boxes, links, done = drawing
    areas = [*box_rectangles(boxes, done), *label_rectangles(links, done).values()]
    areas += [(x, y, x, y) for path in done.paths for x, y in samples(path)]
    lefts, tops, rights, bottoms = zip(*areas, strict=True)
    extent = (min(lefts), min(tops), max(rights), max(bottoms))
    assert extent == pytest.approx((0, 0, done.width, done.height), abs=ROUNDING)


@given(graphs())
def test_a_box_stands_as_high_as_its_longest_path_to_an_output(graph):
    """Guards against leaves that float far above the operation that uses them."""
    boxes, links = graph
    done = arrange(boxes, links)

    def longest(box):
        onward = [longest(link.target) for link in links if link.source == box]
        return 1 + max(onward, default=-1)

    y_of = {}
    for box, (_, y) in enumerate(done.boxes):
        assert y_of.setdefault(longest(box), y) == y
    falling = [y for _, y in sorted(y_of.items())]
    assert all(lower > higher for lower, higher in pairwise(falling))


@given(drawings())
def test_links_meet_a_box_untangled_and_one_alone_in_the_middle(drawing):
    """Guards against a needless knot at an arrow's head, and lopsided arrows."""
    boxes, links, done = drawing
    for box, (middle, _) in enumerate(done.boxes):
        into = [p for p, it in zip(done.paths, links, strict=True) if it.target == box]
        out = [p for p, it in zip(done.paths, links, strict=True) if it.source == box]
        before = sorted(into, key=lambda path: path[-7][0])  # the last bend
        ends = [path[-1][0] for path in before]
        assert ends == sorted(ends)
        for met in (ends, [path[0][0] for path in out]):
            assert len(met) != 1 or met[0] == pytest.approx(middle)
        if boxes[box].width >= PORT_GAP * len(ends) + 4:  # room for all heads
            assert all(b - a >= PORT_GAP - ROUNDING for a, b in pairwise(ends))


@pytest.mark.thorough
@given(graphs())
def test_a_picture_that_fits_is_left_alone(graph):
    """Guards against pictures that change because of a limit that they keep."""
    free = arrange(*graph)
    assert arrange(*graph, widest=max(free.width, 1.0)) == free


@given(graphs(), st.floats(1.0, 1.5))
def test_a_picture_is_no_wider_than_it_may(graph, share):
    """Guards against a page that scrolls sideways, or numbers scaled until unreadable.

    There must be room for any one box, or its labels, beside all links that may pass.
    """
    boxes, links = graph
    labels = [
        sum(link.label_width + LINE_GAP for link in links if link.target == box)
        for box in range(len(boxes))
    ]
    widest = max(BOX_GAP + box.width for box in boxes)
    widest = share * (max(widest, *labels) + LINE_GAP * len(links))
    assert arrange(boxes, links, widest=widest).width <= widest + ROUNDING


@given(drawings())
def test_a_link_comes_straight_down_where_its_arrow_has_its_head(drawing):
    """Guards against an arrow's head that hangs beside the end of a flat curve."""
    *_, done = drawing
    for path in done.paths:
        x, y = path[-1]
        bent = [part for part in segments(path) if abs(part[0][0] - x) > 0.1]
        for (sideways, _), *_, (_, straight_from) in bent[-1:]:
            assert y - straight_from >= min(HEAD, abs(sideways - x)) - ROUNDING


@given(
    st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=8)
)
def test_boxes_stand_as_near_to_their_wishes_as_their_distances_allow(pairs):
    """Guards against boxes pushed further than needed: the min-max formula agrees."""
    values, weights = zip(*pairs, strict=True)

    def mean(start, stop):
        weighted = zip(values[start:stop], weights[start:stop], strict=True)
        return sum(v * w for v, w in weighted) / sum(weights[start:stop])

    size = len(values)
    slow = [
        max(min(mean(a, b + 1) for b in range(k, size)) for a in range(k + 1))
        for k in range(size)
    ]
    packed = [10.0 * k for k in range(size)]
    wishes = [value + place for value, place in zip(values, packed, strict=True)]
    found = keep_distances(wishes, weights, packed, (-40, 40))
    kept = [min(max(shift, -40), 40) for shift in slow]
    shifts = [x - place for x, place in zip(found, packed, strict=True)]
    assert shifts == pytest.approx(kept)


# Pictures


def picture(program):
    """Return names, links and the arrangement of steps: a name, then its inputs.

    A name in capitals is a leaf with a wide box; one in brackets is a constant.
    """
    names, boxes, links = [], [], []
    for name, *inputs in map(str.split, program.split(",")):
        wide, constant = name.isupper(), name.startswith("(")
        boxes.append(Box(30 if constant else 150 if wide else 80, 31 if wide else 20))
        for given_name in inputs:
            fixed = given_name.startswith("(")
            width, weight = (0, 0) if fixed else (60, 1)
            links.append(Link(names.index(given_name), len(names), width, weight))
        names.append(name)
    return names, links, arrange(boxes, links)


def columns(names, done, *chosen):
    return [done.boxes[names.index(name)][0] for name in chosen]


def straight(xs):
    return max(xs) - min(xs) < 0.01


def bends(path):
    """Return how often a path changes its column."""
    return sum(abs(a[0] - b[0]) > 0.01 for a, b in pairwise(path[::3]))


def tangled(one, other):
    """Tell whether two paths change sides; they bend between the same levels only."""
    one, other = ({round(y, 6): x for x, y in path[::3]} for path in (one, other))
    sides = [one[level] - other[level] for level in one.keys() & other.keys()]
    return any(side > 0.01 for side in sides) and any(side < -0.01 for side in sides)


def knots(done):
    return sum(tangled(one, other) for one, other in combinations(done.paths, 2))


def rnn(steps):
    """Return a loop: the same W and h, then the same U and an x of every step."""
    program = "W, U, (0)"
    for t in range(steps):
        before = f"tanh{t - 1}" if t else "(0)"
        program += f", Wh{t} W {before}, (x{t}), Ux{t} U (x{t})"
        program += f", add{t} Wh{t} Ux{t}, tanh{t} add{t}"
    return program


RESIDUAL = "X, mv1 X, relu mv1, mv2 relu, add mv2 X, y add"


@pytest.mark.parametrize(
    ("program", "spine", "widest"),
    [
        ("X, dot X X, y dot", "X dot y", 150),
        ("a, (2), b a (2), (3), c (3) b, (4), d c (4)", "a b c d", 250),
        (
            "(x), W1, B1, mv1 W1 (x), add1 mv1 B1, tanh1 add1,"
            "W2, B2, mv2 W2 tanh1, add2 mv2 B2, tanh2 add2, loss tanh2",
            "W1 mv1 add1 tanh1 mv2 add2 tanh2 loss",
            450,
        ),
        (rnn(6), " ".join(f"Wh{t} add{t} tanh{t}" for t in range(1, 6)), 600),
        (RESIDUAL, "X mv1 relu mv2 add y", 250),
        (
            "X, WQ, q X WQ, WK, k X WK, WV, v X WV, transpose k,"
            "scores q transpose, softmax scores, mix softmax v, add mix X",
            "k transpose scores softmax mix add",
            800,
        ),
        ("a, b a, c b, d c, e d, U, V, f U, g f V, W, h W g", "a b c d e", 600),
        ("a, b a, c b, d c, e d, U, V, f U, g f V, W, h W g", "f g h", 600),
    ],
)
def test_a_program_hangs_untangled_on_a_straight_spine(program, spine, widest):
    """Guards against diagonals and staircases that constants pull it into."""
    names, _, done = picture(program)
    assert straight(columns(names, done, *spine.split()))
    assert knots(done) == 0 and done.width <= widest


def test_a_tensor_used_twice_has_two_arrows_with_a_label_each():
    """Guards against dot(x, x) drawn with one arrow, which hides the factor 2."""
    _, links, done = picture("X, dot X X, y dot")
    (left, y), (right, same), _ = done.labels
    assert y == same and abs(right - left) >= links[0].label_width
    assert straight([done.boxes[0][0], (left + right) / 2])


@pytest.mark.parametrize("length", [1, 2, 7, 2_000])
def test_a_chain_is_one_straight_column(length):
    """Guards against drift, wasted width and Python's limit on recursion."""
    boxes = [Box(50 + number % 3, 20) for number in range(length)]
    done = arrange(boxes, [Link(k, k + 1, 40) for k in range(length - 1)])
    assert straight([x for x, _ in done.boxes])
    assert straight([x for path in done.paths for x, _ in path] or [0])
    assert done.width == pytest.approx(max(box.width for box in boxes))


def test_weight_decides_who_stays_above_the_operation():
    """Guards against a weight that is read and then forgotten."""
    boxes = [Box(60, 20)] * 3
    for weight, bent in ((0.0, False), (1.0, True)):
        done = arrange(boxes, [Link(0, 2, 30), Link(1, 2, 0, weight)])
        assert straight([done.boxes[0][0], done.boxes[2][0]]) is not bent


def test_long_links_bend_little_and_lead_around_what_they_skip():
    """Guards against a W that wanders, and a skip that runs behind what it skips."""
    for program, leaf in ((rnn(6), "W"), (RESIDUAL, "X")):
        names, links, done = picture(program)
        leaving = [k for k, it in enumerate(links) if it.source == names.index(leaf)]
        assert all(bends(done.paths[k]) <= 3 for k in leaving)
    skip = done.paths[links.index(Link(0, 4, 60))]
    assert max(abs(x - done.boxes[0][0]) for x, _ in skip) > 80 / 2


@pytest.mark.parametrize(
    "links",
    [
        [(1, 2), (0, 3), (1, 4), (0, 5)],
        [(6, 7), (0, 7), (0, 1), (4, 5)],  # takes a sweep that swaps ties
        [(1, 2), (0, 5), (0, 4), (2, 5), (0, 2), (1, 3), (0, 1), (0, 1)],
        [(0, 5), (2, 6), (2, 5), (2, 3), (3, 5), (3, 4), (2, 7), (3, 7)],
        [(0, 1), (0, 7), (0, 6), (3, 7), (0, 4), (4, 6), (2, 4)],
        [(0, 2), (2, 4), (0, 4), (0, 4), (3, 5), (2, 3)],
    ],
)
def test_sweeps_untangle_what_the_first_walk_knots(links):
    """Guards against sweeps that stop too early, or stand still."""
    assert knots(arrange([Box(80, 20)] * 9, [Link(*ends, 40) for ends in links])) == 0


def test_a_bias_that_is_used_at_every_step_crosses_little():
    """Guards against sweeps that begin at the top only."""
    program = "W, U, B, h0"
    for t in range(6):
        program += f", Wh{t} W h{t}, (x{t}), Ux{t} U (x{t}), add{t} Wh{t} Ux{t}"
        program += f", plus{t} add{t} B, h{t + 1} plus{t}"
    assert knots(picture(program)[2]) <= 10


def test_inputs_stand_in_the_order_in_which_they_are_used():
    """Guards against a - b that reads b - a."""
    boxes = [Box(80, 20)] * 3
    for order in ((0, 1), (1, 0)):
        done = arrange(boxes, [Link(source, 2, 40) for source in order])
        left, right = order
        assert done.boxes[left] < done.boxes[right]


def test_small_inputs_stand_right_above_wide_operations():
    """Guards against sweeps that go one way only."""
    boxes = [Box(40, 20)] * 3 + [Box(200, 20)] * 3
    done = arrange(boxes, [Link(k, k + 3, 30) for k in range(3)])
    for above, below in zip(done.boxes[:3], done.boxes[3:], strict=True):
        assert straight([above[0], below[0]])


def test_labels_hang_right_below_boxes_that_are_used_once():
    """Guards against a needless bend between a bias and its gradient."""
    for program in ("a, b a, B, c b B", "X, c X, N, M, b N M c, add X b"):
        names, links, done = picture(program)
        for leaf in {"B", "N", "M"} & {*names}:
            box = names.index(leaf)
            (k,) = (k for k, link in enumerate(links) if link.source == box)
            assert done.labels[k][0] == pytest.approx(done.boxes[box][0])
            assert bends(done.paths[k]) == 1


def test_many_arrows_use_all_of_a_box():
    """Guards against heads in a heap in the middle of a wide box."""
    for width, gap in ((PORT_GAP * 14 + 4, PORT_GAP), (77, 5.0)):
        boxes = [Box(20, 20)] * 14 + [Box(width, 20)]
        done = arrange(boxes, [Link(k, 14, 20) for k in range(14)])
        ends = [path[-1][0] for path in done.paths]
        assert [b - a for a, b in pairwise(ends)] == pytest.approx([gap] * 13)


@pytest.mark.parametrize(
    ("ends", "widths", "label", "widest", "expected"),
    [
        # labels of several links stay near their targets, a hanging one moves nobody
        ([(2, 3), (2, 5)], [80] * 6, 60, math.inf, [1, 1]),
        ([(1, 5), (0, 1), (2, 5), (0, 6)], [80] * 7, 60, math.inf, [0, 0, 2, 1]),
        # two links between wide boxes run side by side
        ([(0, 1), (0, 1)], [200] * 2, 60, math.inf, [0, 0]),
        # sweeps go both ways, and do not push the others' work aside
        ([(3, 4), (1, 5), (0, 2), (0, 2), (3, 4)], [80] * 6, 40, math.inf, [0] * 5),
        (
            [(1, 2), (0, 4), (2, 4), (2, 5), (0, 3)],
            [80] * 6,
            40,
            math.inf,
            [0, 2, 1, 1, 0],
        ),
        ([(2, 3), (1, 3), (0, 2)], [80] * 6, 40, math.inf, [0, 1, 0]),
        # a long link falls straight but for its label
        ([(0, 2), (1, 2)], [80] * 3, 40, 50, [3, 2]),
        # long links make way for each other, the first one too
        ([(2, 4), (0, 4), (1, 4), (1, 3)], [150, 40, 80, 150, 40], 40, 100, [3] * 4),
    ],
)
def test_links_bend_no_more_than_they_must(ends, widths, label, widest, expected):
    """Guards against links that waver although there is room."""
    links = [Link(*pair, label) for pair in ends]
    done = arrange([Box(width, 20) for width in widths], links, widest=widest)
    assert [bends(path) for path in done.paths] == expected


def test_rows_without_labels_stand_close():
    """Guards against empty rows in a picture without gradients."""
    boxes = [Box(80, 20)] * 2
    assert arrange(boxes, [Link(0, 1)]).height == 20 + 2 * ROW_GAP + 20
    for width in (0.5, 30):
        labelled = arrange(boxes, [Link(0, 1, width)])
        assert labelled.height == 20 + 2 * ROW_GAP + LABEL_HEIGHT + 20


def test_a_label_stands_halfway():
    """Guards against a number that seems to be a part of one of the boxes."""
    done = arrange([Box(100, 20), Box(60, 30)], [Link(0, 1, 40)])
    leaves, arrives = (done.paths[0][end][1] for end in (0, -1))
    assert (leaves, arrives) == (20, done.height - 30)
    assert done.labels == ((50, (leaves + arrives) / 2),)


def test_an_arrow_that_comes_straight_needs_no_room_to_turn():
    """Guards against a gap that grows because of a bend further up."""
    straight, turns = Link(0, 1, 60), Link(0, 2, 60)
    one, both = (
        arrange([Box(80, 20)] * 3, links) for links in ([straight], [straight, turns])
    )
    assert one.height == both.height


def test_rows_stand_further_apart_where_links_go_far_sideways():
    """Guards against links that lie almost flat, and against endless gaps."""
    few, many = (
        arrange([Box(80, 20)] * (n + 1), [Link(0, k + 1) for k in range(n)])
        for n in (1, 30)
    )
    assert few.height + ROW_GAP < many.height
    assert many.height <= 20 + 2 * TALLEST_GAP * ROW_GAP + HEAD + 20


# As wide as it may be


def stacked(leaves, **options):
    """Return the arrangement of many leaves that go into one operation."""
    boxes = [Box(110, 31)] * leaves + [Box(80, 31)]
    return arrange(boxes, [Link(k, leaves, 35) for k in range(leaves)], **options)


def test_many_leaves_stand_in_rows_as_a_text_is_read():
    """Guards against a stack of 30 tensors, four metres wide."""
    done = stacked(30, widest=708)
    leaves = done.boxes[:-1]
    assert done.width <= 708 and knots(done) == 0
    assert sorted(leaves, key=lambda place: place[::-1]) == list(leaves)
    assert len({y for _, y in leaves}) == 7
    assert max(map(bends, done.paths)) == 2


def test_labels_move_to_their_sources_where_they_find_no_room():
    """Guards against a row of labels that is wider than any row of boxes."""
    done = stacked(30, widest=708)
    for (x, y), label in zip(done.boxes, done.labels, strict=False):
        assert label == pytest.approx((x, y + 31 / 2 + ROW_GAP + LABEL_HEIGHT / 2))
    assert len({y for _, y in stacked(12, widest=708).labels}) == 1  # there is room


def test_labels_leave_a_crowded_row_until_the_other_one_is_as_wide():
    """Guards against a crowd that has moved on as a whole."""
    links = [Link(k, 3) for k in range(3)] + [Link(3, 4)]
    links += [Link(k, 4, 50) for k in range(3)]
    done = arrange([Box(20, 20)] * 5, links, widest=150)
    assert len({y for _, y in done.labels[-3:]}) == 2


def test_rows_that_fit_one_by_one_are_moved_above_each_other():
    """Guards against a staircase that is wider than each of its steps."""
    boxes = [Box(width, 20) for width in (80, 80, 30, 30, 80, 30, 30, 80)]
    ends = ((0, 1), (1, 4), (2, 4), (3, 4), (5, 7), (6, 7), (4, 7))
    links = [Link(*each) for each in ends]
    free, tight = (arrange(boxes, links, widest=limit) for limit in (math.inf, 180))
    assert tight.width <= 180 < free.width
    assert len({y for _, y in tight.boxes}) == 4


@pytest.mark.parametrize(
    ("widths", "widest", "xs", "ys"),
    [
        ([100, 100], 214, [50, 164], [10, 10]),  # they just fit
        ([80, 80, 80], 180, [87, 40, 134], [10, 52, 52]),  # as a text is read
        ([200], 50, [100], [10]),  # wider than it may be: no margin, nothing cut off
        ([150, 80], 120, [75, 105], [10, 52]),
        ([0.25], 0.5, [0.125], [10]),
    ],
)
def test_boxes_without_links_stand_in_rows(widths, widest, xs, ys):
    """Guards against a limit that moves what keeps it, rows in disorder, a crash."""
    done = arrange([Box(width, 20) for width in widths], [], widest=widest)
    assert done.boxes == tuple(zip(xs, ys, strict=True))


def test_leaves_make_way_for_operations():
    """Guards against a tall picture, because a box at the end of a row waits."""
    links = [Link(1, 2), Link(0, 3), Link(2, 3)]
    done = arrange([Box(100, 20)] * 4, links, widest=120)
    first_to_last = sorted(range(4), key=lambda box: done.boxes[box][1])
    assert first_to_last == [1, 0, 2, 3]


def test_what_cannot_fit_is_still_drawn():
    """Guards against an endless search for room, and a picture with a box a row."""
    assert arrange([Box(900, 20)] * 2, [Link(0, 1, 950)], widest=700).width == 950
    done = stacked(200, widest=708)
    assert done.width < 4_000 and done.height < 5_000


# The same graph, the same picture


def some_graph(seed):
    """Return boxes and links that look random, and are the same on every machine."""
    throw = random.Random(seed).random
    count = 4 + int(7 * throw())
    boxes = [Box(20 + int(120 * throw()), 20 + int(20 * throw())) for _ in range(count)]
    links = []
    for target in range(1, count):
        for _ in range(int(3 * throw()) + (throw() < 0.2)):
            ends = int(target * throw()), target
            label = int(60 * throw()) if throw() < 0.8 else 0
            links.append(Link(*ends, label, float(throw() < 0.8)))
    return boxes, links


def told(done):
    """Write size, how far all links go aside and down, all places in two sums each."""
    aside = sum(abs(x - to) for p in done.paths for (x, _), (to, _) in pairwise(p))
    down = sum(y for path in done.paths for _, y in path)
    sums = [
        sum(number * place[axis] for number, place in enumerate(places, 1))
        for places in (done.boxes, done.labels)
        for axis in (0, 1)
    ]
    return " ".join(
        f"{size:.1f}" for size in (done.width, done.height, aside, down, *sums)
    )


@pytest.mark.parametrize(
    ("seed", "widest", "numbers"),
    [
        (0, math.inf, "471.5 318.0 616.1 32058.0 10598.7 11524.4 12935.0 14961.6"),
        (0, 180, "180.0 470.0 470.2 57805.0 4324.5 12919.0 6204.5 17145.0"),
        (1, math.inf, "225.0 101.0 25.5 2230.5 1250.0 644.0 827.5 309.0"),
        (1, 180, "180.0 155.0 25.0 4806.5 915.5 1018.0 581.0 639.0"),
        (2, math.inf, "529.5 178.0 176.9 13018.0 15160.2 7500.0 7446.5 4233.0"),
        (2, 180, "180.0 390.0 347.0 36740.0 5062.8 14610.0 3347.0 8571.0"),
        (3, math.inf, "131.0 280.0 110.3 15364.0 900.0 2635.0 1509.0 3646.5"),
        (3, 180, "131.0 280.0 110.3 15364.0 900.0 2635.0 1509.0 3646.5"),
        (4, math.inf, "209.0 220.0 221.7 10014.0 1443.5 2110.5 2005.0 2774.5"),
        (4, 180, "172.0 288.0 143.2 15580.0 1166.0 2728.5 1701.5 3806.5"),
        (5, math.inf, "477.0 182.0 95.7 10989.0 10790.0 5190.5 9867.5 3217.0"),
        (5, 180, "180.0 358.5 938.7 43054.4 3213.0 9261.8 2979.5 7566.4"),
        (6, math.inf, "479.0 220.0 0.0 7568.5 12396.0 7945.5 4068.0 1966.5"),
        (6, 180, "180.0 462.0 18.0 22493.5 4469.5 13278.5 1573.5 3432.5"),
        (7, math.inf, "209.0 167.4 115.2 7416.0 1873.0 2477.9 2317.0 2059.5"),
        (7, 180, "180.0 209.0 170.1 14300.0 1738.5 2727.0 2080.0 2941.5"),
        (8, math.inf, "208.0 233.9 145.9 12690.4 1389.0 2083.9 2743.5 3825.4"),
        (8, 180, "180.0 231.0 150.9 12561.0 1223.5 2058.0 2547.5 3788.0"),
        (9, math.inf, "363.6 109.0 130.4 4048.0 6972.4 1841.0 4342.2 802.5"),
        (9, 180, "180.0 302.8 529.1 29948.8 3025.2 4645.0 2066.5 3450.8"),
        (10, math.inf, "322.0 302.5 431.9 32184.0 6645.0 6513.2 11315.3 8895.9"),
        (10, 180, "180.0 341.0 120.9 32342.0 3280.5 6806.5 5817.8 8664.5"),
        (11, math.inf, "278.5 284.0 206.1 27854.0 4552.5 5331.5 6289.0 6881.0"),
        (11, 180, "180.0 389.0 372.4 46172.8 3326.0 7194.7 3954.5 9699.0"),
        (12, math.inf, "422.0 176.0 322.0 12783.3 6134.0 3988.9 6096.5 4010.8"),
        (12, 180, "180.0 325.4 261.1 19058.0 2603.3 5874.7 3750.5 5167.2"),
        (13, math.inf, "227.5 145.0 24.6 4335.0 2416.5 1504.0 1689.0 890.0"),
        (13, 180, "180.0 161.0 49.1 5800.5 1951.0 1629.0 1353.5 1034.0"),
        (14, math.inf, "190.5 158.0 104.0 4882.0 869.5 1160.5 1168.5 901.0"),
        (14, 180, "180.0 163.0 104.0 4917.0 838.0 1195.5 1105.5 901.0"),
        (15, math.inf, "440.5 350.0 911.8 58304.3 11101.8 15874.0 24899.8 24188.3"),
        (15, 180, "180.0 585.6 1267.1 140546.1 4340.3 21675.7 9146.7 37642.7"),
        (16, math.inf, "280.5 100.0 62.5 1981.0 3626.5 1260.0 985.0 267.0"),
        (16, 180, "180.0 184.0 62.5 5603.5 2040.2 2465.5 573.5 676.5"),
        (17, math.inf, "387.4 204.1 595.3 17576.6 5452.4 4103.2 9154.4 7246.4"),
        (17, 180, "180.0 377.0 652.0 55315.5 2593.8 7632.0 4380.3 13653.5"),
        (18, math.inf, "210.0 174.0 263.8 9284.5 1252.5 1800.4 2475.5 2323.4"),
        (18, 180, "180.0 227.9 276.8 13602.5 1506.5 1907.4 2324.5 2816.2"),
        (19, math.inf, "372.5 205.2 81.6 4997.5 7304.5 5289.0 1409.0 1125.5"),
        (19, 180, "180.0 294.0 60.1 7461.5 4107.0 6696.9 1258.5 1320.6"),
        (20, math.inf, "397.5 399.1 486.7 61027.2 11755.5 16442.0 14667.0 19532.4"),
        (20, 180, "185.0 502.4 1230.1 100017.6 4716.0 18563.2 5520.0 24422.7"),
        (21, math.inf, "272.0 158.0 67.0 4123.5 2599.0 1850.0 1069.5 576.0"),
        (21, 180, "180.0 211.1 164.0 7559.1 1640.5 2321.7 566.0 871.4"),
        (22, math.inf, "547.0 234.3 731.8 20695.4 16721.0 10159.8 13817.5 7437.2"),
        (22, 180, "180.0 355.2 794.5 31284.2 5123.5 12087.9 4582.0 8998.9"),
        (23, math.inf, "354.4 297.0 575.4 44657.4 10527.4 12782.2 12220.5 15422.5"),
        (23, 180, "180.0 420.8 728.6 62609.7 5303.0 15743.2 6701.2 18712.1"),
        (24, math.inf, "574.0 162.2 617.0 13531.1 13510.6 4354.4 18489.5 5415.9"),
        (24, 180, "201.0 460.7 1477.9 70346.7 3687.5 10175.3 5065.2 15121.0"),
        (25, math.inf, "398.3 177.0 236.9 9132.0 4308.0 2925.5 3348.5 2820.0"),
        (25, 180, "180.0 286.6 296.5 19191.5 1832.3 4382.1 1667.0 4363.9"),
        (26, math.inf, "273.0 302.0 539.9 38411.2 4815.5 10166.1 7607.5 16377.9"),
        (26, 180, "180.0 433.7 717.9 65351.7 3146.5 13156.4 5245.5 21485.3"),
        (27, math.inf, "285.0 331.4 296.7 27092.5 5062.0 9124.4 4183.8 8187.8"),
        (27, 180, "180.0 375.3 326.3 30564.6 4386.5 9220.4 4591.3 8147.6"),
        (28, math.inf, "193.5 157.0 404.4 7641.0 893.0 1176.5 2416.0 1897.5"),
        (28, 180, "180.0 157.0 417.9 7641.0 879.5 1176.5 2335.0 1897.5"),
        (29, math.inf, "302.0 255.0 580.8 25772.1 5376.5 5575.1 8598.8 8177.1"),
        (29, 180, "180.0 294.2 402.8 31597.7 2975.0 5791.2 4993.8 8685.4"),
        (30, 80, "158.0 418.7 1267.8 53481.8 2717.5 7351.6 4831.0 11586.6"),
        (35, 60, "173.0 437.8 1465.2 56333.8 3148.0 8151.6 9403.0 15095.0"),
        (37, 80, "152.0 502.2 987.6 74078.8 3746.0 11376.5 4828.5 13716.9"),
        # here boxes or labels just fit into a row
        (52, 242, "242.0 244.0 306.9 25901.5 7700.5 9986.0 6587.8 9477.0"),
        (98, 60, "137.0 341.0 355.2 35388.5 1772.5 4500.0 2922.5 6697.0"),
        (177, 80, "164.0 621.7 1294.3 121419.7 5743.5 21903.0 5575.0 17437.7"),
        # here a label has a little less than no room, by rounding
        (128, math.inf, "446.0 196.6 597.5 19274.2 14111.0 8013.9 16161.5 7111.0"),
        (380, 180, "180.0 615.5 1450.9 130672.4 4895.5 22052.4 9946.2 37506.8"),
    ],
)
def test_a_graph_gives_the_picture_that_it_gave_before(seed, widest, numbers):
    """Guards against pictures in old notebooks that change without a reason."""
    assert told(arrange(*some_graph(seed), widest=widest)) == numbers
