"""
Reads who is listed in an EHR that offers nothing but FHIR R4: Practitioner, PractitionerRole, Person, AuditEvent.

FHIR proves that somebody is listed. It does not say with which login, whether that login works, what it may do, or how
it signs in. So every account holds one entitlement that no catalog knows, `fhir:rights-not-said`, and what cannot be
judged is not evaluated. `docs/connect-fhir.md` says how to set up the client that reads.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import utc_now
from connectors.connector import Endpoint, Page, ProbeStep
from connectors.ehr.fhir.log import FhirLog
from connectors.ehr.fhir.people import ELEMENTS, Naming, decode_account
from connectors.ehr.fhir.read import PeopleReading, ReadPlan
from connectors.ehr.fhir.scopes import Client, covers, granted, introspect, refuse_wide, to_ask
from connectors.ehr.fhir.search import PROVENANCE, FhirSearch
from connectors.ehr.fhir.service import Smart, read_service, read_smart
from connectors.errors import SourceDenied, SourceMalformed
from connectors.facts import Account, System
from connectors.http.client import Web, encrypted_address
from connectors.http.sign_in import HttpSignIn, Name, SignInSettings
from connectors.one_account import AccountNow

PRODUCTS = ("smart-scopes",)
ACCEPT = "application/fhir+json"


class Settings(SignInSettings):
    """How to reach a FHIR service, as whom, and what to read."""

    finds_token_url: ClassVar[bool] = True

    persons: bool = False
    """Also read `Person`, for a service whose staff are not all practitioners; patients in it are dropped unread."""
    sign_ins: bool | None = None
    """Whether to read sign-ins from `AuditEvent`; left out: where the service offers it."""
    sign_ins_days: Annotated[int, Field(ge=1, le=2192)] = 365
    """How many days of sign-ins to read; longer than the days after which your roles call an account dormant."""
    login_system: Name | None = None
    """The `system` of the identifier that is the login, such as `https://ehr.example.org/logins`."""
    employee_system: Name | None = None
    """The `system` of the identifier that is the person number of your roster."""
    introspection_url: Annotated[str, Field(max_length=2000)] | None = None
    """Beside `token_env`: where the server says what a token may do (RFC 7662)."""
    accept_wide_scopes: bool = False
    """Read although the client may do more than it needs; for a server that can grant no less."""
    page_size: Annotated[int, Field(ge=1, le=5000)] = 200
    """How many entries to ask for at once; the server may give fewer."""
    canary: Name | None = None
    """The login of an account that must be seen; without `login_system` its address, such as `Practitioner/123`."""
    expect_accounts: Annotated[int, Field(ge=1)] | None = None
    """How many practitioners (and persons) are listed, from the product's own screen."""

    @field_validator("introspection_url")
    @classmethod
    def _introspection_url(cls, value: str | None) -> str | None:
        return None if value is None else encrypted_address(value)


class FhirService:
    """A connector that pages through sign-ins, roles, then practitioners and persons, of one service."""

    def __init__(
        self, system: System, settings: Settings, folder: Path, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self.system = system
        self.source = settings.url
        self.canary = settings.canary
        self._settings, self._folder, self._clock = settings, folder, clock
        self._web = Web(system.id, settings, folder, headers={"accept": ACCEPT})
        self._sign_in = HttpSignIn(system.id, settings, folder, self._web)
        self._smart: Smart | None = None
        self._read: PeopleReading | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where it connects to."""
        return self._web.endpoint

    def read_page(self, token: str | None) -> Page:
        """Read one page; raises `SourceError` for anything that is not a whole page."""
        self._authorize()
        if token is None:
            self._read = self._open()
        if self._read is None:
            raise SourceMalformed(f"`{self.system.id}`: pages must be read in order, from the first")
        return self._read.page(token)

    def read_log(self, question: LogQuestion) -> LogAnswer:
        """Read the versions of the practitioners in question, and their sign-ins where they are read at all."""
        self._authorize()
        settings, read_at = self._settings, self._clock()
        client = self._client()
        types, service = self._types(client), read_service(self.system.id, self._web)
        told = PROVENANCE in service.types and (client is None or covers(client.scopes, PROVENANCE))
        return FhirLog(
            system=self.system.id,
            web=self._web,
            base=settings.url,
            naming=Naming(settings.login_system, settings.employee_system),
            history="Practitioner" in service.histories,
            sign_ins="AuditEvent" in types,
            sign_ins_since=read_at - timedelta(days=settings.sign_ins_days),
            written=(*(["AuditEvent"] if "AuditEvent" in types else []), *([PROVENANCE] if told else [])),
        ).read(question, read_at)

    def read_accounts(self, accounts: Sequence[Account]) -> Mapping[str, AccountNow | None]:
        """
        Return who is asked for, by a search for each id: it takes no other scope than a whole read does.

        What somebody may do FHIR does not say, so nobody has looked. Raises `SourceError`.
        """
        self._authorize()
        self._client()
        naming = Naming(self._settings.login_system, self._settings.employee_system)
        found: dict[str, AccountNow | None] = {}
        for asked in accounts:
            type_, _, id_ = asked.id.partition("/")
            if type_ not in ELEMENTS:
                found[asked.id] = None  # a client of the server, and nobody listed
            elif id_:
                params: dict[str, str | int] = {"_id": id_, "_elements": ELEMENTS[type_]}
                search = FhirSearch(self.system.id, self._web, self._settings.url, type_, params)
                for resource in search.page(None).resources:
                    account = decode_account(self.system.id, type_, resource, naming)
                    if account.id == asked.id:
                        found[account.id] = AccountNow(account)
        return found

    def steps(self) -> Sequence[ProbeStep]:
        """Try the service's description of itself, the sign-in, and each search."""
        return (
            ProbeStep("service", self._try_service),
            ProbeStep("sign-in", self._try_sign_in),
            ProbeStep("rights", self._try_rights),
        )

    def close(self) -> None:
        """Close the connection."""
        self._web.close()
        self._read = None

    def _authorize(self) -> None:
        settings = self._settings
        if settings.client_id is None:
            self._sign_in.authorize()
            return
        if self._smart is None:
            known = settings.token_url and settings.scope
            self._smart = Smart(None, v2=True) if known else read_smart(self.system.id, self._web, settings.url)
        self._sign_in.authorize(token_url=self._smart.token_url, scope=to_ask(self._wanted(), v2=self._smart.v2))

    def _wanted(self) -> list[str]:
        settings = self._settings
        return [
            *([] if settings.sign_ins is False else ["AuditEvent"]),
            *("PractitionerRole", "Practitioner"),
            *(["Person"] if settings.persons else []),
        ]

    def _client(self) -> Client | None:
        """Return the auditor's client, when it may not do too much; `None` where nobody says what it may do."""
        settings, found = self._settings, None
        if settings.client_id and self._sign_in.scope is not None:
            found = Client(settings.client_id, granted(self.system.id, self._sign_in.scope))
        elif settings.token_env and settings.introspection_url:
            web = Web(self.system.id, settings.model_copy(update={"url": settings.introspection_url}), self._folder)
            found = introspect(self.system.id, web, settings.introspection_url, settings.token_env)
        if found and not settings.accept_wide_scopes:
            refuse_wide(self.system.id, found.scopes)
        return found

    def _types(self, client: Client | None) -> tuple[str, ...]:
        """Return what is read, in order: what accounts are made of before the accounts."""
        settings, offered = self._settings, read_service(self.system.id, self._web).types
        asked_for = [*(["Person"] if settings.persons else []), *(["AuditEvent"] if settings.sign_ins else [])]
        missing = [type_ for type_ in asked_for if type_ not in offered]
        if missing:
            raise SourceDenied(
                f"`{self.system.id}` does not let anybody search `{missing[0]}`",
                hint="leave `persons` or `sign_ins` out for this system",
            )
        if settings.sign_ins is None and client is not None and not covers(client.scopes, "AuditEvent"):
            offered -= {"AuditEvent"}
        return tuple(type_ for type_ in self._wanted() if type_ in offered)

    def _open(self) -> PeopleReading:
        settings, client, now = self._settings, self._client(), self._clock()
        plan = ReadPlan(
            base=settings.url,
            types=self._types(client),
            naming=Naming(settings.login_system, settings.employee_system),
            page_size=settings.page_size,
            today=now.date().isoformat(),
            since=(now - timedelta(days=settings.sign_ins_days)).date().isoformat(),
            client=client,
            canary=settings.canary,
            expected=settings.expect_accounts,
        )
        return PeopleReading(self.system.id, self._web, plan)

    def _try_service(self) -> str:
        if self._settings.client_id is None:
            self._authorize()
        service = read_service(self.system.id, self._web)
        wanted = [type_ for type_ in self._wanted() if type_ in service.types]
        return f"FHIR {service.version}; offers {', '.join(wanted)}"

    def _try_sign_in(self) -> str:
        self._authorize()
        client = self._client()
        return "signed in; " + (f"granted: {' '.join(client.scopes)}" if client else "nobody says what for")

    def _try_rights(self) -> str:
        self._authorize()
        types = self._types(self._client())
        for type_ in types:
            FhirSearch(self.system.id, self._web, self._settings.url, type_, {"_count": 1}).page(None)
        return f"may search {', '.join(types)}"


def connect(system: System, settings: Settings, folder: Path) -> FhirService:
    """Return the connector; nothing is read yet."""
    return FhirService(system, settings, folder)


def setup(system: System, settings: Settings) -> str:
    """Return the least-privilege registration of the auditor's client, for whoever administers the EHR."""
    types = ["Practitioner", "PractitionerRole", *(["Person"] if settings.persons else [])]
    types += [] if settings.sign_ins is False else ["AuditEvent"]
    return f"""\
Register a client for the auditor at {system.title} (SMART Backend Services, confidential, no user, no launch):

  grant type       client_credentials
  authentication   private_key_jwt, ES384 or RS384
  scopes           {to_ask(types, v2=True)}
                   (on a server that knows SMART 1 only: {to_ask(types, v2=False)})

No scope that writes, and none of patients: the auditor refuses to read with one.

Make the key on the machine that runs the auditor; register the public half, and keep the other readable by it only:

  umask 077
  openssl ecparam -name secp384r1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out auditor-fhir.pem
  openssl ec -in auditor-fhir.pem -pubout
"""
