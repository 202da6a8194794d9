"""
The tables of the documentation that follow from the program, made anew: the rules, and the connectors.

Usage: python examples/tables.py [--check]. A page holds a table between the lines `<!-- table: NAME -->` and
`<!-- /table -->`; a page that explains connectors names them in a line `<!-- connectors: aws, aws-json -->`. With
`--check` nothing is written, and the exit code is 1 when a page says something else than the program.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from auditor.connecting.shipped import list_connectors
from policies.engine.rule import all_rules
from policies.families import families

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(r"(<!-- table: ([a-z]+) -->\n).*?(<!-- /table -->\n)", re.DOTALL)
EXPLAINS = re.compile(r"<!-- connectors: (.*) -->")


def rules() -> Iterator[str]:
    """Yield a row for each shipped rule, in the order of ids: what it asks, and how severe its findings are."""
    yield from ("| rule | asks | severity |", "|---|---|---|")
    shipped = {id_: data for each in families() if each.family.offer is None for id_, data in each.data.rules.items()}
    for rule in all_rules():
        if data := shipped.get(rule.id):
            yield f"| `{rule.id}` | {' '.join(filter(None, (rule.question, data.note)))} | {data.severity} |"


def connectors() -> Iterator[str]:
    """Yield a row for each shipped connector: what it reads, in the words of its module, and the page that names it."""
    yield from ("| connector | kind | reads | page |", "|---|---|---|---|")
    pages = {name: page.name for page in sorted(DOCS.glob("*.md")) for name in _explained(page)}
    kinds: dict[tuple[str, str], list[str]] = {}
    for one in list_connectors():
        if one.package is None:
            kinds.setdefault((one.name, one.reads), []).append(one.kind.value)
    for (name, reads), of in kinds.items():
        page = f"[{pages[name]}]({pages[name]})" if name in pages else ""
        yield f"| `{name}` | {'any' if len(of) > 1 else of[0]} | {reads.rstrip('.')} | {page} |"


def _explained(page: Path) -> Iterator[str]:
    for found in EXPLAINS.finditer(page.read_text(encoding="utf-8")):
        yield from found[1].split(", ")


TABLES: dict[str, Callable[[], Iterator[str]]] = {"connectors": connectors, "rules": rules}


def anew(text: str) -> str:
    """Return a page with its tables as the program has them; raises `KeyError` for one that nothing makes."""
    return BLOCK.sub(lambda found: found[1] + "".join(f"{row}\n" for row in TABLES[found[2]]()) + found[3], text)


def main(check: bool) -> int:
    """Write, or with `check` compare, every page; return the exit code."""
    wrong = [page for page in sorted(DOCS.glob("*.md")) if anew(old := page.read_text(encoding="utf-8")) != old]
    for page in wrong:
        if not check:
            page.write_text(anew(page.read_text(encoding="utf-8")), encoding="utf-8")
        print(f"{page.name}: {'says something else than the program: run `make shown`' if check else 'written'}")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
