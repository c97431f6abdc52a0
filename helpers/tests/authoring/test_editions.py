"""Whoever changes one edition alone is told where."""

import hashlib
import math
import re
import shutil

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import editions, notebook, publish, questions, rules
from helpers.authoring.notebook import (
    UNTRANSLATED,
    Notebook,
    is_untranslated,
    write_notebook,
)
from helpers.language import LANGUAGES
from helpers.lessons import LESSONS

PAIRS = editions.pair_editions()
CHINESE = notebook.NOTEBOOKS / "zh"
GLOSSARY = (CHINESE / "README.md").read_text("utf-8").partition("术语")[2]
# What stands in the last column of the glossary is said otherwise.
REFUSED = [
    word
    for row in re.findall(r"(?m)^\| [^|]+ \| [^|]+ \| ([^|]+) \|$", GLOSSARY)
    for word in re.split("、", row.strip())
    if re.fullmatch("[\u4e00-\u9fff]{2,}", word) and word != "不用"
]
EN, ZH = 0, 1


def books():
    """Return notebook 2 in both editions."""
    return list(map(notebook.read_notebook, PAIRS[1]))


def cell(book, name):
    return next(cell for cell in book.cells if cell.id == name)


def test_every_notebook_has_a_chinese_twin_and_all_is_agreed_on():
    assert len(PAIRS) >= 6 and len(editions.find_pairs()) > 750
    assert [*editions.report_differences()] == []


def says(edition, name, old, new):
    """Return a change of what a cell of one edition says."""

    def change(pair):
        changed = cell(pair[edition], name)
        assert old in changed.source
        changed.source = changed.source.replace(old, new)
        return name

    return change


def shows(name, change):
    """Return a change of what a Chinese cell shows."""

    def change_outputs(pair):
        change(cell(pair[ZH], name).outputs)
        return name

    return change_outputs


def lose_tags(pair):
    cell(pair[ZH], "twice").metadata.tags = []
    return "twice"


CHANGES = {
    "english sentence": (says(EN, "walk-h", "One", "A"), "one of the two has changed"),
    "chinese sentence": (
        says(ZH, "walk-h", "再", "又"),
        "if both sides say the same, run `python -m helpers agree 02_backward:walk-h`",
    ),
    "heading": (says(EN, "walk-h", "## ", "### "), "headings: ###, ##"),
    "number": (says(ZH, "hand-h", "2、3", "2、4"), "numbers: 3, 4"),
    "formula": (says(ZH, "hand-read", "$4 x_i$", "$5$"), "formulas: $4 x_i$, $5$"),
    "link": (says(ZH, "title", "01_", "03_"), "links"),
    "code span": (says(ZH, "walk-h", "`y`", "`z`"), "its code: `y`, `z`"),
    "solution": (
        says(ZH, "turn-derivative-solution", "f(x).backward", "f(x).back"),
        "fenced code",
    ),
    "code": (
        says(EN, "walk", "y.b", "x; y.b"),
        "code; run `python -m helpers refresh`",
    ),
    "tag": (lose_tags, "metadata"),
    "output": (shows("walk", lambda it: it[0].data.update({"text/plain": "13"})), "13"),
    "silence": (shows("walk", list.clear), "other kinds of output"),
    "drawing": (
        shows("steps", lambda it: it[0].data.update({"image/png": "AAAA"})),
        "other pictures",
    ),
    "score": (
        shows("scoreboard", lambda it: it[0].data.update({"text/plain": "8"})),
        "it shows '8', not '0 of ",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_on_one_side_is_told_with_its_cell(name):
    (change, said), pair = CHANGES[name], books()
    place = change(pair)
    found = list(editions.compare_editions(*pair, "02_backward"))
    assert {where.id for where, _ in found} == {place}
    assert any(said in what for _, what in found), found


@pytest.mark.parametrize("order", [[0, 1, 2], [0, 1, 3, 2]])
def test_other_cells_are_told(order):
    english, chinese = books()
    english.cells = english.cells[:4]
    chinese.cells = [chinese.cells[number] for number in order]
    ((where, what),) = editions.compare_editions(english, chinese, "a")
    said = "their order" if len(order) == 4 else "['hand']"
    assert where is None and what.endswith(f"English twin: {said}")


def test_of_cells_that_only_one_edition_has_all_are_named_in_order():
    both = [new_notebook(cells=[new_markdown_cell("", id=it)]) for it in "ca"]
    both[0].cells.append(new_markdown_cell("", id="b"))
    assert list(editions.compare_editions(*both, "x")) == [
        (None, "has other cells than its English twin: ['a', 'b', 'c']")
    ]


TEXT = r"""# Title
### 3 parts
- one
- 2 items
1. 4 first
2. second `code 9`
| a | 5 |
$x^9$ and $$
9
$$ $y\text{words 6}$ [link 7](target_9) <b>8</b> <!-- 9 -->6 of
```
code `9`
```
`open 9` 1,000 and 2.5, −3 or -4, x9 and 0.x
"""
SHAPE = {
    "headings": ["#", "###"],
    "list items": ["-", "-", "1.", "2."],
    "table rows": ["|"],
    "code": ["`code 9`", "`9`", "`open 9`"],
    "fenced code": ["```\ncode `9`\n```"],
    "links": ["target_9"],
    "tags": ["<b", "</b"],
    "marks": ["<!-- 9 -->"],
    "formulas": ["$x^9$", "$$\n9\n$$", "$y$"],
    "numbers": ["-4", "0", "1,000", "2", "2.5", "3", "4", "5", "6", "7", "8", "−3"],
}


def test_the_shape_of_a_text_is_what_no_language_changes():
    assert editions.describe_shape(TEXT) == SHAPE


@pytest.mark.parametrize(
    ("chinese", "said"),
    [
        ("看 `a`、`b` 和 `b`", []),
        ("看 `a` 和 `b`", ["its code: `b`, `b`, `b`"]),
        ("看 `b`、`a` 和 `b` 7", ["its numbers: 7"]),
        ("看 `b`\n\n`a`、`b`\n- 一", ["its list items: -"]),
        (f"看 `a`、`b` 和 `b` [1](../{200 * 'x'})", ["its links", "its numbers: 1"]),
    ],
)
def test_what_one_text_has_and_the_other_lacks_is_counted(chinese, said):
    pair = editions.Pair("See `a`, `b` and `b`", chinese, "01_a", "cell")
    found = list(editions.compare_prose(pair, {pair.mark}))
    if said[:1] == ["its links"]:
        said = [f"its links: ../{117 * 'x'}", *said[1:]]
    assert found == said
    changed = "if both sides say the same, run `python -m helpers agree 01_a:cell`"
    last = f"one of the two has changed; {changed}"
    assert list(editions.compare_prose(pair, ())) == [*said, last]


def test_the_links_of_two_editions_lead_to_each_other():
    pair = editions.Pair("[a](zh/01.ipynb)", "[a](../01.ipynb)", "01", "cell")
    assert list(editions.compare_prose(pair, [pair.mark])) == []


def text_output(text):
    return new_output("display_data", {"text/plain": text})


PLAIN = new_code_cell("from helpers.en import x", id="a")
TWIN = {"source": "from helpers.zh import x"}


@pytest.mark.parametrize(
    ("english", "chinese", "said"),
    [
        ({}, {}, []),
        ({}, {"cell_type": "markdown"}, ["it is markdown, not code"]),
        (
            {},
            {"source": PLAIN.source, "metadata": {"tags": ["a"]}},
            [
                "its code; run `python -m helpers refresh`",
                "its metadata; run `python -m helpers refresh`",
            ],
        ),
        (
            {"outputs": [text_output("See 1 2")]},
            {"outputs": [text_output("看 2 1")]},
            [],
        ),
        (
            {"outputs": [text_output(f"See 1 {'a' * 90}"), text_output("3")]},
            {"outputs": [text_output(f"看 2 {'b' * 90}"), text_output("4")]},
            [
                f"it shows '看 2 {'b' * 76}', not 'See 1 {'a' * 74}'",
                "it shows '4', not '3'",
            ],
        ),
        (
            {"outputs": [text_output("1")]},
            {"outputs": [new_output("stream", text="1")]},
            ["it shows other kinds of output, or other pictures"],
        ),
        (
            {"outputs": [new_output("display_data", {"text/plain": "1"}, metadata={})]},
            {
                "outputs": [
                    new_output("display_data", {"text/plain": "1"}, metadata={"a": 1})
                ]
            },
            [],
        ),
    ],
)
def test_two_cells_of_code_say_and_show_the_same(english, chinese, said):
    both = (
        NotebookNode(PLAIN, **english),
        NotebookNode(NotebookNode(PLAIN, **TWIN), **chinese),
    )
    assert list(editions.compare_code(*both)) == said


@pytest.mark.parametrize(
    ("text", "start"),
    [("a  b\n\nc", "a b c"), ("word " * 20, "word " * 8), ("", "")],
)
def test_a_pair_of_texts_has_a_mark_of_both_and_the_start_of_the_first(text, start):
    pair = editions.Pair(text, "梯度", "01_a", "7")
    both = f"{text}\0梯度".encode()
    assert pair.mark == hashlib.sha256(both).hexdigest()[:12]
    assert (pair.start, pair.name) == (start, "01_a:7")


# ---- a course of its own


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a course of two lessons and two pairs of notebooks, all agreed on."""
    monkeypatch.setattr(editions, "HELPERS", tmp_path / "helpers")
    monkeypatch.setattr(editions, "LEDGER", tmp_path / "helpers" / "agreed.txt")
    monkeypatch.setattr(editions, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(questions, "NOTEBOOKS", tmp_path / "notebooks")
    monkeypatch.setattr(questions, "LESSONS", tmp_path / "helpers" / "lessons")
    monkeypatch.chdir(tmp_path)
    for name in ("helpers/lessons", "helpers/tests", "notebooks/zh"):
        (tmp_path / name).mkdir(parents=True)
    lesson = 'HOW = Text("It is {0}.", "是 {0}。")\n\nWHY = Text("{0}?", "{0}？")\n'
    for name in ("some.py", "lessons/some.py", "lessons/other.py", "tests/no.py"):
        (tmp_path / "helpers" / name).write_text(lesson.format(name), "utf-8")
    for stem in ("01_one", "02_two"):
        for folder, said in (("notebooks", "See"), ("notebooks/zh", "看")):
            cells = [new_markdown_cell(said, id=name) for name in ("title", stem[:2])]
            save(tmp_path / folder / f"{stem}.ipynb", cells)
    assert len(waiting()) == 10
    assert editions.main(["--all"]) == 0
    return tmp_path


def save(path, cells):
    path.write_text(write_notebook(new_notebook(cells=cells)), "utf-8")


def waiting():
    return [pair.name for pair in editions.find_unagreed(editions.find_pairs())]


def edit(file, old, new):
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def changed(course, capsys):
    """Change, on one side each, three sentences of two files and two titles."""
    edit(course / "helpers/some.py", "It is", "It was")
    edit(course / "helpers/lessons/some.py", "？", "。")
    edit(course / "helpers/lessons/some.py", "It is", "It was")
    edit(course / "helpers/lessons/some.py", "\n\n", "\n\nLESSONS = {'a/b': WHY}\n")
    edit(course / "notebooks/01_one.ipynb", "See", "See!")
    edit(course / "notebooks/zh/02_two.ipynb", "看", "看！")
    capsys.readouterr()
    return course


WAITING = [
    "helpers/lessons/some.py:1",
    "helpers/lessons/some.py:4",
    "helpers/some.py:1",
    "01_one:title",
    "02_two:title",
]


def test_each_change_is_told_once_with_its_name(changed, capsys):
    assert waiting() == WAITING
    assert editions.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0] for line in lines] == WAITING
    assert "«It was some.py.…»" in lines[2]
    assert all(line.endswith(f"helpers agree {line.split(': ')[0]}`") for line in lines)


def test_a_question_of_which_several_sentences_wait_is_told_by_its_name(course, capsys):
    other = course / "helpers/lessons/other.py"
    new = 'NEW = Prediction(Text("a", "b"), Text("c", "d"))\n'
    other.write_text(f"{new}OLD = Text('e', 'f')\n", "utf-8")
    edit(other, "OLD", "LESSONS = {'a/new': NEW, 'a/old': OLD}\nOLD")
    capsys.readouterr()
    assert editions.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(": ")[0].split(":")[0] for line in lines] == [
        *3 * ["helpers/lessons/other.py"],
        "a/new",
    ]
    assert "2 of these" in lines[-1] and "`python -m helpers agree a/new`" in lines[-1]
    assert editions.main(["a/new"]) == 1 and waiting() == ["helpers/lessons/other.py:3"]


@pytest.mark.parametrize(
    ("names", "agreed"),
    [
        (["helpers/some.py"], [2]),
        (["lessons/some"], [0, 1]),
        (["helpers/lessons/some.py:4"], [1]),
        (["a/b"], [1]),
        (["some:1"], [0, 2]),
        (["helpers/lessons/other.py", "helpers/lessons/some.py"], [0, 1]),
        (["01_one"], [3]),
        (["notebooks/02_two.ipynb"], [4]),
        (["notebooks/zh/02_two.ipynb", "01_one:title"], [3, 4]),
        ([], []),
    ],
)
def test_only_what_is_named_is_agreed_on(changed, capsys, names, agreed):
    ledger = editions.LEDGER.read_bytes()
    assert editions.main([*names]) == 1
    assert waiting() == [it for k, it in enumerate(WAITING) if k not in agreed]
    said = [line for line in capsys.readouterr().out.splitlines() if "agreed" in line]
    assert sorted(said) == sorted(f"{WAITING[k]}: agreed on" for k in agreed)
    assert (editions.LEDGER.read_bytes() == ledger) == (not agreed)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("title", "may be each of 01_one:title, 02_two:title; name one of them."),
        ("third", "names nothing to agree on; there is: helpers/lessons/some.py:1, "),
        ("01_one:02", "names nothing to agree on"),
        ("helpers/some.py:3", "names nothing to agree on"),
        ("a/c", "names nothing to agree on"),
        ("", "names nothing to agree on"),
    ],
)
def test_a_doubtful_name_agrees_on_nothing(changed, capsys, name, why):
    assert editions.main(["01_one", name]) == 1
    said = capsys.readouterr()
    assert said.err.startswith(f"{name!r} {why}") and said.err.count("\n") == 1
    assert waiting() == WAITING and said.out == ""


def test_a_cell_is_named_by_its_id_alone_if_no_other_has_it(changed):
    editions.agree(["01_one"])
    assert [pair.name for pair in editions.agree(["title"])] == WAITING[-1:]


def test_all_is_agreed_on_by_a_word_and_what_is_said_no_more_is_forgotten(changed):
    assert editions.main(["--all"]) == 0
    said = {pair.mark: pair.start for pair in editions.find_pairs()}
    assert editions.read_ledger() == said
    edit(changed / "helpers/some.py", "It was", "It is")
    assert waiting() == ["helpers/some.py:1"]


def test_a_hint_is_a_sentence_and_one_that_is_written_elsewhere_is_not_a_second(course):
    source = 'WHY = Text("a", "b")\nX = Meaning("TAG", en="one", zh="一")\n'
    source += 'Y = Meaning("TAG", en=WHY.en, zh=WHY.zh)\n'
    (course / "helpers/lessons/hints.py").write_text(source, "utf-8")
    assert waiting() == ["helpers/lessons/hints.py:1", "helpers/lessons/hints.py:2"]


def test_a_file_that_is_moved_changes_no_sentence(course):
    ledger = editions.LEDGER.read_bytes()
    new = course / "helpers/lessons/renamed.py"
    (course / "helpers/some.py").rename(new)
    assert waiting() == []
    edit(new, "It is", "It was")
    assert waiting() == ["helpers/lessons/renamed.py:1"]
    assert ledger == editions.LEDGER.read_bytes()
    assert b"some" not in ledger.replace(b"some.py", b"")  # that is what they say


def test_the_ledger_has_a_sorted_line_for_each_text(changed, other_locale):
    edit(changed / "helpers/some.py", "It was", "It · was")
    assert editions.main(["--all"]) == 0
    pairs = editions.find_pairs()
    lines = sorted({f"{pair.mark} {pair.start}\n" for pair in pairs})
    assert editions.LEDGER.read_bytes().decode() == "".join(lines)
    assert waiting() == []
    editions.LEDGER.unlink()
    assert editions.read_ledger() == {} and len(waiting()) == len(pairs)


def test_as_long_as_a_text_waits_nothing_is_forgotten(changed):
    before = editions.read_ledger()
    editions.agree(["01_one"])
    new = {pair.mark: pair.start for pair in editions.find_cells()}
    after = editions.read_ledger()
    assert before.items() < after.items() and len(after) == len(before) + 1
    assert {*after} - {*before} < {*new}


def test_what_is_named_twice_is_agreed_on_once(changed):
    names = ["01_one", "01_one:title", "helpers/some.py"]
    assert [it.name for it in editions.agree(names)] == ["01_one:title", WAITING[2]]


def test_a_file_of_which_nothing_waits_is_no_wrong_name(changed):
    assert editions.agree(["helpers/lessons/other.py"]) == []


def test_where_nothing_waits_a_name_is_told_so(course):
    with pytest.raises(
        ValueError, match=r"^'x' names nothing .*; there is: nothing\.$"
    ):
        editions.agree(["x"])


def test_where_nothing_differs_that_is_said(course, capsys):
    capsys.readouterr()
    assert editions.main([]) == 0
    assert capsys.readouterr() == ("Both editions are in step.\n", "")


def test_help_says_what_it_does(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        editions.main(["--help"])
    said = " ".join(capsys.readouterr().out.split())
    for what in (
        "python -m helpers agree",
        "Tell where the editions differ, or note that they say the same.",
        "a question, a cell, a file or file:line; without any, all that differs",
        "--all agree on all texts",
    ):
        assert f" {what} " in f"{said} "


def test_a_notebook_that_lacks_a_cell_is_told_by_its_name(course, capsys):
    save(course / "notebooks/zh/01_one.ipynb", [new_markdown_cell("看", id="title")])
    capsys.readouterr()
    assert editions.main([]) == 1
    said = "it has other cells than its English twin: ['01']"
    assert capsys.readouterr().out == f"01_one:: {said}\n"


# ---- what the Chinese edition lacks


@pytest.fixture
def grown(course):
    """Add to the first English notebook, and write a third one."""
    path = course / "notebooks" / "01_one.ipynb"
    new = [new_markdown_cell("[中文](zh/01_one.ipynb)", id="new")]
    new += [new_code_cell("from helpers.en import play", id="run")]
    save(path, [*new, *notebook.read_notebook(path).cells])
    save(course / "notebooks" / "03_three.ipynb", new)
    return course / "notebooks" / "zh"


def follow(path):
    """Write a Chinese notebook as `refresh` does, but for its outputs."""
    book = editions.prepare_notebook(path)
    path.write_text(write_notebook(book), "utf-8")
    return [(cell.id, cell.source) for cell in book.cells]


COPY = f"[中文](../01_one.ipynb)\n\n{UNTRANSLATED}"
RUN = "from helpers.zh import play"


@pytest.mark.parametrize(
    ("name", "rest"),
    [("01_one", [("title", "看"), ("01", "看")]), ("03_three", [])],
)
def test_new_cells_are_copied_with_a_flag_that_is_listed_but_no_fault(
    grown, capsys, name, rest
):
    path = grown / f"{name}.ipynb"
    copied = [("new", COPY), ("run", RUN), *rest]
    assert follow(path) == follow(path) == copied
    pair = map(notebook.read_notebook, (grown.parent / path.name, path))
    assert list(editions.compare_editions(*pair, name)) == []
    capsys.readouterr()
    editions.main([])
    assert f"{name}:new: it is not translated yet\n" in capsys.readouterr().out
    assert waiting() == []


def test_a_cell_of_a_published_notebook_is_copied_as_it_was_before(grown):
    path = grown / "01_one.ipynb"
    origin = publish.Origin("someone/somewhere")
    beside = f"(zh/01_one.ipynb) ([Colab]({origin.colab('notebooks/zh/01_one.ipynb')}))"
    edit(grown.parent / path.name, "(zh/01_one.ipynb)", beside)
    assert follow(path)[0] == ("new", COPY)


def test_an_edition_of_mere_copies_keeps_every_rule(tmp_path):
    (tmp_path / "zh").mkdir()
    for english, chinese in PAIRS:
        shutil.copy(english, tmp_path)
        follow(tmp_path / "zh" / chinese.name)
    for path in sorted((tmp_path / "zh").iterdir()):
        assert all(map(is_untranslated, Notebook(path).prose))
        for rule in rules.RULES:
            assert list(rule.find(Notebook(path))) == [], (path.name, rule.title)


def test_only_a_chinese_notebook_follows_another(grown):
    english = grown.parent / "02_two.ipynb"
    shutil.copy(grown.parent / "03_three.ipynb", grown.parents[1] / english.name)
    assert [name for name, _ in follow(english)] == ["title", "02"]


def test_a_flagged_cell_follows_the_english_until_somebody_translates_it(grown):
    path = grown / "01_one.ipynb"
    follow(path)
    follow(grown / "03_three.ipynb")
    assert editions.main([]) == 0  # it waits, and is no fault
    edit(grown.parent / path.name, "](zh", "]!(zh")
    assert follow(path)[0] == ("new", COPY.replace("](../", "]!(zh/"))
    edit(path, "中文", "中文：新的")
    begun = follow(path)
    edit(grown.parent / path.name, "]!(zh", "]?(zh")
    assert "新的" in begun[0][1] and follow(path) == begun
    edit(path, f'\\n",\n    "\\n",\n    "{UNTRANSLATED}', "")
    assert waiting() == ["01_one:new"]


def test_cells_are_ordered_as_in_english_and_none_is_lost(grown):
    path = grown / "02_two.ipynb"
    own = notebook.read_notebook(path).cells
    save(path, [new_markdown_cell("多", id="more"), *reversed(own)])
    assert follow(path) == [("title", "看"), ("02", "看"), ("more", "多")]


# ---- what lessons know and notebooks ask


def test_the_questions_are_read_as_they_are_imported():
    assert sorted(questions.list_questions(questions.LESSONS)) == sorted(LESSONS)
    assert [*questions.report_questions()] == []


def test_the_truths_are_read_as_they_are_imported():
    found = questions.read_truths(questions.LESSONS)
    imported = {name: it.truth for name, it in LESSONS.items() if hasattr(it, "truth")}
    assert sorted(found) == sorted(imported)
    assert {name: repr(it) for name, it in found.items()} == {
        name: repr(it) for name, it in imported.items()
    }


def test_a_truth_may_hold_what_is_no_literal_and_belongs_to_a_question(
    tmp_path, other_locale
):
    asked = "LESSONS = {'a/one': X, **MORE, 'a/two': Y.ask(), 'a/three': Z}\n"
    values = '[-1, float("nan"), torch.inf, math.pi]'
    said = f"X = Prediction(text, truth={values})\n"
    said += "Y = f('梯度', truth=5)\nZ = f(truth=None)\n"
    other = "OTHER = Prediction(truth=2)\nX.more = Prediction(truth=3)\n"
    (tmp_path / "b.py").write_text(f"{said}{other}{asked}", "utf-8")
    (tmp_path / "a.py").write_text("W = f(truth=4)\n", "utf-8")
    (tmp_path / "c.txt").write_text("no Python")
    found = questions.read_truths(tmp_path)
    assert repr(found) == (
        f"{{'a/one': [-1, nan, inf, {math.pi}], 'a/two': 5, 'a/three': None}}"
    )
    assert questions.list_questions(tmp_path) == ["a/one", "a/two", "a/three"]


def test_questions_are_ordered_by_their_topics_alone(tmp_path):
    (tmp_path / "a.py").write_text("LESSONS = {'b/z': X, 'a/c/x': Y, 'a/b': Z}\n")
    assert questions.list_questions(tmp_path) == ["a/c/x", "a/b", "b/z"]


def test_a_lesson_that_is_no_python_is_named(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("LESSONS = {")
    with pytest.raises(SyntaxError) as caught:
        questions.list_questions(tmp_path)
    assert caught.value.filename == str(path)


KNOWN = "LESSONS = {'a/one': X, 'a/two': Y.build(), 'b/one': Z}"
ADVICE = 'write check("{0}", …), or take {0} out of LESSONS'
ASKED = {
    (): [f"No notebook asks {it}; {ADVICE.format(it)}." for it in ("a/one", "a/two")],
    ("a/one", "a/two"): [],
    ("a/one",): [f"01_one: The notebook does not ask a/two; {ADVICE.format('a/two')}."],
    ("a/two", "a/one"): [
        "01_one: The notebook asks in another order than LESSONS lists: a/two, a/one; "
        "change either."
    ],
    ("a/one", "a/two", "a/qqqqqqqq"): [
        '01_one: Cell 3 (id ask-qqqqqqqq, first line `check("a/qqqqqqqq", 1)`) asks '
        "a/qqqqqqqq, which no lesson knows; the nearest is a/two."
    ],
    ("a/one", "a/two", "a/twoo"): [
        '01_one: Cell 3 (id ask-twoo, first line `check("a/twoo", 1)`) asks a/twoo, '
        "which no lesson knows; the nearest is a/two."
    ],
}


@pytest.mark.parametrize("names", ASKED)
def test_a_question_that_is_unknown_or_not_asked_gets_a_sentence(course, names):
    (course / "helpers/lessons/known.py").write_text(KNOWN, "utf-8")
    for stem, asked in (("01_one", names), ("02_two", ["b/one"])):
        cells = [new_code_cell(f'check("{name}", 1)') for name in asked]
        path = course / "notebooks" / f"{stem}.ipynb"
        book = notebook.tidy_notebook(new_notebook(cells=cells))
        save(path, book.cells)
        gaps = [what for _, what in questions.find_question_gaps(Notebook(path))]
        assert len(gaps) == (len(ASKED[names]) if asked == names and names else 0)
    assert list(questions.report_questions()) == ASKED[names]


# ---- what both languages keep


def test_both_languages_fill_in_the_same_values():
    for pair in editions.find_sentences():
        both = pair.english, pair.chinese
        names = [{*re.findall(r"\{(\w+)", each)} for each in both]
        assert names[0] == names[1], pair.name
        assert pair.chinese.strip() or not pair.english.strip(), pair.name


@pytest.mark.parametrize("word", REFUSED)
def test_each_term_is_used_one_way(word):
    texts = {str(it): it.read_text("utf-8") for it in editions.list_sources()}
    texts |= {it.name: "\n".join(map(str, prose(it))) for _, it in PAIRS}
    assert [name for name, text in texts.items() if word in text] == []


def prose(path):
    return [cell.source for cell in notebook.read_notebook(path).cells]


def test_the_glossary_refuses_something():
    assert {"回溯", "要求梯度", "跟踪"} <= {*REFUSED}


PUNCTUATION = re.compile("[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")
CLOSE = re.compile("[\u4e00-\u9fff][A-Za-z0-9`$]|[A-Za-z0-9`$][\u4e00-\u9fff]")


@pytest.mark.parametrize("path", [it for _, it in PAIRS], ids=lambda path: path.stem)
def test_chinese_has_its_own_punctuation_and_room_beside_latin(path):
    for each in Notebook(path).prose:
        text = re.sub(r"```.*?```", "", each.source, flags=re.DOTALL)
        text = re.sub(r"`[^`\n]*`", "`c`", text)
        text = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$", "$f$", text, flags=re.DOTALL)
        assert not PUNCTUATION.findall(text), (each.id, PUNCTUATION.findall(text))
        assert not CLOSE.findall(text), (each.id, CLOSE.findall(text))


@pytest.mark.parametrize(("book", "language"), [*zip(books(), LANGUAGES, strict=True)])
def test_the_language_of_a_notebook_is_set_by_its_setup(book, language):
    assert f"from helpers.{language} import" in cell(book, "setup").source
