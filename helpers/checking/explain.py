"""Find the simplest changed rule that gives a learner's answer."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, wraps
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from ..language import Text, join_sentences
from .answers import fits_kind, is_flags, is_same, make_plain, write_answer
from .machine import Change, LiveGraph, Program, Rule, Run, list_tensors
from .readings import code, find_place, has_weights, name_root
from .rules import CARRIED, OF_PROGRAMS, OF_WALKS, RULES, SLIPS

CLOSE = 1e-3  # an answer may be rounded to three digits
SMALL = 2  # many rules give 0, 1 and 2
PERHAPS = Text("Perhaps this is why: {hint}", "可能的原因：{hint}")
# The first alone gives another answer, which is named: so each half is true.
TOGETHER = Text(
    "Perhaps two things came together. {first} Reckoned on from there: {then}",
    "可能是两个原因合在一起。{first} 在此基础上再算：{then}",
)
THE_RESULT = Text("the result", "结果")
Part = tuple[Rule, dict]  # with the words of its hint
Question = Program | LiveGraph


@dataclass(frozen=True)
class Explanation:
    """Hold which rules explain an answer, and what is said of it."""

    tags: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, eq=False)
class Belief:
    """Hold what is answered where one rule is changed, or two."""

    parts: tuple[Part, ...]
    answers: tuple[object, ...]  # plain; a part of what is asked for, or the whole
    halfway: object = None  # what the first of two changes alone gives; plain

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(rule.tag for rule, _ in self.parts)

    @property
    def is_fact(self) -> bool:
        """Tell whether it is a number of the true run, taken for another."""
        return self.parts[0][0].read is not None

    def is_rival_of(self, first: "Belief") -> bool:
        """Tell whether it is as likely: what its program is about comes first."""
        (rule, _), (common, _) = self.parts[0], first.parts[0]
        rarer = common in OF_PROGRAMS and rule not in OF_PROGRAMS
        return not (first.is_fact or self.is_fact or rarer)

    def fits(self, answer: object, wanted: object) -> bool:
        """Tell whether a wrong answer is this one."""
        free = self.parts[0][0].any_shape
        return any(
            is_same(answer, it, CLOSE) and (free or has_shape_of(wanted, answer))
            for it in self.answers
        )


def has_shape_of(wanted: object, answer: object) -> bool:
    """Tell whether as many numbers came as are asked for, if any are."""
    if isinstance(wanted, Tensor) and isinstance(answer, Tensor):
        return fits_kind(wanted, answer)
    return True


def explain(asked: Question, answer: object, wanted: object) -> Explanation | None:
    """Explain a wrong answer by one rule changed, else by two, else return None.

    `answer` and `wanted` are plain. Where another program ran than the one that is
    asked about, nothing is said.
    """
    with pause_collector():
        run = run_as_asked(asked, wanted)
        if run is not None:
            for list_beliefs in (list_alone, list_likely, list_slips, list_others):
                found = [it for it in list_beliefs(asked) if it.fits(answer, wanted)]
                if found:
                    return say(run, answer, found)
    return None


@contextmanager
def pause_collector() -> Iterator[None]:
    """Let no garbage be collected meanwhile: with torch loaded, that takes longest."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def say(run: Run, answer: object, found: Sequence[Belief]) -> Explanation:
    """Say what explains an answer; with care where something else might."""
    first, words = found[0], describe(run, answer)
    (rule, own), *second = first.parts
    if second:
        halfway = {**words, "answer": write_answer(first.halfway), **own}
        then = [it.meaning.hint(**{**words, **more}) for it, more in second]
        said = TOGETHER(first=rule.meaning.hint(**halfway), then=join_sentences(then))
        return Explanation(first.tags, said)
    said = rule.meaning.hint(**{**words, **own})
    careful = is_unsure(found, answer)
    return Explanation(first.tags, PERHAPS(hint=said) if careful else said)


def is_unsure(found: Sequence[Belief], answer: object) -> bool:
    """Tell whether what is as likely as the first explains an answer, too."""
    first = found[0]
    small = is_flags(answer) or (
        isinstance(answer, Tensor) and bool((answer.abs() <= SMALL).all())
    )
    rivals = found if small else [it for it in found if it.is_rival_of(first)]
    return any(it.tags != first.tags for it in rivals)


def describe(run: Run, answer: object) -> dict[str, object]:
    """Return the words that every hint may use."""
    reaching = [it for it in run.walks if find_place(run, it) is not None]
    walks = [*run.walks, *reaching]
    return {
        "answer": write_answer(answer),
        "asked": code(run.asked),
        "leaf": code(run.name),
        "root": code(name_root(walks[-1])) if walks else name_result(run),
    }


def name_result(run: Run) -> str:
    """Name what a walk would start at, where none has started."""
    named = [name for name, it in list_tensors(run.machine.names) if not it.is_leaf]
    return code(named[-1]) if named else THE_RESULT()


# ---- what would be answered ----------------------------------------------------


def keep_of_programs(find: Callable[[Question], Any]) -> Callable[[Question], Any]:
    """Keep what is found of a program; a live graph may change, and shall not stay."""

    @lru_cache(maxsize=32)
    def find_in_program(program: Program, dtype: torch.dtype) -> Any:
        return find(program)

    @wraps(find)
    def find_or_remember(asked: Question) -> Any:
        if isinstance(asked, Program):
            return find_in_program(asked, torch.get_default_dtype())
        return find(asked)

    return find_or_remember


@keep_of_programs
def run_once(asked: Question) -> Run:
    return asked.run()


def run_as_asked(asked: Question, wanted: object) -> Run | None:
    """Run it, unless it cannot be walked, or something else came out than is wanted."""
    with suppress(RuntimeError):  # freed, too large, or it raises when called by hand
        run = run_once(asked)
        return run if is_same(run.answer, wanted, CLOSE) else None
    return None


@keep_of_programs
def list_alone(asked: Question) -> list[Belief]:
    """List what each rule alone would have one answer, the most common rule first."""
    run, found = run_once(asked), list[Belief]()
    for rule in RULES:
        found += read_beliefs(run, rule)
        for change, words in list_changes(run, rule):
            changed = run_changed(run, change)
            if changed is not None:
                found.append(Belief(((rule, words),), (changed.answer,)))
    return found


def list_slips(asked: Question) -> list[Belief]:
    run = run_once(asked)
    return [belief for rule in SLIPS for belief in read_beliefs(run, rule)]


@keep_of_programs
def list_likely(asked: Question) -> list[Belief]:
    return list(list_pairs(run_once(asked), OF_PROGRAMS, RULES))


@keep_of_programs
def list_others(asked: Question) -> list[Belief]:
    run = run_once(asked)  # where no gradient is asked for, no walk is misread
    return [] if run.tensor is None else list(list_pairs(run, OF_WALKS, CARRIED))


def list_pairs(
    run: Run, rules: Sequence[Rule], others: Sequence[Rule]
) -> Iterator[Belief]:
    """Yield what is answered where a rule is changed and another one as well."""
    several = isinstance(run.answer, Tensor) and run.answer.numel() > 1
    for change, words in chain.from_iterable(list_changes(run, it) for it in rules):
        changed = run_changed(run, change)
        if changed is None or tells(changed.answer, run.answer):
            continue
        for rule in (*others, *(SLIPS if several else ())):
            for belief in add_rule(run, changed, change, rule):
                parts = (change[0], words), *belief.parts
                yield Belief(parts, belief.answers, changed.answer)


def tells(halfway: object, wanted: object) -> bool:
    """Tell whether what is said of the first change would give the answer away."""
    both = (halfway, wanted)
    odd = all(isinstance(it, Tensor) and bool(it.isnan().any()) for it in both)
    return odd or is_same(halfway, wanted, CLOSE)


def add_rule(run: Run, changed: Run, first: Change, rule: Rule) -> Iterator[Belief]:
    """Yield what a second rule makes of a changed run."""
    if rule.read is not None and not rule.alone:
        yield from read_beliefs(changed, rule)
    elif rule.keep is not None and first[0].keep is None and may_matter(run, rule):
        both = run_changed(run, first, (rule, None))
        if both is not None:
            yield Belief(((rule, {}),), (both.answer,))


def list_changes(run: Run, rule: Rule) -> Iterator[tuple[Change, dict]]:
    """Yield the spots at which a rule changes the machine, if it does."""
    for spot, words in rule.spots(run) if may_matter(run, rule) else ():
        yield (rule, spot), words


def may_matter(run: Run, rule: Rule) -> bool:
    """Tell whether a rule can change anything of a run."""
    machine, walks = run.machine, run.walks
    if rule.read is not None or (rule.needs and rule.needs not in machine.called):
        return False
    if rule.keep is not None:
        return len(machine.held) > len({id(tensor) for tensor, _ in machine.held})
    if rule.meet is not None:
        return any(many > 1 for it in walks for many in it.walk.arrived.values())
    return rule.weigh is None or any(
        it.weights.numel() > 1 or has_weights(it) for it in walks
    )


def run_changed(run: Run, *changes: Change) -> Run | None:
    with suppress(Exception):  # a change may make a program fail in any way
        return run.again(changes)
    return None


def read_beliefs(run: Run, rule: Rule) -> Iterator[Belief]:
    """Yield what a rule finds among the other numbers of a run."""
    with suppress(RuntimeError):  # what was changed in place cannot be walked any more
        for candidate, words in rule.read(run) if rule.read else ():
            answers = make_plain(candidate), run.substitute(candidate)
            yield Belief(((rule, words),), answers)
