"""What may be believed of any walk, each belief as a rule that is changed.

They stand in the order in which they are met: the first ones most often.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..graph.data import Place
from ..lessons import walks
from ..wording import write_value
from .machine import Rule, Run
from .readings import (
    MOST_SPOTS,
    Found,
    code,
    has_weights,
    read_arrows,
    read_arrows_apart,
    read_before,
    read_beyond,
    read_diagonal,
    read_held,
    read_jacobian,
    read_other_values,
    read_others,
    read_own_value,
    read_returned,
    read_right_product,
    read_roads,
    read_scaled,
    read_slopes_between,
    read_start,
    read_sum_with_weights,
    read_uncut,
    read_unnamed_values,
    read_values,
    read_walks_apart,
    read_weighted_inputs,
    read_weighted_values,
    read_weights,
    read_zeros,
    read_zeros_for_none,
)

# ---- another walk --------------------------------------------------------------


def take_last(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return new


def take_first(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far if number > 1 else new


def multiply(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far * new if number > 1 else new


def average(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return (so_far * (number - 1) + new) / number


def in_place(meet: Callable) -> Callable:
    """Let what `.grad` holds change where it stands, as autograd does."""
    return lambda so_far, new, number: so_far.copy_(meet(so_far, new, number))


def add_anew(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far + new


def list_boxes(run: Run) -> Found:
    """Yield the operations of the last walk, one of each name."""
    for walked in run.walks[-1:]:
        leaves = walked.walk.trace.leaves
        named: dict[str, str] = {}
        for box in walked.walk.received:
            if box not in leaves:
                named.setdefault(walked.name(box), box)
        for name, box in list(named.items())[:MOST_SPOTS]:
            yield box, {"name": code(name)}


def list_constant_factors(run: Run) -> Found:
    """Yield the products in which a tensor stands that is not tracked."""
    things = run.machine.names.values()
    if any(isinstance(it, Tensor) and not it.requires_grad for it in things):
        for box, words in list_boxes(run):
            function = run.walks[-1].walk.trace.functions[box]
            places = [source for source, _ in function.next_functions]
            if function.name().startswith("Mul") and None in places:
                yield box, words


def own_slopes(walk: Any, box: str, received: tuple) -> list[Tensor | None]:
    """Return what an operation would send if it received ones."""
    ones = tuple(None if it is None else torch.ones_like(it) for it in received)
    return walk.call(box, ones)


def sum_slopes(walk: Any, box: str, received: tuple) -> dict[Place, Tensor]:
    """Return an operation's slope for each input, which several arrows may lead to."""
    own, slopes = own_slopes(walk, box, received), dict[Place, Tensor]()
    for edge in walk.arrows[box]:
        place, slope = (edge.source, edge.output), own[edge.route]
        if slope is not None:
            slopes[place] = slopes.get(place, 0) + slope
    return slopes


def add_slopes(walk, do, spot, box, received):
    """Add an operation's slope to what it has received, on each arrow."""
    if box in walk.trace.graph.roots:
        return do(box, received)
    return [
        None if slope is None else slope + received[0]
        for slope in own_slopes(walk, box, received)
    ]


def add_slopes_together(walk, do, spot, box, received):
    """Add an operation's slope to what it has received, once for each input."""
    if box in walk.trace.graph.roots:
        return do(box, received)
    places, slopes = walk.arrows[box], sum_slopes(walk, box, received)
    sent: list[Tensor | None] = [None] * len(do(box, received))
    for edge in places:
        slope = slopes.pop((edge.source, edge.output), None)
        if slope is not None:
            sent[edge.route] = slope + received[0]
    return sent


def leave_out(walk, do, spot, box, received):
    """Pass on what was received at one box, as if its slope were 1."""
    sent = do(box, received)
    if box != spot:
        return sent
    places = {edge.route: edge for edge in walk.arrows[box]}
    once = {(e.source, e.output): route for route, e in reversed(places.items())}
    return [
        pass_on(received[0], grad)
        if grad is not None and route in once.values()
        else None
        for route, grad in enumerate(sent)
    ]


def pass_on(received: Tensor, grad: Tensor) -> Tensor:
    """Return what was received, unless each input gets a part of it alone."""
    return received if received.numel() <= grad.numel() else grad


def count_twice(walk, do, spot, box, received):
    """Multiply by the slope of one box a second time; arrows to one input share it."""
    sent = do(box, received)
    if box != spot:
        return sent
    slopes = sum_slopes(walk, box, received)
    for edge in walk.arrows[box]:
        if sent[edge.route] is not None:
            sent[edge.route] = sent[edge.route] * slopes[edge.source, edge.output]
    return sent


def swap_factors(walk, do, spot, box, received):
    """Let each factor of a product get its own value as slope."""
    sent = do(box, received)
    product = walk.trace.functions[box].name().startswith("Mul") and None not in sent
    return sent[::-1] if product else sent


# ---- another program -------------------------------------------------------------


def see_no_detach(machine, spot, name, do, *inputs, **named):
    if name == "detach" and inputs[0].requires_grad:
        return inputs[0].view_as(inputs[0])
    return do(*inputs, **named)


def copy_at_detach(machine, spot, name, do, *inputs, **named):
    result = do(*inputs, **named)
    return result.clone() if name == "detach" else result


def record_all(machine, spot, name, do, *inputs, **named):
    if torch.is_grad_enabled() or is_in_place(name) or name == "_set_grad_enabled":
        return do(*inputs, **named)
    with torch.enable_grad():
        return do(*inputs, **named)


def is_in_place(name: str) -> bool:
    """Tell whether a call changes its first input; torch calls `+=` `add_`, too."""
    if name.endswith("__"):  # `__iand__` has a twin `__and__`, but not `__invert__`
        twin = hasattr(Tensor, name.replace("__i", "__"))
        return name == "__setitem__" or (name.startswith("__i") and twin)
    return name.endswith("_")


def keep_history(machine, spot, name, do, *inputs, **named):
    return inputs[0] if name == "item" else do(*inputs, **named)


def flag_early(machine, spot, name, do, *inputs, **named):
    """Let what is made as number `spot` require grad at once; any, if that is None."""
    result = do(*inputs, **named)
    here = is_made(name, result) and spot in (None, len(machine.made))
    plain = here and result.is_leaf and result.is_floating_point()
    if plain and not inputs_tracked(inputs):
        result.requires_grad_()
    return result


def is_made(name: str, result: object) -> bool:
    """Tell whether a call makes a tensor; to read a .grad makes none."""
    return isinstance(result, Tensor) and not name.endswith("__get__")


def inputs_tracked(inputs: Iterable[object]) -> bool:
    return any(isinstance(it, Tensor) and it.requires_grad for it in inputs)


def list_late(run: Run) -> Found:
    """Yield what got its flag after it was made."""
    if any(op == "requires_grad_" for op, _ in run.machine.made):
        yield from ((index, {}) for index in find_made(run))


def list_untracked(run: Run) -> Found:
    if run.tensor is not None and not run.tensor.requires_grad:
        yield None, {}


def find_made(run: Run) -> Iterator[int]:
    """Yield the number under which what is asked about was made."""
    tensors = enumerate(tensor for _, tensor in run.machine.made)
    yield from [index for index, tensor in tensors if tensor is run.tensor][:1]


def sum_for_mean(machine, spot, name, do, *inputs, **named):
    if name in ("sum", "mean"):
        other = torch.mean if name == "sum" else torch.sum
        return other(*inputs, **named)
    return do(*inputs, **named)


def skip_clearing(machine, spot, name, do, *inputs, **named):
    if name == "zero_":
        return inputs[0]
    if name == "grad.__set__" and inputs[1] is None:
        return None
    return do(*inputs, **named)


def copy_grad(machine, spot, name, do, *inputs, **named):
    result = do(*inputs, **named)
    return result.clone() if name == "grad.__get__" and result is not None else result


def list_aliases(run: Run) -> Found:
    """Yield a spot where a name stands for what was read of some .grad."""
    things = run.machine.names.values()
    if any(thing is grad for thing in things for grad in run.machine.read):
        yield None, {}


def skip_unrecorded(machine, spot, name, do, *inputs, **named):
    if not torch.is_grad_enabled() and is_in_place(name):
        return inputs[0]
    return do(*inputs, **named)


def go_uphill(machine, spot, name, do, *inputs, **named):
    if not torch.is_grad_enabled() and name == "sub_":
        return inputs[0].add_(*inputs[1:], **named)
    return do(*inputs, **named)


def make_elsewhere(machine, spot, name, do, *inputs, **named):
    """Give what is made as number `spot[0]` another value."""
    result = do(*inputs, **named)
    if len(machine.made) == spot[0] and is_made(name, result):
        with torch.no_grad():
            result.copy_(spot[1])
    return result


def list_points(run: Run) -> Found:
    """Yield where else a learner may have taken the slope."""
    for index in find_made(run):
        here = run.machine.then[index][1]
        if here.is_floating_point():
            counted = run.machine.made[index][0] == "arange"  # from 1, as elsewhere
            points = [here + 1] * (counted or here.numel() == 1)
            points += [torch.ones_like(here)] * (here.numel() == 1)
            for point in points:
                yield (index, point), write_point(here, point)


def list_ends(run: Run) -> Found:
    """Yield the value that a leaf has at the end, if it was edited."""
    for index in find_made(run):
        here, end = run.machine.then[index][1], run.machine.made[index][1].detach()
        if not torch.equal(here, end):
            yield (index, end), write_point(here, end)


def write_point(here: Tensor, point: Tensor) -> dict[str, object]:
    return {"here": write_value(here), "point": write_value(point)}


def list_weights(run: Run) -> Found:
    """Yield the weights, where they could be the numbers of what is asked about."""
    for index in find_made(run):
        for walked in run.walks:
            point = run.machine.then[index][1]
            if walked.weights.shape == point.shape and has_weights(walked):
                yield (index, walked.weights.detach()), {}


def read_movement(run: Run) -> Found:
    """Yield how far the result moves when what is asked about grows by 1."""
    walks, changed = run.walks, run.machine.changes
    if len(walks) == 1 and walks[0].root.numel() == 1 and not changed:
        for spot, words in [*list_points(run)][:1]:
            moved = run.again([(POINT, spot)]).walks[0].root
            if spot[1].numel() == 1:
                yield (moved - walks[0].root).detach(), words


def weigh_alike(root: Tensor, weights: Tensor) -> Tensor:
    return torch.ones_like(weights)


def weigh_by_share(root: Tensor, weights: Tensor) -> Tensor:
    return weights / weights.sum()


def weigh_reversed(root: Tensor, weights: Tensor) -> Tensor:
    return weights.flip(0) if weights.dim() == 1 else weights


def weigh_mean(root: Tensor, weights: Tensor) -> Tensor:
    return weights / weights.numel()


POINT = Rule(walks.X_FORGOTTEN, call=make_elsewhere, spots=list_points)
# Each of these changes something only where a program does something on purpose, which
# is what its question is about.
OF_PROGRAMS = (
    Rule(walks.GRAD_EVERYWHERE, call=flag_early, spots=list_untracked),
    Rule(walks.RETROACTIVE, call=flag_early, spots=list_late),
    Rule(walks.DETACH_IS_A_COPY, call=see_no_detach, needs="detach"),
    Rule(walks.DETACH_IS_A_COPY, read=read_uncut, alone=True),
    Rule(walks.NO_GRAD_STILL_FLOWS, call=record_all, needs="_set_grad_enabled"),
    Rule(walks.NUMBERS_CARRY_GRAD, call=keep_history, needs="item"),
    Rule(walks.SUM_IS_MEAN, call=sum_for_mean),
    Rule(walks.GRAD_IS_A_SNAPSHOT, call=copy_grad, spots=list_aliases),
    Rule(walks.ZERO_IS_NOT_INPLACE, call=skip_clearing),
    Rule(walks.OVERWRITE, keep=in_place(take_last)),
    Rule(walks.FIRST_WINS, keep=in_place(take_first)),
    Rule(walks.ACCUMULATION_AVERAGES, keep=in_place(average)),
    Rule(walks.WALKS_MULTIPLY, keep=in_place(multiply)),
    Rule(walks.NEW_TENSOR_EACH_BACKWARD, keep=add_anew),
    Rule(walks.ONE_GRADIENT_PER_WALK, read=read_walks_apart, any_shape=True),
    Rule(walks.NO_GRAD_BLOCKS_UPDATE, call=skip_unrecorded, needs="_set_grad_enabled"),
    Rule(walks.UPHILL, call=go_uphill, needs="_set_grad_enabled"),
    Rule(walks.DETACH_COPIES, call=copy_at_detach, needs="detach"),
    Rule(walks.GRAD_IS_LIVE, call=make_elsewhere, spots=list_ends),
    Rule(walks.ARGUMENT_IS_THE_GRADIENT, read=read_weights),
    Rule(walks.WEIGHTS_IGNORED, weigh=weigh_alike),
    Rule(walks.JVP_NOT_VJP, read=read_right_product),
    Rule(walks.WEIGHTS_ON_THE_INPUTS, read=read_weighted_inputs),
    Rule(walks.DIAGONAL_JACOBIAN, read=read_diagonal),
    Rule(walks.WEIGHTS_TIMES_VALUE, read=read_weighted_values),
    Rule(
        walks.ARGUMENT_IS_THE_POINT,
        call=make_elsewhere,
        weigh=weigh_alike,
        spots=list_weights,
    ),
    Rule(walks.WEIGHTS_ARE_ADDED, read=read_sum_with_weights),
    Rule(walks.WEIGHTS_ARE_SHARES, weigh=weigh_by_share),
    Rule(walks.FIRST_ROW, weigh=weigh_reversed),
    Rule(walks.JACOBIAN, read=read_jacobian, any_shape=True),
    Rule(walks.OUTPUTS_AVERAGED, weigh=weigh_mean),
)
OF_WALKS = (
    Rule(walks.NONE_IS_ZERO, read=read_zeros),
    Rule(walks.ZERO_FOR_NONE, read=read_zeros_for_none),
    Rule(walks.SLOPE_NOT_PLACE, read=read_held, alone=True),
    Rule(walks.OTHER_VALUE, read=read_other_values, alone=True),
    Rule(walks.ONE_USE_ONLY, read=read_arrows),
    Rule(walks.ONE_PATH_ONLY, read=read_roads),
    Rule(walks.GRAD_IS_VALUE, read=read_values, alone=True, any_shape=True),
    Rule(walks.OWN_VALUE, read=read_own_value, alone=True),
    Rule(walks.BACKWARD_RETURNS, read=read_returned),
    Rule(walks.CONSTANT_DROPPED, send=leave_out, spots=list_constant_factors),
    Rule(walks.LAST_STEP_ONLY, read=read_before),
    Rule(walks.FIRST_STEP_ONLY, read=read_slopes_between),
    Rule(walks.WHOLE_ROAD, read=read_beyond),
    Rule(walks.GRAD_ON_OUTPUT, read=read_start),
    Rule(walks.ONE_ARROW_ONLY, meet=take_last),
    Rule(walks.ONE_ARROW_ONLY, meet=take_first),
    Rule(walks.USES_MULTIPLIED, meet=multiply),
    Rule(walks.ARROWS_AVERAGED, meet=average),
    Rule(walks.SLOPES_ADDED, send=add_slopes_together),
    Rule(walks.SLOPES_ADDED, send=add_slopes),
    Rule(walks.ONE_GRADIENT_PER_ARROW, read=read_arrows_apart, any_shape=True),
    Rule(walks.OWN_FACTOR, send=swap_factors),
    Rule(walks.OTHER_LEAF, read=read_others),
    Rule(walks.STEP_LEFT_OUT, send=leave_out, spots=list_boxes),
    Rule(walks.STEP_TWICE, send=count_twice, spots=list_boxes),
    POINT,
    Rule(walks.UNNAMED_VALUE, read=read_unnamed_values, alone=True, any_shape=True),
    Rule(walks.FINITE_DIFFERENCE, read=read_movement),
    Rule(walks.SIGN, read=partial(read_scaled, [-1]), alone=True),
)
RULES = (*OF_PROGRAMS, *OF_WALKS)
# What reads off what a walk carries, so that it may be misread on a changed walk, too.
ON_THE_ROAD = (read_arrows, read_roads, read_before, read_beyond)
CARRIED = tuple(rule for rule in OF_WALKS if rule.read in ON_THE_ROAD)
# What may be a slip of the pen, or of several beliefs: said only where nothing else is.
SLIPS = (
    Rule(walks.HALF, read=partial(read_scaled, [0.5])),
    Rule(walks.DOUBLE, read=partial(read_scaled, [2])),
    Rule(
        walks.POINT_MOVED, read=partial(read_scaled, [0.01, 0.1, 10, 100]), alone=True
    ),
)
