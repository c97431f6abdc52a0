"""Lesson 6: the graph of a result is what led to it, in this run."""

import math
from numbers import Real

import numpy as np
import torch
from torch import Tensor

from ..language import Text
from .model import ExerciseBuilder, Meaning, Mistake, Prediction, dice


def gradient(result, start):
    """Return what a walk back from the sum of a result brings to a new leaf."""
    x = torch.tensor(start, requires_grad=True)
    result(x).sum().backward()
    return x.grad


NO_RETURN = Text(
    "Your function returns nothing: print only shows a result, `return` hands it over.",
    "你的函数什么也没有返回：print 只是显示结果，`return` 才把它交出来。",
)

# ---------------------------------------------------------------- what ran

START = -3.0


def grow(a, turns=3, factor=5):
    """Return what the notebook's grow gives, where so many turns run."""
    return factor * (a - 1) * 2**turns


WHAT_RAN = Prediction(
    title=Text("A run that begins with a shift", "先做减法的那次运行"),
    lesson=Text(
        "The graph holds what led to the result: the subtraction, every doubling, and the one branch that ran.",
        "图中是通向结果的各步：减法、执行过的每一次加倍，以及执行过的那个分支。",
    ),
    hints=(
        Text(
            "Write down b after each line that ran for this number, from the first line to the chosen branch; everything else only answered a question.",
            "对这个数，写出每执行一行之后的 b，从第一行一直到选中的分支；其他语句只是在回答问题。",
        ),
        Text(
            "Each step has a factor by which it stretches a change: a shift 1, a doubling 2, the branch for a negative b its own. Multiply them along the path.",
            "每一步都把变化量放大一个倍数：平移是 1，加倍是 2，b 为负时那个分支有自己的倍数。沿着路把它们相乘。",
        ),
    ),
    truth=40.0,
    program="""
def grow(a):
    b = a - 1
    while b.norm() < 30:
        b = b * 2
    return b if b > 0 else 5 * b


a = torch.tensor(-3.0, requires_grad=True)
grow(a).backward()
a.grad
""",
    mistakes=(
        Mistake(
            "BRANCH-NOT-DIFFERENTIATED",
            lambda: gradient(lambda a: grow(a, factor=1), START),
            en="Those are the doublings alone: b was negative, so `5 * b` ran as well, and it is recorded like any other step.",
            zh="那只是各次加倍；b 为负，所以 `5 * b` 也执行了，它和其他步骤一样被记录。",
        ),
        Mistake(
            "LOOP-BODY-ONCE",
            lambda: gradient(lambda a: grow(a, turns=1), START),
            en="That counts the loop's body once: each turn of `while` did one more multiplication by 2, and each of them counts.",
            zh="那样循环体只算了一次：`while` 每一轮都多做一次乘 2，每一次都算数。",
        ),
        Mistake(
            "IF-BREAKS-AUTOGRAD",
            "error",
            en="Python's while and if are no obstacle: they decide what runs, and what runs is recorded. A number arrives.",
            zh="Python 的 while 和 if 不是障碍：它们决定执行什么，执行了的就被记录。会有一个数到达。",
            variants=(None,),
        ),
        Mistake(
            "SIGN-IN-THE-SLOPE",
            lambda: -gradient(grow, START),
            en="`a` is negative, but that alone does not make the slope negative: which of the factors that ran has a minus?",
            zh="`a` 是负的，但斜率并不因此就是负的：执行过的因子里，哪一个带负号？",
        ),
        Mistake(
            "BRANCHES-AVERAGED",
            lambda: gradient(lambda a: (grow(a) + grow(a, factor=1)) / 2, START),
            en="That is the mean of both branches; only one of the two ran, and it counts in full.",
            zh="那是两个分支的平均；实际只执行了一个分支，并且全部计入。",
        ),
        Mistake(
            "BRANCHES-ADDED",
            lambda: gradient(lambda a: grow(a) + grow(a, factor=1), START),
            en="That is the sum of both branches; only one of the two ran, and the other is not in the graph.",
            zh="那是两个分支之和；实际只执行了一个，另一个不在图中。",
        ),
        Mistake(
            "SLOPE-IS-A-QUOTIENT",
            lambda: grow(START) / START,
            en="That comes from d / a, which would be the slope if d were a multiple of `a`; but something was subtracted on the way.",
            zh="那来自 d / a。如果 d 是 `a` 的倍数，d / a 才等于斜率；可是途中减去了一个数。",
            variants=(lambda: -grow(START) / START,),
        ),
        Mistake(
            "SLOPE-TIMES-A",
            lambda: gradient(grow, START) * START,
            en="`a` itself is no factor of the slope: only what multiplies it on the way is.",
            zh="`a` 本身不是斜率的因子：途中乘在它上面的数才是。",
        ),
        Mistake(
            "SHIFT-HAS-NO-SLOPE",
            0.0,
            en="The 1 is a constant and has no slope, but `a - 1` has: it changes exactly as fast as `a`.",
            zh="1 是常数，没有斜率；但 `a - 1` 有：它与 `a` 变化得一样快。",
        ),
        Mistake(
            "OFF-BY-ONE",
            lambda: gradient(lambda a: grow(a, turns=2), START),
            en="Nearly: the number of doublings is off by one. Begin with b = -4 and write b down after each turn, until its size is no longer below 30.",
            zh="差一点：加倍的次数差了一次。从 b = -4 开始，写出每一轮之后的 b，直到它的绝对值不再小于 30。",
            variants=(lambda: gradient(lambda a: grow(a, turns=4), START),),
        ),
        Mistake(
            "SYMBOLIC",
            lambda: 5 * 3 * 2.0**2,
            en="That differentiates 2³ by its base, as if the 2 were the variable; but each turn simply multiplied by 2.",
            zh="那是把 2³ 对底数求了导，好像 2 是变量；可每一轮不过是乘以 2。",
        ),
        Mistake(
            "FACTORS-ADDED",
            2 + 2 + 2 + 5,
            en="Factors one behind the other multiply: two doublings make a factor of 4, three make 8.",
            zh="一个接一个的因子要相乘：加倍两次是 4 倍，三次是 8 倍。",
            variants=((2 + 2 + 2) * 5, 1 + 2 + 2 + 2 + 5, 2**3 + 5),
        ),
    ),
)

# ---------------------------------------------------------------- the exact slope

JUMP = 1000 / 1024  # from here on f needs one doubling less
LATER_JUMP = 1000 / 2**12  # the four digits that a verdict shows lie below it


def beside(jump):
    """Return the float just nearer to 0 than a jump, and the one beyond it."""
    return math.nextafter(jump, 0), math.nextafter(jump, 2 * jump)


def numbers():
    """Yield floats of both signs and of many sizes, also those where f jumps."""
    chance = dice(6)
    for a in (0.3, 500.0, -500.0, JUMP, -JUMP, 1500.0, -4000.0, 700.0):
        yield (a,)
    for a in (1000 / 2**33, -1000 / 2**22, 2e-9, -3e-7, 9e8, -2e6):
        yield (a,)
    for _ in range(32):
        size = chance.uniform(1.1, 1.9) * 1000 / 2 ** chance.randint(1, 12)
        yield (chance.choice((-size, size)),)
    for a in (LATER_JUMP * (1 - 1e-9), *beside(LATER_JUMP), *beside(-1000 / 2**25)):
        yield (a,)


def exactly(result, a):
    """Observe a number; where it is near the slope, all its digits as well.

    So equality is asked for, and a verdict shows the digit that is off.
    """
    if not isinstance(result, Real | Tensor):
        return result
    number = float(result)
    near = math.isclose(number, slope(a), rel_tol=1e-6)
    digits = repr(number) if near else ""
    return torch.tensor(number, dtype=torch.float64), digits


def slope(a):
    k = 2.0
    while abs(a * k) < 1000:
        k *= 2
    return k if a > 0 else 100 * k


def f(a):
    """Return what the notebook's f gives, for a float or a tensor."""
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return b if b > 0 else 100 * b


FOR_EVER_BELOW = Text(
    "A negative number stays below 1000 for ever, however often it is doubled; the norm() in f is its absolute value, abs().",
    "负数无论加倍多少次都小于 1000；f 里的 norm() 取的是绝对值，即 abs()。",
)

SLOPE = ExerciseBuilder(
    title=Text("The slope, to the last bit", "精确到最后一位的斜率"),
    lesson=Text(
        "Multiply what ran: that is all that autograd does, and it is exact here.",
        "把执行过的因子相乘：自动微分做的正是这件事，在这里它是精确的。",
    ),
    hints=(
        Text(
            "On each run f is a plain factor times `a`. Build up that factor, and never divide, subtract or round.",
            "每次运行时，f 都是一个固定的倍数乘以 `a`。请直接把这个倍数乘出来，不要做除法、减法，也不要舍入。",
        ),
        Text(
            "Start with k = 2 for the first line; double k as long as f would double, so while abs(a * k) is below 1000; then ask for the sign of `a`.",
            "从 k = 2（第一行）开始；只要 f 还会加倍，即 abs(a * k) 小于 1000，就让 k 加倍；最后看 `a` 的符号。",
        ),
    ),
    cases=numbers,
    solution=slope,
    observe=exactly,
    endless=Meaning("ABS-FORGOTTEN", en=FOR_EVER_BELOW.en, zh=FOR_EVER_BELOW.zh),
    tolerance=0.0,
)


def in_float32(function):
    """Return a function of a float that computes with a float32 tensor."""
    return lambda a: function(torch.tensor(a, dtype=torch.float32))


def numbers_of(got, wanted):
    """Pair what came with the slope; raise where something else than numbers came."""
    pairs = zip(got, wanted, strict=True)
    return [(float(seen[0]), float(right[0])) for seen, right in pairs]


def stops_early(got, wanted):
    """Tell whether only the numbers that need the most doublings are wrong."""
    sides = {True: [], False: []}
    for one, right in numbers_of(got, wanted):
        doubled = right if math.frexp(right)[0] == 0.5 else right / 100
        sides[one == right].append(doubled)
    return max(sides[True]) < min(sides[False])


def is_rounded(got, wanted):
    """Tell whether all is near, and exact wherever the factor 100 did not run."""
    pairs = numbers_of(got, wanted)
    near = all(math.isclose(*pair, rel_tol=1e-6) for pair in pairs)
    powers = [pair for pair in pairs if math.frexp(pair[1])[0] == 0.5]
    return near and all(one == right for one, right in powers)


@SLOPE.mistake(
    "FLOATS-ARE-EXACT",
    en="Very near, but not equal: `100 * b` was rounded, and the division rounds again; multiply the factors themselves instead.",
    zh="非常接近，但不相等：`100 * b` 已经舍入过，除法又舍入一次；请直接把各个因子相乘。",
    resembles=is_rounded,
)
def divided(a):
    return f(a) / a


SLOPE.variant(in_float32(divided))
SLOPE.variant(lambda a: in_float32(f)(a).item() / a)


@SLOPE.mistake(
    "BRANCH-IGNORED",
    en="The positive numbers are right; for a negative one the factor 100 of the else branch belongs to the slope.",
    zh="正数都对；对负数，else 分支的因子 100 也属于斜率。",
)
def all_doublings(a):
    return slope(abs(a))


SLOPE.mistake(
    "BRANCHES-SWAPPED",
    lambda a: 100 * slope(a) if a > 0 else slope(-a),
    en="A positive number takes the branch without the factor 100; only a negative one goes into the `else`.",
    zh="正数走的是没有因子 100 的分支；只有负数才会进入 `else`。",
)

SLOPE.mistake(
    "BRANCH-IGNORED",
    lambda a: 100 * all_doublings(a),
    en="The negative numbers are right; a positive one returns before the factor 100, so its slope is without it.",
    zh="负数都对；正数走的分支里没有因子 100，所以它的斜率也没有。",
)

SLOPE.mistake(
    "BRANCHES-ADDED",
    lambda a: 101 * all_doublings(a),
    en="You added both branches; only one of them ran, and the other is not in the graph.",
    zh="你把两个分支加了起来；实际只执行了一个，另一个不在图中。",
)

SLOPE.mistake(
    "BRANCHES-AVERAGED",
    lambda a: 50.5 * all_doublings(a),
    en="You took the mean of both branches; only one of them ran, and it counts in full.",
    zh="你取了两个分支的平均；实际只执行了一个，并且全部计入。",
)

SLOPE.mistake(
    "LAST-STEP-ONLY",
    lambda a: 2.0 if a > 0 else 100.0,
    en="That is the factor of the last step alone; the doublings before it multiply, too.",
    zh="那只是最后一步的因子；它之前的各次加倍也要相乘。",
)
SLOPE.variant(lambda a: 1.0 if a > 0 else 100.0)


def nearly_nothing(got, wanted):
    """Tell slopes that cancel out, as if the count of turns changed with the number."""
    return all(abs(one) < 1e-6 * right for one, right in numbers_of(got, wanted))


SLOPE.mistake(
    "SYMBOLIC",
    lambda a: 1000 / abs(a) * (1 if a > 0 else 100),
    en="The number of turns is no part of the formula: it was counted, not differentiated. On each run f is a whole number of doublings.",
    zh="循环的轮数不属于公式：它是数出来的，没有参与求导。每次运行时，f 都是整数次加倍。",
    resembles=nearly_nothing,
)


def is_near(got, wanted):
    """Tell whether most are near but not all exact, as quotients of any step are."""
    pairs = numbers_of(got, wanted)
    near = [pair for pair in pairs if math.isclose(*pair, rel_tol=1e-2)]
    return len(near) > len(pairs) / 2 and any(one != right for one, right in near)


@SLOPE.mistake(
    "FINITE-DIFFERENCE",
    en="A difference quotient comes near the slope and is rounded; count the doublings instead, then no step size is needed.",
    zh="差商只能接近斜率，而且有舍入；请改为数加倍的次数，这样就不需要步长。",
    resembles=is_near,
)
def difference_quotient(a, step=1e-6):
    return (f(a + step) - f(a)) / step


@SLOPE.variant
def middle_quotient(a, step=1e-4):
    return (f(a + step) - f(a - step)) / (2 * step)


@SLOPE.variant
def wide_quotient(a):
    return f(a + 1) - f(a)


@SLOPE.mistake(
    "SIGN-IN-THE-SLOPE",
    en="A negative `a` makes f negative, not its slope: every factor that ran is positive.",
    zh="负的 `a` 使 f 为负，但斜率不为负：执行过的每个因子都是正的。",
)
def sign_carried_over(a):
    return math.copysign(slope(a), a)


SLOPE.variant(lambda a: math.copysign(all_doublings(a), a))


@SLOPE.mistake(
    "FIRST-STEP-FORGOTTEN",
    en="f doubles once before its loop, in the first line: that factor counts too, even where the loop never runs.",
    zh="f 在循环之前的第一行就加倍了一次：即使循环一次也不执行，这个因子也要计入。",
)
def first_step_forgotten(a):
    k = 1.0
    while abs(a * k) < 1000:
        k *= 2
    return k if a > 0 else 100 * k


SLOPE.variant(lambda a: slope(a) / 2)
SLOPE.variant(lambda a: all_doublings(a) / 2)
SLOPE.variant(lambda a: first_step_forgotten(abs(a)))


@SLOPE.variant
def divided_without_the_first_step(a):
    b = a * first_step_forgotten(abs(a))
    return (b if b > 0 else 100 * b) / a


def from_logarithm(rounding):
    """Return a function that gets the doublings from a logarithm, rounded so."""
    return lambda a: (1 if a > 0 else 100) * 2.0 ** rounding(math.log2(1000 / abs(a)))


SLOPE.mistake(
    "LOGARITHM-ROUNDED",
    from_logarithm(math.floor),
    en="A count from a logarithm must be rounded up, and be 1 at least, because the first line always doubles; and beside a jump it may still be one off, for logarithms are rounded.",
    zh="用对数来数加倍的次数，要向上取整，并且至少为 1，因为第一行总会加倍；即使这样，在跳跃点旁边仍可能差一次，因为对数本身有舍入。",
)
SLOPE.variant(from_logarithm(round))
SLOPE.variant(from_logarithm(math.ceil))


def is_off_beside_jumps(got, wanted):
    """Tell whether one doubling is too few or too many, at a jump or right beside it."""
    cases = zip(numbers(), numbers_of(got, wanted), strict=True)
    wrong = [(abs(a), one / right) for (a,), (one, right) in cases if one != right]
    scaled = [(math.frexp(a / JUMP)[0], ratio) for a, ratio in wrong]
    return all(
        ratio in (0.5, 2.0) and min(abs(part - 0.5), abs(part - 1)) < 1e-12
        for part, ratio in scaled
    )


SLOPE.mistake(
    "LOGARITHM-ROUNDED",
    from_logarithm(lambda turns: max(1, math.ceil(turns))),
    en="Right except at a jump or a hair beside it: logarithms and quotients are rounded, and there they may be one doubling off. A loop counts exactly.",
    zh="除了跳跃点和紧靠它的地方都对：对数和除法有舍入，在那里可能差一次加倍。用循环来数才精确。",
    resembles=is_off_beside_jumps,
)

SLOPE.mistake(
    "FLOAT32",
    in_float32(slope),
    en="Right except just below a jump, as at a = 0.24414062499999997: float32 has only about seven digits and rounds it to the jump. Use plain floats, or dtype=torch.float64.",
    zh="除了紧靠跳跃点的地方都对，例如 a = 0.24414062499999997：float32 只有约七位有效数字，会把它舍入到跳跃点上。请用普通的浮点数，或者 dtype=torch.float64。",
)

SLOPE.mistake(
    "LOOP-BODY-ONCE",
    lambda a: 2.0 if a > 0 else 200.0,
    en="That leaves the turns of the loop uncounted: how many run depends on `a`, and each is one more factor of 2.",
    zh="那样没有数循环的轮数：执行多少轮取决于 `a`，每一轮都多一个因子 2。",
)
SLOPE.variant(lambda a: 4.0 if a > 0 else 400.0)
SLOPE.variant(lambda a: 2.0)

SLOPE.mistake(
    "ONE-DOUBLING-TOO-MANY",
    lambda a: 2 * slope(a),
    en="Everything is twice too large: one doubling was counted that f does not run. Does your loop start from `a` or from `a * 2`?",
    zh="所有结果都大了一倍：多数了一次 f 并没有执行的加倍。你的循环是从 `a` 还是从 `a * 2` 开始的？",
)
SLOPE.variant(lambda a: 2 * all_doublings(a))


@SLOPE.mistake(
    "JUMP-SIDE",
    en="Right except at a jump, as at a = 500: where the number is exactly 1000, `< 1000` is False, and f does not double once more.",
    zh="除了跳跃点都对，例如 a = 500：恰好等于 1000 时，`< 1000` 为假，f 不会再加倍。",
)
def jump_counted_twice(a):
    k = 2.0
    while abs(a * k) <= 1000:
        k *= 2
    return k if a > 0 else 100 * k


@SLOPE.mistake("ABS-FORGOTTEN", en=FOR_EVER_BELOW.en, zh=FOR_EVER_BELOW.zh)
def abs_forgotten(a):
    k = 2
    while a * k < 1000:
        k *= 2
    return k if a > 0 else 100 * k


@SLOPE.mistake(
    "GUARD-TOO-TIGHT",
    en="Right for all but the smallest numbers: these need more doublings than your loop allows.",
    zh="除了最小的那些数都对：它们需要的加倍次数，比你的循环允许的还多。",
    resembles=stops_early,
)
def guard_too_tight(a, most=20):
    k = 2.0
    for _ in range(most):
        if not abs(a * k) < 1000:
            break
        k *= 2
    return k if a > 0 else 100 * k


@SLOPE.mistake(
    "START-LEFT-OUT",
    en="Your loop asks how large the factor is; f asks how large the number is, so `a` belongs in the condition.",
    zh="你的循环看的是倍数有多大；f 看的是数有多大，所以条件里要有 `a`。",
)
def start_left_out(a):
    k = 2.0
    while k < 1000:
        k *= 2
    return k if a > 0 else 100 * k


SLOPE.variant(lambda a: 1024.0)
SLOPE.variant(lambda a: 102400.0)

SLOPE.mistake(
    "GRAD-IS-VALUE",
    f,
    en="That is the value of f at `a`, not its slope there: the factor by which f multiplies `a`.",
    zh="那是 f 在 `a` 处的值；题目问的是斜率，也就是 f 把 `a` 放大了多少倍。",
)
SLOPE.variant(in_float32(f))
SLOPE.variant(lambda a: abs(f(a)))
SLOPE.variant(lambda a: a * all_doublings(a))


@SLOPE.mistake(
    "FACTORS-ADDED",
    en="Factors one behind the other multiply: n doublings make the slope 2 ** n, not n or 2 * n, and the branch multiplies it by 100.",
    zh="一个接一个的因子要相乘：n 次加倍使斜率为 2 ** n，而不是 n 或 2 * n；分支再乘以 100。",
)
def doublings(a):
    """Count them, the first line's included."""
    return int(math.log2(all_doublings(a)))


SLOPE.variant(lambda a: 2 * doublings(a))
SLOPE.variant(lambda a: doublings(a) * (1 if a > 0 else 100))
SLOPE.variant(lambda a: 2 * doublings(a) * (1 if a > 0 else 100))
SLOPE.variant(lambda a: 2 * doublings(a) + (0 if a > 0 else 100))
SLOPE.variant(lambda a: all_doublings(a) + (0 if a > 0 else 100))


SLOPE.mistake("NOTHING-RETURNED", lambda a: None, en=NO_RETURN.en, zh=NO_RETURN.zh)

# ---------------------------------------------------------------- only decides

PREDICATE = Prediction(
    title=Text("A threshold to be learned", "要学出来的阈值"),
    lesson=Text(
        "A comparison has no history: what only decides, or did not run, is not in the graph.",
        "比较没有来历：只做判断的，和没有执行的，都不在图中。",
    ),
    hints=(
        Text(
            "Write down the one formula that computed y on this run. Which letters stand in it?",
            "写出这次运行中真正算出 y 的那个式子。式子里有哪些字母？",
        ),
        Text(
            "First: which side of the `if` runs for these numbers? Then: which leaves are factors of that product? Nothing else is reached.",
            "先看：对这些数，`if` 执行的是哪一边？再看：那个乘积的因子是哪些叶子？其他的都到不了。",
        ),
    ),
    truth=[True, False, True, False],
    program="""
x, t, p, q = (torch.tensor(v, requires_grad=True) for v in (2.0, 1.0, 3.0, 5.0))
y = p * x if x > t else q * x
y.backward()
reached = [leaf.grad is not None for leaf in (x, t, p, q)]
reached
""",
    mistakes=(
        Mistake(
            "GRAD-EVERYWHERE",
            [True, True, True, True],
            en="A flag alone brings no gradient: ask of each leaf whether an arrow leads from it to y.",
            zh="光有标志不会带来梯度：请对每个叶子问一问，有没有箭头从它通到 y。",
        ),
        Mistake(
            "PREDICATE-GRAD",
            [True, True, True, False],
            en="You count the comparison among the steps to y; but is there anything in y that was computed from its answer?",
            zh="你把比较也算作通向 y 的一步；可是 y 里有什么是用它的答案算出来的吗？",
            variants=([True, True, False, True],),
        ),
        Mistake(
            "BRANCHES-ADDED",
            [True, False, True, True],
            en="You let both sides of the `if` run; Python computes one of them, and the other never comes to be.",
            zh="你让 `if` 的两边都执行了；Python 只计算其中一边，另一边根本没有产生。",
        ),
        Mistake(
            "BRANCHES-SWAPPED",
            [True, False, False, True],
            en="Which side runs? Compare the values of x and t once more.",
            zh="执行的是哪一边？请再比较一下 x 和 t 的值。",
        ),
        Mistake(
            "X-ONLY-DECIDES",
            [False, False, True, False],
            en="x does two things here: it is compared, and it is a factor. The one does not undo the other.",
            zh="x 在这里做了两件事：参与比较，又是一个因子。前者并不抵消后者。",
            variants=([False, False, True, True], [False, True, True, False]),
        ),
        Mistake(
            "ONE-FACTOR-ONLY",
            [True, False, False, False],
            en="A product sends a gradient to each of its factors that requires grad, not to x alone.",
            zh="乘积会给每个需要梯度的因子各送一个梯度，而不是只给 x。",
        ),
        Mistake(
            "IF-BREAKS-AUTOGRAD",
            "error",
            en="A comparison of tensors may decide an `if`: it becomes a plain bool, and the chosen branch is recorded as usual.",
            zh="张量的比较可以用在 `if` 里：它会变成一个普通的布尔值，选中的分支照常记录。",
            variants=([False, False, False, False],),
        ),
        Mistake(
            "NONE-IS-ZERO",
            lambda: [3.0, 0.0, 2.0, 0.0],
            en="You wrote down gradients, and 0 where you expect none; what is asked is only to which leaf one comes: True or False for each.",
            zh="你写的是梯度，没有的地方写了 0；题目只问哪些叶子会收到梯度：每个写 True 或 False。",
        ),
    ),
)

# ---------------------------------------------------------------- a count

LOOP_COUNT = Prediction(
    title=Text("A count taken from x", "由 x 决定的轮数"),
    lesson=Text(
        "The turns that ran are differentiated; their number is a plain int.",
        "求导的是执行过的每一轮；轮数只是一个普通整数。",
    ),
    hints=(
        Text(
            "Write out the multiplications of all the turns, one by one, without a loop and without `int`.",
            "把每一轮的乘法一一写出来，不用循环，也不用 `int`。",
        ),
        Text(
            "x is a factor in every turn, and each place brings a gradient of its own: the product of all the other factors. Add them.",
            "每一轮里 x 都是一个因子，每一处都带来自己的梯度：其余所有因子的乘积。把它们相加。",
        ),
    ),
    truth=36.75,
    program="""
def power(x):
    y = torch.tensor(1.0)
    for _ in range(int(x.item())):
        y = y * x
    return y


x = torch.tensor(3.5, requires_grad=True)
power(x).backward()
x.grad
""",
    mistakes=(
        Mistake(
            "SYMBOLIC",
            lambda: gradient(lambda x: x**x, 3.5),
            en="That is the slope of x ** x; autograd never saw that formula, only the multiplications that the loop ran.",
            zh="那是 x ** x 的斜率；自动微分没见过这个公式，只见过循环里执行的乘法。",
        ),
        Mistake(
            "SYMBOLIC",
            lambda: gradient(lambda x: x**3.5, 3.5),
            en="That is the slope of x to the power 3.5; but a loop makes only whole turns.",
            zh="那是 x 的 3.5 次方的斜率；但循环只能执行整数轮。",
        ),
        Mistake(
            "FIRST-STEP-FORGOTTEN",
            lambda: gradient(lambda x: 3.5 * x * x, 3.5),
            en="y begins as a constant, but the first turn multiplies it by x, and that product is recorded like the others.",
            zh="y 起初是常数，但第一轮就乘了 x，这个乘积和其他的一样被记录。",
        ),
        Mistake(
            "INT-KILLS-GRADIENT",
            0.0,
            en="The count carries no gradient, true; but `y * x` in the loop uses x itself, and that path is open.",
            zh="轮数确实不传梯度；但循环里的 `y * x` 用的是 x 本身，这条路是通的。",
            variants=(None,),
        ),
        Mistake(
            "INT-CHANGES-X",
            lambda: gradient(lambda x: x * x * x, 3.0),
            en="That would be the slope at 3; but int(x) makes a new number for the loop, and x itself is still 3.5.",
            zh="那是 3 处的斜率；但 int(x) 只是为循环造了一个新数，x 本身还是 3.5。",
        ),
        Mistake(
            "OFF-BY-ONE",
            lambda: gradient(lambda x: x**4, 3.5),
            en="That is one turn too many: int() cuts off and does not round up, and range(n) makes n turns.",
            zh="多算了一轮：int() 是截断，不是向上取整；range(n) 恰好执行 n 轮。",
        ),
        Mistake(
            "OFF-BY-ONE",
            lambda: gradient(lambda x: x * x, 3.5),
            en="That is one turn too few: range(n) makes n turns, from 0 to n - 1, and each multiplies by x.",
            zh="少算了一轮：range(n) 执行 n 轮，从 0 到 n - 1，每一轮都乘以 x。",
        ),
        Mistake(
            "FACTORS-ADDED",
            lambda: gradient(lambda x: x + x + x, 3.5),
            en="That adds x's up; the loop multiplies by x in every turn, so y is a product.",
            zh="那是把几个 x 相加了；循环每一轮都乘以 x，所以 y 是乘积。",
            variants=(3 * 3.5,),
        ),
        Mistake(
            "LOOP-BODY-ONCE",
            lambda: gradient(lambda x: 1.0 * x, 3.5),
            en="That is the first turn alone, 1 times x; every further one multiplied by x once more.",
            zh="那只是第一轮，1 乘 x；后面每一轮又各乘了一次 x。",
        ),
    ),
)

# ---------------------------------------------------------------- not chosen


def unsafe_slopes(result):
    """Return the gradient of a vector like the notebook's, with another step."""
    return gradient(result, [0.0, 4.0])


WHERE = Prediction(
    title=Text("A root that is not chosen", "没有选中的平方根"),
    lesson=Text(
        "Both sides of torch.where are computed, so both are walked back: 0 / 0 is nan.",
        "torch.where 的两边都会计算，所以两边都会反向传播：0 / 0 得 nan。",
    ),
    hints=(
        Text(
            "Two steps lie between x and the sum, sqrt and where, and both ran for both numbers. What does each send back for the 0, what for the 4?",
            "x 与求和之间有 sqrt 和 where 两步，两个数都经过了这两步。对于 0，每一步各传回什么？对于 4 呢？",
        ),
        Text(
            "where sends a 0 to what it did not choose; on the way back through sqrt, torch divides what arrives by 2 * sqrt(x). Which float comes out of that division for the first number?",
            "where 给没有选中的送去 0；反向传播经过 sqrt 时，torch 把到达的梯度除以 2 * sqrt(x)。对第一个数，这个除法得到哪个浮点数？",
        ),
    ),
    truth=[float("nan"), 0.25],
    program="""
def chosen_sqrt(x):
    return torch.where(x > 0, x.sqrt(), 0.0)


x = torch.tensor([0.0, 4.0], requires_grad=True)
chosen_sqrt(x).sum().backward()
x.grad
""",
    mistakes=(
        Mistake(
            "UNSELECTED-BRANCH-IS-FREE",
            [0.0, 0.25],
            en="where does send a 0 to the root that it did not choose. But the walk does not end there: at sqrt, torch divides what arrives by 2 * sqrt(x). How much is that for x = 0?",
            zh="where 确实给没有选中的平方根送去 0。但反向传播没有到此为止：经过 sqrt 时，torch 还要把到达的梯度除以 2 * sqrt(x)。x = 0 时，那是除以几？",
            variants=(0.0, None),
        ),
        Mistake(
            "SINGULARITY-RAISES",
            "error",
            en="PyTorch raises nothing where a slope has no bounds: it computes on, with floats. Which ones?",
            zh="斜率没有界限时 PyTorch 并不报错：它用浮点数继续算下去。会算出什么？",
        ),
        Mistake(
            "WHERE-IS-NOT-SEEN",
            lambda: unsafe_slopes(torch.sqrt),
            en="Those are the slopes of sqrt alone; where stands after it, and sqrt receives only what where sends back.",
            zh="那只是 sqrt 的斜率；它后面还有 where，sqrt 收到的只是 where 传回的数。",
            variants=(float("inf"),),
        ),
        Mistake(
            "LAST-STEP-ONLY",
            lambda: unsafe_slopes(lambda x: torch.where(x > 0, x, 0.0)),
            en="That stops before the root: on the way back to x, the root's own step is still missing.",
            zh="这还没有经过平方根：回到 x 的路上，还缺它那一步。",
            variants=([1.0, 1.0],),
        ),
        Mistake(
            "CONSTANT-HAS-SLOPE-1",
            [1.0, 0.25],
            en="The 0.0 that was chosen is a constant, and no way leads through it to x. Which other way is there for the first number?",
            zh="选中的 0.0 是常数，没有路经过它通向 x。第一个数还有别的路吗？",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            [0.0, 2.0],
            en="Those are the values that come out; the question is what comes back to x.",
            zh="那是算出来的值；问题是传回 x 的是什么。",
        ),
    ),
)

# ---------------------------------------------------------------- a safe root


def mixed_vectors():
    """Yield float32 vectors of both signs, the first without zeros; then positive ones.

    They are short enough for a verdict to write them out.
    """
    chance = dice(7)
    for zeros in (0, 1, 2):
        entries = [round(chance.gauss(0, 1), 2) for _ in range(4 - zeros)]
        entries += [2.25, -0.5 - 2 * zeros]
        entries += [0.0] * zeros
        chance.shuffle(entries)
        yield (torch.tensor(entries, requires_grad=True),)
    for tiny in (1e-8, 1e-30):
        entries = [chance.uniform(0.1, 9) for _ in range(3)] + [tiny]
        yield (torch.tensor(entries, requires_grad=True),)


def value_and_slopes(y, x):
    """Observe what came out, what its sum sends back to x, x itself, and exact zeros."""
    if isinstance(y, np.ndarray):
        y = torch.tensor(y)
    if isinstance(y, list | tuple):
        y = torch.stack([torch.as_tensor(part, dtype=x.dtype) for part in y])
    if not isinstance(y, Tensor):
        return y
    (slopes,) = (
        torch.autograd.grad(y.sum(), x, allow_unused=True)
        if y.requires_grad
        else (None,)
    )
    return y.detach(), slopes, x.detach().clone(), y.detach() == 0


def safe_sqrt(x):
    ok = x > 0
    inside = torch.where(ok, x, 1.0)
    return torch.where(ok, inside.sqrt(), 0.0)


SAFE_SQRT = ExerciseBuilder(
    title=Text("A root safe to differentiate", "可以放心求导的平方根"),
    lesson=Text(
        "Make the input safe before the dangerous step; afterwards is too late.",
        "要在危险的运算之前让输入变安全；之后就太晚了。",
    ),
    hints=(
        Text(
            "Which numbers are dangerous for sqrt, and does your code still hand them to it? Zeros belong to them, because of the slope.",
            "哪些数对 sqrt 是危险的？你的代码是否还把它们交给了 sqrt？考虑到斜率，零也在其中。",
        ),
        Text(
            "Use torch.where twice with the same condition: before sqrt it puts a harmless number in the place of the dangerous ones, after sqrt a 0.",
            "用同一个条件调用两次 torch.where：sqrt 之前把危险的数换成无害的数，sqrt 之后再换成 0。",
        ),
    ),
    cases=mixed_vectors,
    solution=safe_sqrt,
    observe=value_and_slopes,
    parts=(
        Text("the value", "值"),
        Text("the gradient of x", "x 的梯度"),
        Text("x, afterwards", "之后的 x"),
        Text("whether the value is exactly 0", "“值恰好为 0”"),
    ),
    tolerance=1e-6,  # float32 has about seven digits
)


def x_is_another(got, wanted):
    """Tell whether x was changed in some case."""
    pairs = zip(got, wanted, strict=True)
    return any(type(g) is tuple and not torch.equal(g[2], w[2]) for g, w in pairs)


@SAFE_SQRT.mistake(
    "X-CHANGED",
    en="Under no_grad nobody complains, but the caller's x has other numbers now: make a new tensor with torch.where instead.",
    zh="在 no_grad 中修改不会报错，但调用者的 x 已经变了：请改用 torch.where 另建一个张量。",
    resembles=x_is_another,
)
def leaf_overwritten_in_silence(x):
    ok = x > 0
    with torch.no_grad():
        x[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@SAFE_SQRT.mistake(
    "DATA-IS-SAFE",
    en="Through .data nobody complains, but the caller's x has other numbers now: make a new tensor with torch.where instead.",
    zh="通过 .data 修改不会报错，但调用者的 x 已经变了：请改用 torch.where 另建一个张量。",
)
def data_overwritten(x):
    x.data[x <= 0] = 0.0
    return x.sqrt()


@SAFE_SQRT.variant
def data_overwritten_with_ones(x):
    ok = x > 0
    x.data[~ok] = 1.0
    return torch.where(ok, x.sqrt(), 0.0)


@SAFE_SQRT.mistake(
    "DETACH-COPIES",
    en="detach() is no copy: what you wrote there stands in the caller's x, too. Make a new tensor with torch.where instead.",
    zh="detach() 得到的不是副本：你写进去的数也写进了调用者的 x。请改用 torch.where 另建一个张量。",
)
def detached_copy_overwritten(x):
    u = x.detach()
    u[u <= 0] = 1.0
    return x.sqrt()


@SAFE_SQRT.variant
def detached_copy_overwritten_and_masked(x):
    u = x.detach()
    bad = u <= 0
    u[bad] = 1.0
    return x.sqrt().masked_fill(bad, 0.0)


def right_values(got, wanted):
    """Tell whether the values are right everywhere."""
    pairs = zip(got, wanted, strict=True)
    return all(torch.allclose(g[0], w[0], atol=1e-12) for g, w in pairs)


def slopes_explode(got, wanted):
    """Tell whether the values are right, and what is sent back is not finite."""
    wild = any(
        slopes is not None and not slopes.isfinite().all() for _, slopes, *_ in got
    )
    return right_values(got, wanted) and wild


def only_zeros_explode(got, wanted):
    """Tell whether the negative numbers were made safe; the first case has no zeros."""
    return slopes_explode(got, wanted) and bool(got[0][1].isfinite().all())


@SAFE_SQRT.mistake(
    "EQUAL-VALUE-EQUAL-GRAD",
    en="The values are right, and the negative numbers are safe; what comes back to a zero of x is not: the slope of sqrt there has no bounds, and nothing before sqrt drops it.",
    zh="值是对的，负数也安全了；但传回 x 中那个零的还不对：sqrt 在那里的斜率没有界限，而 sqrt 之前没有哪一步把它丢掉。",
    resembles=only_zeros_explode,
)
def clamped(x):
    return x.clamp(min=0).sqrt()


@SAFE_SQRT.variant
def larger_of_both(x):
    return torch.maximum(x, torch.zeros_like(x)).sqrt()


@SAFE_SQRT.variant
def where_around_abs(x):
    return torch.where(x > 0, x.abs().sqrt(), 0.0)


@SAFE_SQRT.mistake(
    "MASK-MULTIPLIES",
    en="With your mask, sqrt still meets a 0, where it is infinitely steep: 0 times infinity is nan. Put a harmless number there, with torch.where.",
    zh="用了掩码，sqrt 仍会遇到 0，而它在 0 处斜率无穷大：0 乘无穷大得 nan。请用 torch.where 在那里放一个无害的数。",
)
def masked_before_the_root(x):
    return (x * (x > 0)).sqrt()


@SAFE_SQRT.variant
def masked_before_and_after(x):
    ok = (x > 0).to(x.dtype)
    return (x * ok).sqrt() * ok


@SAFE_SQRT.variant
def masked_abs(x):
    return (x > 0) * x.abs().sqrt()


@SAFE_SQRT.mistake(
    "MASK-MULTIPLIES",
    en="A product with 0 removes nothing: 0 times nan is nan still. Choose with torch.where instead of multiplying by a mask.",
    zh="乘以 0 并不能去掉什么：0 乘 nan 还是 nan。请用 torch.where 选择，而不是乘以掩码。",
)
def masked_by_product(x):
    return (x > 0) * x.sqrt()


@SAFE_SQRT.mistake(
    "UNSELECTED-BRANCH-IS-FREE",
    en="The values are right, but nan comes back: sqrt still met the numbers that were not chosen. Put another number in their place before sqrt.",
    zh="数值是对的，但传回了 nan：sqrt 仍然遇到了没被选中的数。请在 sqrt 之前先把它们换成别的数。",
    resembles=slopes_explode,
)
def where_outside_only(x):
    return torch.where(x > 0, x.sqrt(), 0.0)


@SAFE_SQRT.variant
def cleaned_afterwards(x):
    return torch.nan_to_num(x.sqrt())


@SAFE_SQRT.mistake(
    "IF-IS-ELEMENTWISE",
    en="A Python `if` makes one decision for the whole vector, and x brings several numbers; torch.where chooses number by number.",
    zh="Python 的 `if` 只能为整个向量做一个决定，而 x 里有好几个数；torch.where 才是逐个选择。",
)
def if_on_a_vector(x):
    return x.sqrt() if x > 0 else 0 * x


@SAFE_SQRT.variant
def if_all(x):
    return x.sqrt() if (x > 0).all() else 0 * x


@SAFE_SQRT.variant
def if_all_or_constant(x):
    return x.sqrt() if (x > 0).all() else torch.zeros_like(x)


@SAFE_SQRT.variant
def if_sum(x):
    return x.sqrt() if x.sum() > 0 else 0 * x


@SAFE_SQRT.mistake(
    "MATH-ON-A-VECTOR",
    en="Python's math works on one plain number at a time, and knows no graph; `x.sqrt()` takes the whole vector.",
    zh="Python 的 math 一次只处理一个普通的数，也没有计算图；`x.sqrt()` 能处理整个向量。",
)
def math_on_a_vector(x):
    return math.sqrt(x)


def values_are_nan(got, wanted):
    return any(values.isnan().any() for values, *_ in got)


SAFE_SQRT.mistake(
    "ROOT-OF-A-NEGATIVE",
    torch.sqrt,
    en="The root of a negative number is nan, and nothing afterwards takes it out of the gradient; give sqrt only numbers that it can bear.",
    zh="负数的平方根是 nan，之后再做什么，梯度里也去不掉它；请只把能开方的数交给 sqrt。",
    resembles=values_are_nan,
)


@SAFE_SQRT.mistake(
    "ABS-IS-SAFE",
    en="abs() turns a negative number into a positive one, and its root is not the 0 that is asked for; and a zero stays as dangerous as before.",
    zh="abs() 把负数变成正数，平方根就不是题目要的 0；而零还是一样危险。",
)
def abs_alone(x):
    return x.abs().sqrt()


@SAFE_SQRT.variant
def signed_root(x):
    return x.sign() * x.abs().sqrt()


@SAFE_SQRT.mistake(
    "INNER-WHERE-ONLY",
    en="The slopes are safe now; but the harmless number's root is still in the result, where a 0 is asked for.",
    zh="斜率已经安全了；但那个无害的数开方后还留在结果里，那里应该是 0。",
)
def where_inside_only(x):
    return torch.where(x > 0, x, 1.0).sqrt()


def is_a_little_off(got, wanted):
    """Tell whether the values are nearly right, or so, and the slopes wrong at most."""
    pairs = zip(got, wanted, strict=True)
    near = all(torch.allclose(g[0], w[0], rtol=0, atol=0.05) for g, w in pairs)
    return near and all(slopes.isfinite().all() for _, slopes, *_ in got)


@SAFE_SQRT.mistake(
    "VALUE",
    en="A small number added, clamped to or compared with is no cure: small positive numbers get another root or slope, or the rest no exact 0. Compare with 0 itself.",
    zh="加上一个很小的数、用它作下限来截断，或者与它比较，都解决不了问题：很小的正数会得到错误的平方根或斜率，其余的数也可能得不到恰好的 0。请与 0 本身比较。",
    resembles=is_a_little_off,
)
def with_epsilon(x):
    return (torch.where(x > 0, x, 0.0) + 1e-12).sqrt()


@SAFE_SQRT.variant
def clamped_to_epsilon(x):
    return x.clamp(min=1e-8).sqrt()


def explodes_nearly(got, wanted):
    """Tell whether the values are nearly right, and what is sent back is not finite."""
    pairs = zip(got, wanted, strict=True)
    near = all(torch.allclose(g[0], w[0], rtol=0, atol=0.05) for g, w in pairs)
    return near and any(not slopes.isfinite().all() for _, slopes, *_ in got)


@SAFE_SQRT.mistake(
    "UNSELECTED-BRANCH-IS-FREE",
    en="nan comes back to x: sqrt still meets negative numbers, and a small number added to them is no help. Put another number in their place before sqrt.",
    zh="传回 x 的有 nan：sqrt 仍然会遇到负数，给它们加上一个很小的数没有用。请在 sqrt 之前先把它们换成别的数。",
    resembles=explodes_nearly,
)
def epsilon_and_where_outside(x):
    return torch.where(x > 0, (x + 1e-8).sqrt(), 0.0)


def is_shorter(got, wanted):
    """Tell whether some numbers are missing."""
    return any(len(g[0]) < len(w[0]) for g, w in zip(got, wanted, strict=True))


@SAFE_SQRT.mistake(
    "SELECTION-SHRINKS",
    en="`x[x > 0]` keeps only some of the numbers; the result must be as long as x, with a 0 for each of the others.",
    zh="`x[x > 0]` 只留下一部分数；结果必须和 x 一样长，其余位置为 0。",
    resembles=is_shorter,
)
def selected(x):
    return x[x > 0].sqrt()


@SAFE_SQRT.mistake(
    "INPLACE-IS-FREE",
    en="sqrt keeps its result for the walk back, so once that is written into, the walk is refused; and its slope would be nan all the same. Act before sqrt.",
    zh="sqrt 会保存结果供反向传播使用，改了它，反向传播就会被拒绝；何况斜率照样是 nan。请在 sqrt 之前处理。",
)
def overwritten(x):
    y = x.sqrt()
    y[x <= 0] = 0.0
    return y


SAFE_SQRT.mistake("NOTHING-RETURNED", lambda x: None, en=NO_RETURN.en, zh=NO_RETURN.zh)

LESSONS = {
    "control_flow/what_ran": WHAT_RAN,
    "control_flow/slope": SLOPE.build(),
    "control_flow/predicate": PREDICATE,
    "control_flow/loop_count": LOOP_COUNT,
    "control_flow/where": WHERE,
    "control_flow/safe_sqrt": SAFE_SQRT.build(),
}
