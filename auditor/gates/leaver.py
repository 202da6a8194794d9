"""A leaver as the systems are now, and as earlier audits saw them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from auditor.gates.checklist import GateAnswer, GateItem, Verdict
from auditor.gates.history import Past
from auditor.gates.left_out import UNFILTERED, WIDEN, by_filter, elsewhere
from auditor.gates.rests_on import rests_on
from auditor.gates.subject import SubjectFacts
from connectors.facts import Account
from policies.engine.case import AccountKey, Case


def ends_at(case: Case, end: date) -> datetime:
    """Return the instant at which the last day is over, on the practice's clock."""
    return datetime.combine(end + timedelta(days=1), time(), ZoneInfo(case.practice.timezone)).astimezone(UTC)


@dataclass(frozen=True)
class Leaver:
    """A leaver as the systems are now, and as they were."""

    facts: SubjectFacts
    past: Past

    @property
    def case(self) -> Case:
        """The practice as it is judged."""
        return self.facts.case

    @property
    def end(self) -> datetime:
        """The instant at which the last day is over."""
        return ends_at(self.case, self.case.engagements[self.facts.vma].end or self.case.today)

    def stated(self, topic: str, since: date | None = None) -> Verdict | None:
        """Return what somebody has attested since the last day, or since a later one, if anybody has."""
        item = GateItem(id=topic, text="", when="after", source="", attested=topic)
        answer, evidence, _ = self.facts.by_word(
            item, self.case.today, since=since or self.case.engagements[self.facts.vma].end
        )
        return (answer, evidence, ()) if answer is GateAnswer.PASSED else None

    @cached_property
    def left_out(self) -> Verdict | None:
        """Return what cannot be told of accounts that a read may have left out; `None` where it left out none."""
        dropped, moved = by_filter(self.case), elsewhere(self.case, self.facts.accounts, self.past)
        todo = *((UNFILTERED,) if dropped else ()), *((WIDEN,) if moved else ())
        return (GateAnswer.CANNOT_TELL, (*dropped, *moved), todo) if todo else None

    @cached_property
    def vanished(self) -> dict[AccountKey, Account]:
        """The leaver's own accounts that are gone, as they were seen last, in systems that were read whole."""
        case = self.case
        mine = self.past.known.keys() - self.past.shared - case.accounts.keys()
        read = {s for s, c in case.collections.items() if c.complete and c.as_of >= self.end}
        return {key: self.past.known[key] for key in sorted(mine) if key[0] in read}

    @cached_property
    def not_newer(self) -> tuple[str, ...]:
        """Say which accounts are stopped by a read no newer than the one that saw them live: that proves nothing."""
        found = []
        for key in (*self.facts.accounts, *self.vanished):
            account, live = self.case.accounts.get(key), self.past.last_live.get(key)
            stopped = account is None or not account.live
            if stopped and live is not None and self.case.collections[key[0]].as_of <= live:
                name = f"{(account or self.past.known[key]).login} in {self.title(key[0])}"
                found.append(f"{name} works no more by a read that is not newer than the one before")
        return tuple(found)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The people's words on which it rests that accounts are not theirs."""
        return rests_on(self.facts)

    def title(self, system: str) -> str:
        """Return the name of a system, for people."""
        return self.case.systems[system].title
