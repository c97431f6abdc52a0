"""The learner's things are looked through, and copied, without running their code."""

import threading
import types
import weakref

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from helpers.graph import functions
from helpers.graph.functions import (
    LIMIT,
    contents,
    is_touched,
    marked,
    reachable,
    room,
    snapshot,
    without_modes,
)
from helpers.graph.trace import trace

# ---- functions --------------------------------------------------------------


@pytest.fixture
def nothing_at_risk(monkeypatch):
    monkeypatch.setattr(functions, "_at_risk", weakref.WeakSet())
    monkeypatch.setattr(functions, "stack_size", lambda: 2**20)


def chain_behind(length):
    y = torch.ones((), requires_grad=True)
    for _ in range(length):
        y = y * 1.0
    return y


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_graph_that_was_read_whole_takes_no_room():
    before = room()
    kept = [chain_behind(400) for _ in range(20)]
    for y in kept:
        assert trace([y], {}).graph.cut_off == 0
    assert room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_long_chain_takes_room_as_long_as_it_lives():
    before, y = room(), chain_behind(600)
    assert trace([y], {}).graph.cut_off == 1
    assert room() == before - LIMIT
    assert trace([y], {}).graph.cut_off == 1  # the second time takes none
    assert room() == before - LIMIT
    del y
    assert room() == before


@pytest.mark.usefixtures("nothing_at_risk")
def test_what_is_drawn_of_a_short_graph_does_not_depend_on_long_ones():
    kept = [chain_behind(600) for _ in range(9)]
    for y in kept:
        trace([y], {})
    assert 0 < room() < LIMIT
    assert trace([chain_behind(30)], {}).graph.cut_off == 0


@pytest.mark.usefixtures("nothing_at_risk")
def test_a_chain_that_is_drawn_while_it_grows_is_known_to_be_short_or_long():
    before, y = room(), torch.ones((), requires_grad=True)
    for _ in range(LIMIT - 1):
        y = y * 1.0
        trace([y], {}, limit=3)  # so only what was drawn before tells the depth
    assert room() == before
    for _ in range(5):
        y = y * 1.0
        trace([y], {}, limit=3)
    assert room() == before - 4


def test_the_smaller_stack_decides():
    assert 2**19 <= functions.stack_size() <= 8 * 2**20
    before = threading.stack_size(2**18)
    try:
        assert [functions.stack_size() for _ in range(2)] == [2**18] * 2
    finally:
        threading.stack_size(before)


def test_a_function_is_touched_once_it_is_marked():
    function = (torch.ones((), requires_grad=True) * 2).grad_fn
    assert is_touched(function) is False
    record = marked(function)
    assert is_touched(function) is True and marked(function) is record


def test_a_record_begins_empty():
    record = marked((torch.ones((), requires_grad=True) * 2).grad_fn)
    assert (record.values, record.inputs, record.leaves) == ({}, [], {})
    assert record.gone == set()


class Counting(TorchDispatchMode):
    """Count what is computed."""

    calls = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.calls += 1
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_no_mode_sees_what_we_compute(depth):
    seen = [Counting() for _ in range(depth)]
    x = torch.ones(2)
    for mode in seen:
        mode.__enter__()
    try:
        with without_modes():
            x.add(1)
        ours = [mode.calls for mode in seen]
        x.add(1)
    finally:
        for mode in reversed(seen):
            mode.__exit__(None, None, None)
    assert ours == [0] * depth
    assert sum(mode.calls for mode in seen) == depth


def test_without_a_mode_torch_has_none_to_put_away(monkeypatch):
    """Putting them away imports what takes a second."""
    monkeypatch.setattr(functions, "_disable_current_modes", None)
    with without_modes():
        assert not torch.is_inference_mode_enabled()


# ---- the learner's things ---------------------------------------------------


class Thing:
    """Hold whatever it is given."""

    def __init__(self, **held):
        self.__dict__.update(held)


def found(*things):
    return [int(tensor) for tensor in reachable(things)]


def test_tensors_are_found_in_containers_and_objects():
    one, two, three, four, five = (torch.tensor(n) for n in range(1, 6))
    things = [one, [two], (three, "text", None), {four}, {"key": five}]
    assert found(*things) == [1, 2, 3, 4, 5]
    assert found(Thing(a=one, b=[two]), {"net": Thing(c=three)}) == [1, 2, 3]


def test_tensors_are_found_three_levels_deep():
    one, two, three, four, five = (torch.tensor(n) for n in range(1, 6))
    assert found([[[[five]]]], [[[four]]], [[three]], [two], one) == [1, 2, 3, 4]


def test_ten_thousand_things_are_looked_through():
    many = [torch.tensor(1)] * 10_001
    for held in (many, tuple(many), dict(enumerate(many)), Thing(**{"a": many})):
        assert len(found(held)) == 10_000
    assert len(contents(Thing(**{f"a{n}": n for n in range(10_001)}))) == 10_000
    assert len(found(many[:6_000], many[:6_000])) == 10_000


def test_modules_classes_and_tensors_are_not_looked_into():
    module, kind = types.ModuleType("mine"), type("Kind", (), {})
    tensor = torch.tensor(1)
    for thing in (module, kind, tensor):
        thing.held = torch.tensor(2)
    assert found(module, kind, tensor) == [1]


def test_an_object_that_hides_what_it_holds_is_passed_by():
    asked = []

    class Slotted:
        __slots__ = ()
        __dict__ = property(asked.append)

    class Refusing:
        __dict__ = property(lambda self: 1 / 0)

    class Odd:
        __dict__ = 5

    things = [Slotted(), Refusing(), Odd(), 5, "text", object()]
    assert [list(contents(thing)) for thing in things] == [[]] * 6
    assert found(*things, torch.tensor(1)) == [1] and asked == []


# ---- copies -----------------------------------------------------------------


def test_what_is_no_tensor_is_its_own_copy():
    thing = [1, 2]
    assert snapshot(thing, 0) is thing and snapshot(None, 0) is None


def test_a_copy_keeps_its_numbers_and_has_no_history():
    x = torch.ones(2, requires_grad=True)
    for tensor in (x, x * 1):
        copy = snapshot(tensor, 2)
        with torch.no_grad():
            tensor.mul_(5)
        assert copy.tolist() == [1, 1] and not copy.requires_grad
        x.detach().fill_(1)


def test_a_giant_is_copied_as_a_shape_with_its_type():
    x = torch.ones(2, 3, dtype=torch.double)
    assert torch.equal(snapshot(x, 6), x)
    giant = snapshot(x, 5)
    assert giant.is_meta and giant.shape == (2, 3) and giant.dtype == torch.double


class Asked(torch.Tensor):
    """Note every function that is called on it."""

    calls = ()

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls += (func,)
        return super().__torch_function__(func, types, args, kwargs or {})


def test_a_class_of_ones_own_is_copied_as_a_plain_tensor_unasked():
    x = torch.ones(2).as_subclass(Asked)
    Asked.calls = ()
    copies = snapshot(x, 2), snapshot(x, 1)
    assert [type(copy) for copy in copies] == [torch.Tensor] * 2
    assert Asked.calls == ()


class Inside(torch.Tensor):
    """Wrap a tensor, and compute in Python: here, not at all."""

    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    __torch_dispatch__ = classmethod(lambda cls, *given: 1 / 0)


def test_a_class_that_computes_in_python_is_copied_as_a_shape():
    copy = snapshot(Inside((2, 3)), 100)
    assert copy.is_meta and copy.shape == (2, 3)


class Shapeless(torch.Tensor):
    """Refuse to tell a shape."""

    shape = property(lambda self: 1 / 0)


def test_a_class_that_refuses_even_its_shape_has_no_copy():
    assert snapshot(torch.ones(2).as_subclass(Shapeless), 1) is None
