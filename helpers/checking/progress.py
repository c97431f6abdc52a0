"""Remember how far the learner has come in this kernel; a restart starts afresh."""

from dataclasses import dataclass, replace

from ..language import Text, join_sentences
from ..verdict import Verdict

HINT = Text("Hint {number} of {count}: {hint}", "提示 {number}/{count}：{hint}")
LAST = Text("The answer is folded below.", "答案折叠在下面。")


@dataclass(frozen=True)
class Progress:
    """Hold how far one question has come: its last state, wrong tries, hints told."""

    state: str = "waiting"
    tries: int = 0
    told: int = 0


_SO_FAR: dict[str, Progress] = {}


def read_progress(name: str) -> Progress:
    return _SO_FAR.get(name, Progress())


def reset_progress() -> None:
    """Forget everything, as a new kernel would."""
    _SO_FAR.clear()


def note_verdict(
    name: str, verdict: Verdict, hints: tuple[Text, ...], wanted: bool
) -> Verdict:
    """Note a verdict; from the second wrong try on, or where asked for, add a hint."""
    before = read_progress(name)
    wrong, told, count = verdict.state == "wrong", before.told, len(hints)
    if hints and (wanted or (wrong and before.tries)) and verdict.state != "right":
        number = min(told + 1, count)
        said = [HINT(number=number, count=count, hint=hints[number - 1]())]
        said += [LAST()] if told >= count else []
        verdict = replace(verdict, hint=join_sentences(said))
        told += 1
    _SO_FAR[name] = Progress(verdict.state, before.tries + wrong, told)
    return verdict
