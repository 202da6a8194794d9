"""One practice with an open campaign for all tests; each gets a copy of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.review_practice import Reviewed
from tests.review_site import Made, Reviewing, reviewing


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Made:
    made = Reviewed.made(tmp_path_factory.mktemp("pages"))
    return Made(made, made.open().campaign.id)


@pytest.fixture
def pages(opened: Made, tmp_path: Path) -> Iterator[Reviewing]:
    with reviewing(opened.copied(tmp_path)) as found:
        yield found
