"""A right notebook, and mistakes to plant in it: each breaks one rule."""

import copy
import json
import operator
from collections.abc import Callable
from functools import cache, reduce
from typing import NamedTuple

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from helpers.authoring.notebook import tidy_notebook, write_notebook
from helpers.authoring.publish import COLAB
from helpers.authoring.rules import FOLDED
from helpers.live import WIDGET_VIEW

PNG = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YA"
    "AAAASUVORK5CYII="
)
PICTURE = {"image/png": PNG, "text/plain": "a dot"}
ALT = {"image/png": {"alt": "a dot"}}
SETUP = f"""\
# @title Setup: run me first
from IPython.display import display
dot = {{"text/plain": "a dot"}}
dot["image/png"] = (
    "{PNG[:60]}"
    "{PNG[60:]}"
)
alt = {ALT}
check = show_scoreboard = lambda *_: None"""
SHOW = "display(dot, raw=True, metadata=alt)"
SECTIONS = 10
PROSE = "Guess what the product will be before you run the next cell. " * 6
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BY_ZERO = "division by zero"


def result(text):
    return new_output("execute_result", {"text/plain": text})


def stdout(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def shown(**data):
    """Return an output that `display` makes; HTML is called html."""
    return new_output("display_data", {f"text/{mime}": data[mime] for mime in data})


def picture(png=PNG, **metadata):
    metadata = {"image/png": {"alt": "a dot", **metadata}}
    return new_output("display_data", PICTURE | {"image/png": png}, metadata=metadata)


def code(source, *outputs, **metadata):
    return new_code_cell(source, outputs=list(outputs), metadata=metadata)


def code_that_raises(source, name, said):
    error = new_output("error", ename=name, evalue=said)
    return code(source, error, tags=["raises-exception"])


def right_notebook():
    """Give a notebook that keeps all rules, and whose outputs are true."""
    return copy.deepcopy(build_notebook())


@cache
def build_notebook():
    """Build it once, since each cell is validated."""
    cells = [
        new_markdown_cell(
            "# Numbers multiply\n*Needs*: nothing. *Takes*: 20 minutes.\n"
            "[on](right.ipynb#Section-c) <!-- constants: 20 -->"
        ),
        code(SETUP, **FOLDED),
    ]
    for number in range(SECTIONS):
        title = f"## Section {LETTERS[number]}"
        cells.append(new_markdown_cell(f"{title}\n{PROSE}"))
        cells.append(code(f"x = 3\ny = x * {number}\ny", result(f"{3 * number}")))
    cells[5] = code(SHOW, picture())
    cells[7] = code_that_raises("1 / 0", "ZeroDivisionError", BY_ZERO)
    cells[9] = code('print("a")\nprint("b")\n"hidden";', stdout("a\nb\n"))
    cells[11] = code(
        'import os\n"poison" in globals(), os.environ["OMP_NUM_THREADS"]',
        result("(False, '1')"),
    )
    cells[13] = code('import os\nos.system("echo seen; sleep 1");', stdout("seen\n"))
    cells[15] = code("6 * 7;\nOut[2]", result("0"))
    cells[16].source += (
        "\nTwice 21 is 42, and 2 · 3 + 1 = 7. `[4, 2]` and `x[9]`, $x^5$.\n"
        "1. The rows are 0, 7 and 42.\n\n<!-- constants: 2\n21 -->"
    )
    cells[17] = code("42, [0, 7, 42], [4, 2]", result("(42, [0, 7, 42], [4, 2])"))
    return numbered([*cells, *questions(), *end()])


# The lesson of that notebook; rules read it, and nobody imports it.
LESSON = """\
PRODUCT = Prediction(title=Text("a", "b"), truth=56.0)
SQUARES = Prediction(title=Text("a", "b"), truth=[1.0, 4.0, 9.0])
SORTED = Prediction(title=Text("a", "b"), truth=None)
DOUBLE = ExerciseBuilder(title=Text("a", "b"))
TRIPLE = ExerciseBuilder(title=Text("a", "b"))
LESSONS = {
    "demo/product": PRODUCT,
    "demo/squares": SQUARES,
    "demo/sorted": SORTED,
    "demo/double": DOUBLE.build(),
    "demo/triple": TRIPLE.build(),
}
"""
HIDDEN = {"outputs_hidden": True}
PREDICTIONS = (  # name, program, what is asked, what it shows, why
    ("product", "x = 7\ny = x * 8", "y", "56", "7 · 8 = 56."),
    ("squares", "z = [n * n for n in (1, 2, 3)]", "z", "[1, 4, 9]", "`[1, 4, 9]`."),
    ("sorted", "g = [3, 1].sort()", "g", "None", "It is `None`."),
)


def questions():
    """Return three predictions and two exercises, each with what it needs."""
    cells = []
    for name, program, asked, shown, why in PREDICTIONS:
        ask = f'guess = ...\n\n{program}\ncheck("demo/{name}", guess, {asked})'
        show = f'print("In the end:")\nprint({asked})'
        cells += [
            new_markdown_cell(f"## And now?\n\n**Predict.** What is `{asked}`?"),
            code(ask),
            code(show, stdout(f"In the end:\n{shown}\n"), jupyter=HIDDEN),
            new_markdown_cell(f"<details><summary>Why?</summary>\n\n{why}\n</details>"),
        ]
    for name in ("double", "triple"):
        cells += [
            new_markdown_cell(f"### Your turn\n\nWrite `{name}(x)`."),
            code(f'def {name}(x):\n    return ...\n\n\ncheck("demo/{name}", {name})'),
            new_markdown_cell(
                "<details><summary>Solution</summary>\n\n```python\n"
                f"def {name}(x):\n    return x + x\n```\n</details>"
            ),
        ]
    return cells


def end():
    return [
        new_markdown_cell("Three lines to take along:\n\n- One.\n- Two.\n- Three."),
        code('show_scoreboard("demo")'),
        new_markdown_cell("[Once more](right.ipynb)."),
    ]


def numbered(cells):
    """Make a notebook with the ids and counts that refresh gives, without noise."""
    notebook = new_notebook(cells=cells)
    for position, cell in enumerate(cells, 1):
        cell.id = f"cell-{position:02}"
    runs = [cell for cell in cells if cell.cell_type == "code"]
    for count, cell in enumerate(runs, 1):
        cell.execution_count = count
    return tidy_notebook(notebook)


# ---------------------------------------------------------------- plants, for the rules

VALID = "the notebook is valid and its ids are unique"
RUN = "every cell has run in order"
TAG = "the tag raises exception stands where an error is stored"
SWITCH = "nothing switches a comparison off"
TIDY = "the file is as refresh leaves it"
PORTABLE = "stored text says nothing about one machine or moment"
PICTURES = "a picture is a png with a text beside it"
FIRST = "the setup cell is first and folded and everywhere the same"
BUDGET = "the notebook keeps its budgets"
SIZE = "no cell is empty or raw or too large"
TITLE = "the first cell opens and the last one leads on"
KNOWN = "git knows the notebook"
TWINS = "the chinese edition is in step with the english one"  # see test_editions.py
HEADING = "a heading opens its cell"
PENCIL = "nothing is left to write"
SOLUTIONS = "code in a sentence is a solution which is tested"
SAID = "a number in a sentence is shown by its section"
LINKS = "links lead somewhere"
ASKED = "every question is known, asked, in order"
MINUTES = "the minutes are those that it takes"
SPOILER = "nothing tells an answer before the guess"
SUMMARY = "three lines to take along stand beside the scoreboard"


class Plant(NamedTuple):
    spoil: Callable  # a right notebook; it may return the file instead
    broken: list[str]  # the rules, the one that it is about first
    said: list[str]  # by that rule's failure


PLANTS = {}


def plant(rule, **mistakes):
    """Plant mistakes that break a rule: what its failure says, the mistake, what else.

    A failure says all parts between the three dots.
    """
    for name, (said, spoil, *also) in mistakes.items():
        PLANTS[name] = Plant(spoil, [rule, *also], said.split(" … "))


def at(number, change):
    """Change a cell, or the whole notebook for 0."""
    return lambda book: change(book.cells[number - 1] if number else book)


def put(number, *path):
    """Put the last of `path` where its other steps lead."""
    *steps, key, value = path
    return at(number, lambda it: get_at(it, steps).__setitem__(key, value))


def drop(number, *path):
    *steps, key = path
    return at(number, lambda it: get_at(it, steps).__delitem__(key))


def get_at(thing, steps):
    return reduce(operator.getitem, steps, thing)


def tag(number, name):
    return meta(number, "tags", [name])


def data(number, mime, value):
    return put(number, "outputs", 0, "data", mime, value)


def meta(number, *path):
    return put(number, "metadata", *path)


def write(number, source):
    return put(number, "source", source)


def add(number, more):
    return at(number, lambda cell: cell.update(source=cell.source + more))


def edit(number, old, new):
    return at(number, lambda cell: cell.update(source=cell.source.replace(old, new, 1)))


def share_an_id(book):
    book.cells[3].id = book.cells[5].id


def swap_cells(book):
    book.cells[3], book.cells[5] = book.cells[5], book.cells[3]


def turn_code_into_words(book):
    book.cells[3] = new_markdown_cell(book.cells[3].source, id="cell-04")


def name_a_path_in_an_error(book):
    said = {"evalue": "no file /home/ada"}
    said["traceback"] = ["ZeroDivisionError: no file /home/ada"]
    book.cells[7].outputs[0].update(said)


def keep_the_words_alone(book):
    book.cells = [cell for cell in book.cells if cell.cell_type == "markdown"]


def add_28_cells(book):
    book.cells[-1:-1] = [new_markdown_cell("More.", id=f"n-{n}") for n in range(28)]


def shorten_the_code(book):
    for number in (3, 7, 9, 13, 15, 17, 19, 21):
        book.cells[number].source = "0"
    book.cells[11].source = "import os"


def lengthen_most_code(book):
    for cell in book.cells[3:]:
        if cell.cell_type == "code":
            cell.source = f"z = 1\nz\nz\n{cell.source}"


def ask_fewer(book):
    del book.cells[26:34]


def end_lines_as_another_system(book):
    return write_notebook(book).replace("\n", "\r\n").encode()


def indent_otherwise(book):
    return json.dumps(book, indent=2).encode()


def add_a_warning(book):
    book.cells[3].outputs.append(stdout("mind the gap\n", "stderr"))


INVENTED = ["ZeroDivisionError: modulo by zero"]
WIDGETS = {"application/vnd.jupyter.widget-state+json": {}}
ERASE = "from IPython.display import clear_output\nx = 3\nx"
SLIDER = "import ipywidgets as w\nw.IntSlider().observe(print)"
BADGE = f"{COLAB}ada/course/blob/main/notebooks/00_missing.ipynb"
plant(
    VALID,
    unknown_key=("cell-04 … surprise", put(4, "surprise", 1)),
    repeated_id=("Cell 4 … shares its id", share_an_id, TIDY),
)
plant(
    RUN,
    unrun_cell=(
        "cell-04 … first line `x = 3` … [None], not [2]",
        put(4, "execution_count", None),
        TIDY,
    ),
    late_count=("cell-02 … [9], not [1]", put(2, "execution_count", 9)),
    moved_cell=("cell-06 … [2], not [3]", swap_cells),
    code_turned_into_words=(
        "cell-06 … [3], not [2]",
        turn_code_into_words,
        SAID,
    ),
)
plant(
    TAG,
    needless_tag=("cell-04 … raises nothing", tag(4, "raises-exception")),
    untagged_error=(
        "cell-08 … first line `1 / 0` … tag it",
        drop(8, "metadata", "tags"),
    ),
)
plant(
    SWITCH,
    marker_in_a_comment=(
        "cell-04 … NBVAL_",
        write(4, "# NBVAL_IGNORE_OUTPUT\nx = 3\nx"),
    ),
    marker_in_a_string=("cell-04 … NBVAL_", write(4, 'x = """\n# NBVAL_SKIP\n"""\nx')),
    old_marker=(
        "cell-04 … PYTEST_VALIDATE_",
        write(4, "# PYTEST_VALIDATE_IGNORE_OUTPUT\nx = 3\nx"),
    ),
    marker_in_a_tag=("cell-04 … nbval-", tag(4, "nbval-ignore-output")),
    skipped_by_refresh=("cell-04 … skip-execution", tag(4, "skip-execution")),
    hidden_by_a_magic=("cell-04 … %%", write(4, "%%capture\nx = 3\nx")),
    early_end=("cell-04 … `exit(`", write(4, "x = 3\nexit()")),
    timed_cell=("cell-04 … %time", write(4, "x = 3\n%timeit x")),
    slider_that_nobody_moves=("cell-04 … helpers.play", write(4, SLIDER)),
    slider_of_a_function=(
        "cell-04 … `interact`",
        write(4, "from helpers import interact\ninteract(print, x=3)"),
    ),
    cleared_output=("cell-04 … clear_output", write(4, ERASE)),
)
plant(
    TIDY,
    foreign_kernel=(
        "The notebook … `kernelspec`",
        meta(0, "kernelspec", "name", "my-env"),
    ),
    no_kernel=("The notebook … `kernelspec`", drop(0, "metadata", "kernelspec")),
    kernel_of_another_language=(
        "The notebook … `kernelspec`",
        meta(0, "kernelspec", "language", "julia"),
    ),
    output_that_one_editor_folds=(
        "cell-04 … `metadata`",
        meta(4, "collapsed", True),
        FIRST,
    ),
    not_hidden=("cell-04 … `metadata`", meta(4, "jupyter", {"outputs_hidden": False})),
    invented_traceback=(
        "cell-08 … `outputs`",
        put(8, "outputs", 0, "traceback", INVENTED),
    ),
    widget_state=("The notebook … `widgets`", meta(0, "widgets", WIDGETS)),
    colab_notebook=("The notebook … `colab`", meta(0, "colab", {"provenance": []})),
    other_indentation=("The notebook … not formatted", indent_otherwise),
    line_ends_of_another_system=(
        "The notebook … not formatted",
        end_lines_as_another_system,
    ),
    colab_cell=("cell-04 … `metadata`", meta(4, "outputId", "9f"), FIRST),
    widget_view=(
        "cell-04 … `outputs`",
        data(4, WIDGET_VIEW, {"model_id": "7"}),
        PICTURES,
    ),
)
plant(
    PORTABLE,
    carriage_return=(
        "cell-04 … '\\r'",
        put(4, "outputs", [stdout("grad = 7 wrong\rok\n")]),
    ),
    colour_code=("cell-04 … '\\x1b'", put(4, "outputs", [stdout("\x1b[31mred\n")])),
    memory_address=(
        "cell-04 … 0x7f3a5c0b1d60",
        data(4, "text/plain", "<object at 0x7f3a5c0b1d60>"),
    ),
    path_in_an_error=("cell-08 … '/home/ada'", name_a_path_in_an_error),
    warning=("cell-04 … stderr", add_a_warning),
)
plant(
    PICTURES,
    picture_without_words=(
        "cell-06 … without text/plain",
        drop(6, "outputs", 0, "data", "text/plain"),
    ),
    picture_for_the_eyes_alone=(
        "cell-06 … without alt",
        put(6, "outputs", 0, "metadata", {}),
    ),
    jpeg=("cell-06 … image/jpeg", data(6, "image/jpeg", PNG)),
    svg=("cell-06 … image/svg+xml", data(6, "image/svg+xml", "<svg/>")),
    attached_picture=(
        "cell-03 … no code draws",
        put(3, "attachments", {"a.png": {"image/png": PNG}}),
    ),
    picture_in_words=(
        "cell-03 … no code draws",
        add(3, f"\n<img src='data:image/png;base64,{PNG}'>"),
    ),
)
plant(
    FIRST,
    other_setup=("cell-02 … differs", add(2, "\nimport math")),
    untitled_setup=(
        "cell-02 … does not begin",
        edit(2, "# @title Setup: run me first\n", ""),
    ),
    open_setup=("cell-02 … not folded", drop(2, "metadata", "jupyter")),
    folded_lesson=(
        "cell-04 … only the setup cell",
        meta(4, "jupyter", {"source_hidden": True}),
    ),
)
plant(
    BUDGET,
    no_cells=("0 cells; the budget", put(0, "cells", []), SUMMARY),
    only_words=("0 lines of code", keep_the_words_alone, SAID, SUMMARY, MINUTES),
    many_cells=("71 cells; the budget is 25 to 70", add_28_cells),
    long_prose=(
        "words of prose; the budget is 700 to 2200",
        add(3, " word" * 1500),
        MINUTES,
    ),
    little_code=("lines of code; the budget is 40 to 150", shorten_the_code),
    long_median=("lines in its median code cell", lengthen_most_code),
    few_predictions=(
        "has 1 predictions; the budget is 3 to 12",
        ask_fewer,
        ASKED,
        RUN,
    ),
    heavy_file=("bytes", data(6, "image/png", PNG * 3000)),
)
plant(
    SIZE,
    long_setup=("cell-02 … 21 lines, 20 fit", add(2, "\n1" * 12), FIRST),
    long_cell=(
        "cell-04 … 18 lines, 15 fit",
        write(4, "x = 3\n" + "\n" * 15 + "x = 0\nx"),
    ),
    wide_cell=(
        "cell-04 … columns, 88 fit",
        write(4, f"x = 3\ny = {' + '.join('0' * 30)}\ny"),
    ),
    empty_cell=("cell-05 … is empty", write(5, " \n")),
    raw_cell=("cell-05 … empty or raw", put(5, "cell_type", "raw")),
)
plant(
    TITLE,
    second_title=("cell-03 … one H1", write(3, f"# Too loud\n{PROSE}")),
    no_title=("cell-01 … one H1", edit(1, "# ", "`# not a title` ")),
    no_promise=("cell-01 … *Takes*", edit(1, "*Needs*", "Wants")),
    no_next_one=(
        "cell-43 … must lead on to no_promise.ipynb",
        write(43, "[Again](right.ipynb)."),
    ),
    no_door=("cell-43 … must lead on to", write(43, "The end.")),
)
plant(
    HEADING,
    buried_heading=(
        "cell-05 … `## The next section` below its start",
        add(5, "\n## The next section\nThere."),
    ),
    two_headings=("cell-05 … `### Below`", edit(5, "\n", "\n### Below\n")),
)
plant(
    PENCIL,
    unwritten_sentence=(
        "cell-05 … still to be written … `✎ Why.`",
        add(5, "\n\n✎ Why."),
    ),
    unwritten_code=("cell-04 … `x = 3  # ✎ its size`", edit(4, "3", "3  # ✎ its size")),
)
plant(
    SOLUTIONS,
    code_in_words=("cell-03 … never runs", add(3, "\n```\n# no heading\nx = 43\n```")),
)
plant(
    LINKS,
    dead_link=("cell-03 … `00_missing.ipynb`", add(3, "\n[back](00_missing.ipynb)")),
    dead_anchor=(
        "cell-03 … `right.ipynb#Section-x`",
        add(3, "\n[there](right.ipynb#Section-x)"),
    ),
    dead_badge=(
        "cell-03 … /main/notebooks/00_missing.ipynb",
        add(3, f'\n<a href="{BADGE}">open</a>'),
    ),
)
plant(
    SAID,
    constant_of_another_cell=("cell-19 … says 21", add(19, "\n\nIt is 21.")),
    output_of_another_section=("cell-19 … says 7", add(19, "\n\nIt is 7.")),
)
ASKS = 'check("demo/squars", 1, 2)'
plant(
    ASKED,
    unknown_question=(
        "asks demo/squars … demo/squares",
        add(4, f"\n{ASKS}"),
        TIDY,
        MINUTES,
    ),
)
plant(
    MINUTES,
    wrong_minutes=(
        "cell-01 … 25 minutes; write 20",
        edit(1, "20 min", "25 min"),
        SAID,
    ),
    minutes_left_to_write=(
        "cell-01 … promises few minutes; write 20",
        edit(1, "20 min", "few min"),
    ),
)
plant(
    SUMMARY,
    two_lines=("cell-42 … three lines", edit(41, "\n- Three.", "")),
    no_scoreboard=("has no scoreboard", write(42, "0")),
)
plant(
    SPOILER,
    shown_at_once=("cell-25 … shows what demo/product asks", put(25, "metadata", {})),
    told_in_the_first_line=(
        "cell-25 … tells the answer of demo/product … «56»",
        put(25, "outputs", [stdout("56\n")]),
    ),
    told_below=(
        "cell-30 … tells the answer of demo/squares … 1, 4 and 9",
        add(30, "\n\nThe squares are 1, 4 and 9."),
    ),
    told_in_words=(
        "cell-26 … demo/product … It is fifty-six»",
        add(26, "\n\nIt is fifty-six."),
    ),
    told_in_chinese=("cell-26 … 得到五十六»", add(26, "\n\n得到五十六。")),
    told_in_a_heading=(
        "cell-31 … demo/squares … 1, 4, 9",
        edit(31, "And now?", "Those were `[1, 4, 9]`"),
        SAID,
    ),
    told_by_the_heading_above=(
        "cell-31 … demo/sorted",
        edit(31, "And now?", "`g` is None"),
    ),
    hidden_for_nothing=(
        "cell-04 … hides an output that answers nothing",
        meta(4, "jupyter", HIDDEN),
    ),
    hidden_question=("ask-product … answers nothing", meta(24, "jupyter", HIDDEN)),
)
CLAIMS = {
    "number": ("43", "It is 43."),
    "sign": ("−42", "It is −42."),
    "decimal": ("4.2", "It is 4.2."),
    "list": ("0, 42, 7", "It is `[0, 42, 7]`."),
    "words": ("7, 0 and 42", "They are 7, 0 and 42."),
    "code": ("43", "It is `43`."),
    "grown": ("4 3", "Now `.grad += [4 3]`."),
    "product": ("2 · 21 = 43", "Now 2 · 21 = 43."),
    "sum": ("21 + 2 · 21 = 42", "Now 21 + 2 · 21 = 42."),
    "folded": ("43", "<details><summary>Why?</summary>\n\nIt is 43.\n\n</details>"),
    "table": ("43", "| a | b |\n| --- | --- |\n| 43 | 42 |"),
}
for name, (said, words) in CLAIMS.items():
    said = f"cell-17 … says {said}, … constants"
    plant(SAID, **{f"claim_{name}": (said, add(17, f"\n\n{words}\n"))})
