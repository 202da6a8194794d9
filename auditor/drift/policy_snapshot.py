"""The policy of an audit as the store keeps it: the agreements, role templates, systems and installed rules."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from auditor.snapshot import PolicySnapshot, SystemTerms, TemplateTerms
from policies.engine.case import Case
from policies.vocabulary import Vocabulary


def policy_snapshot(case: Case) -> PolicySnapshot:
    """Return what a case goes by; an agreement's line is its place among the ids, wherever the register has it."""
    names = case.policy.vocabulary.names
    agreements = sorted(case.agreements, key=lambda a: a.id)
    return PolicySnapshot(
        agreements={a.id: replace(a, line=line) for line, a in enumerate(agreements, 1)},
        templates={
            t.id: TemplateTerms(*(tuple(sorted(names(mask))) for mask in (t.requires, t.allows, t.never)))
            for t in case.policy.templates
        },
        systems={id_: SystemTerms(s.title, s.product, s.holds_phi) for id_, s in case.systems.items()},
        rules=case.policy.installed_rules,
    )


@dataclass(frozen=True, slots=True)
class RoleAccess:
    """What a role required and allowed at an audit, as masks of the vocabulary."""

    requires: int
    allows: int


def role_access(policy: PolicySnapshot, vocabulary: Vocabulary) -> dict[str, RoleAccess]:
    """Return the role templates of an audit; a capability that the vocabulary no longer has is left out."""
    known = {c.id for c in vocabulary.capabilities}

    def mask(names: Iterable[str]) -> int:
        return vocabulary.mask([name for name in names if name in known])

    return {id_: RoleAccess(mask(t.requires), mask(t.allows)) for id_, t in policy.templates.items()}
