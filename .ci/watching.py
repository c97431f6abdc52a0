"""Compare a training step inside `with watch():` with the bare step and with others.

`python .ci/watching.py [--rounds 5]` needs requirements.txt; torchlens takes part where
it is installed. Each round starts a process for each of them in turn. A table gives
medians of the processor's time, which a busy machine hardly changes, and of the largest
memory, with ratios to the bare step.
"""

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from helpers import watch  # noqa: E402

STEPS, WARM = 12, 3  # in each process, and those that do not count
NAMES = {
    "bare": "the bare step",
    "watch": "with watch():",
    "anomaly": "set_detect_anomaly(True)",
    "torchlens": "torchlens.trace",
}
KILO = 1024 if sys.platform == "darwin" else 1  # the peak comes in bytes there


class Loss(nn.Module):
    """Hold a small transformer, with the loss of a batch."""

    def __init__(self):
        super().__init__()
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)

    def forward(self, batch: Tensor) -> Tensor:
        """Return the loss."""
        return (self.encoder(batch) - batch).pow(2).mean()


def main() -> None:
    options = parse_arguments()
    if options.only:
        print(json.dumps(measure(options.only)))
        return
    names = [name for name in NAMES if name != "torchlens" or has_torchlens()]
    if "torchlens" not in names:
        print("torchlens is not installed; pip install torchlens, and it takes part.")
    found: dict[str, list] = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            found[name].append(run(name))
    write_table(found)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    parser.add_argument("--only", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


def has_torchlens() -> bool:
    return importlib.util.find_spec("torchlens") is not None


def run(name: str) -> dict[str, float]:
    """Measure one of them in a process of its own."""
    command = [sys.executable, "-W", "ignore", __file__, "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str) -> dict[str, float]:
    """Return the median seconds of a step on one core, and the process's peak in MB."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    torch.autograd.set_detect_anomaly(name == "anomaly")
    model, batch, times = Loss(), torch.randn(8, 32, 64), []
    optimizer = torch.optim.AdamW(model.parameters(), foreach=False)
    walk = make_walk(name, model)
    for _ in range(WARM + STEPS):
        started = time.process_time()
        optimizer.zero_grad()
        walk(batch)
        optimizer.step()
        times.append(time.process_time() - started)
    assert all(p.grad is not None for p in model.parameters())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / KILO
    return {"seconds": statistics.median(times[WARM:]), "megabytes": peak}


def make_walk(name: str, model: nn.Module) -> Callable[[Tensor], None]:
    """Return what runs forward and back, watched by one of them or by nobody."""

    def walk(batch: Tensor) -> None:
        model(batch).backward()

    def walk_watched(batch: Tensor) -> None:
        with watch():
            walk(batch)

    def walk_logged(batch: Tensor) -> None:
        log = importlib.import_module("torchlens").trace(model, batch)
        log[log.output_layers[0]].out.backward()

    return {"watch": walk_watched, "torchlens": walk_logged}.get(name, walk)


def write_table(found: dict[str, list]) -> None:
    bare = None
    for name, rounds in found.items():
        both = [statistics.median(each[key] for each in rounds) for key in rounds[0]]
        bare = bare or both
        slower, larger = (one / other for one, other in zip(both, bare, strict=True))
        print(
            f"{NAMES[name]:26} {both[0] * 1000:8.1f} ms, {slower:6.2f} times; "
            f"{both[1]:6.0f} MB, {larger:5.2f} times"
        )


if __name__ == "__main__":
    main()
