"""One PNG for the eyes, one text for the machine."""

import base64
import os
import warnings
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path

from ..graph.data import Graph, Node
from ..language import Sentence, Text
from .fonts import can_write
from .png import paint_png
from .scene import Scene, compose_page
from .svg import write_svg
from .text import describe_graph, write_notes, write_summary, write_twin
from .theme import WIDEST_SHOWN


def paint_scene(drawing: Scene, kind: str = "png") -> bytes:
    """Paint the shapes as a "png" or an "svg", the same bytes every time.

    Words are drawn as outlines, so that they look the same wherever they are shown.
    """
    return {"png": paint_png, "svg": write_svg}[kind](drawing)


class CannotDraw(TypeError):
    """Say in one sentence what came, what was expected and what to do."""

    def _render_traceback_(self) -> list[str]:
        """Show a learner the sentence, not our code."""
        return [f"{type(self).__name__}: {self}"]


BAD_ENDING = Text(
    "{came!r} came, but a picture is saved as .png or .svg; name the file walk.png, "
    "for example.",
    "收到的文件名是 {came!r}，但图片只能保存为 .png 或 .svg；"
    "例如把文件命名为 walk.png。",
)
NAMELESS = Text(
    "No font here can write every name; print the picture to see the names behind "
    "{ids}.",
    "这里的字体写不出所有的名字；把这张图用 print 打印出来，就能看到 {ids} 叫什么。",
)


class Picture:
    """Hold one drawing: it shows itself as a PNG, and as text where there is none.

    `str(picture)` is the text twin, `picture.graph` the plain data that was drawn
    (None for a curve), `picture.alt` one sentence for a screen reader. As in

        show_graph(y).save("graph.svg")
    """

    def __init__(
        self,
        paint: Callable[[str], bytes],
        text: str,
        alt: str,
        graph: Graph | None = None,
    ):
        """Keep what is to be shown; `paint` makes the bytes of a "png" or an "svg"."""
        self._painter, self._text = paint, text
        self.alt, self.graph = alt, graph

    def __repr__(self) -> str:
        return self._text

    def _paint(self, kind: str) -> bytes:
        # Nothing of a learner's runs in here: they can mend nothing that warns.
        with warnings.catch_warnings(action="ignore"):
            return self._painter(kind)

    @cached_property
    def png(self) -> bytes:
        return self._paint("png")

    def save(self, path: str | os.PathLike) -> None:
        """Write the picture to a file whose name ends in .png or .svg.

        Raises CannotDraw for any other ending, and OSError where it cannot write.
        """
        file = Path(path)
        ending = file.suffix.lower().removeprefix(".")
        if ending not in ("png", "svg"):
            raise CannotDraw(BAD_ENDING(came=file.name))
        file.write_bytes(self.png if ending == "png" else self._paint("svg"))

    def _repr_mimebundle_(self, include=None, exclude=None):
        width = min(int.from_bytes(self.png[16:20], "big") // 2, WIDEST_SHOWN)
        shown = {
            "image/png": base64.b64encode(self.png).decode(),
            "text/plain": repr(self),
        }
        return shown, {"image/png": {"width": width, "alt": self.alt}}


def choose_readable(notes: Sequence[Sentence]) -> list[str]:
    """Return notes in English where no font here can write them.

    Stock Colab has no Chinese font: better English there than empty boxes.
    """
    return [note if can_write(note) else note.english for note in notes]


def make_picture(
    frames: Sequence[Scene], graph: Graph, said: Sequence[Sentence]
) -> Picture:
    """Return the picture of some frames, painted when somebody looks."""
    below = [*said, *write_notes(graph)]
    nameless = [node for node in graph.nodes if not can_write(all_names(node))]
    ids = ", ".join(node.op if node.module else node.id for node in nameless)
    notes = [*below, NAMELESS(ids=ids)] if ids else below
    above, readable = map(choose_readable, (write_summary(graph), notes))
    paint = partial(paint_scene, compose_page(frames, readable, above))
    return Picture(paint, write_twin(graph, below), describe_graph(graph), graph)


def all_names(node: Node) -> str:
    """Return what the learner called a tensor, and a module."""
    return node.name + (node.module.title if node.module else "")
