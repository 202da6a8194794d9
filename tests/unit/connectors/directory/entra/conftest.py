"""Saved answers of Graph, whole, and how they are read."""

import pytest

from connectors.collect import collect
from connectors.directory.entra import connector as entra_export
from connectors.facts import Collection
from tests.servers import entra
from tests.unit.connectors.directory.entra.entra_reads import SYSTEM


@pytest.fixture
def files():
    return entra.files()


@pytest.fixture
def read(tmp_path):
    def reader(found, **settings) -> Collection:
        entra.write(tmp_path / "export", found)
        chosen = entra_export.Settings.model_validate({"folder": "export", **settings})
        return collect(entra_export.connect(SYSTEM, chosen, tmp_path))

    return reader
