"""Lesson 4: a vector needs weights before it can be walked back."""

from collections.abc import Callable

import torch

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, as_it_is, dice, named, vector


def walked(f, x, weights):
    """Return what a walk back through f brings to x."""
    x = torch.tensor(x, requires_grad=True)
    f(x).backward(gradient=torch.tensor(weights))
    return x.grad


# ---- weights of one's own ---------------------------------------------------

THREE = [1.0, 3.0, -2.0]


def square(x):
    return x * x


WEIGHTS = Prediction(
    title=Text("Weights of your own", "自己定的权重"),
    lesson=Text(
        "Each weight multiplies the slope of its own output, and the walk adds up.",
        "每个权重乘以对应输出的斜率，反向传播再把乘积相加。",
    ),
    hints=(
        Text(
            "Write the four slopes in a row, as for the plain sum, and the four weights below them.",
            "把四个斜率写成一行（和直接求和时一样），再把四个权重写在下面。",
        ),
        Text(
            "The weights meet the slopes 2x, not the values of y: multiply what stands one below the other, place by place.",
            "权重遇到的是斜率 2x，而不是 y 的值：把上下相对的两个数逐个相乘。",
        ),
    ),
    truth=[6.0, -6.0, 16.0, 5.0],
    program="""
x = torch.tensor([1.0, 3.0, 4.0, 5.0], requires_grad=True)
y = x * x
v = torch.tensor([3.0, -1.0, 2.0, 0.5])
y.backward(gradient=v)
x.grad
""",
)

ARGUMENT = Prediction(
    title=Text("y as its own weights", "把 y 当作权重"),
    lesson=Text(
        "Whatever stands in the brackets is used as weights: here y itself, x² · 2x.",
        "括号里的东西一律当作权重：这里就是 y 自己，得 x² · 2x。",
    ),
    hints=(
        Text(
            "Forget what `y` is called: which three numbers stand in the brackets? Treat them as you treated the weights before.",
            "先别管 `y` 叫什么：括号里是哪三个数？像前面对待权重那样对待它们。",
        ),
        Text(
            "The slopes are still 2x at x = [1, 3, -2]; the constants 1, 9 and 4 multiply them, place by place.",
            "斜率仍是 x = [1, 3, -2] 处的 2x；常数 1、9、4 逐个乘上去。",
        ),
    ),
    truth=[2.0, 54.0, -16.0],
    program="""
x = torch.tensor([1.0, 3.0, -2.0], requires_grad=True)
y = x * x
y.backward(gradient=y.detach())
x.grad
""",
    mistakes=(
        Mistake(
            "GRADIENT-ARG-IS-A-NAME",
            lambda: walked(square, THREE, [1.0] * 3),
            en="The brackets do not name what to differentiate: the walk begins at y, whatever you pass. Which numbers did you pass, and what did such numbers do before?",
            zh="括号里写的不是“要求导的是谁”：无论传入什么，反向传播都从 y 出发。你传入的是哪几个数？前面这样的数起过什么作用？",
        ),
        Mistake(
            "DIFFERENTIATES-Y-SQUARED",
            lambda: walked(lambda x: square(square(x)), THREE, [1.0] * 3),
            en="That is the gradient of the sum of y times y; but weights are constants, so only one of the two factors is differentiated.",
            zh="那是 y 乘 y 求和后的梯度；但权重是常数，两个因子中只对一个求导。",
        ),
        Mistake(
            "SUM=MEAN",
            lambda: walked(square, THREE, [1 / 3] * 3),
            en="That is the gradient of the mean of y; nothing is averaged here, and the numbers in the brackets are weights.",
            zh="那是 y 的平均值的梯度；这里没有求平均，括号里的数是权重。",
        ),
        Mistake(
            "DETACH-KILLS-THE-GRAPH",
            None,
            en="Only the numbers in the brackets are detached; the walk itself begins at y, whose graph is whole, so a gradient arrives.",
            zh="只有括号里的数被分离；反向传播本身从 y 出发，它的计算图是完整的，所以有梯度到达。",
            variants=([0.0] * 3,),
        ),
    ),
)

# ---- rows of the matrix ------------------------------------------------------


SECOND_WEIGHT = Prediction(
    title=Text("One row of the matrix", "矩阵的一行"),
    lesson=Text(
        "A single 1 among zeros picks one output, and so one row of the matrix.",
        "一堆 0 里只有一个 1，就选中一个输出，也就是矩阵的一行。",
    ),
    hints=(
        Text(
            "Weigh the two outputs first: what is left of 0 · (x[0] * x[1]) + 1 · (5 * x[1])?",
            "先给两个输出加权：0 · (x[0] * x[1]) + 1 · (5 * x[1]) 还剩下什么？",
        ),
        Text(
            "Each weight multiplies one whole row of the Jacobian matrix. Then add down each column: two numbers, one for each input.",
            "每个权重乘雅可比矩阵的一整行。然后沿每一列相加：得到两个数，每个输入一个。",
        ),
    ),
    truth=[0.0, 5.0],
    program="""
def f(x):
    return torch.stack([x[0] * x[1], 5 * x[1]])


x = torch.tensor([1.0, 2.0], requires_grad=True)
f(x).backward(gradient=torch.tensor([0.0, 1.0]))
x.grad
""",
)

MIXED = Prediction(
    title=Text("Both rows, weighted", "两行加权"),
    lesson=Text(
        "Rows are weighted and added: the weights stand to the left of the matrix.",
        "各行加权后相加：权重放在矩阵的左边。",
    ),
    hints=(
        Text(
            "Take the matrix row by row: by what is the first row multiplied, by what the second?",
            "把矩阵一行一行地看：第一行乘以几，第二行乘以几？",
        ),
        Text(
            "Write the two weighted rows one below the other and add down the columns; `x[1]` hears from both outputs.",
            "把两个加权后的行上下写好，再沿列相加；`x[1]` 会收到两个输出的梯度。",
        ),
    ),
    truth=[2.0, 51.0],
    program="""
def f(x):
    return torch.stack([x[0] * x[1], 5 * x[1]])


x = torch.tensor([1.0, 2.0], requires_grad=True)
f(x).backward(gradient=torch.tensor([1.0, 10.0]))
x.grad
""",
)

# ---- walk back with weights -------------------------------------------------


def a_table(chance, rows, columns):
    return torch.stack([vector(chance, columns) for _ in range(rows)])


def mixing(chance, rows, columns):
    """Return a function of a vector whose every output depends on every input."""
    table = a_table(chance, rows, columns)
    return named(f"tanh(A @ x), A {rows}×{columns}", lambda x: torch.tanh(table @ x))


def weighted_walks():
    """Yield (f, x, v): as many weights as outputs, not always as many as inputs."""
    chance = dice(4)
    for rows, columns in ((2, 2), (3, 3), (4, 4), (3, 2), (2, 4)):
        f = mixing(chance, rows, columns)
        x, v = vector(chance, columns), vector(chance, rows)
        yield f, x, v.index_fill(0, torch.tensor([0]), 0.0) if rows == 3 else v


def beside_x(result, f, x, *rest):
    """Observe a result, unless the caller's own x is not as it came."""
    if x.requires_grad:
        return "x.requires_grad = True"
    return as_it_is(result) if x.grad is None else "x.grad ≠ None"


def leaf_like(x):
    return x.detach().clone().requires_grad_()


def vjp(f, x, v):
    x = leaf_like(x)
    f(x).backward(gradient=v)
    return x.grad


OF_THE_FLAG = {
    "en": "The caller's own x requires grad after your call, and it did not before: whatever it goes into will be recorded. Make the leaf from a clone.",
    "zh": "调用之后，调用者的 x 需要梯度了，而原来并不需要：以后用到它的运算都会被记录。请用副本（clone）做叶子。",
}
OF_THE_GRAD = {
    "en": "The caller's own x has a .grad after your call, and it had none before: the next walk to it would add to that. Make the leaf from a clone.",
    "zh": "调用之后，调用者的 x 有了 .grad，而原来没有：下一次传到它的梯度会加在上面。请用副本（clone）做叶子。",
}

VJP = ExerciseBuilder(
    title=Text("A walk with weights", "带权重的反向传播"),
    lesson=Text(
        "The vector-Jacobian product is a weighted sum of rows; one walk back is enough for it.",
        "向量-雅可比积就是各行的加权和；反向传播一次就能得到它。",
    ),
    hints=(
        Text(
            "Three things are needed: a leaf that f computes from, weights for the outputs, and the place where the gradient then lies.",
            "需要三样东西：f 计算时用的叶子、输出的权重，以及之后梯度所在的地方。",
        ),
        Text(
            "It is the call with `gradient=` that you met with `[3, -1, 2, 0.5]`, with v in the brackets, on f of a fresh leaf.",
            "就是你用 `[3, -1, 2, 0.5]` 时见过的那种带 `gradient=` 的调用：从 f 作用于新叶子的结果出发，括号里放 v。",
        ),
    ),
    cases=weighted_walks,
    solution=vjp,
    observe=beside_x,
    tolerance=1e-5,  # a right answer may pass through float32
)


@VJP.mistake(
    "WEIGHTS-IGNORED",
    en="This is the gradient of the plain sum of f(x): v has not been used.",
    zh="这是 f(x) 直接求和的梯度：没有用到 v。",
)
def gradient_of_the_sum(f, x, v):
    x = leaf_like(x)
    f(x).sum().backward()
    return x.grad


@VJP.mistake(
    "SUM=MEAN",
    en="You averaged where a sum belongs: a mean divides, v @ f(x) does not.",
    zh="该求和的地方你求了平均：平均会做除法，而 v @ f(x) 不会。",
)
def weighted_mean(f, x, v):
    return vjp(f, x, v) / len(v)


@VJP.variant
def gradient_of_the_mean(f, x, v):
    return gradient_of_the_sum(f, x, v) / len(v)


@VJP.variant
def averaged_by_the_weights(f, x, v):
    return vjp(f, x, v) / v.sum()


VJP.mistake(
    "RETAIN-RECOMPUTES",
    lambda f, x, v: 2 * vjp(f, x, v),
    en="Everything is doubled: two walks, and .grad adds them up; retain_graph=True keeps the graph, it does not start afresh. Walk once.",
    zh="所有数都大了一倍：反向传播了两次，而 .grad 会累加；retain_graph=True 只保留计算图，并不重新开始。请只反向传播一次。",
)


@VJP.mistake("X-CHANGED", **OF_THE_FLAG)
def flags_the_callers_x(f, x, *rest):
    x.requires_grad_()
    f(x).sum().backward()


@VJP.mistake("X-CHANGED", **OF_THE_GRAD)
def leaves_a_gradient_to_the_caller(f, x, *rest):
    flags_the_callers_x(f, x)
    x.requires_grad_(False)


@VJP.mistake(
    "WEIGHTS-ARE-A-MASK",
    en="You used v to switch outputs on and off; a weight is a factor: 2 doubles what its output brings.",
    zh="你把 v 当成了开关；权重是乘上去的：权重为 2，那个输出带来的就加倍。",
)
def only_where_weighted(f, x, v):
    return vjp(f, x, (v != 0).to(v.dtype))


def on_squares(code: Callable) -> Callable:
    """Return a test for what the code does wherever inputs match outputs in number.

    Elsewhere the shapes do not fit, and each learner's code fails in its own way.
    """

    def resembles(got, wanted):
        return all(
            torch.allclose(seen, code(f, x, v), rtol=1e-5)
            for seen, (f, x, v) in zip(got, weighted_walks(), strict=True)
            if len(x) == len(v)
        )

    return resembles


def diagonal_weighted(f, x, v):
    return jacobian(f, x).diag() * v


VJP.mistake(
    "DIAGONAL-JACOBIAN",
    diagonal_weighted,
    en="Only the diagonal of the matrix is in there; every output here depends on every input, and all those slopes arrive, too.",
    zh="这里只有矩阵的对角线；而每个输出都依赖每个输入，那些斜率也都会到达。",
    resembles=on_squares(diagonal_weighted),
)


def weighted_afterwards(f, x, v):
    return gradient_of_the_sum(f, x, v) * v


VJP.mistake(
    "WEIGHTS-ON-THE-INPUTS",
    weighted_afterwards,
    en="You walked back first and multiplied by v afterwards; v weights the outputs, so it must enter before the walk.",
    zh="你先反向传播，再乘 v；v 是输出的权重，必须在反向传播之前进入。",
    resembles=on_squares(weighted_afterwards),
)


def inputs_weighted_before(f, x, v):
    return gradient_of_the_sum(lambda x: f(v * x), x, v)


VJP.mistake(
    "WEIGHTS-ON-THE-INPUTS",
    inputs_weighted_before,
    en="You multiplied the inputs by v; v weights the outputs, f(x).",
    zh="你把 v 乘在了输入上；v 是输出 f(x) 的权重。",
    resembles=on_squares(inputs_weighted_before),
)


@VJP.variant
def slopes_of_the_weighted_inputs(f, x, v):
    return gradient_of_the_sum(f, v * x, v)


def weighted_by_the_inputs(f, x, v):
    x = leaf_like(x)
    f(x).backward(gradient=x.detach())
    return x.grad


VJP.mistake(
    "GRADIENT-ARG-IS-A-NAME",
    weighted_by_the_inputs,
    en="You gave x as the weights; the argument of backward names no tensor, and x is already where the slopes are taken: the weights are v.",
    zh="你把 x 当作了权重；backward 括号里写的不是张量的名字，x 只是取斜率的地方：权重是 v。",
    resembles=on_squares(weighted_by_the_inputs),
)


def slopes_at_the_weights(f, x, v):
    return gradient_of_the_sum(f, v, v)


VJP.mistake(
    "ARGUMENT-IS-THE-POINT",
    slopes_at_the_weights,
    en="You took the slopes at v; they belong to x, and v weights them.",
    zh="你在 v 处取了斜率；斜率应取自 x，v 只是权重。",
    resembles=on_squares(slopes_at_the_weights),
)


def table_times_weights(f, x, v):
    return jacobian(f, x) @ v


VJP.mistake(
    "JVP-NOT-VJP",
    table_times_weights,
    en="This is `J @ v`, one number for each output; wanted is `v @ J`, one for each input.",
    zh="这是 `J @ v`，每个输出一个数；要的是 `v @ J`，每个输入一个数。",
    resembles=on_squares(table_times_weights),
)


@VJP.variant
def table_times_weights_where_it_fits(f, x, v):
    J = jacobian(f, x)
    return J @ v if len(x) == len(v) else v @ J


@VJP.mistake(
    "JACOBIAN",
    en="That is the whole matrix; its rows still have to be weighted and added, and a single walk does both at once.",
    zh="这是整个矩阵；各行还要加权相加，而一次反向传播就同时做完了这两件事。",
)
def whole_table(f, x, v):
    return jacobian(f, x)


@VJP.variant
def weighted_table(f, x, v):
    return v[:, None] * jacobian(f, x)


@VJP.mistake(
    "WEIGHTS-TIMES-VALUE",
    en="You weighted the values of f(x). The gradient says how fast their weighted sum changes with each x.",
    zh="你给 f(x) 的值加了权；要的是它们的加权和随每个 x 变化得多快。",
)
def weighted_values(f, x, v):
    return v * f(x)


@VJP.variant
def weighted_sum_of_values(f, x, v):
    return v @ f(x)


@VJP.mistake(
    "GRAD-ON-OUTPUT",
    en="You got v back: it is the gradient that arrives at the outputs; the one that is asked for lies in the .grad of the leaf.",
    zh="你得到的就是 v：它是到达输出的梯度；要的那个在叶子的 .grad 里。",
)
def weights_come_back(f, x, v):
    return v.clone()


def nothing(*inputs):
    return None


# ---- build the matrix row by row ---------------------------------------------


def tables():
    """Yield (f, x) with two to four outputs, not always as many as inputs."""
    chance = dice(7)
    for rows, columns in ((2, 3), (3, 3), (4, 2)):
        yield mixing(chance, rows, columns), vector(chance, columns)
    f = mixing(chance, 3, 2)  # far from zero, where quotients of small steps are rough
    yield named("1e9 + tanh(A @ x)", lambda x: 1e9 + f(x)), vector(chance, 2)


def jacobian(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


JACOBIAN = ExerciseBuilder(
    title=Text("The Jacobian matrix, row by row", "一行一行造出雅可比矩阵"),
    lesson=Text(
        "A row for each output, a column for each input: a walk with one-hot weights brings one row.",
        "每个输出一行，每个输入一列；用独热权重反向传播一次，就带来一行。",
    ),
    hints=(
        Text(
            "One walk brings one row. How many walks are needed, with which weights, and what must be in `x.grad` before each of them?",
            "一次反向传播带来一行。需要几次反向传播、用什么权重？每次反向传播之前 `x.grad` 里应该是什么？",
        ),
        Text(
            "Compute y once. Loop over the rows of `torch.eye(len(y))`: set the leaf's .grad to None, walk back with that row as weights, keeping the graph, and append the .grad; stack the list at the end.",
            "先算一次 y。对 `torch.eye(len(y))` 的每一行循环：把叶子的 .grad 设为 None，以这一行为权重反向传播并保留计算图，再追加 .grad；最后堆叠起来。",
        ),
    ),
    cases=tables,
    solution=jacobian,
    observe=beside_x,
    tolerance=1e-5,  # a table made by torch.zeros(m, n) is float32
)


@JACOBIAN.mistake(
    "JVP-NOT-VJP",
    en="Your matrix lies on its side: outputs are rows, inputs are columns.",
    zh="你的矩阵行列颠倒了：应当每个输出一行，每个输入一列。",
)
def transposed(f, x):
    return jacobian(f, x).T


JACOBIAN.mistake("X-CHANGED", flags_the_callers_x, **OF_THE_FLAG)
JACOBIAN.mistake("X-CHANGED", leaves_a_gradient_to_the_caller, **OF_THE_GRAD)


def sum_of_rows(f, x):
    return jacobian(f, x).sum(0)


@JACOBIAN.mistake(
    "JACOBIAN",
    en="One walk takes one weight for each output, not a matrix of them: hand over the rows of torch.eye one at a time, a walk for each.",
    zh="一次反向传播只接受每个输出一个权重，而不是一整个矩阵：请把 torch.eye 的各行逐行传入，每行反向传播一次。",
)
def eye_as_the_weights(f, x):
    y = f(leaf_like(x))
    y.backward(gradient=torch.eye(len(y), dtype=y.dtype))


@JACOBIAN.mistake(
    "GRADIENT-ARG-IS-A-NAME",
    en="Each row is multiplied by its output: what stands in the brackets of backward is a weight, not a name. A row of torch.eye picks an output.",
    zh="每一行都多乘了自己那个输出：backward 括号里是权重，不是名字。用 torch.eye 的一行来选中一个输出。",
)
def weighted_by_the_outputs(f, x):
    return f(x)[:, None] * jacobian(f, x)


@JACOBIAN.mistake(
    "WEIGHTS-ON-THE-INPUTS",
    en="You walked back from the plain sum and weighted the inputs afterwards; the weights belong to the outputs: one walk for each row of torch.eye.",
    zh="你先从直接求和反向传播，再给输入加权；权重属于输出：对 torch.eye 的每一行各反向传播一次。",
)
def sum_times_weights(f, x):
    """Weight the gradient of the sum; fits only where there are as many outputs."""
    x = leaf_like(x)
    y = f(x)
    y.sum().backward()
    return torch.stack([x.grad * v for v in torch.eye(len(y), dtype=y.dtype)])


@JACOBIAN.mistake(
    "DIAGONAL-JACOBIAN",
    en="You laid one walk's numbers on a diagonal; but every output here depends on every input, so each place needs a slope of its own.",
    zh="你把一次反向传播的数放在了对角线上；但这里每个输出都依赖每个输入，每个位置都有自己的斜率。",
)
def sum_on_the_diagonal(f, x):
    return sum_of_rows(f, x).diag()


def right_on_squares_only(got, wanted):
    """Tell a table that comes out right only where it is square."""
    square = [len(table) == table.shape[1] for table in wanted]
    right = [
        isinstance(one, torch.Tensor)
        and one.shape == other.shape
        and torch.allclose(one, other, rtol=1e-5)
        for one, other in zip(got, wanted, strict=True)
    ]
    return right == square


@JACOBIAN.mistake(
    "ONE-WALK-PER-INPUT",
    en="You count by the numbers of x; it is each output that needs a walk, so take torch.eye(len(y)).",
    zh="你是按 x 里有几个数来计数的；但应当每个输出反向传播一次，请用 torch.eye(len(y))。",
    resembles=right_on_squares_only,
)
def one_walk_per_input(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(x), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


@JACOBIAN.variant
def one_output_per_input(f, x):
    return torch.stack([jacobian(f, x)[i] for i in range(len(x))])


def nearly_but_far_from_zero(got, wanted):
    """Tell tables that are near, and rough in the last case: it is far from zero."""
    pairs = list(zip(got, wanted, strict=True))
    near = all(torch.allclose(one, other, atol=0.05) for one, other in pairs[:-1])
    return near and got[-1].shape == wanted[-1].shape


@JACOBIAN.mistake(
    "FINITE-DIFFERENCE",
    en="Those are quotients of small steps: f runs many times, and far from zero they are rough. Run f once, and walk back from each output.",
    zh="那是小步长的差商：f 要运行很多次，数值远离零时还很粗糙。请只运行一次 f，再从每个输出反向传播。",
    resembles=nearly_but_far_from_zero,
)
def small_steps(f, x, step=1e-6):
    columns = [(f(x + step * e) - f(x)) / step for e in torch.eye(len(x)).to(x)]
    return torch.stack(columns, dim=1)


# ---- one gradient per row of data -------------------------------------------


def squared_error(w, x, y):
    return (x @ w - y) ** 2


def logistic_loss(w, x, y):
    return torch.log1p(torch.exp(-y * (x @ w)))


def squared_error_of_one_row(w, x, y):
    return (w @ x - y) ** 2


def samples():
    """Yield (loss, w, X, ys): fewer rows than weights, more, and as many."""
    chance = dice(11)
    for loss, rows, columns in (
        (named("(x @ w - y)²", squared_error), 2, 3),
        (named("log(1 + exp(-y · x @ w))", logistic_loss), 4, 3),
        (squared_error, 3, 2),
        (squared_error, 3, 3),
        (named("(w @ x - y)²", squared_error_of_one_row), 4, 3),  # no table fits
    ):
        w = vector(chance, columns, tracked=True)
        yield loss, w, a_table(chance, rows, columns), vector(chance, rows)


def per_sample(loss, w, X, ys):
    rows = []
    for x, y in zip(X, ys, strict=True):
        w.grad = None
        loss(w, x, y).backward()
        rows.append(w.grad)
    return torch.stack(rows)


def beside_w(result, loss, w, *data):
    """Observe a result, unless w holds other numbers than it came with."""
    kept = any(torch.equal(w, fresh) for _, fresh, *_ in samples())
    return as_it_is(result) if kept else "w ≠ w₀"


PER_SAMPLE = ExerciseBuilder(
    title=Text("One gradient per sample", "每个样本一个梯度"),
    lesson=Text(
        "In one walk, what the samples send to `w` is added; their own gradients are the rows of a Jacobian matrix.",
        "一次反向传播里，各个样本传给 `w` 的梯度会相加；它们各自的梯度，是一个雅可比矩阵的各行。",
    ),
    hints=(
        Text(
            "Each row is the gradient of one loss: where does the walk for it begin, and how many walks does the whole matrix take?",
            "每一行都是一个损失的梯度：这一行的反向传播从哪里开始？整个矩阵需要反向传播几次？",
        ),
        Text(
            "Go through the samples of `X` and `ys` together: clear `w.grad` with None, walk back from the loss of that sample alone, and append `w.grad` to a list; stack the list at the end.",
            "同时遍历 `X` 和 `ys` 的各个样本：用 None 清除 `w.grad`，只从这一个样本的损失反向传播，把 `w.grad` 追加到列表；最后堆叠起来。",
        ),
    ),
    cases=samples,
    solution=per_sample,
    observe=beside_w,
    tolerance=1e-5,  # a table made by torch.zeros(n, m) is float32
)


def nearly_the_same(got, wanted):
    pairs = zip(got, wanted, strict=True)
    return all(torch.allclose(one, other, rtol=0.02, atol=0.02) for one, other in pairs)


@PER_SAMPLE.mistake(
    "FINITE-DIFFERENCE",
    en="Those are quotients of small steps, near but not exact; a walk back from each loss brings the slopes to the last digits.",
    zh="那是小步长的差商，接近但不精确；从每个损失反向传播，斜率能精确到最后几位。",
    resembles=nearly_the_same,
)
def small_steps_of_w(loss, w, X, ys, step=1e-4):
    w = w.detach()
    moves = step * torch.eye(len(w), dtype=w.dtype)
    before = losses(loss, w, X, ys)
    columns = [(losses(loss, w + move, X, ys) - before) / step for move in moves]
    return torch.stack(columns, dim=1)


@PER_SAMPLE.mistake(
    "A-STEP-AFTER-EVERY-WALK",
    en="`w` holds other numbers after your call. Every row is asked for at the `w` that came in, so walk back only, and take no step.",
    zh="调用之后，`w` 的数变了。每一行都要在传进来的 `w` 处求，所以只反向传播，不要更新 `w`。",
)
def steps_on_the_way(loss, w, X, ys):
    with torch.no_grad():
        w += 1


@PER_SAMPLE.mistake(
    "SHAPES-DONT-MATTER",
    en="You handed all samples to `loss` at once; it takes one `x` and its `y`: call it for each row, and walk back from that loss alone.",
    zh="你把所有样本一次交给了 `loss`；它只接受一个 `x` 和它的 `y`：请对每一行各调用一次，只从这一个损失反向传播。",
)
def all_samples_at_once(loss, w, X, ys):
    loss(w, X, ys).backward()


@PER_SAMPLE.variant
def table_of_all_samples(loss, w, X, ys):
    return torch.func.jacrev(lambda w: loss(w, X, ys))(w)


@PER_SAMPLE.variant
def sum_of_all_samples(loss, w, X, ys):
    loss(w, X, ys).sum().backward()
    return w.grad


@PER_SAMPLE.mistake(
    "JACOBIAN",
    en="Without weights a walk starts from one number, but the sum of the losses would bring only the sum of their gradients: walk back from each loss alone.",
    zh="不带权重的反向传播从一个数出发，但从损失之和出发，只会带来各个梯度之和：请从每个损失各反向传播一次。",
)
def all_losses_at_once(loss, w, X, ys):
    losses(loss, w, X, ys).backward()


@PER_SAMPLE.mistake(
    "OTHER-INPUT",
    en="Those are the gradients of the data x; wanted are those of w, the same leaf for every sample.",
    zh="这是数据 x 的梯度；要的是 w 的梯度，每个样本都是对同一个叶子 w。",
)
def gradients_of_the_data(loss, w, X, ys):
    X = leaf_like(X)
    losses(loss, w, X, ys).sum().backward()
    return X.grad


@PER_SAMPLE.mistake(
    "GRAD-IS-VALUE",
    en="Those are the losses themselves. Their gradients say how fast each of them changes with w.",
    zh="这是各个损失本身；要的是它们各自随 w 变化得多快。",
)
def losses(loss, w, X, ys):
    return torch.stack([loss(w, x, y) for x, y in zip(X, ys, strict=True)])


@PER_SAMPLE.mistake(
    "FORGOT-FLAG",
    en="Nothing was recorded: w requires grad already, so hand w itself to loss, not a detached copy or its numbers.",
    zh="什么也没有记录：w 已经需要梯度，请把 w 本身交给 loss，而不是分离出来的副本或它的数值。",
)
def cut_off(loss, w, X, ys):
    losses(loss, w.detach(), X, ys).sum().backward()


LESSONS = {
    "vector/weights": WEIGHTS,
    "vector/argument": ARGUMENT,
    "vector/second_weight": SECOND_WEIGHT,
    "vector/mixed": MIXED,
    "vector/vjp": VJP.build(),
    "vector/jacobian": JACOBIAN.build(),
    "vector/per_sample": PER_SAMPLE.build(),
}
