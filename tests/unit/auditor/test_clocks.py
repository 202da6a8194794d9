"""The clocks of one practice, as it configured them."""

from pathlib import Path

import pytest

from auditor.clocks import clocks_of
from auditor.config import load_config
from connectors.errors import InputError
from policies.clocks import Clock, Matter
from tests.unit.auditor.test_config import GOOD

EVERY = (Matter.ACCESS_END, Matter.ROLE_CHANGE, Matter.NOTICE)


def configured(tmp_path: Path, more: str = "", controls: str | None = None) -> dict[Matter, tuple[Clock, ...]]:
    text = GOOD + more
    if controls is not None:
        (tmp_path / "ours.yaml").write_text(controls, encoding="utf-8")
        text += "\ncontrols: ours.yaml\n"
    (tmp_path / "auditor.yaml").write_text(text, encoding="utf-8")
    clocks = clocks_of(load_config(tmp_path / "auditor.yaml", check_files=False))
    return {matter: clocks.told_for(matter) for matter in EVERY}


def test_without_a_word_only_the_product_s_defaults_count(tmp_path):
    told = configured(tmp_path)
    assert [(m, c.hours, c.proposed) for m, found in told.items() for c in found] == [(m, 24, False) for m in EVERY]
    assert all("this product's default" in c.source for found in told.values() for c in found)


def test_the_proposed_rule_is_told_beside_the_practice_s_own_and_after_it(tmp_path):
    told = configured(tmp_path, "\nclocks: {proposed_rule: true}\n")
    assert {m: [(c.hours, c.proposed) for c in found] for m, found in told.items()} == {
        Matter.ACCESS_END: [(24, False), (1, True)],
        Matter.ROLE_CHANGE: [(24, False)],
        Matter.NOTICE: [(24, False), (24, True)],
    }


def test_hours_of_the_practice_s_own_file_are_its_choice_and_no_regulation_s(tmp_path):
    one = "{id: gone, title: disabled, by: stopped, after: end, due_hours: 4, source: 45 CFR 164.312(a)(1)}"
    told = configured(tmp_path, "", f"version: 1\ncontrols: [{one}]\n")
    (own,) = told[Matter.ACCESS_END]
    assert own.hours == 4
    assert own.source == "the practice's choice, control `gone` of `ours.yaml`; no HIPAA rule in force names hours"
    assert told[Matter.ROLE_CHANGE] == ()


@pytest.mark.parametrize("wrong", ["{notice: {hours: 24}}", "{notice: {hours: -1, source: x}}", "{proposed: true}"])
def test_hours_without_a_source_or_a_misspelt_word_are_refused(tmp_path, wrong):
    with pytest.raises(InputError, match="clocks"):
        configured(tmp_path, f"\nclocks: {wrong}\n")
