"""Paint a scene: shapes and words become a PNG or an SVG."""

import io
from collections.abc import Iterable
from functools import lru_cache

import numpy as np
from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from PIL import Image

from .scene import ADVANCE, DARK, FILL, GREY, INK, RED, SMALL, Scene

FONT = FontProperties(family="DejaVu Sans Mono")  # comes with matplotlib
DPI = 200  # twice what a screen shows
MARGIN = 6.0


def painted(drawing: Scene, kind: str = "png") -> bytes:
    """Paint the shapes, a handful of collections in all, as a "png" or an "svg".

    Text is drawn as outlines: a thousand characters cost matplotlib one path.
    """
    figure = figure_of(drawing, DPI if kind == "png" else 72)
    if kind == "png":
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return compressed(np.asarray(canvas.buffer_rgba())[..., :3])
    file = io.BytesIO()
    # The same bytes every time: no date, and ids from a fixed salt.
    with rc_context({"svg.hashsalt": "autograd course"}):
        FigureCanvasSVG(figure).print_svg(file, metadata={"Date": None})
    return file.getvalue()


def figure_of(drawing: Scene, dpi: float) -> Figure:
    """Return a matplotlib figure with the shapes, at so many dots per inch."""
    width, height = drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN
    figure = Figure(figsize=(width / 72, height / 72), dpi=dpi, facecolor="white")

    def on_paper(path: Path) -> Path:
        moved = path.vertices + MARGIN
        moved = np.column_stack([moved[:, 0], height - moved[:, 1]])
        return Path(moved * dpi / 72, path.codes)

    for style, paths in shapes(drawing):
        figure.add_artist(PathCollection([on_paper(p) for p in paths], **style))
    return figure


def compressed(pixels: np.ndarray) -> bytes:
    """Return a PNG with few colours; a third of the size, and no eye sees it."""
    file = io.BytesIO()
    image = Image.fromarray(np.ascontiguousarray(pixels))
    few = image.quantize(palette=palette(), dither=Image.Dither.NONE)
    few.save(file, "png", optimize=True)
    return file.getvalue()


@lru_cache(maxsize=1)
def palette() -> Image.Image:
    """Return the colours in use: the fills, and each ink at three strengths.

    A palette of the picture's own would lose the red where red is rare.
    """
    paper = [np.array(to_rgb(colour)) for colour in ("white", *FILL.values())]
    inks = [np.array(to_rgb(colour)) for colour in (INK, RED, GREY, DARK)]
    mixed = [ink * k + paper[0] * (1 - k) for ink in inks for k in (1, 0.7, 0.35)]
    mixed += [(paper_colour + inks[0]) / 2 for paper_colour in paper[1:]]
    colours = np.concatenate([*paper, *mixed]) * 255
    image = Image.new("P", (1, 1))
    image.putpalette(colours.round().astype(np.uint8).tobytes())
    return image


def shapes(drawing: Scene):
    """Yield (style, paths) from back to front."""
    for dashed in (False, True):
        for heavy in (False, True):
            paths = [curve(p) for p, *look in drawing.curves if look == [dashed, heavy]]
            if paths:
                yield line_style(dashed, heavy) | {"facecolors": "none"}, paths
    heads = [arrow_head(points) for points, *_ in drawing.curves]
    if heads:
        yield {"facecolors": GREY, "edgecolors": "none", "transform": None}, heads
    yield from frames_of(drawing)
    labels = [(x, y, words) for x, y, s, _, words in drawing.texts if s == SMALL]
    backing = [patch(*label) for label in labels]
    if backing:
        yield {"facecolors": "white", "edgecolors": "none", "transform": None}, backing
    yield from words_of(drawing)


def line_style(dashed: bool, heavy: bool) -> dict:
    """Return how a line looks; a dashed one is not followed by a gradient."""
    return {
        "edgecolors": INK if heavy else GREY,
        "linewidths": 1.6 if heavy else 0.9,
        "linestyles": [(0, (3, 2))] if dashed else "solid",
        "transform": None,
    }


def frames_of(drawing: Scene):
    """Yield the boxes, grouped by their look."""
    looks = dict.fromkeys(tuple(look) for _, _, _, _, *look in drawing.boxes)
    for fill, dashed, heavy in looks:
        paths = [
            rounded(x, y, w, h)
            for x, y, w, h, *look in drawing.boxes
            if tuple(look) == (fill, dashed, heavy)
        ]
        yield line_style(dashed, heavy) | {"facecolors": fill}, paths


def words_of(drawing: Scene):
    """Yield the texts, grouped by colour."""
    for colour in dict.fromkeys(colour for *_, colour, _ in drawing.texts):
        paths = [
            outline(x, y, size, words)
            for x, y, size, ink, words in drawing.texts
            if ink == colour and words.strip()
        ]
        yield {"facecolors": colour, "edgecolors": "none", "transform": None}, paths


def curve(points: Iterable[tuple[float, float]]) -> Path:
    """Return a cubic Bézier path."""
    points = list(points)
    return Path(points, [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1))


def arrow_head(points) -> Path:
    """Return a small triangle; every arrow enters its box from straight above."""
    x, y = points[-1]
    return Path([(x, y), (x - 3, y - 6.5), (x + 3, y - 6.5), (x, y)], closed=True)


def patch(x: float, y: float, words: str) -> Path:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    return rounded(x, y, len(words) * SMALL * ADVANCE + 3, SMALL + 2)


def rounded(x: float, y: float, width: float, height: float, r: float = 3.0) -> Path:
    """Return a rectangle with round corners."""
    left, right, top, low = x - width / 2, x + width / 2, y - height / 2, y + height / 2
    corners = [
        ((left + r, top), (right - r, top), (right, top), (right, top + r)),
        ((right, top + r), (right, low - r), (right, low), (right - r, low)),
        ((right - r, low), (left + r, low), (left, low), (left, low - r)),
        ((left, low - r), (left, top + r), (left, top), (left + r, top)),
    ]
    points, codes = [corners[0][0]], [Path.MOVETO]
    for _, end, corner, turned in corners:
        points += [end, corner, turned]
        codes += [Path.LINETO, Path.CURVE3, Path.CURVE3]
    return Path([*points, points[0]], [*codes, Path.CLOSEPOLY])


@lru_cache(maxsize=512)
def glyph(character: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the outline of one character, 1 point high, y downwards."""
    if character.isspace():
        return np.empty((0, 2)), np.empty(0, np.uint8)
    path = TextPath((0, 0), character, size=1, prop=FONT, usetex=False)
    return np.asarray(path.vertices) * (1, -1), np.asarray(path.codes)


def outline(x: float, y: float, size: float, words: str) -> Path:
    """Return the outline of some words around a middle point."""
    left, base = x - len(words) * size * ADVANCE / 2, y + 0.35 * size
    vertices, codes = [], []
    for place, character in enumerate(words):
        shape, code = glyph(character)
        if len(shape):
            vertices.append(shape * size + (left + place * size * ADVANCE, base))
            codes.append(code)
    return Path(np.concatenate(vertices), np.concatenate(codes))
