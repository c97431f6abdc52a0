"""Read the values that a text says, however they are spelt.

`12`, `12.`, `1.2e1`, `tensor(12.)`, $24/2$, twelve and 十二 are all the same.
"""

import html
import math
import re
import unicodedata
from functools import cache
from typing import Any, NamedTuple

Atom = float | str  # None, True, False and nan are the words for them


class Token(NamedTuple):
    value: Atom
    start: int
    end: int


# ---------------------------------------------------------------- what is no value

SUPERSCRIPT = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")
NO_VALUE = [
    (re.compile(pattern), new)
    for pattern, new in (
        (r"[−–—﹣－]", "-"),
        (r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}", r"\1/\2"),
        (r"\{,\}", ","),
        (r"\\\\|\\(?:[a-zA-Z]+|[,;:! ])", " "),
        (r"torch\.Size\(\[[^\]]*\]\)|torch\.Size\(\([^)]*\)\)", " "),
        (r",?\s*(?:requires_grad|dtype|grad_fn)=[<\w.]+>?", ""),
        (r"(?:torch\.|np\.)?(?:tensor|array|float|float32|float64)\(", " "),
        (r"(?<=[\w)])\[[-\d:, ]+\]", ""),  # x[0]
        (r"[_^]\{[^{}]*\}", "^"),  # x_{12}
        (r"(?<![\w.])-?[\d.]+\^[-\w]*", " "),  # 2^3
        (r"[_^][-\d]+(?!\w)|(?<=[\w)\]])\s?\*\*\s?-?[\d.]+", " "),  # x_1, x**2
        (r"[{}$]", " "),
        (r"\b\d+(?: more)? (?:operation|frame|step|number|notebook)s?\b", " "),
        (r"\bsteps? \d+ (?:to|and) \d+", " "),
        (r"\d+ ?个(?:运算|步骤|数)|\d+ ?[帧步]", " "),
        (
            r"(?i)\b(?:notebook|frame|step|cell|row|turn|line|question|part) \d+\b",
            " ",
        ),
        (r"第\s*[\d零一二两三四五六七八九十百]+", " "),
        (r"(?:Takes|用时)\W*\d+", " "),  # minutes
        (r"(?m)^ *\d\. +(?=\S)", " "),  # of a list, or a step of a walk
        (r"(?m)^\d+ +(?=[%\w]+ {2,})", " "),  # of a graph's table
        (r"十分|千万|万一|百分之|[一三]起|四周|[^\d]成千上万", " "),
    )
]


@cache
def write_plainly(text: str) -> str:
    """Return a text without what only looks like a value: powers, places, labels."""
    text = SUPERSCRIPT.sub(r"^1", html.unescape(text))
    text = unicodedata.normalize("NFKC", text).replace("⁄", "/")
    for pattern, new in NO_VALUE:
        text = pattern.sub(new, text)
    return text


# ---------------------------------------------------------------- numbers in words

ENGLISH_WORDS = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen
twenty thirty forty fifty sixty seventy eighty ninety
"""
UNITS = ENGLISH_WORDS.split()[:10]
TENS = ENGLISH_WORDS.split()[20:]
ENGLISH = {word: n for n, word in enumerate(ENGLISH_WORDS.split()[:20])}
ENGLISH |= {word: 10 * n for n, word in enumerate(TENS, 2)}
PARTS = {"half": 0.5, "quarter": 0.25}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
SMALL = rf"(?:(?:{'|'.join(TENS)})[- ](?:{'|'.join(UNITS[1:])})|{'|'.join(ENGLISH)})"
SCALE = rf"[- ](?:{'|'.join(SCALES)})"
IN_ENGLISH = (
    rf"\b(?:(?:minus|negative) )?(?:{SMALL}|a(?={SCALE}))"
    rf"(?:{SCALE}(?:,?(?: and)? {SMALL})?)*"
    rf"(?: point(?: (?:{'|'.join(UNITS)}))+| and a half)?\b"
    r"|\b(?:(?:a|one) )?(?:half|quarter)(?=[*`_]*(?:[.,;:!?)]|\Z))"
)
DIGITS = "零一二三四五六七八九"
PLACES = {"十": 10, "百": 100, "千": 1000}
HAN_NUMBER = f"[〇两{DIGITS}十百千万亿]"
IN_CHINESE = (
    rf"负?{HAN_NUMBER}+分之{HAN_NUMBER}+|负?{HAN_NUMBER}+点[〇{DIGITS}]+|一半(?=[。,;!?]|\\Z)"
    rf"|负?{HAN_NUMBER}{{2,}}|负?{HAN_NUMBER}(?![\u4e00-\u9fff])"
    rf"|负?{HAN_NUMBER}(?=[是和与的，。])"
)


def read_english(said: str) -> float:
    """Return the number that English words say."""
    whole, _, digits = said.partition(" point ")
    total = part = 0.0
    for word in re.findall("[a-z]+", whole):
        if scale := SCALES.get(word):
            total, part = total + max(part, 1) * scale, 0
            if scale > 100 and total % scale:  # two hundred thousand
                total = total // scale * scale + total % scale * scale
        else:
            part += ENGLISH.get(word, 0)
    if part_of := [PARTS[word] for word in PARTS if word in whole.split()]:
        return part_of[0] + (total + part if " and " in whole else 0)
    tail = "".join(str(UNITS.index(word)) for word in digits.split())
    sign = -1 if said.startswith(("minus", "negative")) else 1
    return sign * (total + part + float(f"0.{tail or 0}"))


def read_chinese(said: str) -> float:
    """Return the number that Chinese characters say."""
    said = said.replace("〇", "零").replace("两", "二")
    if said == "一半":
        return 0.5
    if said[0] == "负":
        return -read_chinese(said[1:])
    if "分之" in said:
        below, above = map(read_chinese, said.split("分之"))
        return above / below if below else math.nan
    whole, _, tail = said.partition("点")
    if tail:
        return read_chinese(whole) + float(
            "0." + "".join(str(DIGITS.index(it)) for it in tail)
        )
    for scale, size in (("亿", 1e8), ("万", 1e4)):
        if scale in whole:
            high, low = whole.rsplit(scale, 1)
            return read_chinese(high or "一") * size + read_chinese(low or "零")
    return read_places(whole)


def read_places(said: str) -> float:
    """Return the number below 10,000 that characters say; 二零四八 too."""
    if not set(PLACES) & set(said):
        return float("".join(str(DIGITS.index(it)) for it in said))
    total, digit = 0, 0
    for it in said:
        if it in PLACES:
            total, digit = total + (digit or 1) * PLACES[it], 0
        else:
            digit = DIGITS.index(it)
    return total + digit


# ---------------------------------------------------------------- values in a text

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+|\.(?!\w))?(?:e[-+]?\d+)?|\.\d+"
SIGNED = rf"(?<![\w.])(?<!\w\*\*)(?:(?<![\w)\]])[-+]\s?)?(?:{NUMBER})(?![\w])"
INFINITE = r"(?<!\w)[-+]?(?:∞|inf(?:inity)?\b)"
VALUE = re.compile(
    rf"(?P<fraction>{SIGNED}\s?/\s?(?:{NUMBER})(?![\w.]))|(?P<number>{SIGNED})"
    rf"|(?P<infinite>{INFINITE})|(?P<word>\b(?:None|True|False|(?i:nan))\b)"
    rf"|(?P<english>(?i:{IN_ENGLISH}))|(?P<chinese>{IN_CHINESE})"
)


@cache
def read_values(text: str) -> list[Token]:
    """Return the values in a text that is written plainly, and where they stand."""
    return [
        Token(read_value(found), found.start(), found.end())
        for found in VALUE.finditer(text)
    ]


def read_value(found: re.Match) -> Atom:
    said = re.sub(r"[\s,](?=\S)", "", found[0].strip())
    match found.lastgroup:
        case "fraction":
            above, below = map(float, said.split("/"))
            return above / below if below else math.nan
        case "number":
            return float(said)
        case "infinite":
            return -math.inf if said[0] == "-" else math.inf
        case "english":
            return read_english(found[0].lower())
        case "chinese":
            return read_chinese(said)
    return {"NAN": "nan"}.get(said.upper(), said)


def name_atom(value: Any) -> Atom:
    """Return a value as a text is read: numbers as floats, all else as words."""
    if isinstance(value, (bool, str)) or value is None:
        return str(value)
    return "nan" if math.isnan(value) else float(value)


def are_same(one: Atom, other: Atom) -> bool:
    """Tell whether two values are the same, also where one of them is rounded."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return math.isclose(one, other, rel_tol=1e-4, abs_tol=1e-12)
