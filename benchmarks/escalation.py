"""
Find all escalation paths between the principals of a large AWS account, and print how long it takes.

    python benchmarks/escalation.py [--users 1000] [--groups 100] [--policies 300] [--roles 100] [--admin-like 0.13]
                                    [--peer | --no-peer]

Measured as a whole process: start-up, reading the saved answer, every edge between every two principals, and the
shortest path of every user and role to an administrator, or to all who hold more. PMapper, where it is installed
(`--peer` does it; see `peers.py`), builds its graph of the same file in the same run, which takes minutes; every edge
that it finds must be among ours, and we must be at least 100 times faster. Exit code 1 otherwise, or when 10 seconds or
1 GB are exceeded. `aws.py` measures the same on the account that it judges; this one takes an account of any size.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.peers import PMAPPER, add_option, wanted

PEER = Path(__file__).parent / "pmapper_peer.py"
FASTER = 100
LIMIT_S, LIMIT_MB = 10, 1024

Json = dict[str, Any]


def measure(file: Path) -> Json:
    """Do the work on one saved answer; what is returned is what the other process prints."""
    from benchmarks.aws_account import estate
    from policies.permissions.aws.access.by_action import numbers
    from policies.permissions.aws.escalation.escalation import Escalations
    from policies.permissions.aws.escalation.identities import PrincipalState
    from policies.permissions.aws.evaluation.account import AwsAccount

    found = Escalations(AwsAccount(estate(json.loads(file.read_text(encoding="utf-8")))))
    graph, identities = found.graph, found.graph.identities
    admins = graph.administrators(certain=True)
    edges: dict[str, list[str]] = {}
    for number in numbers(identities.existing & ~admins):
        targets = 0
        for edge in graph.edges(PrincipalState(number), certain=False).become:
            targets |= edge.targets
        targets &= identities.existing & ~(1 << number)
        edges[identities.principals[number].arn] = [identities.principals[i].arn for i in numbers(targets)]
    paths = [path for role in identities.roles for path in found.of(role.arn)] + list(found.all())
    return {
        "administrators": [identities.principals[i].arn for i in numbers(admins)],
        "edges": edges,
        "to administrator": sorted({path.who for path in paths if path.administrator}),
        "paths": len(paths),
        "certain": sum(path.certain for path in paths),
    }


def ours(file: Path, answer: Path) -> tuple[Json, float, float]:
    """Run the work as a process of its own; returns what it found, its seconds and its megabytes."""
    start = perf_counter()
    subprocess.run([sys.executable, __file__, "--measure", str(file), "--answer", str(answer)], check=True)
    seconds = perf_counter() - start
    found = json.loads(answer.read_text(encoding="utf-8"))
    return found, seconds, found.pop("peak MB")


def peer(file: Path, python: Path) -> tuple[Json, float]:
    """Run PMapper on the same file, with the Python of its own environment."""
    start = perf_counter()
    answer = subprocess.run([str(python), str(PEER), str(file)], check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(answer.stdout), perf_counter() - start


def compare(mine: Json, theirs: Json) -> bool:
    """Print what the one finds and the other does not; true when nothing of theirs is missing."""
    admins = set(mine["administrators"])
    edges = {(who, to) for who, every in mine["edges"].items() for to in every}
    found = {tuple(edge) for edge in theirs["edges"]}
    missing = {edge for edge in found - edges if edge[0] not in admins}
    unreached = set(theirs["administrators"]) - admins - set(mine["to administrator"])
    print(
        f"edges that both find: {len(found & edges):,}; only we: {len(edges - found):,}; only PMapper: {len(missing)}"
    )
    print(f"administrators of PMapper's: {len(theirs['administrators'])}, without a path of ours: {len(unreached)}")
    for who, to in sorted(missing)[:5]:
        print(f"  only PMapper: {who} -> {to}")
    for who in sorted(unreached)[:5]:
        print(f"  administrator of PMapper's only: {who}")
    return not missing and not unreached


def main() -> int:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in (("users", 1000), ("groups", 100), ("policies", 300), ("roles", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--admin-like", type=float, default=0.13)
    add_option(parser)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--answer", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.measure:
        found = measure(args.measure)
        found["peak MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        args.answer.write_text(json.dumps(found), encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return run(args, Path(folder))


def run(args: argparse.Namespace, folder: Path) -> int:
    """Generate the account, measure, and judge."""
    from benchmarks.aws_account import authorization_details

    file = folder / "account.json"
    size = {name: getattr(args, name) for name in ("users", "groups", "policies", "roles", "admin_like")}
    file.write_text(json.dumps(authorization_details(**size)), encoding="utf-8")
    mine, seconds, megabytes = ours(file, folder / "answer.json")
    print(f"{args.users:,} users, {args.roles:,} roles, {file.stat().st_size / 1e6:.1f} MB of authorization details")
    print(f"administrators: {len(mine['administrators'])}; with a path to one: {len(mine['to administrator'])}")
    print(f"edges: {sum(map(len, mine['edges'].values())):,}; paths: {mine['paths']:,} ({mine['certain']:,} certain)")
    print(f"whole process: {seconds:.2f} s, {megabytes:.0f} MB")
    good = seconds <= LIMIT_S and megabytes <= LIMIT_MB
    if python := wanted(PMAPPER, args):
        theirs, their_seconds = peer(file, python)
        good = compare(mine, theirs) and good
        ratio = their_seconds / seconds
        print(f"PMapper: {their_seconds:.1f} s for {len(theirs['edges']):,} edges: {ratio:.0f} times longer")
        good = good and ratio >= FASTER
    print("within the limits" if good else "OUTSIDE THE LIMITS")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
