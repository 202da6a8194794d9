"""What is too slow to make for each test: made once, when the first test asks for it."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.samba import Samba, samba

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def samba_domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """Run a Samba domain, with one account locked by failures and one that has signed in."""
    with samba(tmp_path_factory.mktemp("samba")) as domain:
        for _ in range(3):
            assert not domain.sign_in("locked", "wrong")
        assert domain.sign_in("signedin")
        yield domain


@pytest.fixture(scope="session")
def shown_practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run the demo, and return the example practice's configuration as a user has it afterwards; only to be read."""
    folder = tmp_path_factory.mktemp("shown")
    subprocess.run([sys.executable, EXAMPLES / "demo.py", folder / "out"], capture_output=True, check=True)
    shutil.copytree(EXAMPLES / "lakeside", folder / "examples" / "lakeside")
    return folder / "examples" / "lakeside" / "2026-11" / "auditor.yaml"
