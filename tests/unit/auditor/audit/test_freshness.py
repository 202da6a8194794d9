"""How old an export is, and by what that is known: a copy of an old report is not young."""

import os
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.audit.collecting import collect_all
from auditor.audit.freshness import age_told
from auditor.config import load_config
from connectors.errors import SourceError
from connectors.facts import Collection, Complete, Partial

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HEAD = "Lakeside,,\nPrinted {printed},,\nLogin,Name,Role\nana,Ana Reyes,Front Desk\nben,Ben Cruz,Biller\n"
PLAIN = "Login,Name,Role\nana,Ana Reyes,Front Desk\nben,Ben Cruz,Biller\n"
SETTINGS = "columns: {login: Login, name: Name}, entitlements: [{column: Role, kind: role}], canary: ana"


def practice(folder: Path, report: str, settings: str = "", more: str = "", top: str = "") -> Path:
    (folder / "users.csv").write_text(report)
    os.utime(folder / "users.csv", (NOW.timestamp() - 86_400,) * 2)  # copied yesterday
    (folder / "roster.csv").write_text("vma_id,name,agency,employment,roles,start\n")
    (folder / "agreements.yaml").write_text("agreements: []\n")
    config = folder / "auditor.yaml"
    config.write_text(
        "practice: {id: p, name: P, timezone: America/Chicago}\nroster: {file: roster.csv}\n"
        f"agreements: agreements.yaml\n{top}systems:\n  ehr: {{kind: ehr, product: x, title: X, connector: table, "
        f"holds_phi: true, {more}settings: {{file: users.csv, {SETTINGS}{settings}}}}}\n"
    )
    return config


class Quiet:
    """Tells nobody how far it is."""

    def stage(self, _: str) -> AbstractContextManager[object]:
        return nullcontext()

    def reading(self, system: str, accounts: int) -> None:
        """Count."""


def read(config: Path) -> Collection:
    return collect_all(load_config(config), Quiet(), lambda: NOW, NOW)["ehr"]


PRINTED = ", skip_rows: 2, printed: {label: Printed, date_format: MM/DD/YYYY}"


def test_a_report_that_was_copied_yesterday_is_as_old_as_it_prints(tmp_path):
    config = practice(tmp_path, HEAD.format(printed="03/27/2026"), PRINTED)
    found = read(config)
    assert isinstance(found.completeness, Partial)
    assert "of 2026-03-2" in found.completeness.reason
    assert "by the date that the report prints" in found.completeness.reason
    with pytest.raises(SourceError, match="at most 31 are accepted"):
        age_told("ehr", load_config(config).sources["ehr"], NOW)


@pytest.mark.parametrize(
    ("printed", "as_of"),
    [
        ("11/27/2026 8:05 AM MST", "2026-11-27 15:05"),
        ("11/27/2026 08:05 -0700", "2026-11-27 15:05"),
        ("11/27/2026 8:05 AM", "2026-11-27 20:05"),  # in an unknown zone: never earlier than the truth
        ("11/27/2026", "2026-11-28 11:59"),
        ("2026-11-27", "2026-11-28 11:59"),
        ("11/29/2026", "2026-11-29 12:00"),  # no later than the file
        ("12/24/2026", "2026-11-29 12:00"),  # a date that is yet to come says nothing
    ],
)
def test_the_instant_of_the_facts_is_that_of_the_print_and_never_earlier_than_the_truth(tmp_path, printed, as_of):
    found = read(practice(tmp_path, HEAD.format(printed=printed), PRINTED))
    assert f"{found.as_of:%Y-%m-%d %H:%M}" == as_of


def test_a_report_that_no_longer_prints_its_date_is_refused(tmp_path):
    found = read(practice(tmp_path, HEAD.replace("Printed {printed}", "Users"), PRINTED))
    assert isinstance(found.completeness, Partial)
    assert "does not say when it was made" in found.completeness.reason


def test_where_only_the_file_tells_its_date_that_is_said_and_a_practice_may_demand_more(tmp_path):
    config = practice(tmp_path, PLAIN)
    found = read(config)
    assert isinstance(found.completeness, Complete)
    assert ("age", "by the file's date") in [(e.name, e.detail) for e in found.completeness.evidence]
    told = age_told("ehr", load_config(config).sources["ehr"], NOW)
    assert told == "made on 2026-11-29, 1 of at most 31 days ago, by the file's date"
    demanding = practice(tmp_path, PLAIN, top="require_exported: true\n")
    found = read(demanding)
    assert isinstance(found.completeness, Partial)
    assert "nothing but the date of its file" in found.completeness.reason
    assert "set `exported`" in found.completeness.hint
    stated = practice(tmp_path, PLAIN, more="exported: 2026-11-29T10:00:00Z, ", top="require_exported: true\n")
    found = read(stated)
    assert isinstance(found.completeness, Complete)
    assert found.as_of == NOW - timedelta(hours=26)
    assert "age" not in {e.name for e in found.completeness.evidence}
    config = practice(tmp_path, HEAD.format(printed="11/27/2026"), PRINTED, top="require_exported: true\n")
    assert read(config).complete
