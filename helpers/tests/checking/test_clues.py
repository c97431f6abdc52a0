"""Clues name what a function did to the graph, and never disturb it."""

import warnings

import pytest
import torch

from helpers.checking.clues import Memory, Witness, read_source
from helpers.lessons.clues import BREAKS, HABITS, SLIPS
from helpers.lessons.errors import FAMILIES


def leaf():
    return torch.tensor([1.0, 2.0], requires_grad=True)


def seen(function):
    """Return the clues that a function leaves, whether it ends or raises."""
    witness = Witness()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with witness:
                result = function(leaf())
                recording = torch.is_grad_enabled()
        except Exception:
            return set(witness.clues)
    torch.set_grad_enabled(True)
    witness.note(witness.at_the_end, result, recording)
    return set(witness.clues)


def asked_the_result(x):
    y = x.sum()
    y.backward()
    return y.grad


def asked_a_copy(x):
    assert x.grad is None
    w = x * 2
    w.sum().backward()
    return w.grad


def stepped_to_a_result(x):
    for _ in range(2):
        x.sum().backward()
        x = x - 0.1 * x.grad


def flagged_the_result(x):
    y = x.detach().sum()
    y.requires_grad_()
    y.backward()


def flagged_too_late(x):
    w = torch.ones(2)
    (w * 3).sum()
    w.requires_grad = True


def unrecorded(x):
    two = torch.ones(2)
    with torch.no_grad():
        return x * two


def inferred(x):
    with torch.inference_mode():
        return x * 2


def cleared_unread(x):
    x.sum().backward()
    x.grad.zero_()
    return x.grad


def dropped_unread(x):
    x.sum().backward()
    x.grad = None
    return x.grad


def cleared_what_was_kept(x):
    x.sum().backward()
    kept = x.grad
    x.grad.zero_()
    return kept * 2


def kept_detached(x):
    x.sum().backward()
    return x.grad.detach()


def weighted_by_a_name(x):
    y = x * x
    y.backward(y.detach())


DONE = [
    ("TENSOR-KEEPS-GRAPH", lambda x: torch.tensor([x[0], x[1]])),
    ("TENSOR-KEEPS-GRAPH", lambda x: torch.tensor(x)),
    ("TENSOR-KEEPS-GRAPH", lambda x: torch.as_tensor([x[0], x[1]])),
    ("NUMBERS-CARRY-GRAD", lambda x: x.sum().item()),
    ("DETACH-TOO-MUCH", lambda x: x.detach()),
    ("DATA-IS-SAFE", lambda x: x.data),
    ("GRAD-ON-OUTPUT", asked_the_result),
    ("FLAG-MAKES-LEAF", asked_a_copy),
    ("FLAG-MAKES-LEAF", lambda x: (x * 2).grad),
    ("REBIND", stepped_to_a_result),
    ("FLAG-MAKES-GRAPH", flagged_the_result),
    ("FLAG-MAKES-GRAPH", lambda x: x.detach().sum().requires_grad_()),
    ("RETROACTIVE", flagged_too_late),
    ("NEW-LEAF", lambda x: (x.detach().requires_grad_() * 2).sum().backward()),
    ("NO_GRAD-STILL-FLOWS", unrecorded),
    ("NO_GRAD=INFERENCE", inferred),
    ("NO_GRAD-IS-A-SWITCH", lambda x: torch.set_grad_enabled(False)),
    ("ZEROED-TOO-EARLY", cleared_unread),
    ("ZEROED-TOO-EARLY", dropped_unread),
    ("GRAD-IS-A-SNAPSHOT", cleared_what_was_kept),
    ("DETACH-COPIES", kept_detached),
    ("GRADIENT-ARG-IS-A-NAME", weighted_by_a_name),
    ("RETAIN-RECOMPUTES", lambda x: x.sum().backward(retain_graph=True)),
    ("MASK-MULTIPLIES", lambda x: (x > 1) * x),
    ("MASK-MULTIPLIES", lambda x: (x > 1).float() * x),
]


@pytest.mark.parametrize(("tag", "function"), DONE)
def test_what_is_done_is_noted(tag, function):
    assert tag in seen(function)


def trains(x):
    for _ in range(3):
        x.grad = None
        (x**2).sum().backward()
        with torch.no_grad():
            x -= 0.1 * x.grad
    return x


def collects(x):
    y, rows = x * x, []
    for v in torch.eye(2):
        rows.append(torch.autograd.grad(y, x, v, create_graph=True)[0])
    return torch.stack(rows)


def copies_with_care(x):
    x.sum().backward()
    kept = x.grad.clone()
    x.grad.zero_()
    return kept * 2


def starts_from_zeros(x):
    total = torch.empty(2).zero_()
    x.sum().backward()
    return total + x.grad


def flags_in_time(x):
    w = torch.ones(2).requires_grad_()
    (w * x).sum().backward()
    return w.grad


def takes_the_flag_off(x):
    w = torch.ones(2)
    kept = w * 3
    w.requires_grad_(False)
    w.requires_grad_(requires_grad=False)
    w.requires_grad = False
    return kept


def walks_from_an_edge(x):
    w = torch.ones(2).requires_grad_()
    edge = torch.autograd.graph.get_gradient_edge((w * x).sum())
    return torch.autograd.grad(edge, w)[0]


def takes_it_as_it_is(x):
    return torch.as_tensor(x) * 2


def asks_a_mask(x):
    return x.double() if (x > 1).any() else x


CLEAN = [trains, collects, copies_with_care, starts_from_zeros, flags_in_time]
CLEAN += [takes_the_flag_off, walks_from_an_edge, takes_it_as_it_is, asks_a_mask]


@pytest.mark.parametrize("function", CLEAN, ids=lambda function: function.__name__)
def test_a_clean_function_leaves_no_clue(function):
    assert not seen(function)


def test_a_memory_holds_ten_thousand_tensors_and_then_begins_anew():
    memory = Memory()
    tensors = [torch.empty(0) for _ in range(10_001)]
    for tensor in tensors[:-1]:
        memory.add(tensor)
    assert tensors[0] in memory and tensors[-1] not in memory
    memory.add(tensors[-1])
    assert tensors[0] not in memory and tensors[-1] in memory


def names_without_calling(x):
    x.sum().backward  # noqa: B018


def misspells(x):
    x.require_grad = True


def replaces_a_method(x):
    x.requires_grad_ = True


def switches_nothing(x):
    torch.no_grad()


def detaches_nothing(x):
    x.detach()


def takes_what_backward_returns(x):
    g = x.sum().backward()
    return g


def rebinds(x):
    with torch.no_grad():
        x = x - 0.1 * x.grad


WRITTEN = {
    names_without_calling: "TYPO-ACCEPTED",
    misspells: "TYPO-ACCEPTED",
    replaces_a_method: "TYPO-ACCEPTED",
    switches_nothing: "NO_GRAD-IS-A-SWITCH",
    detaches_nothing: "DETACH-IN-PLACE",
    takes_what_backward_returns: "BACKWARD-RETURNS",
    rebinds: "REBIND",
}


@pytest.mark.parametrize("function", WRITTEN, ids=lambda function: function.__name__)
def test_what_is_written_is_read(function):
    assert read_source(function) == [WRITTEN[function]]


@pytest.mark.parametrize("function", [trains, collects, copies_with_care, leaf])
def test_a_clean_text_has_no_clue(function):
    assert read_source(function) == []


class Untold:
    def __getattribute__(self, name):
        raise OSError


def test_what_has_no_text_has_no_clue():
    for thing in (len, torch.sin, 5, None, Untold(), (lambda: 1)):
        assert read_source(thing) == []


def test_every_meaning_has_a_clue_that_leads_to_it_and_both_languages():
    meanings = SLIPS + BREAKS + HABITS
    known = {tag for tag, _ in DONE} | {*WRITTEN.values()}
    assert {meaning.tag for meaning in meanings} <= known
    for text in [each.hint for each in (*meanings, *FAMILIES)]:
        assert text.en.strip() and any("一" <= c <= "鿿" for c in text.zh)


class Hostile(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, inputs=(), named=None):
        raise OSError


def test_a_hostile_tensor_raises_what_it_raises_without_a_witness():
    hostile = torch.ones(2).as_subclass(Hostile)
    with pytest.raises(OSError), Witness():
        hostile.detach()


def test_what_a_witness_cannot_read_runs_all_the_same():
    with Witness():
        assert walks_from_an_edge(leaf()).tolist() == [1, 2]


def test_a_witness_changes_no_result():
    def whole(x):
        (torch.sin(x) * x).sum().backward()
        return x.grad.clone()

    with Witness():
        watched = whole(leaf())
    assert torch.equal(watched, whole(leaf()))
