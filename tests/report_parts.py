"""The parts of the sample report, by hand: rules with their counts, the matrix, systems, owners, drift, coverage."""

from collections import Counter
from datetime import UTC, date, datetime

from policies.engine.outcomes import Severity
from reports.model import ChangeLine, Drift, EventLine, FindingLine, NotEvaluatedLine, OwnerLine, RuleLine, SystemLine
from reports.timeline_model import AgreementLine, CoverageRow, MatrixCell, MatrixRow, Span
from tests.report_findings import HEBREW, NAMES, finding_id, rule_titles

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
BEFORE = datetime(2026, 10, 27, 14, 0, tzinfo=UTC)
AGENCY = "Bright Harbor Staffing LLC"
REFUSED = "the system refuses `iam:GetAccountAuthorizationDetails` to the auditor's own role"

NOT_READ = {"access-ends-with-engagement": 9, "no-excess-capability": 9, "mfa-on": 1}
"""How many subjects of a rule could not be judged."""


def rules(lines: tuple[FindingLine, ...], not_read: dict[str, int]) -> tuple[RuleLine, ...]:
    found = Counter(line.rule for line in lines)
    questions = {
        "access-ends-with-engagement": "Is every account of a VMA who left disabled?",
        "agreement-in-force": "Does an agreement cover every VMA today, down the whole chain?",
        "mfa-on": "Is multi-factor sign-in on where the role asks for it?",
    }
    out = []
    for number, (rule, title) in enumerate(rule_titles().items()):
        satisfied, missing = 8 + number, not_read.get(rule, 0)
        question = questions.get(rule, f"{title}: does it hold for each subject?")
        out.append(RuleLine(rule, title, question, found[rule] + satisfied + missing, found[rule], satisfied, missing))
    return tuple(out)


def counts(rules: tuple[RuleLine, ...], lines: tuple[FindingLine, ...]) -> dict[str, int]:
    severities = Counter(line.severity for line in lines)
    return {
        "population": sum(rule.population for rule in rules),
        "with_findings": sum(rule.findings for rule in rules),
        "findings": len(lines),
        "satisfied": sum(rule.satisfied for rule in rules),
        "not_evaluated": sum(rule.not_evaluated for rule in rules),
        **{severity.value: severities[severity] for severity in Severity},
    }


def matrix(lines: tuple[FindingLine, ...]) -> tuple[MatrixRow, ...]:
    people = (
        ("VMA-01", "front-desk", "active", "mreyes", "mreyes", 14),
        ("VMA-02", "billing", "active", "jdelacruz", "jdelacruz", 17),
        ("VMA-03", "prior-authorization", "active", "pnatarajan", "pnatarajan", 9),
        ("VMA-04", "front-desk", "on leave", "agomez", "agomez", 13),
        ("VMA-05", "scribe", "active", "scribe5", "scribe5", 21),
        ("VMA-06", "billing", "active", "img.onerror", "img.onerror", 16),
        ("VMA-07", "front-desk", "active", "scohen", "", 15),
        ("VMA-08", "scribe", "active", "tokafor", "tokafor", 6),
        ("VMA-09", "front-desk", "ended 2026-10-31", "docampo", "docampo (disabled)", 14),
    )
    rows = []
    for vma, role, status, ehr, directory, held in people:
        cells = (
            _cell(lines, vma, "ehr", ehr, held),
            _cell(lines, vma, "directory", directory, 0 if "(" in directory else 3),
            MatrixCell("unknown", (), 0),
        )
        rows.append(MatrixRow(vma, NAMES[vma], role, AGENCY, status, cells))
    return tuple(rows)


def _cell(lines: tuple[FindingLine, ...], vma: str, system: str, login: str, held: int) -> MatrixCell:
    mine = [line for line in lines if line.vma == vma and line.system == system]
    if not login:
        return MatrixCell("none", (), 0)
    return MatrixCell(
        "finding" if mine else "ok", (login,), held, tuple(line.id for line in mine), mine[0].severity if mine else None
    )


def systems() -> tuple[SystemLine, ...]:
    return (
        SystemLine(
            "ehr", "OpenEMR", "ehr", "openemr", True, "users.csv and acl.csv, exported by the practice",
            datetime(2026, 11, 24, 12, 30, tzinfo=UTC), True,
            (("end", "the last line is the export's own end mark"), ("total", "14 accounts, as the export says"),
             ("canary", "the auditor's account `auditor-ro` is among them"),
             ("sha256", "9b1f0c3e7d2a4458b1e2f3a4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8")),
            accounts=14, live=13, of_vmas=9, of_others=4, of_nobody=1, grants=52,
        ),
        SystemLine(
            "directory", "Active Directory", "directory", "active-directory", False,
            "ldaps://dc1.lakeside.example, base DC=lakeside,DC=example",
            datetime(2026, 11, 24, 13, 58, tzinfo=UTC), True,
            (("end", "last page answered with result code 0 and an empty cookie"), ("pages", "1 page of 500"),
             ("canary", "the auditor's account `svc-auditor` is among them")),
            accounts=13, live=11, of_vmas=8, of_others=5, of_nobody=0, grants=37,
        ),
        SystemLine(
            "cloud", "Amazon Web Services", "cloud", "aws", True, "account 111122223333, role AuditorReadOnly",
            datetime(2026, 11, 24, 13, 59, tzinfo=UTC), False, (),
            reason="the system refuses `iam:GetAccountAuthorizationDetails` to the auditor's own role",
            hint="attach the managed policy `SecurityAudit` to the role AuditorReadOnly, then audit again",
        ),
    )  # fmt: skip


def owners() -> tuple[OwnerLine, ...]:
    out = []
    for vma, login in zip(
        NAMES,
        ("mreyes", "jdelacruz", "pnatarajan", "agomez", "scribe5", "img.onerror", "scohen", "tokafor", "docampo"),
        strict=True,
    ):
        owner = f"{NAMES[vma]} ({vma})"
        out.append(OwnerLine("ehr", login, NAMES[vma], "active", owner, "vma", "login stated in the roster"))
        if vma != "VMA-07":
            status = "disabled" if vma == "VMA-09" else "active"
            out.append(OwnerLine("directory", login, NAMES[vma], status, owner, "vma", "employee number is the VMA id"))
    others = (
        ("ehr", "dr.patel", "Dr. Neel Patel", "active", "Neel Patel", "staff", "e-mail address"),
        ("ehr", "rn.brooks", "Casey Brooks", "active", "Casey Brooks", "staff", "e-mail address"),
        ("ehr", "auditor-ro", "Auditor", "active", "access auditor", "service", "declared by the practice"),
        ("ehr", "admin", "Administrator", "disabled", "OpenEMR vendor", "vendor", "declared by the practice"),
        ("ehr", "frontdesk2", "Front Desk", "active", "nobody", "nobody", "no login, e-mail or number matches anybody"),
        ("directory", "npatel", "Neel Patel", "active", "Neel Patel", "staff", "e-mail address"),
        ("directory", "cbrooks", "Casey Brooks", "active", "Casey Brooks", "staff", "e-mail address"),
        ("directory", "svc-auditor", "Auditor", "active", "access auditor", "service", "declared by the practice"),
        ("directory", "svc-backup", "Backup", "active", "backup job", "service", "declared by the practice"),
        ("directory", "Guest", "Guest", "disabled", "built in", "service", "built into the directory"),
    )
    out += [OwnerLine(*line) for line in others]
    return tuple(out)


def drift(lines: tuple[FindingLine, ...]) -> Drift:
    left, chain, role = (
        _id(lines, *which)
        for which in (
            ("access-ends-with-engagement", "VMA-09"),
            ("agreement-in-force", "VMA-08"),
            ("no-excess-capability", "VMA-07"),
        )
    )
    return Drift(
        since=BEFORE,
        events=(
            EventLine(
                "joined", "VMA-08", NAMES["VMA-08"], "scribe, from 16 Nov 2026",
                ("OpenEMR: account tokafor made on 16 Nov 2026", "OpenEMR: tokafor joined Clinicians",
                 "Active Directory: account tokafor made on 16 Nov 2026"),
                (f"an agreement that covers this VMA [{chain}]",),
            ),
            EventLine(
                "left", "VMA-09", NAMES["VMA-09"], "front-desk, until 31 Oct 2026",
                ("Active Directory: account docampo disabled on 31 Oct 2026",),
                (f"disable docampo in OpenEMR [{left}]",),
            ),
            EventLine(
                "role-changed", "VMA-07", NAMES["VMA-07"], "billing → front-desk, on 10 Nov 2026",
                ("OpenEMR: scohen joined Front Office",), (f"remove scohen from Accounting [{role}]",),
            ),
            EventLine("on-leave", "VMA-04", NAMES["VMA-04"], "from 2 Nov 2026", (), ()),
        ),
        explained=tuple(
            ChangeLine(text, vma, system, f"explained: {cause}")
            for text, vma, system, cause in (
                ("account tokafor made", "VMA-08", "ehr", "VMA-08 joined"),
                ("tokafor joined Clinicians", "VMA-08", "ehr", "VMA-08 joined"),
                ("account tokafor made", "VMA-08", "directory", "VMA-08 joined"),
                ("account docampo disabled", "VMA-09", "directory", "VMA-09 left"),
                ("scohen joined Front Office", "VMA-07", "ehr", "VMA-07 changed role"),
            )
        ),
        unexplained=(
            ChangeLine("account frontdesk2 made on 12 Nov 2026", None, "ehr", "unexplained"),
            ChangeLine("img.onerror joined Billing-Leads", "VMA-06", "directory", "unexplained"),
        ),
        not_read=("Amazon Web Services: not read today; its changes cannot be told",),
        opened=tuple(line.id for line in lines if line.new),
        closed=(f"Multi-factor sign-in was off for Maria Reyes ({finding_id('gone', 'VMA-01')})",),
    )  # fmt: skip


def coverage() -> tuple[CoverageRow, ...]:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    chain = ("practice → Bright Harbor Staffing LLC: BAA-2025-01, in force until 28 Feb 2027",)
    plan: dict[str, tuple[date, date | None, tuple[tuple[date, date, str], ...]]] = {
        "VMA-01": (date(2025, 3, 1), None, ((first, last, "covered"),)),
        "VMA-02": (date(2026, 4, 6), None, ((date(2026, 4, 6), last, "uncovered"),)),
        "VMA-03": (date(2025, 9, 15), None, ((first, last, "covered"),)),
        "VMA-04": (date(2025, 5, 5), None, ((first, last, "covered"),)),
        "VMA-05": (
            date(2026, 2, 9),
            None,
            ((date(2026, 2, 9), date(2026, 3, 15), "uncovered"), (date(2026, 3, 16), last, "covered")),
        ),
        "VMA-06": (date(2026, 6, 1), None, ((date(2026, 6, 1), last, "covered"),)),
        "VMA-07": (date(2026, 1, 19), None, ((date(2026, 1, 19), last, "covered"),)),
        "VMA-08": (date(2026, 11, 16), None, ((date(2026, 11, 16), last, "uncovered"),)),
        "VMA-09": (date(2025, 7, 1), date(2026, 10, 31), ((first, date(2026, 10, 31), "covered"),)),
    }
    rows = []
    for vma, (start, end, spans) in plan.items():
        bars = tuple(
            Span(a, b, "BAA-2025-01" if state == "covered" else "no agreement covers this VMA", state)
            for a, b, state in spans
        )
        lacks = any(state == "uncovered" and b == last for _, b, state in spans)
        words = (*chain, "exhibit B: does not name this VMA") if lacks else chain
        rows.append(CoverageRow(vma, NAMES[vma], (start, end), bars, words))
    return tuple(rows)


def _id(lines: tuple[FindingLine, ...], rule: str, vma: str) -> str:
    return next(line.id for line in lines if line.rule == rule and line.vma == vma)


def not_evaluated() -> tuple[NotEvaluatedLine, ...]:
    everybody = tuple(f"{name} ({vma})" for vma, name in NAMES.items())
    titles = rule_titles()
    return (
        *(
            NotEvaluatedLine(rule, titles[rule], "cloud", "Amazon Web Services", everybody, REFUSED)
            for rule in ("access-ends-with-engagement", "no-excess-capability")
        ),
        NotEvaluatedLine(
            "mfa-on",
            titles["mfa-on"],
            "directory",
            "Active Directory",
            (f"{HEBREW} (VMA-07)",),
            "the source does not say whether multi-factor sign-in is on",
        ),
    )


def agreements() -> tuple[AgreementLine, ...]:
    practice, systems = "Lakeside Family Medicine", "OpenEMR, Active Directory"
    return (
        AgreementLine(
            "BAA-2025-01",
            f"{practice} ↔ {AGENCY}",
            "BAA",
            "1 Mar 2025 – 28 Feb 2027",
            systems,
            "named: 4 people, 6 engaged",
            "in force",
        ),
        AgreementLine(
            "SUB-2025-07",
            f"{AGENCY} ↔ contractors",
            "subcontractor BAA",
            "1 Mar 2025 – open end",
            "all",
            "no cap",
            "in force",
        ),
        AgreementLine(
            "BAA-2024-02",
            f"{practice} ↔ CloudScribe Inc.",
            "BAA",
            "1 Jan 2024 – 31 Dec 2025",
            "Amazon Web Services",
            "no cap",
            "ended",
        ),
    )
