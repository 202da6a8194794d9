"""Reading the fake FHIR service, honest or lying."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.collect import collect
from connectors.ehr.fhir import connector as fhir
from connectors.facts import Collection, Complete, Partial, System, SystemKind
from tests.servers._rest import Call, Reply
from tests.servers.fhir import LOGINS, NUMBERS, PATIENT, FhirFake, fhir_service
from tests.servers.oauth import pem

EHR = System("ehr", SystemKind.EHR, "smart-scopes", "EHR", holds_phi=True)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PEOPLE = {"mreyes", "mreyes2", "drkim", "dcalloway", "tquiroga", "Practitioner/6"}
AUDITOR = "access-auditor"
NOT_SAID = "rights not told by FHIR"


def connector(fake: FhirFake, folder: Path, **settings: object) -> fhir.FhirService:
    (folder / "key.pem").write_bytes(pem(fake.oauth.key))
    fields = {
        "url": fake.base,
        "client_id": AUDITOR,
        "key_file": "key.pem",
        "login_system": LOGINS,
        "employee_system": NUMBERS,
        "canary": "drkim",
        **settings,
    }
    return fhir.FhirService(EHR, fhir.Settings.model_validate(fields), folder, clock=lambda: NOW)


def read(fake: FhirFake, folder: Path, **settings: object) -> Collection:
    return collect(connector(fake, folder, **settings), clock=lambda: NOW)


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    assert PATIENT not in repr(collection)
    assert "000-12-3456" not in repr(collection)
    return collection


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), collection.completeness
    assert not collection.accounts
    told = collection.completeness.reason + collection.completeness.hint
    assert PATIENT not in told
    return collection.completeness.reason


def evidence(collection: Collection) -> dict[str, str]:
    assert isinstance(collection.completeness, Complete)
    return {e.name: e.detail for e in collection.completeness.evidence}


def held(collection: Collection, login: str) -> set[str]:
    id_ = next(a.id for a in collection.accounts if a.login == login)
    return {collection.entitlements[g.entitlement].name for g in collection.grants if g.account == id_}


def on(type_: str, change: Callable[[Any], Any]) -> Callable[[FhirFake], None]:
    """Change the results of one search."""

    def install(fake: FhirFake) -> None:
        def instead(call: Call) -> Reply | None:
            if call.path != f"/fhir/{type_}":
                return None
            reply = fake.answer(call)
            return Reply(reply.status, change(reply.body)) if reply.status == 200 else reply

        fake.instead = instead

    return install


def each(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], Any]:
    def changed(bundle: Any) -> Any:
        for entry in bundle["entry"]:
            change(entry["resource"])
        return bundle

    return changed


def lying(install: Callable[[FhirFake], None], folder: Path, **settings: object) -> Collection:
    with fhir_service() as fake:
        install(fake)
        return read(fake, folder, **settings)
