"""Whatever comes, a picture is drawn or one sentence says why, and nothing changes."""

import gc
import threading
import weakref
from contextlib import nullcontext
from functools import cache

import numpy
import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd import grad
from torch.autograd.function import once_differentiable

from helpers import show_backward, show_graph, watch
from helpers.drawing.picture import CannotDraw, Picture
from helpers.graph.depth import LIMIT, SAFE_PER_MB, stack_size
from helpers.tests.notebooks.replay import in_a_child


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


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("hold", [lambda h: [h], lambda h: lambda: h])
def test_what_retain_grad_kept_is_given_back(hold, watched):
    x = leaf()
    with watch() if watched else nullcontext():
        h = x * 2
        y = h.sin().sum()
    h.retain_grad()
    held, h = hold(h), weakref.ref(h)
    show_graph(y)
    assert h().grad is None
    y.backward(retain_graph=True)
    grad, copy = h().grad, h().grad.clone()
    show_graph(y), show_backward(y)
    assert held and h().grad is grad and torch.equal(grad, copy)


def test_nothing_about_the_inputs_changes():
    x, frozen = leaf(), torch.ones(3)
    h = x * frozen
    y = torch.nn.functional.dropout(h, 0.5).sum()

    def state():
        kept = [(t._version, t.requires_grad, t.tolist()) for t in (x, frozen, h, y)]
        return kept, torch.get_rng_state().tolist(), x.grad

    before = state()
    show_graph(y).png, show_backward(y), show_graph(y, step=1), show_graph([y, h])
    assert state() == before


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
    picture = show_graph(Clip.apply(leaf(), backward))
    assert ops(picture) == ["Clip"] and picture.graph.walk == ()
    assert "No gradients" in str(picture) and words in str(picture)


def test_a_backward_that_gives_nothing_ends_the_walk():
    x = leaf()
    h = x * 2
    y = Clip.apply(h, lambda grad: None).sum()
    picture = show_graph(y)
    assert node(picture, "x").grad is None and node(picture, "h").grad is None
    assert [edge.grad is None for edge in picture.graph.edges[-2:]] == [True, False]


class Cube(torch.autograd.Function):
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @once_differentiable
    def backward(ctx, grad):
        return 3 * ctx.saved_tensors[0] ** 2 * grad


def test_the_second_walk_of_a_once_differentiable_is_refused():
    x = leaf()
    (slope,) = grad((Cube.apply(x) * x).sum(), x, create_graph=True)
    assert "twice" in str(show_graph(slope.sum()))


# ---- odd numbers and odd tensors --------------------------------------------


def test_nan_and_infinity_are_written():
    x = leaf(0.0, -1.0, float("inf"))
    text = str(show_graph((x.log() * x).sum()))
    assert "nan" in text and "inf" in text


def test_complex_numbers_are_written_as_sums():
    z = torch.tensor([1 + 2j, 3 - 1j], requires_grad=True)
    text = str(show_graph(z * z))
    assert "[1+2j 3-1j]" in text and "[-3+4j 8-6j]" in text


def number(kind):
    return lambda: (x := leaf().detach().to(kind).requires_grad_(), x * x / 3 + x)


def embed():
    table = torch.nn.Embedding(3, 2, sparse=True)
    return table.weight, table(torch.tensor([0, 2, 0]))


@cache
def compile_once():
    return torch.compile(lambda t: (t.sin() * t).sum(), backend="aot_eager")


def compiled(x):
    return compile_once()(x)


LAWFUL = {
    "bfloat16": number(torch.bfloat16),
    "half": number(torch.half),
    "float64": number(torch.float64),
    "complex": number(torch.cfloat),
    "length": lambda: (z := number(torch.cfloat)()[0], (z * z.conj()).real),
    "empty": lambda: (x := torch.empty((0, 3), requires_grad=True), x * 2),
    "empty rows": lambda: (x := torch.empty((2, 0), requires_grad=True), x * 2),
    "sparse gradient": embed,
    "compiled": lambda: (x := leaf(), compiled(x)),
    "once differentiable": lambda: (x := leaf(), Cube.apply(x) * x),
    "nan and infinity": lambda: (x := leaf(0.0, -1.0, float("inf")), x.log() * x),
    "one result twice": lambda: (x := leaf(), [y := x * x, y]),
    "a leaf among the results": lambda: (x := leaf(), [x, x * 2]),
    "a diamond": lambda: (x := leaf(), (h := x + x, h * h)[1]),
}


@pytest.mark.parametrize("make", LAWFUL.values(), ids=LAWFUL)
def test_gradients_are_those_of_backward_to_the_last_bit(make):
    x, results = make()
    results = results if isinstance(results, list) else [results]
    picture = show_graph(results, x=x)
    assert "hook" not in str(picture) and picture.png and x.grad is None
    torch.autograd.backward(results, [torch.ones_like(y) for y in results])
    shown = node(picture, "x").grad
    assert shown.dtype == x.dtype and shown.layout == x.grad.layout
    torch.testing.assert_close(shown, x.grad, rtol=0, atol=0, equal_nan=True)


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


@pytest.mark.parametrize("mode", [lambda: torch.device("meta"), FakeTensorMode])
def test_tensors_without_numbers_are_drawn_as_shapes(mode):
    with mode():
        x, w = torch.ones(2, 3, requires_grad=True), torch.ones(())
        y = (x * w).sum()
        inside = show_graph(y)
    for picture in (inside, show_graph(y), show_backward(y), show_graph(y, weights=w)):
        assert "shape 2×3" in str(picture) and picture.png
    assert node(inside, "x").grad.shape == (2, 3)


nested = torch.nested.as_nested_tensor
ODD = {
    "eight bits": (lambda x: x.to(torch.float8_e4m3fn), [1, 1, 1]),
    "sparse": (lambda x: x.diag().to_sparse(), [1, 1, 1]),
    "compressed": (lambda x: x.diag().to_sparse_csr(), [1, 1, 1]),
    "nested": (lambda x: nested([x[:2], x]) * 2, [4, 4, 2]),
    "jagged": (lambda x: nested([x[:2], x], layout=torch.jagged) * 2, [4, 4, 2]),
    "quantized": (lambda x: x * quantized(x).dequantize(), [1, 2, 3]),
    "derivative": (lambda x: grad((x**3).sum(), x, create_graph=True), [6, 12, 18]),
    "one of two results": (lambda x: torch.max(x, dim=0), [0, 0, 1]),
}


def quantized(x):
    return torch.quantize_per_tensor(x.detach(), 0.5, 0, torch.quint8)


@pytest.mark.filterwarnings("ignore:Sparse CSR", "ignore:The PyTorch API of nested")
@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor")
@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize(("program", "wanted"), ODD.values(), ids=ODD)
def test_odd_tensors_are_drawn(program, wanted, watched):
    x = leaf()
    with watch() if watched else nullcontext():
        y = program(x)
    picture = show_graph(y)
    assert node(picture, "x").grad.tolist() == wanted and picture.png
    assert x.grad is None


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


def test_a_parameter_is_named_by_what_it_was_made_from():
    net = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(2, 1))
    assert node(show_graph(net(torch.ones(2))), "net.parametrizations.weight.original0")


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


MODES = {
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
@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_the_picture_is_the_same_in_every_mode(mode):
    x = leaf()
    y = (x * x.exp()).sum()
    plain = str(show_graph(y))
    with mode():
        picture = show_graph(y)
        assert str(picture) == plain and str(show_graph(y, step=1)) and picture.png
        assert not picture.graph.nodes[0].value.is_inference()


def test_another_thread_draws_the_same():
    x, drawn = leaf(), []
    y = (x * x).sum()
    thread = threading.Thread(target=lambda: drawn.append(show_graph(y, x=x)))
    thread.start()
    thread.join()
    assert str(drawn[0]) == str(show_graph(y))


@pytest.mark.parametrize("own", [False, True])
def test_drawing_inside_a_hook_disturbs_no_walk(own):
    x, drawn = leaf(), []
    h = x * 2
    y, other = (h * h).sum(), (x * 5).sum()

    def look(grad):
        handle.remove()
        drawn.append(show_graph(y if own else other, x=x))

    handle = h.register_hook(look)
    y.backward()
    assert x.grad.tolist() == [8, 16, 24] and isinstance(drawn[0], Picture)
    assert own or node(drawn[0], "x").grad.tolist() == [5, 5, 5]


def test_an_operation_that_was_compiled_is_one_box():
    torch._dynamo.reset()  # it leaves alone for good what once ran in a mode
    y = compiled(leaf())
    with watch():
        z = compiled(leaf())
    assert len(ops(show_graph(y))) == 1 and show_graph(z).png


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
        {"y": 1},
        numpy.ones(3),
        torch.nn.Linear(2, 2),
        torch.sin,
        (n for n in range(3)),
        [[torch.ones(2, requires_grad=True)]],
        [torch.ones(2, requires_grad=True), 5],
        10**5000,
        torch.ones(2, dtype=torch.bool),
        Lying,
    ],
    ids=lambda came: type(came).__name__,
)
def test_anything_else_gets_a_sentence(came):
    assert " came " in said(came) and len(said(came)) < 300
    assert "weights=" in said(leaf() * 2, weights=came)


def test_a_thing_that_raises_whenever_it_is_looked_at_gets_a_sentence():
    assert "a Lying came" in said(Lying()) and "a Lying came" in said([Lying()])
    for option in ("weights", "fold", "step"):
        assert f"{option}=a Lying came" in said(leaf() * 2, **{option: Lying()})


def test_what_an_operation_returns_can_be_drawn_at_once():
    attention = torch.nn.MultiheadAttention(4, 1)
    out = attention(*[torch.ones(2, 1, 4)] * 3, need_weights=False)
    assert out[1] is None and len(show_graph(out).graph.roots) == 1


def test_a_leaf_among_the_results_is_reached_last():
    x = leaf()
    assert show_graph([x, x * 2]).graph.walk[-1] == "%0"
    assert show_graph(x).graph.walk == ()


def test_very_many_results_get_a_sentence():
    assert str(LIMIT) in said([leaf() * 2] * (LIMIT + 1))


def test_weights_are_what_backward_takes():
    x = leaf()
    y, s = x * x, (x * x).sum()
    wanted = torch.autograd.grad(y, x, torch.full((3,), 2.0), retain_graph=True)[0]
    twos = torch.full((3,), 2.0)
    mine = twos.clone().requires_grad_(), twos.as_subclass(Counting)
    for weights in (twos, [twos], twos.int(), twos.double(), *mine):
        assert torch.equal(node(show_graph(y, weights=weights), "x").grad, wanted)
    assert torch.equal(node(show_graph(s, weights=2.0), "x").grad, wanted)
    assert torch.equal(node(show_graph([s, s], weights=[1, None]), "x").grad, wanted)
    assert node(show_graph(s, weights=float("nan")), "x").grad.isnan().all()
    largest = show_graph(torch.max(x, dim=0), weights=[2.0, None])
    assert node(largest, "x").grad.tolist() == [0, 0, 2]


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
    alive.append(True)
threading.stack_size({stack})
thread = threading.Thread(target=main)
thread.start()
thread.join()
"""


@pytest.mark.thorough
@pytest.mark.parametrize("program", DEEP)
def test_a_deep_graph_is_cut_and_the_kernel_lives(program):
    """Guard the C stack: torch frees what Python has touched by recursion."""

    def run():
        exec(RUN.format(program=DEEP[program], stack=1 << 20), names := {"alive": []})
        return names["alive"]

    assert in_a_child(run, seconds=300) == [True]


@pytest.mark.thorough
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


@pytest.mark.thorough
def test_a_wide_graph_is_cut():
    leaves = [torch.ones((), requires_grad=True) for _ in range(20_000)]
    graph = show_graph(torch.stack(leaves)).graph
    assert sum(n.op == "leaf" for n in graph.nodes) == LIMIT - 1
    assert graph.cut_off == 20_000 - LIMIT + 1
    assert all(n.grad is not None for n in graph.nodes)


def test_a_diamond_of_a_thousand_steps_is_walked_once():
    y = torch.ones((), dtype=torch.double, requires_grad=True)
    for _ in range(1000):
        y = y + y
    graph = show_graph(y, fold=False).graph
    assert len(graph.walk) == LIMIT and graph.nodes[0].grad == 2.0 ** (LIMIT - 1)
