"""`auditor explain`."""

import inspect
import json
import textwrap
from pathlib import Path

from rich.console import Console
from rich.text import Text

from auditor.cli.out import say
from auditor.store import Store, StoredFinding
from connectors.errors import AuditorError, shorten
from policies.citations import ENGAGEMENT_TYPES, Citations
from policies.engine.rule import Rule, all_rules

_KINDS = {
    "R": "required",
    "A": "addressable: not optional, an equivalent measure must be documented",
    "STD": "standard",
}


def run_explain(what: str, store: Path, *, as_json: bool) -> int:
    """Explain a finding or a rule; return 0, or raise `AuditorError` when there is neither."""
    rule = next((r for r in all_rules() if r.id == what), None)
    if rule is not None:
        return _explain_rule(rule, as_json=as_json)
    if not what.isprintable():  # nor could such an id be looked up
        raise AuditorError(f"{shorten(what)} is neither a finding nor a rule", hint="findings begin with `F-`")
    if not store.exists():
        raise AuditorError(f"there is no store `{store}`", hint="name it with `--store`; `auditor audit` makes one")
    with Store.look(store) as opened:
        finding = opened.finding(what)
    if finding is None:
        raise AuditorError(
            f"`{what}` is neither a finding in `{store}` nor a rule",
            hint=f"findings begin with `F-`; the rules are: {', '.join(r.id for r in all_rules())}",
        )
    if as_json:
        say(json.dumps(_as_data(finding), indent=2) + "\n")
    else:
        console = Console(soft_wrap=False)
        with console.capture() as printed:
            _print_finding(console, finding)
        say(printed.get())
    return 0


def _explain_rule(rule: Rule, *, as_json: bool) -> int:
    doc = inspect.getdoc(type(rule)) or ""
    citations = Citations.load()
    cited = {kind: [f"45 CFR {c.id}" for c in citations.for_rule(rule.id, kind)] for kind in ENGAGEMENT_TYPES}
    unread = [f"45 CFR {id_}" for id_ in sorted(citations.unread) if any(f"45 CFR {id_}" in v for v in cited.values())]
    if as_json:
        data = {
            "rule": rule.id,
            "title": rule.title,
            "question": rule.question,
            "text": doc,
            "citations": cited,
            "wording_not_read": unread,
        }
        say(json.dumps(data, indent=2) + "\n")
        return 0
    lines = [f"{rule.id}: {rule.title}", rule.question, "", doc, "", "Cited, by kind of engagement:"]
    lines += [f"  {kind:20} {', '.join(ids)}" for kind, ids in cited.items()]
    lines += ["", f"The wording was not read, only what refers to it: {', '.join(unread)}"] if unread else []
    say("\n".join(lines) + "\n")
    return 0


def _print_finding(console: Console, stored: StoredFinding) -> None:
    finding = stored.finding
    state = "open" if stored.open else "closed"
    console.print(Text(f"{stored.id}  {finding.severity.value}  {state}", style="bold"))
    console.print(Text(_clean(finding.title), style="bold"))
    console.print()
    for index, step in enumerate(finding.path):
        arrow = "   " * (index - 1) + ("└─ " if index else "")
        _print(console, f"{arrow}{step.kind}: ", step.text, hang="   " * index + "  ")
    console.print()
    rows = [
        ("rule", finding.rule),
        ("observed", finding.observed),
        ("expected", finding.expected),
        ("what to do", finding.remedy),
        ("since", str(finding.since) if finding.since else "the facts do not say"),
        ("first seen", f"{stored.first_seen:%Y-%m-%d}"),
        ("last seen", f"{stored.last_seen:%Y-%m-%d}"),
    ]
    for citation in finding.citations:
        nist = f" (NIST SP 800-53: {', '.join(citation.nist)})" if citation.nist else ""
        rows.append(("because", f"45 CFR {citation.id}, {_KINDS[citation.kind]}: {citation.paraphrase}{nist}"))
    for name, value in rows:
        _print(console, f"{name:12} ", value, hang=" " * 13)


def _print(console: Console, lead: str, text: str, *, hang: str) -> None:
    """Print a text folded to the terminal, its further lines indented by `hang`."""
    width = max(console.width, len(hang) + 40)
    folded = textwrap.wrap(lead + _clean(text), width, subsequent_indent=hang, break_on_hyphens=False)
    console.print(Text("\n".join(folded)), soft_wrap=True)


def _clean(text: str) -> str:
    """Keep a hostile name from driving the terminal."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _as_data(stored: StoredFinding) -> dict[str, object]:
    finding = stored.finding
    return {
        "schema_version": 1,
        "id": stored.id,
        "open": stored.open,
        "practice": stored.practice,
        "first_seen": stored.first_seen.isoformat(),
        "last_seen": stored.last_seen.isoformat(),
        "rule": finding.rule,
        "severity": finding.severity.value,
        "subject": {"kind": finding.subject.kind, "id": finding.subject.id, "name": finding.subject.name},
        "vma": finding.vma,
        "system": finding.system,
        "title": finding.title,
        "observed": finding.observed,
        "expected": finding.expected,
        "remedy": finding.remedy,
        "since": finding.since.isoformat() if finding.since else None,
        "path": [{"kind": s.kind, "id": s.id, "text": s.text} for s in finding.path],
        "citations": [
            {"id": f"45 CFR {c.id}", "kind": _KINDS[c.kind], "text": c.paraphrase, "nist": list(c.nist)}
            for c in finding.citations
        ],
    }
