"""Lesson 1: PyTorch writes down what you compute, once you ask it to."""

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
        "The flag reserves nothing: .grad is None until a backward() fills it.",
        "标志并不预留空间：在 backward() 填入之前，.grad 一直是 None。",
    ),
    hints=(
        Text(
            "Go through the cell line by line: which of them computes a gradient?",
            "逐行看这个单元格：哪一行计算了梯度？",
        ),
        Text(
            "What does Python answer when there is nothing, not even a number?",
            "什么都没有、连一个数也没有的时候，Python 会怎么回答？",
        ),
    ),
    truth=None,
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            lambda: torch.zeros_like(four_numbers()),
            en="No zeros are stored: nothing has been walked back yet, so there is no gradient at all, and that is None.",
            zh="并没有存零：还没有反向传播过，根本没有梯度，也就是 None。",
        ),
        Mistake(
            "NONE-IS-ZERO",
            0.0,
            en="0 is a number, and would say that nothing changes when x does. Nobody has computed anything yet, and that is None.",
            zh="0 是一个数，意思是 x 变化时什么都不变。可现在还什么都没有算过，所以是 None。",
        ),
        Mistake(
            "GRAD-IS-THE-FLAG",
            True,
            en="True is `x.requires_grad`, the flag. `x.grad` is where a gradient will be put, and none has been computed yet: None.",
            zh="True 是标志 `x.requires_grad`。`x.grad` 是以后存放梯度的地方，而现在还没有计算过梯度：None。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            28.0,
            en="28 is the value of 2 * dot(x, x); .grad is another place, and it is still empty: None.",
            zh="28 是 2 * dot(x, x) 的值；.grad 是另一个地方，现在还空着：None。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: four_numbers().detach(),
            en="Those are the values of x itself; .grad is another place, and it is still empty: None.",
            zh="那是 x 自己的值；.grad 是另一个地方，现在还空着：None。",
        ),
        Mistake(
            "GRAD-IS-ONE",
            lambda: walked_back(torch.sum),
            en="Each entry of x does change by 1 with itself, but nobody has asked for a gradient yet: None.",
            zh="x 的每个元素对自身的变化率的确是 1，但还没有人要求计算梯度：None。",
        ),
        Mistake(
            "GRAD-IS-ONE",
            1.0,
            en="A walk back does start with a 1, but none has started yet, and so nothing is stored: None.",
            zh="反向传播的确从 1 开始，但还没有开始过反向传播，所以什么也没有存：None。",
        ),
        Mistake(
            "RETROACTIVE",
            lambda: walked_back(lambda x: 2 * torch.dot(x, x)),
            en="Those are the slopes of 2 * dot(x, x); but that ran above, on another, untracked x. Nothing has been computed from this one: None.",
            zh="那是 2 * dot(x, x) 的斜率；但上面算它时用的是另一个 x，没有被追踪。这个 x 还没有参与过计算：None。",
        ),
        Mistake(
            "RETROACTIVE",
            lambda: walked_back(lambda x: torch.dot(x, x)),
            en="Those would be the slopes of dot(x, x); but this x has not been used in any computation yet, let alone walked back to: None.",
            zh="那是 dot(x, x) 的斜率；但这个 x 还没有参与过任何计算，更没有反向传播过：None。",
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
        "Recording starts when the flag is set; what was computed before is a constant.",
        "从设置标志起才开始记录；此前算出的只是常数。",
    ),
    hints=(
        Text(
            "Draw a line where the flag is set. Which operations stand below it?",
            "在设置标志的地方画一条线。哪些运算在线的下面？",
        ),
        Text(
            "Write z with a number in place of whatever was computed above that line, and take the slope of what is left.",
            "把线上面算出来的量换成一个数，写出 z，再求剩下部分的斜率。",
        ),
    ),
    truth=9.0,
    mistakes=(
        Mistake(
            "RETROACTIVE",
            lambda: slope_at_three(lambda x: x * x**2),
            en="27 is the slope of x³ (and its value at 3, too), as if `y = x**2` had been recorded; but it ran before the flag was set, so y is a constant.",
            zh="27 是 x³ 的斜率（在 3 处也恰好是它的值），好像 `y = x**2` 也被记录了；但它在设置标志之前就运行了，所以 y 是常数。",
        ),
        Mistake(
            "LAST-DEFINED-ONLY",
            lambda: slope_at_three(lambda x: x**2),
            en="6 is the slope of y = x²; backward() started from z, and y was never recorded.",
            zh="6 是 y = x² 的斜率；backward() 是从 z 出发的，而 y 从未被记录。",
        ),
        Mistake(
            "FLAG-TOO-LATE",
            None,
            en="The flag came late for y, but in time for z = x * y: that one operation is recorded.",
            zh="对 y 来说标志设晚了，但对 z = x * y 来说正好：这一步运算被记录了。",
        ),
        Mistake(
            "FLAG-TOO-LATE",
            0.0,
            en="0 would mean that z does not change with x; but z = x * y was computed after the flag was set, and it does.",
            zh="0 表示 z 不随 x 变化；但 z = x * y 是在设置标志之后算的，它会随 x 变化。",
        ),
        Mistake(
            "OWN-VALUE",
            3.0,
            en="3 is x itself. The slope of x * y with respect to x is the other factor, y.",
            zh="3 是 x 自己。x * y 对 x 的斜率是另一个因子 y。",
        ),
        Mistake(
            "LATE-FLAG-RAISES",
            "error",
            en="Tracked and untracked tensors may be mixed: an untracked one takes part as a constant. The cell runs to its end and leaves a number.",
            zh="被追踪和不被追踪的张量可以混用：不被追踪的只作为常数参与。这个单元格会运行到最后，留下一个数。",
        ),
        Mistake(
            "ONE-PATH-ONLY",
            lambda: slope_at_three(lambda x: x.detach() * x**2),
            en="18 is the road through `y = x**2` alone. That road was not recorded, and the direct one, through x, was.",
            zh="18 只来自经过 `y = x**2` 的那条路。那条路没有被记录，被记录的是直接经过 x 的那条。",
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
        "A leaf is a tensor without a history: made by you, or not tracked at all.",
        "叶子就是没有来历的张量：由你创建，或者根本没有被追踪。",
    ),
    hints=(
        Text(
            "Two different questions: does it require grad, and was its making recorded? A leaf is about only one of them.",
            "这是两个问题：它要求梯度吗？它的来历被记录了吗？是不是叶子，只取决于其中一个。",
        ),
        Text(
            "Imagine `print(t.grad_fn)` for each of the four. Where there is none, there is no history.",
            "设想对这四个张量各运行一次 `print(t.grad_fn)`。没有 grad_fn，就没有来历。",
        ),
    ),
    truth=[True, True, False, True],
    mistakes=(
        Mistake(
            "LEAF=MADE-BY-ME",
            [True, True, False, False],
            en="`d` was computed, but only from `a`, which is not tracked: it has no history, and that makes it a leaf.",
            zh="`d` 虽是算出来的，但只来自不被追踪的 `a`：它没有来历，因此也是叶子。",
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            lambda: tell(lambda t: t.is_leaf and t.requires_grad),
            en="A leaf need not require grad: every tensor without a grad_fn is one.",
            zh="叶子不一定要求梯度：凡是没有 grad_fn 的张量都是叶子。",
        ),
        Mistake(
            "LEAF=REQUIRES-GRAD",
            lambda: tell(lambda t: t.requires_grad),
            en="That is the list of the tensors that require grad. A leaf is something else: a tensor without a grad_fn, tracked or not.",
            zh="你列出的是要求梯度的张量。叶子是另一回事：没有 grad_fn 的张量，不管是否被追踪。",
        ),
        Mistake(
            "FLAG-MAKES-LEAF",
            [True, True, True, False],
            en="`c` requires grad because it was computed from `b`, and that very history makes it no leaf. `d` has none, so it is one.",
            zh="`c` 要求梯度，是因为它由 `b` 算来，也正因为有这段来历，它才不是叶子。`d` 没有来历，所以是叶子。",
        ),
        Mistake(
            "LEAF=EVERYTHING",
            [True, True, True, True],
            en="`c` is the recorded result of an operation on `b`: it has a grad_fn, and so it is no leaf.",
            zh="`c` 是对 `b` 运算并被记录的结果：它有 grad_fn，所以不是叶子。",
        ),
        Mistake(
            "LEAF=LAST",
            [False, False, True, True],
            en="You took the leaves for the ends, the results. It is the other way round: a leaf is where a history begins.",
            zh="你把叶子当成了末端，也就是结果。正好相反：叶子是来历的起点。",
        ),
        Mistake(
            "LEAF=LAST",
            lambda: tell(lambda t: t.grad_fn is not None),
            en="`c` is the only one that is no leaf: it has a grad_fn, and a leaf is a tensor without one.",
            zh="只有 `c` 不是叶子：它有 grad_fn，而叶子是没有 grad_fn 的张量。",
        ),
        Mistake(
            "LEAF=UNTRACKED",
            lambda: tell(lambda t: not t.requires_grad),
            en="`b` is a leaf too: you made it, and its flag only says that what is computed from it will be recorded.",
            zh="`b` 也是叶子：它由你创建，标志只说明由它算出的东西会被记录。",
        ),
        Mistake(
            "LEAF=UNTRACKED",
            [True, False, False, False],
            en="Neither a flag (`b`) nor an unrecorded computation (`d`) gives a tensor a history; without one it is a leaf.",
            zh="标志（`b`）和没有被记录的计算（`d`）都不会让张量有来历，没有来历就是叶子。",
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
    if not (w.requires_grad and w.is_leaf):
        return f"requires_grad {w.requires_grad}, is_leaf {w.is_leaf}"
    w.grad = None
    (w**2).sum().backward()
    return (str(w.dtype), w.detach().double(), w.grad.double())


def unflagged(values, scale):
    return torch.tensor(values, dtype=torch.float32) * scale


def parameter(values, scale):
    return unflagged(values, scale).requires_grad_()


PARAMETER = ExerciseBuilder(
    title=Text("A scaled parameter", "缩放后的参数"),
    lesson=Text(
        "Finish the arithmetic first, switch recording on last: then it is a leaf.",
        "先把算术做完，最后再打开记录：这样得到的才是叶子。",
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
    zh="整数列表会得到整数张量，而只有浮点张量能要求梯度；请写 dtype=torch.float32。",
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
    en="requires_grad is False at the end: the right numbers, but nobody will record what is computed from them. Set the flag last.",
    zh="最后 requires_grad 是 False：数是对的，但没有人会记录由它们算出的东西。请在最后设置标志。",
)


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
    "REBIND",
    en="`w = w * scale` under no_grad makes a new tensor, without the flag of the old one. Multiply first, and set the flag last.",
    zh="在 no_grad 下写 `w = w * scale` 会得到新张量，它没有原来的标志。请先相乘，最后再设置标志。",
)
def scaled_under_no_grad(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    with torch.no_grad():
        return w * scale


@PARAMETER.mistake(
    "UPDATE-IS-FREE",
    en="A leaf that requires grad may not be changed in place while PyTorch records; multiply first, and set the flag afterwards.",
    zh="PyTorch 记录期间，不能原地修改要求梯度的叶子；请先相乘，再设置标志。",
)
def scaled_in_place(values, scale):
    w = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    w *= scale
    return w


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
    "NUMBERS-CARRY-GRAD",
    en="You returned a Python list, and a list has no .grad. Make it one tensor.",
    zh="你返回的是 Python 列表，而列表没有 .grad。请把它变成一个张量。",
)
def scaled_list(values, scale):
    return [scale * value for value in values]


PARAMETER.mistake(
    "NOTHING-RETURNED",
    lambda values, scale: None,
    en="Your function returns None: is there a `return` before the tensor?",
    zh="你的函数返回 None：张量前面写了 `return` 吗？",
)

# ---- who took part ----------------------------------------------------------

FUNCTIONS = (
    named("a * c", lambda a, b, c: a * c),
    named("b**2", lambda a, b, c: b**2),
    named("a + 0 * b", lambda a, b, c: a + 0 * b),
    named("a if a > b else c", lambda a, b, c: a if a > b else c),
    named("c if a > b else a", lambda a, b, c: c if a > b else a),
    named("a.detach() * b", lambda a, b, c: a.detach() * b),
    named("a * b + c", lambda a, b, c: a * b + c),
)


def used_cases():
    """Yield (f, values): functions that use some of three inputs."""
    chance = dice(2)
    for f in FUNCTIONS:
        yield f, [chance.uniform(1, 2), chance.uniform(-2, 0), chance.uniform(-2, 2)]


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
        "None says «not in the graph», 0 says «in the graph, but flat»: two answers.",
        "None 表示“不在图中”，0 表示“在图中，只是斜率为零”：这是两个不同的答案。",
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
    en="In a + 0 * b the input b was used: its gradient is the number 0, and that is not None.",
    zh="在 a + 0 * b 中，b 被用到了：它的梯度是数 0，而不是 None。",
)
def used_if_not_zero(f, values):
    return [bool(grad) for grad in gradients(f, values)]


@USED.variant
def used_if_unlike_zero(f, values):
    return [bool(grad != 0) for grad in gradients(f, values)]


@USED.variant
def used_if_positive(f, values):
    return [grad is not None and bool(grad > 0) for grad in gradients(f, values)]


USED.mistake(
    "FLAG=USED",
    lambda f, values: [leaf.requires_grad for leaf in leaves_of(values)],
    en="You found all three used. requires_grad and is_leaf are True of every fresh leaf, and a .grad of zeros put there by hand or on request is not None: run backward() on fresh leaves and look at .grad.",
    zh="你认为三个都用到了。凡是新建的叶子，requires_grad 和 is_leaf 都是 True；而手动放进 .grad 的零，或让 PyTorch 补上的零，也不是 None：请在新建的叶子上运行 backward()，再看 .grad。",
)


@USED.mistake(
    "NONE-IS-ZERO",
    en="An input that was not used has .grad None, which cannot be compared like a number; test `is not None`.",
    zh="没有用到的输入，其 .grad 是 None，不能像数那样比较；请用 `is not None`。",
)
def used_if_number(f, values):
    return [bool(grad.abs() >= 0) for grad in gradients(f, values)]


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
    "FORGOT-FLAG",
    en="None of your three tensors requires grad, so nothing was recorded: make each with requires_grad=True.",
    zh="你的三个张量都不要求梯度，所以什么也没有记录：请用 requires_grad=True 创建。",
)
def used_without_flag(f, values):
    leaves = leaves_of(values, False)
    f(*leaves).backward()
    return [leaf.grad is not None for leaf in leaves]


@USED.mistake(
    "FLAG-MAKES-LEAF",
    en="You found no .grad at all: what you looked at is no leaf. A copy by clone(), or a part such as t[0] of a tracked tensor, is none.",
    zh="你一个 .grad 也没有找到：你查看的不是叶子。clone() 得到的副本，或被追踪的张量的一部分（如 t[0]），都不是叶子。",
)
def used_by_copies(f, values):
    leaves = leaves_of(values)
    copies = [leaf.clone() for leaf in leaves]
    f(*copies).backward()
    return [False for _ in copies]  # what `copy.grad is not None` says, with a warning


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
