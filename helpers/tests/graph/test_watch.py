"""What watch() keeps, what it leaves alone, and how much it takes."""

import pytest
import torch
from torch.overrides import TorchFunctionMode

from helpers import show_graph, watch
from helpers.drawing.text import list_inputs
from helpers.graph.depth import find_marked

C = torch.tensor([3.0, 1.0, 2.0])


def leaf():
    return torch.arange(3.0, requires_grad=True)


def written(result, **named):
    """Write how a tensor was computed."""
    graph = show_graph(result, **named).graph
    return f"{graph.nodes[-1].op} {list_inputs(graph, graph.nodes[-1])}"


def test_a_block_keeps_the_newest_values_and_no_more_than_its_limit():
    x = leaf()
    for limit in range(4):
        with watch(limit):
            a = x + 1
            b = a + 1
            c = b + 1
        found = ["(1)" in written(result) for result in (a, b, c)]
        assert found == [number >= 3 - limit for number in range(3)]


def test_a_limit_is_kept_among_the_outputs_of_one_operation():
    x = leaf()
    with watch(limit=1):
        first = x.split(1)[0]
    values = find_marked(first.grad_fn).values
    assert [*values] == [2] and values[2].tolist() == [2]


def test_a_block_keeps_two_thousand_values_unless_it_is_said():
    with watch():
        first = torch.ones(2_001, requires_grad=True).split(1)[0]
    assert [*find_marked(first.grad_fn).values] == [*range(1, 2_001)]


@pytest.mark.parametrize("limit", [1, 5, 20])
def test_of_a_long_block_the_newest_are_known_and_what_went_is_said(limit):
    y = torch.ones((), requires_grad=True)
    with watch(limit):
        for _ in range(10):
            y = y * 1.5
    picture = show_graph(y, fold=False)
    operations = [n for n in picture.graph.nodes if n.op == "Mul"]
    known = [n.value is not None for n in operations[:-1]]
    assert known == [number >= 10 - limit for number in range(9)]
    assert ("more in `with watch():` than it can" in str(picture)) is (limit < 9)
    assert "inside `with watch():`" not in str(picture)


def test_what_was_let_go_takes_no_memory():
    y, seen = leaf(), []
    with watch(limit=2):
        for _ in range(4):
            y = y + torch.ones(3)
            seen.append(find_marked(y.grad_fn))
    assert [len(record.values) for record in seen] == [0, 0, 1, 1]
    assert [len(record.inputs) for record in seen] == [0, 0, 2, 2]


def test_a_result_that_could_not_be_watched_says_so(monkeypatch):
    x = leaf()
    with watch():
        monkeypatch.setattr("helpers.graph.watch.stack_room", lambda: 0)
        y = x.exp() + 1
        later = y * 1
    outside = x.exp() + 1
    monkeypatch.undo()
    assert "more in `with watch():` than it can" in str(show_graph(later))
    assert "inside `with watch():`" in str(show_graph(outside))


def test_what_was_computed_outside_of_a_block_is_still_told_to_go_inside():
    h = (leaf() * 2) * 3
    with watch():
        y = h + 1
    assert "inside `with watch():`" in str(show_graph(y))


def test_a_write_counts_once():
    found = []
    for limit in (2, 3):
        h = leaf() * 1
        with watch(limit):
            first = h + 1
            h.mul_(5)
            _ = h + 1
        found.append(written(first))
    assert [said[-3:] for said in found] == ["(?)", "(1)"]


def test_after_the_block_nothing_is_watched():
    x = leaf()
    with watch():
        y = x + 1
    z = y + 1
    _ = z + 1
    assert written(y, x=x) == "Add x, (1)" and written(z, h=y) == "Add h, (?)"


def test_what_is_watched_computes_what_it_would():
    with watch():
        y = leaf().sum(dim=0, keepdim=True, dtype=torch.float64)
    assert y.dtype == torch.float64 and y.tolist() == [3]


def test_a_part_that_is_read_is_no_write_into_the_whole():
    x = leaf()
    h = 2 * x
    with watch():
        part = h[:2]
        y = C[:2] * part
    assert written(h, x=x) == "Mul x, (2)"
    assert written(y, part=part) == "Mul ([3 1]), part"


def test_a_write_says_what_was_written_and_where():
    x = leaf()
    with watch():
        h = torch.zeros(3)
        h[1] = (last := x[2])
        k = x * 2
        part = k[:2]
        part.mul_(C[:2])
    assert written(h, last=last) == "Write ([0 0 0]), last"
    assert written(k).endswith(", ([3 1])")
    assert written(part, k=k) == "View k"


class Listener(TorchFunctionMode):
    """Write down which functions of torch are called."""

    def __init__(self):
        super().__init__()
        self.heard = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        self.heard.append(func)
        return func(*args, **(kwargs or {}))


def test_a_mode_of_ones_own_does_not_hear_the_watching():
    x, ones = leaf(), torch.ones(())
    middle, power = x.median().grad_fn, (x**2).sum().grad_fn
    with Listener() as listener:
        with watch():
            y = x * 2
        assert listener.heard == [torch.Tensor.mul]
        with watch():
            middle(ones), power(ones)
    assert y.shape == (3,)
    assert not [func for func in listener.heard if "__get__" in str(func)]


@pytest.mark.skipif(
    torch.__version__.startswith("2.6."), reason="torch 2.6 refuses it in any mode"
)
def test_control_flow_of_torchs_own_is_let_through():
    with watch():
        (y,) = torch.ops.higher_order.cond(
            torch.tensor(True), lambda t: (t + 1,), lambda t: (t - 1,), (C,)
        )
    assert y.tolist() == [4, 2, 3]


def test_a_block_alone_does_not_call_the_compiler():
    def dispatch(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))

    other = type("other", (watch,), {"__torch_dispatch__": dispatch})
    assert other.__torch_dispatch__ is dispatch
