"""What every test of the helpers needs."""

import gc

import pytest

from helpers.language import set_language


@pytest.fixture(autouse=True)
def nobody_listens_to_the_garbage_collector():
    """Take hypothesis' callback away, in which a time limit might strike."""
    listeners, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = listeners


@pytest.fixture
def chinese():
    """Let the helpers speak Chinese, in one test."""
    set_language("zh")
    yield
    set_language("en")
