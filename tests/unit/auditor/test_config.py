"""The configuration of one practice: what cannot be used is refused with its place and what was expected."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.config import Config, load_config
from auditor.correlation import RULES
from connectors.errors import InputError

GOOD = """\
practice: {id: lakeside, name: Lakeside Family Medicine, timezone: America/Chicago}
roster:
  file: roster.csv
agreements: agreements.yaml
systems:
  ehr:
    kind: ehr
    product: openemr
    title: OpenEMR
    connector: openemr-export
    holds_phi: true
    settings:
      folder: ehr
  directory:
    kind: directory
    product: active-directory
    title: Active Directory
    connector: ldif
    holds_phi: false
    settings:
      file: directory.ldif
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("roster.csv", "staff.csv", "agreements.yaml", "own.yaml", "directory.ldif"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    for name in ("ehr", "roles"):
        (tmp_path / name).mkdir()
    return tmp_path


def load(folder: Path, text: str = GOOD) -> Config:
    path = folder / "auditor.yaml"
    path.write_text(text, encoding="utf-8")
    return load_config(path)


def refused(folder: Path, old: str, new: str) -> InputError:
    assert old in GOOD
    with pytest.raises(InputError) as error:
        load(folder, GOOD.replace(old, new, 1))
    assert error.value.message.startswith(f"{folder / 'auditor.yaml'}, line {error.value.line}")
    return error.value


def test_a_configuration_is_read_with_every_path_beside_the_file(folder):
    config = load(folder)
    assert (config.practice.id, config.practice.timezone) == ("lakeside", "America/Chicago")
    assert (config.roster.path, config.agreements) == (folder / "roster.csv", folder / "agreements.yaml")
    assert (config.store, config.report) == (folder / "auditor.db", folder / "report.html")
    assert list(config.sources) == ["ehr", "directory"]
    assert config.sources["ehr"].connector.system.holds_phi is True
    assert config.correlation == RULES
    assert (config.staff, config.catalogs, config.roles) == (None, (), None)


def test_paths_do_not_depend_on_where_the_auditor_is_started(folder, tmp_path_factory, monkeypatch):
    expected = load(folder)
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    relative = Path(os.path.relpath(folder / "auditor.yaml"))
    assert (load_config(relative).roster.path, load_config(relative).store) == (expected.roster.path, expected.store)


def test_what_may_be_left_out_may_be_given(folder):
    extra = (
        "staff: {file: staff.csv}\npolicies: {catalogs: [own.yaml], roles: roles}\n"
        "correlation: [stated, email]\nstore: s.db\nreport: out/r.html\n"
    )
    text = GOOD.replace("    settings:\n", "    exported: 2026-11-20T16:30:00-06:00\n    settings:\n", 1)
    config = load(folder, text + extra)
    assert (config.staff, config.catalogs, config.roles) == (
        folder / "staff.csv", (folder / "own.yaml",), folder / "roles"
    )  # fmt: skip
    assert config.correlation == ("stated", "email")
    assert (config.store, config.report) == (folder / "s.db", folder / "out/r.html")
    assert config.sources["ehr"].exported == datetime(2026, 11, 20, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "found", "expected"),
    [
        # unknown keys, at every depth
        ("agreements:", "agreement:", 4, "agreement", "`agreement`", "one of: agreements, clocks, controls"),
        ("file: roster.csv", "path: roster.csv", 3, "roster.path", "`path`", "delimiter, file, sheet"),
        ("    product: openemr", "    produkt: openemr", 8, "systems.ehr.produkt", "`produkt`",
         "one of: account_owner, administrator, connector, exported, holds_phi, kind"),
        ("      folder: ehr", "      folder: ehr\n      canari: x", 14, "systems.ehr.settings.canari", "`canari`",
         "one of: canary, folder, google_sign_in, max_failed_logins, password_expiration_days"),
        # wrong types and values
        ("holds_phi: true", "holds_phi: perhaps", 11, "systems.ehr.holds_phi", "`perhaps`", "a valid boolean"),
        ("kind: ehr", "kind: emr", 7, "systems.ehr.kind", "`emr`", "'ehr', 'directory' or 'cloud'"),
        ("roster:\n  file: roster.csv", "roster: roster.csv", 2, "roster", "`roster.csv`", "a valid dictionary"),
        ("title: OpenEMR", "title: ''", 9, "systems.ehr.title", "``", "String should have at least 1 character"),
        ("id: lakeside", "id: Lake Side", 1, "practice.id", "`Lake Side`", "String should match pattern"),
        ("    holds_phi: true", "    holds_phi: true\n    time_limit_s: 0", 12, "systems.ehr.time_limit_s", "`0`",
         "greater than or equal to 1"),
        ("    holds_phi: true", "    holds_phi: true\n    exported: 2026-11-20T16:30:00", 12, "systems.ehr.exported",
         "`2026-11-20 16:30:00`", "timezone info"),
        # names that must exist
        ("America/Chicago", "America/Chikago", 1, "practice.timezone", "`America/Chikago`",
         "an IANA time zone"),
        ("    holds_phi: true", "    holds_phi: true\n    sign_in: ldap", 12, "systems.ehr.sign_in", "`ldap`",
         "directory, ehr"),
        # files that must exist
        ("file: roster.csv", "file: rooster.csv", 3, "roster.file", "rooster.csv`", "a path relative to the folder"),
        ("agreements: agreements.yaml", "agreements: none.yaml", 4, "agreements", "none.yaml`", "a path relative"),
        ("agreements:", "staff: {file: none.csv}\nagreements:", 4, "staff.file", "none.csv`", "a path relative"),
        ("agreements:", "policies: {catalogs: [own.yaml, none.yaml]}\nagreements:", 4, "policies.catalogs[1]",
         "none.yaml`", "a path relative"),
        ("agreements:", "policies: {roles: none}\nagreements:", 4, "policies.roles", "none`", "a path relative"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_line_key_found_and_expected(
    folder, old, new, line, field, found, expected
):
    error = refused(folder, old, new)
    assert (error.line, error.field) == (line, field)
    text = error.message.partition(": found ")[2]
    assert found in text
    assert expected in text.partition("; expected ")[2]


@pytest.mark.parametrize(
    ("old", "field", "line"),
    [
        ("agreements: agreements.yaml\n", "agreements", 1),
        ("    title: OpenEMR\n", "systems.ehr.title", 6),
        ("    settings:\n      folder: ehr\n", "systems.ehr.settings", 6),
    ],
)
def test_a_key_that_is_missing_is_named(folder, old, field, line):
    error = refused(folder, old, "")
    assert "a key is missing" in error.message
    assert error.field == field
    assert error.line == line


def test_a_setting_that_the_connector_needs_is_named(folder):
    error = refused(folder, "    settings:\n      folder: ehr\n", "    settings: {}\n")
    assert error.field == "systems.ehr.settings.folder"
    assert error.line == 12


def test_an_unknown_connector_is_refused_with_those_that_exist(folder):
    error = refused(folder, "connector: openemr-export", "connector: epic")
    assert (error.line, error.field) == (10, "systems.ehr.connector")
    assert "no connector `epic` for `ehr` systems" in error.message
    assert "openemr-export, openmrs" in error.hint


@pytest.mark.parametrize("name", ["../roster/csv_file", "_openemr_acl", "os.path", "ehr.table"])
def test_a_connector_is_a_name_and_not_a_path_to_code(folder, name):
    assert "no connector" in refused(folder, "connector: openemr-export", f"connector: {name}").message


def test_a_configuration_without_systems_audits_nothing_and_is_refused(folder):
    text = GOOD[: GOOD.index("systems:")] + "systems: {}\n"
    with pytest.raises(InputError, match=r"`systems`: wrong value"):
        load(folder, text)


def test_no_correlation_rule_at_all_is_refused(folder):
    with pytest.raises(InputError, match="correlation"):
        load(folder, GOOD + "correlation: []\n")
    with pytest.raises(InputError, match=r"correlation\[0\].*'stated', 'employee-id'"):
        load(folder, GOOD + "correlation: [guess]\n")


@pytest.mark.parametrize("id_", ["EHR", "my ehr", "a:b", "../x", "-x", "a" * 64])
def test_the_id_of_a_system_is_safe_in_names_and_identities(folder, id_):
    with pytest.raises(InputError, match="systems"):
        load(folder, GOOD.replace("  ehr:\n", f"  '{id_}':\n"))


@pytest.mark.parametrize("zone", ["", "Chicago", "../../etc/passwd", "America", "/etc/localtime"])
def test_a_time_zone_is_one_that_exists(folder, zone):
    assert refused(folder, "America/Chicago", f"'{zone}'").field == "practice.timezone"


def test_a_configuration_that_is_not_there_is_refused(folder):
    with pytest.raises(InputError, match="there is no such file"):
        load_config(folder / "none.yaml")
