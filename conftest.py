"""Plug the notebooks' own tests into pytest: helpers/authoring/plugin.py has them."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

import helpers  # noqa: E402

if helpers.__file__ != str(ROOT / "helpers" / "__init__.py"):
    # SystemExit, because pytest wraps any other exception in a long traceback.
    sys.exit(
        f"`helpers` is {helpers.__file__}, not {ROOT / 'helpers'}: another package "
        "has that name; uninstall it, or use a new virtual environment."
    )

pytest_plugins = ["helpers.authoring.plugin"]
