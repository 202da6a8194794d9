"""How ldap3 receives an answer, with the entries taken out by our own reader before ldap3 decodes them."""

from typing import Any

from ldap3.strategy.sync import SyncStrategy

from connectors.directory.ldap.ber import NotBer, answers

RECEIVE_BYTES = 32_768
"""How much is taken from the socket at once; ldap3's 4 KiB makes large groups quadratic."""


class RawEntryStrategy(SyncStrategy):
    """
    Keeps the entries of an answer as they came, for `take`; everything else is in ldap3's response, in its own form.

    ldap3 would decode every value three times: as a part, as bytes and as text, and make two mappings of each entry.
    It takes over the connection that it is made with.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.socket_size = RECEIVE_BYTES
        self._entries: list[bytes] = []
        self._expected = 0
        connection.strategy = self
        for name in ("send", "open", "get_response", "post_send_single_response", "post_send_search"):
            setattr(connection, name, getattr(self, name))  # ldap3 keeps them on the connection as well

    # The stubs know these methods of ldap3 without types, with the wrong ones, or not at all.

    def post_send_search(self, message_id: int) -> int:  # type: ignore[override]
        """Return the number of the request at once, as ldap3's asynchronous strategies do; `wait_for` waits."""
        return message_id

    def wait_for(self, message_id: int) -> None:
        """Wait for the answer to a search; the connection then has its result. Raises ldap3's errors and `NotBer`."""
        super().post_send_search(message_id)  # type: ignore[no-untyped-call]

    def take(self) -> list[bytes]:
        """Return the entries of the last answer, once."""
        taken, self._entries = self._entries, []
        return taken

    def _get_response(self, message_id: int, timeout: float | None) -> Any:
        self._expected, self._entries = message_id, []
        return super()._get_response(message_id, timeout)  # type: ignore[misc]

    def receiving(self) -> list[bytes]:  # type: ignore[override]
        """Return what is no entry, and nothing only when the server closed the connection; raises `NotBer`."""
        while messages := super().receiving():  # type: ignore[no-untyped-call]
            others = [message for message in messages if not self._taken(message)]
            if others:
                return others
        return []

    def _taken(self, message: bytes) -> bool:
        number = answers(message)
        if number is None:
            return False
        if number != self._expected:
            raise NotBer("an entry that nobody asked for")
        self._entries.append(message)
        return True
