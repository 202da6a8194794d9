"""Every access control object of OpenEMR, at every level, means something to the auditor."""

import functools
import itertools
import re

from connectors.ehr.openemr.acl import entitlement_id
from connectors.ehr.openemr.asked import answers_for
from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from policies.catalogs.catalog import Catalogs, KnownEntitlement
from policies.vocabulary import Vocabulary
from tests.each import each
from tests.unit.connectors.ehr.openemr_tables_made import GROUPS, acos

WORDS = Vocabulary.load()
CATALOGS = Catalogs.load(WORDS)
OPENEMR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
LEVELS = ("", "view", "addonly", "wsome", "write")

# From: OpenEMR 8.2.0-dev, install_gacl() and the list at the head of AclMain.php; `multipledb` is of older versions.
OTHERS = "admin: multipledb"
EVERYTHING = sorted(
    {aco for _, levels in GROUPS.values() for text in levels.values() for aco in acos(text)} | set(acos(OTHERS))
)


def reading(id_: str) -> object:
    held = [Entitlement("ehr", id_, id_, EntitlementKind.PRIVILEGE)]
    return CATALOGS.read(OPENEMR, held)[id_]


def told(aco: tuple[str, str], level: str) -> list[str]:
    """Return how the connector names what one list of a level opens; nothing where no page asks for it."""
    found = []
    for answer in answers_for(aco, [level]):
        if answer.tells(level):
            found.append(entitlement_id(aco, answer.told))
            if answer.enough:
                break
    return found


def mask_of(aco: tuple[str, str], level: str) -> int:
    known = [reading(id_) for id_ in told(aco, level)]
    assert all(isinstance(one, KnownEntitlement) for one in known)
    return functools.reduce(int.__or__, (one.mask for one in known if isinstance(one, KnownEntitlement)), 0)


def test_the_list_of_objects_is_as_long_as_the_installer_s() -> None:
    assert len([aco for aco in EVERYTHING if aco != ("admin", "multipledb")]) == 65
    assert len({section for section, _ in EVERYTHING}) == 12, "the 13th, `squads`, is empty until a practice fills it"


@each(EVERYTHING)
def test_every_object_is_classified_at_every_level_as_the_connector_names_it(aco: tuple[str, str]) -> None:
    for level in LEVELS:
        for id_ in told(aco, level):
            assert isinstance(reading(id_), KnownEntitlement), id_


@each(EVERYTHING)
def test_a_higher_level_never_gives_less(aco: tuple[str, str]) -> None:
    # Of group therapy OpenEMR asks for looking and for writing, and never for `addonly`.
    levels = ("view", "write") if aco[0] == "groups" else ("view", "addonly", "write")
    masks = [mask_of(aco, level) for level in levels]
    for lower, higher in itertools.pairwise(masks):
        assert lower & ~higher == 0


def test_a_superuser_can_do_all_that_any_object_gives() -> None:
    everything = reading("admin/super")
    assert isinstance(everything, KnownEntitlement)
    for aco in EVERYTHING:
        assert WORDS.names(mask_of(aco, "write") & ~everything.mask) == (), aco


def test_an_object_that_a_practice_made_itself_is_never_taken_for_harmless() -> None:
    assert not isinstance(reading("squads/lions"), KnownEntitlement)
    assert not isinstance(reading("patients/demo:everything"), KnownEntitlement)


def test_every_line_of_the_catalog_is_of_an_object_that_openemr_has() -> None:
    known = {"/".join(aco) for aco in EVERYTHING}
    for id_ in CATALOGS._shipped["openemr"].entitlements:
        assert re.sub(r":\w+$", "", id_) in known or id_ == "group:breakglass", id_
