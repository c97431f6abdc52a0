"""Lesson 3: gradients add up."""

from collections.abc import Callable
from functools import partial

import torch

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, named


def a_leaf(x0, dtype=torch.float64):
    return torch.tensor(x0, dtype=dtype, requires_grad=True)


def slope(f, x0):
    x = a_leaf(x0)
    f(x).backward()
    return x.grad


# ---- a number that is used twice --------------------------------------------


USED_TWICE = Prediction(
    title=Text("Both uses of a", "a 用了两次"),
    lesson=Text(
        "Both roads lead back to the same tensor, and what arrives is added.",
        "两条路都通向同一个张量，到达的梯度会相加。",
    ),
    hints=(
        Text(
            "Walk back along one road at a time: multiply its slopes, and write down what arrives at `a`.",
            "一次只沿一条路往回走：把这条路上的斜率相乘，写下到达 `a` 的数。",
        ),
        Text(
            "Each road has two slopes: that of the sum, and that of a² or of 5a. Then raise `a` a little on paper: by how much does `u` grow, by how much `v`, and their sum?",
            "每条路上有两个斜率：加法的，以及 a² 或 5a 的。再在纸上让 `a` 增加一点：`u` 增加多少，`v` 增加多少，它们的和呢？",
        ),
    ),
    truth=11.0,
    program="""
a = torch.tensor(3.0, requires_grad=True)
u, v = a**2, 5 * a
y = u + v
y.backward()
a.grad
""",
    mistakes=(
        Mistake(
            "LAST-STEP-ONLY",
            1.0 + 1.0,
            en="You stopped at `u` and `v`: from there each road has one more slope to multiply with, that of a² and that of 5a.",
            zh="你停在了 `u` 和 `v`：从那里往回，每条路还要再乘一个斜率，即 a² 的斜率和 5a 的斜率。",
        ),
    ),
)

# ---- two walks --------------------------------------------------------------


TWO_WALKS = Prediction(
    title=Text("Two walks on one x", "对同一个 x 反向传播两次"),
    lesson=Text(
        "backward() adds to .grad; nothing clears it but you.",
        "backward() 把梯度加到 .grad 上；除了你自己，没有谁会去清除。",
    ),
    hints=(
        Text(
            "Write down what each walk brings to `x`, one line below the other. What is already in `x.grad` when the second walk arrives?",
            "把两次反向传播各自带给 `x` 的数上下写成两行。第二次反向传播到达时，`x.grad` 里已经有什么？",
        ),
        Text(
            "No line of the cell clears `.grad`, and `backward` only adds: add the two lines entry by entry.",
            "这个单元格里没有一行清除 `.grad`，而 `backward` 只会相加：把你写下的两行逐项加起来。",
        ),
    ),
    truth=[1.0, 5.0, 9.0, 13.0],
    program="""
x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
y.backward()
y = x.sum()
y.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "ONE-BACKWARD-PER-LEAF",
            "error",
            en="A leaf may take part in any number of walks: each of these two has a graph of its own, so nothing is refused and `x.grad` holds numbers.",
            zh="一个叶子张量可以参与任意多次反向传播：这两次各有自己的计算图，不会被拒绝，`x.grad` 里是数。",
        ),
    ),
)

# ---- a second name ----------------------------------------------------------


KEPT = Prediction(
    title=Text("A second name", "另一个名字"),
    lesson=Text(
        "`g = x.grad` is a second name for the same numbers, not a copy.",
        "`g = x.grad` 只是同一组数的另一个名字，不是副本。",
    ),
    hints=(
        Text(
            "How many tensors hold a gradient here? Ask of each line whether it makes a new one or changes the one that is there.",
            "这里有几个张量装着梯度？对每一行都问一问：它新建了一个，还是修改了已有的那个？",
        ),
        Text(
            "There is one such tensor, with two names. Follow its number: the first walk writes it, `zero_()` changes it in place, the second walk adds.",
            "这样的张量只有一个，却有两个名字。跟着它的数走：第一次反向传播写入，`zero_()` 就地修改，第二次反向传播再加上去。",
        ),
    ),
    truth=7.0,
    program="""
x = torch.tensor(4.0, requires_grad=True)
(x**2).backward()
g = x.grad
x.grad.zero_()
(7 * x).backward()
g
""",
    mistakes=(
        Mistake(
            "ALIAS-OF-ATTRIBUTE",
            None,
            en="`g` names a tensor, not the attribute, and that tensor still holds a number: nothing in the cell takes it away.",
            zh="`g` 指的是一个张量，不是那个属性；这个张量里一直有数，单元格里没有什么把它拿走。",
        ),
    ),
)

# ---- one graph, walked back twice -------------------------------------------


def square_at_five(walks):
    """Return x.grad after so many walks, each of them into an empty .grad."""
    x = a_leaf(5.0)
    y = x**2
    for _ in range(walks):
        x.grad = None
        y.backward(retain_graph=True)
    return x.grad


def slope_of_the_slope():
    x = a_leaf(5.0)
    (first,) = torch.autograd.grad(x**2, x, create_graph=True)
    return torch.autograd.grad(first, x)[0]


RETAINED = Prediction(
    title=Text("A graph that was kept", "保留下来的计算图"),
    lesson=Text(
        "retain_graph=True keeps the graph for another walk; .grad adds up as usual.",
        "retain_graph=True 只是为下一次反向传播保留计算图；.grad 照样累积。",
    ),
    hints=(
        Text(
            "`retain_graph=True` speaks of the graph. Which line speaks of `x.grad`?",
            "`retain_graph=True` 说的是计算图。哪一行说到了 `x.grad`？",
        ),
        Text(
            "Both walks go through the same y = x² at x = 5, and each brings the same slope 2x. Nothing is cleared between them.",
            "两次反向传播都经过 x = 5 处的同一个 y = x²，各自带来同样的斜率 2x。两次之间没有清除。",
        ),
    ),
    truth=20.0,
    program="""
x = torch.tensor(5.0, requires_grad=True)
y = x**2
y.backward(retain_graph=True)
y.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "RETAIN-RECOMPUTES",
            lambda: square_at_five(walks=2),
            en="10 is what one walk brings; `retain_graph=True` keeps the graph, but it neither starts afresh nor clears: what does the second walk find in `x.grad`?",
            zh="10 是一次反向传播带来的；`retain_graph=True` 只保留计算图，既不重新开始，也不清除：第二次到达时，`x.grad` 里已经有什么？",
        ),
        Mistake(
            "SECOND-DERIVATIVE",
            slope_of_the_slope,
            en="The second walk does not differentiate the slope once more: it goes through the same y = x² again and brings the same slope.",
            zh="第二次反向传播并不是对斜率再求一次导：它再次经过同一个 y = x²，带来同样的斜率。",
            variants=(lambda: square_at_five(walks=1) + slope_of_the_slope(),),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            5.0**2,
            en="That is made of values of y; a gradient says how fast y changes with x.",
            zh="那是由 y 的值得来的；梯度说的是 y 随 x 变化得多快。",
            variants=(5.0**2 + 5.0**2,),
        ),
        Mistake(
            "GRAPH-FREED",
            "error",
            en="The second walk needs what x² had saved, and `retain_graph=True` lets the first walk keep that: nothing is refused.",
            zh="第二次反向传播需要 x² 保存的值，而 `retain_graph=True` 让第一次把它留了下来：不会被拒绝。",
        ),
    ),
)

# ---- the loop that forgot to clear ------------------------------------------


def place_after_two_turns(used):
    """Return w after two turns; `used` picks from the slopes so far."""
    w, slopes = 9.0, []
    for _ in range(2):
        slopes.append(slope(lambda w: (w - 1) ** 2, w).item())
        w -= 0.25 * used(slopes)
    return w


def slope_in_the_second_turn():
    return slope(lambda w: (w - 1) ** 2, 9.0) + slope(lambda w: (w - 1) ** 2, 5.0)


SECOND_TURN = Prediction(
    title=Text("Where the second turn ends", "第二轮结束时的位置"),
    lesson=Text(
        "The second step still holds the first turn's slope: 5 − 0.25 · (16 + 8).",
        "第二步里还留着第一轮的斜率：5 − 0.25 · (16 + 8)。",
    ),
    hints=(
        Text(
            "Play both turns on paper: after each line, write down `w` and `w.grad`.",
            "在纸上走完两轮：每执行一行，就写下 `w` 和 `w.grad`。",
        ),
        Text(
            "The first turn brings the slope at 9, the second turn the slope at 5. When the second one arrives, what is in `w.grad` already?",
            "第一轮带来 9 处的斜率，第二轮带来 5 处的斜率。第二个到达时，`w.grad` 里已经有什么？",
        ),
    ),
    truth=-1.0,
    program="""
w = torch.tensor(9.0, requires_grad=True)
path = []
for _ in range(6):
    loss = (w - 1) ** 2
    loss.backward()
    with torch.no_grad():
        w -= 0.25 * w.grad
    path.append(w.item())
path[1]
""",
    mistakes=(
        Mistake(
            "GRADIENT-FROZEN",
            lambda: place_after_two_turns(lambda slopes: slopes[0]),
            en="You took the slope of the start in both turns; the second turn measures a new slope, at 5.",
            zh="你两轮都用了起点的斜率；第二轮会在 5 处重新求斜率。",
        ),
        Mistake(
            "STEP-CLEARS-AND-STOPS",
            lambda: place_after_two_turns(lambda slopes: slopes[0] * (len(slopes) < 2)),
            en="That is `w` after the first turn; the second turn moves it as well.",
            zh="那是第一轮之后的 `w`；第二轮也会移动它。",
        ),
        Mistake(
            "UPHILL",
            lambda: place_after_two_turns(lambda slopes: -sum(slopes)),
            en="You added a step; the loop subtracts each of them.",
            zh="你更新时用了加法；循环里每一步都是减去。",
            variants=(
                lambda: place_after_two_turns(lambda slopes: -slopes[-1]),
                5 + 0.25 * (16 + 8),
            ),
        ),
        Mistake(
            "OFF-BY-ONE",
            -6.0,
            en="That is where `w` is one turn later; count the second turn only.",
            zh="那是再过一轮之后 `w` 的位置；请只数到第二轮。",
        ),
        Mistake(
            "SLOPE-NOT-PLACE",
            slope_in_the_second_turn,
            en="Well seen: that is what `w.grad` holds in the second turn, or a quarter of it. The question is where `w` ends once that quarter is taken away.",
            zh="看得很准：那正是第二轮里 `w.grad` 的值，或者它的四分之一。但问的是减去这四分之一之后，`w` 在哪里。",
            variants=(lambda: 0.25 * slope_in_the_second_turn(),),
        ),
    ),
)

# ---- x = x - ... ------------------------------------------------------------


def after_the_step(step):
    """Return whether x is a leaf after a step, and whether it requires grad."""
    x = a_leaf(5.0)
    (x**2).backward()
    x = step(x)
    return [x.is_leaf, x.requires_grad]


@torch.no_grad()
def in_place(x):
    x -= 0.1 * x.grad
    return x


@torch.no_grad()
def unrecorded(x):
    return x - 0.1 * x.grad


def believed_untracked():
    """Believe that only leaves require grad, so that both answers are the same."""
    is_leaf, _ = after_the_step(lambda x: x - 0.1 * x.grad)
    return [is_leaf, is_leaf]


REBIND = Prediction(
    title=Text("What became of x", "x 变成了什么"),
    lesson=Text(
        "`x = x - …` gives the name to a recorded result, which keeps no .grad.",
        "`x = x - …` 把名字给了一个被记录的结果，而结果不会保存 .grad。",
    ),
    hints=(
        Text(
            "First the right-hand side is computed, like any other formula. What is the result of a computation with a tracked `x`?",
            "先算等号右边，和其他算式一样。用被追踪的 `x` 算出来的，会是怎样的张量？",
        ),
        Text(
            "A leaf has no history. Does the result of `x - 0.1 * x.grad` have one, if no `no_grad` stands around it? And what is a tensor with a history?",
            "叶子张量没有来历。外面没有 `no_grad` 时，`x - 0.1 * x.grad` 的结果有没有来历？有来历又意味着什么？",
        ),
    ),
    truth=[False, True],
    names=("leaf", "requires_grad"),
    mistakes=(
        Mistake(
            "REBIND",
            lambda: after_the_step(in_place),
            en="So it would be if the leaf itself were changed; but `x = …` changes no tensor, it gives the name x to a new one.",
            zh="如果改的是叶子本身，就会这样；但 `x = …` 不修改任何张量，只是把名字 x 给了一个新张量。",
        ),
        Mistake(
            "UPDATE-IS-FREE",
            lambda: after_the_step(unrecorded),
            en="So it would be under torch.no_grad(); here the subtraction is recorded like every other operation.",
            zh="在 torch.no_grad() 下才会这样；这里的减法和别的运算一样被记录。",
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            believed_untracked,
            en="One of the two is right. Leaves are not the only tensors that require grad: what of a result that was computed from one?",
            zh="两个里对了一个。需要梯度的不只有叶子：由叶子算出来的结果呢？",
        ),
    ),
)

# ---- gradient descent by hand -----------------------------------------------


def parabola(height, vertex):
    shifted = f"x - {vertex}" if vertex > 0 else f"x + {-vertex}"
    return named(f"{height}({shifted})²", lambda x: height * (x - vertex) ** 2)


def descents():
    """Yield (f, start, rate, steps).

    One step alone tells some mistakes apart; so do none, and a rate that is too large.
    """
    yield parabola(1.5, 0.8), -1.3, 0.11, 4
    yield parabola(0.7, -2.1), 1.9, 0.15, 1
    yield named("sin(x) + x²", lambda x: torch.sin(x) + x**2), 1.4, 0.08, 3
    yield parabola(0.9, 1.7), 0.6, 1.2, 3
    yield parabola(1.1, -0.4), 2.3, 0.2, 0
    chance = dice(3)
    for steps in (6, 9):
        height, vertex = chance.uniform(0.5, 2), chance.uniform(-3, -1)
        start, rate = (
            round(chance.uniform(1, 3), 1),
            round(chance.uniform(0.03, 0.2), 2),
        )
        yield parabola(round(height, 1), round(vertex, 1)), start, rate, steps


def descend(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


DESCEND = ExerciseBuilder(
    title=Text("Gradient descent by hand", "手写梯度下降"),
    lesson=Text(
        "Clear, walk back, step: the three beats of every training loop.",
        "清除、反向传播、走一步：这是每个训练循环的三拍。",
    ),
    hints=(
        Text(
            "Follow `x` and `x.grad` through the first two turns on paper: when is the gradient made, when is it used, when is it cleared?",
            "在纸上跟着 `x` 和 `x.grad` 走完前两轮：梯度什么时候产生，什么时候使用，什么时候清除？",
        ),
        Text(
            "The loop of «Find the bug», once mended, is nearly the function: make the leaf before the loop; in each turn clear, walk back from `f(x)`, and step in place without recording.",
            "“找出错误”一节里的循环，改好之后几乎就是这个函数：循环前建好叶子；每一轮先清除，再从 `f(x)` 反向传播，最后在不记录的情况下就地走一步。",
        ),
    ),
    cases=descents,
    solution=descend,
    returns=float,
    tolerance=1e-12,
)


@DESCEND.mistake(
    "OVERWRITE",
    en="Each step used the sum of all gradients so far; clear x.grad in every turn of the loop.",
    zh="每一步用的都是此前所有梯度之和；请在每一轮循环里清除 x.grad。",
)
def never_cleared(f, x0, rate, steps, dtype=torch.float64):
    x = a_leaf(x0, dtype)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


DESCEND.variant(partial(never_cleared, dtype=torch.float32))


@DESCEND.mistake(
    "ZEROED-TOO-EARLY",
    en="x never moved: is the gradient cleared between backward() and the update, or does the update only change a copy of x?",
    zh="x 没有动过：是在 backward() 和更新之间就清除了梯度，还是更新改的只是 x 的副本？",
)
def cleared_too_early(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        x.grad.zero_()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@DESCEND.variant
def single_start(f, x0, rate, steps):
    return a_leaf(x0, torch.float32).item()


@DESCEND.mistake(
    "GRAD-IS-A-SNAPSHOT",
    en="x never moved: your second name for x.grad is no copy, so zero_() cleared it before the step. Step first, or keep a clone.",
    zh="x 没有动过：给 x.grad 另起的名字不是副本，zero_() 在更新之前就把梯度清零了。请先更新，或者存一个 clone。",
)
def alias_kept_and_zeroed(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        kept = x.grad
        x.grad.zero_()
        with torch.no_grad():
            x -= rate * kept
    return x.item()


@DESCEND.mistake(
    "GRAD-STARTS-AT-ZERO",
    en="Before the first walk x.grad is None, and None has no zero_(): clear with `x.grad = None`, which always works.",
    zh="第一次反向传播之前 x.grad 是 None，而 None 没有 zero_()：请用 `x.grad = None` 清除，什么时候都行得通。",
)
def zeroed_before_the_first_walk(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        x.grad.zero_()
        f(x).backward()
    return x.item()


@DESCEND.mistake(
    "REBIND",
    en="`x = x - …` binds the name x to a new tensor, and no walk brings it a .grad; change the leaf itself in place, `x -= …`, under torch.no_grad().",
    zh="`x = x - …` 让名字 x 指向一个新张量，反向传播不会给它带来 .grad；请在 torch.no_grad() 下就地修改叶子本身：`x -= …`。",
)
def rebound(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        x = x - rate * x.grad
    return x.item()


@DESCEND.variant
def rebound_without_grad(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x = x - rate * x.grad
    return x.item()


@DESCEND.variant
def rebound_and_zeroed(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        x = x - rate * x.grad
        x.grad.zero_()
    return x.item()


@DESCEND.variant
def rebound_and_kept(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        x = x - x.grad * rate
    return x.item()


@DESCEND.mistake(
    "GRADIENT-FROZEN",
    en="Every step used the slope at x0: f(x) must be computed anew in each turn, at the place where x is then.",
    zh="每一步用的都是 x0 处的斜率：每一轮都要在 x 当时的位置重新计算 f(x)。",
)
def slope_of_the_start(f, x0, rate, steps):
    return x0 - rate * slope(f, x0).item() * steps


@DESCEND.variant
def slope_of_the_start_piling_up(f, x0, rate, steps):
    return x0 - rate * slope(f, x0).item() * steps * (steps + 1) / 2


def graph_made_once(f, x0, rate, steps, keep=False, clear=True, noticed=True):
    """Walk back through the graph of f(x0) in each turn."""
    x = a_leaf(x0)
    y = f(x)
    for _ in range(steps):
        x.grad = None if clear else x.grad
        y.backward(retain_graph=keep)
        with torch.no_grad():
            place = x if noticed else x.data  # a change of .data goes unnoticed
            place -= rate * x.grad
    return x.item()


DESCEND.mistake(
    "RETAIN-RECOMPUTES",
    partial(graph_made_once, keep=True),
    en="retain_graph=True keeps the graph of f(x0), with its old numbers; it computes nothing anew. Compute f(x) in each turn, where x is then.",
    zh="retain_graph=True 保留的是 f(x0) 的计算图和其中的旧数，什么也不会重算。请在每一轮里、在 x 当时的位置重新计算 f(x)。",
)
DESCEND.variant(partial(graph_made_once, keep=True, clear=False))
DESCEND.variant(partial(graph_made_once, keep=True, noticed=False))
DESCEND.variant(partial(graph_made_once, keep=True, clear=False, noticed=False))

DESCEND.mistake(
    "GRAPH-FREED",
    graph_made_once,
    en="f(x) was computed once, before the loop, and its graph serves one walk only: compute f(x) anew in each turn.",
    zh="f(x) 只在循环前算了一次，它的计算图只够反向传播一次：请在每一轮里重新计算 f(x)。",
)


@DESCEND.mistake(
    "UPHILL",
    en="x walks uphill: the gradient points to where f grows, so subtract it.",
    zh="x 在往上坡走：梯度指向 f 增大的方向，所以应当减去它。",
)
def uphill(f, x0, rate, steps):
    return descend(f, x0, -rate, steps)


@DESCEND.mistake(
    "RATE-FORGOTTEN",
    en="Each step subtracted the whole slope: multiply it by `rate`.",
    zh="每一步减去的是整个斜率：请乘以 `rate`。",
)
def step_without_a_rate(f, x0, rate, steps):
    return descend(f, x0, 1.0, steps)


@DESCEND.mistake(
    "STEP-CLEARS-AND-STOPS",
    en="x made a single step: do all `steps` of them happen before return, and does each start where the last one ended?",
    zh="x 只走了一步：return 之前走完全部 `steps` 步了吗？每一步是从上一步的终点出发的吗？",
)
def one_step_only(f, x0, rate, steps):
    return descend(f, x0, rate, 1)


@DESCEND.mistake(
    "OFF-BY-ONE",
    en="Right steps, but one too few or too many: count the turns of your loop against `steps`.",
    zh="每一步都对，但多走或少走了一步：请对照 `steps` 数一数循环执行了几次。",
)
def one_step_short(f, x0, rate, steps):
    return descend(f, x0, rate, steps - 1)


@DESCEND.variant
def one_step_too_far(f, x0, rate, steps):
    return descend(f, x0, rate, steps + 1)


@DESCEND.mistake(
    "BEST-NOT-LAST",
    en="You returned the best place on the way; wanted is where the last step ends, even if it leads uphill because the rate is too large.",
    zh="你返回的是途中最好的位置；要的是最后一步走到的地方，即使学习率太大、走到了更高处。",
)
def best_on_the_way(f, x0, rate, steps):
    places = [descend(f, x0, rate, turns) for turns in range(steps + 1)]
    return min(places, key=lambda x: f(torch.tensor(x, dtype=torch.float64)).item())


def nothing(*inputs):
    return None


@DESCEND.mistake(
    "GRAD-IS-VALUE",
    en="You returned the value of f, not the place: the last x.",
    zh="你返回的是 f 的值；要的是位置，即最后的 x。",
)
def value_at_the_end(f, x0, rate, steps):
    return f(torch.tensor(descend(f, x0, rate, steps), dtype=torch.float64)).item()


@DESCEND.variant
def value_before_the_last_step(f, x0, rate, steps):
    return value_at_the_end(f, x0, rate, steps - 1)


@DESCEND.mistake(
    "GRAD-IS-VALUE",
    en="Each step used the value of f, where it needs its slope, which a walk back from f(x) brings.",
    zh="每一步用的是 f 的值；要的是斜率，从 f(x) 反向传播才能得到。",
)
def value_for_slope(f, x0, rate, steps):
    x = x0
    for _ in range(steps):
        x -= rate * f(torch.tensor(x, dtype=torch.float64)).item()
    return x


@DESCEND.mistake(
    "SLOPE-NOT-PLACE",
    en="You returned the last gradient, not the place: the last x.",
    zh="你返回的是最后的梯度；要的是位置，即最后的 x。",
)
def last_slope(f, x0, rate, steps):
    return slope(f, descend(f, x0, rate, steps - 1)).item()


def nearly(got, wanted):
    """Tell whether every outcome is a number near the wanted one."""
    pairs = zip(got, wanted, strict=True)
    return all(torch.allclose(one, other, rtol=1e-2) for one, other in pairs)


def holds_single_precision(got, wanted):
    """Tell numbers that went through float32 from nearly right float64 ones."""
    return nearly(got, wanted) and all(torch.equal(n, n.float().double()) for n in got)


@DESCEND.mistake(
    "FLOAT32",
    en="The idea is right, but float32 has only seven digits; make the leaf with dtype=torch.float64.",
    zh="思路正确，但 float32 只有七位有效数字；请用 dtype=torch.float64 创建叶子。",
    resembles=holds_single_precision,
)
def in_few_digits(f, x0, rate, steps):
    """Descend in float16: coarse enough to be told from a difference quotient."""
    x = a_leaf(x0, torch.float16)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


@DESCEND.mistake(
    "FINITE-DIFFERENCE",
    en="Close, but this is a difference quotient; autograd gives the slope to the last digits. Use backward().",
    zh="很接近，但这是差商；自动微分给出的斜率精确到最后几位。请用 backward()。",
    resembles=nearly,
)
def difference_quotient(f, x0, rate, steps):
    x, h = torch.tensor(x0, dtype=torch.float64), 1e-3
    for _ in range(steps):
        x = x - rate * (f(x + h) - f(x)) / h
    return x.item()


# ---- accumulate on purpose --------------------------------------------------


def mean_loss_within(most):
    """Return a mean loss for which more rows than that do not fit into memory."""

    def loss(w, X, y):
        if len(X) > most:
            raise MemoryError(f"{len(X)} rows at once, and {most} fit")
        return ((X @ w - y) ** 2).mean()

    return named("mean((X @ w - y)²)", loss)


def unequal_batches():
    """Yield (loss, w, list of (X, y)); the second w still holds an old gradient."""
    chance = dice(5)

    def table(rows):
        numbers = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(rows)]
        return torch.tensor(numbers, dtype=torch.float64)

    for sizes in ((1, 4), (5, 2, 3), (2, 7, 1, 3)):
        w = table(1)[0].requires_grad_()
        if len(sizes) == 3:
            w.grad = table(1)[0]
        loss = mean_loss_within(max(sizes))
        yield loss, w, [(table(rows), table(rows)[:, 0]) for rows in sizes]


def count_rows(batches):
    return sum(len(X) for X, _ in batches)


def full_gradient(loss, w, batches):
    rows = count_rows(batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


FULL_GRADIENT = ExerciseBuilder(
    title=Text("Small batches, one gradient", "几个批次合成一个梯度"),
    lesson=Text(
        "Accumulation turns small batches into one large one, if each is weighted by its rows.",
        "只要按行数加权，梯度累积就能把几个小批次合成一个大批次。",
    ),
    hints=(
        Text(
            "Try two batches on paper, of 1 and of 4 rows: how much of the mean over all 5 rows does each of them make up? And what is in `w.grad` before the first walk, and before the second?",
            "在纸上试两批，一批 1 行，一批 4 行：在全部 5 行的平均里，它们各占多少？第一次和第二次反向传播之前，`w.grad` 里各有什么？",
        ),
        Text(
            "Count all rows first and clear once, before the loop. Inside it, multiply each loss by the batch's rows over all rows, and walk back; `.grad` adds.",
            "先数出总行数，并在循环前清除一次。循环里把每个损失乘以“该批行数 ÷ 总行数”，再反向传播；`.grad` 会自己相加。",
        ),
    ),
    cases=unequal_batches,
    solution=full_gradient,
    tolerance=1e-6,  # a weight may have gone through float32
)


def weighting(weight: Callable, clear: str = "once") -> Callable:
    """Return a full gradient that clears and weights so.

    `weight(n, rows, count)` is for a batch of n of all rows, in `count` batches.
    """

    def walks(loss, w, batches):
        w.grad = None if clear == "once" else w.grad
        for X, y in batches:
            w.grad = None if clear == "always" else w.grad
            factor = weight(len(X), count_rows(batches), len(batches))
            (loss(w, X, y) * factor).backward()
        return w.grad

    return walks


def by_share(n, rows, count):
    return n / rows


def alike(n, rows, count):
    return 1 / count


def unweighted(n, rows, count):
    return 1


def by_size(n, rows, count):
    return n


FULL_GRADIENT.mistake(
    "ALWAYS-ZERO-FIRST",
    weighting(by_share, "always"),
    en="Only the last batch is left: here adding up is wanted, so clear once, before the loop, and walk back inside it.",
    zh="只剩最后一批：这里正需要累加，所以只在循环前清除一次，并在循环里反向传播。",
)
FULL_GRADIENT.variant(weighting(alike, "always"))
FULL_GRADIENT.variant(weighting(unweighted, "always"))
FULL_GRADIENT.variant(weighting(by_size, "always"))


def by_size_over_count(n, rows, count):
    return n / count


FULL_GRADIENT.mistake(
    "EQUAL-BATCHES",
    weighting(alike),
    en="The batches differ in size: weight each by its share of the rows; the number of batches does not matter.",
    zh="各批大小不同：应按行数所占的比例加权；与批数无关。",
)
FULL_GRADIENT.variant(weighting(alike, "never"))
FULL_GRADIENT.variant(weighting(by_size_over_count))
FULL_GRADIENT.variant(weighting(by_size_over_count, "never"))


@FULL_GRADIENT.variant
def share_of_the_first(loss, w, batches):
    return weighting(lambda n, rows, count: len(batches[0][0]) / rows)(loss, w, batches)


FULL_GRADIENT.mistake(
    "SUM=MEAN",
    weighting(unweighted),
    en="You added mean losses; the mean over all rows weights each batch by its share of the rows.",
    zh="你把各批的平均损失直接相加；对所有行求平均时，每批应按行数比例加权。",
)
FULL_GRADIENT.variant(weighting(unweighted, "never"))

FULL_GRADIENT.mistake(
    "SUM=MEAN",
    weighting(by_size),
    en="That is the gradient of the sum over all rows; for the mean, divide by how many rows there are in all batches together.",
    zh="这是对所有行求和的梯度；要得到平均，还得除以各批加起来的总行数。",
)
FULL_GRADIENT.variant(weighting(by_size, "never"))


@FULL_GRADIENT.mistake(
    "SUM=MEAN",
    en="You divided by how many numbers the matrices `X` hold; the mean is over samples, and each row is one.",
    zh="你除以的是各个矩阵 `X` 里数的总个数；平均是对样本求的，每行一个样本。",
)
def over_all_numbers(loss, w, batches):
    numbers = sum(X.numel() for X, _ in batches)
    return full_gradient(loss, w, batches) * count_rows(batches) / numbers


def over_all_rows(n, rows, count):
    return 1 / rows


def over_own_rows(n, rows, count):
    return 1 / n


FULL_GRADIENT.mistake(
    "MEAN-TWICE",
    weighting(over_all_rows),
    en="`loss` is a mean already: multiply it by the rows of its batch to get a sum, and only then divide by all rows.",
    zh="`loss` 已经是平均了：先乘以该批的行数变回总和，再除以总行数。",
)
FULL_GRADIENT.variant(weighting(over_all_rows, "never"))
FULL_GRADIENT.variant(weighting(over_own_rows))
FULL_GRADIENT.variant(weighting(over_own_rows, "never"))

FULL_GRADIENT.mistake(
    "OVERWRITE",
    weighting(by_share, "never"),
    en="What `w` brought along in .grad is still in your sum: backward() adds to it; clear once, before the loop.",
    zh="`w` 原来的 .grad 还留在你的和里：backward() 只会往上加；请在循环前清除一次。",
)


def adding_running_sums(weight, keep=torch.clone):
    """Return a full gradient that adds .grad after each walk and clears it never."""

    def walks(loss, w, batches):
        w.grad, kept = None, []
        for X, y in batches:
            factor = weight(len(X), count_rows(batches), len(batches))
            (loss(w, X, y) * factor).backward()
            kept.append(keep(w.grad))
        return torch.stack(kept).sum(0)

    return walks


FULL_GRADIENT.mistake(
    "OVERWRITE",
    adding_running_sums(by_share),
    en=".grad already adds up over the batches, and you added it once more after each of them; clear it before each walk.",
    zh=".grad 本来就在各批之间累加，而你每批之后又加了一遍；请在每次反向传播之前清除它。",
)


@FULL_GRADIENT.variant
def weighted_running_sums(loss, w, batches):
    """Weight what .grad holds after each walk, instead of the batch's own loss."""
    total = torch.zeros_like(w)
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
        total = total + w.grad * len(X) / count_rows(batches)
    return total.detach()


FULL_GRADIENT.variant(adding_running_sums(alike))
FULL_GRADIENT.variant(adding_running_sums(unweighted))


@FULL_GRADIENT.mistake(
    "RETAIN-RECOMPUTES",
    en="Your total still holds the earlier losses, so each walk goes through them once more. Walk back from the loss of the batch alone; then no graph has to be retained.",
    zh="你的总和里还有前面的损失，所以每次反向传播都把它们又走了一遍。只从本批的损失反向传播即可，也就不需要保留计算图。",
)
def running_loss(loss, w, batches):
    """Walk back through the sum of all losses so far, after each batch."""
    w.grad, so_far = None, 0
    for X, y in batches:
        so_far = so_far + loss(w, X, y) * len(X) / count_rows(batches)
        so_far.backward(retain_graph=True)
    return w.grad


@FULL_GRADIENT.mistake(
    "ONE-BIG-BATCH",
    en="You joined all batches into one, which is what does not fit into memory: take one batch at a time, and let `.grad` add up.",
    zh="你把所有批次拼成了一个，可这正是内存放不下的：请一批一批地算，让 `.grad` 累加。",
)
def all_rows_at_once(loss, w, batches):
    w.grad = None
    loss(w, *map(torch.cat, zip(*batches, strict=True))).backward()
    return w.grad


FULL_GRADIENT.mistake(
    "GRAD-IS-A-SNAPSHOT",
    adding_running_sums(by_share, keep=lambda grad: grad),
    en="You kept w.grad once per batch, but it is one and the same tensor each time, and holds the sum of all walks: use it once.",
    zh="你每批都存了一次 w.grad，但每次都是同一个张量，它里面是各次之和：只用一次。",
)
FULL_GRADIENT.variant(adding_running_sums(unweighted, keep=lambda grad: grad))


@FULL_GRADIENT.mistake(
    "GRAD-IS-VALUE",
    en="You returned a loss, not its gradient, which lies in w.grad after the walks.",
    zh="你返回的是损失；要的是它的梯度，反向传播之后就在 w.grad 里。",
)
def mean_loss(loss, w, batches):
    rows = count_rows(batches)
    return sum(loss(w, X, y) * len(X) / rows for X, y in batches)


@FULL_GRADIENT.variant
def loss_of_the_last_batch(loss, w, batches):
    return loss(w, *batches[-1])


@FULL_GRADIENT.mistake(
    "GRAD-IS-A-SNAPSHOT",
    en="You kept w.grad itself for each batch, and zero_() changes that one tensor in place: all you kept is the last batch. Let .grad add up, or keep a clone.",
    zh="你为每一批存的都是 w.grad 本身，而 zero_() 会就地修改这同一个张量：留下的全是最后一批。请让 .grad 累加，或存副本（clone）。",
)
def one_tensor_collected(loss, w, batches):
    w.grad, kept = torch.zeros_like(w), []
    for X, y in batches:
        w.grad.zero_()
        (loss(w, X, y) * len(X)).backward()
        kept.append(w.grad)
    return sum(kept) / sum(len(X) for X, _ in batches)


@FULL_GRADIENT.variant
def one_tensor_collected_and_weighted(loss, w, batches):
    w.grad, kept = torch.zeros_like(w), []
    for X, y in batches:
        w.grad.zero_()
        loss(w, X, y).backward()
        kept.append(w.grad)
    return sum(
        g * len(X) for g, (X, _) in zip(kept, batches, strict=True)
    ) / count_rows(batches)


LESSONS = {
    "accumulation/used_twice": USED_TWICE,
    "accumulation/two_walks": TWO_WALKS,
    "accumulation/kept": KEPT,
    "accumulation/retained": RETAINED,
    "accumulation/second_turn": SECOND_TURN,
    "accumulation/rebind": REBIND,
    "accumulation/descend": DESCEND.build(),
    "accumulation/full_gradient": FULL_GRADIENT.build(),
}
