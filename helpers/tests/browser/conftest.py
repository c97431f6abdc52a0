"""Chromium, JupyterLab, and pages: each made once for all tests."""

import contextlib

import pytest

from helpers.tests.browser.chromium import HEIGHT, chromium, new_page
from helpers.tests.browser.lab import Album, Lab
from helpers.tests.browser.server import jupyter_lab


@pytest.fixture(scope="session")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def server(browser):
    with jupyter_lab() as found:
        yield found


@pytest.fixture
def pages(browser):
    """Return a function that opens pages; all are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda *what, **options: stack.enter_context(
            new_page(browser, *what, **options)
        )


@pytest.fixture(scope="session")
def labs(browser, server):
    """Keep pages with JupyterLab: to load one takes most of a test.

    There is one more that has not seen what a learner did before.
    """
    with contextlib.ExitStack() as stack:

        def load() -> Lab:
            return Lab(stack.enter_context(new_page(browser)), server.address)

        yield {}, load


@pytest.fixture
def open_lab(labs, server, request):
    """Return a function that opens a notebook in JupyterLab.

    It does so as a newcomer would, or `again`: on a page that knows nothing of today.
    """
    loaded, load = labs

    def open_notebook(place, theme="light", width=1200, book=None, again=False):
        if not again:
            server.begin_afresh(place, book)
        # Where leaving fails, the next test gets a new page.
        lab = loaded.pop(again, None)
        open_there = lab.open_beside if lab else (lab := load()).open
        lab.page.set_viewport_size({"width": width, "height": HEIGHT})
        open_there(place)
        request.addfinalizer(lambda: leave(lab, again))
        lab.wear(theme)
        return lab

    def leave(lab, again):
        lab.wear("light")
        lab.leave()
        loaded[again] = lab

    return open_notebook


@pytest.fixture(scope="session")
def album():
    return Album()
