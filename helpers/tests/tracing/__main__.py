"""Write said.txt anew: `python -m helpers.tests.tracing`, then read what has changed.

It holds every word that `why` says of the programs, so that a changed sentence is one
command and one thing to read, and not a row of tests to mend.
"""

from helpers.tests.tracing.programs import PROGRAMS
from helpers.tests.tracing.questions import QUESTIONS
from helpers.tests.tracing.test_programs import PLACE, asked, in_words


def main() -> None:
    programs = {name: (it.source, it.ask) for name, it in PROGRAMS.items()}
    said = [
        f"== {name}\n{in_words(asked(*it))}"
        for name, it in (programs | QUESTIONS).items()
    ]
    PLACE.write_text("".join(said), "utf-8")


if __name__ == "__main__":
    main()
