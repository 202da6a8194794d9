"""What a collection says of its being whole, for tests of any connector."""

from connectors.facts import Collection, Complete, Partial


def reason(collection: Collection) -> str:
    """Why it is not whole, and so holds nobody."""
    assert isinstance(collection.completeness, Partial), "must not count as whole"
    assert not collection.accounts
    return collection.completeness.reason


def evidence(collection: Collection) -> dict[str, str]:
    """What shows that it is whole."""
    assert isinstance(collection.completeness, Complete), collection.completeness
    return {e.name: e.detail for e in collection.completeness.evidence}
