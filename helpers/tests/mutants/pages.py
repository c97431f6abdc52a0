"""Score what may go wrong in a notebook: its code, outputs, pictures and sentences."""

from collections.abc import Collection
from functools import partial

from helpers.tests.mutants import cells, setup, stored
from helpers.tests.mutants.reviewed import Score
from helpers.tests.notebooks.pages import BOOKS, code
from helpers.tests.notebooks.replay import outputs_of


def code_score(stem: str, known: Collection[str] = ()) -> Score:
    """Try every small wrong change to the code of a notebook, but for known ones."""
    count, survivors = cells.survivors_among_cells(stem, BOOKS[stem], known)
    return Score(f"{stem}: code", count, list(map(str, survivors)), 0.9)


def setup_score() -> Score:
    """Try every small wrong change to the setup cell."""
    count, survivors = setup.survivors_among_setups(next(iter(BOOKS.values())))
    return Score("setup: code", count, list(map(str, survivors)), 1.0)


def stored_scores(stem: str) -> list[Score]:
    """Alter what a notebook has stored or says, everywhere."""
    book = BOOKS[stem]
    shown = outputs_of([cell.source for cell in code(book)])
    characters = stored.unnoticed_characters(book, shown)
    blocks = stored.unnoticed_blocks(book, shown)
    digits = stored.unnoticed_numbers(book)
    return [
        Score(f"{stem}: characters of outputs", *characters, 1.0),
        Score(f"{stem}: blocks of pictures", *blocks, 1.0),
        Score(f"{stem}: digits in sentences", *digits, 0.7, reviewed=False),
    ]


def all_scores(progress=iter) -> list[Score]:
    """Return every score, notebook by notebook."""
    tasks = [setup_score]
    for stem in BOOKS:
        tasks += [partial(code_score, stem), partial(stored_scores, stem)]
    found: list[Score] = []
    for task in progress(tasks):
        scores = task()
        found += scores if isinstance(scores, list) else [scores]
    return found
