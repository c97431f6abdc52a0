"""Where two showings of a cell differ, to the pixel."""

import base64
import io

import numpy as np
import pytest
import torch
from nbformat.v4 import new_output
from PIL import Image

from helpers import show_graph
from helpers.authoring import outputs
from helpers.authoring.outputs import (
    compare_pictures,
    describe_difference,
    merge_streams,
    read_pixels,
)
from helpers.drawing.live import WIDGET_VIEW

WHITE = np.full((40, 60, 3), 255)


def png(array, kind="PNG"):
    stream = io.BytesIO()
    Image.fromarray(array.astype(np.uint8)).save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()


def with_bytes(more):
    return base64.b64encode(base64.b64decode(png(WHITE)) + more).decode()


def drawn(number):
    x = torch.tensor([1.0, number], requires_grad=True)
    return show_graph(x * 2)._repr_mimebundle_()[0]["image/png"]


def spotted(size, colour=0):
    picture = WHITE.copy()
    picture[10 : 10 + size, 21 : 21 + size] = colour
    return png(picture)


def test_another_number_in_a_picture_is_another_picture():
    assert compare_pictures(drawn(8.0), drawn(8.0)) is None
    assert compare_pictures(drawn(8.0), drawn(3.0)).startswith(
        "differs most at pixel ("
    )


def test_a_shade_is_tolerated_and_a_speck_is_not():
    assert compare_pictures(png(WHITE), spotted(9, 240)) is None
    assert compare_pictures(png(WHITE), spotted(1)) == "differs most at pixel (21, 10)"


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        (png(WHITE[1:]), "has (39, 60) pixels, not (40, 60)"),
        (png(WHITE, "GIF"), "cannot be read"),
        ("bm90IGEgcGljdHVyZQ==", "cannot be read"),
        (png(WHITE)[:80], "cannot be read"),
        ("not even base64", "cannot be read"),
        ("!" + png(WHITE), "cannot be read"),
        (with_bytes(b"more"), "cannot be read"),
        (with_bytes(b"\0\0\0\0tEXt\0\0\0\0"), "consists of"),
    ],
)
def test_what_is_no_such_picture_is_told(stored, said):
    assert compare_pictures(stored, png(WHITE)).startswith(said)


def test_transparency_counts():
    clear = np.dstack([WHITE, np.zeros(WHITE.shape[:2])])
    assert compare_pictures(png(clear), png(WHITE)).startswith("differs")


def test_the_edge_of_a_picture_counts():
    picture = WHITE[:, :58].copy()
    picture[38:, 56:] = 0
    assert read_pixels(png(picture)).shape == (40, 58, 4)
    assert compare_pictures(png(WHITE[:, :58]), png(picture)).startswith("differs")


def shown(data, kind="display_data", **metadata):
    return new_output(kind, data, metadata=metadata)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


TEXT = {"text/plain": "a"}
SAME = [
    ([], []),
    ([stream("ab")], [stream("a"), stream("b")]),
    ([shown(TEXT)], [shown(TEXT)]),
    ([shown(TEXT, "execute_result")], [shown({**TEXT, WIDGET_VIEW: {}})]),
]
OTHER = [
    ([], [stream("a")]),
    ([stream("a")], []),
    ([stream("a")], [stream("a", "stderr")]),
    ([stream("a"), shown(TEXT), stream("b")], [stream("ab"), shown(TEXT)]),
    ([shown(TEXT)], [shown(TEXT, "execute_result")]),
    ([shown(TEXT)], [shown(TEXT), shown(TEXT)]),
    ([shown(TEXT)], [shown({**TEXT, "text/html": "a"})]),
    ([shown(TEXT, width=1)], [shown(TEXT)]),
    ([stream("a")], [stream("b")]),
    ([shown(TEXT)], [shown({"text/plain": "b"})]),
    (
        [new_output("error", ename="E", evalue="a")],
        [new_output("error", ename="E", evalue="b")],
    ),
    (
        [shown({**TEXT, "image/png": spotted(5)})],
        [shown({**TEXT, "image/png": spotted(6)})],
    ),
]


@pytest.mark.parametrize(("stored", "fresh"), SAME)
def test_what_is_the_same_differs_nowhere(stored, fresh):
    assert describe_difference(stored, fresh) is None


@pytest.mark.parametrize(("stored", "fresh"), OTHER)
def test_what_is_not_differs(stored, fresh):
    assert describe_difference(stored, fresh)
    assert describe_difference(fresh, stored)


def test_comparing_changes_nothing():
    parts = [stream("a"), stream("b")]
    assert [each.text for each in merge_streams(parts)] == ["ab"]
    assert [each.text for each in parts] == ["a", "b"]


def test_another_matplotlib_compares_the_words_alone(monkeypatch):
    pictures = OTHER[-1]
    monkeypatch.setattr(outputs, "version", lambda _: "0.1")
    outputs.is_pinned_matplotlib.cache_clear()
    try:
        assert describe_difference(*pictures) is None
    finally:
        monkeypatch.undo()
        outputs.is_pinned_matplotlib.cache_clear()
