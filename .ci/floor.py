"""Compare the time that the tests take with the least that they could.

The floor is one process that runs the code of all notebooks, in both editions, with one
import of torch, and compares nothing. All are started in turn, so that a busy machine
slows all of them; with `--ci` that includes `.ci/run`.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from helpers.authoring import execute  # noqa: E402

FLOOR = """
import glob, json, os
from IPython.core.inputtransformer2 import TransformerManager
os.chdir("notebooks")
plain = TransformerManager().transform_cell
for path in sorted(glob.glob("*.ipynb") + glob.glob("zh/*.ipynb")):
    world = {"display": print}
    for cell in json.load(open(path))["cells"]:
        if cell["cell_type"] == "code":
            try:
                exec(plain("".join(cell["source"])), world)
            except Exception:
                assert "raises-exception" in cell["metadata"].get("tags", [])
"""
PYTEST = [sys.executable, "-m", "pytest", "--nbval"]
COMMANDS = {
    "floor": [sys.executable, "-c", FLOOR],
    "nbval alone": [*PYTEST, "--noconftest", "-n0", "--nbval-current-env", "notebooks"],
    "notebooks, -n 0": [*PYTEST, "-n0", "notebooks"],
    "notebooks": [*PYTEST, "notebooks"],
    "notebooks, -n 2": [*PYTEST, "-n2", "notebooks"],
    "default suite": PYTEST,
}


def main() -> None:
    options = parse_arguments()
    commands = COMMANDS | ({".ci/run": [".ci/run"]} if options.ci else {})
    taken: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            taken[name].append(measure_seconds(command))
    floor = statistics.median(taken["floor"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:16} {median:6.1f} s, {median / floor:5.1f} times the floor")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, metavar="N")
    parser.add_argument("--ci", action="store_true", help="also run .ci/run")
    return parser.parse_args()


def measure_seconds(command: list[str]) -> float:
    started = time.monotonic()
    environment = os.environ | execute.KERNEL_ENVIRONMENT
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
    if done.returncode:
        print(f"{' '.join(command[1:4])} … has failed; its time says little.")
    return time.monotonic() - started


if __name__ == "__main__":
    main()
