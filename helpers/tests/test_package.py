"""The names that notebooks use, and what holds for all helpers."""

import ast
import inspect
import re
import warnings
from collections import Counter
from dataclasses import FrozenInstanceError, is_dataclass
from importlib import import_module
from pathlib import Path

import pytest

import helpers
from helpers.authoring.publish import Origin
from helpers.checking.answers import Odd, Outcome, Raised
from helpers.checking.progress import Record, Tries
from helpers.checking.scoreboard import Line, Scoreboard
from helpers.drawing.layout import Arrangement, Grid
from helpers.drawing.nest import Nest
from helpers.drawing.player import Frame, Player
from helpers.drawing.sampling import Break, Curve, Probe, Sample
from helpers.drawing.scene import Scene
from helpers.graph.calls import Call, Layer
from helpers.graph.contract import Calls, ModuleCall, Plan
from helpers.graph.contract import Frame as CallFrame
from helpers.graph.data import Edge, Graph, ModuleBox, Node, Trace
from helpers.graph.depth import DepthRecord
from helpers.graph.inputs import Constant
from helpers.graph.names import Way
from helpers.language import Text
from helpers.tracing.answer import Answer
from helpers.tracing.causes import Finding
from helpers.tracing.cuts import Cause
from helpers.tracing.cutting import Cut, Road
from helpers.tracing.flows import Behind
from helpers.tracing.question import Question
from helpers.tracing.segments import Segment
from helpers.verdict import Verdict

PLAIN_DATA = {Arrangement, Break, Constant, Curve, Edge, Frame, Graph, Grid, Line}
PLAIN_DATA |= {Node, Odd, Origin, Outcome, Player, Raised, Record, Sample, Scene}
PLAIN_DATA |= {Scoreboard, Text, Trace, Tries, Verdict, Way}
PLAIN_DATA |= {Answer, Behind, Call, Calls, Cause, Cut, Finding, ModuleBox, ModuleCall}
PLAIN_DATA |= {CallFrame, Plan, Segment}
FILLED = {Probe, DepthRecord, Layer, Nest, Road, Question}
FOLDER = Path(helpers.__file__).parent
FILES = [
    path
    for path in sorted(FOLDER.rglob("*.py"))
    if path.relative_to(FOLDER).parts[0] != "tests" and path.stem != "__main__"
]


def dotted(path):
    """Return the name of a module, or of the package whose `__init__.py` it is."""
    parts = path.relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_every_name_leads_to_what_it_names():
    found = {name: getattr(helpers, name) for name in helpers.__all__}
    assert {name: thing.__name__ for name, thing in found.items()} == {
        name: name for name in found
    }
    assert len(found) == 19
    assert dir(helpers) == sorted(helpers.__all__)  # what a learner is offered


@pytest.mark.parametrize("name", helpers.__all__)
def test_what_a_learner_reads_of_a_verb_has_an_example_and_every_option(name):
    verb = getattr(helpers, name)
    told = inspect.getdoc(verb)
    assert f"{name}(" in told or name == "Picture"
    options = {*inspect.signature(verb).parameters} if name != "Picture" else set()
    assert {each for each in options if not re.search(rf"\b{each}\b", told)} == set()


def test_all_names_can_be_fetched_at_once():
    scope = {}
    exec("from helpers import *", scope)
    assert set(helpers.__all__) <= set(scope)


def test_another_name_is_refused():
    with pytest.raises(AttributeError, match="module 'helpers' has no attribute 'odd'"):
        _ = helpers.odd


def test_what_a_library_warns_of_as_it_is_loaded_is_not_shown(monkeypatch):
    def load(*_):
        warnings.warn("An old name.", FutureWarning, stacklevel=1)
        return helpers.language

    monkeypatch.setattr(helpers, "import_module", load)
    assert helpers.say_ready.__name__ == "say_ready"


def test_both_editions_give_the_same_names():
    for language in ("en", "zh"):
        exec(f"from helpers.{language} import check", scope := {})
        assert scope["check"] is helpers.check
        with pytest.raises(ImportError, match="cannot import name 'odd'"):
            exec(f"from helpers.{language} import odd")
    helpers.set_language("en")


@pytest.mark.parametrize("kind", sorted(PLAIN_DATA, key=str))
def test_plain_data_stays_as_it_is(kind):
    with pytest.raises(FrozenInstanceError):
        object.__new__(kind).new = 5


def test_only_what_is_filled_step_by_step_can_be_changed():
    names = map(dotted, FILES)
    things = [it for name in names for it in vars(import_module(name)).values()]
    helpers.set_language("en")  # the two editions were among them
    kinds = {it for it in things if isinstance(it, type) and is_dataclass(it)}
    assert {it for it in kinds if not it.__dataclass_params__.frozen} == FILLED


def test_the_long_names_of_others_are_written_once():
    """Guard against two addresses, types or variables of which one is changed."""
    foreign = re.compile(r"[a-z]+:?/\S{6,}|\.[a-z_]{10,}|[A-Z]+_[A-Z_]{8,}")
    found = Counter()
    for path in FILES:
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        texts = {it.value for it in nodes if isinstance(it, ast.Constant)}
        found.update(it for it in texts if type(it) is str and foreign.fullmatch(it))
    assert len(found) >= 6
    assert [text for text, count in found.items() if count > 1] == []
