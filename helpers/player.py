"""Put a slider beside a picture, for a live kernel."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from html import escape

import torch
from torch import Tensor

from .flow import after
from .fold import folded
from .graph import Graph, watch
from .language import Text
from .limits import PATIENCE, TooSlow, time_limit, undisturbed
from .paint import painted
from .picture import (
    MOST_FRAMES,
    CannotDraw,
    Picture,
    caller_names,
    kind,
    picture_of,
    read,
)
from .sampling import NOT_A_FUNCTION, RAISED, brief, plain
from .scene import page, scene, walked
from .tape import show, steps

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
# Set it where notebooks are run to be stored or compared: a slider is dead there.
STILL = "AUTOGRAD_COURSE_STILL"
MOST_LABELS = 8

PLAYER = Text(
    "▷ Player of {title}: {count} frame(s), {covers}. "
    "Run this cell in a live notebook to move the slider.",
    "▷ {title} 的播放器：{count} 帧，{covers}。请在可运行的笔记本中运行此单元格，"
    "再移动滑块。",
)
NO_WIDGETS = Text(
    "There is no slider here, because ipywidgets does not work ({why}); "
    "this is the still picture.",
    "这里没有滑块，因为 ipywidgets 无法使用（{why}）；下面是静态的图。",
)
STEP = Text("step", "步")
BACK, NEXT = Text("◀ back", "◀ 后退"), Text("next ▶", "前进 ▶")
STEPS = Text("steps 0 to {last}", "第 0 到第 {last} 步")
START = Text("0. Nothing has been sent back yet.", "0. 还没有回传任何数。")
GIVES = Text(
    "{name} = {value} gives {call} = {result}, and {grad} comes back to {name}.",
    "{name} = {value} 时 {call} = {result}，回传到 {name} 的是 {grad}。",
)
ONE_NAME = Text(
    "{count} names came, but one parameter with its values is expected, as in "
    "explore(f, a=[1, 2, 3]).",
    "收到 {count} 个名字，但这里需要一个参数和它的取值，例如 explore(f, a=[1, 2, 3])。",
)
NO_VALUES = Text(
    "{name} is {came}, but a list of numbers is expected, as in explore(f, {name}=[1, "
    "2, 3]).",
    "{name} 是 {came}，但这里需要由数组成的列表，例如 explore(f, {name}=[1, 2, 3])。",
)
NOT_COMPUTED = Text(
    "{call} returned {came}, but a tensor that is computed from its input is expected; "
    "use torch operations.",
    "{call} 返回了 {came}，但这里需要由输入计算得到的张量；请使用 torch 运算。",
)
ENDLESS = Text(
    "{call} was stopped after {seconds} seconds; does one of its loops never end?",
    "{call} 运行 {seconds} 秒后被停止；是不是有循环永远不会结束？",
)


@dataclass(frozen=True)
class Frame:
    """Hold one picture and the sentence beside it."""

    picture: Picture
    words: str


@dataclass(frozen=True, eq=False)
class Run:
    """Hold what one run of a function recorded: `call` is f(0.3), `value` 0.3."""

    name: str
    value: str
    call: str
    graph: Graph
    said: tuple[str, ...]


class Player:
    """Show one frame of several beside a slider; without a live kernel, say so.

    `player.frame(k)` is frame number k; it is made when it is first wanted.
    """

    def __init__(
        self,
        title: str,
        covers: str,
        knob: str,
        labels: Sequence[str],
        frame: Callable[[int], Frame],
        still: Callable[[], Picture],
    ):
        """Take what the slider is called, a label for each frame, and what makes it.

        `still` makes the picture that stands in where there is no slider.
        """
        self.title, self.covers, self.knob = title, covers, knob
        self.labels, self.frame, self.still = tuple(labels), cache(frame), still

    def __repr__(self) -> str:
        count = len(self.labels)
        return PLAYER(title=self.title, count=count, covers=self.covers)

    @cached_property
    def widget(self):
        """Return the slider with its picture, an ipywidgets.VBox."""
        return controls(self)

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = {"text/plain": repr(self)}
        if os.environ.get(STILL):
            return text
        try:
            model = self.widget.model_id
        except Exception as problem:  # not installed, or it does not fit the kernel
            print(NO_WIDGETS(why=brief(problem)))
            return self.still()._repr_mimebundle_()
        # What ipywidgets 8 returns here, too; version 7 would display it by itself.
        view = {"version_major": 2, "version_minor": 0, "model_id": model}
        return text | {WIDGET_VIEW: view}


# ---- the front --------------------------------------------------------------


def play(
    y: Tensor | Sequence[Tensor],
    *,
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Player:
    """Put the walk back from `y` under a slider, one frame a step.

    Takes and raises what show_backward does. The walk is run once, now.
    """
    graph, said = read(y, weights, True, caller_names(names))
    graph = folded(graph) if fold else graph
    last = len(graph.walk)
    return Player(
        ", ".join(graph.node(root).label for root in graph.roots),
        STEPS(last=last),
        STEP(),
        [str(step) for step in range(last + 1)],
        partial(frame_of_walk, graph, said),
        partial(whole_walk, graph, said),
    )


def explore(
    f: Callable[[Tensor], Tensor], /, *, fold: bool = True, **values: Iterable
) -> Player:
    """Put the graph of `f` under a slider over the values of its parameter.

    As in explore(f, a=[0.3, 0.6, -0.5]): f runs once for each value, now, and each
    run has its own graph. Raises CannotDraw where one of the runs fails.
    """
    if not callable(f):
        raise CannotDraw(NOT_A_FUNCTION(came=kind(f)))
    if len(values) != 1:
        raise CannotDraw(ONE_NAME(count=len(values)))
    ((name, given),) = values.items()
    title, names = plain(getattr(f, "__name__", ""), "f"), caller_names({})
    runs = [run(f, title, name, leaf, names) for leaf in leaves_of(name, given)]
    if fold:
        runs = [replace(each, graph=folded(each.graph)) for each in runs]
    labels = [each.value for each in runs]
    return Player(
        title,
        f"{name} = {in_short(labels)}",
        name,
        labels,
        lambda number: frame_of_run(runs[number]),
        partial(all_runs, runs),
    )


# ---- a walk -----------------------------------------------------------------


def frame_of_walk(graph: Graph, said: Sequence[str], step: int) -> Frame:
    """Return the picture after so many steps, and the latest step in words."""
    now = after(graph, step)
    words = steps(now)[-1] if step else " ".join(said) or START()
    return Frame(picture_of([scene(graph, step)], now, said), words)


def whole_walk(graph: Graph, said: Sequence[str]) -> Picture:
    """Return the picture that show_backward draws."""
    short = 1 <= len(graph.walk) <= MOST_FRAMES
    return picture_of(walked(graph) if short else [scene(graph)], graph, said)


# ---- a function -------------------------------------------------------------


def in_short(labels: Sequence[str]) -> str:
    """List labels, only the ends of a long list."""
    few = [*labels[:3], "…", labels[-1]] if len(labels) > MOST_LABELS else labels
    return ", ".join(few)


def leaves_of(name: str, given: object) -> list[Tensor]:
    """Return a leaf for each value, or say that they are no list of numbers."""
    try:
        values = () if isinstance(given, str | Mapping) else list(given)
        leaves = [leaf_of(value) for value in values]
    except (TypeError, ValueError, RuntimeError):
        leaves = []
    if not leaves:
        raise CannotDraw(NO_VALUES(name=name, came=kind(given)))
    return leaves


def leaf_of(value: object) -> Tensor:
    """Return a value as a leaf of its own that requires grad."""
    if issubclass(type(value), Tensor):
        return value.detach().clone().requires_grad_()
    return torch.tensor(value, dtype=torch.get_default_dtype(), requires_grad=True)


def run(f: Callable, title: str, name: str, leaf: Tensor, names: Mapping) -> Run:
    """Run a function on its leaf, called `name`, and read the graph."""
    value = show(leaf.detach())
    call = f"{title}({value})"
    try:
        with undisturbed(), time_limit(PATIENCE):
            with watch():
                result = f(leaf)
            must_be_computed(result, call)
            found = {name: leaf, call: result}
            graph, said = read(result, None, True, {**names, **found})
    except TooSlow:
        raise CannotDraw(ENDLESS(call=call, seconds=PATIENCE)) from None
    except CannotDraw:
        raise
    except (Exception, SystemExit) as problem:
        raise CannotDraw(RAISED(call=call, problem=brief(problem))) from None
    return Run(name, value, call, graph, tuple(said))


def must_be_computed(result: object, call: str) -> None:
    """Raise CannotDraw for anything but a tensor with a graph."""
    if not issubclass(type(result), Tensor) or not result.requires_grad:
        raise CannotDraw(NOT_COMPUTED(call=call, came=kind(result)))


def frame_of_run(run: Run) -> Frame:
    """Return the picture of one run, and what it gave in words."""
    (root,) = map(run.graph.node, run.graph.roots)
    leaves = (node for node in run.graph.nodes if node.op == "leaf")
    grad = next((leaf.grad for leaf in leaves if leaf.name == run.name), None)
    words = GIVES(
        name=run.name,
        value=run.value,
        call=run.call,
        result=show(root.value),
        grad="None" if grad is None else show(grad),
    )
    return Frame(picture_of([scene(run.graph)], run.graph, run.said), words)


def all_runs(runs: Sequence[Run]) -> Picture:
    """Return the pictures of all runs beside each other."""
    pictures = [frame_of_run(each).picture for each in runs]
    paint = partial(painted, page([scene(each.graph) for each in runs]))
    text = "\n\n".join(map(str, pictures))
    return Picture(paint, text, " ".join(picture.alt for picture in pictures))


# ---- the controls -----------------------------------------------------------


def controls(player: Player):
    """Build a slider and two buttons, with a sentence and the picture below."""
    import ipywidgets as widgets  # slow, and needed only where somebody looks

    slider = widgets.SelectionSlider(
        options=[(label, k) for k, label in enumerate(player.labels)],
        description=player.knob,
    )
    narrow = {"width": "auto"}
    back = widgets.Button(description=BACK(), layout=narrow)
    forth = widgets.Button(description=NEXT(), layout=narrow)
    words, picture = widgets.HTML(), widgets.HTML()
    back.on_click(lambda _: move(slider, -1))
    forth.on_click(lambda _: move(slider, 1))
    show_frame = partial(put, player, words, picture)
    slider.observe(lambda change: show_frame(change["new"]), "value")
    show_frame(slider.value)
    return widgets.VBox([widgets.HBox([slider, back, forth]), words, picture])


def move(slider, by: int) -> None:
    """Move a slider by a place, if there is one."""
    slider.value = min(max(slider.value + by, 0), len(slider.options) - 1)


def put(player: Player, words, picture, number: int) -> None:
    """Put a frame where it is seen; an <img> has words for those who see nothing."""
    frame = player.frame(number)
    shown, metadata = frame.picture._repr_mimebundle_()
    source, width = shown["image/png"], metadata["image/png"]["width"]
    words.value = escape(frame.words)
    picture.value = (
        f'<img alt="{escape(frame.picture.alt)}" style="width: {width}px" '
        f'src="data:image/png;base64,{source}">'
    )
