"""`auditor explain --principal`: one question to a saved AWS account."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from auditor.cli.console import print_text
from auditor.cli.data.explain_access import KEYS, AccessQuestionData, access_data, places_data
from auditor.cli.formats import Format
from auditor.cli.output import emit
from auditor.exit_codes import IN_STEP
from connectors.cloud.aws.estate_files import load_estate
from connectors.errors import AuditorError, shorten
from policies.permissions.aws.access.question import Answer, PlaceAllowed, Question
from policies.permissions.aws.actions.canonical_names import is_known, names_of_resources, suggestion, takes_resource
from policies.permissions.aws.actions.fitting import can_be_asked
from policies.permissions.decision import Decision, Outcome

ANY = "*"
NAMES = 3
"""How many kinds of resources are told."""
UNASKED = {"resource-policies": "no resource is named"}


@dataclass(frozen=True, slots=True)
class AskedAccess:
    """What is asked."""

    principal: str
    action: str
    resource: str
    """An ARN, or `*` for all resources at once; empty: where it is allowed."""
    estate: Path
    context: Sequence[str] = ()
    """`key=value`, as often as wanted."""


def run_explain_access(asked: AskedAccess, *, output: Format) -> int:
    """Answer; return 0, whatever the answer is: it is a question, and not a check."""
    if asked.action.count(":") != 1 or not asked.action.isascii() or any(c in asked.action for c in "*? "):
        raise AuditorError(
            f"{shorten(asked.action)} is no action of AWS", hint="such as `s3:GetObject`, without a wildcard"
        )
    if not is_known(asked.action):
        raise AuditorError(f"AWS knows no action {shorten(asked.action)}", hint=suggestion(asked.action))
    if asked.resource not in ("", ANY) and not can_be_asked(asked.action, asked.resource):
        raise AuditorError(
            f"{shorten(asked.action)} is never asked of {shorten(asked.resource)}", hint=_asked_of(asked.action)
        )
    context = _context(asked.context)
    # What IAM and STS themselves keep is in the account: trust policies of roles, and nothing else has one.
    elsewhere = asked.resource.startswith("arn:") and asked.resource.split(":")[2:3] not in (["iam"], ["sts"])
    estate = load_estate(asked.estate, [asked.resource] if elsewhere else [])
    question = Question(estate, asked.action, asked.resource or ANY, context)
    if not asked.resource and takes_resource(asked.action):
        if context:
            raise AuditorError("`--context` is about one resource", hint="name it: `--resource arn:…`")
        further = question.further(asked.principal) | question.unreadable(asked.principal)
        places = list(question.where(asked.principal))
        further |= {"organization": estate.unread["organization"]} if "organization" in estate.unread else {}
        emit(
            output,
            text=lambda: print_text(_lines_of_places(asked, places, further)),
            data=lambda: places_data(
                AccessQuestionData(asked.principal, asked.action, ANY), places, {**further, **UNASKED}
            ),
            keys=KEYS,
        )
        return IN_STEP
    answers = list(question.answers(asked.principal))
    further = question.further(asked.principal)
    emit(
        output,
        text=lambda: print_text(_lines(asked, answers, further)),
        data=lambda: access_data(
            AccessQuestionData(asked.principal, asked.action, asked.resource or ANY), answers, dict(further)
        ),
        keys=KEYS,
    )
    return IN_STEP


def _asked_of(action: str) -> str:
    """Say of what an action is asked."""
    names = names_of_resources(action)
    if not names:
        return "AWS allows it on all resources or on none: ask with `--resource '*'`"
    return (
        f"name what it is asked of: {' or '.join(names[:NAMES])}; without `--resource`, it is said where it is allowed"
    )


def _lines_of_places(asked: AskedAccess, places: Sequence[PlaceAllowed], further: Mapping[str, str]) -> list[str]:
    action, who = asked.action, asked.principal
    lines = []
    for what, why in further.items():
        change = "take some away" if what == "organization" else "change it"
        lines.append(f"not read, and could {change}: {what} ({why})")
    lines.append(f"No resource is named, so this is where {who} may do {action}:")
    for place in places:
        way = "".join(f"as {role}: " for role in place.roles)
        doubt = "" if place.where.certain else f", {_in_part(place.where.keys)}"
        become = "" if place.certain else f", becoming it {_keys(place.keys)}"
        lines.append(f"  {way}{place.where.pattern} (by {place.where.policy}){doubt}{become}")
    if not places:
        lines.append("  nowhere, by its own policies and those of the roles that it can become")
    lines.append(
        "not asked, and could give more: what the policies of resources themselves allow; name one, --resource ARN"
    )
    return lines


def _in_part(keys: Iterable[str]) -> str:
    named = sorted(keys)
    return f"depends on {', '.join(named)}" if named else "where nothing else takes it away"


def _context(pairs: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not key or not equals:
            raise AuditorError(f"`--context` takes `key=value`, not {shorten(pair)}", hint="aws:SourceIp=203.0.113.7")
        found[key] = (*found.get(key, ()), value)
    return found


def _lines(asked: AskedAccess, answers: Sequence[Answer], further: Mapping[str, str]) -> list[str]:
    direct = [answer for answer in answers if not answer.roles]
    lines = []
    if not direct:
        lines.append(f"{asked.principal} holds no role in this account")
    lines += [f"not read, and could give more: {what} ({why})" for what, why in further.items()]
    for answer in direct:
        lines.append(f"{answer.principal}: {_outcome(answer.decision)}")
        lines.append(f"  {asked.action} on {asked.resource or ANY}")
        lines += [f"  {line}" for line in _reasons(answer.decision)]
    roles = [answer for answer in answers if answer.roles]
    if roles:
        lines += ["", "It could become another and do it then:"]
    for answer in roles:
        way = " → ".join(role for role in answer.roles)
        doubt = "" if answer.certain else f" ({_keys(answer.keys)})"
        lines.append(f"  {way}{doubt}: {_outcome(answer.decision)}")
        lines += [f"    {line}" for line in _reasons(answer.decision)]
    if asked.resource == ANY and takes_resource(asked.action):
        lines.append("That is all resources at once; without `--resource`, it is said on which it is allowed.")
    return lines


def _outcome(decision: Decision) -> str:
    return _keys(decision.keys) if decision.outcome is Outcome.DEPENDS else decision.outcome.value


def _keys(keys: Iterable[str]) -> str:
    return "depends on " + (", ".join(key for key in sorted(keys)) or "what is not known")


def _reasons(decision: Decision) -> list[str]:
    lines = []
    for deciding in decision.because:
        depends = f", {_keys(deciding.keys)}" if deciding.keys else ""
        where = f"{deciding.document}, {deciding.statement}"
        lines.append(f"{deciding.effect.lower():5} by {where} ({deciding.layer}){depends}")
    lines += [f"no allowance: {layer}" for layer in decision.lacking]
    lines.append(f"decided at: {decision.step}")
    lines += [f"not read, and could still deny: {what}" for what in decision.not_considered]
    return lines
