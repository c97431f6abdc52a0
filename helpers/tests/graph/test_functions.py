"""The learner's things are looked through, and copied, without running their code."""

import types

import torch

from helpers.graph.functions import find_reachable, list_contents, take_snapshot
from helpers.tests.graph import Asked

# ---- the learner's things ---------------------------------------------------


class Thing:
    """Hold whatever it is given."""

    def __init__(self, **held):
        self.__dict__.update(held)


def found(*things):
    return [int(tensor) for tensor in find_reachable(things)]


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
    assert len(list_contents(Thing(**{f"a{n}": n for n in range(10_001)}))) == 10_000
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
    assert [list(list_contents(thing)) for thing in things] == [[]] * 6
    assert found(*things, torch.tensor(1)) == [1] and asked == []


# ---- copies -----------------------------------------------------------------


def test_what_is_no_tensor_is_its_own_copy():
    thing = [1, 2]
    assert take_snapshot(thing, 0) is thing and take_snapshot(None, 0) is None


def test_a_copy_keeps_its_numbers_and_has_no_history():
    x = torch.ones(2, requires_grad=True)
    for tensor in (x, x * 1):
        copy = take_snapshot(tensor, 2)
        with torch.no_grad():
            tensor.mul_(5)
        assert copy.tolist() == [1, 1] and not copy.requires_grad
        x.detach().fill_(1)


def test_a_giant_is_copied_as_a_shape_with_its_type():
    x = torch.ones(2, 3, dtype=torch.double)
    assert torch.equal(take_snapshot(x, 6), x)
    giant = take_snapshot(x, 5)
    assert giant.is_meta and giant.shape == (2, 3) and giant.dtype == torch.double


def test_a_class_of_ones_own_is_copied_as_a_plain_tensor_unasked():
    x = torch.ones(2).as_subclass(Asked)
    Asked.calls = ()
    copies = take_snapshot(x, 2), take_snapshot(x, 1)
    assert [type(copy) for copy in copies] == [torch.Tensor] * 2
    assert Asked.calls == ()


class Inside(torch.Tensor):
    """Wrap a tensor, and compute in Python: here, not at all."""

    @staticmethod
    def __new__(cls, shape):
        return torch.Tensor._make_wrapper_subclass(cls, shape, dtype=torch.float32)

    __torch_dispatch__ = classmethod(lambda cls, *given: 1 / 0)


def test_a_class_that_computes_in_python_is_copied_as_a_shape():
    copy = take_snapshot(Inside((2, 3)), 100)
    assert copy.is_meta and copy.shape == (2, 3)


class Shapeless(torch.Tensor):
    """Refuse to tell a shape."""

    shape = property(lambda self: 1 / 0)


def test_a_class_that_refuses_even_its_shape_has_no_copy():
    assert take_snapshot(torch.ones(2).as_subclass(Shapeless), 1) is None
