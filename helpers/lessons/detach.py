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
    mistakes=(
        Mistake(
            "DETACH-IS-A-COPY",
            lambda: gradient(lambda x: square(x).clone() * x),
            en="That is 3x², the gradient of y * x; but `u` has only the numbers of y, and no road leads from it back to x.",
            zh="那是 3x²，即 y * x 的梯度；但 `u` 只有 y 的数值，从它没有路回到 x。",
        ),
        Mistake(
            "DETACH-CUTS-THE-OTHER",
            lambda: gradient(lambda x: square(x) * x.detach()),
            en="That is the road through y, 2x · x; but this is the road that was cut, and the direct one from x is still there.",
            zh="那是经过 y 的那条路，2x · x；但剪断的正是这条路，从 x 直接过来的那条还在。",
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: gradient(square),
            en="2x is the gradient of y; the walk starts at z, which is u times x.",
            zh="2x 是 y 的梯度；而反向传播是从 z 开始的，z 等于 u 乘 x。",
        ),
        Mistake(
            "OWN-VALUE",
            lambda: FOUR,
            en="Those are the numbers of x: the slope of u · x as `u` changes. Asked is how it changes with x, so the other factor is left.",
            zh="那是 x 的数值，即 `u` 变化时 u · x 的斜率；题目问的是它随 x 的变化，留下的应是另一个因子。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: square(FOUR) * FOUR,
            en="Those are the numbers of z; `x.grad` says how fast z changes with x.",
            zh="那是 z 的数值；`x.grad` 说的是 z 随 x 变化得多快。",
        ),
        Mistake(
            "CONSTANT-DROPPED",
            lambda: gradient(lambda x: x),
            en="A constant summand falls away when you differentiate; a constant factor, like `u` here, stays.",
            zh="求导时消失的是相加的常数项；而像 `u` 这样的常数因子会留下来。",
        ),
        Mistake(
            "DETACH-KILLS-THE-GRAPH",
            lambda: torch.zeros(4),
            en="Only `u` was cut off; `x` is also a factor of `z` itself, and that road is open.",
            zh="断开的只有 `u`；`x` 本身也是 `z` 的因子，这条路是通的。",
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
    ]
    for f, g in pairs * 2:
        yield f, g, vector(chance, 4, tracked=True)


def value_and_gradient(z, f, g, x):
    """Observe a result by its value, whether it has a graph, and what reaches x."""
    if not isinstance(z, Tensor):
        return z
    if z.requires_grad:
        z.sum().backward()
    return z.detach(), z.requires_grad, x.grad


def half_product(f, g, x):
    return (f(x) * g(x).detach()).sum()


HALF_PRODUCT = ExerciseBuilder(
    title=Text("Half of the product rule", "乘法法则的一半"),
    lesson=Text(
        "The value is that of the whole product, the gradient only half of its rule.",
        "值是整个乘积的值，梯度却只有乘法法则的一半。",
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
    tolerance=1e-6,  # a constant may have been rounded to float32
)


@HALF_PRODUCT.mistake(
    "DETACH-IS-A-COPY",
    en="This is the whole product rule: g(x) is still connected, and a copy of it is, too. What cuts is detach().",
    zh="这是完整的乘法法则：g(x) 仍然连着，它的副本也一样。能剪断的是 detach()。",
)
def copied(f, g, x):
    return (f(x) * g(x).clone()).sum()


@HALF_PRODUCT.mistake(
    "DETACH-IN-PLACE",
    en="This is the whole product rule: g(x) is still connected. detach() does not change its tensor, so multiply by what it returns.",
    zh="这是完整的乘法法则：g(x) 仍然连着。detach() 不改变原张量，请用它返回的那个去乘。",
)
def detach_unused(f, g, x):
    u = g(x)
    u.detach()
    return (f(x) * u).sum()


@HALF_PRODUCT.mistake(
    "NO_GRAD-STILL-FLOWS",
    en="Under no_grad nothing was recorded, neither g(x) nor the product: only the factor g(x) may be a constant.",
    zh="在 no_grad 下什么也没有记录，g(x) 和乘积都没有：只有因子 g(x) 才该是常数。",
)
def all_unrecorded(f, g, x):
    with torch.no_grad():
        return (f(x) * g(x)).sum()


@HALF_PRODUCT.mistake(
    "FLAG-MAKES-GRAPH",
    en="A flag on the sum makes a new leaf of it, without a road to x: nothing reaches x. Leave f(x) connected.",
    zh="给求得的和加上标志，只会让它成为一个新叶子，没有路通到 x：什么也到不了 x。请让 f(x) 仍连着 x。",
)
def flag_on_the_sum(f, g, x):
    return everything_detached(f, g, x).requires_grad_()


def is_damaged(got, wanted):
    """Tell results that could not be walked back after a change in place."""
    return any(getattr(g, "family", "") == "INPLACE-IS-FREE" for g in got)


@HALF_PRODUCT.mistake(
    "INPLACE-IS-FREE",
    en="The walk back fails: f may have kept the very numbers that you changed in place. Make a new tensor, `z = f(x) * u`.",
    zh="反向传播会失败：f 可能保存了被你原地修改的那些数。请另建新张量：`z = f(x) * u`。",
    resembles=is_damaged,
)
def multiplied_in_place(f, g, x):
    z = torch.exp(x)  # keeps its result for the walk back
    z *= g(x).detach()
    return z.sum()


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


@HALF_PRODUCT.mistake(
    "NEW-LEAF",
    en="Your result hangs on a new leaf, so x.grad stays empty; compute f from x itself.",
    zh="你的结果挂在一个新叶子上，所以 x.grad 是空的；请直接用 x 计算 f。",
)
def new_leaf(f, g, x):
    leaf = x.detach().requires_grad_()
    return (f(leaf) * g(x).detach()).sum()


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
    "NUMBERS-CARRY-GRAD",
    en="That is a plain Python number, which has no graph; return the tensor, so that somebody can walk back from it.",
    zh="那是普通的 Python 数，没有计算图；请返回张量，这样才能从它反向传播。",
)
def a_plain_number(f, g, x):
    return half_product(f, g, x).item()


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
    "BACKWARD-RETURNS",
    en="You returned what backward() returns, and that is None: return the sum, and let the caller walk back.",
    zh="你返回的是 backward() 的返回值，也就是 None：请返回那个和，由调用者来反向传播。",
)
def backward_returned(f, g, x):
    return half_product(f, g, x).backward()


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


def both_walks_added():
    return FOUR**2 + gradient(square)


ORIGINAL = Prediction(
    title=Text("The tensor u was taken from", "u 的来源张量"),
    lesson=Text(
        "detach() returns a cut tensor and leaves y, and its road to x, as they were.",
        "detach() 返回一个断开的张量；y 和它通向 x 的路保持原样。",
    ),
    hints=(
        Text(
            "Two walks, with `zero_()` between them. From which tensor does the last one start, and what is its own graph?",
            "共有两次反向传播，中间有一次 `zero_()`。最后一次从哪个张量出发？它自己的计算图是什么？",
        ),
        Text(
            "Strike out the lines with `u` and `z`: the last walk does not meet them. What is then the gradient of the sum of x * x?",
            "把含有 `u` 和 `z` 的几行划掉：最后一次反向传播碰不到它们。那么 x * x 之和的梯度是什么？",
        ),
    ),
    truth=[0.0, 2.0, 4.0, 6.0],
    mistakes=(
        Mistake(
            "DETACH-IN-PLACE",
            lambda: torch.zeros(4),
            en="For that, y would have to be cut off from x; but detach() returned a new tensor, u, and did nothing to y.",
            zh="要是这样，y 就得与 x 断开；但 detach() 返回的是新张量 u，y 并没有变。",
            variants=(None,),
        ),
        Mistake(
            "ONE-USE-ONLY",
            lambda: gradient(lambda x: x * x.detach()),
            en="That is what one use of x in x * x brings; both uses bring as much.",
            zh="那是 x * x 中 x 的一次使用带来的；两次使用带来的一样多。",
        ),
        Mistake(
            "FIRST-WINS",
            lambda: gradient(lambda x: square(x).detach() * x),
            en="That is u, the gradient of the first walk; zero_() cleared it, and the second walk then wrote its own.",
            zh="那是 u，第一次反向传播的梯度；zero_() 已把它清零，第二次反向传播又写入了自己的。",
        ),
        Mistake(
            "ZERO-IS-NOT-INPLACE",
            both_walks_added,
            en="That is u + 2x, the sum of both walks; but zero_() stands between them and clears .grad itself.",
            zh="那是 u + 2x，两次反向传播之和；可它们之间有一次 zero_()，它清掉的正是 .grad 本身。",
        ),
        Mistake(
            "DETACH-IS-A-COPY",
            lambda: gradient(lambda x: square(x) * x),
            en="That is the slope of x³, so of z with nothing cut; the last walk starts at y.",
            zh="那是 x³ 的斜率，也就是什么都没剪断时 z 的斜率；最后一次反向传播是从 y 开始的。",
        ),
        Mistake(
            "LAST-STEP-ONLY",
            lambda: gradient(lambda x: x),
            en="That is what the sum sends to y; from there the walk goes on through x * x to the leaf.",
            zh="那是求和传给 y 的梯度；反向传播还要从那里经过 x * x 走到叶子。",
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
            "这里与计算图无关：`u[1] = 10.0` 没有被记录。`u` 的数值存放在哪里？",
        ),
        Text(
            "Ask what `x` holds when `y = x * x` runs, and take the gradient 2x with those numbers.",
            "想一想执行 `y = x * x` 时 `x` 里是哪些数，再用它们算梯度 2x。",
        ),
    ),
    truth=[0.0, 20.0, 4.0, 6.0],
    mistakes=(
        Mistake(
            "DETACH-COPIES",
            lambda: gradient(square),
            en="That would be right if u were a copy; but detach() copies no numbers, and x[1] is 10 now too.",
            zh="如果 u 是副本，这就对了；但 detach() 不复制数值，x[1] 现在也是 10。",
        ),
        Mistake(
            "EDITED-IS-CONSTANT",
            lambda: gradient(lambda x: square(edited(x))),
            en="The number that was overwritten is still a part of the leaf x: the edit was not recorded, so nothing was cut in x.",
            zh="被改写的那个数仍是叶子 x 的一部分：这次修改没有被记录，所以 x 没有断开。",
        ),
        Mistake(
            "ONE-USE-ONLY",
            lambda: edited(FOUR),
            en="The edit is in there, but only one use of x: in x * x both factors are x, and the slope is 2x.",
            zh="修改算进去了，但 x 只算了一次：x * x 的两个因子都是 x，斜率是 2x。",
        ),
        Mistake(
            "EDIT-ALWAYS-RAISES",
            "error",
            en="Nothing is refused: u requires no grad, and the edit came before anything was saved for a walk back. It just happens.",
            zh="不会报错：u 不要求梯度，而且修改的时候，还没有为反向传播保存任何数。修改就这样悄悄发生了。",
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
            en="There is a value of y in that; the gradient of x * x is 2x, at the x that was used.",
            zh="你的答案里混进了 y 的数值；x * x 的梯度是 2x，要代入实际用到的那个 x。",
            variants=(
                lambda: square(FOUR),
                lambda: torch.tensor([0.0, 100.0, 4.0, 6.0]),
            ),
        ),
        Mistake(
            "DETACH-ACTS-ON-X",
            None,
            en="x still requires grad: detach() made u, and took nothing from x.",
            zh="x 仍然要求梯度：detach() 只是造出了 u，没有从 x 拿走什么。",
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
    return numbers, x.detach().clone(), x.requires_grad


def snapshot(x):
    return x.detach().clone().numpy()


SNAPSHOT = ExerciseBuilder(
    title=Text("A snapshot for NumPy", "给 NumPy 的快照"),
    lesson=Text(
        "detach() leaves the graph, clone() leaves the memory; a snapshot needs both.",
        "detach() 离开计算图，clone() 离开内存；快照两样都需要。",
    ),
    hints=(
        Text(
            "The array must be free of two things: of the graph, because NumPy does not record, and of the memory of x.",
            "数组要摆脱两样东西：计算图（NumPy 不做记录），以及 x 的内存。",
        ),
        Text(
            "Leave the graph with detach(), the memory with clone() (or NumPy's copy()), and turn the result into an array with numpy().",
            "用 detach() 离开计算图，用 clone()（或 NumPy 的 copy()）离开内存，再用 numpy() 变成数组。",
        ),
    ),
    cases=leaves,
    solution=snapshot,
    observe=after_an_edit,
)


@SNAPSHOT.mistake(
    "NUMPY-TRACKS",
    en="NumPy cannot record operations, so PyTorch refuses; leave the graph first with detach() (clone() alone stays in it).",
    zh="NumPy 无法记录运算，所以 PyTorch 拒绝转换；请先用 detach() 离开计算图（只用 clone() 还在图里）。",
)
def clone_alone(x):
    return x.clone().numpy()


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
    zh="修改你的数组，x 也跟着变了：`.data` 虽然没有计算图，用的却还是 x 的内存，而且没有人会察觉。数值也要复制。",
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
    zh="调用者的 x 不再要求梯度了；请不要改动 x，用 x.detach() 返回的张量。",
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

FOR_NO_GRAD = torch.tensor(4.0)

NO_GRAD = Prediction(
    title=Text("A factor made under no_grad", "no_grad 中的因子"),
    lesson=Text(
        "What is computed under no_grad is a constant for everything that follows.",
        "在 no_grad 中算出的东西，对后面的一切来说都是常数。",
    ),
    hints=(
        Text(
            "Go line by line and ask: is this step being written down? Two multiplications run, and one of them stands inside the block.",
            "一行一行地问：这一步有没有被记录？共执行两次乘法，其中一次在代码块里。",
        ),
        Text(
            "Whatever came out of the block counts as if it had been typed in. What is the slope of that number times x?",
            "从代码块里出来的数，就当是直接敲进去的。这个数乘以 x，斜率是多少？",
        ),
    ),
    truth=16.0,
    mistakes=(
        Mistake(
            "NO_GRAD-STILL-FLOWS",
            lambda: gradient(lambda x: square(x) * x, FOR_NO_GRAD),
            en="48 is 3x², as if u had been recorded; nothing inside the block was.",
            zh="48 是 3x²，仿佛 u 被记录过；而代码块里什么都没有记录。",
        ),
        Mistake(
            "NO_GRAD-FREEZES-X",
            0.0,
            en="no_grad does not change x: the multiplication by x after the block is recorded as ever.",
            zh="no_grad 不会改变 x：代码块之后与 x 的相乘照常被记录。",
            variants=(None,),
        ),
        Mistake(
            "DETACH-CUTS-THE-OTHER",
            lambda: gradient(lambda x: square(x) * x.detach(), FOR_NO_GRAD),
            en="32 is the road through u, 2x · x; the block is the one place where no road was written down.",
            zh="32 是经过 u 的那条路，2x · x；可偏偏这条路在代码块里，没有被记下。",
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: gradient(square, FOR_NO_GRAD),
            en="8 is the slope of x * x, the step that was not recorded; the walk starts at z and meets only the product after the block.",
            zh="8 是 x * x 的斜率，而这一步没有被记录；反向传播从 z 开始，只会遇到代码块之后的乘法。",
        ),
        Mistake(
            "OWN-VALUE",
            lambda: FOR_NO_GRAD,
            en="That is x itself; the slope of u · x with respect to x is the other factor.",
            zh="那是 x 本身；u · x 对 x 的斜率是另一个因子。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: FOR_NO_GRAD**3,
            en="64 is z itself; the question is how fast z changes with x.",
            zh="64 是 z 本身的值；问题是 z 随 x 变化得多快。",
        ),
        Mistake(
            "CONSTANT-DROPPED",
            lambda: gradient(lambda x: x, FOR_NO_GRAD),
            en="A constant factor does not fall away when you differentiate: the slope of 5x is 5, not 1.",
            zh="求导时常数因子不会消失：5x 的斜率是 5，不是 1。",
        ),
    ),
)

# ---------------------------------------------------------------- a running total


def still_tracked(added, left=lambda loss: loss):
    """Train as the notebook does, and tell which of w, loss and total require grad.

    `added` is what one turn adds to the total; `left` what its walk back leaves of
    the loss.
    """
    w, total = torch.tensor(0.0, requires_grad=True), torch.tensor(0.0)
    for _ in range(2):
        loss = (w - 3) ** 2
        (slope,) = torch.autograd.grad(loss, w)
        with torch.no_grad():
            w -= 0.25 * slope
        loss = left(loss)
        total = total + added(loss)
    return [thing.requires_grad for thing in (w, loss, total)]


RUNNING_TOTAL = Prediction(
    title=Text("A total for the report", "报告用的总和"),
    lesson=Text(
        "A sum with a tensor that requires grad requires grad itself: the total keeps every graph.",
        "凡是与要求梯度的张量相加的，结果也要求梯度：总和留住了每一张计算图。",
    ),
    hints=(
        Text(
            "A result requires grad as soon as one thing that went into it does. Ask for each of the three what went into it.",
            "只要参与运算的有一个要求梯度，结果就要求梯度。三者各问一句：它是由什么算来的？",
        ),
        Text(
            "w is changed in place, loss comes from w, and loss is added to total outside the no_grad block.",
            "w 是原地修改的；loss 由 w 算来；loss 加到 total 的那一行在 no_grad 之外。",
        ),
    ),
    truth=[True, True, True],
    mistakes=(
        Mistake(
            "LOSS-IS-A-NUMBER",
            lambda: still_tracked(added=Tensor.item),
            en="total began as a plain 0.0, but loss is a tensor with a graph: the first `+=` makes total one, too.",
            zh="total 一开始是普通的 0.0，但 loss 是带计算图的张量：第一次 `+=` 之后，total 也成了这样的张量。",
        ),
        Mistake(
            "LOSS-IS-A-NUMBER",
            lambda: still_tracked(added=Tensor.item, left=Tensor.detach),
            en="loss is no plain number: it was computed from w, so it requires grad, before and after its walk back. And so does what it is added to.",
            zh="loss 不是普通的数：它由 w 算来，所以要求梯度，反向传播前后都一样。它加进去的总和也是如此。",
        ),
        Mistake(
            "GRAPH-FREED",
            [True, False, True],
            en="backward() frees what the graph had saved, not the graph itself: loss keeps its `grad_fn`, and requires grad as before.",
            zh="backward() 释放的是计算图保存的数值，不是图本身：loss 的 `grad_fn` 还在，仍然要求梯度。",
        ),
        Mistake(
            "REBIND",
            [False, True, True],
            en="Under no_grad the step is not recorded, but `w -= …` changes the same leaf in place: w requires grad as before.",
            zh="在 no_grad 中这一步不会被记录，但 `w -= …` 是原地修改同一个叶子：w 仍然要求梯度。",
            variants=([False, True, False], [False, False, True]),
        ),
        Mistake(
            "NO_GRAD-IS-A-SWITCH",
            [False, False, False],
            en="no_grad ends with its block, and it is about recording: w keeps its flag, and loss and total are computed outside of it.",
            zh="no_grad 到代码块末尾就结束，而且只管是否记录：w 保留它的标志，loss 和 total 是在代码块外面算的。",
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
