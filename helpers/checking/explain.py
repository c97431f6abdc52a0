"""Find the simplest changed rule that gives a learner's answer; else the next step."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..language import Sentence, Text, join_sentences
from ..wording import write_value
from .answers import is_same, make_plain, write_answer
from .machine import Change, LiveGraph, Program, Rule, Run, Walked
from .rules import RULES, SLIPS, code, find_place, name_root

CLOSE = 1e-3  # an answer may be rounded to three digits
PERHAPS = Text("Perhaps so: {hint}", "也许是这样：{hint}")
STARTS = Text(
    "The walk starts at {root} with {weights}. What does {root} send on?",
    "反向传播从 {root} 处带着 {weights} 出发。{root} 会往后送什么？",
)
SENDS = Text("{box} sends {what}.", "{box} {what}。")
SENDS_TO = Text("{grad} to {to}", "把 {grad} 送给 {to}")
COMMA = Text(", ", "，")
AND = Text("And {to}?", "那么 {to} 呢？")


@dataclass(frozen=True)
class Explanation:
    """Hold which rules explain an answer, and what is said of it."""

    tags: tuple[str, ...]
    sentence: str


@dataclass(frozen=True)
class Match:
    """Hold a rule that gives an answer, with the words of its hint."""

    rule: Rule
    words: dict


def explain(
    asked: Program | LiveGraph, answer: object, wanted: object
) -> Explanation | None:
    """Explain a wrong answer by one rule changed, else by two, else return None.

    `answer` and `wanted` are plain. Where another program ran than the one that is
    asked about, nothing is said.
    """
    with suppress(Exception):
        run = asked.run()
        if not is_same(run.answer, wanted, CLOSE):
            return None
        alone = [*match_readings(run, answer, RULES), *match_changes(run, answer)]
        if alone:
            return say(run, answer, sort_by_rank(alone)[:1], is_unsure(alone))
        for match in match_readings(run, answer, SLIPS):
            return say(run, answer, [match], False)
        for matches in match_pairs(run, answer):
            return say(run, answer, matches, True)
    return None


def is_unsure(matches: Sequence[Match]) -> bool:
    """Tell whether an answer may come from several beliefs; what a run holds is sure."""
    facts = {it.rule.tag for it in matches if it.rule.read is not None}
    tags = facts or {it.rule.tag for it in matches}
    return len(tags) > 1


def sort_by_rank(matches: Sequence[Match]) -> list[Match]:
    return sorted(matches, key=lambda match: RULES.index(match.rule))


def say(
    run: Run, answer: object, matches: Sequence[Match], careful: bool
) -> Explanation:
    """Say what explains an answer; with care where something else might."""
    common = describe(run, answer)
    hints = [match.rule.hint(**{**common, **match.words}) for match in matches]
    said = join_sentences(hints)
    tags = tuple(match.rule.tag for match in matches)
    return Explanation(tags, PERHAPS(hint=said) if careful else said)


def describe(run: Run, answer: object) -> dict[str, object]:
    """Return the words that every hint may use."""
    reaching = [it for it in run.walks if find_place(run, it) is not None]
    walked = next(iter([*reaching[::-1], *run.walks[::-1]]), None)
    return {
        "answer": write_answer(answer),
        "asked": code(run.asked),
        "leaf": code(run.name),
        "root": code(name_root(walked)) if walked else "",
    }


def list_changes(run: Run) -> Iterator[tuple[Change, dict]]:
    """Yield each rule that changes the machine, at each of its spots."""
    for rule in RULES:
        if rule.read is None:
            for spot, words in rule.spots(run):
                yield (rule, spot), words


def run_changed(run: Run, *changes: Change) -> Run | None:
    with suppress(Exception):  # a change may make a program fail
        return run.again(changes)
    return None


def match_changes(run: Run, answer: object) -> Iterator[Match]:
    for change, words in list_changes(run):
        changed = run_changed(run, change)
        if changed is not None and is_same(answer, changed.answer, CLOSE):
            yield Match(change[0], words)


def match_readings(run: Run, answer: object, rules: Sequence[Rule]) -> Iterator[Match]:
    """Yield the rules that find the answer among the other numbers of a run."""
    for rule in rules:
        if rule.read is not None:
            with suppress(Exception):
                for candidate, words in rule.read(run):
                    if is_same(answer, make_plain(candidate), CLOSE) or is_same(
                        answer, run.substitute(candidate), CLOSE
                    ):
                        yield Match(rule, words)
                        break


def match_pairs(run: Run, answer: object) -> Iterator[list[Match]]:
    """Yield two rules that together give an answer."""
    for change, words in list_changes(run):
        changed = run_changed(run, change)
        if changed is not None and not is_same(changed.answer, run.answer):
            for match in match_readings(changed, answer, RULES):
                yield [Match(change[0], words), match]


# ---- the next step -------------------------------------------------------------


def next_step(
    asked: Program | LiveGraph, tries: int, wanted: object
) -> Sentence | None:
    """Say one more step of the true walk with each try; the answer only at the last."""
    with suppress(Exception):
        run = asked.run()
        if is_same(run.answer, wanted, CLOSE):
            steps = list(list_steps(run))
            return steps[min(tries, len(steps) - 1)] if steps else None
    return None


def list_steps(run: Run) -> Iterator[Sentence]:
    """Yield what each walk does until it comes to what is asked for."""
    for walked in run.walks:
        place = find_place(run, walked)
        if place is None:
            continue
        weights = write_value(walked.weights.detach())
        yield STARTS(root=code(name_root(walked)), weights=weights)
        for box in walked.walk.received:
            if box == place[0]:
                break
            yield from describe_box(run, walked, box)


def describe_box(run: Run, walked: Walked, box: str) -> Iterator[Sentence]:
    """Say what a box sends, unless that would tell the answer."""
    sent = [
        (walked.walk.sent.get((box, edge.route)), code(walked.name(edge.source)))
        for edge in walked.walk.arrows[box]
    ]
    sent = [(grad, to) for grad, to in sent if grad is not None]
    if sent and not any(is_same(make_plain(grad), run.answer) for grad, _ in sent):
        parts = (SENDS_TO(grad=write_value(grad), to=to) for grad, to in sent)
        said = SENDS(box=code(walked.name(box)), what=COMMA().join(parts))
        yield join_sentences([said, AND(to=sent[-1][1])])
