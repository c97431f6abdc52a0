"""Graphs of engines that are not torch's are read from what their objects tell."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import show_backward, show_graph
from helpers.drawing import show
from helpers.drawing.picture import CannotDraw
from helpers.graph.engines import is_recorded, sort_recorded, trace_recorded


class Node:
    """An engine's object with no more than what is asked for."""

    def __init__(self, value, slopes=()):
        self.value, self.slopes = value, slopes


class Operation(Node):
    def __init__(self, op, value, slopes):
        super().__init__(value, slopes)
        self.op = op


class Leaf(Node):
    grad = None


def product(a, b):
    slopes = [(a, b.value), (b, a.value)]
    return Operation("Mul", a.value * b.value, slopes)


def total(a, b):
    return Operation("Add", a.value + b.value, [(a, 1.0), (b, 1.0)])


def test_the_picture_is_that_of_the_same_torch_graph():
    """But for the order of the leaves, and what torch has not kept."""

    def draw(make):
        a, b = make(3.0), make(5.0)
        y = total(product(a, b), a) if make is Leaf else a * b + a
        lines = str(show_backward(y, y=y)).splitlines()
        told = (line.partition(". ")[2] or line for line in lines)
        return {line for line in told if not line.startswith(("2", "?"))}

    assert draw(Leaf) == draw(lambda value: torch.tensor(value, requires_grad=True))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 9), st.integers(0, 9))))
def test_the_gradients_are_those_of_torch(steps):
    ours, theirs = [Leaf(0.5), Leaf(-1.5)], []
    theirs = [torch.tensor(it.value, requires_grad=True) for it in ours]
    for adds, one, other in steps[:12]:
        for numbers in (ours, theirs):
            a, b = numbers[one % len(numbers)], numbers[other % len(numbers)]
            if numbers is ours:
                numbers.append((total if adds else product)(a, b))
            else:
                numbers.append(a + b if adds else a * b)
    if theirs[-1].grad_fn is None:
        return
    graph = trace_recorded(ours[-1], {}).walk_back()
    grads = torch.autograd.grad(theirs[-1], theirs[:2], allow_unused=True)
    found = [node.grad for node in graph.nodes if node.op == "leaf"]
    wanted = [grad for grad in grads if grad is not None]
    assert sorted(map(float, found)) == pytest.approx(sorted(map(float, wanted)), 1e-4)


def test_names_are_those_of_variables_lists_and_keywords():
    weights = [Leaf(2.0), Leaf(3.0)]
    out = product(*weights)
    graph = show_graph(out).graph
    assert [node.label for node in graph.nodes] == ["weights[0]", "weights[1]", "out"]
    first = weights[0]
    assert show_graph(out, loss=out, w=first).graph.nodes[0].label == "w"
    assert show_graph(out, loss=out).graph.nodes[-1].label == "loss"


def test_an_input_that_is_used_twice_has_two_arrows():
    a = Leaf(3.0)
    edges = show_graph(product(a, a)).graph.edges
    assert [(edge.slot, float(edge.grad)) for edge in edges] == [(0, 3.0), (1, 3.0)]


def test_what_is_missing_is_left_out():
    a = Node(2.0)
    text = str(show_graph(Node(4.0, ((a, 2.0),)), a=a))
    assert "1  %1    ?     a       4      1" in text
    assert text.endswith(".grad now: a None")


def test_arrays_and_tensors_are_values_and_weights_weigh():
    for make in (np.array, torch.tensor):
        x = Leaf(make([1.0, 2.0, 3.0]))
        y = Operation("Mul", 2 * x.value, [(x, 2.0)])
        assert "[2 2 2]" in str(show_graph(y))
        assert "[2 0 4]" in str(show_graph(y, weights=make([1.0, 0.0, 2.0])))


def test_one_step_and_no_gradients_are_drawn_as_of_torch():
    y = product(a := Leaf(3.0), Leaf(5.0))
    assert [n.grad for n in show_graph(y, gradients=False).graph.nodes] == [None] * 3
    graph = show_graph(total(y, a), step=1).graph
    assert len(graph.walk) == 1
    with pytest.raises(CannotDraw, match="the steps 0 to 3"):
        show_graph(y, step=9)
    alone = str(show_graph(a))
    assert alone.startswith("a: a leaf")


def test_drawing_changes_nothing():
    a, b = Leaf(3.0), Leaf(5.0)
    y = product(a, b)
    a.grad = 7.0
    before = [vars(it).copy() for it in (a, b, y)]
    assert ".grad now: a 7, b None" in str(show_backward(y))
    assert [vars(it) for it in (a, b, y)] == before


def test_of_a_long_chain_the_end_is_drawn_and_the_totals_are_whole():
    one = Leaf(1.0)
    y = one
    for _ in range(5_000):
        y = total(y, one)
    assert len(sort_recorded(y)) == 5_001
    graph = trace_recorded(y, {}).walk_back()
    assert len(graph.nodes) == 500 and graph.cut_off == 1
    (leaf,) = (node for node in graph.nodes if node.op == "leaf")
    assert float(leaf.grad) == 5_001
    assert "Only the 499 operations" in str(show_graph(y))


def test_repeated_steps_are_folded():
    y = w = Leaf(1.5)
    for _ in range(40):
        y = product(y, w)
    assert len(show_graph(y).graph.nodes) < 10
    assert len(show_graph(y, fold=False).graph.nodes) == 41


def circle():
    a = Leaf(1.0)
    a.slopes = [(product(a, a), 1.0)]
    return a


BAD = {
    "circle": (circle, "round in a circle"),
    "slopes are a set": (lambda: Node(1.0, {1}), "list of pairs (input, slope)"),
    "no pairs": (lambda: Node(1.0, [3.0]), "of one object it holds 3.0"),
    "values for inputs": (lambda: Node(1.0, [(2.0, 3.0)]), "it holds 2.0"),
    "no number": (lambda: Node("x", [(Leaf(1.0), 2.0)]), "cannot be read"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_graph_gets_one_sentence(name):
    make, words = BAD[name]
    with pytest.raises(CannotDraw) as told:
        show_graph(make())
    assert words in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("slope", ["a", None, lambda g: g, {}])
def test_a_slope_that_cannot_be_multiplied_leaves_the_values(slope):
    text = str(show_graph(Node(1.0, [(Leaf(2.0), slope)])))
    assert "No gradients" in text and "TypeError" in text


@pytest.mark.thorough
def test_slopes_that_never_end_are_left(monkeypatch):
    class Endless:
        value = 1.0

        @property
        def slopes(self):
            return [(Endless(), 1.0)]

    monkeypatch.setattr(show, "PATIENCE", 0.2)
    with pytest.raises(CannotDraw, match=r"after 0.2 seconds its `slopes`"):
        show_graph(Endless())


def test_what_overflows_is_drawn_in_silence(recwarn):
    y = Leaf(1e200)
    for _ in range(3):
        y = product(y, y)
    assert "inf" in str(show_graph(y)) and not recwarn


class Hostile:
    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    "thing",
    [3, "x", None, Node, torch.ones(2), Hostile(), SimpleNamespace(value=1), math],
    ids=range(8),
)
def test_other_things_are_not_recorded(thing):
    assert not is_recorded(thing)
