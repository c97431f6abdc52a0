"""Who follows modules disturbs nobody, and forgets who has returned."""

import gc
import threading
import warnings
import weakref

import pytest
import torch
from torch import nn
from torch.nn.modules import module as home
from torch.utils.checkpoint import checkpoint

from helpers import show_graph, watch
from helpers.graph.calls import current_tracker
from helpers.tests.graph.networks import NETWORKS, make_network

HOOKS = [
    home._global_forward_hooks,
    home._global_forward_pre_hooks,
    home._global_forward_hooks_always_called,
]


def boxes(y, modules=True, **names):
    graph = show_graph(y, modules=modules, **names).graph
    return [n.module.kind for n in graph.nodes if n.module]


class Fails(nn.Module):
    def __init__(self, problem):
        super().__init__()
        self.inner, self.problem = nn.Linear(2, 2), problem

    def forward(self, x):
        self.inner(x)
        raise self.problem


class Tries(nn.Module):
    """Go on where a part has failed."""

    def __init__(self, problem):
        super().__init__()
        self.fails, self.last = Fails(problem), nn.Linear(2, 2)

    def forward(self, x):
        try:
            self.fails(x)
        except type(self.fails.problem):
            return self.last(x)


PROBLEMS = [ValueError("no"), KeyboardInterrupt()]


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda it: type(it).__name__)
def test_a_module_that_raises_is_over(problem):
    x, net = torch.ones(1, 2, requires_grad=True), nn.Linear(2, 1)
    with pytest.raises(type(problem)), watch():
        Fails(problem)(x)
    assert current_tracker().current is None and not any(HOOKS)
    with watch():
        y = Tries(problem)(x).sum() + net(x).sum()
    assert boxes(y) == ["Tries", "Linear"]
    assert boxes(y, 1) == ["Linear", "Linear"]


def test_a_learners_error_is_the_learners():
    """Guards against a message of ours in front of it, or a warning beside it."""
    problem = ValueError("no")
    warnings_are_errors = warnings.catch_warnings(action="error")
    with pytest.raises(ValueError) as caught, warnings_are_errors, watch():
        Fails(problem)(torch.ones(1, 2))
    assert caught.value is problem and problem.__context__ is None


def test_hooks_of_a_learner_run_as_ever_and_stay():
    net, heard = nn.Linear(2, 2), []
    mine = nn.modules.module.register_module_forward_hook(
        lambda module, given, out: heard.append(module)
    )
    try:
        net.register_forward_pre_hook(lambda module, given: (given[0] * 2,))
        net.register_forward_hook(lambda module, given, out: out * 3)
        with watch():
            y = net(torch.ones(1, 2)).sum()
        assert heard == [net] and len(home._global_forward_hooks) == 1
        assert boxes(y) == ["Linear"]
        with torch.no_grad():
            assert torch.equal(y, net(torch.ones(1, 2)).sum())
    finally:
        mine.remove()


def test_blocks_within_blocks_know_the_same_calls():
    net, x = nn.Sequential(nn.Linear(2, 2), nn.Tanh()), torch.ones(1, 2)
    with watch():
        with watch():
            h = net(x)
        y = net(h).sum()
    assert boxes(y) == ["Sequential", "Sequential"] and not any(HOOKS)

    class Watches(nn.Module):
        def forward(self, x):
            with watch():
                return net(x).exp()

    y = Watches()(x).sum()
    assert boxes(y) == ["Sequential"]
    with watch():
        y = Watches()(x).sum()
    assert boxes(y) == ["Watches"]


def test_a_module_in_another_thread_is_not_followed_and_not_disturbed():
    net, other, found = nn.Linear(2, 2), nn.Linear(2, 2), []
    x = torch.ones(1, 2)
    with watch():
        fork = threading.Thread(target=lambda: found.append(other(x)))
        fork.start()
        fork.join()
        y = net(found[0]).sum()
    assert boxes(y) == ["Linear"]
    graph = show_graph(y, modules=True).graph
    assert "Addmm" in [node.op for node in graph.nodes]


def test_a_recursive_module_is_opened_call_by_call():
    class Again(nn.Module):
        def __init__(self):
            super().__init__()
            self.last = nn.Linear(2, 2)

        def forward(self, x, times):
            return self(x, times - 1).relu() if times else self.last(x)

    net = Again()
    with watch():
        y = net(torch.ones(1, 2), 3).sum()
    assert [boxes(y, level) for level in (0, 1, 3, 9)] == [
        ["Again"],
        ["Again"],
        ["Again"],
        ["Linear"],
    ]
    graph = show_graph(y, modules=2).graph
    assert [node.op for node in graph.nodes[1:]] == ["Again", "Relu", "Relu", "Sum"]


def test_a_lazy_module_is_what_it_has_become():
    net = nn.Sequential(nn.LazyLinear(3), nn.ReLU())
    with watch():
        y = net(torch.ones(1, 2)).sum()
    graph = show_graph(y, modules=1).graph
    assert [n.module.title for n in graph.nodes if n.module] == [
        "net.0: Linear",
        "net.1: ReLU",
    ]
    assert graph.nodes[1].module.parameters == 9


def test_of_a_reentrant_checkpoint_nothing_is_drawn_that_was_not_recorded():
    net, x = nn.Linear(2, 2), torch.ones(1, 2, requires_grad=True)
    with watch():
        y = checkpoint(net, x, use_reentrant=True).sum()
    assert boxes(y) == []


def test_no_grad_in_a_module_leaves_what_was_recorded():
    class Frozen(nn.Module):
        def __init__(self):
            super().__init__()
            self.front, self.head = nn.Linear(2, 2), nn.Linear(2, 1)

        def forward(self, x):
            with torch.no_grad():
                h = self.front(x)
            return self.head(h)

    net = Frozen()
    with watch():
        y = net(torch.ones(1, 2)).sum()
    assert boxes(y) == ["Frozen"] and boxes(y, 1) == ["Linear"]


def test_a_view_that_is_changed_in_place_keeps_its_module_whole():
    class Writes(nn.Module):
        def forward(self, x):
            h = x * 2
            view, rest = h[:, 0], h[:, 1]
            view.mul_(3)
            return rest * h.sum()

    net = Writes()
    with watch():
        y = net(torch.ones(2, 2, requires_grad=True)).sum()
    assert boxes(y) == ["Writes"]


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_modules_in_wrappers_and_without_numbers_are_boxes(device):
    net = nn.DataParallel(nn.Linear(2, 2, device=device), device_ids=[])
    with watch():
        y = net(torch.ones(1, 2, device=device)).sum()
    assert boxes(y) == ["DataParallel"] and boxes(y, 1) == ["Linear"]


def test_a_module_that_was_compiled_is_a_box():
    net = torch.compile(nn.Sequential(nn.Linear(2, 2), nn.ReLU()), backend="eager")
    x = torch.ones(1, 2)
    with warnings.catch_warnings(action="ignore"):
        with watch():
            y = net(x).sum()
        again = net(x).sum()
    assert boxes(y) == ["OptimizedModule"] and torch.equal(y, again)


def test_a_module_may_be_traced():
    """Guards against operations of ours in a trace, which its check would find."""
    net, x = nn.Sequential(nn.Linear(2, 2), nn.ReLU()), torch.ones(1, 2)
    with warnings.catch_warnings(action="ignore"), watch():
        traced = torch.jit.trace(net, x)
        y = traced(x).sum()
        z = net(x).sum()
    assert torch.equal(y, z)
    assert boxes(z) == ["Sequential"]


def test_nothing_of_a_module_is_kept_alive():
    def run():
        net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
        with watch():
            y = net(torch.ones(1, 2)).sum()
        return weakref.ref(net), y

    net, y = run()
    gc.collect()
    assert net() is None
    graph = show_graph(y, modules=1).graph
    titles = [node.module.title for node in graph.nodes if node.module]
    assert titles == ["0: Linear", "1: Tanh"]  # what is known without it


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_that_is_watched_and_drawn_leaves_everything_as_it_is(name):
    def run(watched):
        names, step = make_network(name)
        if watched:
            with watch():
                loss = step()
            for level in (True, 1, 9):
                repr(show_graph(loss, modules=level, **names))
        else:
            loss = step()
        state = [loss.detach(), torch.get_rng_state()]
        networks = [it for it in names.values() if isinstance(it, nn.Module)]
        for network in networks:
            assert all(p.grad is None for p in network.parameters())
            held = (*network.parameters(), *network.buffers())
            state += [t.detach().clone() for t in held]
            state += [torch.tensor([t._version, t.requires_grad]) for t in held]
            state += [torch.tensor(part.training) for part in network.modules()]
        loss.backward()
        return state + [p.grad for n in networks for p in n.parameters()]

    plain, watched = run(False), run(True)
    assert all(map(torch.equal, plain, watched)) and not any(HOOKS)
