"""Who comes to the review's pages, and how: `auditor review link` and `auditor review sign-ins`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from auditor.cli.console import print_lines
from auditor.cli.data.review_sign_ins import (
    AccountData,
    LinkData,
    PersonData,
    ReleasedData,
    RequestData,
    SignInsData,
)
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.config import Config, load_config
from auditor.exit_codes import IN_STEP
from auditor.history.projection import require_store
from auditor.review.opening import settings_of
from auditor.review_page.site import people_of
from auditor.store.web import WebStore
from auditor.web.listen import Listening
from auditor.web.people import Person
from auditor.web.shell import IDLE, LIFE
from auditor.web.sign_in.links import issue_link
from auditor.web.site import utc_now
from connectors.errors import AuditorError, shorten
from reports.words import instant_text, plural

MAX_BY = 100
PURPOSE = "review"
"""For which a person has one link at a time."""

_HERE, _COMMAND = "this machine", "COMMAND"


def run_link(
    path: Path,
    person: str,
    *,
    by: str,
    hours: int | None,
    number: bool | None,
    store: Path | None,
    output: Format,
) -> int:
    """Make a link for a reviewer and print it; raises `AuditorError` for nobody, and for who is no reviewer."""
    config = load_config(path, store=store)
    settings, whose, now = settings_of(config).sign_in, _person(config, person), utc_now()
    if not settings.links:
        raise AuditorError("links do not sign in here", hint="`links: true` under `review: sign_in:` lets them")
    require_store(config)
    with WebStore(config.store) as opened:
        noted = opened.asked(_COMMAND, "review link", _HERE, now)
        try:
            link = issue_link(
                opened,
                whose,
                PURPOSE,
                by=by,
                at=now,
                life=timedelta(hours=settings.link_hours if hours is None else hours),
                numbered=settings.link_number if number is None else number,
            )
        except AuditorError:
            opened.answered(noted, 403, "refused", person=whose.id, about=f"by {by[:MAX_BY]}")
            raise
        opened.answered(noted, 200, "done", person=whose.id, about=f"link {link.id} by {by[:MAX_BY]}")
    address = (settings.site or Listening().origin) + link.path
    data = LinkData(whose.id, link.id, address, link.number, link.expires)
    emit(output, text=lambda: print_lines(*_link_lines(config, whose, data, settings.site)), data=lambda: data)
    return IN_STEP


def _link_lines(config: Config, person: Person, data: LinkData, site: str | None) -> Iterator[str]:
    until = instant_text(data.expires, config.practice.timezone)
    yield f"✓ link {data.link} for {person.name}, once, until {until}; those of before end"
    yield data.address
    if data.number is not None:
        yield f"Tell them by telephone, and not in the letter: {data.number[:3]} {data.number[3:]}"
    yield f"Send it to {person.email or 'them'} and to nobody else: whoever has it is {person.name}."
    if site is None:
        yield "It leads to this machine: for others, say under `review: sign_in: site:` how browsers name the pages."


def run_sign_ins(path: Path, *, requests: int, store: Path | None, output: Format) -> int:
    """Print who may come to the pages, how they sign in, and when they did."""
    config = load_config(path, store=store)
    people, now = people_of(settings_of(config)), utc_now()
    require_store(config)
    with WebStore(config.store) as opened:
        data = SignInsData(
            tuple(_told(opened, person, now) for person in people.values()),
            tuple(
                RequestData(r.at, r.method, r.route, r.person, r.about, r.outcome, r.status, r.address)
                for r in (opened.requests(requests) if requests else ())
            ),
        )
    emit(output, text=lambda: print_lines(*_lines(config, data)), data=lambda: data)
    return IN_STEP


def run_release(path: Path, person: str, *, by: str, store: Path | None, output: Format) -> int:
    """Shut a person out until they sign in anew; also one who is in the configuration no more."""
    config = load_config(path, store=store)
    settings_of(config)
    require_store(config)
    now = utc_now()
    with WebStore(config.store) as opened:
        if person not in people_of(settings_of(config)) and not opened.sessions(person):
            _person(config, person)
        noted = opened.asked(_COMMAND, "review sign-ins --release", _HERE, now)
        ended = opened.release(person, now)
        opened.answered(noted, 200, "done", person=person, about=f"by {by[:MAX_BY]}")
    data = ReleasedData(person, ended.sessions, ended.links, ended.accounts)
    counted = (plural(ended.sessions, "session"), plural(ended.links, "unused link"), plural(ended.accounts, "account"))
    said = f"✓ {person} is shut out until they sign in anew: {', '.join(counted)} ended"
    emit(output, text=lambda: print_lines(said), data=lambda: data)
    return IN_STEP


def _person(config: Config, id_: str) -> Person:
    people = people_of(settings_of(config))
    if id_ not in people:
        raise AuditorError(
            f"nobody under `review: reviewers:` has the id {shorten(id_)}", hint=f"there are: {', '.join(people)}"
        )
    return people[id_]


def _told(store: WebStore, person: Person, now: datetime) -> PersonData:
    sessions = store.sessions(person.id)
    last = sessions[-1] if sessions else None
    waiting = [link.expires for link in store.links(person.id) if not link.used and not link.revoked]
    accounts = tuple(AccountData(one.issuer, one.subject, one.email, one.made) for one in store.bound(person.id))
    return PersonData(
        id=person.id,
        name=person.name,
        roles=tuple(sorted(role.value for role in person.roles)),
        email=person.email,
        accounts=accounts,
        last_sign_in=last.made if last else None,
        last_by=last.means.value if last else None,
        open_sessions=sum(s.ended is None and now - s.seen < IDLE and now - s.made < LIFE for s in sessions),
        link_waits_until=max((until for until in waiting if until > now), default=None),
    )


def _lines(config: Config, data: SignInsData) -> Iterator[str]:
    zone = config.practice.timezone
    for person in data.people:
        yield f"{person.name} ({person.id}): {', '.join(person.roles)}"
        for account in person.accounts:
            since = instant_text(account.since, zone)
            yield f"  account {account.subject} of {account.issuer}, with {account.email}, since {since}"
        if person.last_sign_in is None:
            yield "  never signed in"
        else:
            how = "a link" if person.last_by == "link" else "the provider"
            now_in = f", {plural(person.open_sessions, 'session')} open" if person.open_sessions else ""
            yield f"  signed in last on {instant_text(person.last_sign_in, zone)} by {how}{now_in}"
        if person.link_waits_until is not None:
            yield f"  a link waits until {instant_text(person.link_waits_until, zone)}"
    for request in data.requests:
        what = f"{request.method} {request.route}"
        who = request.person or "nobody"
        about = f" ({request.about})" if request.about else ""
        outcome = f"{request.outcome} {request.status}" if request.outcome else "not known: the process ended"
        yield f"{instant_text(request.at, zone)}  {who}  {what}{about}  {outcome}  from {request.address}"
