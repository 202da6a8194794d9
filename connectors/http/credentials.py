"""Where secrets come from: the environment, by the name that the configuration gives; never the configuration."""

import ipaddress
import os
from typing import Annotated

from pydantic import StringConstraints

from connectors.errors import SourceDenied

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]
"""The name of an environment variable; a password that is put there by mistake is refused and not shown."""


def secret(system: str, variable: str) -> str:
    """Return the secret that the environment variable holds; raise `SourceDenied` naming it when it is empty."""
    value = os.environ.get(variable, "")
    if not value:
        raise SourceDenied(
            f"`{system}`: the environment variable `{variable}` holds no secret",
            hint=f"set `{variable}` for the process that runs the auditor; the secret itself never goes into a file",
        )
    return value


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that nothing leaves it without encryption."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
