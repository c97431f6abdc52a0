"""The program of a question is the code of its cell, and answers what the page does."""

import ast
import re

import pytest

from helpers.checking.answers import is_same, make_plain
from helpers.checking.machine import Program
from helpers.lessons import LESSONS, NOTEBOOKS, Prediction
from helpers.tests.notebooks.pages import BOOKS, code

ASKING = r'(?s)guess = \.\.\.\n+(.*?)\n+check\("{name}", guess, (.*)\)\Z'
PREDICTIONS = {n: it for n, it in LESSONS.items() if isinstance(it, Prediction)}


def read_program(name):
    """Return what a question asks about, with the functions from the cells above."""
    known, asking = {}, re.compile(ASKING.format(name=re.escape(name)))
    for cell in code(BOOKS[NOTEBOOKS[name.partition("/")[0]]])[1:]:
        found = asking.match(cell.source.strip())
        if found:
            lines = "\n".join(found.groups()).strip()
            used = {it.id for it in ast.walk(ast.parse(lines)) if type(it) is ast.Name}
            return "\n\n\n".join([*(known[it] for it in known if it in used), lines])
        for part in ast.parse(re.sub("(?m)^[!%].*", "", cell.source)).body:
            if isinstance(part, ast.FunctionDef | ast.ClassDef):
                known[part.name] = ast.get_source_segment(cell.source, part)
    raise LookupError(name)


def is_walk(name):
    """Tell whether a question asks what a walk of torch's brings.

    Not what a leaf is, nor where a walk is refused: walks by hand free nothing.
    """
    program = read_program(name)
    others = (".is_leaf", "watch()", "except ", "Number(")
    return not any(it in program for it in others)


@pytest.mark.parametrize("name", PREDICTIONS)
def test_a_question_about_a_walk_holds_the_program_of_its_cell(name):
    wanted = read_program(name) if is_walk(name) else ""
    if PREDICTIONS[name].program.strip() != wanted:
        lines = f'program="""\n{wanted}\n"""' if wanted else "no program"
        pytest.fail(f"The lesson of {name} must hold {lines}", pytrace=False)


@pytest.mark.parametrize("name", [n for n, it in PREDICTIONS.items() if it.program])
def test_a_program_answers_what_the_page_does(name):
    answer = Program(PREDICTIONS[name].program).run().answer
    assert is_same(answer, make_plain(PREDICTIONS[name].truth), 1e-6)
