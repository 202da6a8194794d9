"""What a site is made of: given by whoever builds pages, and the same for every request."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from auditor.sign_in_settings import Provider, is_origin
from auditor.web.pages import Page
from auditor.web.people import Person, fold_email
from connectors.errors import AuditorError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def utc_now() -> datetime:
    """Return the present, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Site:
    """One site: its pages, who may come, and how they sign in."""

    title: str
    """Shown on every page, such as the name of the practice."""
    origin: str
    """How browsers name it: `https://review.example`, or `http://127.0.0.1:8802`; no other name is answered."""
    store: Path
    people: Mapping[str, Person]
    """Everybody whom the configuration names, by id."""
    pages: tuple[Page, ...]
    home: str = "/"
    """The page to which signing in leads; one of `pages`."""
    templates: tuple[Path, ...] = ()
    """Folders of templates, beside those of the shell."""
    assets: tuple[Path, ...] = ()
    """Folders of style sheets and pictures, beside those of the shell."""
    names: Mapping[str, object] = field(default_factory=dict)
    """What the templates of the pages may use, beside what the shell gives."""
    provider: Provider | None = None
    """The identity provider; `None`: links only."""
    folder: Path = Path()
    """To which the paths of `provider` are relative."""
    links: bool = True
    """Whether single-use links sign in."""
    send_link: Callable[[Person, str], None] | None = None
    """Sends a person a new link for the purpose of an old one, to the address on file; `None`: nobody sends any."""
    proxies: tuple[Network, ...] = ()
    """Where the proxy in front asks from; empty: there is none, and no header of one is believed."""
    now: Callable[[], datetime] = utc_now

    def __post_init__(self) -> None:
        check_origin(self.origin)
        _one_address_each(self.people.values())

    @property
    def host(self) -> str:
        """The only `Host` that is answered."""
        return urlsplit(self.origin).netloc

    @property
    def encrypted(self) -> bool:
        """Whether browsers come by TLS."""
        return self.origin.startswith("https://")


def check_origin(origin: str) -> None:
    """Raise `AuditorError` unless a browser could send this as its `Origin`."""
    if not is_origin(origin):
        raise AuditorError(
            f"`{origin}` is not the address of a site",
            hint="give it as `https://review.example`: lower case, and nothing behind the name",
        )


def _one_address_each(people: Iterable[Person]) -> None:
    """Refuse two people with one address: whoever has the mailbox would be both."""
    seen: dict[str, str] = {}
    for person in people:
        if person.email is None:
            continue
        other = seen.setdefault(fold_email(person.email), person.id)
        if other != person.id:
            raise AuditorError(
                f"`{other}` and `{person.id}` have one e-mail address", hint="give each person an address of their own"
            )
