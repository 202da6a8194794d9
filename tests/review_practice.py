"""A small practice with a review: who reviews whom, an open campaign, and the desk, as the real commands make them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.audit.inputs import read_inputs
from auditor.config import load_config
from auditor.ledger.keys import Signer, public_path
from auditor.ledger.verify import StoreVerdict, verify
from auditor.review.desk import Desk, QuestionView
from auditor.review.opening import Opened, Request, open_campaign
from auditor.review.wanted import Wanted, Who
from auditor.review_records import DecisionKind, QuestionKind
from auditor.store import Store
from tests.small_practice import Small, account, noon, row

STAFF = """\
id,name,email,kind,logins,owner
STF-1,Dana Ortiz,dana@small.example.test,staff,ehr:dana,
STF-2,Morgan Lee,morgan@small.example.test,staff,,
STF-3,Sam Kim,sam@small.example.test,staff,,
SVC-1,Audit reader,,service,ehr:reader,STF-3
"""
REVIEW = """\
review:
  reviewers:
    dana: {name: Dana Ortiz, person: STF-1, email: dana@small.example.test, supervises: {roles: [scheduler]}}
    morgan: {name: Morgan Lee, person: STF-2, email: morgan@small.example.test, manager: true,
             supervises: {roles: [billing]}}
    sam: {name: Sam Kim, person: STF-3, email: sam@small.example.test, roles: [officer], privileged: true}
    ada: {name: Ada Quint, roles: [auditor]}
"""
ROWS = (
    row("ana", "2026-01-05"),
    row("ben", "2026-01-05"),
    row("cal", "2026-01-05", "2026-11-10"),
    row("eve", "2026-01-05", roles="billing"),
)
USED = {"Last": "2026-11-09"}
ANA, BEN, CAL, EVE = (
    account(n, r, **USED)
    for n, r in (("ana", "Scheduling;Charges"), ("ben", "Scheduling"), ("cal", "Scheduling"), ("eve", "Claims"))
)
GHOST = account("ghost", "Scheduling", Name="Old Front Desk", **USED)
ACCOUNTS = (ANA, BEN, CAL, EVE, GHOST)
OPENED = datetime(2026, 11, 21, 15, tzinfo=UTC)


@dataclass
class Reviewed:
    """The practice with its review."""

    small: Small
    now: datetime = OPENED
    keys: int = 0

    @classmethod
    def made(
        cls,
        folder: Path,
        accounts: Iterable[dict[str, str]] = ACCOUNTS,
        rows: Iterable[str] = ROWS,
        review: str = REVIEW,
    ) -> "Reviewed":
        """Audit twice, in October and in November, and name reviewers."""
        found = cls(Small(folder / "small"))
        early = [{**one, "Last": "2026-09-29"} for one in (account("ana"), BEN, CAL, EVE)]
        found.audit("2026-09-30", rows, early)
        found.audit("2026-11-20", rows, accounts, review)
        return found

    def audit(self, day: str, rows: Iterable[str], accounts: Iterable[dict[str, str]], review: str = REVIEW) -> int:
        """Write everything as it is on a day, and audit it then."""
        self.small.write(noon(day), list(rows), accounts)
        (self.small.folder / "staff.csv").write_text(STAFF)
        text = self.small.config.read_text().replace("agreements:", "staff: {file: staff.csv}\nagreements:", 1)
        self.small.config.write_text(text + review)
        with (self.small.folder / "catalog.yaml").open("a") as catalog:
            catalog.write("  Charges: {gives: [charge.read, ledger.read], why: what nobody in front needs}\n")
            catalog.write("  Administrator: {gives: [user.admin], why: accounts of others}\n")
        from auditor.cli import run  # noqa: PLC0415 - as the command line does

        return run(["audit", str(self.small.config), "--at", noon(day)])

    @property
    def path(self) -> Path:
        """The store's file."""
        return self.small.folder / "auditor.db"

    def signer(self) -> Signer:
        """Return the ledger's key."""
        return Signer.load_or_create(self.path.with_suffix(".key"), ledger_is_empty=False)

    def open(self, **fields: Any) -> Opened:
        """Open a campaign."""
        config = load_config(self.small.config)
        request = Request(**{"by": "Sam Kim", "prepared_by": "Pat Moss", **fields})
        with Store.open(self.path) as store:
            return open_campaign(config, read_inputs(config), store, self.signer(), request, clock=self.clock)

    def clock(self) -> datetime:
        """Return the instant of now."""
        return self.now

    def desk(self, store: Store) -> Desk:
        """Return the desk on an open store."""
        config = load_config(self.small.config)
        assert config.review is not None
        practice = config.practice
        return Desk(store, practice.id, practice.timezone, config.review, self.signer(), self.clock)

    def wanted(self, view: QuestionView, kind: str, **fields: Any) -> Wanted:
        """Return a decision about a question as it was shown, on a form of its own."""
        self.keys += 1
        question, served = view.question, self.now - timedelta(seconds=40)
        plain = {"key": f"{question.question}-form-{self.keys:06}", "served_at": served}
        return Wanted(
            question.campaign, question.question, view.state.version, DecisionKind(kind), **{**plain, **fields}
        )

    def verified(self) -> StoreVerdict:
        """Verify the store."""
        return verify(self.path, public_path(self.path.with_suffix(".key")).read_text().strip())


def who(reviewer: str) -> Who:
    """Return somebody who is signed in."""
    return Who(reviewer, f"https://id.small.example.test {reviewer}")


def question(desk: Desk, reviewer: str, campaign: str, person: str, kind: QuestionKind) -> QuestionView:
    """Return the question of a kind about a person, as a reviewer is shown it."""
    view = desk.person(who(reviewer), campaign, person)
    assert view is not None
    return next(v for v in view.questions if v.question.kind is kind)
