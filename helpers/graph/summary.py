"""Say what a graph is that is too large to be drawn: how much there is of what."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor
from torch.nn import Parameter

from .data import Summary
from .depth import sort_forward
from .flow import find_functions
from .functions import function_of, is_leaf
from .inputs import name_operation


def summarize(roots: Sequence[Tensor]) -> Summary:
    """Count what is behind some tensors, as far as functions may be touched."""
    within = find_functions([function_of(root) for root in roots])
    leaves = [function.variable for function in within if is_leaf(function)]
    parameters = [leaf for leaf in leaves if issubclass(type(leaf), Parameter)]
    sources = {
        function: [source for _, source, _ in inputs]
        for function, inputs in sort_forward(within).items()
    }
    return Summary(
        count_kinds(name_operation(f) for f in within if not is_leaf(f)),
        leaves=len(leaves),
        parameters=len(parameters),
        numbers=sum(parameter.numel() for parameter in parameters),
        depth=measure_depth(sources),
        whole=all(each in within for inputs in sources.values() for each in inputs),
    )


def count_kinds(operations: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Count the operations of each kind, the most frequent first."""
    counts = Counter(operations).items()
    return tuple(sorted(counts, key=lambda pair: (-pair[1], pair[0])))


def measure_depth(sources: Mapping[Any, Sequence]) -> int:
    """Return how many operations lie on the longest road; inputs come first.

    `sources` has the inputs of each; a leaf has none, and is no operation.
    """
    depths: dict[Any, int] = {}
    for thing, inputs in sources.items():
        before = (depths.get(source, 0) for source in inputs)
        depths[thing] = max(before, default=0) + bool(inputs)
    return max(depths.values(), default=0)
