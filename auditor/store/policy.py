"""
The policy of an audit as rows: one row for each agreement, role template, system and installed rule, as canonical JSON.

What is signed is never written anew, so a body says in which form it is. Agreements of before the schema 0005 say none:
they are in words that were made for people (`"no cap"`), and are read as they stand (`docs/decisions/0011-records.md`).
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from auditor.snapshot import PolicySnapshot, SystemTerms, TemplateTerms
from auditor.store.forms import DAY, FLAG, ColumnForm, one_of, to_json
from auditor.store.json_record import JsonRecord
from connectors.errors import AuditorError, shorten
from policies.agreements.register import Agreement, AgreementKind

FORM = "form"
"""The key of a body that says in which form it is; none in the first."""


@dataclass(frozen=True, slots=True)
class PolicyTerm:
    """Something that an audit went by."""

    kind: str
    """`agreement`, `rule`, `system` or `template`."""
    term: str
    """Its id."""
    body: str


_LIST: ColumnForm[tuple[str, ...]] = ColumnForm(list, tuple)
_SET: ColumnForm[frozenset[str]] = ColumnForm(sorted, frozenset)
_AGREEMENT = JsonRecord(
    Agreement,
    {
        "kind": one_of(AgreementKind),
        "signed": FLAG,
        "start": DAY,
        "end": DAY,
        "systems": _SET,
        "phi": _SET,
        "people": _SET,
        "signed_on": DAY,
    },
    elsewhere=("id", "line"),
)
_TEMPLATE = JsonRecord(TemplateTerms, {"requires": _LIST, "allows": _LIST, "never": _LIST})
_SYSTEM = JsonRecord(SystemTerms, {"holds_phi": FLAG})


def terms_of(policy: PolicySnapshot) -> Iterator[PolicyTerm]:
    """Yield the terms of a policy, in the order of kinds and ids."""
    for id_, agreement in sorted(policy.agreements.items()):
        yield PolicyTerm("agreement", id_, to_json({FORM: 2, **_AGREEMENT.write(agreement)}))
    for id_, package in sorted(policy.rules.items()):
        yield PolicyTerm("rule", id_, to_json({"package": package}))
    for id_, system in sorted(policy.systems.items()):
        yield PolicyTerm("system", id_, to_json(_SYSTEM.write(system)))
    for id_, template in sorted(policy.templates.items()):
        yield PolicyTerm("template", id_, to_json(_TEMPLATE.write(template)))


def policy_of(terms: Iterable[PolicyTerm]) -> PolicySnapshot:
    """Return the policy of these terms; raises `AuditorError` for one that this program cannot read."""
    found = [(term.kind, term.term, json.loads(term.body)) for term in sorted(terms, key=lambda t: (t.kind, t.term))]
    agreements = {id_: _agreement(id_, body) for kind, id_, body in found if kind == "agreement"}
    return PolicySnapshot(
        agreements={id_: replace(a, line=line) for line, (id_, a) in enumerate(agreements.items(), 1)},
        templates={id_: _TEMPLATE.read(body) for kind, id_, body in found if kind == "template"},
        systems={id_: _SYSTEM.read(body) for kind, id_, body in found if kind == "system"},
        rules={id_: body["package"] for kind, id_, body in found if kind == "rule"},
    )


def _agreement(id_: str, body: dict[str, Any]) -> Agreement:
    try:
        return _FORMS[body.pop(FORM, 1)](id_, body)
    except (KeyError, TypeError, ValueError):
        raise AuditorError(
            f"the store holds the agreement {shorten(id_)} in a form that this program does not know",
            hint="run `auditor verify`; if nothing was changed, install the version of the program that wrote it",
        ) from None


def _in_words(id_: str, body: Mapping[str, Any]) -> Agreement:
    """Read the first form, in which what is not limited was a word in place of a number or a list."""

    def some(value: object) -> frozenset[str] | None:
        return frozenset(map(str, value)) if isinstance(value, list) else None

    giver, receiver = body["parties"]
    return Agreement(
        id=id_,
        kind=AgreementKind(body["kind"]),
        giver=giver,
        receiver=receiver,
        signed=bool(body["signed"]),
        start=date.fromisoformat(body["from"]),
        end=date.fromisoformat(body["to"]) if body["to"] else None,
        systems=some(body["systems"]),
        phi=some(body["phi"]),
        headcount=body["headcount"] if isinstance(body["headcount"], int) else None,
        people=some(body["people"]),
        line=0,
        signed_on=date.fromisoformat(body["signed_on"]) if body.get("signed_on") else None,
    )


_FORMS: Mapping[object, Callable[[str, dict[str, Any]], Agreement]] = {
    1: _in_words,
    2: lambda id_, body: _AGREEMENT.read(body, id=id_, line=0),
}
