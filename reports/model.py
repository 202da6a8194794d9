"""
The one model of an audit from which every format is drawn, so that formats cannot disagree.

Everything here is plain data, ready to show: sorted, counted, worded. A format adds no facts and leaves none out.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from policies.engine.outcomes import Severity, Step
from reports.annexes import Annexes
from reports.order_lines import OrderLines
from reports.timeline_model import AgreementLine, CoverageRow, MatrixRow


@dataclass(frozen=True, slots=True)
class Headline:
    """Headcount arithmetic: the first sentence of everything."""

    sentence: str
    """Such as "8 active VMAs, 7 under a BAA, 11 live EHR accounts; 5 need action today"."""
    verdict: str
    """`in step`, `not in step` or `not evaluable`."""
    explanation: str
    """One more sentence: what makes it so."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One number that matters, with the words around it."""

    value: str
    label: str
    state: str
    """`good`, `bad`, `unknown` or `plain`."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class CitationLine:
    """One citation, as shown."""

    id: str
    """Such as `45 CFR 164.308(a)(3)(ii)(C)`."""
    kind: str
    """`required`, `addressable` or `standard`."""
    text: str
    nist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding, as shown."""

    id: str
    rule: str
    rule_title: str
    severity: Severity
    subject: str
    """Whom or what it is about, for people: a VMA's name and id, a login, a system's title."""
    subject_kind: str
    vma: str | None
    """VMA id, for grouping by person."""
    system: str | None
    """System id, for grouping by system."""
    system_title: str
    title: str
    observed: str
    expected: str
    remedy: str
    path: tuple[Step, ...]
    citations: tuple[CitationLine, ...]
    since: date | None
    """Since when the facts say so."""
    first_seen: date
    """The day of the first audit that found it."""
    new: bool
    """Not found by the audit before this one (false in a first audit)."""
    accepted: str = ""
    """Until when, by whom and why the finding is accepted; empty while it is open."""


@dataclass(frozen=True, slots=True)
class NotEvaluatedLine:
    """Something that could not be judged, with its cause; several subjects with one cause are one line."""

    rule: str
    rule_title: str
    system: str | None
    system_title: str
    subjects: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: what it asks, and the three counts of its checks, which add up to its population."""

    id: str
    title: str
    question: str
    population: int
    findings: int
    satisfied: int
    not_evaluated: int


@dataclass(frozen=True, slots=True)
class ControlLine:
    """Headcount against one control: `in_place` of `headcount` VMAs who need it have it; every other one is named."""

    control: str
    in_place: int
    headcount: int
    missing: tuple[str, ...]
    """Names of the VMAs who lack it."""
    unknown: tuple[str, ...] = ()
    """Names of the VMAs for whom it cannot be told."""
    exempt: tuple[str, ...] = ()
    """Names of the active VMAs who need none, and are not in `headcount`."""


@dataclass(frozen=True, slots=True)
class EventLine:
    """One headcount event since the audit before."""

    kind: str
    """`joined`, `left`, `role-changed`, `scope-changed`, `hours-changed`, `on-leave`, `returned`, …"""
    vma: str
    name: str
    detail: str
    explained: tuple[str, ...] = ()
    """The access changes that this event explains."""
    owed: tuple[str, ...] = ()
    """The findings about it that are still open, each with its id in brackets at the end; JSON keeps its first name."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One access change, with its one cause."""

    text: str
    vma: str | None
    system: str
    cause: str
    """`explained: VMA-07 joined`, `explained by an approved request (S-…)`, `unexplained`."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed since the audit before: explained + unexplained + not read = all changes."""

    since: datetime | None
    """The instant of the audit before; `None` in a first audit."""
    events: tuple[EventLine, ...] = ()
    explained: tuple[ChangeLine, ...] = ()
    unexplained: tuple[ChangeLine, ...] = ()
    not_read: tuple[str, ...] = ()
    """Systems whose changes cannot be told, with the reason."""
    opened: tuple[str, ...] = ()
    """Ids of findings that are new."""
    closed: tuple[str, ...] = ()
    """Titles of findings that are gone, with their ids."""
    unseen: tuple[str, ...] = ()
    """What came and went again between the two audits, by a system's own record: no difference, so no change."""


@dataclass(frozen=True, slots=True)
class SystemLine:
    """Population and completeness of one system."""

    id: str
    title: str
    kind: str
    product: str
    holds_phi: bool
    source: str
    as_of: datetime
    complete: bool
    evidence: tuple[tuple[str, str], ...]
    """Name and detail of each proof, when complete."""
    reason: str = ""
    """Why it was not read whole, when not."""
    hint: str = ""
    accounts: int = 0
    live: int = 0
    of_vmas: int = 0
    of_others: int = 0
    """Accounts of the practice's own staff, services and vendors, as the practice declared them."""
    of_nobody: int = 0
    grants: int = 0
    live_of_vmas: int = 0
    """Those of `live` that belong to VMAs."""
    live_of_nobody: int = 0
    """Those of `live` that belong to nobody known: with `live_of_vmas`, what headcount is compared with."""
    dated: str = ""
    """By what it is known when the facts were true, `by the file's date`; empty when stated, or read live."""


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """One account and to whom it was matched, with the reason; or why it was not."""

    system: str
    login: str
    name: str
    status: str
    owner: str
    """Name and id, or `nobody`."""
    owner_kind: str
    """`vma`, `staff`, `service`, `vendor` or `nobody`."""
    reason: str


@dataclass(frozen=True, slots=True)
class Verification:
    """How to check that nobody edited this since."""

    entry: int
    """Number of the ledger entry of this audit."""
    head: str
    """The signed head, one line, to keep outside: `<size> <hash> <signature>`."""
    key: str
    """Public key that signed it, as `ed25519:<base64>`."""
    command: str
    """The command that checks it."""
    policy_digest: str
    result_digest: str


@dataclass(frozen=True, slots=True)
class Report:
    """One audit."""

    practice: str
    practice_name: str
    at: datetime
    """The instant of judgment, UTC."""
    timezone: str
    """IANA name of the practice's time zone."""
    tool_version: str
    first_audit: bool
    headline: Headline
    tiles: tuple[Tile, ...]
    counts: dict[str, int]
    """
    `population` = `with_findings` + `satisfied` + `not_evaluated`, counted by check; and `findings`, of which one check
    may have several, in all and by severity: `critical`, `high`, …; `accepted` of them ask for no action until a day
    """
    controls: tuple[ControlLine, ...]
    drift: Drift
    findings: tuple[FindingLine, ...]
    """Most severe first."""
    not_evaluated: tuple[NotEvaluatedLine, ...]
    rules: tuple[RuleLine, ...]
    systems: tuple[SystemLine, ...]
    matrix: tuple[MatrixRow, ...]
    coverage: tuple[CoverageRow, ...]
    coverage_from: date
    """First and last day of the coverage picture."""
    coverage_to: date
    agreements: tuple[AgreementLine, ...]
    owners: tuple[OwnerLine, ...]
    next_change: date | None
    """The next day on which a verdict changes although nothing else does."""
    next_change_reason: str
    accepted_drops: tuple[str, ...] = ()
    verification: Verification | None = None
    """`None` only while the ledger entry is being made."""
    notes: tuple[str, ...] = field(default=())
    """Things to know about how this audit was made, such as data versions."""
    annexes: Annexes | None = None
    """What examiners ask of a review in words; `None` where nobody asked the store for them."""
    orders: OrderLines | None = None
    """What was to be done, and what notices claim; `None` where nobody asked the store for them."""
