"""
What stands between a request and the page: role, rate, origin, token, log. Every route goes through `Guard`.

In this order, for a form: how often (429); taken down in the log; from our own page (403); who (403); read within
bounds (400, 413); with the token of this browser (403); then the page; then its outcome in the log.
"""

import inspect
import ipaddress
from collections.abc import Mapping
from typing import cast

from anyio import fail_after
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from auditor.web.cookies import value_of
from auditor.web.errors import Refused, outcome_of
from auditor.web.forms import KEY, TOKEN, Form, bound_key
from auditor.web.middleware.bodies import allow_body
from auditor.web.middleware.failures import said_of
from auditor.web.pages import Page
from auditor.web.rates import READS, STRANGERS, WRITES
from auditor.web.shell import Shell
from auditor.web.tokens import digest, form_token, same
from auditor.web.visit import Visit

BODY_SECONDS = 60
"""In so long a form has to arrive, a spreadsheet over a slow line included."""

SIGN_IN = "/sign-in"

_ELSEWHERE = "This did not come from a page of this site. Nothing was changed. Open the page here and repeat it."
_SIGNED_OUT = "You are not signed in, or were signed out meanwhile. Nothing was changed. Sign in and repeat it."
_OTHER_ROLE = "This page is for somebody with another part in this: {}."


class Guard:
    """Answers one path: with the page of the method, behind all that no page may go without."""

    def __init__(self, shell: Shell, pages: Mapping[str, Page]) -> None:
        self._shell, self._pages = shell, pages

    async def __call__(self, request: Request) -> Response:
        """Answer, or raise what is turned into a page by `auditor.web.app`."""
        page = self._pages["POST" if request.method == "POST" else "GET"]
        address = address_of(request)
        if not self._shell.rates.allows("read", counted_as(address), READS):
            raise Refused(429)
        visit = await self._visit(request)
        if page.method == "GET":
            response = await self._get(page, visit)
        else:
            response = await self._post(page, visit, address)
        return response

    async def _visit(self, request: Request) -> Visit:
        value = value_of(request)
        session = await run_in_threadpool(self._shell.session_of, digest(value)) if value else None
        visit = Visit(self._shell, request, value, session)
        request.state.visit = visit
        return visit

    async def _get(self, page: Page, visit: Visit) -> Response:
        if not page.public and visit.known is None:
            visit.hold_cookie()
            self._shell.wanted.keep(digest(visit.value), visit.request.url.path)
            return RedirectResponse(SIGN_IN, 303)
        _check_role(page, visit)
        return await _call(page, visit)

    async def _post(self, page: Page, visit: Visit, address: str) -> Response:
        shell, known = self._shell, visit.known
        allowed = (
            shell.rates.allows("form", known.id, WRITES)
            if known
            else shell.rates.allows("stranger", counted_as(address), STRANGERS)
        )
        if not allowed:
            raise Refused(429)
        number = await run_in_threadpool(shell.store.asked, "POST", page.path, address, visit.now, known)
        status = 500
        try:
            _check_source(visit.request, shell.site.origin)
            if not page.public and known is None:
                raise Refused(403, _SIGNED_OUT, title="You are signed out")
            _check_role(page, visit)
            allow_body(visit.request.scope, page.max_body)
            visit.read_form = await self._form(page, visit)
            response = await _call(page, visit)
            status = response.status_code
        except Exception as error:
            status, _ = said_of(error)
            raise
        finally:
            await visit.request.close()  # what was uploaded goes with the request
            await run_in_threadpool(
                shell.store.answered,
                number,
                status,
                outcome_of(status),
                person=visit.signed_in_as,
                about=visit.about,
            )
        return response

    async def _form(self, page: Page, visit: Visit) -> Form:
        try:
            with fail_after(BODY_SECONDS):
                data = await visit.request.form(
                    max_files=4, max_fields=page.max_fields, max_part_size=min(page.max_body, 2**20)
                )
        except TimeoutError:
            raise Refused(408) from None
        except (ValueError, LookupError):  # a form may name its own character set, `undefined` among them
            raise Refused(400) from None
        if not visit.value or not same(_only(data, TOKEN), form_token(visit.value)):
            raise Refused(403, _ELSEWHERE)
        key = _only(data, KEY)
        who = visit.known.person if visit.known else digest(visit.value)
        return Form(data, bound_key(key, who), self._shell.keys.served_at(key))


def address_of(request: Request) -> str:
    """Return where a request comes from; behind a named proxy, what that says."""
    return request.client.host if request.client else "?"


def counted_as(address: str) -> str:
    """Return as whom an address is counted: whoever has one of IPv6 has 2^64 of them, its network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False))


def _check_role(page: Page, visit: Visit) -> None:
    if not page.public and not page.roles & visit.roles:
        raise Refused(403, _OTHER_ROLE.format(", ".join(sorted(page.roles))))


def _check_source(request: Request, origin: str) -> None:
    """
    Refuse a form that another site sends in the name of whoever is signed in.

    Every browser of today says where a request comes from (W3C Fetch Metadata); an older one says `Origin` of a POST.
    """
    sent = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site")
    if sent is not None and sent != origin:
        raise Refused(403, _ELSEWHERE)
    if site != "same-origin" if site is not None else sent is None:
        raise Refused(403, _ELSEWHERE)


async def _call(page: Page, visit: Visit) -> Response:
    if inspect.iscoroutinefunction(page.handler):
        return cast("Response", await page.handler(visit))
    return cast("Response", await run_in_threadpool(page.handler, visit))


def _only(data: FormData, name: str) -> str:
    values = data.getlist(name)
    return values[0] if len(values) == 1 and isinstance(values[0], str) else ""
