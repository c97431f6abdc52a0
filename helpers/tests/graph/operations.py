"""Torch's own list of its differentiable operations, with the inputs of its own tests.

A few inputs are enough to notice a break; COURSE_ALL_SAMPLES=1 takes them all, which
needs some ten minutes.
"""

import contextlib
import importlib.util
import itertools
import os
import random
import sys
import types
import unittest
from functools import cache

import numpy
import torch
from torch.utils._pytree import tree_leaves

from helpers import watch

ALL = os.environ.get("COURSE_ALL_SAMPLES") == "1"
SAMPLES = {torch.float64: 2, torch.complex128: 1}


@cache
def list_operations():
    """Return the operations by their names; to import torch's list takes seconds."""
    if importlib.util.find_spec("expecttest") is None:
        # The list imports it, but only torch's own tests use it.
        absent = types.ModuleType("expecttest")
        absent.TestCase = unittest.TestCase
        sys.modules["expecttest"] = absent
    from torch.testing._internal.common_methods_invocations import op_db

    return {
        op.formatted_name: op
        for op in op_db
        if op.supports_autograd and op.supported_backward_dtypes("cpu") & SAMPLES.keys()
    }


def try_each(task):
    """Call a task with every operation; raise in the end what failed, by its name."""
    failed = []
    for op in list_operations().values():
        try:
            task(op)
        except Exception as problem:
            problem.add_note(op.formatted_name)
            failed.append(problem)
    if failed:
        raise ExceptionGroup(f"{len(failed)} operations fail", failed)


def samples(op, dtype):
    """Return fresh inputs of one operation, the same each time."""
    for seed in (torch.manual_seed, numpy.random.seed, random.seed):
        seed(0)
    found = iter(op.sample_inputs_func(op, "cpu", dtype, requires_grad=True))
    taken = list(itertools.islice(found, None if ALL else SAMPLES[dtype]))
    if isinstance(found, types.GeneratorType):
        found.close()  # left half used, it would end in the middle of another test
    return taken


def computed(op, sample, watched):
    """Return the results of an operation that have a graph; none if it fails."""
    torch.manual_seed(0)
    try:
        with watch() if watched else contextlib.nullcontext():
            results = op(sample.input, *sample.args, **sample.kwargs)
    except Exception:
        if watched and computed(op, sample, False):
            raise
        return []
    tensors = [r for r in tree_leaves(results) if isinstance(r, torch.Tensor)]
    return [tensor for tensor in tensors if tensor.requires_grad]


def among_few_names(verb, *given, **options):
    """Call a verb that searches its caller's names for tensors, where few are.

    What pytest leaves in a file of tests leads to all that it knows: to search that
    takes longer than all the rest.
    """
    names = {"verb": verb, "given": given, "options": options}
    return eval("verb(*given, **options)", names)


def tensors_of(sample):
    given = tree_leaves((sample.input, sample.args, sample.kwargs))
    return [t for t in given if isinstance(t, torch.Tensor)]


def state(tensors):
    """Return all that drawing must not change."""
    flags = [(t._version, t.requires_grad, t.is_leaf and t.grad) for t in tensors]
    return flags, torch.get_rng_state().tolist()
