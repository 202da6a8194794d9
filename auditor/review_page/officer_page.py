"""The officer's page, which the auditor reads too: how far the review is, how it was decided, and what became of it."""

from collections.abc import Callable, Sequence

from starlette.responses import Response

from auditor.review_page.addresses import people_path, person_of, read_path
from auditor.review_page.office import CampaignSeen, Office
from auditor.review_page.overview import Overview
from auditor.review_page.people_page import PAGE, Pages, page_number
from auditor.web.people import Role
from auditor.web.visit import Visit


def progress(office: Office, visit: Visit) -> Response:
    """Show the whole of a campaign."""
    seen = office.campaign(visit, whole=True)
    return show(office, visit, seen)


def show(
    office: Office, visit: Visit, seen: CampaignSeen, wrong: dict[str, str] | None = None, because: str = ""
) -> Response:
    """Show the officer's page; with what is to be mended before it can be closed."""
    overview = office.overviews.of(seen.campaign)
    words = office.words(seen)
    mine = office.takes_part(seen.campaign.id, visit.person.id)
    return visit.render(
        "review/progress.html.j2",
        status=422 if wrong else 200,
        seen=seen,
        campaign=seen.campaign,
        overview=overview,
        opened=words.moment(seen.campaign.opened_at),
        as_of=words.moment(overview.at),
        own=people_path(seen.campaign.id) if mine and not seen.closed else "",
        may_close=Role.OFFICER in visit.roles and not seen.closed,
        wrong=wrong or {},
        because=because,
    )


def undecided(office: Office, visit: Visit) -> Response:
    """List what nobody has decided, the riskiest first."""
    return _listed(office, visit, "review/undecided.html.j2", "open", lambda overview: overview.undecided)


def removed(office: Office, visit: Visit) -> Response:
    """List what was decided to go, and how far each is."""
    return _listed(office, visit, "review/removals.html.j2", "removals", lambda overview: overview.removals)


def everybody(office: Office, visit: Visit) -> Response:
    """List everybody whose access is reviewed, with who decides."""
    return _listed(office, visit, "review/everybody.html.j2", "people", lambda overview: overview.people)


def _listed(
    office: Office, visit: Visit, template: str, place: str, lines_of: Callable[[Overview], Sequence[object]]
) -> Response:
    """Show one of the lists of a campaign, a page at a time."""
    seen = office.campaign(visit, whole=True)
    lines = lines_of(office.overviews.of(seen.campaign))
    number = page_number(visit, len(lines))
    return visit.render(
        template,
        campaign=seen.campaign,
        lines=lines[PAGE * (number - 1) : PAGE * number],
        count=len(lines),
        pages=Pages.of(f"/review/{seen.campaign.id}/{place}", number, len(lines)),
    )


def read_person(office: Office, visit: Visit) -> Response:
    """Show everything about one person; nothing can be decided here."""
    seen = office.campaign(visit, whole=True)
    person = person_of(visit.param("person"))
    view = office.whole(visit).person(office.who(visit), seen.campaign.id, person)
    if view is None:
        raise visit.not_found()
    words = office.words(seen)
    names = office.names
    return visit.render(
        "review/read_person.html.j2",
        seen=seen,
        campaign=seen.campaign,
        person=view.person,
        asks=words.asks(view),
        reviewer=lambda ask: names.get(ask.view.state.reviewer, ask.view.state.reviewer),
        path=read_path(seen.campaign.id, person),
    )
