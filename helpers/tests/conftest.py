"""What every test of the helpers needs."""

import gc

import pytest


@pytest.fixture(autouse=True)
def nobody_listens_to_the_garbage_collector():
    """Take hypothesis' callback away, in which a time limit might strike."""
    listeners, gc.callbacks[:] = gc.callbacks[:], []
    yield
    gc.callbacks[:] = listeners
