"""The hidden files: what they ask, what they install, and what lies beside them."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TOP = {
    "notebooks",
    "helpers",
    "requirements.txt",
    "conftest.py",
    "README.md",
    "LICENSE",
}
FORMS = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*-*.yml"))


def test_the_top_level_holds_nothing_else_that_is_seen():
    command = ["git", "ls-files", "-z"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("git does not know this folder")
    names = {file.partition("/")[0] for file in done.stdout.split("\0") if file}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_there_are_three_forms():
    assert len(FORMS) == 3


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_each_form_asks_for_what_a_maintainer_needs_to_see_it(form):
    fields = yaml.safe_load(form.read_text("utf-8"))["body"]
    needed = {it["id"] for it in fields if it["validations"]["required"]}
    assert {"notebook", "cell", "place", "version"} < needed


def test_style_is_judged_by_one_version_everywhere():
    files = (".ci/requirements.txt", ".pre-commit-config.yaml")
    files += (".devcontainer/devcontainer.json",)
    said = [re.findall(r"ruff==[\d.]+", (ROOT / it).read_text("utf-8")) for it in files]
    assert all(said) and len({version for each in said for version in each}) == 1
