"""How a session begins, by whatever way somebody came in."""

from starlette.responses import Response

from auditor.store.web_records import Means
from auditor.web.tokens import digest, new_value
from auditor.web.visit import Visit


def begin_session(
    visit: Visit,
    person: str,
    means: Means,
    *,
    issuer: str | None = None,
    subject: str | None = None,
    link: int | None = None,
) -> Response:
    """Sign a person in: a new value for the browser, its earlier session ended, and on to the page that it wanted."""
    shell, before = visit.shell, visit.value
    value = new_value()
    session = shell.store.sign_in(
        digest(value),
        person,
        means,
        at=visit.now,
        instead_of=digest(before) if before else None,
        issuer=issuer,
        subject=subject,
        link=link,
    )
    visit.signed_in_as = person
    wanted = (shell.wanted.take(digest(before)) if before else None) or shell.site.home
    visit.value, visit.known, visit.new_cookie = value, session, True
    return visit.redirect(wanted)
