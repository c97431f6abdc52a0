"""A table to read at a glance: what each notebook holds, and how much was proved."""

from pathlib import Path

from helpers.book import open_notebook

ROW = "{:28}{:>9}{:>9}{:>10}{:>9}{:>11}  {}".format
COLUMNS = ("cells", "outputs", "pictures", "guesses", "solutions")


def table(folder: Path, stats: dict[str, list]) -> list[str]:
    """Return the lines of the table, one per notebook that a test was about.

    `stats` are pytest's reports, by their kind.
    """
    reports = [each for kind in stats.values() for each in kind]
    ran = [each for each in reports if getattr(each, "when", None) == "call"]
    passed = [each.nodeid for each in ran if each.passed]
    failed = [each.nodeid for each in ran if each.failed]
    lines = []
    for path in sorted(folder.rglob("*.ipynb")):
        place = path.relative_to(folder).as_posix()
        good, bad = (
            [name for name in names if is_about(place, name)]
            for names in (passed, failed)
        )
        if good or bad:
            columns = proved(path, good)
            title = place.removesuffix(".ipynb")
            lines.append(ROW(title, *columns, verdict(columns[0], bad)))
    return [ROW("notebook", *COLUMNS, "").rstrip(), *lines] if lines else []


def is_about(place: str, name: str) -> bool:
    """Tell whether a test is about a notebook; those of a lesson are about both."""
    file = name.partition("::")[0]
    if file.endswith(".ipynb"):
        return file.endswith(f"notebooks/{place}")
    return Path(place).stem in name


def verdict(cells: str, failed: list[str]) -> str:
    done, _, total = cells.partition("/")
    if failed:
        return f"{len(failed)} failed"
    return "all is well" if done in ("0", total) else "not all cells ran"


def proved(path: Path, passed: list[str]) -> list[str]:
    """Return for each column how much was proved, of how much there is."""
    try:
        counts = open_notebook(path).counts()
    except Exception:  # the rules tell why
        return ["?"] * len(COLUMNS)
    cells = sum("::Cell " in name for name in passed)
    holds = {
        "outputs": cells == counts["cells"],
        "pictures": cells == counts["cells"],
        "guesses": any("::test_each_prediction_is_judged" in name for name in passed),
        "solutions": any("::test_the_solution_on_the_page" in name for name in passed),
    }
    done = {"cells": cells} | {name: counts[name] * holds[name] for name in holds}
    return [f"{done[name]}/{counts[name]}" for name in COLUMNS]
