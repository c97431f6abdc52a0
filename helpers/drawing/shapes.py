"""A scene as shapes of one look each, from back to front, and as words."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path

from .fonts import Outline, width_of
from .scene import BoxShape, Scene, Style, TextShape
from .theme import DASHES, GREY, HEAVY, INK, MARGIN, SMALL, THIN, WHITE


class Layer(NamedTuple):
    """Hold shapes of one look; lengths in points, y downwards."""

    shapes: list[Outline]
    fill: str | None = None
    line: str | None = None
    width: float = 0.0
    dashes: tuple[float, ...] = ()


class Word(NamedTuple):
    """Hold a text, and where it begins on the base line."""

    text: str
    size: float
    left: float
    base: float


def paper_size(scene: Scene) -> tuple[float, float]:
    """Return the width and height of the picture in points."""
    return scene.width + 2 * MARGIN, scene.height + 2 * MARGIN


# ---- shapes -----------------------------------------------------------------


def layers_of(scene: Scene) -> Iterator[Layer]:
    """Yield all but the words, from back to front."""
    for style, curves in group_by("style", scene.curves).items():
        yield styled_layer([bezier(curve.points) for curve in curves], style)
    if scene.curves:
        yield Layer([arrow_head(curve.points) for curve in scene.curves], GREY)
    for style, boxes in group_by("style", scene.boxes).items():
        yield styled_layer([box_outline(box) for box in boxes], style)
    labels = [text for text in scene.texts if text.size == SMALL]
    if labels:
        yield Layer([label_ground(label) for label in labels], WHITE)


def group_by(name: str, shapes: Iterable) -> dict:
    """Return shapes of one style or colour together, each where the first one is."""
    groups = defaultdict(list)
    for shape in shapes:
        groups[getattr(shape, name)].append(shape)
    return groups


def styled_layer(outlines: list[Outline], style: Style) -> Layer:
    """Return a layer of outlines that look alike."""
    line, width = (INK, HEAVY) if style.heavy else (GREY, THIN)
    return Layer(outlines, style.fill, line, width, DASHES if style.dashed else ())


def words_by_colour(scene: Scene) -> Iterator[tuple[str, list[Word]]]:
    """Yield the texts of each colour, but no blank one."""
    written = (text for text in scene.texts if text.words.strip(" "))
    for colour, texts in group_by("colour", written).items():
        yield colour, [word_of(text) for text in texts]


def word_of(text: TextShape) -> Word:
    """Return where a text begins whose middle is known."""
    left = text.x - width_of(text.words, text.size) / 2
    return Word(text.words, text.size, left, text.y + 0.35 * text.size)


def bezier(points: Sequence[tuple[float, float]]) -> Outline:
    """Return a cubic Bézier path."""
    codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1)
    return np.array(points), np.array(codes)


def arrow_head(points: Sequence[tuple[float, float]]) -> Outline:
    """Return a small triangle; every arrow enters its box from straight above."""
    x, y = points[-1]
    corners = [(x, y), (x - 3, y - 6.5), (x + 3, y - 6.5), (x, y)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return np.array(corners), np.array(codes)


def box_outline(box: BoxShape) -> Outline:
    """Return a box with round corners."""
    return rounded_rectangle(box.x, box.y, box.width, box.height)


def label_ground(label: TextShape) -> Outline:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    width = width_of(label.words, SMALL) + 3
    return rounded_rectangle(label.x, label.y, width, SMALL + 2)


def rounded_rectangle(
    x: float, y: float, width: float, height: float, r: float = 3.0
) -> Outline:
    """Return a rectangle with round corners."""
    left, right, top, low = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    points = [
        *((left + r, top), (right - r, top), (right, top), (right, top + r)),
        *((right, low - r), (right, low), (right - r, low)),
        *((left + r, low), (left, low), (left, low - r)),
        *((left, top + r), (left, top), (left + r, top)),
        (left, top),  # only closes it, wherever it is
    ]
    corner = [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return np.array(points), np.array([Path.MOVETO, *corner * 4, Path.CLOSEPOLY])
