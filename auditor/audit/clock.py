"""
Instants that cannot be meant: history is only ever added to, so an audit from a clock that ran ahead would keep out
every later one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from auditor.ledger.statements import Statement
from auditor.snapshot import AuditSummary
from connectors.errors import AuditorError, shorten

FAR = timedelta(days=400)
"""A gap that nobody leaves who reviews access at all: a year, and a month of grace (45 CFR 164.308(a)(1)(ii)(D))."""


def require_ahead(correction: Statement, audits: Sequence[AuditSummary], now: datetime) -> None:
    """
    Refuse to correct the time of an audit that is not of the future, or to a time at which it cannot have been.

    So a correction is a way out, and never a way to date an audit back. Raises `AuditorError`.
    """
    if not correction.reason.strip():
        raise AuditorError("a correction needs a reason", hint="say with `--reason` how it was found out")
    audit = next((one for one in audits if str(one.id) == correction.about), None)
    if audit is None:
        raise AuditorError(
            f"there is no audit {shorten(correction.about)} of this practice",
            hint=f"one of: {', '.join(str(one.id) for one in audits[-20:])}",
        )
    if audit.at <= now:
        raise AuditorError(
            f"audit {audit.id} is of {audit.at:%Y-%m-%d %H:%M} UTC, which is over: its time stands",
            hint="only an audit that bears a time still to come can be corrected",
        )
    before = max((one.at for one in audits if one.id < audit.id), default=None)
    really = datetime.fromisoformat(correction.topic)
    if really > now or (before is not None and really <= before):
        after = f"after {before:%Y-%m-%dT%H:%M:%SZ}, the audit before, and " if before else ""
        raise AuditorError(
            f"audit {audit.id} cannot have been at {shorten(correction.topic)}", hint=f"a time {after}not in the future"
        )


def refuse_before(practice: str, previous: datetime, at: datetime) -> None:
    """Raise `AuditorError` for an audit of an instant before the last one."""
    if previous > at:
        raise AuditorError(
            f"the last audit of `{practice}` is of {previous:%Y-%m-%d %H:%M} UTC, after {at:%Y-%m-%d %H:%M} UTC",
            hint="history is only ever added to: audit at a later instant; where the clock ran ahead then, say when it "
            "really was: `auditor correct-time`",
        )


def refuse_far(practice: str, previous: datetime, at: datetime, *, confirmed: bool) -> None:
    """Raise `AuditorError` for an audit far beyond the last one, unless a person says that the time is right."""
    gap = at - previous
    if gap > FAR and not confirmed:
        raise AuditorError(
            f"the last audit of `{practice}` is of {previous:%Y-%m-%d}, and this one would be of {at:%Y-%m-%d}, "
            f"{gap.days} days later: is the clock right?",
            hint="set the clock right (`date`); if nobody audited for so long, run again with `--confirm-time`",
        )
