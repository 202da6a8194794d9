"""Why a message was not delivered."""

from connectors.errors import AuditorError


class Undelivered(AuditorError):
    """The recipient's server did not take a message, or could not be reached; never holds an address or a secret."""
