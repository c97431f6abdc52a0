"""Compare the time that `pytest --nbval` takes with the least that it could.

The floor is one process that runs the code of all notebooks, with one import of torch,
and compares nothing. Both are started in turn, so that a busy machine slows both.
"""

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
for path in sorted(glob.glob("*.ipynb")):
    world = {"display": print}
    for cell in json.load(open(path))["cells"]:
        if cell["cell_type"] == "code":
            try:
                exec(plain("".join(cell["source"])), world)
            except Exception:
                assert "raises-exception" in cell["metadata"].get("tags", [])
"""


def seconds(command: list[str]) -> float:
    started = time.monotonic()
    environment = os.environ | execute.KERNEL_ENVIRONMENT
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    return time.monotonic() - started


def main() -> None:
    pytest = [sys.executable, "-m", "pytest", "--nbval", "notebooks"]
    commands = {
        "floor": [sys.executable, "-c", FLOOR],
        "nbval alone": [*pytest, "--noconftest", "--nbval-current-env"],
        "ours": pytest,
    }
    taken = {name: [] for name in commands}
    for _ in range(3):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    floor = statistics.median(taken["floor"])
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:12} {median:6.1f} s, {median / floor:4.1f} times the floor")


if __name__ == "__main__":
    main()
