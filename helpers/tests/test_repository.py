"""The repository beside its code: the top level stays what the plan says."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {
    "notebooks",
    "helpers",
    "requirements.txt",
    "conftest.py",
    "README.md",
    "LICENSE",
}


def test_the_top_level_holds_nothing_else_that_is_seen():
    done = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip("git does not know this folder")
    names = {file.partition("/")[0] for file in done.stdout.split("\0") if file}
    assert {name for name in names if not name.startswith(".")} == TOP
