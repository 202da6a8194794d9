"""
Fills a provisioned Samba domain; run by Debian's own Python, which has Samba's bindings: `samba_seed.py DOMAIN_FOLDER`.

The population, below OU=Staff (every password is `Passw0rd!1`, except where it says otherwise):

| login | what it is for |
|---|---|
| auditor | reads; a plain user of the domain |
| va01 | in Inner, which is in Middle, in Outer, in Inner: a cycle; and in mfa through Inner |
| va02 | directly in mfa and in Partners |
| boss | in IT-Helpers, which is in Domain Admins |
| clerk | its primary group is Clerks |
| disabled, expired, forever | userAccountControl 514; accountExpires in 2019; accountExpires and password never end |
| locked, unlocked | to be locked by the test (three failures); a lock of 2019 that is long over |
| signedin, lagging, never | to be signed in by the test; lastLogonTimestamp ten days ago; never |
| card | lets in with a smart card only |
| oldpass, mustchange | pwdLastSet in 2019; pwdLastSet 0 |
| unseen | in Partners, and the auditor may not see it |
| gmsa$, PC1$, a contact, a deleted user | a managed service account; three that are no accounts |

Groups besides: Hidden, which the auditor may not see, holds `forever`; Partners holds somebody of another domain;
Shared holds Authenticated Users; Big holds 1,600 contacts.
Built-in groups bear German and Spanish names, as on servers of these languages.
"""

import sys
import time
from pathlib import Path

import ldb
from samba.auth import system_session
from samba.dcerpc import security
from samba.ndr import ndr_pack
from samba.param import LoadParm
from samba.samdb import SamDB

OLD = "132000000000000000"  # 2019-04-18
RENAMED = {
    "CN=Domain Admins,CN=Users": "Domänen-Admins",
    "CN=Domain Users,CN=Users": "Domänen-Benutzer",
    "CN=Administrators,CN=Builtin": "Administradores",
    "CN=Backup Operators,CN=Builtin": "Operadores de copia de seguridad",
}
BIG = 1600


def filetime(days_ago):
    return str(int((time.time() - days_ago * 86400 + 11644473600) * 10_000_000))


class Domain:
    def __init__(self, folder):
        parameters = LoadParm()
        parameters.load(str(folder / "etc" / "smb.conf"))
        self.folder = folder
        self.db = SamDB(str(folder / "private" / "sam.ldb"), session_info=system_session(), lp=parameters)
        self.root = self.db.domain_dn()

    def dn(self, name):
        return f"CN={name},OU=Staff,{self.root}"

    def user(self, login, **attributes):
        password = '"Passw0rd!1"'.encode("utf-16-le")
        given = {"objectClass": "user", "sAMAccountName": login, "userAccountControl": "512", "unicodePwd": password}
        self.db.add({"dn": self.dn(f"Name of {login}"), **given, **attributes})

    def group(self, name, *members):
        group = {"dn": self.dn(name), "objectClass": "group", "sAMAccountName": name, "groupType": "-2147483644"}
        self.db.add(group)
        if members:
            self.db.add_remove_group_members(name, list(members))

    def set(self, dn, attribute, value, flag=ldb.FLAG_MOD_REPLACE, db=None, controls=()):
        db = db or self.db
        message = ldb.Message()
        message.dn = ldb.Dn(db, dn)
        message["x"] = ldb.MessageElement(value, flag, attribute)
        db.modify(message, list(controls))

    def hide(self, dn):
        """Let nobody but administrators and the server itself see an entry."""
        own = security.dom_sid(self.db.get_domain_sid())
        descriptor = security.descriptor.from_sddl("O:DAG:DAD:PAI(A;;GA;;;DA)(A;;GA;;;SY)", own)
        self.set(dn, "nTSecurityDescriptor", ndr_pack(descriptor))

    def fill(self):
        self.db.transaction_start()
        self.db.add({"dn": f"OU=Staff,{self.root}", "objectClass": "organizationalUnit"})
        for login in ("va02", "boss", "clerk", "locked", "unlocked", "signedin", "lagging", "never", "oldpass", "gone"):
            self.user(login)
        self.user("unseen")
        self.user("auditor", description="access auditor, reads only")
        self.user("va01", mail="va01@practice.test", employeeNumber="E-1", displayName="Jürgen Müller")
        self.user("disabled", userAccountControl="514")
        self.user("expired", accountExpires=OLD)
        self.user("forever", userAccountControl="66048", accountExpires="9223372036854775807")
        self.user("mustchange", pwdLastSet="0")
        self.user("card", userAccountControl=str(512 | 0x40000))
        self.others()
        self.groups()
        self.times()
        self.rename()
        self.set(self.root, "lockoutThreshold", "3")
        host = f"CN=DC1,OU=Domain Controllers,{self.root}"
        self.set(host, "servicePrincipalName", ["ldap/dc1.t.test"], ldb.FLAG_MOD_ADD)
        self.db.transaction_commit()
        self.db.delete(self.dn("Name of gone"))
        self.old_password()

    def others(self):
        managed = {"objectClass": "msDS-GroupManagedServiceAccount", "msDS-ManagedPasswordInterval": "30"}
        self.db.add({"dn": self.dn("gmsa"), **managed, "sAMAccountName": "gmsa$", "userAccountControl": "4096"})
        self.db.add(
            {"dn": self.dn("PC1"), "objectClass": "computer", "sAMAccountName": "PC1$", "userAccountControl": "4096"}
        )
        for number in range(BIG):
            self.db.add({"dn": self.dn(f"contact {number}"), "objectClass": "contact"})

    def groups(self):
        self.group("Inner", "va01")
        self.group("Middle", "Inner")
        self.group("Outer", "Middle")
        self.db.add_remove_group_members("Inner", ["Outer"])
        self.group("mfa", "Inner", "va02")
        self.group("Partners", "va02", "unseen", "S-1-5-21-111-222-333-1105")
        self.group("Hidden", "forever")
        self.hide(self.dn("Hidden"))
        self.hide(self.dn("Name of unseen"))
        self.group("Shared")
        everybody = f"CN=S-1-5-11,CN=ForeignSecurityPrincipals,{self.root}"
        self.set(self.dn("Shared"), "member", [everybody], ldb.FLAG_MOD_ADD)
        helpers = {"dn": self.dn("IT-Helpers"), "objectClass": "group", "sAMAccountName": "IT-Helpers"}
        self.db.add(helpers)  # a global group, because only such may be in Domain Admins
        self.db.add_remove_group_members("IT-Helpers", ["boss"])
        self.db.add_remove_group_members("Domain Admins", ["IT-Helpers"])
        self.db.add({"dn": self.dn("Clerks"), "objectClass": "group", "sAMAccountName": "Clerks"})
        self.db.add_remove_group_members("Clerks", ["clerk"])
        clerks = self.db.search(self.dn("Clerks"), scope=ldb.SCOPE_BASE, attrs=["primaryGroupToken"])
        self.set(self.dn("Name of clerk"), "primaryGroupID", str(clerks[0]["primaryGroupToken"]))
        members = [self.dn(f"contact {number}") for number in range(BIG)]
        self.db.add({"dn": self.dn("Big"), "objectClass": "group", "sAMAccountName": "Big", "member": members})

    def times(self):
        self.set(self.dn("Name of unlocked"), "lockoutTime", OLD)
        self.set(self.dn("Name of lagging"), "lastLogonTimestamp", filetime(10))

    def rename(self):
        for old, name in RENAMED.items():
            dn = f"CN={name},{old.partition(',')[2]},{self.root}"
            self.db.rename(f"{old},{self.root}", dn, ["relax:0"])
            self.set(dn, "sAMAccountName", name, controls=["relax:0"])

    def old_password(self):
        # Nobody may set this time, so it is written below the rules of the directory, while no server runs.
        part = f"{self.root.upper()}.ldb"
        raw = ldb.Ldb(str(self.folder / "private" / "sam.ldb.d" / part), options=["modules:"])
        self.set(self.dn("Name of oldpass"), "pwdLastSet", OLD, db=raw)


if __name__ == "__main__":
    Domain(Path(sys.argv[1])).fill()
