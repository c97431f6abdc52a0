"""Answers of people who saw the notebooks and never the known mistakes."""

from . import accumulation, backward, control_flow, detach, requires_grad, vector
from .corpus import FUNCTIONS, GUESSES

__all__ = ["FUNCTIONS", "GUESSES", "accumulation", "backward", "control_flow"]
__all__ += ["detach", "requires_grad", "vector"]
