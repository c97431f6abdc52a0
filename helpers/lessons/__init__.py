"""What the course knows of its questions: nothing here runs or judges anything.

- A file per notebook (`requires_grad`, `backward`, `accumulation`, `vector_backward`,
  `detach`, `control_flow`) holds its predictions and exercises, each with its known
  mistakes: what they do, and what is said of them in both languages, side by side.
- `model` says what a lesson is made of.
- `errors` tells what PyTorch's own errors mean, `clues` what a clue beside a wrong
  result means.
"""

from . import (
    accumulation,
    backward,
    control_flow,
    detach,
    requires_grad,
    vector_backward,
)
from .model import Exercise, Prediction

__all__ = ["LESSONS", "Exercise", "Prediction"]

LESSONS = {
    name: lesson
    for topic in (
        requires_grad,
        backward,
        accumulation,
        vector_backward,
        detach,
        control_flow,
    )
    for name, lesson in topic.LESSONS.items()
}
