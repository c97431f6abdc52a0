"""Print how many small wrong changes the tests notice, and which they do not.

`python -m helpers.tests.mutants` tries the notebooks, which takes some minutes;
`--helpers 10` also every tenth mutant of the helpers, `--helpers 1` all of them;
`--helpers 1 --only tape` only those of one helper, and no notebooks.
"""

import argparse
import os
import sys
from functools import partial

from tqdm import tqdm

from helpers.authoring import execute

os.environ.update(execute.KERNEL_ENVIRONMENT)  # before torch is imported

from helpers.tests.mutants import modules, pages, reviewed


def main() -> int:
    options = parsed()
    scores = []
    if not options.only:
        scores += pages.all_scores(partial(tqdm, desc="notebooks", disable=None))
    if options.helpers:
        scores.append(modules.score(options.helpers, options.only, tqdm))
    for score in scores:
        print(score)
    codes = [score for score in scores if score.what.endswith(": code")]
    if codes:
        print(reviewed.together("all code of notebooks", codes))
    odd = [line for score in scores for line in reviewed.surprises(score)]
    print("\n".join(odd) or "Every survivor is on the reviewed list.")
    return int(bool(odd))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m helpers.tests.mutants", description=__doc__.splitlines()[0]
    )
    parser.add_argument(
        "--helpers", type=int, metavar="N", help="also try every N-th of the helpers'"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=modules.MODULES,
        default=(),
        metavar="HELPER",
        help="of these helpers only, and no notebooks",
    )
    options = parser.parse_args()
    if options.only and not options.helpers:
        parser.error("--only chooses among the helpers; say how many: --helpers 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
