"""What one changed rule makes of a program, number by number."""

import pytest
import torch
from torch import tensor

from helpers.checking import rules
from helpers.checking.answers import make_plain, write_answer
from helpers.checking.machine import Program
from helpers.lessons import walks

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole

X = "x = torch.tensor(2.0, requires_grad=True)\n"
V = "v = torch.tensor([2.0, 3.0], requires_grad=True)\n"
K = "k = torch.tensor(5.0)\n"
RAMP = "x = torch.arange(3.0, requires_grad=True)\n"
BACK = "y.backward()\nx.grad"
NO_GRAD = "with torch.no_grad():\n    "
# An operation that sends nothing to its second input, though that requires grad.
SILENT = """
class Silent(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        return 7 * x + 0 * w

    @staticmethod
    def backward(ctx, grad):
        return 7 * grad, None

w = torch.tensor(3.0, requires_grad=True)
"""
SQUARE = f"{X}y = x * x\n{BACK}"
CUBE = f"{X}y = x * x * x\n{BACK}"
CHAIN = f"{X}u = x * x\ny = 3 * u\n{BACK}"
STEEP = f"{X}y = torch.add(x, x * x, alpha=3)\n{BACK}"
QUOTIENT = f"{X}{K}y = x * k / k\n{BACK}"
PAIR = f"{X}{K}w = 3 * x\ny = x * w * k\n{BACK}"
MUTE = f"{X}{SILENT}u = Silent.apply(x * x, w.sin())\ny = u * u\n{BACK}"
MEAN = f"{V}y = (v * v).mean()\ny.backward()\nv.grad"
WIDE = f"{X}u = x.expand(2)\ny = u * u\ny.backward(torch.tensor([1.0, 2.0]))\nx.grad"
TWICE = f"{X}(3 * x).backward()\n(5 * x).backward()\nx.grad"
CLEARED = f"{X}(3 * x).backward()\nx.grad.zero_()\n(5 * x).backward()\nx.grad"
AGAIN = CLEARED.replace("\nx.grad", "\n(7 * x).backward()\nx.grad", 2)
ALIAS = f"{X}(3 * x).backward()\ng = x.grad\n(5 * x).backward()\ng"
LATE = f"x = torch.tensor(2.0)\nu = x * x\nx.requires_grad_()\ny = u * x\n{BACK}"
DESCENT = f"{X}(x * x).backward()\n{NO_GRAD}x -= 0.5 * x.grad\nx.item()"
PARTS = f"{V}a, b = v.unbind()\ny = a * a\ny.backward()\nv.grad"
JOINED = f"{V}y = torch.cat([v * v, v])\ny.backward(torch.arange(4.0))\nv.grad"
WEIGHTED = f"{V}y = v * v\ny.backward(torch.tensor([1.0, 10.0]))\nv.grad"


def misread(text, meaning):
    """Return all that is answered where a rule is changed, spot by spot."""
    run, told = Program(text).run(), []
    for rule in (*rules.RULES, *rules.SLIPS):
        if rule.meaning is meaning and rule.read:
            told += [make_plain(candidate) for candidate, _ in rule.read(run)]
        elif rule.meaning is meaning:
            told += [run.again([(rule, spot)]).answer for spot, _ in rule.spots(run)]
    return [write_answer(answer) for answer in told]


def words(text, meaning):
    """Return the words that each spot of a rule has for its hint."""
    run, told = Program(text).run(), []
    for rule in rules.RULES:
        if rule.meaning is meaning:
            told += [own for _, own in (rule.read or rule.spots)(run)]
    return told


# ---- what meets in .grad, and on the way --------------------------------------------


@pytest.mark.parametrize(
    ("meet", "met", "first"),
    [
        (rules.take_last, 5, 5),
        (rules.take_first, 3, 5),
        (rules.multiply, 15, 5),
        (rules.average, 4, 5),
    ],
)
def test_what_grad_holds_changes_where_it_stands(meet, met, first):
    """Guards against a name for .grad that keeps what it held."""
    for number, wanted in ((2, met), (1, first)):
        held = tensor(3.0)
        assert rules.in_place(meet)(held, tensor(5.0), number) is held
        assert held == wanted


def test_an_average_is_that_of_all_walks():
    assert rules.average(tensor(4.0), tensor(7.0), 3) == 5


@pytest.mark.parametrize(
    ("text", "meaning", "answers"),
    [
        (TWICE, walks.OVERWRITE, ["5"]),
        (TWICE, walks.FIRST_WINS, ["3"]),
        (TWICE, walks.ACCUMULATION_AVERAGES, ["4"]),
        (TWICE, walks.WALKS_MULTIPLY, ["15"]),
        (TWICE, walks.NEW_TENSOR_EACH_BACKWARD, ["8"]),
        (ALIAS, walks.OVERWRITE, ["5"]),
        (ALIAS, walks.FIRST_WINS, ["3"]),
        (ALIAS, walks.NEW_TENSOR_EACH_BACKWARD, ["3"]),
        (ALIAS, walks.GRAD_IS_A_SNAPSHOT, ["3"]),
        (TWICE, walks.GRAD_IS_A_SNAPSHOT, []),
        (f"{X}g = x.grad\ny = 3 * x\n{BACK}", walks.GRAD_IS_A_SNAPSHOT, []),
        (f"{ALIAS[:-1]}h = x.grad\nh", walks.GRAD_IS_A_SNAPSHOT, ["8"]),
        (CLEARED, walks.ZERO_IS_NOT_INPLACE, ["8"]),
        (CLEARED, walks.FIRST_WINS, ["5"]),
        (CLEARED, walks.WALKS_MULTIPLY, ["5"]),
        (CLEARED, walks.ACCUMULATION_AVERAGES, ["5"]),
        (AGAIN, walks.FIRST_WINS, ["5"]),
        (AGAIN, walks.ACCUMULATION_AVERAGES, ["6"]),
        (CLEARED.replace("zero_()", "zero_().add_(1)"), walks.FIRST_WINS, ["5"]),
        (
            CLEARED.replace("zero_()", "zero_().add_(1)"),
            walks.ZERO_IS_NOT_INPLACE,
            ["9"],
        ),
        (CLEARED.replace(".zero_()", " = None"), walks.ZERO_IS_NOT_INPLACE, ["8"]),
        (
            CLEARED.replace(".zero_()", " = torch.tensor(1.0)"),
            walks.ZERO_IS_NOT_INPLACE,
            ["6"],
        ),
        (STEEP, walks.ONE_ARROW_ONLY, ["6", "1"]),
        (STEEP, walks.USES_MULTIPLIED, ["36"]),
        (STEEP, walks.ARROWS_AVERAGED, ["4.333"]),
    ],
)
def test_what_meets_is_taken_as_the_rule_says(text, meaning, answers):
    assert misread(text, meaning) == answers


# ---- what an operation sends -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meaning", "answers"),
    [
        # To the root itself nothing is added; x * x has one slope, 2x, or two.
        (SQUARE, walks.SLOPES_ADDED, ["4", "4"]),
        (CHAIN, walks.SLOPES_ADDED, ["7", "10"]),
        (CUBE, walks.SLOPES_ADDED, ["10", "12"]),
        (STEEP, walks.SLOPES_ADDED, ["8", "11"]),
        (MUTE, walks.SLOPES_ADDED, ["67", "130"]),
        (SQUARE, walks.STEP_LEFT_OUT, ["1"]),
        (CHAIN, walks.STEP_LEFT_OUT, ["4", "3"]),
        (STEEP, walks.STEP_LEFT_OUT, ["5", "4"]),
        (MUTE, walks.STEP_LEFT_OUT, ["28", "224", "1568", "392"]),
        (MUTE, walks.STEP_TWICE, ["87808", "10976", "1568", "6272"]),
        (WIDE, walks.STEP_LEFT_OUT, ["3", "12"]),
        (JOINED, walks.STEP_LEFT_OUT, ["[2 9]", "[2 4]"]),  # each gets its own part
        (SQUARE, walks.STEP_TWICE, ["16"]),
        (CHAIN, walks.STEP_TWICE, ["36", "48"]),
        (STEEP, walks.STEP_TWICE, ["37", "49"]),
        (WIDE, walks.STEP_TWICE, ["48", "24"]),
        (PARTS, walks.STEP_TWICE, ["[16 0]", "[4 0]"]),  # nothing comes to b
        (CUBE, walks.OWN_FACTOR, ["18"]),
        (f"{X}y = x - 3 * x\n{BACK}", walks.OWN_FACTOR, ["-2"]),
        (f"{X}y = x / 4 - x * 3\n{BACK}", walks.OWN_FACTOR, ["-2.75"]),
        (QUOTIENT, walks.CONSTANT_DROPPED, ["0.2"]),
        (PAIR, walks.CONSTANT_DROPPED, ["12", "40"]),
        (CHAIN, walks.CONSTANT_DROPPED, []),
    ],
)
def test_an_operation_sends_what_the_rule_says(text, meaning, answers):
    assert misread(text, meaning) == answers


def test_each_operation_of_the_last_walk_is_a_spot_by_its_name():
    two = f"{X}y = x.sin()\ny.backward()\nz = (2 * (3 * x)).exp()\nz.backward()\nx.grad"
    named = [{"name": name} for name in ("`z`", "`Mul`")]
    assert words(two, walks.STEP_LEFT_OUT) == named
    assert words(two, walks.STEP_TWICE) == named
    assert words(PAIR, walks.CONSTANT_DROPPED) == [
        {"name": "`y`"},
        {"name": "`w`"},
    ]


def test_of_many_operations_only_the_first_are_spots():
    steps = "".join(f"y{n} = (y{n - 1}).sin()\n" for n in range(1, 20))
    named = words(f"{X}y0 = x.sin()\n{steps}y19.backward()\nx.grad", walks.STEP_TWICE)
    assert named == [{"name": f"`y{n}`"} for n in range(19, 7, -1)]


def test_a_slope_is_that_of_all_arrows_to_one_input():
    run = Program(STEEP).run()
    (walked,) = run.walks
    _, square, _ = walked.walk.received
    graph = walked.walk.trace.graph
    leaf = next(edge.source for edge in graph.edges if edge.target == square)
    slopes = rules.sum_slopes(walked.walk, square, (tensor(3.0),))
    assert slopes == {(leaf, 0): 4}


# ---- what the program does ---------------------------------------------------------


def descend(step, asked="x.item()"):
    return f"{X}(x * x).backward()\n{NO_GRAD}{step}\n{asked}"


CUT = f"{X}u = x.detach()\ny = u * x\n{BACK}"
EDIT = f"{V}u = v.detach()\nu[1] = 10.0\n(v * v).sum().backward()\nv.grad"
BLOCK = f"{X}{NO_GRAD}u = torch.mul(x, other=x)\ny = u * x\n{BACK}"
CONSTANT = f"{X}k = torch.tensor(5.0, requires_grad=False)\ny = x * k\ny.backward()\n"


@pytest.mark.parametrize(
    ("text", "meaning", "answers"),
    [
        (CUT, walks.DETACH_IS_A_COPY, ["4"]),
        (BLOCK, walks.DETACH_IS_A_COPY, ["4"]),
        (EDIT, walks.DETACH_COPIES, ["[4 6]"]),
        (BLOCK, walks.NO_GRAD_STILL_FLOWS, ["12"]),
        (
            BLOCK.replace("y.back", "y.mul_(x)\ny.back"),
            walks.NO_GRAD_STILL_FLOWS,
            ["32"],
        ),
        (f"{X}y = x.item() * x\n{BACK}", walks.NUMBERS_CARRY_GRAD, ["4"]),
        (f"{CONSTANT}k.grad", walks.GRAD_EVERYWHERE, ["2"]),
        (
            f"{X}n = torch.tensor(3)\n{CONSTANT[len(X) :]}k.grad",
            walks.GRAD_EVERYWHERE,
            ["2"],
        ),
        (f"{CONSTANT}x.grad", walks.GRAD_EVERYWHERE, []),
        (f"{CONSTANT}y.item()", walks.GRAD_EVERYWHERE, []),
        (LATE, walks.RETROACTIVE, ["12"]),
        (
            f"{X}(3 * x).backward()\ng = x.grad\nw = torch.tensor(5.0)\ng.zero_()\n"
            "u = w * w\nw.requires_grad_()\ny = u * w\ny.backward()\nw.grad",
            walks.RETROACTIVE,
            ["75"],
        ),
        (f"{K}k += 1\n{LATE}", walks.RETROACTIVE, ["12"]),
        (CHAIN, walks.RETROACTIVE, []),
        (MEAN, walks.SUM_IS_MEAN, ["[4 6]"]),
        (MEAN.replace("mean()", "sum(dim=0)"), walks.SUM_IS_MEAN, ["[2 3]"]),
        (
            "x = torch.ones(2, 2, requires_grad=True)\ny = (3 * x).sum(dim=0)\n"
            "y.backward(torch.tensor([2.0, 4.0]))\nx.grad",
            walks.SUM_IS_MEAN,
            ["[[3 6][3 6]]"],
        ),
        (descend("x -= 0.5 * x.grad"), walks.UPHILL, ["4"]),
        (descend("x.sub_(x.grad, alpha=0.25)"), walks.UPHILL, ["3"]),
        (descend("x += 0.5 * x.grad"), walks.UPHILL, ["4"]),
        (f"{X}u = x.detach()\nu -= 1\nx.item()", walks.UPHILL, ["1"]),
        (descend("x -= 0.25 * x.grad"), walks.NO_GRAD_BLOCKS_UPDATE, ["2"]),
        (descend("x.copy_(x.grad)"), walks.NO_GRAD_BLOCKS_UPDATE, ["2"]),
        (descend("x[()] = 9.0"), walks.NO_GRAD_BLOCKS_UPDATE, ["2"]),
        (f"{X}u = x.detach()\nu -= 1\nx.item()", walks.NO_GRAD_BLOCKS_UPDATE, ["1"]),
    ],
)
def test_a_call_does_what_the_rule_says(text, meaning, answers):
    assert misread(text, meaning) == answers


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("add_", True),
        ("__iand__", True),
        ("__ilshift__", True),
        ("__setitem__", True),
        ("add", False),
        ("__and__", False),
        ("__getitem__", False),
        ("__invert__", False),
        ("__index__", False),
        ("__int__", False),
        ("is_leaf", False),
    ],
)
def test_what_changes_its_first_input_is_told_by_its_name(name, changes):
    """Guards against a mask that is not turned where updates are left out."""
    assert rules.is_in_place(name) is changes


def test_what_is_recorded_under_no_grad_leaves_leaves_to_be_changed():
    steps = ("x += 1", "x.add_(1)", "x[()] = 3.0")
    for step in steps:
        text = f"{X}{NO_GRAD}{step}\ny = x * x\n{BACK}"
        assert misread(text, walks.NO_GRAD_STILL_FLOWS) == ["6"]


ELSEWHERE = 99, tensor(7.0)  # a spot that no call comes to
SPOTS = {rules.flag_early: 99, rules.make_elsewhere: ELSEWHERE}


@pytest.mark.parametrize(
    "rule",
    [it for it in rules.RULES if it.call not in (None, rules.sum_for_mean)],
    ids=lambda it: it.tag,
)
def test_what_a_rule_is_not_about_is_done_as_it_was_asked_for(rule):
    """Guards against the keywords of a call that are lost on the way."""
    text = (
        "x = torch.full((2, 2), 3.0, requires_grad=True)\n"
        "k = torch.arange(1.0, 5.0).reshape(shape=(2, 2))\n"
        "y = torch.add(x, k, alpha=3).prod(dim=0, keepdim=True)\n"
        "y.backward(gradient=torch.ones_like(input=y))\n"
        "x.grad"
    )
    run = Program(text).run()
    changed = run.again([(rule, SPOTS.get(rule.call))])
    assert changed.answer.tolist() == run.answer.tolist() == [[12, 15], [6, 9]]


# ---- other numbers -----------------------------------------------------------------


def at(here, point):
    return {"here": here, "point": point}


VECTOR = f"{V}y = (v * v).sum()\ny.backward()\nv.grad"
COUNTED = f"{RAMP}y = (x * x).sum()\n{BACK}"
READ = f"{X}(3 * x).backward()\ng = x.grad\nw = torch.tensor(5.0, requires_grad=True)\n"
CHANGED = f"{X}y = x * x\ny.backward()\n{NO_GRAD}x += 1\nx.grad"
WHOLE = "x = torch.tensor(2)\ny = x * x\nx.grad"


@pytest.mark.parametrize(
    ("text", "meaning", "answers", "told"),
    [
        (SQUARE, walks.X_FORGOTTEN, ["6", "2"], [at("2", "3"), at("2", "1")]),
        (LATE, walks.X_FORGOTTEN, ["9", "1"], [at("2", "3"), at("2", "1")]),
        # What is read before is no other: neither is w.
        (
            f"{READ}y = g * w\ny.backward()\nw.grad",
            walks.X_FORGOTTEN,
            ["3", "3"],
            [at("5", "6"), at("5", "1")],
        ),
        (COUNTED, walks.X_FORGOTTEN, ["[2 4 6]"], [at("[0 1 2]", "[1 2 3]")]),
        (VECTOR, walks.X_FORGOTTEN, [], []),
        (WHOLE, walks.X_FORGOTTEN, [], []),
        (CHANGED, walks.GRAD_IS_LIVE, ["6"], [at("2", "3")]),
        (SQUARE, walks.GRAD_IS_LIVE, [], []),
        (SQUARE, walks.FINITE_DIFFERENCE, ["5"], [at("2", "3")]),
        (COUNTED, walks.FINITE_DIFFERENCE, [], []),
        (TWICE, walks.FINITE_DIFFERENCE, [], []),
        (VECTOR, walks.FINITE_DIFFERENCE, [], []),
        (WEIGHTED, walks.ARGUMENT_IS_THE_POINT, ["[2 20]"], [{}]),
        (VECTOR, walks.ARGUMENT_IS_THE_POINT, [], []),
        (WEIGHTED.replace("10.0", "1.0"), walks.ARGUMENT_IS_THE_POINT, [], []),
    ],
)
def test_a_slope_is_taken_elsewhere(text, meaning, answers, told):
    assert misread(text, meaning) == answers
    assert words(text, meaning) == told


@pytest.mark.parametrize(
    ("meaning", "answer"),
    [
        (walks.WEIGHTS_IGNORED, "[4 6]"),
        (walks.WEIGHTS_ARE_SHARES, "[1 4.5]"),
        (walks.FIRST_ROW, "[12 6]"),
        (walks.OUTPUTS_AVERAGED, "[2 9]"),
    ],
)
def test_weights_are_what_the_rule_says(meaning, answer):
    assert misread(WEIGHTED.replace("10.0", "3.0"), meaning) == [answer]


def test_weights_that_are_no_vector_have_no_reverse_order():
    for weights in (tensor(3.0), tensor([[1.0, 2.0], [3.0, 4.0]])):
        assert torch.equal(rules.weigh_reversed(weights, weights), weights)
