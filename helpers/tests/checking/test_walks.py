"""A changed walk: autograd's own without a change, another number with one."""

import math
import re
from contextlib import suppress
from itertools import count

import pytest
import torch
from hypothesis import HealthCheck, Phase, find, given, reject, settings
from hypothesis import strategies as st
from torch.utils.checkpoint import checkpoint

from helpers.checking.answers import is_same, make_plain, write_answer
from helpers.checking.explain import (
    CLOSE,
    explain,
    list_changes,
    list_likely,
    list_others,
    run_changed,
    say,
)
from helpers.checking.guesses import judge_guess
from helpers.checking.machine import MOST_CALLS, LiveGraph, Program, TooLarge
from helpers.checking.readings import read_diagonal, read_uncut
from helpers.checking.rules import RULES, SLIPS
from helpers.checking.steps import next_step
from helpers.lessons import LESSONS

FACTOR = """
x = torch.tensor(5.0, requires_grad=True)
u = x * x
y = 3 * u
y.backward()
x.grad
"""
MIDDLE = """
x = torch.tensor(3.0, requires_grad=True)
u = 2 * x
u.retain_grad()
y = u**2
y.backward()
u.grad
"""
RETURNED = """
x = torch.tensor(3.0, requires_grad=True)
y = x * x
g = y.backward()
g
"""
ONE_TRACKED = """
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0])
y = (x * w).sum()
y.backward()
w.grad
"""
BOTH_TRACKED = """
x = torch.tensor(2.0, requires_grad=True)
w = torch.tensor(5.0, requires_grad=True)
y = x * w
y.backward()
x.grad
"""
LATE = """
x = torch.tensor(3.0)
y = x**2
x.requires_grad_()
z = x * y
z.backward()
x.grad
"""
NUMBER = """
x = torch.tensor(3.0, requires_grad=True)
y = x.item() * x
y.backward()
x.grad
"""
EDITED = """
x = torch.tensor(3.0, requires_grad=True)
y = x**2
y.backward()
with torch.no_grad():
    x += 1
x.grad
"""
SHARED = """
x = torch.arange(4.0, requires_grad=True)
u = x.detach()
u[1] = 10.0
y = x * x
y.sum().backward()
x.grad
"""
ALIAS = """
x = torch.tensor(2.0, requires_grad=True)
(x**2).backward()
g = x.grad
x.grad.zero_()
(x**3).backward()
g
"""
TWO_WALKS = """
x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
y.backward()
y = x.sum()
y.backward()
x.grad
"""
DESCENT = """
w = torch.tensor(3.0, requires_grad=True)
path = []
for _ in range(3):
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.25 * w.grad
    path.append(w.item())
path[1]
"""
WEIGHTED = """
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.stack([x[0] * x[1], 5 * x[1]])
y.backward(gradient=torch.tensor([1.0, 10.0]))
x.grad
"""
CUT = """
x = torch.tensor([1.0, 2.0, 5.0], requires_grad=True)
y = x * x
u = y.detach()
z = u * x
z.sum().backward()
x.grad
"""
UNRECORDED = """
x = torch.tensor(4.0, requires_grad=True)
with torch.no_grad():
    u = x * x
z = u * x
z.backward()
x.grad
"""
NOT_A_NUMBER = """
x = torch.tensor([0.0, 4.0], requires_grad=True)
y = torch.where(x > 0, x.sqrt(), 7.0)
y.sum().backward()
x.grad
"""
UNCUT = next(rule for rule in RULES if rule.read is read_uncut)
NAMED = {name: text for name, text in globals().items() if name.isupper()}
NAMED = {name: text for name, text in NAMED.items() if isinstance(text, str)}
NUMBERS_OF_PROGRAMS = count()
PROGRAMS = [Program(text) for text in NAMED.values()]


def run_plainly(program):
    """Return what PyTorch itself answers."""
    names = {"torch": torch}
    *body, asked = program.source.strip().splitlines()
    exec("\n".join(body), names)
    return eval(asked, names)


def anew(text):
    """Return a program that nothing is known of: what is found of one is kept."""
    return Program(f"# {next(NUMBERS_OF_PROGRAMS)}\n{text}")


def tell(text, guess):
    """Return the names of the rules that explain a guess."""
    program = anew(text)
    found = explain(program, make_plain(guess), make_plain(run_plainly(program)))
    return found and found.tags


# ---- random programs ---------------------------------------------------------

NUMBERS = st.integers(-12, 12).map(lambda number: number / 4)
LINES = (
    "{new} = {one} * {other}",
    "{new} = {one} + {other}",
    "{new} = {one} - 3 * {other}",
    "{new} = {one}.sin()",
    "{new} = ({one} * {other}).exp().log1p()",
    "{new} = {one}.detach() * {other}",
    "{new} = {one}.mean() + {other}",
    "{new} = {one} + k * {other}",
    "{new} = {one}.sum().item() + {other} * {other}",
    "{new} = {one}\nwith torch.no_grad(): {new} = {one} * {other}",
)
WALKS = (
    "(0.5 * {root} + x).sum().backward(retain_graph=True)",
    "({root} * x).backward(torch.arange(1.0, 1 + x.numel()).view_as(x), True)",
    "({root}.flatten().cumsum(0) * w).backward(w.detach() + 1, retain_graph=True)",
)
AFTERWARDS = (
    "",
    "g = x.grad",
    "x.grad.zero_()",
    "x.grad = None",
    "with torch.no_grad(): x -= 0.5 * x.grad",
    "n = x.detach(); n += 1.5",
)
ASKED = ("x.grad", "x.grad", "w.grad", "g", "x.sum().item()", "a.grad", "k.grad")


@st.composite
def programs(draw):
    """Return a program with leaves, constants and one to three walks."""
    numbers = draw(st.one_of(NUMBERS, st.lists(NUMBERS, min_size=2, max_size=3)))
    late = draw(st.booleans())
    lines = [f"x = torch.tensor({numbers}, requires_grad={not late})"]
    lines += ["b = x * x", "x.requires_grad_()"] * late
    lines += ["k = torch.tensor(4.0)", "w = torch.ones(x.numel(), requires_grad=True)"]
    lines += ["g = w.grad", "a = k * x", "a.retain_grad()"]
    names = ["x", "a", *"b" * late]
    for new in "cdefh"[: draw(st.integers(1, 5))]:
        one, other = (draw(st.sampled_from(names)) for _ in "12")
        line = draw(st.sampled_from(LINES))
        lines.append(line.format(new=new, one=one, other=other))
        names.append(new)
    for _ in range(draw(st.integers(1, 3))):
        walk = draw(st.sampled_from(WALKS))
        lines.append(walk.format(root=draw(st.sampled_from(names[1:]))))
        lines.append(draw(st.sampled_from(AFTERWARDS)))
    return Program("\n".join([*lines, draw(st.sampled_from(ASKED))]))


def plainly_or_not(program):
    """Return what PyTorch itself answers, or no example where it refuses."""
    try:
        return make_plain(run_plainly(program))
    except (RuntimeError, AttributeError, TypeError):  # changed in place, no .grad yet
        reject()


@settings(max_examples=60, deadline=None)
@given(programs())
def test_without_a_change_it_is_autograds_own_gradient_bit_for_bit(program):
    theirs, ours = plainly_or_not(program), program.run().answer
    assert type(ours) is type(theirs)
    if theirs is not None:
        assert torch.equal(ours.nan_to_num(7), theirs.nan_to_num(7))


ANYWHERE = settings(
    max_examples=1000,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.thorough
@pytest.mark.parametrize(
    "rule", [it for it in (*RULES, *SLIPS) if it is not UNCUT], ids=lambda it: it.tag
)
def test_each_rule_differs_from_autograd_on_some_random_program(rule):
    def differs(program):
        plainly_or_not(program)
        with suppress(RuntimeError):  # what was changed in place cannot be walked again
            return gives_another(rule, program)
        return False

    find(programs(), differs, settings=ANYWHERE)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_answers_what_pytorch_does(program):
    assert is_same(program.run().answer, make_plain(run_plainly(program)), 0)


def imagine_a_cut():
    """Ask about a live graph as if one of its tensors were detached."""
    x = torch.tensor(3.0, requires_grad=True)
    u = x * x
    y = u * x
    return LiveGraph(y, x, {"x": x, "u": u, "y": y}, cut=u.grad_fn)


def test_the_rule_about_an_imagined_cut_differs_there():
    assert gives_another(UNCUT, imagine_a_cut())


def test_of_an_imagined_cut_it_is_told_what_would_come_without():
    assert said(imagine_a_cut(), 27, 9) == (
        "27 comes out if detach() cuts nothing; but it gives numbers without a "
        "history, so no road leads back through them."
    )


def test_a_table_with_an_imagined_cut_has_nothing_of_the_road_that_is_cut():
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    u = x * x
    y = torch.stack([u[0] * x[1], 5 * x[1]])
    weights, truth = torch.tensor([1.0, 10.0]), make_plain([0, 51])
    asked = LiveGraph(y, x, {"x": x, "u": u, "y": y}, weights, cut=u.grad_fn)
    for table, tag in (([[0, 1], [0, 5]], "JACOBIAN"), ([[4, 1], [0, 5]], None)):
        found = explain(asked, make_plain(table), truth)
        assert (found and found.tags) == (tag and (tag,))


def gives_another(rule, program):
    run = program.run()
    if rule.read is not None:
        given = [make_plain(candidate) for candidate, _ in rule.read(run)]
    else:
        changed = (run_changed(run, (rule, spot)) for spot, _ in rule.spots(run))
        given = [it.answer for it in changed if it is not None]
    return not all(is_same(it, run.answer) for it in given)


def ask_live(asked="x", **more):
    """Ask about a live graph of which x, u and w have names; 30, 3 and None come."""
    x, w = torch.tensor(5.0, requires_grad=True), torch.ones(2, requires_grad=True)
    u = x * x
    y = u * 3
    names = {"x": x, "u": u, "w": w, "y": y}
    cut = more.pop("cut", None)
    more |= {"cut": names[cut].grad_fn} if cut else {}
    return LiveGraph(y, names[asked], names, **more)


FIVE = torch.tensor(5.0)


@pytest.mark.parametrize(
    ("asked", "truth", "guess", "tag"),
    [
        (ask_live(), 30, 15, "ONE-USE-ONLY"),
        (ask_live("u"), 3, 30, "WHOLE-ROAD"),
        (ask_live("w"), None, 30, "OTHER-LEAF"),
        (ask_live(weights=FIVE), 150, 30, "WEIGHTS-IGNORED"),
        (ask_live(cut="u"), None, 30, "DETACH-IS-A-COPY"),
        (ask_live(held=FIVE), 35, 30, "OVERWRITE"),
        (ask_live(held=FIVE), 35, 5, "FIRST-WINS"),
        (ask_live(held=FIVE), 35, 17.5, "ACCUMULATION-AVERAGES"),
        (ask_live(held=FIVE), 35, 150, "WALKS-MULTIPLY"),
        (ask_live(steps=("walk", "walk")), 60, 30, "OVERWRITE"),
        (ask_live("u", steps=("walk", "walk")), 6, 9, "WALKS-MULTIPLY"),
        (ask_live(steps=("walk", "clear", "walk")), 30, 60, "ZERO-IS-NOT-INPLACE"),
        (ask_live(steps=("walk", "clear")), None, 30, "ZERO-IS-NOT-INPLACE"),
        (ask_live(steps=("clear", "walk"), held=FIVE), 30, 35, "ZERO-IS-NOT-INPLACE"),
    ],
)
def test_walks_of_a_live_graph_are_misread_like_those_of_a_program(
    asked, truth, guess, tag
):
    run = asked.run()
    assert is_same(run.answer, make_plain(truth), 0)
    assert explain(asked, make_plain(guess), run.answer).tags == (tag,)
    assert asked.asked.grad is None if asked.asked.is_leaf else True
    assert FIVE == 5


def test_of_a_live_graph_it_is_spoken_by_the_learners_names():
    assert said(ask_live("u"), 30, 3) == (
        "30 is what arrives at `x`, further back; `u.grad` is what passes `u` on the "
        "way there."
    )


# ---- what is left alone ------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.lists(NUMBERS, min_size=1, max_size=3), st.booleans(), NUMBERS)
def test_a_live_graph_and_all_of_the_learners_stays_as_it_was(numbers, held, guess):
    x = torch.tensor(numbers, requires_grad=True)
    x.grad = torch.ones_like(x) if held else None
    before, called = x.grad, []
    x.register_hook(called.append)
    u = x * x
    y = (u.sin() * u).sum()
    state, versions = torch.get_rng_state(), [t._version for t in (x, u, y)]
    asked = LiveGraph(y, x, {"x": x, "u": u, "y": y})
    (truth,) = torch.autograd.grad(y, x, retain_graph=True)
    called.clear()
    explain(asked, make_plain([guess] * len(numbers)), make_plain(truth))
    next_step(asked, 0, make_plain(truth))
    assert torch.equal(asked.run().answer, make_plain(truth))
    assert x.grad is before and (before is None or before.eq(1).all())
    assert not called and [t._version for t in (x, u, y)] == versions
    assert torch.equal(torch.get_rng_state(), state) and torch.is_grad_enabled()
    y.backward()  # nothing was freed


def test_of_a_freed_graph_nothing_is_said():
    x = torch.tensor(5.0, requires_grad=True)
    y = x * x
    y.backward()
    asked = LiveGraph(y, x, {"x": x, "y": y})
    assert explain(asked, make_plain(5.0), make_plain(10.0)) is None
    assert next_step(asked, 0, make_plain(10.0)) is None


class Stubborn(torch.autograd.Function):
    """Refuse to be walked back through."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ValueError


def leaf(*shape):
    return torch.ones(shape, requires_grad=True)


def make_chain(x, length):
    for _ in range(length):
        x = 3 * x
    return x


def make_hidden(x):
    """Return a result whose walk would run the learner's code again."""
    return checkpoint(lambda x: x * x, x, use_reentrant=False)


def make_slope(x):
    return torch.autograd.grad(x**3, x, create_graph=True)[0]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (x := leaf(1_000_000), (x * x).sum()),
        (x := leaf(), Stubborn.apply(x)),
        (x := leaf(), torch.stack([x] * 100).cumsum(0).unbind()[-1]),
        (x := leaf(2), x.detach()),
        (x := leaf(), make_hidden(x)),
    ],
)
def test_of_what_cannot_be_walked_nothing_is_said(x, y):
    asked = LiveGraph(y, x, {"x": x, "y": y})
    assert explain(asked, make_plain(5.0), make_plain(6.0)) is None
    assert next_step(asked, 0, make_plain(6.0)) is None
    assert x.grad is None


@pytest.mark.parametrize(
    ("x", "y", "tags"),
    [
        (x := leaf(1000), (3 * x).sum(), ("NONE-IS-ZERO",)),
        (x := leaf(1001), (3 * x).sum(), None),
        (x := leaf(), make_chain(x, 59), ("NONE-IS-ZERO",)),
        (x := leaf(), make_chain(x, 60), None),
    ],
)
def test_what_is_too_large_is_not_walked(x, y, tags):
    (truth,) = torch.autograd.grad(y, x, retain_graph=True)
    asked = LiveGraph(y, x, {"x": x, "y": y})
    guess = make_plain(torch.zeros_like(x))
    found = explain(asked, guess, make_plain(truth))
    assert (found and found.tags) == tags


def test_to_the_last_of_many_outputs_comes_nothing_from_what_is_hidden():
    x = torch.ones(12, requires_grad=True)
    *_, last = x.unbind()
    asked = LiveGraph(make_hidden(last), last, {"last": last})
    assert asked.run().answer is None


@pytest.mark.parametrize("more", ["create_graph=True", "inputs=[x]"])
def test_of_a_walk_in_another_way_nothing_is_said(more):
    text = FACTOR.replace("backward()", f"backward({more})")
    assert explain(anew(text), make_plain(15), make_plain(30)) is None


def test_a_program_may_make_so_many_calls_and_no_more():
    text = "x = torch.tensor(3.0, requires_grad=True)\n" + "x.cos()\n" * 9 + "x.sin()"
    more = MOST_CALLS - Program(text).run().machine.called.total()
    at_most = text.replace("x.sin()", "x.cos()\n" * more + "x.sin()")
    assert Program(at_most).run().machine.called.total() == MOST_CALLS
    with pytest.raises(TooLarge):
        Program(f"x = torch.tensor(3.0)\n{at_most}").run()


def test_a_slope_that_has_a_graph_is_walked_like_any_other_result():
    x = torch.tensor(2.0, requires_grad=True)
    y = make_slope(x)  # 3x²
    found = explain(LiveGraph(y, x, {"x": x, "y": y}), *map(make_plain, (2.0, 12.0)))
    assert found.tags == ("OWN-VALUE",) and x.grad is None


def test_where_the_truth_is_no_number_an_answer_may_still_be_explained():
    x = torch.tensor(0.0, requires_grad=True)
    y = torch.where(x > 0, x.sqrt(), 0.0)
    asked = LiveGraph(y, x, {"x": x, "y": y})
    assert explain(asked, make_plain(1.0), make_plain(math.nan)) is not None


def test_a_program_that_does_not_end_under_a_changed_rule_is_left():
    endless = """
x = torch.tensor(2.0, requires_grad=True)
y = x
while y < 100:
    y = y * x
y.backward()
x.grad
"""
    assert tell(endless, 64.0) == ("ONE-USE-ONLY",)
    assert tell(endless, 12345.0) is None


def test_where_another_program_ran_nothing_is_said():
    assert explain(anew(FACTOR), make_plain(15.0), make_plain(31.0)) is None


STRAIGHT = (
    "x = torch.tensor([3.0], requires_grad=True)\ny = 2 * x\ny.backward()\nx.grad"
)
PAIR = STRAIGHT.replace("3.0", "3.0, 4.0")
ALWAYS = (
    *("SUM=MEAN", "ZERO-IS-NOT-INPLACE", "SLOPES-ADDED", "OWN-VALUE"),
    *("STEP-LEFT-OUT", "STEP-TWICE"),
)
REPEATED = (
    *("OVERWRITE", "FIRST-WINS", "ACCUMULATION-AVERAGES", "WALKS-MULTIPLY"),
    "NEW-TENSOR-EACH-BACKWARD",
)
WEIGHED = ("WEIGHTS-IGNORED", "WEIGHTS-ARE-SHARES", "FIRST-ROW")


def try_all(text):
    """Return the names of the rules that change something of a program's run."""
    run = anew(text).run()
    return {rule.tag for rule in RULES if [*list_changes(run, rule)]}


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        (STRAIGHT, ["X-FORGOTTEN"]),
        (STRAIGHT.replace("()", "(torch.ones(1))"), ["X-FORGOTTEN"]),
        (
            STRAIGHT.replace("()", "(torch.ones(1) * 4)"),
            ["X-FORGOTTEN", *WEIGHED, "ARGUMENT-IS-THE-POINT"],
        ),
        (PAIR.replace("()", "(torch.ones(2))"), WEIGHED),
        (
            NUMBER.replace("x.item() * x", "(k := x.item()) * x"),
            ["X-FORGOTTEN", "NUMBERS-CARRY-GRAD"],
        ),
        (
            FACTOR,
            ["X-FORGOTTEN", "ONE-USE-ONLY", "USES-MULTIPLIED", "ACCUMULATION-AVERAGES"],
        ),
        (ALIAS, ["X-FORGOTTEN", "GRAD-IS-A-SNAPSHOT", *REPEATED]),
        (
            EDITED,
            [
                *("X-FORGOTTEN", "NO_GRAD-STILL-FLOWS", "NO_GRAD-BLOCKS-UPDATE"),
                *("UPHILL", "GRAD-IS-LIVE"),
            ],
        ),
    ],
)
def test_only_what_can_change_a_walk_is_tried(text, tags):
    """Guards against long waits: each change is a run of its own, with others more."""
    assert try_all(text) == {*ALWAYS, *tags}


# ---- what is said ------------------------------------------------------------

USED = FACTOR.replace("3 * u", "u + x")
OF_ONE = WEIGHTED.replace("[1.0, 2.0]", "3.0").replace(
    "[x[0] * x[1], 5 * x[1]]", "[x * x, 5 * x]"
)


@pytest.mark.parametrize(
    ("text", "guess", "tag"),
    [
        (FACTOR, 15, "ONE-USE-ONLY"),
        (FACTOR, 75, "GRAD-IS-VALUE"),
        (FACTOR, 5, "OWN-VALUE"),
        (FACTOR, 3, "LAST-STEP-ONLY"),
        (FACTOR, 10, "FIRST-STEP-ONLY"),
        (FACTOR, 225, "USES-MULTIPLIED"),
        (FACTOR, 13, "SLOPES-ADDED"),
        (FACTOR, 90, "STEP-TWICE"),
        (FACTOR, 6, "X-FORGOTTEN"),
        (FACTOR, 33, "FINITE-DIFFERENCE"),
        (FACTOR, 1, "GRAD-ON-OUTPUT"),
        (FACTOR, 0, "NONE-IS-ZERO"),
        (FACTOR, [15, 15], "ONE-GRADIENT-PER-ARROW"),
        (FACTOR, 3000, "POINT-MOVED"),
        (FACTOR, 300, "STEP-TWICE"),
        (MIDDLE, 24, "WHOLE-ROAD"),
        (RETURNED, 6, "BACKWARD-RETURNS"),
        (ONE_TRACKED, [1, 2], "GRAD-EVERYWHERE"),
        (ONE_TRACKED, [0, 0], "NONE-IS-ZERO"),
        (LATE, 27, "RETROACTIVE"),
        (NUMBER, 6, "NUMBERS-CARRY-GRAD"),
        (EDITED, 8, "GRAD-IS-LIVE"),
        (SHARED, [0, 2, 4, 6], "DETACH-COPIES"),
        (ALIAS, 4, "GRAD-IS-A-SNAPSHOT"),
        (ALIAS, 16, "ZERO-IS-NOT-INPLACE"),
        (TWO_WALKS, [1, 1, 1, 1], "OVERWRITE"),
        (TWO_WALKS, [0, 4, 8, 12], "FIRST-WINS"),
        (TWO_WALKS, [0.5, 2.5, 4.5, 6.5], "ACCUMULATION-AVERAGES"),
        (DESCENT, 1.5, "OVERWRITE"),
        (DESCENT, 1.25, "ACCUMULATION-AVERAGES"),
        (DESCENT, 3, "NO_GRAD-BLOCKS-UPDATE"),
        (WEIGHTED, [2, 6], "WEIGHTS-IGNORED"),
        (WEIGHTED, [12, 50], "JVP-NOT-VJP"),
        (WEIGHTED, [2, 60], "WEIGHTS-ON-THE-INPUTS"),
        (WEIGHTED, [[2, 1], [0, 5]], "JACOBIAN"),
        (OF_ONE, [6, 5], "JACOBIAN"),
        (OF_ONE, 11, "WEIGHTS-IGNORED"),
        (CUT, [3, 12, 75], "DETACH-IS-A-COPY"),
        (USED, 10, "ONE-PATH-ONLY"),
        (USED, 2, "STEP-LEFT-OUT"),
        (UNRECORDED, 48, "NO_GRAD-STILL-FLOWS"),
    ],
)
def test_an_answer_is_explained_by_one_rule(text, guess, tag):
    assert tell(text, guess) == (tag,)


PART = """
x = torch.tensor([2.0, 5.0], requires_grad=True)
y = (x**3).sum()
y.backward()
x.grad[1]
"""
CLEARED = """
x = torch.tensor(3.0, requires_grad=True)
(4 * x).backward()
x.grad = None
(5 * x).backward()
(11 * x).backward()
x.grad
"""
COUNTED = """
x = torch.tensor(3.0, requires_grad=True)
for _ in range(9):
    k = 7
y = k * x
y.item()
"""


@pytest.mark.parametrize(
    ("text", "guess", "tag"),
    [
        (PART, 5, "OWN-VALUE"),  # a part of a value, as of the gradient
        (PART, 133, "GRAD-IS-VALUE"),  # or the whole, where it has no such part
        (PART, 0, "NONE-IS-ZERO"),
        (CLEARED, 8, "ACCUMULATION-AVERAGES"),  # of the walks since then
        (
            CLEARED.replace("x.grad = None", "x.grad.zero_()"),
            8,
            "ACCUMULATION-AVERAGES",
        ),
        (COUNTED, 7, "OTHER-VALUE"),
        (COUNTED, 8, None),
    ],
)
def test_what_is_asked_for_may_be_computed_from_what_walks_leave(text, guess, tag):
    assert tell(text, guess) == (tag and (tag,))


def test_two_rules_explain_what_one_does_not():
    assert tell(LATE, 18) == ("RETROACTIVE", "ONE-USE-ONLY")
    assert tell(FACTOR, 8) == ("SLOPES-ADDED", "ONE-USE-ONLY")
    assert tell(ALIAS, 48) == ("ZERO-IS-NOT-INPLACE", "WALKS-MULTIPLY")
    assert tell(FACTOR, 123.4) is None


def test_an_answer_may_be_rounded_and_so_may_the_truth():
    assert tell(FACTOR, 15.01) == ("ONE-USE-ONLY",)
    assert tell(FACTOR, 15.03) is None
    assert explain(anew(FACTOR), make_plain(15.0), make_plain(30.02)) is not None


def test_one_number_is_not_taken_for_the_start_of_several():
    assert tell(NOT_A_NUMBER, [1, 1]) == ("LAST-STEP-ONLY",)
    assert tell(NOT_A_NUMBER, 1) is None


SPOILT = WEIGHTED.replace("x.grad", "with torch.no_grad():\n    x += 1\nx.grad")


def test_what_cannot_be_walked_any_more_hides_no_other_explanation():
    assert tell(SPOILT, [1, 1]) == ("WEIGHTS-IGNORED", "GRAD-ON-OUTPUT")


def test_a_slope_on_the_way_is_known_though_another_is_spoilt_since():
    text = """
x = torch.tensor(3.0, requires_grad=True)
u = x * x
v = 7 * x
y = u + 5 * v
y.backward()
with torch.no_grad():
    x += 1
x.grad
"""
    assert tell(text, 7) == ("FIRST-STEP-ONLY",)


@pytest.mark.parametrize(("rows", "tags"), [(8, ("JACOBIAN",)), (9, None)])
def test_a_table_is_known_where_it_has_few_rows(rows, tags):
    text = f"""
x = torch.tensor([1.0, 2.0], requires_grad=True)
y = torch.arange(1.0, {rows + 1}) * x.sum()
y.backward(gradient=torch.arange({rows}.0))
x.grad
"""
    table = [[row, row] for row in range(1, rows + 1)]
    assert tell(text, table) == tags
    assert tell(text, torch.tensor(table).T) == tags


def test_each_output_with_its_own_input_is_no_mistake_where_no_other_has_any():
    assert [*read_diagonal(Program(WEIGHTED).run())]
    square = WEIGHTED.replace("torch.stack([x[0] * x[1], 5 * x[1]])", "x * x")
    assert not [*read_diagonal(Program(square).run())]


def said(program, guess, truth):
    return explain(program, make_plain(guess), make_plain(truth)).sentence


@pytest.mark.parametrize(
    ("asked", "truth", "words"),
    [
        (
            "y.item()",
            21,
            "what .grad holds of {}; asked for is `y.item()`, which is no",
        ),
        ("g", None, "the gradient of {}, but backward() does not hand it over"),
    ],
)
def test_whose_grad_it_is_is_told_by_its_name_or_without_one(asked, truth, words):
    text = f"""
parts = [torch.tensor(3.0, requires_grad=True)]
y = 7 * parts[0]
g = y.backward()
{asked}
"""
    named = text.replace("g =", "x = parts[0]\ng =")
    for program, name in ((text, "a tensor"), (named, "`x`")):
        assert f"7 is {words.format(name)}" in said(anew(program), 7, truth)


TWO_LEAVES = """
x = torch.tensor(3.0, requires_grad=True)
w = torch.tensor(2.0, requires_grad=True)
"""


@pytest.mark.parametrize(
    ("lines", "truth", "root"),
    [
        ("y = 4 * x\nz = 5 * w\ny.backward()\nz.backward()\n", 4, "`y`"),
        ("y = 4 * x\nz = 5 * x\ny.backward()\nz.backward()\n", 9, "`z`"),
        ("y = 4 * w\nz = 5 * w\ny.backward()\nz.backward()\n", None, "`z`"),
        ("y = 4 * x\nz = 5 * x\n", None, "`z`"),
        ("", None, "the result"),
    ],
)
def test_the_last_walk_that_comes_to_it_is_spoken_of(lines, truth, root):
    assert said(anew(f"{TWO_LEAVES}{lines}x.grad"), 3, truth) == (
        "3 is a value of `x` itself, not a gradient: `x.grad` says how fast "
        f"{root} changes with it."
    )


@pytest.mark.parametrize(
    ("text", "guess", "careful"),
    [
        (BOTH_TRACKED, 2, True),  # a small number, which much gives
        (BOTH_TRACKED.replace("2.0", "-2.0"), -2, True),
        (BOTH_TRACKED.replace("2.0", "2.5"), 2.5, False),
        (EDITED, 8, False),  # what the program is about comes before what may be
        (FACTOR, 3, False),  # and a number of the walk before a change of it
        (LATE, 27, False),
        (TWO_WALKS, [0, 4, 8, 12], True),  # two changes of one kind
        (TWO_WALKS, [1, 3, 5, 7], True),
    ],
)
def test_care_is_taken_where_something_as_likely_explains_an_answer_too(
    text, guess, careful
):
    program = anew(text)
    told = said(program, guess, run_plainly(program))
    assert told.startswith("Perhaps this is why: ") == careful


def test_a_hint_has_the_learners_own_names_and_numbers():
    text = (
        FACTOR.replace("x", "width").replace("u = ", "area = ").replace("* u", "* area")
    )
    assert said(anew(text), 15, 30.0) == (
        "15 is what only one of the 2 arrows brings to `width`; what comes along the "
        "rest is added to it."
    )


def test_what_many_rules_give_is_answered_with_care():
    program = anew(
        "a = torch.tensor(1.0, requires_grad=True)\ny = a + a\ny.backward()\na.grad"
    )
    assert said(program, 1, 2.0) == (
        "Perhaps this is why: 1 is what only one of the 2 arrows brings to `a`; what "
        "comes along the rest is added to it."
    )
    assert not said(anew(FACTOR), 15, 30.0).startswith("Perhaps")


def test_the_next_step_comes_with_each_try_and_never_the_answer():
    steps = [next_step(anew(FACTOR), tries, make_plain(30.0)) for tries in range(4)]
    assert steps == [
        "The walk starts at `y` with 1. What does `y` send on?",
        "`y` sends 3 to `u`. And `u`?",
        "2 arrows lead from `u` to `x`: what comes along each?",
        "2 arrows lead from `u` to `x`: what comes along each?",
    ]
    middle = [next_step(anew(MIDDLE), tries, make_plain(12.0)) for tries in range(4)]
    assert middle[-1] == "What does `y` send to `u`?" and "12" not in str(middle)


def test_boxes_of_one_name_are_told_apart_by_their_number():
    doubled = "x = torch.tensor(3.0, requires_grad=True)\ny = 2 * (2 * (2 * x))\n"
    program = anew(doubled + "y.backward()\nx.grad")
    second, third = (next_step(program, tries, make_plain(8.0)) for tries in (1, 2))
    assert second == "`y` sends 2 to `Mul` number 2. And `Mul` number 2?"
    assert third == "`Mul` number 2 sends 4 to `Mul` number 1. And `Mul` number 1?"


def test_the_next_step_of_who_gets_something_names_no_leaf():
    program = anew(
        "a = torch.ones(2, requires_grad=True)\nb = torch.ones(2, requires_grad=True)\n"
        "y = (a * a).sum()\ny.backward()\n[a.grad is None, b.grad is None]"
    )
    wanted = make_plain([False, True])
    steps = {next_step(program, tries, wanted) for tries in range(6)}
    assert len(steps) > 1 and not any("`a`" in step for step in steps)


def test_the_next_step_passes_no_arrow_of_an_imagined_cut():
    x = torch.tensor(2.0, requires_grad=True)
    u = x * x
    v = 3 * x
    y = u * v
    names = {"x": x, "u": u, "v": v, "y": y}
    for cut, step in (
        (v.grad_fn, "`y` sends 6 to `u`. And `u`?"),
        (u.grad_fn, "`y` sends 4 to `v`. And `v`?"),
    ):
        graph = LiveGraph(y, x, names, cut=cut)
        assert next_step(graph, 1, graph.run().answer) == step


QUESTIONS = {n: it for n, it in LESSONS.items() if getattr(it, "program", "")}


@pytest.mark.thorough
@pytest.mark.parametrize("name", QUESTIONS)
def test_each_rule_alone_and_two_at_once_run_on_each_question(name):
    program, truth = map_question(name)
    run = program.run()
    for rule in (*RULES, *SLIPS):
        list(rule.read(run) if rule.read else rule.spots(run))  # nothing is suppressed
    assert explain(program, make_plain(12345.678), truth) is None
    assert next_step(program, 0, truth) or not run.walks


def map_question(name):
    question = QUESTIONS[name]
    return anew(question.program), make_plain(question.truth)


# Its gradient is nearly the same at each x: to name it there gives the answer away.
STEADY = """
x = torch.tensor(2000.0, requires_grad=True)
s = (x.detach() > 2000.5).float()
y = 3 * s * x + (5 - 3 * s) * x + x * x / 1000000
y.backward()
x.grad
"""
PAIRED = {name: it.program for name, it in QUESTIONS.items()}
PAIRED |= {"not a number": NOT_A_NUMBER, "steady": STEADY}


@pytest.mark.thorough
@pytest.mark.parametrize("name", PAIRED)
def test_two_changes_are_told_by_what_the_first_gives_alone(name):
    """Each half is true so; and the first never gives the answer away."""
    program = anew(PAIRED[name])
    truth = program.run().answer
    for belief in (*list_likely(program), *list_others(program)):
        assert not is_same(belief.halfway, truth, CLOSE)
        assert "nan" not in write_answer(belief.halfway) or "nan" not in str(truth)
        told = say(program.run(), make_plain(12345.0), [belief]).sentence
        (first, _), (then, _) = belief.parts
        before, after = told.split("Reckoned on from there: ")
        assert "12345" not in before
        assert (
            write_answer(belief.halfway) in before or "{answer}" not in first.meaning.en
        )
        assert "12345" in after or "{answer}" not in then.meaning.en


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_step_tells_what_an_arrow_brings_to_what_is_asked(name):
    program, truth = map_question(name)
    asked = program.run().name
    for tries in range(12 if asked and program.run().walks else 0):
        step = next_step(program, tries, truth)
        assert not re.search(rf"[\d\]] to `{asked}`", step), step


def test_a_guess_that_no_rule_explains_is_told_where_the_walk_starts():
    question = LESSONS["vector/weights"]
    verdict = judge_guess(question, [99, 99, 99, 98], torch.tensor(question.truth))
    assert verdict.sentence.startswith("The walk starts at `y` with [3")
