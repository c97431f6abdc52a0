"""Run a program on a changed autograd: its walks are done by hand, by other rules.

Functions of the graph are called by hand, so nothing is freed and no hook runs.
"""

import ast
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import chain
from types import CodeType, SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from ..graph.backward import Walk, WalkStopped, keep_state, make_ones
from ..graph.data import Place, Trace
from ..graph.functions import (
    LARGEST_KEPT,
    fit_to_input,
    output_place,
    take_snapshot,
)
from ..graph.inputs import torch_name
from ..graph.private import Function, output_metadata
from ..graph.trace import trace_functions
from ..lessons.model import Meaning
from .answers import make_plain
from .clues import find_name

LARGEST = 60  # boxes; a walk through more would take long
MOST_CALLS = 400  # of functions by a program: with a number changed it may never end


class TooLarge(RuntimeError):
    """Say that a graph is too large to be walked again and again."""


def anywhere(run: "Run") -> Iterable[tuple[Any, dict]]:
    """Yield the one spot of a rule that holds everywhere."""
    yield None, {}


@dataclass(frozen=True)
class Rule:
    """Hold what somebody may believe of any walk, beside what is said of it.

    One of its functions is what is changed: `call` a function that the program calls,
    `weigh` the weights of a walk, `send` what an operation sends to its inputs, `meet`
    how gradients meet, `keep` what `.grad` holds after a walk. Or none is, and `read`
    yields what else may be taken for the answer. `spots` yields the places where a
    change may be made, each with words for the hint.
    """

    meaning: Meaning
    call: Callable | None = None
    weigh: Callable | None = None
    send: Callable | None = None
    meet: Callable | None = None
    keep: Callable | None = None
    read: Callable | None = None
    spots: Callable = anywhere
    needs: str = ""  # the function without whose call `call` changes nothing
    any_shape: bool = False  # whether more or fewer numbers than asked for may be it
    alone: bool = False  # whether it says nothing of a run that is changed already

    @property
    def tag(self) -> str:
        return self.meaning.tag


Change = tuple[Rule, Any]  # with the spot where it is made


class ChangedWalk(Walk):
    """Walk back with some rules changed; `cut` is an operation that sends nothing."""

    def __init__(
        self, trace: Trace, changes: Sequence[Change], cut: Function | None = None
    ):
        super().__init__(trace)
        self.changes, self.cut = changes, cut
        self.arrived: Counter[Place] = Counter()

    def note(self, grad: Tensor | None) -> Tensor | None:
        """Keep it as it is: many walks are made, and nothing changes it."""
        return grad

    def send(self, box: str, received: tuple) -> list[Tensor | None]:
        """Ask the rule that changes what is sent, if there is one."""
        places = self.trace.functions[box].next_functions
        if self.trace.functions[box] is self.cut:
            return [None for _ in places]
        do: Callable = self.call
        for rule, spot in self.changes:
            if rule.send is not None:
                do = partial(rule.send, self, do, spot)
        pairs = zip(do(box, received), places, strict=True)
        return [fit_to_input(grad, *place) for grad, place in pairs]

    def call(self, box: str, received: tuple) -> list[Tensor | None]:
        """Call an operation by hand; a learner's own may raise whatever it likes."""
        try:
            return super().send(box, received)
        except Exception as problem:
            raise WalkStopped(str(problem)) from problem

    def bring(self, place: Place, grad: Tensor | None) -> None:
        """Ask the rule that changes how gradients meet, where one meets another."""
        meet = next((rule.meet for rule, _ in self.changes if rule.meet), None)
        self.arrived[place] += grad is not None
        if meet is None or grad is None or place not in self.brought:
            super().bring(place, grad)
        else:
            met = meet(self.brought[place], grad, self.arrived[place])
            self.brought[place] = met


@dataclass(frozen=True, eq=False)
class Walked:
    """Hold one walk: where it began, with what, and what is called how then."""

    root: Tensor
    weights: Tensor
    walk: ChangedWalk
    names: Mapping[tuple, str]  # by place

    def box_of(self, tensor: Tensor) -> Place | None:
        """Return a tensor's place in the walk, if it has one."""
        functions = self.walk.trace.functions.items()
        if tensor.is_leaf:
            found = (i for i, leaf in self.walk.trace.leaves.items() if leaf is tensor)
        else:
            found = (i for i, function in functions if function is tensor.grad_fn)
        box = next(found, None)
        return None if box is None else (box, tensor.output_nr)

    def brought(self, place: Place | None) -> Tensor | None:
        """Return what the walk brings to a place."""
        if place is None or place[0] not in self.walk.received:
            return None
        return self.walk.received[place[0]][place[1]]

    def bring_again(
        self, place: Place | None, weights: Tensor, cut: Function | None
    ) -> Tensor | None:
        """Return what such weights bring to a place where no rule is changed."""
        trace = self.walk.trace
        walk = ChangedWalk(trace, (), cut)
        walk.run([((trace.graph.roots[0], self.root.output_nr), weights)])
        return replace(self, walk=walk).brought(place)

    def name(self, box: str) -> str:
        """Return what a box is called: as the learner does, or by its operation."""
        function = self.walk.trace.functions[box]
        tensor = getattr(function, "variable", None)
        place = (function, 0) if tensor is None else output_place(tensor)
        return self.names.get(place) or torch_name(function)


class Machine(TorchFunctionMode):
    """Stand between a program and torch, note what is made, and walk by hand."""

    def __init__(
        self,
        changes: Sequence[Change],
        names: Mapping[str, object],
        cut: Function | None = None,
    ):
        super().__init__()
        self.changes, self.names, self.cut = changes, names, cut
        self.called: Counter[str] = Counter()
        self.walks: list[Walked] = []
        self.made: list[tuple[str, Tensor]] = []  # by which function
        self.then: list[tuple[str, Tensor]] = []  # the value of each, as it was made
        self.seen: list[tuple[str, object]] = []  # values of names, over the time
        self.kept: list[Tensor] = []  # who asked for a .grad though no leaf
        self.held: list[tuple[Any, Tensor]] = []  # what each .grad held, over the time
        self.count: Counter[int] = Counter()  # of walks that came to a leaf
        self.read: list[Tensor] = []  # each .grad that the program has looked at

    def __torch_function__(self, function, types, inputs=(), named=None):
        """Do what was asked for, as the changes will have it."""
        name = find_name(function)
        self.called[name] += 1
        if self.called.total() > MOST_CALLS:
            raise TooLarge
        if name == "backward":
            return self.walk(*inputs, **named or {})
        if name == "retain_grad":
            self.kept.append(inputs[0])
        result = self.change(name, function)(*inputs, **named or {})
        if isinstance(result, Tensor) and not name.endswith("__get__"):
            self.made.append((name, result))
            self.then += [] if self.changes else [(name, take_snapshot(result))]
        elif name == "grad.__get__" and result is not None:
            self.read.append(result)
        return result

    def change(self, name: str, function: Callable) -> Callable:
        """Return what the rules make of a function."""
        do = partial(self.do, name, function)
        for rule, spot in self.changes:
            if rule.call is not None:
                do = partial(rule.call, self, spot, name, do)
        return do

    def do(self, name: str, function: Callable, *inputs: Any, **named: Any) -> Any:
        """Do what was asked for, where no rule keeps it from being done."""
        if name in ("zero_", "grad.__set__"):
            self.count.clear()
        return function(*inputs, **named)

    def walk(
        self,
        root: Tensor,
        gradient: Tensor | None = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: object = None,
    ) -> None:
        """Walk back by hand, and write to each `.grad`."""
        if create_graph or inputs is not None:
            raise TooLarge
        walked = self.walk_by_hand(root, gradient)
        for tensor in (*walked.walk.trace.leaves.values(), *self.kept):
            grad = walked.brought(walked.box_of(tensor))
            if grad is not None:
                self.keep(tensor, grad)

    def walk_by_hand(self, root: Tensor, gradient: Tensor | None) -> Walked:
        """Walk back, and write to no `.grad`."""
        trace = trace_functions([root], LARGEST)
        outputs = chain.from_iterable(map(output_metadata, trace.functions.values()))
        if trace.graph.cut_off or any(map(is_large, outputs)):
            raise TooLarge
        weights = make_ones(root) if gradient is None else gradient
        for rule, _ in self.changes:
            if rule.weigh is not None:
                weights = rule.weigh(root, weights)
        self.look()
        walk = ChangedWalk(trace, self.changes, self.cut)
        walk.run([((trace.graph.roots[0], root.output_nr), weights)])
        walked = Walked(root, weights, walk, name_places(self.names))
        self.walks.append(walked)
        return walked

    @torch.no_grad()
    def keep(self, tensor: Any, grad: Tensor) -> None:
        """Write to the `.grad` of something what a walk brings: autograd adds."""
        self.count[id(tensor)] += 1
        changed = next((rule.keep for rule, _ in self.changes if rule.keep), None)
        if tensor.grad is None:
            tensor.grad = grad.detach().clone()
        elif changed is not None:
            tensor.grad = changed(tensor.grad, grad, self.count[id(tensor)])
        else:
            tensor.grad += grad
        self.held.append((tensor, take_snapshot(tensor.grad)))

    def look(self) -> None:
        """Note what the names stand for, now."""
        for name, thing in self.names.items() if not self.changes else ():
            number = type(thing) in (int, float) and not name.startswith("_")
            if number or isinstance(thing, Tensor):
                self.seen.append((name, take_snapshot(thing)))


def is_large(output: Any) -> bool:
    """Tell whether an operation gives more numbers than can be compared."""
    return math.prod(output.shape) > LARGEST_KEPT


def list_tensors(names: Mapping[str, object]) -> Iterator[tuple[str, Tensor]]:
    for name, thing in names.items():
        if isinstance(thing, Tensor):
            yield name, thing


def name_places(names: Mapping[str, object]) -> dict[tuple, str]:
    return {output_place(tensor): name for name, tensor in list_tensors(names)}


@dataclass(frozen=True, eq=False)
class Run:
    """Hold what a run gave: the answer, and all that may be taken for it."""

    answer: object  # plain
    machine: Machine
    asked: str  # in the learner's words: x.grad
    tensor: Tensor | None  # whose gradient is asked for, if one's is
    name: str  # of that tensor
    again: Callable = field(repr=False)
    substitute: Callable = field(default=make_plain, repr=False)
    tables: dict[int, Tensor] = field(default_factory=dict, repr=False)  # by walk

    @property
    def walks(self) -> list[Walked]:
        return self.machine.walks


@dataclass(frozen=True)
class Program:
    """Hold a program, as it stands in a cell; its last line is what is asked for."""

    source: str

    def run(self, changes: Sequence[Change] = ()) -> Run:
        """Run it on a machine with some rules changed."""
        body, asked = compile_program(self.source)
        names: dict[str, Any] = {"torch": torch}
        machine = Machine(changes, names)
        with torch.enable_grad():
            with machine:
                exec(body, names)  # a lesson's own text
            machine.look()  # by calls that are not the program's
            with machine:
                answer = eval(asked, names)
        text = self.source.strip().splitlines()[-1]
        name, tensor = find_asked(text, answer, names)
        put = partial(put_instead, asked, names, name if ".grad" in text else "")
        return Run(make_plain(answer), machine, text, tensor, name, self.run, put)


@lru_cache(maxsize=64)
def compile_program(source: str) -> tuple[CodeType, CodeType]:
    """Compile a program, and its last line apart."""
    tree = ast.parse(source)
    last: Any = tree.body.pop()
    asked = ast.Expression(last.value)
    return compile(tree, "<program>", "exec"), compile(asked, "<asked>", "eval")


def find_asked(
    text: str, answer: object, names: Mapping[str, object]
) -> tuple[str, Tensor | None]:
    """Return whose gradient is asked for: `x` for `x.grad` and for its other names."""
    for name, tensor in list_tensors(names):
        if text.startswith(f"{name}.grad"):
            return name, tensor
    for name, tensor in list_tensors(names):
        if tensor.is_leaf and answer is not None and tensor.grad is answer:
            return name, tensor
    return "", None


def put_instead(
    asked: CodeType, names: Mapping[str, object], name: str, candidate: object
) -> object:
    """Return what is asked for, if something else were that gradient."""
    with suppress(Exception):
        if name:
            stand_in = SimpleNamespace(grad=candidate)
            return make_plain(eval(asked, {**names, name: stand_in}))
    return make_plain(candidate)


@dataclass(frozen=True, eq=False)
class LiveGraph:
    """Hold a live result, and the tensor whose gradient is asked for.

    `steps` are the walks back from the result, and "clear" between them; `held` is what
    that tensor's `.grad` holds before, and `cut` the function that made a tensor which
    is imagined to be detached.
    """

    root: Tensor
    asked: Tensor
    names: Mapping[str, object]
    weights: Tensor | None = None
    steps: tuple[str, ...] = ("walk",)
    held: Tensor | None = None
    cut: Function | None = None

    def run(self, changes: Sequence[Change] = ()) -> Run:
        """Walk back with some rules changed; nothing of the learner's stays so."""
        machine = Machine(changes, self.names, self.cut)
        leaf = SimpleNamespace(grad=None)  # stands in for the learner's own
        with keep_state(()):
            if self.held is not None:
                machine.keep(leaf, self.held)
            for step in self.steps:
                if step == "clear":
                    machine.change("grad.__set__", clear_grad)(leaf, None)
                else:
                    self.walk(machine, leaf)
        name = name_places(self.names)[output_place(self.asked)]
        plain = make_plain(leaf.grad)
        return Run(plain, machine, f"{name}.grad", self.asked, name, self.run)

    def walk(self, machine: Machine, leaf: SimpleNamespace) -> None:
        """Walk back once, and let something keep what it brings."""
        walked = machine.walk_by_hand(self.root, self.weights)
        grad = walked.brought(walked.box_of(self.asked))
        if grad is not None:
            machine.keep(leaf, grad)


def clear_grad(holder: SimpleNamespace, nothing: None) -> None:
    holder.grad = None
