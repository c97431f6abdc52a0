"""Lesson 3: gradients add up."""

import torch

from ..language import Text
from .model import Exercise, Mistake, Prediction, dice

USED_TWICE = Prediction(
    title=Text("", ""),
    lesson=Text(
        "Both roads lead back to the same tensor, and what arrives is added.",
        "两条路都通向同一个张量，到达的梯度会相加。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "ONE-USE-ONLY",
            lambda: 1.0,
            Text(
                "That is what one of the two arrows brings; `a` was used twice, so two "
                "gradients of 1 arrive.",
                "那只是其中一条箭头带来的；`a` 用了两次，所以有两个梯度 1 到达。",
            ),
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: 6.0,
            Text(
                "6 is the value of y; a gradient says how fast y changes with `a`.",
                "6 是 y 的值；梯度说的是 y 随 `a` 变化得多快。",
            ),
        ),
    ),
)

TWO_WALKS = Prediction(
    title=Text("", ""),
    lesson=Text(
        "backward() adds to .grad; nothing clears it but you.",
        "backward() 把梯度加到 .grad 上；除了你，没有谁会清零。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "OVERWRITE",
            lambda: [1.0, 1.0, 1.0, 1.0],
            Text(
                "That is the second gradient alone: backward() does not overwrite "
                ".grad, it adds to it.",
                "那只是第二次的梯度：backward() 不会覆盖 .grad，而是加上去。",
            ),
        ),
        Mistake(
            "FIRST-WINS",
            lambda: [0.0, 4.0, 8.0, 12.0],
            Text(
                "That is the first gradient alone: the second walk also arrives, and "
                "is added.",
                "那只是第一次的梯度：第二次回溯也会到达，并且相加。",
            ),
        ),
        Mistake(
            "ACCUMULATION-AVERAGES",
            lambda: [0.5, 2.5, 4.5, 6.5],
            Text(
                "Gradients of several walks are summed, not averaged.",
                "多次回溯的梯度是求和，不是求平均。",
            ),
        ),
    ),
)

ALIAS = Prediction(
    title=Text("", ""),
    lesson=Text(
        "`g = x.grad` is a second name for the same numbers, not a copy.",
        "`g = x.grad` 只是同一组数的另一个名字，不是副本。",
    ),
    hints=(),
    mistakes=(
        Mistake(
            "GRAD-IS-A-SNAPSHOT",
            lambda: 4.0,
            Text(
                "4 was the first gradient, but `g` is no copy of it: `zero_()` and the "
                "second walk change the very numbers that `g` names.",
                "4 是第一次的梯度，但 `g` 不是副本：`zero_()` 和第二次回溯改的正是 `g` 所指的数。",
            ),
        ),
        Mistake(
            "NEW-TENSOR-EACH-BACKWARD",
            lambda: 0.0,
            Text(
                "`zero_()` did write 0 there, but the second walk then added 12 to the "
                "same numbers.",
                "`zero_()` 确实写了 0，但第二次回溯又在同一组数上加了 12。",
            ),
        ),
        Mistake(
            "ZERO-IS-NOT-INPLACE",
            lambda: 16.0,
            Text(
                "16 would be 4 + 12: but the trailing underscore of `zero_()` means "
                "that it changes the numbers in place.",
                "16 是 4 + 12；但 `zero_()` 末尾的下划线表示原地修改。",
            ),
        ),
    ),
)


def descents():
    """Yield (f, start, rate, steps): parabolas with random vertices."""
    chance = dice(3)
    for _ in range(6):
        height, vertex = chance.uniform(0.5, 2), chance.uniform(-3, 3)
        start, rate = chance.uniform(-3, 3), chance.uniform(0.02, 0.2)

        def f(x, height=height, vertex=vertex):
            return height * (x - vertex) ** 2

        yield f, start, rate, chance.randint(3, 9)


def a_leaf(x0):
    return torch.tensor(x0, dtype=torch.float64, requires_grad=True)


def descend(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


def never_cleared(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        with torch.no_grad():
            x -= rate * x.grad
    return x.item()


def cleared_too_early(f, x0, rate, steps):
    return x0


def rebound(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        f(x).backward()
        x = x - rate * x.grad
    return x.item()


def rebound_without_grad(f, x0, rate, steps):
    x = a_leaf(x0)
    for _ in range(steps):
        x.grad = None
        f(x).backward()
        with torch.no_grad():
            x = x - rate * x.grad
    return x.item()


def recorded_update(f, x0, rate, steps):
    x = a_leaf(x0)
    f(x).backward()
    x -= rate * x.grad


REBIND = Text(
    "`x = x - …` binds the name x to a new tensor that is no leaf and gets no .grad; "
    "change x in place instead, `x -= …`, under torch.no_grad().",
    "`x = x - …` 让名字 x 指向一个新张量，它不是叶子，也没有 .grad；"
    "请在 torch.no_grad() 下原地修改：`x -= …`。",
)

DESCEND = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Clear, walk back, step: the three beats of every training loop.",
        "清零、回溯、走一步：这是每个训练循环的三拍。",
    ),
    cases=descents,
    solution=descend,
    hints=(),
    mistakes=(
        Mistake(
            "OVERWRITE",
            never_cleared,
            Text(
                "Each step used the sum of all gradients so far; clear x.grad in every "
                "turn of the loop.",
                "每一步用的都是此前所有梯度之和；请在每一轮循环里清零 x.grad。",
            ),
        ),
        Mistake(
            "ZEROED-TOO-EARLY",
            cleared_too_early,
            Text(
                "x never moved; is the gradient cleared between backward() and the "
                "update?",
                "x 没有动过；是不是在 backward() 和更新之间就把梯度清零了？",
            ),
        ),
        Mistake("REBIND", rebound, REBIND),
        Mistake("REBIND", rebound_without_grad, REBIND),
        Mistake(
            "UPDATE-IS-FREE",
            recorded_update,
            Text(
                "The update must not be recorded: put it under `with torch.no_grad():`.",
                "更新这一步不应被记录：请放进 `with torch.no_grad():`。",
            ),
        ),
    ),
    tolerance=1e-5,
)


def batches():
    """Yield (loss, w, list of (X, y)) with batches of unequal size."""
    chance = dice(5)

    def loss(w, X, y):
        return ((X @ w - y) ** 2).mean()

    def table(rows):
        numbers = [[chance.gauss(0, 1) for _ in range(3)] for _ in range(rows)]
        return torch.tensor(numbers, dtype=torch.float64)

    for sizes in ((1, 4), (5, 2, 3), (2, 7, 1, 3)):
        w = table(1)[0].requires_grad_()
        yield loss, w, [(table(rows), table(rows)[:, 0]) for rows in sizes]


def full_gradient(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


def only_the_last(loss, w, batches):
    rows = sum(len(X) for X, _ in batches)
    for X, y in batches:
        w.grad = None
        (loss(w, X, y) * len(X) / rows).backward()
    return w.grad


def mean_of_means(loss, w, batches):
    w.grad = None
    for X, y in batches:
        (loss(w, X, y) / len(batches)).backward()
    return w.grad


def sum_of_means(loss, w, batches):
    w.grad = None
    for X, y in batches:
        loss(w, X, y).backward()
    return w.grad


FULL_GRADIENT = Exercise(
    title=Text("", ""),
    lesson=Text(
        "Accumulation turns small batches into one large one, if each is weighted.",
        "只要按大小加权，梯度累积就能把小批量拼成一个大批量。",
    ),
    cases=batches,
    solution=full_gradient,
    hints=(),
    mistakes=(
        Mistake(
            "ALWAYS-ZERO-FIRST",
            only_the_last,
            Text(
                "Only the last batch is left: here adding up is wanted, so clear once, "
                "before the loop.",
                "只剩最后一批：这里正需要累加，所以只在循环前清零一次。",
            ),
        ),
        Mistake(
            "EQUAL-BATCHES",
            mean_of_means,
            Text(
                "The batches differ in size: weight each by its share of the rows, not "
                "by one over the number of batches.",
                "各批大小不同：应按行数所占的比例加权，而不是除以批数。",
            ),
        ),
        Mistake(
            "SUM=MEAN",
            sum_of_means,
            Text(
                "You added mean losses; the mean over all rows weights each batch by "
                "its share of the rows.",
                "你把各批的平均损失直接相加；对所有行求平均时，每批应按行数比例加权。",
            ),
        ),
    ),
)

LESSONS = {
    "accumulation/used_twice": USED_TWICE,
    "accumulation/two_walks": TWO_WALKS,
    "accumulation/alias": ALIAS,
    "accumulation/descend": DESCEND,
    "accumulation/full_gradient": FULL_GRADIENT,
}
