"""What else a run holds that may be taken for the answer.

Each function yields such numbers, with words for the hint.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from ..graph.data import Place
from ..graph.inputs import torch_name
from ..language import Text
from .machine import Machine, Run, Walked

MOST_SPOTS = 12
MOST_ROWS = 8  # of a Jacobian matrix
Found = Iterator[tuple[Any, dict[str, object]]]  # a number, and words for the hint


# ---- what else a run holds ---------------------------------------------------


LEAF = Text("the leaf", "叶子")
A_TENSOR = Text("a tensor", "某个张量")  # with no name here: a function's own, say
NUMBERED = Text("{op} number {number}", "第 {number} 个 {op}")


def code(name: str) -> str:
    return f"`{name}`"


def describe_place(walked: Walked, box: str) -> str:
    """Name a box of a walk; of several unnamed ones, number them as they were made."""
    name, leaf = walked.name(box), walked.walk.trace.leaves.get(box)
    if leaf is not None and name == torch_name(walked.walk.trace.functions[box]):
        return LEAF()
    alike = [it for it in walked.walk.received if walked.name(it) == name]
    if len(alike) < 2 or box not in alike:
        return code(name)
    return NUMBERED(op=code(name), number=len(alike) - alike.index(box))


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


def read_uncut(run: Run) -> Found:
    """Yield what would come if what is imagined to be detached were not."""
    for walked in run.walks:
        if walked.walk.cut is not None:
            place = find_place(run, walked)
            yield walked.bring_again(place, walked.weights, None), {}


def read_roads(run: Run) -> Found:
    """Yield what comes through single operations, where several use what is asked."""
    for walked in run.walks:
        place, walk = find_place(run, walked), walked.walk
        sums: dict[str, Tensor] = {}
        for edge in walk.trace.graph.edges:
            grad = walk.sent.get((edge.target, edge.route))
            if (edge.source, edge.output) == place and grad is not None:
                sums[edge.target] = sums.get(edge.target, 0) + grad
        for box, grad in sums.items() if len(sums) > 1 else ():
            yield grad, {"name": describe_place(walked, box)}


def read_arrows_apart(run: Run) -> Found:
    for arrows in list_arrows(run):
        if len(arrows) > 1:
            yield torch.stack(arrows), {}
            yield torch.cat([arrow.flatten() for arrow in arrows]), {}


def read_walks_apart(run: Run) -> Found:
    brought = (walked.brought(find_place(run, walked)) for walked in run.walks)
    grads = [grad for grad in brought if grad is not None]
    if len(grads) > 1:
        for whole in (torch.stack(grads), torch.cat([it.flatten() for it in grads])):
            yield whole, {"count": len(grads)}


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
            yield grad, {"name": describe_place(walked, box)}


def read_beyond(run: Run) -> Found:
    """Yield what arrives further back than what is asked about."""
    for walked, place, _, box, grad in list_received(run):
        if place is not None and comes_before(walked, place[0], box):
            yield grad, {"name": describe_place(walked, box)}


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
    roots = [run.tensor, *(walked.root for walked in run.walks)]
    labels = [name_root(walked) for walked in run.walks]
    for _, tensor in run.machine.made[:MOST_SPOTS]:
        if not tensor.is_leaf and all(tensor is not root for root in roots):
            with suppress(RuntimeError):  # changed in place since
                walked = Machine((), run.machine.names).walk_by_hand(tensor, None)
                grad = walked.brought(find_place(run, walked))
                if grad is not None and name_root(walked) not in labels:
                    yield grad, {"name": code(name_root(walked))}


def read_returned(run: Run) -> Found:
    """Yield what backward() might hand over, where that is asked for."""
    if run.answer is None and ".grad" not in run.asked:
        yield from list_held(run)


def read_held(run: Run) -> Found:
    """Yield what .grad holds, where the value of something is asked for."""
    if run.tensor is None and isinstance(run.answer, Tensor):
        yield from list_held(run)


def list_held(run: Run) -> Found:
    """Yield what each .grad held, over the time."""
    for tensor, grad in run.machine.held:
        named = (code(n) for n, it in run.machine.names.items() if it is tensor)
        yield grad, {"name": next(named, A_TENSOR())}


def read_other_values(run: Run) -> Found:
    """Yield other values, where the value of something is asked for."""
    if run.tensor is None and isinstance(run.answer, Tensor):
        for name, value in reversed(run.machine.seen):
            yield value, {"name": code(name)}


def read_zeros(run: Run) -> Found:
    if run.tensor is None or not isinstance(run.answer, Tensor):
        return
    if run.answer.any() and not run.answer.isnan().any():
        yield torch.zeros_like(run.answer), {}
        yield 0.0, {}


def read_zeros_for_none(run: Run) -> Found:
    if run.answer is None and run.tensor is not None:
        yield torch.zeros_like(run.tensor), {}
        yield 0.0, {}


# ---- the table ----------------------------------------------------------------


def read_table(run: Run) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield, for each walk with weights, the weights and the Jacobian matrix."""
    for walked in run.walks:
        place = find_place(run, walked)
        if (
            place is not None
            and walked.root.dim() == 1
            and len(walked.root) <= MOST_ROWS
        ):
            if id(walked) not in run.tables:
                run.tables[id(walked)] = find_table(walked, place)
            yield walked.weights.detach(), run.tables[id(walked)]


def find_table(walked: Walked, place: Place) -> Tensor:
    """Return the Jacobian matrix, a walk for each row."""
    eye, cut = torch.eye(len(walked.root)), walked.walk.cut
    rows = (walked.bring_again(place, weights, cut) for weights in eye)
    return torch.stack([row for row in rows if row is not None])


def read_jacobian(run: Run) -> Found:
    for _, table in read_table(run):
        yield table, {}
        yield table.transpose(0, -1), {}


def read_square(run: Run) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the weights and the matrix, where rows and columns may be mixed up."""
    for weights, table in read_table(run):
        if len(table) == table.shape[-1]:
            yield weights, table


def read_right_product(run: Run) -> Found:
    for weights, table in read_square(run):
        yield table @ weights, {}


def read_weighted_inputs(run: Run) -> Found:
    for weights, table in read_square(run):
        yield table.sum(0) * weights, {}


def read_diagonal(run: Run) -> Found:
    for weights, table in read_square(run):
        if (table - table.diag().diag()).any():
            yield table.diag() * weights, {}


def read_sum_with_weights(run: Run) -> Found:
    for weights, table in read_square(run):
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


# ---- a slip at the end -----------------------------------------------------------


def read_scaled(factors: Iterable[float], run: Run) -> Found:
    if isinstance(run.answer, Tensor) and run.answer.dtype != torch.bool:
        for factor in factors:
            yield run.answer * factor, {}
