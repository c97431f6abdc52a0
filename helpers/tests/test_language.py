"""Every sentence in the language of the edition, and its spaces as that has them."""

from dataclasses import FrozenInstanceError

import pytest

from helpers.language import Text, join_sentences, say_ready, set_language
from helpers.wording import add_article

CAME = Text("{came} came.", "收到 {came}。")
BOTH = ["收到。", "请改写。"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("一个 list", "收到一个 list。"),
        ("数", "收到数。"),
        ("x", "收到 x。"),
        ("（空）", "收到（空）。"),
        ("a b", "收到 a b。"),
    ],
)
def test_chinese_has_a_space_only_beside_what_is_not(chinese, value, said):
    assert CAME(came=value) == said


def test_english_keeps_the_spaces_of_a_learners_chinese():
    assert CAME(came="损 失") == "损 失 came."


def test_sentences_follow_each_other_in_english():
    assert join_sentences(BOTH) == "收到。 请改写。"


def test_sentences_follow_each_other_in_chinese(chinese):
    assert join_sentences(BOTH) == "收到。请改写。"


@pytest.mark.parametrize(
    ("article", "kinds"),
    [
        ("an", "object ndarray int Index Adam Unflatten UninitializedParameter _Odd"),
        ("an", "RNN LSTMCell MLP MSELoss F1 X"),
        ("a", "list tensor NoneType Series ModuleList ReLU GRU _Plain"),
        ("a", "uint8 ufunc Uniform UserDict UNet U"),
    ],
)
def test_a_kind_has_the_article_with_which_it_is_said(article, kinds):
    for kind in kinds.split():
        assert add_article(kind) == f"{article} {kind}"


@pytest.mark.parametrize("kind", ["ndarray", "list"])
def test_chinese_has_one_article(chinese, kind):
    assert add_article(kind) == f"一个 {kind}"


def test_a_text_is_data_that_stays_as_it_is():
    assert len({CAME, Text("{came} came.", "收到 {came}。")}) == 1
    with pytest.raises(FrozenInstanceError):
        CAME.en = "{came} went."


def test_a_sentence_remembers_its_english(chinese):
    said = CAME(came="x")
    assert (said, said.english) == ("收到 x。", "x came.")


def test_a_language_is_chosen_for_all_further_sentences():
    assert CAME(came="x") == "x came."
    set_language("zh")
    try:
        assert CAME(came="x") == "收到 x。"
        with pytest.raises(ValueError, match=r"'fr'.*en, zh"):
            set_language("fr")
        assert CAME(came="x") == "收到 x。"
    finally:
        set_language("en")
    assert CAME(came="x") == "x came."


def test_the_setup_cell_says_that_it_has_run(chinese, capsys):
    say_ready()
    assert capsys.readouterr().out.endswith("\n准备好了。\n")
