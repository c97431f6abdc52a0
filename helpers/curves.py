"""Draw what a graph cannot show: a curve with its tangent, a slope that jumps."""

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from matplotlib import rc_context, rcdefaults, rcParams
from torch import Tensor

from .language import Text
from .paint import DPI, compressed
from .picture import CannotDraw, Picture, kind
from .sampling import (
    POINTS,
    Break,
    Curve,
    NotFinite,
    Piece,
    Probe,
    Sample,
    curve_of,
    evenly,
    finite_or_not,
    patience,
    probe_for,
)
from .scene import DARK, GREY, INK, RED
from .tape import aligned, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FEWEST_POINTS, MOST_POINTS = 2, 10_000
ROWS = 9  # of a table
WIDTH = 6.4  # inches
CHARACTER = 0.016  # of the width
DECADES = 100  # the slopes span more than two
STYLE = {
    "svg.hashsalt": "autograd course",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.useoffset": False,
}

NOT_A_PLACE = Text(
    "{name} is {came}, but a finite number is expected; write one.",
    "{name} 是 {came}，但这里需要一个有限的数；请写一个数。",
)
NOT_POSITIVE = Text(
    "{name} is {came}, but a number above 0 is expected; write one.",
    "{name} 是 {came}，但这里需要大于 0 的数；请写一个正数。",
)
BACKWARDS = Text(
    "The interval goes from {start} to {stop}, but it must go upwards; give start "
    "below stop.",
    "区间从 {start} 到 {stop}，但必须从小到大；请让 start 小于 stop。",
)
BAD_POINTS = Text(
    "points is {came}, but a whole number from {fewest} to {most} is expected.",
    "points 是 {came}，但这里需要 {fewest} 到 {most} 之间的整数。",
)
TOO_SMALL = Text(
    "h is {h}, but no number lies between {at} - h and {at} + h; give a larger h.",
    "h 是 {h}，但 {at} - h 与 {at} + h 之间没有别的数；请把 h 取大一些。",
)
TANGENT = Text(
    "Curve of {call} from {start} to {stop}, with its tangent at {at}: slope {slope}.",
    "{call} 从 {start} 到 {stop} 的曲线，以及 {at} 处的切线：斜率 {slope}。",
)
SECANT = Text(
    "{alt} Beside it the secant from {left} to {right}: slope {slope}.",
    "{alt} 旁边是从 {left} 到 {right} 的割线：斜率 {slope}。",
)
SLOPES = Text(
    "{call} above and its slope below, from {variable} = {start} to {stop}: "
    "{pieces} piece(s), {breaks} break(s).",
    "上方是 {call}，下方是它的斜率，{variable} 从 {start} 到 {stop}："
    "共 {pieces} 段，{breaks} 处断开。",
)
SLOPE_AT = Text(
    "{at}: {call} = {value}, slope by autograd {slope}",
    "{at}：{call} = {value}，autograd 给出的斜率 {slope}",
)
SLOPE_TRIED = Text(
    "from {left} to {right}: slope by trying {slope}, off by {off}",
    "从 {left} 到 {right}：试出来的斜率 {slope}，相差 {off}",
)
TANGENT_HEAD = Text("tangent", "切线")
SECANT_HEAD = Text("secant", "割线")
PIECE = Text(
    "{variable} from {start} to {stop}: {name} from {first} to {last}, slope {slope}",
    "{variable} 从 {start} 到 {stop}：{name} 从 {first} 到 {last}，斜率 {slope}",
)
BETWEEN = Text("between {low} and {high}", "在 {low} 与 {high} 之间")
JUMP = Text(
    "at {variable} = {place}: {changes}", "在 {variable} = {place} 处：{changes}"
)
CHANGE = Text("{what} goes from {old} to {new}", "{what} 从 {old} 变为 {new}")
SLOPE = Text("slope", "斜率")
SIDES = {
    "": Text("", ""),
    "left": Text("; the place belongs to the left", "；该点属于左边"),
    "right": Text("; the place belongs to the right", "；该点属于右边"),
    "alone": Text(
        "; at the place itself {name} is {value}, slope {slope}",
        "；该点本身的 {name} 是 {value}，斜率 {slope}",
    ),
}
UNRESOLVED = Text(
    "{variable} from {start} to {stop}: left open, because there {name} or its slope "
    "jumps too often to tell, or grows without bound",
    "{variable} 从 {start} 到 {stop}：留空，因为 {name} 或它的斜率在那里跳跃过密，"
    "或无限增大",
)


@dataclass(frozen=True)
class Line:
    """Hold a straight line through one sample, a tangent, or through two, a secant."""

    slope: float
    through: tuple[Sample, ...]

    def height(self, place: float) -> float:
        """Return the line's value at a place."""
        start = self.through[0]
        return start.value + self.slope * (place - start.place)


# ---- the front --------------------------------------------------------------


def show_tangent(
    f: Callable[[Tensor], Tensor],
    x0: float,
    *,
    h: float | None = None,
    span: float | None = None,
) -> Picture:
    """Draw the curve of `f` and its tangent at `x0`, with the slope of autograd.

    With `h`, draw the secant through x0 - h and x0 + h as well: the slope that one
    finds by trying. `span` is how far the picture reaches to either side. `f` takes
    and returns one number, in a tensor. Raises CannotDraw for anything else.
    """
    probe, x0 = probe_for(f), finite("x0", x0)
    h = None if h is None else positive("h", h)
    spans = spans_for(x0, h) if span is None else [positive("span", span)]
    with patience(probe):
        probe.choose_type(x0)
        here = probe.at(x0)
        probe.must_be_tracked(here)
        secant = None if h is None else secant_of(probe, x0, h)
        curve = around(probe, x0, spans)
        rows = rows_of(probe, curve)
    tangent = Line(here.slope, (here,))
    lines = tangent_words(curve, rows, tangent, secant)
    paint = partial(drawn, partial(draw_tangent, curve, tangent, secant), 3.8)
    return Picture(paint, "\n".join(lines), lines[0])


def show_slopes(
    f: Callable[[Tensor], Tensor], start: float, stop: float, *, points: int = POINTS
) -> Picture:
    """Draw `f` from `start` to `stop`, and below it the slope that autograd gives.

    Where value or slope jumps, the line is cut, and a disc marks the end to which the
    place belongs. Jumps are found between neighbours of `points` samples whose values
    and slopes do not fit together, and narrowed by halving until no number lies
    between. That misses what comes and goes between two samples, what is smaller than
    a millionth of the largest value, and a bend that is slight beside the curve's own;
    jumps that crowd within one step, or a pole, are left open. `f` takes and returns
    one number, in a tensor. Raises CannotDraw for anything else.
    """
    probe = probe_for(f)
    start, stop = finite("start", start), finite("stop", stop)
    if start >= stop:
        raise CannotDraw(BACKWARDS(start=number(start), stop=number(stop)))
    if type(points) is not int or not FEWEST_POINTS <= points <= MOST_POINTS:
        limits = {"fewest": FEWEST_POINTS, "most": MOST_POINTS}
        raise CannotDraw(BAD_POINTS(came=kind(points), **limits))
    with patience(probe):
        probe.choose_type(start)
        curve = curve_of(probe, start, stop, points)
        probe.must_be_tracked(*curve.samples)
        rows = rows_of(probe, curve)
    lines = slopes_words(curve, rows)
    paint = partial(drawn, partial(draw_slopes, curve), 4.6)
    return Picture(paint, "\n".join(lines), lines[0])


def finite(name: str, value: object) -> float:
    """Return an argument as a float, or say that it is none."""
    try:
        place = float(value.detach() if issubclass(type(value), Tensor) else value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise CannotDraw(NOT_A_PLACE(name=name, came=kind(value))) from None
    if type(value) is str or not math.isfinite(place):
        raise CannotDraw(NOT_A_PLACE(name=name, came=kind(value)))
    return place


def positive(name: str, value: object) -> float:
    """Return an argument as a float above 0, or say that it is none."""
    length = finite(name, value)
    if length <= 0:
        raise CannotDraw(NOT_POSITIVE(name=name, came=kind(value)))
    return length


def spans_for(x0: float, h: float | None) -> list[float]:
    """Return how far to look to either side: widely at first, less if f ends sooner."""
    least = h or 0.0
    widest = max(1.0, abs(x0) / 2, 2 * least)
    return [span for span in (widest / 2**k for k in range(8)) if span > least]


def around(probe: Probe, x0: float, spans: Sequence[float]) -> Curve:
    """Return the curve around a place, as far as it is finite."""
    for span in spans[:-1]:
        try:
            return curve_of(probe, x0 - span, x0 + span, POINTS)
        except NotFinite:
            continue
    return curve_of(probe, x0 - spans[-1], x0 + spans[-1], POINTS)


def secant_of(probe: Probe, x0: float, h: float) -> Line:
    """Return the secant through the places h to the left and to the right."""
    left, right = probe.at(x0 - h), probe.at(x0 + h)
    if left == right:
        raise CannotDraw(TOO_SMALL(h=h, at=number(x0)))
    slope = (right.value - left.value) / (right.place - left.place)
    return Line(slope, (left, right))


def rows_of(probe: Probe, curve: Curve) -> list[Sample]:
    """Return the samples for a table; none where the curve is left open."""
    places = evenly(*curve.ends, ROWS)
    return [probe.at(place) for place in places if curve.covers(place)]


# ---- the text twin ----------------------------------------------------------


def tangent_words(
    curve: Curve, rows: Sequence[Sample], tangent: Line, secant: Line | None
) -> list[str]:
    """Write the twin of a tangent; its first line is the picture in a sentence."""
    here, ends = written(curve, tangent.through[0]), map(number, curve.ends)
    call, (start, stop) = f"{curve.name}({curve.variable})", ends
    at = f"{curve.variable} = {here['place']}"
    alt = TANGENT(call=call, start=start, stop=stop, at=at, slope=here["slope"])
    heads = {TANGENT_HEAD(): tangent, SECANT_HEAD(): secant}
    found = SLOPE_AT(at=at, call=call, **here)
    lines = [found, *table(curve, rows, heads), *write_breaks(curve)]
    if secant is None:
        return [alt, *lines]
    left, right = (written(curve, sample)["place"] for sample in secant.through)
    slope = finite_or_not(secant.slope, curve.scale.slope)
    off = finite_or_not(secant.slope - tangent.slope, curve.scale.slope)
    alt = SECANT(alt=alt, left=left, right=right, slope=slope)
    tried = SLOPE_TRIED(left=left, right=right, slope=slope, off=off)
    return [alt, found, tried, *lines[1:]]


def slopes_words(curve: Curve, rows: Sequence[Sample]) -> list[str]:
    """Write the twin of a curve with its slopes; a table only if it is not straight."""
    start, stop = map(number, curve.ends)
    alt = SLOPES(
        call=f"{curve.name}({curve.variable})",
        variable=curve.variable,
        start=start,
        stop=stop,
        pieces=len(curve.pieces),
        breaks=len(curve.breaks),
    )
    lines = [alt, *write_curve(curve)]
    if all(piece.is_straight for piece in curve.pieces):
        return lines
    return [*lines, *table(curve, rows, {})]


def write_curve(curve: Curve) -> Iterator[str]:
    """Write each piece and each break, from left to right."""
    breaks = ["", *write_breaks(curve)]
    for gap, piece in zip(breaks, curve.pieces, strict=True):
        yield from [gap] if gap else []
        yield write_piece(curve, piece)


def write_breaks(curve: Curve) -> list[str]:
    """Write each break."""
    return [
        write_jump(curve, jump) if jump.sharp else write_gap(curve, jump)
        for jump in curve.breaks
    ]


def write_piece(curve: Curve, piece: Piece) -> str:
    """Write where a piece begins and ends, and its slope."""
    first, last = (written(curve, piece.samples[end]) for end in (0, -1))
    low, high = (finite_or_not(slope, curve.scale.slope) for slope in piece.slopes)
    return PIECE(
        variable=curve.variable,
        name=curve.name,
        start=first["place"],
        stop=last["place"],
        first=first["value"],
        last=last["value"],
        slope=low if piece.is_straight else BETWEEN(low=low, high=high),
    )


def write_jump(curve: Curve, jump: Break) -> str:
    """Write what changes at a jump, and to which side its place belongs."""
    old, new = written(curve, jump.before), written(curve, jump.after)
    changes = [(curve.name, "value")] if curve.scale.values_differ(jump) else []
    changes += [(SLOPE(), "slope")] if curve.scale.slopes_differ(jump) else []
    words = (CHANGE(what=w, old=old[key], new=new[key]) for w, key in changes)
    here = written(curve, jump.on or jump.after)
    side = SIDES[jump.side](name=curve.name, value=here["value"], slope=here["slope"])
    place = finite_or_not(jump.place, curve.scale.place)
    return JUMP(variable=curve.variable, place=place, changes=", ".join(words)) + side


def write_gap(curve: Curve, gap: Break) -> str:
    """Write between which places nothing is known."""
    ends = (written(curve, sample)["place"] for sample in (gap.before, gap.after))
    start, stop = ends
    names = {"variable": curve.variable, "name": curve.name}
    return UNRESOLVED(**names, start=start, stop=stop)


def table(
    curve: Curve, rows: Sequence[Sample], lines: Mapping[str, Line | None]
) -> list[str]:
    """Write samples, and the heights of some lines there, as a table."""
    shown = {head: line for head, line in lines.items() if line is not None}
    heads = [curve.variable, f"{curve.name}({curve.variable})", SLOPE(), *shown]
    cells = [heads]
    for row in rows:
        heights = (line.height(row.place) for line in shown.values())
        texts = (finite_or_not(height, curve.scale.value) for height in heights)
        cells.append([*written(curve, row).values(), *texts])
    return list(aligned(cells))


def written(curve: Curve, sample: Sample) -> dict[str, str]:
    """Write the numbers of a sample."""
    return {
        "place": finite_or_not(sample.place, curve.scale.place),
        "value": finite_or_not(sample.value, curve.scale.value),
        "slope": finite_or_not(sample.slope, curve.scale.slope),
    }


# ---- the picture ------------------------------------------------------------


def drawn(draw: Callable[["Figure"], None], height: float, kind: str) -> bytes:
    """Draw a figure as a "png" or an "svg", whatever style the learner has chosen."""
    # A tenth of a second to import; many notebooks show no curve.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with rc_context():
        rcdefaults()
        rcParams.update(STYLE)
        figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
        draw(figure)
        if kind == "png":
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            return compressed(canvas.get_renderer())
        file = io.BytesIO()
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
        return file.getvalue()


def draw_slopes(curve: Curve, figure: "Figure") -> None:
    """Draw the curve above and its slope below."""
    above, below = figure.subplots(2, 1, sharex=True)
    draw_pieces(above, curve, "value", color=INK, lw=1.8)
    draw_breaks(above, curve, "value", INK)
    draw_pieces(below, curve, "slope", color=RED, lw=1.8)
    draw_breaks(below, curve, "slope", RED)
    above.set_ylabel(f"{curve.name}({curve.variable})", color=INK)
    below.set_ylabel(f"{curve.name}\u2032({curve.variable})", color=RED)
    below.set_xlabel(curve.variable)
    slopes = [sample.slope for sample in curve.samples]
    if min(slopes) > 0 and max(slopes) > DECADES * min(slopes):
        below.set_yscale("log")
    below.margins(y=0.18)
    write_slopes(below, curve)


def write_slopes(axes: "Axes", curve: Curve) -> None:
    """Write the slope above each straight piece that has room for it."""
    start, stop = curve.ends
    for piece in filter(lambda piece: piece.is_straight, curve.pieces):
        left, right = piece.samples[0], piece.samples[-1]
        text = written(curve, left)["slope"]
        if right.place - left.place > len(text) * CHARACTER * (stop - start):
            middle = (left.place + right.place) / 2, left.slope
            above = {"xytext": (0, 4), "textcoords": "offset points", "ha": "center"}
            axes.annotate(text, middle, color=RED, **above)


def draw_tangent(
    curve: Curve, tangent: Line, secant: Line | None, figure: "Figure"
) -> None:
    """Draw the curve, its tangent, and the secant if there is one."""
    axes = figure.subplots()
    label = f"{curve.name}({curve.variable})"
    draw_pieces(axes, curve, "value", color=INK, lw=2.4, label=label)
    draw_breaks(axes, curve, "value", INK)
    low, high = axes.get_ylim()
    here = written(curve, tangent.through[0])
    label = f"{curve.name}\u2032({here['place']}) = {here['slope']}"
    draw_line(axes, curve, tangent, "-", color=RED, marker="o", label=label)
    if secant is not None:
        slope = finite_or_not(secant.slope, curve.scale.slope)
        label = f"\u0394{curve.name}/\u0394{curve.variable} = {slope}"
        draw_line(axes, curve, secant, "--", color=DARK, marker="s", label=label)
    axes.set_ylim(low, high)
    axes.set_xlabel(curve.variable)
    figure.legend(loc="outside upper left", ncols=3, frameon=False)


def draw_line(axes: "Axes", curve: Curve, line: Line, style: str, **look) -> None:
    """Draw a line from side to side, with markers where it meets the curve."""
    points = [(sample.place, sample.value) for sample in line.through]
    ends = [(place, line.height(place)) for place in curve.ends]
    inner = list(range(1, len(points) + 1))
    places, heights = zip(ends[0], *points, ends[1], strict=True)
    axes.plot(places, heights, style, lw=1.3, ms=6, markevery=inner, **look)


def draw_pieces(axes: "Axes", curve: Curve, what: str, **look) -> None:
    """Draw each piece of a curve as one line; `what` is "value" or "slope"."""
    for piece in curve.pieces:
        places = [sample.place for sample in piece.samples]
        axes.plot(places, [getattr(s, what) for s in piece.samples], **look)
        look.pop("label", None)  # one entry for all pieces


def draw_breaks(axes: "Axes", curve: Curve, what: str, colour: str) -> None:
    """Mark the breaks: a disc where a place belongs, a ring where it does not."""
    differ = {"value": curve.scale.values_differ, "slope": curve.scale.slopes_differ}
    for jump in curve.breaks:
        if not jump.sharp:
            ends = jump.before.place, jump.after.place
            axes.axvspan(*ends, facecolor="none", edgecolor=GREY, hatch="////", lw=0)
            continue
        axes.axvline(jump.place, color=GREY, lw=0.6, ls=(0, (1, 3)), zorder=0)
        if differ[what](jump):
            for end, full in ends_of(jump):
                face = colour if full else "white"
                place, height = end.place, getattr(end, what)
                axes.plot(place, height, "o", ms=5, mec=colour, mfc=face, zorder=3)


def ends_of(jump: Break) -> list[tuple[Sample, bool]]:
    """List the ends at a jump, and whether the place itself belongs to them."""
    ends = [(jump.before, jump.side == "left"), (jump.after, jump.side == "right")]
    return [*ends, (jump.on, True)] if jump.on else ends
