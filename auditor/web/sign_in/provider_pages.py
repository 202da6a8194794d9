"""The pages of signing in with the identity provider: to it, and back from it."""

import logging
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from auditor.sign_in_settings import Provider
from auditor.store.web_records import Means, WebIdentity
from auditor.web.errors import Refused, outcome_of
from auditor.web.guard import address_of, counted_as
from auditor.web.memory import ShortMemory
from auditor.web.pages import Page, public_get
from auditor.web.people import Person, fold_email
from auditor.web.rates import ONE_PERSON, STRANGERS
from auditor.web.shell import REMEMBERED, Shell
from auditor.web.sign_in.claims import Identity, IdentityRefused
from auditor.web.sign_in.oidc import OidcClient
from auditor.web.sign_in.sessions import begin_session
from auditor.web.sign_in.transport import ProviderUnavailable
from auditor.web.tokens import digest
from auditor.web.visit import Visit
from connectors.errors import AuditorError

BEGIN, CALLBACK = "/sign-in/begin", "/sign-in/callback"

log = logging.getLogger("auditor.web")

_NOT_SIGNED_IN = "You could not be signed in"
_AGAIN = "Nothing was changed. Begin again; if it happens twice, tell who runs this site."
_UNAVAILABLE = "{} does not answer. Try again in a few minutes; a link that you were sent works all the same."
_NO_PART = "{} says who you are, but you have no part in this. Ask who invited you to enter your e-mail address here."


@dataclass(frozen=True, slots=True)
class ProviderSignIn:
    """Signing in with one provider; what is pending stays in this process, and not in a cookie."""

    shell: Shell
    provider: Provider
    client: OidcClient
    pending: ShortMemory[dict[str, Any]]

    async def begin(self, visit: Visit) -> Response:
        """Send the browser to the provider."""
        self._limit(visit)
        visit.hold_cookie()
        session: dict[str, Any] = {}
        visit.request.scope["session"] = session
        try:
            address = await self.client.begin(visit.request)
        except (IdentityRefused, ProviderUnavailable) as error:
            raise self._refused(error) from None
        self.pending.keep(digest(visit.value), session)
        return RedirectResponse(address, 303)

    async def finish(self, visit: Visit) -> Response:
        """Sign in who comes back from the provider; taken down like a form, because it changes something."""
        self._limit(visit)
        store, address = self.shell.store, address_of(visit.request)
        number = await run_in_threadpool(store.asked, "GET", CALLBACK, address, visit.now)
        status = 500
        try:
            response = await self._finish(visit)
            status = response.status_code
        except Refused as refused:
            status = refused.status_code
            raise
        finally:
            await run_in_threadpool(
                store.answered, number, status, outcome_of(status), person=visit.signed_in_as, about="provider"
            )
        return response

    async def _finish(self, visit: Visit) -> Response:
        before = digest(visit.value)
        session = self.pending.take(before) if visit.value else None
        if session is None:  # nothing is pending, so there is nothing to ask the provider
            raise self._refused(IdentityRefused("no sign-in was begun in this browser, or it was too long ago"))
        visit.request.scope["session"] = session
        try:
            identity = await self.client.finish(visit.request, visit.now)
        except (IdentityRefused, ProviderUnavailable) as error:
            raise self._refused(error) from None
        finally:
            if session:  # the answer was not of what is pending: somebody else's link does not end it
                self.pending.keep(before, session)
        person = await run_in_threadpool(self._person, identity, visit)
        if person is None or not person.roles:
            log.warning("sign-in refused: the account of the identity provider is nobody's")
            raise Refused(403, _NO_PART.format(self.provider.name), title=_NOT_SIGNED_IN)
        if not self.shell.rates.allows("person", person.id, ONE_PERSON):
            raise Refused(429)
        return await run_in_threadpool(
            begin_session, visit, person.id, Means.OIDC, issuer=identity.issuer, subject=identity.subject
        )

    def _person(self, identity: Identity, visit: Visit) -> Person | None:
        """Return whose an account is; the first time by its e-mail address, if the configuration lists that."""
        people = self.shell.site.people
        known = self.shell.store.identity(identity.issuer, identity.subject)
        if known is None and identity.email is not None:
            email = fold_email(identity.email)
            person = next((p for p in people.values() if p.email and fold_email(p.email) == email), None)
            if person is not None:
                bound = WebIdentity(identity.issuer, identity.subject, person.id, identity.email, visit.now)
                try:
                    known = self.shell.store.bind(bound)
                except AuditorError as error:
                    log.warning("sign-in refused: %s", error.message)
        return None if known is None else people.get(known.person)

    def _limit(self, visit: Visit) -> None:
        if not self.shell.rates.allows("provider", counted_as(address_of(visit.request)), STRANGERS):
            raise Refused(429)

    def _refused(self, error: AuditorError) -> Refused:
        log.warning("sign-in refused: %s", error.message)
        if isinstance(error, ProviderUnavailable):
            return Refused(503, _UNAVAILABLE.format(self.provider.name), title=_NOT_SIGNED_IN)
        return Refused(403, _AGAIN, title=_NOT_SIGNED_IN)


def provider_pages(shell: Shell) -> list[Page]:
    """Return the pages of signing in with the provider of a site; raises `AuditorError` when its secret is missing."""
    provider, site = shell.site.provider, shell.site
    assert provider is not None  # noqa: S101 - who calls has looked
    client = OidcClient(provider, site.folder, site.origin + CALLBACK)
    sign_in = ProviderSignIn(shell, provider, client, ShortMemory(600, REMEMBERED))
    return [public_get(BEGIN, sign_in.begin), public_get(CALLBACK, sign_in.finish)]
