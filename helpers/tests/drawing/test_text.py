"""The text twin: three tapes to the letter, and nothing that only the picture has."""

import re
from contextlib import nullcontext

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from helpers import set_language, show_backward, show_graph, watch
from helpers.drawing.scene import draw_scene
from helpers.drawing.text import (
    describe_graph,
    describe_module,
    describe_sizes,
    describe_step,
    list_kinds,
    list_names,
    note_modules,
    note_opened,
    write_gradient,
    write_notes,
    write_op,
    write_summary,
    write_table,
    write_twin,
)
from helpers.graph.data import Edge, Graph, ModuleBox, Node, Summary
from helpers.wording import MOST_DIGITS, count_digits, write_number, write_value

DOT = """\
   name  op    inputs   value      gradient
0  x     leaf           [0 1 2 3]  [0 4 8 12]
1  %1    Dot   x, x     14         2
2  y     Mul   %1, (2)  28         1
1. y (Mul): receives 1; %1 gets 2
2. %1 (Dot): receives 2; x gets [0 2 4 6]; x gets [0 2 4 6]
3. x: .grad += [0 4 8 12]
"""

DETACH = """\
   name  op    inputs            value       gradient
0  x     leaf                    [0 1 2 3]   [0 1 4 9]
1  z     Mul   (u [0 1 4 9]), x  [0 1 8 27]  [1 1 1 1]
1. z (Mul): receives [1 1 1 1]; x gets [0 1 4 9]
2. x: .grad += [0 1 4 9]
"""

WHILE = """\
   name  op    inputs   value  gradient
0  a     leaf           0.3    64
1  %1    Mul   a, (2)   0.6    32
2  %2    Mul   %1, (2)  1.2    16
3  %3    Mul   %2, (2)  2.4    8
4  %4    Mul   %3, (2)  4.8    4
5  %5    Mul   %4, (2)  9.6    2
6  d     Mul   %5, (2)  19.2   1
1. d (Mul): receives 1; %5 gets 2
2. %5 (Mul): receives 2; %4 gets 4
3. %4 (Mul): receives 4; %3 gets 8
4. %3 (Mul): receives 8; %2 gets 16
5. %2 (Mul): receives 16; %1 gets 32
6. %1 (Mul): receives 32; a gets 64
7. a: .grad += 64
"""


def dot():
    x = torch.arange(4.0, requires_grad=True)
    with watch():
        y = 2 * torch.dot(x, x)
    return show_graph(y)


def detached():
    x = torch.arange(4.0, requires_grad=True)
    with watch():
        y = x * x
        u = y.detach()
        z = u * x
    return show_graph(z)


def doubled():
    a = torch.tensor(0.3, requires_grad=True)
    with watch():
        d = a * 2
        while d.norm() < 10:
            d = d * 2
    return show_graph(d)


def test_three_tapes_to_the_letter():
    for picture, expected in ((dot(), DOT), (detached(), DETACH), (doubled(), WHILE)):
        assert expected in str(picture)
        assert str(picture).startswith(picture.alt)


def test_the_twin_holds_every_box_arrow_and_number():
    """Guard those who cannot see, and the comparison of stored outputs."""
    for picture in (dot(), detached(), doubled()):
        text = set(words_in(str(picture)))
        for shape in draw_scene(picture.graph).texts:
            assert set(words_in(shape.words)) <= text
        rows = {
            line.split()[1]: line for line in write_table(picture.graph).split("\n")[1:]
        }
        for edge in picture.graph.edges:
            source, target = map(picture.graph.node, (edge.source, edge.target))
            wanted = "(" if source.op == "constant" else source.label
            assert wanted in words_in(rows[target.label]), rows[target.label]


def words_in(text):
    """Return names and numbers."""
    return re.findall(r"%?[\w.+-]+|\(", text)


def test_one_alt_sentence_counts_what_is_drawn():
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    assert show_graph(x).alt.startswith("x: a leaf")
    assert show_graph(y).alt == "Graph of y: x at the top, 1 operation below."
    parts = [torch.ones(1, requires_grad=True) for _ in range(10)]
    assert "and 4 more at the top" in show_graph(torch.cat(parts)).alt


def graph_of(*nodes, arrows=1, cut_off=0):
    ends = nodes[0].id, nodes[-1].id
    edges = Edge(*ends, 0), Edge(*ends, 1, count=arrows)
    return Graph(nodes, edges, ends[1:], cut_off)


def test_a_picture_without_a_leaf_begins_with_what_is_not_drawn():
    graph = graph_of(Node("%1", "", "Mul"), Node("%2", "y", "Mul"), cut_off=1)
    said = "Graph of y: a part that is not drawn at the top, 2 operations below."
    assert describe_graph(graph) == said


X, Z = Node("x", "x", "leaf", 3.0), Node("z", "z", "Mul", 9.0)


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (graph_of(X, Node("y", "y", "Mul", 6.0)), []),
        (graph_of(X, Node("y", "y", "Mul", 6.0, count=2)), ["A box with ×"]),
        (graph_of(X, Node("y", "y", "Mul", 6.0), arrows=2), ["Σ marks a sum"]),
        (graph_of(X, Z, Node("y", "y", "Mul", 6.0), cut_off=3), ["Only the 2 "]),
        (graph_of(X, Node("y", "y", "Mul")), ["? marks numbers that PyTorch"]),
        (
            graph_of(X, Node("y", "y", "Split", (6.0, None))),
            ["? marks numbers that PyTorch"],
        ),
        (graph_of(X, Node("y", "y", "Split", (6.0, 6.0))), []),
    ],
)
def test_a_note_explains_what_is_drawn_and_nothing_else(graph, said):
    found = write_notes(graph)
    assert len(found) == len(said)
    assert all(map(str.startswith, found, said))


@pytest.mark.parametrize(("count", "said"), [(1, "6"), (2, "6 Σ2"), (3, "6 Σ3")])
def test_an_arrow_that_stands_for_several_says_for_how_many(count, said):
    assert write_gradient(Edge("x", "y", 0, torch.tensor(6.0), count=count)) == said


def test_both_languages_have_the_same_tape():
    in_english = dot()
    try:
        set_language("zh")
        in_chinese = dot()
    finally:
        set_language("en")
    assert write_table(in_english.graph) == write_table(in_chinese.graph)
    assert "计算图" in in_chinese.alt and in_english.alt not in str(in_chinese)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-0.0, "0"),
        (2 / 3, "0.6667"),
        (-1e-9, "-1e-09"),
        (999_999.0, "999999"),
        (1_000_000.0, "1e+06"),
        (float("-inf"), "-inf"),
        (complex(-0.0, -0.0), "0+0j"),
        (0.999999994, "1"),
        (-1.0001, "-1.0001"),
        (0.300049, "0.30005"),
        (1.099999, "1.099999"),
        (40_002.1, "40002"),
        (complex(2.0001, 0.99999), "2.0001+0.99999j"),
    ],
)
def test_a_number_is_in_full_where_it_is_whole_and_below_a_million(value, said):
    assert write_number(value) == said


@given(st.floats(-1e300, 1e300), st.integers(3, 4))
def test_a_number_with_fewer_digits_than_it_may_have_is_no_other(value, digits):
    said = write_number(value, digits)
    nearest = float(f"{value:.{MOST_DIGITS}g}")
    assert count_digits(said) >= digits or float(said) in (value, nearest)
    assert float(said) == pytest.approx(value, rel=10.0 ** (1 - digits), abs=0)


@given(base=st.integers(1, 999), step=st.sampled_from([1e-2, 1e-3, 1e-4]))
def test_a_small_step_from_a_short_number_can_be_seen(base, step):
    short = base / 100
    assert write_number(short + step * short) != write_number(short)
    assert write_number(short - step * short) != write_number(short)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.1, "0.1"),
        (1 / 3, "0.3333"),
        (0.1 + 0.2, "0.3"),
        (1.0001, "1.0001"),
        (1.0000001, "1.0000001"),
        (0.123456, "0.123456"),
        (1e-4, "0.0001"),
        (100, "100"),
        (True, "True"),
        (float("-inf"), "-inf"),
        (torch.tensor(2.0001), "2.0001"),
        (torch.tensor(1.0000001), "1"),
        (torch.tensor(2.000001, dtype=torch.double), "2.000001"),
        (torch.tensor(0.3, dtype=torch.half), "0.3"),
        (torch.tensor(0.3, dtype=torch.bfloat16), "0.3008"),
        (torch.tensor([2.0001, 1 / 3, 0.5]), "[2.0001 0.333 0.5]"),
        (torch.tensor([[1.0001j, 1]]), "[[0+1.0001j 1+0j]]"),
        (torch.tensor([True, False]), "[True False]"),
    ],
)
def test_a_number_has_the_digits_that_matter_in_its_kind(value, said):
    assert write_value(value) == said


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("dtype", [torch.float, torch.double])
def test_a_constant_is_not_rounded_away(watched, dtype):
    x = torch.tensor(2.0, dtype=dtype, requires_grad=True)
    with watch() if watched else nullcontext():
        z = x * 1.0001
        w = x**0.99999
        u = 1.00002 - x
    rows = "".join(write_table(show_graph([t]).graph) for t in (z, w, u))
    assert "(1.0001)" in rows and "(0.99999)" in rows
    assert "(1.00002)" in rows or not watched


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((), "0"),
        ((0,), "[]"),
        ((6,), "[0 0 0 0 0 0]"),
        ((7,), "shape 7 ±0"),
        ((2, 3), "[[0 0 0][0 0 0]]"),
        ((2, 0), "[[][]]"),
        ((0, 3), "shape 0×3"),
        ((2, 4), "2×4 ±0"),
        ((3, 3), "3×3 ±0"),
        ((1, 1, 1), "1×1×1 ±0"),
    ],
)
def test_numbers_are_shown_where_there_is_room_and_else_a_size(shape, said):
    assert write_value(torch.zeros(shape)) == said


SHORT, LONG = 1.234e-05, -1.234e-05  # nine characters and ten


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((1.0, None), "1 | None"),
        (None, "?"),
        ((1.0,) * 6, "1 | 1 | 1 | 1 | 1 | 1"),
        ((1.0,) * 7, "1 | 1 | 1 | 1 | 1 | 1 | …"),
        (
            (SHORT, SHORT, LONG, LONG, LONG),
            " | ".join(["1.234e-05"] * 2 + ["-1.234e-05"] * 3),
        ),
        ((SHORT, LONG, LONG, LONG, LONG), "5 outputs"),
    ],
)
def test_outputs_stand_side_by_side_where_there_is_room(values, said):
    assert write_value(values) == said
    assert write_value(values, "unknown") == said.replace("None", "unknown")


def test_a_strip_has_the_twin_of_the_whole_walk():
    x = torch.arange(4.0, requires_grad=True)
    y = x.sin().sum()
    assert str(show_backward(y)) == str(show_graph(y))


# ---- graphs by hand ---------------------------------------------------------


def by_hand():
    """Return a graph with names in Chinese, several outputs and a named constant."""
    nodes = (
        Node("%0", "损失", "leaf", 3.0, 12.0, held=torch.tensor(7.0)),
        Node("%1", "", "constant", 2.0),
        Node("%2", "scale", "constant", 4.0),
        Node("%3", "", "Split", (6.0, None), (1.0, None), names=("a", "")),
        Node("%4", "y", "Add", 24.0, 1.0),
    )
    edges = (
        Edge("%0", "%3", 0, torch.tensor(12.0)),
        Edge("%1", "%3", 1),
        Edge("%3", "%4", 0, torch.tensor(4.0), output=0),
        Edge("%3", "%4", 1, torch.tensor(5.0), output=1, count=2),
        Edge("%2", "%4", 2),
    )
    return Graph(nodes, edges, ("%4",), 0, ("%4", "%3", "%0"))


BY_HAND = """\
Graph of y: 损失 at the top, 2 operations below.
   name  op     inputs               value  gradient
0  损失  leaf                        3      12
1  %3    Split  损失, (2)            6 | ?  1 | None
2  y     Add    a, %3[1], (scale 4)  24     1
1. y (Add): receives 1; a gets 4; %3[1] gets 5 Σ2
2. %3 (Split): receives 1 | None; 损失 gets 12
3. 损失: .grad += 12
.grad now: 损失 7
A note."""


def test_a_twin_by_hand_to_the_letter():
    assert write_twin(by_hand(), ["A note."]) == BY_HAND


def test_without_a_walk_there_is_no_column_for_gradients():
    graph = graph_of(X, Node("y", "y", "Mul", 6.0))
    assert write_table(graph).splitlines() == [
        "   name  op    inputs  value",
        "0  x     leaf          3",
        "1  y     Mul   x, x    6",
    ]


def test_what_has_no_gradient_yet_has_none_in_the_table():
    y = Node("y", "y", "Mul", 6.0, 1.0)
    graph = Graph((X, y), (Edge("x", "y", 0),), ("y",), 0, ("y",))
    assert write_table(graph).splitlines() == [
        "   name  op    inputs  value  gradient",
        "0  x     leaf          3",
        "1  y     Mul   x       6      1",
    ]


def test_the_twin_ends_with_what_every_leaf_holds_now():
    a, b = Node("a", "", "leaf", 1.0), Node("b", "b", "leaf", held=torch.ones(2))
    said = write_twin(Graph((a, b), (), ("a",), 0)).splitlines()
    assert said[-1] == ".grad now: a None, b [1 1]"
    y = Node("y", "y", "Mul", 6.0)
    said = write_twin(Graph((y,), (), ("y",), 0)).splitlines()
    assert said[-1] == "0  y     Mul          6"


def test_how_much_is_not_drawn_is_said():
    graph = graph_of(X, Z, Node("y", "y", "Mul", 6.0), cut_off=3)
    assert write_notes(graph) == [
        "Only the 2 operations nearest to the result are drawn; arrows that come from "
        "beyond them: 3."
    ]


@pytest.mark.parametrize(
    ("box", "plainly", "said"),
    [
        ("%4", True, "y (Add): receives 1; Split gets 4; Split gets 5 Σ2"),
        ("%3", True, "Split: receives 1 | None; 损失 gets 12"),
        ("%3", False, "%3 (Split): receives 1 | None; 损失 gets 12"),
        ("%0", True, "损失: .grad += 12"),
    ],
)
def test_a_step_may_call_a_box_what_the_picture_does(box, plainly, said):
    graph = by_hand()
    assert describe_step(graph, graph.node(box), plainly) == said


def test_a_leaf_without_a_name_is_called_by_its_id():
    graph = graph_of(Node("%0", "", "leaf", 3.0), Node("y", "y", "Mul", 6.0))
    edge = Edge("%0", "y", 0, torch.tensor(1.0))
    graph = Graph(graph.nodes, (edge,), ("y",), 0)
    assert describe_step(graph, graph.node("y"), plainly=True).endswith("; %0 gets 1")


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "a"),
        (6, "a, b, c, d, e, f"),
        (7, "a, b, c, d, e, f and 1 more"),
        (8, "a, b, c, d, e, f and 2 more"),
    ],
)
def test_of_very_many_names_the_first_six_are_listed(count, said):
    assert list_names([*"abcdefgh"[:count]]) == said


KINDS = tuple((f"K{n}", 2000 - n) for n in range(11))
EIGHT = ", ".join(f"K{n} {2000 - n:,}" for n in range(8))


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (1, "K0 2,000"),
        (8, EIGHT),
        (9, f"{EIGHT}, K8 1,992"),
        (10, f"{EIGHT}, 2 other kinds 3,983"),
        (11, f"{EIGHT}, 3 other kinds 5,973"),
    ],
)
def test_of_very_many_kinds_the_rest_is_one_sum(count, said):
    assert list_kinds(KINDS[:count]) == said


def summed_up(leaves, parameters, whole):
    counted = Summary(KINDS[:2], leaves, parameters, 1_234, 1_999, whole)
    return Graph((X,), (), ("x",), 0, summary=counted)


@pytest.mark.parametrize(
    ("graph", "sentences"),
    [
        (graph_of(X), []),
        (
            summed_up(1_000, 2, True),
            [
                "A large graph of 3,999 operations: K0 2,000, K1 1,999.",
                "The deepest road: 1,999 operations.",
                "Leaves: 1,000.",
                "Parameters: 2; numbers in them: 1,234.",
            ],
        ),
        (
            summed_up(3, 2, False),
            [
                "A large graph of at least 3,999 operations; those nearest to the "
                "result: K0 2,000, K1 1,999.",
                "The deepest road: at least 1,999 operations.",
                "Leaves: at least 3.",
                "Parameters: at least 2; numbers in them: at least 1,234.",
            ],
        ),
        (
            summed_up(0, 0, True),
            [
                "A large graph of 3,999 operations: K0 2,000, K1 1,999.",
                "The deepest road: 1,999 operations.",
            ],
        ),
    ],
)
def test_a_large_graph_is_summed_up_in_sentences(graph, sentences):
    assert write_summary(graph) == sentences


def test_a_large_graph_is_first_summed_up_and_then_described():
    x = Node("x", "x", "leaf", 3.0, torch.ones(9))
    graph = Graph(
        (x, Node("y", "y", "Mul", 6.0)),
        (Edge("x", "y", 0),),
        ("y",),
        0,
        summary=Summary((("Mul", 600),), 0, 0, 0, 500, True),
    )
    assert describe_graph(graph) == (
        "A large graph of 600 operations: Mul 600. The deepest road: 500 operations. "
        "Graph of y: x at the top, 1 operation below. Largest absolute gradient of x: "
        "1."
    )


def leaves_with(*gradients):
    pairs = zip("abcd", gradients, strict=False)
    return graph_of(*(Node(it, it, "leaf", 1.0, gradient) for it, gradient in pairs))


def nine(*numbers):
    return torch.tensor([*numbers] + [0.5] * (9 - len(numbers)))


NOTHING, ODD = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("graph", "sentences"),
    [
        (leaves_with(torch.ones(2), None), []),
        (leaves_with(torch.ones(2), nine(-3.0)), ["from 1 (a) to 3 (b)."]),
        (leaves_with(nine(), None, nine(0.25)), ["of a, c: 0.5."]),
        (leaves_with(nine(1.0001), nine(1.0002)), ["of a, b: 1."]),
        (leaves_with(nine(NOTHING)), ["of a: 0.5.", "in the gradient of a."]),
        (
            leaves_with(nine(2.0), nine(ODD), torch.tensor(NOTHING)),
            ["from 0.5 (b) to 2 (a).", "in the gradient of b, c."],
        ),
        (leaves_with(nine(), torch.tensor(ODD)), ["of a: 0.5.", "gradient of b."]),
        (leaves_with(torch.ones(9, device="meta"), nine()), ["gradient of b: 0.5."]),
        (leaves_with(torch.full((9,), NOTHING), nine()), ["of b: 0.5.", "of a."]),
    ],
)
def test_how_large_gradients_are_is_said_where_the_picture_tells_sizes(
    graph, sentences
):
    found = [*describe_sizes(graph)]
    assert len(found) == len(sentences)
    assert all(map(str.endswith, found, sentences))


# ---- modules by hand --------------------------------------------------------


def called(path, kind="Linear", parameters=2, **more):
    return ModuleBox(0, kind, path, parameters, **more)


@pytest.mark.parametrize(
    ("module", "held"),
    [
        (called("net", parameters=None), []),
        (called("net", parameters=0), []),
        (called("net", parameters=1), ["1 parameter", ".grad None"]),
        (called("net", grad=1 / 3), ["2 parameters", "max |.grad| 0.3333"]),
        (called("net", grad=0.0), ["2 parameters", "max |.grad| 0"]),
    ],
)
def test_a_module_says_what_it_holds(module, held):
    assert describe_module(module) == held
    box = Node("%1", "net", "Linear", module=module)
    assert write_op(box) == ", ".join(["Linear", *held])


def test_a_module_is_named_where_its_result_has_another_name():
    module = called("net", turn=2, turns=3, part=1, parts=2, parameters=0)
    assert write_op(Node("%1", "h", "Linear", module=module)) == (
        "net: Linear (2/3) [1/2]"
    )
    assert write_op(Node("%1", "h", "Mul")) == "Mul"


PARTS = (
    " is drawn in {} parts: something that ran elsewhere meanwhile used what it had "
    "computed and gave it back."
)


@pytest.mark.parametrize(
    ("modules", "notes"),
    [
        ([called("a"), called("b")], []),
        (
            [called("a", turns=2), called("a", turns=2)],
            ["a: the same module, called 2 times."],
        ),
        (
            [called("a", turns=2), called("", turns=3), called("b", turns=2)],
            [
                "a, b: each of them one module, called 2 times.",
                "Linear: the same module, called 3 times.",
            ],
        ),
        (
            [called("a", parts=3), called("", parts=2), called("a", parts=3)],
            ["a" + PARTS.format(3), "Linear" + PARTS.format(2)],
        ),
        (
            [
                called("b", shares=("a",)),
                called("a", shares=("b",)),
                called("d", shares=("c", "e")),
            ],
            ["a, b: these share weights.", "c, d, e: these share weights."],
        ),
    ],
)
def test_of_modules_it_is_said_which_stand_in_several_boxes(modules, notes):
    assert [*note_modules(modules)] == notes


def test_an_opened_module_lists_its_boxes_and_the_constants_with_a_name():
    nodes = (
        X,
        Node("c", "", "constant", 2.0, within=(5,)),
        Node("d", "scale", "constant", 2.0, within=(5,)),
        Node("h", "h", "Mul", 6.0, within=(5,)),
        Node("%9", "", "Add", 8.0, within=(5, 7)),
    )
    opened = {5: called("net", turn=1, turns=2), 7: called("", "ReLU", None)}
    graph = Graph(nodes, (), ("%9",), 0, opened=opened)
    assert [*note_opened(graph)] == [
        "net: Linear (1/2), 2 parameters, opened: scale, h, %9",
        "ReLU, opened: %9",
    ]


def test_modules_are_spoken_of_by_their_kind_each_once():
    def box(name, path, kind):
        return Node(name, name, kind, 6.0, module=called(path, kind, 0))

    graph = graph_of(X, box("a", "", "ReLU"), box("y", "", "ReLU"), box("z", "n", "L"))
    assert describe_graph(graph) == (
        "Graph of z, with modules as boxes: ReLU, n: L; 3 operations in all."
    )


def test_what_stands_alone_is_a_leaf():
    graph = Graph((X,), (), ("x",), 0)
    said = "x: a leaf, from which nothing has been computed here."
    assert describe_graph(graph) == said


def test_notes_tell_of_modules_and_of_numbers_that_were_let_go():
    module = called("net", turns=2)
    node = Node("y", "y", "Linear", count=3, module=module)  # without a ×
    graph = Graph((X, node), (), ("y",), 0, let_go=True)
    repeated, let_go = write_notes(graph)
    assert repeated == "net: the same module, called 2 times."
    assert let_go.startswith("? marks numbers that were not kept: there was more")
    opened = Graph((X,), (), ("x",), 0, opened={5: module})
    assert write_notes(opened) == [repeated]


@pytest.mark.parametrize("place", ["value", "grad", "held", "arrow"])
def test_a_size_is_explained_wherever_it_stands(place):
    large = torch.ones(9)
    held = {"value": 3.0} | ({place: large} if place != "arrow" else {})
    leaf = Node("x", "x", "leaf", **held)
    edge = Edge("x", "y", 0, large if place == "arrow" else None)
    graph = Graph((leaf, Node("y", "y", "Mul", 6.0)), (edge,), ("y",), 0)
    assert write_notes(graph) == ["After a shape, ± marks the largest absolute value."]
