"""Draw what a graph cannot show: a curve with its tangent, a slope that jumps."""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

from ..language import Text
from ..wording import describe_thing
from . import theme
from .picture import CannotDraw, Picture
from .png import encode_png
from .sampling import Curve, Number, Probe, Sample, run_guarded, sample_curve
from .text import align_columns, write_count

ROWS = 9  # of a table
LEAST = 1e-12  # of a place; a smaller step is lost in rounding
CHARACTER = 0.016  # of the width
DECADES = 100  # the slopes span more than two
OFF = "axes.spines.top", "axes.spines.right", "axes.formatter.useoffset"
LOOK = {"svg.hashsalt": "autograd course", **dict.fromkeys(OFF, False)}
THIN: dict[str, Any] = {
    "lw": 1.3,
    "ms": 6,
    "markevery": slice(1, -1),
}  # no marker at the margins
LINES: tuple[dict[str, Any], ...] = (
    {"color": theme.RED, "ls": "-", "marker": "o", **THIN},
    {"color": theme.DARK, "ls": "--", "marker": "s", **THIN},
)

NOT_A_NUMBER = Text(
    "{name} is {came}, but a finite number{above} is expected; write one.",
    "{name} 收到的是：{came}；这里需要一个有限的数{above}，请改写。",
)
ABOVE_LEAST = Text(" above {least}", "（大于 {least}）")
TANGENT = Text(
    "{call} from {start} to {stop} with its tangent at {place}: value {value}, slope "
    "by autograd {slope}.",
    "{call} 从 {start} 到 {stop}，以及 {place} 处的切线：值 {value}，autograd 给出的"
    "斜率 {slope}。",
)
SECANT = Text(
    " Secant, {start} to {stop}: slope by trying {slope}, off by {off}.",
    "从 {start} 到 {stop} 的割线：斜率 {slope}，相差 {off}。",
)
SLOPES = Text(
    "{call} above, its slope below, from {start} to {stop}: {counts}.",
    "上方是 {call}，下方是它的斜率，从 {start} 到 {stop}：{counts}。",
)
PIECES = Text("1 piece", "1 段"), Text("{n} pieces", "{n} 段")
JUMPS = Text("1 jump", "1 处跳跃"), Text("{n} jumps", "{n} 处跳跃")
GAPS = Text("1 gap", "1 处空缺"), Text("{n} gaps", "{n} 处空缺")
COMMA = Text(", ", "，")
SLOPE, HERE = Text("slope", "斜率"), Text("{place}", "{place}")
BELOW = Text("just below {place}", "略小于 {place}")
ABOVE = Text("just above {place}", "略大于 {place}")
GAP = Text("after a gap, {place}", "空缺之后 {place}")


def show_tangent(
    f: Callable[[Tensor], Tensor], x0: float, *, h: float | None = None
) -> Picture:
    """Draw the curve of `f` and its tangent at `x0`, with the slope of autograd.

        show_tangent(lambda x: x**2, 2.0, h=0.5)

    With `h`, draw the secant through x0 - h and x0 + h too: the slope found by trying.
    `f` takes and returns one number, a float64 tensor. Raises CannotDraw for all else.
    """
    x0 = require_finite("x0", x0)
    h = None if h is None else require_finite("h", h, above=abs(x0) * LEAST)
    wide = max(abs(x0) / 2, 2 * (h or 0)) or 1.0
    places = [x0] if h is None else [x0, x0 - h, x0 + h]
    curve, table, (here, *tried) = read_curve(f, x0 - wide, x0 + wide, places)
    lines = {f"{curve.name}\u2032({here.place})": (here.slope, [here])}
    start, stop = (end.place for end in curve.ends)
    alt: str = TANGENT(call=curve.call, start=start, stop=stop, **vars(here))
    if tried:
        left, right = tried
        slope = Number((right.value - left.value) / (right.place - left.place))
        lines[f"\u0394{curve.name}/\u0394{curve.variable}"] = slope, tried
        off = Number(slope - here.slope)
        alt += SECANT(start=left.place, stop=right.place, slope=slope, off=off)
    draw = partial(draw_tangent, curve, lines)
    paint = partial(paint_figure, theme.TANGENT_HEIGHT, draw)
    return Picture(paint, f"{alt}\n{table}", alt)


def show_slopes(f: Callable[[Tensor], Tensor], start: float, stop: float) -> Picture:
    """Draw `f` from `start` to `stop`, and below it the slope that autograd gives.

        show_slopes(torch.sin, 0.0, 6.3)

    Where value or slope jumps, the line is cut, with a disc at what holds in the very
    place. Of several jumps between two of 240 samples, small ones may be missed. Takes
    and raises what show_tangent does.
    """
    start = require_finite("start", start)
    stop = require_finite("stop", stop, above=start)
    curve, table, _ = read_curve(f, start, stop)
    first, last = (end.place for end in curve.ends)
    alt = SLOPES(call=curve.call, start=first, stop=last, counts=count_parts(curve))
    paint = partial(paint_figure, theme.SLOPES_HEIGHT, partial(draw_slopes, curve))
    return Picture(paint, f"{alt}\n{table}", alt)


def require_finite(name: str, value: Any, above: float = -math.inf) -> float:
    """Return an argument as a float above another one, or say that it is none."""
    try:
        place = float(value.detach() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        place = math.nan
    if isinstance(value, str) or not above < place < math.inf:
        least = ABOVE_LEAST(least=Number(above)) if above > -math.inf else ""
        came = describe_thing(value)
        raise CannotDraw(NOT_A_NUMBER(name=name, came=came, above=least))
    return place


def read_curve(
    f: Callable, start: float, stop: float, places: Sequence[float] = ()
) -> tuple[Curve, str, list[Sample]]:
    """Run a function; return its curve, the table of that, and what is at `places`."""
    probe = Probe(f)

    def take_samples():
        samples = [probe.at(place) for place in places]
        curve = sample_curve(probe, start, stop)
        return curve, tabulate_curve(probe, curve), samples

    return run_guarded(lambda: probe.call, take_samples)


def count_parts(curve: Curve) -> str:
    """Count pieces, jumps and gaps."""
    jumps = sum(bool(each.changes) for each in curve.breaks)
    parts = {PIECES: len(curve.pieces), JUMPS: jumps, GAPS: len(curve.breaks) - jumps}
    return COMMA().join(write_count(n, *forms) for forms, n in parts.items() if n)


def is_straight(piece: Sequence[Sample]) -> bool:
    """Tell whether the slope is the same everywhere."""
    slopes = [sample.slope for sample in piece]
    return math.isclose(min(slopes), max(slopes), abs_tol=LEAST)


def tabulate_curve(probe: Probe, curve: Curve) -> str:
    """Write the ends of all pieces, and what is at and between them, as a table."""
    first, last = curve.ends
    places = np.linspace(first.place, last.place, ROWS)
    labels: dict[Sample | None, Text] = {}
    for piece in curve.pieces:
        start, stop = piece[0], piece[-1]
        inner = [p for p in places if start.place < p < stop.place]
        bent = [] if is_straight(piece) else map(probe.at, inner)
        labels |= dict.fromkeys([start, *bent, stop], HERE)
    for each in curve.breaks:
        jump = {each.before: BELOW, each.after: ABOVE, each.at: HERE}
        labels |= jump if each.changes else {each.after: GAP}
    lines: list[list[str]] = [[curve.variable, curve.call, SLOPE()]]
    for sample in sorted(filter(None, labels), key=lambda sample: sample.place):
        where = labels[sample](place=sample.place)
        lines.append([where, f"{sample.value}", f"{sample.slope}"])
    return "\n".join(align_columns(lines))


def paint_figure(height: float, draw: Callable[[Figure], None], kind: str) -> bytes:
    """Draw a figure as a "png" or an "svg", whatever style the learner has chosen."""
    with style.context(LOOK, after_reset=True):
        size = theme.CURVE_WIDTH, height
        figure = Figure(figsize=size, dpi=theme.DPI, layout="constrained")
        canvas = FigureCanvasAgg(figure)
        draw(figure)
        if kind == "png":
            canvas.draw()
            return encode_png(canvas.get_renderer())
        file = io.BytesIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
        return file.getvalue()


def draw_slopes(curve: Curve, figure: Figure) -> None:
    """Draw the curve above and its slope below; write the slope of straight pieces."""
    above, below = figure.subplots(2, 1, sharex=True)
    draw_curve(above, curve, "value", color=theme.INK, lw=1.8)
    draw_curve(below, curve, "slope", color=theme.RED, lw=1.8)
    above.set_ylabel(curve.call, color=theme.INK)
    below.set_ylabel(f"{curve.name}\u2032({curve.variable})", color=theme.RED)
    below.set_xlabel(curve.variable)
    straight = [piece for piece in curve.pieces if is_straight(piece)]
    sizes = [piece[0].slope for piece in straight]
    if straight == curve.pieces and max(sizes) > DECADES * min(sizes) > 0:
        below.set_yscale("log")
    below.margins(y=0.18)
    whole = curve.ends[1].place - curve.ends[0].place
    for left, right in ((piece[0], piece[-1]) for piece in straight):
        text, wide = f"{left.slope}", right.place - left.place
        if wide > len(text) * CHARACTER * whole:
            middle, above_it = (left.place + wide / 2, left.slope), (0, 4)
            place = {"xytext": above_it, "textcoords": "offset points", "ha": "center"}
            below.annotate(text, middle, color=theme.RED, **place)


def draw_tangent(curve: Curve, lines: Mapping[str, tuple], figure: Figure) -> None:
    """Draw the curve and some straight lines, with markers where they meet it."""
    axes = figure.subplots()
    draw_curve(axes, curve, "value", color=theme.INK, lw=2.4, label=curve.call)
    axes.set_ylim(axes.get_ylim())
    axes.set_xlabel(curve.variable)
    for (name, (slope, through)), look in zip(lines.items(), LINES, strict=False):
        places = [s.place for s in (curve.ends[0], *through, curve.ends[1])]
        x, y = through[0].place, through[0].value
        heights = [y + slope * (place - x) for place in places]
        axes.plot(places, heights, label=f"{name} = {slope}", **look)
    figure.legend(loc="outside upper left", ncols=3, frameon=False)


def draw_curve(axes: Axes, curve: Curve, what: str, **look: Any) -> None:
    """Draw each piece as one line, and at a jump in `what`, rings and a disc."""
    for piece in curve.pieces:
        heights = [getattr(sample, what) for sample in piece]
        axes.plot([sample.place for sample in piece], heights, **look)
        look.pop("label", None)  # one entry for all pieces
    for each in filter(lambda each: each.changes, curve.breaks):
        place, colour = each.after.place, look["color"]
        axes.axvline(place, color=theme.GREY, lw=0.6, ls=(0, (1, 3)), zorder=0)
        ends = {each.before: theme.WHITE, each.after: theme.WHITE, each.at: colour}
        for end in filter(None, ends if what in each.changes else ()):
            (dot,) = axes.plot(end.place, getattr(end, what), "o", mec=colour)
            dot.set(ms=5, mfc=ends[end], zorder=3)
