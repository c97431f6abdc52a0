"""A graph that is too large to be drawn says first what it is, and counts rightly."""

import weakref

import pytest
import torch
from torch import nn

from helpers import show_backward, show_graph
from helpers.graph import depth
from helpers.graph.depth import stack_room
from helpers.graph.summary import count_kinds, measure_depth, summarize


def recurrent(turns):
    cell, h = nn.RNNCell(2, 3), torch.zeros(1, 3)
    scale = torch.ones((), requires_grad=True)
    for _ in range(turns):
        h = cell(torch.ones(1, 2), h * scale)
    return h.sum()


def chain(length):
    y = torch.ones((), requires_grad=True)
    for _ in range(length):
        y = y * 1.0
    return y


def list_functions(root):
    """Walk the slow way: all functions behind a tensor, each once."""
    found, stack = {}, [root.grad_fn]
    while stack:
        function = stack.pop()
        if function is not None and function not in found:
            found[function] = [f for f, _ in function.next_functions if f is not None]
            stack += found[function]
    return found


def longest_road(found, function, known):
    if function not in known:
        own = not hasattr(function, "variable")
        before = (longest_road(found, each, known) for each in found[function])
        known[function] = own + max(before, default=0)
    return known[function]


def test_what_is_counted_is_what_a_slow_walk_finds():
    y = recurrent(40)
    summary, found = summarize([y]), list_functions(y)
    leaves = [f.variable for f in found if hasattr(f, "variable")]
    parameters = [leaf for leaf in leaves if isinstance(leaf, nn.Parameter)]
    assert summary.whole
    assert sum(count for _, count in summary.kinds) == len(found) - len(leaves)
    assert dict(summary.kinds)["Tanh"] == 40 and dict(summary.kinds)["Sum"] == 1
    assert (
        (summary.leaves, summary.parameters)
        == (5, 4)
        == (
            len(leaves),
            len(parameters),
        )
    )
    assert summary.numbers == sum(p.numel() for p in parameters) == 6 + 9 + 3 + 3
    assert summary.depth == longest_road(found, y.grad_fn, {})


def test_two_results_are_one_graph():
    x = torch.ones((), requires_grad=True)
    y = x * 2
    summary = summarize([y + 1, y * y * y])
    assert summary.kinds == (("Mul", 3), ("Add", 1))
    assert (summary.depth, summary.leaves, summary.parameters) == (3, 1, 0)


def test_kinds_stand_by_their_number_and_then_by_their_name():
    assert count_kinds("dcbcba") == (("b", 2), ("c", 2), ("a", 1), ("d", 1))


def test_the_deepest_road_may_be_the_one_with_few_arrows():
    sources = {"x": [], "a": ["x"], "b": ["a"], "y": ["x", "b", "x"]}
    assert measure_depth(sources) == 3 and measure_depth({}) == 0


@pytest.mark.parametrize("draw", [show_graph, show_backward])
def test_a_large_graph_says_first_what_it_is(draw):
    picture = draw(recurrent(130))
    said = str(picture).splitlines()[0]
    assert said == picture.alt
    summary = picture.graph.summary
    total = sum(count for _, count in summary.kinds)
    assert said.startswith(f"A large graph of {total:,} operations: ")
    for kind, count in summary.kinds:
        assert f"{kind} {count:,}" in said
    assert f"The deepest road: {summary.depth:,} operations. Leaves: 5. " in said
    assert "Parameters: 4; numbers in them: 21. Graph of " in said
    assert "at least" not in said and picture.png


def test_what_could_not_be_counted_to_the_end_is_said():
    picture = show_graph(chain(3_000))
    assert picture.alt.startswith(
        "A large graph of at least 2,000 operations; those nearest to the result: Mul "
        "2,000. The deepest road: at least 2,000 operations. Graph of "
    )


def test_so_it_is_in_chinese(chinese):
    assert show_graph(chain(600)).alt.startswith(
        "一张很大的图，共有 600 个运算：Mul 600。最长的一条路：600 个运算。"
        "叶子张量：1 个。"
    )
    assert "至少 2,000 个运算" in show_graph(chain(3_000)).alt


def test_a_graph_that_is_drawn_whole_says_nothing_of_the_kind():
    picture = show_graph(chain(499))
    assert picture.graph.summary is None and "large" not in str(picture)


def test_of_very_many_kinds_the_rest_is_summed_up():
    y, kinds = chain(600), ["sin", "cos", "tan", "exp", "sinh", "tanh", "abs", "neg"]
    for count, kind in enumerate(kinds):
        for _ in range(9 - count):
            y = getattr(y, kind)()
    assert "Tanh 4, Abs 3, Neg 2. The deepest" in show_graph(y).alt
    assert "Tanh 4, Abs 3, 2 other kinds 3. The deepest" in show_graph(y.relu()).alt


class Number:
    """Be an engine of a learner's own."""

    op = "Double"

    def __init__(self, value, *slopes):
        self.value, self.slopes = value, slopes


def test_an_engine_of_ones_own_is_counted_too():
    y = Number(1.0)
    for _ in range(700):
        y = Number(2 * y.value % 7, (y, 2.0))
    assert show_graph(y).alt.startswith(
        "A large graph of 700 operations: Double 700. The deepest road: 700 "
        "operations. Leaves: 1. Graph of "
    )


def test_no_more_is_touched_than_the_stack_can_bear(monkeypatch):
    monkeypatch.setattr(depth, "_at_risk", weakref.WeakSet())
    monkeypatch.setattr(depth, "stack_size", lambda: 2**20)
    kept = [chain(4_000) for _ in range(20)]
    told = [show_graph(y, gradients=False).graph.summary for y in kept]
    counts = [sum(count for _, count in summary.kinds) for summary in told]
    assert not any(summary.whole for summary in told) and counts[0] > counts[-1]
    assert sum(counts) <= 3_000 + len(kept)  # of each graph the result, at least
    assert stack_room() >= -len(kept)


def test_counting_changes_no_gradient_and_runs_no_hook():
    y = recurrent(130)
    leaf = next(f.variable for f in list_functions(y) if hasattr(f, "variable"))
    leaf.register_hook(lambda grad: pytest.fail("a hook ran"))
    show_graph(y)
    assert leaf.grad is None
