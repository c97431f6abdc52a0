"""Words before they are painted: nothing is hidden, nothing overlaps."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.drawing.fonts import (
    ADVANCE,
    columns_of,
    make_legible,
    place_characters,
    width_of,
)
from helpers.drawing.theme import SIZE

NASTY = [
    "损失",
    "x̂ ŷ é",
    "🙂😀👩‍💻",
    "<b>&amp;</b>",
    "$x$ \\frac{1}{2}",
    "a\nb\t\x00\x7f",
    "שלום",
    "a\u200b\u202eb\u2066",
    "ㅤᅠ\u2800\u3000\xa0\xad",
    "\ud800\udfff\ue000\U000e0001",
    "]]><script>alert('\"')</script>",
    "w" * 300,
]
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=8)


@given(ANY_TEXT | st.sampled_from(NASTY))
def test_what_is_legible_can_be_read_back(text):
    """Guard against two names that look alike, and against a character that is lost."""
    shown = make_legible(text)
    assert shown.isprintable()
    assert not any(unicodedata.category(c).startswith("M") for c in shown)
    plain = shown.encode("ascii", "backslashreplace").decode("unicode_escape")
    assert plain == unicodedata.normalize("NFC", text)


def test_what_learners_write_stays_as_it_is():
    for name in ("x", "loss_2", "损失", "ŷ", "λ", "↑[0 2 4]", "<b>", "$x$", "it's"):
        assert make_legible(name) == name
    assert make_legible("y\u0302") == "ŷ"  # one character, or a letter and its mark
    assert make_legible("a\nb") == r"a\nb" and make_legible(r"a\nb") == r"a\\nb"


@given(ANY_TEXT | st.sampled_from(NASTY))
def test_letters_stand_side_by_side_within_the_width(text):
    end = 0.0
    for character, x in place_characters(text, SIZE):
        assert x >= end - 1e-9
        end = x + columns_of(character) * SIZE * ADVANCE
    assert end <= width_of(text, SIZE) + 1e-9
    blanks = make_legible(text).count(" ")
    assert len(list(place_characters(text, SIZE))) == len(make_legible(text)) - blanks


@pytest.mark.parametrize(
    ("text", "placed"), [("שלום = x", "םולש=x"), ("x = ابج", "x=جبا")]
)
def test_hebrew_and_arabic_run_leftwards(text, placed):
    assert "".join(c for c, _ in place_characters(text, 9)) == placed


@pytest.mark.parametrize("wide", ["损", "，", "☕", "😀", "𝑥", "ก"])
def test_what_a_machine_may_lack_has_room_for_its_code_point(wide):
    assert columns_of(wide) == 2
    assert width_of(wide, 10) == width_of("ab", 10) == pytest.approx(2 * 6.02)


@pytest.mark.parametrize("narrow", ["a", "λ", "ª", "א", "→", "²", "ŷ"])
def test_what_every_machine_has_takes_one_column(narrow):
    assert columns_of(narrow) == 1
    assert width_of(narrow, 10) == pytest.approx(6.02)
