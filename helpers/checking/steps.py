"""Say one more step of the true walk with each try, but never the answer."""

from collections.abc import Iterator

from torch import Tensor

from ..graph.data import Place
from ..language import Text, join_sentences
from ..wording import write_value
from .answers import is_flags, is_same, make_plain
from .explain import Question, run_as_asked
from .machine import Run, Walked
from .readings import code, describe_place, find_place, name_root

STARTS = Text(
    "The walk starts at {root} with {weights}. What does {root} send on?",
    "反向传播从 {root} 处带着 {weights} 出发。{root} 会往回送什么？",
)
SENDS = Text("{box} sends {what}.", "{box} {what}。")
SENDS_TO = Text("{grad} to {to}", "把 {grad} 送给 {to}")
COMMA = Text(", ", "，")
AND = Text("And {to}?", "那么 {to} 呢？")
LAST = Text("What does {box} send to {to}?", "{box} 送给 {to} 的是什么？")
ARROWS = Text(
    "{count} arrows lead from {box} to {to}: what comes along each?",
    "从 {box} 有 {count} 个箭头通到 {to}：沿每个箭头送来的是什么？",
)


def next_step(asked: Question, tries: int, wanted: object) -> str | None:
    """Say one more step of the true walk with each try, but never the answer."""
    run = run_as_asked(asked, wanted)
    steps = [] if run is None else list(list_steps(run))
    return steps[min(tries, len(steps) - 1)] if steps else None


def list_steps(run: Run) -> Iterator[str]:
    """Yield what each walk does until it comes to what is asked for."""
    for walked in run.walks:
        place = find_place(run, walked)
        weights = write_value(walked.weights.detach())
        yield STARTS(root=code(name_root(walked)), weights=weights)
        for box in walked.walk.received:
            if place is not None and box == place[0]:
                break
            if said := list(describe_box(run, walked, box, place)):
                yield join_sentences(said)


def describe_box(
    run: Run, walked: Walked, box: str, place: Place | None
) -> Iterator[str]:
    """Say what a box sends on, but nothing that would tell the answer."""
    arrows, leaves = list(list_arrows_from(walked, box)), walked.walk.trace.leaves
    there = [to for _, (to, output) in arrows if (to, output) == place]
    sent = [(grad, to) for grad, (to, output) in arrows if (to, output) != place]
    if is_flags(run.answer):  # which says who gets anything
        sent = [(grad, to) for grad, to in sent if to not in leaves]
    if any(is_same(make_plain(grad), run.answer) for grad, _ in sent):
        return
    name = describe_place(walked, box)
    parts = [
        SENDS_TO(grad=write_value(grad), to=describe_place(walked, to))
        for grad, to in sent
    ]
    if parts:
        yield SENDS(box=name, what=COMMA().join(parts))
    further = [to for _, to in sent if to not in leaves]
    if there:
        ask = LAST if len(there) == 1 else ARROWS
        yield ask(box=name, to=describe_place(walked, there[0]), count=len(there))
    elif further:
        yield AND(to=describe_place(walked, further[-1]))


def list_arrows_from(walked: Walked, box: str) -> Iterator[tuple[Tensor, Place]]:
    """Yield what a box sends along its arrows, and to which place."""
    walk = walked.walk
    for edge in walk.arrows[box]:
        grad = walk.sent.get((box, edge.route))
        if grad is not None and walk.trace.functions[edge.source] is not walk.cut:
            yield grad, (edge.source, edge.output)
