"""How large the numbers of a tensor are, where there are too many to be written."""

from typing import NamedTuple

import torch
from torch import Tensor

SAMPLE = 1_000  # numbers
KEPT = "autograd course size"  # where a copy that never changes keeps it
COMPARED = {  # what torch finds the largest of; not so the kinds of eight bits
    *(torch.double, torch.float, torch.half, torch.bfloat16, torch.bool),
    *(torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8),
}


class Size(NamedTuple):
    """Say how large the numbers of a tensor are."""

    largest: float | None  # absolute value; None if none is finite
    nans: int
    infs: int
    zeros: int | None  # None where they are few, and nobody has counted
    total: int


def find_size(value: Tensor) -> Size | None:
    """Return how large the numbers of a tensor are; None where nobody can tell."""
    kept = vars(value)
    size = kept.get(KEPT)
    if size is None:
        size = measure(value)
        if KEPT in kept:
            kept[KEPT] = size
    return size


def keep_size(copy: Tensor, size: Size | None = None) -> Tensor:
    """Let a copy that never changes keep its size, once that is known."""
    setattr(copy, KEPT, size)
    return copy


def measure(value: Tensor) -> Size | None:
    """Look at all numbers of a tensor, in one or two passes, without a copy of all."""
    if value.is_meta:
        return None
    try:
        with torch.no_grad():
            numbers, each = list_stored(value.detach())
            return measure_stored(numbers, each, value.numel())
    except Exception:  # a device, a mode or a class of its own may refuse anything
        return None


def list_stored(value: Tensor) -> tuple[Tensor, int]:
    """Return the numbers that a tensor stores, and how often it shows each of them."""
    if value.is_quantized:
        return value.dequantize(), 1
    if value.layout == torch.sparse_coo:
        return value.coalesce().values(), 1
    if value.is_mkldnn:
        return value.to_dense(), 1
    if value.layout != torch.strided:
        return value.values(), 1
    steps, once = value.stride(), value
    for place, step in enumerate(steps):
        if step == 0 and value.numel():  # expanded: the same number many times
            once = once.narrow(place, 0, 1)
    # As they lie in memory, a transposed matrix takes a sixth of the time.
    in_memory = once.permute(sorted(range(len(steps)), key=lambda place: -steps[place]))
    return in_memory, value.numel() // max(1, once.numel())


def measure_stored(numbers: Tensor, each: int, total: int) -> Size:
    """Measure numbers that are shown so often each; whatever is not stored is 0."""
    if numbers.numel() == 0:
        return Size(0, 0, 0, total, total)
    if numbers.is_complex():
        numbers = numbers.abs()
    elif numbers.dtype not in COMPARED:
        numbers = numbers.double()
    low, high = find_ends(numbers)
    nans = infs = 0
    if not (low > -torch.inf and high < torch.inf):  # nor is nan
        nans, infs = (int(kind(numbers).sum()) for kind in (torch.isnan, torch.isinf))
        low, high = find_ends(numbers.nan_to_num(posinf=0, neginf=0))
    known = nans + infs < numbers.numel()
    largest = max(abs(low), abs(high)) if known else None
    nonzero = count_nonzero(numbers) if low <= 0 <= high else numbers.numel()
    zeros = None if nonzero is None else total - nonzero * each
    return Size(largest, nans * each, infs * each, zeros, total)


def count_nonzero(numbers: Tensor) -> int | None:
    """Count what is not 0; nothing where a sample tells that it is more than half.

    It takes three times as long as finding the largest.
    """
    step = numbers.numel() // SAMPLE | 1  # odd, to meet all columns of most matrices
    if numbers.is_contiguous() and step > 1 and numbers.dtype != torch.bool:
        sample = numbers.flatten()[::step]
        if 2 * int(torch.count_nonzero(sample)) > len(sample):
            return None
    return int(torch.count_nonzero(numbers))


def find_ends(numbers: Tensor) -> tuple[float, float]:
    low, high = torch.aminmax(numbers)
    return low.item(), high.item()
