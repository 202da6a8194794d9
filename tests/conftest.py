"""What holds for every test: garbage is looked for as seldom as the program itself looks for it."""

import gc

import pytest

from auditor.cli import GARBAGE_AFTER

gc.set_threshold(GARBAGE_AFTER)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave alone what was collected: it stays until the end, and a forked child would copy what is looked at."""
    gc.freeze()
