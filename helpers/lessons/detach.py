"""Lesson 5: detach cuts the graph, not the memory."""

import numpy as np
import torch
from torch import Tensor

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, named, vector

FOUR = torch.arange(4.0)


def gradient(result, start=FOUR):
    """Return what a walk back from the sum of a result brings to a new leaf."""
    x = start.clone().requires_grad_()
    result(x).sum().backward()
    return x.grad


def square(x):
    return x * x


# ---------------------------------------------------------------- a detached factor

PRODUCT = Prediction(
    title=Text("A detached factor", "分离出来的因子"),
    lesson=Text(
        "A detached factor is a constant: only the other factor is differentiated.",
        "分离出来的因子是常数：只有另一个因子参与求导。",
    ),
    hints=(
        Text(
            "Go back from `z`: by which roads can you reach `x`, and which of them leads through a tensor without a `grad_fn`?",
            "从 `z` 往回走：有哪几条路通到 `x`？哪一条要经过没有 `grad_fn` 的张量？",
        ),
        Text(
            "Write a plain letter c in place of `u`. What is the slope of c · x, and which number does c stand for in each place?",
            "把 `u` 换成一个普通的字母 c。c · x 的斜率是什么？每个位置上的 c 又是几？",
        ),
    ),
    truth=[0.0, 1.0, 4.0, 9.0],
    program="""
x = torch.arange(4.0, requires_grad=True)
y = x * x
u = y.detach()
z = u * x
z.sum().backward()
x.grad
""",
    mistakes=(
        Mistake(
            "DETACH-CUTS-THE-OTHER",
            lambda: gradient(lambda x: square(x) * x.detach()),
            en="2x · x is what the road through y alone would bring. x enters the product twice: on which of its two roads does detach() stand?",
            zh="2x · x 是只经过 y 的那条路带来的。x 两次进入这个乘积：detach() 在哪一条路上？",
        ),
        Mistake(
            "DETACH-KILLS-THE-GRAPH",
            lambda: torch.zeros(4),
            en="For that, no road from z to x may be left. x enters the product twice, by way of y and by itself: were both roads cut?",
            zh="要是这样，从 z 就没有一条路通到 x 了。x 两次进入这个乘积，一次经过 y，一次直接进入：两条路都断了吗？",
            variants=(None, "error"),
        ),
    ),
)

# ---------------------------------------------------------------- half a product rule


def pairs_of_factors():
    """Yield (f, g, x): two smooth functions and a leaf."""
    chance = dice(8)
    pairs = [
        (named("x", lambda x: 1 * x), named("x²", lambda x: x * x)),
        (torch.sin, torch.exp),
        (named("x²", lambda x: x**2), torch.cos),
        (torch.exp, torch.sin),
        (torch.sin, named("x", lambda x: x)),  # computes nothing: no_grad leaves it be
    ]
    for f, g in pairs * 2:
        yield f, g, vector(chance, 4, tracked=True)


def value_and_gradient(z, f, g, x):
    """Observe a result by its value, whether it has a graph, and what reaches x."""
    if not isinstance(z, Tensor):
        return z
    if z.requires_grad:
        z.sum().backward()
    return z.detach(), f"requires_grad={z.requires_grad}", x.grad


def half_product(f, g, x):
    return (f(x) * g(x).detach()).sum()


HALF_PRODUCT = ExerciseBuilder(
    title=Text("One term of the product rule", "乘积求导法则中的一项"),
    lesson=Text(
        "The value is that of the whole product, the gradient one of the two terms of its rule.",
        "值是整个乘积的值，梯度却只有乘积求导法则两项中的一项。",
    ),
    hints=(
        Text(
            "Two factors, two roads back to x. Which one has to be closed, and what gives you the same numbers without that road?",
            "两个因子，两条回到 x 的路。该封住哪一条？怎样得到数值相同、却没有这条路的张量？",
        ),
        Text(
            "Compute g(x), give the tensor that detach() returns a name, multiply f(x) by it, and return the sum of that.",
            "先算 g(x)，给 detach() 返回的张量起个名字，用它去乘 f(x)，再返回乘积的和。",
        ),
    ),
    cases=pairs_of_factors,
    solution=half_product,
    observe=value_and_gradient,
    parts=(
        Text("the value", "值"),
        Text("the flag of the result", "结果的标志"),
        Text("the gradient of x", "x 的梯度"),
    ),
    tolerance=1e-6,  # a constant may have been rounded to float32
)


@HALF_PRODUCT.mistake(
    "DETACH-IS-A-COPY",
    en="This is the whole product rule: g(x) is still connected, and a copy of it is, too. What cuts is detach().",
    zh="这是完整的乘积求导法则：g(x) 仍然连着，它的副本也一样。能剪断的是 detach()。",
)
def copied(f, g, x):
    return (f(x) * g(x).clone()).sum()


@HALF_PRODUCT.mistake(
    "NO_GRAD-MAKES-CONSTANTS",
    en="no_grad keeps what is computed from being recorded, but a g that returns x itself computes nothing: then u is x, and still requires grad. Cut it with detach().",
    zh="no_grad 只是不记录其中的运算；而直接返回 x 的 g 什么也没有算：这时 u 就是 x，仍然需要梯度。请用 detach() 切断。",
)
def g_unrecorded(f, g, x):
    with torch.no_grad():
        u = g(x)
    return (f(x) * u).sum()


@HALF_PRODUCT.mistake(
    "X-CHANGED",
    en="`detach_()` cuts in place: where g returns x itself, it cuts off the caller's x. Take `detach()`, which returns a new tensor.",
    zh="`detach_()` 是就地操作：g 直接返回 x 时，被切断的就是调用者的 x 本身。请改用 `detach()`，它返回一个新张量。",
)
def detached_in_place(f, g, x):
    u = g(x).detach_()
    return (f(x) * u).sum()


@HALF_PRODUCT.variant
def detached_in_place_after_f(f, g, x):
    return (f(x) * g(x).detach_()).sum()


@HALF_PRODUCT.mistake(
    "DETACH-TOO-MUCH",
    en="Your result has no graph at all; detach only the factor g(x), before you multiply.",
    zh="你的结果完全没有计算图；请只分离因子 g(x)，而且在相乘之前。",
)
def everything_detached(f, g, x):
    return (f(x) * g(x)).sum().detach()


@HALF_PRODUCT.mistake(
    "WRONG-FACTOR",
    en="The other factor was detached: what is left is f · g′, and f′ · g is wanted.",
    zh="被分离的是另一个因子：剩下的是 f · g′，而要的是 f′ · g。",
)
def wrong_factor(f, g, x):
    return (f(x).detach() * g(x)).sum()


def is_a_vector(got, wanted):
    """Tell whether each case gave one number for each of x."""
    return all(value.dim() == 1 for value, *_ in got)


@HALF_PRODUCT.mistake(
    "JACOBIAN",
    en="That is a vector, one product for each number of x; add them up with .sum(), so that one number comes out.",
    zh="那是一个向量，x 的每个数对应一个乘积；请用 .sum() 把它们加起来，得到一个数。",
    resembles=is_a_vector,
)
def not_summed(f, g, x):
    return f(x) * g(x).detach()


@HALF_PRODUCT.mistake(
    "SUM=MEAN",
    en="That is the mean, so value and gradient are a quarter of what is asked; add up with .sum().",
    zh="那是平均值，所以值和梯度都只有题目所要的四分之一；请用 .sum() 相加。",
)
def averaged(f, g, x):
    return (f(x) * g(x).detach()).mean()


@HALF_PRODUCT.mistake(
    "PRODUCT-OF-SUMS",
    en="A product of two sums is not the sum of the products: multiply number by number first, then add up.",
    zh="两个和的乘积不等于乘积的和：请先逐个相乘，再相加。",
)
def product_of_sums(f, g, x):
    return f(x).sum() * g(x).detach().sum()


@HALF_PRODUCT.mistake(
    "GRAPH-FREED",
    en="Leave the walk back to the caller: return the sum itself, still on its graph.",
    zh="反向传播留给调用者来做：请返回那个和本身，并让它仍连着计算图。",
)
def walked_back_inside(f, g, x):
    z = half_product(f, g, x)
    z.backward()
    return z


@HALF_PRODUCT.variant
def walked_back_and_detached(f, g, x):
    return walked_back_inside(f, g, x).detach()


@HALF_PRODUCT.variant
def walked_back_twice(f, g, x):
    z = half_product(f, g, x)
    z.backward(retain_graph=True)
    return z


@HALF_PRODUCT.mistake(
    "GRADIENT-RETURNED",
    en="Those are the numbers of the gradient; return the sum, and its gradient will follow when the caller walks back.",
    zh="那是梯度的数值；请返回那个和，调用者反向传播时自然会得到梯度。",
)
def gradient_returned(f, g, x):
    half_product(f, g, x).backward()
    return x.grad


@HALF_PRODUCT.variant
def gradient_computed(f, g, x):
    return torch.autograd.grad(half_product(f, g, x), x)[0]


@HALF_PRODUCT.mistake(
    "ITEM-OF-A-VECTOR",
    en="`.item()` wants a tensor with one number, and g(x) has several; detach() makes a constant of them all.",
    zh="`.item()` 只接受含一个数的张量，而 g(x) 有好几个；detach() 能把它们全变成常数。",
)
def item_of_a_vector(f, g, x):
    return (f(x) * g(x).item()).sum()


@HALF_PRODUCT.mistake(
    "FUNCTION=VALUE",
    en="f and g are functions, not tensors: call them first, f(x) and g(x), then detach and multiply what they return.",
    zh="f 和 g 是函数，不是张量：请先调用 f(x) 和 g(x)，再对它们返回的结果做分离和相乘。",
)
def functions_multiplied(f, g, x):
    return (f(x) * g.detach()).sum()


@HALF_PRODUCT.variant
def product_of_functions(f, g, x):
    return (f * g)(x)


# ---------------------------------------------------------------- the tensor it is from


def both_walks(from_z, from_y=square):
    """Return the sum of what a walk from z and one from y bring."""
    return gradient(from_z) + gradient(from_y)


def from_z(x):
    return square(x).detach() * x


ORIGINAL = Prediction(
    title=Text("The tensor u was taken from", "u 的来源张量"),
    lesson=Text(
        "detach() returns a cut tensor and leaves y, and its road to x, as they were.",
        "detach() 返回一个断开的张量；y 和它通向 x 的路保持原样。",
    ),
    hints=(
        Text(
            "Two walks, and nothing is cleared between them: `.grad` adds up what they bring. Take them one at a time.",
            "两次反向传播，中间没有清零：`.grad` 会把它们带来的加起来。请一次一次地想。",
        ),
        Text(
            "The first walk brings `u`, as before. For the second, strike out the lines with `u` and `z`, since it does not meet them.",
            "第一次反向传播带来的是 `u`，与前面一样。想第二次时，把含有 `u` 和 `z` 的几行划掉，因为它碰不到它们。",
        ),
    ),
    truth=[0.0, 3.0, 8.0, 15.0],
    program="""
x = torch.arange(4.0, requires_grad=True)
y = x * x
u = y.detach()
z = u * x
z.sum().backward()
y.sum().backward()
x.grad
""",
    mistakes=(
        Mistake(
            "DETACH-IN-PLACE",
            lambda: gradient(from_z),
            en="That is what the walk from z brings. You let the walk from y bring nothing, as if detach() had cut off y itself; does it?",
            zh="那是从 z 出发的反向传播带来的。你认为从 y 出发的那次什么也带不来，好像 detach() 把 y 本身也切断了；它会吗？",
        ),
        Mistake(
            "DETACH-KILLS-THE-GRAPH",
            lambda: torch.zeros(4),
            en="Nothing would come only if every road to x were cut. Which tensor on the way has no `grad_fn`, and which roads lead past it?",
            zh="只有通到 x 的路全断了，才会什么也没有。途中哪个张量没有 `grad_fn`？有哪些路不经过它？",
            variants=(None,),
        ),
        Mistake(
            "LAST-STEP-ONLY",
            lambda: both_walks(from_z, lambda x: x),
            en="There is a 1 from y in that: it is what the sum sends to y. The walk goes on from there, to a leaf.",
            zh="你的答案里有 y 带来的 1：那是求和传给 y 的。反向传播还会从那里走下去，一直走到叶子。",
            variants=(lambda: gradient(lambda x: x),),
        ),
        Mistake(
            "GRAPH-FREED",
            "error",
            en="No error comes. A walk uses up only what it comes past: did the one from z come past y?",
            zh="不会报错。反向传播只会用掉它经过的部分：从 z 出发的那次经过 y 了吗？",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: FOUR**3 + FOUR**2,
            en="Those are the numbers of z and y added; `.grad` adds up slopes.",
            zh="那是 z 与 y 的值之和；`.grad` 加起来的是斜率。",
        ),
    ),
)

# ---------------------------------------------------------------- an edit


def edited(numbers):
    """Return numbers with a 10 in the second place."""
    return numbers.index_fill(0, torch.tensor([1]), 10.0)


EDITED = Prediction(
    title=Text("Writing into u", "往 u 里写"),
    lesson=Text(
        "u and x are two names for the same memory: whoever writes to one, writes to both.",
        "u 和 x 是同一块内存的两个名字：改了一个，另一个也就改了。",
    ),
    hints=(
        Text(
            "The graph has nothing to say here: `u[1] = 10.0` is not recorded. Where do the numbers of `u` live?",
            "这里与计算图无关：`u[1] = 10.0` 没有被记录。`u` 的数据存放在哪里？",
        ),
        Text(
            "Ask what `x` holds when `y = x * x` runs, and take the gradient 2x with those numbers.",
            "想一想执行 `y = x * x` 时 `x` 的值是什么，再用它们算梯度 2x。",
        ),
    ),
    truth=[0.0, 20.0, 4.0, 6.0],
    program="""
x = torch.arange(4.0, requires_grad=True)
u = x.detach()
u[1] = 10.0
y = x * x
y.sum().backward()
x.grad
""",
    mistakes=(
        Mistake(
            "EDITED-IS-CONSTANT",
            lambda: gradient(lambda x: square(edited(x))),
            en="The second 0 would mean that its place in x was cut off. But the edit was not recorded, so it can cut nothing.",
            zh="第二个 0 意味着 x 的那个位置断开了。可这次修改没有被记录，所以它什么也切不断。",
        ),
        Mistake(
            "EDIT-ALWAYS-RAISES",
            "error",
            en="Nothing is refused: u requires no grad, and the edit came before anything was saved for the walk back.",
            zh="不会报错：u 不需要梯度，而且修改的时候，还没有为反向传播保存任何数。",
        ),
        Mistake(
            "EDIT-WRITES-THE-GRADIENT",
            lambda: edited(gradient(square)),
            en="The 10 was written among the numbers of x, not into its gradient, which is computed only later.",
            zh="10 写进的是 x 的数值，而不是它的梯度；梯度要到后面才计算。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: square(edited(FOUR)),
            en="There is a value of y in that; asked for is the slope of x * x, at the x that was used.",
            zh="你的答案里混进了 y 的值；题目问的是 x * x 在实际用到的那个 x 处的斜率。",
            variants=(
                lambda: square(FOUR),
                lambda: torch.tensor([0.0, 100.0, 4.0, 6.0]),
            ),
        ),
        Mistake(
            "DETACH-ACTS-ON-X",
            None,
            en="x still requires grad: detach() made u, and took nothing from x.",
            zh="x 仍然需要梯度：detach() 只是造出了 u，没有从 x 拿走什么。",
            variants=(lambda: torch.zeros(4),),
        ),
    ),
)

# ---------------------------------------------------------------- a snapshot


def leaves():
    """Yield (x,): leaves of several sizes, float32 as in the notebook, then float64."""
    chance = dice(9)
    for size in (1, 3, 5):
        yield (vector(chance, size).float().requires_grad_(),)
    yield (vector(chance, 2, tracked=True),)


def after_an_edit(array, x):
    """Observe a snapshot by its numbers, and by what x shows after an edit of it."""
    if not isinstance(array, np.ndarray):
        return type(array).__name__
    numbers = torch.tensor(array)
    array[...] = 100.0
    return numbers, x.detach().clone(), f"requires_grad={x.requires_grad}"


def snapshot(x):
    return x.detach().clone().numpy()


SNAPSHOT = ExerciseBuilder(
    title=Text("A snapshot for NumPy", "为 NumPy 拍一张快照"),
    lesson=Text(
        "A snapshot is off the graph and has its own memory: detach() does the one, clone() the other.",
        "快照既断开了计算图，又有自己的内存：前者可以用 detach()，后者可以用 clone()。",
    ),
    hints=(
        Text(
            "The array must be free of two things: of the graph, because NumPy does not record, and of the memory of x.",
            "数组要摆脱两样东西：计算图（NumPy 不做记录），以及 x 的内存。",
        ),
        Text(
            "Leave the graph with detach(), the memory with clone() (or NumPy's copy()), and turn the result into an array with numpy().",
            "用 detach() 断开计算图，用 clone()（或 NumPy 的 copy()）另开一块内存，再用 numpy() 变成数组。",
        ),
    ),
    cases=leaves,
    solution=snapshot,
    observe=after_an_edit,
    parts=(
        Text("the array", "数组"),
        Text("x, after the array was written into", "改写数组之后的 x"),
        Text("the flag of x", "x 的标志"),
    ),
)


@SNAPSHOT.mistake(
    "DETACH-COPIES",
    en="An edit of your array changed x: detach(), .data and .numpy() all share their memory with x, so copy the numbers as well.",
    zh="修改你的数组，x 也跟着变了：detach()、.data 和 .numpy() 都与 x 共享内存，所以数值也要复制。",
)
def detach_alone(x):
    return x.detach().numpy()


@SNAPSHOT.variant
def forced(x):
    return x.numpy(force=True)


@SNAPSHOT.mistake(
    "DATA-IS-SAFE",
    en="An edit of your array changed x: `.data` has no graph, but the memory of x, and nobody notices. Copy the numbers as well.",
    zh="修改你的数组，x 也跟着变了：`.data` 虽然没有计算图，用的却还是 x 的内存，而且没有任何提示。数值也要复制。",
)
def data_alone(x):
    return x.data.numpy()


SNAPSHOT.mistake(
    "INT-DTYPE",
    lambda x: x.detach().int().numpy(),
    en="Your array holds whole numbers: the rest was cut off. Keep the dtype of x.",
    zh="你的数组里是整数：小数部分被截掉了。请保留 x 的 dtype。",
)


@SNAPSHOT.mistake(
    "X-CHANGED",
    en="The caller's x no longer requires grad; leave x as it is and use what x.detach() returns.",
    zh="调用者的 x 不再需要梯度了；请不要改动 x，用 x.detach() 返回的张量。",
)
def tracking_off(x):
    x.requires_grad_(False)
    return x.clone().numpy()


@SNAPSHOT.variant
def tracking_off_and_shared(x):
    return x.requires_grad_(False).numpy()


@SNAPSHOT.mistake(
    "STILL-A-TENSOR",
    en="That is still a tensor; its method .numpy() gives the array.",
    zh="这还是一个张量；用它的 .numpy() 方法得到数组。",
)
def still_a_tensor(x):
    return x.detach().clone()


SNAPSHOT.mistake(
    "ITEM-OF-A-VECTOR",
    Tensor.item,
    en="`.item()` takes one number out of a tensor, and x may have several; .numpy() takes them all.",
    zh="`.item()` 只能从张量里取一个数，而 x 可能有好几个；.numpy() 能全部取出。",
)

SNAPSHOT.mistake(
    "TYPO-ACCEPTED",
    lambda x: x.detach().clone().numpy,
    en="That is the method itself, not what it returns: a method runs only with parentheses, `.numpy()`.",
    zh="那是方法本身，不是它返回的结果：加上括号 `.numpy()` 才会执行。",
)

SNAPSHOT.mistake(
    "NOTHING-RETURNED",
    lambda x: None,
    en="Your function returns nothing: print only shows a result, `return` hands it over.",
    zh="你的函数什么也没有返回：print 只是显示结果，`return` 才把它交出来。",
)


def is_no_array(got, wanted):
    """Tell whether each case gave something that NumPy did not make."""
    return all(type(seen) is str for seen in got)


SNAPSHOT.mistake(
    "LIST=ARRAY",
    Tensor.tolist,
    en="The numbers are free, but this is no NumPy array; .numpy() on a detached tensor makes one.",
    zh="数值是独立的，但这不是 NumPy 数组；对分离出来的张量调用 .numpy() 就能得到。",
    resembles=is_no_array,
)

# ---------------------------------------------------------------- a constant of no_grad

THREE = torch.tensor(3.0)

NO_GRAD = Prediction(
    title=Text("Out of a no_grad block", "从 no_grad 里出来"),
    lesson=Text(
        "Every new result of a no_grad block is a constant; a name given there to a tensor changes nothing.",
        "在 no_grad 中得到的每个新结果都是常数；而在那里给张量另起名字，什么也不会改变。",
    ),
    hints=(
        Text(
            "no_grad keeps operations from being recorded. Which lines of the block are operations?",
            "no_grad 的作用是不记录运算。代码块里哪几行是运算？",
        ),
        Text(
            "Multiply out, z = u · x + v · x, and ask of `u` and of `v`: is it a new tensor, or is it x?",
            "把括号乘开，z = u · x + v · x；再分别问 `u` 和 `v`：它是一个新张量，还是 x 本身？",
        ),
    ),
    truth=15.0,
    program="""
x = torch.tensor(3.0, requires_grad=True)
with torch.no_grad():
    u = x * x
    v = x
z = (u + v) * x
z.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "NO_GRAD-MAKES-CONSTANTS",
            lambda: gradient(lambda x: (x * x + x).detach() * x, THREE),
            en="12 is u + v: you took whatever leaves the block for a constant. Which operation made v?",
            zh="12 是 u + v：凡是从代码块里出来的，你都当成了常数。v 是由哪个运算得到的？",
        ),
        Mistake(
            "DETACH-CUTS-THE-OTHER",
            lambda: gradient(lambda x: (x * x + x.detach()) * x, THREE),
            en="30 takes u for recorded and v for cut. Ask of each line: which operation did the block leave unrecorded?",
            zh="30 把 u 当成记录过的，把 v 当成切断了的。请逐行问：代码块没有记录的是哪个运算？",
        ),
        Mistake(
            "CONSTANT-DROPPED",
            lambda: gradient(square, THREE),
            en="6 lets the part with u fall away. A constant summand falls away when you differentiate; u is a factor of x.",
            zh="6 把含 u 的部分整个丢掉了。求导时消失的是相加的常数项；而 u 是 x 的因子。",
        ),
        Mistake(
            "ONE-PATH-ONLY",
            lambda: gradient(lambda x: (x * x).detach() * x, THREE),
            en="9 is what the summand u · x brings; the other summand is v · x. What is v?",
            zh="9 是 u · x 这一项带来的；还有一项是 v · x。v 是什么？",
        ),
        Mistake(
            "NO_GRAD-FREEZES-X",
            0.0,
            en="no_grad does nothing to x, and what is computed after the block is recorded as ever.",
            zh="no_grad 对 x 什么也不做，代码块之后的计算也照常记录。",
            variants=(None, "error"),
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: gradient(lambda x: x * x + x, THREE),
            en="7 is the slope of u + v, had the block been recorded; the walk starts at z.",
            zh="7 是 u + v 的斜率（假如代码块被记录过的话）；而反向传播是从 z 开始的。",
        ),
    ),
)

# ---------------------------------------------------------------- a running total


RUNNING_TOTAL = Prediction(
    title=Text("Three numbers for the log", "日志里的三个数"),
    lesson=Text(
        "A recorded sum with a tensor that requires grad keeps its graph; so does a tensor that is merely handed on. For a log, take `.item()`.",
        "与需要梯度的张量相加，只要被记录，得到的和就会留住计算图；原样传递的张量也一样。要记日志，请用 `.item()`。",
    ),
    hints=(
        Text(
            "Ask of each of the three lines: does it compute a new tensor, and if so, is that recorded?",
            "三行各问一句：它有没有算出新的张量？如果有，这个运算有没有被记录？",
        ),
        Text(
            "Two lines add, one of them where nothing is recorded. And Python's max adds nothing: it hands back one of the two things that it was given.",
            "有两行做了加法，其中一行不会被记录。而 Python 的 max 并不计算：它只是把收到的两样东西之一交回来。",
        ),
    ),
    truth=[True, False, True],
    names=("total", "report", "worst"),
    mistakes=(
        Mistake(
            "NO-BACKWARD-NO-GRAPH",
            [False, False, False],
            en="As if nothing had been recorded, because nobody walks back here. But the graph is made while you compute, not by backward().",
            zh="仿佛没有人反向传播，就什么也没有记录。但计算图是在计算的同时建立的，不是由 backward() 建立的。",
        ),
        Mistake(
            "LOSS-IS-A-NUMBER",
            [False, False, True],
            en="total began as a plain 0.0. But what is a number plus a tensor?",
            zh="total 一开始是普通的 0.0。可是，一个数加上一个张量，得到的是什么？",
            variants=([False, True, True],),
        ),
        Mistake(
            "NO_GRAD-STILL-FLOWS",
            [True, True, True],
            en="loss was recorded, true. But an addition is an operation of its own: where does each of the two stand?",
            zh="loss 确实被记录了。但加法本身也是一次运算：那两次加法各在哪里？",
            variants=([True, True, False],),
        ),
        Mistake(
            "NO_GRAD-MAKES-CONSTANTS",
            [True, False, False],
            en="You took whatever leaves the block for a constant. Ask of each line in it: does it compute anything?",
            zh="凡是从代码块里出来的，你都当成了常数。请逐行问：它有没有计算什么？",
        ),
    ),
)

LESSONS = {
    "detach/product": PRODUCT,
    "detach/half_product": HALF_PRODUCT.build(),
    "detach/original": ORIGINAL,
    "detach/edited": EDITED,
    "detach/snapshot": SNAPSHOT.build(),
    "detach/no_grad": NO_GRAD,
    "detach/running_total": RUNNING_TOTAL,
}
