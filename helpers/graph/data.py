"""A graph as plain data: boxes, arrows, and what is written about them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Number

from torch import Tensor
from torch.autograd.graph import Node as Function

from ..wording import write_value
from .functions import is_leaf


@dataclass(frozen=True, eq=False)
class Node:
    """Describe one box: a leaf, an operation or a constant.

    `value` is what it computed, `grad` what one walk back brings to it; a tuple
    where an operation has several outputs, with None for what is not known. `held` is
    a leaf's own `.grad`, now, and `used` are the values it was computed with, where it
    has been changed since.
    """

    id: str
    name: str
    op: str
    value: object = None
    grad: object = None
    held: Tensor | None = None
    count: int = 1  # how many operations a folded box stands for
    used: tuple[Tensor, ...] = ()
    names: tuple[str, ...] = ()  # of its outputs, where there are several

    @property
    def label(self) -> str:
        """Return the learner's name for it, or else its id."""
        return self.name or self.id

    def label_of(self, output: int) -> str:
        """Return the learner's name for one output, or else its id and number."""
        if len(self.names) < 2:
            return self.label
        return self.names[output] or f"{self.id}[{output}]"


@dataclass(frozen=True, eq=False)
class Edge:
    """Describe one arrow: `source` is input number `slot` of `target`.

    `grad` is what one walk sends back along it, `output` says which output of the
    source is meant. A folded arrow stands for `count` arrows, and carries
    their sum. `route` is its place among autograd's own, None for a constant.
    """

    source: str
    target: str
    slot: int
    grad: Tensor | None = None
    output: int = 0
    count: int = 1
    route: int | None = None


@dataclass(frozen=True, eq=False)
class Graph:
    """Hold boxes in forward order, arrows, and the order of one walk back.

    `starts` are the weights that the walk begins with: (node id, output), weight.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    roots: tuple[str, ...]
    cut_off: int  # arrows that come from beyond the limit
    walk: tuple[str, ...] = ()
    starts: tuple[tuple[tuple[str, int], Tensor], ...] = ()
    let_go: bool = False  # there was more than watch() can keep

    def node(self, node_id: str) -> Node:
        """Return the node of that id."""
        return self._by_id[node_id]

    def arrows_into(self, node_id: str) -> tuple[Edge, ...]:
        """Return the arrows into a box, in the order of its inputs."""
        return self._into[node_id]

    @cached_property
    def _by_id(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def _into(self) -> dict[str, tuple[Edge, ...]]:
        found = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            found[edge.target].append(edge)
        return {target: tuple(edges) for target, edges in found.items()}


@dataclass(frozen=True, eq=False)
class Trace:
    """Hold a graph beside the live functions it was read from."""

    graph: Graph
    roots: tuple[Tensor, ...]
    functions: Mapping[str, Function]  # by node id, leaves included
    uncertain: frozenset[str]  # what may be used beyond the limit, too
    hooks: int  # the learner's, as far as they can be found
    largest: int  # elements of a gradient that is kept

    @cached_property
    def leaves(self) -> dict[str, Tensor]:
        """Return the leaves by node id."""
        return {i: f.variable for i, f in self.functions.items() if is_leaf(f)}


# An operation with a number is written as a learner would.
SIGNS = {"Mul": "×", "Add": "+", "Sub": "−", "Div": "÷", "Pow": "^"}


def is_plain_number(node: Node) -> bool:
    """Tell whether a node is a number without a name: it is written in a box."""
    return node.op == "constant" and not node.name and is_number(node.value)


def is_number(value: object) -> bool:
    """Tell whether a value is a single number, or unknown."""
    if value is None or isinstance(value, Number):
        return True
    return getattr(value, "ndim", None) == 0


def equation(graph: Graph, node: Node) -> str:
    """Write an operation with the numbers that it computes with, as in «Mul ×2».

    A number that comes first stands before the sign, as in «Sub 1−».
    """
    sign, words = SIGNS.get(node.op), [node.op]
    sources = [graph.node(edge.source) for edge in graph.arrows_into(node.id)]
    for source in filter(is_plain_number, sources):
        value = write_value(source.value)
        first = source is sources[0] and node.op in ("Sub", "Div", "Pow")
        signed = f"{value}{sign}" if first else f"{sign}{value}"
        words.append(signed if sign else f"({value})")
    return " ".join(words)


def constant(node: Node) -> str:
    """Write a constant: its name, if it has one, and its value."""
    return f"{node.name} {write_value(node.value)}".strip()
