"""Whoever changes one edition alone is told where."""

import copy
import re

import pytest

from helpers import parity, refresh
from helpers.language import LANGUAGES

PAIRS = [*parity.pairs()]
GLOSSARY = (parity.CHINESE / "README.md").read_text("utf-8").partition("术语")[2]
# What stands in the last column of the glossary is said otherwise.
REFUSED = [
    word
    for row in re.findall(r"(?m)^\| [^|]+ \| [^|]+ \| ([^|]+) \|$", GLOSSARY)
    for word in re.split("、", row.strip())
    if re.fullmatch("[\u4e00-\u9fff]{2,}", word) and word != "不用"
]


def books(path="02_backward"):
    return [
        refresh.read((folder / f"{path}.ipynb").read_text("utf-8"))
        for folder in (parity.NOTEBOOKS, parity.CHINESE)
    ]


def cell(book, name):
    return next(cell for cell in book.cells if cell.id == name)


def test_every_notebook_has_a_chinese_twin_that_is_in_step():
    assert len(PAIRS) >= 6
    for english, chinese in PAIRS:
        pair = [refresh.read(path.read_text("utf-8")) for path in (english, chinese)]
        assert list(parity.differences(*pair)) == [], chinese


def english_sentence(en, zh):
    cell(en, "walk-h").source += " Really."


def chinese_sentence(en, zh):
    cell(zh, "walk-h").source += "真的。"


def heading(en, zh):
    cell(en, "walk-h").source = cell(en, "walk-h").source.replace("## ", "### ")


def number(en, zh):
    cell(zh, "hand-h").source = cell(zh, "hand-h").source.replace("2、3", "2、4")


def formula(en, zh):
    cell(zh, "hand-read").source = cell(zh, "hand-read").source.replace(
        "$4 x_i$", "$5$"
    )


def link(en, zh):
    cell(zh, "title").source = cell(zh, "title").source.replace("01_", "03_")


def code_span(en, zh):
    cell(zh, "walk-h").source = cell(zh, "walk-h").source.replace("`y`", "`z`")


def solution(en, zh):
    name = "turn-derivative-solution"
    cell(zh, name).source = cell(zh, name).source.replace("f(x).backward", "f(x).back")


def code(en, zh):
    cell(en, "walk").source += "\nx"


def output(en, zh):
    cell(zh, "walk").outputs[0].data["text/plain"] = "tensor([0., 4., 8., 13.])"


def silent(en, zh):
    cell(zh, "walk").outputs.clear()


def drawing(en, zh):
    cell(zh, "steps").outputs[0].data["image/png"] = "AAAA"


def verdict(en, zh):
    shown = cell(zh, "scoreboard").outputs[0].data
    shown["text/plain"] = shown["text/plain"].replace("7", "8")


def tag(en, zh):
    cell(zh, "twice").metadata.tags = []


CHANGES = {
    english_sentence: ("walk-h", "one of the two has changed"),
    chinese_sentence: ("walk-h", "one of the two has changed"),
    heading: ("walk-h", "headings"),
    number: ("hand-h", "numbers"),
    formula: ("hand-read", "formulas"),
    link: ("title", "links"),
    code_span: ("walk-h", "its code: `y`, `z`"),
    solution: ("turn-derivative-solution", "fenced code"),
    code: ("walk", "its code; run `python -m helpers.refresh`"),
    output: ("walk", "13"),
    silent: ("walk", "other kinds of output"),
    drawing: ("steps", "other pictures"),
    verdict: ("scoreboard", "it shows"),
    tag: ("twice", "metadata"),
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_change_on_one_side_is_told_with_its_cell(change):
    pair = books()
    change(*pair)
    name, said = CHANGES[change]
    found = list(parity.differences(*pair))
    assert {where.id for where, _ in found} == {name}
    assert any(said in what for _, what in found), found


def test_other_cells_are_told():
    english, chinese = books()
    gone = chinese.cells.pop(3)
    ((where, what),) = parity.differences(english, chinese)
    assert where is None and gone.id in what
    english, chinese = books()
    chinese.cells[2:4] = chinese.cells[3:1:-1]
    ((where, what),) = parity.differences(english, chinese)
    assert where is None and "their order" in what


def test_what_is_agreed_on_again_is_in_step():
    english, chinese = books()
    chinese_sentence(english, chinese)
    renewed = parity.renewed(english, copy.deepcopy(chinese))
    assert list(parity.differences(english, renewed)) == []


def test_code_and_metadata_come_from_the_english_edition(tmp_path):
    english, chinese = books()
    code(english, chinese)
    tag(english, chinese)
    (tmp_path / "zh").mkdir()
    (tmp_path / "a.ipynb").write_text(refresh.write(english), "utf-8")
    synced = refresh.in_step(chinese, tmp_path / "zh" / "a.ipynb")
    for one, other in zip(english.cells, synced.cells, strict=True):
        if one.cell_type == "code":
            assert refresh.in_chinese(one.source) == other.source
            assert one.metadata == other.metadata
    assert "from helpers.zh import" in cell(synced, "setup").source


def test_every_sentence_of_the_helpers_is_agreed_on():
    assert parity.changed_sentences() == []
    assert len(parity.sentences()) > 600


@pytest.mark.parametrize("side", ["The size is right", "大小对了"])
@pytest.mark.parametrize(
    "written",
    ['Text("{}", "{}")', 'Meaning("SIZE", en="{}", zh="{}")'],
    ids=["as a text", "as a hint"],
)
def test_a_sentence_that_was_changed_on_one_side_is_told(
    written, side, tmp_path, monkeypatch
):
    (tmp_path / "lessons").mkdir()
    source = f"HOW = {written.format('The size is right.', '大小对了。')}\n"
    source += 'WHY = Text("The size is right.", "尺寸对了。")\n'  # English alike
    source += 'AGAIN = Meaning("SIZE", en=WHY.en, zh=WHY.zh)\n'
    file = tmp_path / "lessons" / "some.py"
    monkeypatch.setattr(parity, "LEDGER", tmp_path / "agreed.txt")
    monkeypatch.setattr(parity, "HELPERS", tmp_path)
    monkeypatch.setattr(parity.sentences, "__defaults__", (tmp_path,))
    file.write_text(source, "utf-8")
    parity.write_ledger()
    assert parity.changed_sentences() == []
    file.write_text(source.replace(side, side + "!"), "utf-8")
    said = parity.changed_sentences()
    assert said and all("helpers/lessons/some: The size is right" in x for x in said)


def test_both_languages_fill_in_the_same_values():
    for file, line, *pair in parity.sentence_pairs():
        names = [{*re.findall(r"\{(\w+)", each)} for each in pair]
        assert names[0] == names[1], (file, line)
        assert pair[1].strip() or not pair[0].strip(), (file, line)


@pytest.mark.parametrize("word", REFUSED)
def test_each_term_is_used_one_way(word):
    files = [*parity.HELPERS.glob("*.py"), *parity.HELPERS.glob("lessons/*.py")]
    texts = {str(file): file.read_text("utf-8") for file in files}
    for _, path in PAIRS:
        book = refresh.read(path.read_text("utf-8"))
        texts[path.name] = "\n".join(cell.source for cell in book.cells)
    assert [name for name, text in texts.items() if word in text] == []


def test_the_glossary_refuses_something():
    assert {"回溯", "就地", "跟踪"} <= {*REFUSED}


PUNCTUATION = re.compile("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")
CLOSE = re.compile("[\u4e00-\u9fff][A-Za-z0-9`$]|[A-Za-z0-9`$][\u4e00-\u9fff]")


@pytest.mark.parametrize(("english", "path"), PAIRS, ids=lambda path: path.stem)
def test_chinese_has_its_own_punctuation_and_room_beside_latin(english, path):
    for each in refresh.read(path.read_text("utf-8")).cells:
        if each.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", each.source, flags=re.DOTALL)
            text = re.sub(r"`[^`\n]*`", "`c`", text)
            text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", "$f$", text, flags=re.DOTALL)
            assert not PUNCTUATION.findall(text), (each.id, PUNCTUATION.findall(text))
            assert not CLOSE.findall(text), (each.id, CLOSE.findall(text))


@pytest.mark.parametrize(("book", "language"), [*zip(books(), LANGUAGES, strict=True)])
def test_the_language_of_a_notebook_is_set_by_its_setup(book, language):
    assert f"from helpers.{language} import" in cell(book, "setup").source
