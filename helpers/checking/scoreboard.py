"""Show which questions of a notebook, or of all, are right so far."""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..language import Text
from ..lessons import LESSONS, NOTEBOOKS, Exercise
from ..verdict import SIGN, Verdict, write_sign
from ..wording import name_thing
from . import progress
from .sections import name_cell

SCORE = Text("{right} of {count} right so far.", "共 {count} 题，目前答对 {right} 题。")
ALL_RIGHT = Text("All {count} right: well done.", "{count} 题全对，做得好！")
ROW = Text("{title} ({kind})", "{title}（{kind}）")
PREDICTION = Text("prediction", "预测")
YOUR_TURN = Text("your turn", "练习")
OF = Text("{right} of {count}", "{right}/{count}")
LEADS = Text("Each line leads to its place.", "点任意一行，就能跳到那里。")
KEPT = Text(
    "What is right stays right, also after a restart.",
    "答对的题会一直算对，重启内核之后也是。",
)
ON_COLAB = Text(
    "What is right stays right as long as this machine of Colab lives; afterwards "
    "*Run all* brings it back, since your answers stay in the cells.",
    "只要这台 Colab 机器还在，答对的题就一直算对；之后“全部运行”也能找回来，"
    "因为你的答案还在单元格里。",
)
IN_MEMORY = Text(
    "Nothing can be written beside the notebooks, so this lasts until a restart; then "
    "*Run all* brings it back, since your answers stay in the cells.",
    "笔记本旁边无法写入文件，所以这些只保留到重启内核为止；之后“全部运行”也能找回来，"
    "因为你的答案还在单元格里。",
)
AFRESH = Text(
    "A fresh start; right answers that were put aside in {file}: {right}.",
    "重新开始；已存放到 {file} 的答对题数：{right}。",
)
NOTHING_ASIDE = Text(
    "A fresh start: there was nothing to put aside.", "重新开始：之前没有任何记录。"
)
STUCK = Text(
    "{file} cannot be moved ({why}), so what was right still counts; close other "
    "programs that use it, or delete it.",
    "{file} 无法移动（{why}），所以答对的题仍然算数；请关掉正在使用它的程序，"
    "或删除它。",
)
NO_TOPIC = Text(
    "No lesson is called {came}; the lessons are {known}.",
    "没有名为 {came} 的课；现有的课是：{known}。",
)


@dataclass(frozen=True)
class Line:
    """Hold a line of the scoreboard: what it is about, and where that is."""

    title: str
    kind: str
    state: str
    place: str

    def __repr__(self) -> str:
        return f"{SIGN[self.state]} {ROW(title=self.title, kind=self.kind)}"

    def write_html(self) -> str:
        title = html.escape(self.title)
        if self.place:
            title = f'<a href="{html.escape(self.place)}">{title}</a>'
        return f"<li>{write_sign(self.state)} {ROW(title=title, kind=self.kind)}</li>"


@dataclass(frozen=True)
class Scoreboard:
    """Hold how far a learner has come; it shows itself, as text or as HTML."""

    title: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return "\n".join([self.title, *map(repr, self.lines), *self.notes])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        rows = "".join(line.write_html() for line in self.lines)
        style = "list-style: none; padding-left: 0; margin: 0.5em 0"
        said = "<br>".join(map(html.escape, self.notes))
        page = f'<div><b>{self.title}</b><ul style="{style}">{rows}</ul>{said}</div>'
        return {"text/plain": repr(self), "text/html": page}


def show_scoreboard(
    topic: str | None = None, *, reset: bool = False
) -> Scoreboard | Verdict:
    """Show which predictions and exercises are right so far.

    `topic` is the part of their names before the slash; without it all notebooks are
    shown, a line for each. With `reset=True` all begins afresh, in every notebook, and
    what was kept is put aside. Never raises.

        show_scoreboard("backward")
    """
    if topic is not None and (type(topic) is not str or topic not in NOTEBOOKS):
        said = NO_TOPIC(came=name_thing(topic), known=", ".join(NOTEBOOKS))
        return Verdict("wrong", said)
    begun = [begin_afresh()] if reset is True else []
    states = progress.read_states()
    make = list_notebooks(states) if topic is None else list_questions(topic, states)
    names = [name for name in LESSONS if topic in (None, topic_of(name))]
    return Scoreboard(write_score(names, states), tuple(make), (*begun, *write_notes()))


def topic_of(name: str) -> str:
    return name.partition("/")[0]


def count_right(names: Iterable[str], states: dict[str, str]) -> int:
    return sum(states.get(name) == "right" for name in names)


def write_score(names: list[str], states: dict[str, str]) -> str:
    right, count = count_right(names, states), len(names)
    return (ALL_RIGHT if right == count else SCORE)(right=right, count=count)


def list_questions(topic: str, states: dict[str, str]) -> Iterable[Line]:
    """Yield a line for each question of a notebook."""
    for name, lesson in LESSONS.items():
        if topic_of(name) == topic:
            kind = YOUR_TURN if isinstance(lesson, Exercise) else PREDICTION
            place = f"#cell-id={name_cell(name)}"
            yield Line(lesson.title(), kind(), states.get(name, "waiting"), place)


def list_notebooks(states: dict[str, str]) -> Iterable[Line]:
    """Yield a line for each notebook, with a link where it lies beside this one."""
    for topic, notebook in NOTEBOOKS.items():
        names = [name for name in LESSONS if topic_of(name) == topic]
        right, count = count_right(names, states), len(names)
        file = f"{notebook}.ipynb"
        state = "right" if right == count else "waiting"
        place = file if Path(file).exists() else ""
        yield Line(notebook, OF(right=right, count=count), state, place)


def begin_afresh() -> str:
    """Put aside what was kept, and say where."""
    right = count_right(LESSONS, progress.read_states())
    try:
        aside = progress.forget_all()
    except OSError as error:
        why = error.strerror or type(error).__name__
        return STUCK(file=progress.NAME, why=why)
    return AFRESH(right=right, file=aside.name) if aside else NOTHING_ASIDE()


def write_notes() -> tuple[str, str]:
    """Say where the lines lead, and how long what they say will last."""
    if not progress.is_kept():
        return LEADS(), IN_MEMORY()
    return LEADS(), (ON_COLAB if progress.is_on_colab() else KEPT)()
