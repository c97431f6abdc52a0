"""A scene as shapes of one look each, from back to front, and as words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from matplotlib.path import Path

from .fonts import Outline, width_of
from .scene import Scene
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


def paper_size(drawing: Scene) -> tuple[float, float]:
    """Return the width and height of the picture in points."""
    return drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN


# ---- shapes -----------------------------------------------------------------


def layers_of(drawing: Scene) -> Iterator[Layer]:
    """Yield all but the words, from back to front."""
    for look in dict.fromkeys(tuple(look) for _, *look in drawing.curves):
        alike = [points for points, *its in drawing.curves if tuple(its) == look]
        yield Layer([bezier(points) for points in alike], None, *line_look(*look))
    if drawing.curves:
        yield Layer([arrow_head(points) for points, *_ in drawing.curves], GREY)
    yield from box_layers(drawing)
    labels = [(x, y, text) for x, y, size, _, text in drawing.texts if size == SMALL]
    if labels:
        yield Layer([label_ground(*label) for label in labels], WHITE)


def line_look(dashed: bool, heavy: bool) -> tuple[str, float, tuple[float, ...]]:
    """Return colour, width and dashes; no gradient follows a dashed line."""
    return (*((INK, HEAVY) if heavy else (GREY, THIN)), DASHES if dashed else ())


def box_layers(drawing: Scene) -> Iterator[Layer]:
    """Yield the boxes, grouped by their look."""
    for look in dict.fromkeys(box[4:] for box in drawing.boxes):
        alike = [
            rounded_rectangle(*box[:4]) for box in drawing.boxes if box[4:] == look
        ]
        yield Layer(alike, look[0], *line_look(*look[1:]))


def words_by_colour(drawing: Scene) -> Iterator[tuple[str, list[Word]]]:
    """Yield the texts of each colour, but no blank one."""
    texts = [text for text in drawing.texts if text[4].strip(" ")]
    for colour in dict.fromkeys(text[3] for text in texts):
        yield colour, [word_of(*text) for text in texts if text[3] == colour]


def word_of(x: float, y: float, size: float, colour: str, text: str) -> Word:
    """Return where a text begins whose middle is known."""
    return Word(text, size, x - width_of(text, size) / 2, y + 0.35 * size)


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


def label_ground(x: float, y: float, text: str) -> Outline:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    return rounded_rectangle(x, y, width_of(text, SMALL) + 3, SMALL + 2)


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
