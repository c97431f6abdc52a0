"""What lessons know and notebooks ask, side by side.

Lessons are read, not imported: authors do without PyTorch.
"""

import ast
import math
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from .notebook import NOTEBOOKS, ROOT, Notebook, find_questions, list_lessons

LESSONS = ROOT / "helpers" / "lessons"
MEND = 'write check("{0}", …), or take {0} out of LESSONS'.format


def read_module(file: Path) -> ast.Module:
    """Parse a file; raises SyntaxError, which names it, if it is no Python."""
    return ast.parse(file.read_text("utf-8"), str(file))


def read_questions(lesson: ast.Module) -> dict[str, str]:
    """Return what LESSONS lists in a module: its variables, and their names."""
    for node in lesson.body:
        match node:
            case ast.Assign([ast.Name("LESSONS")], ast.Dict(names, values)):
                return {
                    ast.unparse(value).partition(".")[0]: ast.literal_eval(name)
                    for name, value in zip(names, values, strict=True)
                    if name
                }
    return {}


@cache
def read_truths(lessons: Path) -> dict[str, object]:
    """Return what each prediction's lesson says that PyTorch answers."""
    found = {}
    for file in sorted(lessons.glob("*.py")):
        module = read_module(file)
        names = read_questions(module)
        for node in module.body:
            match node:
                case ast.Assign([ast.Name(variable)], ast.Call(keywords=keywords)):
                    said = [it.value for it in keywords if it.arg == "truth"]
                    if said and variable in names:
                        found[names[variable]] = read_value(said[0])
    return found


def read_value(node: ast.expr) -> object:
    """Return the value of a literal, or of one that holds `float("nan")`."""
    return eval(ast.unparse(node), {"math": math, "torch": math})


@cache
def list_questions(lessons: Path) -> list[str]:
    """Return the names of all questions, topic by topic, in the order of LESSONS."""
    modules = map(read_module, sorted(lessons.glob("*.py")))
    known = [it for module in modules for it in read_questions(module).values()]
    return sorted(known, key=topic_of)


def topic_of(name: str) -> str:
    return name.partition("/")[0]


def find_question_gaps(book: Notebook) -> Iterator[tuple[NotebookNode | None, str]]:
    """Yield where a notebook asks other questions than its lesson knows."""
    known = list_questions(LESSONS)
    asked = {name: cell for cell in book.code for name in find_questions(cell)}
    mine = [name for name in known if topic_of(name) in map(topic_of, asked)]
    for name, cell in asked.items():
        if name not in known:
            like = "".join(get_close_matches(name, known, 1, cutoff=0))
            yield cell, f"asks {name}, which no lesson knows; the nearest is {like}"
    for name in mine:
        if name not in asked:
            yield None, f"does not ask {name}; {MEND(name)}"
    if {*mine} == {*asked} and mine != sorted(asked, key=topic_of):
        order = ", ".join(asked)
        yield None, f"asks in another order than LESSONS lists: {order}; change either"


def report_questions() -> Iterator[str]:
    """Yield a sentence for each question that is not asked, or not known."""
    try:
        books = list(map(Notebook, list_lessons(NOTEBOOKS)))
    except Exception:  # the rules of that notebook tell why
        return
    asked = {it for book in books for cell in book.code for it in find_questions(cell)}
    for book in books:
        for cell, what in find_question_gaps(book):
            yield f"{book.path.stem}: {book.locate(cell)} {what}."
    for name in list_questions(LESSONS):
        if topic_of(name) not in map(topic_of, asked):
            yield f"No notebook asks {name}; {MEND(name)}."
