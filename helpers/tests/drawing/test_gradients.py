"""A bar for each parameter is as long as its gradient is large; the rest is words."""

import io
import math
from dataclasses import replace
from itertools import combinations

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from helpers import set_language, show_gradients, watch
from helpers.drawing import gradients
from helpers.drawing import scene as scene_of
from helpers.drawing.gradients import (
    LENGTH,
    MOST_BARS,
    choose,
    draw_bars,
    draw_gradients,
    draw_ticks,
    find_decades,
    label_rows,
)
from helpers.drawing.picture import CannotDraw
from helpers.graph.journal import clear_journal, current_journal
from helpers.graph.parameters import Gradient, read_gradient, read_gradients
from helpers.tests.drawing.geometry import distance, rectangle

NET = """\
Gradients of 7 parameters: largest absolute values from 0.001 (head.weight) to 3 \
(body.bias); 1 nan: bad; 1 exactly 0: dead; 1 None: unused; 2 frozen: fixed.weight, \
fixed.bias.
   name          shape  largest
0  bad           4      2 nan, 1 inf of 4
1  dead          2      exactly 0
2  unused        1      None
3  body.bias     2      3
4  head.weight   1×3    0.001
5  fixed.weight  2×2    frozen
6  fixed.bias    2      frozen"""


def parameter(*numbers, grad=None):
    made = nn.Parameter(torch.zeros(*numbers))
    made.grad = None if grad is None else torch.tensor(grad).broadcast_to(made.shape)
    return made


class Net(nn.Module):
    """Hold one parameter of each kind."""

    def __init__(self):
        super().__init__()
        self.bad = parameter(4)
        self.bad.grad = torch.tensor([math.nan, math.inf, 1, math.nan])
        self.dead = parameter(2, grad=-0.0)
        self.unused = nn.Parameter(torch.tensor(1.0))
        self.body, self.head = nn.Module(), nn.Module()
        self.body.bias = parameter(2)
        self.body.bias.grad = torch.tensor([1.0, -3.0])
        self.head.weight = parameter(1, 3, grad=1e-3)
        self.fixed = nn.Linear(2, 2).requires_grad_(False)


def deep(count=150):
    """Return a model in which gradients vanish, walked back once."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = nn.Sequential(*(nn.Linear(3, 3) for _ in range(count)))
    net(torch.ones(1, 3)).sum().backward()
    return net


def measured(grad):
    made = torch.zeros(grad.shape, dtype=grad.dtype, requires_grad=True)
    made.grad = grad
    return read_gradient("w", made)


def rows_of(picture):
    return [line for line in str(picture).splitlines() if line[:1].isdigit()]


def lengths(values):
    """Return how long the bars of some gradients are."""
    rows = read_gradients((f"w{n}", parameter(1, grad=v)) for n, v in enumerate(values))
    _, *boxes = draw_bars(rows, label_rows(range(len(rows)), rows)).boxes
    return [box.width for box in boxes if box.style.fill and box.height == 8]


# ---- what is said -----------------------------------------------------------


def test_each_kind_of_gradient_is_told_by_a_word_or_a_number():
    picture = show_gradients(Net())
    assert str(picture) == NET
    assert picture.alt == NET.splitlines()[0]


def test_it_speaks_chinese(chinese):
    said = str(show_gradients(Net()))
    assert all(word in said for word in ("7 个参数的梯度", "恰好为 0", "已冻结"))
    with pytest.raises(CannotDraw, match="这里需要模型"):
        show_gradients(3)


def test_a_shared_parameter_appears_once_with_all_its_names():
    net = nn.Module()
    net.emb, net.head = nn.Embedding(3, 2), nn.Linear(2, 3, bias=False)
    net.head.weight = net.emb.weight
    said = str(show_gradients(net))
    assert "Gradients of 1 parameter:" in said and len(rows_of(said)) == 1
    assert said.endswith("Shared, drawn once: emb.weight = head.weight.")


def test_before_any_walk_one_sentence_says_so():
    said = str(show_gradients(nn.Linear(2, 2)))
    assert said.count("loss.backward() first") == 1
    net = nn.Linear(2, 2)
    net(torch.ones(2)).sum().backward()
    assert "backward()" not in str(show_gradients(net))


def test_what_never_asks_for_a_gradient_is_told_apart_from_what_waits_for_one():
    for given_to in (
        nn.Linear(2, 2).state_dict(),
        nn.Linear(2, 2).requires_grad_(False),
    ):
        said = str(show_gradients(given_to))
        assert "requires_grad is False" in said and "loss.backward()" not in said


def test_a_frozen_parameter_with_a_gradient_shows_both():
    w = parameter(2, grad=0.5).requires_grad_(False)
    assert rows_of(show_gradients({"w": w})) == ["0  w     2      0.5, frozen"]


def test_tensors_are_named_by_whoever_gives_them():
    w, b = parameter(2, grad=1.0), parameter(2, grad=2.0)
    told = [show_gradients([w, b]), show_gradients([("w", w), ("b", b)])]
    told.append(show_gradients({"w": w, "b": b}))
    assert len({str(picture) for picture in told}) == 1
    assert "from 1 (w) to 2 (b)" in told[0].alt
    assert "value 1 (w)" in show_gradients(w).alt
    net = nn.Linear(2, 2)
    assert "net.weight, net.bias" in show_gradients(net.parameters()).alt
    assert "2 None: weight, bias" in show_gradients(net.named_parameters()).alt
    nameless = show_gradients([parameter(1), parameter(1)])
    assert "2 None: [0], [1]" in nameless.alt


def test_of_many_parameters_some_are_drawn_and_one_sentence_says_which():
    net = deep()
    picture = show_gradients(net)
    assert len(rows_of(picture)) == MOST_BARS
    last = str(picture).splitlines()[-1]
    assert last.startswith(f"Left out: {300 - MOST_BARS}; drawn are")
    found = read_gradients(net.named_parameters())
    numbers = {it.name: it.largest for it in found if it.kind == "number"}
    for pick in (min, max):
        name = pick(numbers, key=numbers.get)
        assert f"({name})" in last
        assert any(f" {name} " in row for row in rows_of(picture))


def test_the_few_odd_ones_of_many_are_all_drawn_in_their_order():
    net = deep()
    net[70].weight.grad = None
    net[90].bias.grad[0] = math.nan
    found = read_gradients(net.named_parameters())
    chosen = choose(found)
    assert chosen == sorted(set(chosen)) and len(chosen) == MOST_BARS
    assert {140, 181} <= set(chosen)


KINDS = ("number", "nan", "frozen", "lazy", "meta", "result", "unreadable", "empty")
EVERY_KIND = """\
Gradients of 8 parameters: largest absolute value 1 (w0); 1 nan: w1; 1 frozen: w2; \
1 no numbers: w7; 1 not kept: w5; 1 no shape yet: w3; 1 on meta: w4; \
1 cannot be read: w6.
   name  shape  largest
0  w0    1      1
1  w1    1      2 nan of 9
2  w2    1      frozen
3  w3    1      no shape yet
4  w4    1      on meta
5  w5    1      not kept
6  w6    1      cannot be read
7  w7    1      no numbers
No leaf, so .grad is not kept: w5; call retain_grad() before backward().
No shape yet: w3; run the model once.
On the device meta, where there are no numbers: w4; make the model on a real device.
A kind of tensor that cannot be measured here: w6."""


def made_of(*kinds):
    """Return a gradient of each kind, the largest of which is the last number."""
    return [
        Gradient(f"w{n}", (1,), kind, n + 1.0, 9, 2, 0, frozen=kind == "frozen")
        for n, kind in enumerate(kinds)
    ]


def test_each_kind_has_its_word_and_what_can_be_mended_has_a_sentence():
    assert str(draw_gradients(made_of(*KINDS))) == EVERY_KIND


def test_infinite_numbers_are_counted():
    (row,) = rows_of(draw_gradients([Gradient("w", (9,), "inf", 0.0, 9, 0, 3)]))
    assert row == "0  w     9      3 inf of 9"
    scene = draw_bars([Gradient("w", (9,), "inf", 0.0, 9, 0, 3)], ["w"])
    assert (scene.texts[-1].words, scene.texts[-1].colour) == ("3 inf of 9", RED)


def test_two_names_that_look_alike_have_their_numbers():
    rows = [
        replace(it, name="v" * 30 + mark + "w" * 30)
        for it, mark in zip(made_of("none", "none"), "ab", strict=True)
    ]
    short = "v" * 20 + "…" + "w" * 20
    assert label_rows([4, 9], rows) == [f"{short} #4", f"{short} #9"]


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["number"] * 32, list(range(32))),  # all of them
        (["none"] * 32, list(range(32))),
        # at even distances
        (["number"] * 33, [*range(16), *range(17, 33)]),
        (
            ["number"] * 63,
            [0, *range(1, 16, 2), *range(18, 45, 2), *range(47, 62, 2), 62],
        ),
        # not too many of those without a number
        (["none"] * 50, [0, 3, 7, 10, 13, 16, 20, 23, 26, 29, 33, 36, 39, 42, 46, 49]),
        # the ends, and room for the others
        (
            ["number", *["none"] * 40, "number"],
            [0, 1, 4, 6, 9, 11, 14, 17, 19, 22, 24, 27, 30, 32, 35, 37, 40, 41],
        ),
        (
            ["frozen"] * 20 + ["inf", "number", "zero"] + ["frozen"] * 20,
            # all but these
            [
                n
                for n in range(43)
                if n not in (2, 5, 9, 12, 16, 19, 26, 30, 33, 37, 40)
            ],
        ),
        # of those without a number, kind after kind
        (
            ["none", "nan"] * 20,
            [1, 2, 6, 7, 11, 12, 17, 18, 21, 22, 27, 28, 32, 33, 37, 38],
        ),
    ],
)
def test_of_many_kinds_these_are_chosen(kinds, expected):
    assert choose(made_of(*kinds)) == expected


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (
            ["none"] * 50,
            "Left out: 34; drawn are at most 16 without a number, others at even "
            "distances.\nNo gradient is there yet: call loss.backward() first; if that "
            "has run, why(w, loss) says more.",
        ),
        (
            ["number"] * 50,
            "Left out: 18; drawn are at most 16 without a number, others at even "
            "distances, the smallest (w0) and the largest (w49).",
        ),
    ],
)
def test_what_is_left_out_is_told_to_the_letter(kinds, said):
    assert str(draw_gradients(made_of(*kinds))).endswith(f"\n{said}")


@pytest.mark.parametrize(
    ("kinds", "waits"),
    [
        (["none", "frozen"], True),
        (["none"], True),
        (["frozen"], False),
        (["none", "zero"], False),
        (["none", "meta"], False),
    ],
)
def test_only_where_no_gradient_is_a_walk_is_missing(kinds, waits):
    said = str(draw_gradients(made_of(*kinds)))
    assert ("No gradient is there yet" in said) is waits
    assert ("None of them asks" in said) is (kinds == ["frozen"])


def test_numbers_are_short_and_names_are_legible():
    """Guards against a number of ten digits, and a name that breaks the line."""
    tensors = {"a\nb": parameter(1, grad=1.00001), "c\td": parameter(1, grad=3.14159)}
    picture = show_gradients(tensors)
    said = "largest absolute values from 1 (a\\nb) to 3.142 (c\\td)."
    assert picture.alt == f"Gradients of 2 parameters: {said}"
    assert [row.split()[-1] for row in rows_of(picture)] == ["1", "3.142"]


def test_as_many_tensors_as_may_come_have_a_name_each():
    found = gradients.list_named([parameter(1)] * 10_000, {})
    assert (found[0][0], found[-1][0], len(found)) == ("[0]", "[9999]", 10_000)


# ---- what is measured -------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=6))
def test_the_largest_is_what_a_slow_loop_finds(numbers):
    found = measured(torch.tensor(numbers))
    if all(map(math.isfinite, numbers)):
        assert found.largest == max(map(abs, numbers))
        assert found.kind == ("number" if any(numbers) else "zero")
    else:
        assert found.nans == sum(map(math.isnan, numbers))
        assert found.infinite == sum(map(math.isinf, numbers))
        assert found.kind == ("nan" if found.nans else "inf")


@pytest.mark.parametrize(
    ("grad", "largest"),
    [
        (torch.tensor([3 + 4j, 1j]), 5),
        (torch.tensor([0.5, -2.0], dtype=torch.half), 2),
        (torch.tensor([0.5, -2.0], dtype=torch.bfloat16), 2),
        (torch.tensor([0.5, -2.0]).to(torch.float8_e5m2), 2),
        (torch.tensor([[0, 0], [0, -2.0]]).to_sparse(), 2),
        (torch.tensor(5e-324, dtype=torch.double), 5e-324),
    ],
    ids=["complex", "half", "bfloat", "eight bits", "sparse", "tiny"],
)
def test_every_kind_of_number_is_measured(grad, largest):
    found = measured(grad)
    assert (found.kind, found.largest) == ("number", largest)


def test_entries_of_a_sparse_gradient_that_come_twice_are_added():
    twice = torch.sparse_coo_tensor([[1, 1]], [2.0, -1.5], (3,), check_invariants=True)
    assert measured(twice).largest == 0.5
    assert measured(torch.zeros(2, 2).to_sparse()).kind == "zero"
    spoilt = measured(torch.eye(4).to_sparse() * torch.nan)
    assert (spoilt.kind, spoilt.nans, spoilt.count) == ("nan", 4, 16)


def test_an_embedding_with_sparse_gradients_can_be_drawn():
    table = nn.Embedding(5, 2, sparse=True)
    table(torch.tensor([1, 1])).sum().backward()
    assert rows_of(show_gradients(table)) == ["0  weight  5×2    2"]


# ---- what is drawn ----------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(1e-30, 1e30), min_size=3, max_size=3))
def test_a_bar_grows_by_the_same_for_the_same_factor(sizes):
    assume(len(set(sizes)) == 3)
    drawn = dict(zip(sizes, lengths(sizes), strict=True))
    low, middle, high = sorted(sizes)
    share = math.log(middle / low) / math.log(high / low)
    grown = (drawn[middle] - drawn[low]) / (drawn[high] - drawn[low])
    assert grown == pytest.approx(share, abs=1e-6)
    assert drawn[low] > 4 and drawn[high] <= LENGTH + 1e-6


@pytest.mark.parametrize("size", [1.0, 10.0, 1e-45, 3e38, 0.9999])
def test_a_single_bar_can_be_seen_and_fits(size):
    (length,) = lengths([size])
    assert 4 < length <= LENGTH


@pytest.mark.parametrize("net", [Net(), deep(), deep(12)], ids=["kinds", "many", "few"])
def test_no_word_lies_on_another_or_on_a_bar(net):
    found = read_gradients(net.named_parameters())
    chosen = choose(found)
    rows = [found[n] for n in chosen]
    scene = draw_bars(rows, label_rows(chosen, rows))
    words = [
        rectangle(it.x, it.y, len(it.words) * it.size * 0.602, it.size)
        for it in scene.texts
    ]
    assert all(distance(*pair) > 0 for pair in combinations(words, 2))
    bars = [rectangle(*it[:4]) for it in scene.boxes if it.height == 8]
    assert all(distance(word, bar) > 0 for word in words for bar in bars)
    assert all(left > -1 and right <= scene.width + 1 for left, _, right, _ in words)


GREY, BLUE, INK, RED = "#6b6b6b", "#d6e6fb", "#1a1a1a", "#b00020"
WHITE = "#ffffff"
NONE = None, False, False
SMALL_BOXES = [
    (15.8, 72.8, 0.0, 79.5, NONE),  # the axis
    *((15.8 + 65 * n, 26, 0.0, 3, NONE) for n in range(5)),  # powers of ten
    (48.3, 39, 65, 8, (GREY, False, False)),
    (145.8, 52, 260, 8, (GREY, False, False)),
    (52.9, 65, 64.2, 11, (WHITE, False, True)),
    (50.2, 78, 58.8, 11, (WHITE, False, False)),
    (36.7, 91, 31.7, 11, (WHITE, True, False)),
    (42.1, 104, 42.5, 11, (BLUE, False, False)),
]
SMALL_WORDS = [
    (164.8, 6.5, 9, INK, "largest absolute value of each .grad, logarithmic scale"),
    *((15.8 + 65 * n, 19.5, 8.5, GREY, f"1e{n - 1}") for n in range(5)),
    (8.1, 39, 9, INK, "a"),
    (88.5, 39, 9, INK, "1"),
    (5.4, 52, 9, INK, "bc"),
    (291.7, 52, 9, INK, "1000"),
    (8.1, 65, 9, INK, "d"),
    (52.9, 65, 9, RED, "2 nan of 9"),
    (8.1, 78, 9, INK, "e"),
    (50.2, 78, 9, INK, "exactly 0"),
    (8.1, 91, 9, INK, "f"),
    (36.7, 91, 9, INK, "None"),
    (8.1, 104, 9, INK, "g"),
    (42.1, 104, 9, INK, "frozen"),
]


def test_a_small_picture_in_numbers():
    """Guards against bars that are a little too long, and words beside their place."""
    kinds = zip(
        ("a", "bc", "d", "e", "f", "g"),
        ("number", "number", "nan", "zero", "none", "frozen"),
        (1.0, 1000.0, *[0.0] * 4),
        strict=True,
    )
    rows = [Gradient(name, (1,), kind, most, 9, 2) for name, kind, most in kinds]
    scene = draw_bars(rows, label_rows(range(6), rows))
    rounded = [(*(round(x, 1) for x in it[:4]), it.style) for it in scene.boxes]
    assert rounded == SMALL_BOXES
    assert [(round(it.x, 1), *it[1:]) for it in scene.texts] == SMALL_WORDS
    assert (round(scene.width, 1), scene.height) == (313.8, 110.5)


@pytest.mark.parametrize(
    ("largest", "decades"),
    [
        ((1.0,), (-1, 0)),
        ((10.0,), (0, 1)),
        ((2.0,), (0, 1)),
        ((1.5,), (-1, 1)),
        ((1.0, 1e20), (-1, 20)),
        ((2.0, 1e20), (-1, 20)),
        ((5.0, 1e20), (0, 20)),
        ((3.2e10, 1e20), (10, 20)),
        ((3e-7, 3e-2), (-7, -1)),
    ],
)
def test_a_scale_begins_below_the_smallest_number_and_ends_at_the_largest(
    largest, decades
):
    """Guards against a bar that cannot be seen, and against an empty half."""
    rows = [Gradient("w", (1,), "number", each) for each in largest]
    assert find_decades([*rows, Gradient("v", (1,), "none")]) == decades


@pytest.mark.parametrize(
    ("low", "high", "powers"),
    [
        (-1, 0, [-1, 0]),
        (-4, 4, [-4, -3, -2, -1, 0, 1, 2, 3, 4]),
        (-4, 5, [-4, -2, 0, 2, 4]),
        (0, 17, [0, 3, 6, 9, 12, 15]),
    ],
)
def test_powers_of_ten_stand_at_even_distances_and_not_too_close(low, high, powers):
    ticks = draw_ticks(50.0, low, high)
    assert [words.words for _, words in ticks] == [f"1e{power}" for power in powers]
    for (mark, words), power in zip(ticks, powers, strict=True):
        x = 50 + 260 * (power - low) / (high - low)
        assert mark == (pytest.approx(x), 26, 0.01, 3, (None, False, False))
        assert words == (mark.x, 19.5, 8.5, GREY, f"1e{power}")


def test_a_picture_is_as_wide_as_its_scale_where_the_title_is_short(
    chinese, monkeypatch
):
    monkeypatch.setattr(scene_of, "can_write", lambda words: True)
    scene = draw_bars(made_of("none"), ["w"])
    assert scene.width == pytest.approx(9 * 0.602 + 5 + 260)


def test_a_sentence_has_room_below_the_bars():
    """Guards against a note that only the text twin has."""
    heights = [
        Image.open(io.BytesIO(draw_gradients(made_of(kind)).png)).height
        for kind in ("zero", "none")
    ]
    assert heights[0] + 20 < heights[1]


def test_where_no_number_is_there_is_no_scale():
    assert find_decades(made_of("none")) == (0, 0)
    scene = draw_bars(made_of("none"), ["w"])
    assert len(scene.boxes) == 2 and len(scene.texts) == 3
    assert [it.y for it in scene.texts] == [6.5, 26, 26]


def test_what_no_font_can_write_has_its_number_and_a_sentence(monkeypatch):
    """Guards against empty squares in the place of a name."""
    monkeypatch.setattr(gradients, "can_write", str.isascii)
    monkeypatch.setattr(scene_of, "can_write", str.isascii)
    set_language("zh")
    try:
        rows = [replace(it, name="重") for it in made_of("none", "none")]
        labels = label_rows([3, 7], rows)
        words = [it.words for it in draw_bars(rows, labels).texts]
        told = str(draw_gradients(rows))
    finally:
        set_language("en")
    assert labels == ["#3", "#7"]
    title = "largest absolute value of each .grad, logarithmic scale"
    assert words == [title, "#3", "None", "#7", "None"]
    assert "#0, #1" in told.splitlines()[-1] and "0  重" in told


def test_kinds_are_told_apart_without_colours():
    net = Net()
    rows = read_gradients(net.named_parameters())
    scene = draw_bars(rows, [it.name for it in rows])
    told = {it.words for it in scene.texts}
    assert {"2 nan, 1 inf of 4", "exactly 0", "None", "frozen", "3", "0.001"} <= told
    looks = [(it.style.dashed, it.style.heavy, it.height) for it in scene.boxes]
    assert len(set(looks)) >= 4


def test_the_scale_is_named_on_the_picture():
    rows = read_gradients([("w", parameter(1, grad=0.5))])
    words = [it.words for it in draw_bars(rows, ["w"]).texts]
    assert "largest absolute value of each .grad, logarithmic scale" in words
    assert "1e0" in words


def test_long_names_are_shortened_in_the_middle_and_stay_apart():
    names = ["a" * 30 + middle + "z" * 30 for middle in "bcd"]
    named = dict.fromkeys(names)
    picture = show_gradients({name: parameter(1, grad=1.0) for name in named})
    assert all(name in str(picture) for name in names)
    rows = read_gradients((name, parameter(1)) for name in names)
    labels = label_rows(range(3), rows)
    assert len(set(labels)) == 3 and all("…" in it and len(it) < 50 for it in labels)


def test_a_picture_is_the_same_each_time_and_fits_a_notebook(tmp_path):
    one, other = show_gradients(Net()), show_gradients(Net())
    one.save(tmp_path / "one.svg"), other.save(tmp_path / "other.svg")
    drawn = [(tmp_path / f"{name}.svg").read_bytes() for name in ("one", "other")]
    assert one.png == other.png and drawn[0] == drawn[1]
    for net in (Net(), deep()):
        picture = show_gradients(net)
        image = Image.open(io.BytesIO(picture.png)).convert("RGB")
        assert image.width / 2 <= 1_000 and image.height / 2 <= 800
        assert len(picture.png) < 60_000 and image.getpixel((0, 0)) == (255,) * 3


# ---- what came --------------------------------------------------------------


def test_nothing_of_a_learners_is_changed():
    net = nn.Sequential(nn.Linear(2, 3), nn.Dropout(), nn.Linear(3, 1))
    net(torch.ones(1, 2)).sum().backward()
    held = [
        (p.grad, p.grad._version, p._version, p.grad.clone()) for p in net.parameters()
    ]
    random = torch.get_rng_state()
    clear_journal()
    with watch():
        assert show_gradients(net).png
    assert not current_journal().records
    assert torch.equal(torch.get_rng_state(), random)
    for p, (grad, writes, version, copy) in zip(net.parameters(), held, strict=True):
        assert p.grad is grad and (grad._version, p._version) == (writes, version)
        assert torch.equal(grad, copy)


@pytest.mark.parametrize(
    ("given_to", "names"),
    [
        ({1: "", "b": "", (2, 3): "", None: ""}, "1, b, a tuple, a NoneType"),
        ([("v", ""), ("w", "")], "v, w"),
        ((("v", ""), ""), "v, given_to[1]"),
    ],
)
def test_names_come_with_the_tensors_or_from_their_places(given_to, names):
    pairs = (("", parameter(1)) for _ in iter(int, 1))
    if type(given_to) is dict:
        given_to = {key: next(pairs)[1] for key in given_to}
    else:
        made = ((it[0], next(pairs)[1]) if it else next(pairs)[1] for it in given_to)
        given_to = type(given_to)(made)
    count = len(given_to)
    assert f"{count} parameters: {count} None: {names}." in show_gradients(given_to).alt


def test_a_tensor_that_nobody_has_named_has_its_place():
    alt = show_gradients(parameter(1)).alt  # a bare assert would name it
    assert "1 None: [0]." in alt


def test_of_two_names_the_first_is_told():
    first = parameter(1)
    second = first
    assert second is first
    assert "1 None: first." in show_gradients([first]).alt


def test_a_tensor_with_a_name_of_the_learner_keeps_it_beside_others():
    """Guards against a name that is lost because another tensor has none."""
    v, named = parameter(1), [("v.bias", parameter(1)), parameter(1)]
    assert "3 None: v, v.bias, named[1]." in show_gradients([v, *named]).alt


class Unmade(nn.Module):
    def __init__(self):
        pass


class Refusing(nn.Parameter):
    @classmethod
    def __torch_function__(cls, *_):
        raise AssertionError("nobody shall call this")


def refuse():
    yield from [parameter(1)]
    raise ValueError("no more")


ODD = {
    "nothing": (None, "a NoneType came where a model is expected"),
    "a number": (3, "3 came where a model"),
    "a function": (len, "show_gradients\\(model\\)"),
    "a class": (nn.Linear, r"The class Linear .* model = Linear\(…\)"),
    "no parameters": (nn.ReLU(), "a ReLU came, in which there is no parameter"),
    "an empty list": ([], "a list came, in which"),
    "an empty dict": ({}, "a dict came, in which"),
    "a pair without a name": ([(3, parameter(1))], r"\[0\] is a tuple, where"),
    "three in a row": ([("w", 1, 2)], r"\[0\] is a tuple, where"),
    "a list in a list": ([["w", parameter(1)]], r"\[0\] is a list, where"),
    "a number with a name": ([parameter(1), ("w", 3)], "w is 3, where a tensor"),
    "a list of numbers": ([1.0], r"\[0\] is 1.0, where a tensor"),
    "a dict of dicts": ({"a": {}}, "a is a dict, where a tensor"),
    "an optimizer": (torch.optim.SGD([parameter(1)], 0.1), "an SGD came where"),
    "unmade": (Unmade(), r"an Unmade came without .* super\(\).__init__\(\)"),
    "a part too many": (
        nn.ParameterList([parameter(1)] * 10_001),
        "More than 10000 tensors came",
    ),
    "a generator that fails": (refuse, "ValueError: no more"),
    "a tensor too many": ([parameter(1)] * 10_001, "More than 10000 tensors came"),
    "endless": ((parameter(1) for _ in iter(int, 1)), "More than 10000"),
}


@pytest.mark.parametrize(("odd", "said"), ODD.values(), ids=ODD)
def test_what_is_no_model_is_told_in_a_sentence(odd, said):
    with pytest.raises(CannotDraw, match=said) as told:
        show_gradients(refuse() if odd is refuse else odd)
    assert str(told.value).endswith(".") and "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("thing", "word", "cure"),
    [
        (nn.LazyLinear(2), "no shape yet", "run the model once"),
        (nn.Linear(2, 2, device="meta"), "on meta", "on a real device"),
        ({"h": parameter(2) * 2}, "not kept", "retain_grad()"),
        ({"w": parameter(0, grad=1.0)}, "no numbers", ""),
        ({"a\nb": parameter(2, grad=1.0)}, "a\\nb", ""),
        ({"重": parameter(2, grad=1.0)}, "重", ""),
        ([Refusing(torch.ones(2))], "None", "backward()"),
    ],
    ids=["lazy", "meta", "result", "empty", "two lines", "Chinese", "own class"],
)
def test_an_odd_parameter_is_drawn_with_a_word_and_a_sentence(
    thing, word, cure, recwarn
):
    picture = show_gradients(thing)
    assert word in str(picture) and cure in str(picture)
    assert picture.png and not recwarn.list
