"""A fold must hide nothing but repetition, and change no number."""

from functools import partial, reduce

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from helpers import show_backward, show_graph, watch
from helpers.drawing.picture import Picture
from helpers.drawing.show import read_graph
from helpers.graph.fold import FEWEST, SHOWN


def loop(count, *steps):
    """Take steps in turn from a leaf on, watched."""
    a = torch.tensor(0.3, requires_grad=True)
    with watch():
        b = a
        for turn in range(count):
            b = steps[turn % len(steps)](b)
    return a, b


def boxes(graph):
    return [n for n in graph.nodes if n.op not in ("leaf", "constant")]


def folds(graph):
    return [node for node in graph.nodes if node.count > 1]


def test_a_loop_of_fifty_reads_at_a_glance():
    _, b = loop(50, lambda b: b * 2)
    picture = show_graph(b)
    assert [n.op for n in boxes(picture.graph)] == [
        "Mul",
        "Mul",
        "(Mul ×2) × 46",
        "Mul",
        "Mul",
    ]
    assert "50 operations" in picture.alt and "fold=False" in str(picture)
    assert len(boxes(show_graph(b, fold=False).graph)) == 50
    assert "× 46" in str(show_backward(b))


def test_only_long_repetitions_are_folded():
    for count in (FEWEST + 2 * SHOWN - 1, FEWEST + 2 * SHOWN):
        _, b = loop(count, lambda b: b * 2)
        enough = count == FEWEST + 2 * SHOWN
        assert len(folds(show_graph(b).graph)) == enough


def followed_by_another_one(x):
    _, y = loop(12, lambda h: h * 2)
    return y.exp()


def added_and_turned(x):
    h, c = x, x.detach().requires_grad_()
    for _ in range(13):
        h, c = h + c, c.cos()
    return h + c


def two_in_turn(x):
    h, c = x, x * 2
    for _ in range(13):
        h, c = c, h.sin().sin()
    return h * 3 + c


def halves_in_turn(x):
    h = torch.stack([x, x])
    for turn in range(40):
        first, second = h.unbind()
        h = torch.stack([first, first] if turn % 2 else [second, second])
    return h


def numbers_in_turn(x):
    return loop(40, lambda h: h * 2, lambda h: h * 3)[1]


def a_number_and_a_tensor_in_turn(x):
    return loop(40, lambda h: h * 2, lambda h: h * torch.ones(3))[1]


def named_ones_in_turn(x):
    up, down = torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 0.5, 0.25])
    h = x
    for turn in range(40):
        h = h * (down if turn % 2 else up)
    return show_graph(h)


FOLDS = {
    followed_by_another_one: (2, "(Mul ×2) × 8", 3),
    added_and_turned: (4, "(Add, Cos) × 9", 5),
    two_in_turn: (6, "(Sin, Sin) × 8", 7),
    halves_in_turn: (8, "(Stack, Unbind, Stack, Unbind) × 16", 9),
    numbers_in_turn: (4, "(Mul ×2, Mul ×3) × 16", 4),
    a_number_and_a_tensor_in_turn: (4, "(Mul ×2, Mul) × 16", 4),
    named_ones_in_turn: (4, "(Mul, Mul) × 16", 4),
}


@pytest.mark.parametrize("program", FOLDS, ids=lambda program: program.__name__)
def test_a_fold_is_one_whole_step_and_stands_between_two_visible_ones(program):
    shown = program(torch.tensor(0.3, requires_grad=True))
    picture = shown if isinstance(shown, Picture) else show_graph(shown)
    ops = [node.op for node in boxes(picture.graph)]
    before, fold, after = FOLDS[program]
    assert ops.index(fold) == before and len(ops) == before + 1 + after


@pytest.mark.parametrize(("length", "count"), [(32, 32 * 8), (33, 1)])
def test_a_step_of_more_than_thirty_two_operations_is_not_looked_for(length, count):
    steps = [partial(torch.mul, torch.tensor(1 + k / 100)) for k in range(length)]
    _, b = loop(12 * length, *steps)
    assert max(node.count for node in show_graph(b).graph.nodes) == count


def test_a_step_in_the_middle_that_is_used_later_is_not_hidden():
    b, kept = torch.tensor(0.3, requires_grad=True), []
    for _ in range(40):
        b = b * 2
        kept.append(b)
    y = b + kept[20]
    assert not folds(show_graph(y).graph)


def test_arrows_into_a_fold_stand_side_by_side():
    w, v = (torch.tensor(size, requires_grad=True) for size in (0.5, 0.7))
    h = torch.tensor(1.0)
    for _ in range(20):
        h = h * w + v
    graph = show_graph(h).graph
    (fold,) = folds(graph)
    assert [edge.slot for edge in graph.arrows_into(fold.id)] == [0, 1, 2]


def test_the_numbers_of_a_fold_are_those_of_its_last_step():
    _, b = loop(50, lambda b: torch.sin(b * 1.5) + 0.1)
    short, whole = show_graph(b).graph, show_graph(b, fold=False).graph
    (fold,) = folds(short)
    assert fold.op == "(Mul ×1.5, Sin, Add +0.1) × 46"
    first, last = fold.id.split("…")
    assert fold.value == whole.node(last).value
    assert fold.grad == whole.node(last).grad
    (entering,) = short.arrows_into(fold.id)
    (before,) = [e for e in whole.arrows_into(first) if e.source == entering.source]
    assert entering.grad == before.grad and entering.count == 1


@st.composite
def bodies(draw):
    """Draw a loop body: a list of operations on the state and a shared weight."""
    steps = [
        lambda h, w: h * w,
        lambda h, w: h + w,
        lambda h, w: torch.sin(h),
        lambda h, w: h * 0.5,
        lambda h, w: h - 0.25,
        lambda h, w: torch.tanh(w * h) * h,
    ]
    return draw(st.lists(st.sampled_from(steps), min_size=1, max_size=4))


@pytest.mark.thorough
@given(body=bodies(), count=st.integers(1, 30), other=bodies(), more=st.integers(0, 30))
def test_a_fold_keeps_the_graph_whole(body, count, other, more):
    a = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    w = torch.tensor(0.9, dtype=torch.float64, requires_grad=True)
    with watch():
        h = a
        for steps, times in ((body, count), (other, more)):
            for _ in range(times):
                for step in steps:
                    h = step(h, w)
    # Not drawn: laying out the longest of them takes a second.
    (short, _), (whole, _) = (
        read_graph(h, None, True, fold, {}) for fold in (True, False)
    )
    assert sum(node.count for node in boxes(short)) == len(boxes(whole))
    listed = {}
    for node in short.nodes:
        assert all(edge.source in listed for edge in short.arrows_into(node.id))
        listed[node.id] = node
    assert {edge.target for edge in short.edges} <= set(listed)
    assert set(short.walk) == {n.id for n in short.nodes if n.op != "constant"}
    arrived = dict.fromkeys(listed, 0.0)
    for edge in short.edges:
        if edge.grad is not None:
            arrived[edge.source] += edge.grad.item()
    for node in short.nodes:
        if node.op != "constant" and node.id not in short.roots:
            assert arrived[node.id] == pytest.approx(node.grad.item(), abs=1e-12)
    assert [n.id for n in whole.nodes if n.op == "leaf"] == [
        n.id for n in short.nodes if n.op == "leaf"
    ]


def test_a_shared_weight_sends_one_arrow_that_is_a_sum():
    w = torch.tensor(0.5, requires_grad=True)
    h = torch.tensor(1.0)
    with watch():
        for _ in range(20):
            h = h * w + 1
    text, graph = str(show_graph(h)), show_graph(h).graph
    (fold,) = folds(graph)
    (arrow,) = [e for e in graph.arrows_into(fold.id) if e.count > 1]
    assert graph.node(arrow.source).name == "w" and f"Σ{arrow.count}" in text
    whole = show_graph(h, fold=False).graph
    hidden = {n.id for n in boxes(whole)} - {n.id for n in boxes(graph)}
    grads = [e.grad for e in whole.edges if e.target in hidden]
    sent = [
        e.grad
        for e in whole.edges
        if e.target in hidden and whole.node(e.source).name == "w"
    ]
    assert len(sent) == arrow.count < len(grads)
    assert torch.allclose(arrow.grad, sum(sent))


def test_a_weight_without_a_name_sends_one_arrow_from_all_its_places():
    weights, h = [torch.tensor(0.5, requires_grad=True)], torch.tensor(1.0)
    for _ in range(20):
        h = torch.sin(h * weights[0]) + weights[0]
    graph = show_graph(h).graph
    (fold,) = folds(graph)
    steps = fold.count // 3
    assert {edge.count for edge in graph.arrows_into(fold.id)} == {1, 2 * steps}
    assert len(graph.arrows_into(fold.id)) == 2


def test_a_sum_of_arrows_is_added_up_in_the_order_of_the_walk():
    """So that it is the very number that autograd itself would come to."""
    w = torch.tensor(0.9, requires_grad=True)
    h = torch.tensor(1.0)
    for _ in range(40):
        h = torch.sin(h * w + 1)
    graph, whole = show_graph(h).graph, show_graph(h, fold=False).graph
    (fold,) = folds(graph)
    (arrow,) = [edge for edge in graph.arrows_into(fold.id) if edge.count > 1]
    shown = {node.id for node in graph.nodes}
    sent = [
        edge.grad
        for target in whole.walk
        for edge in whole.arrows_into(target)
        if target not in shown and edge.source == arrow.source
    ]
    assert arrow.grad == reduce(torch.add, sent) != reduce(torch.add, sent[::-1])


def test_different_inputs_become_one_box_that_counts_them():
    w = torch.ones(3, requires_grad=True)
    h = torch.zeros(3)
    with watch():
        for t in range(30):
            h = torch.tanh(h * w + torch.full((3,), float(t)))
    text = str(show_graph(h))
    assert "(26 × shape 3)" in text or "(25 × shape 3)" in text


def test_a_state_of_two_leaves_by_two_arrows():
    a = torch.tensor(0.1, requires_grad=True)
    with watch():
        h, c = a, a
        for _ in range(20):
            h, c = torch.sin(h + c), torch.cos(h * c)
        y = h + c
    graph = show_graph(y).graph
    (fold,) = folds(graph)
    assert len(fold.value) == len(fold.grad) == 2
    assert {e.output for e in graph.edges if e.source == fold.id} == {0, 1}


def momentum(p, m):
    m = 0.9 * m + 2 * p
    return p - 0.01 * m, m


def leapfrog(p, m):
    m = m - p.sin()
    return p + 0.1 * m, m


def halves(p, m):
    first, second = (p + m).reshape(1).expand(2).unbind()
    return first.cos(), second.sin() * first.cos()


def adam(p, m):
    m = 0.9 * m + 0.1 * p * p
    return p - 0.1 * m / (m * m + 1), m


@pytest.mark.parametrize("step", [momentum, leapfrog, halves, adam])
@pytest.mark.parametrize("used", ["p", "m", "both", "twice"])
def test_a_fold_receives_the_sum_of_its_arrows(step, used):
    p = m = torch.tensor(0.7, dtype=torch.double, requires_grad=True)
    for _ in range(24):
        p, m = step(p, m)
    y = {"p": p, "m": m, "both": p + m, "twice": p * p + p * m}[used]
    graph, _ = read_graph(y, None, True, True, {})
    assert folds(graph)
    arrive_as_sums(graph)


def arrive_as_sums(graph):
    for node in folds(graph):
        grads = node.grad if isinstance(node.grad, tuple) else (node.grad,)
        for output, grad in enumerate(grads):
            place = node.id, output
            sent = [e.grad for e in graph.edges if (e.source, e.output) == place]
            assert sent and torch.allclose(sum(sent), grad)


@pytest.mark.thorough
@given(
    body=st.lists(st.sampled_from([momentum, leapfrog, halves, adam]), max_size=3),
    count=st.integers(8, 20),
)
def test_a_fold_of_several_states_receives_the_sum_of_its_arrows(body, count):
    p = torch.tensor(0.7, dtype=torch.double, requires_grad=True)
    m = torch.tensor(0.2, dtype=torch.double, requires_grad=True)
    q, n = p * 1, m * 1
    for _ in range(count):
        for step in body:
            q, n = step(q, n)
    arrive_as_sums(read_graph([q, n], None, True, True, {})[0])


def test_what_a_reader_may_look_for_is_never_hidden():
    a = torch.tensor(1.0, requires_grad=True)
    b, kept = a, []
    for _ in range(40):
        b = b * 2
        kept.append(b)
    middle = kept[20]
    graph = show_graph(b).graph
    assert "middle" in {node.name for node in graph.nodes} and len(folds(graph)) == 2
    assert middle.item() in {n.value.item() for n in boxes(graph) if n.name}
    assert not folds(show_graph([kept[-1], *kept[::3]]).graph)
    assert not folds(show_graph(torch.stack(kept)).graph)


def test_sparse_and_dense_gradients_add_up_in_a_fold():
    w = torch.ones(5, 2, requires_grad=True)
    h = torch.zeros(2)
    for _ in range(30):
        scaled = h * w.mean()
        looked_up = torch.nn.functional.embedding(torch.tensor(1), w, sparse=True)
        h = torch.tanh(scaled + looked_up)
    graph = show_graph(h).graph
    (fold,) = folds(graph)
    summed = [e.grad for e in graph.arrows_into(fold.id) if e.count > 1]
    assert [grad.shape for grad in summed] == [w.shape]
    rest = [
        edge.grad
        for edge in graph.edges
        if graph.node(edge.source).name == "w" and edge.target != fold.id
    ]
    h.sum().backward()
    assert torch.allclose(sum(g.to_dense() for g in summed + rest), w.grad)


@pytest.mark.parametrize("shape", [(), (3,)])
def test_layers_with_weights_of_their_own_are_not_folded(shape):
    weights = [torch.full(shape, 1.0 + i).requires_grad_() for i in range(20)]
    h = torch.tensor(1.0)
    for w in weights:
        h = h * w
    assert not folds(show_graph(h).graph)


class Turns(nn.Module):
    def forward(self, h):
        for _ in range(20):
            h = torch.tanh(h * 2)
        return h


def test_a_fold_stays_in_the_frame_of_the_module_that_repeats():
    net, x = Turns(), torch.ones(2, requires_grad=True)
    with watch():
        y = net(x)
        for _ in range(20):
            y = torch.sin(y * 3)
    graph = show_graph(y.sum(), modules="net").graph
    inside, alone = sorted(folds(graph), key=lambda box: box.within, reverse=True)
    assert [graph.opened[frame].title for frame in inside.within] == ["net: Turns"]
    assert inside.count == alone.count and alone.within == ()
