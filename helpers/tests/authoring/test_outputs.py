"""Where two showings of a cell differ, to the pixel."""

import base64
import copy
import io
import re

import numpy as np
import pytest
import torch
from nbformat.v4 import new_output
from PIL import Image

from helpers import show_graph
from helpers.authoring import outputs
from helpers.authoring.outputs import compare_pictures, describe_difference
from helpers.live import WIDGET_VIEW

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


CLEAR = np.dstack([WHITE, np.zeros(WHITE.shape[:2])])
NARROW = WHITE[:, :58].copy()  # no whole number of bytes, if a pixel has less
EDGE = NARROW.copy()
EDGE[38:, 56:] = 0
PARTS = "'IHDR', 'IDAT', 'IEND'"
MORE_PARTS = f"consists of [{PARTS}, 'tEXt'], not [{PARTS}]"
PICTURES = [
    (drawn(8.0), drawn(8.0), "None"),
    (drawn(8.0), drawn(3.0), "differs most at pixel ("),
    (png(WHITE), spotted(9, 239), "None"),  # a shade is tolerated
    (png(WHITE), spotted(9, 238), "differs most at pixel (21, 10)"),
    ("\n".join(re.findall(".{1,76}", png(WHITE))), png(WHITE), "None"),
    (png(WHITE), spotted(1), "differs most at pixel (21, 10)"),
    (png(CLEAR), png(WHITE), "differs"),
    (png(NARROW), png(EDGE), "differs"),
    (png(WHITE[1:]), png(WHITE), "has (39, 60) pixels, not (40, 60)"),
    (png(WHITE, "GIF"), png(WHITE), "cannot be read"),
    ("bm90IGEgcGljdHVyZQ==", png(WHITE), "cannot be read"),
    (png(WHITE)[:80], png(WHITE), "cannot be read"),
    ("not even base64", png(WHITE), "cannot be read"),
    ("!" + png(WHITE), png(WHITE), "cannot be read"),
    (with_bytes(b"more"), png(WHITE), "cannot be read"),
    (with_bytes(b"\0\0\0\0tEXt\0\0\0\0"), png(WHITE), MORE_PARTS),
    (with_bytes(b"\xff\xff\xff\xfftEXt" + bytes(12)), png(WHITE), MORE_PARTS),
]


@pytest.mark.parametrize(("stored", "fresh", "said"), PICTURES)
def test_where_two_pictures_differ_is_told(stored, fresh, said):
    assert f"{compare_pictures(stored, fresh)}".startswith(said)


def shown(data, kind="display_data", **metadata):
    return new_output(kind, data, metadata=metadata)


def stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def failure(value, name="E"):
    return new_output("error", ename=name, evalue=value)


TEXT = {"text/plain": "a"}
SPOTS = [{"image/png": spotted(size)} for size in (5, 6)]
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
    ([failure("a")], [failure("b")]),
    ([failure("a")], [failure("a", "F")]),
    ([shown(TEXT)], [shown(TEXT | SPOTS[0])]),
    ([shown(TEXT)], [shown(TEXT | {"application/json": {}})]),
    ([shown(TEXT | SPOTS[0])], [shown(TEXT | SPOTS[1])]),
]


@pytest.mark.parametrize(("stored", "fresh"), SAME)
def test_what_is_the_same_differs_nowhere_and_stays_as_it_is(stored, fresh):
    before = copy.deepcopy([stored, fresh])
    assert describe_difference(stored, fresh) is None
    assert [stored, fresh] == before


@pytest.mark.parametrize(("stored", "fresh"), OTHER)
def test_what_is_not_differs(stored, fresh):
    assert describe_difference(stored, fresh)
    assert describe_difference(fresh, stored)


def test_another_matplotlib_compares_the_words_alone(monkeypatch):
    pictures = OTHER[-1]
    monkeypatch.setattr(outputs, "version", lambda _: "0.1")
    is_pinned = outputs.is_pinned_matplotlib.__wrapped__  # which asks again
    monkeypatch.setattr(outputs, "is_pinned_matplotlib", is_pinned)
    assert describe_difference(*pictures) is None
