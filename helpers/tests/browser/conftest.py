"""Chromium, JupyterLab in both themes, and pages: each made once for all tests."""

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
def servers(browser):
    """Start both: the dark one's kernels are new, those of most tests are forks."""
    with jupyter_lab("light", warm=True) as light, jupyter_lab("dark") as dark:
        yield {"light": light, "dark": dark}


@pytest.fixture
def pages(browser):
    """Return a function that opens pages; all are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda *what, **options: stack.enter_context(
            new_page(browser, *what, **options)
        )


@pytest.fixture(scope="session")
def labs(browser, servers):
    """Keep pages with JupyterLab: to load one takes most of a test.

    There is one for each theme, and one that has not seen what a learner did before.
    """
    with contextlib.ExitStack() as stack:

        def load(theme) -> Lab:
            page = stack.enter_context(new_page(browser, theme=theme))
            return Lab(page, servers[theme].address)

        yield {}, load


@pytest.fixture
def open_lab(labs, servers, request):
    """Return a function that opens a notebook in JupyterLab.

    It does so as a newcomer would, or `again`: on a page that knows nothing of today.
    """
    loaded, load = labs

    def open_notebook(place, theme="light", width=1200, book=None, again=False):
        if not again:
            servers[theme].begin_afresh(place, book)
        # Where leaving fails, the next test gets a new page.
        lab = loaded.pop((theme, again), None)
        open_there = lab.open_beside if lab else (lab := load(theme)).open
        lab.page.set_viewport_size({"width": width, "height": HEIGHT})
        open_there(place)
        request.addfinalizer(lambda: leave(lab, theme, again))
        return lab

    def leave(lab, *which):
        lab.leave()
        loaded[which] = lab

    return open_notebook


@pytest.fixture(scope="session")
def album():
    return Album()
