"""A module drawn as one box hides what is in it, and changes no number beside it."""

import threading
from functools import partial

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.checkpoint import checkpoint

from helpers import show_graph, watch
from helpers.drawing.picture import CannotDraw
from helpers.graph.contract import (
    Calls,
    ModuleCall,
    contract_calls,
    list_frames,
    open_levels,
    plan_boxes,
)
from helpers.graph.data import Edge, Graph, Node
from helpers.tests.graph import tells_of_hooks
from helpers.tests.graph.networks import (
    LEVELS,
    NETWORKS,
    make_network,
    run_network,
)


def perceptron():
    """Return a network, its result and a loss, watched."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    with watch():
        out = net(torch.ones(5, 4))
        loss = nn.functional.mse_loss(out, torch.zeros(5, 1))
    return net, out, loss


def kinds(graph):
    return [node.op for node in graph.nodes if node.op not in ("leaf", "constant")]


def titles(graph):
    return [n.module.title + n.module.marks for n in graph.nodes if n.module]


def test_a_module_is_one_box_with_class_name_and_parameters():
    net, out, loss = perceptron()
    graph = show_graph(loss, modules=True).graph
    assert kinds(graph) == ["Sequential", "MseLoss"]
    (box,) = (node for node in graph.nodes if node.module)
    assert (box.name, box.module.title) == ("out", "net: Sequential")
    assert box.module.parameters == sum(p.numel() for p in net.parameters()) == 49
    assert torch.equal(box.value, out)


@pytest.mark.parametrize("modules", [1, "net"])
def test_a_module_is_opened_by_a_level_or_its_name(modules):
    net, _, loss = perceptron()
    graph = show_graph(loss, modules=modules).graph
    assert kinds(graph) == ["Linear", "ReLU", "Linear", "MseLoss"]
    parts = net.named_children()
    assert titles(graph) == [f"net.{n}: {type(part).__name__}" for n, part in parts]
    (frame,) = list_frames(graph)
    assert frame.boxes == {"net.0", "net.1", "net.2"} and frame.parent is None


def test_a_name_opens_that_module_and_those_around_it():
    torch.manual_seed(0)
    block = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    net = nn.Sequential(block, nn.Linear(2, 1))
    with watch():
        y = net(torch.ones(3, 2)).sum()
    for name in ("0", "net.0"):
        graph = show_graph(y, modules=name).graph
        assert titles(graph) == ["net.0.0: Linear", "net.0.1: Tanh", "net.1: Linear"]
        assert [frame.parent for frame in list_frames(graph)] == [None, 0]
    graph = show_graph(y, modules="0.1", net=net).graph  # it calls no other
    assert kinds(graph) == ["Linear", "Tanh", "Linear", "Sum"]
    assert titles(graph) == ["net.0.0: Linear", "net.1: Linear"]


# ---- what is said of bad input ----------------------------------------------


def test_without_watch_the_graph_is_as_ever_and_one_sentence_says_how():
    net, _, _ = perceptron()
    y = net(torch.ones(5, 4)).sum()
    picture, plain = show_graph(y, modules=True), show_graph(y)
    assert [n.id for n in picture.graph.nodes] == [n.id for n in plain.graph.nodes]
    assert "call it there, as in `with watch(): y = net(x)`" in str(picture)


@pytest.mark.parametrize("came", [None, -1, 1.5, [], "", "encoder"])
def test_what_names_no_module_is_told_in_one_sentence(came):
    _, _, loss = perceptron()
    with pytest.raises(CannotDraw, match=r"^modules=.* came, but .*\.$"):
        show_graph(loss, modules=came)


# ---- laws on six networks ---------------------------------------------------

ALL = [(name, level) for name in NETWORKS for level in LEVELS]
EACH = pytest.mark.parametrize(("name", "level"), ALL)


def assert_leads_downwards(graph):
    place = {node.id: n for n, node in enumerate(graph.nodes)}
    assert all(place[edge.source] < place[edge.target] for edge in graph.edges)
    turn = {box: n for n, box in enumerate(graph.walk)}
    walked = [e for e in graph.edges if e.source in turn and e.target in turn]
    assert all(turn[edge.target] < turn[edge.source] for edge in walked)


@EACH
def test_all_arrows_lead_downwards_and_stand_side_by_side(name, level):
    loss, names = run_network(name)
    graph = show_graph(loss, modules=level, **names).graph
    assert_leads_downwards(graph)
    for node in graph.nodes:
        slots = [edge.slot for edge in graph.arrows_into(node.id)]
        assert slots == sorted({*slots})


@EACH
def test_a_module_gets_back_and_sends_on_what_autograd_says(name, level):
    """A box holds the gradient of its output, and the arrows from it add up to that."""
    names, step = make_network(name)
    outputs = {}
    for variable, network in names.items():
        parts = network.named_modules() if isinstance(network, nn.Module) else ()
        for path, part in parts:
            title = ".".join(filter(None, (variable, path)))
            part.register_forward_hook(partial(keep_output, outputs, title))
    with watch():
        loss = step()
    graph = show_graph(loss, modules=level, **names).graph
    boxes = [node for node in graph.nodes if node.module]
    for box in boxes:
        out, shape = outputs[box.module.path][box.module.turn - 1]
        (grad,) = torch.autograd.grad(loss, out, retain_graph=True)
        assert box.value.shape == shape
        assert torch.equal(box.grad, grad)
        if box.id not in graph.roots:
            sent = [edge.grad for edge in graph.edges if edge.source == box.id]
            assert torch.equal(sum(sent), grad)
    assert boxes


def keep_output(outputs, title, module, given, out):
    """Note where in the graph a module's output is: a later call may change it."""
    first = out[0] if isinstance(out, tuple) else out
    place = torch.autograd.graph.get_gradient_edge(first)
    outputs.setdefault(title, []).append((place, first.shape))


@EACH
def test_the_numbers_beside_a_module_stay_as_they_are(name, level):
    """Guards against an arrow that is left out, added up or invented."""
    loss, names = run_network(name)
    plain = show_graph(loss, **names).graph
    graph = show_graph(loss, modules=level, **names).graph
    known = [(edge.grad, edge) for edge in plain.edges if edge.grad is not None]
    for edge in graph.edges:
        alike = [e for grad, e in known if is_equal(grad, edge.grad)]
        assert edge.grad is None or alike
    for node in graph.nodes:
        if node.module is None:
            same = plain.node(node.id)
            assert (node.op, node.name) == (same.op, same.name)
            assert is_equal(node.value, same.value) and is_equal(node.grad, same.grad)


def is_equal(one, other):
    if not (isinstance(one, torch.Tensor) and isinstance(other, torch.Tensor)):
        return one == other
    return one.shape == other.shape and torch.equal(one, other)


@pytest.mark.parametrize("name", NETWORKS)
def test_where_nothing_is_contracted_nothing_changes(name):
    loss, names = run_network(name)
    graph = show_graph(loss, **names).graph
    same = contract_calls(graph, plan_boxes(graph, Calls((), {}, {}, {}), set()))
    assert [n.id for n in same.nodes] == [n.id for n in graph.nodes]
    assert all(is_equal(n.grad, graph.node(n.id).grad) for n in same.nodes)
    assert {(e.source, e.output, e.target, e.slot, e.route) for e in same.edges} == {
        (e.source, e.output, e.target, e.slot, e.route) for e in graph.edges
    }
    assert (same.walk, same.roots) == (graph.walk, graph.roots)


@pytest.mark.parametrize("name", NETWORKS)
def test_each_step_of_a_walk_leaves_a_picture(name):
    loss, names = run_network(name)
    walk = show_graph(loss, modules=True, **names).graph.walk
    for step in range(len(walk) + 1):
        shown = show_graph(loss, modules=True, step=step, **names)
        assert shown.graph.walk == walk[:step]
    plain = show_graph(loss, modules=True, gradients=False, **names).graph
    assert not plain.walk and all(edge.grad is None for edge in plain.edges)


# ---- laws on graphs that nobody has computed --------------------------------


@st.composite
def graphs(draw):
    """Draw a graph with calls of modules in it, also such as no thread could run."""
    count = draw(st.integers(2, 12))
    nodes = [Node("%0", "x", "leaf", torch.tensor(1.0))]
    edges, homes = [], {}
    chain = st.sampled_from([(), (0,), (0, 1), (0, 2), (3,), (3, 4), (0, 1, 5)])
    for n in range(1, count):
        nodes.append(Node(f"%{n}", "", "Add", torch.tensor(float(n))))
        used = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=3))
        for slot, source in enumerate(used):
            grad = torch.tensor(float(len(edges)))
            edges.append(Edge(f"%{source}", f"%{n}", slot, grad, route=slot))
        homes |= {f"%{n}": found} if (found := draw(chain)) else {}
    walk = tuple(node.id for node in reversed(nodes))
    used = {edge.source for edge in edges}
    roots = tuple(node.id for node in nodes if node.id not in used)
    whole = Graph(tuple(nodes), tuple(edges), roots, 0, walk)
    layers = (0, 1, 2, 0, 1, 3)
    calls = tuple(ModuleCall(n, f"K{n}", f"m{n}", f"m{n}", n) for n in layers)
    return whole, Calls(calls, homes, {"%0": frozenset()}, {})


@given(drawn=graphs(), levels=st.integers(0, 3))
def test_any_calls_are_drawn_without_a_circle_and_no_arrow_is_lost(drawn, levels):
    """An arrow is drawn if and only if it leads from one box to another."""
    graph, calls = drawn
    plan = plan_boxes(graph, calls, open_levels(calls, levels))
    small = contract_calls(graph, plan)
    assert_leads_downwards(small)
    crossing = [
        edge
        for edge in graph.edges
        if plan.box_of(edge.source) != plan.box_of(edge.target)
    ]
    assert sorted(float(e.grad) for e in small.edges) == sorted(
        float(e.grad) for e in crossing
    )
    for frame in list_frames(small):
        assert frame.boxes <= {node.id for node in small.nodes}


def test_a_road_that_leaves_a_call_and_comes_back_stays_in_it():
    """What nobody heard, as in another thread, belongs to the call around it."""

    class Forks(nn.Module):
        def forward(self, x):
            found = []
            h = x.sin()
            fork = threading.Thread(target=lambda: found.append((h * 3).exp()))
            fork.start()
            fork.join()
            return found[0] * h

    net, x = Forks(), torch.ones(2, requires_grad=True)
    with watch():
        y = net(x).sum()
    assert kinds(show_graph(y).graph) == ["Sin", "Mul", "Exp", "Mul", "Sum"]
    assert kinds(show_graph(y, modules=True).graph) == ["Forks", "Sum"]


def two_threads():
    """Return a graph of two modules that hand each other what they have, contracted."""
    nodes = tuple(Node(f"%{n}", "", "Add", torch.tensor(1.0)) for n in range(3))
    edges = Edge("%0", "%1", 0, route=0), Edge("%1", "%2", 0, route=0)
    graph = Graph(nodes, edges, ("%2",), 0)
    calls = tuple(ModuleCall(n, "Net", f"m{n}", "", 0) for n in range(2))
    homes = {"%0": (0,), "%1": (1,), "%2": (0,)}
    plan = plan_boxes(graph, Calls(calls, homes, {}, {}), set())
    return contract_calls(graph, plan)


def test_a_call_through_which_another_one_runs_is_drawn_in_parts():
    """Guards against a circle, which no layout can draw."""
    small = two_threads()
    assert_leads_downwards(small)
    assert titles(small) == ["m0: Net [1/2]", "m1: Net", "m0: Net [2/2]"]


# ---- what is the module's own -----------------------------------------------


def test_a_parameter_that_is_used_beside_its_module_stays_visible():
    net, _, _ = perceptron()
    with watch():
        y = net(torch.ones(5, 4)).sum() + net[0].weight.norm()
    graph = show_graph(y, modules=True).graph
    leaves = [node.name for node in graph.nodes if node.op == "leaf"]
    assert leaves == ["net.0.weight"]
    targets = {e.target for e in graph.edges if e.source == graph.nodes[0].id}
    assert len(targets) == 2 and "net" in targets


def test_what_a_module_makes_or_holds_is_no_input_of_it():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 4), nn.Dropout(), nn.BatchNorm1d(4)).eval()
    net[1].train()
    net[0].weight.requires_grad_(False)
    x = torch.ones(5, 4)
    with watch():
        y = net(x).sum()
    for level in (True, 1):
        graph = show_graph(y, modules=level).graph
        inputs = [node for node in graph.nodes if node.op in ("leaf", "constant")]
        assert [node.name for node in inputs] == ["x"]


def test_the_largest_gradient_inside_is_told_once_there_is_one():
    net, _, loss = perceptron()
    assert ".grad None" in str(show_graph(loss, modules=True))
    loss.backward()
    most = max(float(p.grad.abs().max()) for p in net.parameters())
    (held,) = [
        n.module.grad for n in show_graph(loss, modules=True).graph.nodes if n.module
    ]
    assert held == most


def test_a_module_that_is_called_again_says_so():
    net = nn.Linear(2, 2)
    x = torch.ones(1, 2)
    with watch():
        y = net(net(x)).sum()
    picture = show_graph(y, modules=True)
    assert titles(picture.graph) == ["net: Linear (1/2)", "net: Linear (2/2)"]
    assert "net: the same module, called 2 times." in str(picture)


def test_modules_that_share_their_weights_say_so():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    net[2].weight = net[0].weight
    with watch():
        y = net(torch.ones(1, 2)).sum()
    picture = show_graph(y, modules=1)
    assert "net.0, net.2: these share weights." in str(picture)
    assert not [node for node in picture.graph.nodes if node.op == "leaf"]


def test_a_loop_over_a_module_is_folded():
    cell, h = nn.RNNCell(2, 2), torch.zeros(1, 2)
    x = torch.ones(1, 2)
    with watch():
        for _ in range(20):
            h = cell(x, h)
        y = h.sum()
    picture = show_graph(y, modules=True)
    assert any(n.op == "(cell: RNNCell) × 16" for n in picture.graph.nodes)
    assert "called 20 times" in str(picture)
    assert len(kinds(show_graph(y, modules=True, fold=False).graph)) == 21


@tells_of_hooks
def test_where_a_walk_stops_the_module_is_named():
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
    x = torch.ones(1, 2, requires_grad=True)
    with watch():
        y = checkpoint(net, x, use_reentrant=False).sum()
    assert "No gradients before net:" in str(show_graph(y, modules=True))
