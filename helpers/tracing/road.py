"""Draw the road from a tensor to where it ends, and write it in one line."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import pairwise

from ..drawing.picture import Picture, paint_scene
from ..drawing.scene import SCISSORS, compose_page, draw_scene
from ..graph.data import Edge, Graph, Node
from ..graph.functions import take_snapshot
from ..graph.journal import Record
from ..language import Text
from .causes import Finding
from .question import Question

MOST_BOXES = 8  # of calls; of a longer road both ends are drawn
LINE = Text("line {line}", "第 {line} 行")
CALL = Text("{name} (line {line})", "{name}（第 {line} 行）")
LEFT_OUT = Text("{count} calls", "{count} 个调用")
ALT = Text("The road: {road}.", "这条路：{road}。")
BEFORE = ("zero-slope", "nan")  # the walk back comes so far, and no further
Step = tuple[str, str]  # what a box says: a call, and its line


def find_way(asked: Question, found: Finding) -> tuple[list[Record], int]:
    """Return the calls from x as far as they are known, and which is the last good one.

    That is the place of the cut among the arrows: 0 is the one that leaves x.
    """
    road, record = asked.road, found.record
    if record is None or all(r.turn != record.turn for r in road.records):
        return (road.way_to(asked.end), -1) if road.arrives else ([], 0)
    hit = next((t for t in record.ins if t in road.origins), None)
    before = road.way_to(hit) if hit is not None else []
    after = road.way_to(asked.end)
    later = [r for r in after if r.turn > record.turn]
    ends_before = found.word.startswith(BEFORE)
    return [*before, record, *later], len(before) + (not ends_before)


def shorten(way: Sequence[Record], cut: int) -> tuple[list[Step], int]:
    """Write each call as a box; of many, those at both ends and at the cut."""
    steps = [(r.name, LINE(line=r.line) if r.line else "") for r in way]
    while len(steps) > MOST_BOXES:
        ahead = cut > len(steps) - cut
        first = 1 if ahead else max(cut + 1, 1)
        last = max(cut - 2, first + 1) if ahead else len(steps) - 1
        gone = last - first
        if gone < 2:
            break
        steps[first:last] = [("…", LEFT_OUT(count=gone))]
        cut = cut - gone + 1 if ahead else cut
        break
    return steps, cut


def list_steps(asked: Question, found: Finding) -> tuple[list[Step], int] | None:
    """Return the boxes of the road, if there is one that ends; and where."""
    if not (asked.token and asked.end) or found.word in ("none", "unknown"):
        return None
    way, cut = find_way(asked, found)
    return shorten(way, cut) if cut >= 0 else None


def write_road(asked: Question, found: Finding, values: Mapping) -> str:
    """Write the road in one line."""
    listed = list_steps(asked, found)
    if listed is None:
        return ""
    steps, cut = listed
    parts = [
        values["x"],
        *(f"{name} ({line})" if line else name for name, line in steps),
    ]
    parts.append(values["y"])
    said = parts[0]
    for place, part in enumerate(parts[1:]):
        said += f" {SCISSORS} {part}" if place == cut else f" → {part}"
    return said


def draw_road(asked: Question, found: Finding, values: Mapping) -> Picture | None:
    """Draw the road, the cut as scissors."""
    listed = list_steps(asked, found)
    if listed is None or asked.y is None:
        return None
    steps, cut = listed
    names = [values[name].strip("`") for name in ("x", "y")]
    held = take_snapshot(asked.grad)
    start = Node("x", names[0], "leaf", take_snapshot(asked.x), held=held)
    calls = [Node(f"%{n}", "", name, line) for n, (name, line) in enumerate(steps)]
    end = Node("y", "", names[1], take_snapshot(asked.y))
    boxes = (start, *calls, end)
    edges = tuple(
        Edge(one.id, other.id, 0, cut=place == cut)
        for place, (one, other) in enumerate(pairwise(boxes))
    )
    graph = Graph(boxes, edges, ("y",), cut_off=0)
    road = write_road(asked, found, values)
    paint = partial(paint_scene, compose_page([draw_scene(graph)]))
    return Picture(paint, road, ALT(road=road), graph)
