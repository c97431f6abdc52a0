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

    def __repr__(self) -> str:
        return f"{SIGN[self.state]} {ROW(title=self.title, kind=self.kind)}"

    @property
    def anchor(self) -> str:
        """Return the id of the cell that asks this question."""
        return "ask-" + self.name.partition("/")[2].replace("_", "-")

    def write_html(self) -> str:
        link = f'<a href="#cell-id={self.anchor}">{html.escape(self.title)}</a>'
        return f"<li>{write_sign(self.state)} {ROW(title=link, kind=self.kind)}</li>"


@dataclass(frozen=True)
class Scoreboard:
    """Hold the questions of a lesson; it shows itself, as text or as HTML."""

    lines: tuple[Line, ...]

    @property
    def title(self) -> str:
        """Say how many are right."""
        count = len(self.lines)
        right = sum(line.state == "right" for line in self.lines)
        return (ALL_RIGHT if right == count else SCORE)(right=right, count=count)

    def __repr__(self) -> str:
        return "\n".join([self.title, *map(repr, self.lines), NOTE()])

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        rows = "".join(line.write_html() for line in self.lines)
        style = "list-style: none; padding-left: 0; margin: 0.5em 0"
        page = f'<div><b>{self.title}</b><ul style="{style}">{rows}</ul>{NOTE()}</div>'
        return {"text/plain": repr(self), "text/html": page}


def show_scoreboard(topic: str) -> Scoreboard | Verdict:
    """Show which guesses and exercises of a lesson are right so far in this kernel.

    `topic` is the part of its questions' names before the slash.
    """
    topics = list(dict.fromkeys(name.partition("/")[0] for name in LESSONS))
    if type(topic) is not str or topic not in topics:
        said = NO_TOPIC(came=name_thing(topic), known=", ".join(topics))
        return Verdict("wrong", said)
    lines = []
    for name, lesson in LESSONS.items():
        if name.startswith(f"{topic}/"):
            kind = YOUR_TURN if isinstance(lesson, Exercise) else GUESS
            state = read_progress(name).state
            lines.append(Line(name, lesson.title(), kind(), state))
    return Scoreboard(tuple(lines))
