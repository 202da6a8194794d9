"""
A new name under an old id: the same person with another name, or another person?

Whoever marries keeps the first name, the engagement and the accounts, and the address follows the new name or stays.
An id that is given to somebody else runs two histories together (NIST SP 800-53 IA-4). What is not shown, is said so.
"""

import re
import unicodedata

from connectors.facts import Person

UNCLEAR = (
    " (whether it is the same person nothing here shows: if so, keep the id; if not, give them an id of their own)"
)


def same_person(was: Person, now: Person, *, kept: bool) -> tuple[bool, str]:
    """
    Return whether a new name is the same person's, and what to say where that cannot be told.

    `kept` is whether an engagement goes on. An address that stays shows that it is the same person; a log-in that the
    roster states for both may only have been left as it was.
    """
    mails = [p.email.casefold() for p in (was, now) if p.email]
    if len(set(mails)) < 2:
        return True, ""
    old, new = words(was.name), words(now.name)
    first = bool(old and new) and old[0] == new[0]
    if first and kept and (_follows(mails[1], new) or set(was.logins) & set(now.logins)):
        return True, ""
    if not set(old) & set(new):
        return False, ""
    return False, UNCLEAR


def words(name: str) -> list[str]:
    """Return the words of a name, the given name first, without accents, dots and upper case."""
    last, comma, first = name.partition(",")
    text = f"{first} {last}" if comma else name
    plain = unicodedata.normalize("NFKD", text)
    return re.findall(r"[^\W\d_]+", "".join(c for c in plain if not unicodedata.combining(c)).casefold())


def _follows(mail: str, name: list[str]) -> bool:
    """Whether an address is made of a name: the last name is in it, and nothing speaks against the first."""
    local = words(mail.partition("@")[0].replace(".", " "))
    text = "".join(local)
    return name[-1] in text and text.startswith((name[0][:1], name[-1]))
