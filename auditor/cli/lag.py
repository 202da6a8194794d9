"""`auditor lag`."""

import json
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.text import Text

from auditor.cli.lag_chart import chart
from auditor.cli.out import say
from auditor.cli.show import show, width
from auditor.cli.state import day_of
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP, NOT_EVALUABLE
from auditor.gather import read_inputs
from auditor.lag import Lag, State
from auditor.lag_history import in_words
from auditor.lag_report import ALL, Group, LagReport, lag_report
from auditor.lag_time import HOUR, Calendar, moment
from auditor.recall import choose
from auditor.store import Store
from connectors.errors import AuditorError

LISTED = 40
"""How many open lags the text lists; JSON has all."""


def run_lag(path: Path, since: str | None, as_of: str | None, controls: Path | None, *, as_json: bool) -> int:
    """
    Print lags and lockstep; nothing is read from the systems, nothing is stored.

    Returns 0 when nothing is owed, 1 when something is late or out of order, 2 when it is merely not proven.
    """
    config = load_config(path)
    if not config.store.exists():
        raise AuditorError(
            f"there is no store `{config.store}`", hint="`auditor audit` makes one; lag is told from audits"
        )
    inputs = read_inputs(config)
    calendar = Calendar(config.practice.timezone)
    first = day_of(since, "--since")
    with Store.open(config.store) as store:
        now = _now(config, store, as_of, calendar)
        begin = None if first is None else calendar.start(first)
        if begin is not None and moment(begin) > now:
            raise AuditorError(f"`--since {first}` is after {now:%Y-%m-%d %H:%M} UTC", hint="name an earlier day")
        report = lag_report(config, inputs, store, now=now, since=begin, controls=controls)
    if as_json:
        say(json.dumps(_data(report), indent=2, ensure_ascii=False) + "\n")
    else:
        _show(report, calendar)
    return _exit_code(report)


def _exit_code(report: LagReport) -> int:
    owed = [lag for lag in report.lags if lag.owed_since is not None]
    late = [lag for lag in owed if lag.broken or lag.duty.control in _told_by_dates(report)]
    if late or report.out_of_order:
        return FINDINGS
    return NOT_EVALUABLE if owed or report.unread else IN_STEP


def _told_by_dates(report: LagReport) -> frozenset[str]:
    """Return the controls that no unread system can hide: what is not in place there is late, and not unproven."""
    return frozenset(c.id for c in report.controls if c.by.value in ("register", "attested"))


def _now(config: Config, store: Store, as_of: str | None, calendar: Calendar) -> datetime:
    now = datetime.now(UTC)
    if as_of is None:
        return now
    audit = choose(store.audits(config.practice.id), as_of, config.practice.timezone)
    if as_of.isdecimal():
        return audit.at
    day = day_of(as_of, "--as-of")
    assert day is not None  # noqa: S101 - it was given
    if moment(calendar.start(day)) > now:
        raise AuditorError(f"`--as-of {day}` is still to come", hint="name a day that has begun, or an audit")
    return min(now, moment(calendar.end(day)) - timedelta(seconds=1))


# ---- text -----------------------------------------------------------------------------------------------------------


def _show(report: LagReport, calendar: Calendar) -> None:
    days = f"{calendar.day(int(report.since.timestamp()))} to {calendar.day(int(report.now.timestamp()))}"
    step = report.lockstep
    style = "bold green" if step.exposure == 0 else "bold red"
    show(Text(f"lockstep {percent(step.share)}, {days}", style=style))
    show(f"{_days(step.exposure)} of {_days(step.vma_days)} VMA-days with a control not in place", "")
    show(*chart(step, calendar, width()))
    titles = {c.id: c.title for c in report.controls}
    show("", Text("lockstep of each control alone", style="bold"))
    for id_, alone in report.alone.items():
        show(f"  {titles[id_]:<38}{percent(alone.share):>13}")
    _table("lag by control, in hours", [g for g in report.groups if g.kind == "all"], titles)
    for kind in ("agency", "role", "system"):
        mine = [g for g in report.groups if g.kind == kind and g.control == ALL]
        _table(f"lag by {kind}, in hours", mine, titles, by_name=True)
    _show_open(report, titles)
    if report.out_of_order:
        show("", Text("account before its agreement", style="bold red"))
    for early in report.out_of_order:
        until = "and there is none yet" if early.agreement_from is None else f"{-early.hours:.1f} h too early"
        when = calendar.day(early.account_from)
        show(f"  {_name(report, early.vma)}: {early.login} in {early.system}, since {when}, {until}")
    for control in report.left_out:
        show("", f"not counted: {titles[control]}, because nobody has recorded one yet")
    if report.unread:
        show("", Text(f"not read whole by the last audit: {', '.join(report.unread)}", style="bold yellow"))


def _table(title: str, groups: list[Group], titles: dict[str, str], *, by_name: bool = False) -> None:
    if not groups:
        return
    show("", Text(f"{title:<40}{'median':>13}{'p90':>13}{'maximum':>11}{'open':>8}", style="bold"))
    for g in groups:
        e, label = g.estimate, g.name if by_name else titles.get(g.control, g.control)
        longest = f"{e.maximum / HOUR:.1f}{'+' if e.maximum_is_open else ''}"
        show(f"  {label[:36]:<38}{_hours(e.median):>13}{_hours(e.p90):>13}{longest:>11}{f'{e.open}/{e.count}':>8}")


def _show_open(report: LagReport, titles: dict[str, str]) -> None:
    now = int(report.now.timestamp())
    owed = [(now - x.owed_since, x) for x in report.lags if x.owed_since is not None]
    lags = sorted(owed, key=lambda x: (-x[0], x[1].duty.vma, x[1].duty.control))
    if lags:
        show("", Text(f"owed now: {len(lags)}", style="bold red"))
    for seconds, lag in lags[:LISTED]:
        why = "a finding stands" if lag.broken else "not shown to be in place"
        lapsed = ", after it had been in place" if lag.state is State.IN_PLACE else ""
        name = _name(report, lag.duty.vma)
        show(f"  {name}: {titles[lag.duty.control]}, {seconds / HOUR:.1f} h and growing, {why}{lapsed}")
    if len(lags) > LISTED:
        show(f"  and {len(lags) - LISTED} more: `--format json` has all")


def percent(share: Fraction | None) -> str:
    """Write a share with one decimal, rounded down: only all of it is 100 %."""
    return "not defined: nobody was engaged" if share is None else f"{share * 1000 // 1 / 10:.1f} %"


def _hours(seconds: int | None) -> str:
    return "not reached" if seconds is None else f"{seconds / HOUR:.1f}"


def _days(days: Fraction) -> str:
    return f"{float(days):,.2f}"


def _name(report: LagReport, vma: str) -> str:
    return f"{report.names.get(vma, vma)} ({vma})"


# ---- JSON -----------------------------------------------------------------------------------------------------------


def _data(report: LagReport) -> dict[str, Any]:
    step = report.lockstep
    return {
        "since": report.since.isoformat(),
        "as_of": report.now.isoformat(),
        "lockstep": None if step.share is None else float(step.share * 100),
        "lockstep_exact": None if step.share is None else str(step.share),
        "lockstep_by_control": {
            id_: None if one.share is None else float(one.share * 100) for id_, one in report.alone.items()
        },
        "vma_days": float(step.vma_days),
        "exposure_vma_days": float(step.exposure),
        "steps": [{"at": in_words(s.at), "headcount": s.headcount, "controlled": s.controlled} for s in step.steps],
        "controls": [c.model_dump(mode="json", include={"id", "title", "by", "due_hours"}) for c in report.controls],
        "not_counted": list(report.left_out),
        "lags": [_lag(lag) for lag in report.lags],
        "groups": [_group(g) for g in report.groups],
        "out_of_order": [
            {
                "vma": o.vma,
                "system": o.system,
                "login": o.login,
                "account_from": in_words(o.account_from),
                "agreement_from": None if o.agreement_from is None else in_words(o.agreement_from),
                "hours": o.hours,
            }
            for o in report.out_of_order
        ],
        "not_read": list(report.unread),
    }


def _lag(lag: Lag) -> dict[str, Any]:
    return {
        "vma": lag.duty.vma,
        "control": lag.duty.control,
        "agency": lag.duty.agency,
        "roles": list(lag.duty.roles),
        "due": in_words(lag.duty.due),
        "in_place": None if lag.in_place is None else in_words(lag.in_place),
        "hours": None if lag.state is State.NOT_DUE else lag.hours,
        "state": lag.state.value,
        "finding_stands": lag.broken,
        "owed_since": None if lag.owed_since is None else in_words(lag.owed_since),
    }


def _group(group: Group) -> dict[str, Any]:
    told = group.estimate

    def hours(seconds: int | None) -> float | None:
        return None if seconds is None else seconds / HOUR

    return {
        "by": group.kind,
        "name": group.name,
        "control": group.control,
        "count": told.count,
        "open": told.open,
        "median_hours": hours(told.median),
        "p90_hours": hours(told.p90),
        "maximum_hours": hours(told.maximum),
        "maximum_is_open": told.maximum_is_open,
    }
