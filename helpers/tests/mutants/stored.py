"""Alter what a notebook has stored, one character or one block of pixels at a time."""

import base64
import copy
import io
import random
from collections.abc import Iterator

import numpy as np
from nbformat import NotebookNode
from PIL import Image

from helpers.authoring import numbers as prose
from helpers.authoring.notebook import tidy_outputs
from helpers.authoring.outputs import decode_png, describe_difference
from helpers.tests.notebooks.pages import code

BLOCKS = 6  # places in each picture
BLOCK = 2  # pixels on each side


def unnoticed_characters(book, shown) -> tuple[int, list[str]]:
    """Alter each character of each stored output; return how many, and what passes.

    `shown` is what the cells show when they run.
    """
    count, passed = 0, []
    for cell, fresh in zip(code(book), shown, strict=True):
        for path, text in words(cell.outputs):
            for at in range(len(text)):
                count += 1
                altered = text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]
                if not is_noticed(cell, put(cell.outputs, path, altered), fresh):
                    passed.append(f"{cell.id} {path}: {text[at : at + 20]!r}")
    return count, passed


def unnoticed_blocks(book, shown) -> tuple[int, list[str]]:
    """Turn blocks of each stored picture to their opposite; return what passes."""
    count, passed = 0, []
    for cell, fresh in zip(code(book), shown, strict=True):
        for number, output in enumerate(cell.outputs):
            for png, place in altered_pictures(output):
                count += 1
                outputs = put(cell.outputs, (number, "data", "image/png"), png)
                if not is_noticed(cell, outputs, fresh):
                    passed.append(f"{cell.id} picture {number}: {place}")
    return count, passed


def unnoticed_numbers(book) -> tuple[int, list[str]]:
    """Alter each digit of each number that a sentence claims; return what passes."""
    count, passed = 0, []
    for number, cell in enumerate(book.cells):
        if cell.cell_type == "markdown":
            for changed, around in altered_numbers(cell.source):
                count += 1
                cells = [*book.cells]
                cells[number] = NotebookNode({**cell, "source": changed})
                if not any(prose.find_unproved(cells)):
                    passed.append(f"{cell.id}: {around}")
    return count, passed


# ---------------------------------------------------------------- what is altered


def words(thing, path: tuple = ()) -> Iterator[tuple[tuple, str]]:
    """Yield each text inside of outputs, with its path, but for the pictures."""
    if isinstance(thing, str):
        yield path, thing
    elif isinstance(thing, dict | list):
        pairs = thing.items() if isinstance(thing, dict) else enumerate(thing)
        for key, value in pairs:
            if key != "image/png":
                yield from words(value, (*path, key))


def put(outputs, path: tuple, text: str):
    """Return a copy of outputs with another text at a path."""
    changed = copy.deepcopy(outputs)
    *way, last = path
    place = changed
    for key in way:
        place = place[key]
    place[last] = text
    return changed


def is_noticed(cell, outputs, fresh) -> bool:
    """Tell whether the comparison or the rule about tidy files notices a change."""
    tidied = tidy_outputs(outputs, cell.execution_count)
    return bool(describe_difference(outputs, fresh)) or tidied != outputs


def altered_pictures(output) -> Iterator[tuple[str, str]]:
    """Yield a picture with one block of pixels turned to its opposite, and where.

    It keeps its palette, so that nothing but these pixels gives it away.
    """
    png = output.get("data", {}).get("image/png")
    if png is None:
        return
    with Image.open(io.BytesIO(decode_png(png))) as image:
        palette, indices = image.getpalette(), np.asarray(image)
    colours, dice = np.reshape(palette, (-1, 3)).sum(axis=1), random.Random(png[-99:])
    for _ in range(BLOCKS):
        row, column = (dice.randrange(length - BLOCK) for length in indices.shape)
        changed = indices.copy()
        block = changed[row : row + BLOCK, column : column + BLOCK]
        block[:] = np.where(colours[block] > 382, colours.argmin(), colours.argmax())
        yield as_png(changed, palette), f"({column}, {row})"


def as_png(indices: np.ndarray, palette: list[int]) -> str:
    stream = io.BytesIO()
    image = Image.fromarray(indices)
    image.putpalette(palette)
    image.save(stream, "PNG", compress_level=1)
    return base64.b64encode(stream.getvalue()).decode()


def altered_numbers(source: str) -> Iterator[tuple[str, str]]:
    """Yield a text with one digit of one claimed number counted on, and where."""
    for number in prose.find_claims(source):
        for at in range(number.start(), number.end()):
            if source[at].isdigit():
                digit = str((int(source[at]) + 1) % 10)
                changed = source[:at] + digit + source[at + 1 :]
                yield changed, repr(changed[max(at - 15, 0) : at + 15])
