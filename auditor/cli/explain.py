"""`auditor explain`."""

import inspect
import textwrap
from pathlib import Path

from rich.console import Console

from auditor.cli.console import print_text, styled, write_stdout
from auditor.cli.data.explain import KINDS, ExplainedRuleData, PackageExplainedRuleData, finding_data
from auditor.cli.formats import Format
from auditor.cli.options import CONFIG
from auditor.cli.output import emit
from auditor.config import load_config
from auditor.exit_codes import IN_STEP
from auditor.store import Store, StoredFinding
from connectors.errors import AuditorError, shorten
from policies.citations import ENGAGEMENT_TYPES, Citations
from policies.engine.rule import Rule, all_rules
from policies.families import families
from reports.safe import visible


def run_explain(what: str, config: Path | None, *, store: Path | None, output: Format) -> int:
    """Explain a finding or a rule; return 0, or raise `AuditorError` when there is neither."""
    rule = next((r for r in all_rules() if r.id == what), None)
    if rule is not None:
        return _explain_rule(rule, output=output)
    if not what.isprintable():  # nor could such an id be looked up
        raise AuditorError(f"{shorten(what)} is neither a finding nor a rule", hint="findings begin with `F-`")
    path = _store(store, config)
    if not path.exists():
        raise AuditorError(f"there is no store `{path}`", hint="name it with `--store`; `auditor audit` makes one")
    with Store.look(path) as opened:
        finding = opened.finding(what)
    if finding is None:
        raise AuditorError(
            f"`{what}` is neither a finding in `{path}` nor a rule",
            hint=f"findings begin with `F-`; the rules are: {', '.join(r.id for r in all_rules())}",
        )
    emit(output, text=lambda: _print_finding(finding), data=lambda: finding_data(finding))
    return IN_STEP


def _store(named: Path | None, config: Path | None) -> Path:
    """Return the store: the one that is named, else that of the configuration, where there is one."""
    if named is not None:
        return named
    if config is None and not CONFIG.exists():
        return Path("auditor.db")
    return load_config(config or CONFIG, check_files=False).store


def _explain_rule(rule: Rule, *, output: Format) -> int:
    doc = inspect.getdoc(type(rule)) or ""
    citations = Citations.load()
    cited: dict[str, tuple[str, ...]] = {
        kind: tuple(f"45 CFR {c.id}" for c in citations.for_rule(rule.id, kind)) for kind in ENGAGEMENT_TYPES
    }
    unread = [f"45 CFR {id_}" for id_ in sorted(citations.unread) if any(f"45 CFR {id_}" in v for v in cited.values())]
    package = next((f.family.offer for f in families() if rule.id in f.data.rules), None)
    of = [f"Of the package {package.source}"] if package else []
    lines = [f"{rule.id}: {rule.title}", rule.question, *of, "", *doc.split("\n"), "", "Cited, by kind of engagement:"]
    lines += [f"  {kind:20} {', '.join(ids)}" for kind, ids in cited.items()]
    lines += ["", f"The wording was not read, only what refers to it: {', '.join(unread)}"] if unread else []
    told = (rule.id, rule.title, rule.question, doc, cited, tuple(unread))
    emit(
        output,
        text=lambda: print_text(lines),
        data=lambda: PackageExplainedRuleData(*told, package.source) if package else ExplainedRuleData(*told),
    )
    return IN_STEP


def _print_finding(stored: StoredFinding) -> None:
    console = Console(soft_wrap=False)
    with console.capture() as printed:
        _show_finding(console, stored)
    write_stdout(printed.get())


def _show_finding(console: Console, stored: StoredFinding) -> None:
    finding = stored.finding
    state = "open" if stored.open else "closed"
    console.print(styled(f"{stored.id}  {finding.severity.value}  {state}", style="bold"))
    console.print(styled(finding.title, style="bold"))
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
        rows.append(("because", f"45 CFR {citation.id}, {KINDS[citation.kind]}: {citation.paraphrase}{nist}"))
    for name, value in rows:
        _print(console, f"{name:12} ", value, hang=" " * 13)


def _print(console: Console, lead: str, text: str, *, hang: str) -> None:
    """Print a text folded to the terminal, its further lines indented by `hang`."""
    width = max(console.width, len(hang) + 40)
    folded = textwrap.wrap(lead + visible(text), width, subsequent_indent=hang, break_on_hyphens=False)
    console.print(styled("\n".join(folded)), soft_wrap=True)
