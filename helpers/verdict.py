"""What a check says, for the eyes, the ears and the machine."""

import html
import re
from dataclasses import dataclass

from .language import Text

# The signs of verdicts stand on pages, light or dark ones, and in no picture.
SIGN_COLOUR = {"waiting": "#8a8a8a", "right": "#2e7d32", "wrong": "#c62828"}
SIGN = {"waiting": "○", "right": "✓", "wrong": "✗"}
WORD = {
    "waiting": Text("waiting", "等待作答"),
    "right": Text("right", "正确"),
    "wrong": Text("wrong", "不对"),
}
CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Link:
    """Hold where more is said, and the heading that stands there."""

    title: str
    place: str


@dataclass(frozen=True)
class Verdict:
    """Hold a judgement that shows itself, as text or as HTML with the same words.

    `state` is "waiting", "right" or "wrong"; `misconception` is the catalogue's name
    of the idea behind a wrong answer, or empty; `seen` is what gave it away, `hint`
    what helps further, and `link` leads to the section that treats it, if there is any.
    """

    state: str
    sentence: str
    misconception: str = ""
    seen: str = ""
    hint: str = ""
    counts: bool = True  # as a try; False where only how it is written is to be mended
    link: Link | None = None

    def lines(self) -> list[str]:
        """Return what there is to say, a line for each thing."""
        return [line for line in (self.sentence, self.seen, self.hint) if line]

    def __repr__(self) -> str:
        leads = [f"→ {self.link.title}"] if self.link else []
        return f"{SIGN[self.state]} " + "\n  ".join(self.lines() + leads)

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        sentence, *more = map(mark_up, self.lines())
        more += [f"→ {write_link(self.link)}"] if self.link else []
        body = f"{write_sign(self.state)} {'<br>'.join([sentence, *more])}"
        edge = f"border-left: 4px solid {SIGN_COLOUR[self.state]}; padding-left: 0.8em"
        page = f'<div role="status" style="{edge}">{body}</div>'
        return {"text/plain": repr(self), "text/html": page}


def ask_again(sentence: str) -> Verdict:
    """Say how to write an answer, or how to ask: whoever reads it has not tried yet."""
    return Verdict("waiting", sentence, counts=False)


def write_sign(state: str) -> str:
    """Write a state's sign so that it can be seen, and read aloud."""
    word, colour = WORD[state](), SIGN_COLOUR[state]
    style = f"color: {colour}; font-weight: bold"
    return f'<span role="img" aria-label="{word}" style="{style}">{SIGN[state]}</span>'


def write_link(link: Link) -> str:
    return f'<a href="{html.escape(link.place)}">{mark_up(link.title)}</a>'


def mark_up(sentence: str) -> str:
    """Turn a sentence into HTML, where `backticks` mark code."""
    return CODE.sub(r"<code>\1</code>", html.escape(sentence))
