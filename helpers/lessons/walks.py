"""What is said of an answer that a walk with a changed rule explains.

The places are filled with the learner's own: {answer}, {asked} as `x.grad`, {leaf} and
{root} as the names of both ends of the walk, {name} of something on its way.
"""

from .model import Meaning

X_FORGOTTEN = Meaning(
    "X-FORGOTTEN",
    en="{answer} would be right if {leaf} were {point}; here it is {here}.",
    zh="如果 {leaf} 是 {point}，{answer} 就对了；而这里它是 {here}。",
)
GRAD_EVERYWHERE = Meaning(
    "GRAD-EVERYWHERE",
    en="{answer} is what {leaf} would get if it were tracked; but it is a constant here, and the walk does not come to it.",
    zh="{leaf} 若被追踪，才会得到 {answer}；但它在这里是常数，反向传播走不到它。",
)
RETROACTIVE = Meaning(
    "RETROACTIVE",
    en="{answer} comes out if {leaf} had its flag from the start; what ran before was not recorded.",
    zh="{leaf} 若一开始就有标志，才会得到 {answer}；设标志之前的运算没有被记录。",
)
DETACH_IS_A_COPY = Meaning(
    "DETACH-IS-A-COPY",
    en="{answer} comes out if detach() cuts nothing; but it gives numbers without a history, so no road leads back through them.",
    zh="detach() 若什么也不切断，才会得到 {answer}；但它给出的数没有来历，没有路从那里通回去。",
)
NO_GRAD_STILL_FLOWS = Meaning(
    "NO_GRAD-STILL-FLOWS",
    en="{answer} comes out if what runs under no_grad() is recorded; it is not.",
    zh="no_grad() 里的运算若被记录，才会得到 {answer}；它们没有被记录。",
)
NUMBERS_CARRY_GRAD = Meaning(
    "NUMBERS-CARRY-GRAD",
    en="{answer} comes out if .item() keeps the history; it gives a plain number.",
    zh=".item() 若保留来历，才会得到 {answer}；它给出的只是一个普通的数。",
)
GRAD_IS_A_SNAPSHOT = Meaning(
    "GRAD-IS-A-SNAPSHOT",
    en="{answer} would be left if reading .grad gave a copy; it gives the very tensor, and what happens to it later shows.",
    zh="读取 .grad 若得到副本，才会留下 {answer}；得到的就是那个张量，之后的变化都会显现。",
)
ZERO_IS_NOT_INPLACE = Meaning(
    "ZERO-IS-NOT-INPLACE",
    en="{answer} still holds what was cleared on the way.",
    zh="{answer} 里还有中途已经清除的数。",
)
OVERWRITE = Meaning(
    "OVERWRITE",
    en="{answer} comes out if a walk overwrites what .grad holds; it adds to it.",
    zh="反向传播若覆盖 .grad 里原有的数，才会得到 {answer}；它是往上加。",
)
FIRST_WINS = Meaning(
    "FIRST-WINS",
    en="{answer} comes out if .grad keeps what the first walk brings; later walks add to it.",
    zh=".grad 若只留第一次带来的数，才会得到 {answer}；后面的反向传播还会往上加。",
)
ACCUMULATION_AVERAGES = Meaning(
    "ACCUMULATION-AVERAGES",
    en="{answer} comes out if the walks are averaged; .grad holds their sum.",
    zh="几次反向传播若取平均，才会得到 {answer}；.grad 里是它们的和。",
)
WALKS_MULTIPLY = Meaning(
    "WALKS-MULTIPLY",
    en="{answer} comes out if what two walks bring is multiplied; .grad adds.",
    zh="两次反向传播带来的数若相乘，才会得到 {answer}；.grad 是相加的。",
)
NEW_TENSOR_EACH_BACKWARD = Meaning(
    "NEW-TENSOR-EACH-BACKWARD",
    en="{answer} would be left if each walk made a new .grad; it adds to the same numbers.",
    zh="每次反向传播若都新建 .grad，才会留下 {answer}；它是在同一组数上累加。",
)
ONE_GRADIENT_PER_WALK = Meaning(
    "ONE-GRADIENT-PER-WALK",
    en="Each of the {count} walks does bring a gradient of its own, but {leaf} keeps them in one {asked}, where they are added.",
    zh="{count} 次反向传播确实各带来一个梯度，但 {leaf} 只有一个 {asked}，它们在那里相加。",
)
NO_GRAD_BLOCKS_UPDATE = Meaning(
    "NO_GRAD-BLOCKS-UPDATE",
    en="{answer} comes out if nothing changes under no_grad(); nothing is recorded there, but numbers do change.",
    zh="no_grad() 里若什么都不变，才会得到 {answer}；那里只是不记录，数还是会变。",
)
UPHILL = Meaning(
    "UPHILL",
    en="{answer} comes out if the step is added; it is subtracted.",
    zh="把这一步加上去，才会得到 {answer}；这里是减去。",
)
DETACH_COPIES = Meaning(
    "DETACH-COPIES",
    en="{answer} comes out if detach() copies the numbers; it shares them, so an edit there is an edit here.",
    zh="detach() 若复制数据，才会得到 {answer}；它与原来共享数据，改一处两处都变。",
)
GRAD_IS_LIVE = Meaning(
    "GRAD-IS-LIVE",
    en="{answer} is the slope where {leaf} is {point}; the walk took it where {leaf} was {here}.",
    zh="{answer} 是 {leaf} 为 {point} 处的斜率；而反向传播时 {leaf} 还是 {here}。",
)
ARGUMENT_IS_THE_GRADIENT = Meaning(
    "ARGUMENT-IS-THE-GRADIENT",
    en="{answer} is the weights themselves: they arrive at {name}, and on the way to {leaf} each step multiplies them by its own slope.",
    zh="{answer} 就是权重本身：它们到达 {name}，到 {leaf} 的路上，每一步都乘上自己的斜率。",
)
WEIGHTS_IGNORED = Meaning(
    "WEIGHTS-IGNORED",
    en="{answer} comes out if every weight is 1; those in the brackets count.",
    zh="每个权重都是 1 时才会得到 {answer}；括号里的权重各有作用。",
)
JVP_NOT_VJP = Meaning(
    "JVP-NOT-VJP",
    en="{answer} is `J @ v`, which runs along each row; backward weights the rows and adds down each column: `v @ J`.",
    zh="{answer} 是 `J @ v`，沿着每一行相加；backward 给各行加权，再沿着每一列相加：`v @ J`。",
)
WEIGHTS_ON_THE_INPUTS = Meaning(
    "WEIGHTS-ON-THE-INPUTS",
    en="{answer} comes out if the rows are added first and the inputs weighted afterwards; weights belong to the outputs and come first.",
    zh="先把各行相加、再给输入加权，才会得到 {answer}；权重属于输出，要先乘。",
)
DIAGONAL_JACOBIAN = Meaning(
    "DIAGONAL-JACOBIAN",
    en="{answer} is the diagonal of the table, weighted; an output may depend on other inputs, too.",
    zh="{answer} 只是表格的对角线加权；一个输出也可能与别的输入有关。",
)
WEIGHTS_TIMES_VALUE = Meaning(
    "WEIGHTS-TIMES-VALUE",
    en="{answer} is the weights times the values of {name}; they multiply its slopes.",
    zh="{answer} 是权重乘以 {name} 的值；权重乘的是它的斜率。",
)
ARGUMENT_IS_THE_POINT = Meaning(
    "ARGUMENT-IS-THE-POINT",
    en="{answer} is the slope taken at the weights; passing them moves no point, they multiply the slopes at {leaf}.",
    zh="{answer} 是在权重处取的斜率；传入权重并不移动任何点，权重乘的是 {leaf} 处的斜率。",
)
WEIGHTS_ARE_ADDED = Meaning(
    "WEIGHTS-ARE-ADDED",
    en="{answer} is slopes plus weights; a weight multiplies.",
    zh="{answer} 是斜率加权重；权重是用来乘的。",
)
WEIGHTS_ARE_SHARES = Meaning(
    "WEIGHTS-ARE-SHARES",
    en="{answer} comes out if the weights are divided by their sum; a weight is a factor as it stands.",
    zh="把权重除以它们的总和，才会得到 {answer}；权重本身就是因子。",
)
FIRST_ROW = Meaning(
    "FIRST-ROW",
    en="{answer} comes out with the weights in reverse order.",
    zh="把权重的顺序反过来，才会得到 {answer}。",
)
JACOBIAN = Meaning(
    "JACOBIAN",
    en="That is the whole table; the walk brings one number for each of the numbers of {leaf}.",
    zh="那是整张表；反向传播给 {leaf} 的每个数只带来一个数。",
)
OUTPUTS_AVERAGED = Meaning(
    "SUM=MEAN",
    en="{answer} comes out if the outputs are averaged; they are summed.",
    zh="各个输出若取平均，才会得到 {answer}；它们是相加的。",
)
NONE_IS_ZERO = Meaning(
    "NONE-IS-ZERO",
    en="0 would say that the slope of {root} with respect to {leaf} is 0, and it is not.",
    zh="0 的意思是 {root} 对 {leaf} 的斜率为 0，而它并不是。",
)
ZERO_FOR_NONE = Meaning(
    "NONE-IS-ZERO",
    en="0 is a number, and a walk would have to bring it; none comes to {leaf}.",
    zh="0 是一个数，要由反向传播带来；而反向传播走不到 {leaf}。",
)
SLOPE_NOT_PLACE = Meaning(
    "SLOPE-NOT-PLACE",
    en="{answer} is what .grad holds of {name}; asked for is {asked}, which is no gradient.",
    zh="{answer} 是 {name} 的 .grad 里的数；问的是 {asked}，它不是梯度。",
)
OTHER_VALUE = Meaning(
    "OTHER-VALUE",
    en="{answer} is a value that {name} has on the way; asked for is {asked}.",
    zh="{answer} 是途中 {name} 的一个值；问的是 {asked}。",
)
ONE_USE_ONLY = Meaning(
    "ONE-USE-ONLY",
    en="{answer} is what only one of the {count} arrows brings to {leaf}; what comes along the rest is added to it.",
    zh="{answer} 只是通到 {leaf} 的 {count} 个箭头之一带来的；其余箭头带来的还要加上去。",
)
ONE_PATH_ONLY = Meaning(
    "ONE-PATH-ONLY",
    en="{answer} is what comes to {leaf} through {name} alone; what the other roads bring is added to it.",
    zh="{answer} 只是经过 {name} 这一条路到达 {leaf} 的；其余的路带来的还要加上去。",
)
GRAD_IS_VALUE = Meaning(
    "GRAD-IS-VALUE",
    en="{answer} is the value of {name}, not a gradient: {asked} says how fast {root} changes with {leaf}.",
    zh="{answer} 是 {name} 的值，不是梯度：{asked} 说的是 {leaf} 变化时 {root} 变化得多快。",
)
OWN_VALUE = Meaning(
    "OWN-VALUE",
    en="{answer} is a value of {leaf} itself, not a gradient: {asked} says how fast {root} changes with it.",
    zh="{answer} 是 {leaf} 自己取过的值，不是梯度：{asked} 说的是它变化时 {root} 变化得多快。",
)
BACKWARD_RETURNS = Meaning(
    "BACKWARD-RETURNS",
    en="{answer} is the gradient of {name}, but backward() does not hand it over: it puts it into .grad.",
    zh="{answer} 是 {name} 的梯度，但 backward() 并不交给你：它把梯度放进 .grad。",
)
CONSTANT_DROPPED = Meaning(
    "CONSTANT-DROPPED",
    en="{answer} comes out if the constant factor at {name} falls away; it stays, as the slope of 5x is 5.",
    zh="{name} 处的常数因子若去掉，才会得到 {answer}；它要留下，就像 5x 的斜率是 5。",
)
LAST_STEP_ONLY = Meaning(
    "LAST-STEP-ONLY",
    en="{answer} is what arrives at {name}; from there the walk goes on to {leaf}, and each step multiplies by its own slope.",
    zh="{answer} 是到达 {name} 的梯度；反向传播还要从那里继续走到 {leaf}，每一步都乘上自己的斜率。",
)
FIRST_STEP_ONLY = Meaning(
    "FIRST-STEP-ONLY",
    en="{answer} is the slope of {name} with respect to {leaf}; but the walk starts at {root}.",
    zh="{answer} 是 {name} 对 {leaf} 的斜率；但反向传播从 {root} 出发。",
)
WHOLE_ROAD = Meaning(
    "WHOLE-ROAD",
    en="{answer} is what arrives at {name}, further back; {asked} is what passes {leaf} on the way there.",
    zh="{answer} 是到达更后面的 {name} 的梯度；{asked} 是途中经过 {leaf} 时的梯度。",
)
GRAD_ON_OUTPUT = Meaning(
    "GRAD-ON-OUTPUT",
    en="The walk starts at {name} with {answer}; on the way to {leaf} each step multiplies it by its own slope.",
    zh="反向传播从 {name} 处带着 {answer} 出发；到 {leaf} 的路上，每一步都乘上自己的斜率。",
)
ONE_ARROW_ONLY = Meaning(
    "ONE-USE-ONLY",
    en="{answer} comes out if only one of the arrows that meet counts; what they bring is added.",
    zh="汇合的箭头只算一个，才会得到 {answer}；它们带来的数要相加。",
)
USES_MULTIPLIED = Meaning(
    "USES-MULTIPLIED",
    en="{answer} comes out if what arrives is multiplied; where arrows meet, it is added.",
    zh="到达的数若相乘，才会得到 {answer}；箭头汇合之处要相加。",
)
ARROWS_AVERAGED = Meaning(
    "ACCUMULATION-AVERAGES",
    en="{answer} comes out if what arrives is averaged; where arrows meet, it is added.",
    zh="到达的数若取平均，才会得到 {answer}；箭头汇合之处要相加。",
)
SLOPES_ADDED = Meaning(
    "SLOPES-ADDED",
    en="{answer} comes out if slopes along one road are added; they are multiplied, and only where roads meet is there a sum.",
    zh="把同一条路上的斜率相加，才会得到 {answer}；它们要相乘，只有几条路汇合时才相加。",
)
ONE_GRADIENT_PER_ARROW = Meaning(
    "ONE-GRADIENT-PER-ARROW",
    en="Each arrow does bring a gradient of its own, but {leaf} keeps them in one {asked}, where they are added.",
    zh="每个箭头确实各带来一个梯度，但 {leaf} 只有一个 {asked}，它们在那里相加。",
)
OWN_FACTOR = Meaning(
    "OWN-VALUE",
    en="{answer} comes out if a factor gets its own value as slope; in a product each gets that of the other.",
    zh="因子若以自己的值为斜率，才会得到 {answer}；在乘积里，每个因子得到的是另一个的值。",
)
OTHER_LEAF = Meaning(
    "OTHER-LEAF",
    en="{answer} is what arrives at {name}; asked for is {asked}.",
    zh="{answer} 是到达 {name} 的梯度；问的是 {asked}。",
)
STEP_LEFT_OUT = Meaning(
    "STEP-LEFT-OUT",
    en="{answer} comes out if {name} passes on what it receives; but first it multiplies by its own slope.",
    zh="{name} 若把收到的数原样传下去，才会得到 {answer}；它要先乘上自己的斜率。",
)
STEP_TWICE = Meaning(
    "STEP-TWICE",
    en="{answer} comes out if the slope of {name} is counted twice.",
    zh="把 {name} 的斜率算了两次，才会得到 {answer}。",
)
UNNAMED_VALUE = Meaning(
    "GRAD-IS-VALUE",
    en="{answer} is the value that {name} gives on the way, not a gradient: {asked} says how fast {root} changes with {leaf}.",
    zh="{answer} 是途中 {name} 给出的值，不是梯度：{asked} 说的是 {leaf} 变化时 {root} 变化得多快。",
)
FINITE_DIFFERENCE = Meaning(
    "FINITE-DIFFERENCE",
    en="{answer} is how far {root} moves when {leaf} goes from {here} to {point}; the gradient is the slope right at {here}.",
    zh="{answer} 是 {leaf} 从 {here} 走到 {point} 时 {root} 的变化量；梯度是恰好在 {here} 处的斜率。",
)
SIGN = Meaning(
    "SIGN",
    en="The size is right, the sign is not.",
    zh="大小对了，符号反了。",
)
HALF = Meaning(
    "HALF",
    en="Nearly: a factor of 2 is missing. What counts twice?",
    zh="差一点：少了一个因子 2。是什么要算两次？",
)
DOUBLE = Meaning(
    "DOUBLE",
    en="Nearly: there is a factor of 2 too many. What was counted twice?",
    zh="差一点：多了一个因子 2。是什么算了两次？",
)
POINT_MOVED = Meaning(
    "POINT-MOVED",
    en="The digits are right; is there a zero too many, or the point in another place?",
    zh="数字都对；是不是多了或少了一个零，或者小数点的位置不对？",
)
SUM_IS_MEAN = Meaning(
    "SUM=MEAN",
    en="{answer} comes out if sum and mean change places: a sum sends its gradient to each part whole, a mean divides it.",
    zh="把求和与求平均对调，才会得到 {answer}：求和把梯度完整地传给每一项，求平均则要除以个数。",
)
