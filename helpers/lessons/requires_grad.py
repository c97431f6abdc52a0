"""Lesson 1: PyTorch writes down what you compute, once you ask it to."""

import torch

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice

GRAD_BEFORE = Prediction(
    title=Text("", ""),
    lesson=Text(
        "The flag reserves nothing: .grad is None until a backward() fills it.",
        "标志并不预留空间：在 backward() 填入之前，.grad 一直是 None。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            lambda: [0.0, 0.0, 0.0, 0.0],
            Text(
                "No zeros are stored: nothing has been walked back yet, so there is no "
                "gradient at all, and that is None.",
                "并没有存零：还没有回溯过，根本没有梯度，也就是 None。",
            ),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: [0.0, 1.0, 2.0, 3.0],
            Text(
                "Those are the values of x itself; .grad is another place, and it is "
                "still empty: None.",
                "那是 x 自己的值；.grad 是另一处，现在还是空的：None。",
            ),
        ),
        Mistake(
            "GRAD-IS-ONE",
            lambda: [1.0, 1.0, 1.0, 1.0],
            Text(
                "dx/dx would be 1, but nobody has asked for a gradient yet: None.",
                "dx/dx 的确是 1，但还没有人要求计算梯度：None。",
            ),
        ),
    ),
    may_be_none=True,
)

LATE_FLAG = Prediction(
    title=Text("", ""),
    lesson=Text(
        "Recording starts when the flag is set; what was computed before is a constant.",
        "从设置标志起才开始记录；此前算出的只是常数。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "RETROACTIVE",
            lambda: 27.0,
            Text(
                "27 is the slope of x³, as if `y = x ** 2` had been recorded too; but "
                "it ran before the flag was set, so y is the constant 9.",
                "27 是 x³ 的斜率，好像 `y = x ** 2` 也被记录了；但它在设置标志之前就运行了，"
                "所以 y 是常数 9。",
            ),
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: 6.0,
            Text(
                "6 is the slope of y = x²; backward() started from z, and y was never "
                "recorded.",
                "6 是 y = x² 的斜率；backward() 是从 z 出发的，而 y 从未被记录。",
            ),
        ),
        Mistake(
            "FLAG-TOO-LATE",
            lambda: None,
            Text(
                "The flag came late for y, but in time for z = x * y: that one "
                "operation is recorded.",
                "对 y 来说标志设晚了，但对 z = x * y 来说正好：这一步运算被记录了。",
            ),
        ),
    ),
)

LEAVES = Prediction(
    title=Text("", ""),
    lesson=Text(
        "A leaf is a tensor without a history: made by you, or not tracked at all.",
        "叶子就是没有历史的张量：由你创建，或者根本没有被追踪。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "LEAF=MADE-BY-ME",
            lambda: [True, True, False, False],
            Text(
                "`d` was computed, but only from `a`, which is not tracked: it has no "
                "history, and that makes it a leaf.",
                "`d` 虽是算出来的，但只来自不被追踪的 `a`：它没有历史，因此也是叶子。",
            ),
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            lambda: [False, True, False, False],
            Text(
                "A leaf need not require grad: every tensor without a grad_fn is one.",
                "叶子不一定要求梯度：凡是没有 grad_fn 的张量都是叶子。",
            ),
        ),
        Mistake(
            "LEAF=EVERYTHING",
            lambda: [True, True, True, True],
            Text(
                "`c` is the recorded result of an operation on `b`: it has a grad_fn, "
                "and so it is no leaf.",
                "`c` 是对 `b` 运算并被记录的结果：它有 grad_fn，所以不是叶子。",
            ),
        ),
    ),
)


def scaled_lists():
    """Yield (values, scale): lists of whole and of broken numbers."""
    chance = dice(1)
    for turn in range(8):
        size = chance.randint(1, 5)
        whole = [chance.randint(-5, 5) for _ in range(size)]
        broken = [chance.uniform(-5, 5) for _ in range(size)]
        yield (whole, chance.choice([2, 3])) if turn % 2 else (broken, 0.5)


def as_parameter(w, values, scale):
    """Observe what makes a tensor a parameter: flag, leaf, dtype, values, gradient."""
    if not isinstance(w, torch.Tensor):
        return "no tensor"
    if not (w.requires_grad and w.is_leaf):
        return (w.requires_grad, w.is_leaf)
    w.grad = None
    (w**2).sum().backward()
    return (str(w.dtype), w.detach().double(), w.grad.double())


def parameter(values, scale):
    return (torch.tensor(values, dtype=torch.float32) * scale).requires_grad_()


PARAMETER = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Finish the arithmetic first, switch recording on last: then it is a leaf.",
        "先把算术做完，最后再打开记录：这样得到的才是叶子。",
    ),
    cases=scaled_lists,
    solution=parameter,
    hints=(),
    mistakes=(
        Mistake(
            "FLAG-MAKES-LEAF",
            lambda values, scale: (
                torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale
            ),
            Text(
                "Your tensor is the result of an operation on a tracked tensor, so it "
                "is no leaf and its .grad would stay None; set the flag last.",
                "你的张量是对已追踪张量做运算的结果，不是叶子，它的 .grad 会一直是 None；"
                "请最后再设置标志。",
            ),
        ),
        Mistake(
            "INT-DTYPE",
            lambda values, scale: torch.tensor(
                [scale * value for value in values]
            ).requires_grad_(),
            Text(
                "A list of whole numbers makes an integer tensor, and only floating "
                "point tensors can require grad; ask for dtype=torch.float32.",
                "整数列表会得到整数张量，而只有浮点张量能要求梯度；"
                "请写 dtype=torch.float32。",
            ),
        ),
        Mistake(
            "TYPO-ACCEPTED",
            lambda values, scale: torch.tensor(values, dtype=torch.float32) * scale,
            Text(
                "requires_grad is still False; is it spelled requires_grad_ and called, "
                "with ()? A misspelt attribute is accepted without a word.",
                "requires_grad 仍是 False；是否写成了 requires_grad_ 并加了 () 调用？"
                "拼错的属性会被一声不响地接受。",
            ),
        ),
    ),
    observe=as_parameter,
    tolerance=1e-6,
)


def used_cases():
    """Yield (f, values): functions that use some of three inputs."""
    chance = dice(2)
    functions = (
        lambda a, b, c: a * c,
        lambda a, b, c: b**2,
        lambda a, b, c: a + 0 * b,
        lambda a, b, c: a if a > b else c,
        lambda a, b, c: a * b + c,
    )
    for f in functions:
        yield f, [chance.uniform(1, 2), chance.uniform(-2, 0), chance.uniform(-2, 2)]


def leaves_of(values):
    return [torch.tensor(value, requires_grad=True) for value in values]


def used(f, values):
    leaves = leaves_of(values)
    f(*leaves).backward()
    return [leaf.grad is not None for leaf in leaves]


def used_if_not_zero(f, values):
    leaves = leaves_of(values)
    f(*leaves).backward()
    return [bool(leaf.grad is not None and leaf.grad != 0) for leaf in leaves]


def used_if_number(f, values):
    leaves = leaves_of(values)
    f(*leaves).backward()
    return [bool(leaf.grad.abs() >= 0) for leaf in leaves]


USED = Exercise(
    title=Text("", ""),
    lesson=Text(
        "None says «not in the graph», 0 says «in the graph, but flat»: two answers.",
        "None 表示“不在图中”，0 表示“在图中，但是平的”：这是两个不同的答案。",
    ),
    cases=used_cases,
    solution=used,
    hints=(),
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            used_if_not_zero,
            Text(
                "In a + 0 * b the input b was used: its gradient is the number 0, and "
                "that is not None.",
                "在 a + 0 * b 中，b 被用到了：它的梯度是数 0，而不是 None。",
            ),
        ),
        Mistake(
            "FLAG=USED",
            lambda f, values: [leaf.requires_grad for leaf in leaves_of(values)],
            Text(
                "requires_grad says that an input may get a gradient, not that it was "
                "used; run backward() and look at .grad.",
                "requires_grad 只表示可以得到梯度，不表示被用到；"
                "请运行 backward() 再看 .grad。",
            ),
        ),
        Mistake(
            "EVERY-LEAF-HAS-A-NUMBER",
            used_if_number,
            Text(
                "An input that was not used has .grad None, which cannot be compared "
                "like a number; test `is not None`.",
                "没有用到的输入，其 .grad 是 None，不能像数那样比较；请用 `is not None`。",
            ),
        ),
    ),
)

LESSONS = {
    "requires_grad/before": GRAD_BEFORE,
    "requires_grad/late": LATE_FLAG,
    "requires_grad/leaves": LEAVES,
    "requires_grad/parameter": PARAMETER,
    "requires_grad/used": USED,
}
