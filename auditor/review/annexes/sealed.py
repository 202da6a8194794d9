"""Closing a review together with its annexes: they are written beside the store, and the seal holds their digest."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from auditor.audit.inputs import read_inputs
from auditor.config import Config
from auditor.ledger.keys import Signer
from auditor.review.annexes.build import canonical_annexes
from auditor.review.annexes.recalled import Period, recalled_annexes
from auditor.review.closing import Closed, closable, close_campaign
from auditor.review.state import select_campaign
from auditor.review_records import Campaign
from auditor.store import Store
from connectors.errors import AuditorError
from connectors.inputs.file_writing import write_whole


def close_with_annexes(
    config: Config,
    store: Store,
    signer: Signer,
    named: str | None,
    *,
    by: str,
    undecided_because: str,
    clock: Callable[[], datetime],
) -> Closed:
    """
    Close and seal a campaign, with the annexes of its period as they are at this moment.

    They are written first, as canonical JSON (`annexes_path`), and the seal's statement holds the SHA-256 of exactly
    these bytes: whoever has the file can compare (`sha256sum`). Where the review is not closed, no file is left that
    was not there. Raises `AuditorError` as `close_campaign` does, and where the file cannot be written.
    """
    settings, practice = config.review, config.practice
    if settings is None:
        raise AuditorError(f"`{config.path}` names no reviewers", hint="add `review:` (docs/review.md)")
    with store.reviewed() as connection:
        campaign = select_campaign(connection, practice.id, named)
        closable(connection, campaign, settings, by=by, undecided_because=undecided_because)
    data = canonical_annexes(
        recalled_annexes(config, read_inputs(config), store, _period(config, store, campaign), now=clock())
    )
    path = annexes_path(config.store, campaign)
    try:
        write_whole(path, data)
    except OSError as error:
        raise AuditorError(
            f"the annexes cannot be written to `{path}`: `{error.strerror}`", hint="nothing was closed"
        ) from None
    closed = close_campaign(
        store,
        settings,
        signer,
        practice.id,
        campaign.id,
        by=by,
        timezone=practice.timezone,
        undecided_because=undecided_because,
        annexes=hashlib.sha256(data).hexdigest(),
        clock=clock,
    )
    return replace(closed, annexes=path)


def annexes_path(store: Path, campaign: Campaign) -> Path:
    """Return where the annexes of a closed campaign lie: beside the store, by the campaign's id."""
    return store.with_name(f"{store.stem}-{campaign.id}-annexes.json")


def _period(config: Config, store: Store, campaign: Campaign) -> Period:
    """Return the audits from the one that tells the start of the campaign's period to the last one."""
    first = campaign.audit if campaign.audit_before is None else campaign.audit_before
    audits = [audit for audit in store.audits(config.practice.id) if audit.id >= first]
    told = f"review {campaign.name}, {campaign.period_from} to {campaign.period_to}"
    return Period(told, audits, since_before=campaign.audit_before is not None)
