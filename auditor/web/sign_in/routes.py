"""The pages of signing in and out."""

from starlette.responses import RedirectResponse, Response

from auditor.web import cookies
from auditor.web.guard import SIGN_IN
from auditor.web.pages import Page, post, public_get
from auditor.web.people import SIGNED_IN
from auditor.web.shell import Shell
from auditor.web.sign_in.links import link_pages
from auditor.web.sign_in.provider_pages import provider_pages
from auditor.web.tokens import digest
from auditor.web.visit import Visit

SIGNED_OUT = "/signed-out"


def sign_in_pages(shell: Shell) -> tuple[Page, ...]:
    """Return the pages of signing in and out, in every way that the site has."""
    pages = [
        public_get(SIGN_IN, _choose),
        post("/sign-out", _sign_out, *SIGNED_IN),
        public_get(SIGNED_OUT, _signed_out),
    ]
    if shell.site.links:
        pages += link_pages()
    if shell.site.provider is not None:
        pages += provider_pages(shell)
    return tuple(pages)


def _choose(visit: Visit) -> Response:
    return visit.render("sign_in.html.j2")


def _sign_out(visit: Visit) -> Response:
    visit.shell.store.sign_out(digest(visit.value), visit.now)
    response = RedirectResponse(SIGNED_OUT, 303)
    cookies.take_back(response)
    return response


def _signed_out(visit: Visit) -> Response:
    return visit.render("signed_out.html.j2")
