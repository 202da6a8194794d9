"""From permission to capability: a grant counts for what it effectively gives, and every further way counts too."""

import json

import pytest

from connectors.cloud.aws.estate import AwsEstate, Group, IdentityStoreUser, PolicyText, ResourceFacts, Role, User
from connectors.facts import Account, Collection, Complete, Entitlement, EntitlementKind, Grant, Status
from policies.catalogs.catalog import Catalogs
from policies.engine.evaluate import judge
from policies.engine.holdings import Held, Holdings
from policies.vocabulary import Vocabulary
from tests.aws_accounts import US, account, allow, arn, assigned, deny, group, organization, role, text, trust, user
from tests.builders import SYSTEMS, TODAY, Clinic, noon

WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)
CHARTS, TEMPLATES = "arn:aws:s3:::charts", "arn:aws:s3:::templates"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
FROM_OFFICE = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


def charts(*policy, **more):
    """The bucket that is marked as holding PHI."""
    return ResourceFacts(CHARTS, US, policy=text(policy) if policy else None, phi=True, **more)


def to(*principals, **statement):
    """A statement of a resource's own policy."""
    return {"Effect": "Allow", "Principal": {"AWS": list(principals)}, **statement}


def collection(estate: AwsEstate) -> Collection:
    """What the connector says of an account: users, what they hold, and the estate."""
    entitlements: dict[str, Entitlement] = {}
    grants: list[Grant] = []

    def held(one: User | Group | Role) -> list[str]:
        inline = [(f"{one.arn}#{policy.name.rpartition('/')[2]}", policy.text) for policy in one.inline]
        for id_, document in [*inline, *((policy, estate.managed.get(policy)) for policy in one.attached)]:
            entitlements[id_] = Entitlement("cloud", id_, id_.rpartition("/")[2], EntitlementKind.POLICY, (), document)
        return [id_ for id_, _ in inline] + list(one.attached)

    for one in estate.groups:
        entitlements[one.arn] = Entitlement("cloud", one.arn, one.name, EntitlementKind.GROUP, container=True)
    for one in estate.users:
        grants += (Grant(one.id, id_) for id_ in held(one))
        for found in (g for g in estate.groups if g.name in one.groups):
            grants += (Grant(one.id, found.arn), *(Grant(one.id, id_, (found.arn,)) for id_ in held(found)))
        if one.boundary:
            id_, document = f"boundary:{one.boundary}", estate.managed[one.boundary]
            entitlements[id_] = Entitlement("cloud", id_, "boundary", EntitlementKind.BOUNDARY, (), document)
            grants.append(Grant(one.id, id_))
    for assignment in estate.assignments:
        found = next(r for r in estate.roles if r.arn == assignment.role)
        entitlements[found.arn] = Entitlement("cloud", found.arn, found.name, EntitlementKind.ROLE, container=True)
        grants += (Grant(assignment.user, id_, (found.arn,)) for id_ in held(found))
        grants.append(Grant(assignment.user, found.arn))
    ids = [*((u.id, u.name) for u in estate.users), *((p.id, p.login) for p in estate.directory)]
    accounts = tuple(Account("cloud", id_, login, login, Status.ACTIVE) for id_, login in ids)
    return Collection(
        SYSTEMS["cloud"], "saved", noon(TODAY), Complete(()), accounts, entitlements, tuple(grants), estate
    )


def holds(*identities, of: str = "AIDAANA", **more) -> Held:
    return Holdings({"cloud": collection(account(*identities, **more).estate)}, CATALOGS)["cloud", of]


def can(*identities, **more) -> set[str]:
    return set(WORDS.names(holds(*identities, **more).mask))


# ---- what reaches PHI counts where the PHI is ------------------------------------------------------------------------


def test_reading_the_bucket_that_holds_phi_is_reading_documents():
    assert "document.read" in can(user("ana", allow("s3:GetObject", on=f"{CHARTS}/*")), resources=(charts(),))


def test_reading_another_bucket_of_the_same_service_reaches_no_phi():
    found = can(user("ana", allow("s3:GetObject", on=f"{TEMPLATES}/*")), resources=(charts(),))
    assert not WORDS.mask(found) & WORDS.reaching_phi
    assert can(user("ana", allow("s3:GetObject", on=f"{TEMPLATES}/*")), resources=(charts(),)) <= {"cloud.read"}


def test_where_nothing_of_a_service_is_marked_every_resource_of_it_may_hold_phi():
    tables = allow("dynamodb:GetItem", on="arn:aws:dynamodb:us-east-1:111122223333:table/anything")
    assert "record.read" in can(user("ana", tables), resources=(charts(),))
    assert "document.read" in can(user("ana", allow("s3:GetObject", on=f"{TEMPLATES}/*")))


def test_a_policy_for_part_of_the_bucket_reaches_it_and_one_for_a_look_alike_does_not():
    assert "document.read" in can(user("ana", allow("s3:GetObject", on=f"{CHARTS}/2026/*")), resources=(charts(),))
    look_alike = user("ana", allow("s3:GetObject", on=f"{CHARTS}-archive/*"))
    assert "document.read" not in can(look_alike, resources=(charts(),))


def test_what_reaches_no_phi_counts_on_whatever_resource():
    one_queue = allow("sqs:DeleteQueue", on="arn:aws:sqs:us-east-1:111122223333:one")
    assert can(user("ana", one_queue), resources=(charts(),))


# ---- what takes away -------------------------------------------------------------------------------------------------

READS = user("ana", allow("s3:GetObject", on=f"{CHARTS}/*"), groups=("desk",))


def test_a_denial_in_a_group_takes_away_what_a_policy_of_the_user_gives():
    assert "document.read" not in can(READS, group("desk", deny("s3:Get*")), resources=(charts(),))


def test_a_denial_of_other_files_takes_nothing_away():
    assert "document.read" in can(READS, group("desk", deny("s3:Get*", on=f"{CHARTS}/hr/*")), resources=(charts(),))


def test_a_denial_that_depends_on_something_is_told_and_takes_nothing_away():
    unless_mfa = deny("s3:*", when={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
    held = holds(READS, group("desk", unless_mfa), resources=(charts(),))
    assert "document.read" in WORDS.names(held.mask)
    notes = dict(held.readings[f"{READS.arn}#own"].notes)
    assert notes == {"s3:GetObject": "depends on aws:MultiFactorAuthPresent"}


def test_a_service_control_policy_takes_away_from_everybody_in_the_account():
    levels = organization([deny("s3:GetObject")])
    assert "document.read" not in can(READS, group("desk"), organization=levels, resources=(charts(),))
    assert "document.read" in can(READS, group("desk"), organization=organization(), resources=(charts(),))


def test_a_boundary_leaves_what_it_allows_too():
    bound = user("ana", allow("s3:*"), boundary=arn("policy", "fence"))
    fence = {"fence": [allow("s3:ListAllMyBuckets", "s3:GetObject", on=f"{TEMPLATES}/*")]}
    assert "document.read" not in can(bound, policies=fence, resources=(charts(),))
    wide = {"fence": [allow("s3:GetObject")]}
    assert "document.read" in can(bound, policies=wide, resources=(charts(),))
    assert "sharing.public" not in can(bound, policies=wide, resources=(charts(),))


def test_the_policy_of_the_bucket_denies_whatever_the_user_holds():
    closed = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [CHARTS, f"{CHARTS}/*"]}
    assert "document.read" not in can(READS, group("desk"), resources=(charts(closed),))


def test_an_administrator_whom_a_guardrail_denies_one_action_is_one_still():
    admin = user("ana", allow("*"))
    assert "system.admin" in can(admin, organization=organization([deny("organizations:LeaveOrganization")]))
    assert "system.admin" not in can(admin, organization=organization([deny("iam:*")]))


def test_nothing_is_left_when_the_organization_denies_everything():
    assert can(user("ana", allow("*")), organization=organization([deny("*")]), resources=(charts(),)) == set()


# ---- what gives without a policy of one's own ------------------------------------------------------------------------


def test_a_bucket_policy_that_names_the_user_is_a_grant_of_its_own():
    lets_in = to(arn("user", "ana"), Action="s3:GetObject", Resource=f"{CHARTS}/*")
    held = holds(user("ana"), resources=(charts(lets_in),))
    assert "document.read" in WORDS.names(held.mask)
    assert list(held.assignments) == [f"{CHARTS}#policy"]


def test_a_bucket_policy_that_names_the_account_only_delegates():
    assert can(user("ana"), resources=(charts(to(US, Action="s3:GetObject", Resource=f"{CHARTS}/*")),)) == set()


def test_a_bucket_policy_that_names_somebody_else_gives_nothing():
    lets_in = to(arn("user", "ben"), Action="s3:GetObject", Resource=f"{CHARTS}/*")
    assert can(user("ana"), user("ben"), resources=(charts(lets_in),)) == set()


def test_where_the_policy_of_a_bucket_was_not_read_the_account_is_not_evaluated_whole():
    held = holds(user("ana"), resources=(charts(policy_read=False),))
    assert held.unclassified[f"{CHARTS}#policy"][0] == "its own policy was not read, and could let anybody in"


DESK = role("desk", trust(arn("user", "ana")), allow("s3:GetObject", on=f"{CHARTS}/*"))


def test_what_a_role_can_do_counts_for_whoever_can_become_it():
    held = holds(user("ana"), DESK, resources=(charts(),))
    assert {"document.read", "role.assume"} <= set(WORDS.names(held.mask))
    paths = {grant.path for grant, _ in held.assignments[DESK.arn].grants}
    assert paths == {(), (DESK.arn,)}


def test_a_chain_of_roles_is_told_role_by_role():
    front = role("front", trust(arn("user", "ana")))
    back = role("back", trust(front.arn), allow("s3:GetObject", on=f"{CHARTS}/*"))
    held = holds(user("ana"), front, back, resources=(charts(),))
    paths = {grant.path for grant, mask in held.assignments[front.arn].grants if mask & WORDS.mask(["document.read"])}
    assert paths == {(front.arn, back.arn)}


def test_becoming_a_role_under_a_condition_counts_and_says_on_what_it_depends():
    careful = role("desk", trust(arn("user", "ana"), when=MFA), allow("s3:GetObject", on=f"{CHARTS}/*"))
    held = holds(user("ana"), careful, resources=(charts(),))
    assert "document.read" in WORDS.names(held.mask)
    assert held.notes == {careful.arn: "depends on aws:MultiFactorAuthPresent"}


def test_the_right_to_assume_roles_of_the_own_account_that_let_nobody_in_is_none():
    roles = allow("sts:AssumeRole", on=f"arn:aws:iam::{US}:role/*")
    assert "role.assume" not in can(user("ana", roles), role("desk", trust(service="ec2")))
    assert "role.assume" in can(user("ana", roles), role("desk", trust(US)))
    assert "role.assume" in can(user("ana", allow("sts:AssumeRole")), role("desk", trust(service="ec2")))


def test_the_same_policy_counts_by_itself_and_through_a_role_each_for_what_it_gives_there():
    policies = {"reads": [allow("s3:GetObject")], "fence": [allow("sts:*")]}
    reads = (arn("policy", "reads"),)
    ana = user("ana", attached=reads, boundary=arn("policy", "fence"))
    held = holds(ana, role("desk", trust(ana.arn), attached=reads), policies=policies, resources=(charts(),))
    assert held.assignments[arn("policy", "reads")].mask == 0
    assert "document.read" in WORDS.names(held.assignments[arn("role", "desk")].mask)


def test_a_person_of_identity_center_holds_what_the_assigned_role_may_do():
    people = (IdentityStoreUser("u-1", "ana@example.com", "Ana"),)
    more = {"directory": people, "assignments": assigned("u-1", "desk"), "resources": (charts(),)}
    found = holds(role("desk", trust(service="sso"), allow("s3:GetObject", on=f"{CHARTS}/*")), of="u-1", **more)
    assert "document.read" in WORDS.names(found.mask)
    fenced = role("desk", trust(service="sso"), allow("s3:GetObject"), boundary=arn("policy", "fence"))
    assert holds(fenced, of="u-1", policies={"fence": [allow("sts:*")]}, **more).mask == 0


# ---- honesty ---------------------------------------------------------------------------------------------------------


def test_a_policy_that_cannot_be_read_is_never_nothing():
    broken = User(arn("user", "ana"), "AIDAANA", "ana", inline=(PolicyText(f"{arn('user', 'ana')}/policy/own", "[1"),))
    held = holds(broken)
    assert held.unclassified[f"{broken.arn}#own"][0] == "the document is not JSON"


def test_a_statement_without_a_resource_is_not_evaluated():
    held = holds(user("ana", {"Effect": "Allow", "Action": "s3:GetObject"}))
    assert "names no resource" in held.unclassified[f"{arn('user', 'ana')}#own"][0]


def test_ones_own_credentials_give_no_power_over_others():
    own = allow("iam:CreateAccessKey", "iam:DeleteAccessKey", on=f"arn:aws:iam::{US}:user/${{aws:username}}")
    assert can(user("ana", own)) == set()
    assert can(user("ana", allow("iam:CreateAccessKey", on=f"arn:aws:iam::{US}:user/*"))) != set()


def test_without_an_estate_everything_is_judged_by_documents_as_before():
    found = collection(account(user("ana", allow("s3:GetObject", on=f"{TEMPLATES}/*")), resources=(charts(),)).estate)
    before = Collection(
        found.system, found.source, found.as_of, found.completeness, found.accounts, found.entitlements, found.grants
    )
    assert "document.read" in WORDS.names(Holdings({"cloud": before}, CATALOGS)["cloud", "AIDAANA"].mask)


@pytest.mark.parametrize(("scp", "expected"), [(deny("*"), set()), (deny("s3:*"), {"system.admin"})])
def test_the_root_user_is_stopped_only_by_an_organization_that_leaves_it_nothing(scp, expected):
    estate = account(user("ana"), organization=organization([scp])).estate
    root = Entitlement("cloud", "<root_account>", "root user", EntitlementKind.PRIVILEGE)
    found = Collection(
        SYSTEMS["cloud"],
        "saved",
        noon(TODAY),
        Complete(()),
        (Account("cloud", root.id, root.id, root.id, Status.ACTIVE),),
        {root.id: root},
        (Grant(root.id, root.id),),
        estate,
    )
    held = Holdings({"cloud": found}, CATALOGS)["cloud", root.id]
    assert set(WORDS.names(held.mask)) & {"system.admin"} == expected


def test_a_finding_tells_the_whole_way_from_the_person_to_the_action():
    front = role("front", trust(arn("user", "ana"), when=MFA))
    back = role("back", trust(front.arn), allow("s3:GetObject", on=f"{CHARTS}/*", when=FROM_OFFICE))
    found = collection(account(user("ana"), front, back, resources=(charts(),)).estate)
    clinic = Clinic(systems=["cloud"]).vma("ana").account("cloud", "ana", "ana", id_="AIDAANA")
    case = clinic.case()
    object.__setattr__(case, "collections", {"cloud": found})
    told = [
        [step.text for step in finding.path]
        for finding in judge(case).findings
        if any(step.kind == "role" for step in finding.path)
    ]
    lines = next(path for path in told if any("back" in line for line in path))
    text_ = json.dumps(lines)
    assert f"front ({front.arn}): depends on aws:MultiFactorAuthPresent" in text_
    assert text_.index("front (") < text_.index("back (") < text_.index("s3:GetObject: depends on aws:SourceIp")
