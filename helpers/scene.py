"""What is written where: a graph as boxes, curves and words with places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .flow import after
from .graph import Edge, Graph, Node
from .layout import Arrangement, Box, Link, arrange
from .tape import constant, equation, is_plain_number, sent, show

SIZE, SMALL = 9.0, 8.0  # points
ADVANCE = 0.602  # width of a character of the font, in its size
FRAME_GAP = 22.0
WIDEST = 660.0  # points, about what a notebook's column shows

INK, DARK, RED, GREY = "#1a1a1a", "#3a3a3a", "#b00020", "#6b6b6b"
FILL = {"leaf": "#d6e6fb", "root": "#d9f2d4", "op": "#f0f0f0", "now": "#fff3b0"}


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
    nodes = [node for node in graph.nodes if not is_plain_number(node)]
    place = {node.id: index for index, node in enumerate(nodes)}
    edges = [edge for edge in graph.edges if edge.source in place]
    lines = [box_lines(graph, node, step) for node in nodes]
    boxes = [room_for(whole, whole.node(node.id), step) for node in nodes]
    plan = arrange(boxes, links(whole, place))
    now = graph.walk[-1] if step and graph.walk else None
    labels = [label(e) for e in edges]
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


def box_lines(graph: Graph, node: Node, step: int | None) -> list[str]:
    """Return the lines of a box: what it is, its number, what a walk starts with."""
    if node.op == "constant":
        return [constant(node)]
    if node.op == "leaf":
        return [f"{node.label} = {show(node.value)}", grad_line(node, step)]
    title = equation(graph, node)
    title = f"{node.name} = {title}" if node.name else title
    starts = node.id in graph.roots and node.grad is not None
    return [title, show(node.value), *([f"↑{show(node.grad)}"] if starts else [])]


def grad_line(node: Node, step: int | None) -> str:
    """Say what a leaf's .grad holds, or what the walk has just added to it."""
    if step is not None and node.grad is not None:
        return f".grad += {show(node.grad)}"
    return f".grad {'None' if node.held is None else show(node.held)}"


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
            words = label(edge)
            room = len(words) * SMALL * ADVANCE + 6 if words else 0.0
            fixed = whole.node(edge.source).op == "constant"
            here, there = place[edge.source], place[edge.target]
            found.append(Link(here, there, room, 0.0 if fixed else 1.0))
    return found


def label(edge: Edge) -> str:
    """Return what is written on an arrow."""
    return "" if edge.grad is None else f"↑{sent(edge)}"


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
