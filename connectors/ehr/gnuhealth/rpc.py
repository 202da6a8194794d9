"""
One session of Tryton's JSON-RPC: sign-in, calls, lists read to the server's own count, sign-out.

Only the calls in this file are ever made, and all of them read. No text of an answer that is an error is told, because
Tryton puts names of records into it.
Source: trytond 7.0, `protocols/dispatcher.py`, `protocols/jsonrpc.py`, `model/modelstorage.py`.
"""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from connectors.errors import SourceDenied, SourceError, SourceMalformed, SourceTruncated, SourceUnreachable
from connectors.http.client import Web, stated_time
from connectors.inputs.fields import EARLIEST, LATEST, Fields, FromServer

Domain = Sequence[Any]
Context = Mapping[str, object]
EVERY = ["active", "in", [True, False]]
"""Tryton hides what is not active unless a search asks for it."""
BATCH = 1000
"""Rows in one answer, of the tables that say who may do what."""
MAX_RULE = 100_000
REFUSALS = frozenset({"UserError", "AccessError", "AccessButtonError"})


class TrytonRecord(Fields):
    """One record: a field holds what Tryton writes for its type."""

    def flag(self, key: str, default: bool | None = None) -> bool:
        """Return true or false; on SQLite Tryton writes 1 and 0."""
        value = self._data.get(key)
        return bool(value) if isinstance(value, int) and value in (0, 1) else super().flag(key, default)

    def link(self, key: str) -> int | None:
        """Return the id of the record that it points to; `None` for none."""
        return self.number_or_none(key)

    def links(self, key: str) -> tuple[int, ...]:
        """Return the ids of the records that it points to."""
        return tuple(TrytonRecord(self.origin, self.what, {key: item}).number(key) for item in self._list(key))

    def long_text(self, key: str) -> str:
        """Return a text of any length that a rule may have."""
        value = self._data.get(key)
        if not isinstance(value, str) or len(value) > MAX_RULE:
            self.refuse(key, f"not a text of at most {MAX_RULE} characters")
        return value

    def moment(self, key: str) -> datetime | None:
        """Return an instant; a Tryton server keeps its times in UTC."""
        part = self.part(key)
        if part is None:
            return None
        units = [part.number(unit) for unit in ("year", "month", "day", "hour", "minute", "second", "microsecond")]
        try:
            year, month, day, hour, minute, second, micro = units
            moment = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
        except (ValueError, OverflowError):
            self.refuse(key, "no date")
        return moment if EARLIEST <= moment < LATEST else self.refuse(key, "no date in use")


class Session:
    """A session of one user; `uid` is its own record."""

    def __init__(self, system: str, web: Web, database: str) -> None:
        self._system, self._web = system, web
        self._path = f"{quote(database, safe='')}/"
        self._number = 0
        self._open = False

    def sign_in(self, user: str, password: str) -> int:
        """Open the session, and return the id of the user; raises `SourceDenied` when it is refused."""
        try:
            answer = self._send("common.db.login", [user, {"password": password}], f"sign-in of `{user}`")
        except SourceMalformed as error:
            raise SourceMalformed(error.message, hint="check `url` and `database`") from None
        match answer:
            case [int(uid), str(key)] if uid > 0 and key:
                token = base64.b64encode(f"{user}:{uid}:{key}".encode()).decode()
            case _:
                raise SourceMalformed(f"`{self._system}` answered the sign-in without a session", hint="check `url`")
        self._web.authorize(f"Session {token}")
        self._open = True
        return uid

    def close(self) -> None:
        """Sign out, so that no session stays behind; a server that no longer answers ends it by itself."""
        if self._open:
            self._open = False
            with suppress(SourceError):
                self._send("common.db.logout", [], "sign-out")

    def methods(self) -> frozenset[str]:
        """Return the names of everything that can be called from outside, such as `model.res.user.read`."""
        return frozenset(self._texts(self._send("system.listMethods", [], "list of methods"), "list of methods"))

    def effective(self, models: Sequence[str]) -> dict[str, TrytonRecord]:
        """Return what Tryton itself says that this user may do with each model."""
        answer = self._send("model.ir.model.access.get_access", [list(models), {}], "own rights")
        if not isinstance(answer, dict) or answer.keys() != set(models):
            raise SourceMalformed(f"`{self._system}` did not say what the auditor's own account may do")
        return {model: TrytonRecord(FromServer(self._system), "a right", rights) for model, rights in answer.items()}

    def count(self, model: str, domain: Domain = (), context: Context = MappingProxyType({})) -> int:
        """Return how many records a search finds, by the server's own count."""
        answer = self._send(f"model.{model}.search_count", [list(domain), dict(context)], f"count of `{model}`")
        return TrytonRecord(FromServer(self._system), f"a count of `{model}`", {"count": answer}).number("count")

    def page(
        self,
        model: str,
        domain: Domain,
        fields: Sequence[str],
        start: int,
        size: int,
        *,
        context: Context = MappingProxyType({}),
    ) -> list[TrytonRecord]:
        """Return one page of a search, in the order of ids, which never changes."""
        order = [["id", "ASC"]]
        found = self._send(
            f"model.{model}.search_read",
            [list(domain), start, size, order, list(fields), dict(context)],
            f"list of `{model}`",
        )
        if not isinstance(found, list):
            raise SourceMalformed(f"`{self._system}` gave a list of `{model}` that is not a list")
        if len(found) > size:
            raise SourceMalformed(f"`{self._system}` gave more records of `{model}` than asked for: {len(found)}")
        return [TrytonRecord(FromServer(self._system), f"a record of `{model}`", record) for record in found]

    def table(
        self, model: str, fields: Sequence[str], domain: Domain = (), context: Context = MappingProxyType({})
    ) -> list[TrytonRecord]:
        """Return all records of a search; raises `SourceTruncated` unless they are as many as the server counts."""
        total, rows, ids = self.count(model, domain, context), list[TrytonRecord](), set[int]()
        while len(rows) < total:
            batch = self.page(model, domain, fields, len(rows), BATCH, context=context)
            rows += batch
            ids |= {row.number("id") for row in batch}
            if not batch or len(ids) < len(rows):
                break
        if not len(rows) == len(ids) == total == self.count(model, domain, context):
            raise SourceTruncated(
                f"`{self._system}` said it has {total} records of `{model}` but returned {len(ids)}",
                hint="run again when nobody is changing rights",
            )
        return rows

    def server_time(self) -> datetime:
        """Return the server's time, in whole seconds, as its web server stamps an answer (RFC 9110 §6.6.1)."""
        self._number += 1
        request = {"id": self._number, "method": "common.server.version", "params": []}
        return stated_time(self._system, self._web.post("", request))

    def _texts(self, answer: object, what: str) -> list[str]:
        if not isinstance(answer, list) or not all(isinstance(item, str) for item in answer):
            raise SourceMalformed(f"`{self._system}` gave a {what} that is not a list of texts", hint="check `url`")
        return answer

    def _send(self, method: str, params: list[Any], what: str) -> Any:
        self._number += 1
        request = {"id": self._number, "method": method, "params": params}
        try:
            answer = self._web.post(self._path, request).object(what)
        except SourceUnreachable:
            self._open = False  # asking a dead server once more, to sign out, would only cost time
            raise
        if answer.get("id") != self._number:
            raise SourceMalformed(
                f"`{self._system}` answered another request than the {what}",
                hint="is a cache between the auditor and the server? it must not keep answers",
            )
        if "error" in answer:
            raise self._failed(answer["error"], what)
        if "result" not in answer:
            raise SourceMalformed(f"`{self._system}` answered without a result: {what}", hint="check `url`")
        return answer["result"]

    def _failed(self, error: object, what: str) -> SourceError:
        kind = error[0] if isinstance(error, list) and error and isinstance(error[0], str) else ""
        if kind in REFUSALS:
            return SourceDenied(
                f"`{self._system}` does not allow the auditor's account the {what}",
                hint="run the set-up that `auditor connect` prints",
            )
        if kind == "LoginException":
            return SourceDenied(
                f"`{self._system}` asks for more than a password at the {what}",
                hint="let this account sign in with its password alone (`authentications` in trytond.conf), "
                "from the auditor's address only",
            )
        return SourceMalformed(
            f"`{self._system}` answered with an error instead of the {what}",
            hint="check `database`, and the log of the server; is it GNU Health on Tryton 6 or 7?",
        )
