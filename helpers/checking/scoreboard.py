"""Show which questions of a notebook are right so far."""

import html
from dataclasses import dataclass

from ..language import Text
from ..lessons import LESSONS, Exercise
from ..verdict import SIGN, Verdict, write_sign
from ..wording import name_thing
from .progress import read_progress

SCORE = Text("{right} of {count} right so far.", "共 {count} 题，目前答对 {right} 题。")
ALL_RIGHT = Text("All {count} right: well done.", "{count} 题全对，做得好！")
NOTE = Text(
    "Each line leads back to its question. A restarted kernel starts afresh.",
    "点任意一行，就能回到那道题。重启内核后从头开始。",
)
ROW = Text("{title} ({kind})", "{title}（{kind}）")
GUESS = Text("guess", "猜测")
YOUR_TURN = Text("your turn", "练习")
NO_TOPIC = Text(
    "No lesson is called {came}; the lessons are {known}.",
    "没有名为 {came} 的课；现有的课是：{known}。",
)


@dataclass(frozen=True)
class Line:
    """Hold a question of the scoreboard: its name, title, kind and state."""

    name: str
    title: str
    kind: str
    state: str

    @property
    def anchor(self) -> str:
        """Return the id of the cell that asks this question."""
        return "ask-" + self.name.partition("/")[2].replace("_", "-")


@dataclass(frozen=True)
class Scoreboard:
    """Hold the questions of a lesson; it shows itself, as text or as HTML."""

    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Say how many are right."""
        count = len(self.lines)
        right = sum(line.state == "right" for line in self.lines)
        return (
            ALL_RIGHT(count=count)
            if right == count
            else SCORE(right=right, count=count)
        )

    def __repr__(self) -> str:
        rows = [
            f"{SIGN[line.state]} {ROW(title=line.title, kind=line.kind)}"
            for line in self.lines
        ]
        return "\n".join([self.title, *rows, NOTE()])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        rows = "".join(f"<li>{write_html(line)}</li>" for line in self.lines)
        style = "list-style: none; padding-left: 0; margin: 0.5em 0"
        page = f'<div><b>{self.title}</b><ul style="{style}">{rows}</ul>{NOTE()}</div>'
        return {"text/plain": repr(self), "text/html": page}


def write_html(line: Line) -> str:
    """Write a line with a link to the cell that asks the question."""
    link = f'<a href="#cell-id={line.anchor}">{html.escape(line.title)}</a>'
    return f"{write_sign(line.state)} {ROW(title=link, kind=line.kind)}"


def make_line(name: str) -> Line:
    """Look up how a question stands."""
    lesson = LESSONS[name]
    kind = YOUR_TURN() if isinstance(lesson, Exercise) else GUESS()
    return Line(name, lesson.title(), kind, read_progress(name).state)


def show_scoreboard(topic: str) -> Scoreboard | Verdict:
    """Show which guesses and exercises of a lesson are right so far in this kernel.

    `topic` is the part of its questions' names before the slash.
    """
    topics = list(dict.fromkeys(name.partition("/")[0] for name in LESSONS))
    if type(topic) is not str or topic not in topics:
        said = NO_TOPIC(came=name_thing(topic), known=", ".join(topics))
        return Verdict("wrong", said)
    names = [name for name in LESSONS if name.startswith(f"{topic}/")]
    return Scoreboard(tuple(map(make_line, names)))
