"""Draw the graph of a tensor, or the walk back from it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor

from ..graph.backward import GraphFreed, WalkStopped, show_until_step, walk_back
from ..graph.contract import (
    Plan,
    contract_calls,
    open_levels,
    open_names,
    plan_boxes,
)
from ..graph.data import Graph, Node, Trace
from ..graph.depth import LIMIT
from ..graph.engines import BadRecord, is_recorded, trace_recorded
from ..graph.fold import fold_graph
from ..graph.modules import read_calls
from ..graph.private import bypass_modes
from ..graph.summary import summarize
from ..graph.trace import trace_graph
from ..language import Sentence, Text
from ..sandbox import PATIENCE, TooSlow, run_within
from ..wording import describe_error, describe_thing, write_value
from . import arguments
from .picture import CannotDraw, Picture, make_picture
from .scene import draw_scene, draw_walk
from .text import list_names

MOST_CONTRACTED = 4 * LIMIT  # functions that are read to be drawn as few boxes
MOST_FRAMES = 8  # a longer walk is drawn once, whole
UNREADABLE = Text(
    "{came} came, but its graph cannot be read ({problem}); show the result of a "
    "computation with plain tensors.",
    "收到的是：{came}；但无法读取它的计算图（{problem}），请改画用普通张量计算的结果。",
)
FREED = Text(
    "No gradients: an earlier backward() freed what this graph had saved, or an "
    "in-place change damaged it. Compute the result again, then show it.",
    "没有梯度：之前的 backward() 已经释放了图中保存的值，或者就地修改破坏了它们。"
    "请重新计算结果，再画图。",
)
STOPPED = Text(
    "No gradients: the backward of an operation raised «{problem}»; mend it, then show "
    "the result again.",
    "没有梯度：某个运算的 backward 抛出了“{problem}”；请修正后重新画图。",
)
HOOKS = Text(
    "Hooks on this graph: {count}. Drawing runs none of them, so what they would "
    "change is not shown.",
    "这张图上的钩子（hook）有 {count} 个；画图时一个也不运行，"
    "所以图中不反映它们会做的改动。",
)
REFUSED = Text(
    "No gradients before {names}: its walk back would run code of yours again "
    "(a checkpoint or saved_tensors_hooks), which drawing does not do.",
    "{names} 之前没有梯度：要继续反向传播，就得再次运行你的代码"
    "（checkpoint 或 saved_tensors_hooks），而画图不会这样做。",
)
PARTIAL = Text(
    "Where arrows from beyond the picture may arrive as well, no total is given.",
    "凡是还可能有箭头从图外传来的地方，都不给出总和。",
)
FROZEN = Text(
    "{names}: requires_grad was switched off after the computation, so backward() "
    "leaves its .grad as it is.",
    "{names}：计算之后关闭了 requires_grad，因此 backward() 不会改动它的 .grad。",
)
ENDLESS = Text(
    "{came} came, but after {seconds} seconds its `slopes` had not been read to their "
    "end; show a result that was computed in fewer steps.",
    "收到的是：{came}；但过了 {seconds} 秒还没有读完它的 `slopes`；请画一个步数较少的"
    "计算结果。",
)
NO_MODULES = Text(
    "No box for a module: PyTorch recorded no operation here of one that ran inside "
    "`with watch():`; call it there, as in `with watch(): y = net(x)`, then show y.",
    "没有画出模块的方框：这张图上没有哪个运算来自在 `with watch():` 里运行的模块；"
    "请在其中调用模块，例如 `with watch(): y = net(x)`，然后再画 y。",
)
CHANGED = Text(
    "{name} has been changed since: this was computed with {then}; now it is {now}.",
    "{name} 后来被修改过：当时参与计算的值是 {then}；现在是 {now}。",
)
CHANGED_LARGE = Text(
    "{name} has been changed since this was computed.",
    "{name} 在这次计算之后被修改过。",
)


def show_graph(
    *y: Tensor | Sequence[Tensor],
    step: int | None = None,
    weights: Tensor | Sequence[Tensor] | None = None,
    gradients: bool = True,
    fold: bool = True,
    modules: bool | int | str = False,
    **names: Tensor,
) -> Picture:
    """Draw the graph behind `y`, with every value and the real gradient on every arrow.

        show_graph(y)
        show_graph(loss, modules="net.encoder", L=loss)

    The gradients are of a walk from `weights` (else ones), as `backward` takes them; it
    changes no `.grad`. A number in between is known if computed `with watch():`.
    `step=k` shows the first k steps, `gradients=False` no walk, `fold=False` a box for
    each repetition, `modules=True` one box for each call of an nn.Module made `with
    watch():`; `modules=1` opens one level of them, 2 two, a name that one. The `names`
    are those of variables and ways from them (`net.0.weight`), unless given here.
    Raises CannotDraw for all but tensors with a graph, and objects of an engine of your
    own: with a `value` and `slopes`, a list of (input, slope).
    """
    mine = arguments.read_caller_names(names)
    root = arguments.take_one(y)
    graph, said = read_graph(root, weights, gradients, fold, mine, modules)
    if step is None:
        return make_picture([draw_scene(graph)], graph, said)
    arguments.check_step(step, len(graph.walk))
    return make_picture([draw_scene(graph, step)], show_until_step(graph, step), said)


def show_backward(
    *y: Tensor | Sequence[Tensor],
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Picture:
    """Draw the walk back from `y`, one frame a step, with the steps in words.

        show_backward(y)
        show_backward(u, weights=torch.tensor([0.0, 1.0]))

    Takes `weights`, `fold` and names as show_graph does, and raises what it raises. A
    long walk is drawn once, whole: `play` has its steps.
    """
    mine = arguments.read_caller_names(names)
    return draw_backward(*read_graph(arguments.take_one(y), weights, True, fold, mine))


def draw_backward(graph: Graph, said: Sequence[Sentence]) -> Picture:
    """Draw a walk, one frame a step; a long one once, whole."""
    short = 1 <= len(graph.walk) <= MOST_FRAMES
    return make_picture(draw_walk(graph) if short else [draw_scene(graph)], graph, said)


def read_graph(
    y: Any,
    weights: Any,
    gradients: bool,
    fold: bool,
    names: Mapping,
    modules: bool | int | str = False,
) -> tuple[Graph, list[Sentence]]:
    """Check what came, read its graph, and run the walk if it is wanted."""
    arguments.check_flags(gradients=gradients, fold=fold)
    arguments.check_modules(modules)
    try:
        with bypass_modes():
            if is_recorded(y):
                graph, said = read_recorded(y, weights, gradients, names)
                said += [] if modules is False else [NO_MODULES()]
            else:
                graph, said = read_tensors(y, weights, gradients, names, modules)
            return fold_graph(graph) if fold else graph, said
    except CannotDraw:
        raise
    except Exception as problem:
        came, why = describe_thing(y), describe_error(problem)
        raise CannotDraw(UNREADABLE(came=came, problem=why)) from problem


def read_tensors(
    y: Any, weights: Any, gradients: bool, names: Mapping, modules: bool | int | str
) -> tuple[Graph, list[Sentence]]:
    """Read the graph behind tensors of torch, with calls of modules as single boxes."""
    roots = arguments.check_roots(y)
    given = arguments.check_weights(y, roots, weights)
    traced, plan = read_roots(roots, names, modules)
    walked = gradients and not all(root.is_leaf for root in roots)
    graph, said = add_walk(traced, given, plan) if walked else (traced.graph, [])
    said += [describe_change(node) for node in graph.nodes if node.used]
    if plan is not None:
        graph = contract_calls(graph, plan)
        said += [] if plan.calls.calls else [NO_MODULES()]
    return graph, said


def read_roots(
    roots: Sequence[Tensor], names: Mapping, modules: bool | int | str
) -> tuple[Trace, Plan | None]:
    """Read a graph, and a larger one where its modules become so few boxes."""
    if modules is False:
        return add_summary(trace_graph(roots, names), roots), None
    for limit in (MOST_CONTRACTED, LIMIT):
        traced = trace_graph(roots, names, limit)
        plan = plan_modules(traced, names, modules)
        if plan.count_boxes(traced.graph) <= LIMIT:
            break
    return add_summary(traced, roots), plan


def add_summary(traced: Trace, roots: Sequence[Tensor]) -> Trace:
    """Find out what a graph holds where it is too large to be drawn whole."""
    if not traced.graph.cut_off:
        return traced
    return replace(traced, graph=replace(traced.graph, summary=summarize(roots)))


def plan_modules(traced: Trace, names: Mapping, modules: bool | int | str) -> Plan:
    """Plan boxes for all modules but those that are to be opened."""
    calls = read_calls(traced, names)
    if isinstance(modules, str):
        opened = open_names(calls, modules)
        if calls.calls and not opened:
            known = dict.fromkeys(call.name or call.kind for call in calls.calls)
            came, listed = describe_thing(modules), list_names([*known])
            raise CannotDraw(arguments.NO_SUCH_MODULE(came=came, names=listed))
    else:
        opened = open_levels(calls, 0 if modules is True else modules)
    return plan_boxes(traced.graph, calls, opened)


def read_recorded(
    y: Any, weights: Any, gradients: bool, names: Mapping
) -> tuple[Graph, list[Sentence]]:
    """Read the graph of an engine of the learner's own, and run the walk if wanted."""

    def read() -> tuple[Graph, list[Sentence]]:
        traced = trace_recorded(y, names)
        if not gradients or len(traced.things) == 1:
            return traced.graph, []
        try:
            return traced.walk_back(weights), []
        except WalkStopped as stopped:
            return traced.graph, [STOPPED(problem=stopped)]

    try:
        return run_within(PATIENCE, read)
    except TooSlow:
        came = describe_thing(y)
        raise CannotDraw(ENDLESS(came=came, seconds=PATIENCE)) from None
    except BadRecord as problem:
        raise CannotDraw(str(problem)) from None


def add_walk(
    traced: Trace, weights: Sequence, plan: Plan | None = None
) -> tuple[Graph, list[Sentence]]:
    """Return the graph with the numbers of one walk, or say why there are none."""
    try:
        graph, refused = walk_back(traced, weights)
    except GraphFreed:
        return traced.graph, [FREED()]
    except WalkStopped as stopped:
        return traced.graph, [STOPPED(problem=stopped)]
    frozen = [i for i, leaf in traced.leaves.items() if not leaf.requires_grad]
    said = [
        text(names=", ".join(dict.fromkeys(label_box(graph, plan, it) for it in boxes)))
        for text, boxes in ((REFUSED, refused), (FROZEN, frozen))
        if boxes
    ]
    said += [PARTIAL()] if traced.uncertain else []
    return graph, said + ([HOOKS(count=traced.hooks)] if traced.hooks else [])


def label_box(graph: Graph, plan: Plan | None, box: str) -> str:
    """Return what a box is called, or the module's in which it is drawn."""
    drawn = plan.box_of(box) if plan else box
    return graph.node(box).label if drawn == box else drawn


def describe_change(leaf: Node) -> Sentence:
    """Say that a leaf has been changed since it was computed with."""
    then, now = list(map(write_value, leaf.used)), write_value(leaf.value)
    said = CHANGED_LARGE if now in then else CHANGED
    return said(name=leaf.label, then=", ".join(then), now=now)
