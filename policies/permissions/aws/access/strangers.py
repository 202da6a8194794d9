"""
Who may come from outside to a resource: everybody, in the shapes that its policy asks for, and whom it names.

What strangers decide about themselves holds none of them back: how they call their roles and users, with what they tag
them, that they belong to no organization, that they come over the internet and for no service. So where a policy asks
for such a thing, somebody is asked for who has it.
Source: IAM User Guide, "AWS global condition context keys" (when a key is part of a request; `aws:PrincipalTag` is
what the owner of the principal says); S3 User Guide, "The meaning of public" (a range of addresses that is wider than
`/8`, or `/32` of IPv6, is public).
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from policies.permissions.aws.evaluation.document import PolicyStatement, parse_document
from policies.permissions.aws.evaluation.overlap import meet
from policies.permissions.aws.evaluation.request import Organization, Principal, PrincipalKind, Resource

EVERYBODY = "everybody"
LEFT_OUT = frozenset(
    [
        *("aws:sourcevpc", "aws:sourcevpce", "aws:vpcsourceip", "aws:sourcevpcarn", "aws:vpceaccount"),
        *("aws:vpceorgid", "aws:vpceorgpaths", "aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid"),
        *("aws:sourceorgpaths", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename"),
    ]
)
"""What the request of somebody without an organization, over the internet and in their own name does not have."""
CALLED = frozenset(["aws:principalarn", "aws:username", "aws:principaltype"])
"""What strangers call themselves in an account of their own."""
TAG, ADDRESS = "aws:principaltag/", "aws:sourceip"
NARROWEST = {4: 8, 6: 32}
"""A range of addresses with a shorter prefix is everybody's, by the version of IP."""
_ALL = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ARN = re.compile(
    r"arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(root|user|role|assumed-role|federated-user)(?:/(.+))?", re.ASCII
)
_ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}", re.ASCII)
_Says = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody from outside, with all rights on their own side."""

    label: str
    """As `Exposure.to`."""
    principal: Principal
    organization: Organization
    keys: frozenset[str] = frozenset()
    """What it depends on whether they are strangers at all."""
    says: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Condition keys with what their request says of them; no value: it does not have the key."""


def strangers(statements: Iterable[PolicyStatement], resource: Resource, own: frozenset[str]) -> Iterator[Stranger]:
    """Yield everybody, then whom the policy names by principal or condition and who does not belong to us."""
    statements = tuple(statements)
    nobody = _unnamed(statements)
    anybody = tuple(_shapes(statements, resource.arn, nobody))
    for principal, says in anybody:
        yield Stranger(EVERYBODY, principal, _elsewhere("o-0000000000"), says=says)
    found: dict[str, Stranger] = {}
    for statement in statements:
        values = [value for kind, value in statement.principals or () if kind == "AWS"]
        for _, key, wanted in statement.conditions:
            if key.lower() in ("aws:principalaccount", "aws:principalarn"):
                values += wanted
            if key.lower() in ("aws:principalorgid", "aws:principalorgpaths"):
                for value in wanted:
                    found |= _members(key, value, resource.organization, anybody)
        named = (_named(value, resource.arn) for value in values)
        for who in named:
            if who is not None and who.account not in own:
                found.setdefault(f"{who.account} {who.arn}", _of(who))
    for _, stranger in sorted(found.items()):
        yield stranger


def _unnamed(statements: Iterable[PolicyStatement]) -> str:
    """Return an account that no condition names."""
    named = " ".join(value for statement in statements for _, _, wanted in statement.conditions for value in wanted)
    return next(account for account in map("{:012}".format, range(len(named) + 1)) if account not in named)


def _shapes(statements: Iterable[PolicyStatement], arn: str, account: str) -> Iterator[tuple[Principal, _Says]]:
    """Yield somebody, then, for each statement that asks for what anybody can have, somebody who has it."""
    plain = _somebody(account, arn)
    yield plain, {}
    for statement in statements:
        says: _Says = {}
        called = [plain]
        for operator, key, wanted in statement.conditions:
            name, how = key.lower(), operator.lower()
            # Who fulfils what a denial excepts escapes it.
            alike = ("not" not in how) == statement.allows
            says |= _said(name, how, wanted, allows=statement.allows)
            if name in CALLED and alike:
                patterns = wanted if name == "aws:principalarn" else tuple(f"arn:*:user/{value}" for value in wanted)
                called = list(_called(patterns, arn, account)) or called
        for principal in called:
            if says or principal is not plain:
                yield principal, says


def _said(key: str, how: str, wanted: tuple[str, ...], *, allows: bool) -> _Says:
    """Return what somebody says, or leaves out, to fulfil the condition of an allowance or escape that of a denial."""
    null = how == "null"
    if null:
        absent = ("true" in {text.lower() for text in wanted}) == allows
    else:
        # Without the key, these operators are true, and all others false.
        absent = ("not" in how or how.endswith("ifexists") or how.startswith("forallvalues:")) == allows
    if key in LEFT_OUT and absent:
        return {key: ()}
    if key.startswith(TAG) and wanted and ((not absent) if null else ("not" not in how) == allows):
        return {key: ("x" if null else _filled(wanted[0]),)}
    around = how.startswith("ipaddress") if allows else how.startswith("notipaddress")
    address = _anywhere(wanted) if key == ADDRESS and around else None
    return {key: (address,)} if address else {}


def _called(patterns: Iterable[str], arn: str, account: str) -> Iterator[Principal]:
    """Yield roles and users of one account who are called as the patterns ask."""
    partition = arn.split(":")[1]
    for pattern in patterns:
        if pattern.replace("*", "").replace("?", "") == pattern:
            continue  # one principal, who is named apart
        for kind in ("role", "user"):
            place = meet(pattern, f"arn:{partition}:iam::{account}:{kind}/*")
            principal = place and _named(_fitting(pattern, place, account, kind, partition), arn)
            if principal:
                yield principal


def _fitting(pattern: str, place: str, account: str, kind: str, partition: str) -> str:
    """Return an ARN in the account that fits the pattern, as far as it is easily found."""
    name = (
        pattern.rpartition(f":{kind}/")[2] if f":{kind}/" in pattern else pattern.rpartition("/")[2].lstrip("*") or "x"
    )
    return place if account in pattern else f"arn:{partition}:iam::{account}:{kind}/{_filled(name)}"


def _filled(pattern: str) -> str:
    """Return a text that fits a pattern."""
    return pattern.replace("*", "x").replace("?", "x")


def _anywhere(ranges: Iterable[str]) -> str | None:
    """Return an address of the internet, if some range is so wide that it is everybody's."""
    for text in ranges:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError:
            continue
        if network.prefixlen < NARROWEST[network.version]:
            middle = network.network_address + (network.num_addresses // 8 + 1)
            return str(middle)
    return None


def _members(
    key: str, value: str, ours: Organization, anybody: Iterable[tuple[Principal, _Says]]
) -> dict[str, Stranger]:
    """Return members of an organization that a condition names and that is not known to be ours."""
    match = _ORGANIZATION.match(value)
    if not match or match[0] == ours.id:
        return {}
    there = _elsewhere(match[0], value.replace("*", "") if "/" in value else "")
    # Which organization is ours was not read: it may be this one.
    unread = frozenset[str]() if ours.id or ours.scps is not None else frozenset([key])
    found = {}
    for number, (principal, says) in enumerate(anybody):
        left = {name: values for name, values in says.items() if not name.startswith("aws:principalorg")}
        found[f"{match[0]} {number}"] = Stranger(match[0], principal, there, unread, left)
    return found


def _of(principal: Principal) -> Stranger:
    return Stranger(principal.account, principal, _elsewhere("o-0000000000"))


def _elsewhere(id_: str, path: str = "") -> Organization:
    return Organization(id=id_, path=path or f"{id_}/r-0000/", scps=(), rcps=())


def _somebody(account: str, arn: str) -> Principal:
    partition = arn.split(":")[1]
    role = f"arn:{partition}:iam::{account}:role/somebody"
    session = f"arn:{partition}:sts::{account}:assumed-role/somebody/session"
    rights = (parse_document(_ALL, "the stranger's own rights"),)
    return Principal(role, PrincipalKind.ROLE, account, "somebody", identity=rights, session_arn=session)


def _named(value: str, arn: str) -> Principal | None:
    """Return somebody whom a value of `Principal`, or of a condition on who asks, means."""
    if _ACCOUNT.fullmatch(value):
        return _somebody(value, arn)
    match = _ARN.fullmatch(value.replace("*", "x").replace("?", "x"))
    if match is None:
        return None
    account, kind, name = match.groups()
    somebody = _somebody(account, arn)
    partition = arn.split(":")[1]
    if kind == "root":
        return somebody
    if kind == "user":
        return Principal(match[0], PrincipalKind.USER, account, name.rpartition("/")[2], identity=somebody.identity)
    if kind == "role":
        return Principal(match[0], PrincipalKind.ROLE, account, name.rpartition("/")[2], identity=somebody.identity)
    role = f"arn:{partition}:iam::{account}:role/{name.partition('/')[0]}"
    return Principal(role, PrincipalKind.ROLE, account, name, identity=somebody.identity, session_arn=match[0])
