"""What is remembered of calls: weakly, in bounded memory, with the learner's lines."""

import gc
import tracemalloc
import weakref
from collections import deque

import pytest
import torch
from torch import nn

from helpers import watch
from helpers.graph.flow import find_largest
from helpers.graph.journal import Journal, clear_journal, current_journal


@pytest.fixture(autouse=True)
def journal():
    clear_journal()
    return current_journal()


def leaf():
    return torch.ones(3, requires_grad=True)


def heard(journal):
    return [(record.kind, record.name) for record in journal.records]


def test_calls_exits_flags_walks_and_steps_are_remembered(journal):
    w = torch.ones(3)
    optimizer = torch.optim.SGD([w], lr=0.1)
    with watch():
        w.requires_grad_()
        loss = (w * 2).sum()
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        _ = loss.item(), w.shape, w.grad
    assert heard(journal) == [
        ("flag", "ask"),
        ("call", "mul"),
        ("call", "sum"),
        ("walk", "backward"),
        ("step", "SGD"),
        ("clear", "grad"),
        ("exit", "item"),
        ("read", "grad"),
    ]


def test_outside_of_a_block_nothing_is_remembered(journal):
    w = leaf()
    with watch():
        h = w * 2
    _ = h * 3
    torch.optim.SGD([w], lr=0.1).step()
    assert heard(journal) == [("call", "mul")]


def test_nothing_of_the_learners_is_kept_alive(journal):
    with watch():
        h = leaf() * 2
        loss = h.sum()
        loss.backward()
    gone = [weakref.ref(h), weakref.ref(loss)]
    del h, loss
    gc.collect()
    assert [it() for it in gone] == [None, None]
    assert not journal.handles


def test_a_token_is_never_given_twice(journal):
    tokens = {journal.token(torch.ones(1)) for _ in range(100)}
    x = torch.ones(1)
    assert len(tokens) == 100 and journal.token(x) == journal.token(x) == journal.find(
        x
    )


def test_memory_is_bounded_whatever_is_called():
    journal = Journal(most=10)
    for _ in range(1_000):
        journal.add("call", "mul", spots=(), outs=(journal.token(torch.ones(1)),))
    assert (len(journal.records), journal.turn) == (10, 1_000)
    assert not journal.is_whole and len(journal.handles) <= 1


@pytest.mark.thorough
def test_a_long_loop_takes_no_more_memory_than_a_short_one(journal, monkeypatch):
    """Guard against what grows with each call: dicts of tokens, leaves, code."""
    monkeypatch.setattr("helpers.graph.journal.MOST_CODES", 200)
    monkeypatch.setattr("helpers.graph.watch.MOST_VALUES", 100)
    w, cap = leaf(), 500
    journal.records = deque(maxlen=cap)
    held = []

    def train(turns):
        for k in range(turns):
            x = torch.full((), float(k), requires_grad=True)
            scale = nn.Parameter(w * 2)
            loss = (scale * x).sum() + eval("w.sum() * 1")
            loss.backward()
            _ = loss.item(), w.grad, (w.detach() * 2).numpy().sum()
        gc.collect()
        held.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        with watch(limit=50) as block:
            train(300), train(200), train(800)
    finally:
        tracemalloc.stop()
    assert held[2] - max(held[:2]) < 50_000, held  # a leak would grow on and on
    assert len(journal.records) == cap and journal.turn > 9_000
    assert len(journal.handles) < 20 and len(block._kept) <= 50
    assert not journal.knows(journal.find(w)) and journal.knows(journal.tokens)


def test_a_line_is_the_learners_also_where_a_library_computes(journal):
    net = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    with watch():
        net(torch.ones(1, 3))
    lines = {record.line for record in journal.records}
    here = test_a_line_is_the_learners_also_where_a_library_computes.__code__
    assert lines == {here.co_firstlineno + 3}


def test_a_walk_remembers_what_it_sent(journal):
    w = leaf()
    with watch():
        h = w * 2
        loss = (h - 2).relu().sum()
        loss.backward()
    (walk,) = journal.walks
    assert walk.leaves == {journal.find(w)} and walk.whole
    assert sorted(walk.flow.values()) == [0, 0, 0, 1]
    assert len(walk.order) == 4


@pytest.mark.parametrize(
    ("values", "largest"),
    [([1.0, -3.0], 3), ([0.0, -0.0], 0), ([], 0), ([2 + 0j, -4j], 4)],
)
def test_the_largest_number_is_found(values, largest):
    assert find_largest(torch.tensor(values)) == largest


def test_nan_and_sparse_are_told():
    assert find_largest(torch.tensor([1.0, torch.nan])) != find_largest(torch.ones(1))
    assert find_largest(torch.tensor([[0.0, -2.0]]).to_sparse()) == 2
    assert find_largest(torch.ones(2, device="meta")) == 1


def test_what_is_watched_is_walked_as_ever():
    found = []
    for block in (watch, torch.enable_grad):
        torch.manual_seed(0)
        net = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True)
        with block():
            net(torch.randn(2, 3, 8)).pow(2).mean().backward()
        found.append([p.grad for p in net.parameters()])
    assert all(map(torch.equal, *found))


def test_an_error_is_passed_on_and_remembered(journal):
    w = leaf()
    with watch(), pytest.raises(RuntimeError, match="leaf Variable"):
        w.add_(1)
    (record,) = journal.records
    assert "leaf Variable" in record.problem and record.ins == (journal.find(w),)
