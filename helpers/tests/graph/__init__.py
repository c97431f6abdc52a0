"""What the helpers read of a graph."""

import pytest
import torch

tells_of_hooks = pytest.mark.skipif(
    torch.__version__.startswith("2.6."), reason="torch 2.6 tells of no hooks"
)
