"""What `auditor connect --list` tells a machine."""

from dataclasses import dataclass

from auditor.connecting.shipped import ShippedConnector
from reports.as_json import Keys

KEYS: Keys = {ShippedConnector: {"name": "connector"}}


@dataclass(frozen=True, slots=True)
class ConnectorsData:
    """Every connector, shipped and installed, with what it reads."""

    connectors: tuple[ShippedConnector, ...]
