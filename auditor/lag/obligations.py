"""From history to duties: for each VMA and each control, when it was due, and when it was shown to be in place."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from auditor.lag.controls import By, Control, last_day
from auditor.lag.history import AuditRead, History, Period
from auditor.lag.lag import Obligation, Presence
from auditor.lag.measured import Measured, OutOfOrder, Setting
from auditor.lag.spans import HOUR, Calendar, Span, Spans, seconds
from auditor.ledger.statements import StatementKind
from connectors.facts import Person, PersonKind
from policies.agreements.chain import legs
from policies.agreements.coverage import Coverage
from policies.engine.covered import Cover, PhiReach, stretches
from policies.intervals import difference, intersection, union

_LONG_AGO = date(1970, 1, 2)


def measure(history: History, setting: Setting, calendar: Calendar) -> Measured:
    """Return every duty of every VMA whose engagement has begun."""
    return _Measure(history, setting, calendar).run()


class _Measure:
    def __init__(self, history: History, setting: Setting, calendar: Calendar) -> None:
        self._history, self._setting, self._calendar = history, setting, calendar
        topics = {s.topic.casefold() for s in history.statements if s.kind is StatementKind.ATTESTATION}
        self._controls = [c for c in setting.controls if not c.only_if_any or (c.topic or "").casefold() in topics]
        self._people = {
            p.engagement.vma: Person(p.engagement.vma, p.name, None, PersonKind.VMA) for p in history.periods
        }
        self._chains: dict[str, list[Period]] = defaultdict(list)
        for chain in history.chains:
            self._chains[chain.engagement.vma].append(chain)
        everybody = [part for chain in history.chains for part in chain.parts]
        self._coverage = Coverage(setting.agreements, dict(self._people), everybody, setting.former_names)

    def run(self) -> Measured:
        presences: list[Presence] = []
        by_system: list[Obligation] = []
        early: list[OutOfOrder] = []
        for period in self._history.periods:
            chains = [c for c in self._chains[period.engagement.vma] if c.parts[0] in period.parts]
            early += (found for chain in chains for found in self._out_of_order(chain))
            if period.start <= self._history.now:
                engaged = union([(period.start, min(period.end or self._history.horizon, self._history.horizon))])
                duties = [
                    duty
                    for control in self._controls
                    for part in (chains if control.by is By.REGISTER else [period])
                    if part.start <= self._history.now and (duty := self._duty(control, part, "")) is not None
                ]
                presences.append(Presence(period.engagement.vma, engaged, tuple(duties)))
                by_system += self._by_system(period)
        left_out = tuple(c.id for c in self._setting.controls if c not in self._controls)
        return Measured(tuple(presences), tuple(by_system), tuple(early), left_out)

    def _by_system(self, period: Period) -> Iterable[Obligation]:
        until = self._until(period)
        holdings = self._history.holdings.get(period.engagement.vma, ())
        systems = {h.account.system for h in holdings if h.span[0] < until and period.start < h.span[1]}
        for control in self._controls:
            if control.by in (By.AUDITS, By.STOPPED):
                for system in sorted(systems):
                    duty = self._duty(control, period, system)
                    if duty is not None:
                        yield duty

    def _duty(self, control: Control, period: Period, system: str) -> Obligation | None:
        engagement, after_end = period.engagement, control.after == "end"
        if after_end and (period.end is None or period.end > self._history.now):
            return None
        if control.by is By.REGISTER and not legs(engagement):
            return None
        begin = period.end if after_end and period.end is not None else period.start
        until = self._until(period) if after_end else min(period.end or self._history.horizon, self._history.horizon)
        if control.needs_mfa_known:
            asked = [part for part in period.parts if self._setting.asks_mfa(part.roles)]
            if not asked or self._calendar.start(asked[0].start) > self._history.now:
                return None
            begin = self._calendar.start(asked[0].start)
            until = min(until, self._calendar.end(asked[-1].end)) if asked[-1].end is not None else until
        due = begin + control.due_hours * HOUR
        if control.by is By.REGISTER:
            due = min([due, *(start for start, _, _ in self._first_lives(period))])
        broken = self._live(period, system) if after_end else self._broken(control, period, system)
        broken = intersection(broken, ((due if after_end else period.start, until),))
        in_place = difference(self._in_place(control, period, system, until), broken)
        return Obligation(
            vma=engagement.vma,
            control=control.id,
            due=due,
            until=until,
            in_place=intersection(in_place, ((0, until),)),
            broken=broken,
            system=system,
            agency=engagement.agency,
            roles=engagement.roles,
            after_end=after_end,
        )

    def _until(self, period: Period) -> int:
        """Return when even the last duty of a period ends: at the next one, or not at all."""
        return min(period.next_start or self._history.horizon, self._history.horizon)

    def _in_place(self, control: Control, period: Period, system: str, until: int) -> Spans:
        match control.by:
            case By.REGISTER:
                return self._covered(period)
            case By.ATTESTED:
                return self._attested(period.engagement.vma, control)
            case By.INCLUDED:
                first = next((r.at for r in self._looked(period) if not r.partial), until)
                return union([(first, until)])
            case By.AUDITS:
                seen = union(r.span for r in self._looked(period) if _whole(r, system))
                seen = difference(seen, self._doubtful(period, system))
                if control.bounds_holdings:
                    seen = difference(seen, self._unproven(period, system))
                return difference(seen, self._mfa_unknown(period, system)) if control.needs_mfa_known else seen
            case By.STOPPED:
                return self._stopped(period, system, until)

    def _looked(self, period: Period) -> list[AuditRead]:
        """Return the audits, since the first day, whose roster had the VMA."""
        return [
            r
            for r in self._history.reads
            if r.at >= period.start and any(first <= r.at < after for first, after in period.listed)
        ]

    def _broken(self, control: Control, period: Period, system: str) -> Spans:
        return union(
            span
            for span, finding in self._history.findings.get(period.engagement.vma, ())
            if finding.rule in control.rules and (not system or finding.system in (system, None))
        )

    def _attested(self, vma: str, control: Control) -> Spans:
        topic = (control.topic or "").casefold()
        withdrawn = {s.about: s.on for s in self._history.statements if s.kind is StatementKind.WITHDRAWAL}
        spans = []
        for s in self._history.statements:
            if s.kind is StatementKind.ATTESTATION and s.about == vma and s.topic.casefold() == topic:
                last = last_day(s, control)
                end = self._calendar.end(last) if last else self._history.horizon
                if s.id in withdrawn:
                    end = min(end, self._calendar.start(withdrawn[s.id]))
                spans.append((self._calendar.start(s.on), end))
        return union(spans)

    # ---- agreements ----

    def _chain(self, period: Period) -> Spans:
        """Return when the whole chain of agreements is in place for the VMA, also before the first day."""
        return self._in_days(period, {})

    def _covered(self, period: Period) -> Spans:
        """Return when the chain covers all that is known to be reached; not while more may be than it names."""
        found = self._chain(period)
        for system in sorted(self._setting.phi_systems):
            unread = (r.span for r in self._history.reads if system in r.partial)
            unknown = union((*self._unproven(period, system), *unread))
            if unknown:
                named = self._in_days(period, {system: PhiReach(unread=True, account=False)})
                found = difference(found, difference(unknown, named))
        return found

    def _in_days(self, period: Period, reach: Mapping[str, PhiReach]) -> Spans:
        """Return when the chain covers a reach, also before the first day (`policies.engine.covered`)."""
        engagement = replace(period.engagement, start=min(_LONG_AGO, period.engagement.start))
        found = stretches(self._coverage, engagement, (date.min, date.max), reach)
        return union(
            (self._calendar.start(first), self._calendar.end(last))
            for first, last, cover in found
            if cover in (Cover.COVERED, Cover.NOT_NEEDED)
        )

    def _unproven(self, period: Period, system: str) -> Spans:
        """Return when it was not known what the VMA held, in one system or, where none is given, in any."""
        held = _in(self._history.unproven.get(period.engagement.vma, {}), system)
        return union((*held, *self._doubtful(period, system)))

    def _doubtful(self, period: Period, system: str) -> Spans:
        """Return when it was not settled whether an account was the VMA's, in one system or in any."""
        return _in(self._history.doubtful.get(period.engagement.vma, {}), system)

    def _first_lives(self, period: Period) -> list[tuple[int, str, str]]:
        """Return since when each account of the VMA has worked, as far as that is known: instant, system, login."""
        until = self._until(period)
        found: dict[tuple[str, str], tuple[int, str, str]] = {}
        seen: set[tuple[str, str]] = set()
        for h in sorted(self._history.holdings.get(period.engagement.vma, ()), key=lambda h: h.span):
            key, start = (h.account.system, h.account.id), h.span[0]
            if h.account.created is not None and key not in seen:
                start = min(start, seconds(h.account.created))
            seen.add(key)
            start = max(start, period.not_before)
            if h.account.live and key not in found and start < min(h.span[1], until):
                found[key] = (start, h.account.system, h.account.login)
        return sorted(found.values())

    def _out_of_order(self, period: Period) -> Iterable[OutOfOrder]:
        if not legs(period.engagement):
            return
        covered = self._chain(period)
        for start, system, login in self._first_lives(period):
            end = min(period.end or self._history.now, self._history.now)
            if start < end and not any(first <= start < after for first, after in covered):
                agreed = next((first for first, _ in covered if start < first <= end), None)
                over = end if agreed is None else agreed
                yield OutOfOrder(period.engagement.vma, system, login, start, agreed, over, (start - over) / HOUR)

    # ---- accounts ----

    def _live(self, period: Period, system: str) -> Spans:
        holdings = self._history.holdings.get(period.engagement.vma, ())
        return union(h.span for h in holdings if h.account.live and (not system or h.account.system == system))

    def _stopped(self, period: Period, system: str, until: int) -> Spans:
        """
        Return since when every account is seen to be stopped.

        Only a whole read after the end is proof; one that finds what an earlier one saw dates it back. What is proven
        stays so until an account is seen live again.
        """
        assert period.end is not None  # noqa: S101 - only asked after the end
        unseen = _in(self._history.unseen.get(period.engagement.vma, {}), system)
        live = union((*self._live(period, system), *self._doubtful(period, system), *unseen))
        proofs = [r.at for r in self._history.reads if _whole(r, system) and r.at >= period.end]
        found = []
        for start, end in difference(union(r.span for r in self._history.reads if _whole(r, system)), live):
            if any(start <= at < end for at in proofs):
                again = next((first for first, _ in live if first >= end), until)
                found.append((start, max(end, again)))
        return union(found)

    def _mfa_unknown(self, period: Period, system: str) -> Spans:
        """Return when some live account did not say whether it has a second factor, nor the sign-in for it."""
        holdings = [h for h in self._history.holdings.get(period.engagement.vma, ()) if h.account.live]
        silent: dict[str, list[Span]] = defaultdict(list)
        telling: dict[str, list[Span]] = defaultdict(list)
        for h in holdings:
            (silent if h.account.mfa is None else telling)[h.account.system].append(h.span)
        unknown: list[Span] = []
        for id_, spans in silent.items():
            if not system or id_ == system:
                where = self._setting.sign_in.get(id_, "")
                known = difference(union(telling.get(where, ())), union(silent.get(where, ())))
                unknown += difference(union(spans), known)
        return union(unknown)


def _in(by_system: Mapping[str, Spans], system: str) -> Spans:
    """Return the spans of one system or, where none is given, of any."""
    return union(s for id_, spans in by_system.items() for s in spans if not system or id_ == system)


def _whole(read: AuditRead, system: str) -> bool:
    return system in read.whole if system else not read.partial
