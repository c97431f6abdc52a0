"""Small wrong changes to a program, one at a time, to see whether a test notices."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}
SWAPPED = {}
for pair in (
    ("sum", "mean"),
    ("max", "min"),
    ("any", "all"),
    ("exp", "sin"),
    ("sqrt", "exp"),
    ("ones", "zeros"),
    ("ones_like", "zeros_like"),
    ("append", "count"),
    ("sorted", "list"),
    ("reversed", "list"),
    ("isclose", "eq"),
):
    SWAPPED |= {pair[0]: pair[1]} | ({pair[1]: pair[0]} if pair[1] != "list" else {})
DROPPED = {"detach", "clone", "retain_grad", "requires_grad_", "zero_", "item"}
DROPPED |= {"abs", "sum", "double", "strip", "lower", "norm", "flatten", "tolist"}
FROZEN = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Pass)
FROZEN += (ast.Global, ast.Nonlocal, ast.AsyncFunctionDef)


@dataclass(frozen=True, eq=False)
class Mutant:
    """Hold what was changed where in a program."""

    place: str
    before: str
    after: str
    program: ast.Module
    node: ast.AST
    changed: object  # what stands in the node's place

    @property
    def source(self) -> str:
        """Write the changed program down: slow work, so only when it is tried."""
        swap = Swap(self.node, self.changed)
        changed = swap.visit(copy_but(self.program, self.node))
        return ast.unparse(ast.fix_missing_locations(changed))

    def __str__(self) -> str:
        return f"{self.place}: {self.before} -> {self.after}"


def mutants_of(source: str, place: str = "") -> list[Mutant]:
    """Return the mutants of a program."""
    tree = ast.parse(source)
    return [
        Mutant(name, brief(node), brief(changed), tree, node, changed)
        for node, name in named(tree, place)
        for changed in variants(node)
    ]


def named(tree: ast.AST, place: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield each node that is code, with the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        if is_silent(node, tree):
            continue
        name = getattr(node, "name", None)
        inside = f"{place}.{name}" if isinstance(name, str) and place else place
        yield node, place
        yield from named(node, inside)


def is_silent(node: ast.AST, parent: ast.AST) -> bool:
    """Tell whether a node is an annotation, a docstring or a guard."""
    if is_guard(node):
        return True
    if is_text(node):
        return not isinstance(parent, ast.Module | ast.If)
    annotations = [getattr(parent, key, None) for key in ("annotation", "returns")]
    return any(node is each for each in annotations)


def is_text(node: ast.AST) -> bool:
    """Tell whether a statement is nothing but a string."""
    value = getattr(node, "value", None) if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def is_guard(node: ast.AST) -> bool:
    """Tell whether it is the `strict=True` of a zip whose lengths always agree."""
    return isinstance(node, ast.keyword) and node.arg == "strict"


class Swap(ast.NodeTransformer):
    """Put one node in the place of another."""

    def __init__(self, old: ast.AST, new: object):
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> object:
        return self.new if node is self.old else super().visit(node)


def copy_but(tree: ast.AST, kept: ast.AST) -> ast.AST:
    """Copy a tree, but for one node, which stays findable."""
    return copy.deepcopy(tree, {id(kept): kept})


def brief(node: object) -> str:
    nodes = node if isinstance(node, list) else [node]
    text = "; ".join(ast.unparse(each) for each in nodes)
    return " ".join(text.split())[:70]


# ---------------------------------------------------------------- the changes


def variants(node: ast.AST) -> Iterator[object]:
    """Yield what may stand in a node's place."""
    if isinstance(node, ast.Constant):
        yield from map(ast.Constant, other_constants(node.value))
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp):
        yield from with_operator(node, node.op)
    if isinstance(node, ast.Compare):
        yield from other_comparisons(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield node.operand
    if isinstance(node, ast.Call):
        yield from other_calls(node)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield replaced(node, test=ast.UnaryOp(ast.Not(), node.test))
    if isinstance(node, ast.With):
        yield node.body
    if isinstance(node, ast.stmt) and not isinstance(node, FROZEN):
        yield ast.Pass()


def replaced(node: ast.AST, **fields: object) -> ast.AST:
    """Return a shallow copy of a node with some fields changed."""
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


def other_constants(value: object) -> list[object]:
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int | float):
        return [value + 1]
    if isinstance(value, str):
        return [value + "x"]
    return []


def with_operator(node: ast.AST, operator: ast.AST) -> Iterator[ast.AST]:
    if type(operator) in OPERATORS:
        yield replaced(node, op=OPERATORS[type(operator)]())


def other_comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for at, operator in enumerate(node.ops):
        ops = [*node.ops]
        ops[at] = OPERATORS[type(operator)]()
        yield replaced(node, ops=ops)


def other_calls(node: ast.Call) -> Iterator[ast.AST]:
    """Drop the call or one keyword, or call a neighbour."""
    called = node.func
    if isinstance(called, ast.Attribute) and called.attr in DROPPED:
        yield called.value
    if isinstance(called, ast.Attribute) and called.attr in SWAPPED:
        yield replaced(node, func=replaced(called, attr=SWAPPED[called.attr]))
    if isinstance(called, ast.Name) and called.id in SWAPPED:
        yield replaced(node, func=replaced(called, id=SWAPPED[called.id]))
    for keyword in node.keywords:
        if is_guard(keyword):
            continue
        rest = [each for each in node.keywords if each is not keyword]
        yield replaced(node, keywords=rest)
