"""Servers that are too slow to start for each test: started once, when the first test asks for them."""

from collections.abc import Iterator

import pytest

from tests.rigs.samba import Samba, samba


@pytest.fixture(scope="session")
def samba_domain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """Run a Samba domain, with one account locked by failures and one that has signed in."""
    with samba(tmp_path_factory.mktemp("samba")) as domain:
        for _ in range(3):
            assert not domain.sign_in("locked", "wrong")
        assert domain.sign_in("signedin")
        yield domain
