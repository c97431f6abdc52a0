"""Which links lead somewhere, and which lead nowhere."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.authoring import links
from helpers.authoring.notebook import Notebook, write_notebook
from helpers.authoring.publish import COLAB

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole

BLOB = f"{COLAB}someone/somewhere/blob/main"


@pytest.fixture
def course(tmp_path, monkeypatch):
    """Return a folder of notebooks with a README beside them."""
    folder = tmp_path / "notebooks"
    (folder / "zh").mkdir(parents=True)
    (tmp_path / "a b.md").write_text("# The First: 梯度\n\ntext\n\n### x²\n", "utf-8")
    cells = [new_markdown_cell("# One"), new_code_cell("# Code")]
    cells.append(new_markdown_cell("words\n## It's two_halves  \n#no heading"))
    for path in (folder / "01_one.ipynb", folder / "zh" / "01_one.ipynb"):
        path.write_text(write_notebook(new_notebook(cells=cells)), "utf-8")
    monkeypatch.setattr(links, "NOTEBOOKS", folder)
    return folder


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("01_one.ipynb", True),
        ("zh/01_one.ipynb", True),
        ("02_two.ipynb", False),
        ("zh", True),
        ("zh#One", False),
        ("../a%20b.md", True),
        ("../a%20b.md#The-First:-梯度", True),
        ("../a%20b.md#the-first-%E6%A2%AF%E5%BA%A6", True),
        ("../a%20b.md#x²", True),
        ("../a%20b.md#text", False),
        ("../a%20b.md?plain=1#x²", True),
        ("../a%20b.md?plain=1?#second", False),
        ("01_one.ipynb#One", True),
        ("01_one.ipynb#Its-two_halves", True),
        ("01_one.ipynb#Its-two_halves#One", False),
        ("01_one.ipynb#Code", False),
        ("01_one.ipynb#words", False),
        ("01_one.ipynb#no-heading", False),
        ("#One", True),
        ("#Two", False),
        ("?query#One", True),
        ("https://example.org/nowhere", True),
        ("mailto:someone", True),
        ("nowhere/https://example.org", False),
        ("HTTPS", False),
        (f"{BLOB}/notebooks/01_one.ipynb", True),
        (f"{BLOB}/notebooks/zh/01_one.ipynb#One", True),
        (f"{BLOB}/notebooks/zh/01_one.ipynb#Two", False),
        (f"{BLOB}/notebooks/02_two.ipynb", False),
        (f"{BLOB}/notebooks/notebooks/01_one.ipynb", False),
        (f"{BLOB}/notebooks/zh/notebooks/01_one.ipynb", False),
        (f"{COLAB}someone/somewhere", True),
        ("https://example.org/notebooks/02_two.ipynb", True),
    ],
)
def test_a_link_leads_to_a_file_and_to_a_heading_in_it(
    course, other_locale, target, leads
):
    assert links.leads_somewhere(target, course / "01_one.ipynb") is leads


def test_the_links_that_lead_nowhere_are_listed_with_their_cells(course):
    cells = [
        new_markdown_cell("[a](no.md) and [b]( nor.md 'title'), [c](01_one.ipynb)"),
        new_code_cell("'[a](code.md)'"),
        new_markdown_cell("<a href='gone.md'>x</a> <img src=\"lost.png\">"),
        new_markdown_cell("`[a](span.md)`\n\n```\n[a](fence.md)\n```\n\n[d](#Nine)"),
    ]
    path = course / "02_two.ipynb"
    path.write_text(write_notebook(new_notebook(cells=cells)), "utf-8")
    book = Notebook(path)
    dead = links.list_dead_links(book)
    assert [(book.cells.index(cell), target) for cell, target in dead] == [
        (0, "no.md"),
        (0, "nor.md"),
        (2, "gone.md"),
        (2, "lost.png"),
        (3, "#Nine"),
    ]
