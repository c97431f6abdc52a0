"""Hints come by degrees, the scoreboard counts, and both can also be heard."""

import html
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import Mock

import pytest
import torch

from helpers import check, language, show_scoreboard
from helpers.checking import progress
from helpers.checking.scoreboard import Line, Scoreboard
from helpers.language import Text
from helpers.lessons import LESSONS, NOTEBOOKS, Exercise
from helpers.verdict import Verdict, write_sign
from helpers.wording import name_thing

NAME = "accumulation/used_twice"
TRUTH = torch.tensor(2.0)


@pytest.fixture(autouse=True)
def fresh():
    progress.forget_all()
    yield
    progress.forget_all()


def heard(thing):
    """Return the words of a thing's HTML, as a screen reader would say them."""
    page = thing._repr_mimebundle_()["text/html"]
    page = re.sub(r'<span role="img" aria-label="(\w+)"[^>]*>.</span>', r"\1", page)
    page = re.sub(r"</?(code|a|span)[^>]*>", "", page)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def seen(thing):
    """Return the words of a thing's text, its signs as words."""
    text = repr(thing).replace("`", "")
    for sign, word in (("○", "waiting"), ("✗", "wrong"), ("✓", "right")):
        text = text.replace(sign, word)
    return " ".join(text.split())


def test_a_second_wrong_try_says_more_than_the_first():
    hints = [hint() for hint in LESSONS[NAME].hints]
    first, second, third, fourth = (check(NAME, 6, TRUTH) for _ in range(4))
    assert first.hint == ""
    assert second.hint == f"Hint 1 of 2: {hints[0]}"
    assert third.hint == f"Hint 2 of 2: {hints[1]}"
    assert fourth.hint == f"Hint 2 of 2: {hints[1]} The answer is folded below."
    assert first.sentence == second.sentence == fourth.sentence
    assert second.hint in repr(second)


def test_a_hint_can_be_asked_for_and_gives_no_answer_away():
    asked = check(NAME, ..., TRUTH, hint=True)
    assert asked.state == "waiting" and asked.hint.startswith("Hint 1 of 2: ")
    assert check(NAME, ..., TRUTH, hint=True).hint.startswith("Hint 2 of 2: ")
    assert check(NAME, ..., TRUTH).hint == ""
    assert check(NAME, 2, TRUTH, hint=True).hint == ""
    assert check(NAME, 6, TRUTH).hint == ""  # the first wrong try


HINTS = Text("First.", "一。"), Text("Second.", "二。")
ONE, TWO = "Hint 1 of 2: First.", "Hint 2 of 2: Second."
FOLDED = f"{TWO} The answer is folded below."


def note(state, wanted=False, hints=HINTS, name=NAME):
    verdict = Verdict(state, "Said.", hint="Try.")
    noted = progress.note_verdict(name, verdict, hints, wanted)
    assert replace(noted, hint="Try.") == verdict
    return noted.hint


@pytest.mark.parametrize(
    ("states", "said"),
    [
        # By a capital, a hint is asked for.
        ("wrong wrong wrong wrong wrong", ["Try.", ONE, TWO, FOLDED, FOLDED]),
        ("Wrong wrong wrong wrong", [ONE, TWO, FOLDED, FOLDED]),
        ("Waiting Waiting Waiting waiting", [ONE, TWO, FOLDED, "Try."]),
        ("wrong Waiting wrong", ["Try.", ONE, TWO]),
        ("wrong waiting wrong", ["Try.", "Try.", ONE]),
        ("wrong right wrong Right", ["Try.", "Try.", ONE, "Try."]),
        ("right wrong waiting wrong", ["Try.", "Try.", "Try.", ONE]),
        ("waiting wrong", ["Try.", "Try."]),
    ],
)
def test_hints_come_one_by_one_after_a_wrong_try_or_as_they_are_asked_for(states, said):
    each = states.split()
    assert [note(it.lower(), it.istitle()) for it in each] == said


def test_a_question_without_hints_gets_none():
    assert [note("wrong", True, ()) for _ in range(3)] == ["Try."] * 3


def test_tries_and_hints_are_counted_for_each_question_alone():
    assert progress.count_wrong("a/b") == 0
    for count in (1, 2, 3):
        note("wrong", name="a/b"), note("right", name="a/b"), note("waiting")
        assert progress.count_wrong("a/b") == count
    assert progress.count_wrong(NAME) == 0 and note("wrong") == "Try."
    assert progress.count_wrong(NAME) == 1


@pytest.mark.parametrize("name", LESSONS)
def test_every_question_has_a_title_and_two_hints(name):
    lesson = LESSONS[name]
    assert len(lesson.hints) == 2
    for text in (lesson.title, *lesson.hints):
        assert text.en.strip() and any("一" <= c <= "鿿" for c in text.zh)
        text()  # no stray { or }


def test_titles_are_told_apart():
    for topic in {name.partition("/")[0] for name in LESSONS}:
        lessons = [LESSONS[name] for name in LESSONS if name.startswith(f"{topic}/")]
        for code in language.LANGUAGES:
            titles = [getattr(lesson.title, code) for lesson in lessons]
            assert len(set(titles)) == len(titles)


def test_the_scoreboard_counts_what_was_right_once():
    board = show_scoreboard("accumulation")
    count = len(board.lines)
    assert repr(board).startswith(f"0 of {count} right so far.\n○ ")
    check(NAME, 2, TRUTH)
    check("accumulation/descend", LESSONS["accumulation/descend"].solution)
    check("accumulation/kept", 4, torch.tensor(12.0))
    text = repr(show_scoreboard("accumulation"))
    assert text.startswith(f"2 of {count} right so far.")
    assert text.count("✓") == 2 and text.count("✗") == 1
    for later in (..., 6):
        check(NAME, later, TRUTH)
        assert repr(show_scoreboard("accumulation")).count("✓") == 2


def test_a_line_of_the_scoreboard_says_its_kind_and_leads_to_its_question():
    """Guards against a list that a learner cannot find anything with."""
    board = show_scoreboard("accumulation")
    page = board._repr_mimebundle_()["text/html"]
    for name, kind in ((NAME, "prediction"), ("accumulation/descend", "your turn")):
        title, cell = LESSONS[name].title(), "ask-" + name[13:].replace("_", "-")
        assert f"○ {title} ({kind})\n" in repr(board)
        link = f'<a href="#cell-id={cell}">{html.escape(title)}</a> ({kind})'
        assert f"{link}</li>" in page


def test_the_scoreboard_of_all_has_a_line_for_each_notebook(tmp_path, monkeypatch):
    """A notebook that is not there, as on Colab, gets no dead link."""
    monkeypatch.chdir(tmp_path)
    here = next(iter(NOTEBOOKS.values()))
    Path(f"{here}.ipynb").touch()
    check(NAME, 2, TRUTH)
    board = show_scoreboard()
    page = board._repr_mimebundle_()["text/html"]
    assert repr(board).startswith(f"1 of {len(LESSONS)} right so far.\n")
    assert [line.title for line in board.lines] == [*NOTEBOOKS.values()]
    assert f"○ {NOTEBOOKS['accumulation']} (1 of " in repr(board)
    assert re.findall("href=.(.*?).>", page) == [f"{here}.ipynb"]


def test_the_scoreboard_rejoices_when_all_is_right():
    for name, lesson in LESSONS.items():
        if name.startswith("detach/"):
            progress.note_verdict(name, Verdict("right", ""), lesson.hints, False)
    text = repr(show_scoreboard("detach"))
    assert text.startswith("All ") and "○" not in text


def test_a_scoreboard_is_a_list_with_a_line_for_each_question():
    line = Line("A < b", "prediction", "right", "#cell-id=x&y")
    bare = Line("Nowhere", "1 of 2", "waiting", "")
    board = Scoreboard("1 of 2 right so far.", (line, bare), ("Each line.", "R & d"))
    words = (
        "1 of 2 right so far.\n✓ A < b (prediction)\n○ Nowhere (1 of 2)\n"
        "Each line.\nR & d"
    )
    assert repr(board) == words
    assert board._repr_mimebundle_() == {
        "text/plain": words,
        "text/html": "<div><b>1 of 2 right so far.</b>"
        '<ul style="list-style: none; padding-left: 0; margin: 0.5em 0">'
        f'<li>{write_sign("right")} <a href="#cell-id=x&amp;y">A &lt; b</a> '
        f"(prediction)</li><li>{write_sign('waiting')} Nowhere (1 of 2)</li></ul>"
        "Each line.<br>R &amp; d</div>",
    }


def test_each_question_of_a_notebook_has_its_line_and_no_other():
    check(NAME, 2, TRUTH)
    check("accumulation/kept", 4, torch.tensor(12.0))
    check("accumulation/descend", LESSONS["accumulation/descend"].solution)
    states = {NAME: "right", "accumulation/kept": "wrong"}
    states["accumulation/descend"] = "right"
    names = [name for name in LESSONS if name.startswith("accumulation/")]
    exercises = {name for name in names if isinstance(LESSONS[name], Exercise)}
    board = show_scoreboard("accumulation")
    assert board.title == f"2 of {len(names)} right so far."
    assert board.lines == tuple(
        Line(
            LESSONS[name].title(),
            "your turn" if name in exercises else "prediction",
            states.get(name, "waiting"),
            f"#cell-id=ask-{name.removeprefix('accumulation/').replace('_', '-')}",
        )
        for name in names
    )
    assert board.notes[0] == "Each line leads to its place."


def test_a_notebook_is_ticked_once_all_of_it_is_right():
    names = [name for name in LESSONS if name.startswith("detach/")]
    first, *rest = names
    for name in rest:
        note("right", name=name)
    part = show_scoreboard()
    note("right", name=first)
    whole = show_scoreboard()
    title, count = NOTEBOOKS["detach"], len(names)
    for board, state, right in (
        (part, "waiting", count - 1),
        (whole, "right", count),
    ):
        (line,) = [line for line in board.lines if line.title == title]
        assert (line.state, line.kind) == (state, f"{right} of {count}")
        assert {it.state for it in board.lines if it is not line} == {"waiting"}
        assert board.title == f"{right} of {len(LESSONS)} right so far."
    assert show_scoreboard("detach").title == f"All {count} right: well done."


def test_notes_say_how_long_it_lasts(monkeypatch):
    leads = "Each line leads to its place."
    after = "What is right stays right, also after a restart."
    assert show_scoreboard().notes == (leads, after)
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    leads_on_colab, lasts = show_scoreboard().notes
    assert leads_on_colab == leads
    assert lasts.startswith("What is right stays right as long as this machine of")


@pytest.mark.parametrize("topic", ["nonsense", "", 3, True, [], "{came}"])
def test_an_unknown_topic_gets_a_sentence_with_the_known_ones(topic):
    answer(2)
    verdict = show_scoreboard(topic, reset=True)
    known = ", ".join(dict.fromkeys(name.partition("/")[0] for name in LESSONS))
    came = name_thing(topic)
    said = f"No lesson is called {came}; the lessons are {known}."
    assert (verdict.state, verdict.sentence) == ("wrong", said)
    assert states()[0] == "right"  # nothing was put aside


@pytest.mark.parametrize("code", language.LANGUAGES)
def test_eyes_and_ears_get_the_same_words(code):
    words = {"en": seen, "zh": lambda thing: seen(thing).replace("waiting", "等待作答")}
    language.set_language(code)
    try:
        for thing in (check(NAME, ..., TRUTH, hint=True), show_scoreboard("detach")):
            assert heard(thing) == words[code](thing)
    finally:
        language.set_language("en")


def test_what_a_learner_typed_is_never_markup():
    def hostile(*inputs):
        raise RuntimeError("<script>alert(1)</script>")

    page = check("accumulation/descend", hostile)._repr_mimebundle_()["text/html"]
    assert "<script>" not in page and "&lt;script&gt;" in page


def test_code_in_a_sentence_looks_like_code():
    page = Verdict("right", "Use `x < y`.")._repr_mimebundle_()["text/html"]
    assert "<code>x &lt; y</code>" in page


def test_a_verdict_cannot_be_changed():
    verdict = Verdict("wrong", "No.")
    for name in vars(verdict):
        with pytest.raises(FrozenInstanceError):
            setattr(verdict, name, "right")


def test_a_verdict_names_a_misconception_where_there_is_one():
    assert Verdict("wrong", "No.").misconception == ""
    assert Verdict("wrong", "No.", "NAME", "seen", "hint").misconception == "NAME"


# ---- what is kept ---------------------------------------------------------------


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keep the progress in a file, and return it."""
    file = tmp_path / "progress.jsonl"
    monkeypatch.setenv(progress.PLACE, str(file))
    return file


def restart():
    """Forget what only this kernel knows."""
    progress._TRIES.clear()
    progress._UNWRITTEN.clear()


def answer(number):
    return check(NAME, number, TRUTH)


def states():
    return [line.state for line in show_scoreboard("accumulation").lines]


def test_what_was_right_is_so_after_a_restart(kept):
    answer(6), answer(2), answer(7)
    restart()
    assert states()[0] == "right"
    assert "after a restart" in repr(show_scoreboard())


def test_a_line_says_what_was_judged_and_nothing_of_what_was_written(kept):
    answer(6), answer(...), answer(2)
    lines = [json.loads(line) for line in kept.read_text().split("\n") if line]
    assert [(line["question"], line["state"], line["tries"]) for line in lines] == [
        (NAME, "wrong", 1),
        (NAME, "right", 2),
    ]
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00"  # to the second
    for line in lines:
        assert re.fullmatch(stamp, line["time"])
        ago = datetime.now(UTC) - datetime.fromisoformat(line["time"])
        assert abs(ago) < timedelta(hours=1)
    assert {*lines[0]} == {"question", "state", "misconception", "tries", "time"}
    misconceptions = [mistake.tag for mistake in LESSONS[NAME].mistakes]
    assert lines[0]["misconception"] in {"", *misconceptions}


BROKEN = (
    b'\n{"question": "accumulation/used_twice", "sta',  # the kernel died here
    b"\n" + bytes(range(256)),
    b"\n" + b"[" * 100_000,
    b'\n{"question": 3, "state": "right", "misconception": "", "tries": 1, "time": ""}',
    b'\n{"question": "a", "state": [], "misconception": "", "tries": 1, "time": ""}',
    b'\n{"question": "a/b", "state": "?", "misconception": "", "tries": 1, "time": ""}',
    b'\n{"question": "accumulation/descend", "state": "waiting", '
    b'"misconception": "", "tries": 1, "time": ""}',
    b'\n{"question": "a", "state": "right"}',
    b"\nnull\n\n\r\n",
)


@pytest.mark.parametrize("broken", BROKEN, ids=range(len(BROKEN)))
def test_a_damaged_line_costs_only_itself(kept, broken):
    answer(2)
    with kept.open("ab") as file:
        file.write(broken)
    check("accumulation/kept", 12, torch.tensor(12.0))
    restart()
    right = dict.fromkeys([NAME, "accumulation/kept"], "right")
    assert progress.read_states() == right  # and of nothing else anything
    assert states().count("right") == 2
    kept.write_bytes(kept.read_bytes()[:-5])  # and one that is cut short
    assert states().count("right") == 1


@pytest.mark.thorough
def test_a_kernel_that_is_killed_loses_at_most_one_line(kept):
    """It is killed while it judges, again and again, at any moment."""
    endless = (
        "import torch; from helpers import check\n"
        f"while True: check({NAME!r}, 2, torch.tensor(2.0)); print(flush=True)"
    )
    top = Path(progress.__file__).parents[2]
    command = [sys.executable, "-c", endless]
    for count in (3, 5, 9):
        with subprocess.Popen(command, cwd=top, stdout=subprocess.PIPE) as kernel:
            told = sum(1 for _ in zip(range(count), kernel.stdout, strict=False))
            kernel.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else 15)
        before = len([*progress.read_records()])
        assert told == count <= before
        answer(2)
        assert len([*progress.read_records()]) == before + 1


def test_what_was_right_once_stays_so_and_else_the_last_counts(kept):
    for states_of, name in (("wrong right wrong", "a/b"), ("wrong wrong", "a/c")):
        for state in states_of.split():
            note(state, name=name)
    assert progress.read_states() == {"a/b": "right", "a/c": "wrong"}
    assert [record.tries for record in progress.read_records()] == [1, 2, 2, 1, 2]
    restart()
    note("right", name="a/c")
    assert progress.read_states() == {"a/b": "right", "a/c": "right"}


def test_what_could_not_be_written_is_written_later_in_its_order(kept):
    kept.mkdir()
    for name in ("a/a", "a/b"):
        note("right", name=name)
    assert not progress.is_kept() and not [*progress.read_records()]
    assert progress.read_states() == {"a/a": "right", "a/b": "right"}
    kept.rmdir()
    note("right", name="a/c")
    assert progress.is_kept()
    restart()
    assert [it.question for it in progress.read_records()] == ["a/a", "a/b", "a/c"]


def test_what_the_disk_refuses_is_not_lost(kept):
    """Guards against a buffer, which would take it and fail as it is closed."""
    resource = pytest.importorskip("resource")  # Windows has none
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, usual[1]))
    try:
        note("right")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert not progress.is_kept()
    assert progress.read_states() == {NAME: "right"}


def test_where_nothing_shall_be_kept_nothing_is_missed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(progress.PLACE, "")
    note("right")
    assert progress.find_file() is None and progress.is_kept()
    assert progress.read_states() == {NAME: "right"}
    assert progress.forget_all() is None and progress.read_states() == {}
    assert not [*tmp_path.iterdir()]


def test_two_kernels_share_the_file(kept):
    record = progress.Record(NAME, "right", "", 1, "now")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(progress.keep_record, [record] * 400))
    assert [*progress.read_records()] == [record] * 400


def fill_disk(file, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *problem):
            pass

        def write(self, line):
            return len(line) // 2

    monkeypatch.setattr("builtins.open", lambda *_, **__: Full())


@pytest.fixture
def tiny_disk(tmp_path):
    """Mount a disk of 64 kB, which root alone may do."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if (
        not shutil.which("mount")
        or subprocess.run(mount, capture_output=True).returncode
    ):
        pytest.skip("no disk can be mounted here; root can, outside of a container")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.thorough
def test_a_full_disk_costs_no_line(tiny_disk, monkeypatch):
    """A real one: it takes a part of a line, and gives room again later."""
    file, rubbish = tiny_disk / "progress.jsonl", tiny_disk / "rubbish"
    monkeypatch.setenv(progress.PLACE, str(file))
    rubbish.write_bytes(bytes(16_384))
    judged = 0
    while progress.is_kept():
        answer(6)
        judged += 1
    answer(2)
    assert len([*progress.read_records()]) == judged - 1 > 100
    assert states()[0] == "right" and "lasts until" in repr(show_scoreboard())
    with pytest.raises(OSError, match="No space left"):
        rubbish.with_name("more").write_bytes(bytes(4096))
    rubbish.unlink()
    check("accumulation/kept", 7, torch.tensor(7.0))
    restart()
    assert len([*progress.read_records()]) == judged + 2
    assert states().count("right") == 2
    assert "after a restart" in repr(show_scoreboard())


def take_away(file, monkeypatch):
    file.mkdir()  # nobody can write to a folder, root no more than others


def leave_no_folder(file, monkeypatch):
    monkeypatch.setenv(progress.PLACE, str(file / "none" / file.name))


@pytest.mark.parametrize("spoil", [fill_disk, take_away, leave_no_folder])
def test_where_nothing_can_be_written_this_kernel_remembers(kept, monkeypatch, spoil):
    spoil(kept, monkeypatch)
    assert answer(2).state == "right"
    assert states()[0] == "right"
    assert "lasts until a restart" in repr(show_scoreboard())


def test_a_fresh_start_puts_aside_what_was_kept_and_says_where(kept):
    assert "nothing to put aside" in repr(show_scoreboard(reset=True))
    answer(2)
    told = repr(show_scoreboard("accumulation", reset=True))
    (aside,) = kept.parent.glob("progress-*.jsonl")
    assert f"put aside in {aside.name}: 1." in told
    assert told.startswith("0 of") and not kept.exists()
    restart()
    assert states()[0] == "waiting"
    aside.rename(kept)
    assert states()[0] == "right"


@pytest.fixture
def far_east():
    """Be where the clocks are half a day ahead."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TZ", "UTC-12")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="Windows has none")
@pytest.mark.usefixtures("far_east")
def test_what_is_put_aside_has_the_time_in_its_name_and_is_never_written_over(kept):
    names = []
    for _ in range(3):
        answer(2)
        names.append(progress.forget_all().name)
    stamp = r"progress-\d{8}-\d{6}-\d{6}\.jsonl"
    assert len({*names}) == 3 and all(re.fullmatch(stamp, name) for name in names)
    when = datetime.strptime(names[-1][9:24], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - when) < timedelta(hours=1)
    assert progress.forget_all() is None


def test_a_fresh_start_forgets_tries_too(kept):
    note("wrong"), note("wrong")
    told = show_scoreboard(reset=True)
    assert told.notes[0].endswith(": 0.")  # answers, but no right ones
    assert progress.count_wrong(NAME) == 0 and note("wrong") == "Try."


@pytest.mark.parametrize("reset", [False, 1, "yes", None, [True]])
def test_only_true_begins_afresh(kept, reset):
    answer(2)
    told = show_scoreboard("accumulation", reset=reset)
    assert len(told.notes) == 2 and told.lines[0].state == "right"


def test_the_first_note_says_what_became_of_the_file(kept):
    none = "A fresh start: there was nothing to put aside."
    assert show_scoreboard(reset=True).notes[0] == none
    answer(2)
    note("wrong", name="accumulation/kept")
    told, *_ = show_scoreboard("detach", reset=True).notes
    (aside,) = kept.parent.glob("progress-*.jsonl")
    assert (
        told == f"A fresh start; right answers that were put aside in {aside.name}: 1."
    )


@pytest.mark.parametrize(
    ("problem", "why"),
    [
        (PermissionError(13, "Permission denied"), "Permission denied"),
        (OSError("no number, no words"), "OSError"),
    ],
)
def test_why_a_file_cannot_be_moved_is_told(kept, monkeypatch, problem, why):
    answer(2)
    monkeypatch.setattr(Path, "rename", Mock(side_effect=problem))
    told, *_ = show_scoreboard(reset=True).notes
    assert told == (
        f"progress.jsonl cannot be moved ({why}), so what was right still counts; "
        "close other programs that use it, or delete it."
    )


def test_a_file_that_cannot_be_moved_still_counts(kept, monkeypatch):
    answer(2)

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    told = repr(show_scoreboard("accumulation", reset=True))
    assert "progress.jsonl cannot be moved (Permission denied)" in told
    assert told.startswith("1 of")


def test_both_editions_share_a_file_beside_the_notebooks(tmp_path, monkeypatch):
    monkeypatch.delenv(progress.PLACE)
    edition = tmp_path / "zh"
    edition.mkdir()
    for folder in (tmp_path, edition):
        (folder / "01_first.ipynb").touch()
        monkeypatch.setattr(progress, "_START", folder)
        assert progress.find_file() == tmp_path / "progress.jsonl"


@pytest.mark.parametrize(
    ("start", "notebook", "place"),
    [
        ("zh", "01_first.ipynb", ""),  # beside the English edition
        ("zh", "notes.txt", "zh"),
        ("other", "01_first.ipynb", "other"),
        ("", "01_first.ipynb", ""),
    ],
)
def test_the_file_lies_where_the_notebooks_are(
    tmp_path, monkeypatch, start, notebook, place
):
    monkeypatch.delenv(progress.PLACE)
    (tmp_path / start).mkdir(exist_ok=True)
    (tmp_path / notebook).touch()
    monkeypatch.setattr(progress, "_START", tmp_path / start)
    assert progress.find_file() == tmp_path / place / "progress.jsonl"


def test_colab_is_told_how_long_it_lasts(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.colab", sys)
    assert "this machine of Colab" in repr(show_scoreboard())
