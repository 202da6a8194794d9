"""
Seals of access reviews: the digest of a campaign at one moment, and whether it is still what was sealed.

A seal is a row with a signed entry of the ledger (`ALONE`). It covers every row of the campaign up to the numbers that
it names; whoever changes, adds or removes one of these is noticed. After the close, a row that no seal covers is one
that was added. The digest is that of `auditor.ledger.entries.Changes`, over every column that is not null.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from auditor.ledger.entries import SEALED, Changes
from auditor.ledger.standing import check_standing
from auditor.sqlite.untrusted import UntrustedFile
from connectors.errors import shorten

SEALS = "review_seal"
_CAMPAIGN = "review_campaign"


class CampaignDigest:
    """Takes the digest of a campaign, row by row."""

    def __init__(self) -> None:
        self._changes = Changes()
        self._last: dict[str, int] = {}

    def add(self, table: str, row: Mapping[str, Any]) -> None:
        """Count one row, every column."""
        self._changes.recorded(table, row)
        self._last[table] = max(self._last.get(table, 0), int(row["id"]))

    def digest(self) -> str:
        """Return the digest, as hex."""
        return self._changes.digest()

    def upto(self) -> tuple[str, ...]:
        """Return the last number of each table that has rows, as a seal names them."""
        return tuple(f"{table} {number}" for table, number in sorted(self._last.items()))


def check_seals(file: UntrustedFile) -> Iterator[str]:
    """Yield what is wrong with the reviews of a store; a store of an older version has none."""
    if not all(file.has(table) for table in (*SEALED, SEALS)):
        missing = (t for t in (*SEALED, SEALS) if file.names(SEALS) and not file.has(t))
        yield from (f"the file is damaged: there is no table `{table}`" for table in missing)
        return
    campaigns = {str(name) for name in file.values(_CAMPAIGN, "campaign")}
    for table in (*SEALED[1:], SEALS):
        for name in sorted({str(v) for v in file.values(table, "campaign")} - campaigns):
            yield f"`{table}` holds rows of the review {shorten(name)}, which there is not"
    for campaign in sorted(campaigns):
        yield from _check(file, campaign)


def _check(file: UntrustedFile, campaign: str) -> Iterator[str]:
    rows = {table: list(file.rows(table, "campaign", campaign)) for table in SEALED}
    seals = sorted(file.rows(SEALS, "campaign", campaign), key=lambda seal: str(seal["id"]).zfill(20))
    if not seals:
        yield f"the review {shorten(campaign)} has no seal: it was not opened by this program, or its seal is lost"
    closed = False
    upto: dict[str, int] = {}
    signings: list[dict[str, int]] = []
    for seal in seals:
        try:
            upto = _upto(seal)
        except ValueError:
            yield f"the seal {seal['id']} of the review {shorten(campaign)} cannot be read"
            continue
        closed |= seal["kind"] == "closed"
        if seal["kind"] == "signed":
            signings.append(upto)
        digest = CampaignDigest()
        for table, number in upto.items():
            for row in rows.get(table, ()):
                if _number(row) <= number:
                    digest.add(table, row)
        if digest.digest() != seal["digest"]:
            yield (
                f"the review {shorten(campaign)} was changed after it was sealed ({seal['kind']}, {seal['at']}): "
                "its questions, decisions or events are not those of then"
            )
    yield from check_standing(file, campaign, rows, signings)
    if closed and (more := _more(rows, upto)):
        yield f"rows were added to the review {shorten(campaign)} after it was closed, by no amendment: {more}"


def _more(rows: Mapping[str, Iterable[Mapping[str, object]]], upto: Mapping[str, int]) -> str:
    counts = {t: sum(_number(row) > upto.get(t, 0) for row in found) for t, found in rows.items()}
    return ", ".join(f"{count} of `{table}`" for table, count in counts.items() if count)


def _number(row: Mapping[str, object]) -> int:
    number = row["id"]
    return number if isinstance(number, int) else 2**62


def _upto(seal: Mapping[str, object]) -> dict[str, int]:
    """Read what a seal covers; raises `ValueError` for what no seal says."""
    try:
        said = json.loads(str(seal["upto"]))
        found = {str(table): int(number) for table, _, number in (str(one).partition(" ") for one in said)}
    except (TypeError, RecursionError) as error:
        raise ValueError from error
    if not found or not set(found) <= set(SEALED):
        raise ValueError
    return found
