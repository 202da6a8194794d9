"""Policy documents as AWS hands them over, brought into one form."""

import json
from typing import Any
from urllib.parse import unquote


def document_text(document: Any) -> str:
    """
    Return a policy document as one canonical JSON text.

    Raw IAM answers hold URL-encoded JSON: it is decoded. What is no JSON object stays as it is, whatever it is:
    it must reach the reader of documents, which says that it cannot be understood.
    """
    if not isinstance(document, str):
        return _canonical(document)
    for text in (document, unquote(document)):
        try:
            decoded = json.loads(text, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError):
            continue
        if isinstance(decoded, dict):
            return _canonical(decoded)
    return document


def _canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found
