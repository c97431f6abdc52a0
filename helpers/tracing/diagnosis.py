"""Find the cause: one question after the other, the first that answers wins."""

from ..wording import write_value
from .absent import judge_absence
from .causes import Finding
from .present import judge_gradient
from .question import Question
from .walks import judge_failed_walk


def find_cause(asked: Question) -> Finding:
    """Return the first cause that answers, or that there is none."""
    for look in (judge_refusal, judge_failure, judge_gradient, judge_absence):
        if (found := look(asked)) is not None:
            return found
    return Finding("none", values={"grad": write_value(asked.grad)})


def judge_refusal(asked: Question) -> Finding | None:
    """Look for a call that PyTorch refused because x is a leaf."""
    for record in reversed(asked.history.records):
        refused = "leaf Variable that requires grad" in record.problem
        if refused and asked.token in record.ins[:1]:
            return Finding("in-place-on-leaf", record)
    return None


def judge_failure(asked: Question) -> Finding | None:
    """Look at the last walk from y, if it failed."""
    for record in reversed(asked.history.records):
        if record.kind == "walk" and asked.end and asked.end in record.ins:
            if record.problem:
                return judge_failed_walk(asked.history, asked.behind, record)
            return None
    return None
