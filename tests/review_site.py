"""The pages of a small practice's review behind all guards, in a folder of their own: made once, then copied."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.applications import Starlette

from auditor.config import load_config
from auditor.review.desk import Desk
from auditor.review_page.addresses import person_path
from auditor.review_page.site import review_site
from auditor.review_records import QuestionKind
from auditor.store import Store
from auditor.web.app import make_app
from auditor.web.site import Site
from tests.review_practice import Reviewed, question
from tests.web_visits import ORIGIN, PROVIDER, Visitor


@dataclass(frozen=True)
class Made:
    """A practice with an open campaign, as a command left it."""

    reviewed: Reviewed
    campaign: str

    def copied(self, folder: Path) -> "Made":
        """Return the same in a folder of its own."""
        target = folder / "copied"
        target.mkdir(parents=True)
        for file in self.reviewed.small.folder.iterdir():
            (target / file.name).write_bytes(file.read_bytes())
            (target / file.name).chmod(file.stat().st_mode & 0o777)
        return Made(Reviewed(replace(self.reviewed.small, folder=target)), self.campaign)

    def site(self, store: Store, origin: str = ORIGIN) -> Site:
        """Return its site; everybody has an account with one provider."""
        config = load_config(self.reviewed.small.config)
        site = review_site(config, store, self.reviewed.signer(), origin, clock=self.reviewed.clock)
        return replace(site, provider=PROVIDER)


@dataclass(frozen=True)
class Reviewing:
    """The pages of a practice, running."""

    made: Made
    app: Starlette
    store: Store

    @property
    def campaign(self) -> str:
        return self.made.campaign

    @property
    def desk(self) -> Desk:
        return self.made.reviewed.desk(self.store)

    def as_(self, person: str) -> Visitor:
        """Return the browser of somebody who is signed in."""
        return Visitor(self.app).sign_in(person)

    def path(self, person: str) -> str:
        """Return the address of a person's page."""
        return person_path(self.campaign, person)

    def asked(self, reviewer: str, person: str, kind: QuestionKind) -> str:
        """Return the id of the question of a kind about a person."""
        return question(self.desk, reviewer, self.campaign, person, kind).question.question

    def decided(self) -> str:
        """Return a digest of everything that is recorded of reviews: equal while nothing was changed."""
        with closing(sqlite3.connect(self.made.reviewed.path)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master WHERE type='table' ORDER BY name").fetchall()
            tables = [name for (name,) in names if not name.startswith(("web_", "sqlite_"))]
            dump = [connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in tables]
        return hashlib.sha256(repr(dump).encode()).hexdigest()


@contextmanager
def reviewing(made: Made) -> Iterator[Reviewing]:
    """Run the pages in this process."""
    with Store.open(made.reviewed.path) as store:
        app = make_app(made.site(store))
        try:
            yield Reviewing(made, app, store)
        finally:
            app.state.shell.store.close()
