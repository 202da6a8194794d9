"""Saved answers of IAM, entry by entry, and what is read of them."""

import json

from connectors.cloud.aws import saved_connector as aws_json
from connectors.collect import collect
from connectors.facts import Complete, Partial, System, SystemKind

CLOUD = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)


ACCOUNT = "111122223333"


CREATED = "2026-01-05T08:00:00+00:00"


READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


POWER = "arn:aws:iam::aws:policy/PowerUserAccess"


OWN = f"arn:aws:iam::{ACCOUNT}:policy/own"


HEADER = (
    "user,arn,user_creation_time,password_enabled,password_last_used,mfa_active,access_key_1_active,"
    "access_key_1_last_used_date,access_key_2_active,access_key_2_last_used_date,cert_1_active,cert_2_active"
)


def arn(name):
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def user(name, **more):
    return {"UserName": name, "UserId": f"AIDA{name}", "Arn": arn(name), "CreateDate": CREATED, "Path": "/"} | more


def group(name="all", **more):
    return {"GroupName": name, "GroupId": "AGPA", "Arn": f"arn:aws:iam::{ACCOUNT}:group/{name}", "Path": "/"} | more


def details(*users, **more):
    return {"UserDetailList": list(users), "GroupDetailList": [], "RoleDetailList": [], "Policies": []} | more


def managed(arn_, *versions):
    return {"Arn": arn_, "PolicyName": arn_.rpartition("/")[2], "PolicyVersionList": list(versions)}


def row(name, password="false", used="N/A", mfa="false", key="false", key_used="N/A", created=CREATED, who=None):
    return f"{name},{who or arn(name)},{created},{password},{used},{mfa},{key},{key_used},false,N/A,false,false"


def read(folder, data, *rows, summary=None, devices=None, canary=None):
    text = data if isinstance(data, str) else json.dumps(data)
    (folder / "details.json").write_text(text)
    names = {"authorization_details": "details.json", "canary": canary}
    if rows:
        (folder / "report.csv").write_text("\n".join([HEADER, *rows]) + "\n")
        names["credential_report"] = "report.csv"
    for name, answer in (("account_summary", summary), ("virtual_mfa_devices", devices)):
        if answer is not None:
            (folder / f"{name}.json").write_text(json.dumps(answer))
            names[name] = f"{name}.json"
    return collect(aws_json.connect(CLOUD, aws_json.Settings(**names), folder))


def whole(folder, *args, **more):
    collection = read(folder, *args, **more)
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def refused(folder, *args, **more):
    collection = read(folder, *args, **more)
    assert isinstance(collection.completeness, Partial)
    assert not collection.accounts
    return collection.completeness


def only(collection):
    (account,) = collection.accounts
    return account
