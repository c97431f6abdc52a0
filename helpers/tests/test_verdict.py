"""What a check says is the same for the eyes, the ears and the machine."""

import pytest

from helpers.verdict import Link, Verdict, ask_again, write_sign

PLACE = Link("What `backward` adds", '#a="b"&c')
FULL = Verdict("wrong", "Not `x < y`.", "tag", "Seen: 1.", "Try `&` & 2.", link=PLACE)


def page_of(verdict):
    return verdict._repr_mimebundle_()["text/html"]


def test_a_verdict_says_a_line_for_each_thing_it_has_to_say():
    assert Verdict("right", "Yes.").lines() == ["Yes."]
    assert Verdict("wrong", "No.", hint="Add.").lines() == ["No.", "Add."]
    assert FULL.lines() == ["Not `x < y`.", "Seen: 1.", "Try `&` & 2."]


def test_a_verdict_in_text_is_its_sign_and_its_lines():
    assert repr(Verdict("waiting", "Guess.")) == "○ Guess."
    assert repr(FULL) == (
        "✗ Not `x < y`.\n  Seen: 1.\n  Try `&` & 2.\n  → What `backward` adds"
    )


def test_a_verdict_on_a_page_has_the_words_of_its_text():
    assert FULL._repr_mimebundle_() == {
        "text/plain": repr(FULL),
        "text/html": (
            '<div role="status" '
            'style="border-left: 4px solid #c62828; padding-left: 0.8em">'
            '<span role="img" aria-label="wrong" '
            'style="color: #c62828; font-weight: bold">✗</span> '
            "Not <code>x &lt; y</code>.<br>Seen: 1.<br>Try <code>&amp;</code> &amp; 2."
            '<br>→ <a href="#a=&quot;b&quot;&amp;c">'
            "What <code>backward</code> adds</a></div>"
        ),
    }
    assert "→" not in page_of(Verdict("right", "Yes."))


@pytest.mark.parametrize(
    ("state", "word"), [("waiting", "等待作答"), ("right", "正确"), ("wrong", "不对")]
)
def test_a_sign_is_read_aloud_in_the_language_of_the_edition(chinese, state, word):
    assert f'aria-label="{word}"' in write_sign(state)


def test_a_verdict_counts_as_a_try_unless_it_asks_again():
    assert Verdict("wrong", "No.").counts
    assert ask_again("Use numbers.") == Verdict("waiting", "Use numbers.", counts=False)
    assert repr(ask_again("Use numbers.")) == "○ Use numbers."
