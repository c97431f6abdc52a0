"""Questions about a learner's own graph: right is right, and nothing is touched."""

import re
import sys
from collections import Counter
from types import SimpleNamespace
from unittest.mock import Mock

import ipywidgets
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.checkpoint import checkpoint

from helpers import quiz, sandbox, set_language
from helpers.checking import form, inquiry
from helpers.checking.inquiry import MOST_BOXES, SUBJECTS
from helpers.checking.quiz import Quiz
from helpers.live import STILL, WIDGET_VIEW
from helpers.verdict import Verdict
from helpers.wording import describe_thing

LINES = (
    "{new} = {one} * {other}",
    "{new} = {one} - 3 * {other}",
    "{new} = {one}.sin() + {other}",
    "{new} = {one} * k",
)


@pytest.fixture(autouse=True)
def a_new_kernel(monkeypatch):
    """Speak English, and count the tries at each question anew."""
    monkeypatch.setattr(inquiry, "_WRONG", Counter())
    yield
    set_language("en")


def run(lines):
    """Run a program as a learner does, and return its variables."""
    names = {"torch": torch, "quiz": quiz}
    exec("\n".join(lines), names)
    return names


def ask(lines, call="quiz(y)"):
    return eval(call, run(lines))


@st.composite
def programs(draw):
    """Return a program with two leaves, a constant and a result, all with names."""
    numbers = st.sampled_from([-2.0, -1.0, 0.5, 1.0, 3.0])
    size = draw(st.integers(0, 3))
    shape = st.lists(numbers, min_size=size, max_size=size) if size else numbers
    lines = [f"{n} = torch.tensor({draw(shape)}, requires_grad=True)" for n in "xw"]
    lines.append(f"k = torch.tensor({draw(shape)})")
    names = ["x", "w"]
    for new in "uvy"[-draw(st.integers(1, 3)) :]:
        one, other = (draw(st.sampled_from(names)) for _ in "12")
        lines.append(draw(st.sampled_from(LINES)).format(new=new, one=one, other=other))
        names.append(new)
    return lines


def do_really(lines, question):
    """Return what PyTorch itself leaves where all is done that a question says."""
    told = re.findall(r"`([^`]+)`", question.words)
    cut = next((code[0] for code in told if code.endswith(".detach()")), "")
    detached = [f"{cut} = {cut}.detach()"] if cut else []
    at = next((n for n, line in enumerate(lines, 1) if line[0] == cut), 0)
    names = run([*lines[:at], *detached, *lines[at:]])
    for code in told:
        if ".backward(" in code:
            twice = "twice" in question.words
            exec(code[:-1] + ", retain_graph=True)" if "=" in code else REPEAT, names)
            exec(code, names) if twice else None
        elif code.endswith((".grad = None", ".retain_grad()")):
            exec(code, names)
    return eval(told[-1], names)


REPEAT = "y.backward(retain_graph=True)"


@settings(max_examples=50, deadline=None)
@given(programs(), st.integers(0, 99))
def test_what_pytorch_leaves_is_right(lines, seed):
    asked = ask(lines, f"quiz(y, seed={seed})")
    for question in asked.questions if isinstance(asked, Quiz) else ():
        truth = do_really(lines, question)
        guess = None if truth is None else truth.tolist()
        assert question.judge(guess).state == "right", (question.words, guess)


@settings(max_examples=15, deadline=None)
@given(programs(), st.booleans(), st.integers(0, 99))
def test_all_of_the_learners_stays_as_it_was(lines, held, seed):
    names = run(lines)
    tensors = [it for it in names.values() if isinstance(it, torch.Tensor)]
    leaves = [it for it in tensors if it.is_leaf and it.requires_grad]
    for leaf in leaves:
        leaf.grad = torch.ones_like(leaf) if held else None
    before = [(it.grad, it.requires_grad, it._version) for it in leaves]
    versions = [it._version for it in tensors]
    values, state = [it.clone() for it in tensors], torch.get_rng_state()
    asked = eval(f"quiz(y, seed={seed})", names)
    for question in asked.questions[:1] if isinstance(asked, Quiz) else ():
        assert question.judge(17.25).state != "right"
    for leaf, (grad, *rest) in zip(leaves, before, strict=True):
        assert leaf.grad is grad and [leaf.requires_grad, leaf._version] == rest
        assert grad is None or grad.eq(1).all()
    assert [it._version for it in tensors] == versions
    assert all(map(torch.equal, tensors, values))
    assert torch.equal(torch.get_rng_state(), state) and torch.is_grad_enabled()
    if names["y"].requires_grad:
        names["y"].sum().backward()  # nothing was freed


# ---- what is asked, and what is said --------------------------------------------

WALK = [
    "x = torch.tensor(3.0, requires_grad=True)",
    "w = torch.tensor(2.0, requires_grad=True)",
    "u = x * w",
    "y = u * x",
]  # 12 comes to x, 9 to w, 3 to u
VECTOR = [
    "x = torch.tensor([1.0, 2.0], requires_grad=True)",
    "y = torch.stack([x[0] * x[1], 5 * x[1]])",
]


def find(lines, about, words):
    """Return the question that says all these words."""
    for seed in range(40):
        for question in ask(lines, f"quiz(y, about={about!r}, seed={seed})").questions:
            if all(word in question.words for word in words):
                return question
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("about", "words", "right", "wrong", "tag"),
    [
        ("walk", ["What is `x.grad`"], 12, 6, "ONE-USE-ONLY"),
        ("walk", ["What is `x.grad`"], "12.0", 3, "OWN-VALUE"),
        ("walk", ["What is `w.grad`"], 9, 18, "GRAD-IS-VALUE"),
        ("walk", ["`u.retain_grad()`"], 3, None, "LEAVES-ONLY"),
        ("walk", ["`u.retain_grad()`"], 3, 1, "GRAD-ON-OUTPUT"),
        ("accumulation", ["twice", "`x.grad`"], 24, 12, "OVERWRITE"),
        ("accumulation", ["`w.grad = None`"], 9, 18, "ZERO-IS-NOT-INPLACE"),
        ("detach", ["`u.detach()`", "`x.grad`"], 6, 12, "DETACH-IS-A-COPY"),
        ("detach", ["`u.detach()`", "`w.grad`"], None, 9, "DETACH-IS-A-COPY"),
        ("detach", ["`u.detach()`", "`w.grad`"], None, 0, "NONE-IS-ZERO"),
        ("weights", ["tensor(10.0)", "`x.grad`"], 120, 12, "WEIGHTS-IGNORED"),
    ],
)
def test_a_wrong_answer_is_named_by_the_rules_of_the_walk(
    about, words, right, wrong, tag
):
    question = find(WALK, about, words)
    assert question.judge(right).state == "right"
    verdict = question.judge(wrong)
    assert (verdict.state, verdict.misconception) == ("wrong", tag)


def test_what_grad_holds_now_is_asked_about():
    lines = [*WALK, "x.grad = torch.tensor(5.0)"]
    question = find(lines, "accumulation", ["`x.grad` holds 5 now"])
    assert question.judge(17).state == "right"
    assert question.judge(12).misconception == "OVERWRITE"


def test_a_vector_is_walked_back_with_weights():
    (question,) = ask(VECTOR, 'quiz(y, about="weights")').questions
    (numbers,) = re.findall(r"tensor\((\[.*?\])\)", question.words)
    first, second = eval(numbers)
    assert question.judge([2 * first, first + 5 * second]).state == "right"
    assert question.judge([2, 6]).misconception == "WEIGHTS-IGNORED"
    table = torch.tensor([[2.0, 1.0], [0.0, 5.0]])
    assert (
        question.judge(table @ torch.tensor([first, second])).misconception
        == "JVP-NOT-VJP"
    )


def test_where_nothing_explains_an_answer_each_try_tells_one_step_more():
    lines = ["x = torch.tensor(7.0, requires_grad=True)", *WALK[1:]]
    question = find(lines, "walk", ["`w.grad`"])
    said = [question.judge(77.7).sentence for _ in "123"]
    assert said[1] == "`y` sends 7 to `u`, 14 to `x`. And `u`?" != said[0]
    # What u sends to w is the answer.
    assert said[2] == "`u` sends 14 to `x`. What does `u` send to `w`?"


def test_a_seed_chooses_the_questions_and_a_subject_limits_them():
    def words(call):
        return [it.words for it in ask(WALK, call).questions]

    assert words("quiz(y)") == words("quiz(y, seed=0)")
    assert len({tuple(words(f"quiz(y, seed={n})")) for n in range(8)}) > 4
    assert any("detach" in it for n in range(8) for it in words(f"quiz(y, seed={n})"))
    for subject in SUBJECTS:
        said = " ".join(words(f'quiz(y, about="{subject}")'))
        assert ("detach" in said) == (subject == "detach")
        assert ("gradient=" in said) == (subject == "weights")
        assert ("retain_graph" in said) == (subject == "accumulation")


def test_a_quiz_says_how_to_answer_it_and_the_calls_do_what_it_says():
    names = run(WALK)
    asked = eval('quiz(y, about="walk", seed=3)', names)
    judge, other = re.findall(r"`(quiz[^`]+)`", repr(asked))
    right = asked.questions[0].answer
    assert eval(judge, names | {"guess": right}).state == "right"
    assert eval(judge, names | {"guess": right + 50}).state == "wrong"
    assert eval(judge, names | {"guess": "what?"}).state == "waiting"
    assert other == 'quiz(y, about="walk", seed=4)'
    assert isinstance(eval(other, names), Quiz)


@pytest.mark.parametrize(
    ("call", "judge", "other"),
    [
        ("quiz(y)", "quiz(y, guess)", "quiz(y, seed=1)"),
        ("quiz(y, seed=7)", "quiz(y, guess, seed=7)", "quiz(y, seed=8)"),
        (
            'quiz(y, about="walk")',
            'quiz(y, guess, about="walk")',
            'quiz(y, about="walk", seed=1)',
        ),
        (
            'quiz(y, about="detach", seed=-1)',
            'quiz(y, guess, about="detach", seed=-1)',
            'quiz(y, about="detach", seed=0)',
        ),
        ("quiz(u * x)", "quiz(…, guess)", "quiz(…, seed=1)"),
    ],
)
def test_a_quiz_shows_a_question_the_values_and_how_to_go_on(call, judge, other):
    asked = ask(WALK, call)
    result = "y" if "y" in call else "result"
    assert repr(asked) == (
        f"○ {asked.questions[0].words}\n"
        f"  The values: `x = 3`, `w = 2`, `u = 6`, `{result} = 18`.\n"
        "  Run this cell, and answer in the field that appears; or write "
        f"`{judge}`. `{other}` draws the questions anew."
    )
    page = asked._repr_mimebundle_()
    assert page == asked.show()._repr_mimebundle_()
    assert page["text/plain"] == repr(asked) and page["text/html"]


def test_tensors_in_containers_and_results_without_a_name_are_spoken_of():
    lines = ["p = {'w': torch.tensor(2.0, requires_grad=True)}"]
    asked = ask(lines, "quiz(p['w'] ** 3, about='walk')")
    (question,) = asked.questions
    assert 'p["w"].grad' in question.words and "result.backward()" in question.words
    assert "write `quiz(…, guess" in repr(asked)
    assert question.judge(12).state == "right"


def test_it_speaks_chinese():
    set_language("zh")
    asked = ask(WALK, 'quiz(y, about="walk")')
    assert "是什么？" in repr(asked) and "运行这个单元格" in repr(asked)
    assert "不是梯度" in find(WALK, "walk", ["`w.grad`"]).judge(6).sentence


# ---- what cannot be asked about --------------------------------------------------


class Stubborn(torch.autograd.Function):
    """Refuse to be walked back through."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise KeyError("no way back")


class Endless(Stubborn):
    """Never come back."""

    @staticmethod
    def backward(ctx, grad):
        while True:
            pass


def leaf(*shape):
    return torch.ones(shape, requires_grad=True)


def freed(x):
    y = x * x
    y.backward()
    return y


def spoilt(x):
    u = x * 1
    y = u * u
    u += 1
    return y


def hooked(x):
    x.register_hook(lambda grad: 2 * grad)
    return x * x


def long(x):
    for _ in range(MOST_BOXES):
        x = x * x
    return x


def square(x):
    return (x * x).sum()


@pytest.mark.parametrize(
    ("x", "compute", "said"),
    [
        (leaf(), lambda x: 3.0, "3.0 came, but quiz asks about a result"),
        (leaf(), lambda x: "y", "'y' came, but quiz asks"),
        (leaf(), lambda x: x, "shape () came, but quiz asks about a result"),
        (leaf(), lambda x: x.detach() * 2, "quiz asks about a result with a graph"),
        (leaf(2, 2), lambda x: x * 2, "shape (2, 2) came, but the walk"),
        (leaf(7), lambda x: x * 2, "at most 6"),
        (leaf(), lambda x: x * 1j, "one real number"),
        (leaf(0), lambda x: x * 2, "shape (0,) came"),
        (leaf(1_000_000), square, "too large to be walked by hand"),
        (leaf(), long, "at most 20 operations"),
        (leaf(), freed, "has freed what this graph had saved"),
        (leaf(), spoilt, "a change in place has spoilt it"),
        (leaf(), hooked, "Hooks on this graph: 1."),
        (leaf(), Stubborn.apply, "no way back"),
        pytest.param(
            leaf(),
            Endless.apply,
            "cannot be walked back",
            marks=pytest.mark.thorough,
        ),
        (leaf(3, 3), square, "nothing to ask about here"),
        (leaf(), lambda x: x * torch.nan, "neither nan nor infinite"),
        (leaf(), lambda x: x * 1e-9, "very small or large"),
        (
            leaf(),
            lambda x: checkpoint(lambda x: x * x, x, use_reentrant=False),
            "run code of yours again",
        ),
    ],
)
def test_where_there_is_no_question_one_sentence_says_why(x, compute, said):
    x = x.detach().requires_grad_()
    y, before = compute(x), x.grad
    verdict = quiz(y)
    assert isinstance(verdict, Verdict)
    assert (verdict.state, verdict.counts) == ("waiting", False)
    assert said in verdict.sentence
    assert x.grad is before
    assert quiz(y, 5.0) == verdict


def test_what_takes_too_long_is_told_in_seconds(monkeypatch):
    """Guards against the name of an error that no learner knows."""
    monkeypatch.setattr(sandbox, "run_within", Mock(side_effect=sandbox.TooSlow))
    assert quiz(leaf() * 2).sentence == (
        "This graph cannot be walked back (still running after 4 seconds); mend that, "
        "then ask again."
    )


def test_a_leaf_without_a_variable_is_not_asked_about():
    verdict = ask([], "quiz(2 * torch.ones((), requires_grad=True))")
    assert "variable of its own" in verdict.sentence


@pytest.mark.parametrize("about", ["forward", 3, ["walk"], torch.ones(2), ""])
def test_another_subject_is_refused(about):
    x = leaf()
    verdict = quiz(x * x, about=about)
    known = ' one of "walk", "accumulation", "weights", "detach"; write one'
    assert verdict.state == "waiting" and known in verdict.sentence
    assert verdict.sentence.startswith(f"about={describe_thing(about)} came, but")


@pytest.mark.parametrize("seed", ["a", None, 1.5, True])
def test_another_seed_is_refused(seed):
    x = leaf()
    said = quiz(x * x, seed=seed).sentence
    assert said.startswith(f"seed={describe_thing(seed)} came, but a seed is a whole")


def test_a_slope_of_a_slope_is_asked_about_like_any_other():
    lines = [
        "x = torch.tensor(2.0, requires_grad=True)",
        "(y,) = torch.autograd.grad(x**3, x, create_graph=True)",
    ]
    (question,) = ask(lines, 'quiz(y, about="walk")').questions
    assert question.judge(12).state == "right"


def test_no_hook_runs_and_no_mode_of_the_learners_sees_a_thing():
    called, names = [], run(WALK)
    names["u"].grad_fn.register_hook(lambda *grads: called.append(grads))
    with torch.no_grad(), torch.inference_mode():
        asked = eval("quiz(y)", names)
        asked.questions[0].judge(1.0)
    assert isinstance(asked, Quiz) and not called


# ---- the form --------------------------------------------------------------------


def fill(question_form, given):
    question_form.field.value = given
    return question_form.says.value


def test_a_form_judges_each_answer_once_and_goes_round():
    lines = ["x = torch.tensor(4.0, requires_grad=True)", *WALK[1:]]
    questions = [
        find(lines, "walk", ["What is `w.grad`"]),
        find(lines, "walk", ["`u."]),
    ]
    shown = form.Form(questions, "", ipywidgets)
    right = f"{questions[0].answer.item()}"
    wrong = fill(shown, "77.7")
    judge, more = shown.box.children[1].children[1:]
    judge.click()
    assert "✗" in wrong and shown.says.value == wrong  # once, though told twice
    assert "✗" in fill(shown, "88.8") != wrong  # the next step
    assert "✓" in fill(shown, right) and "✓" in repr(shown)
    for number in range(2, len(questions) + 1):
        more.click()
        assert shown.asks.value.startswith(f"Question {number} of {len(questions)}:")
        assert shown.field.value == shown.says.value == ""
    more.click()
    assert shown.asks.value.startswith("Question 1 of")
    assert repr(shown).count("\n") == 0


def make_form(*words):
    """Make a form of questions that count how often they are judged, and take 1."""
    told = []

    def judge(given):
        told.append(given)
        return Verdict("right" if given == "1" else "wrong", f"{given} came.")

    questions = [SimpleNamespace(words=it, judge=judge) for it in words]
    return form.Form(questions, "`x = 3 < 4`", ipywidgets), told


def test_a_form_asks_with_the_values_above_a_field_and_two_buttons():
    shown, _ = make_form("What is `x.grad`?", "What is `w.grad`?")
    assert shown.asks.value == (
        "Question 1 of 2: What is <code>x.grad</code>?<br><code>x = 3 &lt; 4</code>"
    )
    asks, row, says = shown.box.children
    assert (asks, says) == (shown.asks, shown.says) and says.value == ""
    field, judge, more = row.children
    assert field is shown.field and field.description == "Your answer:"
    assert field.placeholder == "a number, [a, list], or None"
    assert field.style.description_width == "initial"  # the words need room
    assert not field.continuous_update  # or each key would be a try
    assert (judge.description, more.description) == ("Check", "Next question")
    assert repr(shown) == ""


def test_a_form_judges_what_is_in_the_field_and_nothing_else():
    shown, told = make_form("a", "b")
    judge, more = shown.box.children[1].children[1:]
    judge.click()
    assert fill(shown, "   ") == "" and told == []
    assert "7 came." in fill(shown, " 7 ") and told == ["7"]
    fill(shown, "7"), judge.click()  # the same answer is no new try
    assert told == ["7"]
    assert "1 came." in fill(shown, "1") and told == ["7", "1"]
    fill(shown, "7")  # another again
    more.click(), more.click()
    fill(shown, "7")  # and once more after a round
    assert told == ["7", "1", "7", "7"]


def test_a_form_leaves_the_last_answer_to_each_question_in_their_order():
    shown, _ = make_form("a", "b", "c")
    more = shown.box.children[1].children[2]
    for number in ("7", "", "1"):
        fill(shown, number), more.click()
    fill(shown, "1")
    assert repr(shown) == "✓ a\n✓ c"
    more.click(), fill(shown, "8")
    assert repr(shown) == "✓ a\n✗ b\n✓ c"


@pytest.fixture
def kernel(monkeypatch):
    """Stand in for a live kernel, and note what it shows."""
    monkeypatch.delenv(STILL, raising=False)
    seen, watchers = [], []

    def register(name, it):
        assert name == "pre_run_cell"
        watchers.append(it)

    def unregister(name, it):
        assert name == "pre_run_cell"
        watchers.remove(it)

    def show(data, *, raw, display_id=None):
        assert raw is True and (display_id is True or seen)
        seen.append(data)
        return SimpleNamespace(update=show)

    events = SimpleNamespace(register=register, unregister=unregister)
    shell = SimpleNamespace(kernel=1, events=events)
    monkeypatch.setattr(form, "find_shell", lambda: shell)
    monkeypatch.setattr("IPython.display.display", show)
    return seen, watchers


def test_a_form_becomes_words_as_soon_as_something_else_runs(kernel):
    seen, watchers = kernel
    asked = ask(WALK)
    asked._ipython_display_()
    (fold,) = watchers
    fold()
    assert not watchers and [WIDGET_VIEW in each for each in seen] == [True, False]
    view = seen[0].pop(WIDGET_VIEW)
    assert seen[1] == asked._repr_mimebundle_() == seen[0]
    assert {**view, "model_id": ""} == {
        "version_major": 2,
        "version_minor": 0,
        "model_id": "",
    }


def test_what_was_answered_stays(kernel, monkeypatch):
    seen, watchers = kernel
    asked = ask(WALK, 'quiz(y, about="walk")')
    shown = form.Form(asked.questions, asked.values, ipywidgets)
    monkeypatch.setattr(form, "Form", lambda *parts: shown)
    asked._ipython_display_()
    assert seen[0][WIDGET_VIEW]["model_id"] == shown.box.model_id
    controls = [shown.box, *shown.box.children, *shown.box.children[1].children]
    fill(shown, "77.7")
    watchers[0](SimpleNamespace(raw_cell="1"))  # IPython tells what it will run
    assert seen[1]["text/plain"].startswith("✗ ") and len(seen[1]) == 1
    # All are closed, so that no state of theirs is saved.
    assert [it.comm for it in controls] == [None] * 7


@pytest.mark.parametrize("lack", [STILL, "find_shell", "find_widgets"])
def test_where_no_form_can_be_shown_there_are_words(kernel, monkeypatch, lack):
    if lack == STILL:
        monkeypatch.setenv(STILL, "1")
    else:
        monkeypatch.setattr(form, lack, lambda: None)
    with pytest.raises(NotImplementedError):
        ask(WALK)._ipython_display_()
    assert kernel == ([], [])


KERNEL = SimpleNamespace(kernel=1)


@pytest.mark.parametrize(
    ("ipython", "shell"),
    [
        (SimpleNamespace(get_ipython=lambda: KERNEL), KERNEL),
        (SimpleNamespace(get_ipython=lambda: SimpleNamespace()), None),  # a terminal
        (SimpleNamespace(get_ipython=lambda: None), None),  # imported by a script
        (SimpleNamespace(), None),  # half imported
        (None, None),  # kept from being imported
        (..., None),  # not imported
    ],
)
def test_a_shell_is_one_with_a_kernel(monkeypatch, ipython, shell):
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    if ipython is ...:
        monkeypatch.delitem(sys.modules, "IPython")
    assert form.find_shell() is shell


def test_outside_of_a_kernel_there_is_no_shell(monkeypatch):
    assert form.find_shell() is None
    terminal = SimpleNamespace(get_ipython=lambda: 1)
    monkeypatch.setitem(sys.modules, "IPython", terminal)
    assert form.find_shell() is None
    assert form.find_widgets() is ipywidgets
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert form.find_widgets() is None
