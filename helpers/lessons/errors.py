"""What PyTorch's own errors mean, by the stable part of their message."""

from dataclasses import dataclass

from .model import Meaning


@dataclass(frozen=True)
class Family(Meaning):
    """Hold errors that come from one misconception, told by a part of the message."""

    parts: tuple[str, ...]

    def holds(self, message: str) -> bool:
        """Tell whether a message belongs here."""
        return any(part in message for part in self.parts)


FAMILIES = (
    Family(
        "GRAPH-FREED",
        ("backward through the graph a second time",),
        en="The first walk back frees what the graph had saved: compute the result again, or keep the graph with `retain_graph=True`.",
        zh="第一次反向传播会释放计算图保存的值：请重新计算结果，或用 `retain_graph=True` 保留计算图。",
    ),
    Family(
        "FORGOT-FLAG",
        ("does not require grad and does not have a grad_fn",),
        en="Nothing that went into this result was recorded: the flag is missing, came too late, or something on the way left the graph.",
        zh="这个结果的来源都没有被记录：标志没有设置、设置得太晚，或者途中有什么离开了计算图。",
    ),
    Family(
        "JACOBIAN",
        ("can be implicitly created only for scalar outputs",),
        en="A walk back starts from one number: take a sum, or say with `gradient=` how much each number counts.",
        zh="反向传播从一个数出发：请先求和，或用 `gradient=` 说明每个数占多少权重。",
    ),
    Family(
        "WEIGHTS-BROADCAST",
        ("Mismatch in shape: grad_output", "gradients to be Tensors or None"),
        en="The weights must be a tensor with the shape of the result, one for each of its numbers.",
        zh="权重必须是与结果形状相同的张量，每个数对应一个权重。",
    ),
    Family(
        "INPLACE-IS-FREE",
        ("modified by an inplace operation",),
        en="A tensor that the walk back still needs was changed in place: make a new one instead (`y = y + 1`, not `y += 1`).",
        zh="反向传播还要用到的张量被就地修改了：请另建新张量（写 `y = y + 1`，不要写 `y += 1`）。",
    ),
    Family(
        "UPDATE-IS-FREE",
        ("leaf Variable that requires grad",),
        en="A leaf that requires grad may not be changed in place while PyTorch records: do it under `with torch.no_grad():`.",
        zh="PyTorch 记录期间，不能就地修改需要梯度的叶子张量：请把修改放进 `with torch.no_grad():`。",
    ),
    Family(
        "NUMPY-TRACKS",
        ("Can't call numpy() on Tensor that requires grad",),
        en="NumPy records nothing, so PyTorch refuses: leave the graph first, with `detach()`.",
        zh="NumPy 什么也不记录，所以 PyTorch 拒绝转换：请先用 `detach()` 离开计算图。",
    ),
    Family(
        "INT-DTYPE",
        ("nly Tensors of floating point",),
        en="Whole numbers cannot require grad: make the tensor with `dtype=torch.float32`.",
        zh="整数张量不能求梯度：请用 `dtype=torch.float32` 创建张量。",
    ),
    Family(
        "FLAG-ON-A-RESULT",
        ("you can only change requires_grad flags of leaf",),
        en="The flag of a computed tensor cannot be changed: set it on the leaf before you compute, or `detach()` first.",
        zh="算出来的张量不能改标志：请在计算之前给叶子张量设置，或先 `detach()`。",
    ),
    Family(
        "IF-IS-ELEMENTWISE",
        ("Boolean value of Tensor with more than one value",),
        en="A Python `if` or `while` needs one truth value, and a vector brings several: choose number by number with `torch.where`.",
        zh="Python 的 `if` 或 `while` 只能接受一个布尔值，而向量有好几个：请用 `torch.where` 逐个选择。",
    ),
    Family(
        "GRAD-STARTS-AT-ZERO",
        ("'NoneType' object has no attribute 'zero_'",),
        en="Before the first walk .grad is None, and None has no zero_(): clear with `.grad = None`, which always works.",
        zh="第一次反向传播之前 .grad 是 None，而 None 没有 zero_()：请用 `.grad = None` 清除，什么时候都行得通。",
    ),
    Family(
        "NONE-IS-ZERO",
        (
            "appears to not have been used in the graph",
            "NoneType",
        ),
        en="A `None` stood where you expected a gradient: nothing has been walked back to that tensor (yet), or it is no leaf.",
        zh="你以为有梯度的地方其实是 `None`：没有（或还没有）梯度传到那个张量，或者它不是叶子张量。",
    ),
    Family(
        "NUMBERS-CARRY-GRAD",
        ("'float' object has no attribute", "'int' object has no attribute"),
        en="That is a plain Python number: it has no graph and no tensor methods. Stay with tensors until the end.",
        zh="那是普通的 Python 数：既没有计算图，也没有张量的方法。请一直用张量，直到最后。",
    ),
    Family(
        "NO_GRAD=INFERENCE",
        ("Inference tensors cannot be saved for backward",),
        en="A tensor that was made under inference_mode can never join a graph: make it under no_grad, or `detach()` it.",
        zh="在 inference_mode 下创建的张量永远不能加入计算图：请在 no_grad 下创建，或用 `detach()`。",
    ),
    Family(
        "TYPO-ACCEPTED",
        ("builtin_function_or_method", "'method'"),
        en="A method stands where its result is wanted: it runs only with (), as in `.detach()`.",
        zh="该用结果的地方写了方法本身：加上 () 才会执行，例如 `.detach()`。",
    ),
    Family(
        "TOO-MUCH-MEMORY",
        ("can't allocate memory", "MemoryError"),
        en="That is more memory than an exercise ever needs: look at the sizes.",
        zh="这超出了练习所需的内存：请检查张量的大小。",
    ),
)


def family_of(message: str) -> Family | None:
    """Return the family that an error belongs to, if it is a known one."""
    return next((family for family in FAMILIES if family.holds(message)), None)
