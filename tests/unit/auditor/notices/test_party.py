"""Who keeps notices: an agency by a file of a few lines, a practice by its own, several practices in one store."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.notices.bodies import NoticeKind
from auditor.notices.party import load_party, party_of
from auditor.notices.send import NoticeDraft, edge_of, make_notice
from connectors.errors import AuditorError, InputError
from policies.notices import CONFIRM_DAYS
from tests.two_parties import FRIDAY, NOW, Side, side, two
from tests.unit.auditor.test_config import GOOD

AGENCY = "agency: {id: harbor-assist, name: Harbor Assist LLC, timezone: Asia/Manila}\n"


def loaded(folder, text):
    path = folder / "auditor.yaml"
    path.write_text(text, encoding="utf-8")
    return load_party(path)


def test_an_agency_is_a_few_lines(tmp_path):
    party = loaded(tmp_path, AGENCY)
    assert (party.id, party.role, party.timezone) == ("harbor-assist", "agency", "Asia/Manila")
    assert (party.store, party.outbox, party.inbox) == (tmp_path / "auditor.db", tmp_path / "outbox", None)
    assert party.settings.confirm_days == CONFIRM_DAYS


def test_a_practice_needs_nothing_more_than_its_configuration(tmp_path):
    party = loaded(tmp_path, GOOD + "notices: {inbox: in, outbox: out, confirm_days: 3}\n")
    assert (party.id, party.role, party.inbox, party.outbox) == (
        "lakeside", "practice", tmp_path / "in", tmp_path / "out",
    )  # fmt: skip
    assert party_of(party.config) == party
    assert party.config.inbox in party.config.inputs  # what is put there is a reason to audit


@pytest.mark.parametrize(
    ("text", "field"),
    [
        (AGENCY + "practice: {id: x}\n", "practice"),
        ("agency: {id: Harbor Assist, name: H, timezone: UTC}\n", "agency.id"),
        ("agency: {id: h, name: H}\n", "agency"),
        (AGENCY + "notices: {inbox: box, outbox: box}\n", "notices"),
        (AGENCY + "notices: {confirm_days: -1}\n", "notices.confirm_days"),
        (AGENCY + "notices: {private_key: abc}\n", "notices.private_key"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_field(tmp_path, text, field):
    with pytest.raises(InputError) as error:
        loaded(tmp_path, text)
    assert (error.value.field or "").startswith(field)


def test_two_practices_in_one_store_have_keys_and_notices_of_their_own(tmp_path):
    agency, practice = two(tmp_path)
    other = Side(replace(practice.party, id="large", name="Large Practice"))
    agency.knows(other)
    other.knows(agency)
    assert practice.key_file.key != other.key_file.key
    for one in (practice, other):
        kept = agency.gives("leave", to=one.party.id)
        assert kept.body.number == 1  # each recipient is counted for itself
        assert one.outcome(kept.file) == "received"
        assert len(one.book.received) == 1
    with pytest.raises(AuditorError, match="to whom"):
        agency.gives("leave")


def test_a_day_is_one_of_the_practice_s_calendar_on_both_sides(tmp_path):
    agency, practice = two(tmp_path)
    sent = agency.gives("leave", effective="2026-12-04"), practice.gives("leave", effective="2026-12-04")
    assert {kept.body.effective for kept in sent} == {edge_of(date(2026, 12, 4), "America/Chicago", last=True)}
    first = agency.gives("start", effective="2026-03-08")  # the day on which the clocks are put forward
    assert first.body.effective.isoformat() == "2026-03-08T06:00:00+00:00"
    assert agency.gives("leave", effective="2026-03-08").body.effective.isoformat() == "2026-03-09T05:00:00+00:00"


def test_a_lost_store_is_never_taken_for_the_first_notice(tmp_path):
    alone = side(tmp_path / "agency", "harbor-assist", "Harbor Assist LLC", "agency", "UTC")
    alone.gives("leave", to="small")
    alone.party.store.unlink()
    with pytest.raises(AuditorError, match="an earlier one is missing"):
        make_notice(alone.party, NoticeDraft(NoticeKind.LEAVE, "Rosa", to="small", vma="a", effective=FRIDAY), NOW)
