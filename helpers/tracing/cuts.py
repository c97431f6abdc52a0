"""What is said of a road that ends, and the smallest cure."""

from dataclasses import dataclass

from ..language import Text


@dataclass(frozen=True)
class Cause:
    """Hold the sentence that names a cause, and the one that cures it."""

    said: Text
    cure: Text


CUTS = {
    "cut:detach": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` gives the value "
            "without its graph.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 只给出数值，不带计算图。",
        ),
        Text(
            "Leave `{call}` out there.",
            "去掉那里的 `{call}`。",
        ),
    ),
    "cut:data": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `.data` gives the value "
            "without its graph, and nobody notices.",
            "从 {x} 到 {y} 的路在{where}断开了：`.data` 只给出数值，不带计算图，而且没"
            "有任何提示。",
        ),
        Text(
            "Leave `.data` out there.",
            "去掉那里的 `.data`。",
        ),
    ),
    "cut:no_grad": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` ran while recording "
            "was off (no_grad, inference_mode).",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 运行时记录是关闭的（no_grad、"
            "inference_mode）。",
        ),
        Text(
            "Compute it outside of `no_grad`.",
            "把它移到 `no_grad` 之外计算。",
        ),
    ),
    "parameter": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` makes a new leaf of "
            "the values, without their graph.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 只取数值，做成一个新的叶子张"
            "量，不带计算图。",
        ),
        Text(
            "Use the result itself there, without `{call}`.",
            "那里直接使用计算结果，去掉 `{call}`。",
        ),
    ),
    "copy": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `deepcopy` copies the "
            "numbers, and no graph leads back from the copy.",
            "从 {x} 到 {y} 的路在{where}断开了：`deepcopy` 只复制数值，副本没有通回原来"
            "的计算图。",
        ),
        Text(
            "Use {x} itself there; clone() copies a tensor with its graph.",
            "那里使用 {x} 本身；clone() 能连同计算图一起复制张量。",
        ),
    ),
    "checkpoint": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: a reentrant checkpoint "
            "records nothing where no input of it asks for a gradient.",
            "从 {x} 到 {y} 的路在{where}断开了：重入式 checkpoint 的输入都不需要梯度"
            "时，它什么也不记录。",
        ),
        Text(
            "Pass use_reentrant=False to checkpoint.",
            "给 checkpoint 传入 use_reentrant=False。",
        ),
    ),
    "sampled": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `sample()` draws without "
            "recording.",
            "从 {x} 到 {y} 的路在{where}断开了：`sample()` 取样时不做记录。",
        ),
        Text(
            "Draw with `rsample()`; where a distribution has none, use `log_prob` of "
            "what was drawn.",
            "请用 `rsample()` 取样；分布没有它时，请使用样本的 `log_prob`。",
        ),
    ),
    "cut:item/float": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` makes a number of "
            "Python of it, which has no graph.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 把它变成了 Python 的数，而数"
            "没有计算图。",
        ),
        Text(
            "Stay with tensors there: leave `{call}` out.",
            "那里一直使用张量：去掉 `{call}`。",
        ),
    ),
    "cut:torch.tensor": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` copies the numbers "
            "into a new tensor, which has no graph.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 把数值复制到新的张量里，而新"
            "张量没有计算图。",
        ),
        Text(
            "Put tensors together with torch.stack or torch.cat.",
            "用 torch.stack 或 torch.cat 把张量拼起来。",
        ),
    ),
    "cut:numpy": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` hands it to NumPy, "
            "which records nothing.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 把它交给了 NumPy，而 NumPy 什"
            "么也不记录。",
        ),
        Text(
            "Compute that part with torch.",
            "那一部分用 torch 来计算。",
        ),
    ),
    "cut:integer/argmax/comparison": Cause(
        Text(
            "The road from {x} to {y} is cut at {where}: `{call}` chooses or rounds, "
            "and has no slope: what comes out cannot require grad.",
            "从 {x} 到 {y} 的路在{where}断开了：`{call}` 做的是选择或取整，没有斜率："
            "它的结果不能需要梯度。",
        ),
        Text(
            "Go on with the scores themselves (softmax, cross_entropy, a sum with "
            "weights), not with `{call}`.",
            "请直接使用分数本身（softmax、cross_entropy、加权和），不要用 `{call}`。",
        ),
    ),
    "integers": Cause(
        Text(
            "A tensor of whole numbers or truth values has no slopes, and so cannot "
            "require grad: {where} asks it of one.",
            "整数张量或布尔张量没有斜率，因此不能需要梯度：{where}却这样要求了。",
        ),
        Text(
            "Make it of floats: write 1.0 for 1, dtype=torch.float32, or call float().",
            "请用浮点数：把 1 写成 1.0，写上 dtype=torch.float32，或者调用 float()。",
        ),
    ),
}
