"""Write believed.txt anew: `python -m helpers.tests.checking`, then read the change."""

from helpers.tests.checking.test_beliefs import ASKED, PLACE, write_beliefs


def main() -> None:
    believed = [f"== {name}\n{write_beliefs(name)}" for name in ASKED]
    PLACE.write_text("".join(believed), "utf-8")


if __name__ == "__main__":
    main()
