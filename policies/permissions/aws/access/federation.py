"""
Whom a trust policy lets in through an outside identity provider: by the claims that its conditions ask for.

A provider with an address of its own for each customer says by that address who it is. One that serves everybody
(`shared_providers.yaml`) says it by a claim: without a condition on one, or with a wildcard where the organisation
stands, anybody comes in. Conditions that only deny nothing, or that hold where a claim is missing, hold nobody back.
Source: IAM User Guide, "Create a role for OpenID Connect federation", "Identity-provider controls for shared OIDC
providers", "Condition operators: IfExists, ForAllValues".
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path

import yaml

from policies.permissions.aws.access.trust import FEDERATED
from policies.permissions.aws.evaluation.document import Condition, PolicyStatement
from policies.permissions.aws.evaluation.evaluate import names_action

FILE = Path(__file__).parent / "shared_providers.yaml"
ASKS = frozenset(["stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike"])
ASKS_NOT = frozenset(["stringnotequals", "stringnotlike", "stringnotequalsignorecase", "arnnotequals", "arnnotlike"])
AUDIENCES = frozenset(["aud", "oaud", "app_id"])
"""Claims that say for which application a token is, where they do not name whose application."""
_NUMBER = re.compile(r"@\d+")
_VARIABLE = re.compile(r"\$\{")
_WILD = re.compile(r"[*?]|\$\{")


@dataclass(frozen=True, slots=True)
class _Provider:
    title: str
    home: str
    claims: Mapping[str, tuple[re.Pattern[str], ...]]
    must: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outsider:
    """Whom an identity provider may vouch for."""

    who: str
    names: tuple[str, ...]
    """Names of whoever stands behind, the most exact first; none where it is anybody."""
    anybody: bool = False
    asks: tuple[str, ...] = ()
    """What the conditions ask for, as they are written."""


@cache
def shared_providers() -> Mapping[str, _Provider]:
    """Return the providers that serve everybody under one address, by that address, from a file that tests check."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load(FILE.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader, in C where there is one
    return {host: _provider(**said) for host, said in data["providers"].items()}


def _provider(
    title: str, home: str, claims: Mapping[str, list[str]], must: Mapping[str, str] | None = None
) -> _Provider:
    patterns = {claim: tuple(re.compile(one, re.ASCII) for one in several) for claim, several in claims.items()}
    return _Provider(title, home, patterns, must or {})


def address(value: str) -> str:
    """Return the address of a provider, or the name of a SAML provider, as `Principal` holds it."""
    for mark in (":oidc-provider/", ":saml-provider/"):
        if mark in value:
            return value.partition(mark)[2]
    return value


def outsiders(statements: Iterable[PolicyStatement], provider: str) -> Iterator[Outsider]:
    """
    Yield whom the statements of one trust policy let in through one provider.

    A denial of everybody whose claim is not one of some values counts as asking for these; one without conditions, that
    names the provider, closes it.
    """
    about = [s for s in statements if any(names_action(s, a) for a in FEDERATED) and not s.problem]
    denials = [s for s in about if not s.allows and _names(s, provider)]
    if any(not s.conditions for s in denials):
        return
    kept = [s.conditions[0] for s in denials if len(s.conditions) == 1]
    for statement in about:
        if statement.allows and ("Federated", provider) in (statement.principals or ()):
            yield from _outsiders(statement, provider, [_turned(c) for c in kept if _operator(c[0]) in ASKS_NOT])


def _names(statement: PolicyStatement, provider: str) -> bool:
    principals = statement.principals or ()
    named = ("Federated", provider) in principals or ("AWS", "*") in principals or ("Federated", "*") in principals
    return named != statement.not_principal


def _operator(name: str) -> str:
    """Return what an operator compares where the claim is there and has one value."""
    return name.lower().rpartition(":")[2].removesuffix("ifexists")


def _holds_without(name: str) -> bool:
    """Whether an operator also holds where there is no such claim."""
    return name.lower().startswith("forallvalues:") or name.lower().endswith("ifexists")


def _turned(condition: Condition) -> Condition:
    """Return what a denial of all others leaves."""
    name, key, values = condition
    return name.lower().replace("not", ""), key, values


def _outsiders(statement: PolicyStatement, provider: str, more: list[Condition]) -> Iterator[Outsider]:
    host = address(provider)
    shared = shared_providers().get(host.lower())
    conditions = [*statement.conditions, *more]
    asks = tuple(f"{key} {', '.join(values)}" for _, key, values in conditions)
    if shared is None:
        kind = "SAML provider" if ":saml-provider/" in provider else "identity provider"
        yield Outsider(f"the {kind} {host}", (host, provider), asks=asks)
        return
    found = [
        whose
        for c in conditions
        if (whose := tuple(_whose(shared, host.lower(), c))) and not any(one is None for one in whose)
    ]
    if not found or not _has(shared, host.lower(), conditions):
        yield Outsider(f"anybody at {shared.title} ({host})", (), anybody=True, asks=asks)
        return
    for one in dict.fromkeys(_together(found)):
        if one is not None:
            names = tuple(f"{shared.home}/{name}" for name in one.names)
            yield Outsider(f"{shared.title}: {one.who}", names, asks=asks)


@dataclass(frozen=True, slots=True)
class _Whose:
    who: str
    names: tuple[str, ...]
    audience: bool = False
    """Whether it says only for which application a token is, not whose it is."""


def _together(found: list[tuple[_Whose | None, ...]]) -> list[_Whose]:
    """
    Return whom conditions let in that all must hold: the one that says it most exactly counts.

    For whom a token is says less than whose it is, and one person may come by several applications: both are named.
    """
    sets = [[one for one in some if one] for some in found]
    whose = [some for some in sets if not any(one.audience for one in some)]
    best = min(whose or sets, key=lambda some: (len(some), -sum(len(one.who) for one in some)))
    audiences = [some for some in sets if any(one.audience for one in some)]
    if not whose or not audiences:
        return best
    least = min(audiences, key=len)
    return [
        _Whose(f"{one.who} ({at.who})", tuple(f"{at.names[0]}/{name}" for name in one.names))
        for one in best
        for at in least
    ]


def _whose(shared: _Provider, host: str, condition: Condition) -> Iterator[_Whose | None]:
    """Yield by value whose workloads a condition lets in, `None` for anybody's; nothing where it does not say."""
    name, key, values = condition
    claim = key.lower().removeprefix(f"{host}:") if key.lower().startswith(f"{host}:") else ""
    # `sub` and `aud` are in every token; another claim may be missing, and then such a condition holds.
    sure = claim in ("sub", "aud") or not _holds_without(name)
    if claim in shared.claims and sure and _operator(name) in ASKS:
        # `ArnEquals` takes wildcards like `ArnLike`.
        open_ = _VARIABLE if _operator(name).startswith("stringequals") else _WILD
        for value in values:
            yield _of_value(shared.claims[claim], claim, value, open_)


def _of_value(patterns: Iterable[re.Pattern[str]], claim: str, value: str, open_: re.Pattern[str]) -> _Whose | None:
    found = next((match.groupdict() for pattern in patterns if (match := pattern.match(value))), {})
    if who := _NUMBER.sub("", found.get("who") or ""):
        parts = list(takewhile(lambda part: not open_.search(part), who.split("/")))
        names = tuple("/".join(parts[:length]) for length in range(len(parts), 0, -1))
        return _Whose(who, names) if names else None
    # An id, or an unknown shape: without a wildcard it means one workload, whoever's it is.
    exact = found.get("id") or value
    return None if open_.search(exact) else _Whose(f"{claim} {exact}", (f"{claim}/{exact}",), claim in AUDIENCES)


def _has(shared: _Provider, host: str, conditions: Iterable[Condition]) -> bool:
    """Whether the conditions ask for the values without which the provider vouches for whoever comes."""
    return all(
        any(
            key.lower() == f"{host}:{claim}" and _operator(name) in ASKS and set(values) == {wanted}
            for name, key, values in conditions
        )
        for claim, wanted in shared.must.items()
    )
