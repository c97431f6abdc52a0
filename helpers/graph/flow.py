"""Note how large what a walk sends along each arrow is, while it runs."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from math import inf

import torch
from torch import Tensor

from .depth import find_marked, find_nearest, note_depth, sort_forward
from .functions import Inputs, function_of, is_leaf
from .private import (
    Function,
    bypass_torch_dispatch,
    bypass_torch_function,
    sequence_number,
)

MOST_FOLLOWED = 2_000  # functions of one graph


class Meter:
    """Listen at the functions of one graph, during one walk."""

    def __init__(self, roots: Sequence[Tensor]):
        self.flow: dict[tuple[int, int], float] = {}
        self.order: list[int] = []
        self.leaves: list[Tensor] = []
        self.whole = True
        self.handles: list = []
        with bypass_torch_function(), suppress(RuntimeError):
            self.begin([function_of(root) for root in roots])

    def begin(self, starts: list[Function]) -> None:
        within = find_functions(starts)
        self.whole = len(within) < MOST_FOLLOWED
        for function in within:
            if is_leaf(function):
                self.leaves.append(function.variable)
            else:
                note = partial(self.note, sequence_number(function))
                self.handles.append(function.register_hook(note))

    def note(self, sequence: int, sent: Sequence, received: Sequence) -> None:
        """Write down the largest number that goes each way; nan if there is one."""
        self.order.append(sequence)
        with bypass_torch_function(), bypass_torch_dispatch():
            for route, grad in enumerate(sent):
                if grad is not None:
                    self.flow[sequence, route] = find_largest(grad)

    def end(self) -> None:
        for handle in self.handles:
            handle.remove()


def find_functions(starts: list[Function]) -> dict[Function, Inputs]:
    """Return the functions behind some, as many as may be touched."""
    within = find_nearest(starts, MOST_FOLLOWED)
    if any(find_marked(function).depth == inf for function in within):
        for function in sort_forward(within):
            note_depth(function)
    return within


def find_largest(grad: Tensor) -> float:
    """Return the largest absolute value; nan if any is, and where nobody can tell."""
    try:
        plain = grad.detach()
        plain = plain.coalesce().values() if plain.is_sparse else plain
        if plain.numel() == 0:
            return 0.0
        plain = torch.view_as_real(plain) if plain.is_complex() else plain
        low, high = torch.aminmax(plain)
        return max(-low.item(), high.item())  # nan comes out of both
    except (RuntimeError, NotImplementedError):  # a meta tensor, or a class of its own
        return 1.0
