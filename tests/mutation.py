"""Mechanical mutations of a function: every small slip that can be made without thinking.

Operators, comparisons, constants, dropped terms and calls, exchanged names, lost statements,
exchanged results. One mutation a mutant.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator

OPERATORS = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}


def mutants(source: str) -> Iterator[tuple[str, str]]:
    """`(what was changed, mutated source)` for each mutation of the one function in `source`.

    The docstring, the signature and annotations stay as they are.
    """
    tree = ast.parse(source)
    function = tree.body[0]
    start = 1 if ast.get_docstring(function) is not None else 0
    original = ast.unparse(function)
    nodes = [node for statement in function.body[start:] for node in ast.walk(statement)]
    names = _names(function, start)
    seen = {original}
    for number, node in enumerate(nodes):
        for label, change in _changes(node, names):
            mutated = copy.deepcopy(tree)
            body = mutated.body[0].body[start:]
            target = [n for statement in body for n in ast.walk(statement)][number]
            replacement = change(target)
            if replacement is not target:
                _replace(mutated, target, replacement)
            text = ast.unparse(ast.fix_missing_locations(mutated.body[0]))
            if text not in seen:
                seen.add(text)
                yield f"line {node.lineno}: {label}", text
    for number in range(start, len(function.body)):
        if isinstance(function.body[number], (ast.Assign, ast.AugAssign, ast.Expr)):
            mutated = copy.deepcopy(function)
            del mutated.body[number]
            yield f"line {function.body[number].lineno}: statement dropped", ast.unparse(mutated)


def _names(function: ast.FunctionDef, start: int) -> list[str]:
    arguments = function.args
    every = [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
    for statement in function.body[start:]:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                every.append(node.id)
    return list(dict.fromkeys(every))


def _changes(node: ast.AST, names: list[str]) -> Iterator[tuple[str, Callable]]:
    if isinstance(node, ast.BinOp):
        for other in OPERATORS.get(type(node.op), ()):
            yield f"{type(node.op).__name__} → {other.__name__}", _setter("op", other)
        yield "right operand dropped", lambda n: n.left
        yield "left operand dropped", lambda n: n.right
    elif isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        other = COMPARISONS[type(node.ops[0])]
        yield f"{type(node.ops[0]).__name__} → {other.__name__}", _first_operator(other)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "minus dropped", lambda n: n.operand
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in (node.value + 1, node.value - 1, 2 * node.value):
            yield f"{node.value} → {value}", _constant(value)
    elif isinstance(node, ast.Call):
        if len(node.args) == 1:
            yield f"{ast.unparse(node.func)} dropped", lambda n: n.args[0]
        for index, keyword in enumerate(node.keywords):
            yield f"{keyword.arg}= dropped", _without_keyword(index)
        if len(node.args) >= 2:
            yield "first two arguments exchanged", _exchanged_arguments
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in names:
        for other in names:
            if other != node.id:
                yield f"{node.id} → {other}", _named(other)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield "results exchanged", _exchanged_results
    elif isinstance(node, ast.IfExp):
        yield "branches exchanged", lambda n: ast.IfExp(n.test, n.orelse, n.body)


def _setter(field: str, kind: type) -> Callable:
    def change(node):
        setattr(node, field, kind())
        return node

    return change


def _first_operator(kind: type) -> Callable:
    def change(node):
        node.ops[0] = kind()
        return node

    return change


def _constant(value: float) -> Callable:
    def change(node):
        node.value = value
        return node

    return change


def _named(name: str) -> Callable:
    def change(node):
        node.id = name
        return node

    return change


def _without_keyword(index: int) -> Callable:
    def change(node):
        del node.keywords[index]
        return node

    return change


def _exchanged_arguments(node: ast.Call) -> ast.Call:
    node.args[0], node.args[1] = node.args[1], node.args[0]
    return node


def _exchanged_results(node: ast.Return) -> ast.Return:
    node.value.elts.reverse()
    return node


def _replace(tree: ast.AST, old: ast.AST, new: ast.AST) -> None:
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, field, new)
            elif isinstance(value, list):
                for index, entry in enumerate(value):
                    if entry is old:
                        value[index] = new
