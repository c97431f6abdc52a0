"""The text twin of a picture: the graph as a table, the walk as numbered steps."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from torch import Tensor

from ..graph.contract import list_frames
from ..graph.data import Edge, Graph, ModuleBox, Node, Value, constant
from ..language import Sentence, Text, join_sentences
from ..sizes import find_size
from ..wording import UNKNOWN, UPTO, write_number, write_value
from .fonts import columns_of

MOST_NAMES = 6  # in one sentence
MOST_KINDS = 8  # of operations, in one sentence
HEADS = (
    Text("name", "名称"),
    Text("op", "运算"),
    Text("inputs", "输入"),
    Text("value", "值"),
    Text("gradient", "梯度"),
)
RECEIVES = Text("{title}: receives {gradient}", "{title}：收到 {gradient}")
GETS = Text("{source} gets {gradient}", "{source} 得到 {gradient}")
ADDS = Text("{leaf}: .grad += {gradient}", "{leaf}：.grad += {gradient}")
AND_THEN = Text("; ", "；")
GRAD_NOW = Text(".grad now: {leaves}", ".grad 现在是：{leaves}")
ALT = Text(
    "Graph of {roots}: {leaves} at the top, {operations} below.",
    "{roots} 的计算图：上方是 {leaves}，下方是 {operations}。",
)
ALONE = Text(
    "{leaves}: a leaf, from which nothing has been computed here.",
    "{leaves}：叶子张量，这里还没有由它计算出任何东西。",
)
ONE_SIZE = Text(
    "Largest absolute gradient of {leaves}: {high}.",
    "{leaves} 的梯度的最大绝对值：{high}。",
)
SIZES = Text(
    "Largest absolute gradient of a leaf: from {low} ({leaf}) to {high} ({other}).",
    "叶子张量梯度的最大绝对值：从 {low}（{leaf}）到 {high}（{other}）。",
)
SPOILT = Text(
    "There is nan or inf in the gradient of {leaves}.",
    "{leaves} 的梯度中有 nan 或 inf。",
)
ALT_MODULES = Text(
    "Graph of {roots}, with modules as boxes: {modules}; {operations} in all.",
    "{roots} 的计算图，模块各画成一个方框：{modules}；总共 {operations}。",
)
PARAMETERS = Text("1 parameter", "1 个参数"), Text("{n} parameters", "{n} 个参数")
OPENED = Text("{title}, opened: {boxes}", "{title}，已展开：{boxes}")
REPEATED = (
    Text(
        "{names}: the same module, called {count} times.",
        "{names}：同一个模块，调用了 {count} 次。",
    ),
    Text(
        "{names}: each of them one module, called {count} times.",
        "{names}：各是一个模块，分别调用了 {count} 次。",
    ),
)
SHARED = Text("{names}: these share weights.", "{names}：它们共享权重。")
IN_PARTS = Text(
    "{title} is drawn in {count} parts: something that ran elsewhere meanwhile used "
    "what it had computed and gave it back.",
    "{title} 分成 {count} 部分画出：它算到一半时，别处运行的代码用了它的结果，"
    "又传了回来。",
)
BEYOND = Text("a part that is not drawn", "未画出的部分")
LARGE = Text(
    "A large graph of {operations} operations: {kinds}.",
    "一张很大的图，共有 {operations} 个运算：{kinds}。",
)
LARGER = Text(
    "A large graph of {operations} operations; those nearest to the result: {kinds}.",
    "一张很大的图，{operations} 个运算；离结果最近的是：{kinds}。",
)
DEEPEST = Text(
    "The deepest road: {depth} operations.", "最长的一条路：{depth} 个运算。"
)
LEAVES = Text("Leaves: {leaves}.", "叶子张量：{leaves} 个。")
ALL_PARAMETERS = Text(
    "Parameters: {parameters}; numbers in them: {numbers}.",
    "参数（parameter）：{parameters} 个，{numbers} 个数。",
)
AT_LEAST = Text("at least {count}", "至少 {count}")
OTHER_KINDS = Text("{kinds} other kinds {count}", "其他 {kinds} 种 {count}")
OPERATIONS = Text("1 operation", "1 个运算"), Text("{n} operations", "{n} 个运算")
AND_MORE = Text("{first} and {rest} more", "{first} 以及另外 {rest} 个")
CUT_OFF = Text(
    "Only the {drawn} operations nearest to the result are drawn; arrows that come "
    "from beyond them: {count}.",
    "只画出了离结果最近的 {drawn} 个运算；另有 {count} 个箭头来自未画出的部分。",
)
FOLDED = Text(
    "A box with × stands for a step that repeats; fold=False draws each one.",
    "带 × 的方框代表重复的步骤；fold=False 可逐一画出。",
)
SUMMED = Text(
    "Σ marks a sum over the arrows of all repetitions.",
    "Σ 表示把所有重复步骤的箭头上的数加起来。",
)
SIZED = Text(
    "After a shape, ± marks the largest absolute value.",
    "形状后面的 ± 表示绝对值的最大值。",
)
NOT_SEEN = Text(
    "? marks numbers that PyTorch did not keep; compute inside `with watch():`.",
    "? 表示 PyTorch 没有保留的数；请把计算放进 `with watch():`。",
)
LET_GO = Text(
    "? marks numbers that were not kept: there was more in `with watch():` than it can "
    "keep; watch a shorter part.",
    "? 表示没有保留的数：`with watch():` 里的运算太多，存不下；请只观察较短的一段。",
)


def write_table(graph: Graph) -> str:
    """Write the graph as a table, one line a box, inputs before what uses them."""
    lines = [["", *(head() for head in HEADS)]]
    for node in graph.nodes:
        if node.op != "constant":
            row, inputs = str(len(lines) - 1), list_inputs(graph, node)
            value = write_value(node.value, UNKNOWN)
            gradient = "" if node.grad is None else write_value(node.grad)
            lines.append([row, node.label, write_op(node), inputs, value, gradient])
    columns = len(lines[0]) if graph.walk else len(lines[0]) - 1
    return "\n".join(align_columns([line[:columns] for line in lines]))


def write_op(node: Node) -> str:
    """Write what a box does; of a module who it is, and what it holds."""
    if node.module is None:
        return node.op
    title = node.module.kind if node.module.path == node.label else node.module.title
    return ", ".join([title + node.module.marks, *describe_module(node.module)])


def describe_module(module: ModuleBox) -> list[str]:
    """Say how many parameters a module has, and what their .grad holds now."""
    if not module.parameters:
        return []
    most = None if module.grad is None else write_number(module.grad)
    held = f"max |.grad| {most}" if most else ".grad None"
    return [write_parameters(module), held]


def write_parameters(module: ModuleBox) -> Sentence:
    """Write how many numbers a module learns."""
    return write_count(module.parameters or 0, *PARAMETERS)


def align_columns(lines: list[list[str]]) -> Iterator[str]:
    """Pad the columns of a table, two spaces apart."""
    widths = [max(map(columns_in, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(map(pad, line, widths)).rstrip()


def pad(text: str, width: int) -> str:
    return text + " " * (width - columns_in(text))


def columns_in(text: str) -> int:
    """Return how many columns a text takes: Chinese characters take two."""
    return sum(map(columns_of, text))


def list_inputs(graph: Graph, node: Node) -> str:
    """List what goes into a box; constants stand in brackets."""
    names = []
    for edge in graph.arrows_into(node.id):
        source = graph.node(edge.source)
        fixed = source.op == "constant"
        names.append(f"({constant(source)})" if fixed else source.label_of(edge.output))
    return ", ".join(names)


def describe_step(graph: Graph, node: Node, plainly: bool = False) -> str:
    """Say what one box receives and passes on, or adds to its .grad.

    `plainly` calls a box without a name what it does, as the picture does.
    """
    if node.op == "leaf":
        return ADDS(leaf=node.label, gradient=write_value(node.grad))
    title = node.op if plainly and not node.name else f"{node.label} ({node.op})"
    parts = [RECEIVES(title=title, gradient=write_value(node.grad))]
    for edge in graph.arrows_into(node.id):
        if edge.grad is not None:
            source = graph.node(edge.source)
            unnamed = plainly and not source.name and source.op != "leaf"
            name = source.op if unnamed else source.label_of(edge.output)
            parts.append(GETS(source=name, gradient=write_gradient(edge)))
    return AND_THEN().join(parts)


def write_gradient(edge: Edge) -> str:
    """Write what one walk sends along an arrow, or along all that it stands for."""
    return write_value(edge.grad) + (f" Σ{edge.count}" if edge.count > 1 else "")


def describe_graph(graph: Graph) -> str:
    """Say what the picture shows, for those who cannot see it."""
    leaves = list_names([node.label for node in graph.nodes if node.op == "leaf"])
    modules = [node.module.title for node in graph.nodes if node.module]
    leaves, count = leaves or BEYOND(), count_operations(graph)
    if count == 0:
        return ALONE(leaves=leaves)
    roots = list_names([graph.node(root).label for root in graph.roots])
    counted = write_count(count, *OPERATIONS)
    if modules:
        listed = list_names(list(dict.fromkeys(modules)))
        said = ALT_MODULES(roots=roots, modules=listed, operations=counted)
    else:
        said = ALT(roots=roots, leaves=leaves, operations=counted)
    return join_sentences([*write_summary(graph), said, *describe_sizes(graph)])


def write_summary(graph: Graph) -> list[Sentence]:
    """Say what a graph is that is too large to be drawn whole."""
    if (found := graph.summary) is None:
        return []
    counts = {
        "operations": sum(count for _, count in found.kinds),
        "depth": found.depth,
        "leaves": found.leaves,
        "parameters": found.parameters,
        "numbers": found.numbers,
    }
    told: dict[str, str] = {name: f"{count:,}" for name, count in counts.items()}
    if not found.whole:
        told = {name: AT_LEAST(count=count) for name, count in told.items()}
    told["kinds"] = list_kinds(found.kinds)
    sentences = [LARGE if found.whole else LARGER, DEEPEST]
    sentences += [LEAVES] if found.leaves else []
    sentences += [ALL_PARAMETERS] if found.parameters else []
    return [sentence(**told) for sentence in sentences]


def list_kinds(kinds: Sequence[tuple[str, int]]) -> str:
    """List kinds of operations with their counts; of very many, sum up the rest."""
    shown = len(kinds) if len(kinds) == MOST_KINDS + 1 else MOST_KINDS
    told = [f"{kind} {count:,}" for kind, count in kinds[:shown]]
    if rest := [count for _, count in kinds[shown:]]:
        told.append(OTHER_KINDS(kinds=len(rest), count=f"{sum(rest):,}"))
    return ", ".join(told)


def describe_sizes(graph: Graph) -> Iterator[Sentence]:
    """Say how large what arrives at the leaves is, where the picture tells sizes."""
    grads = {n.label: n.grad for n in graph.nodes if n.op == "leaf"}
    written = {name: grad for name, grad in grads.items() if isinstance(grad, Tensor)}
    if not any(UPTO in write_value(grad) for grad in written.values()):
        return
    sizes = {name: find_size(grad) for name, grad in written.items()}
    known = {name: size for name, size in sizes.items() if size}
    largest = {n: s.largest for n, s in known.items() if s.largest is not None}
    if largest:
        yield describe_range(largest)
    if spoilt := [name for name, size in known.items() if size.nans or size.infs]:
        yield SPOILT(leaves=list_names(spoilt))


def describe_range(largest: Mapping[str, float]) -> Sentence:
    """Say which leaf receives the least and which the most."""
    least, most = (pick(largest, key=largest.__getitem__) for pick in (min, max))
    low, high = (write_number(largest[leaf], most=4) for leaf in (least, most))
    if low == high:
        return ONE_SIZE(leaves=list_names([*largest]), high=high)
    return SIZES(low=low, leaf=least, high=high, other=most)


def count_operations(graph: Graph) -> int:
    """Count the operations, in folded boxes too."""
    return sum(n.count for n in graph.nodes if n.op not in ("leaf", "constant"))


def write_count(n: int, one: Text, many: Text) -> Sentence:
    """Write how many there are of something, in the form for one or for many."""
    return one() if n == 1 else many(n=n)


def list_names(names: list[str]) -> str:
    """List names; of very many, only the first."""
    first = ", ".join(names[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    return AND_MORE(first=first, rest=rest) if rest > 0 else first


def write_notes(graph: Graph) -> list[Sentence]:
    """Say what the reader of this picture has to know."""
    found: list[Sentence] = []
    if any(node.count > 1 and node.module is None for node in graph.nodes):
        found.append(FOLDED())
    if any(edge.count > 1 for edge in graph.edges):
        found.append(SUMMED())
    if graph.cut_off:
        found.append(CUT_OFF(drawn=count_operations(graph), count=graph.cut_off))
    if any(UPTO in write_value(value) for value in list_values(graph)):
        found.append(SIZED())
    found += note_modules(
        [*graph.opened.values(), *(node.module for node in graph.nodes if node.module)]
    )
    values = (node.value for node in graph.nodes)
    if any(None in v if isinstance(v, tuple) else v is None for v in values):
        found.append(LET_GO() if graph.let_go else NOT_SEEN())
    return found


def list_values(graph: Graph) -> Iterator[Value]:
    """Yield all that is written in a picture."""
    for node in graph.nodes:
        yield from (node.value, node.grad, node.held)
    yield from (edge.grad for edge in graph.edges)


def note_opened(graph: Graph) -> Iterator[Sentence]:
    """Say which boxes stand in the frame of an opened module."""
    for frame in list_frames(graph):
        module = graph.opened[frame.call]
        shown = (node for node in graph.nodes if node.id in frame.boxes)
        labels = [n.label for n in shown if n.op != "constant" or n.name]
        held = f", {write_parameters(module)}" if module.parameters else ""
        title = f"{module.title}{module.marks}{held}"
        yield OPENED(title=title, boxes=", ".join(labels))


def note_modules(modules: list[ModuleBox]) -> Iterator[Sentence]:
    """Say which modules stand in several boxes, and which share parameters."""
    often: dict[int, list[str]] = defaultdict(list)
    parted: dict[str, int] = {}
    shared: dict[tuple[str, ...], None] = {}
    for module in modules:
        name = module.path or module.kind
        if module.turns > 1 and name not in often[module.turns]:
            often[module.turns].append(name)
        if module.parts > 1:
            parted[name] = module.parts
        if module.shares:
            shared.setdefault(tuple(sorted({name, *module.shares})))
    for count, names in often.items():
        text = REPEATED[len(names) > 1]
        yield text(names=list_names(names), count=count)
    for name, count in parted.items():
        yield IN_PARTS(title=name, count=count)
    for group in shared:
        yield SHARED(names=list_names([*group]))


def write_twin(graph: Graph, said: Iterable[str] = ()) -> str:
    """Write everything that the picture shows, in words and numbers."""
    lines = [describe_graph(graph), write_table(graph)]
    for number, box in enumerate(graph.walk, 1):
        lines.append(f"{number}. {describe_step(graph, graph.node(box))}")
    lines += note_opened(graph)
    held = ", ".join(
        f"{leaf.label} {'None' if leaf.held is None else write_value(leaf.held)}"
        for leaf in graph.nodes
        if leaf.op == "leaf"
    )
    lines += [GRAD_NOW(leaves=held)] if held else []
    return "\n".join([*lines, *said])
