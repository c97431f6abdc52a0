"""Where numbers are too many to be written, how large they are is true."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

from helpers import show_graph, watch
from helpers.graph.functions import take_shape, take_snapshot
from helpers.sizes import find_size, keep_size, measure
from helpers.wording import write_number, write_value

NAN, INF = math.nan, math.inf


def with_odd(*odd):
    return torch.tensor([*odd, *[0.5] * (9 - len(odd))])


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (with_odd(0.25, -0.75), "shape 9 ±0.75"),
        (torch.full((24, 8), -1 / 3), "24×8 ±0.3333"),
        (torch.full((3, 3), 0.99999), "3×3 ±1"),
        (torch.full((3, 3), 1.5e30), "3×3 ±1.5e+30"),
        (with_odd(NAN, NAN, -2), "shape 9 ±2, 2 nan"),
        (with_odd(INF, -INF, NAN), "shape 9 ±0.5, 1 nan, 2 inf"),
        (torch.full((3, 3), NAN), "3×3, 9 nan"),
        (torch.full((3, 3), -INF), "3×3, 9 inf"),
        (torch.zeros(3, 3), "3×3 ±0"),
        (-torch.zeros(3, 3), "3×3 ±0"),
        (torch.eye(4), "4×4 ±1, 75% zero"),
        (torch.eye(3), "3×3 ±1"),  # 67 %, which many a relu has
        (torch.eye(200), "200×200 ±1, 99% zero"),
        (torch.eye(3).bool(), "3×3, 3 True"),
        (torch.ones(3, 3).bool(), "3×3, 9 True"),
        (torch.ones(1, 1, 1), "1×1×1 ±1"),
        (torch.full((3, 3), -128, dtype=torch.int8), "3×3 ±128"),
        (torch.full((3, 3), 2**62), "3×3 ±4.612e+18"),
        (torch.full((3, 3), 7, dtype=torch.uint16), "3×3 ±7"),
        (torch.full((3, 3), 3 - 4j), "3×3 ±5"),
        (torch.full((3, 3), complex(NAN, 1)), "3×3, 9 nan"),
        (torch.full((3, 3), 0.1, dtype=torch.half), "3×3 ±0.09998"),
        (torch.full((3, 3), 0.1, dtype=torch.bfloat16), "3×3 ±0.1001"),
        (torch.ones(3, 3).to(torch.float8_e5m2), "3×3 ±1"),
        (torch.ones(()).expand(1000, 10**9), "1000×1000000000 ±1"),
        (torch.tensor([0.0, NAN]).expand(4, 2), "4×2 ±0, 4 nan"),
        (torch.empty(0, 3), "shape 0×3"),
        (torch.ones(3, 3, device="meta"), "shape 3×3"),
        (torch.eye(9).to_sparse(), "9×9 ±1, 88% zero"),
        (torch.zeros(9, 9).to_sparse(), "9×9 ±0"),
        (torch.ones(3, 3).to_mkldnn(), "3×3 ±1"),
        ((torch.ones(3, 3), None, 2.0), "3×3 ±1 | None | 2"),
        ((torch.full((9, 9), 1e-9),) * 4, " | ".join(["9×9 ±1e-09"] * 4)),
        ((torch.full((9, 9), 1.234e-9),) * 4, "shape 9×9 | " * 3 + "shape 9×9"),
        ((torch.ones(99, 99),) * 7, "7 outputs"),
    ],
)
def test_a_size_says_what_a_shape_hides(value, said):
    assert write_value(value) == said


@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:The PyTorch API of nested")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_odd_tensors_have_a_size_too():
    assert write_value(torch.eye(9).to_sparse_csr()) == "9×9 ±1, 88% zero"
    parts = torch.nested.nested_tensor([torch.ones(7), torch.ones(2)])
    assert write_value(parts) == "shape 7 ±1 | [1 1]"
    eight = torch.quantize_per_tensor(torch.full((9,), 0.9), 0.5, 0, torch.quint8)
    assert write_value(eight) == "shape 9 ±1"
    assert write_value(eight[:2]) == "[1 1]"


HALF = torch.tensor([1.0, 0.0] * 8)


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.parametrize(
    ("change", "size"),
    [
        (torch.clone, (1, 0, 0, 8, 16)),
        (lambda x: torch.quantize_per_tensor(x, 1, 0, torch.qint8), (1, 0, 0, 8, 16)),
        (torch.Tensor.to_mkldnn, (1, 0, 0, 8, 16)),
        (torch.Tensor.to_sparse, (1, 0, 0, 8, 16)),
        (lambda x: (0 * x).to_sparse(), (0, 0, 0, 16, 16)),
        (lambda x: x[:0], (0, 0, 0, 0, 0)),
        (lambda x: x.expand(3, -1), (1, 0, 0, 24, 48)),
        (lambda x: x.expand(3, -1)[:1], (1, 0, 0, 8, 16)),  # still with a step of 0
        (lambda x: x.repeat(192), (1, 0, 0, 1536, 3072)),  # half is not more than half
    ],
)
def test_however_numbers_are_stored_each_is_counted_once(change, size):
    assert measure(change(HALF)) == size


NUMBERS = st.floats(width=32) | st.sampled_from([0.0, -0.0, NAN, INF, -INF])


@given(st.lists(NUMBERS, min_size=1, max_size=30), st.integers(1, 3))
def test_a_size_is_what_a_loop_finds(numbers, times):
    size = measure(torch.tensor(numbers).expand(times, -1))
    finite = [abs(number) for number in numbers if math.isfinite(number)]
    assert size.largest == max(finite, default=None)
    assert size.nans == times * sum(map(math.isnan, numbers))
    assert size.infs == times * sum(map(math.isinf, numbers))
    assert size.zeros == times * numbers.count(0.0)
    assert size.total == times * len(numbers)


@pytest.mark.parametrize("shape", [(50_000,), (64, 1024), (40, 40, 40), (7, 9_973)])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.8, 0.99, 1.0])
def test_zeros_among_very_many_numbers_are_counted_where_they_are_most(
    shape, turned, share
):
    kept = torch.rand(shape, generator=torch.Generator().manual_seed(1)) >= share
    x = kept.float().mT if turned and len(shape) > 1 else kept.float()
    zeros = int((~kept).sum())
    assert measure(x).zeros == (None if share == 0.3 else zeros)
    assert measure(x.bool()).zeros == zeros
    assert measure(x[1:]).total == x[1:].numel()
    said = f"{100 * zeros // x.numel()}% zero"
    assert (said in write_value(x)) is (0.75 <= share < 1)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_row_or_column_that_is_not_zero_hides_no_zeros(axis):
    x = torch.zeros(1_000, 1_000)
    x.select(axis, 0).fill_(1.0)
    assert write_value(x) == "1000×1000 ±1, 99% zero"


@pytest.mark.parametrize("count", [10, 1_000, 1_001, 20_000])
def test_a_copy_keeps_the_size_that_a_tensor_had(count):
    x = torch.full((count,), 3.0)
    copies = take_snapshot(x), take_snapshot(take_snapshot(x), 0)
    x.fill_(4.0)
    assert [find_size(copy).largest for copy in copies] == [3, 3]
    assert find_size(x).largest == 4
    x.fill_(NAN)
    assert find_size(x).largest is None  # that of a learner's own is never kept
    assert find_size(take_shape(x)) is None


@pytest.mark.parametrize("rows", [3, 2_000])
@pytest.mark.parametrize("watched", [False, True])
def test_every_size_in_a_picture_is_the_real_one(rows, watched):
    w = torch.randn(8, 8, generator=torch.Generator().manual_seed(0))
    w.requires_grad_()
    x = torch.linspace(-1, 1, 8 * rows).reshape(rows, 8)
    if watched:
        with watch():
            y = (x @ w).sigmoid().sum()
    else:
        y = (x @ w).sigmoid().sum()
    said = str(show_graph(y))
    (slope,) = torch.autograd.grad(y, w, retain_graph=True)
    largest = [x.abs().max(), w.detach().abs().max(), slope.abs().max()]
    shapes = [f"{rows}×8", "8×8", "8×8"]
    for shape, number in zip(shapes, largest, strict=True):
        assert f"{shape} ±{write_number(number.item(), most=4)}" in said
    between = (x @ w.detach()).sigmoid().max().item()
    assert f"{rows}×8 ±{write_number(between, most=4)}" in said
    assert f"w: .grad += 8×8 ±{write_number(largest[-1].item(), most=4)}" in said
    assert "After a shape, ± marks the largest absolute value." in said


def test_vanishing_is_seen_in_the_words_for_who_cannot_see(chinese):
    first, last = (torch.full((7,), scale, requires_grad=True) for scale in (1e-6, 1.0))
    picture = show_graph((last * (first * 1e-6).tanh()).sum())
    assert "从 1e-12（last）到 1e-06（first）" in picture.alt
    assert picture.alt in str(picture)
    assert "± 表示绝对值的最大值" in str(picture)


def test_the_words_name_one_leaf_or_many_alike_and_those_with_nan():
    w, b, c = (torch.ones(9, requires_grad=True) for _ in range(3))
    assert "gradient of w: 2." in show_graph((w * 2).sum()).alt
    assert "gradient of w, b: 1." in show_graph((w + b).sum()).alt
    picture = show_graph((w * torch.full((9,), NAN) + b + 2 * c).sum())
    assert "from 1 (b) to 2 (c). There is nan or inf in the gradient of w." in str(
        picture
    )


def test_where_all_numbers_are_written_no_size_is_spoken_of():
    x = torch.ones(3, requires_grad=True)
    said = str(show_graph((x * 2).sum()))
    assert "±" not in said and "largest" not in said


def test_of_repeated_steps_nothing_is_said_that_holds_for_one_alone():
    x = torch.ones(9, requires_grad=True)
    h = x
    for scale in range(20):
        h = h * torch.full((9,), float(scale + 1))
    said = str(show_graph(h.sum()))
    assert "× shape 9)" in said and "× shape 9 ±" not in said


class Sealed(torch.Tensor):
    """Refuse whatever is computed with it."""

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        """Refuse it."""
        raise NotImplementedError(func)


def test_what_refuses_to_be_measured_has_a_shape():
    sealed = torch.Tensor._make_subclass(Sealed, torch.ones(3, 3))
    assert measure(sealed) is None and write_value(sealed) == "shape 3×3"


class Listening(TorchDispatchMode):
    """Write down which operations there were."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Write one down."""
        self.seen.append(func.__name__)
        return func(*args, **(kwargs or {}))


def test_a_mode_of_ones_own_does_not_hear_the_measuring():
    x = torch.ones(20_000, requires_grad=True)
    with Listening() as mine, watch():
        y = (x * 2).sum()
    heard = {name.partition(".")[0] for name in mine.seen}
    assert {"mul", "sum"} <= heard and not {"aminmax", "count_nonzero"} & heard
    assert "shape 20000 ±2" in str(show_graph(y))


@pytest.mark.parametrize(
    ("numbers", "passes"),
    [([1.0, 2.0], {"aminmax"}), ([NAN, 1.0], {"aminmax", "isnan", "nan_to_num"})],
)
def test_only_where_some_are_not_finite_all_numbers_are_copied(numbers, passes):
    with Listening() as mine:
        measure(torch.tensor(numbers))
    heard = {name.partition(".")[0] for name in mine.seen}
    assert heard & {"aminmax", "isnan", "nan_to_num"} == passes


def test_what_never_changes_is_measured_once():
    copy = keep_size(torch.ones(9))
    assert find_size(copy).largest == 1
    with Listening() as mine:
        assert find_size(copy).largest == 1
    assert mine.seen == []


def test_no_size_is_made_up_where_two_large_gradients_have_met():
    x = torch.ones(2_000, requires_grad=True)
    h = x * 1
    y = (h * 3).sum() + (h * 4).sum()
    whole = show_graph(y)
    assert whole.graph.node(whole.graph.walk[-1]).op == "leaf"
    assert "receives shape 2000 ±7;" in str(whole)
    before = len(whole.graph.walk) - 2  # both have arrived, but nobody has added them
    nodes = show_graph(y, step=before).graph.nodes
    (waiting,) = (node for node in nodes if node.name == "h")
    assert write_value(waiting.grad) == "shape 2000"


def test_measuring_changes_nothing():
    x = torch.randn(5_000, requires_grad=True)
    x.register_hook(lambda grad: pytest.fail("a hook ran"))
    x.grad = torch.ones(5_000)
    before = x._version, x.grad._version, torch.get_rng_state(), dict(vars(x))
    write_value(x), show_graph((x * x).sum())
    after = x._version, x.grad._version, torch.get_rng_state(), dict(vars(x))
    assert before[:2] + before[3:] == after[:2] + after[3:]
    assert torch.equal(before[2], after[2])
    assert torch.equal(x.grad, torch.ones(5_000))
