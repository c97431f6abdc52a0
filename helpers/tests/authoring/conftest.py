"""What several tests of the authors' tools need."""

import locale

import pytest


@pytest.fixture
def other_locale():
    """Let files be ASCII unless somebody says what they are, as on some machines."""
    before = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C")
    yield
    locale.setlocale(locale.LC_CTYPE, before)
