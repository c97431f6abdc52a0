"""What a word looks like before it is painted: its characters and its width."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

ADVANCE = 0.602  # width of a character of the font, in its size


def legible(text: str) -> str:
    r"""Write what cannot be seen, or sits on its neighbour, as an escape.

    A backslash is doubled, so that no two texts look alike: `\n` is the end of a
    line, and `\\n` a backslash with an n.
    """
    return "".join(map(spelled, unicodedata.normalize("NFC", text)))


@lru_cache(maxsize=1024)
def spelled(character: str) -> str:
    """Return a character as it is, or its escape if it is none to be seen alone."""
    is_mark = unicodedata.category(character).startswith("M")
    if character.isprintable() and not is_mark and character != "\\":
        return character
    return character.encode("unicode_escape").decode()


def columns(character: str) -> int:
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
    return sum(map(columns, legible(text))) * size * ADVANCE


def placed(text: str, size: float) -> Iterator[tuple[str, float]]:
    """Yield each visible character, and where it begins: points from the left."""
    x = 0.0
    for character in from_the_left(legible(text)):
        if character != " ":
            yield character, x
        x += columns(character) * size * ADVANCE


def from_the_left(text: str) -> str:
    """Return the characters as they stand on paper: Hebrew and Arabic run leftwards."""
    runs = groupby(text, lambda c: unicodedata.bidirectional(c) in ("R", "AL"))
    return "".join("".join(run)[:: -1 if leftwards else 1] for leftwards, run in runs)
