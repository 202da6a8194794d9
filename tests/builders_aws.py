"""A practice with an AWS account of which everything was read: who may do what, on which resources, what was used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from connectors.cloud.aws.estate import AccessKey, AwsEstate, Group, ResourceFacts, Role, ServiceUse, User
from connectors.facts import NEVER, EntitlementKind, Never
from policies.permissions.aws.survey import Survey
from tests.aws_accounts import US, text
from tests.builders import SYSTEMS, Clinic, ago, noon
from tests.builders import policy as shipped_policy

FILES = "arn:aws:s3:::phi-files"
KEY = f"arn:aws:kms:us-east-1:{US}:key/phi"
PERIOD = 90


def days_ago(days: int) -> datetime:
    """Noon of a day before today."""
    return noon(ago(days))


def used(service: str, last: int | Never | None = NEVER, **actions: int | Never) -> ServiceUse:
    """Tell when a service, and its tracked actions, were last used, in days before today."""
    known = {f"{service}:{name}": when if isinstance(when, Never) else days_ago(when) for name, when in actions.items()}
    return ServiceUse(service, days_ago(last) if isinstance(last, int) else last, known)


def key(
    id_: str = "AKIAONE", *, last: int | Never | None = 1, made: int | None = 300, active: bool = True
) -> AccessKey:
    """An access key, last used and made so many days ago."""
    when = days_ago(last) if isinstance(last, int) else last
    return AccessKey(id_, active, None if made is None else days_ago(made), when)


def phi(arn: str = FILES, *statements: dict[str, Any], **fields: Any) -> ResourceFacts:
    """A resource that holds PHI, with the statements of its policy; access lists are switched off."""
    policy = text(statements) if statements else None
    lists = {"owner_enforced": True} if arn.startswith("arn:aws:s3:") else {}
    return ResourceFacts(arn, US, policy=policy, phi=True, **{**lists, **fields})


def opens(to: object, *actions: str, on: str | Sequence[str] = f"{FILES}/*", when: Any = None) -> dict[str, Any]:
    """A statement of a resource policy that lets somebody in."""
    found = {"Effect": "Allow", "Principal": to, "Action": list(actions), "Resource": on}
    return found | ({"Condition": when} if when else {})


class CloudClinic(Clinic):
    """A practice with one AWS account that holds PHI; by default its vendor is AWS, and the BAA with it is in force."""

    def __init__(self) -> None:
        super().__init__(systems=("cloud",))
        self.aws = AwsEstate(
            US,
            resources=(phi(public_access_blocked=True),),
            tracking_since=days_ago(400),
        )
        self.estates["cloud"] = lambda: self.aws
        self.system("cloud", vendor="Amazon Web Services, Inc.")
        self.agreement("BAA-1").vma("ana").agreement("BAA-AWS", "Amazon Web Services, Inc.")

    def estate(self, *more: User | Group | Role | ResourceFacts, **fields: Any) -> "CloudClinic":
        """Put identities into the account, resources in the place of those that are there, or change what was read."""
        resources = tuple(one for one in more if isinstance(one, ResourceFacts)) or self.aws.resources
        self.aws = replace(
            self.aws,
            users=(*self.aws.users, *(one for one in more if isinstance(one, User))),
            groups=(*self.aws.groups, *(one for one in more if isinstance(one, Group))),
            roles=(*self.aws.roles, *(one for one in more if isinstance(one, Role))),
            resources=resources,
        )
        self.aws = replace(self.aws, **fields)
        return self

    def iam(self, vma: str, user: User, *uses: ServiceUse, asked: bool = True, **account: Any) -> "CloudClinic":
        """Let a VMA have an IAM user, who used these services; it exists for long, has no password and no key."""
        facts = {"created": days_ago(300), "console": False, "last_sign_in": NEVER, "keys": ()}
        plain = {name: value for name, value in facts.items() if getattr(user, name) is None}
        user = replace(user, **plain)
        self.estate(user, used={**self.aws.used, user.arn: uses} if asked else self.aws.used)
        if vma not in self.people:
            self.vma(vma)
        self.account("cloud", user.name, vma, id_=user.id, **account)
        for policy in user.inline:
            id_ = policy.name.replace("/policy/", "#", 1)
            self.entitlement("cloud", id_, kind=EntitlementKind.POLICY, document=policy.text)
            self.grant("cloud", user.id, id_)
        return self

    def without_estate(self) -> "CloudClinic":
        """Let users and policies be all that was read."""
        self.estates.clear()
        return self


def survey(estate: AwsEstate) -> Survey:
    """What everybody of an account can do, by the shipped catalog."""
    reader = shipped_policy().catalogs.documents(SYSTEMS["cloud"])
    assert reader is not None
    return Survey(estate, reader, lambda _: None)
