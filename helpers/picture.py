"""One PNG for the eyes, one text for the machine."""

import base64
import inspect
import os
import sys
from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from types import EllipsisType

import torch
from torch import Tensor

from .flow import GraphFreed, WalkStopped, after, flow, reason
from .fold import folded
from .functions import without_modes
from .glyphs import can_write
from .graph import LIMIT, Graph, Node, Trace, trace
from .language import A_TENSOR, Text, with_article
from .paint import painted
from .scene import Scene, page, scene, walked
from .tape import describe, notes, show, twin
from .theme import WIDEST_SHOWN

MOST_FRAMES = 8  # a longer walk is drawn once, whole


class CannotDraw(TypeError):
    """Say in one sentence what came, what was expected and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show a learner the sentence, not our code."""
        return [f"{type(self).__name__}: {self}"]


NOT_A_TENSOR = Text(
    "{came} came where a tensor that was computed is expected; give the result of "
    "your computation, as in show_graph(y).",
    "这里需要一个计算得到的张量，收到的却是：{came}；"
    "请传入计算的结果，例如 show_graph(y)。",
)
NO_TENSOR = Text(
    "No tensor came to be drawn, which stands first and without a name; give the "
    "result of your computation, as in show_graph(y).",
    "没有收到要画的张量；它应当放在第一位，并且不写名字。"
    "请传入计算的结果，例如 show_graph(y)。",
)
NO_GRAPH = Text(
    "{came} came without a graph: perhaps no leaf behind it requires grad, or no_grad, "
    "detach, torch.tensor or the like cut it off; compute it from a leaf with "
    "requires_grad=True, without such a cut, and show that result.",
    "收到的是：{came}；它没有计算图：可能它背后没有要求梯度的叶子张量，也可能是 "
    "no_grad、detach、torch.tensor 之类的操作把它断开了。请从 requires_grad=True 的"
    "叶子张量出发，不再断开，重新计算后再画结果。",
)
INFERENCE = Text(
    "{came} came without a graph, because it was made in torch.inference_mode, where "
    "nothing is recorded; compute it outside, from a leaf with requires_grad=True, and "
    "show that result.",
    "收到的是：{came}；它没有计算图，因为它是在 torch.inference_mode 中创建的，"
    "那里什么都不记录。请在外面用 requires_grad=True 的叶子张量重新计算，再画结果。",
)
NO_FRACTIONS = Text(
    "{came} came without a graph, because its type {dtype} can have none: only "
    "floating-point and complex tensors can require grad; show a result from before a "
    "comparison, argmax, a conversion or the like.",
    "收到的是：{came}；它没有计算图，因为它的类型 {dtype} 不可能有计算图："
    "只有浮点和复数张量才能要求梯度。"
    "请改画比较、argmax、类型转换之类的操作之前的结果。",
)
BAD_WEIGHTS = Text(
    "The weights came with shape {came}, but each result needs one weight per number: "
    "shape {wanted}; give weights=torch.ones_like(y), for example.",
    "权重的形状是 {came}，而结果中的每个数都需要一个权重：形状应为 {wanted}；"
    "例如 weights=torch.ones_like(y)。",
)
WRONG_WEIGHTS = Text(
    "weights={came} came, but each result needs weights of its own ({count} in all), a "
    "tensor of its shape, device and kind of number; give weights=torch.ones_like(y), "
    "for example.",
    "weights 收到的是：{came}；但每个结果都需要自己的权重张量（共 {count} 个），形状、"
    "设备和数的类型都与结果相同，例如 weights=torch.ones_like(y)。",
)
NOT_A_NAME = Text(
    "{name}={came} came, but a name is given to a tensor or to a module; write "
    "{name}=t, where t is your tensor.",
    "{name} 收到的是：{came}；但名字只能给张量或模块，请写 {name}=t，"
    "其中 t 是你的张量。",
)
BAD_OPTION = Text(
    "{option}={came} came, but {option} is an option, which takes {wanted}; if it was "
    "meant as a name, choose another, as in my_{option}=t, where t is your tensor.",
    "{option} 收到的是：{came}；但 {option} 是一个选项，它的值应当是{wanted}。"
    "如果想用它作名字，请换一个，例如 my_{option}=t，其中 t 是你的张量。",
)
A_STEP = Text("a whole number of steps", "步数（整数）")
TRUE_OR_FALSE = Text("True or False", " True 或 False")
TOO_MANY = Text(
    "{came} results came, but one picture holds at most {most}; show some of them.",
    "收到 {came} 个结果，但一张图最多容纳 {most} 个；请只画其中一些。",
)
TRANSFORMED = Text(
    "A tensor from inside torch.func came, which keeps a graph of its own; show the "
    "result of the same computation outside of grad, vmap and the like.",
    "收到的张量来自 torch.func 内部，那里另有一套计算图；请在 grad、"
    "vmap 等之外做同样的计算，再画结果。",
)
UNREADABLE = Text(
    "{came} came, but its graph cannot be read ({problem}); show the result of a "
    "computation with plain tensors.",
    "收到的是：{came}；但无法读取它的计算图（{problem}），请改画用普通张量计算的结果。",
)
BAD_STEP = Text(
    "step={came} came, but this walk has the steps 0 to {last}; choose one of them.",
    "收到 step={came}，但这次反向传播只有第 0 到第 {last} 步；请从中选择。",
)
BAD_ENDING = Text(
    "{came!r} came, but a picture is saved as .png or .svg; name the file walk.png, "
    "for example.",
    "收到的文件名是 {came!r}，但图片只能保存为 .png 或 .svg；"
    "例如把文件命名为 walk.png。",
)
FREED = Text(
    "No gradients: an earlier backward() freed what this graph had saved, or an "
    "in-place change damaged it. Compute the result again, then show it.",
    "没有梯度：之前的 backward() 已经释放了图中保存的值，或者原地修改破坏了它们。"
    "请重新计算结果，再画图。",
)
STOPPED = Text(
    "No gradients: the backward of an operation raised «{problem}»; mend it, then show "
    "the result again.",
    "没有梯度：某个运算的 backward 抛出了“{problem}”；请修正后重新画图。",
)
NAMELESS = Text(
    "No font here can write every name; print the picture to see the names behind "
    "{ids}.",
    "这里的字体写不出所有的名字；把这张图用 print 打印出来，就能看到 {ids} 叫什么。",
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
CHANGED = Text(
    "{name} has been changed since: this was computed with {then}, now it is {now}.",
    "{name} 后来被修改过：当时参与计算的值是 {then}，现在是 {now}。",
)
CHANGED_LARGE = Text(
    "{name} has been changed since this was computed.",
    "{name} 在这次计算之后被修改过。",
)


class Picture:
    """Hold one drawing: it shows itself as a PNG, and as text where there is none.

    `str(picture)` is the text twin, `picture.graph` the plain data that was drawn
    (None for a curve), `picture.alt` one sentence for a screen reader.
    """

    def __init__(
        self,
        paint: Callable[[str], bytes],
        text: str,
        alt: str,
        graph: Graph | None = None,
    ):
        """Keep what is to be shown; `paint` makes the bytes of a "png" or an "svg"."""
        self._paint, self._text = paint, text
        self.alt, self.graph = alt, graph

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def png(self) -> bytes:
        """Return the picture's file."""
        return self._paint("png")

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture to a file whose name ends in .png or .svg.

        Raises CannotDraw for any other ending, and OSError where it cannot write.
        """
        file = Path(path)
        ending = file.suffix.lower().removeprefix(".")
        if ending not in ("png", "svg"):
            raise CannotDraw(BAD_ENDING(came=file.name))
        file.write_bytes(self.png if ending == "png" else self._paint("svg"))

    def _repr_mimebundle_(self, include=None, exclude=None):
        width = min(int.from_bytes(self.png[16:20], "big") // 2, WIDEST_SHOWN)
        shown = {
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": repr(self),
        }
        return shown, {"image/png": {"width": width, "alt": self.alt}}


def show_graph(
    y: Tensor | Sequence[Tensor] | EllipsisType = ...,
    /,
    *,
    step: int | None = None,
    weights: Tensor | Sequence[Tensor] | None = None,
    gradients: bool = True,
    fold: bool = True,
    **names: Tensor,
) -> Picture:
    """Draw the graph behind `y`, with every value and the real gradient on every edge.

    The gradients are those of one walk back from `y`, which leaves every `.grad` as it
    is. `weights` are what `y.backward` would take; ones if they are left out. With
    `step=k` only what the first k steps of the walk have done is shown, with
    `gradients=False` no walk is run: the graph and its values alone. A step that
    repeats many times is one box, unless `fold=False`. The names are those of the
    variables around, or the way from one, as in `net.0.weight` or `params["w"]`; any
    other keyword gives a name of its own, as in show_graph(y, loss=y). Raises
    CannotDraw for anything but a tensor with a graph, or a list of such.
    """
    graph, said = read(y, weights, gradients, fold, caller_names(names))
    if step is None:
        return picture_of([scene(graph)], graph, said)
    if not isinstance(step, int):
        raise CannotDraw(BAD_OPTION(option="step", came=kind(step), wanted=A_STEP()))
    if not 0 <= step <= len(graph.walk):
        raise CannotDraw(BAD_STEP(came=kind(step), last=len(graph.walk)))
    return picture_of([scene(graph, step)], after(graph, step), said)


def show_backward(
    y: Tensor | Sequence[Tensor] | EllipsisType = ...,
    /,
    *,
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Picture:
    """Draw the walk back from `y`, one frame a step, with the steps in words.

    Takes `weights`, `fold` and names as show_graph does, and raises what it raises. A
    long walk is drawn once, whole.
    """
    graph, said = read(y, weights, True, fold, caller_names(names))
    return backward_picture(graph, said)


def backward_picture(graph: Graph, said: Sequence[str]) -> Picture:
    """Draw a walk, one frame a step; a long one once, whole."""
    short = 1 <= len(graph.walk) <= MOST_FRAMES
    return picture_of(walked(graph) if short else [scene(graph)], graph, said)


def picture_of(frames: Sequence[Scene], graph: Graph, said: Sequence[str]) -> Picture:
    """Return the picture of some frames, painted when somebody looks."""
    below = [*said, *notes(graph)]
    # Stock Colab has no Chinese font: better English there than empty boxes.
    readable = [
        note if can_write(note) else note.english for note in [*below, *nameless(graph)]
    ]
    paint = partial(painted, page(frames, readable))
    return Picture(paint, twin(graph, below), describe(graph), graph)


def nameless(graph: Graph) -> list[str]:
    """Say which boxes have an id where a name would be, for want of a font."""
    ids = [node.id for node in graph.nodes if not can_write(node.name)]
    return [NAMELESS(ids=", ".join(ids))] if ids else []


def caller_names(given: Mapping[str, object]) -> ChainMap[str, object]:
    """Return the names that were given, then the variables of whoever draws."""
    for name, thing in given.items():
        if not issubclass(type(thing), Tensor | torch.nn.Module):
            raise CannotDraw(NOT_A_NAME(name=name, came=kind(thing)))
    frame = sys._getframe(2)
    local = frame.f_locals
    variables = {**local, **frame.f_globals, **local}
    if type(local) is dict and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        local.clear()  # Python 3.11 and 3.12 keep this copy, and all that is in it
    found = {
        name: thing
        for name, thing in variables.items()
        if type(name) is str and not name.startswith("_") and name not in ("In", "Out")
    }
    return ChainMap(dict(given), found)


def read(
    y, weights, gradients: bool, fold: bool, names: Mapping
) -> tuple[Graph, list[str]]:
    """Check what came, read its graph, and run the walk if it is wanted."""
    for option, given in {"gradients": gradients, "fold": fold}.items():
        if not isinstance(given, int):  # 0 and 1 do as well
            came, wanted = kind(given), TRUE_OR_FALSE()
            raise CannotDraw(BAD_OPTION(option=option, came=came, wanted=wanted))
    try:
        with without_modes():
            roots = roots_of(y)
            given = weights_for(y, roots, weights)
            traced = trace(roots, names)
            graph, said = traced.graph, []
            if gradients and not all(root.is_leaf for root in roots):
                graph, said = with_walk(traced, given)
            said += [changed(node) for node in graph.nodes if node.used]
            return folded(graph) if fold else graph, said
    except CannotDraw:
        raise
    except Exception as problem:
        raise CannotDraw(UNREADABLE(came=kind(y), problem=reason(problem))) from problem


def with_walk(traced: Trace, weights: Sequence) -> tuple[Graph, list[str]]:
    """Return the graph with the numbers of one walk, or say why there are none."""
    try:
        graph, refused = flow(traced, weights)
    except GraphFreed:
        return traced.graph, [FREED()]
    except WalkStopped as stopped:
        return traced.graph, [STOPPED(problem=stopped)]
    frozen = [i for i, leaf in traced.leaves.items() if not leaf.requires_grad]
    said = [
        text(names=", ".join(graph.node(box).label for box in boxes))
        for text, boxes in ((REFUSED, refused), (FROZEN, frozen))
        if boxes
    ]
    said += [PARTIAL()] if traced.uncertain else []
    return graph, said + ([HOOKS(count=traced.hooks)] if traced.hooks else [])


def changed(leaf: Node) -> str:
    """Say that a leaf has been changed since it was computed with."""
    then, now = list(map(show, leaf.used)), show(leaf.value)
    said = CHANGED_LARGE if now in then else CHANGED
    return said(name=leaf.label, then=", ".join(then), now=now)


def listed(given: object) -> list[object]:
    """Return the items of a list or tuple, without None; or else the thing itself."""
    if not issubclass(type(given), list | tuple):
        return [given]
    return [thing for thing in given if thing is not None]


def roots_of(y) -> list[Tensor]:
    """Return the tensors to draw, or say what is wrong with them."""
    if y is ...:
        raise CannotDraw(NO_TENSOR())
    came = listed(y)
    for thing in came or [y]:
        if not issubclass(type(thing), Tensor):
            raise CannotDraw(NOT_A_TENSOR(came=kind(thing)))
        if torch._C._functorch.is_functorch_wrapped_tensor(thing):
            raise CannotDraw(TRANSFORMED())
    roots = [thing for thing in came if thing.requires_grad]
    if not roots:
        raise CannotDraw(why_no_graph(came[0]))
    if len(roots) > LIMIT:
        raise CannotDraw(TOO_MANY(came=len(roots), most=LIMIT))
    return roots


def why_no_graph(thing: Tensor) -> str:
    """Say that a tensor has no graph, and why only where that is known."""
    came, dtype = kind(thing), thing.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        return NO_FRACTIONS(came=came, dtype=dtype)
    return (INFERENCE if thing.is_inference() else NO_GRAPH)(came=came)


def kind(thing: object) -> str:
    """Say what a thing is, without trusting its repr."""
    try:
        if issubclass(type(thing), Tensor):
            return A_TENSOR(shape=tuple(thing.shape))
        if type(thing) in (str, bool, int, float, complex):
            return f"{thing!r:.60}"
    except (RuntimeError, ValueError):  # no shape if nested, no digits if too many
        pass
    return with_article(type(thing).__name__[:60])


def weights_for(y, roots: list[Tensor], weights) -> list[Tensor | None]:
    """Return one weight tensor, or None for ones, per root."""
    if weights is None:
        return [None] * len(roots)
    given = list(weights) if type(weights) in (list, tuple) else [weights]
    if len(given) == len(listed(y)):
        pairs = zip(given, listed(y), strict=True)
        given = [weight for weight, thing in pairs if thing.requires_grad]
    if len(given) != len(roots):
        raise CannotDraw(WRONG_WEIGHTS(came=kind(weights), count=len(roots)))
    count = len(roots)
    return [weight_for(*pair, count) for pair in zip(roots, given, strict=True)]


def weight_for(root: Tensor, weight: object, count: int) -> Tensor | None:
    """Return the weights of one root of so many, or say what is wrong with them."""
    if type(weight) in (int, float, complex) and root.dim() == 0:
        weight = torch.full_like(root, weight)
    if weight is None:
        return None
    if not issubclass(type(weight), Tensor):
        raise CannotDraw(WRONG_WEIGHTS(came=kind(weight), count=count))
    if weight.shape != root.shape:
        shapes = tuple(weight.shape), tuple(root.shape)
        raise CannotDraw(BAD_WEIGHTS(came=shapes[0], wanted=shapes[1]))
    complex_ones = weight.is_complex(), root.is_complex()
    if weight.device != root.device or complex_ones == (True, False):
        raise CannotDraw(WRONG_WEIGHTS(came=kind(weight), count=count))
    return weight
