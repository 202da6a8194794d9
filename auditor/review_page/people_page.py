"""Where a reviewer begins: whom they decide about, how far they are, and what to do next."""

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from auditor.review_page.addresses import officer_path, people_path, person_path, sign_path
from auditor.review_page.office import Office
from auditor.web.errors import Refused
from auditor.web.people import Role
from auditor.web.visit import Visit
from connectors.inputs.dates import day_of

PAGE = 100


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person in the list."""

    name: str
    path: str
    open: int
    total: int


def home(office: Office, visit: Visit) -> Response:
    """Lead whoever signed in to what waits for them: their people, or the officer's page; or say that nothing does."""
    who = office.who(visit)
    mine = office.own(visit).campaigns(who)
    if Role.OFFICER in visit.roles or Role.AUDITOR in visit.roles:
        every = office.every()
        paths = {one.campaign.id: officer_path(one.campaign.id) for one in every}
        own = {c.id: people_path(c.id) for c in mine}
        return visit.render("review/campaigns.html.j2", every=every, paths=paths, own=own)
    if len(mine) == 1:
        return visit.redirect(people_path(mine[0].id))
    return visit.render("review/mine.html.j2", mine=[(c, people_path(c.id)) for c in mine])


def people(office: Office, visit: Visit) -> Response:
    """Show somebody's people, the open and riskiest first."""
    seen = office.campaign(visit)
    campaign = seen.campaign
    who = office.who(visit)
    lines = office.own(visit).people(who, campaign.id, limit=2**31)
    if not lines:
        raise visit.not_found()
    number = page_number(visit, len(lines))
    rows = [
        PersonRow(line.name, person_path(campaign.id, line.person), line.open, line.total)
        for line in lines[PAGE * (number - 1) : PAGE * number]
    ]
    due_in = (campaign.due - day_of(visit.now, office.desk.timezone)).days
    return visit.render(
        "review/people.html.j2",
        seen=seen,
        campaign=campaign,
        due_in=due_in,
        progress=office.tally(visit, campaign.id),
        rows=rows,
        begin=rows[0] if rows and rows[0].open else None,
        sign=sign_path(campaign.id),
        signed=office.signed(campaign.id, visit.person.id),
        pages=Pages.of(people_path(campaign.id), number, len(lines)),
    )


@dataclass(frozen=True, slots=True)
class Pages:
    """Which part of a long list is shown, and where the others are."""

    number: int
    last: int
    before: str
    after: str

    @classmethod
    def of(cls, path: str, number: int, count: int) -> "Pages":
        """Return the parts of a list of so many."""
        last = max(1, -(-count // PAGE))

        def at(n: int) -> str:
            return f"{path}?{urlencode({'page': n})}" if 1 <= n <= last else ""

        return cls(number, last, at(number - 1), at(number + 1))


def page_number(visit: Visit, count: int) -> int:
    """Return which part of a list of so many is asked for; raises `Refused` (404) for one that there is not."""
    text = visit.query("page", "1", max_length=6)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= max(1, -(-count // PAGE)):
        raise Refused(404)
    return int(text)
