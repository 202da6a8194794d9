"""
What whoever writes a rule needs to test it: a practice built fact by fact, judged by the real engine.

`docs/add-a-rule.md` shows how. Nothing here needs pytest, and nothing is faked.
"""

from auditor.testing.asked import HOSTILE, Said, ask, cites, identity, kinds
from auditor.testing.clinic import AGENCY, SCHEDULER_NEEDS, SYSTEMS, Clinic, policy
from auditor.testing.days import TODAY, ZONE, ago, ahead, noon

__all__ = [
    "AGENCY",
    "HOSTILE",
    "SCHEDULER_NEEDS",
    "SYSTEMS",
    "TODAY",
    "ZONE",
    "Clinic",
    "Said",
    "ago",
    "ahead",
    "ask",
    "cites",
    "identity",
    "kinds",
    "noon",
    "policy",
]
