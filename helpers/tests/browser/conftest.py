"""Chromium, JupyterLab in both themes, and pages: each made once for all tests."""

import contextlib
import os
from pathlib import Path

import pytest

from helpers.tests.browser.chromium import chromium, new_page
from helpers.tests.browser.lab import Lab
from helpers.tests.browser.server import jupyter_lab


@pytest.fixture(scope="session")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="session")
def servers(browser):
    with jupyter_lab("light") as light, jupyter_lab("dark") as dark:
        yield {"light": light, "dark": dark}


@pytest.fixture
def pages(browser):
    """Return a function that opens pages; all are closed in the end."""
    with contextlib.ExitStack() as stack:
        yield lambda *what, **options: stack.enter_context(
            new_page(browser, *what, **options)
        )


@pytest.fixture
def open_lab(pages, servers, request):
    """Return a function that opens a notebook in JupyterLab."""

    def open_notebook(place, theme="light", width=1200, book=None):
        servers[theme].begin_afresh(place, book)
        lab = Lab(pages(width, theme), servers[theme].address)
        request.addfinalizer(lab.close)
        lab.open(place)
        return lab

    return open_notebook


@pytest.fixture
def screenshots(tmp_path):
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
