"""Lesson 7: a step needs three lines, and each can be forgotten."""

from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from ..language import Text
from .model import ExerciseBuilder, Mistake, Prediction, dice, named

# ---- a rate that is too large ------------------------------------------------


def two_turns(slope, rate=1.25):
    """Return where w is after two turns from 1."""
    w = 1.0
    for turn in range(2):
        w -= rate * slope(w, turn)
    return w


RATE = Prediction(
    title=Text("Two turns with a large rate", "学习率很大时的两轮"),
    lesson=Text(
        "On w² each turn multiplies w by 1 − 2 · rate: above 1 in size, and the descent climbs.",
        "在 w² 上，每一轮都把 w 乘以 1 − 2 · 学习率：绝对值超过 1，下降就变成了上升。",
    ),
    hints=(
        Text(
            "Write down for each turn: where `w` is, the slope 2w there, and the step, 1.25 times that.",
            "每一轮都写下：`w` 在哪里，那里的斜率 2w，以及 1.25 倍斜率的步子。",
        ),
        Text(
            "From 1 the first step goes 2.5 to the left, to −1.5. There the slope is negative, so the second step goes to the right: how far?",
            "从 1 出发，第一步向左走 2.5，到 −1.5。那里的斜率是负的，所以第二步向右走：走多远？",
        ),
    ),
    truth=2.25,
    program="""
def descend(rate):
    w, path = torch.tensor(1.0, requires_grad=True), [1.0]
    for _ in range(6):
        w.grad = None
        (w**2).backward()
        with torch.no_grad():
            w -= rate * w.grad
        path.append(w.item())
    return path


path = descend(1.25)
path[2]
""",
    mistakes=(
        Mistake(
            "RATE-ARRIVES-SOONER",
            0.0,
            en="A large rate does not stop at the lowest point: a step knows the slope where it starts, and nothing of the valley.",
            zh="学习率大，并不会停在最低点：一步只知道出发处的斜率，对整个山谷一无所知。",
        ),
        Mistake(
            "STEP-CLEARS-AND-STOPS",
            -1.5,
            en="That is `w` after the first turn; the second one starts from there, with the slope of that place.",
            zh="那是第一轮之后的 `w`；第二轮从那里出发，用那里的斜率。",
        ),
        Mistake(
            "OFF-BY-ONE",
            -3.375,
            en="That is one turn later; asked for is the place after the second one.",
            zh="那是再过一轮的位置；问的是第二轮之后。",
        ),
        Mistake(
            "GRADIENT-FROZEN",
            lambda: two_turns(lambda w, turn: 2.0),
            en="You used the slope at 1 in both turns; at −1.5 there is another one.",
            zh="你两轮都用了 1 处的斜率；−1.5 处的斜率是另一个。",
        ),
        Mistake(
            "OVERWRITE",
            lambda: two_turns(lambda w, turn: 2.0 if turn == 0 else 2.0 - 3.0),
            en="In the second turn you added the slope of the first; here the gradient is cleared in each turn.",
            zh="第二轮里，你把第一轮的斜率也加上了；而这里每一轮都会清除梯度。",
        ),
        Mistake(
            "SIGN-LOST",
            lambda: two_turns(lambda w, turn: abs(2 * w)),
            en="At −1.5 the slope is negative, −3, and subtracting it leads back to the right.",
            zh="在 −1.5 处斜率是负的，即 −3；减去它，就向右往回走了。",
        ),
        Mistake(
            "UPHILL",
            lambda: two_turns(lambda w, turn: -2 * w),
            en="You added the steps; the loop subtracts them.",
            zh="你把步子加上去了；循环里是减去。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: two_turns(lambda w, turn: w * w),
            en="You stepped by the value w²; a step goes by the slope, 2w.",
            zh="你用 w² 的值来走；一步用的是斜率 2w。",
        ),
        Mistake(
            "SLOPE-HALVED",
            lambda: two_turns(lambda w, turn: w),
            en="The slope of w² is 2w, not w.",
            zh="w² 的斜率是 2w，不是 w。",
        ),
        Mistake(
            "SLOPE-NOT-PLACE",
            -3.0,
            en="That is the slope in the second turn, or the step that it makes; the question is where `w` is after it.",
            zh="那是第二轮的斜率，或它带来的步子；问的是走完之后 `w` 在哪里。",
            variants=(3.75, -3.75),
        ),
    ),
)

# ---- a line that is forgotten --------------------------------------------------

FORGOTTEN = Prediction(
    title=Text("Three loops, each without a line", "三个循环，各少一行"),
    lesson=Text(
        "With plain SGD, no missing line raises an error: without backward or step nothing moves, without zero_grad all slopes are added up.",
        "用普通的 SGD 时，少了哪一行都不报错：没有 backward 或 step，什么也不动；没有 zero_grad，所有斜率都会加在一起。",
    ),
    hints=(
        Text(
            "Take the lines one at a time: which of them changes `w`, and what does that one need from the others?",
            "逐行想一想：改变 `w` 的是哪一行？它又需要别的行提供什么？",
        ),
        Text(
            "Only `step` changes `w`, and only where `w.grad` is a number. In which of the three loops does `step` run and find one?",
            "只有 `step` 会改变 `w`，而且 `w.grad` 里要有数。三个循环里，哪几个的 `step` 会执行，并且找到这样的数？",
        ),
    ),
    truth=[True, False, False],
    names=("clear", "walk", "step"),
    program="""
def train(*lines):
    w = torch.tensor(9.0, requires_grad=True)
    sgd, path = torch.optim.SGD([w], lr=0.25), [9.0]
    for _ in range(6):
        loss = (w - 1) ** 2
        do = {"clear": sgd.zero_grad, "walk": loss.backward, "step": sgd.step}
        for line in lines:
            do[line]()
        path.append(w.item())
    return path


paths = train("walk", "step"), train("clear", "step"), train("clear", "walk")
[path[-1] != 9 for path in paths]
""",
    mistakes=(
        Mistake(
            "NOTHING-MISSED",
            [True, True, True],
            en="Something must compute the slope, and something must use it: what changes `w` if `step` or `backward` is left out?",
            zh="总得有一行算出斜率，有一行用上它：`step` 或 `backward` 不执行，靠什么改变 `w`？",
        ),
        Mistake(
            "ALL-THREE-OR-NOTHING",
            [False, False, False],
            en="Not all three stand still: in which of them does `step` run and find a gradient, be it a wrong one?",
            zh="并不是三个都不动：哪一个里 `step` 会执行，而且找得到梯度，哪怕是错的？",
        ),
        Mistake(
            "BACKWARD-MOVES",
            [True, False, True],
            en="`backward` writes to `w.grad` and leaves `w` alone; only `step` changes it.",
            zh="`backward` 写的是 `w.grad`，不动 `w`；改变 `w` 的只有 `step`。",
            variants=([False, False, True],),
        ),
        Mistake(
            "STEP-WALKS-BACK",
            [True, True, False],
            en="`step` only uses what lies in `w.grad`; it walks back through nothing, and skips what has None.",
            zh="`step` 只使用 `w.grad` 里现成的数；它自己不做反向传播，遇到 None 就跳过。",
            variants=([False, True, False],),
        ),
        Mistake(
            "FORGETTING-RAISES",
            "error",
            en="One would wish so, but no error comes. Which line changes `w`, and what may it do where it finds no gradient?",
            zh="要是报错就好了，可是不会。改变 `w` 的是哪一行？找不到梯度时，它会怎么做？",
        ),
        Mistake(
            "MOVES-AND-STANDS-SWAPPED",
            [False, True, True],
            en="It is the other way round: the question is which of them still moves.",
            zh="正好反了：问的是哪些还在动。",
        ),
    ),
)

# ---- what zero_grad leaves -----------------------------------------------------

CLEARED = Prediction(
    title=Text("What zero_grad leaves", "zero_grad 留下什么"),
    lesson=Text(
        "zero_grad() takes the gradient away; read it before, or expect None.",
        "zero_grad() 会把梯度拿走；要读梯度，就得在它之前，否则读到的是 None。",
    ),
    hints=(
        Text(
            "Two things could be meant by clearing: writing zeros into the tensor, or taking it away. Which one does `zero_grad` do by default?",
            "清除可以有两种意思：往张量里写零，或者把张量拿走。`zero_grad` 默认做的是哪一种？",
        ),
        Text(
            "Before the first walk, `w.grad` holds no tensor at all. `zero_grad` goes back to just that.",
            "第一次反向传播之前，`w.grad` 里连张量都没有。`zero_grad` 正是回到那个状态。",
        ),
    ),
    truth=None,
    program="""
w = torch.tensor(3.0, requires_grad=True)
optimizer = torch.optim.SGD([w], lr=0.1)
(w**2).backward()
optimizer.step()
optimizer.zero_grad()
w.grad
""",
    mistakes=(
        Mistake(
            "NONE-IS-ZERO",
            0.0,
            en="The name says so, and before PyTorch 2.0 it was so. Today it writes zeros only with set_to_none=False; what else can clearing mean?",
            zh="名字是这么说的，PyTorch 2.0 之前也确实如此。现在写上 set_to_none=False 才会写入零；清除还可以是什么意思？",
        ),
        Mistake(
            "GRAD-IS-A-SNAPSHOT",
            6.0,
            en="That is what the walk brought; but `zero_grad` comes after it.",
            zh="那是反向传播带来的；但 `zero_grad` 在它之后。",
        ),
        Mistake(
            "GRAD-IS-LIVE",
            4.8,
            en="That is the slope at the new place, and it belongs to no walk yet: nothing is computed until you walk back again.",
            zh="那是新位置的斜率，可是还没有哪次反向传播算过它：再次反向传播之前，什么也不会算。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            2.4,
            en="That is `w` itself, before or after the step; asked for is `w.grad`.",
            zh="那是走这一步之前或之后的 `w` 本身；问的是 `w.grad`。",
            variants=(3.0,),
        ),
        Mistake(
            "CLEARED-IS-AN-ERROR",
            "error",
            en="Reading `w.grad` raises nothing; only what you would do with the result might.",
            zh="读 `w.grad` 不会报错；会报错的只是你拿它再去做什么。",
        ),
    ),
)

# ---- outside of the loop -------------------------------------------------------

OUTSIDE = Prediction(
    title=Text("A penalty before the loop", "循环之前算好的惩罚项"),
    lesson=Text(
        "What depends on a parameter is computed in each turn: a graph that has saved values serves one walk.",
        "凡是依赖参数的量，每一轮都要重新计算：保存了值的计算图，只能反向传播一次。",
    ),
    hints=(
        Text(
            "Which operations are carried out in each turn, and which only once? Through which of them does each walk go?",
            "哪些运算每一轮都做，哪些只做了一次？每次反向传播又经过哪些？",
        ),
        Text(
            "The first walk goes through the graph of `penalty` and throws away what was saved there. Does a second walk come through?",
            "第一次反向传播经过 `penalty` 的计算图，并丢掉那里保存的值。第二次还过得去吗？",
        ),
    ),
    truth=1,
    mistakes=(
        Mistake(
            "GRAPH-IS-REUSABLE",
            5,
            en="For that, each walk would have to find all that it needs. The graph of `penalty` was made once, before the loop; what does the first walk leave of it?",
            zh="那样的话，每次反向传播都要能找到所需的一切。`penalty` 的图只在循环前建了一次；第一次走过之后，它还剩下什么？",
        ),
        Mistake(
            "FAILS-AT-ONCE",
            0,
            en="The first walk finds everything as it was saved, and nothing is wrong yet.",
            zh="第一次反向传播时，保存的值都还在，一切正常。",
        ),
        Mistake(
            "ERROR-FOR-STEPS",
            "error",
            en="If an error comes, in which turn? The question is a number: how many steps are taken before it.",
            zh="如果会报错，是在第几轮？问的是一个数：在那之前走了几步。",
        ),
        Mistake(
            "TURN-FOR-STEPS",
            2,
            en="The second turn is the one that fails, before its step: `steps` counts those that were taken.",
            zh="出错的正是第二轮，而且在它走那一步之前；`steps` 数的是已经走完的步数。",
        ),
        Mistake(
            "LAST-TURN-FAILS",
            4,
            en="What stands in the way of a later walk stands in the way of an earlier one.",
            zh="妨碍后面某次反向传播的，更早的一次就会碰到。",
            variants=(3,),
        ),
    ),
)

# ---- parts of a batch ----------------------------------------------------------

WHOLE, PARTS = (1.0, 2.0, 3.0, 4.0, 5.0), ((1.0, 2.0, 3.0, 4.0), (5.0,))


def mean_slope(samples, w=1.0):
    """Return the slope of the mean of (wx − 1)² over some samples."""
    return sum(2 * x * (w * x - 1) for x in samples) / len(samples)


PARTS_OF_A_BATCH = Prediction(
    title=Text("A batch in two parts", "分成两份的批次"),
    lesson=Text(
        "A mean of means is sure to be the mean only if all parts are of one size; else each part counts by its share of the samples.",
        "只有各份一样大时，平均值的平均才一定等于总平均；否则每一份要按样本数加权。",
    ),
    hints=(
        Text(
            "`split(4)` makes parts of 4 samples, and the last part takes what is left. Work out the slope of the mean for each part.",
            "`split(4)` 每份取 4 个样本，最后一份是剩下的。请算出每一份平均损失的斜率。",
        ),
        Text(
            "The slope of one sample is 2x(x − 1) at w = 1: 0, 4, 12, 24, 40. The first part brings half of the mean of four, the second brings half of 40.",
            "在 w = 1 处，一个样本的斜率是 2x(x − 1)：0、4、12、24、40。第一份带来前四个平均值的一半，第二份带来 40 的一半。",
        ),
    ),
    truth=25.0,
    program="""
w, samples = torch.tensor(1.0, requires_grad=True), torch.arange(1.0, 6.0)
for part in samples.split(4):
    loss = ((w * part - 1) ** 2).mean()
    (loss / 2).backward()
w.grad
""",
    mistakes=(
        Mistake(
            "MEAN-OF-MEANS",
            lambda: mean_slope(WHOLE),
            en="That is the slope of the whole, which two parts of one size would bring. Here one sample of five has half of the weight.",
            zh="那是整体的斜率，两份一样大时就会得到它。这里五个样本中的一个就占了一半的分量。",
        ),
        Mistake(
            "ACCUMULATION-SUMS",
            lambda: sum(mean_slope(part) for part in PARTS),
            en="You added both means' slopes; each mean is divided by 2 before its walk.",
            zh="你把两个平均值的斜率直接相加了；每一份在反向传播之前都除以了 2。",
        ),
        Mistake(
            "OVERWRITE",
            lambda: mean_slope(PARTS[1]) / 2,
            en="That is what the last part brings; what the first one brought is still there.",
            zh="那是最后一份带来的；第一份带来的还在那里。",
        ),
        Mistake(
            "FIRST-WINS",
            lambda: mean_slope(PARTS[0]) / 2,
            en="That is what the first part brings; the second is added to it.",
            zh="那是第一份带来的；第二份会加上去。",
        ),
        Mistake(
            "SUM=MEAN",
            lambda: sum(mean_slope(part) * len(part) for part in PARTS) / 2,
            en="You summed over the samples; each part takes the mean of its own.",
            zh="你对样本求了和；每一份取的是自己的平均。",
            variants=(lambda: sum(mean_slope(part) * len(part) for part in PARTS),),
        ),
        Mistake(
            "PART-OF-ONE-IS-LOST",
            lambda: mean_slope(PARTS[0]),
            en="That is the slope of the first four samples alone; the last one makes a part of its own.",
            zh="那只是前四个样本的斜率；最后一个样本自成一份。",
        ),
        Mistake(
            "GRAD-IS-VALUE",
            lambda: sum((x - 1) ** 2 for x in WHOLE) / 5,
            en="That is a value of the loss; asked for is its slope.",
            zh="那是损失的值；问的是它的斜率。",
            variants=(9.75,),
        ),
    ),
)

# ---- a frozen parameter ---------------------------------------------------------

FROZEN = Prediction(
    title=Text("A frozen parameter", "冻结的参数"),
    lesson=Text(
        "requires_grad_(False) stops the recording, not the optimizer: where a gradient is there, be it zero, the velocity that is left moves w on.",
        "requires_grad_(False) 停止的是记录，不是优化器：只要有梯度，哪怕是零，剩下的速度也会推着参数继续走。",
    ),
    hints=(
        Text(
            "Write down the velocity v and `w` after each of the two steps: v is 0.75 of the v before, plus `w.grad`; then `w` loses a quarter of v.",
            "写下两步各自之后的速度 v 和 `w`：v 是之前的 v 的 0.75 倍加上 `w.grad`；然后 `w` 减去 v 的四分之一。",
        ),
        Text(
            "After the first step v is 2 and `w` is 0.5. In the second, `w.grad` is 0, but v is 0.75 · 2.",
            "第一步之后，v 是 2，`w` 是 0.5。第二步里 `w.grad` 是 0，但 v 是 0.75 · 2。",
        ),
    ),
    truth=0.125,
    program="""
def freeze(set_to_none):
    w = torch.tensor(1.0, requires_grad=True)
    optimizer, path = torch.optim.SGD([w], lr=0.25, momentum=0.75), [1.0]
    (w**2).backward()
    for _ in range(6):
        optimizer.step()
        w.requires_grad_(False)
        optimizer.zero_grad(set_to_none)
        path.append(w.item())
    return path


path = freeze(False)
path[2]
""",
    mistakes=(
        Mistake(
            "FROZEN-STANDS",
            0.5,
            en="One would think so of a frozen parameter. But the optimizer still holds it, `w.grad` is a 0 and not None, and the velocity is not 0.",
            zh="对冻结的参数，人们都会这样想。但优化器仍然握着它，`w.grad` 是 0 而不是 None，速度也不是 0。",
        ),
        Mistake(
            "NOT-FROZEN",
            -0.125,
            en="That is a second step with a new slope; but nobody walked back again, and `w.grad` was set to 0.",
            zh="那是用新斜率走的第二步；可是没有再反向传播，`w.grad` 也被设成了 0。",
            variants=(0.25,),
        ),
        Mistake(
            "GRADIENT-FROZEN",
            -0.375,
            en="You used the gradient 2 once more; it was set to 0 before the second step.",
            zh="你又用了一次梯度 2；第二步之前它已经设成 0 了。",
            variants=(0.0,),
        ),
        Mistake(
            "NO_GRAD-BLOCKS-UPDATE",
            1.0,
            en="The first step was taken before the freezing: it moved `w` to 0.5.",
            zh="第一步是在冻结之前走的：它已经把 `w` 移到了 0.5。",
        ),
        Mistake(
            "FREEZING-RAISES",
            "error",
            en="No error comes: `step` does not ask whether a parameter requires grad, only whether its `.grad` is None.",
            zh="不会报错：`step` 不问参数是否需要梯度，只看它的 `.grad` 是不是 None。",
        ),
        Mistake(
            "STEP-NOT-PLACE",
            0.375,
            en="That is the second step, or its velocity; asked for is where `w` is after it.",
            zh="那是第二步的距离或速度；问的是走完之后 `w` 在哪里。",
            variants=(1.5,),
        ),
        Mistake(
            "RATE-FORGOTTEN",
            -1.0,
            en="A step is the velocity times the learning rate, 0.25.",
            zh="一步等于速度乘以学习率 0.25。",
            variants=(-2.5,),
        ),
    ),
)

# ---- a step of one's own ---------------------------------------------------------


def leaf(chance, *shape):
    count = torch.Size(shape).numel()
    numbers = [round(chance.gauss(0, 1), 2) for _ in range(count)]
    made = torch.tensor(numbers, dtype=torch.float64).reshape(shape)
    return made.requires_grad_()


class Parameters(list):
    """Remember what was in the list at first, whatever is put there."""

    def __init__(self, parts):
        super().__init__(parts)
        self.first = tuple(parts)


Parameters.__name__ = "list"  # as errors shall call it


def parameter_lists():
    """Yield (parameters, rate); of the last three, the last or first has no gradient."""
    chance = dice(7)
    shapes = (((),), ((3,), ()), ((2,), (2, 3), (1,)), ((4,), ()), ((), (2,)))
    without = (None, None, -1, 0, -1)
    for each, place in zip(shapes, without, strict=True):
        parameters = [leaf(chance, *shape) for shape in each]
        bare = None if place is None else parameters[place]
        for parameter in (it for it in parameters if it is not bare):
            parameter.grad = leaf(chance, *parameter.shape).detach()
        yield Parameters(parameters), round(chance.uniform(0.05, 0.6), 2)


def after_a_step(result, parameters, rate):
    """Observe parameters by their numbers, what is cleared, and what they are."""
    first = parameters.first
    numbers = torch.cat([it.detach().flatten() for it in first])
    left = [it.grad is not None and bool(it.grad.any()) for it in first]
    leaves = [it.is_leaf and it.requires_grad for it in first]
    kept = all(any(it is each for each in first) for it in parameters)
    return numbers, left, leaves, kept


@torch.no_grad()
def step(parameters, rate):
    for p in parameters:
        if p.grad is not None:
            p -= rate * p.grad
            p.grad = None


STEP = ExerciseBuilder(
    title=Text("An optimizer of your own", "自己写的优化器"),
    lesson=Text(
        "A step of plain SGD is `p -= rate * p.grad` under no_grad, for each parameter that has a gradient.",
        "普通 SGD 的一步，就是在 no_grad 里对每个有梯度的参数做 `p -= rate * p.grad`。",
    ),
    hints=(
        Text(
            "Take a list with one parameter first: the loop on the mountain has the two lines that you need.",
            "先想只有一个参数的列表：山上的那个循环里，就有你需要的两行。",
        ),
        Text(
            "For each parameter: skip it if its `.grad` is None; else change it in place under `torch.no_grad()`, then clear.",
            "对每个参数：`.grad` 是 None 就跳过；否则在 `torch.no_grad()` 里就地修改它，然后清除。",
        ),
    ),
    cases=parameter_lists,
    solution=step,
    observe=after_a_step,
    parts=(
        Text("the vector of all parameters", "由所有参数组成的向量"),
        Text("whether a gradient is left", "是否还留有梯度"),
        Text("whether each is still a leaf", "各个参数是否还是叶子"),
        Text("whether the list holds no others", "列表里是否没有别的张量"),
    ),
)


@STEP.mistake(
    "REBIND",
    en="No parameter has moved, and the gradients are still there. `p = p - …` only gives the name p to a new tensor: change the parameter itself in place, `p -= …`. (To change p.grad moves nothing, either.)",
    zh="没有一个参数动过，梯度也还在。`p = p - …` 只是让名字 p 指向新张量：请就地修改参数本身：`p -= …`。（只改 p.grad，参数也不会动。）",
)
def rebound_step(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p = p - rate * p.grad
                p.grad = None


@STEP.variant
def rebound_step_recorded(parameters, rate):
    for p in parameters:
        if p.grad is not None:
            p = p - rate * p.grad


@STEP.variant
def rebound_step_without_a_question(parameters, rate):
    for p in parameters:
        p = p - rate * p.grad


@STEP.mistake(
    "UPDATE-IS-FREE",
    en="The parameters are leaves, and PyTorch is recording: put the change under `with torch.no_grad():`.",
    zh="参数是叶子，而 PyTorch 正在记录：请把修改放进 `with torch.no_grad():`。",
)
def recorded_step(parameters, rate):
    for p in parameters:
        if p.grad is not None:
            p -= rate * p.grad
            p.grad = None


@STEP.mistake(
    "GRAD-EVERYWHERE",
    en="Not every parameter took part in the loss: where `.grad` is None there is nothing to multiply, so skip it.",
    zh="不是每个参数都参与了损失的计算：`.grad` 是 None 时没有东西可乘，请跳过它。",
)
def step_without_a_question(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            p -= rate * p.grad
            p.grad = None


@STEP.variant
def factors_the_other_way_round(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            p -= p.grad * rate
            p.grad = None


@STEP.variant
def data_without_a_question(parameters, rate):
    for p in parameters:
        p.data.sub_(p.grad, alpha=rate)
        p.grad.zero_()


@STEP.mistake(
    "TRUTH-OF-A-TENSOR",
    en="`if p.grad:` asks whether its numbers are true; to ask whether there is a gradient, write `if p.grad is not None:`.",
    zh="`if p.grad:` 问的是那些数是真是假；要问有没有梯度，请写 `if p.grad is not None:`。",
    resembles=lambda got, wanted: any(
        "Boolean value of Tensor" in getattr(it, "message", "") for it in got
    ),
)
def step_that_asks_for_truth(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad:
                p -= rate * p.grad
                p.grad = None


@STEP.mistake(
    "STOPS-AT-NONE",
    en="The first parameter without a gradient ends your loop, so those behind it stay: skip only that one, as `continue` does; `return` and `break` leave the loop.",
    zh="遇到第一个没有梯度的参数，循环就结束了，排在它后面的都没有动：只跳过这一个（用 `continue`）；`return` 和 `break` 会离开循环。",
)
def step_that_stops_at_none(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is None:
                return
            p -= rate * p.grad
            p.grad = None


@STEP.mistake(
    "OVERWRITE",
    en="The steps are right, but the gradients are still there, and the next walk would add to them: clear each one.",
    zh="步子都对，但梯度还留着，下一次反向传播会加在上面：请逐个清除。",
)
def step_that_does_not_clear(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= rate * p.grad


@STEP.mistake(
    "ZEROED-TOO-EARLY",
    en="No parameter has moved, and the gradients are gone: clear after the step, and step in place, `p -= …`; `p = p - …` only gives the name p to a new tensor.",
    zh="没有一个参数动过，梯度却没了：请在走完一步之后再清除，并且就地修改：`p -= …`；`p = p - …` 只是让名字 p 指向新张量。",
)
def step_that_clears_first(parameters, rate):
    for p in parameters:
        p.grad = None


@STEP.variant
def step_with_what_is_cleared(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            p.grad = None
            p -= rate * p.grad


@STEP.variant
def step_the_other_way_with_what_is_cleared(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            p.grad = None
            p -= p.grad * rate


@STEP.mistake(
    "UPHILL",
    en="The parameters walk uphill: subtract the gradient.",
    zh="参数在往上坡走：应当减去梯度。",
)
def step_uphill(parameters, rate):
    step(parameters, -rate)


@STEP.variant
def step_uphill_uncleared(parameters, rate):
    step_that_does_not_clear(parameters, -rate)


@STEP.mistake(
    "STEP-CLEARS-AND-STOPS",
    en="Only the first parameter has moved: is there a return inside of the loop?",
    zh="只有第一个参数动过：循环里面是不是有 return？",
)
def step_of_the_first(parameters, rate):
    step(parameters[:1], rate)


@STEP.mistake(
    "RATE-FORGOTTEN",
    en="The whole gradient was subtracted: multiply it by `rate`.",
    zh="减去的是整个梯度：请乘以 `rate`。",
)
def step_without_a_rate(parameters, rate):
    step(parameters, 1.0)


@STEP.mistake(
    "OWN-VALUE",
    en="Each parameter lost a part of itself: subtract `rate` times its gradient, `p.grad`.",
    zh="每个参数减去的是它自己的一部分：应当减去 `rate` 乘以它的梯度 `p.grad`。",
)
def step_by_the_value(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= rate * p
                p.grad = None


@STEP.variant
def step_by_the_value_uncleared(parameters, rate):
    with torch.no_grad():
        for p in parameters:
            if p.grad is not None:
                p -= rate * p


@STEP.mistake(
    "STEP-WALKS-BACK",
    en="A step walks back through nothing: the gradients lie in `p.grad` already. Leave backward() out.",
    zh="走一步并不需要反向传播：梯度已经在 `p.grad` 里了。请去掉 backward()。",
)
def step_that_walks_back(parameters, rate):
    for p in parameters:
        p.backward()
        with torch.no_grad():
            p -= rate * p.grad


@STEP.mistake(
    "LIST-IS-NO-TENSOR",
    en="`parameters` is a list: it has no .grad, each tensor in it has. Go through it, `for p in parameters:`.",
    zh="`parameters` 是列表：它没有 .grad，有的是其中的每个张量。请逐个处理：`for p in parameters:`。",
)
def step_of_the_list(parameters, rate):
    with torch.no_grad():
        parameters -= rate * parameters.grad


@STEP.mistake(
    "FLAG-LOST",
    en="The numbers are right, but a parameter no longer requires grad: leave its flag as it was.",
    zh="数都对，但有参数不再需要梯度了：请不要改它的标志。",
)
def step_that_freezes(parameters, rate):
    for p in parameters:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= rate * p.grad
            p.grad = None


@STEP.variant
def step_by_data_that_freezes(parameters, rate):
    for p in parameters:
        if p.grad is not None:
            p.data = p.data - rate * p.grad
            p.grad = None
            p.requires_grad = False


@STEP.mistake(
    "NEW-LEAF",
    en="The list holds new tensors now, and the old parameters, which the model knows, stood still: change those in place.",
    zh="列表里放进了新张量，而模型认得的旧参数没有动：请就地修改那些旧的。",
    resembles=lambda got, wanted: any(
        it[3] is False for it in got if isinstance(it, tuple)
    ),
)
def step_into_the_list(parameters, rate):
    for number, p in enumerate(parameters):
        if p.grad is not None:
            parameters[number] = (p - rate * p.grad).detach().requires_grad_()


# ---- learning by hand --------------------------------------------------------------


def samples(chance, rows, width):
    """Return rows of numbers and a label for each, which the rows mostly decide."""
    X = [[round(chance.gauss(0, 1), 2) for _ in range(width)] for _ in range(rows)]
    y = [float(sum(row) + chance.gauss(0, 0.5) > 0.3) for row in X]
    return torch.tensor(X, dtype=torch.float64), torch.tensor(y, dtype=torch.float64)


def lessons_to_learn():
    """Yield (X, y, rate, turns); one turn alone tells some mistakes apart."""
    chance = dice(11)
    for rows, width, rate, turns in (
        (6, 2, 0.5, 4),
        (5, 3, 0.8, 1),
        (4, 1, 0.3, 0),
        (9, 4, 1.2, 7),
    ):
        yield *samples(chance, rows, width), rate, turns


def weights_and_bias(result, *inputs):
    """Observe the two by their numbers; a bias may have one entry, or be a number."""
    if type(result) not in (tuple, list) or len(result) != 2:
        return result
    w, b = result
    both = all(isinstance(it, Tensor) for it in (w, b))
    if not both or w.dim() != 1 or b.numel() != 1:
        return tuple(it.detach() if isinstance(it, Tensor) else it for it in (w, b))
    return w.detach(), b.detach().reshape(())


def zeros(X):
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    return w, torch.zeros((), dtype=torch.float64, requires_grad=True)


def learn(X, y, rate, turns, loss=binary_cross_entropy_with_logits, clear=True):
    """Learn by hand, as the solution does; the rest is what others change."""
    w, b = zeros(X)
    for _ in range(turns):
        if clear:
            w.grad = b.grad = None
        loss(X @ w + b, y).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


def solution_of_learn(X, y, rate, turns):
    return learn(X, y, rate, turns)


def learn_by_data(X, y, rate, turns):
    """Learn as others do, who step on `.data`; that is no mistake here."""
    w, b = zeros(X)
    for _ in range(turns):
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        w.data -= rate * w.grad
        b.data -= rate * b.grad
    return w, b


LEARN = ExerciseBuilder(
    title=Text("Weights and a bias", "权重与偏置"),
    lesson=Text(
        "Each gradient is cleared, then found by one walk, and each parameter moved: the loop is the same for 64 numbers and for 65.",
        "每个参数都要清除梯度，由同一次反向传播得到新梯度，再移动：64 个数和 65 个数，循环是一样的。",
    ),
    hints=(
        Text(
            "Start from the loop that learned the digits. Which lines speak of `w`, and what has to be said of `b` there?",
            "从学会识别数字的那个循环出发。哪几行说到 `w`？那里对 `b` 又该写什么？",
        ),
        Text(
            "`b` is a leaf of its own that starts at 0, is added to every score, and has a gradient to be cleared and to step against.",
            "`b` 是另一个叶子，从 0 开始，加到每个得分上；它也有梯度，要清除，也要逆着它走。",
        ),
    ),
    cases=lessons_to_learn,
    solution=solution_of_learn,
    observe=weights_and_bias,
    parts=(Text("the vector of weights", "权重向量"), Text("the bias", "偏置")),
    tolerance=1e-9,
)


@LEARN.mistake(
    "OVERWRITE",
    en="Each step used the sum of all gradients so far: clear w.grad and b.grad in every turn.",
    zh="每一步用的都是此前所有梯度之和：请在每一轮里清除 w.grad 和 b.grad。",
)
def learn_uncleared(X, y, rate, turns):
    return learn(X, y, rate, turns, clear=False)


@LEARN.mistake(
    "ONE-CLEARED",
    en="One of the two gradients is cleared in each turn, the other one is added up.",
    zh="两个梯度里，一个每轮都清除了，另一个却一直在累加。",
)
def bias_uncleared(X, y, rate, turns, kept="b"):
    w, b = zeros(X)
    for _ in range(turns):
        for name, it in (("w", w), ("b", b)):
            it.grad = it.grad if name == kept else None
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


LEARN.variant(partial(bias_uncleared, kept="w"))


@LEARN.mistake(
    "BIAS-STANDS",
    en="The bias never moves: it needs requires_grad=True, and a step of its own in each turn.",
    zh="偏置从来没有动过：它需要 requires_grad=True，每一轮也要有自己的一步。",
)
def learn_without_a_bias(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        w.grad = None
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        with torch.no_grad():
            w -= rate * w.grad
    return w, b


@LEARN.mistake(
    "NONE-IS-ZERO",
    en="A gradient is None where you use it: before the first walk there is none (clear with `= None`, not with zero_()), and `b` gets one only as part of the score, `X @ w + b`.",
    zh="用到某个梯度时，它还是 None：第一次反向传播之前没有梯度（请用 `= None` 清除，不要用 zero_()）；而 `b` 要加进得分，即 `X @ w + b`，才会有梯度。",
)
def bias_outside_of_the_score(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(X @ w, y).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


@LEARN.variant
def learn_zeroed(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        w.grad.zero_()
    return w, b


@LEARN.mistake(
    "SUM=MEAN",
    en="You summed over the rows, so each step is as many times too long as there are rows: take the mean loss.",
    zh="你对各行求了和，步子因此放大到行数那么多倍：请用平均损失。",
)
def learn_from_the_sum(X, y, rate, turns):
    loss = partial(binary_cross_entropy_with_logits, reduction="sum")
    return learn(X, y, rate, turns, loss)


@LEARN.mistake(
    "LOGITS-TWICE",
    en="binary_cross_entropy_with_logits takes the scores themselves: it applies the sigmoid, so do not do it before.",
    zh="binary_cross_entropy_with_logits 要的就是得分：它自己会做 sigmoid，请不要事先做。",
)
def sigmoid_before_the_loss(X, y, rate, turns):
    def loss(score, y):
        return binary_cross_entropy_with_logits(score.sigmoid(), y)

    return learn(X, y, rate, turns, loss)


@LEARN.mistake(
    "ANOTHER-LOSS",
    en="That is the descent on another loss; asked for is binary_cross_entropy_with_logits.",
    zh="那是在另一种损失上的下降；题目要的是 binary_cross_entropy_with_logits。",
)
def squared_differences(X, y, rate, turns):
    return learn(X, y, rate, turns, lambda score, y: ((score - y) ** 2).mean())


@LEARN.variant
def squared_differences_of_probabilities(X, y, rate, turns):
    def loss(score, y):
        return ((score.sigmoid() - y) ** 2).mean()

    return learn(X, y, rate, turns, loss)


@LEARN.variant
def absolute_differences_of_probabilities(X, y, rate, turns):
    return learn(X, y, rate, turns, lambda score, y: (score.sigmoid() - y).abs().mean())


@LEARN.mistake(
    "LOSS-ARGUMENTS-SWAPPED",
    en="The scores come first in binary_cross_entropy_with_logits, what is right comes second.",
    zh="binary_cross_entropy_with_logits 的第一个参数是得分，第二个才是正确答案。",
)
def loss_the_other_way_round(X, y, rate, turns):
    def loss(score, y):
        return binary_cross_entropy_with_logits(y, score)

    return learn(X, y, rate, turns, loss)


@LEARN.mistake(
    "ROWS-FOR-TURNS",
    en="There was a step for each row: in each of the `turns`, take one step for the mean over all rows.",
    zh="你对每一行都走了一步：`turns` 的每一轮里，应当对全部行的平均损失走一步。",
)
def learn_row_by_row(X, y, rate, turns):
    w, b = zeros(X)
    for row, label in zip(X, y, strict=True):
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(row @ w + b, label).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


@LEARN.variant
def learn_row_by_row_in_each_turn(X, y, rate, turns):
    w, b = zeros(X)
    for row, label in [*zip(X, y, strict=True)] * turns:
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(row @ w + b, label).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


@LEARN.mistake(
    "FLOAT32",
    en="The idea is right, but `X` is float64: make w and b with dtype=torch.float64, too.",
    zh="思路正确，但 `X` 是 float64：创建 w 和 b 时也要写 dtype=torch.float64。",
)
def learn_in_few_digits(X, y, rate, turns):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for _ in range(turns):
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
    return w, b


@LEARN.variant
def learn_all_in_few_digits(X, y, rate, turns):
    w = torch.zeros(X.shape[1], requires_grad=True)
    b = torch.zeros((), requires_grad=True)
    for _ in range(turns):
        w.grad = b.grad = None
        score = X.float() @ w + b
        binary_cross_entropy_with_logits(score, y.float()).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


def starts_elsewhere(got, wanted):
    """Tell whether something is not 0 where no turn was taken."""
    pairs = (
        (one, other)
        for each, right in zip(got, wanted, strict=True)
        if isinstance(each, tuple)
        for one, other in zip(each, right, strict=False)
        if isinstance(one, Tensor) and not other.any()
    )
    return any(one.any() for one, _ in pairs)


@LEARN.mistake(
    "RANDOM-START",
    en="Without a single turn, w and b must still be 0: begin there, not at random numbers.",
    zh="一轮也不走时，w 和 b 都应当还是 0：请从 0 开始，不要从随机数开始。",
    resembles=starts_elsewhere,
)
def learn_from_ones(X, y, rate, turns):
    w = torch.ones(X.shape[1], dtype=torch.float64, requires_grad=True)
    return w, torch.ones((), dtype=torch.float64, requires_grad=True)


@LEARN.mistake(
    "UPHILL",
    en="The loss grows: subtract the gradients.",
    zh="损失在增大：应当减去梯度。",
)
def learn_uphill(X, y, rate, turns):
    return learn(X, y, -rate, turns)


@LEARN.mistake(
    "REBIND",
    en="`w = w - …` makes a new tensor that gets no .grad: change w and b in place, under torch.no_grad().",
    zh="`w = w - …` 得到的新张量不会有 .grad：请在 torch.no_grad() 里就地修改 w 和 b。",
)
def learn_rebound(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        with torch.no_grad():
            w, b = w - rate * w.grad, b - rate * b.grad
    return w, b


@LEARN.variant
def learn_rebound_recorded(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        w, b = w - rate * w.grad, b - rate * b.grad
    return w, b


@LEARN.mistake(
    "UPDATE-IS-FREE",
    en="w and b are changed while PyTorch records: the steps belong under `with torch.no_grad():`.",
    zh="PyTorch 还在记录时就修改了 w 和 b：这两步要放进 `with torch.no_grad():`。",
)
def learn_recorded(X, y, rate, turns):
    w, b = zeros(X)
    for _ in range(turns):
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        w -= rate * w.grad
        b -= rate * b.grad
    return w, b


@LEARN.mistake(
    "GRAPH-FREED",
    en="Scores or loss were computed once, before the loop, and that graph serves one walk: compute both in each turn.",
    zh="得分或损失只在循环前算了一次，那张计算图只能反向传播一次：两者都要在每一轮里计算。",
)
def learn_from_one_graph(X, y, rate, turns):
    w, b = zeros(X)
    loss = binary_cross_entropy_with_logits(X @ w + b, y)
    for _ in range(turns):
        w.grad = b.grad = None
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


@LEARN.mistake(
    "RETAIN-RECOMPUTES",
    en="retain_graph=True keeps the graph of the start, with its old numbers: compute scores and loss in each turn.",
    zh="retain_graph=True 保留的是起点的计算图和其中的旧数：得分和损失都要在每一轮里重新计算。",
)
def learn_from_a_kept_graph(X, y, rate, turns, clear=True):
    w, b = zeros(X)
    loss = binary_cross_entropy_with_logits(X @ w + b, y)
    for _ in range(turns):
        if clear:
            w.grad = b.grad = None
        loss.backward(retain_graph=True)
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


LEARN.variant(partial(learn_from_a_kept_graph, clear=False))


@LEARN.mistake(
    "FORGOT-FLAG",
    en="Nothing was recorded: w and b need requires_grad=True, and the scores must be computed outside of torch.no_grad().",
    zh="什么也没有记录：w 和 b 需要 requires_grad=True，得分也要在 torch.no_grad() 之外计算。",
)
def learn_untracked(X, y, rate, turns):
    w, b = (it.detach() for it in zeros(X))
    for _ in range(turns):
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
    return w, b


@LEARN.mistake(
    "OFF-BY-ONE",
    en="Right steps, but one too few or too many: count the turns against `turns`.",
    zh="每一步都对，但多走或少走了一步：请对照 `turns` 数一数。",
)
def learn_a_turn_more(X, y, rate, turns):
    return learn(X, y, rate, turns + 1)


@LEARN.variant
def learn_a_turn_less(X, y, rate, turns):
    return learn(X, y, rate, turns - 1)


@LEARN.mistake(
    "STEP-CLEARS-AND-STOPS",
    en="There was a single step: is there a return inside of the loop?",
    zh="只走了一步：循环里面是不是有 return？",
)
def learn_once(X, y, rate, turns):
    return learn(X, y, rate, 1)


@LEARN.mistake(
    "ZEROED-TOO-EARLY",
    en="Nothing moved: the gradients are cleared between backward() and the step, or the loop never ran.",
    zh="什么也没有动：在 backward() 和走一步之间就清除了梯度，或者循环根本没有执行。",
)
def learn_nothing(X, y, rate, turns):
    return zeros(X)


@LEARN.variant
def learn_nothing_by_data(X, y, rate, turns):
    return learn_by_data(X, y, 0, turns)


@LEARN.mistake(
    "NO-RETURN",
    en="Your function gave back None: end it with `return w, b`.",
    zh="你的函数返回了 None：请以 `return w, b` 结尾。",
)
def learn_in_vain(*inputs):
    return None


@LEARN.variant
def learn_in_vain_by_data(X, y, rate, turns):
    learn_by_data(X, y, rate, turns)


@LEARN.mistake(
    "ONE-RETURNED",
    en="Only the weights came back: return both, `return w, b`.",
    zh="只返回了权重：请把两个都返回，`return w, b`。",
)
def weights_alone(X, y, rate, turns):
    return learn(X, y, rate, turns)[0]


@LEARN.mistake(
    "MORE-RETURNED",
    en="More than two things came back: return only `w, b`.",
    zh="返回的东西不止两个：请只返回 `w, b`。",
    resembles=lambda got, wanted: any(
        isinstance(it, tuple) and len(it) > 2 for it in got
    ),
)
def loss_beside_them(X, y, rate, turns):
    return *learn(X, y, rate, turns), last_loss(X, y, rate, turns)


@LEARN.mistake(
    "GRAD-IS-VALUE",
    en="Those are the last gradients, or the loss; asked are the parameters, w and b.",
    zh="那是最后的梯度，或者损失；题目要的是参数 w 和 b。",
)
def last_gradients(X, y, rate, turns):
    w, b = learn(X, y, rate, turns)
    return w.grad, b.grad


@LEARN.variant
def last_loss(X, y, rate, turns):
    loss = torch.zeros((), dtype=torch.float64)
    for turn in range(turns):
        w, b = learn(X, y, rate, turn)
        loss = binary_cross_entropy_with_logits(X @ w + b, y)
    return loss


@LEARN.mistake(
    "ORDER-SWAPPED",
    en="Both are right, but the bias came first: `return w, b`.",
    zh="两个都对，但偏置排在了前面：请写 `return w, b`。",
)
def bias_first(X, y, rate, turns):
    w, b = learn(X, y, rate, turns)
    return b, w


@LEARN.mistake(
    "BIAS-PER-ROW",
    en="The bias has a number for each row; one number serves all rows.",
    zh="你给每一行都配了一个偏置；应当是所有行共用一个数。",
)
def bias_for_each_row(X, y, rate, turns):
    w = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    b = torch.zeros(len(X), dtype=torch.float64, requires_grad=True)
    for _ in range(turns):
        w.grad = b.grad = None
        binary_cross_entropy_with_logits(X @ w + b, y).backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
    return w, b


# ---- an epoch in parts -----------------------------------------------------------


def squared_loss(w, X, y):
    return ((X @ w - y) ** 2).mean()


def logistic_loss(w, X, y):
    return binary_cross_entropy_with_logits(X @ w, y)


def epochs():
    """Yield (loss, w, X, y, size, rate); w may hold an old gradient."""
    chance = dice(13)
    for loss, rows, width, size, rate in (
        (squared_loss, 6, 2, 2, 0.1),
        (logistic_loss, 5, 3, 2, 0.6),
        (squared_loss, 4, 2, 9, 0.2),
        (logistic_loss, 9, 2, 4, 0.8),
    ):
        w = leaf(chance, width)
        w.grad = leaf(chance, width).detach() if rows % 2 else None
        yield named("loss", loss), w, *samples(chance, rows, width), size, rate


def moved_weights(result, loss, w, *inputs):
    """Observe w itself, and whether it is what it was."""
    return w.detach().clone(), w.is_leaf and w.requires_grad


def pairs_of(X, y, size):
    return zip(X.split(size), y.split(size), strict=True)


def epoch(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        w.grad = None
        loss(w, rows, labels).backward()
        with torch.no_grad():
            w -= rate * w.grad


EPOCH = ExerciseBuilder(
    title=Text("Once through all rows", "每一行都用上一遍"),
    lesson=Text(
        "A step after each part needs all three lines for each part; with shuffled rows, that is stochastic gradient descent.",
        "每一份之后都走一步，每一份就都需要那三行；先打乱各行，就是随机梯度下降。",
    ),
    hints=(
        Text(
            "`X.split(size)` gives the parts of `X`; `zip` goes through those of `X` and `y` side by side. Which lines belong in that loop?",
            "`X.split(size)` 给出 `X` 的各份；`zip` 可以把 `X` 和 `y` 的各份成对取出。哪几行应当放进这个循环？",
        ),
        Text(
            "All three: clear w.grad, walk back from the loss of this part, step in place under `torch.no_grad()`. The last part may be smaller and counts like the others.",
            "三行都要：清除 w.grad，从这一份的损失反向传播，在 `torch.no_grad()` 里就地走一步。最后一份可能小一些，做法相同。",
        ),
    ),
    cases=epochs,
    solution=epoch,
    observe=moved_weights,
    parts=(Text("w", "w 的值"), Text("whether w is still a leaf", "w 是否还是叶子")),
)


@EPOCH.mistake(
    "OVERWRITE",
    en="The gradients of the parts are added up: clear w.grad in each turn, before you walk back.",
    zh="各份的梯度加在了一起：请在每一轮反向传播之前清除 w.grad。",
)
def epoch_uncleared(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        loss(w, rows, labels).backward()
        with torch.no_grad():
            w -= rate * w.grad


@EPOCH.variant
def epoch_cleared_once(loss, w, X, y, size, rate):
    w.grad = None
    epoch_uncleared(loss, w, X, y, size, rate)


@EPOCH.mistake(
    "FIRST-WALK-FINDS-OLD",
    en="Nearly: w.grad held something before the first part. Clear before the walk, not only after the step.",
    zh="差一点：第一份之前，w.grad 里已经有东西。请在反向传播之前清除，而不只是在走完一步之后。",
)
def epoch_cleared_after(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        loss(w, rows, labels).backward()
        with torch.no_grad():
            w -= rate * w.grad
        w.grad = None


@EPOCH.mistake(
    "ONE-STEP-FOR-ALL",
    en="That is one step for the whole: the gradients were collected, and the step taken at the end. Here each part has a step of its own.",
    zh="那是整体只走一步：先收集梯度，最后才走。这里每一份都要走自己的一步。",
)
def epoch_with_one_step(loss, w, X, y, size, rate):
    w.grad = None
    for rows, labels in pairs_of(X, y, size):
        loss(w, rows, labels).backward()
    with torch.no_grad():
        w -= rate * w.grad


@EPOCH.variant
def whole_batch(loss, w, X, y, size, rate):
    epoch(loss, w, X, y, len(X), rate)


@EPOCH.variant
def mean_of_the_parts(loss, w, X, y, size, rate):
    w.grad = None
    for rows, labels in pairs_of(X, y, size):
        (loss(w, rows, labels) / len(X.split(size))).backward()
    with torch.no_grad():
        w -= rate * w.grad


@EPOCH.mistake(
    "WHOLE-IN-EACH-TURN",
    en="Each turn used all rows: give `loss` only the part whose turn it is.",
    zh="每一轮都用了全部的行：请只把当前这一份交给 `loss`。",
)
def epoch_of_whole_batches(loss, w, X, y, size, rate):
    for _ in X.split(size):
        epoch(loss, w, X, y, len(X), rate)


@EPOCH.mistake(
    "LAST-PART-LOST",
    en="The last rows never had their turn, because they do not fill a part: `split` keeps such a rest.",
    zh="最后几行凑不满一份，就没有轮到：`split` 会保留这样的余数。",
)
def epoch_of_full_parts(loss, w, X, y, size, rate):
    count = len(X) // size * size
    epoch(loss, w, X[:count], y[:count], size, rate)


@EPOCH.mistake(
    "PART-OF-ONE-IS-LOST",
    en="Only the first part had its turn: is there a return inside of the loop?",
    zh="只有第一份轮到了：循环里面是不是有 return？",
)
def epoch_of_the_first_part(loss, w, X, y, size, rate):
    epoch(loss, w, X[:size], y[:size], size, rate)


@EPOCH.mistake(
    "ROW-BY-ROW",
    en="There was a step for each row: take `size` rows at a time, as `X.split(size)` gives them.",
    zh="你对每一行都走了一步：每次应当取 `size` 行，就像 `X.split(size)` 给出的那样。",
)
def epoch_of_single_rows(loss, w, X, y, size, rate):
    epoch(loss, w, X, y, 1, rate)


@EPOCH.mistake(
    "CHUNK-IS-NO-SPLIT",
    en="`chunk(size)` makes up to `size` parts; `split(size)` makes parts of `size` rows.",
    zh="`chunk(size)` 是最多分成 `size` 份；`split(size)` 才是每份 `size` 行。",
)
def epoch_of_chunks(loss, w, X, y, size, rate):
    for rows, labels in zip(X.chunk(size), y.chunk(size), strict=True):
        epoch(loss, w, rows, labels, len(rows), rate)


@EPOCH.mistake(
    "ANOTHER-ORDER",
    en="The rows were taken in another order; here they come as they stand, the first `size` first.",
    zh="你取各行的顺序不同；这里按原来的顺序，最前面的 `size` 行先来。",
)
def epoch_backwards(loss, w, X, y, size, rate):
    for rows, labels in [*pairs_of(X, y, size)][::-1]:
        epoch(loss, w, rows, labels, len(rows), rate)


@EPOCH.variant
def epoch_of_every_other_row(loss, w, X, y, size, rate):
    for start in range(min(size, len(X))):
        rows = slice(start, None, size)
        epoch(loss, w, X[rows], y[rows], len(X), rate)


@EPOCH.mistake(
    "NO-STEP",
    en="`w` never moved: after each walk, take `rate` times w.grad away from it, in place.",
    zh="`w` 没有动过：每次反向传播之后，请就地从它减去 `rate` 乘以 w.grad。",
)
def epoch_without_a_step(loss, w, X, y, size, rate):
    pass


@EPOCH.mistake(
    "SHARE-NOT-STEP",
    en="Each step was weighted by the part's share of the rows. That belongs to parts that are collected for one step; here each part takes a full one.",
    zh="每一步都按这一份所占的行数加了权。收集起来只走一步时才需要那样；这里每一份都走完整的一步。",
)
def epoch_by_share(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        epoch(loss, w, rows, labels, len(rows), rate * len(rows) / len(X))


@EPOCH.mistake(
    "COUNT-NOT-STEP",
    en="Each step was divided by the number of parts. That belongs to parts that are collected for one step; here each part takes a full one.",
    zh="每一步都除以了份数。收集起来只走一步时才需要那样；这里每一份都走完整的一步。",
)
def epoch_by_count(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        epoch(loss, w, rows, labels, len(rows), rate / len(X.split(size)))


@EPOCH.variant
def epoch_by_quotient(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        epoch(loss, w, rows, labels, len(rows), rate / (len(X) / size))


@EPOCH.mistake(
    "MEAN-TWICE",
    en="The steps were divided by a number of rows: `loss` is a mean already, leave it so.",
    zh="每一步都除以了行数：`loss` 已经是平均值，不必再除。",
)
def epoch_of_means_of_means(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        epoch(loss, w, rows, labels, len(rows), rate / len(rows))


@EPOCH.variant
def epoch_divided_by_size(loss, w, X, y, size, rate):
    epoch(loss, w, X, y, size, rate / size)


@EPOCH.mistake(
    "UPHILL",
    en="The loss grows: subtract the gradient.",
    zh="损失在增大：应当减去梯度。",
)
def epoch_uphill(loss, w, X, y, size, rate):
    epoch(loss, w, X, y, size, -rate)


@EPOCH.mistake(
    "REBIND",
    en="`w = w - …` gives the name to a new tensor, and the w of the caller stands still: change it in place, `w -= …`.",
    zh="`w = w - …` 把名字给了新张量，调用者的 w 没有动：请就地修改：`w -= …`。",
)
def epoch_rebound(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        w.grad = None
        loss(w, rows, labels).backward()
        with torch.no_grad():
            w = w - rate * w.grad


@EPOCH.variant
def epoch_rebound_recorded(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        loss(w, rows, labels).backward()
        w = w - rate * w.grad


@EPOCH.variant
def epoch_on_a_copy(loss, w, X, y, size, rate):
    epoch(loss, w.detach().clone().requires_grad_(), X, y, size, rate)


@EPOCH.mistake(
    "UPDATE-IS-FREE",
    en="w is changed while PyTorch records: the step belongs under `with torch.no_grad():`.",
    zh="PyTorch 还在记录时就修改了 w：这一步要放进 `with torch.no_grad():`。",
)
def epoch_recorded(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        w.grad = None
        loss(w, rows, labels).backward()
        w -= rate * w.grad


@EPOCH.mistake(
    "GRAD-STARTS-AT-ZERO",
    en="Before the first walk w.grad may be None, and None has no zero_(): clear with `w.grad = None`, which always works.",
    zh="第一次反向传播之前 w.grad 可能是 None，而 None 没有 zero_()：请用 `w.grad = None` 清除，什么时候都行得通。",
)
def epoch_zeroed(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        w.grad.zero_()
        loss(w, rows, labels).backward()
        with torch.no_grad():
            w -= rate * w.grad


@EPOCH.mistake(
    "SUM=MEAN",
    en="Each step is as many times too long as its part has rows: `loss` is a mean already, leave it so.",
    zh="每一步都放大到这一份的行数那么多倍：`loss` 已经是平均值，不必再乘。",
)
def epoch_of_sums(loss, w, X, y, size, rate):
    for rows, labels in pairs_of(X, y, size):
        epoch(loss, w, rows, labels, len(rows), rate * len(rows))


LESSONS = {
    "gradient_descent/rate": RATE,
    "gradient_descent/forgotten": FORGOTTEN,
    "gradient_descent/cleared": CLEARED,
    "gradient_descent/step": STEP.build(),
    "gradient_descent/learn": LEARN.build(),
    "gradient_descent/outside": OUTSIDE,
    "gradient_descent/parts": PARTS_OF_A_BATCH,
    "gradient_descent/epoch": EPOCH.build(),
    "gradient_descent/frozen": FROZEN,
}
