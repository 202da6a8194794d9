"""Libraries that log what we never tell: addresses, which hold secrets, users, and what was answered."""

import logging

_TALKERS = ("apprise", "httpcore", "httpx", "requests", "requests_oauthlib", "urllib3")


def silence_libraries() -> None:
    """Keep them from every log of this process; what came of a message is told by us."""
    for name in _TALKERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # their own children take it over
