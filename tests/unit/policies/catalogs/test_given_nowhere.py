"""Capabilities that no shipped catalog gives: each for a reason, so that none is forgotten."""

from policies.catalogs.catalog import Catalogs
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
NOWHERE = {
    "adjustment.approve": "a step of the practice's own work: no product here has a right for it",
    "device.read": "device data come from platforms of remote monitoring, for which no catalog is shipped",
    "order.pend": "no public page of the products here names a right to prepare orders without giving them",
    "payer.portal": "log-ins of payers, each with its own list of users: read by `table`, with a catalog of one's own",
    "pdmp.query": "a delegate's account is at the state's program, not in these products",
    "prescription.pend": "no public page of the products here names a right to prepare refills without prescribing",
    "telehealth.host": "no public page of the products here names a right of its own for hosting visits",
    "vault.use": "password vaults list their users by `table`; what a vault holds, no product can tell",
}


def test_a_capability_that_no_shipped_catalog_gives_has_a_reason_and_one_that_is_given_needs_none() -> None:
    given = 0
    for catalog in Catalogs.load(WORDS)._shipped.values():
        for known in catalog.entitlements.values():
            given |= known.mask
        for mask in catalog.access.values():
            given |= mask
    assert set(WORDS.names(WORDS.all & ~given)) == set(NOWHERE)
    assert all(len(reason) > 20 for reason in NOWHERE.values())
