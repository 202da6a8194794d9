"""
Wildcards of IAM: `*` is any text, `?` any one character; matched in time that grows with the text only.

Source: IAM User Guide, "IAM JSON policy elements: Resource" and "Amazon Resource Names (ARNs)".
"""

import re
from functools import lru_cache

ARN_PARTS = 6
WITHOUT_TYPE = frozenset(["s3", "sqs", "sns", "execute-api"])
"""Services whose ARNs name no resource type."""
_TYPE_END = re.compile("[/:]")
_VARIABLE = re.compile(r"\$\{[^{}]*\}")


@lru_cache(maxsize=65_536)
def glob(pattern: str) -> re.Pattern[str]:
    """
    Compile a pattern with `*` and `?`.

    Every `*` but the last takes the first place where the next piece fits, and being atomic is never tried again: for
    wildcards the first place is as good as any, so `*a*a*a*b` cannot explode.
    """
    return _compile(re.sub(r"\*+", "*", pattern).split("*"))


def _compile(pieces: list[str]) -> re.Pattern[str]:
    escaped = [re.escape(piece).replace(r"\?", ".") for piece in pieces]
    first, *rest = escaped
    if not rest:
        return re.compile(first, re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


def matches(pattern: str, text: str) -> bool:
    """Whether a text fits a pattern, by case."""
    if pattern in ("*", text):
        return True
    if "?" not in pattern:
        first, *rest = pattern.split("*", 2)
        if not rest:
            return False
        if len(rest) == 1:
            # The commonest by far; to compile an expression takes longer than to match it.
            return len(text) >= len(pattern) - 1 and text.startswith(first) and text.endswith(rest[0])
    return glob(pattern).fullmatch(text) is not None


def matches_arn(pattern: str, arn: str) -> bool:
    """
    Whether an ARN fits a pattern, part by part: a wildcard does not cross the first five colons.

    Source: IAM User Guide, "Amazon Resource Name (ARN) condition operators": the six parts are compared one by one.
    """
    theirs, ours = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    if len(theirs) != ARN_PARTS or len(ours) != ARN_PARTS:
        return matches(pattern, arn)
    return all(matches(p, a) for p, a in zip(theirs, ours, strict=True))


def wildcard_in_type(pattern: str, arn: str) -> bool:
    """
    Whether a pattern has a wildcard in the resource type, such as `arn:aws:iam::123456789012:us?r/maria`.

    AWS says that it is not allowed there, and not what becomes of it. A pattern that names no type (`…:*`, `…:u*`) is
    another matter: it matches what it matches.
    Source: IAM User Guide, "IAM identifiers".
    """
    theirs, ours = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    if len(theirs) != ARN_PARTS or len(ours) != ARN_PARTS or ours[2] in WITHOUT_TYPE:
        return False
    kind, *rest = _TYPE_END.split(theirs[-1], maxsplit=1)
    return bool(rest) and _TYPE_END.search(ours[-1]) is not None and ("*" in kind or "?" in kind)


def literal(text: str) -> str:
    """Protect a text that was put into a pattern: its `*` and `?` mean themselves (see `unprotect`)."""
    return text.replace("*", "\ue000").replace("?", "\ue001")


def unprotect(text: str) -> str:
    """Bring back what `literal` protected."""
    return text.replace("\ue000", "*").replace("\ue001", "?")


def widened(pattern: str) -> str:
    """Return a pattern with a wildcard in the place of each variable, whose value nobody knows."""
    return _VARIABLE.sub("*", pattern)


def variable_too_early(pattern: str) -> bool:
    """
    Whether a pattern has a policy variable before the fifth colon, where AWS allows none and does not say what it does.

    Source: IAM User Guide, "IAM policy elements: Variables and tags", "Where you can use policy variables".
    """
    start, variable, _ = pattern.partition("${")
    return bool(variable) and start.count(":") < ARN_PARTS - 1
