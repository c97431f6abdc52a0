"""Paint a scene: shapes and words become a PNG or an SVG."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from colorsys import rgb_to_hsv
from functools import cache, lru_cache
from math import ceil, sqrt
from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from . import theme
from .glyphs import Outline, glyph, joined
from .lettering import legible, placed, width_of
from .scene import Scene
from .theme import DASHES, DPI, GREY, HEAVY, INK, MARGIN, SMALL, THIN, WHITE

LONGEST, MOST = 60_000, 50_000_000  # pixels of a side, pixels in all
LONGEST_PATH = 500_000  # pixels; the renderer refuses one that crosses too many
COLOURS = 16
STRIP = 100  # rows of pixels
LEVEL = 3  # of zlib; the next ones take much longer for a tenth


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


def painted(drawing: Scene, kind: str = "png") -> bytes:
    """Paint the shapes as a "png" or an "svg", the same bytes every time.

    Words are drawn as outlines, so that they look the same wherever they are shown.
    """
    return {"png": png, "svg": svg}[kind](drawing)


def paper(drawing: Scene) -> tuple[float, float]:
    """Return the width and height of the picture in points."""
    return drawing.width + 2 * MARGIN, drawing.height + 2 * MARGIN


# ---- shapes -----------------------------------------------------------------


def layers(drawing: Scene) -> Iterator[Layer]:
    """Yield all but the words, from back to front."""
    for look in dict.fromkeys(tuple(look) for _, *look in drawing.curves):
        alike = [points for points, *its in drawing.curves if tuple(its) == look]
        yield Layer([curve(points) for points in alike], None, *line_style(*look))
    if drawing.curves:
        yield Layer([arrow_head(points) for points, *_ in drawing.curves], GREY)
    yield from frames(drawing)
    labels = [(x, y, text) for x, y, size, _, text in drawing.texts if size == SMALL]
    if labels:
        yield Layer([patch(*label) for label in labels], WHITE)


def line_style(dashed: bool, heavy: bool) -> tuple[str, float, tuple[float, ...]]:
    """Return colour, width and dashes; no gradient follows a dashed line."""
    return (*((INK, HEAVY) if heavy else (GREY, THIN)), DASHES if dashed else ())


def frames(drawing: Scene) -> Iterator[Layer]:
    """Yield the boxes, grouped by their look."""
    for look in dict.fromkeys(box[4:] for box in drawing.boxes):
        alike = [rounded(*box[:4]) for box in drawing.boxes if box[4:] == look]
        yield Layer(alike, look[0], *line_style(*look[1:]))


def words(drawing: Scene) -> Iterator[tuple[str, list[Word]]]:
    """Yield the texts of each colour, but no blank one."""
    texts = [text for text in drawing.texts if text[4].strip(" ")]
    for colour in dict.fromkeys(text[3] for text in texts):
        yield colour, [word(*text) for text in texts if text[3] == colour]


def word(x: float, y: float, size: float, colour: str, text: str) -> Word:
    """Return where a text begins whose middle is known."""
    return Word(text, size, x - width_of(text, size) / 2, y + 0.35 * size)


def curve(points: Sequence[tuple[float, float]]) -> Outline:
    """Return a cubic Bézier path."""
    codes = [Path.MOVETO] + [Path.CURVE4] * (len(points) - 1)
    return np.array(points), np.array(codes)


def arrow_head(points: Sequence[tuple[float, float]]) -> Outline:
    """Return a small triangle; every arrow enters its box from straight above."""
    x, y = points[-1]
    corners = [(x, y), (x - 3, y - 6.5), (x + 3, y - 6.5), (x, y)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return np.array(corners), np.array(codes)


def patch(x: float, y: float, text: str) -> Outline:
    """Return a white ground for a label, so that its arrow does not strike it out."""
    return rounded(x, y, width_of(text, SMALL) + 3, SMALL + 2)


def rounded(x: float, y: float, width: float, height: float, r: float = 3.0) -> Outline:
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


# ---- PNG --------------------------------------------------------------------


def png(drawing: Scene) -> bytes:
    """Paint a PNG with matplotlib's renderer; a Figure around it takes far longer."""
    width, height = paper(drawing)
    dpi = dots_per_inch(width, height)
    scale = dpi / 72
    canvas = RendererAgg(ceil(width * scale), ceil(height * scale), dpi)
    np.asarray(canvas.buffer_rgba()).fill(255)
    upwards = Affine2D().translate(MARGIN, MARGIN).scale(scale, -scale)
    upwards.translate(0, canvas.height)
    for layer in layers(drawing):
        draw(canvas, layer, upwards)
    for colour, row in words(drawing):
        draw(canvas, Layer([set_down(it) for it in row], colour), upwards)
    return compressed(canvas)


def dots_per_inch(width: float, height: float) -> float:
    """Return the resolution; a giant picture gets a coarser one, to fit into memory."""
    longest, area = max(width, height) / 72, width * height / 72**2
    return min(DPI, LONGEST / longest, sqrt(MOST / area))


def set_down(word: Word) -> Outline:
    """Return the outline of a word in its place."""
    vertices, codes = outline_of(word.text, word.size)
    return vertices + np.array([word.left, word.base]), codes


@lru_cache(maxsize=1024)
def outline_of(text: str, size: float) -> Outline:
    """Return the outline of a text that begins at 0 on the base line."""
    letters = ((x, *glyph(character)) for character, x in placed(text, size))
    return joined((vertices * size + (x, 0), codes) for x, vertices, codes in letters)


def draw(canvas: RendererAgg, layer: Layer, transform: Affine2D) -> None:
    """Draw the shapes of a layer, as a single path unless that is very long."""
    look = canvas.new_gc()
    look.set_linewidth(layer.width)
    look.set_foreground(layer.line or WHITE)
    look.set_dashes(0, layer.dashes or None)
    fill = to_rgb(layer.fill) if layer.fill else None
    for shapes in portions(layer.shapes, LONGEST_PATH * 72 / canvas.dpi):
        canvas.draw_path(look, Path(*joined(shapes)), transform, fill)


def portions(shapes: Sequence[Outline], longest: float) -> Iterator[list[Outline]]:
    """Yield the shapes in their order, as many at a time as are not too long."""
    portion, length = [], 0.0
    for shape in shapes:
        more = float(np.abs(np.diff(shape[0], axis=0)).sum())
        if portion and length + more > longest:
            yield portion
            portion, length = [], 0.0
        portion.append(shape)
        length += more
    if portion:
        yield portion


def compressed(canvas: RendererAgg) -> bytes:
    """Return a PNG with half a byte for each pixel; no eye sees the difference.

    Written by hand, a strip of rows at a time, it takes two thirds of Pillow's time.
    """
    zipped = zlib.compressobj(LEVEL)
    rows = b"".join(zipped.compress(strip) for strip in strips(canvas))
    size = struct.pack(">II", int(canvas.width), int(canvas.height))
    chunks = {
        b"IHDR": size + bytes([4, 3, 0, 0, 0]),  # 4 bits each, into a palette
        b"PLTE": bytes(palette().getpalette()),
        b"IDAT": rows + zipped.flush(),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, chunks, chunks.values()))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one part of a PNG."""
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def strips(canvas: RendererAgg) -> Iterator[bytes]:
    """Yield rows of pixels in the colours of the palette, so many as a cache holds."""
    pixels, width = canvas.buffer_rgba(), int(canvas.width)
    for top in range(0, len(pixels), STRIP):
        rows = pixels[top : top + STRIP]
        strip = Image.frombytes("RGB", (width, len(rows)), rows, "raw", "RGBX")
        yield packed(np.asarray(strip.quantize(palette=palette(), dither=0)))


def packed(colours: np.ndarray) -> bytes:
    """Put two pixels into a byte, and before each row a 0: it is not filtered."""
    even = np.pad(colours, ((0, 0), (2, colours.shape[1] % 2)))
    pairs = even.view("<u2")  # the left pixel is in the low byte
    return (pairs << 4 | pairs >> 8).astype(np.uint8).tobytes()


@cache
def palette() -> Image.Image:
    """Return at most 16 colours: all of the theme, then the edges of ink on white.

    A palette of the picture's own would lose the red where red is rare.
    """
    solid = [to_rgb(colour) for colour in theme.colours()]
    edges = [ink * k + 1 - k for k in (0.5, 0.75, 0.25) for ink in lightest()]
    colours = np.array([*solid, *edges])[:COLOURS] * 255
    image = Image.new("P", (1, 1))
    image.putpalette(colours.round().astype(np.uint8).tobytes())
    return image


def lightest() -> list[np.ndarray]:
    """Return the lightest ink of each hue; its edges do for the darker ones as well."""
    inks = map(to_rgb, theme.INKS)
    by_hue = {rgb_to_hsv(*ink)[:2]: np.array(ink) for ink in inks}
    return list(by_hue.values())


# ---- SVG --------------------------------------------------------------------


def svg(drawing: Scene) -> bytes:
    """Write an SVG; it holds the outline of each character once."""
    width, height = paper(drawing)
    size = f'width="{width:.2f}pt" height="{height:.2f}pt"'
    view = f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.2f} {height:.2f}"'
    ground = rounded(drawing.width / 2, drawing.height / 2, width, height, 0)
    used = {character for *_, text in drawing.texts for character in legible(text)}
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>',
        *("<defs>", *map(glyph_tag, sorted(used - {" "})), "</defs>"),
        *map(layer_tag, [Layer([ground], WHITE), *layers(drawing)]),
    ]
    for colour, row in words(drawing):
        lines += [f'<g fill="{colour}">', *map(word_tag, row), "</g>"]
    return "\n".join([*lines, "</svg>\n"]).encode()


def layer_tag(layer: Layer) -> str:
    """Write the shapes of a layer, as a single path."""
    data = "".join(path_data(*shape) for shape in layer.shapes)
    tag = f'<path d="{data}" fill="{layer.fill or "none"}"'
    if layer.line:
        tag += f' stroke="{layer.line}" stroke-width="{layer.width}"'
    if layer.dashes:
        tag += f' stroke-dasharray="{" ".join(map(str, layer.dashes))}"'
    return f"{tag}/>"


def glyph_tag(character: str) -> str:
    """Write the outline of a character, 1000 units high, named by its code point."""
    vertices, codes = glyph(character)
    data = path_data(vertices * 1000, codes, digits=0)
    return f'<path id="u{ord(character):x}" d="{data}"/>'


def word_tag(word: Word) -> str:
    """Write a word in its place: its letters, 1000 units high."""
    place = f"translate({word.left:.2f} {word.base:.2f})scale({word.size / 1000:g})"
    letters = "".join(
        f'<use href="#u{ord(character):x}" x="{1000 * x:.0f}"/>'
        for character, x in placed(word.text, 1)
    )
    return f'<g transform="{place}">{letters}</g>'


COMMANDS = {
    Path.MOVETO: "M",
    Path.LINETO: "L",
    Path.CURVE3: "Q",
    Path.CURVE4: "C",
}


def path_data(vertices: np.ndarray, codes: np.ndarray, digits: int = 2) -> str:
    """Write an outline as the data of an SVG path."""
    data, before = [], None
    points = vertices.round(digits) + 0.0  # never -0
    for (x, y), code in zip(points.tolist(), codes, strict=True):
        if code == Path.CLOSEPOLY:
            data.append("Z")
        else:
            command = " " if code == before else COMMANDS[code]
            data.append(f"{command}{x:g} {y:g}")
        before = code
    return "".join(data)
