"""Puts the pages of a site behind its guards, as one ASGI application."""

from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from auditor.web import cookies
from auditor.web.errors import ErrorWords, Refused
from auditor.web.guard import Guard
from auditor.web.middleware.bodies import BoundedBodies
from auditor.web.middleware.failures import OwnErrors
from auditor.web.middleware.headers import KEPT_FOR_EVER, SecurityHeaders, WholeHeaders
from auditor.web.middleware.hosts import OwnHost
from auditor.web.pages import Page
from auditor.web.shell import Shell
from auditor.web.sign_in.routes import sign_in_pages
from auditor.web.site import Site
from auditor.web.visit import Visit

STATIC = "/static/{path:path}"


def make_app(site: Site) -> Starlette:
    """
    Return the application of a site; `app.state.shell` is what its requests share, `app.state.pages` are all pages.

    Raises `ValueError` when two pages have one path and method, and `AuditorError` when the store cannot be opened.
    """
    shell = Shell(site)
    own = sign_in_pages(shell)
    pages = _by_path((*own, *site.pages))
    routes = [Route(STATIC, _static(shell), methods=["GET"])]
    for path, methods in pages.items():
        guard = Guard(shell, methods)
        routes.append(Route(path, _endpoint(guard), methods=list(methods)))
    middleware = [
        # Outermost first. An error page gets the headers too; a header that nobody may send becomes an error page.
        Middleware(SecurityHeaders, encrypted=site.encrypted),
        Middleware(OwnErrors, page=_error_page(shell)),
        Middleware(WholeHeaders),
        Middleware(OwnHost, origin=site.origin, host=site.host, proxies=site.proxies),
        Middleware(BoundedBodies),
    ]
    # What Starlette itself would answer, in plain words of its own, is raised on to ours.
    app = Starlette(
        routes=routes, middleware=middleware, exception_handlers={HTTPException: _raise}, lifespan=_lifespan(shell)
    )
    app.router.redirect_slashes = False
    app.state.shell, app.state.pages = shell, (*own, *site.pages)
    return app


def _by_path(pages: tuple[Page, ...]) -> dict[str, dict[str, Page]]:
    found: dict[str, dict[str, Page]] = defaultdict(dict)
    for page in pages:
        if page.method in found[page.path]:
            raise ValueError(f"two pages answer {page.method} {page.path}")
        found[page.path][page.method] = page
    return found


def _endpoint(guard: Guard) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        response = await guard(request)
        visit: Visit = request.state.visit
        if visit.new_cookie:
            cookies.give(response, visit.value)
        return response

    return endpoint


def _static(shell: Shell) -> Callable[[Request], object]:
    async def static(request: Request) -> Response:
        asset = shell.assets.at(request.url.path)
        if asset is None:
            raise Refused(404)
        return Response(asset.body, headers={"cache-control": KEPT_FOR_EVER}, media_type=asset.media_type)

    return static


def _error_page(shell: Shell) -> Callable[[Scope, int, ErrorWords], Response]:
    def page(scope: Scope, status: int, words: ErrorWords) -> Response:
        visit = scope.get("state", {}).get("visit")
        who = visit.maybe if isinstance(visit, Visit) else None
        context = {"status": status, "words": words, "who": who, "said": "", "visit": None}
        return Response(shell.templates.render("error.html.j2", context), status, media_type="text/html")

    return page


async def _raise(_request: Request, error: Exception) -> Response:
    raise error


def _lifespan(shell: Shell) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            shell.store.close()

    return lifespan
