"""
Random histories of saves in OpenEMR, of two users by two administrators, against what a small oracle says happened.

Every save writes everything, as the user form does, and the saves of the two users may lie within each other.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.ehr.openemr.log_replay import LogReplay
from connectors.ehr.openemr.log_rows import LogRow, LogRows
from connectors.ehr.openemr.log_statement import LoggedStatement, understood
from connectors.facts import Account, Status

AROS = {"5": 105, "6": 106}
GROUPS = {"front": 12, "back": 13, "admin": 14}
START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Save:
    """One save of the user form."""

    user: str
    admin: str
    active: bool
    groups: frozenset[str]
    pause: int
    """Seconds before it."""


saves = st.builds(
    Save,
    user=st.sampled_from(sorted(AROS)),
    admin=st.sampled_from(["admin", "drkim"]),
    active=st.booleans(),
    groups=st.frozensets(st.sampled_from(sorted(GROUPS))),
    pause=st.integers(0, 15),
)


def statements(save: Save, held: frozenset[str]) -> list[str]:
    """Return what the form writes; `held` is what the user held before."""
    id_, aro = save.user, AROS[save.user]
    login = "va" + id_
    return [
        f"update users set username=? where id= ? ('{login}','{id_}',)",
        f"UPDATE users SET authorized = ?, active = ? WHERE id = ? ('0','{int(save.active)}','{id_}',)",
        f"update users set info = ? where id = ? ('it''s active=0','{id_}',)",
        f"UPDATE gacl_aro SET section_value='users',value='{login}' WHERE id={aro}",
        *(f"DELETE FROM gacl_groups_aro_map WHERE group_id={GROUPS[g]} AND aro_id={aro}" for g in sorted(held)),
        *(f"INSERT INTO gacl_groups_aro_map (group_id,aro_id) VALUES ({GROUPS[g]},{aro})" for g in sorted(save.groups)),
    ]


def happened(history: list[Save]) -> dict[str, list[str]]:
    """Say what each user went through, from made and active in `front` on."""
    state = dict.fromkeys(AROS, (True, frozenset({"front"})))
    told: dict[str, list[str]] = {user: [] for user in AROS}
    for save in history:
        active, held = state[save.user]
        live = active and bool(held)
        middle = save.active and bool(held)  # `active` is written before the groups
        after = save.active and bool(save.groups)
        told[save.user] += [("enabled" if middle else "disabled")] if middle != live else []
        told[save.user] += [f"taken {g}" for g in sorted(held - save.groups)]
        told[save.user] += [f"given {g}" for g in sorted(save.groups - held)]
        told[save.user] += [("enabled" if after else "disabled")] if after != middle else []
        state[save.user] = save.active, save.groups
    return {user: sorted(told[user]) for user in AROS}


def rows(history: list[Save], woven: bool) -> list[LogRow]:
    """Write the log; `woven`: the rows of two saves of different users that follow each other are mixed."""
    held = dict.fromkeys(AROS, frozenset({"front"}))
    written: list[tuple[str, str, datetime]] = []
    at, number = START, 0
    while number < len(history):
        save = history[number]
        at += timedelta(seconds=save.pause)
        batch = [[(text, save.admin, at) for text in statements(save, held[save.user])]]
        held[save.user] = save.groups
        follows = history[number + 1] if number + 1 < len(history) else None
        if woven and follows and follows.user != save.user:
            batch.append([(text, follows.admin, at) for text in statements(follows, held[follows.user])])
            held[follows.user] = follows.groups
            number += 1
        for step in range(max(map(len, batch))):
            written += [texts[step] for texts in batch if step < len(texts)]
        number += 1
    return [
        LogRow(n, f"{when:%Y-%m-%d %H:%M:%S}", admin, True, text) for n, (text, admin, when) in enumerate(written, 10)
    ]


@given(st.lists(saves, max_size=8), st.booleans())
def test_what_is_told_is_what_happened(history: list[Save], woven: bool) -> None:
    got = LogRows(
        view=True,
        rows=rows(history, woven),
        first=(1, "2020-01-01 00:00:00"),
        aros={str(aro): "va" + user for user, aro in AROS.items()},
        groups={str(number): (value, value.title()) for value, number in GROUPS.items()},
    )
    made = START - timedelta(days=9)
    accounts = [Account("ehr", user, "va" + user, "V", Status.ACTIVE, created=made) for user in AROS]
    replay = LogReplay("ehr", got, "UTC", accounts)
    told: dict[str, list[str]] = {user: [] for user in AROS}
    for event in replay.run():
        assert not event.upper_bound
        group = f" {event.entitlement.removeprefix('group:')}" if event.entitlement else ""
        told[event.account].append(f"{event.kind.value}{group}")
    assert {user: sorted(found) for user, found in told.items()} == happened(history)
    assert not replay.odd


ESCAPES = {"\\": "\\\\", "\0": "\\0", "\n": "\\n", "\r": "\\r", "'": "\\'", '"': '\\"', "\x1a": "\\Z"}
"""What `mysqli_real_escape_string` does (PHP manual)."""
WORDS = st.text(st.sampled_from("'\"\\,?()=; \n\0\x1aaå🙂") | st.characters(exclude_categories=["Cs"]), max_size=12)


@given(st.lists(WORDS, min_size=1, max_size=5), st.sampled_from([",", ""]), st.booleans())
def test_values_come_back_as_they_were_whatever_stands_in_them(values: list[str], comma: str, insert: bool) -> None:
    columns = [f"c{n}" for n in range(len(values))]
    if insert:
        start = f"INSERT INTO users ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    else:
        start = f"update users set {', '.join(f'{c} = ?' for c in columns)} where id= ?"
        values = [*values, "5"]
    told = ",".join("'" + "".join(ESCAPES.get(c, c) for c in value) + "'" for value in values) + comma
    found = understood(f"{start}  ({told})")
    assert isinstance(found, LoggedStatement)
    assert list(found.rows[0].values()) == values[: len(columns)]
    assert found.where == (None if insert else {"id": ("5",)})


@given(st.text(max_size=80) | st.text("'\"\\`?(),; =users set", max_size=60).map("update ".__add__))
def test_no_text_breaks_the_reader(text: str) -> None:
    understood(text)
