"""Put a slider above pictures that need no kernel to be moved through."""

import hashlib
import json
import os
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from html import escape
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ..graph.backward import show_until_step
from ..graph.data import Graph
from ..graph.watch import watch
from ..language import Sentence, Text, join_sentences
from ..live import STILL
from ..wording import describe_thing, write_value
from .arguments import read_caller_names, take_one
from .picture import CannotDraw, Picture, make_picture, paint_scene
from .sampling import BAD_RESULT, parameter_names, run_guarded
from .scene import compose_page, draw_scene
from .show import draw_backward, read_graph
from .text import describe_step, write_count

MOST_LABELS = 8  # more are not listed one by one
MOST_FRAMES = 60
MOST_BYTES = 3_000_000  # of all frames: a saved notebook holds them

PLAYER = Text(
    "▷ Player of {title}: {frames}, {covers}. Run this cell to move the slider.",
    "▷ {title} 的播放器：{frames}，{covers}。运行这个单元格，就能移动滑块。",
)
FRAMES = Text("1 frame", "1 帧"), Text("{n} frames", "{n} 帧")
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
    """Show one frame of several below a slider.

    `frame(k)` is one of them, `labels[k]` what the slider, called `knob`, says then;
    `still()` is the picture that stands in where no script may run.
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

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        text = {"text/plain": repr(self)}
        if os.environ.get(STILL):
            return text
        return text | {"text/html": write_page(self)}


def play(
    *y: Tensor | Sequence[Tensor],
    weights: Tensor | Sequence[Tensor] | None = None,
    fold: bool = True,
    **names: Tensor,
) -> Player:
    """Put the walk back from `y` under a slider, one frame a step.

        play(y)
        play(u, weights=torch.tensor([0.0, 1.0]), fold=False)

    Takes `weights`, `fold` and names as show_backward does, and raises what it raises.
    The walk is run once, now.
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

        explore(f, a=[0.3, 0.6, -0.5])

    `f` runs once for each of the `values`, now, and each run has its own graph. With
    `fold=False` a step that repeats is drawn each time. Raises CannotDraw where one of
    the runs fails.
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


# ---------------------------------------------------------------- the page


class Image(NamedTuple):
    """Hold what an <img> needs."""

    src: str
    alt: str
    width: int


PAGE = """\
<div data-player="{key}" style="max-width: 100%">
<img src="{still.src}" alt="{alt}" style="width: {still.width}px; max-width: 100%">
</div>
<script>
(() => {{
  const box = document.querySelector('[data-player="{key}"]:not([data-ready])');
  if (!box) return;
  const frames = {frames}, names = {names};
  const make = (tag, more, ...inside) => {{
    const made = Object.assign(document.createElement(tag), more);
    made.append(...inside);
    return made;
  }};
  const slider = make("input", {{type: "range", min: 0, max: frames.length - 1}});
  const label = make("output"), words = make("p", {{role: "status"}});
  const picture = make("img");
  picture.style.maxWidth = "100%";
  const go = (to) => {{
    slider.value = to;
    const frame = frames[slider.value];
    label.value = frame.label;
    slider.setAttribute("aria-valuetext", frame.label);
    words.textContent = frame.words;
    Object.assign(picture, frame.image);
  }};
  slider.oninput = () => go(slider.value);
  const step = (by) => () => go(Number(slider.value) + by);
  const button = (words, by) => make("button", {{onclick: step(by)}}, words);
  const back = button(names.back, -1), next = button(names.next, 1);
  const named = make("label", {{}}, names.knob + " ", slider);
  const row = make("div", {{}}, named, " ", label, " ", back, " ", next);
  for (const control of [slider, back, next]) {{
    control.dataset.lmSuppressShortcuts = "true";  // JupyterLab's own use of its keys
  }}
  box.replaceChildren(row, words, picture);
  box.dataset.ready = "true";
  go(0);
}})();
</script>
"""


def write_page(player: Player) -> str:
    """Write the still picture, and a script that puts frames and slider in its place.

    Where a page may run no script, as in a notebook that is not trusted, the still
    picture remains.
    """
    frames = list_frames(player)
    names = {"knob": player.knob, "back": BACK(), "next": NEXT()}
    written, named = map(write_script, (frames, names))
    key = hashlib.sha256((written + named).encode()).hexdigest()[:16]
    still = read_image(player.still())
    return PAGE.format(
        key=key, still=still, alt=escape(still.alt), frames=written, names=named
    )


def list_frames(player: Player) -> list[dict[str, Any]]:
    """Return the frames for the script: all of them, or some from first to last."""
    last = len(player.labels) - 1
    size = len(player.frame(last).picture.png)
    count = min(last + 1, MOST_FRAMES, max(2, MOST_BYTES // size))
    chosen = {round(each * last / max(count - 1, 1)) for each in range(count)}
    return [
        {
            "label": player.labels[number],
            "words": player.frame(number).words,
            "image": read_image(player.frame(number).picture)._asdict(),
        }
        for number in sorted(chosen)
    ]


def read_image(picture: Picture) -> Image:
    shown, metadata = picture._repr_mimebundle_()
    source = f"data:image/png;base64,{shown['image/png']}"
    return Image(source, picture.alt, metadata["image/png"]["width"])


def write_script(data: Any) -> str:
    """Write data so that nothing in it can end the script."""
    return json.dumps(data).replace("<", "\\u003c")
