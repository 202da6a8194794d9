"""
Nothing is computed in vain: what `connectors/` and `policies/` offer, something in the product reads.

A fact that is read from a system and judged nowhere looks like a guard and is none. So every public function, method,
class and field of a data class there is used somewhere in the product itself, tests left out, and the facts by others
than the connectors that read them; what is not has its reason in `unread_allowed.yaml`. Protocols are promises of
others. Names are compared, not types: a field counts as read where any attribute of that name is.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
OFFERS, READS = ("connectors", "policies"), ("connectors", "policies", "reports", "auditor")
FACTS, JUDGES = ("connectors/facts/", "connectors/cloud/aws/estate.py"), ("policies", "reports", "auditor")
ALLOWED = yaml.safe_load((Path(__file__).parent / "unread_allowed.yaml").read_text())


@dataclass(frozen=True)
class Offered:
    """Something with a name that other code could use."""

    place: str
    """`policies/engine/case.py:Case.held`."""
    name: str


def offered(tree: ast.Module, path: str) -> Iterator[Offered]:
    """Yield what a module offers: functions, classes, their public methods, and the fields of data classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases):
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield Offered(f"{path}:{node.name}", node.name)
        if isinstance(node, ast.ClassDef):
            yield from (Offered(f"{path}:{node.name}.{name}", name) for name in members(node))


def members(node: ast.ClassDef) -> Iterator[str]:
    data = any("dataclass" in ast.unparse(decorator) for decorator in node.decorator_list)
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) and not part.name.startswith("_"):
            yield part.name
        field = data and isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
        if field and not part.target.id.startswith("_"):
            yield part.target.id


def read_in(tree: ast.Module) -> Iterator[str]:
    """Yield every name that a module loads, looks up, or names in a text where code is found by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
            yield node.id if isinstance(node, ast.Name) else node.attr
        elif isinstance(node, ast.MatchClass):
            yield from node.kwd_attrs
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "attrgetter", "hasattr"):
            yield from (part for a in node.args if isinstance(a, ast.Constant) for part in str(a.value).split("."))


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def unread() -> list[Offered]:
    everywhere = {name for _, tree in trees(*READS) for name in read_in(tree)}
    by_judges = {name for _, tree in trees(*JUDGES) for name in read_in(tree)}
    return [
        one
        for path, tree in trees(*OFFERS)
        for one in offered(tree, path)
        # A field of a fact, such as `Account.mfa`, is there to be judged; a class may be the connectors' own.
        if one.name not in (by_judges if path.startswith(FACTS) and "." in one.place.partition(":")[2] else everywhere)
    ]


def test_everything_that_is_computed_is_used_or_has_its_reason():
    found = {one.place for one in unread()}
    allowed = {place: why for why, places in ALLOWED.items() for place in places}
    assert sorted(found - allowed.keys()) == [], "judge it, tell it, or take it out"
    assert sorted(allowed.keys() - found) == [], "it is used by now: take it off the list"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def used(): ...\ndef lost(): used()", ["lost"]),
        ("@dataclass\nclass A:\n    told: int\n    kept: int\nA(told=1, kept=2).told", ["kept"]),
        ("class A:\n    def lost(self): self.used()\n    def used(self): ...\nA", ["lost"]),
        ("@dataclass\nclass A:\n    by: int\nmatch A(1):\n    case A(by=x): ...", []),
        ("class A:\n    def found(self): ...\ngetattr(A(), 'found')", []),
    ],
)
def test_what_nobody_reads_is_found(text, expected):
    tree = ast.parse(text)
    names = set(read_in(tree))
    assert [one.name for one in offered(tree, "x") if one.name not in names] == expected
