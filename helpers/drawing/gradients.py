"""Draw how large the gradients of a model's parameters are, a bar each."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from math import ceil, floor, log10
from types import GeneratorType
from typing import Any

import torch
from torch import Tensor

from ..graph.functions import MOST_ITEMS
from ..graph.names import choose_telling, find_ways
from ..graph.parameters import Gradient, read_gradients
from ..graph.private import bypass_modes, bypass_torch_function
from ..language import Sentence, Text
from ..wording import describe_error, describe_thing, write_number
from . import theme
from .arguments import read_caller_names
from .fonts import can_write, make_legible, width_of
from .picture import NAMELESS, CannotDraw, Picture, paint_scene
from .scene import (
    BoxShape,
    Scene,
    Style,
    TextShape,
    add_notes,
    can_say,
    shorten_name,
)
from .text import align_columns, list_names, write_count

MOST_BARS = 32  # of more parameters, some are chosen
MOST_ODD = 16  # of these, without a number at most
MOST_TICKS = 8
DIGITS = 4
LENGTH, BAR, GAP = 260.0, 8.0, 5.0  # of the scale, and around a bar, in points
SHORTEST = 0.03  # of the scale: that of the smallest number
TICK = 3.0
FLAT = 0.01  # of what is only a line
ODD = ("nan", "inf", "zero", "none", "unreadable", "lazy", "meta", "result")
LOOKS = {
    "number": Style(theme.GREY),
    "nan": Style(theme.WHITE, heavy=True),
    "inf": Style(theme.WHITE, heavy=True),
    "zero": Style(theme.WHITE),
    "frozen": Style(theme.FILL["leaf"]),
}
NO_NUMBER = Style(theme.WHITE, dashed=True)

NOT_A_MODEL = Text(
    "{came} came where a model is expected, or tensors with names; write, for example, "
    'show_gradients(model) or show_gradients({{"w": w}}).',
    "这里需要模型，或者有名字的张量，收到的却是：{came}；例如可以写 "
    'show_gradients(model) 或 show_gradients({{"w": w}})。',
)
A_CLASS = Text(
    "The class {name} came where a model is expected; make one of it first, as in "
    "model = {name}(…), and give that.",
    "这里需要模型，收到的却是类 {name}；请先创建一个实例，例如 model = {name}(…)，再传"
    "入它。",
)
NOT_A_TENSOR = Text(
    "{name} is {came}, where a tensor is expected; give only tensors, as in "
    'show_gradients({{"w": w}}).',
    "{name} 应当是张量，收到的却是：{came}；请只给张量，例如 "
    'show_gradients({{"w": w}})。',
)
NO_PARAMETERS = Text(
    "{came} came, in which there is no parameter; give a model that has some, or "
    "tensors that ask for a gradient.",
    "收到的是：{came}；里面没有参数。请给一个有参数的模型，或者需要梯度的张量。",
)
NOT_READY = Text(
    "{came} came without what every module has; let its __init__ begin with "
    "super().__init__().",
    "收到的是：{came}；它缺少每个模块都有的内容。请让它的 __init__ 先调用 "
    "super().__init__()。",
)
TOO_MANY = Text(
    "More than {most} tensors came; give a part of the model, as in "
    "show_gradients(model.encoder).",
    "收到的张量超过 {most} 个；请只给模型的一部分，例如 "
    "show_gradients(model.encoder)。",
)
UNREADABLE = Text(
    "{came} came, but its parameters cannot be read: {problem}; give them by name, as "
    'in show_gradients({{"w": w}}).',
    "收到的是：{came}；但读不出它的参数：{problem}。请逐个写出名字，例如 "
    'show_gradients({{"w": w}})。',
)

TITLE = Text(
    "largest absolute value of each .grad, logarithmic scale",
    "每个 .grad 绝对值的最大值，对数刻度",
)
ALT = Text("Gradients of {count}: {told}.", "{count}的梯度：{told}。")
ONE, MANY = Text("1 parameter", "1 个参数"), Text("{n} parameters", "{n} 个参数")
RANGE = Text(
    "largest absolute values from {low} ({least}) to {high} ({most})",
    "绝对值的最大值从 {low}（{least}）到 {high}（{most}）",
)
SINGLE = Text(
    "largest absolute value {high} ({most})", "绝对值的最大值 {high}（{most}）"
)
COUNTED = Text("{word}: {names}", "{word}：{names}")
AND_THEN = Text("; ", "；")
WORDS = {
    "nan": Text("nan", "nan"),
    "inf": Text("inf", "inf"),
    "zero": Text("exactly 0", "恰好为 0"),
    "none": Text("None", "None"),
    "frozen": Text("frozen", "已冻结"),
    "empty": Text("no numbers", "没有数"),
    "result": Text("not kept", "未保留"),
    "lazy": Text("no shape yet", "还没有形状"),
    "meta": Text("on meta", "在 meta 上"),
    "unreadable": Text("cannot be read", "读不出"),
}
NOT_FINITE = Text("{what} of {count}", "{count} 个数中有 {what}")
YET_FROZEN = Text("{number}, frozen", "{number}，已冻结")
NO_SHAPE = Text("none yet", "还没有")
HEADS = Text("name", "名称"), Text("shape", "形状"), Text("largest", "最大绝对值")

LEFT_OUT = Text(
    "Left out: {count}; drawn are at most {odd} without a number, others at even "
    "distances{ends}.",
    "有 {count} 个没有画出；画出的是：没有数值的（最多 {odd} 个），等间隔选出的其他参数"
    "{ends}。",
)
ENDS = Text(
    ", the smallest ({least}) and the largest ({most})",
    "，最小的（{least}）和最大的（{most}）",
)
SHARED = Text("Shared, drawn once: {names}.", "共享的参数只画一次：{names}。")
NOT_WALKED = Text(
    "No gradient is there yet: call loss.backward() first; if that has run, "
    "why(w, loss) says more.",
    "还没有任何梯度：请先调用 loss.backward()；如果已经运行过，why(w, loss) 会说明原"
    "因。",
)
NONE_ASKS = Text(
    "None of them asks for a gradient: requires_grad is False; give the model itself, "
    "not its state_dict() and not the gradients, or set requires_grad_().",
    "它们都不需要梯度：requires_grad 是 False；请给模型本身，而不是 state_dict() 或"
    "梯度；或者调用 requires_grad_()。",
)
REMARKS = {
    "result": Text(
        "No leaf, so .grad is not kept: {names}; call retain_grad() before backward().",
        "不是叶子张量，.grad 不会保留：{names}；请在 backward() 之前调用 "
        "retain_grad()。",
    ),
    "lazy": Text(
        "No shape yet: {names}; run the model once.",
        "还没有形状：{names}；请先运行一次模型。",
    ),
    "meta": Text(
        "On the device meta, where there are no numbers: {names}; make the model on a "
        "real device.",
        "在 meta 设备上，没有数值：{names}；请在真实的设备上创建模型。",
    ),
    "unreadable": Text(
        "A kind of tensor that cannot be measured here: {names}.",
        "这里无法测量这种张量：{names}。",
    ),
}


def show_gradients(model: Any, /) -> Picture:
    """Draw how large the gradient of each parameter of a `model` is, on one scale.

        loss.backward()
        show_gradients(model)

    A bar is as long as the largest absolute value of a parameter's .grad, on a
    logarithmic scale. Where there is none, a word in its place says why: None, exactly
    0, nan or inf (how many), frozen. Instead of a model, tensors of any shape do, in a
    dict by name or in a list. Of more than 32 parameters some are chosen, and a
    sentence says how. Raises CannotDraw for all else; no gradient is changed.
    """
    names = read_caller_names({})
    try:
        with bypass_modes(), bypass_torch_function():
            found = read_gradients(list_named(model, names))
    except CannotDraw:
        raise
    except Exception as problem:
        came, why = describe_thing(model), describe_error(problem)
        raise CannotDraw(UNREADABLE(came=came, problem=why)) from problem
    return draw_gradients(found)


def draw_gradients(found: Sequence[Gradient]) -> Picture:
    """Return the picture of some gradients, in words and as bars."""
    chosen = choose(found)
    rows = [found[place] for place in chosen]
    notes, alt = write_notes(found, len(found) - len(chosen)), describe(found)
    hidden = ", ".join(f"#{n}" for n in chosen if not can_write(found[n].name))
    below = [*notes, NAMELESS(ids=hidden)] if hidden else notes
    bars = draw_bars(rows, label_rows(chosen, rows))
    page = add_notes(bars, list(map(can_say, below))) if below else bars
    text = "\n".join([alt, tabulate(chosen, rows), *below])
    return Picture(partial(paint_scene, page), text, alt)


# ---------------------------------------------------------------- what came


def list_named(thing: Any, names: Mapping[str, object]) -> list[tuple[str, Tensor]]:
    """Return tensors with their names; raise CannotDraw for all else."""
    kind = type(thing)
    if issubclass(kind, type):
        raise CannotDraw(A_CLASS(name=thing.__name__))
    if issubclass(kind, torch.nn.Module):
        found = list_parameters(thing)
    elif issubclass(kind, dict):
        found = [(name_key(key), part) for key, part in dict.items(thing)]
    elif issubclass(kind, list | tuple | GeneratorType):
        found = list(map(name_item, range(MOST_ITEMS + 1), thing))
    else:
        found = [("", thing)]
    check(found, thing)
    return name_unnamed(found, names)


def list_parameters(module: Any) -> list[tuple[str, Tensor]]:
    """Return a module's parameters, by all names; raise CannotDraw if it is unmade."""
    try:
        every = torch.nn.Module.named_parameters(module, remove_duplicate=False)
        return list(islice(every, MOST_ITEMS + 1))
    except AttributeError:
        raise CannotDraw(NOT_READY(came=describe_thing(module))) from None


def name_key(key: object) -> str:
    return str(key) if type(key) in (str, int) else describe_thing(key)


def name_item(place: int, item: Any) -> tuple[str, Any]:
    """Return an item of a list with its name, if it came with one."""
    if type(item) is tuple and len(item) == 2 and type(item[0]) is str:
        return item
    return f"[{place}]", item


def check(found: Sequence[tuple[str, Any]], thing: Any) -> None:
    """Raise CannotDraw where something is no tensor, or nothing is there."""
    if not found:
        raise CannotDraw(NO_PARAMETERS(came=describe_thing(thing)))
    if len(found) > MOST_ITEMS:
        raise CannotDraw(TOO_MANY(most=MOST_ITEMS))
    for name, part in found:
        if not issubclass(type(part), Tensor):
            came = describe_thing(part)
            said = NOT_A_TENSOR(name=name, came=came) if name else None
            raise CannotDraw(said or NOT_A_MODEL(came=came))


def name_unnamed(
    found: list[tuple[str, Tensor]], names: Mapping[str, object]
) -> list[tuple[str, Tensor]]:
    """Name what stands in a list, or alone, as the learner does."""
    if all(name and name[0] != "[" for name, _ in found):
        return found
    ways = {id(way.thing): way.name for way in choose_telling(find_ways(names))}
    return [
        (ways.get(id(part), name or "[0]") if name[:1] in ("", "[") else name, part)
        for name, part in found
    ]


# ---------------------------------------------------------------- which are drawn


def choose(found: Sequence[Gradient]) -> list[int]:
    """Return the places of those that are drawn, in their order."""
    every = range(len(found))
    if len(found) <= MOST_BARS:
        return list(every)
    odd = [n for n in every if found[n].kind in ODD]
    chosen = set(spread(sorted(odd, key=lambda n: ODD.index(found[n].kind)), MOST_ODD))
    ends = find_ends(found)
    chosen |= {n for n in every if any(found[n] is end for end in ends)}
    rest = [n for n in every if n not in chosen and found[n].kind not in ODD]
    return sorted({*chosen, *spread(rest, MOST_BARS - len(chosen))})


def spread(places: list[int], most: int) -> list[int]:
    """Return some of many places, at even distances; of the two ends both."""
    if len(places) <= most:
        return places
    return [places[round(n * (len(places) - 1) / (most - 1))] for n in range(most)]


# ---------------------------------------------------------------- in words


def describe(found: Sequence[Gradient]) -> Sentence:
    """Say in one sentence what is there, and of what how much."""
    groups = group_names(found)
    ends, count = name_ends(found), len(groups["number"])
    told: list[str] = [(RANGE if count > 1 else SINGLE)(**ends)] if count else []
    for kind, word in WORDS.items():
        if names := groups.get(kind):
            told.append(COUNTED(word=f"{len(names)} {word()}", names=list_names(names)))
    every = write_count(len(found), ONE, MANY)
    return ALT(count=every, told=AND_THEN().join(told))


def group_names(found: Sequence[Gradient]) -> dict[str, list[str]]:
    """Return the names of each kind."""
    groups = defaultdict(list)
    for each in found:
        groups[each.kind].append(make_legible(each.name))
    return groups


def find_ends(found: Sequence[Gradient]) -> list[Gradient]:
    """Return the smallest and the largest gradient, if there are numbers."""
    numbers = [each for each in found if each.kind == "number"]
    by_size = sorted(numbers, key=lambda each: each.largest)
    return [by_size[0], by_size[-1]] if by_size else []


def name_ends(found: Sequence[Gradient]) -> dict[str, str]:
    """Return the numbers and names of both, for a sentence."""
    if not (ends := find_ends(found)):
        return {}
    low, high = map(write_size, ends)
    least, most = (make_legible(each.name) for each in ends)
    return {"low": low, "high": high, "least": least, "most": most}


def write_size(each: Gradient) -> str:
    return write_number(each.largest, most=DIGITS)


def write_notes(found: Sequence[Gradient], left_out: int) -> list[Sentence]:
    """Say what the reader of this picture has to know."""
    groups = group_names(found)
    notes, ends = [], name_ends(found)
    if left_out:
        said = ENDS(**ends) if ends else ""
        notes.append(LEFT_OUT(count=left_out, odd=MOST_ODD, ends=said))
    if all(each.frozen for each in found):
        notes.append(NONE_ASKS())
    elif groups.keys() <= {"none", "frozen"}:
        notes.append(NOT_WALKED())
    told = [kind for kind in REMARKS if kind in groups]
    notes += [REMARKS[kind](names=list_names(groups[kind])) for kind in told]
    shared = [" = ".join([each.name, *each.also]) for each in found if each.also]
    if shared:
        notes.append(SHARED(names=list_names(list(map(make_legible, shared)))))
    return notes


def write_largest(each: Gradient) -> str:
    """Write what stands beside a bar, or in its place."""
    if each.kind == "number":
        number = write_size(each)
        return YET_FROZEN(number=number) if each.frozen else number
    if each.kind in ("nan", "inf"):
        counts = {"nan": each.nans, "inf": each.infinite}
        what = ", ".join(f"{n} {word}" for word, n in counts.items() if n)
        return NOT_FINITE(what=what, count=each.count)
    return WORDS[each.kind]()


def tabulate(chosen: Sequence[int], rows: Sequence[Gradient]) -> str:
    """Write what is drawn as a table."""
    lines = [["", *(head() for head in HEADS)]]
    for place, each in zip(chosen, rows, strict=True):
        shape = NO_SHAPE() if each.shape is None else write_shape(each.shape)
        lines.append([f"{place}", make_legible(each.name), shape, write_largest(each)])
    return "\n".join(align_columns(lines))


def write_shape(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "1"


# ---------------------------------------------------------------- as a picture


def label_rows(chosen: Sequence[int], rows: Sequence[Gradient]) -> list[str]:
    """Return names that fit, with the number of the row where two look alike."""
    short = [
        shorten_name(each.name) if can_write(each.name) else f"#{place}"
        for place, each in zip(chosen, rows, strict=True)
    ]
    often = Counter(short)
    return [
        f"{name} #{place}" if often[name] > 1 else name
        for place, name in zip(chosen, short, strict=True)
    ]


def draw_bars(rows: Sequence[Gradient], labels: Sequence[str]) -> Scene:
    """Give each parameter a line: its name, and a bar with its number, or a word."""
    start = max(width_of(label, theme.SIZE) for label in labels) + GAP
    low, high = find_decades(rows)
    title = can_say(TITLE())
    texts = [place_text(start, theme.LINE / 2, title, theme.INK)]
    ticks = draw_ticks(start, low, high) if high > low else []
    boxes = [tick for tick, _ in ticks]
    texts += [words for _, words in ticks]
    top = theme.LINE * (3 if ticks else 2)
    for row, (each, label) in enumerate(zip(rows, labels, strict=True)):
        y = top + row * theme.LINE
        left = start - GAP - width_of(label, theme.SIZE)
        texts.append(place_text(left, y, label, theme.INK))
        box, words = draw_row(each, start, y, low, high)
        boxes.append(box)
        texts.append(words)
    height = top + (len(rows) - 0.5) * theme.LINE
    axis = BoxShape(start, (top + height) / 2 - 2, FLAT, height - top + 8, Style())
    right = max(it.x + width_of(it.words, it.size) / 2 for it in texts)
    return Scene(max(right, start + LENGTH), height, (axis, *boxes), (), tuple(texts))


def place_text(left: float, y: float, words: str, colour: str) -> TextShape:
    """Return words that begin at a place."""
    return TextShape(
        left + width_of(words, theme.SIZE) / 2, y, theme.SIZE, colour, words
    )


def draw_row(
    each: Gradient, start: float, y: float, low: int, high: int
) -> tuple[BoxShape, TextShape]:
    """Draw a bar with its number behind it, or a word in a frame of its own."""
    words, look = can_say(write_largest(each)), LOOKS.get(each.kind, NO_NUMBER)
    if each.kind == "number":
        length = LENGTH * (log10(each.largest) - low) / (high - low)
        bar = BoxShape(start + length / 2, y, length, BAR, look)
        return bar, place_text(start + length + GAP, y, words, theme.INK)
    wide = width_of(words, theme.SIZE) + 2 * GAP
    frame = BoxShape(start + GAP + wide / 2, y, wide, theme.LINE - 2, look)
    ink = theme.RED if each.kind in ("nan", "inf") else theme.INK
    return frame, place_text(start + 2 * GAP, y, words, ink)


def find_decades(rows: Sequence[Gradient]) -> tuple[int, int]:
    """Return the powers of ten at both ends of the scale, equal if no number is there.

    It begins so far below the smallest number that its bar can still be seen.
    """
    powers = [log10(each.largest) for each in rows if each.kind == "number"]
    if not powers:
        return 0, 0
    high = ceil(max(powers))
    return floor(min(powers) - max(0.2, SHORTEST * (high - min(powers)))), high


def draw_ticks(start: float, low: int, high: int) -> list[tuple[BoxShape, TextShape]]:
    """Mark powers of ten above the bars."""
    found = []
    for power in range(low, high + 1, ceil((high - low) / MOST_TICKS)):
        x = start + LENGTH * (power - low) / (high - low)
        mark = BoxShape(x, 2 * theme.LINE, FLAT, TICK, Style())
        words = TextShape(x, 1.5 * theme.LINE, theme.NOTE, theme.GREY, f"1e{power}")
        found.append((mark, words))
    return found
