"""One language at a time for every sentence that the helpers say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

LANGUAGES = ("en", "zh")
_current = "en"
CHINESE = r"[\u3000-\u9fff\uff00-\uffef]"  # characters and signs
SPACE = re.compile(rf"(?<={CHINESE}) (?={CHINESE})")  # where a value was filled in


class Sentence(str):
    """Be a sentence in the current language that remembers its English."""

    english: str


@dataclass(frozen=True)
class Text:
    """Hold one sentence in every language, side by side."""

    en: str
    zh: str

    def __call__(self, **values: object) -> Sentence:
        """Say the sentence in the current language, with `{name}` filled in."""
        said = getattr(self, _current).format(**values)
        said = Sentence(SPACE.sub("", said) if _current == "zh" else said)
        said.english = self.en.format(**values)
        return said


def join_sentences(sentences: Iterable[str]) -> str:
    """Join sentences as the current language does: Chinese puts no space between."""
    return ("" if _current == "zh" else " ").join(sentences)


UNKNOWN = Text(
    "The language {came!r} is not spoken here; choose one of {known}.",
    "这里没有 {came!r} 这种语言；请从 {known} 中选一个。",
)


# JupyterLab prints the first line where the output of the setup cell is hidden.
READY = Text(
    "Run this cell first, and again after every restart of the kernel.\nReady.",
    "请先运行这个单元格；每次重启内核之后也要再运行一次。\n准备好了。",
)


def say_ready() -> None:
    """Say that the setup cell has run.

    say_ready()
    """
    print(READY())


def set_language(code: str) -> None:
    """Choose the language of all further sentences.

        set_language("zh")

    `code` is "en" or "zh"; raises ValueError for any other.
    """
    global _current
    if code not in LANGUAGES:
        raise ValueError(UNKNOWN(came=code, known=", ".join(LANGUAGES)))
    _current = code
