"""What every test of the helpers needs."""

import gc

import pytest
from hypothesis import settings

from helpers.language import set_language

# The same random inputs each time, and no deadline on a slow machine. Not said in
# .pytest.ini, since who runs the notebooks alone need not wait for hypothesis.
settings.load_profile("ci")


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
