"""
Make text from outside safe to look at: nothing in it may reorder, hide, overwrite or drive what is around it.

Names, groups and notes are written by strangers. HTML escaping alone lets a right-to-left override turn `gpj.exe`
around, and a terminal obeys escape sequences in a login; so such characters are shown by their number instead.
Source: Unicode Technical Report 36, section 2 (visual security), and UAX 9 (bidirectional formatting characters).
"""

import re

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls, which a terminal obeys; tab and line feed are ordinary
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional formatting: reorders the text around it
    "\u200b\u2060-\u2064\ufeff\u00ad\u180e\u206a-\u206f"  # invisible: makes two different names look the same
    "\u2028\u2029"  # line breaks that are none to most software
    "\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"  # half characters, which UTF-8 cannot hold
    "\U000e0000-\U000e007f"  # tags: invisible ASCII
    "]"
)

_BREAKS = re.compile("[\n\t]")


def visible(text: str) -> str:
    """Show every character that would change how its surroundings look as `⟦U+202E⟧`; keep everything else."""
    return _UNSAFE.sub(_numbered, text)


def visible_line(text: str) -> str:
    """Do as `visible`, with line feeds and tabs by their number too, for a text that must stay on its line."""
    return _BREAKS.sub(_numbered, visible(text))


def one_line(text: str) -> str:
    """Do as `visible`, with every run of white space as one space, so that a name cannot forge a second line."""
    return " ".join(visible(text).split())


def _numbered(match: re.Match[str]) -> str:
    return f"⟦U+{ord(match.group()):04X}⟧"
