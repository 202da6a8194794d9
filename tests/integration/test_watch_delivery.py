"""Messages on their way: a real SMTP server and a real HTTP server on loopback, and what must never leave."""

import json
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.cli import run
from auditor.config import load_config
from auditor.exit_codes import IN_STEP, NOT_EVALUABLE, USAGE
from auditor.watch import delivery
from auditor.watch.delivery import GIVE_UP, pause_s
from auditor.watch.state import WatchState
from tests.integration.slapd import free_port, make_certificate
from tests.servers.mail import Mailbox, mailbox
from tests.servers.web import Scripted, answer, scripted
from tests.watched import Journal, edit, outbox, roster, start, watched

PASSWORD = "right"
HOOK = {"webhook": {"url_env": "WATCH_TEST_HOOK", "token_env": "WATCH_TEST_TOKEN"}}
MAIL = {"email": "dana@lakeside.example"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> tuple[Path, Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), names=("localhost",))


@pytest.fixture(autouse=True)
def secrets(monkeypatch):
    monkeypatch.setenv("WATCH_TEST_TOKEN", "t0ken-secret")
    monkeypatch.setenv("WATCH_TEST_PASSWORD", PASSWORD)


def server(box: Mailbox, ca: Path | None = None, **more: object) -> dict[str, object]:
    of = {"host": "localhost", "port": box.port, "sender": "auditor@lakeside.example"}
    return of | ({"ca_file": str(ca)} if ca else {}) | more


def deliver(practice: Path, journal: Journal) -> Journal:
    """Run one turn of a watch of its own, as after a restart."""
    with WatchState.open(load_config(practice).store) as state:
        start(practice, state, journal).turn()
    return journal


# ---- e-mail ---------------------------------------------------------------------------------------------------------


def test_mail_goes_over_checked_starttls_with_a_sign_in(tmp_path, certificate):
    ca, cert, key = certificate
    with mailbox((cert, key), sign_in=True) as box:
        mail = server(box, ca, user="auditor", password_env="WATCH_TEST_PASSWORD")
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
        journal = deliver(practice, Journal())
    assert journal.of("sent")
    assert box.encrypted == [True]
    assert box.signed_in == [("auditor", PASSWORD)]
    (mail,) = box.mails
    (row,) = outbox(practice)
    assert mail["Message-ID"] == f"<{row['message']}.compliance@lakeside.example>"
    assert (mail["To"], mail["From"]) == ("dana@lakeside.example", "auditor@lakeside.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().splitlines() == row["body"].splitlines()
    assert row["state"] == "sent"


def test_mail_over_tls_from_the_first_byte(tmp_path, certificate):
    ca, cert, key = certificate
    with mailbox() as plain, tls_in_front_of(plain.port, cert, key) as port:
        mail = server(plain, ca, security="tls") | {"port": port}
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
        journal = deliver(practice, Journal())
    assert journal.of("sent")
    assert len(plain.mails) == 1


@contextmanager
def tls_in_front_of(port: int, cert: Path, key: Path) -> Iterator[int]:
    """Take one connection over TLS and hand it on: aiosmtpd itself cannot be spoken to by TLS from a thread."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)

    def copy(one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)

    def serve() -> None:
        with suppress(OSError):
            plain, _ = listener.accept()
            inside = socket.create_connection(("127.0.0.1", port))
            with context.wrap_socket(plain, server_side=True) as outside, inside:
                back = threading.Thread(target=copy, args=(inside, outside), daemon=True)
                back.start()
                copy(outside, inside)
                inside.shutdown(socket.SHUT_WR)
                back.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


def test_a_mail_server_with_a_certificate_of_somebody_else_gets_nothing(tmp_path, certificate):
    _, cert, key = certificate
    (tmp_path / "other").mkdir()
    stranger = make_certificate(tmp_path / "other")[0]
    with mailbox((cert, key), sign_in=True) as box:
        mail = server(box, stranger, user="auditor", password_env="WATCH_TEST_PASSWORD")
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
        journal = deliver(practice, Journal())
    assert journal.of("not-sent")[0]["problem"].startswith("the mail server's certificate is not to be trusted: it ")
    assert not box.mails
    assert not box.signed_in


def test_a_mail_server_without_starttls_gets_nothing(tmp_path):
    with mailbox() as box:
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=server(box))
        journal = deliver(practice, Journal())
    assert "no STARTTLS" in journal.of("not-sent")[0]["problem"]
    assert not box.mails


def test_a_wrong_password_is_told_by_its_code_alone(tmp_path, certificate, monkeypatch):
    monkeypatch.setenv("WATCH_TEST_PASSWORD", "wr0ng-secret")
    ca, cert, key = certificate
    with mailbox((cert, key), sign_in=True) as box:
        mail = server(box, ca, user="auditor", password_env="WATCH_TEST_PASSWORD")
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
        journal = deliver(practice, Journal())
    assert journal.of("not-sent")[0]["problem"] == "the mail server refuses user or password (535)"


def test_an_address_that_is_refused_is_tried_again_and_heals(tmp_path):
    with mailbox() as box:
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=server(box, security="none"))
        box.refuse = "550 no such user dana@lakeside.example"
        journal = deliver(practice, Journal())
        assert journal.of("not-sent")[0]["problem"] == "the mail server refuses this address (550)"
        box.refuse = ""
        assert deliver(practice, journal.later(seconds=5)).of("sent") == []  # not before its time
        assert deliver(practice, journal.later(seconds=40)).of("sent")
    assert len(box.mails) == 1


def test_a_mail_server_elsewhere_without_encryption_is_refused(tmp_path, capsys):
    mail = {"host": "mail.lakeside.example", "security": "none", "sender": "auditor@lakeside.example"}
    practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
    assert run(["watch", str(practice), "--status"]) == USAGE
    assert "only for this machine" in capsys.readouterr().err


# ---- webhook --------------------------------------------------------------------------------------------------------


def body(request: bytes) -> dict[str, object]:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def hook(web: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCH_TEST_HOOK", f"{web.url}/hooks/p4th-secret?key=qu3ry-secret")


def test_a_webhook_gets_json_a_token_and_a_key_that_stays(tmp_path, certificate, monkeypatch):
    ca, cert, key = certificate
    with scripted(answer(status=503), answer(), certificate=(cert, key)) as web:
        hook(web, monkeypatch)
        webhook = HOOK["webhook"] | {"ca_file": str(ca)}
        practice = watched(tmp_path, recipients={"ops": {"webhook": webhook}})
        journal = deliver(practice, Journal())
        assert journal.of("not-sent")[0]["problem"] == "the webhook answered 503"
        assert deliver(practice, journal.later(minutes=2)).of("sent")
    first, second = web.requests
    assert first.startswith(b"POST /api/hooks/p4th-secret?key=qu3ry-secret HTTP/1.1")
    assert b"authorization: bearer t0ken-secret" in first.lower()
    (row,) = outbox(practice)
    assert f'idempotency-key: "{row["message"]}.ops"'.encode().lower() in first.lower()
    assert body(first) == body(second) == json.loads(row["payload"])
    assert first == second


def test_an_untrusted_webhook_gets_nothing(tmp_path, certificate, monkeypatch):
    _, cert, key = certificate
    with scripted(answer(), certificate=(cert, key)) as web:
        hook(web, monkeypatch)
        practice = watched(tmp_path, recipients={"ops": HOOK})
        journal = deliver(practice, Journal())
    assert "not to be trusted" in journal.of("not-sent")[0]["problem"]
    assert not web.requests


def test_a_redirect_is_not_followed(tmp_path, monkeypatch):
    with scripted(answer()) as other, scripted(answer(status=307, location=other.url)) as web:
        hook(web, monkeypatch)
        journal = deliver(watched(tmp_path, recipients={"ops": HOOK}), Journal())
    assert journal.of("not-sent")[0]["problem"] == "the webhook answered 307"
    assert not other.requests


@pytest.mark.parametrize(
    "url", ["http://hooks.example/p4th-secret", "http://10.0.0.5/x", "ftp://localhost/", "x", "http://[::"]
)
def test_nothing_is_sent_without_encryption(tmp_path, monkeypatch, url):
    reached = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: reached.append(a) or (_ for _ in ()).throw(OSError()))
    monkeypatch.setenv("WATCH_TEST_HOOK", url)
    journal = deliver(watched(tmp_path, recipients={"ops": HOOK}), Journal())
    assert "encryption" in (problem := journal.of("not-sent")[0]["problem"]) or "https://" in problem
    assert url not in problem
    assert not reached


def test_a_secret_with_a_line_end_is_refused_and_not_shown(tmp_path, monkeypatch):
    with scripted(answer()) as web:
        hook(web, monkeypatch)
        monkeypatch.setenv("WATCH_TEST_TOKEN", "t0ken-secret\r\nx-other: 1")
        journal = deliver(watched(tmp_path, recipients={"ops": HOOK}), Journal())
    assert "line end" in journal.of("not-sent")[0]["problem"]
    assert not web.requests


# ---- chat -----------------------------------------------------------------------------------------------------------


def test_a_chat_is_told_through_apprise(tmp_path, monkeypatch):
    with scripted(answer()) as web:
        monkeypatch.setenv("WATCH_TEST_CHAT", f"json://user:ch4t-secret@127.0.0.1:{web.port}/")
        practice = watched(tmp_path, recipients={"team": {"chat": {"url_env": "WATCH_TEST_CHAT"}}})
        assert deliver(practice, Journal()).of("sent")
    (request,) = web.requests
    (row,) = outbox(practice)
    assert body(request)["title"] == row["subject"]
    assert row["message"] in body(request)["message"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("json://chat.example/ch4t-secret", "without encryption"),
        ("rocket://u:ch4t-secret@chat.example/room", "without encryption"),
        ("syslog://", "without encryption"),
        ("jsons://chat.example/ch4t-secret?verify=no", "check of certificates"),
        ("nonsense-ch4t-secret", "no address of a chat service"),
    ],
)
def test_a_chat_address_that_is_not_safe_is_refused_and_not_shown(tmp_path, monkeypatch, capfd, url, said):
    monkeypatch.setenv("WATCH_TEST_CHAT", url)
    practice = watched(tmp_path, recipients={"team": {"chat": {"url_env": "WATCH_TEST_CHAT"}}})
    problem = deliver(practice, Journal()).of("not-sent")[0]["problem"]
    assert said in problem
    assert "ch4t-secret" not in problem + "".join(capfd.readouterr())


# ---- all ------------------------------------------------------------------------------------------------------------


def test_a_network_that_is_down_is_tried_again_across_restarts_until_the_message_is_there(tmp_path, monkeypatch):
    port = free_port()
    monkeypatch.setenv("WATCH_TEST_HOOK", f"http://127.0.0.1:{port}/p4th-secret")
    practice = watched(tmp_path, recipients={"ops": HOOK}, schedule={"at": []})
    journal = Journal()
    for minutes in (0, 5, 5, 60):
        deliver(practice, journal.later(minutes=minutes))
    assert [row["tries"] for row in outbox(practice)] == [4]
    edit(roster(practice), "VMA-04", "VMA-44")
    deliver(practice, journal.later(seconds=1))
    assert [row["tries"] for row in outbox(practice)] == [4, 1]
    with scripted(answer()) as web:
        hook(web, monkeypatch)
        deliver(practice, journal.later(hours=2))
    assert [body(r)["message"] for r in web.requests] == [row["message"] for row in outbox(practice)]
    assert {row["state"] for row in outbox(practice)} == {"sent"}


def test_one_recipient_that_fails_keeps_nobody_else_from_being_told(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCH_TEST_HOOK", f"http://127.0.0.1:{free_port()}/")
    with mailbox() as box:
        recipients = {"ops": HOOK, "compliance": MAIL}
        practice = watched(tmp_path, recipients=recipients, mail_server=server(box, security="none"))
        journal = deliver(practice, Journal())
    assert [e["recipient"] for e in journal.of("sent")] == ["compliance"]
    assert len(box.mails) == 1


@pytest.mark.timeout(60)
def test_a_server_that_never_ends_keeps_no_audit_from_being_made(tmp_path, monkeypatch):
    monkeypatch.setattr(delivery, "LIMIT_S", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the call, and never says a word
        port = silent.getsockname()[1]
        mail = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "auditor@lakeside.example"}
        practice = watched(tmp_path, recipients={"compliance": MAIL}, mail_server=mail)
        journal = deliver(practice, Journal())
    assert journal.of("not-sent")[0]["problem"] == "it was not taken within 1 s"


def test_pauses_double_up_to_an_hour():
    assert [pause_s(n) for n in (0, 1, 2, 6, 7, 8, 1000)] == [30, 60, 120, 1920, 3600, 3600, 3600]


def test_a_recipient_that_fails_for_a_week_is_given_up_and_stays_visible(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("WATCH_TEST_HOOK", f"http://127.0.0.1:{free_port()}/p4th-secret")
    practice = watched(tmp_path, recipients={"ops": HOOK}, schedule={"at": []})
    journal = deliver(practice, Journal())
    capsys.readouterr()
    assert run(["watch", str(practice), "--status"]) == NOT_EVALUABLE
    assert "ops: 0 sent; 1 waiting" in capsys.readouterr().out
    assert deliver(practice, journal.later(seconds=GIVE_UP / timedelta(seconds=1))).of("given-up")
    assert run(["watch", str(practice), "--status", "--format", "json"]) == NOT_EVALUABLE
    (ops,) = json.loads(capsys.readouterr().out)["recipients"]
    assert (ops["waiting"], ops["given_up"]) == (0, 1)
    run(["doctor", str(practice)])
    told = " ".join(capsys.readouterr().out.split())
    assert "`ops` was not told" in told
    assert "p4th-secret" not in told


def test_who_is_no_recipient_any_more_is_not_told(tmp_path, monkeypatch):
    monkeypatch.setenv("WATCH_TEST_HOOK", f"http://127.0.0.1:{free_port()}/")
    practice = watched(tmp_path, recipients={"ops": HOOK})
    journal = deliver(practice, Journal())
    edit(practice, "ops:", "others:")
    assert deliver(practice, journal.later(minutes=5)).of("given-up")[0]["recipient"] == "ops"


def test_a_test_message_goes_to_everybody_and_says_who_cannot_be_told(tmp_path, monkeypatch, capsys):
    with mailbox() as box, scripted(answer()) as web:
        hook(web, monkeypatch)
        recipients = {"ops": HOOK, "compliance": MAIL}
        practice = watched(tmp_path, recipients=recipients, mail_server=server(box, security="none"))
        assert run(["watch", str(practice), "--test-message"]) == IN_STEP
        monkeypatch.setenv("WATCH_TEST_HOOK", "")
        assert run(["watch", str(practice), "--check"]) == NOT_EVALUABLE
    assert [m["Subject"] for m in box.mails] == ["lakeside-family: test"] * 2
    assert len(web.requests) == 1
    assert not practice.with_name("lakeside.db").exists()
    assert "`WATCH_TEST_HOOK` holds no secret" in capsys.readouterr().out


def test_no_secret_and_no_address_is_in_the_state_the_journal_or_any_log(
    tmp_path, certificate, monkeypatch, capfd, caplog
):
    caplog.set_level(logging.DEBUG)
    ca, cert, key = certificate
    monkeypatch.setenv("WATCH_TEST_CHAT", "json://user:ch4t-secret@127.0.0.1:9/")
    with mailbox((cert, key), sign_in=True) as box, scripted(answer(status=500)) as web:
        hook(web, monkeypatch)
        monkeypatch.setenv("WATCH_TEST_PASSWORD", "wr0ng-secret")
        mail = server(box, ca, user="auditor", password_env="WATCH_TEST_PASSWORD")
        recipients = {"ops": HOOK, "compliance": MAIL, "team": {"chat": {"url_env": "WATCH_TEST_CHAT"}}}
        practice = watched(tmp_path, recipients=recipients, mail_server=mail)
        run(["watch", str(practice), "--once"])
        run(["watch", str(practice), "--test-message", "--format", "json"])
        run(["watch", str(practice), "--status"])
    told = "".join(capfd.readouterr())
    ours = [r for r in caplog.records if not r.name.startswith(("mail.log", "asyncio"))]  # the harness's own
    told += " ".join(record.getMessage() for record in ours)
    written = b"".join(p.read_bytes() for p in practice.parent.iterdir() if p.is_file() and p != practice)
    for secret in ("t0ken-secret", "p4th-secret", "qu3ry-secret", "wr0ng-secret", "ch4t-secret"):
        assert secret not in told
        assert secret.encode() not in written
    assert "dana@lakeside" not in told
    assert b"dana@lakeside" not in practice.with_name("lakeside.watch.db").read_bytes()
