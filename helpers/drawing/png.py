"""Paint a scene as a PNG."""

import struct
import zlib
from collections.abc import Iterator, Sequence
from colorsys import rgb_to_hsv
from functools import cache, lru_cache
from math import ceil, sqrt

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from PIL import Image

from . import theme
from .fonts import Outline, glyph, join_outlines, place_characters
from .scene import Scene
from .shapes import Layer, Word, layers_of, paper_size, words_by_colour
from .theme import DPI, MARGIN, WHITE

LONGEST, MOST = 60_000, 50_000_000  # pixels of a side, pixels in all
LONGEST_PATH = 500_000  # pixels; the renderer refuses one that crosses too many
COLOURS = 16
STRIP = 100  # rows of pixels
LEVEL = 3  # of zlib; the next ones take much longer for a tenth


# ---- PNG --------------------------------------------------------------------


def paint_png(scene: Scene) -> bytes:
    """Paint a PNG with matplotlib's renderer; a Figure around it takes far longer."""
    width, height = paper_size(scene)
    dpi = dots_per_inch(width, height)
    scale = dpi / 72
    canvas = RendererAgg(ceil(width * scale), ceil(height * scale), dpi)
    np.asarray(canvas.buffer_rgba()).fill(255)
    upwards = Affine2D().translate(MARGIN, MARGIN).scale(scale, -scale)
    upwards.translate(0, canvas.height)
    for layer in layers_of(scene):
        draw_layer(canvas, layer, upwards)
    for colour, row in words_by_colour(scene):
        draw_layer(canvas, Layer([word_outline(it) for it in row], colour), upwards)
    return encode_png(canvas)


def dots_per_inch(width: float, height: float) -> float:
    """Return the resolution; a giant picture gets a coarser one, to fit into memory."""
    longest, area = max(width, height) / 72, width * height / 72**2
    return min(DPI, LONGEST / longest, sqrt(MOST / area))


def word_outline(word: Word) -> Outline:
    """Return the outline of a word in its place."""
    vertices, codes = text_outline(word.text, word.size)
    return vertices + np.array([word.left, word.base]), codes


@lru_cache(maxsize=1024)
def text_outline(text: str, size: float) -> Outline:
    """Return the outline of a text that begins at 0 on the base line."""
    letters = ((x, *glyph(character)) for character, x in place_characters(text, size))
    return join_outlines(
        (vertices * size + (x, 0), codes) for x, vertices, codes in letters
    )


def draw_layer(canvas: RendererAgg, layer: Layer, transform: Affine2D) -> None:
    """Draw the shapes of a layer, as a single path unless that is very long."""
    look = canvas.new_gc()
    look.set_linewidth(layer.width)
    look.set_foreground(layer.line or WHITE)
    look.set_dashes(0, layer.dashes or None)
    fill = to_rgb(layer.fill) if layer.fill else None
    for shapes in portions(layer.shapes, LONGEST_PATH * 72 / canvas.dpi):
        canvas.draw_path(look, Path(*join_outlines(shapes)), transform, fill)


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


def encode_png(canvas: RendererAgg) -> bytes:
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
        yield pack_pixels(np.asarray(strip.quantize(palette=palette(), dither=0)))


def pack_pixels(colours: np.ndarray) -> bytes:
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
    edges = [ink * k + 1 - k for k in (0.5, 0.75, 0.25) for ink in lightest_inks()]
    colours = np.array([*solid, *edges])[:COLOURS] * 255
    image = Image.new("P", (1, 1))
    image.putpalette(colours.round().astype(np.uint8).tobytes())
    return image


def lightest_inks() -> list[np.ndarray]:
    """Return the lightest ink of each hue; its edges do for the darker ones as well."""
    inks = map(to_rgb, theme.INKS)
    by_hue = {rgb_to_hsv(*ink)[:2]: np.array(ink) for ink in inks}
    return list(by_hue.values())
