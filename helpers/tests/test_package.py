"""The names that notebooks use are the package's own, and there are no others."""

import pytest

import helpers


def test_every_name_leads_to_what_it_names():
    found = {name: getattr(helpers, name) for name in helpers.__all__}
    assert {name: thing.__name__ for name, thing in found.items()} == {
        name: name for name in found
    }
    assert len(found) == 11


def test_all_names_can_be_fetched_at_once():
    scope = {}
    exec("from helpers import *", scope)
    assert set(helpers.__all__) <= set(scope)


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="module 'helpers' has no attribute 'odd'"):
        _ = helpers.odd


def test_both_editions_give_the_same_names():
    for language in ("en", "zh"):
        exec(f"from helpers.{language} import check", scope := {})
        assert scope["check"] is helpers.check
        with pytest.raises(ImportError, match="cannot import name 'odd'"):
            exec(f"from helpers.{language} import odd")
    helpers.set_language("en")
