"""
Why it is not known what a VMA holds: the one answer for rules, figures and gates.

While there is a reason, nothing that sets a bound to what somebody holds is in place: least privilege is unproven, and
nobody is taken for holding nothing.
"""

from policies.engine.candidates import candidates_of
from policies.engine.candidates_wording import told
from policies.engine.case import Case
from policies.engine.evidence import listing, unread_of


def why_unproven(case: Case, vma: str, system: str | None = None) -> str:
    """Say why a VMA may hold more than is known, in one system or in all; empty where all is known."""
    if system is None and case.incomplete:
        return f"{listing(case.systems[s].title for s in case.incomplete)} was not read whole"
    if unread := unread_of(case, vma, system):
        return f"no catalog says what {unread} gives"
    return told(case, candidates_of(case).of(vma, system))
