"""Put a slider beside a picture, for a live kernel."""

import os
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from html import escape
from typing import Any

import torch
from torch import Tensor

from ..graph.backward import show_until_step
from ..graph.data import Graph
from ..graph.watch import watch
from ..language import Sentence, Text, join_sentences
from ..wording import describe_error, describe_thing, write_value
from .arguments import read_caller_names, take_one
from .live import STILL, WIDGET_VIEW
from .picture import CannotDraw, Picture, make_picture, paint_scene
from .sampling import BAD_RESULT, parameter_names, run_guarded
from .scene import compose_page, draw_scene
from .show import draw_backward, read_graph
from .text import describe_step, write_count

MOST_LABELS = 8  # more are not listed one by one

PLAYER = Text(
    "▷ Player of {title}: {frames}, {covers}. "
    "Run this cell in a live notebook to move the slider.",
    "▷ {title} 的播放器：{frames}，{covers}。在 Jupyter 里运行这个单元格，"
    "就能移动滑块。",
)
FRAMES = Text("1 frame", "1 帧"), Text("{n} frames", "{n} 帧")
NO_WIDGETS = Text(
    "No slider, because ipywidgets does not work ({why}); this is the still picture.",
    "没有滑块，因为 ipywidgets 无法使用（{why}）；下面是静态的图。",
)
STEP = Text("step", "步")
BACK, NEXT = Text("◀ back", "◀ 后退"), Text("next ▶", "前进 ▶")
STEPS = Text("steps 0 to {last}", "第 0 到第 {last} 步")
START = Text("0. Nothing has been sent back yet.", "0. 还没有回传任何数。")
GIVES = Text(
    "{name} = {value} gives {call} = {result}, and {grad} comes back to {name}.",
    "{name} = {value} 时 {call} = {result}，回传到 {name} 的是 {grad}。",
)
NO_PARAMETER = Text("no parameter", "一个参数也没有")
NO_VALUES = Text(
    "{came} came, but one list of numbers is expected, as in explore(f, a=[1, 2]).",
    "收到的是：{came}；但这里需要一列数，例如 explore(f, a=[1, 2])。",
)


@dataclass(frozen=True)
class Frame:
    """Hold one picture and the sentence beside it."""

    picture: Picture
    words: str


@dataclass(frozen=True)
class Player:
    """Show one frame of several beside a slider; without a live kernel, say so.

    `frame(k)` is one of them, `labels[k]` what the slider, called `knob`, says then;
    `still()` is the picture that stands in where there is no slider.
    """

    title: str
    covers: str
    knob: str
    labels: Sequence[str]
    frame: Callable[[int], Frame]
    still: Callable[[], Picture]

    def __repr__(self) -> str:
        frames = write_count(len(self.labels), *FRAMES)
        said = PLAYER(title=self.title, frames=frames, covers=self.covers)
        few = range(len(self.labels)) if len(self.labels) <= MOST_LABELS else ()
        return "\n".join([said, *(self.frame(number).words for number in few)])

    @cached_property
    def widget(self):
        """Return the slider with its picture, an ipywidgets.VBox."""
        return build_controls(self)

    def _repr_mimebundle_(self, include=None, exclude=None):
        text = {"text/plain": repr(self)}
        if os.environ.get(STILL):
            return text
        try:
            model = self.widget.model_id
        except Exception as problem:  # not installed, or it does not fit the kernel
            print(NO_WIDGETS(why=describe_error(problem)))
            return self.still()._repr_mimebundle_()
        # What ipywidgets 8 returns here, too; version 7 would display it by itself.
        view = {"version_major": 2, "version_minor": 0, "model_id": model}
        return text | {WIDGET_VIEW: view}


def play(
    *y: Tensor | Sequence[Tensor],
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Player:
    """Put the walk back from `y` under a slider, one frame a step.

    Takes and raises what show_backward does. The walk is run once, now.
    """
    mine = read_caller_names(names)
    graph, said = read_graph(take_one(y), weights, True, fold, mine)
    last = len(graph.walk)
    title = ", ".join(graph.node(root).label for root in graph.roots)
    labels = [str(step) for step in range(last + 1)]
    frame = cache(partial(frame_at_step, graph, said))
    still = partial(draw_backward, graph, said)
    return Player(title, STEPS(last=last), STEP(), labels, frame, still)


def explore(
    f: Callable[[Tensor], Tensor], /, *, fold: bool = True, **values: Iterable
) -> Player:
    """Put the graph of `f` under a slider over the values of its parameter.

    As in explore(f, a=[0.3, 0.6, -0.5]): f runs once for each value, now, and each
    run has its own graph. Raises CannotDraw where one of the runs fails.
    """
    (title, _), (name, leaves) = parameter_names(f), find_leaves(values)
    names = read_caller_names({})
    runs = [explore_value(f, name, leaf, names, fold) for leaf in leaves]
    labels, frames = zip(*runs, strict=True)
    few = [*labels[:3], "…", labels[-1]] if len(labels) > MOST_LABELS else labels
    covers, still = f"{name} = {', '.join(few)}", partial(join_pictures, frames)
    return Player(title, covers, name, labels, frames.__getitem__, still)


def frame_at_step(graph: Graph, said: Sequence[Sentence], step: int) -> Frame:
    """Return the picture after so many steps, and the latest step in words."""
    now = show_until_step(graph, step)
    words = join_sentences(said) or START()
    if step:
        words = f"{step}. {describe_step(now, now.node(now.walk[-1]), plainly=True)}"
    return Frame(make_picture([draw_scene(graph, step)], now, said), words)


def find_leaves(values: Mapping[str, Any]) -> tuple[str, list[Tensor]]:
    """Return a parameter's name, and a leaf for each of its values."""
    try:
        ((name, given),) = values.items()
        leaves = [make_leaf(value) for value in given]
    except (TypeError, ValueError, RuntimeError):
        leaves = []
    if not leaves:
        came = [f"{name}={describe_thing(value)}" for name, value in values.items()]
        raise CannotDraw(NO_VALUES(came=", ".join(came) or NO_PARAMETER()))
    return name, leaves


def make_leaf(value: Any) -> Tensor:
    """Return a value as a leaf of its own that requires grad."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_()
    return torch.tensor(value, dtype=torch.get_default_dtype(), requires_grad=True)


def explore_value(
    f: Callable, name: str, leaf: Tensor, names: ChainMap, fold: bool
) -> tuple[str, Frame]:
    """Run a function on a leaf, called `name`; return its value, and what it gave."""
    value = write_value(leaf)
    call = f"{parameter_names(f)[0]}({value})"

    def read_run():
        with watch():
            result = f(leaf)
        if not isinstance(result, Tensor) or not result.requires_grad:
            raise CannotDraw(BAD_RESULT(call=call, came=describe_thing(result)))
        mine = names.new_child({name: leaf, call: result})
        return read_graph(result, None, True, fold, mine)

    graph, said = run_guarded(lambda: call, read_run)
    leaves = (node for node in graph.nodes if (node.op, node.name) == ("leaf", name))
    grad = next((leaf.grad for leaf in leaves), None)
    back = "None" if grad is None else write_value(grad)
    result = write_value(graph.node(graph.roots[0]).value)
    words = GIVES(name=name, value=value, call=call, result=result, grad=back)
    return value, Frame(make_picture([draw_scene(graph)], graph, said), words)


def join_pictures(frames: Sequence[Frame]) -> Picture:
    """Return the pictures of all frames in one."""
    pictures = [frame.picture for frame in frames]
    scenes = [draw_scene(picture.graph) for picture in pictures if picture.graph]
    paint, text = partial(paint_scene, compose_page(scenes)), map(str, pictures)
    alt = join_sentences(picture.alt for picture in pictures)
    return Picture(paint, "\n\n".join(text), alt)


def build_controls(player: Player):
    """Build a slider and two buttons, with a sentence and the picture below."""
    import ipywidgets as widgets  # slow, and needed only where somebody looks

    options = [(label, number) for number, label in enumerate(player.labels)]
    slider = widgets.SelectionSlider(options=options, description=player.knob)
    words, picture = widgets.HTML(), widgets.HTML()

    def put_frame(_=None):
        frame = player.frame(slider.value)
        words.value, picture.value = escape(frame.words), write_image(frame.picture)

    def move_slider(by, _):
        slider.value = min(max(slider.value + by, 0), len(options) - 1)

    put_frame()
    slider.observe(put_frame, "value")
    buttons = []
    for text, by in ((BACK, -1), (NEXT, 1)):
        buttons.append(widgets.Button(description=text(), layout={"width": "auto"}))
        buttons[-1].on_click(partial(move_slider, by))
    return widgets.VBox([widgets.HBox([slider, *buttons]), words, picture])


def write_image(picture: Picture) -> str:
    """Write a picture as an <img>, with words for those who see nothing."""
    shown, metadata = picture._repr_mimebundle_()
    source, width = shown["image/png"], metadata["image/png"]["width"]
    return (
        f'<img alt="{escape(picture.alt)}" style="width: {width}px" '
        f'src="data:image/png;base64,{source}">'
    )
