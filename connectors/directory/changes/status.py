"""What a written attribute says of whether an account can be used, and until when."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from connectors.directory.changes.write import How, Mod
from connectors.directory.schema.decode import DISABLING_ROLES
from connectors.directory.schema.state import ENDS, PERMANENT_LOCK, SOFT_ENDS, UAC_DISABLED, WORDS, samba_flags
from connectors.directory.schema.times import integer
from connectors.facts import Status

ROLE = "nsroledn"
UNCLEAR = object()
"""Something was written to it, and what it says of the state is not known."""

Values = tuple[str, ...]


def _control(values: Values) -> object:
    return bool(integer(values[0].strip()) & UAC_DISABLED) if values else UNCLEAR


def _lock_of_policy(values: Values) -> object:
    # A moment is a lock by failed attempts: such an account comes back by itself.
    return any(PERMANENT_LOCK.fullmatch(value.strip()) for value in values)


def _flags(values: Values) -> object:
    return "D" in samba_flags(values[0].strip()) if values else UNCLEAR


def _roles(values: Values) -> object:
    return any(value.lower().startswith(DISABLING_ROLES) for value in values)


def _word(name: str) -> Callable[[Values], object]:
    def said(values: Values) -> object:
        if not values:
            return False if name == "nsaccountlock" else UNCLEAR
        means = WORDS[name].get(values[0].strip().casefold())
        return {Status.DISABLED: True, Status.ACTIVE: False}.get(means, UNCLEAR) if means else UNCLEAR

    return said


DISABLED_BY: Mapping[str, Callable[[Values], object]] = {
    **{name: _word(name) for name in WORDS},
    "useraccountcontrol": _control,
    "pwdaccountlockedtime": _lock_of_policy,
    "sambaacctflags": _flags,
    ROLE: _roles,
}
"""By attribute: whether its values disable the account; `UNCLEAR`, or `ValueError`, where they do not say."""

EXPIRES_BY: Mapping[str, Callable[[str], datetime | None]] = {**ENDS, **SOFT_ENDS}


def disabled(name: str, values: Values) -> object:
    """Return whether these values disable, `UNCLEAR` where they do not say."""
    try:
        return DISABLED_BY[name](values)
    except ValueError:
        return UNCLEAR


def expires(name: str, values: Values) -> datetime | None:
    """Return when the account ends by these values; `None`: never, or not understood."""
    try:
        return EXPIRES_BY[name](values[0].strip()) if values else None
    except ValueError:
        return None


def after(mods: Sequence[Mod], name: str, before: Values | None) -> Values:
    """Return the values of an attribute after the changes; what is not known from before counts as none."""
    values = before or ()
    for mod in mods:
        if mod.name != name:
            continue
        if mod.how is How.REPLACE:
            values = mod.values
        elif mod.how is How.ADD:
            values = (*values, *mod.values)
        else:
            values = tuple(v for v in values if v not in mod.values) if mod.values else ()
    return values


def says(mods: Sequence[Mod], name: str) -> bool:
    """Whether the changes say something of the state by this attribute: of many roles only those that disable do."""
    return any(
        mod.name == name
        and (
            name != ROLE
            or mod.how is How.REPLACE
            or not mod.values
            or any(value.lower().startswith(DISABLING_ROLES) for value in mod.values)
        )
        for mod in mods
    )
