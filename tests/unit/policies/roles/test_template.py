from pathlib import Path

import pytest

from connectors.errors import AuditorError, InputError
from policies.roles.prohibited import ProhibitedCapabilities
from policies.roles.separation import load_conflicts
from policies.roles.template import Templates, check
from policies.vocabulary import Vocabulary

WORDS = Vocabulary.load()
NEVER = ProhibitedCapabilities.load(WORDS)
CONFLICTS = load_conflicts(WORDS)
SHIPPED = Templates.load(WORDS)

OWN = """\
title: Night scheduler
version: 3
requires:
  - schedule.read
  - schedule.write
allows:
  - demographics.read
never:
  - claim.submit
controls: {mfa: true, dormant_after_days: 30, first_login_within_days: 7}
conditions:
  - at night only
"""


def own(folder: Path, **files: str) -> Templates:
    folder = folder / "roles"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return Templates.load(WORDS, folder)


def test_what_a_role_requires_it_also_allows(tmp_path: Path) -> None:
    role = own(tmp_path, night=OWN)["night"]
    assert WORDS.names(role.requires) == ("schedule.read", "schedule.write")
    assert WORDS.names(role.allows) == ("demographics.read", "schedule.read", "schedule.write")
    assert (role.title, role.version, role.source) == ("Night scheduler", 3, "night.yaml")


def test_each_capability_can_be_shown_in_the_file_that_states_it(tmp_path: Path) -> None:
    templates = own(tmp_path, night=OWN)
    lines = OWN.splitlines()
    for name, line in templates["night"].lines.items():
        assert name in lines[line - 1]
    combined = templates.combine(["scheduler", "night"])
    assert combined.stated_at("claim.submit") == ("scheduler.yaml", SHIPPED["scheduler"].lines["claim.submit"])
    assert templates.combine(["night"]).stated_at("demographics.read") == ("night.yaml", 7)
    assert combined.stated_at("note.sign") is None


def test_a_practices_own_template_replaces_the_shipped_one_of_that_name(tmp_path: Path) -> None:
    templates = own(tmp_path, scheduler=OWN)
    assert templates["scheduler"].title == "Night scheduler"
    assert templates.ids == SHIPPED.ids


def test_several_roles_come_to_their_union_with_the_strictest_controls(tmp_path: Path) -> None:
    loose = OWN.replace("schedule.write", "message.read").replace(
        "mfa: true, dormant_after_days: 30", "mfa: false, dormant_after_days: 60"
    )
    loose = loose.replace("claim.submit", "claim.submit\n  - payment.post")
    templates = own(tmp_path, night=OWN, loose=loose)
    both = templates.combine(["night", "loose"])
    assert WORDS.names(both.requires) == ("message.read", "schedule.read", "schedule.write")
    assert both.allows == templates["night"].allows | templates["loose"].allows
    assert WORDS.names(both.never) == ("claim.submit",)
    assert (both.controls.mfa, both.controls.dormant_after_days) == (True, 30)
    assert both.conditions == ("at night only",)
    assert both.roles == ("night", "loose")


def test_a_vma_without_a_role_cannot_be_judged() -> None:
    with pytest.raises(AuditorError, match="a VMA without a role cannot be judged"):
        SHIPPED.combine([])


def test_a_role_that_does_not_exist_is_refused_with_the_nearest_ones() -> None:
    with pytest.raises(AuditorError) as error:
        SHIPPED.combine(["front-desk"])
    assert "`front-desk`" in error.value.message
    assert "front_desk" in error.value.hint


@pytest.mark.parametrize(
    ("good", "bad", "complaint"),
    [
        ("requires:\n  - schedule.read\n  - schedule.write", "requires: []", "requires"),
        ("schedule.write", "schedule.wirte", r"line 5, `requires\[1\]`: no such capability"),
        ("demographics.read", "schedule.read", "line 7, .*the capability stands twice.*on line 4 already"),
        ("- claim.submit", "- schedule.write", r"line 9, `never\[0\]`: the capability stands twice"),
        ("dormant_after_days: 30", "dormant_after_days: 0", "controls.dormant_after_days"),
        ("dormant_after_days: 30, ", "", "a key is missing"),
        ("never:\n  - claim.submit\n", "", "a key is missing.*never"),
        ("title:", "titel: x\ntitle:", "unknown key"),
        ("conditions:\n  - at night only", "conditions: []", "conditions"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused(tmp_path: Path, good: str, bad: str, complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        own(tmp_path, night=OWN.replace(good, bad))


def test_a_folder_without_templates_is_an_error_and_not_an_empty_policy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the folder holds no role template"):
        own(tmp_path)
    with pytest.raises(InputError, match="there is no such folder"):
        Templates.load(WORDS, tmp_path / "nowhere")


def test_a_file_whose_name_is_no_role_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the name of the file is not the id of a role"):
        own(tmp_path, **{"Night Shift": OWN})


@pytest.mark.parametrize("section", ["requires", "allows"])
def test_a_template_may_not_grant_what_the_never_list_forbids(tmp_path: Path, section: str) -> None:
    templates = own(tmp_path, night=OWN.replace(f"{section}:", f"{section}:\n  - note.sign"))
    line = templates["night"].lines["note.sign"]
    with pytest.raises(InputError, match=f"night.yaml, line {line}: the role allows what the never-list forbids"):
        check(templates, NEVER, CONFLICTS)


def test_a_role_that_nobody_could_hold_without_a_conflict_of_duties_is_refused(tmp_path: Path) -> None:
    templates = own(tmp_path, night=OWN.replace("requires:", "requires:\n  - payment.collect\n  - payment.post"))
    with pytest.raises(InputError, match="cannot be held without breaking SOD-6"):
        check(templates, NEVER, CONFLICTS)


def test_a_sound_template_passes(tmp_path: Path) -> None:
    check(own(tmp_path, night=OWN), NEVER, CONFLICTS)
