"""What a new notebook holds before anybody has written it: the anatomy of a lesson.

Wherever the pencil stands, something is still to be written; a rule finds it there.
"""

from string import Template
from typing import NamedTuple

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from .rules import FOLDED


class Prose(NamedTuple):
    id: str
    source: str


class Code(NamedTuple):
    id: str
    source: str
    hidden: bool = False  # its outputs, which answer the question above


TITLE = Prose(
    "title",
    """\
# ✎ Ask with a verb what this notebook will answer

✎ A sentence that says what the reader will see, and one that says what it is good for.

*Needs*: ✎ what is used without being explained. *Takes*: ✎ minutes. \
[中文](zh/$name.ipynb)""",
)
SECTION = (
    Prose(
        "$part-h",
        "## ✎ Ask what this section will answer\n\n✎ What there is to see first:",
    ),
    Code("$part-look", "x = torch.tensor($at, requires_grad=True)\ny = $formula\ny"),
    Prose(
        "$part-q",
        "✎ What the next cell does.\n\n**Predict.** ✎ What will `x.grad` be?",
    ),
    Code(
        "ask-$part",
        """\
guess = ...

x = torch.tensor($at, requires_grad=True)
y = $formula
y.backward()
check("$topic/$part", guess, x.grad)""",
    ),
    Prose(
        "$part-why",
        "<details><summary>Why?</summary>\n\n✎ Why it is so, what to see of it in the "
        "picture below, and what one might have thought instead.\n</details>",
    ),
    Code(
        "$part-picture",
        "with watch():\n    y = $formula\nshow_graph(y)",
        hidden=True,
    ),
)
TURN = (
    Prose(
        "turn-$part",
        "### Your turn: ✎ the task in a few words\n\n"
        "✎ What `$function(x)` gets, what it returns, and what it must leave alone.",
    ),
    Code(
        "ask-turn-$part",
        'def $function(x):\n    return ...\n\n\ncheck("$topic/turn_$part", $function)',
    ),
    Prose(
        "turn-$part-solution",
        "<details><summary>Solution</summary>\n\n```python\ndef $function(x):\n"
        "    return $formula\n```\n\n✎ What matters in it.\n</details>",
    ),
)
END = (
    Prose("claim", "## $claim\n\n✎ Which line must hold if the claim is true:"),
    Code(
        "claim-holds",
        "x = torch.tensor(3.0, requires_grad=True)\n(x**2).backward()\nx.grad == 2 * x",
    ),
    Prose("take-along", "Three lines to take along:\n\n- ✎\n- ✎\n- ✎"),
    Code("scoreboard", 'show_scoreboard("$topic")'),
    Prose(
        "door",
        "✎ What is still open, and where it is answered: [✎]($following).",
    ),
)
GUESSES = (  # where x is, a formula, and its slope there, which is not its value
    {"part": "first", "at": "3.0", "formula": "x**2", "truth": "6.0"},
    {"part": "second", "at": "2.0", "formula": "x**3", "truth": "12.0"},
    {"part": "third", "at": "5.0", "formula": "3 * x", "truth": "3.0"},
)
TURNS = (
    {"part": "one", "function": "double", "formula": "2 * x"},
    {"part": "two", "function": "square", "formula": "x * x"},
)


def build_notebook(setup: str, names: dict[str, str]) -> NotebookNode:
    """Build a notebook with all of the anatomy and nothing of its words."""
    cells = [fill_cell(TITLE, names), new_code_cell(setup, id="setup", metadata=FOLDED)]
    for plan, parts in ((SECTION, GUESSES), (TURN, TURNS), (END, ({},))):
        cells += [fill_cell(cell, names | part) for part in parts for cell in plan]
    return new_notebook(cells=cells)


def fill_cell(plan: Prose | Code, names: dict[str, str]) -> NotebookNode:
    new_cell = new_code_cell if isinstance(plan, Code) else new_markdown_cell
    cell = new_cell(fill(plan.source, names), id=fill(plan.id, names))
    if isinstance(plan, Code) and plan.hidden:
        cell.metadata["jupyter"] = {"outputs_hidden": True}
    return cell


def fill(text: str, names: dict[str, str]) -> str:
    return Template(text).substitute(names)


# ---------------------------------------------------------------- the lesson file

LESSON = '''\
"""Questions of notebook $name: ✎ what they are about."""

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, vector
'''
PREDICTION = '''
# ---- ✎ what is guessed here

$constant = Prediction(
    title=Text("✎ a few words for the scoreboard", "✎ 记分板上的几个字"),
    lesson=Text("✎ The sentence worth remembering.", "✎ 值得记住的一句话。"),
    hints=(
        Text("✎ Where to look.", "✎ 往哪里看。"),
        Text("✎ Nearly the answer.", "✎ 差一点就是答案。"),
    ),
    truth=$truth,
    program="""
x = torch.tensor($at, requires_grad=True)
y = $formula
y.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "GRAD-IS-VALUE",
            $value,
            en="✎ What this guess is, and why it is not the answer.",
            zh="✎ 这个预测是什么，为什么不是答案。",
        ),
        Mistake(
            "NONE-IS-ZERO",
            0.0,
            en="✎ What this guess would say, and why it is not so.",
            zh="✎ 这个预测等于说什么，为什么不对。",
        ),
    ),
)
'''
CASES = '''
# ---- ✎ what is written here


def vectors():
    """Yield vectors of several lengths."""
    chance = dice(0)
    for size in (1, 2, 5):
        yield (vector(chance, size),)
'''
EXERCISE = """

def $function(x):
    return $formula


$constant = ExerciseBuilder(
    title=Text("✎ a few words for the scoreboard", "✎ 记分板上的几个字"),
    lesson=Text("✎ The sentence worth remembering.", "✎ 值得记住的一句话。"),
    hints=(
        Text("✎ Where to look.", "✎ 往哪里看。"),
        Text("✎ Nearly the solution.", "✎ 差一点就是答案。"),
    ),
    cases=vectors,
    solution=$function,
)


@$constant.mistake(
    "INPUT-RETURNED",
    en="✎ What this function does, and what is missing.",
    zh="✎ 这个函数做了什么，缺了什么。",
)
def input_returned_by_$function(x):
    return x
"""


def write_lesson(name: str, topic: str) -> str:
    """Write the file of a lesson whose questions can be asked, but say nothing yet."""
    predictions = {part["part"]: part["part"].upper() for part in GUESSES}
    exercises = {
        f"turn_{part['part']}": f"TURN_{part['part'].upper()}" for part in TURNS
    }
    return "".join(
        [
            fill(LESSON, {"name": name}),
            *(fill(PREDICTION, name_guess(part)) for part in GUESSES),
            CASES,
            *(fill(EXERCISE, name_turn(part)) for part in TURNS),
            "\n\nLESSONS = {\n",
            *(f'    "{topic}/{key}": {it},\n' for key, it in predictions.items()),
            *(f'    "{topic}/{key}": {it}.build(),\n' for key, it in exercises.items()),
            "}\n",
        ]
    )


def name_guess(part: dict[str, str]) -> dict[str, str]:
    value = part["formula"].replace("x", part["at"])
    return part | {"constant": part["part"].upper(), "value": value}


def name_turn(part: dict[str, str]) -> dict[str, str]:
    return part | {"constant": f"TURN_{part['part'].upper()}"}
