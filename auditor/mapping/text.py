"""A mapping as a YAML file that a person can look through: every column with its meaning, how sure, and why."""

import textwrap
from typing import Any

import yaml

from connectors.errors import shorten
from connectors.generic.table.infer.propose import Proposal
from connectors.generic.table.preset import Preset

WIDTH = 100

_ABOVE = {
    "columns": "which column says what of an account; columns that are not named are not kept",
    "entitlements": "which columns say what an account holds",
    "others": "every column that is not named elsewhere is a permission, and says yes or no",
    "ignore": "columns that are neither; they must be there, so that a change of names is noticed",
    "matrix": "what is held stands down the side, the logins across the top",
    "status_values": "active, disabled, locked, expired, or unknown: what is unknown counts as live",
    "sections": "lines between the rows that say the status of the accounts below them",
    "footer": "how the lines below the table begin; no row may follow them",
    "total": "the line with which the report says how many it lists; without it, it was cut",
    "never_values": "words that mean: no sign-in yet",
    "unknown_values": "words that mean: the report does not say",
    "date_format": "ISO 8601 is always understood",
    "ends": "columns that end an account, whatever its status says",
    "factors": "further columns about a second factor; one yes is enough",
    "mfa_unknown": "words that nobody has explained, neither yes nor no: move each to mfa_true or mfa_false",
    "rights": "elsewhere: this report says nothing of rights, which are then not read, never none; in part: not all",
    "questions": "not answered yet; until then what the accounts may do is not evaluated. Map the column under\n"
    "# `columns` or `entitlements`, or name it under `harmless: [...]` when it means nothing for access",
    "printed": "the line in which the report says when it was made",
    "sheets": "the sheets that together are the report; any other one is refused, unless it is `harmless`",
    "header_rows": "a line of groups stands above the names of the columns",
    "without_login": "count: rows without login are lines or rooms, and no accounts; refuse: they are a fault",
    "rows": "one-per-account, one-per-grant (the login comes on each row), grouped (on the first row only)",
}


def mapping_text(proposal: Proposal, preset: Preset | None) -> str:
    """Return the mapping file."""
    parts = [_head(proposal, preset)]
    for key, value in proposal.mapping.items():
        if key in _ABOVE:
            parts.append(f"\n# {_ABOVE[key]}\n")
        parts.append(_dump({key: value}))
    parts += [_comment(f"MISSING: {gap}") for gap in proposal.missing]
    return "".join(parts)


def _head(proposal: Proposal, preset: Preset | None) -> str:
    name = shorten(proposal.path.name)
    lines = [
        f"# How {name} is read, as `auditor connect --map` proposes. Look it through, then name it in auditor.yaml:",
        "#",
        "#   connector: table",
        "#   settings: {file: …, mapping: …, expect_accounts: …, canary: …}",
        "#",
        f"# The file: {'; '.join(proposal.told)}",
    ]
    if preset is not None:
        lines.append(f"# With the preset `{preset.name}`, made from {preset.source}")
    lines.append("#")
    lines += [f"# {shorten(g.column, 40)} → {g.meaning} ({g.sure.value}: {g.reason})" for g in proposal.columns]
    text = "\n".join(lines) + "\n"
    if proposal.doubts:
        text += "#\n" + "".join(_comment(f"check: {doubt}") for doubt in proposal.doubts)
    for question in proposal.asked:
        text += "#\n" + _comment(f"QUESTION: {question.text}")
        text += "".join(_comment(f"  {answer}") for answer in question.answers)
    return text + "\n"


def _comment(text: str) -> str:
    """Write a comment; whatever a report wrote into it stays on lines that begin with `#`."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return "".join(f"# {line}\n" for line in textwrap.wrap(plain, WIDTH, subsequent_indent="  "))


class _Plain(yaml.SafeDumper):
    """Writes out twice what stands twice: files of a person hold no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - asked of each value
        return True


def _dump(data: dict[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Plain, allow_unicode=True, sort_keys=False, width=10_000)
