"""Real data that is on every machine: handwritten digits, 8 × 8 pixels each."""

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

FILE = Path(__file__).with_name("digits.npz")  # made by .ci/make_digits.py


def load_digits() -> tuple[Tensor, Tensor]:
    """Return 363 handwritten fives and sixes, and which of the two each is.

        images, labels = load_digits()

    `images` has the shape (363, 8, 8), from 0 for paper to 16 for ink; `labels` has
    363 entries, 5 or 6; both are uint8, and new each time. A copy of the test set of
    «Optical Recognition of Handwritten Digits» by E. Alpaydin and C. Kaynak (1998), UCI
    Machine Learning Repository, https://doi.org/10.24432/C50P49, licensed under CC BY
    4.0; of its ten classes two are here, unchanged and in their order.
    """
    with np.load(FILE) as file:
        images, labels = file["images"], file["labels"]
    return torch.from_numpy(images), torch.from_numpy(labels)
