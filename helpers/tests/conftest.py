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


@pytest.fixture(scope="session")
def engine():
    """Return what the engine of the course holds, and a copy of that.

    It is imported here, since who hands tests out to workers needs no PyTorch.
    """
    from helpers.lessons import engine

    return vars(engine), dict(vars(engine))


@pytest.fixture(autouse=True)
def the_engine_is_that_of_the_course(engine):
    """Put the engine's functions back: a right answer takes the place of one."""
    held, copy = engine
    yield
    held.update(copy)


def pytest_collection_finish():
    """Spare the garbage collector what was imported: many a test calls it."""
    gc.freeze()
