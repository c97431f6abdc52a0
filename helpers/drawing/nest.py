"""Place boxes in frames, and frames in frames: what is within is placed first.

A frame then is one large box of the arrangement around it. A link that leads into it
falls past its title and goes on from a port within; one that leads out of it starts
from a port, too. So no link touches a box or a title that is not its own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from ..graph.contract import sort_by_rank
from . import theme
from .layout import Arrangement, Box, Link, Point, arrange, bend_path

Path = tuple[Point, ...]
# ("box", its place), ("frame", its place), ("in" or "out", the number of a link)
Unit = tuple[str, int]
Ends = dict[tuple[Unit, int], Path]  # the parts of links within frames
PORT = Box(0.0, 0.0)


class FrameBox(NamedTuple):
    """Describe a frame to place: how wide its title is, and all boxes within."""

    title: float  # points
    boxes: frozenset[int]
    parent: int | None  # the frame around it, by its place in the list


class Area(NamedTuple):
    """Hold a placed frame around its middle; lengths in points."""

    x: float
    y: float
    width: float
    height: float


@dataclass
class Nest:
    """Hold what is placed in a frame, seen from its upper left corner.

    The paths of links that lead into it begin at a port, of those out end at one.
    """

    width: float = 0.0
    height: float = 0.0
    boxes: dict[int, Point] = field(default_factory=dict)
    labels: dict[int, Point] = field(default_factory=dict)
    paths: dict[int, Path] = field(default_factory=dict)
    frames: dict[int, Area] = field(default_factory=dict)

    def shift(self, right: float, down: float) -> "Nest":
        """Return the same elsewhere."""

        def move(points: Mapping[int, Point]) -> dict[int, Point]:
            return {n: (x + right, y + down) for n, (x, y) in points.items()}

        def move_path(path: Path) -> Path:
            return tuple((x + right, y + down) for x, y in path)

        paths = {n: move_path(path) for n, path in self.paths.items()}
        frames = {
            n: Area(x + right, y + down, *size)
            for n, (x, y, *size) in self.frames.items()
        }
        moved = move(self.boxes), move(self.labels)
        return Nest(self.width, self.height, *moved, paths, frames)


def arrange_nested(
    boxes: Sequence[Box],
    links: Sequence[Link],
    frames: Sequence[FrameBox],
    widest: float,
) -> tuple[Arrangement, list[Area]]:
    """Place boxes as `arrange` does, and frames around them; nothing overlaps."""
    if not frames:
        return arrange(boxes, links, widest=widest), []
    done = Nester(boxes, links, frames).place(None, widest)
    arrangement = Arrangement(
        done.width,
        done.height,
        tuple(done.boxes[box] for box in range(len(boxes))),
        tuple(done.labels[link] for link in range(len(links))),
        tuple(done.paths[link] for link in range(len(links))),
    )
    return arrangement, [done.frames[frame] for frame in range(len(frames))]


class Nester:
    """Place what is in a frame, then the frame."""

    def __init__(
        self, boxes: Sequence[Box], links: Sequence[Link], frames: Sequence[FrameBox]
    ):
        self.boxes, self.links, self.frames = boxes, links, frames
        # The innermost frame around each box: outer frames come first in the list.
        self.home: dict[int, int | None] = dict.fromkeys(range(len(boxes)))
        for place, frame in enumerate(frames):
            self.home.update(dict.fromkeys(frame.boxes, place))

    def unit_of(self, box: int, around: int | None) -> Unit | None:
        """Return in what a box is drawn within a frame: itself, or an inner frame."""
        home = self.home[box]
        if home == around:
            return "box", box
        while home is not None and self.frames[home].parent != around:
            home = self.frames[home].parent
        return None if home is None else ("frame", home)

    def place(self, around: int | None, widest: float) -> Nest:
        """Arrange what is directly within a frame, or on the whole paper."""
        inner = {
            place: self.place(place, widest - 2 * theme.FRAME_PAD)
            for place, frame in enumerate(self.frames)
            if frame.parent == around
        }
        routes = self.find_routes(around)
        units = self.sort_units(around, routes)
        places = {unit: place for place, unit in enumerate(units)}
        sizes = [self.size(unit, inner) for unit in units]
        local = [self.cut_link(n, *route, places) for n, route in routes.items()]
        kinds = [kind for kind, _ in units]
        ports = kinds.count("in"), kinds.count("out")
        done = arrange(sizes, local, widest=widest, ports=ports)
        nest = Nest(done.width, done.height)
        areas = [
            Area(*at, *size[:2]) for at, size in zip(done.boxes, sizes, strict=True)
        ]
        ends = put_units(nest, units, areas, inner)
        put_links(nest, routes, done, ends)
        return nest

    def find_routes(self, around: int | None) -> dict[int, tuple[Unit, Unit]]:
        """Return where each link that is seen in a frame begins and ends there."""
        routes = {}
        for number, link in enumerate(self.links):
            source = self.unit_of(link.source, around)
            target = self.unit_of(link.target, around)
            if source != target:
                routes[number] = source or ("in", number), target or ("out", number)
        return routes

    def sort_units(
        self, around: int | None, routes: Mapping[int, tuple[Unit, Unit]]
    ) -> list[Unit]:
        """Sort what a frame holds so that links lead downwards, with ports around."""
        ranks: dict[Unit, int] = {}
        for box in range(len(self.boxes)):
            if unit := self.unit_of(box, around):
                ranks.setdefault(unit, box)
        before: dict[Unit, set[Unit]] = defaultdict(set)
        for source, target in routes.values():
            if source in ranks and target in ranks:
                before[target].add(source)
        ends: list[Unit] = [unit for route in routes.values() for unit in route]
        above = [unit for unit in ends if unit[0] == "in"]
        below = [unit for unit in ends if unit[0] == "out"]
        return [*above, *sort_by_rank(ranks, before), *below]

    def size(self, unit: Unit, inner: Mapping[int, Nest]) -> Box:
        """Return a box's own size; of a frame that of what is in it, with a title."""
        kind, number = unit
        if kind != "frame":
            return self.boxes[number] if kind == "box" else PORT
        nest, frame = inner[number], self.frames[number]
        heads = sum(is_entered(frame, link) for link in self.links)
        door = theme.PORT_GAP * heads + 2 * theme.CORNER
        titled = 2 * (frame.title + 2 * theme.FRAME_PAD) + door
        width = max(nest.width + 2 * theme.FRAME_PAD, titled)
        return Box(width, theme.TITLE + nest.height + 2 * theme.FRAME_PAD, door)

    def cut_link(
        self, number: int, source: Unit, target: Unit, places: Mapping[Unit, int]
    ) -> Link:
        """Return a link's part in a frame; its label stands where it arrives."""
        whole = self.links[number]
        room = whole.label_width if target[0] == "box" else 0.0
        return Link(places[source], places[target], room, whole.weight)


def is_entered(frame: FrameBox, link: Link) -> bool:
    return link.target in frame.boxes and link.source not in frame.boxes


def put_units(
    nest: Nest, units: Sequence[Unit], areas: Sequence[Area], inner: Mapping[int, Nest]
) -> Ends:
    """Put boxes and frames where they belong; return the links that end in frames."""
    ends: Ends = {}
    for unit, area in zip(units, areas, strict=True):
        kind, number = unit
        if kind == "box":
            nest.boxes[number] = area.x, area.y
        elif kind == "frame":
            moved = put_into_frame(nest, number, area, inner)
            ends |= {(unit, n): path for n, path in moved.items()}
    return ends


def put_links(
    nest: Nest, routes: Mapping[int, tuple[Unit, Unit]], done: Arrangement, ends: Ends
) -> None:
    """Draw the links of a frame, each joined to its parts in the frames within."""
    placed = zip(routes.items(), done.paths, done.labels, strict=True)
    for (n, (source, target)), path, label in placed:
        before, after = ends.get((source, n)), ends.get((target, n))
        nest.paths[n] = join_paths(before, path, after)
        if target[0] == "box":
            nest.labels[n] = label


def put_into_frame(
    nest: Nest, number: int, area: Area, inner: Mapping[int, Nest]
) -> dict[int, Path]:
    """Put what was placed within a frame into it; return the links that cross it."""
    content = inner[number]
    down = area.y - area.height / 2 + theme.TITLE + theme.FRAME_PAD
    moved = content.shift(area.x - content.width / 2, down)
    nest.frames |= {number: area, **moved.frames}
    nest.boxes |= moved.boxes
    nest.labels |= moved.labels
    nest.paths |= moved.paths
    return moved.paths


def join_paths(before: Path | None, path: Path, after: Path | None) -> Path:
    """Join the parts of a link: out of a frame, on the way, past a title into one."""
    if before:
        (x, y), (onward, low) = before[-1], path[0]
        path = before + bend_path([x, onward], [(y, y), (low, low)])[1:] + path[1:]
    if after:
        (x, y), (onward, low) = path[-1], after[0]
        entry = bend_path([x, onward], [(y, y + theme.TITLE), (low, low)])
        path = path + entry[1:] + after[1:]
    return path
