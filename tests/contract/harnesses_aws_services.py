"""The harnesses of `amazon-connect` and `workspaces`, on fakes: moto has neither their users nor their connections."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connectors.cloud.amazon_connect import connector as amazon_connect
from connectors.cloud.workspaces import connector as workspaces
from connectors.connector import Connector
from connectors.facts import System, SystemKind
from connectors.testing import Ends, HttpSource, JsonBody, Pages, Population, ProxyRequest, ProxyResponse, Target
from tests.contract.environment import environment
from tests.contract.harness_aws import CODES, TOKENS
from tests.servers.aws import serve
from tests.servers.aws_services import INSTANCE_ARN, connect_world, workspaces_world

SECRET = "contract-secret-key"
JSON_CODES = CODES | {401: (403, "ExpiredTokenException"), 429: (429, "ThrottlingException")}


def credentials(folder: Path) -> Any:
    """What boto3 takes from its surroundings."""
    return environment(
        AWS_CA_BUNDLE=str(folder / "certificates" / "trusted-ca.pem"),
        AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY=SECRET,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=str(folder / "none"),
        AWS_SHARED_CREDENTIALS_FILE=str(folder / "none"),
    )


def settings(at: Target, canary: str) -> dict[str, Any]:
    """Where, and how patiently."""
    return {
        "endpoint_url": at.url,
        "timeout_s": at.patience_s,
        "call_limit_s": 4 * at.patience_s,  # boto3 reads its description of a service first, and that is long
        "max_attempts": 2,
        "canary": canary,
    }


def refusal(status: int) -> ProxyResponse:
    """How services that speak JSON say what other servers say with a status alone."""
    status, code = JSON_CODES[status]
    body = f'{{"__type": "{code}", "message": "no"}}'.encode()
    return ProxyResponse(status, (("Content-Type", "application/json"), ("x-amzn-ErrorType", code)), body)


class AmazonConnectHarness:
    """A harness for `amazon-connect`."""

    name, kind = "amazon-connect", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("calls", SystemKind.CLOUD, "amazon-connect", "Calls", holds_phi=True)
        population = Population(
            logins=frozenset(f"agent{n}" for n in range(7)),
            namesakes=("agent2", "agent3"),
            held={"agent0": frozenset({"Agent", "BasicAgentAccess"}), "agent6": frozenset({"Admin", "Users.Create"})},
            canary="agent6",
            secrets=frozenset({SECRET}),
        )

        def connect(at: Target) -> Connector:
            own = amazon_connect.Settings.model_validate(settings(at, "agent6") | {"instance_arn": INSTANCE_ARN})
            return amazon_connect.connect(system, own, folder)

        pages = Pages(
            lambda r: r.target.startswith("/users-summary/"),
            JsonBody("UserSummaryList"),
            refusal,
            retry_after=False,
            ends=Ends(more=("NextToken",)),
        )
        with credentials(folder), serve(connect_world()) as world:
            yield HttpSource(world.address, connect, population, pages, folder, cannot=TOKENS)


class WorkspacesHarness:
    """A harness for `workspaces`."""

    name, kind = "workspaces", "cloud"

    @contextmanager
    def start(self, folder: Path) -> Iterator[HttpSource]:
        system = System("desktops", SystemKind.CLOUD, "workspaces", "Desktops", holds_phi=True)
        population = Population(
            logins=frozenset(f"vma{n}" for n in range(6)),
            disabled=frozenset({"vma3"}),
            held={"vma0": frozenset({"desktop"})},
            canary="vma5",
            secrets=frozenset({SECRET}),
        )

        def connect(at: Target) -> Connector:
            return workspaces.connect(system, workspaces.Settings.model_validate(settings(at, "vma5")), folder)

        def is_page(request: ProxyRequest) -> bool:
            target = next((value for name, value in request.headers if name.casefold() == "x-amz-target"), "")
            return target.endswith(".DescribeWorkspaces")

        pages = Pages(is_page, JsonBody("Workspaces"), refusal, retry_after=False, ends=Ends(more=("NextToken",)))
        with credentials(folder), serve(workspaces_world()) as world:
            yield HttpSource(world.address, connect, population, pages, folder, cannot=TOKENS)
