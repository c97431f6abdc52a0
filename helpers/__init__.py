"""The names that notebooks use: show, watch and check."""

from .check import check
from .graph import watch
from .language import set_language
from .picture import Picture, show_backward, show_graph

__all__ = ["Picture", "check", "set_language", "show_backward", "show_graph", "watch"]
