"""
A real 389 Directory Server, made and run in a folder, on loopback ports; nothing of the system's own is touched.

`dscreate` writes into /etc and /var and listens on every address, so the instance is written here from the server's own
template of `dse.ldif`. Locks after three failures, records sign-ins and password changes.
"""

import base64
import hashlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import NoEncryption, load_pem_private_key, pkcs12

from tests.integration.slapd import DirectoryServer, free_port, make_certificate, require

PACKAGE = "389-ds-base"
MANAGER, MANAGER_PASSWORD = "cn=Directory Manager", "manager-of-the-test"
TEMPLATE = Path("/usr/share/dirsrv/data/template-dse.ldif")

CONFIG = """\
nsslapd-listenhost: 127.0.0.1
nsslapd-securelistenhost: 127.0.0.1
nsslapd-security: on
nsslapd-secureport: {ldaps_port}
nsslapd-accesslog-logging-enabled: off
passwordLockout: on
passwordMaxFailure: 3
passwordUnlock: off
passwordTrackUpdateTime: on
"""

BACKEND = """

dn: cn=userroot,cn=ldbm database,cn=plugins,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsBackendInstance
cn: userroot
nsslapd-suffix: dc=t

dn: cn="dc=t",cn=mapping tree,cn=config
objectClass: top
objectClass: extensibleObject
objectClass: nsMappingTree
cn: dc=t
nsslapd-state: backend
nsslapd-backend: userroot
"""

RECORDS = """\
nsslapd-auditlog-logging-enabled: on
nsslapd-auditfaillog-logging-enabled: on
"""
"""Failed operations go to the same file then, as no other is named."""
CHANGELOG = """\
nsslapd-attribute: nsuniqueid:targetUniqueId
nsslapd-attribute: nsAccountLock:auditorLock
nsslapd-attribute: modifiersName:auditorActor
nsslapd-attribute: modifyTimestamp:auditorStamp
nsslapd-attribute: objectClass:auditorClass
nsslapd-changelogmaxage: 90d
"""
READS_CHANGELOG = """\
dn: cn=changelog
changetype: modify
add: aci
aci: (targetattr != "changes")(version 3.0; acl "auditor reads what changed";
  allow (read, search, compare) userdn="ldap:///uid=reader,dc=t";)
aci: (targetattr="changes")
 (targetfilter="(&(|(auditorClass=groupOfNames)(auditorClass=groupOfUniqueNames)(auditorClass=posixGroup))
 (!(auditorClass=person)))")(version 3.0; acl "auditor reads changes of groups";
  allow (read, search, compare) userdn="ldap:///uid=reader,dc=t";)

"""
"""As `auditor connect` prints it."""

EVERYBODY_READS = (
    '(targetattr != "userPassword")(version 3.0; acl "everybody reads"; allow (read, search, compare) '
    'userdn="ldap:///all";)'
)
BASE = """\
dn: dc=t
objectClass: domain
dc: t
{aci}
dn: uid=reader,dc=t
objectClass: inetOrgPerson
uid: reader
cn: reader
sn: reader
userPassword: reader

"""


@contextmanager
def ds389(
    folder: Path,
    entries: str,
    *,
    schema: Mapping[str, str] | None = None,
    aci: str = EVERYBODY_READS,
    records: bool = False,
    zone: str = "UTC",
) -> Iterator[DirectoryServer]:
    """
    Run the server over the entries (LDIF below `dc=t`), with further schema files: name -> LDIF.

    With `records` it keeps a changelog, and an audit file `log/audit` in the local time of `zone`.
    """
    program = require("ns-slapd", PACKAGE)
    port, ldaps_port = free_port(), free_port()
    ca, cert, key = make_certificate(folder / "tls")
    config = folder / "config"
    for name in ("config", "config/schema", "db", "ldif", "bak", "run", "lock", "tmp", "log", "inst"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _trust(folder, config, ca, cert, key)
    for name in ("config/certmap.conf", "config/slapd-collations.conf", "schema/99user.ldif"):
        shutil.copy(Path("/etc/dirsrv") / name, config / name.removeprefix("config/"))
    for name, text in (schema or {}).items():
        (config / "schema" / name).write_text(text)
    (config / "dse.ldif").write_text(_dse(folder, port, ldaps_port, records=records))
    command = [program, "-D", str(config), "-i", str(folder / "pid"), "-d", "0"]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, "TZ": zone})
    try:
        _wait_for(ldaps_port, process, folder)
        server = DirectoryServer("127.0.0.1", port, ldaps_port, ca, "dc=t", "uid=reader,dc=t", "reader", process)
        add(server, BASE.format(aci=f"aci: {aci}\n" if aci else "") + entries)
        if records:
            add(server, READS_CHANGELOG)
        yield server
    finally:
        process.terminate()
        process.wait(30)


def add(server: DirectoryServer, ldif: str, *options: str) -> None:
    """Add entries, or carry out changes, as the directory manager."""
    program = require("ldapmodify", "ldap-utils")
    command = [program, "-x", "-a", "-H", server.ldaps_url, "-D", MANAGER, "-w", MANAGER_PASSWORD, *options]
    environment = {"LDAPTLS_CACERT": str(server.ca_file)}
    done = subprocess.run(command, input=ldif, text=True, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def _dse(folder: Path, port: int, ldaps_port: int, *, records: bool) -> str:
    digest = hashlib.sha512(MANAGER_PASSWORD.encode() + b"saltsalt").digest() + b"saltsalt"
    values = {
        "schema_dir": folder / "config" / "schema",
        "config_dir": folder / "config",
        "cert_dir": folder / "config",
        "inst_dir": folder / "inst",
        "db_dir": folder / "db",
        "db_home_dir": folder / "db",
        "ldapi": folder / "run" / "socket",
        **{f"{name}_dir": folder / name for name in ("lock", "tmp", "ldif", "bak", "run", "log")},
        "ldapi_enabled": "off",
        "ldapi_autobind": "off",
        "fqdn": "localhost",
        "ds_port": port,
        "ds_user": Path.home().owner(),
        "ds_suffix": "dc=t",
        "ds_passwd": "{SSHA512}" + base64.b64encode(digest).decode(),
        "rootdn": MANAGER,
        "db_lib": "bdb",
    }
    dse = re.sub(r"%([a-z_]+)%", lambda match: str(values[match[1]]), TEMPLATE.read_text())
    line = f"nsslapd-port: {port}\n"
    dse = dse.replace(line, line + CONFIG.format(ldaps_port=ldaps_port), 1)
    plugin = "nsslapd-pluginInitfunc: acct_policy_init\nnsslapd-pluginType: object\nnsslapd-pluginEnabled: "
    recorder = "nsslapd-plugininitfunc: retrocl_plugin_init\nnsslapd-plugintype: object\nnsslapd-pluginbetxn: on\n"
    changes = [
        (f"{plugin}off", f"{plugin}on"),
        ("alwaysrecordlogin: no", "alwaysrecordlogin: yes\nstateattrname: lastLoginTime"),
    ]
    if records:
        on = f"{recorder}{CHANGELOG}nsslapd-pluginenabled: on"
        changes += [(f"{recorder}nsslapd-pluginenabled: off", on), (line, line + RECORDS)]
    for old, new in changes:
        assert old in dse
        dse = dse.replace(old, new)
    return dse.rstrip() + BACKEND


def _trust(folder: Path, config: Path, ca: Path, cert: Path, key: Path) -> None:
    """Put the certificate into the server's own kind of store."""
    certutil, importer = require("certutil", "libnss3-tools"), require("pk12util", "libnss3-tools")
    bundle = pkcs12.serialize_key_and_certificates(
        b"Server-Cert",
        load_pem_private_key(key.read_bytes(), None),  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(cert.read_bytes()),
        [x509.load_pem_x509_certificate(ca.read_bytes())],
        NoEncryption(),
    )
    (folder / "server.p12").write_bytes(bundle)
    for command in (
        [certutil, "-N", "-d", config, "--empty-password"],
        [importer, "-i", folder / "server.p12", "-d", config, "-W", ""],
        [certutil, "-A", "-d", config, "-n", "CA", "-t", "CT,,", "-a", "-i", ca],
    ):
        subprocess.run(command, check=True, capture_output=True)


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"389 does not answer: {(folder / 'out').read_text(errors='replace')[-2000:]}")
