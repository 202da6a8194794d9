"""
A proxy on loopback between a connector and MariaDB or MySQL, which understands packets, result sets and nothing more.

Source: MariaDB, "Clientserver Protocol": packets, connection phase, COM_QUERY, result set packets.
"""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from connectors.testing.certificates import LOOPBACK, ServerCertificate
from connectors.testing.harness import Observation, Target, receive_exactly, server_context
from connectors.testing.ldap_proxy import DRIP_FOR_S, DRIP_S, LdapDelivery

QUERY = 3
OK, EOF, ERROR = 0x00, 0xFE, 0xFF
CLIENT_SSL = 0x800


@dataclass(frozen=True, slots=True)
class MysqlResult:
    """The answer to one statement: columns and rows as packets, or one packet that says yes or no."""

    columns: tuple[bytes, ...]
    rows: tuple[bytes, ...]
    end: bytes
    delivery: LdapDelivery = LdapDelivery.WHOLE

    def packets(self) -> list[bytes]:
        """Return the packets in order."""
        if not self.columns:
            return [self.end]
        return [bytes([len(self.columns)]), *self.columns, self.end, *self.rows, self.end]

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [(cells(column)[4] or b"").decode() for column in self.columns]

    def failed(self, number: int) -> "MysqlResult":
        """Return an error instead; its text looks like a secret, which must not be told."""
        end = bytes([ERROR]) + number.to_bytes(2, "little") + b"#HY000not for the report: hunter2"
        return MysqlResult((), (), end, self.delivery)


def cells(row: bytes) -> list[bytes | None]:
    """Return the texts of a row; `None` is NULL. What follows the last whole text is left out."""
    found: list[bytes | None] = []
    at = 0
    while at < len(row):
        size, at = row[at], at + 1
        if size == 0xFB:
            found.append(None)
            continue
        if size in (0xFC, 0xFD, 0xFE):
            width = {0xFC: 2, 0xFD: 3, 0xFE: 8}[size]
            size, at = int.from_bytes(row[at : at + width], "little"), at + width
        found.append(row[at : at + size])
        at += size
    return found


def row_of(texts: list[bytes | None]) -> bytes:
    """Write a row."""
    return b"".join(b"\xfb" if t is None else _sized(t) for t in texts)


Script = Callable[[str, MysqlResult], MysqlResult]
"""Gets a statement and the server's answer; returns the answer to give."""


@contextmanager
def mysql_proxy(
    upstream: Target,
    script: Script,
    *,
    sign_in: Callable[[bytes], bytes] = lambda packet: packet,
    seen: Observation | None = None,
    certificate: ServerCertificate | None = None,
) -> Iterator[Target]:
    """Stand before a server; with a certificate, offering TLS with it. `sign_in` may change the answer to a sign-in."""
    with socket.create_server((LOOPBACK[1], 0)) as accepting:
        proxy = _Proxy(accepting, upstream, script, sign_in, seen or Observation(), certificate)
        thread = threading.Thread(target=proxy.serve, daemon=True)
        thread.start()
        try:
            port = int(accepting.getsockname()[1])
            yield Target(LOOPBACK[1], port, certificate is not None, certificate.ca_file if certificate else None)
        finally:
            proxy.stop.set()
            thread.join(5)


@dataclass
class _Proxy:
    accepting: socket.socket
    upstream: Target
    script: Script
    sign_in: Callable[[bytes], bytes]
    seen: Observation
    certificate: ServerCertificate | None
    stop: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> None:
        self.accepting.settimeout(0.05)
        while not self.stop.is_set():
            with suppress(TimeoutError):
                client, _ = self.accepting.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client: socket.socket) -> None:
        client.settimeout(30)
        address = (self.upstream.host, self.upstream.port)
        with client, suppress(OSError, EOFError, IndexError), socket.create_connection(address, timeout=30) as server:
            _send(client, *_receive(server))
            if self.certificate is None:
                self._relay(client, server, 0)
                return
            _receive(client)  # the wish for TLS
            try:
                secured = server_context(self.certificate.certificate, self.certificate.key).wrap_socket(
                    client, server_side=True
                )
            except OSError:
                self.seen.fired += 1
                return
            with secured:
                self._relay(secured, server, 1)

    def _relay(self, client: socket.socket, server: socket.socket, ahead: int) -> None:
        """Let it sign in, then answer; after a handshake the client's packets are numbered one `ahead`."""
        answer = b""
        while not answer or answer[0] not in (OK, ERROR):
            number, packet = _receive(client)
            if self.certificate is not None:
                self.seen.leaked += len(packet)
            if not answer:
                packet = struct.pack("<I", struct.unpack("<I", packet[:4])[0] & ~CLIENT_SSL) + packet[4:]
            _send(server, number - ahead, packet)
            number, answer = _receive(server)
            _send(client, number + ahead, self.sign_in(answer) if answer[0] in (OK, ERROR) else answer)
        while True:
            _, command = _receive(client)
            _send(server, 0, command)
            if command[0] != QUERY:
                return
            result = self.script(command[1:].decode(errors="replace"), _result(server))
            if not self._give(client, result):
                return

    def _give(self, client: socket.socket, result: MysqlResult) -> bool:
        data = b"".join(_framed(number, packet) for number, packet in enumerate(result.packets(), 1))
        match result.delivery:
            case LdapDelivery.WHOLE:
                client.sendall(data)
            case LdapDelivery.HALF:
                client.sendall(data[: len(data) // 2])
            case LdapDelivery.RESET:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            case LdapDelivery.DRIP:
                end = time.monotonic() + DRIP_FOR_S
                for at in range(len(data)):
                    client.sendall(data[at : at + 1])
                    if self.stop.wait(DRIP_S) or time.monotonic() > end:
                        break
        return result.delivery is LdapDelivery.WHOLE


def _result(server: socket.socket) -> MysqlResult:
    _, first = _receive(server)
    if first[0] in (OK, ERROR):
        return MysqlResult((), (), first)
    columns = tuple(_receive(server)[1] for _ in range(first[0]))
    _receive(server)  # the end of the columns
    rows: list[bytes] = []
    while True:
        _, packet = _receive(server)
        if packet[0] == ERROR or (packet[0] == EOF and len(packet) < 9):
            return MysqlResult(columns, tuple(rows), packet)
        rows.append(packet)


def _receive(connection: socket.socket) -> tuple[int, bytes]:
    head = receive_exactly(connection, 4)
    return head[3], receive_exactly(connection, int.from_bytes(head[:3], "little"))


def _send(connection: socket.socket, number: int, packet: bytes) -> None:
    connection.sendall(_framed(number, packet))


def _framed(number: int, packet: bytes) -> bytes:
    return len(packet).to_bytes(3, "little") + bytes([number % 256]) + packet


def _sized(text: bytes) -> bytes:
    return (bytes([len(text)]) if len(text) < 0xFB else b"\xfc" + len(text).to_bytes(2, "little")) + text
