"""Sample a function and the slope that autograd gives, and find where they break."""

import inspect
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice, pairwise

import torch
from torch import Tensor

from .language import Text
from .limits import PATIENCE, TooSlow, same_random_state, time_limit, undisturbed
from .picture import CannotDraw, kind
from .tape import number

POINTS = 240  # 239 is prime: no sample falls on a round place, where a jump may be
LONGEST_NAME = 24
MOST_BREAKS = 64
REMAINS = 0.3  # of a step's irregularity, however small the part: then it is a break
GROWN = 8  # times as irregular as the whole step: then it has no bound
FINEST = 2.0**-60  # around 0, where floats do not end
VISIBLE = 1e-6  # of the largest value; what is smaller counts as rounding
ROUND = 14  # digits; neighbouring floats differ in the 16th

NOT_A_FUNCTION = Text(
    "{came} came where a function is expected; give its name without ().",
    "这里需要一个函数，收到的却是 {came}；请直接传函数名，不要加 ()。",
)
RAISED = Text(
    "{call} raised {problem}; change the function or the place.",
    "{call} 抛出了 {problem}；请修改函数或位置。",
)
ENDLESS = Text(
    "Stopped at {call} after {seconds} seconds; does one of its loops never end?",
    "运行 {seconds} 秒后在 {call} 处被停止；是不是有循环永远不会结束？",
)
NOT_COMPUTED = Text(
    "{call} returned {came}, but a tensor that is computed from its input is expected; "
    "use torch operations, and do not detach.",
    "{call} 返回了 {came}，但这里需要由输入计算得到的张量；"
    "请使用 torch 运算，并且不要 detach。",
)
NOT_ONE_NUMBER = Text(
    "{call} returned {came}, but a tensor with one real number is expected; compute "
    "it with torch and return it.",
    "{call} 返回了 {came}，但这里需要只含一个实数的张量；请用 torch 计算并返回它。",
)
NOT_FINITE = Text(
    "{call} is {value} and its slope is {slope}, but both must be finite to be drawn; "
    "choose places where they are.",
    "{call} 的值是 {value}，斜率是 {slope}，但只有有限的数才能画出来；"
    "请选择两者都有限的位置。",
)
TOO_MANY = Text(
    "{name} jumps more than {most} times between {start} and {stop}; choose a smaller "
    "interval.",
    "{name} 在 {start} 与 {stop} 之间跳跃超过 {most} 次；请选择更小的区间。",
)


# ---- data -------------------------------------------------------------------


class NotFinite(CannotDraw):
    """Say where a function or its slope is infinite or no number."""


@dataclass(frozen=True)
class Sample:
    """Hold the value of a function at a place, and the slope that autograd gives."""

    place: float
    value: float
    slope: float


@dataclass(frozen=True)
class Piece:
    """Hold a stretch of a curve without a break."""

    samples: tuple[Sample, ...]

    @property
    def slopes(self) -> tuple[float, float]:
        """Return the smallest and the largest slope."""
        slopes = [sample.slope for sample in self.samples]
        return min(slopes), max(slopes)

    @property
    def is_straight(self) -> bool:
        """Tell whether the slope is the same everywhere."""
        return math.isclose(*self.slopes)


@dataclass(frozen=True)
class Break:
    """Hold the last sample before a break and the first one after it.

    A jump tells what `changes`, "value" or "slope" or both, and its sample `at` the
    very place, if that is a round number. A gap has no changes: nothing is known there.
    """

    before: Sample
    after: Sample
    changes: tuple[str, ...] = ()
    at: Sample | None = None


@dataclass(frozen=True)
class Curve:
    """Hold a function on an interval: its pieces, and the breaks between them."""

    name: str
    variable: str
    pieces: tuple[Piece, ...]
    breaks: tuple[Break, ...]

    @property
    def ends(self) -> tuple[float, float]:
        """Return where the interval begins and ends."""
        return self.pieces[0].samples[0].place, self.pieces[-1].samples[-1].place


# ---- the function -----------------------------------------------------------


@dataclass
class Probe:
    """Call a learner's function at places, in float64, and keep what it gave."""

    f: Callable
    name: str
    variable: str
    call: str = ""  # the latest one
    tracked: bool = False  # whether autograd ever found a way back
    seen: dict[float, Sample] = field(default_factory=dict)

    def at(self, place: float) -> Sample:
        """Return the finite value and slope there; raise CannotDraw if they are none.

        Every call begins with the same random numbers.
        """
        if place not in self.seen:
            self.call = f"{self.name}({written(place)})"
            with same_random_state():
                value, slope = self.run(place)
            if not math.isfinite(value + slope):
                shown = {"value": written(value), "slope": written(slope)}
                raise NotFinite(NOT_FINITE(call=self.call, **shown))
            self.seen[place] = Sample(place, value, slope)
        return self.seen[place]

    def run(self, place: float) -> tuple[float, float]:
        """Run the function and walk back; the slope is 0 where no way leads back."""
        leaf = torch.tensor(place, dtype=torch.float64, requires_grad=True)
        result = self.f(leaf)
        if not is_one_number(result):
            came = f"{kind(result)}{f', {result.dtype}' * isinstance(result, Tensor)}"
            raise CannotDraw(NOT_ONE_NUMBER(call=self.call, came=came))
        slope = None
        if result.requires_grad:
            (slope,) = torch.autograd.grad(result, leaf, allow_unused=True)
        self.tracked |= slope is not None
        return float(result.item()), 0.0 if slope is None else slope.item()


def probe_for(f: object) -> Probe:
    """Get a function ready to be called."""
    if not callable(f):
        raise CannotDraw(NOT_A_FUNCTION(came=kind(f)))
    return Probe(f, name_of(f), plain(first_parameter(f), "x"))


def name_of(f: Callable) -> str:
    """Return the name of a function; f where it has none."""
    return plain(getattr(f, "__name__", ""), "f")


def first_parameter(f: Callable) -> str:
    """Return the name of a function's first parameter, or "" if it tells none."""
    try:
        return next(iter(inspect.signature(f).parameters), "")
    except (TypeError, ValueError):
        return ""


def plain(name: object, usual: str) -> str:
    """Return a name that every font can write, or else the usual one."""
    fits = isinstance(name, str) and name.isidentifier() and name.isascii()
    return name if fits and len(name) <= LONGEST_NAME else usual


def is_one_number(result: object) -> bool:
    """Tell whether a result is a tensor with one real number."""
    is_tensor = isinstance(result, Tensor)
    return is_tensor and result.numel() == 1 and not result.is_complex()


def brief(problem: BaseException) -> str:
    """Write an error in one short line."""
    lines = f"{type(problem).__name__}: {problem}".splitlines()
    return lines[0][:120].rstrip(".: ")


def written(value: float) -> str:
    """Write a number without what is only rounding: 1999.9999999999998 is 2000."""
    return number(round(float(f"{value:.12g}"), 12))


@contextmanager
def guarded(call: Callable[[], str]) -> Iterator[None]:
    """Let a learner's function run undisturbed, but not for ever.

    Raises CannotDraw if it fails; `call` tells which call was the latest.
    """
    try:
        with undisturbed(), time_limit(PATIENCE):
            yield
    except CannotDraw:
        raise
    except TooSlow:
        raise CannotDraw(ENDLESS(call=call(), seconds=PATIENCE)) from None
    except (Exception, SystemExit) as problem:
        raise CannotDraw(RAISED(call=call(), problem=brief(problem))) from problem


# ---- the curve --------------------------------------------------------------


def evenly(start: float, stop: float, count: int) -> list[float]:
    """Return places at equal distances, both ends included."""
    step = (stop - start) / (count - 1)
    return [start + step * k for k in range(count - 1)] + [stop]


def curve_of(probe: Probe, start: float, stop: float) -> Curve:
    """Sample a function evenly, then find every break that the samples betray."""
    grid = [probe.at(place) for place in evenly(start, stop, POINTS)]
    if not probe.tracked:
        raise CannotDraw(NOT_COMPUTED(call=probe.call, came="a tensor without a graph"))
    noise = tuple(
        VISIBLE * max(abs(getattr(sample, what)) for sample in grid)
        for what in ("value", "slope")
    )
    found: list[Break] = []
    for left, right in pairwise(grid):
        found += breaks_between(probe, left, right, noise)
        if len(found) > MOST_BREAKS:
            ends = {"start": number(start), "stop": number(stop)}
            raise CannotDraw(TOO_MANY(name=probe.name, most=MOST_BREAKS, **ends))
    breaks = joined(found)
    samples = [probe.seen[p] for p in sorted(probe.seen) if start <= p <= stop]
    return Curve(probe.name, probe.variable, cut(samples, breaks), breaks)


def breaks_between(
    probe: Probe, left: Sample, right: Sample, noise: Sequence[float]
) -> list[Break]:
    """List the jumps between two neighbours, or a gap where they cannot be told."""
    whole = irregularity(left, right, noise)
    try:
        found = jumps(probe, left, right, noise, whole)
        return list(islice(found, MOST_BREAKS + 1))
    except NotFinite:
        return [Break(left, right)]


def jumps(
    probe: Probe,
    left: Sample,
    right: Sample,
    noise: Sequence[float],
    whole: Sequence[float],
) -> Iterator[Break]:
    """Halve a step until nothing is between; raise NotFinite where it has no bound.

    Something smooth gets regular fast, a jump stays as it is, a pole grows.
    """
    part = irregularity(left, right, noise)
    share = sum(p / w for p, w in zip(part, whole, strict=True) if w)
    if share < REMAINS:
        return
    if share > GROWN:
        raise NotFinite
    # Not the very middle: that of a symmetric step may be a place to avoid.
    middle = left.place + 0.47 * (right.place - left.place)
    if left.place < middle < right.place and right.place - left.place > FINEST:
        half = probe.at(middle)
        yield from jumps(probe, left, half, noise, whole)
        yield from jumps(probe, half, right, noise, whole)
    else:
        changes = [what for what, p in zip(("value", "slope"), part, strict=True) if p]
        yield Break(left, right, tuple(changes), between(probe, left, right))


def irregularity(
    left: Sample, right: Sample, noise: Sequence[float]
) -> tuple[float, float]:
    """Return by how much value and slope fail to follow from one sample to the next.

    The value ought to grow by the mean slope times the step, the slope not at all.
    """
    step = right.place - left.place
    value = abs(right.value - left.value - step * (left.slope + right.slope) / 2)
    slope = abs(right.slope - left.slope)
    return value if value > noise[0] else 0.0, slope if slope > noise[1] else 0.0


def between(probe: Probe, left: Sample, right: Sample) -> Sample | None:
    """Return the sample at the round place from one neighbour to the other, if any."""
    middle = (left.place + right.place) / 2
    places = [0.0, *(float(f"{middle:.{digits}g}") for digits in range(1, ROUND + 1))]
    try:
        inside = (place for place in places if left.place <= place <= right.place)
        return next(map(probe.at, inside), None)
    except NotFinite:
        return None


def joined(breaks: Sequence[Break]) -> tuple[Break, ...]:
    """Join neighbours: two jumps with one sample between, two gaps side by side."""
    rest: list[Break] = []
    for found in breaks:
        if rest and rest[-1].after == found.before:
            first = rest.pop()
            both = first.changes and found.changes and first.changes + found.changes
            at = found.before if both else None
            found = Break(first.before, found.after, tuple(dict.fromkeys(both)), at)
        rest.append(found)
    return tuple(rest)


def cut(samples: Sequence[Sample], breaks: Sequence[Break]) -> tuple[Piece, ...]:
    """Cut the samples at the breaks; what lies inside a break is in no piece."""
    firsts = [samples[0].place, *(b.after.place for b in breaks)]
    lasts = [*(b.before.place for b in breaks), samples[-1].place]
    return tuple(
        Piece(tuple(s for s in samples if first <= s.place <= last))
        for first, last in zip(firsts, lasts, strict=True)
    )
