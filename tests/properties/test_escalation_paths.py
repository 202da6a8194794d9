"""The ways found with sets are those found by asking one question at a time, and every step of them stands."""

import random
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connectors.cloud.aws.estate import AccessKey, AwsEstate, Group, Level, OrganizationPath, PolicyText, Role, User
from policies.permissions.aws.escalation.escalation import Escalations
from policies.permissions.aws.escalation.identities import ANYTHING, NumberedIdentities, PrincipalState
from policies.permissions.aws.escalation.methods import OPENED, TARGET, TRUSTED, Gain, Kind, Method, Need, methods
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.document import PolicyDocument, parse_document
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.request import NO_ORGANIZATION, Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome
from tests.aws_accounts import FULL, RCPS, THEM, US, arn, text, trust

USERS, ROLES, GROUPS = ("ana", "ben"), ("desk", "run"), ("dev", "chiefs")
FENCE, SHARED = arn("policy", "fence"), arn("policy", "shared")
ACTIONS = (
    "sts:AssumeRole", "iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "iam:AttachUserPolicy", "iam:PutRolePolicy",
    "iam:PutGroupPolicy", "iam:AddUserToGroup", "iam:CreatePolicyVersion", "iam:PassRole", "lambda:CreateFunction",
    "lambda:InvokeFunction", "iam:DeleteUserPermissionsBoundary", "iam:DetachUserPolicy", "iam:CreateRole",
    "iam:RemoveUserFromGroup", "s3:GetObject",
)  # fmt: skip
RESOURCES = (
    "*", "*", "*", arn("user", "ana"), arn("user", "ben"), arn("role", "*"), arn("role", "run"), arn("group", "dev"),
    arn("group", "*"), SHARED, f"arn:aws:lambda:*:{US}:function:*", arn("role", "vma-*"),
)  # fmt: skip
CONDITIONS: tuple[dict[str, Any] | None, ...] = (
    None, None, None, None,
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"StringEquals": {"aws:ResourceTag/team": "desk"}},
    {"StringNotEquals": {"aws:username": "ben"}},
)  # fmt: skip
# A representative of everything that no other statement speaks of: only an administrator may do it.
EVERYTHING = ("braket:CreateJob", *ACTIONS)


def statement(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.06:
        return FULL[0]
    found: dict[str, Any] = {
        "Effect": "Allow" if chance.random() < 0.9 else "Deny",
        "Action": chance.sample(ACTIONS, chance.randint(2, 6)),
        "Resource": chance.sample(RESOURCES, chance.randint(1, 3)),
    }
    when = chance.choice(CONDITIONS)
    return found | ({"Condition": when} if when else {})


def policy(chance: random.Random) -> str:
    return text([statement(chance) for _ in range(chance.randint(1, 3))])


def account_of(seed: int) -> AwsAccount:
    """An account by a seed: rich in rights, which a search for the smallest example would leave out."""
    chance = random.Random(seed)

    def held(kind: str, name: str) -> dict[str, Any]:
        own = (PolicyText(f"{arn(kind, name)}/policy/own", policy(chance)),) if chance.random() < 0.6 else ()
        return {"inline": own, "attached": (SHARED,) if chance.random() < 0.25 else ()}

    def limits() -> dict[str, Any]:
        tags = {"team": chance.choice(["desk", "back"])} if chance.random() < 0.5 else {}
        return {"tags": tags, "boundary": FENCE if chance.random() < 0.2 else None}

    trusted = [trust(US), trust(arn("user", "ana")), trust(arn("role", "desk")), trust(service="lambda")]
    users = tuple(
        User(
            arn("user", name),
            f"AIDA{name}",
            name,
            **held("user", name),
            **limits(),
            mfa=False,
            console=False,
            keys=(AccessKey("1", active=True),) * chance.randint(0, 2),
            groups=tuple(chance.sample(GROUPS, chance.randint(0, 1))),
        )
        for name in USERS
    )
    roles = tuple(
        Role(arn("role", name), f"AROA{name}", name, chance.choice(trusted), **held("role", name), **limits())
        for name in ROLES
    )
    groups = tuple(Group(arn("group", name), name, **held("group", name)) for name in GROUPS)
    scp = PolicyText("scp", text([*FULL, statement(chance)]) if chance.random() < 0.3 else text(FULL))
    path = OrganizationPath("o-1", THEM, (Level("r-1", "root", (scp,), RCPS), Level(US, "account", (scp,), RCPS)))
    managed = {FENCE: policy(chance), SHARED: policy(chance)}
    return AwsAccount(AwsEstate(US, users=users, roles=roles, groups=groups, managed=managed, organization=path))


accounts = st.integers(0, 2**32).map(account_of)


# ---- one question at a time -----------------------------------------------------------------------------------------


class OneByOne:
    """The same graph, by `decide` alone: no sets, nothing kept, nothing shared."""

    def __init__(self, account: AwsAccount, *, certain: bool) -> None:
        self.account, self.one = account, NumberedIdentities(account)
        self.wanted = (Outcome.ALLOWED,) if certain else (Outcome.ALLOWED, Outcome.DEPENDS)
        self.certain = certain

    def yes(self, who: Principal, action: str, resource: Resource, known: dict[str, tuple[str, ...]]) -> bool:
        asked = Request(who, action, resource, self.account.organization, known)
        return decide(asked).outcome in self.wanted

    def met(self, who: Principal, method: Method, need: Need, place: str, target: int) -> bool:
        stated = {key: (value.replace("{partition}", "aws"),) for key, value in need.stated}
        if place == TARGET:
            kinds = {Kind.GROUP: self.one.over_groups, Kind.POLICY: self.one.over_policies}
            targets = kinds.get(method.target, self.one.over_identities).targets
            return self.yes(who, need.action, targets.resources[target], {**targets.stated[target], **stated})
        if place == TRUSTED:
            role = self.account.trusts[self.one.principals[target].arn]
            return self.yes(who, need.action, role, {})
        if place == OPENED:
            role = self.one.over_identities.targets.resources[target]
            names_me = text([{"Effect": "Allow", "Principal": {"AWS": who.session_arn or who.arn}, "Action": "*"}])
            return self.yes(who, need.action, replace(role, policy=parse_document(names_me, "trust")), {})
        return False

    def somewhere(self, who: Principal, needs: list[tuple[Need, str]]) -> bool:
        for place in {place for _, place in needs}:
            resources = self.one.places.reach(methods().places.get(place, (place,))).targets.resources
            there = [need for need, at in needs if at == place]
            if not any(all(self.yes(who, need.action, resource, {}) for need in there) for resource in resources):
                return False
        return True

    def can(self, who: Principal, method: Method, target: int) -> bool:
        if method.running and self.certain:
            return False
        every = [(need, place) for need in method.needs for place in need.places]
        if any(place in ("permission-set", "sso-instance", "saml-provider") for _, place in every):
            return False
        own = [(need, place) for need, place in every if place in (TARGET, TRUSTED, OPENED)]
        if not all(self.met(who, method, need, place, target) for need, place in own):
            return False
        if not self.somewhere(who, [pair for pair in every if pair not in own]):
            return False
        return all(self.given(who, method, one, target) for one in method.given)

    def given(self, who: Principal, method: Method, one: Any, target: int) -> bool:
        if target >= self.one.existing.bit_length():
            return True
        user = next((u for u in self.account.estate.users if u.arn == self.one.principals[target].arn), None)
        holds = {"free-access-key": user and len(user.keys or ()) < 2, "no-password": user, "no-mfa": user}.get(one.id)
        needs = [(need, place) for need in one.instead for place in need.places]
        return bool(holds) or (
            all(self.met(who, method, need, place, target) for need, place in needs if place == TARGET)
            and self.somewhere(who, [pair for pair in needs if pair[1] != TARGET])
        )

    # ---- all that somebody can come to -----------------------------------------------------------------------------

    def worlds(self, start: int) -> tuple[set[int], bool]:
        """Return who can be controlled, and whether an administrator is among them in any state."""
        one = self.one
        states = {PrincipalState(start)}
        controlled, done = {start}, set()
        looked: set[PrincipalState] = set()
        while states - looked:
            state = min(states - looked)
            looked.add(state)
            who = one.principal(state)
            if self.administrator(who):
                return controlled, True
            for method in methods().methods:
                for target in self.targets(method):
                    if self.can(who, method, target):
                        if method.gains is Gain.BECOME:
                            controlled.add(target)
                        elif method.gains is not Gain.PARTLY:
                            done.add((method.gains, method.target, target, method.strips))
            states |= {
                state for number in controlled for state in (PrincipalState(number), *self.changed(number, done))
            }
        return controlled, False

    def targets(self, method: Method) -> list[int]:
        one = self.one
        if method.target is Kind.GROUP:
            return list(range(len(one.groups)))
        if method.target is Kind.POLICY:
            return list(range(len(one.policies)))
        if method.target is Kind.SET_ROLE or method.trusts not in ("", "lambda"):
            return []
        found = []
        for number, principal in enumerate(one.principals):
            new = number >= one.existing.bit_length()
            is_user = principal.kind is PrincipalKind.USER
            if method.target in (Kind.NEW_USER, Kind.NEW_ROLE):
                fits = new and is_user == (method.target is Kind.NEW_USER)
            else:
                fits = is_user == (method.target is Kind.USER)
                fits = fits and (not new or method.gains in (Gain.RAISE, Gain.UNBIND))
            if fits and method.trusts:
                service = Principal("lambda.amazonaws.com", PrincipalKind.SERVICE, "")
                fits = not new and self.yes(service, "sts:AssumeRole", self.account.trusts[principal.arn], {})
            if fits:
                found.append(number)
        return found

    def changed(self, number: int, done: set[Any]) -> list[PrincipalState]:
        one, bit = self.one, 1 << number
        is_user = one.principals[number].kind is PrincipalKind.USER
        kinds = (Kind.USER, Kind.ROLE)
        policies = {t for g, k, t, _ in done if k is Kind.POLICY}
        raised_groups = {t for g, k, t, _ in done if (g, k) == (Gain.RAISE, Kind.GROUP)}
        raised_groups |= {g for g in range(len(one.groups)) for p in policies if one.attached_groups[p] >> g & 1}
        joined = {t for g, k, t, _ in done if g is Gain.JOIN} if is_user else set()
        raised = any(g is Gain.RAISE and k in kinds and t == number for g, k, t, _ in done)
        raised |= any(one.attached[p] & bit for p in policies) or any(one.members[g] & bit for g in raised_groups)
        raised |= bool(raised_groups & joined)
        unbound = any(g is Gain.UNBIND and t == number for g, k, t, _ in done) and bool(one.bounded & bit)
        unbound |= any(one.bounding[p] & bit for p in policies)
        mine = {s for g, k, t, s in done if g is Gain.STRIP and k in kinds and t == number}
        left = {t for g, k, t, _ in done if (g, k) == (Gain.STRIP, Kind.GROUP)}
        free = all(kind in mine for kind in ("inline", "attached") if one.denials[kind] & bit) and all(
            group in left
            for group in range(len(one.groups))
            if one.members[group] & bit and one.denying_groups >> group & 1
        )
        existing = number < one.existing.bit_length()
        stripped = raised and free and bool(one.denying & bit) and existing
        new = joined - {g for g, members in enumerate(one.members) if members & bit}
        kind = {g: bool(one.denying_groups >> g & 1) for g in new}
        sets = [sum(1 << g for g in new if not kind[g]), *(1 << g for g in new if kind[g])]
        return [PrincipalState(number, raised, unbound, stripped, 0 if raised else groups) for groups in sets]

    def administrator(self, who: Principal) -> bool:
        everywhere = Resource("*", US)
        answers = [decide(Request(who, action, everywhere, NO_ORGANIZATION)).outcome for action in EVERYTHING]
        return all(answer in self.wanted for answer in answers)


@given(accounts)
def test_ways_found_with_sets_are_those_found_one_question_at_a_time(account):
    found = Escalations(account)
    for certain in (True, False):
        asked = OneByOne(account, certain=certain)
        for number, principal in enumerate(found.graph.identities.principals[: len(USERS) + len(ROLES)]):
            controlled, administrator = asked.worlds(number)
            if found.graph.administrators(certain=certain) >> number & 1:
                assert administrator
                continue
            path = found.to_administrator(principal.arn, certain=certain)
            assert (path is not None) == administrator, (principal.arn, certain, str(path))
            if not administrator:
                wanted = {found.graph.identities.principals[n].arn for n in controlled - {number}}
                existing = {one.arn for one in found.graph.identities.principals[: len(USERS) + len(ROLES)]}
                assert set(found.reached(principal.arn, certain=certain)) == wanted & existing


@given(accounts)
def test_every_step_of_a_way_stands_when_it_is_asked_for(account):
    for path in Escalations(account).all():
        assert path.steps
        controlled = set(path.starts)
        for step in path.steps:
            # Nobody acts who was not a start, or gained by a step before.
            assert step.actor in controlled
            controlled.add(step.becomes)
            assert step.permissions
            for permission in step.permissions:
                assert permission.because or permission.action == "sts:AssumeRole", permission
        assert path.to in controlled
        assert path.certain == all(step.certain for step in path.steps)


def test_the_document_that_raising_gives_allows_everything():
    assert isinstance(ANYTHING, PolicyDocument)
    assert not ANYTHING.problem
