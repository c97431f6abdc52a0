"""The graph, the walk and their text: laws, and the examples of the notes."""

import contextlib
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from itertools import chain as joined
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import show_backward, show_graph, watch
from helpers.drawing.picture import CannotDraw
from helpers.drawing.scene import draw_scene
from helpers.drawing.text import list_inputs, write_table
from helpers.graph import depth as reading
from helpers.graph.depth import LIMIT, is_touched
from helpers.graph.inputs import Constant
from helpers.graph.trace import find_nearest, sort_forward, trace_graph
from helpers.tests.notebooks.replay import in_a_child
from helpers.wording import write_number, write_value

ROOT = Path(__file__).parents[3]


def leaf():
    return torch.arange(4.0, requires_grad=True)


def test_two_uses_are_two_arrows():
    a = torch.tensor(3.0, requires_grad=True)
    graph = show_graph(a + a).graph
    assert [(edge.slot, edge.grad.item()) for edge in graph.edges] == [(0, 1), (1, 1)]


def programs():
    """Return small programs that use every kind of box."""
    return {
        "dot": lambda x, w: 2 * torch.dot(x, w),
        "roads": lambda x, w: (x * w + x.exp() * w).sum(),
        "views": lambda x, w: (x.reshape(2, 2) @ w.reshape(2, 2)).sum(),
        "in place": lambda x, w: (x * w).add_(1).pow_(2).sum(),
        "split": lambda x, w: (x.split(2)[0] * w[2:]).sum(),
        "stack": lambda x, w: torch.stack([x[0] * w[1], 5 * x[1]]),
        "broadcast": lambda x, w: x + w.sum(),
        "where": lambda x, w: torch.where(x > 0, x.sin(), w**3).sum(),
    }


@pytest.mark.parametrize("name", programs())
@given(seed=st.integers(0, 1000), watched=st.booleans())
def test_what_arrives_is_what_backward_gives(name, seed, watched):
    """Guard against a picture that lies: its numbers are autograd's own."""
    chance = torch.Generator().manual_seed(seed)
    x, w = (torch.randn(4, generator=chance).requires_grad_() for _ in range(2))
    if watched:
        with watch():
            y = programs()[name](x, w)
    else:
        y = programs()[name](x, w)
    graph = show_graph(y).graph
    assert x.grad is None and w.grad is None
    y.backward(torch.ones_like(y))
    for tensor, label in ((x, "x"), (w, "w")):
        for node in (node for node in graph.nodes if node.name == label):
            assert torch.equal(node.grad, tensor.grad)
            sent = [edge.grad for edge in graph.edges if edge.source == node.id]
            assert torch.allclose(sum(sent), tensor.grad)


@pytest.mark.thorough
@given(seed=st.integers(0, 1000))
def test_watch_sees_every_value(seed):
    """Guard against «?» in a watched graph, and against a wrong number in a box."""
    chance = torch.Generator().manual_seed(seed)
    x, w = (torch.randn(4, generator=chance).requires_grad_() for _ in range(2))
    for program in programs().values():
        with watch():
            y = program(x, w)
        graph = show_graph(y).graph
        assert all(node.value is not None for node in graph.nodes)
        assert torch.equal(graph.node(graph.roots[0]).value, y.detach())


def test_drawing_leaves_no_trace():
    """Guard the learner's .grad, retained ones too, hooks and random numbers."""
    x = leaf()
    h = x * 3
    h.retain_grad()
    y = (h * h).sum()
    y.backward(retain_graph=True)
    kept, inner = x.grad.clone(), h.grad.clone()
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    show_graph(y), show_backward(y)
    assert torch.equal(torch.rand(1), wanted)
    assert torch.equal(x.grad, kept) and torch.equal(h.grad, inner)
    y.backward()
    assert torch.equal(x.grad, 2 * kept)


def test_after_backward_the_structure_is_still_drawn():
    x = leaf()
    y = (x * x).sum()
    y.backward()
    text = str(show_graph(y))
    assert "x, x" in text and "No gradients" in text
    assert ".grad now: x [0 2 4 6]" in text


def test_weights_enter_at_the_top_of_the_walk():
    x = leaf()
    y = x * x
    weights = torch.tensor([1.0, 0.0, 2.0, 0.5])
    graph = show_graph(y, weights=weights).graph
    y.backward(weights)
    assert torch.equal(graph.nodes[0].grad, x.grad)


def test_steps_show_only_what_has_happened():
    x = leaf()
    with watch():
        y = 2 * torch.dot(x, x)
    sent = [
        sum(edge.grad is not None for edge in show_graph(y, step=k).graph.edges)
        for k in range(4)
    ]
    assert sent == [0, 1, 3, 3]


def test_nothing_moves_from_step_to_step():
    x = leaf()
    with watch():
        y = 2 * torch.dot(x, x)
    graph = show_graph(y).graph
    frames = [draw_scene(graph, step) for step in range(len(graph.walk) + 1)]
    places = [[(b.x, b.y, b.width, b.height) for b in frame.boxes] for frame in frames]
    assert places == [places[0]] * 4 and frames[0].texts != frames[3].texts


@pytest.mark.parametrize(
    "came",
    [5, "y", None, torch, [], [1], {}, torch.ones(2), torch.ones(2, dtype=torch.int)],
    ids=lambda came: type(came).__name__,
)
@pytest.mark.parametrize("verb", [show_graph, show_backward])
def test_what_cannot_be_drawn_gets_a_sentence(verb, came):
    with pytest.raises(CannotDraw, match=r"came .*\.$") as problem:
        verb(came)
    assert problem.value._render_traceback_() == [f"CannotDraw: {problem.value}"]


def test_bad_weights_and_steps_get_a_sentence():
    y = leaf() * 2
    for wrong in (torch.ones(3), 1.0, "w"):
        with pytest.raises(CannotDraw, match="weights"):
            show_graph(y, weights=wrong)
    for wrong in (-1, 99, "2", 1.5):
        with pytest.raises(CannotDraw, match="step"):
            show_graph(y, step=wrong)


@pytest.mark.thorough
def test_a_deep_chain_is_cut_and_the_kernel_lives():
    """Guard the C stack: torch frees what Python has touched by recursion."""

    def run():
        y = torch.ones((), requires_grad=True)
        for _ in range(60_000):
            y = y * 1.0
        graph = show_graph(y, fold=False).graph
        del y
        return graph.cut_off, sum(node.op == "Mul" for node in graph.nodes)

    assert in_a_child(run) == (1, LIMIT)


def test_numbers_are_short_and_honest():
    assert [write_number(v) for v in (-0.0, 2.0, 204800.0, 0.1 + 0.2)] == [
        "0",
        "2",
        "204800",
        "0.3",
    ]
    assert write_number(float("nan")) == "nan" and write_number(float("-inf")) == "-inf"
    assert write_value(torch.ones(2, 3)) == "[[1 1 1][1 1 1]]"
    assert write_value(torch.ones(7)) == "shape 7 ±1"
    assert write_value(torch.ones(3, 4)) == "3×4 ±1"


def test_the_picture_is_a_png_and_a_text():
    y = leaf() * 2
    shown, settings = show_graph(y)._repr_mimebundle_()
    assert sorted(shown) == ["image/png", "text/plain"]
    assert shown["text/plain"] == str(show_graph(y))
    assert shown == show_graph(y)._repr_mimebundle_()[0]
    assert settings["image/png"]["width"] > 50


# ---- what goes into a box ---------------------------------------------------

X, W = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([0.5, 1.5, 2.5])
C, MASK, INDEX = torch.tensor([3.0, 1.0, 2.0]), X > 1.5, torch.tensor([0, 2])
# What is written without watch(); only what PyTorch saved for the walk is known then.
INPUTS = {
    "Mul x, (2)": lambda x, w: 2 * x,
    "Mul (C [3 1 2]), x": lambda x, w: C * x,
    "Div (C [3 1 2]), x": lambda x, w: C / x,
    "Add x, (?)": lambda x, w: x + 1,
    "Sub x, (?)": lambda x, w: x - 1,
    "Sub (?), x": lambda x, w: 1 - x,
    "Sub w, x": lambda x, w: torch.rsub(x, w),
    "Pow x, (3)": lambda x, w: x**3,
    "Pow (3), x": lambda x, w: 3**x,
    "Pow x, w": lambda x, w: x**w,
    "Maximum x, (C [3 1 2])": lambda x, w: torch.maximum(x, C),
    "Minimum (C [3 1 2]), x": lambda x, w: torch.minimum(C, x),
    "Where (MASK [False True True]), x, w": lambda x, w: torch.where(MASK, x, w),
    "Index x, (INDEX [0 2])": lambda x, w: x[INDEX],
    "Gather x, (INDEX [0 2])": lambda x, w: x.gather(0, INDEX),
    "MaskedFill x, (MASK [False True True]), (?)": lambda x, w: x.masked_fill(MASK, 1),
    "Scatter x, (INDEX [0 2]), w": lambda x, w: x.scatter(0, INDEX, w),
    "Clamp x, (1.5)": lambda x, w: x.clamp(min=1.5),
    "LeakyRelu x, (0.5)": lambda x, w: torch.nn.functional.leaky_relu(x, 0.5),
    "LeakyRelu x": lambda x, w: torch.nn.functional.leaky_relu(x),
    "Softplus x, (5)": lambda x, w: torch.nn.functional.softplus(x, 1, 5),
    "Cat x, w": lambda x, w: torch.cat([x, w]),
    "Sum x": lambda x, w: x.sum(0),
    "Select x": lambda x, w: x[1],
    "NativeLayerNorm x": lambda x, w: torch.layer_norm(x, (3,)),
    "To x": lambda x, w: x.double(),
}


def inputs_written(y, x, w):
    picture = show_graph(y, x=x, w=w)
    last = picture.graph.nodes[-1]
    return f"{last.op} {list_inputs(picture.graph, last)}"


@pytest.mark.parametrize("wanted", INPUTS)
@pytest.mark.parametrize("watched", [False, True])
def test_inputs_stand_as_the_learner_wrote_them(wanted, watched):
    x, w = X.clone().requires_grad_(), W.clone().requires_grad_()
    if watched:
        with watch():
            y = INPUTS[wanted](x, w)
        wanted = wanted.replace("?", "1")
    else:
        y = INPUTS[wanted](x, w)
    assert inputs_written(y, x, w) == wanted


def test_an_unknown_number_stays_unknown_after_backward():
    x = leaf()
    y = 3 * x
    y.sum().backward()
    assert inputs_written(y, x, x) == "Mul x, (?)"


class Clip(torch.autograd.Function):
    """Stand for an operation of the learner's own."""

    def forward(ctx, x):
        return x.clamp(-1, 1)

    def backward(ctx, grad):
        return grad


@pytest.mark.parametrize("watched", [False, True])
def test_an_operation_of_ones_own_has_its_own_name(watched):
    x = leaf()
    if watched:
        with watch():
            y = Clip.apply(x)
    else:
        y = Clip.apply(x)
    picture = show_graph(y)
    assert inputs_written(y, x, x) == "Clip x"
    assert torch.equal(picture.graph.nodes[-1].value, y.detach())


def test_each_arrow_says_which_output_it_uses():
    x = leaf()
    first, second = x.split(2)
    graph = show_graph(first * second + second).graph
    split = next(node for node in graph.nodes if node.op == "Split")
    arrows = [edge for edge in graph.edges if edge.source == split.id]
    assert [edge.output for edge in arrows] == [0, 1, 1]
    assert [split.label_of(number) for number in (0, 1)] == ["first", "second"]
    assert torch.equal(split.grad[0], arrows[0].grad)
    assert torch.equal(split.grad[1], arrows[1].grad + arrows[2].grad)


def test_an_unknown_output_keeps_its_place():
    second = leaf().split(1)[1]
    split = show_graph(second).graph.nodes[-1]
    assert [value is None for value in split.value] == [True, False, True, True]
    assert [grad is None for grad in split.grad] == [True, False, True, True]
    assert split.value[1].tolist() == [1] and split.name == "second"
    assert [split.label_of(number) for number in (0, 1)] == ["%1[0]", "second"]


def test_a_write_into_a_part_is_recorded_for_the_whole():
    x = leaf()
    with watch():
        h = torch.zeros(3)
        h[1] = x[2]
        k = h * 2
        part = k[:2]
        part.mul_(5)
        y = k.sum()
    graph = show_graph(y).graph
    found = {
        node.op: list_inputs(graph, node) for node in graph.nodes if node.op == "Write"
    }
    values = [node.value.tolist() for node in graph.nodes if node.op == "Write"]
    assert values == [[0, 2, 0], [0, 20, 0]] and found["Write"].endswith(", (5)")
    assert graph.nodes[0].grad.tolist() == [0, 0, 10, 0]


def test_what_was_cut_off_is_a_constant():
    x = leaf()
    with watch():
        u = x.detach()
        y = u * x + x * x.sum().item()
    graph = show_graph(y).graph
    found = [(n.name, n.value) for n in graph.nodes if n.op == "constant"]
    assert [name for name, _ in found] == ["u", ""]
    assert torch.equal(found[0][1], u) and found[1][1] == 6


def test_a_result_without_a_name_shows_its_value():
    x = leaf()
    (node,) = [n for n in show_graph((x * x).sum()).graph.nodes if n.op == "Sum"]
    assert node.value == 14 and node.name == "" and node.names == ("",)


# ---- how a graph is read ----------------------------------------------------


def chain(length):
    """Return the result of so many operations on one leaf."""
    y = torch.ones((), requires_grad=True)
    for _ in range(length):
        y = y * 1.0
    return y


def operations(y):
    """Return the functions of a chain, from the result to the leaf."""
    found = [y.grad_fn]
    while found[-1].next_functions:
        found.append(found[-1].next_functions[0][0])
    return found


def test_five_hundred_operations_are_read_and_the_arrow_beyond_is_counted():
    read = trace_graph([chain(501)], {})
    assert len(read.graph.nodes) == len(read.functions) + 500 == 1000
    assert read.graph.cut_off == 1 and not read.uncertain
    whole = trace_graph([chain(499)], {}).graph
    assert whole.cut_off == 0 and whole.walk == () and whole.roots == ("%499",)


def test_the_limit_keeps_what_is_nearest_to_the_results():
    first, second, third = (chain(3) for _ in range(3))
    starts = [y.grad_fn for y in (first, second, first, third)]
    assert list(find_nearest(starts, 2)) == [first.grad_fn, second.grad_fn]
    five = list(find_nearest(starts, 5))
    assert five[:3] == [first.grad_fn, second.grad_fn, third.grad_fn]
    assert five[3:] == [operations(first)[1], operations(second)[1]]
    assert all(map(is_touched, five)) and not is_touched(operations(third)[1])


def test_without_room_the_results_and_what_was_touched_are_read(monkeypatch):
    y = chain(4)
    functions = operations(y)
    find_nearest(functions[1:2], 1)
    monkeypatch.setattr(reading, "stack_room", lambda: 0)
    assert list(find_nearest([y.grad_fn], 10)) == functions[:2]
    assert [is_touched(function) for function in functions[:3]] == [True, True, False]
    graph = trace_graph([y], {}).graph
    assert [node.op for node in graph.nodes if node.op != "constant"] == ["Mul"] * 2
    assert graph.cut_off == 1


def test_each_leaf_is_listed_right_before_its_first_use():
    a, b = leaf(), leaf()
    p = a * 2
    y = p * b + a
    ops = [
        node.label
        for node in trace_graph([y], locals()).graph.nodes
        if node.op != "constant"
    ]
    assert ops == ["a", "p", "b", "%3", "y"]


class Made:
    """Stand for a function that was made as number so and so."""

    def __init__(self, number):
        self._sequence_nr = lambda: number


def test_no_operation_is_listed_before_its_inputs_whatever_its_number():
    late, early, middle = made = Made(3), Made(1), Made(2)
    within = {
        early: [(0, late, 0), (1, object(), 0)],
        late: [],
        middle: [(0, early, 0), (1, late, 0)],
    }
    assert list(sort_forward(within)) == [late, early, middle]
    assert list(sort_forward({one: [] for one in made})) == [early, middle, late]


def test_what_was_read_stays_as_it_is_and_is_the_same_as_nothing_else():
    read = trace_graph([2 * leaf()], {})
    graph = read.graph
    given = Constant(torch.ones(2))
    for thing in (graph.nodes[0], graph.edges[0], graph, read, given):
        assert thing != replace(thing) and len({thing, replace(thing)}) == 2
        with pytest.raises(FrozenInstanceError):
            thing.new = 1


def test_an_arrow_from_a_constant_is_one_of_its_only_output():
    graph = show_graph(torch.ones(4) * leaf()).graph
    (arrow,) = (edge for edge in graph.edges if edge.route is None)
    assert (arrow.source, arrow.slot, arrow.output, arrow.count) == ("(1)", 0, 0, 1)
    assert arrow.grad is None


def test_a_box_stands_for_one_operation_unless_it_is_folded():
    graph = show_graph(chain(2), fold=False).graph
    assert {thing.count for thing in (*graph.nodes, *graph.edges)} == {1}


def test_the_arrows_into_a_box_come_in_the_order_of_its_inputs():
    x = leaf()
    y = torch.ones(4) * x
    graph = trace_graph([y], {"x": x}).graph
    sources = [edge.source for edge in graph.arrows_into(graph.roots[0])]
    assert sources == ["(1)", "%0"] and graph.arrows_into("%0") == ()
    assert graph.node("%0").label == "x" and graph.node("%1").label == "%1"


def test_one_constant_is_one_box_however_often_it_is_used():
    x, c = leaf(), torch.ones(4)
    with watch():
        y = c * x + c + 3 * x + 3
    constants = [n for n in show_graph(y).graph.nodes if n.op == "constant"]
    assert [(n.id, n.name) for n in constants] == [
        ("(1)", "c"),
        ("(2)", ""),
        ("(3)", ""),
    ]


def test_a_leaf_shows_what_it_holds_now():
    x, w = leaf(), leaf()
    y = x * w
    x.grad = torch.full((4,), 7.0)
    held = {node.name: node.held for node in show_graph(y).graph.nodes}
    assert held["x"].tolist() == [7] * 4 and held["w"] is None
    x.grad.zero_()
    assert held["x"].tolist() == [7] * 4


def test_of_several_outputs_those_are_shown_that_are_known():
    first, second = leaf().split(2)
    y = first * second
    del first, second
    (split,) = (n for n in trace_graph([y.sum()], {}).graph.nodes if n.op == "Split")
    assert [value.tolist() for value in split.value] == [[0, 1], [2, 3]]
    z = leaf().split(2)[0] + 1
    (split,) = (n for n in trace_graph([z], {}).graph.nodes if n.op == "Split")
    assert split.value is None and split.names == ("", "")
    assert split.label_of(1) == "%1[1]"


def test_of_a_bigger_constant_only_the_shape_is_kept():
    x = leaf()
    small, big = torch.ones(1_000, 1), torch.ones(1_001, 1)
    values = [
        next(n for n in show_graph(x * c, c=c).graph.nodes if n.name == "c").value
        for c in (small, big)
    ]
    assert torch.equal(values[0], small)
    assert values[1].is_meta and values[1].shape == (1_001, 1)


def elements(graph):
    """Count the numbers that a graph holds."""
    boxes = [(n.value, n.grad, n.held, *n.used) for n in graph.nodes]
    things = [*joined.from_iterable(boxes), *(e.grad for e in graph.edges)]
    things += [weight for _, weight in graph.starts]
    parts = joined.from_iterable(t if isinstance(t, tuple) else [t] for t in things)
    return [t.numel() for t in parts if isinstance(t, torch.Tensor) and not t.is_meta]


def a_layer():
    w, c = torch.ones(50, 50, requires_grad=True), torch.ones(9_000)
    w.grad = torch.ones(50, 50)
    return torch.cat([(w @ w).flatten(), c])


def several_outputs():
    first, second = torch.ones(2_002, requires_grad=True).split(1_001)
    return first * second


def a_table():
    table = torch.ones(500, 4, requires_grad=True)
    return torch.nn.functional.embedding(torch.tensor(1), table, sparse=True)


def a_loop():
    h = w = torch.ones(1_001, requires_grad=True)
    for _ in range(30):
        h = h * w
    return h


@pytest.mark.parametrize("program", [a_layer, several_outputs, a_table, a_loop])
@pytest.mark.parametrize("watched", [False, True])
def test_of_what_is_shown_by_its_size_no_numbers_are_kept(program, watched):
    with watch() if watched else contextlib.nullcontext():
        y = program()
    for picture in (show_graph(y), show_graph(y, step=1), show_graph(y, fold=False)):
        assert max(elements(picture.graph), default=0) <= 1_000
        table = write_table(picture.graph)
        assert "shape " in table or " ±" in table


def test_what_is_small_is_kept_to_the_last_number():
    x = torch.rand(1_000, requires_grad=True)
    y = x * x
    x_box, y_box = show_graph(y).graph.nodes
    assert torch.equal(y_box.value, y) and torch.equal(x_box.grad, 2 * x)


KEEPING = """
import torch
from pathlib import Path
from helpers import show_graph
def used():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
w = [torch.ones(1500, 2000, requires_grad=True) for _ in range(2)]
x, kept, before = torch.ones(4, 1500), [], 0
for turn in range(8):
    kept.append(show_graph((x @ w[0] @ w[1].T).sum()))
    kept[-1].png
    before = before if turn else used()
print((used() - before) / 7)
"""


@pytest.mark.thorough
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux")
def test_pictures_that_are_kept_do_not_fill_the_memory():
    """Each gradient in the walk takes 12 MB, and leaves a hole when it is gone."""
    done = subprocess.run(
        [sys.executable, "-c", KEEPING], cwd=ROOT, capture_output=True, text=True
    )
    assert float(done.stdout) < 4e6, done.stderr
