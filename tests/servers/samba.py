"""A real Active Directory domain controller (Samba), provisioned, filled and run on a loopback address of its own."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ldap3
import pytest

from tests.integration.slapd import DirectoryServer, make_certificate, require

PACKAGES = "samba-ad-dc samba-ad-provision"
PASSWORD = "Passw0rd!1"
HOST = "dc1.t.test"
PORTS = (88, 389, 464, 636, 3268, 3269)
"""Samba cannot be told to use others, so each domain has an address instead."""
SEED = Path(__file__).with_name("samba_seed.py")


@dataclass(frozen=True, slots=True)
class Samba:
    """A running domain; `tests/servers/samba_seed.py` says who is in it."""

    server: DirectoryServer
    folder: Path
    """Where the audit logs are written: `dsdb.json`, `group.json` and `auth.json`, if it was started with them."""
    krb5_config: Path
    """Where Kerberos finds the domain; for `KRB5_CONFIG`."""
    keytab: Path
    """The key of `auditor`; for `KRB5_CLIENT_KTNAME`."""

    def sign_in(self, login: str, password: str = PASSWORD) -> bool:
        """Sign somebody in, or try to."""
        server = ldap3.Server(self.server.host, 636, use_ssl=True, get_info=ldap3.NONE)
        connection = ldap3.Connection(server, f"{login}@t.test", password)
        bound = bool(connection.bind())
        connection.unbind()
        return bound


@contextmanager
def samba(folder: Path, *, logs: bool = False) -> Iterator[Samba]:
    """
    Run a domain in the folder: about 5 s from nothing; needs root, because the ports of LDAP are below 1024.

    With `logs` it writes what changes, in groups too, and who signs in.
    """
    program, tool = require("samba", PACKAGES), require("samba-tool", PACKAGES)
    if os.geteuid() != 0:
        pytest.skip("Samba listens on port 389, which only root may open")
    address = _free_address()
    domain = folder / "dc"
    _run(
        *(tool, "domain", "provision", f"--targetdir={domain}", "--realm=T.TEST", "--domain=TT", "--host-name=dc1"),
        *("--adminpass=Passw0rd!x", "--server-role=dc", "--dns-backend=NONE", "--use-rfc2307"),
        *(f"--option=interfaces={address}/8", "--option=bind interfaces only=yes", "--option=vfs objects=acl_xattr"),
    )
    _run("/usr/bin/python3", "-P", str(SEED), str(domain))  # -P: this file would hide the package `samba`
    keytab = folder / "auditor.keytab"
    smb = domain / "etc" / "smb.conf"
    _run(tool, "domain", "exportkeytab", str(keytab), "--principal=auditor", f"--configfile={smb}")
    ca, cert, key = make_certificate(folder / "tls", names=(HOST, address))
    key.chmod(0o600)
    command = [
        *(program, "-F", "--no-process-group", "-M", "single", f"--configfile={smb}"),
        *(f"--option=interfaces={address}/8", "--option=server services=ldap kdc", f"--option=pid directory={domain}"),
        *(f"--option=ncalrpc dir={domain / 'ncalrpc'}", f"--option=log file={folder / 'samba.log'}"),
        *(f"--option=tls certfile={cert}", f"--option=tls keyfile={key}", f"--option=tls cafile={ca}"),
        # As Windows does it: Kerberos over TLS needs no protection of its own.
        "--option=ldap server require strong auth=allow_sasl_over_tls",
    ]
    if logs:
        kinds = {"dsdb_json_audit": "dsdb", "dsdb_group_json_audit": "group", "auth_json_audit": "auth"}
        written = " ".join(f"{kind}:5@{folder / name}.json" for kind, name in kinds.items())
        command.append(f"--option=log level=1 {written}")
    with (folder / "samba.out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        _wait_for(address, process)
        server = DirectoryServer(address, 389, 636, ca, "DC=t,DC=test", "auditor@t.test", PASSWORD, process)
        yield Samba(server, folder, _krb5_config(folder, address), keytab)
    finally:
        process.terminate()
        process.wait(10)


def _krb5_config(folder: Path, address: str) -> Path:
    path = folder / "krb5.conf"
    path.write_text(
        "[libdefaults]\ndefault_realm = T.TEST\ndns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = false\n"
        f"dns_canonicalize_hostname = false\n[realms]\nT.TEST = {{\n kdc = {address}\n}}\n"
        "[domain_realm]\n.t.test = T.TEST\n"
    )
    return path


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, f"{command[1:3]}: {done.stderr[-2000:]}"


def _free_address() -> str:
    for number in range(2, 250):
        address = f"127.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}.{number}"
        if all(_is_free(address, port) for port in PORTS):
            return address
    raise RuntimeError("no loopback address is free for Samba")


def _is_free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        if all(_answers(address, port) for port in (88, 389, 636)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"Samba does not answer on {address}")


def _answers(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0
