"""Make helpers/lessons/digits.npz: all fives and sixes of scikit-learn's digits.

    python -m venv /somewhere && /somewhere/bin/pip install scikit-learn
    /somewhere/bin/python .ci/make_digits.py

They are a copy of the test set of «Optical Recognition of Handwritten Digits» by
E. Alpaydin and C. Kaynak (1998), UCI Machine Learning Repository,
https://doi.org/10.24432/C50P49, which UCI licenses under CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/). Changed here: two of ten classes are
taken, in their order, and kept as bytes. The file is the same each time.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FILE = Path(__file__).parents[1] / "helpers" / "lessons" / "digits.npz"
CLASSES = 5, 6


def main() -> None:
    """Write the file."""
    digits = load_digits()
    chosen = np.isin(digits.target, CLASSES)
    images = digits.images[chosen].astype(np.uint8)  # 0 is paper, 16 is ink
    labels = digits.target[chosen].astype(np.uint8)
    np.savez_compressed(FILE, images=images, labels=labels)
    print(f"{FILE.name}: {images.shape}, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
