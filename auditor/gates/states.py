"""What a gate says of accounts of which nobody knows whether they work."""

from collections.abc import Sequence

from auditor.gates.checklist import GateAnswer, Verdict
from connectors.facts import Account
from policies.engine.case import Case
from policies.engine.unexplained import doubtful_states


def nobody_knows(case: Case, live: Sequence[Account]) -> Verdict | None:
    """Leave open whether accounts still work of which only a word tells that nobody has explained."""
    doubtful = doubtful_states(case, live)
    if not live or len(doubtful) < len(live):
        return None
    evidence = tuple(f"nobody knows whether {account.login} still works: {why}" for account, why in doubtful)
    return GateAnswer.CANNOT_TELL, evidence, ("say in the mapping what the word means, or disable the account",)
