"""Which account of a VMA looks like a copy of somebody else's, and what speaks for it."""

from collections.abc import Iterator

from policies.engine.case import AccountKey, Case, EvaluationScope
from policies.engine.evidence import account_steps, counted, listing, template_step
from policies.engine.indivisible import unsplit
from policies.engine.outcomes import Step
from policies.engine.rule import Item
from policies.engine.similarity import MANY, Likeness


def copies_of(case: Case, item: Item) -> Iterator[tuple[AccountKey, Likeness, frozenset[str]]]:
    """Yield each account of a VMA in a system that looks copied, from which, and what it has beyond the role."""
    for key in case.live_accounts_of(item.vma, item.system):
        extras = _extras(case, item.vma, key)
        likeness = case.copies.source(key, case.engagements[item.vma].roles, extras) if extras else None
        if likeness is not None and _speaks(case, key, likeness, extras):
            yield key, likeness, extras


def copy_told(
    case: Case, vma: str, key: AccountKey, likeness: Likeness, extras: frozenset[str]
) -> tuple[dict[str, str], tuple[Step, ...]]:
    """Return the words of the finding about a copy, by place, and its path."""
    inherited, whose = _names(case, key[0], likeness.both & extras), _whose(case, likeness.source)
    source = case.accounts[likeness.source].login
    words = {
        "name": listing(inherited),
        "source": source,
        "extras": counted(len(inherited), "extra"),
        "count": str(len(likeness.both)),
        "of": str(likeness.either),
        "share": f"{likeness.share:.0%}",
        "both": listing(_names(case, key[0], likeness.both)),
        "whose": whose,
        "speaks": " and that ".join(_speaks(case, key, likeness, extras)),
    }
    path = (
        *account_steps(case, key),
        Step("account", source, f"{source}: {whose}"),
        *_given(case, key[0], likeness.both),
        template_step(case, vma, _beyond(case, vma, key, likeness.both & extras)),
    )
    return words, path


def perhaps_copied(before: Case, after: Case, moved: EvaluationScope) -> Iterator[str]:
    """Yield whoever has an account that may be a copy of one that is not what it was, and holds more than the role."""
    other = {key for key in moved.accounts if _told(before, key) != _told(after, key)}
    for case in (before, after):
        for key in case.copies.alike(other):
            for vma in case.owners[key].people:
                if vma in case.engagements and case.holdings[key].mask & ~case.template(vma).allows:
                    yield vma


def _speaks(case: Case, key: AccountKey, likeness: Likeness, extras: frozenset[str]) -> list[str]:
    """Return what speaks for a copy, in words; nothing where the likeness alone is too little."""
    source, system = likeness.source, key[0]
    made, copied = case.accounts[source].created, case.accounts[key].created
    older = made is not None and copied is not None and made < copied
    neither = _names(case, system, likeness.both & extras & _extras_of_owner(case, source))
    said = [f"{listing(neither)} is for the role of neither"] if neither else []
    if made is not None and copied is not None and older:
        login = case.accounts[source].login
        said.append(f"{login} was made before it ({case.day_of(made)}, then {case.day_of(copied)})")
    return said if neither or (older and len(likeness.both) >= MANY) else []


def _extras_of_owner(case: Case, key: AccountKey) -> frozenset[str]:
    """Return what an account has that none of its owner's roles allows: everything, where it is nobody's at work."""
    people = [person for person in case.owners[key].people if person in case.engagements]
    extras = frozenset(case.holdings[key].assignments)
    for person in people:
        extras &= _extras(case, person, key)
    return extras


def _told(case: Case, key: AccountKey) -> tuple[object, ...] | None:
    """Return what others are told of an account that theirs may be a copy of; `None` when it is not there."""
    if key not in case.accounts:
        return None
    account = case.accounts[key]
    told = account.login, account.created, _whose(case, key), case.lanes([key]), case.copies.given(key)
    return *told, _extras_of_owner(case, key)


def _extras(case: Case, vma: str, key: AccountKey) -> frozenset[str]:
    """Return what was given to an account and brings more than the role allows."""
    allowed = case.template(vma).allows
    held = case.holdings[key].assignments
    return frozenset(
        id_ for id_, a in held.items() if (extra := a.mask & ~allowed) and extra & ~unsplit(case, vma, key, a)
    )


def _beyond(case: Case, vma: str, key: AccountKey, extras: frozenset[str]) -> int:
    mask = 0
    for id_ in extras:
        mask |= case.holdings[key].assignments[id_].mask
    return mask & ~case.template(vma).allows


def _names(case: Case, system: str, ids: frozenset[str]) -> list[str]:
    return [case.holdings.entitlement(system, id_).name for id_ in sorted(ids)]


def _given(case: Case, system: str, ids: frozenset[str]) -> Iterator[Step]:
    for id_ in sorted(ids):
        entitlement = case.holdings.entitlement(system, id_)
        yield Step(entitlement.kind.value, id_, f"{entitlement.name}: given to both")


def _whose(case: Case, key: AccountKey) -> str:
    names = listing(case.people[person].name for person in case.owners[key].people)
    roles = [role for p in case.owners[key].people if p in case.engagements for role in case.engagements[p].roles]
    return f"{names}'s ({listing(dict.fromkeys(roles))})" if roles else (f"{names}'s" if names else "nobody's")
