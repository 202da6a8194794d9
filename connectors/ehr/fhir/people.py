"""Who is listed in FHIR: Practitioner, Person, PractitionerRole (HL7 FHIR R4, sections 8.4, 8.3, 8.5)."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connectors.errors import SourceMalformed
from connectors.facts import Account, Entitlement, EntitlementKind, Status
from connectors.inputs.fields import Fields

ELEMENTS = {
    "Practitioner": "active,identifier,name,telecom",
    "Person": "active,identifier,name,telecom,link",
    "PractitionerRole": "active,period,practitioner,code",
}
PATIENTS = frozenset({"Patient", "RelatedPerson"})
_REFERENCE = re.compile(r"(?P<base>.*/)?(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9.-]{1,64})(?:/_history/[^/]+)?")
_DAY = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}(T.*)?)?)?")


@dataclass(frozen=True, slots=True)
class Naming:
    """Which of somebody's identifiers is what, by its `system`; FHIR itself does not say."""

    login: str | None
    employee: str | None


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to a resource of this server."""

    type: str
    id: str

    def __str__(self) -> str:
        return f"{self.type}/{self.id}"


def reference(base: str, field: Fields | None) -> Ref | None:
    """Return what a reference names on this server; where it names no resource, its type with an empty id."""
    if field is None:
        return None
    text = field.text_or_none("reference") or ""
    match = _REFERENCE.fullmatch(text)
    if match is None or (match["base"] and match["base"].rstrip("/") != base):
        type_ = field.text_or_none("type") or (match["type"] if match else "")
        return Ref(type_, "") if type_ else None
    return Ref(match["type"], match["id"])


def decode_account(system: str, type_: str, resource: Fields, naming: Naming) -> Account:
    """
    Decode somebody who is listed.

    `active` speaks of the entry; whether the sign-in works, FHIR does not say, so an entry without it is unknown.
    Without an identifier that is the login, the entry's own address stands for it.
    """
    id_ = f"{type_}/{resource.text('id')}"
    identifiers = [*_identifiers(resource)]
    active = resource.flag("active") if resource.has("active") else None
    return Account(
        system=system,
        id=id_,
        login=_first(identifiers, naming.login) or id_,
        name=_name(resource) or id_,
        status={True: Status.ACTIVE, False: Status.DISABLED, None: Status.UNKNOWN}[active],
        email=_email(resource),
        employee_id=_first(identifiers, naming.employee),
    )


def links(base: str, person: Fields) -> frozenset[Ref]:
    """Return what a Person is linked to; of patients only that there are some."""
    found = (
        reference(base, link.part("target")) for link in person.entries("link", "a link of a Person", optional=True)
    )
    return frozenset(Ref(ref.type, "" if ref.type in PATIENTS else ref.id) for ref in found if ref)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """What somebody does here, while it lasts."""

    id: str
    practitioner: str
    """Empty: it names nobody of this server."""
    held: tuple[Entitlement, ...]


def decode_role(system: str, base: str, resource: Fields, today: str) -> HeldRole:
    """Decode a PractitionerRole; one that is not active, not yet begun or over gives nothing."""
    who = reference(base, resource.part("practitioner"))
    practitioner = who.id if who and who.type == "Practitioner" else ""
    ended = resource.has("active") and not resource.flag("active")
    held = () if ended or not _runs(system, resource.part("period"), today) else tuple(_codes(system, resource))
    return HeldRole(resource.text("id"), practitioner, held)


def _runs(system: str, period: Fields | None, today: str) -> bool:
    """Whether a period holds the day; FHIR dates may be a year or a month only, and then mean all of it."""
    if period is None:
        return True
    start, end = period.text_or_none("start"), period.text_or_none("end")
    for text in (start, end):
        if text and not _DAY.fullmatch(text):
            raise SourceMalformed(f"`{system}` gave a PractitionerRole whose `period` is no period")
    begun = not start or today[: len(start[:10])] >= start[:10]
    return begun and (not end or today[: len(end[:10])] <= end[:10])


def _codes(system: str, resource: Fields) -> Iterator[Entitlement]:
    for concept in resource.entries("code", "a code of a PractitionerRole", optional=True):
        text = concept.text_or_none("text")
        codings = concept.entries("coding", "a coding of a PractitionerRole", optional=True)
        coding = next((c for c in codings if c.text_or_none("code")), None)
        if coding:
            code = coding.text("code")
            key, word = f"{coding.text_or_none('system') or ''}|{code}", coding.text_or_none("display") or text or code
        elif text:
            key, word = text, text
        else:
            continue
        # The prefix keeps whoever may name a role from giving it the name of a scope.
        yield Entitlement(system, f"role:{key}", f"role: {word}", EntitlementKind.ROLE)


def _identifiers(resource: Fields) -> Iterator[tuple[str, str]]:
    for identifier in resource.entries("identifier", "an identifier", optional=True):
        if identifier.text_or_none("use") != "old":
            yield identifier.text_or_none("system") or "", identifier.text_or_none("value") or ""


def _first(identifiers: Iterable[tuple[str, str]], system: str | None) -> str | None:
    return next((value for of, value in identifiers if system is not None and of == system and value), None)


def _name(resource: Fields) -> str | None:
    """Return the official name, else the usual one, else the first; never one that is no longer in use."""
    order = {"official": 0, "usual": 1, "old": 9, "maiden": 9}
    best: tuple[int, str] | None = None
    for name in resource.entries("name", "a name", optional=True):
        rank = order.get(name.text_or_none("use") or "", 2)
        parts = [*(_texts(name, "given")), name.text_or_none("family") or ""]
        text = name.text_or_none("text") or " ".join(part for part in parts if part)
        if text and rank < 9 and (best is None or rank < best[0]):
            best = rank, text
    return best[1] if best else None


def _texts(name: Fields, key: str) -> tuple[str, ...]:
    return name.ids(key) if name.has(key) else ()


def _email(resource: Fields) -> str | None:
    found: dict[str, str] = {}
    for contact in resource.entries("telecom", "a telecom", optional=True):
        value, use = contact.text_or_none("value"), contact.text_or_none("use") or ""
        if contact.text_or_none("system") == "email" and value and use != "old":
            found.setdefault(use, value)
    return found.get("work") or next(iter(found.values()), None)
