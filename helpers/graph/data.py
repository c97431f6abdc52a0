"""A graph as plain data: boxes, arrows, and what is written about them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from numbers import Number
from typing import TypeAlias

from torch import Tensor

from ..wording import write_value
from .calls import Call
from .functions import is_leaf
from .private import Function

# What is known of a box: of several outputs a tuple, of a constant maybe a number, of a
# call of the learner's the line.
Value: TypeAlias = "Tensor | tuple[Value, ...] | complex | str | None"
Place = tuple[str, int]  # an output: node id, number


def join_outputs(values: Sequence) -> Value:
    """Return one output's value, or a tuple where there are several."""
    return values[0] if len(values) == 1 else tuple(values)


@dataclass(frozen=True)
class ModuleBox:
    """Say of a box that stands for one call of a module what is not seen in it."""

    layer: int  # which module: the same number in each of its calls
    kind: str
    path: str
    parameters: int | None
    grad: float | None = None  # the largest number that any .grad inside holds now
    turn: int = 1  # which of its calls, of how many
    turns: int = 1
    part: int = 1  # which part of this call, of how many; mostly there is one
    parts: int = 1
    shares: tuple[str, ...] = ()  # boxes of other modules with the same parameters

    @property
    def title(self) -> str:
        return f"{self.path}: {self.kind}" if self.path else self.kind

    @property
    def marks(self) -> str:
        """Write which call it is, of how many, and which part of it."""
        turn = f" ({self.turn}/{self.turns})" if self.turns > 1 else ""
        return turn + (f" [{self.part}/{self.parts}]" if self.parts > 1 else "")


@dataclass(frozen=True, eq=False)
class Node:
    """Describe one box: a leaf, an operation or a constant."""

    id: str
    name: str
    op: str
    value: Value = None  # what it computed, as far as that is known
    grad: Value = None  # what one walk back brings to it
    held: Tensor | None = None  # a leaf's own .grad, now
    count: int = 1  # how many operations a folded box stands for
    used: tuple[Tensor, ...] = ()  # values that a leaf had when it was computed with
    names: tuple[str, ...] = ()  # of its outputs, where there are several
    module: ModuleBox | None = None  # whose call the box stands for
    within: tuple[int, ...] = ()  # the opened calls around it, outermost first

    @property
    def label(self) -> str:
        return self.name or self.id

    def label_of(self, output: int) -> str:
        if len(self.names) < 2:
            return self.label
        return self.names[output] or f"{self.id}[{output}]"


@dataclass(frozen=True, eq=False)
class Edge:
    """Describe one arrow: input number `slot` of `target` is an output of `source`."""

    source: str
    target: str
    slot: int
    grad: Tensor | None = None  # what one walk sends back along it
    output: int = 0
    count: int = 1  # how many arrows a folded one stands for; it carries their sum
    route: int | None = None  # its place among autograd's own; None for a constant
    cut: bool = False  # whether the road ends on it


@dataclass(frozen=True)
class Summary:
    """Say what a graph holds that is too large to be drawn."""

    kinds: tuple[tuple[str, int], ...]  # of operations, the most frequent first
    leaves: int
    parameters: int
    numbers: int  # in all parameters
    depth: int  # operations on the longest road
    whole: bool  # or else there may be more of everything


@dataclass(frozen=True, eq=False)
class Graph:
    """Hold boxes in forward order, arrows, and the order of one walk back."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[str, ...]
    cut_off: int  # arrows that come from beyond the limit
    walk: tuple[str, ...] = ()
    starts: tuple[tuple[Place, Tensor], ...] = ()  # the weights it begins with
    let_go: bool = False  # there was more than watch() can keep
    summary: Summary | None = None  # of a graph that is not drawn whole
    opened: Mapping[int, ModuleBox] = field(default_factory=dict)  # calls, drawn around

    def node(self, node_id: str) -> Node:
        return self._by_id[node_id]

    def arrows_into(self, node_id: str) -> tuple[Edge, ...]:
        return tuple(self._into[node_id])

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _into(self) -> Mapping[str, list[Edge]]:
        found = defaultdict(list)
        for edge in self.edges:
            found[edge.target].append(edge)
        return found


@dataclass(frozen=True, eq=False)
class Trace:
    """Hold a graph beside the live functions it was read from."""

    graph: Graph
    roots: tuple[Tensor, ...]
    functions: Mapping[str, Function]  # by node id, leaves included
    uncertain: frozenset[str]  # what may be used beyond the limit, too
    hooks: int  # the learner's, as far as they can be found
    homes: Mapping[str, Call] = field(default_factory=dict)  # where boxes were made
    things: Mapping[str, Tensor] = field(default_factory=dict)  # leaves and constants

    @cached_property
    def leaves(self) -> dict[str, Tensor]:
        return {i: f.variable for i, f in self.functions.items() if is_leaf(f)}


# An operation with a number is written as a learner would.
SIGNS = {"Mul": "×", "Add": "+", "Sub": "−", "Div": "÷", "Pow": "^"}


def is_plain_number(node: Node) -> bool:
    """Tell whether a node is a number without a name: it is written in a box."""
    return node.op == "constant" and not node.name and is_number(node.value)


def is_number(value: object) -> bool:
    """Tell whether a value is a single number, or unknown."""
    return isinstance(value, Number | None) or getattr(value, "ndim", None) == 0


def equation(graph: Graph, node: Node) -> str:
    """Write an operation with its numbers, as in «Mul ×2» and «Sub 1−»."""
    title = node.module.title if node.module else node.op
    sign, words = SIGNS.get(title), [title]
    for place, edge in enumerate(graph.arrows_into(node.id)):
        source = graph.node(edge.source)
        if is_plain_number(source):
            value = write_value(source.value)
            first = place == 0 and node.op in ("Sub", "Div", "Pow")
            signed = f"{value}{sign}" if first else f"{sign}{value}"
            words.append(signed if sign else f"({value})")
    return " ".join(words)


def constant(node: Node) -> str:
    """Write a constant: its name, if it has one, and its value."""
    return f"{node.name} {write_value(node.value)}".strip()
