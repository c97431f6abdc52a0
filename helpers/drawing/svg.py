"""Write a scene as an SVG."""

import io
from collections import defaultdict

from matplotlib import rc_context
from matplotlib.backends.backend_svg import RendererSVG
from matplotlib.colors import to_rgb
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from .fonts import glyph, place_characters, rectangle
from .scene import Scene, Style
from .shapes import Layer, beginning_of, layers_of, paint_layers, paper_size
from .theme import MARGIN, WHITE

UNSAID = dict.fromkeys(("Date", "Creator", "Format", "Type"))


def write_svg(scene: Scene) -> bytes:
    """Write an SVG with matplotlib's renderer; it holds an outline once for a size."""
    file, (width, height) = io.StringIO(), paper_size(scene)
    right, low = width - MARGIN, height - MARGIN
    ground = Layer(
        [rectangle(-MARGIN, -MARGIN, right, low)], Style(WHITE), has_line=False
    )
    with rc_context({"svg.hashsalt": "autograd course", "svg.id": None}):
        canvas = RendererSVG(width, height, file, metadata=UNSAID)
        upwards = paint_layers(canvas, [ground, *layers_of(scene)], 1.0)
        for (character, size, colour), places in place_letters(scene).items():
            outline, enlarged = glyph(character), Affine2D().scale(size, -size)
            look, ink = canvas.new_gc(), to_rgb(colour)
            look.set_linewidth(0)
            canvas.draw_markers(look, outline, enlarged, Path(places), upwards, ink)
        canvas.finalize()
    return file.getvalue().encode()


def place_letters(scene: Scene) -> dict[tuple, list]:
    """Return where each character of one size and colour begins."""
    places: dict[tuple, list] = defaultdict(list)
    for text in scene.texts:
        left, base = beginning_of(text)
        for character, x in place_characters(text.words, text.size):
            places[character, text.size, text.colour].append((left + x, base))
    return places
