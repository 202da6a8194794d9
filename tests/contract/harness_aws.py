"""`aws` on a small honest IAM: 7 users, 2 to a page, one disabled, two with one name, one group."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.cloud.aws import connector as aws
from connectors.facts import System, SystemKind
from connectors.testing import Fault, HttpSource, Pages, Population, ProxyRequest, ProxyResponse, Target, XmlBody
from tests.contract.environment import environment
from tests.integration import fake_iam

SYSTEM = System("cloud", SystemKind.CLOUD, "aws", "Cloud", holds_phi=True)
DETAILS = "GetAccountAuthorizationDetails"
CODES = {
    401: (403, "ExpiredToken"),
    403: (403, "AccessDenied"),
    429: (400, "Throttling"),
    500: (500, "InternalFailure"),
}
"""How IAM says what other servers say with a status alone."""
TOKENS = {
    Fault.TOTAL_OF_PAGE: "AWS states no total",
    Fault.NO_END: "AWS names the next page by a token, and by nothing else: only a canary shows one that was lost",
}
POPULATION = Population(
    logins=frozenset({*(f"user-{n}" for n in range(7)), "<root_account>"}),
    disabled=frozenset({"user-1"}),
    namesakes=("user-2", "user-3"),
    held={"user-0": frozenset({"all"}), "user-6": frozenset({"all"})},
    canary="user-6",
    secrets=frozenset({"contract-secret-key"}),
)


class Iam(fake_iam.FakeIam):
    """With a user who has no credentials, and two of one name."""

    def answer(self, fields: dict[str, str]) -> fake_iam.Answer:
        if fields["Action"] == "GetLoginProfile" and fields["UserName"] == "user-1":
            return fake_iam.error(404, "NoSuchEntity")
        return super().answer(fields)

    def _GetCredentialReport(self, fields) -> str:  # noqa: N802
        before, content, after = re.split(r"</?Content>", super()._GetCredentialReport(fields))
        rows = base64.b64decode(content).decode().splitlines()
        rows = [
            row.replace(",true,no_information,", ",false,N/A,") if row.startswith("user-1,") else row for row in rows
        ]
        return f"{before}<Content>{base64.b64encode(chr(10).join(rows).encode()).decode()}</Content>{after}"

    def _GetAccountAuthorizationDetails(self, fields) -> str:  # noqa: N802
        text = super()._GetAccountAuthorizationDetails(fields)
        tag = "<Tags><member><Key>name</Key><Value>Maria Santos</Value></member></Tags><GroupList>"
        parts = text.split("<member><UserName>")
        return "<member><UserName>".join(
            part.replace("<GroupList>", tag) if part.startswith(("user-2<", "user-3<")) else part for part in parts
        )


def refusal(status: int) -> ProxyResponse:
    status, code = CODES[status]
    status, body = fake_iam.error(status, code)
    return ProxyResponse(status, (("Content-Type", "text/xml"),), body.encode())


def is_page(request: ProxyRequest) -> bool:
    return f"Action={DETAILS}".encode() in request.body


class AwsHarness:
    """A harness for `aws`."""

    name, kind = "aws", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        def connect(at: Target) -> aws.Aws:
            settings = aws.Settings(
                endpoint_url=at.url,
                timeout_s=at.patience_s,
                call_limit_s=at.patience_s,
                max_attempts=2,
                canary="user-6",
            )
            return aws.connect(SYSTEM, settings, folder)

        # `aws` takes what to trust from where boto3 takes it; the source makes this file.
        trusted = environment(
            AWS_CA_BUNDLE=str(folder / "certificates" / "trusted-ca.pem"),
            AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
            AWS_SECRET_ACCESS_KEY="contract-secret-key",
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE=str(folder / "none"),
            AWS_SHARED_CREDENTIALS_FILE=str(folder / "none"),
        )
        pages = Pages(is_page, XmlBody("UserDetailList"), refusal, retry_after=False)
        untold = TOKENS | {Fault.SHORT_PAGE: "the pages of users lie between those of groups, roles and policies"}
        with trusted, fake_iam.serve(Iam(users=7, per_page=2)) as address:
            yield HttpSource(address, connect, POPULATION, pages, folder, cannot=untold)
