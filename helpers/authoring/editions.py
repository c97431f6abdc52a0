"""Keep the English and the Chinese edition in step.

A Chinese notebook has the cells of its English twin: same ids, same code, same outputs
but for what the helpers say, prose of the same shape. Each pair of texts, in cells and
in the helpers, carries a fingerprint of both, so that whoever changes one side has to
look at the other. `python -m helpers agree` tells where they differ; once two texts
say the same again, `python -m helpers agree NAME` notes it: of a cell, of a
file, or of a line in it, as in `helpers/wording.py:8`.
"""

import argparse
import ast
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nbformat import NotebookNode

from .notebook import NOTEBOOKS, parse_notebook, replace_file, write_notebook
from .outputs import list_texts, output_kind
from .publish import remove_badge

# ---------------------------------------------------------------- two editions


def copy_code(notebook: NotebookNode, path: Path) -> NotebookNode:
    """Give a Chinese notebook the code of its English twin, cell by cell."""
    twin = path.parents[1] / path.name
    if path.parent.name != "zh" or not twin.exists():
        return notebook
    english = {cell.id: cell for cell in parse_notebook(twin.read_text("utf-8")).cells}
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.get("id") in english:
            cell.source = translate_imports(english[cell.id].source)
            cell.metadata = english[cell.id].metadata
    return notebook


def translate_imports(source: str) -> str:
    """Return the code of an English cell as the Chinese edition has it."""
    return source.replace("from helpers.en import", "from helpers.zh import")


HELPERS = Path(__file__).resolve().parents[1]
CHINESE = NOTEBOOKS / "zh"
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
}
FORMULA = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])[-−]?\d+(?:[.,]\d+)*")


class CannotAgree(Exception):
    """Say in one sentence why nothing is agreed on."""


@dataclass(frozen=True)
class Pair:
    """Hold two texts that ought to say the same, and where they stand."""

    english: str
    chinese: str
    file: Path
    line: int
    cell: str = ""  # its id, if they stand in notebooks

    @property
    def mark(self) -> str:
        """Return what stands for both texts."""
        return fingerprint(self.english, self.chinese)

    @property
    def start(self) -> str:
        """Return the first words in English."""
        return " ".join(self.english.split())[:40]

    @property
    def name(self) -> str:
        """Return what to call it and no other: its file, and its cell or line."""
        return f"{place_of_file(self.file)}:{self.cell or self.line}"


def suggest_agreement(file: str, part: object) -> str:
    """Tell authors what to do about a pair of texts."""
    command = f"python -m helpers agree {file}:{part}"
    return f"if both sides say the same, run `{command}`"


def place_of_file(file: Path) -> str:
    """Return where a file is, seen from the folder of the project."""
    return file.relative_to(HELPERS.parent).as_posix()


# ---------------------------------------------------------------- notebooks


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
    for one, other in zip(english.cells, chinese.cells, strict=True):
        for what in compare_cells(one, other, stem):
            yield other, f"differs from the English cell: {what}"


def compare_cells(
    english: NotebookNode, chinese: NotebookNode, stem: str
) -> Iterator[str]:
    """Yield how two cells differ that should say the same."""
    if english.cell_type != chinese.cell_type:
        yield f"it is {chinese.cell_type}, not {english.cell_type}"
    elif english.cell_type == "code":
        if translate_imports(english.source) != chinese.source:
            yield "its code; run `python -m helpers refresh`"
        if english.metadata != chinese.metadata:
            yield "its metadata; run `python -m helpers refresh`"
        yield from compare_outputs(english.outputs, chinese.outputs)
    else:
        pair = remove_badge(english.source), remove_badge(chinese.source)
        yield from compare_prose(*pair)
        twin = chinese.metadata.get("course", {}).get("twin")
        if twin != fingerprint(*pair):
            yield f"one of the two has changed; {suggest_agreement(stem, chinese.id)}"


def compare_outputs(english: list, chinese: list) -> Iterator[str]:
    """Compare what two cells show; sentences of the helpers may be in Chinese."""
    pairs = [
        [(*output_kind(output)[:3], picture_in(output)) for output in outputs]
        for outputs in (english, chinese)
    ]
    if pairs[0] != pairs[1]:
        yield "it shows other kinds of output, or other pictures"
        return
    for one, other in zip(english, chinese, strict=True):
        for said, told in zip(list_texts(one), list_texts(other), strict=True):
            if said != told and skeleton(said) != skeleton(told):
                yield f"it shows {told[:80]!r}, not {said[:80]!r}"


def picture_in(output: NotebookNode) -> str:
    return output.get("data", {}).get("image/png", "")


def skeleton(text: str) -> list[str]:
    """Return what stays of a text in any language: its numbers."""
    return sorted(NUMBER.findall(text))


def compare_prose(english: str, chinese: str) -> Iterator[str]:
    """Compare the shapes of two texts, and what both must have."""
    english = english.replace("](zh/", "](../")  # each leads to the other edition
    for what, pattern in SHAPE.items():
        one, other = (sorted(pattern.findall(text)) for text in (english, chinese))
        if one != other:
            odd = [
                each for each in (*one, *other) if one.count(each) != other.count(each)
            ]
            yield f"its {what}: {', '.join(map(str, odd))[:120]}"
    one, other = (
        list(map(strip_words, FORMULA.findall(text))) for text in (english, chinese)
    )
    if sorted(one) != sorted(other):
        yield "its formulas"
    one, other = (
        sorted(NUMBER.findall(strip_marks(text))) for text in (english, chinese)
    )
    if one != other:
        yield f"its numbers: {one} in English, {other} in Chinese"


def strip_words(formula: str) -> str:
    """Return a formula without the words in it."""
    return re.sub(r"\\text\{[^}]*\}", "", formula)


def strip_marks(text: str) -> str:
    """Return a text without code, formulas, marks and targets of links."""
    for pattern in (SHAPE["fenced code"], SHAPE["marks"], SHAPE["code"], FORMULA):
        text = pattern.sub(" ", text)
    return re.sub(r"\]\([^)]*\)|(?m:^\d\. )", "]", text)


def fingerprint(english: str, chinese: str) -> str:
    """Return a few characters that stand for two texts that say the same."""
    return hashlib.sha256(f"{english}\0{chinese}".encode()).hexdigest()[:12]


def renew_agreement(
    english: NotebookNode, chinese: NotebookNode, ids: Iterable[str]
) -> NotebookNode:
    """Return a Chinese notebook where some cells carry the fingerprints of today."""
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if other.id in ids:
            pair = remove_badge(one.source), remove_badge(other.source)
            other.metadata["course"] = {"twin": fingerprint(*pair)}
    return chinese


def pair_editions() -> Iterator[tuple[Path, Path]]:
    """Yield each English notebook with the place of its Chinese twin."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        yield path, NOTEBOOKS / "zh" / path.name


def read_notebooks(*paths: Path) -> list[NotebookNode]:
    return [parse_notebook(path.read_text("utf-8")) for path in paths]


def find_unagreed_cells() -> Iterator[Pair]:
    """Yield the prose of which one side was changed, where the cells are alike."""
    for english, chinese in pair_editions():
        books = read_notebooks(english, chinese)
        if [cell.id for cell in books[0].cells] == [cell.id for cell in books[1].cells]:
            yield from compare_agreements(*books, chinese)


def compare_agreements(english: NotebookNode, chinese: NotebookNode, file: Path):
    lines = file.read_text("utf-8").splitlines()
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if one.cell_type == other.cell_type == "markdown":
            texts = remove_badge(one.source), remove_badge(other.source)
            pair = Pair(*texts, file, find_line(other, lines), other.id)
            if other.metadata.get("course", {}).get("twin") != pair.mark:
                yield pair


def find_line(cell: NotebookNode, lines: list[str]) -> int:
    """Return on which line of a notebook's file a cell has its id."""
    wanted = f'"id": "{cell.id}"'
    return next((n for n, line in enumerate(lines, 1) if wanted in line), 1)


# ---------------------------------------------------------------- sentences


def list_sources() -> list[Path]:
    """Return the files that may hold sentences for learners."""
    files = HELPERS.rglob("*.py")
    return sorted(f for f in files if f.relative_to(HELPERS).parts[0] != "tests")


def find_sentences() -> Iterator[Pair]:
    """Yield each sentence of the helpers in both languages."""
    for file in list_sources():
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            pair = find_languages(node) if isinstance(node, ast.Call) else []
            if pair and not isinstance(pair[0], ast.Attribute):  # written elsewhere
                yield Pair(*map(ast.literal_eval, pair), file, node.lineno)


def find_languages(call: ast.Call) -> list[ast.expr]:
    """Return both sides of a sentence in a call: `Text(…, …)`, or `en=…, zh=…`."""
    if getattr(call.func, "id", "") == "Text":
        return call.args
    named = {each.arg: each.value for each in call.keywords}
    return [named["en"], named["zh"]] if {"en", "zh"} <= named.keys() else []


def find_unagreed_sentences() -> list[Pair]:
    """Return the sentences that are new, or of which one language was changed."""
    known = read_ledger()
    return [pair for pair in find_sentences() if pair.mark not in known]


def read_ledger() -> dict[str, str]:
    """Return the fingerprints of the sentences that say the same, with their starts."""
    lines = LEDGER.read_text("utf-8").splitlines() if LEDGER.exists() else []
    return dict(line.split(" ", 1) for line in lines)


def write_ledger(agreed: Iterable[Pair] = ()) -> None:
    """Note that sentences say the same; once all do, forget what is said no more."""
    noted = read_ledger() | {pair.mark: pair.start for pair in agreed}
    said = {pair.mark: pair.start for pair in find_sentences()}
    kept = said if said.keys() <= noted.keys() else noted
    lines = sorted(f"{mark} {start}\n" for mark, start in kept.items())
    LEDGER.write_text("".join(lines), "utf-8", newline="\n")


# ---------------------------------------------------------------- agreeing


def find_unagreed() -> list[Pair]:
    """Return all pairs of texts of which nobody has said that they say the same."""
    return [*find_unagreed_sentences(), *find_unagreed_cells()]


def agree(names: Iterable[str]) -> list[Pair]:
    """Note that the texts of some names say the same; return them.

    Raises CannotAgree, and notes nothing, if a name stands for none or is ambiguous.
    """
    waiting = find_unagreed()
    chosen = [pair for name in names for pair in find_named(name, waiting)]
    write_agreement(chosen)
    return list(dict.fromkeys(chosen))


def write_agreement(pairs: list[Pair]) -> None:
    """Write down that pairs say the same: in their notebooks, or in the ledger."""
    if said := [pair for pair in pairs if not pair.cell]:
        write_ledger(said)
    for english, chinese in pair_editions():
        ids = {pair.cell for pair in pairs if pair.cell and pair.file == chinese}
        if ids:
            book = renew_agreement(*read_notebooks(english, chinese), ids)
            replace_file(chinese, write_notebook(book))


def find_named(name: str, pairs: list[Pair]) -> list[Pair]:
    """Return the pairs that a name stands for: a cell, a file, or a part of one."""
    cells = [pair for pair in pairs if pair.cell == name]
    if len(cells) > 1:
        known = ", ".join(pair.name for pair in cells)
        raise CannotAgree(f"{name!r} may be each of {known}; name one of them.")
    found = cells or [pair for pair in pairs if stands_for(name, pair)]
    if not found and not Path(name).exists():  # a shell's pattern names many files
        known = ", ".join(pair.name for pair in pairs) or "nothing"
        raise CannotAgree(f"{name!r} names nothing to agree on; there is: {known}.")
    return found


def stands_for(name: str, pair: Pair) -> bool:
    """Tell whether a file, the end of its path or a pattern holds a pair, as `x:part`.

    A notebook stands for both of its editions.
    """
    path, _, part = name.partition(":")
    if part not in ("", pair.cell, str(pair.line)):
        return False
    files = {pair.file, *(e for e, c in pair_editions() if c == pair.file)}
    if Path(path).exists():
        return Path(path).resolve() in files
    return any(file.match(path) or file.with_suffix("").match(path) for file in files)


# ---------------------------------------------------------------- the command


def report_differences() -> list[str]:
    """Return a line for each place where the editions differ."""
    said = [
        f"{place_of_file(pair.file)}:{pair.line}: «{pair.start}…» is new, or one side "
        f"was changed; {suggest_agreement(place_of_file(pair.file), pair.line)}"
        for pair in find_unagreed_sentences()
    ]
    for english, chinese in pair_editions():
        lines = chinese.read_text("utf-8").splitlines()
        for cell, what in compare_editions(
            *read_notebooks(english, chinese), chinese.stem
        ):
            where = f"{find_line(cell, lines)}: cell {cell.id}" if cell else "1"
            said.append(f"{place_of_file(chinese)}:{where}: it {what}")
    return said


def main(arguments: list[str] | None = None) -> int:
    """Tell where the editions differ, or note that they agree; give the exit status."""
    options = parse_arguments(arguments)
    names = [pair.name for pair in find_unagreed()] if options.all else options.names
    try:
        for pair in agree(names):
            print(f"{pair.name}: agreed on")
    except CannotAgree as problem:
        print(problem, file=sys.stderr)
        return 1
    wrong = report_differences()
    print("\n".join(wrong) or "Both editions are in step.")
    return int(bool(wrong))


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m helpers agree", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a cell, a file, or file:line, whose texts say the same; without any, "
        "nothing is agreed on and all that differs is listed",
    )
    parser.add_argument("--all", action="store_true", help="agree on all texts")
    return parser.parse_args(arguments)
