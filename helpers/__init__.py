"""The names that notebooks use: show, watch, check, play."""

from importlib import import_module

from .check import check
from .language import set_language
from .picture import Picture, show_backward, show_graph
from .watcher import watch

# Fetched when they are first asked for: most notebooks do without them.
_LATER = {
    "explore": "player",
    "play": "player",
    "show_scoreboard": "scoreboard",
    "show_slopes": "curves",
    "show_tangent": "curves",
}

__all__ = [
    "Picture",
    "check",
    "explore",
    "play",
    "set_language",
    "show_backward",
    "show_graph",
    "show_scoreboard",
    "show_slopes",
    "show_tangent",
    "watch",
]


def __getattr__(name: str) -> object:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_LATER[name]}", __name__), name)
