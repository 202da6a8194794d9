"""One read of a FHIR service: sign-ins, then roles, then practitioners and persons, so that nobody has to be kept."""

from dataclasses import dataclass, replace

from connectors.connector import Page
from connectors.ehr.fhir.people import ELEMENTS, PATIENTS, HeldRole, Naming, decode_account, decode_role, links
from connectors.ehr.fhir.scopes import Client, client
from connectors.ehr.fhir.search import FhirSearch
from connectors.ehr.fhir.sign_ins import SignIns, search_params
from connectors.errors import SourceTruncated
from connectors.facts import Account, Entitlement, EntitlementKind, Evidence, Grant
from connectors.http.client import Web
from connectors.inputs.fields import Fields
from connectors.unproven import counted, shown_otherwise

NOT_SAID = "fhir:rights-not-said"
"""Held by everybody who is listed, because FHIR does not say what they may do: no catalog knows it, so it is told."""


@dataclass(frozen=True, slots=True)
class ReadPlan:
    """What is read, and how it is understood."""

    base: str
    types: tuple[str, ...]
    """In the order of reading; `Practitioner` comes before `Person`."""
    naming: Naming
    page_size: int
    today: str
    since: str
    """The first day of the sign-ins that are read."""
    client: Client | None
    """The auditor's own client, where the server says what it may do."""
    canary: str | None = None
    expected: int | None = None
    """How many are listed, by the product's own screen."""


class PeopleReading:
    """One read from the first sign-in to the last person."""

    def __init__(self, system: str, web: Web, plan: ReadPlan) -> None:
        self._system, self._plan = system, plan
        self._searches = [self._search(web, type_) for type_ in plan.types]
        self._sign_ins = SignIns(plan.base, plan.naming)
        self._roles: dict[str, list[HeldRole]] = {}
        self._named: dict[str, Entitlement] = {}
        self._practitioners: set[str] = set()
        self._patients = self._same = self._accounts = 0

    def page(self, token: str | None) -> Page:
        """Read the page that `token` names; raises `SourceError` for anything that is not a whole page."""
        place, _, link = (token or "0").partition(" ")
        number = int(place)
        search = self._searches[number]
        found = search.page(link or None)
        page = {"AuditEvent": self._events, "PractitionerRole": self._take_roles}.get(search.type, self._people)(
            found.resources
        )
        if number == 0 and token is None:
            page = self._with_client(page)
        if found.next:
            return replace(page, next_token=f"{number} {found.next}")
        if number + 1 < len(self._searches):
            return replace(page, next_token=f"{number + 1}")
        return replace(page, evidence=self._evidence())

    def _search(self, web: Web, type_: str) -> FhirSearch:
        params: dict[str, str | int] = {"_count": self._plan.page_size, "_total": "accurate"}
        params |= search_params(self._plan.since) if type_ == "AuditEvent" else {"_elements": ELEMENTS[type_]}
        return FhirSearch(self._system, web, self._plan.base, type_, params)

    def _events(self, events: tuple[Fields, ...]) -> Page:
        for event in events:
            self._sign_ins.add(event)
        return Page()

    def _take_roles(self, roles: tuple[Fields, ...]) -> Page:
        for resource in roles:
            role = decode_role(self._system, self._plan.base, resource, self._plan.today)
            self._roles.setdefault(role.practitioner, []).append(role)
            for held in role.held:
                self._named.setdefault(held.id, held)  # a code may be displayed in several ways: the first counts
        return Page()

    def _people(self, resources: tuple[Fields, ...]) -> Page:
        accounts: list[Account] = []
        grants: list[Grant] = []
        for resource in resources:
            type_, id_ = resource.text("resourceType"), resource.text("id")
            if type_ == "Person" and not self._is_staff(resource):
                continue
            roles = self._roles.get(id_, []) if type_ == "Practitioner" else []
            account = decode_account(self._system, type_, resource, self._plan.naming)
            accounts.append(replace(account, last_login=self._sign_ins.of(account, [role.id for role in roles])))
            held = dict.fromkeys([NOT_SAID, *(e.id for role in roles for e in role.held)])
            grants += [Grant(account.id, entitlement) for entitlement in held]
            if type_ == "Practitioner":
                self._practitioners.add(id_)
        described = [self._named[g.entitlement] for g in grants if g.entitlement in self._named]
        self._accounts += len(accounts)
        not_said = Entitlement(self._system, NOT_SAID, "rights not told by FHIR", EntitlementKind.PRIVILEGE)
        return Page(tuple(accounts), (not_said, *dict.fromkeys(described)), tuple(grants))

    def _is_staff(self, person: Fields) -> bool:
        """Whether a Person is an account of its own; a patient is passed over before anything else is looked at."""
        linked = links(self._plan.base, person)
        practitioners = {link.id for link in linked if link.type == "Practitioner"}
        if practitioners & self._practitioners:
            self._same += 1
            return False
        if not practitioners and any(link.type in PATIENTS for link in linked):
            self._patients += 1
            return False
        return True

    def _with_client(self, page: Page) -> Page:
        if self._plan.client is None:
            return page
        account, held = client(self._system, self._plan.client.id, self._plan.client.scopes)
        return replace(
            page,
            accounts=(account, *page.accounts),
            entitlements=(*held, *page.entitlements),
            grants=(*(Grant(account.id, scope.id) for scope in held), *page.grants),
        )

    def _end_of(self, search: FhirSearch) -> str:
        """Return what proves the end of a search; raises `SourceTruncated` where who is listed may go on."""
        end = search.proof
        if not end and search.type == "PractitionerRole":
            end = "nothing proves its end; what somebody may do FHIR does not say anyway"
        if not end:
            end = shown_otherwise(
                self._system,
                search.type,
                search.read,
                expected=self._plan.expected,
                canary=self._plan.canary,
                asked=self._plan.page_size,
            )
        stated = "as it stated" if search.total is not None else "without a stated total"
        return f"{search.read} {search.type} {stated}: {end}"

    def _evidence(self) -> tuple[Evidence, ...]:
        if not any(search.read for search in self._searches if search.type in ("Practitioner", "Person")):
            raise SourceTruncated(
                f"`{self._system}` listed nobody at all",
                hint="check the scopes of the auditor's client; some servers answer with nothing instead of refusing",
            )
        told = [
            Evidence("end", "; ".join(map(self._end_of, self._searches))),
            *counted(self._system, self._accounts, self._plan.expected),
            Evidence("says", "who is listed; not with which rights, and of the sign-in only what AuditEvent tells"),
        ]
        searched = {search.type for search in self._searches}
        if "AuditEvent" in searched:
            told.append(
                Evidence("sign-ins", f"{self._sign_ins.count} since {self._plan.since}; earlier ones are not known")
            )
        if "PractitionerRole" not in searched:
            told.append(Evidence("roles", "the service does not offer PractitionerRole"))
        unknown = len(self._roles.keys() - self._practitioners)
        if unknown:
            told.append(Evidence("unknown-members", f"roles of {unknown} practitioners who were not listed"))
        if "Person" in searched:
            told.append(Evidence("persons", f"{self._same} are practitioners; patients passed over: {self._patients}"))
        return tuple(told)
