"""Which numbers a sentence claims, and what proves them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output

from helpers.authoring.numbers import NUMBER, find_claims, find_unproved


def notebook(text, *shown):
    """Return a section that says something and shows something."""
    outputs = [new_output("execute_result", {"text/plain": each}) for each in shown]
    return [new_markdown_cell(f"## Title\n{text}"), new_code_cell("x", outputs=outputs)]


def missed(text, *shown):
    return [claim for _, claim in find_unproved(notebook(text, *shown))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It is 28.", "tensor(28.)"),
        ("It is −3 (or -3).", "-3"),
        ("First 0, 2, 4 and 6.", "tensor([0., 2., 4., 6.])"),
        ("The middle: `[2 4]`.", "x  leaf  [0 2 4 6]"),
        ("About 1.5e-3.", "0.0015"),
        ("A wide gap, 2\nand 3.", "[2, 3]"),
        ("**28**, (28), «28», 28:", "28"),
        ("2 · 3 + 1 = 7", "7"),
        ("100 · 2¹¹ = 204800 and 2³ + 3² = 17", "17 204800"),
        ("`y = 28`, `tensor(28.)`, –28", "28\n-28"),
        ("It's $x^2 + 5$ and $$7x$$ of `f(3) + x[2]`, at [it](6.md) <b id=9>", "-"),
        ("Some 1,000,000 of 2,500.", "2500\n1000000"),
        ("```python\nx = 5\n```", "-"),
        ("1. One.\n2. Two.", "-"),
        ("`float64` or v2 or 2¹¹", "-"),
        ("The row `[5 6]` of it.", "1  5 6"),
        ("The 5 of mine.\n\n<!-- constants: 5 -->", "-"),
    ],
)
def test_a_claim_that_is_shown_worked_out_or_marked_passes(text, shown):
    assert missed(text, shown) == []


@pytest.mark.parametrize(
    ("text", "shown", "said"),
    [
        ("It is 29.", "tensor(28.)", "29"),
        ("It is −3.", "3", "−3"),
        ("It is 2.8.", "28", "2.8"),
        ("First 0, 2 and 6.", "tensor([0., 2., 4., 6.])", "0, 2 and 6"),
        ("First `[2 0]`.", "[0 2]", "2 0"),
        ("Only the row 3.", "3  y  Mul  x, x  [0 1]", "3"),
        ("2 · 3 + 1 = 8", "2 3 1 8", "2 · 3 + 1 = 8"),
        ("300 · 2¹⁷ = 204800", "300 204800", "300 · 2¹⁷ = 204800"),
        ("77 + 1 = 14", "77 1 14", "77 + 1 = 14"),
        ("43. It ends a sentence.", "1", "43"),
        ("It is 40 + 3 = 43.", "40 3", "43"),
        ("It is `y = 43`.", "1", "43"),
        ("It is `tensor(43.)`.", "1", "43"),
        ("It is –28.", "28", "–28"),
        ("`28`", "29", "28"),
        ("`.grad += [1 2]`", "[1 3]", "1 2"),
        ("<details>\n\nIt is 5.\n\n</details>", "4", "5"),
        ("| 5 | 6 |", "6", "5"),
        ("It is 1,000.", "1 000", "1,000"),
        ("It is 12%.", "-", "12"),
        ("2 · 3 are 6.", "6", "2"),
    ],
)
def test_a_claim_that_nobody_shows_is_named(text, shown, said):
    assert said in missed(text, shown)


def test_a_number_counts_only_within_its_section_and_a_mark_within_its_cell():
    cells = notebook("It is 28.", "5") + notebook("It is 5.", "28")
    assert [claim for _, claim in find_unproved(cells)] == ["28", "5"]
    marked = notebook("It is 28. <!-- constants: 28 -->", "5")
    marked.insert(1, new_markdown_cell("Again 28."))
    assert list(find_unproved(marked)) == [(marked[1], "28")]


def test_each_output_has_lines_of_its_own():
    assert missed("It is 28; it is 29.", "28", "29") == []
    assert missed("They are 28, 29.", "28", "29") == ["28, 29"]


def test_a_cell_of_code_claims_nothing():
    assert list(find_unproved([new_code_cell("# It is\n43")])) == []


def test_a_heading_in_the_middle_of_a_cell_begins_a_section():
    cells = [new_code_cell("x", outputs=[new_output("stream", text="28\n")])]
    cells.append(new_markdown_cell("It is 28.\n\n### Next\n\nIt is 28."))
    assert list(find_unproved(cells)) == [(cells[1], "28")]


@given(st.text(alphabet="0123456789 .,-−·+=`[]$x\n<>|#", max_size=60))
def test_claims_stand_where_they_are_said(text):
    for claim in find_claims(text):
        assert text[claim.start() : claim.end()] == claim[0]
        assert len(find_claims(claim[0])) <= 1


def test_numbers_are_whole():
    assert re.findall(NUMBER, "1.25 -3 4e-05 v5 6x 7.") == ["1.25", "-3", "4e-05", "7"]
