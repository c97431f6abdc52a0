"""What `why` says of what it is asked, and what it leaves as it is."""

import base64
import re
import struct
import sys
import threading
import warnings
import weakref
from html import unescape

import pytest
import torch
from torch import nn

from helpers import watch, why
from helpers.drawing.scene import SCISSORS, draw_scene
from helpers.graph.journal import clear_journal
from helpers.tracing import segments


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch):
    """Begin each test with an empty journal, and without an error of the session."""
    clear_journal()
    monkeypatch.delattr(sys, "last_value", raising=False)
    monkeypatch.delattr(sys, "last_exc", raising=False)


def leaf():
    return torch.ones(3, requires_grad=True)


def cut_off():
    w = leaf()
    with watch():
        h = (2 * w).detach()
        loss = h.sum()
    return w, loss


# ---- what it says -----------------------------------------------------------


def test_an_answer_names_cause_line_text_and_cure():
    w, loss = cut_off()
    said = why(w, loss)
    assert (said.cause, said.causes) == ("cut:detach", ("cut:detach",))
    assert said.state == "wrong"
    assert said.text == "h = (2 * w).detach()"
    assert f"line {said.line} of test_why.py" in said.sentence
    assert repr(said).startswith("✗ The road from `w` to `loss` is cut at line")
    assert said.cure == "Leave `detach` out there."


def test_the_road_is_written_and_drawn_with_scissors():
    w, loss = cut_off()
    said = why(w, loss)
    assert said.road.startswith("`w` → mul (line")
    assert said.road.count(SCISSORS) == 1 and said.road.endswith("→ `loss`")
    assert [edge.cut for edge in said.picture.graph.edges] == [
        False,
        False,
        True,
        False,
    ]
    assert said.picture.png[:4] == b"\x89PNG" and SCISSORS in said.picture.alt


def test_the_drawing_has_a_box_for_each_call_and_the_gradient_of_the_leaf():
    X = torch.tensor([1.0, 2.0], requires_grad=True)
    with watch():
        (X * 3).sum().backward()
        h = X.detach()
        loss = h.sum()
    graph, line = why(X, loss).picture.graph, why(X, loss).line
    start, *calls, end = graph.nodes
    assert (start.id, start.name, start.op) == ("x", "X", "leaf")
    assert (start.value.tolist(), start.held.tolist()) == ([1, 2], [3, 3])
    assert [(box.id, box.name, box.op, box.value) for box in calls] == [
        ("%0", "", "detach", f"line {line}"),
        ("%1", "", "sum", f"line {line + 1}"),
    ]
    assert (end.id, end.name, end.op, end.value.item()) == ("y", "", "loss", 3)
    assert (graph.roots, graph.cut_off) == (("y",), 0)
    arrows = [(edge.source, edge.target, edge.slot) for edge in graph.edges]
    assert arrows == [("x", "%0", 0), ("%0", "%1", 0), ("%1", "y", 0)]


def test_the_scissors_are_large_enough_to_be_seen_and_touch_no_box():
    scene = draw_scene(why(*cut_off()).picture.graph)
    (cut,) = (text for text in scene.texts if text.words == SCISSORS)
    assert cut.size >= 1.5 * max(it.size for it in scene.texts if it is not cut)
    half = cut.size / 2
    around = (
        box.y + box.height / 2 < cut.y - half or cut.y + half < box.y - box.height / 2
        for box in scene.boxes
    )
    assert all(around)


def test_what_is_read_aloud_has_no_marks_of_code():
    w, loss = cut_off()
    said = why(w, loss)
    assert said.picture.alt == f"The road: {said.road.replace('`', '')}."


def test_a_long_road_is_drawn_at_both_ends_and_at_the_cut():
    w = leaf()
    with watch():
        h = w
        for _ in range(40):
            h = h * 2
        h = h.detach()
        loss = h.sum()
    said = why(w, loss)
    names = [node.op for node in said.picture.graph.nodes]
    assert len(names) < 12 and "…" in names and "detach" in names


def test_a_page_has_the_words_the_code_and_the_picture():
    w, loss = cut_off()
    page = why(w, loss)._repr_mimebundle_()
    html = page["text/html"]
    assert f"line {why(w, loss).line}: <code>h = (2 * w).detach()</code>" in html
    assert page["text/plain"] == repr(why(w, loss))


def test_a_page_shows_the_picture_as_wide_as_it_was_drawn():
    table = {"a": leaf()}
    with watch():
        loss = table["a"].detach().sum()
    said = why(table["a"], loss)
    data, width, alt = re.search(
        'src="data:image/png;base64,(.*?)" width="(.*?)" .* alt="(.*?)">$',
        said._repr_mimebundle_()["text/html"],
    ).groups()
    png = said.picture.png
    assert base64.b64decode(data) == png
    assert int(width) == struct.unpack(">I", png[16:20])[0] // 2
    assert unescape(alt) == said.picture.alt and 'table["a"]' in said.picture.alt


def test_it_speaks_chinese(chinese):
    w, loss = cut_off()
    said = why(w, loss)
    assert "断开了" in said.sentence and "去掉" in said.cure and "第" in repr(said)


def test_two_possible_causes_are_both_named():
    a, b = leaf(), leaf()
    with watch():
        one = (a - 1).relu()
        other = (a - 1).clamp(max=-1)
        loss = (one.sum() + other.sum()) * b.sum()
        loss.backward()
    said = why(a, loss)
    assert said.causes == ("zero-slope", "zero-slope")


def test_a_module_is_asked_about_by_its_parameters():
    net = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 1))
    with watch():
        loss = net(torch.ones(1, 2)).sum()
    assert why(net, loss).cause == "no-backward-yet"
    assert "3 more of its parameters" in why(net, loss).sentence
    loss.backward()
    said = why(net, loss)
    assert (said.cause, said.causes, said.state) == ("none", ("none",), "right")
    assert "all 4" in said.sentence


def test_a_library_is_crossed_to_the_learners_own_line():
    net = nn.Linear(2, 2)
    with watch(), torch.no_grad():
        loss = net(torch.ones(1, 2)).sum()
    assert why(net.weight, loss).text == "loss = net(torch.ones(1, 2)).sum()"


# ---- errors -----------------------------------------------------------------


def caught(run):
    try:
        run()
    except Exception as problem:
        return problem
    raise AssertionError("nothing was raised")


def test_an_error_of_a_walk_is_explained_and_is_the_last_one():
    w = torch.ones(3)
    with watch():
        loss = (w * 2).sum()
        problem = caught(loss.backward)
    assert why(problem).cause == why().cause == "never-asked"


def test_an_error_of_python_leads_to_the_tensor_without_a_gradient():
    w = leaf()

    def step():
        return 2.0 * w.grad

    with watch():
        loss = (w**2).sum()
        problem = caught(step)
    said = why(problem)
    assert said.cause == "no-backward-yet" and loss is not None


def test_a_number_where_a_tensor_was_meant_is_traced_to_its_call():
    w = leaf()
    with watch():
        loss = (w**2).sum().item()
    said = why(w, loss)
    assert said.cause == "cut:item/float" and ".item()" in said.text


@pytest.mark.parametrize("known", ["last_exc", "last_value"])
def test_without_anything_the_last_error_is_explained(monkeypatch, known):
    y = (leaf() ** 2).sum()
    y.backward()
    monkeypatch.setattr(sys, known, caught(y.backward), raising=False)
    said = why()
    assert said.causes == ("freed-graph/second-walk", "built-outside-loop")


def test_an_unwatched_error_of_a_leaf_still_has_its_line():
    w = leaf()

    def change():
        w.add_(1)

    said = why(caught(change))
    assert (said.cause, said.text) == ("in-place-on-leaf", "w.add_(1)")


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("C:\\course\\model.py", "line 1 of model.py"),
        ("/home/me/model.py", "line 1 of model.py"),
        ("/tmp/ipykernel_7/12.py", "line 1"),
        ("<string>", "line 1"),
    ],
)
def test_a_file_is_named_beside_the_line_and_a_cell_is_not(file, place):
    w = leaf()
    with watch():
        loss = eval(compile("w.detach().sum()", file, "eval"))
    assert f" is cut at {place}: " in why(w, loss).sentence


# ---- without watching -------------------------------------------------------


def test_the_graph_alone_tells_what_it_can():
    w, c = leaf(), torch.ones(3)
    h = 2 * w
    loss = h.sum()
    assert why(w, loss).cause == "no-backward-yet"
    assert why(c, loss).cause == "never-asked"
    assert why(h, loss).cause == "rebound/non-leaf"
    assert why(leaf(), loss).cause == "not-in-graph"
    loss.backward()
    assert why(w, loss).cause == "none"
    assert "inside `with watch():`" in repr(why(c, loss))


def test_where_the_graph_cannot_tell_both_causes_are_said():
    said = why(leaf(), (leaf().detach() * 2).sum())
    assert "either" in said.sentence and said.line == 0


@pytest.mark.parametrize("spoil", [0, -0.5], ids=["nan", "zero"])
def test_what_nobody_saw_is_not_guessed(spoil):
    w = torch.zeros(3, requires_grad=True)
    loss = (w * 0).pow(0.5).sum() if spoil == 0 else (w - 1).relu().sum()
    loss.backward()
    said = why(w, loss)
    assert said.cause == "unknown" and "nobody saw" in said.sentence


def test_of_a_long_road_both_ends_and_the_cut_are_written():
    w = h = leaf()
    with watch():
        for _ in range(9):
            h = h * 2
        h = h.detach()
        for _ in range(9):
            h = h + 1
        loss = h.sum()
    road = re.sub(r" \(line \d+\)", "", why(w, loss).road)
    assert road == (
        "`w` → mul → mul → … (6 calls) → mul → detach ✂ "
        "add → add → … (6 calls) → add → sum → `loss`"
    )


def test_a_name_is_no_result_though_a_number_was_made_of_it():
    w = leaf()
    with watch():
        number = w.sum().item()
    assert why(w, number).cause == "cut:item/float"
    assert why(w, "number").state == "waiting"


def told(x, y):
    """Return the cause, and the text of its line."""
    said = why(x, y)
    return said.cause, said.text


def test_a_result_may_be_cut_off_as_a_leaf_may():
    w = leaf()
    with watch():
        h = 2 * w
        loss = h.detach().sum()
    assert told(h, loss) == ("cut:detach", "loss = h.detach().sum()")


def test_of_a_result_the_line_is_named_where_its_leaf_was_made():
    with watch():
        v = torch.ones(2, requires_grad=True)
        h = 2 * v
        y = (h * h).sum()
        y.backward()
    said = why(h, y)
    assert (said.cause, said.text) == ("rebound/non-leaf", "h = 2 * v")
    assert f"the leaf was made at line {said.line - 1}" in said.sentence


def test_of_a_copy_the_use_of_the_other_one_is_named_that_led_to_the_result():
    w = leaf()
    with watch():
        twin = w.detach().clone().requires_grad_()
        used = 2 * w
        y = used.sum()
        (5 * w).sum()
        y.backward()
    assert told(twin, y) == ("not-in-graph", "used = 2 * w")


def test_walks_of_one_line_are_parts_though_each_is_looked_at():
    w, sizes = leaf(), []
    with watch():
        for part in ((w * 1).sum(), (w * 2).sum()):
            _ = part.backward(), sizes.append(w.grad.norm().item())
    assert why(w, part).cause == "none"


def test_a_gradient_of_another_result_is_no_sign_that_this_one_used_the_leaf():
    w, v = leaf(), leaf()
    with watch():
        (w * v).sum().backward()
        loss = (v * 3).sum()
        loss.backward()
    assert told(w, loss) == ("not-in-graph", "loss = (v * 3).sum()")


@pytest.mark.parametrize(("power", "grad"), [(1, "inf"), (3, "nan")])
def test_nan_and_infinity_are_called_by_their_names(power, grad):
    w = torch.tensor([0.0, 1.0], requires_grad=True)
    with watch():
        root = w.sqrt()
        loss = (root * w ** (power // 2)).sum()
        loss.backward()
    said = why(w, loss)
    assert f"The gradient of `w` is {grad}: " in said.sentence
    assert said.text == "root = w.sqrt()"
    assert "Before that" not in said.sentence


def test_of_nan_it_is_said_where_infinity_came_from():
    w = torch.zeros(2, requires_grad=True)
    with watch():
        square = w * w
        loss = square.sum().sqrt()
        loss.backward()
    said = why(w, loss)
    assert (said.cause, said.text) == ("nan:mul", "square = w * w")
    came = f"Before that, infinity came from `Sqrt`, line {said.line + 1}."
    assert came in said.sentence


def test_without_a_result_the_last_one_that_was_walked_is_meant():
    w, v = leaf(), leaf()
    with watch():
        walked = (w.detach() * v).sum()
        (7 * v).sum()
        walked.backward()
    assert why(w).cause == "cut:detach" and "`walked`" in why(w).sentence


def test_a_librarys_function_that_cuts_is_named_beside_the_line():
    w = leaf()
    with watch():
        drawn = torch.distributions.Normal(w, 1.0).sample()
        loss = drawn.sum()
    said = why(w, loss)
    assert (said.cause, said.text) == (
        "cut:no_grad",
        "drawn = torch.distributions.Normal(w, 1.0).sample()",
    )
    assert "`Normal.sample`" in said.seen and "rsample" in said.cure
    assert why(*cut_off()).seen == ""


def test_the_code_that_was_asked_about_is_let_go():
    assert why(*cut_off()).line
    assert not segments._found and not segments.split_code.cache_info().currsize


def test_a_step_between_two_walks_is_named_as_what_did_the_damage():
    w = leaf()
    optimizer = torch.optim.SGD([w], lr=0.1)
    with watch():
        y = (w * w).sum()
        (3 * w).sum().backward()
        optimizer.step()
        problem = caught(y.backward)
    for said in (why(w, y), why(problem)):
        assert (said.cause, said.text) == ("in-place-damage", "optimizer.step()")
        assert "by `SGD.step` at line" in said.sentence


def test_an_error_of_torch_is_laid_to_the_learners_own_tensors():
    w, v = leaf(), leaf()
    with watch():
        refused = caught(lambda: w.add_(1))
        y = (2 * w).sum()
        try:
            torch.autograd.grad(y, [w, v])
        except RuntimeError as problem:
            unused = problem
    assert "`w` is a leaf, and was changed in place" in why(refused).sentence
    assert "`y` was not computed from `v`" in why(unused).sentence


def test_an_error_of_a_number_leads_to_what_made_it_of_a_tensor():
    w = leaf()
    with watch():
        loss = w.sum().item()
        try:
            loss.backward()
        except AttributeError as problem:
            found = problem
    said = why(found)
    assert (said.cause, said.text) == ("cut:item/float", "loss = w.sum().item()")


def test_a_walk_that_failed_concerns_only_what_is_on_its_road():
    w = leaf()
    with watch():
        y = w.exp().sum()
        y.backward()
        caught(y.backward)
        y.detach()
        with torch.no_grad():
            other = 2 * leaf()
    assert why(w, y).cause == "freed-graph/second-walk"
    assert why(other, y).cause != "freed-graph/second-walk"


def test_a_name_that_is_bound_anew_under_no_grad_is_told_from_a_new_name():
    w = start = leaf()
    with watch(), torch.no_grad():
        h = 2 * w
        w = w - 0.1
    assert start.requires_grad and why(h).cause == "cut:no_grad"
    assert why(w).cause == "rebound/non-leaf" and "`w -= …`" in why(w).cure


# ---- what it is not meant for -----------------------------------------------


class Empty:
    pass


gone = weakref.proxy(Empty())


@pytest.mark.parametrize(
    "things",
    [
        (),
        ("w",),
        (leaf(), None),
        (leaf(), "loss"),
        (leaf(), leaf(), leaf()),
        (gone,),
        (nn.ReLU(),),
    ],
    ids=[
        "nothing",
        "name",
        "no result",
        "a name for the result",
        "three",
        "dead",
        "no parameters",
    ],
)
def test_what_cannot_be_asked_gets_one_sentence(things):
    said = why(*things)
    assert (said.state, said.cause, said.counts) == ("waiting", "", False)
    assert len(repr(said).splitlines()) == 1 and "why(w, loss)" in said.sentence


def test_meta_and_transforms_get_one_sentence():
    said = [why(nn.Linear(2, 2, device="meta"))]
    torch.func.vmap(lambda t: (said.append(why(t)), t)[1])(torch.ones(2, 3))
    assert "meta" in said[0].sentence and "torch.func" in said[1].sentence


def test_an_error_that_has_nothing_to_do_with_it_is_said_to_be_so():
    for problem in (ValueError("odd"), caught(lambda: {}["x"])):
        said = why(problem)
        assert said.cause == "unknown" and type(problem).__name__ in said.sentence
        assert "Hooks" not in said.sentence


def test_hooks_are_mentioned_and_none_is_run():
    w, seen = leaf(), []
    w.register_hook(lambda grad: seen.append(1) or 0 * grad)
    with watch():
        loss = (2 * w).sum()
        loss.backward()
    said = why(w, loss)
    assert seen == [1] and said.cause == "unknown" and "Hooks on it: 1" in said.sentence


def test_another_threads_tensors_are_not_known():
    w, made = leaf(), []

    def run():
        with watch():
            made.append((w * 2).detach().sum())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    said = why(w, *made)
    assert said.line == 0 and "either" in said.sentence


def test_a_compiled_function_is_followed_or_not_but_harms_nothing():
    w = leaf()
    with warnings.catch_warnings(action="ignore"), watch():
        loss = torch.compile(lambda x: (x * 2).relu().sum(), backend="eager")(w)
        loss.backward()
    assert why(w, loss).cause == "none" and w.grad.tolist() == [2, 2, 2]


def test_what_the_first_functions_of_a_thread_sent_is_known(monkeypatch):
    said = []

    def run():
        w = torch.zeros(2, requires_grad=True)
        with watch():
            h = w.sqrt()
            loss = h.sum() + (w.log() * 0).sum()
            loss.backward()
        said.append(why(w, loss))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert said[0].cause == "nan:log" and "came from `Sqrt`" in said[0].sentence


@pytest.mark.parametrize(("most", "cause"), [(3, "no-backward-yet"), (4, "unlinked")])
def test_of_a_very_large_graph_nobody_knows_what_it_leads_to(monkeypatch, most, cause):
    monkeypatch.setattr("helpers.tracing.flows.MOST_FOLLOWED", most)
    said = why(leaf(), (leaf() * 2).sum())
    assert said.cause == {"unlinked": "not-in-graph"}.get(cause, cause)


def test_a_result_whose_graph_is_spoilt_is_asked_about_in_vain():
    w = leaf()
    with watch():
        h = w * 2
        one = h.unbind()[0]
        h.add_(1)
    said = why(w, one)
    assert said.cause == "unknown" and said.state == "waiting"


@pytest.fixture
def fifty(monkeypatch):
    """Let the journal remember fifty calls."""
    monkeypatch.setattr("helpers.graph.journal.Journal.__init__.__defaults__", (50,))
    clear_journal()


def test_what_was_let_go_is_not_guessed(fifty):
    w = leaf()
    with watch():
        h = (w * 2).detach()
        for _ in range(100):
            h = h + 1
        loss = h.sum()
    said = why(w, loss)
    assert said.cause == "unknown" and said.line == 0
    assert said.hint.startswith("Of 103 calls inside `with watch():`, the newest 50")


@pytest.mark.parametrize(
    ("make", "use", "cause", "words"),
    [
        (lambda: torch.ones(3), lambda w, h, b: w * b, "never-asked", "a line that"),
        (lambda: torch.ones(3), lambda w, h, b: h * b, "never-asked", "a line that"),
        (lambda: nn.Linear(1, 3).requires_grad_(False).bias, lambda w, h, b: w * b,
         "frozen", "a line that"),
        (leaf, lambda w, h, b: b * 2, "unknown", "tells no cause"),
        (leaf, lambda w, h, b: w * b, "no-backward-yet", "that are remembered"),
    ],
    ids=["unasked", "unasked before", "frozen", "unused", "no walk"],
)  # fmt: skip
def test_no_line_is_told_of_what_was_let_go(fifty, make, use, cause, words):
    with watch():
        w, b = make(), leaf()
        h = w * 2
        if w.is_leaf and w.requires_grad:
            h.sum().backward()
            w.grad = None
        for _ in range(100):
            torch.ones(1) + 1
        loss = use(w, h, b).sum()
    said = why(w, loss)
    assert said.cause == cause and words in said.sentence, said
    assert said.text in ("", "loss = use(w, h, b).sum()")
    assert said.text or "the newest 50 are remembered" in said.hint
    assert "not computed" not in said.sentence


def test_what_came_after_the_oldest_was_let_go_is_known_as_ever(fifty):
    with watch():
        for _ in range(100):
            torch.ones(1) + 1
        w = leaf()
        h = (w * 2).detach()
        loss = h.sum()
    said = why(w, loss)
    assert (said.cause, said.text) == ("cut:detach", "h = (w * 2).detach()")
    with watch():
        other = leaf() * 3
    assert why(w, other).cause == "not-in-graph"


def test_of_a_result_no_leaf_is_named_that_was_let_go(fifty):
    with watch():
        w = leaf()
        for _ in range(100):
            torch.ones(1) + 1
        h = w * 2
    said = why(h)
    assert said.text == "h = w * 2" and said.sentence.endswith("keep a .grad.")


def test_the_second_walk_is_named_where_the_first_was_let_go(fifty):
    w = leaf()
    with watch():
        loss = (w * w).sum()
        loss.backward()
        for _ in range(100):
            torch.ones(1) + 1
        with pytest.raises(RuntimeError) as raised:
            loss.backward()
    said = why(raised.value)
    assert (said.cause, said.text) == ("freed-graph/second-walk", "loss.backward()")


def test_where_nothing_was_seen_nothing_is_said_to_be_let_go(fifty):
    with watch():
        for _ in range(100):
            torch.ones(1) + 1
    assert "not seen inside" in why(leaf(), 2 * leaf()).hint


# ---- what it leaves as it is ------------------------------------------------


def test_asking_changes_nothing_and_runs_no_hook():
    seen, w = [], leaf()
    w.register_hook(seen.append)
    with watch():
        h = w * 2
        loss = (h * h).sum()
    versions = [t._version for t in (w, h, loss)]
    random = torch.get_rng_state()
    assert why(w, loss).cause == "no-backward-yet"
    assert (w.grad, seen, w.requires_grad) == (None, [], True)
    assert [t._version for t in (w, h, loss)] == versions
    assert torch.equal(torch.get_rng_state(), random)
    loss.backward()
    assert w.grad.tolist() == [8, 8, 8]


def test_a_road_that_is_cut_beside_an_open_one_is_told_and_no_fault():
    w = torch.ones(2, requires_grad=True)
    with watch():
        loss = (w * w.detach()).sum()
    loss.backward()
    said = why(w, loss)
    assert (said.cause, said.state) == ("none", "right")
    assert "Another road from it is cut at line" in said.sentence
    assert "`detach`" in said.sentence


def test_whole_numbers_that_shall_require_grad_are_told():
    try:
        torch.tensor([4, 3], requires_grad=True)
    except RuntimeError as problem:
        said = why(problem)
    assert said.cause == "cut:integer/argmax/comparison" and said.line
    assert "whole numbers" in said.sentence and "float()" in said.cure
