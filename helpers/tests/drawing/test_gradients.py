"""A bar for each parameter is as long as its gradient is large; the rest is words."""

import io
import math
from itertools import combinations

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image
from torch import nn

from helpers import show_gradients, watch
from helpers.drawing.gradients import (
    LENGTH,
    MOST_BARS,
    choose,
    draw_bars,
    label_rows,
)
from helpers.drawing.picture import CannotDraw
from helpers.graph.journal import clear_journal, current_journal
from helpers.graph.parameters import read_gradient, read_gradients
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
    "a list of numbers": ([1.0], r"\[0\] is 1.0, where a tensor"),
    "a dict of dicts": ({"a": {}}, "a is a dict, where a tensor"),
    "an optimizer": (torch.optim.SGD([parameter(1)], 0.1), "an SGD came where"),
    "unmade": (Unmade(), r"super\(\).__init__\(\)"),
    "a generator that fails": (refuse, "ValueError: no more"),
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
