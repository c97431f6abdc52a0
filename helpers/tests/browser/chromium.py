"""The Chromium that is installed, with an empty profile and no way out."""

import contextlib
import importlib.util
import os
import shutil
from collections.abc import Iterator

import pytest

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # To route every request by Playwright would take a sixth of an opening's time.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
HEIGHT = 1000
REQUIRED = "BROWSER_REQUIRED"  # set by .ci/run, where a skipped test is no proof


def installed() -> str:
    """Return the path of Chromium; skip the test, with the reason, if it is missing."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    playwright = importlib_finds("playwright") and importlib_finds(
        "axe_playwright_python"
    )
    missing = [
        *([] if program else ["the program chromium"]),
        *([] if playwright else ["the packages of .ci/requirements.txt"]),
    ]
    if missing:
        said = f"no browser test without {' and '.join(missing)}; install them first"
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(said)
    return program


def importlib_finds(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@contextlib.contextmanager
def chromium() -> Iterator:
    """Start Chromium; give its browser, which opens pages."""
    program = installed()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@contextlib.contextmanager
def new_page(browser, width: int = 1200, theme: str = "light", **options) -> Iterator:
    """Open a page that reaches nothing but this machine."""
    size = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=theme, **options)
    try:
        yield context.new_page()
    finally:
        context.close()
