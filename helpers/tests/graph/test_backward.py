"""The walk: what it brings to each box, in which order, and what it leaves alone."""

import re
import warnings

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import play, show_graph, watch
from helpers.drawing.fonts import width_of
from helpers.drawing.scene import draw_scene
from helpers.drawing.show import read_graph
from helpers.drawing.theme import SIZE
from helpers.graph.backward import make_ones, show_until_step, walk_back
from helpers.graph.trace import trace_graph
from helpers.wording import describe_error


def leaf(*numbers):
    return torch.tensor(numbers or (1.0, 2.0, 3.0), requires_grad=True)


def labels(graph, walk):
    return [graph.node(i).name or graph.node(i).op for i in walk]


# ---- where it starts --------------------------------------------------------


def test_the_weights_of_a_sparse_result_are_ones_of_their_own():
    root = torch.tensor([0.0, 5.0, 0.0, 7.0]).to_sparse().requires_grad_()
    ones = make_ones(root)
    assert ones.to_dense().tolist() == [0, 1, 0, 1] and not ones.requires_grad
    assert root.to_dense().tolist() == [0, 5, 0, 7]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_very_many_weights_take_no_room(device):
    root = torch.zeros((), dtype=torch.float64, device=device).expand(10_000_001)
    ones = make_ones(root)
    assert (ones.shape, ones.dtype, ones.device) == (
        root.shape,
        root.dtype,
        root.device,
    )
    size = ones.untyped_storage().nbytes()
    assert size == 8
    assert device == "meta" or ones[-1] == 1


def test_a_few_weights_can_be_written_to_by_a_learners_own_operation():
    ones = make_ones(torch.zeros(3))
    ones[0] = 5
    assert ones.tolist() == [5, 1, 1]


# ---- in which order ---------------------------------------------------------


def test_a_leaf_has_its_turn_when_its_last_arrow_has_delivered():
    x, w, b = leaf(), leaf(), leaf()
    y = (x * w).sin() * w + b
    graph = show_graph(y).graph
    assert labels(graph, graph.walk) == ["y", "b", "Mul", "Sin", "Mul", "x", "w"]


def test_a_leaf_that_is_only_a_result_has_its_turn_at_the_end():
    x, w = leaf(), leaf()
    graph = show_graph([x, w * 2]).graph
    assert labels(graph, graph.walk) == ["Mul", "w", "x"]


def test_after_some_steps_only_what_has_arrived_by_then_is_known():
    x, w = leaf(), leaf()
    y = (x * w).exp()
    graph = show_graph(y).graph
    known = []
    for step in range(len(graph.walk) + 1):
        so_far = show_until_step(graph, step)
        assert so_far.walk == graph.walk[:step]
        boxes = [n.name or n.op for n in so_far.nodes if n.grad is not None]
        known.append((boxes, sum(e.grad is not None for e in so_far.edges)))
    assert known == [
        ([], 0),
        (["Mul", "y"], 1),
        (["Mul", "y"], 3),
        (["x", "Mul", "y"], 3),
        (["x", "w", "Mul", "y"], 3),
    ]


@st.composite
def programs(draw):
    """Draw a program: operations on what was computed before, some used again."""
    leaves = [torch.tensor([1.0, -0.5, 0.3], requires_grad=True) for _ in range(2)]
    known = [leaf * 1.5 for leaf in leaves]
    for _ in range(draw(st.integers(1, 12))):
        a, b = (known[draw(st.integers(0, len(known) - 1))] for _ in range(2))
        kind = draw(st.sampled_from(["add", "mul", "sin", "split", "hook"]))
        if kind == "split":
            first, second = a.roll(1).split([2, 1])
            known += [first.sum() * b, torch.cat([second, first * 0.1])]
        elif kind == "hook":
            hooked = a * 0.7
            hooked.register_hook(lambda grad: grad * 3)
            known.append(hooked + b)
        else:
            results = {"add": a + b, "mul": a * b, "sin": a.sin()}
            known.append(results[kind])
    roots = draw(st.lists(st.sampled_from(known[2:]), min_size=1, max_size=3))
    weights = [torch.full_like(root, draw(st.integers(1, 9))) for root in roots]
    return roots, weights


def brought(graph, node):
    """Return what the arrows, and the weights of the roots, bring to each output."""
    outputs = len(node.grad) if isinstance(node.grad, tuple) else 1
    found = [[] for _ in range(outputs)]
    for (node_id, output), weight in graph.starts:
        if node_id == node.id:
            found[output].append(weight)
    for edge in graph.edges:
        if edge.source == node.id and edge.grad is not None:
            found[edge.output].append(edge.grad)
    return found


def check_each_step(graph):
    for step in range(len(graph.walk) + 1):
        so_far = show_until_step(graph, step)
        reached = {e.source for e in so_far.edges if e.grad is not None}
        for node in so_far.nodes:
            if node.id in so_far.walk:
                assert node.grad is graph.node(node.id).grad
            elif node.op == "leaf" or node.id not in reached:
                assert node.grad is None
            elif graph.node(node.id).grad is None:  # more may come from beyond
                assert node.grad is None and graph.cut_off
            else:
                grads = node.grad if isinstance(node.grad, tuple) else [node.grad]
                for grad, parts in zip(grads, brought(so_far, node), strict=True):
                    assert (grad is None) == (not parts)
                    assert not parts or torch.allclose(grad, sum(parts), atol=1e-6)


@given(programs())
def test_after_each_step_a_box_holds_the_sum_of_what_has_arrived(program):
    check_each_step(read_graph(*program, True, False, {})[0])


@given(programs(), st.integers(3, 9))
def test_so_it_is_in_a_graph_that_is_cut_off(program, limit):
    roots, weights = program
    traced = trace_graph(roots, {}, limit)
    check_each_step(walk_back(traced, weights)[0])


def loop_with_two_states(k):
    p = m = leaf()
    for _ in range(20):
        m = 0.9 * m + k * p
        p = p - 0.01 * m
    return [p, m, p * m]


@pytest.mark.parametrize("roots", [[0], [1], [2], [0, 2], [0, 1, 2], [2, 2]])
def test_so_it_is_in_a_graph_with_folded_boxes(roots):
    results = loop_with_two_states(2)
    graph, _ = read_graph([results[k] for k in roots], None, True, True, {})
    check_each_step(graph)


def test_a_root_that_another_one_uses_begins_with_its_weight():
    x = torch.tensor(1.0, requires_grad=True)
    h = x * 2
    y, z = h * 3, h * 5
    graph = show_graph([y, h, z], weights=[1.0, 10.0, 1.0]).graph
    (box,) = (n.id for n in graph.nodes if n.name == "h")
    held = [show_until_step(graph, step).node(box).grad for step in range(4)]
    assert held == [None, 15, 18, 18]


def test_the_text_and_the_player_say_what_has_arrived():
    a = torch.tensor(1.0, requires_grad=True)
    with watch():
        c = a * 7
        y = c * 2 + c * 3
    assert re.search(r" c +Mul +a, \(7\) +7 +3\n", str(show_graph(y, step=2)))
    frames = [str(play(y).frame(step).picture) for step in (2, 3)]
    assert [re.search(r"\(7\) +7 +(\S+)\n", f)[1] for f in frames] == ["3", "5"]


def test_a_box_has_room_for_all_that_it_holds_on_the_way():
    h = torch.tensor(1.0, requires_grad=True) * 1
    pair = [(h * 0.123456).sum() + (h * 0.876544).sum(), h]
    graph, _ = read_graph(pair, None, True, False, {})
    for step in range(len(graph.walk) + 1):
        drawing = draw_scene(graph, step)
        for text in drawing.texts:
            if text.words.startswith("↑") and text.size == SIZE:
                boxes = [b for b in drawing.boxes if abs(b.x - text.x) < 1e-6]
                room = max(b.width for b in boxes) - 14
                assert width_of(text.words, SIZE) <= room + 1e-6


# ---- what arrives -----------------------------------------------------------


def test_what_arrives_is_added_up_in_the_order_of_the_walk():
    """In another order rounding would leave another number."""
    h = leaf(1.0) * 1
    y = (h * 1e30 + h * -1e30) + h
    nodes = show_graph(y).graph.nodes
    assert [n.grad.item() for n in nodes if n.name == "h"] == [0]


# ---- what it leaves alone, and what stops it ----------------------------------


class Warns(torch.autograd.Function):
    def forward(ctx, x):
        return x.clone()

    def backward(ctx, grad):
        warnings.warn("steep", stacklevel=1)
        return grad


def test_a_warning_on_the_way_is_not_passed_on():
    x = leaf()
    y = Warns.apply(x)
    assert show_graph(y).graph.node("%0").grad.tolist() == [1, 1, 1]


def test_a_gpu_that_nobody_used_is_not_woken(monkeypatch):
    def woken():
        raise AssertionError

    monkeypatch.setattr("torch.cuda.device_count", woken)
    y = leaf() * 2
    assert show_graph(y).graph.node("%0").grad.tolist() == [2, 2, 2]


def test_an_error_of_torchs_own_is_named_with_its_module():
    problem = torch.cuda.OutOfMemoryError("full")
    assert describe_error(problem) == "torch.OutOfMemoryError: full"
