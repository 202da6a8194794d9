"""
Links that sign a reviewer in, once, for those who have no account with the identity provider.

Filters of mail open links before people do, so to look at one (GET, HEAD) changes nothing: a page with one button, and
the button spends it. What is wrong with a link that is not taken is never said: spent, expired, revoked and made up
are one page. For filters that press buttons: a number of six digits, told by telephone (`link_number`).
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from auditor.store.web import WebStore
from auditor.store.web_records import Means, WebLink
from auditor.web.errors import Refused
from auditor.web.pages import Page, public_get, public_post
from auditor.web.people import Person, Role
from auditor.web.rates import ONE_LINK, ONE_PERSON
from auditor.web.sign_in.sessions import begin_session
from auditor.web.tokens import digest, is_value, new_number, new_value, number_digest
from auditor.web.visit import Visit
from connectors.errors import AuditorError

PATH = "/l/{token}"
_NOT_RIGHT = "That is not the number of this link. After five wrong ones the link is closed."


@dataclass(frozen=True, slots=True)
class IssuedLink:
    """A link as it is handed over: shown once, kept nowhere."""

    id: int
    person: str
    path: str = field(repr=False)
    """To be put behind the address of the site; a secret."""
    number: str | None = field(repr=False)
    """To be told by telephone, never in the same letter."""
    expires: datetime


def issue_link(
    store: WebStore,
    person: Person,
    purpose: str,
    *,
    by: str,
    at: datetime,
    life: timedelta,
    numbered: bool = False,
) -> IssuedLink:
    """
    Make a link for a reviewer, and revoke those that they had for the same purpose.

    `purpose` is what it is made for, such as the id of a campaign; `by` is who has it made. Raises `AuditorError` for
    somebody who is no reviewer: nobody comes as an officer by a letter.
    """
    if Role.REVIEWER not in person.roles:
        raise AuditorError(
            f"`{person.id}` is no reviewer, and a link makes nobody anything else",
            hint="officers and auditors sign in through the identity provider, or work at the command line",
        )
    value, number = new_value(), new_number() if numbered else None
    kept = None if number is None else number_digest(value, number)
    expires = at + life
    id_ = store.add_link(digest(value), person.id, purpose, by=by, at=at, expires=expires, number=kept)
    return IssuedLink(id_, person.id, f"/l/{value}", number, expires)


def link_pages() -> list[Page]:
    """Return the pages of a link."""
    return [
        public_get(PATH, _show),
        public_post(PATH, _use),
        public_post(f"{PATH}/new", _ask_for_another),
    ]


async def _show(visit: Visit) -> Response:
    link = await _live(visit)
    return _spent(visit) if link is None else _button(visit, link)


async def _use(visit: Visit) -> Response:
    value = _value(visit)
    kept = digest(value)
    visit.about = f"link {kept[:8]}"
    if not visit.shell.rates.allows("link", kept, ONE_LINK):
        raise Refused(429)
    number = "".join(visit.form.text("number", max_length=40, default="").split())
    given = number_digest(value, number) if number else None
    before = await _live(visit)
    link = before and await run_in_threadpool(visit.shell.store.use_link, kept, given, visit.now)
    if link is None:
        still = await _live(visit)
        return _spent(visit) if still is None else _button(visit, still, _NOT_RIGHT, 403)
    visit.about = f"link {link.id} {kept[:8]}"
    return await run_in_threadpool(begin_session, visit, link.person, Means.LINK, link=link.id)


async def _ask_for_another(visit: Visit) -> Response:
    """Have a new link sent to the address on file; whether there is such a link, or such a person, is not said."""
    site, value = visit.shell.site, _value(visit)
    link = await run_in_threadpool(visit.shell.store.link, digest(value)) if value else None
    person = site.people.get(link.person) if link else None
    task = None
    if (
        link is not None
        and person is not None
        and site.send_link is not None
        and visit.shell.rates.allows("another", person.id, ONE_PERSON)
    ):
        task = BackgroundTask(site.send_link, person, link.purpose)
        visit.about = f"another link for {person.id}"
    response = visit.render("link_sent.html.j2")
    response.background = task
    return response


def _value(visit: Visit) -> str:
    value = visit.param("token")
    return value if is_value(value) else ""


async def _live(visit: Visit) -> WebLink | None:
    """Return the link of the address while it can be spent by somebody who may come by it."""
    value = _value(visit)
    link = await run_in_threadpool(visit.shell.store.link, digest(value)) if value else None
    if link is None or link.used or link.revoked or link.expires <= visit.now:
        return None
    person = visit.shell.site.people.get(link.person)
    return link if person is not None and Role.REVIEWER in person.roles else None


def _button(visit: Visit, link: WebLink, error: str = "", status: int = 200) -> Response:
    person = visit.shell.site.people[link.person]
    return visit.render("link.html.j2", status=status, person=person, link=link, error=error)


def _spent(visit: Visit) -> Response:
    return visit.render("link_spent.html.j2", status=404)
