"""The causes of a missing gradient: words, sentences and cures."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..graph.journal import Record
from ..language import Text
from .cuts import CUTS, Cause
from .sentences import OF_WALKS


@dataclass(frozen=True, eq=False)
class Finding:
    """Hold one cause that was found, and the call that it lies in."""

    word: str
    record: Record | None = None
    values: Mapping[str, object] = field(default_factory=dict)
    key: str = ""  # in CAUSES, where the word alone says too little
    others: tuple["Finding", ...] = ()
    remark: str = ""

    @property
    def cause(self) -> Cause:
        word = "nan" if self.word.startswith("nan:") else self.word
        return CAUSES[self.key or word]


NOWHERE = Text("a line that was not watched", "一个没有被观察的行")
NO_LEAF = "rebound/non-leaf"
CAUSES = {
    **CUTS,
    **OF_WALKS,
    "none": Cause(
        Text(
            "No fault: the gradient of {x} is there, {grad}.",
            "没有问题：{x} 的梯度在，是 {grad}。",
        ),
        Text("", ""),
    ),
    "used": Cause(
        Text(
            "No fault: {x} had its gradient, which was used for a step and cleared at "
            "{where}.",
            "没有问题：{x} 有过梯度，它用于一次更新之后，在{where}被清除了。",
        ),
        Text("", ""),
    ),
    "transformed": Cause(
        Text(
            "No fault: {x} went through a transform of torch.func, which returns the "
            "gradient and leaves .grad as it is.",
            "没有问题：{x} 经过了 torch.func 的变换；它把梯度作为返回值给出，不改动 "
            ".grad。",
        ),
        Text("", ""),
    ),
    "foreign": Cause(
        Text(
            "«{problem}» tells of no gradient, as far as is known here.",
            "就这里所知，“{problem}”与梯度无关。",
        ),
        Text(
            "Ask about the tensor that has no gradient, as in why(w, loss).",
            "请问没有梯度的那个张量，例如 why(w, loss)。",
        ),
    ),
    "hooked": Cause(
        Text(
            "The gradient of {x} is {grad}, though the walk brought something else to "
            "it.",
            "{x} 的梯度是 {grad}，但反向传播带给它的并不是这个值。",
        ),
        Text(
            "Look at the hooks, or ask again without them.",
            "请检查钩子，或者去掉钩子再问一次。",
        ),
    ),
    "unseen": Cause(
        Text(
            "The gradient of {x} is {grad}, but nobody saw which step made it so: the "
            "graph is freed.",
            "{x} 的梯度是 {grad}，但没有看到是哪一步造成的：计算图已经释放。",
        ),
        Text(
            "Compute and walk back inside `with watch():`, then ask again.",
            "请在 `with watch():` 中重新计算并反向传播，然后再问一次。",
        ),
    ),
    "unknown": Cause(
        Text(
            "What is known of {x} tells no cause.",
            "关于 {x} 的已知信息还说明不了原因。",
        ),
        Text(
            "Compute it again inside `with watch():`, then ask once more.",
            "请在 `with watch():` 中重新计算，然后再问一次。",
        ),
    ),
    "never-asked": Cause(
        Text(
            "{x} never asked for a gradient: requires_grad is False; it was made at "
            "{where}.",
            "{x} 从未设为需要梯度：requires_grad 是 False；它是在{where}创建的。",
        ),
        Text(
            "Create {x} with requires_grad=True.",
            "创建 {x} 时写上 requires_grad=True。",
        ),
    ),
    "nobody-asked": Cause(
        Text(
            "Nothing that went into {y} asked for a gradient: {leaves}.",
            "参与计算 {y} 的张量都不需要梯度：{leaves}。",
        ),
        Text(
            "Create the one that shall learn with requires_grad=True.",
            "要学习的那个张量，创建时写上 requires_grad=True。",
        ),
    ),
    "late-flag": Cause(
        Text(
            "{x} asked for a gradient too late, at {where}: it had been computed with "
            "before, and PyTorch records only what is asked for beforehand.",
            "{x} 设为需要梯度太晚了（{where}）：在那之前它已经参与了计算，"
            "而 PyTorch 只记录事先设好的。",
        ),
        Text(
            "Ask before the computation, or compute again afterwards.",
            "请在计算之前设为需要梯度，或者之后重新计算。",
        ),
    ),
    "frozen": Cause(
        Text(
            "{x} is frozen: its requires_grad was switched off at {where}.",
            "{x} 被冻结了：它的 requires_grad 在{where}被关闭了。",
        ),
        Text(
            "Set {x} back to requires_grad=True before you compute, with "
            "requires_grad_(True).",
            "计算之前用 requires_grad_(True) 把 {x} 恢复为需要梯度。",
        ),
    ),
    "not-in-graph": Cause(
        Text(
            "{y} was not computed from {x}: nothing that led to it used {x}; see "
            "{where}.",
            "{y} 不是由 {x} 算出来的：得出它的计算中没有用到 {x}；见{where}。",
        ),
        Text(
            "Use {x} itself where {y} is computed.",
            "在计算 {y} 的地方使用 {x} 本身。",
        ),
    ),
    "left-out": Cause(
        Text(
            "What was computed from {x}, at {where}, did not come into {y}; what the "
            "same line computed of others did.",
            "在{where}由 {x} 算出的结果没有进入 {y}；同一行由别的张量算出的结果却进入"
            "了。",
        ),
        Text(
            "Let it come into {y}, too: look for a name or a key that was used twice, "
            "or for a choice that left it out.",
            "让它也进入 {y}：看看是不是有名字或键用了两次，或者在挑选时漏掉了它。",
        ),
    ),
    "relative": Cause(
        Text(
            "{y} was not computed from {x}, but from the tensor that {x} was made "
            "from; see {where}.",
            "{y} 不是由 {x} 算出来的，而是由制作 {x} 时所用的张量算出来的；见{where}。",
        ),
        Text(
            "Use {x} itself there; a module takes other parameters by "
            "torch.func.functional_call.",
            "在那里使用 {x} 本身；要让模块使用别的参数，请用 "
            "torch.func.functional_call。",
        ),
    ),
    "unlinked": Cause(
        Text(
            "The graph of {y} does not lead to {x}: either {x} was not used, or the "
            "road is cut (by detach, no_grad or the like); the graph alone cannot "
            "tell which.",
            "{y} 的计算图通不到 {x}：要么没有用到 {x}，要么路被断开了（detach、"
            "no_grad 之类）；只看计算图分不清是哪一种。",
        ),
        Text(
            "Compute {y} inside `with watch():`, then ask again: the line will be "
            "named.",
            "请在 `with watch():` 中计算 {y}，然后再问一次，就能指出是哪一行。",
        ),
    ),
    "no-graph": Cause(
        Text(
            "{y} has no graph: either nothing that went into it asked for a gradient, "
            "or the road is cut (by detach, no_grad or the like); {y} alone cannot "
            "tell which.",
            "{y} 没有计算图：要么参与计算的张量都不需要梯度，要么路被断开了（detach"
            "、no_grad 之类）；只看 {y} 分不清是哪一种。",
        ),
        Text(
            "Compute {y} inside `with watch():`, then ask again: the line will be "
            "named.",
            "请在 `with watch():` 中计算 {y}，然后再问一次，就能指出是哪一行。",
        ),
    ),
    NO_LEAF: Cause(
        Text(
            "{x} is no leaf: at {where} the name was bound to a result, and only "
            "leaves keep a .grad{leaf}.",
            "{x} 不是叶子张量：在{where}这个名字绑定到了一个计算结果上，而只有叶子张量"
            "才保留 .grad{leaf}。",
        ),
        Text(
            "Change the leaf in place under torch.no_grad(), or keep it under a name "
            "of its own (or call retain_grad() before the walk).",
            "请在 torch.no_grad() 下就地修改叶子张量，或者给它留一个自己的名字（或者在"
            "反向传播之前调用 retain_grad()）。",
        ),
    ),
    "rebound": Cause(
        Text(
            "At {where} the name {x} was bound to a new tensor, which asks for no "
            "gradient: it was computed while recording was off{leaf}.",
            "在{where}，名字 {x} 绑定到了一个新张量上；它是在记录关闭时算出来的，"
            "不需要梯度{leaf}。",
        ),
        Text(
            "Change the leaf in place there: `w -= …`, not `w = w - …`.",
            "那里请就地修改叶子张量：写 `w -= …`，不要写 `w = w - …`。",
        ),
    ),
    "overwritten": Cause(
        Text(
            "What was computed from {x} was overwritten: at {where} the name of {y} "
            "was bound again, without adding.",
            "由 {x} 算出的结果被覆盖了：在{where}，{y} 的名字绑定到了新的值上，而没有"
            "相加。",
        ),
        Text(
            "Add the parts (`loss = loss + …`) before you walk back.",
            "反向传播之前把各部分加起来（`loss = loss + …`）。",
        ),
    ),
}
