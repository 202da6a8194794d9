"""What all requests of a site share: its store, what is remembered of browsers, its templates and its rates."""

from datetime import timedelta

from auditor.store.web import WebStore
from auditor.store.web_records import Means, WebSession
from auditor.web.forms import FormKeys
from auditor.web.memory import ShortMemory
from auditor.web.people import Role
from auditor.web.rates import Rates
from auditor.web.rendering import Assets, Templates
from auditor.web.site import Site
from reports import words

IDLE = timedelta(minutes=30)
"""After so long without a request a session lapses."""
LIFE = timedelta(hours=12)
"""After so long a session ends, whatever was done in it."""

REMEMBERED = 2000
"""Browsers of which something is remembered for a short while."""


class Shell:
    """The state of one site in one process."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.store = WebStore(site.store)
        self.rates = Rates()
        self.keys = FormKeys()
        self.said: ShortMemory[str] = ShortMemory(600, REMEMBERED)
        """What the next page of a browser says in its status line, by the digest of its value."""
        self.wanted: ShortMemory[str] = ShortMemory(900, REMEMBERED)
        """The page that a browser asked for before it had to sign in."""
        self.assets = Assets(site.assets)
        given = {"site": site, "asset": self.assets.__getitem__, "sheets": self.assets.sheets, "plural": words.plural}
        given |= {"idle_minutes": int(IDLE.total_seconds() // 60), "life_hours": int(LIFE.total_seconds() // 3600)}
        self.templates = Templates(site.templates, {**site.names, **given})

    def session_of(self, digest: str) -> WebSession | None:
        """Return the session of a browser, while it lasts and the configuration still lets its person in so."""
        session = self.store.session(digest, self.site.now(), idle=IDLE, life=LIFE)
        return session if session is not None and self.roles_of(session) else None

    def roles_of(self, session: WebSession) -> frozenset[Role]:
        """Return as what a session may ask: as the configuration says now, and by a link as a reviewer at most."""
        site, person = self.site, self.site.people.get(session.person)
        roles = person.roles if person is not None else frozenset()
        if session.means is Means.LINK:
            return roles & {Role.REVIEWER} if site.links else frozenset()
        return roles if site.provider is not None and session.issuer == site.provider.issuer else frozenset()
