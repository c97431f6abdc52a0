"""Find what tells the answer of a prediction before the guess.

A question's region goes from its section's heading down to the next question. Below
the guess every output must be hidden that follows from the program (follow.py); and
nothing that stands there to be read may say the truth, however it is spelt
(spellings.py). Seen is all but what is folded in <details>, and of hidden outputs what
JupyterLab prints in their place: the first line. Above the guess hidden outputs are
seen as well, because whoever reads in order has run them.

A list is told wherever it stands. A number is told by any mention in the section of
the question; elsewhere, and where it is 0, 1, 2, a word or a number of the program, it
is told only where it is said of what was asked.
"""

import ast
import html
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from nbformat import NotebookNode

from .follow import Program, list_steps, parse_program
from .notebook import find_questions
from .outputs import list_texts
from .spellings import Atom, Token, are_same, name_atom, read_values, write_plainly

HIDE = '{"jupyter": {"outputs_hidden": true}}'
HEADING = re.compile(r"#{1,6} ")
FOLD = re.compile(
    r"<details(?![^>]*\bopen\b)[^>]*>(?:(?!<details).)*?(?:</details>|\Z)", re.DOTALL
)
SUMMARY = re.compile(r"<summary[^>]*>(.*?)</summary>", re.DOTALL)
MARKS = re.compile(r"<!--.*?-->|\]\([^)]*\)", re.DOTALL)
TAG = re.compile(r"<(?:/?[a-zA-Z][^>]*|!--.*?--)>", re.DOTALL)
SENTENCE = re.compile(r"[。；！？!?;]|\.(?=\s|$)|\n\s*\n|\n(?=\s*[-*|#])")
VERB = (
    r"(?<!不)(?<!不[能会])(?:(?<![\w.])(?:is|are|be|was|were|holds?|gives?|gets?|"
    r"returns?|equals?|"
    r"stays?|becomes?|remains?|makes?|contains?|prints?|shows?|says?|says|arrives? as|"
    r"receives?|answer)|[=＝:：→≈⇒]|得到|就是|等于|还是|仍是|都是|是|为|变成|返回|存着|"
    r"存的是|收到|答案)"
)
ADVERB = (
    r"(?:\s|just|still|only|simply|exactly|now|again|then|both|all|therefore|really|"
    r"the number|the value|a|an|the|[`*_\"'“«(\[]|就|仍然|仍|还|都|正好|恰好|了|出)*"
)
SAYS = re.compile(rf"(?P<subject>`[^`]*`|[\w.]+)?[\s`*]*{VERB}{ADVERB}\Z", re.I)
OPTION = re.compile(r"(?:\bor|或者|或)[\s`*]*\Z", re.I)
OR = re.compile(r"[\s`*]*(?:or\b|或)", re.I)
COUNTED = re.compile(  # 2 arrows, not 2 at last
    r"\s*(?:·|\*\s|×|[个条次倍行步种份])"
    r"|\s(?!(?:and|at|in|for|as|not|now|too|then|here|there|again|because|since|by)\b)[a-z]"
)
GAP = re.compile(r"(?:[\s,;、，|`*'\"&.)]|\band\b|\bthen\b|和|与|以及)*")


class Question(NamedTuple):
    """Hold a prediction, its truth and where it stands."""

    name: str
    truth: list[Atom]  # one, or several
    asked: str  # the expression whose value is guessed
    program: str
    at: int  # of the cell that asks
    until: int  # the next question
    start: int  # of the section
    end: int

    def is_ambiguous(self) -> bool:
        """Tell whether a number or a word means little without what it is said of."""
        (value,) = self.truth
        inputs = list(list_inputs(self.program))
        return isinstance(value, str) or abs(value) in (0, 1, 2) or value in inputs


class Seen(NamedTuple):
    """Hold a text that a reader sees before the guess."""

    cell: NotebookNode
    text: str
    near: bool  # in the section of the question
    follows: bool = False


def find_spoilers(
    cells: list[NotebookNode], truths: dict[str, object]
) -> Iterator[tuple[NotebookNode, str]]:
    """Yield each cell that gives an answer away, and how."""
    questions = list(find_predictions(cells, truths))
    for asked in questions:
        following = find_followers(cells, asked)
        for cell in following:
            if cell.outputs and not is_hidden(cell):
                yield cell, f"shows what {asked.name} asks; hide it by {HIDE}"
        for seen in list_seen(cells, asked, following):
            if told := find_told(seen, asked):
                yield (
                    seen.cell,
                    f"tells the answer of {asked.name} before the guess: «{told}»; "
                    "say it inside of <details>, or ask for another number",
                )
    yield from find_vain_hiding(cells, questions)


def find_followers(cells: list[NotebookNode], asked: Question) -> list[NotebookNode]:
    """Return the cells below a question that show what its program makes."""
    above = [it for cell in cells[: asked.at] for it in list_steps(read_code(cell))]
    program = Program(asked.program, {name for step in above for name in step.binds})
    return [
        cells[number]
        for number in range(asked.at + 1, asked.until)
        if program.is_followed_by(read_code(cells[number]), near=number < asked.end)
    ]


def find_vain_hiding(
    cells: list[NotebookNode], questions: list[Question]
) -> Iterator[tuple[NotebookNode, str]]:
    answers = {n for it in questions for n in range(it.at + 1, it.until)}
    answers |= find_paper_work(cells) - {it.at for it in questions}
    for number, cell in enumerate(cells):
        if not (is_code(cell) and is_hidden(cell)) or number in answers:
            continue
        if not cell.metadata.jupyter.get("source_hidden"):  # as the setup cell has it
            yield cell, "hides an output that answers nothing; show it"


def find_paper_work(cells: list[NotebookNode]) -> set[int]:
    """Return the cells of sections with a fold: there something is to be worked out."""
    starts = [n for n, cell in enumerate(cells) if HEADING.match(cell.source)]
    sections = [range(*it) for it in pairwise([0, *starts, len(cells)])]
    return {
        number
        for section in sections
        if any(FOLD.search(cells[number].source) for number in section)
        for number in section
    }


# ---------------------------------------------------------------- the questions


def find_predictions(
    cells: list[NotebookNode], truths: dict[str, object]
) -> Iterator[Question]:
    """Yield the questions of a notebook whose truth is known."""
    asking = [n for n, cell in enumerate(cells) if find_questions(cell)]
    headings = [n for n, cell in enumerate(cells) if HEADING.match(cell.source)]
    for at, until in pairwise([*asking, len(cells)]):
        source = cells[at].source
        for name in find_questions(cells[at]):
            if name in truths:
                yield Question(
                    name,
                    list_atoms(truths[name]),
                    find_asked(source),
                    source,
                    at,
                    until,
                    max((n for n in headings if n < at), default=0),
                    min((n for n in headings if n > at), default=len(cells)),
                )


def find_asked(source: str) -> str:
    """Return the expression whose value a `check` compares with the guess."""
    for call in ast.walk(parse_program(source)):
        match call:
            case ast.Call(ast.Name("check"), [_, _, asked, *_]):
                return ast.unparse(asked)
    return ""


def list_atoms(truth: object) -> list[Atom]:
    if isinstance(truth, (list, tuple)):
        return [atom for each in truth for atom in list_atoms(each)]
    return [name_atom(truth)]


def list_inputs(program: str) -> Iterator[Atom]:
    """Yield the numbers that a program itself contains."""
    for node in ast.walk(parse_program(program)):
        match node:
            case ast.Constant(int() | float() as value):
                yield name_atom(value)
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
                yield name_atom(-value)


# ---------------------------------------------------------------- what is seen


def list_seen(
    cells: list[NotebookNode], asked: Question, following: list[NotebookNode]
) -> Iterator[Seen]:
    """Yield all that a reader sees around a question, text by text."""
    for number in (0, *range(asked.start or 1, asked.until)):
        cell = cells[number]
        near = asked.start <= number < asked.end
        follows = any(cell is it for it in following)
        for text in list_visible(cell, run=number < asked.at):
            yield Seen(cell, write_plainly(text), near, follows)
    for cell in cells[asked.end : min(asked.end + 1, asked.until)]:
        heading = cell.source.partition("\n")[0]  # right below what was asked
        yield Seen(cell, write_plainly(heading), near=True)


def list_visible(cell: NotebookNode, run: bool) -> list[str]:
    """Return what a reader sees of a cell; `run` says that it has been run."""
    if not is_code(cell):
        return [MARKS.sub(" ", TAG.sub(" ", unfold(cell.source)))]
    texts = [list_said(output) for output in cell.outputs]
    if is_hidden(cell) and not run:
        texts = [[first_line(text) for text in said] for said in texts[:1]]
    return [*list_remarks(cell.source), *(it for said in texts for it in said)]


def list_said(output: NotebookNode) -> list[str]:
    """Return all that an output says, in words and beside its picture."""
    kinds = output.get("metadata", {}).values()
    alts = [it["alt"] for it in kinds if isinstance(it, dict) and "alt" in it]
    return [html.unescape(TAG.sub(" ", text)) for text in (*list_texts(output), *alts)]


def first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def unfold(source: str) -> str:
    """Return what is seen of a markdown cell while its <details> are closed."""
    while (
        closed := FOLD.sub(lambda it: " ".join(SUMMARY.findall(it[0])), source)
    ) != source:
        source = closed
    return source


def list_remarks(source: str) -> list[str]:
    """Return the comments of a cell, and what it says that something is equal to."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError):  # a magic
        return []
    return [
        *(it.string for it in tokens if it.type == tokenize.COMMENT),
        *(
            ast.unparse(it)
            for it in ast.walk(parse_program(source))
            if isinstance(it, ast.Compare) and isinstance(it.ops[0], ast.Eq)
        ),
    ]


def read_code(cell: NotebookNode) -> str:
    return cell.source if is_code(cell) else ""


def is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code"


def is_hidden(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("jupyter", {}).get("outputs_hidden"))


# ---------------------------------------------------------------- what is told


def find_told(seen: Seen, asked: Question) -> str:
    """Return the words that tell a truth; "" if none do."""
    text, tokens = seen.text, read_values(seen.text)
    if len(asked.truth) > 1:
        found = find_list(text, tokens, asked.truth)
    else:
        found = find_single(seen, tokens, asked)
    return (
        " ".join(text[max(found[0].start - 20, 0) : found[-1].end].split())
        if found
        else ""
    )


def find_single(seen: Seen, tokens: list[Token], asked: Question) -> list[Token]:
    """Return the value that tells the truth: which one may depend on the words."""
    lonely = [
        group[at]
        for group in list_runs(seen.text, tokens)
        if len(group) == 1 or not is_in_brackets(seen.text, group)
        for at in range(len(group))
    ]
    told = [it for it in lonely if are_same(it.value, asked.truth[0])]
    weak = asked.is_ambiguous() or not (seen.near or is_rare(asked.truth[0]))
    if not seen.follows:
        told = [it for it in told if is_said_of(seen, it, asked) or not weak]
    return told[:1]


def is_rare(value: Atom) -> bool:
    """Tell whether a number is hardly ever met by chance."""
    return not isinstance(value, str) and (abs(value) >= 100 or value % 1 != 0)


def is_said_of(seen: Seen, token: Token, asked: Question) -> bool:
    """Tell whether a value is said of what was asked, or of nothing in particular."""
    before, after = seen.text[: token.start], seen.text[token.end :]
    counts = not isinstance(token.value, str) and COUNTED.match(after)
    before = SENTENCE.split(before)[-1]
    rest, *stop = re.split(f"({SENTENCE.pattern})", after, maxsplit=1)
    if OPTION.search(before) or OR.match(after) or counts or stop[:1] == ["?"]:
        return False
    target = re.compile(rf"(?<![\w.]){re.escape(asked.asked)}(?![\w.]*\w)")
    if target.search(before) or target.search(rest):
        return True
    says = SAYS.search(before) if seen.near or not asked.is_ambiguous() else None
    subject = (says["subject"] or "").strip("`") if says else ""
    return bool(says) and not is_name(subject, asked)


def is_name(word: str, asked: Question) -> bool:
    """Tell whether a word is a name of the program, and not the one asked for."""
    names = {it for step in list_steps(asked.program) for it in step.binds | step.reads}
    return word != asked.asked and re.split(r"\W", word)[0] in names


# ---------------------------------------------------------------- lists of values


def list_runs(text: str, tokens: list[Token]) -> list[list[Token]]:
    """Join the values that stand one beside the other, or one below the other."""
    runs: list[list[Token]] = []
    for token in tokens:
        gap = text[runs[-1][-1].end : token.start] if runs else ""
        table = "|" in gap and "\n" in gap
        if runs and GAP.fullmatch(gap) and "\n\n" not in gap and not table:
            runs[-1].append(token)
        else:
            runs.append([token])
    return runs


def is_in_brackets(text: str, run: list[Token]) -> bool:
    return text[: run[0].start].rstrip()[-1:] == "["


def find_list(text: str, tokens: list[Token], truth: list[Atom]) -> list[Token]:
    """Return the values that tell a list: in a row, in a column, in a sentence."""
    size, varied = len(truth), len({*truth}) > 1
    for run in list_runs(text, tokens):
        exact = size < 3 or not varied
        for at in range(len(run) - size + 1):
            part = run[at : at + size]
            if tells(part, truth) and (not exact or len(run) == size):
                return part
    return find_in_sentence(text, tokens, truth) or find_column(text, truth)


def tells(tokens: Iterable[Token], truth: list[Atom]) -> bool:
    values = [it.value for it in tokens]
    return len(values) == len(truth) and all(map(are_same, values, truth))


def find_in_sentence(text: str, tokens: list[Token], truth: list[Atom]) -> list[Token]:
    """Return the values of a sentence if they are just these, in this order."""
    if len(truth) < 3 and not isinstance(truth[0], str):
        return []
    stops = [0, *(it.end() for it in SENTENCE.finditer(text)), len(text) + 1]
    for start, end in pairwise(stops):
        part = [it for it in tokens if start <= it.start < end]
        if tells(part, truth):
            return part
    return []


def find_column(text: str, truth: list[Atom]) -> list[Token]:
    """Return the values that stand at the same place of lines that follow."""
    at, lines = 0, []
    for line in text.splitlines(keepends=True):
        found = [Token(v, at + s, at + e) for v, s, e in read_values(line)]
        at += len(line)
        lines += [found] if found else []
    for top in range(len(lines) - len(truth) + 1):
        rows = lines[top : top + len(truth)]
        if len(truth) < 3 and any(len(row) > 1 for row in rows):
            continue
        for place in (0, 1, 2, -1, -2):
            if all(-len(row) <= place < len(row) for row in rows):
                column = [row[place] for row in rows]
                if tells(column, truth):
                    return column
    return []
