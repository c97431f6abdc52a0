"""Write a scene as an SVG."""

import numpy as np
from matplotlib.path import Path

from .fonts import glyph, make_legible, place_characters
from .scene import Scene
from .shapes import (
    Layer,
    Word,
    layers_of,
    paper_size,
    rounded_rectangle,
    words_by_colour,
)
from .theme import MARGIN, WHITE

# ---- SVG --------------------------------------------------------------------


def write_svg(scene: Scene) -> bytes:
    """Write an SVG; it holds the outline of each character once."""
    width, height = paper_size(scene)
    size = f'width="{width:.2f}pt" height="{height:.2f}pt"'
    view = f'viewBox="{-MARGIN:g} {-MARGIN:g} {width:.2f} {height:.2f}"'
    ground = rounded_rectangle(scene.width / 2, scene.height / 2, width, height, 0)
    used = set("".join(make_legible(text.words) for text in scene.texts))
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>',
        *("<defs>", *map(glyph_tag, sorted(used - {" "})), "</defs>"),
        *map(layer_tag, [Layer([ground], WHITE), *layers_of(scene)]),
    ]
    for colour, row in words_by_colour(scene):
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
        for character, x in place_characters(word.text, 1)
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
