"""
Leavers and role changes of the clouds, scripted: the truth lies within what is concluded, and that is narrow.

Thirteen in AWS, where the real client changes a real moto at a known time and CloudTrail is a fake that hears it; two
in Entra ID and one in Google Workspace, whose records are written as the vendors document them.
"""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from auditor.instants.instant import Instant, InstantKind, account_ended, taken
from auditor.instants.known import logs_of
from auditor.instants.unseen import unseen_access
from connectors.audit_log import LogAnswer, LogKind, LogQuestion, LogUnread
from connectors.cloud.aws import connector as aws
from connectors.cloud.aws.trail import lookup, reading
from connectors.collect import collect, utc_now
from connectors.connector import Connector
from connectors.directory.entra import connector as entra_export
from connectors.directory.google import connector as google_export
from connectors.facts import Account, Collection, Status, System, SystemKind
from connectors.read_log import read_log
from tests.servers import activity, entra, google
from tests.servers.aws import ACCOUNT, World, world
from tests.servers.cloudtrail import ADMIN, CloudTrail, shaped

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
SECRET, WORD = "wJalrXUtnFEMI/K7MDENG", "first-Password-1!"
OWN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
NARROW = timedelta(seconds=2.05)
"""Two stamps of a second each, one after the other."""


@dataclass
class Site:
    """An account, with users who were there before its record begins."""

    world: World
    policy: str = ""
    keys: dict[str, list[str]] = field(default_factory=dict)
    truth: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """By leaver: between which instants of ours the end was accepted."""

    def __post_init__(self) -> None:
        self.iam = self.client(ADMIN)
        self.iam.create_group(GroupName="desk")
        self.policy = self.iam.create_policy(PolicyName="own", PolicyDocument=str(OWN).replace("'", '"'))["Policy"][
            "Arn"
        ]

    def client(self, key: str) -> Any:
        return boto3.client("iam", endpoint_url=self.world.address, region_name="us-east-1", aws_access_key_id=key,
                            aws_secret_access_key=SECRET)  # fmt: skip

    def user(self, name: str, *, password: bool = True, keys: int = 0) -> None:
        self.iam.create_user(UserName=name)
        if password:
            self.iam.create_login_profile(UserName=name, Password=WORD)
        self.keys[name] = [self.key(name) for _ in range(keys)]

    def key(self, name: str) -> str:
        return str(self.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"])

    def end(self, name: str, call: Callable[..., Any], **parameters: Any) -> None:
        """The call after which the leaver is gone, or does not hold it any more."""
        before = utc_now()
        call(UserName=name, **parameters)
        self.truth[name] = (before, utc_now())

    def off(self, name: str, number: int = 0, by: Any = None) -> None:
        (by or self.iam).update_access_key(UserName=name, AccessKeyId=self.keys[name][number], Status="Inactive")

    def connector(self) -> aws.Aws:
        return aws.connect(CLOUD, aws.Settings(endpoint_url=self.world.address, region="us-east-1"), Path())


LEAVERS = {
    "password": {},
    "password-then-key": {"keys": 1},
    "key-then-password": {"keys": 1},
    "key-in-use": {"keys": 1},
    "key": {"password": False, "keys": 1},
    "own-rotation": {"password": False, "keys": 2},
    "deleted": {"keys": 1},
    "came-back": {},
    "refused-first": {},
    "off-twice": {"keys": 1},
}
CHANGES = ("group", "policy")


def first(site: Site) -> None:
    iam = site.iam
    site.end("password", iam.delete_login_profile)
    iam.delete_login_profile(UserName="password-then-key")
    site.off("key-then-password")
    tag = [{"Key": "phone", "Value": "12"}]
    site.client(site.keys["key-in-use"][0]).tag_user(UserName="key-in-use", Tags=tag)
    iam.delete_login_profile(UserName="key-in-use")
    site.off("off-twice")
    site.off("own-rotation", 0, by=site.client(site.keys["own-rotation"][1]))
    iam.delete_login_profile(UserName="deleted")
    iam.delete_login_profile(UserName="came-back")
    site.world.denied["iam", "DeleteLoginProfile"] = "AccessDenied"
    with pytest.raises(iam.exceptions.ClientError):
        iam.delete_login_profile(UserName="refused-first")
    site.world.denied.clear()
    iam.create_user(UserName="made-here")
    iam.create_login_profile(UserName="made-here", Password=WORD)
    site.keys["made-here"] = [site.key("made-here")]


def second(site: Site) -> None:
    iam = site.iam
    site.end(
        "password-then-key", iam.update_access_key, AccessKeyId=site.keys["password-then-key"][0], Status="Inactive"
    )
    site.end("key-then-password", iam.delete_login_profile)
    site.end("key-in-use", iam.update_access_key, AccessKeyId=site.keys["key-in-use"][0], Status="Inactive")
    site.end("own-rotation", iam.delete_access_key, AccessKeyId=site.keys["own-rotation"][1])
    site.off("off-twice")
    site.end("off-twice", iam.delete_login_profile)
    iam.create_login_profile(UserName="came-back", Password=WORD)
    site.end("refused-first", iam.delete_login_profile)
    site.end("key", iam.update_access_key, AccessKeyId=site.keys["key"][0], Status="Inactive")
    site.off("made-here")
    site.end("group", iam.remove_user_from_group, GroupName="desk")
    iam.attach_user_policy(UserName="group", PolicyArn=site.policy)
    # IAM counts the way in that goes, not the user: who has none left is gone, deleted or not.
    site.end("deleted", iam.delete_access_key, AccessKeyId=site.keys["deleted"][0])


def third(site: Site) -> None:
    iam = site.iam
    iam.remove_user_from_group(UserName="deleted", GroupName="desk")
    iam.delete_user(UserName="deleted")
    site.end("came-back", iam.delete_login_profile)
    site.end("made-here", iam.delete_login_profile)
    site.end("policy", iam.detach_user_policy, PolicyArn=site.policy)


def next_second() -> None:
    """CloudTrail's stamps say nothing of the order within a second."""
    now = utc_now()
    time.sleep((now.replace(microsecond=0) + timedelta(seconds=1) - now).total_seconds())


@dataclass(frozen=True)
class Left:
    """What was played: two reads, and what the record says between them."""

    site: Site
    trail: CloudTrail
    before: Collection
    after: Collection
    answer: LogAnswer

    def id(self, name: str) -> str:
        return next(a.id for a in (*self.before.accounts, *self.after.accounts) if a.login == name)

    def concluded(self, name: str) -> Instant:
        id_ = self.id(name)
        seen = self.before.as_of if id_ in {account.id for account in self.before.accounts} else None
        log = logs_of(None, "practice", now=[self.answer])["cloud"]
        if name in CHANGES:
            held = {"group": f"arn:aws:iam::{ACCOUNT}:group/desk", "policy": self.site.policy}[name]
            return taken(log, id_, held, seen, self.after.as_of)
        return account_ended(log, id_, seen, self.after.as_of)


def question(before: Collection, after: Collection) -> LogQuestion:
    now = {account.id: account for account in after.accounts}
    accounts = tuple(({account.id: account for account in before.accounts} | now).values())
    closed = {a.id: after.as_of for a in accounts if a.id not in now or not a.live}
    return LogQuestion(accounts, {**before.entitlements, **after.entitlements}, closed=closed)


@pytest.fixture(scope="module")
def left() -> Iterator[Left]:
    with pytest.MonkeyPatch.context() as patch, world() as running:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_ACCESS_KEY_ID", ADMIN)
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setattr(lookup, "PAUSE_S", 0.0)
        patch.setattr(reading, "DELIVERY", timedelta())  # the fake tells at once
        site = Site(running)
        for name, has in LEAVERS.items():
            site.user(name, **has)  # type: ignore[arg-type]
        for name in (*CHANGES, "stays"):
            site.user(name)
        for name in ("group", "deleted"):
            site.iam.add_user_to_group(UserName=name, GroupName="desk")
        site.iam.attach_user_policy(UserName="policy", PolicyArn=site.policy)
        trail = CloudTrail(running, page_size=2)
        before = collect(site.connector())
        for step in (first, second, third):
            next_second()
            step(site)
        after = collect(site.connector())
        next_second()
        next_second()
        answer = read_log(site.connector(), question(before, after))
        assert isinstance(answer, LogAnswer), answer
        yield Left(site, trail, before, after, answer)


EVERYBODY = (*LEAVERS, *CHANGES, "made-here")


@pytest.mark.parametrize("name", EVERYBODY)
def test_the_truth_lies_within_what_is_concluded(left, name):
    found, (before, after) = left.concluded(name), left.site.truth[name]
    assert found.latest >= before
    assert found.earliest is None or found.earliest <= after
    assert found.record is not None
    assert found.actor == "user/admin"
    assert found.kind is InstantKind.EXACT, found.why


def test_what_is_concluded_is_narrow(left):
    widths = {name: found.latest - found.earliest for name in EVERYBODY if (found := left.concluded(name)).earliest}
    wide = {name for name, width in widths.items() if width > NARROW}
    assert len(widths) == len(EVERYBODY)
    # Nobody knows whether a key had been on that nobody used: then it ended with it, or with the password before.
    assert wide <= {"password-then-key"}


def test_whoever_stays_is_told_nothing(left):
    assert not [event for event in left.answer.events if event.account == left.id("stays")]


def test_access_that_came_and_went_between_two_reads_is_seen(left):
    log = logs_of(None, "practice", now=[left.answer])["cloud"]
    (seen,) = unseen_access(log, left.id("came-back"), left.before.as_of, left.after.as_of)
    assert seen.began.at < seen.ended.at


def test_people_of_identity_center_are_asked_for_where_it_is_at_home(left):
    mia = Account("cloud", "9067f2a1-1111-4222-8333-123456789abc", "mia", "Mia", Status.DISABLED)
    at, home = utc_now() - timedelta(hours=1), "eu-west-1"
    asked = {"identityStoreId": "d-9067", "userId": mia.id}
    told = shaped("sso-directory", "DisableUser", at, requestParameters=asked, awsRegion=home)
    elsewhere = shaped("sso-directory", "EnableUser", at, requestParameters=asked)
    left.trail.records += [told, elsewhere]
    settings = aws.Settings(endpoint_url=left.site.world.address, region="us-east-1", identity_center_region=home)
    try:
        found = read_log(aws.connect(CLOUD, settings, Path()), LogQuestion((mia,)))
    finally:
        del left.trail.records[-2:]
    assert isinstance(found, LogAnswer)
    assert [(event.kind, event.record.id) for event in found.events] == [(LogKind.DISABLED, told["eventID"])]
    assert any("1 hour" in text for text in found.lives_on)


def test_a_missing_right_leaves_the_minute_unknown_and_names_the_right(left):
    left.site.world.denied["cloudtrail", "LookupEvents"] = "AccessDeniedException"
    try:
        found = read_log(left.site.connector(), LogQuestion(left.before.accounts))
    finally:
        left.site.world.denied.clear()
    assert isinstance(found, LogUnread)
    assert "allow `cloudtrail:LookupEvents`" in found.hint


def test_a_list_without_an_end_is_cut_and_told(left, monkeypatch):
    monkeypatch.setattr(lookup, "MAX_PAGES", 2)
    found = read_log(left.site.connector(), LogQuestion(left.before.accounts))
    assert isinstance(found, LogAnswer)
    assert any("`DeleteLoginProfile` than 2 pages" in gap for gap in found.gaps)
    assert found.covers_from > min(event.at for event in left.answer.events)


def test_a_record_that_is_not_as_documented_leaves_a_gap(left, monkeypatch):
    odd = shaped("iam", "DeleteUser", utc_now(), eventTime="soon")
    monkeypatch.setattr("tests.servers.cloudtrail.listed", lambda record: {"CloudTrailEvent": "{"})
    left.trail.records.append(odd)
    try:
        found = read_log(left.site.connector(), LogQuestion(left.before.accounts))
    finally:
        left.trail.records.remove(odd)
    assert isinstance(found, LogAnswer)
    assert (found.events, found.covers_from) == ((), None)
    assert "not as documented" in found.gaps[0]


DAY = datetime(2026, 11, 20, 17, 42, 10, 654_321, tzinfo=UTC)


def saved(folder: Path, write: Callable[[Path, Any], Path], files: Any, at: datetime) -> None:
    """Files as they were saved at some time."""
    write(folder, files)
    for path in folder.rglob("*"):
        os.utime(path, (at.timestamp(), at.timestamp()))


def users(files: dict[str, Any], key: str, id_: str) -> dict[str, Any]:
    return next(user for user in files["users.json"][key] if user["id"] == id_)


def entra_leaver(folder: Path, portal: bool) -> tuple[Callable[[], Connector], str]:
    directory = System("directory", SystemKind.DIRECTORY, "entra", "Entra", holds_phi=False)
    settings = entra_export.Settings(folder=folder)
    files = entra.files()
    entries = [*activity.status(DAY - timedelta(hours=5), "ana", False), *activity.status(DAY, "maria2", False)]
    log = {"directory-audits.csv": activity.portal_csv(entries)} if portal else {
        "directory-audits.json": activity.saved_audits(entries)}  # fmt: skip
    users(files, "value", entra.USERS["maria2"])["accountEnabled"] = False
    saved(folder, entra.write, {**files, **log}, DAY + timedelta(hours=3))
    return lambda: entra_export.connect(directory, settings, Path()), entra.USERS["maria2"]


def google_leaver(folder: Path) -> tuple[Callable[[], Connector], str]:
    directory = System("directory", SystemKind.DIRECTORY, "google-workspace", "Google", holds_phi=False)
    settings = google_export.Settings(folder=folder, expect_accounts=len(google.LOGINS))
    files = google.files()
    entries = [activity.did("CREATE_USER", DAY - timedelta(hours=5), USER_EMAIL=google.email("ana")),
               activity.did("SUSPEND_USER", DAY, USER_EMAIL=google.email("maria2"))]  # fmt: skip
    users(files, "users", google.USERS["maria2"])["suspended"] = True
    saved(folder, google.write, {**files, "admin-activity.json": activity.saved_activity(entries)},
          DAY + timedelta(hours=3))  # fmt: skip
    return lambda: google_export.connect(directory, settings, Path()), google.USERS["maria2"]


@pytest.mark.parametrize("product", ["entra", "entra-portal", "google"])
def test_a_leaver_of_a_saved_directory_is_known_to_the_second(tmp_path, product):
    folder = tmp_path / "export"
    made = google_leaver(folder) if product == "google" else entra_leaver(folder, product == "entra-portal")
    connector, who = made
    after = collect(connector())
    account = next(a for a in after.accounts if a.id == who)
    gone = after.as_of - timedelta(minutes=30)  # users were read half an hour before the log was saved
    answer = read_log(connector(), LogQuestion((account,), closed={who: gone}), clock=lambda: after.as_of)
    log = logs_of(None, "practice", now=[answer])["directory"]
    found = account_ended(log, who, DAY - timedelta(hours=4), gone)
    assert (found.kind, not account.live) == (InstantKind.EXACT, True), found.why
    assert found.earliest <= DAY <= found.latest
    assert found.latest - found.earliest <= NARROW
