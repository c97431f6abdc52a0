"""The front: how wide a picture is shown, where it is saved, and what is refused."""

import struct
import weakref
from pathlib import Path

import pytest
import torch

from helpers import play, show_backward, show_graph
from helpers.picture import CannotDraw, Picture


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
