"""Sample a function and the slope that autograd gives, and find where they break."""

import inspect
import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from .. import sandbox
from ..language import Text
from ..sandbox import Result
from ..wording import describe_error, describe_thing, write_number
from .picture import CannotDraw

POINTS = 240  # 239 is prime: few samples fall on a round place, where a jump may be
MOST_SAMPLES = 4_000  # some 50 are spent on each jump
PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]{,23}")  # for any font, in little room
REMAINS = 0.3  # of the irregularity, however small the step: then it is a jump
GROWN = 1_000  # times as irregular as the first step: then it has no bound
FINEST = 2.0**-80  # around 0, where floats hardly end
VISIBLE = 1e-6  # of the largest value; what is smaller counts as rounding
DIGITS = 14  # of a round number; neighbouring floats differ in the 16th
WHAT = "value", "slope"

NOT_A_FUNCTION = Text(
    "{came} came where a function is expected; give its name without ().",
    "这里需要一个函数，收到的却是：{came}；请直接传函数名，不要加 ()。",
)
RAISED = Text(
    "{call} raised {problem}; change the function or the place.",
    "{call} 抛出了 {problem}；请修改函数或位置。",
)
ENDLESS = Text(
    "Stopped at {call} after {seconds} seconds; does one of its loops never end?",
    "运行 {seconds} 秒后在 {call} 处被停止；是不是有循环永远不会结束？",
)
CUT_OFF = Text("a tensor cut off from it", "一个与输入断开的张量")
BAD_RESULT = Text(
    "{call} returned {came}; return one real number, computed from the input by torch.",
    "{call} 返回的是：{came}；请返回一个用 torch 从输入算出来的实数。",
)
NOT_FINITE = Text(
    "{call} is {value}, its slope {slope}, but both must be finite; move the place.",
    "{call} 的值是 {value}，斜率是 {slope}，但两者都必须是有限的数；请换一个位置。",
)
TOO_MANY = Text(
    "{name} jumps or bends too often there to be drawn; choose a smaller interval.",
    "{name} 在这个区间内跳跃或弯折过多，无法画出；请选择更小的区间。",
)


class NotFinite(CannotDraw):
    """Say where a function or its slope is infinite or no number."""


class Number(float):
    """Write itself without what is only rounding: 1999.9999999999998 is 2000."""

    def __format__(self, how: str) -> str:
        return write_number(round(float(f"{float(self):.12g}"), 12), most=4)


@dataclass(frozen=True)
class Sample:
    """Hold the value of a function at a place, and the slope that autograd gives."""

    place: Number
    value: Number
    slope: Number


@dataclass(frozen=True)
class Break:
    """Hold the samples around a break, and the one `at` a jump, if its place is round.

    What `changes` at a jump is "value", "slope" or both; nothing is known in a gap.
    """

    before: Sample
    after: Sample
    changes: tuple[str, ...] = ()
    at: Sample | None = None


@dataclass(frozen=True)
class Curve:
    """Hold a function on an interval: pieces, and the breaks between them."""

    name: str
    variable: str
    pieces: list[list[Sample]]
    breaks: list[Break]

    @property
    def call(self) -> str:
        return f"{self.name}({self.variable})"

    @property
    def ends(self) -> tuple[Sample, Sample]:
        return self.pieces[0][0], self.pieces[-1][-1]


@dataclass
class Probe:
    """Call a learner's function at places, in float64, and keep what it gave."""

    f: Callable
    place: float | None = None  # of the latest call
    has_graph: bool = False  # whether a way ever led back to a place
    noise: dict[str, float] = field(default_factory=dict)  # of value and slope
    step: float = math.nan  # between two samples of the grid
    seen: dict[float, Sample] = field(default_factory=dict)

    def __post_init__(self):
        self.name, self.variable = parameter_names(self.f)
        self.give_dice_back = sandbox.remember(sandbox.RANDOM)

    @property
    def call(self) -> str:
        return "" if self.place is None else f"{self.name}({Number(self.place)})"

    def at(self, place: float) -> Sample:
        """Return what is there; raise CannotDraw, NotFinite in particular."""
        if place not in self.seen:
            self.place = place
            try:
                value, slope = map(Number, self.run(place))
            finally:  # each call draws the same random numbers
                self.give_dice_back()
            if not (math.isfinite(value) and math.isfinite(slope)):
                raise NotFinite(NOT_FINITE(call=self.call, value=value, slope=slope))
            self.seen[place] = Sample(Number(place), value, slope)
        return self.seen[place]

    def run(self, place: float) -> tuple[float, float]:
        """Return value and slope; a slope of 0 where no way leads back."""
        leaf = torch.tensor(place, dtype=torch.float64, requires_grad=True)
        result, slope = self.f(leaf), None
        is_tensor = isinstance(result, Tensor)
        if not is_tensor or result.numel() != 1 or result.is_complex():
            came = describe_thing(result) + (f" ({result.dtype})" if is_tensor else "")
            raise CannotDraw(BAD_RESULT(call=self.call, came=came))
        if result.requires_grad:
            (slope,) = torch.autograd.grad(result, leaf, allow_unused=True)
        self.has_graph |= slope is not None
        return result.item(), 0.0 if slope is None else slope.item()

    def irregularity(self, left: Sample, right: Sample) -> float:
        """Return by how much one sample does not follow from the other.

        The value ought to grow by the mean slope times the step, the slope not at all.
        """
        rise = (right.place - left.place) * (left.slope + right.slope) / 2
        value = abs(right.value - left.value - rise)
        slope = abs(right.slope - left.slope)
        off = value if value > self.noise["value"] else 0.0
        return off + (slope * self.step if slope > self.noise["slope"] else 0.0)


def parameter_names(f: object) -> tuple[str, str]:
    """Return the names of a function and its parameter; raise CannotDraw if none."""
    if not callable(f):
        raise CannotDraw(NOT_A_FUNCTION(came=describe_thing(f)))
    name, variable = str(getattr(f, "__name__", "")), ""
    with suppress(TypeError, ValueError):  # torch.sin tells no parameters
        variable = next(iter(inspect.signature(f).parameters), "")
    plain = map(PLAIN.fullmatch, (name, variable))
    return name if next(plain) else "f", variable if next(plain) else "x"


def run_guarded(call: Callable[[], str], work: Callable[[], Result]) -> Result:
    """Let a learner's function run, undisturbed and not for ever; raise CannotDraw."""
    try:
        with sandbox.keep_undisturbed():
            return sandbox.run_within(sandbox.PATIENCE, work)
    except CannotDraw:
        raise
    except sandbox.StillImporting:
        said = sandbox.STILL_IMPORTING(seconds=sandbox.LONG_IMPORT)
        raise CannotDraw(said) from None
    except sandbox.TooSlow:
        said = ENDLESS(call=call(), seconds=sandbox.PATIENCE)
        raise CannotDraw(said) from None
    except (Exception, SystemExit) as problem:
        said = RAISED(call=call(), problem=describe_error(problem))
        raise CannotDraw(said) from problem


def sample_curve(probe: Probe, start: float, stop: float) -> Curve:
    """Sample a function evenly, then find every break that the samples betray."""
    places, probe.step = np.linspace(start, stop, POINTS, retstep=True)
    grid = [probe.at(place) for place in places]
    if not probe.has_graph:
        raise CannotDraw(BAD_RESULT(call=probe.call, came=CUT_OFF()))
    for what in WHAT:
        sizes = (abs(getattr(sample, what)) for sample in grid)
        probe.noise[what] = VISIBLE * max(VISIBLE, *sizes)
    breaks: list[Break] = []
    for left, right in pairwise(grid):
        first = probe.irregularity(left, right)
        try:
            found = find_breaks(probe, left, right, first, first)
        except NotFinite:
            found = [Break(left, right)]
        for each in found:
            add_break(breaks, each)
    inside = (place for place in probe.seen if start <= place <= stop)
    samples = [probe.seen[place] for place in sorted(inside)]
    return Curve(probe.name, probe.variable, cut_pieces(samples, breaks), breaks)


def find_breaks(
    probe: Probe, left: Sample, right: Sample, first: float, most: float
) -> list[Break]:
    """Halve a step until nothing is between; raise NotFinite where it has no bound.

    Something smooth gets regular fast, a jump stays, a pole grows: `first` to `most`.
    """
    part = probe.irregularity(left, right)
    most = max(most, part)
    if part > GROWN * first:
        raise NotFinite
    if len(probe.seen) > MOST_SAMPLES:
        raise CannotDraw(TOO_MANY(name=probe.name))
    if part <= REMAINS * most:
        return []
    # Not the very middle: that of a symmetric step may be a place to avoid.
    middle = left.place + 0.47 * (right.place - left.place)
    if not left.place < middle < right.place or right.place - left.place <= FINEST:
        return [describe_jump(probe, left, right)]
    half = probe.at(middle)
    before = find_breaks(probe, left, half, first, most)
    return before + find_breaks(probe, half, right, first, most)


def describe_jump(probe: Probe, left: Sample, right: Sample) -> Break:
    """Return what changes between two neighbours, and what is at the round number."""
    changes = tuple(
        what
        for what, noise in probe.noise.items()
        if abs(getattr(right, what) - getattr(left, what)) > noise
    )
    places = 0.0, float(f"{(left.place + right.place) / 2:.{DIGITS}g}")
    at = (probe.at(place) for place in places if left.place <= place <= right.place)
    return Break(left, right, changes, next(at, None))


def add_break(breaks: list[Break], found: Break) -> None:
    """Add a break, as one with a neighbour before it; beside a gap it is in the gap."""
    if breaks and breaks[-1].after == found.before:
        first = breaks.pop()
        both = first.changes and found.changes and first.changes + found.changes
        found = Break(first.before, found.after, both, found.before)
    breaks.append(found)


def cut_pieces(samples: list[Sample], breaks: list[Break]) -> list[list[Sample]]:
    """Cut the samples at the breaks; what lies inside a break is in no piece."""
    starts = [samples[0], *(each.after for each in breaks)]
    stops = [*(each.before for each in breaks), samples[-1]]
    return [
        [sample for sample in samples if start.place <= sample.place <= stop.place]
        for start, stop in zip(starts, stops, strict=True)
    ]
