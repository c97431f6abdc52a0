"""Show what autograd recorded, and judge what was guessed.

    show_graph(y)          the graph of a result, with values and gradients
    show_backward(y)       the walk back from it, step by step
    play(y), explore(f, a=[1, 2])     the same below a slider
    show_tangent(f, 2.0)   a curve and its slope in one place
    show_slopes(f, 0, 5)   a curve, and below it its slope everywhere
    show_path(land, path=places)      a path on a map
    show_turns(loss=losses)           numbers over the turns of a loop
    show_pixels(w=w)       a matrix as a heat map: weights, a gradient, an image
    show_gradients(model)  how large the gradient of each parameter is, a bar each
    load_digits()          handwritten digits, for a model that learns
    watch()                `with watch():` keeps the numbers in between, to be shown
    why(w, loss)           why w has no gradient from loss: cause, line, cure
    check(name, guess, truth)         judge a prediction, or an exercise
    show_scoreboard()      what was right so far, in all notebooks
    quiz(y)                questions about your own graph, and what they are answered

`help(helpers.show_graph)` and so on tells all options. For whoever works on it: the
rooms behind them: `graph` reads what autograd recorded, `drawing` makes a picture of
it, `tracing` finds where a gradient was lost, `checking` judges answers with what
`lessons` knows, and `authoring` is for whoever writes notebooks. On the ground floor
`language`, `wording` and `verdict` say things, `sizes` looks at many numbers at once,
`sandbox` runs a learner's function, and `live` names what a kernel shows and a stored
page does not. Each room tells its own way.

No module may bear one of the names below: it would stand in front of it.
"""

import warnings
from importlib import import_module

# Fetched when they are first asked for: most notebooks do without some of them, and
# the tools for authors do without PyTorch.
_HOME = {
    "Picture": "drawing.picture",
    "check": "checking.check",
    "explore": "drawing.player",
    "load_digits": "lessons.digits",
    "play": "drawing.player",
    "quiz": "checking.quiz",
    "say_ready": "language",
    "set_language": "language",
    "show_backward": "drawing.show",
    "show_gradients": "drawing.gradients",
    "show_graph": "drawing.show",
    "show_path": "drawing.descent",
    "show_pixels": "drawing.descent",
    "show_scoreboard": "checking.scoreboard",
    "show_slopes": "drawing.curves",
    "show_tangent": "drawing.curves",
    "show_turns": "drawing.descent",
    "watch": "graph.watch",
    "why": "tracing.why",
}

__all__ = list(_HOME)


def __dir__() -> list[str]:
    return __all__


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # What a library warns of as it is loaded is nothing that a learner could mend.
    with warnings.catch_warnings(action="ignore"):
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
