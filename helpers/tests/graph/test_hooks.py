"""Drawing calls nothing of the learner's, and leaves all that is theirs as it was."""

from functools import partial

import pytest
import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from helpers import play, show_backward, show_graph, watch
from helpers.drawing import show
from helpers.graph.trace import trace_graph
from helpers.tests.graph import tells_of_hooks


def leaf(*numbers):
    return torch.tensor(numbers or (1.0, 2.0, 3.0), requires_grad=True)


def grads(picture):
    """Return the gradients of the leaves, in their order."""
    return [n.grad for n in picture.graph.nodes if n.op == "leaf"]


# ---- hooks are not run ------------------------------------------------------


def on_a_leaf(x, h, y, hook):
    return x.register_hook(hook)


def on_an_inner_tensor(x, h, y, hook):
    return h.register_hook(hook)


def on_the_result(x, h, y, hook):
    return y.register_hook(hook)


def before_a_function(x, h, y, hook):
    return h.grad_fn.register_prehook(hook)


def after_a_function(x, h, y, hook):
    return h.grad_fn.register_hook(lambda sent, received: hook(received))


def after_accumulating(x, h, y, hook):
    return x.register_post_accumulate_grad_hook(lambda tensor: hook(tensor.grad))


PLACES = [
    on_a_leaf,
    on_an_inner_tensor,
    on_the_result,
    before_a_function,
    after_a_function,
    after_accumulating,
]
BY_NAME = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)


@BY_NAME
@pytest.mark.parametrize("draw", [show_graph, show_backward, play])
def test_drawing_runs_no_hook(place, draw):
    x, heard = leaf(), []
    h = x * 3
    y = (h * h).sum()
    place(x, h, y, lambda grad: heard.append(grad))
    repr(draw(y))
    assert heard == []
    y.backward()
    assert len(heard) == 1


@BY_NAME
def test_a_hook_that_removes_itself_is_still_there_for_the_walk(place):
    x, heard = leaf(), []
    h = x * 3
    y = (h * h).sum()

    def once(grad):
        handle.remove()
        heard.append(grad)

    handle = place(x, h, y, once)
    show_graph(y)
    y.backward()
    assert len(heard) == 1


@BY_NAME
def test_a_hook_that_raises_or_changes_decides_nothing(place):
    x = leaf()
    h = x * 3
    y = (h * h).sum()

    def fail(grad):
        raise ValueError("too steep")

    place(x, h, y, fail)
    picture = show_graph(y)
    assert grads(picture)[0].tolist() == [18, 36, 54]
    seen = place not in (before_a_function, after_a_function)
    assert ("Hooks on this graph: 1." in str(picture)) is seen


def test_all_hooks_are_counted_wherever_their_tensors_are_kept():
    x, w = leaf(), leaf()
    kept = [x * w]
    y = kept[0].sum()
    for tensor in (x, x, w, kept[0]):
        tensor.register_hook(print)
    other = leaf()
    other.register_hook(print)
    assert "Hooks on this graph: 4." in str(show_graph(y))


def test_where_no_hook_is_none_is_mentioned():
    x = leaf()
    h = x * 2
    h.retain_grad()
    assert "ook" not in str(show_graph(h.sum()))
    assert h.grad is None


@pytest.mark.parametrize("named", [True, False])
def test_hooks_of_modules_do_not_run_and_are_counted(named):
    made, calls = nn.Sequential(nn.Linear(3, 2), nn.ReLU()), []
    made[0].register_full_backward_hook(lambda *given: calls.append("full"))
    made[1].register_full_backward_pre_hook(lambda *given: calls.append("pre"))
    x = leaf()
    y = made(x).sum()
    picture = show_graph(y, **({"model": made} if named else {}))
    assert calls == [] and "Hooks on this graph: 2." in str(picture)
    y.backward()
    assert calls == ["pre", "full"]
    assert torch.equal(grads(picture)[0], x.grad)


# ---- what a walk would compute again ----------------------------------------


@tells_of_hooks
def test_what_saved_tensors_hooks_look_after_is_not_unpacked():
    x, unpacked = leaf(), []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda t: t, lambda t: unpacked.append(t) or t
    ):
        h = x.exp()
    y = h.sum() * 2
    picture = show_graph(y)
    assert unpacked == [] and "No gradients before h" in str(picture)
    by_name = {n.name: n for n in picture.graph.nodes}
    assert by_name["h"].grad.tolist() == [2, 2, 2] and by_name["x"].grad is None
    y.backward()
    assert len(unpacked) == 1


@pytest.mark.thorough
@pytest.mark.parametrize("reentrant", [pytest.param(False, marks=tells_of_hooks), True])
def test_a_checkpoint_is_not_computed_again(reentrant):
    torch.manual_seed(0)
    norm, calls = nn.BatchNorm1d(2), []

    def part(t):
        calls.append(t)
        return norm(t)

    x = torch.randn(4, 2, requires_grad=True)
    y = checkpoint(part, x, use_reentrant=reentrant).square().sum()
    before = norm.running_mean.clone(), norm.num_batches_tracked.item(), len(calls)
    picture = show_graph(y)
    after = norm.running_mean, norm.num_batches_tracked.item(), len(calls)
    assert torch.equal(before[0], after[0]) and before[1:] == after[1:]
    assert x.grad is None and norm.weight.grad is None
    assert "checkpoint" in str(picture) and picture.png
    y.backward()
    assert x.grad is not None


# ---- operations of the learner's own ----------------------------------------


class FreesAttribute(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.x = x.detach()
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x = ctx.x
        del ctx.x
        return 2 * x * grad


class FreesList(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.stack = [x.detach()]
        return x * x

    @staticmethod
    def backward(ctx, grad):
        return 2 * ctx.stack.pop() * grad


class FreesInside(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.kept = {"inputs": [x.detach()], "names": {"x"}}
        return x * x

    @staticmethod
    def backward(ctx, grad):
        x = ctx.kept["inputs"].pop()
        ctx.kept["names"].remove("x")
        ctx.kept.clear()
        ctx.done = True
        return 2 * x * grad


@pytest.mark.parametrize("own", [FreesAttribute, FreesList, FreesInside])
def test_an_operation_that_frees_what_it_kept_can_still_be_walked(own):
    x = leaf()
    y = own.apply(x).sum()
    for _ in range(2):
        assert grads(show_graph(y))[0].tolist() == [2, 4, 6]
    y.backward()
    assert x.grad.tolist() == [2, 4, 6]


class OneOfThree(torch.autograd.Function):
    """Take a number among tensors, and give an output that has no gradient."""

    @staticmethod
    def forward(ctx, x, factor, w):
        ctx.save_for_backward(w)
        ctx.factor = factor
        positive = x > 0
        ctx.mark_non_differentiable(positive)
        return x * factor * w, positive, x.clone()

    @staticmethod
    def backward(ctx, grad, none, copy):
        return grad * ctx.factor * ctx.saved_tensors[0] + copy, None, None


def test_an_operation_with_numbers_and_several_outputs_sends_to_the_right_inputs():
    x, w = leaf(), leaf(4.0, 5.0, 6.0)
    y = OneOfThree.apply(x, 3.0, w.detach())[0].sum()
    assert grads(show_graph(y))[0].tolist() == [12, 15, 18]
    z = OneOfThree.apply(x, 3.0, w)[0].sum()
    assert [g if g is None else g.tolist() for g in grads(show_graph(z))] == [
        [12, 15, 18],
        None,
    ]


class ForgetsOne(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        return x * w

    @staticmethod
    def backward(ctx, grad):
        return grad


def test_an_operation_that_autograd_refuses_is_refused():
    x, w = leaf(), leaf()
    y = ForgetsOne.apply(x, w).sum()
    assert "returned 1 gradients for 2 inputs" in str(show_graph(y))
    with pytest.raises(RuntimeError):
        y.backward()


class Interrupts(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.kept = [1]
        return x.clone()

    @staticmethod
    def backward(ctx, grad):
        torch.rand(1)
        ctx.kept.pop()
        raise KeyboardInterrupt


def test_an_interrupt_half_way_leaves_everything_as_it_was():
    x = leaf()
    h = Interrupts.apply(x)
    state = torch.get_rng_state()
    with pytest.raises(KeyboardInterrupt):
        show_graph(h.sum())
    assert torch.equal(torch.get_rng_state(), state)
    assert x.grad is None and h.grad_fn.kept == [1]


# ---- frozen, cast or changed after the forward pass -------------------------


def half(layer):
    layer.half()


def double(layer):
    layer.double()


def freeze(layer):
    layer.requires_grad_(False)


def freeze_weight(layer):
    layer.weight.requires_grad = False


@pytest.mark.parametrize("change", [half, double, freeze, freeze_weight])
@pytest.mark.parametrize("watching", [True, False])
def test_parameters_changed_after_the_forward_pass_hide_no_gradient(change, watching):
    torch.manual_seed(0)
    first, last = nn.Linear(2, 2), nn.Linear(2, 1)
    forward = partial(lambda x: last(first(x)).sum(), torch.ones(1, 2))
    if watching:
        with watch():
            loss = forward()
    else:
        loss = forward()
    change(last)
    picture = show_graph(loss)
    loss.backward()
    drawn = {n.name: n.grad for n in picture.graph.nodes if n.op == "leaf"}
    for name, layer in (("first", first), ("last", last)):
        for part, tensor in layer.named_parameters():
            grad = drawn[f"{name}.{part}"]
            assert (grad is None) == (tensor.grad is None)
            if grad is not None:
                assert torch.equal(grad.to(tensor.grad.dtype), tensor.grad)
    frozen = change in (freeze, freeze_weight)
    assert ("requires_grad was switched off" in str(picture)) is frozen


def step_by_hand(w):
    with torch.no_grad():
        w -= 0.5


def step_in_data(w):
    w.data -= 0.5


def step_by_optimizer(w):
    w.grad = torch.ones_like(w)
    torch.optim.SGD([w], lr=0.5).step()
    w.grad = None


def new_data(w):
    w.data = w.data - 0.5


@pytest.mark.parametrize(
    "change", [step_by_hand, step_in_data, step_by_optimizer, new_data]
)
def test_a_leaf_that_was_changed_since_is_told(change):
    w = torch.tensor(2.0, requires_grad=True)
    with watch():
        y = w * 3
    change(w)
    text = str(show_graph(y))
    assert "w has been changed since: this was computed with 2; now it is 1.5" in text
    assert "0  w     leaf          1.5 " in text


def test_all_values_that_a_leaf_was_used_with_are_told():
    w, total = torch.tensor(2.0, requires_grad=True), 0
    with watch():
        for _ in range(3):
            total = total + w * 3
            total = total + w
            step_by_hand(w)
    text = str(show_graph(total))
    assert "this was computed with 2, 1.5, 1; now it is 0.5" in text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (slice(None), "this was computed with shape 20 ±1; now it is shape 20 ±2."),
        (slice(1), "this was computed with shape 20 ±1; now it is shape 20 ±2."),
    ],
)
def test_large_leaves_that_were_changed_are_told_by_their_size(changed, said):
    w = torch.ones(20, requires_grad=True)
    with watch():
        y = w.sum()
    with torch.no_grad():
        w[changed] += 1
    assert said in str(show_graph(y))


def test_large_leaves_that_were_changed_within_their_size_are_told():
    w = torch.ones(20, requires_grad=True)
    with watch():
        y = w.sum()
    with torch.no_grad():
        w[0] = 0.5
    assert "w has been changed since this was computed." in str(show_graph(y))


def test_leaves_that_were_changed_before_or_not_at_all_are_not_mentioned():
    w, nan = leaf(), leaf(float("nan"))
    step_by_hand(w)
    with watch():
        y = (w * nan).sum()
        z = (w * 2).sum()
    z.backward()
    assert "changed" not in str(show_graph(y))


# ---- the same numbers as autograd -------------------------------------------


def broadcast(x, w):
    return ((x + w[:, None]) * w.sum()).sum() + x.mean()


def mixed_kinds(x, w):
    return (x.double() * w).sum() + w.half().sum()


def used_often(x, w):
    h = x * w
    for _ in range(4):
        h = h * h.sin() + h / (1 + h * h) - w
    return h.sum()


def several_outputs(x, w):
    first, _, last = torch.stack([x, w]).unbind(1)
    return (first * last).sum() + torch.linalg.norm(x) * w.max(0).values


def through_complex(x, w):
    return torch.view_as_real(torch.complex(x, w) ** 2).sum()


@pytest.mark.parametrize(
    "f", [broadcast, mixed_kinds, used_often, several_outputs, through_complex]
)
def test_to_the_last_bit(f):
    x, w = leaf(0.3, -0.7, 1.1), leaf(0.2, 0.9, -0.4)
    y = f(x, w)
    drawn = {n.name: n.grad for n in show_graph(y).graph.nodes if n.op == "leaf"}
    for name, wanted in zip(
        "xw", torch.autograd.grad(y, [x, w], torch.ones_like(y)), strict=True
    ):
        assert torch.equal(drawn[name], wanted) and drawn[name].dtype == wanted.dtype


def test_beyond_the_picture_totals_are_left_out_rather_than_wrong(monkeypatch):
    # As every picture beyond its bound, only smaller: 500 boxes take long to place.
    monkeypatch.setattr(show, "trace_graph", partial(trace_graph, limit=60))
    w = torch.tensor(1.0, requires_grad=True)
    y = w
    for _ in range(100):
        y = y * w
    picture = show_graph(y, fold=False)
    assert "no total is given" in str(picture)
    (box,) = (n for n in picture.graph.nodes if n.op == "leaf")
    assert box.grad is None and f"{box.id}: .grad" not in str(picture)
    inner = [n.grad for n in picture.graph.nodes if n.op == "Mul"]
    assert inner and all(grad == 1 for grad in inner)
