"""Laws that every arrangement keeps, and pictures that must not get uglier."""

import math
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
