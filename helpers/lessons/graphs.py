"""What may be asked of any graph, and what is said of the right answer.

The places are filled with the learner's own: {name} is whose gradient is asked for,
{walk} the call of backward, {cut} what is detached.
"""

from dataclasses import dataclass

from ..language import Text
from .model import Mistake


@dataclass(frozen=True)
class GraphQuestion:
    """Hold what is asked, what is said if it is right, and what no rule explains."""

    asks: Text
    says: Text
    mistakes: tuple[Mistake, ...] = ()


QUESTIONS = {
    "leaf": GraphQuestion(
        Text(
            "Every `.grad` is cleared, then `{walk}` runs. What is `{name}.grad` then?",
            "先清除所有 `.grad`，再运行 `{walk}`。之后 `{name}.grad` 是什么？",
        ),
        Text(
            "Each step has multiplied by its own slope; where arrows met, it was added.",
            "每一步都乘上了自己的斜率；箭头汇合之处相加。",
        ),
    ),
    "inner": GraphQuestion(
        Text(
            "First `{name}.retain_grad()` runs, then `{walk}`. What is `{name}.grad` "
            "then?",
            "先运行 `{name}.retain_grad()`，再运行 `{walk}`。之后 `{name}.grad` 是什么？",
        ),
        Text(
            "That is what the walk carries when it comes there.",
            "这就是反向传播到达那里时带着的数。",
        ),
        (
            Mistake(
                "LEAVES-ONLY",
                None,
                en="Without retain_grad() it would be None, because it is no leaf; here it was asked, before the walk, to keep what passes through.",
                zh="如果没有 retain_grad()，的确是 None，因为它不是叶子；但这里在反向传播之前就要求它保留经过的数。",
            ),
        ),
    ),
    "weighted": GraphQuestion(
        Text(
            "Every `.grad` is cleared, then a walk starts with weights: `{walk}`. What "
            "is `{name}.grad` then?",
            "先清除所有 `.grad`，再带着权重反向传播：`{walk}`。之后 `{name}.grad` 是"
            "什么？",
        ),
        Text(
            "Each weight has multiplied what its output sends back.",
            "每个权重都乘上了它的输出传回的数。",
        ),
    ),
    "detached": GraphQuestion(
        Text(
            "Suppose that `{cut}.detach()` had been used in the place of `{cut}`. Every "
            "`.grad` is cleared, then `{walk}` runs. What is `{name}.grad` then?",
            "假设所有用到 `{cut}` 的地方用的都是 `{cut}.detach()`。先清除所有 `.grad`，"
            "再运行 `{walk}`。之后 `{name}.grad` 是什么？",
        ),
        Text(
            "No walk passes what is detached; what comes along other roads is left.",
            "反向传播走不过分离的张量；只剩别的路带来的。",
        ),
    ),
    "twice": GraphQuestion(
        Text(
            "Every `.grad` is cleared, then `{walk}` runs twice (the first time with "
            "`retain_graph=True`). What is `{name}.grad` then?",
            "先清除所有 `.grad`，再运行 `{walk}` 两次（第一次加上 `retain_graph=True`）。"
            "之后 `{name}.grad` 是什么？",
        ),
        Text(
            "The second walk has added as much as the first one brought.",
            "第二次反向传播又加上了同样多的数。",
        ),
    ),
    "cleared": GraphQuestion(
        Text(
            "`{walk}` runs (with `retain_graph=True`), then `{name}.grad = None`, then "
            "`{walk}` once more. What is `{name}.grad` then?",
            "运行 `{walk}`（加上 `retain_graph=True`），然后 `{name}.grad = None`，再运行"
            "一次 `{walk}`。之后 `{name}.grad` 是什么？",
        ),
        Text(
            "What was cleared counts no more; what the last walk brought is left.",
            "清除的不再算数，只剩最后一次反向传播带来的。",
        ),
    ),
    "held": GraphQuestion(
        Text(
            "`{name}.grad` holds {held} now, and `{walk}` runs. What does it hold then?",
            "`{name}.grad` 现在是 {held}，运行 `{walk}`。之后它是什么？",
        ),
        Text(
            "The walk has added to what was there.",
            "反向传播是在原有的数上累加。",
        ),
    ),
}
