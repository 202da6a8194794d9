"""SCIM resources as `Fields`: names are the same in any case, and a list may hold bare texts (RFC 7643 §2.1, §2.4)."""

from connectors.inputs.fields import Fields, FromServer

MAX_TEXT = 4096


def resource(system: str, what: str, data: object) -> Fields:
    """
    Read a resource, or a page of them.

    What is absent, `null` or an empty list is unassigned, which is `None` or nothing (RFC 7643 §2.5).
    """
    return Fields(FromServer(system, longest=MAX_TEXT, any_case=True), what, data)


def many(of: Fields, name: str) -> tuple[Fields, ...]:
    """Return a multi-valued attribute; several servers write bare texts where the schema has a `value`."""
    listed = of.values.get(name.casefold())
    if isinstance(listed, list):
        listed = [{"value": item} if isinstance(item, str) else item for item in listed]
    named = Fields(of.origin, of.what, {name: listed})
    return named.entries(name, f"{of.what} with `{name}`", optional=True)
