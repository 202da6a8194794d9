"""
The pages of one account's authorization details, however a file holds them.

As `aws iam get-account-authorization-details` prints them: one answer; a list of pages; or pages that were saved one
after the other into one file. All are of one account, each but the last says that there is more, and the last that
there is not.
Source: IAM API Reference, GetAccountAuthorizationDetails (`IsTruncated`, `Marker`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from connectors.cloud.aws.authorization_details import AuthorizationDetails
from connectors.errors import InputError, SourceMalformed, SourceTruncated
from connectors.facts import Account
from connectors.inputs.json import load_json_documents

LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
IDENTITIES = LISTS[:3]
EXPECTED = "the answer of `aws iam get-account-authorization-details`"
_ACCOUNT = re.compile(r"arn:[^:]+:iam::(\d{12}):", re.ASCII)
Page = Mapping[str, Any]


def details_pages(path: Path) -> Sequence[Page]:
    """
    Load the pages of one account.

    Raises `InputError` for a file that holds something else, two accounts, or two whole answers; `SourceTruncated` for
    one whose last page is missing.
    """
    documents = load_json_documents(path)
    pages = documents[0] if len(documents) == 1 and isinstance(documents[0], list) else documents
    if not pages or not all(isinstance(page, dict) for page in pages):
        raise InputError(path, "the file is not as documented", expected=EXPECTED, hint="save it again; do not edit it")
    accounts = sorted(accounts_in(pages))
    if len(accounts) > 1:
        raise InputError(
            path,
            f"it holds several accounts: {', '.join(accounts[:5])}",
            expected="one account in a file",
            hint="save each account into a file of its own, and configure each as a system of its own",
        )
    if more_to_come(pages[-1]):
        raise SourceTruncated(
            f"there is more than the file {path.name} holds: its last page is missing",
            hint="save it again without `--max-items` and `--no-paginate`; the command then turns all pages",
        )
    if not all(more_to_come(page) for page in pages[:-1]):
        raise InputError(
            path,
            "it holds several whole answers, and not the pages of one",
            expected=EXPECTED,
            hint="save it again into a new file (`>`, not `>>`), without `--filter`",
        )
    return pages


def saved_details(path: Path, details: AuthorizationDetails) -> tuple[Account, ...]:
    """
    Add all that a file holds to `details`, and return its accounts.

    Raises what `details_pages` raises, and `InputError` for a page without one of the lists or with a field that is
    not as documented.
    """
    pages = details_pages(path)
    for page, name in product(pages, LISTS):
        if not isinstance(page.get(name), list):
            raise InputError(
                path,
                f"there is no list `{name}`",
                expected=EXPECTED,
                hint="save it again without `--filter` and `--query`",
            )
    try:
        return tuple(account for page in pages for account in details.add(details.parse(page)))
    except SourceMalformed as error:
        raise InputError(path, error.message, expected=EXPECTED, hint=error.hint) from None


def more_to_come(page: Page) -> bool:
    """Whether a page says that there is more."""
    return page.get("IsTruncated", False) is not False or bool(page.get("Marker") or page.get("NextToken"))


def accounts_in(pages: Iterable[Page]) -> set[str]:
    """Return the accounts of all users, groups and roles in some pages."""
    return {match[1] for page in pages for arn in _arns(page) if (match := _ACCOUNT.match(arn))}


def _arns(page: Page) -> Iterator[str]:
    for name in IDENTITIES:
        found = page.get(name, [])
        yield from (str(item.get("Arn")) for item in found if isinstance(item, dict)) if isinstance(found, list) else ()
