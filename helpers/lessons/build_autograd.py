"""Lesson 8: the engine is a list of local slopes, walked backwards."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from ..language import Text
from . import engine
from .engine import Number, Slope, fit, order, product_slopes, walk
from .model import ExerciseBuilder, Meaning, Mistake, Prediction, dice


class Numbered(Number):
    """Know a place in a list, and say what it is worth, as in an error."""

    place = 0

    def __repr__(self):
        return f"Number {self.value:.4g}"


NO_RETURN = Text(
    "Your function returns nothing: `return` hands over what it has worked out.",
    "你的函数什么也没有返回：要用 `return` 把算出的结果交出来。",
)

# ---------------------------------------------------------------- what one sum knows

PAIRS = Prediction(
    title=Text("What a sum remembers", "一次加法的结果记得什么"),
    lesson=Text(
        "An operation remembers its own inputs, each with a slope, and nothing of what came before.",
        "一个运算只记得自己的输入，每个输入配一个斜率；再往前的，它一概不知。",
    ),
    hints=(
        Text(
            "Put brackets where Python does: which addition runs first, and what are the two inputs of the last one?",
            "按 Python 的顺序加上括号：先做哪一次加法？最后一次加法的两个输入是什么？",
        ),
        Text(
            "`y` is made by a single call of `__add__`. Look at the list that it writes.",
            "`y` 是由一次 `__add__` 调用得到的。看看它写下的那个列表。",
        ),
    ),
    truth=2,
    mistakes=(
        Mistake(
            "REMEMBERS-THE-LEAVES",
            3,
            en="`a` stands there three times, but `y` was made by the last addition alone: what are its inputs?",
            zh="式子里有三个 `a`，但 `y` 只由最后一次加法得到：它的输入是什么？",
        ),
        Mistake(
            "REMEMBERS-ALL",
            4,
            en="That is what both additions remember together; the pairs of the first lie with its own result, `a + a`.",
            zh="那是两次加法记下的总数；第一次加法的那些对，存在它自己的结果 `a + a` 里。",
        ),
        Mistake(
            "SLOPES-ARE-A-SET",
            1,
            en="Even where an input is the same twice, each use has a pair of its own; and the inputs of the last addition are not the same: `a + a`, and `a`.",
            zh="即使两个输入相同，每次使用也各有一对；何况最后一次加法的两个输入并不相同：`a + a` 和 `a`。",
        ),
        Mistake(
            "TWO-FOR-EACH",
            6,
            en="Two for each of three `a` would be 6; but `y` was made by a single addition: what are its inputs?",
            zh="三个 `a` 各两对，才会是 6；但 `y` 只由一次加法得到：它的输入是什么？",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            9,
            en="9 is the value of `y`; the question is how many pairs it remembers.",
            zh="9 是 `y` 的值；问题是它记得几对。",
        ),
        Mistake(
            "REMEMBERS-NOTHING",
            0,
            en="Only leaves remember no pair: `y` is the result of an addition.",
            zh="只有叶子才一对也不记；而 `y` 是加法的结果。",
        ),
    ),
)

# ---------------------------------------------------------------- the rule of *


class Factor(Numbered):
    """Cannot be multiplied yet: on the page that asks for the slopes, without end."""

    def __mul__(self, other):
        raise TypeError("a * b needs product_slopes, which is what you write here")


def some_pairs():
    """Yield two numbers, at last one number twice."""
    chance = dice(8)
    yield Factor(3.0), Factor(5.0)
    for _ in range(3):
        yield Factor(chance.uniform(-2, 2)), Factor(chance.uniform(-2, 2))
    yield Factor(0.0), Factor(-4.0)
    a = Factor(7.0)
    yield a, a


def is_list_of_pairs(result):
    """Tell whether something is a list of pairs whose first part is a number."""
    return isinstance(result, list | tuple) and all(
        isinstance(it, list | tuple) and len(it) == 2 and hasattr(it[0], "value")
        for it in result
    )


def spell(thing):
    """Write something that is no list of pairs, tuples as lists."""
    if isinstance(thing, list | tuple):
        return f"[{', '.join(map(spell, thing))}]"
    return repr(thing)


def read_slopes(result, a, b):
    """Return all slopes for a and for b, and what stands in a and b afterwards."""
    if not is_list_of_pairs(result):
        return result if result is None else spell(result)
    slopes = [[slope for it, slope in result if it is each] for each in (a, b)]
    return *(sum(each) if each else None for each in slopes), a.value, b.value


PRODUCT_SLOPES = ExerciseBuilder(
    title=Text("The slopes of a product", "乘积的斜率"),
    lesson=Text(
        "Each factor's slope is the other factor's value; from here on, the engine multiplies single numbers with your rule.",
        "每个因子的斜率，就是另一个因子的值；从现在起，引擎用你写的规则把单个的数相乘。",
    ),
    hints=(
        Text(
            "3 · 5: let the 3 grow by 0.1. By how much does the product grow, and which number decides that?",
            "3 · 5：让 3 增加 0.1。乘积增加多少？这由哪个数决定？",
        ),
        Text(
            "`__add__` on this page writes such a list for a sum; for a product only the two slopes are different.",
            "本页的 `__add__` 为加法写下了这样的列表；乘法只是两个斜率不同。",
        ),
    ),
    cases=some_pairs,
    solution=product_slopes,
    observe=read_slopes,
    parts=(
        Text("the slope for `a`", "`a` 的斜率"),
        Text("the slope for `b`", "`b` 的斜率"),
        Text("`a.value` afterwards", "之后的 `a.value`"),
        Text("`b.value` afterwards", "之后的 `b.value`"),
    ),
    used_in=engine,
)


@PRODUCT_SLOPES.mistake(
    "OWN-VALUE-IS-SLOPE",
    en="You gave each factor its own value for a slope. If `a` grows by 0.1, the product grows by 0.1 times the other one.",
    zh="你把每个因子自己的值当成了斜率。`a` 增加 0.1，乘积增加的是 0.1 乘以另一个因子。",
)
def own_values(a, b):
    return [(a, a.value), (b, b.value)]


@PRODUCT_SLOPES.mistake(
    "RULE-OF-PLUS",
    en="Slopes of 1 belong to a sum: there the result grows as much as its input. In a product it grows by that times the other factor.",
    zh="斜率 1 是加法的：那里输入增加多少，结果就增加多少。在乘积里还要乘以另一个因子。",
)
def slopes_of_a_sum(a, b):
    return [(a, 1.0), (b, 1.0)]


@PRODUCT_SLOPES.mistake(
    "FORGETS-A-PARENT",
    en="One of the two factors is missing, and with it the road back to it: write a pair for each.",
    zh="少了一个因子，通向它的路也就断了：两个因子各写一对。",
)
def only_a(a, b):
    return [(a, b.value)]


@PRODUCT_SLOPES.variant
def only_b(a, b):
    return [(b, a.value)]


@PRODUCT_SLOPES.mistake(
    "REMEMBERS-VALUES",
    en="The first part of a pair must be the number itself, `a` or `b`: its value alone knows no way back.",
    zh="每一对的第一个必须是那个数本身，即 `a` 或 `b`；只有值的话，就找不到回去的路。",
)
def values_in_the_pairs(a, b):
    return [(a.value, b.value), (b.value, a.value)]


@PRODUCT_SLOPES.mistake(
    "PAIR-TURNED-ROUND",
    en="The pairs are turned round: first the input, then its slope.",
    zh="每一对的顺序反了：先写输入，再写斜率。",
)
def turned_round(a, b):
    return [(b.value, a), (a.value, b)]


@PRODUCT_SLOPES.mistake(
    "SLOPES-ALONE",
    en="Those are slopes without their inputs; each needs the number that it belongs to: a pair (input, slope).",
    zh="这里只有斜率，没有输入；每个斜率都要和它的数配成一对：（输入，斜率）。",
)
def bare_slopes(a, b):
    return [b.value, a.value]


@PRODUCT_SLOPES.mistake(
    "PRODUCT-IS-SLOPE",
    en="The product itself is no slope: if `a` grows by 0.1, it grows by 0.1 times the other factor, not times the whole.",
    zh="乘积本身不是斜率：`a` 增加 0.1，乘积增加的是 0.1 乘以另一个因子，而不是乘以整个乘积。",
)
def product_twice(a, b):
    return [(a, a.value * b.value), (b, a.value * b.value)]


@PRODUCT_SLOPES.mistake(
    "VALUE-RETURNED",
    en="That is the value of the product; here the list of its slopes is wanted, a pair for each factor.",
    zh="那是乘积的值；这里要的是斜率的列表，每个因子一对。",
)
def value_of_the_product(a, b):
    return a.value * b.value


@PRODUCT_SLOPES.mistake(
    "SLOPES-ARE-NUMBERS",
    en="A slope is a plain number here: write `b.value`, not `b`.",
    zh="这里的斜率是普通的数：写 `b.value`，不要写 `b`。",
)
def numbers_for_slopes(a, b):
    return [(a, b), (b, a)]


@PRODUCT_SLOPES.mistake(
    "INPUTS-CHANGED",
    en="The list may be right, but `a` or `b` has another value now: whoever else uses that number computes with it. Read the values, and leave them as they are.",
    zh="列表也许是对的，但 `a` 或 `b` 的值变了，而别处也在用这个数。请只读取值，不要修改。",
    resembles=lambda got, wanted: any(g[2:] != w[2:] for g, w in both(got, wanted)),
)
def product_in_place(a, b):
    slopes = [(a, b.value), (b, a.value)]
    a.value *= b.value
    return slopes


@PRODUCT_SLOPES.mistake(
    "ONE-PAIR",
    en="That is a single pair; write a list of pairs, one for `a` and one for `b`.",
    zh="这只是一对；请写成列表，`a` 和 `b` 各一对。",
)
def one_pair(a, b):
    return a, b.value


@PRODUCT_SLOPES.variant
def all_in_one_pair(a, b):
    return [(a, b.value, b, a.value)]


@PRODUCT_SLOPES.mistake(
    "DICT-RETURNED",
    en="A dict has each input once, and loses a slope in `a * a`; write a list of pairs.",
    zh="字典里每个输入只有一次，`a * a` 就会丢一个斜率；请写成由对组成的列表。",
)
def a_dict_of_slopes(a, b):
    return {a: b.value, b: a.value}


@PRODUCT_SLOPES.mistake(
    "SLOPE-BY-TRYING",
    en="Try it with 3 · 5: let one factor grow by 0.1. By how much does the product grow? That, divided by 0.1, is the slope for this factor.",
    zh="用 3 · 5 试一试：让一个因子增加 0.1。乘积增加多少？再除以 0.1，就是这个因子的斜率。",
    resembles=lambda got, wanted: any(g[:2] != w[:2] for g, w in both(got, wanted)),
)
def sums_for_slopes(a, b):
    return [(a, a.value + b.value), (b, a.value + b.value)]


PRODUCT_SLOPES.mistake(
    "NOTHING-RETURNED", lambda a, b: None, en=NO_RETURN.en, zh=NO_RETURN.zh
)


def both(got, wanted):
    """Return the pairs of outcomes where both have all their parts."""
    pairs = zip(got, wanted, strict=True)
    return [
        (tuple(map(plainly, g)), tuple(map(plainly, w)))
        for g, w in pairs
        if type(g) is tuple and type(w) is tuple and len(g) == len(w)
    ]


def plainly(part):
    """Return a part of an outcome so that it can be compared."""
    return part.tolist() if hasattr(part, "tolist") else part


# ---------------------------------------------------------------- how often one arrives

VISITS = Prediction(
    title=Text("Eight doublings, visited", "八次加倍，来访几回"),
    lesson=Text(
        "Roads double with every step; so a number must pass on once, when all has arrived.",
        "每一步都让路的条数加倍；所以每个数只应传一次，等全部到齐再传。",
    ),
    hints=(
        Text(
            "Draw two doublings: a box for each number, an arrow for each pair. How many ways lead from the result to `a`?",
            "画出两次加倍：每个数一个方框，每一对一个箭头。从结果到 `a` 有几种走法？",
        ),
        Text(
            "One doubling has 2 ways, two have 4, three have 8; each way is one visit.",
            "一次加倍有 2 条路，两次有 4 条，三次有 8 条；每条路来访一次。",
        ),
    ),
    truth=256,
    mistakes=(
        Mistake(
            "PATHS-ADD",
            2 * 8,
            en="Two arrows for each of eight steps make 16 arrows; but each road takes one of the two at every step, so the choices multiply.",
            zh="八步，每步两个箭头，共 16 个箭头；但一条路在每一步都二选一，所以选法是相乘的。",
        ),
        Mistake(
            "NUMBERS-ONCE",
            1,
            en="Once would be good, but this visit does not remember where it has been: it comes again along every road.",
            zh="只来一次当然好，但这个 visit 不记得自己去过哪里：每条路都会让它再来一次。",
        ),
        Mistake(
            "STEPS-COUNTED",
            8,
            en="Eight steps lie between the result and `a`; the question is how many roads do.",
            zh="从结果到 `a` 要走八步；问题是有几条路。",
            variants=(9,),
        ),
        Mistake(
            "ALL-VISITS",
            2**9 - 1,
            en="That is how often the visit comes to all numbers together; to `a` alone it comes a little more than half as often.",
            zh="那是访问所有数的总次数；单说 `a`，占了一半多一点。",
        ),
        Mistake(
            "LAST-STEP-ONLY",
            2,
            en="Two arrows arrive at `a`, from the first sum; but that sum is itself visited many times.",
            zh="到达 `a` 的箭头有两个，都来自第一个和；但那个和自己也被访问很多次。",
        ),
        Mistake(
            "OFF-BY-ONE",
            2**7,
            en="Nearly: one doubling has 2 roads, so eight have 2 multiplied eight times.",
            zh="差一点：一次加倍有 2 条路，所以八次是 8 个 2 相乘。",
            variants=(2**9,),
        ),
        Mistake(
            "POWER-TURNED-ROUND",
            8**2,
            en="Each of eight steps offers two ways on: that is 2 multiplied eight times, not 8 twice.",
            zh="八步里每一步都有两种走法：是 8 个 2 相乘，不是 2 个 8。",
        ),
    ),
)

# ---------------------------------------------------------------- an order

LONG, DOUBLINGS = 4_000, 60


def grow(chance, size):
    """Return a random result of so many operations, and of all numbers before it."""
    numbers = [Numbered(1.0), Numbered(2.0)]
    for _ in range(size):
        inputs = [numbers[-1], chance.choice(numbers)]
        chance.shuffle(inputs)
        slopes = [(it, chance.uniform(-1, 1)) for it in inputs]
        numbers.append(Numbered(chance.uniform(-1, 1), slopes, "Any"))
    return numbers[-1]


def diamond():
    """Return y = a · b + a."""
    a, b = Numbered(3.0), Numbered(5.0)
    u = Numbered(15.0, [(a, 5.0), (b, 3.0)], "Mul")
    return Numbered(18.0, [(u, 1.0), (a, 1.0)], "Add")


def twins():
    """Return y = a · b + c, where a is worth as much as b, and a · b as much as c."""
    a, b, c = Numbered(2.0), Numbered(2.0), Numbered(4.0)
    u = Numbered(4.0, [(a, 2.0), (b, 2.0)], "Mul")
    return Numbered(8.0, [(u, 1.0), (c, 1.0)], "Add")


def some_results():
    """Yield results of many forms, each of which knows all that led to it."""
    for root in list_roots(dice(7)):
        root.everything = order(root)
        yield (root,)


def list_roots(chance):
    """Yield a leaf, roads that meet, equal values, many roads, a long one."""
    yield diamond()
    yield twins()
    yield Number(2.0)
    for size in (1, 4, 12, 30):
        yield grow(chance, size)
    y = Number(1.0)
    for _ in range(DOUBLINGS):
        y = Number(2 * y.value, [(y, 1.0), (y, 1.0)], "Add")
    yield y
    y = a = Number(0.0)
    for _ in range(LONG):
        y = Number(y.value, [(y, 1.0), (a, 1.0)], "Add")
    yield y


def some_array_results():
    """Yield a result of arrays, whose values no set or dict takes in."""
    for (numbers,) in some_array_orders():
        numbers[-1].everything = numbers
        yield (numbers[-1],)


def read_order(result, root):
    """Count what is wrong with an order, and what is left of the slopes."""
    if not isinstance(result, list):
        return result if result is None else [type(result).__name__]
    known = {id(it) for it in root.everything}
    counts = Counter(map(id, result))
    return (
        len(known - {*counts}),
        sum(counts.values()) - len(counts),
        len({*counts} - known),
        count_early(result),
        bool(result) and result[-1] is root,
        sum(len(it.slopes) for it in root.everything),
    )


def count_early(numbers):
    """Count the numbers that stand before one of their inputs."""
    seen, early = set(), 0
    for number in numbers:
        slopes = getattr(number, "slopes", ())
        early += any(id(it) not in seen for it, _ in slopes)
        seen.add(id(number))
    return early


ORDER = ExerciseBuilder(
    title=Text("Inputs first", "输入在先"),
    lesson=Text(
        "Inputs first, each number once; read from its end, the list is the way back. The engine can now use yours.",
        "输入在先，每个数一次；从末尾往前读，这个列表就是回去的路。引擎现在可以用你写的了。",
    ),
    hints=(
        Text(
            "Put `result` on a stack, a list of your own. Look at its last number: if all its inputs are done, it is done as well; else an input comes first.",
            "把 `result` 放进一个栈（自己的列表）。看最后那个数：输入都排好了，它才能排；否则先处理一个输入。",
        ),
        Text(
            "Keep what is done in a dict: it answers `in` at once and keeps the order. While the stack holds something: find an input of its last number that is not done and append it; if there is none, pop that number into the dict.",
            "用一个 dict 存放排好的数：查 `in` 很快，又保持顺序。只要栈不空：找出最后那个数的一个还没排好的输入，压进栈；如果没有，就把那个数弹出来，放进 dict。",
        ),
    ),
    cases=some_results,
    solution=order,
    observe=read_order,
    endless=Meaning(
        "VISITS-PATHS",
        en="Your function was still running after 4 seconds: does it visit a number once for every road that leads to it? Remember what is done, in a set or a dict, and never do it again; or does a loop take nothing from its stack?",
        zh="你的函数 4 秒后仍在运行：是不是每有一条路通到某个数，就把它再走一遍？请用 set 或 dict 记住排好的数，不再重复；或者，是不是循环没有从栈里取走任何东西？",
    ),
    parts=(
        Text("how many numbers are missing", "缺少的数的个数"),
        Text("how many stand there once more", "重复出现的数的个数"),
        Text("how many strangers are there", "不属于这里的东西的个数"),
        Text("how many stand before one of their inputs", "排在自己输入之前的数的个数"),
        Text("whether the result is last", "结果是否排在最后"),
        Text("how many pairs are left in all `slopes`", "所有 `slopes` 里剩下的对数"),
    ),
    returns=list,
    used_in=engine,
    used_with=some_array_results,
)


def overflows(got, wanted):
    """Tell whether Python gave up on a recursion."""
    return any(getattr(it, "kind", "") == "RecursionError" for it in got)


def fails_only_late(got, wanted):
    """Tell whether Python gave up on the long chain alone."""
    short = all(plainly(g) == plainly(w) for g, w in both(got[:-2], wanted[:-2]))
    return short and overflows(got[-1:], wanted[-1:])


def leaves_twins_out(got, wanted):
    """Tell whether numbers are missing only where others are worth as much."""
    pairs = both(got[:-1], wanted[:-1])  # all in the long chain are worth the same
    wrong = [case for case, (g, w) in enumerate(pairs) if g != w]
    return len(pairs) == len(wanted) - 1 and wrong == [1] and pairs[1][0][0] > 0


@ORDER.mistake(
    "REMEMBERED-BY-VALUE",
    en="Numbers are missing where another one has the same value: remember the number itself, not its value.",
    zh="有的数与另一个数的值相同，就被漏掉了：请记住那个数本身，不要记它的值。",
    resembles=leaves_twins_out,
)
def by_value(result):
    numbers, done, stack = [], set(), [result]
    while stack:
        waiting = [a for a, _ in stack[-1].slopes if a.value not in done]
        if waiting:
            stack.append(waiting[0])
        else:
            numbers.append(stack.pop())
            done.add(numbers[-1].value)
    return numbers


@ORDER.variant
def by_value_once_put_down(result):
    done, stack = {}, [result]
    while stack:
        waiting = [a for a, _ in stack[-1].slopes if a.value not in done]
        if waiting:
            stack.append(waiting[0])
        else:
            number = stack.pop()
            done[number.value] = number
    return list(done.values())


@ORDER.mistake(
    "RECURSION-IS-DEEP-ENOUGH",
    en="All is well until the chain of 4,000 numbers: each waits inside of the call before, and Python allows about 1,000. Keep those that wait on a stack of your own, a list.",
    zh="只有那条 4,000 个数的长链不行：每一层调用都等着下一层，而 Python 大约只允许 1,000 层。请把等着的数放在自己的栈（一个列表）里。",
    resembles=fails_only_late,
)
def by_recursion(result):
    done = {}

    def visit(number):
        if number not in done:
            for a, _ in number.slopes:
                visit(a)
            done[number] = True

    visit(result)
    return list(done)


@ORDER.mistake(
    "RECURSES-WITHOUT-END",
    en="Your function calls itself without end, even for a short graph: each call must go on to the inputs, and end where a number has none.",
    zh="即使图很小，你的函数也无休止地调用自己：每次调用都应转到输入，没有输入的数就该停下。",
    resembles=overflows,
)
def calls_itself(result):
    return calls_itself(result)


@ORDER.mistake(
    "RESULT-FIRST",
    en="That is the way back already: the result stands first. Here inputs come first; turn the list round.",
    zh="这已经是回去的顺序了：结果排在最前。这里要输入在先；请把列表倒过来。",
)
def turned_round_order(result):
    return order(result)[::-1]


@ORDER.mistake(
    "AS-THEY-ARE-MET",
    en="Some numbers stand before one of their inputs: put a number down only when all of its inputs are, not when you meet it.",
    zh="有些数排在了自己的输入之前：不要一遇到就写下，等它的输入都写下之后，再写它。",
    resembles=lambda got, wanted: any(
        g[:3] == w[:3] and g[3] > w[3] for g, w in both(got, wanted)
    ),
)
def breadth_first(result):
    found, queue = {result: True}, [result]
    for number in queue:
        for a, _ in number.slopes:
            if a not in found:
                found[a] = True
                queue.append(a)
    return queue[::-1]


@ORDER.variant
def depth_first(result):
    found, stack = {}, [result]
    while stack:
        number = stack.pop()
        if number not in found:
            found[number] = True
            stack += [a for a, _ in number.slopes]
    return list(found)


@ORDER.variant
def depth_first_turned_round(result):
    return depth_first(result)[::-1]


@ORDER.variant
def inputs_in_turn(result):
    return breadth_first(result)[::-1]


@ORDER.mistake(
    "STRANGERS",
    en="Something stands in the list that is no number of this graph: put the numbers themselves there, not their values or pairs.",
    zh="列表里有不属于这张图的东西：请放入那些数本身，不是它们的值，也不是那些对。",
    resembles=lambda got, wanted: any(g[2] > 0 for g, w in both(got, wanted)),
)
def values_in_order(result):
    return [number.value for number in order(result)]


@ORDER.mistake(
    "PAIR-FOR-A-NUMBER",
    en="A pair was taken for a number: `slopes` holds pairs, so take each apart, `for a, slope in number.slopes`.",
    zh="你把一对当成了一个数：`slopes` 里是一对一对的，请拆开：`for a, slope in number.slopes`。",
    resembles=lambda got, wanted: any(
        "'tuple' object has no attribute" in getattr(it, "message", "") for it in got
    ),
)
def pairs_for_numbers(result):
    return [pair.slopes for pair in result.slopes]


@ORDER.mistake(
    "LIST-WANTED",
    en="The walk goes through a list from its end: return `list(…)` of what you have.",
    zh="反向传播要从列表的末尾往前走：请用 `list(…)` 转成列表再返回。",
)
def a_dict_of_numbers(result):
    return dict.fromkeys(order(result))


@ORDER.variant
def a_set_of_numbers(result):
    return set(order(result))


@ORDER.variant
def keys_of_numbers(result):
    return dict.fromkeys(order(result)).keys()


@ORDER.variant
def turned_round_numbers(result):
    return reversed(order(result))


@ORDER.mistake(
    "FORGETS-A-PARENT",
    en="Numbers are missing: follow every pair of `slopes`, and go on from each input to its own inputs.",
    zh="少了一些数：`slopes` 里的每一对都要追下去，再从每个输入接着找它自己的输入。",
    resembles=lambda got, wanted: any(g[0] > 0 for g, w in both(got, wanted)),
)
def first_inputs_only(result):
    found = [result]
    while found[-1].slopes:
        found.append(found[-1].slopes[0][0])
    return found[::-1]


@ORDER.mistake(
    "ONE-GENERATION",
    en="Those are the result and its own inputs; go on from these to theirs, until leaves are reached.",
    zh="那只是结果和它自己的输入；还要接着找输入的输入，直到叶子。",
)
def result_and_inputs(result):
    return [*dict.fromkeys(a for a, _ in result.slopes), result]


@ORDER.mistake(
    "RESULT-MISSING",
    en="The result itself is missing: the walk begins with it, so it stands last.",
    zh="少了结果本身：反向传播从它开始，所以它应当排在最后。",
)
def without_the_result(result):
    return order(result)[:-1]


@ORDER.mistake(
    "INPUTS-CHANGED",
    en="Pairs have vanished from `slopes` while you looked for the order, and the walk needs them. Keep notes of your own, and leave `slopes` as they are.",
    zh="找顺序的时候，`slopes` 里的对不见了，而反向传播还需要它们。请另外做记录，对 `slopes` 只读不改。",
    resembles=lambda got, wanted: any(g[5] != w[5] for g, w in both(got, wanted)),
)
def slopes_taken_apart(result):
    numbers = order(result)
    for number in numbers:
        number.slopes = []
    return numbers


ORDER.mistake("NOTHING-RETURNED", lambda result: None, en=NO_RETURN.en, zh=NO_RETURN.zh)

# ---------------------------------------------------------------- the walk


def some_orders():
    """Yield the orders of random results; every number knows its place."""
    chance = dice(6)
    roots = [diamond(), twins(), Numbered(2.0)]
    for root in (*roots, *(grow(chance, size) for size in (2, 5, 9, 20))):
        numbers = order(root)
        for place, number in enumerate(numbers):
            number.place = place
        yield (numbers,)


def some_array_orders():
    """Yield an order of arrays, whose slopes only know what to send."""
    x, b = Numbered(np.array([[1.0, 2.0], [3.0, 4.0]])), Numbered(np.array([5.0, 6.0]))
    inputs = [(x, Slope((2, 2), lambda g: 2 * g)), (b, Slope((2,), lambda g: g))]
    u = Numbered(2 * x.value + b.value, inputs, "Any")
    spread = Slope((2, 2), lambda g: np.full((2, 2), g))
    y = Numbered(np.sum(u.value + x.value), [(u, spread), (x, spread)], "Sum")
    numbers = [x, b, u, y]
    for place, number in enumerate(numbers):
        number.place = place
    yield (numbers,)


def read_walk(result, numbers):
    """Return the gradients, each .grad, and whether the list is as it was."""
    if not isinstance(result, Mapping):
        return list(result) if type(result) is tuple else result
    if not all(isinstance(it, Number) for it in result):
        return ["keys that are no numbers"]
    places = [number.place for number in numbers]
    known = sorted({it.place: it for it in (*numbers, *result)}.items())
    gradients = [result.get(number) for _, number in known]
    return gradients, [number.grad for _, number in known], places


WALK = ExerciseBuilder(
    title=Text("The walk that adds", "会相加的反向传播"),
    lesson=Text(
        "Slope times what arrived, along every pair; where roads meet, it is added.",
        "沿着每一对，送出斜率乘以到达的梯度；路汇合的地方相加。",
    ),
    hints=(
        Text(
            "Begin with a dict of zeros, and 1 for the last number. Read the list from its end: when a number's turn comes, all that it will ever get has arrived.",
            "先准备一个全是零的 dict，最后那个数取 1。从末尾往前读：轮到一个数时，它会得到的都已经到齐了。",
        ),
        Text(
            "For each pair of a number: add slope times the number's own gradient to what the input has so far, `+=`.",
            "对一个数的每一对：把“斜率 × 这个数自己的梯度”加到该输入已有的值上，用 `+=`。",
        ),
    ),
    cases=some_orders,
    solution=walk,
    observe=read_walk,
    endless=Meaning(
        "WALKS-ROADS",
        en="Your function was still running after 4 seconds: one turn for each number of the list is enough, and nothing must be added to a list that a loop goes through.",
        zh="你的函数 4 秒后仍在运行：列表里的每个数处理一次就够了；也不要往正在遍历的列表里添加东西。",
    ),
    parts=(
        Text("the row of gradients", "各个梯度"),
        Text("the row of all `.grad` afterwards", "之后各个 `.grad`"),
        Text("the list `numbers` afterwards", "之后的列表 `numbers`"),
    ),
    used_in=engine,
    used_with=some_array_orders,
)


def walking(numbers, start=1.0, meet=None, send=None, pairs=list, turned=reversed):
    """Walk with one thing changed: the start, the meeting, the sending, the order."""
    meet = meet or (lambda old, new: old + new)
    send = send or (lambda slope, gradient, a: slope * gradient)
    gradients = dict.fromkeys(numbers, 0.0)
    gradients[numbers[-1]] = start
    for number in turned(numbers):
        for a, slope in pairs(number.slopes):
            gradients[a] = meet(gradients[a], send(slope, gradients[number], a))
    return gradients


@WALK.mistake(
    "OVERWRITES",
    en="What arrives second replaced what had arrived before: where two roads meet, add, `+=`, do not overwrite.",
    zh="后到的把先到的覆盖了：两条路汇合时要相加（`+=`），不要覆盖。",
)
def overwriting(numbers):
    return walking(numbers, meet=lambda old, new: new)


@WALK.mistake(
    "FIRST-ARRIVAL-STAYS",
    en="What arrived first stayed, and what came later was dropped: where two roads meet, add.",
    zh="只留下了先到的，后到的被丢掉了：两条路汇合时要相加。",
)
def first_arrival(numbers):
    return walking(numbers, meet=lambda old, new: old or new)


@WALK.mistake(
    "MULTIPLIES-WHERE-ROADS-MEET",
    en="Where two roads meet, their gradients were multiplied: slopes multiply along one road; side by side, roads are added.",
    zh="两条路汇合时你把梯度相乘了：斜率只在同一条路上相乘；并排的路要相加。",
)
def multiplying(numbers):
    return walking(numbers, meet=lambda old, new: old * new if old else new)


@WALK.mistake(
    "NO-CHAIN",
    en="You added the slopes alone: what a number passes on is the slope times its own gradient, or the way from the result is forgotten.",
    zh="你只加了斜率：一个数送出的是斜率乘以它自己的梯度，否则从结果到它的那一段就丢了。",
)
def slopes_alone(numbers):
    return walking(numbers, send=lambda slope, gradient, a: slope)


@WALK.mistake(
    "GRADIENT-WITHOUT-SLOPE",
    en="What arrived was handed on as it was: on its way along a pair it is multiplied by the slope.",
    zh="到达的梯度原样传了下去：沿着一对送出时，要乘以斜率。",
)
def gradients_alone(numbers):
    return walking(numbers, send=lambda slope, gradient, a: gradient)


@WALK.mistake(
    "SLOPES-ADDED",
    en="Along one road slopes are multiplied, not added: slope times gradient.",
    zh="沿同一条路，斜率要相乘，不是相加：斜率乘以梯度。",
)
def slopes_added(numbers):
    return walking(numbers, send=lambda slope, gradient, a: slope + gradient)


@WALK.mistake(
    "VALUES-MULTIPLIED",
    en="You multiplied by a value, too: a slope says all that is needed of the values; pass on slope times gradient.",
    zh="你还乘上了值：斜率已经包含了值的影响；只送出斜率乘以梯度。",
)
def values_too(numbers):
    return walking(numbers, send=lambda slope, gradient, a: slope * gradient * a.value)


@WALK.mistake(
    "STARTS-AT-ZERO",
    en="All is 0: the walk must begin with 1 at the last number, the slope of the result with itself.",
    zh="全是 0：反向传播要从最后那个数的 1 开始，即结果对自己的斜率。",
    resembles=lambda got, wanted: (
        {it for g, w in both(got, wanted) for it in filled(g[0])} == {0.0}
    ),
)
def without_a_start(numbers):
    return walking(numbers, start=0.0)


@WALK.mistake(
    "STARTS-WITH-THE-VALUE",
    en="You began with the value of the result; its slope with itself is 1.",
    zh="你从结果的值开始了；结果对自己的斜率是 1。",
)
def starting_with_the_value(numbers):
    return walking(numbers, start=numbers[-1].value)


@WALK.mistake(
    "FORWARDS",
    en="Only the last number has sent anything: was the list read from its beginning, before anything had arrived, or does `return` stand inside of the loop?",
    zh="只有最后那个数送出了东西：是不是从列表开头读起，那时什么都还没到？或者 `return` 写进了循环里？",
)
def forwards(numbers):
    return walking(numbers, turned=list)


@WALK.mistake(
    "FORGETS-A-PARENT",
    en="Only one pair of each number was used: pass on along every pair of `slopes`.",
    zh="每个数只用了一对：请沿着 `slopes` 里的每一对送出。",
)
def first_pairs_only(numbers):
    return walking(numbers, pairs=lambda slopes: slopes[:1])


@WALK.variant
def last_pairs_only(numbers):
    return walking(numbers, pairs=lambda slopes: slopes[-1:])


@WALK.variant
def one_pair_for_each_input(numbers):
    return walking(numbers, pairs=lambda slopes: dict(slopes).items())


def filled(numbers):
    """Return a list as it is, and one number in a list."""
    return numbers if isinstance(numbers, list | tuple) else [numbers]


@WALK.mistake(
    "INPUTS-CHANGED",
    en="The list that you were given has changed: `numbers.reverse()` and `pop()` change it for its owner. Go through `reversed(numbers)` instead.",
    zh="交给你的列表变了：`numbers.reverse()` 和 `pop()` 改的是别人的列表。请改用 `reversed(numbers)` 遍历。",
    resembles=lambda got, wanted: any(
        g[0] == w[0] and g[2] != w[2] for g, w in both(got, wanted)
    ),
)
def list_turned_round(numbers):
    numbers.reverse()
    return walk(numbers[::-1])


@WALK.variant
def list_used_up(numbers):
    gradients = walk(numbers)
    numbers.clear()
    return gradients


@WALK.mistake(
    "TOTALS-IN-THE-NUMBERS",
    en="You changed `.grad` of the numbers, where what other walks brought may lie: what one walk brings belongs in a dict of its own.",
    zh="你改动了各个数的 `.grad`，而那里可能存着别的反向传播的结果：一次反向传播得到的，应放进单独的 dict。",
    resembles=lambda got, wanted: any(g[1] != w[1] for g, w in both(got, wanted)),
)
def totals_in_grad(numbers):
    numbers[-1].grad = 1.0
    for number in reversed(numbers):
        for a, slope in number.slopes:
            a.grad += slope * number.grad
    return {number: number.grad for number in numbers}


@WALK.mistake(
    "LEAVES-ONLY",
    en="Some numbers are missing from your dict, or have no gradient: give one for each of the list, also in the middle.",
    zh="你的 dict 里少了一些数，或者它们没有梯度：列表里的每个数都要有，中间的也不例外。",
    resembles=lambda got, wanted: any(
        None in filled(g[0]) and w[0] != g[0] for g, w in both(got, wanted)
    ),
)
def leaves_only(numbers):
    gradients = walk(numbers)
    return {number: gradients[number] for number in numbers if not number.slopes}


@WALK.mistake(
    "KEY-MISSING",
    en="A `KeyError`: something is added to what is not in the dict yet. Begin with 0 for every number of the list, and take each pair apart as (input, slope).",
    zh="出现了 `KeyError`：要加上去的那一项还不在 dict 里。请先为列表里的每个数放一个 0，并按（输入，斜率）拆开每一对。",
    resembles=lambda got, wanted: any(
        getattr(it, "kind", "") == "KeyError" for it in got
    ),
)
def without_zeros(numbers):
    gradients = {numbers[-1]: 1.0}
    for number in reversed(numbers):
        for a, slope in number.slopes:
            gradients[a] += slope * gradients[number]
    return gradients


@WALK.mistake(
    "KEYS-ARE-VALUES",
    en="You took values for keys: two numbers may have the same value, so take the number itself for a key.",
    zh="你用值作了键：两个数的值可能相同，所以请用那个数本身作键。",
)
def values_for_keys(numbers):
    gradients = walk(numbers)
    return {number.value: gradients[number] for number in numbers}


@WALK.variant
def values_for_keys_at_first(numbers):
    gradients = {number.value: 0.0 for number in numbers}
    gradients[numbers[-1].value] = 1.0
    for number in reversed(numbers):
        for a, slope in number.slopes:
            gradients[a.value] += slope * gradients[number.value]
    return {number: gradients[number.value] for number in numbers}


@WALK.mistake(
    "PULLS-FROM-INPUTS",
    en="You added to the number what its inputs have; it goes the other way: its inputs get, each, slope times what the number has.",
    zh="你把输入的梯度加给了这个数；方向反了：应当是每个输入得到“斜率 × 这个数的梯度”。",
)
def pulling(numbers):
    gradients = dict.fromkeys(numbers, 0.0)
    gradients[numbers[-1]] = 1.0
    for number in reversed(numbers):
        for a, slope in number.slopes:
            gradients[number] += slope * gradients[a]
    return gradients


@WALK.mistake(
    "ALL-START-AT-ONE",
    en="Every number began with 1; only the last one does, all others begin with 0.",
    zh="你让每个数都从 1 开始；只有最后那个数是 1，其余都从 0 开始。",
)
def all_ones(numbers):
    gradients = dict.fromkeys(numbers, 1.0)
    for number in reversed(numbers):
        for a, slope in number.slopes:
            gradients[a] += slope * gradients[number]
    return gradients


@WALK.mistake(
    "FORWARD-MODE",
    en="That says how each number changes with the first one (a tangent); the question is how the last one changes with each: begin at the end.",
    zh="这是每个数随第一个数变化的快慢（切线）；要的是最后那个数随每个数变化的快慢：请从末尾开始。",
)
def tangents(numbers):
    gradients = dict.fromkeys(numbers, 0.0)
    gradients[numbers[0]] = 1.0
    for number in numbers:
        for a, slope in number.slopes:
            gradients[number] += slope * gradients[a]
    return gradients


@WALK.mistake(
    "SUBTRACTS",
    en="Where two roads meet, what arrives is added, not subtracted.",
    zh="两条路汇合时，到达的要相加，不是相减。",
)
def subtracting(numbers):
    return walking(numbers, meet=lambda old, new: old - new)


@WALK.mistake(
    "LIST-RETURNED",
    en="Those are gradients, but of which number? Return a dict with a gradient for each number.",
    zh="这些是梯度，但属于哪个数呢？请返回字典，每个数对应一个梯度。",
)
def a_list_of_gradients(numbers):
    return list(walk(numbers).values())


@WALK.variant
def the_last_gradient(numbers):
    return walk(numbers)[numbers[0]]


@WALK.mistake(
    "NEXT-STEP",
    en="Work out y = a · b + a with 3 and 5 on paper: the last number has 1. What does it send along each of its two pairs, and what does the product send on?",
    zh="在纸上走一遍 y = a · b + a（取 3 和 5）：最后那个数是 1。它沿自己的两对各送出什么？乘积又送出什么？",
    resembles=lambda got, wanted: any(g[0] != w[0] for g, w in both(got, wanted)),
)
def slopes_halved(numbers):
    return walking(numbers, send=lambda slope, gradient, a: slope * gradient / 2)


WALK.mistake("NOTHING-RETURNED", lambda numbers: None, en=NO_RETURN.en, zh=NO_RETURN.zh)

# ---------------------------------------------------------------- the second walk

SECOND_WALK = Prediction(
    title=Text("Two walks in place", "就地走两次"),
    lesson=Text(
        "What inner numbers keep is passed on once more; so the totals of a walk belong to the walk, and only leaves add on their own.",
        "中间结果留下的，会被再传一遍；所以一次反向传播的累计属于它自己，只有叶子会自动相加。",
    ),
    hints=(
        Text(
            "Write down `.grad` of `y`, of `a * a` and of `a` after the first walk. Which of the three is set afresh in the second, and which are added to?",
            "写下第一次之后 `y`、`a * a` 和 `a` 的 `.grad`。第二次里，哪个被重新设置，哪些是往上加？",
        ),
        Text(
            "The 3 that `a * a` got the first time is still there; with the second 3 it passes on 6 · 4.",
            "`a * a` 第一次得到的 3 还在；加上第二个 3，它传出去的是 6 · 4。",
        ),
    ),
    truth=36.0,
    mistakes=(
        Mistake(
            "LEAVES-ALONE-ADD",
            2 * 12.0,
            en="So it ought to be, and is in torch (with retain_graph=True); but here the number in the middle keeps its 3 as well, and passes on what it has.",
            zh="本该如此，torch（写上 retain_graph=True）也是这样；但这里中间结果也留着它的 3，而且有多少就传多少。",
        ),
        Mistake(
            "OVERWRITE",
            12.0,
            en="That is what one walk brings; nothing clears `.grad` before the second, and `+=` adds.",
            zh="那是一次反向传播带来的；第二次之前没有清除 `.grad`，而 `+=` 是相加。",
        ),
        Mistake(
            "RESULT-ADDS-TOO",
            12.0 + 36.0,
            en="Nearly: inner numbers do add, but the result is set to 1 afresh; so `a * a` holds 3 + 3 the second time.",
            zh="差一点：中间结果确实会累加，但结果每次都重新设为 1；所以第二次 `a * a` 里是 3 + 3。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            12.0 / 2,
            en="That is less than one walk brings: `a` is used twice, and both uses count.",
            zh="那比一次反向传播带来的还少：`a` 用了两次，两次都算。",
            variants=(3.0,),
        ),
        Mistake(
            "WALKS-MULTIPLIED",
            12.0 * 12,
            en="Two walks are not multiplied: what the second brings is added.",
            zh="两次反向传播不会相乘：第二次带来的是加上去的。",
        ),
        Mistake(
            "CLEARED",
            0.0,
            en="Nothing sets `a.grad` back: only the result gets a fresh 1, and `+=` adds.",
            zh="没有哪一行把 `a.grad` 清零：只有结果重新得到 1，而 `+=` 是相加。",
        ),
        Mistake(
            "GRAPH-FREED",
            "error",
            en="torch would refuse, because it frees what it had saved; here nothing is freed, and the walk runs again.",
            zh="torch 会拒绝，因为它释放了保存的值；这里什么也没有释放，可以再走一次。",
        ),
    ),
)

# ---------------------------------------------------------------- broadcasting

BROADCAST = Prediction(
    title=Text("A row, used twice", "一行，用了两次"),
    lesson=Text(
        "What was stretched on the way forward is summed on the way back.",
        "前向时被拉伸的，反向时要求和。",
    ),
    hints=(
        Text(
            "Write the six products out. In which of them does the first number of `x` stand?",
            "把六个乘积写出来。`x` 的第一个数出现在哪几个里？",
        ),
        Text(
            "It stands in two, once in each row; each use brings what it is multiplied with, and uses are added.",
            "它出现在两个里，每行一个；每次使用传回与它相乘的那个数，各次使用相加。",
        ),
    ),
    truth=[11.0, 22.0, 33.0],
    program="""
x = torch.tensor([5.0, 6.0, 7.0], requires_grad=True)
(torch.tensor([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]) * x).sum().backward()
x.grad
""",
    mistakes=(
        Mistake(
            "ONE-USE-ONLY",
            [1.0, 2.0, 3.0],
            en="That is what one row brings; `x` was used for both rows, and uses are added.",
            zh="那是一行带来的；`x` 两行都用到了，各次使用要相加。",
            variants=([10.0, 20.0, 30.0],),
        ),
        Mistake(
            "ACCUMULATION-AVERAGES",
            [5.5, 11.0, 16.5],
            en="That is the mean over the rows; what comes from several uses is added, and nothing divides it.",
            zh="那是各行的平均；多次使用传回的要相加，不会再除以什么。",
        ),
        Mistake(
            "MATRIX-SHAPED",
            [[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]],
            en="That is what arrives at the stretched `x`, with two rows; `x` itself has three numbers, and each was used twice.",
            zh="那是到达拉伸后的 `x` 的，有两行；`x` 本身只有三个数，每个用了两次。",
        ),
        Mistake(
            "ROWS-SUMMED",
            [6.0, 60.0],
            en="You added along the rows; a number of `x` stands in a column, once in each row: add down the columns.",
            zh="你沿行相加了；`x` 的一个数处在一列里，每行一次：请沿列相加。",
        ),
        Mistake(
            "COUNTED-ONLY",
            [2.0, 2.0, 2.0],
            en="Each number is used twice, but a use brings what it is multiplied with, not 1.",
            zh="每个数确实用了两次，但每次使用传回的是与它相乘的那个数，不是 1。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            [55.0, 132.0, 231.0],
            en="Those are column sums of the products; here a slope does not contain the number's own value.",
            zh="那是各列乘积的和；这里的斜率不含这个数自己的值。",
        ),
    ),
)

# ---------------------------------------------------------------- the sum for broadcasting

SHAPES = (
    ((2, 3), (3,)),
    ((2, 3), (2, 3)),
    ((2, 3), (2, 1)),
    ((2, 3), (1, 3)),
    ((2, 3), ()),
    ((4, 2, 3), (3,)),
    ((4, 2, 3), (2, 1)),
    ((4, 2, 3), (1, 1, 3)),
    ((5, 1), (1,)),
    ((2, 2), (2,)),
    ((), ()),
)


def some_gradients():
    """Yield gradients, and shapes from which they may have been stretched."""
    chance = dice(5)
    for large, small in SHAPES:
        size = int(np.prod(large))
        numbers = [float(chance.randint(-9, 9)) for _ in range(size)]
        yield np.array(numbers).reshape(large), small


def read_fit(result, gradient, shape):
    """Return what was made of a gradient, its shape, and the gradient afterwards."""
    is_array = isinstance(result, float | np.ndarray | np.generic)
    shape = list(np.shape(result)) if is_array else type(result).__name__
    return result, shape, gradient.copy()


FIT = ExerciseBuilder(
    title=Text("The sum for broadcasting", "广播对应的求和"),
    lesson=Text(
        "Stretching uses a number many times, so its gradient is the sum over the stretched axes. The engine now fits with yours.",
        "拉伸就是把一个数用很多次，所以它的梯度是沿拉伸过的轴求和。引擎现在用的是你写的。",
    ),
    hints=(
        Text(
            "numpy lines shapes up from the right. Two things may have happened on the way forward: axes were added on the left, and axes of size 1 were stretched.",
            "numpy 从右边对齐形状。前向时可能发生过两件事：左边多出了几个轴；大小为 1 的轴被拉长。",
        ),
        Text(
            "Sum over the first `gradient.ndim - len(shape)` axes; then over every axis where `shape` says 1, with keepdims=True.",
            "先对最前面的 `gradient.ndim - len(shape)` 个轴求和；再对 `shape` 里写着 1 的轴求和，并加上 keepdims=True。",
        ),
    ),
    cases=some_gradients,
    solution=fit,
    observe=read_fit,
    parts=(
        Text("the result", "结果"),
        Text("its shape", "它的形状"),
        Text("the given `gradient` afterwards", "之后传入的 `gradient`"),
    ),
    used_in=engine,
)


@FIT.mistake(
    "FIRST-ROW-ONLY",
    en="You picked one of the copies; all of them are uses of the same number, so add them.",
    zh="你只取了其中一份；每一份都是同一个数的一次使用，要加起来。",
)
def first_rows(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient[0]
    for axis, size in enumerate(shape):
        if size == 1:
            gradient = gradient.take([0], axis)
    return gradient


@FIT.mistake(
    "ACCUMULATION-AVERAGES",
    en="You took the mean over the copies; uses are added, and nothing divides the sum.",
    zh="你对各份求了平均；各次使用要相加，不再除以什么。",
)
def means(gradient, shape):
    gradient = gradient.mean(axis=tuple(range(gradient.ndim - len(shape))))
    ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.mean(axis=ones, keepdims=True)


@FIT.mistake(
    "AXES-OF-ONE-FORGOTTEN",
    en="Axes that were added on the left are summed, but an axis of size 1 in `shape` was stretched as well: sum over it, and keep it with keepdims=True.",
    zh="左边多出的轴已经求和，但 `shape` 中大小为 1 的轴也被拉长过：同样要求和，并用 keepdims=True 保留这个轴。",
)
def leading_axes_only(gradient, shape):
    return gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))


@FIT.variant
def until_as_many_axes(gradient, shape):
    while np.ndim(gradient) > len(shape):
        gradient = gradient.sum(axis=0)
    return gradient


@FIT.mistake(
    "LEADING-AXES-FORGOTTEN",
    en="Axes of size 1 are summed, but `gradient` may also have more axes than `shape`: sum over those on the left first.",
    zh="大小为 1 的轴已经求和，但 `gradient` 的轴可能比 `shape` 多：请先对左边多出的轴求和。",
)
def ones_only(gradient, shape):
    ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return gradient.sum(axis=ones, keepdims=True)


@FIT.mistake(
    "KEEPDIMS-FORGOTTEN",
    en="An axis of size 1 must still be there: without keepdims=True the sum drops it.",
    zh="大小为 1 的轴必须保留：不加 keepdims=True，求和会把它去掉。",
)
def axes_dropped(gradient, shape):
    gradient = gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))
    return gradient.sum(axis=tuple(n for n, size in enumerate(shape) if size == 1))


@FIT.mistake(
    "SUM-OF-ALL",
    en="You summed everything into one number; sum only over the axes that were stretched.",
    zh="你把所有数加成了一个；只应对被拉伸的轴求和。",
)
def sum_of_all(gradient, shape):
    return gradient.sum()


@FIT.variant
def sum_of_all_spread(gradient, shape):
    return np.full(shape, gradient.sum())


@FIT.mistake(
    "FIRST-AXIS-ALWAYS",
    en="You summed over the first axis, whatever `shape` says: sum only over axes that were stretched; there may be none, or several.",
    zh="不管 `shape` 是什么，你都对第一个轴求和了：只对被拉伸过的轴求和；可能一个也没有，也可能有好几个。",
)
def sum_over_first_axis(gradient, shape):
    return gradient.sum(axis=0)


@FIT.variant
def sum_over_first_axis_if_any(gradient, shape):
    return gradient.sum(axis=0) if gradient.ndim else gradient


@FIT.variant
def python_sum(gradient, shape):
    return sum(gradient)


@FIT.mistake(
    "RESIZED",
    en="The shape is right, but numbers were cut off or moved: what came back from each copy has to be added.",
    zh="形状对了，但有些数被截掉或挪动了；各份传回的数应当相加。",
)
def resized(gradient, shape):
    return np.resize(gradient, shape)


@FIT.mistake(
    "RIGHT-AXES-SUMMED",
    en="numpy lines shapes up from the right, so added axes stand on the left: sum over the first axes, not the last.",
    zh="numpy 从右边对齐形状，所以多出的轴在左边：请对最前面的轴求和，不是最后面的。",
)
def last_axes(gradient, shape):
    while np.ndim(gradient) > len(shape):
        gradient = gradient.sum(axis=-1)
    for axis, size in enumerate(shape):
        if size == 1 and axis < np.ndim(gradient):
            gradient = gradient.sum(axis=axis, keepdims=True)
    return gradient


@FIT.mistake(
    "AXES-SHIFTED",
    en="Axes of size 1 were summed while `gradient` still had more axes on the left, so other axes were hit: sum over those on the left first.",
    zh="左边多出的轴还在，你就对大小为 1 的轴求和了，结果找错了轴：请先对左边多出的轴求和。",
)
def ones_first(gradient, shape):
    ones = tuple(axis for axis, size in enumerate(shape) if size == 1)
    gradient = gradient.sum(axis=ones, keepdims=True)
    return gradient.sum(axis=tuple(range(gradient.ndim - len(shape))))


@FIT.mistake(
    "LIST-RETURNED",
    en="The numbers may be right, but this is no numpy array, and the walk has to compute with it: return an array.",
    zh="数也许是对的，但返回的不是 numpy 数组，而反向传播还要用它计算：请返回数组。",
    resembles=lambda got, wanted: any(
        type(g[1]) is str and g[1] != "NoneType" for g, w in both(got, wanted)
    ),
)
def a_list(gradient, shape):
    return fit(gradient, shape).tolist()


@FIT.mistake(
    "RETURNED-AS-IT-CAME",
    en="The gradient came back in its own shape; the number that was stretched needs one of `shape`, with the uses added.",
    zh="梯度原样返回了；被拉伸的数需要的是形状为 `shape` 的梯度，即把各次使用相加。",
)
def as_it_came(gradient, shape):
    return gradient


@FIT.mistake(
    "BROADCASTS-AGAIN",
    en="Neither stretching nor reshaping adds anything up: on the way back the copies are summed.",
    zh="再拉伸也好，改变形状也好，都没有相加；往回走时，各份要求和。",
)
def stretched_again(gradient, shape):
    return np.broadcast_to(gradient, shape)


@FIT.variant
def reshaped(gradient, shape):
    return gradient.reshape(shape)


@FIT.mistake(
    "INPUTS-CHANGED",
    en="The result may be right, but the given `gradient` has changed, and it is not yours: make a new array.",
    zh="结果也许是对的，但传入的 `gradient` 变了，而它不归你所有：请另建一个数组。",
    resembles=lambda got, wanted: any(g[2] != w[2] for g, w in both(got, wanted)),
)
def gradient_overwritten(gradient, shape):
    result = fit(gradient, shape)
    gradient *= 0
    return result


@FIT.mistake(
    "WHICH-AXES",
    en="Which axes were stretched? Those on the left that `shape` lacks, and those where it says 1: sum over these, over no others, and keep the latter.",
    zh="哪些轴被拉伸过？左边 `shape` 里没有的那些，以及它写着 1 的那些：只对这些轴求和，后者要保留。",
    resembles=lambda got, wanted: any(g[0] != w[0] for g, w in both(got, wanted)),
)
def ones_everywhere(gradient, shape):
    return np.ones(shape)


FIT.mistake(
    "NOTHING-RETURNED", lambda gradient, shape: None, en=NO_RETURN.en, zh=NO_RETURN.zh
)

# ---------------------------------------------------------------- a wrong factor

WRONG_FACTOR = Prediction(
    title=Text("A factor that is wrong", "错误的系数"),
    lesson=Text(
        "torch believes a rule that you write; a comparison with differences can tell.",
        "你写的规则，torch 照单全收；与差分比较，能发现错误。",
    ),
    hints=(
        Text(
            "torch calls your `backward` and takes what it returns. Does it look at `forward` for that?",
            "torch 会调用你的 `backward`，并采用它返回的值。这时它会去看 `forward` 吗？",
        ),
        Text(
            "1 arrives; work out the second of the two numbers that `backward` returns.",
            "到达的是 1；算出 `backward` 返回的两个数中的第二个。",
        ),
    ),
    truth=6.0,
    program="""
class Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ctx.save_for_backward(a, b)
        return a * b

    @staticmethod
    def backward(ctx, gradient):
        a, b = ctx.saved_tensors
        return gradient * b, 2 * gradient * a


a, b = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in (3.0, 5.0))
Product.apply(a, b).backward()
b.grad
""",
    mistakes=(
        Mistake(
            "TORCH-KNOWS-BETTER",
            3.0,
            en="That is the true slope; but torch does not work it out, it takes what your `backward` returns.",
            zh="那是真正的斜率；但 torch 不会自己去算，它采用的就是你的 `backward` 返回的值。",
        ),
        Mistake(
            "OTHER-INPUT",
            5.0,
            en="That is made of the 5 in `b`; what `backward` returns second goes to `b`: what is it made of?",
            zh="那是用 `b` 的 5 算的；`b` 得到的是 `backward` 返回的第二个数：它是用什么算的？",
            variants=(10.0,),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            15.0,
            en="That is the value of the product, or twice as much; `b.grad` is what `backward` returns for `b`.",
            zh="那是乘积的值，或它的两倍；`b.grad` 是 `backward` 为 `b` 返回的值。",
            variants=(30.0,),
        ),
        Mistake(
            "TORCH-CHECKS",
            "error",
            en="No error comes: torch does not compare values. That is what makes a wrong factor dangerous.",
            zh="不会报错：torch 并不核对这些值。错误的系数正因此而危险。",
        ),
        Mistake(
            "FACTOR-ALONE",
            2.0,
            en="2 is the wrong factor alone; it is multiplied by what arrives, and by `a`.",
            zh="2 只是那个错误的系数；它还要乘以到达的梯度和 `a`。",
        ),
    ),
)

LESSONS = {
    "build_autograd/pairs": PAIRS,
    "build_autograd/product_slopes": PRODUCT_SLOPES.build(),
    "build_autograd/visits": VISITS,
    "build_autograd/order": ORDER.build(),
    "build_autograd/walk": WALK.build(),
    "build_autograd/second_walk": SECOND_WALK,
    "build_autograd/broadcast": BROADCAST,
    "build_autograd/fit": FIT.build(),
    "build_autograd/wrong_factor": WRONG_FACTOR,
}
