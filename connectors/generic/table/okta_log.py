"""
When users of Okta changed, from its system log, saved as JSON beside the list of users.

Source: Okta API Reference, System Log, `LogEvent`; "Event types". A user is closed while suspended or deactivated, and
activating ends both.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from connectors.audit_log import SECOND, LogAnswer, LogEvent, LogKind, LogQuestion, LogRecord
from connectors.errors import InputError
from connectors.inputs.fields import Fields, FromFile
from connectors.inputs.files import modified_at
from connectors.inputs.json import load_json_documents
from connectors.inputs.stamps import Stamp, oldest_first, parse_stamp
from connectors.unproven import like_a_page

DELIVERY = timedelta(minutes=15)
"""The log is near real time; what is younger may be missing."""
_LONGEST = 100_000
CLOSES: Mapping[str, tuple[str, bool]] = {
    "user.lifecycle.deactivate": ("deactivated", True),
    "user.lifecycle.activate": ("", False),
    "user.lifecycle.reactivate": ("", False),
    "user.lifecycle.suspend": ("suspended", True),
    "user.lifecycle.unsuspend": ("suspended", False),
}
OTHERS: Mapping[str, LogKind] = {
    "user.lifecycle.create": LogKind.CREATED,
    "user.lifecycle.delete.completed": LogKind.DELETED,
    "user.session.clear": LogKind.SESSIONS_ENDED,
    "user.account.privilege.grant": LogKind.HOLDINGS_SET,
    "user.account.privilege.revoke": LogKind.HOLDINGS_SET,
}
HOLDINGS: Mapping[str, LogKind] = {
    "group.user_membership.add": LogKind.GIVEN,
    "group.user_membership.remove": LogKind.TAKEN,
    "application.user_membership.add": LogKind.GIVEN,
    "application.user_membership.remove": LogKind.TAKEN,
}
HELD = frozenset(["UserGroup", "AppInstance"])
SIGNED_IN = "user.session.start"
TELLS = frozenset(
    [
        *(LogKind.CREATED, LogKind.ENABLED, LogKind.DISABLED, LogKind.DELETED),
        *(LogKind.GIVEN, LogKind.TAKEN, LogKind.HOLDINGS_SET),
    ]
)
LIVES_ON = ("what applications opened by Okta before lasts until each application ends it by itself",)


@dataclass(frozen=True, slots=True)
class OktaEvent:
    """One entry of the log that succeeded."""

    at: datetime
    within: timedelta
    type: str
    actor: str
    users: tuple[str, ...]
    """Ids and logins, in lower case: of whom it was done to, or of who did it where that is all."""
    things: tuple[str, ...]
    """Names of groups and applications."""
    record: LogRecord


def read_okta_log(system: str, path: Path, question: LogQuestion) -> LogAnswer:
    """Return what the log says; raises `InputError` for a file that cannot be used."""
    entries = _entries(path)
    events = oldest_first([event for entry in entries if (event := _event(entry)) is not None])
    gaps = [] if entries else ["the system log is empty: nothing says from when it is"]
    if like_a_page(len(entries)):
        gaps.append(f"it holds {len(entries)} entries, a usual length of a page: were the others saved?")
    if len({event.type for event in events}) == 1 and len(events) > 1:
        gaps.append(f"there is nothing but `{events[0].type}` in it: was it saved with a filter?")
    return LogAnswer(
        system=system,
        source=path.name,
        read_at=modified_at(path) - DELIVERY,
        events=tuple(_Accounts(system, question).told(events)),
        covers_from=min(_stamp(entry).at for entry in entries) if entries and not gaps else None,
        covers=TELLS,
        gaps=tuple(gaps),
        lives_on=LIVES_ON,
    )


@dataclass
class _Accounts:
    """The accounts that were asked for, and which flags close each."""

    system: str
    question: LogQuestion
    _closed: dict[str, dict[str, bool]] = field(default_factory=dict)

    def told(self, events: Sequence[OktaEvent]) -> Iterator[LogEvent]:
        """Yield what the events say of them."""
        asked = {a.login.lower(): a.id for a in self.question.accounts}
        asked |= {a.id.lower(): a.id for a in self.question.accounts}
        for event in events:
            for account in dict.fromkeys(asked[name] for name in event.users if name in asked):
                kind, which = self._meant(event, account)
                if kind is not None:
                    yield LogEvent(
                        *(self.system, account, kind, event.at, event.within, event.record, which),
                        actor=event.actor or None,
                    )

    def _meant(self, event: OktaEvent, account: str) -> tuple[LogKind | None, str | None]:
        if event.type in CLOSES:
            return self._status(account, *CLOSES[event.type]), None
        if event.type in HOLDINGS:
            known = self.question.entitlements
            which = next((e.id for e in known.values() if e.id in event.things or e.name in event.things), None)
            return HOLDINGS[event.type] if which else LogKind.HOLDINGS_SET, which
        return LogKind.SIGNED_IN if event.type == SIGNED_IN else OTHERS.get(event.type), None

    def _status(self, account: str, flag: str, value: bool) -> LogKind | None:
        flags = self._closed.setdefault(account, {})
        before = {**flags}
        flags |= {flag: value} if flag else dict.fromkeys(("deactivated", "suspended"), False)
        if any(before.values()) and any(flags.values()):
            return None
        if flag and before.get(flag) is value:
            return None
        return LogKind.DISABLED if value else LogKind.ENABLED


def _entries(path: Path) -> list[Fields]:
    """Return the entries of all pages: one list, lists one after the other or in a list, or one entry a line."""
    found: list[object] = []
    for document in load_json_documents(path):
        pages = document if isinstance(document, list) else [document]
        for page in pages:
            found += page if isinstance(page, list) else [page]
    origin = FromFile(path, longest=_LONGEST)
    return [Fields(origin, f"entry {number}", value) for number, value in enumerate(found, 1)]


def _event(entry: Fields) -> OktaEvent | None:
    stamp, type_ = _stamp(entry), entry.text("eventType")
    outcome = entry.part("outcome")
    if outcome is None or (outcome.text_or_none("result") or "").upper() != "SUCCESS":
        return None
    actor = entry.part("actor")
    targets = entry.entries("target", "target", optional=True)
    whom = [target for target in targets if target.text_or_none("type") in ("User", "AppUser")]
    if type_ == SIGNED_IN and actor is not None:
        whom = [actor]
    names = (one.text_or_none(key) for one in whom for key in ("id", "alternateId"))
    things = (t.text_or_none("displayName") for t in targets if t.text_or_none("type") in HELD)
    raw = json.dumps(entry.values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return OktaEvent(
        *(stamp.at, max(stamp.resolution, SECOND), type_),
        actor=((actor.text_or_none("alternateId") or actor.text_or_none("id")) if actor else None) or "",
        users=tuple(name.lower() for name in names if name),
        things=tuple(name for name in things if name),
        record=LogRecord.of("system log", entry.text("uuid"), raw.encode()),
    )


def _stamp(entry: Fields) -> Stamp:
    try:
        return parse_stamp(entry.text("published"))
    except ValueError:
        entry.refuse("published", "no time with its offset", "a time as Okta writes it: `2026-11-20T17:42:10.123Z`")


def refuse_other(product: str, path: Path) -> None:
    """Raise `InputError` where the log is set for another product."""
    if product != "okta":
        raise InputError(path, "only Okta's system log is read", found=product, expected="`product: okta`")
