"""Each broken program is told its cause and line; the cured and the right ones none."""

import contextlib
import re
import sys
import warnings
from pathlib import Path

import numpy
import pytest
import torch

from helpers import watch, why
from helpers.graph.journal import clear_journal
from helpers.tests.tracing.programs import PROGRAMS, RIGHT
from helpers.tests.tracing.questions import QUESTIONS

# What is said of each program, word for word: __main__.py writes it.
PLACE = Path(__file__).with_name("said.txt")
SAID = dict(re.findall(r"^== (.+)\n((?:(?!== ).*\n)+)", PLACE.read_text("utf-8"), re.M))


def run_watched(source):
    """Run a program as a cell would be; return its variables and what it raised."""
    clear_journal()
    names = {"torch": torch, "nn": torch.nn, "F": torch.nn.functional, "np": numpy}
    names["watch"] = watch
    watched = contextlib.nullcontext() if "watch()" in source else watch()
    problem = None
    with warnings.catch_warnings(action="ignore"), contextlib.redirect_stdout(None):
        try:
            with watched:
                exec(compile(source, "<program>", "exec"), names)
        except Exception as raised:
            problem = raised
        finally:
            torch.set_grad_enabled(True)
    return names, problem


def asked(source, ask):
    names, problem = run_watched(source)
    names |= {"why": why} if problem is None else {"why": why, "problem": problem}
    return eval(f"why({ask})", names)


def in_words(said):
    """Return the causes and the line, and below them all that is said."""
    return f"{', '.join(said.causes) or 'no answer'}; line {said.line}\n{said}\n"


def test_the_words_are_of_these_programs_and_no_others():
    assert [*SAID] == [*PROGRAMS, *QUESTIONS]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_broken_program_is_told_its_cause_and_line(name):
    program = PROGRAMS[name]
    said = asked(program.source, program.ask)
    assert (said.cause, said.line) == (program.cause, program.line), said
    assert said.state == "wrong" and in_words(said) == SAID[name]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_cured_program_has_no_cause(name):
    program = PROGRAMS[name]
    said = asked(program.cured, program.ask_cured or program.ask)
    assert (said.cause, said.state) == ("none", "right"), said


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_program_has_no_cause(name):
    source, ask = RIGHT[name]
    said = asked(source.strip("\n"), ask)
    assert (said.cause, said.state) == ("none", "right"), said


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_word_for_word(name, monkeypatch):
    for last in ("last_exc", "last_value"):
        monkeypatch.delattr(sys, last, raising=False)
    assert in_words(asked(*QUESTIONS[name])) == SAID[name]


def test_a_module_that_was_never_made_is_passed_over():
    class Unmade(torch.nn.Module):
        def __init__(self):
            """Forget super().__init__()."""

    program, unmade = PROGRAMS["layers in a dict"], Unmade()
    said = asked(program.source, program.ask)
    assert (said.cause, said.line) == (program.cause, program.line), said
    assert isinstance(unmade, torch.nn.Module)  # and it was alive all the time
