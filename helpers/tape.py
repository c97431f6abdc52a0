"""The text twin of a picture: the graph as a table, the walk as numbered steps."""

from collections.abc import Iterable, Iterator

from .graph import Edge, Graph, Node
from .language import Text

MOST_NUMBERS = 6  # more are shown as a shape
UNKNOWN = "?"

GRAD_NOW = Text(".grad now: {leaves}", ".grad 现值：{leaves}")
ALT = Text(
    "Graph of {roots}: {leaves} at the top, {count} operation(s) below.",
    "{roots} 的计算图：上方是 {leaves}，下方有 {count} 个运算。",
)
CUT_OFF = Text(
    "The graph goes on above what is drawn: {count} arrow(s) come from beyond.",
    "图在上方还有延续：有 {count} 条箭头来自未画出的部分。",
)
NOT_SEEN = Text(
    "? marks numbers that PyTorch did not keep; compute inside `with watch():`.",
    "? 表示 PyTorch 没有保留的数；请把计算放进 `with watch():`。",
)


# ---- numbers ----------------------------------------------------------------


def number(value: object, digits: int = 4) -> str:
    """Write a number: whole ones in full, others with `digits` digits, never -0."""
    if isinstance(value, bool | complex):
        return str(value)
    if value == int_or_none(value) and abs(value) < 1_000_000:
        return str(int(value))
    return f"{value + 0.0:.{digits}g}"


def int_or_none(value: object) -> int | None:
    """Return the whole number that a value is, if it is finite."""
    return int(value) if abs(value) < float("inf") else None


def show(value: object) -> str:
    """Write a value: a number, a short vector, a small matrix, or else a shape."""
    if value is None:
        return UNKNOWN
    if isinstance(value, tuple):
        return " | ".join("None" if part is None else show(part) for part in value)
    if not hasattr(value, "numel"):
        return number(value) if isinstance(value, int | float | complex) else str(value)
    if value.is_meta or value.numel() > MOST_NUMBERS or value.dim() > 2:
        return "shape " + "×".join(map(str, value.shape))
    if value.dim() == 0:
        return number(value.item())
    return rows(value.tolist())


def rows(values: list) -> str:
    """Write nested lists of numbers as [1 2][3 4]."""
    if values and isinstance(values[0], list):
        return "[" + "".join(map(rows, values)) + "]"
    return "[" + " ".join(number(value, 3) for value in values) + "]"


# ---- the table --------------------------------------------------------------


def tape(graph: Graph) -> str:
    """Write the graph as a table, one line a box, inputs before what uses them."""
    shown = [node for node in graph.nodes if node.op != "constant"]
    heads = ["", "name", "op", "inputs", "value", "gradient"][: 6 if graph.walk else 5]
    lines = [heads]
    for row, node in enumerate(shown):
        gradient = "" if node.grad is None else show(node.grad)
        cells = [str(row), node.label, node.op, inputs(graph, node), show(node.value)]
        lines.append([*cells, gradient][: len(heads)])
    return "\n".join(aligned(lines))


def aligned(lines: list[list[str]]) -> Iterator[str]:
    """Pad the columns of a table, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        yield "  ".join(cells).rstrip()


def inputs(graph: Graph, node: Node) -> str:
    """List what goes into a box; constants stand in brackets."""
    sources = (graph.node(edge.source) for edge in arrows_into(graph, node.id))
    return ", ".join(
        f"({constant(source)})" if source.op == "constant" else source.label
        for source in sources
    )


def constant(node: Node) -> str:
    """Write a constant: its name, if it has one, and its value."""
    return f"{node.name} {show(node.value)}".strip()


def arrows_into(graph: Graph, node_id: str) -> list[Edge]:
    """List the arrows into a box, in the order of its inputs."""
    return [edge for edge in graph.edges if edge.target == node_id]


# ---- the walk ---------------------------------------------------------------


def steps(graph: Graph) -> list[str]:
    """Write the walk back, one numbered line for each box that it reaches."""
    return [
        f"{number}. {step(graph, graph.node(node_id))}"
        for number, node_id in enumerate(graph.walk, 1)
    ]


def step(graph: Graph, node: Node) -> str:
    """Say what one box receives and passes on, or adds to its .grad."""
    if node.op == "leaf":
        return f"{node.label}: .grad += {show(node.grad)}"
    sent = [
        f"{graph.node(edge.source).label} gets {show(edge.grad)}"
        for edge in arrows_into(graph, node.id)
        if edge.grad is not None
    ]
    return "; ".join([f"{node.label} ({node.op}): receives {show(node.grad)}", *sent])


# ---- the whole twin ---------------------------------------------------------


def describe(graph: Graph) -> str:
    """Say in one sentence what the picture shows, for those who cannot see it."""
    leaves = [node.label for node in graph.nodes if node.op == "leaf"]
    count = sum(node.op not in ("leaf", "constant") for node in graph.nodes)
    roots = ", ".join(graph.node(root).label for root in graph.roots)
    return ALT(roots=roots, leaves=", ".join(leaves), count=count)


def twin(graph: Graph, notes: Iterable[str] = ()) -> str:
    """Write everything that the picture shows, in words and numbers."""
    leaves = (node for node in graph.nodes if node.op == "leaf")
    held = ", ".join(
        f"{leaf.label} {'None' if leaf.held is None else show(leaf.held)}"
        for leaf in leaves
    )
    lines = [describe(graph), tape(graph), *steps(graph), GRAD_NOW(leaves=held)]
    if graph.cut_off:
        lines.append(CUT_OFF(count=graph.cut_off))
    if any(node.value is None for node in graph.nodes):
        lines.append(NOT_SEEN())
    return "\n".join([*lines, *notes])
