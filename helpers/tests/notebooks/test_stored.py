"""What the notebooks promise beyond their stored outputs."""

import copy
import re

import nbformat
import pytest

from helpers import check, show_scoreboard
from helpers.authoring.execute import execute_notebook
from helpers.checking.answers import make_plain
from helpers.checking.explain import list_alone
from helpers.checking.machine import Program
from helpers.lessons import LESSONS, NOTEBOOKS
from helpers.lessons.model import Exercise, Prediction
from helpers.tests.notebooks.pages import (
    BOOKS,
    SOLUTION,
    checks,
    code,
    plain,
    solved,
    truths,
)


@pytest.mark.parametrize("stem", BOOKS)
def test_each_notebook_has_its_predictions_and_exercises(stem):
    kinds = [type(LESSONS[name]) for name, *_ in checks(BOOKS[stem])]
    assert kinds.count(Prediction) >= 3 and kinds.count(Exercise) >= 2


def test_a_misspelt_question_is_told_with_its_cell():
    book = copy.deepcopy(BOOKS["02_backward"])
    (asking,) = (c for name, _, c, _ in checks(book) if name == "backward/factor")
    asking.source = asking.source.replace("backward/factor", "backward/factr")
    said = "Cell ask-factor: No question is called 'backward/factr'; .*/factor'"
    with pytest.raises(AssertionError, match=said):
        [*checks(book)]


def test_every_question_is_asked_once():
    asked = [name for book in BOOKS.values() for name, *_ in checks(book)]
    assert sorted(asked) == sorted(LESSONS)


@pytest.mark.parametrize("stem", BOOKS)
def test_the_solution_on_the_page_is_right(stem, record_property):
    for name, answer, _, number in checks(BOOKS[stem]):
        if isinstance(LESSONS[name], Exercise):
            record_property("solutions", 1)  # for the table at the end
            solution = SOLUTION.search(BOOKS[stem].cells[number + 1].source)
            assert solution, f"{name}: no solution right after the exercise"
            world = {}
            exec(f"import torch\n{solution[1]}", world)
            assert check(name, world[answer]).state == "right"


def list_names(question):
    """Yield the misconceptions that are told from wrong answers to a question."""
    yield from (mistake.tag for mistake in question.mistakes)
    right = make_plain(question.truth)
    for belief in list_alone(Program(question.program)) if question.program else ():
        if not belief.fits(right, right):
            yield belief.tags[0]


@pytest.mark.parametrize("stem", BOOKS)
def test_each_prediction_is_judged_by_what_its_cell_computes(stem, record_property):
    found = truths(BOOKS[stem])
    record_property("guesses", len(found))  # for the table at the end
    assert found
    for name, truth in found.items():
        assert plain(truth) == plain(LESSONS[name].truth), name
        assert check(name, truth, truth).state == "right", name
        mistakes = LESSONS[name].mistakes
        if len({*list_names(LESSONS[name])}) < 2:
            few = "needs two mistakes with different names, or a program that has them"
            pytest.fail(f"The lesson of {name} {few}.", pytrace=False)
        for mistake in mistakes:
            for believed in mistake.guesses():
                verdict = check(name, believed, truth)
                named = verdict.misconception, verdict.sentence
                assert named == (mistake.tag, mistake.hint.en), name


@pytest.mark.parametrize("stem", BOOKS)
def test_a_question_has_the_same_answer_when_one_goes_back_to_it(stem):
    asked = {name: LESSONS[name] for name, *_ in checks(BOOKS[stem])}
    right = {
        n: plain(it.truth) for n, it in asked.items() if isinstance(it, Prediction)
    }
    found = truths(BOOKS[stem], again=True)
    assert {name: plain(truth) for name, truth in found.items()} == right


@pytest.mark.parametrize("stem", BOOKS)
def test_each_question_is_introduced_and_answered(stem):
    book = BOOKS[stem]
    for name, _, _, number in checks(book):
        before, after = (book.cells[number + step].source for step in (-1, 1))
        guess = isinstance(LESSONS[name], Prediction)
        asks = "**Predict.**" if guess else "### Your turn: "
        answers = f"<details><summary>{'Why?' if guess else 'Solution'}</summary>"
        if asks not in before or not after.startswith(answers):
            words = (
                f"words with `{asks}` above it, and below it some from `{answers}` on"
            )
            pytest.fail(f"The cell that asks {name} needs {words}.", pytrace=False)
    turns = [n for n, cell in enumerate(book.cells) if "### Your turn" in cell.source]
    asked = [n for name, _, _, n in checks(book) if isinstance(LESSONS[name], Exercise)]
    assert [turn + 1 for turn in turns] == asked


def said(cell):
    return [output.get("data", {}).get("text/plain", "") for output in cell.outputs]


@pytest.mark.parametrize("stem", BOOKS)
def test_a_solved_notebook_is_green_from_the_first_check_to_the_scoreboard(stem):
    book = execute_notebook(solved(BOOKS[stem]))
    answered = [said(cell)[-1] for _, _, cell, _ in checks(book)]
    assert answered and all(words.startswith("✓ ") for words in answered), answered
    board = next(cell for cell in code(book) if "show_scoreboard(" in cell.source)
    assert said(board)[-1].startswith(f"All {len(answered)} right")
    for cell in code(book):
        failed = any(output.output_type == "error" for output in cell.outputs)
        assert failed == ("raises-exception" in cell.metadata.get("tags", [])), cell.id


@pytest.mark.parametrize("stem", BOOKS)
def test_the_scoreboard_lists_the_questions_in_order_and_finds_their_cells(stem):
    (board,) = (cell for cell in code(BOOKS[stem]) if "show_scoreboard(" in cell.source)
    topic = re.search(r'show_scoreboard\("(\w+)"\)', board.source)[1]
    asked = [
        (LESSONS[name].title(), f"#cell-id={cell.id}")
        for name, _, cell, _ in checks(BOOKS[stem])
    ]
    assert asked == [(line.title, line.place) for line in show_scoreboard(topic).lines]
    assert NOTEBOOKS[topic] == stem


HARMFUL = (
    "while True: pass",
    "while True: print('x' * 10_000)",
    "import sys; sys.exit()",
    "raise KeyboardInterrupt",
    "return [0] * 10**10",
    "return torch.ones(10**10)",
)


@pytest.mark.thorough
def test_a_kernel_and_its_variables_survive_whatever_a_function_does():
    setup = code(BOOKS["03_gradient_accumulation"])[0].source
    ask = 'check("accumulation/descend", f)'
    harm = [f"def f(*inputs):\n    {body}\n\n\n{ask}" for body in HARMFUL]
    book = nbformat.v4.new_notebook()
    cells = [setup, "kept = 5", *harm, "kept"]
    book.cells = [nbformat.v4.new_code_cell(source) for source in cells]
    *harmed, last = code(execute_notebook(book))[2:]
    assert said(last) == ["5"]
    for cell in harmed:
        assert [output.output_type for output in cell.outputs] == ["execute_result"]
        assert said(cell)[0].startswith("✗ ")
