"""
Audit 200,000 grants of 2,000 VMAs end to end from files, twice, and print where time and memory go.

    python benchmarks/scale.py [--vmas 2000] [--grants 100] [--keep FOLDER]

Limit: 1.5 GB at the peak of the whole process. The first audit fills the store; the second finds one VMA gone, one new,
and everything else as it was, so its `store` shows what an unchanged history costs. Exit code 1 when over the limit.
"""

import argparse
import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

LIMIT_MB = 1500
EHR_ROLES, GROUPS = 400, 500
CAPABILITIES = ("schedule.read", "schedule.write", "demographics.read", "coverage.read", "mail.use", "task.read")
FINISHED = (0, 1, 2)


def generate(folder: Path, vmas: int, grants: int, *, second: bool) -> None:
    """Write one practice: roster, agreement, an EHR report with one row a grant, a directory as LDIF, catalogs."""
    people = [i for i in range(vmas + 1) if i != (0 if second else vmas)]
    in_ehr = grants * 3 // 5
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "roster.csv").open("w") as roster, (folder / "ehr.csv").open("w") as ehr:
        roster.write("vma_id,name,email,agency,employment,roles,start\n")
        ehr.write("login,name,email,status,created,last_login,mfa,role\n")
        for i in people:
            mail = f"vma{i:05}@agency.example.com"
            roster.write(f"VMA-{i:05},Person {i:05},{mail},Agency LLC,employee,scheduler,2026-01-05\n")
            for role in random.Random(i).sample(range(EHR_ROLES), in_ehr):
                account = f"person{i:05},Person {i:05},{mail},Active,2026-01-05,2026-11-19,yes"
                ehr.write(f"{account},Role {role:03}\n")
    members: dict[int, list[int]] = {g: [] for g in range(GROUPS)}
    with (folder / "directory.ldif").open("w") as ldif:
        for i in people:
            ldif.write(
                f"dn: uid=person{i:05},ou=people,dc=bench\nobjectClass: inetOrgPerson\nuid: person{i:05}\n"
                f"cn: Person {i:05}\nmail: vma{i:05}@agency.example.com\nentryUUID: 00000000-0000-4000-8000-{i:012}\n"
                "createTimestamp: 20260105080000Z\npwdLastSuccess: 20261119080000Z\n\n"
            )
            for group in random.Random(i).sample(range(GROUPS), grants - in_ehr):
                members[group].append(i)
        for group, ids in members.items():
            ldif.write(f"dn: cn=group{group:03},ou=groups,dc=bench\nobjectClass: groupOfNames\ncn: group{group:03}\n")
            ldif.writelines(f"member: uid=person{i:05},ou=people,dc=bench\n" for i in ids)
            ldif.write("\n")
    _catalog(folder / "ehr.yaml", "bench-ehr", [f"Role {r:03}" for r in range(EHR_ROLES)])
    _catalog(folder / "ldap.yaml", "ldap", [f"group{g:03}" for g in range(GROUPS)])
    (folder / "agreements.yaml").write_text(AGREEMENTS)
    (folder / "auditor.yaml").write_text(CONFIG.replace("{vmas}", str(vmas)).replace("{entries}", str(vmas + GROUPS)))


def _catalog(path: Path, product: str, names: list[str]) -> None:
    lines = [f"product: {product}", f"title: {product}", "version: 1", "source: benchmark", "entitlements:"]
    for i, name in enumerate(names):
        # One in a hundred gives what a scheduler may not have, so that every VMA has a finding or so.
        gives = "payment.post" if i % 100 == 0 else CAPABILITIES[i % len(CAPABILITIES)]
        lines.append(f"  {name}: {{gives: [{gives}], why: benchmark}}")
    path.write_text("\n".join(lines) + "\n")


AGREEMENTS = """\
agreements:
  - {id: BAA, kind: baa, between: [practice, Agency LLC], signed_by_both: true, from: 2026-01-01}
"""
CONFIG = """\
practice: {id: bench, name: Benchmark, timezone: UTC}
roster: {file: roster.csv}
agreements: agreements.yaml
policies: {catalogs: [ehr.yaml, ldap.yaml]}
systems:
  ehr:
    kind: ehr
    product: bench-ehr
    title: EHR
    connector: table
    holds_phi: true
    vendor: self
    settings:
      file: ehr.csv
      expect_accounts: {vmas}
      rows: one-per-grant
      columns:
        {login: login, name: name, email: email, status: status, created: created, last_login: last_login, mfa: mfa}
      status_values: {Active: active}
      entitlements: [{column: role, kind: role}]
  directory:
    kind: directory
    product: ldap
    title: Directory
    connector: ldif
    holds_phi: false
    settings: {file: directory.ldif, expect_entries: {entries}}
"""


class Stopwatch:
    """Adds up the seconds of each stage, and tells on stderr where the audit is."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure one stage."""
        sys.stderr.write(f"{name} …\n")
        begin = perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begin

    def reading(self, system: str, accounts: int) -> None:
        """Tell how far a system was read."""
        sys.stderr.write(f"  {system}: {accounts} accounts\n")


def measure(folder: Path, store: Path, day: int) -> None:
    """Audit one folder in this process and print the split and the peak."""
    from auditor.config import load_config
    from auditor.pipeline import Options, audit

    watch = Stopwatch()
    begin = perf_counter()
    config = load_config(folder / "auditor.yaml", store=store, report=folder / "report.html")
    done = audit(config, Options(at=datetime(2026, 11, day, 12, tzinfo=UTC)), progress=watch)
    total = perf_counter() - begin
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    split = "  ".join(f"{name} {seconds:.2f}" for name, seconds in watch.seconds.items())
    size = (folder / "report.html").stat().st_size / 2**20
    print(done.report.headline.sentence)
    print(f"findings {len(done.report.findings)}  grants {sum(s.grants for s in done.report.systems)}")
    print(f"seconds: {split}  total {total:.2f}\npeak {peak:.0f} MB of {LIMIT_MB}; report {size:.1f} MB; ", end="")
    print(f"store {store.stat().st_size / 2**20:.1f} MB")
    sys.exit(0 if peak < LIMIT_MB else 1)


def main() -> int:
    """Generate, audit twice, and return 1 when a limit was broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vmas", type=int, default=2000)
    parser.add_argument("--grants", type=int, default=100, help="grants of one VMA")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--measure", nargs=3, metavar=("FOLDER", "STORE", "DAY"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(Path(options.measure[0]), Path(options.measure[1]), int(options.measure[2]))
    with tempfile.TemporaryDirectory() as temporary:
        base = options.keep or Path(temporary)
        worst = 0
        for second in (False, True):
            folder = base / ("second" if second else "first")
            generate(folder, options.vmas, options.grants, second=second)
            print(
                f"\n{'second' if second else 'first'} audit, {options.vmas} VMAs x {options.grants} grants", flush=True
            )
            # A process of its own, so that the peak is this audit's and not the generator's.
            command = [
                sys.executable,
                __file__,
                "--measure",
                str(folder),
                str(base / "bench.db"),
                "12" if second else "11",
            ]
            worst = max(worst, subprocess.run(command, check=False).returncode)
        return worst


if __name__ == "__main__":
    sys.exit(main())
