"""One small change of a judgment at a time: what can be changed in a module, and the module with that one change.

A mutant is named by its file, its function and its words (`a < b → a <= b`), not by its line, so that its name, its
place in the sample and its line in `survivors.yaml` stay when other code moves.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

BOUNDARY = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
NEGATED = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
SWAPPED_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
SWAPPED_SUMS = {ast.Add: ast.Sub, ast.Sub: ast.Add}
LEAVES = (ast.Return, ast.Continue, ast.Break, ast.Raise)
SHOWN = 110  # characters of a changed expression; the number after it tells those apart that begin alike


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: `key` names it for good, a test must touch one of `lines` to notice it, `number` finds it again."""

    path: str
    number: int
    key: str
    lines: frozenset[int]

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".")

    def rank(self, seed: str) -> str:
        """Its place in the sample: by digest of its words, so that neither a change elsewhere nor a file that moves
        takes more than a few in or out."""
        return hashlib.sha256(f"{seed}:{self.key.partition('::')[2]}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """A change that can be made to a tree in place, and how it reads."""

    where: str
    text: str
    lines: frozenset[int]
    make: Callable[[], None]


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its source."""
    seen: Counter[str] = Counter()
    found = []
    for number, change in enumerate(_changes(ast.parse(source))):
        key = f"{path}::{change.where}: {change.text}"
        seen[key] += 1
        found.append(Mutant(path, number, key if seen[key] == 1 else f"{key} #{seen[key]}", change.lines))
    return found


def mutated(mutant: Mutant, root: Path) -> ast.Module:
    """The module with this one change, and the line numbers that it had."""
    tree = ast.parse((root / mutant.path).read_text())
    for number, change in enumerate(_changes(tree)):
        if number == mutant.number:
            change.make()
            break
    return ast.fix_missing_locations(tree)


def _changes(tree: ast.Module) -> Iterator[Change]:
    yield from _inside(tree, "module", frozenset())


def _inside(node: ast.AST, where: str, lines: frozenset[int]) -> Iterator[Change]:
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        where = node.name if where == "module" else f"{where}.{node.name}"
    if isinstance(node, ast.stmt):
        header = node.test if isinstance(node, (ast.If, ast.While)) else node
        last = (
            node.lineno if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.For, ast.With)) else header.end_lineno
        )
        lines = frozenset(range(node.lineno, (last or node.lineno) + 1))
    for before, after, make in _of_node(node, where == "module"):
        near = (
            frozenset(range(node.lineno, node.end_lineno + 1))
            if isinstance(node, ast.expr) and node.end_lineno
            else lines
        )
        yield Change(where, f"{_short(before)} → {_short(after)}", near or lines, make)
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _inside(child, where, lines)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


Edit = tuple[str, str, Callable[[], None]]


def _of_node(node: ast.AST, at_top: bool) -> Iterator[Edit]:
    match node:
        case ast.Compare():
            yield from _compare(node)
        case ast.BoolOp():
            yield _with(node, "op", ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED_CALLS:
            yield _with(node, "func", ast.Name(SWAPPED_CALLS[name], ast.Load()))
        case ast.Return(value=ast.Constant(value=bool() as said)):
            yield _with(node, "value", ast.Constant(not said))
        case ast.If(body=[*_, last], orelse=[]) if isinstance(last, LEAVES):
            yield f"if {ast.unparse(node.test)}:", "no guard", _setter(node, "test", ast.Constant(False))
        case ast.comprehension(ifs=[_, *_]):
            yield from _filters(node)
    yield from _numbers(node, at_top)
    yield from _negations(node)


def _numbers(node: ast.AST, at_top: bool) -> Iterator[Edit]:
    """Steps to the other side, and days, hours and thresholds that are one more."""
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=right) if _is_step(right):
            yield _with(node, "op", SWAPPED_SUMS[type(node.op)]())
        case ast.keyword(arg="days" | "weeks" | "hours", value=ast.Constant(value=int() as number)):
            yield _with(node, "value", ast.Constant(number + 1))
        case ast.Assign(value=ast.Constant(value=int() as number)) if at_top and not isinstance(number, bool):
            yield _with(node, "value", ast.Constant(number + 1))


def _negations(node: ast.AST) -> Iterator[Edit]:
    """Each `not` directly below, without it."""
    for name, value in ast.iter_fields(node):
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.UnaryOp) and isinstance(child.op, ast.Not):
                operand = child.operand
                setter = (
                    _item_setter(value, place, operand) if isinstance(value, list) else _setter(node, name, operand)
                )
                yield ast.unparse(child), ast.unparse(operand), setter


def _is_step(node: ast.expr) -> bool:
    """A step of days or of one: `timedelta(...)`, a constant such as DAY, a whole number."""
    match node:
        case ast.Constant(value=int()) | ast.Call(func=ast.Name(id="timedelta")):
            return True
        case ast.Name(id=name):
            return "DAY" in name.upper()
    return False


def _compare(node: ast.Compare) -> Iterator[Edit]:
    for place, operator in enumerate(node.ops):
        other = (BOUNDARY | NEGATED)[type(operator)]()
        changed = ast.Compare(node.left, [*node.ops[:place], other, *node.ops[place + 1 :]], node.comparators)
        yield ast.unparse(node), ast.unparse(changed), _item_setter(node.ops, place, other)
    for place, against in enumerate(node.comparators):
        if isinstance(against, ast.Constant) and isinstance(against.value, int) and not isinstance(against.value, bool):
            more = ast.Constant(against.value + 1)
            changed = ast.Compare(
                node.left, node.ops, [*node.comparators[:place], more, *node.comparators[place + 1 :]]
            )
            yield ast.unparse(node), ast.unparse(changed), _item_setter(node.comparators, place, more)


def _filters(node: ast.comprehension) -> Iterator[Edit]:
    for place, kept in enumerate(node.ifs):
        yield (
            f"for {ast.unparse(node.target)} … if {ast.unparse(kept)}",
            "no filter",
            _item_setter(node.ifs, place, ast.Constant(True)),
        )


def _with(node: ast.AST, name: str, value: ast.AST) -> Edit:
    """The change of one field, and how the node reads before and after it."""
    was = getattr(node, name)
    before = ast.unparse(node)
    setattr(node, name, value)
    after = ast.unparse(ast.fix_missing_locations(node))
    setattr(node, name, was)
    return before, after, _setter(node, name, value)


def _setter(node: ast.AST, name: str, value: ast.AST) -> Callable[[], None]:
    return lambda: setattr(node, name, value)


def _item_setter(items: list[ast.AST], place: int, value: ast.AST) -> Callable[[], None]:
    return lambda: items.__setitem__(place, value)
