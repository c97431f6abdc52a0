"""What the helpers read of a graph."""

import pytest
import torch

tells_of_hooks = pytest.mark.skipif(
    torch.__version__.startswith("2.6."), reason="torch 2.6 tells of no hooks"
)


class Asked(torch.Tensor):
    """Note every function that is called on it."""

    calls = ()

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        cls.calls += (func,)
        return super().__torch_function__(func, types, args, kwargs or {})
