"""`python -m helpers COMMAND`: what authors and teachers do with the course."""

import difflib
import sys
from importlib import import_module
from pathlib import Path

if not __package__:  # as `python helpers`, from whichever folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

COMMANDS = {
    "refresh": ("refresh", "execute notebooks afresh and store them tidily"),
    "agree": (
        "editions",
        "list texts that one language changed alone, or agree on them",
    ),
    "new": ("new", "begin a notebook: both editions, its lesson, all that leads there"),
    "publish": ("publish", "point badges and setup cells at a place on GitHub"),
}
USAGE = ("usage: python -m helpers COMMAND [--help] ...", "")
HELP = "\n".join((*USAGE, *(f"  {it:<9} {does}" for it, (_, does) in COMMANDS.items())))


def main(arguments: list[str]) -> int:
    """Run the command that comes first; give the exit status.

    Only what that command needs is loaded.
    """
    if not arguments or arguments[0] in ("-h", "--help"):
        print(HELP)
        return 0 if arguments else 2
    name, *rest = arguments
    if name not in COMMANDS:
        (nearest,) = difflib.get_close_matches(name, COMMANDS, n=1, cutoff=0)
        said = f"No command is called {name!r}; did you mean {nearest!r}? There are: "
        print(f"{said}{', '.join(COMMANDS)}.", file=sys.stderr)
        return 2
    try:
        return import_module(f"helpers.authoring.{COMMANDS[name][0]}").main(rest)
    except (OSError, SyntaxError, ModuleNotFoundError) as problem:
        print(explain(problem), file=sys.stderr)
        return 1


def explain(problem: Exception) -> str:
    """Return what to do about a problem; raise it if that is not known."""
    match problem:
        case OSError():
            return (
                f"{problem.filename or 'a file'} cannot be read or written "
                f"({problem.strerror or problem}); check that the folder is yours to "
                "change. Nothing was half written."
            )
        case SyntaxError():
            return (
                f"{problem.filename}, line {problem.lineno}, is no Python "
                f"({problem.msg}); mend it, then run this again."
            )
        case ModuleNotFoundError(name=str(name)) if not name.startswith("helpers"):
            return (
                f"{name} is not installed; in the top folder of the clone, run "
                "`pip install -r requirements.txt` first."
            )
    raise problem


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
