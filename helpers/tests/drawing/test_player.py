"""The player: a slider where a script may run, a still picture or text elsewhere."""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import torch

from helpers import show_backward, watch
from helpers.authoring import execute
from helpers.authoring.execute import execute_notebook
from helpers.authoring.notebook import parse_notebook, tidy_notebook, write_notebook
from helpers.drawing import player as module
from helpers.drawing.picture import CannotDraw
from helpers.drawing.player import explore, play
from helpers.live import STILL

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


def page_of(player):
    return player._repr_mimebundle_()["text/html"]


def frames_of(player):
    """Return the frames that the script of a player's page shows."""
    return json.loads(
        re.search(r"const frames = (\[.*\]), names = ", page_of(player))[1]
    )


# ---- what it says and holds -------------------------------------------------


def test_a_player_says_what_it_holds():
    player = example()
    assert repr(player) == (
        "▷ Player of y: 4 frames, steps 0 to 3. "
        "Run this cell to move the slider.\n"
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
        "Run this cell to move the slider.\n"
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


def test_frames_are_made_when_they_are_wanted(monkeypatch):
    made, real = [], module.draw_scene
    monkeypatch.setattr(module, "draw_scene", lambda *a: made.append(a) or real(*a))
    x = torch.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(50):
        y = y.sin() * x
    player = play(y, fold=False)
    assert len(player.labels) == 102 and made == []
    player.frame(0)
    player.frame(0)
    assert len(made) == 1


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
        page_of(play(y))
        assert not torch.is_grad_enabled()
    assert x.grad is None and torch.equal(torch.get_rng_state(), state)
    factors = [player.frame(k).picture.graph.nodes[-1].value for k in (0, 1)]
    assert factors[1] == 2 * factors[0]  # each run drew the same number
    y.backward()  # nothing was freed


w = torch.tensor(2.0, requires_grad=True)


def shift(a):
    a.data.add_(1)
    return a * 2


@pytest.mark.parametrize(
    ("f", "value", "words", "boxes"),
    [
        (lambda a: (a + 4) * 2, 3, "a = 3 gives f(3) = 14, and 2", [3, 7, 14]),
        (
            lambda a: a * a,
            [3.0, 4.0],
            "a = [3 4] gives f([3 4]) = [9 16], and [6 8]",
            2,
        ),
        (lambda a: w * 3, 1.0, "a = 1 gives f(1) = 6, and None", 2),
        (lambda a: a * a, w * 3, "a = 6 gives f(6) = 36, and 12", [6, 36]),
        (shift, w, "a = 2 gives shift(2) = 6, and 2", 2),  # of a copy
    ],
)
def test_a_run_shows_all_numbers_and_says_what_comes_back(f, value, words, boxes):
    frame = explore(f, a=[value]).frame(0)
    assert frame.words == f"{words} comes back to a."
    shown = [n.value for n in frame.picture.graph.nodes if n.op != "constant"]
    assert shown == boxes if isinstance(boxes, list) else len(shown) == boxes
    assert w == 2 and w.grad is None


# ---- the page ---------------------------------------------------------------


def test_each_frame_has_its_label_its_words_and_its_picture():
    player = example()
    frames = frames_of(player)
    assert [frame["label"] for frame in frames] == ["0", "1", "2", "3"]
    for number, frame in enumerate(frames):
        png = base64.b64encode(player.frame(number).picture.png).decode()
        assert frame["words"] == player.frame(number).words
        assert frame["image"]["src"] == f"data:image/png;base64,{png}"
        assert frame["image"]["alt"].startswith("Graph of y: x at the top")


def test_where_no_script_runs_the_still_picture_remains():
    x = torch.arange(4.0, requires_grad=True)
    y = 2 * torch.dot(x, x)
    page, _ = page_of(play(y)).split("<script>")
    still = show_backward(y)._repr_mimebundle_()[0]["image/png"]
    assert f"data:image/png;base64,{still}" in page
    assert "<button" not in page and "<input" not in page  # they would be dead
    assert 'alt="Graph of y: x at the top' in page


@pytest.mark.thorough
@pytest.mark.parametrize("most", [{"MOST_FRAMES": 5}, {"MOST_BYTES": 30_000}])
def test_of_many_frames_some_are_shown_from_the_first_to_the_last(most, monkeypatch):
    """Guards against a notebook of many megabytes after one look."""
    for name, value in most.items():
        monkeypatch.setattr(module, name, value)
    player = explore(doubled, a=range(301, 401))
    labels = [int(frame["label"]) for frame in frames_of(player)]
    assert 2 <= len(labels) <= 20 and labels == sorted({*labels})
    assert (labels[0], labels[-1]) == (301, 400)


def test_the_controls_are_named_in_the_readers_language(chinese):
    def names_of(player):
        return json.loads(re.search(r"names = (.*);", page_of(player))[1])

    assert names_of(example()) == {"knob": "步", "back": "◀ 后退", "next": "前进 ▶"}
    assert names_of(explore(doubled, a=[300.0]))["knob"] == "a"


def test_what_a_learner_wrote_cannot_become_html():
    x = torch.tensor(1.0, requires_grad=True)
    page = page_of(play(x * 2, **{'"></script><script>': x}))
    assert page.count("<script>") == page.count("</script>") == 1
    assert page.count("<img") == 1


def test_two_players_on_one_page_do_not_meet():
    pages = [page_of(explore(doubled, a=[value])) for value in (1.0, 2.0)]
    keys = {re.search('data-player="(.*?)"', page)[1] for page in pages}
    assert len(keys) == 2


def test_where_nobody_looks_there_is_only_text(monkeypatch):
    monkeypatch.setenv(STILL, "1")
    player = example()
    assert player._repr_mimebundle_() == {"text/plain": repr(player)}


@pytest.mark.thorough
def test_importing_the_player_leaves_ipython_alone():
    code = (
        "import sys, helpers.drawing.player\n"
        "print({'ipywidgets', 'IPython'} & {*sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert run.stdout == "set()\n", run.stderr


# ---- what cannot be played --------------------------------------------------


ONE_LIST = "came, but one list of numbers is expected"


@pytest.mark.parametrize(
    ("f", "values", "sentence"),
    [
        (3, {"a": [1]}, "3 came where a function is expected"),
        (doubled, {}, f"no parameter {ONE_LIST}"),
        (doubled, {"a": [1], "b": [2]}, f"a=a list, b=a list {ONE_LIST}"),
        (doubled, {"a": 3}, f"a=3 {ONE_LIST}"),
        (doubled, {"a": []}, f"a=a list {ONE_LIST}"),
        (doubled, {"a": "12"}, f"a='12' {ONE_LIST}"),
        (doubled, {"a": ["1"]}, f"a=a list {ONE_LIST}"),
        (lambda a: 3.0, {"a": [1]}, "f(1) returned 3.0"),
        (lambda a: a.detach(), {"a": [1]}, "f(1) returned a tensor"),
        (lambda a: a.item() / 0, {"a": [2]}, "f(2) raised ZeroDivision"),
        (lambda: 3, {"a": [2]}, "f(2) raised TypeError"),
    ],
)
def test_what_cannot_be_played_is_told_in_one_sentence(f, values, sentence):
    with pytest.raises(CannotDraw, match=re.escape(sentence)) as caught:
        explore(f, **values)
    assert "\n" not in str(caught.value)


@pytest.mark.thorough
def test_an_endless_run_is_stopped_and_named(monkeypatch):
    monkeypatch.setattr("helpers.sandbox.PATIENCE", 0.5)
    with pytest.raises(CannotDraw, match=r"at doubled\(0\) after 0.5 seconds; does"):
        explore(doubled, a=[300.0, 0.0])


# ---- in a kernel ------------------------------------------------------------


@pytest.mark.thorough
@pytest.mark.parametrize("still", ["", "1"])
def test_a_notebook_that_is_run_to_be_stored_holds_the_text_alone(
    still, tmp_path, monkeypatch
):
    monkeypatch.setitem(execute.KERNEL_ENVIRONMENT, STILL, still)
    source = (
        f"import sys, torch\nsys.path.insert(0, {str(ROOT)!r})\n"
        "import helpers\nhelpers.explore(torch.exp, x=[1.0, 2.0])"
    )
    book = nbformat.v4.new_notebook(metadata={"widgets": {}})
    book.cells = [nbformat.v4.new_code_cell(source, id="a")]
    fresh = execute_notebook(parse_notebook(nbformat.writes(book)), tmp_path)
    (output,) = fresh.cells[0].outputs
    assert [*output.data] == ["text/plain"] + ["text/html"] * (not still)
    assert "widget" not in write_notebook(tidy_notebook(fresh))
