"""Exports of Active Directory and Samba: who is hidden, who comes from outside, and what the tools count."""

from connectors.collect import collect
from connectors.directory.ldif import connector as ldif
from connectors.facts import DoorKind, Partial, Status
from tests.unit.connectors.directory.ldif.ldif_exports import (
    SYSTEM,
    accounts,
    end,
    evidence,
    export,
    header,
    held,
    person,
)

AD = """\
dn: DC=clinic,DC=test
changetype: add
objectClass: top
objectClass: domainDNS
dc: clinic

dn: CN=jo,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: top
objectClass: person
objectClass: user
cn: jo
sAMAccountName: jo
userAccountControl: 512

dn: CN=dm,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: user
objectClass: computer
objectClass: msDS-DelegatedManagedServiceAccount
cn: dm
sAMAccountName: dm$
userAccountControl: 4096
msDS-ManagedAccountPrecededByLink: CN=jo,OU=Staff,DC=clinic,DC=test

dn: CN=PC1,OU=Staff,DC=clinic,DC=test
changetype: add
objectClass: user
objectClass: computer
cn: PC1
sAMAccountName: pc1$
userAccountControl: 4096

dn: CN=Billing,OU=Groups,DC=clinic,DC=test
changetype: add
objectClass: group
cn: Billing
member: CN=jo,OU=Staff,DC=clinic,DC=test
member: CN=PC1,OU=Staff,DC=clinic,DC=test
member: CN=Denise Calloway,OU=Staff,DC=clinic,DC=test

"""


def test_ldifde_of_a_whole_domain_shows_who_is_hidden_and_the_services_of_windows_2025(tmp_path):
    collection = export(tmp_path, AD)
    found = accounts(collection)
    assert set(found) == {"jo", "dm$", "cn=denise calloway,ou=staff,dc=clinic,dc=test"}
    assert (found["dm$"].service, found["dm$"].status) == (True, Status.ACTIVE)
    assert held(collection, "dm$") == {"Billing"}, "it took the place of jo, and has what jo has"
    hidden = found["cn=denise calloway,ou=staff,dc=clinic,dc=test"]
    assert (hidden.status, hidden.live) == (Status.UNKNOWN, True)
    assert hidden.name == "denise calloway, named by a group and not in the file"
    assert evidence(collection)["hidden-members"].startswith("1 ")
    assert "1 `computer`" in evidence(collection)["other-entries"]


def test_a_part_of_a_domain_calls_nobody_hidden(tmp_path):
    collection = export(tmp_path, AD.partition("dn: CN=jo")[1] + AD.partition("dn: CN=jo")[2])
    assert set(accounts(collection)) == {"jo", "dm$"}
    assert evidence(collection)["unknown-members"].startswith("1 ")


OUTSIDE = """\
dn: CN=agency.test,CN=System,DC=clinic,DC=test
changetype: add
objectClass: leaf
objectClass: trustedDomain
trustPartner: agency.test
trustDirection: 2
trustAttributes: 4

dn: CN=Partners,OU=Groups,DC=clinic,DC=test
changetype: add
objectClass: group
cn: Partners
member: CN=S-1-5-21-7-8-9-1104,CN=ForeignSecurityPrincipals,DC=clinic,DC=test

"""


def test_trusts_and_members_of_other_domains_are_doors(tmp_path):
    doors = {d.id: d for d in export(tmp_path, AD + OUTSIDE).doors}
    trust = doors["trust:agency.test"]
    assert (trust.kind, trust.who, trust.to) == (DoorKind.TRUST, "agency.test", "the domain dc=clinic,dc=test")
    member = doors["member:S-1-5-21-7-8-9-1104:cn=partners,ou=groups,dc=clinic,dc=test"]
    assert (member.kind, member.to, member.account) == (
        DoorKind.EXTERNAL_MEMBER,
        "the group Partners",
        "S-1-5-21-7-8-9-1104",
    )
    inbound = OUTSIDE.replace("trustDirection: 2", "trustDirection: 1")
    assert {d.kind for d in export(tmp_path, AD + inbound).doors} == {DoorKind.EXTERNAL_MEMBER}
    silent = OUTSIDE.replace("trustDirection: 2\n", "")
    unclear = next(d for d in export(tmp_path, AD + silent).doors if d.kind is DoorKind.TRUST)
    assert "in which direction is not shown" in unclear.detail


LDBSEARCH = """\
# record 1
dn: DC=t,DC=test
objectClass: domainDNS
objectGUID: 82289368-5467-467c-b727-9790d2f8ee00
objectSid: S-1-5-21-2945950348-1899570217-3367825489

# record 2
dn: CN=jo,CN=Users,DC=t,DC=test
objectClass: person
objectClass: user
cn: jo
objectGUID: 82289368-5467-467c-b727-9790d2f8ee18
objectSid: S-1-5-21-2945950348-1899570217-3367825489-1103
primaryGroupID: 513
userAccountControl: 514
sAMAccountName: jo

# Referral
ref: ldap:///CN=Configuration,DC=t,DC=test

# returned 3 records
# 2 entries
# 1 referrals
"""


def test_ldbsearch_of_samba_writes_identifiers_as_text_and_counts_at_its_end(tmp_path):
    collection = export(tmp_path, LDBSEARCH)
    (jo,) = collection.accounts
    assert (jo.id, jo.status) == ("82289368-5467-467c-b727-9790d2f8ee18", Status.DISABLED)
    assert held(collection, "jo") == {"S-1-5-21-2945950348-1899570217-3367825489-513, not read"}
    file = tmp_path / "cut.ldif"
    file.write_text(LDBSEARCH.replace("# 2 entries", "# 3 entries"))
    cut = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), tmp_path))
    assert isinstance(cut.completeness, Partial)


def test_names_of_a_search_that_came_from_the_file_cannot_flood_a_report(tmp_path):
    collection = export(tmp_path, header(search_filter=f"(uid={'x' * 9000})") + person("va1") + end(1))
    assert max(len(name) for name in held(collection, "va1")) < 200
