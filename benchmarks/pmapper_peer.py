"""
Builds PMapper's graph from a saved answer, and prints it as JSON; run by `escalation.py` in an environment of its own.

PMapper asks AWS; here its session is a stand-in that answers from the file, so it needs neither keys nor a network.
"""

import collections
import collections.abc
import json
import sys
from pathlib import Path
from types import SimpleNamespace

# PMapper 1.1.5 is of 2022, when these names were still here (until Python 3.10).
collections.Mapping = collections.abc.Mapping
collections.MutableMapping = collections.abc.MutableMapping

from principalmapper.graphing.gathering import create_graph  # noqa: E402 - after the names are there


class Session:
    """Answers for IAM and STS; every user has one access key, no password and no MFA device."""

    meta = SimpleNamespace(endpoint_url="file")

    def __init__(self, details):
        self._details = details

    def create_client(self, service, **_):
        """Stand in for the call of that name."""
        if service not in ("iam", "sts"):
            raise ValueError(service)
        return self

    def get_caller_identity(self):
        """Stand in for the call of that name."""
        arn = self._details["RoleDetailList"][0]["Arn"]
        return {"Account": arn.split(":")[4], "Arn": arn}

    def get_paginator(self, name):
        """Stand in for the call of that name."""
        page = self._details if name == "get_account_authorization_details" else {"VirtualMFADevices": []}
        return SimpleNamespace(paginate=lambda **_: [page])

    def list_access_keys(self, UserName):  # noqa: N803 - as botocore names it
        """Stand in for the call of that name."""
        return {"AccessKeyMetadata": [{"AccessKeyId": UserName}]}

    def get_login_profile(self, UserName):  # noqa: ARG002, N803
        """Stand in for the call of that name."""
        return {}

    def list_mfa_devices(self, UserName):  # noqa: ARG002, N803
        """Stand in for the call of that name."""
        return {"MFADevices": []}


def main(file):
    """Print the graph."""
    graph = create_graph(Session(json.loads(Path(file).read_text(encoding="utf-8"))), ["iam", "sts"])
    edges = sorted({(edge.source.arn, edge.destination.arn) for edge in graph.edges})
    json.dump({"edges": edges, "administrators": [node.arn for node in graph.nodes if node.is_admin]}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
