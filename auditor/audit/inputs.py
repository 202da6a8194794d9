"""What people keep, read and checked against each other: roster, staff, agreements, policy and work map."""

from dataclasses import dataclass, replace
from difflib import get_close_matches

from auditor.config import Config
from connectors.errors import InputError
from connectors.facts import LINKED, Person, Roster
from connectors.roster.csv_file import read_staff
from connectors.roster.people import RosterRead
from policies.agreements.organisations import is_practice, words_of
from policies.agreements.register import Agreement, load_agreements
from policies.engine.rule import all_rules
from policies.policy import Policy, load_policy
from policies.work.file import KnownNames, load_work_map
from policies.work.model import WorkMap


@dataclass(frozen=True, slots=True)
class Inputs:
    """What people keep: files, not systems."""

    roster: Roster
    staff: tuple[Person, ...]
    agreements: tuple[Agreement, ...]
    policy: Policy


def read_inputs(config: Config) -> Inputs:
    """Read roster, staff, agreements and policy; raises `AuditorError` when one of them cannot be used."""
    policy = load_policy(config.catalogs, config.roles)
    all_rules()  # a package whose rules cannot be loaded is told before a system is read
    roster = _in_house(config.roster.read(), config.practice.name)
    staff = read_staff(config.staff, config.sources) if config.staff else ()
    agreements = load_agreements(config.agreements, policy.vocabulary, frozenset(config.sources), config.practice.name)
    refuse_unknown_roles(roster, policy)
    refuse_unknown_systems(config, roster)
    for id_, source in config.sources.items():
        if not policy.catalogs.has(source.connector.system.product):
            known = ", ".join(policy.catalogs.products())
            raise InputError(
                config.path,
                "no catalog explains this product",
                field=f"systems.{id_}.product",
                found=source.connector.system.product,
                expected=f"one of: {known}",
                hint="or add a catalog of your own under `policies.catalogs`; docs/policies.md shows how",
            )
    _no_double_ids(config, roster, staff)
    return Inputs(roster.roster, staff, agreements, policy)


def _in_house(roster: RosterRead, practice: str) -> RosterRead:
    """Let nobody work through the practice itself: its own name as an agency says that it engages the VMA."""
    named = {link for e in roster.roster.engagements for link in e.agencies}
    own = {link for link in named if is_practice(link, practice, named - {link})}
    if not own:
        return roster
    engagements = tuple(
        replace(e, agency=f" {LINKED} ".join(e.agencies[1:]) or None) if e.agencies[:1] and e.agencies[0] in own else e
        for e in roster.roster.engagements
    )
    return replace(roster, roster=replace(roster.roster, engagements=engagements))


def refuse_unknown_roles(roster: RosterRead, policy: Policy) -> None:
    """Raise `InputError` for a role that has no template: nothing could be required of whoever has it."""
    for engagement in roster.roster.engagements:
        for role in engagement.roles:
            if role not in policy.templates:
                expected = f"one of: {', '.join(policy.templates.ids)}"
                near = get_close_matches("_".join(words_of(role)), policy.templates.ids, n=1)
                hint = f"did you mean `{near[0]}`?" if near else ""
                problem = "there is no template for this role"
                roster.refuse(engagement, "roles", problem, found=role, expected=expected, hint=hint)


def refuse_unknown_systems(config: Config, roster: RosterRead) -> None:
    """Raise `InputError` for a log-in of a system that is not there: the account would be nobody's, without a word."""
    for record in roster.records.values():
        record.logins(config.sources)


def _no_double_ids(config: Config, roster: RosterRead, staff: tuple[Person, ...]) -> None:
    vmas = {person.id for person in roster.roster.people}
    for person in staff:
        if person.id in vmas:
            raise InputError(
                config.staff or "",
                "this id is a VMA's on the roster",
                field="id",
                found=person.id,
                expected="an id of its own for every person",
            )


def read_work(config: Config, inputs: Inputs, people: frozenset[str]) -> WorkMap | None:
    """
    Read the work map, if there is one, against everybody who is or was known: work may still be theirs by its letter.

    Raises `InputError` for a map that names nobody, or somebody or something that nobody knows.
    """
    if config.work is None:
        return None
    known = KnownNames(
        people=people,
        roles=inputs.policy.templates.ids,
        locations=frozenset(place for e in inputs.roster.engagements for place in e.locations),
        systems=frozenset(config.sources),
        agreements=frozenset(agreement.id for agreement in inputs.agreements),
        vocabulary=inputs.policy.vocabulary,
    )
    return load_work_map(config.work, known)
