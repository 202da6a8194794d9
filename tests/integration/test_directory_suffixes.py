"""Groups in another suffix of the same OpenLDAP: they may hold who is read, and no base of one suffix finds them."""

import ssl
from pathlib import Path

import ldap3
import pytest

from connectors.collect import collect
from connectors.directory.ldap import connector as ldap
from connectors.unproven import narrowed
from tests.integration.slapd import ACCESS, DirectoryServer, slapd
from tests.servers.directory import OUS, SECRET_ENV, SYSTEM, held, person, settings_for, whole

HERS = {"objectClass": "groupOfNames", "cn": "billing", "member": "UID=va01, OU=people, DC=t"}
OTHERS = {"objectClass": "groupOfNames", "cn": "theirs", "member": "uid=va01,ou=people,dc=u"}
BY_NAME = {"objectClass": "posixGroup", "cn": "unix", "gidNumber": "7", "memberUid": "va01"}


def second(folder: Path, access: str) -> str:
    """Return what follows the first suffix in the configuration: its overlay, and the second suffix."""
    (folder / "second").mkdir()
    return (
        f'{ACCESS}overlay ppolicy\ndatabase mdb\nsuffix "dc=u"\nrootdn "cn=root,dc=u"\nrootpw root\n'
        f"directory {folder}/second\naccess to * by {access}"
    )


def add(server: DirectoryServer, *groups: dict[str, str]) -> None:
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(server.ca_file))
    there = ldap3.Server(server.host, server.ldaps_port, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    connection = ldap3.Connection(there, "cn=root,dc=u", "root")
    with connection:
        assert connection.add("dc=u", attributes={"objectClass": ["domain"], "dc": "u"}), connection.result
        for entry in groups:
            assert connection.add(f"cn={entry['cn']},dc=u", attributes=entry), connection.result


@pytest.mark.parametrize(
    ("groups", "access", "told"),
    [
        ([HERS, OTHERS], "users read", "1 groups in `dc=u`, outside of `dc=t`"),
        ([BY_NAME], "users read", "1 groups in `dc=u`, outside of `dc=t`"),
        ([OTHERS], "users read", None),  # nobody in it is read here
        ([HERS], "* none", None),  # of another practice, as far as the server shows
    ],
)
def test_groups_of_another_suffix_that_may_hold_who_is_read_are_told(tmp_path, monkeypatch, groups, access, told):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with slapd(tmp_path, OUS + person("va01"), access=second(tmp_path, access)) as server:
        add(server, *groups)
        collection = whole(collect(ldap.connect(SYSTEM, settings_for(server), Path())))
    assert held(collection, "va01") == ({told: ()} if told else {})
    assert narrowed(collection) == ""  # the base is a naming context
