"""Give every box a place; no link ever runs through a foreign box.

Boxes stand in rows, with a row for labels between any two. A link owns a slot in every
row that it crosses and falls straight through it, so it touches nothing beside it.

Sources: Sugiyama, Tagawa, Toda, «Methods for visual understanding of hierarchical
system structures», 1981 (rows, slots, barycenter heuristic); Coffman, Graham, «Optimal
scheduling for two-processor systems», 1972, and Nikolov, Tarassov, Branke, «In search
for efficient heuristics for minimum-width graph layering with consideration of dummy
nodes», 2005 (rows filled up to a width that slots share); Barlow et al., «Statistical
inference under order restrictions», 1972 (pool adjacent violators).
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise, product, takewhile
from statistics import median
from typing import NamedTuple

from . import theme
from .theme import HEAD, LABEL_HEIGHT, LINE_GAP, ROW_GAP

ORDER_SWEEPS, COLUMN_SWEEPS = 8, 4  # half of them down, half of them up
# How hard a link pulls its ends into one column. The steps are so large that the
# stronger always wins: straight is first the graph's longest path (its spine), then
# the longest path to each box, then the rest. Constants hardly pull at all.
FIXED, SPINE, BRANCH, PLAIN, FAINT = 1e15, 1e10, 1e5, 1.0, 1e-20
PORT_REACH = 0.4  # links meet a box within this share of its width from its middle
SLOPE = 0.15  # a curve gets this share of its way sideways as its height
ROUNDING = 1e-9

Point = tuple[float, float]
Rows = list[list[int]]
Ties = Mapping[int, list[tuple[int, float]]]  # item: others, and how hard they pull


class Box(NamedTuple):
    """Describe a box to place; lengths in points."""

    width: float
    height: float
    door: float = math.inf  # links arrive within so much of its top, in the middle


class Link(NamedTuple):
    """Describe an arrow from the bottom of one box to the top of a later one.

    `weight` (dimensionless) says how hard the link pulls its ends into one column:
    0 for a constant, which must not bend the spine of the graph.
    """

    source: int  # place in the list of boxes, lower than the target's
    target: int
    label_width: float = 0.0  # points; 0 for a link without a label
    weight: float = 1.0


@dataclass(frozen=True)
class Arrangement:
    """Hold all places, in points, within 0..width and 0..height; y grows downwards."""

    width: float
    height: float
    boxes: tuple[Point, ...]  # centres
    labels: tuple[Point, ...]  # centres, one for each link
    paths: tuple[tuple[Point, ...], ...]  # cubic Béziers: a start, then 3 per segment


class Thread(NamedTuple):
    """Hold the way of a link through the rows."""

    items: tuple[int, ...]  # source, a slot in each row between, target
    label: int  # the slot that bears it
    pull: float


@dataclass(frozen=True)
class Grid:
    """Hold all that is known before anything moves. Items are the boxes, then slots."""

    boxes: int
    threads: list[Thread]
    rows: list[int]  # of each item: even for boxes, because the odd rows hold labels
    widths: list[float]
    heights: list[float]
    rooms: list[float]  # of each item: its width and the gap to the next
    doors: list[float]  # of each box: where links arrive


def arrange(
    boxes: Sequence[Box],
    links: Sequence[Link],
    *,
    widest: float = math.inf,
    ports: tuple[int, int] = (0, 0),
) -> Arrangement:
    """Place boxes in rows, sources above targets, and lead each link around the rest.

    A box stands as many rows above the bottom as its longest path to an output has
    links; a label stands right above the target of its link. Where that is wider than
    `widest` (points), boxes move up to further rows and labels to their sources, as far
    as it helps. With `ports`, so many first boxes stand above all, and last ones below.
    """
    for limit in (math.inf, widest):
        grid = plan_grid(boxes, links, limit, ports)
        rows = order_rows(grid)
        columns = place_columns(grid, rows, limit)
        if extent(columns, grid)[1] <= widest:
            break
    return assemble_arrangement(grid, lay_trails(grid, rows, columns), columns)


# Which row


def plan_grid(
    boxes: Sequence[Box],
    links: Sequence[Link],
    widest: float,
    ports: tuple[int, int] = (0, 0),
) -> Grid:
    """Give every box its row, every link its slots and every item its room."""
    depths = longest_paths(len(boxes), links)
    rows = pin_ports(assign_rows(boxes, links, depths, widest), ports)
    steps = place_labels(links, rows, widest)
    pulls = weigh_links(links, rows, depths)
    sizes, threads = list(boxes), []
    for link, step, pull in zip(links, steps, pulls, strict=True):
        between = range(rows[link.source] + 1, rows[link.target])
        slots = range(len(sizes), len(sizes) + len(between))
        threads.append(Thread((link.source, *slots, link.target), slots[step], pull))
        rows += between
        sizes += [Box(0.0, 0.0)] * len(between)
        height = LABEL_HEIGHT if link.label_width else 0.0
        sizes[slots[step]] = Box(link.label_width, height)
    widths, heights, doors = map(list, zip(*sizes, strict=True))
    gaps = [theme.BOX_GAP] * len(boxes) + [LINE_GAP] * (len(sizes) - len(boxes))
    rooms = [width + gap for width, gap in zip(widths, gaps, strict=True)]
    return Grid(len(boxes), threads, rows, widths, heights, rooms, doors)


def pin_ports(rows: list[int], ports: tuple[int, int]) -> list[int]:
    """Return rows from 0 on; the first boxes stand above all, the last ones below."""
    above, below = ports
    inner = rows[above : len(rows) - below]
    first = min(inner) - 2 * (above > 0)
    last = max(inner) - first + 2
    return [0] * above + [row - first for row in inner] + [last] * below


def longest_paths(boxes: int, links: Sequence[Link]) -> list[int]:
    """Return how many links the longest path down to each box has."""
    depths = [0] * boxes
    for link in sorted(links):  # by their sources, which stand before their targets
        depths[link.target] = max(depths[link.target], depths[link.source] + 1)
    return depths


def assign_rows(
    boxes: Sequence[Box], links: Sequence[Link], depths: list[int], widest: float
) -> list[int]:
    """Return the row of each box: even ones, the lowest is 0, those above less.

    Rows are filled from the lowest up, with boxes whose targets all stand lower. What
    finds no room is the first in the next row; leaves go last, they move nobody else.
    """
    sources = defaultdict(list)
    for link in links:
        sources[link.target].append(link.source)
    uses = Counter(link.source for link in links)
    loads = measure_loads(boxes, links, uses)
    waiting, passing = Counter(uses), 0  # passing by: links whose source has no row yet
    ready = [box for box in reversed(range(len(boxes))) if not uses[box]]
    levels = []
    while ready:
        levels.append(fill_row(ready, loads, LINE_GAP * passing, widest + LINE_GAP))
        ready, fresh = ready[len(levels[-1]) :], []
        for box in levels[-1]:
            passing += len(sources[box]) - uses[box]
            waiting.subtract(sources[box])
            fresh += [s for s in dict.fromkeys(sources[box]) if not waiting[s]]
        ready += sorted(fresh, key=lambda box: (-depths[box], -box))
    height_of = {box: height for height, row in enumerate(levels) for box in row}
    return [-2 * height_of[box] for box in range(len(boxes))]


def measure_loads(
    boxes: Sequence[Box], links: Sequence[Link], uses: Mapping[int, int]
) -> list[float]:
    """Return what each box adds to the width of its row, or of the labels above it.

    Its own links no longer pass by.
    """
    above = [0.0] * len(boxes)
    for link in links:
        above[link.target] += link.label_width + LINE_GAP
    rooms = map(max, above, (box.width + theme.BOX_GAP for box in boxes))
    return [room - LINE_GAP * uses[box] for box, room in enumerate(rooms)]


def fill_row(
    ready: list[int], loads: list[float], passing: float, widest: float
) -> list[int]:
    """Return as many of the first boxes as fit into a row, but at least one.

    Where not even one fits beside the links that pass, boxes get as much room as those.
    """
    _, *ends = accumulate((loads[box] for box in ready), initial=passing)
    room = widest if ends[0] <= widest else max(ends[0], 2 * passing)
    return ready[: len(list(takewhile(lambda end: end <= room, ends)))]


def place_labels(links: Sequence[Link], rows: list[int], widest: float) -> list[int]:
    """Return which of each link's slots bears its label: the first or the last, -1.

    That is the last one; but the first, if it has room, where the last is crowded.
    """
    loads: dict[int, float] = defaultdict(float)
    for link in links:
        for row in range(rows[link.source] + 1, rows[link.target], 2):
            loads[row] += LINE_GAP
        loads[rows[link.target] - 1] += link.label_width
    full, steps = widest + LINE_GAP, []
    crowded = {row for row, load in loads.items() if load > full}
    for link in links:
        first, last = rows[link.source] + 1, rows[link.target] - 1
        room = max(full, loads[last] - link.label_width)
        moves = last in crowded and loads[first] + link.label_width <= room
        loads[first if moves else last] += link.label_width
        loads[last] -= link.label_width
        steps.append(0 if moves else -1)
    return steps


def weigh_links(
    links: Sequence[Link], rows: list[int], depths: list[int]
) -> Iterator[float]:
    """Yield how hard each link pulls: hardest where a longest path has no detour."""
    deepest = max(depths)
    spine = {box for box, depth in enumerate(depths) if depth == deepest}
    for link in sorted(links, key=lambda link: -link.target):
        if link.target in spine and depths[link.target] - depths[link.source] == 1:
            spine.add(link.source)
    for source, target, _, weight in links:
        pull = BRANCH if rows[target] - rows[source] == 2 else PLAIN
        pull = SPINE if {source, target} <= spine else pull
        detour = depths[target] - depths[source] > 1
        yield (PLAIN if detour else pull) * max(weight, FAINT)


# Who stands left of whom


def order_rows(grid: Grid) -> Rows:
    """Return all rows, sorted for few crossings; the best of several sweeps is kept."""
    above, below = find_ties(grid, 2)
    best = rows = start = order_depth_first(grid, above, below)
    fewest = count_crossings(start, below)
    for upwards, turn in product((False, True), range(ORDER_SWEEPS)):
        if fewest == 0:
            break
        rows = rows if turn else start  # the second time, begin with a sweep upwards
        swap = turn // 2 == 2  # the third round swaps ties, to get unstuck
        if turn % 2 == upwards:
            rows = sort_by_barycenter(rows, above, swap)
        else:
            rows = sort_by_barycenter(rows[::-1], below, swap)[::-1]
        found = count_crossings(rows, below)
        best, fewest = (rows, found) if found < fewest else (best, fewest)
    return add_label_rows(best, grid)


def find_ties(grid: Grid, step: int = 1) -> tuple[Ties, Ties]:
    """Return what pulls at each item from so many rows above and below its own."""
    above, below = defaultdict(list), defaultdict(list)
    for thread in grid.threads:
        for upper, lower in pairwise(thread.items[::step]):
            above[lower].append((upper, thread.pull))
            below[upper].append((lower, thread.pull))
    return above, below


def order_depth_first(grid: Grid, above: Ties, below: Ties) -> Rows:
    """Return a first order: walk depth first up from every output, inputs in order."""
    rows: Rows = [[] for _ in range(max(grid.rows) // 2 + 1)]
    waiting = [box for box in reversed(range(grid.boxes)) if box not in below]
    seen = set()
    while waiting:
        item = waiting.pop()
        if item not in seen:
            seen.add(item)
            rows[grid.rows[item] // 2].append(item)
            waiting += [other for other, _ in reversed(above.get(item, []))]
    return rows


def find_places(rows: Iterable[list[int]]) -> dict[int, int]:
    return {item: place for row in rows for place, item in enumerate(row)}


def sort_by_barycenter(rows: Rows, tied: Ties, swap: bool) -> Rows:
    """Sort row after row by barycenter: the mean place of what an item is tied to."""
    place, result = find_places(rows), []
    for row in rows:
        means = {
            item: sum(place[other] for other, _ in tied[item]) / len(tied[item])
            for item in (reversed(row) if swap else row)
            if item in tied
        }
        moved = iter(sorted(means, key=means.__getitem__))
        fresh = [next(moved) if item in means else item for item in row]
        place.update(find_places([fresh]))
        result.append(fresh)
    return result


def count_crossings(rows: Rows, below: Ties) -> int:
    """Count the pairs of links whose two ends come in opposite orders."""
    place, crossed = find_places(rows), 0
    for row in rows:
        passed: list[int] = []
        for item in row:
            for end in sorted(place[other] for other, _ in below.get(item, [])):
                position = bisect_right(passed, end)
                crossed += len(passed) - position
                passed.insert(position, end)
    return crossed


def add_label_rows(rows: Rows, grid: Grid) -> Rows:
    """Put rows of labels in between, each slot halfway between what it joins."""
    place, middle = find_places(rows), {}
    for items, *_ in grid.threads:
        for slot, (upper, lower) in zip(items[1::2], pairwise(items[::2]), strict=True):
            middle[slot] = place[upper] + place[lower]
    merged: Rows = [[] for _ in range(2 * len(rows) - 1)]
    merged[::2] = rows
    for slot in sorted(middle, key=middle.__getitem__):
        merged[grid.rows[slot]].append(slot)
    return merged


# How far to the right


def place_columns(grid: Grid, rows: Rows, widest: float) -> list[float]:
    """Return the x of every item, from 0, and move rows that reach too far right."""
    columns = [0.0] * len(grid.rooms)
    settle_columns(columns, grid, rows, (-math.inf, math.inf))
    left, right = extent(columns, grid)
    if right - left > widest:
        settle_columns(columns, grid, rows, (left, left + widest))
        left, _ = extent(columns, grid)
    return [x - left for x in columns]


def extent(columns: list[float], grid: Grid) -> Point:
    """Return how far to the left and right the items reach."""
    ends = [(x - w / 2, x + w / 2) for x, w in zip(columns, grid.widths, strict=True)]
    return min(left for left, _ in ends), max(right for _, right in ends)


def settle_columns(columns: list[float], grid: Grid, rows: Rows, view: Point) -> None:
    """Move items in sweeps down and up, each row by least squares."""
    above, below = find_ties(grid)
    for sweep in range(COLUMN_SWEEPS):
        upwards = sweep % 2 == 1
        for row in reversed(rows) if upwards else rows:
            settle_row(row, below if upwards else above, columns, view, grid)
    straighten_links(columns, grid, rows)
    # The label of a box's only link hangs right below it if it can: one bend fewer.
    uses = Counter(thread.items[0] for thread in grid.threads)
    hanging = {items[1] for items, *_ in grid.threads if uses[items[0]] == 1}
    for row in rows[1::2]:
        ties = {s: above[s] if s in hanging else [(s, FIXED)] for s in row}
        settle_row(row, ties, columns, view, grid)
    straighten_links(columns, grid, rows)


def settle_row(
    row: list[int], ties: Ties, columns: list[float], view: Point, grid: Grid
) -> None:
    """Move the items of a row as near to where they are pulled as their room allows."""
    wishes, weights = [], []
    for item in row:
        weight = wish = 0.0
        for other, pull in ties.get(item, []):
            weight += pull
            wish += pull * columns[other]
        wishes.append(wish / weight if weight else columns[item])
        weights.append(weight or FAINT)
    if row:  # there may be no label between two rows of boxes
        centres = pack_centres([grid.rooms[item] for item in row])
        low = view[0] - centres[0] + grid.widths[row[0]] / 2
        high = view[1] - centres[-1] - grid.widths[row[-1]] / 2
        placed = keep_distances(wishes, weights, centres, (low, high))
        for item, x in zip(row, placed, strict=True):
            columns[item] = x


def pack_centres(rooms: Sequence[float]) -> list[float]:
    """Return the centres of items that stand side by side."""
    return [end - room / 2 for end, room in zip(accumulate(rooms), rooms, strict=True)]


def keep_distances(
    wishes: Sequence[float],
    weights: Sequence[float],
    packed: Sequence[float],
    limits: Point,
) -> list[float]:
    """Return places near the wishes, as far apart as the packed ones or further.

    Least squares, by pool adjacent violators; the shifts stay within `limits`.
    """
    pools: list[tuple[float, float, int]] = []
    for wish, weight, place in zip(wishes, weights, packed, strict=True):
        shift, size = wish - place, 1
        while pools and pools[-1][0] >= shift:
            other, heft, members = pools.pop()
            shift = (shift * weight + other * heft) / (weight + heft)
            weight, size = weight + heft, size + members
        pools.append((shift, weight, size))
    low, high = limits
    shifts = [min(max(shift, low), high) for shift, _, n in pools for _ in range(n)]
    return [place + shift for place, shift in zip(packed, shifts, strict=True)]


def straighten_links(columns: list[float], grid: Grid, rows: Rows) -> None:
    """Make long links vertical beside their label, with a jog where room lacks."""
    right = {item: other for row in rows for item, other in pairwise(row)}
    left = {other: item for item, other in right.items()}

    def limit(slot: int, side: dict[int, int], sign: int) -> float:
        if slot not in side:
            return sign * math.inf
        room = (grid.rooms[slot] + grid.rooms[side[slot]]) / 2
        return columns[side[slot]] - sign * room

    runs = [
        items[2:-1] if label == items[1] else items[1:-2]
        for items, label, _ in grid.threads
        if len(items) > 4
    ]
    for run in runs + runs[::-1]:  # back again: by then others have made way
        spans = [(limit(slot, left, -1), limit(slot, right, 1)) for slot in run]
        for start, stop, lowest, highest in share_spans(spans):
            middle = median([columns[slot] for slot in run[start:stop]])
            for slot in run[start:stop]:
                columns[slot] = min(max(middle, lowest), highest)


def share_spans(spans: list[Point]) -> Iterator[tuple[int, int, float, float]]:
    """Yield as few stretches of overlapping spans as can be, with what they share."""
    start, lowest, highest = 0, -math.inf, math.inf
    for number, (low, high) in enumerate(spans):
        if number > start and max(low, lowest) > min(high, highest):
            yield start, number, lowest, highest
            start, lowest, highest = number, -math.inf, math.inf
        lowest, highest = max(low, lowest), min(high, highest)
    yield start, len(spans), lowest, highest


# What goes out


def lay_trails(grid: Grid, rows: Rows, columns: list[float]) -> list[list[float]]:
    """Return each link's x in all its rows; they meet a box in the order of slots."""
    trails = [[columns[item] for item in items] for items, *_ in grid.threads]
    place, meeting = find_places(rows), defaultdict(list)
    for number, (items, _, pull) in enumerate(grid.threads):
        for end, slot in ((0, items[1]), (-1, items[-2])):
            met = place[slot], grid.rooms[slot], pull, number
            meeting[end, items[end]].append(met)
    for (end, box), unsorted in meeting.items():
        _, rooms, pulls, numbers = zip(*sorted(unsorted), strict=True)
        door = grid.doors[box] if end else math.inf
        offsets = spread_offsets(rooms, pulls, min(grid.widths[box], door))
        for number, offset in zip(numbers, offsets, strict=True):
            trails[number][end] += offset
    return trails


def spread_offsets(
    rooms: Sequence[float], pulls: Sequence[float], width: float
) -> list[float]:
    """Return offsets as wide as the slots if the box is, the spine in the middle."""
    if len(rooms) == 1:
        return [0.0]
    centres, reach = pack_centres(rooms), PORT_REACH * width
    pulled = sum(x * pull for x, pull in zip(centres, pulls, strict=True))
    middle = pulled / sum(pulls)
    scale = min(1.0, reach / max(middle - centres[0], centres[-1] - middle))
    wishes = [(centre - middle) * scale for centre in centres]
    # Now the nearest ones that stand a gap apart, or else as far as the box allows.
    reach = max(reach, width / 2 - theme.CORNER)
    gap = min(theme.PORT_GAP, 2 * reach / (len(rooms) - 1))
    packed = [gap * number for number in range(len(rooms))]
    return keep_distances(wishes, pulls, packed, (-reach, reach - packed[-1]))


def assemble_arrangement(
    grid: Grid, trails: list[list[float]], columns: list[float]
) -> Arrangement:
    """Put it all together, every box in the middle of its row's band."""
    bands = stack_bands(grid, trails)
    middles = [sum(bands[row]) / 2 for row in grid.rows]
    places = list(zip(columns, middles, strict=True))
    paths = []
    for (items, *_), trail in zip(grid.threads, trails, strict=True):
        (_, low), *between, (top, _) = (bands[grid.rows[item]] for item in items)
        leaves = middles[items[0]] + grid.heights[items[0]] / 2
        arrives = middles[items[-1]] - grid.heights[items[-1]] / 2
        bent = max(top - HEAD, (between[-1][1] + top) / 2)
        paths.append(bend_path(trail, [(leaves, low), *between, (bent, arrives)]))
    labels = tuple(places[thread.label] for thread in grid.threads)
    size = extent(columns, grid)[1], bands[-1][1]
    return Arrangement(*size, tuple(places[: grid.boxes]), labels, tuple(paths))


def stack_bands(grid: Grid, trails: list[list[float]]) -> list[Point]:
    """Return top and bottom of each row, further apart where links go far sideways."""
    heights = [0.0] * (max(grid.rows) + 1)
    for row, height in zip(grid.rows, grid.heights, strict=True):
        heights[row] = max(heights[row], height)
    above = [0.0] + [ROW_GAP] * max(grid.rows)
    for (items, *_), trail in zip(grid.threads, trails, strict=True):
        for item, (x, onward) in zip(items[1:], pairwise(trail), strict=True):
            way, row = abs(onward - x), grid.rows[item]
            tall = min(SLOPE * way, theme.TALLEST_GAP * ROW_GAP)
            above[row] = max(above[row], tall)
        fall = min(way, HEAD)
        above[row] = max(above[row], fall + max(tall, fall))
    bottoms = accumulate(map(sum, zip(above, heights, strict=True)))
    return [(b - height, b) for b, height in zip(bottoms, heights, strict=True)]


def bend_path(trail: list[float], spans: list[Point]) -> tuple[Point, ...]:
    """Return a path that falls straight within each span and bends only between two."""
    corners = [(x, y) for x, span in zip(trail, spans, strict=True) for y in span]
    path = corners[:1]
    for (x, y), (onward, below) in pairwise(corners):
        if below - y > ROUNDING:
            middle = (y + below) / 2
            path += [(x, middle), (onward, middle), (onward, below)]
    return tuple(path)
