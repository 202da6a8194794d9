"""
"Any resource of that kind": whether an action is allowed on some resource whose name its maker may choose.

A policy that allows `lambda:CreateFunction` on `function:vma-*` allows it on some function. Names that stand for the
others are taken from the patterns of the account's own policies, alone and where those of an identity cross those of a
boundary or of the organization; each is then asked as any resource is, so a yes is always right. A no could be wrong
only where three patterns that all differ would have to agree on a name, or in an account with thousands of patterns.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import islice, product

from policies.permissions.aws.access.by_action import ActionEvaluator, Targets
from policies.permissions.aws.evaluation.account import AwsAccount
from policies.permissions.aws.evaluation.context import Context
from policies.permissions.aws.evaluation.document import PolicyDocument
from policies.permissions.aws.evaluation.evaluate import names_action
from policies.permissions.aws.evaluation.patterns import ARN_PARTS, matches, unprotect
from policies.permissions.aws.evaluation.request import Principal, Request, Resource

NAMES = ("any-7f3a", "some-7f3a")
"""Two, so that a pattern that happens to fit one of them does not speak for all."""
REGIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
MAX_NAMES = 500
MAX_PATTERNS = 2_000
MAX_CROSSINGS = 200
MAX_STATES = 2_000


class Places:
    """The places of `escalation.yaml` in one account."""

    def __init__(self, account: AwsAccount, principals: Iterable[Principal]) -> None:
        self._account = account
        self._principals = tuple(principals)
        self._reaches: dict[tuple[str, ...], ActionEvaluator] = {}
        self._gathered: dict[frozenset[str], tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def reach(self, templates: tuple[str, ...]) -> ActionEvaluator:
        """Return the reach over resources that stand for all of a kind."""
        if templates not in self._reaches:
            estate = self._account.estate
            arns = list(dict.fromkeys(arn for template in templates for arn in self.names(template)))
            resources = [Resource(arn, estate.account, organization=self._account.organization) for arn in arns]
            self._reaches[templates] = ActionEvaluator(Targets(resources), estate.account, self._account.organization)
        return self._reaches[templates]

    def names(self, template: str, actions: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """
        Return ARNs that stand for all that a template means; `*` stands for itself.

        With `actions` (lower case), only the patterns of statements that are about them are looked at.
        """
        if "{" not in template:
            return (template,)
        defaults = tuple(self._fill(template, name) for name in NAMES)
        kind = self._fill(template, "*", region="*")
        service = template.split(":")[2]
        own, limits = ([p for p in found if _speaks_of(p, service)] for found in self._patterns(actions))
        found = dict.fromkeys(defaults)
        for pattern in islice((*own, *limits), MAX_PATTERNS):
            if not any(matches(pattern, arn) for arn in defaults) and (arn := _named(pattern, kind, defaults[0])):
                found[arn] = None
        for arn in self._crossings(own, limits, kind, tuple(found)):
            found[arn] = None
        return tuple(found)[:MAX_NAMES]

    def _crossings(self, own: list[str], limits: list[str], kind: str, known: Sequence[str]) -> Iterable[str]:
        """Names where a pattern of an identity and one that limits it agree, and no known name does."""
        tried = 0
        for left, right in islice(product(own, limits), MAX_PATTERNS):
            if tried < MAX_CROSSINGS and not any(matches(left, arn) and matches(right, arn) for arn in known):
                tried += 1
                if (arn := crossing((kind, left, right))) is not None:
                    yield arn

    def _fill(self, template: str, name: str, region: str | None = None) -> str:
        estate = self._account.estate
        region = region or REGIONS.get(estate.partition, "us-east-1")
        return (
            template.replace("{partition}", estate.partition)
            .replace("{account}", estate.account)
            .replace("{region}", region)
            .replace("{name}", name)
        )

    def _patterns(self, actions: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the resource patterns of identities, and those of what limits them."""
        if actions not in self._gathered:
            own: dict[str, None] = {}
            limits: dict[str, None] = {}
            read: set[int] = set()
            for principal in self._principals:
                for documents, into in ((principal.identity, own), ((principal.boundary,), limits)):
                    for document in documents:
                        # Where it asks who somebody is, it has another pattern for every principal.
                        if document is None or id(document) in read:
                            continue
                        if not self._gather(document, into, actions, principal):
                            read.add(id(document))
            for level in (*(self._account.organization.scps or ()), *(self._account.organization.rcps or ())):
                for document in level:
                    self._gather(document, limits, actions, None)
            self._gathered[actions] = (tuple(own), tuple(limits))
        return self._gathered[actions]

    def _gather(
        self, document: PolicyDocument, into: dict[str, None], actions: frozenset[str], principal: Principal | None
    ) -> bool:
        """Add the patterns of a document; true where some hold variables."""
        personal = False
        for statement in document.statements:
            if actions and not any(names_action(statement, action) for action in actions):
                continue
            for pattern in statement.resources or ():
                if "${" not in pattern or not document.variables:
                    into[pattern] = None
                elif principal is not None and len(into) < MAX_PATTERNS:
                    personal = True
                    request = Request(principal, "", Resource("*", self._account.estate.account))
                    if isinstance(filled := Context(request).fill(pattern), str):
                        into[unprotect(filled)] = None
        return personal


def _speaks_of(pattern: str, service: str) -> bool:
    parts = pattern.split(":", 3)
    return len(parts) < 3 or matches(parts[2], service)


def _named(pattern: str, kind: str, default: str) -> str | None:
    """Return an ARN of a kind that fits a pattern, made as like the default as can be."""
    theirs, ours, usual = (text.split(":", ARN_PARTS - 1) for text in (pattern, kind, default))
    if len(theirs) != ARN_PARTS:
        return crossing((kind, pattern))
    parts = []
    for their, our, plain in zip(theirs, ours, usual, strict=True):
        part = plain if matches(their, plain) else their.replace("*", "any").replace("?", "x")
        if not (matches(our, part) and matches(their, part)):
            return crossing((kind, pattern))
        parts.append(part)
    return ":".join(parts)


@lru_cache(maxsize=8_192)
def crossing(patterns: tuple[str, ...]) -> str | None:
    """Return a text that fits all the patterns, or `None` when there is none (or it takes too long to find)."""
    seen: set[tuple[int, ...]] = set()
    stack: list[tuple[tuple[int, ...], str]] = [((0,) * len(patterns), "")]
    while stack and len(seen) < MAX_STATES:
        at, text = stack.pop()
        if at in seen:
            continue
        seen.add(at)
        if all(i == len(p) for i, p in zip(at, patterns, strict=True)):
            return text
        for i, (place, pattern) in enumerate(zip(at, patterns, strict=True)):
            if place < len(pattern) and pattern[place] == "*":
                stack.append(((*at[:i], place + 1, *at[i + 1 :]), text))
        if (step := _consume(at, patterns)) is not None:
            stack.append((step[0], text + step[1]))
    return None


def _consume(at: tuple[int, ...], patterns: tuple[str, ...]) -> tuple[tuple[int, ...], str] | None:
    """Take one character in all patterns, if they agree on one."""
    if any(i == len(p) for i, p in zip(at, patterns, strict=True)):
        return None
    characters = [p[i] for i, p in zip(at, patterns, strict=True)]
    wanted = set(characters) - {"*", "?"}
    if len(wanted) > 1 or set(characters) == {"*"}:
        return None
    following = tuple(i + (one != "*") for i, one in zip(at, characters, strict=True))
    return following, wanted.pop() if wanted else "x"
