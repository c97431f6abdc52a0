"""What is drawn and said can be read by weak eyes, on a light page and a dark one.

The measure is the contrast ratio of WCAG 2.2: 4.5 for words (success criterion 1.4.3),
3 for lines and signs (1.4.11).
"""

from colorsys import rgb_to_hsv
from itertools import product

import pytest
import torch
from matplotlib.colors import to_rgb

from helpers import show_graph
from helpers.drawing.scene import draw_scene
from helpers.drawing.theme import FILL, INKS, RED
from helpers.verdict import SIGN_COLOUR

PAGES = {"light": "#ffffff", "dark": "#111111"}  # JupyterLab's


def luminance(colour):
    """Return the relative luminance, as WCAG defines it for sRGB."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    ]
    return sum(
        w * part for w, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )


def contrast(one, other):
    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_the_measure_is_the_one_of_wcag():
    assert contrast("#000000", "#ffffff") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=1e-3)


def test_words_and_lines_of_a_graph_stand_out_from_every_box():
    w = torch.ones(3, requires_grad=True)
    y = (w * 2).exp().sum().detach() * w.sum()
    drawing = draw_scene(show_graph(y).graph)
    words = {text.colour for text in drawing.texts}
    assert len(words) >= 3
    for word, (what, ground) in product(words, FILL.items()):
        found = contrast(word, ground)
        if found < 4.5:
            weak = f"{word} on {ground}, the fill of {what}, has a contrast of"
            pytest.fail(f"{weak} {found:.1f}; 4.5 can be read", pytrace=False)


HUES = {"red": 0, "green": 1 / 3, "blue": 0.6}  # in turns of the circle of colours
SEEN = {RED: "red", FILL["leaf"]: "blue", FILL["op"]: "grey", FILL["root"]: "green"}


@pytest.mark.parametrize("colour", SEEN)
def test_a_colour_is_what_notebooks_call_it(colour):
    hue, saturation, _ = rgb_to_hsv(*to_rgb(colour))
    near = [it for it in HUES if abs((hue - HUES[it] + 0.5) % 1 - 0.5) < 0.1]
    if SEEN[colour] not in (near if saturation > 0.05 else ["grey"]):
        cure = "choose another, or change their words and SEEN"
        pytest.fail(f"Notebooks call {colour} {SEEN[colour]}; {cure}", pytrace=False)


def test_words_and_lines_beside_a_curve_stand_out():
    for colour in INKS:
        assert contrast(colour, "#ffffff") >= 4.5


@pytest.mark.parametrize(("page", "state"), [*product(PAGES, SIGN_COLOUR)])
def test_the_sign_of_a_verdict_stands_out(page, state):
    assert contrast(SIGN_COLOUR[state], PAGES[page]) >= 3
