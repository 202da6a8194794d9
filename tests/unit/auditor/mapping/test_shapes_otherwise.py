"""The same lists written otherwise: shuffled, with other separators, encodings and letters. The answer stays."""

import csv
import io
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from auditor.mapping.look import Look, look
from connectors.facts import Account
from tests.unit.auditor.mapping.test_shapes import READ, build

PLAIN = [
    shape
    for shape in READ
    if {"text", "accounts"} <= shape.keys()
    and not {"as_of", "encoding"} & shape.keys()
    and not shape["text"].startswith(("#", ","))
]


def rows_of(text: str) -> list[list[str]]:
    text = text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text), delimiter=";" if text.count(";") > text.count(",") else ","))


def written(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def shuffled(rows: list[list[str]], seed: int) -> list[list[str]]:
    order = list(range(len(rows[0])))
    random.Random(seed).shuffle(order)
    body = rows[1:]
    random.Random(seed).shuffle(body)
    return [[row[place] for place in order] for row in (rows[0], *body)]


WAYS = {
    "columns and rows in another order": lambda rows: written(shuffled(rows, 1)).encode(),
    "in still another": lambda rows: written(shuffled(rows, 7)).encode(),
    "semicolons and a mark": lambda rows: written(rows, ";").encode("utf-8-sig"),
    "utf-16 and tabs": lambda rows: written(rows, "\t").encode("utf-16"),
    "headings in capitals": lambda rows: written([[h.upper() if " " in h else h for h in rows[0]], *rows[1:]]).encode(),
    "columns without values": lambda rows: written(
        [[*rows[0], "Spare 1", "Spare 2"], *([*row, "", ""] for row in rows[1:])]
    ).encode(),
}


def facts(found: Look) -> dict[str, tuple[Any, ...]]:
    assert found.collection is not None

    def of(account: Account) -> tuple[Any, ...]:
        assert found.collection is not None
        held = frozenset(g.entitlement.casefold() for g in found.collection.grants if g.account == account.id)
        return account.status, account.name, account.email, account.last_login, account.mfa, account.expires, held

    return {account.login: of(account) for account in found.accounts}


@cache
def as_it_was(name: str) -> Look:
    (shape,) = (shape for shape in PLAIN if shape["name"] == name)
    with TemporaryDirectory() as folder:
        return look(build(Path(folder), shape), None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", PLAIN, ids=[shape["name"] for shape in PLAIN])
def test_the_order_of_columns_the_separator_and_the_letters_change_nothing(tmp_path: Path, shape, way):
    before = as_it_was(shape["name"])
    path = tmp_path / "again.csv"
    path.write_bytes(WAYS[way](rows_of(shape["text"])))
    after = look(path, None)
    assert after.settled is before.settled, (before.proposal.asked, after.proposal.asked)
    assert facts(after) == facts(before)
    assert len(after.proposal.asked) == len(before.proposal.asked)
