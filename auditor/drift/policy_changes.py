"""
What changed in the policy between two audits: agreements, role templates, systems, rules of other packages.

A change of these is no headcount event, yet it moves the controls: who is covered, what a role may hold, where accounts
are looked for. The store keeps them as intervals like every fact, so the change is known even when no file tells.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import TypeVar

from auditor.headcount.events import Event, EventKind
from auditor.snapshot import PolicySnapshot, SystemTerms, TemplateTerms
from policies.agreements.days import contains
from policies.agreements.register import Agreement

T = TypeVar("T")
_Told = Iterator[tuple[EventKind, str]]
_Words = Mapping[str, str | list[str]]


def policy_events(before: PolicySnapshot, after: PolicySnapshot, then: date, today: date) -> tuple[Event, ...]:
    """
    Return what changed in the policy from the audit of the day `then` to that of `today`.

    Nothing is told of an audit that kept none (made before the store had them): unknown is not unchanged.
    """
    if not before.kept or not after.kept:
        return ()

    def of_agreement(old: Agreement | None, new: Agreement | None) -> _Told:
        return _of_agreement(old, new, then, today)

    return (
        *_events(before.agreements, after.agreements, of_agreement),
        *_events(before.rules, after.rules, _of_rule),
        *_events(before.systems, after.systems, _of_system),
        *_events(before.templates, after.templates, _of_template),
    )


def _events(
    before: Mapping[str, T], after: Mapping[str, T], told: Callable[[T | None, T | None], _Told]
) -> Iterator[Event]:
    for id_ in sorted({*before, *after}):
        for kind, detail in told(before.get(id_), after.get(id_)):
            yield Event(kind, "", None, None, detail, about=id_)


def _of_agreement(old: Agreement | None, new: Agreement | None, then: date, today: date) -> _Told:
    was, is_ = old is not None and contains(old.days, then), new is not None and contains(new.days, today)
    if new and new.signed and not (old and old.signed):
        yield EventKind.AGREEMENT_SIGNED, f"in force from {new.first_day}" + (f" to {new.end}" if new.end else "")
    elif old and new and (changed := _differences(_agreement(old), _agreement(new))):
        yield EventKind.AGREEMENT_AMENDED, "; ".join(changed)
    if was and not is_:
        yield EventKind.AGREEMENT_ENDED, f"last day {new.end}" if new and new.end else "no longer in the register"


def _of_template(old: TemplateTerms | None, new: TemplateTerms | None) -> _Told:
    if old is None or new is None:
        yield EventKind.TEMPLATE_CHANGED, "new" if old is None else "no longer there"
    elif changed := _differences(_template(old), _template(new)):
        yield EventKind.TEMPLATE_CHANGED, "; ".join(changed)


def _of_system(old: SystemTerms | None, new: SystemTerms | None) -> _Told:
    if old is None and new is not None:
        yield EventKind.SYSTEM_ADDED, f"{new.title}: what it held before is not known"
    elif old is not None and new is None:
        yield EventKind.SYSTEM_REMOVED, f"{old.title} is no longer read: nothing is known of its accounts"


def _of_rule(old: str | None, new: str | None) -> _Told:
    if old is None:
        yield EventKind.RULE_ADDED, f"of {new}: what it would have found before is not known"
    elif new is None:
        yield EventKind.RULE_REMOVED, f"of {old}: no installed package offers it, so it is not asked"
    elif old != new:
        yield EventKind.RULE_CHANGED, f"{old} → {new}"


def _agreement(a: Agreement) -> _Words:
    """Put the terms of an agreement into words, by the names that the register has for them."""

    def some(names: Iterable[str] | None, everything: str) -> str | list[str]:
        return everything if names is None else sorted(names)

    return {
        "from": a.start.isoformat(),
        "headcount": "no cap" if a.headcount is None else str(a.headcount),
        "kind": a.kind.value,
        "parties": [a.giver, a.receiver],
        "people": some(a.people, "nobody in particular"),
        "phi": some(a.phi, "all"),
        "signed": str(int(a.signed)),
        "signed_on": a.signed_on.isoformat() if a.signed_on else "",
        "systems": some(a.systems, "all"),
        "to": a.end.isoformat() if a.end else "",
    }


def _template(t: TemplateTerms) -> _Words:
    return {"allows": list(t.allows), "never": list(t.never), "requires": list(t.requires)}


def _differences(old: _Words, new: _Words) -> list[str]:
    """Word what differs, field by field; of two lists, what came and what went."""
    found = []
    for field in old:
        was, is_ = old[field], new[field]
        if was == is_:
            continue
        if isinstance(was, list) and isinstance(is_, list):
            came, went = [x for x in is_ if x not in was], [x for x in was if x not in is_]
            parts = [f"+{name}" for name in came] + [f"−{name}" for name in went]
            found.append(f"{field} {', '.join(parts)}")
        else:
            found.append(f"{field} {_shown(was)} → {_shown(is_)}")
    return found


def _shown(value: str | list[str]) -> str:
    return ", ".join(value) if isinstance(value, list) else value or "open"
