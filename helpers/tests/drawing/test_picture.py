"""The front: how wide a picture is shown, where it is saved, and what is refused."""

import struct
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


@pytest.mark.parametrize(
    ("name", "kind"),
    [("walk.png", "png"), ("WALK.PNG", "png"), ("walk.svg", "svg"), ("a.b.Svg", "svg")],
)
@pytest.mark.parametrize("path", [str, Path])
def test_the_ending_says_as_what_a_picture_is_saved(name, kind, path, tmp_path):
    Picture(lambda kind: kind.encode(), "twin", "alt").save(path(tmp_path / name))
    assert (tmp_path / name).read_text() == kind


@pytest.mark.parametrize("name", ["walk.jpg", "walk", "png", ".svg", "walk.png.txt"])
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
    ids=["0", "1", "8", "9"],
)
def test_a_walk_of_at_most_eight_steps_is_drawn_step_by_step(y, steps, one_by_one):
    walk, whole = (show(y, fold=False) for show in (show_backward, show_graph))
    assert len(walk.graph.walk) == steps
    assert (walk.png != whole.png) is one_by_one


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


NAMES = ["y", "f", "names", "self", "given", "x0", "step_", "graph"]


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
    ("given", "came"),
    [
        (torch.ones(()), "a tensor of shape ()"),
        (leaf(), "a tensor of shape (3,)"),
        ("all", "'all'"),
        (1.5, "1.5"),
        ([1], "a list"),
        (torch.nn.Linear(1, 1), "a Linear"),
    ],
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


@pytest.mark.parametrize("draw", [show_graph, show_backward, play])
@pytest.mark.parametrize("given", [{}, {"y": leaf() * 2}, {"weights": None}])
def test_without_a_tensor_a_sentence_says_where_it_stands(draw, given):
    assert refusal(draw, **given) == (
        "No tensor came to be drawn, which stands first and without a name; give the "
        "result of your computation, as in show_graph(y)."
    )


def without_grad():
    """Give tensors that have no graph, for one reason or another."""
    x = leaf()
    with torch.no_grad():
        inside = x * 2
    plain = torch.ones(3)
    found = {"no_grad": inside, "detached": x.detach(), "data": x.data, "plain": plain}
    found |= {"copied": torch.tensor(x.tolist()), "computed": plain * 2}
    found |= {"numpy": torch.from_numpy(x.detach().numpy()), "zero": x.sign().detach()}
    return found


@pytest.mark.parametrize("how", without_grad())
def test_why_there_is_no_graph_is_not_said_where_nobody_knows(how):
    said = refusal(show_graph, without_grad()[how])
    assert said.startswith("a tensor of shape (3,) came without a graph: perhaps no ")
    assert "no_grad" in said and "detach" in said and said.count("requires grad") == 1


def of_other_kinds():
    """Give tensors of kinds that never require grad."""
    x = leaf()
    found = {
        "argmax": x.argmax(),
        "larger": x > 1,
        "whole": x.long(),
        "short": x.byte(),
    }
    return found | {
        "index": x.sort().indices,
        "made": torch.tensor([1, 2]),
        "is": x == x,
    }


@pytest.mark.parametrize("how", of_other_kinds())
def test_a_kind_that_never_requires_grad_is_named(how):
    tensor = of_other_kinds()[how]
    assert refusal(show_graph, [tensor]).startswith(
        f"a tensor of shape {tuple(tensor.shape)} came without a graph, because its "
        f"type {tensor.dtype} can have none: only floating-point and complex"
    )
    with pytest.raises(RuntimeError, match="floating point"):
        tensor.requires_grad_()


def test_a_tensor_of_inference_mode_is_known_for_it():
    x = leaf()
    with torch.inference_mode():
        made = [torch.ones(3), x * 2, x.detach().clone()]
        largest = x.argmax()
    for tensor in made:
        said = refusal(show_graph, tensor)
        assert said.startswith(
            "a tensor of shape (3,) came without a graph, because it was made in "
            "torch.inference_mode, where nothing is recorded; compute it outside"
        )
    assert "torch.int64" in refusal(show_graph, largest)


@pytest.mark.parametrize(
    ("results", "weights", "sentence"),
    [
        (1, 1.0, "weights=1.0 came, but each result needs weights of its own (1 in"),
        (2, 5, "weights=5 came, but each result needs weights of its own (2 in all)"),
        (
            2,
            [None, "w"],
            "weights='w' came, but each result needs weights of its own (2 in all)",
        ),
        (
            1,
            torch.ones(3, dtype=torch.cfloat),
            "weights=a tensor of shape (3,) came, but each result needs weights of its "
            "own (1 in all), a tensor of its shape, device and kind of number; ",
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
    x = leaf()
    given = [x * 2 for _ in range(results)]
    assert refusal(show_graph, given, weights=weights).startswith(sentence)
