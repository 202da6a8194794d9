# ruff: noqa: E501 - tables are read across
"""
What people at Lakeside have stated: who was trained and checked, what was approved, accepted and reviewed, and when.

A row may name several topics or several VMAs: it is as many statements. `recorded` is the day on which somebody took it
down, at noon in UTC; what is written down before 30 September was put down from paper, for the quarter's audit.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

from auditor.ledger.statements import Statement, StatementKind, hash_document
from story.files import table
from story.people import Period

_DOCUMENTS = Path(__file__).parents[1] / "lakeside" / "documents"
_BY = {"Laura": "Laura Pettersen", "Tessa": "Tessa Morgan RN", "Brandt": "Dr. Helen Brandt"}

_ATTESTATIONS = table("""
recorded   | vma                            | topics                           | by    | on         | expires    | document
# Trained before the first day, which holds for two years; looked at anew every summer. Jenny Rose's training is over
# on 11 December, and nobody has booked the next one. Tomás worked for four days before he was trained.
2026-09-28 | VMA-01                         | training                         | Laura | 2025-01-10 | 2027-03-31 | -
2026-09-28 | VMA-02                         | training                         | Laura | 2024-12-12 | 2026-12-11 | -
2026-09-28 | VMA-03                         | training                         | Laura | 2025-05-30 | 2027-05-31 | -
2026-09-28 | VMA-04                         | training                         | Laura | 2025-09-05 | 2027-09-30 | -
2026-09-28 | VMA-05                         | training                         | Laura | 2026-02-20 | 2028-02-29 | -
2026-09-28 | VMA-06                         | training                         | Laura | 2025-10-31 | 2027-10-31 | -
2026-09-28 | VMA-01, VMA-02, VMA-03, VMA-05 | screening, workstation           | Laura | 2026-07-06 | 2027-07-31 | -
2026-09-28 | VMA-04, VMA-06                 | screening                        | Laura | 2026-07-06 | 2027-07-31 | -
# Priya is the first whom the practice took in by the list, item by item.
2026-09-28 | VMA-07                         | offshore, identity, screening, confidentiality, workstation, training, device | Laura | 2026-07-30 | 2028-07-31 | taken-in-priya-raghunathan.txt
2026-09-28 | VMA-07                         | supervisor, logging              | Laura | 2026-08-03 | - | -
# Denise's last day: the agency's laptop came back, the EHR was forgotten.
2026-10-19 | VMA-06                         | exit-reminder, device-return     | Laura | 2026-10-16 | - | -
# Nobody has taken down anything of Rosa, who came two weeks later.
2026-10-23 | VMA-08                         | training, screening, identity    | Laura | 2026-10-23 | 2028-10-31 | -
2026-11-18 | VMA-10                         | training, screening, identity, confidentiality, supervisor, logging | Laura | 2026-11-17 | 2028-11-30 | -
""")
_APPROVALS = table("""
recorded   | vma    | access                             | by     | asked | on         | reason
2026-09-28 | VMA-07 | ehr: VMA Prior Authorization       | Brandt | Laura | 2026-07-29 | prior authorizations from August on
2026-09-28 | VMA-07 | directory: VMA-PriorAuth           | Brandt | Laura | 2026-07-29 | prior authorizations from August on
2026-09-28 | VMA-07 | cloud: FaxPriorAuth                | Brandt | Laura | 2026-07-29 | the payers' faxes
# It explains the EHR account that is there before its time; of her directory account nobody has said anything.
2026-11-11 | VMA-10 | ehr: VMA Scheduling                | Brandt | Tessa | 2026-11-11 | Hillcrest's schedule from 1 December on
""")
_EXCEPTIONS = table("""
recorded   | finding      | by     | expires    | reason
# Her AWS account, never used: the payers' faxes still come to the fax machine.
2026-10-05 | F-KAZ445XQHD | Brandt | 2026-12-31 | the fax line moves to AWS in December; she signs in from then on
""")


def stated(practice: str, period: Period) -> Iterator[tuple[Statement, datetime]]:
    """Yield what was taken down before the audit of this moment, and after the one before, each with the instant."""
    everything = [*_attestations(practice), *_approvals(practice), *_exceptions(practice)]
    for day, statement in sorted(everything, key=lambda one: one[0]):
        if (day < date(2026, 9, 30)) == (period is Period.Q3):
            yield statement, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


_Dated = tuple[date, Statement]


def _attestations(practice: str) -> Iterator[_Dated]:
    for row in _ATTESTATIONS:
        for vma, topic in product(row["vma"].split(", "), row["topics"].split(", ")):
            statement = Statement(
                practice,
                StatementKind.ATTESTATION,
                vma,
                topic,
                _BY[row["by"]],
                date.fromisoformat(row["on"]),
                expires=date.fromisoformat(row["expires"]) if row["expires"] else None,
                document=hash_document(_DOCUMENTS / row["document"]) if row["document"] else None,
                document_name=row["document"] or None,
            )
            yield date.fromisoformat(row["recorded"]), statement


def _approvals(practice: str) -> Iterator[_Dated]:
    for row in _APPROVALS:
        statement = Statement(
            practice,
            StatementKind.REQUEST,
            row["vma"],
            row["access"],
            _BY[row["by"]],
            date.fromisoformat(row["on"]),
            reason=row["reason"],
            requested_by=_BY[row["asked"]],
        )
        yield date.fromisoformat(row["recorded"]), statement


def _exceptions(practice: str) -> Iterator[_Dated]:
    for row in _EXCEPTIONS:
        recorded, expires = date.fromisoformat(row["recorded"]), date.fromisoformat(row["expires"])
        kind, by = StatementKind.EXCEPTION, _BY[row["by"]]
        yield recorded, Statement(practice, kind, row["finding"], "", by, recorded, expires, reason=row["reason"])
