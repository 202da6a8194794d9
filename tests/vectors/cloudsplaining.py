"""
Asks cloudsplaining what it finds, so that the tests can compare without it (needs PyPI).

`make vectors` runs it. It scans the example account that its own source package ships, which is stored here with its
licence, and the policies that AWS manages, which moto carries (only the findings are stored, by a digest of each
document).
"""

import gzip
import hashlib
import json
import lzma
import subprocess
import sys
import tarfile
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VERSION = "0.9.1"
EXAMPLE = HERE / "cloudsplaining-example.json.gz"
LICENCE = HERE / "cloudsplaining-LICENSE.txt"
FINDINGS = HERE / "cloudsplaining-findings.json.xz"
Json = dict[str, Any]

ASK = """
import contextlib, io, json, sys
from cloudsplaining.scan.policy_document import PolicyDocument
found = {}
for name, document in json.load(sys.stdin).items():
    with contextlib.redirect_stdout(io.StringIO()):
        policy = PolicyDocument(document)
        found[name] = {
            "privilege-escalation": {one["type"]: sorted(one["actions"]) for one in policy.allows_privilege_escalation},
            "data-exfiltration": sorted(policy.allows_data_exfiltration_actions),
            "credentials-exposure": sorted(policy.credentials_exposure),
            "resource-exposure": sorted(set(policy.permissions_management_without_constraints)),
            "infrastructure-modification": sorted(set(policy.infrastructure_modification)),
            "service-wildcard": sorted(policy.service_wildcard),
        }
json.dump(found, sys.stdout)
"""


def documents(details: Json) -> Iterator[tuple[str, Json]]:
    """Give the policies of an account: by ARN, and for inline ones by the ARN of their identity and their name."""
    for policy in details["Policies"]:
        yield policy["Arn"], next(v["Document"] for v in policy["PolicyVersionList"] if v["IsDefaultVersion"])
    for kind in ("User", "Group", "Role"):
        for one in details[f"{kind}DetailList"]:
            for policy in one.get(f"{kind}PolicyList", ()):
                yield f"{one['Arn']}/policy/{policy['PolicyName']}", policy["PolicyDocument"]


def of_aws() -> dict[str, Json]:
    """Give the policies that AWS manages, by a digest of the document."""
    # Imported late: who only reads the stored files does not pay for it.
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    found = (policy["Document"] for policy in json.loads(aws_managed_policies_data).values())
    return {digest(document): document for document in found}


def digest(document: Json) -> str:
    """Name a document by what it says."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


def stored(file: Path) -> Any:
    """Read one of the stored files."""
    unpack = lzma.decompress if file.suffix == ".xz" else gzip.decompress
    return json.loads(unpack(file.read_bytes()))


def main() -> None:
    """Make the stored files anew."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        venv.create(folder / "peer", with_pip=True)
        python = str(folder / "peer" / "bin" / "python")
        pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        wanted = f"cloudsplaining=={VERSION}"
        subprocess.run([*pip, "install", wanted], check=True)
        subprocess.run(
            [*pip, "download", "--no-deps", "--no-binary", "cloudsplaining", "--dest", name, wanted], check=True
        )
        with tarfile.open(folder / f"cloudsplaining-{VERSION}.tar.gz") as source:
            details = _read(source, "test/files/example-authz-details.json")
            LICENCE.write_bytes(_read(source, "LICENSE"))
        EXAMPLE.write_bytes(gzip.compress(details, mtime=0))
        asked = {"example": dict(documents(json.loads(details))), "aws": of_aws()}
        findings = {name: _ask(python, every) for name, every in asked.items()}
    text = json.dumps({"version": VERSION, **findings}, sort_keys=True)
    FINDINGS.write_bytes(lzma.compress(text.encode(), preset=9))
    sizes = (f"{name}: {len(found)} policies" for name, found in findings.items())
    sys.stdout.write(", ".join(sizes) + "\n")


def _read(source: tarfile.TarFile, path: str) -> bytes:
    file = source.extractfile(f"cloudsplaining-{VERSION}/{path}")
    assert file is not None
    return file.read()


def _ask(python: str, policies: dict[str, Json]) -> Json:
    text = json.dumps(policies)
    answer = subprocess.run([python, "-c", ASK], input=text, stdout=subprocess.PIPE, text=True, check=True)
    found: Json = json.loads(answer.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
