"""
The doors of an AWS account: whom outside it the trust policies of its roles let in.

Services of AWS are no doors, but for IAM Roles Anywhere, which lets in whoever has a certificate; nor is the account
itself, nor those that belong to us (`own`). A stranger from another account is asked for as `exposure` does: with all
rights on their own side, against denials and resource control policies. A unique id (`AIDA…`, `AROA…`) in a
policy is what is left of a principal that was deleted: nobody can come by it. Who comes through Identity Center is an
account of the collection, and no door.
Source: IAM User Guide, "AWS JSON policy elements: Principal", "The confused deputy problem".
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from connectors.facts import Door, DoorKind
from policies.permissions.aws.access.exposure import Exposure, exposures
from policies.permissions.aws.access.federation import address, outsiders
from policies.permissions.aws.access.strangers import EVERYBODY
from policies.permissions.aws.access.trust import ASSUME, service_name
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement
from policies.permissions.aws.evaluation.request import Resource

SHARED = frozenset(
    ["sts:externalid", "sts:rolesessionname", "sts:sourceidentity", "aws:tagkeys", "sts:transitivetagkeys"]
)
"""What whoever knows the word can say: an external id is no secret (IAM User Guide, "The confused deputy problem")."""
MAY_BE_OURS = frozenset(
    ["aws:principalorgid", "aws:principalorgpaths", "aws:principalisawsservice", "aws:viaawsservice"]
)
ANYWHERE = "rolesanywhere"
RESERVED_PROVIDER, RESERVED_ROLE = "AWSSSO_", "AWSReservedSSO_"
_DIGITS = re.compile(r"(?:arn:[^:]*:[^:]*::)?(\d{12})(?::.*)?", re.ASCII)


def doors(account: AwsAccount, index: ActionIndex, own: frozenset[str]) -> Iterator[Door]:
    """Yield the doors of an account, role by role, each once."""
    for arn, role in sorted(account.trusts.items()):
        document = role.policy
        if document is None or account.roles[arn].service_linked:
            continue
        unreadable = document.problem or any(s.problem for s in document.statements)
        if unreadable:
            yield _unreadable(arn, document)
        found: dict[str, Door] = {}
        for door in (*_by_account(arn, role, index, own), *_federated(arn, document), *_by_certificate(arn, document)):
            if unreadable and door.id == f"{arn}|{EVERYBODY}" and door.depends:
                continue  # what cannot be read is told once
            before = found.get(door.id)
            found[door.id] = door if before is None else _together(before, door)
        yield from found.values()


def through_identity_center(account: AwsAccount) -> bool:
    """Whether some role of the account is there for people of Identity Center."""
    return any(role.name.startswith(RESERVED_ROLE) for role in account.roles.values())


def _together(one: Door, other: Door) -> Door:
    """Join what two statements say of one door: what is open by one is open."""
    detail = "; or ".join(dict.fromkeys(text for text in (one.detail, other.detail) if text))
    depends = () if not one.depends or not other.depends else tuple(dict.fromkeys((*one.depends, *other.depends)))
    anybody = one.anybody or other.anybody
    # What is open without a question is told as that.
    asks = all(door.asks for door in (one, other) if door.anybody or not anybody)
    return replace(one, anybody=anybody, asks=asks, depends=depends, detail=detail)


def _unreadable(arn: str, document: PolicyDocument) -> Door:
    problem = document.problem or next(s.problem for s in document.statements if s.problem)
    why = (f"its trust policy, which cannot be read: {problem}",)
    return Door(f"{arn}|?", DoorKind.FOREIGN_ACCOUNT, "somebody from outside", arn, depends=why)


def _by_account(arn: str, role: Resource, index: ActionIndex, own: frozenset[str]) -> Iterator[Door]:
    document = role.policy
    statements = [s for s in document.statements if s.allows and not s.problem] if document else []
    if not any(kind not in ("Service", "Federated") for s in statements for kind, _ in s.principals or ()):
        return
    for exposure in exposures(index, role, own, asked=ASSUME):
        anybody = exposure.to == EVERYBODY
        ours = {key for key in exposure.keys if key.lower() in MAY_BE_OURS or " " in key}
        unknown = (
            {key for key in exposure.keys if key.lower() not in SHARED} if anybody or not exposure.actions else ours
        )
        yield Door(
            id=f"{arn}|{exposure.to}",
            kind=DoorKind.FOREIGN_ACCOUNT,
            who=_who(exposure),
            to=arn,
            names=() if anybody else tuple(dict.fromkeys((*_named(statements, exposure.to), exposure.to))),
            anybody=anybody and not unknown,
            depends=tuple(sorted(unknown)),
            asks=bool(_asked(statements, exposure)),
            detail=_detail(statements, exposure),
        )


def _who(exposure: Exposure) -> str:
    if exposure.to == EVERYBODY:
        return "anybody who has an AWS account"
    if exposure.to.startswith("o-"):
        return f"every account of the organization {exposure.to}"
    return f"the AWS account {exposure.to}" if exposure.to.isdigit() else exposure.to


def _named(statements: Iterable[PolicyStatement], to: str) -> Iterator[str]:
    """Yield the identities of one account that are named, where it is not the account as such."""
    for statement in statements:
        for kind, value in statement.principals or ():
            if kind == "AWS" and (match := _DIGITS.fullmatch(value)) and match[1] == to and ":role/" in value:
                yield value


def _detail(statements: Iterable[PolicyStatement], exposure: Exposure) -> str:
    named = list(_named(statements, exposure.to))
    asked = _asked(statements, exposure)
    said = [f"as {', '.join(named)}"] if named else []
    said += [f"asks for {', '.join(asked)}"] if asked else []
    if not asked and exposure.to != EVERYBODY:
        said.append("asks for no external id")
    return "; ".join(said)


def _asked(statements: Iterable[PolicyStatement], exposure: Exposure) -> list[str]:
    """Return the keys of what whoever comes must say; none where one statement lets them in without."""
    if exposure.to != EVERYBODY:
        return sorted(exposure.keys)
    by = [{key for _, key, _ in s.conditions} for s in statements if s.name in exposure.statements]
    return sorted(set().union(*by)) if all(by) else []


def _federated(arn: str, document: PolicyDocument) -> Iterator[Door]:
    providers = {
        value: None
        for s in document.statements
        if s.allows and not s.problem
        for kind, value in s.principals or ()
        if kind == "Federated"
    }
    for provider in providers:
        if address(provider).startswith(RESERVED_PROVIDER) and arn.rpartition("/")[2].startswith(RESERVED_ROLE):
            continue
        for outsider in outsiders(document.statements, provider):
            yield Door(
                id=f"{arn}|{address(provider)}|{'*' if outsider.anybody else outsider.who}",
                kind=DoorKind.FEDERATED,
                who=outsider.who,
                to=arn,
                names=outsider.names,
                anybody=outsider.anybody,
                asks=bool(outsider.asks),
                detail=f"asks for {'; '.join(outsider.asks)}" if outsider.asks else "asks for nothing",
            )


def _by_certificate(arn: str, document: PolicyDocument) -> Iterator[Door]:
    """Yield the door of IAM Roles Anywhere: machines outside of AWS, by certificates of whoever is trusted there."""
    for statement in document.statements:
        if not statement.allows or statement.problem:
            continue
        if any(kind == "Service" and service_name(value) == ANYWHERE for kind, value in statement.principals or ()):
            asked = sorted({key for _, key, _ in statement.conditions})
            yield Door(
                id=f"{arn}|{ANYWHERE}",
                kind=DoorKind.FEDERATED,
                who="whoever has a certificate that IAM Roles Anywhere trusts",
                to=arn,
                names=(ANYWHERE,),
                detail=f"asks for {', '.join(asked)}" if asked else "asks for no trust anchor",
            )
