"""
Makes the cases on which the evaluator is compared with an independent one, and asks that one (needs node and npm).

`make vectors` runs it; the answers lie in `aws.jsonl.gz`, so the tests need neither. A case is a whole request with
its documents; each is made for one feature, by a seed, so that the same seed gives the same cases. Those of `picked.py`
are picked by hand.
"""

import gzip
import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from tests.vectors.picked import picked  # noqa: E402 - it stands beside this script

CASES = HERE / "aws.jsonl.gz"
PER_FEATURE = 400
SEED = 20261124

US, THEM, ORG = "111122223333", "999988887777", "o-abcdefghij"
Json = dict[str, Any]

RESOURCES = {
    "s3:GetObject": ["arn:aws:s3:::phi-scans/2026/a.pdf", "arn:aws:s3:::phi-scans/maria/b.pdf", "arn:aws:s3:::x/a"],
    "s3:PutObject": ["arn:aws:s3:::phi-scans/2026/a.pdf", "arn:aws:s3:::phi-scans/maria/b.pdf"],
    "s3:DeleteObject": ["arn:aws:s3:::phi-scans/2026/a.pdf"],
    "s3:ListBucket": ["arn:aws:s3:::phi-scans", "arn:aws:s3:::other"],
    "dynamodb:GetItem": [f"arn:aws:dynamodb:us-east-1:{US}:table/patients"],
    "sqs:SendMessage": [f"arn:aws:sqs:us-east-1:{US}:faxes"],
    "sns:Publish": [f"arn:aws:sns:us-east-1:{US}:alerts"],
    "secretsmanager:GetSecretValue": [f"arn:aws:secretsmanager:us-east-1:{US}:secret:ehr-db-AbCdEf"],
    "lambda:InvokeFunction": [f"arn:aws:lambda:us-east-1:{US}:function:export"],
    "iam:GetUser": [f"arn:aws:iam::{US}:user/maria", f"arn:aws:iam::{US}:user/other"],
    "iam:CreateAccessKey": [f"arn:aws:iam::{US}:user/maria", f"arn:aws:iam::{US}:user/other"],
    "ec2:DescribeInstances": ["*"],
    "s3:ListAllMyBuckets": ["*"],
}
WITH_POLICY = ["s3:GetObject", "s3:PutObject", "s3:ListBucket", "sqs:SendMessage", "sns:Publish",
               "secretsmanager:GetSecretValue", "lambda:InvokeFunction"]  # fmt: skip
KEY = f"arn:aws:kms:us-east-1:{US}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = f"arn:aws:iam::{US}:role/exporter"


def allow_all() -> Json:
    return policy(statement("Allow", Action="*", Resource="*"))


def policy(*statements: Json, version: str | None = "2012-10-17") -> Json:
    return {**({"Version": version} if version else {}), "Statement": list(statements)}


def statement(effect: str, **elements: Any) -> Json:
    return {"Effect": effect, **elements}


class Maker:
    """Makes parts of cases by chance."""

    def __init__(self, seed: str) -> None:
        self.r = random.Random(seed)

    def chance(self, share: float) -> bool:
        return self.r.random() < share

    def one(self, values: Any) -> Any:
        return self.r.choice(list(values))

    # ---- parts ------------------------------------------------------------------------------------------------------

    def principal(self) -> Json:
        return self.user() if self.chance(0.6) else self.session_of_role()

    def user(self, account: str = US) -> Json:
        arn = f"arn:aws:iam::{account}:user/maria"
        return {"kind": "user", "arn": arn, "asked_as": arn, "account": account, "name": "maria"}

    def session_of_role(self, account: str = US) -> Json:
        session = f"arn:aws:sts::{account}:assumed-role/desk/maria"
        role = f"arn:aws:iam::{account}:role/desk"
        return {"kind": "role", "arn": role, "asked_as": session, "account": account, "name": "desk"}

    def case(self, feature: str, principal: Json, action: str, resource: Json | None = None, **parts: Any) -> Json:
        case = {
            "feature": feature,
            "principal": principal,
            "action": action,
            "resource": {"arn": "*", "account": US, "policy": None} | (resource or {}),
            "context": {},
            "identity": [],
            "boundary": None,
            "session": None,
            "scps": [[allow_all()]],
            "rcps": [],
        }
        return case | parts

    def action(self) -> str:
        return str(self.one(RESOURCES))

    def pattern_of_action(self, action: str) -> str:
        service, name = action.split(":")
        other = self.one(RESOURCES)
        odd = "".join(self.one([c.upper(), c.lower()]) for c in name)
        cut = self.r.randrange(1, len(name))
        return str(self.one([
            action, action, f"{service}:{odd}", f"{service.upper()}:{name}", f"{service}:*", "*", "*:*"[:1], other,
            f"{service}:{name[:cut]}*", f"{service}:*{name[cut:]}", f"{service}:{name[:cut]}?{name[cut + 1:]}",
            f"{service}:{name[:1]}*{name[-1:]}", f"{service}:{name}?",
        ]))  # fmt: skip

    def pattern_of_arn(self, arn: str) -> str:
        if arn == "*":
            return str(self.one(["*", "*", "arn:aws:s3:::*", "**"]))
        head, _, tail = arn.rpartition(":")
        cut = self.r.randrange(1, len(tail)) if len(tail) > 1 else 1
        return str(self.one([
            arn, "*", f"{head}:*", f"{head}:{tail[:cut]}*", f"{head}:*{tail[cut:]}",
            f"{head}:{tail[:cut]}?{tail[cut + 1:]}",
            f"{head}:{tail.swapcase()}", f"{head}:{tail}x", f"{head}:{tail[:-1]}", f"{head}:*/*",
        ]))  # fmt: skip

    def statement(self, action: str, arn: str, *, effect: str | None = None, principal: Any = None) -> Json:
        effect = effect or self.one(["Allow", "Allow", "Allow", "Deny"])
        elements: Json = {}
        if principal is not None:
            elements["Principal"] = principal
        negated = self.chance(0.15)
        elements["NotAction" if negated else "Action"] = self.some(lambda: self.pattern_of_action(action))
        negated = self.chance(0.15)
        elements["NotResource" if negated else "Resource"] = self.some(lambda: self.pattern_of_arn(arn))
        return statement(effect, **elements)

    def some(self, make: Any) -> Any:
        values = [make() for _ in range(self.one([1, 1, 2, 3]))]
        return values[0] if len(values) == 1 and self.chance(0.5) else values

    def document(self, action: str, arn: str, **options: Any) -> Json:
        return policy(*(self.statement(action, arn, **options) for _ in range(self.one([1, 1, 2, 3]))))

    # ---- features ---------------------------------------------------------------------------------------------------

    def identity(self) -> Json:
        action = self.action()
        arn = self.one(RESOURCES[action])
        documents = [self.document(action, arn) for _ in range(self.one([1, 2, 3]))]
        return self.case("identity", self.principal(), action, {"arn": arn}, identity=documents)

    def boundary(self) -> Json:
        action = self.action()
        arn = self.one(RESOURCES[action])
        return self.case("boundary", self.principal(), action, {"arn": arn}, identity=[self.document(action, arn)],
                         boundary=self.document(action, arn))  # fmt: skip

    def organization(self) -> Json:
        action = self.action()
        arn = self.one(RESOURCES[action])
        levels = [
            [self.one([allow_all(), self.document(action, arn)]) for _ in range(self.one([0, 1, 1, 1, 2]))]
            for _ in range(self.one([1, 2, 3]))
        ]
        return self.case("organization", self.principal(), action, {"arn": arn},
                         identity=[self.one([allow_all(), self.document(action, arn)])], scps=levels)  # fmt: skip

    def resource_control(self) -> Json:
        action = self.one(["s3:GetObject", "sqs:SendMessage", "secretsmanager:GetSecretValue"])
        arn = self.one(RESOURCES[action])
        levels = [
            [policy(self.statement(action, arn, effect="Deny", principal="*")) for _ in range(self.one([0, 1]))]
            for _ in range(self.one([1, 2]))
        ]
        return self.case("resource-control", self.principal(), action, {"arn": arn},
                         identity=[self.one([allow_all(), self.document(action, arn)])], rcps=levels)  # fmt: skip

    def principals(self, who: Json) -> Any:
        account = who["account"]
        other = THEM if account == US else US
        root = f"arn:aws:iam::{account}:root"
        values = [who["asked_as"], who["arn"], root, account, "*", f"arn:aws:iam::{other}:root",
                  f"arn:aws:iam::{account}:user/other", f"arn:aws:iam::{account}:role/other"]  # fmt: skip
        if self.chance(0.15):
            return "*"
        if self.chance(0.1):
            return {"Service": "lambda.amazonaws.com"}
        chosen = self.r.sample(values, self.one([1, 1, 2]))
        return {"AWS": chosen[0] if len(chosen) == 1 else chosen}

    def resource_policy(self) -> Json:
        action = self.one(WITH_POLICY)
        arn, who = self.one(RESOURCES[action]), self.principal()
        document = policy(
            *(self.statement(action, arn, principal=self.principals(who)) for _ in range(self.one([1, 2])))
        )
        parts: Json = {"identity": [self.document(action, arn)] if self.chance(0.6) else []}
        if self.chance(0.5):
            parts["boundary"] = self.document(action, arn)
        if who["kind"] == "role" and self.chance(0.4):
            parts["session"] = self.document(action, arn)
        return self.case("resource-policy", who, action, {"arn": arn, "policy": document}, **parts)

    def cross_account(self) -> Json:
        action = self.one(WITH_POLICY)
        arn = self.one(RESOURCES[action])
        who = self.user(THEM) if self.chance(0.6) else self.session_of_role(THEM)
        document = policy(self.statement(action, arn, effect="Allow", principal=self.principals(who)))
        parts: Json = {"identity": [self.one([allow_all(), self.document(action, arn)])] if self.chance(0.8) else []}
        if self.chance(0.3):
            parts["boundary"] = self.document(action, arn)
        return self.case("cross-account", who, action, {"arn": arn, "policy": document}, **parts)

    def not_principal(self) -> Json:
        action = self.one(WITH_POLICY)
        arn, who = self.one(RESOURCES[action]), self.user()
        exempt = {"AWS": self.r.sample([who["arn"], f"arn:aws:iam::{US}:root", f"arn:aws:iam::{US}:user/other"],
                                       self.one([1, 2]))}  # fmt: skip
        document = policy(statement("Deny", NotPrincipal=exempt, Action=action, Resource="*"))
        return self.case("not-principal", who, action, {"arn": arn, "policy": document}, identity=[allow_all()])

    def session(self) -> Json:
        action = self.action()
        arn = self.one(RESOURCES[action])
        return self.case("session", self.session_of_role(), action, {"arn": arn}, identity=[self.document(action, arn)],
                         session=self.document(action, arn))  # fmt: skip

    def key_policy(self) -> Json:
        who = self.principal()
        document = policy(
            *(
                statement(
                    self.one(["Allow", "Allow", "Deny"]),
                    Principal=self.principals(who),
                    Action=self.one(["kms:*", "kms:Decrypt", "kms:Encrypt"]),
                    Resource="*",
                )
                for _ in range(self.one([1, 2]))
            )
        )
        identity = [policy(statement("Allow", Action=self.one(["kms:*", "kms:Decrypt", "s3:*"]),
                                     Resource=self.one(["*", KEY])))]  # fmt: skip
        return self.case("key-policy", who, "kms:Decrypt", {"arn": KEY, "policy": document},
                         identity=identity if self.chance(0.6) else [])  # fmt: skip

    def trust(self) -> Json:
        who = self.principal() if self.chance(0.6) else self.user(THEM)
        document = policy(statement("Allow", Principal=self.principals(who), Action="sts:AssumeRole"))
        identity = [policy(statement(self.one(["Allow", "Allow", "Deny"]), Action=self.one(["sts:*", "sts:AssumeRole"]),
                                     Resource=self.one(["*", ROLE, f"arn:aws:iam::{US}:role/other"])))]  # fmt: skip
        return self.case("trust", who, "sts:AssumeRole", {"arn": ROLE, "policy": document},
                         identity=identity if self.chance(0.7) else [])  # fmt: skip

    def conditions(self) -> Json:
        action, arn = "s3:ListBucket", "arn:aws:s3:::phi-scans"
        context, condition = self.condition()
        context["aws:PrincipalArn"] = self.user()["arn"]
        effect = self.one(["Allow", "Allow", "Deny"])
        statements = [statement(effect, Action="s3:ListBucket", Resource="*", Condition=condition)]
        if effect == "Deny":
            statements.append(statement("Allow", Action="*", Resource="*"))
        return self.case("conditions", self.user(), action, {"arn": arn}, identity=[policy(*statements)],
                         context=context)  # fmt: skip

    def condition(self) -> tuple[Json, Json]:
        """Make a condition of one to two operators, and the context that it is held against."""
        context: Json = {}
        condition: Json = {}
        for _ in range(self.one([1, 1, 2])):
            family = self.one(FAMILIES)
            operators, key, values, multi = FAMILIES[family]
            operator = self.one(operators)
            if multi:
                operator = self.one(["ForAnyValue:", "ForAllValues:"]) + operator
            if self.chance(0.25):
                operator += "IfExists"
            wanted = self.r.sample(values, self.one([1, 1, 2]))
            condition.setdefault(operator, {})[key] = wanted if self.chance(0.7) or len(wanted) > 1 else wanted[0]
            if self.chance(0.75):
                plain = [v for v in values if not {"*", "?"} & {*v} and "/16" not in v]
                found = self.r.sample(plain, min(len(plain), self.one([1, 2])))
                context[key] = found if multi else found[0]
        if self.chance(0.15):
            condition["Null"] = {self.one(["aws:SourceIp", "s3:prefix"]): self.one(["true", "false"])}
        return context, condition

    def variables(self) -> Json:
        action = self.one(["s3:GetObject", "iam:GetUser"])
        arn = self.one(RESOURCES[action])
        resources = {
            "s3:GetObject": ["arn:aws:s3:::phi-scans/${aws:username}/*",
                             "arn:aws:s3:::phi-scans/${aws:PrincipalTag/team}/*",
                             "arn:aws:s3:::phi-scans/${aws:PrincipalTag/team, '2026'}/*", "arn:aws:s3:::${*}/*"],
            "iam:GetUser": [f"arn:aws:iam::{US}:user/${{aws:username}}", f"arn:aws:iam::{US}:user/${{aws:userid}}"],
        }  # fmt: skip
        context: Json = {"aws:username": "maria"}
        if self.chance(0.5):
            context["aws:PrincipalTag/team"] = self.one(["maria", "2026", "*"])
        effect = self.one(["Allow", "Allow", "Deny"])
        statements = [statement(effect, Action=action, Resource=self.one(resources[action]))]
        if self.chance(0.4):
            statements[0]["Condition"] = {
                self.one(["StringEquals", "StringNotEquals", "StringLike"]): {
                    "aws:username": self.one(["${aws:PrincipalTag/team}", "${aws:username}", "m${*}", "mari${?}"])
                }
            }
        if effect == "Deny":
            statements.append(statement("Allow", Action="*", Resource="*"))
        document = policy(*statements, version=self.one(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]))
        return self.case("variables", self.user(), action, {"arn": arn}, identity=[document], context=context)


FAMILIES: dict[str, tuple[list[str], str, list[str], bool]] = {
    "string": (["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase",
                "StringLike", "StringNotLike"], "s3:prefix", ["maria/", "MARIA/", "2026/", "ma*", "?aria/"], False),
    "number": (["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan",
                "NumericGreaterThanEquals"], "s3:max-keys", ["5", "10", "10.0", "100"], False),
    "date": (["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan",
              "DateGreaterThanEquals"], "aws:CurrentTime",
             ["2026-11-24T00:00:00Z", "2026-12-01T12:00:00Z", "2025-01-01T00:00:00Z"], False),
    "bool": (["Bool"], "aws:SecureTransport", ["true", "false"], False),
    "mfa": (["Bool"], "aws:MultiFactorAuthPresent", ["true", "false"], False),
    "address": (["IpAddress", "NotIpAddress"], "aws:SourceIp", ["203.0.113.7", "198.51.100.9", "203.0.0.0/16"], False),
    "arn": (["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"], "aws:PrincipalArn",
            [f"arn:aws:iam::{US}:user/maria", f"arn:aws:iam::{US}:user/*", "arn:aws:iam::*:user/maria"], False),
    "many": (["StringEquals", "StringLike", "StringNotEquals"], "aws:CalledVia",
             ["athena.amazonaws.com", "cloudformation.amazonaws.com", "a*"], True),
}  # fmt: skip

FEATURES = ["identity", "boundary", "organization", "resource_control", "resource_policy", "cross_account",
            "not_principal", "session", "key_policy", "trust", "conditions", "variables"]  # fmt: skip
MORE = {"conditions": 3, "resource_policy": 2, "cross_account": 2, "not_principal": 0.1}


def cases() -> list[Json]:
    """Make all cases, each once."""
    found: dict[str, Json] = {json.dumps(case, sort_keys=True): case for case in picked()}
    for feature in FEATURES:
        maker = Maker(f"{SEED}-{feature}")
        for _ in range(int(PER_FEATURE * MORE.get(feature, 1))):
            case = getattr(maker, feature)()
            found.setdefault(json.dumps(case, sort_keys=True), case)
    return list(found.values())


def main() -> None:
    """Ask the independent evaluator about every case, and keep case and answer."""
    subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--omit-lockfile-registry-resolved"],
        cwd=HERE,
        check=True,
    )
    made = cases()
    text = "".join(json.dumps(case) + "\n" for case in made)
    asked = subprocess.run(["node", "oracle.mjs"], cwd=HERE, input=text, capture_output=True, text=True, check=True)
    answers = [json.loads(line) for line in asked.stdout.splitlines()]
    refused = Counter(json.dumps(a["error"])[:120] for a in answers if "error" in a)
    kept = [
        {**case, "expected": answer["result"], "ignored": answer["ignored"]}
        for case, answer in zip(made, answers, strict=True)
        if "result" in answer
    ]
    with gzip.GzipFile(CASES, "wb", mtime=0) as file:
        file.write("".join(json.dumps(case, sort_keys=True) + "\n" for case in kept).encode())
    print(f"{len(kept)} cases kept: {dict(Counter(case['feature'] for case in kept))}")
    print(
        f"{sum(refused.values())} refused by the independent evaluator: {dict(refused.most_common(5))}", file=sys.stderr
    )


if __name__ == "__main__":
    main()
