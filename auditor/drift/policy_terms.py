"""
The terms of an audit: the agreements, role templates and systems that it went by, and how they changed since.

A change of these is no headcount event, yet it moves the controls: who is covered, what a role may hold, where accounts
are looked for. The store keeps them as intervals like every fact, so the change is known even when no file tells.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from auditor.headcount.events import Event, EventKind
from auditor.ledger.entries import canonical
from policies.agreements.days import FOREVER
from policies.agreements.register import Agreement, AgreementKind
from policies.engine.case import Case
from policies.roles.template import RoleTemplate
from policies.vocabulary import Vocabulary

Terms = Mapping[tuple[str, str], str]
"""Canonical JSON by kind (`agreement`, `template`, `system`) and id."""


def terms_of(case: Case) -> dict[tuple[str, str], str]:
    """Return the terms of a case, as the store keeps them."""
    names = case.policy.vocabulary.names
    found = {("agreement", a.id): _text(_agreement(a)) for a in case.agreements}
    found |= {("template", t.id): _text(_template(t, names)) for t in case.policy.templates}
    found |= {
        ("system", id_): _text({"title": s.title, "product": s.product, "holds_phi": int(s.holds_phi)})
        for id_, s in case.systems.items()
    }
    return found


def _text(value: dict[str, Any]) -> str:
    return canonical(value).decode()


def _agreement(a: Agreement) -> dict[str, Any]:
    return {
        "kind": a.kind.value,
        "parties": [a.giver, a.receiver],
        "signed": int(a.signed),
        "from": a.start.isoformat(),
        "to": a.end.isoformat() if a.end else "",
        "systems": "all" if a.systems is None else sorted(a.systems),
        "phi": "all" if a.phi is None else sorted(a.phi),
        "headcount": a.headcount if a.headcount is not None else "no cap",
        "people": "nobody in particular" if a.people is None else sorted(a.people),
        # Only where it is known, so that the terms of every other agreement stay, word for word, what they were.
        **({"signed_on": a.signed_on.isoformat()} if a.signed_on else {}),
    }


def _template(t: RoleTemplate, names: Any) -> dict[str, Any]:
    return {"requires": sorted(names(t.requires)), "allows": sorted(names(t.allows)), "never": sorted(names(t.never))}


def agreements_of(terms: Terms) -> tuple[Agreement, ...]:
    """Return the register of agreements of an audit, in the order of ids."""

    def some(value: object) -> frozenset[str] | None:
        return frozenset(map(str, value)) if isinstance(value, list) else None

    found = []
    for line, ((kind, id_), text) in enumerate(sorted(terms.items()), 1):
        if kind == "agreement":
            body = json.loads(text)
            found.append(
                Agreement(
                    id=id_,
                    kind=AgreementKind(body["kind"]),
                    giver=body["parties"][0],
                    receiver=body["parties"][1],
                    signed=bool(body["signed"]),
                    start=date.fromisoformat(body["from"]),
                    end=date.fromisoformat(body["to"]) if body["to"] else None,
                    systems=some(body["systems"]),
                    phi=some(body["phi"]),
                    headcount=body["headcount"] if isinstance(body["headcount"], int) else None,
                    people=some(body["people"]),
                    line=line,
                    signed_on=_signed_on(body),
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Masks:
    """What a role required and allowed at an audit."""

    requires: int
    allows: int


def templates_of(terms: Terms, vocabulary: Vocabulary) -> dict[str, Masks]:
    """Return the role templates of an audit; a capability that the vocabulary no longer has is left out."""
    known = {c.id for c in vocabulary.capabilities}

    def mask(names: list[str]) -> int:
        return vocabulary.mask([name for name in names if name in known])

    found = {}
    for (kind, id_), body in terms.items():
        if kind == "template":
            template = json.loads(body)
            found[id_] = Masks(mask(template["requires"]), mask(template["allows"]))
    return found


def control_events(before: Terms, after: Terms, then: date, today: date) -> tuple[Event, ...]:
    """
    Return what changed in the terms from the audit of the day `then` to that of `today`.

    Nothing is told of an audit that kept none (made before the store had them): unknown is not unchanged.
    """
    if not before or not after:
        return ()
    found: list[Event] = []
    for kind, id_ in sorted({*before, *after}):
        old, new = (json.loads(side[kind, id_]) if (kind, id_) in side else None for side in (before, after))
        told = {"agreement": _of_agreement, "template": _of_template, "system": _of_system}[kind]
        found.extend(Event(event, "", None, None, detail, about=id_) for event, detail in told(old, new, then, today))
    return tuple(found)


_Told = Iterator[tuple[EventKind, str]]
_Body = dict[str, Any] | None


def _of_agreement(old: _Body, new: _Body, then: date, today: date) -> _Told:
    was, is_ = _in_force(old, then), _in_force(new, today)
    if new is not None and new["signed"] and not (old and old["signed"]):
        yield EventKind.AGREEMENT_SIGNED, f"in force from {_first_day(new)}" + (f" to {new['to']}" if new["to"] else "")
    elif old and new and (changed := _differences(old, new)):
        yield EventKind.AGREEMENT_AMENDED, "; ".join(changed)
    if was and not is_:
        yield EventKind.AGREEMENT_ENDED, f"last day {new['to']}" if new and new["to"] else "no longer in the register"


def _signed_on(body: dict[str, Any]) -> date | None:
    """Return the day of the last signature; terms that were stored before it was asked for do not say."""
    return date.fromisoformat(body["signed_on"]) if body.get("signed_on") else None


def _first_day(body: dict[str, Any]) -> date:
    start = date.fromisoformat(body["from"])
    return max(start, _signed_on(body) or start)


def _in_force(body: _Body, day: date) -> bool:
    if not body or not body["signed"]:
        return False
    end = date.fromisoformat(body["to"]) if body["to"] else FOREVER
    return _first_day(body) <= day <= end


def _of_template(old: _Body, new: _Body, then: date, today: date) -> _Told:  # noqa: ARG001 - one signature for all
    if old is None or new is None:
        yield EventKind.TEMPLATE_CHANGED, "new" if old is None else "no longer there"
    elif changed := _differences(old, new):
        yield EventKind.TEMPLATE_CHANGED, "; ".join(changed)


def _of_system(old: _Body, new: _Body, then: date, today: date) -> _Told:  # noqa: ARG001 - one signature for all
    if old is None and new is not None:
        yield EventKind.SYSTEM_ADDED, f"{new['title']}: what it held before is not known"
    elif old is not None and new is None:
        yield EventKind.SYSTEM_REMOVED, f"{old['title']} is no longer read: nothing is known of its accounts"


def _differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Word what differs, field by field; of two lists, what came and what went."""
    found = []
    for field in sorted({*old, *new}):
        was, is_ = old.get(field, ""), new.get(field, "")
        if was == is_:
            continue
        if isinstance(was, list) and isinstance(is_, list):
            came, went = [x for x in is_ if x not in was], [x for x in was if x not in is_]
            parts = [f"+{name}" for name in came] + [f"−{name}" for name in went]
            found.append(f"{field} {', '.join(map(str, parts))}")
        else:
            found.append(f"{field} {_shown(was)} → {_shown(is_)}")
    return found


def _shown(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value) or "open"
