"""
What is, as the source said it: systems, accounts, entitlements, grants, doors, people, engagements, collections.

Native names stay native. `None` always means "the source does not say", never "no".
All times are timezone-aware UTC; calendar days are the practice's.
"""

from connectors.facts.access import (
    NEVER,
    Account,
    Entitlement,
    EntitlementKind,
    Grant,
    Never,
    Status,
    System,
    SystemKind,
)
from connectors.facts.collection import Collection, Complete, Estate, Evidence, Partial
from connectors.facts.doors import Door, DoorKind
from connectors.facts.people import LINKED, Employment, Engagement, Person, PersonKind, Roster

__all__ = [
    "LINKED",
    "NEVER",
    "Account",
    "Collection",
    "Complete",
    "Door",
    "DoorKind",
    "Employment",
    "Engagement",
    "Entitlement",
    "EntitlementKind",
    "Estate",
    "Evidence",
    "Grant",
    "Never",
    "Partial",
    "Person",
    "PersonKind",
    "Roster",
    "Status",
    "System",
    "SystemKind",
]
