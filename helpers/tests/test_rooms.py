"""Who may import whom: the plan of the house, read from the imports themselves."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

HOUSE = Path(helpers.__file__).parent
GROUND = {"__init__", "__main__", "en", "zh", "language", "wording", "verdict"}
GROUND |= {"sandbox", "live", "sizes"}
MAY_IMPORT = {
    "": {""},
    "graph": {""},
    "lessons": {""},
    "drawing": {"", "graph"},
    "checking": {"", "lessons", "graph"},
    "tracing": {"", "graph", "drawing"},
    "authoring": {"", "graph", "lessons", "drawing", "checking", "tracing"},
}
FILES = [
    path.relative_to(HOUSE)
    for path in sorted(HOUSE.rglob("*.py"))
    if path.relative_to(HOUSE).parts[0] != "tests"
]
# What no learner needs, and what would be slow to load.
FOREIGN = ("helpers.authoring", "nbclient", "nbformat", "nbval", "pytest", "git")


def room_of(file: Path) -> str:
    return file.parent.as_posix().removeprefix(".")


def imported(file: Path) -> list[str]:
    """Return the modules of ours that a file imports, seen from the house."""
    package = ["helpers", *file.parent.parts]
    found = []
    for node in ast.walk(ast.parse((HOUSE / file).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            home = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*home, *([node.module] if node.module else [])])
            found += [f"{module}.{name.name}" for name in node.names]
    return [name.removeprefix("helpers.") for name in found if name[:7] == "helpers"]


def rooms_entered(file: Path) -> set[str]:
    """Return the rooms whose modules a file imports; the ground floor is ''."""
    return {
        first if (HOUSE / first).is_dir() else ""
        for first in (name.partition(".")[0] for name in imported(file))
    }


@pytest.mark.parametrize("file", FILES, ids=str)
def test_a_room_is_entered_only_from_where_it_may_be(file):
    room = room_of(file)
    assert rooms_entered(file) - {room} <= MAY_IMPORT[room]


def test_nothing_lies_on_the_ground_floor_beside_the_files_of_the_plan():
    assert {path.stem for path in FILES if room_of(path) == ""} == GROUND
    rooms = {path.name for path in HOUSE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == {*MAY_IMPORT} - {""} | {"tests"}


def test_no_module_goes_round_in_a_circle():
    graph = {}
    for file in FILES:
        name = ".".join([*file.parent.parts, file.stem])
        graph[name] = set(imported(file))
    modules = set(graph)
    arrows = {
        name: {m for t in targets for m in modules if t == m or t.startswith(f"{m}.")}
        for name, targets in graph.items()
    }
    while leaves := [name for name, targets in arrows.items() if not targets]:
        for leaf in leaves:
            del arrows[leaf]
        for targets in arrows.values():
            targets.difference_update(leaves)
    assert arrows == {}


def test_no_module_stands_in_front_of_a_public_name():
    stems = {path.name for path in HOUSE.iterdir()}
    assert not {f"{name}.py" for name in helpers.__all__} & stems
    assert not {*helpers.__all__} & stems


@pytest.mark.parametrize("room", {*MAY_IMPORT} - {""})
def test_each_room_tells_the_way_through_it(room):
    page = (HOUSE / room / "__init__.py").read_text("utf-8")
    told = ast.get_docstring(ast.parse(page))
    inside = {file.stem for file in FILES if room_of(file) == room} - {"__init__"}
    assert {name for name in inside if f"`{name}`" not in told} == set()


@pytest.mark.thorough
def test_no_verb_of_a_learners_loads_what_is_for_authors():
    used = (
        "import sys, torch\n"
        "from helpers import show_backward, show_graph, show_slopes, show_tangent\n"
        "from helpers.en import check, explore, play, show_scoreboard, watch, why\n"
        "x = torch.arange(4.0, requires_grad=True)\n"
        "with watch(): y = torch.dot(x, x)\n"
        "drawn = show_graph(y), show_backward(y), play(y).still()\n"
        "drawn += explore(lambda a: a * a, a=[1, 2]).still(),\n"
        "drawn += show_tangent(lambda x: x * x, 1), show_slopes(torch.sin, 0, 1)\n"
        "from helpers import load_digits, show_path, show_pixels, show_turns\n"
        "drawn += show_pixels(image=load_digits()[0][0]), show_turns(loss=[1.0])\n"
        "drawn += show_path(torch.eye(3), path=[[1, 1]]),\n"
        "from helpers import show_gradients\n"
        "drawn += show_gradients(torch.nn.Linear(2, 2)),\n"
        "[picture.png for picture in drawn]\n"
        "check('backward/factor', 3, 30.0), check('accumulation/descend', print)\n"
        "repr(show_scoreboard('backward')), repr(why(x, y))\n"
        f"print([m for m in sys.modules if m.startswith({FOREIGN!r})])"
    )
    done = subprocess.run(
        [sys.executable, "-c", used], cwd=HOUSE.parent, capture_output=True, text=True
    )
    assert done.stdout == "[]\n", done.stderr
