"""Compare how long our pictures take with torchviz, in one run on one machine.

`python .ci/compare_drawing.py [--rounds N] [--tolerance 0.1]` needs torchviz (`pip
install -r .ci/compare_requirements.txt`) and Graphviz (`apt-get install graphviz`).

Both make a PNG of the same graph from the same tensor. Ours also walks the graph back
for real and writes every value and gradient into it; torchviz has neither. Ends with 1
if ours takes longer than the tolerance allows, and with 2 if something is missing.
"""

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from tqdm import tqdm

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from helpers import show_graph, watch  # noqa: E402  the path comes first

STEPS = 50
IMPORT = """import time, torch, matplotlib.pyplot
begin = time.perf_counter()
import {module}
print(time.perf_counter() - begin)"""


@dataclass
class Race:
    """Collect the seconds of both on one task."""

    task: str
    judged: bool
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Return how many times as long ours takes."""
        return median(self.ours) / median(self.theirs)


# ---- the graphs -------------------------------------------------------------


def dot_product() -> Tensor:
    """Return the running example of the course."""
    x = torch.arange(4.0, requires_grad=True)
    return 2 * torch.dot(x, x)


def small_network() -> Tensor:
    """Return the loss of three layers."""
    sizes = [nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1)]
    net = nn.Sequential(*sizes)
    return nn.functional.mse_loss(net(torch.randn(5, 4)), torch.zeros(5, 1))


def while_loop() -> Tensor:
    """Return what a loop has computed in many steps."""
    b, step = torch.tensor(0.3, requires_grad=True), 0
    while step < STEPS:
        b, step = b * 2, step + 1
    return b


def ours(y: Tensor) -> bytes:
    """Draw as a learner does."""
    return show_graph(y).png


def ours_unfolded(y: Tensor) -> bytes:
    """Draw every step of a loop."""
    return show_graph(y, fold=False).png


def theirs(y: Tensor) -> bytes:
    """Draw with torchviz."""
    from torchviz import make_dot

    return make_dot(y).pipe(format="png")


# ---- the clock --------------------------------------------------------------


def seconds(draw: Callable[[Tensor], bytes], y: Tensor) -> float:
    """Return how long it takes from the tensor to the bytes of a PNG."""
    begin = time.perf_counter()
    picture = draw(y)
    end = time.perf_counter()
    assert picture.startswith(b"\x89PNG")
    return end - begin


def race(task: str, compute: Callable, draw: Callable, judged: bool = True):
    """Return a race, and a function that runs one round of it: ours, then theirs."""
    result = Race(task, judged)

    def one_round() -> None:
        with watch():  # for the values; torchviz takes no notice
            y = compute()
        result.ours.append(seconds(draw, y))
        result.theirs.append(seconds(theirs, y))

    return result, one_round


def import_race(cache: str):
    """Return a race of two imports over torch and pyplot, each in its own process."""
    result = Race("import, over torch and pyplot", judged=False)

    def one_round() -> None:
        result.ours.append(import_seconds("helpers", cache))
        result.theirs.append(import_seconds("torchviz", cache))

    return result, one_round


def import_seconds(module: str, cache: str) -> float:
    """Return how long a new process takes to import a module that is compiled."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", IMPORT.format(module=module)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True
    )
    return float(done.stdout)


def run(rounds: int) -> list[Race]:
    """Run all races side by side; the first round of each only warms up."""
    with tempfile.TemporaryDirectory() as cache:
        races = [
            race("2 * dot(x, x)", dot_product, ours),
            race("three layers with loss", small_network, ours),
            race(f"loop of {STEPS} steps", while_loop, ours),
            race(f"loop of {STEPS} steps, unfolded", while_loop, ours_unfolded, False),
        ]
        imports = import_race(cache)
        plan = [one_round for _ in range(rounds + 1) for _, one_round in races]
        plan += [imports[1]] * (rounds // 4 + 2)
        for one_round in tqdm(plan, unit="round", disable=None):
            one_round()
    results = [result for result, _ in [*races, imports]]
    for result in results:
        del result.ours[0], result.theirs[0]
    return results


# ---- the front --------------------------------------------------------------


def missing() -> str:
    """Say in one sentence what has to be installed first; nothing if all is there."""
    if importlib.util.find_spec("torchviz") is None:
        return "torchviz is missing: pip install -r .ci/compare_requirements.txt"
    if shutil.which("dot") is None:
        return "Graphviz's program dot is missing: apt-get install graphviz"
    return ""


def table(races: list[Race]) -> str:
    """Write the medians in milliseconds, and how they compare."""
    lines = [f"{'median ms':<32}{'ours':>8}{'torchviz':>10}{'ratio':>8}"]
    for it in races:
        times = f"{1000 * median(it.ours):>8.1f}{1000 * median(it.theirs):>10.1f}"
        note = "" if it.judged else "  not judged"
        lines.append(f"{it.task:<32}{times}{it.ratio:>8.2f}{note}")
    return "\n".join(lines)


def main() -> int:
    """Run the comparison and print it."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--tolerance", type=float, default=0.0, help="added to 1")
    given = options.parse_args()
    if problem := missing():
        print(problem, file=sys.stderr)
        return 2
    torch.manual_seed(0)
    races = run(given.rounds)
    print(table(races))
    slow = [it.task for it in races if it.judged and it.ratio > 1 + given.tolerance]
    if slow:
        print(f"slower than torchviz: {'; '.join(slow)}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
