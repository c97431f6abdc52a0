"""Clues name what a function did to the graph, and never disturb it."""

import linecache
import warnings
from contextlib import suppress

import pytest
import torch

from helpers.checking.clues import Memory, Witness, read_source
from helpers.lessons.clues import BREAKS, HABITS, SLIPS
from helpers.lessons.errors import FAMILIES

# What a function of `x`, a leaf, does and returns, if it is the last thing of all.
DONE = [
    ("TENSOR-KEEPS-GRAPH", "return torch.tensor([x[0], x[1]])"),
    ("TENSOR-KEEPS-GRAPH", "return torch.tensor(x)"),
    ("TENSOR-KEEPS-GRAPH", "return torch.as_tensor([x[0], x[1]])"),
    ("TENSOR-KEEPS-GRAPH", "return torch.tensor(data=[x[0], x[1]])"),
    ("NUMBERS-CARRY-GRAD", "return x.sum().item()"),
    ("DETACH-TOO-MUCH", "return x.detach()"),
    ("DETACH-TOO-MUCH", "return torch.detach(input=x)"),
    ("DATA-IS-SAFE", "return x.data"),
    ("GRAD-ON-OUTPUT", "y = x.sum(); y.backward(); return y.grad"),
    ("FLAG-MAKES-LEAF", "x.grad; w = x * 2; w.sum().backward(); return w.grad"),
    ("FLAG-MAKES-LEAF", "return (x * 2).grad"),
    ("REBIND", "for _ in '12': x.sum().backward(); x = x - 0.1 * x.grad"),
    ("REBIND", "x.sum().backward(); x.grad, torch.ones(2).grad; return (x * 2).grad"),
    ("FLAG-MAKES-GRAPH", "y = x.detach().sum(); y.requires_grad_(); y.backward()"),
    ("FLAG-MAKES-GRAPH", "return x.detach().sum().requires_grad_()"),
    ("RETROACTIVE", "w = torch.ones(2); (w * 3).sum(); w.requires_grad = True"),
    ("NEW-LEAF", "(x.detach().requires_grad_() * 2).sum().backward()"),
    ("NO_GRAD-STILL-FLOWS", "with torch.no_grad(): return x * torch.ones(2)"),
    ("NO_GRAD-STILL-FLOWS", "with torch.no_grad(): torch.mul(input=x, other=x)"),
    ("NO_GRAD=INFERENCE", "with torch.inference_mode(): return x * 2"),
    ("NO_GRAD-IS-A-SWITCH", "torch.set_grad_enabled(False)"),
    ("ZEROED-TOO-EARLY", "x.sum().backward(); x.grad.zero_(); return x.grad"),
    ("ZEROED-TOO-EARLY", "x.sum().backward(); x.grad = None; return x.grad"),
    ("GRAD-IS-A-SNAPSHOT", "x.sum().backward(); g = x.grad; x.grad.zero_(); g * 2"),
    ("DETACH-COPIES", "x.sum().backward(); return x.grad.detach()"),
    ("GRADIENT-ARG-IS-A-NAME", "y = x * x; y.backward(gradient=y.detach())"),
    ("GRADIENT-ARG-IS-A-NAME", "(x * x).backward(gradient=x)"),
    ("RETAIN-RECOMPUTES", "x.sum().backward(retain_graph=True)"),
    ("RETAIN-RECOMPUTES", "torch.autograd.grad(x.sum(), x, retain_graph=True)"),
    ("MASK-MULTIPLIES", "return (x > 1) * x"),
    ("MASK-MULTIPLIES", "return (x > 1).float() * x"),
]
CLEAN = [
    "for _ in '123':\n"
    "  x.grad = None; (x**2).sum().backward()\n"
    "  with torch.no_grad(): x -= 0.1 * x.grad\n"
    " return x",
    "y = x * x\n"
    " return [torch.autograd.grad(y, x, v, create_graph=True) for v in torch.eye(2)]",
    "x.sum().backward(); kept = x.grad.clone(); x.grad.zero_(); return kept * 2",
    "total = torch.empty(2).zero_(); x.sum().backward(); return total + x.grad",
    "w = torch.ones(2).requires_grad_(); (w * x).sum().backward(); return w.grad",
    "w = torch.ones(2); w * 3; w.requires_grad_(False)\n"
    " w.requires_grad_(requires_grad=False); w.requires_grad = False",
    "edge = torch.autograd.graph.get_gradient_edge((x * 3).sum())\n"
    " return torch.autograd.grad(edge, x)[0]",
    "w = torch.ones(2).requires_grad_()\n"
    " edge = torch.autograd.graph.get_gradient_edge((w * 3).sum())\n"
    " return torch.autograd.grad(edge, w)[0]",
    "w = torch.ones(2); v = w.detach(); w.requires_grad_()\n"
    " (w * v).sum().backward(); return w.grad",
    "return torch.as_tensor(x) * 2",
    "return x.double() if (x > 1).any() else x",
]
WRITTEN = [
    ("TYPO-ACCEPTED", "x.sum().backward"),
    ("TYPO-ACCEPTED", "x.require_grad = True"),
    ("TYPO-ACCEPTED", "x.requires_grad_ = True"),
    ("NO_GRAD-IS-A-SWITCH", "torch.no_grad()"),
    ("DETACH-IN-PLACE", "x.detach()"),
    ("BACKWARD-RETURNS", "g = x.sum().backward(); return g"),
    ("REBIND", "with torch.no_grad(): x = x - 0.1 * x.grad"),
    ("RETURN-IN-THE-LOOP", "for _ in range(3): return x"),
]


def leaf():
    return torch.tensor([1.0, 2.0], requires_grad=True)


def function_of(code):
    """Return a function of x whose text can be read, as that of a cell can."""
    text, file, scope = f"def f(x):\n {code}\n", f"<{code}>", {"torch": torch}
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    exec(compile(text, file, "exec"), scope)
    return scope["f"]


def run(code, x):
    """Return what a function returns; nothing, if it raises."""
    with warnings.catch_warnings(), suppress(TypeError):
        warnings.simplefilter("ignore")
        return function_of(code)(x)


def seen(code):
    """Return the clues that a function leaves."""
    with Witness() as witness:
        result = run(code, leaf())
        recording = torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    witness.note(witness.at_the_end, result, recording)
    return set(witness.clues)


@pytest.mark.parametrize(("tag", "code"), DONE)
def test_what_is_done_is_noted(tag, code):
    assert tag in seen(code)


@pytest.mark.parametrize(("tag", "code"), WRITTEN)
def test_what_is_written_is_read(tag, code):
    assert read_source(function_of(code)) == [tag]


def test_a_detached_input_that_is_named_is_no_copy_of_a_gradient():
    assert seen("return torch.detach(input=x)") == {"DETACH-TOO-MUCH"}


@pytest.mark.parametrize("code", CLEAN)
def test_a_clean_function_leaves_no_clue(code):
    assert not seen(code) and read_source(function_of(code)) == []


def test_every_meaning_has_a_clue_that_leads_to_it_and_both_languages():
    meanings = SLIPS + BREAKS + HABITS
    assert {it.tag for it in meanings} <= {tag for tag, _ in DONE + WRITTEN}
    for text in [each.hint for each in (*meanings, *FAMILIES)]:
        assert text.en.strip() and any("一" <= c <= "鿿" for c in text.zh)


def test_a_memory_holds_ten_thousand_tensors_and_then_begins_anew():
    memory, tensors = Memory(), [torch.empty(0) for _ in range(10_001)]
    for tensor in tensors[:-1]:
        memory.add(tensor)
    assert tensors[0] in memory and tensors[-1] not in memory
    memory.add(tensors[-1])
    assert tensors[0] not in memory and tensors[-1] in memory


class Untold:
    def __getattribute__(self, name):
        raise OSError


def test_what_has_no_text_has_no_clue():
    for thing in (len, torch.sin, 5, None, Untold(), (lambda: 1)):
        assert read_source(thing) == []


class Hostile(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, inputs=(), named=None):
        raise OSError


def test_a_hostile_tensor_raises_what_it_raises_without_a_witness():
    hostile = torch.ones(2).as_subclass(Hostile)
    with pytest.raises(OSError), Witness():
        hostile.detach()


@pytest.mark.parametrize("code", [*CLEAN, *(code for _, code in DONE)])
def test_a_witness_changes_no_result(code):
    """Not even where it cannot read what is done."""

    def found():
        x = leaf()
        result = run(code, x)
        torch.set_grad_enabled(True)
        return repr((x.grad, result))

    with Witness():
        watched = found()
    assert watched == found()
