"""Practices of every kind, for properties: valid facts in combinations that nobody would think of."""

from datetime import datetime

from hypothesis import strategies as st

from connectors.cloud.aws.estate import AwsEstate, PolicyText, ResourceFacts, ServiceUse, User
from connectors.facts import NEVER, Employment, Never, Status
from policies.agreements.register import PRACTICE, AgreementKind
from tests.aws_accounts import US
from tests.builders import AGENCY, TODAY, Clinic, ago, ahead, noon

OBJECTS = (
    "patients/appt:write", "patients/demo:view", "patients/demo:write", "patients/med:write", "acct/bill:write",
    "acct/eob", "acct/disc", "admin/users", "admin/super", "encounters/notes:write", "encounters/coding:write",
    "custom/unknown", "squads/none",
)  # fmt: skip
GROUPS = ("S-1-5-21-1-2-3-512", "S-1-5-21-1-2-3-513", "S-1-5-32-544", "EHR-Schedulers", "EHR-Billing")
POLICIES = {
    "read": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}',
    "admin": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    "odd": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["iam:CreateUser","no:Such"],'
    '"Resource":"*"}]}',
    "keys": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}]}',
    "broken": "{",
}
WHERE = {"ehr": OBJECTS, "directory": GROUPS, "cloud": tuple(POLICIES)}
VMAS = [f"v{n}" for n in range(5)]
MOMENTS = [ago(400), ago(91), ago(30), ago(1), TODAY, ahead(1), ahead(40)]
PHI = ("demographics", "schedule", "coverage", "claims", "ledger")

days = st.sampled_from(MOMENTS)


@st.composite
def vmas(draw: st.DrawFn, clinic: Clinic) -> None:
    for vma in VMAS[: draw(st.sampled_from([5, 4, 3, 2, 1]))]:
        start = draw(st.sampled_from([ago(400), ago(400), ago(91), ago(30), TODAY, ahead(1)]))
        clinic.vma(
            vma,
            roles=draw(st.lists(st.sampled_from(["scheduler", "billing", "medical_scribe"]), min_size=1, unique=True)),
            agency=draw(st.sampled_from([AGENCY, AGENCY, "Other Inc", None])),
            employment=draw(st.sampled_from([Employment.EMPLOYEE, Employment.EMPLOYEE, Employment.CONTRACTOR])),
            start=start,
            end=draw(st.one_of(st.none(), days.filter(lambda d, start=start: d >= start))),
            on_leave=draw(st.booleans()),
        )


@st.composite
def accounts(draw: st.DrawFn, clinic: Clinic) -> None:
    for vma in clinic.engagements:
        if draw(st.sampled_from([True, True, False])):
            used = draw(st.sampled_from([noon(ago(91)), noon(TODAY), NEVER, None]))
            status = draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.DISABLED]))
            mfa = draw(st.sampled_from([True, False, None]))
            clinic.account("ehr", vma, vma, last_login=used, mfa=mfa, status=status)
            for name in draw(st.lists(st.sampled_from(OBJECTS), max_size=3, unique=True)):
                give(clinic, "ehr", vma, name, ("Team",))
    everybody = [*clinic.engagements, "lee"]
    of_one = st.sampled_from(everybody).map(lambda person: [person])
    for number in range(draw(st.sampled_from([5, 3, 1, 0]))):
        system = draw(st.sampled_from(["ehr", "ehr", "directory", "cloud"]))
        users = draw(st.one_of(of_one, of_one, st.lists(st.sampled_from(everybody), max_size=2, unique=True)))
        clinic.account(
            system,
            f"smith{number}",
            *users,
            status=draw(st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.LOCKED, Status.DISABLED])),
            created=draw(st.one_of(st.none(), days.map(noon))),
            last_login=draw(st.one_of(st.none(), st.just(NEVER), days.map(noon))),
            mfa=draw(st.sampled_from([True, False, None])),
        )
        for name in draw(st.lists(st.sampled_from(WHERE[system]), max_size=3, unique=True)):
            give(clinic, system, f"smith{number}", name, draw(st.sampled_from([(), ("Team",), ("Team", "Inner")])))


def give(clinic: Clinic, system: str, account: str, name: str, through: tuple[str, ...] = ()) -> None:
    if system == "cloud":
        clinic.policy_document(account, name, POLICIES[name])
    elif system == "directory":
        clinic.entitlement(system, name, aliases=(name,)).grant(system, account, name)
    else:
        clinic.grant(system, account, name, through=through)


@st.composite
def agreements(draw: st.DrawFn, clinic: Clinic) -> None:
    if draw(st.sampled_from([True, True, False])):
        clinic.agreement(
            "FRAME",
            end=draw(st.sampled_from([None, ahead(40)])),
            systems=draw(st.sampled_from([None, None, frozenset({"directory"})])),
            phi=draw(st.sampled_from([None, frozenset(PHI), frozenset({"claims"})])),
            headcount=draw(st.sampled_from([None, 1, 2])),
            people=draw(st.sampled_from([None, None, frozenset({"v0", "v1"})])),
        )
    if draw(st.booleans()):
        clinic.agreement("HOST", "Host", end=draw(st.sampled_from([None, ago(1), ahead(40)])))
    for number in range(draw(st.integers(0, 3))):
        giver, receiver = draw(
            st.sampled_from(
                [(PRACTICE, AGENCY)] * 4
                + [(PRACTICE, "Host"), (PRACTICE, "Other Inc"), (PRACTICE, "v0"), (AGENCY, "v1")]
            )
        )
        clinic.agreement(
            f"A{number}",
            receiver,
            giver,
            kind=draw(st.sampled_from([AgreementKind.BAA] * 4 + [AgreementKind.WORKFORCE_ATTESTATION])),
            start=draw(st.sampled_from([ago(400), ago(400), *MOMENTS])),
            end=draw(st.one_of(st.none(), days)),
            signed=draw(st.sampled_from([True, True, True, False])),
            systems=draw(st.one_of(st.none(), st.frozensets(st.sampled_from(sorted(clinic.systems))))),
            phi=draw(st.one_of(st.none(), st.frozensets(st.sampled_from(PHI)))),
            headcount=draw(st.one_of(st.none(), st.integers(1, 2))),
            people=draw(st.one_of(st.none(), st.frozensets(st.sampled_from(VMAS)))),
        )


OPEN = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",'
    '"Resource":"arn:aws:s3:::phi/*"}]}'
)
RESOURCES = (
    (ResourceFacts("arn:aws:s3:::phi", US, phi=True),),
    (ResourceFacts("arn:aws:s3:::phi", US, policy=OPEN, public_access_blocked=False, phi=True),),
    (ResourceFacts(f"arn:aws:lightsail:us-east-1:{US}:RelationalDatabase/phi", US, phi=True),),
    (),
)


@st.composite
def clouds(draw: st.DrawFn, clinic: Clinic) -> None:
    """Let everything of the AWS account be read, in half of the practices."""
    if draw(st.booleans()):
        resources = draw(st.sampled_from(RESOURCES))
        last = draw(st.sampled_from([noon(ago(1)), noon(ago(1)), noon(ago(91)), NEVER, None]))
        for vma in draw(st.lists(st.sampled_from(sorted(clinic.engagements)), max_size=2, unique=True)):
            clinic.account("cloud", f"aws-{vma}", vma)
            give(clinic, "cloud", f"aws-{vma}", draw(st.sampled_from(["read", "read", "keys"])))
        if draw(st.booleans()):
            clinic.agreement("AWS", "Amazon Web Services, Inc.")
        clinic.estates["cloud"] = lambda: estate(clinic, resources, last)


def estate(clinic: Clinic, resources: tuple[ResourceFacts, ...], last: datetime | Never | None) -> AwsEstate:
    """The account as the practice's accounts and grants have it, with an administrator beside them."""
    held: dict[str, list[str]] = {id_: [] for system, id_ in clinic.accounts if system == "cloud"}
    for system, grant in clinic.grants:
        if system == "cloud" and grant.account in held:
            held[grant.account].append(grant.entitlement)
    users = [
        User(
            arn=f"arn:aws:iam::{US}:user/{id_}",
            id=id_,
            name=id_,
            inline=tuple(PolicyText(name, POLICIES[name]) for name in dict.fromkeys(names)),
            created=noon(ago(400)),
            console=False,
            keys=(),
        )
        for id_, names in held.items()
    ]
    boss = User(f"arn:aws:iam::{US}:user/boss", "boss", "boss", inline=(PolicyText("all", POLICIES["admin"]),), keys=())
    uses = (ServiceUse("iam", last), ServiceUse("s3", last))
    used = {user.arn: uses for user in users}
    return AwsEstate(US, users=(*users, boss), resources=resources, used=used, tracking_since=noon(ago(400)))


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    clinic = Clinic(systems=("ehr", "directory", "cloud")).person("lee", "Dr. Lee")
    clinic.system(
        "ehr", sign_in=draw(st.sampled_from([None, "directory"])), vendor=draw(st.sampled_from([None, "self", "Host"]))
    )
    for part in (vmas(clinic), accounts(clinic), agreements(clinic), clouds(clinic)):
        draw(part)
    return clinic
