"""The letter with a new link, when somebody asks for one on the page of a link that is spent."""

from collections.abc import Callable
from datetime import timedelta

from auditor.cli.console import complain
from auditor.cli.review_sign_ins import PURPOSE
from auditor.config import Config
from auditor.store.web import WebStore
from auditor.watch.mail import send_mail
from auditor.watch.messages import message_id
from auditor.watch.state import Message
from auditor.web.people import Person
from auditor.web.sign_in.links import issue_link
from connectors.collect import utc_now
from connectors.errors import AuditorError
from reports.words import instant_text


def link_sender(config: Config, origin: str) -> Callable[[Person, str], None] | None:
    """
    Return what sends a person a new link, to the address on file and nowhere else.

    `None` where nobody can: there is no mail server, links do not sign in, or each needs a number by telephone. It
    goes out at once or not at all: a letter that waits in a file would hold what signs in.
    """
    server = config.watch.mail_server if config.watch else None
    settings = config.review.sign_in if config.review else None
    if server is None or settings is None or not settings.links or settings.link_number:
        return None
    folder, practice = config.path.resolve().parent, config.practice
    life = timedelta(hours=settings.link_hours)

    def send(person: Person, _purpose: str) -> None:
        if person.email is None:
            return
        now = utc_now()
        try:
            with WebStore(config.store) as store:
                link = issue_link(store, person, PURPOSE, by="asked for on the page", at=now, life=life)
            until = instant_text(link.expires, practice.timezone)
            body = (
                f"You asked for a new link to the access review of {practice.name}:\n\n{origin}{link.path}\n\n"
                f"It is for {person.name} alone, works once, and until {until}. Those of before do not work any more.\n"
                "If you did not ask for it, do nothing, and tell whoever runs the review.\n"
            )
            id_ = message_id(practice.id, "link", link.id, now.isoformat())
            subject = f"{practice.name}: your new link to the access review"
            send_mail(server, folder, person.email, Message(id_, f"reviewer-{person.id}", subject, body, "", now))
        except AuditorError as error:
            complain(f"a new link for `{person.id}` could not be sent: {error}")

    return send
