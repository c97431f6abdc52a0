"""Answers of people who saw the notebooks and never the known mistakes."""

from . import accumulation, backward, control_flow, detach, requires_grad, vector
from .corpus import CORPUS

__all__ = ["CORPUS", "accumulation", "backward", "control_flow", "detach"]
__all__ += ["requires_grad", "vector"]
