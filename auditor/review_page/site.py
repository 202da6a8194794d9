"""The site of a practice's reviews: who may come, its pages, its look."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from auditor.config import Config, load_config
from auditor.ledger.keys import Signer
from auditor.review.desk import Desk
from auditor.review_page.office import Office
from auditor.review_page.routes import review_pages
from auditor.review_settings import ReviewSettings
from auditor.store import Store
from auditor.web.live_people import LivePeople
from auditor.web.people import Person, Role
from auditor.web.site import Network, Site, utc_now
from connectors.errors import AuditorError
from policies.vocabulary import Vocabulary
from reports.words import day_text

_HERE = Path(__file__).parent


def people_of(settings: ReviewSettings) -> dict[str, Person]:
    """Return everybody whom the configuration names, as they may come to the pages."""
    return {
        id_: Person(id_, reviewer.name, reviewer.email, frozenset(Role(role) for role in reviewer.roles))
        for id_, reviewer in settings.reviewers.items()
    }


def _people_now(path: Path) -> dict[str, Person]:
    """Return whom the configuration names now; nobody where it has no `review:` any more."""
    settings = load_config(path, check_files=False).review
    return {} if settings is None else people_of(settings)


def review_site(
    config: Config,
    store: Store,
    signer: Signer,
    origin: str,
    *,
    proxies: tuple[Network, ...] = (),
    send_link: Callable[[Person, str], None] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Site:
    """
    Return the site of a practice, for `auditor.web.app.make_app`.

    Raises `AuditorError` where the configuration names nobody who could come.
    """
    settings = config.review
    if settings is None:
        raise AuditorError(
            "nobody is named who could review",
            hint="name reviewers and the officer under `review:` in the configuration (docs/review.md)",
        )
    practice = config.practice
    desk = Desk(store, practice.id, practice.timezone, settings, signer, clock)
    office = Office(desk, Vocabulary.load(), config)
    return Site(
        title=f"{practice.name} · access review",
        origin=origin,
        store=config.store,
        people=LivePeople(config.path, lambda: _people_now(config.path)),
        pages=review_pages(office),
        templates=(_HERE / "templates",),
        assets=(_HERE / "assets",),
        names={"day": day_text, "own_only": frozenset({Role.REVIEWER})},
        provider=settings.sign_in.oidc,
        folder=config.path.resolve().parent,
        links=settings.sign_in.links,
        send_link=send_link,
        proxies=proxies,
        now=clock,
    )
