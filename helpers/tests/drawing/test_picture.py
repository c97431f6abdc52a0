"""The front: how wide a picture is shown, where it is saved, and what is refused."""

import struct
import warnings
import weakref
from pathlib import Path

import pytest
import torch

from helpers import explore, play, show_backward, show_graph
from helpers.drawing.picture import CannotDraw, Picture


def leaf():
    return torch.arange(3.0, requires_grad=True)


def refusal(call, *given, **settings):
    """Return the sentence that comes instead of a picture."""
    with pytest.raises(CannotDraw) as problem:
        call(*given, **settings)
    return str(problem.value)


@pytest.mark.parametrize(
    ("pixels", "shown"),
    [(400, 200), (1998, 999), (2000, 1000), (2002, 1000), (2**24 + 400, 1000)],
)
def test_a_picture_is_shown_at_half_its_pixels_but_never_too_wide(pixels, shown):
    begin = struct.pack(">8sI4sII", b"\x89PNG\r\n\x1a\n", 13, b"IHDR", pixels, 10)
    _, settings = Picture(lambda kind: begin, "twin", "alt")._repr_mimebundle_()
    assert settings == {"image/png": {"width": shown, "alt": "alt"}}


@pytest.mark.parametrize("name", ["walk.png", "WALK.PNG", "walk.svg", "a.b.Svg"])
@pytest.mark.parametrize("path", [str, Path])
def test_the_ending_says_as_what_a_picture_is_saved(name, path, tmp_path):
    Picture(lambda kind: kind.encode(), "twin", "alt").save(path(tmp_path / name))
    assert (tmp_path / name).read_text() == name.lower()[-3:]


@pytest.mark.parametrize("name", ["walk.jpg", "png", ".svg"])
def test_another_ending_gets_a_sentence_and_no_file(name, tmp_path):
    picture = Picture(lambda kind: kind.encode(), "twin", "alt")
    assert refusal(picture.save, tmp_path / name) == (
        f"'{name}' came, but a picture is saved as .png or .svg; "
        "name the file walk.png, for example."
    )
    assert not [*tmp_path.iterdir()]


class Stop(torch.autograd.Function):
    """Send nothing back."""

    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, grad):
        return None


def doubled(times):
    y = leaf()
    for _ in range(times):
        y = y * 2
    return y


@pytest.mark.parametrize(
    ("y", "steps", "one_by_one"),
    [
        (leaf(), 0, False),
        (Stop.apply(leaf()), 1, True),
        (doubled(7), 8, True),
        (doubled(8), 9, False),
    ],
)
def test_a_walk_of_at_most_eight_steps_is_drawn_step_by_step(y, steps, one_by_one):
    walk, whole = (show(y, fold=False) for show in (show_backward, show_graph))
    assert len(walk.graph.walk) == steps
    assert (walk.png != whole.png) is one_by_one


def test_what_a_library_warns_of_as_it_paints_is_passed_over(tmp_path):
    def paint(kind):
        warnings.warn("old", DeprecationWarning, stacklevel=1)
        return b""

    picture = Picture(paint, "twin", "alt")
    with warnings.catch_warnings(action="error"):
        picture.save(tmp_path / "walk.svg")
        assert picture.png == b""


@pytest.mark.parametrize("draw", [show_graph, show_backward, play])
def test_what_is_deleted_after_it_was_drawn_is_gone(draw):
    x = leaf()
    draw(x * 2)
    gone = weakref.ref(x)
    del x
    assert gone() is None


def test_of_a_very_long_kind_sixty_letters_are_said():
    thing = type("K" * 61, (), {})()
    assert refusal(show_graph, thing).startswith(f"a {'K' * 60} came where a tensor")


NAMES = ["y", "f", "names", "self", "graph"]


@pytest.mark.parametrize("draw", [show_graph, show_backward])
@pytest.mark.parametrize("name", NAMES)
def test_every_keyword_but_an_option_names_a_tensor(draw, name):
    x = leaf()
    assert draw(x * 2, **{name: x}).graph.nodes[0].name == name


@pytest.mark.parametrize("name", [*NAMES, "step", "gradients"])
def test_a_player_takes_them_too(name):
    x = leaf()
    words = play(y := x * 2, **{name: x}).frame(2).words
    assert words.startswith(f"2. {name}: .grad += ") and y.grad_fn


OPTIONS = [
    (show_graph, "step", "a whole number of steps"),
    (show_graph, "gradients", "True or False"),
    (show_graph, "fold", "True or False"),
    (show_backward, "fold", "True or False"),
    (play, "fold", "True or False"),
]


@pytest.mark.parametrize(("draw", "option", "wanted"), OPTIONS)
@pytest.mark.parametrize(
    ("given", "came"), [(leaf(), "a tensor of shape (3,)"), (1.5, "1.5")]
)
def test_an_option_says_what_it_takes_and_how_to_name_a_tensor(
    draw, option, wanted, given, came
):
    assert refusal(draw, leaf() * 2, **{option: given}) == (
        f"{option}={came} came, but {option} is an option, which takes {wanted}; if it "
        f"was meant as a name, choose another, as in my_{option}=t, where t is your "
        "tensor."
    )


def test_an_option_takes_numbers_for_true_and_false():
    y = leaf() * 2
    assert str(show_graph(y, gradients=0)) == str(show_graph(y, gradients=False))
    assert str(show_graph(y, fold=1, step=True)) == str(show_graph(y, step=1))


def test_a_run_says_so_too():
    said = refusal(explore, torch.sin, a=[1.0], fold=[1.0, 2.0])
    assert said.startswith("fold=a list came, but fold is an option")


FRONT = [show_graph, show_backward, play]


@pytest.mark.parametrize("draw", FRONT)
@pytest.mark.parametrize("given", [{}, {"y": leaf() * 2}, {"weights": None}])
def test_without_a_tensor_a_sentence_says_where_it_stands(draw, given):
    assert refusal(draw, **given) == (
        "No tensor came to be drawn, which stands first and without a name; give the "
        "result of your computation, as in show_graph(y)."
    )


@pytest.mark.parametrize("draw", FRONT)
@pytest.mark.parametrize("rest", [[leaf() * 3], [torch.ones(3), 2]])
def test_of_several_tensors_a_sentence_says_how_they_are_given(draw, rest):
    assert refusal(draw, leaf() * 2, *rest) == (
        f"{1 + len(rest)} things came without a name, but one is drawn; put several "
        "results into one list, as in show_graph([a, b]), and give all else by its "
        "name, as in weights=w."
    )


def inside(mode, make=lambda: leaf() * 2):
    with mode():
        return make()


NEVER = (
    ", because its type {} can have none: only floating-point and complex tensors can"
)
UNKNOWN = (
    ": perhaps no leaf behind it requires grad, or no_grad, detach, torch.tensor or"
)
INFERENCE = ", because it was made in torch.inference_mode, where nothing is recorded;"


@pytest.mark.parametrize(
    ("tensor", "why"),
    [
        (inside(torch.no_grad), UNKNOWN),
        (leaf().detach(), UNKNOWN),
        (torch.ones(3) * 2, UNKNOWN),
        (leaf().argmax(), NEVER.format("torch.int64")),
        (leaf() > 1, NEVER.format("torch.bool")),
        (leaf().byte(), NEVER.format("torch.uint8")),
        (inside(torch.inference_mode), INFERENCE),
        (inside(torch.inference_mode, lambda: torch.ones(3)), INFERENCE),
        (inside(torch.inference_mode, leaf().argmax), NEVER.format("torch.int64")),
    ],
)
def test_why_there_is_no_graph_is_said_only_where_it_is_known(tensor, why):
    came = f"a tensor of shape {tuple(tensor.shape)} came without a graph{why}"
    assert refusal(show_graph, [tensor]).startswith(came)


OWN = "but each result needs weights of its own ({} in all), a tensor of its shape,"


@pytest.mark.parametrize(
    ("results", "weights", "sentence"),
    [
        (1, 1.0, f"weights=1.0 came, {OWN.format(1)}"),
        (1, "ones", f"weights='ones' came, {OWN.format(1)}"),
        (1, [], f"weights=a list came, {OWN.format(1)}"),
        (1, [1.0, 1.0, 1.0], f"weights=a list came, {OWN.format(1)}"),
        (2, 5, f"weights=5 came, {OWN.format(2)}"),
        (2, [None, "w"], f"weights='w' came, {OWN.format(2)}"),
        *(
            (1, odd, f"weights=a tensor of shape (3,) came, {OWN.format(1)}")
            for odd in (torch.ones(3, dtype=torch.cfloat), torch.ones(3, device="meta"))
        ),
        (
            1,
            torch.ones(2),
            "The weights came with shape (2,), but each result needs one weight per "
            "number: shape (3,); give weights=torch.ones_like(y), for example.",
        ),
    ],
)
def test_wrong_weights_are_told_what_is_right(results, weights, sentence):
    given = [leaf() * 2 for _ in range(results)]
    assert refusal(show_graph, given, weights=weights).startswith(sentence)
