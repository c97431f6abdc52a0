"""Every lesson by name; one file per notebook."""

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
