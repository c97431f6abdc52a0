"""Find what can be asked about a live graph, and what is right."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any

import torch
from torch import Tensor

from ..graph.backward import SPOILT
from ..graph.data import Trace
from ..graph.functions import take_snapshot
from ..graph.names import name_values
from ..graph.private import output_metadata
from ..graph.trace import trace_graph
from ..language import Sentence, Text
from ..lessons.graphs import QUESTIONS, GraphQuestion
from ..lessons.model import Prediction
from ..verdict import Verdict
from ..wording import describe_error, describe_thing, write_value
from .guesses import judge_guess
from .machine import LiveGraph, Machine, TooLarge, Walked
from .readings import comes_before

MOST_BOXES = 20  # of a graph that somebody can walk by hand
MOST_NUMBERS = 6  # in an answer
MOST_ASKED = 6  # questions in a row
MOST_ALIKE = 2  # of them
SIZES = 1e-6, 1e6  # of numbers that are worked out by hand
WEIGHTS = (-2.0, -1.0, 2.0, 3.0, 5.0, 10.0)
RESULT = "result"  # the name of one that has none

NO_RESULT = Text(
    "{came} came, but quiz asks about a result with a graph: compute it from a leaf "
    "with requires_grad=True, and give it, as in quiz(y).",
    "收到的是：{came}；但 quiz 问的是有计算图的结果：请从 requires_grad=True 的叶子"
    "张量算出它再传入，例如 quiz(y)。",
)
NO_SHORT_RESULT = Text(
    "{came} came, but the walk shall start with numbers that fit a line; give a result "
    "with one real number, or a vector with at most {most}.",
    "收到的是：{came}；但反向传播的起点要能写在一行里；请传入一个实数，或最多含 {most} "
    "个实数的向量。",
)
TOO_MUCH = Text(
    "This graph is too large to be walked by hand: quiz asks about at most {most} "
    "operations and leaves, with few numbers; give a smaller result.",
    "这张计算图太大，无法用手走一遍：quiz 最多问 {most} 个运算和叶子张量，数也要少；"
    "请传入小一些的结果。",
)
FREED = Text(
    "An earlier backward() has freed what this graph had saved, or a change in place "
    "has spoilt it; compute the result again, then ask.",
    "之前的 backward() 已经释放了图中保存的值，或者就地修改破坏了它们；请重新计算结果"
    "再提问。",
)
STOPPED = Text(
    "This graph cannot be walked back ({problem}); mend that, then ask again.",
    "这张计算图无法反向传播（{problem}）；请修正后再提问。",
)
HOOKS = Text(
    "Hooks on this graph: {count}. quiz runs none of them, so it does not know what "
    "they change; compute the result without them, then ask.",
    "这张图上的钩子（hook）有 {count} 个；quiz 一个也不运行，不知道它们会改动什么；"
    "请去掉它们，重新计算结果再提问。",
)
REFUSED = Text(
    "The walk back would run code of yours again (a checkpoint or "
    "saved_tensors_hooks), which quiz does not do; compute the result without, then "
    "ask.",
    "要反向传播就得再次运行你的代码（checkpoint 或 saved_tensors_hooks），而 quiz 不"
    "这样做；请去掉它们，重新计算结果再提问。",
)
NOTHING = Text(
    "There is nothing to ask about here: a leaf that requires grad is needed, with a "
    "variable of its own, at most {most} numbers, and a gradient that is neither nan "
    "nor infinite, nor very small or large; and for detach a variable in between.",
    "这里没有什么可问的：需要一个 requires_grad=True 的叶子张量，它有自己的变量名，最多"
    "含 {most} 个数，梯度不是 nan 或无穷大，也不太小或太大；要问 detach，中间的结果也要"
    "有变量名。",
)

_WRONG: Counter[str] = Counter()  # tries at each question in this kernel


class CannotAsk(Exception):
    """Say in one sentence why there is no question."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Hold a question about a live graph, and what is said of the right answer."""

    words: Sentence
    kind: GraphQuestion
    graph: LiveGraph = field(repr=False)
    answer: Any = field(repr=False)  # plain

    def judge(self, guess: object) -> Verdict:
        """Judge a guess as one of a lesson's, by the rules of the walk alone."""
        kind = self.kind
        question = Prediction(
            kind.asks, kind.says, (), kind.mistakes, truth=self.answer
        )
        key = f"{self.words} {self.answer}"
        verdict = judge_guess(question, guess, self.answer, _WRONG[key], self.graph)
        _WRONG[key] += verdict.state == "wrong"
        return verdict


# ---- the graph, by the learner's names -------------------------------------------


def check_root(y: Any) -> None:
    """Raise CannotAsk for what is no short result with a graph."""
    came = describe_thing(y)
    if not isinstance(y, Tensor) or not y.requires_grad or y.is_leaf:
        raise CannotAsk(NO_RESULT(came=came))
    fits = y.dim() == 0 or (y.dim() == 1 and 0 < len(y) <= MOST_NUMBERS)
    if y.is_complex() or not fits:
        raise CannotAsk(NO_SHORT_RESULT(came=came, most=MOST_NUMBERS))


def check_trace(trace: Trace) -> None:
    """Raise CannotAsk for a graph that is too large, or that hooks may change."""
    if trace.graph.cut_off:
        raise CannotAsk(TOO_MUCH(most=MOST_BOXES))
    if trace.hooks:
        raise CannotAsk(HOOKS(count=trace.hooks))


class NamedGraph:
    """Know what of a graph has a name, and walk back through it."""

    def __init__(self, root: Tensor, variables: Mapping[str, object]):
        trace = trace_graph([root], variables, MOST_BOXES)
        check_trace(trace)
        self.root = root
        self.tensors = dict(find_tensors(trace, variables))
        names = {id(tensor): name for name, tensor in self.tensors.items()}
        self.variable = names.get(id(root), "…")
        self.root_name = names.get(id(root)) or find_free_name(variables)
        self.tensors[self.root_name] = root
        constants = [node for node in trace.graph.nodes if node.op == "constant"]
        named = (node for node in constants if node.name)
        self.names: dict[str, object] = {it.name: it.value for it in named}
        self.names |= self.tensors

    def walk(self, weights: Tensor | None) -> Walked:
        """Walk back once; raise CannotAsk where that is not possible."""
        try:
            walked = Machine((), self.names).walk_by_hand(self.root, weights)
        except TooLarge:
            raise CannotAsk(TOO_MUCH(most=MOST_BOXES)) from None
        except RuntimeError as problem:
            freed = SPOILT.search(str(problem))
            told = describe_error(problem.__cause__ or problem)  # the learner's own
            raise CannotAsk(FREED() if freed else STOPPED(problem=told)) from None
        if walked.walk.refused:
            raise CannotAsk(REFUSED())
        return walked

    def list_inner(self) -> Iterator[tuple[str, Tensor]]:
        """Yield what stands between the leaves and the result."""
        for name, tensor in self.tensors.items():
            kept = tensor.is_leaf or tensor.retains_grad  # who knows what it holds
            if not kept and tensor is not self.root:
                yield name, tensor


def find_free_name(variables: Mapping[str, object]) -> str:
    """Return a name for a result that has none, and is no variable's."""
    name = RESULT
    while name in variables:
        name += "_"
    return name


def find_tensors(
    trace: Trace, variables: Mapping[str, object]
) -> Iterator[tuple[str, Tensor]]:
    """Yield the learner's own tensors that stand in a graph, in forward order."""
    found = name_values(variables)
    for box, function in trace.functions.items():
        leaf = trace.leaves.get(box)
        places = [(function, n) for n in range(len(output_metadata(function)))]
        for place in places if leaf is None else [(id(leaf), 0)]:
            if place in found:
                yield found[place]


# ---- the questions ---------------------------------------------------------------


def choose(
    named: NamedGraph, subjects: Iterable[str], chance: random.Random
) -> list[Asked]:
    """Choose some questions of each kind, in a random order."""
    weights, code = choose_weights(named.root, chance)
    walked = named.walk(weights)
    base = partial(LiveGraph, named.root, names=named.names, weights=weights)
    chosen: list[Asked] = []
    kinds = chain.from_iterable(SUBJECTS[it].items() for it in subjects)
    for kind, list_cases in kinds:
        cases = list(list_cases(named, walked, chance))
        for more, words in chance.sample(cases, len(cases))[:MOST_ALIKE]:
            told = {"walk": f"{named.root_name}.backward({code})"} | words
            chosen += ask(kind, base(**more), told)
    if not chosen:
        raise CannotAsk(NOTHING(most=MOST_NUMBERS))
    return chance.sample(chosen, len(chosen))[:MOST_ASKED]


def ask(kind: str, graph: LiveGraph, told: Mapping[str, object]) -> Iterator[Asked]:
    """Yield a question, if its answer can be worked out by hand and written down."""
    run = graph.run()
    (walked, *_), answer = run.walks, run.answer
    # Where all roads are cut, backward() raises.
    arrives = any(
        walked.brought((box, 0)) is not None for box in walked.walk.trace.leaves
    )
    if is_fit(answer) or (answer is None and arrives):
        yield Asked(QUESTIONS[kind].asks(**told), QUESTIONS[kind], graph, answer)


def choose_weights(root: Tensor, chance: random.Random) -> tuple[Tensor | None, str]:
    """Return weights for a vector, none for one number, and how they are written."""
    if root.dim() == 0:
        return None, ""
    numbers = chance.sample(WEIGHTS, len(root))
    return make_weights(root, numbers), write_weights(numbers)


def make_weights(root: Tensor, numbers: Any) -> Tensor:
    return torch.tensor(numbers, dtype=root.dtype, device=root.device)


def write_weights(numbers: Any) -> str:
    return f"gradient=torch.tensor({numbers})"


def is_fit(grad: Any) -> bool:
    """Tell whether something is few real numbers, neither odd nor very small."""
    if not isinstance(grad, Tensor) or grad.is_meta or grad.layout != torch.strided:
        return False
    if grad.is_complex() or grad.dim() > 1 or not 0 < grad.numel() <= MOST_NUMBERS:
        return False
    smallest, largest = SIZES
    sizes = grad.abs()
    return bool(((sizes == 0) | ((sizes >= smallest) & (sizes <= largest))).all())


# Each yields what is asked about, as fields of a LiveGraph, and words for the question.
Cases = Iterator[tuple[dict[str, Any], dict[str, Any]]]


def list_leaves(named: NamedGraph, walked: Walked) -> Iterator[tuple[str, Tensor]]:
    """Yield each leaf to which the walk brings something fit."""
    for name, tensor in named.tensors.items():
        brought = walked.brought(walked.box_of(tensor)) if tensor.is_leaf else None
        if is_fit(brought):
            yield name, tensor


def ask_leaf(named: NamedGraph, walked: Walked, chance: random.Random) -> Cases:
    """Yield each leaf, unless its question is one of weights."""
    for name, leaf in list_leaves(named, walked) if named.root.dim() == 0 else ():
        yield {"asked": leaf}, {"name": name}


def ask_inner(named: NamedGraph, walked: Walked, chance: random.Random) -> Cases:
    for name, tensor in named.list_inner():
        yield {"asked": tensor}, {"name": name}


def ask_weighted(named: NamedGraph, walked: Walked, chance: random.Random) -> Cases:
    """Yield each leaf: where there is a vector, the walk has weights anyway."""
    for name, leaf in list_leaves(named, walked):
        if named.root.dim():
            yield {"asked": leaf}, {"name": name}
        else:
            weight = chance.choice(WEIGHTS)
            walk = f"{named.root_name}.backward({write_weights(weight)})"
            weights = make_weights(named.root, weight)
            yield {"asked": leaf, "weights": weights}, {"name": name, "walk": walk}


def ask_detached(named: NamedGraph, walked: Walked, chance: random.Random) -> Cases:
    """Yield each leaf with each tensor on the way to it."""
    for cut_name, cut in named.list_inner():
        alone = len(output_metadata(cut.grad_fn)) == 1
        for name, leaf in list_leaves(named, walked) if alone else ():
            if is_behind(walked, cut, leaf):
                more = {"asked": leaf, "cut": cut.grad_fn}
                yield more, {"name": name, "cut": cut_name}


def is_behind(walked: Walked, cut: Tensor, leaf: Tensor) -> bool:
    """Tell whether a walk comes to a leaf by way of another tensor."""
    here, there = walked.box_of(cut), walked.box_of(leaf)
    return bool(here and there and comes_before(walked, here[0], there[0]))


def ask_steps(
    steps: tuple[str, ...], named: NamedGraph, walked: Walked, chance: random.Random
) -> Cases:
    """Yield each leaf with several walks."""
    for name, leaf in list_leaves(named, walked):
        yield {"asked": leaf, "steps": steps}, {"name": name}


def ask_held(named: NamedGraph, walked: Walked, chance: random.Random) -> Cases:
    """Yield each leaf whose `.grad` holds something, now."""
    for name, leaf in list_leaves(named, walked):
        held = take_snapshot(leaf.grad)
        if is_fit(held):
            yield (
                {"asked": leaf, "held": held},
                {"name": name, "held": write_value(held)},
            )


Kinds = dict[str, Callable[[NamedGraph, Walked, random.Random], Cases]]
SUBJECTS: dict[str, Kinds] = {
    "walk": {"leaf": ask_leaf, "inner": ask_inner},
    "accumulation": {
        "held": ask_held,
        "twice": partial(ask_steps, ("walk", "walk")),
        "cleared": partial(ask_steps, ("walk", "clear", "walk")),
    },
    "weights": {"weighted": ask_weighted},
    "detach": {"detached": ask_detached},
}
