"""The rules that every notebook keeps, checked on the file alone, without a kernel.

A rule is a function; it yields (cell or None, sentence) for each thing that it finds.
"""

import json
import re
import statistics
from collections import Counter

from nbformat.validator import iter_validate

from helpers import parity, prose, refresh
from helpers.book import open_notebook, tracked, without_code
from helpers.outputs import texts

MEND = "run `python -m helpers.refresh`"
SETUP = "# @title Setup: run me first"
FOLDED = {"cellView": "form", "jupyter": {"source_hidden": True}}
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
OPENING = {"en": "*Needs*: … *Takes*: … minutes", "zh": "*需要*：…*用时*：… 分钟"}
HAN = "\u4e00-\u9fff"  # about two characters make a word
WORD = re.compile(rf"[{HAN}]{{1,2}}|[^\W{HAN}](?:['’.-]?[^\W{HAN}])*")
TITLE = re.compile(r"(?m)^# |^=+$|<h1")


def rule_git_knows_the_notebook(book):
    if book.path.suffix != ".ipynb":
        yield None, "is not collected by every tool; its name must end in .ipynb"
    known = tracked(book.path.parent)
    if known is not None and book.path.name not in known:
        yield None, "is not tracked, so nobody else has it; `git add` it or delete it"


def rule_the_notebook_is_valid_and_its_ids_are_unique(book):
    for error in iter_validate(book.data):
        key, number, *_ = [*error.absolute_path, None, None]
        cell = book.cells[number] if key == "cells" and number is not None else None
        yield cell, f"is no valid notebook: {error.message.splitlines()[0][:200]}"
    ids = Counter(cell.get("id") for cell in book.cells)
    for cell in book.cells:
        if ids[cell.get("id")] > 1:
            yield cell, f"shares its id with another cell; {MEND}"


def rule_every_cell_has_run_in_order(book):
    for number, cell in enumerate(book.code, 1):
        if cell.execution_count != number:
            yield cell, f"ran as [{cell.execution_count}], not [{number}]; {MEND}"


def rule_the_tag_raises_exception_stands_where_an_error_is_stored(book):
    for cell in book.code:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        raised = any(output.output_type == "error" for output in cell.outputs)
        if tagged and not raised:
            yield cell, "is tagged raises-exception, but raises nothing"
        if raised and not tagged:
            yield cell, "raises; mend it, or tag it raises-exception"


def rule_nothing_switches_a_comparison_off(book):
    for cell in book.code:
        for why, pattern in UNPROVED.items():
            for word in pattern.findall(f"{cell.source}\n{json.dumps(cell.metadata)}"):
                yield cell, f"holds `{word.strip()}`, {why}"


def rule_the_file_is_as_refresh_leaves_it(book):
    tidy = refresh.tidy(book.data)
    for key in differing(book.data.metadata, tidy.metadata):
        yield None, f"has untidy metadata `{key}`; {MEND}"
    for cell, clean in zip(book.cells, tidy.cells, strict=True):
        for key in differing(cell, clean):
            yield cell, f"has untidy `{key}`; {MEND}"
    if book.data == tidy and book.text != refresh.write(tidy):
        yield None, f"is not formatted as nbformat writes it; {MEND}"


def rule_stored_text_says_nothing_about_one_machine_or_moment(book):
    for cell, output in book.outputs:
        stored = "\n".join(texts(output) + output.get("traceback", []))
        for what, pattern in FOREIGN.items():
            if match := pattern.search(stored):
                yield cell, f"stores {what}, {match.group()!r}; show something else"
        if output.get("name") == "stderr":
            yield cell, "writes to stderr; mend what it warns of"


def rule_a_picture_is_a_png_with_a_text_beside_it(book):
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


def rule_the_setup_cell_is_first_and_folded_and_everywhere_the_same(book):
    for cell in book.code[:1]:
        if cell.source.partition("\n")[0] != SETUP:
            yield cell, f"is the first code cell, but does not begin with `{SETUP}`"
        if cell.metadata != FOLDED:
            yield cell, f"is not folded: its metadata must be {json.dumps(FOLDED)}"
        if cell.source != book.usual_setup():
            yield cell, "differs from the setup cell of the notebooks beside it"
    for cell in book.code[1:]:
        if set(cell.metadata) - {"tags"}:
            yield cell, "is folded, but only the setup cell may be"


def rule_the_notebook_keeps_its_budgets(book):
    lengths = [len(re.findall(r"\S.*", cell.source)) for cell in book.code[1:]]
    text = "\n".join(cell.source for cell in book.prose)
    words = WORD.findall(re.sub(r"<[^>]*>|\]\([^)]*\)", " ", text))
    for what, amount, low, high in (
        ("cells", len(book.cells), 25, 55),
        ("words of prose", len(words), 700, 1900),
        ("lines of code", sum(lengths), 40, 130),
        ("lines in its median code cell", statistics.median(lengths or [0]), 1, 3),
        ("bytes", len(book.text.encode()), 1, 250_000),
    ):
        if not low <= amount <= high:
            yield None, f"has {amount} {what}; the budget is {low} to {high}"


def rule_no_cell_is_empty_or_raw_or_too_large(book):
    for cell in book.cells:
        lines = cell.source.splitlines() if cell.cell_type == "code" else []
        if cell.cell_type == "raw" or not cell.source.strip():
            yield cell, "is empty or raw, so it shows nothing; delete it"
        if len(lines) > 15:
            yield cell, f"has {len(lines)} lines, 15 fit; split it, or use helpers"
        for line in lines:
            if len(line) > 88 and not line.startswith("GET = "):
                yield cell, f"has a line of {len(line)} columns, 88 fit: `{line}`"


def rule_the_first_cell_opens_and_the_last_one_leads_on(book):
    titles = [
        cell for cell in book.prose for _ in TITLE.findall(without_code(cell.source))
    ]
    if titles != book.cells[:1]:
        for cell in titles[1:] or book.cells[:1]:
            yield cell, "is wrong: one H1, `# …`, belongs in the first cell"
    opening = OPENING[book.language]
    for cell in book.cells[:1]:
        if not re.search(re.escape(opening).replace("…", ".*"), cell.source):
            yield cell, f"must say `{opening}`"
    for cell in book.cells[-1:]:
        if f"({book.next_name()})" not in cell.source:
            yield cell, f"is the last one, and must lead on to {book.next_name()}"


def rule_code_in_a_sentence_is_a_solution_which_is_tested(book):
    for cell in book.prose:
        if "```" in cell.source and not book.holds_a_solution(cell):
            yield cell, "holds code that never runs; make it a code cell"


def rule_links_lead_somewhere(book):
    for cell, target in book.dead_links():
        yield cell, f"links to `{target}`, which does not exist"


def rule_the_chinese_edition_is_in_step_with_the_english_one(book):
    if book.language == "zh":
        twin = open_notebook(book.path.parents[1] / book.path.name)
        yield from parity.differences(twin.data, book.data, book.path.stem)


def rule_a_number_in_a_sentence_is_shown_by_its_section(book):
    mend = "show it, or mark what is only assumed: <!-- constants: … -->"
    for cell, said in prose.unproved(book.cells):
        yield cell, f"says {said}, which no output of its section shows; {mend}"


RULES = [rule for name, rule in [*globals().items()] if name.startswith("rule_")]


def differing(one, other) -> list[str]:
    return [key for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
