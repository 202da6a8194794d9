"""
A rich report, built by hand: 8 active VMAs, 3 systems of which one could not be read, drift with events, hostile names.

It is what the tests of every format look at. `sample` is the whole; `clean`, `first_audit` and `big` are made from it.
"""

import base64
import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

from policies.outcomes import Severity, Step
from reports.model import (
    AgreementLine,
    ChangeLine,
    CitationLine,
    ControlLine,
    CoverageRow,
    Drift,
    EventLine,
    FindingLine,
    Headline,
    MatrixCell,
    MatrixRow,
    NotEvaluatedLine,
    OwnerLine,
    Report,
    RuleLine,
    Span,
    SystemLine,
    Tile,
    Verification,
)

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img src=x onerror=alert(document.domain)>'
HEBREW = "שרה כהן"
OVERRIDE = "Tomi \u202eevitca\u202c Okafor"
"""A right-to-left override: without care it reads `Tomi active Okafor`."""

AT = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
BEFORE = datetime(2026, 10, 27, 14, 0, tzinfo=UTC)
AGENCY = "Bright Harbor Staffing LLC"

NAMES = {
    "VMA-01": "Maria Reyes",
    "VMA-02": "Jun dela Cruz",
    "VMA-03": "Priya Natarajan",
    "VMA-04": "Ana Sofía Gómez",
    "VMA-05": SCRIPT,
    "VMA-06": IMAGE,
    "VMA-07": HEBREW,
    "VMA-08": OVERRIDE,
    "VMA-09": "Daniel Ocampo",
}

TERMINATION = CitationLine(
    "45 CFR 164.308(a)(3)(ii)(C)",
    "addressable",
    "Termination procedures: end access to ePHI when employment, or another arrangement, ends.",
    ("PS-4", "AC-2(3)", "PS-7"),
)
AUTHORISE = CitationLine(
    "45 CFR 164.308(a)(4)(i)", "standard", "Authorise access to ePHI only as the Privacy Rule allows.", ("AC-3", "AC-5")
)
MINIMUM = CitationLine(
    "45 CFR 164.502(b)(1)", "standard", "Limit use and disclosure of PHI to the minimum necessary.", ("AC-6",)
)
ASSURANCES = CitationLine(
    "45 CFR 164.308(b)(3)",
    "required",
    "Document the business associate's satisfactory assurances in a written contract.",
    ("SA-9", "PS-7"),
)
UNIQUE = CitationLine(
    "45 CFR 164.312(a)(2)(i)", "required", "Assign a unique name or number for identifying each user.", ("IA-2", "IA-4")
)
REVIEW = CitationLine(
    "45 CFR 164.308(a)(4)(ii)(C)", "addressable", "Establish, document, review and modify a user's right of access.", ()
)
VERIFY_PERSON = CitationLine(
    "45 CFR 164.312(d)", "standard", "Verify that a person seeking access is the one claimed.", ("IA-2(1)",)
)

RULES = {
    "access-ends-with-engagement": "Access ends with the engagement",
    "agreement-in-force": "An agreement is in force",
    "agreement-covers-headcount": "The agreement covers the headcount",
    "no-forbidden-capability": "No forbidden capability",
    "no-excess-capability": "No capability beyond the role",
    "separation-of-duties": "Duties are separated",
    "no-orphan-account": "Every account has an owner",
    "unique-account": "One account for one person",
    "mfa-on": "Multi-factor sign-in is on",
    "no-dormant-account": "No dormant account",
    "entitlement-classified": "Every entitlement is classified",
    "required-capability": "The role has what it requires",
}


NOT_READ = {"access-ends-with-engagement": 9, "no-excess-capability": 9, "mfa-on": 1}
"""How many subjects of a rule could not be judged."""


def finding_id(*parts: str) -> str:
    return "F-" + base64.b32encode(hashlib.sha256("\x00".join(parts).encode()).digest()).decode()[:10]


def _finding(  # noqa: PLR0917
    rule: str,
    severity: Severity,
    vma: str | None,
    system: str | None,
    title: str,
    observed: str,
    expected: str,
    remedy: str,
    path: tuple[Step, ...],
    citations: tuple[CitationLine, ...],
    *,
    since: date | None = None,
    new: bool = False,
    subject: str = "",
) -> FindingLine:
    titles = {"ehr": "OpenEMR", "directory": "Active Directory", "cloud": "Amazon Web Services", None: ""}
    return FindingLine(
        id=finding_id(rule, vma or subject, system or "", title),
        rule=rule,
        rule_title=RULES[rule],
        severity=severity,
        subject=subject or f"{NAMES[vma or '']} ({vma})",
        subject_kind="account" if subject else "vma",
        vma=vma,
        system=system,
        system_title=titles[system],
        title=title,
        observed=observed,
        expected=expected,
        remedy=remedy,
        path=path,
        citations=citations,
        since=since,
        first_seen=date(2026, 11, 24) if new else date(2026, 10, 27),
        new=new,
    )


def _vma(vma: str) -> Step:
    return Step("vma", vma, NAMES[vma])


def findings() -> tuple[FindingLine, ...]:
    """Sixteen findings, most severe first."""
    return (*_critical(), *_high(), *_medium(), *_low())


def _critical() -> tuple[FindingLine, ...]:
    return (
        _finding(
            "access-ends-with-engagement", Severity.CRITICAL, "VMA-09", "ehr",
            "Daniel Ocampo left 24 days ago and can still sign in to the EHR",
            "account `docampo` is active; last sign-in 19 Nov 2026", "disabled by the end of 31 Oct 2026",
            "In OpenEMR, open Administration › Users › docampo, clear “Active”, then save. "
            "He signed in after he left: have the security official review what was opened.",
            (
                _vma("VMA-09"), Step("account", "docampo", "OpenEMR account docampo, active"),
                Step("group", "front", "Front Office"), Step("privilege", "patients/demo:write", "patients/demo, write"),
                Step("capability", "demographics.write", "create and change patient demographics"),
                Step("roster", "2026-10-31", "engagement ended 31 Oct 2026"),
            ),
            (TERMINATION,), since=date(2026, 11, 1), new=True,
        ),
        _finding(
            "agreement-in-force", Severity.CRITICAL, "VMA-08", None,
            "A VMA has access to PHI on a day that no agreement covers",
            "engaged since 16 Nov 2026; agreement `BAA-2025-01` names four people and this VMA is not one of them",
            "a BAA or subcontractor BAA in force for every VMA with access to PHI",
            "Ask Bright Harbor Staffing LLC to sign an amendment of BAA-2025-01 that names the VMA, "
            "and keep the account disabled until it is signed.",
            (
                _vma("VMA-08"), Step("account", "tokafor", "OpenEMR account tokafor"),
                Step("role", "scribe", "role scribe reaches notes and problems"),
                Step("agreement", "BAA-2025-01", "names 4 people; 6 are engaged"),
            ),
            (ASSURANCES, TERMINATION), since=date(2026, 11, 16), new=True,
        ),
        _finding(
            "no-forbidden-capability", Severity.CRITICAL, "VMA-05", "ehr",
            "A scribe can sign clinical notes", "holds `note.sign` through ACL group Physicians",
            "the role template `scribe` forbids `note.sign`",
            "In OpenEMR, take the account out of the ACL group Physicians and put it into Clinicians.",
            (
                _vma("VMA-05"), Step("account", "scribe5", "OpenEMR account scribe5"),
                Step("group", "doc", "ACL group Physicians"), Step("privilege", "encounters/auth", "encounters/auth"),
                Step("capability", "note.sign", "sign or authorise clinical notes"),
                Step("template", "scribe:never[0]", "role scribe must never hold note.sign"),
            ),
            (AUTHORISE, MINIMUM), since=date(2026, 9, 2),
        ),
    )  # fmt: skip


def _high() -> tuple[FindingLine, ...]:
    return (
        _finding(
            "agreement-covers-headcount", Severity.HIGH, None, None, "The agency's agreement names 4 people; 6 work under it",
            "6 engaged VMAs under `BAA-2025-01`", "at most 4 (named schedule, exhibit B)",
            "Have exhibit B amended to name Jun dela Cruz and the VMA who joined on 16 Nov 2026.",
            (Step("agreement", "BAA-2025-01", AGENCY), Step("roster", "2026-11-24", "6 VMAs engaged through the agency")),
            (ASSURANCES,), since=date(2026, 11, 16), subject=f"Agreement BAA-2025-01 with {AGENCY}",
        ),
        _finding(
            "separation-of-duties", Severity.HIGH, "VMA-02", None,
            "One person can create a patient, submit a claim and post its payment",
            "holds `demographics.write`, `claim.submit` and `payment.post` over OpenEMR and Active Directory",
            "no one person holds all three (separation set `claim-to-cash`)",
            "Take `acct/bill:write` from jdelacruz in OpenEMR, or move payment posting to another person.",
            (
                _vma("VMA-02"), Step("account", "jdelacruz", "OpenEMR account jdelacruz"),
                Step("group", "back", "ACL group Accounting"), Step("capability", "payment.post", "post payments"),
                Step("template", "separation:claim-to-cash", "separation set claim-to-cash"),
            ),
            (AUTHORISE,), since=date(2026, 8, 3),
        ),
        _finding(
            "no-excess-capability", Severity.HIGH, "VMA-06", "directory",
            "A billing VMA can reset other people's passwords", "holds `user.admin` through three nested groups",
            "role `billing` allows no `user.admin`",
            "In Active Directory, remove the account from the group Billing-Leads; "
            "that group is a member of Helpdesk-Tier1.",
            (
                _vma("VMA-06"), Step("account", "img.onerror", "directory account img.onerror"),
                Step("group", "Billing-Leads", "Billing-Leads"), Step("group", "Helpdesk-Tier1", "Helpdesk-Tier1"),
                Step("group", "Account Operators", "Account Operators"),
                Step("capability", "user.admin", "create, change and unlock other people's accounts"),
                Step("template", "billing:allows", "role billing, allowed capabilities"),
            ),
            (MINIMUM, AUTHORISE), new=True,
        ),
        _finding(
            "no-orphan-account", Severity.HIGH, None, "ehr", "Nobody answers for a live EHR account",
            "account `frontdesk2` is active and matches no VMA, no staff member and no declared service",
            "every live account belongs to a person or to a declared service",
            "Find out who uses frontdesk2. If a person does, give that person an account of their own; "
            "otherwise disable it.",
            (Step("account", "frontdesk2", "OpenEMR account frontdesk2"), Step("group", "front", "Front Office")),
            (UNIQUE, REVIEW), since=date(2026, 11, 12), new=True, subject="OpenEMR account frontdesk2",
        ),
        _finding(
            "mfa-on", Severity.HIGH, "VMA-03", "directory", "Multi-factor sign-in is off for a VMA who works remotely",
            "MFA is off", "role template `prior-authorization` asks for MFA",
            "In Active Directory, enrol pnatarajan in the smart-card or authenticator policy before the next shift.",
            (
                _vma("VMA-03"), Step("account", "pnatarajan", "directory account pnatarajan"),
                Step("template", "prior-authorization:controls.mfa", "role prior-authorization asks for MFA"),
            ),
            (VERIFY_PERSON,), since=date(2026, 6, 1),
        ),
    )  # fmt: skip


def _medium() -> tuple[FindingLine, ...]:
    return (
        _finding(
            "no-excess-capability", Severity.MEDIUM, "VMA-01", "ehr", "A front-desk VMA can export whole record sets",
            "holds `record.export` through ACL privilege patients/pat_rep", "role `front-desk` does not allow it",
            "In OpenEMR, clear “Patient Report” for the ACL group Front Office, or move the VMA to a group without it.",
            (
                _vma("VMA-01"), Step("account", "mreyes", "OpenEMR account mreyes"),
                Step("group", "front", "Front Office"), Step("privilege", "patients/pat_rep", "patients/pat_rep"),
                Step("capability", "record.export", "export or print many records"),
                Step("template", "front-desk:allows", "role front-desk, allowed capabilities"),
            ),
            (MINIMUM,), since=date(2026, 5, 11),
        ),
        _finding(
            "no-excess-capability", Severity.MEDIUM, "VMA-07", "ehr", "Access of the VMA before the role change is still there",
            "holds `claim.submit`, which the role `billing` gave until 9 Nov 2026", "role `front-desk` since 10 Nov 2026",
            "In OpenEMR, remove scohen from the ACL group Accounting; Front Office stays.",
            (
                _vma("VMA-07"), Step("account", "scohen", "OpenEMR account scohen"),
                Step("group", "back", "Accounting"), Step("capability", "claim.submit", "submit claims"),
                Step("template", "front-desk:allows", "role front-desk, allowed capabilities"),
            ),
            (REVIEW, MINIMUM), since=date(2026, 11, 10), new=True,
        ),
        _finding(
            "entitlement-classified", Severity.MEDIUM, "VMA-02", "directory", "Nobody has said what a group gives",
            "group `LFM-Clearinghouse-RW` is in no catalog", "every entitlement of a VMA is classified",
            "Find out what the group opens, and add one line to the practice's catalog.",
            (
                _vma("VMA-02"), Step("account", "jdelacruz", "directory account jdelacruz"),
                Step("group", "LFM-Clearinghouse-RW", "LFM-Clearinghouse-RW"),
            ),
            (AUTHORISE,), new=True,
        ),
        _finding(
            "unique-account", Severity.MEDIUM, "VMA-04", "ehr", "An account on leave was used from the front desk",
            "last sign-in of `agomez` on 20 Nov 2026; on leave since 2 Nov 2026", "nobody signs in for another person",
            "Ask the front desk who used agomez, and disable it until the VMA returns.",
            (_vma("VMA-04"), Step("account", "agomez", "OpenEMR account agomez"), Step("roster", "leave", "on leave")),
            (UNIQUE,), since=date(2026, 11, 20), new=True,
        ),
        _finding(
            "no-dormant-account", Severity.MEDIUM, "VMA-04", "directory", "An account has not been used for 71 days",
            "last sign-in 14 Sep 2026 (the directory may understate it by 14 days)", "used within 45 days, or disabled",
            "Disable agomez in Active Directory until the VMA is back from leave.",
            (_vma("VMA-04"), Step("account", "agomez", "directory account agomez")), (REVIEW,), since=date(2026, 10, 29),
        ),
    )  # fmt: skip


def _low() -> tuple[FindingLine, ...]:
    return (
        _finding(
            "required-capability", Severity.LOW, "VMA-08", "ehr", "A new VMA lacks what the role requires",
            "does not hold `note.draft`", "role `scribe` requires it",
            "Give tokafor the ACL privilege encounters/notes with level addonly, once the agreement is signed.",
            (_vma("VMA-08"), Step("account", "tokafor", "OpenEMR account tokafor"),
             Step("template", "scribe:requires", "role scribe, required capabilities")),
            (AUTHORISE,), new=True,
        ),
        _finding(
            "required-capability", Severity.LOW, "VMA-03", "ehr", "A VMA cannot check eligibility, which the role requires",
            "does not hold `eligibility.check`", "role `prior-authorization` requires it",
            "Give pnatarajan the ACL privilege acct/eob in OpenEMR.",
            (_vma("VMA-03"), Step("account", "pnatarajan", "OpenEMR account pnatarajan")), (AUTHORISE,),
        ),
        _finding(
            "no-dormant-account", Severity.LOW, "VMA-05", "directory", "An account was never used since it was made",
            "made on 20 Oct 2026, never used", "first sign-in within 14 days",
            "Ask whether the VMA needs the directory at all; if not, disable the account.",
            (_vma("VMA-05"), Step("account", "scribe5", "directory account scribe5")), (REVIEW,), since=date(2026, 11, 3),
        ),
    )  # fmt: skip


def _rules(lines: tuple[FindingLine, ...], not_read: dict[str, int]) -> tuple[RuleLine, ...]:
    found = Counter(line.rule for line in lines)
    questions = {
        "access-ends-with-engagement": "Is every account of a VMA who left disabled?",
        "agreement-in-force": "Does an agreement cover every VMA today, down the whole chain?",
        "mfa-on": "Is multi-factor sign-in on where the role asks for it?",
    }
    out = []
    for number, (rule, title) in enumerate(RULES.items()):
        satisfied, missing = 8 + number, not_read.get(rule, 0)
        question = questions.get(rule, f"{title}: does it hold for each subject?")
        out.append(
            RuleLine(rule, title, question, found[rule] + satisfied + missing, found[rule], satisfied, missing)
        )
    return tuple(out)


def _counts(rules: tuple[RuleLine, ...], lines: tuple[FindingLine, ...]) -> dict[str, int]:
    severities = Counter(line.severity for line in lines)
    return {
        "population": sum(rule.population for rule in rules),
        "findings": sum(rule.findings for rule in rules),
        "satisfied": sum(rule.satisfied for rule in rules),
        "not_evaluated": sum(rule.not_evaluated for rule in rules),
        **{severity.value: severities[severity] for severity in Severity},
    }


def _matrix(lines: tuple[FindingLine, ...]) -> tuple[MatrixRow, ...]:
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


def _systems() -> tuple[SystemLine, ...]:
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


def _owners() -> tuple[OwnerLine, ...]:
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


def _drift(lines: tuple[FindingLine, ...]) -> Drift:
    left, chain, role = lines[0].id, lines[1].id, lines[9].id
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


def _coverage() -> tuple[CoverageRow, ...]:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    chain = ("practice → Bright Harbor Staffing LLC: BAA-2025-01, in force until 28 Feb 2027",)
    plan: dict[str, tuple[date, date | None, tuple[tuple[date, date, str], ...]]] = {
        "VMA-01": (date(2025, 3, 1), None, ((first, last, "covered"),)),
        "VMA-02": (date(2026, 4, 6), None, ((date(2026, 4, 6), last, "uncovered"),)),
        "VMA-03": (date(2025, 9, 15), None, ((first, last, "covered"),)),
        "VMA-04": (date(2025, 5, 5), None, ((first, last, "covered"),)),
        "VMA-05": (
            date(2026, 2, 9), None, ((date(2026, 2, 9), date(2026, 3, 15), "uncovered"), (date(2026, 3, 16), last, "covered"))
        ),
        "VMA-06": (date(2026, 6, 1), None, ((date(2026, 6, 1), last, "covered"),)),
        "VMA-07": (date(2026, 1, 19), None, ((date(2026, 1, 19), last, "covered"),)),
        "VMA-08": (date(2026, 11, 16), None, ((date(2026, 11, 16), last, "uncovered"),)),
        "VMA-09": (date(2025, 7, 1), date(2026, 10, 31), ((first, date(2026, 10, 31), "covered"),)),
    }  # fmt: skip
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


def sample() -> Report:
    """Return the whole report; the same one every time."""
    lines = findings()
    rules = _rules(lines, NOT_READ)
    return Report(
        practice="lakeside",
        practice_name="Lakeside Family Medicine",
        at=AT,
        timezone="America/Chicago",
        tool_version="0.1.0",
        first_audit=False,
        headline=Headline(
            "8 active VMAs, 6 under a BAA, 13 live EHR accounts; 3 need action today",
            "not in step",
            "Controls lag behind headcount for 6 of 8 VMAs, and one system could not be read, so nothing is said of it.",
        ),
        tiles=(
            Tile("6 of 8", "VMAs under an agreement", "bad", "2 without: Jun dela Cruz, VMA-08"),
            Tile("1", "leaver who can still sign in", "bad", "24 days since the engagement ended"),
            Tile("2", "changes that nothing explains", "bad", "5 explained by headcount"),
            Tile("1 of 3", "systems not read", "unknown", "Amazon Web Services"),
        ),
        counts=_counts(rules, lines),
        controls=(
            ControlLine("Agreement in force", 6, 8, (NAMES["VMA-02"], NAMES["VMA-08"])),
            ControlLine("Access within the role", 4, 8, (NAMES["VMA-01"], SCRIPT, IMAGE, HEBREW)),
            ControlLine("Multi-factor sign-in", 6, 8, (NAMES["VMA-03"],), (HEBREW,)),
            ControlLine("Access reviewed this quarter", 8, 8, ()),
            ControlLine("Cloud access within the role", 0, 8, (), tuple(NAMES[f"VMA-0{n}"] for n in range(1, 9))),
        ),
        drift=_drift(lines),
        findings=lines,
        not_evaluated=(
            NotEvaluatedLine(
                "access-ends-with-engagement", RULES["access-ends-with-engagement"], "cloud", "Amazon Web Services",
                tuple(f"{name} ({vma})" for vma, name in NAMES.items()),
                "the system refuses `iam:GetAccountAuthorizationDetails` to the auditor's own role",
            ),
            NotEvaluatedLine(
                "no-excess-capability", RULES["no-excess-capability"], "cloud", "Amazon Web Services",
                tuple(f"{name} ({vma})" for vma, name in NAMES.items()),
                "the system refuses `iam:GetAccountAuthorizationDetails` to the auditor's own role",
            ),
            NotEvaluatedLine(
                "mfa-on", RULES["mfa-on"], "directory", "Active Directory", (f"{HEBREW} (VMA-07)",),
                "the source does not say whether multi-factor sign-in is on",
            ),
        ),
        rules=rules,
        systems=_systems(),
        matrix=_matrix(lines),
        coverage=_coverage(),
        coverage_from=date(2026, 1, 1),
        coverage_to=date(2026, 12, 31),
        agreements=(
            AgreementLine("BAA-2025-01", f"Lakeside Family Medicine ↔ {AGENCY}", "BAA", "1 Mar 2025 – 28 Feb 2027",
                          "OpenEMR, Active Directory", "named: 4 people, 6 engaged", "in force"),
            AgreementLine("SUB-2025-07", f"{AGENCY} ↔ contractors", "subcontractor BAA", "1 Mar 2025 – open end",
                          "all", "no cap", "in force"),
            AgreementLine("BAA-2024-02", "Lakeside Family Medicine ↔ CloudScribe Inc.", "BAA", "1 Jan 2024 – 31 Dec 2025",
                          "Amazon Web Services", "no cap", "ended"),
        ),
        owners=_owners(),
        next_change=date(2026, 12, 1),
        next_change_reason="the account mreyes in Active Directory becomes dormant (45 days without a sign-in)",
        accepted_drops=("Active Directory: 16 → 13 accounts, confirmed by K. Lindqvist on 3 Nov 2026",),
        verification=Verification(
            7, "7 3q2+7wX0b9h1v4m5Zk8sT6yR1uJ0cN4eG7fA2dL9pQo= kY0v7c1B9mJ4nQ2sX6wE8rT5uI3oP1aS7dF9gH2jK4lZ6xC8vB0nM==",
            "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "auditor verify ledger/ --head head-0007.txt",
            "sha256:5f1c2d3e4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5d6e",
            "sha256:c0ffee11d3e4a5b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f9012a3b4c5",
        ),
        notes=("IAM actions: data of 20 Nov 2026", "OpenEMR catalog: version 3"),
    )  # fmt: skip


def clean() -> Report:
    """Return a report with nothing to do: everything was read, and everything holds."""
    base = sample()
    rules = _rules((), {})
    cells = tuple(
        replace(row, cells=tuple(replace(c, state="ok", findings=(), worst=None, accounts=("a",)) for c in row.cells))
        for row in base.matrix
    )
    whole = tuple(
        s if s.complete else replace(s, complete=True, reason="", hint="", evidence=(("end", "last page"),))
        for s in base.systems
    )
    return replace(
        base,
        headline=Headline("8 active VMAs, 8 under a BAA, 13 live EHR accounts; nothing to do", "in step", "Every rule holds."),
        tiles=(Tile("8 of 8", "VMAs under an agreement", "good"), Tile("0", "leavers who can still sign in", "good")),
        counts=_counts(rules, ()),
        controls=tuple(replace(c, in_place=8, missing=(), unknown=()) for c in base.controls),
        drift=Drift(since=BEFORE),
        findings=(),
        not_evaluated=(),
        rules=rules,
        systems=whole,
        matrix=cells,
        next_change=None,
        next_change_reason="",
    )  # fmt: skip


def first_audit() -> Report:
    """Return the same as a first audit, before its ledger entry is made."""
    base = sample()
    lines = tuple(replace(line, new=False) for line in base.findings)
    return replace(base, first_audit=True, findings=lines, drift=Drift(since=None), verification=None)


def big(findings_count: int, owners_count: int) -> Report:
    """Return a report with so many findings and accounts; the words are those of `sample`."""
    base = sample()
    kinds = base.findings
    lines = sorted(
        (
            replace(kinds[n % len(kinds)], id=finding_id("big", str(n)), title=f"{kinds[n % len(kinds)].title} ({n})")
            for n in range(findings_count)
        ),
        key=lambda line: line.severity.rank,
    )
    rules = _rules(tuple(lines), NOT_READ)
    owners = tuple(
        replace(base.owners[n % len(base.owners)], login=f"login{n:05}") for n in range(owners_count)
    )
    return replace(
        base, findings=tuple(lines), rules=rules, counts=_counts(rules, tuple(lines)), owners=owners,
        matrix=_matrix(base.findings), drift=replace(base.drift, opened=()),
    )  # fmt: skip
