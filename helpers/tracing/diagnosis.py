"""Find the cause: one question after the other, the first that answers wins."""

from ..language import Text
from ..wording import write_value
from .absent import judge_absence
from .causes import Finding
from .present import judge_gradient
from .question import Question, last_boundary
from .walks import judge_failed_walk

OTHER_CUT = Text(
    "Another road from it is cut at line {line}, by `{call}`; that may be meant.",
    "从它出发的另一条路在第 {line} 行被 `{call}` 断开了，这可能是有意的。",
)


def find_cause(asked: Question) -> Finding:
    """Return the first cause that answers, or that there is none."""
    for look in (judge_refusal, judge_failure, judge_gradient, judge_absence):
        if (found := look(asked)) is not None:
            return found
    values = {"grad": write_value(asked.grad)}
    return Finding("none", values=values, remark=tell_other_cut(asked))


def tell_other_cut(asked: Question) -> str:
    """Tell of a road that is cut beside an open one, as one may want."""
    if not asked.reached:
        return ""
    start = last_boundary(asked)
    cuts = [cut.record for cut in asked.road.cuts if cut.record.turn > start]
    return OTHER_CUT(line=cuts[0].line, call=cuts[0].name) if cuts else ""


def judge_refusal(asked: Question) -> Finding | None:
    """Look for a call that PyTorch refused because x is a leaf."""
    for record in reversed(asked.history.records):
        refused = "leaf Variable that requires grad" in record.problem
        if refused and asked.token in record.ins[:1]:
            return Finding("in-place-on-leaf", record)
    return None


def judge_failure(asked: Question) -> Finding | None:
    """Look at the last walk from y, if it failed on a road that x is on."""
    for record in reversed(asked.history.records):
        if record.kind == "walk" and asked.end and asked.end in record.ins:
            concerned = asked.reached or asked.road.records or not asked.token
            if not record.problem or not concerned:
                return None
            return judge_failed_walk(asked.history, asked.behind, record)
    return None
