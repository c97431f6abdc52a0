"""An SVG has its shapes and letters where the scene has them, and nothing else."""

import re

import pytest
from matplotlib import rc_context

from helpers.drawing.fonts import ADVANCE, glyph, width_of
from helpers.drawing.scene import BoxShape, Scene, Style, TextShape
from helpers.drawing.svg import place_letters, write_svg
from helpers.drawing.theme import FILL, INK, MARGIN, NOTE, RED, SIZE

WORDS = TextShape(50, 20, SIZE, INK, "aa b"), TextShape(40, 30, NOTE, RED, "a")


def base_of(text):
    """Return where a text begins, in a scene."""
    return text.x - width_of(text.words, text.size) / 2, text.y + 0.35 * text.size


def test_letters_of_one_size_and_colour_are_placed_together():
    (left, base), (other, below) = map(base_of, WORDS)
    step = SIZE * ADVANCE
    assert place_letters(Scene(99, 99, texts=WORDS)) == {
        ("a", SIZE, INK): [(left, base), (left + step, base)],
        ("b", SIZE, INK): [(pytest.approx(left + 3 * step), base)],
        ("a", NOTE, RED): [(other, below)],
    }


def test_each_letter_stands_in_its_place_on_the_paper():
    source = write_svg(Scene(100, 40, texts=WORDS)).decode()
    used = re.findall(r'x="([\d.]+)" y="([\d.]+)" style="fill: (#\w+)"', source)
    (left, base), (other, below) = map(base_of, WORDS)
    step = SIZE * ADVANCE
    places = [(left, base), (left + step, base), (left + 3 * step, base)]
    expected = [
        *((x + MARGIN, y + MARGIN, INK) for x, y in places),
        (other + MARGIN, below + MARGIN, RED),
    ]
    assert [(float(x), float(y), ink) for x, y, ink in used] == [
        (pytest.approx(x, abs=1e-3), pytest.approx(y, abs=1e-3), ink)
        for x, y, ink in expected
    ]


def test_a_letter_has_its_size_and_no_line():
    source = write_svg(Scene(100, 40, texts=WORDS[1:])).decode()
    (outline,) = re.findall(r'<path id="\w+" d="([^"]*)"', source)
    found = [float(number) for number in re.findall(r"-?\d+\.?\d*", outline)]
    letter = glyph("a").vertices * NOTE
    assert min(found[1::2]) == pytest.approx(letter[:, 1].min(), abs=1e-3)
    assert max(found[::2]) == pytest.approx(letter[:, 0].max(), abs=1e-3)
    assert "stroke-width" not in source and "stroke:" not in source


def test_a_page_says_its_size_and_not_who_wrote_it_when():
    source = write_svg(Scene(100, 40)).decode()
    assert 'width="112pt" height="52pt" viewBox="0 0 112 52"' in source
    assert "metadata" not in source and "Matplotlib" not in source
    ground = re.search(r'<path d="([^"]*)" style="([^"]*)"', source)
    assert " ".join(ground[1].split()) == "M 0 0 L 112 0 L 112 52 L 0 52 z"
    assert ground[2] == "fill: #ffffff"


def test_a_box_stands_in_its_place_with_its_fill_and_line():
    box = BoxShape(50, 20, 30, 10, Style(FILL["now"], heavy=True))
    source = write_svg(Scene(100, 40, boxes=(box,))).decode()
    (outline,) = re.findall(
        rf'<path d="([^"]*)"[^>]*style="fill: {FILL["now"]}; stroke: {INK}; '
        r'stroke-width: 1.6[^"]*"',
        source,
    )
    numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*", outline)]
    assert (min(numbers[::2]), max(numbers[::2])) == (35 + MARGIN, 65 + MARGIN)
    assert (min(numbers[1::2]), max(numbers[1::2])) == (15 + MARGIN, 25 + MARGIN)


def test_a_file_is_the_same_each_time_whatever_the_learner_has_set():
    drawing = Scene(100, 40, texts=WORDS)
    first = write_svg(drawing)
    with rc_context({"svg.hashsalt": "mine", "svg.id": "mine"}):
        assert write_svg(drawing) == first
    assert write_svg(drawing) == first
