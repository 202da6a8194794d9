"""
Which finding of an audit is about which part of the population: the review judges nothing a second time.

A finding of a rule that is asked about never falls out: where nothing that is held carries it, the account or the
person does, as a question of its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from auditor.review_records import QuestionKind
from policies.engine.by_assignment import identified
from policies.engine.case import AccountKey, Case
from policies.engine.holdings import Assignment
from policies.engine.outcomes import Finding

ASKED: Mapping[str, QuestionKind] = {
    "active-after-end": QuestionKind.LEFT,
    "account-before-start": QuestionKind.NOT_STARTED,
    "forbidden": QuestionKind.FORBIDDEN,
    "privilege-escalation": QuestionKind.FORBIDDEN,
    "separation-of-duties": QuestionKind.SEPARATION,
    "account-of-nobody": QuestionKind.NOBODY,
    "owner-gone": QuestionKind.SERVICE,
    "outside-door": QuestionKind.DOOR,
    "excess": QuestionKind.EXCESS,
    "accumulated-access": QuestionKind.EXCESS,
    "cloned-access": QuestionKind.EXCESS,
    "outside-lane": QuestionKind.EXCESS,
    "outside-scope": QuestionKind.EXCESS,
    "unclassified-entitlement": QuestionKind.UNCLASSIFIED,
    "shared-account": QuestionKind.SHARED,
    "product-cannot-split": QuestionKind.UNSPLIT,
    "dormant-account": QuestionKind.DORMANT,
    "unused-access": QuestionKind.DORMANT,
}
"""Rules whose findings are questions, and of which kind at least."""

TOLD = frozenset(
    {
        *("no-agreement", "agreement-person", "agreement-headcount", "agreement-system", "agreement-phi"),
        *("vendor-agreement", "missing", "no-mfa", "few-administrators", "fewer-accounts-than-people"),
        *("owner-lacks-capability", "notice-not-confirmed", "notices-contradict", "notices-not-whole"),
        *("exposed-phi", "ineligible-service"),
    }
)
"""Rules whose findings no decision to keep or remove somebody's access answers: they are told beside it."""

_BY_GIVEN = ("excess", "forbidden", "outside-lane", "outside-scope")


def kind_of(rule: str) -> QuestionKind:
    """Return the kind of question that a finding is at least; of a rule that nobody listed, one of its own."""
    return ASKED.get(rule, QuestionKind.FINDING)


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding, and what it is about."""

    id: str
    finding: Finding
    key: AccountKey | None = None
    """The account, where it is about one."""
    given: str | None = None
    """What was given to that account, where it is about that alone."""
    unclassified: str = ""
    """Of an entitlement, whoever holds it: its id in the finding's system."""


class FindingIndex:
    """The open findings of an audit, by whom and what they are about."""

    def __init__(self, case: Case, findings: Mapping[str, Finding]) -> None:
        self._case = case
        self._given = {
            (key[0], identified(key, a)): (key, a.id)
            for key in case.live_accounts
            for a in case.holdings[key].assignments.values()
        }
        self.by_account: dict[AccountKey, list[Placed]] = {}
        self.by_vma: dict[str, list[Placed]] = {}
        self.by_entitlement: dict[tuple[str, str], list[Placed]] = {}
        self.doors: list[Placed] = []
        self.others: list[Placed] = []
        """About no person and no account: told with the whole."""
        for id_, finding in sorted(findings.items()):
            self._place(id_, finding)

    def _place(self, id_: str, f: Finding) -> None:
        subject, _, rest = f.subject.id.partition(":")
        if f.rule == "outside-door":
            self.doors.append(Placed(id_, f))
        elif f.subject.kind == "account" and (subject, rest) in self._case.live_accounts:
            key = subject, rest
            self.by_account.setdefault(key, []).append(Placed(id_, f, key, self._unused(f, key)))
        elif f.subject.kind == "entitlement" and f.system:
            entitlement = f.subject.id.removeprefix(f"{f.system}:")
            placed = Placed(id_, f, unclassified=entitlement)
            self.by_entitlement.setdefault((f.system, entitlement), []).append(placed)
        elif f.rule in _BY_GIVEN and f.system and (found := self._of_given(f.system, f.what)):
            self.by_account.setdefault(found[0], []).append(Placed(id_, f, *found))
        elif f.vma:
            self.by_vma.setdefault(f.vma, []).append(Placed(id_, f))
        else:
            self.others.append(Placed(id_, f))

    def _of_given(self, system: str, what: str) -> tuple[AccountKey, str] | None:
        """Return the account and what was given to it; a rule of the work map adds what it names after it."""
        while what:
            if (system, what) in self._given:
                return self._given[system, what]
            what = what.rpartition("|")[0]
        return None

    def _unused(self, finding: Finding, key: AccountKey) -> str | None:
        """Return what was given and brings the policy that nobody uses."""
        kind, _, rest = finding.what.partition("|")
        if finding.rule != "unused-access" or kind != "policy":
            return None
        policy = rest.partition("|")[2]
        for assignment in self._case.holdings[key].assignments.values():
            if policy in _policies(assignment):
                return assignment.id
        return None

    def on(self, key: AccountKey) -> Iterator[Placed]:
        """Yield the findings about an account, or what it holds."""
        yield from self.by_account.get(key, ())

    def of_entitlement(self, system: str, entitlement: str) -> Iterator[Placed]:
        """Yield the findings about an entitlement, whoever holds it."""
        yield from self.by_entitlement.get((system, entitlement), ())


def _policies(assignment: Assignment) -> set[str]:
    return {grant.entitlement.replace("#", "/policy/", 1) for grant, _ in assignment.grants}
