"""What the commands for authors have in common: how their arguments are read."""

from argparse import ArgumentParser


def make_parser(command: str, does: str | None, names: str = "", **switches: str):
    parser = ArgumentParser(prog=f"python -m helpers {command}", description=does)
    if names:
        parser.add_argument("names", nargs="*", metavar="NAME", help=names)
    for switch, effect in switches.items():
        parser.add_argument(f"--{switch}", action="store_true", help=effect)
    return parser
