"""Draw what a descent leaves behind: a path on a map, numbers over turns, pixels."""

import math
from collections.abc import Iterable, Iterator, Mapping
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

from ..language import Sentence, Text, join_sentences
from ..wording import describe_thing
from . import theme
from .curves import paint_figure
from .picture import CannotDraw, Picture
from .sampling import Number
from .text import align_columns

STEPS = 10  # of a table
MOST = 4  # things in one picture
LARGEST = 64  # rows and columns of pixels
FINE = 16  # of them; with more, the picture is larger if there is room
SIGN, SIGN_PART = 8.0, 0.75  # in a pixel: points at most, a part of its width
NAN_SIGN, INF_SIGN = "\N{MULTIPLICATION SIGN}", "\N{INFINITY}"
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
PLAIN = Text(
    "a matrix of numbers is expected, or a vector with as many as a square has, 64 for "
    "example",
    "这里需要由数组成的矩阵，或者个数能排成正方形的向量，例如 64 个数",
)
TOO_LARGE = Text(
    "64 × 64 at most are drawn, a pixel for each number",
    "这里每个数画成一个像素，最多画 64 × 64 个",
)
GIANTS = Text(
    "only numbers up to 1e100 can be drawn, nan and inf besides",
    "这里只能画不超过 1e100 的数，以及 nan 和 inf",
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
OVER_TURNS = Text("Numbers over turns.", "各轮的数。")
LINES = Text("{told}.", "{told}。")
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
NOT_FINITE = Text("{sign} marks {kind}.", "{sign} 表示 {kind}。")
MATRIX = Text("{name}: {rows} × {columns}", "{name}：{rows} × {columns}")
RANGE = Text("from {low} to {high}", "从 {low} 到 {high}")
COMMA = Text(", ", "，")
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
    said = OVER_TURNS(), LINES(told=tell_lines(read, LINE, BROKEN))
    rows = [[name, *map(write, line)] for name, line in read.items()]
    # JupyterLab shows the first line of what is hidden: it is short, and tells nothing.
    table = f"{said[1]}\n{tabulate_turns(rows)}"
    draw, height = partial(draw_turns, read), theme.TANGENT_HEIGHT
    return make_figure(height, draw, join_sentences(said), table, said[0])


def show_pixels(*unnamed: object, **matrices: Any) -> Picture:
    """Draw numbers as pixels, a heat map: an image, weights, their gradient.

        show_pixels(w=w, gradient=w.grad)

    The matrices are of at most 64 × 64 numbers, or vectors: these are cut into the rows
    of a square, as is a matrix of one row or column where it can be. The darkest pixel
    of each is its largest number; nan and inf are marked. Up to four fit, none of them
    unnamed. Raises CannotDraw for all else.
    """
    example = "show_pixels(w=w, gradient=w.grad)"
    read = {}
    for name, numbers in check_names("show_pixels", unnamed, matrices, example).items():
        read[name] = read_matrix(name, numbers, example)
    told = SEMICOLON().join(tell_matrix(*each) for each in read.items())
    alt = join_sentences([PIXELS(told=told), *tell_signs(read.values())])
    table = "\n".join(line for each in read.items() for line in tabulate_pixels(*each))
    return make_figure(choose_height(read), partial(draw_pixels, read), alt, table)


def make_figure(
    height: float, draw: Any, alt: str, table: str, above: str = ""
) -> Picture:
    return Picture(partial(paint_figure, height, draw), f"{above or alt}\n{table}", alt)


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


def has_too_many(thing: Any) -> bool:
    """Tell whether a tensor holds more numbers than are drawn, without reading them."""
    try:
        return isinstance(thing, Tensor) and thing.numel() > LARGEST**2
    except RuntimeError:  # a kind of tensor that has no size
        return False


def read_matrix(name: str, thing: Any, example: str) -> np.ndarray:
    """Return what came as a matrix that can be drawn, or raise CannotDraw."""
    part = f"show_pixels({name}={name}{choose_part(thing)})"
    require(not has_too_many(thing), name, thing, TOO_LARGE, part)
    matrix = set_in_square(read_numbers(thing))
    require(matrix.ndim == 2 and matrix.size, name, thing, PLAIN, example)
    require(max(matrix.shape) <= LARGEST, name, thing, TOO_LARGE, part)
    giants = np.isfinite(matrix) & (np.abs(matrix) >= HUGE)
    require(not giants.any(), name, thing, GIANTS, example)
    return matrix


def choose_part(thing: Any) -> str:
    """Say in Python how to take a part that is small enough, or nearly so."""
    dims = thing.dim() if isinstance(thing, Tensor) else 1
    return "[0]" if dims > 2 else "[:64, :64]" if dims == 2 else "[:64]"


def set_in_square(numbers: np.ndarray) -> np.ndarray:
    """Return a matrix as it is, and all else as a square, if it has so many numbers."""
    side = math.isqrt(numbers.size)
    is_square = numbers.size == side * side
    is_matrix = numbers.ndim == 2 and min(numbers.shape) > 1
    return numbers.reshape(side, side) if is_square and not is_matrix else numbers


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


def tell_matrix(name: str, matrix: np.ndarray) -> str:
    """Say how large a matrix is and from where to where it goes."""
    rows, columns = matrix.shape
    finite = matrix[np.isfinite(matrix)]
    nans = int(np.isnan(matrix).sum())
    infs = matrix.size - finite.size - nans
    told: list[str] = [MATRIX(name=name, rows=rows, columns=columns)]
    if finite.size:
        told.append(RANGE(low=Number(finite.min()), high=Number(finite.max())))
    told += [f"{n} {kind}" for n, kind in ((nans, "nan"), (infs, "inf")) if n]
    return COMMA().join(told)


def tell_signs(matrices: Iterable[np.ndarray]) -> list[Sentence]:
    """Say what the signs of numbers that are not finite mean, if there are any."""
    flat = np.concatenate([matrix.ravel() for matrix in matrices])
    signs = {"nan": (NAN_SIGN, np.isnan(flat)), "inf": (INF_SIGN, np.isinf(flat))}
    return [
        NOT_FINITE(sign=sign, kind=kind)
        for kind, (sign, found) in signs.items()
        if found.any()
    ]


def choose_height(matrices: Mapping[str, np.ndarray]) -> float:
    """Return the height of a picture, in inches: large pixels need less."""
    if max(max(matrix.shape) for matrix in matrices.values()) <= FINE:
        return theme.PIXELS_HEIGHT
    each = theme.CURVE_WIDTH / len(matrices)
    return min(max(each, theme.PIXELS_HEIGHT), theme.MAP_HEIGHT)


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
    finite = square[np.isfinite(square)]
    largest = find_largest(square)
    whole = (finite == finite.round()).all()
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
    """Draw each matrix, its name above it."""
    panels = figure.subplots(1, len(squares), squeeze=False)[0]
    room = 72 * min(figure.get_figheight(), figure.get_figwidth() / len(squares))
    for axes, (name, square) in zip(panels, squares.items(), strict=True):
        axes.imshow(shade(square))
        axes.set(xticks=[], yticks=[])
        axes.spines[["top", "right"]].set_visible(True)
        axes.set_title(name)
        mark_pixels(axes, square, room / max(square.shape))


def find_largest(numbers: np.ndarray) -> float:
    """Return the largest absolute value that is finite; 0 if there is none."""
    return float(np.abs(numbers[np.isfinite(numbers)]).max(initial=0.0))


def shade(square: np.ndarray) -> np.ndarray:
    """Return the colour of each pixel: so many shades of grey, or of red below 0.

    What is infinite is as dark as the largest number, and nan is white.
    """
    largest = find_largest(square) or 1.0
    square = np.nan_to_num(square, nan=0.0, posinf=largest, neginf=-largest)
    parts = (np.abs(square) / largest * SHADES).round() / SHADES
    inks = np.where(square[..., None] < 0, to_rgb(theme.RED), to_rgb(theme.GREY))
    return inks * parts[..., None] + 1 - parts[..., None]


def mark_pixels(axes: Axes, square: np.ndarray, width: float) -> None:
    """Write a minus on each red pixel, for who cannot tell red from grey.

    One that is not finite gets its sign. A pixel is so many points wide.
    """
    largest = find_largest(square) or 1.0
    below = square < -largest / (2 * SHADES)
    for row, column in np.argwhere(below | ~np.isfinite(square)):
        number = square[row, column]
        strong = np.isinf(number) or number < -0.6 * largest
        ink = theme.WHITE if strong else theme.INK
        how: dict[str, Any] = {"ha": "center", "va": "center", "color": ink}
        sign = write_sign(number)
        size = min(SIGN, SIGN_PART * width / len(sign))
        axes.text(column, row, sign, size=size, **how)


def write_sign(number: float) -> str:
    """Write what stands on a pixel."""
    if math.isnan(number):
        return NAN_SIGN
    minus = "\N{MINUS SIGN}" if number < 0 else ""
    return minus + (INF_SIGN if math.isinf(number) else "")
