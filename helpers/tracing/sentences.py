"""What is said of each cause around a walk back, and the smallest cure."""

from ..language import Text
from .cuts import Cause

OF_WALKS = {
    "freed-graph/second-walk": Cause(
        Text(
            "The graph of {y} was freed by an earlier walk, at {where}; a second one "
            "finds nothing saved any more.",
            "{y} 的计算图已被之前的一次反向传播释放（{where}）；第二次反向传播时，保存"
            "的值已经没有了。",
        ),
        Text(
            "Add the results and walk back once, or give the first backward "
            "retain_graph=True.",
            "把结果加起来只做一次反向传播，或者给第一次 backward 传入 "
            "retain_graph=True。",
        ),
    ),
    "carried": Cause(
        Text(
            "The graph of {y} reaches back into an earlier turn of the loop, whose "
            "walk has freed it: what {where} computes is carried over.",
            "{y} 的计算图伸到了循环的上一轮，而上一轮的反向传播已经释放了它：{where}算"
            "出的值被带到了下一轮。",
        ),
        Text(
            "Carry over the value alone: detach() it at the end of each turn.",
            "只把数值带过去：每一轮结束时用 detach() 分离。",
        ),
    ),
    "built-outside-loop": Cause(
        Text(
            "A part of the graph of {y} was computed once, outside of the loop, at "
            "{where}; the first walk freed it.",
            "{y} 的计算图有一部分是在循环之外只算了一次的（{where}）；第一次反向传播就"
            "释放了它。",
        ),
        Text(
            "Move that line into the loop, so that each walk has a graph of its own.",
            "把那一行移进循环，让每次反向传播都有自己的计算图。",
        ),
    ),
    "in-place-damage": Cause(
        Text(
            "A number that the walk back from {y} needs was changed in place, by "
            "`{call}` at {where}.",
            "从 {y} 反向传播需要用到的数，在{where}被 `{call}` 就地修改了。",
        ),
        Text(
            "Make a new tensor there (`y = y + 1`, not `y += 1`), or change it after "
            "the walk.",
            "那里请另建新张量（写 `y = y + 1`，不要写 `y += 1`），或者在反向传播之后再"
            "修改。",
        ),
    ),
    "in-place-on-leaf": Cause(
        Text(
            "{x} is a leaf, and was changed in place at {where} while PyTorch "
            "records, which it refuses.",
            "{x} 是叶子张量：PyTorch 记录期间，它在{where}被就地修改，因而被拒绝。",
        ),
        Text(
            "Change it under `with torch.no_grad():`.",
            "请把修改放进 `with torch.no_grad():`。",
        ),
    ),
    "zero-slope": Cause(
        Text(
            "The gradient of {x} is 0: the slope of `{call}` at {where} is 0 on every "
            "road.",
            "{x} 的梯度是 0：{where}的 `{call}` 在每条路上的斜率都是 0。",
        ),
        Text(
            "Use something there that has a slope where you are, or begin elsewhere.",
            "请换成在当前位置有斜率的运算，或者从别的位置开始。",
        ),
    ),
    "nan": Cause(
        Text(
            "The gradient of {x} is {grad}: on the way back it first appears at "
            "`{call}`, {where}.",
            "{x} 的梯度是 {grad}：反向传播时它最先出现在{where}的 `{call}`。",
        ),
        Text(
            "Keep the input of that step away from where its slope is infinite or "
            "undefined, before it is computed, not after.",
            "让这一步的输入避开斜率无穷大或没有定义的地方；要在计算之前处理，而不是之"
            "后。",
        ),
    ),
    "forgot-clear": Cause(
        Text(
            "The gradient of {x} is a sum over several walks: at {where} one was "
            "added to what an earlier walk had left.",
            "{x} 的梯度是几次反向传播的总和：在{where}，新的梯度加到了之前留下的梯度"
            "上。",
        ),
        Text(
            "Clear it before each walk: `.grad = None`, or zero_grad().",
            "每次反向传播之前先清除：`.grad = None`，或 zero_grad()。",
        ),
    ),
    "wrong-object": Cause(
        Text(
            "{x} has a gradient, but no optimizer that made a step holds it; it was "
            "made at {where}.",
            "{x} 有梯度，但执行过更新的优化器都不包含它；它是在{where}创建的。",
        ),
        Text(
            "Let the optimizer hold it: layers belong into nn.ModuleList, and the "
            "optimizer is made after them.",
            "让优化器包含它：层要放在 nn.ModuleList 里，优化器要在它们之后创建。",
        ),
    ),
    "cleared": Cause(
        Text(
            "The gradient of {x} was there, but it was cleared at {where} before "
            "anything used it.",
            "{x} 的梯度有过，但在被使用之前，它就在{where}被清除了。",
        ),
        Text(
            "Clear before the walk, or after the step, not in between.",
            "请在反向传播之前清除，或在更新之后清除，不要在两者之间。",
        ),
    ),
    "taken": Cause(
        Text(
            "The gradient of {x} was there after the walk at {where}, and was cleared "
            "since, where nobody watched.",
            "在{where}的反向传播之后，{x} 有过梯度；后来它在没有被观察的地方被清除了。",
        ),
        Text(
            "Clear before the walk, or after the step, not in between.",
            "请在反向传播之前清除，或在更新之后清除，不要在两者之间。",
        ),
    ),
    "replaced": Cause(
        Text(
            "The gradient of {x} is not what a walk brought: it was overwritten at "
            "{where}.",
            "{x} 的梯度不是反向传播得到的：它在{where}被覆盖了。",
        ),
        Text(
            "Leave .grad to the walk, or change it on purpose only.",
            "把 .grad 留给反向传播，除非有意修改。",
        ),
    ),
    "graph-kept": Cause(
        Text(
            "{y} keeps the graphs of earlier walks: at {where} results were added "
            "with all that led to them.",
            "{y} 保留了之前各次反向传播的计算图：在{where}，结果连同得出它们的一切都被"
            "加了进来。",
        ),
        Text(
            "Add the value alone: `total += loss.item()`, or loss.detach().",
            "只累加数值：`total += loss.item()`，或 loss.detach()。",
        ),
    ),
    "hoard": Cause(
        Text(
            "The gradient of {x} is there; but at {where} the results of several turns "
            "are added up with all that led to them, and so every graph stays in "
            "memory.",
            "{x} 的梯度在；但在{where}，好几轮的结果连同得出它们的一切都累加了起来，每"
            "一轮的计算图因此都留在内存里。",
        ),
        Text(
            "Add the value alone: `total += loss.item()`, or loss.detach().",
            "只累加数值：`total += loss.item()`，或 loss.detach()。",
        ),
    ),
    "no-walk-known": Cause(
        Text(
            "No walk back to {x} is among the calls that are remembered: its gradient "
            "is missing at {where}.",
            "记得的调用中没有反向传播到 {x} 的：在{where}缺少它的梯度。",
        ),
        Text(
            "Call `{result}.backward()`; if that was done, look for what has cleared "
            "the gradient since.",
            "调用 `{result}.backward()`；如果已经调用过，请看后来是什么清除了梯度。",
        ),
    ),
    "no-backward-yet": Cause(
        Text(
            "Nothing has been walked back to {x} yet: its gradient is missing at "
            "{where}.",
            "还没有反向传播到 {x}：在{where}缺少它的梯度。",
        ),
        Text(
            "Call `{result}.backward()` before that.",
            "在那之前调用 `{result}.backward()`。",
        ),
    ),
    "returned": Cause(
        Text(
            "The walk at {where} gave its gradients back to whoever called it: "
            "torch.autograd.grad leaves .grad as it is.",
            "{where}的反向传播把梯度作为返回值给出：torch.autograd.grad 不改动 .grad。",
        ),
        Text(
            "Use what it returns, or call `{result}.backward()`.",
            "请使用它的返回值，或者调用 `{result}.backward()`。",
        ),
    ),
}
