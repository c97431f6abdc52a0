"""One PNG for the eyes, one text for the machine."""

import base64
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from numbers import Number

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from PIL import Image
from torch import Tensor

from .flow import GraphFreed, flow
from .graph import Graph, Node, trace
from .language import Text
from .layout import Arrangement, Box, Link, arrange
from .tape import constant, describe, show, twin

FONT = FontProperties(family="DejaVu Sans Mono")  # comes with matplotlib
SIZE, SMALL = 9.0, 8.0  # points
ADVANCE = 0.602  # width of a character of this font, in its size
DPI = 200  # twice what a screen shows
MARGIN = 6.0
FRAME_GAP = 22.0
WIDEST = 660.0  # points, about what a notebook's column shows
MOST_FRAMES = 8  # a longer walk is drawn once, whole

INK, DARK, RED, GREY = "#1a1a1a", "#3a3a3a", "#b00020", "#6b6b6b"
FILL = {"leaf": "#d6e6fb", "root": "#d9f2d4", "op": "#f0f0f0", "now": "#fff3b0"}

# An operation with a number is written as a learner would.
SIGNS = {"Mul": "×", "Add": "+", "Sub": "−", "Div": "÷", "Pow": "^"}


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
FREED = Text(
    "No gradients: an earlier backward() freed what this graph had saved, or an "
    "in-place change damaged it. Compute the result again, then show it.",
    "没有梯度：之前的 backward() 已经释放了图中保存的值，或者原地修改破坏了它们。"
    "请重新计算结果，再画图。",
)


# ---- the front --------------------------------------------------------------


class Picture:
    """Hold one drawing: it shows itself as a PNG, and as text where there is none.

    `str(picture)` is the text twin, `picture.graph` the plain data that was drawn,
    `picture.alt` one sentence for a screen reader.
    """

    def __init__(self, frames: Sequence["Scene"], text: str, graph: Graph):
        self._frames, self._text = tuple(frames), text
        self.graph, self.alt = graph, describe(graph)

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def png(self) -> bytes:
        """Return the picture's file."""
        return painted(side_by_side(self._frames))

    def _repr_mimebundle_(self, include=None, exclude=None):
        width = int.from_bytes(self.png[16:20], "big") // 2
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
    **names: Tensor,
) -> Picture:
    """Draw the graph behind `y`, with every value and the real gradient on every edge.

    The gradients are those of one walk back from `y`, which leaves every `.grad` as it
    is. `weights` are what `y.backward` would take; ones if they are left out. With
    `step=k` only what the first k steps of the walk have done is shown. Raises
    CannotDraw for anything but a tensor with a graph, or a list of such.
    """
    graph, notes = read(y, weights, gradients, {**caller_names(), **names})
    if step is None:
        return Picture([scene(graph)], twin(graph, notes), graph)
    if not isinstance(step, int) or not 0 <= step <= len(graph.walk):
        raise CannotDraw(BAD_STEP(came=step, last=len(graph.walk)))
    graph_then = after(graph, step)
    return Picture([scene(graph, step)], twin(graph_then, notes), graph_then)


def show_backward(
    y: Tensor | Sequence[Tensor],
    *,
    weights: Tensor | Sequence[Tensor] | None = None,
    **names: Tensor,
) -> Picture:
    """Draw the walk back from `y`, one frame a step, with the steps in words.

    Takes and raises what show_graph does. A long walk is drawn once, whole.
    """
    graph, notes = read(y, weights, True, {**caller_names(), **names})
    text = twin(graph, notes)
    if not 1 <= len(graph.walk) <= MOST_FRAMES:
        return Picture([scene(graph)], text, graph)
    frames = [scene(graph, k) for k in range(1, len(graph.walk) + 1)]
    return Picture(frames, text, graph)


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


def after(graph: Graph, step: int) -> Graph:
    """Return the graph as it stands after so many steps of the walk."""
    done = graph.walk[:step]
    reached = {e.source for e in graph.edges if e.target in done} | {*done}
    nodes = tuple(
        node
        if node.id in done or (node.op != "leaf" and node.id in reached)
        else replace(node, grad=None)
        for node in graph.nodes
    )
    edges = tuple(e if e.target in done else replace(e, grad=None) for e in graph.edges)
    return replace(graph, nodes=nodes, edges=edges, walk=done)


# ---- what stands where ------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """Hold the drawing as plain shapes; lengths in points, y downwards."""

    width: float
    height: float
    boxes: tuple[tuple, ...] = ()  # x, y, width, height, fill, dashed, heavy
    curves: tuple[tuple, ...] = ()  # control points, dashed, heavy
    texts: tuple[tuple, ...] = ()  # x, y of the middle, size, colour, words


def scene(whole: Graph, step: int | None = None) -> Scene:
    """Lay the graph out and say what is written in each box and on each arrow.

    The layout is that of the whole walk, so that nothing moves from step to step.
    """
    graph = whole if step is None else after(whole, step)
    inside = numbers_inside(graph)
    nodes = [node for node in graph.nodes if node.id not in inside]
    place = {node.id: index for index, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in place]
    lines = [box_lines(graph, node, step) for node in nodes]
    boxes = [room_for(whole, whole.node(node.id), step) for node in nodes]
    plan = arrange(boxes, links(whole, place))
    now = graph.walk[-1] if step and graph.walk else None
    labels = ["" if e.grad is None else f"↑{show(e.grad)}" for e in edges]
    return Scene(
        plan.width,
        plan.height,
        tuple(framed(graph, nodes, boxes, plan, now)),
        tuple(
            (path, nodes[place[e.source]].op == "constant", e.target == now)
            for e, path in zip(edges, plan.paths, strict=True)
        ),
        tuple(written(lines, labels, plan)),
    )


def numbers_inside(graph: Graph) -> set[str]:
    """Return the constants that are written inside the box of their operation."""
    return {
        node.id
        for node in graph.nodes
        if node.op == "constant" and not node.name and is_number(node.value)
    }


def is_number(value: object) -> bool:
    """Tell whether a constant is a single number, or unknown."""
    return value is None or isinstance(value, Number) or getattr(value, "ndim", 1) == 0


def box_lines(graph: Graph, node: Node, step: int | None) -> list[str]:
    """Return the lines of a box: what it is, its number, what a walk starts with."""
    if node.op == "constant":
        return [constant(node)]
    if node.op == "leaf":
        return [f"{node.label} = {show(node.value)}", grad_line(node, step)]
    title = f"{node.op}{signed_numbers(graph, node)}"
    title = f"{node.name} = {title}" if node.name else title
    starts = node.id in graph.roots and node.grad is not None
    return [title, show(node.value), *([f"↑{show(node.grad)}"] if starts else [])]


def grad_line(node: Node, step: int | None) -> str:
    """Say what a leaf's .grad holds, or what the walk has just added to it."""
    if step is not None and node.grad is not None:
        return f".grad += {show(node.grad)}"
    return f".grad {'None' if node.held is None else show(node.held)}"


def signed_numbers(graph: Graph, node: Node) -> str:
    """Write the numbers that an operation computes with, as in «Mul ×2»."""
    inside = numbers_inside(graph)
    sources = (e.source for e in graph.edges if e.target == node.id)
    numbers = (graph.node(source).value for source in sources if source in inside)
    sign = SIGNS.get(node.op, "")
    return "".join(f" {sign}{show(value)}" for value in numbers)


def room_for(whole: Graph, node: Node, step: int | None) -> Box:
    """Return the size of a box around the longest lines that it ever holds."""
    lines = box_lines(whole, node, step)
    before = [grad_line(node, None)] if node.op == "leaf" and step is not None else []
    longest = max([*lines, *before], key=len)
    return Box(len(longest) * SIZE * ADVANCE + 14, 8 + 13 * len(lines))


def links(whole: Graph, place: Mapping[str, int]) -> list[Link]:
    """Return the arrows for the layout, with room for what is sent along them."""
    found = []
    for edge in whole.edges:
        if edge.source in place:
            words = "" if edge.grad is None else f"↑{show(edge.grad)}"
            room = len(words) * SMALL * ADVANCE + 6 if words else 0.0
            fixed = whole.node(edge.source).op == "constant"
            here, there = place[edge.source], place[edge.target]
            found.append(Link(here, there, room, 0.0 if fixed else 1.0))
    return found


def framed(graph: Graph, nodes, boxes, plan: Arrangement, now: str | None):
    """Yield every box with its look."""
    for node, size, (x, y) in zip(nodes, boxes, plan.boxes, strict=True):
        look = "root" if node.id in graph.roots else "op"
        look = "leaf" if node.op == "leaf" else look
        fill = FILL["now"] if node.id == now else FILL[look]
        dashed = node.op == "constant"
        heavy = node.id == now or (now is None and look == "root")
        fill = "white" if dashed else fill
        yield (x, y, size.width, size.height, fill, dashed, heavy)


def written(lines, labels, plan: Arrangement):
    """Yield every text with its place."""
    for text, (x, y) in zip(lines, plan.boxes, strict=True):
        top = y - 13 * (len(text) - 1) / 2
        for row, words in enumerate(text):
            yield (x, top + 13 * row, SIZE, (INK, DARK, RED)[row], words)
    for words, (x, y) in zip(labels, plan.labels, strict=True):
        if words:
            yield (x, y, SMALL, RED, words)


def side_by_side(frames: Sequence[Scene]) -> Scene:
    """Join frames into rows that fit the width of a notebook."""
    boxes, curves, texts = [], [], []
    x = y = tallest = widest = 0.0
    for number, frame in enumerate(frames, 1):
        if x and x + frame.width > WIDEST:
            x, y, tallest = 0.0, y + tallest + FRAME_GAP, 0.0
        drop = 16.0 if len(frames) > 1 else 0.0
        if drop:
            texts.append((x + frame.width / 2, y + 5, SIZE, GREY, f"{number}."))
        boxes += [(bx + x, by + y + drop, *rest) for bx, by, *rest in frame.boxes]
        texts += [(tx + x, ty + y + drop, *rest) for tx, ty, *rest in frame.texts]
        curves += [
            (tuple((px + x, py + y + drop) for px, py in path), *rest)
            for path, *rest in frame.curves
        ]
        tallest = max(tallest, frame.height + drop)
        widest = max(widest, x + frame.width)
        x += frame.width + FRAME_GAP
    return Scene(widest, y + tallest, tuple(boxes), tuple(curves), tuple(texts))


# ---- ink --------------------------------------------------------------------


def painted(drawing: Scene) -> bytes:
    """Paint the shapes, a handful of collections in all, and return a PNG.

    Text is drawn as outlines: a thousand characters cost matplotlib one path.
    """
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    figure = Figure(figsize=(width / 72, height / 72), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    scale = DPI / 72

    def on_paper(path: Path) -> Path:
        moved = path.vertices + MARGIN
        moved = np.column_stack([moved[:, 0], height - moved[:, 1]])
        return Path(moved * scale, path.codes)

    for style, paths in shapes(drawing):
        figure.add_artist(PathCollection([on_paper(p) for p in paths], **style))
    canvas.draw()
    return compressed(np.asarray(canvas.buffer_rgba())[..., :3])


def compressed(pixels: np.ndarray) -> bytes:
    """Return a PNG with few colours; a third of the size, and no eye sees it."""
    file = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    few = image.quantize(palette=palette(), dither=Image.Dither.NONE)
    few.save(file, "png", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=1)
def palette() -> Image.Image:
    """Return the colours in use: the fills, and each ink at three strengths.

    A palette of the picture's own would lose the red where red is rare.
    """
    paper = [np.array(to_rgb(colour)) for colour in ("white", *FILL.values())]
    inks = [np.array(to_rgb(colour)) for colour in (INK, RED, GREY, DARK)]
    mixed = [ink * k + paper[0] * (1 - k) for ink in inks for k in (1, 0.7, 0.35)]
    mixed += [(paper_colour + inks[0]) / 2 for paper_colour in paper[1:]]
    colours = np.concatenate([*paper, *mixed]) * 255
    image = Image.new("P", (1, 1))
    image.putpalette(colours.round().astype(np.uint8).tobytes())
    return image


def shapes(drawing: Scene):
    """Yield (style, paths) from back to front."""
    for dashed in (False, True):
        for heavy in (False, True):
            paths = [curve(p) for p, *look in drawing.curves if look == [dashed, heavy]]
            if paths:
                yield line_style(dashed, heavy) | {"facecolors": "none"}, paths
    heads = [arrow_head(points) for points, *_ in drawing.curves]
    if heads:
        yield {"facecolors": GREY, "edgecolors": "none", "transform": None}, heads
    yield from frames_of(drawing)
    labels = [(x, y, words) for x, y, s, _, words in drawing.texts if s == SMALL]
    backing = [patch(*label) for label in labels]
    if backing:
        yield {"facecolors": "white", "edgecolors": "none", "transform": None}, backing
    yield from words_of(drawing)


def line_style(dashed: bool, heavy: bool) -> dict:
    """Return how a line looks; a dashed one is not followed by a gradient."""
    return {
        "edgecolors": INK if heavy else GREY,
        "linewidths": 1.6 if heavy else 0.9,
        "linestyles": [(0, (3, 2))] if dashed else "solid",
        "transform": None,
    }


def frames_of(drawing: Scene):
    """Yield the boxes, grouped by their look."""
    looks = dict.fromkeys(tuple(look) for _, _, _, _, *look in drawing.boxes)
    for fill, dashed, heavy in looks:
        paths = [
            rounded(x, y, w, h)
            for x, y, w, h, *look in drawing.boxes
            if tuple(look) == (fill, dashed, heavy)
        ]
        yield line_style(dashed, heavy) | {"facecolors": fill}, paths


def words_of(drawing: Scene):
    """Yield the texts, grouped by colour."""
    for colour in dict.fromkeys(colour for *_, colour, _ in drawing.texts):
        paths = [
            outline(x, y, size, words)
            for x, y, size, ink, words in drawing.texts
            if ink == colour and words.strip()
        ]
        yield {"facecolors": colour, "edgecolors": "none", "transform": None}, paths


def curve(points: Iterable[tuple[float, float]]) -> Path:
    """Return a cubic Bézier path."""
    points = list(points)
    return Path(points, [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1))


def arrow_head(points) -> Path:
    """Return a small triangle; every arrow enters its box from straight above."""
    x, y = points[-1]
    return Path([(x, y), (x - 3, y - 6.5), (x + 3, y - 6.5), (x, y)], closed=True)


def patch(x: float, y: float, words: str) -> Path:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    return rounded(x, y, len(words) * SMALL * ADVANCE + 3, SMALL + 2)


def rounded(x: float, y: float, width: float, height: float, r: float = 3.0) -> Path:
    """Return a rectangle with round corners."""
    left, right, top, low = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    corners = [
        ((left + r, top), (right - r, top), (right, top), (right, top + r)),
        ((right, top + r), (right, low - r), (right, low), (right - r, low)),
        ((right - r, low), (left + r, low), (left, low), (left, low - r)),
        ((left, low - r), (left, top + r), (left, top), (left + r, top)),
    ]
    points, codes = [corners[0][0]], [Path.MOVETO]
    for _, end, corner, turned in corners:
        points += [end, corner, turned]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*points, points[0]], [*codes, Path.CLOSEPOLY])


@lru_cache(maxsize=512)
def glyph(character: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the outline of one character, 1 point high, y downwards."""
    if character.isspace():
        return np.empty((0, 2)), np.empty(0, np.uint8)
    path = TextPath((0, 0), character, size=1, prop=FONT, usetex=False)
    return np.asarray(path.vertices) * (1, -1), np.asarray(path.codes)


def outline(x: float, y: float, size: float, words: str) -> Path:
    """Return the outline of some words around a middle point."""
    left, base = x - len(words) * size * ADVANCE / 2, y + 0.35 * size
    vertices, codes = [], []
    for place, character in enumerate(words):
        shape, code = glyph(character)
        if len(shape):
            vertices.append(shape * size + (left + place * size * ADVANCE, base))
            codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))
