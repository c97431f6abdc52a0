"""What the READMEs and the pages beside them show and say is so."""

import base64
import re
from textwrap import dedent

import nbformat
import pytest

from helpers.authoring import editions, links, refresh
from helpers.authoring.execute import execute_notebook
from helpers.authoring.notebook import NOTEBOOKS, list_lessons, open_notebook
from helpers.authoring.outputs import compare_pictures, is_pinned_matplotlib
from helpers.authoring.rules import WORD, count_minutes
from helpers.checking.answers import is_same, make_plain
from helpers.checking.machine import Program
from helpers.language import Text
from helpers.lessons import Prediction

ROOT = NOTEBOOKS.parent
PICTURE = ROOT / ".github" / "walk.png"
RECIPES = ROOT / ".github" / "CONTRIBUTING.md"
READMES = {"en": ROOT / "README.md", "zh": NOTEBOOKS / "zh" / "README.md"}
PAGES = [*READMES.values(), *sorted((ROOT / ".github").glob("*.md"))]
# The guess is marked `py`, not `python`: `refresh` draws what the first of those shows.
ANSWERED = re.compile(r"```py\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
FENCE = re.compile(r"```.*?```|<!--.*?-->|<[^>]*>|\]\([^)]*\)", re.DOTALL)


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_the_example_shows_the_graph_and_the_picture_of_the_walk(readme):
    graph, walk, stored = (
        base64.b64encode(png).decode()
        for png in (
            *refresh.run_readme(readme.read_text("utf-8")),
            PICTURE.read_bytes(),
        )
    )
    assert graph != walk
    differs = is_pinned_matplotlib() and compare_pictures(stored, walk)
    assert not differs, f"walk.png {differs}; run `python -m helpers refresh README`"


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_the_wrong_guess_gets_the_answer_that_stands_below_it(readme):
    ((code, answer),) = ANSWERED.findall(readme.read_text("utf-8"))
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    (cell,) = execute_notebook(book, ROOT).cells
    assert cell.outputs[-1].data["text/plain"] == answer.rstrip()
    assert answer.startswith("✗ ")


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_readme_shows_that_picture(readme):
    (place,) = re.findall(r'<img src="([^"]+)"', readme.read_text("utf-8"))
    assert (readme.parent / place).resolve() == PICTURE


@pytest.mark.parametrize("readme", READMES.values(), ids=READMES)
def test_the_notebooks_take_as_many_minutes_as_it_says(readme):
    span = r"(\d+) (?:to|到) (\d+) (?:minutes|分钟)"
    low, high = map(int, re.search(span, readme.read_text("utf-8")).groups())
    taken = {
        it.stem: count_minutes(open_notebook(it)) for it in list_lessons(NOTEBOOKS)
    }
    longer = {name: it for name, it in taken.items() if not low <= it <= high}
    assert taken and not longer, f"{readme.name} says {low} to {high} minutes"


def test_readme_is_one_screen_that_is_read():
    count = len(WORD.findall(FENCE.sub(" ", READMES["en"].read_text("utf-8"))))
    if count > 700:
        pytest.fail(f"README has {count} words; 700 fit on its screen", pytrace=False)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.relative_to(ROOT)}")
def test_links_lead_somewhere(page):
    found = map("".join, links.LINK.findall(page.read_text("utf-8")))
    assert [it for it in found if not links.leads_somewhere(it, page)] == []


def test_the_program_in_the_recipe_is_that_of_its_cell_and_gives_its_truth():
    blocks = re.findall(r"(?ms)^   ```python\n(.*?)^   ```", RECIPES.read_text("utf-8"))
    lesson, _, cell = map(dedent, blocks[:3])
    known = {"Text": Text, "Prediction": Prediction}
    exec(lesson, known)
    asked = re.fullmatch(r"(?s)guess = \.\.\.\n\n(.*)\ncheck\(.*, (.*)\)\n", cell)
    program, truth = known["MEAN"].program, make_plain(known["MEAN"].truth)
    assert program.strip() == "\n".join(asked.groups())
    assert is_same(Program(program).run().answer, truth, 1e-6)


def test_what_a_third_language_costs_is_about_what_is_said():
    """To a tenth: sentences of the helpers, their words, cells of words, theirs."""
    cost = RECIPES.read_text("utf-8").partition("That is some ")[2].partition(":")[0]
    told = [int(it.replace(",", "")) for it in re.findall(r"\d[\d,]*", cost)]
    found = []
    for pairs in ([*editions.find_sentences()], [*editions.find_cells()]):
        found += [len(pairs), sum(len(WORD.findall(it.english)) for it in pairs)]
    assert told == pytest.approx(found, rel=0.1), f"{RECIPES.name}: now {found}"
