"""Exports of Google Workspace, whole, and how they are read."""

import pytest

from connectors.collect import collect
from connectors.directory.google import connector as google_export
from connectors.facts import Collection
from tests.servers import google
from tests.unit.connectors.directory.google.google_reads import SYSTEM


@pytest.fixture
def files():
    return google.files()


@pytest.fixture
def gam():
    return google.gam_files()


@pytest.fixture
def read(tmp_path):
    def reader(found, **settings) -> Collection:
        google.write(tmp_path / "export", found)
        chosen = google_export.Settings.model_validate({"folder": "export", **settings})
        return collect(google_export.connect(SYSTEM, chosen, tmp_path))

    return reader
