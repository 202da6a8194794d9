"""What makes an account privileged, and which accounts a product makes by itself."""

from pathlib import Path

import pytest

from connectors.errors import InputError
from policies.roles.default_accounts import DefaultAccounts
from policies.roles.privileged import PrivilegedCapabilities
from policies.vocabulary import Vocabulary
from tests.each import each

WORDS = Vocabulary.load()


def test_who_gives_access_to_others_is_an_administrator_and_privileged():
    privileged = PrivilegedCapabilities.load(WORDS)

    assert set(WORDS.names(privileged.administers)) == {"user.admin", "identity.admin", "system.admin"}
    assert not privileged.administers & ~privileged.mask


def test_what_a_licensed_professional_signs_is_no_privilege():
    privileged = PrivilegedCapabilities.load(WORDS)

    assert not privileged.mask & WORDS.mask(["note.sign", "order.write", "prescription.write", "result.sign"])


def test_a_capability_in_both_lists_is_refused_with_its_name(tmp_path: Path):
    path = tmp_path / "privileged.yaml"
    text = "version: 1\nadministers: [user.admin]\nprivileged: [audit.disable, user.admin]\n"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError, match=r"user\.admin"):
        PrivilegedCapabilities.load(WORDS, path)


@each(
    [
        ("active-directory", "CLINIC\\Administrator", True),
        ("active-directory", "krbtgt@clinic.local", True),
        ("openemr", "krbtgt", False),  # of another product
        ("openemr", "Admin", True),
        ("openemr", "oe-system", True),
        ("aws", "<root_account>", True),
        ("active-directory", "adminah", False),
        ("openemr", "guest.maria", False),
        ("openemr", "", False),
        ("openemr", "admin" * 10_000, False),
    ]
)
def test_an_account_that_the_product_made_is_told_by_its_whole_name(product, login, made_by_the_product):
    assert DefaultAccounts.load().matches(product, [login]) is made_by_the_product
