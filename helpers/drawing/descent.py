"""Draw what a descent leaves behind: a path on a map, numbers over turns, pixels."""

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor
from torch.nn.functional import grid_sample

from ..language import Sentence, Text
from ..wording import describe_thing
from . import theme
from .curves import paint_figure
from .picture import CannotDraw, Picture
from .sampling import Number
from .text import align_columns

STEPS = 10  # of a table
MOST = 4  # things in one picture
LARGEST = 64  # rows of a square
LONGEST = 1e9  # number without a power of ten
DECADES = 100  # positive numbers span more than two
SHADES = 4  # of each colour: what the palette has
LEAST = 1e-6  # rise of a map
HUGE = 1e100  # what matplotlib has no ticks for, or nearly
EDGE, LEAST_EDGE = 0.25, 8  # around a path: a part of its extent, cells
LOOKS: tuple[dict[str, Any], ...] = (
    {"color": theme.RED, "ls": "-", "marker": "o"},
    {"color": theme.INK, "ls": "--", "marker": "s"},
    {"color": theme.GREY, "ls": "-.", "marker": "^"},
    {"color": theme.DARK, "ls": ":", "marker": "D"},
)

UNNAMED = Text(
    "{verb} draws up to {most} things, each with a name, but {count} came with one and "
    "{without} without; write {example}, for example.",
    "{verb} 最多画 {most} 样东西，每样都要有名字；收到有名字的 {count} 个，没有名字的 "
    "{without} 个。例如可以写 {example}。",
)
UNFIT = Text(
    "{name} is {came}, but {wanted}; write {example}, for example.",
    "{name} 收到的是：{came}；{wanted}。例如可以写 {example}。",
)
A_MAP = Text(
    "a matrix of finite heights with at least two rows and columns is expected",
    "这里需要由有限的高度组成的矩阵，至少两行两列",
)
A_PATH = Text(
    "a list of places is expected, each with two numbers, the first of them finite",
    "这里需要由位置组成的列表，每个位置两个数，第一个位置必须是有限的数",
)
A_LINE = Text(
    "a list of numbers is expected, the first of them finite",
    "这里需要由数组成的列表，第一个必须是有限的数",
)
A_SQUARE = Text(
    "as many finite numbers as a square has are expected, 64 for example, and 64 × 64 "
    "at most",
    "这里需要有限的数，个数要能排成正方形，例如 64 个，最多 64 × 64 个",
)
MAP = Text(
    "A map of {rows} × {columns} heights from {low} to {high}. {told}.",
    "{rows} × {columns} 个高度的地图，从 {low} 到 {high}。{told}。",
)
ON_MAP = Text(
    "{name}: {turns} turns, from {first} to {last}, lowest {low}, highest {high}",
    "{name}：{turns} 轮，从 {first} 到 {last}，最低 {low}，最高 {high}",
)
OFF_MAP = Text(
    "{name}: {turns} turns, from {first}, off the map in turn {end}",
    "{name}：{turns} 轮，从 {first} 出发，第 {end} 轮离开了地图",
)
LINES = Text("Numbers over turns. {told}.", "各轮的数。{told}。")
LINE = Text(
    "{name}: {turns} turns, from {first} to {last}, lowest {low}, highest {high}",
    "{name}：{turns} 轮，从 {first} 到 {last}，最低 {low}，最高 {high}",
)
BROKEN = Text(
    "{name}: {turns} turns, from {first}, ended by {value} in turn {end}",
    "{name}：{turns} 轮，从 {first} 出发，到第 {end} 轮为止：那里是 {value}",
)
PIXELS = Text(
    "Pixels: grey where positive, red with a minus where negative. {told}.",
    "像素图：正数是灰色，负数是红色并带减号。{told}。",
)
SQUARE = Text(
    "{name}: {side} × {side}, from {low} to {high}",
    "{name}：{side} × {side}，从 {low} 到 {high}",
)
SEMICOLON = Text("; ", "；")
TURN, HEIGHT = Text("turn", "轮"), Text("height", "高度")
OFF = Text("off the map", "地图之外")


def show_path(land: Tensor, /, *unnamed: object, **paths: Any) -> Picture:
    """Draw paths on a map of heights, as seen from above.

        show_path(land, path=places)

    `land` is a matrix of heights. One of the paths is a list of places, two numbers
    each, in cells: how far across, how far down. What lies between cells is
    interpolated. Up to four paths fit, none of them unnamed. Raises CannotDraw for all
    else.
    """
    example = "show_path(land, path=places)"
    heights = read_numbers(land)
    fits = (
        heights.ndim == 2 and min(heights.shape) >= 2 and (np.abs(heights) < HUGE).all()
    )
    require(fits, "land", land, A_MAP, example)
    ways = {}
    for name, places in check_names("show_path", unnamed, paths, example).items():
        way = read_numbers(places)
        fits = way.ndim == 2 and way.shape[1] == 2 and is_on_map(way[0], heights)
        require(fits, name, places, A_PATH, example)
        ways[name] = way
    levels = {name: measure_heights(heights, way) for name, way in ways.items()}
    told = tell_lines(levels, ON_MAP, OFF_MAP)
    (rows, columns), low, high = heights.shape, heights.min(), heights.max()
    spoken = {"low": Number(low), "high": Number(high), "told": told}
    alt = MAP(rows=rows, columns=columns, **spoken)
    draw = partial(draw_map, heights, ways)
    return make_figure(theme.MAP_HEIGHT, draw, alt, tabulate_paths(ways, levels))


def show_turns(*unnamed: object, **lines: Any) -> Picture:
    """Draw numbers over the turns of a loop, such as its losses.

        show_turns(loss=losses)

    One of the lines is a list of numbers, one a turn; it ends where one is not finite.
    Up to four fit, none of them unnamed. Large and small positive numbers get a
    logarithmic scale. Raises CannotDraw for all else.
    """
    example = "show_turns(loss=losses)"
    read = {}
    for name, numbers in check_names("show_turns", unnamed, lines, example).items():
        line = read_numbers(numbers)
        fits = line.ndim == 1 and line.size > 0 and abs(line[0]) < HUGE
        require(fits, name, numbers, A_LINE, example)
        read[name] = line
    alt = LINES(told=tell_lines(read, LINE, BROKEN))
    rows = [[name, *map(write, line)] for name, line in read.items()]
    table = tabulate_turns(rows)
    return make_figure(theme.TANGENT_HEIGHT, partial(draw_turns, read), alt, table)


def show_pixels(*unnamed: object, **squares: Any) -> Picture:
    """Draw numbers as the pixels of squares: an image, weights, their gradient.

        show_pixels(w=w, gradient=w.grad)

    One of the squares is a matrix, or a vector that is cut into rows. The darkest pixel
    of each is its largest number. Up to four fit, none of them unnamed. Raises
    CannotDraw for all else.
    """
    example = "show_pixels(w=w, gradient=w.grad)"
    read = {}
    for name, numbers in check_names("show_pixels", unnamed, squares, example).items():
        flat = read_numbers(numbers).ravel()
        side = math.isqrt(flat.size)
        square = flat.size == side * side and 0 < side <= LARGEST
        fits = square and (np.abs(flat) < HUGE).all()
        require(fits, name, numbers, A_SQUARE, example)
        read[name] = flat.reshape(side, side)
    told = SEMICOLON().join(tell_square(*each) for each in read.items())
    table = "\n".join(line for each in read.items() for line in tabulate_pixels(*each))
    draw = partial(draw_pixels, read)
    return make_figure(theme.PIXELS_HEIGHT, draw, PIXELS(told=told), table)


def make_figure(height: float, draw: Any, alt: Sentence, table: str) -> Picture:
    return Picture(partial(paint_figure, height, draw), f"{alt}\n{table}", alt)


# ---------------------------------------------------------------- what came


def check_names(
    verb: str, unnamed: tuple, named: Mapping[str, Any], example: str
) -> Mapping[str, Any]:
    """Return what came with a name; raise CannotDraw if anything came without."""
    count, without = len(named), len(unnamed)
    if without or not 0 < count <= MOST:
        words = {"count": count, "without": without, "example": example}
        raise CannotDraw(UNNAMED(verb=verb, most=MOST, **words))
    return named


def read_numbers(thing: Any) -> np.ndarray:
    """Copy numbers into an array; an empty one, if they are none."""
    try:
        found = np.asarray(make_plain(thing))
    except (ValueError, TypeError, RuntimeError, OverflowError):
        return np.empty(0)
    return found.astype(float) if found.dtype.kind in "biuf" else np.empty(0)


def make_plain(thing: Any) -> Any:
    """Return a tensor, or a list with tensors in it, as plain numbers."""
    if isinstance(thing, Tensor):
        return thing.tolist()
    if isinstance(thing, list | tuple):
        return [make_plain(part) for part in thing]
    return float(thing) if isinstance(thing, int | float) else thing


def require(fits: Any, name: str, thing: Any, wanted: Text, example: str) -> None:
    """Raise CannotDraw with what was wanted, unless it fits."""
    if not fits:
        came = describe_thing(thing)
        words = {"name": name, "came": came, "wanted": wanted(), "example": example}
        raise CannotDraw(UNFIT(**words))


def is_on_map(place: np.ndarray, heights: np.ndarray) -> bool:
    """Tell whether a place, across and down, lies on the map."""
    limits = np.array(heights.shape[::-1]) - 1
    return bool(((place >= 0) & (place <= limits)).all())


def measure_heights(heights: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Return the height at each place of a path; nan from where it leaves the map."""
    inside = np.array([is_on_map(place, heights) for place in way])
    steps = int(np.argmin(inside)) if not inside.all() else len(way)
    limits = np.array(heights.shape[::-1]) - 1
    grid = torch.tensor(way[:steps] / limits * 2 - 1).view(1, 1, -1, 2)
    land = torch.tensor(heights)[None, None]
    found = grid_sample(land, grid, align_corners=True).flatten()
    return np.append(found.numpy(), np.full(len(way) - steps, math.nan))


# ---------------------------------------------------------------- in words


def write(number: float) -> str:
    return f"{Number(number)}"


def count_finite(line: np.ndarray) -> int:
    """Return how many numbers come before the first that cannot be drawn."""
    finite = np.abs(line) < HUGE  # nor is nan
    return len(line) if finite.all() else int(np.argmin(finite))


def tell_lines(lines: Mapping[str, np.ndarray], whole: Text, broken: Text) -> str:
    """Say of each line where it starts and ends."""
    return SEMICOLON().join(
        tell_line(name, line, whole, broken) for name, line in lines.items()
    )


def tell_line(name: str, line: np.ndarray, whole: Text, broken: Text) -> Sentence:
    end = count_finite(line)
    words = {"name": name, "turns": len(line) - 1, "first": Number(line[0])}
    if end < len(line):
        return broken(**words, end=end, value=Number(line[end]))
    low, high = Number(line.min()), Number(line.max())
    return whole(**words, last=Number(line[-1]), low=low, high=high)


def tell_square(name: str, square: np.ndarray) -> Sentence:
    low, high = Number(square.min()), Number(square.max())
    return SQUARE(name=name, side=len(square), low=low, high=high)


def tabulate_turns(columns: list[list[str]]) -> str:
    """Write columns, each a name and what it is in all turns; not every turn fits."""
    last = max(map(len, columns)) - 2
    chosen = sorted({*range(0, last, math.ceil(max(last, 1) / STEPS)), last})
    lines = [[TURN(), *(column[0] for column in columns)]]
    for turn in chosen:
        cells = (it[turn + 1] if turn + 1 < len(it) else "" for it in columns)
        lines.append([f"{turn}", *cells])
    return "\n".join(align_columns(lines))


def tabulate_paths(
    ways: Mapping[str, np.ndarray], levels: Mapping[str, np.ndarray]
) -> str:
    """Write where each path is, and how high."""
    columns = []
    for name, way in ways.items():
        known = count_finite(levels[name])
        rest = [OFF()] * (len(way) - known)
        spots = (f"{across:.1f}, {down:.1f}" for across, down in way[:known])
        columns.append([name, *spots, *rest])
        columns.append([HEIGHT(), *map(write, levels[name][:known]), *[""] * len(rest)])
    return tabulate_turns(columns)


def tabulate_pixels(name: str, square: np.ndarray) -> Iterator[str]:
    """Write the name, then all numbers, to three digits of the largest."""
    largest = np.abs(square).max()
    whole = (square == square.round()).all()
    digits = 0 if whole else 2 - math.floor(math.log10(largest))
    how = f".{max(digits, 0)}f" if largest < LONGEST and digits < 7 else ".2e"
    # Adding 0 makes 0 of -0.
    rows = [[f"{round(it, digits) + 0:{how}}" for it in row] for row in square.tolist()]
    widest = max(len(cell) for row in rows for cell in row)
    yield name
    yield from ("  ".join(cell.rjust(widest) for cell in row) for row in rows)


# ---------------------------------------------------------------- as a picture


def mix(ink: str, part: float) -> tuple[float, ...]:
    """Return an ink on white paper: the colours that the palette has."""
    return tuple(np.array(to_rgb(ink)) * part + 1 - part)


def draw_turns(lines: Mapping[str, np.ndarray], figure: Figure) -> None:
    """Draw each line in a look of its own, up to its last finite number."""
    axes = figure.subplots()
    shown = {name: line[: count_finite(line)] for name, line in lines.items()}
    for (name, line), look in zip(shown.items(), LOOKS, strict=False):
        every = max(1, len(line) // 10)
        axes.plot(line, label=name, lw=1.6, ms=4, markevery=every, **look)
    numbers = np.concatenate([*shown.values()])
    if numbers.min() > 0 and numbers.max() > DECADES * numbers.min():
        axes.set_yscale("log")
    axes.set_xlabel("turn")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside upper left", ncols=MOST, frameon=False)


def draw_map(
    heights: np.ndarray, ways: Mapping[str, np.ndarray], figure: Figure
) -> None:
    """Draw the part of a map where the paths are, darker where it is higher."""
    axes = figure.subplots()
    left, right, top, bottom = find_window(heights, ways)
    part = heights[top : bottom + 1, left : right + 1]
    across, down = np.arange(left, right + 1), np.arange(top, bottom + 1)
    greys = [theme.WHITE, *(mix(theme.GREY, n / SHADES) for n in range(1, SHADES))]
    low, high = part.min(), part.max()
    high = max(high, low + max(abs(low), 1) * LEAST)  # of a plain
    levels = np.linspace(low, high, len(greys) + 1)
    filled = axes.contourf(
        across, down, part, levels=levels, colors=greys, antialiased=False
    )
    figure.colorbar(filled, ax=axes, format="%.4g")
    for (name, way), look in zip(ways.items(), LOOKS, strict=False):
        axes.plot(*way.T, label=name, lw=1.4, ms=3, **look)
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    axes.set(xlabel="place[0]", ylabel="place[1]")
    figure.legend(loc="outside upper left", ncols=MOST, frameon=False)


def find_window(
    heights: np.ndarray, ways: Mapping[str, np.ndarray]
) -> tuple[int, int, int, int]:
    """Return the columns and rows around all places that are on the map."""
    limits = np.array(heights.shape[::-1]) - 1
    places = np.concatenate([*ways.values()])
    places = places[np.isfinite(places).all(1)].clip(0, limits)
    first, last = places.min(0), places.max(0)
    edge = np.maximum((last - first) * EDGE, LEAST_EDGE)
    left, top = np.floor(first - edge).clip(0, limits - 1).astype(int)
    right, bottom = np.ceil(last + edge).clip(1, limits).astype(int)
    return int(left), int(right), int(top), int(bottom)


def draw_pixels(squares: Mapping[str, np.ndarray], figure: Figure) -> None:
    """Draw each square, its name above it."""
    panels = figure.subplots(1, len(squares), squeeze=False)[0]
    for axes, (name, square) in zip(panels, squares.items(), strict=True):
        axes.imshow(shade(square))
        axes.set(xticks=[], yticks=[])
        axes.spines[["top", "right"]].set_visible(True)
        axes.set_title(name)
        mark_negative(axes, square)


def shade(square: np.ndarray) -> np.ndarray:
    """Return the colour of each pixel: so many shades of grey, or of red below 0."""
    largest = np.abs(square).max() or 1.0
    parts = (np.abs(square) / largest * SHADES).round() / SHADES
    inks = np.where(square[..., None] < 0, to_rgb(theme.RED), to_rgb(theme.GREY))
    return inks * parts[..., None] + 1 - parts[..., None]


def mark_negative(axes: Axes, square: np.ndarray) -> None:
    """Write a minus on each red pixel, for who cannot tell red from grey."""
    largest = np.abs(square).max() or 1.0
    for row, column in np.argwhere(square < -largest / (2 * SHADES)):
        strong = square[row, column] < -0.6 * largest
        ink = theme.WHITE if strong else theme.INK
        how: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
        axes.text(column, row, "\N{MINUS SIGN}", size=8, **how)
