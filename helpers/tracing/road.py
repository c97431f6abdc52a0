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
LEFT_OUT = Text("{count} calls", "{count} 个调用")
ALT = Text("The road: {road}.", "这条路：{road}。")
BEFORE = ("zero-slope", "nan")  # the walk back comes so far, and no further
# Of what is drawn; elsewhere the road does not end, or nobody knows where.
ENDING = ("cut:", "not-in-graph", "overwritten", "in-place-damage", *BEFORE)
STAYING = ("cleared", "taken", "replaced", "unlinked", "no-graph")
GAP = "…"
# What torch calls it where numbers come back, by from_numpy or the like.
COMING = {"lift_fresh.default": "tensor"}
Step = tuple[str, str]  # what a box says: a call, and its line


def draw_road(asked: Question, found: Finding, values: Mapping) -> Picture | None:
    """Draw the road, the cut as scissors; nothing where no road is known to end."""
    ends = found.word.startswith(ENDING) and not found.key.startswith(STAYING)
    if not (asked.token and asked.end and ends):
        return None
    known = find_way(asked, found)
    if known is None:
        return None
    steps, cut = shorten(*known)
    graph = make_graph(asked, steps, cut, values)
    road = write_road(steps, cut, values)
    paint = partial(paint_scene, compose_page([draw_scene(graph)]))
    return Picture(paint, road, ALT(road=road.replace("`", "")), graph)


def find_way(asked: Question, found: Finding) -> tuple[list[Record], int] | None:
    """Return the calls from x as far as they are known, and which arrow is cut.

    That is 0 for the arrow that leaves x; nothing, where no arrow is cut.
    """
    road, record = asked.road, found.record
    if record is None or all(r.turn != record.turn for r in road.records):
        return None if road.arrives else ([], 0)
    before = next((road.way_to(t) for t in record.ins if t in road.origins), [])
    later = [r for r in road.way_to(asked.end) if r.turn > record.turn]
    ends_before = found.word.startswith(BEFORE)
    return [*before, record, *later], len(before) + (not ends_before)


def shorten(way: Sequence[Record], cut: int) -> tuple[list[Step], int]:
    """Write each call as a box; of many, those at both ends and at the cut."""
    last = len(way) - 1
    near = {0, 1, *range(cut - 2, cut + 2), last - 1, last}
    # None is left out alone.
    near |= {n for n in range(last) if near.issuperset({n - 1, n + 1})}
    kept = [n for n in range(len(way)) if len(way) <= MOST_BOXES or n in near]
    steps: list[Step] = []
    place, before = 0, -1
    for n in kept:
        if n - before != 1:
            steps.append((GAP, LEFT_OUT(count=n - before - 1)))
        name = COMING.get(way[n].name, way[n].name)
        steps.append((name, LINE(line=way[n].line)))
        place, before = (len(steps) if n == cut - 1 else place), n
    return steps, place


def write_road(steps: Sequence[Step], cut: int, values: Mapping) -> str:
    """Write the road in one line."""
    calls = [f"{name} ({line})" for name, line in steps]
    said = values["x"]
    for place, part in enumerate([*calls, values["y"]]):
        said += f" {SCISSORS if place == cut else '→'} {part}"
    return said


def make_graph(
    asked: Question, steps: Sequence[Step], cut: int, values: Mapping
) -> Graph:
    """Return the road as boxes in a row."""
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
    return Graph(boxes, edges, ("y",), cut_off=0)
