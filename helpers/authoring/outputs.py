"""What cells show, as plain data, and where two showings differ."""

import base64
import copy
import io
import re
import struct
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
from nbformat import NotebookNode
from PIL import Image

from ..live import WIDGET_VIEW

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements.txt"
TOLERANCE = 16  # of 255: another processor may shade an edge a little otherwise


def merge_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Join neighbouring chunks of one stream: where they are cut is chance."""
    merged: list[NotebookNode] = []
    for output in map(copy.copy, outputs):
        if merged and "name" in output and output.name == merged[-1].get("name"):
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def describe_difference(
    stored: list[NotebookNode], fresh: list[NotebookNode]
) -> str | None:
    """Say in one sentence where a cell now shows something else, or return None."""
    stored, fresh = merge_streams(stored), merge_streams(fresh)
    for old, new in zip(stored, fresh, strict=False):
        if WIDGET_VIEW in new.get("data", {}):
            old.output_type = new.output_type  # it depends on ipywidgets' version
    for read in (output_kind, list_texts):
        before, now = list(map(read, stored)), list(map(read, fresh))
        if before != now:
            return f"Outputs differ: stored {before}, now {now}"
    for old, new in zip(stored, fresh, strict=True):
        if "image/png" in old.get("data", {}) and is_pinned_matplotlib():
            place = compare_pictures(old.data["image/png"], new.data["image/png"])
            if place:
                return f"The stored picture is not what is drawn now: it {place}"
    return None


def output_kind(output: NotebookNode) -> tuple:
    mimes = sorted(set(output.get("data", {})) - {WIDGET_VIEW})
    return output.output_type, output.get("name"), mimes, output.get("metadata")


def list_texts(output: NotebookNode) -> list[str]:
    """Return all that an output says in words."""
    data = output.get("data", {})
    said = [output[key] for key in ("text", "ename", "evalue") if key in output]
    return said + [data[mime] for mime in sorted(data) if mime.startswith("text/")]


@cache
def is_pinned_matplotlib() -> bool:
    """Tell whether pixels can be compared: another version places text otherwise."""
    pins = re.findall(r"(?m)^matplotlib==(\S+)", REQUIREMENTS.read_text("utf-8"))
    return version("matplotlib") in pins


def compare_pictures(stored: str, fresh: str) -> str | None:
    """Say where one base64 PNG differs from another by more than the tolerance."""
    if stored == fresh:
        return None
    try:
        old, new = read_pixels(stored), read_pixels(fresh)
        parts = [list_chunks(decode_png(png)) for png in (stored, fresh)]
    except (OSError, ValueError, SyntaxError, struct.error):
        return "cannot be read"
    if old.shape != new.shape:
        return f"has {old.shape[:2]} pixels, not {new.shape[:2]}"
    if parts[0] != parts[1]:
        return f"consists of {parts[0]}, not {parts[1]}"
    apart = np.abs(old - new)
    row, column, colour = np.unravel_index(apart.argmax(), apart.shape)
    far = apart[row, column, colour] > TOLERANCE
    return f"differs most at pixel ({column}, {row})" if far else None


def decode_png(png: str) -> bytes:
    return base64.b64decode("".join(png.split()), validate=True)


def read_pixels(png: str) -> np.ndarray:
    """Decode a base64 PNG: an array of height × width × 4, from 0 to 255."""
    with Image.open(io.BytesIO(decode_png(png)), formats=["PNG"]) as image:
        return np.asarray(image.convert("RGBA"), np.int16)  # half the time of floats


def list_chunks(png: bytes) -> list[str]:
    """Return the kinds of a PNG's parts: some browsers heed more of them than we do.

    Each has its length in four bytes, its kind in four, its data and four more:
    https://www.w3.org/TR/png-3/#5Chunk-layout
    """
    kinds, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        kinds.append(kind.decode("latin-1"))
        at += length + 12
    return list(dict.fromkeys(kinds))
