"""Lesson 5: detach cuts the graph, not the memory."""

import numpy as np
import torch

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice, vector

PRODUCT = Prediction(
    title=Text("", ""),
    lesson=Text(
        "A detached factor is a constant: only the other factor is differentiated.",
        "分离出来的因子是常数：只有另一个因子参与求导。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "DETACH-IS-A-COPY",
            lambda: [0.0, 3.0, 12.0, 27.0],
            Text(
                "That is 3x², the gradient of y * x; but `u` has only the numbers of "
                "y, and no road leads from it back to x.",
                "那是 3x²，即 y * x 的梯度；但 `u` 只有 y 的数值，从它没有路回到 x。",
            ),
        ),
        Mistake(
            "DETACH-CUTS-THE-OTHER",
            lambda: [0.0, 2.0, 8.0, 18.0],
            Text(
                "That is the road through y, 2x · x; but this is the road that was "
                "cut, and the direct one from x is still there.",
                "那是经过 y 的那条路，2x · x；"
                "可被剪断的正是它，从 x 直接过来的路还在。",
            ),
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: [0.0, 2.0, 4.0, 6.0],
            Text(
                "2x is the gradient of y; the walk starts at z, which is u times x.",
                "2x 是 y 的梯度；而回溯是从 z 开始的，z 等于 u 乘 x。",
            ),
        ),
    ),
)

ORIGINAL = Prediction(
    title=Text("", ""),
    lesson=Text(
        "detach() returns a cut tensor and leaves y, and its road to x, as they were.",
        "detach() 返回一个断开的张量；y 和它通向 x 的路保持原样。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "DETACH-ACTS-ON-Y",
            lambda: [0.0, 0.0, 0.0, 0.0],
            Text(
                "For zeros, y would have to be cut off from x; but detach() returned a "
                "new tensor, u, and did nothing to y.",
                "要得到零，y 就得与 x 断开；但 detach() 返回的是新张量 u，y 并没有变。",
            ),
        ),
        Mistake(
            "OLD-GRADIENT-STAYS",
            lambda: [0.0, 1.0, 4.0, 9.0],
            Text(
                "That is u, the gradient of the first walk; zero_() cleared it, and "
                "the second walk then wrote its own.",
                "那是 u，第一次回溯的梯度；"
                "zero_() 已把它清零，第二次回溯又写入了自己的。",
            ),
        ),
        Mistake(
            "ZERO-FORGOTTEN",
            lambda: [0.0, 3.0, 8.0, 15.0],
            Text(
                "That is u + 2x, the sum of both walks; but zero_() stands between "
                "them.",
                "那是 u + 2x，两次回溯之和；可它们之间有一次 zero_()。",
            ),
        ),
    ),
)

EDITED = Prediction(
    title=Text("", ""),
    lesson=Text(
        "u and x are two names for the same memory: whoever writes to one, writes to "
        "both.",
        "u 和 x 是同一块内存的两个名字：改了一个，另一个也就改了。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "DETACH-COPIES",
            lambda: [0.0, 2.0, 4.0, 6.0],
            Text(
                "That would be right if u were a copy; but detach() copies no numbers, "
                "and x[1] is 10 now too.",
                "如果 u 是副本，这就对了；但 detach() 不复制数值，x[1] 现在也是 10。",
            ),
        ),
        Mistake(
            "EDITED-IS-CONSTANT",
            lambda: [0.0, 0.0, 4.0, 6.0],
            Text(
                "The number that was overwritten is still a part of the leaf x: the "
                "edit was not recorded, so nothing was cut in x.",
                "被改写的那个数仍是叶子 x 的一部分："
                "这次修改没有被记录，所以 x 没有断开。",
            ),
        ),
        Mistake(
            "DETACH-ACTS-ON-X",
            lambda: None,
            Text(
                "x still requires grad: detach() made u, and took nothing from x.",
                "x 仍然要求梯度：detach() 只是造出了 u，没有从 x 拿走什么。",
            ),
        ),
    ),
)

NO_GRAD = Prediction(
    title=Text("", ""),
    lesson=Text(
        "What is computed under no_grad is a constant for everything that follows.",
        "在 no_grad 中算出的东西，对后面的一切来说都是常数。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "NO_GRAD-STILL-FLOWS",
            lambda: 27.0,
            Text(
                "27 is 3x², as if u had been recorded; nothing inside the block was.",
                "27 是 3x²，仿佛 u 被记录过；而代码块里什么都没有记录。",
            ),
        ),
        Mistake(
            "NO_GRAD-FREEZES-X",
            lambda: 0.0,
            Text(
                "no_grad does not change x: the multiplication by x after the block is "
                "recorded as ever.",
                "no_grad 不会改变 x：代码块之后与 x 的相乘照常被记录。",
            ),
        ),
        Mistake(
            "ONLY-THE-BLOCK-COUNTS",
            lambda: 18.0,
            Text(
                "18 is the road through u, 2x · x; the block is the one place where "
                "no road was written down.",
                "18 是经过 u 的那条路，2x · x；而恰恰只有代码块里没有记下路。",
            ),
        ),
    ),
)


def pairs_of_factors():
    """Yield (f, g, x): two smooth functions and a leaf."""
    chance = dice(8)
    pairs = [
        (lambda x: 1 * x, lambda x: x * x),
        (torch.sin, torch.exp),
        (lambda x: x**2, torch.cos),
    ]
    for f, g in pairs * 2:
        yield f, g, vector(chance, 4, tracked=True)


def value_and_gradient(z, f, g, x):
    """Observe a result by its value, whether it has a graph, and what reaches x."""
    if not isinstance(z, torch.Tensor):
        return z
    if z.requires_grad and z.dim() == 0:
        z.backward()
    return z.detach(), z.requires_grad, x.grad


def half_product(f, g, x):
    return (f(x) * g(x).detach()).sum()


def detach_unused(f, g, x):
    u = g(x)
    u.detach()
    return (f(x) * u).sum()


def everything_detached(f, g, x):
    return (f(x) * g(x)).sum().detach()


def wrong_factor(f, g, x):
    return (f(x).detach() * g(x)).sum()


def new_leaf(f, g, x):
    leaf = x.detach().requires_grad_()
    return (f(leaf) * g(x).detach()).sum()


def not_summed(f, g, x):
    return f(x) * g(x).detach()


HALF_PRODUCT = Exercise(
    title=Text("", ""),
    lesson=Text(
        "The value is that of the whole product, the gradient only half of its rule.",
        "值是整个乘积的值，梯度却只有乘法法则的一半。",
    ),
    cases=pairs_of_factors,
    solution=half_product,
    hints=(),
    mistakes=(
        Mistake(
            "DETACH-IN-PLACE",
            detach_unused,
            Text(
                "This is the whole product rule: g(x) is still connected. detach() "
                "does not change its tensor, so multiply by what it returns.",
                "这是完整的乘法法则：g(x) 仍然连着。detach() 不改变原张量，"
                "请用它返回的那个去乘。",
            ),
        ),
        Mistake(
            "DETACH-TOO-MUCH",
            everything_detached,
            Text(
                "Your result has no graph at all; detach only the factor g(x), before "
                "you multiply.",
                "你的结果完全没有计算图；请只分离因子 g(x)，而且在相乘之前。",
            ),
        ),
        Mistake(
            "WRONG-FACTOR",
            wrong_factor,
            Text(
                "The other factor was detached: what is left is f · g′, and f′ · g is "
                "wanted.",
                "被分离的是另一个因子：剩下的是 f · g′，而要的是 f′ · g。",
            ),
        ),
        Mistake(
            "NEW-LEAF",
            new_leaf,
            Text(
                "Your result hangs on a new leaf, so x.grad stays empty; compute f "
                "from x itself.",
                "你的结果挂在一个新叶子上，所以 x.grad 是空的；请直接用 x 计算 f。",
            ),
        ),
        Mistake(
            "NOT-SUMMED",
            not_summed,
            Text(
                "The factors are right; add up the products with .sum(), so that one "
                "number comes out.",
                "两个因子都对；请用 .sum() 把乘积加起来，得到一个数。",
            ),
        ),
    ),
    observe=value_and_gradient,
)


def leaves():
    """Yield (x,): leaves of several sizes."""
    chance = dice(9)
    for size in (1, 3, 5):
        yield (vector(chance, size, tracked=True),)


def after_an_edit(array, x):
    """Observe a snapshot by its numbers, and by what x shows after an edit of it."""
    if not isinstance(array, np.ndarray):
        return (type(array).__name__,)
    numbers = torch.tensor(array)
    array[...] = 100.0
    return numbers, x.detach().clone(), x.requires_grad


def snapshot(x):
    return x.detach().clone().numpy()


def clone_alone(x):
    return x.clone().numpy()


def detach_alone(x):
    return x.detach().numpy()


def tracking_off(x):
    x.requires_grad_(False)
    return x.clone().numpy()


def tracking_off_and_shared(x):
    return x.requires_grad_(False).numpy()


def still_a_tensor(x):
    return x.detach().clone()


SWITCHED_OFF = Text(
    "The caller's x no longer requires grad; leave x as it is and use what x.detach() "
    "returns.",
    "调用者的 x 不再要求梯度了；请不要改动 x，用 x.detach() 返回的张量。",
)

SNAPSHOT = Exercise(
    title=Text("", ""),
    lesson=Text(
        "detach() leaves the graph, clone() leaves the memory; a snapshot needs both.",
        "detach() 离开计算图，clone() 离开内存；快照两样都需要。",
    ),
    cases=leaves,
    solution=snapshot,
    hints=(),
    mistakes=(
        Mistake(
            "NUMPY-TRACKS",
            clone_alone,
            Text(
                "NumPy cannot record operations, so PyTorch refuses; leave the graph "
                "first with detach() (clone() alone stays in it).",
                "NumPy 无法记录运算，所以 PyTorch 拒绝；"
                "请先用 detach() 离开计算图（只用 clone() 还在图里）。",
            ),
        ),
        Mistake(
            "SHARED-MEMORY",
            detach_alone,
            Text(
                "An edit of your array changed x: detach() and .data share their "
                "memory with x, so copy the numbers as well.",
                "修改你的数组也改了 x："
                "detach() 和 .data 与 x 共享内存，所以数值也要复制。",
            ),
        ),
        Mistake("X-CHANGED", tracking_off, SWITCHED_OFF),
        Mistake("X-CHANGED", tracking_off_and_shared, SWITCHED_OFF),
        Mistake(
            "STILL-A-TENSOR",
            still_a_tensor,
            Text(
                "That is still a tensor; its method .numpy() gives the array.",
                "这还是一个张量；用它的 .numpy() 方法得到数组。",
            ),
        ),
    ),
    observe=after_an_edit,
)

LESSONS = {
    "detach/product": PRODUCT,
    "detach/original": ORIGINAL,
    "detach/edited": EDITED,
    "detach/no_grad": NO_GRAD,
    "detach/half_product": HALF_PRODUCT,
    "detach/snapshot": SNAPSHOT,
}
