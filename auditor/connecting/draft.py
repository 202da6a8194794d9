"""What somebody said about a system, brought into the form in which it stands in `auditor.yaml`."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from auditor.connecting.settings import apply
from auditor.connecting.shipped import ShippedConnector, list_connectors
from auditor.connecting.system import fields_of
from connectors.errors import AuditorError

ORDER = ("kind", "product", "title", "connector", "holds_phi", "vendor", "account_owner", "sign_in", "settings")
"""In which order the keys of a new system are written."""

NEEDED = {
    "kind": "`--kind`: ehr, directory or cloud",
    "connector": "`--connector`: one that `auditor connect --list` names",
    "product": "`--product`: the catalog that explains its rights",
    "holds_phi": "`--holds-phi` or `--no-holds-phi`: whether there is patient data in it",
}
"""What nothing can be guessed from."""


USUALLY = {"table": "ehr"}
"""What a connector of several kinds reads where nobody says anything else: until it read others, that was all."""


@dataclass(frozen=True, slots=True)
class SystemDraft:
    """What was given for a system; `None` where nothing was."""

    kind: str | None = None
    connector: str | None = None
    product: str | None = None
    title: str | None = None
    holds_phi: bool | None = None
    vendor: str | None = None
    account_owner: str | None = None
    sign_in: str | None = None
    settings: Sequence[str] = ()
    """`key=value` each."""


def begin(id_: str, existing: Mapping[str, Any] | None, said: SystemDraft, products: Sequence[str]) -> dict[str, Any]:
    """
    Return the system as far as it is known: what stands in the file, and over it what was said.

    What follows from the rest is filled in: the kind from the connector, the product from the connector, the title from
    the id, and the connector of a new system from its id where there is one of that name. Raises `AuditorError` for a
    connector, a setting or a value that there is not.
    """
    # `auditor connect aws`: what a new system is called says how it is read.
    data: dict[str, Any] = {"connector": id_} if existing is None and offering(id_) else deepcopy(dict(existing or {}))
    data |= {key: getattr(said, key) for key in ORDER[:-1] if getattr(said, key) is not None}
    kinds = {listed.kind.value for listed in offering(str(data.get("connector", "")))}
    if said.kind is None and len(kinds) == 1 and data.get("kind") not in kinds:
        data["kind"] = kinds.pop()
        if said.product is None:  # that of another kind of system explains nothing here
            data.pop("product", None)
    if data.get("kind") is None and (usual := USUALLY.get(str(data.get("connector", "")))):
        data["kind"] = usual
    if data.get("connector") and not data.get("product"):
        guessed = product_of(data.get("kind"), str(data["connector"]), products)
        data |= {"product": guessed} if guessed else {}
    data.setdefault("title", id_)
    data["settings"] = dict(data.get("settings") or {})
    if data.get("kind") and data.get("connector"):
        _, fields = fields_of(str(data["kind"]), str(data["connector"]))
        if existing and (existing.get("kind"), existing.get("connector")) != (data["kind"], data["connector"]):
            _forget_others(data, {field.key.split(".")[0] for field in fields})
        for pair in said.settings:
            key, value = split(pair)
            apply(fields, data["settings"], key, value)
    elif said.settings:
        raise AuditorError("`--set` without a connector", hint="name it with `--connector`")
    return ordered(data)


def split(pair: str) -> tuple[str, str]:
    """Split `key=value`; raises `AuditorError`, and never repeats the value."""
    key, equals, value = pair.partition("=")
    if not equals or not key.strip():
        raise AuditorError("`--set` takes `key=value`", hint="such as `--set url=ldaps://dc1.practice.test`")
    return key.strip(), value.strip()


def missing(data: Mapping[str, Any]) -> list[str]:
    """Say what is still needed before the system can be tried."""
    return [how for key, how in NEEDED.items() if data.get(key) is None]


def offering(connector: str) -> tuple[ShippedConnector, ...]:
    """Return the connectors of this name; it may be offered for several kinds."""
    return tuple(listed for listed in list_connectors() if listed.name == connector)


def product_of(kind: str | None, connector: str, products: Sequence[str]) -> str | None:
    """Guess the catalog: the one that the connector states, or one of its name: `openemr` for `openemr-export`."""
    stated: Sequence[str] = ()
    if kind in {listed.kind.value for listed in offering(connector)}:
        stated = getattr(fields_of(str(kind), connector)[0], "PRODUCTS", ())
    return next((name for name in (*stated, connector, connector.partition("-")[0]) if name in products), None)


def ordered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the keys into the order in which they are written."""
    first = {key: data[key] for key in ORDER[:-1] if data.get(key) is not None}
    rest = {key: value for key, value in data.items() if key not in ORDER}
    return {**first, **rest, "settings": data.get("settings") or {}}


def _forget_others(data: dict[str, Any], known: set[str]) -> None:
    """Drop settings that another connector had."""
    data["settings"] = {key: value for key, value in data["settings"].items() if key in known}
