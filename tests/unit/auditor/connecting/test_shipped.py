"""Whoever connects a system is told what everything means and what the account needs, whichever connector it is."""

import inspect

import pytest

from auditor.connecting.settings import describe
from auditor.connecting.shipped import list_connectors
from connectors.connector import find

SHIPPED = [(listed.kind, listed.name) for listed in list_connectors() if listed.package is None]


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_shipped_connector_prints_the_least_privilege_that_it_needs(kind, name):
    assert len(inspect.signature(find(kind, name).setup).parameters) == 2


@pytest.mark.parametrize(("kind", "name"), SHIPPED)
def test_every_setting_that_is_asked_for_says_what_it_means(kind, name):
    silent = [asked.key for asked in describe(find(kind, name).Settings) if not asked.meaning.strip()]
    assert not silent
