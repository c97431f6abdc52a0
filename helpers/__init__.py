"""The names that notebooks use: show, watch, check, play."""

from importlib import import_module

# Fetched when they are first asked for: most notebooks do without some of them, and
# the tools for authors do without PyTorch.
_HOME = {
    "Picture": "picture",
    "check": "checking",
    "explore": "player",
    "play": "player",
    "set_language": "language",
    "show_backward": "picture",
    "show_graph": "picture",
    "show_scoreboard": "scoreboard",
    "show_slopes": "curves",
    "show_tangent": "curves",
    "watch": "watcher",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
