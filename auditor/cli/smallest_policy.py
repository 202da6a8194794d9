"""`auditor smallest-policy`."""

import re
from collections.abc import Sequence
from pathlib import Path

from auditor.cli.console import write_stderr, write_stdout
from auditor.cli.progress import Steps
from auditor.config import Config, load_config
from auditor.exit_codes import FINDINGS, IN_STEP
from connectors.cloud.aws.estate import AwsEstate, ResourceFacts
from connectors.collect import collect
from connectors.errors import AuditorError, SourceMalformed
from connectors.facts import Collection, Entitlement, EntitlementKind, Partial
from policies.catalogs.catalog import Unclassified
from policies.permissions.aws.access.smallest_policy import MANAGED_LIMIT, Smallest, smallest
from policies.permissions.aws.actions.index import shared_index
from policies.permissions.aws.actions.smallest_actions import wanted as wanted_at
from policies.policy import Policy, load_policy
from policies.roles.template import RoleTemplate

KEY = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+", re.ASCII)


def run_smallest_policy(role: str, system: str, more: Sequence[str], path: Path) -> int:
    """
    Print the smallest policy that gives a role what it requires on the resources with PHI of an AWS account.

    Returns 0; or 1 when it needs more room than one managed policy has. Raises `AuditorError` when nothing is needed,
    when nobody has said where the PHI is, and when the account cannot be read whole.
    """
    config = load_config(path)
    policy = load_policy(config.catalogs, config.roles)
    template = policy.templates[role]
    wanted = _wanted(policy, template, more)
    collection = _read(config, system)
    estate = collection.estate
    if not isinstance(estate, AwsEstate):
        raise AuditorError(f"`{system}` is no AWS account", hint="name a system with `product: aws`")
    marked = [facts for facts in estate.resources if facts.phi]
    if not marked:
        raise AuditorError(
            f"nobody has said which resources of `{system}` hold PHI",
            hint="set `phi` of the connector: `{arns: […], tags: {…}}`",
        )
    arns = [*(facts.arn for facts in marked), *_keys(marked)]
    within = {facts.arn: facts.within for facts in marked if facts.within}
    try:
        found = smallest(shared_index(), estate.account, arns, wanted, within)
    except ValueError as error:
        raise AuditorError(str(error), hint="name the resource itself under `phi`") from None
    if found.policy is None:
        raise AuditorError(
            f"`{role}` needs no policy in `{system}`: it requires nothing that the resources with PHI there give",
            hint=_instead(policy, template, arns, wanted),
        )
    _check(policy, template, collection, found)
    write_stdout(found.text())
    _tell(found, marked)
    return IN_STEP if found.fits else FINDINGS


def _keys(marked: Sequence[ResourceFacts]) -> list[str]:
    """Return the keys that the files of marked buckets are encrypted with, where a bucket names one by its ARN."""
    return [facts.key for facts in marked if facts.key and KEY.fullmatch(facts.key)]


def _instead(policy: Policy, template: RoleTemplate, arns: Sequence[str], asked: Sequence[str]) -> str:
    """Say what of that which the role only allows could be given there; never what would then be refused."""
    allowed = policy.vocabulary.names(template.allows & ~policy.never.mask)
    gives = [
        one for one in allowed if one not in asked and any(not w.supports for a in arns for w in wanted_at(one, a))
    ]
    if not gives:
        return "nothing that the role allows is done there, so who has it needs no account there"
    return f"for what the role only allows, name it: {' or '.join(f'`--with {one}`' for one in gives)}"


def _wanted(policy: Policy, template: RoleTemplate, more: Sequence[str]) -> tuple[str, ...]:
    """Return what the role requires, and what was asked for besides and is allowed."""
    names = policy.vocabulary.names
    allowed = set(names(template.allows & ~policy.never.mask))
    for capability in more:
        if capability not in allowed:
            raise AuditorError(
                f"the role `{template.id}` does not allow `{capability}`",
                hint=f"it allows: {', '.join(sorted(allowed))}",
            )
    return tuple(sorted({*names(template.requires), *more}))


def _read(config: Config, system: str) -> Collection:
    if system not in config.sources:
        raise AuditorError(f"there is no system `{system}`", hint=f"one of: {', '.join(config.sources)}")
    source = config.sources[system]
    spinner = Steps()
    with spinner.spinning(f"{system}: "):
        collection = collect(source.connector, time_limit_s=source.time_limit_s)
    if isinstance(collection.completeness, Partial):
        partial = collection.completeness
        raise SourceMalformed(f"`{system}` was not read whole: {partial.reason}", hint=partial.hint)
    return collection


def _check(policy: Policy, template: RoleTemplate, collection: Collection, found: Smallest) -> None:
    """Refuse a policy of which the evaluator, or the catalogs in force, say something else than the role allows."""
    if found.unproven:
        raise AuditorError(
            f"the policy is not proven: the evaluator finds something else at {', '.join(found.unproven[:3])}",
            hint="do not use a policy for this; report it with the ARNs",
        )
    system = collection.system
    entitlement = Entitlement(system.id, "smallest", "smallest", EntitlementKind.POLICY, document=found.text())
    reading = policy.catalogs.read(system, [entitlement])["smallest"]
    beyond = policy.vocabulary.names(reading.mask & ~template.allows)
    if beyond or isinstance(reading, Unclassified):
        what = ", ".join(beyond) or "something that no catalog knows"
        raise AuditorError(
            f"by the catalogs in force, the actions that are needed would also give {what}",
            hint=f"look at what the practice's own catalogs say of {', '.join(found.gives)}",
        )


def _tell(found: Smallest, marked: Sequence[ResourceFacts]) -> None:
    """Say on stderr what stands beside the policy."""
    lines = [f"gives {', '.join(found.gives)}; {found.size} of {MANAGED_LIMIT} characters of a managed policy"]
    if found.elsewhere:
        lines.append(f"not from here: {', '.join(found.elsewhere)}")
    buckets = [facts for facts in marked if facts.arn.split(":")[2] == "s3"]
    if "document.read" in found.gives and buckets:
        lines.append(
            "opens files whose name is known; to browse, add s3:ListBucket on the bucket, for the prefix alone "
            "(condition s3:prefix): it shows the names of files, which may be PHI too"
        )
    for facts in buckets:
        if facts.key is None:
            lines.append(
                f"how {facts.arn} is encrypted was not read: if it is by a key of your own, name the key under `phi`"
            )
        elif facts.key and not KEY.fullmatch(facts.key):
            lines.append(f"{facts.arn} is encrypted with {facts.key}: name that key by its ARN under `phi`")
    if not found.fits:
        lines.append("it is too long for one managed policy: mark fewer resources, or attach it in parts")
    for line in lines:
        write_stderr(line)
