"""What holds for every test: garbage is looked for as seldom as the program itself looks for it."""

import gc
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from auditor.cli import GARBAGE_AFTER

gc.set_threshold(GARBAGE_AFTER)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Leave alone what was collected: it stays until the end, and a forked child would copy what is looked at."""
    gc.freeze()


class ByRoom(LoadScopeScheduling):  # type: ignore[misc]
    """Deals out modules and classes, but what shares a browser together: each worker would start one of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else str(super()._split_scope(nodeid))


BROWSER = "tests/browser/"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Take the place of `--dist loadscope`."""
    return ByRoom(config, log) if config.getvalue("dist") == "loadscope" else None
