"""Tell which cells show what follows from a program: by its names, or its lines again.

Nothing is run; a name counts as the program's until a cell gives it to something else.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

WORKS = ast.BinOp, ast.BoolOp, ast.Compare, ast.IfExp
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda
COMPREHENSIONS = ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp


class Step(NamedTuple):
    """Hold what a line of a program reads, binds and computes."""

    reads: set[str]
    binds: set[str]
    computes: dict[str, set[str]]  # and the names out of which it does
    dump: str


@cache
def list_steps(source: str) -> list[Step]:
    """Return the steps of a program in their order."""
    return list(map(read_step, flatten(parse_program(source).body)))


@cache
def parse_program(source: str) -> ast.Module:
    """Parse a cell without its magics; what could not have run says nothing."""
    try:
        return ast.parse(re.sub(r"(?m)^\s*[%!?].*|;\s*$", "", source))
    except SyntaxError:
        return ast.Module([], [])


def flatten(body: Iterable[ast.AST]) -> Iterator[list[ast.AST]]:
    """Yield the parts of each statement that belong together, the outer ones first."""
    for node in body:
        inner = [] if isinstance(node, FUNCTIONS) else list_inner(node)
        outer = [it for it in ast.iter_child_nodes(node) if it not in inner]
        if outer or not inner:  # `try` has nothing of its own
            yield outer if inner else [node]
        yield from flatten(inner)


def list_inner(node: ast.AST) -> list[ast.AST]:
    kinds = ast.stmt, ast.ExceptHandler, ast.match_case
    return [it for it in ast.iter_child_nodes(node) if isinstance(it, kinds)]


def read_step(nodes: list[ast.AST]) -> Step:
    parts = nodes if is_definition(nodes[0]) else list_parts(nodes)
    return Step(
        reads={name for node in nodes for name in list_reads(node)},
        binds={name for node in nodes for name in list_binds(node)},
        computes={
            ast.dump(part): list_ingredients(part)
            for part in parts
            if is_computation(part, parts)
        },
        dump="".join(map(ast.dump, nodes)),
    )


def is_definition(node: ast.AST) -> bool:
    """Tell whether a statement computes nothing before it is called."""
    return isinstance(node, FUNCTIONS) and not isinstance(node, ast.Lambda)


def list_parts(nodes: list[ast.AST]) -> list[ast.AST]:
    return [part for node in nodes for part in ast.walk(node)]


def list_reads(node: ast.AST) -> set[str]:
    """Return the names that a step takes from outside of itself."""
    names = [it for it in ast.walk(node) if isinstance(it, ast.Name)]
    changed = {
        it.target.id
        for it in ast.walk(node)
        if isinstance(it, ast.AugAssign) and isinstance(it.target, ast.Name)
    }
    read = {it.id for it in names if isinstance(it.ctx, ast.Load)}
    return (read - list_locals(node)) | changed


def list_locals(node: ast.AST) -> set[str]:
    """Return the names that live only within functions and comprehensions."""
    own = set()
    for part in ast.walk(node):
        if isinstance(part, FUNCTIONS):
            inner = [it for it in ast.walk(part) if it is not part]
            own |= {it.arg for it in inner if isinstance(it, ast.arg)}
            own |= {name for it in inner for name in list_binds(it)}
        if isinstance(part, COMPREHENSIONS):
            own |= {it for each in part.generators for it in list_binds(each.target)}
    return own


def list_binds(node: ast.AST) -> set[str]:
    """Return the names that a step gives a value to."""
    if isinstance(node, FUNCTIONS):
        return {node.name} if hasattr(node, "name") else set()
    if isinstance(node, COMPREHENSIONS):
        return set()
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    if isinstance(node, ast.alias):  # in an import
        return {(node.asname or node.name).partition(".")[0]}
    return {it for each in ast.iter_child_nodes(node) for it in list_binds(each)}


def is_computation(part: ast.AST, parts: list[ast.AST]) -> bool:
    """Tell whether an expression computes something out of names that it is given.

    Of the formulas only whole ones count, and the arguments of calls.
    """
    if isinstance(part, ast.AugAssign):
        return True
    whole = any(
        part in it.args if isinstance(it, ast.Call) else vars(it).get("value") is part
        for it in parts
    )
    works = whole and isinstance(part, WORKS)
    return works or (isinstance(part, ast.Call) and bool(part.args or part.keywords))


def list_ingredients(part: ast.AST) -> set[str]:
    """Return the names in an expression; of `y.backward(v)` only `v`."""
    if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
        return {it for each in (*part.args, *part.keywords) for it in list_reads(each)}
    return list_reads(part)


class Program:
    """Follow what a program makes through the cells below it.

    `known` are the names of the page: an expression that reads none of them only
    makes a leaf, and whoever repeats that repeats nothing.
    """

    def __init__(self, source: str, known: set[str]):
        steps = list_steps(source)
        self.made = {(name, step.dump) for step in steps for name in step.binds}
        self.mine = {name for name, _ in self.made}
        self.known = known | self.mine
        computed = [it for step in steps for it in step.computes.items()]
        self.again = {dump for dump, names in computed if names & self.known}
        self.bound: dict[str, str] = {}  # by cells, since then

    def is_followed_by(self, source: str, near: bool) -> bool:
        """Tell whether the next cell reads what the program made, or computes it again.

        Far from it, in another section, a line that is given other numbers is another.
        """
        follows = [self.take(step, near) for step in list_steps(source)]
        return any(follows)

    def take(self, step: Step, near: bool) -> bool:
        repeated = any(
            near or self.has_same(names)
            for dump, names in step.computes.items()
            if dump in self.again
        )
        follows = repeated or bool(step.reads & self.mine)
        if follows:
            self.mine |= step.binds | (step.reads & self.known if repeated else set())
        else:
            self.mine -= step.binds
        self.bound |= dict.fromkeys(step.binds, step.dump)
        return follows

    def has_same(self, names: set[str]) -> bool:
        """Tell whether names stand for what they stood for in the program."""
        return all(
            (name, self.bound[name]) in self.made for name in names & {*self.bound}
        )
