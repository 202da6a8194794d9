"""
A fake FHIR R4 service with a known population, built from the documented shapes: no real one comes as a package.

It is honest: it wants a token and the scope for what is asked, gives `_elements` only, pages by links, states its
total, and hides nothing. `instead` of `Fake` makes it lie.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.servers._rest import Call, Fake, Reply, serve
from tests.servers.oauth import TokenEndpoint, new_key

LOGINS = "https://ehr.example/logins"
NUMBERS = "https://agency.example/vma"
NPI = "http://hl7.org/fhir/sid/us-npi"
SSN = "http://hl7.org/fhir/sid/us-ssn"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
PATIENT = "Paula Patient"
"""A patient's name, which no collection may hold."""
SCOPES = "system/AuditEvent.rs system/PractitionerRole.rs system/Practitioner.rs"

Resource = dict[str, Any]


def practitioner(id_: str, login: str, given: str, family: str, *, active: bool | None = True) -> Resource:
    resource: Resource = {
        "resourceType": "Practitioner",
        "id": id_,
        "identifier": [
            {"system": SSN, "value": "000-12-3456"},
            {"system": LOGINS, "value": f"old-{login}", "use": "old"},
            {"system": LOGINS, "value": login},
        ],
        "name": [
            {"use": "maiden", "family": "Before", "given": [given]},
            {"use": "official", "family": family, "given": [given]},
        ],
        "telecom": [
            {"system": "phone", "value": "555-0100"},
            {"system": "email", "value": f"{login}@home.example", "use": "home"},
            {"system": "email", "value": f"{login}@clinic.example", "use": "work"},
        ],
        "birthDate": "1980-01-01",
    }
    return resource if active is None else resource | {"active": active}


def role(id_: str, who: str, code: str, display: str, **more: Any) -> Resource:
    coding = {"system": "http://snomed.info/sct", "code": code, "display": display}
    return {
        "resourceType": "PractitionerRole",
        "id": id_,
        "practitioner": {"reference": f"Practitioner/{who}", "display": "somebody"},
        "code": [{"coding": [coding]}],
        **more,
    }


def person(id_: str, name: str, *links: str) -> Resource:
    return {
        "resourceType": "Person",
        "id": id_,
        "active": True,
        "name": [{"text": name}],
        "link": [{"target": {"reference": link, "display": name}} for link in links],
    }


def sign_in(id_: str, recorded: str, who: Resource, **more: Any) -> Resource:
    return {
        "resourceType": "AuditEvent",
        "id": id_,
        "type": {"system": DCM, "code": "110114"},
        "subtype": [{"system": DCM, "code": "110122"}],
        "action": "E",
        "recorded": recorded,
        "outcome": "0",
        "agent": [{"who": {"reference": "Device/ehr"}, "requestor": False}, who | {"requestor": True}],
        "entity": [{"what": {"reference": "Patient/p1", "display": PATIENT}}],
        **more,
    }


def wrote(id_: str, recorded: str, who: Resource, what: str, action: str = "U", **more: Any) -> Resource:
    """An AuditEvent of somebody who wrote an entry, with the program between them and the server."""
    return {
        "resourceType": "AuditEvent",
        "id": id_,
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "action": action,
        "recorded": recorded,
        "outcome": "0",
        "agent": [{"who": {"reference": "Device/ehr"}, "requestor": False}, who | {"requestor": True}],
        "entity": [{"what": {"reference": what}}],
        **more,
    }


def provenance(id_: str, recorded: str, who: str, target: str) -> Resource:
    agents = [{"who": {"reference": who}}]
    return {"resourceType": "Provenance", "id": id_, "recorded": recorded, "target": [{"reference": target}],
            "agent": agents}  # fmt: skip


def by(reference: str) -> Resource:
    return {"who": {"reference": reference}}


REYES = practitioner("1", "mreyes", "Maria", "Reyes")
REYES["identifier"].append({"system": NUMBERS, "value": "VMA-01"})
RESOURCES: dict[str, list[Resource]] = {
    "Practitioner": [
        REYES,
        practitioner("2", "mreyes2", "Maria", "Reyes"),
        practitioner("3", "drkim", "Hana", "Kim"),
        practitioner("4", "dcalloway", "Denise", "Calloway", active=False),
        practitioner("5", "tquiroga", "Tomás", "Quiroga", active=None),
        {"resourceType": "Practitioner", "id": "6", "active": True, "name": [{"text": "Zoë Last"}]},
    ],
    "PractitionerRole": [
        role("r1", "3", "59058001", "General physician"),
        role("r2", "1", "224608005", "Administrative healthcare staff", active=True, period={"start": "2025-01"}),
        role("r3", "1", "106328005", "Billing clerk", period={"start": "2024-01-01", "end": "2024-12-31"}),
        role("r4", "2", "106328005", "Billing clerk", active=False),
        role("r5", "5", "224608005", "Administrative healthcare staff", period={"end": "2999"}),
        role("r6", "9", "224608005", "Administrative healthcare staff"),
    ],
    "Person": [
        person("p1", PATIENT, "Patient/p1"),
        person("p2", "Maria Reyes", "Practitioner/1", "Patient/p2"),
        person("p3", "Carla Clerk"),
        person("p4", PATIENT, "https://other.example/fhir/Patient/7"),
    ],
    "AuditEvent": [
        sign_in("a1", "2026-11-20T08:00:00Z", by("Practitioner/1")),
        sign_in("a2", "2026-11-21T10:00:00+02:00", by("Practitioner/1")),
        sign_in("a3", "2026-11-22T08:00:00Z", {"who": {"identifier": {"system": LOGINS, "value": "MREYES2"}}}),
        sign_in("a4", "2026-11-19T08:00:00Z", {"altId": "drkim", "who": {"display": "Dr. Kim"}}),
        sign_in("a5", "2026-11-18T08:00:00Z", by("PractitionerRole/r5")),
        sign_in("a6", "2026-11-23T08:00:00Z", by("Practitioner/3"), outcome="8"),
        sign_in("a7", "2026-11-23T08:00:00Z", by("Practitioner/3"), subtype=[{"system": DCM, "code": "110123"}]),
    ],
}
"""Six practitioners (two namesakes, one inactive, one of unknown state), who do what, and who signed in when."""


class FhirFake(Fake):
    """The service; `base` is the address to configure, `oauth` its token endpoint."""

    def __init__(self, page_size: int, *, total: bool) -> None:
        super().__init__()
        self.page_size, self.total = page_size, total
        self.counts = True
        """Whether it knows `_summary=count`."""
        self.resources = {type_: [dict(r) for r in resources] for type_, resources in RESOURCES.items()}
        self.oauth = TokenEndpoint(key=new_key(), scopes=SCOPES)
        self.capabilities = ["client-confidential-asymmetric", "permission-v2"]
        self.version = "4.0.1"
        self.keeps_history = True
        self.versions: dict[str, list[Resource]] = {}
        """By address, the entries of its history, oldest first; who was never saved has one of long ago."""

    @property
    def base(self) -> str:
        return f"{self.url}/fhir"

    def answer(self, call: Call) -> Reply:
        path = call.path.removeprefix("/fhir/")
        if call.path == "/token":
            return self.oauth.answer(call)
        if path == ".well-known/smart-configuration":
            return Reply(200, {"token_endpoint": self.oauth.url, "capabilities": self.capabilities})
        if path == "metadata":
            return Reply(200, self.statement())
        if not self.oauth.knows(call):
            return Reply(401, outcome("login"))
        type_, _, rest = path.partition("/")
        if rest:
            return self.entry(type_, rest, call)
        allowed = (self.oauth.scopes or self.oauth.asked_scopes[-1]).split()
        if not any(scope.partition("/")[2].partition(".")[0] in (path, "*") for scope in allowed):
            return Reply(403, outcome("forbidden"))
        return Reply(200, self.search(path, call)) if path in self.resources else Reply(404, outcome("not-found"))

    def entry(self, type_: str, rest: str, call: Call) -> Reply:
        """Give one entry, or a page of its versions, the newest first."""
        id_, _, history = rest.partition("/")
        versions = self.history_of(f"{type_}/{id_}")
        if not versions or (history and not self.keeps_history):
            return Reply(404, outcome("not-found"))
        if not history:
            last = versions[-1].get("resource")
            return Reply(200, last) if last else Reply(410, outcome("deleted"))
        start = int(call.query.get("_place", "0"))
        size = min(int(call.query.get("_count", "100")), self.page_size)
        link = f"{self.base}/{type_}/{id_}/_history?_count={size}&_place={start + size}"
        more = start + size < len(versions)
        return Reply(
            200,
            {
                "resourceType": "Bundle",
                "type": "history",
                "total": len(versions),
                "link": [
                    {"relation": "self", "url": call.path},
                    *([{"relation": "next", "url": link}] if more else []),
                ],
                "entry": versions[::-1][start : start + size],
            },
        )

    def history_of(self, address: str) -> list[Resource]:
        """Return the versions of an entry, oldest first."""
        type_, _, id_ = address.partition("/")
        if address not in self.versions:
            found = [r for r in self.resources.get(type_, []) if r["id"] == id_]
            self.versions[address] = [
                _version(r | {"active": r.get("active", True)}, 1, "2025-01-02T08:00:00Z", "POST") for r in found
            ]
        return self.versions[address]

    def save(self, id_: str, *, at: str | None = None, **changes: Any) -> None:
        """Save a practitioner, with a stamp in whole seconds; `None` takes a field away."""
        versions = self.history_of(f"Practitioner/{id_}")
        resource = {k: v for k, v in {**versions[-1]["resource"], **changes}.items() if v is not None}
        versions.append(_version(resource, len(versions) + 1, at or f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "PUT"))
        self.resources["Practitioner"] = [resource if r["id"] == id_ else r for r in self.resources["Practitioner"]]

    def delete(self, id_: str) -> None:
        """Delete a practitioner, of whom the history stays."""
        entry = {"request": {"method": "DELETE", "url": f"Practitioner/{id_}"}}
        at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3]
        self.history_of(f"Practitioner/{id_}").append({**entry, "response": {"lastModified": f"{at}Z"}})
        self.resources["Practitioner"] = [r for r in self.resources["Practitioner"] if r["id"] != id_]

    def statement(self) -> Resource:
        search = [{"code": "read"}, {"code": "search-type"}]
        search += [{"code": "history-instance"}] if self.keeps_history else []
        resources = [{"type": type_, "interaction": search} for type_ in self.resources]
        resources.append({"type": "Patient", "interaction": [{"code": "read"}]})
        return {
            "resourceType": "CapabilityStatement",
            "fhirVersion": self.version,
            "rest": [{"mode": "server", "resource": resources}],
        }

    def search(self, type_: str, call: Call) -> Resource:
        """Give a page; the link to the next one repeats the search and adds a place."""
        start = int(call.query.get("_place", "0"))
        size = min(int(call.query.get("_count", "100")), self.page_size)
        matches = [r for r in self.resources[type_] if _matches(r, call.query)]
        if self.counts and call.query.get("_summary") == "count":
            return {"resourceType": "Bundle", "type": "searchset", "total": len(matches)}
        chosen = {"resourceType", "id", *call.query["_elements"].split(",")} if "_elements" in call.query else None
        bundle: Resource = {
            "resourceType": "Bundle",
            "type": "searchset",
            "link": [{"relation": "self", "url": f"{self.base}/{type_}"}],
            "entry": [
                {
                    "fullUrl": f"{self.base}/{type_}/{r['id']}",
                    "resource": {k: v for k, v in r.items() if chosen is None or k in chosen},
                    "search": {"mode": "match"},
                }
                for r in matches[start : start + size]
            ],
        }
        if self.total:
            bundle["total"] = len(matches)
        if start + size < len(matches):
            query = "&".join(
                f"{name}={call.query[name]}" for name in ("_elements", "outcome", "agent") if name in call.query
            )
            link = f"{self.base}/{type_}?{query}&_count={size}&_place={start + size}"
            bundle["link"].append({"relation": "next", "url": link})
        return bundle


def outcome(code: str, severity: str = "error") -> Resource:
    issue = {"severity": severity, "code": code, "diagnostics": f"{PATIENT} cannot be shown"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _matches(resource: Resource, query: dict[str, str]) -> bool:
    if query.get("_id", resource["id"]) != resource["id"]:  # every server knows it (FHIR R4, section 3.1.1.3)
        return False
    agents = [agent.get("who", {}).get("reference") for agent in resource.get("agent", [])]
    about = [one.get("what", {}).get("reference", "") for one in resource.get("entity", [])]
    about += [one.get("reference", "") for one in resource.get("target", [])]
    for name in {"entity", "target"} & query.keys():  # whatever version of it is named
        if query[name] not in [one.partition("/_history/")[0] for one in about]:
            return False
    return resource.get("outcome") == query.get("outcome", resource.get("outcome")) and (
        "agent" not in query or query["agent"] in agents
    )


def _version(resource: Resource, number: int, at: str, method: str) -> Resource:
    meta = {"versionId": str(number), "lastUpdated": at}
    return {"resource": resource | {"meta": meta}, "request": {"method": method, "url": "Practitioner"}}


@contextmanager
def fhir_service(page_size: int = 2, *, total: bool = True) -> Iterator[FhirFake]:
    """Run the fake; three pages of practitioners with the default page size."""
    fake = FhirFake(page_size, total=total)
    with serve(fake):
        fake.oauth.url = f"{fake.url}/token"
        yield fake
