"""Annexes for the sample report, by hand: wide and narrow ones, in all three outcomes, with hostile names in them."""

from datetime import UTC, datetime

from auditor.review.annexes.administrators import ABOUT as TWO
from auditor.review.annexes.administrators import SystemAdministrators
from auditor.review.annexes.exceptions import ABOUT as ACCEPTED
from auditor.review.annexes.exceptions import AcceptedFinding
from auditor.review.annexes.making import made
from auditor.review.annexes.new_users import ABOUT as NEW
from auditor.review.annexes.new_users import NewUser
from auditor.review.annexes.privileged import ABOUT as PRIVILEGED
from auditor.review.annexes.privileged import PrivilegedUser
from reports.annexes import Annexes, Instead, LookedAt, NotLookedAt, RowState
from tests.report_findings import IMAGE, OVERRIDE, SCRIPT

USED = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
UNREAD = NotLookedAt("Amazon Web Services", "the system refused", "aws")


def annexes(rows: int = 2) -> Annexes:
    """Return them; with so many rows of the wide one."""
    wide = [
        PrivilegedUser(
            state=RowState.OPEN if number == 0 else RowState.TOLD,
            system="OpenEMR",
            login=f"{SCRIPT}{number}",
            kind="vma",
            people=(IMAGE, OVERRIDE),
            can=("create or change accounts and their rights", "change, delete or stop the audit log"),
            through=(f"=HYPERLINK({number})",),
            last_used=USED if number else Instead.NEVER,
            second_factor=None if number else True,
            findings=(),
        )
        for number in range(rows)
    ]
    narrow = [
        SystemAdministrators(RowState.IN_ORDER, "OpenEMR", ("Dana Ortiz (STF-01)", SCRIPT), 2, (), ""),
        SystemAdministrators(RowState.UNKNOWN, "Amazon Web Services", (), None, (), "it was not read whole"),
    ]
    looked = (LookedAt("live accounts", 1234),)
    return Annexes(
        practice="lakeside",
        practice_name="Lakeside Family Medicine",
        timezone="America/Chicago",
        period=f"the audit of 2026-11-24, and {SCRIPT}",
        audits=(6,),
        annexes=(
            made(NEW, NewUser, (), "Which are new is not known", looked_at=looked, not_evaluated=[UNREAD]),
            made(PRIVILEGED, PrivilegedUser, wide, f"{rows} of 1,234 live accounts are privileged", looked_at=looked),
            made(ACCEPTED, AcceptedFinding, (), "0 exceptions in force", looked_at=looked, notes=(IMAGE,)),
            made(TWO, SystemAdministrators, narrow, "1 of 2 has two", looked_at=looked, not_evaluated=[UNREAD]),
        ),
    )
