"""Where the entries are in an answer, and how to spoil it: JSON and XML."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Protocol
from xml.etree import ElementTree

STRANGE = {"not": "of this type"}
MAX_FORMS = 24
MAX_ALIKE = 3
"""Of many fields of one type beside each other, as in a table of permissions, so many are tried."""

Path = tuple[str | int, ...]
Spoil = tuple[str, Callable[[Any], None]]
"""A label, and what to do to a document."""


class Body(Protocol):
    """Reads and writes the documents of one source."""

    def load(self, data: bytes) -> Any:
        """Parse a document."""

    def dump(self, document: Any) -> bytes:
        """Write it again."""

    def entries(self, document: Any) -> list[Any]:
        """Return a copy of its entries."""

    def replace(self, document: Any, entries: list[Any]) -> None:
        """Put others in their place."""

    def spoil_list(self, document: Any) -> None:
        """Put a text where the list is."""

    def text_entry(self) -> Any:
        """Return an entry that is a bare text."""

    def wrong_fields(self, document: Any) -> list[Spoil]:
        """Return every way to give one field another type."""


class JsonBody:
    """
    JSON whose entries stand in a list below `path`, such as `data.items`; empty when the document is the list.

    `right` names the forms of the fault `wrong-field` that are none on this source, by their labels: where a product
    writes a field in two ways; `most` is how many forms are tried, fewer where each read takes long.
    """

    def __init__(self, path: str = "", *, right: frozenset[str] = frozenset(), most: int = MAX_FORMS) -> None:
        self._path: Path = tuple(path.split(".")) if path else ()
        self._right, self._most = right, most

    def load(self, data: bytes) -> Any:
        """Parse a document."""
        return [json.loads(data)]  # boxed, so that a document that is a list can be replaced

    def dump(self, document: Any) -> bytes:
        """Write it again."""
        return json.dumps(document[0], ensure_ascii=False).encode()

    def entries(self, document: Any) -> list[Any]:
        """Return a copy of its entries; none where the list is left out."""
        try:
            return list(_at(document, (0, *self._path)))
        except (KeyError, TypeError):
            return []

    def replace(self, document: Any, entries: list[Any]) -> None:
        """Put others in their place."""
        _put(document, (0, *self._path), entries)

    def spoil_list(self, document: Any) -> None:
        """Put a text where the list is."""
        _put(document, (0, *self._path), "a text where the list was")

    def text_entry(self) -> Any:
        """Return an entry that is a bare text."""
        return "a text where an entry was"

    def wrong_fields(self, document: Any) -> list[Spoil]:
        """Each field of the first entry, and of what is around the entries, as an object or as a text."""
        root: Path = (0, *self._path)
        paths: list[Path] = []
        if isinstance(document[0], dict):
            around = {k: v for k, v in document[0].items() if (0, k) != root[:2]}
            paths = [(0, *path) for path in _paths(around, ())]
        paths += _paths(_at(document, (*root, 0)), (*root, 0))
        spoils: list[Spoil] = []
        alike: Counter[tuple[Path, type]] = Counter()
        for path in paths:
            value = _at(document, path)
            alike[path[:-1], type(value)] += 1
            if alike[path[:-1], type(value)] > MAX_ALIKE:
                continue
            wrong = [STRANGE if not isinstance(value, dict) else "a text"]
            if isinstance(value, bool | int):
                wrong.append(str(value).lower())  # `"false"`, which many languages take for true
            shown = ".".join(map(str, path[1:]))
            spoils += [(f"{shown}={w!r}", lambda d, p=path, w=w: _put(d, p, w)) for w in wrong]  # type: ignore[misc]
        return [spoil for spoil in spoils if spoil[0] not in self._right][: self._most]


class XmlBody:
    """XML whose entries are the children of the first element called `tag`."""

    def __init__(self, tag: str) -> None:
        self._tag = tag

    def load(self, data: bytes) -> Any:
        """Parse a document."""
        return ElementTree.fromstring(data)  # noqa: S314 - the answer of the harness's own source

    def dump(self, document: Any) -> bytes:
        """Write it again."""
        return ElementTree.tostring(document)

    def entries(self, document: Any) -> list[Any]:
        """Return a copy of its entries."""
        return list(self._list(document))

    def replace(self, document: Any, entries: list[Any]) -> None:
        """Put others in their place."""
        self._list(document)[:] = entries

    def spoil_list(self, document: Any) -> None:
        """Put a text where the list is."""
        place = self._list(document)
        place[:] = []
        place.text = "a text where the list was"

    def text_entry(self) -> Any:
        """Return an entry that is a bare text."""
        element = ElementTree.Element("member")
        element.text = "a text where an entry was"
        return element

    def wrong_fields(self, document: Any) -> list[Spoil]:
        """Each text field of the first entry as a structure."""
        fields = [child for child in self._list(document)[0] if len(child) == 0 and child.text]

        def spoiler(tag: str) -> Callable[[Any], None]:
            def spoil(document: Any) -> None:
                field = self._list(document)[0].find(tag)
                field.text = None
                ElementTree.SubElement(field, "not").text = "of this type"

            return spoil

        return [(field.tag.rpartition("}")[2], spoiler(field.tag)) for field in fields]

    def _list(self, document: Any) -> Any:
        for element in document.iter():
            if element.tag.rpartition("}")[2] == self._tag:
                return element
        raise LookupError(f"the answer has no `{self._tag}`")


def _paths(value: Any, here: Path) -> Iterator[Path]:
    """Yield the way to every field, and of lists the first item."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield (*here, key)
            yield from _paths(below, (*here, key))
    elif isinstance(value, list) and value:
        yield (*here, 0)
        yield from _paths(value[0], (*here, 0))


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _put(document: Any, path: Path, value: Any) -> None:
    _at(document, path[:-1])[path[-1]] = value
