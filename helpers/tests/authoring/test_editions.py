"""Whoever changes one edition alone is told where."""

import copy
import re

import pytest
from nbformat.v4 import new_markdown_cell, new_notebook

from helpers.authoring import editions
from helpers.authoring.editions import copy_code, translate_imports
from helpers.authoring.notebook import parse_notebook, write_notebook
from helpers.language import LANGUAGES

PAIRS = [*editions.pair_editions()]
GLOSSARY = (editions.CHINESE / "README.md").read_text("utf-8").partition("术语")[2]
# What stands in the last column of the glossary is said otherwise.
REFUSED = [
    word
    for row in re.findall(r"(?m)^\| [^|]+ \| [^|]+ \| ([^|]+) \|$", GLOSSARY)
    for word in re.split("、", row.strip())
    if re.fullmatch("[\u4e00-\u9fff]{2,}", word) and word != "不用"
]


def books(path="02_backward"):
    return [
        parse_notebook((folder / f"{path}.ipynb").read_text("utf-8"))
        for folder in (editions.NOTEBOOKS, editions.CHINESE)
    ]


def cell(book, name):
    return next(cell for cell in book.cells if cell.id == name)


def test_every_notebook_has_a_chinese_twin_that_is_in_step():
    assert len(PAIRS) >= 6
    for english, chinese in PAIRS:
        pair = [parse_notebook(path.read_text("utf-8")) for path in (english, chinese)]
        assert list(editions.compare_editions(*pair, "a")) == [], chinese


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
    english_sentence: (
        "walk-h",
        "one of the two has changed; if both",
    ),
    chinese_sentence: (
        "walk-h",
        "one of the two has changed; if both",
    ),
    heading: ("walk-h", "headings"),
    number: ("hand-h", "numbers"),
    formula: ("hand-read", "formulas"),
    link: ("title", "links"),
    code_span: ("walk-h", "its code: `y`, `z`"),
    solution: ("turn-derivative-solution", "fenced code"),
    code: ("walk", "its code; run `python -m helpers refresh`"),
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
    found = list(editions.compare_editions(*pair, "a"))
    assert {where.id for where, _ in found} == {name}
    assert any(said in what for _, what in found), found


def test_other_cells_are_told():
    english, chinese = books()
    gone = chinese.cells.pop(3)
    ((where, what),) = editions.compare_editions(english, chinese, "a")
    assert where is None and gone.id in what
    english, chinese = books()
    chinese.cells[2:4] = chinese.cells[3:1:-1]
    ((where, what),) = editions.compare_editions(english, chinese, "a")
    assert where is None and "their order" in what


def test_what_is_agreed_on_again_is_in_step():
    english, chinese = books()
    chinese_sentence(english, chinese)
    renewed = editions.renew_agreement(english, copy.deepcopy(chinese), ["walk-h"])
    assert list(editions.compare_editions(english, renewed, "a")) == []


def test_code_and_metadata_come_from_the_english_edition(tmp_path):
    english, chinese = books()
    code(english, chinese)
    tag(english, chinese)
    (tmp_path / "zh").mkdir()
    (tmp_path / "a.ipynb").write_text(write_notebook(english), "utf-8")
    synced = copy_code(chinese, tmp_path / "zh" / "a.ipynb")
    for one, other in zip(english.cells, synced.cells, strict=True):
        if one.cell_type == "code":
            assert translate_imports(one.source) == other.source
            assert one.metadata == other.metadata
    assert "from helpers.zh import" in cell(synced, "setup").source


def test_every_sentence_of_the_helpers_is_agreed_on():
    assert editions.find_unagreed_sentences() == []
    assert len([*editions.find_sentences()]) > 600


# ---- agreeing


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course of two lessons and two pairs of notebooks, all agreed on."""
    monkeypatch.setattr(editions, "HELPERS", tmp_path / "helpers")
    monkeypatch.setattr(editions, "LEDGER", tmp_path / "helpers" / "agreed.txt")
    monkeypatch.setattr(editions, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.chdir(tmp_path)
    for name in ("helpers/lessons", "helpers/tests", "notebooks/zh"):
        (tmp_path / name).mkdir(parents=True)
    lesson = 'HOW = Text("It is {0}.", "是 {0}。")\n\nWHY = Text("{0}?", "{0}？")\n'
    for name in ("some.py", "lessons/some.py", "lessons/other.py", "tests/no.py"):
        (tmp_path / "helpers" / name).write_text(lesson.format(name), "utf-8")
    for stem in ("01_one", "02_two"):
        for folder, said in (("notebooks", "See"), ("notebooks/zh", "看")):
            path = tmp_path / folder / f"{stem}.ipynb"
            cells = [new_markdown_cell(said, id=name) for name in ("title", stem[:2])]
            path.write_text(write_notebook(new_notebook(cells=cells)), "utf-8")
    assert len(editions.find_unagreed()) == 10
    assert editions.main(["--all"]) == 0
    return tmp_path


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def changed(course):
    """Change, on one side each, three sentences of two files and two titles."""
    edit(course / "helpers/some.py", "It is", "It was")
    edit(course / "helpers/lessons/some.py", "？", "。")
    edit(course / "helpers/lessons/some.py", "It is", "It was")
    for name in ("notebooks/01_one.ipynb", "notebooks/zh/02_two.ipynb"):
        book = parse_notebook((course / name).read_text("utf-8"))
        cell(book, "title").source += "!"
        (course / name).write_text(write_notebook(book), "utf-8")
    return course


WAITING = [
    "helpers/lessons/some.py:1",
    "helpers/lessons/some.py:3",
    "helpers/some.py:1",
    "notebooks/zh/01_one.ipynb:title",
    "notebooks/zh/02_two.ipynb:title",
]


def waiting():
    return [pair.name for pair in editions.find_unagreed()]


def test_each_change_is_told_once_with_its_file_and_line(changed, capsys):
    assert waiting() == WAITING
    capsys.readouterr()
    assert editions.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        *WAITING[:3],
        "notebooks/zh/01_one.ipynb:5",
        "notebooks/zh/02_two.ipynb:5",
    ]
    assert "«It was some.py.…»" in lines[2] and "agree helpers/some.py:1`" in lines[2]
    assert "cell title" in lines[3] and "agree 01_one:title`" in lines[3]
    for line in lines:
        command = line.rpartition("`")[0].rpartition("`")[2]
        name, unagreed = command.split()[-1], editions.find_unagreed()
        assert len(editions.find_named(name, unagreed)) == 1


@pytest.mark.parametrize(
    ("names", "agreed"),
    [
        (["helpers/some.py"], [2]),
        (["lessons/some"], [0, 1]),
        (["helpers/lessons/some.py:3"], [1]),
        (["some:1"], [0, 2]),
        (["helpers/lessons/other.py", "helpers/lessons/some.py"], [0, 1]),
        (["helpers/*.py"], [2]),
        (["01_one"], [3]),
        (["notebooks/02_two.ipynb"], [4]),
        (["notebooks/zh/02_two.ipynb", "01_one:title"], [3, 4]),
        (["*_*.ipynb"], [3, 4]),
        ([], []),
    ],
)
def test_only_what_is_named_is_agreed_on(changed, capsys, names, agreed):
    capsys.readouterr()
    assert editions.main([*names]) == 1
    assert waiting() == [it for k, it in enumerate(WAITING) if k not in agreed]
    said = capsys.readouterr().out
    assert all(f"{WAITING[k]}: agreed on" in said for k in agreed)
    assert said.count("agreed on") == len(agreed)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("title", "may be each of notebooks/zh/01_one.ipynb:title, notebooks/zh/02_"),
        ("third", "names nothing to agree on; there is: helpers/lessons/some.py:1, "),
        ("01_one:02", "names nothing to agree on"),
        ("helpers/some.py:3", "names nothing to agree on"),
    ],
)
def test_a_doubtful_name_agrees_on_nothing(changed, capsys, name, why):
    assert editions.main(["01_one", name]) == 1
    assert capsys.readouterr().err.startswith(f"{name!r} {why}")
    assert waiting() == WAITING


def test_a_cell_is_named_by_its_id_alone_if_no_other_has_it(changed):
    editions.agree(["01_one"])
    assert [pair.name for pair in editions.agree(["title"])] == WAITING[-1:]


def test_all_is_agreed_on_by_a_word(changed):
    assert editions.main(["--all"]) == 0
    assert waiting() == []


def test_agreeing_leaves_the_other_cells_and_lines_as_they_are(changed):
    ledger = editions.LEDGER.read_text("utf-8")
    books = [*(changed / "notebooks").rglob("*.ipynb")]
    before = {path: path.read_bytes() for path in books}
    editions.agree(["02_two"])
    after = [path for path in before if path.read_bytes() != before[path]]
    assert [path.name for path in after] == ["02_two.ipynb"]
    assert editions.LEDGER.read_text("utf-8") == ledger


def test_a_hint_is_a_sentence_and_one_that_is_written_elsewhere_is_not_a_second(course):
    source = 'WHY = Text("a", "b")\nX = Meaning("TAG", en="one", zh="一")\n'
    source += 'Y = Meaning("TAG", en=WHY.en, zh=WHY.zh)\n'
    (course / "helpers/lessons/hints.py").write_text(source, "utf-8")
    assert waiting() == ["helpers/lessons/hints.py:1", "helpers/lessons/hints.py:2"]


def test_a_sentence_that_is_as_it_was_is_still_agreed_on(changed):
    editions.agree(["lessons/some"])
    edit(changed / "helpers/some.py", "It was", "It is")
    assert waiting() == WAITING[3:]
    editions.write_ledger()  # now that all say the same, what is said no more goes
    known = {pair.mark for pair in editions.find_sentences()}
    assert {*editions.read_ledger()} == known


def test_a_file_that_is_moved_changes_no_sentence(course):
    ledger = editions.LEDGER.read_bytes()
    (course / "helpers/pictures/deep").mkdir(parents=True)
    new = course / "helpers/pictures/deep/renamed.py"
    (course / "helpers/some.py").rename(new)
    assert waiting() == []
    editions.write_ledger()
    assert editions.LEDGER.read_bytes() == ledger
    assert b"some" not in ledger.replace(b"some.py", b"")  # that is what they say
    edit(new, "It is", "It was")
    assert waiting() == ["helpers/pictures/deep/renamed.py:1"]


def test_both_languages_fill_in_the_same_values():
    for pair in editions.find_sentences():
        both = pair.english, pair.chinese
        names = [{*re.findall(r"\{(\w+)", each)} for each in both]
        assert names[0] == names[1], pair.name
        assert pair.chinese.strip() or not pair.english.strip(), pair.name


@pytest.mark.parametrize("word", REFUSED)
def test_each_term_is_used_one_way(word):
    files = editions.list_sources()
    texts = {str(file): file.read_text("utf-8") for file in files}
    for _, path in PAIRS:
        book = parse_notebook(path.read_text("utf-8"))
        texts[path.name] = "\n".join(cell.source for cell in book.cells)
    assert [name for name, text in texts.items() if word in text] == []


def test_the_glossary_refuses_something():
    assert {"回溯", "就地", "跟踪"} <= {*REFUSED}


PUNCTUATION = re.compile("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")
CLOSE = re.compile("[\u4e00-\u9fff][A-Za-z0-9`$]|[A-Za-z0-9`$][\u4e00-\u9fff]")


@pytest.mark.parametrize(("english", "path"), PAIRS, ids=lambda path: path.stem)
def test_chinese_has_its_own_punctuation_and_room_beside_latin(english, path):
    for each in parse_notebook(path.read_text("utf-8")).cells:
        if each.cell_type == "markdown":
            text = re.sub(r"```.*?```", "", each.source, flags=re.DOTALL)
            text = re.sub(r"`[^`\n]*`", "`c`", text)
            text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", "$f$", text, flags=re.DOTALL)
            assert not PUNCTUATION.findall(text), (each.id, PUNCTUATION.findall(text))
            assert not CLOSE.findall(text), (each.id, CLOSE.findall(text))


@pytest.mark.parametrize(("book", "language"), [*zip(books(), LANGUAGES, strict=True)])
def test_the_language_of_a_notebook_is_set_by_its_setup(book, language):
    assert f"from helpers.{language} import" in cell(book, "setup").source
