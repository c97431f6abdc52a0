"""Whatever a kind teacher would understand is understood, and nothing else."""

import math
import re
from collections import deque
from decimal import Decimal
from fractions import Fraction
from itertools import count

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.checking.forms import AN_ERROR, Unordered, Unreadable, read_guess
from helpers.checking.guesses import judge_guess
from helpers.language import Text
from helpers.lessons.model import Prediction

SILENT = Text("", "")
NAMES = ("a", "b", "c", "d")
WIDE = str.maketrans("0123456789.,[]", "０１２３４５６７８９．，［］")
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def named(guess):
    """Return a name for a test: no address, no order of a set, nothing to be escaped.

    So it is the same in every process, and where tests are collected twice in one.
    """
    shown = f"set of {sorted(guess)}" if type(guess) is set else ascii(guess)
    return re.sub(r" at 0x[0-9a-f]+|\\|\n", "", shown)[:30]


def judge(guess, truth, names=()):
    asked = Prediction(SILENT, SILENT, (), (), truth=truth, names=names)
    return judge_guess(asked, guess, truth).state


def column(numbers):
    return [[number] for number in numbers]


# ---- tables -----------------------------------------------------------------

# What means the same as the first of each row, and the truth that it is judged by.
SPELLINGS = {
    9.0: [
        *(9, "9", "9.", " 9.0 ", "+9", "9e0", "`9`", "“9”", "９", "٩", "3**2", "3²"),
        *("x.grad = 9", "x.grad == 9", "x.grad: 9", "x.grad is 9.", "dy/dx = 9"),
        *("the answer is 9", "= 9", "≈ 9", "~9.0", "81/9", "3 × 3", "18 ÷ 2", "(9)"),
        *("tensor(9.)", "torch.tensor([9.0])", "array(9.)", "np.array([[9]])"),
        "tensor(9., grad_fn=<MulBackward0>)",
        "tensor([9.], dtype=torch.float64, requires_grad=True)",
        *(Fraction(9), Decimal("9.0"), 9 + 0j, [9], (9,), {9}, frozenset({9}), [[9]]),
        *({"x": 9}, {"x": 9}.values(), range(9, 10), deque([9]), ["9"], [Fraction(9)]),
        *(np.int8(9), np.float16(9), np.longdouble(9), np.complex64(9), np.str_("9")),
        *(np.array(9), np.array([9.0]), np.array("9"), np.array([Fraction(9)])),
        *(
            torch.tensor(9),
            torch.tensor([[9.0]]),
            torch.nn.Parameter(torch.ones(1) * 9),
        ),
    ],
    0.5: ["1/2", "0.5", ".5", "0,5", "０，５", "½", "2**-1", Fraction(1, 2), "5e-1"],
    -4.0: ["-4", "−4", "–4", "－4", "- 4", "x.grad=-4", [["−4"]], "-(4)", "-8/2"],
    204800.0: ["204800", "204,800", "204 800", "204_800", "2.048e5", "100 * 2**11"],
    math.nan: ["nan", "NaN", "torch.nan", "math.nan", "float('nan')", "tensor(nan)"],
    math.inf: ["inf", "Infinity", "∞", "torch.inf", "+inf", "float('inf')", np.inf],
    None: ["None", "none", "x.grad is None", "x.grad = None", " None.", "'None'"],
}


@pytest.mark.parametrize(
    ("guess", "truth"),
    [(guess, truth) for truth, guesses in SPELLINGS.items() for guess in guesses],
    ids=named,
)
def test_one_thing_may_be_written_in_many_ways(guess, truth):
    assert judge(guess, truth) == "right"
    others = [other for other in SPELLINGS if other is not None and other is not truth]
    assert all(judge(guess, other) != "right" for other in others)


FOUR = [0, 4, 8, 12]
LISTS = [
    *(FOUR, tuple(FOUR), range(0, 13, 4), deque(FOUR)),
    *(dict(enumerate(FOUR)).values(), dict.fromkeys(FOUR).keys()),
    *([FOUR], [[FOUR]], column(FOUR), torch.Size(FOUR)),
    *(np.array(FOUR), np.array([FOUR]), np.array(column(FOUR)), list(np.float32(FOUR))),
    *(torch.tensor([FOUR]), [torch.tensor(n) for n in FOUR], np.array(FOUR, dtype=str)),
    *([Fraction(0), Decimal(4), np.int8(8), "12"], ["0", "４", "8.0", "24/2"]),
    *("[0, 4, 8, 12]", "(0, 4, 8, 12)", "0, 4, 8, 12", "0 4 8 12", "[[0, 4, 8, 12]]"),
    *(
        "[ 0.  4.  8. 12.]",
        "[0 4\n 8 12]",
        "［０，４，８，１２］",
        "0、4、8、12",
        "【0，4，8，12】",
    ),
    *("tensor([ 0.,  4.,  8., 12.])", "x.grad = [0, 4, 8, 12]", "array([0, 4, 8, 12])"),
]


@pytest.mark.parametrize("guess", LISTS, ids=named)
def test_several_numbers_may_be_written_in_many_ways(guess):
    assert judge(guess, torch.tensor(FOUR).float()) == "right"


def test_several_numbers_may_come_from_what_gives_them_once():
    once = [map(float, FOUR), iter(FOUR), (4 * n for n in range(4)), [map(str, FOUR)]]
    assert {judge(it, torch.tensor(FOUR).float()) for it in once} == {"right"}


FLAGS = [
    *([True, True, False, True], (1, 1, 0, 1), np.array([1, 1, 0, 1], dtype=bool)),
    *(
        [[True, True, False, True]],
        torch.tensor([1.0, 1, 0, 1]),
        ["yes", "yes", "no", "yes"],
    ),
    *(
        "True, True, False, True",
        "[T, T, F, T]",
        "yes yes no yes",
        "对，对，错，对",
        "是、是、否、是",
    ),
]
BY_NAME = [
    *(
        "a, b, d",
        "a b d",
        "a, b and d",
        "a，b 和 d",
        "a、b、d",
        "[a, b, d]",
        "['a','b','d']",
    ),
    *(["a", "b", "d"], ("d", "b", "a"), {"a", "b", "d"}, dict.fromkeys("abd").keys()),
    *({"a": True, "b": True, "c": False, "d": True}, {"d": 1, "c": 0, "b": 1, "a": 1}),
    *("a: True, b: True, c: False, d: True", "d=yes, c=no, b=yes, a=yes"),
]


@pytest.mark.parametrize("guess", FLAGS + BY_NAME, ids=named)
def test_flags_may_be_written_in_many_ways_and_by_name_if_there_are_names(guess):
    truth = torch.tensor([True, True, False, True])
    assert judge(guess, truth, NAMES) == "right"
    assert judge(guess, ~truth, NAMES) == "wrong"
    by_name = any(guess is each for each in BY_NAME)
    assert judge(guess, truth) == ("waiting" if by_name else "right")


@pytest.mark.parametrize("guess", [[], {}, {"a": False}, ["a", "e"]], ids=named)
def test_names_that_say_nothing_or_not_all_are_no_flags(guess):
    """Guards against {"a": False} that is read as the name of what is true."""
    for truth in ([False, False], [True, False]):
        assert judge(guess, torch.tensor(truth), NAMES[:2]) == "waiting"


def test_a_mapping_is_read_by_name_as_it_is_without_names():
    for said in ({"a": 1}, {"a": "0,5"}, {"a": [True]}):
        assert read_guess(said, ("a",)) == read_guess(said)


NOTHING = ["", "nil", "2x", "3x**2", "3 * x", "9 units", "9 or 10", "not 9", "1½", "9!"]
NOTHING += ["1/0", "9**9**9", "9" * 1001, "(" * 900, "f(9)", "x.T", "w.nan", "print(9)"]
NOTHING += ["__import__('os').getcwd()", "[].sort()", "[n for n in [9]]", "-True", "[1"]
NOTHING += [b"9", object(), int, lambda: 9, count(), [[[[[[[[[[9]]]]]]]]]]]
NOTHING += [np.ones(100_001), np.ones((2, 60_000)), [9, "?"], np.datetime64("2000")]


@pytest.mark.parametrize("guess", NOTHING, ids=named)
def test_what_a_teacher_would_ask_about_is_asked_about(guess):
    assert judge(guess, 9.0) == "waiting"
    with pytest.raises(Unreadable):
        read_guess(guess)


@pytest.mark.parametrize("guess", [{1, 2}, {"x": 1, "y": 2}, [{1, 2}]], ids=named)
def test_what_has_no_order_is_told_from_what_is_no_guess(guess):
    with pytest.raises(Unordered):
        read_guess(guess)


def test_a_comma_in_one_number_is_no_comma_between_two():
    assert read_guess("0,5") == 0.5
    assert read_guess("0,5", single=False) == [0, 5]
    assert read_guess("1,024") == 1024 and read_guess("1,5") == 1.5


def nested(depth, inside):
    return [nested(depth - 1, inside)] if depth else inside


@pytest.mark.parametrize(
    ("guess", "larger"),
    [
        ("9".ljust(1_000), "9".ljust(1_001)),
        ("b".ljust(1_000), "b".ljust(1_001)),
        (nested(8, 9), nested(9, 9)),
        (nested(7, {9}), nested(8, {9})),
        (nested(6, np.array([9])), nested(7, np.array([9]))),
        (np.ones(100_000), np.ones(100_001)),
        (range(100_000), range(100_001)),
    ],
    ids=["text", "name", "lists", "set", "array inside", "array", "parts"],
)
def test_what_is_just_not_too_large_is_read(guess, larger):
    assert read_guess(guess, ("a", "b")) is not None
    with pytest.raises(Unreadable):
        read_guess(larger, ("a", "b"))


@pytest.mark.parametrize(
    ("guess", "read"),
    [
        ("[1 2]", [1, 2]),
        ("[1,234]", [1, 234]),
        ("1,234.5", 1234.5),
        (["0,5"], [[0, 5]]),
        ({"x": "0,5"}, [[0, 5]]),
        (np.array("0,5"), 0.5),
        ([np.array("0,5")], [[0, 5]]),
        ("2 * 1j", 2j),
        ("list((1, 2))", [1, 2]),
        ("YES", True),
        ("np.inf", math.inf),
        ("np.pi", None),
        ("9X", None),
        ("1 2", None),
        ("[1, 2 3]", None),
        ("'method'", None),
        ("会出错", AN_ERROR),
        ("a leaf Variable that requires grad", AN_ERROR),
        ("int(3)", None),
        ("[1, 2] * 2", None),
        ("True + 1", None),
        ("2 // 1", None),
    ],
    ids=named,
)
def test_a_text_is_read_for_what_it_says(guess, read):
    if read is not None:
        assert read_guess(guess) == read
        return
    with pytest.raises(Unreadable) as caught:
        read_guess(guess)
    assert caught.value.part == guess


LONG, MANY, SET = "9" * 1_001, range(100_001), {1, 2}
DEEPEST = [9]


@pytest.mark.parametrize(
    ("guess", "part"),
    [
        ([9, "?"], "?"),
        ([1, [2, b"3"]], b"3"),
        ({"x": int}, int),
        ([LONG], LONG),
        ([MANY], MANY),
        ([SET], SET),
        (nested(9, DEEPEST), DEEPEST),
    ],
    ids=["text", "bytes", "type", "long", "many", "set", "deep"],
)
def test_of_what_is_no_guess_the_part_is_told(guess, part):
    with pytest.raises(Unreadable) as caught:
        read_guess(guess)
    assert caught.value.part is part


# ---- laws -------------------------------------------------------------------


def spell(number):
    """Yield ways to write a number that has two decimals at most."""
    text = repr(number)
    yield from (text, text.translate(WIDE), text.translate(ARABIC), f"x.grad = {text}")
    yield from (text.replace("-", "−"), text.replace(".", ","), f"tensor([{text}])")
    yield from (Fraction(text), Decimal(text), Fraction(text).__str__(), (number,))
    yield from (np.float64(number), np.array(number), np.array([[text]]), [[text]])
    yield from (
        (each for each in [number]),
        {number},
        {"x": text},
        torch.tensor(number),
    )


HUNDREDTHS = st.integers(-99_999, 99_999).map(lambda n: n / 100)


@settings(max_examples=25)
@given(HUNDREDTHS, HUNDREDTHS)
def test_a_number_is_right_however_it_is_written_and_no_other_is(number, other):
    near = math.isclose(number, other, rel_tol=1e-3, abs_tol=1e-9)
    for guess in spell(number):
        assert judge(guess, number) == "right"
    for guess in spell(number):
        assert near or judge(guess, other) != "right"


def spell_list(numbers):
    """Yield ways to write whole numbers in a row."""
    text = str(numbers)
    yield from (text, text[1:-1], text.translate(WIDE), text.replace("-", "−"))
    yield from (str(np.array(numbers)), str(torch.tensor(numbers)), f"x.grad: {text}")
    yield from (map(Decimal, numbers), [numbers], column(numbers), np.array([numbers]))
    yield from (list(map(str, numbers)), dict(enumerate(numbers)).values())
    yield " ".join(map(str, numbers))


WHOLE = st.lists(st.integers(-50, 50), min_size=2, max_size=5)


@settings(max_examples=25)
@given(WHOLE, WHOLE)
def test_numbers_are_right_however_they_are_written_and_no_others_are(numbers, others):
    truth = torch.tensor(numbers).double()
    for guess in spell_list(numbers):
        assert judge(guess, truth) == "right"
    for guess in spell_list(others):
        assert (judge(guess, truth) == "right") is (numbers == others)


def spell_flags(flags):
    """Yield ways to say which of NAMES are true."""
    chosen = [name for name, flag in zip(NAMES, flags, strict=True) if flag]
    said = dict(zip(NAMES, flags, strict=True))
    yield from (flags, tuple(map(int, flags)), np.array(flags), str(flags), said)
    yield ", ".join("yes" if flag else "no" for flag in flags)
    yield ", ".join(f"{name}: {flag}" for name, flag in reversed(said.items()))
    if chosen:
        yield from (chosen, set(chosen), tuple(reversed(chosen)), " ".join(chosen))


BITS = st.lists(st.booleans(), min_size=4, max_size=4)


@settings(max_examples=25)
@given(BITS, BITS)
def test_flags_are_right_however_they_are_written_and_no_others_are(flags, others):
    for guess in spell_flags(flags):
        same = judge(guess, torch.tensor(others), NAMES) == "right"
        assert same is (flags == others)


@settings(max_examples=25)
@given(st.text(st.sampled_from("0123456789.,-−+*/()[] xeaTn='½²错\n"), max_size=12))
def test_any_text_is_read_or_asked_about(text):
    for names in ((), NAMES):
        assert judge(text, 1e99, names) in ("wrong", "waiting")


def test_a_long_text_is_not_read_at_all():
    """Guards against a pattern that would keep Python's lock for hours."""
    for text in ("a" * 10**6, "a " * 10**6, "error" * 10**6, "[" * 10**6):
        assert judge(text, torch.tensor([True] * 4), NAMES) == "waiting"
