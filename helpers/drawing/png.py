"""Paint a scene as a PNG."""

import struct
import zlib
from collections.abc import Iterator
from functools import cache
from math import ceil, sqrt

import numpy as np
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from PIL import Image

from . import theme
from .scene import Scene
from .shapes import layers_of, layers_of_words, paint_layers, paper_size

LONGEST, MOST = 60_000, 50_000_000  # pixels of a side, pixels in all
COLOURS = 16
STRIP = 100  # rows of pixels
LEVEL = 3  # of zlib; the next ones take much longer for a tenth


def paint_png(scene: Scene) -> bytes:
    """Paint a PNG with matplotlib's renderer; a Figure around it takes far longer."""
    width, height = paper_size(scene)
    dpi = dots_per_inch(width, height)
    scale = dpi / 72
    canvas = RendererAgg(ceil(width * scale), ceil(height * scale), dpi)
    np.asarray(canvas.buffer_rgba()).fill(255)
    paint_layers(canvas, (*layers_of(scene), *layers_of_words(scene)), scale)
    return encode_png(canvas)


def dots_per_inch(width: float, height: float) -> float:
    """Return the resolution; a giant picture gets a coarser one, to fit into memory."""
    longest, area = max(width, height) / 72, width * height / 72**2
    return min(theme.DPI, LONGEST / longest, sqrt(MOST / area))


def encode_png(canvas: RendererAgg) -> bytes:
    """Return a PNG with half a byte for each pixel; no eye sees the difference.

    Written by hand, a strip of rows at a time, it takes two thirds of Pillow's time.
    """
    zipped = zlib.compressobj(LEVEL)
    rows = b"".join(zipped.compress(strip) for strip in strips(canvas))
    size = struct.pack(">II", int(canvas.width), int(canvas.height))
    chunks = {
        b"IHDR": size + bytes([4, 3, 0, 0, 0]),  # 4 bits each, into a palette
        b"PLTE": bytes(palette().getpalette() or ()),
        b"IDAT": rows + zipped.flush(),
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, chunks, chunks.values()))


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return one part of a PNG."""
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def strips(canvas: RendererAgg) -> Iterator[bytes]:
    """Yield rows of pixels, two to a byte, in the colours of the palette."""
    pixels, width = canvas.buffer_rgba(), int(canvas.width)
    for top in range(0, len(pixels), STRIP):  # as many as a cache holds
        rows = pixels[top : top + STRIP]
        strip = Image.frombytes("RGB", (width, len(rows)), rows, "raw", "RGBX")
        colours = np.asarray(
            strip.quantize(palette=palette(), dither=Image.Dither.NONE)
        )
        # Before each row a 0: it is not filtered.
        even = np.pad(colours, ((0, 0), (2, width % 2)))
        pairs = even.view("<u2")  # the left pixel is in the low byte
        yield (pairs << 4 | pairs >> 8).astype(np.uint8).tobytes()


@cache
def palette() -> Image.Image:
    """Return at most 16 colours: all of the theme, then the edges of ink on white.

    A palette of the picture's own would lose the red where red is rare. The edges of
    the lightest ink of each hue do for the darker ones as well.
    """
    solid = [to_rgb(c) for c in dict.fromkeys((*theme.FILL.values(), *theme.INKS))]
    inks = [np.array(to_rgb(ink)) for ink in theme.LIGHTEST]
    edges = [ink * k + 1 - k for k in (0.5, 0.75, 0.25) for ink in inks]
    colours = np.array([*solid, *edges])[:COLOURS] * 255
    image = Image.new("P", (1, 1))
    image.putpalette(colours.round().astype(np.uint8).tobytes())
    return image
