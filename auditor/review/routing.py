"""
Who decides a question: the supervisor, the owner of the system, the practice manager, never oneself.

Whoever prepared the campaign decides nothing in it, and nobody who administers a system, by
the configuration or by what the systems show, decides what is privileged
(NIST SP 800-53 AC-2(7), AC-5; hipaa reviews are certified by somebody who knows the need). Where that leaves nobody,
the campaign is not opened: an item that nobody may decide would be kept by silence.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from auditor.ledger.persons import same_person
from auditor.review.grouping import Draft
from auditor.review_records import ReviewPerson
from auditor.review_settings import Reviewer, ReviewSettings
from connectors.errors import AuditorError
from connectors.facts import PersonKind
from policies.engine.case import Case

Users = Mapping[str, str]
"""Names, by id."""


@dataclass(frozen=True, slots=True)
class Route:
    """To whom a question goes, and why."""

    reviewer: str
    why: str


def barred(settings: ReviewSettings, reviewer: str, prepared_by: str, users: Users, *, privileged: bool) -> str:
    """Say why a reviewer may not decide about the access of some people, by id and name; empty where they may."""
    r = settings.reviewers[reviewer]
    if "reviewer" not in r.roles and "officer" not in r.roles:
        return "only reads"
    if is_reviewer(reviewer, r, prepared_by):
        return "prepared the review"
    if any(is_self(r, person, name) for person, name in users.items()):
        return "would decide about the own access"
    if privileged and r.privileged:
        return "administers a system"
    return ""


def knowing(settings: ReviewSettings, holding: Users) -> ReviewSettings:
    """Return who reviews, each who holds privileged access marked so: what a system shows counts as what is stated."""
    marked = {
        id_: r.model_copy(update={"privileged": True}) if any(is_self(r, *one) for one in holding.items()) else r
        for id_, r in settings.reviewers.items()
    }
    return settings.model_copy(update={"reviewers": marked})


def checked(case: Case, settings: ReviewSettings) -> None:
    """
    Hold every reviewer against roster and staff file; raises `AuditorError` for one who cannot be told apart there.

    Whoever decides nothing about the own access must be known by the id that the access is known by: a `person` that
    nobody has, or an e-mail address of somebody else, would let a reviewer decide about themselves.
    """
    ids = {person.casefold() for person in case.people}
    for id_, r in settings.reviewers.items():
        if r.person is not None and r.person.strip().casefold() not in ids:
            raise AuditorError(
                f"`{r.person}`, the `person` of the reviewer `{id_}`, is neither in the roster nor in the staff file",
                hint=f"give the id of {r.name} there; or leave `person` out, for somebody who is in neither",
            )
        for person in case.people.values():
            mine = bool(r.email and person.email) and str(r.email).casefold() == str(person.email).casefold()
            if mine and not is_self(r, person.id, person.name):
                raise AuditorError(
                    f"the e-mail address of the reviewer `{id_}` is that of {person.name} ({person.id})",
                    hint=f"under `review.reviewers.{id_}`, say `person: {person.id}`, or give the right address",
                )


def privileged_users(people: Iterable[ReviewPerson]) -> dict[str, str]:
    """Return the users of those about whom something privileged is asked, by id, with their names."""
    return {user: name for p in people for user, name in zip(p.users, p.user_names, strict=True)}


def _holding(case: Case) -> Users:
    """Return everybody who holds privileged access by an account that works."""
    mask = case.policy.privileged.mask
    keys = (key for key in case.live_accounts if case.holdings[key].mask & mask)
    return {person: case.people[person].name for key in keys for person in case.owners[key].people}


class Router:
    """Routes the questions of one campaign."""

    def __init__(self, case: Case, settings: ReviewSettings, prepared_by: str) -> None:
        self._case, self._prepared_by = case, prepared_by
        self._settings = knowing(settings, _holding(case))
        self._barred: dict[tuple[str, str, bool], str] = {}

    def route(self, draft: Draft, *, privileged: bool) -> Route:
        """Return who decides; raises `AuditorError`, naming the question's holder and the remedy, where nobody may."""
        refused: list[str] = []
        for id_, why in self._ordered(draft, privileged=privileged):
            if because := self._why_not(id_, draft, privileged=privileged):
                refused.append(f"{self._settings.reviewers[id_].name} {because}")
            else:
                return Route(id_, why)
        reasons = "; ".join(dict.fromkeys(refused)) or "nobody is named for it"
        what = "privileged access" if privileged else "access"
        raise AuditorError(
            f"nobody may decide about the {what} of {draft.holder.name}: {reasons}",
            hint="under `review.reviewers`, name another reviewer: `manager: true`, a supervisor, or the owner of the "
            "system, who neither prepares the review nor, for privileged access, administers a system",
        )

    def _why_not(self, reviewer: str, draft: Draft, *, privileged: bool) -> str:
        about = (reviewer, draft.holder.id, privileged)
        if about not in self._barred:
            users = {user: self._case.people[user].name for user in draft.holder.users}
            self._barred[about] = barred(self._settings, reviewer, self._prepared_by, users, privileged=privileged)
        return self._barred[about]

    def _ordered(self, draft: Draft, *, privileged: bool) -> Iterator[tuple[str, str]]:
        """Yield everybody who could decide, the nearest first."""
        reviewers = self._settings.reviewers
        systems = {thing.key[0] for thing in draft.things}
        owners = [(id_, self._owns(r, systems)) for id_, r in reviewers.items() if set(r.owns) & systems]
        if draft.holder.kind == PersonKind.VMA.value or draft.holder.users:
            if privileged:
                yield from owners
            yield from self._supervisors(draft)
        yield from owners
        yield from ((id_, "practice manager") for id_, r in reviewers.items() if r.manager)
        yield from ((id_, "compliance officer") for id_, r in reviewers.items() if "officer" in r.roles)

    def _owns(self, reviewer: Reviewer, systems: set[str]) -> str:
        mine = sorted(set(reviewer.owns) & systems)
        return f"owner of {', '.join(self._case.systems[s].title if s in self._case.systems else s for s in mine)}"

    def _supervisors(self, draft: Draft) -> Iterator[tuple[str, str]]:
        """Yield those who supervise a user: by name before by role, agency or place."""
        users = set(draft.holder.users)
        engagements = [e for u in draft.holder.users if (e := self._case.engagements.get(u)) is not None]
        roles = {role for e in engagements for role in e.roles}
        agencies = {agency.casefold() for e in engagements for agency in e.agencies}
        places = {place.casefold() for e in engagements for place in e.locations}
        for id_, r in self._settings.reviewers.items():
            if users & set(r.supervises.people):
                yield id_, "supervisor"
        for id_, r in self._settings.reviewers.items():
            s = r.supervises
            if roles & set(s.roles) or agencies & _folded(s.agencies) or places & _folded(s.locations):
                yield id_, "supervisor"


def is_reviewer(id_: str, reviewer: Reviewer, who: str) -> bool:
    """Whether a name that somebody typed, or an id, may be a reviewer's."""
    typed = who.strip().casefold()
    known = {name.casefold() for name in (id_, reviewer.person, reviewer.email) if name}
    return bool(typed) and (typed in known or same_person(who, reviewer.name))


def is_self(reviewer: Reviewer, person: str, name: str) -> bool:
    """Whether somebody's access is the reviewer's own: by the stated id, or by a name that may be the reviewer's."""
    own = reviewer.person is not None and reviewer.person.strip().casefold() == person.strip().casefold()
    return own or same_person(name, reviewer.name)


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
