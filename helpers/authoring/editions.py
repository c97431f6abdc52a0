"""Keep the English and the Chinese edition in step.

A Chinese notebook has the cells of its English twin: same ids, same code, same outputs
but for what the helpers say, prose of the same shape. The English one leads: `refresh`
copies what is new in it, prose with a flag until it is translated. Of each pair of
texts, in cells and in the helpers, a ledger holds a fingerprint of both, so that
whoever changes one side has to look at the other.
"""

import ast
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from .command import make_parser
from .notebook import (
    NOTEBOOKS,
    ROOT,
    UNTRANSLATED,
    is_untranslated,
    read_notebook,
    tidy_notebook,
)
from .outputs import list_texts, output_kind
from .publish import withdraw
from .questions import read_module, read_questions

HELPERS = ROOT / "helpers"
LEDGER = HELPERS / "lessons" / "agreed.txt"
SHAPE = {
    "headings": re.compile(r"(?m)^(#+) "),
    "list items": re.compile(r"(?m)^(\d\.|-) "),
    "table rows": re.compile(r"(?m)^(\|)"),
    "code": re.compile(r"(`[^`\n]+`)"),
    "fenced code": re.compile(r"```.*?```", re.DOTALL),
    "links": re.compile(r"\]\(([^)]*)\)"),
    "tags": re.compile(r"(</?\w+)"),
    "marks": re.compile(r"<!--.*?-->", re.DOTALL),
    "formulas": re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL),
}
SILENT = ("fenced code", "marks", "code", "formulas")  # whose numbers are no claims
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,]\d+)*")
HAN = re.compile("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Pair:
    """Hold two texts that ought to say the same, and where they stand."""

    english: str
    chinese: str
    place: str  # the path of a module, or the name of both notebooks
    part: str  # the number of a line, or the id of a cell
    question: str | None = None  # of which it is a sentence

    @property
    def mark(self) -> str:
        """Return the fingerprint of both texts."""
        both = f"{self.english}\0{self.chinese}"
        return hashlib.sha256(both.encode()).hexdigest()[:12]

    @property
    def start(self) -> str:
        return " ".join(self.english.split())[:40]

    @property
    def name(self) -> str:
        return f"{self.place}:{self.part}"

    def is_called(self, name: str) -> bool:
        """Tell whether it is of a question, or in a file, or is this part of it."""
        file, _, part = name.partition(":")
        wanted = (
            Path(file).stem if file.endswith(".ipynb") else file.removesuffix(".py")
        )
        found = f"/{self.place.removesuffix('.py')}".endswith(f"/{wanted}")
        return name == self.question or (found and part in ("", self.part))


def prepare_notebook(path: Path) -> NotebookNode:
    """Return a notebook as it ought to be run: a Chinese one follows its twin."""
    book, twin = tidy_notebook(read_notebook(path)), path.parents[1] / path.name
    if path.parent.name == "zh" and twin.exists():
        own = {cell.id: cell for cell in book.cells}
        english = prepare_notebook(twin).cells
        cells = [translate_cell(cell, own.pop(cell.id, None)) for cell in english]
        book.cells = [*cells, *own.values()]
    return book


def translate_cell(english: NotebookNode, chinese: NotebookNode | None) -> NotebookNode:
    """Return a Chinese cell: English code, its own words, or else a flagged copy."""
    if english.cell_type == "code":
        return NotebookNode(english, source=translate_code(english.source))
    words = translate_links(withdraw(english.source))
    copy = new_markdown_cell(f"{words}\n\n{UNTRANSLATED}", id=english.id)
    if chinese is None or chinese.cell_type != "markdown":
        return copy
    untouched = HAN.findall(chinese.source) == HAN.findall(copy.source)
    return copy if is_untranslated(chinese) and untouched else chinese


# What a cell of code says in the other edition; all else is the same.
IN_CHINESE = {
    "from helpers.en import": "from helpers.zh import",
    "# @title Setup: run me first": "# @title 准备：请先运行这里",
    "The course's helpers are not here ({e}); they come with {GET}.": (
        "找不到课程的 helpers（{e}）；请先这样取得：{GET}"
    ),
    "a clone; for Colab, `python -m helpers publish OWNER/REPO` comes first": (
        "克隆课程的仓库；在 Colab 里要先运行 `python -m helpers publish OWNER/REPO`"
    ),
}


def translate_code(source: str) -> str:
    for english, chinese in IN_CHINESE.items():
        source = source.replace(english, chinese)
    return source


def translate_links(text: str) -> str:
    return text.replace("](zh/", "](../")  # each leads to the other edition


def compare_editions(
    english: NotebookNode, chinese: NotebookNode, stem: str
) -> Iterator[tuple[NotebookNode | None, str]]:
    """Yield where a Chinese notebook is out of step: its cell, and how.

    `stem` is the name of both files, by which the cells can be agreed on.
    """
    ids = [[cell.id for cell in book.cells] for book in (english, chinese)]
    if ids[0] != ids[1]:
        odd = sorted({*ids[0]} ^ {*ids[1]}) or "their order"
        yield None, f"has other cells than its English twin: {odd}"
        return
    known = read_ledger()
    for one, other in zip(english.cells, chinese.cells, strict=True):
        found = compare_code(one, other)
        if one.cell_type == other.cell_type == "markdown":
            found = compare_prose(pair_prose(one, other, stem), known)
        for what in () if is_untranslated(other) else found:
            yield other, f"differs from the English cell: {what}"


def compare_code(english: NotebookNode, chinese: NotebookNode) -> Iterator[str]:
    if english.cell_type != chinese.cell_type:
        yield f"it is {chinese.cell_type}, not {english.cell_type}"
        return
    if translate_code(english.source) != chinese.source:
        yield "its code; run `python -m helpers refresh`"
    if english.metadata != chinese.metadata:
        yield "its metadata; run `python -m helpers refresh`"
    yield from compare_outputs(english.outputs, chinese.outputs)


def compare_outputs(english: list, chinese: list) -> Iterator[str]:
    """Compare what two cells show; sentences of the helpers may be in Chinese."""
    kinds = [
        [(output_kind(it)[:3], it.get("data", {}).get("image/png")) for it in outputs]
        for outputs in (english, chinese)
    ]
    if kinds[0] != kinds[1]:
        yield "it shows other kinds of output, or other pictures"
        return
    for one, other in zip(english, chinese, strict=True):
        for said, told in zip(list_texts(one), list_texts(other), strict=True):
            if find_numbers(said) != find_numbers(told):
                yield f"it shows {told[:80]!r}, not {said[:80]!r}"


def pair_prose(english: NotebookNode, chinese: NotebookNode, stem: str) -> Pair:
    return Pair(withdraw(english.source), withdraw(chinese.source), stem, chinese.id)


def compare_prose(pair: Pair, known: Iterable[str]) -> Iterator[str]:
    """Yield where the shapes of two texts differ, and whether one was changed."""
    shape, other = map(describe_shape, (translate_links(pair.english), pair.chinese))
    for what, has in shape.items():
        odd = [it for it in has + other[what] if has.count(it) != other[what].count(it)]
        if odd:
            yield f"its {what}: {', '.join(odd)[:120]}"
    if pair.mark not in known:
        yield f"one of the two has changed; {suggest_agreement(pair)}"


def suggest_agreement(pair: Pair) -> str:
    return f"if both sides say the same, run `python -m helpers agree {pair.name}`"


def describe_shape(text: str) -> dict[str, list[str]]:
    """Return what a text has in any language, by its kind."""
    wordless = re.sub(r"\\text\{[^}]*\}", "", text)
    shape = {what: pattern.findall(wordless) for what, pattern in SHAPE.items()}
    for what in SILENT:
        text = SHAPE[what].sub(" ", text)
    text = re.sub(r"\]\([^)]*\)|(?m:^\d\. )", "]", text)
    return shape | {"numbers": find_numbers(text)}


def find_numbers(text: str) -> list[str]:
    return sorted(NUMBER.findall(text))


def pair_editions() -> list[tuple[Path, Path]]:
    """Return each English notebook with the place of its Chinese twin."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [(path, NOTEBOOKS / "zh" / path.name) for path in paths]


def find_cells() -> Iterator[Pair]:
    """Yield the prose of all notebooks that is translated."""
    for english, chinese in pair_editions():
        twins = {cell.id: cell for cell in read_notebook(english).cells}
        for cell in read_notebook(chinese).cells:
            prose = cell.cell_type == "markdown" and not is_untranslated(cell)
            if prose and cell.id in twins:
                yield pair_prose(twins[cell.id], cell, english.stem)


def find_sentences() -> Iterator[Pair]:
    """Yield each sentence of the helpers in both languages."""
    for file in list_sources():
        module = read_module(file)
        questions = read_questions(module)
        place = file.relative_to(HELPERS.parent).as_posix()
        for statement in module.body:
            nodes = list(ast.walk(statement))
            names = {node.id for node in nodes if isinstance(node, ast.Name)}
            question = next((questions[it] for it in questions if it in names), None)
            for call in (node for node in nodes if isinstance(node, ast.Call)):
                for said in read_languages(call):
                    yield Pair(*said, place, f"{call.lineno}", question)


def list_sources() -> list[Path]:
    """Return the files that may hold sentences for learners."""
    files = sorted(HELPERS.rglob("*.py"))
    return [it for it in files if it.relative_to(HELPERS).parts[0] != "tests"]


def read_languages(call: ast.Call) -> Iterator[tuple[str, str]]:
    """Yield both sides of a sentence in a call: `Text(…, …)`, or `en=…, zh=…`."""
    named = {each.arg: each.value for each in call.keywords}
    said = [named[it] for it in ("en", "zh") if it in named]
    if getattr(call.func, "id", "") == "Text":
        said = call.args
    if said and not isinstance(said[0], ast.Attribute):  # it is written elsewhere
        english, chinese = map(ast.literal_eval, said)
        yield english, chinese


def read_ledger() -> dict[str, str]:
    """Return the fingerprints of the texts that say the same, with their starts."""
    lines = LEDGER.read_text("utf-8").splitlines() if LEDGER.exists() else []
    return dict(line.split(" ", 1) for line in lines)


def write_ledger(agreed: Iterable[Pair]) -> None:
    """Note that texts say the same; once all do, forget what is said no more."""
    noted = read_ledger() | {pair.mark: pair.start for pair in agreed}
    said = {it.mark: it.start for it in find_pairs()}
    kept = said if said.keys() <= noted.keys() else noted
    lines = sorted(f"{mark} {start}\n" for mark, start in kept.items())
    LEDGER.write_bytes("".join(lines).encode())


def find_unagreed(pairs: Iterable[Pair]) -> list[Pair]:
    known = read_ledger()
    return [pair for pair in pairs if pair.mark not in known]


def find_pairs() -> list[Pair]:
    return [*find_sentences(), *find_cells()]


def agree(names: Iterable[str]) -> list[Pair]:
    """Note that the texts of some names say the same; return them.

    Raises ValueError, and notes nothing, if a name stands for none or is ambiguous.
    """
    waiting = find_unagreed(find_pairs())
    chosen = [pair for name in names for pair in find_named(name, waiting)]
    if chosen:
        write_ledger(chosen)
    return list(dict.fromkeys(chosen))


def find_named(name: str, pairs: list[Pair]) -> list[Pair]:
    cells = [pair for pair in pairs if pair.part == name and not name.isdigit()]
    if len(cells) > 1:
        known = ", ".join(pair.name for pair in cells)
        raise ValueError(f"{name!r} may be each of {known}; name one of them.")
    found = cells or [pair for pair in pairs if pair.is_called(name)]
    if not found and not Path(name).is_file():  # a shell's pattern names many files
        known = ", ".join(pair.name for pair in pairs) or "nothing"
        raise ValueError(f"{name!r} names nothing to agree on; there is: {known}.")
    return found


def report_differences() -> Iterator[str]:
    """Yield a line for each place where the editions differ, and each new question."""
    waiting = find_unagreed(find_sentences())
    for pair in waiting:
        said = f"«{pair.start}…» is new, or one side was changed"
        yield f"{pair.name}: {said}; {suggest_agreement(pair)}"
    for question, count in Counter(pair.question for pair in waiting).items():
        if question and count > 1:
            agrees = f"`python -m helpers agree {question}` agrees on all of them"
            yield f"{question}: {count} of these belong to this question; {agrees}"
    for paths in pair_editions():
        english, chinese = map(read_notebook, paths)
        for cell, what in compare_editions(english, chinese, paths[0].stem):
            yield f"{paths[0].stem}:{cell.id if cell else ''}: it {what}"


def report_untranslated() -> list[str]:
    return [
        f"{chinese.stem}:{cell.id}: it is not translated yet"
        for _, chinese in pair_editions()
        for cell in read_notebook(chinese).cells
        if is_untranslated(cell)
    ]


def main(arguments: list[str]) -> int:
    """Tell where the editions differ, or note that they agree; give the exit status."""
    does = "Tell where the editions differ, or note that they say the same."
    what = "a question, a cell, a file or file:line; without any, all that differs"
    parser = make_parser("agree", does, what, all="agree on all texts")
    options = parser.parse_args(arguments)
    try:
        names = options.names
        if options.all:
            names = [pair.name for pair in find_unagreed(find_pairs())]
        for pair in agree(names) if names else ():
            print(f"{pair.name}: agreed on")
        wrong = list(report_differences())
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    for said in (*report_untranslated(), *(wrong or ["Both editions are in step."])):
        print(said)
    return int(bool(wrong))
