import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from auditor.ledger.entries import ALONE, BESIDE, KEYS, RECORDS, SEALED
from auditor.store import Store
from auditor.store.records import held
from auditor.store.schema import MIGRATIONS, REVISIONS, migrate
from auditor.store.tables import METADATA
from connectors.errors import AuditorError
from tests.odd_records import nothing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    Store.open(tmp_path / "auditor.db").close()
    return tmp_path / "auditor.db"


def test_the_migrations_lead_to_exactly_the_tables_that_a_new_store_has(path):
    engine, fresh = create_engine(f"sqlite:///{path}"), create_engine("sqlite://")
    query = text("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2")
    with engine.connect() as declared, fresh.connect() as migrated:
        migrate(migrated)
        assert compare_metadata(MigrationContext.configure(migrated), METADATA) == []
        stamps = [list(c.execute(text("SELECT * FROM alembic_version"))) for c in (migrated, declared)]
        assert stamps[0] == stamps[1] == [(REVISIONS[-1],)]
        migrated_schema, declared_schema = (
            [
                tuple(" ".join(str(v).split()) for v in row)
                for row in connection.execute(query)
                if "autoindex" not in row[1]
            ]
            for connection in (migrated, declared)
        )
    engine.dispose()
    fresh.dispose()
    assert migrated_schema == declared_schema


def test_the_program_knows_every_schema_that_there_was():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(revisions)) == REVISIONS


def test_the_ledger_vouches_for_every_table_of_the_store_but_those_that_come_and_go():
    assert set(METADATA.tables) == {"ledger", *KEYS, *RECORDS, *ALONE, *BESIDE, *SEALED}
    assert sorted(BESIDE) == [
        "review_progress",
        "review_state",
        "web_identity",
        "web_link",
        "web_request",
        "web_session",
    ]
    kinds = {kind.name: kind for kind, _ in held(nothing())}
    assert list(kinds) == list(KEYS)
    for table, key in KEYS.items():
        assert kinds[table].names[: len(key)] == key


def test_a_store_that_is_up_to_date_opens_without_the_migration_tool(path):
    code = (
        "import sys; from pathlib import Path; from auditor.store import Store; Store.open(Path(sys.argv[1])).close()"
    )
    code += "; sys.exit('alembic' in sys.modules)"
    root = Path(__file__).parents[4]
    subprocess.run([sys.executable, "-c", code, path], cwd=root, check=True)


def test_a_store_is_for_its_owner_alone(path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_closed_store_is_one_file(path):
    assert [p.name for p in path.parent.iterdir()] == ["auditor.db"]


def test_the_folder_of_a_new_store_is_made(tmp_path):
    Store.open(tmp_path / "a" / "50 %" / "auditor.db").close()
    assert (tmp_path / "a" / "50 %" / "auditor.db").stat().st_size > 0


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "auditor.db").touch()
    with Store.open(tmp_path / "auditor.db") as store:
        assert store.audits() == ()


def test_a_file_that_is_no_database_is_refused_and_stays_as_it_is(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("buy stamps\n" * 500)
    with pytest.raises(AuditorError, match="file is not a database") as caught:
        Store.open(notes)
    assert "choose another path" in caught.value.hint
    assert notes.read_text() == "buy stamps\n" * 500


def test_the_database_of_another_program_is_refused_and_stays_as_it_is(tmp_path):
    path = tmp_path / "places.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(AuditorError, match="is a database of another program"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_store_of_a_newer_program_is_refused(path):
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0999'")
    raw.close()
    with pytest.raises(AuditorError, match="has the schema `0999`, which is newer than this program"):
        Store.open(path)


def test_a_folder_in_place_of_a_store_is_refused(tmp_path):
    with pytest.raises(AuditorError, match="cannot be used: `unable to open database file`"):
        Store.open(tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_for_people(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AuditorError, match="cannot be made"):
        Store.open(tmp_path / "file" / "auditor.db")


@pytest.mark.parametrize("protected", ["file", "folder"])
def test_a_read_only_store_is_refused_with_what_to_do(path, protected, as_ordinary_user):
    folder = as_ordinary_user
    copy = shutil.copy(path, folder / "auditor.db")
    copy.chmod(0o444 if protected == "file" else 0o666)
    folder.chmod(0o555 if protected == "folder" else 0o777)
    os.seteuid(65534)
    with pytest.raises(AuditorError, match="is read-only") as caught:
        Store.open(copy)
    assert "right to write the file and its folder" in caught.value.hint


@pytest.fixture
def as_ordinary_user(tmp_path_factory):
    if os.geteuid() != 0:
        pytest.skip("needs root, to take rights away from itself")
    folder = tmp_path_factory.mktemp("shared")
    parents = [p for p in folder.parents if p.name.startswith(("pytest-", "popen-"))]
    modes = {p: stat.S_IMODE(p.stat().st_mode) for p in parents}
    for parent in parents:
        parent.chmod(0o755)
    yield folder
    os.seteuid(0)
    folder.chmod(0o700)
    for parent, mode in modes.items():
        parent.chmod(mode)
