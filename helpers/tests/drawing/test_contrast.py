"""What is drawn and said can be read by weak eyes, on a light page and a dark one.

The measure is the contrast ratio of WCAG 2.2: 4.5 for words (success criterion 1.4.3),
3 for lines and signs (1.4.11).
"""

from itertools import product

import pytest
import torch
from matplotlib.colors import to_rgb

from helpers import show_graph
from helpers.drawing.scene import draw_scene
from helpers.drawing.theme import FILL, INKS
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
    for word, ground in product(words, FILL.values()):
        assert contrast(word, ground) >= 4.5, (word, ground)


def test_words_and_lines_beside_a_curve_stand_out():
    for colour in INKS:
        assert contrast(colour, "#ffffff") >= 4.5


@pytest.mark.parametrize(("page", "state"), [*product(PAGES, SIGN_COLOUR)])
def test_the_sign_of_a_verdict_stands_out(page, state):
    assert contrast(SIGN_COLOUR[state], PAGES[page]) >= 3
