"""What is written of modules: in the picture, in its twin, in both languages."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from helpers import set_language, show_graph, watch
from helpers.drawing import picture as paper
from helpers.drawing import scene as module
from helpers.drawing.fonts import width_of
from helpers.tests.graph.test_contract import two_threads

ROOT = Path(__file__).parents[3]


def draw(modules):
    """Draw a network of known numbers that is called twice."""
    net = nn.Sequential(nn.Linear(1, 1), nn.ReLU())
    with torch.no_grad():
        net[0].weight.fill_(2.0)
        net[0].bias.fill_(1.0)
    x = torch.tensor([[3.0]], requires_grad=True)
    with watch():
        h = net(x)
        y = net(h).sum()
    return show_graph(y, modules=modules)


def test_the_twin_to_the_letter():
    assert (
        str(draw(True))
        == """\
Graph of y, with modules as boxes: net: Sequential; 7 operations in all.
   name   op                                               inputs  value   gradient
0  x      leaf                                                     [[3]]   [[4]]
1  h      net: Sequential (1/2), 2 parameters, .grad None  x       [[7]]   [[2]]
2  net#2  net: Sequential (2/2), 2 parameters, .grad None  h       [[15]]  [[1]]
3  y      Sum                                              net#2   15      1
1. y (Sum): receives 1; net#2 gets [[1]]
2. net#2 (Sequential): receives [[1]]; h gets [[2]]
3. h (Sequential): receives [[2]]; x gets [[4]]
4. x: .grad += [[4]]
.grad now: x None
net: the same module, called 2 times."""
    )


def test_the_twin_of_an_opened_module_lists_what_is_in_it():
    said = str(draw(1))
    assert "net: Sequential (1/2), 2 parameters, opened: net.0, h\n" in said
    assert "net: Sequential (2/2), 2 parameters, opened: net.0#2, net.1#2\n" in said
    assert "net, net.0, net.1: each of them one module, called 2 times." in said


def words(picture):
    return [text.words for text in module.draw_scene(picture.graph).texts]


def test_the_picture_says_the_same():
    assert words(draw(True))[2:10] == [
        "h = net: Sequential (1/2)",
        "[[7]]",
        "2 parameters",
        ".grad None",
        "net: Sequential (2/2)",
        "[[15]]",
        "2 parameters",
        ".grad None",
    ]
    assert words(draw(1))[-2:] == [
        "net: Sequential (1/2), 2 parameters",
        "net: Sequential (2/2), 2 parameters",
    ]


def test_a_title_stands_in_the_upper_left_corner_of_its_frame():
    """Guards against a title that touches the line around it, or has its colour."""
    scene = module.draw_scene(draw(1).graph)
    assert len(scene.frames) == 2 and {frame.style for frame in scene.frames} == {
        (None, False, False)
    }
    for frame, title in zip(scene.frames, scene.texts[-2:], strict=True):
        left = title.x - width_of(title.words, 9) / 2
        assert left - (frame.x - frame.width / 2) == pytest.approx(8)
        assert title.y - (frame.y - frame.height / 2) == pytest.approx(10.5)
        assert (title.size, title.colour) == (9, "#3a3a3a")


def test_a_module_without_parameters_has_a_title_alone():
    net, x = nn.Sequential(nn.ReLU()), torch.ones(1, requires_grad=True)
    with watch():
        y = net(x).sum()
    assert words(show_graph(y, modules=1))[-1] == "net: Sequential"


def test_chinese_is_spoken_too(chinese):
    said = str(draw(1))
    assert "y 的计算图，模块各画成一个方框：" in said
    assert "net: Sequential (1/2), 2 个参数，已展开：net.0, h\n" in said
    assert "net, net.0, net.1：各是一个模块，分别调用了 2 次。" in said
    assert said.count("2 个参数") == 4


@pytest.mark.parametrize(("can", "said"), [(True, "个参数"), (False, "parameters")])
def test_where_no_font_can_write_chinese_a_box_is_english(monkeypatch, can, said):
    set_language("zh")
    try:
        monkeypatch.setattr(module, "can_write", lambda text: can or text.isascii())
        assert any(said in line for line in words(draw(True)))
    finally:
        set_language("en")


def test_a_name_that_no_font_can_write_is_left_out_of_the_picture(monkeypatch):
    net, x = nn.Linear(1, 1), torch.ones(1, 1)
    with watch():
        y = net(x).sum()
    shown = show_graph(y, modules=True, 网络=net)
    assert "网络: Linear" in str(shown)
    for part in (paper, module):
        monkeypatch.setattr(part, "can_write", str.isascii)
    again = show_graph(y, modules=True, 网络=net)
    assert "Linear" in words(again)
    scenes = []
    monkeypatch.setattr(
        paper, "compose_page", lambda frames, notes, above: scenes.extend(notes)
    )
    str(show_graph(y, modules=True, 网络=net))
    assert scenes[-1].endswith("to see the names behind Linear.")


@pytest.mark.parametrize("modules", [True, 1])
def test_a_class_that_no_font_can_write_is_called_a_module(monkeypatch, modules):
    """Guards against empty squares in a title, and against a name that is lost."""

    class 网(nn.Sequential):
        pass

    net, x = 网(nn.Linear(1, 1), nn.ReLU()), torch.ones(1, 1)
    with watch():
        y = net(x)
    graph = show_graph(y.sum(), modules=modules, 输出=y).graph
    for can_write, title in ((str.isascii, "net: Module"), (lambda _: True, "net: 网")):
        monkeypatch.setattr(module, "can_write", can_write)
        said = [text.words for text in module.draw_scene(graph).texts]
        named = title != "net: Module" and modules is True
        full = f"输出 = {title}" if named else title
        assert full + ("" if modules is True else ", 2 parameters") in said


def test_a_call_in_parts_says_why():
    small = two_threads()
    said = paper.make_picture([module.draw_scene(small)], small, [])
    assert "m0 is drawn in 2 parts: something that ran elsewhere" in str(said)


@pytest.mark.thorough
def test_a_large_network_does_not_call_the_compiler():
    """Guards against seconds of import, for a sum of which only the shape is told."""
    program = """
import sys
import torch
from helpers import show_graph, watch

net = torch.nn.Linear(40, 40)
with watch():
    h = net(torch.ones(40, 40))
    y = (h * h).sum()
repr(show_graph(y, modules=True))
assert "torch._dynamo" not in sys.modules
"""
    command = [sys.executable, "-c", program]
    subprocess.run(command, cwd=ROOT, check=True, timeout=120)
