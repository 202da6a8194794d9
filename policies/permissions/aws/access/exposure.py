"""
Whom the policy of a resource lets in from outside: everybody, or an account that is not the owner's.

A stranger is asked for with rights to everything on their own side, because nobody but they decide about those. The
denials of the policy, and resource control policies, count. What a request must say and the stranger can say at will
(that it is encrypted, from which page it comes) holds nobody back; what they cannot (their network, their
organization) decides, and is named where it is not known. Lists of access (S3 ACLs), access points and grants of keys
are no policies and are not looked at.
Source: IAM User Guide, "Cross-account policy evaluation logic"; S3 User Guide, "The meaning of public".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from policies.permissions.aws.access.delivery import only_delivers
from policies.permissions.aws.access.strangers import EVERYBODY, Stranger, strangers
from policies.permissions.aws.actions.fitting import fitting
from policies.permissions.aws.actions.index import LEVELS, ActionIndex
from policies.permissions.aws.evaluation.document import PolicyDocument, PolicyStatement, shown
from policies.permissions.aws.evaluation.evaluate import decide
from policies.permissions.aws.evaluation.overlap import meet
from policies.permissions.aws.evaluation.principals import CANONICAL, KINDS, UNKNOWN_KIND
from policies.permissions.aws.evaluation.request import Principal, PrincipalKind, Request, Resource
from policies.permissions.decision import Outcome

AT_WILL = frozenset(
    [
        *("aws:referer", "aws:useragent", "aws:securetransport", "aws:currenttime", "aws:epochtime"),
        *("aws:requestedregion", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:tokenissuetime"),
        *("s3:prefix", "s3:delimiter", "s3:max-keys", "s3:authtype", "s3:signatureversion", "s3:signatureage"),
        *("s3:tlsversion", "s3:versionid", "s3:x-amz-acl", "s3:x-amz-server-side-encryption"),
        *("s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-content-sha256", "s3:x-amz-storage-class"),
    ]
)
"""Condition keys that whoever asks can fulfil by asking in another way (IAM User Guide, S3 User Guide: keys)."""
STATED = {"aws:securetransport": ("true",)}
CLOUDFRONT = "cloudfront.amazonaws."
"""The service that asks for an origin access control; an origin access identity is the older way to the same."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """One stranger whom one resource lets in."""

    to: str
    """`everybody`, the twelve digits of an account, the id of an organization, or who else the policy says."""
    unsigned: bool
    """Everybody, even without any sign-in to AWS."""
    actions: tuple[str, ...]
    """Such as `s3:getobject`, those that change something first."""
    keys: frozenset[str]
    """What it depends on; empty when it is certain."""
    statements: tuple[str, ...]
    """Those of the policy that let them in."""


def exposures(index: ActionIndex, resource: Resource, own: frozenset[str], *, asked: str = "") -> tuple[Exposure, ...]:
    """
    Return whom a resource's policy lets in who belongs to none of the accounts `own`; everybody stands first.

    With `asked`, one action, such as that of taking a role: then who comes through an identity provider is left out.
    """
    document = resource.policy
    if document is None:
        return ()
    allowing = [s for s in document.statements if s.allows and s.principals is not None]
    found: dict[str, Exposure] = {}
    for stranger in strangers(document.statements if allowing else (), resource, own):
        every = _questions(index, resource, document, stranger.principal.name)
        questions = ((asked, resource.arn),) if asked else tuple(every)
        exposure = _ask(index, resource, stranger, questions)
        if exposure is not None:
            before = found.get(exposure.to)
            found[exposure.to] = exposure if before is None else _together(before, exposure)
    everybody = found.pop(EVERYBODY, None)
    # Whom a statement names is not told again where everybody may do the same.
    covered = frozenset(everybody.actions) if everybody and not everybody.keys else frozenset[str]()
    named = [exposure for exposure in found.values() if not covered.issuperset(exposure.actions)]
    return (*((everybody,) if everybody else ()), *named, *_unknowable(allowing, federated=not asked))


def _together(one: Exposure, other: Exposure) -> Exposure:
    """Join what several identities of one account may do; what is certain hides what depends."""
    if bool(one.keys) != bool(other.keys):
        return other if one.keys else one
    return Exposure(
        one.to,
        one.unsigned or other.unsigned,
        tuple(dict.fromkeys((*one.actions, *other.actions))),
        one.keys | other.keys,
        tuple(dict.fromkeys((*one.statements, *other.statements))),
    )


def _ask(
    index: ActionIndex, resource: Resource, stranger: Stranger, questions: Iterable[tuple[str, str]]
) -> Exposure | None:
    actions: dict[str, frozenset[str]] = {}
    statements: dict[str, None] = {}
    for action, arn in questions:
        at = Resource(arn, resource.account, resource.policy, tags=resource.tags, organization=resource.organization)
        answer = decide(Request(stranger.principal, action, at, stranger.organization, {**STATED, **stranger.says}))
        keys = frozenset(key for key in answer.keys if key.lower() not in AT_WILL)
        if keys and keys <= {CANONICAL, UNKNOWN_KIND} and all(d.effect == "Allow" for d in answer.because if d.keys):
            continue  # whoever that is, is told apart: it is one, and not this one
        if answer.outcome in (Outcome.ALLOWED, Outcome.DEPENDS) and not only_delivers(stranger.label, action):
            actions[action] = min((actions.get(action, keys), keys), key=lambda some: (len(some), sorted(some)))
            statements |= {d.statement: None for d in answer.because if d.layer == "resource" and d.effect == "Allow"}
    if not actions:
        return None
    certain = [action for action, keys in actions.items() if not keys]
    told = certain or list(actions)
    keys = frozenset[str]() if certain else frozenset(key for found in actions.values() for key in found)
    unsigned = stranger.label == EVERYBODY and any(
        _unsigned(resource, action, arn, stranger.says) for action, arn in questions
    )
    ordered = sorted(told, key=lambda action: (_weight(index, action), action))
    return Exposure(stranger.label, unsigned, tuple(ordered), keys | stranger.keys, tuple(statements))


def _unsigned(resource: Resource, action: str, arn: str, says: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether a request without any signature is let in for certain."""
    at = Resource(arn, resource.account, resource.policy, tags=resource.tags, organization=resource.organization)
    answer = decide(Request(Principal("", PrincipalKind.ANONYMOUS, ""), action, at, context={**STATED, **says}))
    keys = {key for key in answer.keys if key.lower() not in AT_WILL}
    return answer.outcome is Outcome.ALLOWED or (answer.outcome is Outcome.DEPENDS and not keys)


# ---- what is asked ---------------------------------------------------------------------------------------------------


def _questions(
    index: ActionIndex, resource: Resource, document: PolicyDocument, name: str
) -> Iterator[tuple[str, str]]:
    """Yield each action that the policy may allow, with one resource for every pattern on which it does."""
    service = resource.arn.split(":")[2].lower() if resource.arn.count(":") > 2 else ""
    known = index.service(service)
    if known is None:
        return
    seen: set[tuple[str, str]] = set()
    for statement in document.statements:
        if not statement.allows and not statement.problem:
            continue
        places = _places(statement, resource.arn, name)
        for number, action in enumerate(known.actions):
            if not _about(index, statement, known.base + number, known.mask):
                continue
            bit = 1 << known.base + number
            for question in ((f"{service}:{action}", arn) for arn in places if fitting(index, arn) & bit):
                if question not in seen:
                    seen.add(question)
                    yield question
    if document.problem:
        yield f"{service}:{known.actions[0]}", resource.arn


def _about(index: ActionIndex, statement: PolicyStatement, bit: int, relevant: int) -> bool:
    if statement.problem:
        return True
    named = 0
    for pattern in statement.actions:
        named |= relevant if not pattern.strip("*") else (index.expand(pattern) or 0)
    return bool((~named if statement.not_action else named) >> bit & 1)


def _places(statement: PolicyStatement, arn: str, name: str) -> tuple[str, ...]:
    """Return something that fits each pattern of a statement and is the resource, or in it."""
    inside = (arn, f"{arn}/*", f"{arn}:*")
    if statement.resources is None or statement.not_resource or statement.problem:
        return (arn, f"{arn}/x")
    patterns = (pattern.replace("${aws:username}", name) for pattern in statement.resources)
    met = (meet(pattern, place) for pattern in patterns for place in inside)
    return tuple(dict.fromkeys(found.replace("*", "x").replace("?", "x") for found in met if found))


def _weight(index: ActionIndex, action: str) -> int:
    """Order actions by harm: who may see it, changes, reading, listing."""
    service, _, name = action.partition(":")
    known = index.service(service)
    levels = known.levels[known.actions.index(name)] if known and name in known.actions else ()
    return min((_HARM.index(level) for level in levels if level in _HARM), default=len(_HARM))


_HARM = ("Permissions management", "Write", "Read", "List", "Tagging")
assert set(_HARM) == set(LEVELS)  # noqa: S101 - a level that AWS adds must be given a place


# ---- who is named without saying whose they are ----------------------------------------------------------------------


def _unknowable(statements: Iterable[PolicyStatement], *, federated: bool) -> Iterator[Exposure]:
    """Yield those who are named in a way that does not tell whose they are."""
    for statement in statements:
        if statement.not_principal:
            continue
        for kind, value in statement.principals or ():
            if kind == "CanonicalUser":
                yield _open(f"the canonical user {value[:12]}…", "whose canonical user id this is", statement)
            elif kind == "Federated" and federated:
                yield _open(f"who signs in through {value}", f"whom {value} lets in", statement)
            elif (kind == "AWS" and ":iam::cloudfront:" in value) or (
                kind == "Service" and value.startswith(CLOUDFRONT)
            ):
                yield _open("CloudFront", "what CloudFront passes on, and to whom", statement)
            elif kind not in KINDS:
                yield _open(
                    f"a principal of the kind {shown(kind)}", f"who a principal of the kind {shown(kind)} is", statement
                )


def _open(to: str, key: str, statement: PolicyStatement) -> Exposure:
    return Exposure(to, False, (), frozenset([key]), (statement.name,))
