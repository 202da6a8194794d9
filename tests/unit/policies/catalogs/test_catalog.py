from pathlib import Path

import pytest

from connectors.errors import InputError
from connectors.facts import Entitlement, EntitlementKind, System, SystemKind
from connectors.unread import GROUPS, Unread, unread_id
from policies.catalogs.catalog import SHIPPED as FOLDER
from policies.catalogs.catalog import Catalogs, KnownEntitlement, Reading, Unclassified
from policies.vocabulary import SHIPPED as VOCABULARY
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
SHIPPED = Catalogs.load(WORDS)
OPENEMR = System("ehr", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
AD = System("directory", SystemKind.DIRECTORY, "active-directory", "AD", holds_phi=False)
LDAP = System("directory", SystemKind.DIRECTORY, "ldap", "OpenLDAP", holds_phi=False)
AWS = System("cloud", SystemKind.CLOUD, "aws", "AWS", holds_phi=True)

OWN = """\
product: openemr
title: Our own rights
version: 1
source: decided by the practice on 2026-11-01
entitlements:
  squads/night: {gives: [schedule.read], why: the night squad sees the schedule}
"""


def group(id_: str, *aliases: str, name: str = "", container: bool = False) -> Entitlement:
    return Entitlement("s", id_, name or id_, EntitlementKind.GROUP, aliases=aliases, container=container)


def privilege(id_: str) -> Entitlement:
    return Entitlement("s", id_, id_, EntitlementKind.PRIVILEGE)


def policy(id_: str, document: str | None) -> Entitlement:
    return Entitlement("s", id_, id_, EntitlementKind.POLICY, document=document)


def read(system: System, entitlement: Entitlement, catalogs: Catalogs = SHIPPED) -> Reading:
    return catalogs.read(system, [entitlement])[entitlement.id]


def given(reading: Reading) -> tuple[str, ...]:
    assert isinstance(reading, KnownEntitlement), reading
    return WORDS.names(reading.mask)


def own(folder: Path, *texts: str) -> Catalogs:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"own-{number}.yaml")
        paths[-1].write_text(text)
    return Catalogs.load(WORDS, paths)


def test_what_no_catalog_lists_is_unclassified_and_never_harmless() -> None:
    assert isinstance(read(OPENEMR, privilege("patients/secrets:write")), Unclassified)
    assert isinstance(read(OPENEMR, privilege("patients/demo:WRITE ")), Unclassified)


def test_a_product_without_catalog_leaves_everything_unclassified() -> None:
    other = System("ehr", SystemKind.EHR, "epic", "Epic", holds_phi=True)
    reading = read(other, privilege("ECL 12"))
    assert isinstance(reading, Unclassified)
    assert "no catalog for the product `epic`" in reading.reason
    assert not SHIPPED.has("epic")


def test_groups_of_an_ldap_directory_are_unclassified_until_the_practice_says_what_they_give() -> None:
    assert SHIPPED.has("ldap")
    assert isinstance(read(LDAP, group("cn=reception,dc=clinic", name="reception")), Unclassified)


def test_who_may_write_demographics_in_openemr_may_change_insurance_too() -> None:
    assert "coverage.write" in given(read(OPENEMR, privilege("patients/demo:write")))
    assert given(read(OPENEMR, privilege("patients/demo:view"))) == ("coverage.read", "demographics.read")


def test_a_group_that_only_carries_rights_gives_nothing_itself_except_emergency_login() -> None:
    assert given(read(OPENEMR, group("group:front", name="Front Office", container=True))) == ()
    assert given(read(OPENEMR, group("group:breakglass", name="Emergency Login", container=True))) == (
        "emergency.access",
    )


def test_a_well_known_group_is_recognised_in_whichever_domain_and_language() -> None:
    admins = group("cn=domänen-admins,dc=praxis", "S-1-5-21-11-22-33-512", name="Domänen-Admins")
    assert "system.admin" in given(read(AD, admins))
    assert given(read(AD, group("cn=u", "S-1-5-21-11-22-33-513"))) == ("directory.read",)


def test_a_powerful_group_without_fixed_sid_is_recognised_by_name_whatever_its_case() -> None:
    assert "network.admin" in given(read(AD, group("cn=d,dc=x", "S-1-5-21-1-2-3-1101", name="DNSADMINS")))


@pytest.mark.parametrize("alias", ["S-1-5-32-545", "S-1-5-21-*-513", "S-1-5-21-9-9-9-513"])
def test_a_group_that_calls_itself_by_the_sid_of_a_harmless_one_is_not_believed(alias: str) -> None:
    hostile = group("cn=x,dc=x", "S-1-5-21-1-2-3-1105", alias, name=alias)
    assert isinstance(read(AD, hostile), Unclassified)


def test_a_relative_id_of_the_domains_own_making_is_not_known_in_any_domain() -> None:
    assert isinstance(read(AD, group("cn=x", "S-1-5-21-1-2-3-1513")), Unclassified)
    assert isinstance(read(AD, group("cn=x", "S-1-5-21-1-2-513")), Unclassified)


def test_a_renamed_group_is_looked_up_again() -> None:
    catalogs = Catalogs.load(WORDS)
    assert "network.admin" in given(read(AD, group("cn=d,dc=x", name="DnsAdmins"), catalogs))
    assert isinstance(read(AD, group("cn=d,dc=x", name="Tea club"), catalogs), Unclassified)


def test_the_practices_own_catalog_stands_over_the_shipped_one(tmp_path: Path) -> None:
    text = OWN + "  patients/trans:write: {gives: [referral.read], why: decided so}\n"
    catalogs = own(tmp_path, text)
    assert given(read(OPENEMR, privilege("squads/night"), catalogs)) == ("schedule.read",)
    assert given(read(OPENEMR, privilege("patients/trans:write"), catalogs)) == ("referral.read",)
    assert "demographics.write" in given(read(OPENEMR, privilege("patients/demo:write"), catalogs))


def test_an_own_catalog_for_one_system_says_nothing_about_another(tmp_path: Path) -> None:
    catalogs = own(tmp_path, OWN.replace("entitlements:", "systems: [ehr-manila]\nentitlements:"))
    manila = System("ehr-manila", SystemKind.EHR, "openemr", "OpenEMR", holds_phi=True)
    assert given(read(manila, privilege("squads/night"), catalogs)) == ("schedule.read",)
    assert isinstance(read(OPENEMR, privilege("squads/night"), catalogs), Unclassified)


def test_two_own_files_may_speak_of_one_product(tmp_path: Path) -> None:
    catalogs = own(tmp_path, OWN, OWN.replace("squads/night", "squads/day"))
    assert given(read(OPENEMR, privilege("squads/day"), catalogs)) == ("schedule.read",)
    assert given(read(OPENEMR, privilege("squads/night"), catalogs)) == ("schedule.read",)


def test_two_own_files_may_not_speak_of_one_entitlement(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"own-1\.yaml, line 6, .*own-0\.yaml, line 6 already"):
        own(tmp_path, OWN, OWN.replace("squads/night", "squads/Night"))


def test_two_own_files_may_speak_of_one_entitlement_in_different_systems(tmp_path: Path) -> None:
    texts = [OWN.replace("entitlements:", f"systems: [{s}]\nentitlements:") for s in ("ehr-a", "ehr-b")]
    assert own(tmp_path, *texts).products() == SHIPPED.products()


def test_an_own_catalog_may_bring_a_new_product(tmp_path: Path) -> None:
    catalogs = own(tmp_path, OWN.replace("openemr", "athenaone"))
    assert catalogs.has("athenaone")
    assert "athenaone" in catalogs.products()


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("[schedule.read]", "[schedule.raed]", r"line 6, .*gives\[0\].*no such capability.*`schedule\.raed`"),
        ("[schedule.read]", "[schedule.read, schedule.read]", "the capability stands twice"),
        ("why: the night squad sees the schedule", "because: x", "squads/night"),
        ("gives: [schedule.read], ", "", "a key is missing.*gives"),
        ("why: the night squad sees the schedule", 'why: " "', "squads/night.why"),
        ("product: openemr", "product: Open EMR", "`product`"),
        ("squads/night: {", "squads/night: {any_level: true, ", "the catalog has no `levels`"),
        ("squads/night", "S-1-5-21-*-1105", "this relative id means another group in each domain"),
        ("  squads/night", "  SQUADS/NIGHT: {gives: [], why: x}\n  squads/night", "the entitlement stands twice"),
        ("entitlements:", "access:", "the product has no policy documents"),
        ("squads/night", "scim:groups-not-read", "rights that were not read, and nobody knows what these give"),
        ("squads/night", "Table:RIGHTS-not-read", "rights that were not read, and nobody knows what these give"),
    ],
)
def test_an_own_catalog_that_cannot_be_used_is_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        own(tmp_path, OWN.replace(good, bad))


def test_rights_that_were_not_read_stay_unclassified_whatever_name_a_catalog_lists(tmp_path: Path) -> None:
    unread = Unread("s")
    unread.add(unread_id("scim", GROUPS), "groups of the product")
    (entitlement,) = unread.entitlements
    catalogs = own(tmp_path, OWN.replace("squads/night", "groups of the product"))
    reading = read(OPENEMR, entitlement, catalogs)
    assert isinstance(reading, Unclassified)
    assert "not read" in reading.reason
    # A right of the product that happens to be called so is one like any other.
    assert given(read(OPENEMR, group("chart-not-read"), own(tmp_path, OWN.replace("squads/night", "chart-not-read"))))


def test_what_was_not_read_cannot_be_accepted_as_indivisible(tmp_path: Path) -> None:
    word = "accepted: {scim:groups-not-read: {reason: the vendor has none finer, by: Dana, on: 2026-11-01}}\n"
    with pytest.raises(InputError, match="rights that were not read"):
        own(tmp_path, OWN.replace("entitlements:", f"{word}entitlements:"))


def test_an_own_catalog_that_lists_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the catalog lists nothing"):
        own(tmp_path, OWN[: OWN.index("  squads")].replace("entitlements:", "entitlements: {}"))


ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"%s","Action":"%s","Resource":"*"}]}'


def test_what_a_policy_document_gives_is_told_with_the_keys_that_gave_it() -> None:
    reading = read(AWS, policy("p", ALLOW % ("Allow", "s3:DeleteObject")))
    assert "document.delete" in given(reading)
    assert isinstance(reading, KnownEntitlement)
    assert [key for key, _ in reading.keys] == ["s3:DeleteObject"]
    assert "s3:DeleteObject" in reading.why


def test_a_denial_in_one_document_counts_for_the_others_of_the_same_account() -> None:
    allow = policy("allow", ALLOW % ("Allow", "s3:DeleteObject"))
    deny = policy("deny", ALLOW % ("Deny", "s3:*"))
    assert given(SHIPPED.read(AWS, [allow, deny])["allow"]) == ()
    assert given(SHIPPED.read(AWS, [allow])["allow"]) != ()


def test_a_policy_whose_document_cannot_be_read_is_unclassified_unless_a_catalog_names_it(tmp_path: Path) -> None:
    assert isinstance(read(AWS, policy("arn:aws:iam::1:policy/ours", None)), Unclassified)
    named = OWN.replace("product: openemr", "product: aws").replace("squads/night", '"arn:aws:iam::1:policy/ours"')
    catalogs = own(tmp_path, named)
    assert given(read(AWS, policy("arn:aws:iam::1:policy/ours", None), catalogs)) == ("schedule.read",)


def test_a_name_in_a_catalog_does_not_hide_what_a_readable_document_gives(tmp_path: Path) -> None:
    named = OWN.replace("product: openemr", "product: aws").replace("squads/night", "ours")
    reading = read(AWS, policy("ours", ALLOW % ("Allow", "s3:DeleteObject")), own(tmp_path, named))
    assert "document.delete" in given(reading)


def test_an_own_key_for_an_action_that_aws_does_not_have_is_refused(tmp_path: Path) -> None:
    text = OWN.replace("product: openemr", "product: aws").replace("entitlements:", "access:")
    assert own(tmp_path, text.replace("squads/night", '"s3:PutObject"')).has("aws")
    with pytest.raises(InputError, match=r"line 6, .*no such service or action"):
        own(tmp_path, text.replace("squads/night", '"s3:PutObjekt"'))
    with pytest.raises(InputError, match=r"line 6, .*this is no key"):
        own(tmp_path, text)


def test_a_shipped_catalog_is_found_by_its_product_and_only_those_that_are_asked_are_read():
    names = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.yaml")}
    assert not [name for name, text in names.items() if f"\nproduct: {name}\n" not in text]
    assert set(Catalogs.load(WORDS).products()) == set(names)
    fresh = Catalogs.load(Vocabulary.load(VOCABULARY))
    fresh.read(OPENEMR, [])
    assert list(fresh._shipped._read) == ["openemr"]
