"""The rule about those who host PHI."""

from connectors.facts import System
from policies.engine.answers import Answer, Broken, Kept, Unknown
from policies.engine.bases import EachSystem
from policies.engine.case import Case
from policies.engine.evidence import one_or_two, paper_steps, papers_stated
from policies.engine.outcomes import Step
from policies.engine.rule import Item, Reads
from policies.questions.papers import SELF, owner_of, papers_with


class VendorAgreement(EachSystem):
    """
    Whoever hosts PHI has an agreement in force with the owner of the account.

    A host is a business associate even when it only keeps encrypted data; the agreement is with whoever owns the
    account: the practice, or an agency (then it is a subcontractor's).
    Source: 45 CFR 160.103, 164.308(b)(1)-(3), 164.502(e).
    """

    id = "vendor-agreement"
    title = "No agreement with the vendor that hosts PHI"
    question = "Is there an agreement in force with every vendor that hosts PHI?"
    reads = Reads.REGISTER

    def wanted(self, case: Case, system: System) -> bool:  # noqa: ARG002
        """Every system that holds PHI."""
        return system.holds_phi

    def answer(self, case: Case, item: Item) -> Answer:
        """No agreement in force that covers this system is a finding."""
        system = case.systems[item.system]
        if system.vendor is None:
            whom = "`vendor`, or `vendor: self` when nobody else does"
            return Unknown(f"the configuration does not say who hosts it ({whom})")
        if system.vendor == SELF:
            return Kept()
        papers = papers_with(case, system, system.vendor)
        if papers.in_force:
            return Kept(papers.until)
        if doubtful := case.coverage.doubtful(papers.leg, case.today):
            return Unknown(one_or_two(papers.leg, doubtful))
        where = f"{system.title}, holds PHI, hosted by {system.vendor} for {owner_of(case, system.id)}"
        return Broken(
            vendor=system.vendor,
            observed=papers_stated(case, papers.register),
            paper=papers.leg.text,
            path=(Step("system", system.id, where), *paper_steps(case, papers.register)),
            leg=papers.leg,
            since=papers.since,
        )


RULES = (VendorAgreement(),)
