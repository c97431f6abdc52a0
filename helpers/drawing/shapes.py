"""A scene as outlines of one look each, from back to front."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgb
from matplotlib.patches import BoxStyle
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from .fonts import glyph, place_characters, place_outline, width_of
from .layout import Point
from .scene import Scene, Style, TextShape
from .theme import CUT, DASHES, GREY, HEAVY, INK, MARGIN, SMALL, THIN, WHITE

LONGEST_PATH = 500_000  # pixels; Agg refuses one that crosses too many
ROUND = 3.0  # radius of a corner, in points


class Layer(NamedTuple):
    """Hold shapes of one look; lengths in points, y downwards."""

    shapes: list[Path]
    style: Style
    has_line: bool = True


def paper_size(scene: Scene) -> tuple[float, float]:
    """Return the width and height of the picture in points."""
    return scene.width + 2 * MARGIN, scene.height + 2 * MARGIN


def paint_layers(
    canvas: RendererAgg | RendererSVG, layers: Iterable[Layer], scale: float
) -> Affine2D:
    """Paint with one of matplotlib's renderers, and return how places become pixels.

    A layer is a single path, so that its shapes do not darken each other's edges.
    """
    upwards = Affine2D().translate(MARGIN, MARGIN).scale(scale, -scale)
    upwards.translate(0, canvas.height)
    for shapes, (fill, dashed, heavy), has_line in layers:
        look = canvas.new_gc()
        width = HEAVY if heavy else THIN
        look.set_linewidth(width if has_line else 0.0)
        look.set_foreground(INK if heavy else GREY)
        look.set_dashes(0, DASHES if dashed else None)
        ink = to_rgb(fill) if fill else None
        lengths = (np.abs(np.diff(it.vertices, axis=0)).sum() for it in shapes)
        short = sum(lengths) * scale < LONGEST_PATH
        for path in [Path.make_compound_path(*shapes)] if short else shapes:
            canvas.draw_path(look, path, upwards, ink)
    return upwards


def layers_of(scene: Scene) -> Iterator[Layer]:
    """Yield all but the words, from back to front."""
    for style, frames in group_by("style", scene.frames).items():
        yield Layer([rounded_rectangle(*frame[:4]) for frame in frames], style)
    for style, curves in group_by("style", scene.curves).items():
        yield Layer([bezier(curve.points) for curve in curves], style)
    heads = [arrow_head(*curve.points[-1]) for curve in scene.curves]
    yield Layer(heads, Style(GREY), has_line=False)
    for style, boxes in group_by("style", scene.boxes).items():
        yield Layer([rounded_rectangle(*box[:4]) for box in boxes], style)
    grounds = [label_ground(it) for it in scene.texts if it.size in (SMALL, CUT)]
    yield Layer(grounds, Style(WHITE), has_line=False)


def layers_of_words(scene: Scene) -> Iterator[Layer]:
    """Yield the texts of each colour."""
    for colour, texts in group_by("colour", scene.texts).items():
        yield Layer(list(map(text_outline, texts)), Style(colour), has_line=False)


def group_by(name: str, shapes: Iterable) -> dict:
    """Return shapes of one style or colour together, each where the first one is."""
    groups = defaultdict(list)
    for shape in shapes:
        groups[getattr(shape, name)].append(shape)
    return groups


def bezier(points: tuple[Point, ...]) -> Path:
    """Return a cubic Bézier path."""
    return Path(points, [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1))


def arrow_head(x: float, y: float) -> Path:
    """Return a small triangle; every arrow enters its box from straight above."""
    return Path([(x, y), (x - 3, y - 6.5), (x + 3, y - 6.5), (x, y)], closed=True)


def label_ground(label: TextShape) -> Path:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    width = width_of(label.words, label.size) + 3
    return rounded_rectangle(label.x, label.y, width, label.size + 2)


def rounded_rectangle(x: float, y: float, width: float, height: float) -> Path:
    """Return a rectangle around its middle, with round corners if there is room."""
    rounded = BoxStyle.Round(pad=0, rounding_size=min(ROUND, width / 2, height / 2))
    return rounded(x - width / 2, y - height / 2, width, height, 1.0)


def text_outline(text: TextShape) -> Path:
    """Return the outline of a text in its place."""
    return place_outline(word_outline(text.words, text.size), 1, *beginning_of(text))


def beginning_of(text: TextShape) -> Point:
    """Return where a text begins on its base line."""
    left = text.x - width_of(text.words, text.size) / 2
    return left, text.y + 0.35 * text.size


@lru_cache(maxsize=1024)
def word_outline(words: str, size: float) -> Path:
    """Return the outline of words that begin at 0 on the base line."""
    letters = place_characters(words, size)
    outlines = (place_outline(glyph(letter), size, x, 0) for letter, x in letters)
    return Path.make_compound_path(*outlines)
