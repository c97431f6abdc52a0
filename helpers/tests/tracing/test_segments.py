"""Comprehensions in the code around them, as Python 3.12 and later compile them."""

from types import SimpleNamespace

import pytest

from helpers.tracing.segments import find_inlined

# `parts = [[t + n for t in w] for n in v]`, `parts = [n for n in v]` in a function, and
# a loop that is none: what stands within a comprehension is indented.
NESTED = """
LOAD_NAME
GET_ITER
  LOAD_FAST_AND_CLEAR
  SWAP
  BUILD_LIST
  FOR_ITER
  STORE_FAST
  LOAD_NAME
  GET_ITER
  LOAD_FAST_AND_CLEAR
  BUILD_LIST
  FOR_ITER
  STORE_FAST_LOAD_FAST
  LIST_APPEND
  JUMP_BACKWARD
  END_FOR
  POP_TOP
  SWAP
  STORE_FAST
  LIST_APPEND
  JUMP_BACKWARD
  END_FOR
  POP_TOP
  SWAP
  STORE_FAST
STORE_NAME
"""
TOGETHER = """
LOAD_GLOBAL
GET_ITER
  LOAD_FAST_AND_CLEAR
  LOAD_FAST_AND_CLEAR
  BUILD_LIST
  FOR_ITER
  UNPACK_SEQUENCE
  STORE_FAST_STORE_FAST
  LOAD_FAST
  LIST_APPEND
  JUMP_BACKWARD
  END_FOR
  POP_TOP
  SWAP
  STORE_FAST
STORE_FAST_STORE_FAST
LOAD_FAST
RETURN_VALUE
"""
LOOP = """
LOAD_NAME
GET_ITER
FOR_ITER
STORE_FAST
LOAD_NAME
POP_TOP
JUMP_BACKWARD
END_FOR
POP_TOP
STORE_FAST
"""


@pytest.mark.parametrize("code", [NESTED, TOGETHER, LOOP, LOOP + NESTED + LOOP])
def test_what_stands_in_a_comprehension_is_told_from_what_is_around_it(code):
    lines = [line for line in code.split("\n") if line]
    steps = [SimpleNamespace(opname=line.strip()) for line in lines]
    inside = [line.startswith(" ") for line in lines]
    assert list(find_inlined(steps)) == inside
