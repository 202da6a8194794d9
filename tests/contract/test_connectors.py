"""One contract, kept by every connector that is shipped."""

import pytest

from connectors.connector import find, names
from connectors.facts import SystemKind
from connectors.testing.suite import ConnectorContract
from tests.contract.rigs import FURTHER, RIGS

for _rig in RIGS:
    _name = "Test" + _rig.name.title().replace("-", "")
    globals()[_name] = type(_name, (ConnectorContract,), {"rig": _rig, "__module__": __name__})

for _server, _rig in FURTHER.items():
    _name = f"Test{_server}"
    _members = {"rig": _rig, "__module__": __name__, "pytestmark": pytest.mark.slow}
    globals()[_name] = type(_name, (ConnectorContract,), _members)


@pytest.mark.parametrize("kind", SystemKind)
def test_every_shipped_connector_has_a_rig_in_the_suite(kind):
    shipped = {name for name in names(kind) if hasattr(find(kind, name), "connect")}
    assert shipped <= {rig.name for rig in RIGS}


def test_no_two_rigs_have_one_name():
    assert len({rig.name for rig in RIGS}) == len(RIGS)
