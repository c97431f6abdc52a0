"""The engine that notebook 8 builds, as its page writes it, beside torch."""

import ast
import math
import random
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from helpers import check
from helpers.lessons import engine
from helpers.tests.notebooks.pages import BOOKS, code, solved
from helpers.tests.notebooks.replay import in_a_child

STEM = "08_build_autograd"
# What the page defines beside the engine: in the questions, and to try it out.
BESIDE = {"visit", "backward_in_place", "build", "agrees", "Product", "train"}


def list_parts(text):
    """Return what a text defines, and what it hangs on a class, each as code."""
    found = {}
    for node in ast.parse(text).body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = ast.unparse(node)
            case ast.Assign() if re.match(r"(Number|Array)\.", ast.unparse(node)):
                found[ast.unparse(node)] = ast.unparse(node)
    return {name: text for name, text in found.items() if name not in BESIDE}


@pytest.fixture(scope="module")
def page():
    """Return the engine's parts on the page, with the solutions in their places."""
    return list_parts("\n".join(it.source for it in code(solved(BOOKS[STEM]))[1:]))


@pytest.fixture(scope="module")
def built(page):
    """Return a world in which the page's engine has been built."""
    world = {"math": math, "np": np}
    exec("\n".join(page.values()), world)
    return world


def test_the_engine_of_the_course_is_that_of_the_page(page):
    assert page == list_parts(Path(engine.__file__).read_text("utf-8"))


def test_it_has_at_most_seventy_lines(page):
    for source in ("\n".join(page.values()), Path(engine.__file__).read_text("utf-8")):
        code = source.rpartition('"""\n')[2]
        assert 50 < sum(bool(line.strip()) for line in code.splitlines()) <= 70


def grow(chance, leaves):
    """Return a random result of these leaves."""
    numbers = list(leaves)
    for _ in range(chance.randint(1, 15)):
        a, b = chance.choices(numbers, k=2)
        numbers.append(chance.choice([a + b, a * b, a.tanh()]))
    return numbers[-1]


def read(leaf):
    return 0.0 if leaf.grad is None else leaf.grad.tolist()


def tracked(value):
    return torch.tensor(value, dtype=torch.float64, requires_grad=True)


def test_it_agrees_with_torch_on_a_thousand_random_expressions(built):
    for seed in range(1000):
        values = [random.Random(seed).uniform(-1.5, 1.5) for _ in range(4)]
        ours, theirs = list(map(built["Number"], values)), list(map(tracked, values))
        y, z = (grow(random.Random(seed), leaves) for leaves in (ours, theirs))
        built["backward"](y)
        if z.grad_fn:
            z.backward()
        assert y.value == pytest.approx(z.item(), rel=1e-12)
        assert [a.grad for a in ours] == pytest.approx(list(map(read, theirs)))


SHAPES = (), (3,), (2, 3), (2, 1), (1, 3), (1, 1)


def test_it_agrees_with_torch_on_random_arrays_that_broadcast(built):
    for seed in range(300):
        chance = np.random.default_rng(seed)
        shapes = [SHAPES[n] for n in chance.integers(len(SHAPES), size=4)]
        values = [np.array(chance.normal(size=shape)) for shape in shapes]
        ours, theirs = list(map(built["Array"], values)), list(map(tracked, values))
        y, z = (grow(random.Random(seed), leaves) for leaves in (ours, theirs))
        built["backward"](y.sum())
        z.sum().backward()
        assert np.allclose(y.value, z.detach(), rtol=1e-12)
        for a, t in zip(ours, theirs, strict=True):
            wanted = 0.0 if t.grad is None else t.grad
            assert np.allclose(a.grad, wanted)
            assert t.grad is None or np.shape(a.grad) == t.shape


def test_it_multiplies_matrices_as_torch_does(built):
    chance = np.random.default_rng(0)
    values = [chance.normal(size=shape) for shape in ((4, 3), (3, 2), (2, 5))]
    ours, theirs = list(map(built["Array"], values)), list(map(tracked, values))
    built["backward"](((ours[0] @ ours[1]).tanh() @ ours[2]).sum())
    ((theirs[0] @ theirs[1]).tanh() @ theirs[2]).sum().backward()
    for a, t in zip(ours, theirs, strict=True):
        assert np.allclose(a.grad, t.grad)


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["Number", "Array"])
def test_it_survives_a_chain_of_a_hundred_thousand_numbers(built, kind):
    """Also when the chain is let go: Python frees it from the end, link by link."""

    def run():
        x = y = built[kind](np.array(0.5))
        for _ in range(100_000):
            y = y + x
        built["backward"](y)
        gradient = float(x.grad)
        del x, y
        return gradient

    assert in_a_child(run) == 100_001


def test_only_leaves_add_where_one_walks_twice(built):
    a, t = built["Number"](2.0), tracked(2.0)
    y, z = built["Number"](3.0) * (a * a), 3 * (t * t)
    for _ in range(2):
        built["backward"](y)
        z.backward(retain_graph=True)
    assert a.grad == t.grad == 24


@pytest.mark.parametrize("answer", ["mine", "wrong", "numbers_only"])
def test_what_follows_runs_with_a_right_answer_and_not_with_a_wrong_one(answer):
    def mine(numbers):
        gradients = {numbers[-1]: 1.0}
        for number in reversed(numbers):
            for a, slope in number.slopes:
                gradients[a] = gradients.get(a, 0.0) + slope * gradients[number]
        return gradients

    def wrong(numbers):
        return dict.fromkeys(numbers, 1.0)

    def numbers_only(numbers):
        """Be right, but of no use when the gradients are arrays."""
        return {number: float(g) for number, g in mine(numbers).items()}

    def run():
        before = engine.walk
        given = {"mine": mine, "wrong": wrong, "numbers_only": numbers_only}[answer]
        right = check("build_autograd/walk", given).state == "right"
        assert right == (answer != "wrong")
        kept = engine.walk is before
        y = (a := engine.Number(3.0)) * a
        engine.backward(y)
        return kept, engine.walk is given, a.grad

    assert in_a_child(run) == (answer != "mine", answer == "mine", 6.0)


def test_whatever_replaces_the_engine_the_checks_judge_by_their_own():
    def run():
        solution = engine.order
        engine.order = engine.walk = engine.fit = lambda *inputs: None
        engine.Number.__mul__ = engine.Number.__add__ = lambda self, other: None
        return check("build_autograd/order", solution).state

    assert in_a_child(run) == "right"


BAD = {
    "loops for ever": ("order", "    while True: pass", "does it visit a number once"),
    "recurses without end": ("order", "    return order(numbers)", "calls itself"),
    "overwrites": (
        "walk",
        "    g = {numbers[-1]: 1.0}\n"
        "    for n in reversed(numbers):\n"
        "        for a, s in n.slopes: g[a] = s * g[n]\n"
        "    return g",
        "do not overwrite",
    ),
    "forgets a parent": (
        "product_slopes",
        "    return [(numbers, other.value)]",
        "One of the two factors is missing",
    ),
    "changes its inputs": (
        "walk",
        "    numbers.reverse()\n    return walk(numbers[::-1])",
        "has changed",
    ),
}


SLOW = {"loops for ever": pytest.mark.thorough}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=SLOW.get(name, ())) for name in BAD]
)
def test_a_bad_part_of_an_engine_gets_one_sentence(name):
    part, body, words = BAD[name]
    walk = engine.walk
    parameters = "numbers, other" if part == "product_slopes" else "numbers"
    world = {"walk": walk}
    exec(f"def {part}({parameters}):\n{body}", world)
    given = world[part]
    if name == "changes its inputs":
        given.__globals__["walk"] = walk
    verdict = check(f"build_autograd/{part}", given)
    assert verdict.state == "wrong" and words in verdict.sentence, verdict
    assert "\n" not in verdict.sentence
