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
from itertools import accumulate, count, islice, pairwise

from .theme import (
    BOX_GAP,
    CORNER,
    HEAD,
    LABEL_HEIGHT,
    LINE_GAP,
    PORT_GAP,
    ROW_GAP,
    TALLEST_GAP,
)

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
Ports = dict[tuple[int, int], float]  # (link, box): from the box's middle, to the right
Ties = dict[int, list[tuple[int, float]]]  # item: others, and how hard they pull
View = tuple[float, float]  # x: nothing stands left of the first, right of the second
ENDLESS = (-math.inf, math.inf)


@dataclass(frozen=True)
class Box:
    """Describe a box to place; lengths in points."""

    width: float
    height: float


@dataclass(frozen=True)
class Link:
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


@dataclass(frozen=True)
class Grid:
    """Hold all that is known before anything moves. Items are the boxes, then slots."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    rows: list[int]  # of each box: even, because the odd rows hold labels
    threads: list[tuple[int, ...]]  # of each link: source, its slots, target
    labels: list[int]  # of each link: where in its thread the label is
    widths: list[float]  # of each item
    rooms: list[float]  # of each item: its width and the gap to the next
    pulls: list[float]  # of each link, on the boxes at its ends


def arrange(
    boxes: Sequence[Box], links: Sequence[Link], *, widest: float = math.inf
) -> Arrangement:
    """Place boxes in rows, sources above targets, and lead each link around the rest.

    A box stands as many rows above the bottom as its longest path to an output has
    links; a label stands right above the target of its link. Where that is wider than
    `widest` (points), boxes move up to further rows and labels to their sources, as far
    as it helps. Raises ValueError for a link that does not lead from an earlier box to
    a later one, for a number that is negative or not finite, and where `widest` is
    not more than 0.
    """
    check_input(boxes, links, widest)
    if not boxes:
        return Arrangement(0.0, 0.0, (), (), ())
    for limit in (math.inf, widest):
        grid = plan_grid(tuple(boxes), tuple(links), limit)
        rows = order_rows(grid)
        columns = place_columns(grid, rows, limit)
        if extent(columns, grid.widths)[1] <= widest:
            break
    return assemble_arrangement(grid, spread_ports(grid, rows), columns)


# What comes in


def check_input(boxes: Sequence[Box], links: Sequence[Link], widest: float) -> None:
    if not widest > 0:
        raise ValueError(
            f"widest={widest} came, but no picture fits; give more than 0."
        )
    for given in (*boxes, *links):
        if not all(math.isfinite(n) and n >= 0 for n in vars(given).values()):
            raise ValueError(
                f"{given} came, but each of its numbers must be finite and at least 0; "
                "look at what measured or counted it."
            )
    for link in links:
        if not link.source < link.target < len(boxes):
            raise ValueError(
                f"{link} came, but a link must lead from an earlier to a later one of "
                f"the {len(boxes)} boxes; list them in topological order, from 0."
            )


def plan_grid(boxes: tuple[Box, ...], links: tuple[Link, ...], widest: float) -> Grid:
    """Give every box its row, every link its slots and every item its room."""
    depths = longest_paths(len(boxes), links)
    rows = assign_rows(boxes, links, depths, widest)
    fresh = count(len(boxes))
    threads = [
        (k.source, *islice(fresh, rows[k.target] - rows[k.source] - 1), k.target)
        for k in links
    ]
    slots = next(fresh) - len(boxes)
    labels = place_labels(links, rows, widest)
    widths = [box.width for box in boxes] + [0.0] * slots
    for link, thread, step in zip(links, threads, labels, strict=True):
        widths[thread[step]] = link.label_width
    padding = [BOX_GAP] * len(boxes) + [LINE_GAP] * slots
    rooms = [width + gap for width, gap in zip(widths, padding, strict=True)]
    strengths = weigh_links(rows, links, depths)
    return Grid(boxes, links, rows, threads, labels, widths, rooms, strengths)


def longest_paths(boxes: int, links: Sequence[Link]) -> list[int]:
    """Return how many links the longest path down to each box has."""
    depths = [0] * boxes
    for link in sorted(links, key=lambda link: link.target):
        depths[link.target] = max(depths[link.target], depths[link.source] + 1)
    return depths


def assign_rows(boxes, links, depths: list[int], widest: float) -> list[int]:
    """Return the row of each box: even ones, the highest is 0.

    Rows are filled from the lowest up, with boxes whose targets all stand lower. What
    finds no room is the first in the next row; leaves go last, they move nobody else.
    """
    heights, sources = {}, [[] for _ in boxes]
    for link in links:
        sources[link.target].append(link.source)
    uses = Counter(link.source for link in links)
    loads = loads_of(boxes, links, uses)
    waiting, passing = Counter(uses), 0  # passing by: links whose source has no row yet
    ready = [box for box in reversed(range(len(boxes))) if not uses[box]]
    for height in count():
        row = fill_row(ready, loads, LINE_GAP * passing, widest + LINE_GAP)
        ready, fresh = ready[len(row) :], []
        for box in row:
            heights[box] = height
            passing += len(sources[box]) - uses[box]
            waiting.subtract(sources[box])
            fresh += [s for s in dict.fromkeys(sources[box]) if not waiting[s]]
        ready += sorted(fresh, key=lambda box: (-depths[box], -box))
        if not ready:
            return [2 * (height - heights[box]) for box in range(len(boxes))]


def loads_of(boxes, links, uses: Mapping[int, int]) -> list[float]:
    """Return what each box adds to the width of its row, or of the labels above it.

    Its own links no longer pass by.
    """
    above: Counter = Counter()
    for link in links:
        above[link.target] += link.label_width + LINE_GAP
    return [
        max(size.width + BOX_GAP, above[box]) - LINE_GAP * uses[box]
        for box, size in enumerate(boxes)
    ]


def fill_row(
    ready: list[int], loads: list[float], passing: float, widest: float
) -> list[int]:
    """Return as many of the first boxes as fit into a row, but at least one.

    Where not even one fits beside the links that pass, boxes get as much room as those.
    """
    size, width = 1, passing + loads[ready[0]]
    if width > widest:
        widest = max(width, 2 * passing)
    for box in ready[1:]:
        width += loads[box]
        if width > widest:
            break
        size += 1
    return ready[:size]


def place_labels(links: Sequence[Link], rows: list[int], widest: float) -> list[int]:
    """Return the step of each link's thread that bears its label.

    That is the last one; but the first, if it has room, where the last is crowded.
    """
    loads, full, steps = Counter(), widest + LINE_GAP, []
    for link in links:
        for row in range(rows[link.source] + 1, rows[link.target], 2):
            loads[row] += LINE_GAP
        loads[rows[link.target] - 1] += link.label_width
    crowded = {row for row, load in loads.items() if load > full}
    for link in links:
        first, last = rows[link.source] + 1, rows[link.target] - 1
        room = max(full, loads[last] - link.label_width)
        moves = last in crowded and loads[first] + link.label_width <= room
        loads[first if moves else last] += link.label_width
        loads[last] -= link.label_width
        steps.append(1 if moves else last - first + 1)
    return steps


def weigh_links(
    rows: list[int], links: tuple[Link, ...], depths: list[int]
) -> list[float]:
    """Return how hard each link pulls: hardest where a longest path has no detour."""
    deepest = max(depths)
    spine = {box for box, depth in enumerate(depths) if depth == deepest}
    for link in sorted(links, key=lambda link: -link.target):
        if link.target in spine and depths[link.target] - depths[link.source] == 1:
            spine.add(link.source)

    def strength(source: int, target: int) -> float:
        if depths[target] - depths[source] > 1:
            return PLAIN
        if source in spine and target in spine:
            return SPINE
        return BRANCH if rows[target] - rows[source] == 2 else PLAIN

    return [strength(k.source, k.target) * max(k.weight, FAINT) for k in links]


# Who stands left of whom


def order_rows(grid: Grid) -> Rows:
    """Return all rows, sorted for few crossings; the best of several sweeps is kept."""
    above, below = neighbours(grid)
    start = best = order_depth_first(grid)
    fewest = count_crossings(start, below)
    for upwards in (False, True):  # the second time, begin with a sweep upwards
        rows = start
        for turn in range(ORDER_SWEEPS):
            if fewest == 0:
                break
            swap = turn // 2 == 2  # the third round swaps ties, to get unstuck
            if turn % 2 == upwards:
                rows = sort_by_barycenter(rows, above, swap)
            else:
                rows = sort_by_barycenter(rows[::-1], below, swap)[::-1]
            found = count_crossings(rows, below)
            best, fewest = (rows, found) if found < fewest else (best, fewest)
    return add_label_rows(best, grid)


def neighbours(grid: Grid) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Return what each item meets in the rows of boxes above and below its own."""
    above, below = defaultdict(list), defaultdict(list)
    for thread in grid.threads:
        for upper, lower in pairwise(thread[::2]):
            above[lower].append(upper)
            below[upper].append(lower)
    return above, below


def order_depth_first(grid: Grid) -> Rows:
    """Return a first order: walk depth first up from every output, inputs in order."""
    rows: Rows = [[] for _ in range(max(grid.rows) // 2 + 1)]
    incoming = defaultdict(list)
    for thread in reversed(grid.threads):
        incoming[thread[-1]].append(thread)
    unseen = {thread[0] for thread in grid.threads}
    for output in [box for box in range(len(grid.boxes)) if box not in unseen]:
        rows[grid.rows[output] // 2].append(output)
        waiting = list(incoming[output])
        while waiting:
            source, *slots, _ = waiting.pop()
            for row, slot in enumerate(slots[1::2], grid.rows[source] // 2 + 1):
                rows[row].append(slot)
            if source in unseen:
                unseen.remove(source)
                rows[grid.rows[source] // 2].append(source)
                waiting += incoming[source]
    return rows


def places(rows: Rows) -> dict[int, int]:
    return {item: place for row in rows for place, item in enumerate(row)}


def sort_by_barycenter(rows: Rows, tied: dict[int, list[int]], swap: bool) -> Rows:
    """Sort row after row by barycenter: the mean place of what an item is tied to."""
    place, result = places(rows), []
    for row in rows:
        means = {
            item: sum(map(place.__getitem__, tied[item])) / len(tied[item])
            for item in (reversed(row) if swap else row)
            if item in tied
        }
        moved = iter(sorted(means, key=means.__getitem__))
        fresh = [next(moved) if item in means else item for item in row]
        place.update(places([fresh]))
        result.append(fresh)
    return result


def count_crossings(rows: Rows, below: dict[int, list[int]]) -> int:
    """Count the pairs of links whose two ends come in opposite orders."""
    place, crossed = places(rows), 0
    for row in rows:
        passed: list[int] = []
        for item in row:
            for end in sorted(place[other] for other in below.get(item, ())):
                position = bisect_right(passed, end)
                crossed += len(passed) - position
                passed.insert(position, end)
    return crossed


def add_label_rows(rows: Rows, grid: Grid) -> Rows:
    """Put rows of labels in between, each slot halfway between what it joins."""
    place, middle = places(rows), {}
    merged: Rows = [[] for _ in range(2 * len(rows) - 1)]
    merged[::2] = rows
    for thread in grid.threads:
        for step in range(1, len(thread), 2):
            middle[thread[step]] = place[thread[step - 1]] + place[thread[step + 1]]
            merged[grid.rows[thread[0]] + step].append(thread[step])
    for row in merged[1::2]:
        row.sort(key=middle.__getitem__)
    return merged


# Where links meet boxes


def spread_ports(grid: Grid, rows: Rows) -> Ports:
    """Give links their places at the edges of boxes, in the order of their slots."""
    place, ports = places(rows), {}
    meeting = defaultdict(list)
    for number, thread in enumerate(grid.threads):
        for end, slot in ((0, thread[1]), (-1, thread[-2])):
            meeting[end, thread[end]].append((place[slot], slot, number))
    for (_, box), met in meeting.items():
        _, slots, numbers = zip(*sorted(met), strict=True)
        width = grid.boxes[box].width
        rooms = [grid.rooms[slot] for slot in slots]
        weights = [grid.pulls[number] for number in numbers]
        for number, offset in zip(
            numbers, port_offsets(rooms, weights, width), strict=True
        ):
            ports[number, box] = offset
    return ports


def port_offsets(rooms: list[float], weights: list[float], width: float) -> list[float]:
    """Return offsets as wide as the slots if the box is, the spine in the middle."""
    if len(rooms) == 1:
        return [0.0]
    centres, reach = pack_centres(rooms), PORT_REACH * width
    weighted = zip(centres, weights, strict=True)
    middle = sum(centre * weight for centre, weight in weighted) / sum(weights)
    furthest = max(middle - centres[0], centres[-1] - middle)
    scale = min(1.0, reach / furthest)
    # Now the nearest ones that stand a gap apart, or else as far as the box allows.
    reach = max(reach, width / 2 - CORNER)
    gap = min(PORT_GAP, 2 * reach / (len(rooms) - 1))
    steps = [gap * number for number in range(len(rooms))]
    wishes = [(c - middle) * scale - s for c, s in zip(centres, steps, strict=True)]
    shifts = zip(steps, isotonic_regression(wishes, weights), strict=True)
    return [step + min(max(s, -reach), reach - steps[-1]) for step, s in shifts]


def pack_centres(rooms: list[float]) -> list[float]:
    """Return the centres of items that stand side by side."""
    return [end - room / 2 for end, room in zip(accumulate(rooms), rooms, strict=True)]


def isotonic_regression(values: list[float], weights: list[float]) -> list[float]:
    """Return the nearest sequence that never falls: pool adjacent violators."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        size = 1
        while pools and pools[-1][0] >= value:
            other, heft, members = pools.pop()
            value = (value * weight + other * heft) / (weight + heft)
            weight, size = weight + heft, size + members
        pools.append((value, weight, size))
    return [value for value, _, size in pools for _ in range(size)]


# How far to the right


def place_columns(grid: Grid, rows: Rows, widest: float) -> list[float]:
    """Return the x of every item, from 0, and move rows that reach too far right."""
    columns = settle_columns(grid, rows, [0.0] * len(grid.rooms), ENDLESS)
    left, right = extent(columns, grid.widths)
    if right - left > widest:
        columns = settle_columns(grid, rows, columns, (left, left + widest))
        left, _ = extent(columns, grid.widths)
    return [x - left for x in columns]


def extent(columns: list[float], widths: list[float]) -> View:
    ends = [(x - w / 2, x + w / 2) for x, w in zip(columns, widths, strict=True)]
    return min(left for left, _ in ends), max(right for _, right in ends)


def settle_columns(
    grid: Grid, rows: Rows, columns: list[float], view: View
) -> list[float]:
    """Move items in sweeps down and up, each row by least squares; return their x."""
    above, below = ties(grid)
    lines = [(row, pack_centres([grid.rooms[item] for item in row])) for row in rows]
    for sweep in range(COLUMN_SWEEPS):
        for row, centres in lines if sweep % 2 == 0 else reversed(lines):
            settle_row(row, centres, below if sweep % 2 else above, columns, view, grid)
    columns = straighten_links(columns, grid, rows)
    # The label of a box's only link hangs right below it if it can: one bend fewer.
    uses = Counter(thread[0] for thread in grid.threads)
    hanging = {thread[1] for thread in grid.threads if uses[thread[0]] == 1}
    for row, centres in lines[1::2]:
        pulled = {s: above[s] if s in hanging else [(s, FIXED)] for s in row}
        settle_row(row, centres, pulled, columns, view, grid)
    return straighten_links(columns, grid, rows)


def ties(grid: Grid) -> tuple[Ties, Ties]:
    """Return what pulls at each item from above and from below."""
    above, below = defaultdict(list), defaultdict(list)
    for thread, pull in zip(grid.threads, grid.pulls, strict=True):
        for upper, lower in pairwise(thread):
            above[lower].append((upper, pull))
            below[upper].append((lower, pull))
    return above, below


def settle_row(
    row, centres, pulled: Ties, columns: list[float], view: View, grid
) -> None:
    """Move the items of a row as near to where they are pulled as their room allows."""
    if not row:
        return  # no label between two rows of boxes
    wishes, weights = [], []
    for item, centre in zip(row, centres, strict=True):
        weight = wish = 0.0
        for other, pull in pulled.get(item, ()):
            weight += pull
            wish += pull * columns[other]
        wishes.append((wish / weight if weight else columns[item]) - centre)
        weights.append(weight or FAINT)
    low = view[0] - centres[0] + grid.widths[row[0]] / 2
    high = view[1] - centres[-1] - grid.widths[row[-1]] / 2
    shifts = isotonic_regression(wishes, weights)
    for item, centre, shift in zip(row, centres, shifts, strict=True):
        columns[item] = centre + min(max(shift, low), high)


def straighten_links(columns: list[float], grid: Grid, rows: Rows) -> list[float]:
    """Make long links vertical beside their label, with a jog where room lacks."""
    columns, marked = list(columns), zip(grid.threads, grid.labels, strict=True)
    runs = [t[2:-1] if k == 1 else t[1:-2] for t, k in marked if len(t) > 4]
    right = {item: other for row in rows if runs for item, other in pairwise(row)}
    left = {other: item for item, other in right.items()}

    def limit(slot: int, side: dict[int, int], sign: int) -> float:
        if slot not in side:
            return sign * math.inf
        room = (grid.rooms[slot] + grid.rooms[side[slot]]) / 2
        return columns[side[slot]] - sign * room

    for run in runs + runs[::-1]:  # back again: by then others have made way
        spans = [(limit(slot, left, -1), limit(slot, right, 1)) for slot in run]
        for start, stop, lowest, highest in stretches(spans):
            middle = median(columns[slot] for slot in run[start:stop])
            for slot in run[start:stop]:
                columns[slot] = min(max(middle, lowest), highest)
    return columns


def median(values: Iterable[float]) -> float:
    """Return the middle value, without the slow import of `statistics`."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return (ordered[half] + ordered[~half]) / 2


def stretches(spans: list[Point]) -> Iterator[tuple[int, int, float, float]]:
    """Yield as few stretches of overlapping spans as can be, with what they share."""
    start, lowest, highest = 0, -math.inf, math.inf
    for number, (low, high) in enumerate(spans):
        if number > start and max(low, lowest) > min(high, highest):
            yield start, number, lowest, highest
            start, lowest, highest = number, -math.inf, math.inf
        lowest, highest = max(low, lowest), min(high, highest)
    yield start, len(spans), lowest, highest


# What goes out


def assemble_arrangement(grid: Grid, ports: Ports, columns: list[float]) -> Arrangement:
    """Put it all together, every box in the middle of its row's band."""
    trails = [
        [columns[item] + ports.get((number, item), 0.0) for item in thread]
        for number, thread in enumerate(grid.threads)
    ]
    bands = stack_bands(grid, trails)
    boxes = [(columns[box], sum(bands[row]) / 2) for box, row in enumerate(grid.rows)]
    labels, paths = [], []
    for thread, step, trail in zip(grid.threads, grid.labels, trails, strict=True):
        source, target = thread[0], thread[-1]
        top, *between, bottom = bands[grid.rows[source] : grid.rows[target] + 1]
        labels.append((columns[thread[step]], sum(between[step - 1]) / 2))
        leaves = boxes[source][1] + grid.boxes[source].height / 2
        arrives = boxes[target][1] - grid.boxes[target].height / 2
        bent = max(bottom[0] - HEAD, (between[-1][1] + bottom[0]) / 2)
        paths.append(bend_path(trail, [(leaves, top[1]), *between, (bent, arrives)]))
    width = extent(columns, grid.widths)[1]
    return Arrangement(width, bands[-1][1], tuple(boxes), tuple(labels), tuple(paths))


def stack_bands(grid: Grid, trails: list[list[float]]) -> list[Point]:
    """Return top and bottom of each row, further apart where links go far sideways."""
    heights = [0.0] * (max(grid.rows) + 1)
    above = [0.0] + [ROW_GAP] * max(grid.rows)
    for box, row in zip(grid.boxes, grid.rows, strict=True):
        heights[row] = max(heights[row], box.height)
    for link, step, trail in zip(grid.links, grid.labels, trails, strict=True):
        first, last = grid.rows[link.source], grid.rows[link.target]
        if link.label_width > 0:
            heights[first + step] = LABEL_HEIGHT
        for row, (x, onward) in enumerate(pairwise(trail), first + 1):
            tall = min(SLOPE * abs(onward - x), TALLEST_GAP * ROW_GAP)
            above[row] = max(above[row], tall)
        fall = min(abs(trail[-1] - trail[-2]), HEAD)
        above[last] = max(above[last], fall + max(tall, fall))
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
