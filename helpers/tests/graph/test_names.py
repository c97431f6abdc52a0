"""Each tensor has the name that tells most, and looking for it runs nobody's code."""

import time
import warnings
from collections import ChainMap, OrderedDict, UserDict, namedtuple
from types import SimpleNamespace

import pytest
import torch
from torch import nn

from helpers import explore, show_graph
from helpers.graph.functions import output_place
from helpers.graph.names import name_values, write_key


def leaf(number=1.0):
    return torch.tensor(number, requires_grad=True)


class Thing:
    """Hold what it is given, in attributes."""

    def __init__(self, **held):
        vars(self).update(held)


class Net(nn.Module):
    """Hold parameters in its layers, a buffer, and a tensor that it does not know."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(1, 1) for _ in range(2)])
        self.register_buffer("mean", torch.ones(1))
        self.scale, self.more = leaf(), [leaf()]

    def forward(self, x):
        x = x - self.mean
        for layer in self.layers:
            x = layer(x)
        return x * self.scale * self.more[0]

    def drawn(self, x):
        return show_graph(self(x))


class Neuron:
    """Compute as Net does, but be no module."""

    def __init__(self):
        self.w, self.b = leaf(2.0), leaf(3.0)

    def drawn(self, x):
        y = self.w * x + self.b
        return show_graph(y)


KNOWN = {"torch": torch, "nn": nn, "leaf": leaf, "one": torch.ones(1)}
KINDS = Thing, Net, Neuron, UserDict, OrderedDict, SimpleNamespace, namedtuple
KNOWN |= {kind.__name__: kind for kind in KINDS}
NET = "net = nn.Sequential(nn.Linear(1, 1), nn.Tanh(), nn.Linear(1, 1)); y = net(one)\n"
NET_NAMES = "  # net.0.weight net.0.bias net.2.weight net.2.bias"


def names_in(program, op="leaf"):
    """Run a program that ends in y; return the names of what it was computed from."""
    scope = {**KNOWN, "show_graph": show_graph}
    exec(f"{program}\npicture = show_graph(y, fold=False)", scope)
    return [node.name for node in scope["picture"].graph.nodes if node.op == op]


@pytest.mark.parametrize(
    "case",
    [
        "p = [leaf(), leaf()]; y = p[0] * p[1]  # p[0] p[1]",
        "p = leaf(), leaf(); y = p[0] * p[1]  # p[0] p[1]",
        "p = {'w': leaf(), 7: leaf()}; y = p['w'] * p[7]  # p[\"w\"] p[7]",
        "p = OrderedDict(w=leaf()); y = p['w'] * 2  # p[\"w\"]",
        "p = namedtuple('P', 'w b')(leaf(), leaf()); y = p.w * p.b  # p[0] p[1]",
        "n = Thing(w=leaf(), b=leaf()); y = n.w * n.b  # n.w n.b",
        "n = Neuron(); y = n.w * n.b  # n.w n.b",
        "n = SimpleNamespace(w=leaf()); y = n.w * 2  # n.w",
        "d = UserDict(w=leaf()); y = d['w'] * 2  # d.data[\"w\"]",
        "d = {'a': [Thing(w=leaf())]}; y = d['a'][0].w * 2  # d[\"a\"][0].w",
        "n = Thing(a=Thing(b=Thing(c=leaf()))); y = n.a.b.c * 2  # n.a.b.c",
        "n = [leaf()]; n.append(n); y = n[0] * 2  # n[0]",
        "ms = [nn.Linear(1, 1)]; y = ms[0](one)  # ms[0].weight ms[0].bias",
        "t = Thing(m=nn.Linear(1, 1)); y = t.m(one)  # t.m.weight t.m.bias",
        "ps = nn.ParameterList([one] * 2); y = ps[0] * ps[1]  # ps.0 ps.1",
        "ps = nn.ParameterDict({'w': one}); y = ps['w'] * 2  # ps.w",
    ],
)
def test_a_leaf_is_named_by_the_way_to_it(case):
    program, wanted = case.split("  # ")
    assert names_in(program) == wanted.split()


@pytest.mark.parametrize(
    "case",
    [
        "w, b = leaf(), leaf(); p = [w, b]; y = w * b  # w b",
        "p = [leaf(), leaf()]; w, b = p; y = w * b  # w b",
        "w = leaf(); p = [w]; y = w * 2  # w",
        "w, b = leaf(), leaf(); p = {'w': w, 'b': b}; y = w * b  # w b",
        "w, b = leaf(), leaf(); n = Thing(w=w, b=b); y = n.w * n.b  # w b",
        "w, b = leaf(), leaf(); p = {'w': [w], 'b': [b]}; y = w * b  # w b",
        "a = leaf(); again = a; y = again * 2  # a",
        "for a in [leaf()]: pass\ny = a * 2  # a",
        "w = leaf(); o = torch.optim.Adam([w]); (w * w).backward(); o.step(); y = w * w"
        "  # w",
        "m, w = nn.Linear(1, 1), leaf(); t = Thing(m=m, own=[w]); y = m(one * w)\n"
        "o = torch.optim.SGD([w, *m.parameters()])  # w m.weight m.bias",
        "l1, l2 = nn.Linear(1, 1), nn.Linear(1, 1); net = nn.Sequential(l1, l2)\n"
        "y = net(one)  # l1.weight l1.bias l2.weight l2.bias",
        "C, ls = leaf(), [Thing(w=leaf()), Thing(w=leaf())]\n"
        "ps = [C] + [l.w for l in ls]; y = C * ls[0].w * ls[1].w\n"
        "for p in ps: pass\nfor l in ls: pass  # C ls[0].w ls[1].w",
        "a = Thing(w=leaf()); b = Thing(up=a, w=leaf()); a.b = b; y = a.w * b.w"
        "  # a.w b.w",
        "a = Thing(w=leaf()); a.b = Thing(up=a, w=leaf()); y = a.w * a.b.w"
        "  # a.w a.b.w",
        "a = [leaf()]; b = a; y = a[0] * 2  # a[0]",
    ],
)
def test_a_variable_that_was_written_for_a_tensor_tells_most(case):
    program, wanted = case.split("  # ")
    assert names_in(program) == wanted.split()


@pytest.mark.parametrize(
    "case",
    [
        NET + "for p in net.parameters(): pass" + NET_NAMES,
        NET + "for l in net: pass" + NET_NAMES,
        "p = l = 5\n" + NET + "*_, p = net.parameters(); l = net[0]" + NET_NAMES,
        "m = nn.Linear(1, 1, False)\nfor p in m.parameters(): pass\ny = m(one)"
        "  # m.weight",
        "m = nn.Linear(1, 1); w, b = m.weight, m.bias; y = m(one)  # m.weight m.bias",
        "ms = [nn.Linear(1, 1, False) for _ in 'ab']\nfor m in ms: pass\n"
        "y = ms[0](one) * ms[1](one)  # ms[0].weight ms[1].weight",
        "ws = [leaf(), leaf()]\nfor w in ws: pass\ny = ws[0] * ws[1]  # ws[0] ws[1]",
        "w = 0; ws = [leaf(), leaf()]\nfor w in ws: pass\ny = w * 2  # ws[1]",
        "d = {'a': leaf(), 'b': leaf()}\nfor w in d.values(): pass\n"
        'y = d[\'a\'] * w  # d["a"] d["b"]',
        "ls = [(leaf(), leaf()), (leaf(), leaf())]\nfor w, b in ls: y = w * b"
        "  # ls[1][0] ls[1][1]",
        "t = Thing(ls=[Thing(w=leaf()), Thing(w=leaf())])\n"
        "for l in t.ls:\n  for w in vars(l).values(): pass\n"
        "y = t.ls[0].w * t.ls[1].w  # t.ls[0].w t.ls[1].w",
        "ls = [Thing(w=leaf()), Thing(w=leaf())]; ps = [l.w for l in ls]\n"
        "for p in ps: pass\ny = ps[0] * ps[1]  # ls[0].w ls[1].w",
    ],
)
def test_what_a_loop_left_over_does_not_name_one_of_many(case):
    program, wanted = case.split("  # ")
    assert names_in(program) == wanted.split()


def test_a_module_has_names_for_its_parameters_buffers_and_other_tensors():
    program = "net = Net(); y = net(one * 2)"
    layers = [f"net.layers.{n}.{kind}" for n in "01" for kind in ("weight", "bias")]
    assert {*names_in(program)} == {*layers, "net.scale", "net.more[0]"}
    assert names_in("net = Net(); y = leaf() * net.mean", "constant") == ["net.mean"]


@pytest.mark.parametrize(
    ("program", "wanted"),
    [
        ("ms = [Net()]; y = leaf() * ms[0].mean", "ms[0].mean"),
        ("net = Net(); mean = net.mean; y = leaf() * mean", "net.mean"),
        ("t = Thing(x=torch.ones(2)); y = leaf() * t.x", "t.x"),
        ("d = {'x': torch.ones(2)}; y = leaf() * d['x']", 'd["x"]'),
        ("x = torch.ones(2); d = {'x': x, 'm': leaf()}; y = leaf() * x", "x"),
        ("d = [(torch.ones(2), 5)]; y = leaf() * d[0][0]", ""),
    ],
)
def test_a_constant_is_named_where_it_is_no_number_in_a_list(program, wanted):
    assert names_in(program, "constant") == [wanted]


def test_a_loop_over_data_is_still_folded():
    data, w = [(torch.ones(2) * n, torch.ones(2)) for n in range(40)], leaf()
    total = 0
    for x, t in data:
        total = total + (w * x - t).square().sum()
    assert len(data) == 40 and "×" in str(show_graph(total))


def test_a_result_is_named_by_a_variable_alone():
    x, outs = leaf(), []
    for _ in range(3):
        outs.append((outs or [x])[-1] * 2)
    h = outs[1]
    nodes = show_graph(h * outs[2]).graph.nodes
    assert [n.name for n in nodes if n.op != "constant"] == ["x", "", "h", "", ""]


def test_inside_a_method_self_is_where_the_way_begins():
    net, neuron = Net(), Neuron()
    pictures = [thing.drawn(torch.ones(1)) for thing in (net, neuron)]
    found = [{n.name for n in p.graph.nodes if n.op == "leaf"} for p in pictures]
    assert "self.layers.0.weight" in found[0] and "self.scale" in found[0]
    assert found[1] == {"self.w", "self.b"}


def test_what_a_function_calls_a_thing_comes_before_what_others_call_it():
    scope = {**KNOWN, "show_graph": show_graph}
    exec(
        "net = Thing(w=leaf())\n"
        "def draw(thing): return show_graph(thing.w * 2)\n"
        "picture = draw(net)",
        scope,
    )
    assert scope["picture"].graph.nodes[0].name == "thing.w"


def test_a_name_that_is_given_wins_over_every_way():
    net, params = nn.Linear(1, 1), [leaf(), leaf()]
    y = net(torch.ones(1)) * params[0] * params[1]
    shown = show_graph(y, w=net.weight, params=params[1]).graph.nodes
    assert [n.name for n in shown if n.op == "leaf"][:2] == ["w", "net.bias"]
    assert "params" in {n.name for n in shown}
    assert "params[0]" not in {n.name for n in shown}  # that would be of another one
    shown = show_graph(y, model=net).graph.nodes
    assert {"model.weight", "model.bias"} < {n.name for n in shown}


def test_a_run_calls_its_input_by_the_parameter_of_the_function():
    kept = []

    def f(a):
        kept.append(a)
        return a * 2

    (frame,) = [explore(f, a=[3.0]).frame(0)]
    assert {"a", "f(3)"} < {n.name for n in frame.picture.graph.nodes}


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("w", '"w"'),
        (-3, "-3"),
        ('a"b', '"a\\"b"'),
        ("two\nlines", '"two\\nlines"'),
        ("k" * 20, f'"{"k" * 20}"'),
        ("encoder.layers.0.self_attention", '"encoder.la…_attention"'),
        ("权重", '"权重"'),
        ("a\u200bb", '"a\\u200bb"'),
    ],
)
def test_a_key_is_written_in_one_short_line(key, wanted):
    assert write_key(key) == wanted


@pytest.mark.parametrize("key", [None, 1.5, True, (1, 2), 10**5000, b"w"], ids=type)
def test_a_key_of_another_kind_gives_no_name(key):
    params = {key: leaf(), "b": leaf()}
    shown = show_graph(params[key] * params["b"]).graph.nodes
    assert [n.name for n in shown if n.op == "leaf"] == ["", 'params["b"]']


@pytest.mark.parametrize("key", ["$x^2$", "_", "a_b", "\\alpha", "<b>"])
def test_whatever_a_key_is_it_can_be_painted(key):
    params = {key: leaf()}
    picture = show_graph(params[key] * 2)
    assert write_key(key) in str(picture) and picture.png


def test_looking_for_names_runs_no_code_of_the_learners():
    asked = []

    class Asked:
        def __init__(self, t):
            object.__getattribute__(self, "__dict__")["t"] = t

        __getattr__ = __getattribute__ = lambda self, name: asked.append(name)
        w = property(lambda self: asked.append("w"))

    class Told(list):
        __iter__ = __len__ = __getitem__ = lambda self, *_: asked.append("list")

    class Mapped(dict):
        __iter__ = items = values = keys = lambda self: asked.append("dict")

    class Odd(nn.Linear):
        named_parameters = parameters = children = lambda *_: asked.append("module")

    t, odd = leaf(), Odd(1, 1)
    held = [Asked(t=leaf()), Told([leaf()]), Mapped(t=leaf())]
    parts = [object.__getattribute__(held[0], "__dict__")["t"]]
    parts += [*list.__iter__(held[1]), dict.__getitem__(held[2], "t"), odd.weight, t]
    asked.clear()
    found = [
        name_values({"held": held, "odd": odd, "t": t}).get(output_place(p))
        for p in parts
    ]
    names = [name for name, _ in found]
    assert names == ["held[0].t", "held[1][0]", 'held[2]["t"]', "odd.weight", "t"]
    assert asked == []


def test_what_nobody_should_write_gives_no_name():
    thing = Thing(_w=leaf(), **{"no name": leaf()})
    shown = show_graph(thing._w * vars(thing)["no name"]).graph.nodes
    assert [n.name for n in shown if n.op == "leaf"] == ["", ""]


def test_a_scripted_module_has_names_as_well():
    with warnings.catch_warnings(action="ignore"):  # another one in each release
        net = torch.jit.script(nn.Linear(1, 1))
    found = name_values({"net": net})
    assert {name for name, _ in found.values()} == {"net.weight", "net.bias"}


def nest(depth):
    """Return a leaf in so many lists, one in the other."""
    held = leaf()
    for _ in range(depth):
        held = [held]
    return held


@pytest.mark.parametrize(("depth", "names"), [(11, 1), (12, 0), (50_000, 0)])
def test_ways_have_at_most_eleven_steps(depth, names):
    held = nest(depth)
    assert len(name_values({"held": held})) == names
    while held and type(held) is list:  # or else Python frees them by recursion
        held = held.pop()


def test_long_lists_of_numbers_do_not_hide_what_comes_after():
    rows = [[0.5] * 1_000 for _ in range(1_000)]
    names = {"losses": [0.5] * 10**6, "rows": rows, "net": {"layers": [nest(1)]}}
    (name, _), *rest = name_values(names).values()
    assert name == 'net["layers"][0][0]' and rest == []


def test_the_time_to_look_for_names_is_bounded():
    rows = [[Thing(t=torch.ones(1)) for _ in range(100)] for _ in range(100)]
    names = {f"n{n}": [rows, *rows] for n in range(100)}
    began = time.process_time()
    name_values(names)
    assert time.process_time() - began < 2


def test_names_that_are_given_hide_variables_of_that_name():
    one, other = leaf(), leaf()
    found = name_values(ChainMap({"w": one}, {"w": other, "b": one, "p": [other]}))
    assert [name for name, _ in found.values()] == ["w", "p[0]"]
