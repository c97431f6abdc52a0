"""Lesson 6: the graph is whatever Python actually ran."""

import math

import torch
from torch import Tensor

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice

WHAT_RAN = Prediction(
    title=Text("", ""),
    lesson=Text(
        "What ran is in the graph: every doubling, and the one branch that was taken.",
        "图中有每一次执行过的加倍，以及执行过的那个分支，别无其他。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "BRANCH-NOT-DIFFERENTIATED",
            lambda: 2.0**11,
            Text(
                "Those are the doublings alone: b was negative, so `100 * b` ran as "
                "well, and it is recorded like any other step.",
                "那只是各次加倍；b 为负，所以 `100 * b` 也执行了，"
                "它和其他步骤一样被记录。",
            ),
        ),
        Mistake(
            "LOOP-BODY-ONCE",
            lambda: 2.0 * 100,
            Text(
                "That leaves the loop out: each turn of `while` did one more "
                "multiplication by 2, and each of them counts.",
                "那样就漏掉了循环：`while` 每转一圈都多做一次乘 2，每一次都算数。",
            ),
        ),
        Mistake(
            "NORM-IN-THE-GRADIENT",
            lambda: -(2.0**11) * 100,
            Text(
                "The size is right, the sign is not: norm() only answered when to "
                "stop, so its slope of -1 is no factor.",
                "大小对了，符号不对：norm() 只决定何时停止，"
                "它的斜率 -1 不是其中的因子。",
            ),
        ),
        Mistake(
            "BRANCHES-AVERAGED",
            lambda: (2.0**11 + 2.0**11 * 100) / 2,
            Text(
                "That is the mean of both branches; only one of the two ran, and it "
                "counts in full.",
                "那是两个分支的平均；实际只执行了一个分支，并且全部计入。",
            ),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: -0.5 * 2.0**11 * 100,
            Text(
                "That is d itself; a.grad says how fast d changes with `a`.",
                "那是 d 本身的值；a.grad 说的是 d 随 `a` 变化得多快。",
            ),
        ),
    ),
)

PREDICATE = Prediction(
    title=Text("", ""),
    lesson=Text(
        "A comparison gives a plain bool: what only decides is not in the graph.",
        "比较只给出一个布尔值：只做判断的量不在图中。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            lambda: 0.0,
            Text(
                "A gradient of 0 would have to arrive along an arrow, but no arrow of "
                "this graph leads to `t`.",
                "梯度为 0 也得沿着箭头到达，而这张图里没有通向 `t` 的箭头。",
            ),
        ),
        Mistake(
            "PREDICATE-GRAD",
            lambda: -3.0,
            Text(
                "That treats `x > t` like the difference x - t; the comparison gave "
                "True or False, and nothing to differentiate.",
                "那是把 `x > t` 当成了差 x - t；比较只给出真或假，没有可求导的东西。",
            ),
        ),
        Mistake(
            "JUMP-IS-A-SLOPE",
            lambda: 4.0,
            Text(
                "That is how far y jumps when `t` passes x, from 6 to 10; a jump has "
                "no slope, and autograd saw only one side of it.",
                "那是 `t` 越过 x 时 y 跳跃的幅度（从 6 到 10）；跳跃没有斜率，"
                "自动微分也只看到了其中一侧。",
            ),
        ),
    ),
    may_be_none=True,
)

LOOP_COUNT = Prediction(
    title=Text("", ""),
    lesson=Text(
        "The turns that ran are differentiated; their number is a plain int.",
        "求导的是执行过的每一圈；圈数只是一个普通整数。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "SYMBOLIC",
            lambda: 2.5**2.5 * (math.log(2.5) + 1),
            Text(
                "That is the slope of x ** x; autograd never saw that formula, only "
                "the multiplications that the loop ran.",
                "那是 x ** x 的斜率；自动微分没见过这个公式，只见过循环里执行的乘法。",
            ),
        ),
        Mistake(
            "LAST-STEP-ONLY",
            lambda: 2.5,
            Text(
                "That is the last turn alone; the y that it multiplied came from x "
                "too, so a second gradient arrives.",
                "那只是最后一圈；被乘的 y 也来自 x，所以还有一个梯度到达。",
            ),
        ),
        Mistake(
            "INT-KILLS-GRADIENT",
            lambda: 0.0,
            Text(
                "The count carries no gradient, true; but `y * x` in the loop uses x "
                "itself, and that road is open.",
                "圈数确实不传梯度；但循环里的 `y * x` 用的是 x 本身，这条路是通的。",
            ),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: 2.5**2,
            Text(
                "That is y; the question is how fast y changes with x.",
                "那是 y 的值；问题是 y 随 x 变化得多快。",
            ),
        ),
    ),
)

NOT_CHOSEN = Prediction(
    title=Text("", ""),
    lesson=Text(
        "torch.where computes both sides, so both are walked back: 0 * inf is nan.",
        "torch.where 两边都会计算，所以两边都会回溯：0 * inf 得 nan。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "UNSELECTED-BRANCH-IS-FREE",
            lambda: 0.0,
            Text(
                "where does send a 0 to the root that it did not choose; but there "
                "the 0 meets the infinite slope of sqrt. What is their product?",
                "where 确实给没有选中的根送去 0；但这个 0 在那里遇到 sqrt 的无穷斜率。"
                "两者的乘积是什么？",
            ),
        ),
        Mistake(
            "WHERE-IS-NOT-SEEN",
            lambda: math.inf,
            Text(
                "That is the slope of sqrt at 0 alone; where stands after it and sends "
                "back a 0, and the two are multiplied.",
                "那只是 sqrt 在 0 处的斜率；它后面的 where 送回的是 0，两者要相乘。",
            ),
        ),
        Mistake(
            "SLOPE-OF-THE-NEIGHBOUR",
            lambda: 0.25,
            Text(
                "That is the slope at 4, the second number; at 0 the root is "
                "infinitely steep.",
                "那是第二个数 4 处的斜率；在 0 处，平方根无穷陡。",
            ),
        ),
    ),
)


JUMP = 1000 / 1024  # from here on f needs one doubling less


def numbers():
    """Yield floats of both signs, a jump of f and numbers that need no loop."""
    chance = dice(6)
    for a in (JUMP, 1500.0, -4000.0):
        yield (a,)
    for _ in range(60):
        size = chance.uniform(1.1, 1.9) * 1000 / 2 ** chance.randint(8, 12)
        yield (chance.choice((-size, size)),)


def exactly(result: object, a: float) -> object:
    """Observe four digits of a slope, and whether it is right to the last bit.

    So difference quotients look alike, whatever their step. At the jump only the
    latter: there a difference quotient can be anything.
    """
    if not isinstance(result, int | float | Tensor):
        return result
    right = float(result) == slope(a)
    return right if a == JUMP else (float(f"{float(result):.4g}"), right)


def slope(a):
    k = 2.0
    while abs(a * k) < 1000:
        k *= 2
    return k if a > 0 else 100 * k


def f(a):
    b = a * 2
    while abs(b) < 1000:
        b = b * 2
    return b if b > 0 else 100 * b


def divided(a):
    return f(a) / a


def divided_in_float32(a):
    a = torch.tensor(a)
    return (f(a) / a).item()


def branch_ignored(a):
    k = 2.0
    while abs(a * k) < 1000:
        k *= 2
    return k


def difference_quotient(a):
    return (f(a + 1e-7) - f(a)) / 1e-7


def sign_carried_over(a):
    return slope(a) if a > 0 else -slope(a)


def first_step_forgotten(a):
    k = 1.0
    while abs(a * k) < 1000:
        k *= 2
    return k if a > 0 else 100 * k


ROUNDED = Text(
    "Very near, but not equal: `100 * b` was rounded, and the division rounds again; "
    "multiply the factors themselves instead.",
    "非常接近，但不相等：`100 * b` 已经舍入过，除法又舍入一次；请直接把各个因子相乘。",
)

SLOPE = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Multiply what ran: that is all that autograd does, and it is exact here.",
        "把执行过的因子相乘：自动微分做的正是这件事，在这里它是精确的。",
    ),
    cases=numbers,
    solution=slope,
    hints=(),
    mistakes=(
        Mistake("FLOATS-ARE-EXACT", divided, ROUNDED),
        Mistake("FLOATS-ARE-EXACT", divided_in_float32, ROUNDED),
        Mistake(
            "BRANCH-IGNORED",
            branch_ignored,
            Text(
                "The positive numbers are right; for a negative one the factor 100 of "
                "the else branch belongs to the slope.",
                "正数都对；对负数，else 分支的因子 100 也属于斜率。",
            ),
        ),
        Mistake(
            "FINITE-DIFFERENCE",
            difference_quotient,
            Text(
                "A difference quotient comes near the slope and is rounded; count the "
                "doublings instead, then no step size is needed.",
                "差商只能接近斜率，而且有舍入；请改为数加倍的次数，这样就不需要步长。",
            ),
        ),
        Mistake(
            "SIGN",
            sign_carried_over,
            Text(
                "A negative `a` makes f negative, not its slope: every factor that ran "
                "is positive.",
                "负的 `a` 使 f 为负，但斜率不为负：执行过的每个因子都是正的。",
            ),
        ),
        Mistake(
            "FIRST-STEP-FORGOTTEN",
            first_step_forgotten,
            Text(
                "For large numbers the loop never runs, and yet f doubles once, in its "
                "first line.",
                "数很大时循环一次也不执行，但 f 的第一行仍然加倍了一次。",
            ),
        ),
    ),
    observe=exactly,
)


def mixed_vectors():
    """Yield float64 vectors with positive and negative numbers and zeros."""
    chance = dice(7)
    for zeros in (0, 1, 2):
        entries = [chance.gauss(0, 1) for _ in range(4)] + [1.5, -0.5] + [0.0] * zeros
        chance.shuffle(entries)
        yield (torch.tensor(entries, dtype=torch.float64, requires_grad=True),)
    entries = [chance.uniform(0.1, 9) for _ in range(3)]
    yield (torch.tensor(entries, dtype=torch.float64, requires_grad=True),)


def value_and_gradient(y: object, x: Tensor) -> object:
    """Observe what came out, and the gradient that its sum sends back to x."""
    if not isinstance(y, Tensor):
        return y
    if not y.requires_grad:
        return y, None
    (gradient,) = torch.autograd.grad(y.sum(), x, allow_unused=True)
    return y.detach(), gradient


def safe_sqrt(x):
    ok = x > 0
    inside = torch.where(ok, x, 1.0)
    return torch.where(ok, inside.sqrt(), 0.0)


def where_outside_only(x):
    return torch.where(x > 0, x.sqrt(), 0.0)


def if_on_a_vector(x):
    return x.sqrt() if x > 0 else 0 * x


def masked_by_product(x):
    return (x > 0) * x.sqrt()


def filled_with_numbers(x):
    return torch.tensor([math.sqrt(v) if v > 0 else 0.0 for v in x.tolist()])


SAFE_SQRT = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Make the input safe before the dangerous step; afterwards is too late.",
        "要在危险的运算之前让输入变安全；之后就太晚了。",
    ),
    cases=mixed_vectors,
    solution=safe_sqrt,
    hints=(),
    mistakes=(
        Mistake(
            "UNSELECTED-BRANCH-IS-FREE",
            where_outside_only,
            Text(
                "The values are right, but nan comes back: sqrt still met the numbers "
                "that were not chosen. Put another number in their place before sqrt.",
                "数值是对的，但传回了 nan：sqrt 仍然遇到了没被选中的数。"
                "请在 sqrt 之前先把它们换成别的数。",
            ),
        ),
        Mistake(
            "IF-IS-ELEMENTWISE",
            if_on_a_vector,
            Text(
                "A Python `if` needs one True or False, and x brings several; "
                "torch.where chooses number by number.",
                "Python 的 `if` 只能接受一个真假值，而 x 有好几个；"
                "torch.where 才是逐个选择。",
            ),
        ),
        Mistake(
            "MASK-MULTIPLIES",
            masked_by_product,
            Text(
                "The root of a negative number is nan, and 0 times nan is nan still; "
                "choose instead of multiplying by a mask.",
                "负数的平方根是 nan，0 乘 nan 还是 nan；请用选择代替乘以掩码。",
            ),
        ),
        Mistake(
            "NUMBERS-CARRY-GRAD",
            filled_with_numbers,
            Text(
                "The values are right, but they are plain numbers without a graph: "
                "stay with torch operations from x to the result.",
                "数值是对的，但它们只是没有计算图的普通数字："
                "从 x 到结果请一直使用 torch 运算。",
            ),
        ),
    ),
    observe=value_and_gradient,
)

LESSONS = {
    "control_flow/what_ran": WHAT_RAN,
    "control_flow/predicate": PREDICATE,
    "control_flow/loop_count": LOOP_COUNT,
    "control_flow/not_chosen": NOT_CHOSEN,
    "control_flow/slope": SLOPE,
    "control_flow/safe_sqrt": SAFE_SQRT,
}
