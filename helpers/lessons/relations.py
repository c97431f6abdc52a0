"""What it means that a function's numbers follow from the right ones, by one rule."""

from .model import Meaning

NOTHING = Meaning(
    "BACKWARD-RETURNS",
    en="A None came back: is there a `return`? What backward() returns is None, too: a gradient lies in the .grad of the leaf that the result was computed from.",
    zh="返回的是 None：写了 `return` 吗？backward() 返回的也是 None：梯度在叶子的 .grad 里，而结果要由那个叶子算出来才行。",
)
ZEROS = Meaning(
    "GRAD-IS-A-SNAPSHOT",
    en="All zeros: was .grad kept under a second name? That is no copy, nor is its detach(), so `zero_()` clears it, too. Keep a `.clone()`.",
    zh="全是零：是不是用另一个名字留住了 .grad？那个名字和它的 detach() 都不是副本，`zero_()` 会一起清零。请存 `.clone()`。",
)
DOUBLE = Meaning(
    "DOUBLE",
    en="Twice the right number: what is counted twice? (Two walks into one .grad add up.)",
    zh="是正确值的两倍：是什么算了两次？（两次反向传播到同一个 .grad，会相加。）",
)
HALF = Meaning(
    "HALF",
    en="Half the right number: what should count twice?",
    zh="是正确值的一半：是什么该算两次？",
)
SIGN = Meaning(
    "TURNED-ROUND",
    en="The size is right, the sign is not: a `.grad` already points to where the result grows.",
    zh="大小对了，符号反了：`.grad` 本来就指向结果增大的方向。",
)
SQUARED = Meaning(
    "SQUARED",
    en="That is the square of the right number: what is multiplied by itself?",
    zh="是正确值的平方：是什么与自己相乘了？",
)
PLAIN_SUM = Meaning(
    "JACOBIAN",
    en="That is the sum of what is asked for, where the numbers shall stay apart. (If a walk brought it: one walk brings one sum, so take a walk for each.)",
    zh="那是所求各数加在一起的和，而它们应当分开。（一次反向传播只带来一个和；要分开，就各反向传播一次。）",
)
EMPTY = Meaning(
    "EMPTY-LIST",
    en="An empty list came back: is anything put into it?",
    zh="返回的是空列表：往里面放过东西吗？",
)
WHOLE_PATH = Meaning(
    "WHOLE-PATH",
    en="The last of what you gave back is right, and that alone is asked for.",
    zh="你返回的最后一个是对的，而题目要的只是它。",
)
MEAN = Meaning(
    "SUM=MEAN",
    en="A mean got in: what is asked for is neither added up nor divided by how many there are.",
    zh="这里混进了平均：所求的数既不相加，也不除以个数。",
)
NO_MEAN = Meaning(
    "SUM=MEAN",
    en="A sum stands where a mean is asked for: divide by how many there are.",
    zh="要的是平均，这里却是总和：请除以个数。",
)
TRANSPOSED = Meaning(
    "TRANSPOSED",
    en="Your table lies on its side: rows and columns have changed places.",
    zh="你的表格行列颠倒了：行和列的位置对调了。",
)
IN_ONE_LINE = Meaning(
    "ALL-IN-ONE-LINE",
    en="All numbers are there, but in one line: torch.stack makes rows of them, torch.cat strings them together.",
    zh="数都齐了，却连成了一行：torch.stack 把它们排成各行，torch.cat 则首尾相接。",
)
PILED_UP = Meaning(
    "OVERWRITE",
    en="Each row also holds the rows above it, because .grad adds up: clear it before every walk.",
    zh="每一行都包含了它上面的各行，因为 .grad 会累积：请在每次反向传播前清除它。",
)
ALL_THE_LAST = Meaning(
    "GRAD-IS-A-SNAPSHOT",
    en="All your rows are the last one: you kept the same tensor .grad each time, and it was changed in place. Keep a `.clone()`, or set .grad = None before each walk.",
    zh="你的每一行都是最后一行：每次存的都是同一个张量 .grad，而它被就地修改了。请存副本（`.clone()`），或者在每次反向传播前设 .grad = None。",
)
ALL_THE_SUM = Meaning(
    "GRAD-IS-A-SNAPSHOT",
    en="Every row is the sum of all: .grad was never cleared, and each row is that one tensor. Set .grad = None before each walk.",
    zh="每一行都是所有行之和：.grad 从未清除，而每一行都是那同一个张量。请在每次反向传播前设 .grad = None。",
)
ONLY_THE_FIRST = Meaning(
    "GRAD-IS-A-SNAPSHOT",
    en="Only the first row is there, zeros follow: the .grad of the walk before that you subtract is .grad itself under another name. Keep a `.clone()`.",
    zh="只有第一行，后面全是零：你减去的“上一次的 .grad”只是 .grad 的另一个名字。请存 `.clone()`。",
)
ONE_ROW = Meaning(
    "ONE-ROW-ONLY",
    en="Only one row came back, or one number: collect what each walk brings in a list, and return all of them after the loop.",
    zh="只返回了一行，或一个数：请把每次反向传播带来的收进列表，循环结束后一起返回。",
)
DIAGONAL = Meaning(
    "DIAGONAL-JACOBIAN",
    en="Only the diagonal is there; but every output here depends on every input, so each place needs a slope of its own.",
    zh="只有对角线上有数；但这里每个输出都依赖每个输入，每个位置都有自己的斜率。",
)
VALUE = Meaning(
    "GRAD-IS-VALUE",
    en="That is the value of the function that was given, not how fast it changes.",
    zh="那是所给函数的值，不是它变化得多快。",
)
UNCHANGED = Meaning(
    "INPUT-RETURNED",
    en="One of the inputs came back as it was given: what shall be computed from it?",
    zh="返回的就是其中一个输入，原样未动：要用它算出什么？",
)
EXCHANGED = Meaning(
    "OTHER-INPUT",
    en="That would be right if two of the inputs changed places: which one is which?",
    zh="如果有两个输入对调，这就对了：哪一个是哪一个？",
)
CASE_BEFORE = Meaning(
    "FROM-THE-CALL-BEFORE",
    en="That is what would have been right in the call before: something outlives the call. Make all that you need inside the function.",
    zh="那是上一次调用时的正确答案：有什么在调用之后还留着。请在函数里面新建所需的一切。",
)
SO_FAR = Meaning(
    "OVERWRITE",
    en="That is the sum over all calls so far: .grad adds up on a leaf that outlives the call. Make a fresh leaf in every call.",
    zh="那是到目前为止各次调用之和：叶子在调用之后还留着，它的 .grad 一直在累加。请在每次调用时新建叶子。",
)
ALWAYS = Meaning(
    "SAME-FOR-ALL",
    en="The same comes back whatever the inputs are: compute it from what is handed in.",
    zh="不管输入是什么，返回的都一样：请用传入的东西来计算。",
)
REVERSED = Meaning(
    "REVERSED",
    en="The numbers are right, in reverse order.",
    zh="数都对，顺序却是反的。",
)
SORTED = Meaning(
    "SORTED",
    en="The numbers are right, but sorted: each belongs in a place of its own.",
    zh="数都对，却排过序：每个数都有自己的位置。",
)
ROUNDED = Meaning(
    "ROUNDED",
    en="The numbers are right, but rounded: return them as they come.",
    zh="数都对，但被舍入了：请原样返回。",
)
SIZE_ONLY = Meaning(
    "SIGN-LOST",
    en="The size is right, but the sign is lost: what makes it positive?",
    zh="大小都对，但符号丢了：是什么把它变成了正数？",
)
SHIFTED = Meaning(
    "OFF-BY-A-CONSTANT",
    en="All numbers are off by one and the same amount: what was added, or left out?",
    zh="所有数都差同一个量：是什么多加了，或者漏加了？",
)
FACTOR = Meaning(
    "FACTOR",
    en="All numbers are off by one and the same factor: what was counted too often, or left out?",
    zh="所有数都差同一个倍数：是什么多算了，或者漏算了？",
)
TIMES_INPUT = Meaning(
    "TIMES-INPUT",
    en="That is the right number times one of the inputs: which factor is too many?",
    zh="那是正确值再乘以其中一个输入：多了哪个因子？",
)
OVER_INPUT = Meaning(
    "OVER-INPUT",
    en="That is the right number divided by one of the inputs: which factor is missing?",
    zh="那是正确值再除以其中一个输入：少了哪个因子？",
)
TURNED_ROUND = Meaning(
    "TURNED-ROUND",
    en="It is the other way round: each True should be False, and each False True.",
    zh="正好反过来：True 都应是 False，False 都应是 True。",
)
ALL_TRUE = Meaning(
    "ALWAYS-TRUE",
    en="True for all, each time: ask something that can also be False.",
    zh="每次全是 True：请问一个也可能为 False 的问题。",
)
ALL_FALSE = Meaning(
    "ALWAYS-FALSE",
    en="False for all, each time: ask something that can also be True.",
    zh="每次全是 False：请问一个也可能为 True 的问题。",
)
