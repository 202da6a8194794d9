"""`auditor review serve`: the pages of a practice's reviews, until somebody ends it."""

from pathlib import Path

from auditor.cli.console import print_text
from auditor.cli.review import signer_of
from auditor.cli.review_letters import link_sender
from auditor.config import load_config
from auditor.exit_codes import IN_STEP
from auditor.history.projection import require_store
from auditor.review.opening import settings_of
from auditor.review_page.site import review_site
from auditor.store import Store
from auditor.web.app import make_app
from auditor.web.listen import Listening, named_proxies, serve

ONLY_LINKS = (
    "Reviewers sign in by the links that they are sent. The officer and the auditor need an identity provider "
    "(`review: sign_in: oidc`): none is configured, so they see a review by `auditor review status`."
)


def run_serve(
    path: Path,
    *,
    store: Path | None,
    host: str,
    port: int,
    files: tuple[Path | None, Path | None],
    proxies: tuple[str, ...],
    public: str | None,
) -> int:
    """
    Serve until SIGTERM or SIGINT; returns 0.

    Raises `AuditorError` where others could read along, the port is taken, nobody is named who could review, or nobody
    could sign in.
    """
    config = load_config(path, store=store)
    networks, known_as = named_proxies(proxies), settings_of(config).sign_in.site
    listening = Listening(host, port, *files, proxies=networks, public=public or known_as)
    require_store(config)
    with Store.open(config.store) as opened:
        site = review_site(
            config,
            opened,
            signer_of(config),
            listening.origin,
            proxies=networks,
            send_link=link_sender(config, listening.origin),
        )
        app = make_app(site)
        told = [] if site.provider else [ONLY_LINKS]
        serve(app, listening, lambda origin: print_text([f"{site.title}: {origin}  (end it with Ctrl-C)", *told]))
    return IN_STEP
