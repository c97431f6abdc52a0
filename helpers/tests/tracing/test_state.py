"""Asking `why` changes nothing, whatever was computed; on torch's own operations."""

import warnings
from itertools import product

import pytest
import torch

from helpers import why
from helpers.graph.journal import clear_journal
from helpers.tests.graph.operations import (
    among_few_names,
    computed,
    samples,
    state,
    tensors_of,
    try_each,
)

pytestmark = pytest.mark.thorough


def test_asking_of_an_operation_changes_nothing():
    try_each(ask)


def ask(op):
    """Ask how each input came by its gradient, and compare all before and after."""
    clear_journal()
    with warnings.catch_warnings(action="ignore"):
        kinds = op.supported_backward_dtypes("cpu")
        dtype = torch.float64 if torch.float64 in kinds else torch.complex128
        for sample in samples(op, dtype)[:1]:
            roots = computed(op, sample, True)
            leaves = [t for t in tensors_of(sample) if t.requires_grad and t.is_leaf]
            before = state(tensors_of(sample))
            pairs = product(leaves[:2], roots[:2])
            said = [among_few_names(why, x, y) for x, y in pairs]
            assert state(tensors_of(sample)) == before
            known = {"no-backward-yet", "not-in-graph", "unknown"}
            assert {each.cause for each in said} <= known
