"""The outline of every character, and how wide it is."""

import os
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import groupby
from os.path import join

import matplotlib
import numpy as np
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path

from ..live import STILL

OWN = ("DejaVuSansMono.ttf", "DejaVuSans.ttf")  # both come with matplotlib
ADVANCE, TALL = 0.602, 0.73  # of a digit of the first: width and height, in its size
TOP, LOW, LINE = -0.85, 0.2, 0.04  # of a box with digits, in the size of a letter


def glyph(character: str) -> Path:
    """Return the outline of a character, 1 point high, y downwards.

    It fits its columns, in which it begins at 0; where no font has the character,
    it is a box with the digits of its code point.
    """
    return find_outline(character) or code_point_box(character)


def can_write(text: str) -> bool:
    """Tell whether the machine's fonts have every character of a text."""
    return all(character.isspace() or find_outline(character) for character in text)


@lru_cache(maxsize=2048)
def find_outline(character: str) -> Path | None:
    """Return a character's outline from the first font that has it."""
    first, *others = font_files()
    if outline := load_outline(first, character):
        return outline
    found = filter(None, (load_outline(path, character) for path in others))
    room = columns_of(character) * ADVANCE
    return next((centre_outline(outline, room) for outline in found), None)


@cache
def font_files() -> tuple[str, ...]:
    """List matplotlib's own fonts, then what the machine has, the plainest first.

    What is stored and compared is drawn with matplotlib's own alone, on any machine.
    """
    # Not by findfont: it may take the machine's DejaVu, and its list may be stale.
    fonts = join(matplotlib.get_data_path(), "fonts", "ttf")
    own = [join(fonts, name) for name in OWN]
    if os.environ.get(STILL):
        return tuple(own)
    others = [f for f in fontManager.ttflist if not f.name.startswith("Last Resort")]
    plainest_first = [font.fname for font in sorted(others, key=fanciness)]
    return tuple(dict.fromkeys([*own, *plainest_first]))


def fanciness(font: FontEntry) -> tuple:
    """Sort bold, slanted and serif fonts to the end."""
    bold = font.weight not in (400, "normal", "regular", "book")
    return bold, font.style != "normal", "Sans" not in font.name, font.fname


@lru_cache(maxsize=4)
def open_font(path: str) -> FT2Font:
    """Open a font, for outlines of 100 points."""
    font = FT2Font(path)
    font.set_size(100, 72)
    return font


def load_outline(path: str, character: str) -> Path | None:
    """Return a character's outline, if the font has one that can be seen."""
    try:
        font = open_font(path)
        if not font.get_char_index(ord(character)):
            return None
        font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    except (OSError, RuntimeError):  # the font is gone, or has bitmaps only
        return None
    vertices, codes = font.get_path()
    return Path(vertices * (0.01, -0.01), codes) if len(vertices) else None


def centre_outline(outline: Path, room: float) -> Path:
    """Put a foreign outline into the middle of its columns, smaller if need be."""
    drawn = outline.codes != Path.CLOSEPOLY  # that one has no place of its own
    across = np.asarray(outline.vertices)[drawn, 0]
    left, right = across.min(), across.max()
    scale = min(1.0, room / (right - left)) if right > left else 1.0
    return place_outline(outline, scale, (room - (left + right) * scale) / 2, 0)


def code_point_box(character: str) -> Path:
    """Return a frame with the digits of a code point, in two rows."""
    digits = f"{ord(character):04x}"
    count = (len(digits) + 1) // 2
    right = columns_of(character) * ADVANCE - LINE
    wide, high = (right - 3 * LINE) / count, (LOW - TOP - 2 * LINE) / 2
    size = min(wide / ADVANCE, (high - 2 * LINE) / TALL)
    parts = [
        rectangle(LINE, TOP, right, LOW),
        rectangle(right - LINE, TOP + LINE, 2 * LINE, LOW - LINE),  # a hole: leftwards
    ]
    for number, digit in enumerate(digits):
        row, column = divmod(number, count)
        x = 2 * LINE + (column + 0.5) * wide - ADVANCE * size / 2
        base = TOP + LINE + (row + 0.5) * high + TALL * size / 2
        parts.append(place_outline(glyph(digit), size, x, base))
    return Path.make_compound_path(*parts)


def rectangle(left: float, top: float, right: float, low: float) -> Path:
    """Return a rectangle; one whose left is its right is a hole in another."""
    corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
    return Path(corners, closed=True)


def place_outline(outline: Path, size: float, x: float, y: float) -> Path:
    """Return an outline of that size that begins at a place."""
    return Path(np.asarray(outline.vertices) * size + (x, y), outline.codes)


def make_legible(text: str) -> str:
    r"""Write what cannot be seen, or sits on its neighbour, as an escape.

    A backslash is doubled, so that no two texts look alike: `\n` is the end of a
    line, and `\\n` a backslash with an n.
    """
    return "".join(map(escape_character, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=1024)
def escape_character(character: str) -> str:
    """Return a character as it is, or its escape if it is none to be seen alone."""
    is_mark = unicodedata.category(character).startswith("M")
    if character.isprintable() and not is_mark and character != "\\":
        return character
    return character.encode("unicode_escape").decode()


def columns_of(character: str) -> int:
    """Return how many columns a character takes: 2 if it is Chinese or an emoji.

    So do letters that matplotlib's fonts lack: where no other font has them, there
    must be room for the digits of a code point.
    """
    if unicodedata.east_asian_width(character) in ("W", "F") or character > "\uffff":
        return 2
    return 2 if character > "\u0700" and unicodedata.category(character) == "Lo" else 1


@lru_cache(maxsize=1024)
def width_of(text: str, size: float) -> float:
    """Return the width of a text in points, the same on every machine."""
    return sum(map(columns_of, make_legible(text))) * size * ADVANCE


def place_characters(text: str, size: float) -> Iterator[tuple[str, float]]:
    """Yield each visible character, and where it begins: points from the left."""
    x = 0.0
    for character in order_from_left(make_legible(text)):
        if character != " ":
            yield character, x
        x += columns_of(character) * size * ADVANCE


def order_from_left(text: str) -> str:
    """Return the characters as they stand on paper: Hebrew and Arabic run leftwards."""
    runs = groupby(text, lambda c: unicodedata.bidirectional(c) in ("R", "AL"))
    return "".join("".join(run)[:: -1 if leftwards else 1] for leftwards, run in runs)
