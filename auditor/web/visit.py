"""One request, as a page sees it: who asks, with what form, and how it is answered."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response

from auditor.store.web_records import Means, WebSession
from auditor.web.errors import Refused
from auditor.web.forms import KEY, TOKEN, VERSION, Form
from auditor.web.people import Person, Role
from auditor.web.tokens import digest, form_token, new_value

if TYPE_CHECKING:
    from auditor.web.shell import Shell

MAX_SAID = 300


class Visit:
    """
    One request of one browser.

    `person`, `session` and `form` are there where the page was declared with roles, or with `post`; to ask for them
    elsewhere is an `AssertionError`.
    """

    def __init__(self, shell: "Shell", request: Request, value: str, session: WebSession | None) -> None:
        self.shell, self.request = shell, request
        self.value = value
        """What the browser's cookie holds, or will; a secret."""
        self.new_cookie = False
        """Whether the answer has to set the cookie."""
        self.now: datetime = shell.site.now()
        who = None if session is None else shell.site.people.get(session.person)
        self.known = None if who is None else session
        self._who = who
        self.read_form: Form | None = None
        self.about: str | None = None
        """For the log of requests: whom or what this was about, without any secret."""
        self.signed_in_as: str | None = None
        """For the log of requests: who was signed in by this request."""

    @property
    def session(self) -> WebSession:
        """The session: by what, and as whom, the person signed in."""
        assert self.known is not None, "this page is for anybody"  # noqa: S101 - a mistake of the page
        return self.known

    @property
    def person(self) -> Person:
        """Who asks, as the configuration has them now."""
        session = self.session  # of which a page that is for anybody has none
        return self._who or self.shell.site.people[session.person]

    @property
    def maybe(self) -> Person | None:
        """Who asks, where that need not be known."""
        return None if self.known is None else self.person

    @property
    def roles(self) -> frozenset[Role]:
        """As what they ask: a link makes nobody more than a reviewer."""
        return self.shell.roles_of(self.session)

    @property
    def signed_in_by(self) -> Mapping[str, str]:
        """How they signed in, for what they sign: means, and issuer and subject, or the number of the link."""
        session = self.session
        if session.means is Means.LINK:
            return {"means": session.means.value, "link": str(session.link)}
        return {"means": session.means.value, "issuer": session.issuer or "", "subject": session.subject or ""}

    @property
    def form(self) -> Form:
        """The form of a `post`; its token and origin are already checked."""
        assert self.read_form is not None, "this page takes no form"  # noqa: S101 - a mistake of the page
        return self.read_form

    def param(self, name: str) -> str:
        """Return a part of the path that stands in braces in the page's `path`."""
        return str(self.request.path_params[name])

    def query(self, name: str, default: str = "", *, max_length: int = 200) -> str:
        """Return a parameter of the query; raises `Refused` (400) when it is too long, or stands there twice."""
        values = self.request.query_params.getlist(name) or [default]
        if len(values) != 1 or len(values[0]) > max_length:
            raise Refused(400)
        return values[0]

    def form_fields(self, version: int | None = None) -> Markup:
        """Return the hidden fields that every form holds: its token, its key, the version of what it is about."""
        self.hold_cookie()
        fields = {TOKEN: form_token(self.value), KEY: self.shell.keys.new(self.now)}
        if version is not None:
            fields[VERSION] = str(version)
        hidden = Markup('<input type="hidden" name="{}" value="{}">')
        return Markup("").join(hidden.format(name, value) for name, value in fields.items())

    def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Answer with a page; the template gets `visit`, and what is given."""
        said = self.shell.said.take(digest(self.value)) if self.known else None
        body = self.shell.templates.render(template, {"visit": self, "said": said or "", **context})
        return Response(body, status, media_type="text/html")

    def download(self, path: Path, name: str, media_type: str) -> Response:
        """
        Answer with a file that browsers save under this name, and remove it when it is sent.

        The name may hold any letter (RFC 6266, RFC 5987); what could be a folder, or end a header, becomes `_`.
        """
        plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name) or "file"
        task = BackgroundTask(path.unlink, missing_ok=True)
        return FileResponse(path, media_type=media_type, filename=plain[:150], background=task)

    def redirect(self, path: str, say: str = "") -> Response:
        """
        Answer a form: look at this page of ours next, which says so in its status line.

        Raises `ValueError` for anything but a path of this site: nothing that a visitor sent belongs here unchecked.
        """
        if say:
            self.say(say)
        return RedirectResponse(own_path(path), 303)

    def say(self, text: str) -> None:
        """Have the next page of this browser say something in its status line, once."""
        self.shell.said.keep(digest(self.value), text[:MAX_SAID])

    def not_found(self) -> Refused:
        """Return what is raised for what is not there, and for what is another's: nobody can tell them apart."""
        return Refused(404)

    def hold_cookie(self) -> None:
        """Make sure that the browser holds a value: the first form that it is shown gives it one."""
        if not self.value:
            self.value, self.new_cookie = new_value(), True


def own_path(path: str) -> str:
    """Return a path of this site; raises `ValueError` for what a browser could take for another's."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path or not path.isprintable():
        raise ValueError("this is not a path of this site")
    return quote(path, safe="/?&=#%:@!$'()*+,;~")
