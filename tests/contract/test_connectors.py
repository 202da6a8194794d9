"""One contract, kept by every connector that is shipped."""

import pytest

from connectors.connector import find, names
from connectors.facts import SystemKind
from connectors.testing.suite import ConnectorContract
from tests.contract.harnesses import FURTHER, HARNESSES

for _harness in HARNESSES:
    _name = "Test" + _harness.name.title().replace("-", "")
    globals()[_name] = type(_name, (ConnectorContract,), {"harness": _harness, "__module__": __name__})

for _server, _harness in FURTHER.items():
    _name = f"Test{_server}"
    _members = {"harness": _harness, "__module__": __name__, "pytestmark": pytest.mark.slow}
    globals()[_name] = type(_name, (ConnectorContract,), _members)


@pytest.mark.parametrize("kind", SystemKind)
def test_every_shipped_connector_has_a_rig_in_the_suite(kind):
    shipped = {name for name in names(kind) if hasattr(find(kind, name), "connect")}
    assert shipped <= {harness.name for harness in HARNESSES}


def test_no_two_rigs_have_one_name():
    assert len({harness.name for harness in HARNESSES}) == len(HARNESSES)
