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

# Made once: to make a strategy where it is drawn takes longer than to draw from it.
days = st.sampled_from(MOMENTS)
moments = days.map(noon)
maybe = st.booleans()
mfas = st.sampled_from([True, False, None])
mostly = st.sampled_from([True, True, False])

sizes = st.sampled_from([5, 4, 3, 2, 1])
starts = st.sampled_from([ago(400), ago(400), ago(91), ago(30), TODAY, ahead(1)])
ends = {start: st.one_of(st.none(), st.sampled_from([day for day in MOMENTS if day >= start])) for start in MOMENTS}
role_lists = st.lists(st.sampled_from(["scheduler", "billing", "medical_scribe"]), min_size=1, unique=True)
agencies = st.sampled_from([AGENCY, AGENCY, "Other Inc", None])
employments = st.sampled_from([Employment.EMPLOYEE, Employment.EMPLOYEE, Employment.CONTRACTOR])


def vmas(draw: st.DrawFn, clinic: Clinic) -> None:
    for vma in VMAS[: draw(sizes)]:
        start = draw(starts)
        clinic.vma(
            vma,
            roles=draw(role_lists),
            agency=draw(agencies),
            employment=draw(employments),
            start=start,
            end=draw(ends[start]),
            on_leave=draw(maybe),
        )


seen = st.sampled_from([noon(ago(91)), noon(TODAY), NEVER, None])
live = st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.DISABLED])
states = st.sampled_from([Status.ACTIVE, Status.ACTIVE, Status.LOCKED, Status.DISABLED])
counts = st.sampled_from([5, 3, 1, 0])
systems = st.sampled_from(["ehr", "ehr", "directory", "cloud"])
created = st.one_of(st.none(), moments)
signed_in = st.one_of(st.none(), st.just(NEVER), moments)
rights = {system: st.lists(st.sampled_from(names), max_size=3, unique=True) for system, names in WHERE.items()}
ways = st.sampled_from([(), ("Team",), ("Team", "Inner")])


def _users(everybody: list[str]) -> st.SearchStrategy[list[str]]:
    """Return mostly one, seldom nobody or two."""
    of_one = st.sampled_from(everybody).map(lambda person: [person])
    return st.one_of(of_one, of_one, st.lists(st.sampled_from(everybody), max_size=2, unique=True))


users = [_users([*VMAS[:number], "lee"]) for number in range(len(VMAS) + 1)]
"""By how many VMAs there are."""


def accounts(draw: st.DrawFn, clinic: Clinic) -> None:
    for vma in clinic.engagements:
        if draw(mostly):
            clinic.account("ehr", vma, vma, last_login=draw(seen), mfa=draw(mfas), status=draw(live))
            for name in draw(rights["ehr"]):
                give(clinic, "ehr", vma, name, ("Team",))
    of_whom = users[len(clinic.engagements)]
    for number in range(draw(counts)):
        system = draw(systems)
        clinic.account(
            system,
            f"smith{number}",
            *draw(of_whom),
            status=draw(states),
            created=draw(created),
            last_login=draw(signed_in),
            mfa=draw(mfas),
        )
        for name in draw(rights[system]):
            give(clinic, system, f"smith{number}", name, draw(ways))


def give(clinic: Clinic, system: str, account: str, name: str, through: tuple[str, ...] = ()) -> None:
    if system == "cloud":
        clinic.policy_document(account, name, POLICIES[name])
    elif system == "directory":
        clinic.entitlement(system, name, aliases=(name,)).grant(system, account, name)
    else:
        clinic.grant(system, account, name, through=through)


frame = {
    "end": st.sampled_from([None, ahead(40)]),
    "systems": st.sampled_from([None, None, frozenset({"directory"})]),
    "phi": st.sampled_from([None, frozenset(PHI), frozenset({"claims"})]),
    "headcount": st.sampled_from([None, 1, 2]),
    "people": st.sampled_from([None, None, frozenset({"v0", "v1"})]),
}
host_ends = st.sampled_from([None, ago(1), ahead(40)])
further = st.integers(0, 3)
parties = st.sampled_from(
    [(PRACTICE, AGENCY)] * 4 + [(PRACTICE, "Host"), (PRACTICE, "Other Inc"), (PRACTICE, "v0"), (AGENCY, "v1")]
)
terms = {
    "kind": st.sampled_from([AgreementKind.BAA] * 4 + [AgreementKind.WORKFORCE_ATTESTATION]),
    "start": st.sampled_from([ago(400), ago(400), *MOMENTS]),
    "end": st.one_of(st.none(), days),
    "signed": st.sampled_from([True, True, True, False]),
    "systems": st.one_of(st.none(), st.frozensets(st.sampled_from(sorted(WHERE)))),
    "phi": st.one_of(st.none(), st.frozensets(st.sampled_from(PHI))),
    "headcount": st.one_of(st.none(), st.integers(1, 2)),
    "people": st.one_of(st.none(), st.frozensets(st.sampled_from(VMAS))),
}


def agreements(draw: st.DrawFn, clinic: Clinic) -> None:
    if draw(mostly):
        clinic.agreement("FRAME", **{name: draw(of) for name, of in frame.items()})
    if draw(maybe):
        clinic.agreement("HOST", "Host", end=draw(host_ends))
    for number in range(draw(further)):
        giver, receiver = draw(parties)
        clinic.agreement(f"A{number}", receiver, giver, **{name: draw(of) for name, of in terms.items()})


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


resource_lists = st.sampled_from(RESOURCES)
last_used = st.sampled_from([noon(ago(1)), noon(ago(1)), noon(ago(91)), NEVER, None])
few = [st.lists(st.sampled_from(VMAS[:number]), max_size=2, unique=True) for number in range(1, len(VMAS) + 1)]
"""By how many VMAs there are, less one."""
reading = st.sampled_from(["read", "read", "keys"])


def clouds(draw: st.DrawFn, clinic: Clinic) -> None:
    """Let everything of the AWS account be read, in half of the practices."""
    if draw(maybe):
        resources, last = draw(resource_lists), draw(last_used)
        for vma in draw(few[len(clinic.engagements) - 1]):
            clinic.account("cloud", f"aws-{vma}", vma)
            give(clinic, "cloud", f"aws-{vma}", draw(reading))
        if draw(maybe):
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


sign_ins = st.sampled_from([None, "directory"])
vendors = st.sampled_from([None, "self", "Host"])


@st.composite
def clinics(draw: st.DrawFn) -> Clinic:
    clinic = Clinic(systems=("ehr", "directory", "cloud")).person("lee", "Dr. Lee")
    clinic.system("ehr", sign_in=draw(sign_ins), vendor=draw(vendors))
    for part in (vmas, accounts, agreements, clouds):
        part(draw, clinic)
    return clinic
