"""Which actions a statement is about, where all that AWS documents can be told apart."""

from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.evaluation.document import PolicyStatement


def named_actions(index: ActionIndex, statement: PolicyStatement) -> int:
    """Return the actions of `Action`, or all but those of `NotAction`; names that AWS does not document are none."""
    named = index.expand_all(statement.actions)
    return index.everything() & ~named if statement.not_action else named
