"""Print how many small wrong changes to the notebooks the tests notice, and which not.

`python -m helpers.tests.mutants` takes some minutes.
"""

import os
import sys
from functools import partial

from tqdm import tqdm

from helpers.authoring import execute

os.environ.update(execute.KERNEL_ENVIRONMENT)  # before torch is imported

from helpers.tests.mutants import pages, reviewed


def main() -> int:
    scores = pages.all_scores(partial(tqdm, desc="notebooks", disable=None))
    for score in scores:
        print(score)
    codes = [score for score in scores if score.what.endswith(": code")]
    print(reviewed.together("all code of notebooks", codes))
    odd = [line for score in scores for line in reviewed.surprises(score)]
    print("\n".join(odd) or "Every survivor is on the reviewed list.")
    return int(bool(odd))


if __name__ == "__main__":
    sys.exit(main())
