"""What attributes of accounts mean, from tables of values that real directories hold."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.directory.schema.decode import AD_LOGON_LAG_DAYS, decode_user, is_account
from connectors.facts import NEVER, Status
from tests.unit.connectors.directory.schema.decoded import NO_END, NOW, ad, entry, openldap, ticks


@pytest.mark.parametrize(
    ("control", "computed", "status"),
    [
        ("512", "0", Status.ACTIVE),
        ("514", "0", Status.DISABLED),
        ("546", "0", Status.DISABLED),  # a new account without a password
        ("66048", "0", Status.ACTIVE),  # the password never expires
        ("512", "16", Status.LOCKED),
        ("514", "16", Status.DISABLED),  # both: it does not come back by itself
        ("528", "0", Status.ACTIVE),  # the lock bit of userAccountControl itself means nothing
        ("512", "8388608", Status.ACTIVE),  # only the password has expired
    ],
)
def test_active_directory_says_by_bits_who_is_disabled_or_locked(control, computed, status):
    account = ad(userAccountControl=control, msDS_User_Account_Control_Computed=computed)
    assert account.status is status


def test_a_lock_that_may_be_over_is_not_taken_for_a_lock():
    assert ad(userAccountControl="512", lockoutTime=ticks(NOW - timedelta(days=9))).status is Status.ACTIVE


def test_without_the_deciding_attribute_the_status_is_unknown_and_counts_as_live():
    assert ad().status is Status.UNKNOWN
    bare = decode_user("dir", entry("uid=va1,dc=t", objectClass="inetOrgPerson", uid="va1"), NOW).account
    assert bare.status is Status.UNKNOWN
    assert bare.live


@pytest.mark.parametrize(
    ("expires", "status"),
    [
        ("0", Status.ACTIVE),
        (NO_END, Status.ACTIVE),
        ("9223372036854775806", Status.ACTIVE),  # after the year 9999, which no calendar here reaches
        (ticks(NOW - timedelta(seconds=1)), Status.EXPIRED),
        (ticks(NOW), Status.EXPIRED),  # the end is the first moment at which it no longer works
        (ticks(NOW + timedelta(seconds=1)), Status.ACTIVE),
    ],
)
def test_an_account_of_active_directory_ends_at_its_moment(expires, status):
    account = ad(userAccountControl="512", accountExpires=expires)
    assert account.status is status
    assert (account.expires is None) == (expires in {"0", NO_END, "9223372036854775806"})


def test_the_replicated_last_logon_may_be_fourteen_days_behind():
    account = ad(lastLogonTimestamp=ticks(NOW), lastLogon="0")
    assert (account.last_login, account.last_login_lag_days) == (NOW, AD_LOGON_LAG_DAYS)


def test_a_later_logon_on_the_server_that_was_asked_shortens_the_doubt():
    account = ad(lastLogonTimestamp=ticks(NOW - timedelta(days=10)), lastLogon=ticks(NOW))
    assert (account.last_login, account.last_login_lag_days) == (NOW, 4)


def test_never_signed_in_is_only_said_where_the_source_says_it():
    assert ad(lastLogon="0").last_login is NEVER
    assert ad().last_login is None, "the attribute was not exported"
    assert openldap().last_login is None, "OpenLDAP writes nothing for an account that never signed in"


@pytest.mark.parametrize("name", ["pwdLastSuccess", "authTimestamp", "lastLoginTime"])
def test_other_directories_keep_an_exact_last_login(name):
    account = openldap(**{name: "20261123231607.136207Z"})
    assert account.last_login == datetime(2026, 11, 23, 23, 16, 7, 136207, tzinfo=UTC)
    assert account.last_login_lag_days == 0


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({}, Status.UNKNOWN),  # an entryUUID says nothing about locks
        ({"createTimestamp": "20240101000000Z", "modifyTimestamp": "20240101000000Z"}, Status.UNKNOWN),
        ({"pwdChangedTime": "20240101000000Z"}, Status.ACTIVE),  # by who would write a lock beside it
        ({"nsUniqueId": "a-b"}, Status.ACTIVE),  # 389, where an account without nsAccountLock is active
        ({"pwdReset": "TRUE"}, Status.UNKNOWN),
        ({"pwdAccountLockedTime": "000001010000Z"}, Status.DISABLED),
        ({"pwdAccountLockedTime": "20261123231607Z"}, Status.LOCKED),
        ({"pwdEndTime": "20261101000000Z"}, Status.EXPIRED),
        ({"nsAccountLock": "TRUE"}, Status.DISABLED),
        ({"nsAccountLock": "false"}, Status.ACTIVE),
        ({"nsAccountLock": "perhaps"}, Status.UNKNOWN),
        ({"pwdAccountLockedTime": "00000101000000Z"}, Status.DISABLED),
        ({"pwdStartTime": "20990101000000Z"}, Status.LOCKED),  # it opens by itself
        ({"pwdStartTime": "20200101000000Z", "pwdChangedTime": "20200101000000Z"}, Status.ACTIVE),
        ({"loginDisabled": "TRUE"}, Status.DISABLED),
        ({"loginDisabled": "FALSE"}, Status.ACTIVE),
        ({"loginExpirationTime": "20240101000000Z", "loginDisabled": "FALSE"}, Status.EXPIRED),
        ({"lockedByIntruder": "TRUE"}, Status.LOCKED),
        ({"lockedByIntruder": "TRUE", "loginIntruderResetTime": "20240101000000Z"}, Status.UNKNOWN),
        ({"ds-pwp-account-disabled": "true"}, Status.DISABLED),
        ({"ds-pwp-account-disabled": "false"}, Status.ACTIVE),
        ({"ds-pwp-account-expiration-time": "20240101000000.000Z"}, Status.EXPIRED),
        ({"ibm-pwdAccountLocked": "true"}, Status.DISABLED),
        ({"inetUserStatus": "Inactive"}, Status.DISABLED),
        ({"zimbraAccountStatus": "closed"}, Status.DISABLED),
        ({"zimbraAccountStatus": "maintenance"}, Status.LOCKED),
        ({"orclIsEnabled": "DISABLED"}, Status.DISABLED),
        ({"sambaAcctFlags": "[UD         ]"}, Status.DISABLED),
        ({"sambaAcctFlags": "[UL         ]"}, Status.LOCKED),
        ({"sambaAcctFlags": "[U          ]"}, Status.ACTIVE),
        ({"sambaAcctFlags": "[UD         ]", "nsAccountLock": "false"}, Status.UNKNOWN),  # open for the directory
        ({"sambaKickoffTime": "1704067200"}, Status.EXPIRED),
        ({"sambaKickoffTime": "2147483647"}, Status.UNKNOWN),
        ({"shadowExpire": "1"}, Status.EXPIRED),
        ({"shadowExpire": "0"}, Status.UNKNOWN),  # shadow(5): not to be used
        ({"shadowExpire": "-1"}, Status.UNKNOWN),
        ({"shadowExpire": "99999", "pwdChangedTime": "20240101000000Z"}, Status.ACTIVE),
        ({"shadowExpire": "1", "pwdLastSuccess": "20261101000000Z"}, Status.UNKNOWN),  # slapd lets him in all the same
        ({"shadowExpire": "1", "nsAccountLock": "false"}, Status.UNKNOWN),
        ({"userPassword": "{CRYPT}!*LOCK*"}, Status.UNKNOWN),  # usermod(8): that locks a password, not the account
        ({"kolabDelete": "x"}, Status.UNKNOWN),
        ({"accountUnlockTime": "20261124130000Z"}, Status.LOCKED),
        ({"accountUnlockTime": "20261124110000Z"}, Status.ACTIVE),  # a lock that is over
        ({"accountUnlockTime": "19700101000000Z"}, Status.LOCKED),
        ({"krbPrincipalExpiration": "20261124110000Z"}, Status.EXPIRED),
    ],
)
def test_each_directory_says_it_with_attributes_of_its_own(attributes, status):
    assert openldap(**{name.replace("-", "_"): value for name, value in attributes.items()}).status is status


def test_an_instance_of_ad_lds_says_it_without_user_account_control():
    assert ad(msDS_UserAccountDisabled="TRUE").status is Status.DISABLED
    assert ad(msDS_UserAccountDisabled="FALSE").status is Status.ACTIVE
    assert ad(userAccountControl="512", shadowExpire="1").status is Status.ACTIVE, "which Windows does not ask"


def test_the_end_of_an_account_for_unix_is_its_end_unless_somebody_signed_in_since():
    assert openldap(shadowExpire="1").expires == datetime(1970, 1, 2, tzinfo=UTC)
    assert openldap(shadowExpire="1", pwdLastSuccess="20261101000000Z").expires is None


def test_machines_of_an_older_domain_are_no_accounts_and_trusts_no_persons():
    for flags in ("[W          ]", "[S          ]"):
        assert not is_account(entry(objectClass=["account", "sambaSamAccount"], uid="pc1$", sambaAcctFlags=flags))
    assert openldap(sambaAcctFlags="[I          ]").service
    assert not openldap(sambaAcctFlags="[U          ]").service


def test_another_name_of_an_entry_is_no_account():
    assert not is_account(entry(objectClass=["alias", "extensibleObject"], uid="va1", aliasedObjectName="uid=va2,dc=t"))


@pytest.mark.parametrize("kind", ["organizationalPerson", "sambaSamAccount", "ePerson", "ndsLoginProperties"])
def test_people_of_every_vendor_are_accounts(kind):
    assert is_account(entry(objectClass=["top", kind]))


def test_whatever_has_a_password_can_sign_in_but_a_group():
    assert is_account(entry(objectClass=["device"], userPassword="{SSHA}x"))
    assert not is_account(entry(objectClass=["posixGroup"], userPassword="{SSHA}x"))


@pytest.mark.parametrize(
    "kind",
    ["msDS-ManagedServiceAccount", "msDS-DelegatedManagedServiceAccount", "msDS-OfTomorrowManagedServiceAccount"],
)
def test_every_kind_of_managed_service_is_an_account_of_no_person(kind):
    managed = entry(objectClass=["top", "person", "user", "computer", kind], sAMAccountName="dm$")
    assert is_account(managed)
    assert decode_user("dir", managed, NOW).account.service


def test_a_delegated_service_has_what_the_account_has_whose_place_it_took():
    kind = ["user", "computer", "msDS-DelegatedManagedServiceAccount"]
    user = decode_user("dir", entry(objectClass=kind, msDS_ManagedAccountPrecededByLink="CN=Boss,DC=t"), NOW)
    assert "cn=boss,dc=t" in user.keys


def test_groups_that_an_entry_names_itself_are_read_in_every_vendors_words():
    for name in ("memberOf", "isMemberOf", "groupMembership", "securityEquals", "ibm-allGroups", "memberOf;x-test"):
        user = decode_user("dir", entry("uid=a,dc=t", objectClass="person", **{name: "CN=Billing,DC=t"}), NOW)
        assert user.within == ("cn=billing,dc=t",), name


def test_what_follows_from_groups_in_freeipa_is_no_group():
    names = ["cn=a,cn=groups,cn=accounts,dc=t", "cn=b,cn=privileges,cn=pbac,dc=t", "ipaUniqueID=c,cn=hbac,dc=t"]
    user = decode_user("dir", entry("uid=a,dc=t", objectClass="person", ipaUniqueID="x", memberOf=names), NOW)
    assert user.within == (names[0],)


def test_samba_writes_its_identifiers_as_text():
    account = ad(
        objectGUID="6430EBC6-1100-3322-4455-66778899aabb", objectSid="S-1-5-21-1-2-3-1104", primaryGroupID="513"
    )
    assert account.id == "6430ebc6-1100-3322-4455-66778899aabb"
    user = decode_user("dir", entry(objectClass="user", objectSid="S-1-5-21-1-2-3-1104", primaryGroupID="513"), NOW)
    assert user.primaries == ("sid:S-1-5-21-1-2-3-513",)


def test_an_account_keeps_its_identity_when_it_is_renamed():
    guid = bytes.fromhex("c6eb3064 0011 2233 4455 66778899aabb".replace(" ", ""))
    assert ad(objectGUID=guid).id == "6430ebc6-1100-3322-4455-66778899aabb"
    assert ad().id == "cn=va one,ou=staff,dc=t", "the DN where there is nothing better"
    assert openldap(entryUUID="1ED38616-7BE6").id == "1ed38616-7be6"
    assert openldap(nsUniqueId="n-1", ipaUniqueID="autogenerate").id == "n-1"


def test_managed_service_accounts_are_accounts_of_no_person_and_computers_are_none():
    classes = ["top", "person", "user", "computer"]
    assert not is_account(entry(objectClass=classes))
    managed = entry(objectClass=[*classes, "msDS-GroupManagedServiceAccount"], sAMAccountName="gmsa$")
    assert is_account(managed)
    assert decode_user("dir", managed, NOW).account.service
    assert ad(userAccountControl="2080").service, "a trust with another domain"
    assert not ad(userAccountControl="512").service


@pytest.mark.parametrize(
    "classes", [["person", "contact"], ["organizationalUnit"], ["group"], ["referral", "uidObject"]]
)
def test_contacts_units_and_groups_are_not_accounts(classes):
    assert not is_account(entry(objectClass=classes))
