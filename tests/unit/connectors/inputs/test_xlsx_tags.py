"""A workbook with one endless tag: refused after its first piece, and not read again and again to its end."""

from io import BytesIO
from pathlib import Path

import pytest

from connectors.errors import InputError
from connectors.inputs.xlsx import BLOCK, LONGEST_TAG, _Scan

LENGTH = 8 * LONGEST_TAG


def scanned(body: bytes) -> int:
    """Return how many bytes of one part were read."""
    stream = BytesIO(body)
    _Scan(Path("book.xlsx"), 10, 10).part("xl/workbook.xml", stream)
    return stream.tell()


@pytest.mark.parametrize("start", [b"", b'<a b="', b"<a><!--", b"<a><?x ", b"<a><![CDATA[" + b"]]>" + b"<"])
def test_a_tag_without_end_is_refused_where_no_sheet_has_so_long_a_one(start):
    stream = BytesIO(start + b"x" * LENGTH)
    with pytest.raises(InputError):
        _Scan(Path("book.xlsx"), 10, 10).part("xl/workbook.xml", stream)
    assert stream.tell() <= LONGEST_TAG + 3 * BLOCK


def test_a_long_text_is_no_tag_and_is_read():
    body = b"<a><t>" + b"x" * LENGTH + b"</t></a>"
    assert scanned(body) == len(body)
    assert scanned(b"<a>" + b"<t/>" * LONGEST_TAG + b"</a>") == 7 + 4 * LONGEST_TAG
