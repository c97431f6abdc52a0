"""What Python may touch of long chains, so that torch can still free them."""

import threading
import weakref

import pytest
import torch

from helpers.graph import depth
from helpers.graph.depth import LIMIT, find_marked, is_touched, stack_room
from helpers.graph.trace import trace_graph


@pytest.fixture
def nothing_at_risk(monkeypatch):
    monkeypatch.setattr(depth, "_at_risk", weakref.WeakSet())
    monkeypatch.setattr(depth, "stack_size", lambda: 2**20)


def chain_behind(length):
    y = torch.ones((), requires_grad=True)
    for _ in range(length):
        y = y * 1.0
    return y


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_graph_that_was_read_whole_takes_no_room():
    before = stack_room()
    kept = [chain_behind(400) for _ in range(20)]
    for y in kept:
        assert trace_graph([y], {}).graph.cut_off == 0
    assert stack_room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_long_chain_takes_room_as_long_as_it_lives():
    before, y = stack_room(), chain_behind(600)
    assert trace_graph([y], {}).graph.cut_off == 1
    assert stack_room() == before - LIMIT
    assert trace_graph([y], {}).graph.cut_off == 1  # the second time takes none
    assert stack_room() == before - LIMIT
    del y
    assert stack_room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_what_is_drawn_of_a_short_graph_does_not_depend_on_long_ones():
    kept = [chain_behind(600) for _ in range(9)]
    for y in kept:
        trace_graph([y], {})
    assert 0 < stack_room() < LIMIT
    assert trace_graph([chain_behind(30)], {}).graph.cut_off == 0


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_chain_that_is_drawn_while_it_grows_is_known_to_be_short_or_long():
    before, y = stack_room(), torch.ones((), requires_grad=True)
    for _ in range(LIMIT - 1):
        y = y * 1.0
        trace_graph([y], {}, limit=3)  # so only what was drawn before tells the depth
    assert stack_room() == before
    for _ in range(5):
        y = y * 1.0
        trace_graph([y], {}, limit=3)
    assert stack_room() == before - 4


def test_the_smaller_stack_decides():
    assert 2**19 <= depth.stack_size() <= 8 * 2**20
    before = threading.stack_size(2**18)
    try:
        assert [depth.stack_size() for _ in range(2)] == [2**18] * 2
    finally:
        threading.stack_size(before)


def test_a_function_is_touched_once_it_is_marked():
    function = (torch.ones((), requires_grad=True) * 2).grad_fn
    assert is_touched(function) is False
    record = find_marked(function)
    assert is_touched(function) is True and find_marked(function) is record


def test_a_record_begins_empty():
    record = find_marked((torch.ones((), requires_grad=True) * 2).grad_fn)
    assert (record.values, record.inputs, record.leaves) == ({}, [], {})
    assert record.let_go is False
