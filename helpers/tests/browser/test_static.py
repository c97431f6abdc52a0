"""The notebooks as static pages, as GitHub and nbviewer show them: nothing runs."""

import contextlib
from functools import cache

import pytest

from helpers.tests.browser.axe import violations
from helpers.tests.browser.chromium import new_page
from helpers.tests.browser.expected import (
    NARROW,
    both_editions,
    name_of,
    read,
    stored_pictures,
    themes,
)
from helpers.tests.browser.server import ROOT
from helpers.tests.notebooks.pages import code

pytestmark = pytest.mark.browser

STATIC = {"light": ("classic", "light"), "dark": ("lab", "dark")}


@pytest.fixture(scope="module")
def static(tmp_path_factory):
    """Return a function that renders a stored notebook as GitHub and nbviewer do."""
    from nbconvert import HTMLExporter

    folder = tmp_path_factory.mktemp("static")

    def render(place, theme) -> str:
        """Return the address of the page: nothing is run."""
        page = folder / f"{name_of(place)}-{theme}.html"
        if not page.exists():  # two tests look at each
            template, colours = STATIC[theme]
            exporter = HTMLExporter(template_name=template, theme=colours)
            text, _ = exporter.from_filename(str(ROOT / place))
            page.write_text(text, "utf-8")
        return page.as_uri()

    return render


@pytest.fixture(scope="module")
def pages(browser):
    """Return a function that gives a page: each new one would be a new process."""
    with contextlib.ExitStack() as stack:
        yield cache(
            lambda *what, **options: stack.enter_context(
                new_page(browser, *what, **options)
            )
        )


LOADED = (
    "() => [...document.images].map(i => [i.naturalWidth, i.alt, i.src.slice(0, 5)])"
)
WIDTH = "() => document.scrollingElement.scrollWidth"
BARS = """() => [...document.querySelectorAll('*')]
    .filter(node => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0
        && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX))
    .map(node => node.className + ': ' + node.innerText.slice(0, 80))"""


def stored_alternatives(book) -> list[str]:
    return [
        output.metadata["image/png"].get("alt")
        for cell in code(book)
        for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]


@both_editions
@themes
def test_a_static_page_needs_no_script_and_shows_everything(
    place, theme, pages, static, album
):
    page = pages(NARROW, theme, java_script_enabled=False)
    page.goto(static(place, theme))
    book = read(place)
    pictures = page.evaluate(LOADED)
    assert len(pictures) == sum(map(stored_pictures, code(book)))
    assert all(width > 0 and source == "data:" for width, _, source in pictures)
    if theme == "light":  # the template of the dark page takes no alternative
        alternatives = [alternative for _, alternative, _ in pictures]
        assert alternatives == stored_alternatives(book) and all(alternatives)
    text = page.evaluate("() => document.body.innerText")
    assert "Error displaying widget" not in text and "odel not found" not in text
    assert page.evaluate(WIDTH) <= NARROW and page.evaluate(BARS) == []
    album.keep(page, f"{name_of(place)}-static-{theme}", full_page=True)


PALE = "<p style='color: #ccc; background: #fff'>pale</p><img src='data:,'>"


def test_axe_finds_what_is_wrong(pages):
    page = pages()
    page.set_content(PALE)
    found = " ".join(violations(page, "body"))
    assert "color-contrast" in found and "image-alt" in found


@both_editions
@themes
def test_axe_finds_nothing_wrong_on_the_static_page(place, theme, pages, static):
    page = pages(NARROW, theme)
    page.goto(static(place, theme))
    assert violations(page, "body") == []
