"""
Reading one IAM policy document into sets of actions, where nothing but documents is known.

The statements are those that the evaluator reads; what is left out here are their conditions, and of their resources
all but the kind: of a file, nothing is asked that is asked of a bucket.
"""

from dataclasses import dataclass

from policies.permissions.aws.access.statement_effects import problem_in
from policies.permissions.aws.actions.fitting import EVERY, fitting
from policies.permissions.aws.actions.index import ActionIndex
from policies.permissions.aws.actions.named import named_actions
from policies.permissions.aws.actions.self_service import USERNAME, means_oneself, of_oneself
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement, parse_document, shown
from policies.permissions.aws.evaluation.patterns import widened

MAX_PATTERNS = 20_000
"""More `Action` elements than any document that AWS accepts."""
SHOWN = 3
"""How many unknown names are told, the rest counted."""


@dataclass(frozen=True, slots=True)
class Reading:
    """
    What one document says.

    `allowed` ignores `Condition`, and of `Resource` all but the kind, so it is never too small. `denied` holds only
    what is denied without condition and everywhere, so it is never too large; a document with a problem denies nothing.
    """

    allowed: int
    denied: int = 0
    problem: str = ""
    unknown: str = ""
    """What it allows and AWS does not know, and where."""


def read_document(text: str, index: ActionIndex) -> Reading:
    """Read one document; whatever is not understood becomes `problem`, and the rest is still read."""
    return read_parsed(parse_document(text, "the document"), index)


def read_parsed(document: PolicyDocument, index: ActionIndex) -> Reading:
    """Read one document that is parsed already, as `read_document` does."""
    if document.problem:
        return Reading(0, problem=document.problem)
    if sum(len(statement.actions) for statement in document.statements) > MAX_PATTERNS:
        return Reading(0, problem=f"more than {MAX_PATTERNS} actions are named")
    allowed = denied = 0
    problem, (foreign, unknown) = "", unknown_names(document, index)
    for statement in document.statements:
        if found := problem_in(statement):
            problem = problem or found
            continue
        named = named_actions(index, statement)
        if not statement.allows:
            denied |= named if _always(statement, index) else 0
            continue
        named &= _on_its_resources(document, statement, index)
        if _only_oneself(document, statement):
            named &= ~of_oneself(index)
        allowed |= named
    problem = problem or foreign
    return Reading(allowed, 0 if problem else denied, problem, unknown)


def unknown_names(document: PolicyDocument, index: ActionIndex) -> tuple[str, str]:
    """
    Say which names of actions a document allows that AWS does not know; each text is empty for none.

    First those of a service that nobody knows, so that nobody knows what they give; then those of a known service,
    which give nothing. What `NotAction` leaves out may be unknown: the rest is allowed either way.
    """
    nowhere: dict[str, None] = {}
    nothing: dict[str, None] = {}
    for statement in document.statements:
        for pattern in statement.actions if statement.allows and not statement.not_action else ():
            if pattern.strip("*") and index.expand(pattern) is None:
                found = nothing if index.names_nothing(pattern) else nowhere
                found[f"{statement.name}: no action of AWS is known as {shown(pattern)}"] = None
    return next(iter(nowhere), ""), _some(list(nothing))


def _some(texts: list[str]) -> str:
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more


def _always(statement: PolicyStatement, index: ActionIndex) -> bool:
    """Whether a denial holds always and everywhere; of `NotAction`, an unknown name may spare more than we know."""
    everywhere = not statement.conditions and statement.resources == ("*",) and not statement.not_resource
    return everywhere and not (statement.not_action and any(index.expand(p) is None for p in statement.actions))


def _on_its_resources(document: PolicyDocument, statement: PolicyStatement, index: ActionIndex) -> int:
    """Return the actions that can be asked of what a statement names; a variable stands for anything."""
    if statement.not_resource or statement.resources is None:
        return EVERY
    found = 0
    for pattern in statement.resources:
        found |= fitting(index, widened(pattern) if document.variables else pattern)
    return found


def _only_oneself(document: PolicyDocument, statement: PolicyStatement) -> bool:
    """Whether a statement reaches only the IAM user who asks (policy variables need version 2012-10-17)."""
    patterns = statement.resources or ()
    return (
        document.variables
        and not statement.not_resource
        and bool(patterns)
        and all(means_oneself(pattern, USERNAME) for pattern in patterns)
    )
