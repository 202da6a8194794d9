"""Records of notices in the store: whatever is done to one, or to its entry of the ledger, is noticed and named."""

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.ledger.keys import Signer
from auditor.ledger.notices import NoticeEvent, NoticeRecord
from auditor.ledger.verify import verify
from auditor.store import Store
from connectors.errors import AuditorError
from tests.store_sample import HOSTILE, days, save_all, signer

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
AGENCY = "harbor-assist"
COLUMNS = ("practice", "at", "event", "about", "outcome", "detail", "file")


def record(number: int, event: NoticeEvent = NoticeEvent.RECEIVED) -> NoticeRecord:
    about = f"{number:064x}"
    return NoticeRecord(AGENCY, AT + timedelta(hours=number), event, about, "late", HOSTILE.replace("\x00", ""), "{}")


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> tuple[Path, Signer, str]:
    folder = tmp_path_factory.mktemp("notices")
    key = signer(folder)
    with Store.open(folder / "auditor.db") as store:
        save_all(store, key, days(1))
        store.note([record(1)], key, after=0, tool_version="1")
        save_all(store, key, days(2)[1:])
        head = store.note([record(2), record(3)], key, after=1, tool_version="1")
    return folder / "auditor.db", key, head


@pytest.fixture
def copy(kept, tmp_path) -> Path:
    return Path(shutil.copy(kept[0], tmp_path / "copy.db"))


def sql(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(statement)
        raw.commit()


def problems(path: Path, kept) -> tuple[str, ...]:
    return verify(path, kept[1].public, kept[2]).problems


def test_audits_and_notices_are_one_chain(kept, copy):
    found = verify(copy, kept[1].public, kept[2])
    assert (found.ok, found.entries, found.valid, found.tail_vouched) == (True, 5, 5, True)
    assert found.last_at == days(2)[1].at  # of an audit, not of a notice
    with Store.open(copy) as store:
        assert [r.id for r in store.notices(AGENCY)] == [1, 2, 3]
        assert store.notices(AGENCY)[0] == NoticeRecord(**{**{f: getattr(record(1), f) for f in
            ("party", "at", "event", "about", "outcome", "detail", "file")}, "id": 1})  # fmt: skip
        assert store.notices("another") == ()


def test_an_agency_that_never_audits_has_a_ledger_too(tmp_path):
    key = signer(tmp_path)
    with Store.open(tmp_path / "agency.db") as store:
        head = store.note([record(1)], key, after=0, tool_version="1")
    assert verify(tmp_path / "agency.db", key.public, head).ok


@pytest.mark.parametrize("column", COLUMNS)
def test_an_edit_in_any_column_is_noticed(kept, copy, column):
    sql(copy, f"UPDATE notice SET {column} = {column} || 'x' WHERE id = 2")
    assert problems(copy, kept) == ("the history of notice 2 (entry 4) was changed afterwards: rows changed",)


def test_the_edits_cover_every_column(copy):
    with closing(sqlite3.connect(copy)) as raw:
        assert {row[1] for row in raw.execute('PRAGMA table_info("notice")')} - {"id"} == set(COLUMNS)


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ("DELETE FROM notice WHERE id = 2",
         "the history of notice 2 (entry 4) was changed afterwards: 1 row of `notice` removed"),
        ("UPDATE notice SET id = 9 WHERE id = 2", "history was added: no entry of the ledger vouches for notice `9`"),
        ("INSERT INTO notice SELECT 9, practice, at, event, about, outcome, detail, file FROM notice LIMIT 1",
         "history was added: no entry of the ledger vouches for notice `9`"),
        ("DELETE FROM ledger WHERE n = 4", "entry 4 is missing: it was deleted"),
        ("DROP TABLE notice", "the history of notice 1 (entry 2) was changed afterwards: 1 row of `notice` removed"),
    ],
)  # fmt: skip
def test_each_lie_is_called_what_it_is(kept, copy, lie, said):
    sql(copy, lie)
    assert said in problems(copy, kept)


def test_a_cut_tail_is_noticed_by_the_head_that_a_notice_printed(kept, copy):
    sql(copy, "DELETE FROM notice WHERE id = 3")
    sql(copy, "DELETE FROM ledger WHERE n = 5")
    assert any("the tail was cut" in problem for problem in problems(copy, kept))


def test_two_who_record_at_once_are_told_and_nothing_is_written_twice(kept, copy):
    with Store.open(copy) as store:
        with pytest.raises(AuditorError, match="another notice was recorded meanwhile"):
            store.note([record(4)], kept[1], after=2, tool_version="1")
        with pytest.raises(AuditorError, match="not signed by this key"):
            store.note([record(4)], signer(copy.parent / "foreign"), after=3, tool_version="1")
        assert len(store.notices(AGENCY)) == 3


def test_what_cannot_be_stored_leaves_nothing_behind(kept, copy):
    with Store.open(copy) as store:
        broken = NoticeRecord(AGENCY, AT, NoticeEvent.RECEIVED, "a" * 64, detail="\ud800")
        with pytest.raises(AuditorError, match="cannot be stored"):
            store.note([record(4), broken], kept[1], after=3, tool_version="1")
        assert len(store.notices(AGENCY)) == 3
    assert problems(copy, kept) == ()
