"""Who answers for what nobody signs in with alone: by the staff file, or by the work map, which stands before it."""

import pytest

from connectors.facts import PersonKind
from tests.builders import Clinic, in_step
from tests.workmaps import asked, mapped, one_task

RULE = "owner-gone"


def service(owner: str, id_: str = "fax") -> Clinic:
    clinic = in_step().person("boss", "Laura Pettersen").person("svc", "Fax ingest", PersonKind.SERVICE, owner=owner)
    return clinic.account("ehr", "fax", "svc", id_=id_)


@pytest.mark.parametrize("id_", ["fax", "77"])
@pytest.mark.parametrize("kind", ["account", "key"])
def test_an_account_that_the_work_map_registers_is_asked_about_once_by_whoever_answers_there(kind, id_):
    owners = f"owners: [{{system: ehr, {kind}: fax, owner: boss}}]\n"
    said = asked(RULE, mapped(service("STF-99", id_), one_task(top=owners)))
    assert said.counts == (0, 1, 0)
    assert said.satisfied[0].system == "ehr"


def test_a_group_of_the_same_name_answers_for_no_account():
    said = asked(RULE, mapped(service("STF-99"), one_task(top="owners: [{system: ehr, group: fax, owner: boss}]\n")))
    assert said.counts == (1, 1, 0)
    (finding,) = said.findings
    assert finding.title.startswith("STF-99, who answers for account fax in OpenEMR, is neither")
    assert [(step.kind, step.id) for step in finding.path][-1] == ("owner", "STF-99")
    assert finding.remedy.startswith("name a new owner in the staff file")


def test_what_is_no_systems_is_told_without_one():
    said = asked(RULE, mapped(in_step().person("boss"), one_task(top="owners: [{agreement: BAA-1, owner: boss}]\n")))
    assert [one.system for one in said.satisfied] == [None]
