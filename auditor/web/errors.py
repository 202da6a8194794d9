"""
What is said when a request is refused, in our own words; nothing of the request stands in them.

- `Refused`: a page says why, with a status of `WORDS`.
- Anything else of Starlette is said with the words of its status; any other exception is a 500, without a traceback.
"""

from dataclasses import dataclass

from starlette.exceptions import HTTPException


@dataclass(frozen=True, slots=True)
class ErrorWords:
    """The page of one status."""

    title: str
    text: str
    outcome: str
    """In a word, for the log of requests."""


WORDS = {
    400: ErrorWords(
        "This request could not be understood",
        "Nothing was changed. Go back, load the page again and repeat what you did.",
        "malformed",
    ),
    403: ErrorWords("You may not do this", "Nothing was changed.", "refused"),
    404: ErrorWords(
        "There is no such page", "It may have been closed, or it may never have been yours to see.", "not found"
    ),
    405: ErrorWords("This page cannot be asked in this way", "Nothing was changed.", "wrong method"),
    408: ErrorWords(
        "The request took too long to arrive",
        "Nothing was changed. Check the connection and repeat what you did.",
        "slow",
    ),
    409: ErrorWords(
        "This has changed since you opened the page",
        "Nothing of what you sent was taken. Load the page again to see how it stands now.",
        "stale",
    ),
    413: ErrorWords("What you sent is too large", "Nothing was changed.", "too large"),
    429: ErrorWords("Too many requests", "Nothing was changed. Wait a minute, then try again.", "too many"),
    500: ErrorWords(
        "Something went wrong here, not with you",
        "Whether your last step was saved is shown by the page when you load it again. If it happens twice, tell who "
        "runs this site when it was.",
        "failed",
    ),
    503: ErrorWords(
        "The store cannot be used just now", "Nothing was changed. Wait a minute, then try again.", "unavailable"
    ),
}
"""Every status with a page of its own."""


class Refused(HTTPException):
    """
    A request that is refused with words for whoever asked: `Refused(409, "Somebody else decided this meanwhile.")`.

    The words are shown, escaped; never put a secret into them. A status without `WORDS` is a `KeyError`.
    """

    def __init__(self, status: int, text: str = "", *, title: str = "", headers: dict[str, str] | None = None) -> None:
        words = WORDS[status]
        self.text, self.title = text or words.text, title or words.title
        super().__init__(status, words.outcome, headers)


def words_of(status: int) -> ErrorWords:
    """Return the words of a status; of one without its own, those of its kind."""
    return WORDS.get(status) or WORDS[500 if status >= 500 else 400]


def outcome_of(status: int) -> str:
    """Return a status in a word, for the log of requests."""
    if status < 400:
        return "done"
    return words_of(status).outcome
