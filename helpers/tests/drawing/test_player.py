"""The player: a slider where somebody looks, one line of text elsewhere."""

import base64
import builtins
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from helpers import show_backward, watch
from helpers.authoring import execute
from helpers.authoring.execute import execute_notebook
from helpers.authoring.notebook import parse_notebook, tidy_notebook, write_notebook
from helpers.drawing import player as module
from helpers.drawing.live import STILL, WIDGET_VIEW
from helpers.drawing.picture import CannotDraw
from helpers.drawing.player import explore, play
from helpers.language import set_language

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def somebody_looks(monkeypatch):
    monkeypatch.delenv(STILL, raising=False)


def doubled(a):
    b = a * 2
    while b.norm() < 1000:
        b = b * 2
    return b if b.sum() > 0 else 100 * b


def example():
    x = torch.arange(4.0, requires_grad=True)
    with watch():
        y = 2 * torch.dot(x, x)
    return play(y)


class Shown:
    """What a reader has before them, taken from the widget."""

    def __init__(self, player):
        (bar, self.words_box, self.picture_box) = player.widget.children
        (self.slider, self.back, self.forth) = bar.children

    @property
    def words(self):
        return self.words_box.value

    @property
    def picture(self):
        return self.picture_box.value

    @property
    def png(self):
        return base64.b64decode(re.search(r"base64,([^\"]+)", self.picture)[1])


# ---- what it says and holds -------------------------------------------------


def test_a_player_says_what_it_holds():
    player = example()
    assert repr(player) == (
        "▷ Player of y: 4 frames, steps 0 to 3. "
        "Run this cell in a live notebook to move the slider.\n"
        "0. Nothing has been sent back yet.\n"
        "1. y (Mul): receives 1; Dot gets 2\n"
        "2. Dot: receives 2; x gets [0 2 4 6]; x gets [0 2 4 6]\n"
        "3. x: .grad += [0 4 8 12]"
    )
    assert len({player.frame(k).picture.png for k in range(4)}) == 4
    assert player.frame(2) is player.frame(2)
    assert ": 1 frame, a = 300." in repr(explore(doubled, a=[300]))


def test_each_value_has_a_run_and_a_graph_of_its_own():
    a = torch.tensor(5.0)  # another tensor of the same name
    player = explore(doubled, a=(300, -300, torch.nan, torch.tensor(600.0)))
    assert a == 5
    assert repr(player) == (
        "▷ Player of doubled: 4 frames, a = 300, -300, nan, 600. "
        "Run this cell in a live notebook to move the slider.\n"
        "a = 300 gives doubled(300) = 1200, and 4 comes back to a.\n"
        "a = -300 gives doubled(-300) = -120000, and 400 comes back to a.\n"
        "a = nan gives doubled(nan) = nan, and 200 comes back to a.\n"
        "a = 600 gives doubled(600) = 1200, and 2 comes back to a."
    )
    sizes = [len(player.frame(k).picture.graph.nodes) for k in (0, 1, 3)]
    assert sizes == [5, 7, 3]  # leaf, and each Mul with its constant


def test_a_player_of_many_frames_does_not_list_them():
    said = repr(explore(doubled, a=range(301, 341)))
    assert "a = 301, 302, 303, …, 340." in said
    assert len(said.splitlines()) == 1
    all_told = repr(explore(doubled, a=range(301, 309)))
    assert "307, 308." in all_told and len(all_told.splitlines()) == 9
    assert "a = 301, 302, 303, …, 309." in repr(explore(doubled, a=range(301, 310)))


@pytest.mark.parametrize(
    ("how", "boxes"), [({}, 5), ({"fold": True}, 5), ({"fold": False}, 17)]
)
def test_repeated_steps_are_one_box_and_one_step_unless_told_otherwise(how, boxes):
    graph = explore(doubled, a=[0.01], **how).frame(0).picture.graph
    assert sum(node.op != "constant" for node in graph.nodes) == 1 + boxes
    y = doubled(torch.tensor(0.01, requires_grad=True))
    steps = range(1, boxes + 2)  # the boxes, and the leaf
    assert play(y, **how).labels[1:] == list(map(str, steps))


def test_a_run_shows_the_numbers_in_between():
    frame = explore(lambda a: (a + 4) * 2, a=[3]).frame(0)
    assert " 7 " in str(frame.picture)


def test_a_run_that_never_used_its_input_says_that_nothing_came_back():
    w = torch.tensor(2.0, requires_grad=True)
    player = explore(lambda a: w * 3, a=[1.0])
    assert player.frame(0).words == "a = 1 gives f(1) = 6, and None comes back to a."


def test_vectors_are_values_too():
    player = explore(lambda v: v * v, v=[[1.0, 2.0], [3.0, 4.0]])
    assert "v = [3 4] gives" in player.frame(1).words
    assert "[6 8] comes back to v" in player.frame(1).words


def test_frames_are_made_when_they_are_wanted(monkeypatch):
    made = []
    monkeypatch.setattr(module, "draw_scene", lambda *a: made.append(a) or real(*a))
    x = torch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(50):
        y = y.sin() * x
    player = play(y, fold=False)
    assert len(player.labels) == 102 and made == []
    assert Shown(player).words.startswith("0.") and len(made) == 1
    player.frame(0)
    assert len(made) == 1


real = module.draw_scene


def test_a_freed_graph_has_one_frame_that_says_why():
    x = torch.tensor(3.0, requires_grad=True)
    y = x * x
    y.backward()
    player = play(y)
    assert player.labels == ["0"]
    assert "Compute the result again" in player.frame(0).words


def test_the_learners_state_is_untouched():
    x = torch.tensor(3.0, requires_grad=True)
    y = (x * x).exp()
    state = torch.get_rng_state()
    with torch.no_grad():
        player = explore(lambda a: a * torch.rand(()) * x, a=[1.0, 2.0])
        Shown(play(y)).slider.value = 2
        assert not torch.is_grad_enabled()
    assert x.grad is None and torch.equal(torch.get_rng_state(), state)
    factors = [player.frame(k).picture.graph.nodes[-1].value for k in (0, 1)]
    assert factors[1] == 2 * factors[0]  # each run drew the same number
    y.backward()  # nothing was freed


def test_a_value_that_is_a_tensor_is_copied():
    def shift(a):
        a.data.add_(1)
        return a * 2

    value = torch.tensor(2.0)
    assert "a = 2 gives shift(2) = 6" in explore(shift, a=[value]).frame(0).words
    assert value == 2 and not value.requires_grad


def test_a_value_that_was_computed_begins_a_graph_of_its_own():
    w = torch.tensor(2.0, requires_grad=True)
    frame = explore(lambda a: a * a, a=[w * 3]).frame(0)
    assert frame.words == "a = 6 gives f(6) = 36, and 12 comes back to a."
    assert [node.op for node in frame.picture.graph.nodes] == ["leaf", "Mul"]


# ---- the slider -------------------------------------------------------------


def test_moving_the_slider_changes_picture_words_and_alt():
    shown = Shown(example())
    first = shown.png
    assert first.startswith(b"\x89PNG") and shown.words.startswith("0. Nothing")
    shown.slider.value = 2
    assert shown.png != first and shown.words.startswith("2. Dot: receives")
    assert 'alt="Graph of y: x at the top' in shown.picture
    shown.slider.value = 0
    assert shown.png == first


def test_the_buttons_go_step_by_step_and_stop_at_the_ends(caplog):
    shown, seen = Shown(example()), []
    for button in [shown.back, *[shown.forth] * 4, shown.back]:
        button.click()
        seen.append(shown.slider.value)
    assert seen == [0, 1, 2, 3, 3, 2] and shown.words.startswith("2. Dot")
    assert caplog.records == []  # where ipywidgets tells what went wrong


def test_the_controls_are_named_in_the_readers_language():
    shown = Shown(example())
    assert shown.slider.description == "step"
    assert shown.back.layout.width == shown.forth.layout.width == "auto"
    assert Shown(explore(doubled, a=[300.0])).slider.description == "a"
    set_language("zh")
    try:
        shown = Shown(example())
    finally:
        set_language("en")
    assert (shown.slider.description, shown.forth.description) == ("步", "前进 ▶")


def test_what_a_learner_wrote_cannot_become_html():
    x = torch.tensor(1.0, requires_grad=True)
    shown = Shown(play(x * 2, **{'"><script>': x}))
    shown.slider.value = len(shown.slider.options) - 1
    assert "<script>" not in shown.picture + shown.words


# ---- where it is shown ------------------------------------------------------


def test_a_live_kernel_gets_the_widget_and_the_text():
    player = example()
    bundle = player._repr_mimebundle_()
    assert bundle["text/plain"] == repr(player)
    assert bundle[WIDGET_VIEW] == {
        "version_major": 2,
        "version_minor": 0,
        "model_id": player.widget.model_id,
    }


def test_where_nobody_looks_there_is_only_text(monkeypatch):
    monkeypatch.setenv(STILL, "1")
    player = example()
    assert player._repr_mimebundle_() == {"text/plain": repr(player)}
    assert "widget" not in vars(player)


@pytest.mark.parametrize("problem", [ImportError("no such module"), TypeError("old")])
def test_without_ipywidgets_the_still_picture_stands_in(problem, monkeypatch, capsys):
    genuine = builtins.__import__

    def broken(name, *rest, **more):
        if name == "ipywidgets":
            raise problem
        return genuine(name, *rest, **more)

    x = torch.arange(4.0, requires_grad=True)
    y = 2 * torch.dot(x, x)
    walk, runs = play(y), explore(doubled, a=[300.0, -300.0])
    monkeypatch.setattr(builtins, "__import__", broken)
    data, _ = walk._repr_mimebundle_()
    assert data == show_backward(y)._repr_mimebundle_()[0]
    assert (
        f"ipywidgets does not work ({type(problem).__name__}" in capsys.readouterr()[0]
    )
    data, _ = runs._repr_mimebundle_()
    assert data["text/plain"].count("Graph of doubled(") == 2


@pytest.mark.thorough
def test_importing_the_player_leaves_ipywidgets_alone():
    code = (
        "import sys, helpers.drawing.player\n"
        "print({'ipywidgets', 'IPython'} & {*sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stdout == "set()\n", run.stderr


# ---- what cannot be played --------------------------------------------------


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: play(3), "3 came where a tensor"),
        (lambda: play(torch.ones(2)), "without a graph"),
        (lambda: explore(3, a=[1]), "3 came where a function is expected"),
        (lambda: explore(doubled), "no parameter came, but one list of numbers"),
        (
            lambda: explore(doubled, a=[1], b=[2]),
            "a=a list, b=a list came, but one list",
        ),
        (
            lambda: explore(doubled, a=3),
            "a=3 came, but one list of numbers is expected",
        ),
        (lambda: explore(doubled, a=[]), "a=a list came, but one list of numbers"),
        (lambda: explore(doubled, a="12"), "a='12' came, but one list of numbers"),
        (lambda: explore(doubled, a=["1"]), "one list of numbers is expected"),
        (lambda: explore(lambda a: 3.0, a=[1]), r"f\(1\) returned 3.0"),
        (lambda: explore(lambda a: a.detach(), a=[1]), r"f\(1\) returned a tensor"),
        (lambda: explore(lambda a: a.item() / 0, a=[2]), r"f\(2\) raised ZeroDivision"),
        (lambda: explore(lambda: 3, a=[2]), r"f\(2\) raised TypeError"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_sentence(make, sentence):
    with pytest.raises(CannotDraw, match=sentence) as caught:
        make()
    assert "\n" not in str(caught.value)


@pytest.mark.thorough
def test_an_endless_run_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr("helpers.drawing.sampling.PATIENCE", 0.5)
    with pytest.raises(
        CannotDraw, match=r"at doubled\(0\) after 0.5 seconds; does one"
    ):
        explore(doubled, a=[300.0, 0.0])


# ---- in a kernel ------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("still", ["", "1"])
def test_a_stored_notebook_holds_the_text_alone(still, tmp_path, monkeypatch):
    monkeypatch.setitem(execute.KERNEL_ENVIRONMENT, STILL, still)
    monkeypatch.setitem(execute.KERNEL_ENVIRONMENT, "PYTHONPATH", str(ROOT))
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": "import torch\nfrom helpers.drawing.player import explore\n"
        "explore(torch.exp, x=[1.0, 2.0])",
    }
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"widgets": {}}}
    fresh = execute_notebook(
        parse_notebook(json.dumps(book | {"cells": [cell]})), tmp_path
    )
    (output,) = fresh.cells[0].outputs
    assert (WIDGET_VIEW in output.data) == (still == "")
    stored = write_notebook(tidy_notebook(fresh))
    assert "widget" not in stored
    (output,) = json.loads(stored)["cells"][0]["outputs"]
    assert list(output["data"]) == ["text/plain"]
