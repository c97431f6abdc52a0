"""Find the numbers that a notebook's sentences claim, and whether a cell shows them.

A number is shown if an output of the same section, from heading to heading, has it;
several in a row, if one line of an output has them in that order. The left side of a
sum or product, 2 · 3 = 6, is worked out. What a sentence only assumes is marked:
<!-- constants: 0.5 -->. Formulas are laws, not measurements, and code proves itself.
"""

import math
import re
from collections.abc import Iterator

from nbformat import NotebookNode

from .outputs import list_texts

CONSTANTS = re.compile(r"<!-- constants: (.*?) -->", re.DOTALL)
DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)"  # 1,000 or 1000
NUMBER = rf"(?<![\w.,%)])[-−–]?{DIGITS}(?:\.\d+)?(?:e[-+]?\d+)?(?!\w|[.,]\d)"
RUN = re.compile(rf"{NUMBER}(?:(?:,\s|、|\sand\s|\s和\s|\s){NUMBER})*")
POWERS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
TERM = rf"(?<![\w.,%)])[-−–]?{DIGITS}(?:\.\d+)?[{POWERS}]*(?!\w|[.,]\d)"
SUM = re.compile(rf"({TERM}(?:\s[·+]\s{TERM})+)\s=\s({NUMBER})")
CODE = re.compile(r"`[^`\n]*`")
FENCE = re.compile(r"```.*?```", re.DOTALL)
LITERAL = re.compile(  # `[0 4 8]`, `28`, `y = 28` or `tensor(28.)`, not `x**2`
    r"((?<!\w)\[[-−\d., ]+\]|(?<=^`)[-−\d., ]+(?=`$)"
    r"|(?<== )[-−\d.]+(?=`$)|(?<=tensor\()[-−\d.]+(?=\)))|."
)
ITEM = re.compile(r"(?m)^\s*\d\.\s")  # of a list
ROW = re.compile(r"(?m)^\d+\.? +(?=\S+ )")  # of a graph's table, or a step of its walk
SILENT = re.compile(r"\$\$.*?\$\$|\$[^$\n]*\$|<[^>]*>|\]\([^)]*\)", re.DOTALL)


def find_unproved(cells: list[NotebookNode]) -> Iterator[tuple[NotebookNode, str]]:
    """Yield each claim that nothing shows, with the cell that makes it."""
    for section in split_sections(cells):
        code = [cell for cell, _ in section if cell.cell_type == "code"]
        shown = [
            text for cell in code for it in cell.outputs for text in list_texts(it)
        ]
        lines = list(map(read_numbers, ROW.sub("", "\n".join(shown)).splitlines()))
        for cell, text in section:
            marks = list(map(read_numbers, CONSTANTS.findall(cell.source)))
            for claim in find_unshown(text, lines + marks):
                yield cell, claim


def split_sections(cells: list[NotebookNode]) -> list[list[tuple[NotebookNode, str]]]:
    """Cut the cells at every heading, also in their middle: (cell, its text)."""
    found: list[list] = [[]]
    for cell in cells:
        prose = cell.cell_type == "markdown"
        text = FENCE.sub(blank_out, cell.source) if prose else ""
        for piece in re.split(r"(?m)^(?=#+ )", text):
            found += [[]] if piece.startswith("#") else []
            found[-1].append((cell, piece))
    return found


def find_unshown(text: str, lines: list[list[float]]) -> list[str]:
    """Return the claims of a text that none of these lines of numbers shows."""
    text = blank_silent(text)
    wrong = [said[0] for said in SUM.finditer(text) if not adds_up(*said.groups())]
    runs = RUN.findall(SUM.sub(r";\2", text))
    return wrong + [run for run in runs if not is_on_a_line(read_numbers(run), lines)]


def find_claims(source: str) -> list[re.Match]:
    """Return the numbers that a markdown cell claims, where they stand in it."""
    return [*re.finditer(NUMBER, blank_silent(FENCE.sub(blank_out, source)))]


def blank_silent(text: str) -> str:
    """Blank out what claims nothing; what does stays in its place."""
    text = CODE.sub(keep_literals, SILENT.sub(blank_out, text))
    return ITEM.sub(blank_out, text)


def keep_literals(span: re.Match) -> str:
    """Keep of a code span what is a value."""
    return LITERAL.sub(lambda found: found[1] or ";", span[0])


def blank_out(found: re.Match) -> str:
    return re.sub(r"[^\n]", ";", found[0])


def read_numbers(text: str) -> list[float]:
    found = re.findall(NUMBER, text)
    return [float(re.sub("[−–]", "-", number.replace(",", ""))) for number in found]


def is_on_a_line(run: list[float], lines: list[list[float]]) -> bool:
    return any(
        run == line[at : at + len(run)] for line in lines for at in range(len(line))
    )


def adds_up(left: str, right: str) -> bool:
    """Tell whether a sum of products of numbers and powers, 2 · 3² + 1, is right."""
    terms = (map(read_power, term.split("·")) for term in left.split("+"))
    return math.isclose(sum(map(math.prod, terms)), *read_numbers(right))


def read_power(term: str) -> float:
    base = term.strip().rstrip(POWERS)
    exponent = "".join(str(POWERS.index(each)) for each in term.strip()[len(base) :])
    return read_numbers(base)[0] ** int(exponent or 1)
