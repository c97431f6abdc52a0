"""Draw what a graph cannot show: a curve with its tangent, a slope that jumps."""

import io
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, pairwise

import torch
from matplotlib import rc_context, rcdefaults
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from torch import Tensor

from .language import Text
from .limits import PATIENCE, TooSlow, same_random_state, time_limit, undisturbed
from .paint import DPI, compressed
from .picture import CannotDraw, Picture, kind
from .scene import DARK, GREY, INK, RED
from .tape import aligned, number

POINTS = 240  # even, so that a symmetric interval does not hit its own middle
FEWEST, MOST = 2, 10_000
ROWS = 9  # of a table
MOST_BREAKS = 64
HALVINGS = 64
REMAINS = 0.25  # of a step's irregularity, however small the step: then it is a break
VISIBLE = 1e-6  # of the largest value; what is smaller counts as rounding
WIDTH = 6.4  # inches

NOT_A_FUNCTION = Text(
    "{came} came where a function is expected; give its name without (), as in "
    "show_slopes(f, 1, 2).",
    "这里需要一个函数，收到的却是 {came}；请直接传函数名，不要加 ()，"
    "例如 show_slopes(f, 1, 2)。",
)
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
SLOPE_AT = Text("slope by autograd: {slope}", "autograd 给出的斜率：{slope}")
SLOPE_TRIED = Text(
    "slope of the secant, h = {h}: {slope}, {difference} more than the tangent's",
    "割线的斜率，h = {h}：{slope}，比切线多 {difference}",
)
PIECE = Text(
    "{variable} from {start} to {stop}: {name} from {first} to {last}, slope {slope}",
    "{variable} 从 {start} 到 {stop}：{name} 从 {first} 到 {last}，斜率 {slope}",
)
BETWEEN = Text("between {low} and {high}", "在 {low} 与 {high} 之间")
JUMP = Text("at {variable} = {place}: {changes}", "在 {variable} = {place} 处：{changes}")
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


# ---- data -------------------------------------------------------------------


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


@dataclass(frozen=True)
class Line:
    """Hold a straight line: a tangent, or a secant between two samples."""

    at: Sample
    slope: float
    ends: tuple[Sample, ...] = ()

    def height(self, place: float) -> float:
        """Return the line's value at a place."""
        return self.at.value + self.slope * (place - self.at.place)


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
        return torch.tensor(place, dtype=self.dtype, device="cpu", requires_grad=True)

    def at(self, place: float) -> Sample:
        """Return the finite value and slope there; raise CannotDraw if they are none.

        Every call begins with the same random numbers.
        """
        leaf = self.leaf(place)
        self.place = leaf.item()
        if self.place not in self.seen:
            with same_random_state():
                self.seen[self.place] = self.sample(leaf)
        return self.seen[self.place]

    def sample(self, leaf: Tensor) -> Sample:
        """Run the function and walk back."""
        try:
            result = one_number(self.f(leaf), self.call)
            slope = slope_of(result, leaf)
        except (Exception, SystemExit) as problem:
            if isinstance(problem, CannotDraw):
                raise
            raise CannotDraw(RAISED(call=self.call, problem=brief(problem))) from None
        value, slope, tracked = result.item(), *slope
        if not (math.isfinite(value) and math.isfinite(slope)):
            shown = {"value": number_or_not(value), "slope": number_or_not(slope)}
            raise CannotDraw(NOT_FINITE(call=self.call, **shown))
        return Sample(self.place, float(value), slope, tracked)

    @property
    def call(self) -> str:
        """Write the latest call."""
        return f"{self.name}({number_or_not(self.place)})"


def probe_for(f: Callable, place: float) -> Probe:
    """Get a function ready to be called, and choose the type of its input."""
    if not callable(f):
        raise CannotDraw(NOT_A_FUNCTION(came=kind(f)))
    probe = Probe(f, *names_of(f), place=place)
    try:
        with same_random_state():
            f(probe.leaf(place))
    except RuntimeError:  # "expected both to have the same dtype", perhaps
        probe.dtype = torch.float32
    except (Exception, SystemExit):
        pass  # the first call that counts will say it
    return probe


def names_of(f: Callable) -> tuple[str, str]:
    """Return the names of a function and of its first parameter; f and x if unknown."""
    name = getattr(f, "__name__", "")
    code = getattr(f, "__code__", None)
    variable = code.co_varnames[0] if code and code.co_argcount else ""
    return tuple(
        word if type(word) is str and word.isidentifier() and word.isascii() else usual
        for word, usual in ((name, "f"), (variable, "x"))
    )


def one_number(result: object, call: str) -> Tensor:
    """Return what a function returned, if it is a tensor with one real number."""
    if not issubclass(type(result), Tensor) or result.numel() != 1:
        raise CannotDraw(NOT_ONE_NUMBER(call=call, came=kind(result)))
    if result.is_complex() or result.is_meta:
        raise CannotDraw(NOT_ONE_NUMBER(call=call, came=f"a {result.dtype} tensor"))
    return result


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


def number_or_not(value: float) -> str:
    """Write a number, also one that is not finite."""
    return number(value) if math.isfinite(value) else str(value)


@contextmanager
def patience(probe_of: Callable[[], Probe | None]) -> Iterator[None]:
    """Let a learner's function run in peace, but not for ever."""
    try:
        with undisturbed(), time_limit(PATIENCE):
            yield
    except TooSlow:
        call = probe_of().call
        raise CannotDraw(TOO_SLOW(seconds=PATIENCE, call=call)) from None
