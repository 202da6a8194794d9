"""Where the entries are in an export, and how to spoil it: CSV and LDIF."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from connectors.testing.bodies import Spoil

GARBAGE = b"PK\x03\x04\x00\x00\xff\xfe\x00binary, not text\x00"


class CsvBody:
    """
    CSV without line breaks in its cells; `typed` gives, for columns that hold no free text, a word of no meaning.

    `head` is how many lines stand before the first entry.
    """

    def __init__(self, typed: Mapping[str, str] | None = None, *, head: int = 1) -> None:
        self._typed, self._head = typed or {}, head

    def load(self, data: bytes) -> Any:
        """Parse a document."""
        return data.splitlines(keepends=True)

    def dump(self, document: Any) -> bytes:
        """Write it again."""
        return b"".join(document)

    def entries(self, document: Any) -> list[Any]:
        """Return a copy of its entries."""
        return list(document[self._head :])

    def replace(self, document: Any, entries: list[Any]) -> None:
        """Put others in their place."""
        document[self._head :] = entries

    def spoil_list(self, document: Any) -> None:
        """Put something that is no text where the list is."""
        document[self._head :] = [GARBAGE]

    def text_entry(self) -> Any:
        """Return an entry that is a bare text."""
        return b"a text where an entry was\n"

    def wrong_fields(self, document: Any) -> list[Spoil]:
        """Each typed column of the first entry, with a word of no meaning."""
        header = next(csv.reader([document[self._head - 1].decode("utf-8-sig")]))

        def spoil(column: str, word: str) -> Spoil:
            def change(document: Any) -> None:
                row = next(csv.reader([document[self._head].decode()]))
                row[header.index(column)] = word
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerow(row)
                document[self._head] = text.getvalue().encode()

            return f"{column}={word!r}", change

        return [spoil(column, word) for column, word in self._typed.items()]


class LdifBody:
    """LDIF whose records are closed by an empty line; comments before and after are kept."""

    def __init__(self, typed: Mapping[str, str] | None = None) -> None:
        self._typed = typed or {}

    def load(self, data: bytes) -> Any:
        """Parse a document: what stands before, the records, what stands after."""
        blocks = [block + b"\n\n" for block in data.rstrip(b"\n").split(b"\n\n")]
        records = [i for i, block in enumerate(blocks) if b"\ndn:" in b"\n" + block]
        first, last = records[0], records[-1] + 1
        return [blocks[:first], blocks[first:last], blocks[last:]]

    def dump(self, document: Any) -> bytes:
        """Write it again."""
        return b"".join(block for part in document for block in part)

    def entries(self, document: Any) -> list[Any]:
        """Return a copy of its entries."""
        return list(document[1])

    def replace(self, document: Any, entries: list[Any]) -> None:
        """Put others in their place."""
        document[1] = entries

    def spoil_list(self, document: Any) -> None:
        """Put something that is no text where the records are."""
        document[1] = [GARBAGE]

    def text_entry(self) -> Any:
        """Return an entry that is a bare text."""
        return b"a text where an entry was\n\n"

    def wrong_fields(self, document: Any) -> list[Spoil]:  # noqa: ARG002 - the attributes are given by the harness
        """Each typed attribute, with a value of no meaning, added to or put into the first record that has it."""

        def spoil(attribute: str, word: str) -> Spoil:
            def change(document: Any) -> None:
                mark = b"\n" + attribute.encode() + b":"
                place = next(i for i, record in enumerate(document[1]) if mark in record)
                before, _, after = document[1][place].partition(mark)
                document[1][place] = before + mark + b" " + word.encode() + b"\n" + after.partition(b"\n")[2]

            return f"{attribute}={word!r}", change

        return [spoil(attribute, word) for attribute, word in self._typed.items()]
