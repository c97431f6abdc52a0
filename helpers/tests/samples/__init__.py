"""Answers that learners may give; some of them helped to find the known mistakes."""

from . import first_half, second_half
from .corpus import CORPUS

__all__ = ["CORPUS", "first_half", "second_half"]
