"""
What OpenEMR's log says happened to some accounts: its rows are gone through in order, and only what changed is told.

- The user form writes `active` on every save, so only a step from one state to the other is a change.
- An edit of a list changes what everybody in its groups holds, and the log does not say for whom.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from connectors.audit_log import LogEvent, LogKind
from connectors.ehr.openemr.log_rows import LogRow, LogRows
from connectors.ehr.openemr.log_state import AccountEvents, AccountState, SaveStep, Timed
from connectors.ehr.openemr.log_statement import Dialog, LoggedStatement, Switch, Value, understood
from connectors.ehr.openemr.log_time import LogStamp, stamp
from connectors.facts import Account

SAVE = timedelta(seconds=10)
"""Rows of one user by one administrator that lie no further apart may be of one save."""
LISTS = frozenset(
    {
        *("gacl_acl", "gacl_aco_map", "gacl_aro_map", "gacl_aro_groups", "gacl_aro_groups_map"),
        *("gacl_axo_map", "gacl_axo_groups_map"),
    }
)
"""Tables whose rows say what groups and users hold."""
DAY = timedelta(days=1)


class LogReplay:
    """Goes through the rows; afterwards `events` and what could not be understood."""

    def __init__(self, system: str, got: LogRows, zone: str | None, accounts: Sequence[Account]) -> None:
        self._got, self._zone = got, zone
        begins = stamp(got.first[1], zone) if got.first and got.view and not got.start else None
        # Both the form and the table make an account active, and an account as old as the log may be older than it.
        self._states = {
            a.id: AccountState(a, active=True if begins and a.created and begins.end + DAY <= a.created else None)
            for a in accounts
        }
        self._ids = {a.login.casefold(): a.id for a in accounts}
        self._aros = {n: self._ids[login.casefold()] for n, login in got.aros.items() if login.casefold() in self._ids}
        self._values = {number: value for number, (value, _) in got.groups.items()}
        self._titles = {title.casefold(): value for value, title in got.groups.values()}
        self._told = AccountEvents(system)
        self._breaks = sorted(b[0] for b in (got.after_hole, got.after_encrypted) if b)
        self._lists: Timed | None = None
        self._lists_end: LogStamp | None = None
        self.switched: list[tuple[Timed, Switch]] = []
        """When the log was switched on or off."""
        self.odd: list[LogRow] = []
        """Rows that are not understood, or have no time."""
        self.timed: list[Timed] = []
        """All rows that have a time, in order."""
        self.written: dict[str, Timed] = {}
        """By account, the last row that wrote its row of `users`."""
        self.switched_by: dict[str, Timed] = {}
        """By account, the last row that surely wrote another value of `active`."""

    def run(self) -> tuple[LogEvent, ...]:
        """Return the events in the order of the log."""
        for row in self._got.rows:
            if not row.success:
                continue
            when = stamp(row.date, self._zone)
            what = None if row.long else understood(row.text)
            if when is None or what is None:
                self.odd.append(row)
                for state in self._states.values():
                    state.vague = True
                continue
            by = Timed(row, when)
            if (self._breaks and row.id >= self._breaks[0]) or (isinstance(what, Switch) and what.on):
                self._breaks = [id_ for id_ in self._breaks if id_ > row.id]
                self._forget()
            self.timed.append(by)
            self._close_saves(by)
            self._take(by, what)
        self._close_saves(None)
        self._close_lists()
        for row in self._got.sign_ins:
            self._sign_in(row)
        return self._told.in_order()

    def _forget(self) -> None:
        """What was known before rows are missing says nothing of what comes after them."""
        self._close_saves(None)
        for state in self._states.values():
            state.forget()

    def _take(self, by: Timed, what: LoggedStatement | Dialog | Switch) -> None:
        if isinstance(what, Switch):
            self.switched.append((by, what))
        elif isinstance(what, Dialog):
            self._dialog(by, what)
        elif what.table == "users":
            self._users(by, what)
        elif what.table == "groups":
            self._door(by, what)
        elif what.table == "gacl_groups_aro_map":
            self._members(by, what)
        elif what.table == "gacl_aro":
            self._object(by, what)
        elif what.table in LISTS:
            self._list(by)

    def _users(self, by: Timed, what: LoggedStatement) -> None:
        """Take a statement on `users`: made, written or deleted."""
        for row in what.rows if what.verb == "insert" else ():
            state = self._states.get(self._ids.get((row.get("username") or "").casefold(), ""))
            if state:
                self._told.tell(by, state, LogKind.CREATED)
                state.active = row.get("active", "1") not in ("0", None)
                state.login = row.get("username")
        if what.verb == "insert":
            return
        sure = bool(what.where) and not any(None in values for values in (what.where or {}).values())
        for state in self._meant(what, "id", "username"):
            self._told.close_save(state)  # the form writes the groups last
            if what.verb == "delete":
                self._told.tell(by, state, LogKind.DELETED)
                continue
            sets = what.rows[0]
            self.written[state.account.id] = by
            if "active" in sets:
                self._active(by, state, sets["active"], sure=sure)
            if "username" in sets:
                self._renamed(by, state, sets["username"])
            if "facility_id" in sets:
                self._works_in(by, state, sets["facility_id"])

    def _active(self, by: Timed, state: AccountState, value: Value, *, sure: bool) -> None:
        if value not in ("0", "1", "") or not sure:
            self._told.tell(by, state, LogKind.STATUS_SET)
            state.active = None
            return
        before, was, state.active = state.live, state.active, value == "1"
        if was is not None and was is not state.active:
            self.switched_by[state.account.id] = by
        self._told.step(by, state, before)

    def _renamed(self, by: Timed, state: AccountState, login: Value) -> None:
        if login and state.login and login != state.login:
            self._told.tell(by, state, LogKind.RENAMED)
        state.login = login or state.login
        if login:
            self._ids.setdefault(login.casefold(), state.account.id)

    def _works_in(self, by: Timed, state: AccountState, facility: Value) -> None:
        before, state.facility = state.facility, facility
        if facility is None:
            self._told.tell(by, state, LogKind.HOLDINGS_SET)
            return
        if facility != before and before not in (None, "0", ""):
            self._told.tell(by, state, LogKind.TAKEN, f"facility:{before}")
        if facility != before and facility not in ("0", ""):
            self._told.tell(by, state, LogKind.GIVEN, f"facility:{facility}", upper_bound=before is None)

    def _door(self, by: Timed, what: LoggedStatement) -> None:
        """
        Take a statement on `groups`, in which everybody must stand to sign in; a new row only lets in.

        OpenEMR's screen names a row by its id, and only where the user has another.
        """
        if what.verb == "delete" and set(what.where or ()) != {"id"}:
            for state in self._meant(what, None, "user"):
                self._told.tell(by, state, LogKind.STATUS_SET)

    def _object(self, by: Timed, what: LoggedStatement) -> None:
        """Take a statement on the objects that stand for users: with it a save begins."""
        for row in what.rows:
            account = self._ids.get((row.get("value") or "").casefold())
            numbers = (row.get("id"),) if what.verb == "insert" else (what.where or {}).get("id", ())
            if account and row.get("section_value") in ("users", None):
                self._aros |= {n: account for n in numbers if n}
                state = self._states[account]
                self._told.close_save(state)
                state.whole = True
                if what.verb == "insert" and state.active is None:  # made with the user, who is active then
                    state.active = True
        if what.verb == "delete":
            for number in (what.where or {}).get("id", ()):
                self._out_of_all(by, self._aros.get(number or ""))

    def _out_of_all(self, by: Timed, account: str | None) -> None:
        for state in [self._states[account]] if account else []:
            self._told.tell(by, state, LogKind.HOLDINGS_SET)
            self._told.tell(by, state, LogKind.STATUS_SET)

    def _members(self, by: Timed, what: LoggedStatement) -> None:
        if what.verb == "insert":
            for row in what.rows:
                self._member(by, row.get("aro_id"), row.get("group_id"), given=True)
            return
        where = what.where or {}
        numbers, groups = where.get("aro_id"), where.get("group_id")
        if what.verb != "delete" or not (numbers or groups) or None in (*(numbers or ()), *(groups or ())):
            self._list(by)
        elif numbers is None:  # a group is emptied: nobody says who was in it
            self._list(by, [f"group:{self._values[g]}" for g in groups or () if g in self._values])
        elif groups is None:
            for number in numbers:
                self._out_of_all(by, self._aros.get(number or ""))
        else:
            for number in numbers:
                for group in groups:
                    self._member(by, number, group, given=False)

    def _member(self, by: Timed, number: Value, group: Value, *, given: bool) -> None:
        account = self._aros.get(number or "")
        if account is None:
            return
        value = self._values.get(group or "")
        if value is None:  # the group is gone, and its number with it
            self._told.tell(by, self._states[account], LogKind.HOLDINGS_SET)
            self._states[account].vague = True
        else:
            self._told.add(self._states[account], SaveStep(by, f"group:{value}", given))

    def _dialog(self, by: Timed, what: Dialog) -> None:
        account = self._ids.get(what.login.casefold())
        if account is None:
            return
        state = self._states[account]
        # Where the statements are logged they stand before it, and it adds nothing.
        self._told.close_save(state)
        for value in _titled(what.groups, self._titles):
            if value is None:
                self._told.tell(by, state, LogKind.HOLDINGS_SET)
            else:
                self._told.net(state, f"group:{value}", [SaveStep(by, f"group:{value}", what.given)], sure=False)

    def _close_saves(self, by: Timed | None) -> None:
        """End the saves to which a row cannot belong, as it is too long after."""
        for state in self._states.values():
            if state.save and (by is None or by.stamp.at - state.save[-1].by.stamp.at > SAVE):
                self._told.close_save(state)

    def _list(self, by: Timed, groups: Iterable[str] = ()) -> None:
        """Note an edit of what groups hold; a run of them by one administrator is one, as wide as it lasted."""
        for group in groups:
            for state in self._states.values():
                self._told.tell(by, state, LogKind.HOLDINGS_SET, group)
        first, last = self._lists, self._lists_end
        if first and last and (first.row.actor != by.row.actor or by.stamp.at - last.at > SAVE):
            self._close_lists()
        self._lists = self._lists or by
        self._lists_end = by.stamp

    def _close_lists(self) -> None:
        first, last, self._lists = self._lists, self._lists_end, None
        if first and last:
            wide = Timed(first.row, LogStamp(first.stamp.at, max(first.stamp.end, last.end) - first.stamp.at))
            for state in self._states.values():
                self._told.tell(wide, state, LogKind.HOLDINGS_SET)

    def _sign_in(self, row: LogRow) -> None:
        when, account = stamp(row.date, self._zone), self._ids.get(row.actor.casefold())
        if when is None:
            self.odd.append(row)
        elif account:
            self._told.tell(Timed(row, when), self._states[account], LogKind.SIGNED_IN)

    def _meant(self, what: LoggedStatement, key: str | None, name: str) -> Iterator[AccountState]:
        """Give the accounts that a condition names, by id or name; all of them where it is not understood."""
        where = what.where or {}
        ids, names = where.get(key or ""), where.get(name)
        if (ids is None and names is None) or None in (*(ids or ()), *(names or ())):
            yield from self._states.values()
            return
        meant = {i for i in ids or () if i in self._states}
        meant |= {self._ids[n.casefold()] for n in names or () if n and n.casefold() in self._ids}
        yield from (self._states[i] for i in sorted(meant))


def _titled(text: str, titles: dict[str, str]) -> Iterator[str | None]:
    """Give the values of the groups whose titles are listed, the longest first where a title has a comma itself."""
    rest = text.strip().casefold()
    while rest:
        title = next((t for t in sorted(titles, key=len, reverse=True) if rest == t or rest.startswith(f"{t}, ")), None)
        if title is None:
            yield None
            return
        yield titles[title]
        rest = rest[len(title) :].removeprefix(", ")
