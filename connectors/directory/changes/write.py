"""One change of one entry, as some record of a directory tells it: only what took effect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from connectors.audit_log import LogKind, LogRecord

SECRETS = frozenset(
    {
        *("userpassword", "authpassword", "unicodepwd", "dbcspwd", "ntpwdhistory", "lmpwdhistory", "pwdhistory"),
        *("passwordhistory", "sambantpassword", "sambalmpassword", "sambapasswordhistory", "supplementalcredentials"),
        *("krbprincipalkey", "krbpwdhistory", "ipanthash", "ipatokenotpkey", "unhashed#user#password", "nsmultiplexor"),
        *("currentvalue", "priorvalue", "initialauthincoming", "initialauthoutgoing", "ms-mcs-admpwd", "clearpassword"),
    }
)
"""Attributes that no reader of a record takes up, in small letters; a live read does not ask for them at all."""

EARLIER = "its stamp is earlier than that of the record before it"


class How(StrEnum):
    """What is done to an attribute (RFC 4511 section 4.6)."""

    ADD = "add"
    DELETE = "delete"
    REPLACE = "replace"


class What(StrEnum):
    """What is done to an entry."""

    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"
    RENAME = "rename"


@dataclass(frozen=True, slots=True)
class Mod:
    """One attribute that was written."""

    how: How
    name: str
    """In small letters, without options."""
    values: tuple[str, ...] = ()
    """Those added, deleted, or all that there are now; a delete without values takes all."""


@dataclass(frozen=True, slots=True)
class Write:
    """One change of one entry."""

    what: What
    key: str
    """Normalised DN of the entry before it."""
    at: datetime
    resolution: timedelta
    record: LogRecord
    id: str | None = None
    """The entry's own id, as accounts bear it (`entryUUID`, `nsUniqueId`), where the record says it."""
    mods: tuple[Mod, ...] = ()
    new_key: str = ""
    """After a rename."""
    old: Mapping[str, tuple[str, ...]] | None = None
    """What was there before, of the attributes that it wrote; `None`: the record does not say."""
    actor: str | None = None
    host: str | None = None
    doubt: str = ""
    """Why it is not to be believed, in words."""


@dataclass(slots=True)
class Writes:
    """What was read of one record: the writes in its order, from when on it is whole, and what was off with it."""

    source: str
    found: list[Write] = field(default_factory=list)
    covers_from: datetime | None = None
    covers: frozenset[LogKind] | None = None
    """What it shows; `None`: all that writes can mean."""
    gaps: list[str] = field(default_factory=list)
    broken: bool = False
    """Something of it is lost or cannot be true: then what it does not tell may have happened all the same."""
    until: datetime | None = None
    """For a saved file: when it was written last; what happened since is not in it."""

    def in_order(self) -> None:
        """Doubt what stands after a later stamp: one of the two is false, and nobody knows which."""
        latest: Write | None = None
        back = 0
        for number, write in enumerate(self.found):
            if latest is not None and write.at + write.resolution < latest.at:
                back += 1
                if not write.doubt:
                    self.found[number] = replace(write, doubt=EARLIER)
            elif latest is None or write.at > latest.at:
                latest = write
        self.note_back(back)

    def note_back(self, records: int) -> None:
        """Tell how many records stand after a later stamp."""
        if records:
            self.broken = True
            self.gaps.append(f"{records} records of {self.source} go back in time: its clock was set, or it was edited")

    def doubt_all(self, why: str) -> None:
        """Believe none of it."""
        self.found = [replace(write, doubt=write.doubt or why) for write in self.found]

    def name_actors(self, names: Mapping[str, str]) -> None:
        """Tell who it was by a name, where a record has only a number."""
        self.found = [replace(write, actor=names.get(write.actor or "", write.actor)) for write in self.found]
