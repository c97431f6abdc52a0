"""What came to be drawn is taken as it is meant, or one sentence says what is wrong."""

import pytest
import torch

from helpers.drawing.arguments import (
    check_flags,
    check_modules,
    check_roots,
    check_step,
    check_weights,
    list_items,
    take_one,
)
from helpers.drawing.picture import CannotDraw
from helpers.graph.depth import LIMIT

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole


def refusal(call, *given, **settings):
    """Return the sentence that comes instead of an answer."""
    with pytest.raises(CannotDraw) as problem:
        call(*given, **settings)
    return str(problem.value)


def result(*shape, **settings):
    """Return what was computed from a leaf."""
    return torch.ones(shape, requires_grad=True, **settings) * 2


class Number(int):
    """Be a number of somebody's own."""


class Words(str):
    """Be words of somebody's own."""


# ---- options ----------------------------------------------------------------

OPTION = (
    "{0}={1} came, but {0} is an option, which takes {2}; if it was meant as a name, "
    "choose another, as in my_{0}=t, where t is your tensor."
)
LEVELS = "True, a number of levels to open, or the name of a module to open"


@pytest.mark.parametrize("given", [True, False, 0, 1, Number(1)])
def test_an_option_is_true_or_false_or_a_number_for_that(given):
    check_flags(fold=given, gradients=True)


@pytest.mark.parametrize(
    ("given", "came"), [(None, "a NoneType"), ("yes", "'yes'"), (1.0, "1.0")]
)
def test_every_other_option_is_refused_by_its_name(given, came):
    said = refusal(check_flags, fold=True, gradients=given)
    assert said == OPTION.format("gradients", came, "True or False")


@pytest.mark.parametrize("given", [True, False, 0, 3, "net.0", "", Words("net")])
def test_modules_are_levels_or_a_name(given):
    check_modules(given)


@pytest.mark.parametrize(
    ("given", "came"), [(-1, "-1"), (None, "a NoneType"), (1.0, "1.0"), ([], "a list")]
)
def test_nothing_else_says_which_modules_are_boxes(given, came):
    assert refusal(check_modules, given) == OPTION.format("modules", came, LEVELS)


@pytest.mark.parametrize("step", [0, 1, 3, True])
def test_a_walk_has_its_steps_and_its_beginning(step):
    check_step(step, 3)


@pytest.mark.parametrize("step", [-1, 4])
def test_no_walk_has_another_step(step):
    assert refusal(check_step, step, 3) == (
        f"step={step} came, but this walk has the steps 0 to 3; choose one of them."
    )


def test_a_step_is_a_whole_number():
    wanted = OPTION.format("step", "1.5", "a whole number of steps")
    assert refusal(check_step, 1.5, 3) == wanted


# ---- results ----------------------------------------------------------------


def test_one_thing_is_drawn():
    assert take_one(("y",)) == "y"
    assert refusal(take_one, ()).startswith("No tensor came to be drawn, which stands")
    assert refusal(take_one, (1, 2, 3)).startswith("3 things came without a name, but")


def test_several_results_come_in_a_list_without_what_is_none():
    x, y = result(1), result(2)
    for several in ([x, None, y], (x, y), torch.return_types.max((x, y))):
        assert all(map(torch.is_tensor, list_items(several)))
        assert len(list_items(several)) == 2
    assert list_items(x) == [x] and list_items("xy") == ["xy"]


def test_of_several_results_those_with_a_graph_are_drawn():
    x, y = result(1), result(2)
    assert check_roots(x) == [x]
    assert [*map(id, check_roots([torch.ones(1), x, None, y]))] == [id(x), id(y)]


@pytest.mark.parametrize(
    ("given", "came"),
    [
        (None, "a NoneType"),
        ([], "a list"),
        ([None], "a list"),
        ([result(1), "y"], "'y'"),
        (5, "5"),
    ],
)
def test_what_is_no_tensor_is_named(given, came):
    assert refusal(check_roots, given) == (
        f"{came} came where a tensor that was computed is expected; give the result of "
        "your computation, as in show_graph(y)."
    )


def test_the_first_of_several_without_a_graph_is_named():
    said = refusal(check_roots, [torch.ones(3), torch.ones(2)])
    assert said.startswith("a tensor of shape (3,) came without a graph: perhaps no")


@pytest.mark.parametrize("dtype", [torch.int64, torch.bool])
def test_of_a_kind_that_can_have_no_graph_it_is_said_so(dtype):
    assert refusal(check_roots, torch.ones(3, dtype=dtype)) == (
        f"a tensor of shape (3,) came without a graph, because its type {dtype} can "
        "have none: only floating-point and complex tensors can require grad; show a "
        "result from before a comparison, argmax, a conversion or the like."
    )


def test_of_what_was_made_in_inference_mode_it_is_said_so():
    with torch.inference_mode():
        made = torch.ones(3)
    said = refusal(check_roots, made)
    assert said.startswith(
        "a tensor of shape (3,) came without a graph, because it was made in "
        "torch.inference_mode, where nothing is recorded; compute it outside, from"
    )


@pytest.mark.parametrize("dtype", [torch.cfloat, torch.half, torch.double])
def test_of_a_kind_that_can_have_a_graph_it_is_not_said_that_it_cannot(dtype):
    assert "perhaps no leaf" in refusal(check_roots, torch.ones(3, dtype=dtype))


def test_as_many_results_as_fit_are_drawn():
    y = result(1)
    assert len(check_roots([y] * LIMIT)) == LIMIT
    assert refusal(check_roots, [y] * (LIMIT + 1)) == (
        f"{LIMIT + 1} results came, but one picture holds at most {LIMIT}; show some "
        "of them."
    )


def test_what_comes_from_inside_a_transform_is_refused():
    def inside(x):
        return check_roots(x * 2)

    said = refusal(torch.func.grad(inside), torch.ones(()))
    assert said.startswith("A tensor from inside torch.func came, which keeps a graph")


# ---- weights ----------------------------------------------------------------


@pytest.mark.parametrize("weights", [None, [None, None], (None, None)])
def test_without_weights_all_are_one(weights):
    several = [result(2), result(3)]
    assert check_weights(several, several, weights) == [None, None]


@pytest.mark.parametrize("number", [2, 0.5, 1 + 2j])
def test_the_weight_of_one_number_may_be_a_number(number):
    y = result(dtype=torch.cfloat) if type(number) is complex else result()
    (weight,) = check_weights(y, [y], number)
    assert weight.item() == number and weight.dtype == y.dtype


def test_weights_are_those_of_the_results_that_have_a_graph():
    x, y, still = result(2), result(3), torch.ones(4)
    twos, threes = torch.full((2,), 2.0), torch.full((3,), 3.0)
    for weights in ([twos, threes], [twos, None, threes], (twos, still, threes)):
        found = check_weights([x, still, y], [x, y], weights)
        assert [*map(id, found)] == [id(twos), id(threes)]


@pytest.mark.parametrize("kind", [torch.float, torch.double, torch.int, torch.cfloat])
def test_weights_may_be_of_another_kind_of_number(kind):
    y = result(2, dtype=torch.cfloat)
    weight = torch.ones(2, dtype=kind)
    (found,) = check_weights(y, [y], weight)
    assert found is weight


OWN = (
    "weights={} came, but each result needs weights of its own ({} in all), a tensor "
    "of its shape, device and kind of number; give weights=torch.ones_like(y), for "
    "example."
)


@pytest.mark.parametrize(
    ("weights", "came"),
    [
        (1.0, "1.0"),
        ([1.0, 1.0], "1.0"),
        (["w", None], "'w'"),
        ([None, True], "True"),
        ([None], "a list"),
        ([None] * 4, "a list"),
        ([torch.ones(2, device="meta"), None], "a tensor of shape (2,)"),
        ([torch.ones(2, dtype=torch.cfloat), None], "a tensor of shape (2,)"),
    ],
)
def test_weights_that_fit_no_result_are_named(weights, came):
    x, y = result(2), result()
    given = [x, torch.ones(1), y]
    assert refusal(check_weights, given, [x, y], weights) == OWN.format(came, 2)


@pytest.mark.parametrize("shape", [(), (3,), (2, 1)])
def test_weights_of_another_shape_are_told_the_right_one(shape):
    y = result(2)
    assert refusal(check_weights, y, [y], torch.ones(shape)) == (
        f"The weights came with shape {shape}, but each result needs one weight per "
        "number: shape (2,); give weights=torch.ones_like(y), for example."
    )
