"""What is said of a road that ends, and the smallest cure."""

from dataclasses import dataclass

from ..language import Text


@dataclass(frozen=True)
class Cause:
    """Hold the sentence that names a cause, and the one that cures it."""

    said: Text
    cure: Text


def cut(en: str, zh: str, cure_en: str, cure_zh: str) -> Cause:
    """Make the cause of a road that ends."""
    said = Text(
        f"The road from {{x}} to {{y}} is cut at {{where}}: {en}.",
        f"从 {{x}} 到 {{y}} 的路在{{where}}断开了：{zh}。",
    )
    return Cause(said, Text(cure_en, cure_zh))


CUTS = {
    "cut:detach": cut(
        "`{call}` gives the value without its graph",
        "`{call}` 只给出数值，不带计算图",
        "Leave `{call}` out there.",
        "去掉那里的 `{call}`。",
    ),
    "cut:data": cut(
        "`.data` gives the value without its graph, and nobody notices",
        "`.data` 只给出数值，不带计算图，而且没有任何提示",
        "Leave `.data` out there.",
        "去掉那里的 `.data`。",
    ),
    "cut:no_grad": cut(
        "`{call}` ran while recording was off (no_grad, inference_mode)",
        "`{call}` 运行时记录是关闭的（no_grad、inference_mode）",
        "Compute it outside of `no_grad`.",
        "把它移到 `no_grad` 之外计算。",
    ),
    "checkpoint": cut(
        "a reentrant checkpoint records nothing where no input of it asks for a "
        "gradient",
        "重入式 checkpoint 的输入都不要求梯度时，它什么也不记录",
        "Pass use_reentrant=False to checkpoint.",
        "给 checkpoint 传入 use_reentrant=False。",
    ),
    "cut:item/float": cut(
        "`{call}` makes a number of Python of it, which has no graph",
        "`{call}` 把它变成了 Python 的数，而数没有计算图",
        "Stay with tensors there: leave `{call}` out.",
        "那里一直使用张量：去掉 `{call}`。",
    ),
    "cut:torch.tensor": cut(
        "`{call}` copies the numbers into a new tensor, which has no graph",
        "`{call}` 把数值复制到新的张量里，而新张量没有计算图",
        "Put tensors together with torch.stack or torch.cat.",
        "用 torch.stack 或 torch.cat 把张量拼起来。",
    ),
    "cut:numpy": cut(
        "`{call}` hands it to NumPy, which records nothing",
        "`{call}` 把它交给了 NumPy，而 NumPy 什么也不记录",
        "Compute that part with torch.",
        "那一部分用 torch 来计算。",
    ),
    "cut:integer/argmax/comparison": cut(
        "`{call}` chooses or rounds, and has no slope: what comes out cannot require "
        "grad",
        "`{call}` 做的是选择或取整，没有斜率：它的结果不能要求梯度",
        "Go on with the scores themselves (softmax, cross_entropy, a sum with "
        "weights), not with `{call}`.",
        "请直接使用分数本身（softmax、cross_entropy、加权和），不要用 `{call}`。",
    ),
}
