"""A table to read at a glance: what each notebook holds, and how much was proved.

Tests say what they are about, and how much of a column they look at, by the
properties of their reports (pytest's `record_property`), never by their names.
"""

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
            lines.append(write_row(title, path, mine))
    return [ROW("notebook", *COLUMNS, "").rstrip(), *lines] if lines else []


def write_row(title: str, path: Path, reports: list[pytest.TestReport]) -> str:
    done = count_proved(reports)
    try:
        whole = open_notebook(path).counts()
    except Exception:  # the rules tell why
        columns = ["?"] * len(COLUMNS)
    else:
        columns = [write_share(done.get(name), whole[name]) for name in COLUMNS]
    failed = {each.nodeid for each in reports if each.failed}
    return ROW(title, *columns, write_verdict(columns, len(failed)))


def count_proved(reports: list[pytest.TestReport]) -> dict[str, int]:
    """Return how much of each column was proved; a test that failed proves nothing."""
    done: dict[str, int] = {}
    for report in reports:
        for name, value in report.user_properties:
            if name in COLUMNS and report.when == "call":
                done[name] = done.get(name, 0) + value * report.passed
    return done


def write_share(done: int | None, whole: int) -> str:
    return NOT_RUN if done is None and whole else f"{done or 0}/{whole}"


def write_verdict(columns: list[str], failed: int) -> str:
    if failed:
        return f"{failed} failed"
    if all(len({*column.split("/")}) == 1 and column != NOT_RUN for column in columns):
        return "all is well"
    return "what ran is well"
