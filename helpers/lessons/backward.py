"""Lesson 2: backward walks the graph from the result to the leaves."""

from statistics import median

import torch

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, named

# ---- two steps back ---------------------------------------------------------


def leaf(x0, dtype=torch.float64):
    return torch.tensor(x0, dtype=dtype, requires_grad=True)


def slope(f, x0):
    x = leaf(x0)
    f(x).backward()
    return x.grad.item()


FACTOR = Prediction(
    title=Text("Two steps back", "往回走两步"),
    lesson=Text(
        "The walk multiplies what it carries by each operation's own slope.",
        "反向传播每经过一个运算，就把带来的数乘上这个运算自己的斜率。",
    ),
    hints=(
        Text(
            "Draw the three boxes y, u and x. How many arrows lead from u back to x?",
            "画出 y、u、x 三个方框。从 u 通回 x 的箭头有几个？",
        ),
        Text(
            "Write 1 at y. The arrow to u multiplies it by 3, each arrow from u to x by the other factor of x * x; at x, add what arrives.",
            "在 y 处写 1。到 u 的箭头把它乘以 3，从 u 到 x 的每个箭头再乘以 x * x 的另一个因子；在 x 处把到达的加起来。",
        ),
    ),
    truth=42.0,
    program="""
x = torch.tensor(7.0, requires_grad=True)
u = x * x
y = 3 * u
y.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "FIRST-STEP-ONLY",
            lambda: slope(lambda x: x * x.detach(), 7.0),
            en="7 is what one use of x in u = x * x multiplies by. There are two uses, and a step before both.",
            zh="7 只是 u = x * x 中 x 的一次使用所乘的数。x 用了两次，而且在那之前还有一步。",
        ),
        Mistake(
            "VALUES-MULTIPLIED",
            3.0 * 49.0 * 7.0,
            en="You multiplied by the value of u on the way. A box multiplies by its slope; its value is not carried along.",
            zh="你在途中乘了 u 的值。方框乘上的是自己的斜率，并不会带上它的值。",
        ),
        Mistake(
            "EVERYTHING-SQUARED",
            lambda: slope(lambda x: (3 * x) ** 2, 7.0),
            en="126 is the slope of (3x)². Here only x is multiplied by itself, and the 3 comes afterwards.",
            zh="126 是 (3x)² 的斜率。这里与自身相乘的只有 x，之后才乘 3。",
        ),
    ),
)

# ---- what the call returns --------------------------------------------------

RETURNS = Prediction(
    title=Text("What the call returns", "调用返回什么"),
    lesson=Text(
        "backward() returns nothing; each gradient lies in its leaf's .grad.",
        "backward() 不返回任何东西；每个梯度都放在对应叶子的 .grad 里。",
    ),
    hints=(
        Text(
            "In the cells above, where did we look for the result of the walk?",
            "在上面的单元格里，我们是到哪里去看反向传播的结果的？",
        ),
        Text(
            "A method that stores its results elsewhere need not return them: like `list.sort()`. And the walk goes along every arrow.",
            "方法既然把结果存到了别处，就不必再返回了，就像 `list.sort()`。而反向传播会走过每个箭头。",
        ),
    ),
    truth=[False, True, True],
    program="""
x = torch.tensor(3.0, requires_grad=True)
w = torch.tensor(5.0, requires_grad=True)
y = x * w
g = y.backward()
filled = [torch.is_tensor(it) for it in (g, x.grad, w.grad)]
filled
""",
    names=("g", "x.grad", "w.grad"),
    mistakes=(
        Mistake(
            "BACKWARD-RETURNS",
            [True, True, True],
            en="You expect each gradient in two places, stored and handed over. In which one of them did we find it above?",
            zh="你认为梯度有两份：一份存着，一份返回。在前面，我们是在哪一处找到它的？",
        ),
        Mistake(
            "BACKWARD-RETURNS",
            [True, False, False],
            en="You expect the call to hand the gradients over. In the cells above nobody took anything from the call; where were the four numbers?",
            zh="你认为调用会返回梯度。在前面的单元格里，谁也没有取过调用的返回值；那四个数是在哪里的？",
        ),
        Mistake(
            "ONE-LEAF-ONLY",
            [False, True, False],
            ([False, False, True], [True, True, False], [True, False, True]),
            en="You treat the two leaves differently. Both have the flag and both are in y = x * w: is one of them at an advantage?",
            zh="你对两个叶子区别对待。它们都有标志，也都在 y = x * w 里：有哪一个更特殊吗？",
        ),
        Mistake(
            "NOTHING-STORED",
            [False, False, False],
            en="Then the walk would have been for nothing. Where did the four numbers of the first walk lie?",
            zh="那反向传播就白走了。第一次反向传播得到的四个数，放在哪里？",
        ),
    ),
)

# ---- who gets a gradient ----------------------------------------------------

WHO = Prediction(
    title=Text("Who gets a gradient", "谁会得到梯度"),
    lesson=Text(
        "On their own, only leaves that require grad and took part get a .grad; a tensor without the flag is a constant.",
        "如果没有另外要求，只有需要梯度、又参与了计算的叶子才会得到 .grad；没有标志的张量只是常数。",
    ),
    hints=(
        Text(
            "Draw the graph of y, with an arrow for each thing that was recorded. At which of the four does an arrow begin?",
            "画出 y 的计算图，记录了什么就画什么箭头。四个张量里，哪些是箭头的起点？",
        ),
        Text(
            "Here it takes two things: the flag, and a part in y. Check both, for each of the four.",
            "这里要满足两个条件：有标志，并且 y 里用到了它。对四个张量逐一检查。",
        ),
    ),
    truth=[True, False, True, False],
    program="""
x = torch.tensor([1.0, 2.0], requires_grad=True)
w = torch.tensor([3.0, 4.0])
b = torch.tensor(5.0, requires_grad=True)
s = torch.tensor(6.0, requires_grad=True)
y = (x * w).sum() + b
y.backward()
[torch.is_tensor(t.grad) for t in (x, w, b, s)]
""",
    names=("x", "w", "b", "s"),
    mistakes=(
        Mistake(
            "GRAD-EVERYWHERE",
            [True, True, True, True],
            en="You let the walk come to every tensor. It follows only what was recorded: to which of the four does that lead?",
            zh="你让反向传播走到了每个张量。它只沿着记录下来的路走：这些路通向四个中的哪几个？",
        ),
        Mistake(
            "GRAD-EVERYWHERE",
            [True, True, True, False],
            en="You ask who took part in y. That is one condition; what did notebook 1 ask of a tensor before anything is recorded for it?",
            zh="你看的只是谁参与了 y 的计算，这是条件之一；在笔记本 1 里，张量要先有什么，才会被记录？",
        ),
        Mistake(
            "FLAG-IS-ENOUGH",
            [True, False, True, True],
            en="You ask who has the flag. That is one condition; does the walk from y pass by everyone who has it?",
            zh="你看的只是谁有标志，这是条件之一；从 y 出发的反向传播，会经过每个有标志的张量吗？",
        ),
        Mistake(
            "ADDED-IS-CONSTANT",
            [True, False, False, False],
            ([True, True, False, False], [True, False, False, True]),
            en="You take what is only added for a constant. How fast does y change when b does?",
            zh="你把只是加上去的数当成了常数。b 变化时，y 变化得多快？",
        ),
        Mistake(
            "FLAG-TURNED-ROUND",
            [False, True, False, True],
            ([False, True, False, False],),
            en="Look at the flags again: what does requires_grad=True ask for?",
            zh="再看看标志：requires_grad=True 要求的是什么？",
        ),
        Mistake(
            "NOTHING-STORED",
            [False, False, False, False],
            en="Then nobody could read the slopes that the walk has found. Where does it leave them?",
            zh="那反向传播求出的斜率就谁也读不到了。它把斜率留在哪里？",
        ),
        Mistake(
            "ALL-INPUTS-MUST-REQUIRE",
            "error",
            en="One tracked input is enough for a walk back; the others take part as constants, and nothing is refused.",
            zh="只要有一个输入被追踪就能反向传播；其余的作为常数参与，不会报错。",
        ),
    ),
)

# ---- a result in the middle -------------------------------------------------

MIDDLE = Prediction(
    title=Text("A result in the middle", "中间的结果"),
    lesson=Text(
        "Asked in time, a result in the middle keeps what the walk brings to it.",
        "只要提前要求，中间结果也会保留反向传播带给它的数。",
    ),
    hints=(
        Text(
            "The walk comes from y and passes u before it reaches x. Which operations has it passed when it arrives at u?",
            "反向传播从 y 出发，先经过 u 再到 x。到达 u 时，它经过了哪些运算？",
        ),
        Text(
            "Forget x for a moment: u is 16, and y is u². How fast does y change when u does?",
            "先忘掉 x：u 是 16，y 是 u²。u 变化时，y 变化得多快？",
        ),
    ),
    truth=32.0,
    program="""
x = torch.tensor(3.0, requires_grad=True)
u = 5 * x + 1
u.retain_grad()
y = u**2
y.backward()
u.grad
""",
    mistakes=(
        Mistake(
            "GRAD-ON-OUTPUT",
            lambda: slope(lambda x: 5 * x + 1, 3.0),
            en="5 is the slope of u with respect to x. `u.grad` is the slope of y with respect to u: the walk comes from y.",
            zh="5 是 u 对 x 的斜率。`u.grad` 是 y 对 u 的斜率：反向传播是从 y 过来的。",
        ),
        Mistake(
            "SLOPE-AT-THE-LEAF",
            lambda: slope(lambda x: x**2, 3.0),
            en="6 is the slope of x² at x = 3; but what is squared here is u, and u is not 3.",
            zh="6 是 x² 在 x = 3 处的斜率；但这里平方的是 u，而 u 不是 3。",
        ),
        Mistake(
            "ADDED-IS-DROPPED",
            lambda: slope(lambda u: u**2, 5 * 3.0),
            en="You dropped the 1. It changes no slope of u, but it belongs to u, and u is what is squared.",
            zh="你漏掉了加上的 1。它不改变 u 的斜率，却属于 u，而平方的正是 u。",
            variants=(lambda: slope(lambda x: (5 * x) ** 2, 3.0),),
        ),
        Mistake(
            "LEAVES-ONLY",
            None,
            en="Without retain_grad() it would be None, because u is no leaf; here u was asked, before the walk, to keep what passes through.",
            zh="如果没有 retain_grad()，的确是 None，因为 u 不是叶子；但这里在反向传播之前就要求 u 保留经过它的数。",
        ),
    ),
)

# ---- after x moves ----------------------------------------------------------

LIVE = Prediction(
    title=Text("After x has moved", "x 移动之后"),
    lesson=Text(
        "A gradient is a number computed once, at the place where x was then.",
        "梯度是一次算好的数，取自当时 x 所在的位置。",
    ),
    hints=(
        Text(
            "Which line of the cell writes into `x.grad`, and where was x when it ran?",
            "单元格里哪一行往 `x.grad` 里写了数？它运行时 x 在哪里？",
        ),
        Text(
            "Nothing below that line walks back again. So take the slope of x² at the place where x stood before the move.",
            "那一行之后没有再反向传播。所以，要算的是 x² 在 x 移动之前那个位置的斜率。",
        ),
    ),
    truth=10.0,
    program="""
x = torch.tensor(5.0, requires_grad=True)
y = x**2
y.backward()
with torch.no_grad():
    x += 1
x.grad
""",
    mistakes=(
        Mistake(
            "NO-INPLACE-EVER",
            "error",
            en="A leaf may be changed in place under no_grad, and that is what the cell does: it runs to its end.",
            zh="在 no_grad 下可以就地修改叶子，这个单元格正是这样做的：它会运行到最后。",
        ),
        Mistake(
            "EDIT-CLEARS",
            0.0,
            en="Changing x clears nothing: .grad keeps the number of the last walk.",
            zh="改变 x 并不会把 .grad 清零：那里仍是上一次反向传播得到的数。",
        ),
        Mistake(
            "EDIT-CLEARS",
            None,
            en="The walk had filled .grad before x moved, and changing x does not empty it again.",
            zh="x 移动之前，反向传播已经填好了 .grad；改变 x 不会把它清空。",
        ),
        Mistake(
            "SPREADSHEET",
            lambda: slope(lambda x: x**2, 5.0) + slope(lambda x: x**2, 6.0),
            en="22 is two slopes together, at 5 and at 6; but nobody walked back a second time, at 6.",
            zh="22 是 5 和 6 两处斜率之和；但在 6 处并没有再反向传播一次。",
        ),
        Mistake(
            "DATA-IS-RECORDED",
            lambda: slope(lambda x: x**2, 5.0) + 1,
            en="The 1 was added to x, not to its gradient: `x` and `x.grad` are two places.",
            zh="1 加到了 x 上，没有加到梯度上：`x` 和 `x.grad` 是两个地方。",
        ),
        Mistake(
            "SPREADSHEET",
            6.0**2,
            en="36 is what y would be at the new x. But y was not computed again, and x.grad holds a slope.",
            zh="36 是 y 在新位置的值。但 y 没有重新计算，而且 x.grad 里放的是斜率。",
        ),
    ),
)

# ---- what both exercises share ----------------------------------------------

FUNCTIONS = (
    torch.sin,
    torch.exp,
    named("x³", lambda x: x**3),
    named("x · sin x", lambda x: x * torch.sin(x)),
    named("x³ - 2x", lambda x: x * x * x - 2 * x),
    named("|x³|", lambda x: (x**3).abs()),  # no step into the complex plane helps
)


def places():
    """Yield (f, x0): each function at the same random places, left and right of 0."""
    chance = dice(7)
    at = [chance.uniform(*span) for span in ((-2, -1), (-1, 0), (0.5, 2))]
    for f in FUNCTIONS:
        for x0 in at:
            yield f, x0


def as_number(result, *inputs):
    """Observe a number, also one in a tensor or in a tuple of it."""
    if type(result) in (tuple, list) and len(result) == 1:
        result = result[0]
    if isinstance(result, torch.Tensor):
        result = result.detach()
    if result is None:
        return None
    return torch.tensor(float(result), dtype=torch.float64)


def is_tried(got, wanted):
    """Tell numbers from small steps: near in most cases, and not merely rounded."""
    pairs = [(float(g), float(w)) for g, w in zip(got, wanted, strict=True)]
    rounded = all(round(g, 8) == g for g, _ in pairs)
    return not rounded and median(abs(g - w) / (abs(w) + 1) for g, w in pairs) < 0.05


def is_untracked(got, wanted):
    """Tell errors of those who compute with plain numbers."""
    parts = ("must be Tensor, not float", "'float' object")
    return any(part in g.message for g in got for part in parts)


def is_packed(got, wanted):
    """Tell errors about the tuple that torch.autograd.grad returns."""
    return any("tuple" in g.message for g in got)


def is_none_of(place):
    """Return what tells the use of None as a gradient, if the line names its place."""

    def resembles(got, wanted):
        return all("NoneType" in g.message and place(g.line) for g in got)

    return resembles


IN_A_RESULT = is_none_of(lambda line: ".grad" in line and "x.grad" not in line)

PACKED = Text(
    "torch.autograd.grad returns a tuple, even for one input: unpack it, `(slope,) = …`, or take `[0]`.",
    "torch.autograd.grad 返回元组，哪怕只有一个输入：请解包 `(slope,) = …`，或取 `[0]`。",
)
PLAIN_NUMBERS = Text(
    "Somewhere a plain Python number stands where a tensor is needed: numbers have no graph. Give f a tensor, and take `.item()` only at the very end.",
    "有一处该用张量的地方用了普通的 Python 数：数没有计算图。请把张量传给 f，到最后一步才用 `.item()`。",
)

# ---- differentiate anything -------------------------------------------------


def derivative(f, x0):
    return slope(f, x0)


DERIVATIVE = ExerciseBuilder(
    title=Text("Differentiate anything", "对任何函数求导"),
    lesson=Text(
        "Make a leaf, compute, walk back, read .grad: that differentiates almost anything.",
        "建叶子、计算、反向传播、读 .grad：这样几乎什么都能求导。",
    ),
    hints=(
        Text(
            "`x0` is a number. What must you make of it before you give it to f, so that f's operations are recorded in twelve digits and more?",
            "`x0` 是一个数。把它交给 f 之前，要先变成什么，f 的运算才会以十二位以上的精度被记录？",
        ),
        Text(
            "Four steps: a fresh float64 leaf at x0; f of it; the walk back from the result; then read `.grad` of the leaf, and `.item()` it.",
            "四步：在 x0 处新建 float64 叶子；代入 f；从结果反向传播；然后读叶子（不是结果）的 `.grad`，再取 `.item()`。",
        ),
    ),
    cases=places,
    solution=derivative,
    observe=as_number,
    returns=float,
    tolerance=1e-12,
)


@DERIVATIVE.mistake(
    "GRAD-ON-OUTPUT",
    en="That is the .grad of a result: None, or 1 where it is kept, the slope of y with respect to itself. Read the .grad of the input.",
    zh="那是结果的 .grad：是 None；若保留了，则是 1，即 y 对自身的斜率。请读输入的 .grad。",
    resembles=IN_A_RESULT,
)
def gradient_of_output(f, x0):
    y = f(leaf(x0))
    y.retain_grad()
    y.backward()
    return y.grad.item()


@DERIVATIVE.variant
def gradient_of_output_unkept(f, x0):
    y = f(leaf(x0))
    y.backward()
    return y.grad


@DERIVATIVE.mistake(
    "FINITE-DIFFERENCE",
    en="Close, but this is a finite difference, as good as its step. backward() takes no step: use it.",
    zh="很接近，但这是差商，准不准取决于步长。backward() 没有步长：请用它。",
    resembles=is_tried,
)
def central_difference(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    return ((f(x + 1e-6) - f(x - 1e-6)) / 2e-6).item()


@DERIVATIVE.variant
def forward_difference(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    return ((f(x + 1e-4) - f(x)) / 1e-4).item()


@DERIVATIVE.mistake(
    "FLOAT32",
    en="The idea is right, but float32 has only seven digits; make the leaf with dtype=torch.float64.",
    zh="思路正确，但 float32 只有七位有效数字；请用 dtype=torch.float64 创建叶子。",
)
def in_float32(f, x0):
    x = leaf(x0, torch.float32)
    f(x).backward()
    return x.grad.item()


@DERIVATIVE.variant
def rounded_before(f, x0):
    return slope(f, torch.tensor(x0).item())


@DERIVATIVE.variant
def widened_inside(f, x0):
    x = leaf(x0, torch.float32)
    f(x.double()).backward()
    return x.grad.item()


DERIVATIVE.mistake(
    "NUMBERS-CARRY-GRAD",
    lambda f, x0: f(x0).backward(),
    en=PLAIN_NUMBERS.en,
    zh=PLAIN_NUMBERS.zh,
    resembles=is_untracked,
)
DERIVATIVE.variant(lambda f, x0: f(leaf(x0)).item().backward())

SHARED = leaf(0.0)  # the mistake: one leaf for all calls, never cleared


def adds_up(got, wanted):
    """Tell a gradient that grows from call to call by what it should be."""
    grown = torch.stack(got).diff()
    return torch.allclose(grown, torch.stack(wanted)[1:], rtol=1e-6)


@DERIVATIVE.mistake(
    "OVERWRITE",
    en="Each walk adds to .grad: make a fresh leaf in every call, and walk back to it once.",
    zh="每次反向传播都会累加到 .grad：请在每次调用时新建叶子，并且只反向传播一次。",
    resembles=adds_up,
)
def on_a_shared_leaf(f, x0):
    SHARED.data.fill_(x0)
    f(SHARED).backward()
    return SHARED.grad.item()


@DERIVATIVE.variant
def walked_twice(f, x0):
    return 2 * slope(f, x0)


DERIVATIVE.mistake(
    "FINITE-DIFFERENCE",
    lambda f, x0: value(f, x0) / x0,
    en="f(x0) divided by x0 is the slope of a line through the origin, not that of f at x0. Use backward().",
    zh="f(x0) 除以 x0 是过原点的直线的斜率，不是 f 在 x0 处的斜率。请用 backward()。",
)


def value(f, x0):
    return f(leaf(x0)).item()


@DERIVATIVE.mistake(
    "GRADIENT-ARG-IS-A-NAME",
    en="What stands in the brackets of backward() is a factor, not the name of an input: you got the slope times x0. Leave it empty.",
    zh="backward() 括号里是一个因子，不是输入的名字：你得到的是斜率乘以 x0。括号里什么也不要写。",
)
def weighted_by_x(f, x0):
    x = leaf(x0)
    f(x).backward(x)
    return x.grad.item()


DERIVATIVE.mistake(
    "GRAD-RETURNS-A-TUPLE",
    lambda f, x0: (slope(f, x0),).item(),
    en=PACKED.en,
    zh=PACKED.zh,
    resembles=is_packed,
)

DERIVATIVE.mistake(
    "ONE-FORMULA-FOR-ALL",
    lambda f, x0: 4 * x0,
    en="4x is the slope in the example at the top; here f is another function in each call. Let PyTorch find its slope.",
    zh="4x 只是开头那个例子的斜率；这里每次调用的 f 都不同。请让 PyTorch 去求它的斜率。",
)


# ---- the slope of the slope -------------------------------------------------


def recorded_slope(f, x, record=True):
    return torch.autograd.grad(f(x), x, create_graph=record)[0]


def second_derivative(f, x0):
    x = leaf(x0)
    return torch.autograd.grad(recorded_slope(f, x), x)[0].item()


SECOND = ExerciseBuilder(
    title=Text("The slope of the slope", "斜率的斜率"),
    lesson=Text(
        "With create_graph=True the walk itself is recorded, and can be walked back.",
        "有了 create_graph=True，反向传播本身也被记录下来，可以再次反向传播。",
    ),
    hints=(
        Text(
            "There are two walks: one from f(x) to x, one from its result to x. Which of them has to be recorded?",
            "反向传播有两次：一次从 f(x) 到 x，一次从前一次的结果再到 x。哪一次必须被记录？",
        ),
        Text(
            "Get the slope with the call given above; it is a tensor with a graph. Apply `torch.autograd.grad` to that slope and x again, and unpack each tuple.",
            "用上面给出的调用得到斜率，它是带计算图的张量。再对这个斜率和同一个 x 使用 `torch.autograd.grad`，每次都要解包元组。",
        ),
    ),
    cases=places,
    solution=second_derivative,
    observe=as_number,
    returns=float,
    tolerance=1e-12,
)


@SECOND.mistake(
    "FORGOT-FLAG",
    en="The slope has no graph, or no flag was set at all: make x a leaf that requires grad, and record the first walk with create_graph=True.",
    zh="斜率没有计算图，或者根本没有设置标志：请让 x 成为需要梯度的叶子，并在第一次反向传播时加上 create_graph=True。",
)
def not_recorded(f, x0):
    x = leaf(x0)
    return torch.autograd.grad(recorded_slope(f, x, record=False), x)[0].item()


SECOND.mistake(
    "FIRST-AGAIN",
    slope,
    en="That is the first derivative; walk back once more, from the slope.",
    zh="这是一阶导数；请从斜率出发，再反向传播一次。",
)

SECOND.mistake(
    "SQUARED-SLOPE",
    lambda f, x0: slope(f, x0) ** 2,
    en="That is the square of the slope; the second derivative is the slope of the slope.",
    zh="这是斜率的平方；二阶导数是斜率的斜率。",
)


@SECOND.mistake(
    "SECOND-OVERWRITES-FIRST",
    en="You got the sum of both derivatives: the second walk added to the .grad that the first had filled.",
    zh="你得到的是两个导数之和：第二次反向传播把结果加到了第一次填好的 .grad 上。",
)
def added_to_first(f, x0):
    return slope(f, x0) + second_derivative(f, x0)


@SECOND.mistake(
    "GRAD-IS-A-SNAPSHOT",
    en="0 everywhere: `zero_()` has erased the slope itself, as g and x.grad are one tensor (or a copy of the slope was cut off from x). Use torch.autograd.grad twice.",
    zh="处处是 0：`zero_()` 把斜率本身也抹掉了，因为 g 和 x.grad 是同一个张量（或者斜率的副本与 x 断开了）。请用两次 torch.autograd.grad。",
)
def zeroed_in_place(f, x0):
    x = leaf(x0)
    f(x).backward(create_graph=True)
    g = x.grad
    x.grad.zero_()
    g.backward()
    zeroed, x.grad = x.grad.item(), None  # None breaks the cycle x → graph → x
    return zeroed


SECOND.mistake(
    "RETAIN-RECOMPUTES",
    walked_twice,
    en="That is twice the first derivative: a second walk from y takes the same slope again. Walk back from the slope instead.",
    zh="这是一阶导数的两倍：从 y 再反向传播一次，得到的还是同样的斜率。请改从斜率出发反向传播。",
)


@SECOND.mistake(
    "FINITE-DIFFERENCE",
    en="Close, but this is a finite difference, as good as its step. A walk back from the slope takes no step.",
    zh="很接近，但这是差商，准不准取决于步长。从斜率反向传播，就没有步长。",
    resembles=is_tried,
)
def difference_of_slopes(f, x0):
    return (slope(f, x0 + 1e-5) - slope(f, x0 - 1e-5)) / 2e-5


@SECOND.variant
def difference_of_values(f, x0):
    return (value(f, x0 + 1e-3) - 2 * value(f, x0) + value(f, x0 - 1e-3)) / 1e-6


@SECOND.mistake(
    "FLOAT32",
    en="The idea is right, but float32 has only seven digits; make the leaf with dtype=torch.float64.",
    zh="思路正确，但 float32 只有七位有效数字；请用 dtype=torch.float64 创建叶子。",
)
def second_in_float32(f, x0):
    x = leaf(x0, torch.float32)
    return torch.autograd.grad(recorded_slope(f, x), x)[0].item()


@SECOND.mistake(
    "SLOPE-IS-NO-INPUT",
    en="The walk never came by what you asked for: the second one has to start at the slope, and to ask for x.",
    zh="反向传播没有经过你要求的张量：第二次要从斜率出发，求的是对 x 的梯度。",
    resembles=lambda got, wanted: all("not have been used" in g.message for g in got),
)
def result_by_slope(f, x0):
    x = leaf(x0)
    y = f(x)
    first = torch.autograd.grad(y, x, create_graph=True)[0]
    return torch.autograd.grad(y, first)[0]


@SECOND.mistake(
    "GRAD-ON-OUTPUT",
    en="That is the gradient stored at a result: None, or 1, its slope with respect to itself. Ask for the gradient with respect to x.",
    zh="那是结果上的梯度：None，或者 1，即结果对自身的斜率。请改求对 x 的梯度。",
    resembles=IN_A_RESULT,
)
def slope_of_itself(f, x0):
    first = recorded_slope(f, leaf(x0))
    return torch.autograd.grad(first, first)[0].item()


SECOND.mistake(
    "NUMBERS-CARRY-GRAD",
    lambda f, x0: torch.autograd.grad(slope(f, x0), leaf(x0)),
    en=PLAIN_NUMBERS.en,
    zh=PLAIN_NUMBERS.zh,
    resembles=is_untracked,
)
SECOND.variant(lambda f, x0: slope(lambda x: slope(f, x.item()), x0))
SECOND.variant(lambda f, x0: f(x0).backward())

SECOND.mistake(
    "GRAD-RETURNS-A-TUPLE",
    lambda f, x0: (second_derivative(f, x0),).item(),
    en=PACKED.en,
    zh=PACKED.zh,
    resembles=is_packed,
)

SECOND.mistake(
    "SLOPE-AT-THE-SLOPE",
    lambda f, x0: slope(f, slope(f, x0)),
    en="You took the slope at the place f'(x0) instead of the slope of the function f' at x0.",
    zh="你求的是 f 在 f'(x0) 处的斜率，而不是函数 f' 在 x0 处的斜率。",
)

SECOND.mistake(
    "ONCE-TOO-OFTEN",
    lambda f, x0: slope(
        lambda x: recorded_slope(lambda z: recorded_slope(f, z), x), x0
    ),
    en="That is the third derivative: one walk too many.",
    zh="这是三阶导数：多反向传播了一次。",
)

SECOND.mistake(
    "SECOND-COMPOSED",
    lambda f, x0: slope(lambda x: f(f(x)), x0),
    en="You took f twice and the slope once, that of f(f(x)); take f once and the slope twice.",
    zh="你把 f 用了两次，斜率只求了一次，得到的是 f(f(x)) 的斜率；f 用一次，斜率求两次才对。",
)


LESSONS = {
    "backward/factor": FACTOR,
    "backward/returns": RETURNS,
    "backward/who": WHO,
    "backward/middle": MIDDLE,
    "backward/live": LIVE,
    "backward/derivative": DERIVATIVE.build(),
    "backward/second": SECOND.build(),
}
