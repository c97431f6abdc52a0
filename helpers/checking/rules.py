"""What may be believed of any walk, each belief as a rule that is changed.

They stand in the order in which they are met: the first ones most often.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from ..graph.data import Place
from ..graph.functions import send_back
from ..language import Text
from ..wording import write_value
from .machine import Machine, Rule, Run, Walked

MOST_SPOTS = 12
Found = Iterator[tuple[Any, dict[str, object]]]  # a number, and words for the hint


# ---- what else a run holds ---------------------------------------------------


def code(name: str) -> str:
    return f"`{name}`"


def find_place(run: Run, walked: Walked) -> Place | None:
    """Return where the tensor that is asked about stands in a walk."""
    return None if run.tensor is None else walked.box_of(run.tensor)


def read_values(run: Run) -> Found:
    """Yield what the other names stand for, the last first."""
    for name, value in reversed(run.machine.seen):
        if run.tensor is not None and name != run.name:
            yield value, {"name": code(name)}
    for walked in run.walks if run.tensor is not None else ():
        yield walked.root, {"name": code(name_root(walked))}


def read_unnamed_values(run: Run) -> Found:
    """Yield what was computed on the way and has no name."""
    bound = {id(thing) for thing in run.machine.names.values()}
    made = zip(run.machine.made, run.machine.then, strict=True)
    for (op, tensor), (_, value) in made:
        if run.tensor is not None and id(tensor) not in bound:
            yield value, {"name": code(op.strip("_"))}


def read_own_value(run: Run) -> Found:
    for name, value in reversed(run.machine.seen):
        if name == run.name:
            yield value, {}


def read_arrows(run: Run) -> Found:
    """Yield what single arrows bring to what is asked about, where several meet."""
    for arrows in list_arrows(run):
        for grad in arrows if len(arrows) > 1 else ():
            yield grad, {"count": len(arrows)}


def read_roads(run: Run) -> Found:
    """Yield what comes through single operations, where several use what is asked."""
    for walked in run.walks:
        place, walk, sums = find_place(run, walked), walked.walk, {}
        for edge in walk.trace.graph.edges:
            grad = walk.sent.get((edge.target, edge.route))
            if (edge.source, edge.output) == place and grad is not None:
                sums[edge.target] = sums.get(edge.target, 0) + grad
        for box, grad in sums.items() if len(sums) > 1 else ():
            yield grad, {"name": code(walked.name(box))}


def read_arrows_apart(run: Run) -> Found:
    for arrows in list_arrows(run):
        if len(arrows) > 1:
            yield torch.stack(arrows), {}
            yield torch.cat([arrow.flatten() for arrow in arrows]), {}


def list_arrows(run: Run) -> Iterator[list[Tensor]]:
    """Yield, for each walk, what its arrows bring to what is asked about."""
    for walked in run.walks:
        place, walk = find_place(run, walked), walked.walk
        sent = (
            walk.sent.get((edge.target, edge.route))
            for edge in walk.trace.graph.edges
            if (edge.source, edge.output) == place
        )
        yield [grad for grad in sent if grad is not None]


def read_before(run: Run) -> Found:
    """Yield what arrives at the operations that a walk passes on its way."""
    for walked, place, _, box, grad in list_received(run):
        if place is not None and comes_before(walked, box, place[0]):
            yield grad, {"name": code(walked.name(box))}


def read_beyond(run: Run) -> Found:
    """Yield what arrives further back than what is asked about."""
    for walked, place, _, box, grad in list_received(run):
        if place is not None and comes_before(walked, place[0], box):
            yield grad, {"name": code(walked.name(box))}


def read_others(run: Run) -> Found:
    """Yield what arrives at other leaves."""
    for walked, place, _, box, grad in list_received(run):
        there = None if place is None else place[0]
        if run.tensor is not None and box in walked.walk.trace.leaves and box != there:
            yield grad, {"name": code(walked.name(box))}


def list_received(run: Run) -> Iterator[tuple]:
    for walked in reversed(run.walks):
        place, roots = find_place(run, walked), walked.walk.trace.graph.roots
        for box, received in walked.walk.received.items():
            if box not in roots and received[0] is not None:
                yield walked, place, roots, box, received[0]


def comes_before(walked: Walked, box: str, other: str) -> bool:
    """Tell whether a walk passes a box on its way to another."""
    reached, queue = {box}, [box]
    for each in queue:
        new = {edge.source for edge in walked.walk.arrows[each]} - reached
        reached |= new
        queue += new
    return other in reached and box != other


def read_start(run: Run) -> Found:
    for walked in run.walks:
        there = run.tensor is not None and walked.root is not run.tensor
        if there and not has_weights(walked):
            yield walked.weights, {"name": code(name_root(walked))}


def read_weights(run: Run) -> Found:
    for walked in run.walks:
        if has_weights(walked):
            yield walked.weights.detach(), {"name": code(name_root(walked))}


def name_root(walked: Walked) -> str:
    return walked.name(walked.walk.trace.graph.roots[0])


def read_slopes_between(run: Run) -> Found:
    """Yield the slopes of what was computed on the way, with what is asked about."""
    roots = [walked.root for walked in run.walks]
    labels = [name_root(walked) for walked in run.walks]
    for op, tensor in run.machine.made[:MOST_SPOTS]:
        inner = tensor.requires_grad and not tensor.is_leaf and tensor is not run.tensor
        if (
            inner
            and all(tensor is not root for root in roots)
            and run.tensor is not None
        ):
            with suppress(Exception):  # changed in place since
                walked = Machine((), run.machine.names).walk_by_hand(tensor, None)
                grad = walked.brought(find_place(run, walked))
                if grad is not None and name_root(walked) not in labels:
                    yield grad, {"name": code(name_root(walked))}


def read_returned(run: Run) -> Found:
    """Yield what backward() might hand over, where that is asked for."""
    if run.answer is None and ".grad" not in run.asked:
        for tensor, grad in run.machine.held:
            names = (n for n, it in run.machine.names.items() if it is tensor)
            yield grad, {"name": code(next(names, "?"))}


def read_held(run: Run) -> Found:
    """Yield what .grad holds, where the value of something is asked for."""
    if run.tensor is None and isinstance(run.answer, Tensor):
        for tensor, grad in run.machine.held:
            names = (n for n, it in run.machine.names.items() if it is tensor)
            yield grad, {"name": code(next(names, "?"))}


def read_other_values(run: Run) -> Found:
    """Yield other values, where the value of something is asked for."""
    if run.tensor is None and isinstance(run.answer, Tensor):
        for name, value in reversed(run.machine.seen):
            yield value, {"name": code(name)}


def read_zeros(run: Run) -> Found:
    known = isinstance(run.answer, Tensor) and not run.answer.isnan().any()
    if known and run.answer.any() and run.tensor is not None:
        yield torch.zeros_like(run.answer), {}
        yield 0.0, {}


def read_zeros_for_none(run: Run) -> Found:
    if run.answer is None and run.tensor is not None:
        yield torch.zeros_like(run.tensor), {}
        yield 0.0, {}


# ---- the table ----------------------------------------------------------------


def read_table(run: Run) -> Iterator[tuple[Walked, Tensor, Tensor]]:
    """Yield, for each walk with weights, it, the weights and the Jacobian matrix."""
    for walked in run.walks:
        place = find_place(run, walked)
        if walked.root.dim() == 1 and run.tensor is not None and place is not None:
            table = run.tables.get(id(walked))
            if table is None:
                rows = [
                    walked.again(weights).brought(place)
                    for weights in list_rows(walked)
                ]
                table = run.tables[id(walked)] = torch.stack(rows)
            yield walked, walked.weights.detach(), table


def list_rows(walked: Walked) -> Iterable[Tensor]:
    return torch.eye(len(walked.root), dtype=walked.root.dtype)


def read_jacobian(run: Run) -> Found:
    for _, _, table in read_table(run):
        yield table, {}
        yield table.T, {}


def read_right_product(run: Run) -> Found:
    for _, weights, table in read_table(run):
        if len(table) == len(table.T):
            yield table @ weights, {}


def read_weighted_inputs(run: Run) -> Found:
    for _, weights, table in read_table(run):
        if len(table) == len(table.T):
            yield table.sum(0) * weights, {}


def read_diagonal(run: Run) -> Found:
    for _, weights, table in read_table(run):
        if len(table) == len(table.T) and (table - table.diag().diag()).any():
            yield table.diag() * weights, {}


def read_sum_with_weights(run: Run) -> Found:
    for _, weights, table in read_table(run):
        if len(table) == len(table.T):
            yield table.sum(0) + weights, {}


def read_weighted_values(run: Run) -> Found:
    for walked in run.walks:
        if has_weights(walked):
            yield (
                walked.root.detach() * walked.weights.detach(),
                {"name": code(name_root(walked))},
            )


def has_weights(walked: Walked) -> bool:
    return not bool((walked.weights == 1).all())


# ---- another walk --------------------------------------------------------------


def take_last(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return new


def take_first(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far if number > 1 else new


def multiply(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far * new if number > 1 else new


def average(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return (so_far * (number - 1) + new) / number


def write_over(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far.copy_(new)


def add_anew(so_far: Tensor, new: Tensor, number: int) -> Tensor:
    return so_far + new


def list_boxes(run: Run) -> Found:
    """Yield the operations of the last walk, one of each name."""
    for walked in run.walks[-1:]:
        leaves, named = walked.walk.trace.leaves, {}
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
    return send_back(walk.trace.functions[box], ones)


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
    slopes: dict[object, Tensor] = {}
    places = [edge for edge in walk.arrows[box]]
    own = own_slopes(walk, box, received)
    for edge in places:
        key = edge.source, edge.output
        slopes[key] = slopes.get(key, 0) + own[edge.route]
    sent: list[Tensor | None] = [None] * len(own)
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
        received[0] if grad is not None and route in once.values() else None
        for route, grad in enumerate(sent)
    ]


def count_twice(walk, do, spot, box, received):
    """Multiply by the slope of one box a second time."""
    sent = do(box, received)
    if box != spot:
        return sent
    pairs = zip(sent, own_slopes(walk, box, received), strict=True)
    return [None if grad is None else grad * slope for grad, slope in pairs]


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
    return (name.endswith("_") and not name.endswith("__")) or name.startswith("__i")


def keep_history(machine, spot, name, do, *inputs, **named):
    return inputs[0] if name == "item" else do(*inputs, **named)


def flag_early(machine, spot, name, do, *inputs, **named):
    """Let what is made as number `spot` require grad at once; any, if that is None."""
    result = do(*inputs, **named)
    here = spot is None or len(machine.made) == spot
    if here and isinstance(result, Tensor) and result.is_leaf:
        if result.is_floating_point() and not inputs_tracked(inputs):
            result.requires_grad_()
    return result


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
    if not torch.is_grad_enabled() and name in ("__isub__", "sub_"):
        return inputs[0].add_(inputs[1])
    return do(*inputs, **named)


def make_elsewhere(machine, spot, name, do, *inputs, **named):
    """Give what is made as number `spot[0]` another value."""
    result = do(*inputs, **named)
    if len(machine.made) == spot[0]:
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
        here, end = run.machine.then[index][1], run.tensor.detach()
        if not torch.equal(here, end):
            yield (index, end), write_point(here, end)


def write_point(here: Tensor, point: Tensor) -> dict[str, object]:
    return {"here": write_value(here), "point": write_value(point)}


def list_weights(run: Run) -> Found:
    """Yield the weights, where they could be the numbers of what is asked about."""
    for index in find_made(run):
        for walked in run.walks:
            if walked.weights.shape == run.tensor.shape and has_weights(walked):
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


# ---- a slip at the end -----------------------------------------------------------


def scale(*factors: float) -> Any:
    def read_scaled(run: Run) -> Found:
        if isinstance(run.answer, Tensor) and run.answer.dtype != torch.bool:
            for factor in factors:
                yield run.answer * factor, {}

    return read_scaled


POINT = Rule(
    "X-FORGOTTEN",
    Text(
        "{answer} would be right if {leaf} were {point}; here it is {here}.",
        "如果 {leaf} 是 {point}，{answer} 就对了；而这里它是 {here}。",
    ),
    call=make_elsewhere,
    spots=list_points,
)
COMES_OUT_IF_ONE = Text(
    "{answer} comes out if only one of the arrows that meet counts; what they bring is "
    "added.",
    "会合的箭头只算一个，才会得到 {answer}；它们带来的数要相加。",
)
COMES_OUT_IF_ADDED = Text(
    "{answer} comes out if slopes along one road are added; they are multiplied, and "
    "only where roads meet is there a sum.",
    "把同一条路上的斜率相加，才会得到 {answer}；它们要相乘，只有几条路会合时才相加。",
)
MEAN_FOR_SUM = Text(
    "{answer} comes out if a mean stands where the sum is, or the other way round: a "
    "sum sends its gradient to each part whole, a mean divides it.",
    "把求和与求平均弄反了，才会得到 {answer}：求和把梯度完整地传给每一项，求平均则要除"
    "以个数。",
)

# Each of these changes something only where a program does something on purpose, which
# is what its question is about.
OF_PROGRAMS = (
    Rule(
        "GRAD-EVERYWHERE",
        Text(
            "{answer} is what {leaf} would get if it were tracked; but it is a constant "
            "here, and the walk does not come to it.",
            "{leaf} 若被追踪，才会得到 {answer}；但它在这里是常数，反向传播走不到它。",
        ),
        call=flag_early,
        spots=list_untracked,
    ),
    Rule(
        "RETROACTIVE",
        Text(
            "{answer} comes out if {leaf} had its flag from the start; what ran before "
            "was not recorded.",
            "{leaf} 若一开始就有标志，才会得到 {answer}；设标志之前的运算没有被记录。",
        ),
        call=flag_early,
        spots=list_late,
    ),
    Rule(
        "DETACH-IS-A-COPY",
        Text(
            "{answer} comes out if detach() cuts nothing; but it gives numbers without "
            "a history, so no road leads back through them.",
            "detach() 若什么也不切断，才会得到 {answer}；但它给出的数没有历史，没有路从那里"
            "通回去。",
        ),
        call=see_no_detach,
        needs="detach",
    ),
    Rule(
        "NO_GRAD-STILL-FLOWS",
        Text(
            "{answer} comes out if what runs under no_grad() is recorded; it is not.",
            "no_grad() 里的运算若被记录，才会得到 {answer}；它们没有被记录。",
        ),
        call=record_all,
        needs="_set_grad_enabled",
    ),
    Rule(
        "NUMBERS-CARRY-GRAD",
        Text(
            "{answer} comes out if .item() keeps the history; it gives a plain number.",
            ".item() 若保留历史，才会得到 {answer}；它给出的只是一个普通的数。",
        ),
        call=keep_history,
        needs="item",
    ),
    Rule(
        "GRAD-IS-A-SNAPSHOT",
        Text(
            "{answer} would be left if reading .grad gave a copy; it gives the very "
            "tensor, and what happens to it later shows.",
            "读取 .grad 若得到副本，才会留下 {answer}；得到的就是那个张量，之后的变化都会"
            "显现。",
        ),
        call=copy_grad,
        spots=list_aliases,
    ),
    Rule(
        "ZERO-IS-NOT-INPLACE",
        Text(
            "{answer} still holds what was cleared on the way.",
            "{answer} 里还有中途已经清除的数。",
        ),
        call=skip_clearing,
    ),
    Rule(
        "OVERWRITE",
        Text(
            "{answer} comes out if a walk overwrites what .grad holds; it adds to it.",
            "反向传播若覆盖 .grad 里原有的数，才会得到 {answer}；它是往上加。",
        ),
        keep=write_over,
    ),
    Rule(
        "FIRST-WINS",
        Text(
            "{answer} comes out if .grad keeps what the first walk brings; later walks "
            "add to it.",
            ".grad 若只留第一次带来的数，才会得到 {answer}；后面的反向传播还会往上加。",
        ),
        keep=take_first,
    ),
    Rule(
        "ACCUMULATION-AVERAGES",
        Text(
            "{answer} comes out if the walks are averaged; .grad holds their sum.",
            "几次反向传播若取平均，才会得到 {answer}；.grad 里是它们的和。",
        ),
        keep=average,
    ),
    Rule(
        "WALKS-MULTIPLY",
        Text(
            "{answer} comes out if what two walks bring is multiplied; .grad adds.",
            "两次反向传播带来的数若相乘，才会得到 {answer}；.grad 是相加的。",
        ),
        keep=multiply,
    ),
    Rule(
        "NEW-TENSOR-EACH-BACKWARD",
        Text(
            "{answer} would be left if each walk made a new .grad; it adds to the same "
            "numbers.",
            "每次反向传播若都新建 .grad，才会留下 {answer}；它是在同一组数上累加。",
        ),
        keep=add_anew,
    ),
    Rule(
        "NO_GRAD-BLOCKS-UPDATE",
        Text(
            "{answer} comes out if nothing changes under no_grad(); nothing is recorded "
            "there, but numbers do change.",
            "no_grad() 里若什么都不变，才会得到 {answer}；那里只是不记录，数还是会变。",
        ),
        call=skip_unrecorded,
        needs="_set_grad_enabled",
    ),
    Rule(
        "UPHILL",
        Text(
            "{answer} comes out if the step is added; it is subtracted.",
            "把这一步加上去，才会得到 {answer}；这里是减去。",
        ),
        call=go_uphill,
        needs="__isub__",
    ),
    Rule(
        "DETACH-COPIES",
        Text(
            "{answer} comes out if detach() copies the numbers; it shares them, so an "
            "edit there is an edit here.",
            "detach() 若复制数据，才会得到 {answer}；它与原来共享数据，改一处两处都变。",
        ),
        call=copy_at_detach,
        needs="detach",
    ),
    Rule(
        "GRAD-IS-LIVE",
        Text(
            "{answer} is the slope where {leaf} is {point}; the walk took it where "
            "{leaf} was {here}.",
            "{answer} 是 {leaf} 为 {point} 处的斜率；而反向传播时 {leaf} 还是 {here}。",
        ),
        call=make_elsewhere,
        spots=list_ends,
    ),
    Rule(
        "ARGUMENT-IS-THE-GRADIENT",
        Text(
            "{answer} is the weights themselves: they arrive at {name}, and on the way to "
            "{leaf} each step multiplies them by its own slope.",
            "{answer} 就是权重本身：它们到达 {name}，到 {leaf} 的路上，每一步都乘上自己的斜"
            "率。",
        ),
        read=read_weights,
    ),
    Rule(
        "WEIGHTS-IGNORED",
        Text(
            "{answer} comes out if every weight is 1; those in the brackets count.",
            "每个权重都是 1 时才会得到 {answer}；括号里的权重各有作用。",
        ),
        weigh=weigh_alike,
    ),
    Rule(
        "JVP-NOT-VJP",
        Text(
            "{answer} is J v, which runs along each row; backward weights the rows and "
            "adds down each column: v J.",
            "{answer} 是 J v，沿着每一行相加；backward 给各行加权，再沿着每一列相加：v J。",
        ),
        read=read_right_product,
    ),
    Rule(
        "WEIGHTS-ON-THE-INPUTS",
        Text(
            "{answer} comes out if the rows are added first and the inputs weighted "
            "afterwards; weights belong to the outputs and come first.",
            "先把各行相加、再给输入加权，才会得到 {answer}；权重属于输出，要先乘。",
        ),
        read=read_weighted_inputs,
    ),
    Rule(
        "DIAGONAL-JACOBIAN",
        Text(
            "{answer} is the diagonal of the table, weighted; an output may depend on "
            "other inputs, too.",
            "{answer} 只是表格的对角线加权；一个输出也可能与别的输入有关。",
        ),
        read=read_diagonal,
    ),
    Rule(
        "WEIGHTS-TIMES-VALUE",
        Text(
            "{answer} is the weights times the values of {name}; they multiply its "
            "slopes.",
            "{answer} 是权重乘以 {name} 的值；权重乘的是它的斜率。",
        ),
        read=read_weighted_values,
    ),
    Rule(
        "ARGUMENT-IS-THE-POINT",
        Text(
            "{answer} is the slope taken at the weights; passing them moves no point, "
            "they multiply the slopes at {leaf}.",
            "{answer} 是在权重处取的斜率；传入权重并不移动任何点，权重乘的是 {leaf} 处的斜"
            "率。",
        ),
        call=make_elsewhere,
        weigh=weigh_alike,
        spots=list_weights,
    ),
    Rule(
        "WEIGHTS-ARE-ADDED",
        Text(
            "{answer} is slopes plus weights; a weight multiplies.",
            "{answer} 是斜率加权重；权重是用来乘的。",
        ),
        read=read_sum_with_weights,
    ),
    Rule(
        "WEIGHTS-ARE-SHARES",
        Text(
            "{answer} comes out if the weights are divided by their sum; a weight is a "
            "factor as it stands.",
            "把权重除以它们的总和，才会得到 {answer}；权重本身就是因子。",
        ),
        weigh=weigh_by_share,
    ),
    Rule(
        "FIRST-ROW",
        Text(
            "{answer} comes out with the weights in reverse order.",
            "把权重的顺序反过来，才会得到 {answer}。",
        ),
        weigh=weigh_reversed,
    ),
    Rule(
        "JACOBIAN",
        Text(
            "That is the whole table; the walk brings one number for each of the "
            "numbers of {leaf}.",
            "那是整张表；反向传播给 {leaf} 的每个数只带来一个数。",
        ),
        read=read_jacobian,
        any_shape=True,
    ),
    Rule(
        "SUM=MEAN",
        Text(
            "{answer} comes out if the outputs are averaged; they are summed.",
            "各个输出若取平均，才会得到 {answer}；它们是相加的。",
        ),
        weigh=weigh_mean,
    ),
)
OF_WALKS = (
    Rule(
        "NONE-IS-ZERO",
        Text(
            "0 would say that {root} does not change with {leaf}, and it does.",
            "0 的意思是 {leaf} 变化时 {root} 不变，而它是变的。",
        ),
        read=read_zeros,
    ),
    Rule(
        "NONE-IS-ZERO",
        Text(
            "0 is a number, and a walk would have to bring it; none comes to {leaf}.",
            "0 是一个数，要由反向传播带来；而反向传播走不到 {leaf}。",
        ),
        read=read_zeros_for_none,
    ),
    Rule(
        "SLOPE-NOT-PLACE",
        Text(
            "{answer} is what .grad holds of {name}; asked is {asked}, which is no "
            "gradient.",
            "{answer} 是 {name} 的 .grad 里的数；问的是 {asked}，它不是梯度。",
        ),
        read=read_held,
        alone=True,
    ),
    Rule(
        "OTHER-VALUE",
        Text(
            "{answer} is a value that {name} has on the way; asked is {asked}.",
            "{answer} 是途中 {name} 的一个值；问的是 {asked}。",
        ),
        read=read_other_values,
        alone=True,
    ),
    Rule(
        "ONE-USE-ONLY",
        Text(
            "{answer} is what only one of the {count} arrows brings to {leaf}; what "
            "the other brings is added to it.",
            "{answer} 只是通到 {leaf} 的 {count} 个箭头之一带来的；其余箭头带来的还要加"
            "上去。",
        ),
        read=read_arrows,
    ),
    Rule(
        "ONE-PATH-ONLY",
        Text(
            "{answer} is what comes to {leaf} through {name} alone; what the other roads "
            "bring is added to it.",
            "{answer} 只是经过 {name} 这一条路到达 {leaf} 的；其余的路带来的还要加上去。",
        ),
        read=read_roads,
    ),
    Rule(
        "GRAD-IS-VALUE",
        Text(
            "{answer} is the value of {name}, not a gradient: {asked} says how fast "
            "{root} changes with {leaf}.",
            "{answer} 是 {name} 的值，不是梯度：{asked} 说的是 {leaf} 变化时 {root} 变化"
            "得多快。",
        ),
        read=read_values,
        alone=True,
        any_shape=True,
    ),
    Rule(
        "OWN-VALUE",
        Text(
            "{answer} is the value of {leaf} itself, not a gradient: {asked} says how "
            "fast {root} changes with it.",
            "{answer} 是 {leaf} 自己的值，不是梯度：{asked} 说的是它变化时 {root} 变化得多"
            "快。",
        ),
        read=read_own_value,
        alone=True,
    ),
    Rule(
        "BACKWARD-RETURNS",
        Text(
            "{answer} is the gradient of {name}, but backward() does not hand it over: "
            "it puts it into .grad.",
            "{answer} 是 {name} 的梯度，但 backward() 并不交给你：它把梯度放进 .grad。",
        ),
        read=read_returned,
    ),
    Rule(
        "CONSTANT-DROPPED",
        Text(
            "{answer} comes out if the constant factor at {name} falls away; it stays, as "
            "the slope of 5x is 5.",
            "{name} 处的常数因子若去掉，才会得到 {answer}；它要留下，就像 5x 的斜率是 5。",
        ),
        send=leave_out,
        spots=list_constant_factors,
    ),
    Rule(
        "LAST-STEP-ONLY",
        Text(
            "{answer} is what arrives at {name}; from there the walk goes on to {leaf}, "
            "and each step multiplies by its own slope.",
            "{answer} 是到达 {name} 的梯度；反向传播还要从那里继续走到 {leaf}，每一步都乘"
            "上自己的斜率。",
        ),
        read=read_before,
    ),
    Rule(
        "FIRST-STEP-ONLY",
        Text(
            "{answer} is the slope of {name} with {leaf}; but the walk starts at {root}.",
            "{answer} 是 {name} 对 {leaf} 的斜率；但反向传播从 {root} 出发。",
        ),
        read=read_slopes_between,
    ),
    Rule(
        "WHOLE-ROAD",
        Text(
            "{answer} is what arrives at {name}, further back; {asked} is what passes "
            "{leaf} on the way there.",
            "{answer} 是到达更后面的 {name} 的梯度；{asked} 是途中经过 {leaf} 时的梯度。",
        ),
        read=read_beyond,
    ),
    Rule(
        "GRAD-ON-OUTPUT",
        Text(
            "The walk starts at {name} with {answer}; on the way to {leaf} each step "
            "multiplies it by its own slope.",
            "反向传播从 {name} 处带着 {answer} 出发；到 {leaf} 的路上，每一步都乘上自己的斜"
            "率。",
        ),
        read=read_start,
    ),
    Rule("ONE-USE-ONLY", COMES_OUT_IF_ONE, meet=take_last),
    Rule("ONE-USE-ONLY", COMES_OUT_IF_ONE, meet=take_first),
    Rule(
        "USES-MULTIPLIED",
        Text(
            "{answer} comes out if what arrives is multiplied; where arrows meet, it is "
            "added.",
            "到达的数若相乘，才会得到 {answer}；箭头会合之处要相加。",
        ),
        meet=multiply,
    ),
    Rule(
        "ACCUMULATION-AVERAGES",
        Text(
            "{answer} comes out if what arrives is averaged; where arrows meet, it is "
            "added.",
            "到达的数若取平均，才会得到 {answer}；箭头会合之处要相加。",
        ),
        meet=average,
    ),
    Rule("SLOPES-ADDED", COMES_OUT_IF_ADDED, send=add_slopes_together),
    Rule("SLOPES-ADDED", COMES_OUT_IF_ADDED, send=add_slopes),
    Rule(
        "ONE-GRADIENT-PER-ARROW",
        Text(
            "Each arrow does bring a gradient of its own, but {leaf} keeps them in one "
            "{asked}, where they are added.",
            "每个箭头确实各带来一个梯度，但 {leaf} 只有一个 {asked}，它们在那里相加。",
        ),
        read=read_arrows_apart,
        any_shape=True,
    ),
    Rule(
        "OWN-VALUE",
        Text(
            "{answer} comes out if a factor gets its own value as slope; in a product "
            "each gets that of the other.",
            "因子若以自己的值为斜率，才会得到 {answer}；在乘积里，每个因子得到的是另一个的"
            "值。",
        ),
        send=swap_factors,
    ),
    Rule(
        "OTHER-LEAF",
        Text(
            "{answer} is what arrives at {name}; asked is {asked}.",
            "{answer} 是到达 {name} 的梯度；问的是 {asked}。",
        ),
        read=read_others,
    ),
    Rule(
        "STEP-LEFT-OUT",
        Text(
            "{answer} comes out if {name} passes on what it receives; it multiplies it "
            "by its own slope first.",
            "{name} 若把收到的数原样传下去，才会得到 {answer}；它要先乘上自己的斜率。",
        ),
        send=leave_out,
        spots=list_boxes,
    ),
    Rule(
        "STEP-TWICE",
        Text(
            "{answer} comes out if the slope of {name} is counted twice.",
            "把 {name} 的斜率算了两次，才会得到 {answer}。",
        ),
        send=count_twice,
        spots=list_boxes,
    ),
    POINT,
    Rule(
        "GRAD-IS-VALUE",
        Text(
            "{answer} is the value that {name} gives on the way, not a gradient: {asked} "
            "says how fast {root} changes with {leaf}.",
            "{answer} 是途中 {name} 给出的值，不是梯度：{asked} 说的是 {leaf} 变化时 {root} "
            "变化得多快。",
        ),
        read=read_unnamed_values,
        alone=True,
        any_shape=True,
    ),
    Rule(
        "FINITE-DIFFERENCE",
        Text(
            "{answer} is how far {root} moves when {leaf} goes from {here} to {point}; "
            "the gradient is the slope right at {here}.",
            "{answer} 是 {leaf} 从 {here} 走到 {point} 时 {root} 的变化量；梯度是恰好在 "
            "{here} 处的斜率。",
        ),
        read=read_movement,
    ),
    Rule(
        "SIGN",
        Text(
            "The size is right, the sign is not.",
            "大小对了，符号反了。",
        ),
        read=scale(-1),
    ),
)
RULES = (*OF_PROGRAMS, *OF_WALKS)
# What reads off what a walk carries, so that it may be misread on a changed walk, too.
ON_THE_ROAD = (read_arrows, read_roads, read_before, read_beyond)
CARRIED = tuple(rule for rule in OF_WALKS if rule.read in ON_THE_ROAD)
# What may be a slip of the pen, or of several beliefs: said only where nothing else is.
SLIPS = (
    Rule(
        "HALF",
        Text(
            "{answer} is half of it: what was counted only once?",
            "{answer} 只是一半：是什么只算了一次？",
        ),
        read=scale(0.5),
    ),
    Rule(
        "DOUBLE",
        Text(
            "{answer} is twice as much: what was counted once too often?",
            "{answer} 多了一倍：是什么多算了一次？",
        ),
        read=scale(2),
    ),
    Rule(
        "POINT-MOVED",
        Text(
            "The digits are right; is there a zero too many, or the point in another "
            "place?",
            "数字都对；是不是多了或少了一个零，或者小数点的位置不对？",
        ),
        read=scale(0.01, 0.1, 10, 100),
    ),
)
