"""Let mutmut make small wrong changes to the helpers, and print what no test notices.

Each room of the helpers is tried by the tests of the same room, in a copy of the
tracked files, because mutmut wants a setup.cfg beside them. What survives has to be on
the reviewed list, survivors.toml, by its function and in words: so it stays valid when
lines move. All takes hours; `--only graph.fold` is one module, `--only graph` a room,
`--sample 7` the seventh change of each function, where it has so many. A sample of one
module is tried by the tests of that module alone: to run the others once, for what they
cover, would take longer than the sample.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REVIEWED = Path(__file__).with_name("survivors.toml")
TESTS = {
    "graph": ["helpers/tests/graph"],
    "drawing": ["helpers/tests/drawing"],
    "checking": ["helpers/tests/checking"],
    "tracing": ["helpers/tests/tracing"],
    "authoring": ["helpers/tests/authoring"],
    "helpers": [  # what stands on the ground floor is used in every room
        "helpers/tests/test_language.py",
        "helpers/tests/test_package.py",
        "helpers/tests/test_verdict.py",
        "helpers/tests/test_wording.py",
        "helpers/tests/checking",
        "helpers/tests/drawing/test_sizes.py",
        "helpers/tests/drawing/test_text.py",
        "helpers/tests/graph/test_trace.py",
    ],
}
# What takes long, as it would run again for each change that lives.
LEFT_OUT = [
    "graph/test_operations.py",
    "graph/test_hooks.py::test_beyond_the_picture_totals_are_left_out_rather_than_wrong",
    "graph/test_fold.py::test_a_fold_keeps_the_graph_whole",
    "graph/test_fold.py::test_a_fold_of_several_states_receives_the_sum_of_its_arrows",
    "graph/test_trace.py::test_watch_sees_every_value",
    "drawing/test_curves.py::test_a_picture_is_the_same_each_time_and_fits_a_notebook",
    # These read the source, which mutmut has rewritten.
    "graph/test_private.py",
    "checking/test_corpora.py",
    "authoring/test_plugin.py",
    "authoring/test_readme.py",
]
# mutmut calls each function by way of two frames in a file of its own.
WHOLE_FILES = {"sandbox.py", "__main__.py"}  # who looks at frames; who hands over
WHOLE_FUNCTIONS = {
    "read_caller_names": "drawing/arguments.py",  # looks two frames up
    "show_graph": "drawing/show.py",
    "show_backward": "drawing/show.py",
    "play": "drawing/player.py",
    "explore": "drawing/player.py",
    "show_gradients": "drawing/gradients.py",
    "quiz": "checking/quiz.py",  # looks one frame up
    "why": "tracing/why.py",
    "_should_skip_dynamo": "graph/private.py",  # torch calls it in a class half made
}
# To note which tests reach a function, mutmut needs its settings, and they do not lie
# where a test starts a kernel or a new process: let only pytest's own process note.
NOTE_HERE = """


def pytest_runtest_setup():
    import os

    if os.environ.get("MUTANT_UNDER_TEST") in {"stats", "fail"}:
        del os.environ["MUTANT_UNDER_TEST"]
"""
SETTINGS = """[mutmut]
source_paths=helpers
only_mutate=
    {files}
also_copy=
    conftest.py
    .pytest.ini
    .gitignore
    .ci
    .github
    README.md
    notebooks
    requirements.txt
pytest_add_cli_args=
    -pno:xdist
    -mnot colab and not browser
    {slow}
pytest_add_cli_args_test_selection=
    {tests}
"""
NOTICED = {"killed", "timeout", "segfault"}


def main() -> int:
    options = parsed()
    room, _, module = options.only.partition(".")
    rooms = [room] if room else [*TESTS]
    known, unknown = reviewed(), []
    for each in rooms:
        results = list(tried(each, module or "*", options.sample))
        survivors = [name for name, how in results if how not in NOTICED]
        noticed = len(results) - len(survivors)
        hows = dict(Counter(how for _, how in results))
        print(f"{each}: {noticed} of {len(results)} noticed {hows}", flush=True)
        unknown += [it for it in survivors if it not in known and not drops_guard(it)]
    print("\n".join(unknown) or "Every survivor is on the reviewed list.")
    return int(bool(unknown))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="ROOM[.MODULE]")
    parser.add_argument("--sample", type=int, metavar="N")
    options = parser.parse_args()
    if options.only.partition(".")[0] not in {"", *TESTS}:
        parser.error(f"the rooms are {', '.join(TESTS)}")
    return options


def reviewed() -> set[str]:
    """Return the survivors that somebody has looked at."""
    listed = tomllib.loads(REVIEWED.read_text("utf-8"))
    return {f"{place}: {change}" for place in listed for change in listed[place]}


def drops_guard(change: str) -> bool:
    """Tell whether only a `strict=True` goes: it does nothing while lengths agree."""
    before, _, after = change.partition(": ")[2].partition(" -> ")
    plain = before.replace("strict=True", "")
    return plain != before and plain == re.sub("strict=(None|False)", "", after)


def tried(room: str, module: str, sample: int | None) -> Iterator[tuple[str, str]]:
    """Run mutmut over a room; yield each change with what became of it."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        copy_tracked(copy)
        tests = choose_tests(room, module if sample else "*")
        (copy / "setup.cfg").write_text(settings(room, module, tests), "utf-8")
        with (copy / "helpers/tests/conftest.py").open("a", encoding="utf-8") as file:
            file.write(NOTE_HERE)
        mutmut(copy, "run", f"*__mutmut_{sample or '*'}")
        for name, how in statuses(mutmut(copy, "results", "--all", "true")):
            if how == "not checked":
                continue
            yield (name if how in NOTICED else described(copy, name)), how


def copy_tracked(copy: Path) -> None:
    """Copy the tracked files, with a mark where mutmut must not change a function."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
    for function, file in WHOLE_FUNCTIONS.items():
        path = copy / "helpers" / file
        path.write_text(
            re.sub(
                rf"(?ms)^( *def {function}\(.*?:)$",
                r"\1  # pragma: no mutate block",
                path.read_text("utf-8"),
            ),
            "utf-8",
        )


def choose_tests(room: str, module: str) -> list[str]:
    """Return the tests of a module that has some of its own; else those of its room."""
    own = f"helpers/tests/{room}/test_{module}.py"
    return [own] if (ROOT / own).exists() else TESTS[room]


def settings(room: str, module: str, tests: list[str]) -> str:
    """Write what mutmut reads from setup.cfg."""
    home = ROOT / "helpers" / room if room != "helpers" else ROOT / "helpers"
    paths = sorted(home.glob(f"{module}.py"))
    files = [path for path in paths if path.name not in WHOLE_FILES]
    return SETTINGS.format(
        files="\n    ".join(path.relative_to(ROOT).as_posix() for path in files),
        slow="\n    ".join(f"--deselect=helpers/tests/{test}" for test in LEFT_OUT),
        tests="\n    ".join(tests),
    )


def mutmut(copy: Path, *words: str) -> str:
    """Run one of mutmut's commands; end with what it says if that fails."""
    ran = subprocess.run(
        [sys.executable, "-m", "mutmut", *words],
        cwd=copy,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if ran.returncode:
        sys.exit(ran.stdout[-5000:])
    return ran.stdout


def statuses(said: str) -> list[tuple[str, str]]:
    return re.findall(r"^ +(\S+__mutmut_\d+): (.+)$", said, re.M)


def described(copy: Path, name: str) -> str:
    """Return a change in words: its function, the lines before, those after."""
    place = re.sub(r"^helpers\.|x_(?=\w+$)|__mutmut_\d+$", "", name)
    place = re.sub(r"xǁ(\w+)ǁ", r"\1.", place)
    lines = mutmut(copy, "show", name).splitlines()
    before, after = (
        " ".join(
            line[1:].strip()
            for line in lines
            if line.startswith(sign) and not line.startswith(sign * 3)
        )
        for sign in "-+"
    )
    return f"{place}: {before} -> {after}"


if __name__ == "__main__":
    sys.exit(main())
