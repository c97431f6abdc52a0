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

POINTS = 240  # even, so that a symmetric interval does not hit its own middle
LONGEST_NAME = 24
MOST_BREAKS = 64
HALVINGS, EARLY = 64, 20  # a jump no longer grows after the early ones
REMAINS = 0.25  # of a step's irregularity, however small the step: then it is a break
VISIBLE = 1e-6  # of the largest value; what is smaller counts as rounding

NOT_A_FUNCTION = Text(
    "{came} came where a function is expected; give its name without ().",
    "这里需要一个函数，收到的却是 {came}；请直接传函数名，不要加 ()。",
)
RAISED = Text(
    "{call} raised {problem}; change the function or the place.",
    "{call} 抛出了 {problem}；请修改函数或位置。",
)
NOT_ONE_NUMBER = Text(
    "{call} returned {came}, but a tensor with one real number is expected; compute "
    "it with torch and return it.",
    "{call} 返回了 {came}，但这里需要只含一个实数的张量；请用 torch 计算并返回它。",
)
NOT_TRACKED = Text(
    "{call} does not depend on its input, or cuts it off, so there is no slope to "
    "draw; compute from {variable} with torch operations.",
    "{call} 不依赖它的输入，或者切断了与输入的联系，因此没有斜率可画；"
    "请用 torch 运算从 {variable} 计算结果。",
)
NOT_FINITE = Text(
    "{call} is {value} and its slope is {slope}, but both must be finite to be drawn; "
    "choose places where they are.",
    "{call} 的值是 {value}，斜率是 {slope}，但只有有限的数才能画出来；"
    "请选择两者都有限的位置。",
)
TOO_SLOW = Text(
    "Stopped after {seconds} seconds, at {call}; does one of its loops never end "
    "there? If it is only slow, give fewer points.",
    "运行 {seconds} 秒后在 {call} 处被停止；那里是不是有循环永远不会结束？"
    "如果只是太慢，请减少 points。",
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
    tracked: bool = True  # whether autograd found a way from the value to the place


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
        low, high = self.slopes
        return high - low <= 1e-9 * max(abs(low), abs(high))


@dataclass(frozen=True)
class Break:
    """Hold the last sample before a break and the first one after it.

    A `sharp` one is a jump at one place; `on` is the sample there, where it belongs
    to neither side. Otherwise nothing is known between the two.
    """

    before: Sample
    after: Sample
    sharp: bool = True
    on: Sample | None = None

    @property
    def side(self) -> str:
        """Say where the place belongs: "left", "right", "alone", or "" if unknown.

        The two are neighbouring floats. If one is round (1.0 beside
        0.9999999999999999), it is the place; otherwise the place is no float.
        """
        if self.on is not None:
            return "alone"
        left, right = len(repr(self.before.place)), len(repr(self.after.place))
        return "left" if left + 3 < right else "right" if right + 3 < left else ""

    @property
    def place(self) -> float:
        """Return where the jump is."""
        sides = {"alone": self.on, "left": self.before}
        return sides.get(self.side, self.after).place


@dataclass(frozen=True)
class Scale:
    """Hold the largest value and slope of a curve: what is large, what is rounding."""

    place: float
    value: float
    slope: float

    def values_differ(self, jump: Break) -> bool:
        """Tell whether the value jumps."""
        return abs(jump.after.value - jump.before.value) > VISIBLE * self.value

    def slopes_differ(self, jump: Break) -> bool:
        """Tell whether the slope jumps."""
        return abs(jump.after.slope - jump.before.slope) > VISIBLE * self.slope


@dataclass(frozen=True)
class Curve:
    """Hold a function on an interval: its pieces, and the breaks between them."""

    name: str
    variable: str
    pieces: tuple[Piece, ...]
    breaks: tuple[Break, ...]
    scale: Scale

    @property
    def samples(self) -> list[Sample]:
        """List all samples from left to right."""
        return [sample for piece in self.pieces for sample in piece.samples]

    @property
    def ends(self) -> tuple[float, float]:
        """Return where the interval begins and ends."""
        return self.samples[0].place, self.samples[-1].place

    def covers(self, place: float) -> bool:
        """Tell whether a place lies in one of the pieces."""
        ends = ((piece.samples[0], piece.samples[-1]) for piece in self.pieces)
        return any(first.place <= place <= last.place for first, last in ends)


# ---- the function -----------------------------------------------------------


@dataclass
class Probe:
    """Call a learner's function at places, and keep what it gave.

    It computes in float64, or in float32 if its own tensors leave it no choice.
    """

    f: Callable
    name: str
    variable: str
    dtype: torch.dtype = torch.float64
    place: float = math.nan  # the latest one
    seen: dict[float, Sample] = field(default_factory=dict)

    def leaf(self, place: float) -> Tensor:
        """Return a place as the tensor that the function gets."""
        leaf = torch.tensor(place, dtype=self.dtype, device="cpu", requires_grad=True)
        self.place = leaf.item()
        return leaf

    def choose_type(self, place: float) -> None:
        """Change to float32 if the function does not get along with float64."""
        try:
            with same_random_state():
                self.f(self.leaf(place))
        except RuntimeError:  # "expected both to have the same dtype", perhaps
            self.dtype = torch.float32
        except (Exception, SystemExit):
            return  # the first call that counts will say it

    def at(self, place: float) -> Sample:
        """Return the finite value and slope there; raise CannotDraw if they are none.

        Every call begins with the same random numbers.
        """
        leaf = self.leaf(place)
        if self.place not in self.seen:
            with same_random_state():
                self.seen[self.place] = self.sample(leaf)
        return self.seen[self.place]

    def sample(self, leaf: Tensor) -> Sample:
        """Run the function and walk back."""
        try:
            result = self.f(leaf)
            self.must_be_one_number(result)
            slope, tracked = slope_of(result, leaf)
        except CannotDraw:
            raise
        except (Exception, SystemExit) as problem:
            raise CannotDraw(RAISED(call=self.call, problem=brief(problem))) from None
        value = float(result.item())
        if not (math.isfinite(value) and math.isfinite(slope)):
            shown = {"value": finite_or_not(value), "slope": finite_or_not(slope)}
            raise NotFinite(NOT_FINITE(call=self.call, **shown))
        return Sample(self.place, value, slope, tracked)

    def must_be_one_number(self, result: object) -> None:
        """Raise CannotDraw for anything but a tensor with one real number."""
        if not issubclass(type(result), Tensor) or result.numel() != 1:
            raise CannotDraw(NOT_ONE_NUMBER(call=self.call, came=kind(result)))
        if result.is_complex() or result.is_meta:
            came = f"a tensor of {result.dtype} on {result.device}"
            raise CannotDraw(NOT_ONE_NUMBER(call=self.call, came=came))

    def must_be_tracked(self, *samples: Sample) -> None:
        """Raise CannotDraw if no way leads back from any of the values."""
        if not any(sample.tracked for sample in samples):
            self.place = samples[0].place
            raise CannotDraw(NOT_TRACKED(call=self.call, variable=self.variable))

    @property
    def call(self) -> str:
        """Write the latest call."""
        return f"{self.name}({finite_or_not(self.place)})"


def probe_for(f: object) -> Probe:
    """Get a function ready to be called."""
    if not callable(f):
        raise CannotDraw(NOT_A_FUNCTION(came=kind(f)))
    name, variable = getattr(f, "__name__", ""), first_parameter(f)
    return Probe(f, plain(name, "f"), plain(variable, "x"))


def first_parameter(f: Callable) -> str:
    """Return the name of a function's first parameter, or "" if it tells none."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ""
    named = (p.name for p in parameters if p.kind is not p.VAR_POSITIONAL)
    return next(named, "")


def plain(name: object, usual: str) -> str:
    """Return a name that every font can write, or else the usual one."""
    fits = type(name) is str and name.isidentifier() and name.isascii()
    return name if fits and len(name) <= LONGEST_NAME else usual


def slope_of(result: Tensor, leaf: Tensor) -> tuple[float, bool]:
    """Return the slope, and whether there is a way back to the leaf; 0 without one."""
    if not result.requires_grad:
        return 0.0, False
    (slope,) = torch.autograd.grad(result, leaf, allow_unused=True)
    return (0.0, False) if slope is None else (slope.item(), True)


def brief(problem: BaseException) -> str:
    """Write an error in one short line."""
    lines = f"{type(problem).__name__}: {problem}".splitlines()
    return lines[0][:120].rstrip(".: ")


def finite_or_not(value: float, scale: float = 0.0) -> str:
    """Write a number, also one that is not finite; rounding beside `scale` is 0."""
    if not math.isfinite(value):
        return str(value)
    # The last float before a jump is 1999.9999999999998: in twelve digits, 2000.
    return number(0.0 if abs(value) < 1e-12 * scale else float(f"{value:.12g}"))


@contextmanager
def patience(probe: Probe) -> Iterator[None]:
    """Let a learner's function run undisturbed, but not for ever."""
    try:
        with undisturbed(), time_limit(PATIENCE):
            yield
    except TooSlow:
        raise CannotDraw(TOO_SLOW(seconds=PATIENCE, call=probe.call)) from None


# ---- the curve --------------------------------------------------------------


def evenly(start: float, stop: float, count: int) -> list[float]:
    """Return places at equal distances, both ends included."""
    step = (stop - start) / (count - 1)
    return [start + step * k for k in range(count - 1)] + [stop]


def curve_of(probe: Probe, start: float, stop: float, points: int) -> Curve:
    """Sample a function evenly, then find every break that the samples betray."""
    grid = list(dict.fromkeys(map(probe.at, evenly(start, stop, points))))
    scale = Scale(
        max(abs(start), abs(stop)),
        max(abs(sample.value) for sample in grid),
        max(abs(sample.slope) for sample in grid),
    )
    found = (b for two in pairwise(grid) for b in breaks_between(probe, *two, scale))
    breaks = list(islice(found, MOST_BREAKS + 1))
    if len(breaks) > MOST_BREAKS:
        ends = {"start": number(start), "stop": number(stop)}
        raise CannotDraw(TOO_MANY(name=probe.name, most=MOST_BREAKS, **ends))
    breaks = tuple(joined(breaks))
    inside = (p for p in sorted(probe.seen) if grid[0].place <= p <= grid[-1].place)
    pieces = tuple(cut([probe.seen[place] for place in inside], breaks))
    return Curve(probe.name, probe.variable, pieces, breaks, scale)


def breaks_between(
    probe: Probe, left: Sample, right: Sample, scale: Scale, depth: int = 3
) -> Iterator[Break]:
    """Yield the breaks between two neighbours, from left to right."""
    found = narrowed(probe, left, right, scale)
    if found is None:
        return
    if not found.sharp or not depth:
        yield Break(left, right, sharp=False)
        return
    yield from breaks_between(probe, left, found.before, scale, depth - 1)
    yield found
    yield from breaks_between(probe, found.after, right, scale, depth - 1)


def narrowed(probe: Probe, left: Sample, right: Sample, scale: Scale) -> Break | None:
    """Find the break between two neighbours, if there is one."""
    try:
        shares, before, after = halved(probe, left, right, scale)
    except NotFinite:
        return Break(left, right, sharp=False)
    if shares[-1] < REMAINS:
        return None
    early = shares[:EARLY][-1]
    return Break(before, after, sharp=shares[-1] <= 4 * early)


def halved(
    probe: Probe, left: Sample, right: Sample, scale: Scale
) -> tuple[list[float], Sample, Sample]:
    """Halve a step, keep the more irregular half, and so on until nothing is between.

    Return the irregularity as a share of the first one after each halving, and what
    is left. Something smooth gets regular fast, a jump stays as it is, a pole grows.
    """
    whole = irregularity(left, right, scale)
    shares = [relative(whole, whole)]
    while shares[-1] >= REMAINS and len(shares) < HALVINGS:
        # Not the very middle: that of a symmetric step may be a place to avoid.
        middle = probe.at(left.place + 0.47 * (right.place - left.place))
        if middle in (left, right):
            break
        halves = (left, middle), (middle, right)
        each = [relative(irregularity(*half, scale), whole) for half in halves]
        shares.append(max(each))
        left, right = halves[each.index(shares[-1])]
    return shares, left, right


def irregularity(left: Sample, right: Sample, scale: Scale) -> tuple[float, float]:
    """Return by how much value and slope fail to follow from one sample to the next.

    The value ought to grow by the mean slope times the step, the slope not at all.
    """
    step = right.place - left.place
    value = abs(right.value - left.value - step * (left.slope + right.slope) / 2)
    slope = abs(right.slope - left.slope)
    return (
        value if value > VISIBLE * scale.value else 0.0,
        slope if slope > VISIBLE * scale.slope else 0.0,
    )


def relative(part: tuple[float, float], whole: tuple[float, float]) -> float:
    """Return how much of the whole irregularity is left."""
    return sum(p / w for p, w in zip(part, whole, strict=True) if w)


def joined(breaks: Sequence[Break]) -> Iterator[Break]:
    """Join neighbours: two jumps with one sample between, two gaps side by side."""
    waiting: list[Break] = []
    for found in breaks:
        if waiting and waiting[-1].after == found.before:
            first, on = waiting.pop(), found.before
            sharp = first.sharp and found.sharp
            found = Break(first.before, found.after, sharp, on if sharp else None)
        waiting.append(found)
    yield from waiting


def cut(samples: Sequence[Sample], breaks: Sequence[Break]) -> Iterator[Piece]:
    """Cut the samples at the breaks; what lies inside a break is in no piece."""
    firsts = [samples[0].place, *(b.after.place for b in breaks)]
    lasts = [*(b.before.place for b in breaks), samples[-1].place]
    for first, last in zip(firsts, lasts, strict=True):
        yield Piece(tuple(s for s in samples if first <= s.place <= last))
