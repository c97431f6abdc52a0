"""What a clue means, where no exercise knows better; the most telling ones first."""

from .model import Meaning

# Whoever writes so, never means it: these count whatever came out.
SLIPS = (
    Meaning(
        "TYPO-ACCEPTED",
        en="Look at the spelling and the brackets: a method that is named without () does not run, and a misspelt attribute is accepted without a word.",
        zh="请检查拼写和括号：只写方法名而不加 () 就不会执行，而属性名拼错了，也不会有任何提示。",
    ),
    Meaning(
        "NO_GRAD-IS-A-SWITCH",
        en="A line with `torch.no_grad()` alone switches nothing off: it must open a block, `with torch.no_grad():`.",
        zh="单独一行 `torch.no_grad()` 什么也不会关闭：要用它开启一个代码块，写成 `with torch.no_grad():`。",
    ),
    Meaning(
        "DETACH-IN-PLACE",
        en="A line with `detach()` alone changes nothing: it returns a new tensor, so use what it returns.",
        zh="单独一行 `detach()` 什么也不会改变：它只是返回一个新张量，请用那个新张量。",
    ),
)

OF_THE_RESULT = Meaning(
    "GRAD-ON-OUTPUT",
    en="You read the .grad of the result that you walked back from: that is None, or 1 where it is kept. The gradient lies with the leaf, where the walk ends.",
    zh="你读的是结果的 .grad，而反向传播正是从结果出发的：那里是 None，要求保留的话则是 1。梯度在反向传播的终点，也就是叶子那里。",
)

# These count where nothing comes back: then the result itself says little. A number
# comes late, because many only print one.
BREAKS = (
    Meaning(
        "TENSOR-KEEPS-GRAPH",
        en="`torch.tensor(…)` makes a new leaf from the numbers of a tensor, and the road back ends there: use the tensor itself, or `torch.stack` to join several.",
        zh="`torch.tensor(…)` 会用张量的数值新建一个叶子，回去的路就断在那里：请直接用原来的张量；要合并几个，请用 `torch.stack`。",
    ),
    Meaning(
        "FLAG-MAKES-GRAPH",
        en="The walk back started at a leaf, so it ended there, too: a flag on a result makes no road to what it was computed from. Find where the road was cut.",
        zh="反向传播从一个叶子出发，也就在那里结束：给结果加标志，并不会多出一条通往来源的路。请找出路断在哪里。",
    ),
    OF_THE_RESULT,
    Meaning(
        "NO_GRAD=INFERENCE",
        en="What is computed in inference_mode can never join a graph: compute outside of it.",
        zh="在 inference_mode 里算出来的东西永远不能加入计算图：请在它外面计算。",
    ),
    Meaning(
        "NO_GRAD-STILL-FLOWS",
        en="Something that the walk needs was computed under no_grad, where nothing is recorded: take it out of that block.",
        zh="反向传播需要的东西是在 no_grad 里算的，那里什么也不记录：请把它移到代码块外面。",
    ),
    Meaning(
        "RETROACTIVE",
        en="The flag was set after the tensor had been used: what ran before is not recorded afterwards. Set it first.",
        zh="标志是在张量用过之后才设置的：之前运行的不会补记。请先设置标志。",
    ),
    Meaning(
        "FLAG-MAKES-LEAF",
        en="You read the .grad of a tensor that is a result, not a leaf: whatever was done after the flag was set made a new tensor. Set the flag last, and keep the leaf.",
        zh="你读的是某个结果的 .grad，而它不是叶子：设置标志之后的每一步都会得到新张量。请最后再设标志，并留住那个叶子。",
    ),
    Meaning(
        "REBIND",
        en="`x = x - …` gives the name to a new tensor, which is no leaf: change the leaf in place, `x -= …`, under `torch.no_grad()`.",
        zh="`x = x - …` 把名字给了一个新张量，而它不是叶子。请在 `torch.no_grad()` 下就地修改叶子：`x -= …`。",
    ),
    Meaning(
        "BACKWARD-RETURNS",
        en="You used what backward() returns, and that is None: it puts the gradient into the .grad of the leaf.",
        zh="你用了 backward() 的返回值，而它是 None：它把梯度放进叶子的 .grad 里。",
    ),
    Meaning(
        "NUMBERS-CARRY-GRAD",
        en="A tracked tensor was turned into plain numbers on the way (`.item()`, `float()`, `.tolist()`): a number has no graph. Stay with tensors to the end.",
        zh="途中有被追踪的张量变成了普通的数（`.item()`、`float()`、`.tolist()`）：数没有计算图。请一直用张量，直到最后。",
    ),
    Meaning(
        "GRAD-IS-A-SNAPSHOT",
        en="A second name for .grad is no copy: zero_() cleared what you had kept, too. Keep a `.clone()`, or clear with `= None`.",
        zh="给 .grad 另起名字并不是复制：zero_() 把你留着的那个也清零了。请存 `.clone()`，或者用 `= None` 清除。",
    ),
    Meaning(
        "ZEROED-TOO-EARLY",
        en="The gradient was cleared right after the walk, before it was read: read it first, and clear before the next walk.",
        zh="梯度在反向传播之后、读取之前就被清除了：请先读取，到下一次反向传播之前再清除。",
    ),
    Meaning(
        "NEW-LEAF",
        en="A detached tensor with a flag is a new leaf: the walk ends there, and the tensor that it was taken from gets nothing.",
        zh="分离出来的张量加上标志，就成了新叶子：反向传播到那里为止，原来的张量什么也得不到。",
    ),
    Meaning(
        "DETACH-TOO-MUCH",
        en="What you detached is needed for the walk back: the road ends at `detach()`.",
        zh="反向传播需要你分离掉的那部分：路断在 `detach()` 那里。",
    ),
    Meaning(
        "DATA-IS-SAFE",
        en="`.data` leaves the graph without a word, so nothing comes back through it.",
        zh="`.data` 会一声不响地离开计算图，所以没有梯度从那里回来。",
    ),
)

# These count where nothing else has a name for what came out.
HABITS = (
    Meaning(
        "RETURN-IN-THE-LOOP",
        en="Your `return` stands inside the loop, and ends the function in its first turn: write it below the loop, as far to the left as `for`.",
        zh="你的 `return` 写在循环里面，第一轮就结束了函数：请把它写在循环之后，与 `for` 对齐。",
    ),
    OF_THE_RESULT,
    Meaning(
        "GRADIENT-ARG-IS-A-NAME",
        en="What stands in the brackets of backward() is a weight for each output, not the name of a tensor: yours were weighted by their own values.",
        zh="backward() 括号里是每个输出的权重，不是张量的名字：你拿输出自己的值当了权重。",
    ),
)
