"""Keep the English and the Chinese edition in step.

A Chinese notebook has the cells of its English twin: same ids, same code, same outputs
but for what the helpers say, prose of the same shape. Each pair of texts, in cells and
in the helpers, carries a fingerprint of both, so that whoever changes one side has to
look at the other. `python -m helpers.parity` tells where they differ; once both say the
same again, `python -m helpers.parity --agree` renews the fingerprints.
"""

import argparse
import ast
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from helpers import refresh
from helpers.outputs import kind, texts
from helpers.publish import unstamped
from helpers.refresh import NOTEBOOKS

HELPERS = Path(__file__).resolve().parent
CHINESE = NOTEBOOKS / "zh"
LEDGER = HELPERS / "lessons" / "agreed.txt"
AGREE = "if both sides say the same, run `python -m helpers.parity --agree`"
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


# ---------------------------------------------------------------- notebooks


def differences(
    english: NotebookNode, chinese: NotebookNode
) -> Iterator[tuple[NotebookNode | None, str]]:
    """Yield where a Chinese notebook is out of step: its cell, and how."""
    ids = [[cell.id for cell in book.cells] for book in (english, chinese)]
    if ids[0] != ids[1]:
        odd = sorted({*ids[0]} ^ {*ids[1]}) or "their order"
        yield None, f"has other cells than its English twin: {odd}"
        return
    for one, other in zip(english.cells, chinese.cells, strict=True):
        for what in differing(one, other):
            yield other, f"differs from the English cell: {what}"


def differing(english: NotebookNode, chinese: NotebookNode) -> Iterator[str]:
    """Yield how two cells differ that should say the same."""
    if english.cell_type != chinese.cell_type:
        yield f"it is {chinese.cell_type}, not {english.cell_type}"
    elif english.cell_type == "code":
        if refresh.in_chinese(english.source) != chinese.source:
            yield "its code; run `python -m helpers.refresh`"
        if english.metadata != chinese.metadata:
            yield "its metadata; run `python -m helpers.refresh`"
        yield from differing_outputs(english.outputs, chinese.outputs)
    else:
        pair = unstamped(english.source), unstamped(chinese.source)
        yield from differing_prose(*pair)
        twin = chinese.metadata.get("course", {}).get("twin")
        if twin != fingerprint(*pair):
            yield f"one of the two has changed; {AGREE}"


def differing_outputs(english: list, chinese: list) -> Iterator[str]:
    """Compare what two cells show; sentences of the helpers may be in Chinese."""
    pairs = [
        [(*kind(output)[:3], picture(output)) for output in outputs]
        for outputs in (english, chinese)
    ]
    if pairs[0] != pairs[1]:
        yield "it shows other kinds of output, or other pictures"
        return
    for one, other in zip(english, chinese, strict=True):
        for said, told in zip(texts(one), texts(other), strict=True):
            if said != told and skeleton(said) != skeleton(told):
                yield f"it shows {told[:80]!r}, not {said[:80]!r}"


def picture(output: NotebookNode) -> str:
    return output.get("data", {}).get("image/png", "")


def skeleton(text: str) -> list[str]:
    """Return what stays of a text in any language: its numbers."""
    return sorted(NUMBER.findall(text))


def differing_prose(english: str, chinese: str) -> Iterator[str]:
    """Compare the shapes of two texts, and what both must have."""
    english = english.replace("](zh/", "](../")  # each leads to the other edition
    for what, pattern in SHAPE.items():
        one, other = (sorted(pattern.findall(text)) for text in (english, chinese))
        if one != other:
            odd = [
                each for each in (*one, *other) if one.count(each) != other.count(each)
            ]
            yield f"its {what}: {', '.join(map(str, odd))[:120]}"
    one, other = (list(map(math, FORMULA.findall(text))) for text in (english, chinese))
    if sorted(one) != sorted(other):
        yield "its formulas"
    one, other = (sorted(NUMBER.findall(spoken(text))) for text in (english, chinese))
    if one != other:
        yield f"its numbers: {one} in English, {other} in Chinese"


def math(formula: str) -> str:
    """Return a formula without the words in it."""
    return re.sub(r"\\text\{[^}]*\}", "", formula)


def spoken(text: str) -> str:
    """Return a text without code, formulas, marks and targets of links."""
    for pattern in (SHAPE["fenced code"], SHAPE["marks"], SHAPE["code"], FORMULA):
        text = pattern.sub(" ", text)
    return re.sub(r"\]\([^)]*\)|(?m:^\d\. )", "]", text)


def fingerprint(english: str, chinese: str) -> str:
    """Return a few characters that stand for two texts that say the same."""
    return hashlib.sha256(f"{english}\0{chinese}".encode()).hexdigest()[:12]


def renewed(english: NotebookNode, chinese: NotebookNode) -> NotebookNode:
    """Return a Chinese notebook whose prose carries fingerprints of what it is now."""
    for one, other in zip(english.cells, chinese.cells, strict=True):
        if other.cell_type == "markdown":
            pair = unstamped(one.source), unstamped(other.source)
            other.metadata["course"] = {"twin": fingerprint(*pair)}
    return chinese


# ---------------------------------------------------------------- sentences


def sentences(folder: Path = HELPERS) -> list[str]:
    """Return a line for each sentence of the helpers: its fingerprint and its place."""
    files = [*folder.glob("*.py"), *(folder / "lessons").glob("*.py")]
    found = []
    for file in sorted(files):
        for call in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Text":
                english, chinese = map(ast.literal_eval, call.args)
                place = file.relative_to(folder).with_suffix("").as_posix()
                mark = fingerprint(english, chinese)
                found.append(f"{mark} {place}: {english[:60]}")
    return found


def changed_sentences() -> list[str]:
    """Tell of which sentences one language was changed, or which are new or gone."""
    changed = Counter(sentences())
    changed.subtract(ledger())
    places = {line.partition(" ")[2] for line, count in changed.items() if count}
    return [
        f"helpers/{place}…: one side was changed; {AGREE}" for place in sorted(places)
    ]


def ledger() -> list[str]:
    return LEDGER.read_text("utf-8").splitlines() if LEDGER.exists() else []


def write_ledger() -> None:
    LEDGER.write_text("\n".join(sentences()) + "\n", "utf-8", newline="\n")


# ---------------------------------------------------------------- the command


def pairs() -> Iterator[tuple[Path, Path]]:
    """Yield each English notebook with the place of its Chinese twin."""
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        yield path, CHINESE / path.name


def main(arguments: list[str] | None = None) -> int:
    """Tell where the editions differ, or note that they agree; give the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m helpers.parity", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--agree", action="store_true", help="note that all texts say the same again"
    )
    agree = parser.parse_args(arguments).agree
    if agree:
        write_ledger()
    wrong = changed_sentences()
    for english, chinese in pairs():
        books = [refresh.read(path.read_text("utf-8")) for path in (english, chinese)]
        if agree:
            refresh.replace(chinese, refresh.write(renewed(*books)))
        for cell, what in differences(*books):
            wrong.append(f"zh/{chinese.name}, cell {cell and cell.id}: it {what}")
    print("\n".join(wrong) or "Both editions are in step.")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
