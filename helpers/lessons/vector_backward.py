"""Lesson 4: a vector needs weights before it can be walked back."""

import torch

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice, vector

WEIGHTS = Prediction(
    title=Text("", ""),
    lesson=Text(
        "Each weight multiplies the slope of its own output, and the walk adds up.",
        "每个权重乘在自己那个输出的斜率上，回溯时再相加。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "WEIGHTS-IGNORED",
            lambda: [0.0, 2.0, 4.0, 6.0],
            Text(
                "That is the gradient of the plain sum, with four weights of 1; these "
                "weights are 1, 0, 2 and 0.5, and each one counts.",
                "那是直接求和的梯度，四个权重都是 1；"
                "这里的权重是 1、0、2 和 0.5，每一个都算数。",
            ),
        ),
        Mistake(
            "WEIGHTS-ARE-A-MASK",
            lambda: [0.0, 0.0, 4.0, 6.0],
            Text(
                "You switched outputs on and off; but a weight is a factor: 2 doubles "
                "its slope and 0.5 halves it.",
                "你把权重当成了开关；但权重是因数：2 使斜率加倍，0.5 使斜率减半。",
            ),
        ),
        Mistake(
            "WEIGHTS-TIMES-VALUE",
            lambda: [0.0, 0.0, 8.0, 4.5],
            Text(
                "You multiplied the weights by the values of y; they multiply the "
                "slopes 2x.",
                "你把权重乘在了 y 的值上；它们应乘在斜率 2x 上。",
            ),
        ),
        Mistake(
            "ARGUMENT-IS-THE-POINT",
            lambda: [2.0, 0.0, 4.0, 1.0],
            Text(
                "You took the slope 2x at the weights; the slopes are still taken at "
                "x = [0, 1, 2, 3], and then weighted.",
                "你在权重处取了斜率 2x；斜率仍取自 x = [0, 1, 2, 3]，然后才加权。",
            ),
        ),
    ),
)

ARGUMENT = Prediction(
    title=Text("", ""),
    lesson=Text(
        "Whatever stands in the brackets is used as weights: here y itself, x² · 2x.",
        "括号里的东西一律当作权重：这里就是 y 自己，得 x² · 2x。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "GRADIENT-ARG-IS-A-NAME",
            lambda: [0.0, 2.0, 4.0, 6.0],
            Text(
                "The argument does not say which tensor to walk back from; its numbers "
                "are the weights, here 0, 1, 4 and 9.",
                "这个参数并不是说从哪个张量回溯；它的数就是权重，这里是 0、1、4、9。",
            ),
        ),
        Mistake(
            "ARGUMENT-IS-THE-POINT",
            lambda: [0.0, 2.0, 8.0, 18.0],
            Text(
                "That is 2y, the slope taken at y; the slopes 2x stay those at x, and "
                "the values of y weight them.",
                "那是 2y，即在 y 处取的斜率；斜率 2x 仍取自 x，y 的值只是给它们加权。",
            ),
        ),
        Mistake(
            "DIFFERENTIATES-Y-SQUARED",
            lambda: [0.0, 4.0, 32.0, 108.0],
            Text(
                "That is the gradient of the sum of y times y; but weights are "
                "constants, so only one of the two factors is differentiated.",
                "那是 y 乘 y 求和后的梯度；但权重是常数，两个因子中只对一个求导。",
            ),
        ),
        Mistake(
            "WEIGHTS-TIMES-VALUE",
            lambda: [0.0, 1.0, 16.0, 81.0],
            Text(
                "That is y times y; the weights meet the slopes of y, not its values.",
                "那是 y 乘 y；权重乘的是 y 的斜率，而不是 y 的值。",
            ),
        ),
    ),
)

ONE_ROW = Prediction(
    title=Text("", ""),
    lesson=Text(
        "A single 1 among zeros picks one output, and so one row of the table.",
        "一堆 0 里只有一个 1，就选中一个输出，也就是表中的一行。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "ONE-HOT-GIVES-A-COLUMN",
            lambda: [1.0, 5.0],
            Text(
                "That is the second column, what x[1] does to each output; the weights "
                "belong to the outputs, so they pick a row.",
                "那是第二列，即 x[1] 对各个输出的影响；"
                "权重属于输出，所以选中的是一行。",
            ),
        ),
        Mistake(
            "WEIGHTS-IGNORED",
            lambda: [2.0, 6.0],
            Text(
                "That is the sum of both rows, as weights of 1 and 1 would give; here "
                "the first output has weight 0.",
                "那是两行之和，相当于权重 1 和 1；而这里第一个输出的权重是 0。",
            ),
        ),
        Mistake(
            "WEIGHTS-TIMES-VALUE",
            lambda: [0.0, 10.0],
            Text(
                "10 is the value of the second output; a row holds its slopes.",
                "10 是第二个输出的值；一行里放的是它的斜率。",
            ),
        ),
        Mistake(
            "FIRST-ROW",
            lambda: [2.0, 1.0],
            Text(
                "That is the other row: the 1 stands in second place, so it picks the "
                "second output.",
                "那是另一行：1 在第二个位置，选中的是第二个输出。",
            ),
        ),
    ),
)

MIXED = Prediction(
    title=Text("", ""),
    lesson=Text(
        "Rows are weighted and added: the weights stand to the left of the table.",
        "各行加权后相加：权重站在表的左边。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "JVP-NOT-VJP",
            lambda: [12.0, 50.0],
            Text(
                "That is J v, which runs along each row; backward weights the rows and "
                "adds down each column: v J.",
                "那是 J v，沿着每一行相加；backward 给各行加权，再沿每一列相加：v J。",
            ),
        ),
        Mistake(
            "WEIGHTS-IGNORED",
            lambda: [2.0, 6.0],
            Text(
                "Those are the two rows added as they are; the second row counts ten "
                "times here.",
                "那是两行原样相加；这里第二行要算十倍。",
            ),
        ),
        Mistake(
            "DIAGONAL-JACOBIAN",
            lambda: [2.0, 50.0],
            Text(
                "Only the diagonal is in there; but the first output depends on x[1] "
                "too, and that slope of 1 also arrives.",
                "这里只有对角线；但第一个输出也依赖 x[1]，那个斜率 1 也会到达。",
            ),
        ),
        Mistake(
            "WEIGHTS-ON-THE-INPUTS",
            lambda: [2.0, 60.0],
            Text(
                "You added the rows first and weighted the inputs afterwards; the "
                "weights belong to the outputs and come first.",
                "你先把各行相加，再给输入加权；权重属于输出，应先乘上去。",
            ),
        ),
    ),
)


def a_table(chance, rows, columns):
    return torch.stack([vector(chance, columns) for _ in range(rows)])


def mixing(chance, rows, columns):
    """Return a function of a vector whose every output depends on every input."""
    table = a_table(chance, rows, columns)
    return lambda x: torch.tanh(table @ x)


def weighted_walks():
    """Yield (f, x, v): as many weights as outputs, not always as many as inputs."""
    chance = dice(4)
    for rows, columns in ((2, 2), (3, 3), (4, 4), (3, 2)):
        f = mixing(chance, rows, columns)
        yield f, vector(chance, columns), vector(chance, rows)


def leaf_like(x):
    return x.detach().clone().requires_grad_()


def vjp(f, x, v):
    x = leaf_like(x)
    f(x).backward(gradient=v)
    return x.grad


def gradient_of_the_sum(f, x, v):
    x = leaf_like(x)
    f(x).sum().backward()
    return x.grad


def weighted_afterwards(f, x, v):
    return gradient_of_the_sum(f, x, v) * v


def weighted_afterwards_from_the_left(f, x, v):
    return v * gradient_of_the_sum(f, x, v)


def weighted_by_itself(f, x, v):
    x = leaf_like(x)
    y = f(x)
    y.backward(gradient=y.detach())
    return x.grad


def weighted_by_the_inputs(f, x, v):
    x = leaf_like(x)
    f(x).backward(gradient=x.detach())
    return x.grad


def table_times_weights(f, x, v):
    return jacobian(f, x) @ v


def no_weights(f, x, v):
    x = leaf_like(x)
    f(x).backward()
    return x.grad


def no_leaf(f, x, v):
    f(x).backward(gradient=v)
    return x.grad


WEIGHTED_AFTERWARDS = Text(
    "You walked back first and multiplied by v afterwards; v weights the outputs, so "
    "it must enter before the walk.",
    "你先回溯，再乘 v；v 是输出的权重，必须在回溯之前进入。",
)

NO_LEAF = Text(
    "x comes without requires_grad, so nothing was recorded; make a leaf of it first.",
    "传入的 x 没有 requires_grad，所以什么也没有记录；请先把它变成叶子张量。",
)

VJP = Exercise(
    title=Text("", ""),
    lesson=Text(
        "One walk, one weighted sum of rows: the vector-Jacobian product.",
        "一次回溯，得到各行的一个加权和：这就是向量-雅可比积。",
    ),
    cases=weighted_walks,
    solution=vjp,
    hints=(),
    mistakes=(
        Mistake(
            "WEIGHTS-IGNORED",
            gradient_of_the_sum,
            Text(
                "This is the gradient of the plain sum of f(x): v has not been used.",
                "这是 f(x) 直接求和的梯度：没有用到 v。",
            ),
        ),
        Mistake("WEIGHTS-ON-THE-INPUTS", weighted_afterwards, WEIGHTED_AFTERWARDS),
        Mistake(
            "WEIGHTS-ON-THE-INPUTS",
            weighted_afterwards_from_the_left,
            WEIGHTED_AFTERWARDS,
        ),
        Mistake(
            "GRADIENT-ARG-IS-A-NAME",
            weighted_by_itself,
            Text(
                "You gave the outputs themselves as weights; the argument of backward "
                "is no name of what to differentiate, it is v.",
                "你把输出自己当作了权重；backward 的参数不是求导对象的名字，而应是 v。",
            ),
        ),
        Mistake(
            "ARGUMENT-IS-THE-POINT",
            weighted_by_the_inputs,
            Text(
                "You gave x as the weights; x is already where the slopes are taken, "
                "the weights are v.",
                "你把 x 当作了权重；x 是取斜率的地方，权重是 v。",
            ),
        ),
        Mistake(
            "JVP-NOT-VJP",
            table_times_weights,
            Text(
                "This is J v, one number per output; asked for is v J, one number per "
                "input.",
                "这是 J v，每个输出一个数；要的是 v J，每个输入一个数。",
            ),
        ),
        Mistake(
            "SCALAR-ONLY",
            no_weights,
            Text(
                "f(x) is a vector, so backward() without weights refuses; hand it v.",
                "f(x) 是向量，不带权重的 backward() 会拒绝；请把 v 交给它。",
            ),
        ),
        Mistake(
            "GRAD-WITHOUT-ASKING",
            no_leaf,
            NO_LEAF,
        ),
    ),
    tolerance=1e-5,  # a right answer may pass through float32
)


def tables():
    """Yield (f, x) with two to four outputs, not always as many as inputs."""
    chance = dice(7)
    for rows, columns in ((2, 3), (3, 3), (4, 2)):
        yield mixing(chance, rows, columns), vector(chance, columns)


def jacobian(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


def rows_that_pile_up(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad.clone())
    return torch.stack(rows)


def one_tensor_zeroed(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        if x.grad is not None:
            x.grad.zero_()
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


def one_tensor_never_cleared(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


def zeroed_after_appending(f, x):
    return torch.zeros_like(jacobian(f, x))


def graph_freed(f, x):
    x = leaf_like(x)
    y = f(x)
    for v in torch.eye(len(y), dtype=y.dtype):
        y.backward(gradient=v)


def transposed(f, x):
    return jacobian(f, x).T


def sum_of_rows(f, x):
    return jacobian(f, x).sum(0)


def one_walk_per_input(f, x):
    x = leaf_like(x)
    y = f(x)
    rows = []
    for v in torch.eye(len(x), dtype=y.dtype):
        x.grad = None
        y.backward(gradient=v, retain_graph=True)
        rows.append(x.grad)
    return torch.stack(rows)


def table_without_leaf(f, x):
    f(x).sum().backward()


JACOBIAN = Exercise(
    title=Text("", ""),
    lesson=Text(
        "One recording, one walk per output: the table grows row by row.",
        "记录一次，每个输出回溯一次：表就一行一行地长出来。",
    ),
    cases=tables,
    solution=jacobian,
    hints=(),
    mistakes=(
        Mistake(
            "OVERWRITE",
            rows_that_pile_up,
            Text(
                "Each row also holds the rows above it, because .grad adds up; clear "
                "x.grad before every walk.",
                "每一行都包含了它上面的各行，因为 .grad 会累积；"
                "请在每次回溯前清零 x.grad。",
            ),
        ),
        Mistake(
            "GRAD-IS-A-SNAPSHOT",
            one_tensor_zeroed,
            Text(
                "All your rows are the last one: you kept the same tensor x.grad each "
                "time, and it was changed in place; keep a clone or set x.grad = None.",
                "你的每一行都是最后一行：每次存的都是同一个张量 x.grad，"
                "而它被原地修改了；"
                "请存副本（clone），或者设 x.grad = None。",
            ),
        ),
        Mistake(
            "OVERWRITE-AND-SNAPSHOT",
            one_tensor_never_cleared,
            Text(
                "Every row is the sum of all: x.grad was never cleared, and each row "
                "is that one tensor; set x.grad = None before every walk.",
                "每一行都是所有行之和：x.grad 从未清零，而每一行都是那同一个张量；"
                "请在每次回溯前设 x.grad = None。",
            ),
        ),
        Mistake(
            "ZERO-SPARES-THE-LIST",
            zeroed_after_appending,
            Text(
                "Your rows are all zero: `zero_()` after appending also clears what "
                "the list holds, which is no copy.",
                "你的各行全是零：追加之后再 `zero_()`，"
                "列表里的也被清零，因为那不是副本。",
            ),
        ),
        Mistake(
            "GRAPH-FREED",
            graph_freed,
            Text(
                "The first walk freed what the graph had saved; keep it for the next "
                "one with retain_graph=True.",
                "第一次回溯释放了图中保存的值；请用 retain_graph=True 为下一次保留。",
            ),
        ),
        Mistake(
            "TRANSPOSED",
            transposed,
            Text(
                "Your table lies on its side: outputs are rows, inputs are columns.",
                "你的表放倒了：每个输出一行，每个输入一列。",
            ),
        ),
        Mistake(
            "ONES-GIVE-THE-JACOBIAN",
            sum_of_rows,
            Text(
                "One walk brings one weighted sum of rows, here all of them added; "
                "walk back once per output, with one-hot weights.",
                "一次回溯只带来各行的一个加权和，这里是全部相加；"
                "请对每个输出用独热权重各回溯一次。",
            ),
        ),
        Mistake(
            "ONE-WALK-PER-INPUT",
            one_walk_per_input,
            Text(
                "You made as many weights as x has numbers; each output needs one, so "
                "take torch.eye(len(y)).",
                "你按 x 的个数准备了权重；但每个输出需要一个权重，"
                "请用 torch.eye(len(y))。",
            ),
        ),
        Mistake("GRAD-WITHOUT-ASKING", table_without_leaf, NO_LEAF),
    ),
    tolerance=1e-5,  # a table made by torch.zeros(m, n) is float32
)

LESSONS = {
    "vector/weights": WEIGHTS,
    "vector/argument": ARGUMENT,
    "vector/one_row": ONE_ROW,
    "vector/mixed": MIXED,
    "vector/vjp": VJP,
    "vector/jacobian": JACOBIAN,
}
