"""A field for answers below a question, in a live notebook; needs ipywidgets."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Protocol

from ..language import Text
from ..live import STILL, WIDGET_VIEW
from ..verdict import SIGN, Verdict, mark_up

NUMBER = Text("Question {number} of {count}:", "第 {number} 题，共 {count} 题：")
FIELD = Text("Your answer:", "你的回答：")
EXAMPLE = Text("a number, [a, list], or None", "数、[列表] 或 None")
JUDGE, NEXT = Text("Check", "检查"), Text("Next question", "下一题")


class Question(Protocol):
    """Be something that can be asked, and judges the answer."""

    @property
    def words(self) -> str:
        """Return what is asked."""

    def judge(self, guess: object) -> Verdict:
        """Judge an answer."""


class Form:
    """Ask one question after the other, with core controls alone."""

    def __init__(self, questions: Sequence[Question], values: str, widgets: Any):
        self.questions, self.values = questions, values
        self.states: dict[int, str] = {}
        self.at = 0
        self.asks, self.says = widgets.HTML(), widgets.HTML()
        # A value comes with Enter, or as the field is left: for a button, too.
        self.field = widgets.Text(
            description=FIELD(),
            placeholder=EXAMPLE(),
            continuous_update=False,
            style={"description_width": "initial"},
        )
        judge, more = (widgets.Button(description=it()) for it in (JUDGE, NEXT))
        self.field.observe(self.judge, "value")
        more.on_click(self.go_on)
        row = widgets.HBox([self.field, judge, more])
        self.box = widgets.VBox([self.asks, row, self.says])
        self.ask()

    def ask(self) -> None:
        """Show the question."""
        number = NUMBER(number=self.at + 1, count=len(self.questions))
        lines = f"{number} {self.questions[self.at].words}", self.values
        self.asks.value = "<br>".join(map(mark_up, lines))
        self.field.value = self.says.value = self.judged = ""

    def judge(self, *event: object) -> None:
        """Judge what stands in the field, unless it is what was judged last."""
        given = self.field.value.strip()
        if given and given != self.judged:
            self.judged = given
            verdict = self.questions[self.at].judge(given)
            self.states[self.at] = verdict.state
            self.says.value = verdict._repr_mimebundle_()["text/html"]

    def go_on(self, *event: object) -> None:
        """Ask the next question; after the last one, the first."""
        self.at = (self.at + 1) % len(self.questions)
        self.ask()

    def close(self) -> None:
        """Let go of all controls, so that nobody saves them."""
        for control in (self.box, *self.box.children, *self.box.children[1].children):
            control.close()

    def __repr__(self) -> str:
        states = sorted(self.states.items())
        lines = (f"{SIGN[it]} {self.questions[n].words}" for n, it in states)
        return "\n".join(lines)


def show_form(
    questions: Sequence[Question], values: str, words: dict[str, str]
) -> bool:
    """Show a form until the next cell runs; tell whether that was possible.

    A form is dead without its kernel, and whoever saves a notebook saves what it shows:
    so words take its place as soon as something else is run: what was answered, or else
    `words`.
    """
    shell, widgets = find_shell(), find_widgets()
    if os.environ.get(STILL) or shell is None or widgets is None:
        return False
    from IPython.display import display

    form = Form(questions, values, widgets)
    view = {"version_major": 2, "version_minor": 0, "model_id": form.box.model_id}
    handle = display(words | {WIDGET_VIEW: view}, raw=True, display_id=True)

    def fold(*info: object) -> None:
        shell.events.unregister("pre_run_cell", fold)
        form.close()
        left = {"text/plain": repr(form)} if form.states else words
        handle.update(left, raw=True)

    shell.events.register("pre_run_cell", fold)
    return True


def find_shell() -> Any:
    """Return the IPython of a kernel, if there is one."""
    with suppress(KeyError, AttributeError):
        shell = sys.modules["IPython"].get_ipython()
        return shell if hasattr(shell, "kernel") else None
    return None


def find_widgets() -> Any:
    """Return ipywidgets, if it is installed."""
    with suppress(ImportError):
        import ipywidgets

        return ipywidgets
    return None
