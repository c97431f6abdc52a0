"""The rules that every notebook keeps, checked on the file alone, without a kernel.

A rule's function yields (cell or None, sentence) for each thing that it finds.
"""

import json
import math
import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.validator import iter_validate

from . import editions, links, numbers, publish, questions, spoilers
from .notebook import (
    UNTRANSLATED,
    Notebook,
    find_questions,
    is_untranslated,
    list_tracked,
    open_notebook,
    remove_code,
    tidy_notebook,
    write_notebook,
)
from .outputs import list_texts

MEND = "run `python -m helpers refresh`"
SETUP = "# @title Setup: run me first"
FOLDED = {
    "cellView": "form",
    "jupyter": {"source_hidden": True, "outputs_hidden": True},
}
MIMES = {"text/plain", "text/html", "text/markdown", "text/latex", "image/png"}
FOREIGN = {
    "a control character": re.compile(r"[\x00-\x08\x0b-\x1f\x7f]"),
    "a memory address": re.compile(r"\b0x[0-9a-fA-F]{6,}"),
    "a path of one machine": re.compile(r"(?<![\w.:/<])/[\w.-]+/[\w.-]+|\b[A-Z]:\\"),
}
UNPROVED = {
    "which can hide outputs or keep a cell from running; remove it": re.compile(
        r"(?im)nbval[_-]|pytest_validate_|skip-execution|^\s*%%"
        r"|(?<![\w.])(?:exit|quit)\s*\(|^\s*(?:exit|quit)\s*$"
        r"|clear_output|update_display|display_id"
    ),
    "which shows something else each time; remove it": re.compile(
        r"(?m)^\s*%(?:time|prun)"
    ),
    "but no test moves that slider; use helpers.play or explore": re.compile(
        r"ipywidgets|\binteract(?:ive|_manual)?\b"
    ),
}
TAKES = re.compile(r"\*Takes\*: (\S+) minutes|\*\*用时\*\*：(\S+) 分钟")
ITEM = re.compile(r"(?m)^(?:[-*]|\d\.) ")
OPENING = {"en": "*Needs*: … *Takes*: … minutes", "zh": "**需要**：…**用时**：… 分钟"}
HAN = "\u4e00-\u9fff"  # about two characters make a word
WORD = re.compile(rf"[{HAN}]{{1,2}}|[^\W{HAN}](?:['’.-]?[^\W{HAN}])*")
TITLE = re.compile(r"(?m)^# |^=+$|<h1")
LATER_HEADING = re.compile(r"(?m)(?<!\A)^#{1,6} .*")
GUESS = re.compile(r"(?m)^guess = ")
PENCIL = "✎"  # `python -m helpers new` leaves it where words are missing
Find = Callable[[Notebook], Iterable[tuple[NotebookNode | None, str]]]


class Rule(NamedTuple):
    title: str  # what a test calls it
    find: Find  # what breaks it


RULES: list[Rule] = []


def rule(title: str, lessons_only: bool = False) -> Callable[[Find], Find]:
    """Register the function that finds what breaks a rule."""

    def register(find: Find) -> Find:
        def find_in_lessons(book):
            return find(book) if book.is_lesson else ()

        RULES.append(Rule(title, find_in_lessons if lessons_only else find))
        return find

    return register


@rule("git knows the notebook")
def find_untracked(book):
    if book.path.suffix != ".ipynb":
        yield None, "is not collected by every tool; its name must end in .ipynb"
    known = list_tracked(book.path.parent)
    if known is not None and book.path.name not in known:
        yield None, "is not tracked, so nobody else has it; `git add` it or delete it"


@rule("the notebook is valid and its ids are unique")
def find_invalid(book):
    for error in iter_validate(book.data):
        place = list(error.absolute_path)
        cell = book.cells[place[1]] if place[:1] == ["cells"] and place[1:] else None
        yield cell, f"is no valid notebook: {error.message.splitlines()[0][:200]}"
    ids = Counter(cell.get("id") for cell in book.cells)
    for cell in book.cells:
        if ids[cell.get("id")] > 1:
            yield cell, f"shares its id with another cell; {MEND}"


@rule("every cell has run in order")
def find_unrun(book):
    for number, cell in enumerate(book.code, 1):
        if cell.execution_count != number:
            yield cell, f"ran as [{cell.execution_count}], not [{number}]; {MEND}"


@rule("the tag raises exception stands where an error is stored")
def find_wrong_tags(book):
    for cell in book.code:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        raised = any(output.output_type == "error" for output in cell.outputs)
        if tagged and not raised:
            yield cell, "is tagged raises-exception, but raises nothing"
        if raised and not tagged:
            yield cell, "raises; mend it, or tag it raises-exception"


@rule("nothing switches a comparison off")
def find_switches(book):
    for cell in book.code:
        for why, pattern in UNPROVED.items():
            for word in pattern.findall(f"{cell.source}\n{json.dumps(cell.metadata)}"):
                yield cell, f"holds `{word.strip()}`, {why}"


@rule("the file is as refresh leaves it")
def find_untidy(book):
    tidy = tidy_notebook(book.data)
    for key in differing(book.data.metadata, tidy.metadata):
        yield None, f"has untidy metadata `{key}`; {MEND}"
    for cell, clean in zip(book.cells, tidy.cells, strict=True):
        for key in differing(cell, clean):
            yield cell, f"has untidy `{key}`; {MEND}"
    if book.data == tidy and book.text != write_notebook(tidy):
        yield None, f"is not formatted as nbformat writes it; {MEND}"


@rule("stored text says nothing about one machine or moment")
def find_traces_of_a_machine(book):
    for cell, output in book.outputs:
        stored = "\n".join(list_texts(output) + output.get("traceback", []))
        for what, pattern in FOREIGN.items():
            if match := pattern.search(stored):
                yield cell, f"stores {what}, {match.group()!r}; show something else"
        if output.get("name") == "stderr":
            yield cell, "writes to stderr; mend what it warns of"


@rule("a picture is a png with a text beside it")
def find_unreadable_pictures(book):
    for cell, output in book.outputs:
        data = output.get("data", {})
        for mime in sorted(set(data) - MIMES):
            yield cell, f"stores {mime}, which not all readers show; use image/png"
        if "image/png" in data and not data.get("text/plain", "").strip():
            yield cell, "stores a picture without text/plain, which is its proof"
        if "image/png" in data and not output.metadata.get("image/png", {}).get("alt"):
            yield cell, "stores a picture without alt, for who cannot see; use helpers"
    for cell in book.prose:
        if cell.get("attachments") or "data:image" in cell.source:
            yield cell, "holds a picture that no code draws; draw it in a cell"


@rule("the setup cell is first and folded and everywhere the same")
def find_unusual_setup(book):
    for cell in book.code[:1]:
        first = editions.translate_code(SETUP) if book.language == "zh" else SETUP
        if cell.source.partition("\n")[0] != first:
            yield cell, f"is the first code cell, but does not begin with `{first}`"
        if cell.metadata != FOLDED:
            yield cell, f"is not folded: its metadata must be {json.dumps(FOLDED)}"
        if cell.source != book.usual_setup():
            yield cell, "differs from the setup cell of the notebooks beside it"
    for cell in book.code[1:]:
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
        if hidden or {*cell.metadata} - {"tags", "jupyter"}:
            yield cell, "is folded, but only the setup cell may be"


@rule("the notebook keeps its budgets", lessons_only=True)
def find_exceeded_budgets(book):
    lengths = [len(re.findall(r"\S.*", cell.source)) for cell in book.code[1:]]
    predictions, exercises = count_questions(book)
    for what, amount, low, high in (
        ("cells", len(book.cells), 25, 70),
        ("words of prose", count_words(book), 700, 2200),
        ("lines of code", sum(lengths), 40, 150),
        ("lines in its median code cell", statistics.median(lengths or [0]), 1, 3),
        ("predictions", predictions, 3, 12),
        ("coding exercises", exercises, 2, 12),
        ("bytes", len(book.text.encode()), 1, 250_000),
    ):
        if not low <= amount <= high:
            yield None, f"has {amount} {what}; the budget is {low} to {high}"


@rule("the minutes are those that it takes", lessons_only=True)
def find_wrong_minutes(book):
    said, wanted = read_minutes(book), f"{count_minutes(book)}"
    if book.language == "zh":
        wanted = read_minutes(open_notebook(book.path.parents[1] / book.path.name))
    for cell in book.cells[:1] if said != wanted else ():
        yield cell, f"promises {said} minutes; write {wanted}"


@rule("no cell is empty or raw or too large")
def find_unfit_cells(book):
    for cell in book.cells:
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        if cell.cell_type == "raw" or not cell.source.strip():
            yield cell, "is empty or raw, so it shows nothing; delete it"
        fit = 20 if cell in book.code[:1] else 15  # the setup cell is folded
        if len(lines) > fit:
            yield cell, f"has {len(lines)} lines, {fit} fit; split it, or use helpers"
        for line in lines:
            if len(line) > 88 and not line.startswith("GET = "):
                yield cell, f"has a line of {len(line)} columns, 88 fit: `{line}`"


@rule("the first cell opens and the last one leads on", lessons_only=True)
def find_missing_doors(book):
    titles = [
        cell for cell in book.prose for _ in TITLE.findall(remove_code(cell.source))
    ]
    if titles != book.cells[:1]:
        for cell in titles[1:] or book.cells[:1]:
            yield cell, "is wrong: one H1, `# …`, belongs in the first cell"
    for cell in book.cells[:1]:
        opening = OPENING["en" if is_untranslated(cell) else book.language]
        if not re.search(re.escape(opening).replace("…", ".*"), cell.source):
            yield cell, f"must say `{opening}`"
    for cell in book.cells[-1:]:
        if f"({book.next_name()})" not in cell.source:
            yield cell, f"is the last one, and must lead on to {book.next_name()}"


@rule("three lines to take along stand beside the scoreboard", lessons_only=True)
def find_missing_summary(book):
    boards = [n for n, it in enumerate(book.cells) if "show_scoreboard(" in it.source]
    if not boards:
        yield None, "has no scoreboard at its end; add a cell with show_scoreboard"
    for at in boards[-1:]:
        beside = [it for it in book.cells[at - 2 : at + 2] if it in book.prose]
        if 3 not in [len(ITEM.findall(remove_code(it.source))) for it in beside]:
            yield book.cells[at], "has no list of three lines to take along beside it"


@rule("a heading opens its cell")
def find_buried_headings(book):
    for cell in book.prose:
        for heading in LATER_HEADING.findall(remove_code(cell.source)):
            yield cell, f"holds `{heading[:60]}` below its start; begin a cell with it"


@rule("nothing is left to write")
def find_placeholders(book):
    for cell in book.cells:
        if lines := re.findall(rf".*{PENCIL}.*", cell.source):
            told = ", ".join(f"`{line[:80]}`" for line in lines)
            yield cell, f"is still to be written where it says {told}"


@rule("code in a sentence is a solution which is tested")
def find_untested_code(book):
    for cell in book.prose:
        if "```" in cell.source and not book.holds_a_solution(cell):
            yield cell, "holds code that never runs; make it a code cell"


@rule("links lead somewhere")
def find_dead_links(book):
    for cell, target in links.list_dead_links(book):
        yield cell, f"links to `{target}`, which does not exist"


@rule("the chinese edition is in step with the english one")
def find_translation_gaps(book):
    if book.language == "zh":
        twin = open_notebook(book.path.parents[1] / book.path.name)
        yield from editions.compare_editions(twin.data, book.data, book.path.stem)


@rule("a number in a sentence is shown by its section")
def find_unproved_numbers(book):
    mend = "show it, or mark what is only assumed: <!-- constants: … -->"
    for cell, said in numbers.find_unproved(book.cells):
        yield cell, f"says {said}, which no output of its section shows; {mend}"


@rule("nothing tells an answer before the guess")
def find_spoilers(book):
    yield from spoilers.find_spoilers(
        book.cells, questions.read_truths(questions.LESSONS)
    )


rule("every question is known, asked, in order")(questions.find_question_gaps)


def count_words(book: Notebook) -> int:
    text = "\n".join(publish.withdraw(cell.source) for cell in book.prose).replace(
        UNTRANSLATED, ""
    )
    return len(WORD.findall(re.sub(r"<[^>]*>|\]\([^)]*\)", " ", text)))


def count_questions(book: Notebook) -> tuple[int, int]:
    """Return how many predictions and how many exercises a notebook has."""
    asking = [cell.source for cell in book.code if find_questions(cell)]
    predictions = sum(bool(GUESS.search(source)) for source in asking)
    return predictions, len(asking) - predictions


def count_minutes(book: Notebook) -> int:
    """Return how long a notebook takes to read and to do, in steps of five."""
    predictions, exercises = count_questions(book)
    minutes = count_words(book) / 200 + 1.5 * predictions + 5 * exercises
    return 5 * math.ceil(minutes / 5)


def read_minutes(book: Notebook) -> str:
    """Return the minutes that the first cell promises; "no" if it does not."""
    for found in TAKES.finditer(book.cells[0].source if book.cells else ""):
        return found[1] or found[2]
    return "no"


def differing(one, other) -> list[str]:
    return [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
