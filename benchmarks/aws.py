"""
An AWS account judged as a whole, every way to more in it, one question, and 10,000 users; against the peers.

    python benchmarks/aws.py [--peer | --no-peer] [--runs 3]

The peers are cloudsplaining (judging) and PMapper (ways to more). `--peer` installs them from PyPI into .venv/peers,
each in an environment of its own; once they are there they run without being asked for, on the same files in the same
run, and what both find is compared. PMapper takes minutes.
Limits: 10 times faster than cloudsplaining on an account of 1,000 users, 100 groups, 300 policies and 100 roles, 20
times where half of the principals are admin-like and hold rights over identities; 100 times faster than PMapper's graph
of the first of these accounts; 10,000 users under 10 s and 1 GB; one question under 0.8 s; nothing that only a peer
finds, other than in who is limited by a boundary or a denial, which cloudsplaining does not evaluate. Each time is that
of a whole process, the best of the runs, by the clock and in CPU seconds; what is compared with cloudsplaining is CPU
seconds, so that what else the machine does counts for nobody. Exit code 1 when over a limit.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import escalation
from benchmarks.aws_account import ADMIN_LIKE, authorization_details
from benchmarks.peers import CLOUDSPLAINING, PMAPPER, add_option, wanted

AUDITOR = Path(sys.executable).with_name("auditor")
QUESTION_S, LARGE_S, LARGE_MB, ORDINARY, HEAVY = 0.8, 10.0, 1024, 10, 20

Json = dict[str, Any]


def iam_heavy(details: Json) -> Json:
    """Let every admin-like policy administer identities as well: the cost of the peer follows its findings."""
    for policy in details["Policies"]:
        document = policy["PolicyVersionList"][0]["Document"]
        if document["Statement"] in ADMIN_LIKE:
            everything = {"Effect": "Allow", "Action": ["iam:*", "organizations:*"], "Resource": "*"}
            document["Statement"] = [*document["Statement"], everything]
    return details


def cloned(details: Json) -> Json:
    """Give users a copy of a policy that is attached to them, as accounts have that were cloned from the first one."""
    documents = {p["Arn"]: p["PolicyVersionList"][0]["Document"] for p in details["Policies"]}
    for user in details["UserDetailList"]:
        for policy in user["AttachedManagedPolicies"][:1]:
            copy = {"PolicyName": f"copy-{policy['PolicyName']}", "PolicyDocument": documents[policy["PolicyArn"]]}
            user["UserPolicyList"].append(copy)
    return details


class Measured(NamedTuple):
    """The best of several runs."""

    clock_s: float
    cpu_s: float
    peak_mb: int

    def __str__(self) -> str:
        return f"{self.clock_s:6.2f} s {self.cpu_s:6.2f} CPU s {self.peak_mb:5} MB"


def timed(command: Sequence[str | Path], runs: int, out: Path) -> Measured:
    """Run a command as often as wanted."""
    found = []
    for _ in range(runs):
        begin = perf_counter()
        with out.open("wb") as file:
            process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=subprocess.DEVNULL, cwd=out.parent)
            _, status, usage = os.wait4(process.pid, 0)
        clock = perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 2):
            raise SystemExit(f"{command[0]} ended with {process.returncode}")
        found.append((clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024))
    clocks, cpus, peaks = zip(*found, strict=True)
    return Measured(min(clocks), min(cpus), max(peaks))


# From: cloudsplaining's categories, and the capabilities that say the same here; any of them counts.
CATEGORIES: dict[str, Callable[[Json], bool]] = {
    "PrivilegeEscalation": lambda p: bool(p["takeovers"]),
    "DataExfiltration": lambda p: bool(
        {"document.read", "record.read", "record.export", "secret.read", "recording.read"} & set(p["can"])
    ),
    "ResourceExposure": lambda p: bool(
        {"sharing.public", "identity.admin", "user.admin", "key.admin", "compute.admin"} & set(p["can"])
    ),
    "CredentialsExposure": lambda p: bool({"secret.read", "role.assume", "user.admin", "server.logon"} & set(p["can"])),
    "ServiceWildcard": lambda p: bool(p["whole_services"]),
    "InfrastructureModification": lambda p: any(not name.endswith((".read", ".use")) for name in p["can"]),
}


def peers_findings(results: Json) -> dict[str, set[str]]:
    """Return, by category, the ARNs of users and roles that hold a policy in which the peer finds something."""
    policies = {
        **results["inline_policies"],
        **results["aws_managed_policies"],
        **results["customer_managed_policies"],
    }
    held: dict[str, set[str]] = {}
    kinds = ("inline_policies", "aws_managed_policies", "customer_managed_policies")
    for group in results["groups"].values():
        held[group["name"]] = {id_ for kind in kinds for id_ in group[kind]}
    found: dict[str, set[str]] = {category: set() for category in CATEGORIES}
    for one in (*results["users"].values(), *results["roles"].values()):
        ids = {id_ for kind in kinds for id_ in one[kind]}
        for name in one.get("groups", {}).values() if isinstance(one.get("groups"), dict) else one.get("groups", ()):
            ids |= held.get(name if isinstance(name, str) else name["name"], set())
        for category, arns in found.items():
            if any(_findings(policies[id_], category) for id_ in ids if id_ in policies):
                arns.add(one["arn"])
    return found


def _findings(policy: Json, category: str) -> bool:
    said = policy.get(category)
    return bool(said["findings"] if isinstance(said, dict) else said)


def limited(details: Json) -> set[str]:
    """Return the ARNs of users and roles that a boundary or a denial limits."""
    denying = {p["Arn"] for p in details["Policies"] if _denies(p["PolicyVersionList"][0]["Document"])}
    groups = {g["GroupName"] for g in details["GroupDetailList"] if _holds(g, "Group", denying)}
    users = {
        u["Arn"]
        for u in details["UserDetailList"]
        if "PermissionsBoundary" in u or groups.intersection(u["GroupList"]) or _holds(u, "User", denying)
    }
    return users | {r["Arn"] for r in details["RoleDetailList"] if _holds(r, "Role", denying)}


def _holds(one: Json, kind: str, denying: set[str]) -> bool:
    inline = any(_denies(policy["PolicyDocument"]) for policy in one[f"{kind}PolicyList"])
    return inline or any(policy["PolicyArn"] in denying for policy in one["AttachedManagedPolicies"])


def _denies(document: Json) -> bool:
    return any(statement["Effect"] == "Deny" for statement in document["Statement"])


def compare(ours: Json, theirs: dict[str, set[str]], limits: set[str]) -> bool:
    """Print who finds what, by category; whether the peer finds something that is there and that we do not find."""
    print(f"  {'users and roles with':28} {'peer':>6} {'ours':>6} {'peer only':>10} {'not limited':>12}")
    missed = False
    for category, is_found in CATEGORIES.items():
        mine = {p["arn"] for p in ours["principals"] if is_found(p)}
        only = theirs[category] - mine
        missed |= bool(only - limits)
        print(f"  {category:28} {len(theirs[category]):6} {len(mine):6} {len(only):10} {len(only - limits):12}")
    return missed


def main() -> int:
    """Measure everything; return 1 when over a limit."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_option(parser)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, share, factor in (("ordinary", 0.13, ORDINARY), ("iam-heavy", 0.5, HEAVY)):
            details = authorization_details(admin_like=share)
            file = folder / f"{name}.json"
            details = cloned(iam_heavy(details) if name == "iam-heavy" else details)
            file.write_text(json.dumps(details, indent=1))
            failed |= account(name, file, factor, options)
        failed |= ways(folder / "ordinary.json", options)
        failed |= question(folder / "ordinary.json", options.runs)
        failed |= large(folder, options.runs)
    return 1 if failed else 0


def account(name: str, file: Path, factor: int, options: argparse.Namespace) -> bool:
    """Judge one account, and let the peer do it; whether the limit was broken."""
    out = file.with_suffix(".ours")
    mine = timed([AUDITOR, "cloud", file, "--format", "json"], options.runs, out)
    ours = json.loads(out.read_text())
    print(f"{name}: {file.stat().st_size / 1e6:.2f} MB, {len(ours['principals'])} users and roles")
    print(f"  auditor cloud       {mine}")
    if not (peer := wanted(CLOUDSPLAINING, options)):
        return False
    command = [peer.with_name("cloudsplaining"), "scan", "--input-file", file, "--output", file.parent]
    theirs = timed([*command, "--skip-open-report"], max(1, options.runs - 1), file.with_suffix(".log"))
    ratio = theirs.cpu_s / mine.cpu_s
    print(f"  cloudsplaining scan {theirs}   {theirs.clock_s / mine.clock_s:.1f} times by the clock, ", end="")
    print(f"{ratio:.1f} in CPU seconds (at least {factor})")
    results = json.loads((file.parent / f"iam-results-{name}.json").read_text())
    missed = compare(ours, peers_findings(results), limited(json.loads(file.read_text())))
    return missed or ratio < factor


def ways(file: Path, options: argparse.Namespace) -> bool:
    """Find every way to more in that account, and let the peer do it; whether the limit was broken."""
    answer = file.with_suffix(".ways")
    mine, seconds, megabytes = min((escalation.ours(file, answer) for _ in range(options.runs)), key=lambda run: run[1])
    edges = sum(map(len, mine["edges"].values()))
    print(f"ways to more: {edges:,} from one to another, {mine['paths']:,} paths")
    print(f"  every way              {seconds:6.2f} s {megabytes:5.0f} MB")
    if not (peer := wanted(PMAPPER, options)):
        return False
    theirs, their_seconds = escalation.peer(file, peer)
    ratio = their_seconds / seconds
    print(
        f"  PMapper's graph        {their_seconds:6.2f} s            {ratio:.0f} times (at least {escalation.FASTER})"
    )
    return not escalation.compare(mine, theirs) or ratio < escalation.FASTER


def question(file: Path, runs: int) -> bool:
    """Ask one question; whether the limit was broken."""
    asked = ["--principal", "user-00007", "--action", "s3:GetObject", "--resource", "arn:aws:s3:::clinic-3/x"]
    found = timed([AUDITOR, "explain", *asked, "--estate", file], 4 * runs, file.with_suffix(".answer"))
    print(f"one question          {found}   (limit {QUESTION_S} s)")
    return found.clock_s > QUESTION_S


def large(folder: Path, runs: int) -> bool:
    """Judge 10,000 users; whether a limit was broken."""
    file = folder / "large.json"
    file.write_text(json.dumps(authorization_details(users=10_000, groups=500, policies=1_000, roles=300)))
    found = timed([AUDITOR, "cloud", file, "--format", "json"], runs, file.with_suffix(".ours"))
    print(f"10,000 users          {found}   (limits {LARGE_S} s, {LARGE_MB} MB)")
    return found.clock_s > LARGE_S or found.peak_mb > LARGE_MB


if __name__ == "__main__":
    sys.exit(main())
