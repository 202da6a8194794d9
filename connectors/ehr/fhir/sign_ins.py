"""Who signed in last, by the EHR's own AuditEvents (HL7 FHIR R4, section 6.4; DICOM PS3.15 A.5 for the codes)."""

from datetime import datetime

from connectors.ehr.fhir.people import Naming, reference
from connectors.facts import Account
from connectors.inputs.dates import DateStyle
from connectors.inputs.fields import Fields

DCM = "http://dicom.nema.org/resources/ontology/DCM"
AUTHENTICATION, LOGIN = "110114", "110122"
SUCCESS = "0"
ELEMENTS = "type,subtype,recorded,outcome,agent"
_DATES = DateStyle()


def search_params(since: str) -> dict[str, str | int]:
    """Return the parameters that ask for successful sign-ins since a day, newest first."""
    return {
        "type": f"{DCM}|{AUTHENTICATION}",
        "subtype": f"{DCM}|{LOGIN}",
        "outcome": SUCCESS,
        "date": f"ge{since}",
        "_sort": "-date",
        "_elements": ELEMENTS,
    }


class SignIns:
    """The last sign-in by who did it; of an event nothing else is kept, and of its patients nothing is looked at."""

    def __init__(self, base: str, naming: Naming) -> None:
        self._base, self._naming = base, naming
        self._last: dict[str, datetime] = {}
        self.count = 0

    def add(self, event: Fields) -> None:
        """Take in an event; what is no successful sign-in is passed over, whatever was asked for."""
        found = who_signed_in(event, self._base, self._naming)
        if found is None:
            return
        recorded = event.instant("recorded", _DATES)
        if recorded is None:
            event.refuse("recorded", "missing")
        self.count += 1
        for key in found[1]:
            self._last[key] = max(recorded, self._last.get(key, recorded))

    def of(self, account: Account, roles: list[str]) -> datetime | None:
        """Return the last sign-in of an account, by its address, its roles' addresses, or its login."""
        keys = (account.id, *(f"PractitionerRole/{role}" for role in roles), f"login {account.login.casefold()}")
        return max((self._last[key] for key in keys if key in self._last), default=None)


def who_signed_in(event: Fields, base: str, naming: Naming) -> tuple[str, frozenset[str]] | None:
    """Return when an event says that somebody signed in, and by which keys; `None` for any other event."""
    if not _is_sign_in(event):
        return None
    agents = event.entries("agent", "an agent of an AuditEvent")
    keys = {key for agent in agents if agent.flag("requestor", default=False) for key in _keys(agent, base, naming)}
    return event.text("recorded"), frozenset(keys)


def _keys(agent: Fields, base: str, naming: Naming) -> set[str]:
    who = agent.part("who")
    ref = reference(base, who)
    keys = {str(ref)} if ref and ref.id else set()
    logins = [agent.text_or_none("altId")]
    identifier = who.part("identifier") if who else None
    if identifier and identifier.text_or_none("system") in (None, naming.login):
        logins.append(identifier.text_or_none("value"))
    return keys | {f"login {login.casefold()}" for login in logins if login}


def _is_sign_in(event: Fields) -> bool:
    type_ = event.part("type")
    subtypes = event.entries("subtype", "a subtype of an AuditEvent", optional=True)
    return (
        type_ is not None
        and _is(type_, AUTHENTICATION)
        and any(_is(subtype, LOGIN) for subtype in subtypes)
        and event.text_or_none("outcome") == SUCCESS
    )


def _is(coding: Fields, code: str) -> bool:
    return coding.text_or_none("code") == code and coding.text_or_none("system") == DCM
