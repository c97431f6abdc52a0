"""A fold must hide nothing but repetition, and change no number."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import show_backward, show_graph, watch
from helpers.fold import FEWEST, SHOWN


def loop(count, step, start=0.3):
    """Repeat a step on a leaf, watched."""
    a = torch.tensor(start, requires_grad=True)
    with watch():
        b = a
        for _ in range(count):
            b = step(b)
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
    short, whole = show_graph(h).graph, show_graph(h, fold=False).graph
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


def test_layers_with_weights_of_their_own_are_not_folded():
    weights = [torch.tensor(1.0 + i, requires_grad=True) for i in range(20)]
    h = torch.tensor(1.0)
    for w in weights:
        h = h * w
    assert not folds(show_graph(h).graph)
