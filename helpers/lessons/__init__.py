"""What the course knows of its questions: nothing here runs or judges anything.

- A file per notebook (`requires_grad`, `backward`, `accumulation`, `vector_backward`,
  `detach`, `control_flow`, `gradient_descent`, `build_autograd`) holds its predictions
  and exercises, each with its known mistakes: what they do, and what is said of them in
  both languages, side by side.
- `model` says what a lesson is made of.
- `walks` says what an answer means that a changed walk gives, `relations` what it means
  that a function's numbers follow from the right ones.
- `sections` says which section treats each misconception.
- `graphs` holds what may be asked of any graph.
- `engine` is the engine that notebook 8 builds.
- `digits` is data for a model that learns.
- `errors` tells what PyTorch's own errors mean, `clues` what a clue beside a wrong
  result means.
"""

from . import (
    accumulation,
    backward,
    build_autograd,
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
    "08_build_autograd": build_autograd,
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
