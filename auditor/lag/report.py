"""Lag and lockstep of one practice at one instant: everything that the command tells."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from auditor.audit.inputs import Inputs
from auditor.config import Config
from auditor.headcount.events import applying
from auditor.headcount.former_names import former_names
from auditor.lag.controls import SHIPPED, By, Control, load_controls, other_than_shipped
from auditor.lag.earlier import Otherwise, told_otherwise
from auditor.lag.estimate import Estimate, estimate
from auditor.lag.history import read_history
from auditor.lag.lag import Lag, LagState, Lockstep, Presence, counts, lag_of, lockstep
from auditor.lag.measured import OutOfOrder, Setting
from auditor.lag.obligations import measure
from auditor.lag.spans import Calendar, moment, seconds
from auditor.store import Store
from connectors.inputs.dates import day_of

ALL = "all controls"
NO_AGENCY = "engaged by the practice"


@dataclass(frozen=True, slots=True)
class LagGroup:
    """The lags of one agency, role or system, of one control or of all."""

    kind: str
    """`all`, `agency`, `role` or `system`."""
    name: str
    control: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class LagReport:
    """What is told."""

    since: datetime
    now: datetime
    controls: tuple[Control, ...]
    left_out: tuple[str, ...]
    lags: tuple[Lag, ...]
    """One for each VMA, engagement and control, those not due yet too."""
    groups: tuple[LagGroup, ...]
    out_of_order: tuple[OutOfOrder, ...]
    lockstep: Lockstep
    alone: dict[str, Lockstep]
    """By control: what it would be if that were the only one."""
    names: dict[str, str]
    unread: tuple[str, ...]
    """The systems that the last audit could not read whole."""
    own_controls: str = ""
    """The name of the file of controls, where it is not the shipped one."""
    other_controls: tuple[str, ...] = ()
    """The titles of the controls that this file decides otherwise than the shipped one, by which the report goes."""
    otherwise: tuple[Otherwise, ...] = ()
    """The audits whose stored sentence counts the covered otherwise."""
    bare_words: int = 0
    """Attestations of a review that rest on nothing but a word: they count for nobody."""


def lag_report(
    config: Config, inputs: Inputs, store: Store, *, now: datetime, since: int | None, controls: Path | None = None
) -> LagReport:
    """
    Reckon lags and lockstep at an instant, from the store alone.

    `since` is the first audit where it is `None`. Agreements, roles and configuration are today's. Raises
    `AuditorError` when there was no audit by then.
    """
    calendar = Calendar(config.practice.timezone)
    history = read_history(store, config.practice.id, config.practice.timezone, now)
    own = controls or config.controls or SHIPPED
    setting = _setting(config, inputs, store, own, day_of(now, config.practice.timezone))
    measured = measure(history, setting, calendar)
    begin = history.reads[0].at if since is None else since
    lags = [lag_of(duty, history.now) for p in measured.presences for duty in p.duties]
    in_systems = [lag_of(duty, history.now) for duty in measured.by_system]
    return LagReport(
        since=moment(begin),
        now=moment(history.now),
        controls=setting.controls,
        left_out=measured.left_out,
        lags=tuple(
            lag for lag in lags if lag.state is LagState.NOT_DUE or lag.owed_since is not None or counts(lag, begin)
        ),
        groups=tuple(_groups([x for x in lags if counts(x, begin)], [x for x in in_systems if counts(x, begin)])),
        out_of_order=tuple(o for o in measured.out_of_order if o.account_from >= begin or o.over > begin),
        lockstep=lockstep(measured.presences, begin, history.now, calendar),
        alone={
            c.id: lockstep(_only(measured.presences, c.id), begin, history.now, calendar)
            for c in setting.controls
            if c.id not in measured.left_out
        },
        names={p.engagement.vma: p.name for p in history.periods},
        unread=tuple(sorted(history.reads[-1].partial)),
        own_controls="" if own == SHIPPED else own.name,
        other_controls=other_than_shipped(setting.controls),
        otherwise=told_otherwise(
            (audit for audit in store.audits(config.practice.id) if begin <= seconds(audit.at) <= history.now),
            measured.presences,
            _as_shipped(setting.controls),
        ),
        bare_words=history.bare_words,
    )


def _setting(config: Config, inputs: Inputs, store: Store, controls: Path, today: date) -> Setting:
    systems = {id_: source.connector.system for id_, source in config.sources.items()}
    templates, people = inputs.policy.templates, {p.id: p for p in inputs.roster.people}

    def asks_mfa(roles: tuple[str, ...]) -> bool:
        return templates.combine(tuple(role for role in roles if role in templates)).controls.mfa

    return Setting(
        controls=load_controls(controls),
        agreements=inputs.agreements,
        asks_mfa=asks_mfa,
        sign_in={id_: system.sign_in for id_, system in systems.items() if system.sign_in},
        phi_systems=frozenset(id_ for id_, system in systems.items() if system.holds_phi),
        former_names=former_names(store, config.practice.id, people, applying(inputs.roster.engagements, today)),
    )


def _as_shipped(controls: Iterable[Control]) -> frozenset[str]:
    """Return the controls that cover as the report counts it."""
    shipped = {control.id: set(control.rules) for control in load_controls()}
    return frozenset(c.id for c in controls if c.by is By.REGISTER and set(c.rules) == shipped.get(c.id))


def _only(presences: Iterable[Presence], control: str) -> Iterable[Presence]:
    return [replace(p, duties=tuple(d for d in p.duties if d.control == control)) for p in presences]


def _groups(lags: Iterable[Lag], in_systems: Iterable[Lag]) -> Iterable[LagGroup]:
    found: dict[tuple[str, str, str], list[tuple[int, bool]]] = defaultdict(list)

    def add(kind: str, name: str, lag: Lag) -> None:
        for control in (ALL, lag.duty.control):
            found[kind, name, control].append((lag.seconds, lag.state is LagState.IN_PLACE))

    for lag in lags:
        add("all", "", lag)
        add("agency", lag.duty.agency or NO_AGENCY, lag)
        for role in lag.duty.roles:
            add("role", role, lag)
    for lag in in_systems:
        add("system", lag.duty.system, lag)
    order = {"all": 0, "agency": 1, "role": 2, "system": 3}
    in_order = sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1], item[0][2] != ALL, item[0][2]))
    for (kind, name, control), mine in in_order:
        told = estimate(mine)
        assert told is not None  # noqa: S101 - every group has a lag
        yield LagGroup(kind, name, control, told)
