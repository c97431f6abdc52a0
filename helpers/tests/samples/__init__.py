"""Answers that learners may give, each with the name of its misconception."""

from . import first_half, second_half
from .corpus import FUNCTIONS, GUESSES

__all__ = ["FUNCTIONS", "GUESSES", "first_half", "names_the_idea", "second_half"]

# Names for one idea, where no behaviour can tell them apart or the hint says both.
ONE_IDEA = (
    {"FLAG-MAKES-LEAF", "LEAF=REQUIRES-GRAD"},  # what is tracked is a leaf
    {"FORGOT-FLAG", "TYPO-ACCEPTED", "RETROACTIVE"},  # the flag is not there in time
    {"INT-DTYPE", "FLOAT32"},  # a dtype does not matter
    {"GRAD-IS-LIVE", "GRADIENT-FROZEN"},
    {"GRAD-IS-VALUE", "RETURNS-THE-VALUE"},
    {"GRAD-STARTS-AT-ZERO", "NONE-IS-ZERO"},
    {"SECOND-OVERWRITES-FIRST", "SECOND-DERIVATIVE"},
    {"SPREADSHEET", "VALUE-IS-LIVE"},
    {"DETACH-COPIES", "NUMPY-COPIES", "SHARED-MEMORY"},
)


def names_the_idea(wanted: str, got: str) -> bool:
    """Tell whether a name stands for the wanted misconception."""
    return wanted == got or any({wanted, got} <= idea for idea in ONE_IDEA)
