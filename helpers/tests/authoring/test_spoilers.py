"""What tells an answer before the guess is found, and what does not tell it is not."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring import questions, spoilers
from helpers.authoring.spellings import read_values, write_plainly

HIDDEN = {"jupyter": {"outputs_hidden": True}}


def words(source):
    return new_markdown_cell(source)


def code(source, shows="", **metadata):
    outputs = [new_output("stream", name="stdout", text=shows)] if shows else []
    return new_code_cell(source, outputs=outputs, metadata=metadata)


def hidden(source, shows):
    return code(source, shows, **HIDDEN)


def ask(program, asked="x.grad", name="here"):
    return code(f'guess = ...\n\n{program}\ncheck("lesson/{name}", guess, {asked})')


def found(cells, truth, name="lesson/here"):
    """Return the positions of the cells that give a truth away."""
    told = list(spoilers.find_spoilers(cells, {name: truth}))
    return sorted({next(n for n, it in enumerate(cells) if it is c) for c, _ in told})


CUBE = "x = torch.tensor(2.0, requires_grad=True)\ny = x**3\ny.backward()"
SQUARES = (
    "x = torch.arange(4.0, requires_grad=True)\ny = x * x\ny.backward(torch.ones(4))"
)
LEAVES = "a = torch.ones(2)\nb = a * 2\nc = b * 2"
TITLE = words("# A title")
HEAD = words("## How steep?\n\n**Predict.** What will it be?")
WHY = words("<details><summary>Why?</summary>\n\nIt is 12, `[0, 2, 4, 6]`.\n</details>")
NEXT = words("## Another section")


def page(*below, program=CUBE, asked="x.grad", above=()):
    return [TITLE, HEAD, *above, ask(program, asked), *below]


# ---------------------------------------------------------------- what follows

FOLLOWS = {
    "its gradient": "x.grad",
    "its name": "print(y.item())",
    "a picture of its result": "show_graph(y)",
    "all of it again": f"{CUBE}\nx.grad",
    "one line of it again": "x = torch.ones(1)\nz = 1\nshow_graph(x**3)",
    "in a block": "with watch():\n    z = x**3\nshow_graph(z)",
    "in a loop": "for n in range(2):\n    print(x)",
    "by another name": "slope = x.grad\nslope",
    "under a condition": "if y > 0:\n    print(1)\nelse:\n    print(x.grad)",
    "in a comprehension": "[t.grad for t in (x, y)]",
    "where it is tried": "try:\n    y.sum()\nexcept RuntimeError as e:\n    print(e)",
    "within a new name": "x = x * 1\nx",
}
LEADS_ELSEWHERE = {
    "another x": "x = torch.arange(4.0)\nx.requires_gard = True\nx.requires_gard",
    "the same leaf alone": "x = torch.tensor(2.0, requires_grad=True)\nx",
    "its own names": "def f(x):\n    y = 2 * x\n    return y\n\n\nf(torch.ones(2))",
    "an x that is imported": "from math import e as x\nx",
    "another y that walks": "y = torch.ones(1, requires_grad=True)\ny.backward()\ny",
}


@pytest.mark.parametrize("source", FOLLOWS.values(), ids=FOLLOWS)
def test_what_follows_from_the_program_must_be_hidden(source):
    assert found(page(code(source, "In the end:\n…")), 12.0) == [3]
    assert found(page(hidden(source, "In the end:\n12.0")), 12.0) == []


@pytest.mark.parametrize("source", LEADS_ELSEWHERE.values(), ids=LEADS_ELSEWHERE)
def test_what_does_not_follow_may_be_seen(source):
    assert found(page(code(source, "…")), 12.0) == []


def test_what_follows_is_known_over_several_cells():
    below = [code("x = torch.tensor(2.0, requires_grad=True)\nz = x**3"), code("w = z")]
    assert found(page(*below, code("show_graph(w)", "…")), 12.0) == [5]


def test_a_call_of_the_same_function_with_the_same_name_follows():
    program = "x = torch.tensor([1.0, 2.0], requires_grad=True)\nf(x).backward(v)"
    above = [code("def f(x):\n    return 3 * x")]
    again = (
        "x = torch.tensor([1.0, 2.0], requires_grad=True)\nwith watch():\n    z = f(x)"
    )
    cells = page(code(again), code("show_graph(z)", "…"), program=program, above=above)
    assert found(cells, [2.0, 51.0]) == [5]


def test_in_another_section_a_line_with_other_numbers_is_another():
    other = "x = torch.tensor(7.0)\nshow_graph(x**3)"
    same = "x = torch.tensor(2.0, requires_grad=True)\nshow_graph(x**3)"
    cells = page(NEXT, code(other, "…"), code(same, "…"))
    assert found(cells, 12.0) == [5]


def test_the_next_question_ends_it():
    assert found(page(ask("z = 1", "z", "next"), code("x.grad", "12.")), 12.0) == []


def test_only_what_answers_a_question_is_hidden():
    cells = [
        TITLE,
        code("1", "1", **HIDDEN),
        HEAD,
        ask(CUBE),
        hidden("x.grad", "a\n12"),
    ]
    cells += [ask("z = 1", "z", "unknown"), hidden("2", "2")]
    assert found(cells, 12.0) == [1, 6]
    cells[3].metadata = HIDDEN
    assert found(cells, 12.0) == [1, 3, 6]


# ---------------------------------------------------------------- what is said

SPELT = r"""
12 12. 12.0 +12 1.2e1 12.000 tensor(12.) `12` **12** $12$ (12) [12.] 24/2
$\frac{24}{2}$ $\tfrac{24}{2}$ twelve Twelve 十二 １２
"""
TWELVE = SPELT.split()
TWELVE += ["12 = 6 + 6", "6 + 6 = 12", "tensor(12., grad_fn=<AddBackward0>)", "| 12 |"]
TWELVE += ["tensor(12.) tensor(4.)", "y: 12", "12\n", "so 12, not 8", "是十二个"]
OTHERS = """
112|12.5|x12|12x|x_12|x_{12}|x^{12}|x**12|x[12]|[12, 50]|notebook 12|12 operations
frame 12|torch.Size([12])|twelfth|第十二轮|第 12 步|120|1.2|-12|−12|minus twelve
"""
NOT_TWELVE = OTHERS.strip().replace("\n", "|").split("|")


@pytest.mark.parametrize("said", TWELVE)
def test_a_number_is_found_in_any_spelling(said):
    assert found(page(WHY, words(said)), 12.0) == [4]
    assert found(page(WHY, code("1", said)), 12.0) == [4]
    assert found(page(above=[words(said)]), 12.0) == [2]
    assert found(page(hidden("x.grad", f"{said}\nmore")), 12.0) == [3]


@pytest.mark.parametrize("said", NOT_TWELVE)
def test_another_number_is_not_taken_for_it(said):
    assert found(page(WHY, words(f"See {said} there.")), 12.0) == []


MANY = {
    -6.0: ["-6", "−6", "–6.", "minus six", "negative six", "负六", "tensor(-6.)"],
    0.5: ["0.5", ".5", "1/2", "½", "5e-1", "one half.", "zero point five", "零点五"],
    204800.0: ["204800", "204,800", "2.048e5", "二十万四千八百", "204800.0"],
    30.0: ["30", "thirty", "三十", "3e1"],
    float("nan"): ["It is `nan`.", "得到 nan。", "It is NaN.", "x.grad: nan"],
}
CASES = [(truth, said) for truth, all_said in MANY.items() for said in all_said]
CASES += [(204800.0, "two hundred and four thousand eight hundred")]


@pytest.mark.parametrize(("truth", "said"), CASES)
def test_other_numbers_are_found_too(truth, said):
    assert found(page(words(said), program="y = f(9)"), truth) == [3]


LIST = [0.0, 2.0, 4.0, 6.0]
LISTS = {
    "python": "[0, 2, 4, 6]",
    "floats": "[0.0, 2.0, 4.0, 6.0]",
    "tensor": "tensor([0., 2., 4., 6.])",
    "numpy": "[0. 2. 4. 6.]",
    "a picture": "0  x     leaf          [0 1 2 3]  [0 2 4 6]",
    "bare": "0, 2, 4, 6",
    "words": "zero, two, four and six",
    "chinese": "0、2、4 和 6",
    "a tuple": "(0, 2, 4, 6)",
    "a row": "| a | b | c | d |\n| - | - | - | - |\n| 0 | 2 | 4 | 6 |",
    "a column": "| a | b |\n| - | - |\n| w | 0 |\n| x | 2 |\n| y | 4 |\n| z | 6 |",
    "lines": "0.0\n2.0\n4.0\n6.0",
    "tensors": "tensor(0.)\ntensor(2.)\ntensor(4.)\ntensor(6.)",
    "a vertical vector": "[[0.],\n [2.],\n [4.],\n [6.]]",
    "lines with names": "a gets 0\nb gets 2\nc gets 4\nd gets 6",
    "a sentence": "First 0, after it 2, then a 4, at last 6.",
    "latex": r"$\begin{pmatrix}0 & 2 & 4 & 6\end{pmatrix}$",
    "latex below": r"$\begin{pmatrix}0\\2\\4\\6\end{pmatrix}$",
    "longer": "0, 2, 4, 6, 8",
}


@pytest.mark.parametrize("said", LISTS.values(), ids=LISTS)
def test_a_list_is_found_in_any_form(said):
    for below in (words(said), code("1", said)):
        assert found(page(below, program=SQUARES), LIST) == [3]
        assert found(page(NEXT, below, program=SQUARES), LIST) == [4]
        assert found(page(above=[below], program=SQUARES), LIST) == [2]
    assert (
        found(page(words("[0, 2, 4], 6 and [6, 4, 2, 0]"), program=SQUARES), LIST) == []
    )


FLAGS = [True, True, False]
SAID_OF_FLAGS = {
    "python": "[True, True, False]",
    "numpy": "[ True  True False]",
    "tensor": "tensor([ True,  True, False])",
    "bare": "True, True and False",
    "lines": "a leaf: True [1. 1.]\nb leaf: True [2. 2.]\nc leaf: False [2. 2.]",
    "a table": "| t | leaf |\n| - | - |\n| a | True |\n| b | True |\n| c | False |",
    "a sentence": "For `a` True, for `b` True, for `c` False.",
}


@pytest.mark.parametrize("said", SAID_OF_FLAGS.values(), ids=SAID_OF_FLAGS)
def test_a_list_of_flags_is_found_in_any_form(said):
    assert found(page(words(said), program=LEAVES, asked="[1]"), FLAGS) == [3]
    other = "Write `[True, False, True]`, with `True` or `False` in it."
    assert found(page(words(other), program=LEAVES, asked="[1]"), FLAGS) == []


# ---------------------------------------------------------------- tiny truths

NONE = {
    "It is `None`.": True,
    "`x.grad` is None": True,
    "`x.grad` → `None`": True,
    "So `x.grad` still holds `None`.": True,
    "它是 `None`。": True,
    "`x.grad` 里还是 `None`": True,
    "A number, or `None`?": False,
    "(One number or `None`.)": False,
    "一个数，或者 `None`。": False,
    "`y` is None": False,
    "不是 None": False,
    "None of these matters.": False,
}
TWO = {
    "It is 2.": True,
    "1 + 1 = 2": True,
    "The gradient: two.": True,
    "梯度是二。": True,
    "`x.grad` has grown to 2": True,
    "x = 2": False,
    "Here are 2 arrows.": False,
    "It is 2 times as steep.": False,
    "两条路": False,
    "Read 2 lines": False,
}


@pytest.mark.parametrize("said", NONE)
def test_none_counts_where_it_is_said_of_what_was_asked(said):
    assert bool(found(page(words(said)), None)) == NONE[said]


@pytest.mark.parametrize("said", TWO)
def test_a_tiny_number_counts_where_it_is_said_of_what_was_asked(said):
    program = "x = torch.tensor(3.0, requires_grad=True)\ny = x + x\ny.backward()"
    assert bool(found(page(words(said), program=program), 2.0)) == TWO[said]


def test_a_tiny_truth_counts_in_the_first_line_of_what_follows():
    assert found(page(hidden("x.grad", "None tensor(6.)")), None) == [3]
    graph = "Graph of y: x at the top, 2 operations below.\n0  x     leaf   3   2"
    assert found(page(hidden("show_graph(y)", graph)), 2.0) == []


def test_a_number_of_the_program_is_no_answer_by_itself():
    program = "x = torch.tensor(9.0, requires_grad=True)\ny = x * 9\ny.backward()"
    assert found(page(words("Here `x` is 9."), program=program), 9.0) == []
    assert found(page(words("So `x.grad` is 9."), program=program), 9.0) == [3]


# ---------------------------------------------------------------- where it is seen


def test_what_is_folded_is_not_seen_but_its_summary_is():
    assert found(page(WHY), 12.0) == []
    for seen in (
        "<details><summary>It is 12</summary>\n\nWhy?\n</details>",
        "<details open><summary>Why?</summary>\n\n12\n</details>",
        "<details><summary>Why?</summary>\n\nSo.\n</details>\n\nIt is 12.",
    ):
        assert found(page(words(seen)), 12.0) == [3]


def test_marks_and_addresses_are_not_seen():
    assert found(page(words("<!-- constants: 12 -->[on](12_next.ipynb)")), 12.0) == []


def test_a_picture_tells_by_its_words_and_its_alt():
    for told in ({"text/plain": "12"}, {"text/html": "<b>12</b>"}):
        cell = code("show()")
        cell.outputs = [new_output("display_data", {"image/png": "", **told})]
        assert found(page(cell), 12.0) == [3]
    alt = {"image/png": {"alt": "Its slope is 12."}}
    cell.outputs = [new_output("display_data", {"image/png": ""}, metadata=alt)]
    assert found(page(cell), 12.0) == [3]


def test_of_a_hidden_output_the_first_line_is_seen():
    assert found(page(hidden("x.grad", "\n12\n")), 12.0) == [3]
    assert found(page(hidden("x.grad", "In the end:\n12\n")), 12.0) == []


def test_above_the_guess_a_hidden_output_has_been_run():
    above = [ask("z = 1", "z", "first"), hidden("z * 12", "In the end:\n12")]
    cells = page(above=above)
    told = spoilers.find_spoilers(cells, {"lesson/here": 12.0, "lesson/first": 1.0})
    assert [cell for cell, _ in told] == [cells[3]]


def test_a_comment_and_an_equation_in_code_tell():
    assert found(page(code("print(1)  # it is 12")), 12.0) == [3]
    assert found(page(code("assert t.grad == 12")), 12.0) == [3]
    assert found(page(code("t = torch.tensor(12.0)")), 12.0) == []


def test_headings_tell():
    heading = words("## The gradient is 12\n\n**Predict.** What will it be?")
    assert found([TITLE, heading, ask(CUBE)], 12.0) == [1]
    assert found([words("# Why it is 12"), HEAD, ask(CUBE)], 12.0) == [0]
    assert found(page(words("## So it is 12")), 12.0) == [3]


def test_in_another_section_a_small_number_may_be_met_by_chance():
    assert found(page(NEXT, words("Take 12 of them.")), 12.0) == []
    assert found(page(NEXT, words("`x.grad` is 12.")), 12.0) == [4]


# ---------------------------------------------------------------- lessons


def test_truths_are_read_from_lessons_and_not_imported(tmp_path):
    (tmp_path / "lesson.py").write_text(
        'A = Prediction(truth=[float("nan"), -1.5], title=1)\n'
        "B = Prediction(truth=None)\n"
        "C = ExerciseBuilder(title=1)\n"
        'LESSONS = {"t/a": A, "t/b": B, "t/c": C.build()}\n'
    )
    truths = questions.read_truths(tmp_path)
    assert repr(truths) == "{'t/a': [nan, -1.5], 't/b': None}"


def test_every_prediction_of_the_course_has_a_truth_that_is_read():
    from helpers.lessons import LESSONS
    from helpers.lessons.model import Prediction

    truths = questions.read_truths(questions.LESSONS)
    known = {it: q.truth for it, q in LESSONS.items() if isinstance(q, Prediction)}
    assert repr(sorted(truths.items(), key=repr)) == repr(
        sorted(known.items(), key=repr)
    )


def test_values_are_read_where_they_stand():
    text = write_plainly("It is `12`, or twelve.")
    assert [text[it.start : it.end] for it in read_values(text)] == ["12", "twelve"]


def test_a_notebook_without_questions_tells_nothing():
    assert found(new_notebook().cells, 1.0) == []
