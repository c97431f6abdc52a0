"""Check what came to be drawn, and say in one sentence what is wrong with it."""

import sys
from collections import ChainMap
from collections.abc import Mapping
from itertools import compress, repeat
from typing import Any

import torch
from torch import Tensor

from ..graph.depth import LIMIT
from ..graph.engines import is_recorded
from ..graph.names import list_variables
from ..graph.private import is_transformed
from ..language import Text
from ..wording import describe_thing
from .picture import CannotDraw

NOT_A_TENSOR = Text(
    "{came} came where a tensor that was computed is expected; give the result of "
    "your computation, as in show_graph(y).",
    "这里需要一个计算得到的张量，收到的却是：{came}；"
    "请传入计算的结果，例如 show_graph(y)。",
)
NO_TENSOR = Text(
    "No tensor came to be drawn, which stands first and without a name; give the "
    "result of your computation, as in show_graph(y).",
    "没有收到要画的张量；它应当放在第一位，并且不写名字。"
    "请传入计算的结果，例如 show_graph(y)。",
)
SEVERAL = Text(
    "{count} things came without a name, but one is drawn; put several results into "
    "one list, as in show_graph([a, b]), and give all else by its name, as in "
    "weights=w.",
    "收到 {count} 个不写名字的参数，但只能画一个；请把多个结果放进一个列表，例如 "
    "show_graph([a, b])，其他参数请写出名字，例如 weights=w。",
)
NO_GRAPH = Text(
    "{came} came without a graph: perhaps no leaf behind it requires grad, or no_grad, "
    "detach, torch.tensor or the like cut it off; compute it from a leaf with "
    "requires_grad=True, without such a cut, and show that result.",
    "收到的是：{came}；它没有计算图：可能它背后没有需要梯度的叶子张量，也可能是 "
    "no_grad、detach、torch.tensor 之类的操作把它断开了。请从 requires_grad=True 的"
    "叶子张量出发，不再断开，重新计算后再画结果。",
)
INFERENCE = Text(
    "{came} came without a graph, because it was made in torch.inference_mode, where "
    "nothing is recorded; compute it outside, from a leaf with requires_grad=True, and "
    "show that result.",
    "收到的是：{came}；它没有计算图，因为它是在 torch.inference_mode 中创建的，"
    "那里什么都不记录。请在外面用 requires_grad=True 的叶子张量重新计算，再画结果。",
)
NO_FRACTIONS = Text(
    "{came} came without a graph, because its type {dtype} can have none: only "
    "floating-point and complex tensors can require grad; show a result from before a "
    "comparison, argmax, a conversion or the like.",
    "收到的是：{came}；它没有计算图，因为它的类型 {dtype} 不可能有计算图："
    "只有浮点和复数张量才能需要梯度。"
    "请改画比较、argmax、类型转换之类的操作之前的结果。",
)
BAD_WEIGHTS = Text(
    "The weights came with shape {came}, but each result needs one weight per number: "
    "shape {wanted}; give weights=torch.ones_like(y), for example.",
    "权重的形状是 {came}，而结果中的每个数都需要一个权重：形状应为 {wanted}；"
    "例如 weights=torch.ones_like(y)。",
)
WRONG_WEIGHTS = Text(
    "weights={came} came, but each result needs weights of its own ({count} in all), a "
    "tensor of its shape, device and kind of number; give weights=torch.ones_like(y), "
    "for example.",
    "weights 收到的是：{came}；但每个结果都需要自己的权重张量（共 {count} 个），形状、"
    "设备和数的类型都与结果相同，例如 weights=torch.ones_like(y)。",
)
NOT_A_NAME = Text(
    "{name}={came} came, but a name is given to a tensor or to a module; write "
    "{name}=t, where t is your tensor.",
    "{name} 收到的是：{came}；但名字只能给张量或模块，请写 {name}=t，"
    "其中 t 是你的张量。",
)
BAD_OPTION = Text(
    "{option}={came} came, but {option} is an option, which takes {wanted}; if it was "
    "meant as a name, choose another, as in my_{option}=t, where t is your tensor.",
    "{option} 收到的是：{came}；但 {option} 是一个选项，它的值应当是{wanted}。"
    "如果想用它作名字，请换一个，例如 my_{option}=t，其中 t 是你的张量。",
)
A_STEP = Text("a whole number of steps", "步数（整数）")
TRUE_OR_FALSE = Text("True or False", " True 或 False")
SOME_MODULES = Text(
    "True, a number of levels to open, or the name of a module to open",
    " True、要展开的层数，或要展开的模块的名字",
)
NO_SUCH_MODULE = Text(
    "modules={came} came, but no module of this name ran here; choose one of {names}.",
    "收到 modules={came}，但这里没有运行过叫这个名字的模块；请从 {names} 中选择。",
)
TOO_MANY = Text(
    "{came} results came, but one picture holds at most {most}; show some of them.",
    "收到 {came} 个结果，但一张图最多容纳 {most} 个；请只画其中一些。",
)
TRANSFORMED = Text(
    "A tensor from inside torch.func came, which keeps a graph of its own; show the "
    "result of the same computation outside of grad, vmap and the like.",
    "收到的张量来自 torch.func 内部，那里另有一套计算图；请在 grad、"
    "vmap 等之外做同样的计算，再画结果。",
)
BAD_STEP = Text(
    "step={came} came, but this walk has the steps 0 to {last}; choose one of them.",
    "收到 step={came}，但这次反向传播只有第 0 到第 {last} 步；请从中选择。",
)


def read_caller_names(given: Mapping[str, object]) -> ChainMap[str, object]:
    """Return the names that were given, then the variables of whoever draws."""
    for name, thing in given.items():
        known = issubclass(type(thing), Tensor | torch.nn.Module)
        if not known and not is_recorded(thing):
            raise CannotDraw(NOT_A_NAME(name=name, came=describe_thing(thing)))
    return ChainMap(dict(given), list_variables(sys._getframe(2)))


def check_flags(**flags: object) -> None:
    """Raise CannotDraw for an option that is neither true nor false; 0 and 1 are."""
    for name, given in flags.items():
        check_option(name, given, TRUE_OR_FALSE)


def check_modules(modules: Any) -> None:
    """Raise CannotDraw for what says of no modules whether they are boxes."""
    kind = type(modules)
    if not (issubclass(kind, str) or (issubclass(kind, int) and modules >= 0)):
        came = describe_thing(modules)
        raise CannotDraw(BAD_OPTION(option="modules", came=came, wanted=SOME_MODULES()))


def check_step(step: int, last: int) -> None:
    """Raise CannotDraw for what is no step of a walk."""
    check_option("step", step, A_STEP)
    if not 0 <= step <= last:
        raise CannotDraw(BAD_STEP(came=describe_thing(step), last=last))


def check_option(name: str, given: object, wanted: Text) -> None:
    if not issubclass(type(given), int):
        came = describe_thing(given)
        raise CannotDraw(BAD_OPTION(option=name, came=came, wanted=wanted()))


def take_one(given: tuple) -> object:
    """Return what was given without a name, if it is one thing."""
    if len(given) != 1:
        raise CannotDraw(SEVERAL(count=len(given)) if given else NO_TENSOR())
    return given[0]


# What came may raise whenever it is looked at: only its type is asked.


def list_items(given: Any) -> list:
    """Return the items of a list or tuple, without None; or else the thing itself."""
    several = issubclass(type(given), list | tuple)
    return [thing for thing in given if thing is not None] if several else [given]


def check_roots(y: Any) -> list[Tensor]:
    """Return the tensors to draw, or say what is wrong with them."""
    came = list_items(y)
    for thing in came or [y]:
        if not issubclass(type(thing), Tensor):
            raise CannotDraw(NOT_A_TENSOR(came=describe_thing(thing)))
        if is_transformed(thing):
            raise CannotDraw(TRANSFORMED())
    roots = [thing for thing in came if thing.requires_grad]
    if not roots:
        raise CannotDraw(explain_no_graph(came[0]))
    if len(roots) > LIMIT:
        raise CannotDraw(TOO_MANY(came=len(roots), most=LIMIT))
    return roots


def explain_no_graph(thing: Tensor) -> str:
    """Say that a tensor has no graph, and why only where that is known."""
    came, dtype = describe_thing(thing), thing.dtype
    if not (dtype.is_floating_point or dtype.is_complex):
        return NO_FRACTIONS(came=came, dtype=dtype)
    return (INFERENCE if thing.is_inference() else NO_GRAPH)(came=came)


def check_weights(y: Any, roots: list[Tensor], weights: Any) -> list[Tensor | None]:
    """Return one weight tensor, or None for ones, per root."""
    if weights is None:
        return [None] * len(roots)
    items, count = list_items(y), len(roots)
    given = [*weights] if type(weights) in (list, tuple) else [weights]
    if len(given) == len(items):
        given = [*compress(given, (thing.requires_grad for thing in items))]
    if len(given) != count:
        raise CannotDraw(WRONG_WEIGHTS(came=describe_thing(weights), count=count))
    return [*map(check_weight, roots, given, repeat(count))]


def check_weight(root: Tensor, weight: Any, count: int) -> Tensor | None:
    """Return the weights of one root of so many, or say what is wrong with them."""
    if type(weight) in (int, float, complex) and root.dim() == 0:
        weight = torch.full_like(root, weight)
    if weight is None:
        return None
    is_tensor = issubclass(type(weight), Tensor)
    if is_tensor and weight.shape != root.shape:
        came, wanted = tuple(weight.shape), tuple(root.shape)
        raise CannotDraw(BAD_WEIGHTS(came=came, wanted=wanted))
    fits = is_tensor and weight.device == root.device
    if not fits or (weight.is_complex() and not root.is_complex()):
        raise CannotDraw(WRONG_WEIGHTS(came=describe_thing(weight), count=count))
    return weight
