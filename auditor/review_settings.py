"""`review:` in the configuration: who reviews what, how often, and by when (docs/review.md)."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from auditor.sign_in_settings import SignInSettings
from auditor.watch_settings import Address, Name
from connectors.inputs.strict import Strict

Role = Literal["reviewer", "officer", "auditor"]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Supervises(Strict):
    """Whose access somebody decides as their supervisor; each list adds to the others."""

    people: tuple[Text, ...] = ()
    """Ids on the roster."""
    roles: tuple[Text, ...] = ()
    agencies: tuple[Text, ...] = ()
    locations: tuple[Text, ...] = ()


class Reviewer(Strict):
    """Somebody who takes part in reviews."""

    name: Text
    person: Text | None = None
    """The own id in the staff file: nobody decides about the own access. Without it, the name is compared."""
    email: Address | None = None
    roles: Annotated[tuple[Role, ...], Field(min_length=1)] = ("reviewer",)
    """`officer` opens, sees everything and closes; `auditor` sees everything and changes nothing."""
    manager: bool = False
    """The practice manager: decides what has no supervisor and no owner, and what others did not in time."""
    privileged: bool = False
    """Whether they administer a system themselves: then they decide nothing privileged."""
    supervises: Supervises = Supervises()
    owns: tuple[Text, ...] = ()
    """Ids of systems whose services, vendors, doors and privileged accounts they decide."""


class Cadence(Strict):
    """How often a campaign is due."""

    all_months: Annotated[int, Field(ge=1, le=12)] = 3
    privileged_months: Annotated[int, Field(ge=1, le=12)] = 1
    on_events: bool = True
    """Whether `auditor watch` opens a small campaign on a headcount event, about what it touched."""


class ReviewSettings(Strict):
    """`review:` in the configuration."""

    reviewers: Annotated[Mapping[Name, Reviewer], Field(min_length=1)]
    cadence: Cadence = Cadence()
    due_days: Annotated[int, Field(ge=1, le=92)] = 14
    """Days from the opening until everything is to be decided."""
    remind_days: Annotated[tuple[Annotated[int, Field(ge=0, le=92)], ...], Field(max_length=10)] = (7, 2, 0)
    """A reviewer with open questions is reminded so many days before they are due, once for each."""
    escalate_days: Annotated[int, Field(ge=0, le=92)] = 3
    """So many days after it was due, what is still open goes to the practice manager."""
    check_items: Annotated[int, Field(ge=0, le=5)] = 0
    """Seeded check items for each reviewer, disclosed after the signature; 0: none."""

    sign_in: SignInSettings = SignInSettings()
    """How reviewers, officers and auditors sign in to the pages."""

    @model_validator(mode="after")
    def _somebody_decides(self) -> Self:
        if not any("reviewer" in r.roles or "officer" in r.roles for r in self.reviewers.values()):
            raise ValueError("somebody with the role `reviewer` or `officer`")
        return self
