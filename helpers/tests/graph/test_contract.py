"""A module drawn as one box hides what is in it, and changes no number beside it."""

import pytest
import torch
from torch import nn

from helpers import show_graph, watch
from helpers.drawing.picture import CannotDraw


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


def test_a_module_is_one_box_with_class_name_and_parameters():
    net, out, loss = perceptron()
    graph = show_graph(loss, modules=True).graph
    assert kinds(graph) == ["Sequential", "MseLoss"]
    (box,) = (node for node in graph.nodes if node.module)
    assert (box.name, box.module.title) == ("out", "net: Sequential")
    assert box.module.parameters == sum(p.numel() for p in net.parameters()) == 49
    assert torch.equal(box.value, out)
    assert "net: Sequential, 49 parameters" in str(show_graph(loss, modules=True))


@pytest.mark.parametrize("modules", [1, "net"])
def test_a_module_is_opened_by_a_level_or_its_name(modules):
    net, _, loss = perceptron()
    graph = show_graph(loss, modules=modules).graph
    assert kinds(graph) == ["Linear", "ReLU", "Linear", "MseLoss"]
    titles = [node.module.title for node in graph.nodes if node.module]
    parts = net.named_children()
    assert titles == [f"net.{name}: {type(part).__name__}" for name, part in parts]


def test_without_watch_the_graph_is_as_ever_and_one_sentence_says_how():
    net, _, _ = perceptron()
    y = net(torch.ones(5, 4)).sum()
    picture, plain = show_graph(y, modules=True), show_graph(y)
    assert [n.id for n in picture.graph.nodes] == [n.id for n in plain.graph.nodes]
    assert "call it there, as in `with watch(): y = net(x)`" in str(picture)


@pytest.mark.parametrize("came", [None, -1, 1.5, [], "encoder"])
def test_what_names_no_module_is_told_in_one_sentence(came):
    _, _, loss = perceptron()
    with pytest.raises(CannotDraw, match=r"modules=.* came, but"):
        show_graph(loss, modules=came)
