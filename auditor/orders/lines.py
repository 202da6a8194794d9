"""What the report of an audit says of orders and of claims, in the words of `auditor orders` and of the gates."""

from datetime import timedelta

from auditor.clocks import Clocks, clocks_of
from auditor.config import Config
from auditor.gates.announced import Announced, announced
from auditor.notices.words import came, edge, whom
from auditor.orders.decided import decided_in
from auditor.orders.follow import Followed
from auditor.orders.state import OrderBook, order_book
from auditor.orders.tell import Teller
from auditor.store import Store
from policies.engine.case import Case
from reports.order_lines import ClaimLine, OrderLines

RECENT = timedelta(days=90)
"""For so long an order that ended, and a claim that the roster confirmed, stand in the report: about a quarter."""


def lines_of(config: Config, case: Case, store: Store, followed: Followed) -> OrderLines:
    """Return them for an audit that is about to be stored."""
    administrators = {id_: source.administrator for id_, source in config.sources.items() if source.administrator}
    teller = Teller(case, clocks_of(config), administrators, case.at, decided_in(store, case.practice.id), True)
    book, since = order_book(store, case, case.at, followed), case.at - RECENT
    ended = [one for one in book.ended if one.at >= since]
    return OrderLines(
        open=teller.open(book),
        ended=teller.ended(OrderBook((), tuple(ended))),
        ended_since=case.day_of(since),
        claims=claims_of(case, clocks_of(config)),
    )


def claims_of(case: Case, clocks: Clocks) -> tuple[ClaimLine, ...]:
    """Return what notices claim: first what the roster ought to have said by now; last what it confirms."""
    recent = case.at - RECENT
    found = [
        _line(case, one)
        for vma in case.announced.standing
        for one in announced(case, vma, clocks)
        if one.roster or one.against or one.claim.starts >= recent
    ]
    return tuple(sorted(found, key=_urgency))


def _urgency(line: ClaimLine) -> tuple[object, ...]:
    settled = not line.roster and not line.against
    return settled, not line.overdue, line.confirm_by, line.vma, line.id


def _line(case: Case, one: Announced) -> ClaimLine:
    claim, zone = one.claim, case.practice.timezone
    last = claim.confirm_by(case.announced.confirm_days, zone)
    return ClaimLine(
        id=claim.id,
        vma=claim.vma,
        whom=whom(claim),
        kind=claim.kind.value,
        sender=claim.sender_name,
        by=claim.by,
        says=f"{claim.says(zone)}, {edge(claim, zone)}",
        came=came(claim, zone),
        roster=one.roster,
        confirm_by=last,
        overdue=bool(one.roster) and case.today > last,
        against=one.against,
        remarks=one.remarks,
        clocks=one.clocks,
    )
