"""What is written where: a graph as boxes, curves and words with places."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..graph.backward import show_until_step
from ..graph.data import Edge, Graph, Node, constant, equation, is_plain_number
from ..wording import UNKNOWN, write_value
from .fonts import can_write, width_of
from .layout import Arrangement, Box, Link, Point, arrange
from .text import write_gradient
from .theme import (
    CORNER,
    DARK,
    FILL,
    FRAME_GAP,
    GREY,
    INK,
    LINE,
    NOTE,
    NOTE_WIDEST,
    PAPER,
    PORT_GAP,
    RED,
    SIZE,
    SMALL,
    WIDEST,
)

LINE_COLOURS = INK, DARK, RED  # of a box, from the top
LONGEST_NAME = 40  # characters; the text twin has all of them


class Style(NamedTuple):
    """Say how a shape is filled, and how its line looks."""

    fill: str | None = None
    dashed: bool = False  # for constants: no gradient comes this way
    heavy: bool = False  # for where the walk is now, or begins


class BoxShape(NamedTuple):
    """Hold a box around its middle."""

    x: float
    y: float
    width: float
    height: float
    style: Style

    def shift(self, right: float, down: float) -> "BoxShape":
        """Return the same box elsewhere."""
        return self._replace(x=self.x + right, y=self.y + down)


class CurveShape(NamedTuple):
    """Hold an arrow: the control points of cubic Béziers."""

    points: tuple[Point, ...]
    style: Style

    def shift(self, right: float, down: float) -> "CurveShape":
        """Return the same arrow elsewhere."""
        return self._replace(
            points=tuple((x + right, y + down) for x, y in self.points)
        )


class TextShape(NamedTuple):
    """Hold a line of words around its middle."""

    x: float
    y: float
    size: float
    colour: str
    words: str

    def shift(self, right: float, down: float) -> "TextShape":
        """Return the same words elsewhere."""
        return self._replace(x=self.x + right, y=self.y + down)


@dataclass(frozen=True)
class Scene:
    """Hold the drawing as plain shapes; lengths in points, y downwards."""

    width: float
    height: float
    boxes: tuple[BoxShape, ...] = ()
    curves: tuple[CurveShape, ...] = ()
    texts: tuple[TextShape, ...] = ()

    def shift(self, right: float, down: float) -> "Scene":
        """Return the same shapes elsewhere on the same paper."""
        boxes, curves, texts = (
            tuple(shape.shift(right, down) for shape in shapes)
            for shapes in (self.boxes, self.curves, self.texts)
        )
        return replace(self, boxes=boxes, curves=curves, texts=texts)


@dataclass(frozen=True)
class Plan:
    """Hold the places of a whole graph: nothing moves from step to step."""

    graph: Graph
    nodes: tuple[Node, ...]  # those with a box of their own
    edges: tuple[Edge, ...]
    boxes: tuple[Box, ...]
    arrangement: Arrangement


# ---- one graph --------------------------------------------------------------


def draw_scene(graph: Graph, step: int | None = None) -> Scene:
    """Lay a graph out and say what is written in each box and on each arrow.

    With `step` only what so many steps of the walk have done is written.
    """
    return draw_plan(plan_scene(graph, walking=step is not None), step)


def draw_walk(graph: Graph) -> list[Scene]:
    """Lay a graph out once, and draw a frame for each step of its walk."""
    plan = plan_scene(graph, walking=True)
    return [draw_plan(plan, step) for step in range(1, len(graph.walk) + 1)]


def plan_scene(graph: Graph, walking: bool) -> Plan:
    """Give every box its place, with room for all that it ever holds."""
    graph = replace(graph, nodes=tuple(map(with_writable_name, graph.nodes)))
    nodes = [node for node in graph.nodes if not is_plain_number(node)]
    place = {node.id: index for index, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in place]
    heads = Counter(edge.target for edge in edges)
    boxes = [size_box(graph, node, walking, heads[node.id]) for node in nodes]
    arrangement = arrange(boxes, layout_links(graph, edges, place), widest=PAPER)
    return Plan(graph, tuple(nodes), tuple(edges), tuple(boxes), arrangement)


def draw_plan(plan: Plan, step: int | None) -> Scene:
    """Write into a plan what is known, or what is known after so many steps."""
    graph = plan.graph if step is None else show_until_step(plan.graph, step)
    by_arrow = {(e.source, e.target, e.slot): e for e in graph.edges}
    now = graph.walk[-1] if step else None
    nodes = [graph.node(node.id) for node in plan.nodes]
    edges = [by_arrow[e.source, e.target, e.slot] for e in plan.edges]
    return Scene(
        plan.arrangement.width,
        plan.arrangement.height,
        boxes=tuple(box_shapes(graph, nodes, plan, now)),
        curves=tuple(curve_shapes(graph, edges, plan, now)),
        texts=(
            *texts_in_boxes(graph, nodes, plan, step),
            *texts_on_arrows(edges, plan),
        ),
    )


def with_writable_name(node: Node) -> Node:
    """Put the id, as in the text twin, for a name that no font here can write."""
    return node if can_write(node.name) else replace(node, name=node.id)


def box_lines(graph: Graph, node: Node, walking: bool) -> list[str]:
    """Return the lines of a box: what it is, its number, what a walk starts with."""
    if node.op == "constant":
        return [constant(node)]
    name = shorten_name(node.name)
    if node.op == "leaf":
        return [
            f"{name or node.id} = {write_value(node.value)}",
            grad_line(node, walking),
        ]
    title = equation(graph, node)
    starts = node.id in graph.roots and node.grad is not None
    return [
        f"{name} = {title}" if name else title,
        write_value(node.value, UNKNOWN),
        *([f"↑{write_value(node.grad)}"] if starts else []),
    ]


def shorten_name(name: str) -> str:
    """Return a name that fits into a box: of a long one, both ends."""
    half = LONGEST_NAME // 2
    return name if len(name) <= LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def grad_line(node: Node, walking: bool) -> str:
    """Say what a leaf's .grad holds, or what the walk has just added to it."""
    if walking and node.grad is not None:
        return f".grad += {write_value(node.grad)}"
    return f".grad {'None' if node.held is None else write_value(node.held)}"


def size_box(graph: Graph, node: Node, walking: bool, heads: int) -> Box:
    """Return the size of a box around all lines that it ever holds, and arrow heads."""
    lines = box_lines(graph, node, walking)
    before = [grad_line(node, False)] if node.op == "leaf" else []
    for earlier in states_of_root(graph, node) if walking else ():
        before += box_lines(graph, earlier, walking)
    widest = max(width_of(words, SIZE) for words in (*lines, *before))
    side_by_side = PORT_GAP * (heads - 1) + 2 * CORNER
    return Box(max(widest + 14, side_by_side), 8 + LINE * len(lines))


def states_of_root(graph: Graph, node: Node) -> Iterator[Node]:
    """Yield a root as it is whenever an arrow has brought something to it.

    No other box shows what it has received so far.
    """
    arrows = (edge for edge in graph.edges if edge.source == node.id)
    for edge in arrows if node.id in graph.roots else ():
        if edge.target in graph.walk:
            yield show_until_step(graph, graph.walk.index(edge.target) + 1).node(
                node.id
            )


def layout_links(graph: Graph, edges: Iterable[Edge], place: Mapping) -> list[Link]:
    """Return the arrows for the layout, with room for what is sent along them."""
    found = []
    for edge in edges:
        words = arrow_label(edge)
        room = width_of(words, SMALL) + 6 if words else 0.0
        pulls = graph.node(edge.source).op != "constant"
        here, there = place[edge.source], place[edge.target]
        found.append(Link(here, there, room, float(pulls)))
    return found


def arrow_label(edge: Edge) -> str:
    """Return what is written on an arrow."""
    return "" if edge.grad is None else f"↑{write_gradient(edge)}"


def box_shapes(
    graph: Graph, nodes: Iterable[Node], plan: Plan, now: str | None
) -> Iterator[BoxShape]:
    """Yield every box, which shows what it is and whether the walk is there."""
    places = plan.arrangement.boxes
    for node, size, (x, y) in zip(nodes, plan.boxes, places, strict=True):
        kind = "root" if node.id in graph.roots else "op"
        kind = node.op if node.op in ("leaf", "constant") else kind
        style = Style(
            fill=FILL["now" if node.id == now else kind],
            dashed=node.op == "constant",
            heavy=node.id == now or (now is None and kind == "root"),
        )
        yield BoxShape(x, y, size.width, size.height, style)


def curve_shapes(
    graph: Graph, edges: Iterable[Edge], plan: Plan, now: str | None
) -> Iterator[CurveShape]:
    """Yield every arrow, which shows whether a gradient comes along it, and now."""
    for edge, path in zip(edges, plan.arrangement.paths, strict=True):
        dashed = graph.node(edge.source).op == "constant"
        yield CurveShape(path, Style(dashed=dashed, heavy=edge.target == now))


def texts_in_boxes(
    graph: Graph, nodes: Iterable[Node], plan: Plan, step: int | None
) -> Iterator[TextShape]:
    """Yield the texts in boxes with their places."""
    for node, (x, y) in zip(nodes, plan.arrangement.boxes, strict=True):
        lines = box_lines(graph, node, walking=step is not None)
        top = y - LINE * (len(lines) - 1) / 2
        for row, words in enumerate(lines):
            yield TextShape(x, top + LINE * row, SIZE, LINE_COLOURS[row], words)


def texts_on_arrows(edges: Iterable[Edge], plan: Plan) -> Iterator[TextShape]:
    """Yield the texts on arrows with their places."""
    for edge, (x, y) in zip(edges, plan.arrangement.labels, strict=True):
        if words := arrow_label(edge):
            yield TextShape(x, y, SMALL, RED, words)


# ---- a page -----------------------------------------------------------------


def compose_page(frames: Sequence[Scene], notes: Sequence[str] = ()) -> Scene:
    """Join frames into rows that fit the width of a notebook, with notes below."""
    whole = frames[0] if len(frames) == 1 else set_in_rows(frames)
    return add_notes(whole, notes) if notes else whole


def set_in_rows(frames: Sequence[Scene]) -> Scene:
    """Join frames into rows, each with its number above."""
    placed: list[Scene] = []
    x = y = right = bottom = 0.0
    for number, frame in enumerate(frames, 1):
        if x and x + frame.width > WIDEST:
            x, y = 0.0, bottom + FRAME_GAP
        above = TextShape(x + frame.width / 2, y + 5, SIZE, GREY, f"{number}.")
        below, height = frame.shift(x, y + 16), frame.height + 16
        placed.append(replace(below, texts=(above, *below.texts)))
        right, bottom = max(right, x + frame.width), max(bottom, y + height)
        x += frame.width + FRAME_GAP
    return overlay_scenes(placed, right, bottom)


def add_notes(scene: Scene, notes: Iterable[str]) -> Scene:
    """Write sentences below a drawing."""
    lines = [line for note in notes for line in wrap_note(note, scene.width)]
    widths = [width_of(line, NOTE) for line in lines]
    width = max(scene.width, *widths)
    top = scene.height + LINE
    below = [
        TextShape(w / 2, top + row * LINE, NOTE, GREY, line)
        for row, (line, w) in enumerate(zip(lines, widths, strict=True))
    ]
    middle = scene.shift((width - scene.width) / 2, 0)
    height, texts = top + len(lines) * LINE, (*middle.texts, *below)
    return replace(middle, width=width, height=height, texts=texts)


def wrap_note(note: str, width: float) -> list[str]:
    """Break a sentence into lines about as wide as the drawing, or a little wider."""
    room = min(max(width, NOTE_WIDEST), WIDEST)
    each = max(width_of(character, NOTE) for character in note)
    return textwrap.wrap(note, int(room / each))


def overlay_scenes(scenes: Sequence[Scene], width: float, height: float) -> Scene:
    """Lay drawings over each other."""
    parts = ((s.boxes, s.curves, s.texts) for s in scenes)
    boxes, curves, texts = zip(*parts, strict=True)
    return Scene(width, height, sum(boxes, ()), sum(curves, ()), sum(texts, ()))
