"""Whatever comes, a picture is drawn or one sentence says why, and nothing changes."""

import gc
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy
import pytest
import torch
from torch.autograd.function import once_differentiable

from helpers import show_backward, show_graph, watch
from helpers.functions import SAFE_PER_MB, stack_size
from helpers.graph import LIMIT
from helpers.picture import CannotDraw, Picture

ROOT = Path(__file__).parents[2]


def leaf(*numbers):
    return torch.tensor(numbers or (1.0, 2.0, 3.0), requires_grad=True)


def said(thing, **settings):
    """Return the sentence that comes instead of a picture."""
    with pytest.raises(CannotDraw) as problem:
        show_graph(thing, **settings)
    assert str(problem.value).endswith(".") and "\n" not in str(problem.value)
    return str(problem.value)


def node(picture, name):
    return next(node for node in picture.graph.nodes if node.name == name)


def ops(picture):
    return [n.op for n in picture.graph.nodes if n.op not in ("leaf", "constant")]


# ---- what a walk writes -----------------------------------------------------


class Net(torch.nn.Module):
    """Keep a tensor that nobody outside has a name for."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Linear(3, 3)

    def forward(self, x):
        self.state = {"h": [self.layer(x)]}
        self.state["h"][0].retain_grad()
        return self.state["h"][0].sin()


def retained_in_a_list(x):
    keep = [x * 2]
    keep[0].retain_grad()
    return keep, None, keep[0].sum()


def retained_in_a_module(x):
    net = Net()
    return net, None, net(x).sum()


def retained_and_saved(x):
    (h := x * 2).retain_grad()
    return None, lambda: h, h.sin().sum()


def retained_and_watched(x):
    with watch():
        (h := x * 2).retain_grad()
        y = (h + 1).sum()
    return None, lambda: h, y


@pytest.mark.parametrize(
    "program",
    [
        retained_in_a_list,
        retained_in_a_module,
        retained_and_saved,
        retained_and_watched,
    ],
)
def test_what_retain_grad_kept_is_given_back(program):
    keeper, closure, y = program(leaf())

    def held():
        if closure is not None:
            return closure().grad
        return (keeper if type(keeper) is list else keeper.state["h"])[0].grad

    show_graph(y)
    assert held() is None
    y.backward(retain_graph=True)
    grad, copy = held(), held().clone()
    show_graph(y), show_backward(y)
    assert held() is grad and torch.equal(grad, copy)


def test_nothing_about_the_inputs_changes():
    x, frozen = leaf(), torch.ones(3)
    h = x * frozen
    y = torch.nn.functional.dropout(h, 0.5).sum()
    before = [(t._version, t.requires_grad, t.clone()) for t in (x, frozen, h, y)]
    state = torch.get_rng_state()
    show_graph(y).png, show_backward(y), show_graph(y, step=1), show_graph([y, h])
    after = [(t._version, t.requires_grad, t.clone()) for t in (x, frozen, h, y)]
    for (version, flag, value), (version2, flag2, value2) in zip(
        before, after, strict=True
    ):
        assert (version, flag) == (version2, flag2) and torch.equal(value, value2)
    assert torch.equal(torch.get_rng_state(), state) and x.grad is None


# ---- graphs that are spoilt -------------------------------------------------


def test_a_saved_tensor_damaged_in_place_costs_only_the_gradients():
    x = leaf()
    h = x * 2
    y = h.exp()
    y.add_(1)
    picture = show_graph(y.sum())
    assert "No gradients" in str(picture) and "in-place" in str(picture)
    assert ops(picture) == ["Mul", "Exp", "Add", "Sum"]


class Clip(torch.autograd.Function):
    """Limit a gradient; what its backward does is set from outside."""

    def forward(ctx, x, backward):
        ctx.how = backward
        ctx.save_for_backward(x)
        return x * 1

    def backward(ctx, grad):
        return ctx.how(grad), None


def fails(grad):
    raise ZeroDivisionError("no such slope")


@pytest.mark.parametrize(
    ("backward", "words"),
    [
        (fails, "ZeroDivisionError: no such slope"),
        (lambda grad: (grad, grad), "RuntimeError: "),
        (lambda grad: grad[:1], "RuntimeError: "),
        (lambda grad: "steep", "RuntimeError: "),
    ],
    ids=["raises", "count", "shape", "type"],
)
def test_a_backward_of_ones_own_that_fails_is_named(backward, words):
    x = leaf()
    y = Clip.apply(x, backward)
    picture = show_graph(y)
    assert ops(picture) == ["Clip"] and picture.graph.walk == ()
    assert "No gradients" in str(picture) and words in str(picture)
    assert x.grad is None


def test_a_backward_that_gives_nothing_ends_the_walk():
    x = leaf()
    h = x * 2
    y = Clip.apply(h, lambda grad: None).sum()
    picture = show_graph(y)
    assert node(picture, "x").grad is None and node(picture, "h").grad is None
    assert [edge.grad is None for edge in picture.graph.edges[-2:]] == [True, False]


def test_once_differentiable_and_its_second_walk():
    class Cube(torch.autograd.Function):
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @once_differentiable
        def backward(ctx, grad):
            return 3 * ctx.saved_tensors[0] ** 2 * grad

    x = leaf()
    y = (Cube.apply(x) * x).sum()
    assert node(show_graph(y), "x").grad.tolist() == [4, 32, 108]
    (slope,) = torch.autograd.grad(y, x, create_graph=True)
    assert "twice" in str(show_graph(slope.sum()))


def test_a_second_derivative_is_a_graph_like_any_other():
    x = leaf(2.0)
    y = x**3
    (slope,) = torch.autograd.grad(y, x, torch.ones(1), create_graph=True)
    picture = show_graph(slope)
    assert node(picture, "x").grad.tolist() == [12]
    assert x.grad is None


# ---- odd numbers and odd tensors --------------------------------------------


def test_nan_and_infinity_are_written_and_are_no_hook():
    x = leaf(0.0, -1.0, float("inf"))
    y = (x.log() * x).sum()
    text = str(show_graph(y))
    assert "nan" in text and "inf" in text and "hook" not in text


@pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0)])
def test_empty_tensors_are_drawn(shape):
    x = torch.empty(shape, requires_grad=True)
    picture = show_graph((x * 2).sum())
    assert node(picture, "x").grad.shape == shape and picture.png


def test_complex_numbers_are_written_as_sums():
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    w = z * z
    picture = show_graph(w)
    assert "[1+2j 3-1j]" in str(picture) and "[-3+4j 8-6j]" in str(picture)
    w.backward(torch.ones_like(w))
    assert torch.equal(node(picture, "z").grad, z.grad)
    assert node(show_graph((z * z.conj()).real.sum()), "z").grad.tolist() == [
        2 + 4j,
        6 - 2j,
    ]


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.half, torch.float64])
def test_every_floating_type_keeps_its_bits(dtype):
    x = torch.tensor([0.1, 0.2, 0.7], dtype=dtype, requires_grad=True)
    y = (x * x / 3 + x).sum()
    picture = show_graph(y)
    y.backward()
    assert node(picture, "x").grad.dtype == dtype and "hook" not in str(picture)
    assert torch.equal(node(picture, "x").grad, x.grad)


def test_a_type_of_eight_bits_is_drawn():
    x = leaf()
    y = x.to(torch.float8_e4m3fn)
    assert node(show_graph(y), "x").grad.dtype == torch.float32
    assert "[1 2 3]" in str(show_graph(y))


def test_sparse_gradients_are_shown_in_full():
    table = torch.nn.Embedding(3, 2, sparse=True)
    y = table(torch.tensor([0, 2, 0])).sum()
    picture = show_graph(y)
    grad = node(picture, "table.weight").grad
    assert grad.is_sparse and table.weight.grad is None
    y.backward()
    assert torch.equal(grad.to_dense(), table.weight.grad.to_dense())
    assert "hook" not in str(picture) and picture.png


@pytest.mark.filterwarnings("ignore:Sparse CSR")
@pytest.mark.parametrize("convert", ["to_sparse", "to_sparse_csr"])
def test_sparse_results_are_drawn(convert):
    x = torch.tensor([[1.0, 0.0], [0.0, 2.0]], requires_grad=True)
    y = getattr(x, convert)()
    picture = show_graph(y)
    assert "[[1 0][0 2]]" in str(picture) and picture.png
    assert node(picture, "x").grad.tolist() == [[1, 0], [0, 1]]


def test_a_giant_is_shown_by_its_shape_and_not_copied():
    x = torch.ones(1, requires_grad=True)
    y = x.expand(100_000_000)
    picture = show_graph(y)
    assert "shape 100000000" in str(picture)
    assert all(n.value.is_meta or n.value.numel() == 1 for n in picture.graph.nodes)
    assert node(picture, "x").grad.tolist() == [100_000_000]
    with watch():
        z = x.expand(100_000_000)
    assert node(show_graph(z), "z").value.is_meta


def test_tensors_without_numbers_are_drawn_as_shapes():
    x = torch.ones(2, 3, device="meta", requires_grad=True)
    w = torch.ones((), device="meta")
    y = (x * w).sum()
    for picture in (show_graph(y), show_backward(y), show_graph(y, weights=w)):
        assert "shape 2×3" in str(picture) and picture.png
    assert node(show_graph(y), "x").grad.shape == (2, 3)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_nested_tensors_are_drawn_or_refused(layout):
    a, b = leaf(1.0, 2.0), leaf()
    y = torch.nested.as_nested_tensor([a, b], layout=layout) * 2
    picture = show_graph(y)
    assert "Mul" in ops(picture) and picture.png
    assert {"a", "b"} <= {n.name for n in picture.graph.nodes}
    assert node(picture, "b").grad.tolist() == [2, 2, 2]
    assert a.grad is None and b.grad is None


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
def test_a_quantized_constant_is_written():
    q = torch.quantize_per_tensor(torch.tensor([1.0, 2.0, 3.0]), 0.5, 0, torch.quint8)
    x = leaf()
    with watch():
        y = x * q.dequantize()
    assert node(show_graph(y), "x").grad.tolist() == [1, 2, 3]


class Counting(torch.Tensor):
    """Count every function that is called on it, and refuse to be printed."""

    calls = 0

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls += 1
        return super().__torch_function__(func, types, args, kwargs or {})

    def __repr__(self):
        raise OSError("never print me")


def test_a_class_of_ones_own_is_not_asked():
    x = torch.ones(3).as_subclass(Counting).requires_grad_()
    with watch():
        y = (x * 2).sum()
    Counting.calls = 0
    picture = show_graph(y)
    assert type(y) is Counting and Counting.calls == 0
    assert node(picture, "x").grad.tolist() == [2, 2, 2] and picture.png
    assert type(node(picture, "x").value) is torch.Tensor


class Wrapper(torch.Tensor):
    """Wrap a tensor, compute in Python, and refuse to be copied."""

    @staticmethod
    def __new__(cls, inner):
        return torch.Tensor._make_wrapper_subclass(cls, inner.shape, dtype=inner.dtype)

    def __init__(self, inner):
        self.inner = inner

    def __repr__(self):
        return "a wrapper"

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        if "clone" in str(func):
            raise OSError("never copy me")
        inner = [a.inner if type(a) is cls else a for a in args]
        kwargs = {k: v for k, v in (kwargs or {}).items() if k != "memory_format"}
        return cls(func(*inner, **kwargs))


@pytest.mark.parametrize("watched", [False, True])
def test_a_wrapper_is_drawn_by_its_shape(watched):
    x = Wrapper(torch.ones(3)).requires_grad_()
    if watched:
        with watch():
            y = (x * 2).sum()
    else:
        y = (x * 2).sum()
    picture = show_graph(y)
    assert ops(picture) == ["Mul", "Sum"] and picture.png
    assert "shape 3" in str(picture) and x.grad is None


def test_fake_tensors_are_drawn_as_shapes():
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        x = torch.ones(2, 3, requires_grad=True)
        y = (x * 2).sum()
        inside = str(show_graph(y))
    assert "shape 2×3" in inside and "shape 2×3" in str(show_graph(y))


def test_parameters_and_buffers_have_names():
    net = torch.nn.BatchNorm1d(2)
    x = torch.randn(4, 2, requires_grad=True)
    y = net(x).sum()
    assert {"x", "net.weight", "net.bias"} <= {
        n.name for n in show_graph(y).graph.nodes
    }


def test_a_parametrized_weight_shows_what_it_was_made_from():
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 1))
    y = layer(torch.ones(1, 2)).sum()
    names = {n.name for n in show_graph(y).graph.nodes}
    assert "layer.parametrizations.weight.original0" in names


# ---- odd places and modes ---------------------------------------------------


def test_inside_a_transform_a_sentence_says_so():
    told = []

    def f(x):
        y = (x * x).sum()
        told.append(said(y))
        return y

    assert torch.func.grad(f)(torch.ones(3)).tolist() == [2, 2, 2]
    torch.func.vmap(lambda x: told.append(said(x * 2)) or x)(torch.ones(2, 3))
    assert all("torch.func" in words for words in told) and len(told) == 2


def modes():
    return {
        "no_grad": torch.no_grad,
        "inference": torch.inference_mode,
        "anomaly": lambda: torch.autograd.detect_anomaly(check_nan=True),
        "autocast": lambda: torch.autocast("cpu", dtype=torch.bfloat16),
        "device": lambda: torch.device("meta"),
        "watch": watch,
        "hooks": lambda: torch.autograd.graph.saved_tensors_hooks(fails, fails),
        "function": torch.overrides.BaseTorchFunctionMode,
        "single": lambda: torch.autograd.set_multithreading_enabled(False),
    }


@pytest.mark.filterwarnings("ignore:Anomaly Detection")
@pytest.mark.parametrize("mode", modes())
def test_the_picture_is_the_same_in_every_mode(mode):
    x = leaf()
    y = (x * x.exp()).sum()
    plain = str(show_graph(y))
    with modes()[mode]():
        picture = show_graph(y)
        assert str(picture) == plain and str(show_graph(y, step=1)) and picture.png
        assert not picture.graph.nodes[0].value.is_inference()
    y.backward()
    assert torch.equal(picture.graph.nodes[0].grad, x.grad)


def test_a_default_device_and_deterministic_algorithms_change_nothing():
    x = leaf()
    y = x[torch.tensor([0, 0, 1])].sum()
    plain = str(show_graph(y))
    torch.set_default_device("meta")
    torch.use_deterministic_algorithms(True)
    try:
        assert str(show_graph(y)) == plain
    finally:
        torch.use_deterministic_algorithms(False)
        torch.set_default_device(None)


def test_nothing_that_was_made_without_a_graph_is_drawn():
    with torch.inference_mode():
        x = torch.ones(3)
        y = x * 2
    assert "without a graph" in said(y)
    with torch.no_grad():
        z = leaf() * 2
    assert "without a graph" in said(z)


def test_another_thread_draws_the_same():
    x, drawn = leaf(), []
    y = (x * x).sum()
    thread = threading.Thread(target=lambda: drawn.append(show_graph(y, x=x)))
    thread.start()
    thread.join()
    assert str(drawn[0]) == str(show_graph(y))


def test_drawing_inside_a_hook_disturbs_no_walk():
    x, drawn = leaf(), []
    h = x * 2
    y = (h * h).sum()
    other = (x * 5).sum()

    def look(grad):
        drawn.append(show_graph(other, x=x))

    h.register_hook(look)
    y.backward()
    assert node(drawn[0], "x").grad.tolist() == [5, 5, 5]
    assert x.grad.tolist() == [8, 16, 24]


def test_drawing_the_graph_that_is_walked_does_not_stop_the_walk():
    x, drawn = leaf(), []
    h = x * 2
    y = (h * h).sum()
    handle = []
    handle.append(h.register_hook(lambda g: handle.pop().remove() or look()))

    def look():
        drawn.append(show_graph(y))

    y.backward()
    assert isinstance(drawn[0], Picture) and x.grad.tolist() == [8, 16, 24]


def test_an_operation_that_was_compiled_is_drawn():
    f = torch.compile(lambda t: (t.sin() * t).sum(), backend="aot_eager")
    x = leaf()
    y = f(x)
    picture = show_graph(y)
    assert picture.png and len(ops(picture)) == 1
    with watch():
        z = f(x)
    assert isinstance(show_graph(z), Picture)
    y.backward()
    assert torch.equal(node(picture, "x").grad, x.grad)


# ---- odd names --------------------------------------------------------------


class Lying:
    """Raise whenever anybody looks."""

    def __getattribute__(self, name):
        raise OSError("do not look")


def test_odd_things_beside_the_tensors_are_passed_by():
    x, lying = leaf(), Lying()
    recursive = [lying]
    recursive.append(recursive)
    dead = weakref.proxy(type("Gone", (), {})())
    lazy = torch.nn.LazyLinear(2)
    escaped = []
    torch.func.vmap(lambda t: escaped.append(t) or t)(torch.ones(2, 2))
    torch.func.grad(lambda t: escaped.append(t * t) or t.sum())(torch.ones(2))
    wrapped = escaped[1]
    masked = type("Masked", (), {"__dict__": property(lambda self: 1 / 0)})()
    spoilt = (base := x.clone()).split(1)[0]
    base.mul_(2)
    names = {5: x, "lying": lying, "x": x, "show_graph": show_graph}
    exec("picture = show_graph((x * 2).sum())", names)
    assert node(names["picture"], "x").grad.tolist() == [2, 2, 2]
    picture = show_graph((x * 2).sum())
    assert node(picture, "x") and all(
        map(id, [recursive, dead, lazy, spoilt, wrapped, masked])
    )


def test_a_name_that_is_given_comes_first():
    x = leaf()
    w = x
    y = w * 2
    assert node(show_graph(y, weight=x), "weight").op == "leaf"
    assert node(show_graph(y, other=torch.ones(2)), "x").op == "leaf"
    for wrong in (5, "x", None, [x], Lying()):
        assert "a name is given to a tensor" in said(y, x=wrong)


def test_a_view_that_was_spoilt_gets_a_sentence():
    x = leaf()
    with watch():
        part = (whole := x * 2).split(1)[0]
        whole.mul_(2)
        y = whole.sum()
    assert "cannot be read" in said(part)
    assert node(show_graph(y), "x").grad.tolist() == [4, 4, 4]


def test_drawing_keeps_nothing_alive():
    x = leaf()
    with watch():
        h = x * torch.ones(3)
        y = (h.exp() + 1).sum()
    y.backward(retain_graph=True)
    picture = show_graph(y)
    assert picture.png
    gone = [weakref.ref(t) for t in (x, h, y)]
    function = weakref.ref(y.grad_fn.metadata["autograd course"])
    del x, h, y
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3 and function() is None
    assert picture.graph.nodes[0].grad is not None


# ---- what to draw -----------------------------------------------------------


@pytest.mark.parametrize(
    "came",
    [
        [],
        (),
        {},
        {"y": 1},
        numpy.ones(3),
        torch.nn.Linear(2, 2),
        torch.sin,
        (n for n in range(3)),
        [[torch.ones(2, requires_grad=True)]],
        [torch.ones(2, requires_grad=True), 5],
        True,
        10**5000,
        torch.ones(2, dtype=torch.bool),
        Lying,
    ],
    ids=lambda came: type(came).__name__,
)
def test_anything_else_gets_a_sentence(came):
    assert " came " in said(came) and len(said(came)) < 300


def test_a_thing_that_raises_whenever_it_is_looked_at_gets_a_sentence():
    assert "a Lying came" in said(Lying()) and "a Lying came" in said([Lying()])
    assert "weights=a Lying came" in said(leaf() * 2, weights=Lying())


def test_what_an_operation_returns_can_be_drawn_at_once():
    x = torch.tensor([[3.0, 1.0, 2.0]], requires_grad=True)
    picture = show_graph(torch.max(x, dim=1))
    assert node(picture, "x").grad.tolist() == [[1, 0, 0]]
    attention = torch.nn.MultiheadAttention(4, 1)
    out = attention(*[torch.ones(2, 1, 4)] * 3, need_weights=False)
    assert out[1] is None and len(show_graph(out).graph.roots) == 1


def test_one_result_twice_counts_twice():
    x = leaf()
    y = (x * x).sum()
    picture = show_graph([y, y])
    assert node(picture, "y").grad == 2 and "hook" not in str(picture)
    torch.autograd.backward([y, y])
    assert torch.equal(node(picture, "x").grad, x.grad)


def test_a_leaf_among_the_results_receives_its_weight_too():
    x = leaf()
    picture = show_graph([x, x * 2])
    assert node(picture, "x").grad.tolist() == [3, 3, 3]
    assert "hook" not in str(picture) and picture.graph.walk[-1] == "%0"
    assert show_graph(x).graph.walk == ()


def test_very_many_results_get_a_sentence():
    x = leaf()
    assert str(LIMIT) in said([x * 2] * (LIMIT + 1))


def test_weights_are_what_backward_takes():
    x = leaf()
    y, s = x * x, (x * x).sum()
    wanted = torch.autograd.grad(y, x, torch.full((3,), 2.0), retain_graph=True)[0]
    for weights in (
        torch.full((3,), 2.0),
        [torch.full((3,), 2.0)],
        torch.full((3,), 2),
        torch.full((3,), 2.0, dtype=torch.double),
        torch.full((3,), 2.0, requires_grad=True),
        torch.full((3,), 2.0).as_subclass(Counting),
    ):
        assert torch.equal(node(show_graph(y, weights=weights), "x").grad, wanted)
    assert torch.equal(node(show_graph(s, weights=2.0), "x").grad, wanted)
    assert torch.equal(node(show_graph([s, s], weights=[1, None]), "x").grad, wanted)
    assert node(show_graph(s, weights=float("nan")), "x").grad.isnan().all()
    largest = torch.max(x, dim=0)
    assert node(show_graph(largest, weights=[2.0, None]), "x").grad.tolist() == [
        0,
        0,
        2,
    ]


@pytest.mark.parametrize(
    "weights",
    [
        [],
        [torch.ones(3)] * 2,
        1.0,
        "ones",
        torch.ones(2),
        [1.0, 1.0, 1.0],
        torch.ones(3, device="meta"),
        torch.ones(3, dtype=torch.cfloat),
        numpy.ones(3),
    ],
    ids=str,
)
def test_other_weights_get_a_sentence(weights):
    assert "weights" in said(leaf() * 2, weights=weights)


# ---- depth ------------------------------------------------------------------

DEEP = {
    "drawn": """
        for _ in range(200_000): y = y * 1.0
        for fold in (True, False):
            picture = show_graph(y, fold=fold)
            assert picture.graph.cut_off == 1 and picture.png
            ops = [n for n in picture.graph.nodes if n.op not in ("leaf", "constant")]
            assert sum(n.count for n in ops) == 500""",
    "watched": """
        for _ in range(10):
            with watch():
                for _ in range(2_000): y = y * 1.0
        assert show_graph(y).graph.cut_off == 1""",
    "drawn everywhere": """
        for _ in range(20):
            for _ in range(2_000): y = y * 1.0
            show_graph(y)""",
    "kept in a list": """
        hs = [y]
        for _ in range(20_000): hs.append(hs[-1] * 1.0)
        y = hs[-1]
        show_graph(y)
        del hs""",
}
RUN = """
import threading, torch
from helpers import show_graph, watch
def main():
    y = torch.ones((), requires_grad=True)
    if True:{program}
    del y
    print("alive")
threading.stack_size({stack})
thread = threading.Thread(target=main)
thread.start()
thread.join()
"""


@pytest.mark.parametrize("program", DEEP)
def test_a_deep_graph_is_cut_and_the_kernel_lives(program):
    """Guard the C stack: torch frees what Python has touched by recursion."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(program=DEEP[program], stack=1 << 20)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout == "alive\n", done.stderr


def test_watching_without_end_touches_no_more_than_is_safe():
    safe = stack_size() // 2**20 * SAFE_PER_MB + LIMIT
    x = y = torch.ones((), requires_grad=True)
    for _ in range(2 + safe // 2_000):
        with watch():
            for _ in range(2_000):
                y = y * 1.0
    seen, function = [], y.grad_fn
    while function.next_functions:
        seen.append("autograd course" in function.metadata)
        function = function.next_functions[0][0]
    assert 0 < sum(seen) <= safe < len(seen)
    assert node(show_graph(y, x=x), "y").grad == 1


def test_a_wide_graph_is_cut():
    leaves = [torch.ones((), requires_grad=True) for _ in range(20_000)]
    graph = show_graph(torch.stack(leaves)).graph
    assert sum(n.op == "leaf" for n in graph.nodes) == LIMIT - 1
    assert graph.cut_off == 20_000 - LIMIT + 1
    assert all(n.grad is not None for n in graph.nodes)


def test_a_diamond_of_a_thousand_steps_is_walked_once():
    x = y = torch.ones((), dtype=torch.double, requires_grad=True)
    for _ in range(1000):
        y = y + y
    graph = show_graph(y, fold=False).graph
    assert len(graph.walk) == LIMIT and graph.nodes[0].grad == 2.0 ** (LIMIT - 1)
    assert x.grad is None
