"""One system as it stands, or will stand, under `systems` in `auditor.yaml`, with its connector."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from auditor.connecting.settings import AskedSetting, Problem, describe, problems
from connectors.connector import Connector, ConnectorModule, find
from connectors.errors import AuditorError, shorten
from connectors.facts import System, SystemKind

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


@dataclass(frozen=True, slots=True)
class Ready:
    """A system whose settings are valid: it can be set up, tried and written."""

    id: str
    data: Mapping[str, Any]
    """What stands in the file under its id."""
    system: System
    module: ConnectorModule
    settings: BaseModel
    folder: Path

    def connector(self) -> Connector:
        """Return a connector that has not read anything yet; raises `AuditorError`."""
        return self.module.connect(self.system, self.settings, self.folder)

    def setup(self) -> str | None:
        """Return the least-privilege set-up of the product; `None` when the connector offers none."""
        offered = getattr(self.module, "setup", None)
        return str(offered(self.system, self.settings)).strip() if callable(offered) else None


def check_id(id_: str) -> str:
    """Return the id of a system; raises `AuditorError` for anything that `auditor.yaml` would refuse."""
    if not _ID.fullmatch(id_):
        raise AuditorError(
            f"{shorten(id_)} cannot be the id of a system",
            hint="lower-case letters, digits and hyphens, such as `ehr` or `directory-clinic-2`",
        )
    return id_


def fields_of(kind: str, connector: str) -> tuple[ConnectorModule, tuple[AskedSetting, ...]]:
    """Return a connector's module and what it needs to know; raises `AuditorError` when there is none."""
    if kind not in set(SystemKind):
        raise AuditorError(f"{shorten(kind)} is no kind of system", hint=f"one of: {', '.join(SystemKind)}")
    try:
        module = find(SystemKind(kind), connector)
    except ImportError as error:
        raise AuditorError(
            f"the connector `{connector}` cannot be loaded: {type(error).__name__}",
            hint="install it again with everything that it needs",
        ) from None
    return module, describe(module.Settings)


def refused(module: ConnectorModule, data: Mapping[str, Any]) -> list[Problem]:
    """Say what is wrong with the settings of a system."""
    return problems(module.Settings, data.get("settings") or {})


def ready(id_: str, data: Mapping[str, Any], folder: Path) -> Ready:
    """
    Return a system as it can be tried.

    Raises `AuditorError` naming everything that is wrong with its settings, and never what was given.
    """
    module, _ = fields_of(str(data.get("kind", "")), str(data.get("connector", "")))
    wrong = refused(module, data)
    if wrong:
        told = "; ".join(f"`{problem.key}`: {problem.text}" for problem in wrong)
        raise AuditorError(
            f"the settings of `{id_}` cannot be used: {told}",
            hint=f"`auditor connect {id_}` on a terminal asks for each; or give them with `--set key=value`",
        )
    system = System(
        id=id_,
        kind=SystemKind(str(data["kind"])),
        product=str(data.get("product") or "unknown"),
        title=str(data.get("title") or id_),
        holds_phi=bool(data.get("holds_phi")),
        vendor=data.get("vendor"),
        account_owner=str(data.get("account_owner") or "practice"),
        sign_in=data.get("sign_in"),
    )
    settings = module.Settings.model_validate(dict(data.get("settings") or {}))
    return Ready(id_, data, system, module, settings, folder)
