"""
One comment of OpenEMR's log, understood: a statement on users, groups or lists, or a word of its screens.

A comment is the SQL statement as it was run, then the values of its `?` in brackets: `… WHERE id = ?  ('0','5')`; older
versions leave a comma before the last bracket, and others write the values into the statement. Values are input: quotes
within them are escaped (`add_escape_custom`), and only whole quoted texts are taken for values.
Source: `EventAuditLogger::auditSQLEvent`, interface/usergroup/usergroup_admin.php and adminacl.php, phpGACL.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn, TypeVar

_TOKEN = re.compile(
    r"(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")|(?P<name>`[^`]*`(?:\s*\.\s*`[^`]*`)?)"
    r"|(?P<word>[\w$]+(?:\.`?[\w$]+`?)?)|(?P<mark>\S)",
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''|\"\"", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}
_DIALOG = re.compile(
    r"(?P<what>Added|Removed) (?P<login>\S+) (?:to|from) following access group\(s\): (?P<groups>.*)", re.DOTALL
)
_SWITCH = re.compile(r"(?P<what>.*) (?P<how>Enabled|Disabled)\.?")

T = TypeVar("T")
Value = str | None
"""A value as text; `None`: NULL, or worked out by the server, so that the log does not say it."""


@dataclass(frozen=True, slots=True)
class LoggedStatement:
    """A statement that changes one table."""

    verb: str
    """`insert`, `update` or `delete`; `replace` is an insert."""
    table: str
    rows: tuple[Mapping[str, Value], ...] = ()
    """By column in lower case, what is written: one row for an update, each row of an insert."""
    where: Mapping[str, tuple[Value, ...]] | None = None
    """By column the values one of which it must have; `None`: there is no condition that is understood."""


@dataclass(frozen=True, slots=True)
class Dialog:
    """What the dialog of groups says that it did."""

    given: bool
    login: str
    groups: str
    """The titles, with a comma and a blank between."""


@dataclass(frozen=True, slots=True)
class Switch:
    """The log was switched on or off."""

    on: bool
    what: str


def understood(text: str) -> LoggedStatement | Dialog | Switch | None:
    """Return what a comment says; `None` for one that is not understood."""
    text = text.strip()
    if match := _DIALOG.fullmatch(text):
        return Dialog(match["what"] == "Added", match["login"], match["groups"])
    if text[:6].casefold() in ("update", "insert", "delete", "replac"):
        try:
            return _Parser(text).statement()
        except _OddError:
            return None
    match = _SWITCH.fullmatch(text)
    return Switch(match["how"] == "Enabled", match["what"]) if match else None


class _OddError(Exception):
    """The statement is none of those that are known."""


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    def says(self, word: str) -> bool:
        return self.kind in ("word", "mark") and self.text.casefold() == word


class _Parser:
    """Takes a statement apart; whatever it does not know is odd."""

    def __init__(self, text: str) -> None:
        tokens = [_Token(m.lastgroup or "", m[0]) for m in _TOKEN.finditer(text)]
        if any(t.kind == "mark" and t.text in "'\"`\\;#" for t in tokens):
            _odd()
        self._tokens, self._binds = _apart(tokens)
        self._at = 0

    def statement(self) -> LoggedStatement:
        verb = self._word()
        if verb == "delete":
            self._expect("from")
            return LoggedStatement(verb, self._name(), where=self._where())
        if verb == "update":
            table = self._name()
            self._expect("set")
            sets = self._sets()
            return LoggedStatement(verb, table, (sets,), self._where())
        self._expect("into")
        table = self._name()
        if self._next_says("set"):
            self._at += 1
            rows: tuple[Mapping[str, Value], ...] = (self._sets(),)
        else:
            rows = self._values()
        return LoggedStatement("insert", table, rows)

    def _sets(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            column = self._name()
            self._expect("=")
            found[column] = self._value(("where", ","))
            if not self._next_says(","):
                return found
            self._at += 1

    def _values(self) -> tuple[Mapping[str, Value], ...]:
        columns = self._list(self._name)
        self._expect("values")
        rows = []
        while self._next_says("("):
            values = self._list(lambda: self._value((",", ")")))
            if len(values) != len(columns):
                _odd()
            rows.append(dict(zip(columns, values, strict=True)))
            if self._next_says(","):
                self._at += 1
        return tuple(rows) if rows and self._ended() else _odd()

    def _where(self) -> Mapping[str, tuple[Value, ...]] | None:
        if self._ended() or not self._next_says("where"):
            return None
        self._at += 1
        found: dict[str, tuple[Value, ...]] = {}
        try:
            while True:
                column = self._name()
                if self._next_says("in"):
                    self._at += 1
                    found[column] = tuple(self._list(lambda: self._value((",", ")"))))
                else:
                    self._expect("=")
                    found[column] = (self._value(("and",)),)
                if self._ended():
                    return found
                self._expect("and")
        except _OddError:
            return None

    def _list(self, one: Callable[[], T]) -> list[T]:
        self._expect("(")
        found = [one()]
        while self._next_says(","):
            self._at += 1
            found.append(one())
        self._expect(")")
        return found

    def _value(self, ends: Sequence[str]) -> Value:
        """Take one value; one that the server works out takes all up to its end, and is not known."""
        token = self._take()
        value: Value = None
        if token.kind == "text":
            value = _plain(token.text)
        elif token.says("?"):
            value = next(self._binds)
        elif token.kind == "word" and token.text.isascii() and token.text.isdecimal():
            value = token.text
        if self._ended() or any(self._next_says(end) for end in ends):
            return value
        depth = 0
        while not self._ended():
            if not depth and any(self._next_says(end) for end in ends):
                break
            token = self._take()
            if token.says("?"):
                next(self._binds)
            depth += token.says("(") - token.says(")")
        return None

    def _name(self) -> str:
        token = self._take()
        if token.kind not in ("name", "word"):
            _odd()
        return token.text.rpartition(".")[2].strip("` ").casefold()

    def _word(self) -> str:
        token = self._take()
        return token.text.casefold() if token.kind == "word" else _odd()

    def _expect(self, word: str) -> None:
        if not self._take().says(word):
            _odd()

    def _next_says(self, word: str) -> bool:
        return not self._ended() and self._tokens[self._at].says(word)

    def _ended(self) -> bool:
        return self._at >= len(self._tokens)

    def _take(self) -> _Token:
        if self._ended():
            _odd()
        self._at += 1
        return self._tokens[self._at - 1]


def _apart(tokens: list[_Token]) -> tuple[list[_Token], Iterator[str]]:
    """Part the statement from the values behind it, of which there must be one for each `?`."""
    wanted = sum(t.says("?") for t in tokens)
    if not wanted:
        return tokens, iter(())
    at = len(tokens) - 1
    values: list[str] = []
    if not tokens[at].says(")"):
        _odd()
    at -= 1
    if tokens[at].says(","):
        at -= 1
    while tokens[at].kind == "text":
        values.append(_plain(tokens[at].text))
        at -= 1
        if not tokens[at].says(","):
            break
        at -= 1
    if at < 0 or not tokens[at].says("(") or len(values) != wanted:
        _odd()
    return tokens[:at], iter(values[::-1])


def _plain(text: str) -> str:
    return _ESCAPE.sub(lambda m: _ESCAPED.get(m[1], m[1]) if m[1] else m[0][0], text[1:-1])


def _odd() -> NoReturn:
    raise _OddError
