"""The outline of every character, and how wide it is."""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import groupby
from os.path import join

import matplotlib
import numpy as np
from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.path import Path

Outline = tuple[np.ndarray, np.ndarray]  # vertices, and matplotlib's codes for them

NOTHING: Outline = (np.empty((0, 2)), np.empty(0, np.uint8))
OWN = ("DejaVuSansMono.ttf", "DejaVuSans.ttf")  # both come with matplotlib
TALL = 0.73  # a digit of the font, in its size
TOP, LOW, LINE = -0.85, 0.2, 0.04  # of a box with digits, in the size of a letter


@lru_cache(maxsize=2048)
def glyph(character: str) -> Outline:
    """Return the outline of a character, 1 point high, y downwards.

    It fits its columns, in which it begins at 0; where no font has the character,
    it is a box with the digits of its code point.
    """
    first, *others = font_files()
    outline = load_outline(first, character)
    if is_drawn(outline):
        return outline
    for path in others:
        outline = load_outline(path, character)
        if is_drawn(outline):
            return centre_outline(outline, columns_of(character) * ADVANCE)
    return code_point_box(character)


def can_write(text: str) -> bool:
    """Tell whether the machine's fonts have every character of a text."""
    return all(is_known(character) for character in text if not character.isspace())


@lru_cache(maxsize=2048)
def is_known(character: str) -> bool:
    """Tell whether any font of the machine has a character."""
    return any(is_drawn(load_outline(path, character)) for path in font_files())


@cache
def font_files() -> tuple[str, ...]:
    """List matplotlib's own fonts, then what the machine has, the plainest first."""
    # Not by findfont: it may take the machine's DejaVu, and its list may be stale.
    fonts = join(matplotlib.get_data_path(), "fonts", "ttf")
    own = [join(fonts, name) for name in OWN]
    others = [f for f in fontManager.ttflist if not f.name.startswith("Last Resort")]
    return tuple(
        dict.fromkeys([*own, *(f.fname for f in sorted(others, key=fanciness))])
    )


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


def load_outline(path: str, character: str) -> Outline:
    """Return a character's outline, nothing if the font has none."""
    try:
        font = open_font(path)
        if not font.get_char_index(ord(character)):
            return NOTHING
        font.load_char(ord(character), flags=LoadFlags.NO_HINTING)
    except (OSError, RuntimeError):  # the font is gone, or has bitmaps only
        return NOTHING
    vertices, codes = font.get_path()
    return vertices * (0.01, -0.01), codes


def is_drawn(outline: Outline) -> bool:
    """Tell whether there is anything of a character to see."""
    vertices, _ = outline
    return bool(len(vertices))


def centre_outline(outline: Outline, room: float) -> Outline:
    """Put a foreign outline into the middle of its columns, smaller if need be."""
    vertices, codes = outline
    across = vertices[codes != Path.CLOSEPOLY, 0]  # that one has no place of its own
    left, right = across.min(), across.max()
    scale = min(1.0, room / (right - left)) if right > left else 1.0
    return (vertices - ((left + right) / 2, 0)) * scale + (room / 2, 0), codes


def code_point_box(character: str) -> Outline:
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
        vertices, codes = glyph(digit)
        parts.append((vertices * size + (x, base), codes))
    return join_outlines(parts)


def rectangle(left: float, top: float, right: float, low: float) -> Outline:
    """Return a rectangle; one whose left is its right is a hole in another."""
    corners = [(left, top), (right, top), (right, low), (left, low), (left, top)]
    codes = [Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY]
    return np.array(corners), np.array(codes, np.uint8)


def join_outlines(outlines: Iterable[Outline]) -> Outline:
    """Join outlines into one."""
    vertices, codes = zip(*outlines, strict=True)
    return np.concatenate(vertices), np.concatenate(codes)


ADVANCE = 0.602  # width of a character of the font, in its size


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
