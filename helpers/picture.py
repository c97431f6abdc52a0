"""One PNG for the eyes, one text for the machine."""

import base64
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from numbers import Number
from pathlib import Path

from torch import Tensor

from .flow import GraphFreed, after, flow
from .fold import folded
from .graph import Graph, trace
from .language import Text
from .paint import painted
from .scene import Scene, page, scene, walked
from .tape import describe, notes, twin

MOST_FRAMES = 8  # a longer walk is drawn once, whole
WIDEST_SHOWN = 1000  # CSS pixels; a wider picture is scaled down


class CannotDraw(TypeError):
    """Say in one sentence what came, what was expected and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show a learner the sentence, not our code."""
        return [f"{type(self).__name__}: {self}"]


NOT_A_TENSOR = Text(
    "{came} came where a tensor that was computed is expected; give the result of "
    "your computation, as in show_graph(y).",
    "这里需要一个计算得到的张量，收到的却是 {came}；"
    "请传入计算的结果，例如 show_graph(y)。",
)
NO_GRAPH = Text(
    "{came} came without a graph, because nothing that it was computed from requires "
    "grad; create a leaf with requires_grad=True, compute again and show the result.",
    "收到的 {came} 没有计算图，因为参与计算的张量都不要求梯度；"
    "请用 requires_grad=True 创建叶子张量，重新计算后再画。",
)
BAD_WEIGHTS = Text(
    "The weights came with shape {came}, but each result needs one weight per number: "
    "shape {wanted}; give weights=torch.ones_like(y), for example.",
    "权重的形状是 {came}，而结果中的每个数都需要一个权重：形状应为 {wanted}；"
    "例如 weights=torch.ones_like(y)。",
)
BAD_STEP = Text(
    "step={came!r} came, but this walk has the steps 0 to {last}; choose one of them.",
    "收到 step={came!r}，但这次回溯只有第 0 到第 {last} 步；请从中选择。",
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
        return shown, {"image/png": {"width": width}}


def show_graph(
    y: Tensor | Sequence[Tensor],
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
    `step=k` only what the first k steps of the walk have done is shown. A step that
    repeats many times is one box, unless `fold=False`. Raises CannotDraw for anything
    but a tensor with a graph, or a list of such.
    """
    graph, said = read(y, weights, gradients, {**caller_names(), **names})
    graph = folded(graph) if fold else graph
    if step is None:
        return picture_of([scene(graph)], graph, said)
    if not isinstance(step, int) or not 0 <= step <= len(graph.walk):
        raise CannotDraw(BAD_STEP(came=step, last=len(graph.walk)))
    return picture_of([scene(graph, step)], after(graph, step), said)


def show_backward(
    y: Tensor | Sequence[Tensor],
    *,
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Picture:
    """Draw the walk back from `y`, one frame a step, with the steps in words.

    Takes and raises what show_graph does. A long walk is drawn once, whole.
    """
    graph, said = read(y, weights, True, {**caller_names(), **names})
    graph = folded(graph) if fold else graph
    if not 1 <= len(graph.walk) <= MOST_FRAMES:
        return picture_of([scene(graph)], graph, said)
    return picture_of(walked(graph), graph, said)


def picture_of(frames: Sequence[Scene], graph: Graph, said: Sequence[str]) -> Picture:
    """Return the picture of some frames, painted when somebody looks."""
    below = [*said, *notes(graph)]
    paint = partial(painted, page(frames, below))
    return Picture(paint, twin(graph, below), describe(graph), graph)


def caller_names() -> dict[str, object]:
    """Return the variables of whoever called show_graph or show_backward."""
    frame = sys._getframe(2)
    variables = {**frame.f_globals, **frame.f_locals}
    return {
        name: thing
        for name, thing in variables.items()
        if not name.startswith("_") and name not in ("In", "Out")
    }


def read(y, weights, gradients: bool, names: Mapping) -> tuple[Graph, list[str]]:
    """Check what came, read its graph, and run the walk if it is wanted."""
    roots = roots_of(y)
    given = weights_for(roots, weights)
    traced = trace(roots, names)
    if not gradients or all(root.is_leaf for root in roots):
        return traced.graph, []
    try:
        return flow(traced, given, names), []
    except GraphFreed:
        return traced.graph, [FREED()]


def roots_of(y) -> list[Tensor]:
    """Return the tensors to draw, or say what is wrong with them."""
    roots = list(y) if type(y) in (list, tuple) else [y]
    for root in roots or [y]:
        if not issubclass(type(root), Tensor):
            raise CannotDraw(NOT_A_TENSOR(came=kind(root)))
        if not root.requires_grad:
            raise CannotDraw(NO_GRAPH(came=kind(root)))
    return roots


def kind(thing: object) -> str:
    """Say what a thing is, without trusting its repr."""
    if issubclass(type(thing), Tensor):
        return f"a tensor of shape {tuple(thing.shape)}"
    if type(thing) is str or isinstance(thing, Number):
        return f"{thing!r:.60}"
    return f"a {type(thing).__name__:.60}"


def weights_for(roots, weights) -> list[Tensor | None]:
    """Return one weight tensor, or None for ones, per root."""
    if weights is None:
        return [None] * len(roots)
    given = list(weights) if type(weights) in (list, tuple) else [weights]
    for root, weight in zip(roots, given, strict=len(roots) == len(given)):
        shape = tuple(getattr(weight, "shape", ("?",)))
        if shape != tuple(root.shape):
            raise CannotDraw(BAD_WEIGHTS(came=shape, wanted=tuple(root.shape)))
    return given
