"""Hints come by degrees, the scoreboard counts, and both can also be heard."""

import html
import re
from dataclasses import FrozenInstanceError

import pytest
import torch

from helpers import check, language, show_scoreboard
from helpers.checking import progress
from helpers.lessons import LESSONS
from helpers.verdict import Verdict

NAME = "accumulation/used_twice"
TRUTH = torch.tensor(2.0)


@pytest.fixture(autouse=True)
def fresh():
    progress.reset_progress()
    yield
    progress.reset_progress()


def heard(thing):
    """Return the words of a thing's HTML, as a screen reader would say them."""
    page = thing._repr_mimebundle_()["text/html"]
    page = re.sub(r'<span role="img" aria-label="(\w+)"[^>]*>.</span>', r"\1", page)
    page = re.sub(r"</?(code|a|span)[^>]*>", "", page)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def seen(thing):
    """Return the words of a thing's text, its signs as words."""
    text = repr(thing).replace("`", "")
    for sign, word in (("○", "waiting"), ("✗", "wrong"), ("✓", "right")):
        text = text.replace(sign, word)
    return " ".join(text.split())


def test_a_second_wrong_try_says_more_than_the_first():
    hints = [hint() for hint in LESSONS[NAME].hints]
    first, second, third, fourth = (check(NAME, 6, TRUTH) for _ in range(4))
    assert first.hint == ""
    assert second.hint == f"Hint 1 of 2: {hints[0]}"
    assert third.hint == f"Hint 2 of 2: {hints[1]}"
    assert fourth.hint == f"Hint 2 of 2: {hints[1]} The answer is folded below."
    assert first.sentence == second.sentence == fourth.sentence
    assert second.hint in repr(second)


def test_a_hint_can_be_asked_for_and_gives_no_answer_away():
    asked = check(NAME, ..., TRUTH, hint=True)
    assert asked.state == "waiting" and asked.hint.startswith("Hint 1 of 2: ")
    assert check(NAME, ..., TRUTH, hint=True).hint.startswith("Hint 2 of 2: ")
    assert check(NAME, ..., TRUTH).hint == ""
    assert check(NAME, 2, TRUTH, hint=True).hint == ""
    assert check(NAME, 6, TRUTH).hint == ""  # the first wrong try


@pytest.mark.parametrize("name", LESSONS)
def test_every_question_has_a_title_and_two_hints(name):
    lesson = LESSONS[name]
    assert len(lesson.hints) == 2
    for text in (lesson.title, *lesson.hints):
        assert text.en.strip() and any("一" <= c <= "鿿" for c in text.zh)
        text()  # no stray { or }


def test_titles_are_told_apart():
    for topic in {name.partition("/")[0] for name in LESSONS}:
        lessons = [LESSONS[name] for name in LESSONS if name.startswith(f"{topic}/")]
        for code in language.LANGUAGES:
            titles = [getattr(lesson.title, code) for lesson in lessons]
            assert len(set(titles)) == len(titles)


def test_the_scoreboard_counts_what_is_right_now():
    board = show_scoreboard("accumulation")
    count = len(board.lines)
    assert repr(board).startswith(f"0 of {count} right so far.\n○ ")
    check(NAME, 2, TRUTH)
    check("accumulation/descend", LESSONS["accumulation/descend"].solution)
    check("accumulation/alias", 4, torch.tensor(12.0))
    text = repr(show_scoreboard("accumulation"))
    assert text.startswith(f"2 of {count} right so far.")
    assert text.count("✓") == 2 and text.count("✗") == 1
    check(NAME, ..., TRUTH)
    assert repr(show_scoreboard("accumulation")).count("✓") == 1


def test_a_line_of_the_scoreboard_says_its_kind_and_leads_to_its_question():
    """Guards against a list that a learner cannot find anything with."""
    board = show_scoreboard("accumulation")
    page = board._repr_mimebundle_()["text/html"]
    for name, kind in ((NAME, "guess"), ("accumulation/descend", "your turn")):
        title, cell = LESSONS[name].title(), "ask-" + name[13:].replace("_", "-")
        assert f"○ {title} ({kind})\n" in repr(board)
        link = f'<a href="#cell-id={cell}">{html.escape(title)}</a> ({kind})'
        assert f"{link}</li>" in page


def test_the_scoreboard_rejoices_when_all_is_right():
    for name, lesson in LESSONS.items():
        if name.startswith("detach/"):
            progress.note_verdict(name, Verdict("right", ""), lesson.hints, False)
    text = repr(show_scoreboard("detach"))
    assert text.startswith("All ") and "○" not in text


@pytest.mark.parametrize("topic", ["nonsense", "", 3, None, [], "{came}"])
def test_an_unknown_topic_gets_a_sentence_with_the_known_ones(topic):
    assert "accumulation" in show_scoreboard(topic).sentence


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_eyes_and_ears_get_the_same_words(code):
    words = {"en": seen, "zh": lambda thing: seen(thing).replace("waiting", "等待作答")}
    language.set_language(code)
    try:
        for thing in (check(NAME, ..., TRUTH, hint=True), show_scoreboard("detach")):
            assert heard(thing) == words[code](thing)
    finally:
        language.set_language("en")


def test_what_a_learner_typed_is_never_markup():
    def hostile(*inputs):
        raise RuntimeError("<script>alert(1)</script>")

    page = check("accumulation/descend", hostile)._repr_mimebundle_()["text/html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_code_in_a_sentence_looks_like_code():
    page = Verdict("right", "Use `x < y`.")._repr_mimebundle_()["text/html"]
    assert "<code>x &lt; y</code>" in page


def test_a_verdict_cannot_be_changed():
    verdict = Verdict("wrong", "No.")
    for name in vars(verdict):
        with pytest.raises(FrozenInstanceError):
            setattr(verdict, name, "right")


def test_a_verdict_names_a_misconception_where_there_is_one():
    assert Verdict("wrong", "No.").misconception == ""
    assert Verdict("wrong", "No.", "NAME", "seen", "hint").misconception == "NAME"
