"""What the course knows of its questions: nothing here runs or judges anything.

- A file per notebook (`requires_grad`, `backward`, `accumulation`, `vector_backward`,
  `detach`, `control_flow`, `gradient_descent`) holds its predictions and exercises,
  each with its known mistakes: what they do, and what is said of them in both
  languages, side by side.
- `model` says what a lesson is made of.
- `walks` says what an answer means that a changed walk gives.
- `digits` is data for a model that learns.
- `errors` tells what PyTorch's own errors mean, `clues` what a clue beside a wrong
  result means.
"""

from . import (
    accumulation,
    backward,
    control_flow,
    detach,
    gradient_descent,
    requires_grad,
    vector_backward,
)
from .model import Exercise, Prediction

__all__ = ["LESSONS", "NOTEBOOKS", "Exercise", "Prediction"]

TOPICS = {
    "01_requires_grad": requires_grad,
    "02_backward": backward,
    "03_gradient_accumulation": accumulation,
    "04_vector_backward": vector_backward,
    "05_detach": detach,
    "06_control_flow": control_flow,
    "07_gradient_descent": gradient_descent,
}
LESSONS = {
    name: lesson for topic in TOPICS.values() for name, lesson in topic.LESSONS.items()
}
# The part of a question's name before the slash, and the notebook that asks it.
NOTEBOOKS = {
    name.partition("/")[0]: notebook
    for notebook, topic in TOPICS.items()
    for name in topic.LESSONS
}
