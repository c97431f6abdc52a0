"""The names that notebooks use: show, watch, check, play.

Four rooms stand behind them: `graph` reads what autograd recorded, `drawing` makes a
picture of it, `checking` judges answers with what `lessons` knows, and `authoring` is
for whoever writes notebooks. On the ground floor `language`, `wording` and `verdict`
say things, and `sandbox` runs a learner's function. Each room tells its own way.

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
    "play": "drawing.player",
    "set_language": "language",
    "show_backward": "drawing.show",
    "show_graph": "drawing.show",
    "show_scoreboard": "checking.scoreboard",
    "show_slopes": "drawing.curves",
    "show_tangent": "drawing.curves",
    "watch": "graph.watch",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # What a library warns of as it is loaded is nothing that a learner could mend.
    with warnings.catch_warnings(action="ignore"):
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
