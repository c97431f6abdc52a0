"""What is written where: a graph as boxes, curves and words with places."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ..graph.backward import show_until_step
from ..graph.contract import Frame, list_frames
from ..graph.data import (
    Edge,
    Graph,
    ModuleBox,
    Node,
    constant,
    equation,
    is_plain_number,
)
from ..wording import UNKNOWN, write_value
from . import theme
from .fonts import can_write, width_of
from .layout import Arrangement, Box, Link, Point
from .nest import Area, FrameBox, arrange_nested
from .text import describe_module, write_gradient, write_parameters
from .theme import FRAME_GAP, GREY, LINE, NOTE, RED, SIZE, SMALL, WIDEST

SCISSORS = "✂"
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


class CurveShape(NamedTuple):
    """Hold an arrow: the control points of cubic Béziers."""

    points: tuple[Point, ...]
    style: Style


class TextShape(NamedTuple):
    """Hold a line of words around its middle."""

    x: float
    y: float
    size: float
    colour: str
    words: str


@dataclass(frozen=True)
class Scene:
    """Hold the drawing as plain shapes; lengths in points, y downwards."""

    width: float
    height: float
    boxes: tuple[BoxShape, ...] = ()
    curves: tuple[CurveShape, ...] = ()
    texts: tuple[TextShape, ...] = ()
    frames: tuple[BoxShape, ...] = ()  # behind all else

    def shift(self, right: float, down: float) -> "Scene":
        """Return the same shapes elsewhere on the same paper."""
        boxes, frames = (
            tuple(box._replace(x=box.x + right, y=box.y + down) for box in some)
            for some in (self.boxes, self.frames)
        )
        texts = (it._replace(x=it.x + right, y=it.y + down) for it in self.texts)
        curves = (
            CurveShape(tuple((x + right, y + down) for x, y in points), style)
            for points, style in self.curves
        )
        shapes = boxes, tuple(curves), tuple(texts), frames
        return Scene(self.width, self.height, *shapes)


def draw_scene(graph: Graph, step: int | None = None) -> Scene:
    """Lay a graph out and say what is written in each box and on each arrow.

    With `step` only what so many steps of the walk have done is written.
    """
    return draw_frames(graph, [step])[0]


def draw_walk(graph: Graph) -> list[Scene]:
    """Lay a graph out once, and draw a frame for each step of its walk."""
    return draw_frames(graph, range(1, len(graph.walk) + 1))


def draw_frames(graph: Graph, steps: Sequence[int | None]) -> list[Scene]:
    """Give every box its place, with room for all it ever holds; draw each step."""
    graph = replace(graph, nodes=tuple(map(with_writable_name, graph.nodes)))
    nodes, edges = drawn_parts(graph)
    place = {node.id: index for index, node in enumerate(nodes)}
    heads, walking = Counter(edge.target for edge in edges), None not in steps
    boxes = [size_box(graph, node, walking, heads[node.id]) for node in nodes]
    links = [make_link(graph, edge, place) for edge in edges]
    frames = list_frames(graph)
    within = [size_frame(graph, frame, place) for frame in frames]
    done, areas = arrange_nested(boxes, links, within, theme.PAPER)
    around = [draw_around(graph, *pair) for pair in zip(frames, areas, strict=True)]
    scenes = [draw_frame(graph, step, boxes, done) for step in steps]
    return [add_around(scene, around) for scene in scenes] if around else scenes


def size_frame(graph: Graph, frame: Frame, place: dict[str, int]) -> FrameBox:
    """Return what the layout has to know of an opened module."""
    inside = frozenset(place[box] for box in frame.boxes if box in place)
    return FrameBox(width_of(write_title(graph, frame), SIZE), inside, frame.parent)


def write_title(graph: Graph, frame: Frame) -> str:
    """Write above an opened module who it is."""
    module = make_writable(graph.opened[frame.call])
    held = module.parameters and can_say(write_parameters(module))
    return module.title + module.marks + (f", {held}" if held else "")


def draw_around(graph: Graph, frame: Frame, area: Area) -> tuple[BoxShape, TextShape]:
    """Draw an opened module around its parts, with its title in the left corner."""
    words = write_title(graph, frame)
    left, top = area.x - area.width / 2, area.y - area.height / 2
    x = left + theme.FRAME_PAD / 2 + width_of(words, SIZE) / 2
    title = TextShape(x, top + theme.TITLE / 2 + 2, SIZE, theme.DARK, words)
    return BoxShape(*area, Style()), title


def add_around(scene: Scene, around: Sequence[tuple[BoxShape, TextShape]]) -> Scene:
    frames, titles = zip(*around, strict=True)
    return replace(scene, frames=frames, texts=(*scene.texts, *titles))


def drawn_parts(graph: Graph) -> tuple[list[Node], list[Edge]]:
    """Return the nodes that have a box of their own, and the edges between them."""
    nodes = [node for node in graph.nodes if not is_plain_number(node)]
    boxed = {node.id for node in nodes}
    return nodes, [edge for edge in graph.edges if edge.source in boxed]


def draw_frame(
    graph: Graph, step: int | None, sizes: Sequence[Box], done: Arrangement
) -> Scene:
    """Write into an arrangement what is known, or known after so many steps."""
    graph = graph if step is None else show_until_step(graph, step)
    now = graph.walk[-1] if step else None
    nodes, edges = drawn_parts(graph)
    boxes, curves, texts = [], [], []
    for node, size, (x, y) in zip(nodes, sizes, done.boxes, strict=True):
        style = style_box(graph, node, now)
        boxes.append(BoxShape(x, y, size.width, size.height, style))
        lines = box_lines(graph, node, walking=step is not None)
        top = y - LINE * (len(lines) - 1) / 2
        for row, words in enumerate(lines):
            colour = theme.DARK if row else theme.INK
            colour = RED if words.startswith("↑") else colour
            texts.append(TextShape(x, top + LINE * row, SIZE, colour, words))
    for edge, path, (x, y) in zip(edges, done.paths, done.labels, strict=True):
        dashed = edge.cut or graph.node(edge.source).op == "constant"
        curves.append(CurveShape(path, Style(dashed=dashed, heavy=edge.target == now)))
        if words := arrow_label(edge):
            high = theme.CUT if edge.cut else SMALL
            texts.append(TextShape(x, y, high, RED, words))
    return Scene(done.width, done.height, tuple(boxes), tuple(curves), tuple(texts))


def with_writable_name(node: Node) -> Node:
    """Put the id, as in the text twin, for a name that no font here can write."""
    if node.module is None:
        return node if can_write(node.name) else replace(node, name=node.id)
    name = node.name if can_write(node.name) else ""
    return replace(node, name=name, module=make_writable(node.module))


def make_writable(module: ModuleBox) -> ModuleBox:
    """Leave out of a module's title what no font here can write."""
    path = module.path if can_write(module.path) else ""
    kind = module.kind if can_write(module.kind) else "Module"
    return replace(module, path=path, kind=kind)


def box_lines(graph: Graph, node: Node, walking: bool) -> list[str]:
    """Return the lines of a box: what it is, its number, what a walk starts with."""
    if node.op == "constant":
        return [constant(node)]
    name = shorten_name(node.name)
    if node.op == "leaf":
        first = f"{name or node.id} = {write_value(node.value)}"
        return [first, grad_line(node, walking)]
    title, within = equation(graph, node), []
    if node.module is not None:
        title += node.module.marks
        within = [can_say(words) for words in describe_module(node.module)]
    starts = node.id in graph.roots and node.grad is not None
    return [
        f"{name} = {title}" if name else title,
        write_value(node.value, UNKNOWN),
        *within,
        *([f"↑{write_value(node.grad)}"] if starts else []),
    ]


def can_say(words: str) -> str:
    """Return words as they are, or in English where no font can write them."""
    return words if can_write(words) else getattr(words, "english", words)


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
    if walking and node.id in graph.roots:  # it shows what it has received so far
        targets = {edge.target for edge in graph.edges if edge.source == node.id}
        for step, box in enumerate(graph.walk, 1):
            if box in targets:
                earlier = show_until_step(graph, step).node(node.id)
                before += box_lines(graph, earlier, walking)
    widest = max(width_of(words, SIZE) for words in (*lines, *before))
    side_by_side = theme.PORT_GAP * (heads - 1) + 2 * theme.CORNER
    return Box(max(widest + 14, side_by_side), 8 + LINE * len(lines))


def make_link(graph: Graph, edge: Edge, place: dict[str, int]) -> Link:
    """Return an arrow for the layout, with room for what is sent along it."""
    words = arrow_label(edge)
    room = width_of(words, SMALL) + 6 if words else 0.0
    pulls = graph.node(edge.source).op != "constant"
    return Link(place[edge.source], place[edge.target], room, float(pulls))


def arrow_label(edge: Edge) -> str:
    """Return what is written on an arrow."""
    if edge.cut:
        return SCISSORS
    return "" if edge.grad is None else f"↑{write_gradient(edge)}"


def style_box(graph: Graph, node: Node, now: str | None) -> Style:
    """Show what a box is and whether the walk is there."""
    kind = "root" if node.id in graph.roots else "op"
    kind = node.op if node.op in ("leaf", "constant") else kind
    heavy = node.id == now or (now is None and kind == "root")
    fill = theme.FILL["now" if node.id == now else kind]
    return Style(fill, dashed=node.op == "constant", heavy=heavy)


def compose_page(
    frames: Sequence[Scene], notes: Sequence[str] = (), above: Sequence[str] = ()
) -> Scene:
    """Join frames into rows that fit the width of a notebook, notes above and below."""
    whole = frames[0] if len(frames) == 1 else set_in_rows(frames)
    whole = add_notes(whole, above, above=True) if above else whole
    return add_notes(whole, notes) if notes else whole


def set_in_rows(frames: Sequence[Scene]) -> Scene:
    """Join frames into rows, each with its number above."""
    page, x, y = Scene(0.0, 0.0), 0.0, 0.0
    for number, frame in enumerate(frames, 1):
        if x and x + frame.width > WIDEST:
            x, y = 0.0, page.height + FRAME_GAP
        above = TextShape(x + frame.width / 2, y + 5, SIZE, GREY, f"{number}.")
        below = frame.shift(x, y + 16)
        page = Scene(
            max(page.width, x + frame.width),
            max(page.height, y + (frame.height + 16)),
            page.boxes + below.boxes,
            page.curves + below.curves,
            (*page.texts, above, *below.texts),
            page.frames + below.frames,
        )
        x += frame.width + FRAME_GAP
    return page


def add_notes(scene: Scene, notes: Sequence[str], above: bool = False) -> Scene:
    """Write sentences below a drawing, or above it."""
    lines = [line for note in notes for line in wrap_note(note, scene.width)]
    room, top = LINE * (len(lines) + 1), LINE / 2 if above else scene.height + LINE
    written = [
        TextShape(width_of(line, NOTE) / 2, top + row * LINE, NOTE, GREY, line)
        for row, line in enumerate(lines)
    ]
    width = max(scene.width, *(2 * text.x for text in written))
    middle = scene.shift((width - scene.width) / 2, room if above else 0)
    texts = (*middle.texts, *written)
    return replace(middle, width=width, height=scene.height + room, texts=texts)


def wrap_note(note: str, width: float) -> list[str]:
    """Break a sentence into lines about as wide as the drawing, or a little wider."""
    room = min(max(width, theme.NOTE_WIDEST), WIDEST)
    each = max(width_of(character, NOTE) for character in note)
    return textwrap.wrap(note, int(room / each))
