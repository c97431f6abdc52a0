"""The files are what they claim to be, and no word is lost on the way to them."""

import io
import re
import subprocess
import sys
from colorsys import rgb_to_hsv
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontEntry
from matplotlib.path import Path as Outline
from PIL import Image

from helpers import show_backward, show_graph, show_slopes, show_tangent
from helpers.drawing import fonts, theme
from helpers.drawing.fonts import ADVANCE, columns_of, make_legible, width_of
from helpers.drawing.picture import paint_scene
from helpers.drawing.png import LONGEST, MOST, dots_per_inch, palette
from helpers.drawing.scene import BoxShape, CurveShape, Scene, Style, TextShape
from helpers.drawing.theme import (
    DPI,
    FILL,
    INK,
    INKS,
    LIGHTEST,
    MARGIN,
    RED,
    SIZE,
    SMALL,
    WHITE,
)
from helpers.live import STILL
from helpers.tests.drawing.test_fonts import ANY_TEXT, NASTY

FONTS = Path(matplotlib.get_data_path(), "fonts", "ttf")
COLOURS = {WHITE, *FILL.values(), *INKS}


def labelled(*names):
    """Return a scene with a box, an arrow and a label for each name."""
    rows = list(enumerate(names))
    box, arrow = Style(FILL["op"], heavy=True), Style(dashed=True)
    return Scene(
        max([width_of(name, SIZE) for name in names], default=0.0) + 40,
        60.0 * len(rows),
        tuple(BoxShape(60, 60 * k + 20, 100, 22, box) for k, _ in rows),
        tuple(CurveShape(((60, 60 * k), (60, 60 * k + 9)), arrow) for k, _ in rows),
        tuple(TextShape(60, 60 * k + 20, SIZE, INK, name) for k, name in rows)
        + tuple(TextShape(60, 60 * k + 45, SMALL, RED, name) for k, name in rows),
    )


def opened(drawing):
    """Return the pixels of a scene's PNG, which has passed Pillow's own tests."""
    file = io.BytesIO(paint_scene(drawing))
    Image.open(file).verify()
    return Image.open(file)


@given(width=st.floats(0, 300), height=st.floats(0, 300))
def test_a_png_has_the_size_of_its_scene_in_sixteen_colours(width, height):
    corner = BoxShape(width, height, 4.0, 4.0, Style(INK, heavy=True))
    image = opened(Scene(width, height, (corner,)))
    wanted = [(side + 2 * MARGIN) * DPI / 72 for side in (width, height)]
    assert np.allclose(image.size, wanted, atol=1)
    assert image.mode == "P" and len(image.getcolors()) <= 16
    pixels = np.asarray(image.convert("L"))
    assert pixels[-3:].min() == pixels[:, -3:].min() == 255  # the margin
    assert pixels[-25:, -25:].min() < 50  # the box in the corner


def painted_colours(png):
    """Return the colours in a PNG as they are written in an SVG."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    return {"#{:02x}{:02x}{:02x}".format(*colour) for _, colour in image.getcolors()}


def swatches():
    """Return a scene with a box for each ground and a word for each ink."""
    styles = [Style(fill, heavy=True) for fill in theme.FILL.values()]
    boxes = [BoxShape(40 * k + 20, 20, 30, 30, it) for k, it in enumerate(styles)]
    inks = enumerate(theme.INKS)
    words = [TextShape(60 * k + 30, 20, SIZE, ink, "HOG") for k, ink in inks]
    return Scene(300, 40, boxes=tuple(boxes), texts=tuple(words))


def test_every_colour_of_the_theme_is_in_a_picture_and_so_are_edges_of_ink():
    """Guard against a palette that turns a rare red into grey, or makes it ragged."""
    shown = painted_colours(paint_scene(swatches()))
    assert shown >= COLOURS
    assert {"#d88090", "#b5b5b5"} <= shown  # half ink, half paper
    hues, edged = (
        {rgb_to_hsv(*to_rgb(ink))[:2] for ink in inks} for inks in (INKS, LIGHTEST)
    )
    assert hues == edged


def square(x):
    return x**2


def draw_fifty_steps():
    x = torch.arange(1.0, 4.0, requires_grad=True)
    for _ in range(50):
        x = x * 2 + 1
    return show_graph(x)


def with_constants():
    x = torch.arange(1.0, 4.0, requires_grad=True)
    return (x * torch.tensor([1.0, 2.0, 3.0])).sum()


KINDS = {
    "graph": lambda: show_graph(with_constants()),
    "step": lambda: show_graph(with_constants(), step=1),
    "walk": lambda: show_backward(with_constants()),
    "folded": draw_fifty_steps,
    "tangent": lambda: show_tangent(square, 1.0),
    "secant": lambda: show_tangent(square, 1.0, h=0.5),
    "slopes": lambda: show_slopes(torch.relu, -2, 2),
    "jump": lambda: show_slopes(torch.floor, 0, 3),
}


@pytest.mark.thorough
@pytest.mark.parametrize("draw", KINDS.values(), ids=KINDS)
def test_every_colour_of_an_svg_is_in_the_png(draw, tmp_path):
    picture = draw()
    picture.save(tmp_path / "a.svg")
    wanted = {*re.findall(r"#[0-9a-f]{6}\b", (tmp_path / "a.svg").read_text())}
    black = {"#000000"} & wanted  # matplotlib's own frames and numbers: shown as ink
    assert len(wanted) >= 3 and bool(black) == (picture.graph is None)
    assert wanted - black <= COLOURS & painted_colours(picture.png)


def test_with_ever_more_colours_a_picture_keeps_to_sixteen(monkeypatch):
    """Guard the four bits of a pixel; what a box is filled with comes first."""
    added = [(k, 200, 90) for k in range(9)]
    for colour in added:
        monkeypatch.setitem(theme.FILL, colour, "#{:02x}{:02x}{:02x}".format(*colour))
    kept = np.reshape(palette.__wrapped__().getpalette(), (-1, 3)).tolist()
    assert len(kept) == 16 and kept[5:14] == [[*colour] for colour in added]


@cache
def paint_elsewhere():
    """Return the drawing below by its kind, both painted by one new process."""
    program = (
        "import sys; from helpers.tests.drawing.test_png import labelled, paint_scene\n"
        "drawing = labelled('x = [0 1 2 3]', '损失', 'y')\n"
        "kinds = [paint_scene(drawing, kind).hex() for kind in ('png', 'svg')]\n"
        "sys.stdout.write(' '.join(kinds))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=True,
    )
    painted = map(bytes.fromhex, done.stdout.decode().split())
    return dict(zip(("png", "svg"), painted, strict=True))


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_bytes_are_the_same_each_time_whatever_the_learner_has_set(kind):
    drawing = labelled("x = [0 1 2 3]", "损失", "y")
    first = paint_scene(drawing, kind)
    odd = {"path.sketch": (1, 100, 2), "lines.linewidth": 9, "font.family": "serif"}
    with matplotlib.rc_context(
        {**odd, "savefig.dpi": 20, "svg.fonttype": "none", "svg.id": "a"}
    ):
        assert paint_scene(drawing, kind) == first
    assert paint_elsewhere()[kind] == first


@given(width=st.floats(12, 1e6), height=st.floats(12, 1e6))
def test_a_giant_picture_fits_into_memory(width, height):
    dpi = dots_per_inch(width, height)
    pixels = width * dpi / 72, height * dpi / 72
    assert dpi <= DPI and max(pixels) < LONGEST + 1
    assert pixels[0] * pixels[1] < MOST + 1
    assert dpi == DPI or max(pixels) > LONGEST - 1 or pixels[0] * pixels[1] > MOST - 1


@pytest.mark.thorough
@pytest.mark.parametrize("size", [(30_000, 300), (300, 30_000)])
@pytest.mark.parametrize("dashed", [False, True])
@pytest.mark.parametrize("kind", ["png", "svg"])
def test_very_many_long_arrows_are_drawn(size, dashed, kind):
    (width, height), count = size, 300
    curves = tuple(
        CurveShape(
            ((width * k / count, 0), (0, height), (width, 0), (width / 2, height)),
            Style(dashed=dashed),
        )
        for k in range(count)
    )
    assert len(paint_scene(Scene(width, height, curves=curves), kind)) > 10_000


@pytest.mark.thorough
def test_a_row_of_four_hundred_leaves_is_drawn():
    leaves = [torch.ones(2, requires_grad=True) for _ in range(400)]
    picture = show_graph(sum(torch.cat(leaves).sum() * k for k in range(2)))
    assert picture.png.startswith(b"\x89PNG")


def test_a_scene_without_a_word_or_a_box_is_white():
    blank = TextShape(4, 4, SIZE, INK, "  ")
    for empty in (Scene(0, 0), Scene(9, 9, texts=(blank,))):
        assert opened(empty).convert("L").getextrema() == (255, 255)


# ---- SVG --------------------------------------------------------------------


def test_an_svg_holds_outlines_and_not_a_word():
    source = paint_scene(labelled(*NASTY), "svg")
    root = ElementTree.fromstring(source)
    assert b"script" not in source and b"&" not in source
    tags = {element.tag.split("}")[1] for element in root.iter()}
    assert tags == {"svg", "defs", "style", "path", "g", "use"}
    for style in root.iter("{http://www.w3.org/2000/svg}style"):
        style.clear()
    assert not "".join(root.itertext()).strip()


def test_an_svg_is_white_and_holds_each_outline_once_a_size():
    source = paint_scene(labelled("aaa", "aba"), "svg").decode()
    ids = re.findall(r'<path id="(\w+)"', source)
    used = re.findall(r'href="#(\w+)"', source)
    assert len(ids) == 4 and {*ids} == {*used}
    assert sorted(map(used.count, ids)) == [1, 1, 5, 5]
    ground = re.search("<path[^>]*>", source)[0]
    assert "M 0 0 " in ground and "fill: #ffffff" in ground


# ---- fonts ------------------------------------------------------------------


@pytest.fixture
def only(monkeypatch):
    """Return a function that leaves a machine with so many fonts and no more."""
    mono = fonts.font_files()[0]

    def leave(*others):
        monkeypatch.setattr(fonts, "font_files", lambda: (mono, *others))
        fonts.find_outline.cache_clear()

    yield leave
    fonts.find_outline.cache_clear()


def corners(outline):
    """Return an outline's left, top, right and low."""
    drawn = outline.vertices[outline.codes != Outline.CLOSEPOLY]
    return [*drawn.min(axis=0), *drawn.max(axis=0)]


def test_any_text_is_painted_within_its_columns(only):
    """Guard against a blank, an empty box, and a warning that a glyph is missing."""
    only()

    @given(ANY_TEXT | st.sampled_from(NASTY))
    def law(text):
        for shown in make_legible(text).replace(" ", ""):
            left, _, right, _ = corners(fonts.glyph(shown))
            assert -0.1 <= left < right <= columns_of(shown) * ADVANCE + 0.1
        ElementTree.fromstring(paint_scene(labelled(text), "svg"))
        assert opened(labelled(text)).mode == "P"

    law()


def test_a_character_that_no_font_has_shows_its_code_point(only):
    only("/there/is/no/such.ttf")
    frame = [*fonts.rectangle(0, 0, 1, 1).codes] * 2
    digits = [code for digit in "635f" for code in fonts.glyph(digit).codes]
    assert fonts.glyph("损").codes.tolist() == frame + digits
    assert not np.array_equal(fonts.glyph("损").vertices, fonts.glyph("捯").vertices)


def test_a_character_is_taken_from_another_font_of_the_machine(only):
    stix = str(FONTS / "STIXGeneral.ttf")
    assert fonts.load_outline(fonts.font_files()[0], "𝑥") is None
    only(stix)
    drawn, there = fonts.glyph("𝑥"), fonts.load_outline(stix, "𝑥")
    assert np.array_equal(drawn.codes, there.codes) and len(there.codes) > 10
    left, _, right, _ = corners(drawn)
    assert left + right == pytest.approx(2 * ADVANCE)  # in the middle


@pytest.mark.parametrize(
    ("area", "expected"),
    [
        ((-3, -1, 5, 0), [0, -0.25, 2, 0]),  # too wide
        ((7, -1, 8, 0), [0.5, -1, 1.5, 0]),
        ((3, -1, 3, 1), [1, -1, 1, 1]),  # without a width
    ],
)
def test_an_outline_is_made_to_fit_in_the_middle(area, expected):
    fitted = fonts.centre_outline(fonts.rectangle(*area), 2.0)
    assert corners(fitted) == pytest.approx(expected)


def test_matplotlibs_own_fonts_come_first_then_the_machines_plain_ones(monkeypatch):
    own = [str(FONTS / "DejaVuSansMono.ttf"), str(FONTS / "DejaVuSans.ttf")]
    machine = [
        entry("Arial", "bold", file="bold.ttf"),
        entry("Last Resort High-Efficiency", file="boxes.ttf"),
        entry("DejaVu Sans Mono", file=own[0]),
        entry("Arial", file="plain.ttf"),
        entry("Arial", file="plain.ttf"),
    ]
    monkeypatch.setattr(fonts.fontManager, "ttflist", machine)
    monkeypatch.setenv(STILL, "1")  # what is stored is the same on every machine
    assert fonts.font_files.__wrapped__() == (*own,)
    monkeypatch.delenv(STILL)
    assert fonts.font_files.__wrapped__() == (*own, "plain.ttf", "bold.ttf")
    monkeypatch.setattr(fonts.fontManager, "ttflist", [])  # what a stale list has
    assert fonts.font_files.__wrapped__() == (*own,)


def entry(name, weight=400, style="normal", file="a.ttf"):
    return FontEntry(file, name=name, weight=weight, style=style)


def test_the_plainest_font_comes_first():
    ordered = [
        entry("Droid Sans", "normal", file="b.ttf"),
        entry("Noto Sans", "book", file="c.ttf"),
        entry("Noto Sans", "regular", file="d.ttf"),
        entry("Arial"),
        entry("Noto Sans", style="italic"),
        entry("Arial", style="oblique"),
        entry("Noto Sans", 700),
        entry("Arial", "bold"),
        entry("Arial", 300, "italic"),
    ]
    mixed = ordered[1::2] + ordered[::2]
    assert sorted(mixed, key=fonts.fanciness) == ordered


def test_an_outline_is_the_designers_own_one_point_high():
    x = fonts.load_outline(fonts.font_files()[0], "x")
    assert corners(x) == pytest.approx([0.0372, -0.5469, 0.565, 0], abs=1e-3)


def test_what_a_font_lacks_has_no_outline(tmp_path):
    mono, sans = fonts.font_files()[:2]
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for path in (mono, str(broken), "/there/is/no/such.ttf"):
        assert fonts.load_outline(path, "损") is None
    assert fonts.load_outline(sans, "∢")
    assert fonts.load_outline(mono, "\xa0") is None  # there, but not to be seen


@pytest.mark.parametrize(
    ("text", "known"),
    [("", True), ("x y\n", True), ("x = 𝑥", True), ("损", False), ("x损y", False)],
)
def test_a_text_can_be_written_if_some_font_has_each_character(only, text, known):
    only(str(FONTS / "STIXGeneral.ttf"))
    assert fonts.can_write(text) is known


@pytest.mark.parametrize(
    ("character", "right", "first", "last"),
    [
        ("∢", 0.562, [0.107, -0.706, 0.27, -0.434], [0.328, -0.221, 0.491, 0.051]),
        ("䑄", 1.164, [0.202, -0.769, 0.481, -0.365], [0.724, -0.284, 1.003, 0.12]),
        ("𢈢", 1.164, [0.128, -0.777, 0.374, -0.365], [0.476, -0.292, 0.722, 0.12]),
    ],
    ids=["2222 in one column", "4444 in two", "22222"],
)
def test_digits_stand_in_two_rows_within_their_frame(character, right, first, last):
    box = fonts.code_point_box(character)
    count = len(f"{ord(character):04x}")
    parts = [box.vertices[:5], box.vertices[5:10], *np.split(box.vertices[10:], count)]
    codes = [box.codes[:5], box.codes[5:10], *np.split(box.codes[10:], count)]
    found = [corners(Outline(*part)) for part in zip(parts, codes, strict=True)]
    frame, hole = [0.04, -0.85, right, 0.2], [0.08, -0.81, right - 0.04, 0.16]
    assert np.allclose(found[:3] + found[-1:], [frame, hole, first, last], atol=1e-3)
    (x, _), (onward, _) = parts[0][:2]
    (back, _), (turned, _) = parts[1][:2]
    assert x < onward and back > turned  # a hole runs the other way round
