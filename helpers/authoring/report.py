"""A table to read at a glance: what each notebook holds, and how much was proved.

Tests say what they are about, and how much of a column they look at, by the
properties of their reports (pytest's `record_property`), never by their names.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from .notebook import open_notebook

ROW = "{:28}{:>9}{:>9}{:>10}{:>9}{:>11}  {}".format
COLUMNS = ("cells", "outputs", "pictures", "guesses", "solutions")
NOT_RUN = "–"


def mark_notebook(path: Path) -> tuple[str, str]:
    """Return the property of a test that is about one file."""
    return "notebook", str(path.resolve())


def mark_lesson(stem: str) -> tuple[str, str]:
    """Return the property of a test that is about both editions of a lesson."""
    return "lesson", stem


def write_table(folder: Path, reports: Iterable) -> list[str]:
    """Return the lines of the table, one per notebook that a test was about."""
    tests = [each for each in reports if isinstance(each, pytest.TestReport)]
    lines = []
    for path in sorted(folder.rglob("*.ipynb")):
        about = {mark_notebook(path), mark_lesson(path.stem)}
        mine = [each for each in tests if about & {*map(tuple, each.user_properties)}]
        if any(each.when == "call" or each.failed for each in mine):
            title = path.relative_to(folder).with_suffix("").as_posix()
            failed = {each.nodeid for each in mine if each.failed}
            columns = [*write_shares(path, mine)]
            lines.append(ROW(title, *columns, write_verdict(columns, len(failed))))
    return [ROW("notebook", *COLUMNS, "").rstrip(), *lines] if lines else []


def write_shares(path: Path, reports: list[pytest.TestReport]) -> list[str]:
    """Return how much of each column was proved; a test that failed proves nothing."""
    done: Counter[str] = Counter()
    for report in reports:
        for name, value in report.user_properties:
            if name in COLUMNS and report.when == "call" and isinstance(value, int):
                done[name] += value * report.passed
    try:
        whole = open_notebook(path).counts()
    except Exception:  # the rules tell why
        return ["?"] * len(COLUMNS)
    return [
        f"{done[it]}/{whole[it]}" if it in done or not whole[it] else NOT_RUN
        for it in COLUMNS
    ]


def write_verdict(columns: list[str], failed: int) -> str:
    if failed:
        return f"{failed} failed"
    if all(len({*column.split("/")}) == 1 and column != NOT_RUN for column in columns):
        return "all is well"
    return "what ran is well"
