"""What is asked about a graph: word by word, with the answer, and how it is drawn."""

import re
from collections import Counter

import pytest
import torch

from helpers import quiz
from helpers.checking import inquiry
from helpers.checking.inquiry import MOST_BOXES, SUBJECTS, WEIGHTS
from helpers.checking.quiz import Quiz
from helpers.lessons.graphs import QUESTIONS

pytestmark = pytest.mark.thorough  # details, beside the quick tests of the whole

KINDS = {id(question): kind for kind, question in QUESTIONS.items()}
SEEDS = range(40)  # enough for every weight to be drawn


@pytest.fixture(autouse=True)
def no_tries(monkeypatch):
    """Count the tries at each question anew."""
    monkeypatch.setattr(inquiry, "_WRONG", Counter())


class Refusing(torch.autograd.Function):
    """Refuse to be walked back through."""

    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise KeyError("no way")


def run(lines):
    """Run a program, and return its variables."""
    names = {"torch": torch, "Refusing": Refusing}
    exec("\n".join(lines), names)
    return names


def draw(lines, about=None, seeds=SEEDS):
    """Return the questions about the result y of a program, of each seed."""
    # A learner's variables are those of the frame that calls.
    names = run(lines) | {"quiz": quiz, "about": about}
    return [
        eval(f"quiz(y, about=about, seed={seed})", names).questions for seed in seeds
    ]


def read(answer):
    return None if answer is None else answer.tolist()


def list_asked(lines, about, seeds=SEEDS):
    """Return the words of each question that may be drawn, with its answer."""
    drawn = draw(lines, about, seeds)
    return {it.words: read(it.answer) for asked in drawn for it in asked}


def words_of(asked):
    return [it.words for it in asked]


def write(rows):
    """Return the words of some questions, with their answers."""
    return {QUESTIONS[kind].asks(**told): answer for kind, told, answer in rows}


# ---- each question of a small graph ----------------------------------------------

NUMBERS = [
    "x = torch.tensor(3.0, requires_grad=True)",
    "w = torch.tensor(2.0, requires_grad=True)",
    "u = x * w",
    "y = u * x",
    "x.grad = torch.tensor(5.0)",
]  # 12 comes to x, 9 to w, 3 to u
WALK = "y.backward()"
ASKED = {
    "walk": [
        ("leaf", {"name": "x", "walk": WALK}, 12),
        ("leaf", {"name": "w", "walk": WALK}, 9),
        ("inner", {"name": "u", "walk": WALK}, 3),
    ],
    "accumulation": [
        ("held", {"name": "x", "held": "5", "walk": WALK}, 17),
        ("twice", {"name": "x", "walk": WALK}, 24),
        ("twice", {"name": "w", "walk": WALK}, 18),
        ("cleared", {"name": "x", "walk": WALK}, 12),
        ("cleared", {"name": "w", "walk": WALK}, 9),
    ],
    "weights": [
        (
            "weighted",
            {"name": name, "walk": f"y.backward(gradient=torch.tensor({weight}))"},
            grad * weight,
        )
        for weight in (-2.0, -1.0, 2.0, 3.0, 5.0, 10.0)
        for name, grad in (("x", 12), ("w", 9))
    ],
    "detach": [
        ("detached", {"name": "x", "cut": "u", "walk": WALK}, 6),
        ("detached", {"name": "w", "cut": "u", "walk": WALK}, None),
    ],
}


@pytest.mark.parametrize("about", SUBJECTS)
def test_each_question_about_numbers_is_in_these_words_with_this_answer(about):
    assert list_asked(NUMBERS, about) == write(ASKED[about])


def test_what_is_about_nothing_in_particular_is_about_all():
    """Guards against a subject that is never drawn."""
    every = {words for rows in ASKED.values() for words in write(rows)}
    assert {*list_asked(NUMBERS, None)} == every


VECTORS = [
    "x = torch.tensor([1.0, 2.0], requires_grad=True)",
    "w = torch.tensor(3.0, requires_grad=True)",
    "u = x * w",
    "y = u * x",
    "x.grad = torch.tensor([1.0, -1.0])",
]
ASKED_OF_VECTORS = {
    "walk": [("inner", {"name": "u"}, lambda a, b: [a, 2 * b])],
    "accumulation": [
        (
            "held",
            {"name": "x", "held": "[1 -1]"},
            lambda a, b: [6 * a + 1, 12 * b - 1],
        ),
        ("twice", {"name": "x"}, lambda a, b: [12 * a, 24 * b]),
        ("twice", {"name": "w"}, lambda a, b: 2 * (a + 4 * b)),
        ("cleared", {"name": "x"}, lambda a, b: [6 * a, 12 * b]),
        ("cleared", {"name": "w"}, lambda a, b: a + 4 * b),
    ],
    "weights": [
        ("weighted", {"name": "x"}, lambda a, b: [6 * a, 12 * b]),
        ("weighted", {"name": "w"}, lambda a, b: a + 4 * b),
    ],
    "detach": [
        ("detached", {"name": "x", "cut": "u"}, lambda a, b: [3 * a, 6 * b]),
        ("detached", {"name": "w", "cut": "u"}, lambda a, b: None),
    ],
}


@pytest.mark.parametrize("about", SUBJECTS)
def test_each_question_about_a_vector_is_asked_with_the_same_weights(about):
    """The words name them, all different, and the answer is that of these weights."""
    seen = set()
    for asked in draw(VECTORS, about, range(12)):
        (written,) = set(re.findall(r"tensor\((\[.*?\])\)", str(words_of(asked))))
        a, b = weights = eval(written)
        assert {a, b} <= {*WEIGHTS} and a != b
        walk = f"y.backward(gradient=torch.tensor({written}))"
        rows = [
            (kind, told | {"walk": walk}, answer(*weights))
            for kind, told, answer in ASKED_OF_VECTORS[about]
        ]
        assert {it.words: read(it.answer) for it in asked} == write(rows)
        seen.add(written)
    assert len(seen) > 4


# ---- what is asked about ----------------------------------------------------------

X = "x = torch.tensor(2.0, requires_grad=True)"


def leaf(name, numbers, *more):
    """Write a line that makes a leaf."""
    return f"{name} = torch.tensor({', '.join([numbers, *more])}, requires_grad=True)"


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        # Leaves: few real numbers in a row.
        ([X, leaf("w", "[1.0] * 6"), "y = x * w.sum()"], "leaf x, leaf w"),
        ([X, leaf("w", "[1.0] * 7"), "y = x * w.sum()"], "leaf x"),
        ([X, leaf("w", "[[1.0, 2.0]]"), "y = x * w.sum()"], "leaf x"),
        ([X, leaf("w", "[]"), "y = x * x + w.sum()"], "leaf x"),
        ([X, leaf("w", "1 + 2j"), "y = (x * w).abs()"], "leaf x"),
        ([X, leaf("w", "[1 + 2j]"), "y = (x * w).abs().sum()"], "leaf x"),
        ([X, "w = torch.tensor(3.0)", "y = x * w"], "leaf x"),
        ([X, "y = x * torch.ones((), requires_grad=True)"], "leaf x"),
        (
            [
                X,
                leaf("w", "[1.0, 2.0]"),
                "v = torch.gather(w, 0, torch.tensor([1]), sparse_grad=True)",
                "y = x * v.sum()",
            ],
            "leaf x, inner v",
        ),
        # Gradients: nought, or of a size to be worked out by hand.
        ([X, leaf("w", "3.0"), "y = x + 0 * w"], "leaf x, leaf w"),
        ([X, leaf("w", "3.0"), "y = x + torch.nan * w"], "leaf x"),
        ([X, leaf("w", "3.0"), "y = x - torch.inf * w"], "leaf x"),
        *(
            (
                [X, leaf("w", "3.0", "dtype=torch.float64"), f"y = x + {slope} * w"],
                f"leaf x{wanted}",
            )
            for slope, wanted in {
                1e6: ", leaf w",
                -1e6: ", leaf w",
                1.001e6: "",
                -1.001e6: "",
                1e-6: ", leaf w",
                -1e-6: ", leaf w",
                0.999e-6: "",
                -0.999e-6: "",
            }.items()
        ),
        (
            [X, leaf("w", "[1.0, 2.0]"), "y = x + w[0] + 1e9 * w[1]"],
            "leaf x",  # one number that is too large is enough
        ),
        # What stands in between.
        ([X, "u = x * 3", "v = u * 2", "y = v * x"], "leaf x, inner u, inner v"),
        (
            [X, "u = x * 3", "u.retain_grad()", "v = u * 2", "y = v * x"],
            "leaf x, inner v",
        ),
        ([X, "y = (x * 3) * x", "y.retain_grad()"], "leaf x"),
        ([X, "y = u = x * 3"], "leaf x"),
        ([X, "u = x * 3", "y = x * x"], "leaf x"),
        ([X, "u = x * (1 + 1j)", "y = u.abs()"], "leaf x"),
        ([X, "u = x * torch.ones(7)", "y = u.sum()"], "leaf x"),
        (
            [leaf("x", "[1.0, 2.0]"), "a, b = x.unbind()", "y = a * b"],
            "leaf x, inner a, inner b",
        ),
        (
            [leaf("x", "[1.0, 2.0]"), "parts = x.unbind()", "y = parts[0] * parts[1]"],
            "leaf x",
        ),
        # Leaves that the walk does not come to.
        ([X, leaf("w", "3.0"), "y = x * w.detach()"], "leaf x"),
    ],
)
def test_who_is_asked_about_has_a_name_and_few_numbers(lines, asked):
    walks = {
        QUESTIONS[kind].asks(name=name, walk=WALK)
        for kind, name in map(str.split, asked.split(", "))
    }
    assert {*list_asked(lines, "walk", range(12))} == walks


@pytest.mark.parametrize(
    ("lines", "asked"),
    [
        ([X, leaf("w", "3.0"), "u = x * 3", "y = u * w"], ["u x None"]),
        ([X, leaf("w", "3.0"), "u = x * 3", "y = u * x + w"], ["u x 6"]),
        ([X, leaf("w", "3.0"), "u = x * w", "y = u * u"], []),  # backward() raises
        (
            # Somebody gets something, though it has no name.
            [X, "u = x * 3", "y = u * torch.ones((), requires_grad=True)"],
            ["u x None"],
        ),
        (
            [X, leaf("w", "3.0"), "u = x * 3", "u.retain_grad()", "y = u * w"],
            [],
        ),
        (
            # One of several outputs cannot be cut alone.
            [leaf("x", "[1.0, 2.0]"), "a, b = x.unbind()", "u = a * 3", "y = u * b"],
            ["u x [0.0, 3.0]"],
        ),
        (
            [X, leaf("w", "3.0"), "u = x * w", "v = u * x", "y = v + 5 * x"],
            ["u x 11", "v x 5", "u w None", "v w None"],
        ),
    ],
)
def test_what_is_detached_lies_on_the_way_to_a_leaf(lines, asked):
    words = {}
    for cut, name, answer in (it.split(maxsplit=2) for it in asked):
        told = {"name": name, "cut": cut, "walk": WALK}
        words[QUESTIONS["detached"].asks(**told)] = eval(answer)
    if words:
        assert list_asked(lines, "detach", range(20)) == words
    else:
        assert say(lines, about="detach") == inquiry.NOTHING(most=6)


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ([X, "x.grad = torch.tensor(1.0)", "y = x * x"], "held twice cleared"),
        ([X, "x.grad = torch.tensor(torch.nan)", "y = x * x"], "twice cleared"),
        ([X, "x.grad = torch.tensor(2e6)", "y = x * x"], "twice cleared"),
        ([X, "x.grad = torch.tensor(6e5)", "y = 6e5 * x"], "cleared"),
    ],
)
def test_what_a_leaf_holds_and_is_to_hold_has_a_fitting_size(lines, kinds):
    asked = draw(lines, "accumulation", range(6))
    assert {KINDS[id(it.kind)] for each in asked for it in each} == {*kinds.split()}


# ---- how they are drawn -----------------------------------------------------------

MANY = [
    *(leaf(name, "2.0") for name in "abc"),
    "u = a * b",
    "v = u * c",
    "y = v * a",
]


def test_at_most_six_are_drawn_and_two_of_a_kind():
    for about, kinds in SUBJECTS.items():
        for asked in draw(MANY, about, range(12)):
            assert len({*words_of(asked)}) == len(asked)
            drawn = Counter(KINDS[id(it.kind)] for it in asked)
            there = {*kinds} - {"held"}  # since no .grad holds anything yet
            assert drawn == dict.fromkeys(there, 2)
    counts = [len(asked) for asked in draw([*MANY, *HELD], None, range(12))]
    assert counts == [6] * 12


HELD = [f"{name}.grad = torch.tensor(1.0)" for name in "abc"]


@pytest.mark.parametrize("about", [None, *SUBJECTS])
def test_each_may_be_the_first_and_a_seed_draws_the_same_again(about):
    """Guards against questions that always come in one order, or never."""
    drawn = [words_of(asked) for asked in draw([*MANY, *HELD], about)]
    every = {words for asked in drawn for words in asked}
    told = {re.sub(r"gradient=.*?\)\)", "", words) for words in every}
    first = {re.sub(r"gradient=.*?\)\)", "", asked[0]) for asked in drawn}
    assert told == first if about else len(first) > 12
    assert drawn[:3] == [
        words_of(asked) for asked in draw([*MANY, *HELD], about, range(3))
    ]


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ([], "result"),
        (["result"], "result_"),
        (["result", "result_", "y"], "result__"),
        (["result_"], "result"),
    ],
)
def test_a_result_without_a_variable_is_called_as_no_variable_is(variables, name):
    """Guards against a walk that seems to start at something else of the learner's."""
    lines = [leaf(variable, "3.0") for variable in variables]
    names = run([X, "z = x * x", *lines]) | {"quiz": quiz}
    (question,) = eval("quiz(z * x, about='walk', seed=0)", names).questions[:1]
    assert f"`{name}.backward()`" in question.words
    (other,) = eval("quiz(z, about='weights')", names).questions
    assert "`z.backward(gradient=" in other.words


# ---- how answers are judged -------------------------------------------------------


@pytest.mark.parametrize("about", SUBJECTS)
def test_a_right_answer_is_told_what_its_kind_of_question_teaches(about):
    for question in draw(NUMBERS, about, [0])[0]:
        verdict = question.judge(read(question.answer))
        assert (verdict.state, verdict.sentence) == ("right", question.kind.says())


def test_tries_are_counted_for_each_question_alone_and_only_wrong_ones():
    """Guards against a next step that comes too early, or never."""
    (asked,) = draw(MANY, "walk", [0])
    said = [question.judge(77.7).sentence for question in asked]
    assert said[0] == said[1] == "The walk starts at `y` with 1. What does `y` send on?"
    for given, state in ((read(asked[0].answer), "right"), ("what?", "waiting")):
        assert asked[0].judge(given).state == state
    second = asked[0].judge(77.7).sentence
    assert second.startswith("`y` sends")
    (again,) = draw(MANY, "walk", [0])  # in this kernel they go on to be counted
    assert again[0].judge(77.7).sentence.startswith("`v` sends")


def test_what_a_constant_holds_is_no_gradient():
    """Guards against names that the judge of a guess does not know."""
    lines = [X, "k = torch.tensor(7.0)", "y = x * x * k"]
    ((question,),) = draw(lines, "walk", [0])
    verdict = question.judge(7)
    assert verdict.misconception == "GRAD-IS-VALUE" and "`k`" in verdict.sentence


def test_weights_have_the_dtype_of_the_result():
    """Guards against a product of two kinds of numbers, which torch refuses."""
    lines = [
        leaf("x", "[1.0, 2.0]", "dtype=torch.float64"),
        "y = torch.stack([x[0] * x[1], 5 * x[1]])",
    ]
    ((question,),) = draw(lines, "weights", [0])
    assert question.graph.weights.dtype == torch.float64
    weights = question.graph.weights
    table = torch.tensor([[2.0, 1.0], [0.0, 5.0]], dtype=torch.float64)
    assert question.judge(table.T @ weights).state == "right"
    assert question.judge(table @ weights).misconception == "JVP-NOT-VJP"


# ---- why there is no question -----------------------------------------------------


def say(lines, **options):
    """Return the first question, or the sentence that comes in its place."""
    names = run(lines) | {"quiz": quiz, "options": options}
    asked = eval("quiz(y, **options)", names)
    return (asked.show() if isinstance(asked, Quiz) else asked).sentence


def shape(*sizes):
    return {"came": f"a tensor of shape {sizes}"}


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["y = torch.ones(2)"], inquiry.NO_RESULT(**shape(2))),
        ([leaf("y", "1.0")], inquiry.NO_RESULT(**shape())),
        ([leaf("y", "[[1.0]]")], inquiry.NO_RESULT(**shape(1, 1))),
        (["y = [2.0]"], inquiry.NO_RESULT(came="a list")),
        ([leaf("x", "[]"), "y = 2 * x"], inquiry.NO_SHORT_RESULT(**shape(0), most=6)),
        ([X, "y = x * torch.ones(7)"], inquiry.NO_SHORT_RESULT(**shape(7), most=6)),
        (
            [X, "y = x * torch.ones(2, 2)"],
            inquiry.NO_SHORT_RESULT(**shape(2, 2), most=6),
        ),
        ([X, "y = x * 1j"], inquiry.NO_SHORT_RESULT(**shape(), most=6)),
        (
            [X, "y = x * torch.ones(2) * 1j"],
            inquiry.NO_SHORT_RESULT(**shape(2), most=6),
        ),
        (
            [X, *["x = x * 2"] * MOST_BOXES, "y = x"],
            inquiry.TOO_MUCH(most=20),
        ),
        ([X, "y = (x * torch.ones(10**7)).sum()"], inquiry.TOO_MUCH(most=20)),
        (
            [X, *["x.register_hook(lambda grad: grad)"] * 2, "y = x * x"],
            inquiry.HOOKS(count=2),
        ),
        (
            [X, "y = x * x", "y.backward()"],
            inquiry.FREED(),
        ),
        ([X, "y = Refusing.apply(x)"], inquiry.STOPPED(problem="KeyError: 'no way'")),
        (
            [
                X,
                "with torch.autograd.graph.saved_tensors_hooks(abs, abs): y = x * x",
            ],
            inquiry.REFUSED(),
        ),
        ([X, "y = x * torch.nan"], inquiry.NOTHING(most=6)),
        pytest.param(
            ["x = torch.empty((), device='meta', requires_grad=True)", "y = x.clone()"],
            inquiry.NOTHING(most=6),
        ),
        pytest.param(
            ["x = torch.empty(2, device='meta', requires_grad=True)", "y = x.clone()"],
            inquiry.NOTHING(most=6),
        ),
    ],
)
def test_the_sentence_tells_what_came_or_how_much_fits(lines, said):
    assert say(lines) == said


def test_a_graph_may_have_as_many_boxes_as_the_sentence_says():
    lines = [X, *["y = x * 1"], *["y = y * 1"] * (MOST_BOXES - 2)]
    assert list_asked(lines, "walk", [0]) == write(
        [("leaf", {"name": "x", "walk": WALK}, 1)]
    )
    assert say([*lines, "y = y * 1"]) == inquiry.TOO_MUCH(most=20)


def test_a_vector_may_have_one_number():
    ((question,),) = draw([leaf("x", "[1.0]"), "y = x * 2"], "weights", [0])
    ((weight,),) = map(eval, re.findall(r"\[.*?\]", question.words))
    assert read(question.answer) == [2 * weight]


def test_what_only_the_weights_bring_to_a_fitting_size_is_asked_about():
    """Guards against a look at another walk than the one that is asked about."""
    lines = [leaf("x", "[1.0]", "dtype=torch.float64"), "y = x * 3e-7"]
    said = [say(lines, about="weights", seed=seed) for seed in range(20)]
    drawn = {words for words in said if words != inquiry.NOTHING(most=6)}
    weights = {eval(re.findall(r"\[.*?\]", words)[0])[0] for words in drawn}
    assert weights == {5, 10}


def test_a_vector_may_have_six_numbers():
    lines = [leaf("x", "[1.0] * 6"), "y = x * 2"]
    for question in draw(lines, "weights", range(3)):
        ((written, *_),) = re.findall(r"(\[.*?\])()", str(words_of(question)[0]))
        assert sorted(eval(written)) == sorted(WEIGHTS)
        assert read(question[0].answer) == [2 * weight for weight in eval(written)]
