"""The work map is read strictly: work that belongs to a misspelt name would belong to nobody."""

from datetime import date

import pytest

from connectors.errors import InputError
from policies.work.model import Who, WorkModel
from tests.builders import in_step
from tests.workmaps import one_task, read

GOOD = """\
model: hybrid
coordinator: boss
locations: [Hillcrest]
providers: [Dr. Lee]
limits: {span: 4}
clusters:
  desk:
    title: Desk
    model: dedicated
    owner: scheduler
    backup: boss
    locations: [Lakeside, Hillcrest]
    tasks:
      book: {title: Book visits, needs: [schedule.write]}
      scribe: {title: Draft notes, needs: [note.draft], owner: [ana, boss], locations: [], providers: [Dr. Lee]}
scoped:
  - {system: ehr, entitlement: Schedulers, locations: [Lakeside]}
owners:
  - {agreement: BAA-1, owner: boss}
  - {system: ehr, group: Schedulers, owner: gone-1}
left:
  gone-1: {name: Beth Nakamura, last_day: 2026-03-13}
"""


def clinic():
    return in_step(locations=("Lakeside",)).person("boss", "Laura Pettersen")


def load(tmp_path, text):
    path = tmp_path / "work.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path, clinic())


def test_a_task_takes_from_its_cluster_what_it_does_not_say_itself(tmp_path):
    work = load(tmp_path, GOOD)
    book, scribe = work.tasks
    assert (book.owners, book.backup, book.locations) == (
        (Who(role="scheduler"),),
        Who(person="boss"),
        ("Lakeside", "Hillcrest"),
    )
    assert (scribe.owners, scribe.locations, scribe.providers) == (
        (Who(person="ana"), Who(person="boss")),
        (),
        ("Dr. Lee",),
    )
    assert work.cluster("desk").model is WorkModel.DEDICATED
    assert (work.limits.span, work.limits.clusters, work.limits.administrators) == (4, 2, 2)
    assert work.left == {"gone-1": ("Beth Nakamura", date(2026, 3, 13))}
    assert [a.owner for a in work.answers] == ["boss", "gone-1"]


def spoilt(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


REFUSED = {
    "nobody owns anything": (one_task(owner="[]"), 3, "clusters", "names nobody"),
    "unknown role": (spoilt("owner: scheduler", "owner: schedular"), 10, "clusters.desk.owner", "did you mean"),
    "unknown VMA": (spoilt("owner: [ana, boss]", "owner: VMA-99"), 15, "tasks.scribe.owner", "VMA-99"),
    "unknown backup": (spoilt("backup: boss", "backup: bos"), 11, "clusters.desk.backup", "bos"),
    "unknown coordinator": (spoilt("coordinator: boss", "coordinator: nobody"), 2, "coordinator", "no such person"),
    "unknown location": (spoilt("[Lakeside, Hillcrest]", "[Lakeshore]"), 12, "locations", "Lakeshore"),
    "unknown provider": (spoilt("providers: [Dr. Lee]}", "providers: [Dr. No]}"), 15, "providers", "Dr. No"),
    "unknown capability": (spoilt("[schedule.write]", "[schedule.rite]"), 14, "needs", "schedule.rite"),
    "unknown system": (spoilt("{system: ehr, entitlement", "{system: erh, entitlement"), 17, "scoped", "erh"),
    "unknown agreement": (spoilt("agreement: BAA-1", "agreement: BAA-9"), 19, "owners", "BAA-9"),
    "unknown owner of a group": (spoilt("owner: gone-1", "owner: gone-2"), 20, "owners", "say so under `left`"),
    "somebody who left and is there": (spoilt("  gone-1: {name", "  boss: {name"), 22, "left", "still there"),
    "hybrid without a model": (spoilt("    model: dedicated\n", ""), 7, "model", "`centralized` or `dedicated`"),
    "a model that contradicts the map": (spoilt("model: hybrid", "model: centralized"), 9, "model", "hybrid"),
    "an entitlement of nowhere": (spoilt(", locations: [Lakeside]}", "}"), 17, "scoped", "locations"),
    "two things in one entry": (spoilt("agreement: BAA-1,", "agreement: BAA-1, group: x,"), 19, "owners", "not one"),
    "an entitlement twice": (
        spoilt("owners:\n", "  - {system: ehr, entitlement: Schedulers, providers: [Dr. Lee]}\nowners:\n"),
        *(18, "scoped", "listed twice"),
    ),
    "two who answer": (
        spoilt("left:\n", "  - {system: ehr, group: Schedulers, owner: boss}\nleft:\n"),
        *(21, "owners", "listed twice"),
    ),
    "an unknown key": (spoilt("title: Desk", "titel: Desk"), 8, "titel", "unknown key"),
    "no task": ("model: centralized\nclusters:\n  a: {title: A, owner: ana, tasks: {}}\n", 3, "tasks", "at least 1"),
    "a limit of none": (spoilt("{span: 4}", "{span: 0}"), 5, "limits.span", "greater than or equal to 1"),
    "an anchor": ("model: &a centralized\n", 1, "", "anchors"),
}


@pytest.mark.parametrize(("text", "line", "field", "says"), REFUSED.values(), ids=REFUSED)
def test_a_map_that_names_what_is_not_there_is_refused_with_its_line_and_key(tmp_path, text, line, field, says):
    with pytest.raises(InputError) as refused:
        load(tmp_path, text)
    assert f"line {line}" in refused.value.message
    assert field in (refused.value.field or "")
    assert says in refused.value.diagnostics()
