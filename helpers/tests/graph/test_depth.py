"""What Python may touch of long chains, so that torch can still free them."""

import threading
import weakref

import pytest
import torch

from helpers.graph import depth
from helpers.graph.depth import LIMIT, is_touched, marked, room
from helpers.graph.trace import trace


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
    before = room()
    kept = [chain_behind(400) for _ in range(20)]
    for y in kept:
        assert trace([y], {}).graph.cut_off == 0
    assert room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_long_chain_takes_room_as_long_as_it_lives():
    before, y = room(), chain_behind(600)
    assert trace([y], {}).graph.cut_off == 1
    assert room() == before - LIMIT
    assert trace([y], {}).graph.cut_off == 1  # the second time takes none
    assert room() == before - LIMIT
    del y
    assert room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_what_is_drawn_of_a_short_graph_does_not_depend_on_long_ones():
    kept = [chain_behind(600) for _ in range(9)]
    for y in kept:
        trace([y], {})
    assert 0 < room() < LIMIT
    assert trace([chain_behind(30)], {}).graph.cut_off == 0


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_chain_that_is_drawn_while_it_grows_is_known_to_be_short_or_long():
    before, y = room(), torch.ones((), requires_grad=True)
    for _ in range(LIMIT - 1):
        y = y * 1.0
        trace([y], {}, limit=3)  # so only what was drawn before tells the depth
    assert room() == before
    for _ in range(5):
        y = y * 1.0
        trace([y], {}, limit=3)
    assert room() == before - 4


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
    record = marked(function)
    assert is_touched(function) is True and marked(function) is record


def test_a_record_begins_empty():
    record = marked((torch.ones((), requires_grad=True) * 2).grad_fn)
    assert (record.values, record.inputs, record.leaves) == ({}, [], {})
    assert record.gone == set()
