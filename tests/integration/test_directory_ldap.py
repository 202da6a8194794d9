"""The LDAP connector against a real OpenLDAP, and against servers that do what no honest one does."""

import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import ldap3
import pytest

from connectors.collect import collect
from connectors.connector import Page
from connectors.directory import ldap, ldif
from connectors.errors import SourceUnreachable
from connectors.facts import Account, Collection, Complete, Partial, Status, System, SystemKind
from tests.integration.slapd import DirectoryServer, make_certificate, require, slapd

SYSTEM = System("directory", SystemKind.DIRECTORY, "ldap", "Directory", holds_phi=False)
SECRET_ENV = "AUDITOR_TEST_LDAP_PASSWORD"


def person(uid: str, extra: str = "") -> str:
    return (
        f"dn: uid={uid},ou=people,dc=t\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: Name of {uid}\nsn: x\n"
        f"mail: {uid}@practice.test\nemployeeNumber: E-{uid}\nuserPassword: {uid}\n{extra}\n"
    )


def group(cn: str, *members: str) -> str:
    return (
        f"dn: cn={cn},ou=groups,dc=t\nobjectClass: groupOfNames\ncn: {cn}\n"
        + "".join(f"member: {m}\n" for m in members)
        + "\n"
    )


OUS = "".join(f"dn: ou={ou},dc=t\nobjectClass: organizationalUnit\nou: {ou}\n\n" for ou in ("people", "groups"))
PRACTICE = (
    OUS
    + "".join(person(f"va{n:02}") for n in range(20))
    + person("disabled", "pwdAccountLockedTime: 000001010000Z\n")
    + person("expired", "pwdEndTime: 20200101000000Z\n")
    + person("lockme")
    + "dn: uid=unix,ou=people,dc=t\nobjectClass: account\nobjectClass: posixAccount\nuid: unix\ncn: Unix\n"
    "uidNumber: 1000\ngidNumber: 500\nhomeDirectory: /home/unix\n\n"
    # A cycle: outer > middle > inner > outer. Names differ in case and spaces from those of the entries.
    + group("outer", "cn=middle,ou=groups,dc=t")
    + group("middle", "CN=Inner, OU=Groups, DC=T")
    + group("inner", "uid=va01,ou=people,dc=t", "cn=outer,ou=groups,dc=t")
    + group("mfa", "cn=inner,ou=groups,dc=t", "uid=va02,ou=people,dc=t", "uid=gone,ou=people,dc=t")
    + "".join(group(f"g{n}", f"uid=va{n:02},ou=people,dc=t") for n in range(7))
    + "dn: cn=staff,ou=groups,dc=t\nobjectClass: posixGroup\ncn: staff\ngidNumber: 500\nmemberUid: va03\n\n"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DirectoryServer]:
    with slapd(tmp_path_factory.mktemp("slapd"), PRACTICE) as running:
        for _ in range(3):
            _bind(running, "uid=lockme,ou=people,dc=t", "wrong")
        assert _bind(running, "uid=va05,ou=people,dc=t", "va05")
        yield running


def _bind(server: DirectoryServer, dn: str, password: str) -> bool:
    tls = ldap3.Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=str(server.ca_file))
    connection = ldap3.Connection(
        ldap3.Server(server.host, server.ldaps_port, use_ssl=True, tls=tls, get_info=ldap3.NONE), dn, password
    )
    bound = bool(connection.bind())
    connection.unbind()
    return bound


def settings_for(server: DirectoryServer, **changes: object) -> ldap.Settings:
    return ldap.Settings.model_validate(
        {
            "url": server.ldaps_url,
            "ca_file": server.ca_file,
            "base_dn": server.base_dn,
            "bind_dn": server.bind_dn,
            "password_env": SECRET_ENV,
            "timeout_s": 10,
            **changes,
        }
    )


@pytest.fixture
def read(server: DirectoryServer, monkeypatch: pytest.MonkeyPatch):
    def run(password: str = server.password, **changes: object) -> Collection:
        monkeypatch.setenv(SECRET_ENV, password)
        return collect(ldap.connect(SYSTEM, settings_for(server, **changes), Path()))

    return run


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def reason(collection: Collection) -> str:
    assert isinstance(collection.completeness, Partial), "must not count as whole"
    assert not collection.accounts
    return collection.completeness.reason


def by_login(collection: Collection) -> dict[str, Account]:
    return {a.login: a for a in collection.accounts}


def lasting(collection: Collection) -> tuple[object, ...]:
    """Return the facts that two reads share; the sign-in of the reader itself is newer in the second."""
    accounts = tuple(replace(a, last_login=None) if a.login == "reader" else a for a in collection.accounts)
    return accounts, collection.entitlements, collection.grants


def held(collection: Collection, login: str) -> dict[str, tuple[str, ...]]:
    """Return cn of each group held, with the cns of the path."""
    names = {e.id: e.name for e in collection.entitlements.values()}
    account = by_login(collection)[login].id
    return {names[g.entitlement]: tuple(names[p] for p in g.path) for g in collection.grants if g.account == account}


def test_every_account_and_group_is_read_whatever_the_page_size(read):
    once = whole(read())
    assert len(once.accounts) == 27
    assert len(once.entitlements) == 12
    for size in (1, 4, 27):
        assert lasting(whole(read(page_size=size))) == lasting(once)


def test_the_proof_names_the_result_the_directory_and_what_was_not_found(read):
    evidence = {e.name: e.detail for e in whole(read(canary="reader")).completeness.evidence}
    assert evidence["end"].startswith("result code 0 on every page")
    assert evidence["directory"] == "OpenLDAP"
    assert evidence["scope"] == "dc=t"
    assert evidence["canary"] == "reader seen"
    assert evidence["unknown-members"] == "1 member values name no entry that was read"


def test_ldaps_and_starttls_give_the_same(read, server):
    assert lasting(whole(read())) == lasting(whole(read(url=server.url)))


def test_an_account_carries_what_correlation_needs(read):
    account = by_login(whole(read()))["va04"]
    assert (account.name, account.email, account.employee_id) == ("Name of va04", "va04@practice.test", "E-va04")
    assert account.created is not None
    assert account.mfa is None, "unknown without an MFA group"
    assert len(account.id) == 36, "the entryUUID, which survives a rename"


def test_disabled_expired_and_locked_accounts_are_told_apart(read):
    accounts = by_login(whole(read()))
    assert accounts["disabled"].status is Status.DISABLED
    assert accounts["expired"].status is Status.EXPIRED
    assert accounts["lockme"].status is Status.LOCKED
    assert accounts["lockme"].live
    assert accounts["va04"].status is Status.ACTIVE


def test_the_last_login_is_known_where_the_server_saw_one_and_else_unknown(read):
    accounts = by_login(whole(read()))
    assert accounts["va05"].last_login is not None
    assert accounts["va06"].last_login is None, "OpenLDAP does not say never"


def test_groups_in_groups_are_followed_through_a_cycle(read):
    groups = held(whole(read()), "va01")
    assert groups == {"inner": (), "g1": (), "middle": ("inner",), "mfa": ("inner",), "outer": ("inner", "middle")}


def test_unix_groups_count_by_name_and_by_primary_group(read):
    collection = whole(read())
    assert "staff" in held(collection, "va03")
    assert held(collection, "unix") == {"staff": ()}


@pytest.mark.parametrize("name", ["mfa", "MFA", "CN=mfa, OU=groups, DC=t"])
def test_members_of_the_mfa_group_must_use_mfa_even_through_a_group(read, name):
    accounts = by_login(whole(read(mfa_group=name)))
    assert (accounts["va01"].mfa, accounts["va02"].mfa, accounts["va03"].mfa) == (True, True, False)


def test_an_mfa_group_that_is_not_there_leaves_the_directory_unevaluated(read):
    assert "0 groups are called `mfa2`" in reason(read(mfa_group="mfa2"))


def test_a_size_limit_on_a_later_page_makes_the_collection_partial(read):
    text = reason(read("small", bind_dn="uid=small,dc=t", page_size=3))
    assert "result 4 (sizeLimitExceeded)" in text


def test_the_size_limit_strikes_after_pages_that_were_answered_well(server, monkeypatch):
    # Otherwise the test above could pass for a refusal of the first page.
    monkeypatch.setenv(SECRET_ENV, "small")
    settings = settings_for(server, bind_dn="uid=small,dc=t", page_size=3)
    with ldap.connect(SYSTEM, settings, Path()) as connector:
        first = connector.read_page(None)
        assert first.next_token
        assert len(first.entitlements) == 3


def test_a_page_beyond_the_allowed_size_makes_the_collection_partial(read):
    assert "result 11 (adminLimitExceeded)" in reason(read("small", bind_dn="uid=small,dc=t"))


def test_groups_whose_members_are_hidden_are_not_taken_for_empty_groups(read):
    text = reason(read("blind", bind_dn="uid=blind,dc=t"))
    assert "without the members it must have" in text


def test_a_wrong_password_is_a_refusal_and_is_never_repeated(read):
    collection = read("not-the-password")
    assert "result 49 (invalidCredentials) while signing in" in reason(collection)
    assert "not-the-password" not in repr(collection)


def test_without_a_password_nothing_is_read_anonymously(read):
    assert f"`{SECRET_ENV}` holds no password" in reason(read(""))


def test_a_base_that_does_not_exist_is_not_an_empty_directory(read):
    assert "result 32" in reason(read(base_dn="ou=nowhere,dc=t"))


def test_a_filter_that_finds_nobody_is_not_an_empty_directory(read):
    assert "no account at all" in reason(read(user_filter="(uid=nobody)"))


def test_a_broken_filter_is_said_to_be_one(read):
    assert "not an LDAP filter" in reason(read(user_filter="(uid=nobody"))


def test_a_part_of_the_tree_names_what_it_is_part_of(read):
    collection = whole(read(base_dn="ou=people,dc=t"))
    assert {e.detail for e in collection.completeness.evidence if e.name == "scope"} == {"ou=people,dc=t, part of dc=t"}


def test_an_untrusted_certificate_is_refused(read, tmp_path):
    stranger, _, _ = make_certificate(tmp_path / "stranger")
    assert "certificate of" in reason(read(ca_file=stranger))


def test_a_certificate_for_another_name_is_refused_unless_the_name_is_stated(read):
    assert "is not trusted" in reason(read(server_name="directory.practice.test"))
    assert whole(read(server_name="localhost"))


def test_a_server_that_goes_away_between_pages_leaves_the_collection_partial(tmp_path, monkeypatch):
    class Interrupted:
        """Reads two pages, then the server dies."""

        def __init__(self, connector: ldap.LdapDirectory, server: DirectoryServer) -> None:
            self.system, self.source = connector.system, connector.source
            self.connector, self.server, self.pages = connector, server, 0

        def read_page(self, token: str | None) -> Page:
            if self.pages == 2:
                assert self.server.process
                self.server.process.kill()
                self.server.process.wait()
            self.pages += 1
            return self.connector.read_page(token)

        def close(self) -> None:
            self.connector.close()

    monkeypatch.setenv(SECRET_ENV, "reader")
    with slapd(tmp_path, PRACTICE) as own:
        connector = ldap.connect(SYSTEM, settings_for(own, page_size=5), Path())
        assert "the connection to" in reason(collect(Interrupted(connector, own)))


def test_the_export_of_a_directory_gives_what_the_live_read_gives(read, server, tmp_path):
    live = whole(read(mfa_group="mfa"))
    file = tmp_path / "export.ldif"
    exported = _ldapsearch(server, "-E", "pr=7/noprompt")
    file.write_bytes(exported)
    export = whole(collect(ldif.connect(SYSTEM, ldif.Settings(file=file, mfa_group="mfa", canary="va01"), Path())))
    assert lasting(export) == lasting(live)


def test_an_export_that_hit_a_limit_is_partial(server, tmp_path):
    file = tmp_path / "export.ldif"
    file.write_bytes(_ldapsearch(server, bind_dn="uid=small,dc=t", password="small"))
    collection = collect(ldif.connect(SYSTEM, ldif.Settings(file=file), Path()))
    assert "the search ended in result `4 Size limit exceeded`" in reason(collection)


def _ldapsearch(server: DirectoryServer, *options: str, bind_dn: str = "", password: str = "") -> bytes:
    command = [
        *(require("ldapsearch", "ldap-utils"), "-x", "-H", server.ldaps_url, "-b", server.base_dn),
        *("-D", bind_dn or server.bind_dn, "-w", password or server.password),
        *(*options, "(objectClass=*)", "*", "+"),
    ]
    environment = {"LDAPTLS_CACERT": str(server.ca_file), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, capture_output=True, env=environment, check=False).stdout


# Servers that do what no honest one does


@dataclass
class Listener:
    """Accepts connections and remembers every byte that it could read."""

    port: int
    connections: int = 0
    received: bytes = b""
    errors: list[str] = field(default_factory=list)


@contextmanager
def listener(folder: Path | None = None, *, start_tls: bool = False) -> Iterator[Listener]:
    """Listen, and shake hands with a certificate that nobody trusts when `folder` is given; never answer LDAP."""
    context = None
    if folder is not None:
        _, cert, key = make_certificate(folder)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as accepting:
        accepting.settimeout(0.1)
        seen = Listener(accepting.getsockname()[1])
        stop = threading.Event()

        def serve() -> None:
            while not stop.is_set():
                try:
                    peer, _ = accepting.accept()
                except TimeoutError:
                    continue
                seen.connections += 1
                with peer:
                    peer.settimeout(3)
                    _listen_to(peer, seen, context, start_tls=start_tls)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield seen
        finally:
            stop.set()
            thread.join(5)


def _listen_to(peer: socket.socket, seen: Listener, context: ssl.SSLContext | None, *, start_tls: bool) -> None:
    try:
        if start_tls:
            request = peer.recv(4096)
            number = request[2 : 4 + request[3]]  # the BER integer that is the id of the request
            answer = number + b"\x78\x07\x0a\x01\x00\x04\x00\x04\x00"  # extendedResponse, success
            peer.sendall(bytes([0x30, len(answer)]) + answer)
        if context is None:
            while data := peer.recv(4096):
                seen.received += data
            return
        with context.wrap_socket(peer, server_side=True) as secured:
            while data := secured.recv(4096):
                seen.received += data
    except OSError as error:
        seen.errors.append(str(error))


def _hostile(url: str, **changes: object) -> Collection:
    settings = ldap.Settings.model_validate(
        {"url": url, "base_dn": "dc=t", "bind_dn": "cn=a", "password_env": SECRET_ENV, "timeout_s": 1, **changes}
    )
    return collect(ldap.connect(SYSTEM, settings, Path()))


@pytest.mark.parametrize("scheme", ["ldaps", "ldap"])
def test_an_impostor_never_gets_the_password(scheme, tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "hunter2")
    with listener(tmp_path, start_tls=scheme == "ldap") as impostor:
        text = reason(_hostile(f"{scheme}://127.0.0.1:{impostor.port}"))
    assert "is not trusted; the password was not sent" in text
    assert impostor.connections == 1
    assert impostor.errors, "the handshake must have been tried and broken off"
    assert impostor.received == b""


@pytest.mark.parametrize("url", ["ldap://127.0.0.1:{}", "ldaps://127.0.0.1:{}"])
def test_a_silent_server_is_not_waited_for_without_end(url, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "hunter2")
    with listener() as silent:
        text = reason(_hostile(url.format(silent.port)))
    assert "did not answer within 1 s while connecting" in text
    assert b"hunter2" not in silent.received


def test_a_referral_is_not_followed_and_counts_as_unread(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with listener() as elsewhere:
        away = (
            "dn: ou=away,dc=t\nobjectClass: referral\nobjectClass: extensibleObject\nou: away\n"
            f"ref: ldap://127.0.0.1:{elsewhere.port}/ou=away,dc=t\n\n"
        )
        with slapd(tmp_path, PRACTICE + away) as own:
            from_the_root = collect(ldap.connect(SYSTEM, settings_for(own), Path()))
            below_it = collect(ldap.connect(SYSTEM, settings_for(own, base_dn="ou=x,ou=away,dc=t"), Path()))
            export = tmp_path / "export.ldif"
            export.write_bytes(_ldapsearch(own))
            exported = collect(ldif.connect(SYSTEM, ldif.Settings(file=export), Path()))
    assert "part of `dc=t` is on another server" in reason(from_the_root)
    assert "result 10 (referral)" in reason(below_it)
    assert "part of the directory is on another server" in reason(exported)
    assert elsewhere.connections == 0, "neither a connection nor the password may go to a server that data names"


def test_plain_text_is_possible_on_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with slapd(tmp_path, PRACTICE, security="") as own:
        settings = settings_for(own, url=own.url, plain=True, ca_file=None)
        assert whole(collect(ldap.connect(SYSTEM, settings, Path())))


def test_the_rights_in_the_documentation_are_enough(read, tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    page = (Path(__file__).parents[2] / "docs" / "connect-ldap.md").read_text()
    rights = page.partition("```\nlimits")[2].partition("```")[0]
    access = f"limits{rights}".replace("uid=auditor,dc=practice,dc=test", "uid=reader,dc=t")
    with slapd(tmp_path, PRACTICE, access=access) as own:
        least = whole(collect(ldap.connect(SYSTEM, settings_for(own), Path())))
    most = whole(read())
    told = [{(a.login, a.name, a.employee_id, a.status) for a in c.accounts} for c in (least, most)]
    assert {t[0] for t in told[0]} == {t[0] for t in told[1]}
    assert told[1] - told[0] == {("lockme", "Name of lockme", "E-lockme", Status.LOCKED)}, "locked on one server only"
    assert by_login(least)["disabled"].status is Status.DISABLED
    assert (least.entitlements.keys(), len(least.grants)) == (most.entitlements.keys(), len(most.grants))


def test_pages_cannot_be_read_out_of_order(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    with ldap.connect(SYSTEM, settings_for(server, page_size=2), Path()) as connector:
        first = connector.read_page(None)
        connector.read_page(first.next_token)
        with pytest.raises(Exception, match="must be read in order"):
            connector.read_page(first.next_token)


def test_a_certificate_file_that_is_none_is_named(read, tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("no certificate")
    assert "`ca_file`: this is not a certificate file" in reason(read(ca_file=junk))


def test_a_server_that_is_not_there_is_unreachable_not_empty(server, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    settings = settings_for(server, url="ldaps://127.0.0.1:1")
    with ldap.connect(SYSTEM, settings, Path()) as connector, pytest.raises(SourceUnreachable):
        connector.read_page(None)


@pytest.mark.slow
def test_twenty_thousand_accounts_are_read_in_seconds(tmp_path, monkeypatch):
    monkeypatch.setenv(SECRET_ENV, "reader")
    people = "".join(person(f"u{n}") for n in range(20_000))
    groups = "".join(
        group(f"b{g}", *(f"uid=u{(g * 80 + m) % 20_000},ou=people,dc=t" for m in range(80))) for g in range(500)
    )
    with slapd(tmp_path, OUS + people + groups) as own:
        collection = whole(
            collect(ldap.connect(SYSTEM, settings_for(own), Path()), time_limit_s=20),
        )
    assert (len(collection.accounts), len(collection.entitlements)) == (20_003, 500)
    assert len(collection.grants) == 40_000
