"""Remember how far the learner has come, also over a restart.

Each answer that was judged becomes a line of `progress.jsonl` beside the notebooks:
its question, state, misconception, try and time, and nothing that the learner wrote.
Lines are only added, each by one write that begins with the end of the line before it:
whatever else writes, crashes or breaks a line, no other line is lost.
"""

import json
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ..language import Text, join_sentences
from ..verdict import Verdict

PLACE = "AUTOGRAD_COURSE_PROGRESS"  # another file; empty where nothing shall be kept
NAME = "progress.jsonl"
HINT = Text("Hint {number} of {count}: {hint}", "提示 {number}/{count}：{hint}")
LAST = Text("The answer is folded below.", "答案折叠在下面。")


@dataclass(frozen=True)
class Record:
    """Hold what is kept of a judged answer."""

    question: str
    state: str
    misconception: str
    tries: int
    time: str


@dataclass(frozen=True)
class Tries:
    """Count the wrong tries at a question in this kernel, and the hints told."""

    wrong: int = 0
    told: int = 0


_TRIES: dict[str, Tries] = {}
_UNWRITTEN: list[Record] = []  # where the disk is full, or nothing may be written
_START = Path.cwd()  # a learner may go elsewhere later


def note_verdict(
    name: str, verdict: Verdict, hints: tuple[Text, ...], wanted: bool
) -> Verdict:
    """Note a verdict; from the second wrong try on, or where asked for, add a hint."""
    before = _TRIES.get(name, Tries())
    wrong, told, count = verdict.state == "wrong", before.told, len(hints)
    if hints and (wanted or (wrong and before.wrong)) and verdict.state != "right":
        number = min(told + 1, count)
        said = [HINT(number=number, count=count, hint=hints[number - 1]())]
        said += [LAST()] if told >= count else []
        verdict = replace(verdict, hint=join_sentences(said))
        told += 1
    _TRIES[name] = Tries(before.wrong + wrong, told)
    if verdict.state != "waiting":
        now = datetime.now(UTC).isoformat(timespec="seconds")
        idea, number = verdict.misconception, before.wrong + 1
        keep_record(Record(name, verdict.state, idea, number, now))
    return verdict


def count_wrong(name: str) -> int:
    """Count the wrong tries at a question in this kernel."""
    return _TRIES.get(name, Tries()).wrong


def read_states() -> dict[str, str]:
    """Return how each answered question stands: right if it ever was, else wrong."""
    states: dict[str, str] = {}
    for record in [*read_records(), *_UNWRITTEN]:
        if states.get(record.question) != "right":
            states[record.question] = record.state
    return states


def forget_all() -> Path | None:
    """Begin afresh; return where what was kept has been put aside, if it was.

    Raises OSError where the file cannot be moved.
    """
    _TRIES.clear()
    _UNWRITTEN.clear()
    file = find_file()
    if file is None or not file.exists():
        return None
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    return file.rename(file.with_stem(f"{file.stem}-{now}"))


def is_kept() -> bool:
    """Tell whether all that was judged in this kernel could be written."""
    return not (_UNWRITTEN and find_file())


def is_on_colab() -> bool:
    return "google.colab" in sys.modules


# ---------------------------------------------------------------- the file


def find_file() -> Path | None:
    """Return the file of the learner's progress; both editions share it."""
    if (chosen := os.environ.get(PLACE)) is not None:
        return Path(chosen) if chosen else None
    is_edition = _START.name == "zh" and any(_START.parent.glob("*.ipynb"))
    return (_START.parent if is_edition else _START) / NAME


def keep_record(record: Record) -> None:
    """Add a line to the file, and those that could not be added before."""
    waiting = [*_UNWRITTEN, record]
    _UNWRITTEN.clear()
    try:
        with open(find_file() or "", "ab", buffering=0) as file:
            while waiting and add_line(file, waiting[0]):
                del waiting[0]
    except OSError:
        pass
    _UNWRITTEN.extend(waiting)


def add_line(file: BinaryIO, record: Record) -> bool:
    """Tell whether a line could be added, not only a part of it."""
    line = f"\n{json.dumps(asdict(record))}".encode()
    return file.write(line) == len(line)


def read_records() -> Iterator[Record]:
    """Yield what the file holds, but for lines that are damaged or not ours."""
    try:
        lines = (find_file() or Path()).read_bytes().splitlines()
    except OSError:
        return
    for line in lines:
        try:
            record = Record(**json.loads(line))
        except (ValueError, TypeError, RecursionError):
            continue
        if type(record.question) is str and record.state in ("right", "wrong"):
            yield record
