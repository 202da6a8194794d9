"""
Distinguished names in one spelling, so that a member value finds the entry that it names.

Source: RFC 4514 (string form), RFC 4518 (insignificant spaces); letters as OpenLDAP's slapd folds them.
"""

import re
import unicodedata

MAX_DN = 8192
"""Longer than any directory allows; a longer one is refused."""

_TYPE = r"[A-Za-z0-9.-]+"
_SIMPLE = r'[^\\"+;#<>,\s\x00-\x1f]'
_PLAIN = re.compile(rf"{_TYPE}=(?:{_SIMPLE}(?: ?{_SIMPLE})*)?(?:,{_TYPE}=(?:{_SIMPLE}(?: ?{_SIMPLE})*)?)*", re.ASCII)
"""What needs only folding of case: ASCII, no escapes, quotes, several values in one part, or spare spaces."""

_UNICODE = unicodedata.ucd_3_2_0
_HEX = re.compile(r"[0-9A-Fa-f]{2}")
_SPECIAL = re.compile(r'([\\"+,;<>])')
_OPTIONAL_UID = re.compile(r"#'[01]*'B$")


def normalise(dn: str) -> str:
    """
    Return the one spelling of a DN: case folded, without insignificant spaces, escapes as in RFC 4514.

    Two DNs that a directory holds to be the same entry become the same text. Raises `ValueError` for what is no DN.
    """
    if len(dn) > MAX_DN:
        raise ValueError(f"longer than {MAX_DN} characters")
    if dn.isascii() and _PLAIN.fullmatch(dn):
        return dn.lower()
    return ",".join("+".join(sorted(values)) for values in _parse(dn))


def member_key(value: str) -> str:
    """
    Return the key of a `member` or `uniqueMember` value; never raises.

    What is no DN cannot name an entry that was read; it is kept as it is and counted as unknown.
    """
    try:
        return normalise(_OPTIONAL_UID.sub("", value))
    except ValueError:
        return f"?{value}"


def below(key: str, base: str) -> bool:
    """Tell whether a normalised DN is the base or lies under it."""
    return not base or key == base or key.endswith(f",{base}")


def parent_of(key: str) -> str:
    """Return the normalised DN above a normalised one; nothing above the first."""
    at = 0
    while (at := key.find(",", at)) >= 0:
        backslashes = len(key[:at]) - len(key[:at].rstrip("\\"))
        at += 1
        if backslashes % 2 == 0:
            return key[at:]
    return ""


def first_value(dn: str) -> tuple[str, str]:
    """Return type (lower case) and unescaped value of the first part: `("uid", "va1")`; raises `ValueError`."""
    kind, value, _ = _assertion(dn, 0)
    return kind, value.strip()


def fold(text: str) -> str:
    """
    Fold a value as OpenLDAP's slapd folds it, with the letters of Unicode 3.2 (RFC 4518 section 2.2).

    Each letter goes to lower case by itself, then compatible forms become one: `Straße` stays another name than
    `Strasse`, and a final sigma another letter. The result folds to itself, which is more than slapd holds to.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    lowered = "".join(map(_lower, _UNICODE.normalize("NFKC", "".join(map(_lower, text)))))
    return " ".join(_UNICODE.normalize("NFKC", lowered).split())


def _lower(letter: str) -> str:
    lower = letter.lower()[:1]
    known = _UNICODE.category(letter) in {"Lu", "Lt"} and _UNICODE.category(lower) != "Cn"
    return lower if known else letter


def _parse(dn: str) -> list[list[str]]:
    """Split a DN into its parts, each a list of `type=value` in the one spelling."""
    parts: list[list[str]] = [[]]
    at = 0
    while True:
        kind, value, at = _assertion(dn, at)
        parts[-1].append(f"{kind}={_escape(fold(value))}")
        if at == len(dn):
            return parts
        if dn[at] in ",;":
            parts.append([])
        at += 1


def _assertion(dn: str, at: int) -> tuple[str, str, int]:
    """Read `type=value` from `at`; return both and where it ended."""
    equals = dn.find("=", at)
    kind = dn[at:equals].strip().lower()
    if equals < 0 or not re.fullmatch(_TYPE, kind):
        raise ValueError("not a distinguished name")
    value, at = _value(dn, equals + 1)
    return kind, value, at


def _value(dn: str, at: int) -> tuple[str, int]:
    """Read an attribute value, escapes resolved, up to the next separator or the end."""
    out = bytearray()
    quoted = False
    while at < len(dn):
        char = dn[at]
        if char == "\\":
            if _HEX.match(dn, at + 1):
                out.append(int(dn[at + 1 : at + 3], 16))
                at += 3
                continue
            at += 1
            if at == len(dn):
                raise ValueError("ends in a backslash")
            out += dn[at].encode()
        elif char == '"':
            quoted = not quoted
        elif char in ",;+" and not quoted:
            break
        else:
            out += char.encode("utf-8", "surrogatepass")
        at += 1
    if quoted:
        raise ValueError("has a quote that does not end")
    return out.decode("utf-8"), at


def _escape(value: str) -> str:
    value = _SPECIAL.sub(r"\\\1", value).replace("\x00", "\\00")
    return f"\\{value}" if value.startswith("#") else value
