"""Lesson 1: PyTorch writes down what you compute, once you ask it to."""

import math

import numpy as np
import torch

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, named

# ---- before any walk back ---------------------------------------------------


def four_numbers():
    return torch.arange(4.0, requires_grad=True)


def walked_back(f):
    x = four_numbers()
    f(x).backward()
    return x.grad


GRAD_BEFORE = Prediction(
    title=Text("Before any walk back", "第一次反向传播之前"),
    lesson=Text(
        "Neither the flag nor a computation fills .grad: it is None until something is put there, as backward() does.",
        "设置标志和做计算都不会填写 .grad：它一直是 None，直到有谁填入，比如 backward()。",
    ),
    hints=(
        Text(
            "Go through the cell line by line: which of them works out a slope?",
            "逐行看这个单元格：哪一行求过斜率？",
        ),
        Text(
            "What does Python answer when there is nothing, not even a number?",
            "什么都没有、连一个数也没有的时候，Python 会怎么回答？",
        ),
    ),
    truth=None,
    program="""
x = torch.arange(4.0, requires_grad=True)
y = 2 * torch.dot(x, x)
x.grad
""",
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            lambda: torch.zeros_like(four_numbers()),
            (0.0,),
            en="Zero is a number, too, and would claim that the slope is 0. Did any line of the cell find that out?",
            zh="零也是一个数，写上零就是断言斜率为 0。这个单元格里有哪一行得出过这个结论吗？",
        ),
        Mistake(
            "GRAD-IS-THE-FLAG",
            True,
            (False,),
            en="A truth value belongs to `x.requires_grad`, the flag. `x.grad` is another place: it is meant for slopes.",
            zh="布尔值属于标志 `x.requires_grad`。`x.grad` 是另一个地方，是用来放斜率的。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            28.0,
            en="28 is the value of y. `x.grad` is meant for slopes: how fast y changes when x moves.",
            zh="28 是 y 的值。`x.grad` 是用来放斜率的：x 变化时，y 变得有多快。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            4.0,
            en="4 is how many numbers there are in x. `x.grad` is meant for slopes.",
            zh="4 是 x 里数的个数。`x.grad` 是用来放斜率的。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: four_numbers().detach(),
            en="Those are the values of x itself. `x.grad` is another place: it is meant for slopes.",
            zh="那是 x 自己的值。`x.grad` 是另一个地方，是用来放斜率的。",
        ),
        Mistake(
            "GRAD-IS-ONE",
            lambda: walked_back(torch.sum),
            (1.0,),
            en="x does change by 1 when x does, and a walk back does start with a 1. But which line of the cell walks back?",
            zh="x 对自身的变化率的确是 1，反向传播也的确从 1 开始。可是这个单元格里，哪一行在反向传播？",
        ),
        Mistake(
            "FORWARD-FILLS-GRAD",
            lambda: walked_back(lambda x: 2 * torch.dot(x, x)),
            en="Those are the slopes of y, and a walk back will find just them. But computing y only takes notes: which line turns them into slopes?",
            zh="那正是 y 的斜率，反向传播会求出它们。但计算 y 只是写下记录：哪一行把记录变成了斜率？",
        ),
        Mistake(
            "FORWARD-FILLS-GRAD",
            lambda: walked_back(lambda x: torch.dot(x, x)),
            en="Those are the slopes of dot(x, x), and y has twice as large ones. But first: which line of the cell works out any slope?",
            zh="那是 dot(x, x) 的斜率，y 的还要大一倍。但首先：这个单元格里，哪一行求过斜率？",
        ),
        Mistake(
            "NONE-IS-NAN",
            math.nan,
            ([math.nan] * 4,),
            en="nan comes from a computation that went wrong. Did any line of the cell compute a slope at all?",
            zh="nan 来自出了错的计算。可这个单元格里，有哪一行算过斜率吗？",
        ),
    ),
)

# ---- a flag that comes late -------------------------------------------------


def slope_at_three(f):
    x = torch.tensor(3.0, requires_grad=True)
    f(x).backward()
    return x.grad


LATE_FLAG = Prediction(
    title=Text("A late flag", "迟来的标志"),
    lesson=Text(
        "Recording starts when the flag is set; for x, what was computed before is a constant.",
        "从设置标志起才开始记录；对 x 来说，此前算出的只是常数。",
    ),
    hints=(
        Text(
            "Draw a line where the flag is set. Which operations stand below it?",
            "在设置标志的地方画一条线。哪些运算在线的下面？",
        ),
        Text(
            "Write z with a number in place of whatever was computed above that line, and take the slope of what is left.",
            "把线上方算出来的量换成一个数，写出 z，再求剩下部分的斜率。",
        ),
    ),
    truth=24.0,
    program="""
x = torch.tensor(3.0)
y = x + 1
x.requires_grad_()
z = x**2 * y
z.backward()
x.grad
""",
    mistakes=(
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: slope_at_three(lambda x: x + 1),
            en="1 is the slope of y = x + 1, or of x itself; but backward() started from z.",
            zh="1 是 y = x + 1 的斜率，也是 x 自己的斜率；但 backward() 是从 z 出发的。",
        ),
        Mistake(
            "FLAG-TOO-LATE",
            None,
            en="The flag came late for y, but in time for z = x**2 * y: those operations are recorded.",
            zh="对 y 来说标志设晚了，但对 z = x**2 * y 来说正好：这几步运算被记录了。",
        ),
        Mistake(
            "FLAG-TOO-LATE",
            0.0,
            en="0 would claim that the slope is 0; but z = x**2 * y was computed after the flag was set, and at x = 3 it rises.",
            zh="写 0 就是断言斜率为 0；但 z = x**2 * y 是在设置标志之后算的，它在 x = 3 处是上升的。",
        ),
        Mistake(
            "RETROACTIVE",
            lambda: slope_at_three(lambda x: x**2 * (x + 1)),
            en="33 comes out if every line is recorded. Is every line recorded here?",
            zh="每一行都被记录，才会得到 33。这里每一行都被记录了吗？",
        ),
        Mistake(
            "CONSTANT-DROPPED",
            lambda: slope_at_three(lambda x: x**2),
            en="6 is the slope of x² alone. What else stands in z, and what does it do to the slope?",
            zh="6 只是 x² 的斜率。z 里还有什么？它会让斜率怎样变？",
        ),
        Mistake(
            "LATE-FLAG-RAISES",
            "error",
            en="Tracked and untracked tensors may be mixed: an untracked one takes part as a constant. The cell runs to its end and leaves a number.",
            zh="被追踪和未被追踪的张量可以混用：未被追踪的只作为常数参与。这个单元格会运行到最后，留下一个数。",
        ),
        Mistake(
            "ONE-PATH-ONLY",
            lambda: slope_at_three(lambda x: x.detach() ** 2 * (x + 1)),
            en="9 is the path through `y = x + 1` alone. Was that one recorded?",
            zh="9 只来自经过 `y = x + 1` 的那条路。那条路被记录了吗？",
        ),
    ),
)

# ---- leaves -----------------------------------------------------------------


def four_tensors():
    a, b = torch.ones(2), torch.ones(2, requires_grad=True)
    return a, b, b * 2, a * 2


def tell(belief):
    return [belief(t) for t in four_tensors()]


LEAVES = Prediction(
    title=Text("Which ones are leaves", "哪些是叶子"),
    lesson=Text(
        "A leaf is a tensor without a recorded history: made directly, or not tracked at all.",
        "叶子就是没有来历记录的张量：直接创建的，或者根本没有被追踪的。",
    ),
    hints=(
        Text(
            "Two different questions: does it require grad, and was its making recorded? A leaf is about only one of them.",
            "这是两个问题：它需要梯度吗？它的来历被记录了吗？是不是叶子，只取决于其中一个。",
        ),
        Text(
            "Imagine `print(t.grad_fn)` for each of the four. Where there is none, there is no recorded history.",
            "设想对这四个张量各运行一次 `print(t.grad_fn)`。没有 grad_fn，就没有来历记录。",
        ),
    ),
    truth=[True, True, False, True],
    names=("a", "b", "c", "d"),
    mistakes=(
        Mistake(
            "LEAF=MADE-BY-ME",
            [True, True, False, False],
            en="You asked who made the tensor, you or an operation. PyTorch asks for its notes: is there one for each operation in this cell?",
            zh="你问的是张量由谁造出：是你，还是运算。PyTorch 问的是记录：这个单元格里的每次运算都有记录吗？",
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            lambda: tell(lambda t: t.is_leaf and t.requires_grad),
            en="That is what will collect a gradient. The word leaf is wider: it does not ask for the flag.",
            zh="那是会得到梯度的张量。“叶子”的范围更宽：它不要求有标志。",
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            lambda: tell(lambda t: t.requires_grad),
            en="That is the list of the tensors that require grad. A leaf is something else: it is about how a tensor came to be.",
            zh="你列出的是需要梯度的张量。叶子是另一回事：它看的是张量怎样得来。",
        ),
        Mistake(
            "FLAG-MAKES-LEAF",
            [True, True, True, False],
            en="You took the flag for the sign of a leaf, at least where something was computed. Ask instead: was this operation written down?",
            zh="凡是算出来的，你都拿标志来判断是不是叶子。请改问：这次运算被记录了吗？",
        ),
        Mistake(
            "LEAF=EVERYTHING",
            [True, True, True, True],
            en="If everything were a leaf, no graph would have more than one box. Which of the four would print a grad_fn?",
            zh="要是什么都是叶子，计算图就只有一个方框了。这四个里，哪个会打印出 grad_fn？",
        ),
        Mistake(
            "LEAF=LAST",
            [False, False, True, True],
            (lambda: tell(lambda t: t.grad_fn is not None),),
            en="You took the leaves for the ends, the results. It is the other way round: no recorded operation leads to a leaf.",
            zh="你把叶子当成了末端，也就是结果。正好相反：叶子不是由被记录的运算得来的。",
        ),
        Mistake(
            "LEAF=UNTRACKED",
            lambda: tell(lambda t: not t.requires_grad),
            en="You took the flag for a history. It is only a request: it says nothing of how the tensor itself came to be.",
            zh="你把标志当成了来历。标志只是请求：它并不说明张量自己是怎样得来的。",
        ),
        Mistake(
            "LEAF=UNTRACKED",
            [True, False, False, False],
            en="Neither a flag nor a computation gives a tensor a history by itself. Ask of each: was its making written down?",
            zh="单凭标志，或者单凭做过计算，张量都不会有来历记录。请逐个问：它的来历被记下来了吗？",
        ),
    ),
)

# ---- a parameter ------------------------------------------------------------


def scaled_lists():
    """Yield (values, scale): lists of broken, of whole and of mixed numbers."""
    chance = dice(1)
    for turn in range(9):
        size = chance.randint(1, 5)
        whole = [chance.randint(-5, 5) or 4 for _ in range(size)]
        broken = [chance.uniform(-5, 5) for _ in range(size)]
        yield (
            (broken, 0.5),
            (whole, chance.choice([2, 3])),
            ([*whole, *broken], chance.uniform(2, 3)),
        )[turn % 3]


def as_parameter(w, values, scale):
    """Observe what makes a tensor a parameter: dtype, flag, leaf, values, gradient."""
    if not isinstance(w, torch.Tensor):
        return None if w is None else type(w).__name__
    flags = f"requires_grad {w.requires_grad}, is_leaf {w.is_leaf}"
    if not (w.requires_grad and w.is_leaf):
        return (flags,)
    w.grad = None
    (w**2).sum().backward()
    return (flags, str(w.dtype), w.detach().double(), w.grad.double())


def unflagged(values, scale):
    return torch.tensor(values, dtype=torch.float32) * scale


def parameter(values, scale):
    return unflagged(values, scale).requires_grad_()


PARAMETER = ExerciseBuilder(
    title=Text("A scaled parameter", "缩放后的参数"),
    lesson=Text(
        "A parameter requires grad and is a leaf: no recorded operation made it.",
        "参数需要梯度，又是叶子：它不是由被记录的运算得来的。",
    ),
    hints=(
        Text(
            "Three things must hold for your result `w`: its `dtype`, `w.requires_grad` and `w.is_leaf`. Print them for `parameter([1, 2], 3)`.",
            "你的结果 `w` 有三样必须正确：`dtype`、`w.requires_grad` 和 `w.is_leaf`。对 `parameter([1, 2], 3)` 把它们打印出来看看。",
        ),
        Text(
            "In this order: make a tensor of the list with `dtype=torch.float32`, multiply it by `scale`, and call the method with the underscore on the product.",
            "按这个顺序：用 `dtype=torch.float32` 从列表建张量，乘以 `scale`，再对乘积调用带下划线的那个方法。",
        ),
    ),
    cases=scaled_lists,
    solution=parameter,
    observe=as_parameter,
    parts=(
        Text("the flags", "标志"),
        Text("the dtype", "dtype"),
        Text("what it holds", "值"),
        Text("the gradient of (w²).sum()", "(w²).sum() 的梯度"),
    ),
    tolerance=1e-6,
)


@PARAMETER.mistake(
    "FLAG-MAKES-LEAF",
    en="Your tensor is the result of an operation on a tracked tensor, so it is no leaf and its .grad would stay None; set the flag last.",
    zh="你的张量是对被追踪的张量做运算的结果，不是叶子，它的 .grad 会一直是 None；请最后再设置标志。",
)
def flag_first(values, scale):
    return torch.tensor(values, dtype=torch.float32, requires_grad=True) * scale


@PARAMETER.variant
def flag_first_any_dtype(values, scale):
    return torch.tensor(values, requires_grad=True) * scale


def is_about_whole_numbers(got, wanted):
    """Tell the refusal of whole numbers, which PyTorch words in three ways."""
    errors = [g for g in got if hasattr(g, "message")]
    return any("floating point" in error.message for error in errors)


@PARAMETER.mistake(
    "INT-DTYPE",
    en="A list of whole numbers makes an integer tensor, and only floating point tensors can require grad; ask for dtype=torch.float32.",
    zh="整数列表会得到整数张量，而只有浮点张量才能求梯度；请写 dtype=torch.float32。",
    resembles=is_about_whole_numbers,
)
def whole_numbers(values, scale):
    return torch.tensor([scale * value for value in values]).requires_grad_()


@PARAMETER.variant
def whole_numbers_at_birth(values, scale):
    return torch.tensor([scale * value for value in values], requires_grad=True)


PARAMETER.mistake(
    "FORGOT-FLAG",
    unflagged,
    en="requires_grad is False at the end: what is computed from this tensor will not be recorded. Set the flag last.",
    zh="最后 requires_grad 是 False：由这个张量算出的东西不会被记录。请在最后设置标志。",
)
PARAMETER.variant(lambda values, scale: flag_first(values, scale).data)


def is_misspelt(got, wanted):
    """Tell an error about a name that looks like requires_grad."""
    kinds = ("TypeError", "AttributeError")
    return all(g.kind in kinds and "requir" in g.message for g in got)


PARAMETER.mistake(
    "TYPO-ACCEPTED",
    lambda values, scale: unflagged(values, scale).requires_grad_,
    en="Look at the spelling of the flag: the attribute is requires_grad; the method is requires_grad_, and runs only with ().",
    zh="请检查标志的拼写：属性是 requires_grad；方法是 requires_grad_，要加 () 才会执行。",
    resembles=is_misspelt,
)


@PARAMETER.mistake(
    "DETACH-TOO-MUCH",
    en="requires_grad is False at the end, because detach() gives a tensor without the flag. Set the flag after it.",
    zh="最后 requires_grad 是 False，因为 detach() 得到的张量没有标志。请在它之后设置标志。",
)
def detached_at_the_end(values, scale):
    return flag_first(values, scale).detach()


@PARAMETER.mistake(
    "REBIND",
    en="`w = w * scale` under no_grad makes a new tensor, without the flag of the old one. Multiply first, and set the flag last.",
    zh="在 no_grad 下写 `w = w * scale` 会得到新张量，它没有原来的标志。请先相乘，最后再设置标志。",
)
def scaled_under_no_grad(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        return w * scale


@PARAMETER.mistake(
    "LIST-TIMES-NUMBER",
    en="Multiplying a Python list repeats it (and by 0.5 it is an error); make a tensor first, then multiply that.",
    zh="Python 列表乘以整数，只是把列表重复几遍（乘以 0.5 则会报错）；请先变成张量，再相乘。",
)
def list_times_number(values, scale):
    return torch.tensor(scale * values, dtype=torch.float32, requires_grad=True)


@PARAMETER.variant
def list_times_number_any_dtype(values, scale):
    return torch.tensor(scale * values, requires_grad=True)


@PARAMETER.variant
def list_times_whole_number(values, scale):
    return list_times_number(values, int(scale))


@PARAMETER.mistake(
    "INT-DTYPE",
    en="The tensor is right but for its dtype: float32 is asked for. NumPy and dtype=torch.float64 bring twice as many bits.",
    zh="除了 dtype 都对：题目要的是 float32。NumPy 或 dtype=torch.float64 会用多一倍的位数。",
)
def in_float64(values, scale):
    return (torch.tensor(values, dtype=torch.float64) * scale).requires_grad_()


@PARAMETER.variant
def by_numpy(values, scale):
    return torch.from_numpy(np.array(values) * scale).requires_grad_()


@PARAMETER.mistake(
    "SCALE-LEFT-OUT",
    en="A leaf it is, but it holds the list as it came: multiply by scale before the flag is set.",
    zh="它确实是叶子，但存的是原来的列表：请在设置标志之前乘以 scale。",
)
def not_scaled(values, scale):
    return torch.tensor(values, dtype=torch.float32, requires_grad=True)


@PARAMETER.mistake(
    "NO-RETURN",
    en="Your function gave back None: end it with a `return` of your tensor.",
    zh="你的函数返回了 None：请用 `return` 返回你的张量。",
)
def made_in_vain(values, scale):
    return None


@PARAMETER.mistake(
    "LIST-RETURNED",
    en="You returned a Python list, and a list has no .grad. Make it one tensor.",
    zh="你返回的是 Python 列表，而列表没有 .grad。请把它变成一个张量。",
)
def scaled_list(values, scale):
    return [scale * value for value in values]


# ---- who took part ----------------------------------------------------------

FUNCTIONS = (
    named("a * c", lambda a, b, c: a * c),
    named("b**2", lambda a, b, c: b**2),
    named("a + 0 * b", lambda a, b, c: a + 0 * b),
    named("a if a > b else c", lambda a, b, c: a if a > b else c),
    named("c if a > b else a", lambda a, b, c: c if a > b else a),
    named("a.detach() * b", lambda a, b, c: a.detach() * b),
    named("a * b + c", lambda a, b, c: a * b + c),
    named(
        "2 * torch.ones((), requires_grad=True)",
        lambda a, b, c: 2 * torch.ones((), requires_grad=True),
    ),
)


def used_cases():
    """Yield (f, values): functions that use some of three inputs, or none."""
    chance = dice(2)
    for f in FUNCTIONS:
        yield f, [chance.uniform(1, 2), chance.uniform(-2, 0), chance.uniform(-2, 2)]
    for f in FUNCTIONS[:2]:
        yield f, [1.5, 1.5, chance.choice([1.5, 2.0])]  # equal, and yet not the same


def leaves_of(values, flag=True):
    return [torch.tensor(value, requires_grad=flag) for value in values]


def gradients(f, values):
    leaves = leaves_of(values)
    f(*leaves).backward()
    return [leaf.grad for leaf in leaves]


def used(f, values):
    return [grad is not None for grad in gradients(f, values)]


USED = ExerciseBuilder(
    title=Text("Who took part", "谁参与了计算"),
    lesson=Text(
        "None says “nothing arrived”, 0 says “a slope of zero arrived”: two answers.",
        "None 表示“什么也没有到达”，0 表示“到达了，只是斜率为零”：这是两个不同的答案。",
    ),
    hints=(
        Text(
            "Only a leaf that the walk back reaches has something in its `.grad`. Print the three for `used(lambda a, b, c: a + 0 * b, [1.0, 2.0, 3.0])`.",
            "只有反向传播到达的叶子，`.grad` 里才有东西。请对 `used(lambda a, b, c: a + 0 * b, [1.0, 2.0, 3.0])` 把三个都打印出来。",
        ),
        Text(
            "Make the three leaves yourself, each with its flag; call f with them and `.backward()` on its result; then ask of each `.grad` only whether it is there, not how large it is.",
            "自己建三个带标志的叶子，用它们调用 f，再对结果调用 `.backward()`；然后只问每个 `.grad` 有没有，不问它多大。",
        ),
    ),
    cases=used_cases,
    solution=used,
)


@USED.mistake(
    "NONE-IS-ZERO",
    en="You ask how large the gradient is, or of which sign. In a + 0 * b the input b took part as well: its gradient is the number 0, and that is not None.",
    zh="你问的是梯度的大小或正负。在 a + 0 * b 中，b 也参与了计算：它的梯度是数 0，而不是 None。",
)
def used_if_not_zero(f, values):
    return [bool(grad) for grad in gradients(f, values)]


@USED.variant
def used_if_positive(f, values):
    return [grad is not None and bool(grad > 0) for grad in gradients(f, values)]


def gradient_of_entries(f, values):
    x = torch.tensor(values, requires_grad=True)
    f(*x).backward()
    return x.grad


@USED.variant
def used_entries_if_not_zero(f, values):
    return (gradient_of_entries(f, values) != 0).tolist()


@USED.variant
def used_entries_one_by_one(f, values):
    return [bool(entry != 0) for entry in gradient_of_entries(f, values)]


@USED.mistake(
    "NONE-IS-ZERO",
    en="`None != 0` is True in Python, so an input that nothing arrived at counts, while a gradient of 0 does not. Ask `is not None`.",
    zh="在 Python 里，`None != 0` 是 True，所以没有梯度到达的输入算了进来，梯度为 0 的反而没有。请用 `is not None`。",
)
def used_if_unlike_zero(f, values):
    return [bool(grad != 0) for grad in gradients(f, values)]


USED.mistake(
    "FLAG=USED",
    lambda f, values: [leaf.requires_grad for leaf in leaves_of(values)],
    en="You found all three used. requires_grad and is_leaf are True of every such leaf, so ask what f brought to its `.grad`, and put nothing there yourself.",
    zh="你认为三个都用到了。这样的叶子，requires_grad 和 is_leaf 全是 True；请看 f 给它的 `.grad` 带来了什么，也不要自己往里面放东西。",
)


@USED.mistake(
    "NONE-IS-ZERO",
    en="torch.autograd.grad refuses an input that was not used; with allow_unused=True it gives None for it.",
    zh="遇到没有用到的输入，torch.autograd.grad 会报错；加上 allow_unused=True，它就为这个输入返回 None。",
)
def used_or_refused(f, values):
    leaves = leaves_of(values)
    return [grad is not None for grad in torch.autograd.grad(f(*leaves), leaves)]


@USED.mistake(
    "EQUAL-IS-SAME",
    en="Two of the values are equal, and you looked both up by their value: keep a leaf for each place, in a list.",
    zh="有两个值相等，而你是按值来查找的：请用列表，每个位置各放一个叶子。",
)
def used_by_value(f, values):
    leaves = dict(zip(values, leaves_of(values), strict=True))
    f(*[leaves[value] for value in values]).backward()
    return [leaves[value].grad is not None for value in values]


@USED.mistake(
    "FLAG-OF-THE-RESULT",
    en="You asked whether the result requires grad. It may owe that to a tracked tensor of f's own; ask what arrived at your input.",
    zh="你问的是结果需不需要梯度。这也可能是 f 自带的被追踪张量造成的；请看有没有梯度到达你的输入。",
)
def used_if_the_result_is_tracked(f, values):
    answer = []
    for place in range(3):
        tensors = [torch.tensor(value) for value in values]
        tensors[place].requires_grad_()
        answer.append(f(*tensors).requires_grad)
    return answer


@USED.mistake(
    "LAST-STEP-ONLY",
    en="You looked only at what went into the last operation; an input may have gone into an earlier one.",
    zh="你只看了最后一步运算的输入；有的输入可能参与了更早的运算。",
)
def used_by_the_last_operation(f, values):
    leaves = leaves_of(values)
    steps = f(*leaves).grad_fn.next_functions
    met = [getattr(step, "variable", None) for step, _ in steps]
    return [any(each is leaf for each in met) for leaf in leaves]


@USED.mistake(
    "FINITE-DIFFERENCE",
    en="You try whether the value changes. The graph says something else: 0 * b is recorded though it changes nothing, and what was detached is not.",
    zh="你试的是值变不变。计算图说的是另一回事：0 * b 虽不改变什么，也被记录了；而分离出来的没有被记录。",
)
def used_if_it_changes_the_value(f, values):
    before = f(*leaves_of(values, False))
    changes = []
    for place in range(3):
        moved = [value + 1e-2 * (n == place) for n, value in enumerate(values)]
        changes.append(bool(f(*leaves_of(moved, False)) != before))
    return changes


@USED.mistake(
    "FORWARD-FILLS-GRAD",
    en="You found none used. Only a `.backward()` on what f returns fills a `.grad`, that of the leaves given to f: look there, after it. (A leaf never has a grad_fn.)",
    zh="你认为一个也没有用到。只有对 f 的结果调用 `.backward()`，传给 f 的叶子才会有 `.grad`：请在那之后看它们的 `.grad`。（叶子总是没有 grad_fn。）",
)
def used_before_the_walk(f, values):
    leaves = leaves_of(values)
    f(*leaves)
    return [leaf.grad is not None for leaf in leaves]


@USED.mistake(
    "FLAG-MAKES-LEAF",
    en="You found none used. A copy by clone() or a part such as t[0] of a tracked tensor is no leaf and gets no .grad, and a leaf has no grad_fn: ask the leaves for their .grad.",
    zh="你认为一个也没有用到。clone() 得到的副本，或被追踪的张量的一部分（如 t[0]），不是叶子，得不到 .grad；而叶子没有 grad_fn：请看叶子的 .grad。",
)
def used_by_copies(f, values):
    leaves = leaves_of(values)
    copies = [leaf.clone() for leaf in leaves]
    f(*copies).backward()
    return [copy.grad is not None for copy in copies]


USED.mistake(
    "GRADIENT-RETURNED",
    gradients,
    en="Those are the gradients themselves. Return True or False for each input: did anything arrive there?",
    zh="这是梯度本身；题目要的是每个输入的 True 或 False：有没有梯度到达那里？",
)

USED.mistake(
    "NONE-MEANS-USED",
    lambda f, values: [grad is None for grad in gradients(f, values)],
    en="It is the other way round: a .grad of None belongs to an input that took no part.",
    zh="正好反过来：.grad 是 None 的输入没有参与计算。",
)

LESSONS = {
    "requires_grad/before": GRAD_BEFORE,
    "requires_grad/late": LATE_FLAG,
    "requires_grad/leaves": LEAVES,
    "requires_grad/parameter": PARAMETER.build(),
    "requires_grad/used": USED.build(),
}
