"""
Leavers and role changes of EHRs, scripted: the truth lies within what is concluded, and that is narrow.

Twelve in OpenEMR, on a real MariaDB, written as its own screens write them; eight in a real GNU Health, by a client of
its own protocol.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.instants.instant import Instant, InstantKind, account_ended, taken
from auditor.instants.known import logs_of
from auditor.instants.unseen import unseen_access
from connectors.audit_log import LogAnswer, LogQuestion
from connectors.collect import collect
from connectors.connector import Connector
from connectors.ehr.gnuhealth import connector as gnuhealth
from connectors.ehr.openemr import connector as openemr
from connectors.facts import Collection, Complete
from connectors.read_log import read_log
from tests.servers import gnuhealth as tryton
from tests.servers import mariadb_openemr as database
from tests.servers.openemr_forms import OpenEmrForms

NARROW = timedelta(seconds=2)
Truth = tuple[datetime, datetime]
"""Between which instants of ours it took effect."""
FRONT, BACK, DOC = "front", "back", "doc"


@dataclass
class Left:
    """What was played in one system: two reads, and what its record says between them."""

    before: Collection
    after: Collection
    answer: LogAnswer
    truth: Mapping[str, Truth]
    entitlements: Mapping[str, str] = field(default_factory=dict)
    """Of role changes: what was taken."""

    def id(self, login: str) -> str:
        return next(a.id for a in self.after.accounts if a.login == login)

    def concluded(self, login: str) -> Instant:
        log = logs_of(None, "practice", now=[self.answer])["ehr"]
        seen, gone = self.before.as_of, self.after.as_of
        held = self.entitlements.get(login)
        if held:
            return taken(log, self.id(login), held, seen, gone)
        return account_ended(log, self.id(login), seen, gone)


def whole(collection: Collection) -> Collection:
    assert isinstance(collection.completeness, Complete), collection.completeness
    return collection


def ask(connector: Connector, before: Collection, after: Collection) -> LogAnswer:
    held = {a.id: frozenset(g.entitlement for g in before.grants if g.account == a.id) for a in after.accounts}
    entitlements = {**before.entitlements, **after.entitlements}
    answer = read_log(connector, LogQuestion(after.accounts, entitlements, held=held, closely=True))
    assert isinstance(answer, LogAnswer), answer
    return answer


OPENEMR = (
    *("plain", "twice", "came-back", "three-groups", "last-group", "other-admin"),
    *("old-version", "saved-after", "refused"),
)
OPENEMR_ROLES = {"by-form": f"group:{BACK}", "by-dialog": f"group:{BACK}", "given-twice": f"group:{BACK}"}


def play_openemr(forms: OpenEmrForms, other: OpenEmrForms) -> dict[str, Truth]:
    """Let twelve people leave or move; returns when."""
    truth: dict[str, Truth] = {}

    def off(login: str, by: OpenEmrForms = forms) -> None:
        by.save(login, active=False, groups=by.held(login))

    def end(login: str, what: Callable[[], None], by: OpenEmrForms = forms) -> None:
        what()
        truth[login] = by.ended

    def switched_off(login: str, by: OpenEmrForms = forms) -> None:
        id_ = by.one("SELECT id FROM users WHERE username = %s", login)
        by.run("UPDATE users SET authorized = ?, active = ?, see_auth = ? WHERE id = ?", [0, 0, 1, id_])
        truth[login] = by.ended
        by.set_groups(login, by.held(login))

    for login in ("plain", "twice", "three-groups", "saved-after"):
        switched_off(login)
    off("twice")
    off("came-back")
    forms.save("came-back", active=True, groups=(FRONT,))
    switched_off("came-back")
    end("last-group", lambda: forms.remove("last-group", FRONT))
    interleaved(forms, other)
    switched_off("other-admin", other)
    forms.comma = ""
    switched_off("old-version")
    forms.comma = ","
    off("saved-after")
    id_ = forms.one("SELECT id FROM users WHERE username = 'refused'")
    forms.run("UPDATE users SET authorized = ?, active = ? WHERE id = ?", [0, 0, id_], success=False)
    switched_off("refused")
    end("by-form", lambda: forms.save("by-form", active=True, groups=(FRONT,)))
    end("by-dialog", lambda: forms.remove("by-dialog", BACK))
    forms.save("given-twice", active=True, groups=(FRONT,))
    forms.save("given-twice", active=True, groups=(FRONT, BACK))
    end("given-twice", lambda: forms.remove("given-twice", BACK))
    return truth


def interleaved(forms: OpenEmrForms, other: OpenEmrForms) -> None:
    """Two administrators save two users at once: neither membership ends."""
    mine, theirs = ("stays", "other-admin")
    numbers = {login: forms.one("SELECT id FROM gacl_aro WHERE value = %s", login) for login in (mine, theirs)}
    front = forms.one("SELECT id FROM gacl_aro_groups WHERE value = %s", FRONT)
    for by, login in ((forms, mine), (other, theirs)):
        by.run(f"UPDATE gacl_aro SET section_value='users',value='{login}',name='N' WHERE id={numbers[login]}")
    for by, login in ((forms, mine), (other, theirs)):
        by.run(f"DELETE FROM gacl_groups_aro_map WHERE group_id={front} AND aro_id={numbers[login]}")
    for by, login in ((forms, mine), (other, theirs)):
        by.run(f"INSERT INTO gacl_groups_aro_map (group_id,aro_id) VALUES ({front},{numbers[login]})")


@pytest.fixture(scope="module")
def left_openemr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    logins = (*OPENEMR, *OPENEMR_ROLES, "stays")
    groups = {"three-groups": (FRONT, BACK, DOC), **dict.fromkeys(OPENEMR_ROLES, (FRONT, BACK))}
    with database.mariadb_openemr(tmp_path_factory.mktemp("openemr")) as db:
        db.admin("UPDATE globals SET gl_value = 'America/Chicago' WHERE gl_name = 'gbl_time_zone'; TRUNCATE log")
        forms = OpenEmrForms(db, zone="America/Chicago", ago=timedelta(days=30))
        other = OpenEmrForms(db, actor="drkim", zone="America/Chicago")
        for number, login in enumerate(logins, 500):
            db.admin(
                f"INSERT INTO users (id, username, fname, lname, date_created) VALUES ({number}, '{login}', 'A', 'B',"
                f" NOW() - INTERVAL 31 DAY); INSERT INTO users_secure (id, username) VALUES ({number}, '{login}');"
                f" INSERT INTO `groups` (name, user) VALUES ('Default', '{login}');"
                f" INSERT INTO gacl_aro (id, section_value, value) VALUES ({number}, 'users', '{login}')"
            )
            forms.save(login, active=True, groups=groups.get(login, (FRONT,)))
        forms.ago = timedelta()
        connector = openemr.connect(database.SYSTEM, openemr.Settings.model_validate(db.settings()), Path())
        before = whole(collect(connector))
        truth = play_openemr(forms, other)
        after = whole(collect(connector))
        yield Left(before, after, ask(connector, before, after), truth, OPENEMR_ROLES)
        forms.close()
        other.close()


@pytest.mark.parametrize("login", [*OPENEMR, *OPENEMR_ROLES])
def test_an_end_in_openemr_lies_within_what_is_concluded(left_openemr: Left, login: str) -> None:
    found, (before, after) = left_openemr.concluded(login), left_openemr.truth[login]
    assert found.kind is InstantKind.EXACT, found
    assert found.earliest
    assert found.earliest <= after
    assert found.latest >= after, "the log is stamped after the statement, and the end of that second counts"
    assert found.latest >= before
    assert found.latest - found.earliest <= NARROW
    assert found.actor == ("drkim" if login == "other-admin" else "admin")
    assert found.record
    assert found.record.source == "log"


def test_nobody_who_stays_in_openemr_is_told_an_end(left_openemr: Left) -> None:
    ends = {"disabled", "taken", "deleted", "status-set", "holdings-set"}
    assert not [e for e in left_openemr.answer.events if e.account == left_openemr.id("stays") and e.kind.value in ends]
    assert left_openemr.answer.gaps == ()
    assert left_openemr.answer.doubted == ()


def test_access_that_came_back_and_went_in_openemr_is_seen(left_openemr: Left) -> None:
    log = logs_of(None, "practice", now=[left_openemr.answer])["ehr"]

    def unseen(login: str) -> list[str | None]:
        # The story lasts a second, and a stamp begins before it.
        since, until = left_openemr.before.as_of - timedelta(seconds=2), left_openemr.after.as_of
        return [u.entitlement for u in unseen_access(log, left_openemr.id(login), since, until)]

    assert unseen("came-back") == [None]
    assert unseen("given-twice") == [f"group:{BACK}"]
    assert unseen("plain") == []


NURSES, LABS = "Health Nurse", "Health Lab"
TRYTON = ("vma_desk", "vma_scribe", "vma_party", "vma_it", "vma_none")
TRYTON_ROLES = {"vma_santos2": NURSES, "zlast": "Health Nurse Administration", "vma_lab": LABS}
TWICE = "vma_none"
"""Switched off twice, which Tryton's log does not tell from once."""


def play_tryton(admin: tryton.Client, ids: Mapping[str, int]) -> dict[str, Truth]:
    """Let eight people leave or move; returns between which instants each was asked for and answered."""
    truth: dict[str, Truth] = {}

    def end(login: str, model: str, id_: int, values: dict[str, object]) -> None:
        before = datetime.now(UTC)
        admin.model(model, "write", [id_], values)
        truth[login] = before, datetime.now(UTC)

    def group(name: str) -> int:
        (found,) = admin.model("res.group", "search", [["name", "=", name]])
        return int(found)

    admin.model("res.user", "write", [ids["vma_scribe"]], {"name": "Another Name", "email": "a@b.example"})
    for login in TRYTON:
        end(login, "res.user", ids[login], {"active": False})
    admin.model("res.user", "write", [ids[TWICE]], {"active": False})
    admin.model("res.user", "write", [ids["vma_party"]], {"name": "Gone"})
    for login in ("vma_santos2", "zlast"):
        end(login, "res.user", ids[login], {"groups": [("remove", [group(TRYTON_ROLES[login])])]})
    end("vma_lab", "res.group", group(LABS), {"users": [("remove", [ids["vma_lab"]])]})
    return truth


@pytest.fixture(scope="module")
def left_tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    with tryton.gnuhealth(tmp_path_factory.mktemp("tryton")) as server, server.as_user("admin") as admin:
        settings = gnuhealth.Settings.model_validate(server.settings(page_size=500))
        connector = gnuhealth.connect(tryton.SYSTEM, settings, Path())
        before = whole(collect(connector))
        ids = {a.login: int(a.id) for a in before.accounts}
        truth = play_tryton(admin, ids)
        after = whole(collect(connector))
        names = {e.name.removeprefix("group "): e.id for e in before.entitlements.values()}
        held = {login: names[name] for login, name in TRYTON_ROLES.items()}
        yield Left(before, after, ask(connector, before, after), truth, held)


@pytest.mark.parametrize("login", [*TRYTON, *TRYTON_ROLES])
def test_an_end_in_gnuhealth_lies_within_what_is_concluded(left_tryton: Left, login: str) -> None:
    found, (before, after) = left_tryton.concluded(login), left_tryton.truth[login]
    assert found.earliest
    assert found.earliest <= after
    assert found.latest >= before
    assert found.actor == "admin"
    if login == TWICE:
        assert found.kind is InstantKind.NOT_LATER
    else:
        assert found.kind is InstantKind.EXACT, found
        assert found.latest - found.earliest <= NARROW
