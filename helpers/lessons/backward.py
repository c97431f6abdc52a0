"""Lesson 2: backward walks the graph from the result to the leaves."""

import torch

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice

FACTOR = Prediction(
    title=Text("", ""),
    lesson=Text(
        "The walk multiplies what it carries by each operation's own slope.",
        "回溯每经过一个运算，就把带来的数乘上这个运算自己的斜率。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "LAST-STEP-ONLY",
            lambda: 3.0,
            Text(
                "3 is the slope of the last operation alone; the walk goes on through "
                "u = x * x and multiplies by its slope too.",
                "3 只是最后一个运算的斜率；回溯还要继续经过 u = x * x，再乘上它的斜率。",
            ),
        ),
        Mistake(
            "ONE-USE-ONLY",
            lambda: 6.0,
            Text(
                "You counted one of the two uses of x in x * x; both bring 3 · 2.",
                "x * x 里 x 用了两次，你只算了一次；两次都各带来 3 · 2。",
            ),
        ),
        Mistake(
            "FIRST-STEP-ONLY",
            lambda: 4.0,
            Text(
                "4 is the slope of u = x * x; the walk starts at y, with the factor 3 "
                "before it.",
                "4 是 u = x * x 的斜率；回溯从 y 出发，前面还有因子 3。",
            ),
        ),
    ),
)

RETURNS = Prediction(
    title=Text("", ""),
    lesson=Text(
        "backward() returns nothing; the gradient lies in the leaf's .grad.",
        "backward() 不返回任何东西；梯度放在叶子的 .grad 里。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "BACKWARD-RETURNS",
            lambda: 6.0,
            Text(
                "6 is the gradient, but backward() does not hand it over: it puts it "
                "into x.grad and returns None.",
                "6 是梯度，但 backward() 并不返回它：它把梯度放进 x.grad，返回 None。",
            ),
        ),
        Mistake(
            "RETURNS-THE-VALUE",
            lambda: 9.0,
            Text(
                "9 is y itself; backward() computes gradients, and returns nothing.",
                "9 是 y 本身；backward() 计算的是梯度，而且什么也不返回。",
            ),
        ),
    ),
    may_be_none=True,
)

LIVE = Prediction(
    title=Text("", ""),
    lesson=Text(
        "A gradient is a number computed once, at the place where x was then.",
        "梯度是一次算好的数，取自当时 x 所在的位置。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "GRAD-IS-LIVE",
            lambda: 8.0,
            Text(
                "8 is the slope at the new x; but .grad was filled when x was 3, and "
                "nothing updates it.",
                "8 是新位置的斜率；但 .grad 是在 x 为 3 时填入的，不会自动更新。",
            ),
        ),
        Mistake(
            "EDIT-CLEARS",
            lambda: 0.0,
            Text(
                "Changing x clears nothing: .grad keeps the number of the last walk.",
                "改变 x 不会清零：.grad 仍是上一次回溯得到的数。",
            ),
        ),
    ),
)

FUNCTIONS = (
    torch.sin,
    torch.exp,
    lambda x: x**3,
    lambda x: x * torch.sin(x),
    lambda x: x * x * x - 2 * x,
)


def places():
    """Yield (f, x0): smooth functions at random places."""
    chance = dice(7)
    for f in FUNCTIONS:
        for _ in range(3):
            yield f, chance.uniform(-2, 2)


def as_number(result, *inputs):
    """Observe a number; a tensor that holds one counts as well."""
    if isinstance(result, torch.Tensor):
        result = result.detach()
    if result is None:
        return None
    return torch.tensor(float(result), dtype=torch.float64)


def double_leaf(x0):
    return torch.tensor(x0, dtype=torch.float64, requires_grad=True)


def derivative(f, x0):
    x = double_leaf(x0)
    f(x).backward()
    return x.grad.item()


def gradient_of_output(f, x0):
    y = f(double_leaf(x0))
    y.retain_grad()
    y.backward()
    return y.grad.item()


def central_difference(f, x0):
    x = torch.tensor(x0, dtype=torch.float64)
    return ((f(x + 1e-6) - f(x - 1e-6)) / 2e-6).item()


def in_float32(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad.item()


DERIVATIVE = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Make a leaf, compute, walk back, read .grad: that differentiates anything.",
        "建叶子、计算、回溯、读 .grad：这样什么都能求导。",
    ),
    cases=places,
    solution=derivative,
    hints=(),
    mistakes=(
        Mistake(
            "BACKWARD-RETURNS",
            lambda f, x0: f(double_leaf(x0)).backward(),
            Text(
                "You returned None: that is what backward() returns; the gradient lies "
                "in x.grad.",
                "你返回了 None：那正是 backward() 的返回值；梯度在 x.grad 里。",
            ),
        ),
        Mistake(
            "GRAD-ON-OUTPUT",
            gradient_of_output,
            Text(
                "You always get 1, the gradient of y with respect to itself; read the "
                ".grad of the input.",
                "你总是得到 1，即 y 对自身的梯度；请读输入的 .grad。",
            ),
        ),
        Mistake(
            "FINITE-DIFFERENCE",
            central_difference,
            Text(
                "Close, but this is a difference quotient: autograd is exact to the "
                "last digits. Use backward().",
                "很接近，但这是差商；自动微分精确到最后几位。请用 backward()。",
            ),
        ),
        Mistake(
            "FLOAT32",
            in_float32,
            Text(
                "The idea is right, but float32 has only seven digits; make the leaf "
                "with dtype=torch.float64.",
                "思路正确，但 float32 只有七位有效数字；"
                "请用 dtype=torch.float64 创建叶子。",
            ),
        ),
    ),
    observe=as_number,
    tolerance=1e-12,
)


def second_derivative(f, x0):
    x = double_leaf(x0)
    (slope,) = torch.autograd.grad(f(x), x, create_graph=True)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


def first_again(f, x0):
    return derivative(f, x0)


def slope_squared(f, x0):
    return derivative(f, x0) ** 2


def added_to_first(f, x0):
    x = double_leaf(x0)
    f(x).backward(create_graph=True)
    x.grad.backward()
    total = x.grad.item()
    x.grad = None
    return total


def without_graph(f, x0):
    x = double_leaf(x0)
    (slope,) = torch.autograd.grad(f(x), x)
    (bend,) = torch.autograd.grad(slope, x)
    return bend.item()


SECOND = Exercise(
    title=Text("", ""),
    lesson=Text(
        "With create_graph=True the walk itself is recorded, and can be walked back.",
        "有了 create_graph=True，回溯本身也被记录下来，可以再次回溯。",
    ),
    cases=places,
    solution=second_derivative,
    hints=(),
    mistakes=(
        Mistake(
            "NO-GRAPH-OF-THE-WALK",
            without_graph,
            Text(
                "The first walk was not recorded, so its result has no graph: ask for "
                "it with create_graph=True.",
                "第一次回溯没有被记录，结果没有计算图：请加上 create_graph=True。",
            ),
        ),
        Mistake(
            "FIRST-AGAIN",
            first_again,
            Text(
                "That is the first derivative; walk back once more, from the slope.",
                "这是一阶导数；请从斜率出发，再回溯一次。",
            ),
        ),
        Mistake(
            "SQUARED-SLOPE",
            slope_squared,
            Text(
                "That is the square of the slope; the second derivative is the slope "
                "of the slope.",
                "这是斜率的平方；二阶导数是斜率的斜率。",
            ),
        ),
        Mistake(
            "SECOND-OVERWRITES-FIRST",
            added_to_first,
            Text(
                "You got the sum of both derivatives: the second walk added to the "
                ".grad that the first had filled.",
                "你得到的是两个导数之和：第二次回溯把结果加到了第一次填好的 .grad 上。",
            ),
        ),
    ),
    observe=as_number,
    tolerance=1e-9,
)


LESSONS = {
    "backward/factor": FACTOR,
    "backward/returns": RETURNS,
    "backward/live": LIVE,
    "backward/derivative": DERIVATIVE,
    "backward/second": SECOND,
}
