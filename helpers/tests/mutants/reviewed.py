"""The survivors that somebody has looked at, each with the reason why it may live."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("survivors.toml")


@dataclass(frozen=True)
class Score:
    """Hold how many changes were tried, and the names of those that went unnoticed.

    At least the part `floor` has to be noticed; with `reviewed`, each of the rest has
    to be on the list.
    """

    what: str
    count: int
    survivors: list[str]
    floor: float
    reviewed: bool = True

    @property
    def noticed(self) -> float:
        return 1 - len(self.survivors) / max(self.count, 1)

    def __str__(self) -> str:
        left = f"{self.count - len(self.survivors)} of {self.count}"
        return f"{self.what:55}{left:>16}{self.noticed:8.1%}"


def reasons() -> dict[str, str]:
    """Return the reviewed survivors, each with its reason."""
    listed = tomllib.loads(LIST.read_text("utf-8"))
    return {
        f"{place}: {change}": reason
        for place, changes in listed.items()
        for change, reason in changes.items()
    }


def surprises(score: Score) -> list[str]:
    """Say what is wrong with a score: too low, or survivors nobody has reviewed."""
    known = reasons()
    said = [
        f"{name}: nobody has reviewed this survivor"
        for name in score.survivors
        if score.reviewed and name not in known
    ]
    if score.noticed < score.floor:
        said.append(f"{score.what}: less than {score.floor:.0%} is noticed")
    return said


def together(what: str, scores: list[Score]) -> Score:
    """Add up scores of one kind."""
    survivors = [name for score in scores for name in score.survivors]
    floor, reviewed = scores[0].floor, scores[0].reviewed
    return Score(what, sum(s.count for s in scores), survivors, floor, reviewed)
